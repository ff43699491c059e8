using System;
using static DiffLib.TensorShaping;

namespace DiffLib;

/// <summary>Order, search and distinct values. The order is stable: equal elements keep theirs. NaN comes last in both directions, and -0 equals 0.
/// Orders and positions are int64 and have no derivative; sorted values are taken by them, and the gradient goes where they came from.</summary>
public static class TensorSorting
{
    extension(Tensor x)
    {
        /// <summary>The order that sorts along an axis.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="descending">Whether the largest comes first.</param>
        /// <returns>The same shape, int64.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        public Tensor ArgSort(int axis = -1, bool descending = false) => Sorting.ArgSort(NotNull(x), axis, descending);

        /// <summary>The elements sorted along an axis, and the order that sorts them.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="descending">Whether the largest comes first.</param>
        /// <returns>Both of the same shape; the indices are int64.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        public (Tensor Values, Tensor Indices) Sort(int axis = -1, bool descending = false) => Sorting.Sort(NotNull(x), axis, descending);

        /// <summary>The elements sorted along the first axis, ascending.</summary>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor MSort() => Sorting.Sort(NotNull(x), 0, false).Item1;

        /// <summary>The k largest (or smallest) elements along an axis in order, and where they stood. Among equal ones the earlier comes first; NaN is chosen last.</summary>
        /// <param name="k">How many.</param>
        /// <param name="axis">The axis.</param>
        /// <param name="largest">Largest first, or smallest first.</param>
        /// <returns>Both of the shape with k for the axis; the indices are int64.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or it has fewer than k entries.</exception>
        public (Tensor Values, Tensor Indices) TopK(int k, int axis = -1, bool largest = true) => Sorting.TopK(NotNull(x), k, axis, largest);

        /// <summary>The distinct elements in ascending order. NaN counts as one value. A value's gradient goes to its first occurrence.</summary>
        /// <returns>The values [m]; for each element which of them it is, in the tensor's shape; how often each occurs [m].</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Values, Tensor Inverse, Tensor Counts) Unique() => Sorting.Unique(NotNull(x));

        /// <summary>The distinct entries of an axis in lexicographic order.</summary>
        /// <param name="axis">The axis.</param>
        /// <returns>The shape with m for the axis; for each entry which of them it is; how often each occurs [m].</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        public (Tensor Values, Tensor Inverse, Tensor Counts) Unique(int axis) => Sorting.Unique(NotNull(x), axis);

        /// <summary>For each element the number of boundaries before it: its bin.</summary>
        /// <param name="boundaries">A vector in ascending order.</param>
        /// <param name="right">Whether a boundary equal to the element counts as before it.</param>
        /// <returns>The same shape, int64.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The boundaries are not a vector.</exception>
        public Tensor Bucketize(Tensor boundaries, bool right = false)
        {
            if (NotNull(boundaries, nameof(boundaries)).Rank != 1)
                throw new ArgumentException($"bucketize: the boundaries have shape {boundaries.Shape}; a vector is needed.", nameof(boundaries));
            return Sorting.SearchSorted(boundaries, NotNull(x), right, null);
        }
    }

    extension(Tensor)
    {
        /// <summary>Where values belong in sorted rows, by bisection: the number of elements before them. Rows that are not sorted give no meaningful result.</summary>
        /// <param name="sorted">A vector in ascending order for all values, or rows [..., n] for values [..., m].</param>
        /// <param name="values">The values.</param>
        /// <param name="right">Among equals behind the last, else before the first.</param>
        /// <param name="sorter">The order that sorts the rows, from ArgSort; null means they are sorted.</param>
        /// <returns>The shape of <paramref name="values"/>, int64 from 0 to n.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        public static Tensor SearchSorted(Tensor sorted, Tensor values, bool right = false, Tensor? sorter = null)
            => Sorting.SearchSorted(NotNull(sorted, nameof(sorted)), NotNull(values, nameof(values)), right, sorter);
    }
}

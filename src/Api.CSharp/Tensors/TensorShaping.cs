using System;

namespace DiffLib;

/// <summary>The same elements under another shape: reshape, order of axes, slices, diagonals, windows. Everything is linear, and most of it is a view that copies nothing.
/// Negative axes count from the end; every element type is taken.</summary>
public static class TensorShaping
{
    extension(Tensor x)
    {
        /// <summary>All axes in reverse order; a matrix transposed. A view.</summary>
        public Tensor T => Shaping.Reverse(NotNull(x));

        /// <summary>The last two axes exchanged: the transpose of each matrix of a stack. A view. Throws <see cref="ArgumentException"/> for a rank below 2.</summary>
        public Tensor MT => Shaping.MatrixTranspose(NotNull(x));

        /// <summary>The same elements, row-major, under another shape. A view where the memory allows it.</summary>
        /// <param name="shape">The sizes; one may be -1 and is inferred. None makes rank 0.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The count differs, or more than one size is -1.</exception>
        public Tensor Reshape(params int[] shape)
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Shaping.Reshape(NotNull(x), shape);
        }

        /// <summary>The same elements, row-major, under another shape.</summary>
        /// <param name="shape">The shape, of the same count.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The count differs.</exception>
        public Tensor Reshape(Shape shape)
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Shaping.Reshape(NotNull(x), shape.ToArray());
        }

        /// <summary>Neighbouring axes merged into one, by default all of them.</summary>
        /// <param name="first">The first axis.</param>
        /// <param name="last">The last axis, included.</param>
        /// <returns>The shape with the product of the sizes in place of the axes; rank 0 becomes [1].</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis does not exist.</exception>
        /// <exception cref="ArgumentException"><paramref name="first"/> comes behind <paramref name="last"/>.</exception>
        public Tensor Flatten(int first = 0, int last = -1) => Shaping.Flatten(NotNull(x), first, last);

        /// <summary>All elements as a vector, row-major.</summary>
        /// <returns>Shape [count].</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Ravel() => Shaping.Reshape(NotNull(x), [-1]);

        /// <summary>One axis split into several: the opposite of Flatten.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="sizes">The sizes whose product is that of the axis; one may be -1.</param>
        /// <returns>The shape with <paramref name="sizes"/> in place of the axis.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The sizes do not multiply to that of the axis.</exception>
        public Tensor Unflatten(int axis, params int[] sizes)
        {
            ArgumentNullException.ThrowIfNull(sizes);
            return Shaping.Unflatten(NotNull(x), axis, sizes);
        }

        /// <summary>New axes of size 1: <c>x.ExpandDims(0)</c> for a batch of one.</summary>
        /// <param name="axes">Their places in the result.</param>
        /// <returns>The shape with ones at these places.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A place is outside the result.</exception>
        /// <exception cref="ArgumentException">A place is named twice.</exception>
        public Tensor ExpandDims(params int[] axes)
        {
            ArgumentNullException.ThrowIfNull(axes);
            return Shaping.ExpandDims(NotNull(x), axes);
        }

        /// <summary>Without axes of size 1.</summary>
        /// <param name="axes">Which; none named means all that have size 1.</param>
        /// <returns>The shape without these axes.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis named has another size, or is named twice.</exception>
        public Tensor Squeeze(params int[] axes)
        {
            ArgumentNullException.ThrowIfNull(axes);
            return Shaping.Squeeze(NotNull(x), axes.Length == 0 ? null : axes, true);
        }

        /// <summary>All axes in reverse order. A view. For two axes see SwapAxes, for a given order Permute.</summary>
        /// <returns>The sizes in reverse order.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Transpose() => Shaping.Reverse(NotNull(x));

        /// <summary>The axes in another order. A view.</summary>
        /// <param name="axes">Every axis once: axis k of the result is axis <c>axes[k]</c> of the tensor.</param>
        /// <returns>The sizes in that order.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is missing or named twice.</exception>
        public Tensor Permute(params int[] axes)
        {
            ArgumentNullException.ThrowIfNull(axes);
            return Shaping.Permute(NotNull(x), axes);
        }

        /// <summary>Two axes exchanged. A view.</summary>
        /// <param name="first">One axis.</param>
        /// <param name="second">The other.</param>
        /// <returns>The sizes with the two exchanged.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis does not exist.</exception>
        public Tensor SwapAxes(int first, int second) => Shaping.SwapAxes(NotNull(x), first, second);

        /// <summary>One axis moved to another place; the others keep their order. A view.</summary>
        /// <param name="source">The axis.</param>
        /// <param name="destination">Its place in the result.</param>
        /// <returns>The sizes in the new order.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis does not exist.</exception>
        public Tensor MoveAxis(int source, int destination) => Shaping.MoveAxis(NotNull(x), [source], [destination]);

        /// <summary>Axes moved to other places; the others keep their order. A view.</summary>
        /// <param name="source">The axes.</param>
        /// <param name="destination">Their places in the result.</param>
        /// <returns>The sizes in the new order.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis does not exist.</exception>
        /// <exception cref="ArgumentException">The lists differ in length, or name an axis twice.</exception>
        public Tensor MoveAxis(int[] source, int[] destination)
        {
            ArgumentNullException.ThrowIfNull(source);
            ArgumentNullException.ThrowIfNull(destination);
            return Shaping.MoveAxis(NotNull(x), source, destination);
        }

        /// <summary>Repeated along axes of size 1 and along new leading axes. A view: nothing is copied. The gradient is summed back.</summary>
        /// <param name="shape">The sizes; -1 keeps that of the axis.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The tensor does not broadcast to the shape.</exception>
        public Tensor BroadcastTo(params int[] shape)
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Shaping.Expand(NotNull(x), shape);
        }

        /// <summary>Repeated along axes of size 1 and along new leading axes. A view: nothing is copied. The gradient is summed back.</summary>
        /// <param name="shape">The shape.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The tensor does not broadcast to the shape.</exception>
        public Tensor BroadcastTo(Shape shape)
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Tensor.BroadcastTo(NotNull(x), shape);
        }

        /// <summary>Summed over the axes that a broadcast from the given shape would repeat: the transpose of BroadcastTo.</summary>
        /// <param name="shape">Sizes that broadcast to those of the tensor.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The shape does not broadcast to that of the tensor.</exception>
        public Tensor SumToSize(params int[] shape)
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Shaping.SumToSize(NotNull(x), new Shape(shape));
        }

        /// <summary>A run of positions of an axis. A view.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="start">The first position; negative counts from the end.</param>
        /// <param name="length">How many.</param>
        /// <returns>The shape with <paramref name="length"/> for the axis.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or the run does not lie within it.</exception>
        public Tensor Narrow(int axis, int start, int length) => Shaping.Narrow(NotNull(x), axis, start, length);

        /// <summary>One position of an axis, which goes away: <c>x.Select(1, 0)</c> is the first column.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">The position; negative counts from the end.</param>
        /// <returns>The shape without the axis.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        public Tensor Select(int axis, int index) => Shaping.Select(NotNull(x), axis, index);

        /// <summary>The order of the entries reversed. A view.</summary>
        /// <param name="axes">Along which axes; none named means all.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        public Tensor Flip(params int[] axes)
        {
            ArgumentNullException.ThrowIfNull(axes);
            return Shaping.Flip(NotNull(x), axes.Length == 0 ? x.Shape.Axes(null) : axes);
        }

        /// <summary>Quarter turns in the plane of two axes. A view.</summary>
        /// <param name="turns">How many, from the first axis towards the second; negative turns the other way.</param>
        /// <param name="first">The first axis.</param>
        /// <param name="second">The second axis.</param>
        /// <returns>The same shape, with the two sizes exchanged for an odd number of turns.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis does not exist.</exception>
        /// <exception cref="ArgumentException">The axes are the same.</exception>
        public Tensor Rot90(int turns = 1, int first = 0, int second = 1) => Shaping.Rot90(NotNull(x), turns, first, second);

        /// <summary>Entries shifted along axes; what leaves at the end comes in at the front.</summary>
        /// <param name="shift">By how many positions; negative shifts towards the front.</param>
        /// <param name="axis">Along which axis.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        public Tensor Roll(int shift, int axis) => Joining.Roll(NotNull(x), [shift], [axis]);

        /// <summary>All elements shifted in row-major order; what leaves at the end comes in at the front.</summary>
        /// <param name="shift">By how many positions; negative shifts towards the front.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Roll(int shift) => Shaping.Reshape(Joining.Roll(Shaping.Reshape(NotNull(x), [-1]), [shift], [0]), x.Shape.ToArray());

        /// <summary>Entries shifted along several axes; an axis may occur more than once.</summary>
        /// <param name="shifts">By how many positions, for each axis.</param>
        /// <param name="axes">The axes.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The lists differ in length.</exception>
        public Tensor Roll(int[] shifts, int[] axes)
        {
            ArgumentNullException.ThrowIfNull(shifts);
            ArgumentNullException.ThrowIfNull(axes);
            return Joining.Roll(NotNull(x), shifts, axes);
        }

        /// <summary>The diagonal of a matrix, or the square matrix with a vector as its diagonal.</summary>
        /// <param name="offset">The diagonal: column minus row.</param>
        /// <returns>Of [m, n] the length of the diagonal; of [n] the shape [n + |offset|, n + |offset|].</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The rank is neither 1 nor 2.</exception>
        public Tensor Diag(int offset = 0) => Shaping.Diag(NotNull(x), offset);

        /// <summary>A diagonal of two axes, as the last axis of the result. A view.</summary>
        /// <param name="offset">The diagonal: position in <paramref name="axis2"/> minus that in <paramref name="axis1"/>. One that misses the matrix is empty.</param>
        /// <param name="axis1">The axis of rows.</param>
        /// <param name="axis2">The axis of columns.</param>
        /// <returns>The shape without the two axes, and with the length of the diagonal behind it.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis does not exist.</exception>
        /// <exception cref="ArgumentException">The axes are the same.</exception>
        public Tensor Diagonal(int offset = 0, int axis1 = 0, int axis2 = 1) => Shaping.Diagonal(NotNull(x), offset, axis1, axis2);

        /// <summary>The last axis as a diagonal of two new axes, zeros elsewhere: the transpose of Diagonal.</summary>
        /// <param name="offset">The diagonal.</param>
        /// <param name="axis1">The place of the axis of rows in the result.</param>
        /// <param name="axis2">The place of the axis of columns in the result.</param>
        /// <returns>The shape with two axes of n + |offset| for the last of n.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A place is outside the result.</exception>
        /// <exception cref="ArgumentException">The rank is 0, or the places are the same.</exception>
        public Tensor DiagEmbed(int offset = 0, int axis1 = -2, int axis2 = -1) => Shaping.DiagEmbed(NotNull(x), offset, axis1, axis2);

        /// <summary>The lower triangle of each matrix, zeros above it. What was above gets no gradient, even if it is infinite or NaN.</summary>
        /// <param name="offset">The last diagonal kept: column minus row.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The rank is below 2.</exception>
        public Tensor Tril(int offset = 0) => Shaping.Tril(NotNull(x), offset);

        /// <summary>The upper triangle of each matrix, zeros below it. What was below gets no gradient, even if it is infinite or NaN.</summary>
        /// <param name="offset">The first diagonal kept: column minus row.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The rank is below 2.</exception>
        public Tensor Triu(int offset = 0) => Shaping.Triu(NotNull(x), offset);

        /// <summary>All windows along an axis, as a new last axis. A view: windows may overlap without a copy, and the gradient adds up over them.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="size">The length of a window.</param>
        /// <param name="step">The distance from one window to the next.</param>
        /// <param name="dilation">The distance of the entries within a window.</param>
        /// <returns>The shape with the number of windows for the axis, and [size] behind it.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, a step is below 1, or a window does not fit.</exception>
        public Tensor Unfold(int axis, int size, int step = 1, int dilation = 1) => Shaping.Unfold(NotNull(x), axis, size, step, dilation);

        /// <summary>The tensor repeated along each axis.</summary>
        /// <param name="repeats">How often for each axis, matched from the last one; with more numbers than axes the tensor gets new leading axes.</param>
        /// <returns>The sizes times the repeats.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
        public Tensor Tile(params int[] repeats)
        {
            ArgumentNullException.ThrowIfNull(repeats);
            return Joining.Tile(NotNull(x), repeats);
        }

        /// <summary>Each entry of an axis repeated: a, b becomes a, a, b, b.</summary>
        /// <param name="repeats">How often.</param>
        /// <param name="axis">The axis; null means all elements as a vector.</param>
        /// <returns>The shape with the axis multiplied.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or the number is negative.</exception>
        public Tensor RepeatInterleave(int repeats, int? axis = null) => RepeatInterleave(x, [repeats], axis);

        /// <summary>Each entry of an axis repeated as often as its count says.</summary>
        /// <param name="repeats">A count for each entry.</param>
        /// <param name="axis">The axis; null means all elements as a vector.</param>
        /// <returns>The shape with the sum of the counts for the axis.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or a count is negative.</exception>
        /// <exception cref="ArgumentException">The counts are not as many as the entries.</exception>
        public Tensor RepeatInterleave(int[] repeats, int? axis = null)
        {
            ArgumentNullException.ThrowIfNull(repeats);
            return axis is { } d ? Joining.RepeatInterleave(NotNull(x), repeats, d) : Joining.RepeatInterleave(Shaping.Reshape(NotNull(x), [-1]), repeats, 0);
        }

        /// <summary>More entries around the tensor: a constant, or its own continued.</summary>
        /// <param name="padding">Entries before and after, for the last axes in order: <c>[(1, 1), (0, 2)]</c> pads the last two. Negative numbers cut entries off.</param>
        /// <param name="mode">What the new entries are.</param>
        /// <param name="value">The constant, for <see cref="PadMode.Constant"/>.</param>
        /// <returns>Each size with its padding added.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">There are more pairs than axes, more is cut off than there is, or an axis is too short for the mode.</exception>
        public Tensor Pad((int Before, int After)[] padding, PadMode mode = PadMode.Constant, double value = 0)
        {
            ArgumentNullException.ThrowIfNull(padding);
            var rank = NotNull(x).Rank;
            if (padding.Length > rank) throw new ArgumentException($"pad: {padding.Length} pairs for shape {x.Shape} of rank {rank}. Give at most one for each axis.", nameof(padding));
            var pads = new Tuple<int, int>[rank];
            for (var d = 0; d < rank; d++)
            {
                var k = d - (rank - padding.Length);
                pads[d] = k < 0 ? Tuple.Create(0, 0) : Tuple.Create(padding[k].Before, padding[k].After);
            }
            return Padding.Pad(x, pads, mode, value);
        }

        /// <summary>At least one axis: a number becomes [1].</summary>
        /// <returns>Rank 1 or more.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor AtLeast1D() => Joining.AtLeast1D(NotNull(x));

        /// <summary>At least two axes: a vector [n] becomes one row [1, n].</summary>
        /// <returns>Rank 2 or more.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor AtLeast2D() => Joining.AtLeast2D(NotNull(x));

        /// <summary>At least three axes: a vector [n] becomes [1, n, 1], a matrix [m, n] becomes [m, n, 1].</summary>
        /// <returns>Rank 3 or more.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor AtLeast3D() => Joining.AtLeast3D(NotNull(x));

        /// <summary>A copy with other values on a diagonal.</summary>
        /// <param name="values">The shape of <c>x.Diagonal(offset, axis1, axis2)</c>, or one that broadcasts to it.</param>
        /// <param name="offset">The diagonal.</param>
        /// <param name="axis1">The axis of rows.</param>
        /// <param name="axis2">The axis of columns.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The values do not fit.</exception>
        public Tensor DiagonalScatter(Tensor values, int offset = 0, int axis1 = 0, int axis2 = 1)
            => Shaping.DiagonalScatter(NotNull(x), NotNull(values, nameof(values)), offset, axis1, axis2);

        /// <summary>A copy with other values at one position of an axis.</summary>
        /// <param name="values">The shape of <c>x.Select(axis, index)</c>, or one that broadcasts to it.</param>
        /// <param name="axis">The axis.</param>
        /// <param name="index">The position; negative counts from the end.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The values do not fit.</exception>
        public Tensor SelectScatter(Tensor values, int axis, int index)
            => Shaping.SelectScatter(NotNull(x), NotNull(values, nameof(values)), axis, index);

        /// <summary>A copy with other values in a range of an axis.</summary>
        /// <param name="values">The shape of the slice, or one that broadcasts to it.</param>
        /// <param name="axis">The axis.</param>
        /// <param name="start">The first position; negative counts from the end.</param>
        /// <param name="stop">The end, not included; negative counts from the end, null is the end of the axis.</param>
        /// <param name="step">The distance of the positions.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or the step is below 1.</exception>
        /// <exception cref="ArgumentException">The values do not fit.</exception>
        public Tensor SliceScatter(Tensor values, int axis, int start = 0, int? stop = null, int step = 1)
            => Shaping.SliceScatter(NotNull(x), NotNull(values, nameof(values)), axis, start, stop ?? int.MaxValue, step);
    }

    internal static Tensor NotNull(Tensor? x, string name = "x")
    {
        ArgumentNullException.ThrowIfNull(x, name);
        return x;
    }

    internal static Tensor[] NotNull(Tensor[]? xs, string name = "tensors")
    {
        ArgumentNullException.ThrowIfNull(xs, name);
        foreach (var x in xs) ArgumentNullException.ThrowIfNull(x, name);
        return xs;
    }
}

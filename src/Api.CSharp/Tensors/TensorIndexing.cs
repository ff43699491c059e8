using System;
using static DiffLib.TensorShaping;

namespace DiffLib;

/// <summary>Gathering and scattering by positions and masks. Positions are int64, int32 or uint8, counted from the end if negative; one outside its axis throws
/// <see cref="ArgumentOutOfRangeException"/>. Repeated positions are allowed everywhere: taken entries repeat and their gradients add up.
/// Nothing is changed in place: what "writes" gives a new tensor.</summary>
public static class TensorIndexing
{
    extension(Tensor x)
    {
        /// <summary>Entries picked along an axis, one for each element of the index: for axis 1, y[i, j, k] = x[i, index[i, j, k], k].</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, of the same rank; no larger than the tensor in the other axes.</param>
        /// <returns>The shape of <paramref name="index"/>.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not of integers, or its shape does not fit.</exception>
        public Tensor Gather(int axis, Tensor index) => Indexing.Gather(NotNull(x), axis, NotNull(index, nameof(index)));

        /// <summary>Entries picked along an axis, where tensor and index broadcast in the other axes: what ArgSort or ArgMax with kept axes found.</summary>
        /// <param name="index">Positions, of the same rank.</param>
        /// <param name="axis">The axis; null takes from all elements in row-major order.</param>
        /// <returns>The broadcast shape with the size of <paramref name="index"/> for the axis.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not of integers, or its shape does not fit.</exception>
        public Tensor TakeAlongAxis(Tensor index, int? axis = null)
            => axis is { } d ? Indexing.TakeAlongAxis(NotNull(x), NotNull(index, nameof(index)), d) : Indexing.TakeFlat(NotNull(x), NotNull(index, nameof(index)).Reshape(-1));

        /// <summary>The entries of an axis at positions in a row: rows of an embedding table.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, a vector.</param>
        /// <returns>The shape with the number of positions for the axis.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not a vector of integers.</exception>
        public Tensor IndexSelect(int axis, Tensor index) => Indexing.IndexSelect(NotNull(x), axis, NotNull(index, nameof(index)));

        /// <summary>Elements by their number in row-major order, or entries of an axis.</summary>
        /// <param name="index">Positions of any shape.</param>
        /// <param name="axis">The axis; null takes from all elements in row-major order.</param>
        /// <returns>The shape of <paramref name="index"/>, or that of the tensor with the index's shape in place of the axis.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not of integers.</exception>
        public Tensor Take(Tensor index, int? axis = null)
            => axis is { } d ? Indexing.Take(NotNull(x), NotNull(index, nameof(index)), d) : Indexing.TakeFlat(NotNull(x), NotNull(index, nameof(index)));

        /// <summary>A copy with elements replaced, or added to, by their number in row-major order.</summary>
        /// <param name="index">Positions of any shape.</param>
        /// <param name="values">As many values.</param>
        /// <param name="accumulate">Whether values are added; else the last one stays where positions repeat, and only it has a gradient.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such position.</exception>
        /// <exception cref="ArgumentException">The index is not of integers, or the counts differ.</exception>
        public Tensor Put(Tensor index, Tensor values, bool accumulate = false)
            => Indexing.Put(NotNull(x), NotNull(index, nameof(index)), NotNull(values, nameof(values)), accumulate);

        /// <summary>The elements where a mask is true, in row-major order. The size of the result depends on the mask's values.</summary>
        /// <param name="mask">Bool; broadcasts with the tensor.</param>
        /// <returns>Shape [number of true elements].</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The mask is not bool, or does not broadcast.</exception>
        public Tensor MaskedSelect(Tensor mask) => Indexing.MaskedSelect(NotNull(x), NotNull(mask, nameof(mask)));

        /// <summary>The value where a mask is true. What was there gets no gradient, even if it is infinite or NaN.</summary>
        /// <param name="mask">Bool; broadcasts with the tensor.</param>
        /// <param name="value">A number, or a tensor that broadcasts.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The mask is not bool, or a shape does not broadcast.</exception>
        public Tensor MaskedFill(Tensor mask, Tensor value) => Indexing.MaskedFill(NotNull(x), NotNull(mask, nameof(mask)), NotNull(value, nameof(value)));

        /// <summary>The elements of another tensor, one after the other, where a mask is true.</summary>
        /// <param name="mask">Bool; broadcasts with the tensor.</param>
        /// <param name="source">At least as many elements as the mask has true ones; any shape.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The mask is not bool or does not broadcast, or the source is too short.</exception>
        public Tensor MaskedScatter(Tensor mask, Tensor source)
            => Indexing.MaskedScatter(NotNull(x), NotNull(mask, nameof(mask)), NotNull(source, nameof(source)));

        /// <summary>A copy with entries replaced along an axis: for axis 1, y[i, index[i, j, k], k] = source[i, j, k].
        /// Where positions repeat, the last one in row-major order stays, and only it has a gradient.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, of the same rank; no larger than the tensor in the other axes.</param>
        /// <param name="source">A number, or a tensor at least as large as <paramref name="index"/> in every axis.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not of integers, or a shape does not fit.</exception>
        public Tensor Scatter(int axis, Tensor index, Tensor source)
            => Indexing.Scatter(NotNull(x), axis, NotNull(index, nameof(index)), NotNull(source, nameof(source)));

        /// <summary>A copy with values added along an axis: for axis 1, y[i, index[i, j, k], k] += source[i, j, k]. Repeated positions add up. The transpose of Gather.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, of the same rank; no larger than the tensor in the other axes.</param>
        /// <param name="source">A number, or a tensor at least as large as <paramref name="index"/> in every axis.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not of integers, or a shape does not fit.</exception>
        public Tensor ScatterAdd(int axis, Tensor index, Tensor source)
            => Indexing.ScatterAdd(NotNull(x), axis, NotNull(index, nameof(index)), NotNull(source, nameof(source)));

        /// <summary>A copy in which the values that go to one place along an axis are combined.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, of the same rank; no larger than the tensor in the other axes.</param>
        /// <param name="source">A number, or a tensor at least as large as <paramref name="index"/> in every axis.</param>
        /// <param name="reduction">How. A mean of integers is float64. Products are exact at zeros, at every order of derivative.</param>
        /// <param name="includeSelf">Whether the tensor's own value takes part; places where nothing goes keep it in any case.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not of integers, or a shape does not fit.</exception>
        public Tensor ScatterReduce(int axis, Tensor index, Tensor source, ScatterReduction reduction, bool includeSelf = true)
            => Indexing.ScatterReduce(NotNull(x), axis, NotNull(index, nameof(index)), NotNull(source, nameof(source)), reduction, includeSelf);

        /// <summary>A copy with whole entries of an axis added to, at positions in a row. Repeated positions add up. The transpose of IndexSelect.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, a vector.</param>
        /// <param name="source">The tensor's shape with the number of positions for the axis.</param>
        /// <param name="alpha">A factor for the source.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not a vector of integers, or the source does not fit.</exception>
        public Tensor IndexAdd(int axis, Tensor index, Tensor source, double alpha = 1)
            => Indexing.IndexAdd(NotNull(x), axis, NotNull(index, nameof(index)), NotNull(source, nameof(source)), alpha);

        /// <summary>A copy with whole entries of an axis replaced, at positions in a row. Where positions repeat, the last one stays.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, a vector.</param>
        /// <param name="source">The tensor's shape with the number of positions for the axis.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not a vector of integers, or the source does not fit.</exception>
        public Tensor IndexCopy(int axis, Tensor index, Tensor source)
            => Indexing.IndexCopy(NotNull(x), axis, NotNull(index, nameof(index)), NotNull(source, nameof(source)));

        /// <summary>A copy with whole entries of an axis filled with one value, at positions in a row.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, a vector.</param>
        /// <param name="value">A number, or a tensor that broadcasts.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not a vector of integers.</exception>
        public Tensor IndexFill(int axis, Tensor index, Tensor value)
            => Indexing.IndexFill(NotNull(x), axis, NotNull(index, nameof(index)), NotNull(value, nameof(value)));

        /// <summary>A copy in which whole entries of an axis that go to one place are combined.</summary>
        /// <param name="axis">The axis.</param>
        /// <param name="index">Positions, a vector.</param>
        /// <param name="source">The tensor's shape with the number of positions for the axis.</param>
        /// <param name="reduction">How. A mean of integers is float64.</param>
        /// <param name="includeSelf">Whether the tensor's own entry takes part; places where nothing goes keep it in any case.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis or position.</exception>
        /// <exception cref="ArgumentException">The index is not a vector of integers, or the source does not fit.</exception>
        public Tensor IndexReduce(int axis, Tensor index, Tensor source, ScatterReduction reduction, bool includeSelf = true)
            => Indexing.IndexReduce(NotNull(x), axis, NotNull(index, nameof(index)), NotNull(source, nameof(source)), reduction, includeSelf);

        /// <summary>A copy with other values at the part that indices name: <c>x.Set(0, 1..3, ^1)</c> is what <c>x[1..3, ^1] = 0</c> would be.
        /// Where positions repeat, the last one in row-major order stays, and only it has a gradient.</summary>
        /// <param name="values">A number, or a tensor that broadcasts to <c>x[indices]</c>.</param>
        /// <param name="indices">As for <c>x[indices]</c>: positions, ranges, steps, position tensors, masks.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A position is outside its axis.</exception>
        /// <exception cref="ArgumentException">The values do not fit, or there are more indices than axes.</exception>
        public Tensor Set(Tensor values, params TensorIndex[] indices)
        {
            ArgumentNullException.ThrowIfNull(indices);
            return Indexing.Set(NotNull(x), indices, NotNull(values, nameof(values)));
        }

        /// <summary>A copy with values added at the part that indices name; at repeated positions they add up.</summary>
        /// <param name="values">A number, or a tensor that broadcasts to <c>x[indices]</c>.</param>
        /// <param name="indices">As for <c>x[indices]</c>.</param>
        /// <returns>The same shape; the element type both promote to.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A position is outside its axis.</exception>
        /// <exception cref="ArgumentException">The values do not fit, or there are more indices than axes.</exception>
        public Tensor AddAt(Tensor values, params TensorIndex[] indices)
        {
            ArgumentNullException.ThrowIfNull(indices);
            return Indexing.AddAt(NotNull(x), indices, NotNull(values, nameof(values)));
        }

        /// <summary>Where the elements differ from 0 (NaN does), in row-major order.</summary>
        /// <returns>Shape [count, rank] of int64: the position of each in every axis. Not differentiable.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor NonZero() => Indexing.NonZero(NotNull(x));

        /// <summary>Where the elements differ from 0: another name of NonZero.</summary>
        /// <returns>Shape [count, rank] of int64.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor ArgWhere() => Indexing.NonZero(NotNull(x));
    }
}

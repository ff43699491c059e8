using System;

namespace DiffLib;

/// <summary>Tensors made from numbers and by rule, as static members of <see cref="Tensor"/>: <c>Tensor.Zeros(2, 3)</c>. Data is always copied.</summary>
public static class TensorCreation
{
    extension(Tensor)
    {
        /// <summary>One number of rank 0. Unlike a plain <c>double</c> in an expression it keeps its element type: a float32 tensor that meets it becomes float64.</summary>
        /// <param name="value">The number.</param>
        /// <param name="dtype">Its element type; an integer type takes whole numbers within its range only.</param>
        /// <returns>Shape [].</returns>
        /// <exception cref="ArgumentException">The element type cannot hold <paramref name="value"/>.</exception>
        public static Tensor Scalar(double value, DType dtype = DType.Float64) => Creation.Full(dtype, Shape.Scalar, value);

        /// <summary>A float64 vector of these numbers: <c>Tensor.Of(1, 2, 3)</c>.</summary>
        /// <param name="values">The numbers; none gives an empty vector.</param>
        /// <returns>Shape [n].</returns>
        public static Tensor Of(params ReadOnlySpan<double> values) => Creation.OfSpan(values, new Shape(values.Length));

        /// <summary>An array's numbers: <c>double[,]</c> becomes a matrix, nested arrays (<c>double[][]</c>) become one axis a level.
        /// Elements are double, float, long, int, byte or bool, and decide the element type.</summary>
        /// <param name="array">Of rank 1 to 8, or nested so deep.</param>
        /// <returns>The array's shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="array"/> is null.</exception>
        /// <exception cref="ArgumentException">Nested rows differ in length, or one is null.</exception>
        /// <exception cref="NotSupportedException">The elements are of another type.</exception>
        public static Tensor FromArray(Array array)
        {
            ArgumentNullException.ThrowIfNull(array);
            return Creation.OfArray(array);
        }

        /// <summary>A vector of an array's numbers.</summary>
        /// <typeparam name="T">double, float, long, int, byte or bool; decides the element type.</typeparam>
        /// <param name="data">The elements.</param>
        /// <returns>Shape [n].</returns>
        /// <exception cref="ArgumentNullException"><paramref name="data"/> is null.</exception>
        /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
        public static Tensor FromArray<T>(T[] data) where T : unmanaged
        {
            ArgumentNullException.ThrowIfNull(data);
            return Creation.OfSpan<T>(data, new Shape(data.Length));
        }

        /// <summary>An array's numbers, row-major, under a shape: <c>Tensor.FromArray(data, 2, 3)</c>.</summary>
        /// <typeparam name="T">double, float, long, int, byte or bool; decides the element type.</typeparam>
        /// <param name="data">The elements, the last axis running fastest.</param>
        /// <param name="shape">The sizes; their product is the number of elements.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The shape does not fit the data, or is none.</exception>
        /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
        public static Tensor FromArray<T>(T[] data, params int[] shape) where T : unmanaged
        {
            ArgumentNullException.ThrowIfNull(data);
            ArgumentNullException.ThrowIfNull(shape);
            return Creation.OfSpan<T>(data, new Shape(shape));
        }

        /// <summary>The numbers of a span, row-major, under a shape; a vector if no size is given.</summary>
        /// <typeparam name="T">double, float, long, int, byte or bool; decides the element type.</typeparam>
        /// <param name="data">The elements, the last axis running fastest.</param>
        /// <param name="shape">The sizes; their product is the number of elements.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException">The shape does not fit the data, or is none.</exception>
        /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
        public static Tensor FromSpan<T>(ReadOnlySpan<T> data, params int[] shape) where T : unmanaged
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Creation.OfSpan(data, shape.Length == 0 ? new Shape(data.Length) : new Shape(shape));
        }

        /// <summary>Zeros in float64: <c>Tensor.Zeros(2, 3)</c>.</summary>
        /// <param name="shape">The sizes; none makes a single number.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException">A size is negative, or the shape too large; nothing has been allocated.</exception>
        public static Tensor Zeros(params int[] shape) => Creation.Zeros(DType.Float64, ShapeOf(shape));

        /// <summary>Zeros: <c>Tensor.Zeros([2, 3], DType.Float32)</c>.</summary>
        /// <param name="shape">The sizes.</param>
        /// <param name="dtype">The element type; of bool, false.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException">A size is negative, or the shape too large; nothing has been allocated.</exception>
        public static Tensor Zeros(int[] shape, DType dtype) => Creation.Zeros(dtype, ShapeOf(shape));

        /// <summary>Zeros: <c>Tensor.Zeros(x.Shape)</c>.</summary>
        /// <param name="shape">The shape.</param>
        /// <param name="dtype">The element type; of bool, false.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        public static Tensor Zeros(Shape shape, DType dtype = DType.Float64)
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Creation.Zeros(dtype, shape);
        }

        /// <summary>Ones in float64: <c>Tensor.Ones(2, 3)</c>.</summary>
        /// <param name="shape">The sizes; none makes a single number.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException">A size is negative, or the shape too large; nothing has been allocated.</exception>
        public static Tensor Ones(params int[] shape) => Creation.Full(DType.Float64, ShapeOf(shape), 1);

        /// <summary>Ones: <c>Tensor.Ones([2, 3], DType.Float32)</c>.</summary>
        /// <param name="shape">The sizes.</param>
        /// <param name="dtype">The element type; of bool, true.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException">A size is negative, or the shape too large; nothing has been allocated.</exception>
        public static Tensor Ones(int[] shape, DType dtype) => Creation.Full(dtype, ShapeOf(shape), 1);

        /// <summary>Ones: <c>Tensor.Ones(x.Shape)</c>.</summary>
        /// <param name="shape">The shape.</param>
        /// <param name="dtype">The element type; of bool, true.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        public static Tensor Ones(Shape shape, DType dtype = DType.Float64)
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Creation.Full(dtype, shape, 1);
        }

        /// <summary>One number everywhere: <c>Tensor.Full([2, 3], 0.5)</c>.</summary>
        /// <param name="shape">The sizes.</param>
        /// <param name="value">The number; of bool, whether it differs from 0.</param>
        /// <param name="dtype">The element type.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException">A size is negative, the shape too large, or <paramref name="value"/> is no number of the element type.</exception>
        public static Tensor Full(int[] shape, double value, DType dtype = DType.Float64) => Creation.Full(dtype, ShapeOf(shape), value);

        /// <summary>One number everywhere: <c>Tensor.Full(x.Shape, 0.5)</c>.</summary>
        /// <param name="shape">The shape.</param>
        /// <param name="value">The number; of bool, whether it differs from 0.</param>
        /// <param name="dtype">The element type.</param>
        /// <returns>The shape given.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException"><paramref name="value"/> is no number of the element type.</exception>
        public static Tensor Full(Shape shape, double value, DType dtype = DType.Float64)
        {
            ArgumentNullException.ThrowIfNull(shape);
            return Creation.Full(dtype, shape, value);
        }

        /// <summary>Zeros in the shape of another tensor. A constant: no derivative flows from <paramref name="x"/>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="dtype">The element type; null means that of <paramref name="x"/>.</param>
        /// <returns>The shape of <paramref name="x"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor ZerosLike(Tensor x, DType? dtype = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Creation.Zeros(dtype ?? x.DType, x.Shape);
        }

        /// <summary>Ones in the shape of another tensor. A constant: no derivative flows from <paramref name="x"/>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="dtype">The element type; null means that of <paramref name="x"/>.</param>
        /// <returns>The shape of <paramref name="x"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor OnesLike(Tensor x, DType? dtype = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Creation.Full(dtype ?? x.DType, x.Shape, 1);
        }

        /// <summary>One number everywhere in the shape of another tensor. A constant: no derivative flows from <paramref name="x"/>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="value">The number.</param>
        /// <param name="dtype">The element type; null means that of <paramref name="x"/>.</param>
        /// <returns>The shape of <paramref name="x"/>.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentException"><paramref name="value"/> is no number of the element type.</exception>
        public static Tensor FullLike(Tensor x, double value, DType? dtype = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Creation.Full(dtype ?? x.DType, x.Shape, value);
        }

        /// <summary>0, 1, 2, ... below <paramref name="stop"/>.</summary>
        /// <param name="stop">The end, not included.</param>
        /// <param name="dtype">The element type; <see cref="DType.Int64"/> for indices.</param>
        /// <returns>Shape [⌈stop⌉], or [0] where stop is not positive.</returns>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="stop"/> is not finite.</exception>
        public static Tensor Arange(double stop, DType dtype = DType.Float64) => Creation.Arange(dtype, 0, stop, 1);

        /// <summary>start, start + step, ... up to but without <paramref name="stop"/>; each is computed as start + i·step, so that errors do not add up.
        /// With a fractional step rounding may decide whether the last number falls below stop; prefer Linspace there.</summary>
        /// <param name="start">The first number.</param>
        /// <param name="stop">The end, not included.</param>
        /// <param name="step">The distance; negative to count down.</param>
        /// <param name="dtype">The element type; integers are truncated towards zero.</param>
        /// <returns>Shape [⌈(stop - start)/step⌉], or [0] where that is negative.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The step is 0, or an argument is not finite.</exception>
        /// <exception cref="ArgumentException">There would be more numbers than an array holds.</exception>
        public static Tensor Arange(double start, double stop, double step = 1, DType dtype = DType.Float64) => Creation.Arange(dtype, start, stop, step);

        /// <summary>Evenly spaced numbers from <paramref name="start"/> to <paramref name="stop"/>, both exact.</summary>
        /// <param name="start">The first number.</param>
        /// <param name="stop">The last number, or the one after it.</param>
        /// <param name="count">How many; 1 gives the start alone.</param>
        /// <param name="endpoint">Whether <paramref name="stop"/> belongs to them.</param>
        /// <param name="dtype">The element type; integers are truncated towards zero.</param>
        /// <returns>Shape [count].</returns>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
        public static Tensor Linspace(double start, double stop, int count, bool endpoint = true, DType dtype = DType.Float64)
            => Creation.Linspace(dtype, start, stop, count, endpoint);

        /// <summary>Numbers spaced evenly on a logarithmic scale: the base to the powers that Linspace gives.</summary>
        /// <param name="start">The first exponent.</param>
        /// <param name="stop">The last exponent, or the one after it.</param>
        /// <param name="count">How many.</param>
        /// <param name="logBase">The base.</param>
        /// <param name="endpoint">Whether <paramref name="stop"/> belongs to the exponents.</param>
        /// <param name="dtype">The element type; integers are truncated towards zero.</param>
        /// <returns>Shape [count].</returns>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
        public static Tensor Logspace(double start, double stop, int count, double logBase = 10, bool endpoint = true, DType dtype = DType.Float64)
            => Creation.Logspace(dtype, start, stop, count, logBase, endpoint);

        /// <summary>Ones on a diagonal, zeros elsewhere; the identity matrix if square.</summary>
        /// <param name="rows">The number of rows.</param>
        /// <param name="columns">The number of columns; null means as many as rows.</param>
        /// <param name="offset">The diagonal: column minus row.</param>
        /// <param name="dtype">The element type.</param>
        /// <returns>Shape [rows, columns].</returns>
        /// <exception cref="ArgumentException">A size is negative.</exception>
        public static Tensor Eye(int rows, int? columns = null, int offset = 0, DType dtype = DType.Float64)
            => Creation.Eye(dtype, rows, columns ?? rows, offset);

        /// <summary>Ones at and below a diagonal, zeros above it.</summary>
        /// <param name="rows">The number of rows.</param>
        /// <param name="columns">The number of columns; null means as many as rows.</param>
        /// <param name="offset">The diagonal: column minus row.</param>
        /// <param name="dtype">The element type.</param>
        /// <returns>Shape [rows, columns].</returns>
        /// <exception cref="ArgumentException">A size is negative.</exception>
        public static Tensor Tri(int rows, int? columns = null, int offset = 0, DType dtype = DType.Float64)
            => Creation.Tri(dtype, rows, columns ?? rows, offset);

        /// <summary>Where the lower triangle of a matrix lies, row by row.</summary>
        /// <param name="rows">The number of rows.</param>
        /// <param name="columns">The number of columns.</param>
        /// <param name="offset">The diagonal that ends the triangle: column minus row.</param>
        /// <returns>Shape [2, count] of int64: the row and the column of each entry.</returns>
        /// <exception cref="ArgumentException">A size is negative.</exception>
        public static Tensor TrilIndices(int rows, int columns, int offset = 0) => Creation.TriangleIndices(rows, columns, offset, true);

        /// <summary>Where the upper triangle of a matrix lies, row by row.</summary>
        /// <param name="rows">The number of rows.</param>
        /// <param name="columns">The number of columns.</param>
        /// <param name="offset">The diagonal that begins the triangle: column minus row.</param>
        /// <returns>Shape [2, count] of int64: the row and the column of each entry.</returns>
        /// <exception cref="ArgumentException">A size is negative.</exception>
        public static Tensor TriuIndices(int rows, int columns, int offset = 0) => Creation.TriangleIndices(rows, columns, offset, false);

        /// <summary>Along a new last axis, 1 at the index and 0 elsewhere.</summary>
        /// <param name="indices">Integers of any shape, from 0 to classes - 1.</param>
        /// <param name="classes">The length of the new axis; null means the largest index plus 1.</param>
        /// <param name="dtype">The element type of the result.</param>
        /// <returns>The shape of <paramref name="indices"/> with an axis of length <paramref name="classes"/> behind it.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="indices"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An index is outside the classes, or <paramref name="classes"/> is negative.</exception>
        /// <exception cref="ArgumentException">The indices are not integers, or there are none to infer the number of classes from.</exception>
        public static Tensor OneHot(Tensor indices, int? classes = null, DType dtype = DType.Float64)
        {
            ArgumentNullException.ThrowIfNull(indices);
            if (classes is { } n) ArgumentOutOfRangeException.ThrowIfNegative(n, nameof(classes));
            return Creation.OneHot(dtype, indices, classes ?? -1);
        }
    }

    private static Shape ShapeOf(int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new Shape(shape);
    }
}

using System;
using System.Diagnostics.CodeAnalysis;
using MathNet.Numerics.LinearAlgebra;
using Numerics = System.Numerics.Tensors;

namespace DiffLib;

/// <summary>Tensors to and from .NET arrays, spans, <c>System.Numerics.Tensors</c> and MathNet.Numerics. Data is copied at the border.
/// Of a dual number the primal is read: what was taken out is a constant.</summary>
public static class TensorConversion
{
    extension(Tensor x)
    {
        /// <summary>The same numbers in another element type: to integers towards zero (saturating, NaN to 0), to bool whether they differ from 0.
        /// Between floating-point types the derivative passes through; to and from the others there is none.</summary>
        /// <param name="dtype">The element type.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Cast(DType dtype)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Cast(x, dtype);
        }

        /// <summary>The same numbers as a constant: no derivative flows through them, at any level.</summary>
        /// <returns>The same shape and element type.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Detach() => Diff.StopGradient(x);

        /// <summary>The elements in row-major order, as a new array.</summary>
        /// <typeparam name="T">The .NET type that belongs to the element type: double for float64, float, long, int, byte or bool. Nothing is converted.</typeparam>
        /// <returns>Count elements.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The element type is another one; convert with Cast first.</exception>
        public T[] ToArray<T>() where T : unmanaged => AsSpan<T>(x).ToArray();

        /// <summary>The elements in row-major order as doubles, converted where they are of another type.</summary>
        /// <returns>Count elements.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public double[] ToArray()
        {
            ArgumentNullException.ThrowIfNull(x);
            return Creation.ToDoubles(x);
        }

        /// <summary>The elements as a new .NET array of the tensor's rank: <c>double[,]</c> for a float64 matrix.</summary>
        /// <returns>An array with the tensor's sizes.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="InvalidOperationException">The rank is 0: .NET arrays have at least one axis.</exception>
        public Array ToMultiArray()
        {
            ArgumentNullException.ThrowIfNull(x);
            return Creation.ToMultiArray(x);
        }

        /// <summary>The elements of a matrix as a new array.</summary>
        /// <typeparam name="T">The .NET type that belongs to the element type. Nothing is converted.</typeparam>
        /// <returns>Rows and columns as in the tensor.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The element type is another one, or the rank is not 2.</exception>
        public T[,] ToArray2D<T>() where T : unmanaged
        {
            DemandRank(x, 2);
            Creation.DemandType<T>(x);
            return (T[,])Creation.ToMultiArray(x);
        }

        /// <summary>Writes the elements in row-major order.</summary>
        /// <typeparam name="T">The .NET type that belongs to the element type. Nothing is converted.</typeparam>
        /// <param name="destination">At least as long as the tensor's count; what lies behind is left alone.</param>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The element type is another one, or the destination is too short.</exception>
        public void CopyTo<T>(Span<T> destination) where T : unmanaged
        {
            var elements = AsSpan<T>(x);
            if (destination.Length < elements.Length)
                throw new ArgumentException($"the destination has {destination.Length} elements, but the tensor of shape {x.Shape} has {elements.Length}.", nameof(destination));
            elements.CopyTo(destination);
        }

        /// <summary>The elements in row-major order, read only. No copy where the tensor lies in memory without gaps; a transposed, stepped or broadcast view is copied.</summary>
        /// <typeparam name="T">The .NET type that belongs to the element type. Nothing is converted.</typeparam>
        /// <returns>Count elements.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The element type is another one; convert with Cast first.</exception>
        public ReadOnlySpan<T> AsSpan<T>() where T : unmanaged
        {
            ArgumentNullException.ThrowIfNull(x);
            return Creation.Span<T>(x);
        }

        /// <summary>The number of a tensor with one element.</summary>
        /// <typeparam name="T">The .NET type that belongs to the element type. Nothing is converted.</typeparam>
        /// <returns>The number.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The element type is another one; convert with Cast first.</exception>
        /// <exception cref="InvalidOperationException">There is not exactly one element.</exception>
        public T ToScalar<T>() where T : unmanaged
        {
            ArgumentNullException.ThrowIfNull(x);
            if (x.Count != 1) throw new InvalidOperationException($"a tensor of shape {x.Shape} is not one number; index it, reduce it, or use ToArray.");
            return AsSpan<T>(x)[0];
        }

        /// <summary>A copy as <see cref="Numerics.Tensor{T}"/> of the same sizes.</summary>
        /// <typeparam name="T">The .NET type that belongs to the element type. Nothing is converted.</typeparam>
        /// <returns>The same sizes; rank 0 gives one axis of length 1.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The element type is another one.</exception>
        public Numerics.Tensor<T> ToNumericsTensor<T>() where T : unmanaged
        {
            var elements = ToArray<T>(x);
            var lengths = x.Rank == 0 ? [1] : Array.ConvertAll(x.Shape.ToArray(), s => (nint)s);
            return Numerics.Tensor.Create(elements, lengths);
        }

        /// <summary>A copy as a MathNet vector.</summary>
        /// <typeparam name="T">double or float, as the element type. Nothing is converted.</typeparam>
        /// <returns>As many entries as the tensor.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The element type is another one, or the rank is not 1.</exception>
        public Vector<T> ToVector<T>() where T : unmanaged, IEquatable<T>, IFormattable
        {
            DemandRank(x, 1);
            return Vector<T>.Build.Dense(ToArray<T>(x));
        }

        /// <summary>A copy as a MathNet matrix.</summary>
        /// <typeparam name="T">double or float, as the element type. Nothing is converted.</typeparam>
        /// <returns>Rows and columns as in the tensor.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentException">The element type is another one, or the rank is not 2.</exception>
        public Matrix<T> ToMatrix<T>() where T : unmanaged, IEquatable<T>, IFormattable
        {
            DemandRank(x, 2);
            // MathNet stores columns one after the other: the transpose, row-major.
            return Matrix<T>.Build.Dense(x.Shape[0], x.Shape[1], Creation.ColumnMajor<T>(x));
        }
    }

    extension(Tensor)
    {
        /// <summary>A copy of a <c>System.Numerics.Tensors</c> tensor or a slice of one.</summary>
        /// <typeparam name="T">double, float, long, int, byte or bool; decides the element type.</typeparam>
        /// <param name="tensor">Any sizes, any strides.</param>
        /// <returns>The same sizes.</returns>
        /// <exception cref="ArgumentException">The rank is above 8.</exception>
        /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
        public static Tensor FromNumericsTensor<T>(in Numerics.ReadOnlyTensorSpan<T> tensor) where T : unmanaged
        {
            var sizes = new long[tensor.Rank];
            for (var d = 0; d < sizes.Length; d++) sizes[d] = tensor.Lengths[d];
            var shape = Shape.Of(sizes);
            var flat = new T[shape.Count];
            if (flat.Length > 0) tensor.FlattenTo(flat);
            return Creation.OfSpan<T>(flat, shape);
        }

        /// <summary>A copy of a <see cref="Numerics.Tensor{T}"/>.</summary>
        /// <typeparam name="T">double, float, long, int, byte or bool; decides the element type.</typeparam>
        /// <param name="tensor">Any sizes.</param>
        /// <returns>The same sizes.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="tensor"/> is null.</exception>
        /// <exception cref="ArgumentException">The rank is above 8.</exception>
        /// <exception cref="NotSupportedException"><typeparamref name="T"/> is another type.</exception>
        public static Tensor FromNumericsTensor<T>(Numerics.Tensor<T> tensor) where T : unmanaged
        {
            ArgumentNullException.ThrowIfNull(tensor);
            return FromNumericsTensor(tensor.AsReadOnlyTensorSpan());
        }

        /// <summary>A copy of a MathNet vector.</summary>
        /// <typeparam name="T">double or float; decides the element type.</typeparam>
        /// <param name="vector">Dense or sparse.</param>
        /// <returns>Shape [n].</returns>
        /// <exception cref="ArgumentNullException"><paramref name="vector"/> is null.</exception>
        /// <exception cref="NotSupportedException"><typeparamref name="T"/> is complex.</exception>
        public static Tensor FromVector<T>(Vector<T> vector) where T : unmanaged, IEquatable<T>, IFormattable
        {
            ArgumentNullException.ThrowIfNull(vector);
            return Creation.OfSpan<T>(vector.ToArray(), new Shape(vector.Count));
        }

        /// <summary>A copy of a MathNet matrix.</summary>
        /// <typeparam name="T">double or float; decides the element type.</typeparam>
        /// <param name="matrix">Dense or sparse.</param>
        /// <returns>Shape [rows, columns].</returns>
        /// <exception cref="ArgumentNullException"><paramref name="matrix"/> is null.</exception>
        /// <exception cref="NotSupportedException"><typeparamref name="T"/> is complex.</exception>
        public static Tensor FromMatrix<T>(Matrix<T> matrix) where T : unmanaged, IEquatable<T>, IFormattable
        {
            ArgumentNullException.ThrowIfNull(matrix);
            return Creation.OfSpan<T>(matrix.ToRowMajorArray(), new Shape(matrix.RowCount, matrix.ColumnCount));
        }
    }

    private static void DemandRank([NotNull] Tensor? x, int rank)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank != rank) throw new ArgumentException($"the tensor has shape {x.Shape}, and rank {rank} is needed. Reshape or index it first.", nameof(x));
    }
}

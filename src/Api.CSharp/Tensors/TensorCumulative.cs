using System;

namespace DiffLib;

/// <summary>Running sums, products, extrema and sums of exponentials along an axis, differences, and integrals by the trapezoidal rule.</summary>
public static class TensorCumulative
{
    extension(Tensor x)
    {
        /// <summary>Running sums along an axis, accumulated in float64. Integers and truth values are summed in int64.</summary>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor CumSum(int axis)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Cumulative.Sum(x, axis, false);
        }

        /// <summary>Running products along an axis. The derivatives of every order are exact with any number of zeros, and take linear time. Integers are multiplied in int64.</summary>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor CumProd(int axis)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Cumulative.Product(x, axis);
        }

        /// <summary>The largest element so far along an axis, and its place: the last one at ties; from a NaN on, the last NaN. The derivative goes to the element at that place.</summary>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The elements, and their places along the axis as int64; both of the same shape as the tensor.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Values, Tensor Indices) CumMax(int axis)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (values, indices) = Cumulative.Extremum(true, x, axis);
            return (values, indices);
        }

        /// <summary>The smallest element so far along an axis, and its place: the last one at ties; from a NaN on, the last NaN. The derivative goes to the element at that place.</summary>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The elements, and their places along the axis as int64; both of the same shape as the tensor.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Values, Tensor Indices) CumMin(int axis)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (values, indices) = Cumulative.Extremum(false, x, axis);
            return (values, indices);
        }

        /// <summary>Running ln Σ eˣ along an axis, without overflow; -∞ (with gradient 0) as long as all elements were -∞, +∞ from a +∞ on. Integers become float64.</summary>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor LogCumSumExp(int axis)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Cumulative.LogSumExp(x, axis);
        }

        /// <summary>The differences of neighbours along an axis, taken n times.</summary>
        /// <param name="n">How often; 0 gives the tensor itself.</param>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <param name="prepend">What goes before the tensor along the axis, or null; its other sizes are the tensor's.</param>
        /// <param name="append">What goes behind it, or null.</param>
        /// <returns>The same shape with the axis shorter by n, though not below 0.</returns>
        /// <exception cref="ArgumentOutOfRangeException">n is negative, or there is no such axis.</exception>
        /// <exception cref="ArgumentException">Sizes outside the axis differ.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Diff(int n = 1, int axis = -1, Tensor? prepend = null, Tensor? append = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Cumulative.Difference(x, n, axis, prepend, append);
        }

        /// <summary>The integral ∫ y dx along an axis by the trapezoidal rule; the tensor holds y at places one step apart. Integers become float64.</summary>
        /// <param name="dx">The step.</param>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Trapezoid(double dx = 1, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Cumulative.Trapezoid(x, dx, axis);
        }

        /// <summary>The integral ∫ y dx along an axis by the trapezoidal rule; the tensor holds y. Integers become float64.</summary>
        /// <param name="at">The places: of the tensor's shape, of one that broadcasts to it without shortening the axis, or of rank 1 with one place for each element of the axis.</param>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor Trapezoid(Tensor at, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(at);
            return Cumulative.Trapezoid(x, at, axis);
        }

        /// <summary>The integral by the trapezoidal rule from the first place on the axis to each of the others; the tensor holds y at places one step apart. Integers become float64.</summary>
        /// <param name="dx">The step.</param>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The same shape with the axis shorter by 1.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor CumulativeTrapezoid(double dx = 1, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Cumulative.CumulativeTrapezoid(x, dx, axis);
        }

        /// <summary>The integral by the trapezoidal rule from the first place on the axis to each of the others; the tensor holds y. Integers become float64.</summary>
        /// <param name="at">The places: of the tensor's shape, of one that broadcasts to it without shortening the axis, or of rank 1 with one place for each element of the axis.</param>
        /// <param name="axis">The axis along which to run; negative from the end.</param>
        /// <returns>The same shape with the axis shorter by 1.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor CumulativeTrapezoid(Tensor at, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(at);
            return Cumulative.CumulativeTrapezoid(x, at, axis);
        }
    }
}

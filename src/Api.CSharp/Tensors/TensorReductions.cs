using System;

namespace DiffLib;

/// <summary>Reductions of a tensor over some or all of its axes: sums, means, products, extrema, truths, and sums of exponentials.</summary>
public static class TensorReductions
{
    extension(Tensor x)
    {
        /// <summary>The sum of the elements. Pairwise in float64, also for float32, which is rounded once; the order of additions depends on the sizes only. Integers and truth values are summed in int64. Nothing sums to 0.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Sum(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Sum(x, axes, keepAxes);
        }

        /// <summary>The sum of the elements. Pairwise in float64, also for float32, which is rounded once; the order of additions depends on the sizes only. Integers and truth values are summed in int64. Nothing sums to 0.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Sum(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Sum(x, [axis], keepAxes);
        }

        /// <summary>The arithmetic mean of the elements: their sum, as in <c>Sum</c>, divided by their number. Integers become float64. The mean of nothing is NaN.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Mean(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Mean(x, axes, keepAxes);
        }

        /// <summary>The arithmetic mean of the elements: their sum, as in <c>Sum</c>, divided by their number. Integers become float64. The mean of nothing is NaN.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Mean(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Mean(x, [axis], keepAxes);
        }

        /// <summary>The product of the elements. Its derivatives of every order are exact with any number of zeros. Integers are multiplied in int64. The product of nothing is 1.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Prod(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Product(x, axes, keepAxes);
        }

        /// <summary>The product of the elements. Its derivatives of every order are exact with any number of zeros. Integers are multiplied in int64. The product of nothing is 1.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Prod(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Product(x, [axis], keepAxes);
        }

        /// <summary>The largest element; NaN if there is one. Elements that tie share the derivative equally: k of them get 1/k each, so that the shares sum to 1.</summary>
        /// <remarks>For one axis together with the place, and a derivative for the element at that place alone: <c>MaxWithIndex</c>.</remarks>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Max(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Max(x, axes, keepAxes);
        }

        /// <summary>The largest element; NaN if there is one. Elements that tie share the derivative equally: k of them get 1/k each, so that the shares sum to 1.</summary>
        /// <remarks>For one axis together with the place, and a derivative for the element at that place alone: <c>MaxWithIndex</c>.</remarks>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Max(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Max(x, [axis], keepAxes);
        }

        /// <summary>The smallest element; NaN if there is one. Elements that tie share the derivative equally: k of them get 1/k each, so that the shares sum to 1.</summary>
        /// <remarks>For one axis together with the place, and a derivative for the element at that place alone: <c>MinWithIndex</c>.</remarks>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Min(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Min(x, axes, keepAxes);
        }

        /// <summary>The smallest element; NaN if there is one. Elements that tie share the derivative equally: k of them get 1/k each, so that the shares sum to 1.</summary>
        /// <remarks>For one axis together with the place, and a derivative for the element at that place alone: <c>MinWithIndex</c>.</remarks>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Min(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Min(x, [axis], keepAxes);
        }

        /// <summary>The smallest and the largest element, with ties and NaN as in <c>Min</c> and <c>Max</c>.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>Two tensors of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Min, Tensor Max) AMinMax(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return (Reducing.Min(x, axes, keepAxes), Reducing.Max(x, axes, keepAxes));
        }

        /// <summary>The smallest and the largest element, with ties and NaN as in <c>Min</c> and <c>Max</c>.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>Two tensors of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Min, Tensor Max) AMinMax(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return (Reducing.Min(x, [axis], keepAxes), Reducing.Max(x, [axis], keepAxes));
        }

        /// <summary>The largest element along an axis and its place: the first one at ties, and the first NaN if there is one. The derivative goes to that element alone.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The elements, and their places along the axis as int64; both of the shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The axis is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Values, Tensor Indices) MaxWithIndex(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (values, indices) = Reducing.ExtremumWithIndex(true, x, axis, keepAxes);
            return (values, indices);
        }

        /// <summary>The smallest element along an axis and its place: the first one at ties, and the first NaN if there is one. The derivative goes to that element alone.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The elements, and their places along the axis as int64; both of the shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The axis is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Values, Tensor Indices) MinWithIndex(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (values, indices) = Reducing.ExtremumWithIndex(false, x, axis, keepAxes);
            return (values, indices);
        }

        /// <summary>The place of the largest element along an axis, as int64: the first one at ties, and the first NaN if there is one. It has no derivative.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>int64, of the shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The axis is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor ArgMax(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.ArgExtremum(true, x, axis, keepAxes);
        }

        /// <summary>The place of the largest of all elements in row-major order, as int64: the first one at ties, and the first NaN if there is one. It has no derivative.</summary>
        /// <returns>int64 of rank 0.</returns>
        /// <exception cref="ArgumentException">The tensor is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor ArgMax()
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.ArgExtremum(true, x);
        }

        /// <summary>The place of the smallest element along an axis, as int64: the first one at ties, and the first NaN if there is one. It has no derivative.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>int64, of the shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The axis is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor ArgMin(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.ArgExtremum(false, x, axis, keepAxes);
        }

        /// <summary>The place of the smallest of all elements in row-major order, as int64: the first one at ties, and the first NaN if there is one. It has no derivative.</summary>
        /// <returns>int64 of rank 0.</returns>
        /// <exception cref="ArgumentException">The tensor is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor ArgMin()
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.ArgExtremum(false, x);
        }

        /// <summary>Whether all elements differ from 0 (NaN does); true over nothing. It has no derivative.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>bool, of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor All(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.All(x, axes, keepAxes);
        }

        /// <summary>Whether all elements differ from 0 (NaN does); true over nothing. It has no derivative.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>bool, of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor All(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.All(x, [axis], keepAxes);
        }

        /// <summary>Whether any element differs from 0 (NaN does); false over nothing. It has no derivative.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>bool, of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Any(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Any(x, axes, keepAxes);
        }

        /// <summary>Whether any element differs from 0 (NaN does); false over nothing. It has no derivative.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>bool, of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Any(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Any(x, [axis], keepAxes);
        }

        /// <summary>The number of elements that differ from 0 (NaN does). It has no derivative.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>int64, of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor CountNonZero(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.CountNonZero(x, axes, keepAxes);
        }

        /// <summary>The number of elements that differ from 0 (NaN does). It has no derivative.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>int64, of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor CountNonZero(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.CountNonZero(x, [axis], keepAxes);
        }

        /// <summary>The sum of the elements that are not NaN; those that are get derivative 0. Nothing sums to 0.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor NanSum(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.NanSum(x, axes, keepAxes);
        }

        /// <summary>The sum of the elements that are not NaN; those that are get derivative 0. Nothing sums to 0.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor NanSum(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.NanSum(x, [axis], keepAxes);
        }

        /// <summary>The mean of the elements that are not NaN; those that are get derivative 0. The mean of nothing is NaN.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor NanMean(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.NanMean(x, axes, keepAxes);
        }

        /// <summary>The mean of the elements that are not NaN; those that are get derivative 0. The mean of nothing is NaN.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor NanMean(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.NanMean(x, [axis], keepAxes);
        }

        /// <summary>ln Σ eˣ, shifted by the maximum so that nothing overflows or vanishes; its gradient is the softmax. Over nothing, or where all elements are -∞, it is -∞, with gradient 0; with a +∞ it is +∞. Integers become float64.</summary>
        /// <remarks>P. Blanchard, D. J. Higham, N. J. Higham, "Accurately computing the log-sum-exp and softmax functions", IMA Journal of Numerical Analysis 41 (2021).</remarks>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor LogSumExp(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.LogSumExp(x, axes, keepAxes);
        }

        /// <summary>ln Σ eˣ, shifted by the maximum so that nothing overflows or vanishes; its gradient is the softmax. Over nothing, or where all elements are -∞, it is -∞, with gradient 0; with a +∞ it is +∞. Integers become float64.</summary>
        /// <remarks>P. Blanchard, D. J. Higham, N. J. Higham, "Accurately computing the log-sum-exp and softmax functions", IMA Journal of Numerical Analysis 41 (2021).</remarks>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor LogSumExp(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.LogSumExp(x, [axis], keepAxes);
        }

        /// <summary>eˣ / Σ eˣ along an axis, shifted by the maximum. An element at -∞ gets exactly 0, with derivative 0; a line of only -∞ gets zeros; elements at +∞ share their line equally (the limits, where other libraries give NaN).
        /// Probabilities below the smallest normal number of the type are 0. Integers become float64.</summary>
        /// <param name="axis">The axis along which the probabilities sum to 1; negative from the end.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Softmax(int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Softmax(x, axis);
        }

        /// <summary>ln(eˣ / Σ eˣ) along an axis, accurate also where the softmax underflows. An element at -∞ gets -∞, also where the whole line is. Integers become float64.</summary>
        /// <param name="axis">The axis along which the probabilities sum to 1; negative from the end.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor LogSoftmax(int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.LogSoftmax(x, axis);
        }
    }
}

/// <summary>The most used reductions, for those who write <c>Tensor.Sum(x)</c>.</summary>
public static class TensorReductionFunctions
{
    extension(Tensor)
    {
        /// <summary>The sum of the elements: <c>x.Sum(axes, keepAxes)</c>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Sum(Tensor x, int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Sum(x, axes, keepAxes);
        }

        /// <summary>The mean of the elements: <c>x.Mean(axes, keepAxes)</c>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Mean(Tensor x, int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Mean(x, axes, keepAxes);
        }

        /// <summary>The product of the elements: <c>x.Prod(axes, keepAxes)</c>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Prod(Tensor x, int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Product(x, axes, keepAxes);
        }

        /// <summary>ln Σ eˣ without overflow: <c>x.LogSumExp(axes, keepAxes)</c>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor LogSumExp(Tensor x, int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.LogSumExp(x, axes, keepAxes);
        }

        /// <summary>eˣ / Σ eˣ along an axis: <c>x.Softmax(axis)</c>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axis">The axis along which the probabilities sum to 1; negative from the end.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Softmax(Tensor x, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.Softmax(x, axis);
        }

        /// <summary>ln(eˣ / Σ eˣ) along an axis: <c>x.LogSoftmax(axis)</c>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axis">The axis along which the probabilities sum to 1; negative from the end.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor LogSoftmax(Tensor x, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Reducing.LogSoftmax(x, axis);
        }
    }
}

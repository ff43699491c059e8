using System;

namespace DiffLib;

/// <summary>Lengths of vectors over some or all axes, and tensors brought to a given length. Norms of matrices belong to linear algebra.</summary>
public static class TensorNorms
{
    extension(Tensor x)
    {
        /// <summary>The vector norm (Σ |x|ᵖ)^(1/p): p = 1 sums magnitudes, 2 is the Euclidean (for a matrix the Frobenius) norm, ∞ the largest and -∞ the smallest magnitude, 0 the number of elements that are not 0. Nothing over- or underflows on the way. Integers become float64.</summary>
        /// <remarks>The derivative at the origin is 0, the subgradient of least length; elements that tie for an infinite norm share it equally; for p &lt; 2 an element at 0 gets 0. The count (p = 0) has derivative 0.</remarks>
        /// <param name="p">The order: any number or ±∞.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or p is NaN.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentException">p is infinite and a reduced axis is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Norm(double p = 2, int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Norms.Norm(x, p, axes, keepAxes);
        }

        /// <summary>The vector norm (Σ |x|ᵖ)^(1/p): p = 1 sums magnitudes, 2 is the Euclidean (for a matrix the Frobenius) norm, ∞ the largest and -∞ the smallest magnitude, 0 the number of elements that are not 0. Nothing over- or underflows on the way. Integers become float64.</summary>
        /// <remarks>The derivative at the origin is 0, the subgradient of least length; elements that tie for an infinite norm share it equally; for p &lt; 2 an element at 0 gets 0. The count (p = 0) has derivative 0.</remarks>
        /// <param name="p">The order: any number or ±∞.</param>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or p is NaN.</exception>
        /// <exception cref="ArgumentException">p is infinite and a reduced axis is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Norm(double p, int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Norms.Norm(x, p, [axis], keepAxes);
        }

        /// <summary>The tensor with the p-norm of each of its parts along an axis held to at most <paramref name="maxNorm"/>: a longer part is multiplied by maxNorm / (norm + 10⁻⁷).</summary>
        /// <param name="p">The order: any number or ±∞.</param>
        /// <param name="axis">The axis whose positions are the parts; negative from the end.</param>
        /// <param name="maxNorm">The longest that a part may be.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, p is NaN, or maxNorm is negative.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Renorm(double p, int axis, double maxNorm)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Norms.Renormalized(x, p, axis, maxNorm);
        }

        /// <summary>x / max(‖x‖, ε) along an axis: vectors of length 1, except for those shorter than ε. Integers become float64.</summary>
        /// <param name="p">The order: any number or ±∞.</param>
        /// <param name="axis">The axis along which the vectors lie; negative from the end.</param>
        /// <param name="epsilon">The least length to divide by.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or p is NaN.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Normalize(double p = 2, int axis = -1, double epsilon = 1e-12)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Norms.Normalized(x, p, axis, epsilon);
        }
    }
}

/// <summary>Norms, distances and angles as functions: <c>Tensor.Dist(a, b)</c>.</summary>
public static class TensorDistances
{
    extension(Tensor)
    {
        /// <summary>The vector norm (Σ |x|ᵖ)^(1/p): <c>x.Norm(p, axes, keepAxes)</c>.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="p">The order: any number or ±∞.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or p is NaN.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Norm(Tensor x, double p = 2, int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Norms.Norm(x, p, axes, keepAxes);
        }

        /// <summary>The p-norm of a - b over all elements; the derivative where they are equal is 0.</summary>
        /// <param name="a">Any shape.</param>
        /// <param name="b">A shape that broadcasts with the other one.</param>
        /// <param name="p">The order: any number or ±∞.</param>
        /// <returns>Rank 0.</returns>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public static Tensor Dist(Tensor a, Tensor b, double p = 2)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Norms.Distance(a, b, p);
        }

        /// <summary>The p-norm of a - b + ε along the last axis; the small ε keeps it away from the kink at 0.</summary>
        /// <param name="a">Any shape.</param>
        /// <param name="b">A shape that broadcasts with the other one.</param>
        /// <param name="p">The order: any number or ±∞.</param>
        /// <param name="epsilon">Added to every difference.</param>
        /// <param name="keepAxes">Whether the last axis stays, with size 1.</param>
        /// <returns>The common shape without its last axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">Both have rank 0, or p is NaN.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public static Tensor PairwiseDistance(Tensor a, Tensor b, double p = 2, double epsilon = 1e-6, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Norms.PairwiseDistance(a, b, p, epsilon, keepAxes);
        }

        /// <summary>The cosine of the angle between vectors along an axis: ⟨a, b⟩ / (max(‖a‖, ε) max(‖b‖, ε)).</summary>
        /// <param name="a">Any shape.</param>
        /// <param name="b">A shape that broadcasts with the other one.</param>
        /// <param name="axis">The axis of the common shape along which the vectors lie; negative from the end.</param>
        /// <param name="epsilon">The least length to divide by.</param>
        /// <returns>The common shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public static Tensor CosineSimilarity(Tensor a, Tensor b, int axis = -1, double epsilon = 1e-8)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Norms.CosineSimilarity(a, b, axis, epsilon);
        }
    }
}

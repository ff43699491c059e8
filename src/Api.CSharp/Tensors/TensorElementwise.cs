using System;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>Elementwise functions of tensors, as static members of <see cref="Tensor"/>: <c>Tensor.Sigmoid(x)</c>.</summary>
public static class TensorElementwise
{
    extension(Tensor)
    {
        /// <summary>The logistic function 1/(1 + e⁻ˣ), elementwise; its slope is accurate in both tails. Integers become float64.</summary>
        /// <param name="x">Any shape.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Sigmoid(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Sigmoid, x);
        }
    }

    extension(Tensor x)
    {
        /// <summary>Rank 0: whether the tensor is a single number without axes.</summary>
        public bool IsScalar => x.Rank == 0;
    }
}

using System;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>Activation functions, as static members of <see cref="Tensor"/>: <c>Tensor.Gelu(x)</c>. At ±∞ they and their slopes take their limits.</summary>
public static class TensorActivations
{
    extension(Tensor)
    {
        /// <summary>max(x, 0), elementwise; slope 0 at 0.</summary>
        /// <param name="x">Any shape; integers stay integers.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Relu(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Relu, x);
        }

        /// <summary>min(max(x, 0), 6), elementwise; slope 0 at both kinks.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Relu6(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Relu6(x);
        }

        /// <summary>x above 0, otherwise a small multiple of it, elementwise; the slope at 0 is the small one.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="negativeSlope">The slope below 0.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor LeakyRelu(Tensor x, double negativeSlope = 0.01)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.LeakyRelu(x, negativeSlope);
        }

        /// <summary>x above 0, otherwise x times a weight that can be learned, elementwise.</summary>
        /// <param name="x">Any shape; with several weights, axis 1 is that of the weights.</param>
        /// <param name="weight">One weight, or shape [n] with n the size of axis 1 of x.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="x"/> and <paramref name="weight"/> is null.</exception>
        /// <exception cref="ArgumentException">The weight is neither.</exception>
        /// <remarks>K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", 2015.</remarks>
        public static Tensor PRelu(Tensor x, Tensor weight)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(weight);
            return Activations.PRelu(x, weight);
        }

        /// <summary>x above 0, otherwise α(eˣ - 1), elementwise; the slope at 0 is α.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="alpha">α, the negative of the limit on the left.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <remarks>D.-A. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2016.</remarks>
        public static Tensor Elu(Tensor x, double alpha = 1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Elu(x, alpha);
        }

        /// <summary>Elu with the scales that keep mean 0 and variance 1 from layer to layer, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <remarks>G. Klambauer, T. Unterthiner, A. Mayr and S. Hochreiter, "Self-normalizing neural networks", 2017.</remarks>
        public static Tensor Selu(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Selu(x);
        }

        /// <summary>x above 0, otherwise α(e^(x/α) - 1), elementwise: elu with slope 1 at 0 for every α.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="alpha">α, not 0.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="alpha"/> is 0 or NaN.</exception>
        /// <remarks>J. T. Barron, "Continuously differentiable exponential linear units", 2017.</remarks>
        public static Tensor Celu(Tensor x, double alpha = 1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Celu(x, alpha);
        }

        /// <summary>x Φ(x), elementwise, with Φ the standard normal distribution function; accurate in the left tail, 0 at -∞.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <remarks>D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016.</remarks>
        public static Tensor Gelu(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Gelu(x);
        }

        /// <summary>The approximation of gelu x(1 + tanh(√(2/π)(x + 0.044715x³)))/2, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <remarks>D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016.</remarks>
        public static Tensor GeluTanh(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.GeluTanh(x);
        }

        /// <summary>x σ(x), elementwise, also known as swish; 0 at -∞.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Silu(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Silu(x);
        }

        /// <summary>x tanh(softplus x), elementwise; 0 at -∞.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <remarks>D. Misra, "Mish: a self regularized non-monotonic activation function", 2020.</remarks>
        public static Tensor Mish(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Mish(x);
        }

        /// <summary>ln(1 + e^(βx))/β, elementwise: a smooth relu, accurate in both tails.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="beta">The sharpness β, positive.</param>
        /// <param name="threshold">Where βx is above this, the result is x itself. Accuracy does not need it.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is not positive.</exception>
        public static Tensor Softplus(Tensor x, double beta = 1, double threshold = double.PositiveInfinity)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Softplus(x, beta, threshold);
        }

        /// <summary>x/(1 + |x|), elementwise; ±1 at ±∞.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Softsign(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Softsign(x);
        }

        /// <summary>x moved towards 0 by λ, and 0 within λ of it, elementwise; slope 0 at the kinks. The proximal map of λ|x|.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="lambda">λ, 0 or more.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="lambda"/> is negative or NaN.</exception>
        public static Tensor Softshrink(Tensor x, double lambda = 0.5)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Softshrink(x, lambda);
        }

        /// <summary>x, but 0 within λ of 0, elementwise; slope 0 at the jumps.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="lambda">λ, 0 or more.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="lambda"/> is negative or NaN.</exception>
        public static Tensor Hardshrink(Tensor x, double lambda = 0.5)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Hardshrink(x, lambda);
        }

        /// <summary>x/6 + ½ kept between 0 and 1, elementwise; slope 0 at the kinks.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor HardSigmoid(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.HardSigmoid(x);
        }

        /// <summary>x times its hard sigmoid, elementwise; slope 0 at -3 and 1 at 3.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <remarks>A. Howard et al., "Searching for MobileNetV3", 2019.</remarks>
        public static Tensor HardSwish(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.HardSwish(x);
        }

        /// <summary>x kept between two bounds, elementwise; slope 0 at the bounds (<c>Clamp</c> has 1 there). Where the bounds cross, the upper one is the result.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="low">The lower bound.</param>
        /// <param name="high">The upper bound.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor HardTanh(Tensor x, double low = -1, double high = 1)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.HardTanh(x, low, high);
        }

        /// <summary>ln σ(x) = -ln(1 + e⁻ˣ), elementwise, accurate in both tails.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor LogSigmoid(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.LogSigmoid(x);
        }

        /// <summary>x - tanh x, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Tanhshrink(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Tanhshrink(x);
        }

        /// <summary>x where it is above the threshold, otherwise a fixed value, elementwise; slope 0 at the threshold.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="threshold">The threshold.</param>
        /// <param name="value">The result at and below it.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Threshold(Tensor x, double threshold, double value)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Activations.Threshold(x, threshold, value);
        }
    }
}

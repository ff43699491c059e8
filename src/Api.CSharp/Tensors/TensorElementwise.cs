using System;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>Elementwise functions of tensors, as static members of <see cref="Tensor"/>: <c>Tensor.Sigmoid(x)</c>.</summary>
public static class TensorElementwise
{
    extension(Tensor)
    {
        /// <summary>x·x, elementwise; integers stay integers.</summary>
        /// <param name="x">Any shape.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Square(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Square, x);
        }

        /// <summary>1/x, elementwise; ±∞ at ±0.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Reciprocal(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Reciprocal, x);
        }

        /// <summary>1/√x, elementwise; ∞ at 0, NaN below.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Rsqrt(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Rsqrt, x);
        }

        /// <summary>∛x, elementwise, also of negative numbers; the slope at 0 is ∞.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Cbrt(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Cbrt, x);
        }

        /// <summary>2ˣ, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Exp2(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Exp2, x);
        }

        /// <summary>eˣ - 1, elementwise, accurate near 0.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Expm1(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Expm1, x);
        }

        /// <summary>log₂ x, elementwise; -∞ at 0, NaN below.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Log2(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Log2, x);
        }

        /// <summary>ln(1 + x), elementwise, accurate near 0; -∞ at -1, NaN below.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Log1p(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Log1p, x);
        }

        /// <summary>arsinh x, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Asinh(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Asinh, x);
        }

        /// <summary>arcosh x, elementwise; NaN below 1, where the slope is ∞.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Acosh(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Acosh, x);
        }

        /// <summary>artanh x, elementwise; ±∞ at ±1, NaN beyond.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Atanh(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Atanh, x);
        }

        /// <summary>sin(πx)/(πx), elementwise, 1 at 0; derivatives of every order are right at 0, too.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Sinc(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Sinc, x);
        }

        /// <summary>The logistic function 1/(1 + e⁻ˣ), elementwise; its slope is accurate in both tails.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Sigmoid(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Sigmoid, x);
        }

        /// <summary>ln(x/(1 - x)), the inverse of the sigmoid, elementwise; -∞ at 0, ∞ at 1, NaN outside, also in its slope.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="epsilon">If given, x is first kept between this and 1 minus this, so that the result is finite.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Logit(Tensor x, double? epsilon = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Pointwise.Logit(epsilon is { } e ? Pointwise.Clamp(x, e, 1 - e) : x);
        }

        /// <summary>The error function 2/√π ∫₀ˣ exp(-t²) dt, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Erf(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Erf, x);
        }

        /// <summary>1 - erf x, elementwise, accurate in the right tail.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Erfc(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Erfc, x);
        }

        /// <summary>exp(x²) erfc x, elementwise: the tail of erfc without its decay.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Erfcx(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Erfcx, x);
        }

        /// <summary>The inverse of the error function, elementwise; ±∞ at ±1, NaN beyond.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor ErfInv(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.ErfInv, x);
        }

        /// <summary>The standard normal distribution function Φ, elementwise, accurate in the left tail.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Ndtr(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Ndtr, x);
        }

        /// <summary>The quantile function of the standard normal distribution, the inverse of Φ, elementwise; -∞ at 0, ∞ at 1, NaN outside.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Ndtri(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Ndtri, x);
        }

        /// <summary>ln Φ, the logarithm of the standard normal distribution function, elementwise, accurate in the left tail.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor LogNdtr(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.LogNdtr, x);
        }

        /// <summary>ln |Γ(x)|, elementwise; ∞ at 0 and at negative whole numbers.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <remarks>The derivative is digamma.</remarks>
        public static Tensor Lgamma(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Lgamma, x);
        }

        /// <summary>ψ(x), the derivative of ln |Γ|, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Digamma(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Digamma, x);
        }

        /// <summary>The polygamma function ψ⁽ⁿ⁾(x), elementwise: the derivative of order n of digamma.</summary>
        /// <param name="order">n, 0 (digamma) or more.</param>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is negative.</exception>
        public static Tensor Polygamma(int order, Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Pointwise.Polygamma(order, x);
        }

        /// <summary>The logarithm of the multivariate gamma function of dimension p, elementwise: p(p - 1)/4·ln π + Σ ln Γ(x - j/2), j = 0 … p - 1.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <param name="dimension">p, 1 or more.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimension"/> is below 1.</exception>
        public static Tensor MultiLgamma(Tensor x, int dimension)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Pointwise.MultiLgamma(x, dimension);
        }

        /// <summary>The regularised lower incomplete gamma function P(a, x), elementwise; differentiable in both arguments, in the shape once.</summary>
        /// <param name="a">The shape, positive.</param>
        /// <param name="x">The limit of integration, 0 or more; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Igamma(Tensor a, Tensor x)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Binary(BinaryOp.Igamma, a, x);
        }

        /// <summary>The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x), elementwise, accurate where it is small.</summary>
        /// <param name="a">The shape, positive.</param>
        /// <param name="x">The limit of integration, 0 or more; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Igammac(Tensor a, Tensor x)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Binary(BinaryOp.Igammac, a, x);
        }

        /// <summary>The modified Bessel function of the first kind of order 0, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor I0(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.I0, x);
        }

        /// <summary>e^(-|x|) I₀(x), elementwise: without overflow. Slope 0 at the kink at 0.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor I0e(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.I0e, x);
        }

        /// <summary>The modified Bessel function of the first kind of order 1, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor I1(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.I1, x);
        }

        /// <summary>e^(-|x|) I₁(x), elementwise: without overflow.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor I1e(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.I1e, x);
        }

        /// <summary>The entropy term -x ln x, elementwise; 0 at 0, -∞ below.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Entr(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Tensor.Unary(UnaryOp.Entr, x);
        }

        /// <summary>The larger of a and b, elementwise; NaN if either is, with slopes 0. At a tie each has slope ½.</summary>
        /// <param name="a">The first operand.</param>
        /// <param name="b">The second operand; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        /// <remarks>See <c>MaximumNumber</c>, where a number wins over NaN.</remarks>
        public static Tensor Maximum(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.Maximum, a, b);
        }

        /// <summary>The smaller of a and b, elementwise; NaN if either is, with slopes 0. At a tie each has slope ½.</summary>
        /// <param name="a">The first operand.</param>
        /// <param name="b">The second operand; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        /// <remarks>See <c>MinimumNumber</c>, where a number wins over NaN.</remarks>
        public static Tensor Minimum(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.Minimum, a, b);
        }

        /// <summary>The larger of a and b, elementwise; NaN only if both are. At a tie the slope is all a's.</summary>
        /// <param name="a">The first operand.</param>
        /// <param name="b">The second operand; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor MaximumNumber(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.MaximumNumber, a, b);
        }

        /// <summary>The smaller of a and b, elementwise; NaN only if both are. At a tie the slope is all a's.</summary>
        /// <param name="a">The first operand.</param>
        /// <param name="b">The second operand; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor MinimumNumber(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.MinimumNumber, a, b);
        }

        /// <summary>x kept between two numbers, elementwise (NumPy's clip). Slope 1 from bound to bound, both included, 0 outside. NaN stays NaN, with slope 0; where the bounds cross, the upper one is the result.</summary>
        /// <param name="x">Any shape; integers stay integers if the bounds are whole.</param>
        /// <param name="low">The lower bound; null for none.</param>
        /// <param name="high">The upper bound; null for none.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Clamp(Tensor x, double? low = null, double? high = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Pointwise.Clamp(x, low, high);
        }

        /// <summary>x kept between tensors of bounds, elementwise. At a tie x has the slope; where the bounds cross, the upper one is the result.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="low">The lower bounds, which broadcast with x; null for none.</param>
        /// <param name="high">The upper bounds, which broadcast with x; null for none.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Clamp(Tensor x, Tensor? low, Tensor? high)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Pointwise.Clamp(x, Facade.Option(low), Facade.Option(high));
        }

        /// <summary>√(a² + b²), elementwise, without overflow. Slopes at the origin: 0.</summary>
        /// <param name="a">The first operand.</param>
        /// <param name="b">The second operand; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Hypot(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.Hypot, a, b);
        }

        /// <summary>The remainder of floored division, with the sign of b, elementwise: Python's a % b.</summary>
        /// <param name="a">The dividend.</param>
        /// <param name="b">The divisor; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        /// <remarks>C#'s <c>a % b</c>, the remainder of truncated division with the sign of a, is the operator of the same name on tensors.</remarks>
        public static Tensor Remainder(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.Remainder, a, b);
        }

        /// <summary>The remainder of truncated division, with the sign of a, elementwise: C#'s a % b.</summary>
        /// <param name="a">The dividend.</param>
        /// <param name="b">The divisor; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor FMod(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.FMod, a, b);
        }

        /// <summary>⌊a/b⌋, elementwise: Python's a // b; its derivative is 0.</summary>
        /// <param name="a">The dividend.</param>
        /// <param name="b">The divisor; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="DivideByZeroException">Integers are divided by 0.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor FloorDivide(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.FloorDivide, a, b);
        }

        /// <summary>|a| with the sign of b, elementwise. Slope in a: 1 or -1, 0 at 0; in b: 0.</summary>
        /// <param name="a">The size.</param>
        /// <param name="b">The sign, also that of a zero; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor CopySign(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.CopySign, a, b);
        }

        /// <summary>ln(eᵃ + eᵇ), elementwise, without overflow; -∞ if both are, with slopes ½.</summary>
        /// <param name="a">The first operand.</param>
        /// <param name="b">The second operand; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor LogAddExp(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.LogAddExp, a, b);
        }

        /// <summary>log₂(2ᵃ + 2ᵇ), elementwise, without overflow; -∞ if both are, with slopes ½.</summary>
        /// <param name="a">The first operand.</param>
        /// <param name="b">The second operand; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor LogAddExp2(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.LogAddExp2, a, b);
        }

        /// <summary>a ln b, elementwise; 0 where a is 0 (unless b is NaN), with slope 0 there for b ≤ 0.</summary>
        /// <param name="a">The factor.</param>
        /// <param name="b">The argument of the logarithm; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Xlogy(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.Xlogy, a, b);
        }

        /// <summary>a ln(1 + b), elementwise, accurate near b = 0; 0 where a is 0 (unless b is NaN), with slope 0 there for b ≤ -1.</summary>
        /// <param name="a">The factor.</param>
        /// <param name="b">One less than the argument of the logarithm; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Xlog1py(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.Xlog1py, a, b);
        }

        /// <summary>0 where x is negative, 1 where it is positive, and the given value where it is 0, elementwise; its derivative is 0.</summary>
        /// <param name="x">The argument; NaN stays NaN.</param>
        /// <param name="atZero">The value at 0; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="x"/> and <paramref name="atZero"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Heaviside(Tensor x, Tensor atZero)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(atZero);
            return Tensor.Binary(BinaryOp.Heaviside, x, atZero);
        }

        /// <summary>The next representable number after a towards b, elementwise; its derivative is 0.</summary>
        /// <param name="a">The start.</param>
        /// <param name="b">The direction; shapes broadcast.</param>
        /// <returns>The broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor NextAfter(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Binary(BinaryOp.NextAfter, a, b);
        }

        /// <summary>x·2ⁿ, elementwise.</summary>
        /// <param name="x">The factor.</param>
        /// <param name="exponent">n, whole or not; shapes broadcast.</param>
        /// <returns>The broadcast shape, in floating point.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="x"/> and <paramref name="exponent"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Ldexp(Tensor x, Tensor exponent)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(exponent);
            // whole exponents take the precision of x, so that float32 stays float32
            var n = exponent.DType is DType.Float64 or DType.Float32 ? exponent : Tensor.Cast(exponent, x.DType == DType.Float32 ? DType.Float32 : DType.Float64);
            return x * Tensor.Unary(UnaryOp.Exp2, n);
        }

        /// <summary>a + t (b - a), elementwise: linear interpolation, exact at t = 0 and t = 1.</summary>
        /// <param name="a">The value at t = 0.</param>
        /// <param name="b">The value at t = 1.</param>
        /// <param name="t">The position; beyond 0 and 1 it extrapolates. Shapes broadcast.</param>
        /// <returns>The broadcast shape, in floating point.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/>, <paramref name="b"/> and <paramref name="t"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Lerp(Tensor a, Tensor b, Tensor t)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            ArgumentNullException.ThrowIfNull(t);
            return Pointwise.Lerp(a, b, t);
        }

        /// <summary>x - trunc x, elementwise: the part behind the point, with the sign of x; its slope is 1.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Frac(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Pointwise.Frac(x);
        }

        /// <summary>x rounded to decimals, elementwise, ties to even; its derivative is 0.</summary>
        /// <param name="x">Any shape; integers stay integers unless <paramref name="decimals"/> is negative.</param>
        /// <param name="decimals">Digits kept after the point; -2 rounds to hundreds.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor Round(Tensor x, int decimals)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Pointwise.Round(x, decimals);
        }

        /// <summary>x·π/180, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor DegreesToRadians(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return x * (Math.PI / 180);
        }

        /// <summary>x·180/π, elementwise.</summary>
        /// <param name="x">Any shape; integers become float64.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor RadiansToDegrees(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return x * (180 / Math.PI);
        }

        /// <summary>x with NaN and infinities replaced by numbers, elementwise; the replaced elements have slope 0.</summary>
        /// <param name="x">Any shape; integers are returned as they are.</param>
        /// <param name="nan">For NaN.</param>
        /// <param name="positiveInfinity">For ∞; null means the largest finite number of the element type.</param>
        /// <param name="negativeInfinity">For -∞; null means the smallest finite number of the element type.</param>
        /// <returns>The same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor NanToNum(Tensor x, double nan = 0, double? positiveInfinity = null, double? negativeInfinity = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Pointwise.NanToNum(x, nan, positiveInfinity, negativeInfinity);
        }

        /// <summary>condition ? a : b, elementwise. The branch not taken gets an exact zero in every derivative, even where its own is infinite or NaN.</summary>
        /// <param name="condition">Truth values; numbers count as true where they differ from 0.</param>
        /// <param name="a">Where the condition holds.</param>
        /// <param name="b">Elsewhere. All three shapes broadcast.</param>
        /// <returns>The broadcast shape, in the common element type of a and b.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="condition"/>, <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Where(Tensor condition, Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(condition);
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Select(condition, a, b);
        }
    }

    extension(Tensor x)
    {
        /// <summary>Rank 0: whether the tensor is a single number without axes.</summary>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public bool IsScalar
        {
            get
            {
                ArgumentNullException.ThrowIfNull(x);
                return x.Rank == 0;
            }
        }
    }
}

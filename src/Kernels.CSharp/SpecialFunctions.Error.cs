using System;

namespace DiffLib.Kernels;

public static partial class SpecialFunctions
{
    /// <summary>The error function erf x = 2/√π ∫₀ˣ e^(-t²) dt.</summary>
    /// <param name="x">Any number; ±∞ gives ±1, and -0 stays -0.</param>
    /// <returns>A number in [-1, 1].</returns>
    public static double Erf(double x)
    {
        var a = Math.Abs(x);
        if (a <= 1.0) return x * Piecewise(ErfSmallBreaks, ErfSmall, ErfSmallStride, x * x);
        return a > 6.0 ? Math.CopySign(1.0, x) : Math.CopySign(1.0 - ErfcRight(a), x);
    }

    /// <summary>The complementary error function erfc x = 1 - erf x, accurate in the right tail down to the smallest subnormal number.</summary>
    /// <param name="x">Any number; -∞ gives 2 and +∞ gives 0.</param>
    /// <returns>A number in [0, 2].</returns>
    public static double Erfc(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x < 0.5) return x < -6.0 ? 2.0 : 1.0 - Erf(x);
        return ErfcRight(x);
    }

    /// <summary>The scaled complementary error function e^(x²) erfc x, which does not underflow.</summary>
    /// <param name="x">Any number; below -26.6 the result is +∞, at +∞ it is 0.</param>
    /// <returns>A positive number, about 1/(x√π) for large x.</returns>
    public static double Erfcx(double x)
    {
        if (x >= 0.0) return ErfcxRight(x);
        if (x < -27.0) return double.PositiveInfinity;
        return 2.0 * ExpSquare(x) - ErfcxRight(-x);
    }

    /// <summary>The inverse of erf: the y with erf y = x.</summary>
    /// <param name="x">A number in [-1, 1]; ±1 gives ±∞, anything outside NaN.</param>
    /// <returns>The inverse, accurate up to the last number below 1.</returns>
    public static double ErfInv(double x)
    {
        var a = Math.Abs(x);
        if (a <= 0.5) return x * Piecewise(ErfInvCentralBreaks, ErfInvCentral, ErfInvCentralStride, x * x);
        if (a < 1.0) return Math.CopySign(ErfcInvSmall(1.0 - a), x);
        return a == 1.0 ? Math.CopySign(double.PositiveInfinity, x) : double.NaN;
    }

    /// <summary>The standard normal distribution function Φ(x) = ½ erfc(-x/√2), accurate in the left tail.</summary>
    /// <param name="x">Any number; -∞ gives 0 and +∞ gives 1.</param>
    /// <returns>A probability.</returns>
    public static double Ndtr(double x)
    {
        if (double.IsNaN(x)) return x;
        if (Math.Abs(x) < 0.7) return 0.5 + 0.5 * Erf(x * InverseSqrt2);
        return x < 0.0 ? NdtrLeft(x) : 1.0 - NdtrLeft(-x);
    }

    /// <summary>The inverse of Φ: the x with Φ(x) = p.</summary>
    /// <param name="p">A probability; 0 gives -∞, 1 gives +∞, anything outside [0, 1] NaN.</param>
    /// <returns>The quantile, accurate down to the smallest subnormal p.</returns>
    public static double Ndtri(double p)
    {
        if (!(p >= 0.0 && p <= 1.0)) return double.NaN;
        if (p == 0.0) return double.NegativeInfinity;
        if (p == 1.0) return double.PositiveInfinity;
        if (p < 0.25) return -Sqrt2 * ErfcInvSmall(2.0 * p);
        // 2p - 1 and 1 - p are exact here.
        return p <= 0.75 ? Sqrt2 * ErfInv(2.0 * p - 1.0) : Sqrt2 * ErfcInvSmall(2.0 * (1.0 - p));
    }

    /// <summary>ln Φ(x), accurate in both tails.</summary>
    /// <param name="x">Any number; about -x²/2 far left (so -∞ once x² overflows), -0 far right.</param>
    /// <returns>A number ≤ 0.</returns>
    public static double LogNdtr(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x < -1.0)
        {
            if (double.IsInfinity(x)) return x;
            return Math.Log(0.5 * ErfcxRight(-x * InverseSqrt2)) - 0.5 * x * x;
        }
        return x < 0.0 ? Math.Log(Ndtr(x)) : Log1p(-Ndtr(-x));
    }

    /// <summary>e^(x²) as if x² were not rounded, |x| ≤ 27.</summary>
    private static double ExpSquare(double x)
    {
        var square = x * x;
        return Math.Exp(square) * (1.0 + SquareTail(x, square));
    }

    /// <summary>
    /// e^(-scale·x²)·factor as if x² were not rounded. Far out the exponent is lifted by 40 and the lift taken off last,
    /// so that a subnormal result is rounded once only.
    /// </summary>
    private static double GaussianTimes(double x, double scale, double factor)
    {
        var square = x * x;
        var tail = scale * SquareTail(x, square);
        square *= scale;
        if (square < 700.0) return Math.Exp(-square) * (1.0 - tail) * factor;
        if (square > 760.0) return 0.0;
        const double expMinus40 = 4.248354255291589e-18;
        return Math.Exp(-(square - 40.0)) * (1.0 - tail) * factor * expMinus40;
    }

    /// <summary>erfc x for x ≥ 0.</summary>
    private static double ErfcRight(double x) => x > 28.0 ? 0.0 : GaussianTimes(x, 1.0, ErfcxRight(x));

    /// <summary>Φ(x) for x ≤ 0. The Gaussian is taken of x itself: rounding x/√2 first would be magnified x² times.</summary>
    private static double NdtrLeft(double x) => x < -39.0 ? 0.0 : GaussianTimes(x, 0.5, 0.5 * ErfcxRight(-x * InverseSqrt2));

    /// <summary>
    /// e^(x²) erfc x for x ≥ 0: a function of t = 2/(2 + x) that is smooth up to and including infinity
    /// (the variable follows J. L. Schonfelder, Math. Comp. 32, 1978).
    /// </summary>
    private static double ErfcxRight(double x)
    {
        if (x > 1e8) return 1.0 / SqrtPi / x;
        var t = 2.0 / (2.0 + x);
        return Piecewise(ErfcxOfTBreaks, ErfcxOfT, ErfcxOfTStride, t) / (2.0 + x);
    }

    /// <summary>The y ≥ 0 with erfc y = q, 0 &lt; q ≤ ½: nearly v = √(-ln q), so the quotient y/v is tabulated over 1/(1 + v).</summary>
    private static double ErfcInvSmall(double q)
    {
        var v = Math.Sqrt(-Math.Log(q));
        return v * Piecewise(ErfcInvTailBreaks, ErfcInvTail, ErfcInvTailStride, 1.0 / (1.0 + v));
    }
}

using System;

namespace DiffLib.Kernels;

public static partial class SpecialFunctions
{
    private const double BesselSeriesUpTo = 8.0;

    /// <summary>The modified Bessel function of the first kind of order 0, I₀(x).</summary>
    /// <param name="x">Any number; +∞ beyond ±713.98.</param>
    /// <returns>A number ≥ 1.</returns>
    public static double I0(double x)
    {
        x = Math.Abs(x);
        return x <= BesselSeriesUpTo ? Polynomial(I0Series, 0.25 * x * x) : TimesExp(x, I0eLarge(x));
    }

    /// <summary>e^(-|x|) I₀(x), which does not overflow.</summary>
    /// <param name="x">Any number; ±∞ gives 0.</param>
    /// <returns>A number in [0, 1], about 1/√(2π|x|) far out.</returns>
    public static double I0e(double x)
    {
        x = Math.Abs(x);
        return x <= BesselSeriesUpTo ? Math.Exp(-x) * Polynomial(I0Series, 0.25 * x * x) : I0eLarge(x);
    }

    /// <summary>The modified Bessel function of the first kind of order 1, I₁(x).</summary>
    /// <param name="x">Any number; ±∞ beyond ±713.99.</param>
    /// <returns>An odd function of x.</returns>
    public static double I1(double x)
    {
        var a = Math.Abs(x);
        return a <= BesselSeriesUpTo ? 0.5 * x * Polynomial(I1Series, 0.25 * x * x) : Math.CopySign(TimesExp(a, I1eLarge(a)), x);
    }

    /// <summary>e^(-|x|) I₁(x), which does not overflow.</summary>
    /// <param name="x">Any number; ±∞ gives ±0.</param>
    /// <returns>An odd function of x with values in (-0.22, 0.22).</returns>
    public static double I1e(double x)
    {
        var a = Math.Abs(x);
        return a <= BesselSeriesUpTo ? 0.5 * x * Math.Exp(-a) * Polynomial(I1Series, 0.25 * x * x) : Math.CopySign(I1eLarge(a), x);
    }

    /// <summary>√x e⁻ˣ I₀(x) is smooth in 1/x up to and including infinity (DLMF 10.40.1).</summary>
    private static double I0eLarge(double x) => Piecewise(I0eTailBreaks, I0eTail, I0eTailStride, 1.0 / x) / Math.Sqrt(x);

    private static double I1eLarge(double x) => Piecewise(I1eTailBreaks, I1eTail, I1eTailStride, 1.0 / x) / Math.Sqrt(x);

    /// <summary>factor·eˣ where eˣ alone may overflow.</summary>
    private static double TimesExp(double x, double factor)
    {
        if (x < 700.0) return factor * Math.Exp(x);
        if (x > 720.0) return double.IsNaN(x) ? x : double.PositiveInfinity;
        var half = Math.Exp(0.5 * x);
        return factor * half * half;
    }
}

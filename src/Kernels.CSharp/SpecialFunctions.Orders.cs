using System;

namespace DiffLib.Kernels;

/// <summary>Families indexed by a whole number, whose derivatives lead to the neighbouring members.</summary>
public static partial class SpecialFunctions
{
    /// <summary>The n-th derivative of the normalised sinc, sin(πx)/(πx).</summary>
    public static double SincDerivative(int n, double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        return Math.Pow(Math.PI, n) * UnnormalisedSincDerivative(n, x);
    }

    /// <summary>The n-th derivative of sin(t)/t at t = πx, the integral of uⁿ cos(tu + nπ/2) over u from 0 to 1.
    /// Upwards by t·Sₙ = sin⁽ⁿ⁾(t) - n·Sₙ₋₁ where t is beyond n, which would amplify rounding below; there by the power series.</summary>
    private static double UnnormalisedSincDerivative(int n, double x)
    {
        var t = Math.PI * x;
        if (double.IsInfinity(t)) return 0;
        if (Math.Abs(t) <= n + 1.0) return SincSeries(n, t);

        var (sin, cos) = (SinPi(x), SinPi(0.5 - Math.Abs(x)));
        var s = sin / t;
        for (var k = 1; k <= n; k++)
        {
            var turned = (k & 3) switch { 0 => sin, 1 => cos, 2 => -sin, _ => -cos };
            s = (turned - (k * s)) / t;
        }

        return s;
    }

    /// <summary>Σ ± tᵐ/(m! (m + n + 1)) over m of n's parity; the sign is that of cos((m + n)π/2).</summary>
    private static double SincSeries(int n, double t)
    {
        var m = n & 1;
        var power = m == 0 ? 1.0 : t;
        var sum = 0.0;
        while (true)
        {
            var term = power / (m + n + 1);
            sum += (((m + n) >> 1) & 1) == 0 ? term : -term;
            if (Math.Abs(term) <= 1e-18 * Math.Abs(sum) || power == 0) return sum;
            power *= t * t / ((m + 1.0) * (m + 2.0));
            m += 2;
        }
    }

    /// <summary>The modified Bessel function of the first kind, Iₙ(x), for whole n (I₋ₙ = Iₙ).</summary>
    public static double BesselI(int n, double x) => BesselI(n, x, scaled: false);

    /// <summary>e^(-|x|) Iₙ(x), which neither overflows nor underflows early.</summary>
    public static double BesselIe(int n, double x) => BesselI(n, x, scaled: true);

    private static double BesselI(int n, double x, bool scaled)
    {
        n = Math.Abs(n);
        var z = Math.Abs(x);
        var sign = x < 0 && (n & 1) == 1 ? -1 : 1;
        var (i0, i1) = scaled ? (I0e(z), I1e(z)) : (I0(z), I1(z));
        if (n == 0 || double.IsNaN(x)) return n == 0 ? i0 : x;
        if (n == 1) return sign * i1;
        if (double.IsInfinity(z)) return scaled ? 0 : sign * z;
        if (double.IsInfinity(i0)) return BesselI(n, x, scaled: true) * Math.Exp(0.5 * z) * Math.Exp(0.5 * z); // higher orders overflow later
        return sign * (z > 10 + (n * (double)n) ? BesselUpwards(n, z, i0, i1) : i0 * BesselRatios(n, z));
    }

    /// <summary>Iₖ₊₁ = Iₖ₋₁ - (2k/x) Iₖ: harmless where x is far beyond n², since neighbours differ little there.</summary>
    private static double BesselUpwards(int n, double x, double before, double now)
    {
        for (var k = 1; k < n; k++) (before, now) = (now, before - (2.0 * k / x * now));
        return now;
    }

    /// <summary>Iₙ/I₀ from the ratios Iₖ/Iₖ₋₁ = 1/(2k/x + Iₖ₊₁/Iₖ), downwards from far out, where the ratio is forgotten (all terms positive).</summary>
    private static double BesselRatios(int n, double x)
    {
        if (x == 0) return 0;
        var start = n + 30 + (int)(1.5 * x) + (int)Math.Sqrt(40.0 * x);
        var (ratio, product) = (0.0, 1.0);
        for (var k = start; k >= 1; k--)
        {
            ratio = 1 / ((2.0 * k / x) + ratio);
            if (k <= n) product *= ratio;
        }

        return product;
    }
}

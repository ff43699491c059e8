using System;

namespace DiffLib.Kernels;

/// <summary>Families indexed by a whole number, whose derivatives lead to the neighbouring members.</summary>
public static partial class SpecialFunctions
{
    /// <summary>πⁿ/(n + 1), the scale of the n-th derivative, is beyond the largest number long before.</summary>
    private const int MostDerivatives = 1300;

    /// <summary>The n-th derivative of the normalised sinc, sin(πx)/(πx).</summary>
    /// <param name="n">The order, at least 0. Orders above 1300, of which hardly any value is a finite number, give NaN.</param>
    /// <param name="x">Any number; ±∞ gives 0.</param>
    /// <returns>The derivative, with an error of a few units in the last place of πⁿ/(n + 1), and n times that of π.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is negative.</exception>
    public static double SincDerivative(int n, double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (n > MostDerivatives) return double.NaN;
        var (s, half) = (UnnormalisedSincDerivative(n, x), n / 2);
        return s == 0 ? s : Math.Pow(Math.PI, half) * s * Math.Pow(Math.PI, n - half);
    }

    /// <summary>The n-th derivative of sin(t)/t at t = πx, the integral Sₙ of uⁿ cos(tu + nπ/2) over u from 0 to 1. By parts, t·Sₙ = sin⁽ⁿ⁾(t) - n·Sₙ₋₁: upwards where t is beyond n,
    /// which would amplify rounding below; there downwards from far out, where the start is forgotten.</summary>
    private static double UnnormalisedSincDerivative(int n, double x)
    {
        var t = Math.PI * x;
        if (double.IsInfinity(t)) return 0;
        var (sin, cos) = (SinPi(x), SinPi(0.5 - Math.Abs(x)));
        double Turned(int k) => (k & 3) switch { 0 => sin, 1 => cos, 2 => -sin, _ => -cos };
        if (Math.Abs(t) <= n + 1.0)
        {
            var s = 0.0;
            // (n + 1)/(n + 1) · (n + 1)/(n + 2) · ... falls below rounding by then
            for (var k = n + 40 + (int)Math.Sqrt(90.0 * n); k > n; k--) s = (Turned(k) - (t * s)) / k;
            return s;
        }

        var up = sin / t;
        for (var k = 1; k <= n; k++) up = (Turned(k) - (k * up)) / t;
        return up;
    }

    /// <summary>The modified Bessel function of the first kind, Iₙ(x), for whole n (I₋ₙ = Iₙ).</summary>
    public static double BesselI(int n, double x) => BesselI(Math.Abs((double)n), x, scaled: false);

    /// <summary>e^(-|x|) Iₙ(x), which neither overflows nor underflows early.</summary>
    public static double BesselIe(int n, double x) => BesselI(Math.Abs((double)n), x, scaled: true);

    private static double BesselI(double n, double x, bool scaled)
    {
        var z = Math.Abs(x);
        var sign = x < 0 && n % 2 == 1 ? -1 : 1;
        if (n >= DebyeFrom) return double.IsNaN(x) ? x : sign * BesselByDebye(n, z, scaled);
        var (i0, i1) = scaled ? (I0e(z), I1e(z)) : (I0(z), I1(z));
        if (n == 0 || double.IsNaN(x)) return n == 0 ? i0 : x;
        if (n == 1) return sign * i1;
        if (double.IsInfinity(z)) return scaled ? 0 : sign * z;
        if (double.IsInfinity(i0)) return BesselI(n, x, scaled: true) * Math.Exp(0.5 * z) * Math.Exp(0.5 * z); // higher orders overflow later
        return sign * (z > 10 + (n * n) ? BesselUpwards((int)n, z, i0, i1) : i0 * BesselRatios((int)n, z));
    }

    private const double DebyeFrom = 100;

    /// <summary>Large orders, uniformly in x ≥ 0: DLMF 10.41.3 with z = x/n, where η = √(1 + z²) - asinh(1/z); scaled, √(1 + z²) - z is 1/(√(1 + z²) + z). Below the rounding of the exponent
    /// (about 1e-16 times its size) seven terms leave nothing.</summary>
    private static double BesselByDebye(double n, double x, bool scaled)
    {
        if (double.IsInfinity(x)) return scaled ? 0 : x;
        var z = x / n;
        var root = z < 1e8 ? Math.Sqrt(1 + (z * z)) : z;
        var p = 1 / root;
        var exponent = n * ((scaled ? 1 / (root + z) : root) - Math.Asinh(1 / z));
        double sum = 1, power = 1;
        for (int k = 1, row = 0; k <= DebyeOrders; row += ++k)
        {
            power *= p / n;
            sum += power * Polynomial(Debye.Slice(row, k + 1), p * p);
        }

        // the exponential alone may overflow where the product does not
        var half = Math.Exp(0.5 * exponent);
        return half * (sum / (Math.Sqrt(2 * Math.PI * n) * Math.Sqrt(root))) * half;
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

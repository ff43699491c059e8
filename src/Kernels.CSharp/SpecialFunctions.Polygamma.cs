using System;

namespace DiffLib.Kernels;

public static partial class SpecialFunctions
{
    /// <summary>ψ(x) = Γ'(x)/Γ(x), the derivative of <see cref="Lgamma"/>.</summary>
    /// <param name="x">Any number; +0 gives -∞ and -0 gives +∞, the negative integers and -∞ give NaN, +∞ gives +∞.</param>
    /// <returns>ψ(x), accurate relative to its value also at its positive zero 1.4616...</returns>
    public static double Digamma(double x)
    {
        if (x == 0.0) return -1.0 / x;
        if (x < 0.0)
        {
            if (x == Math.Floor(x)) return double.NaN;
            return x > -1e-17 ? -1.0 / x : Digamma(1.0 - x) - Math.PI * CotPi(x);
        }
        if (x >= StirlingFrom) return DigammaAsymptotic(x);
        if (x < 1.0) return DigammaMiddle(1.0 + x) - 1.0 / x;
        return double.IsNaN(x) ? x : DigammaMiddle(x);
    }

    /// <summary>ψ′(x), the derivative of <see cref="Digamma"/>.</summary>
    /// <param name="x">Any number; +∞ at the poles 0, -1, -2, ...; +∞ gives 0, -∞ gives NaN.</param>
    /// <returns>A positive number.</returns>
    public static double Trigamma(double x)
    {
        if (x <= 0.0)
        {
            if (double.IsInfinity(x)) return double.NaN;
            if (x == Math.Floor(x)) return double.PositiveInfinity;
            var s = Math.PI / SinPi(x);
            return s * s - Trigamma(1.0 - x);
        }
        var near = 0.0;
        for (; x < StirlingFrom; x += 1.0)
        {
            near += 1.0 / (x * x);
            if (double.IsInfinity(near)) return near;
        }
        // DLMF 5.15.8.
        var inverse = 1.0 / x;
        var square = inverse * inverse;
        return near + inverse + 0.5 * square + Polynomial(TrigammaTail, square) * square * inverse;
    }

    /// <summary>The polygamma function ψ⁽ⁿ⁾(x), the n-th derivative of <see cref="Digamma"/>.</summary>
    /// <param name="n">The order, at least 0.</param>
    /// <param name="x">Any number. At the poles 0, -1, -2, ...: +∞ for odd n; for even n -∞ at +0, +∞ at -0 and NaN at the negative integers,
    /// where the two sides differ.</param>
    /// <returns>ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹ n! ζ(n + 1, x) (DLMF 25.11.12). Orders above 170 go through logarithms: relative error about n·1e-16.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is negative.</exception>
    public static double Polygamma(int n, double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (n == 0) return Digamma(x);
        if (n == 1) return Trigamma(x);
        if (double.IsNaN(x) || double.IsNegativeInfinity(x)) return double.NaN;
        if (double.IsPositiveInfinity(x)) return n % 2 == 0 ? -0.0 : 0.0;
        var sign = n % 2 == 0 ? -1.0 : 1.0;
        if (x > 0.0) return sign * PolygammaSize(n, x);
        if (x == Math.Floor(x))
        {
            if (n % 2 == 1) return double.PositiveInfinity;
            return x == 0.0 ? -1.0 / x : double.NaN;
        }
        return sign * (n <= 170 ? Factorials[n] : double.PositiveInfinity) * ReciprocalPowersFromNegative(n + 1, x);
    }

    /// <summary>The Hurwitz zeta function ζ(s, q) = Σ (q + k)⁻ˢ over k ≥ 0.</summary>
    /// <param name="s">The exponent; 1 gives +∞, below 1 NaN.</param>
    /// <param name="q">Positive. At 0 and the negative integers +∞; at other negative numbers the sum itself where s is a whole number, else NaN.</param>
    /// <returns>ζ(s, q).</returns>
    public static double Zeta(double s, double q)
    {
        if (double.IsNaN(s) || double.IsNaN(q) || s < 1.0) return double.NaN;
        if (s == 1.0) return double.PositiveInfinity;
        if (q <= 0.0)
        {
            if (double.IsInfinity(q)) return double.NaN;
            if (q == Math.Floor(q)) return double.PositiveInfinity;
            return s == Math.Floor(s) ? ReciprocalPowersFromNegative(s, q) : double.NaN;
        }
        if (double.IsInfinity(q)) return 0.0;
        if (double.IsInfinity(s)) return q > 1.0 ? 0.0 : q == 1.0 ? 1.0 : double.PositiveInfinity;
        return Math.Pow(q, -s) * ZetaScaled(s, q);
    }

    /// <summary>ψ on [1, 10.5): a smooth function times the distance to the zero, which is known to twice the precision.</summary>
    private static double DigammaMiddle(double x) =>
        (x - DigammaZero - DigammaZeroTail) * Piecewise(DigammaMidBreaks, DigammaMid, DigammaMidStride, x);

    /// <summary>DLMF 5.11.2.</summary>
    private static double DigammaAsymptotic(double x)
    {
        if (x > 1e17) return Math.Log(x);
        var square = 1.0 / (x * x);
        return Math.Log(x) - 0.5 / x - square * Polynomial(DigammaTail, square);
    }

    /// <summary>n! ζ(n + 1, x) for x &gt; 0, the power of x taken in two halves so that it neither overflows nor vanishes before n! meets it.</summary>
    private static double PolygammaSize(int n, double x)
    {
        var s = n + 1.0;
        var zeta = ZetaScaled(s, x);
        if (n > 170) return Math.Exp(Lgamma(s) - s * Math.Log(x) + Math.Log(zeta));
        var half = Math.Pow(x, -0.5 * s);
        return Factorials[n] * half * zeta * half;
    }

    /// <summary>
    /// qˢ ζ(s, q) for s &gt; 1, q &gt; 0, by the Euler-Maclaurin formula (DLMF 25.11.28 and 2.10.1): terms up to a = q + N, then the tail of the integral.
    /// </summary>
    private static double ZetaScaled(double s, double q)
    {
        var until = Math.Max(12.0, s);
        double sum = 0.0, a = q, term = 1.0;
        for (; a < until; a += 1.0)
        {
            sum += term;
            term = Math.Pow(q / (a + 1.0), s);
            if (term < 1e-19 * sum) return sum;
        }
        // Here term = (q/a)ˢ.
        var tail = a / (s - 1.0) + 0.5;
        var factor = s / a;
        for (var j = 0; j < ZetaTail.Length; j++)
        {
            var step = ZetaTail[j] * factor;
            tail += step;
            if (Math.Abs(step) < 1e-18 * tail) break;
            factor *= (s + 2 * j + 1.0) * (s + 2 * j + 2.0) / (a * a);
        }
        return sum + term * tail;
    }

    /// <summary>
    /// Σ (x + k)⁻ˢ over k ≥ 0 for whole s and negative non-integer x: the sum over all integers, which depends only on the distance m to the nearest
    /// integer, less the part left of x. For odd s the terms at m and 1 - m are paired, so that they cancel exactly at half-integers.
    /// </summary>
    private static double ReciprocalPowersFromNegative(double s, double x)
    {
        var r = Math.IEEERemainder(x, 1.0);
        var m = Math.Abs(r);
        var parity = s % 2.0 == 0.0 ? 1.0 : -1.0;
        var all = (Math.Pow(m, -s) + parity * Math.Pow(1.0 - m, -s)) + (Zeta(s, 1.0 + m) + parity * Zeta(s, 2.0 - m));
        return (r < 0.0 ? parity : 1.0) * all - parity * Zeta(s, 1.0 - x);
    }
}

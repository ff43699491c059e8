using System;

namespace DiffLib.Kernels;

public static partial class SpecialFunctions
{
    private const double GammaOverflow = 171.6243769563027;
    private const double StirlingFrom = 10.0;

    /// <summary>The gamma function Γ(x); exactly rounded factorials at the positive integers.</summary>
    /// <param name="x">Any number; ±0 gives ±∞, the negative integers and -∞ give NaN, above 171.62 the result is +∞.</param>
    /// <returns>Γ(x).</returns>
    public static double Gamma(double x)
    {
        if (x == 0.0) return 1.0 / x;
        if (x < 0.0) return GammaNegative(-x);
        if (x > GammaOverflow) return double.PositiveInfinity;
        if (x <= 171.0 && x == Math.Floor(x)) return Factorials[(int)x - 1];
        if (x < 1.0) return GammaMiddle(1.0 + x) / x;
        if (x <= 12.0) return GammaMiddle(x);
        var (high, low) = GammaFactors(x);
        return high * low;
    }

    /// <summary>ln |Γ(x)|.</summary>
    /// <param name="x">Any number; the poles 0, -1, -2, ... and ±∞ give +∞.</param>
    /// <returns>The logarithm; exactly 0 at 1 and 2.</returns>
    public static double Lgamma(double x)
    {
        if (double.IsInfinity(x)) return double.PositiveInfinity;
        if (x >= StirlingFrom) return LgammaStirling(x);
        if (x >= 1.0) return (x - 1.0) * (x - 2.0) * LgammaReduced(x);
        if (x >= 0.5) return LgammaOnePlus(x) - Log1p(x - 1.0);
        if (x > 0.0) return LgammaOnePlus(x) - Math.Log(x);
        if (double.IsNaN(x)) return x;
        return x == Math.Floor(x) ? double.PositiveInfinity : LgammaNegative(-x);
    }

    /// <summary>The beta function B(a, b) = Γ(a)Γ(b)/Γ(a + b).</summary>
    /// <param name="a">Any number; the poles of Γ(a) give what the quotient gives.</param>
    /// <param name="b">Any number.</param>
    /// <returns>B(a, b). Where a + b is 100 or more it is the exponential of the logarithm: relative error about |ln B|·1e-16.</returns>
    public static double Beta(double a, double b)
    {
        var sum = a + b;
        if (!(a > 0.0 && b > 0.0)) return Gamma(a) * Gamma(b) / Gamma(sum);
        if (sum >= 100.0 || Math.Min(a, b) < 1e-100) return Math.Exp(LogBeta(a, b));
        // Γ magnifies the rounding of a + b, which is known exactly (Knuth's two-sum), so its first-order effect is taken out.
        var bRounded = sum - a;
        var lost = (a - (sum - bRounded)) + (b - bRounded);
        return Gamma(a) / Gamma(sum) * Gamma(b) * (1.0 - lost * Digamma(sum));
    }

    /// <summary>ln |B(a, b)|, without cancellation between large terms for positive arguments.</summary>
    /// <param name="a">Any number; +∞ for a = 0, -∞ for a = +∞ against positive b.</param>
    /// <param name="b">Any number.</param>
    /// <returns>The logarithm. Large arguments: the Stirling series of the three gamma functions, combined before subtraction
    /// (A. R. DiDonato and A. H. Morris, ACM TOMS 18, 1992, section 3).</returns>
    public static double LogBeta(double a, double b)
    {
        if (a > b) (a, b) = (b, a);
        if (double.IsNaN(a) || double.IsNaN(b)) return double.NaN;
        if (a == 0.0) return double.IsInfinity(b) ? double.NaN : double.PositiveInfinity;
        if (!(a > 0.0) || b < StirlingFrom) return Lgamma(a) + (Lgamma(b) - Lgamma(a + b));
        if (double.IsInfinity(b)) return double.NegativeInfinity;
        var corrections = StirlingError(b) - StirlingError(a + b);
        var h = a / b;
        if (a < StirlingFrom)
            return Lgamma(a) + corrections - (a + b - 0.5) * Log1p(h) + a - a * Math.Log(b);
        return -0.5 * Math.Log(b) + HalfLogTwoPi + StirlingError(a) + corrections + (a - 0.5) * Math.Log(h / (1.0 + h)) - b * Log1p(h);
    }

    /// <summary>ln Γ(1 + z) for 0 ≤ z &lt; 1, accurate relative to its value also at z near 0 and 1.</summary>
    private static double LgammaOnePlus(double z) => z * (z - 1.0) * LgammaReduced(1.0 + z);

    /// <summary>lgamma(x)/((x - 1)(x - 2)) on [1, 10.5], smooth through both zeros.</summary>
    private static double LgammaReduced(double x) => Piecewise(LgammaMidBreaks, LgammaMid, LgammaMidStride, x);

    private static double LgammaStirling(double x) => (x - 0.5) * (Math.Log(x) - 1.0) + (HalfLogTwoPi - 0.5) + StirlingError(x);

    /// <summary>lgamma(-a), a &gt; 0 no integer, by reflection.</summary>
    private static double LgammaNegative(double a) =>
        a < 1e-17 ? -Math.Log(a) : Math.Log(Math.PI / (a * Math.Abs(SinPi(a)))) - Lgamma(a);

    /// <summary>ln Γ(x) - [(x - ½) ln x - x + ½ ln 2π], x ≥ 10: the tail of Stirling's series (DLMF 5.11.1).</summary>
    private static double StirlingError(double x) => x > 1e17 ? 0.0 : Polynomial(StirlingTail, 1.0 / (x * x)) / x;

    /// <summary>Γ on [1, 12]: a table on [1, 2], and the recurrence, whose steps down are exact.</summary>
    private static double GammaMiddle(double x)
    {
        var product = 1.0;
        while (x > 2.0)
        {
            x -= 1.0;
            product *= x;
        }
        return product * Piecewise(GammaMidBreaks, GammaMid, GammaMidStride, x);
    }

    /// <summary>Γ(x) for x &gt; 12 by Stirling's formula, in two factors, each far from overflow.</summary>
    private static (double High, double Low) GammaFactors(double x)
    {
        var half = Math.Pow(x, 0.5 * x - 0.25);
        return (half, half * Math.Exp(-x) * SqrtTwoPi * Math.Exp(StirlingError(x)));
    }

    /// <summary>Γ(-a) = -π/(a sin(πa) Γ(a)), a &gt; 0.</summary>
    private static double GammaNegative(double a)
    {
        if (a == Math.Floor(a)) return double.NaN;
        if (a < 1e-17) return -1.0 / a;
        if (a > 190.0) return Math.CopySign(0.0, -SinPi(a));
        var reflection = -Math.PI / (a * SinPi(a));
        if (a <= 12.0) return reflection / Gamma(a);
        var (high, low) = GammaFactors(a);
        return reflection / low / high;
    }
}

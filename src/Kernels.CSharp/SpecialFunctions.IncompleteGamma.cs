using System;

namespace DiffLib.Kernels;

public static partial class SpecialFunctions
{
    private const int MaximumTerms = 100_000;

    /// <summary>The regularised lower incomplete gamma function P(a, x) = 1/Γ(a) ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt.</summary>
    /// <param name="a">The shape, ≥ 0 (NaN below); 0 gives 1 for positive x, +∞ gives 0 for finite x.</param>
    /// <param name="x">The upper limit, ≥ 0 (NaN below); 0 gives 0, +∞ gives 1. NaN where both are 0 or both infinite.</param>
    /// <returns>A probability, accurate relative to its value while it is below ½. Error: at most a few 1e-15, growing to about 1e-13 where the value
    /// nears the smallest numbers.</returns>
    public static double Igamma(double a, double x)
    {
        if (IncompleteGammaAtTheBorder(a, x) is { } known) return known;
        if (InTransition(a, x)) return Transition(a, x, upper: false);
        return ContinuedFractionServes(a, x) ? 1.0 - UpperByContinuedFraction(a, x) : LowerBySeries(a, x);
    }

    /// <summary>The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x), accurate where it is small.</summary>
    /// <param name="a">The shape, ≥ 0 (NaN below); 0 gives 0 for positive x, +∞ gives 1 for finite x.</param>
    /// <param name="x">The lower limit, ≥ 0 (NaN below); 0 gives 1, +∞ gives 0. NaN where both are 0 or both infinite.</param>
    /// <returns>A probability, accurate relative to its value while it is below ½; see <see cref="Igamma"/>.</returns>
    public static double Igammac(double a, double x)
    {
        if (IncompleteGammaAtTheBorder(a, x) is { } known) return 1.0 - known;
        if (InTransition(a, x)) return Transition(a, x, upper: true);
        if (ContinuedFractionServes(a, x)) return UpperByContinuedFraction(a, x);
        var lower = LowerBySeries(a, x);
        return lower <= 0.7 ? 1.0 - lower : UpperForSmallShape(a, x);
    }

    /// <summary>∂P(a, x)/∂a, the derivative of <see cref="Igamma"/> in its shape; that of <see cref="Igammac"/> is its negative.</summary>
    /// <param name="a">The shape, ≥ 0 (NaN below). At 0 the limit, -E₁(x).</param>
    /// <param name="x">The limit of integration, ≥ 0 (NaN below); 0 and +∞ give 0. NaN where both are 0 or both infinite.</param>
    /// <returns>A number ≤ 0: the series, the continued fraction and the asymptotic expansion behind <see cref="Igamma"/>, each
    /// differentiated term by term. Relative error: at most about 1e-14, growing with that of <see cref="Igamma"/> in the far tails.</returns>
    public static double IgammaDerivativeA(double a, double x)
    {
        if (a != 0.0 || !(x > 0.0) || double.IsInfinity(x))
        {
            if (IncompleteGammaAtTheBorder(a, x) is { } known) return double.IsNaN(known) ? known : 0.0;
        }
        if (InTransition(a, x)) return TransitionSlope(a, x);
        return ContinuedFractionServes(a, x) ? -UpperSlopeByContinuedFraction(a, x) : LowerSlopeBySeries(a, x);
    }

    private static double? IncompleteGammaAtTheBorder(double a, double x)
    {
        if (!(a >= 0.0) || !(x >= 0.0)) return double.NaN;
        if (a == 0.0) return x > 0.0 ? 1.0 : double.NaN;
        if (x == 0.0) return 0.0;
        if (double.IsInfinity(a)) return double.IsInfinity(x) ? double.NaN : 0.0;
        return double.IsInfinity(x) ? 1.0 : null;
    }

    /// <summary>Large shape and x near it, where series and fraction need of the order of √a terms.</summary>
    private static bool InTransition(double a, double x) => a >= 64.0 && Math.Abs(x - a) <= 0.3 * a;

    private static bool ContinuedFractionServes(double a, double x) => x > 1.1 && x >= a;

    /// <summary>xᵃ e⁻ˣ/Γ(a + 1): for moderate arguments from powers, halved against overflow; else from logarithms that do not cancel.</summary>
    private static double Density(double a, double x)
    {
        if (a < 140.0 && x < 2000.0)
        {
            var half = Math.Pow(x, 0.5 * a) * Math.Exp(-0.5 * x);
            return half / Gamma(a + 1.0) * half;
        }
        if (a < StirlingFrom) return 0.0;
        return Math.Exp(-HalfEtaSquared(a, x) * a - StirlingError(a)) / (SqrtTwoPi * Math.Sqrt(a));
    }

    /// <summary>ln(meanᵏ e^(-mean)/k!) for whole k ≥ 0 and positive mean, without cancellation between large terms (C. Loader, 2000).</summary>
    internal static double LogPoisson(double k, double mean) =>
        k < StirlingFrom
            ? k * Math.Log(mean) - mean - Lgamma(k + 1.0)
            : -k * HalfEtaSquared(k, mean) - StirlingError(k) - 0.5 * Math.Log(k) - HalfLogTwoPi;

    /// <summary>λ - 1 - ln λ for λ = x/a, which is η²/2 in the notation of DLMF 8.12.</summary>
    private static double HalfEtaSquared(double a, double x)
    {
        var mu = (x - a) / a;
        return Math.Abs(mu) <= 0.5 ? -Log1pMinusX(mu) : mu - (Math.Log(x) - Math.Log(a));
    }

    /// <summary>DLMF 8.11.4: P = xᵃ e⁻ˣ/Γ(a + 1) · Σ xⁿ/(a + 1)ₙ, all terms positive.</summary>
    private static double LowerBySeries(double a, double x)
    {
        double term = 1.0, sum = 1.0;
        for (var n = 1; n < MaximumTerms && term > 0.1 * MachineEpsilon * sum; n++)
        {
            term *= x / (a + n);
            sum += term;
        }
        return Math.Min(1.0, Density(a, x) * sum);
    }

    /// <summary>The same series, each term times ln x - ψ(a + n + 1).</summary>
    private static double LowerSlopeBySeries(double a, double x)
    {
        var slope = Math.Log(x) - Digamma(a + 1.0);
        double term = 1.0, sum = slope;
        for (var n = 1; n < MaximumTerms && term > 0.01 * MachineEpsilon; n++)
        {
            slope -= 1.0 / (a + n);
            term *= x / (a + n);
            sum += term * slope;
        }
        return Density(a, x) * sum;
    }

    /// <summary>
    /// Q for small a and x ≤ 1.1, where 1 - P would cancel: [1 - xᵃ/Γ(1 + a)] and the alternating series of DLMF 8.7.1 without its first term.
    /// </summary>
    private static double UpperForSmallShape(double a, double x)
    {
        var logPower = a * Math.Log(x) - LgammaOnePlus(a);
        double term = 1.0, sum = 0.0;
        for (var n = 1; Math.Abs(term) > 0.01 * MachineEpsilon; n++)
        {
            term *= -x / n;
            sum += term / (a + n);
        }
        return -Expm1(logPower) - Math.Exp(logPower) * a * sum;
    }

    /// <summary>DLMF 8.9.2 in its even form, by Lentz's method as modified by Thompson and Barnett (1986); Q = Density·a·h.</summary>
    private static double UpperByContinuedFraction(double a, double x)
    {
        var b = x + 1.0 - a;
        double c = double.PositiveInfinity, d = 1.0 / b, h = d;
        for (var n = 1; n < MaximumTerms; n++)
        {
            var numerator = -n * (n - a);
            b += 2.0;
            d = 1.0 / NotZero(numerator * d + b);
            c = NotZero(b + numerator / c);
            var factor = c * d;
            h *= factor;
            if (Math.Abs(factor - 1.0) < MachineEpsilon) break;
        }
        return Density(a, x) * a * h;
    }

    /// <summary>∂Q/∂a: the fraction above with every quantity carrying its derivative in a.</summary>
    private static double UpperSlopeByContinuedFraction(double a, double x)
    {
        var b = x + 1.0 - a;
        double c = double.PositiveInfinity, dc = 0.0, d = 1.0 / b, dd = d * d, h = d, dh = dd;
        for (var n = 1; n < MaximumTerms; n++)
        {
            var numerator = -n * (n - a);
            b += 2.0;
            dc = n / c - numerator * dc / (c * c) - 1.0;
            c = NotZero(b + numerator / c);
            dd = n * d + numerator * dd - 1.0;
            d = 1.0 / NotZero(numerator * d + b);
            dd *= -d * d;
            var factor = c * d;
            var dfactor = dc * d + c * dd;
            dh = dh * factor + h * dfactor;
            h *= factor;
            if (Math.Abs(factor - 1.0) < MachineEpsilon && Math.Abs(h * dfactor) <= MachineEpsilon * Math.Abs(dh)) break;
        }
        return Density(a, x) * (h + a * (dh + h * (Math.Log(x) - Digamma(a + 1.0))));
    }

    private static double NotZero(double x) => Math.Abs(x) < 1e-300 ? 1e-300 : x;

    /// <summary>
    /// Temme's uniform expansion, DLMF 8.12.3-8.12.7: Q = ½ erfc(η√(a/2)) + S and P = ½ erfc(-η√(a/2)) - S,
    /// S = e^(-aη²/2)/√(2πa) · Σ cₖ(η) a⁻ᵏ.
    /// </summary>
    private static double Transition(double a, double x, bool upper)
    {
        var half = HalfEtaSquared(a, x);
        var eta = Math.CopySign(Math.Sqrt(2.0 * half), x - a);
        var (sum, _, _) = TemmeSum(a, eta);
        var gaussian = Math.Exp(-a * half);
        var rest = gaussian / (SqrtTwoPi * Math.Sqrt(a)) * sum;
        var y = Math.Abs(eta) * Math.Sqrt(0.5 * a);
        // The tail probability on the near side of η, and its complement on the other.
        var tail = 0.5 * gaussian * ErfcxRight(y) + (eta >= 0.0 ? rest : -rest);
        return upper == eta >= 0.0 ? tail : 1.0 - tail;
    }

    /// <summary>∂P/∂a of the expansion. With λ = x/a: ∂η/∂a = (1 - λ)/(aη) and ∂(aη²/2)/∂a = -ln λ.</summary>
    private static double TransitionSlope(double a, double x)
    {
        var mu = (x - a) / a;
        var half = HalfEtaSquared(a, x);
        var eta = Math.CopySign(Math.Sqrt(2.0 * half), mu);
        var etaSlope = Math.Abs(eta) < 1e-12 ? -1.0 / a : -mu / (a * eta);
        var root = Math.Sqrt(a);
        var gaussian = Math.Exp(-a * half) / (SqrtTwoPi * root);
        var (sum, sumEta, sumA) = TemmeSum(a, eta);
        var normal = a * etaSlope + 0.5 * eta;
        var rest = sum * (Log1p(mu) - 0.5 / a) + sumEta * etaSlope + sumA;
        return gaussian * (normal - rest);
    }

    /// <summary>Σ cₖ(η) a⁻ᵏ and its partial derivatives in η and in a.</summary>
    private static (double Sum, double ByEta, double ByA) TemmeSum(double a, double eta)
    {
        double sum = 0.0, byEta = 0.0, byA = 0.0, power = 1.0;
        for (var k = 0; k < TemmeOrders && power > 1e-22; k++)
        {
            var row = Temme.Slice(k * TemmeLength, TemmeLength);
            double c = row[^1], dc = 0.0;
            for (var n = TemmeLength - 2; n >= 0; n--)
            {
                dc = dc * eta + c;
                c = c * eta + row[n];
            }
            sum += c * power;
            byEta += dc * power;
            byA -= k * c * power / a;
            power /= a;
        }
        return (sum, byEta, byA);
    }
}

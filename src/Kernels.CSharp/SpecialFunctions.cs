using System;

namespace DiffLib.Kernels;

/// <summary>Special functions of float64 arguments, to a few units in the last place unless a member says otherwise.</summary>
/// <remarks>
/// Everywhere: NaN in gives NaN out, and no finite or infinite argument gives NaN unless the member says so. Errors near a zero of a
/// function on the negative axis are small relative to the size of the function around it, not relative to the value.
/// The polynomial tables are our own interpolants, computed with 60 digits by SpecialFunctionsTables.py.
/// </remarks>
public static partial class SpecialFunctions
{
    private const double Sqrt2 = 1.4142135623730951;
    private const double InverseSqrt2 = 0.7071067811865476;
    private const double SqrtPi = 1.772453850905516;
    private const double SqrtTwoPi = 2.5066282746310007;
    private const double HalfLogTwoPi = 0.9189385332046728;
    private const double MachineEpsilon = 2.220446049250313e-16;

    /// <summary>The value at x of a piecewise polynomial table; breaks holds the right ends of the pieces.</summary>
    private static double Piecewise(ReadOnlySpan<double> breaks, ReadOnlySpan<double> table, int stride, double x)
    {
        var piece = 0;
        while (piece < breaks.Length - 1 && x > breaks[piece]) piece++;
        var row = table.Slice(piece * stride, stride);
        return Polynomial(row[2..], (x - row[0]) * row[1]);
    }

    /// <summary>c₀ + c₁x + c₂x² + ...</summary>
    private static double Polynomial(ReadOnlySpan<double> coefficients, double x)
    {
        var sum = coefficients[^1];
        for (var i = coefficients.Length - 2; i >= 0; i--) sum = Math.FusedMultiplyAdd(sum, x, coefficients[i]);
        return sum;
    }

    /// <summary>sin πx; the reduction is exact.</summary>
    private static double SinPi(double x)
    {
        var r = Math.IEEERemainder(x, 2.0);
        if (Math.Abs(r) > 0.5) r = Math.CopySign(1.0 - Math.Abs(r), r);
        return Math.Sin(Math.PI * r);
    }

    /// <summary>cot πx; 0 at half-integers, ±∞ at integers.</summary>
    private static double CotPi(double x)
    {
        var r = Math.IEEERemainder(x, 1.0);
        if (Math.Abs(r) == 0.5) return 0.0;
        // Near ±1/2 the cotangent is the tangent of the (exact) distance to it.
        return Math.Abs(r) < 0.25 ? 1.0 / Math.Tan(Math.PI * r) : Math.CopySign(Math.Tan(Math.PI * (0.5 - Math.Abs(r))), r);
    }

    /// <summary>ln(1 + x): the rounding error of 1 + x cancels in the quotient (W. Kahan; see Goldberg 1991, theorem 4).</summary>
    internal static double Log1p(double x)
    {
        var u = 1.0 + x;
        if (u == 1.0) return x;
        return u < 0.5 || double.IsInfinity(u) ? Math.Log(u) : Math.Log(u) * (x / (u - 1.0));
    }

    /// <summary>eˣ - 1: the rounding error of eˣ cancels in the quotient (W. Kahan).</summary>
    internal static double Expm1(double x)
    {
        var u = Math.Exp(x);
        if (Math.Abs(x) > 1.0) return u - 1.0;
        return u == 1.0 ? x : (u - 1.0) * x / Math.Log(u);
    }

    /// <summary>ln(1 + x) - x without cancellation, x &gt; -1: with r = x/(2 + x) it is 2 artanh r - x = -x r + 2(r³/3 + r⁵/5 + ...).</summary>
    internal static double Log1pMinusX(double x)
    {
        if (Math.Abs(x) > 0.5) return Log1p(x) - x;
        var r = x / (2.0 + x);
        var r2 = r * r;
        double power = r2, sum = 0.0;
        for (var k = 3; power > 1e-19 * r2; k += 2)
        {
            sum += power / k;
            power *= r2;
        }
        return r * (2.0 * sum - x);
    }

    /// <summary>What rounding left out of square = x·x.</summary>
    private static double SquareTail(double x, double square) => Math.FusedMultiplyAdd(x, x, -square);
}

using System;
using System.Globalization;
using System.Linq;

namespace DiffLib.Conformance;

/// <summary>How closely a tensor must agree.</summary>
internal readonly record struct Tolerance(double Relative, double Absolute, bool Strict = false);

/// <summary>Compares a tensor with a recorded one.</summary>
internal static class Comparison
{
    /// <summary>null if they agree, else what is wrong. Where <paramref name="finiteOnly"/>, recorded NaN and infinities bind nothing; where not <paramref name="nanBinds"/>, recorded NaN do not.</summary>
    public static string? Mismatch(Tensor got, Recorded want, Tolerance tolerance, bool anyFloat = false, bool finiteOnly = false, bool nanBinds = true)
    {
        if (!got.Shape.ToArray().AsSpan().SequenceEqual(want.Shape))
            return $"shape {got.Shape}, want [{string.Join(", ", want.Shape)}]";
        if (got.DType != want.DType && !(anyFloat && IsFloat(got.DType) && IsFloat(want.DType)))
            return $"element type {got.DType}, want {want.DType}";

        var values = Numbers(got);
        var largest = want.Data.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        var worst = -1;
        var worstExcess = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            if (finiteOnly && !double.IsFinite(want.Data[i])) continue;
            if (!nanBinds && double.IsNaN(want.Data[i])) continue;
            var excess = Excess(values[i], want.Data[i], largest, tolerance, IsFloat(want.DType));
            if (excess > worstExcess || (double.IsNaN(excess) && worst < 0))
                (worst, worstExcess) = (i, double.IsNaN(excess) ? double.PositiveInfinity : excess);
        }

        return worst < 0 ? null : $"element {worst} of {values.Length}: got {Show(values[worst])}, want {Show(want.Data[worst])}; all: got {Show(values)}, want {Show(want.Data)}";
    }

    /// <summary>0 where two numbers agree, else how far they are apart in units of what is allowed.</summary>
    private static double Excess(double got, double want, double largest, Tolerance tolerance, bool isFloat)
    {
        if (double.IsNaN(want)) return double.IsNaN(got) ? 0 : double.PositiveInfinity;
        if (!double.IsFinite(want) || !double.IsFinite(got) || !isFloat) return got == want ? 0 : double.PositiveInfinity;

        var apart = Math.Abs(got - want);
        var allowed = tolerance.Strict
            ? Math.Max(1e-13 * Math.Abs(want), double.Epsilon)
            : tolerance.Absolute + (tolerance.Relative * largest);
        return apart <= allowed ? 0 : apart / allowed;
    }

    private static bool IsFloat(DType t) => t is DType.Float64 or DType.Float32;

    /// <summary>The elements as doubles.</summary>
    public static double[] Numbers(Tensor x) => x.Value!.Contiguous()!.Cast(DType.Float64)!.Span<double>().ToArray();

    private static string Show(double x) => x.ToString("R", CultureInfo.InvariantCulture);

    private static string Show(double[] xs) =>
        "[" + string.Join(", ", xs.Take(6).Select(Show)) + (xs.Length > 6 ? ", ...]" : "]");
}

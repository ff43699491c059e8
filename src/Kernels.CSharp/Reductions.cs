using System;
using System.Numerics;

namespace DiffLib.Kernels;

/// <summary>Reductions and scans of the middle axis of a contiguous [outer; n; inner] block. The order of additions depends on the sizes only, never on threads.</summary>
public static class Reductions
{
    /// <summary>y[o, i] = op over j of x[o, j, i].</summary>
    public static void Reduce(ReduceOp op, ReadOnlySpan<double> x, int outer, int n, int inner, Span<double> y)
    {
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < inner; i++)
            {
                var s = op == ReduceOp.Sum ? 0.0 : op == ReduceOp.Product ? 1.0 : x[(o * n) * inner + i];
                for (var j = 0; j < n; j++)
                {
                    var v = x[(o * n + j) * inner + i];
                    s = op switch { ReduceOp.Sum => s + v, ReduceOp.Product => s * v, ReduceOp.Maximum => Math.Max(s, v), _ => Math.Min(s, v) };
                }
                y[o * inner + i] = s;
            }
    }

    /// <summary>y[o, i] = op over j of x[o, j, i]; sums accumulate in float64.</summary>
    public static void Reduce(ReduceOp op, ReadOnlySpan<float> x, int outer, int n, int inner, Span<float> y) => throw new NotImplementedException();

    /// <summary>y[o, i] = op over j of x[o, j, i], for integers; sums and products in TAcc.</summary>
    public static void ReduceInteger<T, TAcc>(ReduceOp op, ReadOnlySpan<T> x, int outer, int n, int inner, Span<TAcc> y)
        where T : unmanaged, IBinaryInteger<T> where TAcc : unmanaged, IBinaryInteger<TAcc> => throw new NotImplementedException();

    /// <summary>Any (or All) over the middle axis.</summary>
    public static void ReduceBool(bool all, ReadOnlySpan<bool> x, int outer, int n, int inner, Span<bool> y) => throw new NotImplementedException();

    /// <summary>Index of the first largest (smallest) element over the middle axis; the first NaN wins.</summary>
    public static void ArgExtremum<T>(bool largest, ReadOnlySpan<T> x, int outer, int n, int inner, Span<long> y) where T : unmanaged, INumber<T> => throw new NotImplementedException();

    /// <summary>Running op along the middle axis: y[o, j, i] = op over j' ≤ j of x[o, j', i] (j' ≥ j if reverse).</summary>
    public static void Scan<T>(ScanOp op, bool reverse, ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, INumber<T> => throw new NotImplementedException();
}

using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>Reductions and scans of the middle axis of a contiguous [outer; n; inner] block. The order of additions depends on the sizes only, never on threads.</summary>
public static partial class Reductions
{
    /// <summary>y[o, i] = op over j of x[o, j, i]; sums and products are pairwise.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes, or an extremum of nothing is asked for.</exception>
    public static void Reduce(ReduceOp op, ReadOnlySpan<double> x, int outer, int n, int inner, Span<double> y) => ReduceFloat(op, x, outer, n, inner, y);

    /// <summary>y[o, i] = op over j of x[o, j, i]; sums and products accumulate in float64, pairwise, and are rounded once.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes, or an extremum of nothing is asked for.</exception>
    public static void Reduce(ReduceOp op, ReadOnlySpan<float> x, int outer, int n, int inner, Span<float> y) => ReduceFloat(op, x, outer, n, inner, y);

    /// <summary>y[o, k] = op over j and i of x[o, j, k, i]; sums and products are pairwise: a tree over stretches of the last axis.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes, or an extremum of nothing is asked for.</exception>
    public static void ReduceAround(ReduceOp op, ReadOnlySpan<double> x, int outer, int n, int kept, int inner, Span<double> y) => ReduceAroundFloat(op, x, outer, n, kept, inner, y);

    /// <summary>y[o, k] = op over j and i of x[o, j, k, i]; sums and products accumulate in float64, pairwise, and are rounded once.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes, or an extremum of nothing is asked for.</exception>
    public static void ReduceAround(ReduceOp op, ReadOnlySpan<float> x, int outer, int n, int kept, int inner, Span<float> y) => ReduceAroundFloat(op, x, outer, n, kept, inner, y);

    private static void ReduceAroundFloat<T>(ReduceOp op, ReadOnlySpan<T> x, int outer, int n, int kept, int inner, Span<T> y) where T : unmanaged
    {
        if (outer < 0 || n < 0 || kept < 0 || inner < 0 || x.Length != (long)outer * n * kept * inner || y.Length != (long)outer * kept)
            throw new ArgumentException($"A block [{outer}; {n}; {kept}; {inner}] does not fit x with {x.Length} elements and y with {y.Length}.", nameof(x));
        if ((long)n * inner == 0 && y.Length > 0 && op is ReduceOp.Maximum or ReduceOp.Minimum) ThrowEmptyExtremum();
        switch (op)
        {
            case ReduceOp.Sum: PairwiseReduction<SumCombiner, T>.Run(x, outer, n, kept, inner, y); break;
            case ReduceOp.Product: PairwiseReduction<ProductCombiner, T>.Run(x, outer, n, kept, inner, y); break;
            case ReduceOp.Maximum: PairwiseReduction<MaximumCombiner, T>.Run(x, outer, n, kept, inner, y); break;
            case ReduceOp.Minimum: PairwiseReduction<MinimumCombiner, T>.Run(x, outer, n, kept, inner, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "Not a reduction.");
        }
    }

    private static void ReduceFloat<T>(ReduceOp op, ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged
    {
        CheckReduce(x.Length, outer, n, inner, y.Length);
        if (n == 0 && y.Length > 0 && op is ReduceOp.Maximum or ReduceOp.Minimum) ThrowEmptyExtremum();
        switch (op)
        {
            case ReduceOp.Sum: PairwiseReduction<SumCombiner, T>.Run(x, outer, n, inner, y); break;
            case ReduceOp.Product: PairwiseReduction<ProductCombiner, T>.Run(x, outer, n, inner, y); break;
            case ReduceOp.Maximum: PairwiseReduction<MaximumCombiner, T>.Run(x, outer, n, inner, y); break;
            case ReduceOp.Minimum: PairwiseReduction<MinimumCombiner, T>.Run(x, outer, n, inner, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "Not a reduction.");
        }
    }

    /// <summary>y[o, i] = op over j of x[o, j, i], for integers; sums and products in TAcc, wrapping on overflow.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes, or an extremum of nothing is asked for.</exception>
    public static void ReduceInteger<T, TAcc>(ReduceOp op, ReadOnlySpan<T> x, int outer, int n, int inner, Span<TAcc> y)
        where T : unmanaged, IBinaryInteger<T> where TAcc : unmanaged, IBinaryInteger<TAcc>
    {
        CheckReduce(x.Length, outer, n, inner, y.Length);
        if (n == 0 && y.Length > 0 && op is ReduceOp.Maximum or ReduceOp.Minimum) ThrowEmptyExtremum();
        for (var o = 0; o < outer; o++)
        {
            var result = y.Slice(o * inner, inner);
            var block = x.Slice(o * n * inner, n * inner);
            result.Fill(op == ReduceOp.Product ? TAcc.One : TAcc.Zero);
            if (op is ReduceOp.Maximum or ReduceOp.Minimum)
                for (var i = 0; i < inner; i++) result[i] = TAcc.CreateTruncating(block[i]);
            if (inner == 1) result[0] = FoldRow(op, block, result[0]);
            else
                for (var j = 0; j < n; j++) FoldInto(op, block.Slice(j * inner, inner), result);
        }
    }

    /// <summary>Any (or All) over the middle axis; Any of nothing is false, All of nothing true.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void ReduceBool(bool all, ReadOnlySpan<bool> x, int outer, int n, int inner, Span<bool> y)
    {
        CheckReduce(x.Length, outer, n, inner, y.Length);
        if (inner == 1)
        {
            for (var o = 0; o < outer; o++)
            {
                var row = MemoryMarshal.AsBytes(x.Slice(o * n, n));
                y[o] = all ? !row.Contains((byte)0) : row.ContainsAnyExcept((byte)0);
            }
            return;
        }
        y.Fill(all);
        for (var o = 0; o < outer; o++)
        {
            var result = y.Slice(o * inner, inner);
            for (var j = 0; j < n; j++)
            {
                var row = x.Slice((o * n + j) * inner, inner);
                if (all)
                    for (var i = 0; i < inner; i++) result[i] &= row[i];
                else
                    for (var i = 0; i < inner; i++) result[i] |= row[i];
            }
        }
    }

    /// <summary>Index of the first largest (smallest) element over the middle axis; the first NaN wins.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes, or the middle axis is empty.</exception>
    public static void ArgExtremum<T>(bool largest, ReadOnlySpan<T> x, int outer, int n, int inner, Span<long> y) where T : unmanaged, INumber<T>
    {
        CheckReduce(x.Length, outer, n, inner, y.Length);
        if (n == 0 && y.Length > 0) ThrowEmptyExtremum();
        if (inner == 1)
            for (var o = 0; o < outer; o++) y[o] = ArgExtremum(largest, x.Slice(o * n, n));
        else
            for (var o = 0; o < outer; o++) ArgExtremumOfColumns(largest, x.Slice(o * n * inner, n * inner), n, inner, y.Slice(o * inner, inner));
    }

    /// <summary>Running op along the middle axis: y[o, j, i] = op over j' ≤ j of x[o, j', i] (j' ≥ j if reverse). float32 accumulates in
    /// float64; y may be x itself.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void Scan<T>(ScanOp op, bool reverse, ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, INumber<T>
    {
        if (x.Length != checked((long)outer * n * inner) || y.Length != x.Length) ThrowSizes(x.Length, outer, n, inner, y.Length);
        if (typeof(T) == typeof(float))
        {
            var source = MemoryMarshal.Cast<T, float>(x);
            var target = MemoryMarshal.Cast<T, float>(y);
            if (op == ScanOp.Sum) Scan<float, double, SumCombiner>(reverse, source, outer, n, inner, target);
            else Scan<float, double, ProductCombiner>(reverse, source, outer, n, inner, target);
        }
        else if (op == ScanOp.Sum) Scan<T, T, SumCombiner>(reverse, x, outer, n, inner, y);
        else Scan<T, T, ProductCombiner>(reverse, x, outer, n, inner, y);
    }

    private static TAcc FoldRow<T, TAcc>(ReduceOp op, ReadOnlySpan<T> row, TAcc s) where T : unmanaged, IBinaryInteger<T> where TAcc : unmanaged, IBinaryInteger<TAcc>
    {
        switch (op)
        {
            case ReduceOp.Sum:
                foreach (var v in row) s = unchecked(s + TAcc.CreateTruncating(v));
                break;
            case ReduceOp.Product:
                foreach (var v in row) s = unchecked(s * TAcc.CreateTruncating(v));
                break;
            case ReduceOp.Maximum:
                foreach (var v in row) s = TAcc.Max(s, TAcc.CreateTruncating(v));
                break;
            case ReduceOp.Minimum:
                foreach (var v in row) s = TAcc.Min(s, TAcc.CreateTruncating(v));
                break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "Not a reduction.");
        }
        return s;
    }

    private static void FoldInto<T, TAcc>(ReduceOp op, ReadOnlySpan<T> row, Span<TAcc> s) where T : unmanaged, IBinaryInteger<T> where TAcc : unmanaged, IBinaryInteger<TAcc>
    {
        switch (op)
        {
            case ReduceOp.Sum:
                for (var i = 0; i < s.Length; i++) s[i] = unchecked(s[i] + TAcc.CreateTruncating(row[i]));
                break;
            case ReduceOp.Product:
                for (var i = 0; i < s.Length; i++) s[i] = unchecked(s[i] * TAcc.CreateTruncating(row[i]));
                break;
            case ReduceOp.Maximum:
                for (var i = 0; i < s.Length; i++) s[i] = TAcc.Max(s[i], TAcc.CreateTruncating(row[i]));
                break;
            case ReduceOp.Minimum:
                for (var i = 0; i < s.Length; i++) s[i] = TAcc.Min(s[i], TAcc.CreateTruncating(row[i]));
                break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "Not a reduction.");
        }
    }

    private static int ArgExtremum<T>(bool largest, ReadOnlySpan<T> row) where T : unmanaged, INumber<T>
    {
        if (row.Length >= 64 && typeof(T) == typeof(double)) return FirstOf(MemoryMarshal.Cast<T, double>(row), Extremum(largest, MemoryMarshal.Cast<T, double>(row)));
        if (row.Length >= 64 && typeof(T) == typeof(float)) return FirstOf(MemoryMarshal.Cast<T, float>(row), Extremum(largest, MemoryMarshal.Cast<T, float>(row)));
        var at = 0;
        for (var j = 1; j < row.Length && !T.IsNaN(row[at]); j++)
            if (Beats(largest, row[j], row[at])) at = j;
        return at;
    }

    private static bool Beats<T>(bool largest, T challenger, T holder) where T : INumber<T>
        => (largest ? challenger > holder : challenger < holder) || T.IsNaN(challenger);

    private static T Extremum<T>(bool largest, ReadOnlySpan<T> row) where T : unmanaged
    {
        T result = default;
        ReduceFloat(largest ? ReduceOp.Maximum : ReduceOp.Minimum, row, 1, row.Length, 1, MemoryMarshal.CreateSpan(ref result, 1));
        return result;
    }

    /// <summary>The first element equal to the value found, zeros of either sign being equal; the first NaN if the value is NaN.</summary>
    private static int FirstOf<T>(ReadOnlySpan<T> row, T value) where T : unmanaged, INumber<T>
    {
        if (T.IsNaN(value))
        {
            for (var j = 0; j < row.Length; j++)
                if (T.IsNaN(row[j])) return j;
        }
        var width = Vector<T>.Count;
        var wanted = new Vector<T>(value);
        var i = 0;
        for (; i + width <= row.Length; i += width)
            if (Vector.EqualsAny(wanted, new Vector<T>(row.Slice(i, width)))) break;
        while (row[i] != value) i++;
        return i;
    }

    private static void ArgExtremumOfColumns<T>(bool largest, ReadOnlySpan<T> block, int n, int inner, Span<long> y) where T : unmanaged, INumber<T>
    {
        var rented = ArrayPool<T>.Shared.Rent(inner);
        var best = rented.AsSpan(0, inner);
        block[..inner].CopyTo(best);
        y.Clear();
        for (var j = 1; j < n; j++)
        {
            var row = block.Slice(j * inner, inner);
            for (var i = 0; i < inner; i++)
            {
                if (!Beats(largest, row[i], best[i]) || T.IsNaN(best[i])) continue;
                best[i] = row[i];
                y[i] = j;
            }
        }
        ArrayPool<T>.Shared.Return(rented);
    }

    private static void Scan<T, TAcc, C>(bool reverse, ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y)
        where T : unmanaged, INumber<T> where TAcc : unmanaged, INumber<TAcc> where C : struct, ICombiner
    {
        if (inner == 1)
        {
            for (var o = 0; o < outer; o++) ScanRow<T, TAcc, C>(reverse, x.Slice(o * n, n), y.Slice(o * n, n));
            return;
        }
        var rented = ArrayPool<TAcc>.Shared.Rent(inner);
        var running = rented.AsSpan(0, inner);
        for (var o = 0; o < outer; o++)
        {
            for (var j = 0; j < n; j++)
            {
                var at = (o * n + (reverse ? n - 1 - j : j)) * inner;
                ScanStep<T, TAcc, C>(j == 0, x.Slice(at, inner), running, y.Slice(at, inner));
            }
        }
        ArrayPool<TAcc>.Shared.Return(rented);
    }

    private static void ScanRow<T, TAcc, C>(bool reverse, ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, INumber<T> where TAcc : unmanaged, INumber<TAcc> where C : struct, ICombiner
    {
        if (x.IsEmpty) return;
        int at = reverse ? x.Length - 1 : 0, step = reverse ? -1 : 1;
        var running = TAcc.CreateTruncating(x[at]);
        y[at] = x[at];
        for (var j = 1; j < x.Length; j++)
        {
            at += step;
            running = C.Combine(running, TAcc.CreateTruncating(x[at]));
            y[at] = T.CreateTruncating(running);
        }
    }

    private static void ScanStep<T, TAcc, C>(bool first, ReadOnlySpan<T> x, Span<TAcc> running, Span<T> y)
        where T : unmanaged, INumber<T> where TAcc : unmanaged, INumber<TAcc> where C : struct, ICombiner
    {
        for (var i = 0; i < running.Length; i++)
        {
            var v = TAcc.CreateTruncating(x[i]);
            running[i] = first ? v : C.Combine(running[i], v);
            y[i] = T.CreateTruncating(running[i]);
        }
    }

    private static void CheckReduce(int x, int outer, int n, int inner, int y)
    {
        if (outer < 0 || n < 0 || inner < 0 || x != (long)outer * n * inner || y != (long)outer * inner) ThrowSizes(x, outer, n, inner, y);
    }

    [DoesNotReturn]
    private static void ThrowSizes(int x, int outer, int n, int inner, int y)
        => throw new ArgumentException($"A block [{outer}; {n}; {inner}] does not fit x with {x} elements and y with {y}.", nameof(x));

    [DoesNotReturn]
    private static void ThrowEmptyExtremum()
        => throw new ArgumentException("The largest or smallest of no elements is not defined; the reduced axis has size 0.", "n");
}

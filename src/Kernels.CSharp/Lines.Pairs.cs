using System;
using System.Numerics;

namespace DiffLib.Kernels;

// Functions of two blocks, line by line.
public static partial class Lines
{
    /// <summary>shares[o, j, i] = 1/k where x[o, j, i] is among the k elements of its line that equal value[o, i], else 0. NaN counts as equal to NaN.</summary>
    public static void Shares<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> value, int outer, int n, int inner, Span<T> shares) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < inner; i++)
            {
                var v = value[o * inner + i];
                var isNaN = T.IsNaN(v);
                var start = o * n * inner + i;
                var end = start + n * inner;
                var count = 0;
                for (var at = start; at < end; at += inner)
                    if (x[at] == v || (isNaN && T.IsNaN(x[at]))) count++;
                var share = T.One / T.CreateTruncating(count);
                for (var at = start; at < end; at += inner)
                    shares[at] = x[at] == v || (isNaN && T.IsNaN(x[at])) ? share : T.Zero;
            }
    }

    /// <summary>The linear recurrence y[j] = a[j]·y[j-1] + b[j] from 0 (y[j] = a[j]·y[j+1] + b[j] if reverse), where a zero factor absorbs.</summary>
    public static void Recurrence<T>(bool reverse, ReadOnlySpan<T> a, ReadOnlySpan<T> b, int outer, int n, int inner, Span<T> y) where T : unmanaged, INumberBase<T>
    {
        var step = reverse ? -inner : inner;
        for (var o = 0; o < outer; o++)
        {
            var row = (o * n + (reverse ? n - 1 : 0)) * inner;
            for (var j = 0; j < n; j++, row += step)
                for (var at = row; at < row + inner; at++)
                {
                    var before = j == 0 ? T.Zero : y[at - step];
                    y[at] = T.IsZero(a[at]) || T.IsZero(before) ? b[at] : a[at] * before + b[at];
                }
        }
    }

    /// <summary>y[j] = the product of x[j'] over j' &lt; j (j' &gt; j if reverse): 1 at the start.</summary>
    public static void ProductBefore<T>(bool reverse, ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, INumberBase<T>
    {
        var step = reverse ? -inner : inner;
        for (var o = 0; o < outer; o++)
        {
            var row = (o * n + (reverse ? n - 1 : 0)) * inner;
            for (var j = 0; j < n; j++, row += step)
                for (var at = row; at < row + inner; at++)
                    y[at] = j == 0 ? T.One : y[at - step] * x[at - step];
        }
    }

    /// <summary>How many of the numbers fall into each of counts.Length equal bins from low to high; the last bin includes high. NaN and numbers outside are not counted.</summary>
    public static void Histogram<T>(ReadOnlySpan<T> x, double low, double high, Span<long> counts) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var width = (high - low) / counts.Length;
        foreach (var v in x)
        {
            var d = double.CreateTruncating(v);
            if (!(d >= low && d <= high)) continue;
            var bin = Math.Min((int)((d - low) / width), counts.Length - 1);
            // rounding of the quotient must not move a number across an edge as printed
            if (d < low + bin * width) bin--;
            else if (bin + 1 < counts.Length && d >= low + (bin + 1) * width) bin++;
            counts[bin]++;
        }
    }
}

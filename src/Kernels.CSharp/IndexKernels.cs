using System;
using System.Numerics;

namespace DiffLib.Kernels;

/// <summary>Gathering, scattering and ordering over contiguous [outer; n; inner] blocks. Additions happen in the order of the indices, whatever the thread count.</summary>
public static class IndexKernels
{
    /// <summary>y[o, j, :] = x[o, index[j], :]. Positions have been checked.</summary>
    public static void Take<T>(ReadOnlySpan<T> x, int outer, int n, int inner, ReadOnlySpan<long> index, Span<T> y) where T : unmanaged
    {
        if (inner == 1)
        {
            for (var o = 0; o < outer; o++)
            {
                var row = x.Slice(o * n, n);
                var target = y.Slice(o * index.Length, index.Length);
                for (var j = 0; j < target.Length; j++) target[j] = row[(int)index[j]];
            }
            return;
        }

        for (var o = 0; o < outer; o++)
            for (var j = 0; j < index.Length; j++)
                x.Slice(((o * n) + (int)index[j]) * inner, inner).CopyTo(y.Slice(((o * index.Length) + j) * inner, inner));
    }

    /// <summary>y[o, index[j], :] += x[o, j, :], the transpose of Take; repeated positions accumulate. Positions have been checked.</summary>
    public static void PutAdd<T>(ReadOnlySpan<T> x, int outer, int n, int inner, ReadOnlySpan<long> index, Span<T> y) where T : unmanaged, INumberBase<T>
    {
        for (var o = 0; o < outer; o++)
            for (var j = 0; j < index.Length; j++)
            {
                var target = y.Slice(((o * n) + (int)index[j]) * inner, inner);
                var source = x.Slice(((o * index.Length) + j) * inner, inner);
                if (inner == 1) target[0] += source[0];
                else Elementwise.AddInto(source, target);
            }
    }

    /// <summary>y[o, j, i] = x[o, index[o, j, i], i] for y and index [outer; m; inner]. Positions have been checked.</summary>
    public static void Gather<T>(ReadOnlySpan<T> x, int outer, int n, int m, int inner, ReadOnlySpan<long> index, Span<T> y) where T : unmanaged
    {
        var k = 0;
        for (var o = 0; o < outer; o++)
        {
            var block = x.Slice(o * n * inner, n * inner);
            for (var j = 0; j < m; j++)
                for (var i = 0; i < inner; i++, k++) y[k] = block[((int)index[k] * inner) + i];
        }
    }

    /// <summary>y[o, index[o, j, i], i] += x[o, j, i] for x and index [outer; m; inner], the transpose of Gather. Positions have been checked.</summary>
    public static void ScatterAdd<T>(ReadOnlySpan<T> x, int outer, int n, int m, int inner, ReadOnlySpan<long> index, Span<T> y) where T : unmanaged, INumberBase<T>
    {
        var k = 0;
        for (var o = 0; o < outer; o++)
        {
            var block = y.Slice(o * n * inner, n * inner);
            for (var j = 0; j < m; j++)
                for (var i = 0; i < inner; i++, k++) block[((int)index[k] * inner) + i] += x[k];
        }
    }

    /// <summary>Blocks of a concatenation: y[o, at .. at + block] = x[o, :].</summary>
    public static void CopyBlocks<T>(ReadOnlySpan<T> x, int outer, int block, Span<T> y, int yBlock, int at) where T : unmanaged
    {
        for (var o = 0; o < outer; o++) x.Slice(o * block, block).CopyTo(y.Slice((o * yBlock) + at, block));
    }

    /// <summary>The view of <paramref name="y"/> with this shape, offset and strides += x (contiguous, row-major); overlaps accumulate in row-major order of x.</summary>
    public static void StridedAdd<T>(ReadOnlySpan<T> x, Span<T> y, int offset, ReadOnlySpan<int> shape, ReadOnlySpan<int> strides) where T : unmanaged, INumberBase<T>
    {
        if (x.IsEmpty) return;
        if (shape.IsEmpty)
        {
            y[offset] += x[0];
            return;
        }

        var last = shape.Length - 1;
        var run = shape[last];
        var step = strides[last];
        Span<int> index = stackalloc int[shape.Length];
        index.Clear();
        var at = offset;
        for (var k = 0; k < x.Length; k += run)
        {
            var source = x.Slice(k, run);
            for (var i = 0; i < run; i++) y[at + (i * step)] += source[i];
            for (var d = last - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < shape[d]) break;
                at -= strides[d] * shape[d];
                index[d] = 0;
            }
        }
    }

    /// <summary>The first position outside [-n, n), or -1; writes the positions counted from the front.</summary>
    public static int Positions(ReadOnlySpan<long> index, int n, Span<long> y)
    {
        for (var k = 0; k < index.Length; k++)
        {
            var i = index[k];
            if (i < -(long)n || i >= n) return k;
            y[k] = i < 0 ? i + n : i;
        }

        return -1;
    }

    /// <summary>The multi-indices of the true elements in row-major order, [count; rank] in y.</summary>
    public static void NonZero(ReadOnlySpan<bool> x, ReadOnlySpan<int> shape, Span<long> y)
    {
        var at = 0;
        for (var k = 0; k < x.Length; k++)
        {
            if (!x[k]) continue;
            var rest = k;
            for (var d = shape.Length - 1; d >= 0; d--)
            {
                y[at + d] = rest % shape[d];
                rest /= shape[d];
            }
            at += shape.Length;
        }
    }

    /// <summary>y[position[k]] = k where nothing later writes there: the last writer of each place; places nobody writes to keep what they hold.</summary>
    public static void LastWriter(ReadOnlySpan<long> position, Span<long> y)
    {
        for (var k = 0; k < position.Length; k++) y[(int)position[k]] = k;
    }

    /// <summary>y[position[k]] = the larger (or smaller) of itself and x[k]; NaN wins.</summary>
    public static void ScatterExtremum<T>(ReadOnlySpan<T> x, ReadOnlySpan<long> position, bool largest, Span<bool> seen, Span<T> y) where T : unmanaged, INumber<T>
    {
        for (var k = 0; k < x.Length; k++)
        {
            var i = (int)position[k];
            y[i] = !seen[i] ? x[k] : largest ? T.Max(y[i], x[k]) : T.Min(y[i], x[k]);
            seen[i] = true;
        }
    }

    /// <summary>y[o, :, i] = the order that sorts x[o, :, i]: stable, NaN last in both directions.</summary>
    public static void ArgSort<T>(ReadOnlySpan<T> x, int outer, int n, int inner, bool descending, Span<long> y) where T : unmanaged, INumber<T>
    {
        if (n == 0) return;
        var keys = new T[n];
        var order = new int[n];
        var buffer = new int[n];
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < inner; i++)
            {
                var start = (o * n * inner) + i;
                for (var j = 0; j < n; j++)
                {
                    keys[j] = x[start + (j * inner)];
                    order[j] = j;
                }

                if (descending) Sort<T, Descending<T>>(keys, order, buffer);
                else Sort<T, Ascending<T>>(keys, order, buffer);
                for (var j = 0; j < n; j++) y[start + (j * inner)] = order[j];
            }
    }

    /// <summary>The order of two rows of a [n; width] block: lexicographic, NaN behind everything.</summary>
    public static int CompareRows<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) where T : unmanaged, INumber<T>
    {
        for (var k = 0; k < a.Length; k++)
        {
            if (default(Ascending<T>).Before(a[k], b[k])) return -1;
            if (default(Ascending<T>).Before(b[k], a[k])) return 1;
        }

        return 0;
    }

    /// <summary>The stable order of the rows of a [n; width] block.</summary>
    public static int[] SortRows<T>(T[] x, int n, int width) where T : unmanaged, INumber<T>
    {
        var order = new int[n];
        for (var i = 0; i < n; i++) order[i] = i;
        Array.Sort(order, (i, j) =>
        {
            var c = CompareRows<T>(x.AsSpan(i * width, width), x.AsSpan(j * width, width));
            return c != 0 ? c : i.CompareTo(j);
        });
        return order;
    }

    /// <summary>How many of the sorted numbers lie before v; among equals, before the first or (right) behind the last. NaN belongs behind everything.</summary>
    public static int Search<T>(ReadOnlySpan<T> sorted, T v, bool right) where T : unmanaged, INumber<T>
    {
        var order = default(Ascending<T>);
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = low + ((high - low) >> 1);
            if (order.Before(sorted[middle], v) || (right && !order.Before(v, sorted[middle]))) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private interface IOrder<T>
    {
        bool Before(T a, T b);
    }

    private readonly struct Ascending<T> : IOrder<T> where T : INumber<T>
    {
        public bool Before(T a, T b) => a < b || (T.IsNaN(b) && !T.IsNaN(a));
    }

    private readonly struct Descending<T> : IOrder<T> where T : INumber<T>
    {
        public bool Before(T a, T b) => a > b || (T.IsNaN(b) && !T.IsNaN(a));
    }

    /// <summary>Stable merge sort of an order by its keys: insertion sort on short runs, then pairwise merges.</summary>
    private static void Sort<T, TOrder>(T[] keys, int[] order, int[] buffer) where TOrder : struct, IOrder<T>
    {
        const int Run = 16;
        var before = default(TOrder);
        var n = order.Length;
        for (var low = 0; low < n; low += Run)
            for (var i = low + 1; i < Math.Min(low + Run, n); i++)
            {
                var item = order[i];
                var j = i;
                while (j > low && before.Before(keys[item], keys[order[j - 1]]))
                {
                    order[j] = order[j - 1];
                    j--;
                }
                order[j] = item;
            }

        var (source, target) = (order, buffer);
        for (long width = Run; width < n; width *= 2)
        {
            for (long low = 0; low < n; low += 2 * width) Merge(keys, source, target, (int)low, (int)Math.Min(low + width, n), (int)Math.Min(low + (2 * width), n), before);
            (source, target) = (target, source);
        }

        if (!ReferenceEquals(source, order)) source.AsSpan(0, n).CopyTo(order);
    }

    private static void Merge<T, TOrder>(T[] keys, int[] source, int[] target, int low, int middle, int high, TOrder before) where TOrder : struct, IOrder<T>
    {
        int i = low, j = middle;
        for (var k = low; k < high; k++)
            target[k] = i < middle && (j >= high || !before.Before(keys[source[j]], keys[source[i]])) ? source[i++] : source[j++];
    }
}

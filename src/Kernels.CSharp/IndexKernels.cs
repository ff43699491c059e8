using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Gathering, scattering and ordering over contiguous [outer; n; inner] blocks. Additions happen in the order of the indices, whatever the thread count.</summary>
public static class IndexKernels
{
    /// <summary>What an element costs that is fetched from or added to a place, roughly.</summary>
    private const double NanosecondsPerElement = 1;

    /// <summary>What a byte costs that becomes 0.</summary>
    private const double NanosecondsPerZero = 0.05;

    /// <summary>A span that a structure can hold while it is pinned: the checks of its bounds stay.</summary>
    private readonly unsafe struct Pinned<T>(T* start, int length) where T : unmanaged
    {
        public Span<T> Span => new(start, length);
    }

    /// <summary>y[o, j, :] = x[o, index[j], :]. Positions have been checked.</summary>
    public static unsafe void Take<T>(ReadOnlySpan<T> x, int outer, int n, int inner, ReadOnlySpan<long> index, Span<T> y) where T : unmanaged
    {
        fixed (T* from = x, to = y)
        fixed (long* at = index)
            Parallelism.Share(outer, y.Length * NanosecondsPerElement, new Taking<T>(new(from, x.Length), n, inner, new(at, index.Length), new(to, y.Length)));
    }

    private readonly struct Taking<T>(Pinned<T> from, int n, int inner, Pinned<long> at, Pinned<T> to) : IShared where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int begin, int end)
        {
            Span<T> x = from.Span, y = to.Span;
            var index = at.Span;
            for (var o = begin; o < end; o++)
            {
                var row = x.Slice(o * n * inner, n * inner);
                var target = y.Slice(o * index.Length * inner, index.Length * inner);
                if (inner == 1)
                    for (var j = 0; j < target.Length; j++) target[j] = row[(int)index[j]];
                else
                    for (var j = 0; j < index.Length; j++) row.Slice((int)index[j] * inner, inner).CopyTo(target.Slice(j * inner, inner));
            }
        }
    }

    /// <summary>y[o, index[j], :] += x[o, j, :], the transpose of Take; repeated positions accumulate. Positions have been checked.</summary>
    public static unsafe void PutAdd<T>(ReadOnlySpan<T> x, int outer, int n, int inner, ReadOnlySpan<long> index, Span<T> y) where T : unmanaged, INumberBase<T>
    {
        fixed (T* from = x, to = y)
        fixed (long* at = index)
            Parallelism.Share(outer, x.Length * NanosecondsPerElement, new Putting<T>(new(from, x.Length), n, inner, new(at, index.Length), new(to, y.Length)));
    }

    private readonly struct Putting<T>(Pinned<T> from, int n, int inner, Pinned<long> at, Pinned<T> to) : IShared where T : unmanaged, INumberBase<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int begin, int end)
        {
            Span<T> x = from.Span, y = to.Span;
            var index = at.Span;
            for (var o = begin; o < end; o++)
            {
                var source = x.Slice(o * index.Length * inner, index.Length * inner);
                var row = y.Slice(o * n * inner, n * inner);
                if (inner == 1)
                    for (var j = 0; j < source.Length; j++) row[(int)index[j]] += source[j];
                else
                    for (var j = 0; j < index.Length; j++) Elementwise.AddInto<T>(source.Slice(j * inner, inner), row.Slice((int)index[j] * inner, inner));
            }
        }
    }

    /// <summary>y[o, j, i] = x[o, index[o, j, i], i] for y and index [outer; m; inner]. Positions have been checked.</summary>
    public static unsafe void Gather<T>(ReadOnlySpan<T> x, int outer, int n, int m, int inner, ReadOnlySpan<long> index, Span<T> y) where T : unmanaged
    {
        fixed (T* from = x, to = y)
        fixed (long* at = index)
            Parallelism.Share(outer, y.Length * NanosecondsPerElement, new Gathering<T>(new(from, x.Length), n, m, inner, new(at, index.Length), new(to, y.Length)));
    }

    private readonly struct Gathering<T>(Pinned<T> from, int n, int m, int inner, Pinned<long> at, Pinned<T> to) : IShared where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int begin, int end)
        {
            Span<T> x = from.Span, y = to.Span;
            var index = at.Span;
            for (var o = begin; o < end; o++)
            {
                var block = x.Slice(o * n * inner, n * inner);
                var target = y.Slice(o * m * inner, m * inner);
                var places = index.Slice(o * m * inner, m * inner);
                if (inner == 1)
                    for (var j = 0; j < target.Length; j++) target[j] = block[(int)places[j]];
                else
                    for (var k = 0; k < target.Length;)
                        for (var i = 0; i < inner; i++, k++) target[k] = block[(int)places[k] * inner + i];
            }
        }
    }

    /// <summary>y = 0, then y[o, index[o, j, i], i] += x[o, j, i] for x and index [outer; m; inner], the transpose of Gather. Positions have been checked.</summary>
    public static unsafe void ScatterAdd<T>(ReadOnlySpan<T> x, int outer, int n, int m, int inner, ReadOnlySpan<long> index, Span<T> y) where T : unmanaged, INumberBase<T>
    {
        fixed (T* from = x, to = y)
        fixed (long* at = index)
            Parallelism.Share(outer, x.Length * NanosecondsPerElement + y.Length * (NanosecondsPerZero * sizeof(T)), new Scattering<T>(new(from, x.Length), n, m, inner, new(at, index.Length), new(to, y.Length)));
    }

    private readonly struct Scattering<T>(Pinned<T> from, int n, int m, int inner, Pinned<long> at, Pinned<T> to) : IShared where T : unmanaged, INumberBase<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int begin, int end)
        {
            Span<T> x = from.Span, y = to.Span;
            var index = at.Span;
            for (var o = begin; o < end; o++)
            {
                var block = y.Slice(o * n * inner, n * inner);
                var source = x.Slice(o * m * inner, m * inner);
                var places = index.Slice(o * m * inner, m * inner);
                // block by block: additions find the zeros in the first cache
                block.Clear();
                if (inner == 1)
                    for (var j = 0; j < source.Length; j++) block[(int)places[j]] += source[j];
                else
                    for (var k = 0; k < source.Length;)
                        for (var i = 0; i < inner; i++, k++) block[(int)places[k] * inner + i] += source[k];
            }
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
            if (step == 1) Elementwise.AddInto(source, y.Slice(at, run));
            else for (var i = 0; i < run; i++) y[at + (i * step)] += source[i];
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

    /// <summary>y[o, :, i] = the order that sorts x[o, :, i]: stable, NaN last in both directions, -0 equal to 0.</summary>
    public static void ArgSort<T>(ReadOnlySpan<T> x, int outer, int n, int inner, bool descending, Span<long> y) where T : unmanaged, INumber<T>
    {
        if (n == 0) return;
        var sorter = new KeySort(n);
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < inner; i++)
            {
                var start = (o * n * inner) + i;
                for (var j = 0; j < n; j++) sorter.Keys[j] = SortKey(x[start + (j * inner)], descending);
                var order = sorter.Sort(n);
                for (var j = 0; j < n; j++) y[start + (j * inner)] = order[j];
            }
    }

    /// <summary>y[o, :, i] = the first k of the order that sorts x[o, :, i], for y [outer; k; inner] and k at least 1.</summary>
    public static void TopK<T>(ReadOnlySpan<T> x, int outer, int n, int inner, int k, bool descending, Span<long> y) where T : unmanaged, INumber<T>
    {
        var heap = new PriorityQueue<int, (ulong Key, int Place)>(k, Comparer<(ulong Key, int Place)>.Create((a, b) => b.CompareTo(a)));
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < inner; i++)
            {
                var start = (o * n * inner) + i;
                var worst = ulong.MaxValue;
                for (var j = 0; j < n; j++)
                {
                    var key = SortKey(x[start + (j * inner)], descending);
                    if (heap.Count < k) heap.Enqueue(j, (key, j));
                    else if (key < worst) heap.EnqueueDequeue(j, (key, j));
                    else continue;
                    heap.TryPeek(out _, out var last);
                    if (heap.Count == k) worst = last.Key;
                }

                for (var j = k - 1; j >= 0; j--) y[(o * k * inner) + (j * inner) + i] = heap.Dequeue();
            }
    }

    /// <summary>A number whose unsigned order is the order of sorting; NaN behind everything.</summary>
    private static ulong SortKey<T>(T value, bool descending) where T : unmanaged, INumber<T>
    {
        if (T.IsNaN(value)) return ulong.MaxValue;
        ulong key;
        if (typeof(T) == typeof(double) || typeof(T) == typeof(float))
        {
            // the bits of floating-point numbers ascend for positive numbers and descend for negative ones
            var number = double.CreateTruncating(value);
            var bits = BitConverter.DoubleToInt64Bits(number == 0 ? 0.0 : number);
            key = (ulong)(bits ^ ((bits >> 63) | long.MinValue));
        }
        else
        {
            key = (ulong)long.CreateTruncating(value) ^ (1UL << 63);
        }

        return descending ? ~key : key;
    }

    /// <summary>The stable order of keys: by insertion where there are few, else by radix, byte after byte; bytes that all keys share cost nothing.</summary>
    private sealed class KeySort(int capacity)
    {
        private const int Few = 64;
        private readonly int[] histograms = new int[8 * 256];
        private ulong[] other = new ulong[capacity];
        private int[] order = new int[capacity];
        private int[] otherOrder = new int[capacity];

        /// <summary>What to sort; written by the caller, and destroyed.</summary>
        public ulong[] Keys { get; private set; } = new ulong[capacity];

        /// <summary>The order of the first n keys.</summary>
        public ReadOnlySpan<int> Sort(int n)
        {
            for (var i = 0; i < n; i++) order[i] = i;
            if (n <= Few) Insert(n);
            else Radix(n);
            return order.AsSpan(0, n);
        }

        private void Insert(int n)
        {
            for (var i = 1; i < n; i++)
            {
                var (key, place) = (Keys[i], order[i]);
                var j = i;
                for (; j > 0 && Keys[j - 1] > key; j--) (Keys[j], order[j]) = (Keys[j - 1], order[j - 1]);
                (Keys[j], order[j]) = (key, place);
            }
        }

        private void Radix(int n)
        {
            Array.Clear(histograms);
            for (var i = 0; i < n; i++)
                for (int b = 0, key = 0; b < 8; b++, key += 256) histograms[key + (int)((Keys[i] >> (8 * b)) & 255)]++;

            for (var b = 0; b < 8; b++)
            {
                var starts = histograms.AsSpan(256 * b, 256);
                if (starts[(int)((Keys[0] >> (8 * b)) & 255)] == n) continue;
                for (int v = 0, sum = 0; v < 256; v++) (starts[v], sum) = (sum, sum + starts[v]);
                for (var i = 0; i < n; i++)
                {
                    var at = starts[(int)((Keys[i] >> (8 * b)) & 255)]++;
                    other[at] = Keys[i];
                    otherOrder[at] = order[i];
                }

                (Keys, other) = (other, Keys);
                (order, otherOrder) = (otherOrder, order);
            }
        }
    }

    /// <summary>The order of two rows of a [n; width] block: lexicographic, NaN behind everything.</summary>
    public static int CompareRows<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) where T : unmanaged, INumber<T>
    {
        for (var k = 0; k < a.Length; k++)
        {
            if (Before(a[k], b[k])) return -1;
            if (Before(b[k], a[k])) return 1;
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
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = low + ((high - low) >> 1);
            if (Before(sorted[middle], v) || (right && !Before(v, sorted[middle]))) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>Whether a comes before b in ascending order, NaN behind everything.</summary>
    private static bool Before<T>(T a, T b) where T : INumber<T> => a < b || (T.IsNaN(b) && !T.IsNaN(a));
}

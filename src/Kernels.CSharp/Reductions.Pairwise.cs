using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Threading.Tasks;

namespace DiffLib.Kernels;

/// <summary>An associative operation with its neutral element.</summary>
internal interface ICombiner
{
    static abstract double Identity { get; }
    static abstract V Apply<V>(V a, V b) where V : struct, ILanes<V>;
    static abstract T Combine<T>(T a, T b) where T : INumber<T>;
}

internal readonly struct SumCombiner : ICombiner
{
    public static double Identity => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine<T>(T a, T b) where T : INumber<T> => unchecked(a + b);
}

internal readonly struct ProductCombiner : ICombiner
{
    public static double Identity => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine<T>(T a, T b) where T : INumber<T> => unchecked(a * b);
}

internal readonly struct MaximumCombiner : ICombiner
{
    public static double Identity => double.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => V.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine<T>(T a, T b) where T : INumber<T> => T.Max(a, b);
}

internal readonly struct MinimumCombiner : ICombiner
{
    public static double Identity => double.PositiveInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => V.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Combine<T>(T a, T b) where T : INumber<T> => T.Min(a, b);
}

/// <summary>Pairwise reduction with a tree that depends on the sizes alone. Leaves of a row are 1024 elements in 32 running results;
/// leaves of a column block are 64 rows.</summary>
internal static unsafe class PairwiseReduction<C, T> where C : struct, ICombiner where T : unmanaged
{
    internal const int ShortLine = 16;
    internal const int RowLeaf = 1024;
    internal const int ColumnLeaf = 64;
    private const int ColumnTile = 256;

    /// <summary>Below this many elements a second thread costs more than it brings.</summary>
    private const int ParallelElements = 1 << 20;

    public static void Run(ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y)
    {
        if (y.IsEmpty) return;
        fixed (T* from = &MemoryMarshal.GetReference(x), to = &MemoryMarshal.GetReference(y))
        {
            var parallel = Parallelism.MaxThreads > 1 && x.Length >= ParallelElements;
            if (inner == 1) Rows(from, outer, n, to, parallel);
            else Columns(from, outer, n, inner, to, parallel);
        }
    }

    private static void Rows(T* x, int outer, int n, T* y, bool parallel)
    {
        if (!parallel)
        {
            for (var o = 0; o < outer; o++) y[o] = ElementwiseLoops.FromDouble<T>(Row(x + (nint)o * n, n));
        }
        else if (outer == 1)
        {
            *y = ElementwiseLoops.FromDouble<T>(RowParallel((nint)x, n, Parallelism.MaxThreads));
        }
        else
        {
            RowsParallel((nint)x, outer, n, (nint)y);
        }
    }

    // Lambdas that capture live in methods of their own: the closure is allocated where a second thread is worth it, only.
    private static void RowsParallel(nint x, int outer, int n, nint y)
        => Split(outer, (begin, end) => Rows((T*)x + (nint)begin * n, end - begin, n, (T*)y + begin, false));

    /// <summary>Runs [0, count) in as many contiguous parts as there are threads; the parts only share out work.</summary>
    private static void Split(int count, Action<int, int> work)
    {
        var parts = Math.Min(Parallelism.MaxThreads, count);
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts },
            p => work((int)((long)count * p / parts), (int)((long)count * (p + 1) / parts)));
    }

    /// <summary>Where a range of more than one leaf is divided: at the middle, rounded up to whole leaves.</summary>
    internal static int Middle(int n, int leaf) => (n / leaf + 1) / 2 * leaf;

    /// <summary>The same tree as <see cref="Row"/>, its upper levels on several threads.</summary>
    private static double RowParallel(nint x, int n, int threads)
    {
        if (threads <= 1 || n < ParallelElements / 4) return Row((T*)x, n);
        var middle = Middle(n, RowLeaf);
        double left = 0, right = 0;
        Parallel.Invoke(
            () => left = RowParallel(x, middle, threads / 2),
            () => right = RowParallel((nint)((T*)x + middle), n - middle, threads - threads / 2));
        return Combine(left, right);
    }

    internal static double Row(T* x, int n)
    {
        if (n <= ShortLine) return ShortRow(x, n);
        if (n <= RowLeaf) return Vector512.IsHardwareAccelerated ? Leaf<Doubles8>(x, n) : Vector256.IsHardwareAccelerated ? Leaf<Doubles4>(x, n) : Leaf<Doubles2>(x, n);
        var middle = Middle(n, RowLeaf);
        return Combine(Row(x, middle), Row(x + middle, n - middle));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Combine(double a, double b) => Doubles2.First(C.Apply(Doubles2.Of(a), Doubles2.Of(b)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double ShortRow(T* x, int n)
    {
        if (n == 0) return C.Identity;
        var s = ElementwiseLoops.ToDouble(x[0]);
        for (var j = 1; j < n; j++) s = C.Combine(s, ElementwiseLoops.ToDouble(x[j]));
        return s;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Leaf<V>(T* x, int n) where V : struct, ILanes<V>
    {
        V a = V.Of(C.Identity), b = a, c = a, d = a;
        var j = 0;
        for (; j + 4 * V.Count <= n; j += 4 * V.Count)
        {
            a = C.Apply(a, ElementwiseLoops.Load<V, T>(ref x[j]));
            b = C.Apply(b, ElementwiseLoops.Load<V, T>(ref x[j + V.Count]));
            c = C.Apply(c, ElementwiseLoops.Load<V, T>(ref x[j + 2 * V.Count]));
            d = C.Apply(d, ElementwiseLoops.Load<V, T>(ref x[j + 3 * V.Count]));
        }
        for (; j + V.Count <= n; j += V.Count) a = C.Apply(a, ElementwiseLoops.Load<V, T>(ref x[j]));
        var lanes = C.Apply(C.Apply(a, b), C.Apply(c, d));
        var s = V.Lane(lanes, 0);
        for (var l = 1; l < V.Count; l++) s = C.Combine(s, V.Lane(lanes, l));
        for (; j < n; j++) s = C.Combine(s, ElementwiseLoops.ToDouble(x[j]));
        return s;
    }

    private static void Columns(T* x, int outer, int n, int inner, T* y, bool parallel)
    {
        var tiles = (inner + ColumnTile - 1) / ColumnTile;
        if (parallel && outer * (long)tiles > 1)
        {
            ColumnsParallel((nint)x, outer, n, inner, (nint)y, tiles);
            return;
        }
        for (var o = 0; o < outer; o++)
            for (var t = 0; t < tiles; t++) Tile(x, o, t * ColumnTile, n, inner, y, parallel ? Parallelism.MaxThreads : 1);
    }

    private static void ColumnsParallel(nint x, int outer, int n, int inner, nint y, int tiles)
        => Split(checked(outer * tiles), (begin, end) =>
        {
            for (var t = begin; t < end; t++) Tile((T*)x, t / tiles, t % tiles * ColumnTile, n, inner, (T*)y, 1);
        });

    [SkipLocalsInit]
    private static void Tile(T* x, int o, int column, int n, int inner, T* y, int threads)
    {
        var width = Math.Min(ColumnTile, inner - column);
        var result = stackalloc double[ColumnTile];
        Block(x + (nint)o * n * inner + column, n, inner, width, result, threads);
        var target = y + (nint)o * inner + column;
        for (var i = 0; i < width; i++) target[i] = ElementwiseLoops.FromDouble<T>(result[i]);
    }

    /// <summary>result[i] = the reduction of n rows, halved down to leaves: the same tree for each column and any number of threads.</summary>
    [SkipLocalsInit]
    private static void Block(T* x, int n, int stride, int width, double* result, int threads)
    {
        if (n <= ColumnLeaf)
        {
            LeafColumns(x, n, stride, width, result);
            return;
        }
        var middle = Middle(n, ColumnLeaf);
        var right = stackalloc double[width];
        if (threads > 1 && (long)n * width >= ParallelElements / 4) BlockParallel(x, n, middle, stride, width, result, right, threads);
        else
        {
            Block(x, middle, stride, width, result, 1);
            Block(x + (nint)middle * stride, n - middle, stride, width, right, 1);
        }
        for (var i = 0; i < width; i++) result[i] = C.Combine(result[i], right[i]);
    }

    private static void BlockParallel(T* x, int n, int middle, int stride, int width, double* left, double* right, int threads)
    {
        nint from = (nint)x, a = (nint)left, b = (nint)right;
        Parallel.Invoke(
            () => Block((T*)from, middle, stride, width, (double*)a, threads / 2),
            () => Block((T*)from + (nint)middle * stride, n - middle, stride, width, (double*)b, threads - threads / 2));
    }

    private static void LeafColumns(T* x, int n, int stride, int width, double* result)
    {
        if (Vector512.IsHardwareAccelerated) LeafColumns<Doubles8>(x, n, stride, width, result);
        else if (Vector256.IsHardwareAccelerated) LeafColumns<Doubles4>(x, n, stride, width, result);
        else LeafColumns<Doubles2>(x, n, stride, width, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LeafColumns<V>(T* x, int n, int stride, int width, double* result) where V : struct, ILanes<V>
    {
        var i = 0;
        for (; i + 4 * V.Count <= width; i += 4 * V.Count)
        {
            V a = V.Of(C.Identity), b = a, c = a, d = a;
            var p = x + i;
            for (var j = 0; j < n; j++, p += stride)
            {
                a = C.Apply(a, ElementwiseLoops.Load<V, T>(ref *p));
                b = C.Apply(b, ElementwiseLoops.Load<V, T>(ref p[V.Count]));
                c = C.Apply(c, ElementwiseLoops.Load<V, T>(ref p[2 * V.Count]));
                d = C.Apply(d, ElementwiseLoops.Load<V, T>(ref p[3 * V.Count]));
            }
            V.Store(a, ref result[i]);
            V.Store(b, ref result[i + V.Count]);
            V.Store(c, ref result[i + 2 * V.Count]);
            V.Store(d, ref result[i + 3 * V.Count]);
        }
        for (; i + V.Count <= width; i += V.Count)
        {
            var a = V.Of(C.Identity);
            var p = x + i;
            for (var j = 0; j < n; j++, p += stride) a = C.Apply(a, ElementwiseLoops.Load<V, T>(ref *p));
            V.Store(a, ref result[i]);
        }
        for (; i < width; i++)
        {
            var s = C.Identity;
            var p = x + i;
            for (var j = 0; j < n; j++, p += stride) s = C.Combine(s, ElementwiseLoops.ToDouble(*p));
            result[i] = s;
        }
    }
}

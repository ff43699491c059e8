using System;
using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

/// <summary>The tree over n elements or rows, halved down to leaves, and its branches some levels below the root: what several threads can do.</summary>
internal readonly struct ReductionTree
{
    /// <summary>A branch is worth the trouble from so many leaves on.</summary>
    private const int LeavesOfBranch = 8;

    private readonly int _n, _leaf, _levels;

    /// <summary>As many branches as are wanted, or more, if the tree has so many.</summary>
    public ReductionTree(int n, int leaf, int wanted)
    {
        (_n, _leaf) = (n, leaf);
        while (1 << _levels < wanted && n >> _levels > 2 * LeavesOfBranch * leaf) _levels++;
    }

    /// <summary>The number of branches, a power of 2. Neighbours are combined first, as step 1, 2, 4 and so on.</summary>
    public int Branches => 1 << _levels;

    /// <summary>Where a branch begins, and how much it holds.</summary>
    public (int Start, int Count) Branch(int b)
    {
        int start = 0, count = _n;
        for (var level = _levels - 1; level >= 0; level--)
        {
            var middle = Middle(count, _leaf);
            if ((b >> level & 1) == 0) count = middle;
            else (start, count) = (start + middle, count - middle);
        }
        return (start, count);
    }

    /// <summary>Where a range of more than one leaf is divided: at the middle, rounded up to whole leaves.</summary>
    public static int Middle(int n, int leaf) => (n / leaf + 1) / 2 * leaf;
}

/// <summary>Pairwise reduction with a tree that depends on the sizes alone. Leaves of a row are 1024 elements in 32 running results;
/// leaves of a column block are 64 rows.</summary>
internal static unsafe class PairwiseReduction<C, T> where C : struct, ICombiner where T : unmanaged
{
    internal const int ShortLine = 16;
    internal const int RowLeaf = 1024;
    internal const int ColumnLeaf = 64;
    private const int ColumnTile = 256;

    /// <summary>What a byte costs, in nanoseconds: memory gives no more.</summary>
    private const double NanosecondsPerByte = 0.06;

    public static void Run(ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y)
    {
        if (y.IsEmpty) return;
        fixed (T* from = &MemoryMarshal.GetReference(x), to = &MemoryMarshal.GetReference(y))
        {
            var work = x.Length * (NanosecondsPerByte * sizeof(T));
            var threads = Parallelism.Threads(work);
            var pieces = Parallelism.PiecesOf(work, threads);
            if (inner > 1) Columns(from, outer, n, inner, to, threads, pieces);
            else if (threads > 1 && outer < threads * pieces) RowsParallel(from, outer, n, to, threads, pieces);
            else Parallelism.Share(outer, threads, pieces, new RowsOf(from, n, to));
        }
    }

    /// <summary>y[o, k] = the reduction of x[o, j, k, i] over j and i.</summary>
    public static void Run(ReadOnlySpan<T> x, int outer, int n, int kept, int inner, Span<T> y)
    {
        if (y.IsEmpty) return;
        fixed (T* from = &MemoryMarshal.GetReference(x), to = &MemoryMarshal.GetReference(y))
            Parallelism.Share(y.Length, x.Length * (NanosecondsPerByte * sizeof(T)), new StretchesOf(from, n, kept, inner, to));
    }

    private readonly struct StretchesOf(T* x, int n, int kept, int inner, T* y) : IShared
    {
        public void Run(int begin, int end)
        {
            for (var r = begin; r < end; r++) y[r] = ElementwiseLoops.FromDouble<T>(Stretches(x + ((nint)(r / kept) * n * kept + r % kept) * inner, n, (nint)kept * inner, inner));
        }
    }

    /// <summary>n stretches that lie a step apart, halved down to leaves: as many stretches as make a leaf of a row, or one.</summary>
    private static double Stretches(T* x, int n, nint step, int length)
    {
        if (n <= 1 && length > RowLeaf) return n == 0 ? C.Identity : Row(x, length);
        var leaf = Math.Max(1, RowLeaf / Math.Max(1, length));
        if (n <= leaf) return Vector512.IsHardwareAccelerated ? Leaf<Doubles8>(x, n, step, length) : Vector256.IsHardwareAccelerated ? Leaf<Doubles4>(x, n, step, length) : Leaf<Doubles2>(x, n, step, length);
        var middle = Middle(n, leaf);
        return Combine(Stretches(x, middle, step, length), Stretches(x + middle * step, n - middle, step, length));
    }

    private readonly struct RowsOf(T* x, int n, T* y) : IShared
    {
        public void Run(int begin, int end)
        {
            for (var o = begin; o < end; o++) y[o] = ElementwiseLoops.FromDouble<T>(Row(x + (nint)o * n, n));
        }
    }

    /// <summary>The same trees, their branches on several threads: for fewer rows than there are pieces.</summary>
    private static void RowsParallel(T* x, int outer, int n, T* y, int threads, int pieces)
    {
        var tree = new ReductionTree(n, RowLeaf, (threads * pieces + outer - 1) / outer);
        var results = stackalloc double[outer * tree.Branches];
        Parallelism.Share(outer * tree.Branches, threads, pieces, new RowBranches(tree, x, n, results));
        for (var o = 0; o < outer; o++, results += tree.Branches)
        {
            for (var step = 1; step < tree.Branches; step *= 2)
                for (var b = 0; b < tree.Branches; b += 2 * step) results[b] = Combine(results[b], results[b + step]);
            y[o] = ElementwiseLoops.FromDouble<T>(*results);
        }
    }

    private readonly struct RowBranches(ReductionTree tree, T* x, int n, double* results) : IShared
    {
        public void Run(int begin, int end)
        {
            for (var i = begin; i < end; i++)
            {
                var (start, count) = tree.Branch(i % tree.Branches);
                results[i] = Row(x + (nint)(i / tree.Branches) * n + start, count);
            }
        }
    }

    /// <summary>Where a range of more than one leaf is divided: at the middle, rounded up to whole leaves.</summary>
    internal static int Middle(int n, int leaf) => ReductionTree.Middle(n, leaf);

    internal static double Row(T* x, int n)
    {
        if (n <= ShortLine) return ShortRow(x, n);
        if (n <= RowLeaf) return Vector512.IsHardwareAccelerated ? Leaf<Doubles8>(x, 1, 0, n) : Vector256.IsHardwareAccelerated ? Leaf<Doubles4>(x, 1, 0, n) : Leaf<Doubles2>(x, 1, 0, n);
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

    /// <summary>n stretches that lie a step apart; what does not fill a register comes last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Leaf<V>(T* x, int n, nint step, int length) where V : struct, ILanes<V>
    {
        V a = V.Of(C.Identity), b = a, c = a, d = a;
        var whole = length / V.Count * V.Count;
        var p = x;
        for (var k = n; k > 0; k--, p += step)
        {
            var j = 0;
            for (; j + 4 * V.Count <= whole; j += 4 * V.Count)
            {
                a = C.Apply(a, ElementwiseLoops.Load<V, T>(ref p[j]));
                b = C.Apply(b, ElementwiseLoops.Load<V, T>(ref p[j + V.Count]));
                c = C.Apply(c, ElementwiseLoops.Load<V, T>(ref p[j + 2 * V.Count]));
                d = C.Apply(d, ElementwiseLoops.Load<V, T>(ref p[j + 3 * V.Count]));
            }
            for (; j < whole; j += V.Count) a = C.Apply(a, ElementwiseLoops.Load<V, T>(ref p[j]));
        }
        var lanes = C.Apply(C.Apply(a, b), C.Apply(c, d));
        var s = V.Lane(lanes, 0);
        for (var l = 1; l < V.Count; l++) s = C.Combine(s, V.Lane(lanes, l));
        for (p = x; n > 0; n--, p += step)
            for (var j = whole; j < length; j++) s = C.Combine(s, ElementwiseLoops.ToDouble(p[j]));
        return s;
    }

    private static void Columns(T* x, int outer, int n, int inner, T* y, int threads, int pieces)
    {
        var tiles = checked(outer * ((inner + ColumnTile - 1) / ColumnTile));
        if (threads > 1 && tiles < threads * pieces) ColumnsParallel(new(x, n, inner, y), tiles, threads, pieces);
        else Parallelism.Share(tiles, threads, pieces, new ColumnTiles(x, n, inner, y));
    }

    /// <summary>Tiles of a few columns.</summary>
    private readonly struct ColumnTiles(T* x, int n, int inner, T* y) : IShared
    {
        public int Rows => n;

        [SkipLocalsInit]
        public void Run(int begin, int end)
        {
            var results = stackalloc double[ColumnTile];
            for (var t = begin; t < end; t++)
            {
                Branch(t, 0, n, results);
                Store(t, results);
            }
        }

        /// <summary>The reduction of some rows of a tile, from a row on.</summary>
        public void Branch(int t, int row, int rows, double* results) => Block(x + (nint)Outer(t) * n * inner + (nint)row * inner + Column(t), rows, inner, Width(t), results);

        public void Store(int t, double* results)
        {
            var to = y + (nint)Outer(t) * inner + Column(t);
            for (var i = 0; i < Width(t); i++) to[i] = ElementwiseLoops.FromDouble<T>(results[i]);
        }

        private int Tiles => (inner + ColumnTile - 1) / ColumnTile;

        private int Outer(int t) => t / Tiles;

        private int Column(int t) => t % Tiles * ColumnTile;

        public int Width(int t) => Math.Min(ColumnTile, inner - Column(t));
    }

    /// <summary>The same trees, their branches on several threads: for fewer tiles than there are pieces.</summary>
    private static void ColumnsParallel(ColumnTiles columns, int tiles, int threads, int pieces)
    {
        var tree = new ReductionTree(columns.Rows, ColumnLeaf, (threads * pieces + tiles - 1) / tiles);
        var memory = ArrayPool<double>.Shared.Rent(tiles * tree.Branches * ColumnTile);
        fixed (double* results = memory)
        {
            Parallelism.Share(tiles * tree.Branches, threads, pieces, new ColumnBranches(columns, tree, results));
            for (var t = 0; t < tiles; t++)
            {
                var own = results + t * tree.Branches * ColumnTile;
                for (var step = 1; step < tree.Branches; step *= 2)
                    for (var b = 0; b < tree.Branches; b += 2 * step) CombineColumns(own + b * ColumnTile, own + (b + step) * ColumnTile, columns.Width(t));
                columns.Store(t, own);
            }
        }
        ArrayPool<double>.Shared.Return(memory);
    }

    private readonly struct ColumnBranches(ColumnTiles columns, ReductionTree tree, double* results) : IShared
    {
        public void Run(int begin, int end)
        {
            for (var i = begin; i < end; i++)
            {
                var (row, rows) = tree.Branch(i % tree.Branches);
                columns.Branch(i / tree.Branches, row, rows, results + i * ColumnTile);
            }
        }
    }

    /// <summary>result[i] = the reduction of n rows, halved down to leaves: the same tree for each column.</summary>
    [SkipLocalsInit]
    private static void Block(T* x, int n, int stride, int width, double* result)
    {
        if (n <= ColumnLeaf)
        {
            LeafColumns(x, n, stride, width, result);
            return;
        }
        var middle = Middle(n, ColumnLeaf);
        var right = stackalloc double[width];
        Block(x, middle, stride, width, result);
        Block(x + (nint)middle * stride, n - middle, stride, width, right);
        CombineColumns(result, right, width);
    }

    private static void CombineColumns(double* left, double* right, int width)
    {
        for (var i = 0; i < width; i++) left[i] = C.Combine(left[i], right[i]);
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

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>Large products. A block of B and one of A are copied into slivers as wide and as high as a tile, in the order in which the tiles
/// read them (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008): a sliver of B stays in the first cache
/// while those of A come from the second.</summary>
internal static unsafe class GemmPacked<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    private const int CacheLine = 64;

    private static int TileColumns => 3 * L.Count;

    /// <summary>The rows of a block of A: 192 KiB in float64, in the second cache beside the columns that it meets.</summary>
    private const int RowBlock = 96;

    /// <summary>The columns of a block of B: 22 tiles of 24 numbers, a little more than 4 KiB of a row, so that 512 columns are one block; 1 MiB in all. It is packed once for all
    /// blocks of A, which are packed again for each block of B.</summary>
    private static int ColumnBlock => 22 * 24 * sizeof(double) / sizeof(T) / TileColumns * TileColumns;

    /// <summary>Rows and columns are shared out evenly: a last block of few would not repay the packing of the other side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Product<T> job)
    {
        int height = Even(job.M, RowBlock, L.Rows), width = Even(job.N, ColumnBlock, TileColumns), depth = Math.Min(job.K, Gemm.DepthBlock);
        var left = GemmScratch<T>.Left(height * depth);
        var right = GemmScratch<T>.Right(width * depth);
        for (var p = 0; p < job.K; p += depth)
        {
            var layer = job.Depth(p, Math.Min(p + depth, job.K));
            for (var j = 0; j < job.N; j += width) Layer(layer.Columns(j, Math.Min(j + width, job.N)), height, left, right);
        }
    }

    /// <summary>All rows of A times one block of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Layer(in Product<T> job, int height, T* left, T* right)
    {
        PackRight(job.B, job.K, job.N, right);
        for (var i = 0; i < job.M; i += height)
        {
            var rows = job.Rows(i, Math.Min(i + height, job.M));
            PackLeft(rows.A, rows.M, rows.K, left);
            Tiles(rows.With(new(left, 1, L.Rows), new(right, TileColumns, 1)));
        }
    }

    /// <summary>The size of equal blocks of at most the given size, in whole tiles.</summary>
    private static int Even(int count, int block, int tile)
    {
        var blocks = (count + block - 1) / block;
        return RoundUp((count + blocks - 1) / blocks, tile);
    }

    /// <summary>All tiles of one block of C; A and B of the job are the packed slivers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles(in Product<T> job)
    {
        for (var j = 0; j < job.N; j += TileColumns)
        {
            var columns = Math.Min(TileColumns, job.N - j);
            var b = job.B.Start + (nint)j * job.K;
            for (var i = 0; i < job.M; i += L.Rows)
            {
                var rows = Math.Min(L.Rows, job.M - i);
                var a = job.A.Start + (nint)i * job.K;
                var c = job.C.At(i, j);
                if (rows == 8 && columns == TileColumns) GemmTiles<L, V, T>.PackedTile(a, b, job.K, c, job.C.RowStep, job.Alpha, job.Beta);
                else LowTile(job, a, b, c, rows, columns);
            }
        }
    }

    /// <summary>A tile of fewer rows or columns than the registers hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LowTile(in Product<T> job, T* a, T* b, T* c, int rows, int columns)
    {
        var registers = (columns + L.Count - 1) / L.Count;
        Fetch(c, job.C.RowStep, rows, columns);
        if (columns == registers * L.Count) GemmTiles<L, V, T>.Tile(job, a, b, c, rows, registers);
        else EdgeTile(job, a, b, c, rows, columns);
    }

    /// <summary>Asks for a tile of C while its sums are being made: it lies in a cache far away, and waiting for it would cost a quarter of the time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(T* c, nint step, int rows, int columns)
    {
        if (!Sse.IsSupported) return;
        for (var r = 0; r < rows; r++, c += step)
        {
            for (var q = 0; q < columns; q += CacheLine / sizeof(T)) Sse.Prefetch0(c + q);
            Sse.Prefetch0(c + columns - 1);
        }
    }

    /// <summary>A tile that reaches over the right edge is summed in a buffer; its part inside goes to C by the same arithmetic.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EdgeTile(in Product<T> job, T* a, T* b, T* c, int rows, int columns)
    {
        var sums = stackalloc T[8 * 3 * 16];
        var buffered = new Product<T>(job.M, job.N, job.K, job.A, job.B, new(sums, TileColumns, 1), T.One, T.Zero);
        GemmTiles<L, V, T>.Tile(buffered, a, b, sums, rows, (columns + L.Count - 1) / L.Count);
        for (var r = 0; r < rows; r++, sums += TileColumns, c += job.C.RowStep)
            for (var q = 0; q < columns; q++) job.Put(sums[q], c + q);
    }

    /// <summary>Slivers of as many rows as a tile has, column after column. The last sliver may have fewer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackLeft(MatrixView<T> a, int m, int k, T* to)
    {
        for (var i = 0; i < m; i += L.Rows, to += (nint)L.Rows * k)
        {
            var rows = Math.Min(L.Rows, m - i);
            if (a.ColumnStep == 1) GemmPacking<T>.TurnRows(a.From(i, 0), rows, k, to, L.Rows, m - i - rows);
            else GemmPacking<T>.Copy(a.From(i, 0).Transposed(), k, rows, to, L.Rows);
        }
    }

    /// <summary>Slivers of as many columns as a tile has, row after row. The last sliver is filled up with zeros to whole registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRight(MatrixView<T> b, int k, int n, T* to)
    {
        if (b.ColumnStep == 1) CopyRows(b, k, n, to);
        else
            for (var j = 0; j < n; j += TileColumns) GemmPacking<T>.Turn(b.From(0, j).Transposed(), Math.Min(TileColumns, n - j), k, to + (nint)j * k, TileColumns);
        var filled = n % TileColumns;
        if (filled % L.Count != 0)
            for (var p = 0; p < k; p++) new Span<T>(to + (nint)(n - filled) * k + (nint)p * TileColumns + filled, TileColumns - filled).Clear();
    }

    /// <summary>Rows are read to their ends, which the processor foresees, and shared out to the slivers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(MatrixView<T> b, int k, int n, T* to)
    {
        var sliver = (nint)TileColumns * k;
        for (var p = 0; p < k; p++, to += TileColumns)
        {
            T* from = b.At(p, 0), end = from + n, target = to;
            for (; from + TileColumns <= end; from += TileColumns, target += sliver)
            {
                L.Store(L.Load(from), target);
                L.Store(L.Load(from + L.Count), target + L.Count);
                L.Store(L.Load(from + 2 * L.Count), target + 2 * L.Count);
            }
            for (; from + L.Count <= end; from += L.Count, target += L.Count) L.Store(L.Load(from), target);
            for (; from < end; from++, target++) *target = *from;
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Large products. A block of B and one of A are copied into slivers as wide and as high as a tile, in the order in which the tiles
/// read them (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008): a sliver of B stays in the first cache
/// while those of A come from the second.</summary>
internal static unsafe class GemmPacked<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    private static int TileColumns => 3 * L.Count;

    /// <summary>The rows of a block of A: with <see cref="Gemm.DepthBlock"/> columns half of a second cache of 512 KiB or more in float64, a quarter in float32.</summary>
    private const int RowBlock = 240;

    /// <summary>The columns of a block of B: 2 MiB in float64, in the third cache where it does not fit the second.</summary>
    private static int ColumnBlock => 1344 / TileColumns * TileColumns;

    public static void Run(in Product<T> job)
    {
        var right = GemmScratch<T>.Right(RoundUp(Math.Min(ColumnBlock, job.N), TileColumns) * Math.Min(Gemm.DepthBlock, job.K));
        for (var j = 0; j < job.N; j += ColumnBlock)
        {
            var columns = job.Columns(j, Math.Min(j + ColumnBlock, job.N));
            for (var p = 0; p < job.K; p += Gemm.DepthBlock)
            {
                var layer = columns.Depth(p, Math.Min(p + Gemm.DepthBlock, job.K));
                PackRight(layer.B, layer.K, layer.N, right);
                Layer(layer.WithRight(new(right, TileColumns, 1)));
            }
        }
    }

    /// <summary>C for one packed block of B. The rows are shared out evenly: a last block of few rows would not repay the way through B.</summary>
    private static void Layer(in Product<T> job)
    {
        var blocks = (job.M + RowBlock - 1) / RowBlock;
        var height = RoundUp((job.M + blocks - 1) / blocks, L.Rows);
        var left = GemmScratch<T>.Left(height * job.K);
        for (var i = 0; i < job.M; i += height)
        {
            var rows = job.Rows(i, Math.Min(i + height, job.M));
            PackLeft(rows.A, rows.M, rows.K, left);
            Tiles(rows.WithLeft(new(left, 1, L.Rows)));
        }
    }

    /// <summary>All tiles of one block of C; A and B of the job are the packed slivers.</summary>
    private static void Tiles(in Product<T> job)
    {
        for (var j = 0; j < job.N; j += TileColumns)
        {
            var columns = Math.Min(TileColumns, job.N - j);
            var registers = (columns + L.Count - 1) / L.Count;
            var b = job.B.Start + (nint)j * job.K;
            for (var i = 0; i < job.M; i += L.Rows)
            {
                var rows = Math.Min(L.Rows, job.M - i);
                var a = job.A.Start + (nint)i * job.K;
                if (columns == registers * L.Count) GemmTiles<L, V, T>.Tile(job, a, b, job.C.At(i, j), rows, registers);
                else EdgeTile(job, a, b, job.C.At(i, j), rows, columns);
            }
        }
    }

    /// <summary>A tile that reaches over the right edge is summed in a buffer; its part inside goes to C by the same arithmetic.</summary>
    [SkipLocalsInit]
    private static void EdgeTile(in Product<T> job, T* a, T* b, T* c, int rows, int columns)
    {
        var sums = stackalloc T[8 * 3 * 16];
        var buffered = new Product<T>(job.M, job.N, job.K, job.A, job.B, new(sums, TileColumns, 1), T.One, T.Zero);
        GemmTiles<L, V, T>.Tile(buffered, a, b, sums, rows, (columns + L.Count - 1) / L.Count);
        for (var r = 0; r < rows; r++, sums += TileColumns, c += job.C.RowStep)
            for (var q = 0; q < columns; q++) job.Put(sums[q], c + q);
    }

    /// <summary>Slivers of as many rows as a tile has, column after column. The last sliver may have fewer.</summary>
    private static void PackLeft(MatrixView<T> a, int m, int k, T* to)
    {
        for (var i = 0; i < m; i += L.Rows, to += (nint)L.Rows * k)
        {
            var rows = Math.Min(L.Rows, m - i);
            if (a.ColumnStep == 1) GemmPacking<T>.Turn(a.From(i, 0), rows, k, to, L.Rows);
            else GemmPacking<T>.Copy(a.From(i, 0).Transposed(), k, rows, to, L.Rows);
        }
    }

    /// <summary>Slivers of as many columns as a tile has, row after row. The last sliver is filled up with zeros to whole registers.</summary>
    private static void PackRight(MatrixView<T> b, int k, int n, T* to)
    {
        for (var j = 0; j < n; j += TileColumns, to += (nint)TileColumns * k)
        {
            var columns = Math.Min(TileColumns, n - j);
            if (b.ColumnStep != 1) GemmPacking<T>.Turn(b.From(0, j).Transposed(), columns, k, to, TileColumns);
            else if (columns == TileColumns) CopyRows(b.At(0, j), b.RowStep, k, to);
            else GemmPacking<T>.Copy(b.From(0, j), k, columns, to, TileColumns);
            if (columns % L.Count != 0)
                for (var p = 0; p < k; p++) new Span<T>(to + (nint)p * TileColumns + columns, TileColumns - columns).Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(T* from, nint step, int k, T* to)
    {
        for (var p = 0; p < k; p++, from += step, to += TileColumns)
        {
            L.Store(L.Load(from), to);
            L.Store(L.Load(from + L.Count), to + L.Count);
            L.Store(L.Load(from + 2 * L.Count), to + 2 * L.Count);
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Large products. A block of A and one of B are copied into slivers as high and as wide as the kernel's tile, in the order it
/// reads them (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008): a sliver of A stays in the first
/// cache while those of B come from the second. Slivers at the edges are filled up with zeros.</summary>
internal static unsafe class GemmPacked<W, S, T>
    where W : struct, IArithmeticLanes<W, T> where S : struct, IArithmeticLanes<S, T>
    where T : unmanaged, INumber<T>
{
    private const int RowBlock = 480;

    /// <summary>512-bit machines have 32 registers and hold 8 x 3 sums, others 16 and hold 4 x 3.</summary>
    public static int TileRows => Vector512.IsHardwareAccelerated ? 8 : 4;

    public static int TileColumns => 3 * W.Count;

    private static int DepthBlock => sizeof(T) == 8 ? 256 : 384;

    private static int ColumnBlock => 10 * TileColumns;

    public static void Run(in Product<T> job)
    {
        for (var i = 0; i < job.M; i += RowBlock)
            RowBlockProduct(job.Rows(i, Math.Min(i + RowBlock, job.M)));
    }

    private static void RowBlockProduct(in Product<T> job)
    {
        var depth = Math.Min(DepthBlock, job.K);
        var left = GemmScratch<T>.Left(RoundUp(job.M, TileRows) * depth);
        var right = GemmScratch<T>.Right(RoundUp(Math.Min(ColumnBlock, job.N), TileColumns) * depth);
        for (var p = 0; p < job.K; p += DepthBlock)
        {
            var k = Math.Min(DepthBlock, job.K - p);
            var beta = p == 0 ? job.Beta : T.One;
            PackLeft(job.A.From(0, p), job.M, k, left);
            for (var j = 0; j < job.N; j += ColumnBlock)
            {
                var n = Math.Min(ColumnBlock, job.N - j);
                PackRight(job.B.From(p, j), k, n, right);
                Tiles(new(job.M, n, k, new(left, 0, 0), new(right, 0, 0), job.C.From(0, j), job.Alpha, beta));
            }
        }
    }

    /// <summary>All tiles of one block of C; A and B of the job are the packed slivers.</summary>
    private static void Tiles(in Product<T> job)
    {
        for (var i = 0; i < job.M; i += TileRows)
            for (var j = 0; j < job.N; j += TileColumns)
            {
                T* a = job.A.Start + (nint)i * job.K, b = job.B.Start + (nint)j * job.K;
                if (i + TileRows <= job.M && j + TileColumns <= job.N) Tile(job.K, a, b, job.C.At(i, j), job.C.RowStep, job.Alpha, job.Beta);
                else EdgeTile(job, a, b, i, j);
            }
    }

    /// <summary>A tile that reaches over the edge is summed in a buffer; its part inside goes to C by the same arithmetic.</summary>
    [SkipLocalsInit]
    private static void EdgeTile(in Product<T> job, T* a, T* b, int i, int j)
    {
        var width = TileColumns;
        var sums = stackalloc T[8 * 3 * 16];
        Tile(job.K, a, b, sums, width, T.One, T.Zero);
        int rows = Math.Min(TileRows, job.M - i), columns = Math.Min(width, job.N - j);
        for (var r = 0; r < rows; r++)
            for (var q = 0; q < columns; q++)
            {
                var c = job.C.At(i + r, j + q);
                var s = S.Of(job.Alpha) * S.Of(sums[r * width + q]);
                *c = S.First(T.IsZero(job.Beta) ? s : S.MultiplyAdd(S.Of(job.Beta), S.Of(*c), s));
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile(int k, T* a, T* b, T* c, nint step, T alpha, T beta)
    {
        if (Vector512.IsHardwareAccelerated) Tile8(k, a, b, c, step, alpha, beta);
        else Tile4(k, a, b, c, step, alpha, beta);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutRow(W x, W y, W z, T* c, T alpha, T beta)
    {
        var factor = W.Of(alpha);
        x = factor * x;
        y = factor * y;
        z = factor * z;
        if (!T.IsZero(beta))
        {
            var scale = W.Of(beta);
            x = W.MultiplyAdd(scale, W.Load(in *c), x);
            y = W.MultiplyAdd(scale, W.Load(in c[W.Count]), y);
            z = W.MultiplyAdd(scale, W.Load(in c[2 * W.Count]), z);
        }
        W.Store(x, ref *c);
        W.Store(y, ref c[W.Count]);
        W.Store(z, ref c[2 * W.Count]);
    }

    /// <summary>8 rows by 3 registers of C over packed slivers: 24 sums that stay in registers until they go to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8(int k, T* a, T* b, T* c, nint step, T alpha, T beta)
    {
        W c0x = W.Zero, c0y = W.Zero, c0z = W.Zero,
            c1x = W.Zero, c1y = W.Zero, c1z = W.Zero,
            c2x = W.Zero, c2y = W.Zero, c2z = W.Zero,
            c3x = W.Zero, c3y = W.Zero, c3z = W.Zero,
            c4x = W.Zero, c4y = W.Zero, c4z = W.Zero,
            c5x = W.Zero, c5y = W.Zero, c5z = W.Zero,
            c6x = W.Zero, c6y = W.Zero, c6z = W.Zero,
            c7x = W.Zero, c7y = W.Zero, c7z = W.Zero;
        for (var p = 0; p < k; p++)
        {
            W bx = W.Load(in *b), by = W.Load(in b[W.Count]), bz = W.Load(in b[2 * W.Count]);
            var v = W.Of(a[0]);
            c0x = W.MultiplyAdd(v, bx, c0x);
            c0y = W.MultiplyAdd(v, by, c0y);
            c0z = W.MultiplyAdd(v, bz, c0z);
            v = W.Of(a[1]);
            c1x = W.MultiplyAdd(v, bx, c1x);
            c1y = W.MultiplyAdd(v, by, c1y);
            c1z = W.MultiplyAdd(v, bz, c1z);
            v = W.Of(a[2]);
            c2x = W.MultiplyAdd(v, bx, c2x);
            c2y = W.MultiplyAdd(v, by, c2y);
            c2z = W.MultiplyAdd(v, bz, c2z);
            v = W.Of(a[3]);
            c3x = W.MultiplyAdd(v, bx, c3x);
            c3y = W.MultiplyAdd(v, by, c3y);
            c3z = W.MultiplyAdd(v, bz, c3z);
            v = W.Of(a[4]);
            c4x = W.MultiplyAdd(v, bx, c4x);
            c4y = W.MultiplyAdd(v, by, c4y);
            c4z = W.MultiplyAdd(v, bz, c4z);
            v = W.Of(a[5]);
            c5x = W.MultiplyAdd(v, bx, c5x);
            c5y = W.MultiplyAdd(v, by, c5y);
            c5z = W.MultiplyAdd(v, bz, c5z);
            v = W.Of(a[6]);
            c6x = W.MultiplyAdd(v, bx, c6x);
            c6y = W.MultiplyAdd(v, by, c6y);
            c6z = W.MultiplyAdd(v, bz, c6z);
            v = W.Of(a[7]);
            c7x = W.MultiplyAdd(v, bx, c7x);
            c7y = W.MultiplyAdd(v, by, c7y);
            c7z = W.MultiplyAdd(v, bz, c7z);
            a += 8;
            b += 3 * W.Count;
        }
        PutRow(c0x, c0y, c0z, c, alpha, beta);
        PutRow(c1x, c1y, c1z, c + step, alpha, beta);
        PutRow(c2x, c2y, c2z, c + 2 * step, alpha, beta);
        PutRow(c3x, c3y, c3z, c + 3 * step, alpha, beta);
        PutRow(c4x, c4y, c4z, c + 4 * step, alpha, beta);
        PutRow(c5x, c5y, c5z, c + 5 * step, alpha, beta);
        PutRow(c6x, c6y, c6z, c + 6 * step, alpha, beta);
        PutRow(c7x, c7y, c7z, c + 7 * step, alpha, beta);
    }

    /// <summary>4 rows by 3 registers of C over packed slivers: 12 sums that stay in registers until they go to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4(int k, T* a, T* b, T* c, nint step, T alpha, T beta)
    {
        W c0x = W.Zero, c0y = W.Zero, c0z = W.Zero,
            c1x = W.Zero, c1y = W.Zero, c1z = W.Zero,
            c2x = W.Zero, c2y = W.Zero, c2z = W.Zero,
            c3x = W.Zero, c3y = W.Zero, c3z = W.Zero;
        for (var p = 0; p < k; p++)
        {
            W bx = W.Load(in *b), by = W.Load(in b[W.Count]), bz = W.Load(in b[2 * W.Count]);
            var v = W.Of(a[0]);
            c0x = W.MultiplyAdd(v, bx, c0x);
            c0y = W.MultiplyAdd(v, by, c0y);
            c0z = W.MultiplyAdd(v, bz, c0z);
            v = W.Of(a[1]);
            c1x = W.MultiplyAdd(v, bx, c1x);
            c1y = W.MultiplyAdd(v, by, c1y);
            c1z = W.MultiplyAdd(v, bz, c1z);
            v = W.Of(a[2]);
            c2x = W.MultiplyAdd(v, bx, c2x);
            c2y = W.MultiplyAdd(v, by, c2y);
            c2z = W.MultiplyAdd(v, bz, c2z);
            v = W.Of(a[3]);
            c3x = W.MultiplyAdd(v, bx, c3x);
            c3y = W.MultiplyAdd(v, by, c3y);
            c3z = W.MultiplyAdd(v, bz, c3z);
            a += 4;
            b += 3 * W.Count;
        }
        PutRow(c0x, c0y, c0z, c, alpha, beta);
        PutRow(c1x, c1y, c1z, c + step, alpha, beta);
        PutRow(c2x, c2y, c2z, c + 2 * step, alpha, beta);
        PutRow(c3x, c3y, c3z, c + 3 * step, alpha, beta);
    }

    /// <summary>Slivers of TileRows rows, column after column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackLeft(MatrixView<T> a, int m, int k, T* to)
    {
        int height = TileRows, i = 0;
        for (; i + height <= m; i += height, to += (nint)height * k)
        {
            if (a.RowStep == 1)
            {
                for (var p = 0; p < k; p++) Copy(a.At(i, p), to + (nint)p * height, height);
            }
            else
            {
                for (var r = 0; r < height; r++)
                {
                    var from = a.At(i + r, 0);
                    for (nint p = 0; p < k; p++) to[p * height + r] = from[p * a.ColumnStep];
                }
            }
        }
        if (i < m) PackEdge(a.From(i, 0), m - i, k, height, to);
    }

    /// <summary>Slivers of TileColumns columns, row after row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRight(MatrixView<T> b, int k, int n, T* to)
    {
        int width = TileColumns, j = 0;
        for (; j + width <= n; j += width, to += (nint)width * k)
        {
            if (b.ColumnStep == 1)
            {
                for (var p = 0; p < k; p++)
                {
                    T* from = b.At(p, j), target = to + (nint)p * width;
                    W.Store(W.Load(in *from), ref *target);
                    W.Store(W.Load(in from[W.Count]), ref target[W.Count]);
                    W.Store(W.Load(in from[2 * W.Count]), ref target[2 * W.Count]);
                }
            }
            else
            {
                for (var q = 0; q < width; q++)
                {
                    var from = b.At(0, j + q);
                    for (nint p = 0; p < k; p++) to[p * width + q] = from[p * b.RowStep];
                }
            }
        }
        if (j < n) PackEdge(b.From(0, j).Transposed(), n - j, k, width, to);
    }

    /// <summary>A sliver with fewer rows than its height: zeros below.</summary>
    private static void PackEdge(MatrixView<T> a, int rows, int k, int height, T* to)
    {
        for (var p = 0; p < k; p++, to += height)
        {
            for (var r = 0; r < rows; r++) to[r] = *a.At(r, p);
            for (var r = rows; r < height; r++) to[r] = T.Zero;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(T* from, T* to, int count)
    {
        for (var r = 0; r < count; r++) to[r] = from[r];
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}

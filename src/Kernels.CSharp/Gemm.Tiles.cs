using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>The innermost loops: one tile of C, at most 8 rows by 3 registers, from A and B wherever they lie. Each element of C is one chain
/// of multiply-adds over k, so its bits depend neither on the tile it is in nor on the width of the registers.</summary>
internal static unsafe class GemmTiles<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>The first rows rows and the given number of registers of C from c on; a and b are where the rows of A and the columns of B begin. The columns
    /// of B must be neighbours. Rows that the tile has too many repeat the last one and are not stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile(in Product<T> job, T* a, T* b, T* c, int rows, int registers)
    {
        if (L.Rows == 8 && rows > 4)
        {
            if (registers == 3) Tile8x3(job, a, b, c, rows);
            else if (registers == 2) Tile8x2(job, a, b, c, rows);
            else Tile8x1(job, a, b, c, rows);
        }
        else if (registers == 3) Tile4x3(job, a, b, c, rows);
        else if (registers == 2) Tile4x2(job, a, b, c, rows);
        else Tile4x1(job, a, b, c, rows);
    }

    /// <summary>All rows of C, registers of columns wide, from column j on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip(in Product<T> job, int j, int registers)
    {
        T* b = job.B.At(0, j), c = job.C.At(0, j), a = job.A.Start;
        for (var i = 0; i < job.M; i += L.Rows)
        {
            Tile(job, a, b, c, Math.Min(L.Rows, job.M - i), registers);
            a += L.Rows * job.A.RowStep;
            c += L.Rows * job.C.RowStep;
        }
    }

    /// <summary>8 rows by 3 registers of C: 24 sums that stay in registers until they go to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x3(in Product<T> job, T* a0, T* b, T* c, int rows)
    {
        nint row = job.A.RowStep, step = job.A.ColumnStep, stepB = job.B.RowStep;
        T* a1 = rows > 1 ? a0 + row : a0,
            a2 = rows > 2 ? a1 + row : a1,
            a3 = rows > 3 ? a2 + row : a2,
            a4 = rows > 4 ? a3 + row : a3,
            a5 = rows > 5 ? a4 + row : a4,
            a6 = rows > 6 ? a5 + row : a5,
            a7 = rows > 7 ? a6 + row : a6;
        V s0x = default, s0y = default, s0z = default,
            s1x = default, s1y = default, s1z = default,
            s2x = default, s2y = default, s2z = default,
            s3x = default, s3y = default, s3z = default,
            s4x = default, s4y = default, s4z = default,
            s5x = default, s5y = default, s5z = default,
            s6x = default, s6y = default, s6z = default,
            s7x = default, s7y = default, s7z = default;
        nint at = 0;
        for (var p = job.K; p > 0; p--)
        {
            V bx = L.Load(b), by = L.Load(b + L.Count), bz = L.Load(b + 2 * L.Count);
            var v = L.Of(a0[at]);
            s0x = L.MultiplyAdd(v, bx, s0x);
            s0y = L.MultiplyAdd(v, by, s0y);
            s0z = L.MultiplyAdd(v, bz, s0z);
            v = L.Of(a1[at]);
            s1x = L.MultiplyAdd(v, bx, s1x);
            s1y = L.MultiplyAdd(v, by, s1y);
            s1z = L.MultiplyAdd(v, bz, s1z);
            v = L.Of(a2[at]);
            s2x = L.MultiplyAdd(v, bx, s2x);
            s2y = L.MultiplyAdd(v, by, s2y);
            s2z = L.MultiplyAdd(v, bz, s2z);
            v = L.Of(a3[at]);
            s3x = L.MultiplyAdd(v, bx, s3x);
            s3y = L.MultiplyAdd(v, by, s3y);
            s3z = L.MultiplyAdd(v, bz, s3z);
            v = L.Of(a4[at]);
            s4x = L.MultiplyAdd(v, bx, s4x);
            s4y = L.MultiplyAdd(v, by, s4y);
            s4z = L.MultiplyAdd(v, bz, s4z);
            v = L.Of(a5[at]);
            s5x = L.MultiplyAdd(v, bx, s5x);
            s5y = L.MultiplyAdd(v, by, s5y);
            s5z = L.MultiplyAdd(v, bz, s5z);
            v = L.Of(a6[at]);
            s6x = L.MultiplyAdd(v, bx, s6x);
            s6y = L.MultiplyAdd(v, by, s6y);
            s6z = L.MultiplyAdd(v, bz, s6z);
            v = L.Of(a7[at]);
            s7x = L.MultiplyAdd(v, bx, s7x);
            s7y = L.MultiplyAdd(v, by, s7y);
            s7z = L.MultiplyAdd(v, bz, s7z);
            at += step;
            b += stepB;
        }
        V alpha = L.Of(job.Alpha), beta = L.Of(job.Beta);
        var keep = !T.IsZero(job.Beta);
        var stepC = job.C.RowStep;
        Put(s0x, s0y, s0z, c, alpha, beta, keep);
        if (rows == 1) return;
        c += stepC;
        Put(s1x, s1y, s1z, c, alpha, beta, keep);
        if (rows == 2) return;
        c += stepC;
        Put(s2x, s2y, s2z, c, alpha, beta, keep);
        if (rows == 3) return;
        c += stepC;
        Put(s3x, s3y, s3z, c, alpha, beta, keep);
        if (rows == 4) return;
        c += stepC;
        Put(s4x, s4y, s4z, c, alpha, beta, keep);
        if (rows == 5) return;
        c += stepC;
        Put(s5x, s5y, s5z, c, alpha, beta, keep);
        if (rows == 6) return;
        c += stepC;
        Put(s6x, s6y, s6z, c, alpha, beta, keep);
        if (rows == 7) return;
        c += stepC;
        Put(s7x, s7y, s7z, c, alpha, beta, keep);
    }

    /// <summary>A whole tile of 8 rows by 3 registers of C from packed slivers of A and B. Everything lies at constant distances from two addresses, and two steps are taken at
    /// once: what else the loop does costs a tenth of the speed of the multiply-adds. The rows of C lie in a cache far away and are asked for one by one while their sums are being made: all at once they
    /// would stand in the way of A and B. The sums are those of <see cref="Tile8x3"/>, bit for bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackedTile(T* a, T* b, int k, T* c, nint stepC, T alpha, T beta)
    {
        V s0x = default, s0y = default, s0z = default,
            s1x = default, s1y = default, s1z = default,
            s2x = default, s2y = default, s2z = default,
            s3x = default, s3y = default, s3z = default,
            s4x = default, s4y = default, s4z = default,
            s5x = default, s5y = default, s5z = default,
            s6x = default, s6y = default, s6z = default,
            s7x = default, s7y = default, s7z = default;
        int pairs = k / 2, stretch = (pairs + 7) / 8;
        for (var row = c; pairs > 0; row += stepC)
        {
            FetchRow(row);
            var some = Math.Min(stretch, pairs);
            pairs -= some;
            for (; some > 0; some--)
            {
                V bx = L.Load(b), by = L.Load(b + L.Count), bz = L.Load(b + 2 * L.Count);
                var v = L.Of(a[0]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                s0y = L.MultiplyAdd(v, by, s0y);
                s0z = L.MultiplyAdd(v, bz, s0z);
                v = L.Of(a[1]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                s1y = L.MultiplyAdd(v, by, s1y);
                s1z = L.MultiplyAdd(v, bz, s1z);
                v = L.Of(a[2]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                s2y = L.MultiplyAdd(v, by, s2y);
                s2z = L.MultiplyAdd(v, bz, s2z);
                v = L.Of(a[3]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                s3y = L.MultiplyAdd(v, by, s3y);
                s3z = L.MultiplyAdd(v, bz, s3z);
                v = L.Of(a[4]);
                s4x = L.MultiplyAdd(v, bx, s4x);
                s4y = L.MultiplyAdd(v, by, s4y);
                s4z = L.MultiplyAdd(v, bz, s4z);
                v = L.Of(a[5]);
                s5x = L.MultiplyAdd(v, bx, s5x);
                s5y = L.MultiplyAdd(v, by, s5y);
                s5z = L.MultiplyAdd(v, bz, s5z);
                v = L.Of(a[6]);
                s6x = L.MultiplyAdd(v, bx, s6x);
                s6y = L.MultiplyAdd(v, by, s6y);
                s6z = L.MultiplyAdd(v, bz, s6z);
                v = L.Of(a[7]);
                s7x = L.MultiplyAdd(v, bx, s7x);
                s7y = L.MultiplyAdd(v, by, s7y);
                s7z = L.MultiplyAdd(v, bz, s7z);
                bx = L.Load(b + 3 * L.Count);
                by = L.Load(b + 4 * L.Count);
                bz = L.Load(b + 5 * L.Count);
                v = L.Of(a[8]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                s0y = L.MultiplyAdd(v, by, s0y);
                s0z = L.MultiplyAdd(v, bz, s0z);
                v = L.Of(a[9]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                s1y = L.MultiplyAdd(v, by, s1y);
                s1z = L.MultiplyAdd(v, bz, s1z);
                v = L.Of(a[10]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                s2y = L.MultiplyAdd(v, by, s2y);
                s2z = L.MultiplyAdd(v, bz, s2z);
                v = L.Of(a[11]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                s3y = L.MultiplyAdd(v, by, s3y);
                s3z = L.MultiplyAdd(v, bz, s3z);
                v = L.Of(a[12]);
                s4x = L.MultiplyAdd(v, bx, s4x);
                s4y = L.MultiplyAdd(v, by, s4y);
                s4z = L.MultiplyAdd(v, bz, s4z);
                v = L.Of(a[13]);
                s5x = L.MultiplyAdd(v, bx, s5x);
                s5y = L.MultiplyAdd(v, by, s5y);
                s5z = L.MultiplyAdd(v, bz, s5z);
                v = L.Of(a[14]);
                s6x = L.MultiplyAdd(v, bx, s6x);
                s6y = L.MultiplyAdd(v, by, s6y);
                s6z = L.MultiplyAdd(v, bz, s6z);
                v = L.Of(a[15]);
                s7x = L.MultiplyAdd(v, bx, s7x);
                s7y = L.MultiplyAdd(v, by, s7y);
                s7z = L.MultiplyAdd(v, bz, s7z);
                a += 2 * 8;
                b += 6 * L.Count;
            }
        }
        if (k % 2 > 0)
        {
            V bx = L.Load(b), by = L.Load(b + L.Count), bz = L.Load(b + 2 * L.Count);
            var v = L.Of(a[0]);
            s0x = L.MultiplyAdd(v, bx, s0x);
            s0y = L.MultiplyAdd(v, by, s0y);
            s0z = L.MultiplyAdd(v, bz, s0z);
            v = L.Of(a[1]);
            s1x = L.MultiplyAdd(v, bx, s1x);
            s1y = L.MultiplyAdd(v, by, s1y);
            s1z = L.MultiplyAdd(v, bz, s1z);
            v = L.Of(a[2]);
            s2x = L.MultiplyAdd(v, bx, s2x);
            s2y = L.MultiplyAdd(v, by, s2y);
            s2z = L.MultiplyAdd(v, bz, s2z);
            v = L.Of(a[3]);
            s3x = L.MultiplyAdd(v, bx, s3x);
            s3y = L.MultiplyAdd(v, by, s3y);
            s3z = L.MultiplyAdd(v, bz, s3z);
            v = L.Of(a[4]);
            s4x = L.MultiplyAdd(v, bx, s4x);
            s4y = L.MultiplyAdd(v, by, s4y);
            s4z = L.MultiplyAdd(v, bz, s4z);
            v = L.Of(a[5]);
            s5x = L.MultiplyAdd(v, bx, s5x);
            s5y = L.MultiplyAdd(v, by, s5y);
            s5z = L.MultiplyAdd(v, bz, s5z);
            v = L.Of(a[6]);
            s6x = L.MultiplyAdd(v, bx, s6x);
            s6y = L.MultiplyAdd(v, by, s6y);
            s6z = L.MultiplyAdd(v, bz, s6z);
            v = L.Of(a[7]);
            s7x = L.MultiplyAdd(v, bx, s7x);
            s7y = L.MultiplyAdd(v, by, s7y);
            s7z = L.MultiplyAdd(v, bz, s7z);
        }
        V weight = L.Of(alpha), old = L.Of(beta);
        var keep = !T.IsZero(beta);
        Put(s0x, s0y, s0z, c, weight, old, keep);
        c += stepC;
        Put(s1x, s1y, s1z, c, weight, old, keep);
        c += stepC;
        Put(s2x, s2y, s2z, c, weight, old, keep);
        c += stepC;
        Put(s3x, s3y, s3z, c, weight, old, keep);
        c += stepC;
        Put(s4x, s4y, s4z, c, weight, old, keep);
        c += stepC;
        Put(s5x, s5y, s5z, c, weight, old, keep);
        c += stepC;
        Put(s6x, s6y, s6z, c, weight, old, keep);
        c += stepC;
        Put(s7x, s7y, s7z, c, weight, old, keep);
    }

    /// <summary>Asks for one row of a whole tile of C. Into the second cache, because the first is full of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchRow(T* c)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch1(c);
        Sse.Prefetch1(c + L.Count);
        Sse.Prefetch1(c + 2 * L.Count);
        Sse.Prefetch1(c + 3 * L.Count - 1);
    }

    /// <summary>8 rows by 2 registers of C: 16 sums that stay in registers until they go to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x2(in Product<T> job, T* a0, T* b, T* c, int rows)
    {
        nint row = job.A.RowStep, step = job.A.ColumnStep, stepB = job.B.RowStep;
        T* a1 = rows > 1 ? a0 + row : a0,
            a2 = rows > 2 ? a1 + row : a1,
            a3 = rows > 3 ? a2 + row : a2,
            a4 = rows > 4 ? a3 + row : a3,
            a5 = rows > 5 ? a4 + row : a4,
            a6 = rows > 6 ? a5 + row : a5,
            a7 = rows > 7 ? a6 + row : a6;
        V s0x = default, s0y = default,
            s1x = default, s1y = default,
            s2x = default, s2y = default,
            s3x = default, s3y = default,
            s4x = default, s4y = default,
            s5x = default, s5y = default,
            s6x = default, s6y = default,
            s7x = default, s7y = default;
        nint at = 0;
        for (var p = job.K; p > 0; p--)
        {
            V bx = L.Load(b), by = L.Load(b + L.Count);
            var v = L.Of(a0[at]);
            s0x = L.MultiplyAdd(v, bx, s0x);
            s0y = L.MultiplyAdd(v, by, s0y);
            v = L.Of(a1[at]);
            s1x = L.MultiplyAdd(v, bx, s1x);
            s1y = L.MultiplyAdd(v, by, s1y);
            v = L.Of(a2[at]);
            s2x = L.MultiplyAdd(v, bx, s2x);
            s2y = L.MultiplyAdd(v, by, s2y);
            v = L.Of(a3[at]);
            s3x = L.MultiplyAdd(v, bx, s3x);
            s3y = L.MultiplyAdd(v, by, s3y);
            v = L.Of(a4[at]);
            s4x = L.MultiplyAdd(v, bx, s4x);
            s4y = L.MultiplyAdd(v, by, s4y);
            v = L.Of(a5[at]);
            s5x = L.MultiplyAdd(v, bx, s5x);
            s5y = L.MultiplyAdd(v, by, s5y);
            v = L.Of(a6[at]);
            s6x = L.MultiplyAdd(v, bx, s6x);
            s6y = L.MultiplyAdd(v, by, s6y);
            v = L.Of(a7[at]);
            s7x = L.MultiplyAdd(v, bx, s7x);
            s7y = L.MultiplyAdd(v, by, s7y);
            at += step;
            b += stepB;
        }
        V alpha = L.Of(job.Alpha), beta = L.Of(job.Beta);
        var keep = !T.IsZero(job.Beta);
        var stepC = job.C.RowStep;
        Put(s0x, s0y, c, alpha, beta, keep);
        if (rows == 1) return;
        c += stepC;
        Put(s1x, s1y, c, alpha, beta, keep);
        if (rows == 2) return;
        c += stepC;
        Put(s2x, s2y, c, alpha, beta, keep);
        if (rows == 3) return;
        c += stepC;
        Put(s3x, s3y, c, alpha, beta, keep);
        if (rows == 4) return;
        c += stepC;
        Put(s4x, s4y, c, alpha, beta, keep);
        if (rows == 5) return;
        c += stepC;
        Put(s5x, s5y, c, alpha, beta, keep);
        if (rows == 6) return;
        c += stepC;
        Put(s6x, s6y, c, alpha, beta, keep);
        if (rows == 7) return;
        c += stepC;
        Put(s7x, s7y, c, alpha, beta, keep);
    }

    /// <summary>8 rows by 1 register of C: 8 sums that stay in registers until they go to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x1(in Product<T> job, T* a0, T* b, T* c, int rows)
    {
        nint row = job.A.RowStep, step = job.A.ColumnStep, stepB = job.B.RowStep;
        T* a1 = rows > 1 ? a0 + row : a0,
            a2 = rows > 2 ? a1 + row : a1,
            a3 = rows > 3 ? a2 + row : a2,
            a4 = rows > 4 ? a3 + row : a3,
            a5 = rows > 5 ? a4 + row : a4,
            a6 = rows > 6 ? a5 + row : a5,
            a7 = rows > 7 ? a6 + row : a6;
        V s0x = default,
            s1x = default,
            s2x = default,
            s3x = default,
            s4x = default,
            s5x = default,
            s6x = default,
            s7x = default;
        nint at = 0;
        for (var p = job.K; p > 0; p--)
        {
            V bx = L.Load(b);
            var v = L.Of(a0[at]);
            s0x = L.MultiplyAdd(v, bx, s0x);
            v = L.Of(a1[at]);
            s1x = L.MultiplyAdd(v, bx, s1x);
            v = L.Of(a2[at]);
            s2x = L.MultiplyAdd(v, bx, s2x);
            v = L.Of(a3[at]);
            s3x = L.MultiplyAdd(v, bx, s3x);
            v = L.Of(a4[at]);
            s4x = L.MultiplyAdd(v, bx, s4x);
            v = L.Of(a5[at]);
            s5x = L.MultiplyAdd(v, bx, s5x);
            v = L.Of(a6[at]);
            s6x = L.MultiplyAdd(v, bx, s6x);
            v = L.Of(a7[at]);
            s7x = L.MultiplyAdd(v, bx, s7x);
            at += step;
            b += stepB;
        }
        V alpha = L.Of(job.Alpha), beta = L.Of(job.Beta);
        var keep = !T.IsZero(job.Beta);
        var stepC = job.C.RowStep;
        Put(s0x, c, alpha, beta, keep);
        if (rows == 1) return;
        c += stepC;
        Put(s1x, c, alpha, beta, keep);
        if (rows == 2) return;
        c += stepC;
        Put(s2x, c, alpha, beta, keep);
        if (rows == 3) return;
        c += stepC;
        Put(s3x, c, alpha, beta, keep);
        if (rows == 4) return;
        c += stepC;
        Put(s4x, c, alpha, beta, keep);
        if (rows == 5) return;
        c += stepC;
        Put(s5x, c, alpha, beta, keep);
        if (rows == 6) return;
        c += stepC;
        Put(s6x, c, alpha, beta, keep);
        if (rows == 7) return;
        c += stepC;
        Put(s7x, c, alpha, beta, keep);
    }

    /// <summary>4 rows by 3 registers of C: 12 sums that stay in registers until they go to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x3(in Product<T> job, T* a0, T* b, T* c, int rows)
    {
        nint row = job.A.RowStep, step = job.A.ColumnStep, stepB = job.B.RowStep;
        T* a1 = rows > 1 ? a0 + row : a0,
            a2 = rows > 2 ? a1 + row : a1,
            a3 = rows > 3 ? a2 + row : a2;
        V s0x = default, s0y = default, s0z = default,
            s1x = default, s1y = default, s1z = default,
            s2x = default, s2y = default, s2z = default,
            s3x = default, s3y = default, s3z = default;
        nint at = 0;
        for (var p = job.K; p > 0; p--)
        {
            V bx = L.Load(b), by = L.Load(b + L.Count), bz = L.Load(b + 2 * L.Count);
            var v = L.Of(a0[at]);
            s0x = L.MultiplyAdd(v, bx, s0x);
            s0y = L.MultiplyAdd(v, by, s0y);
            s0z = L.MultiplyAdd(v, bz, s0z);
            v = L.Of(a1[at]);
            s1x = L.MultiplyAdd(v, bx, s1x);
            s1y = L.MultiplyAdd(v, by, s1y);
            s1z = L.MultiplyAdd(v, bz, s1z);
            v = L.Of(a2[at]);
            s2x = L.MultiplyAdd(v, bx, s2x);
            s2y = L.MultiplyAdd(v, by, s2y);
            s2z = L.MultiplyAdd(v, bz, s2z);
            v = L.Of(a3[at]);
            s3x = L.MultiplyAdd(v, bx, s3x);
            s3y = L.MultiplyAdd(v, by, s3y);
            s3z = L.MultiplyAdd(v, bz, s3z);
            at += step;
            b += stepB;
        }
        V alpha = L.Of(job.Alpha), beta = L.Of(job.Beta);
        var keep = !T.IsZero(job.Beta);
        var stepC = job.C.RowStep;
        Put(s0x, s0y, s0z, c, alpha, beta, keep);
        if (rows == 1) return;
        c += stepC;
        Put(s1x, s1y, s1z, c, alpha, beta, keep);
        if (rows == 2) return;
        c += stepC;
        Put(s2x, s2y, s2z, c, alpha, beta, keep);
        if (rows == 3) return;
        c += stepC;
        Put(s3x, s3y, s3z, c, alpha, beta, keep);
    }

    /// <summary>4 rows by 2 registers of C: 8 sums that stay in registers until they go to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2(in Product<T> job, T* a0, T* b, T* c, int rows)
    {
        nint row = job.A.RowStep, step = job.A.ColumnStep, stepB = job.B.RowStep;
        T* a1 = rows > 1 ? a0 + row : a0,
            a2 = rows > 2 ? a1 + row : a1,
            a3 = rows > 3 ? a2 + row : a2;
        V s0x = default, s0y = default,
            s1x = default, s1y = default,
            s2x = default, s2y = default,
            s3x = default, s3y = default;
        nint at = 0;
        for (var p = job.K; p > 0; p--)
        {
            V bx = L.Load(b), by = L.Load(b + L.Count);
            var v = L.Of(a0[at]);
            s0x = L.MultiplyAdd(v, bx, s0x);
            s0y = L.MultiplyAdd(v, by, s0y);
            v = L.Of(a1[at]);
            s1x = L.MultiplyAdd(v, bx, s1x);
            s1y = L.MultiplyAdd(v, by, s1y);
            v = L.Of(a2[at]);
            s2x = L.MultiplyAdd(v, bx, s2x);
            s2y = L.MultiplyAdd(v, by, s2y);
            v = L.Of(a3[at]);
            s3x = L.MultiplyAdd(v, bx, s3x);
            s3y = L.MultiplyAdd(v, by, s3y);
            at += step;
            b += stepB;
        }
        V alpha = L.Of(job.Alpha), beta = L.Of(job.Beta);
        var keep = !T.IsZero(job.Beta);
        var stepC = job.C.RowStep;
        Put(s0x, s0y, c, alpha, beta, keep);
        if (rows == 1) return;
        c += stepC;
        Put(s1x, s1y, c, alpha, beta, keep);
        if (rows == 2) return;
        c += stepC;
        Put(s2x, s2y, c, alpha, beta, keep);
        if (rows == 3) return;
        c += stepC;
        Put(s3x, s3y, c, alpha, beta, keep);
    }

    /// <summary>4 rows by 1 register of C: 4 sums that stay in registers until they go to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x1(in Product<T> job, T* a0, T* b, T* c, int rows)
    {
        nint row = job.A.RowStep, step = job.A.ColumnStep, stepB = job.B.RowStep;
        T* a1 = rows > 1 ? a0 + row : a0,
            a2 = rows > 2 ? a1 + row : a1,
            a3 = rows > 3 ? a2 + row : a2;
        V s0x = default,
            s1x = default,
            s2x = default,
            s3x = default;
        nint at = 0;
        for (var p = job.K; p > 0; p--)
        {
            V bx = L.Load(b);
            var v = L.Of(a0[at]);
            s0x = L.MultiplyAdd(v, bx, s0x);
            v = L.Of(a1[at]);
            s1x = L.MultiplyAdd(v, bx, s1x);
            v = L.Of(a2[at]);
            s2x = L.MultiplyAdd(v, bx, s2x);
            v = L.Of(a3[at]);
            s3x = L.MultiplyAdd(v, bx, s3x);
            at += step;
            b += stepB;
        }
        V alpha = L.Of(job.Alpha), beta = L.Of(job.Beta);
        var keep = !T.IsZero(job.Beta);
        var stepC = job.C.RowStep;
        Put(s0x, c, alpha, beta, keep);
        if (rows == 1) return;
        c += stepC;
        Put(s1x, c, alpha, beta, keep);
        if (rows == 2) return;
        c += stepC;
        Put(s2x, c, alpha, beta, keep);
        if (rows == 3) return;
        c += stepC;
        Put(s3x, c, alpha, beta, keep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(V x, V y, V z, T* c, V alpha, V beta, bool keep)
    {
        Put(x, c, alpha, beta, keep);
        Put(y, c + L.Count, alpha, beta, keep);
        Put(z, c + 2 * L.Count, alpha, beta, keep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(V x, V y, T* c, V alpha, V beta, bool keep)
    {
        Put(x, c, alpha, beta, keep);
        Put(y, c + L.Count, alpha, beta, keep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(V x, T* c, V alpha, V beta, bool keep)
    {
        x = L.Multiply(alpha, x);
        if (keep) x = L.MultiplyAdd(beta, L.Load(c), x);
        L.Store(x, c);
    }
}

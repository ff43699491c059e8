using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>The innermost loops of convolution. In a padded image whose rows lie behind each other, what a tap of the kernel sees of all
/// positions at once is the image itself, shifted; so the matrix of columns is never made: its rows are places in the image.</summary>
internal static unsafe class ConvolutionTiles<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>The columns of a tile.</summary>
    public static int Columns => 3 * L.Count;

    /// <summary>The height of the tile for so many rows: full, 6, 4, or a single one.</summary>
    public static int Height(int rows) => rows == 1 ? 1 : rows <= 4 ? 4 : rows <= 6 ? 6 : L.Rows;

    /// <summary>The same without the single row: of tiles whose rows of B lie at one distance there is none.</summary>
    public static int PanelHeight(int rows) => Math.Max(4, Height(rows));

    /// <summary>So many columns in whole tiles.</summary>
    public static int Tiled(int columns) => (columns + Columns - 1) / Columns * Columns;

    /// <summary>c = (c if kept) + A·B for height rows and 3 registers; a holds A column after column, the rows of B lie stepB apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile(int height, int k, T* a, T* b, nint stepB, T* c, nint step, bool keep)
    {
        if (height == 8) Rows<TileOf8, EvenRows>(k, a, b, stepB, null, c, step, keep);
        else if (height == 6) Rows<TileOf6, EvenRows>(k, a, b, stepB, null, c, step, keep);
        else Rows<TileOf4, EvenRows>(k, a, b, stepB, null, c, step, keep);
    }

    /// <summary>The same where row p of B begins at b + shifts[p].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile(int height, int k, T* a, int* shifts, T* b, T* c, nint step, bool keep)
    {
        if (height == 8) Rows<TileOf8, ShiftedRows>(k, a, b, 0, shifts, c, step, keep);
        else if (height == 6) Rows<TileOf6, ShiftedRows>(k, a, b, 0, shifts, c, step, keep);
        else if (height == 4) Rows<TileOf4, ShiftedRows>(k, a, b, 0, shifts, c, step, keep);
        else Row(k, a, shifts, b, c, keep);
    }

    /// <summary>The rows of y and the shifted rows of x that one call of Dot takes.</summary>
    public static int DotRows(int rows) => rows == 1 ? 1 : L.Rows == 8 ? 4 : 2;

    /// <summary>See <see cref="DotRows"/>.</summary>
    public static int DotColumns(int rows) => rows == 1 || L.Rows == 8 ? 6 : 4;

    /// <summary>target[i; j] = Σ y[i; q] x[q + shifts[j]] over the first length q, a whole number of registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dot(int rows, T* y, nint step, T* x, int* shifts, int length, T* target)
    {
        if (rows == 1) Dot1x6(y, step, x, shifts, length, target);
        else if (L.Rows == 8) Dot4x6(y, step, x, shifts, length, target);
        else Dot2x4(y, step, x, shifts, length, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(V x, V y, V z, T* c)
    {
        L.Store(x, c);
        L.Store(y, c + L.Count);
        L.Store(z, c + 2 * L.Count);
    }

    /// <summary>Rows of a kind by 3 registers: sums that stay in registers. The rows that a kind does not have are left out when it is compiled. Two steps are taken at once: what else
    /// the loop does costs a tenth of the speed of the multiply-adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<H, P>(int k, T* a, T* b, nint stepB, int* shifts, T* c, nint step, bool keep) where H : struct, ITileHeight where P : struct, IRowPlaces
    {
        V s0x = default, s0y = default, s0z = default,
            s1x = default, s1y = default, s1z = default,
            s2x = default, s2y = default, s2z = default,
            s3x = default, s3y = default, s3z = default,
            s4x = default, s4y = default, s4z = default,
            s5x = default, s5y = default, s5z = default,
            s6x = default, s6y = default, s6z = default,
            s7x = default, s7y = default, s7z = default;
        if (keep)
        {
            var from = c;
            s0x = L.Load(from);
            s0y = L.Load(from + L.Count);
            s0z = L.Load(from + 2 * L.Count);
            from += step;
            s1x = L.Load(from);
            s1y = L.Load(from + L.Count);
            s1z = L.Load(from + 2 * L.Count);
            from += step;
            s2x = L.Load(from);
            s2y = L.Load(from + L.Count);
            s2z = L.Load(from + 2 * L.Count);
            from += step;
            s3x = L.Load(from);
            s3y = L.Load(from + L.Count);
            s3z = L.Load(from + 2 * L.Count);
            if (H.Rows > 4)
            {
                from += step;
                s4x = L.Load(from);
                s4y = L.Load(from + L.Count);
                s4z = L.Load(from + 2 * L.Count);
                from += step;
                s5x = L.Load(from);
                s5y = L.Load(from + L.Count);
                s5z = L.Load(from + 2 * L.Count);
            }
            if (H.Rows > 6)
            {
                from += step;
                s6x = L.Load(from);
                s6y = L.Load(from + L.Count);
                s6z = L.Load(from + 2 * L.Count);
                from += step;
                s7x = L.Load(from);
                s7y = L.Load(from + L.Count);
                s7z = L.Load(from + 2 * L.Count);
            }
        }
        for (; k > 0; k -= 2)
        {
            var row = P.Shifted ? b + shifts[0] : b;
            V bx = L.Load(row), by = L.Load(row + L.Count), bz = L.Load(row + 2 * L.Count);
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
            if (H.Rows > 4)
            {
                v = L.Of(a[4]);
                s4x = L.MultiplyAdd(v, bx, s4x);
                s4y = L.MultiplyAdd(v, by, s4y);
                s4z = L.MultiplyAdd(v, bz, s4z);
                v = L.Of(a[5]);
                s5x = L.MultiplyAdd(v, bx, s5x);
                s5y = L.MultiplyAdd(v, by, s5y);
                s5z = L.MultiplyAdd(v, bz, s5z);
            }
            if (H.Rows > 6)
            {
                v = L.Of(a[6]);
                s6x = L.MultiplyAdd(v, bx, s6x);
                s6y = L.MultiplyAdd(v, by, s6y);
                s6z = L.MultiplyAdd(v, bz, s6z);
                v = L.Of(a[7]);
                s7x = L.MultiplyAdd(v, bx, s7x);
                s7y = L.MultiplyAdd(v, by, s7y);
                s7z = L.MultiplyAdd(v, bz, s7z);
            }
            if (k == 1) break;
            row = P.Shifted ? b + shifts[1] : b + stepB;
            bx = L.Load(row);
            by = L.Load(row + L.Count);
            bz = L.Load(row + 2 * L.Count);
            v = L.Of(a[H.Rows]);
            s0x = L.MultiplyAdd(v, bx, s0x);
            s0y = L.MultiplyAdd(v, by, s0y);
            s0z = L.MultiplyAdd(v, bz, s0z);
            v = L.Of(a[H.Rows + 1]);
            s1x = L.MultiplyAdd(v, bx, s1x);
            s1y = L.MultiplyAdd(v, by, s1y);
            s1z = L.MultiplyAdd(v, bz, s1z);
            v = L.Of(a[H.Rows + 2]);
            s2x = L.MultiplyAdd(v, bx, s2x);
            s2y = L.MultiplyAdd(v, by, s2y);
            s2z = L.MultiplyAdd(v, bz, s2z);
            v = L.Of(a[H.Rows + 3]);
            s3x = L.MultiplyAdd(v, bx, s3x);
            s3y = L.MultiplyAdd(v, by, s3y);
            s3z = L.MultiplyAdd(v, bz, s3z);
            if (H.Rows > 4)
            {
                v = L.Of(a[H.Rows + 4]);
                s4x = L.MultiplyAdd(v, bx, s4x);
                s4y = L.MultiplyAdd(v, by, s4y);
                s4z = L.MultiplyAdd(v, bz, s4z);
                v = L.Of(a[H.Rows + 5]);
                s5x = L.MultiplyAdd(v, bx, s5x);
                s5y = L.MultiplyAdd(v, by, s5y);
                s5z = L.MultiplyAdd(v, bz, s5z);
            }
            if (H.Rows > 6)
            {
                v = L.Of(a[H.Rows + 6]);
                s6x = L.MultiplyAdd(v, bx, s6x);
                s6y = L.MultiplyAdd(v, by, s6y);
                s6z = L.MultiplyAdd(v, bz, s6z);
                v = L.Of(a[H.Rows + 7]);
                s7x = L.MultiplyAdd(v, bx, s7x);
                s7y = L.MultiplyAdd(v, by, s7y);
                s7z = L.MultiplyAdd(v, bz, s7z);
            }
            a += 2 * H.Rows;
            if (P.Shifted) shifts += 2;
            else b += 2 * stepB;
        }
        Put(s0x, s0y, s0z, c);
        c += step;
        Put(s1x, s1y, s1z, c);
        c += step;
        Put(s2x, s2y, s2z, c);
        c += step;
        Put(s3x, s3y, s3z, c);
        if (H.Rows == 4) return;
        c += step;
        Put(s4x, s4y, s4z, c);
        c += step;
        Put(s5x, s5y, s5z, c);
        if (H.Rows == 6) return;
        c += step;
        Put(s6x, s6y, s6z, c);
        c += step;
        Put(s7x, s7y, s7z, c);
    }

    /// <summary>One row by 3 registers, every other product in sums of its own: one chain would wait for itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(int k, T* a, int* shifts, T* b, T* c, bool keep)
    {
        V x = default, y = default, z = default, x2 = default, y2 = default, z2 = default;
        if (keep)
        {
            x = L.Load(c);
            y = L.Load(c + L.Count);
            z = L.Load(c + 2 * L.Count);
        }
        var p = 0;
        for (; p + 2 <= k; p += 2)
        {
            T* row = b + shifts[p], row2 = b + shifts[p + 1];
            V v = L.Of(a[p]), v2 = L.Of(a[p + 1]);
            x = L.MultiplyAdd(v, L.Load(row), x);
            y = L.MultiplyAdd(v, L.Load(row + L.Count), y);
            z = L.MultiplyAdd(v, L.Load(row + 2 * L.Count), z);
            x2 = L.MultiplyAdd(v2, L.Load(row2), x2);
            y2 = L.MultiplyAdd(v2, L.Load(row2 + L.Count), y2);
            z2 = L.MultiplyAdd(v2, L.Load(row2 + 2 * L.Count), z2);
        }
        if (p < k)
        {
            var row = b + shifts[p];
            var v = L.Of(a[p]);
            x = L.MultiplyAdd(v, L.Load(row), x);
            y = L.MultiplyAdd(v, L.Load(row + L.Count), y);
            z = L.MultiplyAdd(v, L.Load(row + 2 * L.Count), z);
        }
        Put(L.Add(x, x2), L.Add(y, y2), L.Add(z, z2), c);
    }

    /// <summary>4 rows of y with 6 shifted rows of x: 24 sums over a stretch, which end in target [4; 6].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dot4x6(T* y, nint step, T* x, int* shifts, int length, T* target)
    {
        V s00 = default, s01 = default, s02 = default, s03 = default, s04 = default, s05 = default, s10 = default, s11 = default, s12 = default, s13 = default, s14 = default, s15 = default, s20 = default, s21 = default, s22 = default, s23 = default, s24 = default, s25 = default, s30 = default, s31 = default, s32 = default, s33 = default, s34 = default, s35 = default;
        T* y0 = y;
        T* y1 = y + 1 * step;
        T* y2 = y + 2 * step;
        T* y3 = y + 3 * step;
        T* x0 = x + shifts[0];
        T* x1 = x + shifts[1];
        T* x2 = x + shifts[2];
        T* x3 = x + shifts[3];
        T* x4 = x + shifts[4];
        T* x5 = x + shifts[5];
        for (nint q = 0; q < length; q += L.Count)
        {
            V v0 = L.Load(y0 + q), v1 = L.Load(y1 + q), v2 = L.Load(y2 + q), v3 = L.Load(y3 + q);
            var u = L.Load(x0 + q);
            s00 = L.MultiplyAdd(v0, u, s00);
            s10 = L.MultiplyAdd(v1, u, s10);
            s20 = L.MultiplyAdd(v2, u, s20);
            s30 = L.MultiplyAdd(v3, u, s30);
            u = L.Load(x1 + q);
            s01 = L.MultiplyAdd(v0, u, s01);
            s11 = L.MultiplyAdd(v1, u, s11);
            s21 = L.MultiplyAdd(v2, u, s21);
            s31 = L.MultiplyAdd(v3, u, s31);
            u = L.Load(x2 + q);
            s02 = L.MultiplyAdd(v0, u, s02);
            s12 = L.MultiplyAdd(v1, u, s12);
            s22 = L.MultiplyAdd(v2, u, s22);
            s32 = L.MultiplyAdd(v3, u, s32);
            u = L.Load(x3 + q);
            s03 = L.MultiplyAdd(v0, u, s03);
            s13 = L.MultiplyAdd(v1, u, s13);
            s23 = L.MultiplyAdd(v2, u, s23);
            s33 = L.MultiplyAdd(v3, u, s33);
            u = L.Load(x4 + q);
            s04 = L.MultiplyAdd(v0, u, s04);
            s14 = L.MultiplyAdd(v1, u, s14);
            s24 = L.MultiplyAdd(v2, u, s24);
            s34 = L.MultiplyAdd(v3, u, s34);
            u = L.Load(x5 + q);
            s05 = L.MultiplyAdd(v0, u, s05);
            s15 = L.MultiplyAdd(v1, u, s15);
            s25 = L.MultiplyAdd(v2, u, s25);
            s35 = L.MultiplyAdd(v3, u, s35);
        }
        target[0] = L.Sum(s00);
        target[1] = L.Sum(s01);
        target[2] = L.Sum(s02);
        target[3] = L.Sum(s03);
        target[4] = L.Sum(s04);
        target[5] = L.Sum(s05);
        target[6] = L.Sum(s10);
        target[7] = L.Sum(s11);
        target[8] = L.Sum(s12);
        target[9] = L.Sum(s13);
        target[10] = L.Sum(s14);
        target[11] = L.Sum(s15);
        target[12] = L.Sum(s20);
        target[13] = L.Sum(s21);
        target[14] = L.Sum(s22);
        target[15] = L.Sum(s23);
        target[16] = L.Sum(s24);
        target[17] = L.Sum(s25);
        target[18] = L.Sum(s30);
        target[19] = L.Sum(s31);
        target[20] = L.Sum(s32);
        target[21] = L.Sum(s33);
        target[22] = L.Sum(s34);
        target[23] = L.Sum(s35);
    }

    /// <summary>2 rows of y with 4 shifted rows of x: 8 sums over a stretch, which end in target [2; 4].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dot2x4(T* y, nint step, T* x, int* shifts, int length, T* target)
    {
        V s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        T* y0 = y;
        T* y1 = y + 1 * step;
        T* x0 = x + shifts[0];
        T* x1 = x + shifts[1];
        T* x2 = x + shifts[2];
        T* x3 = x + shifts[3];
        for (nint q = 0; q < length; q += L.Count)
        {
            V v0 = L.Load(y0 + q), v1 = L.Load(y1 + q);
            var u = L.Load(x0 + q);
            s00 = L.MultiplyAdd(v0, u, s00);
            s10 = L.MultiplyAdd(v1, u, s10);
            u = L.Load(x1 + q);
            s01 = L.MultiplyAdd(v0, u, s01);
            s11 = L.MultiplyAdd(v1, u, s11);
            u = L.Load(x2 + q);
            s02 = L.MultiplyAdd(v0, u, s02);
            s12 = L.MultiplyAdd(v1, u, s12);
            u = L.Load(x3 + q);
            s03 = L.MultiplyAdd(v0, u, s03);
            s13 = L.MultiplyAdd(v1, u, s13);
        }
        target[0] = L.Sum(s00);
        target[1] = L.Sum(s01);
        target[2] = L.Sum(s02);
        target[3] = L.Sum(s03);
        target[4] = L.Sum(s10);
        target[5] = L.Sum(s11);
        target[6] = L.Sum(s12);
        target[7] = L.Sum(s13);
    }

    /// <summary>1 rows of y with 6 shifted rows of x: 6 sums over a stretch, which end in target [1; 6].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dot1x6(T* y, nint step, T* x, int* shifts, int length, T* target)
    {
        V s00 = default, s01 = default, s02 = default, s03 = default, s04 = default, s05 = default;
        T* y0 = y;
        T* x0 = x + shifts[0];
        T* x1 = x + shifts[1];
        T* x2 = x + shifts[2];
        T* x3 = x + shifts[3];
        T* x4 = x + shifts[4];
        T* x5 = x + shifts[5];
        for (nint q = 0; q < length; q += L.Count)
        {
            V v0 = L.Load(y0 + q);
            var u = L.Load(x0 + q);
            s00 = L.MultiplyAdd(v0, u, s00);
            u = L.Load(x1 + q);
            s01 = L.MultiplyAdd(v0, u, s01);
            u = L.Load(x2 + q);
            s02 = L.MultiplyAdd(v0, u, s02);
            u = L.Load(x3 + q);
            s03 = L.MultiplyAdd(v0, u, s03);
            u = L.Load(x4 + q);
            s04 = L.MultiplyAdd(v0, u, s04);
            u = L.Load(x5 + q);
            s05 = L.MultiplyAdd(v0, u, s05);
        }
        target[0] = L.Sum(s00);
        target[1] = L.Sum(s01);
        target[2] = L.Sum(s02);
        target[3] = L.Sum(s03);
        target[4] = L.Sum(s04);
        target[5] = L.Sum(s05);
    }
}

/// <summary>The rows of a tile, as a constant.</summary>
internal interface ITileHeight
{
    static abstract int Rows { get; }
}

internal readonly struct TileOf8 : ITileHeight
{
    public static int Rows => 8;
}

internal readonly struct TileOf6 : ITileHeight
{
    public static int Rows => 6;
}

internal readonly struct TileOf4 : ITileHeight
{
    public static int Rows => 4;
}

/// <summary>Where the rows are that a tile reads, as a constant: at shifts, or as far from one another as each.</summary>
internal interface IRowPlaces
{
    static abstract bool Shifted { get; }
}

internal readonly struct ShiftedRows : IRowPlaces
{
    public static bool Shifted => true;
}

internal readonly struct EvenRows : IRowPlaces
{
    public static bool Shifted => false;
}

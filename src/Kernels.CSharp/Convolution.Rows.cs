using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>The innermost loops of the transpose in the kernel, over images whose channels are neighbours: what a row of taps sees of all channels at a position lies in one stretch,
/// and each element of it meets each output channel of that position.</summary>
internal static unsafe class ConvolutionRows<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>sums[i; j] += Σ y[i; q] x[q; j] for rows of sums of at most 3 registers, over lines of count positions each: the positions of y follow each other, those of x lie stepX apart
    /// and begin at starts. Rows that the tile has too many repeat the last one of y; their sums mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile(T* y, nint step, int rows, T* x, int* starts, int lines, int count, nint stepX, T* sums, nint stepSums, int registers)
    {
        if (L.Rows == 8 && rows > 4)
        {
            if (registers == 3) Tile8x3(y, step, rows, x, starts, lines, count, stepX, sums, stepSums);
            else if (registers == 2) Tile8x2(y, step, rows, x, starts, lines, count, stepX, sums, stepSums);
            else Tile8x1(y, step, rows, x, starts, lines, count, stepX, sums, stepSums);
        }
        else if (registers == 3) Tile4x3(y, step, rows, x, starts, lines, count, stepX, sums, stepSums);
        else if (registers == 2) Tile4x2(y, step, rows, x, starts, lines, count, stepX, sums, stepSums);
        else Tile4x1(y, step, rows, x, starts, lines, count, stepX, sums, stepSums);
    }

    /// <summary>8 rows by 3 registers: 24 sums that stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x3(T* y0, nint step, int rows, T* x, int* starts, int lines, int count, nint stepX, T* sums, nint stepSums)
    {
        T* y1 = rows > 1 ? y0 + step : y0,
            y2 = rows > 2 ? y1 + step : y1,
            y3 = rows > 3 ? y2 + step : y2,
            y4 = rows > 4 ? y3 + step : y3,
            y5 = rows > 5 ? y4 + step : y4,
            y6 = rows > 6 ? y5 + step : y5,
            y7 = rows > 7 ? y6 + step : y6;
        T* c1 = sums + stepSums,
            c2 = c1 + stepSums,
            c3 = c2 + stepSums,
            c4 = c3 + stepSums,
            c5 = c4 + stepSums,
            c6 = c5 + stepSums,
            c7 = c6 + stepSums;
        V s0x = L.Load(sums), s0y = L.Load(sums + L.Count), s0z = L.Load(sums + 2 * L.Count),
            s1x = L.Load(c1), s1y = L.Load(c1 + L.Count), s1z = L.Load(c1 + 2 * L.Count),
            s2x = L.Load(c2), s2y = L.Load(c2 + L.Count), s2z = L.Load(c2 + 2 * L.Count),
            s3x = L.Load(c3), s3y = L.Load(c3 + L.Count), s3z = L.Load(c3 + 2 * L.Count),
            s4x = L.Load(c4), s4y = L.Load(c4 + L.Count), s4z = L.Load(c4 + 2 * L.Count),
            s5x = L.Load(c5), s5y = L.Load(c5 + L.Count), s5z = L.Load(c5 + 2 * L.Count),
            s6x = L.Load(c6), s6y = L.Load(c6 + L.Count), s6z = L.Load(c6 + 2 * L.Count),
            s7x = L.Load(c7), s7y = L.Load(c7 + L.Count), s7z = L.Load(c7 + 2 * L.Count);
        nint at = 0;
        for (var line = 0; line < lines; line++)
        {
            var b = x + starts[line];
            for (var p = count; p > 0; p--)
            {
                V bx = L.Load(b), by = L.Load(b + L.Count), bz = L.Load(b + 2 * L.Count);
                var v = L.Of(y0[at]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                s0y = L.MultiplyAdd(v, by, s0y);
                s0z = L.MultiplyAdd(v, bz, s0z);
                v = L.Of(y1[at]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                s1y = L.MultiplyAdd(v, by, s1y);
                s1z = L.MultiplyAdd(v, bz, s1z);
                v = L.Of(y2[at]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                s2y = L.MultiplyAdd(v, by, s2y);
                s2z = L.MultiplyAdd(v, bz, s2z);
                v = L.Of(y3[at]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                s3y = L.MultiplyAdd(v, by, s3y);
                s3z = L.MultiplyAdd(v, bz, s3z);
                v = L.Of(y4[at]);
                s4x = L.MultiplyAdd(v, bx, s4x);
                s4y = L.MultiplyAdd(v, by, s4y);
                s4z = L.MultiplyAdd(v, bz, s4z);
                v = L.Of(y5[at]);
                s5x = L.MultiplyAdd(v, bx, s5x);
                s5y = L.MultiplyAdd(v, by, s5y);
                s5z = L.MultiplyAdd(v, bz, s5z);
                v = L.Of(y6[at]);
                s6x = L.MultiplyAdd(v, bx, s6x);
                s6y = L.MultiplyAdd(v, by, s6y);
                s6z = L.MultiplyAdd(v, bz, s6z);
                v = L.Of(y7[at]);
                s7x = L.MultiplyAdd(v, bx, s7x);
                s7y = L.MultiplyAdd(v, by, s7y);
                s7z = L.MultiplyAdd(v, bz, s7z);
                at++;
                b += stepX;
            }
        }
        L.Store(s0x, sums);
        L.Store(s0y, sums + L.Count);
        L.Store(s0z, sums + 2 * L.Count);
        L.Store(s1x, c1);
        L.Store(s1y, c1 + L.Count);
        L.Store(s1z, c1 + 2 * L.Count);
        L.Store(s2x, c2);
        L.Store(s2y, c2 + L.Count);
        L.Store(s2z, c2 + 2 * L.Count);
        L.Store(s3x, c3);
        L.Store(s3y, c3 + L.Count);
        L.Store(s3z, c3 + 2 * L.Count);
        L.Store(s4x, c4);
        L.Store(s4y, c4 + L.Count);
        L.Store(s4z, c4 + 2 * L.Count);
        L.Store(s5x, c5);
        L.Store(s5y, c5 + L.Count);
        L.Store(s5z, c5 + 2 * L.Count);
        L.Store(s6x, c6);
        L.Store(s6y, c6 + L.Count);
        L.Store(s6z, c6 + 2 * L.Count);
        L.Store(s7x, c7);
        L.Store(s7y, c7 + L.Count);
        L.Store(s7z, c7 + 2 * L.Count);
    }

    /// <summary>8 rows by 2 registers: 16 sums that stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x2(T* y0, nint step, int rows, T* x, int* starts, int lines, int count, nint stepX, T* sums, nint stepSums)
    {
        T* y1 = rows > 1 ? y0 + step : y0,
            y2 = rows > 2 ? y1 + step : y1,
            y3 = rows > 3 ? y2 + step : y2,
            y4 = rows > 4 ? y3 + step : y3,
            y5 = rows > 5 ? y4 + step : y4,
            y6 = rows > 6 ? y5 + step : y5,
            y7 = rows > 7 ? y6 + step : y6;
        T* c1 = sums + stepSums,
            c2 = c1 + stepSums,
            c3 = c2 + stepSums,
            c4 = c3 + stepSums,
            c5 = c4 + stepSums,
            c6 = c5 + stepSums,
            c7 = c6 + stepSums;
        V s0x = L.Load(sums), s0y = L.Load(sums + L.Count),
            s1x = L.Load(c1), s1y = L.Load(c1 + L.Count),
            s2x = L.Load(c2), s2y = L.Load(c2 + L.Count),
            s3x = L.Load(c3), s3y = L.Load(c3 + L.Count),
            s4x = L.Load(c4), s4y = L.Load(c4 + L.Count),
            s5x = L.Load(c5), s5y = L.Load(c5 + L.Count),
            s6x = L.Load(c6), s6y = L.Load(c6 + L.Count),
            s7x = L.Load(c7), s7y = L.Load(c7 + L.Count);
        nint at = 0;
        for (var line = 0; line < lines; line++)
        {
            var b = x + starts[line];
            for (var p = count; p > 0; p--)
            {
                V bx = L.Load(b), by = L.Load(b + L.Count);
                var v = L.Of(y0[at]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                s0y = L.MultiplyAdd(v, by, s0y);
                v = L.Of(y1[at]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                s1y = L.MultiplyAdd(v, by, s1y);
                v = L.Of(y2[at]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                s2y = L.MultiplyAdd(v, by, s2y);
                v = L.Of(y3[at]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                s3y = L.MultiplyAdd(v, by, s3y);
                v = L.Of(y4[at]);
                s4x = L.MultiplyAdd(v, bx, s4x);
                s4y = L.MultiplyAdd(v, by, s4y);
                v = L.Of(y5[at]);
                s5x = L.MultiplyAdd(v, bx, s5x);
                s5y = L.MultiplyAdd(v, by, s5y);
                v = L.Of(y6[at]);
                s6x = L.MultiplyAdd(v, bx, s6x);
                s6y = L.MultiplyAdd(v, by, s6y);
                v = L.Of(y7[at]);
                s7x = L.MultiplyAdd(v, bx, s7x);
                s7y = L.MultiplyAdd(v, by, s7y);
                at++;
                b += stepX;
            }
        }
        L.Store(s0x, sums);
        L.Store(s0y, sums + L.Count);
        L.Store(s1x, c1);
        L.Store(s1y, c1 + L.Count);
        L.Store(s2x, c2);
        L.Store(s2y, c2 + L.Count);
        L.Store(s3x, c3);
        L.Store(s3y, c3 + L.Count);
        L.Store(s4x, c4);
        L.Store(s4y, c4 + L.Count);
        L.Store(s5x, c5);
        L.Store(s5y, c5 + L.Count);
        L.Store(s6x, c6);
        L.Store(s6y, c6 + L.Count);
        L.Store(s7x, c7);
        L.Store(s7y, c7 + L.Count);
    }

    /// <summary>8 rows by 1 register: 8 sums that stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x1(T* y0, nint step, int rows, T* x, int* starts, int lines, int count, nint stepX, T* sums, nint stepSums)
    {
        T* y1 = rows > 1 ? y0 + step : y0,
            y2 = rows > 2 ? y1 + step : y1,
            y3 = rows > 3 ? y2 + step : y2,
            y4 = rows > 4 ? y3 + step : y3,
            y5 = rows > 5 ? y4 + step : y4,
            y6 = rows > 6 ? y5 + step : y5,
            y7 = rows > 7 ? y6 + step : y6;
        T* c1 = sums + stepSums,
            c2 = c1 + stepSums,
            c3 = c2 + stepSums,
            c4 = c3 + stepSums,
            c5 = c4 + stepSums,
            c6 = c5 + stepSums,
            c7 = c6 + stepSums;
        V s0x = L.Load(sums),
            s1x = L.Load(c1),
            s2x = L.Load(c2),
            s3x = L.Load(c3),
            s4x = L.Load(c4),
            s5x = L.Load(c5),
            s6x = L.Load(c6),
            s7x = L.Load(c7);
        nint at = 0;
        for (var line = 0; line < lines; line++)
        {
            var b = x + starts[line];
            for (var p = count; p > 0; p--)
            {
                V bx = L.Load(b);
                var v = L.Of(y0[at]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                v = L.Of(y1[at]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                v = L.Of(y2[at]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                v = L.Of(y3[at]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                v = L.Of(y4[at]);
                s4x = L.MultiplyAdd(v, bx, s4x);
                v = L.Of(y5[at]);
                s5x = L.MultiplyAdd(v, bx, s5x);
                v = L.Of(y6[at]);
                s6x = L.MultiplyAdd(v, bx, s6x);
                v = L.Of(y7[at]);
                s7x = L.MultiplyAdd(v, bx, s7x);
                at++;
                b += stepX;
            }
        }
        L.Store(s0x, sums);
        L.Store(s1x, c1);
        L.Store(s2x, c2);
        L.Store(s3x, c3);
        L.Store(s4x, c4);
        L.Store(s5x, c5);
        L.Store(s6x, c6);
        L.Store(s7x, c7);
    }

    /// <summary>4 rows by 3 registers: 12 sums that stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x3(T* y0, nint step, int rows, T* x, int* starts, int lines, int count, nint stepX, T* sums, nint stepSums)
    {
        T* y1 = rows > 1 ? y0 + step : y0,
            y2 = rows > 2 ? y1 + step : y1,
            y3 = rows > 3 ? y2 + step : y2;
        T* c1 = sums + stepSums,
            c2 = c1 + stepSums,
            c3 = c2 + stepSums;
        V s0x = L.Load(sums), s0y = L.Load(sums + L.Count), s0z = L.Load(sums + 2 * L.Count),
            s1x = L.Load(c1), s1y = L.Load(c1 + L.Count), s1z = L.Load(c1 + 2 * L.Count),
            s2x = L.Load(c2), s2y = L.Load(c2 + L.Count), s2z = L.Load(c2 + 2 * L.Count),
            s3x = L.Load(c3), s3y = L.Load(c3 + L.Count), s3z = L.Load(c3 + 2 * L.Count);
        nint at = 0;
        for (var line = 0; line < lines; line++)
        {
            var b = x + starts[line];
            for (var p = count; p > 0; p--)
            {
                V bx = L.Load(b), by = L.Load(b + L.Count), bz = L.Load(b + 2 * L.Count);
                var v = L.Of(y0[at]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                s0y = L.MultiplyAdd(v, by, s0y);
                s0z = L.MultiplyAdd(v, bz, s0z);
                v = L.Of(y1[at]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                s1y = L.MultiplyAdd(v, by, s1y);
                s1z = L.MultiplyAdd(v, bz, s1z);
                v = L.Of(y2[at]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                s2y = L.MultiplyAdd(v, by, s2y);
                s2z = L.MultiplyAdd(v, bz, s2z);
                v = L.Of(y3[at]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                s3y = L.MultiplyAdd(v, by, s3y);
                s3z = L.MultiplyAdd(v, bz, s3z);
                at++;
                b += stepX;
            }
        }
        L.Store(s0x, sums);
        L.Store(s0y, sums + L.Count);
        L.Store(s0z, sums + 2 * L.Count);
        L.Store(s1x, c1);
        L.Store(s1y, c1 + L.Count);
        L.Store(s1z, c1 + 2 * L.Count);
        L.Store(s2x, c2);
        L.Store(s2y, c2 + L.Count);
        L.Store(s2z, c2 + 2 * L.Count);
        L.Store(s3x, c3);
        L.Store(s3y, c3 + L.Count);
        L.Store(s3z, c3 + 2 * L.Count);
    }

    /// <summary>4 rows by 2 registers: 8 sums that stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2(T* y0, nint step, int rows, T* x, int* starts, int lines, int count, nint stepX, T* sums, nint stepSums)
    {
        T* y1 = rows > 1 ? y0 + step : y0,
            y2 = rows > 2 ? y1 + step : y1,
            y3 = rows > 3 ? y2 + step : y2;
        T* c1 = sums + stepSums,
            c2 = c1 + stepSums,
            c3 = c2 + stepSums;
        V s0x = L.Load(sums), s0y = L.Load(sums + L.Count),
            s1x = L.Load(c1), s1y = L.Load(c1 + L.Count),
            s2x = L.Load(c2), s2y = L.Load(c2 + L.Count),
            s3x = L.Load(c3), s3y = L.Load(c3 + L.Count);
        nint at = 0;
        for (var line = 0; line < lines; line++)
        {
            var b = x + starts[line];
            for (var p = count; p > 0; p--)
            {
                V bx = L.Load(b), by = L.Load(b + L.Count);
                var v = L.Of(y0[at]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                s0y = L.MultiplyAdd(v, by, s0y);
                v = L.Of(y1[at]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                s1y = L.MultiplyAdd(v, by, s1y);
                v = L.Of(y2[at]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                s2y = L.MultiplyAdd(v, by, s2y);
                v = L.Of(y3[at]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                s3y = L.MultiplyAdd(v, by, s3y);
                at++;
                b += stepX;
            }
        }
        L.Store(s0x, sums);
        L.Store(s0y, sums + L.Count);
        L.Store(s1x, c1);
        L.Store(s1y, c1 + L.Count);
        L.Store(s2x, c2);
        L.Store(s2y, c2 + L.Count);
        L.Store(s3x, c3);
        L.Store(s3y, c3 + L.Count);
    }

    /// <summary>4 rows by 1 register: 4 sums that stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x1(T* y0, nint step, int rows, T* x, int* starts, int lines, int count, nint stepX, T* sums, nint stepSums)
    {
        T* y1 = rows > 1 ? y0 + step : y0,
            y2 = rows > 2 ? y1 + step : y1,
            y3 = rows > 3 ? y2 + step : y2;
        T* c1 = sums + stepSums,
            c2 = c1 + stepSums,
            c3 = c2 + stepSums;
        V s0x = L.Load(sums),
            s1x = L.Load(c1),
            s2x = L.Load(c2),
            s3x = L.Load(c3);
        nint at = 0;
        for (var line = 0; line < lines; line++)
        {
            var b = x + starts[line];
            for (var p = count; p > 0; p--)
            {
                V bx = L.Load(b);
                var v = L.Of(y0[at]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                v = L.Of(y1[at]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                v = L.Of(y2[at]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                v = L.Of(y3[at]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                at++;
                b += stepX;
            }
        }
        L.Store(s0x, sums);
        L.Store(s1x, c1);
        L.Store(s2x, c2);
        L.Store(s3x, c3);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>The innermost loop of the transpose in the kernel, over images whose channels are neighbours: what a row of taps sees of all channels at a position lies in one stretch,
/// and each element of it meets each output channel of that position.</summary>
internal static unsafe class ConvolutionRows<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>sums[i; j] += Σ y[i; q] x[q; j] for rows of sums of at most 3 registers, over lines of count positions each: in a line the positions of y follow each other, those of x lie
    /// stepX apart, and the lines begin at places. Rows that the tile has too many repeat the last one of y; their sums mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile(T* y, nint step, int rows, T* x, LinePlace* places, int lines, int count, nint stepX, T* sums, nint stepSums, int registers)
    {
        if (rows <= 4) Tile<TileOf4>(y, step, rows, x, places, lines, count, stepX, sums, stepSums, registers);
        else if (rows <= 6) Tile<TileOf6>(y, step, rows, x, places, lines, count, stepX, sums, stepSums, registers);
        else Tile<TileOf8>(y, step, rows, x, places, lines, count, stepX, sums, stepSums, registers);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<H>(T* y, nint step, int rows, T* x, LinePlace* places, int lines, int count, nint stepX, T* sums, nint stepSums, int registers) where H : struct, ITileHeight
    {
        if (registers == 3) Tile<H, ThreeRegisters>(y, step, rows, x, places, lines, count, stepX, sums, stepSums);
        else if (registers == 2) Tile<H, TwoRegisters>(y, step, rows, x, places, lines, count, stepX, sums, stepSums);
        else Tile<H, OneRegister>(y, step, rows, x, places, lines, count, stepX, sums, stepSums);
    }

    /// <summary>Sums that stay in registers. The rows and registers that a kind does not have are left out when it is compiled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<H, W>(T* y0, nint step, int rows, T* x, LinePlace* places, int lines, int count, nint stepX, T* sums, nint stepSums)
        where H : struct, ITileHeight where W : struct, ITileWidth
    {
        T* y1 = rows > 1 ? y0 + step : y0,
            y2 = rows > 2 ? y1 + step : y1,
            y3 = rows > 3 ? y2 + step : y2,
            y4 = rows > 4 ? y3 + step : y3,
            y5 = rows > 5 ? y4 + step : y4,
            y6 = rows > 6 ? y5 + step : y5,
            y7 = rows > 7 ? y6 + step : y6;
        V s0x = default, s0y = default, s0z = default,
            s1x = default, s1y = default, s1z = default,
            s2x = default, s2y = default, s2z = default,
            s3x = default, s3y = default, s3z = default,
            s4x = default, s4y = default, s4z = default,
            s5x = default, s5y = default, s5z = default,
            s6x = default, s6y = default, s6z = default,
            s7x = default, s7y = default, s7z = default;
        var c = sums;
        s0x = L.Load(c);
        if (W.Registers > 1) s0y = L.Load(c + L.Count);
        if (W.Registers > 2) s0z = L.Load(c + 2 * L.Count);
        c += stepSums;
        s1x = L.Load(c);
        if (W.Registers > 1) s1y = L.Load(c + L.Count);
        if (W.Registers > 2) s1z = L.Load(c + 2 * L.Count);
        c += stepSums;
        s2x = L.Load(c);
        if (W.Registers > 1) s2y = L.Load(c + L.Count);
        if (W.Registers > 2) s2z = L.Load(c + 2 * L.Count);
        c += stepSums;
        s3x = L.Load(c);
        if (W.Registers > 1) s3y = L.Load(c + L.Count);
        if (W.Registers > 2) s3z = L.Load(c + 2 * L.Count);
        if (H.Rows > 4)
        {
            c += stepSums;
            s4x = L.Load(c);
            if (W.Registers > 1) s4y = L.Load(c + L.Count);
            if (W.Registers > 2) s4z = L.Load(c + 2 * L.Count);
            c += stepSums;
            s5x = L.Load(c);
            if (W.Registers > 1) s5y = L.Load(c + L.Count);
            if (W.Registers > 2) s5z = L.Load(c + 2 * L.Count);
        }
        if (H.Rows > 6)
        {
            c += stepSums;
            s6x = L.Load(c);
            if (W.Registers > 1) s6y = L.Load(c + L.Count);
            if (W.Registers > 2) s6z = L.Load(c + 2 * L.Count);
            c += stepSums;
            s7x = L.Load(c);
            if (W.Registers > 1) s7y = L.Load(c + L.Count);
            if (W.Registers > 2) s7z = L.Load(c + 2 * L.Count);
        }
        for (var line = 0; line < lines; line++)
        {
            var b = x + places[line].Input;
            nint at = places[line].Output;
            for (var p = count; p > 0; p--)
            {
                V bx = L.Load(b), by = default, bz = default;
                if (W.Registers > 1) by = L.Load(b + L.Count);
                if (W.Registers > 2) bz = L.Load(b + 2 * L.Count);
                var v = L.Of(y0[at]);
                s0x = L.MultiplyAdd(v, bx, s0x);
                if (W.Registers > 1) s0y = L.MultiplyAdd(v, by, s0y);
                if (W.Registers > 2) s0z = L.MultiplyAdd(v, bz, s0z);
                v = L.Of(y1[at]);
                s1x = L.MultiplyAdd(v, bx, s1x);
                if (W.Registers > 1) s1y = L.MultiplyAdd(v, by, s1y);
                if (W.Registers > 2) s1z = L.MultiplyAdd(v, bz, s1z);
                v = L.Of(y2[at]);
                s2x = L.MultiplyAdd(v, bx, s2x);
                if (W.Registers > 1) s2y = L.MultiplyAdd(v, by, s2y);
                if (W.Registers > 2) s2z = L.MultiplyAdd(v, bz, s2z);
                v = L.Of(y3[at]);
                s3x = L.MultiplyAdd(v, bx, s3x);
                if (W.Registers > 1) s3y = L.MultiplyAdd(v, by, s3y);
                if (W.Registers > 2) s3z = L.MultiplyAdd(v, bz, s3z);
                if (H.Rows > 4)
                {
                    v = L.Of(y4[at]);
                    s4x = L.MultiplyAdd(v, bx, s4x);
                    if (W.Registers > 1) s4y = L.MultiplyAdd(v, by, s4y);
                    if (W.Registers > 2) s4z = L.MultiplyAdd(v, bz, s4z);
                    v = L.Of(y5[at]);
                    s5x = L.MultiplyAdd(v, bx, s5x);
                    if (W.Registers > 1) s5y = L.MultiplyAdd(v, by, s5y);
                    if (W.Registers > 2) s5z = L.MultiplyAdd(v, bz, s5z);
                }
                if (H.Rows > 6)
                {
                    v = L.Of(y6[at]);
                    s6x = L.MultiplyAdd(v, bx, s6x);
                    if (W.Registers > 1) s6y = L.MultiplyAdd(v, by, s6y);
                    if (W.Registers > 2) s6z = L.MultiplyAdd(v, bz, s6z);
                    v = L.Of(y7[at]);
                    s7x = L.MultiplyAdd(v, bx, s7x);
                    if (W.Registers > 1) s7y = L.MultiplyAdd(v, by, s7y);
                    if (W.Registers > 2) s7z = L.MultiplyAdd(v, bz, s7z);
                }
                at++;
                b += stepX;
            }
        }
        c = sums;
        L.Store(s0x, c);
        if (W.Registers > 1) L.Store(s0y, c + L.Count);
        if (W.Registers > 2) L.Store(s0z, c + 2 * L.Count);
        c += stepSums;
        L.Store(s1x, c);
        if (W.Registers > 1) L.Store(s1y, c + L.Count);
        if (W.Registers > 2) L.Store(s1z, c + 2 * L.Count);
        c += stepSums;
        L.Store(s2x, c);
        if (W.Registers > 1) L.Store(s2y, c + L.Count);
        if (W.Registers > 2) L.Store(s2z, c + 2 * L.Count);
        c += stepSums;
        L.Store(s3x, c);
        if (W.Registers > 1) L.Store(s3y, c + L.Count);
        if (W.Registers > 2) L.Store(s3z, c + 2 * L.Count);
        if (H.Rows > 4)
        {
            c += stepSums;
            L.Store(s4x, c);
            if (W.Registers > 1) L.Store(s4y, c + L.Count);
            if (W.Registers > 2) L.Store(s4z, c + 2 * L.Count);
            c += stepSums;
            L.Store(s5x, c);
            if (W.Registers > 1) L.Store(s5y, c + L.Count);
            if (W.Registers > 2) L.Store(s5z, c + 2 * L.Count);
        }
        if (H.Rows > 6)
        {
            c += stepSums;
            L.Store(s6x, c);
            if (W.Registers > 1) L.Store(s6y, c + L.Count);
            if (W.Registers > 2) L.Store(s6z, c + 2 * L.Count);
            c += stepSums;
            L.Store(s7x, c);
            if (W.Registers > 1) L.Store(s7y, c + L.Count);
            if (W.Registers > 2) L.Store(s7z, c + 2 * L.Count);
        }
    }
}

/// <summary>Where a line of positions begins: in the images, and in the output.</summary>
internal readonly record struct LinePlace(int Input, int Output);

/// <summary>The registers of a row of a tile, as a constant.</summary>
internal interface ITileWidth
{
    static abstract int Registers { get; }
}

internal readonly struct SixRegisters : ITileWidth
{
    public static int Registers => 6;
}

internal readonly struct FiveRegisters : ITileWidth
{
    public static int Registers => 5;
}

internal readonly struct FourRegisters : ITileWidth
{
    public static int Registers => 4;
}

internal readonly struct ThreeRegisters : ITileWidth
{
    public static int Registers => 3;
}

internal readonly struct TwoRegisters : ITileWidth
{
    public static int Registers => 2;
}

internal readonly struct OneRegister : ITileWidth
{
    public static int Registers => 1;
}

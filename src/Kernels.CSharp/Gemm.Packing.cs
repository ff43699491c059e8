using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>Copies of parts of matrices in the order in which a kernel reads them.</summary>
internal static unsafe class GemmPacking<T> where T : unmanaged
{
    private const int Side = 4;

    private const int CacheLine = 64;

    /// <summary>rows rows of columns neighbours each, from row to row width elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(MatrixView<T> from, int rows, int columns, T* to, int width)
    {
        for (var r = 0; r < rows; r++, to += width)
        {
            var row = from.At(r, 0);
            for (var c = 0; c < columns; c++) to[c] = row[c];
        }
    }

    /// <summary>As <see cref="Turn"/>, for a sliver of the rows of a tile; the rows behind it, of which there are rest, are asked for meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TurnRows(MatrixView<T> from, int rows, int columns, T* to, int width, int rest)
    {
        var c = 0;
        if (rows == 8 && HasWideSquares)
            for (; c + 8 <= columns; c += 8)
            {
                if (rest >= rows) FetchSquare(from.At(rows, c), from.RowStep);
                TurnWideSquare(from.At(0, c), from.RowStep, to + (nint)c * width, width);
            }
        Turn(from.From(0, c), rows, columns - c, to + (nint)c * width, width);
    }

    private static bool HasWideSquares => (sizeof(T) == sizeof(double) && Avx512F.IsSupported) || (sizeof(T) == sizeof(float) && Avx.IsSupported);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchSquare(T* from, nint step)
    {
        Sse.Prefetch0(from);
        Sse.Prefetch0(from + step);
        Sse.Prefetch0(from + 2 * step);
        Sse.Prefetch0(from + 3 * step);
        Sse.Prefetch0(from + 4 * step);
        Sse.Prefetch0(from + 5 * step);
        Sse.Prefetch0(from + 6 * step);
        Sse.Prefetch0(from + 7 * step);
    }

    /// <summary>8 by 8, where the registers hold 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnWideSquare(T* from, nint step, T* to, nint width)
    {
        if (sizeof(T) == sizeof(double)) TurnWideSquare((double*)from, step, (double*)to, width);
        else TurnWideSquare((float*)from, step, (float*)to, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnWideSquare(double* from, nint step, double* to, nint width)
    {
        Vector512<double> r0 = Vector512.Load(from), r1 = Vector512.Load(from + step), r2 = Vector512.Load(from + 2 * step), r3 = Vector512.Load(from + 3 * step);
        from += 4 * step;
        Vector512<double> r4 = Vector512.Load(from), r5 = Vector512.Load(from + step), r6 = Vector512.Load(from + 2 * step), r7 = Vector512.Load(from + 3 * step);
        // pairs of neighbours from two rows: the even columns, then the odd ones
        StorePairs(Avx512F.UnpackLow(r0, r1), Avx512F.UnpackLow(r2, r3), Avx512F.UnpackLow(r4, r5), Avx512F.UnpackLow(r6, r7), to, 2 * width);
        StorePairs(Avx512F.UnpackHigh(r0, r1), Avx512F.UnpackHigh(r2, r3), Avx512F.UnpackHigh(r4, r5), Avx512F.UnpackHigh(r6, r7), to + width, 2 * width);
    }

    /// <summary>Four vectors of pairs from columns 0, 2, 4, 6 of two rows each: one store a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePairs(Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d, double* to, nint step)
    {
        const byte even = 0x88, odd = 0xdd;
        Vector512<double> ab04 = Avx512F.Shuffle4x128(a, b, even), cd04 = Avx512F.Shuffle4x128(c, d, even);
        Vector512<double> ab26 = Avx512F.Shuffle4x128(a, b, odd), cd26 = Avx512F.Shuffle4x128(c, d, odd);
        Avx512F.Shuffle4x128(ab04, cd04, even).Store(to);
        Avx512F.Shuffle4x128(ab26, cd26, even).Store(to + step);
        Avx512F.Shuffle4x128(ab04, cd04, odd).Store(to + 2 * step);
        Avx512F.Shuffle4x128(ab26, cd26, odd).Store(to + 3 * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnWideSquare(float* from, nint step, float* to, nint width)
    {
        Vector256<float> r0 = Vector256.Load(from), r1 = Vector256.Load(from + step), r2 = Vector256.Load(from + 2 * step), r3 = Vector256.Load(from + 3 * step);
        from += 4 * step;
        Vector256<float> r4 = Vector256.Load(from), r5 = Vector256.Load(from + step), r6 = Vector256.Load(from + 2 * step), r7 = Vector256.Load(from + 3 * step);
        // columns 0, 1, 4, 5 of two rows each, then 2, 3, 6, 7
        StoreColumns(Avx.UnpackLow(r0, r1), Avx.UnpackLow(r2, r3), Avx.UnpackLow(r4, r5), Avx.UnpackLow(r6, r7), to, width);
        StoreColumns(Avx.UnpackHigh(r0, r1), Avx.UnpackHigh(r2, r3), Avx.UnpackHigh(r4, r5), Avx.UnpackHigh(r6, r7), to + 2 * width, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreColumns(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, float* to, nint width)
    {
        const byte first = 0x44, second = 0xee, low = 0x20, high = 0x31;
        Vector256<float> ab04 = Avx.Shuffle(a, b, first), cd04 = Avx.Shuffle(c, d, first), ab15 = Avx.Shuffle(a, b, second), cd15 = Avx.Shuffle(c, d, second);
        Avx.Permute2x128(ab04, cd04, low).Store(to);
        Avx.Permute2x128(ab15, cd15, low).Store(to + width);
        Avx.Permute2x128(ab04, cd04, high).Store(to + 4 * width);
        Avx.Permute2x128(ab15, cd15, high).Store(to + 5 * width);
    }

    /// <summary>The transpose of rows rows of columns neighbours each: to[c·width + r] becomes from[r, c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(MatrixView<T> from, int rows, int columns, T* to, int width)
    {
        var r = 0;
        if (HasWideSquares)
            for (var line = CacheLine / sizeof(T); r + line <= rows; r += line) TurnBand(from.From(r, 0), line, columns, to + r, width);
        for (; r + Side <= rows; r += Side)
        {
            var c = 0;
            for (; c + Side <= columns; c += Side) TurnSquare(from.At(r, c), from.RowStep, to + (nint)c * width + r, width);
            for (var s = r; s < r + Side; s++) TurnRow(from.At(s, 0), c, columns, to + s, width);
        }
        for (; r < rows; r++) TurnRow(from.At(r, 0), 0, columns, to + r, width);
    }

    /// <summary>So many rows that their elements of one column fill a cache line: each line of the result is written at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TurnBand(MatrixView<T> from, int rows, int columns, T* to, int width)
    {
        var c = 0;
        for (; c + 8 <= columns; c += 8)
            for (var r = 0; r < rows; r += 8) TurnWideSquare(from.At(r, c), from.RowStep, to + (nint)c * width + r, width);
        for (var r = 0; r < rows; r++) TurnRow(from.At(r, 0), c, columns, to + r, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnRow(T* row, nint begin, nint end, T* to, nint width)
    {
        for (var c = begin; c < end; c++) to[c * width] = row[c];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnSquare(T* from, nint step, T* to, nint width)
    {
        if (sizeof(T) == sizeof(double) && Avx.IsSupported) TurnSquare((double*)from, step, (double*)to, width);
        else if (sizeof(T) == sizeof(float) && Sse.IsSupported) TurnSquare((float*)from, step, (float*)to, width);
        else
            for (var r = 0; r < Side; r++) TurnRow(from + r * step, 0, Side, to + r, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnSquare(double* from, nint step, double* to, nint width)
    {
        var r0 = Avx.LoadVector256(from);
        var r1 = Avx.LoadVector256(from + step);
        var r2 = Avx.LoadVector256(from + 2 * step);
        var r3 = Avx.LoadVector256(from + 3 * step);
        // pairs of neighbours from two rows: columns 0 and 2, then 1 and 3
        var even01 = Avx.UnpackLow(r0, r1);
        var odd01 = Avx.UnpackHigh(r0, r1);
        var even23 = Avx.UnpackLow(r2, r3);
        var odd23 = Avx.UnpackHigh(r2, r3);
        Avx.Store(to, Avx.Permute2x128(even01, even23, 0x20));
        Avx.Store(to + width, Avx.Permute2x128(odd01, odd23, 0x20));
        Avx.Store(to + 2 * width, Avx.Permute2x128(even01, even23, 0x31));
        Avx.Store(to + 3 * width, Avx.Permute2x128(odd01, odd23, 0x31));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnSquare(float* from, nint step, float* to, nint width)
    {
        var r0 = Sse.LoadVector128(from);
        var r1 = Sse.LoadVector128(from + step);
        var r2 = Sse.LoadVector128(from + 2 * step);
        var r3 = Sse.LoadVector128(from + 3 * step);
        var low01 = Sse.UnpackLow(r0, r1);
        var high01 = Sse.UnpackHigh(r0, r1);
        var low23 = Sse.UnpackLow(r2, r3);
        var high23 = Sse.UnpackHigh(r2, r3);
        Sse.Store(to, Sse.MoveLowToHigh(low01, low23));
        Sse.Store(to + width, Sse.MoveHighToLow(low23, low01));
        Sse.Store(to + 2 * width, Sse.MoveLowToHigh(high01, high23));
        Sse.Store(to + 3 * width, Sse.MoveHighToLow(high23, high01));
    }
}

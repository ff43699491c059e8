using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>Copies of parts of matrices in the order in which a kernel reads them.</summary>
internal static unsafe class GemmPacking<T> where T : unmanaged
{
    private const int Side = 4;

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

    /// <summary>The transpose of rows rows of columns neighbours each: to[c·width + r] becomes from[r, c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(MatrixView<T> from, int rows, int columns, T* to, int width)
    {
        var r = 0;
        for (; r + Side <= rows; r += Side)
        {
            var c = 0;
            for (; c + Side <= columns; c += Side) TurnSquare(from.At(r, c), from.RowStep, to + (nint)c * width + r, width);
            for (var s = r; s < r + Side; s++) TurnRow(from.At(s, 0), c, columns, to + s, width);
        }
        for (; r < rows; r++) TurnRow(from.At(r, 0), 0, columns, to + r, width);
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

using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>Copies of blocks of numbers of many samples from one order to another: sample after sample, or number after number.</summary>
internal static unsafe class Transposition
{
    /// <summary>Number k of sample s goes from <c>from[s * fromSample + k * fromNumber]</c> to <c>to[s * toSample + k * toNumber]</c>.</summary>
    /// <param name="from">Where the numbers are.</param>
    /// <param name="fromSample">Numbers from one sample to the next, there.</param>
    /// <param name="fromNumber">Numbers from one number of a sample to the next, there.</param>
    /// <param name="to">Where they go; other memory.</param>
    /// <param name="toSample">Numbers from one sample to the next, here.</param>
    /// <param name="toNumber">Numbers from one number of a sample to the next, here.</param>
    /// <param name="samples">How many samples.</param>
    /// <param name="numbers">How many numbers each.</param>
    public static void Copy(double* from, nint fromSample, nint fromNumber, double* to, nint toSample, nint toNumber, int samples, int numbers)
    {
        if (fromSample == 1 && toSample == 1)
        {
            for (var k = 0; k < numbers; k++) new ReadOnlySpan<double>(from + k * fromNumber, samples).CopyTo(new Span<double>(to + k * toNumber, samples));
        }
        else if (fromNumber == 1 && toSample == 1 && Avx.IsSupported) Spread(from, fromSample, to, toNumber, samples, numbers);
        else if (fromSample == 1 && toNumber == 1 && Avx.IsSupported) Collect(from, fromNumber, to, toSample, samples, numbers);
        else
        {
            for (var s = 0; s < samples; s++)
                for (var k = 0; k < numbers; k++) to[s * toSample + k * toNumber] = from[s * fromSample + k * fromNumber];
        }
    }

    /// <summary>From sample after sample to number after number.</summary>
    private static void Spread(double* from, nint fromSample, double* to, nint toNumber, int samples, int numbers)
    {
        int wholeSamples = samples & ~3, wholeNumbers = numbers & ~3;
        for (var s = 0; s < wholeSamples; s += 4)
        {
            for (var k = 0; k < wholeNumbers; k += 4) Turn(from + s * fromSample + k, fromSample, to + k * toNumber + s, toNumber);
            for (var k = wholeNumbers; k < numbers; k++)
                for (var i = 0; i < 4; i++) to[k * toNumber + s + i] = from[(s + i) * fromSample + k];
        }
        for (var s = wholeSamples; s < samples; s++)
            for (var k = 0; k < numbers; k++) to[k * toNumber + s] = from[s * fromSample + k];
    }

    /// <summary>From number after number to sample after sample, so that the memory of the samples is written from front to back.</summary>
    private static void Collect(double* from, nint fromNumber, double* to, nint toSample, int samples, int numbers)
    {
        int wholeSamples = samples & ~3, wholeNumbers = numbers & ~3;
        for (var s = 0; s < wholeSamples; s += 4)
        {
            for (var k = 0; k < wholeNumbers; k += 4) Turn(from + k * fromNumber + s, fromNumber, to + s * toSample + k, toSample);
            for (var k = wholeNumbers; k < numbers; k++)
                for (var i = 0; i < 4; i++) to[(s + i) * toSample + k] = from[k * fromNumber + s + i];
        }
        for (var s = wholeSamples; s < samples; s++)
            for (var k = 0; k < numbers; k++) to[s * toSample + k] = from[k * fromNumber + s];
    }

    /// <summary>A matrix [rows; columns] transposed, by blocks of eight by eight: whole lines of the cache are read and written, however far apart the rows are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Matrix(double* from, nint fromRow, double* to, nint toRow, int rows, int columns)
    {
        const int block = 8;
        int wholeRows = Avx.IsSupported ? rows / block * block : 0, wholeColumns = Avx.IsSupported ? columns / block * block : 0;
        for (var i = 0; i < wholeRows; i += block)
            for (var j = 0; j < wholeColumns; j += block)
                for (var c = 0; c < block; c += 4)
                {
                    double* source = from + i * fromRow + j + c, target = to + (j + c) * toRow + i;
                    Turn(source, fromRow, target, toRow);
                    Turn(source + 4 * fromRow, fromRow, target + 4, toRow);
                }

        for (var i = 0; i < wholeRows; i++)
            for (var j = wholeColumns; j < columns; j++) to[j * toRow + i] = from[i * fromRow + j];
        for (var i = wholeRows; i < rows; i++)
            for (var j = 0; j < columns; j++) to[j * toRow + i] = from[i * fromRow + j];
    }

    /// <summary>The transpose of four rows of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(double* from, nint fromRow, double* to, nint toRow)
    {
        Vector256<double> a = Vector256.Load(from), b = Vector256.Load(from + fromRow), c = Vector256.Load(from + 2 * fromRow), d = Vector256.Load(from + 3 * fromRow);
        Vector256<double> ab0 = Avx.UnpackLow(a, b), ab1 = Avx.UnpackHigh(a, b), cd0 = Avx.UnpackLow(c, d), cd1 = Avx.UnpackHigh(c, d);
        Avx.Permute2x128(ab0, cd0, 0x20).Store(to);
        Avx.Permute2x128(ab1, cd1, 0x20).Store(to + toRow);
        Avx.Permute2x128(ab0, cd0, 0x31).Store(to + 2 * toRow);
        Avx.Permute2x128(ab1, cd1, 0x31).Store(to + 3 * toRow);
    }
}

using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>What turns the 16 random words of a block into 16 numbers.</summary>
internal interface IBlockTransform
{
    /// <summary>Elements 0 to 7 and 8 to 15 of a block.</summary>
    (Vector512<double> First, Vector512<double> Second) Map(Vector512<ulong> first, Vector512<ulong> second);
}

/// <summary>
/// Random words and simple transforms of them, 16 elements at a time. Block b holds elements 16b to 16b + 15; its words are those of the counters
/// 8b to 8b + 7, all first words before all second words. Only correctly rounded operations (among them explicit fused multiply-adds) are used,
/// so the bits do not depend on the processor.
/// </summary>
internal static class RandomBlocks
{
    public const int Size = 16;
    private const double TwoToMinus52 = 1.0 / (1L << 52);
    private const double TwoToMinus53 = 1.0 / (1L << 53);

    /// <summary>2 artanh(f)/f - 2 in powers of f², starting with the first: 2/3, 2/5, ...</summary>
    private static ReadOnlySpan<double> ArtanhSeries => [2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21];

    /// <summary>sin(πs/2)/s in powers of s²: (π/2)²ᵏ⁺¹/(2k + 1)!, alternating.</summary>
    private static ReadOnlySpan<double> SineSeries =>
    [
        1.5707963267948966, -0.6459640975062463, 0.07969262624616705, -0.004681754135318688,
        0.00016044118478735983, -3.598843235212085e-06, 5.692172921967927e-08, -6.688035109811468e-10,
    ];

    /// <summary>cos(πs/2) in powers of s².</summary>
    private static ReadOnlySpan<double> CosineSeries =>
    [
        1.0, -1.2337005501361697, 0.25366950790104803, -0.02086348076335296, 0.0009192602748394266,
        -2.5202042373060607e-05, 4.710874778818172e-07, -6.386603083791852e-09, 6.565963114979473e-11,
    ];

    /// <summary>Fills a span with the transform of the elements from <paramref name="start"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<T, TTransform>(RandomKey key, Span<T> result, long start, TTransform transform)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TTransform : struct, IBlockTransform
    {
        var done = 0;
        var skip = (int)(start % Size);
        if (skip != 0 && result.Length > 0)
        {
            done = Math.Min(Size - skip, result.Length);
            Part(key, result[..done], start / Size, skip, transform);
        }
        var block = (start + done) / Size;
        for (; result.Length - done >= Size; done += Size, block++)
        {
            var (first, second) = Words(key, block);
            var (a, b) = transform.Map(first, second);
            Store(a, b, ref result[done]);
        }
        if (done < result.Length) Part(key, result[done..], block, 0, transform);
    }

    /// <summary>The random words of the elements from <paramref name="start"/> on.</summary>
    public static void Words(RandomKey key, Span<ulong> result, long start)
    {
        Span<ulong> words = stackalloc ulong[Size];
        for (var done = 0; done < result.Length;)
        {
            var (first, second) = Words(key, (start + done) / Size);
            first.CopyTo(words);
            second.CopyTo(words[8..]);
            var skip = (int)((start + done) % Size);
            var count = Math.Min(Size - skip, result.Length - done);
            words.Slice(skip, count).CopyTo(result[done..]);
            done += count;
        }
    }

    /// <summary>A word as a number in [0, 1), a multiple of 2⁻⁵³.</summary>
    public static double HalfOpen(ulong word) => (word >> 11) * TwoToMinus53;

    /// <summary>A word as a number in (0, 1), symmetric about ½.</summary>
    public static double Open(ulong word) => ((word >> 12) + 0.5) * TwoToMinus52;

    /// <summary>Words as numbers in [0, 1), multiples of 2⁻⁵³.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> HalfOpen(Vector512<ulong> words) => Vector512.ConvertToDouble((words >>> 11).AsInt64()) * TwoToMinus53;

    /// <summary>Words as numbers in (0, 1), symmetric about ½.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Open(Vector512<ulong> words) =>
        (Vector512.ConvertToDouble((words >>> 12).AsInt64()) + Vector512.Create(0.5)) * TwoToMinus52;

    /// <summary>ln x of positive normal numbers, to about 1 unit in the last place: x = m 2ᵉ, √½ ≤ m &lt; √2, and ln m = 2 artanh((m - 1)/(m + 1)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Log(Vector512<double> x)
    {
        var bits = x.AsInt64();
        var exponent = (bits - Vector512.Create(0x3FE6A09E667F3BCDL)) >> 52;
        var m = (bits - (exponent << 52)).AsDouble();
        var f = (m - Vector512<double>.One) / (m + Vector512<double>.One);
        var square = f * f;
        var tail = Polynomial(ArtanhSeries, square) * square;
        var e = Vector512.ConvertToDouble(exponent);
        // ln 2 in two parts; the product with the first is exact.
        var small = Vector512.FusedMultiplyAdd(f, tail, e * 1.9082149292705877e-10);
        return Vector512.FusedMultiplyAdd(e, Vector512.Create(0.6931471803691238), Vector512.FusedMultiplyAdd(f, Vector512.Create(2.0), small));
    }

    /// <summary>Cosine and sine of a uniformly distributed angle. Two bits choose the quadrant, 53 the angle within ±π/4, never exactly 0:
    /// neither result is ever 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> Cosine, Vector512<double> Sine) UnitCircle(Vector512<ulong> words)
    {
        var fraction = ((words << 2).AsInt64() >> 11) | Vector512<long>.One;
        var s = Vector512.ConvertToDouble(fraction) * TwoToMinus53;
        var square = s * s;
        var sine = Polynomial(SineSeries, square) * s;
        var cosine = Polynomial(CosineSeries, square);
        // A quarter turn swaps the two; the signs of the quadrants are + + - - for the sine and + - - + for the cosine.
        var swap = Vector512.Equals(words & Vector512.Create(1UL << 62), Vector512.Create(1UL << 62)).AsDouble();
        var sineSign = words & Vector512.Create(1UL << 63);
        var cosineSign = (words ^ (words << 1)) & Vector512.Create(1UL << 63);
        var x = Vector512.ConditionalSelect(swap, sine, cosine).AsUInt64() ^ cosineSign;
        var y = Vector512.ConditionalSelect(swap, cosine, sine).AsUInt64() ^ sineSign;
        return (x.AsDouble(), y.AsDouble());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Polynomial(ReadOnlySpan<double> coefficients, Vector512<double> x)
    {
        var sum = Vector512.Create(coefficients[^1]);
        for (var i = coefficients.Length - 2; i >= 0; i--) sum = Vector512.FusedMultiplyAdd(sum, x, Vector512.Create(coefficients[i]));
        return sum;
    }

    private static void Part<T, TTransform>(RandomKey key, Span<T> result, long block, int skip, TTransform transform)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TTransform : struct, IBlockTransform
    {
        Span<T> whole = stackalloc T[Size];
        var (first, second) = Words(key, block);
        var (a, b) = transform.Map(first, second);
        Store(a, b, ref whole[0]);
        whole.Slice(skip, result.Length).CopyTo(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Vector512<double> a, Vector512<double> b, ref T target)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            a.StoreUnsafe(ref Unsafe.As<T, double>(ref target));
            b.StoreUnsafe(ref Unsafe.As<T, double>(ref target), 8);
        }
        else if (typeof(T) == typeof(float))
        {
            Vector512.Narrow(a, b).StoreUnsafe(ref Unsafe.As<T, float>(ref target));
        }
        else
        {
            var result = MemoryMarshal.CreateSpan(ref target, Size);
            for (var i = 0; i < 8; i++)
            {
                result[i] = T.CreateSaturating(a[i]);
                result[i + 8] = T.CreateSaturating(b[i]);
            }
        }
    }

    /// <summary>Eight Threefry-2x64-20 blocks side by side: <see cref="RandomKey.Bits"/> of the counters (8·block + lane, 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<ulong> First, Vector512<ulong> Second) Words(RandomKey key, long block)
    {
        var k0 = Vector512.Create(key.High);
        var k1 = Vector512.Create(key.Low);
        var k2 = Vector512.Create(key.Parity);
        var x = Vector512.Create((ulong)block * 8) + Vector512<ulong>.Indices + k0;
        var y = k1;
        OddRounds(ref x, ref y);
        x += k1;
        y += k2 + Vector512.Create(1UL);
        EvenRounds(ref x, ref y);
        x += k2;
        y += k0 + Vector512.Create(2UL);
        OddRounds(ref x, ref y);
        x += k0;
        y += k1 + Vector512.Create(3UL);
        EvenRounds(ref x, ref y);
        x += k1;
        y += k2 + Vector512.Create(4UL);
        OddRounds(ref x, ref y);
        x += k2;
        y += k0 + Vector512.Create(5UL);
        return (x, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OddRounds(ref Vector512<ulong> x, ref Vector512<ulong> y)
    {
        x += y; y = Rotate(y, 16) ^ x;
        x += y; y = Rotate(y, 42) ^ x;
        x += y; y = Rotate(y, 12) ^ x;
        x += y; y = Rotate(y, 31) ^ x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EvenRounds(ref Vector512<ulong> x, ref Vector512<ulong> y)
    {
        x += y; y = Rotate(y, 16) ^ x;
        x += y; y = Rotate(y, 32) ^ x;
        x += y; y = Rotate(y, 24) ^ x;
        x += y; y = Rotate(y, 21) ^ x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Rotate(Vector512<ulong> x, [ConstantExpected] byte bits) =>
        Avx512F.IsSupported ? Avx512F.RotateLeft(x, bits) : (x << bits) | (x >>> (64 - bits));
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>Rows whose even and odd elements lie apart.</summary>
internal static unsafe class AlternatingRows
{
    /// <summary>n numbers, every second one from a place on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unzip<T>(T* from, T* to, int n) where T : unmanaged
    {
        if (sizeof(T) == sizeof(float) && Avx512F.IsSupported) Unzip((float*)from, (float*)to, n);
        else if (sizeof(T) == sizeof(double) && Avx512F.IsSupported) Unzip((double*)from, (double*)to, n);
        else
            for (var i = 0; i < n; i++) to[i] = from[2 * i];
    }

    /// <summary>The even and the odd ones of n numbers, the first of which counts as even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split<T>(T* from, T* even, T* odd, int n) where T : unmanaged
    {
        if (sizeof(T) == sizeof(float) && Avx512F.IsSupported) Split((float*)from, (float*)even, (float*)odd, n);
        else
        {
            Unzip(from, even, (n + 1) / 2);
            Unzip(from + 1, odd, n / 2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First(int n) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(n)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> FirstDoubles(int n) => Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)n)).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unzip(float* from, float* to, int n)
    {
        var evens = Vector512<int>.Indices + Vector512<int>.Indices;
        var i = 0;
        for (; i + 16 < n; i += 16) Avx512F.PermuteVar16x32x2(Vector512.Load(from + 2 * i), evens, Vector512.Load(from + 2 * i + 16)).Store(to + i);
        // the element behind the last may not be there
        var rest = n - i;
        if (rest <= 0) return;
        Vector512<float> low = Avx512F.MaskLoad(from + 2 * i, First(2 * rest - 1), default), high = Avx512F.MaskLoad(from + 2 * i + 16, First(2 * rest - 17), default);
        Avx512F.MaskStore(to + i, First(rest), Avx512F.PermuteVar16x32x2(low, evens, high));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Split(float* from, float* even, float* odd, int n)
    {
        Vector512<int> evens = Vector512<int>.Indices + Vector512<int>.Indices, odds = evens + Vector512<int>.One;
        var i = 0;
        for (; i + 32 <= n; i += 32, even += 16, odd += 16)
        {
            Vector512<float> low = Vector512.Load(from + i), high = Vector512.Load(from + i + 16);
            Avx512F.PermuteVar16x32x2(low, evens, high).Store(even);
            Avx512F.PermuteVar16x32x2(low, odds, high).Store(odd);
        }
        var rest = n - i;
        if (rest <= 0) return;
        Vector512<float> first = Avx512F.MaskLoad(from + i, First(rest), default), second = Avx512F.MaskLoad(from + i + 16, First(rest - 16), default);
        Avx512F.MaskStore(even, First((rest + 1) / 2), Avx512F.PermuteVar16x32x2(first, evens, second));
        Avx512F.MaskStore(odd, First(rest / 2), Avx512F.PermuteVar16x32x2(first, odds, second));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unzip(double* from, double* to, int n)
    {
        var evens = Vector512<long>.Indices + Vector512<long>.Indices;
        var i = 0;
        for (; i + 8 < n; i += 8) Avx512F.PermuteVar8x64x2(Vector512.Load(from + 2 * i), evens, Vector512.Load(from + 2 * i + 8)).Store(to + i);
        var rest = n - i;
        if (rest <= 0) return;
        Vector512<double> low = Avx512F.MaskLoad(from + 2 * i, FirstDoubles(2 * rest - 1), default), high = Avx512F.MaskLoad(from + 2 * i + 8, FirstDoubles(2 * rest - 9), default);
        Avx512F.MaskStore(to + i, FirstDoubles(rest), Avx512F.PermuteVar8x64x2(low, evens, high));
    }

    /// <summary>n numbers, of even and odd ones in turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Zip(float* even, float* odd, int n, float* to)
    {
        if (!Avx512F.IsSupported)
        {
            for (var i = 0; i < n; i++) to[i] = (i % 2 == 0 ? even : odd)[i / 2];
            return;
        }
        Vector512<int> low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), high = low + Vector512.Create(8);
        for (var i = 0; i < n; i += 32)
        {
            Vector512<float> a = Vector512.Load(even + i / 2), b = Vector512.Load(odd + i / 2);
            Put(to + i, Avx512F.PermuteVar16x32x2(a, low, b), n - i);
            if (n - i > 16) Put(to + i + 16, Avx512F.PermuteVar16x32x2(a, high, b), n - i - 16);
        }
    }

    /// <summary>A register, or as much of it as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* to, Vector512<float> value, int room)
    {
        if (room >= 16) value.Store(to);
        else Avx512F.MaskStore(to, First(room), value);
    }
}

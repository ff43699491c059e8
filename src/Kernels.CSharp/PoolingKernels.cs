using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>Windows and their largest elements.</summary>
public static class PoolingKernels
{
    /// <summary>For each window of each plane (one to three axes, as in a convolution) the row-major place of its largest element in the plane, the first at ties; the
    /// first NaN wins. Outside the plane there is nothing.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static unsafe void MaxPlaces<T>(ReadOnlySpan<T> x, int planes, ReadOnlySpan<ConvolutionAxis> axes, Span<long> places) where T : unmanaged, INumber<T>
    {
        if (axes.Length is < 1 or > 3) throw new ArgumentException($"A window has one to three axes, not {axes.Length}.", nameof(axes));
        ConvolutionAxis a0 = axes.Length > 2 ? axes[^3] : ConvolutionAxis.Single, a1 = axes.Length > 1 ? axes[^2] : ConvolutionAxis.Single, a2 = axes[^1];
        int plane = a0.Input * a1.Input * a2.Input, windows = a0.Output * a1.Output * a2.Output;
        if (x.Length != (long)planes * plane || places.Length != (long)planes * windows) throw new ArgumentException($"{x.Length} elements and {places.Length} places do not fit {planes} planes of {plane} elements and {windows} windows.", nameof(x));
        if (x.IsEmpty || places.IsEmpty) return;
        fixed (T* from = &MemoryMarshal.GetReference(x))
        fixed (long* to = &MemoryMarshal.GetReference(places))
            Parallelism.Share(planes, NanosecondsPerTap * places.Length * a0.Kernel * a1.Kernel * a2.Kernel, new Planes<T>(from, x.Length, a0, a1, a2, to));
    }

    /// <summary>What an element of a window costs, roughly.</summary>
    private const double NanosecondsPerTap = 0.4;

    private readonly unsafe struct Planes<T>(T* x, int length, ConvolutionAxis a0, ConvolutionAxis a1, ConvolutionAxis a2, long* places) : IShared where T : unmanaged, INumber<T>
    {
        public void Run(int begin, int end)
        {
            int plane = a0.Input * a1.Input * a2.Input, windows = a0.Output * a1.Output * a2.Output;
            // what follows is there to be read: registers may reach beyond the last plane
            MaxPlaces(new ReadOnlySpan<T>(x + (nint)begin * plane, length - begin * plane), end - begin, a0, a1, a2, new Span<long>(places + (nint)begin * windows, (end - begin) * windows));
        }
    }

    private static void MaxPlaces<T>(ReadOnlySpan<T> x, int planes, ConvolutionAxis a0, ConvolutionAxis a1, ConvolutionAxis a2, Span<long> places) where T : unmanaged, INumber<T>
    {
        int plane = a0.Input * a1.Input * a2.Input, windows = a0.Output * a1.Output * a2.Output;
        if (typeof(T) == typeof(float) && Avx512F.IsSupported && a2.Output >= Vector256<float>.Count && IsDense<T>(a0, a1, a2)) WideRows(MemoryMarshal.Cast<T, float>(x), planes, a0, a1, a2, places);
        else if (typeof(T) == typeof(float) && IsDense<T>(a0, a1, a2)) DensePlanes<float, int>(MemoryMarshal.Cast<T, float>(x), planes, a0, a1, a2, places);
        else if (typeof(T) == typeof(double) && IsDense<T>(a0, a1, a2)) DensePlanes<double, long>(MemoryMarshal.Cast<T, double>(x), planes, a0, a1, a2, places);
        else
            for (var n = 0; n < planes; n++) Plane(x.Slice(n * plane, plane), a0, a1, a2, places.Slice(n * windows, windows));
    }

    private const int MostTaps = 256;

    /// <summary>Whether no window reaches outside, and neighbouring ones can be taken together: the windows of a row begin one or two elements apart.</summary>
    private static bool IsDense<T>(ConvolutionAxis a0, ConvolutionAxis a1, ConvolutionAxis a2) where T : unmanaged
        => a2.Stride <= 2 && a2.Output >= Vector128<T>.Count && a0.Kernel * a1.Kernel * a2.Kernel <= MostTaps && IsInside(a0) && IsInside(a1) && IsInside(a2);

    private static bool IsInside(ConvolutionAxis a) => a.Low == 0 && (a.Output - 1) * a.Stride + (a.Kernel - 1) * a.Dilation < a.Input;

    /// <summary>As many windows at a time as a register has lanes; the last ones of a row overlap those before. I is the whole number as wide as T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void DensePlanes<T, I>(ReadOnlySpan<T> x, int planes, ConvolutionAxis a0, ConvolutionAxis a1, ConvolutionAxis a2, Span<long> places)
        where T : unmanaged, INumber<T> where I : unmanaged, IBinaryInteger<I>
    {
        int lanes = Vector128<T>.Count, taps = a0.Kernel * a1.Kernel * a2.Kernel, windows = a2.Output, stride = a2.Stride, size = a0.Input * a1.Input * a2.Input;
        var offsets = stackalloc int[taps];
        Offsets(a0, a1, a2, offsets);
        // two registers are read for every second element: behind the last windows of all there may be nothing to read
        var reach = offsets[taps - 1] + 2 * lanes;
        fixed (T* start = &MemoryMarshal.GetReference(x))
        fixed (long* target = &MemoryMarshal.GetReference(places))
        {
            T* plane = start, end = start + x.Length;
            var to = target;
            for (var n = 0; n < planes; n++, plane += size)
                for (var p0 = 0; p0 < a0.Output; p0++)
                    for (var p1 = 0; p1 < a1.Output; p1++, to += windows)
                    {
                        var row = (p0 * a0.Stride * a1.Input + p1 * a1.Stride) * a2.Input;
                        for (var p2 = 0; p2 < windows; p2 += lanes)
                        {
                            var p = Math.Min(p2, windows - lanes);
                            var first = row + p * stride;
                            if (plane + first + reach <= end) Largest<T, I>(plane, first, stride, offsets, taps, to + p);
                            else
                                for (var l = 0; l < lanes; l++) to[p + l] = LargestOne(plane, first + l * stride, offsets, taps);
                        }
                    }
        }
    }

    /// <summary>The same for rows that fill half of the widest registers or more: 16 windows at a time, and what is left of a row by a mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void WideRows(ReadOnlySpan<float> x, int planes, ConvolutionAxis a0, ConvolutionAxis a1, ConvolutionAxis a2, Span<long> places)
    {
        int taps = a0.Kernel * a1.Kernel * a2.Kernel, windows = a2.Output, stride = a2.Stride, size = a0.Input * a1.Input * a2.Input;
        var offsets = stackalloc int[taps];
        Offsets(a0, a1, a2, offsets);
        var pick = Vector512<int>.Indices * stride;
        fixed (float* start = &MemoryMarshal.GetReference(x))
        fixed (long* target = &MemoryMarshal.GetReference(places))
        {
            var plane = start;
            var to = target;
            for (var n = 0; n < planes; n++, plane += size)
                for (var p0 = 0; p0 < a0.Output; p0++)
                    for (var p1 = 0; p1 < a1.Output; p1++, to += windows)
                    {
                        var row = (p0 * a0.Stride * a1.Input + p1 * a1.Stride) * a2.Input;
                        for (var p = 0; p < windows; p += 16) LargestOf16(plane, row + p * stride, pick, (Math.Min(16, windows - p) - 1) * stride + 1, offsets, taps, to + p, windows - p);
                    }
        }
    }

    /// <summary>The places of the largest elements of up to 16 neighbouring windows, whose first elements are picked from the first reach elements behind a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void LargestOf16(float* plane, int first, Vector512<int> pick, int reach, int* offsets, int taps, long* to, int room)
    {
        Vector512<float> low = First(reach).AsSingle(), high = First(reach - 16).AsSingle();
        var x = plane + first;
        var largest = Avx512F.PermuteVar16x32x2(Avx512F.MaskLoad(x, low, default), pick, Avx512F.MaskLoad(x + 16, high, default));
        var best = Vector512<int>.Zero;
        for (var t = 1; t < taps; t++)
        {
            var at = x + offsets[t];
            var v = Avx512F.PermuteVar16x32x2(Avx512F.MaskLoad(at, low, default), pick, Avx512F.MaskLoad(at + 16, high, default));
            var stays = Vector512.LessThanOrEqual(v, largest) | ~Vector512.Equals(largest, largest);
            largest = Vector512.ConditionalSelect(stays, largest, v);
            best = Vector512.ConditionalSelect(stays.AsInt32(), best, Vector512.Create(offsets[t]));
        }
        var (lower, upper) = Vector512.Widen(best + Vector512.Create(first) + pick);
        Put(to, lower, room);
        Put(to + 8, upper, room - 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> First(int n) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(n));

    /// <summary>A register, or as much of it as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Put(long* to, Vector512<long> value, int room)
    {
        if (room >= 8) value.Store(to);
        else if (room > 0) Avx512F.MaskStore(to, Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)room)), value);
    }

    /// <summary>The places of a window's elements, counted from its first.</summary>
    private static unsafe void Offsets(ConvolutionAxis a0, ConvolutionAxis a1, ConvolutionAxis a2, int* offsets)
    {
        for (var i = 0; i < a0.Kernel; i++)
            for (var j = 0; j < a1.Kernel; j++)
                for (var k = 0; k < a2.Kernel; k++) *offsets++ = (i * a0.Dilation * a1.Input + j * a1.Dilation) * a2.Input + k * a2.Dilation;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe int LargestOne<T>(T* plane, int first, int* offsets, int taps) where T : unmanaged, INumber<T>
    {
        var best = first;
        for (var t = 1; t < taps; t++)
            if (!(plane[first + offsets[t]] <= plane[best] || T.IsNaN(plane[best]))) best = first + offsets[t];
        return best;
    }

    /// <summary>The places of the largest elements of neighbouring windows, of which the first begins at the given place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Largest<T, I>(T* plane, int first, int stride, int* offsets, int taps, long* to)
        where T : unmanaged, INumber<T> where I : unmanaged, IBinaryInteger<I>
    {
        var x = plane + first;
        var largest = Load(x, stride);
        var best = Vector128<I>.Zero;
        for (var t = 1; t < taps; t++)
        {
            var v = Load(x + offsets[t], stride);
            var stays = Vector128.LessThanOrEqual(v, largest) | ~Vector128.Equals(largest, largest);
            largest = Vector128.ConditionalSelect(stays, largest, v);
            best = Vector128.ConditionalSelect(stays.As<T, I>(), best, Repeated<I>(offsets[t]));
        }
        if (typeof(I) == typeof(long))
        {
            var at = Vector128.Create((long)first, first + stride);
            (best.AsInt64() + at).Store(to);
        }
        else
        {
            var at = Vector128.Create(first, first + stride, first + 2 * stride, first + 3 * stride);
            var (low, high) = Vector128.Widen(best.AsInt32() + at);
            low.Store(to);
            high.Store(to + 2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<I> Repeated<I>(int value) => typeof(I) == typeof(long) ? Vector128.Create((long)value).As<long, I>() : Vector128.Create(value).As<int, I>();

    /// <summary>As many elements as a register has lanes, one or two apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector128<T> Load<T>(T* x, int stride) where T : unmanaged
    {
        if (stride == 1) return Vector128.Load(x);
        if (typeof(T) == typeof(double)) return Vector128.Create(((double*)x)[0], ((double*)x)[2]).As<double, T>();
        Vector128<float> low = Vector128.Load((float*)x), high = Vector128.Load((float*)x + 4);
        return Sse.IsSupported
            ? Sse.Shuffle(low, high, 0b10_00_10_00).As<float, T>()
            : Vector128.Create(Vector128.Shuffle(low, Vector128.Create(0, 2, 0, 2)).GetLower(), Vector128.Shuffle(high, Vector128.Create(0, 2, 0, 2)).GetLower()).As<float, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Plane<T>(ReadOnlySpan<T> x, ConvolutionAxis a0, ConvolutionAxis a1, ConvolutionAxis a2, Span<long> places) where T : unmanaged, INumber<T>
    {
        var at = 0;
        for (var p0 = 0; p0 < a0.Output; p0++)
        {
            var (i0, end0) = Window(a0, p0);
            for (var p1 = 0; p1 < a1.Output; p1++)
            {
                var (i1, end1) = Window(a1, p1);
                for (var p2 = 0; p2 < a2.Output; p2++)
                {
                    var (i2, end2) = Window(a2, p2);
                    var best = (i0 * a1.Input + i1) * a2.Input + i2;
                    var largest = x[best];
                    for (var i = i0; i < end0; i += a0.Dilation)
                        for (var j = i1; j < end1; j += a1.Dilation)
                        {
                            var row = (i * a1.Input + j) * a2.Input;
                            for (var k = row + i2; k < row + end2; k += a2.Dilation)
                            {
                                var v = x[k];
                                if (v <= largest || T.IsNaN(largest)) continue;
                                largest = v;
                                best = k;
                            }
                        }
                    places[at++] = best;
                }
            }
        }
    }

    /// <summary>The first position inside, and the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int First, int End) Window(ConvolutionAxis a, int p)
    {
        var start = p * a.Stride - a.Low;
        var end = Math.Min(a.Input, start + (a.Kernel - 1) * a.Dilation + 1);
        if (start < 0) start += (-start + a.Dilation - 1) / a.Dilation * a.Dilation;
        return (start, end);
    }
}

using System;
using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Standardisation: mean 0 and variance 1, over the first and last axis of contiguous [outer; channels; inner] blocks. All sums are in float64, in the
/// same lanes on every processor.</summary>
public static class NormalizationKernels
{
    /// <summary>Segments shorter than this are gathered first.</summary>
    private const int ShortSegment = 16;

    /// <summary>y = (x - mean)/√(variance + ε) with the mean and the variance (divided by the count) of each channel.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void Standardize<T>(ReadOnlySpan<T> x, int outer, int channels, int inner, double epsilon, Span<T> y, Span<T> mean, Span<T> variance) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(x.Length, outer, channels, inner, y.Length);
        if (mean.Length != channels || variance.Length != channels) throw new ArgumentException($"{mean.Length} means and {variance.Length} variances for {channels} channels.", nameof(mean));
        using var lines = new Segments<T>(outer, channels, inner);
        for (var c = 0; c < channels; c++)
        {
            lines.Gather(x, c, lines.First);
            var (m, v) = lines.Moments(x, c);
            mean[c] = T.CreateTruncating(m);
            variance[c] = T.CreateTruncating(v);
            var scale = 1 / Math.Sqrt(v + epsilon);
            for (var s = 0; s < lines.Count; s++) Shift(lines.Of(x, c, s, lines.First), m, scale, lines.Of(y, c, s, lines.First));
            lines.Scatter(lines.First, y, c);
        }
    }

    /// <summary>The derivative of the standardisation along w, which is its transpose too: with y = (x - mean) ρ and ρ = 1/√(variance + ε), result = ρ (w - mean w - y mean(y w)).</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void Slope<T>(ReadOnlySpan<T> w, ReadOnlySpan<T> x, int outer, int channels, int inner, double epsilon, Span<T> result) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(x.Length, outer, channels, inner, result.Length);
        Check(w.Length, outer, channels, inner, result.Length);
        using var lines = new Segments<T>(outer, channels, inner);
        for (var c = 0; c < channels; c++)
        {
            lines.Gather(x, c, lines.First);
            lines.Gather(w, c, lines.Second);
            var (m, v) = lines.Moments(x, c);
            var square = 1 / (v + epsilon);
            var (sum, inner1) = (0.0, 0.0);
            for (var s = 0; s < lines.Count; s++)
            {
                var (a, b) = Products(lines.Of(w, c, s, lines.Second), lines.Of(x, c, s, lines.First), m);
                sum += a;
                inner1 += b;
            }
            double n = (double)outer * inner, scale = Math.Sqrt(square);
            for (var s = 0; s < lines.Count; s++)
                Combine(lines.Of(w, c, s, lines.Second), lines.Of(x, c, s, lines.First), sum / n, m, square * (inner1 / n), scale, lines.Of(result, c, s, lines.First));
            lines.Scatter(lines.First, result, c);
        }
    }

    private static void Check(int length, int outer, int channels, int inner, int result)
    {
        if (length != checked((long)outer * channels * inner) || result != length) throw new ArgumentException($"{length} elements and {result} results for [{outer}; {channels}; {inner}].", nameof(length));
    }

    /// <summary>The elements of one channel as segments: as they lie, or gathered into one where they would be short.</summary>
    private readonly struct Segments<T>(int outer, int channels, int inner) : IDisposable where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly bool _gathers = inner < ShortSegment && outer > 1;

        public readonly T[] First = inner < ShortSegment && outer > 1 ? ArrayPool<T>.Shared.Rent(outer * inner) : [];

        public readonly T[] Second = inner < ShortSegment && outer > 1 ? ArrayPool<T>.Shared.Rent(outer * inner) : [];

        public int Count => _gathers ? 1 : outer;

        public ReadOnlySpan<T> Of(ReadOnlySpan<T> x, int c, int s, T[] gathered) => _gathers ? gathered.AsSpan(0, outer * inner) : x.Slice((s * channels + c) * inner, inner);

        public Span<T> Of(Span<T> x, int c, int s, T[] gathered) => _gathers ? gathered.AsSpan(0, outer * inner) : x.Slice((s * channels + c) * inner, inner);

        public void Gather(ReadOnlySpan<T> x, int c, T[] to)
        {
            if (!_gathers) return;
            for (var o = 0; o < outer; o++) x.Slice((o * channels + c) * inner, inner).CopyTo(to.AsSpan(o * inner));
        }

        public void Scatter(T[] from, Span<T> y, int c)
        {
            if (!_gathers) return;
            for (var o = 0; o < outer; o++) from.AsSpan(o * inner, inner).CopyTo(y.Slice((o * channels + c) * inner));
        }

        /// <summary>Mean and variance in two passes; the deviations from a rounded mean do not quite sum to 0 (Chan, Golub and LeVeque 1983, formula 1.7).</summary>
        public (double Mean, double Variance) Moments(ReadOnlySpan<T> x, int c)
        {
            var n = (double)outer * inner;
            var total = 0.0;
            for (var s = 0; s < Count; s++) total += Deviations(Of(x, c, s, First), 0).Drift;
            var mean = total / n;
            var (drift, squares) = (0.0, 0.0);
            for (var s = 0; s < Count; s++)
            {
                var (d, q) = Deviations(Of(x, c, s, First), mean);
                drift += d;
                squares += q;
            }
            return (mean, (squares - drift * drift / n) / n);
        }

        public void Dispose()
        {
            if (!_gathers) return;
            ArrayPool<T>.Shared.Return(First);
            ArrayPool<T>.Shared.Return(Second);
        }
    }

    /// <summary>8 elements as float64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> Low, Vector256<double> High) Load<T>(ref readonly T x, nuint at) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            ref var d = ref Unsafe.As<T, double>(ref Unsafe.AsRef(in x));
            return (Vector256.LoadUnsafe(ref d, at), Vector256.LoadUnsafe(ref d, at + 4));
        }
        return Vector256.Widen(Vector256.LoadUnsafe(ref Unsafe.As<T, float>(ref Unsafe.AsRef(in x)), at));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Vector256<double> low, Vector256<double> high, ref T y, nuint at) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            ref var d = ref Unsafe.As<T, double>(ref y);
            low.StoreUnsafe(ref d, at);
            high.StoreUnsafe(ref d, at + 4);
        }
        else Vector256.Narrow(low, high).StoreUnsafe(ref Unsafe.As<T, float>(ref y), at);
    }

    /// <summary>The sums of x - mean and of its square.</summary>
    private static (double Drift, double Squares) Deviations<T>(ReadOnlySpan<T> x, double mean) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<double> centre = Vector256.Create(mean), d0 = default, d1 = default, q0 = default, q1 = default;
        ref var first = ref MemoryMarshal.GetReference(x);
        var j = 0;
        for (; j + 8 <= x.Length; j += 8)
        {
            var (a, b) = Load(in first, (nuint)j);
            a -= centre;
            b -= centre;
            d0 += a;
            d1 += b;
            q0 += a * a;
            q1 += b * b;
        }
        double drift = Vector256.Sum(d0 + d1), squares = Vector256.Sum(q0 + q1);
        for (; j < x.Length; j++)
        {
            var d = double.CreateTruncating(x[j]) - mean;
            drift += d;
            squares += d * d;
        }
        return (drift, squares);
    }

    /// <summary>Σ w and Σ w (x - mean).</summary>
    private static (double Sum, double Product) Products<T>(ReadOnlySpan<T> w, ReadOnlySpan<T> x, double mean) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<double> centre = Vector256.Create(mean), s0 = default, s1 = default, p0 = default, p1 = default;
        ref readonly var firstW = ref MemoryMarshal.GetReference(w);
        ref readonly var firstX = ref MemoryMarshal.GetReference(x);
        var j = 0;
        for (; j + 8 <= x.Length; j += 8)
        {
            var (a, b) = Load(in firstW, (nuint)j);
            var (u, v) = Load(in firstX, (nuint)j);
            s0 += a;
            s1 += b;
            p0 += a * (u - centre);
            p1 += b * (v - centre);
        }
        double sum = Vector256.Sum(s0 + s1), product = Vector256.Sum(p0 + p1);
        for (; j < x.Length; j++)
        {
            var a = double.CreateTruncating(w[j]);
            sum += a;
            product += a * (double.CreateTruncating(x[j]) - mean);
        }
        return (sum, product);
    }

    /// <summary>y = (x - mean) scale.</summary>
    private static void Shift<T>(ReadOnlySpan<T> x, double mean, double scale, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<double> centre = Vector256.Create(mean), factor = Vector256.Create(scale);
        ref readonly var first = ref MemoryMarshal.GetReference(x);
        ref var target = ref MemoryMarshal.GetReference(y);
        var j = 0;
        for (; j + 8 <= x.Length; j += 8)
        {
            var (a, b) = Load(in first, (nuint)j);
            Store((a - centre) * factor, (b - centre) * factor, ref target, (nuint)j);
        }
        for (; j < x.Length; j++) y[j] = T.CreateTruncating((double.CreateTruncating(x[j]) - mean) * scale);
    }

    /// <summary>y = scale (w - average - (x - mean) slope).</summary>
    private static void Combine<T>(ReadOnlySpan<T> w, ReadOnlySpan<T> x, double average, double mean, double slope, double scale, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<double> base0 = Vector256.Create(average), centre = Vector256.Create(mean), tilt = Vector256.Create(slope), factor = Vector256.Create(scale);
        ref readonly var firstW = ref MemoryMarshal.GetReference(w);
        ref readonly var firstX = ref MemoryMarshal.GetReference(x);
        ref var target = ref MemoryMarshal.GetReference(y);
        var j = 0;
        for (; j + 8 <= x.Length; j += 8)
        {
            var (a, b) = Load(in firstW, (nuint)j);
            var (u, v) = Load(in firstX, (nuint)j);
            Store(factor * (a - base0 - (u - centre) * tilt), factor * (b - base0 - (v - centre) * tilt), ref target, (nuint)j);
        }
        for (; j < x.Length; j++)
            y[j] = T.CreateTruncating(scale * (double.CreateTruncating(w[j]) - average - (double.CreateTruncating(x[j]) - mean) * slope));
    }
}

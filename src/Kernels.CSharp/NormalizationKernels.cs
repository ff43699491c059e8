using System;
using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Standardisation: mean 0 and variance 1, over the first and last axis of contiguous [outer; channels; inner] blocks. All sums are in float64, in the
/// same lanes on every processor; a channel is summed by one thread.</summary>
public static unsafe class NormalizationKernels
{
    /// <summary>Segments shorter than this are gathered first.</summary>
    private const int ShortSegment = 16;

    /// <summary>What an element costs, in nanoseconds.</summary>
    private const double NanosecondsPerElement = 0.5;

    /// <summary>y = (x - mean)/√(variance + ε) with the mean and the variance (divided by the count) of each channel.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void Standardize<T>(ReadOnlySpan<T> x, int outer, int channels, int inner, double epsilon, Span<T> y, Span<T> mean, Span<T> variance) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(x.Length, outer, channels, inner, y.Length);
        if (mean.Length != channels || variance.Length != channels) throw new ArgumentException($"{mean.Length} means and {variance.Length} variances for {channels} channels.", nameof(mean));
        fixed (T* px = x, py = y, pm = mean, pv = variance)
        {
            Parallelism.Share(channels, x.Length * NanosecondsPerElement, new StandardizedChannels<T>(px, outer, channels, inner, epsilon, py, pm, pv));
        }
    }

    private readonly struct StandardizedChannels<T>(T* x, int outer, int channels, int inner, double epsilon, T* y, T* mean, T* variance) : IShared where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int begin, int end) => Standardize(x, outer, channels, inner, epsilon, y, mean, variance, begin, end);
    }

    private static void Standardize<T>(T* from, int outer, int channels, int inner, double epsilon, T* to, T* mean, T* variance, int begin, int end) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var length = outer * channels * inner;
        ReadOnlySpan<T> x = new(from, length);
        Span<T> y = new(to, length);
        using var lines = new Segments<T>(outer, channels, inner);
        for (var c = begin; c < end; c++)
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
        fixed (T* pw = w, px = x, py = result)
        {
            Parallelism.Share(channels, x.Length * NanosecondsPerElement, new SlopeChannels<T>(pw, px, outer, channels, inner, epsilon, py));
        }
    }

    private readonly struct SlopeChannels<T>(T* w, T* x, int outer, int channels, int inner, double epsilon, T* result) : IShared where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int begin, int end) => Slope(w, x, outer, channels, inner, epsilon, result, begin, end);
    }

    private static void Slope<T>(T* along, T* at, int outer, int channels, int inner, double epsilon, T* to, int begin, int end) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var length = outer * channels * inner;
        ReadOnlySpan<T> w = new(along, length), x = new(at, length);
        var result = new Span<T>(to, length);
        using var lines = new Segments<T>(outer, channels, inner);
        for (var c = begin; c < end; c++)
        {
            lines.Gather(x, c, lines.First);
            lines.Gather(w, c, lines.Second);
            var (m, v, sum, inner1) = lines.JointMoments(w, x, c);
            double n = (double)outer * inner, square = 1 / (v + epsilon), scale = Math.Sqrt(square);
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

        /// <summary>Mean and variance from the deviations from something near the mean, whose sum corrects them (Chan, Golub and LeVeque 1983, formula 1.7). In float64 that is the
        /// mean itself, which takes a pass of its own; float32 leaves so many digits of the sums that the mean of the first elements serves.</summary>
        public (double Mean, double Variance) Moments(ReadOnlySpan<T> x, int c)
        {
            var n = (double)outer * inner;
            var near = Near(x, c);
            var (drift, squares) = (0.0, 0.0);
            for (var s = 0; s < Count; s++)
            {
                var (d, q) = Deviations(Of(x, c, s, First), near);
                drift += d;
                squares += q;
            }
            return (near + drift / n, Math.Max(0, (squares - drift * drift / n) / n));
        }

        /// <summary>Mean and variance of x, Σ w and Σ w (x - mean).</summary>
        public (double Mean, double Variance, double Sum, double Product) JointMoments(ReadOnlySpan<T> w, ReadOnlySpan<T> x, int c)
        {
            var n = (double)outer * inner;
            var near = Near(x, c);
            var (drift, squares, sum, product) = (0.0, 0.0, 0.0, 0.0);
            for (var s = 0; s < Count; s++)
            {
                var (d, q, a, b) = Products(Of(w, c, s, Second), Of(x, c, s, First), near);
                drift += d;
                squares += q;
                sum += a;
                product += b;
            }
            return (near + drift / n, Math.Max(0, (squares - drift * drift / n) / n), sum, product - sum * (drift / n));
        }

        /// <summary>A number near the mean.</summary>
        private double Near(ReadOnlySpan<T> x, int c)
        {
            var count = typeof(T) == typeof(double) ? Count : 1;
            var (total, taken) = (0.0, 0L);
            for (var s = 0; s < count; s++)
            {
                var segment = Of(x, c, s, First);
                total += Deviations(segment, 0).Drift;
                taken += segment.Length;
            }
            return taken == 0 ? 0 : total / taken;
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
    private static (Vector256<double> Low, Vector256<double> High) LoadHalf<T>(ref readonly T x, nuint at) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            ref var d = ref Unsafe.As<T, double>(ref Unsafe.AsRef(in x));
            return (Vector256.LoadUnsafe(ref d, at), Vector256.LoadUnsafe(ref d, at + 4));
        }
        return Vector256.Widen(Vector256.LoadUnsafe(ref Unsafe.As<T, float>(ref Unsafe.AsRef(in x)), at));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalf<T>(Vector256<double> low, Vector256<double> high, ref T y, nuint at) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            ref var d = ref Unsafe.As<T, double>(ref y);
            low.StoreUnsafe(ref d, at);
            high.StoreUnsafe(ref d, at + 4);
        }
        else Vector256.Narrow(low, high).StoreUnsafe(ref Unsafe.As<T, float>(ref y), at);
    }

    /// <summary>The same order of additions for 8 lanes in one register and in two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Sum(Vector256<double> low, Vector256<double> high) => Vector256.Sum(low) + Vector256.Sum(high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Sum(Vector512<double> lanes) => Sum(lanes.GetLower(), lanes.GetUpper());

    /// <summary>16 elements as float64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<double> Low, Vector512<double> High) Load<T>(ref readonly T x, nuint at) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            ref var d = ref Unsafe.As<T, double>(ref Unsafe.AsRef(in x));
            return (Vector512.LoadUnsafe(ref d, at), Vector512.LoadUnsafe(ref d, at + 8));
        }
        return Vector512.Widen(Vector512.LoadUnsafe(ref Unsafe.As<T, float>(ref Unsafe.AsRef(in x)), at));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Vector512<double> low, Vector512<double> high, ref T y, nuint at) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            ref var d = ref Unsafe.As<T, double>(ref y);
            low.StoreUnsafe(ref d, at);
            high.StoreUnsafe(ref d, at + 8);
        }
        else Vector512.Narrow(low, high).StoreUnsafe(ref Unsafe.As<T, float>(ref y), at);
    }

    private const int Step = 16;

    /// <summary>The sums of x - centre and of its square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Drift, double Squares) Deviations<T>(ReadOnlySpan<T> x, double centre) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!Vector512.IsHardwareAccelerated) return DeviationsInHalves(x, centre);
        Vector512<double> shift = Vector512.Create(centre), d0 = default, d1 = default, q0 = default, q1 = default;
        ref var first = ref MemoryMarshal.GetReference(x);
        var j = 0;
        for (; j + Step <= x.Length; j += Step)
        {
            var (a, b) = Load(in first, (nuint)j);
            a -= shift;
            b -= shift;
            d0 += a;
            d1 += b;
            q0 += a * a;
            q1 += b * b;
        }
        return Deviations(x[j..], centre, Sum(d0 + d1), Sum(q0 + q1));
    }

    /// <summary>The same in registers of half the size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Drift, double Squares) DeviationsInHalves<T>(ReadOnlySpan<T> x, double centre) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<double> shift = Vector256.Create(centre), d0 = default, d1 = default, d2 = default, d3 = default, q0 = default, q1 = default, q2 = default, q3 = default;
        ref var first = ref MemoryMarshal.GetReference(x);
        var j = 0;
        for (; j + Step <= x.Length; j += Step)
        {
            var (a, b) = LoadHalf(in first, (nuint)j);
            var (c, d) = LoadHalf(in first, (nuint)j + Step / 2);
            a -= shift;
            b -= shift;
            c -= shift;
            d -= shift;
            d0 += a;
            d1 += b;
            d2 += c;
            d3 += d;
            q0 += a * a;
            q1 += b * b;
            q2 += c * c;
            q3 += d * d;
        }
        return Deviations(x[j..], centre, Sum(d0 + d2, d1 + d3), Sum(q0 + q2, q1 + q3));
    }

    /// <summary>The last few elements, one by one.</summary>
    private static (double Drift, double Squares) Deviations<T>(ReadOnlySpan<T> rest, double centre, double drift, double squares) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var v in rest)
        {
            var d = double.CreateTruncating(v) - centre;
            drift += d;
            squares += d * d;
        }
        return (drift, squares);
    }

    /// <summary>The sums of x - centre and of its square, Σ w and Σ w (x - centre).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Drift, double Squares, double Sum, double Product) Products<T>(ReadOnlySpan<T> w, ReadOnlySpan<T> x, double centre) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!Vector512.IsHardwareAccelerated) return ProductsInHalves(w, x, centre);
        Vector512<double> shift = Vector512.Create(centre), d0 = default, d1 = default, q0 = default, q1 = default, s0 = default, s1 = default, p0 = default, p1 = default;
        ref readonly var firstW = ref MemoryMarshal.GetReference(w);
        ref readonly var firstX = ref MemoryMarshal.GetReference(x);
        var j = 0;
        for (; j + Step <= x.Length; j += Step)
        {
            var (a, b) = Load(in firstW, (nuint)j);
            var (u, v) = Load(in firstX, (nuint)j);
            u -= shift;
            v -= shift;
            d0 += u;
            d1 += v;
            q0 += u * u;
            q1 += v * v;
            s0 += a;
            s1 += b;
            p0 += a * u;
            p1 += b * v;
        }
        return Products(w[j..], x[j..], centre, Sum(d0 + d1), Sum(q0 + q1), Sum(s0 + s1), Sum(p0 + p1));
    }

    /// <summary>The same in registers of half the size, lane by lane in the same order: the sums of the lower 8 lanes and of the upper ones take turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Drift, double Squares, double Sum, double Product) ProductsInHalves<T>(ReadOnlySpan<T> w, ReadOnlySpan<T> x, double centre) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var shift = Vector256.Create(centre);
        Vector256<double> d0 = default, d1 = default, d2 = default, d3 = default, q0 = default, q1 = default, q2 = default, q3 = default;
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default, p0 = default, p1 = default, p2 = default, p3 = default;
        ref readonly var firstW = ref MemoryMarshal.GetReference(w);
        ref readonly var firstX = ref MemoryMarshal.GetReference(x);
        var j = 0;
        for (; j + Step <= x.Length; j += Step)
        {
            var (a, b) = LoadHalf(in firstW, (nuint)j);
            var (u, v) = LoadHalf(in firstX, (nuint)j);
            u -= shift;
            v -= shift;
            d0 += u;
            d1 += v;
            q0 += u * u;
            q1 += v * v;
            s0 += a;
            s1 += b;
            p0 += a * u;
            p1 += b * v;
            (a, b) = LoadHalf(in firstW, (nuint)j + Step / 2);
            (u, v) = LoadHalf(in firstX, (nuint)j + Step / 2);
            u -= shift;
            v -= shift;
            d2 += u;
            d3 += v;
            q2 += u * u;
            q3 += v * v;
            s2 += a;
            s3 += b;
            p2 += a * u;
            p3 += b * v;
        }
        return Products(w[j..], x[j..], centre, Sum(d0 + d2, d1 + d3), Sum(q0 + q2, q1 + q3), Sum(s0 + s2, s1 + s3), Sum(p0 + p2, p1 + p3));
    }

    /// <summary>The last few elements, one by one.</summary>
    private static (double Drift, double Squares, double Sum, double Product) Products<T>(ReadOnlySpan<T> w, ReadOnlySpan<T> x, double centre, double drift, double squares, double sum, double product) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < x.Length; j++)
        {
            double a = double.CreateTruncating(w[j]), d = double.CreateTruncating(x[j]) - centre;
            drift += d;
            squares += d * d;
            sum += a;
            product += a * d;
        }
        return (drift, squares, sum, product);
    }

    /// <summary>y = (x - mean) scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Shift<T>(ReadOnlySpan<T> x, double mean, double scale, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector512<double> centre = Vector512.Create(mean), factor = Vector512.Create(scale);
        ref readonly var first = ref MemoryMarshal.GetReference(x);
        ref var target = ref MemoryMarshal.GetReference(y);
        var j = 0;
        for (; Vector512.IsHardwareAccelerated && j + Step <= x.Length; j += Step)
        {
            var (a, b) = Load(in first, (nuint)j);
            Store((a - centre) * factor, (b - centre) * factor, ref target, (nuint)j);
        }
        for (; j + Step / 2 <= x.Length; j += Step / 2)
        {
            var (a, b) = LoadHalf(in first, (nuint)j);
            StoreHalf((a - centre.GetLower()) * factor.GetLower(), (b - centre.GetLower()) * factor.GetLower(), ref target, (nuint)j);
        }
        for (; j < x.Length; j++) y[j] = T.CreateTruncating((double.CreateTruncating(x[j]) - mean) * scale);
    }

    /// <summary>y = scale (w - average - (x - mean) slope).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combine<T>(ReadOnlySpan<T> w, ReadOnlySpan<T> x, double average, double mean, double slope, double scale, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector512<double> base0 = Vector512.Create(average), centre = Vector512.Create(mean), tilt = Vector512.Create(slope), factor = Vector512.Create(scale);
        ref readonly var firstW = ref MemoryMarshal.GetReference(w);
        ref readonly var firstX = ref MemoryMarshal.GetReference(x);
        ref var target = ref MemoryMarshal.GetReference(y);
        var j = 0;
        for (; Vector512.IsHardwareAccelerated && j + Step <= x.Length; j += Step)
        {
            var (a, b) = Load(in firstW, (nuint)j);
            var (u, v) = Load(in firstX, (nuint)j);
            Store(factor * (a - base0 - (u - centre) * tilt), factor * (b - base0 - (v - centre) * tilt), ref target, (nuint)j);
        }
        for (; j + Step / 2 <= x.Length; j += Step / 2)
        {
            var (a, b) = LoadHalf(in firstW, (nuint)j);
            var (u, v) = LoadHalf(in firstX, (nuint)j);
            Vector256<double> zero = base0.GetLower(), middle = centre.GetLower(), lean = tilt.GetLower(), by = factor.GetLower();
            StoreHalf(by * (a - zero - (u - middle) * lean), by * (b - zero - (v - middle) * lean), ref target, (nuint)j);
        }
        for (; j < x.Length; j++)
            y[j] = T.CreateTruncating(scale * (double.CreateTruncating(w[j]) - average - (double.CreateTruncating(x[j]) - mean) * slope));
    }
}

using System;
using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Functions of lines: the middle axis of a contiguous [outer; n; inner] block, for float64 and float32. Accumulations are in float64.</summary>
public static partial class Lines
{
    /// <summary>A function from one line to another.</summary>
    private interface ILine<TIn, TOut>
    {
        /// <summary>Fills y from x; neither is empty unless lines of that length were asked for.</summary>
        void Run(ReadOnlySpan<TIn> x, Span<TOut> y);
    }

    /// <summary>Runs a line function over all lines of length n, each giving m numbers. Lines that are not contiguous are copied, one at a time.</summary>
    private static void Each<TIn, TOut, TLine>(TLine line, ReadOnlySpan<TIn> x, int outer, int n, int inner, Span<TOut> y, int m)
        where TLine : struct, ILine<TIn, TOut>
    {
        if (inner == 1)
        {
            for (var o = 0; o < outer; o++) line.Run(x.Slice(o * n, n), y.Slice(o * m, m));
            return;
        }
        var from = ArrayPool<TIn>.Shared.Rent(Math.Max(n, 1));
        var to = ArrayPool<TOut>.Shared.Rent(Math.Max(m, 1));
        Span<TIn> xs = from.AsSpan(0, n);
        Span<TOut> ys = to.AsSpan(0, m);
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < inner; i++)
            {
                for (int j = 0, at = o * n * inner + i; j < n; j++, at += inner) xs[j] = x[at];
                line.Run(xs, ys);
                for (int j = 0, at = o * m * inner + i; j < m; j++, at += inner) y[at] = ys[j];
            }
        ArrayPool<TIn>.Shared.Return(from);
        ArrayPool<TOut>.Shared.Return(to);
    }

    private static void ExpInPlace<T>(Span<T> x) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            var d = MemoryMarshal.Cast<T, double>(x);
            Elementwise.Unary(UnaryOp.Exp, d, d);
        }
        else
        {
            var f = MemoryMarshal.Cast<T, float>(x);
            Elementwise.Unary(UnaryOp.Exp, f, f);
        }
    }

    private static double Sum<T>(ReadOnlySpan<T> x) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            var total = 0.0;
            Reductions.Reduce(ReduceOp.Sum, MemoryMarshal.Cast<T, double>(x), 1, x.Length, 1, new Span<double>(ref total));
            return total;
        }
        var sum = 0.0;
        foreach (var v in x) sum += double.CreateTruncating(v);
        return sum;
    }

    // ---- sums of exponentials

    /// <summary>e = exp(x - max x), and the sum of e. Where the maximum is infinite the limit is taken: the largest elements count 1 (+∞) or 0 (-∞), the others 0.</summary>
    private static double ShiftedExponentials<T>(ReadOnlySpan<T> x, T max, Span<T> e) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (T.IsInfinity(max))
        {
            var positive = T.IsPositiveInfinity(max);
            for (var j = 0; j < x.Length; j++) e[j] = positive && T.IsPositiveInfinity(x[j]) ? T.One : T.Zero;
        }
        else
        {
            TensorPrimitives.Subtract(x, max, e);
            ExpInPlace(e);
        }
        return Sum<T>(e);
    }

    private static T LogSumExpOfLine<T>(ReadOnlySpan<T> x) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var max = TensorPrimitives.Max(x);
        if (!T.IsFinite(max)) return max;
        var scratch = ArrayPool<T>.Shared.Rent(x.Length);
        var sum = ShiftedExponentials(x, max, scratch.AsSpan(0, x.Length));
        ArrayPool<T>.Shared.Return(scratch);
        return T.CreateTruncating(double.CreateTruncating(max) + Elementwise.Unary(UnaryOp.Log, sum));
    }

    /// <summary>y[o, i] = ln Σ exp x[o, j, i], shifted by the maximum. Empty or all -∞: -∞; a +∞: +∞; a NaN: NaN.</summary>
    public static void LogSumExp<T>(ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (n > 0) Exponentials<LogSumExpColumn, T>(x, outer, n, inner, y);
        else y.Fill(T.NegativeInfinity);
    }

    /// <summary>The smallest normal number of an element type.</summary>
    private static double SmallestNormal<T>() => typeof(T) == typeof(double) ? 2.2250738585072014e-308 : 1.1754943508222875e-38;

    private static void DropSubnormals<T>(Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var least = T.CreateTruncating(SmallestNormal<T>());
        var smallest = new Vector<T>(least);
        var j = 0;
        for (; j + Vector<T>.Count <= y.Length; j += Vector<T>.Count)
        {
            var v = new Vector<T>(y[j..]);
            Vector.ConditionalSelect(Vector.LessThan(v, smallest), Vector<T>.Zero, v).CopyTo(y[j..]);
        }
        for (; j < y.Length; j++)
            if (y[j] < least) y[j] = T.Zero;
    }

    private static void SoftmaxOfLine<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var sum = ShiftedExponentials(x, TensorPrimitives.Max(x), y);
        if (sum == 0) return;
        TensorPrimitives.Divide(y, T.CreateTruncating(sum), y);
        DropSubnormals(y);
    }

    /// <summary>y[o, j, i] = exp x[o, j, i] / Σ exp x[o, ·, i]. A line of only -∞ gives zeros; elements at +∞ share the line equally.
    /// Results below the smallest normal number of the type are zero: they say nothing, and each later product with one would cost the processor a hundred times as much.</summary>
    public static void Softmax<T>(ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (n > 0) Exponentials<SoftmaxColumn, T>(x, outer, n, inner, y);
    }

    private static void LogSoftmaxOfLine<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var max = TensorPrimitives.Max(x);
        var log = Elementwise.Unary(UnaryOp.Log, ShiftedExponentials(x, max, y));
        if (T.IsInfinity(max))
            for (var j = 0; j < x.Length; j++) y[j] = y[j] == T.Zero ? T.NegativeInfinity : T.CreateTruncating(-log);
        else
        {
            TensorPrimitives.Subtract(x, max, y);
            TensorPrimitives.Subtract(y, T.CreateTruncating(log), y);
        }
    }

    /// <summary>The logarithm of <see cref="Softmax"/>, accurate where that underflows; a line of only -∞ gives -∞.</summary>
    public static void LogSoftmax<T>(ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (n > 0) Exponentials<LogSoftmaxColumn, T>(x, outer, n, inner, y);
    }

    private readonly struct LogCumSumExpLine<T> : ILine<T, T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(ReadOnlySpan<T> x, Span<T> y)
        {
            var log = double.NegativeInfinity;
            for (var j = 0; j < x.Length; j++)
            {
                var v = double.CreateTruncating(x[j]);
                var high = Math.Max(log, v);
                if (double.IsFinite(high)) high += SpecialFunctions.Log1p(Math.Exp(Math.Min(log, v) - high));
                log = high;
                y[j] = T.CreateTruncating(log);
            }
        }
    }

    /// <summary>y[o, j, i] = ln of the sum of exp x[o, j', i] over j' ≤ j.</summary>
    public static void LogCumSumExp<T>(ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Each(new LogCumSumExpLine<T>(), x, outer, n, inner, y, n);

    // ---- spread and length

    private readonly struct VarianceLine<T>(double divisor) : ILine<T, T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(ReadOnlySpan<T> x, Span<T> y)
        {
            var mean = Sum(x) / x.Length;
            var (drift, squares) = typeof(T) == typeof(double) ? Deviations(MemoryMarshal.Cast<T, double>(x), mean) : Deviations(MemoryMarshal.Cast<T, float>(x), mean);
            // the deviations from a rounded mean do not quite sum to 0: Chan, Golub and LeVeque 1983, formula 1.7
            y[0] = T.CreateTruncating((squares - (x.IsEmpty ? 0 : drift * drift / x.Length)) / divisor);
        }

        /// <summary>The sums of x - mean and of its square, four lanes at a time on every processor, so that the bits do not depend on it.</summary>
        private static (double Drift, double Squares) Deviations(ReadOnlySpan<double> x, double mean)
        {
            var centre = Vector256.Create(mean);
            Vector256<double> drift = default, squares = default;
            var j = 0;
            for (; j + 4 <= x.Length; j += 4)
            {
                var d = Vector256.Create(x.Slice(j, 4)) - centre;
                drift += d;
                squares += d * d;
            }
            return Rest(x, j, mean, Vector256.Sum(drift), Vector256.Sum(squares));
        }

        private static (double Drift, double Squares) Deviations(ReadOnlySpan<float> x, double mean)
        {
            var centre = Vector256.Create(mean);
            Vector256<double> drift = default, squares = default;
            var j = 0;
            for (; j + 8 <= x.Length; j += 8)
            {
                var (low, high) = Vector256.Widen(Vector256.Create(x.Slice(j, 8)));
                low -= centre;
                high -= centre;
                drift += low + high;
                squares += low * low + high * high;
            }
            return Rest(x, j, mean, Vector256.Sum(drift), Vector256.Sum(squares));
        }

        private static (double Drift, double Squares) Rest<TIn>(ReadOnlySpan<TIn> x, int start, double mean, double drift, double squares) where TIn : unmanaged, INumberBase<TIn>
        {
            for (var j = start; j < x.Length; j++)
            {
                var d = double.CreateTruncating(x[j]) - mean;
                drift += d;
                squares += d * d;
            }
            return (drift, squares);
        }
    }

    /// <summary>y[o, i] = Σ (x - mean)² / divisor, in two passes with the correction of the second.</summary>
    public static void Variance<T>(double divisor, ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Each(new VarianceLine<T>(divisor), x, outer, n, inner, y, 1);

    private readonly struct NormLine<T>(double p) : ILine<T, T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(ReadOnlySpan<T> x, Span<T> y) => y[0] = T.CreateTruncating(x.IsEmpty ? 0 : p == 2 ? Euclidean(x) : General(x));

        private static double Euclidean(ReadOnlySpan<T> x)
        {
            var squares = typeof(T) == typeof(double) ? Squares(MemoryMarshal.Cast<T, double>(x)) : Squares(MemoryMarshal.Cast<T, float>(x));
            // in the safe range no square has overflowed, and none that matters has underflowed
            if (squares is > 1e-280 and < 1e300 || double.IsNaN(squares)) return Math.Sqrt(squares);
            var scale = Magnitude(x, largest: true);
            if (scale == 0 || !double.IsFinite(scale)) return scale;
            squares = 0;
            foreach (var v in x)
            {
                var r = double.CreateTruncating(v) / scale;
                squares += r * r;
            }
            return scale * Math.Sqrt(squares);
        }

        /// <summary>The sum of squares, in the same lanes on every processor.</summary>
        private static double Squares(ReadOnlySpan<double> x)
        {
            Vector256<double> a = default, b = default, c = default, d = default;
            var j = 0;
            for (; j + 16 <= x.Length; j += 16)
            {
                Vector256<double> v0 = Vector256.Create(x.Slice(j, 4)), v1 = Vector256.Create(x.Slice(j + 4, 4));
                Vector256<double> v2 = Vector256.Create(x.Slice(j + 8, 4)), v3 = Vector256.Create(x.Slice(j + 12, 4));
                a += v0 * v0;
                b += v1 * v1;
                c += v2 * v2;
                d += v3 * v3;
            }
            var sum = Vector256.Sum(a + b + (c + d));
            for (; j < x.Length; j++) sum += x[j] * x[j];
            return sum;
        }

        private static double Squares(ReadOnlySpan<float> x)
        {
            Vector256<double> a = default, b = default;
            var j = 0;
            for (; j + 8 <= x.Length; j += 8)
            {
                var (low, high) = Vector256.Widen(Vector256.Create(x.Slice(j, 8)));
                a += low * low;
                b += high * high;
            }
            var sum = Vector256.Sum(a + b);
            for (; j < x.Length; j++) sum += (double)x[j] * x[j];
            return sum;
        }

        private double General(ReadOnlySpan<T> x)
        {
            var scale = Magnitude(x, largest: p > 0);
            if (scale == 0 || !double.IsFinite(scale)) return scale;
            var sum = 0.0;
            foreach (var v in x) sum += Math.Pow(Math.Abs(double.CreateTruncating(v)) / scale, p);
            return scale * Math.Pow(sum, 1 / p);
        }

        private static double Magnitude(ReadOnlySpan<T> x, bool largest)
        {
            var found = Math.Abs(double.CreateTruncating(x[0]));
            foreach (var v in x)
            {
                var m = Math.Abs(double.CreateTruncating(v));
                found = largest ? Math.Max(found, m) : Math.Min(found, m);
            }
            return found;
        }
    }

    /// <summary>y[o, i] = (Σ |x|ᵖ)^(1/p), for finite p other than 0; scaled where the plain formula would over- or underflow.</summary>
    public static void Norm<T>(double p, ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Each(new NormLine<T>(p), x, outer, n, inner, y, 1);

    // ---- order

    private readonly struct OrderLine<T>(T[] keys, long[] items) : ILine<T, long> where T : unmanaged, INumber<T>
    {
        public void Run(ReadOnlySpan<T> x, Span<long> y)
        {
            int numbers = 0, last = x.Length;
            for (var j = 0; j < x.Length; j++)
                if (!T.IsNaN(x[j])) { keys[numbers] = x[j]; items[numbers++] = j; }
            for (var j = x.Length - 1; j >= 0; j--)
                if (T.IsNaN(x[j])) items[--last] = j;
            Array.Sort(keys, items, 0, numbers);
            // the sort is not stable: equal keys get their places back in order
            for (var start = 0; start < numbers;)
            {
                var stop = start + 1;
                while (stop < numbers && keys[stop] == keys[start]) stop++;
                if (stop - start > 1) Array.Sort(items, start, stop - start);
                start = stop;
            }
            items.AsSpan(0, x.Length).CopyTo(y);
        }
    }

    /// <summary>y[o, ·, i] = the places of the line's elements in ascending order; equal elements keep their order, NaN comes last.</summary>
    public static void Order<T>(ReadOnlySpan<T> x, int outer, int n, int inner, Span<long> y) where T : unmanaged, INumber<T>
    {
        if (n == 0) return;
        Each(new OrderLine<T>(new T[n], new long[n]), x, outer, n, inner, y, n);
    }

    private readonly struct MedianLine<T>(bool ignoreNaN, T[] scratch) : ILine<T, T> where T : unmanaged, INumber<T>
    {
        public void Run(ReadOnlySpan<T> x, Span<T> y)
        {
            var numbers = 0;
            var nan = x[0];
            foreach (var v in x)
                if (T.IsNaN(v)) nan = v;
                else scratch[numbers++] = v;
            y[0] = numbers == 0 || (numbers < x.Length && !ignoreNaN) ? nan : Select(scratch.AsSpan(0, numbers), (numbers - 1) / 2);
        }

        /// <summary>The k-th smallest, by Hoare's partition around the median of three; what takes too many rounds is sorted.</summary>
        private static T Select(Span<T> x, int k)
        {
            for (var rounds = 2 * BitOperations.Log2((uint)x.Length); x.Length > 16 && rounds > 0; rounds--)
            {
                var pivot = MiddleOf(x[0], x[x.Length / 2], x[^1]);
                int i = -1, j = x.Length;
                while (true)
                {
                    do i++; while (x[i] < pivot);
                    do j--; while (x[j] > pivot);
                    if (i >= j) break;
                    (x[i], x[j]) = (x[j], x[i]);
                }
                // what is up to j is at most the pivot, what is behind it at least; a partition of everything leaves the rest to the sort
                if (j + 1 == x.Length) break;
                if (k <= j) x = x[..(j + 1)];
                else
                {
                    k -= j + 1;
                    x = x[(j + 1)..];
                }
            }
            x.Sort();
            return x[k];
        }

        private static T MiddleOf(T a, T b, T c) => T.Max(T.Min(a, b), T.Min(T.Max(a, b), c));
    }

    /// <summary>y[o, i] = the lower median of x[o, ·, i], of n &gt; 0 elements; NaN if there is one, or with <paramref name="ignoreNaN"/> if there is nothing else.</summary>
    public static void Median<T>(bool ignoreNaN, ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y) where T : unmanaged, INumber<T>
    {
        if (n > 0) Each(new MedianLine<T>(ignoreNaN, new T[n]), x, outer, n, inner, y, 1);
    }

    private readonly struct RunningExtremumLine<T>(bool largest) : ILine<T, long> where T : unmanaged, INumber<T>
    {
        public void Run(ReadOnlySpan<T> x, Span<long> y)
        {
            var best = 0;
            for (var j = 0; j < x.Length; j++)
            {
                if (T.IsNaN(x[j]) || (largest ? x[j] >= x[best] : x[j] <= x[best])) best = j;
                y[j] = best;
            }
        }
    }

    /// <summary>y[o, j, i] = the place of the largest (smallest) of x[o, j', i] over j' ≤ j; the last one at ties; NaN wins.</summary>
    public static void RunningExtremum<T>(bool largest, ReadOnlySpan<T> x, int outer, int n, int inner, Span<long> y) where T : unmanaged, INumber<T> =>
        Each(new RunningExtremumLine<T>(largest), x, outer, n, inner, y, n);
}

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Fills spans with random numbers: element i is a function of the key and of its index alone, so neither the length of the span,
/// nor how it is split among threads, nor the processor changes a bit.</summary>
/// <remarks>
/// <para>Pieces of one long sequence are filled separately by saying where each starts: <c>start</c> is the index of the span's first element.</para>
/// <para>A key gives related numbers in every method; for independent draws split it first.</para>
/// <para>T is float, double or Half. Draws are made in float64 and rounded once, so that a float sequence is the double one rounded.
/// Where a parameter is a span, it holds one value for each element of the result, or a single value for all.</para>
/// </remarks>
public static partial class RandomFill
{
    /// <summary>Uniform numbers in [low, high): high itself is never drawn.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="low">The least number; rounded to T first.</param>
    /// <param name="high">The bound above; rounded to T first; above low, and high - low finite.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is empty or infinite, or <paramref name="start"/> is negative.</exception>
    public static void Uniform<T>(RandomKey key, Span<T> result, double low = 0.0, double high = 1.0, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        var least = ToDouble(T.CreateSaturating(low));
        var bound = T.CreateSaturating(high);
        var width = ToDouble(bound) - least;
        if (!(width > 0.0 && double.IsFinite(width)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(high), high, $"Uniform needs low < high with a finite difference, but low is {low} and high is {high}.");
        }
        RandomBlocks.Fill(key, result, start, new UniformTransform(least, width, ToDouble(T.BitDecrement(bound))));
    }

    /// <summary>Normal numbers, by the polar form of two uniform ones (G. E. P. Box and M. E. Muller, 1958). The largest is 8.57 standard deviations.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="mean">The mean, finite.</param>
    /// <param name="standardDeviation">The standard deviation, finite and at least 0.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static void Normal<T>(RandomKey key, Span<T> result, double mean = 0.0, double standardDeviation = 1.0, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        Finite(mean);
        NotNegative(standardDeviation);
        RandomBlocks.Fill(key, result, start, new NormalTransform(mean, standardDeviation));
    }

    /// <summary>Exponential numbers of density rate·e^(-rate·x), x &gt; 0, by inversion.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="rate">One over the mean; positive and finite.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static void Exponential<T>(RandomKey key, Span<T> result, double rate = 1.0, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        Positive(rate);
        RandomBlocks.Fill(key, result, start, new ExponentialTransform(rate));
    }

    /// <summary>Gumbel numbers, location - scale·ln E for exponential E: the distribution of a maximum. By inversion.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="location">The mode, finite.</param>
    /// <param name="scale">Positive and finite.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static void Gumbel<T>(RandomKey key, Span<T> result, double location = 0.0, double scale = 1.0, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        Finite(location);
        Positive(scale);
        RandomBlocks.Fill(key, result, start, new GumbelTransform(location, scale));
    }

    /// <summary>Laplace numbers of density e^(-|x - location|/scale)/(2·scale), by inversion.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="location">The mean, finite.</param>
    /// <param name="scale">Positive and finite.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static void Laplace<T>(RandomKey key, Span<T> result, double location = 0.0, double scale = 1.0, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        Finite(location);
        Positive(scale);
        RandomBlocks.Fill(key, result, start, new LaplaceTransform(location, scale));
    }

    /// <summary>Cauchy numbers: location + scale·tan of a uniform angle. They have no mean.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="location">The median, finite.</param>
    /// <param name="scale">Positive and finite.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static void Cauchy<T>(RandomKey key, Span<T> result, double location = 0.0, double scale = 1.0, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        Finite(location);
        Positive(scale);
        RandomBlocks.Fill(key, result, start, new CauchyTransform(location, scale));
    }

    private static double ToDouble<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => double.CreateSaturating(x);

    private static void Finite(double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be finite.");
    }

    private static void NotNegative(double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!(value >= 0.0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be finite and not negative.");
    }

    private static void Positive(double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!(value > 0.0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be finite and positive.");
    }

    private readonly struct UniformTransform(double low, double width, double largest) : IBlockTransform
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (Vector512<double>, Vector512<double>) Map(Vector512<ulong> first, Vector512<ulong> second) => (One(first), One(second));

        // Rounding may carry low + u·width up to the excluded bound: hence the minimum.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<double> One(Vector512<ulong> words) =>
            Vector512.MinNative(Vector512.FusedMultiplyAdd(RandomBlocks.HalfOpen(words), Vector512.Create(width), Vector512.Create(low)), Vector512.Create(largest));
    }

    private readonly struct NormalTransform(double mean, double deviation) : IBlockTransform
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (Vector512<double>, Vector512<double>) Map(Vector512<ulong> first, Vector512<ulong> second)
        {
            var radius = Vector512.Sqrt(-2.0 * RandomBlocks.Log(RandomBlocks.Open(first)));
            var (cosine, sine) = RandomBlocks.UnitCircle(second);
            var spread = Vector512.Create(deviation);
            var centre = Vector512.Create(mean);
            return (Vector512.FusedMultiplyAdd(radius * cosine, spread, centre), Vector512.FusedMultiplyAdd(radius * sine, spread, centre));
        }
    }

    private readonly struct ExponentialTransform(double rate) : IBlockTransform
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (Vector512<double>, Vector512<double>) Map(Vector512<ulong> first, Vector512<ulong> second) => (One(first), One(second));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<double> One(Vector512<ulong> words) => RandomBlocks.Log(RandomBlocks.Open(words)) / Vector512.Create(-rate);
    }

    private readonly struct GumbelTransform(double location, double scale) : IBlockTransform
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (Vector512<double>, Vector512<double>) Map(Vector512<ulong> first, Vector512<ulong> second) => (One(first), One(second));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<double> One(Vector512<ulong> words) =>
            Vector512.FusedMultiplyAdd(RandomBlocks.Log(-RandomBlocks.Log(RandomBlocks.Open(words))), Vector512.Create(-scale), Vector512.Create(location));
    }

    private readonly struct LaplaceTransform(double location, double scale) : IBlockTransform
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (Vector512<double>, Vector512<double>) Map(Vector512<ulong> first, Vector512<ulong> second) => (One(first), One(second));

        // The lowest bit takes no part in the size and gives the sign.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<double> One(Vector512<ulong> words)
        {
            var size = RandomBlocks.Log(RandomBlocks.Open(words)).AsUInt64() ^ (words << 63);
            return Vector512.FusedMultiplyAdd(size.AsDouble(), Vector512.Create(scale), Vector512.Create(location));
        }
    }

    private readonly struct CauchyTransform(double location, double scale) : IBlockTransform
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (Vector512<double>, Vector512<double>) Map(Vector512<ulong> first, Vector512<ulong> second) => (One(first), One(second));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<double> One(Vector512<ulong> words)
        {
            var (cosine, sine) = RandomBlocks.UnitCircle(words);
            return Vector512.FusedMultiplyAdd(sine / cosine, Vector512.Create(scale), Vector512.Create(location));
        }
    }
}

using System;
using System.Buffers;

namespace DiffLib.Kernels;

public static partial class RandomFill
{
    private const int ChunkLength = 256;

    /// <summary>Coin flips: true with the given probability.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="probability">[n] or [1], each in [0, 1]. 0 never gives true, 1 always.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="probability"/> fits neither.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], or <paramref name="start"/> is negative.</exception>
    public static void Bernoulli(RandomKey key, ReadOnlySpan<double> probability, Span<bool> result, long start = 0)
    {
        Check(probability, result.Length, start, nameof(probability), "in [0, 1]", p => p >= 0.0 && p <= 1.0);
        Span<ulong> words = stackalloc ulong[ChunkLength];
        for (var done = 0; done < result.Length; done += ChunkLength)
        {
            var chunk = words[..Math.Min(ChunkLength, result.Length - done)];
            RandomBlocks.Words(key, chunk, start + done);
            for (var i = 0; i < chunk.Length; i++) result[done + i] = RandomBlocks.HalfOpen(chunk[i]) < At(probability, done + i);
        }
    }

    /// <summary>Whole numbers in [low, high), all equally likely: exactly so, by multiplication and rejection (D. Lemire, ACM TOMACS 29, 2019).</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="low">The least number.</param>
    /// <param name="high">The bound above, itself never drawn; above low.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is empty, or <paramref name="start"/> is negative.</exception>
    public static void Integers(RandomKey key, Span<long> result, long low, long high, long start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (low >= high)
            throw new ArgumentOutOfRangeException(nameof(high), high, $"Integers needs low < high, but low is {low} and high is {high}.");
        var range = unchecked((ulong)high - (ulong)low);
        Span<ulong> words = stackalloc ulong[ChunkLength];
        for (var done = 0; done < result.Length; done += ChunkLength)
        {
            var chunk = words[..Math.Min(ChunkLength, result.Length - done)];
            RandomBlocks.Words(key, chunk, start + done);
            for (var i = 0; i < chunk.Length; i++)
                result[done + i] = unchecked(low + (long)Below(key, (ulong)(start + done + i), chunk[i], range));
        }
    }

    /// <summary>The numbers 0 to n - 1 in random order, all orders equally likely (R. Durstenfeld, 1964).</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    public static void Permutation(RandomKey key, Span<long> result)
    {
        for (var i = 0; i < result.Length; i++) result[i] = i;
        Shuffle(key, result);
    }

    /// <summary>Puts the elements of a span into random order, all orders equally likely: the order of <see cref="Permutation"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">[n], reordered in place.</param>
    public static void Shuffle<T>(RandomKey key, Span<T> values)
    {
        Span<ulong> words = stackalloc ulong[ChunkLength];
        for (var done = 0; done < values.Length; done += ChunkLength)
        {
            var chunk = words[..Math.Min(ChunkLength, values.Length - done)];
            RandomBlocks.Words(key, chunk, done);
            for (var k = 0; k < chunk.Length; k++)
            {
                var i = done + k;
                var j = (int)Below(key, (ulong)i, chunk[k], (ulong)i + 1);
                (values[i], values[j]) = (values[j], values[i]);
            }
        }
    }

    /// <summary>Numbers of categories, drawn with probabilities proportional to e^logit, by inversion of the cumulative sum.</summary>
    /// <param name="key">The key.</param>
    /// <param name="logits">[categories] for all elements, or [n; categories], a row for each. -∞ stands for probability 0.</param>
    /// <param name="categories">How many categories, at least 1.</param>
    /// <param name="result">[n], overwritten with numbers from 0 to categories - 1.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="logits"/> fits neither, a logit is NaN or +∞, or a whole row is -∞.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="categories"/> is below 1 or <paramref name="start"/> negative.</exception>
    public static void Categorical(RandomKey key, ReadOnlySpan<double> logits, int categories, Span<long> result, long start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(categories, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        var shared = logits.Length == categories;
        if (!shared && logits.Length != (long)result.Length * categories)
        {
            throw new ArgumentException(
                $"Categorical: logits has {logits.Length} elements; for [{result.Length}] results in {categories} categories "
                + $"it needs [{categories}] or [{result.Length}; {categories}].",
                nameof(logits));
        }
        var rented = ArrayPool<double>.Shared.Rent(categories);
        try
        {
            var cumulative = rented.AsSpan(0, categories);
            if (shared) Accumulate(logits, cumulative);
            Span<ulong> words = stackalloc ulong[ChunkLength];
            for (var done = 0; done < result.Length; done += ChunkLength)
            {
                var chunk = words[..Math.Min(ChunkLength, result.Length - done)];
                RandomBlocks.Words(key, chunk, start + done);
                for (var i = 0; i < chunk.Length; i++)
                {
                    if (!shared) Accumulate(logits.Slice((done + i) * categories, categories), cumulative);
                    result[done + i] = FirstAbove(cumulative, RandomBlocks.HalfOpen(chunk[i]) * cumulative[^1]);
                }
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <summary>Poisson numbers: by inversion for rates below 10, by transformed rejection above
    /// (W. Hörmann, Insurance: Mathematics and Economics 12, 1993).</summary>
    /// <param name="key">The key.</param>
    /// <param name="rate">[n] or [1], each in [0, 1e18]; the mean. 0 gives 0.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="rate"/> fits neither.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is outside its range, or <paramref name="start"/> is negative.</exception>
    public static void Poisson(RandomKey key, ReadOnlySpan<double> rate, Span<long> result, long start = 0)
    {
        Check(rate, result.Length, start, nameof(rate), "in [0, 1e18]", r => r >= 0.0 && r <= 1e18);
        for (var i = 0; i < result.Length; i++)
        {
            var mean = At(rate, i);
            var index = (ulong)(start + i);
            result[i] = mean < 10.0 ? PoissonByInversion(key, index, mean) : PoissonByRejection(key, index, mean);
        }
    }

    /// <summary>A number in [0, range). The first word is the element's own; further ones come from further counters of the same element.</summary>
    private static ulong Below(RandomKey key, ulong index, ulong word, ulong range)
    {
        var high = Math.BigMul(word, range, out var low);
        if (low >= range) return high;
        var reject = unchecked(0UL - range) % range;
        for (ulong attempt = 1; low < reject; attempt++) high = Math.BigMul(key.Bits(index, attempt).First, range, out low);
        return high;
    }

    private static void Accumulate(ReadOnlySpan<double> logits, Span<double> cumulative)
    {
        var largest = double.NegativeInfinity;
        foreach (var logit in logits) largest = Math.Max(largest, logit);
        if (!double.IsFinite(largest))
        {
            throw new ArgumentException(
                double.IsNegativeInfinity(largest) ? "Categorical: every logit of a row is -∞, so that no category can be drawn." : "Categorical: a logit is NaN or +∞.",
                nameof(logits));
        }
        var sum = 0.0;
        for (var k = 0; k < logits.Length; k++) cumulative[k] = sum += Math.Exp(logits[k] - largest);
    }

    private static int FirstAbove(ReadOnlySpan<double> cumulative, double target)
    {
        int low = 0, high = cumulative.Length - 1;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (cumulative[middle] > target) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    private static long PoissonByInversion(RandomKey key, ulong index, double mean)
    {
        var u = RandomBlocks.HalfOpen(key.Bits(index, 0).First);
        var probability = Math.Exp(-mean);
        var k = 0L;
        // Beyond 100 the remaining probability is below the resolution of u.
        for (; u >= probability && k < 100; k++)
        {
            u -= probability;
            probability *= mean / (k + 1);
        }
        return k;
    }

    private static long PoissonByRejection(RandomKey key, ulong index, double mean)
    {
        var b = 0.931 + 2.53 * Math.Sqrt(mean);
        var a = -0.059 + 0.02483 * b;
        var inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
        var squeeze = 0.9277 - 3.6224 / (b - 2.0);
        for (ulong attempt = 0; ; attempt++)
        {
            var (first, second) = key.Bits(index, attempt);
            var u = RandomBlocks.Open(first) - 0.5;
            var v = RandomBlocks.Open(second);
            var us = 0.5 - Math.Abs(u);
            var k = Math.Floor((2.0 * a / us + b) * u + mean + 0.43);
            if (us >= 0.07 && v <= squeeze) return (long)k;
            if (k < 0.0 || k > 2e18 || (us < 0.013 && v > us)) continue;
            if (Math.Log(v * inverseAlpha / (a / (us * us) + b)) <= SpecialFunctions.LogPoisson(k, mean)) return (long)k;
        }
    }

    private static double At(ReadOnlySpan<double> parameter, int i) => parameter[parameter.Length == 1 ? 0 : i];

    private static void Check(ReadOnlySpan<double> parameter, int count, long start, string name, string range, Func<double, bool> valid)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (parameter.Length != 1 && parameter.Length != count)
            throw new ArgumentException($"{name} has {parameter.Length} elements; for [{count}] results it needs [1] or [{count}].", name);
        for (var i = 0; i < parameter.Length; i++)
        {
            if (!valid(parameter[i])) throw new ArgumentOutOfRangeException(name, parameter[i], $"{name} is {parameter[i]} at index {i}; it must be {range}.");
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

public sealed class RandomFillTests
{
    private const int Draws = 50_000;
    private static readonly RandomKey Key = RandomKey.FromSeed(2024);

    private delegate void Fill(RandomKey key, Span<double> result, long start);

    private static readonly Dictionary<string, (Fill Fill, Func<double, double> Distribution)> Continuous = new()
    {
        ["uniform"] = ((k, s, at) => RandomFill.Uniform(k, s, -2.0, 3.0, at), x => (x + 2) / 5),
        ["normal"] = ((k, s, at) => RandomFill.Normal(k, s, 1.5, 2.0, at), x => SpecialFunctions.Ndtr((x - 1.5) / 2)),
        ["exponential"] = ((k, s, at) => RandomFill.Exponential(k, s, 2.5, at), x => 1 - Math.Exp(-2.5 * x)),
        ["Gumbel"] = ((k, s, at) => RandomFill.Gumbel(k, s, 0.5, 2.0, at), x => Math.Exp(-Math.Exp(-(x - 0.5) / 2))),
        ["Laplace"] = (
            (k, s, at) => RandomFill.Laplace(k, s, -1.0, 0.5, at),
            x => x < -1 ? 0.5 * Math.Exp((x + 1) / 0.5) : 1 - 0.5 * Math.Exp(-(x + 1) / 0.5)),
        ["Cauchy"] = ((k, s, at) => RandomFill.Cauchy(k, s, 2.0, 3.0, at), x => 0.5 + Math.Atan((x - 2) / 3) / Math.PI),
        ["truncated normal, centre"] = ((k, s, at) => RandomFill.TruncatedNormal(k, s, 0.0, 1.0, -2.0, 2.0, at), x => Truncated(x, -2, 2)),
        ["truncated normal, right tail"] = (
            (k, s, at) => RandomFill.TruncatedNormal(k, s, 0.0, 1.0, 5.0, double.PositiveInfinity, at),
            x => 1 - SpecialFunctions.Ndtr(-x) / SpecialFunctions.Ndtr(-5)),
        ["truncated normal, left tail"] = ((k, s, at) => RandomFill.TruncatedNormal(k, s, 1.0, 2.0, -21.0, -19.0, at), x => Truncated((x - 1) / 2, -11, -10)),
        ["truncated normal, far tail"] = ((k, s, at) => RandomFill.TruncatedNormal(k, s, 0.0, 1.0, 50.0, 50.02, at), x => (1 - FarRatio(x)) / (1 - FarRatio(50.02))),
        ["gamma 0.3"] = ((k, s, at) => RandomFill.Gamma(k, [0.3], s, at), x => SpecialFunctions.Igamma(0.3, x)),
        ["gamma 1"] = ((k, s, at) => RandomFill.Gamma(k, [1.0], s, at), x => SpecialFunctions.Igamma(1, x)),
        ["gamma 7.5"] = ((k, s, at) => RandomFill.Gamma(k, [7.5], s, at), x => SpecialFunctions.Igamma(7.5, x)),
        ["gamma 1e14"] = ((k, s, at) => RandomFill.Gamma(k, [1e14], s, at), x => SpecialFunctions.Igamma(1e14, x)),
        ["beta 2, 3"] = ((k, s, at) => RandomFill.Beta(k, [2.0], [3.0], s, at), x => x * x * (6 - 8 * x + 3 * x * x)),
        ["beta 0.5, 0.5"] = ((k, s, at) => RandomFill.Beta(k, [0.5], [0.5], s, at), x => 2 / Math.PI * Math.Asin(Math.Sqrt(x))),
    };

    public static TheoryData<string> ContinuousNames => new(Continuous.Keys);

    [Theory]
    [MemberData(nameof(ContinuousNames))]
    public void Draws_follow_their_distribution(string name)
    {
        var (fill, distribution) = Continuous[name];
        var draws = new double[Draws];
        fill(Key, draws, 0);
        Array.Sort(draws);
        var distance = 0.0;
        for (var i = 0; i < Draws; i++)
        {
            var p = distribution(draws[i]);
            distance = Math.Max(distance, Math.Max(p - (double)i / Draws, (i + 1.0) / Draws - p));
        }
        // Kolmogorov and Smirnov: 1.95 is exceeded by one sample in a thousand. The seed is fixed.
        Assert.True(distance * Math.Sqrt(Draws) < 1.95, $"{name}: the Kolmogorov-Smirnov statistic is {distance * Math.Sqrt(Draws):F3}");
    }

    [Theory]
    [MemberData(nameof(ContinuousNames))]
    public void An_element_depends_on_its_index_alone(string name)
    {
        var fill = Continuous[name].Fill;
        var whole = new double[200];
        fill(Key, whole, 0);
        foreach (var (start, length) in new[] { (0, 1), (0, 15), (0, 17), (1, 1), (7, 30), (16, 16), (31, 2), (33, 100), (199, 1), (50, 0) })
        {
            var piece = new double[length];
            fill(Key, piece, start);
            Assert.Equal(whole.AsSpan(start, length).ToArray(), piece);
        }
        fill(Key, whole.AsSpan(0, 100), 1L << 40);
        var far = new double[37];
        fill(Key, far, (1L << 40) + 63);
        Assert.Equal(whole.AsSpan(63, 37).ToArray(), far);
    }

    [Theory]
    [MemberData(nameof(ContinuousNames))]
    public void Neighbouring_elements_are_uncorrelated(string name)
    {
        var (fill, distribution) = Continuous[name];
        var draws = new double[Draws];
        fill(RandomKey.FromSeed(77), draws, 0);
        // Through the distribution function, so that tails do not dominate.
        var u = draws.Select(x => distribution(x) - 0.5).ToArray();
        foreach (var lag in new[] { 1, 2, 7, 8, 16 })
        {
            var sum = 0.0;
            var squares = 0.0;
            for (var i = lag; i < Draws; i++)
            {
                sum += u[i] * u[i - lag];
                squares += (u[i] * u[i] - 1.0 / 12) * (u[i - lag] * u[i - lag] - 1.0 / 12);
            }
            Assert.True(Math.Abs(12 * sum / Math.Sqrt(Draws)) < 4, $"{name}: correlation at lag {lag}, {12 * sum / Math.Sqrt(Draws):F2} standard deviations");
            Assert.True(Math.Abs(180 * squares / Math.Sqrt(Draws)) < 4, $"{name}: squares correlate at lag {lag}, {180 * squares / Math.Sqrt(Draws):F2} standard deviations");
        }
    }

    [Fact]
    public void The_first_numbers_of_a_seed_never_change()
    {
        var draws = new double[3];
        RandomFill.Uniform(RandomKey.FromSeed(0), draws.AsSpan());
        Assert.Equal(0xc2b6e3a8c2c69865UL >> 11, draws[0] * Math.Pow(2, 53));
        RandomFill.Normal(RandomKey.FromSeed(0), draws.AsSpan());
        // The first was computed with 30 digits from the published block as well.
        Assert.Equal([0.29134517066502913, -0.3506695705818838, -1.0208388062091958], draws);
    }

    [Fact]
    public void Normal_moments_are_right_and_the_tails_are_there()
    {
        const int n = 1_000_000;
        var z = new double[n];
        RandomFill.Normal(Key, z.AsSpan());
        Assert.Equal(0.0, z.Average(), 4 / Math.Sqrt(n));
        Assert.Equal(1.0, z.Average(x => x * x), 4 * Math.Sqrt(2.0 / n));
        Assert.Equal(0.0, z.Average(x => x * x * x), 4 * Math.Sqrt(15.0 / n));
        Assert.Equal(3.0, z.Average(x => x * x * x * x), 4 * Math.Sqrt(96.0 / n));
        // 2 Φ(-4) n = 63.3 expected beyond 4.
        Assert.InRange(z.Count(x => Math.Abs(x) > 4), 63 - 32, 63 + 32);
    }

    [Fact]
    public void Box_Muller_agrees_with_the_mathematical_library()
    {
        var z = new double[1600];
        RandomFill.Normal(Key, z.AsSpan());
        for (var i = 0; i < z.Length; i++)
        {
            if (i % 16 >= 8) continue;
            var (first, second) = Key.Bits((ulong)(i / 16 * 8 + i % 8), 0);
            var radius = Math.Sqrt(-2 * Math.Log(((first >> 12) + 0.5) * Math.Pow(2, -52)));
            var angle = Math.PI / 2 * ((second >> 62) + (((long)(second << 2) >> 11) | 1) * Math.Pow(2, -53));
            Assert.Equal(radius * Math.Cos(angle), z[i], 2e-15 * Math.Max(1, radius));
            Assert.Equal(radius * Math.Sin(angle), z[i + 8], 2e-15 * Math.Max(1, radius));
        }
    }

    [Fact]
    public void A_float_sequence_is_the_double_one_rounded()
    {
        var wide = new double[100];
        var narrow = new float[100];
        var half = new Half[100];
        RandomFill.Normal(Key, wide.AsSpan());
        RandomFill.Normal(Key, narrow.AsSpan());
        RandomFill.Normal(Key, half.AsSpan());
        Assert.Equal(wide.Select(x => (float)x), narrow);
        Assert.Equal(wide.Select(x => (Half)x), half);
        RandomFill.Gamma(Key, [0.7], wide.AsSpan());
        RandomFill.Gamma(Key, [0.7], narrow.AsSpan());
        Assert.Equal(wide.Select(x => (float)x), narrow);
    }

    [Fact]
    public void Uniform_never_returns_its_upper_bound()
    {
        // Intervals so narrow that most draws would round to the bound.
        var wide = new double[1000];
        RandomFill.Uniform(Key, wide.AsSpan(), 1.0, Math.BitIncrement(1.0));
        Assert.All(wide, x => Assert.Equal(1.0, x));
        var narrow = new float[1000];
        RandomFill.Uniform(Key, narrow.AsSpan(), 1.0, MathF.BitIncrement(MathF.BitIncrement(1f)));
        Assert.All(narrow, x => Assert.InRange(x, 1f, MathF.BitIncrement(1f)));
        Assert.Contains(1f, narrow);
        Assert.Contains(MathF.BitIncrement(1f), narrow);
        var half = new Half[4000];
        RandomFill.Uniform(Key, half.AsSpan());
        Assert.All(half, x => Assert.True(x < Half.One && x >= Half.Zero));
    }

    [Fact]
    public void Truncated_normals_stay_within_their_bounds()
    {
        foreach (var (low, high) in new[] { (-1.0, 1.0), (3.0, 3.0000001), (-1e10, -1e9), (40.0, 41.0), (1e300, double.PositiveInfinity), (double.NegativeInfinity, -100.0) })
        {
            var draws = new double[500];
            RandomFill.TruncatedNormal(Key, draws.AsSpan(), 0.0, 1.0, low, high);
            Assert.All(draws, x => Assert.InRange(x, low, high));
        }
    }

    [Fact]
    public void Beta_draws_with_tiny_shapes_are_fair_coins()
    {
        var draws = new double[4000];
        RandomFill.Beta(Key, [1e-200], [3e-200], draws.AsSpan());
        Assert.All(draws, x => Assert.True(x is 0.0 or 1.0));
        Assert.Equal(0.25, draws.Average(), 4 * Math.Sqrt(0.25 * 0.75 / draws.Length));
    }

    [Fact]
    public void Bernoulli_draws_have_their_probability_and_sure_things_are_sure()
    {
        var draws = new bool[Draws];
        foreach (var p in new[] { 0.0, 0.1, 0.5, 0.97, 1.0 })
        {
            RandomFill.Bernoulli(Key, [p], draws);
            Assert.Equal(p, draws.Average(x => x ? 1.0 : 0.0), 4 * Math.Sqrt(p * (1 - p) / Draws) + 1e-12);
        }
        RandomFill.Bernoulli(Key, [0.0, 1.0, 0.0], draws.AsSpan(0, 3));
        Assert.Equal([false, true, false], draws[..3]);
    }

    [Fact]
    public void Integers_are_equally_likely_and_reach_both_ends()
    {
        var draws = new long[60_000];
        RandomFill.Integers(Key, draws, -3, 4);
        ChiSquare(Enumerable.Range(-3, 7).Select(k => (long)draws.Count(x => x == k)).ToArray(), Enumerable.Repeat(1.0 / 7, 7).ToArray());
        // Three quarters of 2^64: a plain remainder would draw the lower third twice as often.
        RandomFill.Integers(Key, draws, long.MinValue, 1L << 62);
        ChiSquare(
            [draws.Count(x => x < -(1L << 62)), draws.Count(x => x >= -(1L << 62) && x < 0), draws.Count(x => x >= 0)],
            [1.0 / 3, 1.0 / 3, 1.0 / 3]);
        RandomFill.Integers(Key, draws, 5, 6);
        Assert.All(draws, x => Assert.Equal(5, x));
        RandomFill.Integers(Key, draws, long.MinValue, long.MaxValue);
        Assert.Equal(0.5, draws.Average(x => x < 0 ? 1.0 : 0.0), 0.01);
    }

    [Fact]
    public void A_permutation_holds_every_number_once_and_all_orders_are_equally_likely()
    {
        var p = new long[1000];
        RandomFill.Permutation(Key, p);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), p.Order());
        Assert.NotEqual(Enumerable.Range(0, 1000).Select(i => (long)i), p);
        var counts = new Dictionary<string, long>();
        foreach (var key in Key.Split(24_000))
        {
            RandomFill.Permutation(key, p.AsSpan(0, 4));
            var order = string.Join(",", p[..4]);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(24, counts.Count);
        ChiSquare([.. counts.Values], Enumerable.Repeat(1.0 / 24, 24).ToArray());
        var words = new[] { "a", "b", "c", "d" };
        RandomFill.Shuffle(Key, words.AsSpan());
        RandomFill.Permutation(Key, p.AsSpan(0, 4));
        Assert.Equal(p[..4].Select(i => "abcd"[(int)i].ToString()), words);
    }

    [Fact]
    public void Categories_are_drawn_in_proportion()
    {
        var draws = new long[Draws];
        double[] weights = [0.1, 0.0, 0.4, 0.2, 0.3];
        double[] logits = [.. weights.Select(w => Math.Log(w) + 700)];
        RandomFill.Categorical(Key, logits, 5, draws);
        Assert.DoesNotContain(1L, draws);
        int[] possible = [0, 2, 3, 4];
        ChiSquare(possible.Select(k => (long)draws.Count(x => x == k)).ToArray(), possible.Select(k => weights[k]).ToArray());
        var rows = new long[3];
        RandomFill.Categorical(Key, [0, -1e3, -1e3, -1e3, -1e3, 0, -1e3, 0, -1e3], 3, rows);
        Assert.Equal([0, 2, 1], rows);
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(9.5)]
    [InlineData(10.5)]
    [InlineData(300.0)]
    public void Poisson_draws_follow_their_distribution(double rate)
    {
        var draws = new long[Draws];
        RandomFill.Poisson(Key, [rate], draws);
        var low = (long)Math.Max(0, rate - 3 * Math.Sqrt(rate));
        var high = (long)(rate + 3 * Math.Sqrt(rate));
        var width = Math.Max(1, (high - low) / 20);
        var counts = new List<long>();
        var probabilities = new List<double>();
        // P(N <= k) = Q(k + 1, rate).
        double Below(long k) => k <= 0 ? 0.0 : SpecialFunctions.Igammac(k, rate);
        if (low > 0)
        {
            counts.Add(draws.Count(x => x < low));
            probabilities.Add(Below(low));
        }
        for (; low < high; low += width)
        {
            counts.Add(draws.Count(x => x >= low && x < low + width));
            probabilities.Add(Below(low + width) - Below(low));
        }
        counts.Add(draws.Count(x => x >= low));
        probabilities.Add(1 - Below(low));
        ChiSquare([.. counts], [.. probabilities]);
    }

    [Fact]
    public void Poisson_draws_of_huge_rates_have_the_right_mean_and_variance()
    {
        foreach (var rate in new[] { 1e6, 1e12, 1e16 })
        {
            var draws = new long[Draws];
            RandomFill.Poisson(Key, [rate], draws);
            var z = draws.Select(x => (x - rate) / Math.Sqrt(rate)).ToArray();
            Assert.Equal(0.0, z.Average(), 4 / Math.Sqrt(Draws));
            Assert.Equal(1.0, z.Average(x => x * x), 4 * Math.Sqrt(2.0 / Draws));
        }
        var none = new long[3];
        RandomFill.Poisson(Key, [0.0], none);
        Assert.Equal([0, 0, 0], none);
    }

    [Fact]
    public void Discrete_elements_depend_on_their_index_alone()
    {
        var whole = new long[700];
        var piece = new long[321];
        RandomFill.Integers(Key, whole, long.MinValue, 1L << 62);
        RandomFill.Integers(Key, piece, long.MinValue, 1L << 62, 37);
        Assert.Equal(whole.AsSpan(37, 321).ToArray(), piece);
        RandomFill.Poisson(Key, [25.0], whole);
        RandomFill.Poisson(Key, [25.0], piece, 37);
        Assert.Equal(whole.AsSpan(37, 321).ToArray(), piece);
        RandomFill.Categorical(Key, [0.0, 1.0, 2.0], 3, whole);
        RandomFill.Categorical(Key, [0.0, 1.0, 2.0], 3, piece, 37);
        Assert.Equal(whole.AsSpan(37, 321).ToArray(), piece);
        var flips = new bool[700];
        var some = new bool[321];
        RandomFill.Bernoulli(Key, [0.5], flips);
        RandomFill.Bernoulli(Key, [0.5], some, 37);
        Assert.Equal(flips.AsSpan(37, 321).ToArray(), some);
    }

    [Fact]
    public void Bad_parameters_are_named()
    {
        var x = new double[3];
        var n = new long[3];
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Uniform(Key, x.AsSpan(), 1.0, 1.0)).ParamName);
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Uniform(Key, x.AsSpan(), double.MinValue, double.MaxValue)).ParamName);
        Assert.Equal("start", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Uniform(Key, x.AsSpan(), start: -1)).ParamName);
        Assert.Equal("standardDeviation", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Normal(Key, x.AsSpan(), 0.0, -1.0)).ParamName);
        Assert.Equal("mean", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Normal(Key, x.AsSpan(), double.NaN)).ParamName);
        Assert.Equal("rate", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Exponential(Key, x.AsSpan(), 0.0)).ParamName);
        Assert.Equal("scale", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Cauchy(Key, x.AsSpan(), 0.0, double.NaN)).ParamName);
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.TruncatedNormal(Key, x.AsSpan(), 0.0, 1.0, 2.0, 1.0)).ParamName);
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Integers(Key, n, 4, 4)).ParamName);
        Assert.Equal("shape", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Gamma(Key, [1.0, -1.0, 1.0], x.AsSpan())).ParamName);
        Assert.Equal("probability", Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.Bernoulli(Key, [1.5], new bool[2])).ParamName);
        Assert.Contains("2 elements", Assert.Throws<ArgumentException>(() => RandomFill.Poisson(Key, [1.0, 2.0], n)).Message, StringComparison.Ordinal);
        Assert.Equal("logits", Assert.Throws<ArgumentException>(() => RandomFill.Categorical(Key, [0.0, 1.0], 3, n)).ParamName);
        Assert.Contains("-∞", Assert.Throws<ArgumentException>(() => RandomFill.Categorical(Key, [double.NegativeInfinity], 1, n)).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => RandomFill.Categorical(Key, [0.0, double.NaN, 0.0], 3, n)).Message, StringComparison.Ordinal);
    }

    private static double Truncated(double x, double low, double high)
    {
        var (a, b) = (SpecialFunctions.Ndtr(low), SpecialFunctions.Ndtr(high));
        return (SpecialFunctions.Ndtr(x) - a) / (b - a);
    }

    /// <summary>P(X &gt; x)/P(X &gt; 50), for which the probabilities themselves are too small.</summary>
    private static double FarRatio(double x) => Math.Exp(SpecialFunctions.LogNdtr(-x) - SpecialFunctions.LogNdtr(-50));

    private static void ChiSquare(long[] counts, double[] probabilities)
    {
        var n = counts.Sum();
        var statistic = counts.Zip(probabilities, (c, p) => (c - n * p) * (c - n * p) / (n * p)).Sum();
        var chance = SpecialFunctions.Igammac((counts.Length - 1) / 2.0, statistic / 2);
        Assert.True(chance > 1e-3, $"chi-square {statistic:F1} with {counts.Length - 1} degrees of freedom has probability {chance:G3}");
    }
}

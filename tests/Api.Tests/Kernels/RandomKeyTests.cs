using System;
using System.Linq;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

public sealed class RandomKeyTests
{
    // The known-answer vectors of Threefry-2x64-20 published with Salmon et al. 2011: key, counter, result.
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0UL, 0xc2b6e3a8c2c69865UL, 0x6f81ed42f350084dUL)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0xe02cb7c4d95d277aUL, 0xd06633d0893b8b68UL)]
    [InlineData(0xa4093822299f31d0UL, 0x082efa98ec4e6c89UL, 0x243f6a8885a308d3UL, 0x13198a2e03707344UL, 0x263c7d30bb0f0af1UL, 0x56be8361d3311526UL)]
    public void A_block_is_the_published_Threefry(ulong high, ulong low, ulong first, ulong second, ulong expectedFirst, ulong expectedSecond) =>
        Assert.Equal((expectedFirst, expectedSecond), new RandomKey(high, low).Bits(first, second));

    [Fact]
    public void The_vector_and_the_scalar_cipher_agree_word_for_word()
    {
        var key = new RandomKey(0x0123456789abcdefUL, 0xfedcba9876543210UL);
        var uniform = new double[64];
        RandomFill.Uniform(key, uniform.AsSpan());
        for (var i = 0; i < uniform.Length; i++)
        {
            var (first, second) = key.Bits((ulong)(i / 16 * 8 + i % 8), 0);
            var word = i % 16 < 8 ? first : second;
            Assert.Equal((word >> 11) * Math.Pow(2, -53), uniform[i]);
        }
    }

    [Fact]
    public void A_child_does_not_depend_on_how_many_there_are()
    {
        var key = RandomKey.FromSeed(1);
        Assert.Equal(key.Split(3), key.Split(10)[..3]);
        Assert.Equal([key.Split().First, key.Split().Second], key.Split(2));
        Assert.Empty(key.Split(0));
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() => key.Split(-1)).ParamName);
    }

    [Fact]
    public void Derived_keys_are_all_different()
    {
        var key = RandomKey.FromSeed(5);
        var all = key.Split(200)
            .Concat(Enumerable.Range(0, 200).Select(i => key.Fold((ulong)i)))
            .Concat(Enumerable.Range(0, 200).Select(i => RandomKey.FromSeed((ulong)i)))
            .Concat(key.Split(5).SelectMany(k => k.Split(20)))
            .ToArray();
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void Numbers_of_related_keys_are_uncorrelated()
    {
        const int n = 20_000;
        var parent = RandomKey.FromSeed(11);
        RandomKey[] keys = [parent, .. parent.Split(3), parent.Fold(0), parent.Fold(1), RandomKey.FromSeed(12), parent.Split().First.Split().First];
        var draws = keys.Select(k => Uniform(k, n)).ToArray();
        for (var a = 0; a < keys.Length; a++)
        {
            for (var b = 0; b < a; b++)
            {
                for (var lag = 0; lag < 2; lag++)
                {
                    var sum = 0.0;
                    for (var i = lag; i < n; i++) sum += (draws[a][i] - 0.5) * (draws[b][i - lag] - 0.5);
                    // A correlation of n independent pairs has standard deviation 1/sqrt(n).
                    Assert.True(Math.Abs(12 * sum / n) < 4.5 / Math.Sqrt(n), $"keys {a} and {b} correlate at lag {lag}: {12 * sum / n}");
                }
            }
        }
    }

    [Fact]
    public void Flipping_one_bit_of_key_or_counter_flips_half_of_the_output()
    {
        var key = new RandomKey(3, 4);
        var (x, y) = key.Bits(5, 6);
        double flips = 0;
        for (var bit = 0; bit < 64; bit++)
        {
            var flip = 1UL << bit;
            (ulong, ulong)[] blocks = [new RandomKey(3 ^ flip, 4).Bits(5, 6), new RandomKey(3, 4 ^ flip).Bits(5, 6), key.Bits(5 ^ flip, 6), key.Bits(5, 6 ^ flip)];
            foreach (var (a, b) in blocks) flips += ulong.PopCount(a ^ x) + ulong.PopCount(b ^ y);
        }
        // 256 blocks of 128 bits: 16384 expected, standard deviation 90.5.
        Assert.InRange(flips, 16384 - 400, 16384 + 400);
    }

    private static double[] Uniform(RandomKey key, int n)
    {
        var result = new double[n];
        RandomFill.Uniform(key, result.AsSpan());
        return result;
    }
}

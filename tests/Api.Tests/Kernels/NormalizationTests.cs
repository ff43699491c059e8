using System;
using System.Numerics;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

public sealed class NormalizationTests
{
    [Theory]
    [InlineData(16, 31, 700)] // segments as they lie
    [InlineData(60_000, 7, 1)] // segments that are gathered
    [InlineData(1, 2, 200_000)]
    public void The_same_bits_on_any_number_of_threads(int outer, int channels, int inner)
    {
        SameBits<double>(outer, channels, inner);
        SameBits<float>(outer, channels, inner);
    }

    private static void SameBits<T>(int outer, int channels, int inner) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(5);
        T[] x = Numbers(), w = Numbers();
        var before = Parallelism.MaxThreads;
        try
        {
            var (one, several) = (Results(1), Results(3));
            for (var k = 0; k < one.Length; k++) Assert.True(one[k].AsSpan().SequenceEqual(several[k]), $"result {k} of [{outer}; {channels}; {inner}], {typeof(T).Name}");
            // and they are standardised: every channel has mean 0 and variance 1
            double sum = 0, squares = 0;
            for (var o = 0; o < outer; o++)
                foreach (var y in one[0].AsSpan((o * channels + 1) * inner, inner)) (sum, squares) = (sum + double.CreateTruncating(y), squares + double.CreateTruncating(y * y));
            Assert.Equal(0, sum / (outer * inner), 1e-6);
            Assert.Equal(1, squares / (outer * inner), 1e-4);
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }

        T[] Numbers()
        {
            var numbers = new T[outer * channels * inner];
            for (var k = 0; k < numbers.Length; k++) numbers[k] = T.CreateTruncating(random.NextDouble() * 3 + k % 5);
            return numbers;
        }

        T[][] Results(int threads)
        {
            Parallelism.MaxThreads = threads;
            T[] y = new T[x.Length], mean = new T[channels], variance = new T[channels], slope = new T[x.Length];
            NormalizationKernels.Standardize<T>(x, outer, channels, inner, 1e-9, y, mean, variance);
            NormalizationKernels.Slope<T>(w, x, outer, channels, inner, 1e-9, slope);
            return [y, mean, variance, slope];
        }
    }
}

using System;
using System.Linq;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

public sealed class PoolingTests
{
    /// <summary>The definition: the first largest element of each window, the first NaN before all.</summary>
    private static long[] Define(double[] x, int planes, ConvolutionAxis a, ConvolutionAxis b)
    {
        var places = new long[planes * a.Output * b.Output];
        for (var t = 0; t < places.Length; t++)
        {
            int n = t / (a.Output * b.Output), p = t / b.Output % a.Output, q = t % b.Output;
            long best = -1;
            for (var k = 0; k < a.Kernel * b.Kernel; k++)
            {
                int i = p * a.Stride + k / b.Kernel * a.Dilation - a.Low, j = q * b.Stride + k % b.Kernel * b.Dilation - b.Low;
                if (i < 0 || j < 0 || i >= a.Input || j >= b.Input) continue;
                double At(long place) => x[n * a.Input * b.Input + place];
                long place = i * b.Input + j;
                if (best < 0 || (!double.IsNaN(At(best)) && (At(place) > At(best) || double.IsNaN(At(place))))) best = place;
            }
            places[t] = best;
        }
        return places;
    }

    private static ConvolutionAxis Axis(Random random)
    {
        while (true)
        {
            var (input, kernel, stride, dilation) = (random.Next(1, 20), random.Next(1, 4), random.Next(1, 4), random.Next(1, 3));
            var low = random.Next(3) == 0 && dilation == 1 ? random.Next(kernel / 2 + 1) : 0;
            var room = input + 2 * low - (kernel - 1) * dilation - 1;
            if (room >= 0) return new(input, kernel, room / stride + 1, stride, dilation, low);
        }
    }

    [Fact]
    public void Places_of_the_largest_agree_with_the_definition_also_at_ties_and_with_NaN()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 3000; trial++)
        {
            var (a, b, planes) = (Axis(random), Axis(random), random.Next(1, 4));
            // few values, so that ties are common
            var x = Enumerable.Range(0, planes * a.Input * b.Input).Select(_ => random.Next(12) switch { 0 => double.NaN, 1 => double.NegativeInfinity, 2 => -0.0, var v => v - 6.0 }).ToArray();
            var (expected, actual) = (Define(x, planes, a, b), new long[planes * a.Output * b.Output]);
            PoolingKernels.MaxPlaces<double>(x, planes, [a, b], actual);
            Assert.True(expected.SequenceEqual(actual), $"float64, {planes} planes, {a} {b}, trial {trial}: {string.Join(' ', actual)} instead of {string.Join(' ', expected)}");
            PoolingKernels.MaxPlaces<float>(Array.ConvertAll(x, v => (float)v), planes, [a, b], actual);
            Assert.True(expected.SequenceEqual(actual), $"float32, {planes} planes, {a} {b}, trial {trial}: {string.Join(' ', actual)} instead of {string.Join(' ', expected)}");
        }
    }
}

using System;
using System.Linq;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

[Collection("Parallelism")]
public sealed class ConvolutionTests
{
    /// <summary>Whole numbers, whose products and sums are exact in any order.</summary>
    private static double[] Whole(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(-8, 9))];

    private static float[] Single(double[] x) => Array.ConvertAll(x, v => (float)v);

    private static ConvolutionAxis Axis(Random random, int most)
    {
        while (true)
        {
            var a = new ConvolutionAxis(random.Next(1, most), random.Next(1, 5), 1, random.Next(1, 4), random.Next(1, 4), random.Next(4));
            if (random.Next(5) == 0) a = a with { Kernel = 1, Stride = 1, Low = 0 };
            var room = a.Input + a.Low + random.Next(a.Kernel == 1 ? 1 : 4) - (a.Kernel - 1) * a.Dilation - 1;
            if (room >= 0) return a with { Output = room / a.Stride + 1 };
        }
    }

    /// <summary>The definition of T(x, w, y), with one of the three left out.</summary>
    private static void Define(int map, int batch, int groups, int inputs, int outputs, ConvolutionAxis[] axes, double[] x, double[] w, double[] y)
    {
        ConvolutionAxis One(int d) => d < 3 - axes.Length ? ConvolutionAxis.Single : axes[d - 3 + axes.Length];
        var (a, b, c) = (One(0), One(1), One(2));
        foreach (var (n, g, o, i) in from n in Enumerable.Range(0, batch) from g in Enumerable.Range(0, groups) from o in Enumerable.Range(0, outputs) from i in Enumerable.Range(0, inputs) select (n, g, o, i))
            for (var p = 0; p < a.Output * b.Output * c.Output; p++)
                for (var k = 0; k < a.Kernel * b.Kernel * c.Kernel; k++)
                {
                    int p0 = p / (b.Output * c.Output), p1 = p / c.Output % b.Output, p2 = p % c.Output;
                    int k0 = k / (b.Kernel * c.Kernel), k1 = k / c.Kernel % b.Kernel, k2 = k % c.Kernel;
                    int s0 = p0 * a.Stride + k0 * a.Dilation - a.Low, s1 = p1 * b.Stride + k1 * b.Dilation - b.Low, s2 = p2 * c.Stride + k2 * c.Dilation - c.Low;
                    if (s0 < 0 || s1 < 0 || s2 < 0 || s0 >= a.Input || s1 >= b.Input || s2 >= c.Input) continue;
                    var atX = ((((n * groups + g) * inputs + i) * a.Input + s0) * b.Input + s1) * c.Input + s2;
                    var atW = ((g * outputs + o) * inputs + i) * a.Kernel * b.Kernel * c.Kernel + k;
                    var atY = ((n * groups + g) * outputs + o) * a.Output * b.Output * c.Output + p;
                    if (map == 0) y[atY] += x[atX] * w[atW];
                    else if (map == 1) x[atX] += y[atY] * w[atW];
                    else w[atW] += x[atX] * y[atY];
                }
    }

    [Theory]
    [InlineData(1, 120), InlineData(2, 24), InlineData(3, 8)]
    public void All_three_maps_agree_with_the_definition(int rank, int most)
    {
        var random = new Random(rank);
        for (var trial = 0; trial < 150; trial++)
        {
            var axes = Enumerable.Range(0, rank).Select(_ => Axis(random, most)).ToArray();
            var (batch, groups, inputs, outputs) = (random.Next(1, 4), random.Next(1, 3), random.Next(1, 6), random.Next(1, 12));
            var sizes = new ConvolutionSizes(batch, groups, inputs, outputs, axes);
            double[] x = Whole(random, sizes.InputCount), w = Whole(random, sizes.KernelCount), y = Whole(random, sizes.OutputCount);
            var story = $"{batch} images, {groups} groups of {inputs} to {outputs} channels, {string.Join(' ', axes)}, trial {trial}";
            for (var map = 0; map < 3; map++)
            {
                double[] wantX = map == 1 ? new double[x.Length] : x, wantW = map == 2 ? new double[w.Length] : w, wantY = map == 0 ? new double[y.Length] : y;
                Define(map, batch, groups, inputs, outputs, axes, wantX, wantW, wantY);
                var want = map == 0 ? wantY : map == 1 ? wantX : wantW;
                double[] got = Enumerable.Repeat(double.NaN, want.Length).ToArray();
                var got32 = Single(got);
                Run(map, sizes, x, w, y, got);
                Run(map, sizes, Single(x), Single(w), Single(y), got32);
                Assert.True(want.AsSpan().SequenceEqual(got), $"map {map}, float64: {story}");
                Assert.True(Single(want).AsSpan().SequenceEqual(got32), $"map {map}, float32: {story}");
            }
        }
    }

    [Theory]
    // 3 by 3 taps with many channels, odd sizes and every padding; large and small images; groups; strides, with many results and with few
    [InlineData(6, 1, 24, 33, 11, 9, 3, 1, 1, 0), InlineData(2, 2, 31, 24, 12, 13, 3, 1, 1, 1), InlineData(7, 1, 40, 26, 7, 8, 3, 1, 1, 2), InlineData(1, 1, 24, 24, 5, 70, 3, 1, 1, 1), InlineData(2, 1, 72, 40, 6, 6, 3, 1, 1, 1)]
    [InlineData(4, 1, 30, 17, 9, 11, 3, 2, 1, 1), InlineData(2, 1, 9, 40, 20, 30, 5, 1, 1, 2), InlineData(7, 1, 16, 12, 6, 6, 3, 1, 2, 2), InlineData(3, 2, 20, 21, 8, 8, 2, 3, 1, 0)]
    [InlineData(6, 1, 5, 16, 12, 12, 5, 1, 1, 0), InlineData(3, 2, 12, 10, 9, 9, 7, 1, 1, 0), InlineData(9, 1, 34, 40, 4, 4, 3, 1, 1, 0)]
    // so many positions and so few channels that the images of the transpose in the kernel are cut into parts
    [InlineData(11, 1, 6, 10, 16, 15, 3, 1, 1, 1), InlineData(37, 2, 9, 17, 8, 8, 3, 1, 1, 1), InlineData(2, 1, 8, 5, 33, 34, 3, 1, 1, 1)]
    public void All_three_maps_agree_with_the_definition_with_many_channels(int batch, int groups, int inputs, int outputs, int rows, int columns, int taps, int stride, int dilation, int low)
    {
        var random = new Random(rows);
        ConvolutionAxis Of(int input) => new(input, taps, (input + 2 * low - (taps - 1) * dilation - 1) / stride + 1, stride, dilation, low);
        ConvolutionAxis[] axes = [Of(rows), Of(columns)];
        var sizes = new ConvolutionSizes(batch, groups, inputs, outputs, axes);
        double[] x = Whole(random, sizes.InputCount), w = Whole(random, sizes.KernelCount), y = Whole(random, sizes.OutputCount);
        for (var map = 0; map < 3; map++)
        {
            double[] wantX = map == 1 ? new double[x.Length] : x, wantW = map == 2 ? new double[w.Length] : w, wantY = map == 0 ? new double[y.Length] : y;
            Define(map, batch, groups, inputs, outputs, axes, wantX, wantW, wantY);
            var want = map == 0 ? wantY : map == 1 ? wantX : wantW;
            var got = Enumerable.Repeat(double.NaN, want.Length).ToArray();
            var got32 = Single(got);
            Run(map, sizes, x, w, y, got);
            Run(map, sizes, Single(x), Single(w), Single(y), got32);
            Assert.True(want.AsSpan().SequenceEqual(got), $"map {map}, float64");
            Assert.True(Single(want).AsSpan().SequenceEqual(got32), $"map {map}, float32");
        }
    }

    [Fact]
    public void Rounding_of_minimal_filtering_in_float32_and_of_panels_in_float64_stays_near_that_of_the_definition()
    {
        const int channels = 40, size = 16;
        var axis = new ConvolutionAxis(size, 3, size, 1, 1, 1);
        var sizes = new ConvolutionSizes(2, 1, channels, channels, [axis, axis]);
        var random = new Random(3);
        double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(random.NextSingle() - 0.5f))];
        double[] x = Numbers(sizes.InputCount), w = Numbers(sizes.KernelCount), y = Numbers(sizes.OutputCount);
        for (var map = 0; map < 2; map++)
        {
            double[] want = new double[map == 0 ? y.Length : x.Length], got = new double[want.Length];
            var got32 = new float[want.Length];
            Define(map, 2, 1, channels, channels, [axis, axis], map == 1 ? want : x, w, map == 0 ? want : y);
            Run(map, sizes, x, w, y, got);
            Run(map, sizes, Single(x), Single(w), Single(y), got32);
            // 360 products of about 1/12 each; a chain of roundings of half a unit would be a few units of their sums
            double largest = want.Max(Math.Abs), error = want.Zip(got, (a, b) => Math.Abs(a - b)).Max(), error32 = want.Zip(got32, (a, b) => Math.Abs(a - b)).Max();
            Assert.InRange(error, 0, 8 * Math.ScaleB(1, -53) * largest);
            Assert.InRange(error32, 0, 8 * Math.ScaleB(1, -24) * largest);
        }
    }

    [Theory]
    [InlineData(double.NaN), InlineData(double.PositiveInfinity), InlineData(double.NegativeInfinity)]
    public void A_number_that_is_not_finite_reaches_only_results_that_see_it(double strange)
    {
        const int channels = 24, size = 16, at = 5;
        var axis = new ConvolutionAxis(size, 3, size, 1, 1, 1);
        var sizes = new ConvolutionSizes(1, 1, channels, channels, [axis, axis]);
        double[] x = new double[sizes.InputCount], w = new double[sizes.KernelCount], y = new double[sizes.OutputCount];
        Array.Fill(x, 1);
        Array.Fill(w, 1);
        x[at * size + at] = strange;
        Convolution.Output(sizes, x, w, y);
        for (var i = 0; i < size * size; i++)
        {
            bool sees = Math.Abs(i / size - at) <= 1 && Math.Abs(i % size - at) <= 1;
            if (sees) Assert.Equal(strange, y[i]);
            else Assert.True(double.IsFinite(y[i]), $"{y[i]} at {i / size}, {i % size}");
        }
        // and back
        double[] back = new double[sizes.InputCount];
        Convolution.Input(sizes, x, w, back);
        for (var i = 0; i < size * size; i++)
            Assert.Equal(Math.Abs(i / size - at) <= 1 && Math.Abs(i % size - at) <= 1, !double.IsFinite(back[i]));
    }

    private static void Run(int map, ConvolutionSizes sizes, double[] x, double[] w, double[] y, double[] result)
    {
        if (map == 0) Convolution.Output(sizes, x, w, result);
        else if (map == 1) Convolution.Input(sizes, y, w, result);
        else Convolution.Kernel(sizes, x, y, result);
    }

    private static void Run(int map, ConvolutionSizes sizes, float[] x, float[] w, float[] y, float[] result)
    {
        if (map == 0) Convolution.Output(sizes, x, w, result);
        else if (map == 1) Convolution.Input(sizes, y, w, result);
        else Convolution.Kernel(sizes, x, y, result);
    }

    [Theory]
    [InlineData(1, 8, 40, 50, 3, 1), InlineData(5, 17, 30, 20, 3, 2), InlineData(9, 3, 5, 30, 5, 1), InlineData(2, 64, 2, 40, 1, 1), InlineData(3, 32, 40, 21, 3, 1), InlineData(11, 40, 24, 6, 3, 1), InlineData(4, 6, 16, 12, 7, 1)]
    public void The_number_of_threads_does_not_change_a_bit(int batch, int inputs, int outputs, int size, int taps, int stride)
    {
        var axis = new ConvolutionAxis(size, taps, (size + 2 * (taps / 2) - taps) / stride + 1, stride, 1, taps / 2);
        var sizes = new ConvolutionSizes(batch, 1, inputs, outputs, [axis, axis]);
        var random = new Random(batch);
        double[] Random(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
        double[] x = Random(sizes.InputCount), w = Random(sizes.KernelCount), y = Random(sizes.OutputCount);
        var before = Parallelism.MaxThreads;
        try
        {
            for (var map = 0; map < 3; map++)
            {
                var results = new[] { 1, 2, 3 }.Select(threads =>
                {
                    Parallelism.MaxThreads = threads;
                    var result = new double[map == 0 ? y.Length : map == 1 ? x.Length : w.Length];
                    Run(map, sizes, x, w, y, result);
                    return result;
                }).ToArray();
                Assert.Equal(results[0], results[1]);
                Assert.Equal(results[0], results[2]);
            }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Fact]
    public void An_infinite_pixel_reaches_only_the_taps_that_see_it()
    {
        // the corner of a 3 x 3 image meets a 2 x 2 kernel at its first tap only
        var x = new double[] { double.PositiveInfinity, 1, 1, 1, 1, 1, 1, 1, 1 };
        var axis = new ConvolutionAxis(3, 2, 2, 1, 1, 0);
        var w = new double[4];
        Convolution.Kernel(new ConvolutionSizes(1, 1, 1, 1, [axis, axis]), x, [1, 1, 1, 1], w);
        Assert.Equal([double.PositiveInfinity, 4, 4, 4], w);
    }

    [Fact]
    public void A_wrong_length_is_an_error()
    {
        var sizes = new ConvolutionSizes(1, 1, 1, 1, [new ConvolutionAxis(3, 2, 2, 1, 1, 0)]);
        Assert.Throws<ArgumentException>(() => Convolution.Output(sizes, new double[3], new double[2], new double[3]));
        Assert.Throws<ArgumentException>(() => new ConvolutionSizes(1, 0, 1, 1, [ConvolutionAxis.Single]));
    }
}

using System;
using System.Linq;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

public sealed class StridedTests
{
    [Fact]
    public void Views_of_any_rank_and_stride_are_copied_as_a_plain_loop_copies_them()
    {
        var random = new Random(11);
        for (var trial = 0; trial < 3000; trial++)
        {
            var rank = random.Next(0, 9);
            var shape = Enumerable.Range(0, rank).Select(_ => rank > 4 ? random.Next(1, 4) : random.Next(trial % 50 == 0 ? 0 : 1, 7)).ToArray();
            var (strides, offset, length) = RandomLayout(random, shape);
            Copies(shape, strides, offset, Enumerable.Range(0, length).Select(i => i + 0.5).ToArray());
            Copies(shape, strides, offset, Enumerable.Range(0, length).Select(i => (float)i).ToArray());
            Copies(shape, strides, offset, Enumerable.Range(0, length).Select(i => (byte)i).ToArray());
        }
    }

    [Theory]
    [InlineData(1, 1), InlineData(4, 4), InlineData(5, 7), InlineData(33, 65), InlineData(100, 37), InlineData(64, 128)]
    public void A_transposed_matrix_is_copied_exactly(int rows, int columns)
    {
        var x = Enumerable.Range(0, rows * columns).Select(i => (double)i).ToArray();
        Copies([columns, rows], [1, columns], 0, x);
        Copies([columns, rows], [1, columns], 0, Array.ConvertAll(x, v => (float)v));
        Copies([columns, rows], [1, columns], 0, Array.ConvertAll(x, v => (byte)v));
    }

    [Fact]
    public void A_view_that_reaches_outside_is_refused()
    {
        var x = new double[10];
        var y = new double[4];
        Assert.Throws<ArgumentException>(() => Strided.Gather<double>(x, 7, [4], [1], y));
        Assert.Throws<ArgumentException>(() => Strided.Gather<double>(x, 2, [4], [-1], y));
        Assert.Throws<ArgumentException>(() => Strided.Gather<double>(x, 0, [2, 3], [3, 1], y));
        Assert.Throws<ArgumentException>(() => Strided.Gather<double>(x, 0, [4], [1, 1], y));
        Assert.Throws<ArgumentException>(() => Strided.Scatter<double>(y, x, 0, [2, 2], [9, 1]));
        Strided.Gather<double>(x, 50, [0, 4], [100, 100], []);
    }

    private static (int[] Strides, int Offset, int Length) RandomLayout(Random random, int[] shape)
    {
        var strides = new int[shape.Length];
        var order = Enumerable.Range(0, shape.Length).OrderBy(_ => random.Next()).ToArray();
        if (random.Next(3) == 0) Array.Sort(order);
        int extent = 1, offset = 0;
        foreach (var d in order.Reverse())
        {
            strides[d] = random.Next(6) == 0 ? 0 : extent * (random.Next(4) == 0 ? 2 : 1);
            if (strides[d] != 0) extent = strides[d] * Math.Max(shape[d], 1);
            if (random.Next(4) == 0)
            {
                offset += strides[d] * Math.Max(shape[d] - 1, 0);
                strides[d] = -strides[d];
            }
        }
        return (strides, offset + 3, extent + 6);
    }

    private static void Copies<T>(int[] shape, int[] strides, int offset, T[] x) where T : unmanaged
    {
        var count = shape.Aggregate(1, (a, b) => a * b);
        var at = Enumerable.Range(0, count).Select(k => Position(k, shape, strides, offset)).ToArray();
        var y = new T[count];
        Strided.Gather<T>(x, offset, shape, strides, y);
        var expected = Array.ConvertAll(at, p => x[p]);
        Assert.True(expected.AsSpan().SequenceEqual(y), $"gather of shape [{string.Join("; ", shape)}], strides [{string.Join("; ", strides)}]");
        var target = (T[])x.Clone();
        var scattered = (T[])x.Clone();
        y.AsSpan().Reverse();
        Strided.Scatter<T>(y, scattered, offset, shape, strides);
        for (var k = 0; k < count; k++) target[at[k]] = y[k];
        Assert.True(target.AsSpan().SequenceEqual(scattered), $"scatter to shape [{string.Join("; ", shape)}], strides [{string.Join("; ", strides)}]");
    }

    private static int Position(int k, int[] shape, int[] strides, int offset)
    {
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            offset += k % shape[d] * strides[d];
            k /= shape[d];
        }
        return offset;
    }
}

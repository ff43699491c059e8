using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Softmax and its relatives of many lines, side by side or one behind the other, against the same of each line alone.</summary>
public class SoftmaxAxisTests
{
    private static readonly Func<Tensor, int, Tensor>[] Functions =
    [
        static (x, axis) => x.LogSumExp(axis, keepAxes: true),
        static (x, axis) => x.Softmax(axis),
        static (x, axis) => x.LogSoftmax(axis),
    ];

    /// <summary>So many lines of n numbers; those from the sixth on are finite, and some of their exponentials underflow.</summary>
    private static Tensor Lines(int n, int count, DType type)
    {
        var x = new double[n, count];
        for (var j = 0; j < n; j++)
            for (var i = 0; i < count; i++) x[j, i] = 400 * Math.Sin(1.7 * j + 0.3 * i);
        double[] odd = [double.PositiveInfinity, double.NegativeInfinity, double.NaN];
        for (var k = 0; k < 3 && count > 5; k++) x[Math.Min(1, n - 1), k] = odd[k];
        for (var j = 0; j < n && count > 5; j++) (x[j, 3], x[j, 4]) = (double.NegativeInfinity, double.PositiveInfinity);
        return Tensor.FromArray(x).Cast(type);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 3)]
    [InlineData(3, 1)]
    [InlineData(7, 257)]
    [InlineData(16, 9)]
    [InlineData(17, 8)]
    [InlineData(25, 1000)]
    [InlineData(45, 31)]
    [InlineData(100, 2)]
    [InlineData(1024, 4)]
    [InlineData(2500, 6)]
    public void Lines_side_by_side_have_the_bits_of_lines_one_behind_the_other(int n, int count)
    {
        foreach (var type in new[] { DType.Float64, DType.Float32 })
        {
            var x = Lines(n, count, type);
            var two = Tensor.Stack(x, x * 0.5);
            foreach (var f in Functions)
            {
                Same(f(x.T, 1).T, f(x, 0));
                Same(f(x, 0), f(two, 1)[0]);
                Same(f(two[1].T, 1).T, f(two, 1)[1]);
            }
        }
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 3)]
    [InlineData(5, 17)]
    [InlineData(10, 32)]
    [InlineData(16, 9)]
    [InlineData(17, 8)]
    [InlineData(63, 15)]
    [InlineData(64, 7)]
    [InlineData(65, 6)]
    public void Short_lines_have_the_bits_of_each_alone(int n, int count)
    {
        foreach (var type in new[] { DType.Float64, DType.Float32 })
        {
            var lines = Lines(n, count, type).T;
            foreach (var f in Functions) Same(Tensor.Concat([.. Enumerable.Range(0, count).Select(k => f(lines[k..(k + 1)], 1))]), f(lines, 1));
        }
    }

    private static void Same(Tensor want, Tensor got)
    {
        Assert.Equal(want.Shape, got.Shape);
        Assert.Equal(want.ToArray(), got.ToArray());
    }

    [Fact]
    public void An_infinite_element_beside_finite_lines_does_not_touch_them()
    {
        var x = Tensor.FromArray(new double[,] { { 0, double.PositiveInfinity, 1 }, { Math.Log(3), 0, 1 } });
        Assert.Equal([0.25, 1, 0.5], x.Softmax(0)[0].ToArray(), Near);
        Assert.Equal([0.75, 0, 0.5], x.Softmax(0)[1].ToArray(), Near);
        Assert.Equal([Math.Log(4), double.PositiveInfinity, 1 + Math.Log(2)], x.LogSumExp(0).ToArray(), Near);
    }

    [Fact]
    public void Probabilities_below_the_smallest_normal_number_are_zero()
    {
        var x = Tensor.FromArray(new double[,] { { 0, 0, 0, 0 }, { -700, -708, -720, -800 } });
        foreach (var y in new[] { x.Softmax(0), x.T.Softmax(1).T })
        {
            Assert.Equal(Math.Exp(-700), y[1, 0].ToDouble(), 1e-314);
            Assert.Equal(Math.Exp(-708), y[1, 1].ToDouble(), 1e-317);
            Assert.Equal([0, 0], y[1, 2..].ToArray());
        }

        var single = Tensor.FromArray(new float[,] { { 0, 0 }, { -80, -90 } });
        foreach (var y in new[] { single.Softmax(0), single.T.Softmax(1).T })
        {
            Assert.True(y[1, 0].ToDouble() > 1e-35);
            Assert.Equal(0, y[1, 1].ToDouble());
        }
    }

    private static readonly System.Collections.Generic.IEqualityComparer<double> Near =
        System.Collections.Generic.EqualityComparer<double>.Create(static (a, b) => a == b || Math.Abs(a - b) <= 1e-15 * Math.Abs(a));
}

using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Softmax and log-sum-exp along an axis that is not the last one, where lines lie side by side, against the same along the last one.</summary>
public class SoftmaxAxisTests
{
    private static Tensor Lines(int n, int count)
    {
        var x = new double[n, count];
        for (var j = 0; j < n; j++)
            for (var i = 0; i < count; i++) x[j, i] = 30 * Math.Sin(1.7 * j + 0.3 * i);
        double[] odd = [double.PositiveInfinity, double.NegativeInfinity, double.NaN];
        for (var k = 0; k < 3 && count > 3; k++) x[Math.Min(1, n - 1), k] = odd[k];
        for (var j = 0; j < n && count > 4; j++) x[j, 4] = double.NegativeInfinity;
        return Tensor.FromArray(x);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 3)]
    [InlineData(7, 257)]
    [InlineData(25, 1000)]
    public void Along_the_first_axis_as_along_the_last(int n, int count)
    {
        var x = Lines(n, count);
        Near(x.T.Softmax(1).T, x.Softmax(0));
        Near(x.T.LogSumExp(1), x.LogSumExp(0));
        var two = Tensor.Stack(x, x + 1);
        Near(x.LogSumExp(0) + 1, two.LogSumExp(1)[1]);
        Near(x.Softmax(0), two.Softmax(1)[0]);
    }

    private static void Near(Tensor want, Tensor got)
    {
        Assert.Equal(want.Shape, got.Shape);
        foreach (var (x, y) in want.ToArray().Zip(got.ToArray()))
        {
            if (double.IsNaN(x) || double.IsInfinity(x)) Assert.Equal(x, y);
            else Assert.True(Math.Abs(x - y) <= 1e-14 * Math.Max(1, Math.Abs(x)), $"{x} and {y}");
        }
    }

    [Fact]
    public void Results_below_the_smallest_normal_number_are_zero()
    {
        var x = Tensor.FromArray(new double[,] { { 0, 0, 0 }, { -700, -720, -800 } });
        foreach (var y in new[] { x.Softmax(0), x.T.Softmax(1).T })
        {
            Assert.True(y[1, 0].ToDouble() > 0);
            Assert.Equal([0, 0], y[1, 1..].ToArray());
        }
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>The gradient of a function to one number as a function, by one way of computing it.</summary>
public delegate Func<Tensor, Tensor> Way(Func<Tensor, Tensor> f);

/// <summary>A function differentiated in every way there is: forward, reverse, on a tape, linearised, pulled back; for second derivatives each over each.</summary>
public static class EveryWay
{
    public static readonly IReadOnlyList<(string Name, Way Of)> All =
    [
        ("forward", f => x => Forward(f, x)),
        ("reverse", f => x => Diff.Gradient(f, x)),
        ("tape", f => x => OnTape(f, x)),
        ("linearized", f => x => ByColumns(x, Diff.Linearize(f, x).Push)),
        ("pulled back", f => x => PulledBack(f, x)),
    ];

    /// <summary>By forward mode, one direction after another.</summary>
    public static Tensor Forward(Func<Tensor, Tensor> f, Tensor x) => ByColumns(x, dx => Diff.Jvp(f, x, dx).Tangent);

    public static Tensor OnTape(Func<Tensor, Tensor> f, Tensor x)
    {
        using var tape = new GradientTape();
        var watched = tape.Watch(x);
        return tape.Gradient(f(watched), watched);
    }

    private static Tensor PulledBack(Func<Tensor, Tensor> f, Tensor x)
    {
        var (y, pull) = Diff.Vjp(f, x);
        return pull(Tensor.OnesLike(y));
    }

    private static Tensor ByColumns(Tensor x, Func<Tensor, Tensor> push)
    {
        var slopes = new Tensor[x.Count];
        for (var k = 0; k < slopes.Length; k++) slopes[k] = push(Unit(x, k)).Reshape(Shape.Scalar);
        return slopes.Length == 0 ? Tensor.ZerosLike(x) : Tensor.Stack(slopes).Reshape(x.Shape).Cast(x.DType);
    }

    /// <summary>The k-th unit direction of x's shape.</summary>
    public static Tensor Unit(Tensor x, int k)
    {
        var flat = new double[x.Count];
        flat[k] = 1;
        return Tensor.FromArray(flat).Reshape(x.Shape).Cast(x.DType);
    }

    /// <summary>f' at a number in every way; the slopes must agree with the expected one.</summary>
    public static void Slope(double expected, Func<Tensor, Tensor> f, double at, double tolerance = 0)
    {
        foreach (var (name, way) in All)
            Near(expected, way(f)(at).ToDouble(), tolerance, $"{name}, at {at}");
    }

    /// <summary>The gradient in every way.</summary>
    public static void Gradient(double[] expected, Func<Tensor, Tensor> f, Tensor at, double tolerance = 0)
    {
        foreach (var (name, way) in All)
        {
            var gradient = way(f)(at);
            Assert.Equal(at.Shape, gradient.Shape);
            Assert.Equal(at.DType, gradient.DType);
            Near(expected, gradient, tolerance, name);
        }
    }

    /// <summary>f'' at a number, each way over each.</summary>
    public static void SecondSlope(double expected, Func<Tensor, Tensor> f, double at, double tolerance = 0)
    {
        foreach (var (outer, over) in All)
            foreach (var (inner, way) in All)
                Near(expected, over(way(f))(at).ToDouble(), tolerance, $"{outer} over {inner}, at {at}");
    }

    /// <summary>The Hessian times ones, each way over each.</summary>
    public static void SecondGradient(double[] expected, Func<Tensor, Tensor> f, Tensor at, double tolerance = 0)
    {
        foreach (var (outer, over) in All)
            foreach (var (inner, way) in All)
                Near(expected, over(x => way(f)(x).Sum())(at), tolerance, $"{outer} over {inner}");
    }

    public static void Near(double expected, double actual, double tolerance, string where = "") =>
        Assert.True(Agree(expected, actual, tolerance), $"{where}: {Text(actual)}, not {Text(expected)}, to {tolerance} of max(1, |expected|)");

    public static void Near(double[] expected, Tensor actual, double tolerance, string where = "")
    {
        var got = actual.ToArray();
        Assert.True(expected.Length == got.Length, $"{where}: {got.Length} elements, shape {actual.Shape}, not {expected.Length}");
        for (var k = 0; k < got.Length; k++) Near(expected[k], got[k], tolerance, $"{where}, element {k}");
    }

    /// <summary>The same shape, element type and bits.</summary>
    public static void Same(Tensor expected, Tensor actual, string where = "")
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.DType, actual.DType);
        var a = expected.ToArray();
        var b = actual.ToArray();
        for (var k = 0; k < a.Length; k++)
            Assert.True(BitConverter.DoubleToInt64Bits(a[k]) == BitConverter.DoubleToInt64Bits(b[k]), $"{where}, element {k}: {Text(b[k])}, not {Text(a[k])} to the bit");
    }

    /// <summary>f'(x) from central differences by Ridders' tableau: the columns remove the even powers of the step one after another.</summary>
    public static double Ridders(Func<double, double> f, double x, double step = 0.01)
    {
        const int levels = 7;
        var table = new double[levels, levels];
        var (best, error) = (double.NaN, double.PositiveInfinity);
        for (var i = 0; i < levels; i++, step /= 2)
        {
            table[i, 0] = (f(x + step) - f(x - step)) / (2 * step);
            for (var j = 1; j <= i; j++)
            {
                table[i, j] = table[i, j - 1] + (table[i, j - 1] - table[i - 1, j - 1]) / (Math.Pow(4, j) - 1);
                var seen = Math.Max(Math.Abs(table[i, j] - table[i, j - 1]), Math.Abs(table[i, j] - table[i - 1, j - 1]));
                if (seen < error) (best, error) = (table[i, j], seen);
            }
        }

        return best;
    }

    private static bool Agree(double expected, double actual, double tolerance) =>
        expected.Equals(actual) || expected == actual || Math.Abs(actual - expected) <= tolerance * Math.Max(1, Math.Abs(expected));

    private static string Text(double x) => x.ToString("R", CultureInfo.InvariantCulture);
}

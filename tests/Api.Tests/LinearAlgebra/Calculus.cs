using System;
using System.Linq;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>What the tests of this folder need to check derivatives.</summary>
internal static class Calculus
{
    /// <summary>Numbers in (-1, 1), the same for the same seed.</summary>
    public static Tensor Sample(int seed, params int[] shape)
    {
        var random = new Random(seed);
        return Tensor.FromArray(Enumerable.Range(0, new Shape(shape).Count).Select(_ => (2 * random.NextDouble()) - 1).ToArray(), shape);
    }

    /// <summary>Well conditioned symmetric positive definite matrices.</summary>
    public static Tensor Positive(int seed, params int[] shape)
    {
        var a = Sample(seed, shape);
        return Tensor.Einsum("...ij,...kj->...ik", a, a) + Identity(shape[^1]);
    }

    /// <summary>The n by n identity.</summary>
    public static Tensor Identity(int n)
    {
        var data = new double[n * n];
        for (var i = 0; i < n; i++) data[(i * n) + i] = 1;
        return Tensor.FromArray(data, n, n);
    }

    /// <summary>All elements as doubles.</summary>
    public static double[] Numbers(Tensor x) => x.ToArray<double>();

    /// <summary>The largest difference of two tensors of one shape.</summary>
    public static double Apart(Tensor a, Tensor b)
    {
        Xunit.Assert.Equal(a.Shape, b.Shape);
        return Numbers(a).Zip(Numbers(b)).Select(p => Math.Abs(p.First - p.Second)).DefaultIfEmpty(0).Max();
    }

    /// <summary>Forward mode against central differences, reverse against forward, second order against differences of the gradient.</summary>
    public static void CheckDerivatives(Func<Tensor, Tensor> f, Tensor x, double tolerance = 1e-6, bool second = true)
    {
        const double H = 1e-5;
        var (y, dx) = (f(x), Sample(101, x.Shape.ToArray()));
        var w = Sample(102, y.Shape.ToArray());
        var (_, dy) = Diff.Jvp(f, x, dx);
        var numeric = (f(x + (H * dx)) - f(x - (H * dx))) * (0.5 / H);
        Xunit.Assert.True(Apart(dy, numeric) < tolerance, $"forward mode is {Apart(dy, numeric)} away from differences");

        Tensor Gradient(Tensor at) => Diff.Gradient(z => Total(f(z) * w), at);
        var (forward, reverse) = (Total(dy * w).ToDouble(), Total(Gradient(x) * dx).ToDouble());
        Xunit.Assert.True(Math.Abs(forward - reverse) < 1e-10 * Math.Max(1, Math.Abs(forward)), $"forward {forward}, reverse {reverse}");
        if (!second) return;

        var (_, hvp) = Diff.Jvp(Gradient, x, dx);
        var change = (Gradient(x + (H * dx)) - Gradient(x - (H * dx))) * (0.5 / H);
        Xunit.Assert.True(Apart(hvp, change) < tolerance * 10, $"the second derivative is {Apart(hvp, change)} away from differences");
        var twice = Diff.Gradient(z => Total(Gradient(z) * dx), x);
        Xunit.Assert.True(Apart(hvp, twice) < 1e-8, $"reverse over reverse is {Apart(hvp, twice)} away from forward over reverse");
    }

    /// <summary>The sum of all elements.</summary>
    public static Tensor Total(Tensor x) => Tensor.VDot(x, Tensor.Ones(x.Shape));
}

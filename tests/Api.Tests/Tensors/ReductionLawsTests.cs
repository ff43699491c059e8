using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Laws that hold for every reduction, scan, statistic and norm, at random shapes and axes.</summary>
public class ReductionLawsTests
{
    private const int Trials = 25;

    /// <summary>An operation along an axis of a tensor whose elements come from an interval and keep a distance from one another.</summary>
    private sealed record Operation(Func<Tensor, int, bool, Tensor> Call, double Low = -2, double High = 2);

    private static readonly Dictionary<string, Operation> Catalogue = new(StringComparer.Ordinal)
    {
        ["sum"] = new((x, a, k) => x.Sum(a, k)),
        ["mean"] = new((x, a, k) => x.Mean(a, k)),
        ["prod"] = new((x, a, k) => x.Prod(a, k)),
        ["prod of all"] = new((x, _, k) => x.Prod(null, k)),
        ["max"] = new((x, a, k) => x.Max(a, k)),
        ["min"] = new((x, a, k) => x.Min(a, k)),
        ["max with index"] = new((x, a, k) => x.MaxWithIndex(a, k).Values),
        ["min with index"] = new((x, a, k) => x.MinWithIndex(a, k).Values),
        ["nansum"] = new((x, a, k) => x.NanSum(a, k)),
        ["nanmean"] = new((x, a, k) => x.NanMean(a, k)),
        ["logsumexp"] = new((x, a, k) => x.LogSumExp(a, k)),
        ["logsumexp of all"] = new((x, _, k) => x.LogSumExp(null, k)),
        ["softmax"] = new((x, a, _) => x.Softmax(a)),
        ["log softmax"] = new((x, a, _) => x.LogSoftmax(a)),
        ["cumsum"] = new((x, a, _) => x.CumSum(a)),
        ["cumprod"] = new((x, a, _) => x.CumProd(a)),
        ["cummax"] = new((x, a, _) => x.CumMax(a).Values),
        ["cummin"] = new((x, a, _) => x.CumMin(a).Values),
        ["logcumsumexp"] = new((x, a, _) => x.LogCumSumExp(a)),
        ["diff"] = new((x, a, _) => x.Diff(1, a)),
        ["second difference with ends"] = new((x, a, _) => x.Diff(2, a, x * x, 2.0 * x)),
        ["trapezoid"] = new((x, a, _) => (x * x).Trapezoid(x, a)),
        ["cumulative trapezoid"] = new((x, a, _) => (x * x).CumulativeTrapezoid(x, a)),
        ["var"] = new((x, a, k) => x.Var(a, 0, k)),
        ["var of all"] = new((x, _, k) => x.Var(null, 0, k)),
        ["std"] = new((x, a, k) => x.Std(null, 0.5, k)),
        ["median"] = new((x, a, k) => x.Median(a, k)),
        ["nanmedian"] = new((x, a, k) => x.NanMedian(a, k)),
        ["median with index"] = new((x, a, k) => x.MedianWithIndex(a, k).Values),
        ["kth value"] = new((x, a, k) => x.KthValue(x.Shape[a], a, k).Values),
        ["quantile, linear"] = new((x, a, k) => x.Quantile(0.37, a, k)),
        ["quantile, nearest"] = new((x, a, k) => x.Quantile(0.37, a, k, Interpolation.Nearest)),
        ["quantiles"] = new((x, a, k) => x.Quantile(Tensor.Of(0.1, 0.6), a, k, Interpolation.Midpoint)),
        ["quantile by level"] = new((x, a, k) => x.Quantile(0.1 + 0.001 * x.Mean(), a, k)),
        ["nanquantile"] = new((x, a, k) => x.NanQuantile(0.8, a, k)),
        ["average"] = new((x, a, k) => x.Average(1.0 + x * x, a, k)),
        ["1-norm"] = new((x, a, k) => x.Norm(1, a, k), 0.2),
        ["2-norm"] = new((x, a, k) => x.Norm(2, a, k), 0.2),
        ["2-norm of all"] = new((x, _, k) => x.Norm(2, null, k), 0.2),
        ["3-norm"] = new((x, a, k) => x.Norm(3, a, k), 0.2),
        ["1.5-norm"] = new((x, a, k) => x.Norm(1.5, a, k), 0.2),
        ["-1-norm"] = new((x, a, k) => x.Norm(-1, a, k), 0.2),
        ["∞-norm"] = new((x, a, k) => x.Norm(double.PositiveInfinity, a, k), 0.2),
        ["-∞-norm"] = new((x, a, k) => x.Norm(double.NegativeInfinity, a, k), 0.2),
        ["distance"] = new((x, _, _) => Tensor.Dist(x, x * x - 10.0, 2)),
        ["renorm"] = new((x, a, _) => x.Renorm(2, a, 0.1), 0.2),
        ["normalize"] = new((x, a, _) => x.Normalize(2, a), 0.2),
        ["pairwise distance"] = new((x, _, k) => Tensor.PairwiseDistance(x, x * x - 10.0, 2, 1e-6, k), 0.2),
        ["cosine similarity"] = new((x, a, _) => Tensor.CosineSimilarity(x, x * x + 1.0, a), 0.2),
    };

    /// <summary>The names in the catalogue.</summary>
    public static TheoryData<string> Operations => new(Catalogue.Keys);

    private static int[] RandomShape(Random random) =>
        Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(1, 5)).ToArray();

    /// <summary>Elements at least a hundredth of the interval apart in random order, so that no step of a difference quotient changes an order.</summary>
    private static Tensor Spread(Random random, int[] shape, double low, double high)
    {
        var n = shape.Aggregate(1, (a, b) => a * b);
        var width = (high - low) / n;
        var places = Enumerable.Range(0, n).ToArray();
        random.Shuffle(places);
        return Tensor.FromArray(places.Select(k => low + width * (k + 0.2 + 0.6 * random.NextDouble())).ToArray(), shape);
    }

    private static Tensor Direction(Random random, Shape shape) =>
        Tensor.FromArray(Enumerable.Range(0, shape.Count).Select(_ => 2 * random.NextDouble() - 1).ToArray(), shape.ToArray());

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance, string story)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        double[] want = expected.ToArray<double>(), got = actual.ToArray<double>();
        var scale = want.Select(Math.Abs).Append(1).Max();
        for (var k = 0; k < want.Length; k++)
            Assert.True(Math.Abs(want[k] - got[k]) <= tolerance * scale, $"{story}: element {k} is {got[k]:R}, expected {want[k]:R}");
    }

    /// <summary>The derivative along v by central differences with one step of Richardson's extrapolation.</summary>
    private static Tensor Differences(Func<Tensor, Tensor> f, Tensor x, Tensor v)
    {
        const double h = 1e-4;
        Tensor Central(double step) => (f(x + step * v) - f(x - step * v)) / (2 * step);
        return (4.0 * Central(h / 2) - Central(h)) / 3.0;
    }

    private static void ForRandom(string name, Action<Func<Tensor, Tensor>, Tensor, Random, string> check)
    {
        var operation = Catalogue[name];
        for (var seed = 0; seed < Trials; seed++)
        {
            var random = new Random(seed);
            var shape = RandomShape(random);
            var axis = random.Next(-shape.Length, shape.Length);
            var keep = random.Next(2) == 0;
            var x = Spread(random, shape, operation.Low, operation.High);
            check(t => operation.Call(t, axis, keep), x, random, $"{name} of {x.Shape} along axis {axis}, keepAxes {keep} (seed {seed})");
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public void Forward_agrees_with_finite_differences(string name) => ForRandom(name, (f, x, random, story) =>
    {
        var v = Direction(random, x.Shape);
        AssertClose(Differences(f, x, v), Diff.Jvp(f, x, v).Tangent, 1e-8, story);
    });

    [Theory, MemberData(nameof(Operations))]
    public void Reverse_is_the_transpose_of_forward(string name) => ForRandom(name, (f, x, random, story) =>
    {
        var v = Direction(random, x.Shape);
        var (y, dy) = Diff.Jvp(f, x, v);
        var w = Direction(random, y.Shape);
        AssertClose((w * dy).Sum(), (Diff.Vjp(f, x).Pull(w) * v).Sum(), 1e-12, story);
    });

    [Theory, MemberData(nameof(Operations))]
    public void Second_derivatives_agree_with_finite_differences_of_the_gradient(string name) => ForRandom(name, (f, x, random, story) =>
    {
        var v = Direction(random, x.Shape);
        var w = Direction(random, f(x).Shape);
        Tensor Loss(Tensor t) => (w * f(t)).Sum();
        AssertClose(Differences(t => Diff.Gradient(Loss, t), x, v), Diff.Hvp<Tensor>(Loss, x, v), 1e-7, story);
    });

    [Theory, MemberData(nameof(Operations))]
    public void All_four_nestings_of_second_order_agree(string name) => ForRandom(name, (f, x, random, story) =>
    {
        Tensor u = Direction(random, x.Shape), v = Direction(random, x.Shape);
        var w = Direction(random, f(x).Shape);
        Tensor Loss(Tensor t) => (w * f(t)).Sum();
        Tensor Forward(Tensor t) => Diff.Jvp(Loss, t, u).Tangent;
        Tensor Reverse(Tensor t) => (Diff.Gradient(Loss, t) * u).Sum();
        var expected = Diff.Jvp(Forward, x, v).Tangent;
        AssertClose(expected, Diff.Jvp(Reverse, x, v).Tangent, 1e-10, story);
        AssertClose(expected, (Diff.Gradient(Forward, x) * v).Sum(), 1e-10, story);
        AssertClose(expected, (Diff.Gradient(Reverse, x) * v).Sum(), 1e-10, story);
    });

    [Theory, MemberData(nameof(Operations))]
    public void A_transposed_view_gives_what_its_copy_gives(string name) => ForRandom(name, (f, x, random, story) =>
    {
        var order = Enumerable.Range(0, x.Rank).Reverse().ToArray();
        var view = Tensor.Apply(new TransposeRule(order), x);
        var copy = Tensor.FromArray(view.ToArray<double>(), view.Shape.ToArray());
        Tensor a = f(view), b = f(copy);
        Assert.Equal(b.Shape, a.Shape);
        Assert.True(a.ToArray<double>().SequenceEqual(b.ToArray<double>()), story);
        var w = Direction(random, a.Shape);
        Assert.True(Diff.Vjp(f, view).Pull(w).ToArray<double>().SequenceEqual(Diff.Vjp(f, copy).Pull(w).ToArray<double>()), "gradient, " + story);
    });

    [Theory, MemberData(nameof(Operations))]
    public void Float32_stays_float32_and_agrees_with_float64(string name) => ForRandom(name, (f, x, random, story) =>
    {
        var single = Tensor.FromArray(x.ToArray<double>().Select(v => (float)v).ToArray(), x.Shape.ToArray());
        var exact = Tensor.FromArray(single.ToArray<float>().Select(v => (double)v).ToArray(), x.Shape.ToArray());
        var y = f(single);
        Assert.Equal(DType.Float32, y.DType);
        AssertClose(f(exact), Wide(y), 1e-5, story);
        var w = Direction(random, y.Shape);
        var narrow = Tensor.FromArray(w.ToArray<double>().Select(v => (float)v).ToArray(), w.Shape.ToArray());
        var gradient = Diff.Vjp(f, single).Pull(narrow);
        Assert.Equal(DType.Float32, gradient.DType);
        AssertClose(Diff.Vjp(f, exact).Pull(Wide(narrow)), Wide(gradient), 2e-5, "gradient, " + story);
    });

    private static Tensor Wide(Tensor x) => Tensor.FromArray(x.ToArray<float>().Select(v => (double)v).ToArray(), x.Shape.ToArray());

    private static readonly Dictionary<string, Func<Tensor, int[], Tensor>> OverAxes = new(StringComparer.Ordinal)
    {
        ["sum"] = (x, a) => x.Sum(a),
        ["mean"] = (x, a) => x.Mean(a),
        ["prod"] = (x, a) => x.Prod(a),
        ["max"] = (x, a) => x.Max(a),
        ["min"] = (x, a) => x.Min(a),
        ["logsumexp"] = (x, a) => x.LogSumExp(a),
        ["var"] = (x, a) => x.Var(a),
        ["std"] = (x, a) => x.Std(a),
        ["median"] = (x, a) => x.Median(a),
        ["quantile"] = (x, a) => x.Quantile(0.3, a),
        ["norm"] = (x, a) => x.Norm(2, a),
        ["all"] = (x, a) => x.All(a),
        ["count"] = (x, a) => x.CountNonZero(a),
    };

    /// <summary>The names of the reductions over several axes.</summary>
    public static TheoryData<string> Reductions => new(OverAxes.Keys);

    [Theory, MemberData(nameof(Reductions))]
    public void Any_set_of_axes_in_any_order_is_like_one_axis_of_all_their_elements(string name)
    {
        var f = OverAxes[name];
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var shape = RandomShape(random);
            var axes = Enumerable.Range(0, shape.Length).Where(_ => random.Next(2) == 0).ToArray();
            if (axes.Length == 0) axes = [random.Next(shape.Length)];
            var rest = Enumerable.Range(0, shape.Length).Except(axes).ToArray();
            var x = Spread(random, shape, -2, 2);
            var moved = Tensor.Apply(new TransposeRule([.. rest, .. axes]), x);
            var sizes = rest.Select(d => shape[d]).ToArray();
            var expected = f(Tensor.ReshapeTo(moved, new Shape([.. sizes, axes.Aggregate(1, (n, d) => n * shape[d])])), [-1]);
            random.Shuffle(axes);
            var actual = f(x, axes);
            Assert.Equal(new Shape(sizes), actual.Shape);
            double[] want = Tensor.Cast(expected, DType.Float64).ToArray<double>(), got = Tensor.Cast(actual, DType.Float64).ToArray<double>();
            for (var k = 0; k < want.Length; k++)
                Assert.True(Math.Abs(want[k] - got[k]) <= 1e-13 * (1 + Math.Abs(want[k])), $"{name} of {x.Shape} over ({string.Join(", ", axes)}), seed {seed}: {got[k]:R}, expected {want[k]:R}");
        }
    }
}

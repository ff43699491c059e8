using System;
using System.Collections.Generic;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Rules of one's own.</summary>
public class RuleTests
{
    private static readonly Func<Tensor[], Tensor> Product = xs => Tensor.Sin(xs[0]) * xs[1];
    private static readonly Func<Tensor[], Tensor, Tensor[], Tensor> Push = (xs, y, d) => Tensor.Cos(xs[0]) * xs[1] * d[0] + Tensor.Sin(xs[0]) * d[1];
    private static readonly Func<Tensor[], Tensor, Tensor, Tensor[]> Pull = (xs, y, w) => [w * Tensor.Cos(xs[0]) * xs[1], w * Tensor.Sin(xs[0])];

    public static IEnumerable<CustomRule> Rules() => [new("push only", Product, Push), new("pull only", Product, pull: Pull), new("both", Product, Push, Pull)];

    [Fact]
    public void One_map_is_enough_for_every_mode_and_every_order()
    {
        foreach (var rule in Rules())
        {
            Tensor F(Tensor x) => rule.Apply(x[0], x[1] * x[1]);
            static Tensor Plain(Tensor x) => Tensor.Sin(x[0]) * (x[1] * x[1]);
            var at = Tensor.Of(0.7, 1.3);
            EveryWay.Gradient(Diff.Gradient(Plain, at).ToArray(), F, at, 1e-15);
            EveryWay.SecondGradient(Diff.Hessian(Plain, at).Sum(axis: 1).ToArray(), F, at, 1e-14);
            EveryWay.Near(Diff.Hessian(Plain, at).Ravel().ToArray(), Diff.Hessian(F, at).Ravel(), 1e-14, rule.Name);
            Assert.Equal(Plain(at).ToDouble(), F(at).ToDouble());
        }
    }

    [Fact]
    public void A_rule_is_used_and_not_the_derivative_of_the_value()
    {
        var odd = Diff.WithRule(x => x * x, push: (x, y, dx) => 100 * dx, pull: (x, y, w) => 100 * w);
        EveryWay.Slope(100, odd, 3);
        EveryWay.SecondSlope(0, odd, 3);
        Assert.Equal(9, odd(3.0).ToDouble());
    }

    [Fact]
    public void The_value_is_computed_once_and_on_constants()
    {
        var calls = 0;
        var rule = Diff.WithRule(x =>
        {
            calls++;
            return Tensor.FromArray(x.ToArray<double>()) * 2; // plain arrays: nothing could be traced through them
        }, pull: (x, y, w) => 2 * w);
        Assert.Equal([2, 2], Diff.Gradient(x => rule(x).Sum(), Tensor.Of(1, 2)).ToArray());
        Assert.Equal(1, calls);
        Assert.Equal([0, 0, 0, 0], Diff.Hessian(x => rule(x).Sum(), Tensor.Of(1, 2)).Ravel().ToArray());
    }

    [Fact]
    public void Wrong_shapes_and_counts_are_named()
    {
        var at = Tensor.Of(1, 2, 3);
        var shape = new CustomRule("mine", xs => xs[0] * 2, pull: (xs, y, w) => [w.Sum()]);
        var refused = Assert.Throws<InvalidOperationException>(() => Diff.Gradient(x => shape.Apply(x).Sum(), at));
        foreach (var part in new[] { "mine", "cotangent", "[]", "[3]" }) Assert.Contains(part, refused.Message, StringComparison.Ordinal);

        var count = new CustomRule("mine", xs => xs[0] + xs[1], pull: (xs, y, w) => [w]);
        refused = Assert.Throws<InvalidOperationException>(() => Diff.Gradient(x => count.Apply(x, x).Sum(), at));
        foreach (var part in new[] { "mine", "1 cotangents", "2 are needed" }) Assert.Contains(part, refused.Message, StringComparison.Ordinal);

        var tangent = new CustomRule("mine", xs => xs[0].Sum(), push: (xs, y, d) => d[0]);
        refused = Assert.Throws<InvalidOperationException>(() => EveryWay.Forward(x => tangent.Apply(x), at));
        foreach (var part in new[] { "mine", "tangent", "[3]", "[]" }) Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_being_differentiated_that_was_not_passed_is_refused()
    {
        foreach (var (_, way) in EveryWay.All)
        {
            var refused = Assert.Throws<InvalidOperationException>(() => way(x => Diff.WithRule(y => x * y, push: (y, z, dy) => dy, pull: (y, z, w) => w, name: "leaky")(2.0))(3.0));
            foreach (var part in new[] { "leaky", "argument", "StopGradient" }) Assert.Contains(part, refused.Message, StringComparison.Ordinal);
            // stopped it is a constant like any other
            Assert.Equal(3, way(x => Diff.WithRule(y => Diff.StopGradient(x) * y, push: (y, z, dy) => 3 * dy, pull: (y, z, w) => 3 * w)(x))(3.0).ToDouble());
        }
    }

    [Fact]
    public void A_rule_without_maps_or_without_inputs_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new CustomRule("none", xs => xs[0]));
        Assert.Equal("inputs", Assert.Throws<ArgumentNullException>(() => new CustomRule("one", xs => xs[0], pull: (xs, y, w) => [w]).Apply([null!])).ParamName);
    }

    [Fact]
    public void Rules_nest_in_rules()
    {
        var inner = Diff.WithRule(Tensor.Sin, push: (x, y, dx) => Tensor.Cos(x) * dx);
        var outer = Diff.WithRule(x => inner(x) * x, pull: (x, y, w) => w * (x * Diff.Derivative(inner, x) + inner(x)));
        EveryWay.Slope(0.5 * Math.Cos(0.5) + Math.Sin(0.5), outer, 0.5, 1e-15);
        EveryWay.SecondSlope(2 * Math.Cos(0.5) - 0.5 * Math.Sin(0.5), outer, 0.5, 1e-14);
    }
}

using System;
using DiffLib.Api.Tests.Checking;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Recomputation in place of memory.</summary>
[Collection("alone")]
public class CheckpointTests
{
    private static Tensor Segment(Tensor x)
    {
        for (var k = 0; k < 20; k++) x = Tensor.Sin(x) * 1.01 + 0.1 * x;
        return x;
    }

    private static Tensor Plain(Tensor x) => Segment(Segment(Segment(x))).Sum();

    private static Tensor Saved(Tensor x)
    {
        var segment = Diff.Checkpoint<Tensor, Tensor>(Segment);
        return segment(segment(segment(x))).Sum();
    }

    [Fact]
    public void The_numbers_are_the_same_to_the_bit_in_every_mode()
    {
        var x = Tensor.Linspace(-1, 1, 5);
        Assert.Equal(Plain(x).ToDouble(), Saved(x).ToDouble());
        foreach (var (name, way) in EveryWay.All) EveryWay.Near(way(Plain)(x).ToArray(), way(Saved)(x), 1e-15, name);
        EveryWay.Same(Diff.Gradient(Plain, x), Diff.Gradient(Saved, x));
    }

    [Fact]
    public void Second_order_and_checkpoints_inside_checkpoints()
    {
        var x = Tensor.Linspace(-1, 1, 3);
        EveryWay.Near(Diff.Hessian(Plain, x).Ravel().ToArray(), Diff.Hessian(Saved, x).Ravel(), 1e-12);
        EveryWay.SecondGradient(Diff.Hessian(Plain, x).Sum(axis: 1).ToArray(), Saved, x, 1e-12);
        var nested = Diff.Checkpoint<Tensor, Tensor>(y => Diff.Checkpoint<Tensor, Tensor>(Segment)(Diff.Checkpoint<Tensor, Tensor>(Segment)(y)));
        EveryWay.Gradient(Diff.Gradient(y => Segment(Segment(y)).Sum(), x).ToArray(), y => nested(y).Sum(), x, 1e-14);
    }

    [Fact]
    public void Trees_go_in_and_come_out()
    {
        var f = Diff.Checkpoint<(Tensor, Tensor), (Tensor, Tensor)>(p => (p.Item1 * p.Item2, p.Item1 + p.Item2));
        EveryWay.Slope(3 + 2 * 2, x =>
        {
            var (product, sum) = f((x, x + 1));
            return product - 1 + sum * 1.0 + 0 * x;
        }, 2);
    }

    [Fact]
    public void Only_inputs_and_results_are_kept()
    {
        static int Recorded(Func<Tensor, Tensor> f)
        {
            using var tape = new GradientTape();
            f(tape.Watch(Tensor.Linspace(0, 1, 4)));
            return tape.RecordedCount;
        }

        Assert.True(Recorded(Plain) > 180);
        Assert.InRange(Recorded(Saved), 4, 6);

        // the live bytes while the recording is held: sixty vectors of a megabyte against a few
        var x = Tensor.Linspace(0, 1, 125_000);
        var (plain, saved) = (Measured.Held(() => Diff.Vjp(Plain, x)), Measured.Held(() => Diff.Vjp(Saved, x)));
        Assert.True(saved < plain / 10, $"{saved} bytes with checkpoints, {plain} without");
    }

    [Fact]
    public void A_value_being_differentiated_that_was_not_passed_is_refused()
    {
        foreach (var (_, way) in EveryWay.All)
            Assert.Contains("argument", Assert.Throws<InvalidOperationException>(() => way(x => Diff.Checkpoint<Tensor, Tensor>(y => x * y)(2.0))(3.0)).Message, StringComparison.Ordinal);
    }
}

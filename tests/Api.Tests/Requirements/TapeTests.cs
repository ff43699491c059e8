using System;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Requirements;

/// <summary>Eager evaluation, rules of one's own and tapes: rows D1 to D11.</summary>
[Collection("alone")]
public class TapeTests
{
    [Fact]
    public void D1_operations_run_at_once_and_show_their_values()
    {
        Tensor x = Tensor.Of(1, 2), y = Tensor.Of(3, 4);
        Assert.Equal("[4, 6]", (x + y).ToString().Replace(".", "", StringComparison.Ordinal));
        Assert.Equal([4, 6], (x + y).ToArray());

        // inside a derivative too
        Diff.Gradient(
            v =>
            {
                Assert.Equal([2, 4], (v + v).ToArray());
                Assert.Contains("4", (v + v).ToString(), StringComparison.Ordinal);
                return v.Sum();
            },
            x);
    }

    [Fact]
    public void D2_a_softplus_with_a_rule_of_its_own_has_slope_1_at_100_and_clipping_is_a_rule()
    {
        static Tensor Naive(Tensor x) => Tensor.Log(1 + Tensor.Exp(x));
        var own = Diff.WithRule(Naive, push: (x, y, dx) => dx / (1 + Tensor.Exp(-x)), pull: (x, y, w) => w / (1 + Tensor.Exp(-x)));
        EveryWay.Slope(1, own, 100);
        EveryWay.Slope(0.5, own, 0);
        EveryWay.SecondSlope(0.25, own, 0, 1e-15);

        EveryWay.Slope(0, Diff.StopGradient, 3);
        EveryWay.Slope(3, x => Diff.StopGradient(x) * x, 3);

        // the identity, whose cotangent is clipped to [-1, 1]
        var clipped = Diff.WithRule(x => x, pull: (x, y, w) => Tensor.Clamp(w, -1, 1));
        Assert.Equal([1, -1, 0.5], Diff.Gradient(x => (clipped(x) * Tensor.Of(10, -10, 0.5)).Sum(), Tensor.Of(1, 2, 3)).ToArray());
    }

    [Fact]
    public void D3_D5_a_watched_tensor_of_ones()
    {
        using var tape = new GradientTape();
        var x = tape.Watch(Tensor.Ones(2, 2));
        var y = x.Sum();
        var z = y * y;
        var dz = tape.Gradient(z, x);
        Assert.Equal(new Shape(2, 2), dz.Shape);
        for (var i = 0; i < 2; i++)
            for (var j = 0; j < 2; j++) Assert.Equal(8, dz[i, j].ToDouble());
    }

    [Fact]
    public void D4_a_gradient_by_an_intermediate_result()
    {
        using var tape = new GradientTape();
        var x = tape.Watch(3.0);
        var y = x * x;
        var z = y * y;
        Assert.Equal(18, tape.Gradient(z, y).ToDouble());
    }

    [Fact]
    public void D6_a_tape_answers_once_and_says_how_to_get_more()
    {
        using var tape = new GradientTape();
        var x = tape.Watch(3.0);
        var y = x * x;
        Assert.True(tape.RecordedCount > 0);
        Assert.Equal(6, tape.Gradient(y, x).ToDouble());
        Assert.Equal(0, tape.RecordedCount);
        var refused = Assert.Throws<TapeConsumedException>(() => tape.Gradient(y, x));
        Assert.Contains("persistent: true", refused.Message, StringComparison.Ordinal);
        Assert.Throws<TapeConsumedException>(() => tape.Watch(1.0));
    }

    [Fact]
    public void D7_a_persistent_tape_answers_in_any_order_and_again()
    {
        using var tape = new GradientTape(persistent: true);
        Assert.True(tape.IsPersistent);
        var x = tape.Watch(3.0);
        var y = x * x;
        var z = y * y;
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(108, tape.Gradient(z, x).ToDouble());
            Assert.Equal(6, tape.Gradient(y, x).ToDouble());
            Assert.Equal(18, tape.Gradient(z, y).ToDouble());
        }

        Assert.Equal([108, 18], tape.Gradients(z, [x, y]).Select(g => g.ToDouble()));
    }

    [Fact]
    public void D8_a_disposed_tape_holds_nothing_and_many_tapes_keep_the_memory_flat()
    {
        var tape = new GradientTape(persistent: true);
        var x = tape.Watch(Tensor.Ones(1000));
        var y = (x * x).Sum();
        Assert.True(tape.RecordedCount >= 3);
        tape.Dispose();
        Assert.Equal(0, tape.RecordedCount);
        Assert.Throws<ObjectDisposedException>(() => tape.Gradient(y, x));
        Assert.Equal(1000, y.ToDouble());

        static void Some()
        {
            using var tape = new GradientTape();
            var v = tape.Watch(2.0);
            Assert.Equal(4, tape.Gradient(v * v, v).ToDouble());
        }

        for (var k = 0; k < 1000; k++) Some();
        Heap.StaysFlat(100_000, Some);
    }

    [Fact]
    public void D9_a_source_that_was_not_watched_gives_zeros_or_an_error_as_asked()
    {
        using var tape = new GradientTape(persistent: true);
        Tensor x = tape.Watch(Tensor.Of(1, 2)), constant = Tensor.Of(3, 4, 5), beside = tape.Watch(2.0);
        var y = (x * x).Sum();
        EveryWay.Same(Tensor.Zeros(3), tape.Gradient(y, constant));
        EveryWay.Same(Tensor.Scalar(0), tape.Gradient(y, beside));
        Assert.Contains("Watch", Assert.Throws<InvalidOperationException>(() => tape.Gradient(y, constant, unconnected: UnconnectedGradients.Throw)).Message, StringComparison.Ordinal);
        Assert.Contains("does not depend", Assert.Throws<InvalidOperationException>(() => tape.Gradient(y, beside, unconnected: UnconnectedGradients.Throw)).Message, StringComparison.Ordinal);
        EveryWay.Same(Tensor.Zeros(2), tape.Gradient(constant.Sum(), x));
        Assert.False(tape.IsRecorded(constant));
        Assert.True(tape.IsRecorded(y));
    }

    [Fact]
    public void D10_a_tape_inside_a_tape_gives_the_second_derivative()
    {
        using var outer = new GradientTape();
        var x = outer.Watch(3.0);
        using var inner = new GradientTape();
        var watched = inner.Watch(x);
        var slope = inner.Gradient(watched * watched * watched, watched);
        Assert.Equal(27, slope.ToDouble());
        Assert.Equal(18, outer.Gradient(slope, x).ToDouble());
    }

    [Fact]
    public void D11_an_exception_inside_a_scope_leaves_it_and_restores_what_was_before()
    {
        GradientTape? left = null;
        void Fail()
        {
            using var tape = left = new GradientTape();
            var x = tape.Watch(3.0);
            _ = x * x;
            throw new TimeoutException();
        }

        Assert.Throws<TimeoutException>(Fail);
        Assert.Equal(0, left!.RecordedCount);
        Assert.Throws<ObjectDisposedException>(() => left.Watch(1.0));

        // an outer tape goes on as if nothing had been
        using var outer = new GradientTape();
        var v = outer.Watch(2.0);
        try
        {
            using var inner = new GradientTape();
            _ = inner.Watch(v) * v;
            throw new TimeoutException();
        }
        catch (TimeoutException) { }

        Assert.Equal(12, outer.Gradient(v * v * v, v).ToDouble());
    }
}

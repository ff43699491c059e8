using System;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Choices and loops from C#: trees, compiled functions, examples, errors.</summary>
public class ControlFlowTests
{
    private sealed record Particle(Tensor Position, Tensor Velocity);

    private static void Near(Tensor want, Tensor got) => EveryWay.Near(want.ToArray(), got, 1e-12);

    [Fact]
    public void A_choice_between_records()
    {
        static Particle Bounce(Particle p) => Diff.Cond(p.Position < 0.0, q => new Particle(-q.Position, -q.Velocity), q => q, p);
        foreach (var step in new[] { Bounce, Diff.Compile<Particle, Particle>(Bounce) })
        {
            Assert.Equal(2, step(new(-2.0, 1.5)).Position.ToDouble());
            Assert.Equal(1.5, step(new(2.0, 1.5)).Velocity.ToDouble());
        }
    }

    [Fact]
    public void A_choice_by_what_stands_around_it()
    {
        static Tensor Choose(Tensor x) => Diff.Cond(x.Sum() > 0, () => x * 2.0, () => x / 2.0);
        var compiled = Diff.Compile<Tensor, Tensor>(Choose);
        Near(Tensor.Of(2, 4), compiled(Tensor.Of(1, 2)));
        Near(Tensor.Of(-0.5, -1), compiled(Tensor.Of(-1, -2)));
        Near(Tensor.Of(0.5, 0.5), Diff.Gradient(x => Choose(x).Sum(), Tensor.Of(-1, -2)));
        Near(Tensor.Of(0.5, 0.5), Diff.Gradient(x => compiled(x).Sum(), Tensor.Of(-1, -2)));
    }

    [Fact]
    public void Several_branches_by_number()
    {
        Func<Tensor, Tensor>[] branches = [x => x, x => x * x, Tensor.Exp];
        var f = Diff.Compile<Tensor, Tensor, Tensor>((k, x) => Diff.Switch(k, branches, x));
        for (var k = 0; k < 3; k++) Near(branches[k](1.5), f(Tensor.Scalar(k).Cast(DType.Int32), 1.5));
        var error = Assert.Throws<ArgumentException>(() => Diff.Switch(Tensor.Scalar(1.0), branches, Tensor.Scalar(1)));
        Assert.Equal("index", error.ParamName);
    }

    [Fact]
    public void An_integrator_with_a_record_as_state_and_its_gradient_by_a_parameter()
    {
        // the harmonic oscillator by the leapfrog method
        static Tensor Energy(Tensor k)
        {
            var end = Diff.ForI(0, 50, (_, p) =>
            {
                var half = p.Velocity - 0.05 * k * p.Position;
                var x = p.Position + 0.1 * half;
                return new Particle(x, half - 0.05 * k * x);
            }, new Particle(1.0, 0.0));
            return 0.5 * (end.Velocity * end.Velocity + k * end.Position * end.Position);
        }

        var step = 1e-5;
        var difference = (Energy(2 + step) - Energy(2 - step)).ToDouble() / (2 * step);
        Assert.Equal(difference, Diff.Gradient(Energy, at: 2.0).ToDouble(), 1e-8);
        Assert.Equal(difference, Diff.Compile(Diff.Gradient((Func<Tensor, Tensor>)Energy))(2.0).ToDouble(), 1e-8);
    }

    [Fact]
    public void One_tensor_in_two_places_of_a_state_is_two_states()
    {
        Tensor zero = Tensor.Scalar(0);
        static (Tensor A, Tensor B) Step(Tensor i, (Tensor A, Tensor B) s) => (s.A + 1.0, s.B + 2.0);
        var (a, b) = Diff.ForI(0, 3, Step, (zero, zero));
        Assert.Equal((3.0, 6.0), (a.ToDouble(), b.ToDouble()));
        var compiled = Diff.Compile<Tensor, Tensor>(x =>
        {
            var (c, d) = Diff.ForI(0, 3, Step, (x, x));
            return Tensor.Stack(c, d);
        });
        Near(Tensor.Of(3, 6), compiled(0.0));
    }

    [Fact]
    public void A_scan_gives_the_last_carry_and_all_results()
    {
        static (Tensor, Tensor) Mean(Tensor xs) => Diff.Scan((Tensor mean, (Tensor X, Tensor K) row) =>
        {
            var next = mean + (row.X - mean) / row.K;
            return (next, next);
        }, Tensor.Scalar(0), (xs, Tensor.Of(1, 2, 3, 4)));
        var xs = Tensor.Of(2, 4, 6, 8);
        foreach (var f in new[] { Mean, Diff.Compile<Tensor, (Tensor, Tensor)>(Mean) })
        {
            var (last, all) = f(xs);
            Assert.Equal(5, last.ToDouble(), 1e-12);
            Near(Tensor.Of(2, 3, 4, 5), all);
        }
    }

    [Fact]
    public void A_scan_by_number_of_steps_whose_results_are_trees()
    {
        var (last, results) = Diff.Scan((Tensor x) => (x * 2.0, (Before: x, Half: x / 2.0)), Tensor.Scalar(1), length: 4);
        Assert.Equal(16, last.ToDouble());
        Near(Tensor.Of(1, 2, 4, 8), results.Before);
        Near(Tensor.Of(0.5, 1, 2, 4), results.Half);
    }

    [Fact]
    public void A_recurrent_net_compiled_with_its_gradient_over_a_batch()
    {
        var key = RandomKey.FromSeed(3);
        var (a, b) = key.Split();
        var w = Tensor.RandomNormal(a, new[] { 4, 4 }) * 0.3;
        var xs = Tensor.RandomNormal(b, new[] { 5, 9, 4 });
        static Tensor Loss(Tensor w, Tensor xs) => Diff.Scan((Tensor h, Tensor x) =>
        {
            var next = Tensor.Tanh(Tensor.MatMul(w, h) + x);
            return (next, (next * next).Sum());
        }, Tensor.Zeros(4), xs).Results.Sum();
        var each = Diff.Vmap<Tensor, Tensor>(x => Diff.Gradient(v => Loss(v, x), w));
        var want = Tensor.Stack([.. Enumerable.Range(0, 5).Select(k => Diff.Gradient(v => Loss(v, xs[k]), w))]);
        EveryWay.Near(want.Ravel().ToArray(), each(xs).Ravel(), 1e-12);
        EveryWay.Near(want.Ravel().ToArray(), Diff.Compile(each)(xs).Ravel(), 1e-12);
    }

    [Fact]
    public void Random_numbers_inside_a_loop_come_in_as_rows()
    {
        var noise = Tensor.RandomNormal(RandomKey.FromSeed(5), new[] { 20 });
        static Tensor Walk(Tensor noise) => Diff.Scan((Tensor x, Tensor e) => (x + e, x + e), Tensor.Scalar(0), noise).Results;
        EveryWay.Near(Walk(noise).ToArray(), Diff.Compile<Tensor, Tensor>(Walk)(noise), 1e-14);
    }

    [Fact]
    public void Linear_recurrences_by_an_associative_scan()
    {
        var a = Tensor.Linspace(0.1, 0.9, 11);
        var b = Tensor.Linspace(-1, 1, 11);
        static Tensor Fast(Tensor a, Tensor b) => Diff.AssociativeScan<(Tensor A, Tensor B)>((p, q) => (p.A * q.A, q.A * p.B + q.B), (a, b)).B;
        static Tensor Slow(Tensor a, Tensor b) => Diff.Scan((Tensor y, (Tensor A, Tensor B) row) => (row.A * y + row.B, row.A * y + row.B), Tensor.Scalar(0), (a, b)).Results;
        Near(Slow(a, b), Fast(a, b));
        Near(Diff.Gradient(x => (Slow(x, b) * b).Sum(), a), Diff.Gradient(x => (Fast(x, b) * b).Sum(), a));
        Near(Slow(a, b), Diff.Compile<Tensor, Tensor, Tensor>(Fast)(a, b));
    }

    [Fact]
    public void A_loop_that_changes_the_build_of_its_state_says_so()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Diff.ForI(0, 2, (_, xs) => [.. xs, xs[0]], new[] { Tensor.Scalar(1) }));
        Assert.Contains("it had 1 tensors ([0]), now 2 ([0], [1])", error.Message);
        var none = Assert.Throws<ArgumentException>(() => Diff.While(_ => Tensor.Scalar(0) > 0, s => s, 3));
        Assert.Equal("initial", none.ParamName);
    }

    [Fact]
    public void A_value_that_leaves_the_body_of_a_loop_says_so_when_used()
    {
        Tensor? leaked = null;
        var f = Diff.Compile<Tensor, Tensor>(x => Diff.ForI(0, 3, (_, y) => leaked = y * 2.0, x));
        f(1.0);
        Assert.Contains("after tracing is over", Assert.Throws<InvalidOperationException>(() => leaked! + 1.0).Message);
    }

    [Fact]
    public void Bad_counts_are_named()
    {
        Assert.Equal("checkpoints", Assert.Throws<ArgumentOutOfRangeException>(() => Diff.ForI(0, 2, (_, x) => x, Tensor.Scalar(1), checkpoints: -1)).ParamName);
        Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => Diff.Scan((Tensor x) => (x, x), Tensor.Scalar(1), length: -1)).ParamName);
        Assert.Equal("xs", Assert.Throws<ArgumentException>(() => Diff.Scan((Tensor x, Tensor y) => (x, y), Tensor.Scalar(1), Tensor.Scalar(1))).ParamName);
    }

    [Fact]
    public void A_function_that_gives_null_says_so() =>
        Assert.Contains("returned null", Assert.Throws<InvalidOperationException>(() => Diff.ForI(0, 2, (_, _) => null!, Tensor.Scalar(1))).Message);
}

using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.DifferentialEquations;

/// <summary>Events on the way of solutions: where they are, what they do, and the derivatives of their times and states, against closed forms, differences, and each other.</summary>
public class EventTests
{
    public static TheoryData<OdeMethod> Methods => [OdeMethod.DormandPrince54, OdeMethod.RungeKutta4, OdeMethod.Rodas4];

    private static OdeOptions Strict(OdeMethod method = OdeMethod.DormandPrince54) => method == OdeMethod.RungeKutta4
        ? new() { Method = method, Step = 0.005 }
        : new() { Method = method, RelativeTolerance = method == OdeMethod.Rodas4 ? 1e-10 : 1e-12, AbsoluteTolerance = 1e-12 };

    // ---- a ball: p = (height, velocity upwards, gravity)

    private static Tensor Fall(Tensor t, Tensor y, Tensor p) => Tensor.Stack(y[1], -p[2]);

    private static Tensor Ground(Tensor t, Tensor y, Tensor p) => y[0];

    private static (Tensor Time, Tensor State) Landing(Tensor p, OdeOptions? options = null) =>
        Ode.SolveToEvent(Fall, Ground, p[..2], 0, 100, p, OdeEventDirection.Falling, options);

    private static Tensor LandingTime(Tensor p) => (p[1] + Tensor.Sqrt(p[1] * p[1] + 2 * p[2] * p[0])) / p[2];

    private static Tensor LandingSpeed(Tensor p) => -Tensor.Sqrt(p[1] * p[1] + 2 * p[2] * p[0]);

    private static readonly Tensor s_throw = Tensor.Of(1.5, 3, 9.81);

    [Theory, MemberData(nameof(Methods))]
    public void A_ball_lands_when_the_closed_form_says_with_all_derivatives_up_to_the_third(OdeMethod method)
    {
        var options = Strict(method);
        var (time, state) = Landing(s_throw, options);
        Assert.Equal(DType.Float64, time.DType);
        Assert.Equal(Shape.Scalar, time.Shape);
        Assert.Equal(LandingTime(s_throw).ToDouble(), time.ToDouble(), 1e-10);
        Assert.Equal(0, state[0].ToDouble(), 1e-10);
        Assert.Equal(LandingSpeed(s_throw).ToDouble(), state[1].ToDouble(), 1e-9);
        foreach (var (ours, exact) in new (Func<Tensor, Tensor>, Func<Tensor, Tensor>)[]
                 {
                     (p => Landing(p, options).Time, LandingTime),
                     (p => Landing(p, options).State[1], LandingSpeed),
                     (p => Landing(p, options).State[0], p => 0 * p[0]),
                 })
        {
            EveryWay.Gradient(Diff.Gradient(exact, s_throw).ToArray(), ours, s_throw, 1e-8);
            EveryWay.Near(Diff.Hessian(exact, s_throw).ToArray(), Diff.Hessian(ours, s_throw), 1e-7);
            EveryWay.Near(
                Diff.Hessian(exact, s_throw).ToArray(), Tensor.Stack([.. Enumerable.Range(0, 3).Select(k => Diff.Gradient(p => Diff.Gradient(ours, p)[k], s_throw))]), 1e-7);
            Tensor direction = Tensor.Of(0.3, -0.2, 0.7);
            double Third(Func<Tensor, Tensor> f) => Diff.NthDerivative(s => f(s_throw + s * direction), 3, 0.0);
            Assert.Equal(Third(exact), Third(ours), 1e-6);
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void The_quarter_period_of_an_oscillator_and_its_derivatives(OdeMethod method)
    {
        // y'' = -w² y from (a, 0): zero at π/(2w), whatever a is
        Tensor Quarter(Tensor p) => Ode.SolveToEvent(
            (Tensor t, Tensor y, Tensor p) => Tensor.Stack(y[1], -p[0] * p[0] * y[0]), (t, y, p) => y[0], Tensor.Stack(p[1], 0 * p[1]), 0, 10, p, options: Strict(method)).Time;
        double w = 1.7;
        Tensor at = Tensor.Of(w, 0.8);
        Assert.Equal(Math.PI / (2 * w), Quarter(at).ToDouble(), 1e-8);
        EveryWay.Gradient([-Math.PI / (2 * w * w), 0], Quarter, at, 1e-6);
        EveryWay.Near([Math.PI / (w * w * w), 0, 0, 0], Diff.Hessian(Quarter, at), 1e-5);
    }

    [Fact]
    public void Derivatives_agree_with_differences_and_forward_with_reverse()
    {
        // prey and predators: the first peak of the predators, and the prey there
        Tensor Peak(Tensor p)
        {
            var (time, state) = Ode.SolveToEvent(
                (Tensor t, Tensor y, Tensor p) => Tensor.Stack(p[0] * y[0] - p[1] * y[0] * y[1], p[3] * y[0] * y[1] - p[2] * y[1]),
                (t, y, p) => p[3] * y[0] - p[2] - 0.01 * Tensor.Sin(t),
                p[4..],
                0,
                30,
                p,
                OdeEventDirection.Falling,
                Strict());
            return time * Tensor.Log(state[0] * state[1]);
        }

        Tensor at = Tensor.Of(1.1, 0.4, 0.4, 0.1, 10, 5);
        var reverse = Diff.Gradient(Peak, at);
        EveryWay.Near(reverse.ToArray(), EveryWay.Forward(Peak, at), 1e-12 * reverse.ToArray().Max(Math.Abs));
        for (var k = 0; k < at.Count; k++)
        {
            double h = 1e-4 * at[k].ToDouble();
            double At(double by) => Peak(at + by * EveryWay.Unit(at, k)).ToDouble();
            double difference = (8 * (At(h) - At(-h)) - (At(2 * h) - At(-2 * h))) / (12 * h);
            Assert.Equal(difference, reverse[k].ToDouble(), 2e-7 * Math.Max(1, Math.Abs(difference)));
        }
        var direction = Tensor.Linspace(-1, 1, at.Count);
        var forwardOverReverse = Diff.Hvp(Peak, at, direction);
        EveryWay.Near(forwardOverReverse.ToArray(), Diff.Gradient(p => (Diff.Gradient(Peak, p) * direction).Sum(), at), 1e-9 * forwardOverReverse.ToArray().Max(Math.Abs));
    }

    [Fact]
    public void The_time_of_the_start_is_differentiable()
    {
        // y' = t from 0 at s: y = 1 at √(2 + s²)
        static (Tensor Time, Tensor State) Reached(Tensor s) =>
            Ode.SolveToEvent((Tensor t, Tensor y) => t + 0 * y, (t, y) => y - Tensor.Sin(t - t) - 1, Tensor.Scalar(0), s, 10, options: Strict());
        const double S = 0.6;
        double time = Math.Sqrt(2 + S * S);
        Assert.Equal(time, Reached(S).Time.ToDouble(), 1e-12);
        EveryWay.Slope(S / time, s => Reached(s).Time, S, 1e-10);
        EveryWay.SecondSlope(2 / (time * time * time), s => Reached(s).Time, S, 1e-9);
        EveryWay.Slope(0, s => Reached(s).State, S, 1e-10);
    }

    [Fact]
    public void A_bouncing_ball_comes_down_when_the_geometric_series_says()
    {
        // p = (height, gravity, the part of the speed that is left)
        static Tensor Bounces(Tensor p)
        {
            Tensor time = 0, state = Tensor.Stack(p[0], 0 * p[0]);
            for (int bounce = 0; bounce < 5; bounce++)
            {
                (time, state) = Ode.SolveToEvent(
                    (Tensor t, Tensor y, Tensor p) => Tensor.Stack(y[1], -p[1]), (t, y, p) => y[0], state, time, double.PositiveInfinity, p, OdeEventDirection.Falling);
                state = Tensor.Stack(0 * state[0], -p[2] * state[1]);
            }
            return time;
        }

        static Tensor Exact(Tensor p) => Tensor.Sqrt(2 * p[0] / p[1]) * (1 + 2 * (p[2] + Tensor.Pow(p[2], 2) + Tensor.Pow(p[2], 3) + Tensor.Pow(p[2], 4)));
        Tensor at = Tensor.Of(2, 9.81, 0.8);
        Assert.Equal(Exact(at).ToDouble(), Bounces(at).ToDouble(), 1e-10);
        EveryWay.Gradient(Diff.Gradient(Exact, at).ToArray(), Bounces, at, 1e-8);
        EveryWay.Near(Diff.Hessian(Exact, at).ToArray(), Diff.Hessian(Bounces, at), 1e-7);
    }

    [Fact]
    public void A_restart_on_the_event_is_no_event_whatever_the_rounding_left()
    {
        foreach (double height in new[] { 0, 1e-17, -1e-17, -3e-16 })
            foreach (var direction in new[] { OdeEventDirection.Either, OdeEventDirection.Falling })
            {
                var (time, _) = Ode.SolveToEvent((Tensor t, Tensor y) => Tensor.Stack(y[1], -2), (t, y) => y[0], Tensor.Of(height, 3), 0, 10, direction);
                Assert.Equal(3, time.ToDouble(), 1e-9);
            }
    }

    // ---- events on the way

    private static Tensor Circle(Tensor t, Tensor y) => Tensor.Stack(-y[1], y[0]);

    private static readonly Tensor s_east = Tensor.Of(1, 0);

    [Theory]
    [InlineData(OdeEventDirection.Either, new[] { 0.5, 1.5, 2.5 })]
    [InlineData(OdeEventDirection.Rising, new[] { 1.5 })]
    [InlineData(OdeEventDirection.Falling, new[] { 0.5, 2.5 })]
    public void Directions_choose_among_the_crossings(OdeEventDirection direction, double[] halfPeriods)
    {
        var path = Ode.Trajectory(Circle, s_east, 0, 10, [new((t, y) => y[0]) { Direction = direction }], Strict());
        Assert.Equal(halfPeriods.Length, path.Occurrences.Count);
        Assert.All(path.Occurrences.Zip(halfPeriods), p =>
        {
            Assert.Equal(p.Second * Math.PI, p.First.Time.ToDouble(), 1e-8);
            Assert.Equal(0, p.First.Event);
            EveryWay.Near([Math.Cos(p.Second * Math.PI), Math.Sin(p.Second * Math.PI)], p.First.State, 1e-8);
        });
        Assert.Null(path.EndedBy);
        Assert.Equal(10, path.To);
    }

    [Fact]
    public void Backwards_the_directions_are_those_of_the_integration()
    {
        var path = Ode.Trajectory(Circle, s_east, 0, -10, [new((t, y) => y[0]) { Direction = OdeEventDirection.Falling }], Strict());
        EveryWay.Near([-0.5 * Math.PI, -2.5 * Math.PI], Tensor.Stack([.. path.Occurrences.Select(o => o.Time)]), 1e-8);
    }

    [Fact]
    public void Several_events_come_in_the_order_of_their_times_and_one_of_them_ends_the_solution()
    {
        var path = Ode.Trajectory(
            Circle, s_east, 0, double.PositiveInfinity,
            [new((t, y) => y[1] - 0.5), new((t, y) => y[0]) { EndsAfter = 3 }, new((t, y) => Tensor.Sin(t - 0.1))], new() { LargestStep = 2, RelativeTolerance = 1e-10 });
        double third = Math.PI / 6;
        (int, double)[] expected =
        [
            (2, 0.1), (0, third), (1, Math.PI / 2), (0, Math.PI - third), (2, 0.1 + Math.PI), (1, 1.5 * Math.PI), (2, 0.1 + 2 * Math.PI), (0, 2 * Math.PI + third), (1, 2.5 * Math.PI),
        ];
        Assert.Equal(expected.Select(e => e.Item1), path.Occurrences.Select(o => o.Event));
        Assert.All(expected.Zip(path.Occurrences), p => Assert.Equal(p.First.Item2, p.Second.Time.ToDouble(), 1e-7));
        Assert.Equal(1, path.EndedBy);
        Assert.Equal(2.5 * Math.PI, path.To, 1e-7);
        EveryWay.Near([0, 1], path.At(path.To), 1e-7);
        Assert.Equal(path.To, path.StepTimes[^1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => path.At(path.To + 0.01));
    }

    [Fact]
    public void Times_and_states_of_events_on_the_way_are_differentiable()
    {
        // y'' = -w² y: the second zero is at 3π/(2w), where the speed is w a
        OdeOccurrence<Tensor> Second(Tensor w, Tensor a) => Ode.Trajectory(
            (t, y) => Tensor.Stack(y[1], -w * w * y[0]), Tensor.Stack(a, 0 * a), 0, 10, [new((t, y) => y[0])], Strict()).Occurrences[1];
        EveryWay.Slope(-1.5 * Math.PI / (1.3 * 1.3), w => Second(w, 0.7).Time, 1.3, 1e-7);
        EveryWay.Slope(0.7, w => Second(w, 0.7).State[1], 1.3, 1e-7);
        EveryWay.Slope(1.3, a => Second(1.3, a).State[1], 0.7, 1e-7);
        EveryWay.SecondSlope(3 * Math.PI / Math.Pow(1.3, 3), w => Second(w, 0.7).Time, 1.3, 1e-6);
    }

    [Fact]
    public void A_state_of_several_tensors_keeps_its_form()
    {
        var (time, state) = Ode.SolveToEvent(
            (Tensor t, (Tensor Place, Tensor Speed) y, Tensor g) => (y.Speed, -g * Tensor.OnesLike(y.Speed)),
            (t, y, g) => y.Place.Sum(), (Place: Tensor.Of(1, 2), Speed: Tensor.Of(0, 0)), 0, 5, Tensor.Scalar(2), options: Strict());
        Assert.Equal(Math.Sqrt(1.5), time.ToDouble(), 1e-10);
        EveryWay.Near([-0.5, 0.5], state.Place, 1e-9);
        EveryWay.Near([-2 * Math.Sqrt(1.5), -2 * Math.Sqrt(1.5)], state.Speed, 1e-9);
    }

    [Fact]
    public void A_float32_state_stays_one_and_the_time_is_float64()
    {
        var (time, state) = Ode.SolveToEvent((Tensor t, Tensor y) => -y, (t, y) => y[0] - 0.5f, Tensor.Of(1, 2).Cast(DType.Float32), 0, 5);
        Assert.Equal(DType.Float64, time.DType);
        Assert.Equal(DType.Float32, state.DType);
        Assert.Equal(Math.Log(2), time.ToDouble(), 1e-5);
    }

    // ---- what goes wrong

    [Fact]
    public void An_event_that_does_not_happen_is_an_error_that_says_how_far_it_was_looked_for()
    {
        var error = Assert.Throws<IntegrationException>(() => Ode.SolveToEvent(Circle, (t, y) => y[0] - 2, s_east, 0, 7));
        Assert.Contains("between t = 0 and t = 7", error.Message);
        Assert.Equal(7, error.Time);
        Assert.Throws<IntegrationException>(() => Ode.SolveToEvent(Circle, (t, y) => y[0], s_east, 0, 3, OdeEventDirection.Rising));
    }

    [Fact]
    public void A_condition_that_jumps_has_a_time_but_no_derivative()
    {
        Tensor Jump(Tensor a) => Ode.SolveToEvent((Tensor t, Tensor y) => a + 0 * y, (t, y) => Tensor.Sign(y - 1) + 0 * a, Tensor.Scalar(0), 0, 5).Time;
        Assert.Equal(0.5, Jump(2).ToDouble(), 1e-12);
        Assert.Contains("does not cross zero", Assert.Throws<IntegrationException>(() => Diff.Derivative(Jump)(Tensor.Scalar(2))).Message);
    }

    [Fact]
    public void Bad_input_is_refused_in_words()
    {
        static (Tensor, Tensor) Solve(Func<Tensor, Tensor, Tensor> condition, double from = 0, double to = 5, OdeOptions? options = null, OdeEventDirection direction = OdeEventDirection.Either) =>
            Ode.SolveToEvent(Circle, condition, s_east, from, to, direction, options);
        Assert.Equal("events", Assert.Throws<ArgumentException>(() => Solve((t, y) => y)).ParamName);
        Assert.Equal("events", Assert.Throws<ArgumentException>(() => Solve((t, y) => y[0] > 0)).ParamName);
        Assert.Contains("not a number", Assert.Throws<IntegrationException>(() => Solve((t, y) => Tensor.Log(y[0] - 2))).Message);
        Assert.Equal("to", Assert.Throws<ArgumentException>(() => Solve((t, y) => y[0], 1, 1)).ParamName);
        Assert.Equal("to", Assert.Throws<ArgumentException>(() => Solve((t, y) => y[0], 1, double.NaN)).ParamName);
        Assert.Equal("from", Assert.Throws<ArgumentException>(() => Solve((t, y) => y[0], double.NaN)).ParamName);
        Assert.Equal("to", Assert.Throws<ArgumentException>(() => Solve((t, y) => y[0], 0, double.PositiveInfinity, new() { Method = OdeMethod.RungeKutta4, Step = 0.1 })).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentException>(() => Solve((t, y) => y[0], options: new() { Derivative = OdeDerivative.Adjoint })).ParamName);
        Assert.Equal("events", Assert.Throws<ArgumentOutOfRangeException>(() => Solve((t, y) => y[0], direction: (OdeEventDirection)7)).ParamName);
        Assert.Equal("from", Assert.Throws<ArgumentException>(() => Ode.SolveToEvent(Circle, (t, y) => y[0], s_east, Tensor.Of(0, 1), 5)).ParamName);
        Assert.Equal("f", Assert.Throws<ArgumentNullException>(() => Ode.SolveToEvent<Tensor>(null!, (t, y) => y[0], s_east, 0, 5)).ParamName);
        Assert.Equal("condition", Assert.Throws<ArgumentNullException>(() => Ode.SolveToEvent(Circle, null!, s_east, 0, 5)).ParamName);
        Assert.Equal("events", Assert.Throws<ArgumentNullException>(() => Ode.Trajectory(Circle, s_east, 0, 1, (IReadOnlyList<OdeEvent<Tensor>>)null!)).ParamName);
        Assert.Equal("events", Assert.Throws<ArgumentNullException>(() => Ode.Trajectory(Circle, s_east, 0, 1, [null!])).ParamName);
        Assert.Equal("events", Assert.Throws<ArgumentOutOfRangeException>(() => Ode.Trajectory(Circle, s_east, 0, 1, [new((t, y) => y[0]) { EndsAfter = -1 }])).ParamName);
    }

    [Fact]
    public void Events_that_are_only_looked_at_change_no_bit_of_the_solution()
    {
        var alone = Ode.Trajectory(Circle, s_east, 0, 5);
        var watched = Ode.Trajectory(Circle, s_east, 0, 5, [new((t, y) => y[0]), new((t, y) => y[1] - 0.3)]);
        Assert.Equal(alone.StepTimes, watched.StepTimes);
        for (double t = 0; t <= 5; t += 0.37) Assert.Equal(alone.At(t).ToArray(), watched.At(t).ToArray());
    }
}

using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/differential-equations.md.</summary>
public class DifferentialEquationsSnippets
{
    [Fact]
    public void First()
    {
        #region ode-first
        // prey and predators
        static Tensor Slope(Tensor t, Tensor y, Tensor p) => Tensor.Stack(
            p[0] * y[0] - p[1] * y[0] * y[1],
            p[3] * y[0] * y[1] - p[2] * y[1]);

        Tensor rates = Tensor.Of(1.1, 0.4, 0.4, 0.1);
        Tensor times = Tensor.Linspace(0, 10, 21);
        Tensor states = Ode.Solve(Slope, start: Tensor.Of(10, 5), times, rates);    // [21, 2]

        Tensor byRates = Diff.Gradient(p => Ode.Solve(Slope, Tensor.Of(10, 5), times, p)[^1].Sum(), rates);
        #endregion
        Assert.Equal(new Shape(21, 2), states.Shape);
        Assert.Equal(new Shape(4), byRates.Shape);
        var strict = new OdeOptions { RelativeTolerance = 1e-11, AbsoluteTolerance = 1e-11 };
        Check.Gradient(p => Ode.Solve(Slope, Tensor.Of(10, 5), times, p, strict)[^1].Sum(), rates);
    }

    [Fact]
    public void Stiff()
    {
        #region ode-stiff
        // Robertson's chemical reaction: its time scales differ by nine powers of ten
        static Tensor Reaction(Tensor t, Tensor y)
        {
            var (a, b, c) = (0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1]);
            return Tensor.Stack(b - a, a - b - c, c);
        }

        var options = new OdeOptions { Method = OdeMethod.Rodas4, AbsoluteTolerance = 1e-12 };
        OdeTrajectory<Tensor> solution = Ode.Trajectory(Reaction, Tensor.Of(1, 0, 0), 0, 1e5, options);
        Tensor early = solution.At(40);
        int steps = solution.Steps;                     // about a hundred
        #endregion
        Assert.Equal(0.7158, early[0].ToDouble(), 1e-4);
        Assert.InRange(steps, 30, 300);
    }

    [Fact]
    public void Event()
    {
        #region ode-event
        // a ball that keeps a part of its speed at each bounce: when does it come down for the fourth time?
        static Tensor FourthLanding((Tensor Height, Tensor Gravity, Tensor Bounce) p)
        {
            Tensor time = 0, state = Tensor.Stack(p.Height, 0);
            for (int landing = 0; landing < 4; landing++)
            {
                if (landing > 0) state = Tensor.Stack(0, -p.Bounce * state[1]);
                (time, state) = Ode.SolveToEvent(
                    (t, y, g) => Tensor.Stack(y[1], -g),        // place and speed
                    (t, y, g) => y[0],                          // zero on the ground
                    start: state, from: time, to: double.PositiveInfinity, parameters: p.Gravity, OdeEventDirection.Falling);
            }
            return time;
        }

        var p = (Height: Tensor.Scalar(2), Gravity: Tensor.Scalar(9.81), Bounce: Tensor.Scalar(0.8));
        var (time, slopes) = Diff.ValueAndGradient(FourthLanding, p);
        #endregion
        static Tensor Exact((Tensor Height, Tensor Gravity, Tensor Bounce) p) =>
            Tensor.Sqrt(2 * p.Height / p.Gravity) * (1 + 2 * (p.Bounce + p.Bounce * p.Bounce + p.Bounce * p.Bounce * p.Bounce));
        var (exactTime, exact) = Diff.ValueAndGradient(Exact, p);
        Assert.Equal(exactTime.ToDouble(), time.ToDouble(), 1e-9);
        Assert.Equal(exact.Height.ToDouble(), slopes.Height.ToDouble(), 1e-8);
        Assert.Equal(exact.Gravity.ToDouble(), slopes.Gravity.ToDouble(), 1e-8);
        Assert.Equal(exact.Bounce.ToDouble(), slopes.Bounce.ToDouble(), 1e-8);
    }

    [Fact]
    public void Events()
    {
        #region ode-events
        // a comet about a sun: its nearest and farthest places, until it has been nearest twice
        static Tensor Orbit(Tensor t, Tensor y)
        {
            Tensor pull = Tensor.Pow(y[0] * y[0] + y[1] * y[1], -1.5);
            return Tensor.Stack(y[2], y[3], -pull * y[0], -pull * y[1]);
        }

        static Tensor Outwards(Tensor t, Tensor y) => y[0] * y[2] + y[1] * y[3];

        OdeTrajectory<Tensor> orbit = Ode.Trajectory(Orbit, Tensor.Of(0.5, 0, 0, 1.7), from: 0, to: 100,
        [
            new(Outwards) { Direction = OdeEventDirection.Rising, EndsAfter = 2 },
            new(Outwards) { Direction = OdeEventDirection.Falling },
        ]);
        double period = orbit.To / 2;
        Tensor farthest = orbit.Occurrences[0].State[..2];      // [-1.30, 0]
        #endregion
        // Kepler: a = 1/(2/r - v²), T = 2π a^(3/2); farthest at 2a - r
        double a = 1 / (2 / 0.5 - 1.7 * 1.7);
        Assert.Equal(2 * Math.PI * Math.Pow(a, 1.5), period, 1e-4);
        Assert.Equal([1, 0, 1, 0], System.Linq.Enumerable.Select(orbit.Occurrences, o => o.Event));
        Assert.Equal(0.5 - 2 * a, farthest[0].ToDouble(), 1e-4);
        Assert.Equal(-1.30, farthest[0].ToDouble(), 5e-3);
    }

    [Fact]
    public void Adjoint()
    {
        #region ode-adjoint
        // a differential equation with a network for its right-hand side
        static Tensor Slope(Tensor t, Tensor y, (Tensor In, Tensor Out) net) => Tensor.MatMul(net.Out, Tensor.Tanh(Tensor.MatMul(net.In, y)));

        var (first, second) = RandomKey.FromSeed(1).Split();
        var net = (In: 0.5 * Tensor.RandomNormal(first, new Shape(16, 2)), Out: 0.5 * Tensor.RandomNormal(second, new Shape(2, 16)));
        Tensor times = Tensor.Of(0, 1, 2);
        var adjoint = new OdeOptions { Derivative = OdeDerivative.Adjoint };

        Tensor Loss((Tensor, Tensor) net) => Tensor.Square(Ode.Solve(Slope, Tensor.Of(1, -1), times, net, adjoint)).Sum();
        var gradient = Diff.Gradient(Loss, net);
        #endregion
        var discrete = Diff.Gradient(net => Tensor.Square(Ode.Solve(Slope, Tensor.Of(1, -1), times, net)).Sum(), net);
        Assert.True(Tensor.AllClose(discrete.Item1, gradient.Item1, 1e-4, 1e-5));
        Assert.True(Tensor.AllClose(discrete.Item2, gradient.Item2, 1e-4, 1e-5));
    }
}

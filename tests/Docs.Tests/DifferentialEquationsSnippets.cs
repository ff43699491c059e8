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

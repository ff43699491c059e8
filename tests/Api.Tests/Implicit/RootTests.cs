using System;
using System.Collections.Generic;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Implicit;

/// <summary>Roots as functions of parameters.</summary>
public class RootTests
{
    private static Tensor SquareRoot(Tensor a) => Diff.Root((Tensor x, Tensor a) => x * x - a, Tensor.OnesLike(a), a);

    [Fact]
    public void The_root_of_a_square_has_the_derivatives_of_the_square_root_up_to_the_third_order()
    {
        var derivative = SquareRoot;
        double[] expected = [Math.Sqrt(3), 0.5 / Math.Sqrt(3), -0.25 / Math.Pow(3, 1.5), 0.375 / Math.Pow(3, 2.5)];
        foreach (var value in expected)
        {
            Assert.Equal(value, derivative(Tensor.Scalar(3)).ToDouble(), 1e-13);
            var lower = derivative;
            derivative = x => Diff.Derivative(lower, x);
        }
    }

    [Fact]
    public void Every_mode_and_every_nesting_of_two_agree()
    {
        Tensor F(Tensor a) => (SquareRoot(a) * a).Sum();
        var at = Tensor.Of(0.5, 2, 7);
        foreach (var (outer, over) in EveryWay.All)
        {
            EveryWay.Near((1.5 * Tensor.Sqrt(at)).ToArray(), over(F)(at), 1e-13);
            foreach (var (inner, under) in EveryWay.All)
            {
                if (outer == "tape" || inner == "tape") continue;
                EveryWay.Near((0.75 / Tensor.Sqrt(at)).ToArray(), over(x => under(F)(x).Sum())(at), 1e-13);
            }
        }
    }

    private sealed record Circuit(Tensor Resistance, Tensor Saturation, Tensor Voltage);

    /// <summary>A diode behind a resistor: (voltage at the node, current).</summary>
    private static (Tensor Node, Tensor Current) OperatingPoint(Circuit c) => Diff.Root<Circuit, (Tensor Node, Tensor Current)>(
        (x, c) => (x.Current * c.Resistance + x.Node - c.Voltage, c.Saturation * (Tensor.Exp(x.Node / 0.6) - 1) - x.Current),
        (Tensor.Scalar(0), Tensor.Scalar(0)),
        c);

    [Fact]
    public void Unknowns_and_parameters_may_be_records_and_tuples()
    {
        var circuit = new Circuit(Tensor.Scalar(2), Tensor.Scalar(0.1), Tensor.Scalar(5));
        var (node, current) = OperatingPoint(circuit);
        Assert.Equal(0, (current * 2.0 + node - 5.0).ToDouble(), 1e-12);
        Assert.Equal(0, (0.1 * (Tensor.Exp(node / 0.6) - 1.0) - current).ToDouble(), 1e-12);
        Check.Gradient(c => { var (v, i) = OperatingPoint(c); return v * i; }, circuit);
        Check.Hessian(c => { var (v, i) = OperatingPoint(c); return v * i; }, circuit);
    }

    [Fact]
    public void A_system_of_equations_is_solved_and_differentiated()
    {
        // the intersection of an ellipse with a hyperbola
        static Tensor Intersection(Tensor p) => Diff.Root(
            (Tensor x, Tensor p) => Tensor.Stack(p[0] * x[0] * x[0] + x[1] * x[1] - 4.0, x[0] * x[1] - p[1]), Tensor.Of(1.5, 0.5), p);
        var at = Tensor.Of(1.2, 0.9);
        var x = Intersection(at);
        Assert.Equal(0, (1.2 * x[0] * x[0] + x[1] * x[1] - 4.0).ToDouble(), 1e-12);
        Check.Jacobian(Intersection, at);
        Check.Hessian(p => Intersection(p).Sum() * Intersection(p)[0], at);
        EveryWay.Near(Diff.Jacobian(Intersection, at, JacobianMode.Forward).ToArray(), Diff.Jacobian(Intersection, at, JacobianMode.Reverse), 1e-13);
    }

    [Theory]
    [InlineData(LinearSolver.Gmres)]
    [InlineData(LinearSolver.BiCgStab)]
    public void Iterative_solvers_give_the_derivatives_of_dense_ones(LinearSolver solver)
    {
        Tensor Of(Tensor p, LinearSolver s) => Diff.Root(
            (Tensor x, Tensor p) => x + 0.3 * Tensor.Sin(x.Sum() * p) - p * p, Tensor.Zeros(6), p, new RootOptions { LinearSolver = new() { Method = s } });
        var at = Tensor.Linspace(0.2, 1.1, 6);
        Tensor Loss(Tensor p, LinearSolver s) => Tensor.Exp(Of(p, s)).Sum();
        EveryWay.Near(Diff.Gradient(p => Loss(p, LinearSolver.Dense), at).ToArray(), Diff.Gradient(p => Loss(p, solver), at), 1e-10);
        EveryWay.Near(Diff.Hessian(p => Loss(p, LinearSolver.Dense), at).Ravel().ToArray(), Diff.Hessian(p => Loss(p, solver), at).Ravel(), 1e-9);
        EveryWay.Near(Diff.Jvp((Tensor p) => Loss(p, LinearSolver.Dense), at, at).Tangent.ToDouble(), Diff.Jvp((Tensor p) => Loss(p, solver), at, at).Tangent.ToDouble(), 1e-10, "forward");
    }

    [Fact]
    public void A_large_system_is_solved_without_its_matrix()
    {
        // a nonlinear diffusion equation on 400 points
        static Tensor Residual(Tensor u, Tensor k)
        {
            var padded = Tensor.Concat(Tensor.Zeros(1), u, Tensor.Zeros(1));
            var second = padded[2..] - 2.0 * u + padded[..^2];
            return u + k * u * u * u - 0.2 * second - 1.0;
        }

        static Tensor Mean(Tensor k) => Diff.Root(Residual, Tensor.Zeros(400), k).Mean();
        var k = Tensor.Scalar(0.7);
        const double h = 1e-4;
        var difference = (Mean(k + h).ToDouble() - Mean(k - h).ToDouble()) / (2 * h);
        Assert.Equal(difference, Diff.Derivative(Mean, k).ToDouble(), 1e-8);
        Assert.Equal(difference, Diff.Gradient(Mean, k).ToDouble(), 1e-8);
    }

    [Fact]
    public void Between_two_ends_the_root_is_found_to_the_last_bits_and_differentiated()
    {
        // Kepler's equation
        static Tensor Anomaly(Tensor e) => Diff.Root((Tensor x, Tensor e) => x - e * Tensor.Sin(x) - 1.3, 0, 3.2, e);
        var e = Tensor.Scalar(0.8);
        var x = Anomaly(e).ToDouble();
        Assert.Equal(1.3, x - 0.8 * Math.Sin(x), 1e-15);
        Assert.Equal(Shape.Scalar, Anomaly(e).Shape);
        var slope = Math.Sin(x) / (1 - 0.8 * Math.Cos(x));
        Assert.Equal(slope, Diff.Derivative(Anomaly, e).ToDouble(), 1e-13);
        Check.Gradient(Anomaly, e);
        Check.Hessian(Anomaly, e);
    }

    [Fact]
    public void The_start_has_no_derivative()
    {
        var gradient = Diff.Gradient(start => Diff.Root((Tensor x, Tensor a) => x * x - a, start, Tensor.Scalar(2)), Tensor.Scalar(1));
        Assert.Equal(0, gradient.ToDouble());
    }

    [Fact]
    public void Float32_stays_float32()
    {
        var a = Tensor.Scalar(2).Cast(DType.Float32);
        var root = SquareRoot(a);
        Assert.Equal(DType.Float32, root.DType);
        Assert.Equal(Math.Sqrt(2), root.ToDouble(), 1e-6);
        Assert.Equal(0.5 / Math.Sqrt(2), Diff.Gradient(SquareRoot, a).ToDouble(), 1e-6);
    }

    [Fact]
    public void What_has_no_solution_is_an_error_that_says_how_far_it_came()
    {
        var error = Assert.Throws<ConvergenceException>(() => Diff.Root((Tensor x, Tensor a) => x * x + a, Tensor.Scalar(1), Tensor.Scalar(1)));
        Assert.True(error.Residual >= 1 && error.Iterations > 0);
        Assert.Contains("Root", error.Message, StringComparison.Ordinal);
        Assert.Contains("Start nearer", error.Message, StringComparison.Ordinal);
        Assert.Contains("not finite at the start", Assert.Throws<ConvergenceException>(() => Diff.Root((Tensor x, Tensor a) => Tensor.Log(x) - a, Tensor.Scalar(-1), Tensor.Scalar(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_input_is_refused_by_name()
    {
        var two = Tensor.Scalar(2);
        Assert.Equal("lower", Assert.Throws<ArgumentException>(() => Diff.Root((Tensor x, Tensor a) => x * x + a, 0, 1, two)).ParamName);
        Assert.Equal("lower", Assert.Throws<ArgumentException>(() => Diff.Root((Tensor x, Tensor a) => x - a, 3, 1, two)).ParamName);
        var shapes = Assert.Throws<ArgumentException>(() => Diff.Root((Tensor x, Tensor a) => x.Sum() - a, Tensor.Zeros(3), two));
        Assert.Contains("3 elements", shapes.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Diff.Root((Tensor x, Tensor a) => x * x - a, Tensor.FromArray(new[] { 1, 2 }), two));
        Assert.Throws<ArgumentOutOfRangeException>(() => Diff.Root((Tensor x, Tensor a) => x * x - a, two, two, new RootOptions { Tolerance = 2 }));
    }

    [Fact]
    public void A_double_root_has_no_derivative_and_says_so()
    {
        static Tensor Touching(Tensor a) => Diff.Root((Tensor x, Tensor a) => (x - a) * (x - a), Tensor.Scalar(2), a);
        Assert.Contains("singular", Assert.Throws<SingularMatrixException>(() => Diff.Derivative(Touching, Tensor.Scalar(2))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_is_differentiated_has_to_be_a_parameter()
    {
        var one = Tensor.Scalar(1);
        var error = Assert.Throws<InvalidOperationException>(() => Diff.Derivative(a => Diff.Root((Tensor x, Tensor _) => x * x - a, one, one), Tensor.Scalar(2)));
        Assert.Contains("argument", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknowns_that_are_equal_at_the_start_are_different_unknowns()
    {
        var zero = Tensor.Scalar(0);
        var (x, y) = Diff.Root<Tensor, (Tensor, Tensor)>((u, a) => (u.Item1 - a, u.Item2 + u.Item1), (zero, zero), Tensor.Scalar(3));
        Assert.Equal(3, x.ToDouble(), 1e-14);
        Assert.Equal(-3, y.ToDouble(), 1e-14);
    }
}

using System;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Implicit;

/// <summary>Fixed points and minimisers as functions of parameters.</summary>
public class FixedPointTests
{
    private static readonly Tensor W = Tensor.FromArray(new double[,] { { 0.4, -0.3, 0.1 }, { 0.2, 0.5, -0.2 }, { -0.1, 0.3, 0.3 } });

    private static Tensor Equilibrium((Tensor Weight, Tensor Input) p, int memory = 5) => Diff.FixedPoint(
        (Tensor x, (Tensor Weight, Tensor Input) p) => Tensor.Tanh(Tensor.MatMul(p.Weight, x) + p.Input), Tensor.Zeros(3), p, new FixedPointOptions { Memory = memory });

    [Fact]
    public void The_equilibrium_of_a_layer_is_differentiated_by_its_weights()
    {
        var at = (W, Tensor.Of(0.5, -1, 0.3));
        var x = Equilibrium(at);
        EveryWay.Near(x.ToArray(), Tensor.Tanh(Tensor.MatMul(W, x) + at.Item2), 1e-11);
        EveryWay.Near(x.ToArray(), Equilibrium(at, memory: 0), 1e-11);
        Check.Gradient(p => (Equilibrium(p) * Equilibrium(p)).Sum(), at);
        Check.Hessian(p => (Equilibrium(p) * Equilibrium(p)).Sum(), at);
    }

    [Fact]
    public void Mixing_solves_what_plain_iteration_does_not()
    {
        // slope -1.5 at the fixed point
        static Tensor Of(int memory) => Diff.FixedPoint((Tensor x, Tensor a) => a - 1.5 * x, Tensor.Of(0.0), Tensor.Scalar(5), new FixedPointOptions { Memory = memory });
        Assert.Equal(2, Of(3)[0].ToDouble(), 1e-12);
        var error = Assert.Throws<ConvergenceException>(() => Of(0));
        Assert.Contains("Root", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cosine_returns_to_its_fixed_point()
    {
        static Tensor Of(Tensor a) => Diff.FixedPoint((Tensor x, Tensor a) => Tensor.Cos(a * x), Tensor.Scalar(0.5), a);
        Assert.Equal(0.73908513321516064, Of(Tensor.Scalar(1)).ToDouble(), 1e-12);
        Check.Gradient(Of, Tensor.Scalar(1));
        // the implicit derivative, by hand
        var x = 0.73908513321516064;
        Assert.Equal(-x * Math.Sin(x) / (1 + Math.Sin(x)), Diff.Derivative(Of, Tensor.Scalar(1)).ToDouble(), 1e-11);
    }

    [Fact]
    public void An_image_of_another_size_is_refused() =>
        Assert.Equal("g", Assert.Throws<ArgumentException>(() => Diff.FixedPoint((Tensor x, Tensor a) => x.Sum() * a, Tensor.Zeros(2), Tensor.Scalar(1))).ParamName);

    // ---- minimisers

    private static Tensor Ridge((Tensor X, Tensor Y, Tensor Penalty) d) => Diff.Minimize(
        (Tensor w, (Tensor X, Tensor Y, Tensor Penalty) d) => Tensor.Square(Tensor.MatMul(d.X, w) - d.Y).Sum() + Tensor.Exp(d.Penalty) * Tensor.Square(w).Sum(), Tensor.Zeros(2), d);

    [Fact]
    public void Ridge_regression_is_differentiated_by_its_penalty_and_its_data()
    {
        var data = (X: Tensor.FromArray(new double[,] { { 1, 0.2 }, { 1, 0.7 }, { 1, 1.1 }, { 1, 1.9 } }), Y: Tensor.Of(0.3, 0.8, 1.5, 1.6), Penalty: Tensor.Scalar(-1));
        Tensor Closed((Tensor X, Tensor Y, Tensor Penalty) d) => Linalg.Solve(Tensor.MatMul(d.X.T, d.X) + Tensor.Exp(d.Penalty) * Tensor.Eye(2), Tensor.MatMul(d.X.T, d.Y));
        EveryWay.Near(Closed(data).ToArray(), Ridge(data), 1e-12);
        var (expected, got) = (Diff.Gradient(d => Closed(d)[1], data), Diff.Gradient(d => Ridge(d)[1], data));
        EveryWay.Near(expected.X.Ravel().ToArray(), got.X.Ravel(), 1e-12);
        EveryWay.Near(expected.Y.ToArray(), got.Y, 1e-12);
        Assert.Equal(expected.Penalty.ToDouble(), got.Penalty.ToDouble(), 1e-12);
        EveryWay.Near(
            Diff.Hvp(d => Closed(d).Sum(), data, data).X.Ravel().ToArray(),
            Diff.Hvp(d => Ridge(d).Sum(), data, data).X.Ravel(),
            1e-11);
    }

    [Fact]
    public void The_bottom_of_Rosenbrocks_valley_moves_with_its_parameters()
    {
        static Tensor Bottom(Tensor p) => Diff.Minimize((Tensor x, Tensor p) => Tensor.Square(p[0] - x[0]) + p[1] * Tensor.Square(x[1] - x[0] * x[0]), Tensor.Of(-1.2, 1), p);
        var p = Tensor.Of(1.5, 100);
        EveryWay.Near([1.5, 2.25], Bottom(p), 1e-10);
        // x = (a, a²), whatever b
        EveryWay.Near([1, 0, 3, 0], Diff.Jacobian(Bottom, p).Ravel(), 1e-8);
        EveryWay.Near([0, 0, 0, 0, 2, 0, 0, 0], Diff.Jacobian(q => Diff.Jacobian(Bottom, q), p).Ravel(), 1e-6);
    }

    [Fact]
    public void Many_unknowns_are_minimised_with_limited_memory()
    {
        static Tensor Point(Tensor k) => Diff.Minimize(
            (Tensor x, Tensor k) => (Tensor.Cosh(x - 0.01 * k) + 0.5 * Tensor.Square(x)).Sum() + 0.1 * Tensor.Square(x[1..] - x[..^1]).Sum(), Tensor.Ones(300), k);
        var k = Tensor.Scalar(3);
        const double h = 1e-3;
        var difference = (Point(k + h).Sum().ToDouble() - Point(k - h).Sum().ToDouble()) / (2 * h);
        Assert.Equal(difference, Diff.Gradient(k => Point(k).Sum(), k).ToDouble(), 1e-6);
    }

    [Fact]
    public void What_is_not_bounded_below_is_an_error()
    {
        var error = Assert.Throws<ConvergenceException>(() => Diff.Minimize((Tensor x, Tensor a) => a * x - Tensor.Exp(x), Tensor.Scalar(1), Tensor.Scalar(1)));
        Assert.Contains("Minimize", error.Message, StringComparison.Ordinal);
    }
}

using System;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Implicit;

/// <summary>Linear systems by products with vectors.</summary>
public class LinearSolveTests
{
    private static Tensor Matrix(int n, bool symmetric)
    {
        var r = new Random(7);
        var a = Tensor.FromArray(Enumerable.Range(0, n * n).Select(_ => r.NextDouble() - 0.5).ToArray(), n, n);
        return symmetric ? Tensor.MatMul(a, a.T) + Tensor.Eye(n) : a + 3.0 * Tensor.Eye(n);
    }

    public static TheoryData<LinearSolver> Solvers => [LinearSolver.Automatic, LinearSolver.Dense, LinearSolver.Gmres, LinearSolver.BiCgStab, LinearSolver.ConjugateGradients];

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Every_solver_gives_the_dense_solution_and_its_derivatives_of_two_orders(LinearSolver solver)
    {
        const int n = 7;
        var symmetric = solver == LinearSolver.ConjugateGradients;
        var at = (A: Matrix(n, symmetric), B: Tensor.Linspace(-1, 2, n));
        var options = new LinearSolveOptions { Method = solver, Tolerance = 1e-14 };
        // a symmetric matrix stays one whatever its parameters
        Tensor Whole(Tensor a) => symmetric ? 0.5 * (a + a.T) : a;
        Tensor Dense((Tensor A, Tensor B) p) => Linalg.Solve(Whole(p.A), p.B);
        Tensor Iterated((Tensor A, Tensor B) p) => Diff.LinearSolve((Tensor x, Tensor a) => Tensor.MatMul(Whole(a), x), p.B, p.A, options);
        EveryWay.Near(Dense(at).ToArray(), Iterated(at), 1e-12);

        Tensor Loss(Func<(Tensor A, Tensor B), Tensor> f, (Tensor A, Tensor B) p) => Tensor.Exp(f(p)).Sum();
        var (expected, got) = (Diff.Gradient(p => Loss(Dense, p), at), Diff.Gradient(p => Loss(Iterated, p), at));
        EveryWay.Near(expected.A.Ravel().ToArray(), got.A.Ravel(), 1e-11);
        EveryWay.Near(expected.B.ToArray(), got.B, 1e-11);
        var (second, by) = (Diff.Hvp(p => Loss(Dense, p), at, at), Diff.Hvp(p => Loss(Iterated, p), at, at));
        EveryWay.Near(second.A.Ravel().ToArray(), by.A.Ravel(), 1e-10);
        EveryWay.Near(second.B.ToArray(), by.B, 1e-10);
        Assert.Equal(Diff.Jvp(p => Loss(Dense, p), at, at).Tangent.ToDouble(), Diff.Jvp(p => Loss(Iterated, p), at, at).Tangent.ToDouble(), 1e-11);
    }

    [Fact]
    public void A_large_banded_system_needs_no_matrix()
    {
        static Tensor Product(Tensor x) => 2.5 * x - Tensor.Concat(x[1..], Tensor.Zeros(1)) - Tensor.Concat(Tensor.Zeros(1), x[..^1]);
        var b = Tensor.Ones(5000);
        var x = Diff.LinearSolve(Product, b, new LinearSolveOptions { Method = LinearSolver.ConjugateGradients });
        EveryWay.Near(b.ToArray(), Product(x), 1e-10);
        // symmetric: the gradient of b·x is 2 x
        EveryWay.Near((2.0 * x).ToArray(), Diff.Gradient(b => (b * Diff.LinearSolve(Product, b)).Sum(), b), 1e-9);
    }

    [Fact]
    public void The_unknown_may_be_a_tree()
    {
        var b = (Tensor.Of(1, 2), Tensor.Scalar(3));
        var (x, y) = Diff.LinearSolve<(Tensor, Tensor)>(v => (2.0 * v.Item1 + v.Item2, v.Item1.Sum() + 5.0 * v.Item2), b);
        EveryWay.Near([1, 2], 2.0 * x + y, 1e-13);
        Assert.Equal(3, (x.Sum() + 5.0 * y).ToDouble(), 1e-13);
    }

    [Fact]
    public void A_zero_right_hand_side_has_the_solution_zero() =>
        EveryWay.Near([0, 0], Diff.LinearSolve((Tensor x) => 2.0 * x, Tensor.Zeros(2), new LinearSolveOptions { Method = LinearSolver.Gmres }), 0);

    [Fact]
    public void What_does_not_converge_says_so()
    {
        var b = Tensor.Of(1, 1);
        var swap = (Tensor x) => x.Flip(0);
        var indefinite = Assert.Throws<ConvergenceException>(() => Diff.LinearSolve((Tensor x) => x * Tensor.Of(1, -2), b, new LinearSolveOptions { Method = LinearSolver.ConjugateGradients }));
        Assert.Contains("positive definite", indefinite.Message, StringComparison.Ordinal);
        var singular = Assert.Throws<ConvergenceException>(() => Diff.LinearSolve((Tensor x) => x * Tensor.Of(1, 0), b, new LinearSolveOptions { Method = LinearSolver.Gmres }));
        Assert.Contains("GMRES", singular.Message, StringComparison.Ordinal);
        Assert.Throws<SingularMatrixException>(() => Diff.LinearSolve((Tensor x) => x * Tensor.Of(1, 0), b));
        Assert.Equal("matvec", Assert.Throws<ArgumentException>(() => Diff.LinearSolve((Tensor x) => x[..1], b)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => Diff.LinearSolve(swap, b, new LinearSolveOptions { Tolerance = 0 }));
    }
}

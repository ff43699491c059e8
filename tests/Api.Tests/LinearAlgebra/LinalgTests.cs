using System;
using System.Linq;
using Xunit;
using static DiffLib.Api.Tests.LinearAlgebra.Calculus;

namespace DiffLib.Api.Tests.LinearAlgebra;

public class LinalgTests
{
    private static readonly Tensor Singular = Tensor.FromArray([1.0, 2, 2, 4], 2, 2);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(60)]
    [InlineData(130)]
    public void Systems_are_solved_to_rounding(int n)
    {
        var (a, x) = (Sample(1, n, n) + (2.0 * Math.Sqrt(n) * Identity(n)), Sample(2, n, 4));
        Assert.True(Apart(Linalg.Solve(a, a.MatMul(x)), x) < 1e-11);
        Assert.True(Apart(Linalg.Inverse(a).MatMul(a), Identity(n)) < 1e-11);
        var l = Linalg.Cholesky(Positive(3, n, n));
        foreach (var (t, upper) in new[] { (l, false), (Tensor.Einsum("ij->ji", l), true) })
        {
            Assert.True(Apart(Linalg.SolveTriangular(t, t.MatMul(x), upper), x) < 1e-10);
            Assert.True(Apart(Linalg.SolveTriangular(t, Tensor.Einsum("ji,jk->ik", x, t), upper, left: false), Tensor.Einsum("ji->ij", x)) < 1e-10);
        }
    }

    [Fact]
    public void Derivatives_of_systems_agree_with_differences()
    {
        var (a, b) = (Sample(1, 2, 3, 3) + (2.0 * Identity(3)), Sample(2, 3, 2));
        CheckDerivatives(x => Linalg.Solve(x, b), a);
        CheckDerivatives(x => Linalg.Solve(a, x * x), b);
        CheckDerivatives(x => Linalg.Solve(x, x[.., 0]), a[0]);
        CheckDerivatives(Linalg.Inverse, a);
        CheckDerivatives(x => Linalg.SolveTriangular(x, b, upper: true), a);
        CheckDerivatives(x => Linalg.SolveTriangular(x, Tensor.Einsum("ij->ji", b), upper: false, unitDiagonal: true, left: false), a);
        CheckDerivatives(x => Linalg.MatrixPower(x, -2), a);
        CheckDerivatives(x => Linalg.Lstsq(x, b), Sample(4, 3, 2));
        CheckDerivatives(x => Linalg.Lstsq(x, b), Sample(4, 2, 3, 5));
        CheckDerivatives(x => Linalg.Lstsq(Sample(4, 2, 3, 2), x[.., 0] * x[.., 1]), b);
        CheckDerivatives(x => Linalg.Pinv(x), Sample(4, 2, 4));
    }

    [Fact]
    public void The_gradient_at_the_identity_keeps_its_off_diagonals()
    {
        var g = Diff.Gradient(a => Total(Linalg.Solve(a, Tensor.Of(1, 3))), Identity(2));
        Assert.Equal([-1, -3, -1, -3], Numbers(g));
    }

    [Fact]
    public void The_gradient_of_the_determinant_is_the_cofactors_for_every_rank()
    {
        Assert.True(Apart(Diff.Gradient(Linalg.Det, Singular), Tensor.FromArray([4.0, -2, -2, 1], 2, 2)) < 1e-14);
        Assert.Equal(new double[9], Numbers(Diff.Gradient(Linalg.Det, Tensor.Zeros(3, 3))));
        Assert.Equal([1], Numbers(Diff.Gradient(Linalg.Det, Tensor.Zeros(1, 1))));
        foreach (var rank in new[] { 0, 1, 2, 3, 4 })
        {
            var a = rank == 0 ? Tensor.Zeros(4, 4) : Tensor.MatMul(Sample(1, 4, rank), Sample(2, rank, 4));
            CheckDerivatives(Linalg.Det, a);
        }
    }

    [Fact]
    public void The_third_derivative_of_the_determinant_is_right_for_regular_matrices()
    {
        var (a, d) = (Sample(5, 3, 3) + Identity(3), Sample(6, 3, 3));
        var third = Diff.NthDerivative(t => Linalg.Det(a + (t * d)), 3, 0.0);
        Assert.Equal(6 * Linalg.Det(d).ToDouble(), third, 10);
        Tensor Hessian(Tensor x) => Diff.Jvp(Diff.Gradient(Linalg.Det), x, d).Tangent;
        Assert.Equal(third, Total(Diff.Gradient(x => Total(Hessian(x) * d), a) * d).ToDouble(), 10);
    }

    [Fact]
    public void Determinants_of_extreme_matrices_neither_overflow_nor_vanish_on_the_way()
    {
        var a = Tensor.FromArray([1e200, 0, 0, 0, 1e200, 0, 0, 0, 1e-300], 3, 3);
        Assert.Equal(1e100, Linalg.Det(a).ToDouble(), 1e88);
        Assert.Equal(0, Linalg.Det(Tensor.FromArray([1e-200, 0, 0, 1e-200], 2, 2)).ToDouble());
        var (sign, log) = Linalg.SlogDet(Tensor.FromArray([0, 1e-200, 1e-200, 0], 2, 2));
        Assert.Equal((-1, -400 * Math.Log(10)), (sign.ToDouble(), Math.Round(log.ToDouble() * 1e10) / 1e10), new Pairs(1e-9));
    }

    private sealed class Pairs(double tolerance) : System.Collections.Generic.IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) => Math.Abs(x.Item1 - y.Item1) <= tolerance && Math.Abs(x.Item2 - y.Item2) <= tolerance;

        public int GetHashCode((double, double) x) => 0;
    }

    [Fact]
    public void Singular_matrices_are_one_exception_in_every_mode()
    {
        var uses = new (string Name, Func<Tensor, Tensor> F)[]
        {
            ("inverse", Linalg.Inverse), ("solve", a => Linalg.Solve(a, Tensor.Of(1, 1))), ("power", a => Linalg.MatrixPower(a, -1)),
            ("stack", a => Linalg.Inverse(Tensor.Einsum("ij,k->kij", a, Tensor.Ones(2)))),
        };
        foreach (var (_, f) in uses)
        {
            Assert.Throws<SingularMatrixException>(() => f(Singular));
            Assert.Throws<SingularMatrixException>(() => Diff.Gradient(x => Total(f(x)), Singular));
            Assert.Throws<SingularMatrixException>(() => Diff.Jvp(f, Singular, Identity(2)));
        }

        Assert.StartsWith("Inverse", Assert.Throws<SingularMatrixException>(() => Linalg.Inverse(Singular)).Message);
        Assert.Throws<SingularMatrixException>(() => Linalg.SolveTriangular(Tensor.Zeros(2, 2), Tensor.Of(1, 1), upper: true));
        Assert.Throws<NotPositiveDefiniteException>(() => Linalg.Cholesky(Tensor.FromArray([1.0, 2, 2, 1], 2, 2)));
        Assert.Equal(double.NegativeInfinity, Linalg.LogDet(Singular).ToDouble());
        Assert.Throws<SingularMatrixException>(() => Diff.Gradient(Linalg.LogDet, Singular));
        Assert.True(double.IsNaN(Linalg.LogDet(-Identity(1)).ToDouble()));
    }

    [Fact]
    public void Cholesky_reads_the_lower_triangle_and_its_gradient_is_symmetric()
    {
        Assert.Equal([2, 0, 1, 2], Numbers(Linalg.Cholesky(Tensor.FromArray([4, double.NaN, 2.0, 5], 2, 2))));
        var a = Positive(1, 2, 4, 4);
        CheckDerivatives(x => Linalg.Cholesky(0.5 * (x + Tensor.Einsum("...ij->...ji", x))), a);
        var g = Diff.Gradient(x => Total(Tensor.Sin(Linalg.Cholesky(x))), a);
        Assert.True(Apart(g, Tensor.Einsum("...ij->...ji", g)) < 1e-14);
        Assert.True(Apart(Linalg.CholeskyInverse(Linalg.Cholesky(a)), Linalg.Inverse(a)) < 1e-12);
        Assert.True(Apart(Linalg.CholeskySolve(Linalg.Cholesky(a, upper: true), a, upper: true), Tensor.Einsum("k,ij->kij", Tensor.Ones(2), Identity(4))) < 1e-12);
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(5, 3)]
    [InlineData(3, 5)]
    public void Factors_multiply_to_the_matrix_and_have_the_right_derivatives(int m, int n)
    {
        var a = Sample(7, 2, m, n);
        var (q, r) = Linalg.Qr(a);
        Assert.True(Apart(q.MatMul(r), a) < 1e-13);
        var (p, l, u) = Linalg.Lu(a);
        Assert.True(Apart(p.MatMul(l).MatMul(u), a) < 1e-13);
        var (left, s, right) = Linalg.Svd(a);
        Assert.True(Apart(Tensor.Einsum("...ij,...j,...jk->...ik", left, s, right), a) < 1e-13);
        Assert.True(Apart(Tensor.Einsum("...ij,...ik->...jk", left, left), Tensor.Einsum("k,ij->kij", Tensor.Ones(2), Identity(Math.Min(m, n)))) < 1e-13);

        CheckDerivatives(x => Tensor.Sin(Linalg.Qr(x).Q), a, 1e-5);
        CheckDerivatives(x => Linalg.Qr(x).R * Linalg.Qr(x).R, a, 1e-5);
        CheckDerivatives(x => Linalg.Lu(x).L, a, 1e-4);
        CheckDerivatives(x => Tensor.Sin(Linalg.Lu(x).U), a, 1e-4);
        CheckDerivatives(Linalg.SingularValues, a, 1e-5);
        CheckDerivatives(x => Linalg.Svd(x) is var (w, t, v) ? Tensor.Einsum("...ij,...j,...jk->...ik", w, Tensor.Sqrt(t), v) : x, a, 1e-4);
        CheckDerivatives(x => Tensor.Abs(Linalg.Svd(x).U), a, 1e-4, second: false);
    }

    [Fact]
    public void Eigenvalues_and_vectors_have_the_right_derivatives()
    {
        var a = Positive(8, 2, 4, 4);
        var (values, vectors) = Linalg.Eigh(a);
        Assert.True(Apart(Tensor.Einsum("...ij,...j,...kj->...ik", vectors, values, vectors), a) < 1e-13);
        Tensor Symmetric(Tensor x) => 0.5 * (x + Tensor.Einsum("...ij->...ji", x));
        CheckDerivatives(x => Linalg.Eigvalsh(Symmetric(x)), a, 1e-5);
        CheckDerivatives(x => Tensor.Abs(Linalg.Eigh(Symmetric(x)).Eigenvectors), a, 1e-4, second: false);
        CheckDerivatives(x => Linalg.SymmetricFunction(Tensor.Sqrt, Symmetric(x)), a, 1e-5);
    }

    [Fact]
    public void Eigenvalues_of_any_matrix_may_be_complex_and_have_the_right_derivatives()
    {
        // a companion matrix: the eigenvalues are the roots of x³ - 1
        var (re, im) = Linalg.Eigvals(Tensor.FromArray([0.0, 0, 1, 1, 0, 0, 0, 1, 0], 3, 3));
        var order = Numbers(im).Select((x, k) => (x, k)).OrderBy(p => p.x).Select(p => p.k).ToArray();
        Assert.Equal([-Math.Sqrt(0.75), 0, Math.Sqrt(0.75)], order.Select(k => Numbers(im)[k]), new Near(1e-14));
        Assert.Equal([-0.5, 1, -0.5], order.Select(k => Numbers(re)[k]), new Near(1e-14));

        var a = Sample(12, 2, 5, 5);
        Assert.True(Numbers(Linalg.Eigvals(a).Im).Count(x => x != 0) >= 4);
        Assert.True(Math.Abs((Total(Linalg.Eigvals(a).Re) - Total(Linalg.Trace(a))).ToDouble()) < 1e-13);
        CheckDerivatives(x => Linalg.Eigvals(x).Re, a, 1e-5);
        CheckDerivatives(x => Tensor.Sin(Linalg.Eigvals(x).Im), a, 1e-5);
        CheckDerivatives(x => Linalg.Eigvals(x) is var (r, i) ? r * i : x, a, 1e-5);
    }

    [Fact]
    public void Functions_of_matrices_stay_smooth_where_eigenvalues_coincide()
    {
        var a = Tensor.FromArray([2.0, 1, 1, 1, 2, 1, 1, 1, 2], 3, 3);
        var d = Sample(9, 3, 3);
        d = d + Tensor.Einsum("ij->ji", d);
        foreach (var at in new[] { a, Identity(3), a + 1e-9 * d, Tensor.Zeros(3, 3) })
        {
            var (y, dy) = Diff.Jvp(x => Linalg.SymmetricFunction(Tensor.Exp, x), at, d);
            var (want, dwant) = Diff.Jvp(Linalg.MatrixExp, at, d);
            Assert.True(Apart(y, want) < 1e-12 && Apart(dy, dwant) < 1e-10);
        }

        Assert.Equal([2, 0, 0, 0, 2, 0, 0, 0, 2], Numbers(Diff.Gradient(x => Total(Tensor.Pow(Linalg.Eigvalsh(x), 2)), Identity(3))), new Near(1e-14));
        // what depends on the arbitrary vectors of a repeated eigenvalue has no derivative, and says so
        Assert.Contains(Numbers(Diff.Gradient(x => Linalg.Eigh(x).Eigenvectors[0, 1], Identity(2))), double.IsNaN);
    }

    private sealed class Near(double tolerance) : System.Collections.Generic.IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(double x) => 0;
    }

    [Fact]
    public void The_function_of_a_matrix_may_not_hide_a_derivative() =>
        Assert.Throws<InvalidOperationException>(() => Diff.Gradient(t => Total(Linalg.SymmetricFunction(x => t * x, Identity(2))), (Tensor)2.0));

    [Fact]
    public void Derivatives_of_functions_and_norms_of_matrices_agree_with_differences()
    {
        var a = Sample(10, 2, 3, 3) + Identity(3);
        CheckDerivatives(Linalg.MatrixExp, a);
        CheckDerivatives(x => Linalg.MatrixExp(20.0 * x), 0.1 * a, 1e-3);
        CheckDerivatives(x => Linalg.Cond(x), a, 1e-3);
        foreach (var kind in Enum.GetValues<MatrixNormKind>()) CheckDerivatives(x => Linalg.MatrixNorm(x, kind), a, 1e-5);
        CheckDerivatives(x => Linalg.Vander(x, 4), Sample(3, 2, 3));
        CheckDerivatives(x => Linalg.HouseholderProduct(x, x[0, ..2]), Sample(3, 4, 2));
    }

    [Fact]
    public void Empty_and_one_by_one_matrices()
    {
        var empty = Tensor.Zeros(3, 0, 0);
        Assert.Equal([1, 1, 1], Numbers(Linalg.Det(empty)));
        Assert.Equal(new Shape(3, 0, 0), Linalg.Inverse(empty).Shape);
        Assert.Equal(new Shape(3, 0, 0), Linalg.MatrixExp(empty).Shape);
        Assert.Equal(new Shape(3, 0), Linalg.Eigvalsh(empty).Shape);
        Assert.Equal([0L, 0, 0], Linalg.MatrixRank(empty).ToArray<long>());
        Assert.Equal(new Shape(3, 0, 0), Diff.Gradient(x => Total(Linalg.Det(x)), empty).Shape);
        var one = Tensor.FromArray([4.0], 1, 1);
        Assert.Equal([0.25, 2, 4, 4], [Linalg.Inverse(one).ToDouble(), Linalg.Cholesky(one).ToDouble(), Linalg.Eigvalsh(one).ToDouble(), Linalg.SingularValues(one).ToDouble()]);
    }

    [Fact]
    public void NaN_gives_NaN_and_no_exception()
    {
        var a = Tensor.FromArray([1, double.NaN, double.NaN, 1], 2, 2);
        foreach (var y in new[] { Linalg.Inverse(a), Linalg.Det(a), Linalg.Cholesky(a), Linalg.Eigvalsh(a), Linalg.SingularValues(a), Linalg.MatrixExp(a), Linalg.Pinv(a), Linalg.Qr(a).Q })
            Assert.Contains(Numbers(y), double.IsNaN);
    }

    [Fact]
    public void Shape_errors_name_the_operation_and_the_shape()
    {
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentException>(() => Linalg.Inverse(Sample(1, 2, 3))).Message);
        Assert.Contains("b needs 2 rows", Assert.Throws<ArgumentException>(() => Linalg.Solve(Identity(2), Sample(1, 3))).Message);
        Assert.Contains("Did you mean b.T?", Assert.Throws<ArgumentException>(() => Linalg.Solve(Identity(2), Sample(1, 3, 2))).Message);
        Assert.Throws<ArgumentException>(() => Linalg.Det(Sample(1, 3)));
        Assert.Throws<ArgumentNullException>(() => Linalg.Solve(null!, Identity(2)));
    }

    [Fact]
    public void Float32_is_computed_in_float64_and_rounded()
    {
        var a = Positive(1, 5, 5);
        var single = a.Cast(DType.Float32);
        var want = Linalg.Inverse(single.Cast(DType.Float64)).Cast(DType.Float32);
        Assert.Equal(DType.Float32, Linalg.Inverse(single).DType);
        Assert.Equal(Linalg.Inverse(single).ToArray<float>(), want.ToArray<float>());
    }

    [Fact]
    public void Ranks_and_pseudoinverses_respect_their_tolerances()
    {
        var a = Tensor.FromArray([1, 0, 0, 1e-3], 2, 2);
        Assert.Equal(2L, Linalg.MatrixRank(a).ToArray<long>()[0]);
        Assert.Equal(1L, Linalg.MatrixRank(a, relativeTolerance: 1e-2).ToArray<long>()[0]);
        Assert.Equal(1L, Linalg.MatrixRank(a, absoluteTolerance: 1e-2).ToArray<long>()[0]);
        Assert.Equal([1, 0, 0, 0], Numbers(Linalg.Pinv(a, 1e-2)), new Near(1e-15));
        Assert.True(Apart(Linalg.Pinv(Singular), Singular / 25.0) < 1e-15);
    }

    [Fact]
    public void Least_squares_fit_a_polynomial_of_high_degree()
    {
        // coefficients of the basis 1, t, .. t⁹ from 40 exact values: the condition number is about 10⁷
        var t = Tensor.FromArray(Enumerable.Range(0, 40).Select(i => (i - 19.5) / 20).ToArray());
        var (basis, want) = (Linalg.Vander(t, 10), Sample(1, 10));
        Assert.True(Apart(Linalg.Lstsq(basis, basis.MatMul(want)), want) < 1e-11);
        var noisy = Linalg.Lstsq(basis, Sample(2, 40));
        Assert.True(Numbers(Tensor.Einsum("ij,i->j", basis, basis.MatMul(noisy) - Sample(2, 40))).All(g => Math.Abs(g) < 1e-10));
    }

    [Fact]
    public void Tensor_equations()
    {
        var (a, b) = (Sample(1, 2, 3, 6), Sample(2, 2, 3));
        Assert.True(Apart(Tensor.TensorDot(a, Linalg.TensorSolve(a, b), 1), b) < 1e-11);
        Assert.True(Apart(Tensor.TensorDot(Linalg.TensorInverse(a), b, 2), Linalg.TensorSolve(a, b)) < 1e-11);
    }

    [Fact]
    public void Many_threads_may_factor_one_matrix()
    {
        var a = Positive(3, 20, 20);
        var want = Numbers(Linalg.Inverse(Tensor.FromArray(Numbers(a), 20, 20)));
        System.Threading.Tasks.Parallel.For(0, 50, _ => Assert.Equal(want, Numbers(Linalg.Inverse(a))));
    }
}

using System;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;
using static DiffLib.Api.Tests.LinearAlgebra.Calculus;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>Exponentials, logarithms, roots and functions of symmetric matrices: known values, every order, coinciding eigenvalues.</summary>
public class MatrixFunctionTests
{
    private static Tensor Symmetric(Tensor x) => 0.5 * (x + x.MT);

    [Fact]
    public void Logarithms_and_roots_of_known_matrices()
    {
        // a rotation by 2 radians: its logarithm is the generator, its root the rotation by 1
        Tensor Rotation(double t) => new double[,] { { Math.Cos(t), -Math.Sin(t) }, { Math.Sin(t), Math.Cos(t) } };
        Assert.True(Apart(Linalg.MatrixLog(Rotation(2)), new double[,] { { 0, -2 }, { 2, 0 } }) < 1e-14);
        Assert.True(Apart(Linalg.MatrixSqrt(Rotation(2)), Rotation(1)) < 1e-14);
        Assert.True(Apart(Linalg.MatrixPower(Rotation(2), 1.5), Rotation(3)) < 1e-13);

        // Jordan blocks, which have no basis of eigenvectors
        Tensor jordan = new double[,] { { 4, 1, 0 }, { 0, 4, 1 }, { 0, 0, 4 } };
        Assert.True(Apart(Linalg.MatrixSqrt(jordan), new double[,] { { 2, 0.25, -1.0 / 64 }, { 0, 2, 0.25 }, { 0, 0, 2 } }) < 1e-14);
        Assert.True(Apart(Linalg.MatrixLog(jordan), new double[,] { { Math.Log(4), 0.25, -1.0 / 32 }, { 0, Math.Log(4), 0.25 }, { 0, 0, Math.Log(4) } }) < 1e-14);
        Assert.True(Apart(Linalg.MatrixLog(1e-200 * Tensor.Eye(2)), -200 * Math.Log(10) * Tensor.Eye(2)) < 1e-12);
        Assert.True(Apart(Linalg.MatrixLog(Tensor.Eye(3) + 1e-14 * Sample(1, 3, 3)), 1e-14 * Sample(1, 3, 3)) < 1e-15);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(17)]
    public void The_logarithm_undoes_the_exponential_and_the_other_way_round(int n)
    {
        var a = Sample(n, n, n) / Math.Sqrt(n);
        Assert.True(Apart(Linalg.MatrixLog(Linalg.MatrixExp(a)), a) < 1e-13 * n);
        var b = Linalg.MatrixExp(a);
        Assert.True(Apart(Linalg.MatrixLog(Linalg.Inverse(b)), -a) < 1e-13 * n);
        Assert.True(Apart(Linalg.MatrixPower(b, 0.5), Linalg.MatrixSqrt(b)) < 1e-13 * n);
        Assert.True(Apart(Linalg.MatrixPower(b, 3.0), Linalg.MatrixPower(b, 3)) == 0);
    }

    [Fact]
    public void Derivatives_of_logarithms_roots_and_equations_agree_with_differences()
    {
        var a = Sample(1, 2, 3, 3) + 3.0 * Identity(3);
        CheckDerivatives(Linalg.MatrixLog, a);
        CheckDerivatives(Linalg.MatrixSqrt, a);
        CheckDerivatives(x => Linalg.MatrixPower(x, 0.3), a);
        CheckDerivatives(x => Linalg.Sylvester(x, a[1, ..2, ..2], Sample(2, 3, 2)), a);
        CheckDerivatives(x => Linalg.Sylvester(a[0], x, Sample(2, 3, 2)), a[.., ..2, ..2]);
        CheckDerivatives(x => Linalg.Lyapunov(x, x * x), a);
        CheckDerivatives(x => Linalg.DiscreteLyapunov(x, Tensor.Sin(x)), 0.1 * a);
        CheckDerivatives(x => Linalg.SolvePositiveDefinite(Symmetric(x), Sample(3, 2, 1, 3, 2)), Positive(1, 2, 3, 3));
        // the derivative of the derivative of the derivative, along a line
        foreach (var f in new Func<Tensor, Tensor>[] { Linalg.MatrixLog, Linalg.MatrixSqrt })
        {
            double Along(double t) => Diff.NthDerivative(s => f(a[0] + s * Sample(5, 3, 3))[0, 1], 2, t);
            var third = Diff.NthDerivative(s => f(a[0] + s * Sample(5, 3, 3))[0, 1], 3, 0.0);
            Assert.Equal((Along(1e-4) - Along(-1e-4)) / 2e-4, third, 1e-6);
        }
    }

    [Fact]
    public void Where_there_is_no_principal_value_there_is_an_error_that_says_so()
    {
        Tensor negative = new double[,] { { -1, 0 }, { 0, 2 } }, singular = new double[,] { { 1, 2 }, { 2, 4 } }, nilpotent = new double[,] { { 0, 1 }, { 0, 0 } };
        Assert.Contains("negative real axis", Assert.Throws<ArithmeticException>(() => Linalg.MatrixLog(negative)).Message);
        Assert.Contains("negative real axis", Assert.Throws<ArithmeticException>(() => Linalg.MatrixSqrt(Tensor.Stack(Identity(2), negative))).Message);
        Assert.Contains("matrix 1 of the stack", Assert.Throws<ArithmeticException>(() => Linalg.MatrixSqrt(Tensor.Stack(Identity(2), negative))).Message);
        Assert.Throws<ArithmeticException>(() => Linalg.MatrixLog(-Identity(2)));
        Assert.Throws<SingularMatrixException>(() => Linalg.MatrixLog(Tensor.Zeros(2, 2)));
        Assert.Throws<SingularMatrixException>(() => Linalg.MatrixSqrt(nilpotent));
        Assert.Throws<SingularMatrixException>(() => Linalg.MatrixPower(nilpotent, 0.5));
        // a root of a singular matrix may exist, but is not differentiable there
        var root = Linalg.MatrixSqrt(singular);
        Assert.True(Apart(root.MatMul(root), singular) < 1e-14);
        Assert.Equal(new double[4], Numbers(Linalg.MatrixSqrt(Tensor.Zeros(2, 2))));
        foreach (var (name, way) in EveryWay.All) Assert.Throws<SingularMatrixException>(() => way(x => Linalg.MatrixSqrt(x).Sum())(Tensor.Zeros(2, 2)));
        foreach (var (name, way) in EveryWay.All) Assert.Throws<ArithmeticException>(() => way(x => Linalg.MatrixLog(x).Sum())(negative));
        Assert.Throws<SingularMatrixException>(() => Linalg.Sylvester(Identity(2), -Identity(3), Sample(1, 2, 3)));
        Assert.Throws<SingularMatrixException>(() => Linalg.Lyapunov(nilpotent, Identity(2)));
        Assert.Throws<SingularMatrixException>(() => Linalg.DiscreteLyapunov(Identity(2), Identity(2)));
    }

    [Fact]
    public void Empty_one_by_one_and_missing_numbers()
    {
        foreach (var f in new Func<Tensor, Tensor>[] { Linalg.MatrixLog, Linalg.MatrixSqrt, Linalg.MatrixExp, a => Linalg.MatrixPower(a, 0.5), a => Linalg.SymmetricFunction(Tensor.Log, a), a => Linalg.Lyapunov(a, a), a => Linalg.DiscreteLyapunov(a, a) })
        {
            foreach (var shape in new int[][] { [0, 0], [3, 0, 0], [0, 2, 2] })
            {
                Assert.Equal(new Shape(shape), f(Tensor.Zeros(shape)).Shape);
                Assert.Equal(new Shape(shape), Diff.Gradient(x => f(x).Sum(), Tensor.Zeros(shape)).Shape);
            }

            // in a stack, what is missing in one matrix leaves the others alone
            var a = Positive(1, 2, 3, 3) / 8;
            var spoiled = Tensor.Stack(a[0] * double.NaN, a[1]);
            Assert.All(Numbers(f(spoiled)[0]), x => Assert.True(double.IsNaN(x)));
            Assert.True(Apart(f(spoiled)[1], f(a[1])) < 1e-15);
        }

        Tensor four = new double[,] { { 4 } };
        Assert.Equal([2, Math.Log(4), 8, 0.5], [Linalg.MatrixSqrt(four).ToDouble(), Linalg.MatrixLog(four).ToDouble(), Linalg.MatrixPower(four, 1.5).ToDouble(), Linalg.Lyapunov(four, four).ToDouble()], (x, y) => Math.Abs(x - y) < 1e-14);
    }

    /// <summary>Two functions of a symmetric matrix with the same values, the second without eigenvectors, and matrices whose eigenvalues coincide or nearly do.</summary>
    public static TheoryData<string> Functions() => ["exp", "log", "sqrt", "reciprocal", "cube"];

    private static (Func<Tensor, Tensor> F, Func<Tensor, Tensor> Other) Pair(string name) => name switch
    {
        "exp" => (Tensor.Exp, Linalg.MatrixExp),
        "log" => (Tensor.Log, Linalg.MatrixLog),
        "sqrt" => (Tensor.Sqrt, Linalg.MatrixSqrt),
        "reciprocal" => (x => 1.0 / x, Linalg.Inverse),
        _ => (x => x * x * x, x => Linalg.MatrixPower(x, 3)),
    };

    [Theory, MemberData(nameof(Functions))]
    public void C24_functions_of_matrices_are_right_to_the_third_order_where_eigenvalues_coincide(string name)
    {
        var (f, other) = Pair(name);
        Tensor Ours(Tensor x) => Linalg.SymmetricFunction(f, x);
        var (u, v, w) = (Symmetric(Sample(1, 4, 4)), Symmetric(Sample(2, 4, 4)), Symmetric(Sample(3, 4, 4)));
        var q = Linalg.Qr(Sample(4, 4, 4)).Q;
        Tensor With(params double[] values) => (q * Tensor.FromArray(values)).MatMul(q.T);
        foreach (var a in new[] { Tensor.Eye(4), With(1, 1, 2, 2), With(1, 1, 1, 3), With(1, 1 + 1e-12, 1 + 1e-9, 2), With(1, 1 + 1e-7, 1 + 1e-5, 1 + 1e-3), With(1, 1.002, 1.01, 1.05), With(1, 1.1, 1.2, 1.3) })
        {
            Func<Tensor, Tensor> First(Func<Tensor, Tensor> g) => x => Diff.Jvp(g, x, u).Tangent;
            Func<Tensor, Tensor> Second(Func<Tensor, Tensor> g) => x => Diff.Jvp(First(g), x, v).Tangent;
            Func<Tensor, Tensor> Third(Func<Tensor, Tensor> g) => x => Diff.Jvp(Second(g), x, w).Tangent;
            var gap = Apart(a, Tensor.Eye(4)) + 1;
            Assert.True(Apart(Ours(a), other(a)) < 1e-13);
            Relative(1e-12, First(Ours)(a), First(other)(a), "first");
            Relative(1e-10, Second(Ours)(a), Second(other)(a), "second");
            Relative(1e-7, Third(Ours)(a), Third(other)(a), "third");

            // reverse mode, and both over each other
            Tensor Gradient(Tensor x) => Diff.Gradient(z => (Ours(z) * u).Sum(), x);
            Relative(1e-12, Gradient(a), Symmetric(Diff.Gradient(z => (other(z) * u).Sum(), a)), "gradient");
            Relative(1e-10, Diff.Jvp(Gradient, a, v).Tangent, Second(other)(a), "forward over reverse");
            Relative(1e-10, Diff.Gradient(x => (Gradient(x) * v).Sum(), a), Second(other)(a), "reverse over reverse");
        }

        void Relative(double tolerance, Tensor got, Tensor want, string what)
        {
            var error = Apart(got, want) / Math.Max(1, Numbers(want).Select(Math.Abs).Max());
            Assert.True(error < tolerance, $"{name}, {what}: {error:E2} away");
        }
    }

    [Fact]
    public void C24_divided_differences_are_right_at_every_distance()
    {
        // f[a, b] by the closed form ln(b/a)/(b - a), with ln1p where a and b are close
        foreach (var gap in new[] { 0.0, 1e-300, 1e-17, 1e-15, 1e-12, 1e-9, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 0.1, 1, 10 })
            foreach (var scale in new[] { 1e-8, 1.0, 1e8 })
            {
                var (a, b) = (scale, scale * (1 + gap));
                var relative = (b - a) / a;
                var want = (relative == 0 ? 1 : LogOnePlus(relative) / relative) / a;
                Tensor diagonal = new double[,] { { a, 0 }, { 0, b } }, direction = new double[,] { { 0, 1 }, { 1, 0 } };
                var got = Diff.Jvp(x => Linalg.SymmetricFunction(Tensor.Log, x), diagonal, direction).Tangent[0, 1].ToDouble();
                Assert.True(Math.Abs(got - want) < 2e-12 * want, $"gap {gap}, scale {scale}: {got / want - 1:E2}");
            }

        // near 0 a function that is 1 there: the size of the eigenvalues says nothing about its curvature
        Tensor tiny = new double[,] { { 1e-8, 0 }, { 0, 2e-8 } }, off = new double[,] { { 0, 1 }, { 1, 0 } };
        Assert.Equal(1 + 1.5e-8, Diff.Jvp(x => Linalg.SymmetricFunction(Tensor.Exp, x), tiny, off).Tangent[0, 1].ToDouble(), 1e-15);

        // (b - a)/a is exact here; the series of ln(1 + x) for small x, since Math.Log(1 + x) loses digits
        static double LogOnePlus(double x) => Math.Abs(x) > 0.01 ? Math.Log(1 + x) : Enumerable.Range(1, 12).Select(k => -Math.Pow(-x, k) / k).Sum();
    }

    [Fact]
    public void A_function_with_a_corner_has_the_derivative_of_its_branch()
    {
        // the positive part of a symmetric matrix: for eigenvalues of both signs the divided difference goes across the corner
        var a = (Linalg.Qr(Sample(1, 3, 3)).Q is var q ? (q * Tensor.Of(-1, 0.5, 0.5)).MatMul(q.T) : q);
        var d = Symmetric(Sample(2, 3, 3));
        Tensor F(Tensor x) => Linalg.SymmetricFunction(Tensor.Relu, x);
        var numeric = (F(a + 1e-5 * d) - F(a - 1e-5 * d)) / 2e-5;
        Assert.True(Apart(Diff.Jvp(F, a, d).Tangent, numeric) < 1e-9);
    }

    [Fact]
    public void Tridiagonal_systems_agree_with_dense_ones()
    {
        foreach (var n in new[] { 0, 1, 2, 3, 5, 17, 100 })
            foreach (var strength in new[] { 0.01, 4 })
            {
                var (l, d, u, x) = (Sample(1, 2, Math.Max(0, n - 1)), Sample(2, n) * strength, Sample(3, Math.Max(0, n - 1)), Sample(4, n, 3));
                var dense = Dense(l, d, u, n);
                var b = dense.MatMul(x);
                var got = Linalg.SolveTridiagonal(l, d, u, b);
                var bound = n == 0 ? 0 : 1e-14 * Math.Max(10, Numbers(Linalg.Cond(dense)).Max());
                Assert.True(Apart(got, x.BroadcastTo(2, n, 3)) <= bound, $"n = {n}: {Apart(got, x.BroadcastTo(2, n, 3))}");
                if (n > 0) Assert.True(Apart(Linalg.SolveTridiagonal(l[0], d, u, b[0, .., 0]), x[.., 0]) <= bound);
            }

        static Tensor Dense(Tensor l, Tensor d, Tensor u, int n) =>
            n == 0 ? Tensor.Zeros(2, 0, 0) : n == 1 ? d.Reshape(1, 1).BroadcastTo(2, 1, 1) : l.DiagEmbed(-1) + d.Diag() + u.Diag(1);
    }

    [Fact]
    public void B04_a_tridiagonal_matrix_that_is_diagonal_keeps_the_gradient_of_its_neighbours()
    {
        var (zero, one, b) = (Tensor.Zeros(1), Tensor.Ones(2), Tensor.Of(1, 3));
        EveryWay.Gradient([-1], l => Linalg.SolveTridiagonal(l, one, zero, b).Sum(), zero, 1e-15);
        EveryWay.Gradient([-3], u => Linalg.SolveTridiagonal(zero, one, u, b).Sum(), zero, 1e-15);
        EveryWay.Gradient([-1, -3], d => Linalg.SolveTridiagonal(zero, d, zero, b).Sum(), one, 1e-15);
        EveryWay.Gradient([-1, -2, -2, -3], a => Linalg.SolvePositiveDefinite(a, b).Sum(), Tensor.Eye(2), 1e-15);
        EveryWay.Gradient([-1, -3, -1, -3], a => Linalg.Lstsq(a, b).Sum(), Tensor.Eye(2), 1e-15);
        EveryWay.Gradient([-1, -1, -1, -1], a => Linalg.Inverse(a).Sum(), Tensor.Eye(2), 1e-15);
        EveryWay.Gradient([-0.5, -0.5, -0.5, -0.5], a => 2 * Linalg.Sylvester(a, Tensor.Eye(2), Tensor.Eye(2)).Sum(), Tensor.Eye(2), 1e-15);
        Assert.Throws<SingularMatrixException>(() => Linalg.SolveTridiagonal(zero, Tensor.Of(1, 0), zero, b));
        Assert.Throws<SingularMatrixException>(() => Linalg.SolveTridiagonal(Tensor.Of(1, 1), Tensor.Of(1, 1, 1), Tensor.Of(1, 0), Tensor.Of(1, 2, 3)));
    }

    [Fact]
    public void B05_the_gradient_by_a_positive_definite_matrix_is_symmetric_and_right_along_symmetric_directions()
    {
        var (a, v, b) = (Positive(1, 4, 4), Symmetric(Sample(2, 4, 4)), Sample(3, 4, 2));
        Tensor F(Tensor x) => Tensor.Sin(Linalg.SolvePositiveDefinite(x, b)).Sum();
        var expected = EveryWay.Ridders(t => F(a + t * v).ToDouble(), 0);
        foreach (var (name, way) in EveryWay.All)
        {
            var gradient = way(F)(a);
            EveryWay.Near(expected, (gradient * v).Sum().ToDouble(), 1e-9, name);
            Assert.True(Apart(gradient, gradient.T) < 1e-15);
        }

        // only the lower triangle is read
        Assert.Equal(Numbers(Linalg.SolvePositiveDefinite(a, b)), Numbers(Linalg.SolvePositiveDefinite(a.Tril(), b)));
        Assert.Throws<NotPositiveDefiniteException>(() => Linalg.SolvePositiveDefinite(-a, b));
    }

    [Fact]
    public void B11_one_tensor_in_both_places_counts_twice()
    {
        var a = Sample(1, 3, 3) + 2.0 * Identity(3);
        CheckDerivatives(x => Linalg.Solve(x, x.MatMul(x)), a);
        Assert.True(Apart(Diff.Gradient(x => Linalg.Solve(x, x).Sum(), a), Tensor.Zeros(3, 3)) < 1e-14);
        CheckDerivatives(x => Linalg.Sylvester(x, x, x), a);
        CheckDerivatives(x => Linalg.SolveTridiagonal(x[..2], x, x[1..], x), Tensor.Of(2, 3, 5));
        CheckDerivatives(x => Linalg.Lstsq(x, x[.., 0]), Sample(2, 4, 3), 1e-5);
    }

    [Fact]
    public void E03_views_give_what_their_copies_give()
    {
        var big = Positive(1, 8, 8);
        var view = big[new[] { TensorIndex.Step(null, null, 2), TensorIndex.Step(null, null, 2) }];
        var reversed = Linalg.Inverse(big).T[new[] { TensorIndex.Step(null, null, -1), TensorIndex.Step(null, null, -1) }];
        foreach (var x in new[] { view, reversed, big[1..5, 1..5].T })
        {
            var copy = Tensor.FromArray(Numbers(x), x.Shape.ToArray());
            foreach (var f in new Func<Tensor, Tensor>[]
                     {
                         Linalg.Inverse, Linalg.Det, Linalg.LogDet, a => Linalg.Cholesky(a), a => Linalg.Qr(a).Q, a => Linalg.Eigh(a).Eigenvectors, a => Linalg.Svd(a).U, a => Linalg.Pinv(a),
                         Linalg.MatrixExp, Linalg.MatrixLog, Linalg.MatrixSqrt, a => Linalg.SymmetricFunction(Tensor.Sqrt, a), a => Linalg.SolvePositiveDefinite(a, a), a => Linalg.Lyapunov(a, a),
                     })
            {
                Assert.Equal(Numbers(f(copy)), Numbers(f(x)));
                Assert.Equal(Numbers(Diff.Gradient(a => Tensor.Sin(f(a)).Sum(), copy)), Numbers(Diff.Gradient(a => Tensor.Sin(f(a)).Sum(), x)));
            }
        }
    }

    [Fact]
    public void D14_matrices_of_extreme_size_are_factored_without_overflow()
    {
        foreach (var scale in new[] { 1e-200, 1e200 })
        {
            var a = scale * Positive(1, 3, 3);
            Assert.True(Apart(Linalg.Solve(a, a), Identity(3)) < 1e-14);
            Assert.True(Apart(Linalg.Inverse(a).MatMul(a), Identity(3)) < 1e-14);
            Assert.True(Apart(Linalg.SolvePositiveDefinite(a, a), Identity(3)) < 1e-14);
            Assert.True(Apart(Linalg.Eigvalsh(a) / scale, Linalg.Eigvalsh(a / scale)) < 1e-13);
            Assert.True(Apart(Linalg.SingularValues(a) / scale, Linalg.SingularValues(a / scale)) < 1e-13);
            Assert.True(Apart(Linalg.MatrixSqrt(a) / Math.Sqrt(scale), Linalg.MatrixSqrt(a / scale)) < 1e-13);
            Assert.True(Apart(Linalg.MatrixLog(a), Linalg.MatrixLog(a / scale) + Math.Log(scale) * Identity(3)) < 1e-12);
            Assert.True(Apart(Linalg.Lyapunov(a, a), 0.5 * Identity(3)) < 1e-14);
            Assert.Equal(Linalg.LogDet(a / scale).ToDouble() + 3 * Math.Log(scale), Linalg.LogDet(a).ToDouble(), 1e-11);
            Assert.True(Apart(Linalg.Qr(a).Q, Linalg.Qr(a / scale).Q) < 1e-14);
            Assert.True(Math.Abs(Linalg.MatrixNorm(a).ToDouble() / scale / Linalg.MatrixNorm(a / scale).ToDouble() - 1) < 1e-14);
        }
    }

    [Fact]
    public void D17_a_missing_number_spoils_its_own_matrix_only()
    {
        var a = Positive(1, 2, 3, 3) / 8;
        var spoiled = Tensor.Stack(Tensor.Where(Tensor.Eye(3).Cast(DType.Bool), double.NaN, a[0]), a[1]);
        foreach (var f in new Func<Tensor, Tensor>[]
                 {
                     Linalg.Inverse, Linalg.Det, Linalg.LogDet, x => Linalg.Cholesky(x), x => Linalg.Qr(x).Q, Linalg.Eigvalsh, Linalg.SingularValues, x => Linalg.Pinv(x), x => Linalg.Eigvals(x).Re,
                     Linalg.MatrixExp, Linalg.MatrixLog, Linalg.MatrixSqrt, x => Linalg.SymmetricFunction(Tensor.Sqrt, x), x => Linalg.SolvePositiveDefinite(x, x), x => Linalg.Lyapunov(x, x), x => Linalg.Lu(x).U,
                 })
        {
            Assert.Contains(Numbers(f(spoiled)[0]), double.IsNaN);
            Assert.True(Apart(f(spoiled)[1], f(a[1])) < 1e-14);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using static DiffLib.Api.Tests.LinearAlgebra.Calculus;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>Every flag, order and shape that a function of linear algebra takes, against its definition and against differences, to the second order.</summary>
public class VariantTests
{
    public static TheoryData<bool, bool, bool, string> TriangularCases()
    {
        var data = new TheoryData<bool, bool, bool, string>();
        foreach (var upper in new[] { false, true })
            foreach (var unit in new[] { false, true })
                foreach (var left in new[] { false, true })
                    foreach (var shapes in new[] { "plain", "stacks", "one matrix", "one right-hand side" })
                        data.Add(upper, unit, left, shapes);
        return data;
    }

    [Theory, MemberData(nameof(TriangularCases))]
    public void Triangular_systems_of_every_kind(bool upper, bool unit, bool left, string shapes)
    {
        int[] stackT = shapes is "plain" or "one matrix" ? [] : [2], stackB = shapes is "plain" or "one right-hand side" ? [] : shapes == "stacks" ? [3, 1] : [2];
        var t = Sample(1, [.. stackT, 3, 3]) + 2.0 * Identity(3);
        var b = Sample(2, [.. stackB, .. left ? new[] { 3, 2 } : [2, 3]]);
        Tensor F(Tensor t, Tensor b) => Linalg.SolveTriangular(t, b, upper, unit, left);
        var part = upper ? t.Triu(unit ? 1 : 0) : t.Tril(unit ? -1 : 0);
        if (unit) part += Identity(3);
        var x = F(t, b);
        Assert.True(Apart((left ? part.MatMul(x) : x.MatMul(part)) + Tensor.ZerosLike(x), b + Tensor.ZerosLike(x)) < 1e-13);
        CheckDerivatives(s => F(s, b), t);
        CheckDerivatives(s => F(t, s * s), b);
        Assert.Equal(0, Numbers(Diff.Gradient(s => F(s, b).Sum(), t) * (upper ? Tensor.OnesLike(t).Tril(unit ? 0 : -1) : Tensor.OnesLike(t).Triu(unit ? 0 : 1))).Sum());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cholesky_systems_of_both_triangles(bool upper)
    {
        var a = Positive(1, 2, 3, 3);
        var factor = Linalg.Cholesky(a, upper);
        var b = Sample(2, 3, 2);
        Assert.True(Apart(Linalg.CholeskySolve(factor, b, upper), Linalg.Solve(a, b)) < 1e-12);
        Assert.True(Apart(Linalg.CholeskyInverse(factor, upper), Linalg.Inverse(a)) < 1e-12);
        CheckDerivatives(x => Linalg.CholeskySolve(x, b, upper), factor);
        CheckDerivatives(x => Linalg.CholeskySolve(factor[0], x * x, upper), b);
        CheckDerivatives(x => Linalg.CholeskyInverse(x, upper), factor);
        CheckDerivatives(x => Linalg.CholeskySolve(Linalg.Cholesky(0.5 * (x + x.MT), upper), b, upper), a);
    }

    private static readonly double[] Orders = [0.5, 1, 1.5, 2, 2.5, 3, 6, -1, -2.5, double.PositiveInfinity, double.NegativeInfinity];

    public static TheoryData<double> AllOrders() => [.. Orders];

    [Theory, MemberData(nameof(AllOrders))]
    public void Norms_of_vectors_of_every_order_over_every_axes(double p)
    {
        // distinct magnitudes, none near 0: the smallest and the largest are alone
        var x = Tensor.FromArray(Enumerable.Range(0, 12).Select(k => ((k * 5 % 12) + 1.5) * (k % 3 == 0 ? -0.3 : 0.3)).ToArray(), 2, 3, 2);
        foreach (var axes in new int[]?[] { null, [0], [-1], [1, 2], [0, 2], [2, 0, 1] })
            foreach (var keep in new[] { false, true })
            {
                var y = x.Norm(p, axes, keep);
                var reduced = (axes ?? [0, 1, 2]).Select(a => (a + 3) % 3).ToHashSet();
                var shape = Enumerable.Range(0, 3).Where(d => keep || !reduced.Contains(d)).Select(d => reduced.Contains(d) ? 1 : x.Shape[d]);
                Assert.Equal(shape, y.Shape.ToArray());
                CheckDerivatives(z => z.Norm(p, axes, keep), x, 1e-5);
            }

        var numbers = Numbers(x).Select(Math.Abs).ToArray();
        var want = double.IsPositiveInfinity(p) ? numbers.Max() : double.IsNegativeInfinity(p) ? numbers.Min() : Math.Pow(numbers.Sum(v => Math.Pow(v, p)), 1 / p);
        Assert.Equal(want, x.Norm(p, null).ToDouble(), 1e-12 * want);
        var single = x.Cast(DType.Float32);
        Assert.Equal(DType.Float32, single.Norm(p, null).DType);
        Assert.Equal(want, single.Norm(p, null).Cast(DType.Float64).ToDouble(), 1e-5 * want);
    }

    public static TheoryData<MatrixNormKind> Kinds() => [.. Enum.GetValues<MatrixNormKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Norms_of_matrices_of_every_kind_and_shape(MatrixNormKind kind)
    {
        foreach (var shape in new int[][] { [3, 3], [4, 2], [2, 4], [2, 3, 2], [2, 1, 2, 3], [1, 3], [3, 1] })
        {
            var x = Sample(5, shape);
            foreach (var keep in new[] { false, true }) CheckDerivatives(z => Linalg.MatrixNorm(z, kind, keepAxes: keep), x, 1e-4);
            Assert.True(Apart(Linalg.MatrixNorm(x, Turned(kind), -1, -2), Linalg.MatrixNorm(x, kind)) < 1e-14);
        }

        var cube = Sample(6, 2, 3, 4);
        foreach (var (rows, columns) in new[] { (0, 1), (1, 0), (2, 0), (-1, -3) }) CheckDerivatives(z => Linalg.MatrixNorm(z, kind, rows, columns), cube, 1e-4);
        if (kind is MatrixNormKind.Spectral or MatrixNormKind.SmallestSingularValue) CheckDerivatives(z => Linalg.Cond(z, kind), Sample(7, 2, 4, 3), 1e-3);
        else CheckDerivatives(z => Linalg.Cond(z, kind), Sample(7, 2, 3, 3) + 2.0 * Identity(3), 1e-4);

        // the same norm of the transposed matrix
        static MatrixNormKind Turned(MatrixNormKind kind) => kind switch
        {
            MatrixNormKind.One => MatrixNormKind.Infinity,
            MatrixNormKind.Infinity => MatrixNormKind.One,
            MatrixNormKind.MinusOne => MatrixNormKind.MinusInfinity,
            MatrixNormKind.MinusInfinity => MatrixNormKind.MinusOne,
            _ => kind,
        };
    }

    [Fact]
    public void Condition_numbers_follow_their_definition_and_are_infinite_for_singular_matrices()
    {
        var a = Sample(3, 2, 3, 3) + 2.0 * Identity(3);
        foreach (var kind in Enum.GetValues<MatrixNormKind>().Where(k => k is not (MatrixNormKind.Spectral or MatrixNormKind.SmallestSingularValue)))
            Assert.True(Apart(Linalg.Cond(a, kind), Linalg.MatrixNorm(a, kind) * Linalg.MatrixNorm(Linalg.Inverse(a), kind)) < 1e-12);
        Assert.True(Linalg.Cond(Tensor.FromArray([1.0, 2, 2, 4], 2, 2)).ToDouble() > 1e15);
        Assert.Equal(double.PositiveInfinity, Linalg.Cond(Tensor.FromArray([1.0, 0, 0, 0], 2, 2)).ToDouble());
        Assert.Throws<SingularMatrixException>(() => Linalg.Cond(Tensor.FromArray([1.0, 0, 0, 0], 2, 2), MatrixNormKind.Frobenius));
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void Powers_of_every_sign(int n)
    {
        var a = Sample(1, 2, 3, 3) + 1.5 * Identity(3);
        var want = Enumerable.Repeat(n < 0 ? Linalg.Inverse(a) : a, Math.Abs(n)).Aggregate(Identity(3) + Tensor.ZerosLike(a), (x, y) => x.MatMul(y));
        Assert.True(Apart(Linalg.MatrixPower(a, n), want) < 1e-10);
        CheckDerivatives(x => Linalg.MatrixPower(x, n), 0.5 * a, 1e-3);
        Assert.Equal(new Shape(2, 0, 0), Linalg.MatrixPower(Tensor.Zeros(2, 0, 0), n).Shape);
    }

    [Fact]
    public void Determinants_of_stacks_with_singular_and_regular_matrices()
    {
        var stack = Tensor.Stack(Sample(1, 3, 3), Tensor.MatMul(Sample(2, 3, 2), Sample(3, 2, 3)), Tensor.Zeros(3, 3), Identity(3));
        CheckDerivatives(Linalg.Det, stack);
        var (sign, log) = Linalg.SlogDet(Tensor.Stack(Identity(3), Tensor.Zeros(3, 3), -Identity(3)));
        Assert.Equal([1, 0, -1], Numbers(sign));
        Assert.Equal([0, double.NegativeInfinity, 0], Numbers(log));
        CheckDerivatives(x => Linalg.SlogDet(x).LogAbs, Sample(4, 2, 1, 4, 4));
        CheckDerivatives(Linalg.LogDet, Positive(5, 2, 3, 3));
        Assert.Equal(new Shape(0), Linalg.Det(Tensor.Zeros(0, 5, 5)).Shape);
    }

    [Fact]
    public void Least_squares_and_pseudoinverses_of_every_shape_with_stacks_that_broadcast()
    {
        foreach (var (m, n) in new[] { (3, 3), (5, 3), (3, 5), (4, 1), (1, 4) })
        {
            var a = Sample(m + n, 2, m, n);
            CheckDerivatives(x => Linalg.Pinv(x), a, 1e-4);
            CheckDerivatives(x => Linalg.Lstsq(x, Sample(3, m, 2)), a, 1e-4);
            CheckDerivatives(x => Linalg.Lstsq(x, Sample(3, m)), a, 1e-4);
            CheckDerivatives(x => Linalg.Lstsq(a[0], x * x), Sample(4, 3, m, 1), 1e-4);
        }

        // along a curve of one rank, with stacks
        Tensor Curve(Tensor t) => Tensor.MatMul(Sample(1, 2, 4, 2) + t * Sample(3, 2, 4, 2), Sample(2, 2, 3) + t * Sample(4, 2, 3));
        CheckDerivatives(t => Linalg.Pinv(Curve(t), 1e-10), Tensor.Scalar(0.2), 1e-4);
        CheckDerivatives(t => Linalg.Lstsq(Curve(t), Sample(5, 4, 2), 1e-10), Tensor.Scalar(0.2), 1e-4);
        Assert.Equal(new Shape(2, 3, 0), Linalg.Pinv(Tensor.Zeros(2, 0, 3)).Shape);
        Assert.Equal(new double[3], Numbers(Linalg.Lstsq(Tensor.Zeros(2, 3), Tensor.Ones(2))));
    }

    [Fact]
    public void Products_of_every_rank()
    {
        foreach (var (left, right) in new (int[], int[])[] { ([3], [3]), ([3], [3, 2]), ([2, 3], [3]), ([2, 2, 3], [3]), ([3], [2, 3, 2]), ([2, 1, 2, 3], [4, 3, 2]), ([2, 3], [5, 3, 1]), ([2, 0], [0, 3]), ([0, 3], [3, 2]) })
        {
            var (a, b) = (Sample(1, left), Sample(2, right));
            CheckDerivatives(x => Tensor.Sin(Tensor.MatMul(x, b)), a);
            CheckDerivatives(x => Tensor.Sin(Tensor.MatMul(a, x)), b);
        }

        CheckDerivatives(x => Tensor.Kron(x, Tensor.Sin(x[0])), Sample(3, 2, 3));
        CheckDerivatives(x => Tensor.Outer(x, x), Sample(3, 4));
        CheckDerivatives(x => Linalg.Trace(x.MatMul(x)), Sample(3, 2, 3, 3));
        CheckDerivatives(x => (x * x).Diag(1), Sample(3, 3));
        CheckDerivatives(x => (x * x).Diagonal(-1), Sample(3, 4, 3));
    }

    [Fact]
    public void Repeated_singular_values_keep_the_derivatives_of_symmetric_functions()
    {
        var q = Linalg.Qr(Sample(1, 4, 3)).Q;
        // the nuclear norm of a matrix with orthonormal columns: the gradient is the matrix itself
        Assert.True(Apart(Diff.Gradient(x => Linalg.MatrixNorm(x, MatrixNormKind.Nuclear), q), q) < 1e-14);
        Assert.True(Apart(Diff.Gradient(x => Linalg.MatrixNorm(x, MatrixNormKind.Frobenius), q), q / Math.Sqrt(3)) < 1e-14);
        // singular values that are equal to rounding share the spectral norm in some way; its slope is a subgradient, of nuclear norm 1
        Assert.Equal(1, Linalg.MatrixNorm(Diff.Gradient(x => Linalg.MatrixNorm(x, MatrixNormKind.Spectral), Identity(3)), MatrixNormKind.Nuclear).ToDouble(), 1e-14);
        Assert.Equal(new double[4], Numbers(Diff.Gradient(x => Linalg.MatrixNorm(x), Tensor.Zeros(2, 2))));
    }
}

using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Sparse;

/// <summary>Sparse derivatives of functions of tensors.</summary>
public class SparseTensorTests
{
    /// <summary>x[i+1] x[i-1] - 2 sin x[i], as on a ring.</summary>
    private static Tensor Ring(Tensor x) => x.Roll(-1) * x.Roll(1) - 2 * Tensor.Sin(x);

    /// <summary>Rosenbrock's function in many variables.</summary>
    private static Tensor Rosenbrock(Tensor x) => Tensor.Sum(100 * Tensor.Pow(x[1..] - x[..^1] * x[..^1], 2) + Tensor.Pow(1 - x[..^1], 2));

    private static Tensor Point(int n) => Tensor.Sin(Tensor.Arange(n) * 0.7) + 0.5;

    private static void AssertSame(Tensor dense, CsrMatrix sparse, double tolerance = 1e-12)
    {
        double[] a = dense.Reshape(-1).ToArray(), b = sparse.ToTensor().Reshape(-1).ToArray();
        Assert.Equal(a.Length, b.Length);
        for (int k = 0; k < a.Length; k++) Assert.Equal(a[k], b[k], tolerance * (1 + Math.Abs(a[k])));
    }

    [Fact]
    public void A_ring_has_three_places_a_row()
    {
        var pattern = Diff.SparsityOf(Ring, Point(8));
        Assert.Equal(24, pattern.Count);
        for (int i = 0; i < 8; i++)
            foreach (int j in new[] { i, (i + 1) % 8, (i + 7) % 8 }) Assert.True(pattern.Contains(i, j));
    }

    [Theory]
    [InlineData(JacobianMode.Forward)]
    [InlineData(JacobianMode.Reverse)]
    [InlineData(JacobianMode.Automatic)]
    public void The_sparse_Jacobian_is_the_dense_one(JacobianMode mode)
    {
        Tensor x = Point(11);
        AssertSame(Diff.Jacobian(Ring, x), Diff.SparseJacobian(Ring, x, new() { Mode = mode }));
    }

    [Fact]
    public void Elements_count_row_major_over_any_shapes()
    {
        static Tensor F(Tensor x) => Tensor.Stack(x[0] * x[1], Tensor.Exp(x[0]));
        Tensor x = Point(6).Reshape(2, 3);
        var j = Diff.SparseJacobian(F, x);
        Assert.Equal((6, 6), (j.Rows, j.Columns));
        Assert.Equal(9, j.Pattern.Count);
        AssertSame(Diff.Jacobian(F, x), j);
    }

    [Fact]
    public void The_sparse_Hessian_is_the_dense_one_with_fewer_products()
    {
        Tensor x = Point(30);
        var evaluator = Diff.CompileSparseHessian(Rosenbrock, x);
        AssertSame(Diff.Hessian(Rosenbrock, x), evaluator.Evaluate(x));
        Assert.Equal(ColoringKind.Symmetric, evaluator.Coloring.Kind);
        Assert.Equal(3 * 30 - 2, evaluator.Pattern.Count);
        Assert.InRange(evaluator.Coloring.Count, 2, 3);
        Assert.Equal(evaluator.Pattern, Diff.HessianSparsityOf(Rosenbrock, x));
    }

    [Fact]
    public void An_evaluator_gives_value_and_numbers_into_spans()
    {
        Tensor x = Point(12);
        var evaluator = Diff.CompileSparseJacobian(Ring, Tensor.Zeros(12));
        var results = new double[evaluator.Outputs];
        var values = new double[evaluator.Pattern.Count];
        evaluator.Evaluate(x.ToArray(), results, values);
        Assert.Equal(Ring(x).ToArray(), results);
        Assert.Equal(evaluator.Evaluate(x).Values.ToArray(), values);
        AssertSame(Diff.Jacobian(Ring, x), CsrMatrix.Of(evaluator.Pattern, values));

        var hessian = Diff.CompileSparseHessian(Rosenbrock, x);
        var gradient = new double[12];
        hessian.Evaluate(x.ToArray(), gradient, new double[hessian.Pattern.Count]);
        Tensor expected = Diff.Gradient(Rosenbrock, x);
        for (int k = 0; k < 12; k++) Assert.Equal(expected[k].ToDouble(), gradient[k], 1e-12 * (1 + Math.Abs(gradient[k])));
    }

    [Fact]
    public void Float32_stays_float32()
    {
        Tensor x = Point(9).Cast(DType.Float32);
        var j = Diff.SparseJacobian(Ring, x);
        Assert.Equal(DType.Float32, j.ToTensor().DType);
        AssertSame(Diff.Jacobian(Ring, x).Cast(DType.Float64), CsrMatrix.Of(j.Pattern, j.Values), 1e-6);
        AssertSame(Diff.Hessian(Rosenbrock, x).Cast(DType.Float64), CsrMatrix.Of(Diff.SparseHessian(Rosenbrock, x).Pattern, Diff.SparseHessian(Rosenbrock, x).Values), 1e-5);
    }

    [Fact]
    public void Nothing_one_number_zero_columns_and_full_rows_are_matrices_too()
    {
        var empty = Diff.SparseJacobian(x => x * x, Tensor.Zeros(0));
        Assert.Equal((0, 0, 0), (empty.Rows, empty.Columns, empty.Pattern.Count));
        var number = Diff.SparseJacobian(x => x * x, Tensor.Scalar(3));
        Assert.Equal((1, 1, 6.0), (number.Rows, number.Columns, number[0, 0]));
        var column = Diff.SparseJacobian(x => x[1..] * 2, Point(3));
        Assert.Equal(0, column.Transpose().Pattern.Row(0).Length);
        AssertSame(Diff.Jacobian(x => x[1..] * 2, Point(3)), column);
        static Tensor WithSum(Tensor x) => Tensor.Concat([x * x, Tensor.Sum(x).Reshape(1)]);
        var evaluator = Diff.CompileSparseJacobian(WithSum, Point(40));
        Assert.Equal(ColoringKind.Rows, evaluator.Coloring.Kind);
        Assert.Equal(2, evaluator.Coloring.Count);
        AssertSame(Diff.Jacobian(WithSum, Point(40)), evaluator.Evaluate(Point(40)));
        var none = Diff.CompileSparseJacobian(x => Tensor.Floor(x), Point(4));
        Assert.Equal(0, none.Pattern.Count);
        var floors = new double[4];
        none.Evaluate([0.5, 1.5, 2.5, 3.5], floors, []);
        Assert.Equal([0, 1, 2, 3], floors);
    }

    [Fact]
    public void A_linear_function_has_an_empty_Hessian()
    {
        var h = Diff.SparseHessian(x => Tensor.Sum(3 * x), Point(4));
        Assert.Equal((4, 4, 0), (h.Rows, h.Columns, h.Pattern.Count));
    }

    [Fact]
    public void A_known_pattern_is_used_and_a_lacking_one_is_noticed()
    {
        Tensor x = Point(6);
        var band = Diff.SparsityOf(Ring, x);
        var given = Diff.CompileSparseJacobian(Ring, x, new() { Pattern = band, CheckPattern = true });
        Assert.Same(band, given.Pattern);
        AssertSame(Diff.Jacobian(Ring, x), given.Evaluate(x));

        var lacking = SparsityPattern.FromCoordinates(6, 6, from i in Enumerable.Range(0, 6) from j in band.Row(i).ToArray() where (i, j) != (4, 5) select (i, j));
        var error = Assert.Throws<ArgumentException>(() => Diff.CompileSparseJacobian(Ring, x, new() { Pattern = lacking, CheckPattern = true }));
        Assert.Contains("(4, 5)", error.Message);
        error = Assert.Throws<ArgumentException>(() => Diff.CompileSparseJacobian(Ring, x, new() { Pattern = SparsityPattern.Dense(2, 3) }));
        Assert.Contains("6 by 6", error.Message);

        var triangle = SparsityPattern.FromCoordinates(6, 6, Enumerable.Range(0, 6).SelectMany(i => new[] { (i, i), (i, Math.Max(0, i - 1)) }));
        AssertSame(Diff.Hessian(Rosenbrock, x), Diff.SparseHessian(Rosenbrock, x, new() { Pattern = triangle, CheckPattern = true }));
        var diagonal = SparsityPattern.FromCoordinates(6, 6, Enumerable.Range(0, 6).Select(i => (i, i)));
        Assert.Throws<ArgumentException>(() => Diff.CompileSparseHessian(Rosenbrock, x, new() { Pattern = diagonal, CheckPattern = true }));
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        Assert.Throws<ArgumentNullException>(() => Diff.SparsityOf(null!, Point(2)));
        Assert.Throws<ArgumentNullException>(() => Diff.SparseJacobian(Ring, null!));
        Assert.Equal("at", Assert.Throws<ArgumentException>(() => Diff.SparseJacobian(Ring, Tensor.Of(1, 2).Cast(DType.Int64))).ParamName);
        var evaluator = Diff.CompileSparseJacobian(Ring, Point(5));
        Assert.Contains("[5]", Assert.Throws<ArgumentException>(() => evaluator.Evaluate(Point(6))).Message);
        Assert.Equal("at", Assert.Throws<ArgumentException>(() => evaluator.Evaluate(new double[4], new double[15])).ParamName);
        Assert.Equal("values", Assert.Throws<ArgumentException>(() => evaluator.Evaluate(new double[5], new double[14])).ParamName);
        Assert.Throws<InvalidOperationException>(() => Diff.SparseHessian(Ring, Point(5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Diff.CompileSparseJacobian(Ring, Point(5), new() { Mode = (JacobianMode)7 }));
    }

    [Fact]
    public void A_function_that_looks_at_numbers_is_told_so() =>
        Assert.Contains("being traced", Assert.Throws<InvalidOperationException>(() => Diff.SparsityOf(x => x[0].ToDouble() > 0 ? x : -x, Point(3))).Message);

    [Fact]
    public void A_heat_equation_s_steps_widen_the_band()
    {
        static Tensor Heat(Tensor u)
        {
            for (int step = 0; step < 3; step++)
            {
                Tensor inside = u[1..^1] + 0.1 * (u[2..] - 2 * u[1..^1] + u[..^2]) - 0.01 * Tensor.Pow(u[1..^1], 3);
                u = Tensor.Concat([u[..1], inside, u[^1..]]);
            }
            return u;
        }
        var evaluator = Diff.CompileSparseJacobian(Heat, Point(50));
        Assert.Equal(7, evaluator.Coloring.Count);
        AssertSame(Diff.Jacobian(Heat, Point(50)), evaluator.Evaluate(Point(50)));
    }

    [Fact]
    public void A_band_of_a_hundred_thousand_columns_takes_as_many_products_as_it_is_wide()
    {
        const int n = 100_000;
        Tensor x = Point(n);
        var evaluator = Diff.CompileSparseJacobian(Ring, x);
        Assert.Equal(3 * n, evaluator.Pattern.Count);
        // a ring whose length 3 does not divide needs a fourth and a fifth colour where it closes
        Assert.InRange(evaluator.Coloring.Count, 3, 5);
        var j = evaluator.Evaluate(x);
        double[] direction = (Point(n) * 0.3).ToArray();
        Tensor expected = Diff.Jvp(Ring, x, Tensor.Of(direction)).Tangent;
        double[] got = j.Multiply(direction);
        for (int k = 0; k < n; k += 997) Assert.Equal(expected[k].ToDouble(), got[k], 1e-12);
    }

    [Fact]
    public void Many_colours_go_through_in_several_stacks()
    {
        // every element with those at distances 1, 3, 9, ...: many colours over a long vector
        static Tensor Spread(Tensor x)
        {
            Tensor y = x;
            for (int distance = 1; distance < 3000; distance *= 3) y = y + x.Roll(distance) * x;
            return y;
        }
        const int n = 400_000;
        Tensor x = Point(n);
        var evaluator = Diff.CompileSparseJacobian(Spread, x);
        Assert.InRange(evaluator.Coloring.Count, 11, 60);
        var j = evaluator.Evaluate(x);
        double[] direction = Point(n).ToArray();
        Tensor expected = Diff.Jvp(Spread, x, Tensor.Of(direction)).Tangent;
        double[] got = j.Multiply(direction);
        for (int k = 0; k < n; k += 4999) Assert.Equal(expected[k].ToDouble(), got[k], 1e-11);
    }
}

using System;
using System.Linq;
using System.Numerics;
using System.Threading.Tasks;
using DiffLib.Api.Tests.Checking;
using Xunit;

namespace DiffLib.Api.Tests.Sparse;

/// <summary>Sparse derivatives of generic methods.</summary>
public class SparseScalarTests
{
    private static T[] Chain<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        var y = new T[x.Length];
        for (int i = 0; i < y.Length; i++) y[i] = T.Sin(x[i]) * (i > 0 ? x[i - 1] : T.One) + (i + 1 < x.Length ? T.Exp(x[i + 1]) : T.Zero);
        return y;
    }

    private static T Rosenbrock<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        for (int i = 0; i + 1 < x.Length; i++)
        {
            T a = T.One - x[i], b = x[i + 1] - x[i] * x[i];
            sum += a * a + T.CreateChecked(100) * b * b;
        }
        return sum;
    }

    private readonly struct RandomVector(int seed, int length, int outputs) : IVectorFunction
    {
        public int OutputLength(int inputLength) => outputs;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
        {
            var random = new Random(seed);
            var values = new System.Collections.Generic.List<T>(x.ToArray());
            T half = T.CreateChecked(0.5);
            for (int i = 0; i < length; i++)
            {
                T a = values[random.Next(values.Count)], b = values[random.Next(values.Count)];
                values.Add(random.Next(10) switch
                {
                    0 => a + b,
                    1 => half * a * b,
                    2 => T.Sin(a),
                    3 => T.Exp(-a * a),
                    4 => a / (T.One + b * b),
                    5 => Diff.WhereLess(a, b, half * a, b * b),
                    6 => T.Floor(a) + half * b,
                    7 => T.Max(a, b),
                    8 => T.Atan2(a, T.One + b * b),
                    _ => T.Tanh(a - b),
                });
            }
            for (int k = 0; k < outputs; k++) y[k] = values[random.Next(values.Count)];
        }
    }

    private readonly struct RandomSum(int seed, int length) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            var y = new T[4];
            new RandomVector(seed, length, 4).Invoke(x, y.AsSpan());
            return y[0] * y[1] + T.Sin(y[2]) + y[3];
        }
    }

    private static double[] Point(int n) => [.. Enumerable.Range(0, n).Select(i => 0.3 + Math.Sin(0.9 * i))];

    private static void AssertSame(double[,] dense, CsrMatrix sparse)
    {
        Assert.Equal((dense.GetLength(0), dense.GetLength(1)), (sparse.Rows, sparse.Columns));
        for (int i = 0; i < sparse.Rows; i++)
            for (int j = 0; j < sparse.Columns; j++) Assert.Equal(dense[i, j], sparse[i, j], 1e-11 * (1 + Math.Abs(dense[i, j])));
    }

    [Theory]
    [InlineData(JacobianMode.Forward)]
    [InlineData(JacobianMode.Reverse)]
    [InlineData(JacobianMode.Automatic)]
    public void The_sparse_Jacobian_is_the_dense_one(JacobianMode mode)
    {
        double[] x = Point(9);
        var evaluator = Diff.CompileSparseJacobian(Chain, x, new() { Mode = mode });
        Assert.Equal(3, evaluator.Coloring.Count);
        Assert.Equal(25, evaluator.Pattern.Count);
        AssertSame(Diff.Jacobian(Chain<double>, x), evaluator.Evaluate(x));
        var (results, values) = (new double[9], new double[25]);
        evaluator.Evaluate(x, results, values);
        // the kernels' sine and exponential may differ from .NET's in the last place
        double[] expected = Chain<double>(x);
        for (int i = 0; i < 9; i++) Assert.Equal(expected[i], results[i], 1e-14);
    }

    [Fact]
    public void Random_functions_have_their_dense_derivatives()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            double[] x = Point(7);
            var f = new RandomVector(seed, 5 + seed % 20, 6);
            foreach (var mode in new[] { JacobianMode.Forward, JacobianMode.Reverse })
                AssertSame(Diff.Jacobian(f, x), Diff.CompileSparseJacobian(f, x, new() { Mode = mode }).Evaluate(x));
            var g = new RandomSum(seed, 5 + seed % 20);
            AssertSame(Diff.Hessian(g, x), Diff.CompileSparseHessian(g, x).Evaluate(x));
        }
    }

    /// <summary>Operations whose rule depends on which operand moves.</summary>
    private static T[] OneSided<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        T two = T.CreateChecked(2), third = T.CreateChecked(1.0 / 3);
        return
        [
            T.Pow(x[0], two) + T.Pow(two, x[1]), T.Pow(x[1], x[2]), T.Hypot(x[0], third) - T.Hypot(x[2], x[3]), T.MinNumber(x[3], two) * T.Min(x[0], x[4]),
            T.CopySign(x[4], x[0]) + T.Abs(x[3]), x[2] / third - third / x[4] + x[0] / x[1], T.BitIncrement(x[1]) * x[4], T.Atan2(third, x[3]) + x[2] % two,
            Diff.WhereLess(x[0], x[1], x[2], third) + T.Cbrt(x[4]), T.Ceiling(x[3]) - T.Sqrt(x[1]), third,
        ];
    }

    [Fact]
    public void Operations_with_one_operand_that_moves_have_their_dense_derivatives()
    {
        double[] x = [1.5, 0.7, 1.2, 2.6, 0.4];
        foreach (var mode in new[] { JacobianMode.Forward, JacobianMode.Reverse })
            AssertSame(Diff.Jacobian(OneSided<double>, x), Diff.CompileSparseJacobian(OneSided, x, new() { Mode = mode }).Evaluate(x));
    }

    [Fact]
    public void The_sparse_Hessian_has_the_gradient_beside_it()
    {
        double[] x = Point(40);
        var evaluator = Diff.CompileSparseHessian(Rosenbrock, x);
        Assert.Equal(3 * 40 - 2, evaluator.Pattern.Count);
        Assert.InRange(evaluator.Coloring.Count, 2, 3);
        AssertSame(Diff.Hessian(Rosenbrock<double>, x), evaluator.Evaluate(x));
        var gradient = new double[40];
        evaluator.Evaluate(x, gradient, new double[evaluator.Pattern.Count]);
        double[] expected = Diff.Gradient(Rosenbrock<double>, x);
        for (int k = 0; k < 40; k++) Assert.Equal(expected[k], gradient[k], 1e-10);
        Assert.Equal(evaluator.Pattern, Diff.HessianSparsityOf(Rosenbrock, x));
    }

    private static T[] Branching<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> =>
        x[0] > T.Zero ? [x[0] * x[0], x[1]] : [x[0] * x[2], x[1] * x[1]];

    [Fact]
    public void Another_path_widens_the_pattern_and_is_right()
    {
        var evaluator = Diff.CompileSparseJacobian(Branching, [1, 2, 3]);
        Assert.Equal(2, evaluator.Pattern.Count);
        var two = new double[2];
        evaluator.Evaluate([2, 2, 3], two);
        Assert.Equal([4, 1], two);
        var error = Assert.Throws<InvalidOperationException>(() => evaluator.Evaluate([-1, 2, 3], two));
        Assert.Contains("3 in all", error.Message);
        Assert.Equal(3, evaluator.Pattern.Count);
        var three = new double[3];
        evaluator.Evaluate([-1, 2, 3], three);
        Assert.Equal([3, -1, 4], three);
        evaluator.Evaluate([2, 2, 3], three);
        Assert.Equal([4, 0, 1], three);
        AssertSame(Diff.Jacobian(Branching<double>, [-1.0, 2, 3]), evaluator.Evaluate([-1, 2, 3]));
        Assert.Equal(3, evaluator.Evaluate([1, 2, 3]).Pattern.Count);
    }

    [Fact]
    public void A_matrix_at_another_path_needs_no_second_try()
    {
        var evaluator = Diff.CompileSparseJacobian(Branching, [1, 2, 3]);
        AssertSame(Diff.Jacobian(Branching<double>, [-1.0, 2, 3]), evaluator.Evaluate([-1, 2, 3]));
        AssertSame(Diff.Jacobian(Branching<double>, [1.0, 2, 3]), evaluator.Evaluate([1, 2, 3]));
    }

    [Fact]
    public void A_zero_absorbs_what_is_singular_beside_it()
    {
        static T[] F<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => [T.Sqrt(x[0]) * x[1], x[1]];
        AssertSame(Diff.Jacobian(F<double>, [0.0, 0.0]), Diff.CompileSparseJacobian(F, [1, 1]).Evaluate([0, 0]));
    }

    [Fact]
    public void A_lacking_pattern_is_noticed_and_a_wider_one_is_fine()
    {
        double[] x = Point(4);
        var diagonal = SparsityPattern.FromCoordinates(4, 4, Enumerable.Range(0, 4).Select(i => (i, i)));
        var error = Assert.Throws<ArgumentException>(() => Diff.CompileSparseJacobian(Chain, x, new() { Pattern = diagonal, CheckPattern = true }));
        Assert.Contains("(0, 1)", error.Message);
        AssertSame(Diff.Jacobian(Chain<double>, x), Diff.CompileSparseJacobian(Chain, x, new() { Pattern = SparsityPattern.Dense(4, 4), CheckPattern = true }).Evaluate(x));
        Assert.Contains("4 by 4", Assert.Throws<ArgumentException>(() => Diff.CompileSparseJacobian(Chain, x, new() { Pattern = SparsityPattern.Dense(3, 4) })).Message);
    }

    [Fact]
    public void A_lacking_pattern_of_a_Hessian_is_noticed_and_one_triangle_is_enough()
    {
        double[] x = Point(5);
        var diagonal = SparsityPattern.FromCoordinates(5, 5, Enumerable.Range(0, 5).Select(i => (i, i)));
        Assert.Throws<ArgumentException>(() => Diff.CompileSparseHessian(Rosenbrock, x, new() { Pattern = diagonal, CheckPattern = true }));
        var triangle = SparsityPattern.FromCoordinates(5, 5, Enumerable.Range(0, 5).SelectMany(i => new[] { (i, i), (i, Math.Max(0, i - 1)) }));
        AssertSame(Diff.Hessian(Rosenbrock<double>, x), Diff.CompileSparseHessian(Rosenbrock, x, new() { Pattern = triangle, CheckPattern = true }).Evaluate(x));
    }

    [Fact]
    public void Tensors_are_points_too_and_wrong_ones_are_named()
    {
        var evaluator = Diff.CompileSparseJacobian(Chain, Point(3));
        Assert.Equal(evaluator.Evaluate(Point(3)).Values.ToArray(), evaluator.Evaluate(Tensor.Of(Point(3))).Values.ToArray());
        Assert.Throws<ArgumentException>(() => evaluator.Evaluate(Tensor.Zeros(4)));
        Assert.Throws<ArgumentException>(() => evaluator.Evaluate(new double[2]));
        Assert.Throws<ArgumentNullException>(() => Diff.CompileSparseJacobian((VectorFunction<Traced>)null!, Point(2)));
    }

    [Fact]
    public void Threads_share_an_evaluator()
    {
        var evaluator = Diff.CompileSparseJacobian(Branching, [1, 2, 3]);
        evaluator.Evaluate([-1, 2, 3]);
        Parallel.For(0, 200, k =>
        {
            double first = k % 2 == 0 ? 1 + k : -1 - k;
            AssertSame(Diff.Jacobian(Branching<double>, [first, 2.0, 3.0]), evaluator.Evaluate([first, 2, 3]));
        });
    }

    [Fact]
    public void Spans_take_the_numbers_without_allocation()
    {
        double[] x = Point(20);
        var evaluator = Diff.CompileSparseJacobian(Chain, x);
        var values = new double[evaluator.Pattern.Count];
        Assert.Equal(0, Measured.Bytes(() =>
        {
            for (int k = 0; k < 100; k++) evaluator.Evaluate(x, values);
        }));
    }

    [Fact]
    public void Twenty_thousand_columns_take_three_passes()
    {
        double[] x = Point(20_000);
        var evaluator = Diff.CompileSparseJacobian(Chain, x, new() { Executor = ProgramExecutor.Interpreted });
        Assert.Equal(3, evaluator.Coloring.Count);
        var j = evaluator.Evaluate(x);
        Assert.Equal(Math.Cos(x[777]) * x[776], j[777, 777], 1e-14);
        Assert.Equal(Math.Sin(x[777]), j[777, 776], 1e-14);
        Assert.Equal(Math.Exp(x[778]), j[777, 778], 1e-14);
    }
}

using System;
using System.Linq;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/sparse.md.</summary>
public class SparseSnippets
{
    private static void AssertSame(Tensor dense, CsrMatrix sparse)
    {
        Tensor gap = Tensor.Abs(dense.Reshape(sparse.Rows, sparse.Columns) - sparse.ToTensor());
        Assert.True(gap.Max().ToDouble() < 1e-10, gap.ToString());
    }

    [Fact]
    public void Jacobians()
    {
        #region sparse-jacobian
        // heat that flows between neighbours and radiates
        static Tensor Residual(Tensor u) => 100 * (u[2..] - 2 * u[1..^1] + u[..^2]) - Tensor.Pow(u[1..^1], 4);

        Tensor u = Tensor.Linspace(1, 2, 10_002);
        CsrMatrix j = Diff.SparseJacobian(Residual, u);           // 10000 by 10002, 30000 places, 3 products
        double[] along = j.Multiply(u.ToArray());
        Matrix<double> forMathNet = j.ToMatrix();
        #endregion
        Assert.Equal((10_000, 10_002, 30_000), (j.Rows, j.Columns, j.Pattern.Count));
        Assert.Equal(Diff.Jvp(Residual, u, u).Tangent[17].ToDouble(), along[17], 1e-9);
        Assert.Equal(100, forMathNet[5, 5]);
        AssertSame(Diff.Jacobian(Residual, u[..50]), Diff.SparseJacobian(Residual, u[..50]));
    }

    [Fact]
    public void Hessians()
    {
        #region sparse-hessian
        static Tensor Rosenbrock(Tensor x) => Tensor.Sum(100 * Tensor.Pow(x[1..] - x[..^1] * x[..^1], 2) + Tensor.Pow(1 - x[..^1], 2));

        Tensor x = Tensor.Linspace(-1, 1, 6);
        CsrMatrix h = Diff.SparseHessian(Rosenbrock, x);
        string picture = Diff.HessianSparsityOf(Rosenbrock, x).ToString();
        #endregion
        AssertSame(Diff.Hessian(Rosenbrock, x), h);
        Assert.Equal("""
            6 by 6, 16 places that may differ from zero
            × × · · · ·
            × × × · · ·
            · × × × · ·
            · · × × × ·
            · · · × × ×
            · · · · × ×
            """.ReplaceLineEndings(), picture.ReplaceLineEndings());
    }

    [Fact]
    public void Evaluators()
    {
        static Tensor Residual(Tensor u) => 100 * (u[2..] - 2 * u[1..^1] + u[..^2]) - Tensor.Pow(u[1..^1], 4);
        Tensor u = Tensor.Linspace(1, 2, 102);
        #region sparse-evaluator
        SparseEvaluator jacobian = Diff.CompileSparseJacobian(Residual, at: u);    // pattern, colours, program: once
        double[] point = u.ToArray(), residuals = new double[jacobian.Outputs], values = new double[jacobian.Pattern.Count];
        for (int step = 0; step < 3; step++)
        {
            jacobian.Evaluate(point, residuals, values);          // numbers only, in the order of jacobian.Pattern
            for (int k = 0; k < residuals.Length; k++) point[k + 1] += 0.001 * residuals[k];
        }
        #endregion
        Assert.Equal(3, jacobian.Coloring.Count);
        jacobian.Evaluate(point, values);
        AssertSame(Diff.Jacobian(Residual, Tensor.Of(point)), CsrMatrix.Of(jacobian.Pattern, values));
    }

    #region sparse-generic
    // springs between neighbours, written for numbers
    static T[] Forces<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        var forces = new T[x.Length];
        for (int i = 0; i + 1 < x.Length; i++)
        {
            T stretch = x[i + 1] - x[i] - T.One, force = stretch + stretch * stretch * stretch;
            forces[i] += force;
            forces[i + 1] -= force;
        }
        return forces;
    }
    #endregion

    [Fact]
    public void Generic_methods()
    {
        double[] x = [0, 1.1, 2.3, 2.9, 4.2];
        #region sparse-generic-use
        SparseEvaluator stiffness = Diff.CompileSparseJacobian(Forces, at: x);
        CsrMatrix matrix = stiffness.Evaluate(x);
        #endregion
        Assert.Equal(13, matrix.Pattern.Count);
        double[,] dense = Diff.Jacobian(Forces<double>, x);
        for (int i = 0; i < 5; i++)
            for (int k = 0; k < 5; k++) Assert.Equal(dense[i, k], matrix[i, k], 1e-12);
    }

    [Fact]
    public void Given_patterns()
    {
        static Tensor F(Tensor x) => x * x.Roll(1);
        Tensor x = Tensor.Linspace(1, 2, 5);
        #region sparse-pattern
        var pattern = SparsityPattern.FromCoordinates(rows: 5, columns: 5,
            from i in Enumerable.Range(0, 5) from j in new[] { i, (i + 4) % 5 } select (i, j));
        var evaluator = Diff.CompileSparseJacobian(F, at: x, new() { Pattern = pattern, CheckPattern = true });
        #endregion
        AssertSame(Diff.Jacobian(F, x), evaluator.Evaluate(x));
    }
}

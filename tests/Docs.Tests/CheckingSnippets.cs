using System;
using System.Numerics;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>What docs/checking.md shows in C#, compiled and run.</summary>
public class CheckingSnippets
{
    [Fact]
    public void A_right_gradient()
    {
        #region checking-first
        Tensor x = Tensor.Of(0.3, -1.2, 2.1);
        Check.Gradient(x => Tensor.Sum(x * Tensor.Sin(x)), at: x);
        #endregion
    }

    [Fact]
    public void A_wrong_rule()
    {
        #region checking-wrong
        var square = Diff.WithRule(x => x * x, pull: (x, y, w) => w * x, name: "square");
        CheckReport report = Check.TryGradient(x => Tensor.Sum(square(x)), at: Tensor.Of(0.3, -1.2, 2.1));
        Console.WriteLine(report);
        #endregion
        foreach (var line in new[]
        {
            "Check.Gradient disagrees, at step Differences: 3 of 3 derivatives differ from differences of values.",
            "  looks like  halved: a factor 2 is missing (as in the derivative of a square), or one of two equal terms, in all 3 places",
            "  worst       dy / dx[2], reverse mode, order 1",
            "  analytic    2.1",
            "  ratio       0.5",
            "    var x = Tensor.FromArray(new double[] { 0.3, -1.2, 2.1 });",
            "    Check.Gradient(f, x, new CheckOptions { Seed = 0 });",
        }) Assert.Contains(line, report.ToString().ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public void The_verbs()
    {
        Tensor at = Tensor.Of(0.3, -1.2, 2.1);
        #region checking-verbs
        Check.Jacobian(x => Tensor.Exp(x) * x, at);
        Check.Hessian(x => Tensor.Sum(Tensor.Exp(x) * x), at);
        Check.Derivatives(x => Tensor.Exp(x) * x, at, order: 3);
        Check.Gradient(p => Tensor.Sum(p.Weight * p.Weight) + p.Bias, at: (Weight: at, Bias: Tensor.Scalar(0.5)));
        Check.Gradient(x => Tensor.Sum(x * x), gradient: x => 2 * x, at: at);
        #endregion
    }

    [Fact]
    public void Options()
    {
        #region checking-options
        Check.Gradient(
            x => Tensor.Sum(Tensor.Sqrt(x) + Tensor.Abs(x - 1)),
            at: Tensor.Of(1e-6, 1, 3),
            new CheckOptions { RelTol = 1e-7, Domain = [(0, double.PositiveInfinity)], Kinks = CheckKinks.Skip, Seed = 3 });
        #endregion
    }

    [Fact]
    public void A_rule_of_ones_own()
    {
        #region checking-rule
        var addBias = new CustomRule(
            "addBias",
            xs => xs[0].Rank == 2 && xs[1].Rank == 1 ? xs[0] + xs[1] : throw new ArgumentException("addBias takes a matrix and a vector."),
            push: (xs, y, ds) => ds[0] + ds[1],
            pull: (xs, y, w) => [w, w.Sum(axis: 0)]);

        Check.Rule(addBias, [Tensor.FromArray(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } }), Tensor.Of(0.1, 0.2, 0.3)]);
        #endregion
    }

    #region checking-numbers
    private readonly struct Rosenbrock : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            var (a, b) = (x[1] - x[0] * x[0], T.One - x[0]);
            return T.CreateChecked(100) * a * a + b * b;
        }
    }
    #endregion

    [Fact]
    public void Numbers()
    {
        #region checking-numbers-call
        Check.Gradient(new Rosenbrock(), [-1.2, 1.0]);
        Check.Hessian(new Rosenbrock(), [-1.2, 1.0]);
        #endregion
    }

    [Fact]
    public void Properties()
    {
        #region checking-property
        CheckProperty.Gradient(
            x => Tensor.Sum(x * Tensor.Log(x)),
            new PropertyOptions { Domain = (0, 10), MaxRank = 2 });
        #endregion
    }
}

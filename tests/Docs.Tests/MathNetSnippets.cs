using System;
using System.Linq;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/mathnet.md.</summary>
public class MathNetSnippets
{
    [Fact]
    public void Minimising()
    {
        #region mathnet-objective
        static Tensor Rosenbrock(Tensor x) => Tensor.Pow(1 - x[0], 2) + 100 * Tensor.Pow(x[1] - x[0] * x[0], 2);

        var objective = Objective.From(Rosenbrock);
        var start = Vector<double>.Build.Dense([-1.2, 1.0]);
        var quasiNewton = new BfgsMinimizer(1e-8, 1e-10, 1e-10).FindMinimum(objective, start);
        var newton = new NewtonMinimizer(1e-8, 1000).FindMinimum(objective, start);    // with the exact Hessian
        #endregion
        foreach (var point in new[] { quasiNewton.MinimizingPoint, newton.MinimizingPoint })
        {
            Assert.Equal(1, point[0], 1e-6);
            Assert.Equal(1, point[1], 1e-6);
        }
    }

    #region mathnet-decay
    record Decay(Tensor Amount, Tensor Rate);
    #endregion

    [Fact]
    public void Fitting()
    {
        #region mathnet-model
        Tensor t = Tensor.Linspace(0, 4, 9);
        Tensor Predict(Decay m) => m.Amount * Tensor.Exp(-m.Rate * t);
        Tensor measured = Predict(new(Tensor.Scalar(3), Tensor.Scalar(0.7)));

        var guess = new Decay(Tensor.Scalar(1), Tensor.Scalar(0.1));
        var model = Objective.Model<Decay>(Predict, guess, measured.ToVector<double>());
        var result = new LevenbergMarquardtMinimizer().FindMinimum(model, Objective.Start(guess));
        Decay fitted = Objective.Read(guess, result.MinimizingPoint);    // 3 and 0.7
        #endregion
        Assert.Equal(3, fitted.Amount.ToDouble(), 1e-6);
        Assert.Equal(0.7, fitted.Rate.ToDouble(), 1e-6);
    }

    [Fact]
    public void Border()
    {
        #region mathnet-convert
        Matrix<double> matrix = Matrix<double>.Build.DenseIdentity(3);
        Tensor tensor = Tensor.FromMatrix(matrix);
        Vector<double> column = tensor[.., 0].ToVector<double>();
        #endregion
        Assert.Equal([1, 0, 0], column.ToArray());
    }
}

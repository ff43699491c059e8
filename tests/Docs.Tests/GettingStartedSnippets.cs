using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/getting-started.md.</summary>
public class GettingStartedSnippets
{
    [Fact]
    public void Tensors()
    {
        #region start-tensors
        Tensor x = Tensor.Of(1, 2, 3);                            // a vector of float64
        Tensor a = new double[,] { { 1, 2, 0 }, { 0, 1, 4 } };     // a matrix
        Tensor y = Tensor.Exp(-a.MatMul(x) / 10) + x[0];           // shape [2]
        Console.WriteLine(y);
        #endregion
        Expect.Equal([2], [Math.Exp(-0.5) + 1, Math.Exp(-1.4) + 1], y);
    }

    [Fact]
    public void Gradients()
    {
        #region start-gradient
        Tensor Loss(Tensor x) => (x * x * x).Sum();

        Tensor gradient = Diff.Gradient(Loss, Tensor.Of(1, 2));    // [3, 12]
        Tensor hessian = Diff.Hessian(Loss, Tensor.Of(1, 2));      // [[6, 0], [0, 12]]
        double slope = Diff.Derivative(x => x * Tensor.Sin(x), at: 2.0);
        #endregion
        Expect.Equal([2], [3, 12], gradient);
        Expect.Equal([2, 2], [6, 0, 0, 12], hessian);
        Assert.Equal(Math.Sin(2) + 2 * Math.Cos(2), slope, 1e-15);
    }

    #region start-line
    record Line(Tensor Slope, Tensor Offset);

    static Line Fit(Tensor t, Tensor y)
    {
        var line = new Line(Tensor.Scalar(0), Tensor.Scalar(0));
        for (var step = 0; step < 500; step++)
        {
            Line gradient = Diff.Gradient(l => Tensor.SquaredError(l.Slope * t + l.Offset, y), line);
            line = ParameterTree.Map((p, g) => p - 0.1 * g, line, gradient);
        }

        return line;
    }
    #endregion

    [Fact]
    public void A_line_is_fitted()
    {
        #region start-fit
        Line line = Fit(t: Tensor.Of(0, 1, 2, 3), y: Tensor.Of(1, 3, 5, 7));
        Console.WriteLine($"{line.Slope} t + {line.Offset}");
        #endregion
        Assert.Equal(2, line.Slope.ToDouble(), 1e-9);
        Assert.Equal(1, line.Offset.ToDouble(), 1e-9);
    }
}

using System;
using System.Numerics;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/choosing-a-face.md.</summary>
public class FacesSnippets
{
    private static readonly Tensor s_rows = Tensor.RandomUniform(RandomKey.FromSeed(1), new[] { 4, 6 }, -1, 1);

    [Fact]
    public void Tensors()
    {
        Tensor xs = s_rows, x = xs[2];
        #region faces-tensor
        static Tensor Energy(Tensor x) => Tensor.Square(Tensor.Square(x) - 1).Sum() + (Tensor.Sin(x[..^1]) * x[1..]).Sum();

        Tensor gradient = Diff.Gradient(Energy, x);                                  // as it is
        var compiled = Diff.Compile((Tensor x) => Diff.Gradient(Energy, x));         // traced once, fused, run
        Tensor same = compiled(x);
        Tensor rows = Diff.Compile(Diff.Vmap((Tensor x) => Diff.Gradient(Energy, x)))(xs);   // for each row of xs
        #endregion
        Assert.True(Tensor.AllClose(gradient, same, 1e-13, 1e-13));
        Assert.True(Tensor.AllClose(gradient, rows[2], 1e-13, 1e-13));
        var numbers = Diff.Gradient(FacesSnippets.Energy, at: x.ToArray());
        Assert.True(Tensor.AllClose(Tensor.FromArray(numbers), gradient, 1e-13, 1e-13));
    }

    #region faces-generic
    static T Energy<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        for (var k = 0; k < x.Length; k++)
        {
            T well = x[k] * x[k] - T.One;
            sum += well * well;
            if (k + 1 < x.Length) sum += T.Sin(x[k]) * x[k + 1];
        }

        return sum;
    }
    #endregion

    [Fact]
    public void Numbers()
    {
        double[] points = s_rows.ToArray(), point = s_rows[0].ToArray(), values = new double[4], gradients = new double[24];
        #region faces-numbers
        double[] gradient = Diff.Gradient(Energy, at: point);                        // as it is
        CompiledScalarFunction compiled = Diff.Compile(Energy, at: point);           // recorded once, straight-line code
        compiled.ValueAndGradient(point, gradient);
        compiled.ValueAndGradientBatch(points, values, gradients);                   // for each row of points
        #endregion
        var plain = Diff.Gradient(Energy, at: point);
        for (var k = 0; k < 6; k++)
        {
            Assert.Equal(plain[k], gradient[k], 1e-13);
            Assert.Equal(plain[k], gradients[k], 1e-13);
        }
    }
}

using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/programs.md.</summary>
public class ProgramsSnippets
{
    [Fact]
    public void Compiling()
    {
        var x = Tensor.Linspace(0, 1, 1000);
        #region programs-compile
        static Tensor Loss(Tensor x) => (Tensor.Tanh(1.5 * x + 0.25) * Tensor.Exp(-x * x)).Sum();

        var step = Diff.Compile((Tensor x) => Diff.ValueAndGradient(Loss, x));
        var (value, gradient) = step(x);             // traced, fused and run
        (value, gradient) = step(x + 1);             // run
        int traces = CompiledFunction.Of(step).TraceCount;   // 1: same shape, same element type
        #endregion
        Assert.Equal(1, traces);
        Assert.Equal(Loss(x + 1).ToDouble(), value.ToDouble());
        Assert.True(Tensor.AllClose(Diff.Gradient(Loss, x + 1), gradient, 1e-14, 1e-14));
    }

    [Fact]
    public void Reading()
    {
        #region programs-read
        Program program = Diff.ProgramOf((Tensor x) => Diff.Gradient(x => (x * x).Sum(), x), Tensor.Zeros(3));
        Console.WriteLine(program);
        #endregion
        Assert.Equal(1, program.InputCount);
        Assert.Equal(1, program.OutputCount);
        Assert.StartsWith("program (a: float64[3])", program.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Batching()
    {
        var key = RandomKey.FromSeed(1);
        Tensor w = Tensor.RandomNormal(key, new[] { 3 }), xs = Tensor.RandomNormal(key.Fold(1), new[] { 5, 3 }), ys = Tensor.Zeros(5);
        #region programs-vmap
        static Tensor Loss(Tensor w, Tensor x, Tensor y) => Tensor.Square((w * x).Sum() - y);

        // the gradient by w for each example: w is shared, xs and ys hold the examples along their first axis
        var perExample = Diff.Vmap((Tensor w, Tensor x, Tensor y) => Diff.Gradient(w => Loss(w, x, y), w), axis1: null);
        Tensor gradients = perExample(w, xs, ys);    // [5, 3]
        #endregion
        Assert.Equal(new Shape(5, 3), gradients.Shape);
        for (var k = 0; k < 5; k++)
        {
            Tensor x = xs[k], y = ys[k];
            Assert.True(Tensor.AllClose(Diff.Gradient(w => Loss(w, x, y), w), gradients[k], 1e-14, 1e-14));
        }
    }
}

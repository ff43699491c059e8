using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/control-flow.md.</summary>
public class ControlFlowSnippets
{
    [Fact]
    public void Choices()
    {
        #region control-cond
        static Tensor Huber(Tensor r) => Diff.Cond(Tensor.Abs(r) < 1.0, x => 0.5 * x * x, x => Tensor.Abs(x) - 0.5, r);

        var compiled = Diff.Compile<Tensor, Tensor>(Huber);                    // traced once, takes either branch later
        Tensor losses = Diff.Vmap<Tensor, Tensor>(Huber)(Tensor.Of(0.5, 3));   // a choice for each example
        double slope = Diff.Derivative(compiled, at: 3.0);                     // 1
        #endregion
        Expect.Elements(losses, 1e-12, 0.125, 2.5);
        Assert.Equal(1, slope);
        #region control-switch
        Func<Tensor, Tensor>[] activations = [Tensor.Tanh, Tensor.Relu, x => x];
        Tensor Activate(Tensor which, Tensor x) => Diff.Switch(which, activations, x);
        #endregion
        Expect.Elements(Activate(Tensor.Scalar(1).Cast(DType.Int32), Tensor.Of(-1, 2)), 1e-12, 0, 2);
    }

    [Fact]
    public void While()
    {
        #region control-while
        static Tensor SquareRoot(Tensor a) => Diff.While(
            x => Tensor.Abs(x * x - a) > 1e-12 * a,
            x => 0.5 * (x + a / x),
            initial: a);

        var root = Diff.Compile<Tensor, Tensor>(SquareRoot);
        double slope = Diff.Gradient(root, at: 2.0).ToDouble();                            // 1/(2√2), back through every step
        Tensor roots = Diff.Vmap<Tensor, Tensor>(SquareRoot)(Tensor.Of(2, 100, 1e6));      // until the last one is done
        #endregion
        Assert.Equal(1 / (2 * Math.Sqrt(2)), slope, 1e-9);
        Expect.Elements(roots, 1e-6, Math.Sqrt(2), 10, 1000);
    }

    [Fact]
    public void Scan()
    {
        var (a, b) = RandomKey.FromSeed(1).Split();
        var w = Tensor.RandomNormal(a, new[] { 3, 3 }) * 0.4;
        var sequence = Tensor.RandomNormal(b, new[] { 10, 3 });
        #region control-scan
        static Tensor Loss(Tensor w, Tensor sequence)
        {
            var (last, outputs) = Diff.Scan((Tensor h, Tensor x) =>
            {
                var next = Tensor.Tanh(Tensor.MatMul(w, h) + x);    // w comes from outside: its gradients add up
                return (next, next.Sum());
            }, Tensor.Zeros(3), sequence);                          // rows of [10, 3]
            return Tensor.Square(outputs).Mean();                   // [10]
        }

        var gradient = Diff.Compile((Tensor v) => Diff.Gradient(u => Loss(u, sequence), v));
        #endregion
        Expect.Elements(gradient(w), 1e-12, Diff.Gradient(u => Loss(u, sequence), w).Ravel().ToArray());

        #region control-for
        static Tensor Grow(Tensor rate) => Diff.ForI(0, 1000, (i, x) => x + 0.001 * rate * x, initial: Tensor.Scalar(1));
        #endregion
        Assert.Equal(Math.E, Diff.Derivative(Grow, at: 1.0), 0.01);
    }

    [Fact]
    public void Checkpoints()
    {
        #region control-checkpoints
        static Tensor End(Tensor x) => Diff.ForI(0, 100_000, (_, y) => 0.5 * Tensor.Sin(y) + x, x, checkpoints: 16).Sum();

        Tensor slopes = Diff.Gradient(End, Tensor.Of(0.1, 0.5, 0.9));    // 16 states at a time instead of 100,000
        #endregion
        Assert.Equal(3, slopes.Count);
    }

    [Fact]
    public void Associative()
    {
        var a = Tensor.Linspace(0.1, 0.9, 8);
        var b = Tensor.Ones(8);
        #region control-associative
        // yₖ = aₖ yₖ₋₁ + bₖ for all k, in 2 log₂ n operations
        var (_, y) = Diff.AssociativeScan<(Tensor A, Tensor B)>((p, q) => (p.A * q.A, q.A * p.B + q.B), (a, b));
        #endregion
        Assert.Equal(a[1].ToDouble() + 1, y[1].ToDouble(), 1e-12);
    }
}

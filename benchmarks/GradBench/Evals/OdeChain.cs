using System;
using System.Collections.Generic;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The classical Runge-Kutta method on the chain y₀' = x₀, yᵢ' = xᵢ yᵢ₋₁, and the derivative of the last component.</summary>
internal sealed class OdeChain : IEval
{
    /// <summary>Steps whose states are kept for the way back; what lies between them is computed again.</summary>
    private const int Checkpoints = 10;

    public string Name => "ode";

    public IReadOnlyList<string> Functions => ["primal", "gradient"];

    public Input Example => Input.Of(("x", new[] { 0.5, 0.8, 0.6 }), ("s", 2));

    public IEvaluation Prepare(string function, Input input)
    {
        var x = Tensor.FromArray(input.List("x", -1).Data);
        if (x.Count == 0) throw new InputException("The field x is empty.");
        var s = input.Integer("s", 1);
        var compiled = function == "primal"
            ? Diff.Compile((Tensor x) => Solve(x, s))
            : Diff.Compile((Tensor x) => Diff.Gradient(x => Solve(x, s)[^1], x));
        return new Evaluation<Tensor>(() => compiled(x), static y => new ListOutput(y.ToArray()));
    }

    /// <summary>y at time 2, after s steps from y = 0.</summary>
    private static Tensor Solve(Tensor x, int s)
    {
        var h = 2.0 / s;
        return Diff.ForI(0, s, (_, y) => Step(x, y, h), Tensor.ZerosLike(x), s > Checkpoints * Checkpoints / 2 ? Checkpoints : 0);
    }

    private static Tensor Step(Tensor x, Tensor y, double h)
    {
        var k1 = Slope(x, y);
        var k2 = Slope(x, y + 0.5 * h * k1);
        var k3 = Slope(x, y + 0.5 * h * k2);
        var k4 = Slope(x, y + h * k3);
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
    }

    /// <summary>x₀, x₁ y₀, x₂ y₁, ...</summary>
    private static Tensor Slope(Tensor x, Tensor y) => x * y[..^1].Pad([(1, 0)], value: 1);
}

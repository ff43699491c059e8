using System;
using System.Collections.Generic;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The classical Runge-Kutta method on the chain y₀' = x₀, yᵢ' = xᵢ yᵢ₋₁, and the derivative of the last component.</summary>
internal sealed class OdeChain : IEval
{
    /// <summary>Numbers that may be kept for the way back: where the states of all steps are more, some are kept and what lies between them is computed again.</summary>
    private const long Kept = 1 << 26;

    /// <summary>How many components before it the step of a component takes.</summary>
    private const int Reach = 4;

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
    /// <remarks>Before y₀ stand components that do not move, 0, 0, 0, 1, with 0 in the place of x: so y₀' = x₀ · 1 has the form of the other equations.</remarks>
    private static Tensor Solve(Tensor x, int s)
    {
        var (h, n) = (2.0 / s, x.Count);
        var rates = x.Pad([(Reach, 0)]);
        var start = Tensor.Concat(Tensor.Of(0, 0, 0, 1), Tensor.ZerosLike(x));
        var checkpoints = (long)s * start.Count <= Kept ? 0 : (int)Math.Max(10, Kept / start.Count);
        return Diff.ForI(0, s, (_, y) => Tensor.Concat(y[..Reach], Step(rates, y, h, n)), start, checkpoints)[Reach..];
    }

    /// <summary>One step for all components at once. The step of a component takes the four before it, so that every stage is computed where it is needed, for its neighbours as well.</summary>
    private static Tensor Step(Tensor rates, Tensor states, double h, int n)
    {
        Tensor X(int back) => rates[(Reach - back)..(Reach - back + n)];
        Tensor Y(int back) => states[(Reach - back)..(Reach - back + n)];
        Tensor K1(int back) => X(back) * Y(back + 1);
        Tensor K2(int back) => X(back) * (Y(back + 1) + 0.5 * h * K1(back + 1));
        Tensor K3(int back) => X(back) * (Y(back + 1) + 0.5 * h * K2(back + 1));
        Tensor K4(int back) => X(back) * (Y(back + 1) + h * K3(back + 1));
        return Y(0) + h / 6 * (K1(0) + 2 * K2(0) + 2 * K3(0) + K4(0));
    }
}

using System;
using System.Collections.Generic;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The logarithm of a sum of exponentials, from maximum, exponential, sum and logarithm.</summary>
internal sealed class Lse : IEval
{
    private readonly Func<Tensor, Tensor> _primal = Diff.Compile<Tensor, Tensor>(LogSumExp);
    private readonly Func<Tensor, Tensor> _gradient = Diff.Compile((Tensor x) => Diff.Gradient(LogSumExp, x));

    public string Name => "lse";

    public IReadOnlyList<string> Functions => ["primal", "gradient"];

    public Input Example => Input.Of(("x", new[] { 0.5, -1, 2, 0.25 }));

    public IEvaluation Prepare(string function, Input input)
    {
        var x = Tensor.FromArray(input.List("x", -1).Data);
        if (x.Count == 0) throw new InputException("The field x is empty.");
        return function == "primal"
            ? new Evaluation<Tensor>(() => _primal(x), static y => new NumberOutput(y.ToDouble()))
            : new Evaluation<Tensor>(() => _gradient(x), static g => new ListOutput(g.ToArray()));
    }

    /// <summary>The shift by the maximum cancels, whatever it is, so its derivative is not asked for.</summary>
    private static Tensor LogSumExp(Tensor x)
    {
        var largest = Diff.StopGradient(x.Max());
        return largest + Tensor.Log(Tensor.Exp(x - largest).Sum());
    }
}

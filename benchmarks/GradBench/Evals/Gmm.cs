using System.Collections.Generic;
using System.Linq;
using DiffLib.Benchmarks.GradBench.Protocol;
using DiffLib.Benchmarks.Objectives;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The log posterior of a mixture of Gaussians.</summary>
internal sealed class Gmm : IEval
{
    public string Name => "gmm";

    public IReadOnlyList<string> Functions => ["objective", "jacobian"];

    public Input Example => Of(2, 2, 300, n => [.. Enumerable.Range(0, n).Select(k => System.Math.Sin(k))]);

    public IEvaluation Prepare(string function, Input input)
    {
        int d = input.Integer("d", 2), k = input.Integer("k", 1), n = input.Integer("n", 1);
        var mixture = new GaussianMixture(k, d, input.List("x", n, d).Data, input.Number("gamma"), input.Integer("m", 0), WishartTerm.Prior);
        var lowers = d * (d - 1) / 2;
        var parameters = new MixtureParameters(input.List("alpha", k).Data, input.List("mu", k, d).Data, input.List("q", k, d).Data, input.List("l", k, lowers).Data);
        if (function == "objective") return new Evaluation<double>(() => mixture.Objective(parameters), static y => new NumberOutput(y));
        var gradient = MixtureParameters.Create(k, d);
        return new Evaluation<double>(
            () => mixture.Gradient(parameters, gradient),
            _ => new ObjectOutput(
                ("alpha", new ListOutput(gradient.Alpha)),
                ("mu", new RowsOutput(gradient.Means, d)),
                ("q", new RowsOutput(gradient.LogDiagonals, d)),
                ("l", new RowsOutput(gradient.Lowers, lowers))));
    }

    /// <summary>An input of some size.</summary>
    public static Input Of(int d, int k, int n, System.Func<int, double[]> numbers) => Input.Of(
        ("d", d), ("k", k), ("n", n), ("x", new Numbers(numbers(n * d), [n, d])), ("alpha", numbers(k)), ("mu", new Numbers(numbers(k * d), [k, d])),
        ("q", new Numbers(numbers(k * d), [k, d])), ("l", new Numbers(numbers(k * d * (d - 1) / 2), [k, d * (d - 1) / 2])), ("m", 0), ("gamma", 1.0));
}

using System.Collections.Generic;
using System.Linq;
using DiffLib.Benchmarks.GradBench.Protocol;
using DiffLib.Benchmarks.Objectives;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The loss of a character model with long short-term memory.</summary>
internal sealed class Lstm : IEval
{
    public string Name => "lstm";

    public IReadOnlyList<string> Functions => ["objective", "jacobian"];

    public Input Example => Of(2, 14, 64, n => [.. Enumerable.Range(0, n).Select(k => 0.5 + 0.4 * System.Math.Sin(k))]);

    public IEvaluation Prepare(string function, Input input)
    {
        var main = input.List("main_params", -1, -1);
        var extra = input.List("extra_params", 3, -1);
        int rows = main.Shape[0], width = extra.Shape[^1];
        if (rows == 0 || rows % 2 != 0 || main.Shape[^1] != 4 * width) throw new InputException($"main_params must have two rows of {4 * width} numbers for each layer.");
        var sequence = input.List("sequence", -1, width);
        if (sequence.Shape[0] < 2) throw new InputException("The sequence must have two characters at least.");
        var model = new DiagonalLstm(rows / 2, width, input.List("state", rows, width).Data, sequence.Data);
        double[] parameters = [.. main.Data, .. extra.Data];
        if (function == "objective") return new Evaluation<double>(() => model.Objective(parameters), static y => new NumberOutput(y));
        var gradient = new double[model.Parameters];
        return new Evaluation<double>(() => model.Gradient(parameters, gradient), _ => new ListOutput(gradient));
    }

    /// <summary>An input of some size, with a sequence of zeros and ones.</summary>
    public static Input Of(int layers, int width, int count, System.Func<int, double[]> numbers) => Input.Of(
        ("main_params", new Numbers(numbers(8 * layers * width), [2 * layers, 4 * width])), ("extra_params", new Numbers(numbers(3 * width), [3, width])),
        ("state", new Numbers(numbers(2 * layers * width), [2 * layers, width])),
        ("sequence", new Numbers([.. numbers(count * width).Select(x => x < 0.5 ? 0.0 : 1)], [count, width])));
}

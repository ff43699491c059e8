using System.Collections.Generic;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The square of a number and its derivative.</summary>
internal sealed class Hello : IEval
{
    public string Name => "hello";

    public IReadOnlyList<string> Functions => ["square", "double"];

    public Input Example => Input.Of(1.5);

    public IEvaluation Prepare(string function, Input input)
    {
        var x = double.IsNaN(input.Value) ? throw new InputException("The input is not a number.") : input.Value;
        return new Evaluation<double>(
            function == "square" ? () => Square.Of(x) : () => Diff.Derivative(new Square(), x),
            static y => new NumberOutput(y));
    }

    private readonly struct Square : IUnivariateFunction
    {
        public static T Of<T>(T x) where T : System.Numerics.IFloatingPointIeee754<T> => x * x;

        public T Invoke<T>(T x) where T : System.Numerics.IFloatingPointIeee754<T> => Of(x);
    }
}

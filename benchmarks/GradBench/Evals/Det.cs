using System;
using System.Collections.Generic;
using System.Numerics;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The determinant by expansion along the first row, every minor computed each time it is met.</summary>
internal sealed class Det : IEval
{
    public string Name => "det";

    public IReadOnlyList<string> Functions => ["primal", "gradient"];

    public Input Example => Input.Of(("A", new double[] { 1, 2, 3, 4, 5, 6, 7, 8, 10 }), ("ell", 3));

    public IEvaluation Prepare(string function, Input input)
    {
        var ell = input.Integer("ell", 1);
        var a = input.List("A", ell * ell).Data;
        return function == "primal"
            ? new Evaluation<double>(() => new Determinant().Invoke<double>(a), static y => new NumberOutput(y))
            : new Evaluation<double[]>(() => Diff.ValueAndGradient<double>(new Determinant().Invoke, a).Gradient, static y => new ListOutput(y));
    }

    private readonly struct Determinant : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> a) where T : IFloatingPointIeee754<T>
        {
            var ell = (int)Math.Sqrt(a.Length);
            Span<int> columns = stackalloc int[ell];
            for (var j = 0; j < ell; j++) columns[j] = j;
            return Minor(a, columns, ell);
        }
    }

    /// <summary>The determinant of the last rows in some columns.</summary>
    private static T Minor<T>(ReadOnlySpan<T> a, ReadOnlySpan<int> columns, int ell) where T : IFloatingPointIeee754<T>
    {
        var row = a[((ell - columns.Length) * ell)..];
        if (columns.Length == 1) return row[columns[0]];
        if (columns.Length == 2) return row[columns[0]] * row[ell + columns[1]] - row[columns[1]] * row[ell + columns[0]];
        Span<int> rest = stackalloc int[columns.Length - 1];
        columns[1..].CopyTo(rest);
        var sum = row[columns[0]] * Minor(a, rest, ell);
        for (var j = 1; j < columns.Length; j++)
        {
            rest[j - 1] = columns[j - 1];
            var term = row[columns[j]] * Minor(a, rest, ell);
            sum = j % 2 == 0 ? sum + term : sum - term;
        }

        return sum;
    }
}

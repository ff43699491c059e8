using System;
using System.Collections.Generic;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The least squares of a polynomial against the sign of its argument.</summary>
internal sealed class Llsq : IEval
{
    private readonly Func<Tensor, Tensor, Tensor> _primal = Diff.Compile<Tensor, Tensor, Tensor>(HalfSquares);
    private readonly Func<Tensor, Tensor, Tensor> _gradient = Diff.Compile((Tensor x, Tensor i) => Diff.Gradient(x => HalfSquares(x, i), x));

    public string Name => "llsq";

    public IReadOnlyList<string> Functions => ["primal", "gradient"];

    public Input Example => Input.Of(("x", new[] { 0.1, 0.5, -0.25 }), ("n", 5));

    public IEvaluation Prepare(string function, Input input)
    {
        var x = Tensor.FromArray(input.List("x", -1).Data);
        if (x.Count == 0) throw new InputException("The field x is empty.");
        var n = input.Integer("n", 2);
        return function == "primal"
            ? new Evaluation<Tensor>(() => _primal(x, Tensor.Arange(n)), static y => new NumberOutput(y.ToDouble()))
            : new Evaluation<Tensor>(() => _gradient(x, Tensor.Arange(n)), static g => new ListOutput(g.ToArray()));
    }

    /// <summary>½ Σ (sign t - Σ x_j t^j)² over the points t = -1 + 2i/(n-1).</summary>
    /// <param name="x">The m coefficients.</param>
    /// <param name="i">0, 1, ... n-1.</param>
    private static Tensor HalfSquares(Tensor x, Tensor i)
    {
        var t = 2 * i / (i.Count - 1) - 1;
        return 0.5 * Tensor.Square(Tensor.Sign(t) - Polynomial(x, t)).Sum();
    }

    /// <summary>
    /// A polynomial at many points, in blocks of coefficients as M. S. Paterson and L. J. Stockmeyer evaluate it: x[a, b] t^b summed over b is a product of matrices, and the blocks
    /// meet the powers of t^(number of columns).
    /// </summary>
    private static Tensor Polynomial(Tensor x, Tensor t)
    {
        int m = x.Count, columns = 1 << ((int)Math.Log2(m) + 1) / 2, rows = (m + columns - 1) / columns;
        if (m < rows * columns) x = x.Pad([(0, rows * columns - m)]);
        var low = Powers(t, columns + 1);
        var high = Powers(low[^1], rows);
        var blocks = Tensor.MatMul(x.Reshape(rows, columns), Tensor.Stack(low[..^1]));
        return (Tensor.Stack(high) * blocks).Sum(0);
    }

    /// <summary>1, t, t², ... as many as asked for.</summary>
    private static Tensor[] Powers(Tensor t, int count)
    {
        var powers = new Tensor[count];
        powers[0] = Tensor.OnesLike(t);
        for (var k = 1; k < count; k++) powers[k] = k == 1 ? t : powers[k / 2] * powers[k - k / 2];
        return powers;
    }
}

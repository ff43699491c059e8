using System;
using System.Collections.Generic;
using System.Linq;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Random smooth functions of a vector to a vector of the same length: a graph of 5 to 20 operations made from a seed.</summary>
internal static class Compositions
{
    private static readonly Func<Tensor, Tensor>[] Unary =
    [
        Tensor.Sin, Tensor.Cos, Tensor.Tanh, Tensor.Sigmoid, x => Tensor.Exp(0.3 * x), x => Tensor.Softplus(x), x => Tensor.Sqrt(1 + x * x), x => Tensor.Log(2 + Tensor.Square(x)),
        x => 1 / (1.5 + Tensor.Square(x)), x => x - x.Mean(), x => x / (1 + x.Norm()), x => x.Softmax(), x => x.CumSum(0) * 0.3, x => x[TensorIndex.Step(null, null, -1)], x => x.LogSumExp() - x,
        Tensor.Erf, Tensor.Atan, x => Tensor.Pow(Tensor.Softplus(x), 1.3), x => x * x.Prod(), x => Tensor.Concat(x[1..], x[..1]),
    ];

    private static readonly Func<Tensor, Tensor, Tensor>[] Binary =
    [
        (a, b) => a + b, (a, b) => a - b, (a, b) => a * b, (a, b) => a / (2 + Tensor.Square(b)), (a, b) => Tensor.Hypot(1 + a, b), (a, b) => Tensor.LogAddExp(a, b),
        (a, b) => Tensor.MatMul(Tensor.Outer(a, b), a) * 0.2, (a, b) => Tensor.Dot(a, b) * a * 0.1, (a, b) => Tensor.Where(Tensor.Greater(Tensor.Arange(a.Count), 1.5), a, b),
        (a, b) => Tensor.Atan2(a, 2 + Tensor.Square(b)), (a, b) => Tensor.Einsum("i,j->j", a, b) * 0.2,
    ];

    /// <summary>The function of a seed.</summary>
    public static Func<Tensor, Tensor> Of(int seed)
    {
        var random = new Random(seed);
        var steps = Enumerable.Range(0, random.Next(5, 21)).Select(k => (IsBinary: random.Next(3) == 0, A: random.Next(k + 1), B: random.Next(k + 1), Op: random.Next(1 << 20))).ToArray();
        return x =>
        {
            var values = new List<Tensor> { x };
            foreach (var (isBinary, a, b, op) in steps)
                values.Add(Tensor.Tanh(isBinary ? Binary[op % Binary.Length](values[a], values[b]) : Unary[op % Unary.Length](values[a])));
            return values[^1] + 0.1 * values[values.Count / 2];
        };
    }

    /// <summary>A vector of numbers in (-1, 1) from a seed.</summary>
    public static Tensor Vector(int n, int seed)
    {
        var random = new Random(seed);
        return Tensor.FromArray(Enumerable.Range(0, n).Select(_ => 2 * random.NextDouble() - 1).ToArray());
    }
}

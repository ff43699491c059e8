using System;
using System.Collections.Generic;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>
/// Functions of three tensors, drawn by a seed: 5 to 40 steps, each an operation on earlier results. What is drawn depends on the seed and on shapes only, so that a
/// function can be traced, batched and differentiated like any other.
/// </summary>
internal static class RandomPrograms
{
    private static readonly Func<Random, List<Tensor>, Tensor>[] Steps =
    [
        (r, p) => Unary(r, Some(r, p)),
        (r, p) => Unary(r, Some(r, p)),
        (r, p) => Binary(r, Some(r, p), Some(r, p)),
        (r, p) => Binary(r, Some(r, p), Some(r, p)),
        (r, p) => WithNumber(r, Some(r, p)),
        (r, p) => Reduced(r, Some(r, p)),
        (r, p) => Product(r, Some(r, p), Some(r, p)),
        (r, p) => Sliced(r, Some(r, p)),
        (r, p) => Turned(r, Some(r, p)),
        (r, p) => Joined(r, Some(r, p)),
        (r, p) => Chosen(r, Some(r, p), Some(r, p)),
        (r, p) => Converted(r, Some(r, p)),
        (r, p) => Along(r, Some(r, p)),
        (r, p) => Slope(r, Some(r, p), Some(r, p)),
    ];

    /// <summary>The inputs of a function: [3, 4], [4] and [2, 1, 4], behind further axes if any are given.</summary>
    public static Tensor[] Inputs(int seed, params int[] outer)
    {
        var random = new Random(seed);
        return [Numbers(random, [.. outer, 3, 4]), Numbers(random, [.. outer, 4]), Numbers(random, [.. outer, 2, 1, 4])];
    }

    /// <summary>The function of a seed.</summary>
    public static Func<Tensor[], Tensor[]> Of(int seed) => xs =>
    {
        var random = new Random(seed);
        var pool = new List<Tensor>(xs);
        var count = random.Next(5, 41);
        for (var k = 0; k < count; k++)
        {
            var y = Steps[random.Next(Steps.Length)](random, pool);
            pool.Add(y.Count > 200 ? Tamed(y).Sum(0) : Tamed(y));
        }

        return [pool[^1], pool[^2]];
    };

    private static Tensor Numbers(Random random, int[] shape)
    {
        var count = 1;
        foreach (var size in shape) count *= size;
        var data = new double[count];
        for (var k = 0; k < count; k++) data[k] = (random.NextDouble() * 4) - 2;
        return Tensor.FromArray(data).Reshape(shape);
    }

    /// <summary>Late results more often than early ones, so that chains are long.</summary>
    private static Tensor Some(Random r, List<Tensor> pool) => pool[r.Next(3) == 0 ? r.Next(pool.Count) : pool.Count - 1 - r.Next(Math.Min(3, pool.Count))];

    private static int Axis(Random r, Tensor x) => r.Next(x.Rank);

    /// <summary>Brought to sizes around 1, so that rounding stays rounding.</summary>
    private static Tensor Tamed(Tensor y) => y / Tensor.Sqrt(1 + (y * y).Mean());

    private static Tensor Unary(Random r, Tensor x) => r.Next(12) switch
    {
        0 => Tensor.Sin(x),
        1 => Tensor.Tanh(x),
        2 => Tensor.Exp(x),
        3 => Tensor.Log(1.5 + (x * x)),
        4 => Tensor.Sqrt(1 + (x * x)),
        5 => Tensor.Abs(x),
        6 => -x,
        7 => Tensor.Sigmoid(x),
        8 => Tensor.Softplus(x),
        9 => Tensor.Clamp(x, -1, 0.5),
        10 => Tensor.Relu(x),
        _ => Tensor.Cos(x),
    };

    private static Tensor Fitting(Tensor a, Tensor b)
    {
        // sizes from the last axis on must agree or be 1, else b goes in as one number
        for (var d = 1; d <= Math.Min(a.Rank, b.Rank); d++)
        {
            var (m, n) = (a.Shape[a.Rank - d], b.Shape[b.Rank - d]);
            if (m != n && m != 1 && n != 1) return b.Mean();
        }

        return b;
    }

    private static Tensor Binary(Random r, Tensor a, Tensor other)
    {
        var b = Fitting(a, other);
        return r.Next(7) switch
        {
            0 => a + b,
            1 => a - b,
            2 => a * b,
            3 => a / (1.5 + (b * b)),
            4 => Tensor.Maximum(a, b),
            5 => Tensor.Minimum(a, 0.3 * b),
            _ => Tensor.Atan2(a, 2 + b * b),
        };
    }

    private static Tensor WithNumber(Random r, Tensor x) => r.Next(7) switch
    {
        0 => x * 0.75,
        1 => 1.25 - x,
        2 => x / 3,
        3 => Tensor.Pow(x, 2),
        4 => Tensor.Pow(1 + (x * x), -0.5),
        5 => (x * 1) + 0,
        _ => 2 / (1 + (x * x)),
    };

    private static Tensor Reduced(Random r, Tensor x)
    {
        if (x.Rank == 0) return x * x;
        var (axis, keep) = (Axis(r, x), r.Next(2) == 0);
        return r.Next(6) switch
        {
            0 => x.Sum(axis, keep),
            1 => x.Mean(axis, keep),
            2 => x.Max(axis, keep),
            3 => x.LogSumExp(axis, keep),
            4 => x.Sum(),
            _ => x - x.Mean(axis, true),
        };
    }

    private static Tensor Product(Random r, Tensor a, Tensor b)
    {
        if (a.Rank == 0 || b.Rank == 0) return a * b;
        var (m, n) = (a.Reshape(-1, a.Shape[a.Rank - 1]), b.Reshape(-1, b.Shape[b.Rank - 1]));
        return m.Shape[1] == n.Shape[1] ? m.MatMul(n.Transpose()) : r.Next(2) == 0 ? m.Transpose().MatMul(m) : n.MatMul(n.Transpose());
    }

    private static Tensor Sliced(Random r, Tensor x)
    {
        if (x.Rank == 0) return x;
        var axis = Axis(r, x);
        var size = x.Shape[axis];
        var start = r.Next(size);
        return r.Next(4) switch
        {
            0 => x.Narrow(axis, start, size - start),
            1 => x.Select(axis, start),
            2 => x.Flip(axis),
            _ => x.Take(Tensor.FromArray(new long[] { start, 0, size - 1 }), axis),
        };
    }

    private static Tensor Turned(Random r, Tensor x) => (r.Next(3), x.Rank) switch
    {
        (_, 0) => x.Reshape(1),
        (0, 2) => x.Transpose(),
        (0, 3) => x.Permute(2, 0, 1),
        (1, _) => x.Reshape(-1),
        (_, < 4) => x.ExpandDims(r.Next(x.Rank + 1)),
        _ => x.Reshape(-1, x.Shape[x.Rank - 1]),
    };

    private static Tensor Joined(Random r, Tensor x)
    {
        if (x.Rank is 0 or > 3) return Tensor.Stack([x.Sum(), (x * x).Sum()], 0);
        return r.Next(2) == 0 ? Tensor.Concat([x, -x, Tensor.Sin(x)], Axis(r, x)) : Tensor.Stack([x, 0.5 * x], r.Next(x.Rank + 1));
    }

    private static Tensor Chosen(Random r, Tensor a, Tensor other)
    {
        var b = Fitting(a, other);
        var condition = r.Next(3) switch { 0 => Tensor.Greater(a, b), 1 => Tensor.LessOrEqual(a, 0.1), _ => Tensor.Equal(a, a) };
        return r.Next(2) == 0 ? Tensor.Where(condition, a, b) : Tensor.Where(condition, a * b, Tensor.Sin(a));
    }

    private static Tensor Converted(Random r, Tensor x) => r.Next(3) switch
    {
        0 => x * Tensor.Greater(x, 0.25).Cast(DType.Float64),
        1 => x + Tensor.LessOrEqual(x, -0.5).Cast(DType.Int64).Cast(DType.Float64),
        // through float32 and back, where no rounding of x comes near a step
        _ => x + Tensor.Greater(x, 0.0).Cast(DType.Float32).Cast(DType.Float64),
    };

    private static Tensor Along(Random r, Tensor x)
    {
        if (x.Rank == 0) return Tensor.Tanh(x);
        var axis = Axis(r, x);
        return r.Next(3) switch { 0 => x.CumSum(axis), 1 => x.Softmax(axis), _ => x / Tensor.Sqrt(1 + (x * x).Sum(axis, true)) };
    }

    /// <summary>A derivative inside the function.</summary>
    private static Tensor Slope(Random r, Tensor x, Tensor other)
    {
        var b = Fitting(x, other);
        return r.Next(2) == 0
            ? Diff.Gradient(z => (Tensor.Tanh(z * b) * z).Sum(), x)
            : Diff.Jvp(z => Tensor.Sin(z) * z, x, Tensor.Cos(x)).Tangent;
    }
}

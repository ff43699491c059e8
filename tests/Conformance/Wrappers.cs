using System;
using System.Collections.Generic;

namespace DiffLib.Conformance;

/// <summary>What cases put around an operation, as part of the function: a symmetric or triangular argument, results without the freedom of a sign.</summary>
internal static class Wrappers
{
    private static readonly Dictionary<string, Action<Tensor[]>> Before = new(StringComparer.Ordinal)
    {
        ["sym0"] = xs => xs[0] = 0.5 * (xs[0] + Transposed(xs[0])),
        ["tril0"] = xs => xs[0] = xs[0] * Triangle(xs[0], lower: true),
        ["triu0"] = xs => xs[0] = xs[0] * Triangle(xs[0], lower: false),
        ["tril1"] = xs => xs[1] = xs[1] * Triangle(xs[1], lower: true),
    };

    private static readonly Dictionary<string, Func<Tensor[], Tensor[]>> After = new(StringComparer.Ordinal)
    {
        ["first"] = ys => [ys[0]],
        ["eigh_abs"] = ys => [ys[0], Tensor.Abs(ys[1])],
        ["qr_positive_diag"] = ys => PositiveDiagonal(ys[0], ys[1]),
        ["svd_S"] = ys => [ys[1]],
        ["svd_absU"] = ys => [Tensor.Abs(ys[0])],
        ["svd_absVh"] = ys => [Tensor.Abs(ys[2])],
        ["svd_UVh"] = ys => [Product(ys[0], ys[2]), ys[1]],
    };

    /// <summary>The inputs as the operation sees them.</summary>
    public static Tensor[] Pre(string? name, Tensor[] inputs)
    {
        if (name is null) return inputs;
        var xs = (Tensor[])inputs.Clone();
        (Before.TryGetValue(name, out var wrap) ? wrap : throw new FormatException($"unknown wrapper '{name}'"))(xs);
        return xs;
    }

    /// <summary>The results as the case records them.</summary>
    public static Tensor[] Post(string? name, Tensor[] outputs) =>
        name is null ? outputs
        : After.TryGetValue(name, out var wrap) ? wrap(outputs)
        : throw new FormatException($"unknown wrapper '{name}'");

    private static Tensor Transposed(Tensor x)
    {
        var order = new int[x.Rank];
        for (var d = 0; d < order.Length; d++) order[d] = d;
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return Tensor.Apply(new TransposeRule(order), x);
    }

    /// <summary>Ones on and below (above) the diagonal, zeros elsewhere.</summary>
    private static Tensor Triangle(Tensor x, bool lower)
    {
        var (m, n) = (x.Shape[-2], x.Shape[-1]);
        var mask = new double[m * n];
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++)
                mask[(i * n) + j] = (lower ? j <= i : j >= i) ? 1 : 0;
        return Tensor.Cast(Tensor.NewConst(NDArray.Adopt(new Shape(m, n), mask)), x.DType);
    }

    /// <summary>Columns of Q and rows of R times the sign of R's diagonal; the signs are constants.</summary>
    private static Tensor[] PositiveDiagonal(Tensor q, Tensor r)
    {
        var k = Math.Min(r.Shape[-2], r.Shape[-1]);
        var eye = new double[k * r.Shape[-1]];
        for (var i = 0; i < k; i++) eye[(i * r.Shape[-1]) + i] = 1;
        var diagonal = Sum(r[TensorIndex.Ellipsis, ..k, ..] * Tensor.NewConst(NDArray.Adopt(new Shape(k, r.Shape[-1]), eye)), -1);
        var signs = Tensor.Sign(diagonal);
        return [q * signs[TensorIndex.Ellipsis, TensorIndex.NewAxis, ..], r * signs[TensorIndex.Ellipsis, .., TensorIndex.NewAxis]];
    }

    /// <summary>A matrix product from broadcasting alone, so that this file needs nothing from the operations under test.</summary>
    private static Tensor Product(Tensor a, Tensor b) =>
        Sum(a[TensorIndex.Ellipsis, .., .., TensorIndex.NewAxis] * b[TensorIndex.Ellipsis, TensorIndex.NewAxis, .., ..], -2);

    private static Tensor Sum(Tensor x, int axis) => Tensor.Apply(new SumRule([axis + x.Rank], false), x);
}

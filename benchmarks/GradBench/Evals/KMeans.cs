using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The sum of squared distances of points to their nearest centroids, and Newton's direction for it.</summary>
internal sealed class KMeans : IEval
{
    /// <summary>Distances that are looked through at a time: a part of the second cache.</summary>
    private const int BlockDistances = 1 << 16;

    private readonly Func<Tensor, Tensor, Tensor> _nearest = Diff.Compile<Tensor, Tensor, Tensor>(NearestInBlock, new() { Capacity = 64 });
    private readonly Func<Tensor, Tensor, Tensor, Tensor> _cost = Diff.Compile<Tensor, Tensor, Tensor, Tensor>(Cost, new() { Capacity = 64 });
    private readonly Func<Tensor, Tensor, Tensor, Tensor> _direction = Diff.Compile<Tensor, Tensor, Tensor, Tensor>(Direction, new() { Capacity = 64 });

    public string Name => "kmeans";

    public IReadOnlyList<string> Functions => ["cost", "dir"];

    public Input Example =>
        Input.Of(("points", new Numbers([0, 0, 1, 0, 0.9, 0.8, 0.1, 0.5], [4, 2])), ("centroids", new Numbers([0.9, 0.8, 0.1, 0.5], [2, 2])));

    public IEvaluation Prepare(string function, Input input)
    {
        var list = input.List("points", -1, -1);
        if (list.Data.Length == 0) throw new InputException("The field points is empty.");
        var points = Tensor.FromArray(list.Data, list.Shape);
        var d = list.Shape[1];
        list = input.List("centroids", -1, d);
        if (list.Data.Length == 0) throw new InputException("The field centroids is empty.");
        var centroids = Tensor.FromArray(list.Data, list.Shape);
        return function == "cost"
            ? new Evaluation<Tensor>(() => _cost(centroids, points, Nearest(points, centroids)), static y => new NumberOutput(y.ToDouble()))
            : new Evaluation<Tensor>(() => _direction(centroids, points, Nearest(points, centroids)), g => new RowsOutput(g.ToArray(), d));
    }

    /// <summary>The number of the nearest centroid for each point. It has no derivative: it only chooses.</summary>
    private Tensor Nearest(Tensor points, Tensor centroids)
    {
        var rows = Math.Max(1, BlockDistances / centroids.Shape[0]);
        return points.Shape[0] <= rows
            ? _nearest(points, centroids)
            : Tensor.Concat([.. points.Split(rows).Select(block => _nearest(block, centroids))]);
    }

    /// <summary>|P - C|² without |P|², which does not matter for what is nearest.</summary>
    private static Tensor NearestInBlock(Tensor points, Tensor centroids) =>
        (Tensor.Square(centroids).Sum(1) - 2 * Tensor.MatMul(points, centroids.T)).ArgMin(1);

    private static Tensor Cost(Tensor centroids, Tensor points, Tensor nearest) => Tensor.Square(points - centroids.IndexSelect(0, nearest)).Sum();

    /// <summary>The gradient over the Hessian's diagonal: the Hessian is diagonal, so its product with ones is that.</summary>
    private static Tensor Direction(Tensor centroids, Tensor points, Tensor nearest)
    {
        var (gradient, diagonal) = Diff.GradientAndHvp(c => Cost(c, points, nearest), centroids, Tensor.OnesLike(centroids));
        return gradient / diagonal;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Reductions that occur only among the edge cases, and where this library departs from the record there. A binding another group has stays.</summary>
internal static class EdgeReduceBindings
{
    private const string Limit = "the limit exists, where the record has NaN";

    /// <summary>Departures by the id of the case.</summary>
    public static readonly Dictionary<string, Departure> Departures = new(StringComparer.Ordinal)
    {
        ["edge/softmax/001"] = new("a line of only -∞ gives zeros") { Outputs = [[0, 0]], Vjp = [[0, 0]], Jvp = [[0, 0]] },
        ["edge/softmax/002"] = new(Limit) { Outputs = [[1, 0]], Vjp = [[0, 0]], Jvp = [[0, 0]] },
        ["edge/log_softmax/001"] = new("a line of only -∞ stays so") { Outputs = [[double.NegativeInfinity, double.NegativeInfinity]], Vjp = [[1, 1]], Jvp = [[1, 1]] },
        ["edge/logsumexp/002"] = new(Limit) { Vjp = [[1, 0]], Jvp = [[1]] },
        ["edge/logcumsumexp/001"] = new("the gradient at -∞ is 0") { Vjp = [[0, 0]], Jvp = [[0, 0]] },
        ["edge/logcumsumexp/002"] = new(Limit) { Vjp = [[2, 0]], Jvp = [[1, 1]] },
        ["edge/cumprod/005"] = new("y[j] = x[j] y[j-1] differentiated term by term: where the record has NaN and 0, the factor 0 ends the first, and NaN is the slope of the last")
        {
            Vjp = [[1, double.PositiveInfinity, double.NaN]],
            Jvp = [[1, double.PositiveInfinity, double.NaN]],
        },
        ["edge/linalg.vector_norm/014"] = new("nothing overflows on the way") { Outputs = [[1.4142135623730951e200]], Vjp = [[0.7071067811865475, 0.7071067811865475]], Jvp = [[1.414213562373095]] },
        ["edge/linalg.vector_norm/015"] = new("nothing underflows on the way") { Outputs = [[1.4142135623730951e-200]], Vjp = [[0.7071067811865475, 0.7071067811865475]], Jvp = [[1.414213562373095]] },
    };

    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        Add(r, "linalg.vector_norm", call => Vector(call).Norm(call.Double("ord", 2), call.IntsOrNull("dim"), call.Bool("keepdim")));
        Add(r, "nn.functional.pairwise_distance", call => Tensor.PairwiseDistance(call.Tensor("x1"), call.Tensor("x2"), call.Double("p", 2), call.Double("eps", 1e-6), call.Bool("keepdim")));
        Add(r, "nn.functional.normalize", call => Vector(call).Normalize(call.Double("p", 2), call.Int("dim", 1), call.Double("eps", 1e-12)));
        Add(r, "nn.functional.cosine_similarity", call => Tensor.CosineSimilarity(call.Tensor("x1"), call.Tensor("x2"), call.Int("dim", 1), call.Double("eps", 1e-8)));
        Add(r, "softmax", call => Vector(call) is { Rank: 0 } x ? x.Reshape(1).Softmax().Reshape() : Vector(call).Softmax(call.Int("dim")));
        Add(r, "log_softmax", call => Vector(call) is { Rank: 0 } x ? x.Reshape(1).LogSoftmax().Reshape() : Vector(call).LogSoftmax(call.Int("dim")));
        Add(r, "nn.functional.layer_norm", call => Standardized(Vector(call), call.Ints("normalized_shape").Length, call.Double("eps", 1e-5)));
        Add(r, "nn.functional.group_norm", GroupNorm);
        Add(r, "compose/norm_sq", call => Tensor.Pow(call.Inputs[0].Norm(), 2));
    }

    private static void Add(Registry r, string op, Func<Call, Tensor> call)
    {
        if (r.Find(op) is null) r.Add(op, call);
    }

    private static Tensor Vector(Call call) => call.Tensor("input");

    /// <summary>The last axes brought to mean 0 and variance 1.</summary>
    private static Tensor Standardized(Tensor x, int count, double epsilon)
    {
        var axes = Enumerable.Range(x.Rank - count, count).ToArray();
        return (x - x.Mean(axes, keepAxes: true)) / Tensor.Sqrt(x.Var(axes, keepAxes: true) + epsilon);
    }

    private static Tensor GroupNorm(Call call)
    {
        var x = Vector(call);
        var groups = call.Int("num_groups");
        var grouped = Tensor.ReshapeTo(x, new Shape(x.Shape[0], groups, x.Count / Math.Max(1, x.Shape[0] * groups)));
        return Tensor.ReshapeTo(Standardized(grouped, 1, call.Double("eps", 1e-5)), x.Shape);
    }
}

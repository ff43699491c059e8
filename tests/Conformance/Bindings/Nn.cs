using System;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Layers and losses.</summary>
internal static class NnBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        Regression(r);
        Classification(r);
        Margins(r);
        r.Add("nn.functional.layer_norm", LayerNorm);
        r.Add("nn.functional.group_norm", GroupNorm);
        r.Add("nn.functional.linear", Linear);
        r.Add("nn.functional.embedding", call => DiffLib.Tensor.Embedding(call.Tensor("input"), call.Tensor("weight"), call.IntOrNull("padding_idx")));
        r.Add("nn.functional.max_pool2d", MaxPool2D);
        r.Add("nn.functional.softmin", call => (-call.Tensor("input")).Softmax(call.Int("dim")));
    }

    private static Tensor MaxPool2D(Call call)
    {
        (int, int)? Pair(string name) => !call.Has(name) ? null : call.IsInt(name) ? (call.Int(name), call.Int(name)) : (call.Ints(name)[0], call.Ints(name)[^1]);
        return call.Bool("ceil_mode") || call.Bool("return_indices")
            ? throw new OptionNotAvailableException("ceil_mode or return_indices")
            : DiffLib.Tensor.MaxPool2D(call.Tensor("input"), Pair("kernel_size")!.Value, Pair("stride"), Pair("padding"), Pair("dilation"));
    }

    private static Tensor X(Call call) => call.Tensor("input");

    private static Tensor T(Call call) => call.Tensor("target");

    private static LossReduction Reduction(Call call) => call.Text("reduction", "mean") switch
    {
        "mean" => LossReduction.Mean,
        "sum" => LossReduction.Sum,
        "none" => LossReduction.None,
        "batchmean" => LossReduction.BatchMean,
        var other => throw new FormatException($"unknown reduction {other}"),
    };

    private static void Regression(Registry r)
    {
        r.Add("nn.functional.mse_loss", call => Tensor.SquaredError(X(call), T(call), Reduction(call)));
        r.Add("nn.functional.l1_loss", call => Tensor.AbsoluteError(X(call), T(call), Reduction(call)));
        r.Add("nn.functional.huber_loss", call => Tensor.Huber(X(call), T(call), call.Double("delta", 1), Reduction(call)));
        r.Add("nn.functional.smooth_l1_loss", call => Tensor.SmoothAbsoluteError(X(call), T(call), call.Double("beta", 1), Reduction(call)));
        r.Add("nn.functional.poisson_nll_loss", call => Tensor.PoissonNegativeLogLikelihood(X(call), T(call), call.Bool("log_input", true), call.Bool("full"), call.Double("eps", 1e-8), Reduction(call)));
        r.Add("nn.functional.gaussian_nll_loss", call => Tensor.GaussianNegativeLogLikelihood(X(call), T(call), Variance(call), call.Bool("full"), call.Double("eps", 1e-6), Reduction(call)));
    }

    /// <summary>The peer reads variances without the last axis as one for each row.</summary>
    private static Tensor Variance(Call call)
    {
        var variance = call.Tensor("var");
        var rows = X(call).Shape.ToArray()[..^1];
        return rows.Length > 0 && variance.Shape.Equals(new Shape(rows)) ? variance.ExpandDims(-1) : variance;
    }

    private static void Classification(Registry r)
    {
        r.Add("nn.functional.cross_entropy", call => Tensor.CrossEntropy(X(call), T(call), call.TensorOrNull("weight"), call.IntOrNull("ignore_index"), call.Double("label_smoothing", 0), Reduction(call)));
        r.Add("nn.functional.nll_loss", call => Tensor.NegativeLogLikelihood(X(call), T(call), call.TensorOrNull("weight"), call.IntOrNull("ignore_index"), Reduction(call)));
        r.Add("nn.functional.binary_cross_entropy", call => Tensor.BinaryCrossEntropy(X(call), T(call), call.TensorOrNull("weight"), Reduction(call)));
        r.Add("nn.functional.binary_cross_entropy_with_logits", call => Tensor.BinaryCrossEntropyWithLogits(X(call), T(call), call.TensorOrNull("weight"), call.TensorOrNull("pos_weight"), Reduction(call)));
        r.Add("nn.functional.kl_div", call => Tensor.KlDivergence(X(call), T(call), call.Bool("log_target"), Reduction(call)));
    }

    private static void Margins(Registry r)
    {
        r.Add("nn.functional.hinge_embedding_loss", call => Tensor.HingeEmbedding(X(call), T(call), call.Double("margin", 1), Reduction(call)));
        r.Add("nn.functional.margin_ranking_loss", call => Tensor.MarginRanking(call.Tensor("input1"), call.Tensor("input2"), T(call), call.Double("margin", 0), Reduction(call)));
        r.Add("nn.functional.soft_margin_loss", call => Tensor.SoftMargin(X(call), T(call), Reduction(call)));
        r.Add("nn.functional.cosine_embedding_loss", call => Tensor.CosineEmbedding(call.Tensor("input1"), call.Tensor("input2"), T(call), call.Double("margin", 0), Reduction(call)));
        r.Add("nn.functional.triplet_margin_loss", call => Tensor.TripletMargin(call.Tensor("anchor"), call.Tensor("positive"), call.Tensor("negative"), call.Double("margin", 1), call.Double("p", 2), call.Double("eps", 1e-6), call.Bool("swap"), Reduction(call)));
    }

    private static Tensor Linear(Call call)
    {
        var y = Tensor.MatMul(X(call), call.Tensor("weight").T);
        return call.TensorOrNull("bias") is { } bias ? y + bias : y;
    }

    private static Tensor LayerNorm(Call call)
    {
        var x = X(call);
        var axes = Enumerable.Range(0, call.Ints("normalized_shape").Length).Select(k => -1 - k).ToArray();
        return Affine(call, Standardized(x, axes, call.Double("eps", 1e-5)), null);
    }

    private static Tensor GroupNorm(Call call)
    {
        var x = X(call);
        var groups = call.Int("num_groups");
        var grouped = x.Reshape(x.Shape[0], groups, x.Shape[1] / groups, -1);
        var perChannel = Enumerable.Range(0, x.Rank - 1).Select(d => d == 0 ? x.Shape[1] : 1).ToArray();
        return Affine(call, Standardized(grouped, [2, 3], call.Double("eps", 1e-5)).Reshape(x.Shape), perChannel);
    }

    /// <summary>Mean 0 and variance 1 over the axes.</summary>
    private static Tensor Standardized(Tensor x, int[] axes, double epsilon) =>
        (x - x.Mean(axes, keepAxes: true)) * Tensor.Rsqrt(x.Var(axes, keepAxes: true) + epsilon);

    private static Tensor Affine(Call call, Tensor y, int[]? shape)
    {
        Tensor Shaped(Tensor p) => shape is null ? p : p.Reshape(shape);
        if (call.TensorOrNull("weight") is { } weight) y *= Shaped(weight);
        return call.TensorOrNull("bias") is { } bias ? y + Shaped(bias) : y;
    }
}

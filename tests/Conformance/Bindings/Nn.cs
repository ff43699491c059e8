using System;

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
        r.Add("nn.functional.softmin", call => (-call.Tensor("input")).Softmax(call.Int("dim")));
    }

    private static Tensor X(Call call) => call.Tensor("input");

    private static Tensor T(Call call) => call.Tensor("target");

    /// <summary>The reduction of a loss.</summary>
    public static LossReduction Reduction(Call call) => call.Text("reduction", "mean") switch
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

    private static Tensor Linear(Call call) => DiffLib.Nn.Linear(X(call), call.Tensor("weight"), call.TensorOrNull("bias"));

    private static Tensor LayerNorm(Call call) =>
        DiffLib.Nn.LayerNorm(X(call), call.TensorOrNull("weight"), call.TensorOrNull("bias"), call.Ints("normalized_shape").Length, call.Double("eps", 1e-5));

    private static Tensor GroupNorm(Call call) =>
        DiffLib.Nn.GroupNorm(X(call), call.Int("num_groups"), call.TensorOrNull("weight"), call.TensorOrNull("bias"), call.Double("eps", 1e-5));
}

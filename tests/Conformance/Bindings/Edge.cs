using System;

namespace DiffLib.Conformance.Bindings;

/// <summary>Compositions that occur only among the edge cases, and layers of which these need a corner.</summary>
internal static class EdgeBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        r.Add("compose/sqrt_sq", call => Tensor.Sqrt(call.TensorArg(0) * call.TensorArg(0)));
        r.Add("compose/abs_sq", call => Tensor.Square(Tensor.Abs(call.TensorArg(0))));
        r.Add("compose/log_exp", call => Tensor.Log(Tensor.Exp(call.TensorArg(0))));
        r.Add("compose/sin_over_x", call => Tensor.Sin(call.TensorArg(0)) / call.TensorArg(0));
        r.Add("compose/max_self_neg", call => Tensor.Maximum(call.TensorArg(0), -call.TensorArg(0)));
        r.Add("compose/relu_minus_relu", call => Tensor.Relu(call.TensorArg(0)) - Tensor.Relu(-call.TensorArg(0)));
        r.Add("compose/zero_times_log", call => 0.0 * Tensor.Log(call.TensorArg(0)));
        r.Add("compose/unused_input", call => (call.TensorArg(0) * call.TensorArg(0)).Sum());
        r.Add("compose/constant", call => (0.0 * call.TensorArg(0)) + 5.0);
        r.AddIn("edge", "nn.functional.embedding", Embedding);
        r.AddIn("edge", "nn.functional.max_pool2d", MaxPool);
        r.Add("where/log_guard", call => Tensor.Where(call.TensorArg(0) > 0, Tensor.Log(call.TensorArg(0)), 0.0));
    }

    /// <summary>Rows by number; the row for padding does not learn.</summary>
    private static Tensor Embedding(Call call)
    {
        var weight = call.Tensor("weight");
        var padding = Tensor.Equal(Tensor.Arange(weight.Shape[0]).ExpandDims(1), call.Int("padding_idx"));
        return Tensor.Where(padding, Diff.StopGradient(weight), weight).IndexSelect(0, call.Tensor("input"));
    }

    /// <summary>The largest of each window that does not overlap the next.</summary>
    private static Tensor MaxPool(Call call)
    {
        var (x, k) = (call.Tensor("input"), call.Int("kernel_size"));
        var windows = x.Unfold(2, k, k).Unfold(3, k, k);
        return windows.Flatten(4, 5).MaxWithIndex(4).Values;
    }
}

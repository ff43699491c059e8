namespace DiffLib.Conformance.Bindings;

/// <summary>Compositions that occur only among the edge cases.</summary>
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
        r.Add("where/log_guard", call => Tensor.Where(call.TensorArg(0) > 0, Tensor.Log(call.TensorArg(0)), 0.0));
    }
}

namespace DiffLib.Conformance.Bindings;

/// <summary>Functions of one tensor, element by element.</summary>
internal static class UnaryBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        Plain(r);
        WithParameters(r);
        Activations(r);
    }

    private static void Plain(Registry r)
    {
        r.Add("abs", call => Tensor.Abs(call.Tensor("input")));
        r.Add("acos", call => Tensor.Acos(call.Tensor("input")));
        r.Add("acosh", call => Tensor.Acosh(call.Tensor("input")));
        r.Add("asin", call => Tensor.Asin(call.Tensor("input")));
        r.Add("asinh", call => Tensor.Asinh(call.Tensor("input")));
        r.Add("atanh", call => Tensor.Atanh(call.Tensor("input")));
        r.Add("atan", call => Tensor.Atan(call.Tensor("input")));
        r.Add("ceil", call => Tensor.Ceiling(call.Tensor("input")));
        r.Add("cos", call => Tensor.Cos(call.Tensor("input")));
        r.Add("cosh", call => Tensor.Cosh(call.Tensor("input")));
        r.Add("deg2rad", call => Tensor.DegreesToRadians(call.Tensor("input")));
        r.Add("digamma", call => Tensor.Digamma(call.Tensor("input")));
        r.Add("erf", call => Tensor.Erf(call.Tensor("input")));
        r.Add("erfc", call => Tensor.Erfc(call.Tensor("input")));
        r.Add("erfinv", call => Tensor.ErfInv(call.Tensor("input")));
        r.Add("exp", call => Tensor.Exp(call.Tensor("input")));
        r.Add("exp2", call => Tensor.Exp2(call.Tensor("input")));
        r.Add("expm1", call => Tensor.Expm1(call.Tensor("input")));
        r.Add("floor", call => Tensor.Floor(call.Tensor("input")));
        r.Add("frac", call => Tensor.Frac(call.Tensor("input")));
        r.Add("i0", call => Tensor.I0(call.Tensor("input")));
        r.Add("lgamma", call => Tensor.Lgamma(call.Tensor("input")));
        r.Add("log", call => Tensor.Log(call.Tensor("input")));
        r.Add("log10", call => Tensor.Log10(call.Tensor("input")));
        r.Add("log2", call => Tensor.Log2(call.Tensor("input")));
        r.Add("log1p", call => Tensor.Log1p(call.Tensor("input")));
        r.Add("rad2deg", call => Tensor.RadiansToDegrees(call.Tensor("input")));
        r.Add("reciprocal", call => Tensor.Reciprocal(call.Tensor("input")));
        r.Add("rsqrt", call => Tensor.Rsqrt(call.Tensor("input")));
        r.Add("sigmoid", call => Tensor.Sigmoid(call.Tensor("input")));
        r.Add("sinc", call => Tensor.Sinc(call.Tensor("input")));
        r.Add("sqrt", call => Tensor.Sqrt(call.Tensor("input")));
        r.Add("square", call => Tensor.Square(call.Tensor("input")));
        r.Add("isfinite", call => Tensor.IsFinite(call.Tensor("input")));
        r.Add("isinf", call => Tensor.IsInfinity(call.Tensor("input")));
        r.Add("isnan", call => Tensor.IsNaN(call.Tensor("input")));
        r.Add("isposinf", call => Tensor.IsPositiveInfinity(call.Tensor("input")));
        r.Add("isneginf", call => Tensor.IsNegativeInfinity(call.Tensor("input")));
        r.Add("signbit", call => Tensor.SignBit(call.Tensor("input")));
        r.Add("logical_not", call => Tensor.LogicalNot(call.Tensor("input")));
        r.Add("special.erfcx", call => Tensor.Erfcx(call.Tensor("input")));
        r.Add("special.ndtr", call => Tensor.Ndtr(call.Tensor("input")));
        r.Add("special.ndtri", call => Tensor.Ndtri(call.Tensor("input")));
        r.Add("special.log_ndtr", call => Tensor.LogNdtr(call.Tensor("input")));
        r.Add("special.entr", call => Tensor.Entr(call.Tensor("input")));
        r.Add("special.i0e", call => Tensor.I0e(call.Tensor("input")));
        r.Add("special.i1", call => Tensor.I1(call.Tensor("input")));
        r.Add("special.i1e", call => Tensor.I1e(call.Tensor("input")));
        r.Add("sign", call => Tensor.Sign(call.Tensor("input")));
        r.Add("sgn", call => Tensor.Sign(call.Tensor("input")));
        r.Add("sin", call => Tensor.Sin(call.Tensor("input")));
        r.Add("sinh", call => Tensor.Sinh(call.Tensor("input")));
        r.Add("tan", call => Tensor.Tan(call.Tensor("input")));
        r.Add("tanh", call => Tensor.Tanh(call.Tensor("input")));
        r.Add("trunc", call => Tensor.Truncate(call.Tensor("input")));
        r.Add("nn.functional.relu", call => Tensor.Relu(call.Tensor("input")));
        r.Add("nn.functional.relu6", call => Tensor.Relu6(call.Tensor("input")));
        r.Add("nn.functional.silu", call => Tensor.Silu(call.Tensor("input")));
        r.Add("nn.functional.selu", call => Tensor.Selu(call.Tensor("input")));
        r.Add("nn.functional.softsign", call => Tensor.Softsign(call.Tensor("input")));
        r.Add("nn.functional.hardsigmoid", call => Tensor.HardSigmoid(call.Tensor("input")));
        r.Add("nn.functional.hardswish", call => Tensor.HardSwish(call.Tensor("input")));
        r.Add("nn.functional.logsigmoid", call => Tensor.LogSigmoid(call.Tensor("input")));
        r.Add("nn.functional.mish", call => Tensor.Mish(call.Tensor("input")));
        r.Add("nn.functional.tanhshrink", call => Tensor.Tanhshrink(call.Tensor("input")));
        r.Add("neg", call => -call.Tensor("input"));
        r.Add("positive", call => +call.Tensor("input"));
    }

    private static void WithParameters(Registry r)
    {
        r.Add("logit", call => Tensor.Logit(call.Tensor("input"), call.DoubleOrNull("eps")));
        r.Add("nan_to_num", call => Tensor.NanToNum(call.Tensor("input"), call.Double("nan", 0), call.DoubleOrNull("posinf"), call.DoubleOrNull("neginf")));
        r.Add("round", call => Tensor.Round(call.Tensor("input"), call.Int("decimals", 0)));
        r.Add("clamp", Clamp);
        r.Add("clamp_min", Clamp);
        r.Add("clamp_max", Clamp);
        r.Add("polygamma", call => Tensor.Polygamma(call.Int("n"), call.Tensor("input")));
        r.Add("mvlgamma", call => Tensor.MultiLgamma(call.Tensor("input"), call.Int("p")));
    }

    private static Tensor Clamp(Call call) => call.IsTensor("min") || call.IsTensor("max")
        ? Tensor.Clamp(call.Tensor("input"), call.TensorOrNull("min"), call.TensorOrNull("max"))
        : Tensor.Clamp(call.Tensor("input"), call.DoubleOrNull("min"), call.DoubleOrNull("max"));

    private static void Activations(Registry r)
    {
        r.Add("nn.functional.gelu", call => call.Text("approximate", "none") == "tanh" ? Tensor.GeluTanh(call.Tensor("input")) : Tensor.Gelu(call.Tensor("input")));
        r.Add("nn.functional.elu", call => Tensor.Elu(call.Tensor("input"), call.Double("alpha", 1)));
        r.Add("nn.functional.celu", call => Tensor.Celu(call.Tensor("input"), call.Double("alpha", 1)));
        r.Add("nn.functional.leaky_relu", call => Tensor.LeakyRelu(call.Tensor("input"), call.Double("negative_slope", 0.01)));
        r.Add("nn.functional.softplus", call => Tensor.Softplus(call.Tensor("input"), call.Double("beta", 1), call.Double("threshold", 20)));
        r.Add("nn.functional.softshrink", call => Tensor.Softshrink(call.Tensor("input"), call.Double("lambd", 0.5)));
        r.Add("nn.functional.hardshrink", call => Tensor.Hardshrink(call.Tensor("input"), call.Double("lambd", 0.5)));
        r.Add("nn.functional.hardtanh", call => Tensor.HardTanh(call.Tensor("input"), call.Double("min_val", -1), call.Double("max_val", 1)));
        r.Add("nn.functional.prelu", call => Tensor.PRelu(call.Tensor("input"), call.Tensor("weight")));
        r.Add("nn.functional.threshold", call => Tensor.Threshold(call.Tensor("input"), call.Double("threshold"), call.Double("value")));
    }
}

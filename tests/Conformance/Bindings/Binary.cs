using System;

namespace DiffLib.Conformance.Bindings;

/// <summary>Functions of two tensors, element by element.</summary>
internal static class BinaryBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        Arithmetic(r);
        Functions(r);
    }

    private static void Arithmetic(Registry r)
    {
        r.Add("add", call => call.Operand("input") + Scaled(call));
        r.Add("sub", call => call.Operand("input") - Scaled(call));
        r.Add("rsub", call => call.Operand("other") - (call.Double("alpha", 1) * call.Operand("input")));
        r.Add("mul", call => call.Operand("input") * call.Operand("other"));
        r.Add("div", Divide);
        r.Add("pow", Power);
        r.Add("float_power", call => Tensor.Pow(call.Operand("input"), call.Operand("exponent")));
        r.Add("addcmul", call => call.Tensor("input") + (call.Double("value", 1) * call.Tensor("tensor1") * call.Tensor("tensor2")));
        r.Add("addcdiv", call => call.Tensor("input") + (call.Double("value", 1) * call.Tensor("tensor1") / call.Tensor("tensor2")));
    }

    private static Tensor Scaled(Call call) => call.Double("alpha", 1) is var alpha && alpha == 1 ? call.Operand("other") : alpha * call.Operand("other");

    private static Tensor Divide(Call call)
    {
        var (a, b) = (call.Operand("input"), call.Operand("other"));
        return call.TextOrNull("rounding_mode") switch
        {
            null => a / b,
            "trunc" => Tensor.Truncate(a / b),
            "floor" => Tensor.FloorDivide(a, b),
            var mode => throw new FormatException($"unknown rounding mode {mode}"),
        };
    }

    private static Tensor Power(Call call) =>
        call.IsInt("exponent") ? Tensor.Pow(call.Tensor("input"), call.Int("exponent"))
        : call.IsNumber("exponent") ? Tensor.Pow(call.Tensor("input"), call.Double("exponent"))
        : Tensor.Pow(call.Operand("input"), call.Tensor("exponent"));

    private static void Functions(Registry r)
    {
        r.Add("atan2", call => Tensor.Atan2(call.Operand("input"), call.Operand("other")));
        r.Add("maximum", call => Tensor.Maximum(call.Operand("input"), call.Operand("other")));
        r.Add("minimum", call => Tensor.Minimum(call.Operand("input"), call.Operand("other")));
        r.Add("fmax", call => Tensor.MaximumNumber(call.Operand("input"), call.Operand("other")));
        r.Add("fmin", call => Tensor.MinimumNumber(call.Operand("input"), call.Operand("other")));
        r.Add("fmod", call => Tensor.FMod(call.Operand("input"), call.Operand("other")));
        r.Add("remainder", call => Tensor.Remainder(call.Operand("input"), call.Operand("other")));
        r.Add("hypot", call => Tensor.Hypot(call.Operand("input"), call.Operand("other")));
        r.Add("logaddexp", call => Tensor.LogAddExp(call.Operand("input"), call.Operand("other")));
        r.Add("logaddexp2", call => Tensor.LogAddExp2(call.Operand("input"), call.Operand("other")));
        r.Add("copysign", call => Tensor.CopySign(call.Operand("input"), call.Operand("other")));
        r.Add("floor_divide", call => Tensor.FloorDivide(call.Operand("input"), call.Operand("other")));
        r.Add("xlogy", call => Tensor.Xlogy(call.Operand("input"), call.Operand("other")));
        r.Add("special.xlog1py", call => Tensor.Xlog1py(call.Operand("input"), call.Operand("other")));
        r.Add("ldexp", call => Tensor.Ldexp(call.Operand("input"), call.Operand("other")));
        r.Add("nextafter", call => Tensor.NextAfter(call.Operand("input"), call.Operand("other")));
        r.Add("logical_and", call => Tensor.LogicalAnd(call.Operand("input"), call.Operand("other")));
        r.Add("logical_or", call => Tensor.LogicalOr(call.Operand("input"), call.Operand("other")));
        r.Add("logical_xor", call => Tensor.LogicalXor(call.Operand("input"), call.Operand("other")));
        r.Add("igamma", call => Tensor.Igamma(call.Operand("input"), call.Operand("other")));
        r.Add("igammac", call => Tensor.Igammac(call.Operand("input"), call.Operand("other")));
        r.Add("eq", call => Tensor.Equal(call.Operand("input"), call.Operand("other")));
        r.Add("ne", call => Tensor.NotEqual(call.Operand("input"), call.Operand("other")));
        r.Add("lt", call => Tensor.Less(call.Operand("input"), call.Operand("other")));
        r.Add("le", call => Tensor.LessOrEqual(call.Operand("input"), call.Operand("other")));
        r.Add("gt", call => Tensor.Greater(call.Operand("input"), call.Operand("other")));
        r.Add("ge", call => Tensor.GreaterOrEqual(call.Operand("input"), call.Operand("other")));
        r.Add("where", call => Tensor.Where(call.Tensor("condition"), call.Operand("input"), call.Operand("other")));
        r.Add("lerp", call => Tensor.Lerp(call.Tensor("input"), call.Tensor("end"), call.Operand("weight")));
        r.Add("heaviside", call => Tensor.Heaviside(call.Tensor("input"), call.Tensor("values")));
        r.Add("isclose", call => Tensor.IsClose(call.Tensor("input"), call.Tensor("other"), call.Double("rtol"), call.Double("atol"), call.Bool("equal_nan")));
    }
}

namespace DiffLib.Conformance.Bindings;

/// <summary>Functions of one tensor, element by element.</summary>
internal static class UnaryBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        r.Add("exp", call => Tensor.Exp(call.Tensor("input")));
        r.Add("sin", call => Tensor.Sin(call.Tensor("input")));
        r.Add("neg", call => -call.Tensor("input"));
    }
}

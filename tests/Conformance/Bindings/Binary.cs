namespace DiffLib.Conformance.Bindings;

/// <summary>Functions of two tensors, element by element.</summary>
internal static class BinaryBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

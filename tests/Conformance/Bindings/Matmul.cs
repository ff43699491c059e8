namespace DiffLib.Conformance.Bindings;

/// <summary>Products of vectors, matrices and tensors.</summary>
internal static class MatmulBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

namespace DiffLib.Conformance.Bindings;

/// <summary>Layers and losses.</summary>
internal static class NnBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

namespace DiffLib.Conformance.Bindings;

/// <summary>Reshaping, joining, splitting, padding, and construction.</summary>
internal static class ShapeBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

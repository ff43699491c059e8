namespace DiffLib.Conformance.Bindings;

/// <summary>Compositions that occur only among the edge cases.</summary>
internal static class EdgeBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

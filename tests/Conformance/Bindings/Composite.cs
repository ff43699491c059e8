namespace DiffLib.Conformance.Bindings;

/// <summary>Whole programs, written as a user would write them.</summary>
internal static class CompositeBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

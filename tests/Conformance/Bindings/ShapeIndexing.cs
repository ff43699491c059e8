namespace DiffLib.Conformance.Bindings;

/// <summary>Indexing, gathering, scattering, sorting and searching.</summary>
internal static class ShapeIndexingBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

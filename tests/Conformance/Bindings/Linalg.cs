namespace DiffLib.Conformance.Bindings;

/// <summary>Solvers, factorisations and what follows from them.</summary>
internal static class LinalgBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

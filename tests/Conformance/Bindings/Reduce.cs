namespace DiffLib.Conformance.Bindings;

/// <summary>Sums, extrema, order statistics and scans.</summary>
internal static class ReduceBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
    }
}

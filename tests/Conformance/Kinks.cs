using System;
using System.Collections.Generic;

namespace DiffLib.Conformance;

/// <summary>Where we depart from the recorded convention on purpose: what we give instead, and why.</summary>
internal sealed record Departure(string Why)
{
    /// <summary>Our results, where they differ.</summary>
    public double[][]? Outputs { get; init; }

    /// <summary>Our cotangents, where they differ.</summary>
    public double[][]? Vjp { get; init; }

    /// <summary>Our tangents, where they differ.</summary>
    public double[][]? Jvp { get; init; }
}

/// <summary>The table of departures at kinks and singular points, by the id of the edge case.</summary>
internal static class Kinks
{
    private static readonly Dictionary<string, Departure> Table = new(StringComparer.Ordinal);

    /// <summary>Our own choice for a case, or null where we follow the record.</summary>
    public static Departure? Find(string id) =>
        Table.TryGetValue(id, out var departure) || Bindings.EdgeReduceBindings.Departures.TryGetValue(id, out departure) ? departure : null;
}

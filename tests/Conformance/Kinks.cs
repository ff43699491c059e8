using System;
using System.Collections.Generic;
using System.Linq;

namespace DiffLib.Conformance;

/// <summary>Where we depart from the record on purpose: what we give instead, and why. Fields that are null follow the record.</summary>
internal sealed record Departure(string Why)
{
    /// <summary>Our results; an inner null follows the record.</summary>
    public double[]?[]? Outputs { get; init; }

    /// <summary>Our cotangents of the inputs.</summary>
    public double[]?[]? Vjp { get; init; }

    /// <summary>Our tangents of the results.</summary>
    public double[]?[]? Jvp { get; init; }

    /// <summary>What the recorded first derivatives are to be multiplied with.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>A whole rule instead of recorded numbers: (case, field, recorded tensor) to what we want.</summary>
    public Func<Case, string, Recorded, Recorded>? Rule { get; init; }

    /// <summary>What we want in tensor k of a field.</summary>
    public Recorded Want(Case c, string field, int k, Recorded recorded)
    {
        if (Rule is not null) return Rule(c, field, recorded);
        var ours = field switch { "outputs" => Outputs, "vjp" => Vjp, "jvp" => Jvp, _ => null };
        if (ours?[k] is { } data) return recorded.WithData(data);
        return field is "vjp" or "jvp" && Factor != 1 ? recorded.WithData(Array.ConvertAll(recorded.Data, x => x * Factor)) : recorded;
    }
}

/// <summary>The departures: by operation where a formula says what is right, else by the id of the case.</summary>
internal static class Kinks
{
    private const double NaN = double.NaN;
    private const double Infinity = double.PositiveInfinity;

    private static readonly Departure Sixth = new("the recorded slope 1/6 is the float32 one; ours is that of float64") { Factor = 1 / 6.0 / (1 / 6f) };

    private static readonly Departure Sinc = new("near 0 the peer's slope cancels to 0; it is -π²x/3") { Rule = NearZero };

    /// <summary>The slope of sinc where the record lost it: elements below 1e-4 in magnitude.</summary>
    private static Recorded NearZero(Case c, string field, Recorded recorded)
    {
        var weights = c.Tensors(field switch { "vjp" => "cotangents", "jvp" => "tangents", _ => "" })?[0];
        if (weights is null) return recorded;
        var x = c.Inputs().Tensors[0].Data;
        return recorded.WithData([.. recorded.Data.Select((d, i) => Math.Abs(x[i]) < 1e-4 ? -Math.PI * Math.PI / 3 * x[i] * weights.Data[i] : d)]);
    }

    private static readonly Dictionary<string, Departure> Table = new(StringComparer.Ordinal)
    {
        ["edge/nn.functional.hardswish/002"] = new("at -∞ the limit 0, not -∞ · 0") { Outputs = [[NaN, Infinity, 0, 0]] },
        ["edge/nn.functional.gelu/000"] = new("at ±∞ the limits, not ∞ · 0")
        {
            Outputs = [[1000, 0, 0, Infinity, 0]],
            Vjp = [[1, 0, 0.5, 1, 0]],
            Jvp = [[1, 0, 0.5, 1, 0]],
        },
        ["edge/xlogy/000"] = new("a factor 0 makes the slope of the logarithm 0, also where that is infinite or NaN")
        {
            Vjp = [null, [0, 0, Infinity, 0]],
            Jvp = [[0, Math.Log(2), NaN, NaN]],
        },
        ["edge/special.xlog1py/000"] = new("a factor 0 makes the slope of the logarithm 0, also where that is infinite") { Vjp = [null, [0, Infinity]], Jvp = [[0, NaN]] },
        ["edge/logaddexp/000"] = new("two equal infinities share evenly rather than NaN")
        {
            Vjp = [[0.5, 0.5, 0, 0.5, NaN], [0.5, 0.5, 1, 0.5, NaN]],
            Jvp = [[1, 1, 1, 1, NaN]],
        },
        ["edge/nn.functional.kl_div/000"] = new("the slope of t ln t at 0 is -∞") { Vjp = [null, [-Infinity, 3]], Jvp = [[-Infinity, 2]] },
        ["edge/compose/relu_minus_relu/000"] = new("both slopes at the kink are 0, as in the record; that the kinks cancel is not seen") { Vjp = [[0]] },
    };

    /// <summary>Our own choice for a case, or null where we follow the record.</summary>
    public static Departure? Find(Case c) => c.Op switch
    {
        "nn.functional.hardsigmoid" when c.Group == "unary" => Sixth,
        "sinc" when c.Inputs().Tensors[0].Data.Any(x => Math.Abs(x) < 1e-4 && x != 0) => Sinc,
        _ => Find(c.Id),
    };

    private static Departure? Find(string id) =>
        Table.TryGetValue(id, out var departure)
        || Bindings.EdgeReduceBindings.Departures.TryGetValue(id, out departure)
        || Bindings.EdgeLinalgBindings.Departures.TryGetValue(id, out departure) ? departure : null;
}

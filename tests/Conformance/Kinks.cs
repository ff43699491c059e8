using System;
using System.Collections.Generic;

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

    /// <summary>Whether derivatives are an exception here, where the peer gives NaN or infinities.</summary>
    public bool Throws { get; init; }

    /// <summary>What the recorded first derivatives are to be multiplied with.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>What we want in tensor k of a field.</summary>
    public Recorded Want(string field, int k, Recorded recorded)
    {
        var ours = field switch { "outputs" => Outputs, "vjp" => Vjp, "jvp" => Jvp, _ => null };
        if (ours?[k] is { } data) return recorded.WithData(data);
        return field is "vjp" or "jvp" && Factor != 1 ? recorded.WithData(Array.ConvertAll(recorded.Data, x => x * Factor)) : recorded;
    }
}

/// <summary>The departures, by the id of the case.</summary>
internal static class Kinks
{
    private const double NaN = double.NaN;
    private const double Infinity = double.PositiveInfinity;

    private static readonly Departure Sixth = new("the recorded slope 1/6 is the float32 one; ours is that of float64") { Factor = 1 / 6.0 / (1 / 6f) };

    private static readonly Dictionary<string, Departure> Table = new(StringComparer.Ordinal)
    {
        ["unary/nn.functional.hardsigmoid/003"] = Sixth,
        ["unary/nn.functional.hardsigmoid/004"] = Sixth,
        ["unary/sinc/007"] = new("near 0 the peer's slope cancels to 0; the slope at 1e-9 is -π²/3 · 1e-9")
        {
            Vjp = [[0.96875 * Math.PI * Math.PI / 3e9, -2.2480635711730215]],
            Jvp = [[1.234375 * Math.PI * Math.PI / 3e9, -1.9297536849892307]],
        },
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
        ["edge/atan2/001"] = new("at the origin, where there is no slope, 0 rather than NaN") { Vjp = [[0], [0]], Jvp = [[0]] },
        ["edge/logaddexp/000"] = new("two equal infinities share evenly rather than NaN")
        {
            Vjp = [[0.5, 0.5, 0, 0.5, NaN], [0.5, 0.5, 1, 0.5, NaN]],
            Jvp = [[1, 1, 1, 1, NaN]],
        },
        ["edge/nn.functional.kl_div/000"] = new("the slope of t ln t at 0 is -∞") { Vjp = [null, [-Infinity, 3]], Jvp = [[-Infinity, 2]] },
        ["edge/compose/sqrt_sq/000"] = new("a slope 0 absorbs the infinite one before it") { Vjp = [[0]], Jvp = [[0]] },
        ["edge/compose/zero_times_log/000"] = new("a factor 0 absorbs the infinite slope") { Vjp = [[0]], Jvp = [[0]] },
        ["edge/compose/relu_minus_relu/000"] = new("both slopes at the kink are 0, as in the record; that the kinks cancel is not seen") { Vjp = [[0]] },
    };

    /// <summary>Our own choice for a case, or null where we follow the record.</summary>
    public static Departure? Find(string id) =>
        Table.TryGetValue(id, out var departure)
        || Bindings.EdgeReduceBindings.Departures.TryGetValue(id, out departure)
        || Bindings.EdgeLinalgBindings.Departures.TryGetValue(id, out departure) ? departure : null;
}

using System;
using System.Collections.Generic;
using System.Linq;

namespace DiffLib.Conformance;

/// <summary>How a case ended.</summary>
internal enum Verdict
{
    Passed,
    Failed,
    Missing,
    Skipped,

    /// <summary>Cannot be traced by design.</summary>
    Untraceable,
}

/// <summary>The result of one case; failures say which of value, vjp, jvp and hvp, what came out and what was wanted.</summary>
internal sealed record Outcome(Case Case, Verdict Verdict, IReadOnlyList<string> Failures, bool Departs = false);

/// <summary>Runs recorded cases against this library.</summary>
internal sealed class Runner(Registry registry, bool single = false, IEngine? given = null)
{
    private readonly IEngine engine = given ?? Eager.Instance;

    private const double LargestForSingle = 1e4;

    /// <summary>Every how many cases the Hessian is also taken reverse over reverse.</summary>
    private const int Sample = 5;

    private int count;
    private bool departed;

    private DType Floats => single ? DType.Float32 : DType.Float64;

    /// <summary>Runs one case.</summary>
    public Outcome Run(Case c)
    {
        count++;
        if (registry.Find(c.Op) is not { } binding) return new Outcome(c, Verdict.Missing, ["operation not available"]);
        if (single && !FitsSingle(c)) return new Outcome(c, Verdict.Skipped, []);

        try
        {
            return Run(c, new Attempt(c, binding, Floats));
        }
        catch (OptionNotAvailableException e)
        {
            return new Outcome(c, Verdict.Missing, [e.Message]);
        }
        catch (UntraceableException e)
        {
            return new Outcome(c, Verdict.Untraceable, [e.Message]);
        }
    }

    private Outcome Run(Case c, Attempt attempt)
    {
        if (c.Flag("error")) return MustThrow(c, attempt);

        var failures = new List<string>();
        departed = Kinks.Find(c) is not null;
        Check(failures, "value", () => CheckValues(c, attempt));
        if (failures.Count == 0 && Throws(c, attempt))
        {
            departed = true;
            CheckThrows(failures, "vjp", () => CheckVjp(c, attempt));
            CheckThrows(failures, "jvp", () => CheckJvp(c, attempt));
        }
        else if (failures.Count == 0)
        {
            Check(failures, "vjp", () => CheckVjp(c, attempt));
            Check(failures, "jvp", () => CheckJvp(c, attempt));
            Check(failures, "hvp", () => CheckHvp(c, attempt));
            if (!single && engine is Eager) Check(failures, "extra", () => Extras.Check(c, attempt));
        }

        return new Outcome(c, failures.Count == 0 ? Verdict.Passed : Verdict.Failed, failures, departed);
    }

    /// <summary>Whether derivatives are an exception here: singular matrices, where the peer's convention is NaN or infinity.</summary>
    private static bool Throws(Case c, Attempt attempt)
    {
        if (!c.Tags.Contains("convention") || c.Tensors("vjp")?.Any(t => t is not null && !t.Data.All(double.IsFinite)) != true) return false;
        try
        {
            Differentiation.Vjp(attempt.Function, attempt.Active, attempt.Cotangents);
            return false;
        }
        catch (ArithmeticException)
        {
            return true;
        }
    }

    private static void Check(List<string> failures, string field, Func<string?> check)
    {
        try
        {
            if (check() is { } wrong) failures.Add($"{field}: {wrong}");
        }
        catch (Exception e) when (e is not (OptionNotAvailableException or UntraceableException))
        {
            failures.Add($"{field}: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}{Where(e)}");
        }
    }

    /// <summary>For a derivative that does not exist: an arithmetic exception, and nothing else.</summary>
    private static void CheckThrows(List<string> failures, string field, Func<string?> check)
    {
        try
        {
            check();
            failures.Add($"{field}: no exception");
        }
        catch (ArithmeticException)
        {
        }
    }

    private static string Where(Exception e) =>
        e is ArgumentException or NotSupportedException or DisagreementException ? "" : " " + (e.StackTrace ?? "").Split('\n').FirstOrDefault("").Trim();

    private Outcome MustThrow(Case c, Attempt attempt)
    {
        try
        {
            engine.Values(attempt);
            return new Outcome(c, Verdict.Failed, ["value: no exception, though the peer raises: " + c.Text("error_message")]);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException or ArithmeticException)
        {
            return new Outcome(c, Verdict.Passed, []);
        }
        catch (Exception e) when (e is not UntraceableException)
        {
            return new Outcome(c, Verdict.Failed, [$"value: an unclean {e.GetType().Name}: {e.Message}"]);
        }
    }

    private string? CheckValues(Case c, Attempt attempt)
    {
        var want = c.Tensors("outputs") ?? [];
        return Compare(c, "outputs", engine.Values(attempt), want);
    }

    private string? CheckVjp(Case c, Attempt attempt)
    {
        if (c.Tensors("vjp") is not { } want) return null;
        var got = engine.Vjp(attempt);
        if (c.Tags.Count > 0 && c.Extra("true_vjp") is { } truth) want = [Recorded.Parse(truth), .. want.Skip(1)];
        else if (PeerContradictsItself(c)) return null;
        return Compare(c, "vjp", attempt.Spread(got), want);
    }

    private string? CheckJvp(Case c, Attempt attempt)
    {
        if (c.Tensors("jvp") is not { } want) return null;
        var values = attempt.Values();
        var got = engine.Jvp(attempt).Select((dy, k) => dy ?? Differentiation.Zeros(values[k])).ToArray();
        return PeerContradictsItself(c) || (c.Tags.Contains("convention") && c.Extra("true_vjp") is not null) ? OurModesDisagree(attempt, got) : Compare(c, "jvp", got, want);
    }

    private static bool PeerContradictsItself(Case c) => c.Tags.Contains("peer-modes-disagree");

    /// <summary>null if ⟨cotangent, jvp⟩ = ⟨vjp, tangent⟩, or if one of them is not finite.</summary>
    private static string? OurModesDisagree(Attempt attempt, Tensor[] jvp)
    {
        var (_, vjp) = Differentiation.Vjp(attempt.Function, attempt.Active, attempt.Cotangents);
        var forward = Inner(attempt.Cotangents, jvp);
        var reverse = Inner(vjp, attempt.Tangents);
        return Math.Abs(forward - reverse) > 1e-9 * Math.Max(1, Math.Abs(forward)) ? $"forward mode gives {forward}, reverse mode {reverse}" : null;
    }

    private static double Inner(Tensor?[] a, Tensor?[] b) =>
        a.Zip(b).Sum(p => p.First is { } x && p.Second is { } y ? Comparison.Numbers(x).Zip(Comparison.Numbers(y)).Sum(q => q.First * q.Second) : 0);

    private string? CheckHvp(Case c, Attempt attempt)
    {
        if (c.Tensors("hvp") is not { } want) return null;
        var forward = engine.Hvp(attempt, reverse: false);
        if (Compare(c, "hvp", attempt.Spread(forward), want) is { } wrong) return wrong;
        if (count % Sample != 0) return null;
        var reverse = engine.Hvp(attempt, reverse: true);
        return Compare(c, "hvp", attempt.Spread(reverse), want) is { } other ? "reverse over reverse: " + other : null;
    }

    private string? Compare(Case c, string field, Tensor[] got, Recorded?[] want)
    {
        if (got.Length != want.Length) return $"{got.Length} tensors, want {want.Length}";
        var tolerance = single
            ? new Tolerance(2e-4, 1e-5)
            : new Tolerance(c.Tolerance("rtol", field) ?? 1e-9, c.Tolerance("atol", field) ?? 1e-12, field == "outputs" && c.Flag("strict"));
        for (var k = 0; k < got.Length; k++)
        {
            if (want[k] is not { } tensor) continue;
            var expected = Kinks.Find(c)?.Want(c, field, k, tensor) ?? tensor;
            if (Comparison.Mismatch(got[k], expected, tolerance, single, OnlyFinite(c, field)) is not { } wrong) continue;
            if (c.Tags.Contains("convention") && Comparison.Mismatch(got[k], expected, tolerance, single, nanBinds: false) is null)
                departed = true; // our table: a number where the peer's convention is NaN
            else
                return got.Length == 1 ? wrong : $"tensor {k}: {wrong}";
        }

        return null;
    }

    /// <summary>Whether recorded NaN and infinities bind nothing: in derivatives of mathematical edge cases.</summary>
    private static bool OnlyFinite(Case c, string field) => field != "outputs" && c.Tags.Contains("math");

    private static bool FitsSingle(Case c) =>
        !c.Has("rtol") && !c.Has("atol") && !c.Flag("strict") && c.Tags.Count == 0 && !c.NamesDType
        && c.Inputs().Tensors.Concat(new[] { "outputs", "vjp", "jvp", "hvp" }.SelectMany(f => c.Tensors(f) ?? []).OfType<Recorded>())
            .All(t => t.Data.All(x => !double.IsFinite(x) || Math.Abs(x) <= LargestForSingle));
}

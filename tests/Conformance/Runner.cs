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
}

/// <summary>The result of one case; failures say which of value, vjp, jvp and hvp, what came out and what was wanted.</summary>
internal sealed record Outcome(Case Case, Verdict Verdict, IReadOnlyList<string> Failures, bool Departs = false);

/// <summary>Runs recorded cases against this library.</summary>
internal sealed class Runner(Registry registry, bool single = false)
{
    private const double LargestForSingle = 1e4;

    /// <summary>Every how many cases the Hessian is also taken reverse over reverse.</summary>
    private const int Sample = 5;

    private int count;

    private DType Floats => single ? DType.Float32 : DType.Float64;

    /// <summary>Runs one case.</summary>
    public Outcome Run(Case c)
    {
        count++;
        if (single && !FitsSingle(c)) return new Outcome(c, Verdict.Skipped, []);
        if (registry.Find(c.Op) is not { } binding) return new Outcome(c, Verdict.Missing, ["operation not available"]);

        var attempt = new Attempt(c, binding, Floats);
        if (c.Flag("error")) return MustThrow(c, attempt);

        var failures = new List<string>();
        Check(failures, "value", () => CheckValues(c, attempt));
        if (failures.Count == 0)
        {
            Check(failures, "vjp", () => CheckVjp(c, attempt));
            Check(failures, "jvp", () => CheckJvp(c, attempt));
            Check(failures, "hvp", () => CheckHvp(c, attempt));
        }

        return new Outcome(c, failures.Count == 0 ? Verdict.Passed : Verdict.Failed, failures, Kinks.Find(c.Id) is not null);
    }

    private static void Check(List<string> failures, string field, Func<string?> check)
    {
        try
        {
            if (check() is { } wrong) failures.Add($"{field}: {wrong}");
        }
        catch (Exception e)
        {
            failures.Add($"{field}: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}{Where(e)}");
        }
    }

    private static string Where(Exception e) =>
        e is ArgumentException or NotSupportedException ? "" : " " + (e.StackTrace ?? "").Split('\n').FirstOrDefault("").Trim();

    private static Outcome MustThrow(Case c, Attempt attempt)
    {
        try
        {
            attempt.Values();
            return new Outcome(c, Verdict.Failed, ["value: no exception, though the peer raises: " + c.Text("error_message")]);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException or ArithmeticException)
        {
            return new Outcome(c, Verdict.Passed, []);
        }
        catch (Exception e)
        {
            return new Outcome(c, Verdict.Failed, [$"value: an unclean {e.GetType().Name}: {e.Message}"]);
        }
    }

    private string? CheckValues(Case c, Attempt attempt)
    {
        var want = c.Tensors("outputs") ?? [];
        return Compare(c, "outputs", attempt.Values(), want, Kinks.Find(c.Id)?.Outputs);
    }

    private string? CheckVjp(Case c, Attempt attempt)
    {
        if (c.Tensors("vjp") is not { } want) return null;
        if (c.Extra("true_vjp") is { } truth && c.Tags.Count > 0) want = [Recorded.Parse(truth), .. want.Skip(1)];
        var (_, got) = Differentiation.Vjp(attempt.Function, attempt.Active, attempt.Cotangents);
        return Compare(c, "vjp", attempt.Spread(got), want, Kinks.Find(c.Id)?.Vjp);
    }

    private string? CheckJvp(Case c, Attempt attempt)
    {
        if (c.Tensors("jvp") is not { } want) return null;
        var got = Differentiation.Jvp(attempt.Function, attempt.Active, attempt.Tangents);
        var values = attempt.Values();
        return Compare(c, "jvp", got.Select((dy, k) => dy ?? Differentiation.Zeros(values[k])).ToArray(), want, Kinks.Find(c.Id)?.Jvp);
    }

    private string? CheckHvp(Case c, Attempt attempt)
    {
        if (c.Tensors("hvp") is not { } want) return null;
        var forward = Differentiation.HvpForwardOverReverse(attempt.Function, attempt.Active, attempt.Cotangents, attempt.Tangents);
        if (Compare(c, "hvp", attempt.Spread(forward), want, null) is { } wrong) return wrong;
        if (count % Sample != 0) return null;
        var reverse = Differentiation.HvpReverseOverReverse(attempt.Function, attempt.Active, attempt.Cotangents, attempt.Tangents);
        return Compare(c, "hvp", attempt.Spread(reverse), want, null) is { } other ? "reverse over reverse: " + other : null;
    }

    private string? Compare(Case c, string field, Tensor[] got, Recorded?[] want, double[][]? ours)
    {
        if (got.Length != want.Length) return $"{got.Length} tensors, want {want.Length}";
        var tolerance = single
            ? new Tolerance(2e-4, 1e-5)
            : new Tolerance(c.Tolerance("rtol", field) ?? 1e-9, c.Tolerance("atol", field) ?? 1e-12, field == "outputs" && c.Flag("strict"));
        for (var k = 0; k < got.Length; k++)
        {
            if (want[k] is not { } tensor) continue;
            var expected = ours is null ? tensor : tensor.WithData(ours[k]);
            if (Comparison.Mismatch(got[k], expected, tolerance, single, OnlyFinite(c, field)) is { } wrong)
                return got.Length == 1 ? wrong : $"tensor {k}: {wrong}";
        }

        return null;
    }

    /// <summary>Whether recorded NaN and infinities bind nothing: in derivatives of mathematical edge cases, and where the peer contradicts itself.</summary>
    private static bool OnlyFinite(Case c, string field) =>
        field != "outputs" && (c.Tags.Contains("math") || c.Tags.Contains("peer-modes-disagree"));

    private static bool FitsSingle(Case c) =>
        !c.Has("rtol") && !c.Has("atol") && !c.Flag("strict") && c.Tags.Count == 0 && !c.NamesDType
        && c.Inputs().Tensors.Concat(new[] { "outputs", "vjp", "jvp", "hvp" }.SelectMany(f => c.Tensors(f) ?? []).OfType<Recorded>())
            .All(t => t.Data.All(x => !double.IsFinite(x) || Math.Abs(x) <= LargestForSingle));
}

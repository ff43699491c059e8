using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace DiffLib.Conformance;

/// <summary>What some composite cases record beyond vjp, jvp and hvp: whole Hessians and Jacobians, derivatives up to the fourth, third-order tensors, greeks.</summary>
internal static class Extras
{
    private static readonly Tolerance Close = new(1e-9, 1e-12);

    private static readonly string[] Market = ["S", "K", "T", "r", "sigma"];

    /// <summary>null if all agree, else what is wrong.</summary>
    public static string? Check(Case c, Attempt attempt)
    {
        var checks = new Dictionary<string, Func<JsonElement, string?>>(StringComparer.Ordinal)
        {
            ["hessian"] = want => Compare("hessian", Hessian(attempt), want),
            ["jacobian"] = want => Compare("jacobian", Jacobian(attempt), want),
            ["third"] = want => Compare("third", Third(attempt), want),
            ["derivatives"] = want => Derivatives(attempt, want),
            ["greeks"] = want => Greeks(attempt, want),
        };
        return checks.Select(check => c.Extra(check.Key) is { } want ? check.Value(want) : null).FirstOrDefault(wrong => wrong is not null);
    }

    private static string? Compare(string what, double[] got, JsonElement want)
    {
        var recorded = Recorded.Parse(want);
        var tensor = Tensor.NewConst(NDArray.Adopt(new Shape(recorded.Shape), got));
        return Comparison.Mismatch(tensor, recorded, Close) is { } wrong ? $"{what}: {wrong}" : null;
    }

    private static string? Compare(string what, double got, double want) =>
        Math.Abs(got - want) <= 1e-12 + (1e-9 * Math.Abs(want)) ? null : $"{what}: got {got:R}, want {want:R}";

    /// <summary>Unit tangents, one for each element of each differentiable input.</summary>
    private static IEnumerable<Tensor[]> Units(Tensor[] xs)
    {
        for (var i = 0; i < xs.Length; i++)
            for (var k = 0; k < xs[i].Count; k++)
            {
                var unit = new double[xs[i].Count];
                unit[k] = 1;
                var tangents = xs.Select(Differentiation.Zeros).ToArray();
                tangents[i] = Tensor.NewConst(NDArray.Adopt(xs[i].Shape, unit));
                yield return tangents;
            }
    }

    private static double[] Concatenated(IEnumerable<Tensor?> parts, Tensor[] like) =>
        parts.Zip(like).SelectMany(p => Comparison.Numbers(p.First ?? Differentiation.Zeros(p.Second))).ToArray();

    /// <summary>Columns, as one row-major matrix.</summary>
    private static double[] Transposed(double[][] columns) =>
        Enumerable.Range(0, columns[0].Length).SelectMany(i => columns.Select(column => column[i])).ToArray();

    private static Tensor[] Gradient(Attempt attempt, Tensor[] xs) =>
        Differentiation.Vjp(attempt.Function, xs, attempt.Values().Select(y => (Tensor?)Tensor.FullLike(y, 1)).ToArray())
            .Cotangents.Select((g, i) => g ?? Differentiation.Zeros(xs[i])).ToArray();

    private static double[] Hessian(Attempt attempt) =>
        Transposed(Units(attempt.Active).Select(unit => Concatenated(Differentiation.Jvp(xs => Gradient(attempt, xs), attempt.Active, unit), attempt.Active)).ToArray());

    private static double[] Jacobian(Attempt attempt) =>
        Transposed(Units(attempt.Active).Select(unit => Concatenated(Differentiation.Jvp(attempt.Function, attempt.Active, unit), attempt.Values())).ToArray());

    /// <summary>Symmetric in its indices, so the order of the directions does not matter.</summary>
    private static double[] Third(Attempt attempt) =>
        (from first in Units(attempt.Active)
         from second in Units(attempt.Active)
         let slope = Along(xs => Gradient(attempt, xs), first)
         from number in Concatenated(Along(slope, second)(attempt.Active), attempt.Active)
         select number).ToArray();

    /// <summary>The derivative of f along fixed tangents, as a function.</summary>
    private static Func<Tensor[], Tensor[]> Along(Func<Tensor[], Tensor[]> f, Tensor[] tangents) =>
        xs =>
        {
            Tensor[]? values = null;
            var slopes = Differentiation.Jvp(lifted => values = f(lifted), xs, tangents);
            return slopes.Select((dy, k) => dy ?? Differentiation.Zeros(values![k])).ToArray();
        };

    private static string? Derivatives(Attempt attempt, JsonElement want)
    {
        var one = attempt.Active.Select(x => Tensor.FullLike(x, 1)).ToArray();
        Func<Tensor[], Tensor[]> f = attempt.Function;
        var order = 0;
        foreach (var number in want.EnumerateArray())
        {
            if (Compare($"derivative of order {order}", f(attempt.Active)[0].ToDouble(), number.GetDouble()) is { } wrong) return wrong;
            f = Along(f, one);
            order++;
        }

        return null;
    }

    private static string? Greeks(Attempt attempt, JsonElement want)
    {
        var kinds = new Dictionary<string, (double Sign, string[] Along)>(StringComparer.Ordinal)
        {
            ["delta"] = (1, ["S"]),
            ["gamma"] = (1, ["S", "S"]),
            ["vega"] = (1, ["sigma"]),
            ["theta"] = (-1, ["T"]),
            ["rho"] = (1, ["r"]),
            ["vanna"] = (1, ["S", "sigma"]),
            ["volga"] = (1, ["sigma", "sigma"]),
        };
        var units = Units(attempt.Active).ToArray();
        foreach (var (option, k) in new[] { ("call", 0), ("put", 1) })
            foreach (var greek in want.GetProperty(option).EnumerateObject())
            {
                var (sign, along) = kinds[greek.Name];
                var f = along.Aggregate((Func<Tensor[], Tensor[]>)attempt.Function, (g, name) => Along(g, units[Array.IndexOf(Market, name)]));
                if (Compare($"{greek.Name} of the {option}", sign * f(attempt.Active)[k].ToDouble(), greek.Value.GetDouble()) is { } wrong) return wrong;
            }

        return null;
    }
}

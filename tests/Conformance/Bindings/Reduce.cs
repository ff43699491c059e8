using System;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Sums, extrema, order statistics and scans.</summary>
internal static class ReduceBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        RegisterSums(r);
        RegisterExtrema(r);
        RegisterTruths(r);
        RegisterScans(r);
        RegisterSpread(r);
        RegisterOrder(r);
        RegisterNorms(r);
    }

    private static Tensor Input(Call call) => call.Tensor("input");

    private static bool Keep(Call call) => call.Bool("keepdim");

    /// <summary>The axes to reduce: none or an empty list means all; the peer grants a number one axis, which here it does not have.</summary>
    private static int[]? Axes(Call call, string name = "dim") =>
        call.IntsOrNull(name) is { Length: > 0 } axes && Input(call).Rank > 0 ? axes : null;

    /// <summary>A function along the axis named, or of a number as of a line of one.</summary>
    private static Tensor[] Along(Call call, Tensor x, string name, Func<Tensor, int, Tensor[]> f)
    {
        if (x.Rank > 0) return f(x, call.Int(name, -1));
        return f(Tensor.ReshapeTo(x, new Shape(1)), 0).Select(y => Tensor.ReshapeTo(y, Shape.Scalar)).ToArray();
    }

    private static void AddAlong(Registry r, string op, Func<Tensor, int, Tensor> f) =>
        r.AddMany(op, call => Along(call, Input(call), "dim", (x, axis) => [f(x, axis)]));

    private static void AddPair(Registry r, string op, Func<Tensor, int, bool, (Tensor, Tensor)> f) =>
        r.AddMany(op, call => Along(call, Input(call), "dim", (x, axis) => Both(f(x, axis, Keep(call)))));

    private static Tensor[] Both((Tensor First, Tensor Second) pair) => [pair.First, pair.Second];

    private static void RegisterSums(Registry r)
    {
        r.Add("sum", call => Input(call).Sum(Axes(call), Keep(call)));
        r.Add("mean", call => Input(call).Mean(Axes(call), Keep(call)));
        r.Add("prod", call => Input(call).Prod(Axes(call), Keep(call)));
        r.Add("nansum", call => Input(call).NanSum(Axes(call), Keep(call)));
        r.Add("nanmean", call => Input(call).NanMean(Axes(call), Keep(call)));
        r.Add("logsumexp", call => Input(call).LogSumExp(Axes(call), Keep(call)));
    }

    private static void RegisterExtrema(Registry r)
    {
        r.Add("amax", call => Input(call).Max(Axes(call), Keep(call)));
        r.Add("amin", call => Input(call).Min(Axes(call), Keep(call)));
        r.AddMany("aminmax", call => Both(Input(call).AMinMax(Axes(call), Keep(call))));
        r.AddMany("max", call => call.Has("dim") ? WithIndex(call, (x, axis, keep) => x.MaxWithIndex(axis, keep)) : [Input(call).Max()]);
        r.AddMany("min", call => call.Has("dim") ? WithIndex(call, (x, axis, keep) => x.MinWithIndex(axis, keep)) : [Input(call).Min()]);
        r.AddMany("argmax", call => call.Has("dim") ? Along(call, Input(call), "dim", (x, axis) => [x.ArgMax(axis, Keep(call))]) : [Input(call).ArgMax()]);
        r.AddMany("argmin", call => call.Has("dim") ? Along(call, Input(call), "dim", (x, axis) => [x.ArgMin(axis, Keep(call))]) : [Input(call).ArgMin()]);
    }

    private static Tensor[] WithIndex(Call call, Func<Tensor, int, bool, (Tensor, Tensor)> f) =>
        Along(call, Input(call), "dim", (x, axis) => Both(f(x, axis, Keep(call))));

    private static void RegisterTruths(Registry r)
    {
        r.Add("all", call => Input(call).All(Axes(call), Keep(call)));
        r.Add("any", call => Input(call).Any(Axes(call), Keep(call)));
        r.Add("count_nonzero", call => Input(call).CountNonZero(Axes(call)));
    }

    private static void RegisterScans(Registry r)
    {
        AddAlong(r, "cumsum", (x, axis) => x.CumSum(axis));
        AddAlong(r, "cumprod", (x, axis) => x.CumProd(axis));
        AddAlong(r, "logcumsumexp", (x, axis) => x.LogCumSumExp(axis));
        AddPair(r, "cummax", (x, axis, _) => x.CumMax(axis));
        AddPair(r, "cummin", (x, axis, _) => x.CumMin(axis));
        r.Add("diff", call => Input(call).Diff(call.Int("n", 1), call.Int("dim", -1), call.TensorOrNull("prepend"), call.TensorOrNull("append")));
        r.Add("trapezoid", call => call.Has("x")
            ? call.Tensor("y").Trapezoid(call.Tensor("x"), call.Int("dim", -1))
            : call.Tensor("y").Trapezoid(call.Double("dx", 1), call.Int("dim", -1)));
        r.Add("cumulative_trapezoid", call => call.Has("x")
            ? call.Tensor("y").CumulativeTrapezoid(call.Tensor("x"), call.Int("dim", -1))
            : call.Tensor("y").CumulativeTrapezoid(call.Double("dx", 1), call.Int("dim", -1)));
    }

    private static double Ddof(Call call) => call.Has("correction") ? call.Double("correction") : call.Bool("unbiased", true) ? 1 : 0;

    private static void RegisterSpread(Registry r)
    {
        r.Add("var", call => Input(call).Var(Axes(call), Ddof(call), Keep(call)));
        r.Add("std", call => Input(call).Std(Axes(call), Ddof(call), Keep(call)));
        r.AddMany("var_mean", call => Both(Input(call).VarMean(Axes(call), Ddof(call), Keep(call))));
        r.AddMany("std_mean", call => Both(Input(call).StdMean(Axes(call), Ddof(call), Keep(call))));
        r.Add("cov", call => Input(call).Cov(call.Double("correction", 1), call.TensorOrNull("fweights"), call.TensorOrNull("aweights")));
        r.Add("corrcoef", call => Input(call).CorrCoef());
    }

    private static void RegisterOrder(Registry r)
    {
        r.AddMany("median", call => call.Has("dim") ? WithIndex(call, (x, axis, keep) => x.MedianWithIndex(axis, keep)) : [Input(call).Median()]);
        r.AddMany("nanmedian", call => call.Has("dim") ? WithIndex(call, (x, axis, keep) => x.NanMedianWithIndex(axis, keep)) : [Input(call).NanMedian()]);
        AddPairOfK(r);
        r.Add("quantile", call => Input(call).Quantile(call.Operand("q"), Axes(call), Keep(call), InterpolationOf(call)));
        r.Add("nanquantile", call => Input(call).NanQuantile(call.Operand("q"), Axes(call), Keep(call), InterpolationOf(call)));
    }

    private static void AddPairOfK(Registry r) =>
        r.AddMany("kthvalue", call => WithIndex(call, (x, axis, keep) => x.KthValue(call.Int("k"), axis, keep)));

    private static Interpolation InterpolationOf(Call call) => Enum.Parse<Interpolation>(call.Text("interpolation", "linear"), ignoreCase: true);

    private static double Order(Call call, string name = "p") => call.IsText(name) ? 2 : call.Double(name, 2);

    private static void RegisterNorms(Registry r)
    {
        r.Add("norm", call => call.Text("p") == "nuc"
            ? Linalg.SingularValues(Input(call)).Sum()
            : Input(call).Norm(Order(call), Axes(call), Keep(call)));
        r.Add("dist", call => Tensor.Dist(Input(call), call.Tensor("other"), call.Double("p", 2)));
        r.Add("renorm", call => Input(call).Renorm(call.Double("p"), call.Int("dim"), call.Double("maxnorm")));
    }
}

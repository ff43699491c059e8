using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Benchmarks.GradBench.Protocol;
using DiffLib.Benchmarks.Objectives;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The residuals of bundle adjustment and their sparse Jacobian.</summary>
internal sealed class Ba : IEval
{
    /// <summary>How much of the three arrays of the Jacobian is reported, before the last entry.</summary>
    private const int Reported = 30;

    public string Name => "ba";

    public IReadOnlyList<string> Functions => ["objective", "jacobian"];

    public Input Example => Of(5, 70, 4000);

    public IEvaluation Prepare(string function, Input input)
    {
        int n = input.Integer("n", 1), m = input.Integer("m", 1), p = input.Integer("p", 1);
        var adjustment = new BundleAdjustment(
            n, m, [.. Enumerable.Range(0, p).Select(i => i % n)], [.. Enumerable.Range(0, p).Select(i => i % m)], Repeat(input.List("feat", 2).Data, p));
        double[] cameras = Repeat(input.List("cam", 11).Data, n), points = Repeat(input.List("x", 3).Data, m), weights = Repeat([input.Number("w")], p);
        return function == "objective" ? Objective(adjustment, cameras, points, weights) : Jacobian(adjustment, cameras, points, weights);
    }

    private static Evaluation<double[]> Objective(BundleAdjustment adjustment, double[] cameras, double[] points, double[] weights)
    {
        var p = adjustment.Observations;
        var residuals = new double[3 * p];
        return new(
            () =>
            {
                adjustment.Objective(cameras, points, weights, residuals);
                return residuals;
            },
            y => new ObjectOutput(
                ("reproj_error", new ObjectOutput(("elements", new ListOutput(y.AsMemory(0, 2))), ("repeated", new IntegerOutput(p)))),
                ("w_err", new ObjectOutput(("element", new NumberOutput(y[2 * p])), ("repeated", new IntegerOutput(p))))));
    }

    private static Evaluation<double[]> Jacobian(BundleAdjustment adjustment, double[] cameras, double[] points, double[] weights)
    {
        int[] rows = new int[3 * adjustment.Observations + 1], columns = new int[adjustment.NonZeros];
        var values = new double[adjustment.NonZeros];
        return new(
            () =>
            {
                adjustment.Jacobian(cameras, points, weights, rows, columns, values);
                return values;
            },
            y => new ObjectOutput(("rows", new IntegersOutput(Ends(rows))), ("cols", new IntegersOutput(Ends(columns))), ("vals", new ListOutput(Ends(y)))));
    }

    private static T[] Ends<T>(T[] all) => [.. all.Take(Reported), all[^1]];

    private static double[] Repeat(double[] numbers, int times)
    {
        var all = new double[numbers.Length * times];
        for (var k = 0; k < times; k++) numbers.CopyTo(all, k * numbers.Length);
        return all;
    }

    /// <summary>An input of some size.</summary>
    public static Input Of(int n, int m, int p) => Input.Of(
        ("n", n), ("m", m), ("p", p), ("cam", new[] { 0.1, -0.2, 0.3, 0.5, -0.4, 0.2, 1.5, 0.05, -0.02, 0.01, -0.003 }), ("x", new[] { 0.3, 0.6, 4 }), ("w", 0.8),
        ("feat", new[] { 0.25, -0.1 }));
}

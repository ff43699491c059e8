using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using DiffLib.Benchmarks.GradBench.Evals;
using DiffLib.Benchmarks.GradBench.Protocol;
using DiffLib.Kernels;

namespace DiffLib.Benchmarks.GradBench;

/// <summary>The default workloads, measured in this process, and the scores as GradBench counts them.</summary>
internal static class Score
{
    /// <summary>Runs the evals that are named, or all.</summary>
    public static int Run(string[] args)
    {
        var (seconds, inputs) = (0.1, int.MaxValue);
        string? file = null;
        var names = new List<string>();
        for (var k = 0; k < args.Length; k++)
        {
            if (args[k] == "--seconds" && k + 1 < args.Length && double.TryParse(args[k + 1], CultureInfo.InvariantCulture, out seconds)) k++;
            else if (args[k] == "--inputs" && k + 1 < args.Length && int.TryParse(args[k + 1], CultureInfo.InvariantCulture, out inputs)) k++;
            else if (args[k] == "--json" && k + 1 < args.Length) file = args[++k];
            else if (Tool.Evals.Any(e => e.Name == args[k])) names.Add(args[k]);
            else throw new ArgumentException($"{args[k]} is neither an option nor an eval.");
        }

        foreach (var eval in Tool.Evals)
            if (names.Count == 0 ? eval.Name != "hello" : names.Contains(eval.Name)) Run(eval, seconds, inputs, file);
        return 0;
    }

    private static void Run(IEval eval, double seconds, int inputs, string? file)
    {
        Tool.WarmUp(eval, 0.3);
        double sum = 0, smallest = double.PositiveInfinity;
        var count = 0;
        var times = new Times();
        foreach (var (name, input) in Workloads.Of(eval.Name).Take(inputs))
        {
            var line = "";
            foreach (var function in eval.Functions)
            {
                var evaluation = eval.Prepare(function, input);
                Times.WarmUp(evaluation, seconds);
                times.Measure(evaluation, 1, seconds);
                sum += times.Mean;
                smallest = Math.Min(smallest, times.Mean);
                line += $"  {function} {Text(times.Mean)}";
            }

            count++;
            Console.WriteLine($"{eval.Name} {name}{line}");
        }

        var score = eval.Name is "particle" or "saddle" ? smallest : sum;
        Console.WriteLine($"{eval.Name} score: {Text(score)}");
        if (file is not null) File.AppendAllText(file, JsonSerializer.Serialize(new { name = eval.Name, score_ms = score / 1e6, inputs = count, threads = Parallelism.MaxThreads }) + "\n");
    }

    private static string Text(double nanoseconds) =>
        nanoseconds < 1e3 ? Text(nanoseconds, "ns") : nanoseconds < 1e6 ? Text(nanoseconds / 1e3, "us") : Text(nanoseconds / 1e6, "ms");

    private static string Text(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value:G4} {unit}");
}

/// <summary>Inputs of the default sizes, the same numbers at every run.</summary>
internal static class Workloads
{
    private static readonly (int N, int M, int P)[] BundleSizes =
    [
        (49, 7776, 31843), (21, 11315, 36455), (161, 48126, 182072), (372, 47423, 204472), (257, 65132, 225911), (539, 65220, 277273), (93, 61203, 287451),
        (88, 64298, 383937), (810, 88814, 393775), (1197, 126327, 563734), (1723, 156502, 678718), (253, 163691, 899155), (245, 198739, 1091386), (356, 226730, 1255268),
    ];

    /// <summary>The inputs of an eval, with names for them.</summary>
    public static IEnumerable<(string Name, Input Input)> Of(string eval)
    {
        var random = new Random(31337);
        double[] Uniform(int count)
        {
            var x = new double[count];
            for (var i = 0; i < count; i++) x[i] = random.NextDouble();
            return x;
        }

        double[] Normal(int count) => [.. Uniform(count).Zip(Uniform(count), (u, v) => Math.Sqrt(-2 * Math.Log(1 - u)) * Math.Cos(2 * Math.PI * v))];

        return eval switch
        {
            "gmm" => from w in from d in new[] { 2, 10, 20, 32, 64 } from k in new[] { 5, 10, 25, 50, 100 } orderby d * k select (D: d, K: k)
                     select ($"d={w.D},k={w.K}", Gmm.Of(w.D, w.K, 1000, Normal)),
            "ba" => BundleSizes.Select(w => ($"n={w.N},m={w.M},p={w.P}", Ba.Of(w.N, w.M, w.P))),
            "ht" => new[] { 100, 192, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 100000 }.Select(n => ($"n={n}", Ht.Of(10000, 1084, n, Uniform))),
            "lstm" => from l in new[] { 2, 4, 6 } from c in new[] { 1024, 4096, 8192 } select ($"l={l},c={c}", Lstm.Of(l, 14, c, Uniform)),
            "hello" => [("x=1.5", Input.Of(1.5))],
            "llsq" => new[] { 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8196, 16392 }.Select(n => ($"n={n}", Input.Of(("x", Uniform(128)), ("n", n)))),
            "lse" => Enumerable.Range(0, 10).Select(k => 2500 << k).Select(n => ($"n={n}", Input.Of(("x", Uniform(n))))),
            "det" => Enumerable.Range(5, 7).Select(l => ($"l={l}", Input.Of(("A", Uniform(l * l)), ("ell", l)))),
            "ode" => from n in new[] { 1000, 10000, 100000 } from s in new[] { 1, 10, 100 } select ($"n={n},s={s}", Input.Of(("x", Uniform(n)), ("s", s))),
            "kmeans" => from w in from k in new[] { 10, 100, 1000 } from n in new[] { 1000, 10000 } from d in new[] { 8, 16 } orderby k * n * d select (K: k, N: n, D: d)
                        select ($"k={w.K},n={w.N},d={w.D}", Points(Uniform(w.N * w.D), w.K, w.D)),
            "particle" => [("w=0", Input.Of(("w", 0.0)))],
            "saddle" => [("start=[1, 1]", Input.Of(("start", new double[] { 1, 1 })))],
            _ => [],
        };
    }

    /// <summary>Points, of which the last are the centroids.</summary>
    private static Input Points(double[] points, int k, int d) =>
        Input.Of(("points", new Numbers(points, [points.Length / d, d])), ("centroids", new Numbers(points[^(k * d)..], [k, d])));
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench;

/// <summary>The default workloads, measured in this process, and the scores as GradBench counts them.</summary>
internal static class Score
{
    /// <summary>Runs the evals that are named, or all.</summary>
    public static int Run(string[] args)
    {
        var seconds = 0.1;
        var names = new List<string>();
        for (var k = 0; k < args.Length; k++)
        {
            if (args[k] == "--seconds" && k + 1 < args.Length && double.TryParse(args[k + 1], CultureInfo.InvariantCulture, out seconds)) k++;
            else if (Tool.Evals.Any(e => e.Name == args[k])) names.Add(args[k]);
            else throw new ArgumentException($"{args[k]} is neither an option nor an eval.");
        }

        foreach (var eval in Tool.Evals)
            if (names.Count == 0 ? eval.Name != "hello" : names.Contains(eval.Name)) Run(eval, seconds);
        return 0;
    }

    private static void Run(IEval eval, double seconds)
    {
        Tool.WarmUp(eval, 0.3);
        double sum = 0, smallest = double.PositiveInfinity;
        var times = new Times();
        foreach (var (name, input) in Workloads.Of(eval.Name))
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

            Console.WriteLine($"{eval.Name} {name}{line}");
        }

        Console.WriteLine($"{eval.Name} score: {Text(eval.Name is "particle" or "saddle" ? smallest : sum)}");
    }

    private static string Text(double nanoseconds) =>
        nanoseconds < 1e3 ? Text(nanoseconds, "ns") : nanoseconds < 1e6 ? Text(nanoseconds / 1e3, "us") : Text(nanoseconds / 1e6, "ms");

    private static string Text(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value:G4} {unit}");
}

/// <summary>Inputs of the default sizes, the same numbers at every run.</summary>
internal static class Workloads
{
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

        return eval switch
        {
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

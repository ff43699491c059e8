using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Text.Json;
using DiffLib.Kernels;

namespace DiffLib.Benchmarks;

/// <summary>Sparse Jacobians of bands: what detecting, colouring and evaluating cost as the matrix grows longer, and as the band grows wider.</summary>
internal static class SparseJacobians
{
    /// <summary>y[i] = Σ sin(x[i + d]) x[i] over |d| ≤ half, ends cut off.</summary>
    private static Tensor Band(Tensor x, int half)
    {
        int n = x.Count;
        Tensor middle = x[half..(n - half)], sum = Tensor.Sin(middle);
        for (int d = -half; d <= half; d++)
            if (d != 0) sum += Tensor.Sin(x[(half + d)..(n - half + d)]) * middle;
        return sum;
    }

    private readonly struct ScalarBand(int half) : IVectorFunction
    {
        public int OutputLength(int inputLength) => inputLength - 2 * half;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
        {
            for (int i = 0; i < y.Length; i++)
            {
                T middle = x[i + half];
                y[i] = T.Sin(middle);
                for (int d = -half; d <= half; d++)
                    if (d != 0) y[i] += T.Sin(x[i + half + d]) * middle;
            }
        }
    }

    public static int Run(Options options)
    {
        Parallelism.MaxThreads = options.Threads;
        foreach (var (n, half) in new[] { (1_000, 1), (10_000, 1), (100_000, 1), (1_000_000, 1), (100_000, 2), (100_000, 4), (100_000, 8), (100_000, 16) })
        {
            if (Wanted(options, $"tensor {n} band {2 * half + 1}")) Measure(options, $"tensor {n} band {2 * half + 1}", n, half, x => Tensors(x, half), x => Value(x, half));
            if (n <= 100_000 && half <= 4 && Wanted(options, $"scalar {n} band {2 * half + 1}"))
                Measure(options, $"scalar {n} band {2 * half + 1}", n, half, x => Diff.CompileSparseJacobian(new ScalarBand(half), at: x), null);
        }
        foreach (int n in new[] { 100, 1_000, 10_000, 100_000 })
            foreach (ProgramExecutor executor in Enum.GetValues<ProgramExecutor>())
                if (Wanted(options, $"calls {n} {executor}")) Calls(options, n, executor);
        return 0;
    }

    /// <summary>What the first calls of the generic face take together, from the recording on, and what one takes when many have been made.</summary>
    private static void Calls(Options options, int n, ProgramExecutor executor)
    {
        double[] x = [.. Enumerable.Range(0, n).Select(i => Math.Sin(0.1 * i))];
        var clock = Stopwatch.StartNew();
        var evaluator = Diff.CompileSparseJacobian(new ScalarBand(1), at: x, new() { Executor = executor });
        double prepared = clock.Elapsed.TotalMilliseconds;
        var values = new double[evaluator.Pattern.Count];
        var after = new double[4];
        for (int call = 1, power = 0; call <= 1000; call++)
        {
            evaluator.Evaluate(x, values);
            if (call == Math.Round(Math.Pow(10, power))) after[power++] = clock.Elapsed.TotalMilliseconds;
        }
        var steady = Stopwatch.StartNew();
        while (steady.Elapsed.TotalSeconds < options.Seconds) evaluator.Evaluate(x, values);
        double evaluate = Milliseconds(options, () => evaluator.Evaluate(x, values));
        string line = JsonSerializer.Serialize(new
        {
            name = $"calls {n} {executor}",
            columns = n,
            prepare_ms = prepared,
            calls_1_ms = after[0],
            calls_10_ms = after[1],
            calls_100_ms = after[2],
            calls_1000_ms = after[3],
            evaluate_ms = evaluate,
            managed_mb = GC.GetTotalMemory(true) / 1e6,
            resident_mb = Environment.WorkingSet / 1e6,
            threads = options.Threads,
        });
        Console.WriteLine(line);
        if (options.Json is { } path) File.AppendAllText(path, line + "\n");
    }

    private static bool Wanted(Options options, string name) => name.Contains(options.Only, StringComparison.Ordinal);

    private static SparseEvaluator Tensors(double[] x, int half) => Diff.CompileSparseJacobian(t => Band(t, half), Tensor.Of(x));

    /// <summary>The compiled function itself: the unit that products are counted in.</summary>
    private static Action Value(double[] x, int half)
    {
        var compiled = Diff.Compile<Tensor, Tensor>(t => Band(t, half));
        Tensor at = Tensor.Of(x);
        return () => compiled(at);
    }

    private static void Measure(Options options, string name, int n, int half, Func<double[], SparseEvaluator> prepare, Func<double[], Action>? value)
    {
        double[] x = [.. Enumerable.Range(0, n).Select(i => Math.Sin(0.1 * i))];
        var clock = Stopwatch.StartNew();
        SparsityPattern? pattern = value is null ? null : Diff.SparsityOf(t => Band(t, half), Tensor.Of(x));
        double detect = clock.Elapsed.TotalMilliseconds;
        clock.Restart();
        if (pattern is not null) Coloring.OfColumns(pattern, ColoringOrder.Automatic);
        double color = clock.Elapsed.TotalMilliseconds;
        clock.Restart();
        var evaluator = prepare(x);
        double prepared = clock.Elapsed.TotalMilliseconds;
        var values = new double[evaluator.Pattern.Count];
        evaluator.Evaluate(x, values);
        double first = clock.Elapsed.TotalMilliseconds;
        double evaluate = Milliseconds(options, () => evaluator.Evaluate(x, values));
        double? of = value is null ? null : Milliseconds(options, value(x));
        string line = JsonSerializer.Serialize(new
        {
            name,
            columns = n,
            band = 2 * half + 1,
            places = evaluator.Pattern.Count,
            colors = evaluator.Coloring.Count,
            detect_ms = pattern is null ? (double?)null : detect,
            color_ms = pattern is null ? (double?)null : color,
            prepare_ms = prepared,
            first_ms = first,
            evaluate_ms = evaluate,
            value_ms = of,
            ns_per_place = evaluate * 1e6 / evaluator.Pattern.Count,
            threads = options.Threads,
        });
        Console.WriteLine(line);
        if (options.Json is { } path) File.AppendAllText(path, line + "\n");
    }

    /// <summary>The fastest of many calls.</summary>
    private static double Milliseconds(Options options, Action action)
    {
        action();
        var total = Stopwatch.StartNew();
        double best = double.PositiveInfinity;
        do
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        while (total.Elapsed.TotalSeconds < options.Seconds);
        return best;
    }
}

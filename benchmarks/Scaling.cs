using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Text.Json;
using DiffLib.Kernels;

namespace DiffLib.Benchmarks;

/// <summary>What several threads bring: workloads on one thread and on several by turns in one process, and what independent threads that share nothing bring on this
/// machine at the same time, which is the most that there is.</summary>
internal static class Scaling
{
    /// <summary>So long, in seconds, one number of threads has its turn.</summary>
    private const double Turn = 0.02;

    public static int Run(Options options)
    {
        var threads = options.Threads > 1 ? options.Threads : Environment.ProcessorCount;
        foreach (var (name, make) in Workloads.All.Concat(More()).Where(w => w.Name.Contains(options.Only, StringComparison.Ordinal) && (options.Name.Length == 0 || w.Name == options.Name)))
        {
            Parallelism.MaxThreads = threads;
            var run = make();
            WarmUp.Until(() => run());
            run = make();
            var line = Measure(name, run, threads, options.Seconds);
            Console.WriteLine(line);
            if (options.Json is not null) File.AppendAllText(options.Json, line + "\n");
        }

        return 0;
    }

    /// <summary>Beside the peers' workloads: products, and batches of scalar programs from 0.1 to 100 ms.</summary>
    private static IEnumerable<(string Name, Func<Func<double>> Make)> More()
    {
        foreach (var n in new[] { 128, 192, 512 })
            yield return ($"gemm_f64_{n}", () =>
            {
                double[] a = Numbers(n * n), b = Numbers(n * n), c = new double[n * n];
                return () =>
                {
                    Kernels.Gemm.Multiply(false, false, n, n, n, 1.0, a, n, b, n, 0.0, c, n);
                    return c[0];
                };
            }
            );
        foreach (var operations in new[] { 50, 500, 5_000, 50_000 })
            foreach (var order in new[] { 0, 1 })
                yield return ($"scalar_batch_{operations}_{(order == 0 ? "value" : "gradient")}", () => ScalarPrograms.Batch(operations, order));
    }

    private static double[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }

    private static string Measure(string name, Func<double> run, int threads, double seconds)
    {
        List<double> alone = [], together = [], most = [];
        for (var start = Stopwatch.GetTimestamp(); together.Count < 5 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;)
        {
            Times(run, 1, alone);
            Times(run, threads, together);
            most.Add(Most(threads));
        }

        static double Median(List<double> x) => x.Order().ElementAt(x.Count / 2);
        return JsonSerializer.Serialize(new
        {
            name,
            threads,
            one_ms = Math.Round(Median(alone), 5),
            several_ms = Math.Round(Median(together), 5),
            times = Math.Round(Median(alone) / Median(together), 2),
            times_by_minima = Math.Round(alone.Min() / together.Min(), 2),
            independent = Math.Round(Median(most), 2),
            machine = Peak.Machine,
        });
    }

    /// <summary>One turn; its first call, which finds the caches as the other turn has left them, does not count.</summary>
    private static void Times(Func<double> run, int threads, List<double> to)
    {
        Parallelism.MaxThreads = threads;
        run();
        var start = Stopwatch.GetTimestamp();
        do
        {
            var began = Stopwatch.GetTimestamp();
            run();
            to.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < Turn);
    }

    /// <summary>How many times the arithmetic of one thread several do that have nothing to do with each other.</summary>
    private static double Most(int threads)
    {
        const long operations = 40_000_000;
        Peak.Double(operations);
        var began = Stopwatch.GetTimestamp();
        Peak.Double(operations);
        var one = Stopwatch.GetElapsedTime(began).TotalSeconds;
        using var ready = new Barrier(threads);
        var times = new double[threads];
        var others = Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            ready.SignalAndWait();
            var start = Stopwatch.GetTimestamp();
            Peak.Double(8 * operations);
            times[t] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        })).ToList();
        others.ForEach(t => t.Start());
        others.ForEach(t => t.Join());
        return times.Sum(t => 8 * one / t);
    }
}

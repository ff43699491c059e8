using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using DiffLib.Kernels;
using MathNet.Numerics;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace DiffLib.Benchmarks;

/// <summary>Square products of every backend beside what the processor can do at most. Backends and the peak take turns in short slices, so that whatever
/// else the machine does meets all of them alike: compare within a line, or between lines of one run.</summary>
internal static class Gemm
{
    private static readonly int[] Sizes = [4, 16, 64, 256, 512, 1024];

    /// <summary>A library under test: C = A·B for square matrices of the given size.</summary>
    private sealed record Contender(string Name, Action<int, double[], double[], double[]> Double, Action<int, float[], float[], float[]> Single);

    private static IEnumerable<Contender> Contenders()
    {
        var backends = Backends.Found;
        foreach (var backend in backends)
            yield return new(
                backend.Name,
                (n, a, b, c) => backend.Multiply(false, false, n, n, n, 1.0, a, n, b, n, 0.0, c, n),
                (n, a, b, c) => backend.Multiply(false, false, n, n, n, 1f, a, n, b, n, 0f, c, n));

        // Column-major, so that the operands change places.
        var mathNet = ManagedLinearAlgebraProvider.Instance;
        yield return new("mathnet", (n, a, b, c) => mathNet.MatrixMultiply(b, n, n, a, n, n, c), (n, a, b, c) => mathNet.MatrixMultiply(b, n, n, a, n, n, c));
    }

    public static int Run(Options options)
    {
        Parallelism.MaxThreads = options.Threads;
        Control.MaxDegreeOfParallelism = options.Threads;
        foreach (var (type, n) in new[] { "f64", "f32" }.SelectMany(type => Sizes.Select(n => (type, n))))
        {
            var name = $"gemm_{type}_{n}";
            if (!name.Contains(options.Only, StringComparison.Ordinal)) continue;
            foreach (var line in type == "f64" ? Measure(name, n, c => c.Double, Peak.Double, options) : Measure(name, n, c => c.Single, Peak.Single, options))
            {
                Console.WriteLine(line);
                if (options.Json is not null) File.AppendAllText(options.Json, line + "\n");
            }
        }

        return 0;
    }

    private static IEnumerable<string> Measure<T>(string name, int n, Func<Contender, Action<int, T[], T[], T[]>> pick, Func<long, double> peak, Options options)
        where T : unmanaged, IConvertible
    {
        // Full mantissas: the power that a product draws, and with it the clock, depends on the numbers.
        var random = new Random(n);
        T[] a = Numbers<T>(random, n * n), b = Numbers<T>(random, n * n), c = new T[n * n];
        var flops = 2.0 * n * n * n;
        var runs = Contenders().Select(one => (one.Name, Multiply: pick(one))).Select(one => new Turns(one.Name, () => one.Multiply(n, a, b, c))).ToArray();
        var start = Stopwatch.GetTimestamp();
        while (runs.Any(one => one.Rates.Count < 5) || Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds * runs.Length)
        {
            // whoever has had the least time is next, so that a slow one does not take it all
            var next = runs.MinBy(one => one.Seconds)!;
            next.Peaks.Add(AllThreads(peak, options.Threads));
            Clock.Slice(next.Call, next.Repeats);
            var seconds = Clock.Slice(next.Call, next.Repeats).TotalSeconds;
            next.Seconds += seconds;
            next.Rates.Add(flops * next.Repeats / seconds / 1e9);
        }

        var peaks = runs.SelectMany(one => one.Peaks).ToList();
        foreach (var one in runs) yield return Line(name, one, peaks, options);
    }

    /// <summary>One contender's measurements: a peak before each rate.</summary>
    private sealed class Turns(string name, Action call)
    {
        public string Name { get; } = name;

        public Action Call { get; } = call;

        /// <summary>So many calls take half a millisecond, or it is one.</summary>
        public int Repeats { get; } = WarmUp(call);

        public List<double> Rates { get; } = [];

        public List<double> Peaks { get; } = [];

        public double Seconds { get; set; }
    }

    private static string Line(string name, Turns one, List<double> peaks, Options options)
    {
        static double Round(double x) => Math.Round(x, 2);
        static double Median(IEnumerable<double> x) => x.Order().ElementAt(x.Count() / 2);
        return JsonSerializer.Serialize(new
        {
            name,
            backend = one.Name,
            threads = options.Threads,
            gflops = Round(one.Rates.Max()),
            median_gflops = Round(Median(one.Rates)),
            peak_gflops = Round(peaks.Max()),
            median_peak_gflops = Round(Median(peaks)),
            median_share = Round(Median(one.Rates.Zip(one.Peaks, (r, p) => r / p))),
            runs = one.Rates.Count,
            machine = Peak.Machine,
            date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        });
    }

    /// <summary>The runtime replaces its first code meanwhile.</summary>
    private static int WarmUp(Action call)
    {
        const double slice = 0.0005, warmUp = 0.4;
        var clock = Stopwatch.StartNew();
        long calls = 0;
        for (; clock.Elapsed.TotalSeconds < warmUp; calls++) call();
        return (int)Math.Max(1, calls * slice / warmUp);
    }

    /// <summary>GF of all threads together.</summary>
    private static double AllThreads(Func<long, double> peak, int threads)
    {
        const long operations = 100_000_000;
        var t = Stopwatch.GetTimestamp();
        if (threads == 1) peak(operations);
        else Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => peak(operations));
        return (double)operations * threads / Stopwatch.GetElapsedTime(t).TotalSeconds / 1e9;
    }

    private static T[] Numbers<T>(Random random, int count) where T : unmanaged
        => [.. Enumerable.Range(0, count).Select(_ => (T)Convert.ChangeType(random.NextDouble() - 0.5, typeof(T), CultureInfo.InvariantCulture))];
}

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
        IEnumerable<IBackend> backends = [new ManagedBackend()];
        foreach (var backend in backends)
            yield return new(
                backend.Name,
                (n, a, b, c) => backend.Multiply(false, false, n, n, n, 1.0, a, n, b, n, 0.0, c, n),
                (n, a, b, c) => backend.Multiply(false, false, n, n, n, 1f, a, n, b, n, 0f, c, n));

        // Column-major, so that the operands change places. MathNet takes whole arrays only and adds to what the result holds.
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
        var contenders = Contenders().Select(one => (one.Name, Multiply: pick(one), Rates: new List<double>())).ToArray();
        var repeats = contenders.Select(one => Repeats(() => one.Multiply(n, a, b, c))).ToArray();
        var peaks = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (peaks.Count < 5 || Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds * contenders.Length)
        {
            peaks.Add(AllThreads(peak, options.Threads));
            for (var i = 0; i < contenders.Length; i++)
            {
                var t = Stopwatch.GetTimestamp();
                for (var r = 0; r < repeats[i]; r++) contenders[i].Multiply(n, a, b, c);
                contenders[i].Rates.Add(flops * repeats[i] / Stopwatch.GetElapsedTime(t).TotalSeconds / 1e9);
            }
        }

        foreach (var one in contenders) yield return Line(name, one.Name, one.Rates, peaks, options);
    }

    private static string Line(string name, string backend, List<double> rates, List<double> peaks, Options options)
    {
        static double Round(double x) => Math.Round(x, 2);
        static double Median(IEnumerable<double> x) => x.Order().ElementAt(x.Count() / 2);
        return JsonSerializer.Serialize(new
        {
            name,
            backend,
            threads = options.Threads,
            gflops = Round(rates.Max()),
            median_gflops = Round(Median(rates)),
            peak_gflops = Round(peaks.Max()),
            median_peak_gflops = Round(Median(peaks)),
            median_share = Round(Median(rates.Zip(peaks, (r, p) => r / p))),
            runs = rates.Count,
            machine = Peak.Machine,
            date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        });
    }

    /// <summary>So many calls take half a millisecond, after a warm-up in which the runtime replaces its first code.</summary>
    private static int Repeats(Action call)
    {
        var start = Stopwatch.GetTimestamp();
        long calls = 0;
        do
        {
            call();
            calls++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < 0.4);
        return (int)Math.Max(1, calls * 0.0005 / 0.4);
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

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;

namespace DiffLib.Benchmarks;

/// <summary>Runs the workloads that the peers run too, under the same names and on the same closed-form inputs, and prints what they print:
/// name, impl, threads, median_ms, min_ms, runs, check. <c>check</c> is the result of the first call, by which two sides show that they did the same work;
/// <c>bytes</c> is what a call allocates, <c>peak_mb</c> the most memory that the process has had resident: the workload's own where each runs apart.</summary>
internal static class Peers
{
    public static int Run(Options options)
    {
        Kernels.Parallelism.MaxThreads = options.Threads;
        Workloads.Eager = options.Eager;
        foreach (var (name, make) in Workloads.All.Where(w => w.Name.Contains(options.Only, StringComparison.Ordinal) && (options.Name.Length == 0 || w.Name == options.Name)))
        {
            if (options.Apart)
            {
                RunApart(name, options);
                continue;
            }

            var line = Measure(name, make, options);
            Console.WriteLine(line);
            if (options.Json is not null) File.AppendAllText(options.Json, line + "\n");
        }

        return 0;
    }

    private static void RunApart(string name, Options options)
    {
        List<string> arguments = [Environment.GetCommandLineArgs()[0], "peers", "--name", name, "--threads", Text(options.Threads), "--seconds", Text(options.Seconds)];
        if (options.Eager) arguments.Add("--eager");
        if (options.Json is not null) arguments.AddRange(["--json", options.Json]);
        using var process = Process.Start(Environment.ProcessPath!, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{name} ended with exit status {process.ExitCode}");

        static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
    }

    private static double PeakMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Round(process.PeakWorkingSet64 / 1e6, 1);
    }

    private static string Measure(string name, Func<Func<double>> make, Options options)
    {
        var run = make();
        var check = run();
        WarmUp.Until(() => run());
        // Training begins anew, and is measured after as many seconds as the peer's: a network that has seen one batch for thousands of steps has gradients below
        // the smallest normal number, which processors multiply many times more slowly.
        run = make();
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun).TotalSeconds < 0.2 * options.Seconds;) run();
        GC.Collect();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        run();
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (times.Count < 5 || Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds)
        {
            var t = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(t).TotalMilliseconds);
        }

        times.Sort();
        var version = typeof(Diff).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        return JsonSerializer.Serialize(new
        {
            name,
            impl = "difflib-" + version.Split('+')[0],
            threads = options.Threads,
            median_ms = Math.Round(times[times.Count / 2], 5),
            min_ms = Math.Round(times[0], 5),
            runs = times.Count,
            check,
            bytes = allocated,
            peak_mb = PeakMegabytes(),
        });
    }
}

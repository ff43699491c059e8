using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using DiffLib.Benchmarks.Objectives;
using DiffLib.Kernels;

namespace DiffLib.Benchmarks;

/// <summary>ADBench's objectives and their derivatives on the benchmark's files, checked and timed: one line a case.</summary>
internal static class AdBench
{
    public static int Run(string folder, Options options)
    {
        Parallelism.MaxThreads = options.Threads;
        var right = true;
        foreach (var (name, open) in AdBenchFolder.Cases(folder))
        {
            if (!name.Contains(options.Only, StringComparison.Ordinal)) continue;
            var c = open();
            var gap = c.WorstGap();
            right &= gap <= AdBenchCase.Limit;
            Write(options, new
            {
                name,
                objective_ms = Milliseconds(options, c.Objective),
                derivative_ms = Milliseconds(options, c.Derivative),
                worst_gap = double.IsFinite(gap) ? gap : 1e300,
                threads = options.Threads,
            });
        }

        return right ? 0 : 1;
    }

    /// <summary>The median of slices of some milliseconds, after the runtime has had time to compile what is called often.</summary>
    private static double Milliseconds(Options options, Action work)
    {
        WarmUp.Until(work);
        var repeats = 1;
        while (Clock.Slice(work, repeats).TotalMilliseconds < 4) repeats *= 2;
        var slices = new List<double>();
        var clock = Stopwatch.StartNew();
        while (slices.Count < 5 || clock.Elapsed.TotalSeconds < options.Seconds) slices.Add(Clock.Slice(work, repeats).TotalMilliseconds / repeats);
        slices.Sort();
        return slices[slices.Count / 2];
    }

    private static void Write(Options options, object line)
    {
        var text = JsonSerializer.Serialize(line);
        Console.WriteLine(text);
        if (options.Json is { } file) File.AppendAllText(file, text + "\n");
    }
}

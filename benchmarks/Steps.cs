using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace DiffLib.Benchmarks;

/// <summary>Where the time of the peers' workloads goes, step by step of their compiled programs.</summary>
internal static class Steps
{
    /// <summary>Long programs show the steps that take more than this share.</summary>
    private const double Share = 0.002;

    public static int Run(Options options)
    {
        Kernels.Parallelism.MaxThreads = options.Threads;
        foreach (var (name, make) in Workloads.All.Where(w => options.Name.Length > 0 ? w.Name == options.Name : w.Name.Contains(options.Only, StringComparison.Ordinal)))
        {
            var run = make();
            WarmUp.Until(() => run());
            Console.WriteLine($"{name}: median {Median(Anew(make, options), options.Seconds):F2} us");
            Times(Anew(make, options), options.Seconds);
        }

        return 0;
    }

    /// <summary>Training begins anew: a network that has seen one batch for thousands of steps has gradients below the smallest normal number, which are slow.</summary>
    private static Func<double> Anew(Func<Func<double>> make, Options options)
    {
        var run = make();
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun).TotalSeconds < 0.2 * options.Seconds;) run();
        return run;
    }

    private static double Median(Func<double> run, double seconds)
    {
        var times = new List<double>();
        for (var start = Stopwatch.GetTimestamp(); times.Count < 5 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;)
        {
            var began = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static void Times(Func<double> run, double seconds)
    {
        StepClock.Clear();
        StepClock.IsOn = true;
        var calls = 0;
        for (var start = Stopwatch.GetTimestamp(); calls < 5 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; calls++) run();
        StepClock.IsOn = false;
        foreach (var steps in StepClock.Seen)
        {
            double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency / calls;
            var total = Microseconds(steps.Sum(s => s.Ticks));
            Console.WriteLine($"  {steps.Length} steps, {total:F2} us with the clock");
            foreach (var step in steps.Where(s => steps.Length < 50 || Microseconds(s.Ticks) > Share * total)) Console.WriteLine($"  {Microseconds(step.Ticks),10:F2}  {step.Describe()}");
        }
    }
}

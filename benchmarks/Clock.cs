using System;
using System.Diagnostics;

namespace DiffLib.Benchmarks;

/// <summary>How long something takes that is shorter than a clock's tick: the shortest of many slices, because other work on the machine only ever adds.</summary>
internal static class Clock
{
    /// <summary>A slice is at least so long, in seconds.</summary>
    private const double SliceSeconds = 0.002;

    /// <summary>Nanoseconds of one call, warmed up by the caller; measured for the seconds of the options.</summary>
    public static double Nanoseconds(Options options, Action work)
    {
        var repeats = 1;
        while (Slice(work, repeats).TotalSeconds < SliceSeconds) repeats *= 2;
        var best = double.PositiveInfinity;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < options.Seconds) best = Math.Min(best, Slice(work, repeats).TotalSeconds);
        return best * 1e9 / repeats;
    }

    /// <summary>The time of so many calls, one after the other.</summary>
    public static TimeSpan Slice(Action work, int repeats)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++) work();
        return Stopwatch.GetElapsedTime(start);
    }
}

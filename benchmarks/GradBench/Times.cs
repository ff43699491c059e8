using System;
using System.Diagnostics;

namespace DiffLib.Benchmarks.GradBench;

/// <summary>The times of repeated calls.</summary>
internal sealed class Times
{
    private long[] _nanoseconds = new long[1024];
    private int _count;

    /// <summary>One for each call.</summary>
    public ReadOnlySpan<long> Nanoseconds => _nanoseconds.AsSpan(0, _count);

    /// <summary>What counts in a score.</summary>
    public double Mean
    {
        get
        {
            double sum = 0;
            foreach (var t in Nanoseconds) sum += t;
            return sum / _count;
        }
    }

    /// <summary>Calls until there are enough calls and enough time.</summary>
    /// <param name="evaluation">What to call.</param>
    /// <param name="leastRuns">Calls, at least.</param>
    /// <param name="leastSeconds">Seconds of calls, at least.</param>
    public void Measure(IEvaluation evaluation, int leastRuns, double leastSeconds)
    {
        _count = 0;
        double enough = leastSeconds * 1e9, total = 0;
        while (_count < leastRuns || total < enough)
        {
            var time = Once(evaluation);
            if (_count == _nanoseconds.Length) Array.Resize(ref _nanoseconds, 2 * _count);
            _nanoseconds[_count++] = time;
            total += time;
        }
    }

    /// <summary>The time of one call.</summary>
    public static long Once(IEvaluation evaluation)
    {
        var start = Stopwatch.GetTimestamp();
        evaluation.Run();
        return Since(start);
    }

    /// <summary>Nanoseconds since a time stamp.</summary>
    public static long Since(long start) => (long)((Stopwatch.GetTimestamp() - start) * (1e9 / Stopwatch.Frequency));

    /// <summary>Calls that do not count, for a part of the time that will be measured: the first ones compile.</summary>
    public static long WarmUp(IEvaluation evaluation, double seconds)
    {
        double enough = 1e9 * Math.Clamp(seconds / 20, 0, 0.05);
        var start = Stopwatch.GetTimestamp();
        do evaluation.Run();
        while (Since(start) < enough);
        return Since(start);
    }
}

using System;
using System.Diagnostics;
using System.Runtime;
using System.Threading;

namespace DiffLib.Benchmarks;

/// <summary>
/// Calls until the runtime has put its optimised code in place. Methods begin as quickly made code; those called often are made again, first with counters, then with what these
/// found. Before it looks which ones those are, the runtime waits until nothing was called for the first time for a tenth of a second, and for ten times that in a process that
/// may use one processor only: a warm-up by the clock alone ends sometimes before that and sometimes after it.
/// </summary>
internal static class WarmUp
{
    /// <summary>The runtime looks at methods called so often.</summary>
    private const int Calls = 40;

    /// <summary>So many rounds without a new method, and the rest will bring none.</summary>
    private const int QuietRounds = 2;

    private const double LongestSeconds = 20, PauseSeconds = 0.15;

    private static double RoundSeconds => Environment.ProcessorCount == 1 ? 1.3 : 0.3;

    public static void Until(Action run)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var quiet = 0; quiet < QuietRounds && Seconds(begun) < LongestSeconds;)
        {
            var methods = JitInfo.GetCompiledMethodCount();
            var round = Stopwatch.GetTimestamp();
            for (var calls = 0; Seconds(round) < RoundSeconds || (calls < Calls && Seconds(round) < 2 * RoundSeconds); calls++) run();
            Thread.Sleep(TimeSpan.FromSeconds(PauseSeconds));
            quiet = JitInfo.GetCompiledMethodCount() == methods ? quiet + 1 : 0;
        }
    }

    private static double Seconds(long since) => Stopwatch.GetElapsedTime(since).TotalSeconds;
}

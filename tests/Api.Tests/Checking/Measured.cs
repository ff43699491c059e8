using System;
using System.Diagnostics;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

namespace DiffLib.Api.Tests.Checking;

/// <summary>Bytes and seconds of the calling thread alone: other tests, the test runner and a busy machine do not count.</summary>
internal static class Measured
{
    private const int Rounds = 200;

    /// <summary>
    /// The bytes that <paramref name="action"/> allocates on this thread: the least of many rounds, which end as soon as one needs no more than <paramref name="enough"/>.
    /// Code not yet optimised boxes, the runtime replaces it in its own time, and a collection in between charges the thread for memory it has not used; what the action
    /// itself allocates, it allocates in every round.
    /// </summary>
    internal static long Bytes(Action action, long enough = 0)
    {
        action();
        var least = long.MaxValue;
        for (var round = 0; round < Rounds && least > enough; round++)
        {
            if (round > 0) Thread.Sleep(120);
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    /// <summary>The live bytes that stay while what <paramref name="make"/> returns is held: the median of seven, for the heap is the process's, and others allocate and free meanwhile.</summary>
    internal static long Held(Func<object> make)
    {
        var held = Enumerable.Range(0, 7).Select(_ =>
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var made = make();
            var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
            GC.KeepAlive(made);
            return bytes;
        });
        return held.Order().ElementAt(3);
    }

    /// <summary>The processor time in seconds of this thread for <paramref name="action"/>, where the system tells it (Linux); elsewhere the time that passes.</summary>
    internal static double Seconds(Action action)
    {
        var start = Now();
        action();
        return Now() - start;
    }

    private static double Now()
    {
        if (!OperatingSystem.IsLinux()) return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        if (ClockGetTime(ThreadProcessorTime, out var time) != 0) throw new InvalidOperationException($"clock_gettime: error {Marshal.GetLastPInvokeError()}");
        return time.Seconds + 1e-9 * time.Nanoseconds;
    }

    /// <summary>CLOCK_THREAD_CPUTIME_ID of Linux.</summary>
    private const int ThreadProcessorTime = 3;

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds, Nanoseconds;
    }

    [DllImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, out TimeSpec time);
}

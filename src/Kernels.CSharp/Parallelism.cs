using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>How many threads a kernel may use. Results do not depend on it, bit for bit.</summary>
/// <remarks>The library has a small team of background threads, made when work first repays them. Between two pieces of work that follow each other closely they wait awake,
/// for a fifth of a millisecond at most; then they sleep, and after ten seconds without work they end. One caller at a time has the team: what others ask for
/// meanwhile, and what is asked for within shared work, runs on the thread that asks.</remarks>
public static class Parallelism
{
    private static volatile int _maxThreads = Environment.ProcessorCount;

    /// <summary>The most threads that one kernel call uses; the processor count unless set. It may be changed at any time and holds for the calls that begin afterwards.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public static int MaxThreads
    {
        get => _maxThreads;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _maxThreads = value;
        }
    }

    /// <summary>What a share must take to repay a thread that waits awake, in nanoseconds: it is told in less than one microsecond, but what it reads and writes lies in another
    /// processor's cache.</summary>
    internal const double AwakeShare = 5_000;

    /// <summary>What a share must take to repay a thread that sleeps: waking it takes 6 µs of the caller's time, and it comes 35 µs later (medians of a virtual machine).</summary>
    internal const double AsleepShare = 30_000;

    /// <summary>A share is cut into so many pieces at most, and into none shorter than this: who is done takes pieces from the others.</summary>
    private const int Pieces = 8;

    private const double ShortestPiece = 10_000;

    /// <summary>Nanoseconds of so many multiplications (each with its addition) in the loops of products: two registers in a cycle at three GHz, at 70 %.</summary>
    internal static double Products<T>(long count) where T : unmanaged
        => count * (0.24 * Unsafe.SizeOf<T>() / (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? 64 : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? 32 : 16));

    /// <summary>How many threads repay work that takes one thread so many nanoseconds: 1 where none but the caller's, within shared work above all.</summary>
    internal static int Threads(double nanoseconds)
    {
        var most = _maxThreads;
        return most == 1 || nanoseconds < 2 * AwakeShare || Team.IsInside ? 1 : Math.Min(most, Team.Shared.Worthwhile(nanoseconds));
    }

    /// <summary>Runs items from 0 to a count, in contiguous stretches on several threads where the work repays them. How the items are cut must not matter to the results.</summary>
    /// <param name="items">How many items there are.</param>
    /// <param name="nanoseconds">What one thread takes for all of them, roughly.</param>
    /// <param name="body">What runs a stretch.</param>
    internal static void Share<B>(int items, double nanoseconds, B body) where B : IShared
    {
        var threads = Math.Min(Threads(nanoseconds), items);
        if (threads <= 1) body.Run(0, items);
        else Share(items, threads, PiecesOf(nanoseconds, threads), body);
    }

    /// <summary>Into how many pieces the share of each thread is cut.</summary>
    internal static int PiecesOf(double nanoseconds, int threads) => (int)Math.Clamp(nanoseconds / ShortestPiece / threads, 1, Pieces);

    /// <summary>The same with the number of threads, which <see cref="Threads"/> has said, and of pieces for each.</summary>
    internal static void Share<B>(int items, int threads, int pieces, B body) where B : IShared
    {
        threads = Math.Min(threads, items);
        if (threads <= 1 || !Team.Shared.TryRun(items, threads, (int)Math.Min(items, (long)threads * pieces), body)) body.Run(0, items);
    }

    /// <summary>The same for a delegate.</summary>
    internal static void Share(int items, double nanoseconds, Action<int, int> body) => Share(items, nanoseconds, new SharedAction(body));

    private readonly struct SharedAction(Action<int, int> action) : IShared
    {
        public void Run(int begin, int end) => action(begin, end);
    }
}

/// <summary>Work that can be cut: a structure, so that sharing it out allocates nothing.</summary>
internal interface IShared
{
    /// <summary>Runs the items from begin to end, on any thread, beside other stretches.</summary>
    void Run(int begin, int end);
}

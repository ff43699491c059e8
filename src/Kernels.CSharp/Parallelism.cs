using System;
using System.Threading.Tasks;

namespace DiffLib.Kernels;

/// <summary>How many threads a kernel may use. Results do not depend on it, bit for bit.</summary>
public static class Parallelism
{
    private static volatile int _maxThreads = Environment.ProcessorCount;

    /// <summary>The most threads that one kernel call uses; the processor count unless set.</summary>
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

    /// <summary>From this many multiplications on a second thread pays.</summary>
    private const long ParallelLimit = 2_000_000;

    /// <summary>Shares out items over threads, in stretches, where the work (in multiplications) is worth it.</summary>
    internal static void Share(int items, long work, Action<int, int> body)
    {
        var parts = work >= ParallelLimit ? Math.Min(MaxThreads, items) : 1;
        if (parts <= 1) body(0, items);
        else
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, p =>
                body((int)((long)items * p / parts), (int)((long)items * (p + 1) / parts)));
    }
}

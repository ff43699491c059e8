using System;

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
}

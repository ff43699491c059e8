using System;
using System.Threading;

namespace DiffLib.Kernels;

/// <summary>Lets so many calls into one library run at a time. OpenBLAS has a fixed number of work buffers and ends the process when more threads than that are inside.</summary>
internal sealed class NativeCalls
{
    private const int Most = 32;
    private int _inside;

    public Call Enter()
    {
        while (Interlocked.Increment(ref _inside) > Most)
        {
            Interlocked.Decrement(ref _inside);
            Thread.Sleep(0);
        }

        return new Call(this);
    }

    /// <summary>A call under way, until disposal.</summary>
    public readonly ref struct Call(NativeCalls calls) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref calls._inside);
    }
}

using System;
using System.Buffers;

namespace DiffLib.Kernels;

/// <summary>Memory for the time of one factorisation, from the shared pool: fresh large arrays would be cleared and faulted in page by page each time.</summary>
internal readonly struct Scratch : IDisposable
{
    public readonly double[] Numbers;

    /// <param name="length">How many numbers are needed; there may be more.</param>
    /// <param name="cleared">Whether they are zero; else they are anything.</param>
    public Scratch(int length, bool cleared = false)
    {
        Numbers = ArrayPool<double>.Shared.Rent(Math.Max(length, 1));
        if (cleared) Numbers.AsSpan(0, length).Clear();
    }

    public void Dispose() => ArrayPool<double>.Shared.Return(Numbers);
}

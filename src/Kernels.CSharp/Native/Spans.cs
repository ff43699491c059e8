using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Native code writes where it is told to, so what it is told is checked first.</summary>
internal static class Spans
{
    /// <summary>A matrix of rows by columns with rows ld apart has to fit.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CheckMatrix(string name, int length, int rows, int columns, int ld)
    {
        if (rows < 0 || columns < 0 || ld < columns || (rows > 0 && columns > 0 && (rows - 1L) * ld + columns > length)) Throw(name, length, rows, columns, ld);
    }

    [DoesNotReturn]
    private static void Throw(string name, int length, int rows, int columns, int ld) =>
        throw new ArgumentException($"{name} is stored as [{rows}; {columns}] with {ld} elements from row to row, which does not fit a span of {length}.", name);
}

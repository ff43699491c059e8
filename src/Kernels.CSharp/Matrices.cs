using System;

namespace DiffLib.Kernels;

/// <summary>Copies of single matrices between row-major and column-major order, in blocks that stay in the first cache.</summary>
public static unsafe class Matrices
{
    private const int Block = 32;

    /// <summary>target [columns; rows] = the transpose of source [rows; columns], both row-major without gaps.</summary>
    /// <exception cref="ArgumentException">A span is too short, or a size is negative.</exception>
    public static void Transpose(ReadOnlySpan<double> source, int rows, int columns, Span<double> target)
    {
        Spans.CheckMatrix(nameof(source), source.Length, rows, columns, columns);
        Spans.CheckMatrix(nameof(target), target.Length, columns, rows, rows);
        fixed (double* from = source, to = target) Transposition.Matrix(from, columns, to, rows, rows, columns);
    }

    /// <summary>target [n; n] = the symmetric matrix whose lower triangle is that of source [n; n], row-major without gaps.</summary>
    /// <exception cref="ArgumentException">A span is too short, or n is negative.</exception>
    public static void Mirror(ReadOnlySpan<double> source, int n, Span<double> target)
    {
        Spans.CheckMatrix(nameof(source), source.Length, n, n, n);
        Spans.CheckMatrix(nameof(target), target.Length, n, n, n);
        for (var i = 0; i < n; i++) source.Slice(i * n, i + 1).CopyTo(target[(i * n)..]);
        for (var top = 0; top < n; top += Block)
            for (var left = top; left < n; left += Block)
                for (var i = top; i < Math.Min(top + Block, n); i++)
                    for (var j = Math.Max(left, i + 1); j < Math.Min(left + Block, n); j++) target[(i * n) + j] = source[(j * n) + i];
    }
}

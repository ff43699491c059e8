using System;

namespace DiffLib.Kernels;

/// <summary>Powers of two that bring a matrix to moderate size, where squares neither overflow nor underflow.</summary>
internal static unsafe class Scaling
{
    /// <summary>The exponent of the largest number where it is far from 1, else 0.</summary>
    public static int Exponent(int rows, int columns, double* a, int ld)
    {
        double largest = 0;
        for (var j = 0; j < columns; j++) largest = Math.Max(largest, ColumnMajor.Largest(rows, a + (nint)j * ld));
        return largest == 0 || !double.IsFinite(largest) || largest is > 1e-100 and < 1e100 ? 0 : Math.ILogB(largest);
    }

    public static void Scale(int rows, int columns, double* a, int ld, int exponent)
    {
        if (exponent == 0) return;
        for (var j = 0; j < columns; j++)
            for (var i = 0; i < rows; i++) a[i + (nint)j * ld] = Math.ScaleB(a[i + (nint)j * ld], exponent);
    }
}

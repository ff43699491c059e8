using System;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>LU and Cholesky factors by halves, so that nearly all of the work is matrix products (S. Toledo, "Locality of reference in LU decomposition with partial
/// pivoting", 1997). The matrices are those of LAPACK, column-major: row-major they are the transposes, and rows here are columns there.</summary>
internal static unsafe class ManagedFactors
{
    /// <summary>So many rows are eliminated one by one.</summary>
    private const int PanelRows = 8;

    private const int SmallCholesky = 16;

    /// <summary>Up to this order a symmetric update computes the other triangle too.</summary>
    private const int SmallSymmetric = 64;

    /// <summary>P A = L U of the column-major matrix A in its place, the first of the largest elements as pivot; pivots count from 0. A pivot of 0 stays where it is.</summary>
    public static void Lu(Span<double> a, int n, Span<int> pivots) => Eliminate(a, n, 0, n, pivots);

    /// <summary>Rows from begin to end, on which all earlier steps have acted, are factored; the rows below are left alone.</summary>
    private static void Eliminate(Span<double> a, int n, int begin, int end, Span<int> pivots)
    {
        if (end - begin <= PanelRows)
        {
            Panel(a, n, begin, end, pivots);
            return;
        }

        int middle = begin + Triangle.HalfOf(end - begin), above = middle - begin, below = end - middle;
        Eliminate(a, n, begin, middle, pivots);
        Exchange(a, n, middle, end, pivots, begin, middle);
        SolveRight(above, below, a[(begin * n + begin)..], a[(middle * n + begin)..], n);
        Gemm.Multiply(false, false, below, n - middle, above, -1, a[(middle * n + begin)..], n, a[(begin * n + middle)..], n, 1, a[(middle * n + middle)..], n);
        Eliminate(a, n, middle, end, pivots);
        Exchange(a, n, begin, middle, pivots, middle, end);
    }

    /// <summary>One row after the other: its largest element comes to the diagonal, the others are divided by it, and the rows below lose their multiple.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel(Span<double> a, int n, int begin, int end, Span<int> pivots)
    {
        for (var i = begin; i < end; i++)
        {
            var pivot = i + Largest(a.Slice(i * n + i, n - i));
            pivots[i] = pivot;
            if (pivot != i)
                for (var r = begin; r < end; r++) (a[r * n + i], a[r * n + pivot]) = (a[r * n + pivot], a[r * n + i]);
            var rest = a.Slice(i * n + i + 1, n - i - 1);
            if (a[i * n + i] != 0) TensorPrimitives.Divide(rest, a[i * n + i], rest);
            for (var r = i + 1; r < end; r++)
            {
                var other = a.Slice(r * n + i + 1, n - i - 1);
                TensorPrimitives.MultiplyAdd(rest, -a[r * n + i], other, other);
            }
        }
    }

    /// <summary>The first of the numbers of largest magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Largest(ReadOnlySpan<double> row)
    {
        var at = 0;
        for (var (j, largest) = (1, Math.Abs(row[0])); j < row.Length; j++)
        {
            var size = Math.Abs(row[j]);
            if (!(size > largest)) continue;
            largest = size;
            at = j;
        }

        return at;
    }

    /// <summary>In the rows from begin to end, element i is exchanged with element pivots[i], for i from first to last - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exchange(Span<double> a, int n, int begin, int end, ReadOnlySpan<int> pivots, int first, int last)
    {
        for (var r = begin; r < end; r++)
        {
            var row = a.Slice(r * n, n);
            for (var i = first; i < last; i++)
                if (pivots[i] is var j && j != i) (row[i], row[j]) = (row[j], row[i]);
        }
    }

    /// <summary>X with X U = B in B's place, for a unit upper triangle U: the transposed system, where many right-hand sides lie beside each other.</summary>
    private static void SolveRight(int n, int rows, ReadOnlySpan<double> u, Span<double> b, int ld)
    {
        using var turned = new Scratch(n * rows);
        fixed (double* from = b, to = turned.Numbers)
        {
            Transposition.Matrix(from, ld, to, rows, rows, n);
            Triangle.Solve(upper: true, transposed: true, unit: true, n, rows, u, ld, turned.Numbers, rows);
            Transposition.Matrix(to, rows, from, ld, n, rows);
        }
    }

    /// <summary>L with L Lᵀ = A in the lower triangle of the column-major matrix A, and zeros above it. Only the lower triangle is read.</summary>
    /// <returns>Whether A is positive definite.</returns>
    public static bool Cholesky(Span<double> a, int n)
    {
        if (!Root(a, n, n)) return false;
        for (var i = 1; i < n; i++) a.Slice(i * n, i).Clear();
        return true;
    }

    /// <summary>Row-major, U with Uᵀ U = A in the upper triangle.</summary>
    private static bool Root(Span<double> a, int n, int ld)
    {
        if (n <= SmallCholesky) return SmallRoot(a, n, ld);
        int half = Triangle.HalfOf(n), rest = n - half;
        if (!Root(a, half, ld)) return false;
        var block = a[half..];
        Triangle.Solve(upper: true, transposed: true, unit: false, half, rest, a, ld, block, ld);
        var corner = a[(half * ld + half)..];
        Subtract(rest, half, block, corner, ld);
        return Root(corner, rest, ld);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool SmallRoot(Span<double> a, int n, int ld)
    {
        for (var i = 0; i < n; i++)
        {
            var row = a.Slice(i * ld + i, n - i);
            for (var k = 0; k < i; k++) TensorPrimitives.MultiplyAdd(a.Slice(k * ld + i, n - i), -a[k * ld + i], row, row);
            if (!(row[0] > 0)) return false;
            TensorPrimitives.Divide(row, Math.Sqrt(row[0]), row);
        }

        return true;
    }

    /// <summary>C - BᵀB in the upper triangle of C [n; n], for B [k; n].</summary>
    private static void Subtract(int n, int k, ReadOnlySpan<double> b, Span<double> c, int ld)
    {
        if (n <= SmallSymmetric)
        {
            Gemm.Multiply(true, false, n, n, k, -1, b, ld, b, ld, 1, c, ld);
            return;
        }

        int half = Triangle.HalfOf(n), rest = n - half;
        Subtract(half, k, b, c, ld);
        Gemm.Multiply(true, false, half, rest, k, -1, b, ld, b[half..], ld, 1, c[half..], ld);
        Subtract(rest, k, b[half..], c[(half * ld + half)..], ld);
    }
}

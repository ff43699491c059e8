using System;
using System.Numerics;
using System.Numerics.Tensors;

namespace DiffLib.Kernels;

/// <summary>Substitution in a triangular system. Large triangles are halved, so that nearly all of the work is a matrix product.</summary>
internal static class Triangle
{
    private const int Small = 48;

    /// <summary>Solves op(T) X = B in place; the caller has checked the sizes.</summary>
    public static void Solve(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ld, Span<double> x)
    {
        if (n > Small) Halve(upper, transposed, unit, n, k, t, ld, x);
        else if (k == 1) Column(upper, transposed, unit, n, t, ld, x);
        else Rows(upper, transposed, unit, n, k, t, ld, x);
    }

    private static void Halve(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ld, Span<double> x)
    {
        int half = n / 2, rest = n - half;
        // the block off the diagonal couples the half solved first to the other one
        ReadOnlySpan<double> block = upper ? t[half..] : t[(half * ld)..], second = t[(half * ld + half)..];
        Span<double> above = x[..(half * k)], below = x[(half * k)..];
        if (upper == transposed)
        {
            Solve(upper, transposed, unit, half, k, t, ld, above);
            Gemm.Multiply(transposed, false, rest, k, half, -1, block, ld, above, k, 1, below, k);
            Solve(upper, transposed, unit, rest, k, second, ld, below);
        }
        else
        {
            Solve(upper, transposed, unit, rest, k, second, ld, below);
            Gemm.Multiply(transposed, false, half, k, rest, -1, block, ld, below, k, 1, above, k);
            Solve(upper, transposed, unit, half, k, t, ld, above);
        }
    }

    /// <summary>One right-hand side: rows of T are taken as they lie, as dot products or, transposed, as updates of what is left.</summary>
    private static void Column(bool upper, bool transposed, bool unit, int n, ReadOnlySpan<double> t, int ld, Span<double> x)
    {
        for (var step = 0; step < n; step++)
        {
            var i = upper == transposed ? step : n - 1 - step;
            var (from, to) = upper ? (i + 1, n) : (0, i);
            var row = t[(i * ld + from)..(i * ld + to)];
            if (!transposed) x[i] -= Dot(row, x[from..to]);
            if (!unit) x[i] /= t[i * ld + i];
            if (transposed) TensorPrimitives.MultiplyAdd(row, -x[i], x[from..to], x[from..to]);
        }
    }

    /// <summary>Summed in an order that depends on the length only; the platform's dot product goes by the address as well.</summary>
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector<double> even = default, odd = default;
        var width = Vector<double>.Count;
        var i = 0;
        for (; i <= a.Length - 2 * width; i += 2 * width)
        {
            even += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
            odd += new Vector<double>(a[(i + width)..]) * new Vector<double>(b[(i + width)..]);
        }

        var sum = Vector.Sum(even + odd);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static void Rows(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ld, Span<double> x)
    {
        var forward = upper == transposed;
        for (var step = 0; step < n; step++)
        {
            var i = forward ? step : n - 1 - step;
            var row = x.Slice(i * k, k);
            for (var other = 0; other < step; other++)
            {
                var j = forward ? other : n - 1 - other;
                TensorPrimitives.MultiplyAdd(x.Slice(j * k, k), -(transposed ? t[j * ld + i] : t[i * ld + j]), row, row);
            }

            if (!unit) TensorPrimitives.Divide(row, t[i * ld + i], row);
        }
    }
}

using System;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>Substitution in a triangular system. Large triangles are halved, so that nearly all of the work is a matrix product.</summary>
internal static unsafe class Triangle
{
    /// <summary>Up to this order one column is substituted row by row.</summary>
    private const int SmallColumn = 48;

    /// <summary>Up to this order many columns are substituted in registers.</summary>
    private const int SmallRows = 16;

    /// <summary>Halves begin where the tiles of a product do.</summary>
    private const int Step = 8;

    /// <summary>Solves op(T) X = B in place, the rows of X ldx apart; the caller has checked the sizes.</summary>
    public static void Solve(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ld, Span<double> x, int ldx)
    {
        var single = k == 1 && ldx == 1;
        if (n > (single ? SmallColumn : SmallRows)) Halve(upper, transposed, unit, n, k, t, ld, x, ldx);
        else if (single) Column(upper, transposed, unit, n, t, ld, x);
        else Rows(upper, transposed, unit, n, k, t, ld, x, ldx);
    }

    /// <summary>The order of the first half, a multiple of the step.</summary>
    public static int HalfOf(int n) => (n / 2 + Step - 1) / Step * Step;

    private static void Halve(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ld, Span<double> x, int ldx)
    {
        int half = HalfOf(n), rest = n - half;
        // the block off the diagonal couples the half solved first to the other one
        ReadOnlySpan<double> block = upper ? t[half..] : t[(half * ld)..], second = t[(half * ld + half)..];
        Span<double> above = x, below = x[(half * ldx)..];
        if (upper == transposed)
        {
            Solve(upper, transposed, unit, half, k, t, ld, above, ldx);
            Gemm.Multiply(transposed, false, rest, k, half, -1, block, ld, above, ldx, 1, below, ldx);
            Solve(upper, transposed, unit, rest, k, second, ld, below, ldx);
        }
        else
        {
            Solve(upper, transposed, unit, rest, k, second, ld, below, ldx);
            Gemm.Multiply(transposed, false, half, k, rest, -1, block, ld, below, ldx, 1, above, ldx);
            Solve(upper, transposed, unit, half, k, t, ld, above, ldx);
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

    /// <summary>Many right-hand sides: of each some neighbours at a time. What happens to one element does not depend on how many go with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ld, Span<double> x, int ldx)
    {
        var width = Vector<double>.Count;
        // element (i, j) of op(T), rows in the order in which they are solved
        var forward = upper == transposed;
        nint row = transposed ? 1 : ld, column = transposed ? ld : 1;
        nint first = forward ? 0 : n - 1, sign = forward ? 1 : -1;
        fixed (double* pt = &MemoryMarshal.GetReference(t), px = &MemoryMarshal.GetReference(x))
        {
            var solve = new Substitution(pt + first * (row + column), sign * row, sign * column, sign * ldx, n, unit);
            var start = px + first * ldx;
            var c = 0;
            for (; c + 4 * width <= k; c += 4 * width) solve.Four(start + c);
            for (; c + width <= k; c += width) solve.One(start + c);
            for (; c < k; c++) solve.Number(start + c);
        }
    }

    /// <summary>Forward substitution with a small lower triangle of any steps, which may be negative, in columns of X.</summary>
    private readonly struct Substitution(double* t, nint row, nint column, nint step, int n, bool unit)
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Four(double* x)
        {
            var width = Vector<double>.Count;
            var target = x;
            for (var i = 0; i < n; i++, target += step)
            {
                Vector<double> a = Vector.Load(target), b = Vector.Load(target + width), c = Vector.Load(target + 2 * width), d = Vector.Load(target + 3 * width);
                double* from = x, at = t + i * row;
                for (var j = 0; j < i; j++, from += step, at += column)
                {
                    var weight = new Vector<double>(-*at);
                    a = Vector.MultiplyAddEstimate(weight, Vector.Load(from), a);
                    b = Vector.MultiplyAddEstimate(weight, Vector.Load(from + width), b);
                    c = Vector.MultiplyAddEstimate(weight, Vector.Load(from + 2 * width), c);
                    d = Vector.MultiplyAddEstimate(weight, Vector.Load(from + 3 * width), d);
                }

                if (!unit)
                {
                    var pivot = new Vector<double>(*at);
                    a /= pivot;
                    b /= pivot;
                    c /= pivot;
                    d /= pivot;
                }

                a.Store(target);
                b.Store(target + width);
                c.Store(target + 2 * width);
                d.Store(target + 3 * width);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void One(double* x)
        {
            var target = x;
            for (var i = 0; i < n; i++, target += step)
            {
                var a = Vector.Load(target);
                double* from = x, at = t + i * row;
                for (var j = 0; j < i; j++, from += step, at += column) a = Vector.MultiplyAddEstimate(new Vector<double>(-*at), Vector.Load(from), a);
                (unit ? a : a / new Vector<double>(*at)).Store(target);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Number(double* x)
        {
            var target = x;
            for (var i = 0; i < n; i++, target += step)
            {
                var a = *target;
                double* from = x, at = t + i * row;
                for (var j = 0; j < i; j++, from += step, at += column) a = double.MultiplyAddEstimate(-*at, *from, a);
                *target = unit ? a : a / *at;
            }
        }
    }
}

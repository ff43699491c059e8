using System;
using System.Collections.Generic;

namespace DiffLib.Kernels;

internal sealed unsafe partial class RealSchur
{
    /// <summary>Two shifts, conjugate or both real.</summary>
    private readonly record struct Pair(SmallSchur.Shift First, SmallSchur.Shift Second);

    /// <summary>Solves a window at the end of the block and takes off the eigenvalues that its first column does not feel: of the turned window's first column, the spike, their part is
    /// negligible. The eigenvalues of the rest are shifts.</summary>
    /// <returns>How many rows came off, or -1 if the window could not be solved.</returns>
    private int Deflate(int window, List<Pair> shifts)
    {
        var first = _end - window + 1;
        // rather where the coupling is weak
        if (first > _begin + 1 && Math.Abs(Below(first)) > Math.Abs(Below(first - 1))) (first, window) = (first - 1, window + 1);
        int ld = SmallSchur.Distance(window), room = SmallSchur.Room(window);
        using Scratch block = new(room, cleared: true), turned = new(room, cleared: true);
        fixed (double* t = block.Numbers, v = turned.Numbers)
        {
            CopyIn(first, window, t, ld);
            Identity(window, v, ld);
            if (!SmallSchur.Solve(window, t, ld, v, window, ld, true)) return -1;
            var spike = first > _begin ? Below(first) : 0;
            var rest = Undeflated(window, t, v, ld, spike);
            Pairs(rest, t, ld, shifts);
            if (rest == window && spike != 0) return 0;
            if (rest == 0) spike = 0;
            if (rest > 1 && spike != 0) Restore(window, rest, t, v, ld);
            if (first > _begin) Below(first) = spike * v[0];
            CopyOut(first, window, t, ld);
            Apply(first, window, v, ld, first, _end + 1);
            return window - rest;
        }
    }

    private ref double Below(int row) => ref _h[row + (row - 1) * (nint)_n];

    /// <summary>Takes blocks off the end that do not feel the spike; such blocks from farther up come down to the end first, and are looked at again there.</summary>
    /// <returns>How many rows are left.</returns>
    private static int Undeflated(int n, double* t, double* v, int ld, double spike)
    {
        var rest = n;
        while (rest > 0)
        {
            int block = rest, size = 0;
            while (block > 0)
            {
                size = block >= 2 && SchurBlocks.IsPair(n, t, ld, block - 2) ? 2 : 1;
                block -= size;
                if (IsFree(block, size, t, v, ld, spike)) break;
                size = 0;
            }

            if (size == 0) return rest;
            var at = SchurBlocks.MoveDown(n, t, ld, v, n, ld, block, rest);
            if (at + size != rest || !IsFree(at, size, t, v, ld, spike)) return rest;
            rest = at;
        }

        return 0;
    }

    /// <summary>Whether the part of the spike that belongs to a block is negligible against its eigenvalues.</summary>
    private static bool IsFree(int block, int size, double* t, double* v, nint ld, double spike)
    {
        var corner = t + block * (ld + 1);
        double scale = Math.Abs(*corner), felt = Math.Abs(spike * v[block * ld]);
        if (size == 2)
        {
            scale += TwoByTwo.Imaginary(corner[ld], corner[1]);
            felt = Math.Max(felt, Math.Abs(spike * v[(block + 1) * ld]));
        }

        return felt <= Math.Max(SmallSchur.Tiny, SmallSchur.Ulp * (scale == 0 ? Math.Abs(spike) : scale));
    }

    /// <summary>The eigenvalues of the first rows, the lowest first, in pairs.</summary>
    private static void Pairs(int rows, double* t, int ld, List<Pair> shifts)
    {
        double? single = null;
        for (var k = rows - 1; k >= 0; k--)
        {
            var corner = t + k * (nint)(ld + 1);
            if (k > 0 && corner[-ld] != 0)
            {
                var imaginary = TwoByTwo.Imaginary(corner[-1], corner[-ld]);
                shifts.Add(new(new(*corner, imaginary), new(*corner, -imaginary)));
                k--;
            }
            else if (single is { } other)
            {
                shifts.Add(new(new(other, 0), new(*corner, 0)));
                single = null;
            }
            else single = *corner;
        }

        if (shifts.Count == 0 && single is { } only) shifts.Add(new(new(only, 0), new(only, 0)));
    }

    /// <summary>The first rows become upper Hessenberg again: a reflection makes one number of their part of the spike, and others carry on from there.</summary>
    private static void Restore(int n, int rest, double* t, double* v, int ld)
    {
        using Scratch vector = new(rest), products = new(n);
        fixed (double* x = vector.Numbers, w = products.Numbers)
            for (var j = -1; j < rest - 2; j++)
            {
                int row = j + 1, length = rest - row, column = Math.Max(j, 0);
                for (var i = 0; i < length; i++) x[i] = j < 0 ? v[i * (nint)ld] : t[row + i + j * (nint)ld];
                var tau = Reflections.Make(length, x, out var beta);
                double* corner = t + row + column * (nint)ld, beside = t + row * (nint)ld, turned = v + row * (nint)ld;
                ColumnMajor.TransposedTimes(length, n - column, corner, ld, x, w);
                for (var c = 0; c < n - column; c++) ColumnMajor.Add(length, -tau * w[c], x, corner + c * (nint)ld);
                FromRight(rest, length, tau, x, beside, ld, w);
                FromRight(n, length, tau, x, turned, ld, w);
                if (j < 0) continue;
                corner[0] = beta;
                new Span<double>(corner + 1, length - 1).Clear();
            }
    }

    /// <summary>C = C (I - τ x xᵀ) for C [m; k].</summary>
    private static void FromRight(int m, int k, double tau, double* x, double* c, int ld, double* w)
    {
        ColumnMajor.Times(m, k, c, ld, x, w);
        for (var j = 0; j < k; j++) ColumnMajor.Add(m, -tau * x[j], w, c + j * (nint)ld);
    }

    /// <summary>Shifts made from the sizes along the diagonal.</summary>
    private void Elsewhere(int bulges, List<Pair> shifts)
    {
        shifts.Clear();
        for (var k = _end; k > _begin + 1 && shifts.Count < bulges; k -= 2)
        {
            SmallSchur.Elsewhere(_h[k * (nint)(_n + 1)], Math.Abs(Below(k)) + Math.Abs(Below(k - 1)), out var first, out var second);
            shifts.Add(new(first, second));
        }
    }
}

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

internal sealed unsafe partial class RealSchur
{
    /// <summary>Bulges follow each other at this distance: nearer ones would touch.</summary>
    private const int Spacing = 3;

    /// <summary>One QR step with all shifts: a chain of bulges is made at the top of the block, and goes down window by window. In a window's own rows and columns reflections are applied one by
    /// one; what they do together to the rest is a product.</summary>
    private void Sweep(List<Pair> shifts, int bulges)
    {
        bulges = Math.Min(bulges, Math.Min(shifts.Count, (_end - _begin) / (2 * Spacing)));
        var length = 2 * Spacing * bulges;
        int room = SmallSchur.Room(length + 2);
        using Scratch block = new(room), turned = new(room);
        fixed (double* w = block.Numbers, u = turned.Numbers)
        {
            // the row where the first bulge's next reflection begins; the others' begin earlier
            var front = _begin + length - 2;
            Hop(_begin, _begin, front, shifts, bulges, w, u);
            for (var hop = length - Spacing * bulges + 1; front < _end - 1;)
            {
                // near the end all of them go off it
                var next = front + hop + 2 <= _end ? front + hop : _end + Spacing * (bulges - 1);
                Hop(front - Spacing * (bulges - 1), front, next, null, bulges, w, u);
                front = next;
            }
        }
    }

    /// <summary>Moves the chain: the first bulge from row front to row next, the others behind it. Bulges that have shifts begin at the top.</summary>
    private void Hop(int top, int front, int next, List<Pair>? shifts, int bulges, double* w, double* u)
    {
        // the reflections turn rows top to bottom; the column before and the row behind feel them
        int bottom = Math.Min(next + 1, _end), order = bottom - top + 1;
        int first = Math.Max(top - 1, _begin), last = Math.Min(bottom + 1, _end), size = last - first + 1, ld = SmallSchur.Distance(size), ldu = SmallSchur.Distance(order);
        new Span<double>(w, SmallSchur.Room(size)).Clear();
        new Span<double>(u, SmallSchur.Room(order)).Clear();
        CopyIn(first, size, w, ld);
        Identity(order, u, ldu);
        var offset = top - first;
        for (var b = 0; b < bulges; b++)
        {
            var from = shifts is null ? front - Spacing * b : top;
            Chase(from - first, Math.Min(next - Spacing * b, _end) - first, shifts?[b], size, w, ld, offset, from - top, 2 * b, u, ldu);
        }

        CopyOut(first, size, w, ld);
        Apply(top, order, u, ldu, first, last + 1);
    }

    /// <summary>Moves one bulge from row from to row to of a window W. U holds the product of the reflections of rows from offset on; above row start its columns that are met here are zero,
    /// and so many rows below the bulge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Chase(int from, int to, Pair? shifts, int size, double* w, nint ld, int offset, int start, int ahead, double* u, nint ldu)
    {
        start = start / 8 * 8;
        ShortReflection turn;
        if (shifts is { } pair)
        {
            SmallSchur.FirstColumn(w + from * (ld + 1), ld, pair.First, pair.Second, out var x0, out var x1, out var x2);
            turn = ShortReflection.Make(x0, x1, x2, out _);
        }
        else turn = SmallSchur.Next(from, size, w, ld);

        for (var k = from; k < to; k++)
        {
            var now = turn;
            SmallSchur.Near(now, k, size, size, w, ld);
            if (k + 1 < to) turn = SmallSchur.Next(k + 1, size, w, ld);
            var three = k + 2 < size;
            SmallSchur.Far(now, three, k, 0, size, w, ld);
            var depth = Math.Min((k - offset + 3 + ahead + 7) / 8 * 8, (int)ldu) - start;
            var own = u + start + (k - offset) * ldu;
            if (three) now.Columns(depth, own, ldu);
            else now.TwoColumns(depth, own, ldu);
        }
    }
}

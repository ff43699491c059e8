using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>A view of an array, and where its elements go in a larger one: element i to starts[d] + i[d]·steps[d] along every axis d.</summary>
internal readonly record struct PlacedBlock(Array Data, int Offset, int[] Strides, int[] Sizes, int[] Starts, int[] Steps);

/// <summary>Sums of blocks at their places.</summary>
internal static class Placing
{
    /// <summary>Elements that are summed at a time: they stay in the first cache while the blocks come by.</summary>
    private const int Run = 2048;

    /// <summary>The blocks added up at their places of a row-major array of this shape, zeros elsewhere; one element's terms in the order of the blocks.</summary>
    public static void Sum<T>(ReadOnlySpan<PlacedBlock> blocks, ReadOnlySpan<int> shape, Span<T> y) where T : unmanaged, INumberBase<T> => Place(blocks, shape, y, true);

    /// <summary>The blocks added at their places to what a row-major array of this shape holds.</summary>
    public static void Add<T>(ReadOnlySpan<PlacedBlock> blocks, ReadOnlySpan<int> shape, Span<T> y) where T : unmanaged, INumberBase<T> => Place(blocks, shape, y, false);

    private static void Place<T>(ReadOnlySpan<PlacedBlock> blocks, ReadOnlySpan<int> shape, Span<T> y, bool clears) where T : unmanaged, INumberBase<T>
    {
        var columns = shape[^1];
        var rows = shape[..^1];
        Span<int> row = stackalloc int[rows.Length];
        row.Clear();
        for (var at = 0; at < y.Length; at += columns)
        {
            for (var from = 0; from < columns; from += Run)
            {
                var run = y.Slice(at + from, Math.Min(Run, columns - from));
                if (clears) run.Clear();
                foreach (ref readonly var block in blocks)
                    if (RowStart(block, row) is >= 0 and var start) Add(block, start, from, run);
            }
            for (var d = rows.Length - 1; d >= 0; d--)
            {
                if (++row[d] < rows[d]) break;
                row[d] = 0;
            }
        }
    }

    /// <summary>Where the block's elements for a row of the result begin in its array; -1 where it has none there.</summary>
    private static int RowStart(in PlacedBlock block, ReadOnlySpan<int> row)
    {
        var start = block.Offset;
        for (var d = 0; d < row.Length; d++)
        {
            var place = row[d] - block.Starts[d];
            var k = place / block.Steps[d];
            if (k * block.Steps[d] != place || k < 0 || k >= block.Sizes[d]) return -1;
            start += k * block.Strides[d];
        }
        return start;
    }

    /// <summary>Adds what the block has for the columns from a first on.</summary>
    private static void Add<T>(in PlacedBlock block, int at, int from, Span<T> run) where T : unmanaged, INumberBase<T>
    {
        var x = new ReadOnlySpan<T>(Unsafe.As<T[]>(block.Data));
        int size = block.Sizes[^1], first = block.Starts[^1], step = block.Steps[^1], stride = block.Strides[^1];
        if (step == 1 && stride == 1)
        {
            int low = Math.Max(from, first), high = Math.Min(from + run.Length, first + size);
            if (low < high) Elementwise.AddInto(x.Slice(at + low - first, high - low), run[(low - from)..(high - from)]);
            return;
        }
        for (var k = 0; k < size; k++)
        {
            var place = first + k * step - from;
            if ((uint)place < (uint)run.Length) run[place] += x[at + k * stride];
        }
    }
}

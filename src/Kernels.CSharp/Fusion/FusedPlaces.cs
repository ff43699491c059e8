using System;
using System.Linq;

namespace DiffLib.Kernels;

/// <summary>Outputs of a loop that are added up at their places of one larger array, row behind row: element i of a row of the output is added to element i + shift of a row of
/// the array; where nothing comes there are zeros. What a tile computes is added while it is in the first cache, with what the tile before has left for the same elements.</summary>
/// <param name="shifts">Where each output begins in a row of the array, in the order of addition.</param>
/// <param name="block">The elements of a row of an output: a divisor of the loop's.</param>
/// <param name="row">The elements of a row of the array.</param>
/// <param name="sums">Whether the elements are added to zeros (a negative zero comes out positive), or one output's elements stored as they are.</param>
/// <param name="first">The first of the outputs, which follow each other.</param>
internal sealed class FusedPlaces(int[] shifts, int block, int row, bool sums, int first = 0)
{
    /// <summary>The largest distance between the shifts that is worth a window: so many elements of every output are kept from tile to tile.</summary>
    public const int MaxSpan = 4096;

    private readonly int[] _shifts = shifts;

    /// <summary>Where each output begins in a row of the array.</summary>
    public ReadOnlySpan<int> Shifts => _shifts;

    /// <summary>The elements of a row of an output.</summary>
    public int Block { get; } = block;

    /// <summary>The elements of a row of the array.</summary>
    public int Row { get; } = row;

    /// <summary>Whether the elements are added to zeros.</summary>
    public bool Sums { get; } = sums;

    /// <summary>The first of the outputs.</summary>
    public int First { get; } = first;

    /// <summary>The smallest shift.</summary>
    public int Smallest { get; } = shifts.Min();

    /// <summary>The distance between the smallest and the largest shift.</summary>
    public int Span { get; } = shifts.Max() - shifts.Min();

    /// <summary>The same for outputs that begin elsewhere.</summary>
    public FusedPlaces From(int first) => new(_shifts, Block, Row, Sums, first);
}

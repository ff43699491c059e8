namespace DiffLib.Kernels;

/// <summary>Runs a scalar program over the elements of a tile. A tile's values lie where a table of addresses says:
/// first the inputs, then the outputs, then <see cref="Slots"/> scratch values of 8 bytes an element, then the executor's own constants.</summary>
internal abstract unsafe class TileExecutor
{
    /// <summary>The scratch values it needs.</summary>
    public abstract int Slots { get; }

    /// <summary>The constants behind the scratch values, 8 bytes each.</summary>
    public abstract long[] Constants { get; }

    /// <summary>Elements are processed in groups of so many; a tile's count is a multiple of it.</summary>
    public abstract int Width { get; }

    /// <summary>Whether an input may be one number, as the flags say; if not, it is spread over the tile beforehand.</summary>
    public abstract bool TakesNumbers { get; }

    /// <summary>The smallest tile that is worth the overhead.</summary>
    public abstract int SmallestTile { get; }

    /// <summary>Computes the outputs of a tile.</summary>
    /// <param name="table">Where the values lie.</param>
    /// <param name="numbers">Which entries of the table are one number for the whole tile: for the inputs set by the caller.</param>
    /// <param name="count">Elements of the tile.</param>
    public abstract void Execute(nint* table, bool* numbers, int count);
}

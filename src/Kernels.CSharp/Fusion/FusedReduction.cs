namespace DiffLib.Kernels;

/// <summary>What becomes of an output of a fused kernel over the axes that are reduced. Sums and products are pairwise and in float64, with the
/// bits of <see cref="Reductions.Reduce(ReduceOp, System.ReadOnlySpan{double}, int, int, int, System.Span{double})"/>.</summary>
internal enum FusedReduction : byte
{
    /// <summary>Every element is stored.</summary>
    None,
    /// <summary>The sum.</summary>
    Sum,
    /// <summary>The product.</summary>
    Product,
    /// <summary>The largest; NaN if any is.</summary>
    Maximum,
    /// <summary>The smallest; NaN if any is.</summary>
    Minimum,
    /// <summary>The sum divided by the number of elements; NaN over nothing.</summary>
    Mean,
    /// <summary>Nothing is reduced: every element is added at its place of a larger array (<see cref="FusedPlaces"/>).</summary>
    Place,
}

/// <summary>Which executor runs a program.</summary>
internal enum Execution : byte
{
    /// <summary>Generated code where the runtime can compile it and it supports the program, else tiles.</summary>
    Automatic,
    /// <summary>The interpreter over tiles; works everywhere.</summary>
    Interpreted,
    /// <summary>Generated code where it supports the program; an error where the runtime cannot compile code.</summary>
    Generated,
}

using System;

namespace DiffLib.Kernels;

/// <summary>What a kernel reads or writes: a view of a managed array, or one number. The number of element i of a loop [s₀; s₁; ...] is
/// <c>Data[Offset + Σ iₖ·Strides[k]]</c>.</summary>
internal readonly struct LoopOperand
{
    private LoopOperand(Array? data, int offset, int[]? strides, long bits)
    {
        Data = data;
        Offset = offset;
        Strides = strides;
        Bits = bits;
    }

    /// <summary>The array behind the view; null for a single number.</summary>
    public readonly Array? Data;

    /// <summary>Where the first element lies.</summary>
    public readonly int Offset;

    /// <summary>One stride for each axis of the loop, in elements: 0 where the operand is broadcast; null: row-major over the whole loop, without gaps.</summary>
    public readonly int[]? Strides;

    /// <summary>The single number's bits: see <see cref="ScalarTypes.Bits"/>.</summary>
    public readonly long Bits;

    /// <summary>A view. Without strides: row-major over the whole loop, without gaps.</summary>
    /// <exception cref="ArgumentNullException">data is null.</exception>
    public static LoopOperand View(Array data, int offset = 0, int[]? strides = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new(data, offset, strides, 0);
    }

    /// <summary>One number, the same for every element.</summary>
    public static LoopOperand Number(ScalarType type, double value) => new(null, 0, null, type.Bits(value));

    /// <summary>One number by its bits.</summary>
    public static LoopOperand Number(long bits) => new(null, 0, null, bits);
}

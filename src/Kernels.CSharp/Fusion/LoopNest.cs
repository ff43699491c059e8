using System;
using System.Diagnostics.CodeAnalysis;

namespace DiffLib.Kernels;

/// <summary>How an input lies under a loop.</summary>
internal enum InputKind : byte
{
    /// <summary>Row-major without gaps: element p of the loop is element p of the view.</summary>
    Contiguous,
    /// <summary>One number for all.</summary>
    Number,
    /// <summary>A small block that repeats along the outer axes: element p of the loop is element p mod the block's size.</summary>
    Periodic,
    /// <summary>Anything else: broadcast along some axes, or with gaps.</summary>
    Strided,
}

/// <summary>The axes of a loop with the strides of every input, axes that run on into each other joined. Reused from call to call.</summary>
internal sealed class LoopNest(int inputs)
{
    public const int MaxRank = 16;

    /// <summary>The largest block that counts as periodic.</summary>
    public const int MaxPeriod = 1024;

    private readonly nint[] _sizes = new nint[MaxRank];
    private readonly nint[] _strides = new nint[inputs * MaxRank];
    private readonly InputKind[] _kinds = new InputKind[inputs];
    private readonly int[] _periods = new int[inputs];
    private readonly int[] _rowAxes = new int[inputs];
    private readonly nint[] _rows = new nint[inputs];

    /// <summary>The number of axes left, at least one.</summary>
    public int Rank { get; private set; }

    /// <summary>The number of elements.</summary>
    public nint Count { get; private set; }

    /// <summary>The size of the innermost axis.</summary>
    public nint Inner => _sizes[Rank - 1];

    /// <summary>Whether some input is neither contiguous nor one number.</summary>
    public bool HasStrided { get; private set; }

    public InputKind Kind(int input) => _kinds[input];

    /// <summary>The size of a periodic input's block.</summary>
    public int Period(int input) => _periods[input];

    /// <summary>An input's stride along an axis, in elements.</summary>
    public nint Stride(int input, int axis) => _strides[input * MaxRank + axis];

    /// <summary>The size of an axis.</summary>
    public nint Size(int axis) => _sizes[axis];

    /// <summary>An input's stride along the innermost axis, in elements.</summary>
    public nint InnerStride(int input) => _strides[input * MaxRank + Rank - 1];

    /// <summary>The size of an input's own rows: the innermost axes as far as they run on into each other for it, though perhaps not for others.</summary>
    public nint Row(int input) => _rows[input];

    /// <summary>Takes the axes and strides of a call.</summary>
    /// <exception cref="ArgumentException">A view reaches outside its array, or has not one stride for each axis.</exception>
    public void Set(ReadOnlySpan<int> shape, ReadOnlySpan<LoopOperand> operands)
    {
        Count = CountOf(shape);
        for (var k = 0; k < operands.Length; k++) Check(shape, operands[k], k, Count);
        Collapse(shape, operands);
        HasStrided = false;
        for (var k = 0; k < operands.Length; k++)
        {
            _kinds[k] = operands[k].Data is null ? InputKind.Number : KindOf(k);
            JoinRow(k);
            HasStrided |= _kinds[k] == InputKind.Strided;
        }
    }

    /// <summary>One axis over which every input is contiguous.</summary>
    public void SetContiguous(int count)
    {
        Count = count;
        Rank = 1;
        _sizes[0] = count;
        HasStrided = false;
        Array.Clear(_kinds);
    }

    /// <summary>Where the input's row with element p starts, in elements from the view's first; column is p's place in the row, and index its
    /// place along the outer axes.</summary>
    public nint RowStart(int input, nint p, Span<nint> index, out nint column)
    {
        (p, column) = Math.DivRem(p, _rows[input]);
        nint at = 0;
        for (var d = _rowAxes[input] - 1; d >= 0; d--)
        {
            (p, index[d]) = p < _sizes[d] ? (0, p) : Math.DivRem(p, _sizes[d]);
            at += index[d] * Stride(input, d);
        }
        return at;
    }

    /// <summary>How many of the input's rows, the one at a place among them, follow each other at one distance.</summary>
    public nint RowsAhead(int input, ReadOnlySpan<nint> index) => _rowAxes[input] is > 0 and var axes ? _sizes[axes - 1] - index[axes - 1] : 1;

    /// <summary>That distance.</summary>
    public nint RowStride(int input) => _rowAxes[input] is > 0 and var axes ? Stride(input, axes - 1) : 0;

    /// <summary>The start of the input's row that so many rows follow another, at most those ahead of it, and its place along the outer axes.</summary>
    public nint NextRow(int input, nint at, Span<nint> index, nint rows)
    {
        for (var d = _rowAxes[input] - 1; d >= 0; d--)
        {
            at += rows * Stride(input, d);
            index[d] += rows;
            if (index[d] < _sizes[d]) break;
            at -= Stride(input, d) * _sizes[d];
            index[d] = 0;
            rows = 1;
        }
        return at;
    }

    /// <summary>The number of elements of a shape.</summary>
    /// <exception cref="ArgumentException">There are too many axes or elements, or a size is negative.</exception>
    public static int CountOf(ReadOnlySpan<int> shape)
    {
        if (shape.Length > MaxRank) throw new ArgumentException($"The loop has {shape.Length} axes; at most {MaxRank} can be.", nameof(shape));
        var count = 1L;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = Math.Min(count * size, int.MaxValue + 1L);
        }
        if (count > int.MaxValue) throw new ArgumentException($"The loop has more than {int.MaxValue} elements.", nameof(shape));
        return (int)count;
    }

    private void Collapse(ReadOnlySpan<int> shape, ReadOnlySpan<LoopOperand> operands)
    {
        Span<nint> plain = stackalloc nint[MaxRank];
        nint run = 1;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            plain[d] = run;
            run *= shape[d];
        }
        var rank = 0;
        for (var d = 0; d < shape.Length; d++)
        {
            if (shape[d] == 1) continue;
            var joins = rank > 0 && Joins(operands, rank - 1, d, shape[d], plain[d]);
            if (!joins) rank++;
            _sizes[rank - 1] = joins ? _sizes[rank - 1] * shape[d] : shape[d];
            for (var k = 0; k < operands.Length; k++) _strides[k * MaxRank + rank - 1] = Stride(operands[k], d, plain[d]);
        }
        Rank = Math.Max(rank, 1);
        if (rank > 0) return;
        _sizes[0] = 1;
        for (var k = 0; k < operands.Length; k++) _strides[k * MaxRank] = 1;
    }

    private bool Joins(ReadOnlySpan<LoopOperand> operands, int last, int d, int size, nint plain)
    {
        for (var k = 0; k < operands.Length; k++)
            if (_strides[k * MaxRank + last] != Stride(operands[k], d, plain) * size) return false;
        return true;
    }

    private static nint Stride(in LoopOperand operand, int d, nint plain) => operand.Data is null ? 0 : operand.Strides is { } strides ? strides[d] : plain;

    private void JoinRow(int input)
    {
        var d = Rank - 1;
        _rows[input] = _sizes[d];
        for (; d > 0 && Stride(input, d - 1) == Stride(input, d) * _sizes[d]; d--) _rows[input] *= _sizes[d - 1];
        _rowAxes[input] = d;
    }

    private InputKind KindOf(int input)
    {
        bool contiguous = true, number = true;
        nint run = 1;
        for (var d = Rank - 1; d >= 0; d--)
        {
            var stride = _strides[input * MaxRank + d];
            contiguous &= stride == run;
            number &= stride == 0;
            run *= _sizes[d];
        }
        if (contiguous || number) return contiguous ? InputKind.Contiguous : InputKind.Number;
        _periods[input] = PeriodOf(input);
        return _periods[input] > 0 ? InputKind.Periodic : InputKind.Strided;
    }

    /// <summary>The size of the block that repeats along the outer axes; 0 if none does, or if it is large.</summary>
    private int PeriodOf(int input)
    {
        var outer = 0;
        while (Stride(input, outer) == 0) outer++;
        nint block = 1;
        for (var d = outer; d < Rank; d++) block = Math.Min(block * _sizes[d], MaxPeriod + 1);
        return outer > 0 && block <= MaxPeriod ? (int)block : 0;
    }

    private static void Check(ReadOnlySpan<int> shape, in LoopOperand operand, int k, nint count)
    {
        if (operand.Data is null) return;
        if (operand.Strides is { } strides && strides.Length != shape.Length) ThrowStrides(k, strides.Length, shape.Length);
        if (count == 0) return;
        long first = operand.Offset, last = operand.Offset;
        if (operand.Strides is null) last += count - 1;
        else
        {
            for (var d = 0; d < shape.Length; d++)
            {
                var reach = (shape[d] - 1L) * operand.Strides[d];
                if (reach < 0) first += reach;
                else last += reach;
            }
        }
        if (first < 0 || last >= operand.Data.Length) ThrowOutside(k, first, last, operand.Data.Length);
    }

    [DoesNotReturn]
    private static void ThrowStrides(int k, int strides, int axes)
        => throw new ArgumentException($"Input {k} has {strides} strides, but the loop has {axes} axes; it needs one for each.", "inputs");

    [DoesNotReturn]
    private static void ThrowOutside(int k, long first, long last, int length)
        => throw new ArgumentException($"Input {k} reaches from element {first} to {last}, outside the {length} its array has.", "inputs");
}

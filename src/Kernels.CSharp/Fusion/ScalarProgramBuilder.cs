using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Collects the instructions of a <see cref="ScalarProgram"/>. Values are numbers, handed out in order. The same instruction over the same
/// values is the same value; an instruction over constants is a constant; what no output needs is dropped by <see cref="Build"/>. None of this changes
/// a bit of a result (of a NaN: its being NaN). Not for several threads at once.</summary>
/// <param name="merges">Whether the same arithmetic over the same values is the same value; if not, it is done again each time it is written. Constants and comparisons always are.</param>
internal sealed class ScalarProgramBuilder(bool merges = true)
{
    private readonly InstructionTable _instructions = new();
    private readonly List<ScalarType> _inputs = [];

    /// <summary>The number of values so far.</summary>
    public int Count => _instructions.Count;

    /// <summary>The type of a value.</summary>
    public ScalarType TypeOf(int value) => At(value, nameof(value)).Type;

    /// <summary>The instruction that makes a value.</summary>
    public Instruction this[int value] => At(value, nameof(value));

    /// <summary>A new input, after the inputs there are.</summary>
    public int Input(ScalarType type)
    {
        type.Name();
        _inputs.Add(type);
        return Add(new(Opcode.Input, 0, type, _inputs.Count - 1, 0, 0, 0));
    }

    /// <summary>A float64 constant.</summary>
    public int Constant(double value) => Constant(ScalarType.Float64, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A float32 constant.</summary>
    public int Constant(float value) => Constant(ScalarType.Float32, BitConverter.SingleToInt32Bits(value));

    /// <summary>A truth value.</summary>
    public int Constant(bool value) => Constant(ScalarType.Bool, value ? 1 : 0);

    /// <summary>A constant by its bits: see <see cref="ScalarTypes.Bits"/>, which makes them of a number.</summary>
    public int Constant(ScalarType type, long bits) => Add(new(Opcode.Constant, 0, type, 0, 0, 0, Folding.Normalise(type, bits)));

    /// <summary>op(a), in a's type. float32 functions are the float64 functions rounded once.</summary>
    /// <exception cref="ArgumentException">a is a truth value, or an integer and the function does not keep integers.</exception>
    public int Unary(UnaryOp op, int a)
    {
        var type = At(a, nameof(a)).Type;
        if (!Enum.IsDefined(op)) throw new ArgumentOutOfRangeException(nameof(op), op, "Not an elementwise function.");
        if (!type.IsFloat() && !Folding.KeepsIntegers(op, type)) ThrowType(op.ToString(), type, nameof(a));
        return Folding.Simplify(this, op, a) ?? Fold(new(Opcode.Unary, (byte)op, type, a, 0, 0, 0));
    }

    /// <summary>op(a, b), in their common type. Integers wrap on overflow.</summary>
    /// <exception cref="ArgumentException">The types differ, or are truth values, or integers and the function does not keep integers.</exception>
    public int Binary(BinaryOp op, int a, int b)
    {
        var type = Common(op.ToString(), a, b);
        if (!Enum.IsDefined(op)) throw new ArgumentOutOfRangeException(nameof(op), op, "Not an elementwise function.");
        if (!type.IsFloat() && !Folding.KeepsIntegers(op, type)) ThrowType(op.ToString(), type, nameof(a));
        if (op is BinaryOp.Add or BinaryOp.Multiply && b < a) (a, b) = (b, a);
        return Folding.Simplify(this, op, a, b) ?? Fold(new(Opcode.Binary, (byte)op, type, a, b, 0, 0));
    }

    /// <summary>Whether op holds between a and b, which have one type. NaN is unequal to everything.</summary>
    /// <exception cref="ArgumentException">The types differ.</exception>
    public int Compare(CompareOp op, int a, int b)
    {
        Common(op.ToString(), a, b);
        if (!Enum.IsDefined(op)) throw new ArgumentOutOfRangeException(nameof(op), op, "Not a comparison.");
        return Fold(new(Opcode.Compare, (byte)op, ScalarType.Bool, a, b, 0, 0));
    }

    /// <summary>mask ? a : b, where a and b have one type.</summary>
    /// <exception cref="ArgumentException">The mask is no truth value, or the types of a and b differ.</exception>
    public int Select(int mask, int a, int b)
    {
        DemandMask("Select", mask, nameof(mask));
        var type = Common("Select", a, b);
        if (a == b) return a;
        if (At(mask, nameof(mask)) is { Opcode: Opcode.Constant, Bits: var bits }) return bits != 0 ? a : b;
        return Add(new(Opcode.Select, 0, type, mask, a, b, 0));
    }

    /// <summary>a in another type: saturating from floating point to integer (NaN to 0), wrapping between integers; to a truth value: whether it differs from 0.</summary>
    public int Convert(ScalarType to, int a)
    {
        to.Name();
        var from = At(a, nameof(a));
        if (from.Type == to) return a;
        if (from.Opcode == Opcode.Convert && from.Type == ScalarType.Float64 && to == ScalarType.Float32 && TypeOf(from.A) == to) return from.A;
        return Fold(new(Opcode.Convert, 0, to, a, 0, 0, 0));
    }

    /// <summary>The truth value turned round.</summary>
    /// <exception cref="ArgumentException">a is no truth value.</exception>
    public int Not(int a)
    {
        DemandMask("Not", a, nameof(a));
        return At(a, nameof(a)) is { Opcode: Opcode.Not, A: var inner } ? inner : Fold(new(Opcode.Not, 0, ScalarType.Bool, a, 0, 0, 0));
    }

    /// <summary>Both truth values.</summary>
    /// <exception cref="ArgumentException">One is no truth value.</exception>
    public int And(int a, int b) => Logical(Opcode.And, a, b);

    /// <summary>At least one of the truth values.</summary>
    /// <exception cref="ArgumentException">One is no truth value.</exception>
    public int Or(int a, int b) => Logical(Opcode.Or, a, b);

    /// <summary>An instruction of another program whose operands are already values of this one.</summary>
    public int Append(in Instruction i) => i.Opcode switch
    {
        Opcode.Constant => Constant(i.Type, i.Bits),
        Opcode.Unary => Unary(i.UnaryOp, i.A),
        Opcode.Binary => Binary(i.BinaryOp, i.A, i.B),
        Opcode.Compare => Compare(i.CompareOp, i.A, i.B),
        Opcode.Select => Select(i.A, i.B, i.C),
        Opcode.Convert => Convert(i.Type, i.A),
        Opcode.Not => Not(i.A),
        Opcode.And => And(i.A, i.B),
        Opcode.Or => Or(i.A, i.B),
        _ => throw new ArgumentException("An input is made by Input, not appended.", nameof(i)),
    };

    /// <summary>The program whose outputs are these values, without what they do not need. The builder can go on.</summary>
    /// <exception cref="ArgumentException">There is no output, or one is not a value of this builder.</exception>
    public ScalarProgram Build(params ReadOnlySpan<int> outputs)
    {
        if (outputs.IsEmpty) throw new ArgumentException("A program needs at least one output.", nameof(outputs));
        var needed = new bool[Count];
        foreach (var output in outputs)
        {
            At(output, nameof(outputs));
            needed[output] = true;
        }
        for (var v = Count - 1; v >= 0; v--)
            if (needed[v])
                for (var k = 0; k < _instructions[v].OperandCount; k++) needed[_instructions[v].Operand(k)] = true;
        return Compact(needed, outputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ScalarProgram Compact(bool[] needed, ReadOnlySpan<int> outputs)
    {
        var numbers = new int[Count];
        var kept = new Instruction[needed.AsSpan().Count(true)];
        var next = 0;
        for (var v = 0; v < numbers.Length; v++)
        {
            if (!needed[v]) continue;
            numbers[v] = next;
            kept[next++] = _instructions[v].Renumbered(numbers);
        }
        var renumbered = new int[outputs.Length];
        for (var k = 0; k < outputs.Length; k++) renumbered[k] = numbers[outputs[k]];
        return new(kept, [.. _inputs], renumbered, merges);
    }

    private int Logical(Opcode opcode, int a, int b)
    {
        DemandMask(opcode.ToString(), a, nameof(a));
        DemandMask(opcode.ToString(), b, nameof(b));
        if (a == b) return a;
        return Fold(new(opcode, 0, ScalarType.Bool, Math.Min(a, b), Math.Max(a, b), 0, 0));
    }

    private int Fold(in Instruction instruction)
    {
        if (!AreConstants(instruction)) return Add(instruction);
        var a = _instructions[instruction.A];
        var b = instruction.OperandCount > 1 ? _instructions[instruction.B].Bits : 0;
        return Folding.IsSafe(instruction, a.Type, b) ? Constant(instruction.Type, Folding.Evaluate(instruction, a.Type, a.Bits, b)) : Add(instruction);
    }

    private bool AreConstants(in Instruction instruction)
    {
        for (var k = 0; k < instruction.OperandCount; k++)
            if (_instructions[instruction.Operand(k)].Opcode != Opcode.Constant) return false;
        return true;
    }

    private int Add(in Instruction instruction)
        => !merges && instruction.Opcode is (Opcode.Unary or Opcode.Binary) ? _instructions.Append(instruction) : _instructions.FindOrAppend(instruction);

    private Instruction At(int value, string name)
        => (uint)value < (uint)_instructions.Count
            ? _instructions[value]
            : throw new ArgumentOutOfRangeException(name, value, $"Not a value of this program, which has {Count}.");

    private ScalarType Common(string what, int a, int b)
    {
        ScalarType left = At(a, nameof(a)).Type, right = At(b, nameof(b)).Type;
        if (left != right)
            throw new ArgumentException($"{what} takes operands of one type, but a is {left.Name()} and b {right.Name()}. Convert one of them.", nameof(b));
        return left;
    }

    private void DemandMask(string what, int a, string name)
    {
        if (At(a, name).Type != ScalarType.Bool) ThrowType(what, TypeOf(a), name);
    }

    [DoesNotReturn]
    private static void ThrowType(string what, ScalarType type, string name)
        => throw new ArgumentException($"{what} does not take {type.Name()}; convert with Convert first.", name);
}

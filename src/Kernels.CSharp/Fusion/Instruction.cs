using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>What an <see cref="Instruction"/> does.</summary>
internal enum Opcode : byte
{
    /// <summary>The input number <see cref="Instruction.A"/>.</summary>
    Input,
    /// <summary>The constant <see cref="Instruction.Bits"/>.</summary>
    Constant,
    /// <summary>A <see cref="UnaryOp"/> of A.</summary>
    Unary,
    /// <summary>A <see cref="BinaryOp"/> of A and B.</summary>
    Binary,
    /// <summary>A <see cref="CompareOp"/> of A and B; a truth value.</summary>
    Compare,
    /// <summary>A ? B : C.</summary>
    Select,
    /// <summary>A in another type; to a truth value: whether it differs from 0.</summary>
    Convert,
    /// <summary>The truth value A turned round.</summary>
    Not,
    /// <summary>Both truth values A and B.</summary>
    And,
    /// <summary>At least one of the truth values A and B.</summary>
    Or,
}

/// <summary>One value of a <see cref="ScalarProgram"/> and how it is made of earlier ones.</summary>
internal readonly struct Instruction(Opcode opcode, byte function, ScalarType type, int a, int b, int c, long bits) : IEquatable<Instruction>
{
    /// <summary>What is done.</summary>
    public readonly Opcode Opcode = opcode;

    /// <summary>The <see cref="UnaryOp"/>, <see cref="BinaryOp"/> or <see cref="CompareOp"/>.</summary>
    public readonly byte Function = function;

    /// <summary>The type of the value made.</summary>
    public readonly ScalarType Type = type;

    /// <summary>The first operand: the number of an earlier value; of an input, its place among the inputs.</summary>
    public readonly int A = a;

    /// <summary>The second operand.</summary>
    public readonly int B = b;

    /// <summary>The third operand.</summary>
    public readonly int C = c;

    /// <summary>A constant's bits: see <see cref="ScalarTypes.Bits"/>.</summary>
    public readonly long Bits = bits;

    public UnaryOp UnaryOp => (UnaryOp)Function;

    public BinaryOp BinaryOp => (BinaryOp)Function;

    public CompareOp CompareOp => (CompareOp)Function;

    /// <summary>How many of A, B and C are values.</summary>
    public int OperandCount => Opcode switch
    {
        Opcode.Input or Opcode.Constant => 0,
        Opcode.Unary or Opcode.Convert or Opcode.Not => 1,
        Opcode.Select => 3,
        _ => 2,
    };

    /// <summary>The k-th operand.</summary>
    public int Operand(int k) => k == 0 ? A : k == 1 ? B : C;

    /// <summary>The same instruction over renumbered values.</summary>
    public Instruction Renumbered(ReadOnlySpan<int> numbers)
    {
        var count = OperandCount;
        return count == 0 ? this : new(Opcode, Function, Type, numbers[A], count > 1 ? numbers[B] : 0, count > 2 ? numbers[C] : 0, Bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(Instruction other)
        => Opcode == other.Opcode && Function == other.Function && Type == other.Type && A == other.A && B == other.B && C == other.C && Bits == other.Bits;

    public override bool Equals(object? obj) => obj is Instruction other && Equals(other);

    public override int GetHashCode() => HashCode.Combine((int)Opcode << 16 | Function << 8 | (int)Type, A, B, C, Bits);
}

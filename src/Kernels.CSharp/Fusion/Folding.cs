using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>What a builder of scalar programs knows beforehand: the values of instructions over constants, and the few identities that hold bit for bit.</summary>
internal static class Folding
{
    /// <summary>Whether the function takes integers of the type.</summary>
    public static bool KeepsIntegers(UnaryOp op, ScalarType type) => type.IsInteger() && op is UnaryOp.Negate or UnaryOp.Abs or UnaryOp.Sign
        or UnaryOp.Square or UnaryOp.Relu or UnaryOp.Step or UnaryOp.Floor or UnaryOp.Ceiling or UnaryOp.Round or UnaryOp.Truncate;

    /// <summary>Whether the function takes integers of the type.</summary>
    public static bool KeepsIntegers(BinaryOp op, ScalarType type) => type.IsInteger() && op is BinaryOp.Add or BinaryOp.Subtract or BinaryOp.Multiply
        or BinaryOp.Scale or BinaryOp.Maximum or BinaryOp.MaximumNumber or BinaryOp.Minimum or BinaryOp.MinimumNumber or BinaryOp.FMod
        or BinaryOp.Remainder or BinaryOp.FloorDivide or BinaryOp.Power;

    /// <summary>Bits as a constant keeps them, so that equal constants are equal instructions.</summary>
    public static long Normalise(ScalarType type, long bits) => type switch
    {
        ScalarType.Float32 => (uint)bits,
        ScalarType.Int32 => (int)bits,
        ScalarType.UInt8 => (byte)bits,
        ScalarType.Bool => bits != 0 ? 1 : 0,
        _ => bits,
    };

    /// <summary>A value that op(a) is already, if there is one.</summary>
    public static int? Simplify(ScalarProgramBuilder program, UnaryOp op, int a)
        => op == UnaryOp.Negate && program[a] is { Opcode: Opcode.Unary, UnaryOp: UnaryOp.Negate, A: var inner } ? inner : null;

    /// <summary>A value that op(a, b) is already, if there is one: x·1, x/1, x - 0, x + (-0), which keep every bit. x + 0 does not: -0 + 0 is 0.</summary>
    public static int? Simplify(ScalarProgramBuilder program, BinaryOp op, int a, int b)
    {
        Instruction left = program[a], right = program[b];
        if (!left.Type.IsFloat()) return null;
        return op switch
        {
            BinaryOp.Multiply when Is(right, 1) => a,
            BinaryOp.Multiply when Is(left, 1) => b,
            BinaryOp.Divide when Is(right, 1) => a,
            BinaryOp.Subtract when Is(right, 0) => a,
            BinaryOp.Add when Is(right, -0.0) => a,
            BinaryOp.Add when Is(left, -0.0) => b,
            _ => null,
        };
    }

    private static bool Is(in Instruction i, double value)
        => i.Opcode == Opcode.Constant && i.Bits == Normalise(i.Type, i.Type.Bits(value));

    /// <summary>Whether an instruction over these constants cannot be an error: no division by zero, no negative exponent.</summary>
    public static bool IsSafe(in Instruction i, ScalarType type, long b)
        => type.IsFloat() || i.Opcode != Opcode.Binary || b > 0 || i.BinaryOp is not (BinaryOp.FMod or BinaryOp.Remainder or BinaryOp.FloorDivide or BinaryOp.Power);

    /// <summary>The value's bits of an instruction over operands of one type, computed by the kernels.</summary>
    public static long Evaluate(in Instruction i, ScalarType type, long a, long b) => i.Opcode switch
    {
        Opcode.Not => 1 - a,
        Opcode.And => a & b,
        Opcode.Or => a | b,
        _ => type switch
        {
            ScalarType.Float64 => EvaluateFloat(i, BitConverter.Int64BitsToDouble(a), BitConverter.Int64BitsToDouble(b)),
            ScalarType.Float32 => EvaluateFloat(i, BitConverter.Int32BitsToSingle((int)a), BitConverter.Int32BitsToSingle((int)b)),
            ScalarType.Int64 => EvaluateInteger(i, a, b),
            ScalarType.Int32 => EvaluateInteger(i, (int)a, (int)b),
            _ => EvaluateInteger(i, (byte)a, (byte)b),
        },
    };

    private static long EvaluateFloat(in Instruction i, double a, double b) => i.Opcode switch
    {
        Opcode.Unary => BitConverter.DoubleToInt64Bits(Elementwise.Unary(i.UnaryOp, a)),
        Opcode.Binary => BitConverter.DoubleToInt64Bits(Elementwise.Binary(i.BinaryOp, a, b)),
        Opcode.Compare => Compare(i.CompareOp, a, b),
        _ => Converted(i.Type, a),
    };

    private static long EvaluateFloat(in Instruction i, float a, float b) => i.Opcode switch
    {
        Opcode.Unary => BitConverter.SingleToInt32Bits(Elementwise.Unary(i.UnaryOp, a)),
        Opcode.Binary => BitConverter.SingleToInt32Bits(Elementwise.Binary(i.BinaryOp, a, b)),
        Opcode.Compare => Compare(i.CompareOp, a, b),
        _ => Converted(i.Type, a),
    };

    private static long EvaluateInteger<T>(in Instruction i, T a, T b) where T : unmanaged, IBinaryInteger<T>
    {
        Span<T> result = stackalloc T[1];
        switch (i.Opcode)
        {
            case Opcode.Unary:
                Elementwise.UnaryInteger(i.UnaryOp, [a], result);
                return long.CreateTruncating(result[0]);
            case Opcode.Binary:
                Elementwise.BinaryInteger(i.BinaryOp, [a], [b], result);
                return long.CreateTruncating(result[0]);
            case Opcode.Compare: return Compare(i.CompareOp, a, b);
            default: return Converted(i.Type, a);
        }
    }

    private static long Compare<T>(CompareOp op, T a, T b) where T : unmanaged, INumber<T>
    {
        Span<bool> result = stackalloc bool[1];
        Elementwise.Compare(op, [a], [b], result);
        return result[0] ? 1 : 0;
    }

    /// <summary>A number's bits in another type, by the conversions of <see cref="Elementwise"/>.</summary>
    private static long Converted<T>(ScalarType to, T value) where T : unmanaged, INumber<T> => to switch
    {
        ScalarType.Float64 => BitConverter.DoubleToInt64Bits(Converted<T, double>(value)),
        ScalarType.Float32 => BitConverter.SingleToInt32Bits(Converted<T, float>(value)),
        ScalarType.Int64 => Converted<T, long>(value),
        ScalarType.Int32 => Converted<T, int>(value),
        ScalarType.UInt8 => Converted<T, byte>(value),
        _ => value != T.Zero ? 1 : 0,
    };

    private static TTo Converted<T, TTo>(T value) where T : unmanaged, INumber<T> where TTo : unmanaged, INumber<TTo>
    {
        Unsafe.SkipInit(out TTo result);
        Elementwise.Convert<T, TTo>(new ReadOnlySpan<T>(in value), new Span<TTo>(ref result));
        return result;
    }
}

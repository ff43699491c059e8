using System;
using System.Numerics;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>
/// A recorded program over any number type, forwards and backwards. Over <see cref="Traced"/> this is source transformation: the derivative is recorded as a program
/// again. Over double it is the plain evaluation.
/// </summary>
internal static class ProgramCalculus
{
    /// <summary>The values of all instructions; truth values have none, they are asked for where they choose.</summary>
    public static void Evaluate<T>(ScalarProgram program, ReadOnlySpan<T> x, Span<T> values) where T : IFloatingPointIeee754<T>
    {
        ReadOnlySpan<Instruction> instructions = program.Instructions;
        for (int v = 0; v < instructions.Length; v++)
        {
            ref readonly Instruction i = ref instructions[v];
            if (i.Type != ScalarType.Float64) continue;
            switch (i.Opcode)
            {
                case Opcode.Input: values[v] = x[i.A]; break;
                case Opcode.Constant: values[v] = T.CreateChecked(BitConverter.Int64BitsToDouble(i.Bits)); break;
                case Opcode.Unary: OperationRules.Unary(i.UnaryOp, values[i.A], out values[v], out _); break;
                case Opcode.Binary: OperationRules.Binary(i.BinaryOp, values[i.A], values[i.B], false, Varies(instructions[i.B]), out values[v], out _, out _); break;
                default: values[v] = Choose(instructions[i.A], values, values[i.B], values[i.C]); break;
            }
        }
    }

    /// <summary>The push forward: from the derivatives of the inputs to those of every instruction, along one direction. What is zero costs nothing.</summary>
    /// <param name="program">The program.</param>
    /// <param name="values">The values of its instructions.</param>
    /// <param name="tangents">Zero but at the inputs; holds the result.</param>
    public static void Push<T>(ScalarProgram program, ReadOnlySpan<T> values, Span<T> tangents) where T : IFloatingPointIeee754<T>
    {
        ReadOnlySpan<Instruction> instructions = program.Instructions;
        for (int v = 0; v < instructions.Length; v++)
        {
            ref readonly Instruction i = ref instructions[v];
            if (i.OperandCount == 0 || i.Type != ScalarType.Float64) continue;
            switch (i.Opcode)
            {
                case Opcode.Unary:
                    if (StrongZero.IsZero(tangents[i.A])) break;
                    OperationRules.Unary(i.UnaryOp, values[i.A], out _, out T slope);
                    tangents[v] = StrongZero.Product(slope, tangents[i.A]);
                    break;
                case Opcode.Binary:
                    T a = tangents[i.A], b = tangents[i.B];
                    bool movesA = !StrongZero.IsZero(a), movesB = !StrongZero.IsZero(b);
                    if (!movesA && !movesB) break;
                    // What stops derivatives is told from a next number by whether its second operand is a constant.
                    bool wantsB = i.BinaryOp == BinaryOp.NextAfter ? Varies(instructions[i.B]) : movesB;
                    OperationRules.Binary(i.BinaryOp, values[i.A], values[i.B], movesA, wantsB, out _, out T da, out T db);
                    if (movesA) Add(ref tangents[v], StrongZero.Product(da, a));
                    if (movesB) Add(ref tangents[v], StrongZero.Product(db, b));
                    break;
                default:
                    if (!StrongZero.IsZero(tangents[i.B]) || !StrongZero.IsZero(tangents[i.C])) tangents[v] = Choose(instructions[i.A], values, tangents[i.B], tangents[i.C]);
                    break;
            }
        }
    }

    /// <summary>The sweep back: from the derivatives with respect to the outputs to those with respect to every instruction.</summary>
    /// <param name="program">The program.</param>
    /// <param name="values">The values of its instructions.</param>
    /// <param name="adjoints">Zero but at the outputs; holds the result.</param>
    public static void Sweep<T>(ScalarProgram program, ReadOnlySpan<T> values, Span<T> adjoints) where T : IFloatingPointIeee754<T>
    {
        ReadOnlySpan<Instruction> instructions = program.Instructions;
        for (int v = instructions.Length - 1; v >= 0; v--)
        {
            ref readonly Instruction i = ref instructions[v];
            T w = adjoints[v];
            if (i.OperandCount == 0 || StrongZero.IsZero(w)) continue;
            switch (i.Opcode)
            {
                case Opcode.Unary:
                    OperationRules.Unary(i.UnaryOp, values[i.A], out _, out T slope);
                    Add(ref adjoints[i.A], StrongZero.Product(slope, w));
                    break;
                case Opcode.Binary:
                    bool variesA = Varies(instructions[i.A]), variesB = Varies(instructions[i.B]);
                    OperationRules.Binary(i.BinaryOp, values[i.A], values[i.B], variesA, variesB, out _, out T da, out T db);
                    if (variesA) Add(ref adjoints[i.A], StrongZero.Product(da, w));
                    if (variesB) Add(ref adjoints[i.B], StrongZero.Product(db, w));
                    break;
                default:
                    Add(ref adjoints[i.B], Choose(instructions[i.A], values, w, T.Zero));
                    Add(ref adjoints[i.C], Choose(instructions[i.A], values, T.Zero, w));
                    break;
            }
        }
    }

    private static void Add<T>(ref T adjoint, T term) where T : IFloatingPointIeee754<T> => adjoint = StrongZero.Add(adjoint, term);

    private static bool Varies(in Instruction i) => i.Opcode != Opcode.Constant;

    private static T Choose<T>(in Instruction mask, ReadOnlySpan<T> values, T yes, T no) where T : IFloatingPointIeee754<T> =>
        Choice.Where(mask.CompareOp, values[mask.A], values[mask.B], yes, no);
}

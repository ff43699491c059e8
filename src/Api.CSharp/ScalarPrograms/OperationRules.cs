using System;
using System.Numerics;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>Which rule of <see cref="ScalarRules"/> stands behind an instruction. The formulas are there.</summary>
internal static class OperationRules
{
    public static void Unary<T>(UnaryOp op, T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
    {
        switch (op)
        {
            case UnaryOp.Negate: (y, slope) = (-x, T.NegativeOne); break;
            case UnaryOp.Abs: ScalarRules.Abs.Evaluate(x, out y, out slope); break;
            case UnaryOp.Sqrt: ScalarRules.Sqrt.Evaluate(x, out y, out slope); break;
            case UnaryOp.Cbrt: ScalarRules.Cbrt.Evaluate(x, out y, out slope); break;
            case UnaryOp.Exp: ScalarRules.Exp.Evaluate(x, out y, out slope); break;
            case UnaryOp.Exp2: ScalarRules.Exp2.Evaluate(x, out y, out slope); break;
            case UnaryOp.Expm1: ScalarRules.ExpM1.Evaluate(x, out y, out slope); break;
            case UnaryOp.Log: ScalarRules.Log.Evaluate(x, out y, out slope); break;
            case UnaryOp.Log2: ScalarRules.Log2.Evaluate(x, out y, out slope); break;
            case UnaryOp.Log10: ScalarRules.Log10.Evaluate(x, out y, out slope); break;
            case UnaryOp.Log1p: ScalarRules.LogP1.Evaluate(x, out y, out slope); break;
            case UnaryOp.Sin: ScalarRules.Sin.Evaluate(x, out y, out slope); break;
            case UnaryOp.Cos: ScalarRules.Cos.Evaluate(x, out y, out slope); break;
            case UnaryOp.Tan: ScalarRules.Tan.Evaluate(x, out y, out slope); break;
            case UnaryOp.Asin: ScalarRules.Asin.Evaluate(x, out y, out slope); break;
            case UnaryOp.Acos: ScalarRules.Acos.Evaluate(x, out y, out slope); break;
            case UnaryOp.Atan: ScalarRules.Atan.Evaluate(x, out y, out slope); break;
            case UnaryOp.Sinh: ScalarRules.Sinh.Evaluate(x, out y, out slope); break;
            case UnaryOp.Cosh: ScalarRules.Cosh.Evaluate(x, out y, out slope); break;
            case UnaryOp.Tanh: ScalarRules.Tanh.Evaluate(x, out y, out slope); break;
            case UnaryOp.Asinh: ScalarRules.Asinh.Evaluate(x, out y, out slope); break;
            case UnaryOp.Acosh: ScalarRules.Acosh.Evaluate(x, out y, out slope); break;
            case UnaryOp.Atanh: ScalarRules.Atanh.Evaluate(x, out y, out slope); break;
            case UnaryOp.Floor: (y, slope) = (T.Floor(x), T.Zero); break;
            case UnaryOp.Ceiling: (y, slope) = (T.Ceiling(x), T.Zero); break;
            case UnaryOp.Round: (y, slope) = (T.Round(x), T.Zero); break;
            case UnaryOp.Truncate: (y, slope) = (T.Truncate(x), T.Zero); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "Not a function that Traced records.");
        }
    }

    /// <param name="op">The function.</param>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    /// <param name="wantA">Whether a varies.</param>
    /// <param name="wantB">Whether b varies.</param>
    /// <param name="y">op(a, b).</param>
    /// <param name="da">The slope in a, if a varies.</param>
    /// <param name="db">The slope in b, if b varies.</param>
    public static void Binary<T>(BinaryOp op, T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
    {
        switch (op)
        {
            case BinaryOp.Add: (y, da, db) = (a + b, T.One, T.One); break;
            case BinaryOp.Subtract: (y, da, db) = (a - b, T.One, T.NegativeOne); break;
            case BinaryOp.Multiply: (y, da, db) = (a * b, b, a); break;
            case BinaryOp.Divide:
                y = a / b;
                da = T.One / b;
                // A recorded program is spared the second division.
                db = !wantB ? T.Zero : Symbolic<T>.Is ? -(y * da) : -y / b;
                break;
            case BinaryOp.Power: ScalarRules.Pow.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.Atan2: ScalarRules.Atan2.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.Hypot: ScalarRules.Hypot.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.CopySign: ScalarRules.CopySign.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.Maximum: ScalarRules.Max.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.Minimum: ScalarRules.Min.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.MaximumNumber: ScalarRules.MaxNumber.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.MinimumNumber: ScalarRules.MinNumber.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.FMod: ScalarRules.Modulus.Evaluate(a, b, wantA, wantB, out y, out da, out db); break;
            case BinaryOp.NextAfter:
                // Towards a constant (BitIncrement, BitDecrement): slope 1. Towards itself: the number without its derivative (StopGradient).
                if (wantB) (y, da, db) = (StrongZero.Stop(a), T.Zero, T.Zero);
                else (y, da, db) = (T.IsPositiveInfinity(b) ? T.BitIncrement(a) : T.BitDecrement(a), T.One, T.Zero);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "Not a function that Traced records.");
        }
    }
}

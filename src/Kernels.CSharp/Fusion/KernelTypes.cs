using System;

namespace DiffLib.Kernels;

/// <summary>The lane kernels behind the elementwise functions, as types for generated code.</summary>
internal static class KernelTypes
{
    /// <summary>The <see cref="IArithmeticUnary"/> or <see cref="ILaneUnary"/> of a function; null where it is computed one element at a time.</summary>
    public static Type? Of(UnaryOp op) => op switch
    {
        UnaryOp.Negate => typeof(NegateKernel),
        UnaryOp.Abs => typeof(AbsKernel),
        UnaryOp.Sign => typeof(SignKernel),
        UnaryOp.Square => typeof(SquareKernel),
        UnaryOp.Reciprocal => typeof(ReciprocalKernel),
        UnaryOp.Sqrt => typeof(SqrtKernel),
        UnaryOp.Relu => typeof(ReluKernel),
        UnaryOp.Step => typeof(StepKernel),
        UnaryOp.Floor => typeof(FloorKernel),
        UnaryOp.Ceiling => typeof(CeilingKernel),
        UnaryOp.Round => typeof(RoundKernel),
        UnaryOp.Truncate => typeof(TruncateKernel),
        UnaryOp.Rsqrt => typeof(RsqrtKernel),
        UnaryOp.Exp => typeof(ExpKernel),
        UnaryOp.Exp2 => typeof(Exp2Kernel),
        UnaryOp.Expm1 => typeof(Expm1Kernel),
        UnaryOp.Log => typeof(LogKernel),
        UnaryOp.Log2 => typeof(Log2Kernel),
        UnaryOp.Log10 => typeof(Log10Kernel),
        UnaryOp.Log1p => typeof(Log1pKernel),
        UnaryOp.Sin => typeof(SinKernel),
        UnaryOp.Cos => typeof(CosKernel),
        UnaryOp.Tan => typeof(TanKernel),
        UnaryOp.Asin => typeof(AsinKernel),
        UnaryOp.Acos => typeof(AcosKernel),
        UnaryOp.Atan => typeof(AtanKernel),
        UnaryOp.Sinh => typeof(SinhKernel),
        UnaryOp.Cosh => typeof(CoshKernel),
        UnaryOp.Tanh => typeof(TanhKernel),
        UnaryOp.Asinh => typeof(AsinhKernel),
        UnaryOp.Acosh => typeof(AcoshKernel),
        UnaryOp.Atanh => typeof(AtanhKernel),
        UnaryOp.Sech2 => typeof(Sech2Kernel),
        UnaryOp.Sigmoid => typeof(SigmoidKernel),
        UnaryOp.SigmoidSlope => typeof(SigmoidSlopeKernel),
        UnaryOp.Softplus => typeof(SoftplusKernel),
        UnaryOp.Sinc => typeof(SincKernel),
        UnaryOp.Entr => typeof(EntrKernel),
        _ => null,
    };

    /// <summary>The <see cref="IArithmeticBinary"/> or <see cref="ILaneBinary"/> of a function; null where it is computed one element at a time.</summary>
    public static Type? Of(BinaryOp op) => op switch
    {
        BinaryOp.Add => typeof(AddKernel),
        BinaryOp.Subtract => typeof(SubtractKernel),
        BinaryOp.Multiply => typeof(MultiplyKernel),
        BinaryOp.Divide => typeof(DivideKernel),
        BinaryOp.Scale => typeof(ScaleKernel),
        BinaryOp.Maximum => typeof(MaximumKernel),
        BinaryOp.Minimum => typeof(MinimumKernel),
        BinaryOp.MaximumNumber => typeof(MaximumNumberKernel),
        BinaryOp.MinimumNumber => typeof(MinimumNumberKernel),
        BinaryOp.CopySign => typeof(CopySignKernel),
        BinaryOp.Heaviside => typeof(HeavisideKernel),
        BinaryOp.Hypot => typeof(HypotKernel),
        BinaryOp.LogAddExp => typeof(LogAddExpKernel),
        BinaryOp.LogAddExp2 => typeof(LogAddExp2Kernel),
        BinaryOp.Xlogy => typeof(XlogyKernel),
        BinaryOp.Xlog1py => typeof(Xlog1pyKernel),
        _ => null,
    };

    /// <summary>The kernel of a power with a constant exponent that a product or a root serves; null for any other instruction.</summary>
    public static Type? OfPower(ScalarProgram program, in Instruction i)
    {
        if (i is not { Opcode: Opcode.Binary, BinaryOp: BinaryOp.Power } || !i.Type.IsFloat()) return null;
        ref readonly var exponent = ref program.Instructions[i.B];
        if (exponent.Opcode != Opcode.Constant) return null;
        return (i.Type == ScalarType.Float64 ? BitConverter.Int64BitsToDouble(exponent.Bits) : BitConverter.Int32BitsToSingle((int)exponent.Bits)) switch
        {
            2 => typeof(SquareKernel),
            3 => LaneCode.IsAllSingle(program) ? typeof(LaneCubeKernel) : typeof(CubeKernel),
            -1 => typeof(ReciprocalKernel),
            0.5 => typeof(RootPowerKernel),
            _ => null,
        };
    }

    /// <summary>The function that shares its work with one, and the kernel that computes both; null where there is none.</summary>
    public static (UnaryOp Second, Type Kernel)? PairOf(UnaryOp first) => first switch
    {
        UnaryOp.Tanh => (UnaryOp.Sech2, typeof(TanhAndSech2Kernel)),
        UnaryOp.Sigmoid => (UnaryOp.SigmoidSlope, typeof(SigmoidAndSlopeKernel)),
        UnaryOp.Sin => (UnaryOp.Cos, typeof(SinAndCosKernel)),
        _ => null,
    };

    /// <summary>Whether the kernel is right in float32 lanes: IEEE 754 rounds it correctly there.</summary>
    public static bool IsArithmetic(Type kernel) => typeof(IArithmeticUnary).IsAssignableFrom(kernel) || typeof(IArithmeticBinary).IsAssignableFrom(kernel);
}

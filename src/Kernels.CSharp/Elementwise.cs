using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>Elementwise kernels over contiguous spans. Lengths must agree; in binary kernels a span of length 1 stands for a scalar.
/// An element's result depends on the element alone, bit for bit: not on its place, on the length of the span, or on its neighbours.
/// float32 functions that are not correctly rounded by IEEE 754 itself are evaluated in float64 and rounded once; the most used ones in float32:
/// exp, log, log1p, sin and cos within 1 unit in the last place, expm1 and softplus within 2, tanh and the sigmoid within 3, the slopes of tanh and of the sigmoid within 5.</summary>
public static partial class Elementwise
{
    /// <summary>y = op(x), elementwise; y may be x itself.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Unary(UnaryOp op, ReadOnlySpan<double> x, Span<double> y)
    {
        if (x.Length != y.Length) ThrowLengths(x.Length, y.Length);
        switch (op)
        {
            case UnaryOp.Negate: ElementwiseLoops.Unary<NegateKernel>(x, y); break;
            case UnaryOp.Abs: ElementwiseLoops.Unary<AbsKernel>(x, y); break;
            case UnaryOp.Sign: ElementwiseLoops.Unary<SignKernel>(x, y); break;
            case UnaryOp.Square: ElementwiseLoops.Unary<SquareKernel>(x, y); break;
            case UnaryOp.Reciprocal: ElementwiseLoops.Unary<ReciprocalKernel>(x, y); break;
            case UnaryOp.Sqrt: ElementwiseLoops.Unary<SqrtKernel>(x, y); break;
            case UnaryOp.Relu: ElementwiseLoops.Unary<ReluKernel>(x, y); break;
            case UnaryOp.Step: ElementwiseLoops.Unary<StepKernel>(x, y); break;
            case UnaryOp.Floor: ElementwiseLoops.Unary<FloorKernel>(x, y); break;
            case UnaryOp.Ceiling: ElementwiseLoops.Unary<CeilingKernel>(x, y); break;
            case UnaryOp.Round: ElementwiseLoops.Unary<RoundKernel>(x, y); break;
            case UnaryOp.Truncate: ElementwiseLoops.Unary<TruncateKernel>(x, y); break;
            case UnaryOp.Rsqrt: ElementwiseLoops.LaneUnary<RsqrtKernel, double>(x, y); break;
            case UnaryOp.Exp: ElementwiseLoops.LaneUnary<ExpKernel, double>(x, y); break;
            case UnaryOp.Exp2: ElementwiseLoops.LaneUnary<Exp2Kernel, double>(x, y); break;
            case UnaryOp.Expm1: ElementwiseLoops.LaneUnary<Expm1Kernel, double>(x, y); break;
            case UnaryOp.Log: ElementwiseLoops.LaneUnary<LogKernel, double>(x, y); break;
            case UnaryOp.Log2: ElementwiseLoops.LaneUnary<Log2Kernel, double>(x, y); break;
            case UnaryOp.Log10: ElementwiseLoops.LaneUnary<Log10Kernel, double>(x, y); break;
            case UnaryOp.Log1p: ElementwiseLoops.LaneUnary<Log1pKernel, double>(x, y); break;
            case UnaryOp.Sin: ElementwiseLoops.LaneUnary<SinKernel, double>(x, y); break;
            case UnaryOp.Cos: ElementwiseLoops.LaneUnary<CosKernel, double>(x, y); break;
            case UnaryOp.Tan: ElementwiseLoops.LaneUnary<TanKernel, double>(x, y); break;
            case UnaryOp.Asin: ElementwiseLoops.LaneUnary<AsinKernel, double>(x, y); break;
            case UnaryOp.Acos: ElementwiseLoops.LaneUnary<AcosKernel, double>(x, y); break;
            case UnaryOp.Atan: ElementwiseLoops.LaneUnary<AtanKernel, double>(x, y); break;
            case UnaryOp.Sinh: ElementwiseLoops.LaneUnary<SinhKernel, double>(x, y); break;
            case UnaryOp.Cosh: ElementwiseLoops.LaneUnary<CoshKernel, double>(x, y); break;
            case UnaryOp.Tanh: ElementwiseLoops.LaneUnary<TanhKernel, double>(x, y); break;
            case UnaryOp.Asinh: ElementwiseLoops.LaneUnary<AsinhKernel, double>(x, y); break;
            case UnaryOp.Acosh: ElementwiseLoops.LaneUnary<AcoshKernel, double>(x, y); break;
            case UnaryOp.Atanh: ElementwiseLoops.LaneUnary<AtanhKernel, double>(x, y); break;
            case UnaryOp.Sech2: ElementwiseLoops.LaneUnary<Sech2Kernel, double>(x, y); break;
            case UnaryOp.Sigmoid: ElementwiseLoops.LaneUnary<SigmoidKernel, double>(x, y); break;
            case UnaryOp.SigmoidSlope: ElementwiseLoops.LaneUnary<SigmoidSlopeKernel, double>(x, y); break;
            case UnaryOp.Softplus: ElementwiseLoops.LaneUnary<SoftplusKernel, double>(x, y); break;
            case UnaryOp.Sinc: ElementwiseLoops.LaneUnary<SincKernel, double>(x, y); break;
            case UnaryOp.Entr: ElementwiseLoops.LaneUnary<EntrKernel, double>(x, y); break;
            default:
                for (var i = 0; i < x.Length; i++) y[i] = ElementwiseSpecial.Unary(op, x[i]);
                break;
        }
    }

    /// <summary>y = op(x), elementwise; y may be x itself.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Unary(UnaryOp op, ReadOnlySpan<float> x, Span<float> y)
    {
        if (x.Length != y.Length) ThrowLengths(x.Length, y.Length);
        switch (op)
        {
            case UnaryOp.Negate: ElementwiseLoops.Unary<NegateKernel>(x, y); break;
            case UnaryOp.Abs: ElementwiseLoops.Unary<AbsKernel>(x, y); break;
            case UnaryOp.Sign: ElementwiseLoops.Unary<SignKernel>(x, y); break;
            case UnaryOp.Square: ElementwiseLoops.Unary<SquareKernel>(x, y); break;
            case UnaryOp.Reciprocal: ElementwiseLoops.Unary<ReciprocalKernel>(x, y); break;
            case UnaryOp.Sqrt: ElementwiseLoops.Unary<SqrtKernel>(x, y); break;
            case UnaryOp.Relu: ElementwiseLoops.Unary<ReluKernel>(x, y); break;
            case UnaryOp.Step: ElementwiseLoops.Unary<StepKernel>(x, y); break;
            case UnaryOp.Floor: ElementwiseLoops.Unary<FloorKernel>(x, y); break;
            case UnaryOp.Ceiling: ElementwiseLoops.Unary<CeilingKernel>(x, y); break;
            case UnaryOp.Round: ElementwiseLoops.Unary<RoundKernel>(x, y); break;
            case UnaryOp.Truncate: ElementwiseLoops.Unary<TruncateKernel>(x, y); break;
            case UnaryOp.Rsqrt: ElementwiseLoops.LaneUnary<RsqrtKernel, float>(x, y); break;
            case UnaryOp.Exp: ElementwiseLoops.LaneUnary<ExpKernel, float>(x, y); break;
            case UnaryOp.Exp2: ElementwiseLoops.LaneUnary<Exp2Kernel, float>(x, y); break;
            case UnaryOp.Expm1: ElementwiseLoops.LaneUnary<Expm1Kernel, float>(x, y); break;
            case UnaryOp.Log: ElementwiseLoops.LaneUnary<LogKernel, float>(x, y); break;
            case UnaryOp.Log2: ElementwiseLoops.LaneUnary<Log2Kernel, float>(x, y); break;
            case UnaryOp.Log10: ElementwiseLoops.LaneUnary<Log10Kernel, float>(x, y); break;
            case UnaryOp.Log1p: ElementwiseLoops.LaneUnary<Log1pKernel, float>(x, y); break;
            case UnaryOp.Sin: ElementwiseLoops.LaneUnary<SinKernel, float>(x, y); break;
            case UnaryOp.Cos: ElementwiseLoops.LaneUnary<CosKernel, float>(x, y); break;
            case UnaryOp.Tan: ElementwiseLoops.LaneUnary<TanKernel, float>(x, y); break;
            case UnaryOp.Asin: ElementwiseLoops.LaneUnary<AsinKernel, float>(x, y); break;
            case UnaryOp.Acos: ElementwiseLoops.LaneUnary<AcosKernel, float>(x, y); break;
            case UnaryOp.Atan: ElementwiseLoops.LaneUnary<AtanKernel, float>(x, y); break;
            case UnaryOp.Sinh: ElementwiseLoops.LaneUnary<SinhKernel, float>(x, y); break;
            case UnaryOp.Cosh: ElementwiseLoops.LaneUnary<CoshKernel, float>(x, y); break;
            case UnaryOp.Tanh: ElementwiseLoops.LaneUnary<TanhKernel, float>(x, y); break;
            case UnaryOp.Asinh: ElementwiseLoops.LaneUnary<AsinhKernel, float>(x, y); break;
            case UnaryOp.Acosh: ElementwiseLoops.LaneUnary<AcoshKernel, float>(x, y); break;
            case UnaryOp.Atanh: ElementwiseLoops.LaneUnary<AtanhKernel, float>(x, y); break;
            case UnaryOp.Sech2: ElementwiseLoops.LaneUnary<Sech2Kernel, float>(x, y); break;
            case UnaryOp.Sigmoid: ElementwiseLoops.LaneUnary<SigmoidKernel, float>(x, y); break;
            case UnaryOp.SigmoidSlope: ElementwiseLoops.LaneUnary<SigmoidSlopeKernel, float>(x, y); break;
            case UnaryOp.Softplus: ElementwiseLoops.LaneUnary<SoftplusKernel, float>(x, y); break;
            case UnaryOp.Sinc: ElementwiseLoops.LaneUnary<SincKernel, float>(x, y); break;
            case UnaryOp.Entr: ElementwiseLoops.LaneUnary<EntrKernel, float>(x, y); break;
            default:
                for (var i = 0; i < x.Length; i++) y[i] = (float)ElementwiseSpecial.Unary(op, x[i]);
                break;
        }
    }

    /// <summary>A function and the one that shares its work, elementwise: tanh and sech², sigmoid and its slope, sine and cosine.</summary>
    internal static void Pair(UnaryOp op, ReadOnlySpan<double> x, Span<double> first, Span<double> second)
    {
        switch (op)
        {
            case UnaryOp.Tanh: ElementwiseLoops.LanePair<TanhAndSech2Kernel, double>(x, first, second); break;
            case UnaryOp.Sigmoid: ElementwiseLoops.LanePair<SigmoidAndSlopeKernel, double>(x, first, second); break;
            case UnaryOp.Sin: ElementwiseLoops.LanePair<SinAndCosKernel, double>(x, first, second); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "No other function shares its work.");
        }
    }

    /// <summary>A function and the one that shares its work, elementwise.</summary>
    internal static void Pair(UnaryOp op, ReadOnlySpan<float> x, Span<float> first, Span<float> second)
    {
        switch (op)
        {
            case UnaryOp.Tanh: ElementwiseLoops.LanePair<TanhAndSech2Kernel, float>(x, first, second); break;
            case UnaryOp.Sigmoid: ElementwiseLoops.LanePair<SigmoidAndSlopeKernel, float>(x, first, second); break;
            case UnaryOp.Sin: ElementwiseLoops.LanePair<SinAndCosKernel, float>(x, first, second); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "No other function shares its work.");
        }
    }

    /// <summary>op(x).</summary>
    public static double Unary(UnaryOp op, double x) => op switch
    {
        UnaryOp.Negate => -x,
        UnaryOp.Abs => Math.Abs(x),
        UnaryOp.Sign => x > 0 ? 1 : x < 0 ? -1 : x,
        UnaryOp.Square => x * x,
        UnaryOp.Reciprocal => 1 / x,
        UnaryOp.Sqrt => Math.Sqrt(x),
        UnaryOp.Relu => Math.Max(x, 0),
        UnaryOp.Step => x > 0 ? 1 : x <= 0 ? 0 : x,
        UnaryOp.Floor => Math.Floor(x),
        UnaryOp.Ceiling => Math.Ceiling(x),
        UnaryOp.Round => Math.Round(x, MidpointRounding.ToEven),
        UnaryOp.Truncate => Math.Truncate(x),
        UnaryOp.Rsqrt => ElementwiseLoops.Lane<RsqrtKernel>(x),
        UnaryOp.Exp => ElementwiseLoops.Lane<ExpKernel>(x),
        UnaryOp.Exp2 => ElementwiseLoops.Lane<Exp2Kernel>(x),
        UnaryOp.Expm1 => ElementwiseLoops.Lane<Expm1Kernel>(x),
        UnaryOp.Log => ElementwiseLoops.Lane<LogKernel>(x),
        UnaryOp.Log2 => ElementwiseLoops.Lane<Log2Kernel>(x),
        UnaryOp.Log10 => ElementwiseLoops.Lane<Log10Kernel>(x),
        UnaryOp.Log1p => ElementwiseLoops.Lane<Log1pKernel>(x),
        UnaryOp.Sin => ElementwiseLoops.Lane<SinKernel>(x),
        UnaryOp.Cos => ElementwiseLoops.Lane<CosKernel>(x),
        UnaryOp.Tan => ElementwiseLoops.Lane<TanKernel>(x),
        UnaryOp.Asin => ElementwiseLoops.Lane<AsinKernel>(x),
        UnaryOp.Acos => ElementwiseLoops.Lane<AcosKernel>(x),
        UnaryOp.Atan => ElementwiseLoops.Lane<AtanKernel>(x),
        UnaryOp.Sinh => ElementwiseLoops.Lane<SinhKernel>(x),
        UnaryOp.Cosh => ElementwiseLoops.Lane<CoshKernel>(x),
        UnaryOp.Tanh => ElementwiseLoops.Lane<TanhKernel>(x),
        UnaryOp.Asinh => ElementwiseLoops.Lane<AsinhKernel>(x),
        UnaryOp.Acosh => ElementwiseLoops.Lane<AcoshKernel>(x),
        UnaryOp.Atanh => ElementwiseLoops.Lane<AtanhKernel>(x),
        UnaryOp.Sech2 => ElementwiseLoops.Lane<Sech2Kernel>(x),
        UnaryOp.Sigmoid => ElementwiseLoops.Lane<SigmoidKernel>(x),
        UnaryOp.SigmoidSlope => ElementwiseLoops.Lane<SigmoidSlopeKernel>(x),
        UnaryOp.Softplus => ElementwiseLoops.Lane<SoftplusKernel>(x),
        UnaryOp.Sinc => ElementwiseLoops.Lane<SincKernel>(x),
        UnaryOp.Entr => ElementwiseLoops.Lane<EntrKernel>(x),
        _ => ElementwiseSpecial.Unary(op, x),
    };

    /// <summary>op(x): the bits that the same element of a span has.</summary>
    public static float Unary(UnaryOp op, float x)
    {
        Unary(op, new ReadOnlySpan<float>(in x), new Span<float>(ref x));
        return x;
    }

    /// <summary>y = op(a, b), elementwise; a span of length 1 stands for a scalar; y may be a or b itself.</summary>
    /// <exception cref="ArgumentException">A length is neither y's nor 1.</exception>
    public static void Binary(BinaryOp op, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> y)
    {
        CheckLengths(a.Length, b.Length, y.Length);
        if (y.IsEmpty) return;
        if (a.Length == 1 && b.Length == 1)
        {
            y.Fill(Binary(op, a[0], b[0]));
            return;
        }
        switch (op)
        {
            case BinaryOp.Add: ElementwiseLoops.Binary<AddKernel>(a, b, y); break;
            case BinaryOp.Subtract: ElementwiseLoops.Binary<SubtractKernel>(a, b, y); break;
            case BinaryOp.Multiply: ElementwiseLoops.Binary<MultiplyKernel>(a, b, y); break;
            case BinaryOp.Divide: ElementwiseLoops.Binary<DivideKernel>(a, b, y); break;
            case BinaryOp.Scale: ElementwiseLoops.Binary<ScaleKernel>(a, b, y); break;
            case BinaryOp.Maximum: ElementwiseLoops.Binary<MaximumKernel>(a, b, y); break;
            case BinaryOp.Minimum: ElementwiseLoops.Binary<MinimumKernel>(a, b, y); break;
            case BinaryOp.MaximumNumber: ElementwiseLoops.Binary<MaximumNumberKernel>(a, b, y); break;
            case BinaryOp.MinimumNumber: ElementwiseLoops.Binary<MinimumNumberKernel>(a, b, y); break;
            case BinaryOp.CopySign: ElementwiseLoops.Binary<CopySignKernel>(a, b, y); break;
            case BinaryOp.Heaviside: ElementwiseLoops.Binary<HeavisideKernel>(a, b, y); break;
            case BinaryOp.Hypot: ElementwiseLoops.LaneBinary<HypotKernel, double>(a, b, y); break;
            case BinaryOp.LogAddExp: ElementwiseLoops.LaneBinary<LogAddExpKernel, double>(a, b, y); break;
            case BinaryOp.LogAddExp2: ElementwiseLoops.LaneBinary<LogAddExp2Kernel, double>(a, b, y); break;
            case BinaryOp.Xlogy: ElementwiseLoops.LaneBinary<XlogyKernel, double>(a, b, y); break;
            case BinaryOp.Xlog1py: ElementwiseLoops.LaneBinary<Xlog1pyKernel, double>(a, b, y); break;
            case BinaryOp.Power: Power(a, b, y); break;
            default: ByElement(op, a, b, y); break;
        }
    }

    /// <summary>y = op(a, b), elementwise; a span of length 1 stands for a scalar; y may be a or b itself.</summary>
    /// <exception cref="ArgumentException">A length is neither y's nor 1.</exception>
    public static void Binary(BinaryOp op, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
    {
        CheckLengths(a.Length, b.Length, y.Length);
        if (y.IsEmpty) return;
        if (a.Length == 1 && b.Length == 1)
        {
            y.Fill(Binary(op, a[0], b[0]));
            return;
        }
        switch (op)
        {
            case BinaryOp.Add: ElementwiseLoops.Binary<AddKernel>(a, b, y); break;
            case BinaryOp.Subtract: ElementwiseLoops.Binary<SubtractKernel>(a, b, y); break;
            case BinaryOp.Multiply: ElementwiseLoops.Binary<MultiplyKernel>(a, b, y); break;
            case BinaryOp.Divide: ElementwiseLoops.Binary<DivideKernel>(a, b, y); break;
            case BinaryOp.Scale: ElementwiseLoops.Binary<ScaleKernel>(a, b, y); break;
            case BinaryOp.Maximum: ElementwiseLoops.Binary<MaximumKernel>(a, b, y); break;
            case BinaryOp.Minimum: ElementwiseLoops.Binary<MinimumKernel>(a, b, y); break;
            case BinaryOp.MaximumNumber: ElementwiseLoops.Binary<MaximumNumberKernel>(a, b, y); break;
            case BinaryOp.MinimumNumber: ElementwiseLoops.Binary<MinimumNumberKernel>(a, b, y); break;
            case BinaryOp.CopySign: ElementwiseLoops.Binary<CopySignKernel>(a, b, y); break;
            case BinaryOp.Heaviside: ElementwiseLoops.Binary<HeavisideKernel>(a, b, y); break;
            case BinaryOp.Hypot: ElementwiseLoops.LaneBinary<HypotKernel, float>(a, b, y); break;
            case BinaryOp.LogAddExp: ElementwiseLoops.LaneBinary<LogAddExpKernel, float>(a, b, y); break;
            case BinaryOp.LogAddExp2: ElementwiseLoops.LaneBinary<LogAddExp2Kernel, float>(a, b, y); break;
            case BinaryOp.Xlogy: ElementwiseLoops.LaneBinary<XlogyKernel, float>(a, b, y); break;
            case BinaryOp.Xlog1py: ElementwiseLoops.LaneBinary<Xlog1pyKernel, float>(a, b, y); break;
            case BinaryOp.Power: Power(a, b, y); break;
            default: ByElement(op, a, b, y); break;
        }
    }

    /// <summary>op(a, b).</summary>
    public static double Binary(BinaryOp op, double a, double b) => op switch
    {
        BinaryOp.Add => a + b,
        BinaryOp.Subtract => a - b,
        BinaryOp.Multiply => a * b,
        BinaryOp.Divide => a / b,
        BinaryOp.Scale => a == 0 || b == 0 ? 0 : a * b,
        BinaryOp.Power => Power(a, b),
        BinaryOp.Atan2 => Math.Atan2(a, b),
        BinaryOp.Maximum => Math.Max(a, b),
        BinaryOp.Minimum => Math.Min(a, b),
        BinaryOp.MaximumNumber => double.MaxNumber(a, b),
        BinaryOp.MinimumNumber => double.MinNumber(a, b),
        BinaryOp.FMod => a % b,
        BinaryOp.Remainder => Remainder(a, b),
        BinaryOp.FloorDivide => FloorDivide(a, b),
        BinaryOp.CopySign => Math.CopySign(a, b),
        BinaryOp.NextAfter => NextAfter(a, b),
        BinaryOp.Heaviside => a == 0 ? b : a > 0 ? 1 : a < 0 ? 0 : a,
        BinaryOp.Hypot => ElementwiseLoops.Lane<HypotKernel>(a, b),
        BinaryOp.LogAddExp => ElementwiseLoops.Lane<LogAddExpKernel>(a, b),
        BinaryOp.LogAddExp2 => ElementwiseLoops.Lane<LogAddExp2Kernel>(a, b),
        BinaryOp.Xlogy => ElementwiseLoops.Lane<XlogyKernel>(a, b),
        BinaryOp.Xlog1py => ElementwiseLoops.Lane<Xlog1pyKernel>(a, b),
        _ => ElementwiseSpecial.Binary(op, a, b),
    };

    /// <summary>op(a, b): in float64, rounded once; the neighbour of <see cref="BinaryOp.NextAfter"/> is a float32 number.</summary>
    public static float Binary(BinaryOp op, float a, float b)
        => op == BinaryOp.NextAfter ? NextAfter(a, b) : (float)Binary(op, (double)a, (double)b);

    private static void ByElement(BinaryOp op, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> y)
    {
        int stepA = a.Length == y.Length ? 1 : 0, stepB = b.Length == y.Length ? 1 : 0;
        double firstA = a[0], firstB = b[0];
        for (var i = 0; i < y.Length; i++) y[i] = Binary(op, stepA == 0 ? firstA : a[i], stepB == 0 ? firstB : b[i]);
    }

    private static void ByElement(BinaryOp op, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
    {
        int stepA = a.Length == y.Length ? 1 : 0, stepB = b.Length == y.Length ? 1 : 0;
        float firstA = a[0], firstB = b[0];
        for (var i = 0; i < y.Length; i++) y[i] = Binary(op, stepA == 0 ? firstA : a[i], stepB == 0 ? firstB : b[i]);
    }

    /// <summary>Powers with one exponent for all elements, where a product or a root does, run vectorised.</summary>
    private static void Power(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> y)
    {
        if (b.Length == 1 && b[0] == 2) ElementwiseLoops.Unary<SquareKernel>(a, y);
        else if (b.Length == 1 && b[0] == 3) ElementwiseLoops.Unary<CubeKernel>(a, y);
        else if (b.Length == 1 && b[0] == -1) ElementwiseLoops.Unary<ReciprocalKernel>(a, y);
        else if (b.Length == 1 && b[0] == 0.5) ElementwiseLoops.LaneUnary<RootPowerKernel, double>(a, y);
        else if (b.Length == 1 && b[0] == 1) a.CopyTo(y);
        else if (b.Length == 1 && b[0] == 0) y.Fill(1);
        else ByElement(BinaryOp.Power, a, b, y);
    }

    private static void Power(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
    {
        if (b.Length == 1 && b[0] == 2) ElementwiseLoops.Unary<SquareKernel>(a, y);
        else if (b.Length == 1 && b[0] == 3) ElementwiseLoops.LaneUnary<LaneCubeKernel, float>(a, y);
        else if (b.Length == 1 && b[0] == -1) ElementwiseLoops.Unary<ReciprocalKernel>(a, y);
        else if (b.Length == 1 && b[0] == 0.5f) ElementwiseLoops.LaneUnary<RootPowerKernel, float>(a, y);
        else if (b.Length == 1 && b[0] == 1) a.CopyTo(y);
        else if (b.Length == 1 && b[0] == 0) y.Fill(1);
        else ByElement(BinaryOp.Power, a, b, y);
    }

    /// <summary>aᵇ; exponents that a product or a root serves take it, alone as in a span.</summary>
    private static double Power(double a, double b) => b switch
    {
        2 => a * a,
        1 => a,
        0 => 1,
        3 => a * a * a,
        -1 => 1 / a,
        0.5 => ElementwiseLoops.Lane<RootPowerKernel>(a),
        _ => Math.Pow(a, b),
    };

    /// <summary>Python's %: the sign of b, also on a zero.</summary>
    private static double Remainder(double a, double b)
    {
        var r = a % b;
        if (r == 0) return Math.CopySign(0, b);
        return r < 0 != b < 0 ? r + b : r;
    }

    /// <summary>⌊a/b⌋ consistent with <see cref="Remainder"/>: (a - r)/b is nearly integral and is snapped.</summary>
    private static double FloorDivide(double a, double b)
    {
        if (b == 0) return a / b;
        var r = a % b;
        var quotient = (a - r) / b;
        if (r != 0 && r < 0 != b < 0) quotient -= 1;
        if (quotient == 0) return Math.CopySign(0, a / b);
        var floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static double NextAfter(double a, double b)
        => double.IsNaN(a) || double.IsNaN(b) ? a + b : a == b ? b : a < b ? Math.BitIncrement(a) : Math.BitDecrement(a);

    private static float NextAfter(float a, float b)
        => float.IsNaN(a) || float.IsNaN(b) ? a + b : a == b ? b : a < b ? MathF.BitIncrement(a) : MathF.BitDecrement(a);

    private static void CheckLengths(int a, int b, int y)
    {
        if ((a != y && a != 1) || (b != y && b != 1)) ThrowLengths(a, b, y);
    }

    [DoesNotReturn]
    private static void ThrowLengths(int x, int y)
        => throw new ArgumentException($"x has {x} elements and y {y}; an elementwise function needs as many in both.", nameof(y));

    [DoesNotReturn]
    private static void ThrowLengths(int a, int b, int y)
        => throw new ArgumentException($"a has {a} elements, b {b} and y {y}; a and b need as many as y, or one.", nameof(y));
}

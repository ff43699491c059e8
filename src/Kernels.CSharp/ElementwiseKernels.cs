using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>A function of one argument that IEEE 754 rounds correctly: any width and either float type.</summary>
internal interface IArithmeticUnary
{
    static abstract V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged;
}

/// <summary>A function of two arguments that IEEE 754 rounds correctly: any width and either float type.</summary>
internal interface IArithmeticBinary
{
    static abstract V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged;
}

/// <summary>An elementary function of one argument, evaluated in float64 lanes. Of float32 elements it is evaluated there too and rounded once, but for the most used functions.</summary>
internal interface ILaneUnary
{
    static abstract V Apply<V>(V x) where V : struct, ILanes<V>;

    /// <summary>Whether float32 elements have a way of their own.</summary>
    static virtual bool HasSingle => false;

    /// <summary>The function over float32 lanes.</summary>
    static virtual V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => throw new System.NotSupportedException();
}

/// <summary>An elementary function of two arguments, evaluated in float64 lanes.</summary>
internal interface ILaneBinary
{
    static abstract V Apply<V>(V a, V b) where V : struct, ILanes<V>;
}

/// <summary>Two elementary functions of one argument that share most of their work. Each gives the bits of the function alone.</summary>
internal interface ILanePair
{
    static abstract V Apply<V>(V x, out V second) where V : struct, IMathLanes<V>;
}

internal readonly struct NegateKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => x ^ V.SignBit;
}

internal readonly struct AbsKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Abs(x);
}

internal readonly struct SignKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Select(V.Less(x, V.Zero), V.One | V.SignBit, V.Select(V.Less(V.Zero, x), V.One, x));
}

internal readonly struct SquareKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => x * x;
}

internal readonly struct CubeKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => x * x * x;
}

internal readonly struct ReciprocalKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.One / x;
}

internal readonly struct SqrtKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Sqrt(x);
}

internal readonly struct ReluKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Max(x, V.Zero);
}

internal readonly struct StepKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Select(V.Equal(x, x), V.Less(V.Zero, x) & V.One, x);
}

internal readonly struct FloorKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Floor(x);
}

internal readonly struct CeilingKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Ceiling(x);
}

internal readonly struct RoundKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Round(x);
}

internal readonly struct TruncateKernel : IArithmeticUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V x) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Truncate(x);
}

internal readonly struct AddKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => a + b;
}

internal readonly struct SubtractKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => a - b;
}

internal readonly struct MultiplyKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => a * b;
}

internal readonly struct DivideKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => a / b;
}

internal readonly struct ScaleKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged
    {
        // An instruction that replaces elements by what another element is: two of them instead of two comparisons, two masks and two choices.
        if (Avx512F.IsSupported)
        {
            if (typeof(V) == typeof(Doubles8)) return Unsafe.BitCast<Vector512<double>, V>(Absorbing(Unsafe.BitCast<V, Vector512<double>>(a), Unsafe.BitCast<V, Vector512<double>>(b)));
            if (typeof(V) == typeof(Singles16)) return Unsafe.BitCast<Vector512<float>, V>(Absorbing(Unsafe.BitCast<V, Vector512<float>>(a), Unsafe.BitCast<V, Vector512<float>>(b)));
        }
        return V.Select(V.Equal(a, V.Zero), V.Zero, V.Select(V.Equal(b, V.Zero), V.Zero, a * b));
    }

    /// <summary>In the table of four bits a class of numbers: zeros (the third class) become +0, for all others the product stays.</summary>
    private const int ZeroWhereZero = 0x800;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Absorbing(Vector512<double> a, Vector512<double> b)
    {
        var table = Vector512.Create((long)ZeroWhereZero);
        return Avx512F.Fixup(Avx512F.Fixup(a * b, a, table, 0), b, table, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Absorbing(Vector512<float> a, Vector512<float> b)
    {
        var table = Vector512.Create(ZeroWhereZero);
        return Avx512F.Fixup(Avx512F.Fixup(a * b, a, table, 0), b, table, 0);
    }
}

internal readonly struct MaximumKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Max(a, b);
}

internal readonly struct MinimumKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Min(a, b);
}

internal readonly struct MaximumNumberKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.MaxNumber(a, b);
}

internal readonly struct MinimumNumberKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.MinNumber(a, b);
}

internal readonly struct CopySignKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.AndNot(a, V.SignBit) | (b & V.SignBit);
}

internal readonly struct HeavisideKernel : IArithmeticBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, V b) where V : struct, IArithmeticLanes<V, T> where T : unmanaged => V.Select(V.Equal(a, V.Zero), b, V.Select(V.Equal(a, a), V.Less(V.Zero, a) & V.One, a));
}

internal readonly struct ExpKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Exp(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Exp(x);
}

internal readonly struct Exp2Kernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Exp2(x);
}

internal readonly struct Expm1Kernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Expm1(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Expm1(x);
}

internal readonly struct LogKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Log(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Log(x);
}

internal readonly struct Log2Kernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Log2(x);
}

internal readonly struct Log10Kernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Log10(x);
}

internal readonly struct Log1pKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Log1p(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Log1p(x);
}

internal readonly struct SinKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Sin(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Sin(x);
}

internal readonly struct CosKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Cos(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Cos(x);
}

internal readonly struct TanKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Tan(x);
}

internal readonly struct AsinKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Asin(x);
}

internal readonly struct AcosKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Acos(x);
}

internal readonly struct AtanKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Atan(x);
}

internal readonly struct SinhKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Sinh(x);
}

internal readonly struct CoshKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Cosh(x);
}

internal readonly struct TanhKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Tanh(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Tanh(x);
}

internal readonly struct AsinhKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Asinh(x);
}

internal readonly struct AcoshKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Acosh(x);
}

internal readonly struct AtanhKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Atanh(x);
}

internal readonly struct Sech2Kernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Sech2(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Sech2(x);
}

internal readonly struct SigmoidKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Sigmoid(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Sigmoid(x);
}

internal readonly struct SigmoidSlopeKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.SigmoidSlope(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.SigmoidSlope(x);
}

internal readonly struct SoftplusKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Softplus(x);

    public static bool HasSingle => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ApplySingle<V>(V x) where V : struct, IMathLanes<V> => LaneMath.Softplus(x);
}

internal readonly struct SincKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Sinc(x);
}

internal readonly struct EntrKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => LaneMath.Entr(x);
}

internal readonly struct RsqrtKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.One / V.Sqrt(x);
}

internal readonly struct RootPowerKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => V.Select(V.Equal(x, V.Of(double.NegativeInfinity)), V.Of(double.PositiveInfinity), V.Sqrt(x + V.Zero));
}

internal readonly struct LaneCubeKernel : ILaneUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V> => x * x * x;
}

internal readonly struct HypotKernel : ILaneBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => LaneMath.Hypot(a, b);
}

internal readonly struct LogAddExpKernel : ILaneBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => LaneMath.LogAddExp(a, b);
}

internal readonly struct LogAddExp2Kernel : ILaneBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => LaneMath.LogAddExp2(a, b);
}

internal readonly struct XlogyKernel : ILaneBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => LaneMath.Xlogy(a, b);
}

internal readonly struct Xlog1pyKernel : ILaneBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V a, V b) where V : struct, ILanes<V> => LaneMath.Xlog1py(a, b);
}

internal readonly struct TanhAndSech2Kernel : ILanePair
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, out V second) where V : struct, IMathLanes<V> => LaneMath.TanhAndSech2(x, out second);
}

internal readonly struct SigmoidAndSlopeKernel : ILanePair
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, out V second) where V : struct, IMathLanes<V> => LaneMath.SigmoidAndSlope(x, out second);
}

internal readonly struct SinAndCosKernel : ILanePair
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x, out V second) where V : struct, IMathLanes<V> => LaneMath.SinAndCos(x, out second);
}

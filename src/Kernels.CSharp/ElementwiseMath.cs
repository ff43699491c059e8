using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Elementary functions over float64 lanes, the most used ones over float32 lanes too: by the same steps with the constants and shorter polynomials of
/// that type. Errors stay within about 3 units in the last place over the whole range (the slopes of tanh and the sigmoid: 5), subnormal numbers included; infinities, NaN and signed zeros
/// follow IEEE 754 (recommended functions) and C's Annex F. Polynomials are interpolations at Chebyshev nodes, computed to 60 digits, and summed in pairs (Estrin):
/// a processor that waits for one term after the other does not see far enough ahead to fill its units.</summary>
internal static class LaneMath
{
    private const double Log2E = 1.4426950408889634;
    private const double Log2ELow = 2.0355273740931033e-17;
    private const double Log10E = 0.4342944819032518;
    private const double Log10ELow = 1.098319650216765e-17;
    private const double Ln2 = 0.6931471805599453;
    private const double Ln2Low = 2.3190468138462996e-17;

    /// <summary>The leading 42 bits of ln 2: a product with an exponent is exact.</summary>
    private const double Ln2Head = 0.6931471805598903;
    private const double Ln2Tail = 5.497923018708371e-14;
    private const double Log10Of2Head = 0.30102999566395283;
    private const double Log10Of2Tail = 2.8363394551044964e-14;
    private const double HalfPi = 1.5707963267948966;
    private const double HalfPiMiddle = 6.123233995736766e-17;
    private const double HalfPiLow = -1.4973849048591698e-33;
    private const double TwoOverPi = 0.6366197723675814;

    /// <summary>float32: ln 2 in two parts, π/2 in three.</summary>
    private const double Ln2Single = 0.6931471824645996;
    private const double Ln2SingleLow = -1.9046542999577679e-9;
    private const double HalfPiSingle = 1.5707963705062866;
    private const double HalfPiSingleMiddle = -4.371138828673793e-08;
    private const double HalfPiSingleLow = -1.7151245100058819e-15;

    /// <summary>1.5·2⁵² (float32: 1.5·2²³): added to a small number it leaves the nearest integer in the low bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Shifter<V>() where V : struct, IMathLanes<V> => V.IsSingle ? 12582912 : 6755399441055744.0;

    /// <summary>Beyond this the three-part π/2 would no longer do; such lanes go to the runtime's scalar function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double TrigonometricLimit<V>() where V : struct, IMathLanes<V> => V.IsSingle ? 1 << 15 : 1 << 30;

    /// <summary>Below this x itself is the nearest number to sin x, tan x, eˣ - 1 and ln(1 + x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Tiny<V>() where V : struct, IMathLanes<V> => V.Constant(V.IsSingle ? 1.0 / (1 << 25) : 1.0 / (1L << 54));

    /// <summary>Bits of the mantissa without the leading one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int MantissaBits<V>() where V : struct, IMathLanes<V> => V.IsSingle ? 23 : 52;

    /// <summary>What the stored exponent of 1 is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Bias<V>() where V : struct, IMathLanes<V> => V.IsSingle ? 127 : 1023;

    /// <summary>eˣ = 2ⁿ(1 + p): n integral, p accurate relative to itself.</summary>
    private readonly struct Exponential<V>(V n, V p)
    {
        public readonly V N = n;
        public readonly V P = p;
    }

    /// <summary>ln x = k ln 2 + ln(1 + f), with ln(1 + f) = f - (half - tail), half = f²/2.</summary>
    private readonly struct Logarithm<V>(V k, V f, V half, V tail)
    {
        public readonly V K = k;
        public readonly V F = f;
        public readonly V Half = half;
        public readonly V Tail = tail;
    }

    /// <summary>x = q·π/2 + high + low; the low bits of Quadrant hold q.</summary>
    private readonly struct Angle<V>(V quadrant, V high, V low)
    {
        public readonly V Quadrant = quadrant;
        public readonly V High = high;
        public readonly V Low = low;
    }

    // Powers and exponentials

    /// <summary>2ⁿ for integral n in [-1022, 1023] (float32: [-126, 127]).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo<V>(V n) where V : struct, IMathLanes<V> => V.ShiftLeft(n + V.Constant(Shifter<V>() + Bias<V>()), MantissaBits<V>());

    /// <summary>x·2ⁿ for n in about [-2000, 2000] (float32: [-250, 250]), rounded once: the first factor is exact. For lanes without an instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ScaleInTwoSteps<V>(V x, V n) where V : struct, IMathLanes<V>
    {
        var half = V.Round(n * V.Constant(0.5));
        return x * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Clamp<V>(V x, double low, double high) where V : struct, IMathLanes<V> => V.AtMost(V.AtLeast(x, low), high);

    /// <summary>(e^r - 1 - r)/r² for |r| ≤ ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExponentialTail<V>(V r) where V : struct, IMathLanes<V>
    {
        var r2 = r * r;
        var r4 = r2 * r2;
        if (V.IsSingle)
        {
            var s01 = V.Fma(V.Constant(0.16666666681623231), r, V.Constant(0.5));
            var s23 = V.Fma(V.Constant(0.0083333109254809008), r, V.Constant(0.041666464925285905));
            var s45 = V.Fma(V.Constant(0.00019890990824673654), r, V.Constant(0.001393364999630925));
            return V.Fma(s45, r4, V.Fma(s23, r2, s01));
        }
        var q01 = V.Fma(V.Constant(0.1666666666666667), r, V.Constant(0.5));
        var q23 = V.Fma(V.Constant(0.008333333333326136), r, V.Constant(0.04166666666666667));
        var q45 = V.Fma(V.Constant(0.00019841269874820627), r, V.Constant(0.0013888888888883748));
        var q67 = V.Fma(V.Constant(2.7557255400206422e-06), r, V.Constant(2.4801587325547743e-05));
        var q89 = V.Fma(V.Constant(2.5105217004720745e-08), r, V.Constant(2.75572736431103e-07));
        var high = V.Fma(V.Constant(2.0914686968086876e-09), r2, q89);
        return V.Fma(V.Fma(high, r4, V.Fma(q67, r2, q45)), r4, V.Fma(q23, r2, q01));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Exponential<V> SplitExp<V>(V x) where V : struct, IMathLanes<V>
    {
        var n = V.Round(x * V.Constant(Log2E));
        var r = V.Fma(n, V.Constant(V.IsSingle ? -Ln2Single : -Ln2), x);
        r = V.Fma(n, V.Constant(V.IsSingle ? -Ln2SingleLow : -Ln2Low), r);
        return new(n, V.Fma(ExponentialTail(r), r * r, r));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, IMathLanes<V>
    {
        var e = SplitExp(V.IsSingle ? Clamp(x, -104, 89) : Clamp(x, -746, 710));
        return V.ScaleByPowerOfTwo(V.One + e.P, e.N);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp2<V>(V x) where V : struct, ILanes<V>
    {
        x = Clamp(x, -1080, 1025);
        var n = V.Round(x);
        var fraction = x - n;
        var r = fraction * V.Constant(Ln2);
        var low = V.Fma(fraction, V.Constant(Ln2Low), V.Fma(fraction, V.Constant(Ln2), -r));
        return V.ScaleByPowerOfTwo(V.One + (r + V.Fma(ExponentialTail(r), r * r, low)), n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Expm1<V>(V x) where V : struct, IMathLanes<V>
        => V.Select(V.Less(V.Abs(x), Tiny<V>()), x, Expm1(SplitExp(V.IsSingle ? Clamp(x, -18, 89) : Clamp(x, -40, 710))));

    /// <summary>2ⁿ(p + (1 - 2⁻ⁿ)): the inner difference is exact for |n| ≤ 53 (float32: 24) and does not matter beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Expm1<V>(Exponential<V> e) where V : struct, IMathLanes<V>
    {
        var inverse = V.Select(V.Less(e.N, V.Constant(64)), PowerOfTwo(-e.N), V.Zero);
        return V.ScaleByPowerOfTwo(e.P + (V.One - inverse), e.N);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sinh<V>(V x) where V : struct, ILanes<V>
    {
        var a = V.Abs(x);
        var e = SplitExp(Clamp(a, 0, 711));
        var em1 = Expm1(e);
        var small = V.Constant(0.5) * (em1 + em1 / (em1 + V.One));
        var large = V.ScaleByPowerOfTwo(V.One + e.P, e.N - V.One);
        return V.Select(V.Less(a, V.Constant(22)), small, large) | (x & V.SignBit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cosh<V>(V x) where V : struct, ILanes<V>
    {
        var e = SplitExp(Clamp(V.Abs(x), 0, 711));
        var half = V.ScaleByPowerOfTwo(V.One + e.P, e.N - V.One);
        return half + V.Constant(0.25) / half;
    }

    /// <summary>With t = e^(-2|x|) = 2ⁿ(1 + p): tanh |x| = (1 - t)/(1 + t), 1 - t formed from p without a loss near 0, by one division and a correction
    /// that knows what 1 + t lost by rounding; and 1/(1 + t).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V TanhParts<V>(V x, out V n, out V p, out V inverse) where V : struct, IMathLanes<V>
    {
        var e = SplitExp(V.AtLeast(V.Constant(-2) * V.Abs(x), V.IsSingle ? -110 : -750));
        (n, p) = (e.N, e.P);
        var minusPower = V.ScaleByPowerOfTwo(V.Constant(-1), n);
        var m = V.Fma(minusPower, p, V.One + minusPower);
        var d = V.Constant(2) - m;
        var rest = (V.Constant(2) - d) - m;
        inverse = V.One / d;
        var q = m * inverse;
        return V.Fma(V.Fma(-q, d, V.Fma(-q, rest, m)), inverse, q);
    }

    /// <summary>sech² x = 4t/(1 + t)² = 2t·(1/(1 + t))·(1 + tanh |x|), scaled by 2ⁿ last, so that it passes through no subnormal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sech2OfParts<V>(V tanh, V n, V p, V inverse) where V : struct, IMathLanes<V>
        => V.ScaleByPowerOfTwo((V.One + p) * inverse * (V.One + tanh), n + V.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x) where V : struct, IMathLanes<V> => TanhParts(x, out _, out _, out _) | (x & V.SignBit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sech2<V>(V x) where V : struct, IMathLanes<V>
    {
        var tanh = TanhParts(x, out var n, out var p, out var inverse);
        return Sech2OfParts(tanh, n, p, inverse);
    }

    /// <summary>tanh x and sech² x from one exponential and one division.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TanhAndSech2<V>(V x, out V sech2) where V : struct, IMathLanes<V>
    {
        var tanh = TanhParts(x, out var n, out var p, out var inverse);
        sech2 = Sech2OfParts(tanh, n, p, inverse);
        return tanh | (x & V.SignBit);
    }

    /// <summary>1/(1 + e^-x) for x ≥ 0 and eˣ/(1 + eˣ) below, so that the left tail keeps its accuracy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x) where V : struct, IMathLanes<V>
    {
        var t = Exp(-V.Abs(x));
        var inverse = V.One / (V.One + t);
        return V.Select(V.Less(x, V.Zero), t * inverse, inverse);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SigmoidSlope<V>(V x) where V : struct, IMathLanes<V>
    {
        var t = Exp(-V.Abs(x));
        var inverse = V.One / (V.One + t);
        return t * inverse * inverse;
    }

    /// <summary>The sigmoid and its slope from one exponential and one division.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SigmoidAndSlope<V>(V x, out V slope) where V : struct, IMathLanes<V>
    {
        var t = Exp(-V.Abs(x));
        var inverse = V.One / (V.One + t);
        var left = t * inverse;
        slope = left * inverse;
        return V.Select(V.Less(x, V.Zero), left, inverse);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus<V>(V x) where V : struct, IMathLanes<V>
        => V.Max(x, V.Zero) + Log1p(Exp(-V.Abs(x)));

    // Logarithms

    /// <summary>float32: (ln(1 + f) - f + f²/2)/f³ for 1 + f in [√½, √2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogarithmTail<V>(V f) where V : struct, IMathLanes<V>
    {
        var f2 = f * f;
        var q01 = V.Fma(V.Constant(-0.24999996957950882), f, V.Constant(0.33333331180030048));
        var q23 = V.Fma(V.Constant(-0.16667802319501254), f, V.Constant(0.20000715748892102));
        var q45 = V.Fma(V.Constant(-0.12425687331451106), f, V.Constant(0.1424905764569748));
        var q67 = V.Fma(V.Constant(-0.11479733846637636), f, V.Constant(0.11685419923486739));
        var high = V.Fma(V.Fma(V.Constant(0.069716114714511778), f2, q67), f2, q45);
        return V.Fma(V.Fma(high, f2, q23), f2, q01);
    }

    /// <summary>Splits u·(1 + c/u), u normal and positive, at mantissas in [√½, √2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Logarithm<V> SplitLog<V>(V u) where V : struct, IMathLanes<V>
    {
        // √½, 1 and 2⁵² (2²³) as bits
        long rootHalf = V.IsSingle ? 0x3F3504F3 : 0x3FE6A09E667F3BCD, one = V.IsSingle ? 0x3F800000 : 0x3FF0000000000000, mantissa = (1L << MantissaBits<V>()) - 1;
        var whole = V.Constant(1L << MantissaBits<V>());
        var bits = V.AddBits(u, V.OfBits(one - rootHalf));
        var k = (V.ShiftRight(bits, MantissaBits<V>()) | whole) - (whole + V.Constant(Bias<V>()));
        var f = V.AddBits(bits & V.OfBits(mantissa), V.OfBits(rootHalf)) - V.One;
        var half = V.Constant(0.5) * f * f;
        if (V.IsSingle) return new(k, f, half, LogarithmTail(f) * f * f * f);
        var s = f / (V.Constant(2) + f);
        var z = s * s;
        var z2 = z * z;
        var r01 = V.Fma(V.Constant(0.40000000000000885), z, V.Constant(0.6666666666666666));
        var r23 = V.Fma(V.Constant(0.22222222392581045), z, V.Constant(0.28571428570799784));
        var r45 = V.Fma(V.Constant(0.15386244737621665), z, V.Constant(0.18181795547521137));
        var r67 = V.Fma(V.Constant(0.13088034850927555), z, V.Constant(0.13268638369266825));
        var r = V.Fma(V.Fma(r67, z2, r45), z2 * z2, V.Fma(r23, z2, r01));
        return new(k, f, half, s * V.Fma(r, z, half));
    }

    /// <summary>k·(head + tail) + f - (half - (tail + extra)): small terms first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V JoinLog<V>(Logarithm<V> l, V extra) where V : struct, IMathLanes<V>
        => V.Fma(l.K, V.Constant(V.IsSingle ? Ln2Single : Ln2Head), l.F - (l.Half - (l.Tail + V.Fma(l.K, V.Constant(V.IsSingle ? Ln2SingleLow : Ln2Tail), extra))));

    /// <summary>The base-b logarithm from (ln(1 + f))·log_b e in two parts and k·log_b 2 in two parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V JoinLog<V>(Logarithm<V> l, double scale, double scaleLow, double step, double stepLow) where V : struct, ILanes<V>
    {
        var high = l.F - l.Half;
        var low = ((l.F - high) - l.Half) + l.Tail;
        var product = high * V.Constant(scale);
        var rest = V.Fma(high, V.Constant(scale), -product) + V.Fma(high, V.Constant(scaleLow), low * V.Constant(scale));
        var whole = l.K * V.Constant(step);
        var sum = whole + product;
        return sum + (((whole - sum) + product) + V.Fma(l.K, V.Constant(stepLow), rest));
    }

    /// <summary>Lifts subnormal numbers into the normal range by 2⁵⁴ (float32: 2²⁵).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Logarithm<V> SplitLogOfAny<V>(V x) where V : struct, IMathLanes<V>
    {
        var subnormal = V.Less(x, V.Constant(V.IsSingle ? 1.1754943508222875e-38 : 2.2250738585072014e-308));
        if (!V.Any(subnormal)) return SplitLog(x);
        var lift = V.IsSingle ? 25 : 54;
        var l = SplitLog(V.Select(subnormal, x * V.Constant(1L << lift), x));
        return new(l.K - (subnormal & V.Constant(lift)), l.F, l.Half, l.Tail);
    }

    /// <summary>The logarithm's values at 0, ∞, NaN and below 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogEdges<V>(V x, V y) where V : struct, IMathLanes<V>
    {
        y = V.Select(V.Less(x, V.Constant(double.PositiveInfinity)), y, x);
        y = V.Select(V.Less(x, V.Zero), V.Constant(double.NaN), y);
        return V.Select(V.Equal(x, V.Zero), V.Constant(double.NegativeInfinity), y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V>(V x) where V : struct, IMathLanes<V>
        => LogEdges(x, JoinLog(SplitLogOfAny(x), V.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log2<V>(V x) where V : struct, ILanes<V>
        => LogEdges(x, JoinLog(SplitLogOfAny(x), Log2E, Log2ELow, 1, 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log10<V>(V x) where V : struct, ILanes<V>
        => LogEdges(x, JoinLog(SplitLogOfAny(x), Log10E, Log10ELow, Log10Of2Head, Log10Of2Tail));

    /// <summary>ln(u + c) with u + c = 1 + x exactly (Møller's two-sum): ln u + c/u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1p<V>(V x) where V : struct, IMathLanes<V>
    {
        var u = V.One + x;
        var v = u - V.One;
        var c = (V.One - (u - v)) + (x - v);
        var y = JoinLog(SplitLog(u), c / u);
        y = LogEdges(u, y);
        return V.Select(V.Less(V.Abs(x), Tiny<V>()), x, y);
    }

    // Inverse hyperbolic functions

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Asinh<V>(V x) where V : struct, ILanes<V>
    {
        var a = V.Abs(x);
        var huge = V.Less(V.Constant(1e17), a);
        var argument = V.Select(huge, a, a + a * a / (V.One + V.Sqrt(V.Fma(a, a, V.One))));
        return (Log1p(argument) + (huge & V.Constant(Ln2))) | (x & V.SignBit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Acosh<V>(V x) where V : struct, ILanes<V>
    {
        var t = x - V.One;
        var huge = V.Less(V.Constant(1e17), x);
        var argument = V.Select(huge, x, t + V.Sqrt(V.Fma(t, t, V.Constant(2) * t)));
        return V.Select(V.Less(x, V.One), V.Constant(double.NaN), Log1p(argument) + (huge & V.Constant(Ln2)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Atanh<V>(V x) where V : struct, ILanes<V>
    {
        var a = V.Abs(x);
        var y = V.Constant(0.5) * Log1p(V.Constant(2) * a / (V.One - a));
        // Halving the smallest numbers would lose a bit.
        return V.Select(V.Less(a, Tiny<V>()), x, y | (x & V.SignBit));
    }

    // Trigonometric functions

    /// <summary>Removes multiples of π/2 in three parts (Cody and Waite), the second product and subtraction without error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Angle<V> Reduce<V>(V x) where V : struct, IMathLanes<V>
    {
        var quadrant = V.Fma(x, V.Constant(TwoOverPi), V.Constant(Shifter<V>()));
        var n = quadrant - V.Constant(Shifter<V>());
        var first = V.Fma(n, V.Constant(V.IsSingle ? -HalfPiSingle : -HalfPi), x);
        var middle = V.Constant(V.IsSingle ? HalfPiSingleMiddle : HalfPiMiddle);
        var w = n * middle;
        var wLow = V.Fma(n, V.Constant(V.IsSingle ? HalfPiSingleLow : HalfPiLow), V.Fma(n, middle, -w));
        var high = first - w;
        var back = high - first;
        var low = (first - (high - back)) - (w + back) - wLow;
        return new(quadrant, high, low);
    }

    /// <summary>sin(high + low), |high| ≤ π/4. The terms are summed in pairs: a shorter way for one number alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V SinPolynomial<V>(V high, V low) where V : struct, IMathLanes<V>
    {
        var z = high * high;
        var z2 = z * z;
        if (V.IsSingle)
        {
            var short01 = V.Fma(V.Constant(0.0083333318738371317), z, V.Constant(-0.16666666663853044));
            var short23 = V.Fma(V.Constant(2.7249864658196824e-6), z, V.Constant(-0.00019840086263779025));
            return high + V.Fma(V.Fma(short23, z2, short01), z * high, low * V.Fma(V.Constant(-0.5), z, V.One));
        }
        var s01 = V.Fma(V.Constant(0.008333333333333331), z, V.Constant(-0.16666666666666666));
        var s23 = V.Fma(V.Constant(2.755731921932058e-06), z, V.Constant(-0.0001984126984126504));
        var s45 = V.Fma(V.Constant(1.6058530596645953e-10), z, V.Constant(-2.50521062259944e-08));
        var s = V.Fma(V.Fma(V.Constant(-7.586636882825159e-13), z2, s45), z2 * z2, V.Fma(s23, z2, s01));
        return high + V.Fma(s, z * high, low * V.Fma(V.Constant(-0.5), z, V.One));
    }

    /// <summary>(cos √z - 1 + z/2)/z².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CosTail<V>(V z, V z2) where V : struct, IMathLanes<V>
    {
        var c01 = V.Fma(V.Constant(-0.0013888888888888887), z, V.Constant(0.041666666666666664));
        var c23 = V.Fma(V.Constant(-2.755731922139249e-07), z, V.Constant(2.4801587301584632e-05));
        var c45 = V.Fma(V.Constant(-1.1470460319209511e-11), z, V.Constant(2.0876755787492604e-09));
        return V.Fma(V.Fma(V.Constant(4.745838412531023e-14), z2, c45), z2 * z2, V.Fma(c23, z2, c01));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CosTailSingle<V>(V z, V z2) where V : struct, IMathLanes<V>
        => V.Fma(V.Constant(2.4547891622336995e-05), z2, V.Fma(V.Constant(-0.001388830280232084), z, V.Constant(0.041666664658300481)));

    /// <summary>cos(high + low), |high| ≤ π/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CosPolynomial<V>(V high, V low) where V : struct, IMathLanes<V>
    {
        var z = high * high;
        var z2 = z * z;
        var c = V.IsSingle ? CosTailSingle(z, z2) : CosTail(z, z2);
        var half = V.Constant(0.5) * z;
        var w = V.One - half;
        return w + (((V.One - w) - half) + V.Fma(c, z2, -(high * low)));
    }

    /// <summary>Up to here nothing is removed from an angle: the reduction gives the angle itself.</summary>
    public const double NearAngle = 0.785;

    /// <summary>sin x for |x| ≤ <see cref="NearAngle"/>, one number alone: the bits of the general way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SinNear(double x) => Math.Abs(x) < 1.0 / (1L << 54) ? x : Doubles2.First(SinPolynomial(Doubles2.Of(x), Doubles2.Zero));

    /// <summary>cos x for |x| ≤ <see cref="NearAngle"/>, one number alone: the bits of the general way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double CosNear(double x) => Doubles2.First(CosPolynomial(Doubles2.Of(x), Doubles2.Zero));

    /// <summary>All bits set where the quadrant's lowest bit is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V IsOdd<V>(V quadrant) where V : struct, IMathLanes<V>
        => V.Less(V.ShiftLeft(quadrant, V.IsSingle ? 31 : 63) | V.One, V.Zero);

    /// <summary>sin of the angle turned by whole quadrants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sin<V>(Angle<V> angle) where V : struct, IMathLanes<V>
    {
        var y = V.Select(IsOdd(angle.Quadrant), CosPolynomial(angle.High, angle.Low), SinPolynomial(angle.High, angle.Low));
        return y ^ (V.ShiftLeft(angle.Quadrant, V.IsSingle ? 30 : 62) & V.SignBit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sin<V>(V x) where V : struct, IMathLanes<V>
    {
        var y = V.Select(V.Less(V.Abs(x), Tiny<V>()), x, Sin(Reduce(x)));
        return OutOfRange(x) is var far && V.Any(far) ? SinFar(x, y) : y;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cos<V>(V x) where V : struct, IMathLanes<V>
    {
        var angle = Reduce(x);
        var y = Sin(new Angle<V>(V.AddBits(angle.Quadrant, V.OfBits(1)), angle.High, angle.Low));
        return OutOfRange(x) is var far && V.Any(far) ? CosFar(x, y) : y;
    }

    /// <summary>sin x and cos x from one reduction: each has computed both polynomials anyway.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SinAndCos<V>(V x, out V cos) where V : struct, IMathLanes<V>
    {
        var angle = Reduce(x);
        var odd = IsOdd(angle.Quadrant);
        var s = SinPolynomial(angle.High, angle.Low);
        var c = CosPolynomial(angle.High, angle.Low);
        var sin = V.Select(odd, c, s) ^ (V.ShiftLeft(angle.Quadrant, V.IsSingle ? 30 : 62) & V.SignBit);
        sin = V.Select(V.Less(V.Abs(x), Tiny<V>()), x, sin);
        cos = V.Select(odd, s, c) ^ (V.ShiftLeft(V.AddBits(angle.Quadrant, V.OfBits(1)), V.IsSingle ? 30 : 62) & V.SignBit);
        if (!V.Any(OutOfRange(x))) return sin;
        cos = CosFar(x, cos);
        return SinFar(x, sin);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tan<V>(V x) where V : struct, ILanes<V>
    {
        var angle = Reduce(x);
        var sin = SinPolynomial(angle.High, angle.Low);
        var cos = CosPolynomial(angle.High, angle.Low);
        var odd = IsOdd(angle.Quadrant);
        var y = V.Select(odd, cos, sin) / V.Select(odd, -sin, cos);
        y = V.Select(V.Less(V.Abs(x), Tiny<V>()), x, y);
        return OutOfRange(x) is var far && V.Any(far) ? TanFar(x, y) : y;
    }

    /// <summary>sin(πx)/(πx): the multiple of ½ is removed exactly before π enters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sinc<V>(V x) where V : struct, ILanes<V>
    {
        const double Pi = 3.141592653589793, PiLow = 1.2246467991473532e-16;
        var a = V.Abs(x);
        // From 2⁵² on every number is an integer and the sine is 0.
        var reduced = V.Select(V.Less(a, V.Constant(4503599627370496.0)), a, V.Zero);
        var n = V.Round(reduced + reduced);
        var fraction = V.Fma(n, V.Constant(-0.5), reduced);
        var quadrant = (n - V.Constant(4) * V.Floor(n * V.Constant(0.25))) + V.Constant(Shifter<V>());
        var high = fraction * V.Constant(Pi);
        var low = V.Fma(fraction, V.Constant(PiLow), V.Fma(fraction, V.Constant(Pi), -high));
        var far = V.LessOrEqual(V.Constant(4503599627370496.0), a);
        var y = V.AndNot(Sin(new Angle<V>(quadrant, high, low)), far) / (a * V.Constant(Pi));
        y = V.Select(V.Less(a, V.Constant(1e-9)), V.One, y);
        return V.Select(V.Equal(x, x), y + V.Zero, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V OutOfRange<V>(V x) where V : struct, IMathLanes<V> => V.Less(V.Constant(TrigonometricLimit<V>()), V.Abs(x));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V SinFar<V>(V x, V y) where V : struct, IMathLanes<V>
    {
        for (var i = 0; i < V.Count; i++)
            if (Math.Abs(V.Lane(x, i)) > TrigonometricLimit<V>()) y = V.WithLane(y, i, Math.Sin(V.Lane(x, i)));
        return y;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V CosFar<V>(V x, V y) where V : struct, IMathLanes<V>
    {
        for (var i = 0; i < V.Count; i++)
            if (Math.Abs(V.Lane(x, i)) > TrigonometricLimit<V>()) y = V.WithLane(y, i, Math.Cos(V.Lane(x, i)));
        return y;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V TanFar<V>(V x, V y) where V : struct, ILanes<V>
    {
        for (var i = 0; i < V.Count; i++)
            if (Math.Abs(V.Lane(x, i)) > TrigonometricLimit<V>()) y = V.WithLane(y, i, Math.Tan(V.Lane(x, i)));
        return y;
    }

    // Inverse trigonometric functions

    /// <summary>|x| against tan(π/8) and tan(3π/8) chooses atan t, π/4 + atan((a-1)/(a+1)) or π/2 - atan(1/a).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Atan<V>(V x) where V : struct, ILanes<V>
    {
        var a = V.Abs(x);
        var middle = V.Less(V.Constant(0.4142135623730950), a);
        var outer = V.Less(V.Constant(2.414213562373095), a);
        var numerator = V.Select(outer, V.Constant(-1), V.Select(middle, a - V.One, a));
        var denominator = V.Select(outer, a, V.Select(middle, a + V.One, V.One));
        var t = numerator / denominator;
        var z = t * t;
        var z2 = z * z;
        var z4 = z2 * z2;
        var p01 = V.Fma(V.Constant(0.19999999999999993), z, V.Constant(-0.3333333333333333));
        var p23 = V.Fma(V.Constant(0.11111111110751482), z, V.Constant(-0.1428571428571149));
        var p45 = V.Fma(V.Constant(0.07692306729194896), z, V.Constant(-0.0909090906681608));
        var p67 = V.Fma(V.Constant(0.058819230561140225), z, V.Constant(-0.06666641869131183));
        var p89 = V.Fma(V.Constant(0.04719259188242093), z, V.Constant(-0.05258020272656758));
        var p1011 = V.Fma(V.Constant(0.030622995553735516), z, V.Constant(-0.04103887546862687));
        var high = V.Fma(V.Fma(V.Constant(-0.013905374533113234), z2, p1011), z2, p89);
        var p = V.Fma(V.Fma(high, z4, V.Fma(p67, z2, p45)), z4, V.Fma(p23, z2, p01));
        var factor = V.Select(outer, V.Constant(2), V.One) & middle;
        var tail = V.Fma(factor, V.Constant(HalfPiMiddle / 2), p * z * t);
        return V.Fma(factor, V.Constant(HalfPi / 2), t + tail) | (x & V.SignBit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Asin<V>(V x) where V : struct, ILanes<V>
        => Atan(x / V.Sqrt((V.One - x) * (V.One + x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Acos<V>(V x) where V : struct, ILanes<V>
        => V.Constant(2) * Atan(V.Sqrt((V.One - x) / (V.One + x)));

    // The rest

    /// <summary>-x ln x; 0 at 0; -∞ below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Entr<V>(V x) where V : struct, ILanes<V>
    {
        var y = -x * Log(x);
        y = V.Select(V.Equal(x, V.Zero), V.Zero, y);
        return V.Select(V.Less(x, V.Zero), V.Constant(double.NegativeInfinity), y);
    }

    /// <summary>√(a² + b²), both scaled by a power of two where a square would overflow or lose bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Hypot<V>(V a, V b) where V : struct, ILanes<V>
    {
        const double Up = 4.149515568880993e180, Down = 2.409919865102884e-181;
        a = V.Abs(a);
        b = V.Abs(b);
        var infinity = V.Constant(double.PositiveInfinity);
        var infinite = V.Equal(a, infinity) | V.Equal(b, infinity);
        var large = V.Max(a, b);
        var small = V.Min(a, b);
        var tooBig = V.Less(V.Constant(1e150), large);
        var tooSmall = V.Less(large, V.Constant(1e-130));
        var scale = V.Select(tooBig, V.Constant(Down), V.Select(tooSmall, V.Constant(Up), V.One));
        var back = V.Select(tooBig, V.Constant(Up), V.Select(tooSmall, V.Constant(Down), V.One));
        large *= scale;
        small *= scale;
        return V.Select(infinite, infinity, V.Sqrt(V.Fma(large, large, small * small)) * back);
    }

    /// <summary>max(a, b) + ln(1 + e^-|a - b|); equal infinities differ by 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogAddExp<V>(V a, V b) where V : struct, ILanes<V>
    {
        var gap = V.Select(V.Equal(a, b), V.Zero, V.Abs(a - b));
        return V.Max(a, b) + Log1p(Exp(-gap));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogAddExp2<V>(V a, V b) where V : struct, ILanes<V>
    {
        var gap = V.Select(V.Equal(a, b), V.Zero, V.Abs(a - b));
        // ln 2 · log₂e does not round to 1; equal arguments must give a + 1.
        var extra = V.Select(V.Equal(a, b), V.One, Log1p(Exp2(-gap)) * V.Constant(Log2E));
        return V.Max(a, b) + extra;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Xlogy<V>(V a, V b) where V : struct, ILanes<V> => ZeroAbsorbs(a, b, a * Log(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Xlog1py<V>(V a, V b) where V : struct, ILanes<V> => ZeroAbsorbs(a, b, a * Log1p(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ZeroAbsorbs<V>(V a, V b, V y) where V : struct, ILanes<V>
        => V.Select(V.Equal(a, V.Zero) & V.Equal(b, b), V.Zero, y);
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

// The elementary functions: names given to the rules of ScalarRules, which hold the formulas.
public readonly partial struct Dual<T>
{
    // ---- Exponentials and logarithms

    /// <summary>e^x. Slope e^x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Exp(Dual<T> x) => Map<ScalarRules.Exp>(x);

    /// <summary>e^x - 1, accurate near 0 (unlike the runtime's). Slope e^x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> ExpM1(Dual<T> x) => Map<ScalarRules.ExpM1>(x);

    /// <summary>2^x. Slope 2^x ln 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Exp2(Dual<T> x) => Map<ScalarRules.Exp2>(x);

    /// <summary>2^x - 1, accurate near 0. Slope 2^x ln 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Exp2M1(Dual<T> x) => Map<ScalarRules.Exp2M1>(x);

    /// <summary>10^x. Slope 10^x ln 10.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Exp10(Dual<T> x) => Map<ScalarRules.Exp10>(x);

    /// <summary>10^x - 1, accurate near 0. Slope 10^x ln 10.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Exp10M1(Dual<T> x) => Map<ScalarRules.Exp10M1>(x);

    /// <summary>The natural logarithm. Slope 1/x: +inf at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Log(Dual<T> x) => Map<ScalarRules.Log>(x);

    /// <summary>log(1 + x), accurate near 0 (unlike the runtime's). Slope 1/(1 + x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> LogP1(Dual<T> x) => Map<ScalarRules.LogP1>(x);

    /// <summary>The logarithm in base 2. Slope 1/(x ln 2): +inf at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Log2(Dual<T> x) => Map<ScalarRules.Log2>(x);

    /// <summary>log2(1 + x), accurate near 0. Slope 1/((1 + x) ln 2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Log2P1(Dual<T> x) => Map<ScalarRules.Log2P1>(x);

    /// <summary>The logarithm in base 10. Slope 1/(x ln 10): +inf at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Log10(Dual<T> x) => Map<ScalarRules.Log10>(x);

    /// <summary>log10(1 + x), accurate near 0. Slope 1/((1 + x) ln 10).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Log10P1(Dual<T> x) => Map<ScalarRules.Log10P1>(x);

    // ---- Roots

    /// <summary>The square root. Slope 1/(2 sqrt x): +inf at 0, where a zero derivative of x still gives 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Sqrt(Dual<T> x) => Map<ScalarRules.Sqrt>(x);

    /// <summary>The cube root. Slope 1/(3 cbrt(x)^2): +inf at 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Cbrt(Dual<T> x) => Map<ScalarRules.Cbrt>(x);

    // ---- Trigonometry

    /// <summary>The sine. Slope cos x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Sin(Dual<T> x) => Map<ScalarRules.Sin>(x);

    /// <summary>The cosine. Slope -sin x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Cos(Dual<T> x) => Map<ScalarRules.Cos>(x);

    /// <summary>The tangent. Slope 1 + tan^2 x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Tan(Dual<T> x) => Map<ScalarRules.Tan>(x);

    /// <summary>sin(πx). Slope π cos(πx).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> SinPi(Dual<T> x) => Map<ScalarRules.SinPi>(x);

    /// <summary>cos(πx). Slope -π sin(πx).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> CosPi(Dual<T> x) => Map<ScalarRules.CosPi>(x);

    /// <summary>tan(πx). Slope π (1 + tan^2(πx)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> TanPi(Dual<T> x) => Map<ScalarRules.TanPi>(x);

    /// <summary>The inverse sine. Slope 1/sqrt(1 - x^2): +inf at the ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Asin(Dual<T> x) => Map<ScalarRules.Asin>(x);

    /// <summary>The inverse cosine. Slope -1/sqrt(1 - x^2): -inf at the ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Acos(Dual<T> x) => Map<ScalarRules.Acos>(x);

    /// <summary>The inverse tangent. Slope 1/(1 + x^2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Atan(Dual<T> x) => Map<ScalarRules.Atan>(x);

    /// <summary>asin(x)/π. Slope 1/(π sqrt(1 - x^2)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> AsinPi(Dual<T> x) => Map<ScalarRules.AsinPi>(x);

    /// <summary>acos(x)/π. Slope -1/(π sqrt(1 - x^2)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> AcosPi(Dual<T> x) => Map<ScalarRules.AcosPi>(x);

    /// <summary>atan(x)/π. Slope 1/(π (1 + x^2)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> AtanPi(Dual<T> x) => Map<ScalarRules.AtanPi>(x);

    // ---- Hyperbolic functions

    /// <summary>The hyperbolic sine. Slope cosh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Sinh(Dual<T> x) => Map<ScalarRules.Sinh>(x);

    /// <summary>The hyperbolic cosine. Slope sinh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Cosh(Dual<T> x) => Map<ScalarRules.Cosh>(x);

    /// <summary>The hyperbolic tangent. Slope 1 - tanh^2 x, accurate also where tanh x rounds to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Tanh(Dual<T> x) => Map<ScalarRules.Tanh>(x);

    /// <summary>The inverse hyperbolic sine. Slope 1/sqrt(1 + x^2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Asinh(Dual<T> x) => Map<ScalarRules.Asinh>(x);

    /// <summary>The inverse hyperbolic cosine. Slope 1/sqrt(x^2 - 1): +inf at 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Acosh(Dual<T> x) => Map<ScalarRules.Acosh>(x);

    /// <summary>The inverse hyperbolic tangent. Slope 1/(1 - x^2): +inf at the ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Atanh(Dual<T> x) => Map<ScalarRules.Atanh>(x);

    // ---- Magnitude and estimates

    /// <summary>The absolute value. Slope the sign of x, and 0 at 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> Abs(Dual<T> x) => Map<ScalarRules.Abs>(x);

    /// <summary>The runtime's estimate of 1/x. Slope -y^2 at the estimate y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> ReciprocalEstimate(Dual<T> x) => Map<ScalarRules.ReciprocalEstimate>(x);

    /// <summary>The runtime's estimate of 1/sqrt(x). Slope -y/(2x) at the estimate y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> ReciprocalSqrtEstimate(Dual<T> x) => Map<ScalarRules.ReciprocalSqrtEstimate>(x);

    // ---- Of one number and an integer, or with two results

    /// <summary>The n-th root. Slope 1/(n y^(n-1)) at the root y: +inf at 0 for n &gt; 1.</summary>
    public static Dual<T> RootN(Dual<T> x, int n)
    {
        ScalarRules.RootN(x.Primal, n, out T y, out T slope);
        return Apply(x, y, slope);
    }

    /// <summary>x 2^n. Slope 2^n.</summary>
    public static Dual<T> ScaleB(Dual<T> x, int n) => Apply(x, T.ScaleB(x.Primal, n), T.ScaleB(T.One, n));

    /// <summary>The binary exponent of the primal.</summary>
    public static int ILogB(Dual<T> x) => T.ILogB(x.Primal);

    /// <summary>Sine and cosine at once.</summary>
    public static (Dual<T> Sin, Dual<T> Cos) SinCos(Dual<T> x)
    {
        (T sin, T cos) = T.SinCos(x.Primal);
        return (Apply(x, sin, cos), Apply(x, cos, -sin));
    }

    /// <summary>sin(πx) and cos(πx) at once.</summary>
    public static (Dual<T> SinPi, Dual<T> CosPi) SinCosPi(Dual<T> x)
    {
        (T sin, T cos) = T.SinCosPi(x.Primal);
        return (Apply(x, sin, T.Pi * cos), Apply(x, cos, -(T.Pi * sin)));
    }

    /// <summary>Degrees to radians. Slope π/180.</summary>
    public static Dual<T> DegreesToRadians(Dual<T> degrees) =>
        Apply(degrees, T.DegreesToRadians(degrees.Primal), T.DegreesToRadians(T.One));

    /// <summary>Radians to degrees. Slope 180/π.</summary>
    public static Dual<T> RadiansToDegrees(Dual<T> radians) =>
        Apply(radians, T.RadiansToDegrees(radians.Primal), T.RadiansToDegrees(T.One));

    /// <summary>The next larger primal. Slope 1.</summary>
    public static Dual<T> BitIncrement(Dual<T> x) => x.WithPrimal(T.BitIncrement(x.Primal));

    /// <summary>The next smaller primal. Slope 1.</summary>
    public static Dual<T> BitDecrement(Dual<T> x) => x.WithPrimal(T.BitDecrement(x.Primal));

    // ---- Of two and three numbers

    /// <summary>x^y. Slopes y x^(y-1) and x^y log x; x^0 has slope 0 everywhere, 0^y (y &gt;= 0) has slope 0 in y.</summary>
    public static Dual<T> Pow(Dual<T> x, Dual<T> y) => Combine<ScalarRules.Pow>(x, y);

    /// <summary>sqrt(x^2 + y^2) without overflow. Slopes x/h and y/h, and 0 at the origin.</summary>
    public static Dual<T> Hypot(Dual<T> x, Dual<T> y) => Combine<ScalarRules.Hypot>(x, y);

    /// <summary>The angle of the point (x, y). Slopes x/r^2 and -y/r^2, and 0 at the origin.</summary>
    public static Dual<T> Atan2(Dual<T> y, Dual<T> x) => Combine<ScalarRules.Atan2>(y, x);

    /// <summary>The angle of the point (x, y) in half turns. Slopes those of Atan2 over π.</summary>
    public static Dual<T> Atan2Pi(Dual<T> y, Dual<T> x) => Combine<ScalarRules.Atan2Pi>(y, x);

    /// <summary>left - q right with q the nearest integer to left/right. Slopes 1 and -q.</summary>
    public static Dual<T> Ieee754Remainder(Dual<T> left, Dual<T> right) => Combine<ScalarRules.Ieee754Remainder>(left, right);

    /// <summary>|value| with the sign of sign. Slope 1 or -1 in value (0 at 0), none in sign.</summary>
    public static Dual<T> CopySign(Dual<T> value, Dual<T> sign) => Combine<ScalarRules.CopySign>(value, sign);

    /// <summary>The larger operand; NaN if one is NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Dual<T> Max(Dual<T> x, Dual<T> y) => Combine<ScalarRules.Max>(x, y);

    /// <summary>The smaller operand; NaN if one is NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Dual<T> Min(Dual<T> x, Dual<T> y) => Combine<ScalarRules.Min>(x, y);

    /// <summary>The larger operand, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Dual<T> MaxNumber(Dual<T> x, Dual<T> y) => Combine<ScalarRules.MaxNumber>(x, y);

    /// <summary>The smaller operand, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Dual<T> MinNumber(Dual<T> x, Dual<T> y) => Combine<ScalarRules.MinNumber>(x, y);

    /// <summary>The operand of larger magnitude. The chosen operand's derivative; equals contribute half each.</summary>
    public static Dual<T> MaxMagnitude(Dual<T> x, Dual<T> y) => Combine<ScalarRules.MaxMagnitude>(x, y);

    /// <summary>The operand of smaller magnitude. The chosen operand's derivative; equals contribute half each.</summary>
    public static Dual<T> MinMagnitude(Dual<T> x, Dual<T> y) => Combine<ScalarRules.MinMagnitude>(x, y);

    /// <summary>The operand of larger magnitude, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Dual<T> MaxMagnitudeNumber(Dual<T> x, Dual<T> y) => Combine<ScalarRules.MaxMagnitudeNumber>(x, y);

    /// <summary>The operand of smaller magnitude, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Dual<T> MinMagnitudeNumber(Dual<T> x, Dual<T> y) => Combine<ScalarRules.MinMagnitudeNumber>(x, y);

    /// <summary>The logarithm of x in base newBase. Slopes 1/(x ln b) and -y/(b ln b).</summary>
    public static Dual<T> Log(Dual<T> x, Dual<T> newBase) => Combine<ScalarRules.LogBase>(x, newBase);

    /// <summary>left - q right with q = left/right truncated. Slopes 1 and -q.</summary>
    public static Dual<T> operator %(Dual<T> left, Dual<T> right) => Combine<ScalarRules.Modulus>(left, right);

    /// <summary>Max without a promise about NaN and signed zeros.</summary>
    public static Dual<T> MaxNative(Dual<T> x, Dual<T> y) => Max(x, y);

    /// <summary>Min without a promise about NaN and signed zeros.</summary>
    public static Dual<T> MinNative(Dual<T> x, Dual<T> y) => Min(x, y);

    /// <summary>value held between min and max. At a bound the derivative of value passes through; outside it is the bound's own.</summary>
    /// <exception cref="System.ArgumentException">min is greater than max.</exception>
    public static Dual<T> Clamp(Dual<T> value, Dual<T> min, Dual<T> max)
    {
        if (min > max) throw new System.ArgumentException($"Clamp: min is {min}, which is greater than max, {max}.", nameof(min));
        Dual<T> chosen = value < min ? min : value > max ? max : value;
        return chosen.WithPrimal(T.Clamp(value.Primal, min.Primal, max.Primal));
    }

    /// <summary>Clamp without a promise about NaN and signed zeros.</summary>
    /// <exception cref="System.ArgumentException">min is greater than max.</exception>
    public static Dual<T> ClampNative(Dual<T> value, Dual<T> min, Dual<T> max) => Clamp(value, min, max);

    /// <summary>left * right + addend, the primal rounded once.</summary>
    public static Dual<T> FusedMultiplyAdd(Dual<T> left, Dual<T> right, Dual<T> addend) =>
        (left * right + addend).WithPrimal(T.FusedMultiplyAdd(left.Primal, right.Primal, addend.Primal));

    /// <summary>left * right + addend, rounded once or twice, whichever is faster.</summary>
    public static Dual<T> MultiplyAddEstimate(Dual<T> left, Dual<T> right, Dual<T> addend) =>
        (left * right + addend).WithPrimal(T.MultiplyAddEstimate(left.Primal, right.Primal, addend.Primal));

    /// <summary>value1 (1 - amount) + value2 amount.</summary>
    public static Dual<T> Lerp(Dual<T> value1, Dual<T> value2, Dual<T> amount) => value1 * (One - amount) + value2 * amount;
}

using System.Numerics;

namespace DiffLib;

// The elementary functions: names given to the rules of ScalarRules, which hold the formulas.
public readonly partial struct MultiDual<T>
{
    // ---- Exponentials and logarithms

    /// <summary>e^x. Slope e^x.</summary>
    public static MultiDual<T> Exp(MultiDual<T> x) => Map<ScalarRules.Exp>(x);

    /// <summary>e^x - 1, accurate near 0 (unlike the runtime's). Slope e^x.</summary>
    public static MultiDual<T> ExpM1(MultiDual<T> x) => Map<ScalarRules.ExpM1>(x);

    /// <summary>2^x. Slope 2^x ln 2.</summary>
    public static MultiDual<T> Exp2(MultiDual<T> x) => Map<ScalarRules.Exp2>(x);

    /// <summary>2^x - 1, accurate near 0. Slope 2^x ln 2.</summary>
    public static MultiDual<T> Exp2M1(MultiDual<T> x) => Map<ScalarRules.Exp2M1>(x);

    /// <summary>10^x. Slope 10^x ln 10.</summary>
    public static MultiDual<T> Exp10(MultiDual<T> x) => Map<ScalarRules.Exp10>(x);

    /// <summary>10^x - 1, accurate near 0. Slope 10^x ln 10.</summary>
    public static MultiDual<T> Exp10M1(MultiDual<T> x) => Map<ScalarRules.Exp10M1>(x);

    /// <summary>The natural logarithm. Slope 1/x: +inf at 0, NaN below.</summary>
    public static MultiDual<T> Log(MultiDual<T> x) => Map<ScalarRules.Log>(x);

    /// <summary>log(1 + x), accurate near 0 (unlike the runtime's). Slope 1/(1 + x).</summary>
    public static MultiDual<T> LogP1(MultiDual<T> x) => Map<ScalarRules.LogP1>(x);

    /// <summary>The logarithm in base 2. Slope 1/(x ln 2): +inf at 0, NaN below.</summary>
    public static MultiDual<T> Log2(MultiDual<T> x) => Map<ScalarRules.Log2>(x);

    /// <summary>log2(1 + x), accurate near 0. Slope 1/((1 + x) ln 2).</summary>
    public static MultiDual<T> Log2P1(MultiDual<T> x) => Map<ScalarRules.Log2P1>(x);

    /// <summary>The logarithm in base 10. Slope 1/(x ln 10): +inf at 0, NaN below.</summary>
    public static MultiDual<T> Log10(MultiDual<T> x) => Map<ScalarRules.Log10>(x);

    /// <summary>log10(1 + x), accurate near 0. Slope 1/((1 + x) ln 10).</summary>
    public static MultiDual<T> Log10P1(MultiDual<T> x) => Map<ScalarRules.Log10P1>(x);

    // ---- Roots

    /// <summary>The square root. Slope 1/(2 sqrt x): +inf at 0, where a zero derivative of x still gives 0.</summary>
    public static MultiDual<T> Sqrt(MultiDual<T> x) => Map<ScalarRules.Sqrt>(x);

    /// <summary>The cube root. Slope 1/(3 cbrt(x)^2): +inf at 0.</summary>
    public static MultiDual<T> Cbrt(MultiDual<T> x) => Map<ScalarRules.Cbrt>(x);

    // ---- Trigonometry

    /// <summary>The sine. Slope cos x.</summary>
    public static MultiDual<T> Sin(MultiDual<T> x) => Map<ScalarRules.Sin>(x);

    /// <summary>The cosine. Slope -sin x.</summary>
    public static MultiDual<T> Cos(MultiDual<T> x) => Map<ScalarRules.Cos>(x);

    /// <summary>The tangent. Slope 1 + tan^2 x.</summary>
    public static MultiDual<T> Tan(MultiDual<T> x) => Map<ScalarRules.Tan>(x);

    /// <summary>sin(πx). Slope π cos(πx).</summary>
    public static MultiDual<T> SinPi(MultiDual<T> x) => Map<ScalarRules.SinPi>(x);

    /// <summary>cos(πx). Slope -π sin(πx).</summary>
    public static MultiDual<T> CosPi(MultiDual<T> x) => Map<ScalarRules.CosPi>(x);

    /// <summary>tan(πx). Slope π (1 + tan^2(πx)).</summary>
    public static MultiDual<T> TanPi(MultiDual<T> x) => Map<ScalarRules.TanPi>(x);

    /// <summary>The inverse sine. Slope 1/sqrt(1 - x^2): +inf at the ends.</summary>
    public static MultiDual<T> Asin(MultiDual<T> x) => Map<ScalarRules.Asin>(x);

    /// <summary>The inverse cosine. Slope -1/sqrt(1 - x^2): -inf at the ends.</summary>
    public static MultiDual<T> Acos(MultiDual<T> x) => Map<ScalarRules.Acos>(x);

    /// <summary>The inverse tangent. Slope 1/(1 + x^2).</summary>
    public static MultiDual<T> Atan(MultiDual<T> x) => Map<ScalarRules.Atan>(x);

    /// <summary>asin(x)/π. Slope 1/(π sqrt(1 - x^2)).</summary>
    public static MultiDual<T> AsinPi(MultiDual<T> x) => Map<ScalarRules.AsinPi>(x);

    /// <summary>acos(x)/π. Slope -1/(π sqrt(1 - x^2)).</summary>
    public static MultiDual<T> AcosPi(MultiDual<T> x) => Map<ScalarRules.AcosPi>(x);

    /// <summary>atan(x)/π. Slope 1/(π (1 + x^2)).</summary>
    public static MultiDual<T> AtanPi(MultiDual<T> x) => Map<ScalarRules.AtanPi>(x);

    // ---- Hyperbolic functions

    /// <summary>The hyperbolic sine. Slope cosh x.</summary>
    public static MultiDual<T> Sinh(MultiDual<T> x) => Map<ScalarRules.Sinh>(x);

    /// <summary>The hyperbolic cosine. Slope sinh x.</summary>
    public static MultiDual<T> Cosh(MultiDual<T> x) => Map<ScalarRules.Cosh>(x);

    /// <summary>The hyperbolic tangent. Slope 1 - tanh^2 x, accurate also where tanh x rounds to 1.</summary>
    public static MultiDual<T> Tanh(MultiDual<T> x) => Map<ScalarRules.Tanh>(x);

    /// <summary>The inverse hyperbolic sine. Slope 1/sqrt(1 + x^2).</summary>
    public static MultiDual<T> Asinh(MultiDual<T> x) => Map<ScalarRules.Asinh>(x);

    /// <summary>The inverse hyperbolic cosine. Slope 1/sqrt(x^2 - 1): +inf at 1.</summary>
    public static MultiDual<T> Acosh(MultiDual<T> x) => Map<ScalarRules.Acosh>(x);

    /// <summary>The inverse hyperbolic tangent. Slope 1/(1 - x^2): +inf at the ends.</summary>
    public static MultiDual<T> Atanh(MultiDual<T> x) => Map<ScalarRules.Atanh>(x);

    // ---- Magnitude and estimates

    /// <summary>The absolute value. Slope the sign of x, and 0 at 0.</summary>
    public static MultiDual<T> Abs(MultiDual<T> x) => Map<ScalarRules.Abs>(x);

    /// <summary>The runtime's estimate of 1/x. Slope -y^2 at the estimate y.</summary>
    public static MultiDual<T> ReciprocalEstimate(MultiDual<T> x) => Map<ScalarRules.ReciprocalEstimate>(x);

    /// <summary>The runtime's estimate of 1/sqrt(x). Slope -y/(2x) at the estimate y.</summary>
    public static MultiDual<T> ReciprocalSqrtEstimate(MultiDual<T> x) => Map<ScalarRules.ReciprocalSqrtEstimate>(x);

    // ---- Of one number and an integer, or with two results

    /// <summary>The n-th root. Slope 1/(n y^(n-1)) at the root y: +inf at 0 for n &gt; 1.</summary>
    public static MultiDual<T> RootN(MultiDual<T> x, int n)
    {
        ScalarRules.RootN(x.Primal, n, out T y, out T slope);
        return Apply(x, y, slope);
    }

    /// <summary>x 2^n. Slope 2^n.</summary>
    public static MultiDual<T> ScaleB(MultiDual<T> x, int n) => Apply(x, T.ScaleB(x.Primal, n), T.ScaleB(T.One, n));

    /// <summary>The binary exponent of the primal.</summary>
    public static int ILogB(MultiDual<T> x) => T.ILogB(x.Primal);

    /// <summary>Sine and cosine at once.</summary>
    public static (MultiDual<T> Sin, MultiDual<T> Cos) SinCos(MultiDual<T> x)
    {
        (T sin, T cos) = T.SinCos(x.Primal);
        return (Apply(x, sin, cos), Apply(x, cos, -sin));
    }

    /// <summary>sin(πx) and cos(πx) at once.</summary>
    public static (MultiDual<T> SinPi, MultiDual<T> CosPi) SinCosPi(MultiDual<T> x)
    {
        (T sin, T cos) = T.SinCosPi(x.Primal);
        return (Apply(x, sin, T.Pi * cos), Apply(x, cos, -(T.Pi * sin)));
    }

    /// <summary>Degrees to radians. Slope π/180.</summary>
    public static MultiDual<T> DegreesToRadians(MultiDual<T> degrees) =>
        Apply(degrees, T.DegreesToRadians(degrees.Primal), T.DegreesToRadians(T.One));

    /// <summary>Radians to degrees. Slope 180/π.</summary>
    public static MultiDual<T> RadiansToDegrees(MultiDual<T> radians) =>
        Apply(radians, T.RadiansToDegrees(radians.Primal), T.RadiansToDegrees(T.One));

    /// <summary>The next larger primal. Slope 1.</summary>
    public static MultiDual<T> BitIncrement(MultiDual<T> x) => x.WithPrimal(T.BitIncrement(x.Primal));

    /// <summary>The next smaller primal. Slope 1.</summary>
    public static MultiDual<T> BitDecrement(MultiDual<T> x) => x.WithPrimal(T.BitDecrement(x.Primal));

    // ---- Of two and three numbers

    /// <summary>x^y. Slopes y x^(y-1) and x^y log x; x^0 has slope 0 everywhere, 0^y (y &gt;= 0) has slope 0 in y.</summary>
    public static MultiDual<T> Pow(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.Pow>(x, y);

    /// <summary>sqrt(x^2 + y^2) without overflow. Slopes x/h and y/h, and 0 at the origin.</summary>
    public static MultiDual<T> Hypot(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.Hypot>(x, y);

    /// <summary>The angle of the point (x, y). Slopes x/r^2 and -y/r^2, and 0 at the origin.</summary>
    public static MultiDual<T> Atan2(MultiDual<T> y, MultiDual<T> x) => Combine<ScalarRules.Atan2>(y, x);

    /// <summary>The angle of the point (x, y) in half turns. Slopes those of Atan2 over π.</summary>
    public static MultiDual<T> Atan2Pi(MultiDual<T> y, MultiDual<T> x) => Combine<ScalarRules.Atan2Pi>(y, x);

    /// <summary>left - q right with q the nearest integer to left/right. Slopes 1 and -q.</summary>
    public static MultiDual<T> Ieee754Remainder(MultiDual<T> left, MultiDual<T> right) => Combine<ScalarRules.Ieee754Remainder>(left, right);

    /// <summary>|value| with the sign of sign. Slope 1 or -1 in value (0 at 0), none in sign.</summary>
    public static MultiDual<T> CopySign(MultiDual<T> value, MultiDual<T> sign) => Combine<ScalarRules.CopySign>(value, sign);

    /// <summary>The larger operand; NaN if one is NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static MultiDual<T> Max(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.Max>(x, y);

    /// <summary>The smaller operand; NaN if one is NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static MultiDual<T> Min(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.Min>(x, y);

    /// <summary>The larger operand, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static MultiDual<T> MaxNumber(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.MaxNumber>(x, y);

    /// <summary>The smaller operand, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static MultiDual<T> MinNumber(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.MinNumber>(x, y);

    /// <summary>The operand of larger magnitude. The chosen operand's derivative; equals contribute half each.</summary>
    public static MultiDual<T> MaxMagnitude(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.MaxMagnitude>(x, y);

    /// <summary>The operand of smaller magnitude. The chosen operand's derivative; equals contribute half each.</summary>
    public static MultiDual<T> MinMagnitude(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.MinMagnitude>(x, y);

    /// <summary>The operand of larger magnitude, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static MultiDual<T> MaxMagnitudeNumber(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.MaxMagnitudeNumber>(x, y);

    /// <summary>The operand of smaller magnitude, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static MultiDual<T> MinMagnitudeNumber(MultiDual<T> x, MultiDual<T> y) => Combine<ScalarRules.MinMagnitudeNumber>(x, y);

    /// <summary>The logarithm of x in base newBase. Slopes 1/(x ln b) and -y/(b ln b).</summary>
    public static MultiDual<T> Log(MultiDual<T> x, MultiDual<T> newBase) => Combine<ScalarRules.LogBase>(x, newBase);

    /// <summary>left - q right with q = left/right truncated. Slopes 1 and -q.</summary>
    public static MultiDual<T> operator %(MultiDual<T> left, MultiDual<T> right) => Combine<ScalarRules.Modulus>(left, right);

    /// <summary>Max without a promise about NaN and signed zeros.</summary>
    public static MultiDual<T> MaxNative(MultiDual<T> x, MultiDual<T> y) => Max(x, y);

    /// <summary>Min without a promise about NaN and signed zeros.</summary>
    public static MultiDual<T> MinNative(MultiDual<T> x, MultiDual<T> y) => Min(x, y);

    /// <summary>value held between min and max. At a bound the derivative of value passes through; outside it is the bound's own.</summary>
    /// <exception cref="System.ArgumentException">min is greater than max.</exception>
    public static MultiDual<T> Clamp(MultiDual<T> value, MultiDual<T> min, MultiDual<T> max)
    {
        if (min > max) throw new System.ArgumentException($"Clamp: min is {min}, which is greater than max, {max}.", nameof(min));
        MultiDual<T> chosen = value < min ? min : value > max ? max : value;
        return chosen.WithPrimal(T.Clamp(value.Primal, min.Primal, max.Primal));
    }

    /// <summary>Clamp without a promise about NaN and signed zeros.</summary>
    /// <exception cref="System.ArgumentException">min is greater than max.</exception>
    public static MultiDual<T> ClampNative(MultiDual<T> value, MultiDual<T> min, MultiDual<T> max) => Clamp(value, min, max);

    /// <summary>left * right + addend, the primal rounded once.</summary>
    public static MultiDual<T> FusedMultiplyAdd(MultiDual<T> left, MultiDual<T> right, MultiDual<T> addend) =>
        (left * right + addend).WithPrimal(T.FusedMultiplyAdd(left.Primal, right.Primal, addend.Primal));

    /// <summary>left * right + addend, rounded once or twice, whichever is faster.</summary>
    public static MultiDual<T> MultiplyAddEstimate(MultiDual<T> left, MultiDual<T> right, MultiDual<T> addend) =>
        (left * right + addend).WithPrimal(T.MultiplyAddEstimate(left.Primal, right.Primal, addend.Primal));

    /// <summary>value1 (1 - amount) + value2 amount.</summary>
    public static MultiDual<T> Lerp(MultiDual<T> value1, MultiDual<T> value2, MultiDual<T> amount) => value1 * (One - amount) + value2 * amount;
}

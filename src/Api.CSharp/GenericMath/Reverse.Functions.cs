using System.Numerics;

namespace DiffLib;

// The elementary functions: names given to the rules of ScalarRules, which hold the formulas.
public readonly partial struct Reverse<T>
{
    // ---- Exponentials and logarithms

    /// <summary>e^x. Slope e^x.</summary>
    public static Reverse<T> Exp(Reverse<T> x) => Map<ScalarRules.Exp>(x);

    /// <summary>e^x - 1, accurate near 0 (unlike the runtime's). Slope e^x.</summary>
    public static Reverse<T> ExpM1(Reverse<T> x) => Map<ScalarRules.ExpM1>(x);

    /// <summary>2^x. Slope 2^x ln 2.</summary>
    public static Reverse<T> Exp2(Reverse<T> x) => Map<ScalarRules.Exp2>(x);

    /// <summary>2^x - 1, accurate near 0. Slope 2^x ln 2.</summary>
    public static Reverse<T> Exp2M1(Reverse<T> x) => Map<ScalarRules.Exp2M1>(x);

    /// <summary>10^x. Slope 10^x ln 10.</summary>
    public static Reverse<T> Exp10(Reverse<T> x) => Map<ScalarRules.Exp10>(x);

    /// <summary>10^x - 1, accurate near 0. Slope 10^x ln 10.</summary>
    public static Reverse<T> Exp10M1(Reverse<T> x) => Map<ScalarRules.Exp10M1>(x);

    /// <summary>The natural logarithm. Slope 1/x: +inf at 0, NaN below.</summary>
    public static Reverse<T> Log(Reverse<T> x) => Map<ScalarRules.Log>(x);

    /// <summary>log(1 + x), accurate near 0 (unlike the runtime's). Slope 1/(1 + x).</summary>
    public static Reverse<T> LogP1(Reverse<T> x) => Map<ScalarRules.LogP1>(x);

    /// <summary>The logarithm in base 2. Slope 1/(x ln 2): +inf at 0, NaN below.</summary>
    public static Reverse<T> Log2(Reverse<T> x) => Map<ScalarRules.Log2>(x);

    /// <summary>log2(1 + x), accurate near 0. Slope 1/((1 + x) ln 2).</summary>
    public static Reverse<T> Log2P1(Reverse<T> x) => Map<ScalarRules.Log2P1>(x);

    /// <summary>The logarithm in base 10. Slope 1/(x ln 10): +inf at 0, NaN below.</summary>
    public static Reverse<T> Log10(Reverse<T> x) => Map<ScalarRules.Log10>(x);

    /// <summary>log10(1 + x), accurate near 0. Slope 1/((1 + x) ln 10).</summary>
    public static Reverse<T> Log10P1(Reverse<T> x) => Map<ScalarRules.Log10P1>(x);

    // ---- Roots

    /// <summary>The square root. Slope 1/(2 sqrt x): +inf at 0, where a zero derivative of x still gives 0.</summary>
    public static Reverse<T> Sqrt(Reverse<T> x) => Map<ScalarRules.Sqrt>(x);

    /// <summary>The cube root. Slope 1/(3 cbrt(x)^2): +inf at 0.</summary>
    public static Reverse<T> Cbrt(Reverse<T> x) => Map<ScalarRules.Cbrt>(x);

    // ---- Trigonometry

    /// <summary>The sine. Slope cos x.</summary>
    public static Reverse<T> Sin(Reverse<T> x) => Map<ScalarRules.Sin>(x);

    /// <summary>The cosine. Slope -sin x.</summary>
    public static Reverse<T> Cos(Reverse<T> x) => Map<ScalarRules.Cos>(x);

    /// <summary>The tangent. Slope 1 + tan^2 x.</summary>
    public static Reverse<T> Tan(Reverse<T> x) => Map<ScalarRules.Tan>(x);

    /// <summary>sin(πx). Slope π cos(πx).</summary>
    public static Reverse<T> SinPi(Reverse<T> x) => Map<ScalarRules.SinPi>(x);

    /// <summary>cos(πx). Slope -π sin(πx).</summary>
    public static Reverse<T> CosPi(Reverse<T> x) => Map<ScalarRules.CosPi>(x);

    /// <summary>tan(πx). Slope π (1 + tan^2(πx)).</summary>
    public static Reverse<T> TanPi(Reverse<T> x) => Map<ScalarRules.TanPi>(x);

    /// <summary>The inverse sine. Slope 1/sqrt(1 - x^2): +inf at the ends.</summary>
    public static Reverse<T> Asin(Reverse<T> x) => Map<ScalarRules.Asin>(x);

    /// <summary>The inverse cosine. Slope -1/sqrt(1 - x^2): -inf at the ends.</summary>
    public static Reverse<T> Acos(Reverse<T> x) => Map<ScalarRules.Acos>(x);

    /// <summary>The inverse tangent. Slope 1/(1 + x^2).</summary>
    public static Reverse<T> Atan(Reverse<T> x) => Map<ScalarRules.Atan>(x);

    /// <summary>asin(x)/π. Slope 1/(π sqrt(1 - x^2)).</summary>
    public static Reverse<T> AsinPi(Reverse<T> x) => Map<ScalarRules.AsinPi>(x);

    /// <summary>acos(x)/π. Slope -1/(π sqrt(1 - x^2)).</summary>
    public static Reverse<T> AcosPi(Reverse<T> x) => Map<ScalarRules.AcosPi>(x);

    /// <summary>atan(x)/π. Slope 1/(π (1 + x^2)).</summary>
    public static Reverse<T> AtanPi(Reverse<T> x) => Map<ScalarRules.AtanPi>(x);

    // ---- Hyperbolic functions

    /// <summary>The hyperbolic sine. Slope cosh x.</summary>
    public static Reverse<T> Sinh(Reverse<T> x) => Map<ScalarRules.Sinh>(x);

    /// <summary>The hyperbolic cosine. Slope sinh x.</summary>
    public static Reverse<T> Cosh(Reverse<T> x) => Map<ScalarRules.Cosh>(x);

    /// <summary>The hyperbolic tangent. Slope 1 - tanh^2 x, accurate also where tanh x rounds to 1.</summary>
    public static Reverse<T> Tanh(Reverse<T> x) => Map<ScalarRules.Tanh>(x);

    /// <summary>The inverse hyperbolic sine. Slope 1/sqrt(1 + x^2).</summary>
    public static Reverse<T> Asinh(Reverse<T> x) => Map<ScalarRules.Asinh>(x);

    /// <summary>The inverse hyperbolic cosine. Slope 1/sqrt(x^2 - 1): +inf at 1.</summary>
    public static Reverse<T> Acosh(Reverse<T> x) => Map<ScalarRules.Acosh>(x);

    /// <summary>The inverse hyperbolic tangent. Slope 1/(1 - x^2): +inf at the ends.</summary>
    public static Reverse<T> Atanh(Reverse<T> x) => Map<ScalarRules.Atanh>(x);

    // ---- Magnitude and estimates

    /// <summary>The absolute value. Slope the sign of x, and 0 at 0.</summary>
    public static Reverse<T> Abs(Reverse<T> x) => Map<ScalarRules.Abs>(x);

    /// <summary>The runtime's estimate of 1/x. Slope -y^2 at the estimate y.</summary>
    public static Reverse<T> ReciprocalEstimate(Reverse<T> x) => Map<ScalarRules.ReciprocalEstimate>(x);

    /// <summary>The runtime's estimate of 1/sqrt(x). Slope -y/(2x) at the estimate y.</summary>
    public static Reverse<T> ReciprocalSqrtEstimate(Reverse<T> x) => Map<ScalarRules.ReciprocalSqrtEstimate>(x);

    // ---- Of one number and an integer, or with two results

    /// <summary>The n-th root. Slope 1/(n y^(n-1)) at the root y: +inf at 0 for n &gt; 1.</summary>
    public static Reverse<T> RootN(Reverse<T> x, int n)
    {
        ScalarRules.RootN(x.Primal, n, out T y, out T slope);
        return Apply(x, y, slope);
    }

    /// <summary>x 2^n. Slope 2^n.</summary>
    public static Reverse<T> ScaleB(Reverse<T> x, int n) => Apply(x, T.ScaleB(x.Primal, n), T.ScaleB(T.One, n));

    /// <summary>The binary exponent of the primal.</summary>
    public static int ILogB(Reverse<T> x) => T.ILogB(x.Primal);

    /// <summary>Sine and cosine at once.</summary>
    public static (Reverse<T> Sin, Reverse<T> Cos) SinCos(Reverse<T> x)
    {
        (T sin, T cos) = T.SinCos(x.Primal);
        return (Apply(x, sin, cos), Apply(x, cos, -sin));
    }

    /// <summary>sin(πx) and cos(πx) at once.</summary>
    public static (Reverse<T> SinPi, Reverse<T> CosPi) SinCosPi(Reverse<T> x)
    {
        (T sin, T cos) = T.SinCosPi(x.Primal);
        return (Apply(x, sin, T.Pi * cos), Apply(x, cos, -(T.Pi * sin)));
    }

    /// <summary>Degrees to radians. Slope π/180.</summary>
    public static Reverse<T> DegreesToRadians(Reverse<T> degrees) =>
        Apply(degrees, T.DegreesToRadians(degrees.Primal), T.DegreesToRadians(T.One));

    /// <summary>Radians to degrees. Slope 180/π.</summary>
    public static Reverse<T> RadiansToDegrees(Reverse<T> radians) =>
        Apply(radians, T.RadiansToDegrees(radians.Primal), T.RadiansToDegrees(T.One));

    /// <summary>The next larger primal. Slope 1.</summary>
    public static Reverse<T> BitIncrement(Reverse<T> x) => x.WithPrimal(T.BitIncrement(x.Primal));

    /// <summary>The next smaller primal. Slope 1.</summary>
    public static Reverse<T> BitDecrement(Reverse<T> x) => x.WithPrimal(T.BitDecrement(x.Primal));

    // ---- Of two and three numbers

    /// <summary>x^y. Slopes y x^(y-1) and x^y log x; x^0 has slope 0 everywhere, 0^y (y &gt;= 0) has slope 0 in y.</summary>
    public static Reverse<T> Pow(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.Pow>(x, y);

    /// <summary>sqrt(x^2 + y^2) without overflow. Slopes x/h and y/h, and 0 at the origin.</summary>
    public static Reverse<T> Hypot(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.Hypot>(x, y);

    /// <summary>The angle of the point (x, y). Slopes x/r^2 and -y/r^2, and 0 at the origin.</summary>
    public static Reverse<T> Atan2(Reverse<T> y, Reverse<T> x) => Combine<ScalarRules.Atan2>(y, x);

    /// <summary>The angle of the point (x, y) in half turns. Slopes those of Atan2 over π.</summary>
    public static Reverse<T> Atan2Pi(Reverse<T> y, Reverse<T> x) => Combine<ScalarRules.Atan2Pi>(y, x);

    /// <summary>left - q right with q the nearest integer to left/right. Slopes 1 and -q.</summary>
    public static Reverse<T> Ieee754Remainder(Reverse<T> left, Reverse<T> right) => Combine<ScalarRules.Ieee754Remainder>(left, right);

    /// <summary>|value| with the sign of sign. Slope 1 or -1 in value (0 at 0), none in sign.</summary>
    public static Reverse<T> CopySign(Reverse<T> value, Reverse<T> sign) => Combine<ScalarRules.CopySign>(value, sign);

    /// <summary>The larger operand; NaN if one is NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Reverse<T> Max(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.Max>(x, y);

    /// <summary>The smaller operand; NaN if one is NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Reverse<T> Min(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.Min>(x, y);

    /// <summary>The larger operand, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Reverse<T> MaxNumber(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.MaxNumber>(x, y);

    /// <summary>The smaller operand, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Reverse<T> MinNumber(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.MinNumber>(x, y);

    /// <summary>The operand of larger magnitude. The chosen operand's derivative; equals contribute half each.</summary>
    public static Reverse<T> MaxMagnitude(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.MaxMagnitude>(x, y);

    /// <summary>The operand of smaller magnitude. The chosen operand's derivative; equals contribute half each.</summary>
    public static Reverse<T> MinMagnitude(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.MinMagnitude>(x, y);

    /// <summary>The operand of larger magnitude, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Reverse<T> MaxMagnitudeNumber(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.MaxMagnitudeNumber>(x, y);

    /// <summary>The operand of smaller magnitude, preferring a number to NaN. The chosen operand's derivative; equals contribute half each.</summary>
    public static Reverse<T> MinMagnitudeNumber(Reverse<T> x, Reverse<T> y) => Combine<ScalarRules.MinMagnitudeNumber>(x, y);

    /// <summary>The logarithm of x in base newBase. Slopes 1/(x ln b) and -y/(b ln b).</summary>
    public static Reverse<T> Log(Reverse<T> x, Reverse<T> newBase) => Combine<ScalarRules.LogBase>(x, newBase);

    /// <summary>left - q right with q = left/right truncated. Slopes 1 and -q.</summary>
    public static Reverse<T> operator %(Reverse<T> left, Reverse<T> right) => Combine<ScalarRules.Modulus>(left, right);

    /// <summary>Max without a promise about NaN and signed zeros.</summary>
    public static Reverse<T> MaxNative(Reverse<T> x, Reverse<T> y) => Max(x, y);

    /// <summary>Min without a promise about NaN and signed zeros.</summary>
    public static Reverse<T> MinNative(Reverse<T> x, Reverse<T> y) => Min(x, y);

    /// <summary>value held between min and max. At a bound the derivative of value passes through; outside it is the bound's own.</summary>
    /// <exception cref="System.ArgumentException">min is greater than max.</exception>
    public static Reverse<T> Clamp(Reverse<T> value, Reverse<T> min, Reverse<T> max)
    {
        if (min > max) throw new System.ArgumentException($"Clamp: min is {min}, which is greater than max, {max}.", nameof(min));
        Reverse<T> chosen = value < min ? min : value > max ? max : value;
        return chosen.WithPrimal(T.Clamp(value.Primal, min.Primal, max.Primal));
    }

    /// <summary>Clamp without a promise about NaN and signed zeros.</summary>
    /// <exception cref="System.ArgumentException">min is greater than max.</exception>
    public static Reverse<T> ClampNative(Reverse<T> value, Reverse<T> min, Reverse<T> max) => Clamp(value, min, max);

    /// <summary>left * right + addend, the primal rounded once.</summary>
    public static Reverse<T> FusedMultiplyAdd(Reverse<T> left, Reverse<T> right, Reverse<T> addend) =>
        (left * right + addend).WithPrimal(T.FusedMultiplyAdd(left.Primal, right.Primal, addend.Primal));

    /// <summary>left * right + addend, rounded once or twice, whichever is faster.</summary>
    public static Reverse<T> MultiplyAddEstimate(Reverse<T> left, Reverse<T> right, Reverse<T> addend) =>
        (left * right + addend).WithPrimal(T.MultiplyAddEstimate(left.Primal, right.Primal, addend.Primal));

    /// <summary>value1 (1 - amount) + value2 amount.</summary>
    public static Reverse<T> Lerp(Reverse<T> value1, Reverse<T> value2, Reverse<T> amount) => value1 * (One - amount) + value2 * amount;
}

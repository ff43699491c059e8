using System;
using System.Numerics;
using DiffLib.Kernels;

namespace DiffLib;

// The elementary functions: instructions of the program, or a few of them.
public readonly partial struct Traced
{
    private const double Ln2 = 0.69314718055994530942;
    private const double Ln10 = 2.30258509299404568402;

    // ---- Exponentials and logarithms

    /// <summary>e^x.</summary>
    public static Traced Exp(Traced x) => Map(UnaryOp.Exp, x);

    /// <summary>e^x - 1, accurate near 0.</summary>
    public static Traced ExpM1(Traced x) => Map(UnaryOp.Expm1, x);

    /// <summary>2^x.</summary>
    public static Traced Exp2(Traced x) => Map(UnaryOp.Exp2, x);

    /// <summary>2^x - 1, accurate near 0.</summary>
    public static Traced Exp2M1(Traced x) => ExpM1(x * Ln2);

    /// <summary>10^x.</summary>
    public static Traced Exp10(Traced x) => Map(BinaryOp.Power, 10, x);

    /// <summary>10^x - 1, accurate near 0.</summary>
    public static Traced Exp10M1(Traced x) => ExpM1(x * Ln10);

    /// <summary>The natural logarithm.</summary>
    public static Traced Log(Traced x) => Map(UnaryOp.Log, x);

    /// <summary>log(1 + x), accurate near 0.</summary>
    public static Traced LogP1(Traced x) => Map(UnaryOp.Log1p, x);

    /// <summary>The logarithm in base 2.</summary>
    public static Traced Log2(Traced x) => Map(UnaryOp.Log2, x);

    /// <summary>log2(1 + x), accurate near 0.</summary>
    public static Traced Log2P1(Traced x) => LogP1(x) / Ln2;

    /// <summary>The logarithm in base 10.</summary>
    public static Traced Log10(Traced x) => Map(UnaryOp.Log10, x);

    /// <summary>log10(1 + x), accurate near 0.</summary>
    public static Traced Log10P1(Traced x) => LogP1(x) / Ln10;

    /// <summary>The logarithm of x in base newBase; NaN in base 1, and in bases 0 and inf but for x = 1, as of the runtime.</summary>
    public static Traced Log(Traced x, Traced newBase)
    {
        Traced y = Log(x) / Log(newBase);
        y = Where(CompareOp.Equal, newBase, Zero, Where(CompareOp.Equal, x, One, y, NaN), y);
        y = Where(CompareOp.Equal, newBase, PositiveInfinity, Where(CompareOp.Equal, x, One, y, NaN), y);
        return Where(CompareOp.Equal, newBase, One, NaN, y);
    }

    // ---- Roots and powers

    /// <summary>The square root.</summary>
    public static Traced Sqrt(Traced x) => Map(UnaryOp.Sqrt, x);

    /// <summary>The cube root.</summary>
    public static Traced Cbrt(Traced x) => Map(UnaryOp.Cbrt, x);

    /// <summary>The n-th root.</summary>
    public static Traced RootN(Traced x, int n)
    {
        if (n is 1 or 2 or 3) return n == 1 ? x : n == 2 ? Sqrt(x) : Cbrt(x);
        if (n == 0) return x * NaN;
        Traced exponent = 1.0 / n;
        return n % 2 == 0 ? Pow(x, exponent) : Where(CompareOp.Less, x, Zero, -Pow(-x, exponent), Pow(x, exponent));
    }

    /// <summary>x^y.</summary>
    public static Traced Pow(Traced x, Traced y)
    {
        if (y.IsConstant && y._value is 0 or 1 or 2) return y._value == 0 ? One : y._value == 1 ? x : x * x;
        return Map(BinaryOp.Power, x, y);
    }

    /// <summary>sqrt(x^2 + y^2) without overflow.</summary>
    public static Traced Hypot(Traced x, Traced y) => Map(BinaryOp.Hypot, x, y);

    // ---- Trigonometry

    /// <summary>The sine.</summary>
    public static Traced Sin(Traced x) => Map(UnaryOp.Sin, x);

    /// <summary>The cosine.</summary>
    public static Traced Cos(Traced x) => Map(UnaryOp.Cos, x);

    /// <summary>Sine and cosine at once.</summary>
    public static (Traced Sin, Traced Cos) SinCos(Traced x) => (Sin(x), Cos(x));

    /// <summary>The tangent.</summary>
    public static Traced Tan(Traced x) => Map(UnaryOp.Tan, x);

    /// <summary>sin(πx).</summary>
    public static Traced SinPi(Traced x) => SinCosPi(x).SinPi;

    /// <summary>cos(πx).</summary>
    public static Traced CosPi(Traced x) => SinCosPi(x).CosPi;

    /// <summary>sin(πx) and cos(πx) at once, exact at the halves.</summary>
    public static (Traced SinPi, Traced CosPi) SinCosPi(Traced x)
    {
        Traced turn = x - 2 * Round(0.5 * x);
        Traced quarter = Round(2 * turn);
        Traced angle = Math.PI * (turn - 0.5 * quarter);
        (Traced sin, Traced cos) = (Sin(angle), Cos(angle));
        return (Quarter(quarter, sin, cos), Quarter(quarter, cos, -sin));
    }

    /// <summary>A function at a whole number of quarter turns, -2 to 2, given itself and its derivative at none.</summary>
    private static Traced Quarter(Traced quarter, Traced at0, Traced at1) =>
        Where(CompareOp.Equal, quarter, Zero, at0, Where(CompareOp.Equal, quarter, One, at1, Where(CompareOp.Equal, quarter, NegativeOne, -at1, -at0)));

    /// <summary>tan(πx).</summary>
    public static Traced TanPi(Traced x)
    {
        (Traced sin, Traced cos) = SinCosPi(x);
        return sin / cos;
    }

    /// <summary>The inverse sine.</summary>
    public static Traced Asin(Traced x) => Map(UnaryOp.Asin, x);

    /// <summary>The inverse cosine.</summary>
    public static Traced Acos(Traced x) => Map(UnaryOp.Acos, x);

    /// <summary>The inverse tangent.</summary>
    public static Traced Atan(Traced x) => Map(UnaryOp.Atan, x);

    /// <summary>asin(x)/π.</summary>
    public static Traced AsinPi(Traced x) => Asin(x) / Math.PI;

    /// <summary>acos(x)/π.</summary>
    public static Traced AcosPi(Traced x) => Acos(x) / Math.PI;

    /// <summary>atan(x)/π.</summary>
    public static Traced AtanPi(Traced x) => Atan(x) / Math.PI;

    /// <summary>The angle of the point (x, y).</summary>
    public static Traced Atan2(Traced y, Traced x) => Map(BinaryOp.Atan2, y, x);

    /// <summary>The angle of the point (x, y) in half turns.</summary>
    public static Traced Atan2Pi(Traced y, Traced x) => Atan2(y, x) / Math.PI;

    /// <summary>Degrees to radians.</summary>
    public static Traced DegreesToRadians(Traced degrees) => degrees * Math.PI / 180;

    /// <summary>Radians to degrees.</summary>
    public static Traced RadiansToDegrees(Traced radians) => radians * 180 / Math.PI;

    // ---- Hyperbolic functions

    /// <summary>The hyperbolic sine.</summary>
    public static Traced Sinh(Traced x) => Map(UnaryOp.Sinh, x);

    /// <summary>The hyperbolic cosine.</summary>
    public static Traced Cosh(Traced x) => Map(UnaryOp.Cosh, x);

    /// <summary>The hyperbolic tangent.</summary>
    public static Traced Tanh(Traced x) => Map(UnaryOp.Tanh, x);

    /// <summary>The inverse hyperbolic sine.</summary>
    public static Traced Asinh(Traced x) => Map(UnaryOp.Asinh, x);

    /// <summary>The inverse hyperbolic cosine.</summary>
    public static Traced Acosh(Traced x) => Map(UnaryOp.Acosh, x);

    /// <summary>The inverse hyperbolic tangent.</summary>
    public static Traced Atanh(Traced x) => Map(UnaryOp.Atanh, x);

    // ---- Magnitude, order, estimates

    /// <summary>The absolute value.</summary>
    public static Traced Abs(Traced x) => Map(UnaryOp.Abs, x);

    /// <summary>|value| with the sign of sign.</summary>
    public static Traced CopySign(Traced value, Traced sign) => Map(BinaryOp.CopySign, value, sign);

    /// <summary>The larger number; NaN if one is NaN.</summary>
    public static Traced Max(Traced x, Traced y) => Map(BinaryOp.Maximum, x, y);

    /// <summary>The smaller number; NaN if one is NaN.</summary>
    public static Traced Min(Traced x, Traced y) => Map(BinaryOp.Minimum, x, y);

    /// <summary>The larger number, preferring a number to NaN.</summary>
    public static Traced MaxNumber(Traced x, Traced y) => Map(BinaryOp.MaximumNumber, x, y);

    /// <summary>The smaller number, preferring a number to NaN.</summary>
    public static Traced MinNumber(Traced x, Traced y) => Map(BinaryOp.MinimumNumber, x, y);

    /// <summary>The number of larger magnitude.</summary>
    public static Traced MaxMagnitude(Traced x, Traced y) => Larger(Abs(x), Abs(y), x, y, Max(x, y));

    /// <summary>The number of smaller magnitude.</summary>
    public static Traced MinMagnitude(Traced x, Traced y) => Larger(Abs(y), Abs(x), x, y, Min(x, y));

    /// <summary>The number of larger magnitude, preferring a number to NaN.</summary>
    public static Traced MaxMagnitudeNumber(Traced x, Traced y) => Numbers(x, y, MaxMagnitude(x, y));

    /// <summary>The number of smaller magnitude, preferring a number to NaN.</summary>
    public static Traced MinMagnitudeNumber(Traced x, Traced y) => Numbers(x, y, MinMagnitude(x, y));

    private static Traced Larger(Traced sizeX, Traced sizeY, Traced x, Traced y, Traced otherwise) =>
        Where(CompareOp.Greater, sizeX, sizeY, x, Where(CompareOp.Less, sizeX, sizeY, y, otherwise));

    private static Traced Numbers(Traced x, Traced y, Traced otherwise) =>
        Where(CompareOp.NotEqual, y, y, x, Where(CompareOp.NotEqual, x, x, y, otherwise));

    /// <summary>Max without a promise about NaN and signed zeros.</summary>
    public static Traced MaxNative(Traced x, Traced y) => Max(x, y);

    /// <summary>Min without a promise about NaN and signed zeros.</summary>
    public static Traced MinNative(Traced x, Traced y) => Min(x, y);

    /// <summary>value held between min and max: an operation, not a branch.</summary>
    /// <exception cref="ArgumentException">min is greater than max.</exception>
    public static Traced Clamp(Traced value, Traced min, Traced max)
    {
        if (min > max) throw new ArgumentException($"Clamp: min is {min}, which is greater than max, {max}.", nameof(min));
        return Where(CompareOp.Less, value, min, min, Where(CompareOp.Greater, value, max, max, value));
    }

    /// <summary>Clamp without a promise about NaN and signed zeros.</summary>
    /// <exception cref="ArgumentException">min is greater than max.</exception>
    public static Traced ClampNative(Traced value, Traced min, Traced max) => Clamp(value, min, max);

    /// <summary>1/x, exact.</summary>
    public static Traced ReciprocalEstimate(Traced x) => One / x;

    /// <summary>1/sqrt(x), exact.</summary>
    public static Traced ReciprocalSqrtEstimate(Traced x) => One / Sqrt(x);

    // ---- Bits

    /// <summary>x 2^n.</summary>
    public static Traced ScaleB(Traced x, int n) =>
        Math.Abs((long)n) <= 1022 ? x * double.ScaleB(1, n) : x * double.ScaleB(1, n / 2) * double.ScaleB(1, n - n / 2);

    /// <summary>The binary exponent of the value at hand, demanded of later inputs.</summary>
    public static int ILogB(Traced x)
    {
        int exponent = double.ILogB(x._value);
        if (!IsFinite(x) || IsZero(x)) return exponent;
        Traced size = Abs(x);
        Decide(CompareOp.GreaterOrEqual, size, double.ScaleB(1, exponent));
        Decide(CompareOp.Less, size, double.ScaleB(1, exponent + 1));
        return exponent;
    }

    /// <summary>The next larger number. Slope 1.</summary>
    public static Traced BitIncrement(Traced x) => Map(BinaryOp.NextAfter, x, PositiveInfinity);

    /// <summary>The next smaller number. Slope 1.</summary>
    public static Traced BitDecrement(Traced x) => Map(BinaryOp.NextAfter, x, NegativeInfinity);

    // ---- Of two and three numbers

    /// <summary>left - q right with q the nearest integer to left/right.</summary>
    public static Traced Ieee754Remainder(Traced left, Traced right)
    {
        Traced remainder = left % right, size = Abs(right), other = remainder - CopySign(size, remainder);
        Traced twice = Abs(remainder) * 2, quotient = Round((left - remainder) / right);
        Traced tie = Where(CompareOp.Equal, Round(0.5 * quotient) * 2, quotient, remainder, other);
        return Where(CompareOp.Greater, twice, size, other, Where(CompareOp.Equal, twice, size, tie, remainder));
    }

    /// <summary>left * right + addend. The product's rounding error is computed (T. J. Dekker, 1971) and added again, for there is no instruction for it: some twenty operations.</summary>
    public static Traced FusedMultiplyAdd(Traced left, Traced right, Traced addend)
    {
        if (left.IsConstant && right.IsConstant && addend.IsConstant) return double.FusedMultiplyAdd(left._value, right._value, addend._value);
        Traced product = left * right;
        (Traced highA, Traced lowA) = Split(left);
        (Traced highB, Traced lowB) = Split(right);
        Traced error = highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
        Traced sum = product + addend, back = sum - product;
        error += product - (sum - back) + (addend - back);
        return sum + Where(CompareOp.Less, Abs(error), PositiveInfinity, error, Zero);
    }

    /// <summary>Upper and lower half of the digits.</summary>
    private static (Traced High, Traced Low) Split(Traced x)
    {
        Traced wide = 134217729 * x;
        Traced high = wide - (wide - x);
        return (high, x - high);
    }

    /// <summary>left * right + addend, rounded twice.</summary>
    public static Traced MultiplyAddEstimate(Traced left, Traced right, Traced addend) => left * right + addend;

    /// <summary>value1 (1 - amount) + value2 amount.</summary>
    public static Traced Lerp(Traced value1, Traced value2, Traced amount) => value1 * (One - amount) + value2 * amount;
}

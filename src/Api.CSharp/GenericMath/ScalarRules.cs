using System.Numerics;
using System.Runtime.CompilerServices;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>A function of one number: its value and its slope, both in differentiable arithmetic, so that every order follows.</summary>
internal interface IUnaryRule
{
    /// <summary>y = f(x) and slope = f'(x).</summary>
    static abstract void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>;
}

/// <summary>A function of two numbers: its value and its two slopes. A slope that is not wanted may be anything.</summary>
internal interface IBinaryRule
{
    /// <summary>y = f(a, b), da = df/da (if wanted), db = df/db (if wanted).</summary>
    static abstract void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>;
}

/// <summary>
/// The one table of scalar derivatives. Dual, MultiDual and Reverse all read it, so forward and reverse cannot drift apart.
/// </summary>
/// <remarks>
/// What holds where the derivative does not exist, or is infinite (the ids are those in the tests' names):
/// <code>
/// C01  |x| at 0, copySign(x, s) at x = 0          0
/// C01  sign, floor, ceiling, round, truncate      0 everywhere
/// C02  max, min (all kinds) at a = b              1/2 to each side; a NaN operand: 1 to each side
/// C06  clamp at a bound                           1 (passes through); outside: the bound's own derivative
/// C09  sqrt at 0                                  +inf, second derivative -inf; a zero tangent gives 0
///      cbrt, rootN at 0                           +inf
/// C09  sqrt(x * x) at 0                           0 (the zero slope of x * x absorbs)
/// C10  x^0, x^1, x^2 ... at 0                     no NaN at any order
/// C12  x^1.5 at 0                                 0, second derivative +inf
/// C13  0^b with respect to b, b >= 0              0
/// C14  x^b with respect to b, x &lt; 0              NaN
/// C16  log at 0; below 0                          +inf; NaN
/// C16  1/x at 0; log1p at -1; asin, atanh at 1    -inf; +inf; +inf
/// C19  hypot(0, 0), atan2(0, 0)                   0
///      a % b, remainder: slope in b               -(the integer quotient), which has slope 0
///      bitIncrement, bitDecrement                 1
/// B18  0 * inf, 0 * NaN in the chain rule         0: a zero absorbs (see StrongZero)
/// </code>
/// </remarks>
internal static class ScalarRules
{
    private const double Ln2 = 0.69314718055994530942;
    private const double Ln10 = 2.30258509299404568402;

    private static T Number<T>(double value) where T : IFloatingPointIeee754<T> => T.CreateChecked(value);

    // ---- exponentials and logarithms

    public readonly struct Exp : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> => slope = y = T.Exp(x);
    }

    public readonly struct ExpM1 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (Elementary.ExpM1(x), T.Exp(x));
    }

    public readonly struct Exp2 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            slope = (y = T.Exp2(x)) * Number<T>(Ln2);
    }

    public readonly struct Exp2M1 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (Elementary.Exp2M1(x), T.Exp2(x) * Number<T>(Ln2));
    }

    public readonly struct Exp10 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            slope = (y = T.Exp10(x)) * Number<T>(Ln10);
    }

    public readonly struct Exp10M1 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (Elementary.Exp10M1(x), T.Exp10(x) * Number<T>(Ln10));
    }

    public readonly struct Log : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Log(x), LogSlope(x, T.One));
    }

    public readonly struct LogP1 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (Elementary.LogP1(x), T.One / (T.One + x));
    }

    public readonly struct Log2 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Log2(x), LogSlope(x, Number<T>(Ln2)));
    }

    public readonly struct Log2P1 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (Elementary.Log2P1(x), T.One / ((T.One + x) * Number<T>(Ln2)));
    }

    public readonly struct Log10 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Log10(x), LogSlope(x, Number<T>(Ln10)));
    }

    public readonly struct Log10P1 : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (Elementary.Log10P1(x), T.One / ((T.One + x) * Number<T>(Ln10)));
    }

    /// <summary>1 / (x ln base), and NaN left of the logarithm's domain, where 1 / x would look like a derivative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T LogSlope<T>(T x, T lnBase) where T : IFloatingPointIeee754<T> =>
        Choice.Where(CompareOp.Less, x, T.Zero, T.NaN, T.One / ((x + T.Zero) * lnBase)); // + 0 turns -0 into 0: log has one slope at zero, +inf

    /// <summary>log(a) in base b.</summary>
    public readonly struct LogBase : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.Log(a, b);
            T lnBase = T.Log(b);
            da = LogSlope(a, lnBase);
            db = -y / (b * lnBase);
        }
    }

    // ---- roots and powers

    public readonly struct Sqrt : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            slope = Number<T>(0.5) / (y = T.Sqrt(x));
    }

    public readonly struct Cbrt : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            y = T.Cbrt(x);
            slope = T.One / (Number<T>(3) * y * y);
        }
    }

    /// <summary>The n-th root y of x, slope 1 / (n y^(n-1)).</summary>
    public static void RootN<T>(T x, int n, out T y, out T slope) where T : IFloatingPointIeee754<T>
    {
        y = T.RootN(x, n);
        slope = T.One / (Number<T>(n) * T.Pow(y, Number<T>(n - 1.0)));
    }

    /// <summary>a^b. Slopes b a^(b-1) and a^b log a.</summary>
    public readonly struct Pow : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.Pow(a, b);
            da = db = T.Zero;
            if (Symbolic<T>.Is)
            {
                // A tape decides by the exponent's value at this point, so a recorded exponent decides each time the program runs.
                if (wantA && !StrongZero.IsZero(b))
                    da = StrongZero.IsConstant(b) || typeof(T) != typeof(Traced) ? b * T.Pow(a, b - T.One) : Choice.Where(CompareOp.Equal, b, T.Zero, T.Zero, b * T.Pow(a, b - T.One));
                if (wantB) db = Choice.Where(CompareOp.Equal, a, T.Zero, Choice.Where(CompareOp.GreaterOrEqual, b, T.Zero, T.Zero, y * T.Log(a)), y * T.Log(a));
                return;
            }
            // A constant exponent 0 absorbs a^-1 = inf, so that x^0, and with it every derivative of x^n, stays finite at 0.
            if (wantA && !StrongZero.IsZero(b)) da = b * T.Pow(a, b - T.One);
            if (wantB && !(T.IsZero(a) && b >= T.Zero)) db = y * T.Log(a);
        }
    }

    /// <summary>sqrt(a^2 + b^2), without overflow.</summary>
    public readonly struct Hypot : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.Hypot(a, b);
            (da, db) = (Choice.Where(CompareOp.Equal, y, T.Zero, T.Zero, a / y), Choice.Where(CompareOp.Equal, y, T.Zero, T.Zero, b / y));
        }
    }

    // ---- trigonometry

    public readonly struct Sin : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> => (y, slope) = T.SinCos(x);
    }

    public readonly struct Cos : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            (T sin, y) = T.SinCos(x);
            slope = -sin;
        }
    }

    public readonly struct Tan : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            y = T.Tan(x);
            slope = T.One + y * y;
        }
    }

    public readonly struct SinPi : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            (y, T cos) = T.SinCosPi(x);
            slope = T.Pi * cos;
        }
    }

    public readonly struct CosPi : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            (T sin, y) = T.SinCosPi(x);
            slope = -(T.Pi * sin);
        }
    }

    public readonly struct TanPi : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            y = T.TanPi(x);
            slope = T.Pi * (T.One + y * y);
        }
    }

    public readonly struct Asin : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Asin(x), T.One / Leg(x));
    }

    public readonly struct Acos : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Acos(x), -(T.One / Leg(x)));
    }

    public readonly struct Atan : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Atan(x), T.One / (T.One + x * x));
    }

    public readonly struct AsinPi : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.AsinPi(x), T.One / (T.Pi * Leg(x)));
    }

    public readonly struct AcosPi : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.AcosPi(x), -(T.One / (T.Pi * Leg(x))));
    }

    public readonly struct AtanPi : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.AtanPi(x), T.One / (T.Pi * (T.One + x * x)));
    }

    /// <summary>sqrt(1 - x^2), factored so that nothing cancels near 1.</summary>
    private static T Leg<T>(T x) where T : IFloatingPointIeee754<T> => T.Sqrt((T.One - x) * (T.One + x));

    /// <summary>The angle of (b, a). Slopes b / r^2 and -a / r^2, divided twice so that r^2 cannot overflow.</summary>
    public readonly struct Atan2 : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.Atan2(a, b);
            T r = T.Hypot(a, b);
            da = Choice.Where(CompareOp.Equal, r, T.Zero, T.Zero, b / r / r);
            db = Choice.Where(CompareOp.Equal, r, T.Zero, T.Zero, -(a / r / r));
        }
    }

    /// <summary>The angle of (b, a) in half turns.</summary>
    public readonly struct Atan2Pi : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            Atan2.Evaluate(a, b, wantA, wantB, out _, out da, out db);
            (y, da, db) = (T.Atan2Pi(a, b), da / T.Pi, db / T.Pi);
        }
    }

    // ---- hyperbolic functions

    public readonly struct Sinh : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> => (y, slope) = (T.Sinh(x), T.Cosh(x));
    }

    public readonly struct Cosh : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> => (y, slope) = (T.Cosh(x), T.Sinh(x));
    }

    /// <summary>Slope 1 - tanh^2, written 4e / (1 + e)^2 with e = exp(-2|x|) where the subtraction would cancel (D08).</summary>
    public readonly struct Tanh : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            y = T.Tanh(x);
            T size = T.Abs(x);
            if (!Symbolic<T>.Is && !(size > T.One))
            {
                slope = T.One - y * y;
                return;
            }
            T e = T.Exp(Number<T>(-2) * size);
            T sum = T.One + e;
            slope = Number<T>(4) * e / (sum * sum);
        }
    }

    public readonly struct Asinh : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Asinh(x), T.One / T.Hypot(T.One, x));
    }

    public readonly struct Acosh : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Acosh(x), T.One / (T.Sqrt(x - T.One) * T.Sqrt(x + T.One)));
    }

    public readonly struct Atanh : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Atanh(x), T.One / ((T.One - x) * (T.One + x)));
    }

    // ---- estimates: the value is the runtime's estimate, the slope is that of the exact function at the estimate

    public readonly struct ReciprocalEstimate : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            y = T.ReciprocalEstimate(x);
            slope = -(y * y);
        }
    }

    public readonly struct ReciprocalSqrtEstimate : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T>
        {
            y = T.ReciprocalSqrtEstimate(x);
            slope = Number<T>(-0.5) * y / x;
        }
    }

    // ---- magnitude, sign, choice

    public readonly struct Abs : IUnaryRule
    {
        public static void Evaluate<T>(T x, out T y, out T slope) where T : IFloatingPointIeee754<T> =>
            (y, slope) = (T.Abs(x), Choice.Where(CompareOp.Greater, x, T.Zero, T.One, Choice.Where(CompareOp.Less, x, T.Zero, T.NegativeOne, Choice.Where(CompareOp.Equal, x, T.Zero, T.Zero, T.NaN))));
    }

    /// <summary>|a| with the sign of b.</summary>
    public readonly struct CopySign : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.CopySign(a, b);
            da = Choice.Where(CompareOp.Equal, a, T.Zero, T.Zero, Choice.Where(CompareOp.Less, T.CopySign(T.One, a) * T.CopySign(T.One, b), T.Zero, T.NegativeOne, T.One));
            db = T.Zero;
        }
    }

    public readonly struct Max : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T> =>
            (y, (da, db)) = (T.Max(a, b), Symbolic<T>.Is ? SharesOf(T.Max(a, b), a, b) : Shares<T>(a > b, b > a, a == b));
    }

    public readonly struct Min : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T> =>
            (y, (da, db)) = (T.Min(a, b), Symbolic<T>.Is ? SharesOf(T.Min(a, b), a, b) : Shares<T>(a < b, b < a, a == b));
    }

    /// <summary>Max that prefers a number to a NaN.</summary>
    public readonly struct MaxNumber : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T> =>
            (y, (da, db)) = (T.MaxNumber(a, b), Symbolic<T>.Is ? SharesOf(T.MaxNumber(a, b), a, b) : Shares<T>(a > b || OnlyNaN(b, a), b > a || OnlyNaN(a, b), a == b));
    }

    /// <summary>Min that prefers a number to a NaN.</summary>
    public readonly struct MinNumber : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T> =>
            (y, (da, db)) = (T.MinNumber(a, b), Symbolic<T>.Is ? SharesOf(T.MinNumber(a, b), a, b) : Shares<T>(a < b || OnlyNaN(b, a), b < a || OnlyNaN(a, b), a == b));
    }

    /// <summary>The operand of larger magnitude; of a and -a the positive one, as the runtime chooses.</summary>
    public readonly struct MaxMagnitude : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.MaxMagnitude(a, b);
            (da, db) = Shares<T>(a != b && y == a, a != b && y == b, a == b);
        }
    }

    /// <summary>The operand of smaller magnitude; of a and -a the negative one, as the runtime chooses.</summary>
    public readonly struct MinMagnitude : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.MinMagnitude(a, b);
            (da, db) = Shares<T>(a != b && y == a, a != b && y == b, a == b);
        }
    }

    /// <summary>MaxMagnitude that prefers a number to a NaN.</summary>
    public readonly struct MaxMagnitudeNumber : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.MaxMagnitudeNumber(a, b);
            (da, db) = Shares<T>(a != b && y == a, a != b && y == b, a == b);
        }
    }

    /// <summary>MinMagnitude that prefers a number to a NaN.</summary>
    public readonly struct MinMagnitudeNumber : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T>
        {
            y = T.MinMagnitudeNumber(a, b);
            (da, db) = Shares<T>(a != b && y == a, a != b && y == b, a == b);
        }
    }

    private static bool OnlyNaN<T>(T x, T other) where T : IFloatingPointIeee754<T> => T.IsNaN(x) && !T.IsNaN(other);

    /// <summary>The chosen operand gets the whole slope, equals get half each, and NaN reaches both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T, T) Shares<T>(bool first, bool second, bool tie) where T : IFloatingPointIeee754<T> =>
        first ? (T.One, T.Zero)
            : second ? (T.Zero, T.One)
            : tie ? (Number<T>(0.5), Number<T>(0.5))
            : (T.One, T.One);

    /// <summary>The same shares, decided when a recorded program runs: the chosen operand is the one that the result equals.</summary>
    private static (T, T) SharesOf<T>(T chosen, T a, T b) where T : IFloatingPointIeee754<T>
    {
        T tie = Number<T>(0.5);
        T ofA = Choice.Where(CompareOp.Equal, a, b, tie, Choice.Where(CompareOp.Equal, chosen, b, T.Zero, T.One));
        T ofB = Choice.Where(CompareOp.Equal, a, b, tie, Choice.Where(CompareOp.Equal, chosen, a, T.Zero, T.One));
        return (ofA, ofB);
    }

    // ---- division with remainder: a - q b with an integer q, which has no slope

    public readonly struct Modulus : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T> =>
            (y, da, db) = (a % b, T.One, -Quotient(a, b, a % b));
    }

    public readonly struct Ieee754Remainder : IBinaryRule
    {
        public static void Evaluate<T>(T a, T b, bool wantA, bool wantB, out T y, out T da, out T db) where T : IFloatingPointIeee754<T> =>
            (y, da, db) = (T.Ieee754Remainder(a, b), T.One, -Quotient(a, b, T.Ieee754Remainder(a, b)));
    }

    private static T Quotient<T>(T a, T b, T remainder) where T : IFloatingPointIeee754<T> => T.Round((a - remainder) / b);
}

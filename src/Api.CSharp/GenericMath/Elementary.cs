using System;
using System.Numerics;

namespace DiffLib;

/// <summary>
/// Elementary functions near zero. The runtime's <c>double.ExpM1</c> and <c>double.LogP1</c> are literally
/// <c>Exp(x) - 1</c> and <c>Log(x + 1)</c>: at 1e-10 they are wrong in the eighth digit.
/// </summary>
internal static class Elementary
{
    private const double Ln2 = 0.69314718055994530942;
    private const double Ln10 = 2.30258509299404568402;

    /// <summary>e^x - 1 without cancellation: 2t / (1 - t) with t = tanh(x / 2) while e^x is near 1.</summary>
    public static double ExpM1(double x)
    {
        if (!(double.Abs(x) < 1)) return double.Exp(x) - 1;
        double t = double.Tanh(0.5 * x);
        return 2 * t / (1 - t);
    }

    /// <summary>log(1 + x) without cancellation: the rounding error of 1 + x is put back to first order.</summary>
    public static double LogP1(double x)
    {
        double u = 1 + x;
        if (!(u > 0) || double.IsPositiveInfinity(u)) return double.Log(u);
        return u == 1 ? x : double.Log(u) + (x - (u - 1)) / u;
    }

    public static T ExpM1<T>(T x) where T : IFloatingPointIeee754<T> =>
        typeof(T) == typeof(double) ? (T)(object)ExpM1((double)(object)x)
        : typeof(T) == typeof(float) ? (T)(object)(float)ExpM1((double)(float)(object)x)
        : typeof(T) == typeof(Half) ? (T)(object)(Half)ExpM1((double)(Half)(object)x)
        : T.ExpM1(x);

    public static T LogP1<T>(T x) where T : IFloatingPointIeee754<T> =>
        typeof(T) == typeof(double) ? (T)(object)LogP1((double)(object)x)
        : typeof(T) == typeof(float) ? (T)(object)(float)LogP1((double)(float)(object)x)
        : typeof(T) == typeof(Half) ? (T)(object)(Half)LogP1((double)(Half)(object)x)
        : T.LogP1(x);

    public static T Exp2M1<T>(T x) where T : IFloatingPointIeee754<T> =>
        T.Abs(x) < T.One ? ExpM1(x * T.CreateChecked(Ln2)) : T.Exp2(x) - T.One;

    public static T Exp10M1<T>(T x) where T : IFloatingPointIeee754<T> =>
        T.Abs(x) < T.One ? ExpM1(x * T.CreateChecked(Ln10)) : T.Exp10(x) - T.One;

    public static T Log2P1<T>(T x) where T : IFloatingPointIeee754<T> => LogP1(x) / T.CreateChecked(Ln2);

    public static T Log10P1<T>(T x) where T : IFloatingPointIeee754<T> => LogP1(x) / T.CreateChecked(Ln10);
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Xunit;

namespace DiffLib.Api.Tests.GenericMath;

/// <summary>A function of one number by name, with an interval where it is smooth.</summary>
public sealed record Unary(string Name, double Low, double High) : IUnivariateFunction
{
    public T Invoke<T>(T x) where T : IFloatingPointIeee754<T> => Name switch
    {
        "Exp" => T.Exp(x),
        "ExpM1" => T.ExpM1(x),
        "Exp2" => T.Exp2(x),
        "Exp2M1" => T.Exp2M1(x),
        "Exp10" => T.Exp10(x),
        "Exp10M1" => T.Exp10M1(x),
        "Log" => T.Log(x),
        "LogP1" => T.LogP1(x),
        "Log2" => T.Log2(x),
        "Log2P1" => T.Log2P1(x),
        "Log10" => T.Log10(x),
        "Log10P1" => T.Log10P1(x),
        "Sqrt" => T.Sqrt(x),
        "Cbrt" => T.Cbrt(x),
        "RootN 3" => T.RootN(x, 3),
        "RootN -2" => T.RootN(x, -2),
        "Sin" => T.Sin(x),
        "Cos" => T.Cos(x),
        "Tan" => T.Tan(x),
        "SinPi" => T.SinPi(x),
        "CosPi" => T.CosPi(x),
        "TanPi" => T.TanPi(x),
        "SinCos" => T.SinCos(x) is var (s, c) ? s * s * c : x,
        "SinCosPi" => T.SinCosPi(x) is var (s, c) ? s * s * c : x,
        "Asin" => T.Asin(x),
        "Acos" => T.Acos(x),
        "Atan" => T.Atan(x),
        "AsinPi" => T.AsinPi(x),
        "AcosPi" => T.AcosPi(x),
        "AtanPi" => T.AtanPi(x),
        "Sinh" => T.Sinh(x),
        "Cosh" => T.Cosh(x),
        "Tanh" => T.Tanh(x),
        "Asinh" => T.Asinh(x),
        "Acosh" => T.Acosh(x),
        "Atanh" => T.Atanh(x),
        "Abs" => T.Abs(x),
        "Negate" => -x,
        "Plus" => +x,
        "Increment" => Next(x),
        "Decrement" => Previous(x),
        "Reciprocal" => T.One / x,
        "Square" => x * x,
        "ScaleB" => T.ScaleB(x, 3),
        "DegreesToRadians" => T.DegreesToRadians(x),
        "RadiansToDegrees" => T.RadiansToDegrees(x),
        "Pow x^2.5" => T.Pow(x, T.CreateChecked(2.5)),
        "Pow 2.5^x" => T.Pow(T.CreateChecked(2.5), x),
        "Lerp" => T.Lerp(x, x * x, T.CreateChecked(0.25)),
        _ => throw new ArgumentException(Name),
    };

    private static T Next<T>(T x) where T : IFloatingPointIeee754<T> => x++ + x;

    private static T Previous<T>(T x) where T : IFloatingPointIeee754<T> => x-- - x * x;

    public override string ToString() => Name;
}

/// <summary>A function of two numbers by name, smooth on a rectangle.</summary>
public sealed record Binary(string Name, double Low1, double High1, double Low2, double High2) : IScalarFunction
{
    public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => Name switch
    {
        "Add" => x[0] + x[1],
        "Subtract" => x[0] - x[1],
        "Multiply" => x[0] * x[1],
        "Divide" => x[0] / x[1],
        "Modulus" => x[0] % x[1],
        "Remainder" => T.Ieee754Remainder(x[0], x[1]),
        "Pow" => T.Pow(x[0], x[1]),
        "LogBase" => T.Log(x[0], x[1]),
        "Hypot" => T.Hypot(x[0], x[1]),
        "Atan2" => T.Atan2(x[0], x[1]),
        "Atan2Pi" => T.Atan2Pi(x[0], x[1]),
        "CopySign" => T.CopySign(x[0], x[1]),
        "Max" => T.Max(x[0], x[1]),
        "Min" => T.Min(x[0], x[1]),
        "MaxNumber" => T.MaxNumber(x[0], x[1]),
        "MinNumber" => T.MinNumber(x[0], x[1]),
        "MaxMagnitude" => T.MaxMagnitude(x[0], x[1]),
        "MinMagnitude" => T.MinMagnitude(x[0], x[1]),
        "MaxMagnitudeNumber" => T.MaxMagnitudeNumber(x[0], x[1]),
        "MinMagnitudeNumber" => T.MinMagnitudeNumber(x[0], x[1]),
        "MaxNative" => T.MaxNative(x[0], x[1]),
        "MinNative" => T.MinNative(x[0], x[1]),
        "Clamp" => T.Clamp(x[0], -x[1], x[1]),
        "ClampNative" => T.ClampNative(x[0], -x[1], x[1]),
        "FusedMultiplyAdd" => T.FusedMultiplyAdd(x[0], x[1], x[0]),
        "MultiplyAddEstimate" => T.MultiplyAddEstimate(x[0], x[1], x[0]),
        "Mix" => T.Exp(-x[0] * x[0]) * T.Sin(x[1]) + T.Log(T.One + x[0] * x[1]) / T.Sqrt(x[1]),
        _ => throw new ArgumentException(Name),
    };

    public override string ToString() => Name;
}

/// <summary>Every function of the interfaces, one line each.</summary>
public static class Catalogue
{
    public static readonly Unary[] Unaries =
    [
        new("Exp", -2, 2), new("ExpM1", 0.1, 2), new("Exp2", -2, 2), new("Exp2M1", 0.1, 2), new("Exp10", -1, 1), new("Exp10M1", 0.1, 1),
        new("Log", 0.2, 3), new("LogP1", 0.1, 3), new("Log2", 0.2, 3), new("Log2P1", 0.1, 3), new("Log10", 0.2, 3), new("Log10P1", 0.1, 3),
        new("Sqrt", 0.2, 3), new("Cbrt", 0.2, 3), new("RootN 3", 0.2, 3), new("RootN -2", 0.2, 3),
        new("Sin", -3, 3), new("Cos", -3, 3), new("Tan", -1.2, 1.2), new("SinPi", -1, 1), new("CosPi", -1, 1), new("TanPi", -0.4, 0.4),
        new("SinCos", -3, 3), new("SinCosPi", -1, 1),
        new("Asin", -0.8, 0.8), new("Acos", -0.8, 0.8), new("Atan", -3, 3), new("AsinPi", -0.8, 0.8), new("AcosPi", -0.8, 0.8), new("AtanPi", -3, 3),
        new("Sinh", -2, 2), new("Cosh", -2, 2), new("Tanh", -2.5, 2.5), new("Asinh", -3, 3), new("Acosh", 1.3, 3), new("Atanh", -0.8, 0.8),
        new("Abs", 0.2, 3), new("Negate", -3, 3), new("Plus", -3, 3), new("Increment", -3, 3), new("Decrement", -3, 3),
        new("Reciprocal", 0.3, 3), new("Square", -3, 3), new("ScaleB", -3, 3), new("DegreesToRadians", -3, 3), new("RadiansToDegrees", -3, 3),
        new("Pow x^2.5", 0.3, 3), new("Pow 2.5^x", -2, 2), new("Lerp", -2, 2),
    ];

    public static readonly Binary[] Binaries =
    [
        new("Add", -2, 2, -2, 2), new("Subtract", -2, 2, -2, 2), new("Multiply", -2, 2, -2, 2), new("Divide", -2, 2, 0.4, 2),
        new("Modulus", 4.1, 4.9, 1.7, 1.9), new("Remainder", 4.1, 4.9, 1.7, 1.9), new("Pow", 0.4, 2, -2, 2), new("LogBase", 0.4, 3, 1.7, 3),
        new("Hypot", 0.3, 2, 0.3, 2), new("Atan2", 0.3, 2, 0.3, 2), new("Atan2Pi", 0.3, 2, 0.3, 2), new("CopySign", 0.3, 2, -2, -0.3),
        new("Max", 0, 1, 1.3, 2), new("Min", 0, 1, 1.3, 2), new("MaxNumber", 0, 1, 1.3, 2), new("MinNumber", 0, 1, 1.3, 2),
        new("MaxMagnitude", 0.1, 1, -2, -1.3), new("MinMagnitude", 0.1, 1, -2, -1.3),
        new("MaxMagnitudeNumber", 0.1, 1, -2, -1.3), new("MinMagnitudeNumber", 0.1, 1, -2, -1.3),
        new("MaxNative", 0, 1, 1.3, 2), new("MinNative", 0, 1, 1.3, 2), new("Clamp", 1.6, 2, 0.4, 1.3), new("ClampNative", -0.2, 0.2, 0.4, 1.3),
        new("FusedMultiplyAdd", -2, 2, -2, 2), new("MultiplyAddEstimate", -2, 2, -2, 2), new("Mix", 0.2, 1, 0.3, 2),
    ];

    public static TheoryData<string> UnaryNames() => [.. Unaries.Select(f => f.Name)];

    public static TheoryData<string> BinaryNames() => [.. Binaries.Select(f => f.Name)];

    public static Unary FindUnary(string name) => Unaries.Single(f => f.Name == name);

    public static Binary FindBinary(string name) => Binaries.Single(f => f.Name == name);

    /// <summary>Points inside an interval, from a fixed seed.</summary>
    public static IEnumerable<double> Points(double low, double high, int count = 40, int seed = 7)
    {
        var random = new Random(seed);
        double margin = 0.02 * (high - low);
        for (int i = 0; i < count; i++) yield return low + margin + (high - low - 2 * margin) * random.NextDouble();
    }

    /// <summary>The slope by Ridders' extrapolation of central differences, and its estimated error.</summary>
    public static (double Slope, double Error) Ridders(Func<double, double> f, double x)
    {
        const int levels = 7;
        double h = 0.01 * Math.Max(1, Math.Abs(x));
        var table = new double[levels, levels];
        (double best, double error) = (double.NaN, double.PositiveInfinity);
        for (int i = 0; i < levels; i++, h /= 2)
        {
            table[0, i] = (f(x + h) - f(x - h)) / (2 * h);
            double factor = 4;
            for (int j = 1; j <= i; j++, factor *= 4)
            {
                table[j, i] = (table[j - 1, i] * factor - table[j - 1, i - 1]) / (factor - 1);
                double estimate = Math.Max(Math.Abs(table[j, i] - table[j - 1, i]), Math.Abs(table[j, i] - table[j - 1, i - 1]));
                if (estimate < error) (best, error) = (table[j, i], estimate);
            }
        }
        return (best, error);
    }

    /// <summary>Equal to a relative tolerance (absolute below 1), with a message that tells the story.</summary>
    public static void Close(double expected, double actual, double tolerance, string story)
    {
        if (expected.Equals(actual)) return;
        double allowed = tolerance * Math.Max(1, Math.Max(Math.Abs(expected), Math.Abs(actual)));
        Assert.True(Math.Abs(expected - actual) <= allowed, $"{story}: expected {expected:R}, got {actual:R} (difference {expected - actual:E2}, allowed {allowed:E2}).");
    }
}

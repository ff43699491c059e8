using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Benchmarks;

/// <summary>What the processor can do at most: multiply-adds that never leave the registers, in as many chains as hide their latency.</summary>
internal static class Peak
{
    private const int Chains = 12;

    private static double _sink;

    /// <summary>The processor's name, for the record.</summary>
    public static string Machine { get; } = Describe();

    /// <summary>About this many operations in float64; a multiply-add is two.</summary>
    public static double Double(long operations)
    {
        if (Vector512.IsHardwareAccelerated) return _sink = Wide(operations / (2 * Chains * 8), Numbers(16, r => r.NextDouble()));
        if (Vector256.IsHardwareAccelerated) return _sink = Medium(operations / (2 * Chains * 4), Numbers(16, r => r.NextDouble()));
        return _sink = Narrow(operations / (2 * Chains * 2), Numbers(16, r => r.NextDouble()));
    }

    /// <summary>The same in float32.</summary>
    public static double Single(long operations)
    {
        if (Vector512.IsHardwareAccelerated) return _sink = Wide(operations / (2 * Chains * 16), Numbers(32, r => r.NextSingle()));
        if (Vector256.IsHardwareAccelerated) return _sink = Medium(operations / (2 * Chains * 8), Numbers(32, r => r.NextSingle()));
        return _sink = Narrow(operations / (2 * Chains * 4), Numbers(32, r => r.NextSingle()));
    }

    private static T[] Numbers<T>(int count, Func<Random, T> next)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => next(random))];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Wide(long rounds, double[] numbers)
    {
        var x = Vector512.Create(numbers, 0);
        var y = Vector512.Create(numbers, numbers.Length - Vector512<double>.Count);
        Vector512<double> a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y, k = x, l = y;
        for (; rounds > 0; rounds--)
        {
            a = Vector512.MultiplyAddEstimate(x, y, a);
            b = Vector512.MultiplyAddEstimate(x, y, b);
            c = Vector512.MultiplyAddEstimate(x, y, c);
            d = Vector512.MultiplyAddEstimate(x, y, d);
            e = Vector512.MultiplyAddEstimate(x, y, e);
            f = Vector512.MultiplyAddEstimate(x, y, f);
            g = Vector512.MultiplyAddEstimate(x, y, g);
            h = Vector512.MultiplyAddEstimate(x, y, h);
            i = Vector512.MultiplyAddEstimate(x, y, i);
            j = Vector512.MultiplyAddEstimate(x, y, j);
            k = Vector512.MultiplyAddEstimate(x, y, k);
            l = Vector512.MultiplyAddEstimate(x, y, l);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Wide(long rounds, float[] numbers)
    {
        var x = Vector512.Create(numbers, 0);
        var y = Vector512.Create(numbers, numbers.Length - Vector512<float>.Count);
        Vector512<float> a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y, k = x, l = y;
        for (; rounds > 0; rounds--)
        {
            a = Vector512.MultiplyAddEstimate(x, y, a);
            b = Vector512.MultiplyAddEstimate(x, y, b);
            c = Vector512.MultiplyAddEstimate(x, y, c);
            d = Vector512.MultiplyAddEstimate(x, y, d);
            e = Vector512.MultiplyAddEstimate(x, y, e);
            f = Vector512.MultiplyAddEstimate(x, y, f);
            g = Vector512.MultiplyAddEstimate(x, y, g);
            h = Vector512.MultiplyAddEstimate(x, y, h);
            i = Vector512.MultiplyAddEstimate(x, y, i);
            j = Vector512.MultiplyAddEstimate(x, y, j);
            k = Vector512.MultiplyAddEstimate(x, y, k);
            l = Vector512.MultiplyAddEstimate(x, y, l);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Medium(long rounds, double[] numbers)
    {
        var x = Vector256.Create(numbers, 0);
        var y = Vector256.Create(numbers, numbers.Length - Vector256<double>.Count);
        Vector256<double> a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y, k = x, l = y;
        for (; rounds > 0; rounds--)
        {
            a = Vector256.MultiplyAddEstimate(x, y, a);
            b = Vector256.MultiplyAddEstimate(x, y, b);
            c = Vector256.MultiplyAddEstimate(x, y, c);
            d = Vector256.MultiplyAddEstimate(x, y, d);
            e = Vector256.MultiplyAddEstimate(x, y, e);
            f = Vector256.MultiplyAddEstimate(x, y, f);
            g = Vector256.MultiplyAddEstimate(x, y, g);
            h = Vector256.MultiplyAddEstimate(x, y, h);
            i = Vector256.MultiplyAddEstimate(x, y, i);
            j = Vector256.MultiplyAddEstimate(x, y, j);
            k = Vector256.MultiplyAddEstimate(x, y, k);
            l = Vector256.MultiplyAddEstimate(x, y, l);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Medium(long rounds, float[] numbers)
    {
        var x = Vector256.Create(numbers, 0);
        var y = Vector256.Create(numbers, numbers.Length - Vector256<float>.Count);
        Vector256<float> a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y, k = x, l = y;
        for (; rounds > 0; rounds--)
        {
            a = Vector256.MultiplyAddEstimate(x, y, a);
            b = Vector256.MultiplyAddEstimate(x, y, b);
            c = Vector256.MultiplyAddEstimate(x, y, c);
            d = Vector256.MultiplyAddEstimate(x, y, d);
            e = Vector256.MultiplyAddEstimate(x, y, e);
            f = Vector256.MultiplyAddEstimate(x, y, f);
            g = Vector256.MultiplyAddEstimate(x, y, g);
            h = Vector256.MultiplyAddEstimate(x, y, h);
            i = Vector256.MultiplyAddEstimate(x, y, i);
            j = Vector256.MultiplyAddEstimate(x, y, j);
            k = Vector256.MultiplyAddEstimate(x, y, k);
            l = Vector256.MultiplyAddEstimate(x, y, l);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Narrow(long rounds, double[] numbers)
    {
        var x = Vector128.Create(numbers, 0);
        var y = Vector128.Create(numbers, numbers.Length - Vector128<double>.Count);
        Vector128<double> a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y, k = x, l = y;
        for (; rounds > 0; rounds--)
        {
            a = Vector128.MultiplyAddEstimate(x, y, a);
            b = Vector128.MultiplyAddEstimate(x, y, b);
            c = Vector128.MultiplyAddEstimate(x, y, c);
            d = Vector128.MultiplyAddEstimate(x, y, d);
            e = Vector128.MultiplyAddEstimate(x, y, e);
            f = Vector128.MultiplyAddEstimate(x, y, f);
            g = Vector128.MultiplyAddEstimate(x, y, g);
            h = Vector128.MultiplyAddEstimate(x, y, h);
            i = Vector128.MultiplyAddEstimate(x, y, i);
            j = Vector128.MultiplyAddEstimate(x, y, j);
            k = Vector128.MultiplyAddEstimate(x, y, k);
            l = Vector128.MultiplyAddEstimate(x, y, l);
        }
        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Narrow(long rounds, float[] numbers)
    {
        var x = Vector128.Create(numbers, 0);
        var y = Vector128.Create(numbers, numbers.Length - Vector128<float>.Count);
        Vector128<float> a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y, k = x, l = y;
        for (; rounds > 0; rounds--)
        {
            a = Vector128.MultiplyAddEstimate(x, y, a);
            b = Vector128.MultiplyAddEstimate(x, y, b);
            c = Vector128.MultiplyAddEstimate(x, y, c);
            d = Vector128.MultiplyAddEstimate(x, y, d);
            e = Vector128.MultiplyAddEstimate(x, y, e);
            f = Vector128.MultiplyAddEstimate(x, y, f);
            g = Vector128.MultiplyAddEstimate(x, y, g);
            h = Vector128.MultiplyAddEstimate(x, y, h);
            i = Vector128.MultiplyAddEstimate(x, y, i);
            j = Vector128.MultiplyAddEstimate(x, y, j);
            k = Vector128.MultiplyAddEstimate(x, y, k);
            l = Vector128.MultiplyAddEstimate(x, y, l);
        }
        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    private static string Describe()
    {
        const string cpuInfo = "/proc/cpuinfo";
        var name = File.Exists(cpuInfo)
            ? File.ReadLines(cpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        var width = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        return string.Create(CultureInfo.InvariantCulture, $"{name ?? RuntimeInformation.ProcessArchitecture.ToString()}, {width} bits, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}");
    }
}

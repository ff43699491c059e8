using System;
using System.Numerics;

namespace DiffLib.Kernels;

public static partial class RandomFill
{
    // Second counter words of one element: attempts count up from the base of their purpose.
    private const ulong FirstGamma = 0;
    private const ulong SecondGamma = 1UL << 40;
    private const ulong Boost = 1UL << 39;

    /// <summary>Normal numbers conditioned to lie in [low, high], by inversion; by exponential rejection further than 37 standard deviations out
    /// (C. P. Robert, Statistics and Computing 5, 1995).</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="mean">The mean before the truncation, finite.</param>
    /// <param name="standardDeviation">The standard deviation before the truncation, positive and finite.</param>
    /// <param name="low">The least number, or -∞.</param>
    /// <param name="high">The largest number, or +∞; above low.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range, or the interval is empty.</exception>
    public static void TruncatedNormal<T>(RandomKey key, Span<T> result, double mean, double standardDeviation, double low, double high, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        Finite(mean);
        Positive(standardDeviation);
        if (!(low < high) || double.IsPositiveInfinity(low) || double.IsNegativeInfinity(high))
            throw new ArgumentOutOfRangeException(nameof(high), high, $"TruncatedNormal needs low < high, but low is {low} and high is {high}.");
        var a = (low - mean) / standardDeviation;
        var b = (high - mean) / standardDeviation;
        // The left tail is the one in which Φ is accurate.
        var mirrored = a + b > 0.0;
        if (mirrored) (a, b) = (-b, -a);
        var (pa, pb) = (SpecialFunctions.Ndtr(a), SpecialFunctions.Ndtr(b));
        for (var i = 0; i < result.Length; i++)
        {
            var index = (ulong)(start + i);
            var z = b < -37.0
                ? -FarTail(key, index, -b, -a)
                : SpecialFunctions.Ndtri(pa + RandomBlocks.Open(key.Bits(index, 0).First) * (pb - pa));
            if (mirrored) z = -z;
            result[i] = T.CreateSaturating(Math.Clamp(mean + standardDeviation * z, low, high));
        }
    }

    /// <summary>Gamma numbers of density xᵃ⁻¹e⁻ˣ/Γ(a) (G. Marsaglia and W. W. Tsang, ACM TOMS 26, 2000). Multiply by a scale as needed.</summary>
    /// <param name="key">The key.</param>
    /// <param name="shape">[n] or [1], each finite and at least 1e-300. Far below 0.01 most numbers are too small for T and become 0.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="shape"/> fits neither.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A shape is outside its range, or <paramref name="start"/> is negative.</exception>
    public static void Gamma<T>(RandomKey key, ReadOnlySpan<double> shape, Span<T> result, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Check(shape, result.Length, start, nameof(shape), "finite and at least 1e-300", IsShape);
        for (var i = 0; i < result.Length; i++)
        {
            var (value, logFactor) = GammaOne(key, (ulong)(start + i), FirstGamma, At(shape, i));
            result[i] = T.CreateSaturating(logFactor == 0.0 ? value : Math.Exp(Math.Log(value) + logFactor));
        }
    }

    /// <summary>Beta numbers of density xᵃ⁻¹(1 - x)ᵇ⁻¹/B(a, b), as the share of one gamma number in the sum of two; in logarithms, so that small shapes
    /// are as good as large ones.</summary>
    /// <param name="key">The key.</param>
    /// <param name="a">[n] or [1], each finite and at least 1e-300.</param>
    /// <param name="b">[n] or [1], each finite and at least 1e-300.</param>
    /// <param name="result">[n], overwritten with numbers in [0, 1].</param>
    /// <param name="start">The index of the first element in the key's sequence, at least 0.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="a"/> or <paramref name="b"/> fits neither.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range, or <paramref name="start"/> is negative.</exception>
    public static void Beta<T>(RandomKey key, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<T> result, long start = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Check(a, result.Length, start, nameof(a), "finite and at least 1e-300", IsShape);
        Check(b, result.Length, start, nameof(b), "finite and at least 1e-300", IsShape);
        for (var i = 0; i < result.Length; i++)
        {
            var (x, logX) = GammaOne(key, (ulong)(start + i), FirstGamma, At(a, i));
            var (y, logY) = GammaOne(key, (ulong)(start + i), SecondGamma, At(b, i));
            result[i] = T.CreateSaturating(1.0 / (1.0 + Math.Exp(Math.Log(y / x) + (logY - logX))));
        }
    }

    private static bool IsShape(double x) => x >= 1e-300 && double.IsFinite(x);

    /// <summary>A gamma number as value·e^logFactor. Below shape 1: that of shape + 1 times U^(1/shape).</summary>
    private static (double Value, double LogFactor) GammaOne(RandomKey key, ulong index, ulong purpose, double shape)
    {
        var logFactor = 0.0;
        if (shape < 1.0)
        {
            logFactor = Math.Log(RandomBlocks.Open(key.Bits(index, purpose + Boost).First)) / shape;
            shape += 1.0;
        }
        var d = shape - 1.0 / 3.0;
        var c = 1.0 / Math.Sqrt(9.0 * d);
        for (var attempt = purpose; ; attempt++)
        {
            var (first, second) = key.Bits(index, attempt);
            var z = SpecialFunctions.Ndtri(RandomBlocks.Open(first));
            var cz = c * z;
            if (cz <= -1.0) continue;
            // v = (1 + cz)³, and d(ln v - v + 1) without cancellation, so that huge shapes are drawn as well.
            var v1 = cz * (3.0 + cz * (3.0 + cz));
            if (v1 <= -1.0) continue;
            if (Math.Log(RandomBlocks.Open(second)) < 0.5 * z * z + d * SpecialFunctions.Log1pMinusX(v1)) return (d * (1.0 + v1), logFactor);
        }
    }

    /// <summary>A normal number in [low, high] for low ≥ 37: an exponential number of rate low, cut off at high, accepted with e^(-(x - low)²/2).</summary>
    private static double FarTail(RandomKey key, ulong index, double low, double high)
    {
        if (low > 1e150) return low;
        var mass = -SpecialFunctions.Expm1(-low * (high - low));
        for (ulong attempt = 0; ; attempt++)
        {
            var (first, second) = key.Bits(index, attempt);
            var step = -SpecialFunctions.Log1p(-RandomBlocks.Open(first) * mass) / low;
            if (2.0 * Math.Log(RandomBlocks.Open(second)) <= -step * step) return low + step;
        }
    }
}

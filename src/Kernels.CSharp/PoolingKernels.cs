using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Windows and their largest elements.</summary>
public static class PoolingKernels
{
    /// <summary>For each window of each plane (one to three axes, as in a convolution) the row-major place of its largest element in the plane, the first at ties; the
    /// first NaN wins. Outside the plane there is nothing.</summary>
    /// <exception cref="ArgumentException">A length does not fit the sizes.</exception>
    public static void MaxPlaces<T>(ReadOnlySpan<T> x, int planes, ReadOnlySpan<ConvolutionAxis> axes, Span<long> places) where T : unmanaged, INumber<T>
    {
        if (axes.Length is < 1 or > 3) throw new ArgumentException($"A window has one to three axes, not {axes.Length}.", nameof(axes));
        ConvolutionAxis a0 = axes.Length > 2 ? axes[^3] : ConvolutionAxis.Single, a1 = axes.Length > 1 ? axes[^2] : ConvolutionAxis.Single, a2 = axes[^1];
        int plane = a0.Input * a1.Input * a2.Input, windows = a0.Output * a1.Output * a2.Output;
        if (x.Length != (long)planes * plane || places.Length != (long)planes * windows) throw new ArgumentException($"{x.Length} elements and {places.Length} places do not fit {planes} planes of {plane} elements and {windows} windows.", nameof(x));
        for (var n = 0; n < planes; n++) Plane(x.Slice(n * plane, plane), a0, a1, a2, places.Slice(n * windows, windows));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Plane<T>(ReadOnlySpan<T> x, ConvolutionAxis a0, ConvolutionAxis a1, ConvolutionAxis a2, Span<long> places) where T : unmanaged, INumber<T>
    {
        var at = 0;
        for (var p0 = 0; p0 < a0.Output; p0++)
        {
            var (i0, end0) = Window(a0, p0);
            for (var p1 = 0; p1 < a1.Output; p1++)
            {
                var (i1, end1) = Window(a1, p1);
                for (var p2 = 0; p2 < a2.Output; p2++)
                {
                    var (i2, end2) = Window(a2, p2);
                    var best = (i0 * a1.Input + i1) * a2.Input + i2;
                    var largest = x[best];
                    for (var i = i0; i < end0; i += a0.Dilation)
                        for (var j = i1; j < end1; j += a1.Dilation)
                        {
                            var row = (i * a1.Input + j) * a2.Input;
                            for (var k = row + i2; k < row + end2; k += a2.Dilation)
                            {
                                var v = x[k];
                                if (v <= largest || T.IsNaN(largest)) continue;
                                largest = v;
                                best = k;
                            }
                        }
                    places[at++] = best;
                }
            }
        }
    }

    /// <summary>The first position inside, and the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int First, int End) Window(ConvolutionAxis a, int p)
    {
        var start = p * a.Stride - a.Low;
        var end = Math.Min(a.Input, start + (a.Kernel - 1) * a.Dilation + 1);
        if (start < 0) start += (-start + a.Dilation - 1) / a.Dilation * a.Dilation;
        return (start, end);
    }
}

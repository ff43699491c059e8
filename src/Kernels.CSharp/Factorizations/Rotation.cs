using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Rotations of the plane.</summary>
internal static class Rotation
{
    private const double Tiny = 1e-280, Huge = 1e280;

    /// <summary>c and s with c·f + s·g = r and c·g - s·f = 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Make(double f, double g, out double c, out double s, out double r)
    {
        var square = f * f + g * g;
        if (g != 0 && square is > Tiny and < Huge)
        {
            r = Math.CopySign(Math.Sqrt(square), f);
            var inverse = 1 / r;
            c = f * inverse;
            s = g * inverse;
        }
        else Extreme(f, g, out c, out s, out r);
    }

    private static void Extreme(double f, double g, out double c, out double s, out double r)
    {
        if (g == 0)
        {
            (c, s, r) = (1, 0, f);
            return;
        }

        if (f == 0)
        {
            (c, s, r) = (0, 1, g);
            return;
        }

        var largest = Math.Max(Math.Abs(f), Math.Abs(g));
        var exponent = double.IsFinite(largest) ? Math.ILogB(largest) : 0;
        double x = Math.ScaleB(f, -exponent), y = Math.ScaleB(g, -exponent), length = Math.CopySign(Math.Sqrt(x * x + y * y), x);
        (c, s, r) = (x / length, y / length, Math.ScaleB(length, exponent));
    }

    /// <summary>The smaller singular value of [f, g; 0, h] (LAPACK's formula: no square overflows, and small ones keep their digits).</summary>
    public static double SmallerSingularValue(double f, double g, double h)
    {
        double fa = Math.Abs(f), ga = Math.Abs(g), ha = Math.Abs(h), least = Math.Min(fa, ha), most = Math.Max(fa, ha);
        if (least == 0) return 0;
        double sum = 1 + least / most, difference = (most - least) / most;
        if (ga < most)
        {
            var square = ga / most * (ga / most);
            return least * (2 / (Math.Sqrt(sum * sum + square) + Math.Sqrt(difference * difference + square)));
        }

        var ratio = most / ga;
        if (ratio == 0) return least * most / ga;
        var (a, b) = (sum * ratio, difference * ratio);
        return 2 * (least * (1 / (Math.Sqrt(1 + a * a) + Math.Sqrt(1 + b * b))) * ratio);
    }
}

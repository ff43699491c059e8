using System;

namespace DiffLib.Kernels;

/// <summary>A block [a, b; c, d] on the diagonal of a Schur form.</summary>
internal static unsafe class TwoByTwo
{
    /// <summary>The imaginary part of the eigenvalues of a block whose diagonal is constant, and whose other two numbers have different signs.</summary>
    public static double Imaginary(double b, double c) => Math.Sqrt(Math.Abs(b)) * Math.Sqrt(Math.Abs(c));

    /// <summary>Turns the block at a by [cs, sn; -sn, cs] from the left and its transpose from the right, so that it is upper triangular, or has a constant diagonal and a complex pair of
    /// eigenvalues (Z. Bai &amp; J. Demmel, "On swapping diagonal blocks in real Schur form", 1993).</summary>
    public static void Standardize(double* block, nint ld, out double cs, out double sn)
    {
        double a = block[0], c = block[1], b = block[ld], d = block[ld + 1];
        (cs, sn) = (1, 0);
        if (c == 0) return;
        if (b == 0)
        {
            (cs, sn) = (0, 1);
            (a, b, c, d) = (d, -c, 0, a);
        }
        else if (a != d || Math.Sign(b) == Math.Sign(c)) Turn(ref a, ref b, ref c, ref d, out cs, out sn);

        (block[0], block[1], block[ld], block[ld + 1]) = (a, c, b, d);
    }

    private static void Turn(ref double a, ref double b, ref double c, ref double d, out double cs, out double sn)
    {
        double half = 0.5 * (a - d), most = Math.Max(Math.Abs(b), Math.Abs(c));
        var least = Math.Min(Math.Abs(b), Math.Abs(c)) * Math.Sign(b) * Math.Sign(c);
        var scale = Math.Max(Math.Abs(half), most);
        var z = half / scale * half + most / scale * least;
        if (z >= 4 * SmallSchur.Ulp * scale)
        {
            // two real eigenvalues, well apart
            z = half + Math.CopySign(Math.Sqrt(scale) * Math.Sqrt(z), half);
            a = d + z;
            d -= most / z * least;
            var length = double.Hypot(c, z);
            (cs, sn) = (z / length, c / length);
            (b, c) = (b - c, 0);
            return;
        }

        // a complex pair, or two that are nearly equal: the diagonal becomes constant
        double sum = b + c, difference = a - d, size = double.Hypot(sum, difference);
        cs = Math.Sqrt(0.5 * (1 + Math.Abs(sum) / size));
        sn = -(half / (size * cs)) * Math.CopySign(1, sum);
        double aa = a * cs + b * sn, bb = b * cs - a * sn, cc = c * cs + d * sn, dd = d * cs - c * sn;
        (a, b, c, d) = (aa * cs + cc * sn, bb * cs + dd * sn, cc * cs - aa * sn, dd * cs - bb * sn);
        var middle = 0.5 * (a + d);
        (a, d) = (middle, middle);
        if (c == 0) return;
        if (b == 0)
        {
            (b, c) = (-c, 0);
            (cs, sn) = (-sn, cs);
        }
        else if (Math.Sign(b) == Math.Sign(c))
        {
            double rootB = Math.Sqrt(Math.Abs(b)), rootC = Math.Sqrt(Math.Abs(c)), p = Math.CopySign(rootB * rootC, c), inverse = 1 / Math.Sqrt(Math.Abs(b + c));
            (a, d) = (middle + p, middle - p);
            (b, c) = (b - c, 0);
            double cs1 = rootB * inverse, sn1 = rootC * inverse;
            (cs, sn) = (cs * cs1 - sn * sn1, cs * sn1 + sn * cs1);
        }
    }

    /// <summary>Both eigenvalues of any block.</summary>
    public static void Eigenvalues(double a, double b, double c, double d, out double re1, out double im1, out double re2, out double im2)
    {
        var block = stackalloc double[] { a, c, b, d };
        Standardize(block, 2, out _, out _);
        (re1, re2) = (block[0], block[3]);
        im1 = block[1] == 0 ? 0 : Imaginary(block[2], block[1]);
        im2 = -im1;
    }
}

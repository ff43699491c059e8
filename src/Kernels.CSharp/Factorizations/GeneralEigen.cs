using System;

namespace DiffLib.Kernels;

/// <summary>Eigenvalues and eigenvectors of any square matrix: balancing, reflections to Hessenberg form, the real Schur form, back substitution. Column-major.</summary>
internal static unsafe class GeneralEigen
{
    /// <summary>Eigenvalues of A [n; n], without gaps, which is used up, conjugate pairs together with the positive imaginary part first; and vectors of length 1 in the columns of v, where they
    /// are wanted. Of a pair the first column holds the real part of the first vector, the second its imaginary part. The values have the same bits with and without vectors.</summary>
    /// <returns>Whether the iteration came to its end, which numbers that are not finite keep it from.</returns>
    public static bool Solve(int n, double* a, double* re, double* im, double* v)
    {
        if (n == 0) return true;
        if (!double.IsFinite(ColumnMajor.Largest(n * n, a))) return false;
        var exponent = Scaling.Exponent(n, n, a, n);
        Scaling.Scale(n, n, a, n, -exponent);
        var wanted = v != null;
        var balancing = new Balancing(n, a);
        using var vectors = new Scratch(wanted ? n * n : 0);
        fixed (double* some = vectors.Numbers)
        {
            var z = wanted ? some : null;
            using (var form = new Hessenberg(n, balancing.First, balancing.Last, a, wanted))
                if (wanted) form.Q(z);
            if (!RealSchur.Solve(n, balancing.First, balancing.Last, a, z, wanted)) return false;
            Values(n, a, re, im);
            if (wanted)
            {
                SchurVectors.Compute(n, a, z, v);
                balancing.Undo(v);
                SchurVectors.Normalize(n, im, v);
            }
        }

        if (exponent == 0) return true;
        for (var i = 0; i < n; i++) (re[i], im[i]) = (Math.ScaleB(re[i], exponent), Math.ScaleB(im[i], exponent));
        return true;
    }

    private static void Values(int n, double* t, double* re, double* im)
    {
        for (var k = 0; k < n; k++)
        {
            var corner = t + k * (nint)(n + 1);
            (re[k], im[k]) = (*corner, 0);
            if (!SchurBlocks.IsPair(n, t, n, k)) continue;
            im[k] = TwoByTwo.Imaginary(corner[n], corner[1]);
            (re[k + 1], im[k + 1]) = (re[k], -im[k]);
            k++;
        }
    }
}

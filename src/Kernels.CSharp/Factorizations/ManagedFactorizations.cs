using System;
using System.Numerics;

namespace DiffLib.Kernels;

/// <summary>Our own factorisations as MathNet's interface asks for them: whole column-major arrays in float64, whose sizes the caller has checked.</summary>
internal static unsafe class ManagedFactorizations
{
    /// <summary>R takes the place of A [m; n], zeros below its diagonal; Q is m by m.</summary>
    public static void Qr(int m, int n, double[] a, double[] q)
    {
        fixed (double* pa = a, pq = q)
        {
            using var qr = new ManagedQr(m, n, pa, m);
            qr.Q(m, pq, m);
            for (var j = 0; j < Math.Min(m - 1, n); j++) a.AsSpan(j * m + j + 1, m - j - 1).Clear();
        }
    }

    /// <summary>Q takes the place of A [m; n], m ≥ n; R is n by n.</summary>
    public static void ThinQr(int m, int n, double[] a, double[] r)
    {
        fixed (double* pa = a)
        {
            using var qr = new ManagedQr(m, n, pa, m);
            for (var j = 0; j < n; j++)
            {
                a.AsSpan(j * m, j + 1).CopyTo(r.AsSpan(j * n));
                r.AsSpan(j * n + j + 1, n - j - 1).Clear();
            }

            qr.Q(n, pa, m);
        }
    }

    /// <summary>X [n; columns] for which A X is nearest to B [m; columns], m ≥ n and A of full rank.</summary>
    public static void LeastSquares(int m, int n, double[] a, int columns, double[] b, double[] x)
    {
        double[] factors = (double[])a.Clone(), right = (double[])b.Clone();
        fixed (double* pa = factors, pb = right)
        {
            using var qr = new ManagedQr(m, n, pa, m);
            qr.ApplyTransposed(columns, pb, m);
        }

        for (var j = 0; j < columns; j++) right.AsSpan(j * m, n).CopyTo(x.AsSpan(j * n));
        SolveUpper(n, columns, factors, m, x);
    }

    /// <summary>X with R X = B in the place of B [n; columns]; the columns of R are ldr apart.</summary>
    public static void SolveUpper(int n, int columns, double[] r, int ldr, double[] b)
    {
        // row by row, the numbers of R are those of the lower triangle Rᵀ
        for (var j = 0; j < columns; j++) Triangle.Solve(upper: false, transposed: true, unit: false, n, 1, r, ldr, b.AsSpan(j * n, n), 1);
    }

    /// <summary>The singular values of A [m; n], which is used up, and vectors where u and vt are not empty: as many as fit there.</summary>
    /// <returns>0, or 1 if the iteration did not converge.</returns>
    public static int Svd(int m, int n, double[] a, double[] s, double[] u, double[] vt)
    {
        fixed (double* pa = a, ps = s, pu = u, pv = vt)
            return ManagedSvd.Solve(m, n, pa, ps, pu, m == 0 ? 0 : u.Length / m, pv, n == 0 ? 0 : vt.Length / n) ? 0 : 1;
    }

    /// <summary>Ascending eigenvalues of the symmetric matrix in the lower triangle of a, which is used up, and their vectors where there is room for them.</summary>
    /// <returns>0, or 1 if the iteration did not converge.</returns>
    public static int Symmetric(int n, double[] a, double[] values, double[] vectors)
    {
        fixed (double* pa = a, pw = values, pv = vectors) return SymmetricEigen.Solve(n, pa, pw, pv) ? 0 : 1;
    }

    /// <summary>Eigenvalues of any matrix, which is used up, and their vectors where there is room for them; of a pair, real part and imaginary part.</summary>
    /// <returns>0, or 1 if the iteration did not converge.</returns>
    public static int General(int n, double[] a, Complex[] values, double[] vectors)
    {
        using var parts = new Scratch(2 * n);
        fixed (double* pa = a, pv = vectors, re = parts.Numbers)
        {
            if (!GeneralEigen.Solve(n, pa, re, re + n, pv)) return 1;
            for (var i = 0; i < n; i++) values[i] = new(re[i], re[n + i]);
        }

        return 0;
    }
}

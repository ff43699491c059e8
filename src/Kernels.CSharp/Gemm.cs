using System;
using System.Numerics;

namespace DiffLib.Kernels;

/// <summary>Dense matrix products, row-major.</summary>
public static class Gemm
{
    /// <summary>C[m; n] = alpha·op(A)·op(B) + beta·C; op(X) is X or its transpose; ld counts elements between rows as stored. beta = 0 ignores what C held.</summary>
    public static void Multiply(bool transA, bool transB, int m, int n, int k, double alpha, ReadOnlySpan<double> a, int lda, ReadOnlySpan<double> b, int ldb, double beta, Span<double> c, int ldc)
        => Naive(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    /// <summary>The same in float32.</summary>
    public static void Multiply(bool transA, bool transB, int m, int n, int k, float alpha, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, float beta, Span<float> c, int ldc)
        => Naive(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    internal static void Naive<T>(bool transA, bool transB, int m, int n, int k, T alpha, ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> b, int ldb, T beta, Span<T> c, int ldc) where T : unmanaged, INumber<T>
    {
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++)
            {
                var s = T.Zero;
                for (var p = 0; p < k; p++) s += (transA ? a[p * lda + i] : a[i * lda + p]) * (transB ? b[j * ldb + p] : b[p * ldb + j]);
                c[i * ldc + j] = T.IsZero(beta) ? alpha * s : alpha * s + beta * c[i * ldc + j];
            }
    }
}

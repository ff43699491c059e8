using System;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace DiffLib.Kernels;

/// <summary>What a library of linear algebra gives: products and triangles on spans, row-major, and a MathNet provider, column-major, for factorisations.</summary>
public interface IBackend
{
    /// <summary>The word by which it is asked for: managed, openblas, mkl, blis, accelerate or mathnet.</summary>
    string Name { get; }

    /// <summary>The library's own name.</summary>
    string Library { get; }

    /// <summary>The library's version, as it says.</summary>
    string Version { get; }

    /// <summary>The kernel chosen for this processor.</summary>
    string Kernel { get; }

    /// <summary>The most threads one call uses.</summary>
    int Threads { get; }

    /// <summary>Whether factorisations are its own; if not, they are MathNet's managed ones.</summary>
    bool Factorizes { get; }

    /// <summary>C[m; n] = alpha·op(A)·op(B) + beta·C; op(X) is X or its transpose; ld counts elements between rows as stored. beta = 0 ignores what C held.</summary>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension is shorter than a row, or a span is too short.</exception>
    void Multiply(bool transA, bool transB, int m, int n, int k, double alpha, ReadOnlySpan<double> a, int lda, ReadOnlySpan<double> b, int ldb, double beta, Span<double> c, int ldc);

    /// <summary>The same in float32.</summary>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension is shorter than a row, or a span is too short.</exception>
    void Multiply(bool transA, bool transB, int m, int n, int k, float alpha, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, float beta, Span<float> c, int ldc);

    /// <summary>Solves op(T) X = B in place: T is n by n with rows ldt apart, one triangle of it is read, and not its diagonal where that is taken as 1; X is n by k with rows k apart.</summary>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension is shorter than a row, or a span is too short.</exception>
    void SolveTriangle(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ldt, Span<double> x);

    /// <summary>MathNet's interface over it, for all four element types.</summary>
    ILinearAlgebraProvider Provider { get; }
}

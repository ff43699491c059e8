using System;
using System.Runtime.Intrinsics;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace DiffLib.Kernels;

/// <summary>Our own vector kernels and factorisations. Needs nothing installed.</summary>
public sealed class ManagedBackend : IBackend
{
    /// <summary>One for all.</summary>
    public static ManagedBackend Instance { get; } = new();

    /// <summary>Over the processor's own vectors.</summary>
    public ManagedBackend() => Provider = new ComposedProvider(this, null);

    /// <inheritdoc/>
    public string Name => "managed";

    /// <inheritdoc/>
    public string Library => "DiffLib's vector kernels";

    /// <inheritdoc/>
    public string Version => typeof(ManagedBackend).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <inheritdoc/>
    public string Kernel => Vector512.IsHardwareAccelerated ? "Vector512" : Vector256.IsHardwareAccelerated ? "Vector256" : "portable";

    /// <inheritdoc/>
    public int Threads => Parallelism.MaxThreads;

    /// <inheritdoc/>
    public bool Factorizes => true;

    /// <inheritdoc/>
    public ILinearAlgebraProvider Provider { get; }

    /// <inheritdoc/>
    public void Multiply(bool transA, bool transB, int m, int n, int k, double alpha, ReadOnlySpan<double> a, int lda, ReadOnlySpan<double> b, int ldb, double beta, Span<double> c, int ldc) =>
        Gemm.Multiply(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    /// <inheritdoc/>
    public void Multiply(bool transA, bool transB, int m, int n, int k, float alpha, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, float beta, Span<float> c, int ldc) =>
        Gemm.Multiply(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    /// <inheritdoc/>
    public void SolveTriangle(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ldt, Span<double> x)
    {
        Spans.CheckMatrix(nameof(t), t.Length, n, n, ldt);
        Spans.CheckMatrix(nameof(x), x.Length, n, k, k);
        if (n > 0 && k > 0) Triangle.Solve(upper, transposed, unit, n, k, t, ldt, x, k);
    }
}

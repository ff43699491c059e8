using System;
using System.Numerics;
using MathNet.Numerics.Providers;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace DiffLib.Kernels;

/// <summary>A provider of MathNet's: its own for Intel MKL or OpenBLAS, picked up where the application references the package, or any that the application gives.
/// Its interface takes whole arrays only, so products are copied in and out.</summary>
public sealed class MathNetBackend : IBackend
{
    private const string Mkl = "MathNet.Numerics.Providers.MKL.LinearAlgebra.MklLinearAlgebraControl, MathNet.Numerics.Providers.MKL";
    private const string OpenBlas = "MathNet.Numerics.Providers.OpenBLAS.LinearAlgebra.OpenBlasLinearAlgebraControl, MathNet.Numerics.Providers.OpenBLAS";

    /// <summary>Over a provider that has been started.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="provider"/> is null.</exception>
    public MathNetBackend(ILinearAlgebraProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        Provider = provider;
    }

    /// <inheritdoc/>
    public string Name => "mathnet";

    /// <inheritdoc/>
    public string Library => $"MathNet's provider {Provider}";

    /// <inheritdoc/>
    public string Version => Provider.GetType().Assembly.GetName().Version?.ToString(3) ?? "unknown";

    /// <inheritdoc/>
    public string Kernel => "unknown";

    /// <inheritdoc/>
    public int Threads => MathNet.Numerics.Control.MaxDegreeOfParallelism;

    /// <inheritdoc/>
    public bool Factorizes => true;

    /// <inheritdoc/>
    public ILinearAlgebraProvider Provider { get; }

    /// <summary>MathNet's native provider, if the application references one and it starts; else null and the reason. MathNet's own choice is neither read nor changed.</summary>
    internal static (MathNetBackend? Backend, string Reason) Find()
    {
        // written out, so that trimming sees them
        var (backend, mkl) = Create(Type.GetType(Mkl, throwOnError: false), "MathNet.Numerics.Providers.MKL");
        if (backend is not null) return (backend, mkl);
        (backend, var openBlas) = Create(Type.GetType(OpenBlas, throwOnError: false), "MathNet.Numerics.Providers.OpenBLAS");
        return (backend, backend is null ? $"{mkl}; {openBlas}" : openBlas);
    }

    private static (MathNetBackend? Backend, string Reason) Create(
        [System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] Type? control, string package)
    {
        if (control is null) return (null, $"the application does not reference {package}");
        try
        {
            if (Activator.CreateInstance(control) is not IProviderCreator<ILinearAlgebraProvider> creator) return (null, $"{package} does not create providers as MathNet.Numerics 5 asks");
            if (creator.CreateProvider() is not { } provider) return (null, $"{package} gave no provider");
            if (!provider.IsAvailable()) return (null, $"{package} is referenced, but its native library is not there: add the package with it");
            provider.InitializeVerify();
            return (new MathNetBackend(provider), $"the application references {package}");
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return (null, $"{package} does not start: {(problem.InnerException ?? problem).Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <inheritdoc/>
    public void Multiply(bool transA, bool transB, int m, int n, int k, double alpha, ReadOnlySpan<double> a, int lda, ReadOnlySpan<double> b, int ldb, double beta, Span<double> c, int ldc) =>
        Multiply(Provider, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    /// <inheritdoc/>
    public void Multiply(bool transA, bool transB, int m, int n, int k, float alpha, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, float beta, Span<float> c, int ldc) =>
        Multiply(Provider, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    /// <inheritdoc/>
    public void SolveTriangle(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ldt, Span<double> x) =>
        ManagedBackend.Instance.SolveTriangle(upper, transposed, unit, n, k, t, ldt, x);

    /// <summary>Row-major numbers are, column-major, those of the transpose: Cᵀ = op(B)ᵀ op(A)ᵀ.</summary>
    private static void Multiply<T>(ILinearAlgebraProvider<T> provider, bool transA, bool transB, int m, int n, int k, T alpha, ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> b, int ldb, T beta, Span<T> c, int ldc)
        where T : struct, INumber<T>
    {
        Spans.CheckMatrix(nameof(c), c.Length, m, n, ldc);
        if (m == 0 || n == 0) return;
        var (rowsA, columnsA) = transA ? (k, m) : (m, k);
        var (rowsB, columnsB) = transB ? (n, k) : (k, n);
        Spans.CheckMatrix(nameof(a), a.Length, rowsA, columnsA, lda);
        Spans.CheckMatrix(nameof(b), b.Length, rowsB, columnsB, ldb);
        var result = T.IsZero(beta) ? new T[m * n] : Packed<T>(c, m, n, ldc);
        if (k == 0) provider.ScaleArray(beta, result, result);
        else
        {
            provider.MatrixMultiplyWithUpdate(
                transB ? Transpose.Transpose : Transpose.DontTranspose, transA ? Transpose.Transpose : Transpose.DontTranspose,
                alpha, Packed(b, rowsB, columnsB, ldb), columnsB, rowsB, Packed(a, rowsA, columnsA, lda), columnsA, rowsA, beta, result);
        }

        for (var i = 0; i < m; i++) result.AsSpan(i * n, n).CopyTo(c[(i * ldc)..]);
    }

    private static T[] Packed<T>(ReadOnlySpan<T> x, int rows, int columns, int ld)
    {
        var result = new T[rows * columns];
        for (var i = 0; i < rows; i++) x.Slice(i * ld, columns).CopyTo(result.AsSpan(i * columns));
        return result;
    }
}

using System;
using System.Runtime.InteropServices;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace DiffLib.Kernels;

/// <summary>A native library by its CBLAS symbols, and its Fortran LAPACK symbols where it has them. It stays loaded until the process ends.</summary>
public sealed unsafe class NativeBackend : IBackend
{
    private const int RowMajor = 101, Plain = 111, Transposed = 112, Upper = 121, Lower = 122, NonUnit = 131, Unit = 132, Left = 141;

    private readonly delegate* unmanaged<int, int, int, int, int, int, double, double*, int, double*, int, double, double*, int, void> _dgemm;
    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _sgemm;
    private readonly delegate* unmanaged<int, int, int, int, int, int, int, double, double*, int, double*, int, void> _dtrsm;
    private readonly NativeInformation _information;

    /// <exception cref="EntryPointNotFoundException">The library lacks a symbol of CBLAS.</exception>
    internal NativeBackend(NativeKind kind, nint handle, string path, NativeInformation information)
    {
        (Kind, Handle, Path, _information) = (kind, handle, path, information);
        _dgemm = (delegate* unmanaged<int, int, int, int, int, int, double, double*, int, double*, int, double, double*, int, void>)NativeLibrary.GetExport(handle, "cblas_dgemm");
        _sgemm = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)NativeLibrary.GetExport(handle, "cblas_sgemm");
        _dtrsm = (delegate* unmanaged<int, int, int, int, int, int, int, double, double*, int, double*, int, void>)NativeLibrary.GetExport(handle, "cblas_dtrsm");
        Provider = new ComposedProvider(this, this);
    }

    /// <summary>Which library.</summary>
    public NativeKind Kind { get; }

    /// <summary>The file, or the name that the system's loader knew it by.</summary>
    public string Path { get; }

    internal nint Handle { get; }

    internal NativeCalls Calls { get; } = new();

    /// <inheritdoc/>
    public string Name => Kind.Name();

    /// <inheritdoc/>
    public string Library => Kind switch { NativeKind.OpenBlas => "OpenBLAS", NativeKind.Mkl => "Intel MKL", NativeKind.Blis => "BLIS", _ => "Accelerate" };

    /// <inheritdoc/>
    public string Version => _information.Version;

    /// <inheritdoc/>
    public string Kernel => _information.Kernel;

    /// <inheritdoc/>
    public int Threads
    {
        get => _information.Threads();
        internal set => _information.SetThreads(value);
    }

    /// <inheritdoc/>
    public bool Factorizes => Kind != NativeKind.Blis;

    /// <inheritdoc/>
    public ILinearAlgebraProvider Provider { get; }

    /// <inheritdoc/>
    public void Multiply(bool transA, bool transB, int m, int n, int k, double alpha, ReadOnlySpan<double> a, int lda, ReadOnlySpan<double> b, int ldb, double beta, Span<double> c, int ldc)
    {
        if (!Check(transA, transB, m, n, k, a.Length, lda, b.Length, ldb, c.Length, ldc)) return;
        fixed (double* pa = &MemoryMarshal.GetReference(a), pb = &MemoryMarshal.GetReference(b), pc = &MemoryMarshal.GetReference(c))
            using (Calls.Enter())
                _dgemm(RowMajor, transA ? Transposed : Plain, transB ? Transposed : Plain, m, n, k, alpha, pa, Math.Max(1, lda), pb, Math.Max(1, ldb), beta, pc, ldc);
    }

    /// <inheritdoc/>
    public void Multiply(bool transA, bool transB, int m, int n, int k, float alpha, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, float beta, Span<float> c, int ldc)
    {
        if (!Check(transA, transB, m, n, k, a.Length, lda, b.Length, ldb, c.Length, ldc)) return;
        fixed (float* pa = &MemoryMarshal.GetReference(a), pb = &MemoryMarshal.GetReference(b), pc = &MemoryMarshal.GetReference(c))
            using (Calls.Enter())
                _sgemm(RowMajor, transA ? Transposed : Plain, transB ? Transposed : Plain, m, n, k, alpha, pa, Math.Max(1, lda), pb, Math.Max(1, ldb), beta, pc, ldc);
    }

    /// <inheritdoc/>
    public void SolveTriangle(bool upper, bool transposed, bool unit, int n, int k, ReadOnlySpan<double> t, int ldt, Span<double> x)
    {
        Spans.CheckMatrix(nameof(t), t.Length, n, n, ldt);
        Spans.CheckMatrix(nameof(x), x.Length, n, k, k);
        if (n == 0 || k == 0) return;
        if (k == 1)
        {
            // the libraries pack the triangle first, which takes longer than the substitution itself
            Triangle.Solve(upper, transposed, unit, n, k, t, ldt, x, k);
            return;
        }

        fixed (double* pt = &MemoryMarshal.GetReference(t), px = &MemoryMarshal.GetReference(x))
            using (Calls.Enter())
                _dtrsm(RowMajor, Left, upper ? Upper : Lower, transposed ? Transposed : Plain, unit ? Unit : NonUnit, n, k, 1, pt, ldt, px, k);
    }

    private static bool Check(bool transA, bool transB, int m, int n, int k, int a, int lda, int b, int ldb, int c, int ldc)
    {
        Spans.CheckMatrix("c", c, m, n, ldc);
        if (m == 0 || n == 0) return false;
        Spans.CheckMatrix("a", a, transA ? k : m, transA ? m : k, lda);
        Spans.CheckMatrix("b", b, transB ? n : k, transB ? k : n, ldb);
        return true;
    }
}

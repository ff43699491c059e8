using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using MathNet.Numerics;

namespace DiffLib.Kernels;

/// <summary>Names of LAPACK's routines.</summary>
internal static class Lapack
{
    private static readonly string[] Shared = ["getrf", "getri", "getrs", "potrf", "potrs", "geqrf", "gesdd", "geev"];

    /// <summary>All symbols that we call.</summary>
    public static IEnumerable<string> Symbols =>
        "sdcz".SelectMany(letter => Shared.Select(name => $"{letter}{name}_"))
            .Concat(["sorgqr_", "dorgqr_", "cungqr_", "zungqr_", "sormqr_", "dormqr_", "cunmqr_", "zunmqr_", "ssyevd_", "dsyevd_", "cheevd_", "zheevd_"]);

    /// <summary>The letter by which BLAS and LAPACK call an element type.</summary>
    public static char Letter<T>() =>
        typeof(T) == typeof(float) ? 's' : typeof(T) == typeof(double) ? 'd' : typeof(T) == typeof(Complex32) ? 'c' : typeof(T) == typeof(Complex) ? 'z' : throw new NotSupportedException($"There is no linear algebra over {typeof(T)}.");
}

/// <summary>LAPACK over one element type, column-major, by its Fortran symbols: everything goes by address, and the lengths of letters follow the arguments.
/// Sizes of arrays have been checked by the caller. Each routine gives LAPACK's info: 0, or i where the i-th pivot or minor or iteration failed.</summary>
internal sealed unsafe class Lapack<T> where T : unmanaged
{
    private static readonly bool IsComplex = typeof(T) == typeof(Complex) || typeof(T) == typeof(Complex32);
    private static readonly int RealSize = typeof(T) == typeof(double) || typeof(T) == typeof(Complex) ? sizeof(double) : sizeof(float);

    private readonly NativeCalls _calls;
    private readonly delegate* unmanaged<int, int, int, int, int, int, void*, void*, int, void*, int, void*, void*, int, void> _complexGemm;
    private readonly delegate* unmanaged<int*, int*, void*, int*, int*, int*, void> _getrf;
    private readonly delegate* unmanaged<int*, void*, int*, int*, void*, int*, int*, void> _getri;
    private readonly delegate* unmanaged<byte*, int*, int*, void*, int*, int*, void*, int*, int*, nint, void> _getrs;
    private readonly delegate* unmanaged<byte*, int*, void*, int*, int*, nint, void> _potrf;
    private readonly delegate* unmanaged<byte*, int*, int*, void*, int*, void*, int*, int*, nint, void> _potrs;
    private readonly delegate* unmanaged<int*, int*, void*, int*, void*, void*, int*, int*, void> _geqrf;
    private readonly delegate* unmanaged<int*, int*, int*, void*, int*, void*, void*, int*, int*, void> _orgqr;
    private readonly delegate* unmanaged<byte*, byte*, int*, int*, int*, void*, int*, void*, void*, int*, void*, int*, int*, nint, nint, void> _ormqr;
    private readonly void* _gesdd, _syevd, _geev, _trsm;

    public Lapack(nint handle, NativeCalls calls, bool products)
    {
        _calls = calls;
        var letter = Lapack.Letter<T>();
        void* Symbol(string name) => (void*)NativeLibrary.GetExport(handle, name);
        if (IsComplex) _complexGemm = (delegate* unmanaged<int, int, int, int, int, int, void*, void*, int, void*, int, void*, void*, int, void>)Symbol($"cblas_{letter}gemm");
        _trsm = Symbol($"cblas_{letter}trsm");
        if (products) return;
        _getrf = (delegate* unmanaged<int*, int*, void*, int*, int*, int*, void>)Symbol($"{letter}getrf_");
        _getri = (delegate* unmanaged<int*, void*, int*, int*, void*, int*, int*, void>)Symbol($"{letter}getri_");
        _getrs = (delegate* unmanaged<byte*, int*, int*, void*, int*, int*, void*, int*, int*, nint, void>)Symbol($"{letter}getrs_");
        _potrf = (delegate* unmanaged<byte*, int*, void*, int*, int*, nint, void>)Symbol($"{letter}potrf_");
        _potrs = (delegate* unmanaged<byte*, int*, int*, void*, int*, void*, int*, int*, nint, void>)Symbol($"{letter}potrs_");
        _geqrf = (delegate* unmanaged<int*, int*, void*, int*, void*, void*, int*, int*, void>)Symbol($"{letter}geqrf_");
        _orgqr = (delegate* unmanaged<int*, int*, int*, void*, int*, void*, void*, int*, int*, void>)Symbol(letter + (IsComplex ? "ungqr_" : "orgqr_"));
        _ormqr = (delegate* unmanaged<byte*, byte*, int*, int*, int*, void*, int*, void*, void*, int*, void*, int*, int*, nint, nint, void>)Symbol(letter + (IsComplex ? "unmqr_" : "ormqr_"));
        _gesdd = Symbol($"{letter}gesdd_");
        _syevd = Symbol(letter + (IsComplex ? "heevd_" : "syevd_"));
        _geev = Symbol($"{letter}geev_");
    }

    /// <summary>The conjugate transpose, which for real numbers is the transpose.</summary>
    private static byte Adjoint => IsComplex ? (byte)'C' : (byte)'T';

    /// <summary>C = alpha·op(A)·op(B) + beta·C for complex elements; the codes are CBLAS's.</summary>
    public void ComplexMultiply(int transA, int transB, int m, int n, int k, T alpha, T[] a, int lda, T[] b, int ldb, T beta, T[] c)
    {
        fixed (T* pa = a, pb = b, pc = c)
            using (_calls.Enter()) _complexGemm(102, transA, transB, m, n, k, &alpha, pa, Math.Max(1, lda), pb, Math.Max(1, ldb), &beta, pc, Math.Max(1, m));
    }

    /// <summary>P A = L U in place; pivots count from 1.</summary>
    public int Getrf(int m, int n, T[] a, int[] pivots)
    {
        int lda = Math.Max(1, m), info;
        fixed (T* pa = a)
        fixed (int* pp = pivots)
            using (_calls.Enter()) _getrf(&m, &n, pa, &lda, pp, &info);
        return info;
    }

    /// <summary>The inverse from the factors, in place.</summary>
    public int Getri(int n, T[] a, int[] pivots)
    {
        int lda = Math.Max(1, n), info;
        fixed (T* pa = a)
        fixed (int* pp = pivots)
            using (_calls.Enter())
            {
                T size;
                var length = -1;
                _getri(&n, pa, &lda, pp, &size, &length, &info);
                length = Length(&size, n);
                fixed (T* work = new T[length]) _getri(&n, pa, &lda, pp, work, &length, &info);
            }

        return info;
    }

    /// <summary>X with A X = B from the factors, in B's place.</summary>
    public int Getrs(int n, int columns, T[] a, int[] pivots, T[] b)
    {
        int lda = Math.Max(1, n), info;
        var letter = (byte)'N';
        fixed (T* pa = a, pb = b)
        fixed (int* pp = pivots)
            using (_calls.Enter()) _getrs(&letter, &n, &columns, pa, &lda, pp, pb, &lda, &info, 1);
        return info;
    }

    /// <summary>L with L Lᴴ = A, in the lower triangle; the upper one is neither read nor written.</summary>
    public int Potrf(int n, T[] a)
    {
        int lda = Math.Max(1, n), info;
        var letter = (byte)'L';
        fixed (T* pa = a)
            using (_calls.Enter()) _potrf(&letter, &n, pa, &lda, &info, 1);
        return info;
    }

    /// <summary>X with L Lᴴ X = B, in B's place.</summary>
    public int Potrs(int n, int columns, T[] a, T[] b)
    {
        int lda = Math.Max(1, n), info;
        var letter = (byte)'L';
        fixed (T* pa = a, pb = b)
            using (_calls.Enter()) _potrs(&letter, &n, &columns, pa, &lda, pb, &lda, &info, 1);
        return info;
    }

    /// <summary>R in the upper triangle, the reflections of Q below it and in tau.</summary>
    public int Geqrf(int m, int n, T[] a, T[] tau)
    {
        int lda = Math.Max(1, m), info, length = -1;
        fixed (T* pa = a, pt = tau)
            using (_calls.Enter())
            {
                T size;
                _geqrf(&m, &n, pa, &lda, pt, &size, &length, &info);
                length = Length(&size, n);
                fixed (T* work = new T[length]) _geqrf(&m, &n, pa, &lda, pt, work, &length, &info);
            }

        return info;
    }

    /// <summary>The first n columns of Q from k reflections, in their place.</summary>
    public int Orgqr(int m, int n, int k, T[] a, T[] tau)
    {
        int lda = Math.Max(1, m), info, length = -1;
        fixed (T* pa = a, pt = tau)
            using (_calls.Enter())
            {
                T size;
                _orgqr(&m, &n, &k, pa, &lda, pt, &size, &length, &info);
                length = Length(&size, n);
                fixed (T* work = new T[length]) _orgqr(&m, &n, &k, pa, &lda, pt, work, &length, &info);
            }

        return info;
    }

    /// <summary>Qᴴ C from k reflections, in C's place: C is m by columns.</summary>
    public int Ormqr(int m, int columns, int k, T[] a, T[] tau, T[] c)
    {
        int lda = Math.Max(1, m), info, length = -1;
        byte side = (byte)'L', adjoint = Adjoint;
        fixed (T* pa = a, pt = tau, pc = c)
            using (_calls.Enter())
            {
                T size;
                _ormqr(&side, &adjoint, &m, &columns, &k, pa, &lda, pt, pc, &lda, &size, &length, &info, 1, 1);
                length = Length(&size, columns);
                fixed (T* work = new T[length]) _ormqr(&side, &adjoint, &m, &columns, &k, pa, &lda, pt, pc, &lda, work, &length, &info, 1, 1);
            }

        return info;
    }

    /// <summary>X with R X = B for an upper triangle R with columns ldr apart and B with columns ldb apart, in B's place.</summary>
    public void SolveUpper(int n, int columns, T[] r, int ldr, T[] b, int ldb)
    {
        const int columnMajor = 102, left = 141, upper = 121, plain = 111, nonUnit = 131;
        T one = One;
        fixed (T* pr = r, pb = b)
            using (_calls.Enter())
            {
                if (IsComplex) ((delegate* unmanaged<int, int, int, int, int, int, int, void*, void*, int, void*, int, void>)_trsm)(columnMajor, left, upper, plain, nonUnit, n, columns, &one, pr, ldr, pb, ldb);
                else if (RealSize == sizeof(double)) ((delegate* unmanaged<int, int, int, int, int, int, int, double, void*, int, void*, int, void>)_trsm)(columnMajor, left, upper, plain, nonUnit, n, columns, 1, pr, ldr, pb, ldb);
                else ((delegate* unmanaged<int, int, int, int, int, int, int, float, void*, int, void*, int, void>)_trsm)(columnMajor, left, upper, plain, nonUnit, n, columns, 1, pr, ldr, pb, ldb);
            }
    }

    /// <summary>A = U diag(S) Vᴴ by divide and conquer, with all columns of U and rows of Vᴴ if there is room for them, else the first min(m, n), or none if u is empty; A is destroyed.
    /// The singular values are given, descending.</summary>
    public (double[] Values, int Info) Gesdd(int m, int n, T[] a, T[] u, T[] vt)
    {
        int k = Math.Min(m, n), info;
        var vectors = u.Length == 0 ? (byte)'N' : u.Length == (long)m * m && vt.Length == (long)n * n ? (byte)'A' : (byte)'S';
        var values = new byte[RealSize * Math.Max(1, k)];
        var reals = new byte[IsComplex ? checked((int)(RealSize * (long)Math.Max(1, k) * Math.Max(5L * k + 7, 2L * Math.Max(m, n) + (2L * k) + 1))) : 1];
        fixed (T* pa = a, pu = u, pv = vt)
        fixed (byte* ps = values, pr = reals)
        fixed (int* pi = new int[8 * Math.Max(1, k)])
            using (_calls.Enter())
            {
                T size;
                info = Gesdd(vectors, m, n, pa, ps, pu, pv, &size, -1, pr, pi);
                var length = Length(&size, 1);
                if (info == 0) fixed (T* work = new T[length]) info = Gesdd(vectors, m, n, pa, ps, pu, pv, work, length, pr, pi);
            }

        return (Widened(values, k), info);
    }

    private int Gesdd(byte job, int m, int n, void* a, void* s, void* u, void* vt, void* work, int length, void* reals, int* integers)
    {
        int lda = Math.Max(1, m), ldu = job == 'N' ? 1 : lda, ldv = Math.Max(1, job switch { (byte)'A' => n, (byte)'S' => Math.Min(m, n), _ => 1 }), info;
        if (IsComplex) ((delegate* unmanaged<byte*, int*, int*, void*, int*, void*, void*, int*, void*, int*, void*, int*, void*, int*, int*, nint, void>)_gesdd)(&job, &m, &n, a, &lda, s, u, &ldu, vt, &ldv, work, &length, reals, integers, &info, 1);
        else ((delegate* unmanaged<byte*, int*, int*, void*, int*, void*, void*, int*, void*, int*, void*, int*, int*, int*, nint, void>)_gesdd)(&job, &m, &n, a, &lda, s, u, &ldu, vt, &ldv, work, &length, integers, &info, 1);
        return info;
    }

    /// <summary>Eigenvalues, ascending, of the symmetric or Hermitian matrix in the lower triangle of A, and its eigenvectors in A's columns, if wanted, by divide and conquer.</summary>
    public (double[] Values, int Info) Syevd(bool vectors, int n, T[] a)
    {
        int info;
        var values = new byte[RealSize * Math.Max(1, n)];
        fixed (T* pa = a)
        fixed (byte* pw = values)
            using (_calls.Enter())
            {
                T size;
                double realSize = 0;
                int integerSize;
                info = Syevd(vectors, n, pa, pw, &size, -1, &realSize, -1, &integerSize, -1);
                var reals = RealSize == sizeof(double) ? (int)realSize : (int)*(float*)&realSize;
                if (info != 0) return ([], info);
                var length = Length(&size, 1);
                fixed (T* work = new T[length])
                fixed (byte* pr = new byte[RealSize * Math.Max(1, reals)])
                fixed (int* pi = new int[Math.Max(1, integerSize)])
                    info = Syevd(vectors, n, pa, pw, work, length, pr, reals, pi, integerSize);
            }

        return (Widened(values, n), info);
    }

    private int Syevd(bool vectors, int n, void* a, void* w, void* work, int length, void* reals, int realLength, int* integers, int integerLength)
    {
        int lda = Math.Max(1, n), info;
        byte job = vectors ? (byte)'V' : (byte)'N', triangle = (byte)'L';
        if (IsComplex) ((delegate* unmanaged<byte*, byte*, int*, void*, int*, void*, void*, int*, void*, int*, int*, int*, int*, nint, nint, void>)_syevd)(&job, &triangle, &n, a, &lda, w, work, &length, reals, &realLength, integers, &integerLength, &info, 1, 1);
        else ((delegate* unmanaged<byte*, byte*, int*, void*, int*, void*, void*, int*, int*, int*, int*, nint, nint, void>)_syevd)(&job, &triangle, &n, a, &lda, w, work, &length, integers, &integerLength, &info, 1, 1);
        return info;
    }

    /// <summary>Eigenvalues of any square matrix, and right eigenvectors of length 1 in the columns of v; of a real matrix's conjugate pair, the first column holds the real part
    /// and the second the imaginary part. A is destroyed.</summary>
    public (Complex[] Values, int Info) Geev(int n, T[] a, T[] v)
    {
        int info;
        var values = new byte[2 * RealSize * Math.Max(1, n)];
        fixed (T* pa = a, pv = v)
        fixed (byte* pw = values, pr = new byte[2 * RealSize * Math.Max(1, n)])
            using (_calls.Enter())
            {
                T size;
                info = Geev(n, pa, pw, pv, &size, -1, pr);
                if (info != 0) return ([], info);
                var length = Length(&size, 1);
                fixed (T* work = new T[length]) info = Geev(n, pa, pw, pv, work, length, pr);
            }

        var numbers = Widened(values, 2 * n);
        var result = new Complex[n];
        for (var i = 0; i < n; i++) result[i] = IsComplex ? new(numbers[2 * i], numbers[(2 * i) + 1]) : new(numbers[i], numbers[n + i]);
        return (result, info);
    }

    private int Geev(int n, void* a, byte* w, void* v, void* work, int length, void* reals)
    {
        int lda = Math.Max(1, n), one = 1, info;
        byte left = (byte)'N', right = (byte)'V';
        if (IsComplex) ((delegate* unmanaged<byte*, byte*, int*, void*, int*, void*, void*, int*, void*, int*, void*, int*, void*, int*, nint, nint, void>)_geev)(&left, &right, &n, a, &lda, w, null, &one, v, &lda, work, &length, reals, &info, 1, 1);
        else ((delegate* unmanaged<byte*, byte*, int*, void*, int*, void*, void*, void*, int*, void*, int*, void*, int*, int*, nint, nint, void>)_geev)(&left, &right, &n, a, &lda, w, w + (RealSize * n), null, &one, v, &lda, work, &length, &info, 1, 1);
        return info;
    }

    private static double[] Widened(byte[] reals, int count)
    {
        var result = new double[count];
        for (var i = 0; i < count; i++)
            result[i] = RealSize == sizeof(double) ? BitConverter.ToDouble(reals, i * sizeof(double)) : BitConverter.ToSingle(reals, i * sizeof(float));
        return result;
    }

    public static T One => typeof(T) == typeof(double) ? (T)(object)1.0 : typeof(T) == typeof(float) ? (T)(object)1.0f : typeof(T) == typeof(Complex) ? (T)(object)Complex.One : (T)(object)Complex32.One;

    /// <summary>What a query for work space answered; at least as much as the routine may not do without.</summary>
    private static int Length(T* size, int least) =>
        Math.Max(Math.Max(1, least), (int)Math.Ceiling(RealSize == sizeof(double) ? *(double*)size : *(float*)size));
}

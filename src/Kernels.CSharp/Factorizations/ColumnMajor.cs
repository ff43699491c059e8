using System;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>What factorisations need of column-major matrices, element (i, j) of which lies at i + j·ld: products by our own kernels, and operations on single columns.
/// Sums are taken in an order that depends on lengths only.</summary>
internal static unsafe class ColumnMajor
{
    /// <summary>C[m; n] = alpha·op(A)·op(B) + beta·C. The same numbers, row by row, are the transposed matrices: Cᵀ = op(B)ᵀ op(A)ᵀ.</summary>
    public static void Multiply(bool transA, bool transB, int m, int n, int k, double alpha, double* a, int lda, double* b, int ldb, double beta, double* c, int ldc)
    {
        if (m == 0 || n == 0 || k == 0) return;
        Gemm.Multiply(
            transB, transA, n, m, k, alpha, Stored(b, transB ? n : k, transB ? k : n, ldb), ldb, Stored(a, transA ? k : m, transA ? m : k, lda), lda, beta, Stored(c, m, n, ldc), ldc);
    }

    private static Span<double> Stored(double* a, int rows, int columns, int ld) => new(a, checked((columns - 1) * ld + rows));

    /// <summary>The sum of x(i)·y(i).</summary>
    public static double Dot(int n, double* x, double* y) =>
        Vector512.IsHardwareAccelerated ? GemmVector<Doubles512, Vector512<double>, double>.Dot(x, y, n)
        : Vector256.IsHardwareAccelerated ? GemmVector<Doubles256, Vector256<double>, double>.Dot(x, y, n)
        : GemmVector<Doubles128, Vector128<double>, double>.Dot(x, y, n);

    /// <summary>y += weight·x.</summary>
    public static void Add(int n, double weight, double* x, double* y)
    {
        if (Vector512.IsHardwareAccelerated) ColumnKernels<Doubles512, Vector512<double>>.Add(n, weight, x, y);
        else if (Vector256.IsHardwareAccelerated) ColumnKernels<Doubles256, Vector256<double>>.Add(n, weight, x, y);
        else ColumnKernels<Doubles128, Vector128<double>>.Add(n, weight, x, y);
    }

    /// <summary>x *= weight.</summary>
    public static void Scale(int n, double weight, double* x) => TensorPrimitives.Multiply(new ReadOnlySpan<double>(x, n), weight, new Span<double>(x, n));

    /// <summary>y -= A x for A [m; k], the numbers of x a distance apart.</summary>
    public static void Subtract(int m, int k, double* a, int lda, double* x, int distance, double* y)
    {
        if (Vector512.IsHardwareAccelerated) ColumnKernels<Doubles512, Vector512<double>>.Combine(-1, m, k, a, lda, x, distance, y);
        else if (Vector256.IsHardwareAccelerated) ColumnKernels<Doubles256, Vector256<double>>.Combine(-1, m, k, a, lda, x, distance, y);
        else ColumnKernels<Doubles128, Vector128<double>>.Combine(-1, m, k, a, lda, x, distance, y);
    }

    /// <summary>y = A x for A [m; k].</summary>
    public static void Times(int m, int k, double* a, int lda, double* x, double* y)
    {
        new Span<double>(y, m).Clear();
        if (Vector512.IsHardwareAccelerated) ColumnKernels<Doubles512, Vector512<double>>.Combine(1, m, k, a, lda, x, 1, y);
        else if (Vector256.IsHardwareAccelerated) ColumnKernels<Doubles256, Vector256<double>>.Combine(1, m, k, a, lda, x, 1, y);
        else ColumnKernels<Doubles128, Vector128<double>>.Combine(1, m, k, a, lda, x, 1, y);
    }

    /// <summary>y = Aᵀ x for A [m; k].</summary>
    public static void TransposedTimes(int m, int k, double* a, int lda, double* x, double* y)
    {
        if (Vector512.IsHardwareAccelerated) ColumnKernels<Doubles512, Vector512<double>>.Dots(m, k, a, lda, x, y);
        else if (Vector256.IsHardwareAccelerated) ColumnKernels<Doubles256, Vector256<double>>.Dots(m, k, a, lda, x, y);
        else ColumnKernels<Doubles128, Vector128<double>>.Dots(m, k, a, lda, x, y);
    }

    /// <summary>y = A x for a symmetric matrix, the lower triangle of which is read, once.</summary>
    public static void SymmetricTimes(int n, double* a, int lda, double* x, double* y)
    {
        if (Vector512.IsHardwareAccelerated) ColumnKernels<Doubles512, Vector512<double>>.SymmetricTimes(n, a, lda, x, y);
        else if (Vector256.IsHardwareAccelerated) ColumnKernels<Doubles256, Vector256<double>>.SymmetricTimes(n, a, lda, x, y);
        else ColumnKernels<Doubles128, Vector128<double>>.SymmetricTimes(n, a, lda, x, y);
    }

    /// <summary>target [columns; rows] = the transpose of source [rows; columns].</summary>
    public static void Transpose(int rows, int columns, double* source, int ldSource, double* target, int ldTarget) =>
        Transposition.Matrix(source, ldSource, target, ldTarget, columns, rows);

    /// <summary>The largest magnitude, or NaN.</summary>
    public static double Largest(int n, double* x) => n == 0 ? 0 : Math.Abs(TensorPrimitives.MaxMagnitude<double>(new ReadOnlySpan<double>(x, n)));
}

/// <summary>The loops of <see cref="ColumnMajor"/> over registers of one width.</summary>
internal static unsafe class ColumnKernels<L, V> where L : struct, IProductLanes<V, double> where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(int n, double weight, double* x, double* y)
    {
        var w = L.Of(weight);
        var i = 0;
        for (; i + L.Count <= n; i += L.Count) L.Store(L.MultiplyAdd(w, L.Load(x + i), L.Load(y + i)), y + i);
        for (; i < n; i++) y[i] = double.MultiplyAddEstimate(weight, x[i], y[i]);
    }

    /// <summary>y += sign·A x, four columns at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(double sign, int m, int k, double* a, nint lda, double* x, nint distance, double* y)
    {
        var j = 0;
        for (; j + 4 <= k; j += 4, a += 4 * lda, x += 4 * distance) AddFour(m, a, lda, sign * x[0], sign * x[distance], sign * x[2 * distance], sign * x[3 * distance], y);
        for (; j < k; j++, a += lda, x += distance) Add(m, sign * *x, a, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(int m, double* a, nint lda, double x0, double x1, double x2, double x3, double* y)
    {
        double* b = a + lda, c = b + lda, d = c + lda;
        V w0 = L.Of(x0), w1 = L.Of(x1), w2 = L.Of(x2), w3 = L.Of(x3);
        var i = 0;
        for (; i + L.Count <= m; i += L.Count)
        {
            var sum = L.MultiplyAdd(w0, L.Load(a + i), L.Load(y + i));
            sum = L.MultiplyAdd(w1, L.Load(b + i), sum);
            sum = L.MultiplyAdd(w2, L.Load(c + i), sum);
            L.Store(L.MultiplyAdd(w3, L.Load(d + i), sum), y + i);
        }

        for (; i < m; i++) y[i] += a[i] * x0 + b[i] * x1 + (c[i] * x2 + d[i] * x3);
    }

    /// <summary>y = Aᵀ x, four columns at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(int m, int k, double* a, nint lda, double* x, double* y)
    {
        var j = 0;
        for (; j + 4 <= k; j += 4, a += 4 * lda) FourDots(m, a, lda, x, y + j);
        for (; j < k; j++, a += lda) y[j] = GemmVector<L, V, double>.Dot(a, x, m);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourDots(int m, double* a, nint lda, double* x, double* y)
    {
        double* b = a + lda, c = b + lda, d = c + lda;
        V s0 = L.Of(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
        var i = 0;
        for (; i + 2 * L.Count <= m; i += 2 * L.Count)
        {
            V u = L.Load(x + i), v = L.Load(x + i + L.Count);
            s0 = L.MultiplyAdd(L.Load(a + i), u, s0);
            s1 = L.MultiplyAdd(L.Load(b + i), u, s1);
            s2 = L.MultiplyAdd(L.Load(c + i), u, s2);
            s3 = L.MultiplyAdd(L.Load(d + i), u, s3);
            t0 = L.MultiplyAdd(L.Load(a + i + L.Count), v, t0);
            t1 = L.MultiplyAdd(L.Load(b + i + L.Count), v, t1);
            t2 = L.MultiplyAdd(L.Load(c + i + L.Count), v, t2);
            t3 = L.MultiplyAdd(L.Load(d + i + L.Count), v, t3);
        }

        double y0 = L.Sum(L.Add(s0, t0)), y1 = L.Sum(L.Add(s1, t1)), y2 = L.Sum(L.Add(s2, t2)), y3 = L.Sum(L.Add(s3, t3));
        for (; i < m; i++)
        {
            y0 += a[i] * x[i];
            y1 += b[i] * x[i];
            y2 += c[i] * x[i];
            y3 += d[i] * x[i];
        }

        (y[0], y[1], y[2], y[3]) = (y0, y1, y2, y3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SymmetricTimes(int n, double* a, int lda, double* x, double* y)
    {
        new Span<double>(y, n).Clear();
        var j = 0;
        for (; j + 4 <= n; j += 4) FourColumns(n - j, a + (nint)j * lda + j, lda, x + j, y + j);
        for (; j < n; j++)
        {
            var column = a + (nint)j * lda;
            y[j] += column[j] * x[j];
            for (var i = j + 1; i < n; i++)
            {
                y[i] += column[i] * x[j];
                y[j] += column[i] * x[i];
            }
        }
    }

    /// <summary>Four columns from the diagonal down: each number is met by x on its row and on its column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourColumns(int m, double* a, nint lda, double* x, double* y)
    {
        double* b = a + lda, c = b + lda, d = c + lda;
        double x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
        var y0 = a[0] * x0 + a[1] * x1 + (a[2] * x2 + a[3] * x3);
        var y1 = a[1] * x0 + b[1] * x1 + (b[2] * x2 + b[3] * x3);
        var y2 = a[2] * x0 + b[2] * x1 + (c[2] * x2 + c[3] * x3);
        var y3 = a[3] * x0 + b[3] * x1 + (c[3] * x2 + d[3] * x3);
        V w0 = L.Of(x0), w1 = L.Of(x1), w2 = L.Of(x2), w3 = L.Of(x3);
        V s0 = L.Of(0), s1 = s0, s2 = s0, s3 = s0;
        var i = 4;
        for (; i + L.Count <= m; i += L.Count)
        {
            V row = L.Load(x + i), sum = L.Load(y + i);
            V p = L.Load(a + i), q = L.Load(b + i), r = L.Load(c + i), s = L.Load(d + i);
            s0 = L.MultiplyAdd(p, row, s0);
            s1 = L.MultiplyAdd(q, row, s1);
            s2 = L.MultiplyAdd(r, row, s2);
            s3 = L.MultiplyAdd(s, row, s3);
            sum = L.MultiplyAdd(p, w0, sum);
            sum = L.MultiplyAdd(q, w1, sum);
            sum = L.MultiplyAdd(r, w2, sum);
            L.Store(L.MultiplyAdd(s, w3, sum), y + i);
        }

        for (; i < m; i++)
        {
            y0 += a[i] * x[i];
            y1 += b[i] * x[i];
            y2 += c[i] * x[i];
            y3 += d[i] * x[i];
            y[i] += a[i] * x0 + b[i] * x1 + (c[i] * x2 + d[i] * x3);
        }

        y[0] += y0 + L.Sum(s0);
        y[1] += y1 + L.Sum(s1);
        y[2] += y2 + L.Sum(s2);
        y[3] += y3 + L.Sum(s3);
    }
}

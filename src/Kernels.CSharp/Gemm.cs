using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Threading.Tasks;

namespace DiffLib.Kernels;

/// <summary>Dense matrix products, row-major. Each element of C is summed in an order that depends on the sizes only, never on threads.</summary>
public static unsafe class Gemm
{
    /// <summary>C[m; n] = alpha·op(A)·op(B) + beta·C; op(X) is X or its transpose; ld counts elements between rows as stored. beta = 0 ignores what C held.</summary>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension is shorter than a row, or a span is too short.</exception>
    public static void Multiply(bool transA, bool transB, int m, int n, int k, double alpha, ReadOnlySpan<double> a, int lda, ReadOnlySpan<double> b, int ldb, double beta, Span<double> c, int ldc)
    {
        if (Vector512.IsHardwareAccelerated) Multiply<Doubles8, Doubles4, Doubles2, double>(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        else if (Vector256.IsHardwareAccelerated) Multiply<Doubles4, Doubles4, Doubles2, double>(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        else Multiply<Doubles2, Doubles2, Doubles2, double>(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }

    /// <summary>The same in float32.</summary>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension is shorter than a row, or a span is too short.</exception>
    public static void Multiply(bool transA, bool transB, int m, int n, int k, float alpha, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, float beta, Span<float> c, int ldc)
    {
        if (Vector512.IsHardwareAccelerated) Multiply<Singles16, Singles8, Singles4, float>(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        else if (Vector256.IsHardwareAccelerated) Multiply<Singles8, Singles8, Singles4, float>(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        else Multiply<Singles4, Singles4, Singles4, float>(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }

    /// <summary>Products up to this many multiplications read A and B where they are.</summary>
    private const long UnpackedLimit = 64 * 64 * 64;

    /// <summary>So few rows or columns would leave most of a packed tile empty.</summary>
    private const int NarrowRows = 4;

    private const int NarrowColumns = 8;

    /// <summary>From this many multiplications on a second thread pays (4·10⁶ operations; starting one takes 5 to 10 µs).</summary>
    private const long ParallelLimit = 2_000_000;

    private static void Multiply<W, M, S, T>(bool transA, bool transB, int m, int n, int k, T alpha, ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> b, int ldb, T beta, Span<T> c, int ldc)
        where W : struct, IArithmeticLanes<W, T> where M : struct, IArithmeticLanes<M, T> where S : struct, IArithmeticLanes<S, T>
        where T : unmanaged, INumber<T>
    {
        if (m < 0 || n < 0 || k < 0) ThrowSize(m, n, k);
        CheckMatrix("C", c.Length, m, n, ldc);
        if (m == 0 || n == 0) return;
        CheckMatrix("A", a.Length, transA ? k : m, transA ? m : k, lda);
        CheckMatrix("B", b.Length, transB ? n : k, transB ? k : n, ldb);
        fixed (T* pa = &MemoryMarshal.GetReference(a), pb = &MemoryMarshal.GetReference(b), pc = &MemoryMarshal.GetReference(c))
        {
            var job = new Product<T>(
                m, n, k, new(pa, transA ? 1 : lda, transA ? lda : 1), new(pb, transB ? 1 : ldb, transB ? ldb : 1), new(pc, ldc, 1), alpha, beta);
            if (k == 0) GemmSmall<W, M, S, T>.Scale(job);
            else if (n == 1 || m == 1) GemmVector<W, S, T>.Run(n == 1 ? job : job.Transposed());
            else if ((long)m * n * k <= UnpackedLimit || n <= NarrowColumns || (m <= NarrowRows && !transB)) GemmSmall<W, M, S, T>.Run(job);
            else if (Parallelism.MaxThreads > 1 && (long)m * n * k >= ParallelLimit) RunParallel<W, S, T>(job);
            else GemmPacked<W, S, T>.Run(job);
        }
    }

    /// <summary>Shares out whole tiles of C by rows or columns, whichever there are more of.</summary>
    private static void RunParallel<W, S, T>(Product<T> job)
        where W : struct, IArithmeticLanes<W, T> where S : struct, IArithmeticLanes<S, T> where T : unmanaged, INumber<T>
    {
        var byRows = job.M >= job.N;
        var tile = byRows ? GemmPacked<W, S, T>.TileRows : GemmPacked<W, S, T>.TileColumns;
        var tiles = ((byRows ? job.M : job.N) + tile - 1) / tile;
        var parts = Math.Min(Parallelism.MaxThreads, tiles);
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, p =>
        {
            int begin = (int)((long)tiles * p / parts) * tile, end = (int)((long)tiles * (p + 1) / parts) * tile;
            GemmPacked<W, S, T>.Run(byRows ? job.Rows(begin, Math.Min(end, job.M)) : job.Columns(begin, Math.Min(end, job.N)));
        });
    }

    private static void CheckMatrix(string name, int length, int rows, int columns, int ld)
    {
        if (ld < columns || (rows > 0 && columns > 0 && (rows - 1L) * ld + columns > length)) ThrowMatrix(name, length, rows, columns, ld);
    }

    [DoesNotReturn]
    private static void ThrowSize(int m, int n, int k) => throw new ArgumentException($"Sizes must not be negative: m = {m}, n = {n}, k = {k}.", nameof(m));

    [DoesNotReturn]
    private static void ThrowMatrix(string name, int length, int rows, int columns, int ld)
        => throw new ArgumentException($"{name} is stored as [{rows}; {columns}] with {ld} elements from row to row, which does not fit a span of {length}.", name.ToLowerInvariant());

    /// <summary>The definition, for tests and comparisons.</summary>
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

/// <summary>Element (i, j) lies at Start + i·RowStep + j·ColumnStep.</summary>
internal readonly unsafe struct MatrixView<T>(T* start, nint rowStep, nint columnStep) where T : unmanaged
{
    public readonly T* Start = start;
    public readonly nint RowStep = rowStep;
    public readonly nint ColumnStep = columnStep;

    public MatrixView<T> Transposed() => new(Start, ColumnStep, RowStep);

    public MatrixView<T> From(nint row, nint column) => new(At(row, column), RowStep, ColumnStep);

    public T* At(nint row, nint column) => Start + row * RowStep + column * ColumnStep;
}

/// <summary>C = alpha·A·B + beta·C with A [M; K], B [K; N].</summary>
internal readonly struct Product<T>(int m, int n, int k, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, T alpha, T beta) where T : unmanaged
{
    public readonly int M = m;
    public readonly int N = n;
    public readonly int K = k;
    public readonly MatrixView<T> A = a;
    public readonly MatrixView<T> B = b;
    public readonly MatrixView<T> C = c;
    public readonly T Alpha = alpha;
    public readonly T Beta = beta;

    /// <summary>Cᵀ = alpha·BᵀAᵀ + beta·Cᵀ.</summary>
    public Product<T> Transposed() => new(N, M, K, B.Transposed(), A.Transposed(), C.Transposed(), Alpha, Beta);

    public Product<T> Rows(int begin, int end) => new(end - begin, N, K, A.From(begin, 0), B, C.From(begin, 0), Alpha, Beta);

    public Product<T> Columns(int begin, int end) => new(M, end - begin, K, A, B.From(0, begin), C.From(0, begin), Alpha, Beta);
}

/// <summary>Scratch memory of a thread: grows, stays, is aligned to cache lines.</summary>
internal static unsafe class GemmScratch<T> where T : unmanaged
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static T[]? _left;

    [ThreadStatic]
    private static T[]? _right;

    public static T* Left(int length) => Aligned(ref _left, length);

    public static T* Right(int length) => Aligned(ref _right, length);

    private static T* Aligned(ref T[]? array, int length)
    {
        var needed = length + Alignment / sizeof(T);
        if (array is null || array.Length < needed) array = GC.AllocateUninitializedArray<T>(Math.Max(needed, 2048), pinned: true);
        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return (T*)((start + Alignment - 1) & -Alignment);
    }
}

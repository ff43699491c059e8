using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Dense matrix products, row-major. Each element of C is summed in an order that depends on the sizes only, never on threads.</summary>
public static unsafe class Gemm
{
    /// <summary>C[m; n] = alpha·op(A)·op(B) + beta·C; op(X) is X or its transpose; ld counts elements between rows as stored. beta = 0 ignores what C held.</summary>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension is shorter than a row, or a span is too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(bool transA, bool transB, int m, int n, int k, double alpha, ReadOnlySpan<double> a, int lda, ReadOnlySpan<double> b, int ldb, double beta, Span<double> c, int ldc)
        => Multiply<DoubleFamily, double>(DoubleFamily.Widest, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    /// <summary>The same in float32.</summary>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension is shorter than a row, or a span is too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(bool transA, bool transB, int m, int n, int k, float alpha, ReadOnlySpan<float> a, int lda, ReadOnlySpan<float> b, int ldb, float beta, Span<float> c, int ldc)
        => Multiply<SingleFamily, float>(SingleFamily.Widest, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    /// <summary>Sums over k are made in stretches of this length, everywhere: 3 registers of B this long fill the first cache. Shorter ones would read and write C more often, which
    /// costs more than what the caches lose.</summary>
    internal const int DepthBlock = 256;

    /// <summary>Products up to this many multiplications read A and B where they are.</summary>
    private const long UnpackedLimit = 160 * 160 * 160;

    /// <summary>So few rows do not repay the packing of B, so few columns would leave most of a packed tile empty.</summary>
    private const int NarrowRows = 8;

    private const int NarrowColumns = 8;

    /// <summary>A transposed B of so many elements is not turned for a few rows.</summary>
    private const int TurnedLimit = 32 * 32;

    /// <summary>The product with registers of so many lanes; for tests of all widths on one machine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply<F, T>(int lanes, bool transA, bool transB, int m, int n, int k, T alpha, ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> b, int ldb, T beta, Span<T> c, int ldc)
        where F : struct, IProductFamily<T> where T : unmanaged, INumber<T>
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
            var threads = Parallelism.Threads(Parallelism.Products<T>((long)m * n * k));
            if (threads > 1) Share<F, T>(job, lanes, threads);
            else Run<F, T>(job, Choose(job), lanes);
        }
    }

    private enum Path { Scale, Vector, Unpacked, Turned, Packed }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Path Choose<T>(in Product<T> job) where T : unmanaged, INumber<T>
    {
        if (job.K == 0) return Path.Scale;
        if (job.M == 1 || job.N == 1) return Path.Vector;
        if (job.B.ColumnStep != 1 && RepaysTurning(job)) return Path.Turned;
        if (job.M <= NarrowRows || job.N <= NarrowColumns || (long)job.M * job.N * job.K <= UnpackedLimit) return Path.Unpacked;
        return Path.Packed;
    }

    /// <summary>Whether turning the rows of A and the result costs less than turning a B that is stored by columns.</summary>
    private static bool RepaysTurning<T>(in Product<T> job) where T : unmanaged, INumber<T>
    {
        var right = (long)job.N * job.K;
        if (job.M <= NarrowRows) return right >= TurnedLimit;
        return right * job.M <= UnpackedLimit && 2L * job.M * (job.K + 2L * job.N) < right;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<F, T>(in Product<T> job, Path path, int lanes) where F : struct, IProductFamily<T> where T : unmanaged, INumber<T>
    {
        switch (path)
        {
            case Path.Scale: GemmSmall<F, T>.Scale(job); break;
            case Path.Vector: F.Vector(job.N == 1 ? job : job.Transposed(), lanes); break;
            case Path.Unpacked: GemmSmall<F, T>.Run(job, lanes); break;
            case Path.Turned: GemmSmall<F, T>.RunTurned(job, lanes); break;
            default: F.Packed(job, lanes); break;
        }
    }

    /// <summary>Shares out whole tiles of C by rows or columns, whichever there are more of. Every part takes the way of the whole.</summary>
    private static void Share<F, T>(in Product<T> job, int lanes, int threads) where F : struct, IProductFamily<T> where T : unmanaged, INumber<T>
    {
        var tiles = new ProductTiles<F, T>(job, Choose(job), lanes);
        // each piece of a packed product packs the whole other side
        Parallelism.Share(tiles.Count, threads, tiles.Path == Path.Packed ? 1 : 2, tiles);
    }

    private readonly struct ProductTiles<F, T>(in Product<T> job, Path path, int lanes) : IShared where F : struct, IProductFamily<T> where T : unmanaged, INumber<T>
    {
        private readonly Product<T> _job = job;
        private readonly bool _byRows = job.M >= job.N;
        private readonly int _tile = job.M >= job.N ? F.TileSize(lanes).Rows : F.TileSize(lanes).Columns;

        public Path Path => path;

        public int Count => ((_byRows ? _job.M : _job.N) + _tile - 1) / _tile;

        public void Run(int begin, int end)
        {
            int first = begin * _tile, last = end * _tile;
            Run<F, T>(_byRows ? _job.Rows(first, Math.Min(last, _job.M)) : _job.Columns(first, Math.Min(last, _job.N)), path, lanes);
        }
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
}

/// <summary>Element (i, j) lies at Start + i·RowStep + j·ColumnStep.</summary>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
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
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
internal readonly unsafe struct Product<T>(int m, int n, int k, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, T alpha, T beta) where T : unmanaged, INumber<T>
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

    /// <summary>The part of the sums from begin on; the first part takes beta, the others add.</summary>
    public Product<T> Depth(int begin, int end) => new(M, N, end - begin, A.From(0, begin), B.From(begin, 0), C, Alpha, begin == 0 ? Beta : T.One);

    public Product<T> With(MatrixView<T> a, MatrixView<T> b) => new(M, N, K, a, b, C, Alpha, Beta);

    public Product<T> WithRight(MatrixView<T> b) => new(M, N, K, A, b, C, Alpha, Beta);

    /// <summary>C gets a product that is already scaled.</summary>
    public void Add(T product, T* c) => *c = T.IsZero(Beta) ? product : T.MultiplyAddEstimate(Beta, *c, product);

    /// <summary>One element of C from its sum, as the vector kernels do it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(T sum, T* c) => *c = T.IsZero(Beta) ? Alpha * sum : T.MultiplyAddEstimate(Beta, *c, Alpha * sum);
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

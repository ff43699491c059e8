using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Small and lean products: A and B are read where they lie. Where the columns of C do not fill the registers, the last ones overlap,
/// or narrower ones follow if C must not be touched twice.</summary>
internal static unsafe class GemmSmall<F, T> where F : struct, IProductFamily<T> where T : unmanaged, INumber<T>
{
    /// <summary>C = beta·C.</summary>
    public static void Scale(in Product<T> job)
    {
        for (var i = 0; i < job.M; i++)
        {
            var row = new Span<T>(job.C.At(i, 0), job.N);
            if (T.IsZero(job.Beta)) row.Clear();
            else
                for (var j = 0; j < row.Length; j++) row[j] *= job.Beta;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Product<T> job, int lanes)
    {
        if (job.K <= Gemm.DepthBlock) Block(job, lanes);
        else
            for (var p = 0; p < job.K; p += Gemm.DepthBlock) Block(job.Depth(p, Math.Min(p + Gemm.DepthBlock, job.K)), lanes);
    }

    /// <summary>Few rows times a B stored by columns: the transposed product, in which B is on the left and needs no copy, and its few columns turned back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunTurned(in Product<T> job, int lanes)
    {
        var sums = GemmScratch<T>.Left(job.M * job.N);
        var one = new Product<T>(job.N, job.M, job.K, job.B.Transposed(), job.A.Transposed(), new(sums, job.M, 1), job.Alpha, T.Zero);
        Run(one, lanes);
        if (T.IsZero(job.Beta)) GemmPacking<T>.Turn(one.C, job.N, job.M, job.C.Start, (int)job.C.RowStep);
        else Add(job, sums);
    }

    /// <summary>Adds a product that is stored by columns.</summary>
    private static void Add(in Product<T> job, T* sums)
    {
        for (var i = 0; i < job.M; i++)
            for (var j = 0; j < job.N; j++) job.Add(sums[(nint)j * job.M + i], job.C.At(i, j));
    }

    /// <summary>Rows of B have to be contiguous; a transposed B is small enough to be turned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(in Product<T> job, int lanes)
    {
        if (job.B.ColumnStep == 1) Columns(job, lanes);
        else
        {
            var turned = GemmScratch<T>.Right(job.K * job.N);
            GemmPacking<T>.Turn(job.B.Transposed(), job.N, job.K, turned, job.N);
            Columns(job.WithRight(new(turned, job.N, 1)), lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns(in Product<T> job, int lanes)
    {
        while (lanes > job.N) lanes = F.Narrower(lanes);
        int whole = job.N / lanes, j = 0;
        while (whole > 0)
        {
            // 4 registers are better shared out as 2 and 2 than as 3 and 1
            var registers = whole == 4 ? 2 : Math.Min(3, whole);
            F.Strip(job, j, registers, lanes);
            j += registers * lanes;
            whole -= registers;
        }
        if (j == job.N) return;
        if (T.IsZero(job.Beta)) F.Strip(job, job.N - lanes, 1, lanes);
        else Rest(job, j, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rest(in Product<T> job, int j, int lanes)
    {
        while (j < job.N)
        {
            while (lanes > job.N - j) lanes = F.Narrower(lanes);
            F.Strip(job, j, 1, lanes);
            j += lanes;
        }
    }
}

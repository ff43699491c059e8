using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Small products, without packing: 4 x 2 registers of C at a time, narrower registers at the right edge.</summary>
internal static unsafe class GemmSmall<W, M, S, T>
    where W : struct, IArithmeticLanes<W, T> where M : struct, IArithmeticLanes<M, T> where S : struct, IArithmeticLanes<S, T>
    where T : unmanaged, INumber<T>
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

    public static void Run(in Product<T> job)
    {
        // Rows of B have to be contiguous; a transposed B is small enough to be turned.
        if (job.B.ColumnStep == 1) Columns(job);
        else
        {
            var turned = GemmScratch<T>.Right(job.K * job.N);
            for (var j = 0; j < job.N; j++)
                for (var p = 0; p < job.K; p++) turned[(nint)p * job.N + j] = *job.B.At(p, j);
            Columns(new(job.M, job.N, job.K, job.A, new(turned, job.N, 1), job.C, job.Alpha, job.Beta));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns(in Product<T> job)
    {
        var j = 0;
        for (; j + 2 * W.Count <= job.N; j += 2 * W.Count) Strip2(job, j);
        for (; j + W.Count <= job.N; j += W.Count) Strip<W>(job, j);
        if (M.Count < W.Count && j + M.Count <= job.N)
        {
            Strip<M>(job, j);
            j += M.Count;
        }
        if (S.Count < M.Count && j + S.Count <= job.N)
        {
            Strip<S>(job, j);
            j += S.Count;
        }
        for (; j < job.N; j++) Column(job, j);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip2(in Product<T> job, int j)
    {
        nint stepA = job.A.ColumnStep, rowA = job.A.RowStep, stepB = job.B.RowStep;
        int i = 0, k = job.K;
        for (; i + 4 <= job.M; i += 4)
        {
            T* a = job.A.At(i, 0), b = job.B.At(0, j);
            W c00 = W.Zero, c01 = W.Zero, c10 = W.Zero, c11 = W.Zero, c20 = W.Zero, c21 = W.Zero, c30 = W.Zero, c31 = W.Zero;
            for (var p = 0; p < k; p++)
            {
                W b0 = W.Load(in *b), b1 = W.Load(in b[W.Count]);
                var x = W.Of(*a);
                c00 = W.MultiplyAdd(x, b0, c00);
                c01 = W.MultiplyAdd(x, b1, c01);
                x = W.Of(a[rowA]);
                c10 = W.MultiplyAdd(x, b0, c10);
                c11 = W.MultiplyAdd(x, b1, c11);
                x = W.Of(a[2 * rowA]);
                c20 = W.MultiplyAdd(x, b0, c20);
                c21 = W.MultiplyAdd(x, b1, c21);
                x = W.Of(a[3 * rowA]);
                c30 = W.MultiplyAdd(x, b0, c30);
                c31 = W.MultiplyAdd(x, b1, c31);
                a += stepA;
                b += stepB;
            }
            Put(c00, job, i, j);
            Put(c01, job, i, j + W.Count);
            Put(c10, job, i + 1, j);
            Put(c11, job, i + 1, j + W.Count);
            Put(c20, job, i + 2, j);
            Put(c21, job, i + 2, j + W.Count);
            Put(c30, job, i + 3, j);
            Put(c31, job, i + 3, j + W.Count);
        }
        for (; i < job.M; i++)
        {
            T* a = job.A.At(i, 0), b = job.B.At(0, j);
            W c0 = W.Zero, c1 = W.Zero;
            for (var p = 0; p < k; p++, a += stepA, b += stepB)
            {
                var x = W.Of(*a);
                c0 = W.MultiplyAdd(x, W.Load(in *b), c0);
                c1 = W.MultiplyAdd(x, W.Load(in b[W.Count]), c1);
            }
            Put(c0, job, i, j);
            Put(c1, job, i, j + W.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip<V>(in Product<T> job, int j) where V : struct, IArithmeticLanes<V, T>
    {
        nint stepA = job.A.ColumnStep, rowA = job.A.RowStep, stepB = job.B.RowStep;
        int i = 0, k = job.K;
        for (; i + 4 <= job.M; i += 4)
        {
            T* a = job.A.At(i, 0), b = job.B.At(0, j);
            V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero;
            for (var p = 0; p < k; p++, a += stepA, b += stepB)
            {
                var x = V.Load(in *b);
                c0 = V.MultiplyAdd(V.Of(*a), x, c0);
                c1 = V.MultiplyAdd(V.Of(a[rowA]), x, c1);
                c2 = V.MultiplyAdd(V.Of(a[2 * rowA]), x, c2);
                c3 = V.MultiplyAdd(V.Of(a[3 * rowA]), x, c3);
            }
            Put(c0, job, i, j);
            Put(c1, job, i + 1, j);
            Put(c2, job, i + 2, j);
            Put(c3, job, i + 3, j);
        }
        for (; i < job.M; i++)
        {
            T* a = job.A.At(i, 0), b = job.B.At(0, j);
            var c = V.Zero;
            for (var p = 0; p < k; p++, a += stepA, b += stepB) c = V.MultiplyAdd(V.Of(*a), V.Load(in *b), c);
            Put(c, job, i, j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Column(in Product<T> job, int j)
    {
        for (var i = 0; i < job.M; i++)
        {
            T* a = job.A.At(i, 0), b = job.B.At(0, j);
            var s = S.Zero;
            for (var p = 0; p < job.K; p++, a += job.A.ColumnStep, b += job.B.RowStep) s = S.MultiplyAdd(S.Of(*a), S.Of(*b), s);
            var c = job.C.At(i, j);
            s = S.Of(job.Alpha) * s;
            *c = S.First(T.IsZero(job.Beta) ? s : S.MultiplyAdd(S.Of(job.Beta), S.Of(*c), s));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<V>(V sum, in Product<T> job, int i, int j) where V : struct, IArithmeticLanes<V, T>
    {
        ref var c = ref *job.C.At(i, j);
        sum = V.Of(job.Alpha) * sum;
        V.Store(T.IsZero(job.Beta) ? sum : V.MultiplyAdd(V.Of(job.Beta), V.Load(in c), sum), ref c);
    }
}

/// <summary>Products with a vector: C = alpha·A·b + beta·C, b of one column.</summary>
internal static unsafe class GemmVector<W, S, T>
    where W : struct, IArithmeticLanes<W, T> where S : struct, IArithmeticLanes<S, T>
    where T : unmanaged, INumber<T>
{
    public static void Run(in Product<T> job)
    {
        var x = job.B.Start;
        if (job.B.RowStep != 1)
        {
            x = GemmScratch<T>.Right(job.K);
            for (var p = 0; p < job.K; p++) x[p] = *job.B.At(p, 0);
        }
        if (job.A.ColumnStep == 1)
            for (var i = 0; i < job.M; i++) Put(Dot(job.A.At(i, 0), x, job.K), job, i);
        else ColumnCombination(job, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static S Dot(T* a, T* x, int k)
    {
        W s0 = W.Zero, s1 = W.Zero, s2 = W.Zero, s3 = W.Zero;
        var p = 0;
        for (; p + 4 * W.Count <= k; p += 4 * W.Count)
        {
            s0 = W.MultiplyAdd(W.Load(in a[p]), W.Load(in x[p]), s0);
            s1 = W.MultiplyAdd(W.Load(in a[p + W.Count]), W.Load(in x[p + W.Count]), s1);
            s2 = W.MultiplyAdd(W.Load(in a[p + 2 * W.Count]), W.Load(in x[p + 2 * W.Count]), s2);
            s3 = W.MultiplyAdd(W.Load(in a[p + 3 * W.Count]), W.Load(in x[p + 3 * W.Count]), s3);
        }
        for (; p + W.Count <= k; p += W.Count) s0 = W.MultiplyAdd(W.Load(in a[p]), W.Load(in x[p]), s0);
        var lanes = (s0 + s1) + (s2 + s3);
        var buffer = stackalloc T[W.Count];
        W.Store(lanes, ref *buffer);
        var sum = S.Of(*buffer);
        for (var l = 1; l < W.Count; l++) sum += S.Of(buffer[l]);
        for (; p < k; p++) sum = S.MultiplyAdd(S.Of(a[p]), S.Of(x[p]), sum);
        return sum;
    }

    /// <summary>A is stored by columns: each row of the storage is added with its weight, a few registers of the result at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnCombination(in Product<T> job, T* x)
    {
        var step = job.A.ColumnStep;
        var buffer = stackalloc T[4 * W.Count];
        var i = 0;
        for (; i + 4 * W.Count <= job.M; i += 4 * W.Count)
        {
            W s0 = W.Zero, s1 = W.Zero, s2 = W.Zero, s3 = W.Zero;
            var a = job.A.Start + i;
            for (var p = 0; p < job.K; p++, a += step)
            {
                var weight = W.Of(x[p]);
                s0 = W.MultiplyAdd(weight, W.Load(in *a), s0);
                s1 = W.MultiplyAdd(weight, W.Load(in a[W.Count]), s1);
                s2 = W.MultiplyAdd(weight, W.Load(in a[2 * W.Count]), s2);
                s3 = W.MultiplyAdd(weight, W.Load(in a[3 * W.Count]), s3);
            }
            W.Store(s0, ref *buffer);
            W.Store(s1, ref buffer[W.Count]);
            W.Store(s2, ref buffer[2 * W.Count]);
            W.Store(s3, ref buffer[3 * W.Count]);
            for (var l = 0; l < 4 * W.Count; l++) Put(S.Of(buffer[l]), job, i + l);
        }
        for (; i + W.Count <= job.M; i += W.Count)
        {
            var s = W.Zero;
            var a = job.A.Start + i;
            for (var p = 0; p < job.K; p++, a += step) s = W.MultiplyAdd(W.Of(x[p]), W.Load(in *a), s);
            W.Store(s, ref *buffer);
            for (var l = 0; l < W.Count; l++) Put(S.Of(buffer[l]), job, i + l);
        }
        for (; i < job.M; i++)
        {
            var s = S.Zero;
            var a = job.A.Start + i;
            for (var p = 0; p < job.K; p++, a += step) s = S.MultiplyAdd(S.Of(x[p]), S.Of(*a), s);
            Put(s, job, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(S sum, in Product<T> job, int i)
    {
        ref var c = ref *job.C.At(i, 0);
        sum = S.Of(job.Alpha) * sum;
        c = S.First(T.IsZero(job.Beta) ? sum : S.MultiplyAdd(S.Of(job.Beta), S.Of(c), sum));
    }
}

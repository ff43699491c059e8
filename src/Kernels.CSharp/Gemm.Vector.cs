using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Products with a vector: C = alpha·A·x + beta·C, x of one column. A is read once, in the order in which it is stored.</summary>
internal static unsafe class GemmVector<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>So many sums stay in the first cache while the rows of the storage are added to them.</summary>
    private const int Chunk = 1024;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Product<T> job)
    {
        var x = job.B.Start;
        if (job.B.RowStep != 1)
        {
            x = GemmScratch<T>.Right(job.K);
            for (var p = 0; p < job.K; p++) x[p] = *job.B.At(p, 0);
        }
        if (job.A.ColumnStep == 1) Dots(job, x);
        else
            for (var i = 0; i < job.M; i += Chunk) Combination(job.Rows(i, Math.Min(i + Chunk, job.M)), x);
    }

    /// <summary>A is stored by rows: a dot product each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dots(in Product<T> job, T* x)
    {
        var i = 0;
        for (; i + 2 <= job.M; i += 2)
        {
            var second = TwoDots(job.A.At(i, 0), job.A.At(i + 1, 0), x, job.K, out var first);
            job.Put(first, job.C.At(i, 0));
            job.Put(second, job.C.At(i + 1, 0));
        }
        if (i < job.M) job.Put(Dot(job.A.At(i, 0), x, job.K), job.C.At(i, 0));
    }

    /// <summary>The sum of a(i)·x(i).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Dot(T* a, T* x, int k)
    {
        V s0 = default, s1 = default, s2 = default, s3 = default;
        var p = 0;
        for (; p + 4 * L.Count <= k; p += 4 * L.Count)
        {
            s0 = L.MultiplyAdd(L.Load(a + p), L.Load(x + p), s0);
            s1 = L.MultiplyAdd(L.Load(a + p + L.Count), L.Load(x + p + L.Count), s1);
            s2 = L.MultiplyAdd(L.Load(a + p + 2 * L.Count), L.Load(x + p + 2 * L.Count), s2);
            s3 = L.MultiplyAdd(L.Load(a + p + 3 * L.Count), L.Load(x + p + 3 * L.Count), s3);
        }
        for (; p + L.Count <= k; p += L.Count) s0 = L.MultiplyAdd(L.Load(a + p), L.Load(x + p), s0);
        var sum = L.Sum(L.Add(L.Add(s0, s1), L.Add(s2, s3)));
        for (; p < k; p++) sum = T.MultiplyAddEstimate(a[p], x[p], sum);
        return sum;
    }

    /// <summary>Two dot products with one vector; each in the order of <see cref="Dot"/>, so that the bits of a row do not depend on its neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T TwoDots(T* a, T* b, T* x, int k, out T first)
    {
        V s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default, t2 = default, t3 = default;
        var p = 0;
        for (; p + 4 * L.Count <= k; p += 4 * L.Count)
        {
            V x0 = L.Load(x + p), x1 = L.Load(x + p + L.Count), x2 = L.Load(x + p + 2 * L.Count), x3 = L.Load(x + p + 3 * L.Count);
            s0 = L.MultiplyAdd(L.Load(a + p), x0, s0);
            t0 = L.MultiplyAdd(L.Load(b + p), x0, t0);
            s1 = L.MultiplyAdd(L.Load(a + p + L.Count), x1, s1);
            t1 = L.MultiplyAdd(L.Load(b + p + L.Count), x1, t1);
            s2 = L.MultiplyAdd(L.Load(a + p + 2 * L.Count), x2, s2);
            t2 = L.MultiplyAdd(L.Load(b + p + 2 * L.Count), x2, t2);
            s3 = L.MultiplyAdd(L.Load(a + p + 3 * L.Count), x3, s3);
            t3 = L.MultiplyAdd(L.Load(b + p + 3 * L.Count), x3, t3);
        }
        for (; p + L.Count <= k; p += L.Count)
        {
            s0 = L.MultiplyAdd(L.Load(a + p), L.Load(x + p), s0);
            t0 = L.MultiplyAdd(L.Load(b + p), L.Load(x + p), t0);
        }
        first = L.Sum(L.Add(L.Add(s0, s1), L.Add(s2, s3)));
        var second = L.Sum(L.Add(L.Add(t0, t1), L.Add(t2, t3)));
        for (; p < k; p++)
        {
            first = T.MultiplyAddEstimate(a[p], x[p], first);
            second = T.MultiplyAddEstimate(b[p], x[p], second);
        }
        return second;
    }

    /// <summary>A is stored by columns: they are added with their weights, four at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combination(in Product<T> job, T* x)
    {
        var sums = GemmScratch<T>.Left(job.M);
        new Span<T>(sums, job.M).Clear();
        var p = 0;
        for (; p + 4 <= job.K; p += 4) AddFour(job.M, job.A.At(0, p), job.A.ColumnStep, x + p, sums);
        for (; p < job.K; p++) AddOne(job.M, job.A.At(0, p), x[p], sums);
        for (var i = 0; i < job.M; i++) job.Put(sums[i], job.C.At(i, 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(int m, T* a, nint step, T* x, T* sums)
    {
        T* b = a + step, c = b + step, d = c + step;
        V x0 = L.Of(x[0]), x1 = L.Of(x[1]), x2 = L.Of(x[2]), x3 = L.Of(x[3]);
        var i = 0;
        for (; i + L.Count <= m; i += L.Count)
        {
            var s = L.MultiplyAdd(x0, L.Load(a + i), L.Load(sums + i));
            s = L.MultiplyAdd(x1, L.Load(b + i), s);
            s = L.MultiplyAdd(x2, L.Load(c + i), s);
            L.Store(L.MultiplyAdd(x3, L.Load(d + i), s), sums + i);
        }
        for (; i < m; i++)
        {
            var s = T.MultiplyAddEstimate(x[0], a[i], sums[i]);
            s = T.MultiplyAddEstimate(x[1], b[i], s);
            s = T.MultiplyAddEstimate(x[2], c[i], s);
            sums[i] = T.MultiplyAddEstimate(x[3], d[i], s);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(int m, T* a, T x, T* sums)
    {
        var weight = L.Of(x);
        var i = 0;
        for (; i + L.Count <= m; i += L.Count) L.Store(L.MultiplyAdd(weight, L.Load(a + i), L.Load(sums + i)), sums + i);
        for (; i < m; i++) sums[i] = T.MultiplyAddEstimate(x, a[i], sums[i]);
    }
}

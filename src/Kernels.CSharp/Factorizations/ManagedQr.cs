using System;

namespace DiffLib.Kernels;

/// <summary>A = Q R by blocks of reflections, so that nearly all of the work is matrix products. Column-major.</summary>
internal sealed unsafe class ManagedQr : IDisposable
{
    /// <summary>Inside of a block, so many reflections are applied one by one.</summary>
    private const int Leaf = 8;

    private readonly int _m, _k;
    private readonly Scratch _v, _t;

    /// <summary>Factors A [m; n], its columns lda apart: R takes the place of its upper triangle; what is below is used up.</summary>
    public ManagedQr(int m, int n, double* a, int lda)
    {
        (_m, _k) = (m, Math.Min(m, n));
        _v = new(checked(m * _k), cleared: true);
        _t = new(Reflections.Block * _k);
        using Scratch weights = new(_k), room = new(2 * Reflections.Block * n);
        fixed (double* v = _v.Numbers, t = _t.Numbers, tau = weights.Numbers, work = room.Numbers)
            for (var j = 0; j < _k; j += Reflections.Block)
            {
                int width = Math.Min(Reflections.Block, _k - j), rest = n - j - width;
                double* block = a + j + (nint)j * lda, own = v + j + (nint)j * m, triangle = t + (nint)j * Reflections.Block;
                Panel(m - j, width, block, lda, own, tau + j, triangle, work);
                Reflections.Triangle(m - j, width, own, m, tau + j, triangle, Reflections.Block);
                if (rest > 0) Reflections.Apply(true, m - j, rest, width, own, m, triangle, Reflections.Block, block + (nint)width * lda, lda, work);
            }
    }

    /// <summary>The columns of one block, a few at a time; their T is formed in the place of the block's.</summary>
    private void Panel(int m, int width, double* a, int lda, double* v, double* tau, double* t, double* work)
    {
        for (var j = 0; j < width; j += Leaf)
        {
            int few = Math.Min(Leaf, width - j), rest = width - j - few;
            double* part = a + j + (nint)j * lda, own = v + j + (nint)j * _m;
            Columns(m - j, few, part, lda, own, tau + j);
            if (rest == 0) return;
            Reflections.Triangle(m - j, few, own, _m, tau + j, t, Reflections.Block);
            Reflections.Apply(true, m - j, rest, few, own, _m, t, Reflections.Block, part + (nint)few * lda, lda, work);
        }
    }

    private void Columns(int m, int count, double* a, int lda, double* v, double* tau)
    {
        for (var j = 0; j < count; j++)
        {
            double* column = a + j + (nint)j * lda, own = v + j + (nint)j * _m;
            var length = m - j;
            new Span<double>(column, length).CopyTo(new Span<double>(own, length));
            tau[j] = Reflections.Make(length, own, out column[0]);
            for (var c = 1; c < count - j; c++)
            {
                var other = column + (nint)c * lda;
                ColumnMajor.Add(length, -tau[j] * ColumnMajor.Dot(length, own, other), own, other);
            }
        }
    }

    /// <summary>The first columns of Q, at least as many as there are reflections.</summary>
    public void Q(int columns, double* q, int ldq)
    {
        fixed (double* v = _v.Numbers, t = _t.Numbers) Reflections.Product(_m, columns, _k, v, _m, t, q, ldq);
    }

    /// <summary>C = Qᵀ C for C [m; n].</summary>
    public void ApplyTransposed(int n, double* c, int ldc)
    {
        fixed (double* v = _v.Numbers, t = _t.Numbers) Reflections.ApplyTransposed(_m, n, _k, v, _m, t, c, ldc);
    }

    public void Dispose()
    {
        _v.Dispose();
        _t.Dispose();
    }
}

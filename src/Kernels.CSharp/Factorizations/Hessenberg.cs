using System;

namespace DiffLib.Kernels;

/// <summary>Reflections to upper Hessenberg form in blocks, so that four fifths of the work are matrix products (G. Quintana-Ortí &amp; R. van de Geijn, "Improving the performance of
/// reduction to Hessenberg form", 2006). Column-major.</summary>
internal sealed unsafe class Hessenberg : IDisposable
{
    private const int Panel = Reflections.Block;

    private readonly int _n, _first, _last, _rows, _count;
    private readonly Scratch _v, _t;

    /// <summary>A [n; n], without gaps and upper triangular but for the rows and columns from first to last, becomes Qᵀ A Q, upper Hessenberg with zeros below. If not whole, that is true for
    /// those rows and columns only.</summary>
    public Hessenberg(int n, int first, int last, double* a, bool whole)
    {
        (_n, _first, _last, _rows) = (n, first, last, last - first);
        _count = Math.Max(0, _rows - 1);
        _v = new(checked(_rows * _count), cleared: true);
        _t = new(Panel * _count);
        using Scratch products = new(checked(Panel * n)), room = new(checked(3 * Panel * n));
        fixed (double* v = _v.Numbers, t = _t.Numbers, y = products.Numbers, work = room.Numbers)
            for (var begin = 0; begin < _count; begin += Panel)
            {
                int width = Math.Min(Panel, _count - begin), rows = _rows - begin, column = first + begin, end = column + width, row = column + 1;
                double* own = v + begin + (nint)begin * _rows, triangle = t + (nint)begin * Panel;
                Reduce(column, width, a, own, triangle, y, work);

                // what lies above the panel's rows has not met its reflections
                Right(column - first + 1, rows, width, a + first + (nint)row * n, own, triangle, work);
                if (whole) Right(first, rows, width, a + (nint)row * n, own, triangle, work);
                ColumnMajor.Multiply(false, true, rows, last + 1 - end, width, -1, y, rows, own + width - 1, _rows, 1, a + row + (nint)end * n, n);
                Reflections.Apply(true, rows, last + 1 - end, width, own, _rows, triangle, Panel, a + row + (nint)end * n, n, work);
                if (whole) Reflections.Apply(true, rows, n - 1 - last, width, own, _rows, triangle, Panel, a + row + (nint)(last + 1) * n, n, work);
            }
    }

    /// <summary>C = C (I - V T Vᵀ) for C [m; k].</summary>
    private void Right(int m, int k, int width, double* c, double* v, double* t, double* work)
    {
        if (m == 0) return;
        var scaled = work + (nint)m * width;
        ColumnMajor.Multiply(false, false, m, width, k, 1, c, _n, v, _rows, 0, work, m);
        ColumnMajor.Multiply(false, false, m, width, width, 1, work, m, t, Panel, 0, scaled, m);
        ColumnMajor.Multiply(false, true, m, k, width, -1, scaled, m, v, _rows, 1, c, _n);
    }

    /// <summary>The reflections of the columns from begin on, their triangle T, and Y = A V T for the rows below begin and the matrix A before the panel.</summary>
    private void Reduce(int begin, int width, double* a, double* v, double* t, double* y, double* work)
    {
        int rows = _last - begin, n = _n;
        var below = a + begin + 1;
        var other = work + width;
        for (var j = 0; j < width; j++)
        {
            double* column = below + (nint)(begin + j) * n, own = v + (nint)j * _rows;
            if (j > 0)
            {
                // the reflections before it from the right: row j - 1 of V belongs to this column
                ColumnMajor.Subtract(rows, j, y, rows, v + j - 1, _rows, column);
                // and from the left
                ColumnMajor.TransposedTimes(rows, j, v, _rows, column, work);
                TransposedTriangle(j, t, work);
                ColumnMajor.Subtract(rows, j, v, _rows, work, 1, column);
            }

            var length = rows - j;
            new Span<double>(column + j, length).CopyTo(new Span<double>(own + j, length));
            var tau = Reflections.Make(length, own + j, out column[j]);
            new Span<double>(column + j + 1, length - 1).Clear();

            var product = y + (nint)j * rows;
            ColumnMajor.Times(rows, length, below + (nint)(begin + 1 + j) * n, n, own + j, product);
            var triangle = t + (nint)j * Panel;
            ColumnMajor.TransposedTimes(length, j, v + j, _rows, own + j, other);
            ColumnMajor.Subtract(rows, j, y, rows, other, 1, product);
            ColumnMajor.Scale(rows, tau, product);
            for (var i = 0; i < j; i++)
            {
                double sum = 0;
                for (var l = i; l < j; l++) sum += t[i + (nint)l * Panel] * other[l];
                triangle[i] = -tau * sum;
            }

            triangle[j] = tau;
            for (var i = j + 1; i < width; i++) triangle[i] = 0;
        }
    }

    /// <summary>x = Tᵀ x for the leading part of T.</summary>
    private static void TransposedTriangle(int count, double* t, double* x)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            double sum = 0;
            for (var l = 0; l <= i; l++) sum += t[l + (nint)i * Panel] * x[l];
            x[i] = sum;
        }
    }

    /// <summary>Q [n; n].</summary>
    public void Q(double* q)
    {
        new Span<double>(q, checked(_n * _n)).Clear();
        for (var j = 0; j < _n; j++)
            if (j <= _first || j > _last) q[j + (nint)j * _n] = 1;
        fixed (double* v = _v.Numbers, t = _t.Numbers)
            if (_rows > 0) Reflections.Product(_rows, _rows, _count, v, _rows, t, q + (_first + 1) * (nint)(_n + 1), _n);
    }

    public void Dispose()
    {
        _v.Dispose();
        _t.Dispose();
    }
}

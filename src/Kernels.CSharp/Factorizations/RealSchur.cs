using System;
using System.Collections.Generic;

namespace DiffLib.Kernels;

/// <summary>The real Schur form of Hessenberg matrices: chains of small bulges chased down the diagonal, so that nearly all of the work is matrix products, and aggressive early deflation
/// (K. Braman, R. Byers &amp; R. Mathias, "The multishift QR algorithm I, II", 2002). Column-major.</summary>
/// <remarks>What happens to the diagonal block that is being solved is computed apart from what happens to the rows above and the columns beside it, so that eigenvalues have the same
/// bits whether the whole form is asked for or not.</remarks>
internal sealed unsafe partial class RealSchur
{
    /// <summary>Up to this order double shifts are faster.</summary>
    private const int Small = 75;

    /// <summary>Rounds for each row before the iteration is given up; one for four rows is usual.</summary>
    private const int Patience = 30;

    /// <summary>After so many rounds without success a window of another size and shifts from elsewhere break the cycle.</summary>
    private const int Cycle = 5;

    private readonly int _n;
    private readonly double* _h, _z;
    private readonly bool _whole;
    private int _begin, _end;

    private RealSchur(int n, double* h, double* z, bool whole)
    {
        (_n, _whole) = (n, whole);
        _h = h;
        _z = z;
    }

    /// <summary>H [n; n], without gaps, upper triangular but for the rows from first to last, where it is upper Hessenberg, becomes T = Uᵀ H U; Z [n; n], where there is one, becomes Z U. If
    /// not whole, T is right in its diagonal blocks only.</summary>
    /// <returns>Whether the iteration came to its end.</returns>
    public static bool Solve(int n, int first, int last, double* h, double* z, bool whole) => new RealSchur(n, h, z, whole).Solve(first, last);

    private bool Solve(int first, int last)
    {
        var patience = Patience * (long)_n;
        var tries = 0;
        for (_end = last; _end >= first;)
        {
            _begin = SmallSchur.Begin(_h, _n, first, _end);
            var order = _end - _begin + 1;
            if (order <= Small)
            {
                if (!Finish()) return false;
                _end = _begin - 1;
                tries = 0;
                continue;
            }

            if (patience-- == 0) return false;
            var (bulges, window) = Sizes(order);
            window = Math.Min(window << Math.Min(tries / Cycle, 4), order);
            var shifts = new List<Pair>();
            var deflated = Deflate(window, shifts);
            if (deflated < 0) return false;
            _end -= deflated;
            tries = deflated > 0 ? 0 : tries + 1;
            // where much came off at once, the next window promises more than a sweep
            if (deflated * 7 > window || _end - _begin < Small) continue;
            if (tries > 0 && tries % Cycle == 0) Elsewhere(bulges, shifts);
            Sweep(shifts, bulges);
        }

        return true;
    }

    /// <summary>How many pairs of shifts go together, and the order of the window for deflation.</summary>
    private static (int Bulges, int Window) Sizes(int order) => order switch
    {
        < 400 => (8, 24),
        < 800 => (16, 48),
        < 2000 => (32, 96),
        _ => (48, 160),
    };

    /// <summary>A block of moderate order by double shifts.</summary>
    private bool Finish()
    {
        var order = _end - _begin + 1;
        if (order == 1) return true;
        var ld = SmallSchur.Distance(order);
        using Scratch block = new(SmallSchur.Room(order), cleared: true), turned = new(_whole ? SmallSchur.Room(order) : 0, cleared: true);
        fixed (double* t = block.Numbers, some = turned.Numbers)
        {
            var u = _whole ? some : null;
            CopyIn(_begin, order, t, ld);
            if (_whole) Identity(order, u, ld);
            if (!SmallSchur.Solve(order, t, ld, u, order, ld, _whole)) return false;
            CopyOut(_begin, order, t, ld);
            if (_whole) Apply(_begin, order, u, ld, _begin, _end + 1);
            return true;
        }
    }

    private static void Identity(int n, double* u, int ld)
    {
        for (var j = 0; j < n; j++) u[j * (ld + 1)] = 1;
    }

    /// <summary>The diagonal block of so many rows that begins at row first.</summary>
    private void CopyIn(int first, int order, double* block, int ld)
    {
        var from = _h + first * (nint)(_n + 1);
        for (var j = 0; j < order; j++) new Span<double>(from + (nint)j * _n, order).CopyTo(new Span<double>(block + (nint)j * ld, order));
    }

    private void CopyOut(int first, int order, double* block, int ld)
    {
        var to = _h + first * (nint)(_n + 1);
        for (var j = 0; j < order; j++) new Span<double>(block + (nint)j * ld, order).CopyTo(new Span<double>(to + (nint)j * _n, order));
    }

    /// <summary>Turns rows and columns by U [order; order], from row first on: the columns' part above row top, and the rows' part from column right on.</summary>
    private void Apply(int first, int order, double* u, int ld, int top, int right)
    {
        using var copy = new Scratch(checked(order * _n));
        fixed (double* work = copy.Numbers)
        {
            Columns(_begin, top - _begin, first, order, u, ld, work);
            Rows(first, order, right, _end + 1 - right, u, ld, work);
            if (!_whole) return;
            Columns(0, _begin, first, order, u, ld, work);
            Rows(first, order, _end + 1, _n - _end - 1, u, ld, work);
            if (_z != null) Columns(_z + (nint)first * _n, _n, order, u, ld, work);
        }
    }

    private void Columns(int row, int rows, int first, int order, double* u, int ld, double* work) => Columns(_h + row + (nint)first * _n, rows, order, u, ld, work);

    private void Columns(double* a, int rows, int order, double* u, int ld, double* work)
    {
        if (rows <= 0) return;
        for (var j = 0; j < order; j++) new Span<double>(a + (nint)j * _n, rows).CopyTo(new Span<double>(work + (nint)j * rows, rows));
        ColumnMajor.Multiply(false, false, rows, order, order, 1, work, rows, u, ld, 0, a, _n);
    }

    private void Rows(int first, int order, int column, int columns, double* u, int ld, double* work)
    {
        if (columns <= 0) return;
        var a = _h + first + (nint)column * _n;
        for (var j = 0; j < columns; j++) new Span<double>(a + (nint)j * _n, order).CopyTo(new Span<double>(work + (nint)j * order, order));
        ColumnMajor.Multiply(true, false, order, columns, order, 1, u, ld, work, order, 0, a, _n);
    }
}

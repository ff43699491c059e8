using System;
using System.Numerics.Tensors;

namespace DiffLib.Kernels;

/// <summary>A matrix A is balanced to D⁻¹ Pᵀ A P D: the permutation P moves eigenvalues that stand alone out of the way, and powers of two D make rows and columns of the rest about
/// equally long, so that rounding is measured against smaller numbers (B. Parlett &amp; C. Reinsch, 1969; with the 2-norm, which does no harm to Hessenberg matrices: R. James,
/// J. Langou &amp; B. Lowery, "On matrix balancing and eigenvector computation", 2014). Column-major.</summary>
/// <remarks>Eigenvalues gain by it. Vectors can lose where a few tiny elements hold rows and columns of ordinary ones apart (D. Watkins, "A case where balancing is harmful", 2006): of
/// [3, 1e-300; 1, 0] the first vector is (1, 0) instead of (3, 1). LAPACK's are the same.</remarks>
internal sealed unsafe class Balancing
{
    /// <summary>Factors and numbers keep away from overflow and underflow by this bound.</summary>
    private const double Most = 1e290, Least = 1e-290;

    /// <summary>Sums of squares between these have lost nothing.</summary>
    private const double Tiny = 1e-270, Huge = 1e270;

    private readonly int _n;
    private readonly int[] _partners;
    private readonly double[] _factors;

    /// <summary>Rows and columns before the first and behind the last are upper triangular already.</summary>
    public int First { get; private set; }

    public int Last { get; private set; }

    /// <summary>Balances A [n; n], without gaps, in place; the numbers are finite.</summary>
    public Balancing(int n, double* a)
    {
        (_n, First, Last) = (n, 0, n - 1);
        _partners = new int[n];
        _factors = new double[n];
        Array.Fill(_factors, 1);
        for (var i = 0; i < n; i++) _partners[i] = i;
        Permute(a);
        Equalize(a);
    }

    private void Permute(double* a)
    {
        while (Last > 0 && LonelyRow(a) is >= 0 and var row) Exchange(a, row, Last--);
        while (First < Last && LonelyColumn(a) is >= 0 and var column) Exchange(a, column, First++);
    }

    /// <summary>A row of the rest with zeros beside the diagonal, or -1.</summary>
    private int LonelyRow(double* a)
    {
        for (var i = Last; i >= 0; i--)
        {
            var j = 0;
            while (j <= Last && (j == i || a[i + (nint)j * _n] == 0)) j++;
            if (j > Last) return i;
        }

        return -1;
    }

    private int LonelyColumn(double* a)
    {
        for (var j = First; j <= Last; j++)
        {
            var i = First;
            while (i <= Last && (j == i || a[i + (nint)j * _n] == 0)) i++;
            if (i > Last) return j;
        }

        return -1;
    }

    private void Exchange(double* a, int from, int to)
    {
        _partners[to] = from;
        if (from == to) return;
        for (var i = 0; i < _n; i++) (a[i + (nint)from * _n], a[i + (nint)to * _n]) = (a[i + (nint)to * _n], a[i + (nint)from * _n]);
        SwapRows(a, from, to);
    }

    private void SwapRows(double* a, int i, int k)
    {
        if (i == k) return;
        for (var j = 0; j < _n; j++, a += _n) (a[i], a[k]) = (a[k], a[i]);
    }

    private void Equalize(double* a)
    {
        if (First == Last) return;
        var rows = new double[_n];
        for (var changed = true; changed;)
        {
            changed = false;
            RowLengths(a, rows);
            for (var i = First; i <= Last; i++)
            {
                double column = Length(Last - First + 1, a + First + (nint)i * _n, 1), row = changed ? RowLength(a, i) : rows[i];
                if (column == 0 || row == 0) continue;
                var exponent = Exponent(column, row);
                if (exponent != 0) changed |= Scale(a, i, exponent);
            }
        }
    }

    /// <summary>Column i by a power of two and row i by its inverse, if numbers stay where they neither overflow nor underflow.</summary>
    private bool Scale(double* a, int i, int exponent)
    {
        double f = Math.ScaleB(1, exponent), g = Math.ScaleB(1, -exponent), factor = _factors[i] * f;
        double* column = a + (nint)i * _n, row = a + i + (nint)First * _n;
        if (factor is > Most or < Least || Largest(column, Last + 1, 1) * f > Most || Largest(row, _n - First, _n) * g > Most) return false;
        _factors[i] = factor;
        for (var j = First; j < _n; j++, row += _n) *row *= g;
        for (var k = 0; k <= Last; k++) column[k] *= f;
        return true;
    }

    /// <summary>The power of two that brings the lengths of a column and a row together, 0 where their sum would not fall by a twentieth.</summary>
    private static int Exponent(double column, double row)
    {
        var exponent = (int)Math.Round(0.5 * (Math.Log2(row) - Math.Log2(column)));
        return exponent != 0 && Math.ScaleB(column, exponent) + Math.ScaleB(row, -exponent) < 0.95 * (column + row) ? exponent : 0;
    }

    private void RowLengths(double* a, double[] rows)
    {
        var count = Last - First + 1;
        var squares = rows.AsSpan(First, count);
        squares.Clear();
        for (var j = First; j <= Last; j++)
        {
            var column = new ReadOnlySpan<double>(a + First + (nint)j * _n, count);
            TensorPrimitives.MultiplyAdd(column, column, squares, squares);
        }

        for (var i = First; i <= Last; i++) rows[i] = rows[i] is > Tiny and < Huge ? Math.Sqrt(rows[i]) : RowLength(a, i);
    }

    private double RowLength(double* a, int i) => Length(Last - First + 1, a + i + (nint)First * _n, _n);

    private static double Largest(double* x, int count, nint step)
    {
        double largest = 0;
        for (var i = 0; i < count; i++, x += step) largest = Math.Max(largest, Math.Abs(*x));
        return largest;
    }

    private static double Length(int count, double* x, nint step)
    {
        double square = 0;
        var from = x;
        for (var i = 0; i < count; i++, x += step) square += *x * *x;
        if (square is > Tiny and < Huge) return Math.Sqrt(square);
        var largest = Largest(from, count, step);
        if (largest == 0) return 0;
        square = 0;
        for (var i = 0; i < count; i++, from += step) square += *from / largest * (*from / largest);
        return largest * Math.Sqrt(square);
    }

    /// <summary>Eigenvectors of the balanced matrix in the columns of v become those of the matrix.</summary>
    public void Undo(double* v)
    {
        for (var j = 0; j < _n; j++)
            for (var i = First; i <= Last; i++) v[i + (nint)j * _n] *= _factors[i];
        for (var i = First - 1; i >= 0; i--) SwapRows(v, i, _partners[i]);
        for (var i = Last + 1; i < _n; i++) SwapRows(v, i, _partners[i]);
    }
}

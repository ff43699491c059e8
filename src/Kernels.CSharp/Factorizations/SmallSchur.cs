using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>The real Schur form of small Hessenberg matrices by implicit double shifts (J. Francis, 1961; G. Golub &amp; C. Van Loan, "Matrix Computations", 7.5), with the deflation
/// criterion of M. Ahues &amp; F. Tisseur, 1997. Column-major.</summary>
internal static unsafe class SmallSchur
{
    /// <summary>Steps for each eigenvalue before the iteration is given up; two to three are usual.</summary>
    private const int Patience = 30;

    /// <summary>After so many steps without success a shift from elsewhere breaks the cycle.</summary>
    private const int Cycle = 10;

    public const double Ulp = 2.220446049250313e-16;

    /// <summary>Numbers up to here are lost against everything.</summary>
    public const double Tiny = 1e-290;

    /// <summary>Distances between the columns of a small matrix for which <see cref="Solve"/> may touch whole registers: a multiple of the register's length that does not put columns on each
    /// other's places in the first cache.</summary>
    public static int Distance(int n) => ((n + 7) / 8 | 1) * 8;

    /// <summary>Numbers of a small matrix with such distances.</summary>
    public static int Room(int n) => checked(n * Distance(n));

    /// <summary>H [n; n], upper Hessenberg with zeros below, becomes T = Uᵀ H U, upper triangular but for blocks of two with complex eigenvalues; Z [rows; n], where there is one, becomes
    /// Z U. Columns are <see cref="Distance"/> apart and zero behind their end. If not whole, T is right in its diagonal blocks only.</summary>
    /// <returns>Whether the iteration came to its end.</returns>
    public static bool Solve(int n, double* h, int ldh, double* z, int rows, int ldz, bool whole)
    {
        var patience = Patience * (long)Math.Max(10, n);
        for (int end = n - 1, tries = 0; end >= 0;)
        {
            var begin = Begin(h, ldh, 0, end);
            if (begin < end - 1)
            {
                if (patience-- == 0) return false;
                Shifts(h, ldh, begin, end, ++tries, out var s1, out var s2);
                Step(begin, end, s1, s2, n, h, ldh, z, rows, ldz, whole);
                continue;
            }

            if (begin < end) Split(begin, n, h, ldh, z, rows, ldz, whole);
            (end, tries) = (begin - 1, 0);
        }

        return true;
    }

    /// <summary>Where the last block without negligible numbers below the diagonal begins; the one before it is set to zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Begin(double* h, nint ldh, int first, int last)
    {
        for (var k = last; k > first; k--)
            if (Negligible(h, ldh, k, first, last))
            {
                h[k + (k - 1) * ldh] = 0;
                return k;
            }

        return first;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Negligible(double* h, nint ldh, int k, int first, int last)
    {
        var corner = h + (k - 1) * (ldh + 1);
        double below = Math.Abs(corner[1]), before = corner[0], after = corner[ldh + 1], size = Math.Abs(before) + Math.Abs(after);
        if (below > Tiny && below > Ulp * size && size != 0) return false;
        return below <= Tiny || Small(corner, ldh, below, before, after, size, k - 1 > first ? Math.Abs(corner[-ldh]) : 0, k < last ? Math.Abs(corner[ldh + 2]) : 0);
    }

    private static bool Small(double* corner, nint ldh, double below, double before, double after, double size, double left, double right)
    {
        if (size == 0) size = left + right;
        if (below > Ulp * size) return false;
        double above = Math.Abs(corner[ldh]), most = Math.Max(below, above), least = Math.Min(below, above);
        double difference = Math.Abs(before - after), large = Math.Max(Math.Abs(after), difference), small = Math.Min(Math.Abs(after), difference), sum = large + most;
        return least * (most / sum) <= Math.Max(Tiny, Ulp * (small * (large / sum)));
    }

    /// <summary>Brings the block of two at k to its standard form.</summary>
    public static void Split(int k, int n, double* h, nint ldh, double* z, int rows, nint ldz, bool whole)
    {
        TwoByTwo.Standardize(h + k * (ldh + 1), ldh, out var cs, out var sn);
        if (sn == 0) return;
        if (whole)
        {
            for (var x = h + k + (k + 2) * ldh; x < h + n * ldh; x += ldh) (x[0], x[1]) = (cs * x[0] + sn * x[1], cs * x[1] - sn * x[0]);
            Turn(k, h + k * ldh, ldh, cs, sn);
        }

        if (z != null) Turn(rows, z + k * ldz, ldz, cs, sn);
    }

    private static void Turn(int rows, double* a, nint ld, double cs, double sn)
    {
        var b = a + ld;
        for (var i = 0; i < rows; i++) (a[i], b[i]) = (cs * a[i] + sn * b[i], cs * b[i] - sn * a[i]);
    }

    /// <summary>A complex number of a pair of shifts.</summary>
    public readonly record struct Shift(double Re, double Im);

    private static void Shifts(double* h, nint ldh, int begin, int end, int tries, out Shift first, out Shift second)
    {
        double* top = h + begin * (ldh + 1), bottom = h + end * (ldh + 1);
        if (tries % (2 * Cycle) == 0) Elsewhere(*bottom, Math.Abs(bottom[-ldh]) + Math.Abs(bottom[-2 * ldh - 1]), out first, out second);
        else if (tries % Cycle == 0) Elsewhere(*top, Math.Abs(top[1]) + Math.Abs(top[ldh + 2]), out first, out second);
        else
        {
            TwoByTwo.Eigenvalues(bottom[-ldh - 1], bottom[-1], bottom[-ldh], *bottom, out var re1, out var im1, out var re2, out var im2);
            if (im1 == 0)
            {
                // of two real numbers the one closer to the corner, twice
                re1 = re2 = Math.Abs(re1 - *bottom) <= Math.Abs(re2 - *bottom) ? re1 : re2;
            }

            (first, second) = (new(re1, im1), new(re2, im2));
        }
    }

    /// <summary>The eigenvalues of a block made from the sizes nearby.</summary>
    public static void Elsewhere(double diagonal, double size, out Shift first, out Shift second)
    {
        var d = 0.75 * size + diagonal;
        TwoByTwo.Eigenvalues(d, -0.4375 * size, size, d, out var re1, out var im1, out var re2, out var im2);
        (first, second) = (new(re1, im1), new(re2, im2));
    }

    /// <summary>A multiple of the first column of (H - s1)(H - s2), for the part of H that begins at the given number.</summary>
    public static void FirstColumn(double* h, nint ldh, Shift s1, Shift s2, out double v0, out double v1, out double v2)
    {
        double h11 = h[0], h21 = h[1], h12 = h[ldh], h22 = h[ldh + 1], h32 = h[ldh + 2];
        var size = Math.Abs(h11 - s2.Re) + Math.Abs(s2.Im) + Math.Abs(h21);
        if (size == 0)
        {
            (v0, v1, v2) = (0, 0, 0);
            return;
        }

        var scaled = h21 / size;
        v0 = scaled * h12 + (h11 - s1.Re) * ((h11 - s2.Re) / size) - s1.Im * (s2.Im / size);
        v1 = scaled * (h11 + h22 - s1.Re - s2.Re);
        v2 = scaled * h32;
        size = Math.Abs(v0) + Math.Abs(v1) + Math.Abs(v2);
        if (size == 0) return;
        (v0, v1, v2) = (v0 / size, v1 / size, v2 / size);
    }

    /// <summary>One step with two shifts on the rows from begin to end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step(int begin, int end, Shift s1, Shift s2, int n, double* h, nint ldh, double* z, int rows, nint ldz, bool whole)
    {
        var start = Start(h, ldh, begin, end, s1, s2, out var x0, out var x1, out var x2);
        int to = whole ? n : end + 1, from = whole ? 0 : begin / 8 * 8;
        var turn = ShortReflection.Make(x0, x1, x2, out _);
        // a step that starts in the middle leaves the number before it, which changes its sign
        if (start > begin) h[start + (start - 1) * ldh] *= 1 - turn.Tau;
        for (var k = start; k < end; k++)
        {
            var now = turn;
            Near(now, k, end + 1, to, h, ldh);
            if (k + 1 < end) turn = Next(k + 1, end + 1, h, ldh);
            Far(now, k + 2 <= end, k, from, to, h, ldh);
            if (z == null) continue;
            if (k + 2 <= end) now.Columns(rows, z + k * ldz, ldz);
            else now.TwoColumns(rows, z + k * ldz, ldz);
        }
    }

    /// <summary>The reflection of the rows from k on that makes zeros of the bulge's column before them; the active rows end before row end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ShortReflection Next(int k, int end, double* h, nint ldh)
    {
        var corner = h + k + (k - 1) * ldh;
        var three = k + 2 < end;
        var turn = ShortReflection.Make(corner[0], corner[1], three ? corner[2] : 0, out var beta);
        (corner[0], corner[1]) = (beta, 0);
        if (three) corner[2] = 0;
        return turn;
    }

    /// <summary>Applies a reflection of the rows and columns from k on to the next four columns and rows, of which the following reflection is made: the processor can begin with that while it
    /// does the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Near(ShortReflection turn, int k, int end, int columns, double* h, nint ldh)
    {
        var corner = h + k * (ldh + 1);
        if (k + 2 < end)
        {
            turn.Rows(Math.Min(4, columns - k), corner, ldh);
            turn.FewColumns(Math.Min(4, end - k), corner, ldh);
        }
        else
        {
            turn.TwoRows(Math.Min(4, columns - k), corner, ldh);
            turn.TwoColumns(2, corner, ldh);
        }
    }

    /// <summary>Applies it to the columns behind those, and to the rows above from row first on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Far(ShortReflection turn, bool three, int k, int first, int columns, double* h, nint ldh)
    {
        double* behind = h + k + (k + 4) * ldh, above = h + k * ldh + first;
        if (three)
        {
            turn.Rows(columns - k - 4, behind, ldh);
            turn.Columns(k - first, above, ldh);
        }
        else
        {
            turn.TwoRows(columns - k - 4, behind, ldh);
            turn.TwoColumns(k - first, above, ldh);
        }
    }

    /// <summary>Where a step can start, because two neighbouring numbers below the diagonal are small together, and its first column.</summary>
    private static int Start(double* h, nint ldh, int begin, int end, Shift s1, Shift s2, out double x0, out double x1, out double x2)
    {
        for (var m = end - 2; ; m--)
        {
            var corner = h + m * (ldh + 1);
            FirstColumn(corner, ldh, s1, s2, out x0, out x1, out x2);
            if (m == begin) return m;
            double before = Math.Abs(corner[-ldh - 1]), here = Math.Abs(corner[0]), after = Math.Abs(corner[ldh + 1]);
            if (Math.Abs(corner[-ldh]) * (Math.Abs(x1) + Math.Abs(x2)) <= Ulp * Math.Abs(x0) * (before + here + after)) return m;
        }
    }
}

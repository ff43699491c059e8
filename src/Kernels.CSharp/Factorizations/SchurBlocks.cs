using System;

namespace DiffLib.Kernels;

/// <summary>Blocks on the diagonal of a real Schur form change places (Z. Bai &amp; J. Demmel, "On swapping diagonal blocks in real Schur form", 1993). Column-major.</summary>
internal static unsafe class SchurBlocks
{
    /// <summary>The columns of the little matrices of one exchange are so far apart.</summary>
    private const int Four = 4;

    /// <summary>Whether a block of two begins at row k.</summary>
    public static bool IsPair(int n, double* t, nint ld, int k) => k + 1 < n && t[k + 1 + k * ld] != 0;

    /// <summary>Moves the block that begins at row from down to where it ends before row to, which is where another ends; Q [rows; n] is turned along.</summary>
    /// <returns>Where it came to stand: higher than asked for if eigenvalues are too close to be told apart.</returns>
    public static int MoveDown(int n, double* t, int ld, double* q, int rows, int ldq, int from, int to)
    {
        var size = IsPair(n, t, ld, from) ? 2 : 1;
        while (from + size < to)
        {
            var after = from + size + 2 <= to && IsPair(n, t, ld, from + size) ? 2 : 1;
            if (!Exchange(n, t, ld, q, rows, ldq, from, size, after)) return from;
            from += after;
            // rounding may have made two real eigenvalues of a pair
            if (size == 2 && !IsPair(n, t, ld, from)) return from;
        }

        return from;
    }

    /// <summary>Exchanges neighbouring blocks of p and r rows, the first at row j, unless that would spoil them.</summary>
    private static bool Exchange(int n, double* t, nint ld, double* q, int rows, nint ldq, int j, int p, int r)
    {
        var order = p + r;
        double* corner = t + j * (ld + 1), own = stackalloc double[Four * Four], basis = stackalloc double[2 * Four];
        double size = 0;
        for (var c = 0; c < order; c++)
            for (var i = 0; i < order; i++) size = Math.Max(size, Math.Abs(own[i + Four * c] = corner[i + c * ld]));
        Basis(own, p, r, Math.Max(SmallSchur.Ulp * size, SmallSchur.Tiny), basis);

        // reflections that make a triangle of the basis bring the second block to the front
        var reflections = stackalloc ShortReflection[2];
        for (var c = 0; c < r; c++)
        {
            var top = basis + c + Four * c;
            reflections[c] = ShortReflection.Make(top[0], top[1], p == 2 ? top[2] : 0, out _);
            if (c == 0 && r == 2) Rows(reflections[0], p, 1, basis + Four, Four);
            Rows(reflections[c], p, order, own + c, Four);
            Columns(reflections[c], p, order, own + Four * c, Four);
        }

        for (var c = 0; c < r; c++)
            for (var i = r; i < order; i++)
                if (!(Math.Abs(own[i + Four * c]) <= Math.Max(10 * SmallSchur.Ulp * size, SmallSchur.Tiny))) return false;

        for (var c = 0; c < r; c++)
        {
            var at = j + c;
            Rows(reflections[c], p, n - j, t + at + j * ld, ld);
            Columns(reflections[c], p, j + order, t + at * ld, ld);
            Columns(reflections[c], p, rows, q + at * ldq, ldq);
        }

        for (var c = 0; c < r; c++)
            for (var i = r; i < order; i++) corner[i + c * ld] = 0;
        if (r == 2) SmallSchur.Split(j, n, t, ld, q, rows, ldq, true);
        if (p == 2) SmallSchur.Split(j + r, n, t, ld, q, rows, ldq, true);
        return true;
    }

    private static void Rows(ShortReflection reflection, int p, int columns, double* a, nint ld)
    {
        if (p == 2) reflection.Rows(columns, a, ld);
        else reflection.TwoRows(columns, a, ld);
    }

    private static void Columns(ShortReflection reflection, int p, int rows, double* a, nint ld)
    {
        if (p == 2) reflection.Columns(rows, a, ld);
        else reflection.TwoColumns(rows, a, ld);
    }

    /// <summary>[-X; I] with A X - X B = C for [A, C; 0, B]: its columns span what belongs to the eigenvalues of B.</summary>
    private static void Basis(double* t, int p, int r, double least, double* basis)
    {
        var count = p * r;
        double* matrix = stackalloc double[Four * Four], x = stackalloc double[Four];
        new Span<double>(matrix, Four * Four).Clear();
        new Span<double>(basis, 2 * Four).Clear();
        for (var c = 0; c < r; c++)
            for (var i = 0; i < p; i++)
            {
                var row = i + p * c;
                x[row] = t[i + Four * (p + c)];
                for (var k = 0; k < p; k++) matrix[row + Four * (k + p * c)] += t[i + Four * k];
                for (var k = 0; k < r; k++) matrix[row + Four * (i + p * k)] -= t[p + k + Four * (p + c)];
            }

        Solve(count, matrix, x, least);
        for (var c = 0; c < r; c++)
        {
            for (var i = 0; i < p; i++) basis[i + Four * c] = -x[i + p * c];
            basis[p + c + Four * c] = 1;
        }
    }

    /// <summary>A X = B with complete pivoting in X's place; pivots below a bound are raised to it.</summary>
    private static void Solve(int n, double* a, double* x, double least)
    {
        var order = stackalloc int[Four];
        for (var k = 0; k < n; k++) order[k] = k;
        for (var k = 0; k < n; k++)
        {
            int row = k, column = k;
            for (var j = k; j < n; j++)
                for (var i = k; i < n; i++)
                    if (Math.Abs(a[i + Four * j]) > Math.Abs(a[row + Four * column])) (row, column) = (i, j);
            for (var j = 0; j < n; j++) (a[k + Four * j], a[row + Four * j]) = (a[row + Four * j], a[k + Four * j]);
            for (var i = 0; i < n; i++) (a[i + Four * k], a[i + Four * column]) = (a[i + Four * column], a[i + Four * k]);
            (x[k], x[row]) = (x[row], x[k]);
            (order[k], order[column]) = (order[column], order[k]);
            if (Math.Abs(a[k + Four * k]) < least) a[k + Four * k] = least;
            for (var i = k + 1; i < n; i++)
            {
                var factor = a[i + Four * k] / a[k + Four * k];
                for (var j = k + 1; j < n; j++) a[i + Four * j] -= factor * a[k + Four * j];
                x[i] -= factor * x[k];
            }
        }

        var solution = stackalloc double[Four];
        for (var k = n - 1; k >= 0; k--)
        {
            var sum = x[k];
            for (var j = k + 1; j < n; j++) sum -= a[k + Four * j] * solution[order[j]];
            solution[order[k]] = sum / a[k + Four * k];
        }

        for (var k = 0; k < n; k++) x[k] = solution[k];
    }
}

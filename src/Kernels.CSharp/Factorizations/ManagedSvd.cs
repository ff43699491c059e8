using System;

namespace DiffLib.Kernels;

/// <summary>Singular values and vectors: reflections to bidiagonal form, half of their work in matrix products, then the iterations of <see cref="BidiagonalSvd"/>. A matrix with many more
/// rows than columns is factored by QR first. Column-major.</summary>
internal static unsafe class ManagedSvd
{
    /// <summary>So many columns and rows are reflected before the rest of the matrix is updated.</summary>
    private const int Panel = 32;

    /// <summary>A (m by n, without gaps, used up) = U diag(s) Vᵀ with min(m, n) descending values. U has the given number of columns, min(m, n) or m, and Vᵀ of rows, min(m, n) or n;
    /// both may be null.</summary>
    /// <returns>Whether the iteration came to its end, which numbers that are not finite keep it from.</returns>
    public static bool Solve(int m, int n, double* a, double* values, double* u, int columnsOfU, double* vt, int rowsOfVt)
    {
        if (m == 0 || n == 0)
        {
            if (u != null) Identity(m, columnsOfU, u);
            if (vt != null) Identity(rowsOfVt, n, vt);
            return true;
        }

        var exponent = Scaling.Exponent(m, n, a, m);
        Scaling.Scale(m, n, a, m, -exponent);
        bool done;
        if (m >= n) done = Tall(m, n, a, values, u, columnsOfU, vt, n);
        else
        {
            // the transposed matrix has the same values, and its left vectors are the right ones, in rows
            using Scratch copy = new(checked(m * n)), first = new(u == null ? 0 : m * m), second = new(vt == null ? 0 : checked(n * rowsOfVt));
            fixed (double* turned = copy.Numbers, someU = first.Numbers, someV = second.Numbers)
            {
                double* left = u == null ? null : someU, right = vt == null ? null : someV;
                ColumnMajor.Transpose(m, n, a, m, turned, n);
                done = Tall(n, m, turned, values, right, rowsOfVt, left, m);
                if (done && u != null) ColumnMajor.Transpose(m, m, left, m, u, m);
                if (done && vt != null) ColumnMajor.Transpose(n, rowsOfVt, right, n, vt, rowsOfVt);
            }
        }

        for (var i = 0; i < Math.Min(m, n); i++) values[i] = Math.ScaleB(values[i], exponent);
        return done;
    }

    private static void Identity(int rows, int columns, double* x)
    {
        new Span<double>(x, rows * columns).Clear();
        for (var i = 0; i < Math.Min(rows, columns); i++) x[i + (nint)i * rows] = 1;
    }

    /// <summary>m ≥ n; Vᵀ is square.</summary>
    private static bool Tall(int m, int n, double* a, double* values, double* u, int columnsOfU, double* vt, int ldvt)
    {
        // with and without vectors alike, so that the values have the same bits
        if (3L * m < 4L * n) return Direct(m, n, a, values, u, columnsOfU, vt, ldvt);
        using var qr = new ManagedQr(m, n, a, m);
        using Scratch triangle = new(n * n, cleared: true), vectors = new(u == null ? 0 : n * n);
        fixed (double* r = triangle.Numbers, some = vectors.Numbers)
        {
            var rotated = u == null ? null : some;
            for (var j = 0; j < n; j++) new Span<double>(a + (nint)j * m, j + 1).CopyTo(new Span<double>(r + (nint)j * n, j + 1));
            if (!Direct(n, n, r, values, rotated, n, vt, ldvt)) return false;
            if (u == null) return true;
            // the columns beyond those of A stay as they are
            qr.Q(columnsOfU, u, m);
            for (var j = 0; j < n; j++) new Span<double>(u + (nint)j * m, m).CopyTo(new Span<double>(a + (nint)j * m, m));
            ColumnMajor.Multiply(false, false, m, n, n, 1, a, m, rotated, n, 0, u, m);
        }

        return true;
    }

    private static bool Direct(int m, int n, double* a, double* values, double* u, int columnsOfU, double* vt, int ldvt)
    {
        using Scratch beside = new(3 * n), below = new(checked(m * n), cleared: true), above = new(n * n, cleared: true);
        fixed (double* e = beside.Numbers, v = below.Numbers, w = above.Numbers)
        {
            var tau = e + n;
            Reduce(m, n, a, values, e, v, w, tau, tau + n);
            using var left = u == null ? null : Left(m, n, v, tau, u, columnsOfU);
            using var right = vt == null ? null : Right(n, w, tau + n);
            if (!BidiagonalSvd.Iterate(n, values, e, left, right)) return false;
            double[] signs = new double[n], sizes = new double[n];
            var order = new int[n];
            for (var i = 0; i < n; i++) (order[i], signs[i], sizes[i]) = (i, values[i] < 0 ? -1 : 1, -Math.Abs(values[i]));
            Array.Sort(sizes, order);
            for (var i = 0; i < n; i++) values[i] = 0 - sizes[i];
            left?.Write(order, default, false, u, m);
            right?.Write(order, signs, true, vt, ldvt);
        }

        return true;
    }

    /// <summary>The columns of Q that the iteration turns; those beyond them are in u for good.</summary>
    private static RotatedColumns Left(int m, int n, double* v, double* tau, double* u, int columns)
    {
        using var triangles = new Scratch(Reflections.Block * n);
        fixed (double* t = triangles.Numbers)
        {
            Reflections.Triangles(m, n, v, m, tau, t);
            Reflections.Product(m, columns, n, v, m, t, u, m);
            return new RotatedColumns(m, n, u, m);
        }
    }

    private static RotatedColumns Right(int n, double* w, double* tau)
    {
        var k = n - 1;
        using Scratch product = new(n * n), triangles = new(Reflections.Block * n);
        fixed (double* p = product.Numbers, t = triangles.Numbers)
        {
            Reflections.FirstUnit(n, p);
            Reflections.Triangles(k, k, w, k, tau, t);
            Reflections.Product(k, k, k, w, k, t, p + n + 1, n);
            return new RotatedColumns(n, n, p, n);
        }
    }

    /// <summary>Qᵀ A P is upper bidiagonal, with diagonal d and e above it. The reflections of Q lie in the columns of v [m; n], those of P, for column i + 1 and what follows, in the
    /// columns of w, its first row left out: w is n - 1 rows high.</summary>
    private static void Reduce(int m, int n, double* a, double* d, double* e, double* v, double* w, double* tauLeft, double* tauRight)
    {
        // A is less by left · rightᵀ than what is stored: left = v0, x0, v1, x1, .. and right = y0, w0, y1, w1, ..
        using var vectors = new Scratch(checked(2 * Panel * (m + n) + 2 * Panel + n));
        fixed (double* left = vectors.Numbers)
        {
            double* right = left + 2 * Panel * (nint)m, weights = right + 2 * Panel * (nint)n, row = weights + 2 * Panel;
            for (var begin = 0; begin < n; begin += Panel)
            {
                var end = Math.Min(begin + Panel, n);
                for (var j = begin; j < end; j++)
                {
                    int used = 2 * (j - begin), rest = n - j - 1, below = m - j - 1;
                    var column = a + j + (nint)j * m;
                    ColumnMajor.Subtract(m - j, used, left + j, m, right + j, n, column);
                    tauLeft[j] = Reflections.Make(m - j, column, out d[j]);
                    new Span<double>(column, m - j).CopyTo(new Span<double>(v + j + (nint)j * m, m - j));
                    if (rest == 0) continue;

                    // y = τ (A - left rightᵀ)ᵀ v
                    double* own = left + j + (nint)used * m, y = right + j + 1 + (nint)used * n;
                    new Span<double>(column, m - j).CopyTo(new Span<double>(own, m - j));
                    ColumnMajor.TransposedTimes(m - j, rest, column + m, m, own, y);
                    ColumnMajor.TransposedTimes(m - j, used, left + j, m, own, weights);
                    ColumnMajor.Subtract(rest, used, right + j + 1, n, weights, 1, y);
                    ColumnMajor.Scale(rest, tauLeft[j], y);

                    // the row, from which the second reflection is made
                    for (var c = 0; c < rest; c++) row[c] = column[(nint)(c + 1) * m];
                    ColumnMajor.Subtract(rest, used + 1, right + j + 1, n, left + j, m, row);
                    tauRight[j] = Reflections.Make(rest, row, out e[j]);
                    new Span<double>(row, rest).CopyTo(new Span<double>(w + j + (nint)j * (n - 1), rest));
                    new Span<double>(row, rest).CopyTo(new Span<double>(y + n, rest));

                    // x = τ (A - left rightᵀ) w
                    var x = own + 1 + m;
                    if (below == 0) continue;
                    ColumnMajor.Times(below, rest, column + m + 1, m, row, x);
                    ColumnMajor.TransposedTimes(rest, used + 1, right + j + 1, n, row, weights);
                    ColumnMajor.Subtract(below, used + 1, left + j + 1, m, weights, 1, x);
                    ColumnMajor.Scale(below, tauRight[j], x);
                }

                ColumnMajor.Multiply(false, true, m - end, n - end, 2 * (end - begin), -1, left + end, m, right + end, n, 1, a + end + (nint)end * m, m);
            }
        }
    }
}

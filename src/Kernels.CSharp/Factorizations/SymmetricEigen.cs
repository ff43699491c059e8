using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Eigenvalues and eigenvectors of symmetric matrices: reflections to tridiagonal form, half of their work in matrix products (J. Dongarra, D. Sorensen &amp; S. Hammarling, "Block
/// reduction of matrices to condensed forms for eigenvalue computations", 1989), then QR iterations with shifts (G. Golub &amp; C. Van Loan, "Matrix Computations", 8.3).
/// Column-major.</summary>
internal static unsafe class SymmetricEigen
{
    /// <summary>So many columns are reflected before the rest of the matrix is updated.</summary>
    private const int Panel = 32;

    /// <summary>Up to this order an update computes the upper triangle too.</summary>
    private const int SmallUpdate = 64;

    /// <summary>Sweeps for each eigenvalue before the iteration is given up; two are usual.</summary>
    private const int Patience = 30;

    private static readonly double Unit = Math.ScaleB(1, -53);

    /// <summary>Ascending eigenvalues of the matrix in the lower triangle of a, which is used up, and their vectors in columns, where wanted.</summary>
    /// <returns>Whether the iteration came to its end, which numbers that are not finite keep it from.</returns>
    public static bool Solve(int n, double* a, double* values, double* vectors)
    {
        if (n == 0) return true;
        var exponent = Scaling.Exponent(n, n, a, n);
        Scaling.Scale(n, n, a, n, -exponent);
        using Scratch beside = new(2 * n), reflections = new(checked(n * n), cleared: true);
        fixed (double* e = beside.Numbers, v = reflections.Numbers)
        {
            var t = e + n;
            Reduce(n, a, values, e, v, t);
            using var turned = vectors == null ? null : Basis(n, v, t);
            if (!Iterate(n, values, e, turned)) return false;
            var order = new int[n];
            for (var i = 0; i < n; i++) order[i] = i;
            var numbers = new Span<double>(values, n);
            numbers.Sort(order.AsSpan());
            turned?.Write(order, default, false, vectors, n);
        }

        for (var i = 0; i < n; i++) values[i] = Math.ScaleB(values[i], exponent);
        return true;
    }

    /// <summary>Qᵀ A Q is tridiagonal with diagonal d and e beside it; reflection i, for i + 1 and what follows, lies in column i of v, its first row left out: v is n - 1 rows high.</summary>
    private static void Reduce(int n, double* a, double* d, double* e, double* v, double* tau)
    {
        // A is less by left · rightᵀ than what is stored: left = v0, w0, v1, w1, .. and right = w0, v0, w1, v1, ..
        using var vectors = new Scratch(checked(4 * Panel * n + 2 * Panel));
        fixed (double* left = vectors.Numbers)
        {
            double* right = left + 2 * Panel * (nint)n, weights = right + 2 * Panel * (nint)n;
            for (var begin = 0; begin < n - 1; begin += Panel)
            {
                var end = Math.Min(begin + Panel, n - 1);
                for (var j = begin; j < end; j++)
                {
                    int used = 2 * (j - begin), rest = n - j - 1;
                    var column = a + j + (nint)j * n;
                    ColumnMajor.Subtract(n - j, used, left + j, n, right + j, n, column);
                    d[j] = column[0];
                    tau[j] = Reflections.Make(rest, column + 1, out e[j]);
                    double* own = left + (nint)used * n + j + 1, product = right + (nint)used * n + j + 1;
                    new Span<double>(column + 1, rest).CopyTo(new Span<double>(own, rest));
                    new Span<double>(column + 1, rest).CopyTo(new Span<double>(v + j + (nint)j * (n - 1), rest));
                    ColumnMajor.SymmetricTimes(rest, a + (j + 1) * (nint)(n + 1), n, own, product);
                    ColumnMajor.TransposedTimes(rest, used, right + j + 1, n, own, weights);
                    ColumnMajor.Subtract(rest, used, left + j + 1, n, weights, 1, product);
                    ColumnMajor.Scale(rest, tau[j], product);
                    ColumnMajor.Add(rest, -0.5 * tau[j] * ColumnMajor.Dot(rest, product, own), own, product);
                    new Span<double>(product, rest).CopyTo(new Span<double>(own + n, rest));
                    new Span<double>(own, rest).CopyTo(new Span<double>(product + n, rest));
                }

                Update(n - end, 2 * (end - begin), left + end, right + end, n, a + end * (nint)(n + 1));
            }

            d[n - 1] = a[(nint)n * n - 1];
        }
    }

    /// <summary>The lower triangle of A - L Rᵀ.</summary>
    private static void Update(int m, int k, double* left, double* right, int n, double* a)
    {
        if (m <= SmallUpdate)
        {
            ColumnMajor.Multiply(false, true, m, m, k, -1, left, n, right, n, 1, a, n);
            return;
        }

        int half = Triangle.HalfOf(m), rest = m - half;
        Update(half, k, left, right, n, a);
        ColumnMajor.Multiply(false, true, rest, half, k, -1, left + half, n, right, n, 1, a + half, n);
        Update(rest, k, left + half, right + half, n, a + half * (nint)(n + 1));
    }

    /// <summary>The product of the reflections.</summary>
    private static RotatedColumns Basis(int n, double* v, double* tau)
    {
        var m = n - 1;
        using Scratch product = new(checked(n * n)), triangles = new(Reflections.Block * n);
        fixed (double* q = product.Numbers, t = triangles.Numbers)
        {
            Reflections.FirstUnit(n, q);
            Reflections.Triangles(m, m, v, m, tau, t);
            Reflections.Product(m, m, m, v, m, t, q + n + 1, n);
            return new RotatedColumns(n, n, q, n);
        }
    }

    /// <summary>QR iterations on the blocks between numbers e that are negligible, each from its end with the larger diagonal to the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Iterate(int n, double* d, double* e, RotatedColumns? vectors)
    {
        int end = n - 1, oldBegin = -1, oldEnd = -1;
        var fromEnd = false;
        for (var left = Patience * (long)n; end > 0;)
        {
            var begin = end;
            for (; begin > 0; begin--)
                if (Negligible(e[begin - 1], d[begin - 1], d[begin]))
                {
                    e[begin - 1] = 0;
                    break;
                }

            if (begin == end)
            {
                end--;
                continue;
            }

            if (left-- == 0) return false;
            if (begin > oldEnd || end < oldBegin || oldEnd < 0) fromEnd = Math.Abs(d[end]) > Math.Abs(d[begin]);
            (oldBegin, oldEnd) = (begin, end);
            var count = end - begin;
            var rotations = vectors is null ? default : vectors.Sweep(fromEnd ? end : begin, fromEnd ? -1 : 1, count);
            if (fromEnd) Sweep(count, -1, d + end, e + end - 1, rotations);
            else Sweep(count, 1, d + begin, e + begin, rotations);
        }

        return true;
    }

    private static bool Negligible(double e, double before, double after) =>
        e * e <= Unit * Math.Abs(before) * (Unit * Math.Abs(after)) + 1e-300;

    /// <summary>One implicit QR step from the front of a block to its end, with Wilkinson's shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Sweep(int count, nint step, double* d, double* e, Span<double> rotations)
    {
        var last = d + step * count;
        var off = e[step * (count - 1)];
        var half = (last[-step] - *last) / (2 * off);
        var g = d[0] - *last + off / (half + Math.CopySign(Math.Sqrt(half * half + 1), half));
        double s = 1, c = 1, p = 0;
        for (var i = 0; i < count; i++)
        {
            double f = s * *e, b = c * *e;
            Rotation.Make(g, f, out c, out s, out var r);
            if (i > 0) e[-step] = r;
            g = *d - p;
            r = (d[step] - g) * s + 2 * c * b;
            p = s * r;
            *d = g + p;
            g = c * r - b;
            if (!rotations.IsEmpty) (rotations[2 * i], rotations[2 * i + 1]) = (c, s);
            d += step;
            e += step;
        }

        *d -= p;
        e[-step] = g;
    }
}

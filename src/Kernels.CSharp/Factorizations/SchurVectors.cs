using System;

namespace DiffLib.Kernels;

/// <summary>Eigenvectors from a real Schur form, by back substitution. Of a pair with eigenvalues a ± ib, b positive, the first column holds the real part of the vector of a + ib and the second its
/// imaginary part. Column-major.</summary>
internal static unsafe class SchurVectors
{
    /// <summary>So many vectors are turned back by one product.</summary>
    private const int Together = 64;

    /// <summary>So many rows of a vector are found one by one before the rows above them are changed.</summary>
    private const int Rows = 16;

    /// <summary>Numbers beyond this are brought down before they meet others.</summary>
    private const double Most = 1e140;

    /// <summary>V = Z X with T X = X Λ, columns of about length 1.</summary>
    public static void Compute(int n, double* t, double* z, double* v)
    {
        using Scratch triangle = new(checked(n * n), cleared: true), columns = new(n);
        fixed (double* x = triangle.Numbers, sums = columns.Numbers)
        {
            for (var j = 0; j < n; j++) sums[j] = j * ColumnMajor.Largest(j, t + (nint)j * n);
            for (var k = 0; k < n; k++)
                if (SchurBlocks.IsPair(n, t, n, k))
                {
                    Pair(k, n, t, sums, x + (nint)k * n);
                    k++;
                }
                else Single(k, n, t, sums, x + (nint)k * n);

            for (var j = 0; j < n; j += Together)
            {
                var width = Math.Min(Together, n - j);
                // a pair on the border has one more row
                ColumnMajor.Multiply(false, false, n, width, Math.Min(j + width + 1, n), 1, z, n, x + (nint)j * n, n, 0, v + (nint)j * n, n);
            }
        }
    }

    private static double Pivot(double x, double least) => Math.Abs(x) < least ? least : x;

    /// <summary>Where the rows begin that are solved one by one before the rows above them feel them together; a pair stays together.</summary>
    private static int Start(int n, double* t, int end)
    {
        var start = Math.Max(0, end - Rows);
        return start > 0 && SchurBlocks.IsPair(n, t, n, start - 1) ? start - 1 : start;
    }

    private static void Single(int k, int n, double* t, double* sums, double* x)
    {
        var value = t[k + (nint)k * n];
        var least = Math.Max(SmallSchur.Ulp * Math.Abs(value), SmallSchur.Tiny);
        for (var i = 0; i < k; i++) x[i] = -t[i + (nint)k * n];
        x[k] = 1;
        for (var end = k; end > 0;)
        {
            var start = Start(n, t, end);
            for (var j = end - 1; j >= start; j--)
            {
                var column = t + (nint)j * n;
                if (j > start && column[j - n] != 0)
                {
                    j--;
                    var block = t + j * (nint)(n + 1);
                    Two(block[0] - value, block[n], block[1], block[n + 1] - value, 0, least, x + j, null, k + 1, x, null);
                    Bound(Math.Max(Math.Abs(x[j]), Math.Abs(x[j + 1])), Math.Max(sums[j], sums[j + 1]), k + 1, x, null);
                    ColumnMajor.Subtract(j - start, 2, t + start + (nint)j * n, n, x + j, 1, x + start);
                    continue;
                }

                var pivot = Pivot(column[j] - value, least);
                Room(Math.Abs(x[j]), Math.Abs(pivot), k + 1, x, null);
                x[j] /= pivot;
                Bound(Math.Abs(x[j]), sums[j], k + 1, x, null);
                ColumnMajor.Add(j - start, -x[j], column + start, x + start);
            }

            ColumnMajor.Subtract(start, end - start, t + (nint)start * n, n, x + start, 1, x);
            end = start;
        }

        Shorten(k + 1, x, null);
    }

    private static void Pair(int k, int n, double* t, double* sums, double* re)
    {
        double* im = re + n, own = t + k * (nint)(n + 1);
        double value = own[0], above = own[n], below = own[1], imaginary = TwoByTwo.Imaginary(above, below);
        var least = Math.Max(SmallSchur.Ulp * (Math.Abs(value) + imaginary), SmallSchur.Tiny);
        if (Math.Abs(above) >= Math.Abs(below)) (re[k], im[k + 1]) = (1, imaginary / above);
        else (re[k], im[k + 1]) = (-imaginary / below, 1);
        for (var i = 0; i < k; i++) (re[i], im[i]) = (-re[k] * t[i + (nint)k * n], -im[k + 1] * t[i + (nint)(k + 1) * n]);
        for (var end = k; end > 0;)
        {
            var start = Start(n, t, end);
            for (var j = end - 1; j >= start; j--)
            {
                var column = t + (nint)j * n;
                if (j > start && column[j - n] != 0)
                {
                    j--;
                    var block = t + j * (nint)(n + 1);
                    Two(block[0] - value, block[n], block[1], block[n + 1] - value, -imaginary, least, re + j, im + j, k + 2, re, im);
                    Bound(Largest(re + j, im + j, 2), Math.Max(sums[j], sums[j + 1]), k + 2, re, im);
                    ColumnMajor.Subtract(j - start, 2, t + start + (nint)j * n, n, re + j, 1, re + start);
                    ColumnMajor.Subtract(j - start, 2, t + start + (nint)j * n, n, im + j, 1, im + start);
                    continue;
                }

                double real = column[j] - value, size = Math.Abs(real) + imaginary;
                var (p, q) = size < least ? (least, 0.0) : (real, -imaginary);
                Room(Math.Max(Math.Abs(re[j]), Math.Abs(im[j])), Math.Max(size, least), k + 2, re, im);
                Divide(re[j], im[j], p, q, out re[j], out im[j]);
                Bound(Math.Max(Math.Abs(re[j]), Math.Abs(im[j])), sums[j], k + 2, re, im);
                ColumnMajor.Add(j - start, -re[j], column + start, re + start);
                ColumnMajor.Add(j - start, -im[j], column + start, im + start);
            }

            ColumnMajor.Subtract(start, end - start, t + (nint)start * n, n, re + start, 1, re);
            ColumnMajor.Subtract(start, end - start, t + (nint)start * n, n, im + start, 1, im);
            end = start;
        }

        Shorten(k + 2, re, im);
    }

    /// <summary>Solves [a + iw, b; c, d + iw] for two rows of a vector, in their place. Without an imaginary part both are real.</summary>
    private static void Two(double a, double b, double c, double d, double w, double least, double* re, double* im, int count, double* allRe, double* allIm)
    {
        // elimination with the larger number of the first column as the pivot
        var rowsChange = Math.Abs(c) > Math.Abs(a) + Math.Abs(w);
        double p = rowsChange ? c : a, pi = rowsChange ? 0 : w, q = rowsChange ? d : b, qi = rowsChange ? w : 0;
        double r = rowsChange ? a : c, ri = rowsChange ? w : 0, s = rowsChange ? b : d, si = rowsChange ? 0 : w;
        if (Math.Abs(p) + Math.Abs(pi) < least) (p, pi) = (least, 0);
        Divide(r, ri, p, pi, out var f, out var fi);
        double u = s - (f * q - fi * qi), ui = si - (f * qi + fi * q);
        if (Math.Abs(u) + Math.Abs(ui) < least) (u, ui) = (least, 0);
        var smallest = Math.Min(Math.Abs(p) + Math.Abs(pi), Math.Abs(u) + Math.Abs(ui));
        Room(Largest(re, im, 2) * (1 + (Math.Abs(q) + Math.Abs(qi)) / (Math.Abs(p) + Math.Abs(pi))), smallest, count, allRe, allIm);
        double x = re[rowsChange ? 1 : 0], xi = im == null ? 0 : im[rowsChange ? 1 : 0], y = re[rowsChange ? 0 : 1], yi = im == null ? 0 : im[rowsChange ? 0 : 1];
        y -= f * x - fi * xi;
        yi -= f * xi + fi * x;
        Divide(y, yi, u, ui, out y, out yi);
        x -= q * y - qi * yi;
        xi -= q * yi + qi * y;
        Divide(x, xi, p, pi, out x, out xi);
        (re[0], re[1]) = (x, y);
        if (im != null) (im[0], im[1]) = (xi, yi);
    }

    /// <summary>(a + ib)/(c + id) without needless overflow (R. Smith, 1962).</summary>
    private static void Divide(double a, double b, double c, double d, out double re, out double im)
    {
        if (Math.Abs(c) >= Math.Abs(d))
        {
            double ratio = d / c, size = c + d * ratio;
            (re, im) = ((a + b * ratio) / size, (b - a * ratio) / size);
        }
        else
        {
            double ratio = c / d, size = c * ratio + d;
            (re, im) = ((a * ratio + b) / size, (b * ratio - a) / size);
        }
    }

    /// <summary>A vector becomes shorter where a quotient would overflow.</summary>
    private static void Room(double numerator, double pivot, int count, double* re, double* im)
    {
        if (pivot < 1 && numerator > pivot * Most) Scale(1 / numerator, count, re, im);
    }

    /// <summary>And where a new number times a column might.</summary>
    private static void Bound(double number, double sum, int count, double* re, double* im)
    {
        if (number > Most || number > 1 && sum > Most / number) Scale(1 / number, count, re, im);
    }

    private static void Shorten(int count, double* re, double* im)
    {
        var largest = Largest(re, im, count);
        if (largest > 0) Scale(1 / largest, count, re, im);
    }

    private static double Largest(double* re, double* im, int count) => Math.Max(ColumnMajor.Largest(count, re), im == null ? 0 : ColumnMajor.Largest(count, im));

    private static void Scale(double factor, int count, double* re, double* im)
    {
        ColumnMajor.Scale(count, factor, re);
        if (im != null) ColumnMajor.Scale(count, factor, im);
    }

    /// <summary>Brings vectors to length 1, complex ones with a real number where they are largest.</summary>
    public static void Normalize(int n, double* imaginary, double* v)
    {
        for (var k = 0; k < n; k++, v += n)
        {
            if (imaginary[k] == 0)
            {
                Shorten(n, v, null);
                ColumnMajor.Scale(n, 1 / Math.Sqrt(ColumnMajor.Dot(n, v, v)), v);
                continue;
            }

            double* re = v, im = v + n;
            Shorten(n, re, im);
            Scale(1 / Math.Sqrt(ColumnMajor.Dot(n, re, re) + ColumnMajor.Dot(n, im, im)), n, re, im);
            var largest = 0;
            for (var i = 1; i < n; i++)
                if (re[i] * re[i] + im[i] * im[i] > re[largest] * re[largest] + im[largest] * im[largest]) largest = i;
            Rotation.Make(re[largest], im[largest], out var c, out var s, out _);
            for (var i = 0; i < n; i++) (re[i], im[i]) = (c * re[i] + s * im[i], c * im[i] - s * re[i]);
            im[largest] = 0;
            k++;
            v += n;
        }
    }
}

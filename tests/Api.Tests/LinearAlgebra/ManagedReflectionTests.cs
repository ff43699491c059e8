using System;
using System.Linq;
using System.Numerics;
using DiffLib.Kernels;
using MathNet.Numerics.LinearAlgebra.Factorization;
using MathNet.Numerics.Providers.LinearAlgebra;
using Xunit;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>The library's own QR, symmetric eigenvalues and SVD, at orders around the borders of their blocks. Errors are counted in units of the last place of the norm of the
/// matrix: what a backward stable method promises.</summary>
public class ManagedReflectionTests
{
    private const double Unit = 2.220446049250313e-16;

    private static readonly ILinearAlgebraProvider<double> Provider = ManagedBackend.Instance.Provider;

    private static readonly int[] Orders = [1, 2, 3, 7, 8, 9, 16, 17, 31, 32, 33, 40, 64, 65, 100, 130];

    /// <summary>Column-major matrices of many kinds, by name.</summary>
    private static double[] Matrix(string kind, int m, int n)
    {
        var random = new Random(m * 1000 + n);
        double Next() => random.NextDouble() - 0.5;
        var a = new double[m * n];
        void Fill(Func<int, int, double> number)
        {
            for (var j = 0; j < n; j++)
                for (var i = 0; i < m; i++) a[j * m + i] = number(i, j);
        }

        switch (kind)
        {
            case "random": Fill((_, _) => Next()); break;
            case "zero": break;
            case "ones": Fill((_, _) => 1); break;
            case "identity": Fill((i, j) => i == j ? 1 : 0); break;
            case "rank two":
                var (u, v) = (Enumerable.Range(0, 2 * m).Select(_ => Next()).ToArray(), Enumerable.Range(0, 2 * n).Select(_ => Next()).ToArray());
                Fill((i, j) => u[2 * i] * v[2 * j] + u[2 * i + 1] * v[2 * j + 1]);
                break;
            case "graded down": Fill((i, j) => Next() * Math.Pow(10, -15.0 * (i + j) / Math.Max(m, n))); break;
            case "graded up": Fill((i, j) => Next() * Math.Pow(10, 15.0 * (i + j) / Math.Max(m, n))); break;
            case "clustered": Fill((i, j) => i == j ? 1 : j == i + 1 || i == j + 1 ? 1e-9 : 0); break;
            case "zeros on the diagonal": Fill((i, j) => j == i + 1 || i == j + 1 ? 1 : 0); break;
            case "close pairs": Fill((i, j) => i == j ? Math.Abs(i - n / 2) : j == i + 1 || i == j + 1 ? 1 : 0); break;
            case "huge": Fill((_, _) => Next() * 1e200); break;
            case "tiny": Fill((_, _) => Next() * 1e-250); break;
            default: throw new ArgumentException(kind);
        }

        return a;
    }

    private static readonly string[] Kinds =
        ["random", "zero", "ones", "identity", "rank two", "graded down", "graded up", "clustered", "zeros on the diagonal", "close pairs", "huge", "tiny"];

    public static TheoryData<string, int, int> Rectangles()
    {
        var cases = new TheoryData<string, int, int>();
        foreach (var n in Orders)
            foreach (var kind in Kinds)
                foreach (var m in new[] { n, n + 1, n + 12, 3 * n + 1 }.Where(m => m <= 200))
                {
                    cases.Add(kind, m, n);
                    if (m != n) cases.Add(kind, n, m);
                }

        return cases;
    }

    public static TheoryData<string, int> Squares()
    {
        var cases = new TheoryData<string, int>();
        foreach (var n in Orders)
            foreach (var kind in Kinds) cases.Add(kind, n);
        return cases;
    }

    /// <summary>A B for A [m; k] and B [k; n].</summary>
    private static double[] Product(int m, int n, int k, double[] a, double[] b)
    {
        var c = new double[m * n];
        for (var j = 0; j < n; j++)
            for (var l = 0; l < k; l++)
                for (var i = 0; i < m; i++) c[j * m + i] += a[l * m + i] * b[j * k + l];
        return c;
    }

    private static double[] Transposed(int m, int n, double[] a)
    {
        var result = new double[a.Length];
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++) result[i * n + j] = a[j * m + i];
        return result;
    }

    private static void AssertOrthonormal(int m, int n, double[] q)
    {
        var gram = Product(n, n, m, Transposed(m, n, q), q);
        for (var i = 0; i < n; i++) gram[i * n + i] -= 1;
        Assert.InRange(gram.Max(Math.Abs), 0, 8 * Unit * (m + 4));
    }

    /// <summary>The difference is at most 32 units of the last place of the Frobenius norm.</summary>
    private static void AssertSame(double[] expected, double[] actual)
    {
        var largest = expected.Max(Math.Abs);
        var norm = largest == 0 ? 0 : largest * Math.Sqrt(expected.Sum(x => x / largest * (x / largest)));
        Assert.All(actual, x => Assert.True(double.IsFinite(x)));
        Assert.InRange(expected.Zip(actual, (x, y) => Math.Abs(x - y)).Max(), 0, 32 * Unit * norm);
    }

    [Theory, MemberData(nameof(Rectangles))]
    public void QR_gives_a_square_orthogonal_Q_and_an_upper_triangle_whose_product_is_the_matrix(string kind, int m, int n)
    {
        var a = Matrix(kind, m, n);
        double[] r = [.. a], q = new double[m * m];
        Provider.QRFactor(r, m, n, q, new double[Math.Min(m, n)]);
        AssertOrthonormal(m, m, q);
        AssertSame(a, Product(m, n, m, q, r));
        for (var j = 0; j < n; j++)
            for (var i = j + 1; i < m; i++) Assert.Equal(0, r[j * m + i]);
    }

    [Theory, MemberData(nameof(Rectangles))]
    public void Thin_QR_has_the_same_first_columns_and_triangle(string kind, int m, int n)
    {
        if (m < n) return;
        var a = Matrix(kind, m, n);
        double[] r = [.. a], q = new double[m * m], thinQ = [.. a], thinR = Enumerable.Repeat(double.NaN, n * n).ToArray();
        Provider.QRFactor(r, m, n, q, new double[n]);
        Provider.ThinQRFactor(thinQ, m, n, thinR, new double[n]);
        AssertSame(q[..(m * n)], thinQ);
        for (var j = 0; j < n; j++) Assert.Equal(r[(j * m)..(j * m + n)], thinR[(j * n)..(j * n + n)]);
    }

    [Theory, InlineData(1, 1, 1), InlineData(9, 4, 1), InlineData(70, 33, 3), InlineData(200, 40, 40)]
    public void Least_squares_leave_a_residual_at_right_angles_to_the_columns(int m, int n, int columns)
    {
        double[] a = Matrix("random", m, n), b = Matrix("random", m, columns), x = new double[n * columns], again = new double[n * columns];
        Provider.QRSolve([.. a], m, n, b, columns, x);
        var residual = Product(m, columns, n, a, x).Zip(b, (p, q) => p - q).ToArray();
        Assert.InRange(Product(n, columns, m, Transposed(m, n, a), residual).Max(Math.Abs), 0, 1e-12);
        double[] q = [.. a], r = new double[n * n], tau = new double[n];
        Provider.ThinQRFactor(q, m, n, r, tau);
        Provider.QRSolveFactored(q, r, m, n, tau, b, columns, again, QRMethod.Thin);
        Assert.InRange(x.Zip(again, (p, s) => Math.Abs(p - s)).Max(), 0, 1e-12);
    }

    [Theory, MemberData(nameof(Squares))]
    public void Symmetric_eigenvalues_ascend_and_their_vectors_are_orthonormal_and_give_the_matrix_back(string kind, int n)
    {
        var a = Matrix(kind, n, n);
        for (var j = 0; j < n; j++)
            for (var i = 0; i < j; i++) a[j * n + i] = a[i * n + j];
        double[] vectors = new double[n * n], d = new double[n * n];
        var values = new Complex[n];
        Provider.EigenDecomp(true, n, [.. a], vectors, values, d);
        AssertOrthonormal(n, n, vectors);
        AssertSame(a, Product(n, n, n, Product(n, n, n, vectors, d), Transposed(n, n, vectors)));
        Assert.Equal(values.OrderBy(x => x.Real), values);
        for (var i = 0; i < n; i++) Assert.Equal(values[i].Real, d[i * n + i]);

        var alone = new double[n];
        ((ComposedProvider)Provider).Double.SymmetricEigen([.. a], n, alone, []);
        Assert.Equal(values.Select(x => x.Real), alone);
    }

    [Fact]
    public void Only_the_lower_triangle_of_a_symmetric_matrix_counts()
    {
        const int n = 40;
        double[] a = Matrix("random", n, n), half = [.. a], first = new double[n], second = new double[n];
        for (var j = 0; j < n; j++)
            for (var i = 0; i < j; i++)
            {
                a[j * n + i] = a[i * n + j];
                half[j * n + i] = 7;
            }

        var part = ((ComposedProvider)Provider).Double;
        part.SymmetricEigen(a, n, first, new double[n * n]);
        part.SymmetricEigen(half, n, second, new double[n * n]);
        Assert.Equal(first, second);
    }

    [Theory, MemberData(nameof(Rectangles))]
    public void Singular_values_descend_and_orthogonal_factors_give_the_matrix_back(string kind, int m, int n)
    {
        var k = Math.Min(m, n);
        var a = Matrix(kind, m, n);
        double[] s = new double[k], u = new double[m * m], vt = new double[n * n];
        Provider.SingularValueDecomposition(true, [.. a], m, n, s, u, vt);
        AssertOrthonormal(m, m, u);
        AssertOrthonormal(n, n, vt);
        Assert.Equal(s.OrderDescending(), s);
        Assert.All(s, x => Assert.True(x >= 0));
        double[] middle = new double[m * n];
        for (var i = 0; i < k; i++) middle[i * m + i] = s[i];
        AssertSame(a, Product(m, n, n, Product(m, n, m, u, middle), vt));

        var part = ((ComposedProvider)Provider).Double;
        double[] thin = new double[k], left = new double[m * k], right = new double[k * n], alone = new double[k];
        part.ThinSvd([.. a], m, n, thin, left, right);
        part.ThinSvd([.. a], m, n, alone, [], []);
        Assert.Equal(thin, alone);
        AssertSame(s, thin);
        for (var i = 0; i < k; i++)
            for (var row = 0; row < m; row++) left[i * m + row] *= thin[i];
        AssertSame(a, Product(m, n, k, left, right));
    }

    [Theory, InlineData(5), InlineData(40), InlineData(100)]
    public void Small_singular_values_of_a_bidiagonal_matrix_keep_their_digits(int n)
    {
        // 2 on the diagonal of row 0, then 10⁻¹, 10⁻², ..: reversing rows and columns must not change a digit that counts
        double[] a = new double[n * n], b = new double[n * n], first = new double[n], second = new double[n];
        for (var i = 0; i < n; i++)
        {
            a[i * n + i] = Math.Pow(10, -20.0 * i / n);
            if (i + 1 < n) a[(i + 1) * n + i] = 0.5 * a[i * n + i];
        }

        for (var i = 0; i < n * n; i++) b[i] = a[n * n - 1 - i];
        var part = ((ComposedProvider)Provider).Double;
        part.ThinSvd(a, n, n, first, [], []);
        // the transposed reversed matrix is upper bidiagonal, too
        part.ThinSvd(Transposed(n, n, b), n, n, second, [], []);
        for (var i = 0; i < n; i++) Assert.InRange(Math.Abs(first[i] - second[i]), 0, 200 * n * Unit * first[i]);
    }

    [Theory, InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Numbers_that_are_not_finite_end_in_an_error(double bad)
    {
        foreach (var n in new[] { 2, 10, 40 })
        {
            var a = Matrix("random", n, n);
            a[n] = bad;
            a[1] = bad;
            Assert.ThrowsAny<Exception>(() => Provider.EigenDecomp(true, n, [.. a], new double[n * n], new Complex[n], new double[n * n]));
            Assert.ThrowsAny<Exception>(() => Provider.SingularValueDecomposition(true, [.. a], n, n, new double[n], new double[n * n], new double[n * n]));
            double[] r = [.. a], q = new double[n * n];
            Provider.QRFactor(r, n, n, q, new double[n]);
            Assert.Contains(q, double.IsNaN);
        }
    }

    [Fact]
    public void A_tall_matrix_asks_for_no_square_of_its_rows()
    {
        const int m = 60_000, n = 3;
        double[] a = Matrix("random", m, n), s = new double[n], u = new double[m * n], vt = new double[n * n];
        ((ComposedProvider)Provider).Double.ThinSvd([.. a], m, n, s, u, vt);
        AssertOrthonormal(m, n, u);
        for (var i = 0; i < n; i++)
            for (var row = 0; row < m; row++) u[i * m + row] *= s[i];
        AssertSame(a, Product(m, n, n, u, vt));
    }

    [Fact]
    public void Factors_have_the_same_bits_on_one_and_two_threads()
    {
        const int n = 300;
        double[][] Factor(int threads)
        {
            var before = Parallelism.MaxThreads;
            Parallelism.MaxThreads = threads;
            try
            {
                double[] q = Matrix("random", n, n), r = new double[n * n], s = new double[n], u = new double[n * n], vt = new double[n * n], values = new double[n], vectors = new double[n * n];
                Provider.ThinQRFactor(q, n, n, r, new double[n]);
                var part = ((ComposedProvider)Provider).Double;
                part.ThinSvd(Matrix("random", n, n), n, n, s, u, vt);
                part.SymmetricEigen(Matrix("random", n, n), n, values, vectors);
                return [q, r, s, u, vt, values, vectors];
            }
            finally
            {
                Parallelism.MaxThreads = before;
            }
        }

        Assert.Equal(Factor(1), Factor(2));
    }
}

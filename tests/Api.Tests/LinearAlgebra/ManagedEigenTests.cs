using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using DiffLib.Kernels;
using MathNet.Numerics.Providers.LinearAlgebra;
using Xunit;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>The library's own eigenvalues and eigenvectors of matrices that need not be symmetric, at orders around the borders of its blocks. Residuals are counted in units of the last place
/// of the matrix's norm.</summary>
public class ManagedEigenTests
{
    private const double Unit = 2.220446049250313e-16;

    private static readonly ILinearAlgebraProvider<double> Provider = ManagedBackend.Instance.Provider;

    private static readonly ProviderPart<double> Part = ((ComposedProvider)Provider).Double;

    /// <summary>90 rows are the last that double shifts solve alone; chains of 8, 12 and 16 bulges begin at 91, 150 and 350.</summary>
    private static readonly int[] Orders = [1, 2, 3, 4, 5, 8, 9, 16, 17, 33, 65, 90, 91, 92, 115, 149, 150, 200];

    /// <summary>Element (i, j) of matrices of many kinds, by name.</summary>
    private static readonly Dictionary<string, Func<int, Random, Func<int, int, double>>> Elements = new(StringComparer.Ordinal)
    {
        ["random"] = (_, r) => (_, _) => r.NextDouble() - 0.5,
        ["positive"] = (_, r) => (_, _) => r.NextDouble(),
        ["whole numbers"] = (_, r) => (_, _) => r.Next(-2, 3),
        ["few elements"] = (_, r) => (_, _) => r.NextDouble() < 0.05 ? r.NextDouble() - 0.5 : 0,
        ["zero"] = (_, _) => (_, _) => 0,
        ["ones"] = (_, _) => (_, _) => 1,
        ["identity"] = (_, _) => (i, j) => i == j ? 1 : 0,
        ["rank two and a multiple of the identity"] = (n, _) => (i, j) => Math.Sin(0.7 * (i * n + j)) / n + (i == j ? 2 : 0),
        ["Jordan"] = (_, _) => (i, j) => i == j || j == i + 1 ? 1 : 0,
        ["nilpotent"] = (_, r) => (i, j) => j > i ? r.NextDouble() - 0.5 : 0,
        ["upper triangular"] = (_, r) => (i, j) => j >= i ? r.NextDouble() - 0.5 : 0,
        ["lower triangular"] = (_, r) => (i, j) => j <= i ? r.NextDouble() - 0.5 : 0,
        ["upper Hessenberg"] = (_, r) => (i, j) => j >= i - 1 ? r.NextDouble() - 0.5 : 0,
        ["companion"] = (n, r) => (i, j) => i == j + 1 ? 1 : j == n - 1 ? r.NextDouble() - 0.5 : 0,
        ["cyclic"] = (n, _) => (i, j) => j == (i + 1) % n ? 1 : 0,
        ["turns by a right angle"] = (_, r) => (i, j) => i / 2 == j / 2 ? (i == j ? 0 : j > i ? 1 : -1) : j > i ? r.NextDouble() - 0.5 : 0,
        ["Toeplitz with close eigenvalues"] = (_, _) => (i, j) => j == i - 1 ? -1 : j >= i && j <= i + 3 ? 1 : 0,
        ["clustered"] = (_, r) => (i, j) => (i == j ? 1 : 0) + 1e-9 * (r.NextDouble() - 0.5),
        ["graded down"] = (n, r) => (i, j) => (r.NextDouble() - 0.5) * Math.Pow(10, -15.0 * (i + j) / n),
        ["graded up"] = (n, r) => (i, j) => (r.NextDouble() - 0.5) * Math.Pow(10, 15.0 * (i + j) / n),
        ["badly scaled"] = (n, r) => (i, j) => (r.NextDouble() - 0.5) * Math.ScaleB(1, (i * 7 % n - j * 7 % n) * 60 / n),
        ["huge"] = (_, r) => (_, _) => (r.NextDouble() - 0.5) * 1e300,
        ["tiny"] = (_, r) => (_, _) => (r.NextDouble() - 0.5) * 1e-300,
    };

    /// <summary>Column-major.</summary>
    private static double[] Matrix(string kind, int n)
    {
        var element = Elements[kind](n, new Random(1000 + n));
        var a = new double[n * n];
        for (var j = 0; j < n; j++)
            for (var i = 0; i < n; i++) a[j * n + i] = element(i, j);
        return a;
    }

    public static TheoryData<string, int> Squares()
    {
        var cases = new TheoryData<string, int>();
        foreach (var n in Orders)
            foreach (var kind in Elements.Keys) cases.Add(kind, n);
        foreach (var n in new[] { 351, 600 }) cases.Add("random", n);
        cases.Add("companion", 351);
        cases.Add("Toeplitz with close eigenvalues", 351);
        return cases;
    }

    private static (Complex[] Values, double[] Vectors) Solve(int n, double[] a)
    {
        var (values, vectors) = (new Complex[n], new double[n * n]);
        Part.GeneralEigen([.. a], n, values, vectors);
        return (values, vectors);
    }

    private static Complex[] Values(int n, double[] a)
    {
        var values = new Complex[n];
        Part.GeneralEigen([.. a], n, values, []);
        return values;
    }

    private static double[] Product(int n, double[] a, double[] b)
    {
        var c = new double[n * n];
        Provider.MatrixMultiply(a, n, n, b, n, n, c);
        return c;
    }

    private static double[] Transposed(int n, double[] a) => [.. Enumerable.Range(0, n * n).Select(k => a[k % n * n + k / n])];

    private static double Norm(IEnumerable<double> numbers)
    {
        var all = numbers.ToArray();
        var largest = all.Length == 0 ? 0 : all.Max(Math.Abs);
        return largest == 0 ? 0 : largest * Math.Sqrt(all.Sum(x => x / largest * (x / largest)));
    }

    /// <summary>An orthogonal matrix.</summary>
    private static double[] Orthogonal(int n, int seed)
    {
        var random = new Random(seed);
        double[] q = [.. Enumerable.Range(0, n * n).Select(_ => random.NextDouble() - 0.5)], r = new double[n * n];
        Provider.ThinQRFactor(q, n, n, r, new double[n]);
        return q;
    }

    /// <summary>Each expected number has one of its own among the actual ones, close by.</summary>
    private static void AssertSame(IEnumerable<Complex> expected, IEnumerable<Complex> actual, double tolerance)
    {
        var rest = actual.ToList();
        foreach (var value in expected)
        {
            var nearest = rest.MinBy(x => Complex.Abs(x - value));
            Assert.True(Complex.Abs(nearest - value) <= tolerance, $"{value} is missing; the nearest that is left is {nearest}, {Complex.Abs(nearest - value):E2} away");
            rest.Remove(nearest);
        }

        Assert.Empty(rest);
    }

    [Theory, MemberData(nameof(Squares))]
    public void A_matrix_times_its_eigenvectors_of_length_one_is_the_vectors_times_its_eigenvalues(string kind, int n)
    {
        var a = Matrix(kind, n);
        double[] vectors = new double[n * n], d = new double[n * n];
        var values = new Complex[n];
        Provider.EigenDecomp(false, n, a, vectors, values, d);
        Assert.Equal(Matrix(kind, n), a);
        // numbers of moderate size, so that their squares can be added
        var exponent = a.All(x => x == 0) ? 0 : Math.ILogB(a.Max(Math.Abs));
        double[] small = [.. a.Select(x => Math.ScaleB(x, -exponent))], smallD = [.. d.Select(x => Math.ScaleB(x, -exponent))];
        var (left, right) = (Product(n, small, vectors), Product(n, vectors, smallD));
        var size = Math.Max(Norm(small), Math.ScaleB(1, -exponent) * 1e-290);
        for (var j = 0; j < n; j++)
        {
            var column = Enumerable.Range(j * n, n);
            Assert.InRange(Norm(column.Select(k => left[k] - right[k])), 0, (16 + n / 4.0) * Unit * size);
            if (values[j].Imaginary < 0) continue;
            var length = values[j].Imaginary > 0 ? column.Concat(Enumerable.Range((j + 1) * n, n)) : column;
            Assert.InRange(Math.Abs(Norm(length.Select(k => vectors[k])) - 1), 0, 4 * n * Unit);
        }

        Assert.InRange(Math.Abs(values.Sum(x => Math.ScaleB(x.Real, -exponent)) - Enumerable.Range(0, n).Sum(i => small[i * n + i])), 0, 2 * (n + 8) * Unit * size);
        for (var j = 0; j < n; j++)
            if (values[j].Imaginary > 0) Assert.Equal(Complex.Conjugate(values[j]), values[++j]);
            else Assert.Equal(0, values[j].Imaginary);
        Assert.Equal(values, Values(n, a));
    }

    [Theory, InlineData(3), InlineData(40), InlineData(120), InlineData(300)]
    public void Eigenvalues_on_the_diagonal_of_a_triangle_are_found_exactly_however_its_rows_are_ordered(int n)
    {
        var random = new Random(n);
        var order = Enumerable.Range(0, n).ToArray();
        random.Shuffle(order);
        double[] triangle = Matrix("upper triangular", n), a = new double[n * n];
        for (var j = 0; j < n; j++)
            for (var i = 0; i < n; i++) a[order[j] * n + order[i]] = triangle[j * n + i];
        Assert.Equal(Enumerable.Range(0, n).Select(i => triangle[i * n + i]).Order(), Values(n, a).Select(x => x.Real).Order());
        Assert.Equal(Enumerable.Range(0, n).Select(i => triangle[i * n + i]).Order(), Values(n, Transposed(n, a)).Select(x => x.Real).Order());
    }

    [Fact]
    public void Matrices_of_two_rows_agree_with_the_quadratic_formula()
    {
        double[] numbers = [-3, -1, -0.5, 0, 1e-9, 1, 2];
        foreach (var a in numbers)
            foreach (var b in numbers)
                foreach (var c in numbers)
                    foreach (var d in numbers)
                    {
                        Complex half = 0.5 * (a - d), root = Complex.Sqrt(half * half + b * c), middle = 0.5 * (a + d);
                        // the root of a discriminant that cancels feels the square root of the rounding
                        var tolerance = 8 * Unit * 3 + Math.Min(Math.Sqrt(16 * Unit * 9), 32 * Unit * 9 / Math.Max(Complex.Abs(root), 1e-300));
                        AssertSame([middle + root, middle - root], Values(2, [a, c, b, d]), tolerance);
                    }
    }

    [Theory, InlineData(5), InlineData(64), InlineData(128), InlineData(257)]
    public void A_cyclic_permutation_has_the_roots_of_unity(int n)
    {
        // as it stands, and turned into a full matrix
        var (a, q) = (Matrix("cyclic", n), Orthogonal(n, n));
        var roots = Enumerable.Range(0, n).Select(k => Complex.FromPolarCoordinates(1, 2 * Math.PI * k / n)).ToArray();
        AssertSame(roots, Values(n, a), 20 * n * Unit);
        AssertSame(roots, Values(n, Product(n, Product(n, Transposed(n, q), a), q)), 20 * n * Unit);
    }

    [Theory, InlineData(6), InlineData(50), InlineData(100), InlineData(220)]
    public void A_normal_matrix_has_the_eigenvalues_it_was_made_of_repeated_ones_too(int n)
    {
        // blocks [x, y; -y, x] on the diagonal, each eigenvalue twice
        double[] d = new double[n * n], q = Orthogonal(n, n + 1);
        var made = new List<Complex>();
        for (var i = 0; i + 1 < n; i += 2)
        {
            double x = Math.Cos(i / 4), y = i % 3 == 0 ? 0 : Math.Sin(1.0 + i / 4);
            (d[i * n + i], d[(i + 1) * n + i + 1], d[(i + 1) * n + i], d[i * n + i + 1]) = (x, x, y, -y);
            made.AddRange([new(x, y), new(x, -y)]);
        }

        AssertSame(made, Values(n, Product(n, Product(n, q, d), Transposed(n, q))), 20 * n * Unit);
    }

    [Theory, InlineData(10), InlineData(97), InlineData(180)]
    public void Well_conditioned_eigenvalues_do_not_depend_on_the_basis(int n)
    {
        double[] a = Matrix("random", n), q = Orthogonal(n, 5), turned = Product(n, Product(n, Transposed(n, q), a), q);
        for (var i = 0; i < n; i++)
        {
            a[i * n + i] += 10 * i;
            for (var j = 0; j < n; j++)
                for (var k = 0; k < n; k++) turned[j * n + k] += q[k * n + i] * 10 * i * q[j * n + i];
        }

        AssertSame(Values(n, a), Values(n, turned), 100 * Unit * 10 * n * Math.Sqrt(n));
    }

    [Theory, InlineData(2), InlineData(4), InlineData(8)]
    public void A_defective_eigenvalue_splits_no_wider_than_its_root_of_the_rounding(int n)
    {
        var q = Orthogonal(n, n);
        var a = Product(n, Product(n, q, Matrix("Jordan", n)), Transposed(n, q));
        Assert.All(Values(n, a), x => Assert.InRange(Complex.Abs(x - 1), 0, 4 * Math.Pow(Unit, 1.0 / n)));
        Assert.All(Values(n, Matrix("Jordan", n)), x => Assert.Equal(Complex.One, x));
        // both vectors of a block of two are the same one
        if (n == 2) Assert.InRange(Math.Abs(Solve(2, [3, 0, 1, 3]).Vectors[3]), 0, 4 * Unit);
    }

    [Theory, InlineData(20), InlineData(110)]
    public void Powers_of_two_along_rows_and_columns_cost_no_digits(int n)
    {
        // D⁻¹ A D is balanced to about A again, whose eigenvalues these are
        var a = Matrix("positive", n);
        var scaled = new double[n * n];
        for (var j = 0; j < n; j++)
            for (var i = 0; i < n; i++) scaled[j * n + i] = Math.ScaleB(a[j * n + i], j * 13 % n * 400 / n - i * 13 % n * 400 / n);
        AssertSame(Values(n, a), Values(n, scaled), 1e-12 * n);
    }

    [Theory]
    [InlineData(2, -60), InlineData(3, -60), InlineData(8, -320), InlineData(30, -30), InlineData(30, -60), InlineData(30, 60), InlineData(30, -320), InlineData(30, 320)]
    [InlineData(30, 700), InlineData(30, -700), InlineData(130, -60), InlineData(130, 900), InlineData(130, -900)]
    public void A_power_of_two_times_a_matrix_gives_the_same_digits(int n, int exponent)
    {
        // an even power: of an odd one the square root is rounded
        foreach (var kind in new[] { "random", "upper Hessenberg" })
        {
            var a = Matrix(kind, n);
            var (values, vectors) = Solve(n, a);
            var (scaled, same) = Solve(n, [.. a.Select(x => Math.ScaleB(x, exponent))]);
            Assert.Equal(values.Select(x => new Complex(Math.ScaleB(x.Real, exponent), Math.ScaleB(x.Imaginary, exponent))), scaled);
            Assert.Equal(vectors, same);
        }
    }

    [Theory, InlineData(0), InlineData(-66), InlineData(-300), InlineData(300)]
    public unsafe void A_small_eigenvalue_of_two_rows_keeps_its_digits_at_any_size_of_the_numbers(int exponent)
    {
        // [1, 1e-10; 1e-10, 1e-12]: the smaller eigenvalue is 1e-12 - 1e-20 / (1 - 1e-12) up to terms of 1e-40
        double[] block = [.. new[] { 1, 1e-10, 1e-10, 1e-12 }.Select(x => Math.ScaleB(x, exponent))];
        fixed (double* a = block) TwoByTwo.Standardize(a, 2, out _, out _);
        Assert.Equal(0, block[1]);
        Assert.Equal(1e-12 - 1e-20, Math.ScaleB(block[3], -exponent), 1e-26);
    }

    [Theory, InlineData(2), InlineData(30), InlineData(95)]
    public void The_product_of_the_eigenvalues_is_the_determinant(int n)
    {
        var a = Matrix("random", n);
        var (product, factors) = (Complex.One, (double[])a.Clone());
        var pivots = new int[n];
        Provider.LUFactor(factors, n, pivots);
        var determinant = 1.0;
        for (var i = 0; i < n; i++) determinant *= 4 * factors[i * n + i] * (pivots[i] == i ? 1 : -1);
        foreach (var value in Values(n, a)) product *= 4 * value;
        Assert.InRange(Math.Abs(product.Real - determinant), 0, 1e-10 * Math.Abs(determinant));
        Assert.InRange(Math.Abs(product.Imaginary), 0, 1e-10 * Math.Abs(determinant));
    }

    [Fact]
    public void Roots_of_a_polynomial_come_from_its_companion_matrix()
    {
        // (x - 1)(x - 2) .. (x - 12), whose coefficients are whole numbers
        const int n = 12;
        double[] coefficients = [1], a = new double[n * n];
        for (var root = 1; root <= n; root++)
            coefficients = [.. Enumerable.Range(0, coefficients.Length + 1).Select(k => (k > 0 ? coefficients[k - 1] : 0) - root * (k < coefficients.Length ? coefficients[k] : 0))];
        for (var i = 0; i < n; i++)
        {
            if (i > 0) a[(i - 1) * n + i] = 1;
            a[(n - 1) * n + i] = -coefficients[i];
        }

        AssertSame(Enumerable.Range(1, n).Select(x => (Complex)x), Values(n, a), 1e-4);
    }

    [Theory, InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Numbers_that_are_not_finite_end_in_an_error(double bad)
    {
        foreach (var n in new[] { 1, 2, 10, 120 })
        {
            var a = Matrix("random", n);
            a[n / 2] = bad;
            Assert.Throws<MathNet.Numerics.NonConvergenceException>(() => Solve(n, a));
            Assert.Throws<MathNet.Numerics.NonConvergenceException>(() => Values(n, a));
        }
    }

    [Fact]
    public void An_empty_matrix_has_no_eigenvalues() => Part.GeneralEigen([], 0, [], []);

    [Fact]
    public void Arrays_of_the_wrong_length_are_refused()
    {
        Assert.Throws<ArgumentException>("a", () => Part.GeneralEigen(new double[5], 2, new Complex[2], []));
        Assert.Throws<ArgumentException>("values", () => Part.GeneralEigen(new double[4], 2, new Complex[1], []));
        Assert.Throws<ArgumentException>("vectors", () => Part.GeneralEigen(new double[4], 2, new Complex[2], new double[3]));
    }

    [Fact]
    public void Eigenvalues_and_vectors_have_the_same_bits_on_one_and_two_threads()
    {
        const int n = 420;
        (Complex[], double[]) Factor(int threads)
        {
            var before = Parallelism.MaxThreads;
            Parallelism.MaxThreads = threads;
            try
            {
                return Solve(n, Matrix("random", n));
            }
            finally
            {
                Parallelism.MaxThreads = before;
            }
        }

        var ((one, vectors), (two, others)) = (Factor(1), Factor(2));
        Assert.Equal(one, two);
        Assert.Equal(vectors, others);
    }

    [Theory, InlineData(64), InlineData(256), InlineData(600)]
    public void Libraries_find_the_same_eigenvalues(int n)
    {
        var a = Matrix("random", n);
        var own = Values(n, a);
        foreach (var backend in Backends.Found.OfType<NativeBackend>().Where(b => b.Factorizes))
        {
            var theirs = new Complex[n];
            ((ComposedProvider)backend.Provider).Double.GeneralEigen([.. a], n, theirs, new double[n * n]);
            AssertSame(theirs, own, 1e-11);
        }
    }

    [Fact]
    public unsafe void Blocks_of_a_Schur_form_change_places_and_leave_the_matrix_similar()
    {
        // single numbers and pairs, in turns
        const int n = 14;
        var random = new Random(3);
        var ld = SmallSchur.Distance(n);
        for (var from = 0; from < n; from++)
        {
            double[] t = new double[SmallSchur.Room(n)], q = new double[SmallSchur.Room(n)], before = new double[n * n];
            for (var j = 0; j < n; j++)
            {
                q[j * ld + j] = 1;
                for (var i = 0; i <= j; i++) t[j * ld + i] = i == j ? j / 2 : random.NextDouble() - 0.5;
            }

            foreach (var pair in new[] { 1, 3, 7, 9, 12 }) (t[pair * ld + pair], t[(pair + 1) * ld + pair + 1], t[(pair + 1) * ld + pair], t[pair * ld + pair + 1]) = (pair, pair, 1.5, -0.7);
            for (var j = 0; j < n; j++) Array.Copy(t, j * ld, before, j * n, n);
            if (from > 0 && before[(from - 1) * n + from] != 0) continue;
            var (moved, size) = (before[from * n + from], from + 1 < n && before[from * n + from + 1] != 0 ? 2 : 1);
            fixed (double* pt = t, pq = q) Assert.Equal(n - size, SchurBlocks.MoveDown(n, pt, ld, pq, n, ld, from, n));

            Assert.Equal(moved, t[(n - 1) * ld + n - 1], 1e-12);
            double[] after = new double[n * n], u = new double[n * n];
            for (var j = 0; j < n; j++)
            {
                Array.Copy(t, j * ld, after, j * n, n);
                Array.Copy(q, j * ld, u, j * n, n);
            }

            for (var j = 0; j < n; j++)
                for (var i = j + 1; i < n; i++) Assert.True(after[j * n + i] == 0 || i == j + 1 && after[j * n + j] == after[i * n + i], $"({i}, {j}) after moving {from}");
            var back = Product(n, Product(n, u, after), Transposed(n, u));
            Assert.InRange(Norm(back.Zip(before, (x, y) => x - y)), 0, 50 * Unit * Norm(before));
        }
    }
}

using System;
using System.Linq;
using DiffLib.Kernels;
using MathNet.Numerics.Providers.LinearAlgebra;
using Xunit;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>The library's own blocked LU, Cholesky and substitution, at orders around the borders of their blocks.</summary>
public class ManagedFactorsTests
{
    private static readonly ILinearAlgebraProvider<double> Provider = ManagedBackend.Instance.Provider;

    public static TheoryData<int> Orders => [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 48, 49, 64, 65, 100, 129, 200];

    private static double[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }

    /// <summary>Column-major: element (i, j) of an n by n matrix.</summary>
    private static int At(int i, int j, int n) => j * n + i;

    [Theory, MemberData(nameof(Orders))]
    public void LU_with_its_exchanges_gives_the_matrix_back_and_no_multiplier_exceeds_1(int n)
    {
        var a = Numbers(n * n, n);
        var factors = (double[])a.Clone();
        var pivots = new int[n];
        Provider.LUFactor(factors, n, pivots);
        var exchanged = (double[])a.Clone();
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++) (exchanged[At(i, j, n)], exchanged[At(pivots[i], j, n)]) = (exchanged[At(pivots[i], j, n)], exchanged[At(i, j, n)]);
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
            {
                var sum = i <= j ? factors[At(i, j, n)] : 0;
                for (var k = 0; k < Math.Min(i, j + 1); k++) sum += factors[At(i, k, n)] * factors[At(k, j, n)];
                Assert.Equal(exchanged[At(i, j, n)], sum, 1e-14 * (n + 10));
                if (i > j) Assert.InRange(factors[At(i, j, n)], -1, 1);
            }
    }

    [Theory, MemberData(nameof(Orders))]
    public void LU_takes_the_same_pivots_as_MathNet(int n)
    {
        var (own, theirs) = (Numbers(n * n, 3 * n), Numbers(n * n, 3 * n));
        int[] pivots = new int[n], expected = new int[n];
        Provider.LUFactor(own, n, pivots);
        ((ILinearAlgebraProvider<double>)ManagedLinearAlgebraProvider.Instance).LUFactor(theirs, n, expected);
        Assert.Equal(expected, pivots);
    }

    [Fact]
    public void LU_of_equal_candidates_takes_the_first_and_a_column_of_zeros_stays()
    {
        // columns (-2, 2), (1, 3): the first of the two largest is the pivot
        double[] a = [-2, 2, 1, 3];
        var pivots = new int[2];
        Provider.LUFactor(a, 2, pivots);
        Assert.Equal([0, 1], pivots);
        Assert.Equal([-2, -1, 1, 4], a);

        double[] singular = [0, 0, 0, 1, 2, 3, 4, 5, 6];
        Provider.LUFactor(singular, 3, new int[3]);
        Assert.Equal(0, singular[0]);
        Assert.All(singular, x => Assert.True(double.IsFinite(x)));
    }

    [Theory, MemberData(nameof(Orders))]
    public void Cholesky_times_its_transpose_is_the_matrix_of_which_one_triangle_is_read(int n)
    {
        var b = Numbers(n * n, n);
        var a = new double[n * n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
            {
                a[At(i, j, n)] = i < j ? double.NaN : i == j ? 0.5 * n : 0;
                if (i >= j)
                    for (var k = 0; k < n; k++) a[At(i, j, n)] += b[At(i, k, n)] * b[At(j, k, n)];
            }
        var l = (double[])a.Clone();
        Provider.CholeskyFactor(l, n);
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
                if (i < j) Assert.Equal(0, l[At(i, j, n)]);
                else Assert.Equal(a[At(i, j, n)], Enumerable.Range(0, j + 1).Sum(k => l[At(i, k, n)] * l[At(j, k, n)]), 1e-14 * n * n + 1e-14);
    }

    [Theory]
    [InlineData(5, 4)]
    [InlineData(40, 0)]
    [InlineData(40, 39)]
    [InlineData(130, 100)]
    public void Cholesky_refuses_a_matrix_with_one_negative_pivot(int n, int negative)
    {
        var a = new double[n * n];
        for (var i = 0; i < n; i++) a[At(i, i, n)] = i == negative ? -1 : 1;
        Assert.Throws<ArgumentException>(() => Provider.CholeskyFactor(a, n));
    }

    public static TheoryData<int, int, bool, bool, bool> Systems()
    {
        var systems = new TheoryData<int, int, bool, bool, bool>();
        foreach (var n in new[] { 1, 3, 16, 17, 40, 100 })
            foreach (var k in new[] { 1, 2, 5, 16, 21, 130 })
                foreach (var flags in Enumerable.Range(0, 8)) systems.Add(n, k, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
        return systems;
    }

    [Theory, MemberData(nameof(Systems))]
    public void Substitution_solves_and_touches_nothing_beside_its_columns(int n, int k, bool upper, bool transposed, bool unit)
    {
        int ld = n + 3, ldx = k + 2;
        var t = Numbers(n * ld, n + k);
        for (var i = 0; i < n; i++) t[i * ld + i] = unit ? double.NaN : 2 + 0.1 * i;
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
                if (i != j) t[i * ld + j] = upper == i < j ? t[i * ld + j] / n : double.NaN;
        var b = Numbers(n * ldx, k);
        var x = (double[])b.Clone();
        Triangle.Solve(upper, transposed, unit, n, k, t, ld, x, ldx);
        for (var i = 0; i < n; i++)
        {
            for (var c = 0; c < k; c++)
            {
                var sum = (unit ? 1 : t[i * ld + i]) * x[i * ldx + c];
                for (var j = 0; j < n; j++)
                    if (i != j && (transposed ? upper == j < i : upper == i < j)) sum += (transposed ? t[j * ld + i] : t[i * ld + j]) * x[j * ldx + c];
                Assert.Equal(b[i * ldx + c], sum, 1e-13);
            }

            for (var c = k; c < ldx; c++) Assert.Equal(b[i * ldx + c], x[i * ldx + c]);
        }
    }

    [Fact]
    public void Factors_have_the_same_bits_on_one_and_two_threads()
    {
        const int n = 300;
        (double[] Lu, int[] Pivots, double[] Root) Factor(int threads)
        {
            var before = Parallelism.MaxThreads;
            Parallelism.MaxThreads = threads;
            try
            {
                double[] lu = Numbers(n * n, 1), root = Numbers(n * n, 2);
                for (var i = 0; i < n; i++) root[i * n + i] += n;
                var pivots = new int[n];
                Provider.LUFactor(lu, n, pivots);
                Provider.CholeskyFactor(root, n);
                return (lu, pivots, root);
            }
            finally
            {
                Parallelism.MaxThreads = before;
            }
        }

        var (one, two) = (Factor(1), Factor(2));
        Assert.Equal(one.Pivots, two.Pivots);
        Assert.Equal(one.Lu, two.Lu);
        Assert.Equal(one.Root, two.Root);
    }
}

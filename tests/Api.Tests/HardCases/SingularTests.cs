using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Group C, second half: what does not fit a table of numbers.</summary>
public class SingularTests
{
    [Fact]
    public void C01_kinks_at_zero_and_flat_functions()
    {
        // the other rows of C01 stand in docs/kinks.md
        EveryWay.Slope(0, Tensor.Abs, 0);
        EveryWay.Slope(0, Tensor.Abs, -0.0);
        EveryWay.Slope(0, Tensor.Relu, 0);
        foreach (var flat in new Func<Tensor, Tensor>[] { Tensor.Sign, Tensor.Floor, Tensor.Ceiling, x => Tensor.Round(x), Tensor.Truncate, x => Tensor.Heaviside(x, 1.0) })
            foreach (var at in new[] { -1.0, -0.5, 0.0, 0.5, 2.0 })
                EveryWay.Slope(0, flat, at);
    }

    [Fact]
    public void C02_equal_operands_share_from_both_slots()
    {
        foreach (var op in new Func<Tensor, Tensor, Tensor>[] { Tensor.Maximum, Tensor.Minimum })
        {
            EveryWay.Slope(0.5, x => op(x, 1.0), 1);
            EveryWay.Slope(0.5, x => op(1.0, x), 1);
            EveryWay.Gradient([0.5, 0.5], x => op(x[0], x[1]), Tensor.Of(1, 1));
        }
    }

    [Fact]
    public void C03_the_shares_of_a_hundred_thousand_equal_values_add_up_to_one()
    {
        const int n = 100_000;
        var x = Tensor.Ones(n);
        foreach (var op in new Func<Tensor, Tensor>[] { v => v.Max(), v => v.Min(), v => v.Median(), v => v.Norm(double.PositiveInfinity) })
        {
            var shares = Diff.Gradient(op, x).ToArray();
            Assert.All(shares, s => Assert.Equal(1.0 / n, s));
            Assert.Equal(1, Diff.Jvp(op, x, Tensor.Ones(n)).Tangent.ToDouble(), 1e-12);
        }

        // with an index, all goes to the index
        Assert.Equal(1, Diff.Gradient(v => v.MaxWithIndex(0).Values, x)[0].ToDouble());
        Assert.Equal(1, Diff.Gradient(v => v.MaxWithIndex(0).Values, x).Sum().ToDouble());
    }

    [Fact]
    public void C03_ties_along_an_axis_share_line_by_line()
    {
        Tensor x = new double[,] { { 1, 1, 0 }, { 2, 3, 3 } };
        EveryWay.Gradient([0.5, 0.5, 0, 0, 0.5, 0.5], y => y.Max(axis: 1).Sum(), x);
        EveryWay.Gradient([0, 0, 1, 1, 0, 0], y => y.Min(axis: 1).Sum(), x);
        EveryWay.Gradient([0, 0, 0, 1, 1, 1], y => y.Max(axis: 0).Sum(), x);
    }

    [Fact]
    public void C04_the_index_of_tied_extrema_is_the_first_every_time()
    {
        var x = Tensor.Of(1, 3, 3, 1);
        for (var k = 0; k < 3; k++)
        {
            Assert.Equal(1, x.ArgMax().ToScalar<long>());
            Assert.Equal(0, x.ArgMin().ToScalar<long>());
            Assert.Equal(1, x.MaxWithIndex(0).Indices.ToScalar<long>());
        }

        EveryWay.Gradient([0, 1, 0, 0], y => y.MaxWithIndex(0).Values, x);
        EveryWay.Gradient([0, 0.5, 0.5, 0], y => y.Max(), x);
    }

    [Fact]
    public void C05_quantiles_and_order_statistics_of_ties_preserve_the_sum()
    {
        var x = Tensor.Of(2, 1, 2, 1, 2);
        foreach (var (_, way) in EveryWay.All)
        {
            foreach (var q in new[] { 0.0, 0.1, 0.25, 0.5, 0.9, 1.0 })
                Assert.Equal(1, way(y => y.Quantile(q))(x).Sum().ToDouble(), 1e-15);
            for (var k = 1; k <= 5; k++)
            {
                var shares = way(y => y.KthValue(k).Values)(x).ToArray();
                Assert.Single(shares, s => s == 1);
                Assert.Equal(4, shares.Count(s => s == 0));
            }
        }

        // over all k the shares are a permutation: each element is the k-th once
        var all = Enumerable.Range(1, 5).Select(k => Diff.Gradient(y => y.KthValue(k).Values, x)).Aggregate((a, b) => a + b);
        Assert.Equal([1, 1, 1, 1, 1], all.ToArray());
    }

    [Fact]
    public void C05_sorting_is_stable_and_hands_the_cotangent_on_in_another_order()
    {
        var x = Tensor.Of(2, 1, 2, 1, 2);
        Assert.Equal([1L, 3, 0, 2, 4], x.Sort().Indices.ToArray<long>());
        Assert.Equal([0L, 2, 4, 1, 3], x.Sort(descending: true).Indices.ToArray<long>());
        var w = Tensor.Of(1, 2, 3, 4, 5);
        EveryWay.Gradient([3, 1, 4, 2, 5], y => Tensor.Dot(w, y.Sort().Values), x);
        EveryWay.Gradient([1, 0, 1, 0, 0], y => y.TopK(2).Values.Sum(), x);
        EveryWay.Gradient([0, 1, 0, 1, 0], y => y.TopK(2, largest: false).Values.Sum(), x);
        EveryWay.SecondGradient([2, 2, 2, 2, 2], y => (y.Sort().Values * y.Sort().Values).Sum(), x);
    }

    [Fact]
    public void C06_clamp_lets_its_bounds_through_and_is_flat_outside()
    {
        static Tensor Clamp(Tensor x) => Tensor.Clamp(x, -1, 1);
        foreach (var (at, slope) in new[] { (-2.0, 0.0), (-1, 1), (0, 1), (1, 1), (2, 0) }) EveryWay.Slope(slope, Clamp, at);

        // the Huber loss written with a branch has one slope at its knee from both sides
        static Tensor Huber(Tensor x) => Tensor.Where(Tensor.LessOrEqual(Tensor.Abs(x), 1.0), 0.5 * x * x, Tensor.Abs(x) - 0.5);
        EveryWay.Slope(1, Huber, 1);
        EveryWay.Slope(1, Huber, 1 + 1e-9);
        EveryWay.Slope(-1, Huber, -1);
    }

    [Fact]
    public void C07_the_norm_at_the_origin_has_slope_0_in_every_order_and_along_axes()
    {
        foreach (var p in new[] { 1, 1.5, 2, 3, double.PositiveInfinity })
            EveryWay.Gradient([0, 0, 0], x => x.Norm(p), Tensor.Zeros(3));
        EveryWay.Gradient([0, 0, 0.6, 0.8], x => x.Norm(2, axis: 1).Sum(), new double[,] { { 0, 0 }, { 3, 4 } }, 1e-15);
        EveryWay.Gradient([0, 0, 0, 0], x => Linalg.MatrixNorm(x), Tensor.Zeros(2, 2));
    }

    [Fact]
    public void C08_the_squared_norm_at_the_origin_agrees_with_the_sum_of_squares()
    {
        EveryWay.Gradient([0, 0], x => Tensor.Square(x.Norm()), Tensor.Zeros(2));
        EveryWay.Gradient([0, 0], x => Tensor.Pow(x.Norm(), 2), Tensor.Zeros(2));
        EveryWay.Gradient([0, 0], x => (x * x).Sum(), Tensor.Zeros(2));
        EveryWay.SecondGradient([2, 2], x => (x * x).Sum(), Tensor.Zeros(2));
    }

    [Fact]
    public void C09_the_root_at_0()
    {
        EveryWay.Slope(double.PositiveInfinity, Tensor.Sqrt, 0);
        EveryWay.SecondSlope(double.NegativeInfinity, Tensor.Sqrt, 0);
        EveryWay.Slope(0, x => Tensor.Sqrt(x * x), 0);
    }

    [Fact]
    public void C10_whole_powers_at_0_to_order_five()
    {
        double[][] expected = [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 2, 0, 0, 0], [0, 0, 0, 6, 0, 0]];
        for (var p = 0; p < expected.Length; p++)
        {
            Func<Tensor, Tensor>[] spellings = [x => Tensor.Pow(x, p), x => Tensor.Pow(x, (double)p), x => Tensor.Pow(x, Tensor.Scalar(p))];
            foreach (var spelling in spellings)
                for (var n = 0; n <= 5; n++)
                {
                    Assert.Equal(expected[p][n], Diff.NthDerivative(spelling, n, 0.0));
                    var f = spelling;
                    for (var k = 0; k < n; k++) f = k % 2 == 0 ? Diff.Gradient(f) : Diff.Derivative(f);
                    Assert.Equal(expected[p][n], f(Tensor.Scalar(0)).ToDouble());
                }
        }
    }

    [Fact]
    public void C11_the_second_derivative_of_a_real_power_two_at_0()
    {
        EveryWay.SecondSlope(2, x => Tensor.Pow(x, 2.0), 0);
        EveryWay.SecondSlope(2, x => Tensor.Pow(x, Tensor.Scalar(2)), 0);
    }

    [Fact]
    public void C12_a_power_of_one_and_a_half_at_0()
    {
        EveryWay.Slope(0, x => Tensor.Pow(x, 1.5), 0);
        EveryWay.SecondSlope(double.PositiveInfinity, x => Tensor.Pow(x, 1.5), 0);
        EveryWay.Slope(0, x => x * Tensor.Pow(x, 0.5), 0);
    }

    [Fact]
    public void C13_a_zero_base_has_slope_0_in_the_exponent()
    {
        EveryWay.Slope(0, b => Tensor.Pow(0.0, b), 1);
        EveryWay.Slope(0, b => Tensor.Pow(0.0, b), 0);
        EveryWay.Slope(0, b => Tensor.Pow(0.0, b), 2.5);
    }

    [Fact]
    public void C14_the_Hessian_of_a_power_at_4_and_0()
    {
        static Tensor Power(Tensor x) => Tensor.Pow(x[0], x[1]);
        foreach (var (_, outer) in EveryWay.All)
            foreach (var (_, inner) in EveryWay.All)
            {
                var rows = Enumerable.Range(0, 2).Select(i => outer(x => inner(Power)(x)[i])(Tensor.Of(4, 0))).ToArray();
                EveryWay.Near([0, 0.25], rows[0], 1e-15);
                EveryWay.Near([0.25, 1.9218120556728056], rows[1], 1e-15);
            }
    }

    [Fact]
    public void C15_whole_powers_given_as_a_tensor()
    {
        foreach (var exponents in new[] { Tensor.FromArray(new[] { 0, 1 }), Tensor.Of(0, 1) })
            foreach (var at in new[] { 0.0, 3.14 })
                EveryWay.Slope(1, x => Tensor.Pow(x, exponents).Sum(), at);
    }

    [Fact]
    public void C16_ends_of_domains()
    {
        EveryWay.Slope(double.PositiveInfinity, Tensor.Log, 0);
        Assert.True(double.IsNaN(Tensor.Log(-1.0).ToDouble()));
        EveryWay.Slope(double.NegativeInfinity, x => 1 / x, 0);
        EveryWay.Slope(double.PositiveInfinity, Tensor.Log1p, -1);
        EveryWay.Slope(double.PositiveInfinity, Tensor.Asin, 1);
        EveryWay.Slope(double.PositiveInfinity, Tensor.Atanh, 1);
    }

    [Fact]
    public void C17_the_branch_not_taken_says_nothing()
    {
        EveryWay.Slope(0, x => Tensor.Where(Tensor.Greater(x, 0.0), Tensor.Log(x), 0.0), 0);
        EveryWay.Slope(0, x => Tensor.Log(Tensor.Where(Tensor.Greater(x, 0.0), x, 1.0)), 0);
        EveryWay.SecondSlope(0, x => Tensor.Where(Tensor.Greater(x, 0.0), Tensor.Log(x), 0.0), 0);
        EveryWay.Gradient([0, 0.5], x => Tensor.Where(Tensor.Greater(x, 0.0), Tensor.Log(x), 0.0).Sum(), Tensor.Of(0, 2));
        EveryWay.Gradient([0, 0, 0.5], x => Tensor.Where(Tensor.Greater(x, 0.0), Tensor.Sqrt(x), x.Sum() * 0).Sum(), Tensor.Of(0, -1, 1), 1e-15);
    }

    [Fact]
    public void C18_an_overflow_in_the_branch_not_taken_says_nothing_in_float32()
    {
        static Tensor F(Tensor x) => Tensor.Where(Tensor.Less(x, 0.0), Tensor.Exp(x), 1.0).Sum();
        EveryWay.Gradient([0], F, Tensor.FromArray(new[] { 100f }));
        EveryWay.Gradient([0], F, Tensor.FromArray(new[] { 1000.0 }));
    }

    [Fact]
    public void C19_angles_and_lengths_at_the_origin_are_finite()
    {
        EveryWay.Gradient([0, 0], x => Tensor.Hypot(x[0], x[1]), Tensor.Zeros(2));
        EveryWay.Gradient([0, 0], x => Tensor.Atan2(x[0], x[1]), Tensor.Zeros(2));
    }

    [Fact]
    public void C20_removable_singularities_have_functions_of_their_own()
    {
        EveryWay.Slope(double.NaN, x => x / x, 0);
        EveryWay.Slope(double.NaN, x => Tensor.Sin(x) / x, 0);
        Assert.Equal(1, Tensor.Sinc(0.0).ToDouble());
        EveryWay.Slope(0, Tensor.Sinc, 0);
        EveryWay.SecondSlope(-Math.PI * Math.PI / 3, Tensor.Sinc, 0, 1e-15);
        EveryWay.Slope(1, Tensor.Expm1, 0);
        EveryWay.Near(1e-10, Tensor.Expm1(1e-10).ToDouble(), 1e-19);
    }

    [Fact]
    public void C21_products_with_zeros()
    {
        EveryWay.Gradient([6, 0, 0], x => x.Prod(), Tensor.Of(0, 2, 3));
        EveryWay.Gradient([0, 0, 0], x => x.Prod(), Tensor.Of(0, 0, 3));
        EveryWay.Gradient([9, 0, 0], x => x.CumProd(0).Sum(), Tensor.Of(0, 2, 3));
        EveryWay.Same(new double[,] { { 0, 3, 2 }, { 3, 0, 0 }, { 2, 0, 0 } }, Diff.Hessian(x => x.Prod(), Tensor.Of(0, 2, 3)));
        EveryWay.Same(new double[,] { { 0, 3, 0 }, { 3, 0, 0 }, { 0, 0, 0 } }, Diff.Hessian(x => x.Prod(), Tensor.Of(0, 0, 3)));
        Assert.Equal(1, Diff.Derivative((Tensor t) => Diff.Hessian(x => x.Prod(), Tensor.Stack(t, 0.0, 0.0))[1, 2], 0.0));
    }

    [Fact]
    public void C22_the_determinant_of_a_singular_matrix_has_its_cofactors_as_gradient()
    {
        EveryWay.Gradient([4, -2, -2, 1], Linalg.Det, new double[,] { { 1, 2 }, { 2, 4 } }, 1e-14);
        EveryWay.Gradient([0, 0, 0, 0], Linalg.Det, Tensor.Zeros(2, 2), 1e-14);
    }

    [Fact]
    public void C23_a_singular_matrix_is_refused_in_every_mode_with_the_same_words()
    {
        Tensor singular = new double[,] { { 1, 2 }, { 2, 4 } };
        Func<Tensor, Tensor>[] functions = [a => Linalg.Inverse(a).Sum(), a => Linalg.Solve(a, Tensor.Of(1, 2)).Sum()];
        foreach (var f in functions)
        {
            var plain = Assert.Throws<SingularMatrixException>(() => f(singular));
            foreach (var (_, way) in EveryWay.All)
            {
                Assert.Equal(plain.Message, Assert.Throws<SingularMatrixException>(() => way(f)(singular)).Message);
                Assert.Throws<SingularMatrixException>(() => EveryWay.All[0].Of(a => way(f)(a).Sum())(singular));
            }
        }

        Tensor indefinite = new double[,] { { 1, 2 }, { 2, 1 } };
        var refused = Assert.ThrowsAny<Exception>(() => Linalg.Cholesky(indefinite));
        foreach (var (_, way) in EveryWay.All)
            Assert.Equal(refused.Message, Assert.Throws(refused.GetType(), () => way(a => Linalg.Cholesky(a).Sum())(indefinite)).Message);
    }

    [Fact]
    public void C24_functions_of_equal_eigenvalues_that_are_smooth_keep_their_gradient()
    {
        var identity = Tensor.Eye(2);
        EveryWay.Gradient([1, 0, 0, 1], a => Linalg.Eigvalsh(a).Sum(), identity, 1e-14);
        EveryWay.Gradient([2, 0, 0, 2], a => Tensor.Square(Linalg.SingularValues(a)).Sum(), identity, 1e-14);
        EveryWay.Gradient([Math.E, 0, 0, Math.E], a => Linalg.SymmetricFunction(Tensor.Exp, a).Diagonal().Sum(), identity, 1e-14);
    }

    [Fact]
    public void C25_spread_of_one_element_and_of_equal_ones()
    {
        Assert.True(double.IsNaN(Tensor.Of(5).Var(ddof: 1).ToDouble()));
        Assert.Equal(0, Tensor.Of(5).Var().ToDouble());
        EveryWay.Gradient([0], x => x.Var(), Tensor.Of(5));
        EveryWay.Gradient([0, 0, 0], x => x.Var(), Tensor.Of(2, 2, 2));
        EveryWay.Gradient([0, 0, 0], x => x.Std(), Tensor.Of(2, 2, 2));
        EveryWay.Gradient([double.NaN], x => x.Var(ddof: 1), Tensor.Of(5));
    }
}

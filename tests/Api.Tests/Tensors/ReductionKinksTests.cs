using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Reductions at ties, zeros, infinities, NaN and over nothing. The names carry the ids of the hard cases.</summary>
public class ReductionKinksTests
{
    private const double Inf = double.PositiveInfinity;
    private const double NaN = double.NaN;

    private static Tensor Gradient(Func<Tensor, Tensor> f, params double[] at) => Diff.Gradient(f, Tensor.Of(at));

    private static void Near(double[] expected, Tensor actual, double tolerance = 1e-14)
    {
        var got = actual.ToArray<double>();
        Assert.Equal(expected.Length, got.Length);
        for (var k = 0; k < got.Length; k++)
        {
            if (double.IsFinite(expected[k])) Assert.True(Math.Abs(expected[k] - got[k]) <= tolerance * (1 + Math.Abs(expected[k])), $"element {k} is {got[k]:R}, expected {expected[k]:R}");
            else Assert.Equal(expected[k], got[k]);
        }
    }

    // ---- ties

    [Fact]
    public void C03_ties_of_an_extremum_or_a_median_share_the_gradient_equally()
    {
        Near([0.5, 0, 0.5, 0], Gradient(x => x.Max(), 3, 1, 3, 1));
        Near([0, 0.5, 0, 0.5], Gradient(x => x.Min(), 3, 1, 3, 1));
        Near([0, 0.5, 0, 0.5], Gradient(x => x.Median(), 3, 1, 3, 1));
        Near([0.5, -0.5, 0], Gradient(x => x.Norm(Inf), 3, -3, 1));
    }

    [Fact]
    public void C03_the_shares_of_a_hundred_thousand_ties_sum_to_one()
    {
        var x = Tensor.Full([100_000], 7);
        var gradient = Diff.Gradient(t => t.Max(), x);
        Assert.All(gradient.ToArray<double>(), g => Assert.Equal(1e-5, g));
        Assert.Equal(1, gradient.Sum().ToDouble(), 1e-15);
        Assert.Equal(1, Diff.Jvp(t => t.Max(), x, Tensor.OnesLike(x)).Tangent.ToDouble(), 1e-15);
    }

    [Fact]
    public void C04_with_an_index_the_first_of_the_ties_gets_it_all()
    {
        Near([1, 0, 0, 0], Gradient(x => x.MaxWithIndex(0).Values, 3, 1, 3, 1));
        Near([0, 1, 0, 0], Gradient(x => x.MinWithIndex(0).Values, 3, 1, 3, 1));
        Assert.Equal(0, Tensor.Of(3, 1, 3, 1).ArgMax().ToDouble());
        Assert.Equal(1, Tensor.Of(3, 1, 3, 1).ArgMin(0).ToDouble());
    }

    [Fact]
    public void C05_with_an_index_a_median_or_kth_value_takes_the_place_of_a_stable_sort()
    {
        var (value, index) = Tensor.Of(2, 2, 2, 2).MedianWithIndex(0);
        Assert.Equal((2.0, 1.0), (value.ToDouble(), index.ToDouble()));
        Near([0, 0, 0, 1], Gradient(x => x.MedianWithIndex(0).Values, 3, 1, 3, 1));
        Near([0, 0, 1, 0], Gradient(x => x.KthValue(2).Values, 5, 7, 5, 5));
        Assert.Equal(1, Gradient(x => x.Quantile(0.4), 1, 1, 1, 2).Sum().ToDouble(), 1e-15);
    }

    [Fact]
    public void Running_extrema_take_the_last_of_the_ties()
    {
        var (values, indices) = Tensor.Of(1, 1, 0, 1).CumMax(0);
        Assert.Equal([1.0, 1, 1, 1], values.ToArray<double>());
        Assert.Equal([0L, 1, 1, 3], indices.ToArray<long>());
        Assert.Equal([0L, 1, 2, 2], Tensor.Of(1, 1, 0, 1).CumMin(0).Indices.ToArray<long>());
        Near([1, 2, 0, 1], Gradient(x => x.CumMax(0).Values.Sum(), 1, 1, 0, 1));
    }

    // ---- norms at the origin

    [Theory]
    [InlineData(0.0), InlineData(0.5), InlineData(1.0), InlineData(1.5), InlineData(2.0), InlineData(3.0), InlineData(Inf), InlineData(double.NegativeInfinity), InlineData(-1.0)]
    public void C07_a_norm_at_the_origin_has_gradient_zero_in_both_modes(double p)
    {
        Near([0, 0, 0], Gradient(x => x.Norm(p), 0, 0, 0));
        Assert.Equal(0, Diff.Jvp(x => x.Norm(p), Tensor.Of(0, 0, 0), Tensor.Of(1, 2, 3)).Tangent.ToDouble());
        Near([0, 0, 0], Diff.Hvp<Tensor>(x => x.Norm(p), Tensor.Of(0, 0, 0), Tensor.Of(1, 2, 3)));
    }

    [Fact]
    public void C08_the_square_of_a_norm_at_the_origin_has_gradient_zero() => Near([0, 0], Gradient(x => Tensor.Pow(x.Norm(), 2), 0, 0));

    [Fact]
    public void An_element_at_zero_does_not_spoil_the_gradient_of_a_norm()
    {
        Near([1, 0], Gradient(x => x.Norm(2), 5, 0));
        Near([1, 0], Gradient(x => x.Norm(1.5), 5, 0));
        Near([1, 0], Gradient(x => x.Norm(3), 5, 0));
        Near([0, 0], Gradient(x => Tensor.Dist(x, Tensor.Of(1, 2), 2), 1, 2));
    }

    // ---- products

    [Fact]
    public void C21_the_gradient_of_a_product_is_exact_with_zeros()
    {
        Near([6, 0, 0], Gradient(x => x.Prod(), 0, 2, 3));
        Near([0, 0, 0], Gradient(x => x.Prod(), 0, 0, 3));
        Near([24, 0, 0, 0], Gradient(x => Tensor.ReshapeTo(x, new Shape(2, 2)).Prod(), 0, 2, 3, 4));
    }

    [Fact]
    public void C21_the_Hessian_and_the_third_derivative_of_a_product_are_exact_with_zeros()
    {
        Near([0, 3, 0, 3, 0, 0, 0, 0, 0], Diff.Hessian(x => x.Prod(), Tensor.Of(0, 0, 3)));
        Near([0, 3, 2, 3, 0, 0, 2, 0, 0], Diff.Hessian(x => x.Prod(), Tensor.Of(0, 2, 3)));
        var third = Diff.Jvp(x => Diff.Hessian(t => t.Prod(), x), Tensor.Of(0, 0, 0), Tensor.Of(1, 0, 0)).Tangent;
        Near([0, 0, 0, 0, 0, 1, 0, 1, 0], third);
    }

    [Fact]
    public void C21_running_products_are_exact_with_zeros_at_second_order()
    {
        Near([1, 0, 0, 3, 0, 0, 12, 0, 0], Diff.Jacobian(x => x.CumProd(0), Tensor.Of(0, 3, 4)));
        Near([1, 0, 0, 0, 0, 0, 0, 0, 0], Diff.Jacobian(x => x.CumProd(0), Tensor.Of(0, 0, 4)));
        Near([0, 5, 0, 5, 0, 0, 0, 0, 0], Diff.Hessian(x => x.CumProd(0).Sum(), Tensor.Of(0, 0, 4)));
    }

    // ---- spread

    [Fact]
    public void C25_a_constant_vector_has_variance_and_deviation_zero_with_gradient_zero()
    {
        Near([0, 0, 0], Gradient(x => x.Var(ddof: 1), 2, 2, 2));
        Near([0, 0, 0], Gradient(x => x.Std(ddof: 1), 2, 2, 2));
        Near([0, 0, 0], Diff.Hvp<Tensor>(x => x.Std(), Tensor.Of(2, 2, 2), Tensor.Of(1, 0, 0)));
    }

    [Fact]
    public void C25_one_element_has_variance_zero_and_no_unbiased_variance()
    {
        Assert.Equal(0, Tensor.Of(5).Var().ToDouble());
        Assert.True(double.IsNaN(Tensor.Of(5).Var(ddof: 1).ToDouble()));
        Assert.True(double.IsNaN(Tensor.Of(5).Std(ddof: 1).ToDouble()));
    }

    // ---- sums of exponentials

    [Fact]
    public void D01_logsumexp_shifts()
    {
        Assert.Equal(1000.6931471805599, Tensor.Of(1000, 1000).LogSumExp().ToDouble());
        Assert.Equal(-999.3068528194401, Tensor.Of(-1000, -1000).LogSumExp().ToDouble());
        Near([0.5, 0.5], Gradient(x => x.LogSumExp(), 1000, 1000));
        Near([0.25, -0.25, -0.25, 0.25], Diff.Hessian(x => x.LogSumExp(), Tensor.Of(-1000, -1000)));
    }

    [Fact]
    public void D02_logsumexp_of_infinities_has_a_finite_gradient()
    {
        Assert.Equal(0, Tensor.Of(-Inf, 0).LogSumExp().ToDouble());
        Near([0, 1], Gradient(x => x.LogSumExp(), -Inf, 0));
        Assert.Equal(-Inf, Tensor.Of(-Inf, -Inf).LogSumExp().ToDouble());
        Near([0, 0], Gradient(x => x.LogSumExp(), -Inf, -Inf));
        Near([0, 0], Diff.Hvp<Tensor>(x => x.LogSumExp(), Tensor.Of(-Inf, -Inf), Tensor.Of(1, 1)));
        Assert.Equal(Inf, Tensor.Of(Inf, 1).LogSumExp().ToDouble());
        Near([1, 0], Gradient(x => x.LogSumExp(), Inf, 1));
        Assert.True(double.IsNaN(Tensor.Of(NaN, 1).LogSumExp().ToDouble()));
    }

    [Fact]
    public void D03_a_masked_logsumexp_does_not_see_what_is_masked()
    {
        var mask = Tensor.FromArray(new[] { true, false });
        Tensor Masked(Tensor x) => Tensor.Select(mask, x, -Inf).LogSumExp();
        Assert.Equal(0, Masked(Tensor.Of(0, 100)).ToDouble());
        Near([1, 0], Gradient(Masked, 0, 100));
    }

    [Fact]
    public void D04_softmax_gives_exact_zeros_at_minus_infinity()
    {
        Near([0, 0.5, 0.5], Tensor.Of(-Inf, 3, 3).Softmax());
        Near([0, 0.25, -0.25], Gradient(x => (x.Softmax() * Tensor.Of(7, 1, 0)).Sum(), -Inf, 3, 3));
        Near([0, 0], Tensor.Of(-Inf, -Inf).Softmax());
        Near([0, 0], Gradient(x => (x.Softmax() * Tensor.Of(7, 1)).Sum(), -Inf, -Inf));
        Near([-Inf, -Inf], Tensor.Of(-Inf, -Inf).LogSoftmax());
        Near([0.5, 0, 0.5], Tensor.Of(Inf, 3, Inf).Softmax());
    }

    [Fact]
    public void D05_log_softmax_is_finite_for_large_logits()
    {
        Near([0, -2e4], Tensor.Of(1e4, -1e4).LogSoftmax());
        Near([-1, 1], Gradient(x => x.LogSoftmax()[1], 1e4, -1e4));
        Near([0, 0], Gradient(x => x.LogSoftmax()[0], 1e4, -1e4));
    }

    [Fact]
    public void Running_logsumexp_starts_from_minus_infinity_without_NaN()
    {
        Near([-Inf, 0, Math.Log(2)], Tensor.Of(-Inf, 0, 0).LogCumSumExp(0));
        Near([0, 1.5, 0.5], Gradient(x => x.LogCumSumExp(0)[1..].Sum(), -Inf, 0, 0));
        Near([0, 0], Gradient(x => x.LogCumSumExp(0).Sum(), -Inf, -Inf));
        Near([1, 2, 0], Gradient(x => x.LogCumSumExp(0).Sum(), 0, Inf, 5));
        Near([-1000, -1000 + Math.Log(2)], Tensor.Of(-1000, -1000).LogCumSumExp(0));
    }

    // ---- NaN

    [Fact]
    public void D17_a_NaN_reaches_the_results_that_depend_on_it_and_no_others()
    {
        var x = Tensor.FromArray(new double[,] { { 1, NaN, 3 }, { 4, 5, 6 } });
        foreach (var y in new[] { x.Sum(1), x.Max(1), x.Min(1), x.Median(1), x.Quantile(0.5, 1), x.Norm(2, 1), x.LogSumExp(1), x.Var(1), x.Prod(1) })
        {
            Assert.True(double.IsNaN(y[0].ToDouble()));
            Assert.True(double.IsFinite(y[1].ToDouble()));
        }
        Assert.Equal([1L, 2], x.ArgMax(1).ToArray<long>());
        Assert.Equal([1L, 0], x.ArgMin(1).ToArray<long>());
        Assert.Equal([0L, 1, 1], x[0].CumMax(0).Indices.ToArray<long>());
    }

    [Fact]
    public void The_versions_that_ignore_NaN_give_it_derivative_zero()
    {
        Near([0, 1, 1], Gradient(x => x.NanSum(), NaN, 1, Inf));
        Near([0, 0.5, 0.5], Gradient(x => x.NanMean(), NaN, 1, 4));
        Near([0, 1, 0, 0], Gradient(x => x.NanMedian(), NaN, 2, 3, 1));
        Near([0, 0.5, 0, 0.5], Gradient(x => x.NanQuantile(0.25), NaN, 2, 3, 1));
        Assert.True(double.IsNaN(Tensor.Of(NaN, NaN).NanMean().ToDouble()));
        Assert.True(double.IsNaN(Tensor.Of(NaN, NaN).NanMedian().ToDouble()));
        Assert.True(double.IsNaN(Tensor.Of(NaN, NaN).NanQuantile(0.5).ToDouble()));
        Assert.Equal(0, Tensor.Of(NaN, NaN).NanSum().ToDouble());
    }

    [Fact]
    public void A_NaN_gets_the_whole_derivative_of_an_extremum() => Near([0, 1, 0], Gradient(x => x.Min(), 1, NaN, 3));

    // ---- nothing

    [Fact]
    public void E09_reductions_over_nothing_give_their_neutral_element()
    {
        var x = Tensor.Zeros(2, 0);
        Near([0, 0], x.Sum(1));
        Near([1, 1], x.Prod(1));
        Near([NaN, NaN], x.Mean(1));
        Near([-Inf, -Inf], x.LogSumExp(1));
        Near([0, 0], x.Norm(2, 1));
        Near([NaN, NaN], x.Var(1));
        Assert.Equal([true, true], x.All(1).ToArray<bool>());
        Assert.Equal([false, false], x.Any(1).ToArray<bool>());
        Assert.Equal(0, x.Sum().ToDouble());
        Assert.Equal(new Shape(0), x.Sum(0).Shape);
        foreach (var f in new Func<Tensor, Tensor>[] { t => t.Sum(), t => t.Prod(), t => t.Norm(), t => t.LogSumExp(), t => t.CumSum(1).Sum(), t => t.CumProd(1).Sum(), t => t.Softmax().Sum(), t => t.LogCumSumExp(1).Sum(), t => t.Var(1).Sum(), t => t.Max(0).Sum() })
            Assert.Equal(new Shape(2, 0), Diff.Gradient(f, x).Shape);
    }

    [Fact]
    public void E09_an_extremum_of_nothing_is_an_error_that_says_so()
    {
        var x = Tensor.Zeros(2, 0);
        foreach (var f in new Action[] { () => x.Max(), () => x.Max(1), () => x.Min(1), () => x.ArgMax(), () => x.ArgMin(1), () => x.MaxWithIndex(1), () => x.Median(1), () => x.Quantile(0.5, 1), () => x.MedianWithIndex(1) })
            Assert.Contains("empty", Assert.Throws<ArgumentException>(f).Message, StringComparison.Ordinal);
        Assert.Equal(new Shape(0), x.Max(0).Shape);
        Assert.Equal(new Shape(0), x.ArgMax(0).Shape);
    }

    [Fact]
    public void E10_a_number_reduces_to_itself_and_has_no_axis()
    {
        var x = Tensor.Scalar(3.5);
        foreach (var y in new[] { x.Sum(), x.Mean(), x.Prod(), x.Max(), x.Min(), x.Median(), x.Norm(), x.LogSumExp(), x.Sum(keepAxes: true) })
            Assert.Equal((3.5, 0), (y.ToDouble(), y.Rank));
        Assert.Equal(1, Diff.Gradient(t => t.Max() * t.Prod() / t.Norm(), x).ToDouble());
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Sum(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Softmax());
    }

    [Fact]
    public void E10_wrong_axes_are_named()
    {
        var x = Tensor.Zeros(2, 3);
        Assert.Contains("axis 2 does not exist in shape [2, 3]", Assert.Throws<ArgumentOutOfRangeException>(() => x.Max(2)).Message, StringComparison.Ordinal);
        Assert.Contains("name an axis of shape [2, 3] twice", Assert.Throws<ArgumentException>(() => x.Var([1, -1])).Message, StringComparison.Ordinal);
        Assert.Contains("elements 1 to 3", Assert.Throws<ArgumentOutOfRangeException>(() => x.KthValue(4)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Quantile(50));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Norm(NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Diff(-1));
    }

    [Fact]
    public void E10_no_axes_means_that_nothing_is_reduced()
    {
        var x = Tensor.Of(1, -2, 3);
        Near([1, -2, 3], x.Sum(Array.Empty<int>()));
        Near([1, -2, 3], x.Max(Array.Empty<int>()));
        Near([1, 2, 3], x.Norm(2, Array.Empty<int>()));
        Near([0, 0, 0], x.Var(Array.Empty<int>()));
    }

    [Fact]
    public void Rank_eight_reduces_over_any_axes()
    {
        var x = Tensor.Ones(2, 1, 2, 1, 2, 1, 2, 2);
        Assert.Equal(new Shape(1, 2, 1, 1, 2), x.LogSumExp([0, 4, 6]).Shape);
        Assert.Equal(32, x.Sum().ToDouble());
        Assert.Equal(new Shape(2, 1, 1, 1, 2, 1, 1, 2), x.Norm(2, [2, 6], keepAxes: true).Shape);
    }
}

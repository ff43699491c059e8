using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Accuracy of reductions where plain formulas lose it, and values of those that the golden data do not hold.</summary>
public class ReductionNumericsTests
{
    private const double Inf = double.PositiveInfinity;

    [Fact]
    public void D09_a_float32_sum_of_many_numbers_is_as_good_as_its_rounding()
    {
        var random = new Random(1);
        var data = Enumerable.Range(0, 5_000_000).Select(_ => random.NextSingle()).ToArray();
        var exact = data.Sum(v => (double)v);
        Assert.Equal(1, Tensor.FromArray(data).Sum().ToDouble() / exact, 1e-7);
        Assert.Equal(1, Tensor.FromArray(data, 2_500_000, 2).Sum(0).ToArray<float>().Sum(v => (double)v) / exact, 1e-7);
        Assert.Equal(1, Tensor.FromArray(data).CumSum(0)[^1].ToDouble() / exact, 1e-7);
    }

    [Fact]
    public void D10_the_float32_mean_of_twenty_million_ones_is_one()
    {
        var ones = Tensor.Ones([20_000_000], DType.Float32);
        Assert.Equal(1, ones.Mean().ToDouble());
        Assert.Equal([1f, 1f], Tensor.ReshapeTo(ones, new Shape(10_000_000, 2)).Mean(0).ToArray<float>());
        Assert.Equal(1, ones.Norm().ToDouble() / Math.Sqrt(20_000_000), 1e-7);
    }

    [Fact]
    public void D11_a_sum_has_the_same_bits_every_time()
    {
        var random = new Random(2);
        var x = Tensor.FromArray(Enumerable.Range(0, 1_000_000).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 12))).ToArray());
        var first = x.Sum().ToDouble();
        for (var k = 0; k < 10; k++) Assert.Equal(first, x.Sum().ToDouble());
    }

    [Fact]
    public void D12_the_variance_of_small_noise_on_a_large_mean_is_accurate()
    {
        var random = new Random(3);
        var noise = Enumerable.Range(0, 10_001).Select(_ => Math.ScaleB(random.Next(-512, 512), -13)).ToArray();
        var mean = noise.Average();
        var exact = noise.Sum(v => (v - mean) * (v - mean)) / noise.Length;
        var x = Tensor.FromArray(noise.Select(v => 1e8 + v).ToArray());
        Assert.Equal(1, x.Var().ToDouble() / exact, 1e-9);
        Assert.Equal(1, x.Std().ToDouble() / Math.Sqrt(exact), 1e-9);
        Assert.Equal(0, Tensor.Full([1000], 0.1).Var().ToDouble(), 1e-30);
    }

    [Fact]
    public void D14_norms_do_not_overflow_or_underflow_on_the_way()
    {
        foreach (var scale in new[] { 1e200, 1e-200, 1e300, 5e-324, 1.0 })
            foreach (var p in new[] { 2.0, 3.0, 1.5 })
            {
                var x = Tensor.Of(scale, scale);
                Assert.Equal(Math.Pow(2, 1 / p), x.Norm(p).ToDouble() / scale, scale < 1e-300 ? 0.6 : 1e-14);
            }
        Assert.Equal([0.7071067811865475, 0.7071067811865475], Diff.Gradient(x => x.Norm(), Tensor.Of(1e200, 1e200)).ToArray<double>());
        Assert.Equal(Math.Sqrt(2), Diff.Jvp(x => x.Norm(), Tensor.Of(1e200, 1e200), Tensor.Of(1, 1)).Tangent.ToDouble(), 1e-15);
        Assert.Equal(Math.Sqrt(0.5), Tensor.CosineSimilarity(Tensor.Of(1e200, 1e200), Tensor.Of(1e-5, 0)).ToDouble(), 1e-14);
        Assert.Equal(Inf, Tensor.Of(1, -Inf).Norm().ToDouble());
        Assert.Equal(1.4142135f * 1e30f, Tensor.FromArray(new[] { 1e30f, 1e30f }).Norm().ToArray<float>()[0]);
    }

    [Fact]
    public void D15_a_float32_gradient_is_float32_though_the_sum_is_wider()
    {
        var x = Tensor.Full([1000], 0.1, DType.Float32);
        Assert.Equal(DType.Float32, Diff.Gradient(t => t.Sum(), x).DType);
        Assert.Equal(100f, x.Sum().ToArray<float>()[0]);
    }

    [Fact]
    public void D16_a_running_product_of_many_steps_follows_the_closed_form()
    {
        var x = Tensor.Full([100_000], 1 + 1e-5);
        Assert.Equal(1, x.CumProd(0)[^1].ToDouble() / Math.Exp(1e5 * Math.Log(1 + 1e-5)), 1e-9);
        Assert.Equal(1, x.Prod().ToDouble() / Math.Exp(1e5 * Math.Log(1 + 1e-5)), 1e-9);
        var gradient = Diff.Gradient(t => t.Prod(), x).ToArray<double>();
        Assert.All(gradient, g => Assert.Equal(1, g / (x.Prod().ToDouble() / (1 + 1e-5)), 1e-9));
    }

    [Fact]
    public void D19_integers_and_truth_values_are_summed_in_int64()
    {
        var x = Tensor.FromArray(new[] { int.MaxValue, int.MaxValue, 1 });
        Assert.Equal(DType.Int64, x.Sum().DType);
        Assert.Equal([2L * int.MaxValue + 1], x.Sum().ToArray<long>());
        Assert.Equal([(1L << 53) + 1], Tensor.FromArray(new[] { 1L << 53, 1 }).Sum().ToArray<long>());
        Assert.Equal([1L, 1, 2], Tensor.FromArray(new[] { true, false, true }).CumSum(0).ToArray<long>());
        Assert.Equal(2, Tensor.FromArray(new[] { true, false, true }).Sum().ToDouble());
        Assert.Equal([255 * 255L], Tensor.FromArray(new byte[] { 255, 255 }).Prod().ToArray<long>());
    }

    [Fact]
    public void Integers_keep_their_type_where_an_element_is_chosen_and_become_float64_where_fractions_are_needed()
    {
        var x = Tensor.FromArray(new[] { 5, 1, 4, 2 });
        foreach (var y in new[] { x.Max(), x.Min(), x.Median(), x.KthValue(2).Values, x.CumMax(0).Values, x.MaxWithIndex(0).Values })
            Assert.Equal(DType.Int32, y.DType);
        foreach (var y in new[] { x.Mean(), x.Var(), x.Norm(), x.LogSumExp(), x.Softmax(), x.Quantile(0.5), x.NanMean(), x.Average(x) })
            Assert.Equal(DType.Float64, y.DType);
        Assert.Equal((5.0, 1.0, 2.0, 2.0, 3.0, 3.0), (x.Max().ToDouble(), x.Min().ToDouble(), x.Median().ToDouble(), x.KthValue(2).Values.ToDouble(), x.Mean().ToDouble(), x.Quantile(0.5).ToDouble()));
        var flags = Tensor.FromArray(new[] { true, false });
        Assert.Equal([true], flags.Max().ToArray<bool>());
        Assert.Equal([false], flags.Min().ToArray<bool>());
        Assert.Equal([0L], flags.ArgMax(0).ToArray<long>());
    }

    [Fact]
    public void Quantiles_follow_their_five_interpolations()
    {
        var x = Tensor.Of(4, 1, 3, 2);
        Assert.Equal(1.75, x.Quantile(0.25).ToDouble());
        Assert.Equal(1, x.Quantile(0.25, interpolation: Interpolation.Lower).ToDouble());
        Assert.Equal(2, x.Quantile(0.25, interpolation: Interpolation.Higher).ToDouble());
        Assert.Equal(2, x.Quantile(0.25, interpolation: Interpolation.Nearest).ToDouble());
        Assert.Equal(1.5, x.Quantile(0.25, interpolation: Interpolation.Midpoint).ToDouble());
        Assert.Equal(3, x.Quantile(0.5, interpolation: Interpolation.Nearest).ToDouble());
        Assert.Equal(4, Tensor.Of(4, 1, Inf).Quantile(0.5).ToDouble());
        Assert.Equal(3, Diff.Derivative(q => x.Quantile(q), 0.3), 1e-14);
        var levels = Tensor.Zeros(5, 4, 3).Quantile(Tensor.Of(0.1, 0.9), 1);
        Assert.Equal(new Shape(2, 5, 3), levels.Shape);
        Assert.Equal(new Shape(2, 1, 4, 1), Tensor.Zeros(5, 4, 3).Quantile(Tensor.Of(0.1, 0.9), [0, 2], keepAxes: true).Shape);
    }

    [Fact]
    public void A_weighted_average_weighs_and_broadcasts()
    {
        var x = Tensor.FromArray(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal([1.75, 4.75], x.Average(Tensor.Of(2, 1, 1), 1).ToArray<double>());
        Assert.Equal([3.25, 4.25, 5.25], x.Average(Tensor.Of(1, 3), 0).ToArray<double>());
        Assert.Equal(3.5, x.Average(Tensor.Ones(2, 3)).ToDouble());
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentException>(() => x.Average(Tensor.Of(1, 2), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Covariance_counts_frequencies_as_repetitions()
    {
        var x = Tensor.FromArray(new double[,] { { 1, 2, 4 }, { 3, 1, 0 } });
        var repeated = Tensor.FromArray(new double[,] { { 1, 1, 2, 4, 4, 4 }, { 3, 3, 1, 0, 0, 0 } });
        var frequencies = Tensor.FromArray(new[] { 2, 1, 3 });
        double[] want = repeated.Cov().ToArray<double>(), got = x.Cov(frequencies: frequencies).ToArray<double>();
        for (var k = 0; k < 4; k++) Assert.Equal(want[k], got[k], 1e-14);
        Assert.Equal(x[0].Var(ddof: 1).ToDouble(), x[0].Cov().ToDouble(), 1e-15);
        // with weights a: Σ a (x - 17/6)² / (6 - 14/6)
        var weighted = x.Cov(weights: Tensor.Of(1, 2, 3)).ToArray<double>();
        Assert.Equal(2.4090909090909087, weighted[0], 1e-14);
        Assert.Throws<ArgumentException>(() => x.Cov(weights: Tensor.Of(1, 2)));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(2, 2, 2).Cov());
    }

    [Fact]
    public void Correlations_lie_in_minus_one_to_one_and_do_not_depend_on_scale()
    {
        var random = new Random(4);
        var row = Enumerable.Range(0, 50).Select(_ => random.NextDouble()).ToArray();
        var x = Tensor.FromArray(row.Concat(row.Select(v => 1e150 * v)).Concat(row.Select(v => -3 * v + 1)).ToArray(), 3, 50);
        var c = x.CorrCoef().ToArray<double>();
        double[] expected = [1, 1, -1, 1, 1, -1, -1, -1, 1];
        for (var k = 0; k < 9; k++)
        {
            Assert.Equal(expected[k], c[k], 1e-14);
            Assert.InRange(c[k], -1, 1);
        }
    }

    [Fact]
    public void Bin_counts_count_and_weigh()
    {
        var x = Tensor.FromArray(new[] { 1, 3, 1, 0 });
        Assert.Equal([1L, 2, 0, 1], x.BinCount().ToArray<long>());
        Assert.Equal([1L, 2, 0, 1, 0, 0], x.BinCount(minLength: 6).ToArray<long>());
        Assert.Equal([4.0, 4, 0, 2], x.BinCount(Tensor.Of(1, 2, 3, 4)).ToArray<double>());
        Assert.Equal([2.0, 8, 2, 1], Diff.Gradient(w => (x.BinCount(w) * Tensor.Of(1, 2, 0, 8)).Sum(), Tensor.Of(1, 2, 3, 4)).ToArray<double>());
        Assert.Equal(0, Tensor.FromArray(Array.Empty<int>()).BinCount().Count);
        Assert.Contains("-1", Assert.Throws<ArgumentException>(() => Tensor.FromArray(new[] { 1, -1 }).BinCount()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Tensor.Of(1, 2).BinCount());
        Assert.Throws<ArgumentException>(() => x.BinCount(Tensor.Of(1)));
    }

    [Fact]
    public void Histograms_include_the_lower_edges_and_the_last_upper_one()
    {
        var (counts, edges) = Tensor.Of(0, 0.5, 1, 1.5, 2, double.NaN, 7).Histogram(4, 0, 2);
        Assert.Equal([1L, 1, 1, 2], counts.ToArray<long>());
        Assert.Equal([0, 0.5, 1, 1.5, 2], edges.ToArray<double>());
        Assert.Equal([1L, 0, 2], Tensor.Of(1, 4, 3).Histogram(3).Counts.ToArray<long>());
        Assert.Equal([0L, 3], Tensor.Of(1, 1, 1).Histogram(2).Counts.ToArray<long>());
        Assert.Equal([0L, 0], Tensor.Zeros(0).Histogram(2).Counts.ToArray<long>());
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Of(1).Histogram(0));
        Assert.Throws<ArgumentException>(() => Tensor.Of(1).Histogram(3, 2, 1));
        Assert.Throws<ArgumentException>(() => Tensor.Of(1, double.NaN).Histogram(3));
    }

    [Fact]
    public void Every_number_of_a_histogram_lies_between_the_edges_of_its_bin()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 50; trial++)
        {
            double low = random.NextDouble() - 0.5, high = low + random.NextDouble();
            var bins = random.Next(1, 40);
            // the edges themselves are the hard numbers
            var (_, edges) = Tensor.Of().Histogram(bins, low, high);
            var numbers = edges.ToArray<double>();
            var counts = edges.Histogram(bins, low, high).Counts.ToArray<long>();
            Assert.All(counts[..^1], c => Assert.Equal(1, c));
            Assert.Equal(2, counts[^1]);
            Assert.Equal(high, numbers[^1]);
        }
    }

    [Fact]
    public void Integrals_and_differences_undo_each_other()
    {
        var x = Tensor.Of(1, 4, 9, 16);
        Assert.Equal([3.0, 5, 7], x.Diff().ToArray<double>());
        Assert.Equal([2.0, 2], x.Diff(2).ToArray<double>());
        Assert.Equal([1.0, 3, 5, 7], x.Diff(prepend: Tensor.Of(0)).ToArray<double>());
        Assert.Equal(0, x.Diff(7).Count);
        Assert.Equal([1.0, 4, 9, 16], x.Diff(prepend: Tensor.Of(0)).CumSum(0).ToArray<double>());
        Assert.Equal(21.5, x.Trapezoid().ToDouble());
        Assert.Equal(43, x.Trapezoid(2.0).ToDouble());
        Assert.Equal([2.5, 9, 21.5], x.CumulativeTrapezoid().ToArray<double>());
        Assert.Equal(2.5 + 2 * 6.5 + 12.5 * 3, x.Trapezoid(Tensor.Of(0, 1, 3, 6)).ToDouble());
        Assert.Contains("[4]", Assert.Throws<ArgumentException>(() => x.Trapezoid(Tensor.Of(0, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentException>(() => x.Diff(prepend: Tensor.Zeros(2, 3))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_behind_one_another_and_beside_one_another_give_the_same()
    {
        var random = new Random(6);
        var x = Tensor.FromArray(Enumerable.Range(0, 7 * 300).Select(_ => 4 * random.NextDouble() - 2).ToArray(), 300, 7);
        var t = Tensor.Apply(new TransposeRule([1, 0]), x);
        foreach (var f in new Func<Tensor, int, Tensor>[] { (v, a) => v.LogSumExp(a), (v, a) => v.Var(a), (v, a) => v.Norm(2, a), (v, a) => v.Norm(3, a), (v, a) => v.Median(a), (v, a) => v.Quantile(0.9, a) })
        {
            double[] across = f(x, 0).ToArray<double>(), along = f(t, 1).ToArray<double>();
            for (var k = 0; k < 7; k++) Assert.Equal(along[k], across[k]);
        }
    }

    [Fact]
    public void The_median_of_any_line_is_the_middle_of_the_sorted_one()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 400; trial++)
        {
            var n = random.Next(1, 200);
            // few values make many ties; every fifth line is in order already, every seventh in reverse
            var values = Enumerable.Range(0, n).Select(_ => (double)random.Next(0, trial % 3 == 0 ? 3 : 1000)).ToArray();
            if (trial % 5 == 0) Array.Sort(values);
            if (trial % 7 == 0) Array.Reverse(values);
            var x = Tensor.FromArray(values);
            var sorted = values.Order().ToArray();
            Assert.Equal(sorted[(n - 1) / 2], x.Median().ToDouble());
            var (value, index) = x.MedianWithIndex(0);
            Assert.Equal(sorted[(n - 1) / 2], value.ToDouble());
            Assert.Equal(value.ToDouble(), values[(int)index.ToDouble()]);
            var k = random.Next(1, n + 1);
            Assert.Equal(sorted[k - 1], x.KthValue(k).Values.ToDouble());
        }
    }

    [Fact]
    public void A_long_line_in_an_order_that_is_bad_for_partitions_still_has_its_median()
    {
        var organ = Enumerable.Range(0, 100_001).Select(k => (double)Math.Min(k, 100_000 - k)).ToArray();
        Assert.Equal(25_000, Tensor.FromArray(organ).Median().ToDouble());
        Assert.Equal(7, Tensor.Full([100_000], 7).Median().ToDouble());
    }

    [Fact]
    public void The_variance_of_every_length_agrees_with_its_definition()
    {
        var random = new Random(8);
        for (var n = 1; n < 40; n++)
        {
            var values = Enumerable.Range(0, n).Select(_ => random.NextSingle()).ToArray();
            var mean = values.Average(v => (double)v);
            var variance = values.Sum(v => (v - mean) * (v - mean)) / n;
            Assert.Equal(variance, Tensor.FromArray(values.Select(v => (double)v).ToArray()).Var().ToDouble(), 1e-15);
            Assert.Equal(variance, Tensor.FromArray(values).Var().ToArray<float>()[0], 1e-7);
        }
    }
}

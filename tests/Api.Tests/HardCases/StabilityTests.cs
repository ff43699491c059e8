using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Group D: numbers that overflow, cancel, underflow or are missing.</summary>
public class StabilityTests
{
    private const double Infinity = double.PositiveInfinity;

    [Fact]
    public void D01_the_logarithm_of_a_sum_of_exponentials_is_shifted()
    {
        EveryWay.Near(1000.6931471805599, Tensor.Of(1000, 1000).LogSumExp().ToDouble(), 1e-15);
        EveryWay.Near(-999.3068528194401, Tensor.Of(-1000, -1000).LogSumExp().ToDouble(), 1e-15);
        EveryWay.Gradient([0.5, 0.5], x => x.LogSumExp(), Tensor.Of(1000, 1000), 1e-15);
        EveryWay.Gradient([0.5, 0.5], x => x.LogSumExp(), Tensor.Of(-1000, -1000), 1e-15);
    }

    [Fact]
    public void D02_the_logarithm_of_a_sum_of_exponentials_of_infinities()
    {
        Assert.Equal(0, Tensor.Of(-Infinity, 0).LogSumExp().ToDouble());
        EveryWay.Gradient([0, 1], x => x.LogSumExp(), Tensor.Of(-Infinity, 0));
        Assert.Equal(-Infinity, Tensor.Of(-Infinity, -Infinity).LogSumExp().ToDouble());
        EveryWay.Gradient([0, 0], x => x.LogSumExp(), Tensor.Of(-Infinity, -Infinity));
        Assert.Equal(Infinity, Tensor.Of(0, Infinity).LogSumExp().ToDouble());
    }

    [Fact]
    public void D03_a_masked_logarithm_of_a_sum_of_exponentials()
    {
        var mask = Tensor.FromArray(new[] { true, false });
        Tensor F(Tensor x) => Tensor.Where(mask, x, -Infinity).LogSumExp();
        Assert.Equal(0, F(Tensor.Of(0, 100)).ToDouble());
        EveryWay.Gradient([1, 0], F, Tensor.Of(0, 100));
    }

    [Fact]
    public void D04_a_softmax_with_entries_left_out()
    {
        EveryWay.Near([0, 0.5, 0.5], Tensor.Of(-Infinity, 3, 3).Softmax(), 1e-15);
        EveryWay.Gradient([0, 0.25, -0.25], x => x.Softmax()[1], Tensor.Of(-Infinity, 3, 3), 1e-15);
        EveryWay.Near([0, 0], Tensor.Of(-Infinity, -Infinity).Softmax(), 0);
        EveryWay.Gradient([0, 0], x => x.Softmax()[0], Tensor.Of(-Infinity, -Infinity));
    }

    [Fact]
    public void D05_log_probabilities_of_huge_logits()
    {
        static Tensor CrossEntropy(Tensor logits, Tensor targets) => -(targets * logits.LogSoftmax()).Sum();
        foreach (var targets in new[] { Tensor.Of(1, 0, 0), Tensor.Of(0, 1, 0), Tensor.Of(0.25, 0.75, 0) })
        {
            var logits = Tensor.Of(1e4, -1e4, 0);
            Assert.True(double.IsFinite(CrossEntropy(logits, targets).ToDouble()));
            EveryWay.Gradient((logits.Softmax() - targets).ToArray(), x => CrossEntropy(x, targets), logits, 1e-15);
        }
    }

    [Fact]
    public void D06_binary_cross_entropy_of_huge_logits()
    {
        static Tensor Loss(Tensor x, double t) => Tensor.Softplus(x) - t * x;
        Assert.Equal(1000, Loss(1000.0, 0).ToDouble());
        Assert.Equal(1000, Loss(-1000.0, 1).ToDouble());
        EveryWay.Slope(1, x => Loss(x, 0), 1000);
        EveryWay.Slope(-1, x => Loss(x, 1), -1000);
    }

    [Theory, InlineData(1000.0), InlineData(-1000.0)]
    public void D07_saturated_functions_have_slope_0_or_1_never_NaN(double x)
    {
        var one = x > 0 ? 1.0 : 0.0;
        EveryWay.Slope(one, y => Tensor.Softplus(y), x);
        EveryWay.Slope(one, y => Tensor.LogAddExp(y, 0.0), x);
        EveryWay.Slope(1 - one, y => Tensor.LogSigmoid(y), x);
        foreach (var flat in new Func<Tensor, Tensor>[] { Tensor.Sigmoid, Tensor.Tanh, Tensor.Erf })
        {
            EveryWay.Slope(0, flat, x);
            EveryWay.SecondSlope(0, flat, x);
        }

        EveryWay.SecondSlope(0, y => Tensor.Softplus(y), x);
        foreach (var activation in new Func<Tensor, Tensor>[] { Tensor.Gelu, Tensor.GeluTanh, Tensor.Silu, Tensor.Mish, y => Tensor.Elu(y), Tensor.Selu })
            Assert.True(double.IsFinite(Diff.Derivative(activation, x)), $"slope at {x}");
    }

    [Fact]
    public void D08_slopes_are_accurate_where_the_naive_formula_gives_0()
    {
        foreach (var (name, way) in EveryWay.All)
        {
            Assert.Equal(1, way(Tensor.Sigmoid)(40.0).ToDouble() / 4.248354255291589e-18, 1e-12);
            Assert.Equal(1, way(Tensor.Tanh)(20.0).ToDouble() / 1.6993417021166355e-17, 1e-12);
        }
    }

    [Fact]
    public void D09_a_long_float32_sum_keeps_its_digits()
    {
        // 10^8 numbers are 400 MB: with DIFFLIB_SOAK=1; one tenth of that otherwise
        var n = Soak.Skipped ? 10_000_000 : 100_000_000;
        var x = Tensor.RandomUniform(RandomKey.FromSeed(9), new Shape(n), dtype: DType.Float32);
        var exact = 0.0;
        foreach (var v in x.AsSpan<float>()) exact += v;
        Assert.Equal(1, x.Sum().ToDouble() / exact, 1e-6);
    }

    [Fact]
    public void D10_a_long_float32_mean_of_ones_is_1_along_any_axis()
    {
        Assert.Equal(1f, Tensor.Ones(new Shape(20_000_000), DType.Float32).Mean().ToScalar<float>());
        Assert.Equal([1f, 1f], Tensor.Ones(new Shape(20_000_000, 2), DType.Float32).Mean(axis: 0).ToArray<float>());
    }

    [Fact]
    public void D11_a_sum_with_cancellation_has_the_same_bits_on_every_thread()
    {
        var x = Tensor.RandomNormal(RandomKey.FromSeed(11), new Shape(1_000_003), 0, 1e8);
        var expected = x.Sum().ToDouble();
        var sums = new double[16];
        Parallel.For(0, sums.Length, k => sums[k] = x.Sum().ToDouble());
        Assert.All(sums, s => Assert.Equal(expected, s));
        var most = Parallelism.MaxThreads;
        try
        {
            foreach (var threads in new[] { 1, 2, 4, 8 })
            {
                Parallelism.MaxThreads = threads;
                Assert.Equal(expected, x.Sum().ToDouble());
            }
        }
        finally
        {
            Parallelism.MaxThreads = most;
        }

        var alone = 0.0;
        var thread = new Thread(() => alone = x.Sum().ToDouble());
        thread.Start();
        thread.Join();
        Assert.Equal(expected, alone);
    }

    [Fact]
    public void D12_a_variance_far_from_0_does_not_cancel()
    {
        var noise = Tensor.RandomNormal(RandomKey.FromSeed(12), new Shape(10_000), 0, 1e-2);
        var shifted = 1e8 + noise;
        // what the shift has rounded away is gone; the variance of what is left must be right
        var left = shifted - 1e8;
        Assert.Equal(1, shifted.Var().ToDouble() / left.Var().ToDouble(), 1e-6);
        EveryWay.Near(0, (1e8 + Tensor.Zeros(5)).Var().ToDouble(), 0);
        EveryWay.Gradient(new double[5], x => x.Std(), 1e8 + Tensor.Zeros(5));
        static Tensor Normalized(Tensor x) => (x - x.Mean()) / Tensor.Sqrt(x.Var() + 1e-5);
        EveryWay.Near(new double[4], Normalized(Tensor.Full([4], 7)), 0);
        Assert.All(Diff.Jacobian(Normalized, Tensor.Full([4], 7)).ToArray(), d => Assert.True(double.IsFinite(d)));
    }

    [Fact]
    public void D13_denormals_are_kept_on_every_thread()
    {
        EveryWay.Slope(1e-300, x => x * 1e-300, 1);
        EveryWay.Slope(1e-310, x => x * 1e-310, 1);
        Assert.Equal(5e-324, (Tensor.Of(5e-324) * 1.0)[0].ToDouble());
        Parallel.For(0, 8, _ => Assert.Equal(5e-324, (Tensor.Full([1000], 5e-324) * 1.0)[999].ToDouble()));
        Assert.Equal(1000 * 5e-324, Tensor.Full([1000], 5e-324).Sum().ToDouble());
    }

    [Fact]
    public void D14_lengths_of_huge_and_tiny_vectors_do_not_overflow_in_the_middle()
    {
        foreach (var scale in new[] { 1e200, 1e-200, 1e300, 1e-300 })
        {
            Assert.Equal(1, Tensor.Of(scale, scale).Norm().ToDouble() / (Math.Sqrt(2) * scale), 1e-15);
            EveryWay.Gradient([Math.Sqrt(0.5), Math.Sqrt(0.5)], x => x.Norm(), Tensor.Of(scale, scale), 1e-15);
            EveryWay.Gradient([Math.Sqrt(0.5), Math.Sqrt(0.5)], x => Tensor.Hypot(x[0], x[1]), Tensor.Of(scale, scale), 1e-15);
        }
    }

    [Fact]
    public void D15_a_gradient_has_the_element_type_of_its_input()
    {
        var single = Tensor.FromArray(new[] { 0.5f, 1.5f });
        var both = Tensor.Of(0.5, 1.5);
        Func<Tensor, Tensor>[] functions = [x => (Tensor.Sin(x) * 2.0 + 1).Sum(), x => (x * both).Sum(), x => x.Cast(DType.Float64).Sum(), x => Tensor.MatMul(x.Reshape(1, 2), x.Reshape(2, 1)).Sum()];
        foreach (var f in functions)
            foreach (var (_, way) in EveryWay.All)
            {
                var gradient = way(f)(single);
                Assert.Equal(DType.Float32, gradient.DType);
                EveryWay.Near(way(f)(both).ToArray(), gradient, 2e-7);
            }

        // sums are accumulated with more digits than the result has
        Assert.Equal(16777217f, Tensor.Concat(Tensor.FromArray(new[] { 16777216f }), Tensor.Ones(new Shape(2), DType.Float32)).Sum().ToScalar<float>(), 2f);
    }

    [Fact]
    public void D16_a_hundred_thousand_steps_of_compound_interest()
    {
        const int steps = 100_000;
        static Tensor Grow(Tensor rate)
        {
            Tensor capital = 1.0;
            for (var k = 0; k < steps; k++) capital *= 1 + rate / steps;
            return capital;
        }

        var closed = Math.Pow(1 + 0.05 / steps, steps);
        EveryWay.Near(closed, Grow(0.05).ToDouble(), 1e-9);
        EveryWay.Slope(closed / (1 + 0.05 / steps), Grow, 0.05, 1e-9);
    }

    [Fact]
    public void D17_a_missing_number_spoils_only_what_depends_on_it()
    {
        var x = Tensor.Of(1, double.NaN, 3);
        Assert.Equal([2, double.NaN, 6], (x * 2).ToArray());
        Assert.Equal([1, double.NaN, double.NaN], x.CumSum(0).ToArray());
        EveryWay.Gradient([2, double.NaN, 6], y => (y * y).Sum(), x);
        EveryWay.Near([2, double.NaN], Tensor.MatMul(new double[,] { { 1, 1 }, { 1, double.NaN } }, Tensor.Of(1, 1)), 0);
        Assert.True(double.IsNaN(x.Max().ToDouble()) && double.IsNaN(x.Min().ToDouble()));
        Assert.Equal(1, x.ArgMax().ToScalar<long>());
        Assert.Equal(4, x.NanSum().ToDouble());
    }

    [Fact]
    public void D18_the_sign_of_zero()
    {
        static bool Negative(Tensor x) => double.IsNegative(x.ToDouble());
        Assert.False(Negative(Tensor.Abs(-0.0)));
        Assert.False(Negative(Tensor.Maximum(-0.0, 0.0)));
        Assert.False(Negative(Tensor.Maximum(0.0, -0.0)));
        Assert.True(Negative(Tensor.Minimum(0.0, -0.0)));
        Assert.Equal(-Infinity, (1 / (Tensor)(-0.0)).ToDouble());
        Assert.Equal(0, Tensor.Sign(-0.0).ToDouble());
        Assert.True(Negative(Tensor.Sqrt(-0.0)));
        Assert.True(Negative(Tensor.Scalar(-0.0)));
        Assert.True(Negative(-(Tensor)0.0));
    }

    [Fact]
    public void D19_integers_at_the_edge_of_floating_point()
    {
        Assert.Equal(16777216f, Tensor.FromArray(new[] { 16777217 }).Cast(DType.Float32).ToScalar<float>());
        Assert.Equal(9007199254740992.0, Tensor.FromArray(new[] { 9007199254740993L }).Cast(DType.Float64).ToDouble());
        Assert.Equal(9007199254740993L, Tensor.FromArray(new[] { 9007199254740993L })[0].ToScalar<long>());
        var large = Tensor.Full(new Shape(3), int.MaxValue, DType.Int32).Sum();
        Assert.Equal(DType.Int64, large.DType);
        Assert.Equal(3L * int.MaxValue, large.ToScalar<long>());
        Assert.Equal(2.5, (Tensor.FromArray(new[] { 5 }) / 2).ToDouble());
        Assert.Equal(-3, Tensor.FloorDivide(Tensor.FromArray(new[] { -5 }), 2).ToScalar<int>());
    }
}

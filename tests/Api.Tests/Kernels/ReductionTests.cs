using System;
using System.Linq;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

/// <summary>The thread count is process-wide: tests that set it do not run beside one another.</summary>
[Collection("Parallelism")]
public sealed class ReductionTests
{
    public static TheoryData<ReduceOp> Ops => [.. Enum.GetValues<ReduceOp>()];

    [Theory, MemberData(nameof(Ops))]
    public void Reductions_agree_with_a_loop_for_every_kind_of_block(ReduceOp op)
    {
        var random = new Random(5);
        int[] sizes = [1, 2, 3, 7, 8, 16, 17, 31, 64, 65, 130, 1024, 1025, 2500];
        foreach (var n in sizes)
            foreach (var inner in new[] { 1, 2, 7, 8, 33, 300 })
            {
                if (n * inner > 100_000) continue;
                const int Outer = 3;
                var x = Enumerable.Range(0, Outer * n * inner).Select(_ => op == ReduceOp.Product ? Math.Exp(random.NextDouble() * 0.1 - 0.05) : random.NextDouble() * 2 - 1).ToArray();
                var y = new double[Outer * inner];
                Reductions.Reduce(op, x, Outer, n, inner, y);
                var single = Array.ConvertAll(x, v => (float)v);
                var z = new float[Outer * inner];
                Reductions.Reduce(op, single, Outer, n, inner, z);
                for (var o = 0; o < Outer; o++)
                    for (var i = 0; i < inner; i++)
                    {
                        var scale = Enumerable.Range(0, n).Sum(j => Math.Abs(x[(o * n + j) * inner + i]));
                        var tolerance = op == ReduceOp.Product ? 1e-13 * n : op == ReduceOp.Sum ? 4e-16 * scale : 0;
                        var expected = Loop(op, x, o, n, inner, i);
                        Assert.True(Math.Abs(expected - y[o * inner + i]) <= tolerance, $"{op} over [{Outer}; {n}; {inner}] at [{o}; {i}]: {y[o * inner + i]:R}, a loop gives {expected:R}");
                        var expectedSingle = Loop(op, Array.ConvertAll(single, v => (double)v), o, n, inner, i);
                        Assert.True(Math.Abs((float)expectedSingle - z[o * inner + i]) <= 6.1e-8 * Math.Abs(expectedSingle), $"{op} over float32 [{Outer}; {n}; {inner}] at [{o}; {i}]: {z[o * inner + i]:R}, a loop gives {expectedSingle}");
                    }
            }
    }

    [Fact]
    public void A_long_float32_mean_is_exact_D10()
    {
        const int N = 20_000_000;
        var ones = new float[N];
        ones.AsSpan().Fill(1);
        var y = new float[2];
        Reductions.Reduce(ReduceOp.Sum, ones, 1, N, 1, y.AsSpan(0, 1));
        Assert.Equal(N, y[0]);
        Reductions.Reduce(ReduceOp.Sum, ones, 1, N / 2, 2, y);
        Assert.Equal([N / 2, N / 2], y);
    }

    [Fact]
    public void A_long_sum_keeps_its_digits_D09()
    {
        const int N = 3_000_001;
        var x = Enumerable.Range(0, N).Select(i => 0.1 + (i % 7) * 1e-3).ToArray();
        var y = new double[1];
        Reductions.Reduce(ReduceOp.Sum, x, 1, N, 1, y);
        var exact = CompensatedSum(x);
        Assert.True(Math.Abs(y[0] - exact) <= 1e-15 * exact, $"{y[0]:R}, exactly {exact:R}");
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit_D11()
    {
        var random = new Random(9);
        var x = Enumerable.Range(0, 1_300_013).Select(_ => random.NextDouble() - 0.5).ToArray();
        var before = Parallelism.MaxThreads;
        try
        {
            foreach (var op in Enum.GetValues<ReduceOp>())
                foreach (var (outer, n, inner) in new[] { (1, 1_300_013, 1), (1, 650_006, 2), (100, 13_000, 1), (1, 1_300, 1_000), (10, 260, 500) })
                {
                    Parallelism.MaxThreads = 1;
                    var alone = new double[outer * inner];
                    Reductions.Reduce(op, x.AsSpan(0, outer * n * inner), outer, n, inner, alone);
                    foreach (var threads in new[] { 2, 3, 8 })
                    {
                        Parallelism.MaxThreads = threads;
                        var together = new double[outer * inner];
                        Reductions.Reduce(op, x.AsSpan(0, outer * n * inner), outer, n, inner, together);
                        Assert.Equal(alone, together);
                    }
                }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => Parallelism.MaxThreads = 0);
    }

    [Fact]
    public void Extrema_hand_on_NaN_wherever_it_is()
    {
        for (var n = 1; n < 80; n++)
            for (var at = 0; at < n; at++)
            {
                var x = Enumerable.Range(0, n).Select(i => i == at ? double.NaN : i).ToArray();
                var y = new double[1];
                Reductions.Reduce(ReduceOp.Maximum, x, 1, n, 1, y);
                Assert.True(double.IsNaN(y[0]));
                Reductions.Reduce(ReduceOp.Minimum, x, 1, n, 1, y);
                Assert.True(double.IsNaN(y[0]));
                var index = new long[1];
                Reductions.ArgExtremum<double>(true, x, 1, n, 1, index);
                Assert.Equal(at, index[0]);
            }
    }

    [Fact]
    public void Nothing_sums_to_zero_multiplies_to_one_and_has_no_extremum()
    {
        var y = new double[3];
        Reductions.Reduce(ReduceOp.Sum, Array.Empty<double>(), 1, 0, 3, y);
        Assert.Equal([0, 0, 0], y);
        Reductions.Reduce(ReduceOp.Product, Array.Empty<double>(), 3, 0, 1, y);
        Assert.Equal([1, 1, 1], y);
        Assert.Throws<ArgumentException>(() => Reductions.Reduce(ReduceOp.Maximum, Array.Empty<double>(), 3, 0, 1, y));
        Assert.Throws<ArgumentException>(() => Reductions.ArgExtremum<double>(true, [], 3, 0, 1, new long[3]));
        Assert.Throws<ArgumentException>(() => Reductions.Reduce(ReduceOp.Sum, new double[5], 2, 3, 1, new double[2]));
        Reductions.Reduce(ReduceOp.Maximum, Array.Empty<double>(), 0, 4, 3, Array.Empty<double>());
    }

    [Fact]
    public void Reductions_around_an_axis_agree_with_those_of_a_transposed_copy()
    {
        foreach (var (outer, n, kept, inner) in new[] { (1, 16, 32, 49), (2, 3, 5, 784), (1, 2, 3, 2500), (3, 70, 2, 17), (1, 200, 4, 1), (2, 5, 3, 16), (1, 1, 4, 40), (1, 0, 3, 20), (0, 4, 2, 8) })
            foreach (var op in Enum.GetValues<ReduceOp>())
            {
                // whole numbers, whose sums are exact in any order; powers of 2 for products
                var x = Enumerable.Range(0, outer * n * kept * inner).Select(i => op == ReduceOp.Product ? (i * 7919 % 13) switch { 0 => 2.0, 1 => 0.5, 2 => -1, _ => 1 } : i * 7919 % 101 - 50.0).ToArray();
                var turned = new double[x.Length];
                for (var i = 0; i < x.Length; i++)
                {
                    int last = i % inner, k = i / inner % kept, j = i / inner / kept % n, o = i / inner / kept / n;
                    turned[((o * kept + k) * n + j) * inner + last] = x[i];
                }
                double[] y = new double[outer * kept], want = new double[y.Length];
                var single = new float[y.Length];
                if (n == 0 && op is ReduceOp.Maximum or ReduceOp.Minimum)
                {
                    Assert.Throws<ArgumentException>(() => Reductions.ReduceAround(op, x, outer, n, kept, inner, y));
                    continue;
                }
                Reductions.Reduce(op, turned, outer * kept, n * inner, 1, want);
                Reductions.ReduceAround(op, x, outer, n, kept, inner, y);
                Reductions.ReduceAround(op, Array.ConvertAll(x, v => (float)v), outer, n, kept, inner, single);
                Assert.Equal(want, y);
                Assert.Equal(Array.ConvertAll(want, v => (float)v), single);
            }
        Assert.Throws<ArgumentException>(() => Reductions.ReduceAround(ReduceOp.Sum, new double[5], 1, 2, 1, 3, new double[1]));
        Assert.Throws<ArgumentException>(() => Reductions.ReduceAround(ReduceOp.Sum, new double[6], 1, 2, 1, 3, new double[2]));
    }

    [Fact]
    public void The_first_of_equal_extrema_is_named()
    {
        foreach (var n in new[] { 1, 5, 63, 64, 200 })
            foreach (var inner in new[] { 1, 3 })
                foreach (var largest in new[] { true, false })
                {
                    var x = Enumerable.Range(0, 2 * n * inner).Select(i => (double)(i * 7919 % 11)).ToArray();
                    x[0] = -0.0;
                    var y = new long[2 * inner];
                    var z = new long[2 * inner];
                    Reductions.ArgExtremum<double>(largest, x, 2, n, inner, y);
                    Reductions.ArgExtremum<int>(largest, Array.ConvertAll(x, v => (int)v), 2, n, inner, z);
                    for (var o = 0; o < 2; o++)
                        for (var i = 0; i < inner; i++)
                        {
                            var column = Enumerable.Range(0, n).Select(j => x[(o * n + j) * inner + i]).ToArray();
                            var expected = Array.IndexOf(column, largest ? column.Max() : column.Min());
                            if (column[expected] == 0) expected = Array.FindIndex(column, v => v == 0);
                            Assert.Equal(expected, y[o * inner + i]);
                            Assert.Equal(expected, z[o * inner + i]);
                        }
                }
    }

    [Fact]
    public void Scans_run_both_ways_along_any_axis()
    {
        foreach (var (outer, n, inner) in new[] { (1, 1, 1), (2, 5, 1), (2, 5, 3), (1, 0, 4), (3, 40, 17) })
            foreach (var op in Enum.GetValues<ScanOp>())
                foreach (var reverse in new[] { false, true })
                {
                    var x = Enumerable.Range(0, outer * n * inner).Select(i => 1 + (i * 13 % 5) / 8.0).ToArray();
                    var y = new double[x.Length];
                    Reductions.Scan<double>(op, reverse, x, outer, n, inner, y);
                    var single = Array.ConvertAll(x, v => (float)v);
                    Reductions.Scan<float>(op, reverse, single, outer, n, inner, single);
                    for (var o = 0; o < outer; o++)
                        for (var i = 0; i < inner; i++)
                        {
                            var running = op == ScanOp.Sum ? 0.0 : 1.0;
                            for (var step = 0; step < n; step++)
                            {
                                var at = (o * n + (reverse ? n - 1 - step : step)) * inner + i;
                                running = op == ScanOp.Sum ? running + x[at] : running * x[at];
                                Assert.Equal(running, y[at]);
                                Assert.Equal((float)running, single[at]);
                            }
                        }
                }
    }

    [Fact]
    public void Integers_and_flags_reduce_too()
    {
        byte[] x = [200, 100, 3, 4, 5, 250];
        var wide = new long[2];
        Reductions.ReduceInteger<byte, long>(ReduceOp.Sum, x, 2, 3, 1, wide);
        Assert.Equal([303L, 259L], wide);
        var narrow = new byte[3];
        Reductions.ReduceInteger<byte, byte>(ReduceOp.Maximum, x, 1, 2, 3, narrow);
        Assert.Equal([200, 100, 250], narrow);
        Reductions.ReduceInteger<byte, byte>(ReduceOp.Sum, x, 1, 2, 3, narrow);
        Assert.Equal([204, 105, 253], narrow);
        int[] signed = [-3, -2, -5];
        var i = new int[1];
        Reductions.ReduceInteger<int, int>(ReduceOp.Maximum, signed, 1, 3, 1, i);
        Assert.Equal(-2, i[0]);
        Reductions.ReduceInteger<int, int>(ReduceOp.Product, signed, 1, 3, 1, i);
        Assert.Equal(-30, i[0]);
        bool[] flags = [true, true, false, true, false, false];
        var any = new bool[2];
        Reductions.ReduceBool(false, flags, 2, 3, 1, any);
        Assert.Equal([true, true], any);
        Reductions.ReduceBool(true, flags, 2, 3, 1, any);
        Assert.Equal([false, false], any);
        var columns = new bool[3];
        Reductions.ReduceBool(true, flags, 1, 2, 3, columns);
        Assert.Equal([true, false, false], columns);
        Reductions.ReduceBool(false, flags, 1, 2, 3, columns);
        Assert.Equal([true, true, false], columns);
        Reductions.ReduceBool(true, [], 1, 0, 3, columns);
        Assert.Equal([true, true, true], columns);
    }

    private static double Loop(ReduceOp op, double[] x, int o, int n, int inner, int i)
    {
        var column = Enumerable.Range(0, n).Select(j => x[(o * n + j) * inner + i]);
        return op switch
        {
            ReduceOp.Sum => CompensatedSum(column),
            ReduceOp.Product => column.Aggregate(1.0, (a, b) => a * b),
            ReduceOp.Maximum => column.Max(),
            _ => column.Min(),
        };
    }

    /// <summary>Neumaier's sum: the rounding errors are summed separately.</summary>
    private static double CompensatedSum(System.Collections.Generic.IEnumerable<double> values)
    {
        double sum = 0, lost = 0;
        foreach (var v in values)
        {
            var next = sum + v;
            lost += Math.Abs(sum) >= Math.Abs(v) ? (sum - next) + v : (v - next) + sum;
            sum = next;
        }
        return sum + lost;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using DiffLib.Api.Tests.Checking;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Group B: branches, loops, sharing, depth, and variables that stand in several places.</summary>
public class StructureTests
{
    [Theory, InlineData(2.0, 4.0), InlineData(-1.0, -1.0)]
    public void B01_a_branch_on_a_value_has_the_derivative_of_the_branch_taken(double at, double expected) =>
        EveryWay.Slope(expected, x => (double)x > 0 ? x * x : -x, at);

    [Fact]
    public void B02_a_return_of_a_constant_at_a_point_has_the_derivative_of_that_constant()
    {
        EveryWay.Slope(0, x => (double)x == 0 ? 0.0 : x * x + x, 0);
        EveryWay.Slope(3, x => (double)x == 0 ? 0.0 : x * x + x, 1);
    }

    [Fact]
    public void B02_primitives_do_not_branch_on_a_zero_primal()
    {
        // each has slope 1 or another constant at 0, where a shortcut for zero operands would lose it
        EveryWay.Slope(3, x => 3.0 * x, 0);
        EveryWay.Slope(5, x => x * (x + 5.0), 0);
        EveryWay.Slope(1, Tensor.Sin, 0);
        EveryWay.Slope(1, x => Tensor.Pow(x, 1), 0);
        EveryWay.Slope(0.5, x => x / 2.0, 0);
        EveryWay.Gradient([6, 0, 0], x => x.Prod(), Tensor.Of(0, 2, 3));
    }

    [Fact]
    public void B03_a_product_of_matrices_with_zeros_has_its_whole_gradient()
    {
        Tensor a = new double[,] { { 0, 1 }, { 2, 0 }, { 0, 0 } }, b = new double[,] { { 1, 2, 3 }, { 4, 5, 6 } };
        EveryWay.Gradient([6, 15, 6, 15, 6, 15], x => Tensor.MatMul(x, b).Sum(), a);
        EveryWay.Gradient([2, 2, 2, 1, 1, 1], x => Tensor.MatMul(a, x).Sum(), b);
        EveryWay.Gradient([0, 1, 2, 0, 0, 0], x => (x * x).Sum() / 2, a);
    }

    [Fact]
    public void B04_the_gradient_of_a_solution_by_a_diagonal_matrix_has_its_off_diagonals()
    {
        EveryWay.Gradient([-1, -3, -1, -3], a => Linalg.Solve(a, Tensor.Of(1, 3)).Sum(), Tensor.Eye(2), 1e-15);
        EveryWay.Gradient([-1, 0, -1, -3], a => Linalg.SolveTriangular(a, Tensor.Of(1, 3), upper: false).Sum(), Tensor.Eye(2), 1e-15);
        EveryWay.Gradient([1, 1], b => Linalg.Solve(Tensor.Eye(2), b).Sum(), Tensor.Of(1, 3), 1e-15);
    }

    [Fact]
    public void B05_the_Cholesky_factor_is_differentiated_along_symmetric_directions()
    {
        Tensor a = new double[,] { { 4, 1, 0.5 }, { 1, 3, 0.2 }, { 0.5, 0.2, 2 } }, v = new double[,] { { 0.3, -0.7, 0.1 }, { -0.7, 0.4, 0.9 }, { 0.1, 0.9, -0.2 } };
        Tensor w = new double[,] { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 10 } };
        Tensor F(Tensor x) => (w * Linalg.Cholesky(x)).Sum();
        var expected = EveryWay.Ridders(t => F(a + t * v).ToDouble(), 0);
        foreach (var (name, way) in EveryWay.All) EveryWay.Near(expected, (way(F)(a) * v).Sum().ToDouble(), 1e-9, name);
    }

    [Fact]
    public void B06_sixty_levels_of_doubling_cost_linear_time_and_count_every_path()
    {
        static Tensor Double(Tensor x)
        {
            for (var k = 0; k < 60; k++) x += x;
            return x;
        }

        var expected = Math.Pow(2, 60);
        EveryWay.Slope(expected, Double, 1);
        Assert.Equal(expected, Double(1.0).ToDouble());
        var seconds = Measured.Seconds(() =>
        {
            foreach (var (_, way) in EveryWay.All) way(Double)(1.0);
        });
        // the paths are 2^60; a millisecond would do, the bound leaves room for code not yet compiled
        Assert.True(seconds < 1, $"{seconds} s for sixty levels in five ways");
    }

    [Fact]
    public void B07_five_levels_of_squaring() =>
        EveryWay.Slope(43.562476943559524, x =>
        {
            for (var k = 0; k < 5; k++) x *= x;
            return x;
        }, 1.01, 1e-14);

    private static Tensor Chain(Tensor y, int length)
    {
        for (var k = 0; k < length; k++) y *= 1 - 1e-6;
        return y;
    }

    /// <summary>Runs on a thread with a stack of so many bytes; a recursion over the graph would kill the process.</summary>
    private static void OnSmallStack(int stack, Action action)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try { action(); }
                catch (Exception e) { failure = e; }
            },
            stack);
        thread.Start();
        thread.Join();
        if (failure is not null) throw new Xunit.Sdk.XunitException(failure.ToString());
    }

    [Theory, InlineData(256 * 1024), InlineData(1536 * 1024)]
    public void B08_a_chain_of_a_million_operations_is_swept_and_dropped_on_a_small_stack(int stack)
    {
        OnSmallStack(stack, () =>
        {
            EveryWay.Near(0.3678792572, Diff.Gradient(x => Chain(x, 1_000_000), (Tensor)1.0).ToDouble(), 1e-10, "reverse");
            if (stack > 256 * 1024) return;
            EveryWay.Near(0.3678792572, EveryWay.OnTape(x => Chain(x, 1_000_000), 1.0).ToDouble(), 1e-10, "tape");
            EveryWay.Near(0.3678792572, Diff.Derivative((Tensor x) => Chain(x, 1_000_000), 1.0), 1e-10, "forward");
        });
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Fact]
    public void B08_a_chain_of_a_million_operations_on_small_vectors()
    {
        OnSmallStack(256 * 1024, () =>
            EveryWay.Near([0.3678792572, 2 * 0.3678792572], Diff.Gradient(x => (Chain(x, 1_000_000) * Tensor.Of(1, 2)).Sum(), Tensor.Of(1, 1)), 1e-10));
        GC.Collect();
    }

    [Fact]
    public void B09_ten_million_operations_finish()
    {
        // about two gigabytes; set DIFFLIB_SOAK=1 to run it
        if (Soak.Skipped) return;
        OnSmallStack(256 * 1024, () => EveryWay.Near(4.539970208e-05, Diff.Gradient(x => Chain(x, 10_000_000), (Tensor)1.0).ToDouble(), 1e-12, "reverse"));
    }

    [Fact]
    public void B10_a_variable_used_a_hundred_thousand_times()
    {
        static Tensor Sum(Tensor x)
        {
            var sum = x;
            for (var k = 1; k < 100_000; k++) sum += x;
            return sum;
        }

        Assert.Equal(100_000, Diff.Gradient(Sum, (Tensor)0.5).ToDouble());
        Assert.Equal(100_000, Diff.Derivative(Sum, 0.5));
        EveryWay.Near([100_000, 100_000], Diff.Gradient(x => Sum(x).Sum(), Tensor.Of(1, 2)), 0);
        using var tape = new GradientTape();
        Sum(tape.Watch(1.0));
        Assert.InRange(tape.RecordedCount, 100_000, 100_010);
    }

    [Fact]
    public void B11_the_same_variable_in_both_slots_gets_both_contributions()
    {
        Tensor a = new double[,] { { 1, 2 }, { 3, 4 } };
        EveryWay.Gradient([2, 4, 6, 8], x => (x * x).Sum(), a);
        EveryWay.Gradient([0, 0, 0, 0], x => (x - x).Sum(), a);
        EveryWay.Gradient([2, 2, 2, 2], x => (x + x).Sum(), a);
        EveryWay.Gradient([0, 0, 0, 0], x => (x / x).Sum(), a, 1e-15);
        EveryWay.Gradient([7, 11, 9, 13], x => Tensor.MatMul(x, x).Sum(), a);
        EveryWay.Gradient([1, 1, 1, 1], x => Tensor.Maximum(x, x).Sum(), a);
        EveryWay.Gradient([1, 1, 1, 1], x => Tensor.Where(Tensor.Greater(x, 2), x, x).Sum(), a);
        EveryWay.Gradient([2, 4, 6, 8], x => Tensor.Dot(x.Ravel(), x.Ravel()), a);
        EveryWay.Slope(2 * (1 + Math.Log(2)) * 2, x => Tensor.Pow(x, x), 2, 1e-15);
        EveryWay.Gradient([2, 2, 2, 2], x => Tensor.Concat(x, x).Sum(), a);
        EveryWay.Gradient([0, 0, 0, 0], x => Linalg.Solve(x, Tensor.MatMul(x, Tensor.Ones(2))).Sum(), a, 1e-14);
    }

    [Fact]
    public void B12_outputs_that_are_inputs_or_constants_or_ignore_an_input()
    {
        EveryWay.Slope(1, x => x, 3);
        EveryWay.Slope(0, x => 5.0, 3);
        EveryWay.Gradient([0, 0, 0], x => 5.0, Tensor.Of(1, 2, 3));
        EveryWay.Gradient([0, 0], x => Tensor.Of(1, 2).Sum(), Tensor.Of(1, 2));
        var (first, second) = Diff.Gradient((Tensor x, Tensor y) => (x * x).Sum(), (Tensor.Of(1, 2), Tensor.Zeros(2, 3)));
        Assert.Equal([2, 4], first.ToArray());
        EveryWay.Same(Tensor.Zeros(2, 3), second);
        var (tangentOfConstant, _) = Diff.Jvp<Tensor, Tensor>(x => Tensor.Ones(2, 2), Tensor.Of(1), Tensor.Of(1));
        Assert.Equal(new Shape(2, 2), tangentOfConstant.Shape);
        Assert.Equal(Tensor.Zeros(2, 2).ToArray(), Diff.Jvp<Tensor, Tensor>(x => Tensor.Ones(2, 2), Tensor.Of(1), Tensor.Of(1)).Tangent.ToArray());
        EveryWay.Same(Tensor.Zeros(2, 3), Diff.Jacobian(x => Tensor.Of(1, 2), Tensor.Of(1, 2, 3)));
    }

    [Fact]
    public void B13_of_several_outputs_one_is_used()
    {
        EveryWay.Gradient([0, 1, 0], x => x.MaxWithIndex(0).Values, Tensor.Of(1, 5, 2));
        EveryWay.Gradient([1 / 3.0, 1 / 3.0, 1 / 3.0], x => x.VarMean().Mean, Tensor.Of(1, 2, 4), 1e-15);
        var (_, pull) = Diff.Vjp((Tensor x) => (x * x, 3.0 * x), Tensor.Of(1, 2));
        Assert.Equal([2, 4], pull((Tensor.Ones(2), Tensor.Zeros(2))).ToArray());
        Assert.Equal([3, 3], pull((Tensor.Zeros(2), Tensor.Ones(2))).ToArray());
    }

    [Fact]
    public void B13_a_tensor_that_stands_in_several_places_gets_the_sum_once()
    {
        var w = Tensor.Of(1, 2);
        static Tensor Sum((Tensor, Tensor) p) => (p.Item1 * p.Item1).Sum() + 3.0 * p.Item2.Sum();
        // 2w + 3, in both places
        var (first, second) = Diff.Gradient(Sum, (w, w));
        Assert.Equal([5, 7], first.ToArray());
        Assert.Same(first, second);
        var apart = Diff.Gradient(Sum, (w, Tensor.Of(1, 2)));
        Assert.Equal([2, 4], apart.Item1.ToArray());
        Assert.Equal([3, 3], apart.Item2.ToArray());

        var table = new Dictionary<string, Tensor> { ["a"] = w, ["b"] = w };
        var gradient = Diff.Gradient(d => (d["a"] * d["b"]).Sum(), table);
        Assert.Equal([2, 4], gradient["a"].ToArray());
        Assert.Same(gradient["a"], gradient["b"]);
    }

    [Fact]
    public void B14_equality_hash_and_text_of_a_value_at_the_end_of_a_million_operations_take_constant_time() =>
        OnSmallStack(256 * 1024, () =>
            Diff.Gradient(
                x =>
                {
                    var y = Chain(x, 1_000_000);
                    var seconds = Measured.Seconds(() =>
                    {
                        Assert.True(y.Equals((object)y));
                        Assert.False(y.Equals((object)x));
                        Assert.Equal(y.GetHashCode(), y.GetHashCode());
                        Assert.StartsWith("0.36787", y.ToString(), StringComparison.Ordinal);
                        Assert.Equal(Shape.Scalar, y.Shape);
                    });
                    Assert.True(seconds < 0.5, $"{seconds} s for text and hash");
                    return y;
                },
                (Tensor)1.0));

    [Fact]
    public void B14_a_deep_tower_of_levels_reads_in_a_loop()
    {
        // twelve derivative calls nested: the value carries twelve levels when it is read
        static Tensor Tower(Tensor x, int height) => height == 0 ? (x.ToString().Length > 0 ? x * x * x : x) : Diff.Derivative(y => Tower(y, height - 1), x);
        Assert.Equal(6, Tower(1.0, 3).ToDouble());
        Assert.Equal(0, Tower(1.0, 6).ToDouble());
    }

    [Fact]
    public void B15_the_gradient_of_the_same_recording_taken_twice()
    {
        var (_, pull) = Diff.Vjp((Tensor x) => Tensor.Sin(x) * x, Tensor.Of(0.3, 0.7));
        EveryWay.Same(pull(Tensor.Ones(2)), pull(Tensor.Ones(2)));
        using (var tape = new GradientTape(persistent: true))
        {
            var x = tape.Watch(Tensor.Of(0.3, 0.7));
            var y = Tensor.Sin(x) * x;
            EveryWay.Same(tape.Gradient(y, x), tape.Gradient(y, x));
        }

        using var once = new GradientTape();
        var z = once.Watch(2.0);
        once.Gradient(z * z, z);
        Assert.Contains("persistent: true", Assert.Throws<TapeConsumedException>(() => once.Gradient(z, z)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void B16_loops_and_recursions_whose_length_depends_on_the_data()
    {
        // Newton's square root, until it stands still: the slope is that of the root
        static Tensor Root(Tensor a)
        {
            var y = a;
            for (var k = 0; k < 100; k++)
            {
                var next = 0.5 * (y + a / y);
                if (Math.Abs((next - y).ToDouble()) < 1e-15) break;
                y = next;
            }

            return y;
        }

        EveryWay.Slope(0.25, Root, 4, 1e-9);
        static Tensor Halved(Tensor x) => (double)x < 1 ? x * x : Halved(0.5 * x);
        EveryWay.Slope(2 * 5 / 64.0, Halved, 5, 1e-15);
        EveryWay.SecondSlope(2 / 64.0, Halved, 5, 1e-15);
    }

    [Theory]
    [InlineData(typeof(ArgumentException), 0)]
    [InlineData(typeof(DivideByZeroException), 1)]
    [InlineData(typeof(ArgumentOutOfRangeException), 2)]
    [InlineData(typeof(NotSupportedException), 3)]
    public void B17_a_function_throws_in_every_mode_what_it_throws_on_plain_numbers(Type expected, int which)
    {
        Func<Tensor, Tensor> f = which switch
        {
            0 => x => x + Tensor.Ones(3),
            1 => x => throw new DivideByZeroException(),
            2 => x => x.Sum(axis: 5),
            _ => x => x + Tensor.FromArray(new decimal[] { 1 }),
        };
        var at = Tensor.Of(1, 2);
        var plain = Assert.Throws(expected, () => f(at));
        foreach (var (_, way) in EveryWay.All)
        {
            Assert.Equal(plain.Message, Assert.Throws(expected, () => way(f)(at)).Message);
            foreach (var (_, over) in EveryWay.All) Assert.Equal(plain.Message, Assert.Throws(expected, () => over(x => way(f)(x).Sum())(at)).Message);
        }
    }

    [Fact]
    public void B18_a_zero_absorbs_the_infinite_slope_of_the_branch_that_min_does_not_take()
    {
        EveryWay.Slope(0, x => Tensor.Minimum(1.0, 1 / x), 0);
        EveryWay.SecondSlope(0, x => Tensor.Minimum(1.0, 1 / x), 0);
    }
}

/// <summary>Whether the long runs were asked for, by DIFFLIB_SOAK=1.</summary>
internal static class Soak
{
    public static bool Skipped => Environment.GetEnvironmentVariable("DIFFLIB_SOAK") != "1";
}

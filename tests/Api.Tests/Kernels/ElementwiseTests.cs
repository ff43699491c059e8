using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using DiffLib.Kernels;
using Xunit;
using Kernel = DiffLib.Kernels.Elementwise;

namespace DiffLib.Api.Tests.Kernels;


public sealed class ElementwiseTests
{
    private const double Inf = double.PositiveInfinity;
    private const double NaN = double.NaN;

    private static readonly double[] Hard =
    [
        0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-310, -1e-300, 1e-20, -1e-16, 1e-10, -1e-8, 1e-4, -0.3, 0.5, -0.5, 0.7071067811865476,
        0.9999999999999999, 1.0, -1.0, 1.0000000000000002, 1.5, -1.5, 2.0, 2.5, -2.5, 3.0, 3.141592653589793, -7.25, 20.0, 22.5, -37.0, 100.0, -355.0, 709.7,
        710.2, -745.1, 1e4, -1e6, 1073741825.5, -3e9, 1e16, 1e22, -1e100, 1.7976931348623157e308, Inf, -Inf, NaN,
    ];

    public static TheoryData<UnaryOp> UnaryOps => [.. Enum.GetValues<UnaryOp>()];

    public static TheoryData<BinaryOp> BinaryOps => [.. Enum.GetValues<BinaryOp>()];

    [Theory, MemberData(nameof(UnaryOps))]
    public void An_element_has_the_same_bits_alone_and_anywhere_in_a_span(UnaryOp op)
    {
        for (var length = 0; length <= 67; length++)
        {
            var x = Enumerable.Range(0, length).Select(i => Hard[(i * 5 + length) % Hard.Length]).ToArray();
            var y = new double[length];
            Kernel.Unary(op, x, y);
            for (var i = 0; i < length; i++) SameBits(Kernel.Unary(op, x[i]), y[i], $"{op}({x[i]:R}), element {i} of {length}");
            Kernel.Unary(op, x, x);
            Assert.Equal(y, x);
        }
    }

    /// <summary>The functions that float32 elements have a way of their own for, with the units in the last place that they may be off.</summary>
    private static readonly Dictionary<UnaryOp, double> InSingle = new()
    {
        [UnaryOp.Exp] = 1, [UnaryOp.Expm1] = 2, [UnaryOp.Log] = 1, [UnaryOp.Log1p] = 1, [UnaryOp.Sin] = 1, [UnaryOp.Cos] = 1,
        [UnaryOp.Tanh] = 3, [UnaryOp.Sech2] = 5, [UnaryOp.Sigmoid] = 3, [UnaryOp.SigmoidSlope] = 5, [UnaryOp.Softplus] = 2,
    };

    public static TheoryData<UnaryOp> SingleOps => [.. InSingle.Keys];

    [Theory, MemberData(nameof(UnaryOps))]
    public void A_float32_element_has_the_same_bits_alone_and_anywhere_in_a_span(UnaryOp op)
    {
        for (var length = 0; length <= 67; length++)
        {
            var x = Enumerable.Range(0, length).Select(i => (float)Hard[(i * 5 + length) % Hard.Length]).ToArray();
            var y = new float[length];
            Kernel.Unary(op, x, y);
            for (var i = 0; i < length; i++)
            {
                SameBits(Kernel.Unary(op, x[i]), y[i], $"{op}({x[i]:R}), element {i} of {length}");
                if (!InSingle.ContainsKey(op)) SameBits((float)Kernel.Unary(op, (double)x[i]), y[i], $"{op}({x[i]:R}) in float64, rounded once");
            }
        }
    }

    [Theory, MemberData(nameof(SingleOps))]
    public void A_function_in_float32_lanes_is_near_the_function_in_float64(UnaryOp op)
    {
        const uint Step = 9973;
        var x = Enumerable.Range(0, (int)(uint.MaxValue / Step)).Select(k => BitConverter.UInt32BitsToSingle((uint)k * Step)).Concat(Hard.Select(v => (float)v)).ToArray();
        var y = new float[x.Length];
        Kernel.Unary(op, x, y);
        for (var i = 0; i < x.Length; i++)
        {
            var want = Kernel.Unary(op, (double)x[i]);
            var rounded = (float)want;
            if (rounded == 0 || !float.IsFinite(rounded)) SameValue(rounded, y[i], $"{op}({x[i]:R})");
            else
            {
                var unit = Math.Max(float.Epsilon, Math.ScaleB(1, Math.ILogB(want) - 23));
                Assert.True(Math.Abs(y[i] - want) <= InSingle[op] * unit, $"{op}({x[i]:R}) = {y[i]:R}, not {want:R}: {Math.Abs(y[i] - want) / unit:F2} units in the last place");
            }
        }
    }

    [Theory, InlineData(UnaryOp.Tanh, UnaryOp.Sech2), InlineData(UnaryOp.Sigmoid, UnaryOp.SigmoidSlope), InlineData(UnaryOp.Sin, UnaryOp.Cos)]
    public void Two_functions_computed_together_have_the_bits_of_each_alone(UnaryOp first, UnaryOp second)
    {
        for (var length = 1; length <= 67; length++)
        {
            var x = Enumerable.Range(0, length).Select(i => Hard[(i * 5 + length) % Hard.Length]).ToArray();
            double[] y = new double[length], z = new double[length];
            Kernel.Pair(first, x, y, z);
            for (var i = 0; i < length; i++)
            {
                SameBits(Kernel.Unary(first, x[i]), y[i], $"{first}({x[i]:R}), element {i} of {length}");
                SameBits(Kernel.Unary(second, x[i]), z[i], $"{second}({x[i]:R}), element {i} of {length}");
            }
            var single = Array.ConvertAll(x, v => (float)v);
            float[] u = new float[length], v = new float[length];
            Kernel.Pair(first, single, u, v);
            for (var i = 0; i < length; i++)
            {
                SameBits(Kernel.Unary(first, single[i]), u[i], $"{first}({single[i]:R}), element {i} of {length}");
                SameBits(Kernel.Unary(second, single[i]), v[i], $"{second}({single[i]:R}), element {i} of {length}");
            }
        }
    }

    [Fact]
    public void Sine_and_cosine_of_one_number_have_the_bits_of_a_span_on_both_sides_of_the_short_way()
    {
        var x = Enumerable.Range(-4000, 8001).Select(k => k / 4000.0 * 1.6).Concat([0.785, 0.7850000000000001, -0.785, -0.7850000000000001]).ToArray();
        var y = new double[x.Length];
        foreach (var op in new[] { UnaryOp.Sin, UnaryOp.Cos })
        {
            Kernel.Unary(op, x, y);
            for (var i = 0; i < x.Length; i++) SameBits(Kernel.Unary(op, x[i]), y[i], $"{op}({x[i]:R})");
        }
    }

    [Theory, MemberData(nameof(BinaryOps))]
    public void A_pair_has_the_same_bits_alone_and_anywhere_in_a_span(BinaryOp op)
    {
        for (var length = 0; length <= 67; length++)
        {
            var a = Enumerable.Range(0, length).Select(i => Argument(op, i * 5 + length)).ToArray();
            var b = Enumerable.Range(0, length).Select(i => Hard[(i * 7 + 3 * length) % Hard.Length]).ToArray();
            var y = new double[length];
            Kernel.Binary(op, a, b, y);
            for (var i = 0; i < length; i++) SameBits(Kernel.Binary(op, a[i], b[i]), y[i], $"{op}({a[i]:R}, {b[i]:R}), element {i} of {length}");
            Kernel.Binary(op, a, b, a);
            Assert.Equal(y, a);
        }
    }

    [Theory, MemberData(nameof(BinaryOps))]
    public void A_float32_pair_has_the_same_bits_alone_and_anywhere_in_a_span(BinaryOp op)
    {
        for (var length = 0; length <= 67; length++)
        {
            var a = Enumerable.Range(0, length).Select(i => (float)Argument(op, i * 5 + length)).ToArray();
            var b = Enumerable.Range(0, length).Select(i => (float)Hard[(i * 7 + 3 * length) % Hard.Length]).ToArray();
            var y = new float[length];
            Kernel.Binary(op, a, b, y);
            for (var i = 0; i < length; i++) SameBits(Kernel.Binary(op, a[i], b[i]), y[i], $"{op}({a[i]:R}, {b[i]:R}), element {i} of {length}");
        }
    }

    [Theory, MemberData(nameof(BinaryOps))]
    public void A_span_of_one_element_stands_for_a_scalar(BinaryOp op)
    {
        double[] scalars = [0, -0.0, 1, 2, 3, -1, 0.5, 2.5, -2, Inf, -Inf, NaN];
        for (var length = 0; length <= 33; length++)
            foreach (var s in scalars)
            {
                var a = Enumerable.Range(0, length).Select(i => Argument(op, i * 5 + length)).ToArray();
                var b = Enumerable.Range(0, length).Select(i => Hard[(i * 5 + length) % Hard.Length]).ToArray();
                var y = new double[length];
                Kernel.Binary(op, a, [s], y);
                for (var i = 0; i < length; i++) SameBits(Kernel.Binary(op, a[i], s), y[i], $"{op}({a[i]:R}, {s:R})");
                Kernel.Binary(op, [s], b, y);
                for (var i = 0; i < length; i++) SameBits(Kernel.Binary(op, s, b[i]), y[i], $"{op}({s:R}, {b[i]:R})");
                var single = new float[length];
                Kernel.Binary(op, Array.ConvertAll(a, v => (float)v), [(float)s], single);
                for (var i = 0; i < length; i++) SameBits(Kernel.Binary(op, (float)a[i], (float)s), single[i], $"{op}({(float)a[i]:R}, {(float)s:R}) in float32");
                Kernel.Binary(op, [s], [1.25], y);
                for (var i = 0; i < length; i++) SameBits(Kernel.Binary(op, s, 1.25), y[i], $"{op}({s:R}, 1.25)");
            }
    }

    [Fact]
    public void Elementary_functions_stay_within_four_units_in_the_last_place()
    {
        var worst = new Dictionary<string, long>();
        foreach (var line in References())
        {
            var parts = line.Split(' ');
            var values = parts[1..].Select(Parse).ToArray();
            var got = values.Length == 2
                ? Kernel.Unary(Enum.Parse<UnaryOp>(parts[0]), values[0])
                : Kernel.Binary(Enum.Parse<BinaryOp>(parts[0]), values[0], values[1]);
            var distance = got.Equals(values[^1]) ? 0 : Math.Abs(Order(got) - Order(values[^1]));
            Assert.True(double.IsNaN(got) == double.IsNaN(values[^1]) && distance <= 4, $"{line}: got {got:R}, {distance} units in the last place away");
            worst[parts[0]] = Math.Max(worst.GetValueOrDefault(parts[0]), distance);
        }
        Assert.Equal(35, worst.Count);
    }

    [Theory]
    [InlineData(UnaryOp.Exp, Inf, Inf), InlineData(UnaryOp.Exp, -Inf, 0.0), InlineData(UnaryOp.Exp2, Inf, Inf), InlineData(UnaryOp.Exp2, -Inf, 0.0)]
    [InlineData(UnaryOp.Expm1, -Inf, -1.0), InlineData(UnaryOp.Expm1, -0.0, -0.0), InlineData(UnaryOp.Expm1, Inf, Inf)]
    [InlineData(UnaryOp.Log, 0.0, -Inf), InlineData(UnaryOp.Log, -1.0, NaN), InlineData(UnaryOp.Log, Inf, Inf), InlineData(UnaryOp.Log, 1.0, 0.0)]
    [InlineData(UnaryOp.Log, -Inf, NaN), InlineData(UnaryOp.Log2, 5e-324, -1074.0), InlineData(UnaryOp.Log10, 1e22, 22.0), InlineData(UnaryOp.Log2, -5e-324, NaN)]
    [InlineData(UnaryOp.Log1p, -1.0, -Inf), InlineData(UnaryOp.Log1p, -2.0, NaN), InlineData(UnaryOp.Log1p, -0.0, -0.0), InlineData(UnaryOp.Log1p, Inf, Inf)]
    [InlineData(UnaryOp.Sin, -0.0, -0.0), InlineData(UnaryOp.Sin, Inf, NaN), InlineData(UnaryOp.Cos, -Inf, NaN), InlineData(UnaryOp.Tan, -0.0, -0.0), InlineData(UnaryOp.Tan, Inf, NaN)]
    [InlineData(UnaryOp.Asin, 1.0000000000000002, NaN), InlineData(UnaryOp.Asin, -0.0, -0.0), InlineData(UnaryOp.Asin, 1.0, Math.PI / 2), InlineData(UnaryOp.Acos, -1.0, Math.PI)]
    [InlineData(UnaryOp.Acos, 1.0, 0.0), InlineData(UnaryOp.Acos, -1.5, NaN), InlineData(UnaryOp.Atan, Inf, Math.PI / 2), InlineData(UnaryOp.Atan, -Inf, -Math.PI / 2), InlineData(UnaryOp.Atan, -0.0, -0.0)]
    [InlineData(UnaryOp.Sinh, -Inf, -Inf), InlineData(UnaryOp.Sinh, -0.0, -0.0), InlineData(UnaryOp.Cosh, -Inf, Inf), InlineData(UnaryOp.Tanh, -Inf, -1.0), InlineData(UnaryOp.Tanh, -0.0, -0.0)]
    [InlineData(UnaryOp.Asinh, -Inf, -Inf), InlineData(UnaryOp.Asinh, -0.0, -0.0), InlineData(UnaryOp.Acosh, 1.0, 0.0), InlineData(UnaryOp.Acosh, 0.5, NaN), InlineData(UnaryOp.Acosh, -Inf, NaN), InlineData(UnaryOp.Acosh, Inf, Inf)]
    [InlineData(UnaryOp.Atanh, 1.0, Inf), InlineData(UnaryOp.Atanh, -1.0, -Inf), InlineData(UnaryOp.Atanh, 1.5, NaN), InlineData(UnaryOp.Atanh, -0.0, -0.0)]
    [InlineData(UnaryOp.Sech2, -Inf, 0.0), InlineData(UnaryOp.Sigmoid, -Inf, 0.0), InlineData(UnaryOp.Sigmoid, Inf, 1.0), InlineData(UnaryOp.SigmoidSlope, Inf, 0.0)]
    [InlineData(UnaryOp.Softplus, -Inf, 0.0), InlineData(UnaryOp.Softplus, Inf, Inf), InlineData(UnaryOp.Softplus, 1000.0, 1000.0)]
    [InlineData(UnaryOp.Sinc, 0.0, 1.0), InlineData(UnaryOp.Sinc, Inf, 0.0), InlineData(UnaryOp.Sinc, -3.0, 0.0), InlineData(UnaryOp.Entr, 0.0, 0.0), InlineData(UnaryOp.Entr, -1.0, -Inf), InlineData(UnaryOp.Entr, Inf, -Inf)]
    [InlineData(UnaryOp.Sign, -0.0, -0.0), InlineData(UnaryOp.Sign, -5e-324, -1.0), InlineData(UnaryOp.Relu, -0.0, 0.0), InlineData(UnaryOp.Step, 0.0, 0.0), InlineData(UnaryOp.Step, 5e-324, 1.0)]
    [InlineData(UnaryOp.Round, 2.5, 2.0), InlineData(UnaryOp.Round, 3.5, 4.0), InlineData(UnaryOp.Round, -0.4, -0.0), InlineData(UnaryOp.Floor, -0.5, -1.0), InlineData(UnaryOp.Ceiling, -0.5, -0.0)]
    [InlineData(UnaryOp.Rsqrt, 0.0, Inf), InlineData(UnaryOp.Rsqrt, Inf, 0.0), InlineData(UnaryOp.Reciprocal, -0.0, -Inf), InlineData(UnaryOp.Abs, -0.0, 0.0)]
    public void Edges_of_functions_of_one_argument(UnaryOp op, double x, double expected) => SameValue(expected, Kernel.Unary(op, x), $"{op}({x:R})");

    [Theory, MemberData(nameof(UnaryOps))]
    public void NaN_stays_NaN(UnaryOp op) => Assert.True(double.IsNaN(Kernel.Unary(op, NaN)));

    [Theory]
    [InlineData(BinaryOp.Scale, 0.0, Inf, 0.0), InlineData(BinaryOp.Scale, NaN, 0.0, 0.0), InlineData(BinaryOp.Scale, 2.0, NaN, NaN), InlineData(BinaryOp.Scale, 2.0, -3.0, -6.0)]
    [InlineData(BinaryOp.Power, 0.0, 0.0, 1.0), InlineData(BinaryOp.Power, NaN, 0.0, 1.0), InlineData(BinaryOp.Power, -Inf, 0.5, Inf), InlineData(BinaryOp.Power, -0.0, 0.5, 0.0), InlineData(BinaryOp.Power, -4.0, 0.5, NaN)]
    [InlineData(BinaryOp.Power, -0.0, -1.0, -Inf), InlineData(BinaryOp.Power, -2.0, 3.0, -8.0), InlineData(BinaryOp.Power, 1.0, NaN, 1.0)]
    [InlineData(BinaryOp.Maximum, -0.0, 0.0, 0.0), InlineData(BinaryOp.Maximum, NaN, 1.0, NaN), InlineData(BinaryOp.Maximum, 1.0, NaN, NaN), InlineData(BinaryOp.Minimum, 0.0, -0.0, -0.0)]
    [InlineData(BinaryOp.MaximumNumber, NaN, 1.0, 1.0), InlineData(BinaryOp.MinimumNumber, 1.0, NaN, 1.0), InlineData(BinaryOp.MinimumNumber, NaN, NaN, NaN)]
    [InlineData(BinaryOp.Hypot, Inf, NaN, Inf), InlineData(BinaryOp.Hypot, 1e200, 1e200, 1.414213562373095e200), InlineData(BinaryOp.Hypot, 0.0, -0.0, 0.0)]
    [InlineData(BinaryOp.FMod, -7.0, 3.0, -1.0), InlineData(BinaryOp.FMod, 7.0, -3.0, 1.0), InlineData(BinaryOp.FMod, 1.0, 0.0, NaN)]
    [InlineData(BinaryOp.Remainder, -7.0, 3.0, 2.0), InlineData(BinaryOp.Remainder, 7.0, -3.0, -2.0), InlineData(BinaryOp.Remainder, 6.0, -3.0, -0.0), InlineData(BinaryOp.Remainder, -1.0, Inf, Inf), InlineData(BinaryOp.Remainder, 1.0, 0.0, NaN)]
    [InlineData(BinaryOp.FloorDivide, -7.0, 3.0, -3.0), InlineData(BinaryOp.FloorDivide, 1.0, 0.1, 9.0), InlineData(BinaryOp.FloorDivide, 1.0, 0.0, Inf), InlineData(BinaryOp.FloorDivide, -1.0, Inf, -1.0)]
    [InlineData(BinaryOp.CopySign, 3.0, -0.0, -3.0), InlineData(BinaryOp.Heaviside, 0.0, 0.5, 0.5), InlineData(BinaryOp.Heaviside, NaN, 0.5, NaN), InlineData(BinaryOp.Heaviside, -1.0, NaN, 0.0)]
    [InlineData(BinaryOp.LogAddExp, -Inf, -Inf, -Inf), InlineData(BinaryOp.LogAddExp, Inf, -Inf, Inf), InlineData(BinaryOp.LogAddExp, Inf, Inf, Inf), InlineData(BinaryOp.LogAddExp, -Inf, 3.0, 3.0), InlineData(BinaryOp.LogAddExp, NaN, 3.0, NaN)]
    [InlineData(BinaryOp.LogAddExp2, 3.0, 3.0, 4.0), InlineData(BinaryOp.LogAddExp2, -Inf, -Inf, -Inf)]
    [InlineData(BinaryOp.Xlogy, 0.0, 0.0, 0.0), InlineData(BinaryOp.Xlogy, 0.0, Inf, 0.0), InlineData(BinaryOp.Xlogy, 0.0, -1.0, 0.0), InlineData(BinaryOp.Xlogy, 0.0, NaN, NaN), InlineData(BinaryOp.Xlogy, 1.0, 0.0, -Inf)]
    [InlineData(BinaryOp.Xlog1py, 0.0, -1.0, 0.0), InlineData(BinaryOp.Xlog1py, 2.0, -1.0, -Inf), InlineData(BinaryOp.NextAfter, 0.0, -1.0, -5e-324), InlineData(BinaryOp.NextAfter, 1.0, 2.0, 1.0000000000000002)]
    public void Edges_of_functions_of_two_arguments(BinaryOp op, double a, double b, double expected) => SameValue(expected, Kernel.Binary(op, a, b), $"{op}({a:R}, {b:R})");

    [Fact]
    public void Slopes_keep_their_accuracy_where_the_naive_formula_gives_zero_D08()
    {
        Assert.Equal(4.248354255291589e-18, Kernel.Unary(UnaryOp.SigmoidSlope, 40.0), 1e-30);
        Assert.Equal(1.6993417021166355e-17, Kernel.Unary(UnaryOp.Sech2, 20.0), 1e-29);
    }

    [Fact]
    public void Float32_neighbours_are_float32_numbers() => Assert.Equal(MathF.BitIncrement(1f), Kernel.Binary(BinaryOp.NextAfter, 1f, 2f));

    [Fact]
    public void Lengths_that_differ_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Kernel.Unary(UnaryOp.Exp, new double[3], new double[2]));
        Assert.Contains("3", error.Message);
        error = Assert.Throws<ArgumentException>(() => Kernel.Binary(BinaryOp.Add, new double[3], new double[2], new double[3]));
        Assert.Contains("2", error.Message);
        Assert.Throws<ArgumentException>(() => Kernel.Where(new bool[2], new float[3], new float[3], new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kernel.Unary((UnaryOp)250, 1.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kernel.Binary((BinaryOp)250, 1.0, 1.0));
    }

    [Fact]
    public void Integers_wrap_and_divide_downwards()
    {
        var y = new int[4];
        Kernel.BinaryInteger(BinaryOp.FloorDivide, [7, -7, 7, -7], [3, 3, -3, -3], y);
        Assert.Equal([2, -3, -3, 2], y);
        Kernel.BinaryInteger(BinaryOp.Remainder, [7, -7, 7, -7], [3, 3, -3, -3], y);
        Assert.Equal([1, 2, -2, -1], y);
        Kernel.BinaryInteger(BinaryOp.FMod, [7, -7, 7, -7], [3, 3, -3, -3], y);
        Assert.Equal([1, -1, 1, -1], y);
        Kernel.BinaryInteger(BinaryOp.FloorDivide, [int.MinValue, 5, 6, 7], [-1], y);
        Assert.Equal([int.MinValue, -5, -6, -7], y);
        Kernel.BinaryInteger(BinaryOp.Power, [2, -3, 0, 10], [10, 3, 0, 1], y);
        Assert.Equal([1024, -27, 1, 10], y);
        Kernel.BinaryInteger(BinaryOp.Add, [int.MaxValue], [1, 2, 3, 4], y);
        Assert.Equal(int.MinValue, y[0]);
        Assert.Throws<DivideByZeroException>(() => Kernel.BinaryInteger(BinaryOp.Remainder, [1L], [0L], new long[1]));
        Assert.Throws<ArgumentException>(() => Kernel.BinaryInteger(BinaryOp.Power, [2L], [-1L], new long[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Kernel.UnaryInteger(UnaryOp.Exp, [2L], new long[1]));
        Kernel.UnaryInteger(UnaryOp.Sign, [-5, 0, 7, int.MinValue], y);
        Assert.Equal([-1, 0, 1, -1], y);
        Kernel.UnaryInteger(UnaryOp.Abs, [-5, 0, 7, int.MinValue], y);
        Assert.Equal([5, 0, 7, int.MinValue], y);
    }

    [Fact]
    public void Comparisons_agree_with_the_operators_for_every_length_and_scalar()
    {
        foreach (var op in Enum.GetValues<CompareOp>())
            for (var length = 0; length <= 40; length++)
            {
                var a = Enumerable.Range(0, length).Select(i => Hard[(i * 5 + length) % Hard.Length]).ToArray();
                var b = Enumerable.Range(0, length).Select(i => i % 3 == 0 ? a[i] : Hard[(i * 7 + length) % Hard.Length]).ToArray();
                var y = new bool[length];
                Kernel.Compare(op, a, b, y);
                for (var i = 0; i < length; i++) Assert.Equal(Holds(op, a[i], b[i]), y[i]);
                Kernel.Compare(op, a, [1.0], y);
                for (var i = 0; i < length; i++) Assert.Equal(Holds(op, a[i], 1.0), y[i]);
                Kernel.Compare(op, [-0.0], b, y);
                for (var i = 0; i < length; i++) Assert.Equal(Holds(op, 0.0, b[i]), y[i]);
                Kernel.Compare(op, Array.ConvertAll(a, v => (float)v), Array.ConvertAll(b, v => (float)v), y);
                for (var i = 0; i < length; i++) Assert.Equal(Holds(op, (float)a[i], (float)b[i]), y[i]);
                var bytes = Enumerable.Range(0, length).Select(i => (byte)(i * 37)).ToArray();
                Kernel.Compare(op, bytes, [(byte)100], y);
                for (var i = 0; i < length; i++) Assert.Equal(Holds(op, bytes[i], 100), y[i]);
            }
    }

    [Fact]
    public void Where_chooses_element_by_element()
    {
        for (var length = 0; length <= 40; length++)
        {
            var c = Enumerable.Range(0, length).Select(i => i * 7 % 5 < 2).ToArray();
            Chooses(c, Enumerable.Range(0, length).Select(i => (double)i).ToArray(), -1.0);
            Chooses(c, Enumerable.Range(0, length).Select(i => (float)i).ToArray(), -1f);
            Chooses(c, Enumerable.Range(0, length).Select(i => (byte)i).ToArray(), (byte)255);
        }
    }

    [Fact]
    public void Conversions_saturate_from_floating_point_and_wrap_between_integers()
    {
        var i = new int[5];
        Kernel.Convert<double, int>([1.9, -1.9, 1e20, -Inf, NaN], i);
        Assert.Equal([1, -1, int.MaxValue, int.MinValue, 0], i);
        var bytes = new byte[3];
        Kernel.Convert<int, byte>([-1, 256, 7], bytes);
        Assert.Equal([255, 0, 7], bytes);
        var d = new double[1];
        Kernel.Convert<long, double>([(1L << 53) + 1], d);
        Assert.Equal(9007199254740992.0, d[0]);
        for (var length = 0; length < 40; length++)
        {
            var source = Enumerable.Range(0, length).Select(v => (byte)(v * 11)).ToArray();
            var single = new float[length];
            var wide = new double[length];
            Kernel.Convert<byte, float>(source, single);
            Assert.Equal(source.Select(v => (float)v), single);
            Kernel.Convert<float, double>(single, wide);
            Assert.Equal(source.Select(v => (double)v), wide);
            wide = wide.Select(v => v / 3).ToArray();
            Kernel.Convert<double, float>(wide, single);
            Assert.Equal(wide.Select(v => (float)v), single);
        }
    }

    private static void Chooses<T>(bool[] c, T[] a, T other) where T : unmanaged
    {
        var b = Enumerable.Repeat(other, a.Length).ToArray();
        var expected = c.Select((flag, i) => flag ? a[i] : other).ToArray();
        var y = new T[a.Length];
        Kernel.Where(c, a, b, y);
        Assert.Equal(expected, y);
        Kernel.Where(c, a, [other], y);
        Assert.Equal(expected, y);
        Kernel.Where([true], a, [other], y);
        Assert.Equal(a, y);
        Kernel.Where([false], a, [other], y);
        Assert.Equal(b, y);
    }

    private static bool Holds<T>(CompareOp op, T a, T b) where T : System.Numerics.INumber<T> => op switch
    {
        CompareOp.Equal => a == b,
        CompareOp.NotEqual => a != b,
        CompareOp.Less => a < b,
        CompareOp.LessOrEqual => a <= b,
        CompareOp.Greater => a > b,
        _ => a >= b,
    };

    /// <summary>The first argument of some functions is an order, a small whole number.</summary>
    private static double Argument(BinaryOp op, int i)
        => op is BinaryOp.Polygamma or BinaryOp.SincDerivative or BinaryOp.BesselI or BinaryOp.BesselIe ? i % 4 : Hard[i % Hard.Length];

    private static IEnumerable<string> References()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "DiffLib.sln"))) directory = directory.Parent;
        var root = directory?.FullName ?? throw new DirectoryNotFoundException("DiffLib.sln is not above " + AppContext.BaseDirectory);
        return File.ReadLines(Path.Combine(root, "tests", "Api.Tests", "Kernels", "elementary-functions.txt")).Where(l => l.Length > 0 && l[0] != '#');
    }

    private static double Parse(string text) => text switch
    {
        "inf" => Inf,
        "-inf" => -Inf,
        "nan" => NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    /// <summary>Neighbouring numbers have neighbouring orders.</summary>
    private static long Order(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        return bits < 0 ? long.MinValue - bits : bits;
    }

    /// <summary>The message is written only where it is needed: most of the time of these tests would go into it.</summary>
    private static void SameBits(double expected, double got, FormattableString what)
    {
        if (BitConverter.DoubleToInt64Bits(expected) != BitConverter.DoubleToInt64Bits(got) && !(double.IsNaN(expected) && double.IsNaN(got)))
            Assert.Fail($"{what}: {expected:R} alone, {got:R} in the span");
    }

    private static void SameBits(float expected, float got, FormattableString what)
    {
        if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(got) && !(float.IsNaN(expected) && float.IsNaN(got)))
            Assert.Fail($"{what}: {expected:R} alone, {got:R} in the span");
    }

    private static void SameValue(double expected, double got, string what)
        => Assert.True(expected == 0 ? got == 0 && double.IsNegative(expected) == double.IsNegative(got) : expected.Equals(got), $"{what}: expected {expected:R}, got {got:R}");
}

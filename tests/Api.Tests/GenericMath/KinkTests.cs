using System;
using System.Numerics;
using Xunit;

namespace DiffLib.Api.Tests.GenericMath;

/// <summary>Points where the derivative is a convention, or infinite: one table, the same forward, by lanes and in reverse.</summary>
public class KinkTests
{
    private const double Inf = double.PositiveInfinity;

    /// <summary>One row of the table: an expression of x[0] and x[1].</summary>
    private readonly record struct Row(string Name) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> v) where T : IFloatingPointIeee754<T>
        {
            T x = v[0], y = v[1], zero = T.Zero, one = T.One, half = T.CreateChecked(0.5);
            return Name switch
            {
                "abs" => T.Abs(x),
                "relu" => T.Max(x, zero),
                "relu'" => T.Max(zero, x),
                "floor" => T.Floor(x),
                "ceiling" => T.Ceiling(x),
                "round" => T.Round(x, 1, MidpointRounding.AwayFromZero),
                "truncate" => T.Truncate(x),
                "sign" => T.CreateChecked(T.Sign(x)),
                "copySign" => T.CopySign(x, y),
                "max" => T.Max(x, y),
                "min" => T.Min(x, y),
                "maxNumber" => T.MaxNumber(x, y),
                "minNumber" => T.MinNumber(x, y),
                "maxMagnitude" => T.MaxMagnitude(x, y),
                "minMagnitude" => T.MinMagnitude(x, y),
                "clamp" => T.Clamp(x, -one, one),
                "clamp to y" => T.Clamp(x, zero, y),
                "hypot" => T.Hypot(x, y),
                "hypot^2" => T.Hypot(x, y) * T.Hypot(x, y),
                "sqrt" => T.Sqrt(x),
                "sqrt(x x)" => T.Sqrt(x * x),
                "sqrt(abs)" => T.Sqrt(T.Abs(x)),
                "sqrt of a constant 0" => T.Sqrt(zero) + x,
                "cbrt" => T.Cbrt(x),
                "rootN 3" => T.RootN(x, 3),
                "x sqrt(x)" => x * T.Sqrt(x),
                "x^y" => T.Pow(x, y),
                "x^0.5" => T.Pow(x, half),
                "x^1.5" => T.Pow(x, one + half),
                "x^-1" => T.Pow(x, -one),
                "x^0" => T.Pow(x, zero),
                "0^y" => T.Pow(zero, y),
                "log" => T.Log(x),
                "log2" => T.Log2(x),
                "log10" => T.Log10(x),
                "logP1" => T.LogP1(x),
                "log2P1" => T.Log2P1(x),
                "1/x" => one / x,
                "asin" => T.Asin(x),
                "acos" => T.Acos(x),
                "atanh" => T.Atanh(x),
                "acosh" => T.Acosh(x),
                "atan2" => T.Atan2(x, y),
                "atan2Pi" => T.Atan2Pi(x, y),
                "min(1, 1/x)" => T.Min(one, one / x),
                "x > 0 ? log x : 0" => x > zero ? T.Log(x) : zero,
                "log(x > 0 ? x : 1)" => T.Log(x > zero ? x : one),
                "x/x" => x / x,
                "sin x / x" => T.Sin(x) / x,
                "prod" => x * y * y,
                "sigmoid" => one / (one + T.Exp(-x)),
                "tanh" => T.Tanh(x),
                "norm" => T.Hypot(x, y),
                "x 1e-300" => x * T.CreateChecked(1e-300),
                "mod" => x % y,
                _ => throw new ArgumentException(Name),
            };
        }
    }

    private static void Gradient(string name, double x, double y, double dx, double dy, double tolerance = 0)
    {
        double[] lanes = Diff.Gradient(new Row(name), at: [x, y]);
        double[] reverse = Diff.Gradient((ReadOnlySpan<Reverse<double>> v) => new Row(name).Invoke(v), at: [x, y]);
        double[] single = [Diff.DirectionalDerivative(new Row(name), [x, y], [1.0, 0]), Diff.DirectionalDerivative(new Row(name), [x, y], [0.0, 1])];
        foreach ((string way, double[] g) in new[] { ("lanes", lanes), ("reverse", reverse), ("one tangent", single) })
        {
            Catalogue.Close(dx, g[0], tolerance, $"{name} at ({x}, {y}), {way}, slope in x");
            Catalogue.Close(dy, g[1], tolerance, $"{name} at ({x}, {y}), {way}, slope in y");
        }
    }

    [Theory, InlineData("abs", 0.0, 0.0), InlineData("relu", 0.0, 0.5), InlineData("relu'", 0.0, 0.5),
     InlineData("floor", 2.0, 0.0), InlineData("floor", 0.5, 0.0), InlineData("ceiling", -1.0, 0.0), InlineData("round", 0.25, 0.0),
     InlineData("truncate", -1.5, 0.0), InlineData("sign", 0.0, 0.0), InlineData("sign", 3.0, 0.0), InlineData("copySign", 0.0, 0.0)]
    public void C01_kinks_at_zero_and_flat_functions(string name, double x, double slope) => Gradient(name, x, 1, slope, 0);

    [Fact]
    public void C01_the_slope_of_abs_is_0_at_minus_zero_too() => Gradient("abs", -0.0, 1, 0, 0);

    [Fact]
    public void C01_relu_written_with_max_ties_with_its_constant_and_written_with_a_branch_has_slope_0() =>
        Assert.Equal(0, Diff.Derivative((Dual<double> x) => x > 0 ? x : 0, 0.0));

    [Theory, InlineData("max"), InlineData("min"), InlineData("maxNumber"), InlineData("minNumber"), InlineData("maxMagnitude"), InlineData("minMagnitude")]
    public void C02_equal_operands_share_the_slope(string name)
    {
        Gradient(name, 1.5, 1.5, 0.5, 0.5);
        Gradient(name, -0.0, 0.0, 0.5, 0.5);
        Gradient(name, 1, 2, name.StartsWith("max", StringComparison.Ordinal) ? 0 : 1, name.StartsWith("max", StringComparison.Ordinal) ? 1 : 0);
    }

    [Theory, InlineData("maxNumber"), InlineData("minNumber")]
    public void D17_a_number_is_preferred_to_NaN_and_takes_the_whole_slope(string name)
    {
        Gradient(name, double.NaN, 2, 0, 1);
        Gradient(name, 2, double.NaN, 1, 0);
    }

    [Fact]
    public void D17_NaN_reaches_both_operands_of_max()
    {
        Gradient("max", double.NaN, 2, 1, 1);
        Gradient("min", 2, double.NaN, 1, 1);
    }

    [Fact]
    public void C06_clamp_passes_through_at_its_bounds_and_is_flat_outside()
    {
        Gradient("clamp", 1, 0, 1, 0);
        Gradient("clamp", -1, 0, 1, 0);
        Gradient("clamp", 1.5, 0, 0, 0);
        Gradient("clamp to y", 3, 2, 0, 1);
    }

    [Fact]
    public void C07_C08_the_norm_and_its_square_have_slope_0_at_the_origin()
    {
        Gradient("hypot", 0, 0, 0, 0);
        Gradient("hypot^2", 0, 0, 0, 0);
    }

    [Fact]
    public void C09_sqrt_at_0()
    {
        Gradient("sqrt", 0, 0, Inf, 0);
        Assert.Equal(-Inf, Diff.NthDerivative(new One("sqrt"), 2, 0.0));
        Gradient("sqrt(x x)", 0, 0, 0, 0);
        Gradient("sqrt(abs)", 0, 0, 0, 0);
        Gradient("sqrt of a constant 0", 1, 0, 1, 0);
        Gradient("cbrt", 0, 0, Inf, 0);
        Gradient("rootN 3", 0, 0, Inf, 0);
    }

    private readonly record struct One(string Name) : IUnivariateFunction
    {
        public T Invoke<T>(T x) where T : IFloatingPointIeee754<T> => new Row(Name).Invoke<T>([x, T.One]);
    }

    private readonly record struct Power(double Exponent) : IUnivariateFunction
    {
        public T Invoke<T>(T x) where T : IFloatingPointIeee754<T> => T.Pow(x, T.CreateChecked(Exponent));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void C10_C11_integer_powers_at_0_to_order_five(int exponent)
    {
        for (int order = 0; order <= 5; order++)
        {
            double factorial = exponent == 3 ? 6 : Math.Max(1, exponent);
            Assert.Equal(order == exponent ? factorial : 0, Diff.NthDerivative(new Power(exponent), order, 0.0));
        }
    }

    [Fact]
    public void C12_fractional_powers_at_0()
    {
        Assert.Equal(0, Diff.Derivative(new Power(1.5), 0.0));
        Assert.Equal(Inf, Diff.NthDerivative(new Power(1.5), 2, 0.0));
        Gradient("x^0.5", 0, 0, Inf, 0);
        Gradient("x sqrt(x)", 0, 0, 0, 0);
        Gradient("x^-1", 0, 0, -Inf, 0);
    }

    [Theory, InlineData(0.0), InlineData(0.5), InlineData(1.0), InlineData(2.0)]
    public void C13_a_zero_base_has_slope_0_in_the_exponent(double exponent) => Gradient("0^y", 1, exponent, 0, 0);

    [Fact]
    public void C14_the_Hessian_of_pow_at_4_and_0()
    {
        double[,] h = Diff.Hessian(new Row("x^y"), at: [4.0, 0.0]);
        double[] expected = [0, 0.25, 0.25, 1.9218120556728056];
        for (int i = 0; i < 4; i++) Catalogue.Close(expected[i], h[i / 2, i % 2], 1e-15, $"H[{i / 2},{i % 2}]");
    }

    [Fact]
    public void C14_a_negative_base_has_no_slope_in_the_exponent()
    {
        Gradient("x^y", -2, 2, -4, double.NaN);
        Gradient("x^y", 2, 0, 0, Math.Log(2), 1e-15);
    }

    [Theory, InlineData(0.0), InlineData(3.14)]
    public void C15_a_sum_of_integer_powers_given_as_numbers(double x) =>
        Assert.Equal(1, Diff.Derivative((Dual<double> v) => Dual<double>.Pow(v, 0) + Dual<double>.Pow(v, 1), x));

    [Fact]
    public void C16_ends_of_domains()
    {
        foreach (string log in new[] { "log", "log2", "log10" })
        {
            Gradient(log, 0, 0, Inf, 0);
            Gradient(log, -0.0, 0, Inf, 0);
            Gradient(log, -1, 0, double.NaN, 0);
        }
        Gradient("1/x", 0, 0, -Inf, 0);
        Gradient("1/x", -0.0, 0, -Inf, 0);
        Gradient("logP1", -1, 0, Inf, 0);
        Gradient("log2P1", -1, 0, Inf, 0);
        Gradient("asin", 1, 0, Inf, 0);
        Gradient("asin", -1, 0, Inf, 0);
        Gradient("acos", 1, 0, -Inf, 0);
        Gradient("atanh", 1, 0, Inf, 0);
        Gradient("acosh", 1, 0, Inf, 0);
        Assert.Equal(-Inf, Diff.NthDerivative(new One("log"), 2, 0.0));
    }

    [Fact]
    public void C17_the_branch_not_taken_says_nothing()
    {
        Gradient("x > 0 ? log x : 0", 0, 0, 0, 0);
        Gradient("log(x > 0 ? x : 1)", 0, 0, 0, 0);
    }

    [Fact]
    public void C18_an_overflow_in_the_branch_not_taken_says_nothing() =>
        Assert.Equal(0f, Diff.Derivative((Dual<float> x) => x < 0 ? Dual<float>.Exp(x) : 1, 100f));

    [Fact]
    public void C19_angles_and_norms_at_the_origin()
    {
        Gradient("atan2", 0, 0, 0, 0);
        Gradient("atan2Pi", 0, 0, 0, 0);
        double[,] h = Diff.Hessian(new Row("hypot"), at: [0.0, 0.0]);
        Assert.All(h.Cast(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void C20_removable_singularities_written_by_hand_are_NaN()
    {
        Gradient("x/x", 0, 0, double.NaN, 0);
        Gradient("sin x / x", 0, 0, double.NaN, 0);
    }

    [Fact]
    public void C21_products_with_zeros()
    {
        Gradient("prod", 0, 2, 4, 0);
        Gradient("prod", 3, 0, 0, 0);
        Assert.Equal(new double[,] { { 0, 0 }, { 0, 6 } }, Diff.Hessian(new Row("prod"), at: [3.0, 0.0]));
    }

    [Fact]
    public void B18_a_zero_absorbs_the_singular_branch_of_min() => Gradient("min(1, 1/x)", 0, 0, 0, 0);

    [Fact]
    public void A_constant_absorbs_infinite_and_missing_slopes_in_every_function()
    {
        Assert.Equal(1, Diff.Derivative((Dual<double> x) => x + Dual<double>.Sqrt(0) + Dual<double>.Log(0) + 1 / (Dual<double>)0, 2.0));
        Assert.Equal(0, Diff.Derivative((Dual<double> _) => Dual<double>.Asin(2), 2.0));
        Assert.Equal(0, Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => (x[0] - x[0]) * (1 / (Reverse<double>)0) * 0, at: [2.0])[0]);
    }

    [Theory, InlineData(1000.0), InlineData(-1000.0)]
    public void D07_saturated_functions_have_slope_0_not_NaN(double x)
    {
        Gradient("tanh", x, 0, 0, 0);
        if (x > 0) Gradient("sigmoid", x, 0, 0, 0);
    }

    [Fact]
    public void D08_the_slope_of_tanh_is_accurate_where_tanh_rounds_to_1() =>
        Catalogue.Close(1, Diff.Derivative(new One("tanh"), 20.0) / 1.6993417021166355e-17, 1e-12, "tanh' at 20, relative");

    [Fact]
    public void D13_denormal_slopes_are_kept() => Gradient("x 1e-300", 1, 0, 1e-300, 0);

    [Fact]
    public void D14_a_norm_does_not_overflow_in_the_middle()
    {
        double[] g = Diff.Gradient(new Row("norm"), at: [1e200, 1e200]);
        Catalogue.Close(Math.Sqrt(0.5), g[0], 1e-15, "norm at 1e200");
    }

    [Fact]
    public void The_remainder_has_slope_minus_the_quotient_in_the_divisor() => Gradient("mod", 7.5, 2, 1, -3);

    [Fact]
    public void Functions_near_zero_are_accurate_although_the_runtimes_are_not()
    {
        const double x = 1e-10;
        foreach ((string name, double actual, double expected) in new[]
        {
            ("ExpM1", Dual<double>.ExpM1(x).Primal, 1.00000000005e-10),
            ("LogP1", Dual<double>.LogP1(x).Primal, 9.9999999995e-11),
            ("Exp2M1", Dual<double>.Exp2M1(x).Primal, 6.931471805839679e-11),
            ("Exp10M1", Dual<double>.Exp10M1(x).Primal, 2.3025850932591407e-10),
            ("Log2P1", Reverse<double>.Log2P1(x).Primal, 1.4426950408168289e-10),
            ("Log10P1", MultiDual<double>.Log10P1(x).Primal, 4.342944818815371e-11),
        })
            Assert.True(Math.Abs(actual - expected) < 1e-15 * expected, $"{name}({x}): expected {expected:R}, got {actual:R}");
        for (double t = -0.999; t < 3; t += 0.0371)
        {
            Catalogue.Close(Math.Exp(t) - 1, Elementary.ExpM1(t), 1e-15, $"ExpM1({t})");
            Catalogue.Close(t, Elementary.LogP1(Elementary.ExpM1(t)), 2e-15, $"LogP1(ExpM1({t}))");
        }
        Assert.Equal(Inf, Elementary.LogP1(Inf));
        Assert.Equal(-Inf, Elementary.LogP1(-1));
        Assert.Equal(double.NaN, Elementary.LogP1(-1.5));
        Assert.Equal(Inf, Elementary.ExpM1(Inf));
        Assert.Equal(-1, Elementary.ExpM1(-Inf));
        Assert.Equal(-0.0, Elementary.ExpM1(-0.0));
    }
}

internal static class MatrixCells
{
    public static double[] Cast(this double[,] matrix) => [.. System.Linq.Enumerable.Cast<double>(matrix)];
}

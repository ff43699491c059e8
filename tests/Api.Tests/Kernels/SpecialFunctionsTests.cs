using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

public sealed class SpecialFunctionsTests
{
    private const double Inf = double.PositiveInfinity;
    private const double NaN = double.NaN;

    private static readonly Dictionary<string, Func<double[], double>> Functions = new()
    {
        ["Erf"] = a => SpecialFunctions.Erf(a[0]),
        ["Erfc"] = a => SpecialFunctions.Erfc(a[0]),
        ["Erfcx"] = a => SpecialFunctions.Erfcx(a[0]),
        ["ErfInv"] = a => SpecialFunctions.ErfInv(a[0]),
        ["Ndtr"] = a => SpecialFunctions.Ndtr(a[0]),
        ["Ndtri"] = a => SpecialFunctions.Ndtri(a[0]),
        ["LogNdtr"] = a => SpecialFunctions.LogNdtr(a[0]),
        ["Lgamma"] = a => SpecialFunctions.Lgamma(a[0]),
        ["Gamma"] = a => SpecialFunctions.Gamma(a[0]),
        ["Digamma"] = a => SpecialFunctions.Digamma(a[0]),
        ["Trigamma"] = a => SpecialFunctions.Trigamma(a[0]),
        ["I0"] = a => SpecialFunctions.I0(a[0]),
        ["I0e"] = a => SpecialFunctions.I0e(a[0]),
        ["I1"] = a => SpecialFunctions.I1(a[0]),
        ["I1e"] = a => SpecialFunctions.I1e(a[0]),
        ["Igamma"] = a => SpecialFunctions.Igamma(a[0], a[1]),
        ["Igammac"] = a => SpecialFunctions.Igammac(a[0], a[1]),
        ["IgammaDerivativeA"] = a => SpecialFunctions.IgammaDerivativeA(a[0], a[1]),
        ["Polygamma"] = a => SpecialFunctions.Polygamma((int)a[0], a[1]),
        ["Zeta"] = a => SpecialFunctions.Zeta(a[0], a[1]),
        ["LogBeta"] = a => SpecialFunctions.LogBeta(a[0], a[1]),
        ["Beta"] = a => SpecialFunctions.Beta(a[0], a[1]),
    };

    private static readonly Lazy<ILookup<string, (double[] Arguments, double Value)>> References = new(() =>
        File.ReadLines(Path.Combine(Root(), "tests", "Api.Tests", "Kernels", "special-reference.txt"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' '))
            .ToLookup(
                fields => fields[0],
                fields => (fields[1..^1].Select(Number).ToArray(), Number(fields[^1]))));

    // Allowed error in units in the last place. Lgamma and Digamma: the points nearest to a zero on the negative axis set it;
    // Beta: the exponential of a logarithm of size 337.
    [Theory]
    [InlineData("Erf", 2)]
    [InlineData("Erfc", 3)]
    [InlineData("Erfcx", 3)]
    [InlineData("ErfInv", 5)]
    [InlineData("Ndtr", 6)]
    [InlineData("Ndtri", 5)]
    [InlineData("LogNdtr", 4)]
    [InlineData("Lgamma", 12)]
    [InlineData("Gamma", 6)]
    [InlineData("Digamma", 6)]
    [InlineData("Trigamma", 4)]
    [InlineData("I0", 5)]
    [InlineData("I0e", 5)]
    [InlineData("I1", 5)]
    [InlineData("I1e", 5)]
    [InlineData("Igamma", 12)]
    [InlineData("Igammac", 30)]
    [InlineData("IgammaDerivativeA", 40)]
    [InlineData("Polygamma", 8)]
    [InlineData("Zeta", 8)]
    [InlineData("LogBeta", 6)]
    [InlineData("Beta", 400)]
    public void A_function_agrees_with_the_high_precision_table(string name, double allowedUlps)
    {
        var table = References.Value[name].ToArray();
        Assert.True(table.Length >= 11, $"only {table.Length} reference points for {name}");
        Assert.All(table, point =>
        {
            var got = Functions[name](point.Arguments);
            var ulps = got == point.Value ? 0 : Math.Abs(got - point.Value) / (Math.BitIncrement(Math.Abs(point.Value)) - Math.Abs(point.Value));
            Assert.True(ulps <= allowedUlps, $"{name}({string.Join(", ", point.Arguments)}) = {got:R}, expected {point.Value:R}: {ulps} ulps off, {allowedUlps} allowed");
        });
    }

    [Theory]
    [InlineData("Erf", Inf, 1.0)]
    [InlineData("Erf", -Inf, -1.0)]
    [InlineData("Erf", -0.0, -0.0)]
    [InlineData("Erf", 1000.0, 1.0)]
    [InlineData("Erfc", Inf, 0.0)]
    [InlineData("Erfc", -Inf, 2.0)]
    [InlineData("Erfc", 40.0, 0.0)]
    [InlineData("Erfc", 1e300, 0.0)]
    [InlineData("Erfcx", Inf, 0.0)]
    [InlineData("Erfcx", -Inf, Inf)]
    [InlineData("Erfcx", -26.7, Inf)]
    [InlineData("ErfInv", 1.0, Inf)]
    [InlineData("ErfInv", -1.0, -Inf)]
    [InlineData("ErfInv", 1.0000000000000002, NaN)]
    [InlineData("ErfInv", -0.0, -0.0)]
    [InlineData("Ndtr", Inf, 1.0)]
    [InlineData("Ndtr", -Inf, 0.0)]
    [InlineData("Ndtr", 0.0, 0.5)]
    [InlineData("Ndtri", 0.0, -Inf)]
    [InlineData("Ndtri", 1.0, Inf)]
    [InlineData("Ndtri", 0.5, 0.0)]
    [InlineData("Ndtri", -1e-300, NaN)]
    [InlineData("Ndtri", 1.5, NaN)]
    [InlineData("LogNdtr", Inf, 0.0)]
    [InlineData("LogNdtr", -Inf, -Inf)]
    [InlineData("LogNdtr", -1e200, -Inf)]
    [InlineData("Lgamma", 0.0, Inf)]
    [InlineData("Lgamma", -1.0, Inf)]
    [InlineData("Lgamma", -1e300, Inf)]
    [InlineData("Lgamma", 1.0, 0.0)]
    [InlineData("Lgamma", 2.0, 0.0)]
    [InlineData("Lgamma", Inf, Inf)]
    [InlineData("Lgamma", -Inf, Inf)]
    [InlineData("Lgamma", 1e308, Inf)]
    [InlineData("Gamma", 0.0, Inf)]
    [InlineData("Gamma", -0.0, -Inf)]
    [InlineData("Gamma", -3.0, NaN)]
    [InlineData("Gamma", -Inf, NaN)]
    [InlineData("Gamma", Inf, Inf)]
    [InlineData("Gamma", 172.0, Inf)]
    [InlineData("Gamma", -200.5, -0.0)]
    [InlineData("Gamma", 6.0, 120.0)]
    [InlineData("Digamma", 0.0, -Inf)]
    [InlineData("Digamma", -0.0, Inf)]
    [InlineData("Digamma", -1.0, NaN)]
    [InlineData("Digamma", -Inf, NaN)]
    [InlineData("Digamma", Inf, Inf)]
    [InlineData("Trigamma", 0.0, Inf)]
    [InlineData("Trigamma", -2.0, Inf)]
    [InlineData("Trigamma", Inf, 0.0)]
    [InlineData("Trigamma", 1e-200, Inf)]
    [InlineData("Trigamma", -1e-200, Inf)]
    [InlineData("I0", 0.0, 1.0)]
    [InlineData("I0", -Inf, Inf)]
    [InlineData("I0", 715.0, Inf)]
    [InlineData("I0e", Inf, 0.0)]
    [InlineData("I1", -0.0, -0.0)]
    [InlineData("I1", -Inf, -Inf)]
    [InlineData("I1e", -Inf, -0.0)]
    public void Borders_poles_and_infinities_have_their_limits(string name, double x, double expected)
    {
        var got = Functions[name]([x]);
        Assert.Equal(expected, got);
        // ln 1 rounds to either zero; elsewhere the sign of a zero is part of the limit.
        if (expected == 0.0 && name is not "LogNdtr" and not "Lgamma") Assert.Equal(double.IsNegative(expected), double.IsNegative(got));
    }

    [Theory]
    [InlineData("Igamma", 0.0, 2.0, 1.0)]
    [InlineData("Igamma", 2.0, 0.0, 0.0)]
    [InlineData("Igamma", 0.0, 0.0, NaN)]
    [InlineData("Igamma", -1.0, 2.0, NaN)]
    [InlineData("Igamma", 1.0, -2.0, NaN)]
    [InlineData("Igamma", Inf, 2.0, 0.0)]
    [InlineData("Igamma", 2.0, Inf, 1.0)]
    [InlineData("Igamma", Inf, Inf, NaN)]
    [InlineData("Igamma", 1e300, 1e200, 0.0)]
    [InlineData("Igamma", 3.0, 1e300, 1.0)]
    [InlineData("Igamma", 130.0, 1e5, 1.0)]
    [InlineData("Igammac", 0.0, 2.0, 0.0)]
    [InlineData("Igammac", 2.0, 0.0, 1.0)]
    [InlineData("Igammac", 0.0, 0.0, NaN)]
    [InlineData("Igammac", Inf, 2.0, 1.0)]
    [InlineData("Igammac", 3.0, 1e300, 0.0)]
    [InlineData("IgammaDerivativeA", 2.0, 0.0, 0.0)]
    [InlineData("IgammaDerivativeA", 2.0, Inf, 0.0)]
    [InlineData("IgammaDerivativeA", 0.0, 0.0, NaN)]
    [InlineData("IgammaDerivativeA", -1.0, 1.0, NaN)]
    [InlineData("Polygamma", 2.0, 0.0, -Inf)]
    [InlineData("Polygamma", 2.0, -0.0, Inf)]
    [InlineData("Polygamma", 2.0, -3.0, NaN)]
    [InlineData("Polygamma", 3.0, -3.0, Inf)]
    [InlineData("Polygamma", 3.0, Inf, 0.0)]
    [InlineData("Polygamma", 3.0, -Inf, NaN)]
    [InlineData("Zeta", 1.0, 2.0, Inf)]
    [InlineData("Zeta", 0.5, 2.0, NaN)]
    [InlineData("Zeta", 2.0, 0.0, Inf)]
    [InlineData("Zeta", 2.5, -0.5, NaN)]
    [InlineData("Zeta", 3.0, Inf, 0.0)]
    [InlineData("LogBeta", 0.0, 2.0, Inf)]
    [InlineData("LogBeta", 2.0, Inf, -Inf)]
    [InlineData("Beta", 2.0, 3.0, 1.0 / 12.0)]
    public void Borders_in_two_arguments_have_their_limits(string name, double a, double x, double expected) =>
        Assert.Equal(expected, Functions[name]([a, x]));

    [Fact]
    public void Every_function_of_NaN_is_NaN() =>
        Assert.All(Functions, f =>
        {
            var parameters = typeof(SpecialFunctions).GetMethod(f.Key)!.GetParameters();
            Assert.All(Enumerable.Range(0, parameters.Length), hole =>
            {
                if (parameters[hole].ParameterType == typeof(int)) return;
                double[] arguments = [2.0, 2.0];
                arguments[hole] = NaN;
                Assert.True(double.IsNaN(f.Value(arguments)), $"{f.Key} with NaN as argument {hole} gives {f.Value(arguments)}");
            });
        });

    [Fact]
    public void No_ordinary_argument_gives_NaN_by_accident()
    {
        double[] sizes =
        [
            5e-324, 1e-310, 1e-200, 1e-17, 1e-8, 0.3, 0.5, 0.9999999, 1.0, 1.1, 2.5, 7.999, 8.001, 27.5, 39.5, 170.3, 700.5,
            1e5, 1e8, 1e16, 1e100, 1e300, double.MaxValue,
        ];
        string[] everywhere = ["Erf", "Erfc", "Erfcx", "Ndtr", "LogNdtr", "Lgamma", "Trigamma", "I0", "I0e", "I1", "I1e"];
        Assert.All(everywhere, name => Assert.All(sizes.Concat(sizes.Select(x => -x)), x => Assert.False(double.IsNaN(Functions[name]([x])), $"{name}({x})")));
        string[] positive = ["Igamma", "Igammac", "IgammaDerivativeA", "LogBeta", "Beta"];
        Assert.All(positive, name => Assert.All(sizes, a => Assert.All(sizes, x => Assert.False(double.IsNaN(Functions[name]([a, x])), $"{name}({a}, {x})"))));
        Assert.All(sizes, x => Assert.All(new[] { 0, 1, 2, 7, 40, 170, 171, 1000 }, n => Assert.False(double.IsNaN(SpecialFunctions.Polygamma(n, x)), $"Polygamma({n}, {x})")));
    }

    [Fact]
    public void Incomplete_gamma_functions_are_complementary_and_continuous_across_their_methods()
    {
        // The three methods meet at x = a, x = 1.1, a = 64 and |x - a| = 0.3 a.
        (double A, double X)[] seams = [(64, 64), (64, 44.8), (64, 83.2), (1e4, 7e3), (1e4, 1.3e4), (20, 20), (0.4, 1.1), (0.9, 1.1), (1.1, 1.1), (10, 12), (140, 90), (140, 200)];
        foreach (var (a, x) in seams)
        {
            foreach (var (a1, x1) in new[] { (a, x), (a * (1 + 1e-15), x), (a * (1 - 1e-15), x), (a, x * (1 + 1e-15)), (a, x * (1 - 1e-15)) })
            {
                Assert.Equal(1.0, SpecialFunctions.Igamma(a1, x1) + SpecialFunctions.Igammac(a1, x1), 1e-15);
                Near(SpecialFunctions.Igamma(a, x), SpecialFunctions.Igamma(a1, x1), 2e-11);
                Near(SpecialFunctions.Igammac(a, x), SpecialFunctions.Igammac(a1, x1), 2e-11);
                Near(SpecialFunctions.IgammaDerivativeA(a, x), SpecialFunctions.IgammaDerivativeA(a1, x1), 2e-11);
            }
        }
    }

    [Fact]
    public void The_shape_derivative_of_a_very_large_incomplete_gamma_agrees_with_differences()
    {
        foreach (var (a, x) in new[] { (1e4, 1.001e4), (1e6, 0.999e6), (64.5, 80.0), (500.0, 400.0) })
        {
            var h = a * 1e-4 / Math.Sqrt(a);
            var near = SpecialFunctions.Igamma(a + h, x) - SpecialFunctions.Igamma(a - h, x);
            var far = SpecialFunctions.Igamma(a + 2 * h, x) - SpecialFunctions.Igamma(a - 2 * h, x);
            var difference = (8 * near - far) / (12 * h);
            Near(difference, SpecialFunctions.IgammaDerivativeA(a, x), 1e-9);
        }
    }

    [Fact]
    public void The_shape_derivative_at_shape_zero_is_minus_the_exponential_integral()
    {
        // E1(1) and E1(2), Abramowitz and Stegun table 5.1.
        Near(-0.21938393439552029, SpecialFunctions.IgammaDerivativeA(0.0, 1.0), 1e-14);
        Near(-0.04890051070806112, SpecialFunctions.IgammaDerivativeA(0.0, 2.0), 1e-14);
    }

    [Fact]
    public void A_negative_order_of_polygamma_is_refused() =>
        Assert.Equal("n", Assert.Throws<ArgumentOutOfRangeException>(() => SpecialFunctions.Polygamma(-1, 2.0)).ParamName);

    [Fact]
    public void The_inverses_undo_the_functions()
    {
        for (var i = 1; i < 400; i++)
        {
            var y = -4.0 + i * 0.02;
            Near(y, SpecialFunctions.ErfInv(SpecialFunctions.Erf(y)), 2e-16 * (4 + Math.Exp(y * y)));
            var x = -37.0 + i * 0.1;
            Near(x, SpecialFunctions.Ndtri(SpecialFunctions.Ndtr(x)), 2e-15 * (1 + Math.Exp(x > 0 ? x * x / 2 : 0)));
        }
    }

    private static void Near(double expected, double got, double relative) =>
        Assert.True(
            Math.Abs(got - expected) <= relative * Math.Abs(expected) + 1e-300,
            $"expected {expected:R}, got {got:R}: relative error {Math.Abs(got / expected - 1):G3}, allowed {relative:G3}");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "DiffLib.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("DiffLib.sln is not above " + AppContext.BaseDirectory);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Elementwise functions and activations at kinks, far out, at infinities and NaN, at every order that is asked for.</summary>
public sealed class ElementwiseKinksTests
{
    private const double Inf = double.PositiveInfinity;
    private const double NaN = double.NaN;

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Activations = new()
    {
        ["Relu"] = x => Tensor.Relu(x),
        ["Relu6"] = x => Tensor.Relu6(x),
        ["LeakyRelu"] = x => Tensor.LeakyRelu(x),
        ["Elu"] = x => Tensor.Elu(x, 1.5),
        ["Selu"] = x => Tensor.Selu(x),
        ["Celu"] = x => Tensor.Celu(x, 2),
        ["Gelu"] = x => Tensor.Gelu(x),
        ["GeluTanh"] = x => Tensor.GeluTanh(x),
        ["Silu"] = x => Tensor.Silu(x),
        ["Mish"] = x => Tensor.Mish(x),
        ["Softplus"] = x => Tensor.Softplus(x),
        ["Softsign"] = x => Tensor.Softsign(x),
        ["Softshrink"] = x => Tensor.Softshrink(x),
        ["Hardshrink"] = x => Tensor.Hardshrink(x),
        ["HardSigmoid"] = x => Tensor.HardSigmoid(x),
        ["HardSwish"] = x => Tensor.HardSwish(x),
        ["HardTanh"] = x => Tensor.HardTanh(x),
        ["LogSigmoid"] = x => Tensor.LogSigmoid(x),
        ["Sigmoid"] = x => Tensor.Sigmoid(x),
        ["Tanh"] = Tensor.Tanh,
        ["Tanhshrink"] = x => Tensor.Tanhshrink(x),
        ["Threshold"] = x => Tensor.Threshold(x, 0.1, -2),
    };

    public static TheoryData<string> ActivationNames => new(Activations.Keys);

    private static double[] Slopes(Func<Tensor, Tensor> f, params double[] at) => Diff.Gradient(x => f(x).Sum(), Tensor.Of(at)).ToArray<double>();

    [Theory]
    [MemberData(nameof(ActivationNames))]
    public void An_activation_and_its_derivatives_stay_numbers_far_out(string name)
    {
        var f = Activations[name];
        var far = Tensor.Of(-Inf, -1e300, -1000, 1000, 1e300, Inf);
        Assert.DoesNotContain(NaN, f(far).ToArray<double>());
        var slopes = Slopes(f, -Inf, -1e300, -1000, 1000, 1e300, Inf);
        Assert.All(slopes, slope => Assert.InRange(slope, -0.2, 1.2));
        var second = Diff.Hvp(x => f(x).Sum(), far, Tensor.OnesLike(far)).ToArray<double>();
        // the slowest, softsign, falls off with 2/|x|³
        Assert.All(second, curvature => Assert.InRange(curvature, -1e-8, 1e-8));
    }

    [Theory]
    [MemberData(nameof(ActivationNames))]
    public void Forward_mode_reverse_mode_and_finite_differences_agree(string name)
    {
        var f = Activations[name];
        var x = Tensor.Of(-3.7, -1.3, -0.2, 0.3, 0.9, 2.4);
        const double h = 1e-5;
        var differences = ((f(x + h) - f(x - h)) / (2 * h)).ToArray<double>();
        var reverse = Slopes(f, x.ToArray<double>());
        var forward = Diff.Jvp(f, x, Tensor.OnesLike(x)).Tangent.ToArray<double>();
        for (var k = 0; k < 6; k++)
        {
            Assert.InRange(Math.Abs(reverse[k] - differences[k]), 0, 1e-9);
            Assert.Equal(reverse[k], forward[k], 1e-15);
        }
    }

    [Fact]
    public void Slopes_at_kinks_are_the_documented_ones()
    {
        Assert.Equal([0.0], Slopes(x => Tensor.Relu(x), 0));
        Assert.Equal([0.0, 0.0], Slopes(x => Tensor.Relu6(x), 0, 6));
        Assert.Equal([0.01], Slopes(x => Tensor.LeakyRelu(x), 0));
        Assert.Equal([1.5], Slopes(x => Tensor.Elu(x, 1.5), 0));
        Assert.Equal([0.0, 0.0], Slopes(x => Tensor.HardTanh(x), -1, 1));
        Assert.Equal([0.0, 0.0], Slopes(x => Tensor.Softshrink(x), -0.5, 0.5));
        Assert.Equal([0.0, 1.0], Slopes(x => Tensor.HardSwish(x), -3, 3));
        Assert.Equal([0.0], Slopes(Tensor.Abs, 0));
    }

    [Fact]
    public void Clamp_passes_the_slope_at_its_bounds_and_stops_it_beyond()
    {
        Assert.Equal([0.0, 1, 1, 1, 0, 0], Slopes(x => Tensor.Clamp(x, -1, 1), -2, -1, 0, 1, 2, NaN));
        Assert.Equal([-1.0, 0.5, 1], Tensor.Clamp(Tensor.Of(-2, 0.5, 3), -1, 1).ToArray<double>());
        Assert.Equal([0.0, 3], Tensor.Clamp(Tensor.Of(-2, 3), low: 0).ToArray<double>());
        Assert.Equal([1.0, 1], Tensor.Clamp(Tensor.Of(-2, 3), 2, 1).ToArray<double>());
        Assert.True(double.IsNaN(Tensor.Clamp(Tensor.Of(NaN), 0, 1).ToDouble()));
    }

    [Fact]
    public void Clamp_between_tensors_gives_the_slope_to_what_is_taken()
    {
        var (x, low, high) = Diff.Gradient((x, low, high) => Tensor.Clamp(x, low, high).Sum(), (Tensor.Of(0, 1, 5, 1), Tensor.Of(0, 2, 0, 3), Tensor.Of(1, 4, 4, 2)));
        Assert.Equal([1.0, 0, 0, 0], x.ToArray<double>());
        Assert.Equal([0.0, 1, 0, 0], low.ToArray<double>());
        Assert.Equal([0.0, 0, 1, 1], high.ToArray<double>());
    }

    [Fact]
    public void Integers_stay_integers_where_the_function_keeps_them()
    {
        var x = Tensor.FromArray([-3, 0, 7]);
        Assert.Equal(DType.Int32, Tensor.Clamp(x, -1, 5).DType);
        Assert.Equal([-1, 0, 5], Tensor.Clamp(x, -1, 5).ToArray<int>());
        Assert.Equal(DType.Int32, Tensor.Relu(x).DType);
        Assert.Equal(DType.Float64, Tensor.Sigmoid(x).DType);
        Assert.Equal(DType.Float64, Tensor.Gelu(x).DType);
        Assert.Equal([1, 1], Tensor.Remainder(Tensor.FromArray([-3, 5]), 2).ToArray<int>());
    }

    [Fact]
    public void C18_a_branch_not_taken_gives_an_exact_zero_also_in_float32()
    {
        var x = Tensor.FromArray([100f]);
        var slope = Diff.Gradient(t => Tensor.Where(t < 0, Tensor.Exp(t), 1.0).Sum(), x);
        Assert.Equal([0f], slope.ToArray<float>());
        Assert.Equal([0.0], Slopes(t => Tensor.Where(t > 0, Tensor.Log(t), 0.0), 0));
        Assert.Equal([0.0], Slopes(t => Tensor.Log(Tensor.Where(t > 0, t, 1.0)), 0));
    }

    [Fact]
    public void Sinc_and_Bessel_functions_have_the_right_second_and_third_derivatives_at_zero()
    {
        Assert.Equal(-Math.PI * Math.PI / 3, Diff.NthDerivative(x => Tensor.Sinc(x), 2, 0), 1e-14);
        Assert.Equal(Math.Pow(Math.PI, 4) / 5, Diff.NthDerivative(x => Tensor.Sinc(x), 4, 0), 1e-12);
        Assert.Equal(0.5, Diff.NthDerivative(x => Tensor.I0(x), 2, 0), 1e-15);
        Assert.Equal(0.5, Diff.NthDerivative(x => Tensor.I1(x), 1, 0), 1e-15);
        Assert.Equal(0.375, Diff.NthDerivative(x => Tensor.I1(x), 3, 0), 1e-15);
    }

    [Fact]
    public void Equal_infinities_share_a_log_of_a_sum_evenly()
    {
        var (a, b) = Diff.Gradient((a, b) => Tensor.LogAddExp(a, b).Sum(), (Tensor.Of(-Inf, Inf, 2), Tensor.Of(-Inf, Inf, 2)));
        Assert.Equal([0.5, 0.5, 0.5], a.ToArray<double>());
        Assert.Equal([0.5, 0.5, 0.5], b.ToArray<double>());
        Assert.Equal(0.25, Diff.NthDerivative(x => Tensor.LogAddExp(x, 2.0), 2, 2), 1e-15);
    }

    [Fact]
    public void The_angle_has_slopes_where_the_square_of_the_radius_overflows()
    {
        var (y, x) = Diff.Gradient((y, x) => Tensor.Atan2(y, x).Sum(), (Tensor.Of(3e200), Tensor.Of(4e200)));
        Assert.Equal(4 / 25e200, y.ToDouble(), 1e-215);
        Assert.Equal(-3 / 25e200, x.ToDouble(), 1e-215);
    }

    [Fact]
    public void The_incomplete_gamma_function_is_differentiable_in_its_shape_once()
    {
        const double h = 1e-5;
        double P(double a) => Tensor.Igamma(a, 1.7).ToDouble();
        Assert.Equal((P(2.3 + h) - P(2.3 - h)) / (2 * h), Diff.Derivative(a => Tensor.Igamma(a, 1.7), 2.3), 1e-9);
        var mixed = Diff.Derivative(x => Diff.Derivative(a => Tensor.Igamma(a, x), (Tensor)2.3), 1.7);
        double Slope(double x) => Diff.Derivative(a => Tensor.Igamma(a, x), 2.3);
        Assert.Equal((Slope(1.7 + h) - Slope(1.7 - h)) / (2 * h), mixed, 1e-9);
        Assert.Throws<NotSupportedException>(() => Diff.NthDerivative(a => Tensor.Igamma(a, 1.7), 2, 2.3));
    }

    [Fact]
    public void Powers_at_zero_have_the_slopes_of_the_function_and_no_NaN()
    {
        Assert.Equal([0.0], Slopes(x => Tensor.Pow(x, Tensor.Of(0.0)), 0));
        Assert.Equal([1.0], Slopes(x => Tensor.Pow(x, Tensor.Of(1.0)), 0));
        Assert.Equal([0.0], Slopes(e => Tensor.Pow(Tensor.Of(0.0), e), 0));
        Assert.Equal([0.0], Slopes(e => Tensor.Pow(Tensor.Of(0.0), e), 2));
        Assert.Equal(2, Diff.NthDerivative(x => Tensor.Pow(x, Tensor.Scalar(2)), 2, 0));
    }

    [Fact]
    public void Replaced_numbers_have_slope_zero()
    {
        Assert.Equal([0.0, 0, 1, 0], Slopes(x => Tensor.NanToNum(x), NaN, Inf, 3, -Inf));
        Assert.Equal([9.0, double.MaxValue, 3, double.MinValue], Tensor.NanToNum(Tensor.Of(NaN, Inf, 3, -Inf), 9).ToArray<double>());
        Assert.Equal([float.MaxValue], Tensor.NanToNum(Tensor.FromArray([float.PositiveInfinity])).ToArray<float>());
    }

    [Fact]
    public void Rounding_is_to_even_at_any_decimal()
    {
        Assert.Equal([2.0, -2, 0, 4], Tensor.Round(Tensor.Of(2.5, -1.5, 0.5, 3.5), 0).ToArray<double>());
        Assert.Equal([1.2, 1.4, 1200], Tensor.Round(Tensor.Of(1.25, 1.35, 1200), 1).ToArray<double>());
        Assert.Equal([1200.0, 1400], Tensor.Round(Tensor.Of(1250, 1351), -2).ToArray<double>());
    }

    [Fact]
    public void Parameters_out_of_range_are_refused_by_name()
    {
        var x = Tensor.Of(1, 2);
        Assert.Equal("beta", Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Softplus(x, 0)).ParamName);
        Assert.Equal("lambda", Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Softshrink(x, -1)).ParamName);
        Assert.Equal("alpha", Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Celu(x, 0)).ParamName);
        Assert.Equal("weight", Assert.Throws<ArgumentException>(() => Tensor.PRelu(x, Tensor.Of(1, 2, 3))).ParamName);
        Assert.Equal("x", Assert.Throws<ArgumentNullException>(() => Tensor.Gelu(null!)).ParamName);
        Assert.Contains("[2]", Assert.Throws<ArgumentException>(() => Tensor.Maximum(x, Tensor.Of(1, 2, 3))).Message);
    }
}

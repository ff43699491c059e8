using System;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.DifferentialEquations;

/// <summary>Derivatives of solutions: through the steps, by the adjoint equation, forward, by differences; against each other and against closed forms.</summary>
public class DerivativeTests
{
    private static Tensor Times(params double[] times) => Tensor.FromArray(times);

    private static OdeOptions Options(OdeMethod method, OdeDerivative derivative, double tolerance = 1e-10) => new()
    {
        Method = method,
        Derivative = derivative,
        RelativeTolerance = tolerance,
        AbsoluteTolerance = tolerance,
        Step = method == OdeMethod.RungeKutta4 ? 0.02 : 0,
    };

    public static TheoryData<OdeMethod, OdeDerivative> Ways => new()
    {
        { OdeMethod.DormandPrince54, OdeDerivative.Discrete },
        { OdeMethod.DormandPrince54, OdeDerivative.Adjoint },
        { OdeMethod.RungeKutta4, OdeDerivative.Discrete },
        { OdeMethod.RungeKutta4, OdeDerivative.Adjoint },
        { OdeMethod.Rodas4, OdeDerivative.Discrete },
        { OdeMethod.Rodas4, OdeDerivative.Adjoint },
    };

    private sealed record Species(Tensor Growth, Tensor Predation, Tensor Death, Tensor Conversion, Tensor Start);

    private static readonly Species Rates = new(Tensor.Scalar(1.1), Tensor.Scalar(0.4), Tensor.Scalar(0.4), Tensor.Scalar(0.1), Tensor.Of(10, 5));

    private static readonly Tensor Observed = Times(0, 0.7, 1.9, 3.1);

    private static Tensor LotkaVolterra(Species s, OdeOptions options) => Ode.Solve(
        (Tensor t, Tensor y, Species s) => Tensor.Stack(s.Growth * y[0] - s.Predation * y[0] * y[1], s.Conversion * y[0] * y[1] - s.Death * y[1]), s.Start, Observed, s, options);

    private static Tensor Loss(Species s, OdeOptions options) => Tensor.Square(Tensor.Log(LotkaVolterra(s, options)) - 1).Sum();

    [Theory]
    [MemberData(nameof(Ways))]
    public void Gradients_agree_with_differences_forward_mode_and_each_other(OdeMethod method, OdeDerivative derivative)
    {
        var options = Options(method, derivative);
        var reference = ParameterTree.ToVector(Diff.Gradient(s => Loss(s, Options(OdeMethod.DormandPrince54, OdeDerivative.Discrete, 1e-13)), Rates)).ToArray();
        var reverse = ParameterTree.ToVector(Diff.Gradient(s => Loss(s, options), Rates));
        EveryWay.Near(reference, reverse, method == OdeMethod.RungeKutta4 ? 1e-6 : 2e-7);

        var start = ParameterTree.ToVector(Rates);
        var forward = EveryWay.Forward(v => Loss(ParameterTree.FromVector(Rates, v), options), start);
        EveryWay.Near(reverse.ToArray(), forward, derivative == OdeDerivative.Discrete ? 1e-11 : 2e-7);

        for (var k = 0; k < start.Count; k++)
        {
            var h = 1e-4;
            double At(double by) => Loss(ParameterTree.FromVector(Rates, start + by * EveryWay.Unit(start, k)), Options(OdeMethod.DormandPrince54, OdeDerivative.Discrete, 1e-13)).ToDouble();
            var difference = (8 * (At(h) - At(-h)) - (At(2 * h) - At(-2 * h))) / (12 * h);
            Assert.Equal(difference, reference[k], 1e-7 * Math.Max(1, Math.Abs(difference)));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Second_derivatives_agree(OdeMethod method, OdeDerivative derivative)
    {
        var options = Options(method, derivative);
        var at = ParameterTree.ToVector(Rates);
        Tensor Of(Tensor v, OdeOptions o) => Loss(ParameterTree.FromVector(Rates, v), o);
        var direction = Tensor.Linspace(-1, 1, at.Count);
        var reference = Diff.Hvp(v => Of(v, Options(OdeMethod.DormandPrince54, OdeDerivative.Discrete, 1e-13)), at, direction);
        var scale = reference.ToArray().Max(Math.Abs);
        EveryWay.Near(reference.ToArray(), Diff.Hvp(v => Of(v, options), at, direction), 2e-6 * scale);
        // reverse over reverse
        EveryWay.Near(reference.ToArray(), Diff.Gradient(v => (Diff.Gradient(u => Of(u, options), v) * direction).Sum(), at), 2e-6 * scale);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Linear_decay_has_its_closed_derivatives_of_three_orders(OdeMethod method, OdeDerivative derivative)
    {
        // y = y0 exp(-k t); by k: -t y, t² y, -t³ y
        Tensor End(Tensor k) => Ode.Solve((Tensor t, Tensor y, Tensor k) => -k * y, Tensor.Scalar(2), Times(0, 1.5), k, Options(method, derivative, 1e-11))[1];
        var k = Tensor.Scalar(0.8);
        var y = 2 * Math.Exp(-1.2);
        Assert.Equal(y, End(k).ToDouble(), 1e-9);
        Assert.Equal(-1.5 * y, Diff.Gradient(End, k).ToDouble(), 1e-8);
        Assert.Equal(-1.5 * y, Diff.Derivative(End, k).ToDouble(), 1e-8);
        Assert.Equal(2.25 * y, Diff.Gradient(k => Diff.Gradient(End, k), k).ToDouble(), 1e-7);
        Assert.Equal(2.25 * y, Diff.Derivative(k => Diff.Gradient(End, k), k).ToDouble(), 1e-7);
        Assert.Equal(-3.375 * y, Diff.Derivative(k => Diff.Derivative(k => Diff.Gradient(End, k), k), k).ToDouble(), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Times_have_derivatives_of_two_orders(OdeMethod method, OdeDerivative derivative)
    {
        // y' = cos(t) y: y(t) = exp(sin t - sin t0)
        Tensor End(Tensor times) => Ode.Solve((t, y) => Tensor.Cos(t) * y, Tensor.Scalar(1), times, Options(method, derivative))[2];
        var times = Times(0.3, 0.9, 1.7);
        var y = Math.Exp(Math.Sin(1.7) - Math.Sin(0.3));
        double[] gradient = [-Math.Cos(0.3) * y, 0, Math.Cos(1.7) * y];
        EveryWay.Near(gradient, Diff.Gradient(End, times), 1e-7);
        EveryWay.Near(gradient, EveryWay.Forward(End, times), 1e-7);
        var corner = -Math.Cos(0.3) * Math.Cos(1.7) * y;
        double[] hessian =
        [
            (Math.Cos(0.3) * Math.Cos(0.3) + Math.Sin(0.3)) * y, 0, corner,
            0, 0, 0,
            corner, 0, (Math.Cos(1.7) * Math.Cos(1.7) - Math.Sin(1.7)) * y,
        ];
        EveryWay.Near(hessian, Diff.Hessian(End, times).Ravel(), 1e-6);
    }

    [Theory]
    [InlineData(OdeDerivative.Discrete)]
    [InlineData(OdeDerivative.Adjoint)]
    public void A_stiff_reaction_is_differentiated_by_its_rates(OdeDerivative derivative)
    {
        static Tensor Reaction(Tensor t, Tensor y, Tensor k)
        {
            var (a, b, c) = (k[0] * y[0], k[1] * y[1] * y[2], k[2] * y[1] * y[1]);
            return Tensor.Stack(b - a, a - b - c, c);
        }

        Tensor End(Tensor k, OdeDerivative d, double tolerance) => Ode.Solve(Reaction, Tensor.Of(1, 0, 0), Times(0, 40), k, new OdeOptions
        {
            Method = OdeMethod.Rodas4,
            Derivative = d,
            RelativeTolerance = tolerance,
            AbsoluteTolerance = tolerance * 1e-5,
        })[1, 0];
        var rates = Tensor.Of(0.04, 1e4, 3e7);
        // in the logarithms of the rates, so that the three derivatives have one scale
        var gradient = Diff.Gradient(k => End(k, derivative, 1e-7), rates) * rates;
        for (var k = 0; k < 3; k++)
        {
            var h = 1e-3;
            double At(double by) => End(rates * (1 + by * EveryWay.Unit(rates, k)), OdeDerivative.Discrete, 1e-9).ToDouble();
            var difference = (At(h) - At(-h)) / (2 * h);
            Assert.Equal(difference, gradient[k].ToDouble(), 2e-6);
        }
    }

    [Fact]
    public void A_closed_over_value_is_differentiated_through_the_steps_and_refused_by_the_adjoint()
    {
        Tensor End(Tensor k, OdeDerivative d) => Ode.Solve((t, y) => -k * y, k, Times(0, 1), Options(OdeMethod.DormandPrince54, d))[1];
        var k = Tensor.Scalar(0.5);
        Assert.Equal(0.5 * Math.Exp(-0.5), Diff.Gradient(k => End(k, OdeDerivative.Discrete), k).ToDouble(), 1e-9);
        var error = Assert.Throws<InvalidOperationException>(() => Diff.Gradient(k => End(k, OdeDerivative.Adjoint), k));
        Assert.Contains("argument", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void States_read_off_a_trajectory_are_differentiable()
    {
        Tensor Middle(Tensor k) => Ode.Trajectory((t, y) => -k * y, Tensor.Scalar(2), 0, 3, Options(OdeMethod.DormandPrince54, OdeDerivative.Discrete)).At(1.234);
        var k = Tensor.Scalar(0.7);
        Assert.Equal(-1.234 * 2 * Math.Exp(-0.7 * 1.234), Diff.Derivative(Middle, k).ToDouble(), 1e-7);
        Assert.Equal(-1.234 * 2 * Math.Exp(-0.7 * 1.234), Diff.Gradient(Middle, k).ToDouble(), 1e-7);
    }

    [Fact]
    public void A_neural_differential_equation_has_the_same_gradient_both_ways()
    {
        var r = new Random(3);
        Tensor Random(params int[] sizes) => Tensor.FromArray(Enumerable.Range(0, sizes.Aggregate(1, (a, b) => a * b)).Select(_ => r.NextDouble() - 0.5).ToArray(), sizes);
        var network = (In: Random(8, 2), Bias: Random(8), Out: Random(2, 8));
        Tensor Loss((Tensor In, Tensor Bias, Tensor Out) p, OdeDerivative d) => Tensor.Square(Ode.Solve(
            (Tensor t, Tensor y, (Tensor In, Tensor Bias, Tensor Out) p) => Tensor.MatMul(p.Out, Tensor.Tanh(Tensor.MatMul(p.In, y) + p.Bias * t)),
            Tensor.Of(1, -1), Times(0, 1, 2), p, Options(OdeMethod.DormandPrince54, d))).Sum();
        var discrete = ParameterTree.ToVector(Diff.Gradient(p => Loss(p, OdeDerivative.Discrete), network));
        var adjoint = ParameterTree.ToVector(Diff.Gradient(p => Loss(p, OdeDerivative.Adjoint), network));
        EveryWay.Near(discrete.ToArray(), adjoint, 1e-8);
        Check.Gradient(p => Loss(p, OdeDerivative.Discrete), network);
    }
}

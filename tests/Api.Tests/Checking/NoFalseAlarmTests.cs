using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using static DiffLib.Api.Tests.Checking.Sample;

namespace DiffLib.Api.Tests.Checking;

/// <summary>Right derivatives pass, however awkward the function.</summary>
public class NoFalseAlarmTests
{
    private static readonly Dictionary<string, (Func<Tensor, Tensor> F, Tensor At)> Smooth = new()
    {
        ["identity"] = (x => x * 1.0, Point),
        ["square"] = (x => x * x, Point),
        ["cube at 0"] = (x => x * x * x, Tensor.Of(0, 0, 0)),
        ["fifth power"] = (x => Tensor.Pow(x, 5), Point),
        ["exp"] = (Tensor.Exp, Point),
        ["exp of large"] = (Tensor.Exp, Tensor.Of(50, 300, -700)),
        ["sin"] = (Tensor.Sin, Point),
        ["cos at extrema"] = (Tensor.Cos, Tensor.Of(0, Math.PI, 2 * Math.PI)),
        ["sin 20 x"] = (x => Tensor.Sin(20 * x), Tensor.Linspace(0.2, 3, 40)),
        ["sin 1000 x"] = (x => Tensor.Sin(1000 * x), Tensor.Linspace(0.2, 3, 40)),
        ["sin far out"] = (Tensor.Sin, Tensor.Of(1e3, 1e4, 1e5)),
        ["tan"] = (Tensor.Tan, Tensor.Of(0.1, 1.5, -1.2)),
        ["tanh"] = (Tensor.Tanh, Point),
        ["tanh saturated"] = (Tensor.Tanh, Tensor.Of(20, -40, 400)),
        ["steep tanh"] = (x => Tensor.Tanh(1e6 * x), Tensor.Of(3e-7, -1e-6, 0.2)),
        ["log"] = (Tensor.Log, Tensor.Of(0.2, 1, 1e3)),
        ["log near 0"] = (Tensor.Log, Tensor.Of(1e-3, 1e-8, 1e-12)),
        ["sqrt"] = (Tensor.Sqrt, Tensor.Of(0.2, 1, 1e6)),
        ["sqrt near 0"] = (Tensor.Sqrt, Tensor.Of(1e-4, 1e-8, 1e-12)),
        ["1/x near 0"] = (x => 1 / x, Tensor.Of(1e-3, -1e-6, 1e-9)),
        ["rational"] = (x => (1 + x) / (1 + x * x), Point),
        ["gaussian"] = (x => Tensor.Exp(-x * x), Tensor.Of(-6, -1, 0, 3)),
        ["asin near 1"] = (Tensor.Asin, Tensor.Of(0.999, -0.9999999, 0.3)),
        ["atan"] = (Tensor.Atan, Tensor.Of(0, 1e8, -3)),
        ["product over elements"] = (x => x[0] * x[1] * x[2] * x, Point),
        ["constant"] = (x => x * 0 + 7, Point),
        ["large constant and small slope"] = (x => 1e8 + x, Point),
        ["tiny values"] = (x => 1e-12 * Tensor.Sin(x), Point),
        ["huge values"] = (x => 1e200 * Tensor.Sin(x), Point),
        ["badly scaled"] = (x => x * Tensor.Of(1e8, 1e-8, 1) * Tensor.Sin(x * Tensor.Of(1e-6, 1e5, 1)), Tensor.Of(1e6, 1e-5, 1)),
        ["x |x| at 0"] = (x => x * Tensor.Abs(x), Tensor.Of(0, 1, -1)),
        ["cancellation"] = (x => (1 - Tensor.Cos(x)) / (x * x), Tensor.Of(0.5, 1, 2)),
        ["abs near its kink"] = (Tensor.Abs, Tensor.Of(1e-6, -1e-5, 1e-3, 0.005)),
        ["max of close numbers"] = (x => Tensor.Binary(DiffLib.Kernels.BinaryOp.Maximum, x, x[0] + 1e-4), Point),
    };

    public static TheoryData<string> Names() => [.. Smooth.Keys];

    public static TheoryData<string> InASum() => [.. Smooth.Keys.Where(name => name is not ("exp of large" or "badly scaled"))];

    [Theory, MemberData(nameof(InASum))]
    public void The_gradient_agrees(string name)
    {
        var (f, at) = Smooth[name];
        Agrees(Check.TryGradient(x => Weighted(f(x)), at));
    }

    [Theory]
    [InlineData("exp of large")]
    [InlineData("badly scaled")]
    public void A_term_that_rounding_swallows_in_a_sum_is_inconclusive_not_wrong(string name)
    {
        var (f, at) = Smooth[name];
        Assert.Equal((CheckOutcome.Inconclusive, CheckStep.Differences), (Check.TryGradient(x => Weighted(f(x)), at).Outcome, Check.TryGradient(x => Weighted(f(x)), at).FailedStep));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_Jacobian_agrees(string name)
    {
        var (f, at) = Smooth[name];
        Agrees(Check.TryJacobian(f, at));
    }

    [Theory]
    [InlineData("sin")]
    [InlineData("exp")]
    [InlineData("rational")]
    [InlineData("product over elements")]
    [InlineData("gaussian")]
    [InlineData("constant")]
    public void Second_derivatives_agree_in_every_nesting(string name)
    {
        var (f, at) = Smooth[name];
        Agrees(Check.TryHessian(x => Weighted(f(x)), at));
        Agrees(Check.TryDerivatives(f, at));
    }

    [Fact]
    public void Third_derivatives_agree_in_every_nesting() => Agrees(Check.TryDerivatives(x => Tensor.Exp(x) * Tensor.Sin(x), Tensor.Of(0.3, 1.2), 3));

    [Fact]
    public void Nothing_to_differentiate_by_agrees()
    {
        var empty = Tensor.Zeros(0);
        Agrees(Check.TryGradient(x => Sum(x), empty));
        Agrees(Check.TryJacobian(x => x * x, empty));
        Agrees(Check.TryHessian(x => Sum(x * x), empty));
        Agrees(Check.TryDerivatives(x => x * x, Tensor.Zeros(2, 0, 3), 2));
    }

    [Fact]
    public void A_hundred_thousand_inputs_are_checked_along_directions()
    {
        var report = Check.TryGradient(x => Sum(Tensor.Sin(x) * x), Tensor.Linspace(-3, 3, 100_000));
        Agrees(report);
        Assert.True(report.Compared is > 40 and < 200, report.ToString());
    }

    [Fact]
    public void Many_results_are_checked_in_random_combinations() => Agrees(Check.TryJacobian(x => Tensor.Sin(x) * x[3], Tensor.Linspace(-3, 3, 1000)));

    [Fact]
    public void Float32_inputs_are_checked_in_float64()
    {
        Agrees(Check.TryGradient(x => Weighted(Tensor.Sin(x) * Tensor.Exp(x)), Point.Cast(DType.Float32)));
        Agrees(Check.TryHessian(x => Weighted(Tensor.Sin(x) * x[1]), Point.Cast(DType.Float32)));
    }

    [Fact]
    public void A_mistake_in_float32_only_is_found()
    {
        Tensor F(Tensor x) => Weighted(Pulled(Tensor.Sin, (x, _, w) => x.DType == DType.Float32 ? 1.01 * w * Tensor.Cos(x) : w * Tensor.Cos(x))(x));
        Agrees(Check.TryGradient(F, Point));
        var report = Check.TryGradient(F, Point.Cast(DType.Float32));
        Assert.Equal((CheckOutcome.Disagrees, CheckStep.Precision), (report.Outcome, report.FailedStep));
    }

    [Fact]
    public void Trees_with_integers_and_shared_tensors()
    {
        var shared = Tensor.Of(1, 2);
        Agrees(Check.TryGradient(p => Sum(p.A * p.B * p.Steps * p.A), (A: shared, B: shared, Steps: Tensor.FromArray(new[] { 2, 3 }))));
        Agrees(Check.TryGradient(p => Sum(p["w"] * p["b"]), new Dictionary<string, Tensor> { ["w"] = Point, ["b"] = Point + 2 }));
        Agrees(Check.TryHessian(p => Sum(p[0] * p[0] * p[1]), new[] { shared, shared + 1 }));
    }

    [Fact]
    public void A_domain_is_never_left()
    {
        var seen = new List<double>();
        Tensor F(Tensor x)
        {
            seen.AddRange(x.Value!.ToArray<double>()!);
            return Sum(Tensor.Sqrt(x) * x);
        }

        Agrees(Check.TryGradient(F, Tensor.Of(1e-3, 0.5, 1), new() { Domain = [(0, 1)] }));
        Assert.True(seen.Min() >= 0 && seen.Max() <= 1);
        Assert.Throws<ArgumentException>(() => Check.TryGradient(F, Tensor.Of(0.5), new() { Domain = [(0, 1), (0, 1)] }));
    }

    [Fact]
    public void A_function_that_throws_outside_its_domain_is_checked_inside()
    {
        static Tensor F(Tensor x) => x.ToDouble() < 0 ? throw new ArgumentException("negative") : x * x + x;
        Agrees(Check.TryGradient(F, Tensor.Scalar(0)));
        Agrees(Check.TryGradient(F, Tensor.Scalar(1e-5)));
    }

    [Fact]
    public void The_same_seed_makes_the_same_check()
    {
        var (a, b) = (Run(), Run());
        Assert.Equal((a.Evaluations, a.Compared, a.Worst!.Analytic), (b.Evaluations, b.Compared, b.Worst!.Analytic));
        static CheckReport Run() => Check.Gradient(x => Sum(Tensor.Sin(x)), Tensor.Linspace(-3, 3, 1000), new() { Seed = 5 });
    }
}

using System;
using Xunit;
using static DiffLib.Api.Tests.Checking.Sample;

namespace DiffLib.Api.Tests.Checking;

/// <summary>Each usual mistake in a rule is found, and named.</summary>
public class PlantedMistakesTests
{
    public static TheoryData<int> Sizes() => [1, 5, 256];

    private static Tensor At(int n) => n == 1 ? Tensor.Scalar(0.7) : Tensor.Linspace(-2.9, 3.1, n);

    [Theory, MemberData(nameof(Sizes))]
    public void A_wrong_sign(int n) => IsNamed(() => Check.TryGradient(x => Weighted(Pulled(Tensor.Cos, (x, _, w) => w * Tensor.Sin(x))(x)), At(n)), "sign is wrong");

    [Theory, MemberData(nameof(Sizes))]
    public void A_factor_two_too_many(int n) => IsNamed(() => Check.TryGradient(x => Weighted(Pulled(Tensor.Sin, (x, _, w) => 2 * w * Tensor.Cos(x))(x)), At(n)), "doubled");

    [Theory, MemberData(nameof(Sizes))]
    public void A_factor_two_missing(int n) => IsNamed(() => Check.TryGradient(x => Weighted(Pulled(x => x * x, (x, _, w) => w * x)(x)), At(n)), "halved");

    [Theory, MemberData(nameof(Sizes))]
    public void A_missing_term(int n) => IsNamed(() => Check.TryGradient(x => Weighted(Pulled(x => x * Tensor.Sin(x), (x, _, w) => w * x * Tensor.Cos(x))(x)), At(n)), "a term is missing");

    [Fact]
    public void A_missing_linear_term_by_its_constant() =>
        IsNamed(() => Check.TryGradient(x => Sum(Pulled(x => 3 * x + Tensor.Sin(x), (x, _, w) => w * Tensor.Cos(x))(x)), Point), "off by the constant -3", "linear");

    [Fact]
    public void A_gradient_that_is_cut_off() => IsNamed(() => Check.TryGradient(x => Weighted(Diff.StopGradient(x) * x[0] + x[0] * 0), Point), "a term is missing");

    [Fact]
    public void A_gradient_that_is_cut_off_altogether() => IsNamed(() => Check.TryGradient(x => Weighted(Diff.StopGradient(x) * 2), Point), "zero: nothing flows back to x", "StopGradient");

    [Fact]
    public void The_input_that_is_cut_off_in_a_tree() =>
        IsNamed(() => Check.TryGradient(p => Weighted(p.Weight * Diff.StopGradient(p.Bias)), (Weight: Point, Bias: Point + 1.5)), "nothing flows back to Item2");

    [Fact]
    public void A_sum_for_a_mean() => IsNamed(() => Check.TryGradient(Pulled(x => Sum(x * x) / 5, (x, _, w) => 2 * w * x), Point), "n = 5 times too large", "a sum where the function takes a mean");

    [Fact]
    public void A_mean_for_a_sum() => IsNamed(() => Check.TryGradient(Pulled(x => Sum(x * x), (x, _, w) => 2 * w * x / 5), Point), "n = 5", "a mean where the function takes a sum");

    [Fact]
    public void A_transposed_gradient() => IsNamed(() => Check.TryGradient(x => Sum(Pulled(x => x * x * x, (x, _, w) => Transpose(3 * w * x * x))(x)), Square), "transposed: the gradient by x, [3, 3]");

    [Fact]
    public void A_gradient_transposed_by_a_reshape()
    {
        var c = Tensor.FromArray(new double[] { 1, 2, 3, 4, 5, 6 }, 2, 3);
        IsNamed(() => Check.TryGradient(x => Sum(Pulled(x => x * c, (_, _, w) => Tensor.ReshapeTo(Transpose(w * c), c.Shape))(x)), c + 0.25), "transposed");
    }

    [Fact]
    public void A_pull_with_the_matrix_in_place_of_its_transpose()
    {
        Tensor Times(Tensor a, Tensor x) => Tensor.ReshapeTo(Tensor.SumTo(a * x, new Shape(3, 1)), new Shape(3));
        IsNamed(() => Check.TryJacobian(Pulled(x => Times(Square, x), (_, _, w) => Times(Square, w)), Tensor.Of(1, 2, 3)), "transposed: the Jacobian");
    }

    [Fact]
    public void A_sum_over_a_broadcast_axis_that_was_dropped()
    {
        var rule = new CustomRule("addBias", xs => xs[0] + xs[1], pull: (_, _, w) => [w, w[0]]);
        IsNamed(() => Check.TryRule(rule, [Square, Tensor.Of(1, 2, 3)]), "the sum over broadcast axis 0 is missing", "x1, [3]", "Sum over that axis");
    }

    [Fact]
    public void A_broadcast_cotangent_that_was_never_summed()
    {
        var rule = new CustomRule("addBias", xs => xs[0] + xs[1], pull: (_, _, w) => [w, w]);
        var report = Check.TryRule(rule, [Square, Tensor.Of(1, 2, 3)]);
        Assert.Equal(CheckOutcome.Disagrees, report.Outcome);
        Assert.Contains("addBias", report.Reason);
        Assert.Contains("sum over broadcast axes with SumToSize", report.Reason);
        Assert.IsType<InvalidOperationException>(report.Exception);
    }

    [Fact]
    public void A_mean_over_a_broadcast_axis_in_place_of_the_sum()
    {
        var rule = new CustomRule("addBias", xs => xs[0] + xs[1], pull: (_, _, w) => [w, Tensor.SumTo(w, new Shape(3)) / 3]);
        IsNamed(() => Check.TryRule(rule, [Square, Tensor.Of(1, 2, 3)]), "n = 3");
    }

    [Fact]
    public void Natural_and_binary_logarithms_mixed_up() =>
        IsNamed(() => Check.TryGradient(x => Weighted(Pulled(x => Tensor.Log(x) / Math.Log(2), (x, _, w) => w / x)(x)), Tensor.Of(0.5, 1.5, 3)), "ln 2");

    [Fact]
    public void A_constant_factor_of_no_name() => IsNamed(() => Check.TryGradient(x => Weighted(Pulled(Tensor.Sin, (x, _, w) => 3.7 * w * Tensor.Cos(x))(x)), Point), "constant factor 3.7");

    [Fact]
    public void A_mistake_in_the_second_derivative_only()
    {
        Tensor Cube(Tensor x) => Weighted(Pulled(x => x * x * x, (x, _, w) => 3 * w * x * Diff.StopGradient(x))(x));
        Agrees(Check.TryGradient(Cube, Point));
        var report = Check.TryHessian(Cube, Point);
        Assert.Equal(CheckOutcome.Disagrees, report.Outcome);
        Assert.Equal(2, report.Worst!.Order);
        Assert.Contains("over reverse", report.Worst.Mode);
        Assert.Contains("halved", report.Diagnosis);
        Assert.Equal(CheckOutcome.Disagrees, Check.TryDerivatives(Cube, Point).Outcome);
    }

    [Fact]
    public void A_push_that_is_not_the_transpose_of_the_pull()
    {
        var rule = new CustomRule("sine", xs => Tensor.Sin(xs[0]), push: (xs, _, ds) => 2 * ds[0] * Tensor.Cos(xs[0]), pull: (xs, _, w) => [w * Tensor.Cos(xs[0])]);
        var report = Check.TryRule(rule, [Point]);
        Assert.Equal(CheckOutcome.Disagrees, report.Outcome);
        Assert.Equal("forward", report.Worst!.Mode);
        Assert.Contains("doubled", report.Diagnosis);
    }

    [Fact]
    public void A_small_difference_between_the_modes_that_differences_of_values_cannot_see()
    {
        var rule = new CustomRule("sine", xs => Tensor.Sin(xs[0]), push: (xs, _, ds) => (1 + 1e-9) * ds[0] * Tensor.Cos(xs[0]), pull: (xs, _, w) => [w * Tensor.Cos(xs[0])]);
        var report = Check.TryRule(rule, [Point]);
        Assert.Equal((CheckOutcome.Disagrees, CheckStep.Duality), (report.Outcome, report.FailedStep));
        Assert.Contains("not each other's transpose", report.Reason);
    }

    [Fact]
    public void A_pull_that_is_not_linear()
    {
        var rule = new CustomRule("sine", xs => Tensor.Sin(xs[0]), push: (xs, _, ds) => ds[0] * Tensor.Cos(xs[0]), pull: (xs, _, w) => [w * Tensor.Cos(xs[0]) + 1e-11 * w * w]);
        var report = Check.TryRule(rule, [Point]);
        Assert.Equal(CheckOutcome.Disagrees, report.Outcome);
        Assert.True(report.FailedStep is CheckStep.Linearity or CheckStep.Duality, report.ToString());
    }

    [Fact]
    public void A_wrong_rule_among_five_thousand_inputs()
    {
        var at = Tensor.Linspace(-3, 3, 5000);
        IsNamed(() => Check.TryGradient(x => Sum(Pulled(Tensor.Cos, (x, _, w) => w * Tensor.Sin(x))(x)), at), "sign is wrong");
    }

    [Fact]
    public void A_hand_written_gradient()
    {
        Agrees(Check.Gradient(x => Sum(x * x * x), x => 3 * x * x, Point));
        IsNamed(() => Check.TryGradient(x => Sum(x * x), x => x, Point), "halved");
        Assert.Equal("your gradient's", Check.TryGradient(x => Sum(x * x), x => x, Point).Worst!.Mode);
        Agrees(Check.Gradient(p => Sum(p.A * p.B), p => (p.B, p.A), (A: Point, B: Point + 1)));
        IsNamed(() => Check.TryGradient(p => Sum(p.A * p.B), p => (p.B, -p.A), (A: Point, B: Point + 1)), "sign is wrong");
    }
}

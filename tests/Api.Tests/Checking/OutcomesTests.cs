using System;
using System.Linq;
using Xunit;
using static DiffLib.Api.Tests.Checking.Sample;

namespace DiffLib.Api.Tests.Checking;

/// <summary>Three outcomes, each with its step and its words; kinks, noise, domains, errors.</summary>
public class OutcomesTests
{
    private static void Stops(CheckReport report, CheckOutcome outcome, CheckStep step, params string[] words)
    {
        Assert.True((report.Outcome, report.FailedStep) == (outcome, step), report.ToString());
        foreach (var word in words) Assert.Contains(word, report.ToString());
    }

    [Fact]
    public void Agreement_is_returned_as_a_report()
    {
        var report = Check.Gradient(x => Sum(x * x), Point);
        Assert.True(report.Passed);
        Assert.Equal(CheckStep.None, report.FailedStep);
        Assert.Equal(10, report.Compared);
        Assert.Equal(10, report.RelativeErrorHistogram.Sum());
        Assert.Equal(CheckReport.HistogramBounds.Count + 1, report.RelativeErrorHistogram.Count);
        Assert.StartsWith("Check.Gradient agrees: 10 derivatives compared", report.ToString());
    }

    [Fact]
    public void Disagreement_throws_with_the_report()
    {
        var e = Assert.Throws<CheckFailedException>(() => Check.Gradient(x => Weighted(Pulled(Tensor.Sin, (x, _, w) => -w * Tensor.Cos(x))(x)), Point, new() { Seed = 42 }));
        Assert.Equal(CheckOutcome.Disagrees, e.Report.Outcome);
        Assert.Equal(e.Report.ToString(), e.Message);
        Assert.Equal(-1, e.Report.Worst!.Ratio, 1e-6);
        Assert.Equal("x", e.Report.Worst.Input);
        Assert.Single(e.Report.Worst.InputIndex);
        Assert.Equal(42, e.Report.Seed);
        Assert.Equal("var x = Tensor.FromArray(new double[] { 0.3, -1.2, 2.1, 0.7, -0.4 });\nCheck.Gradient(f, x, new CheckOptions { Seed = 42 });", e.Report.ReproductionCSharp);
        Assert.Equal("let x = TensorCreation.FromArray([| 0.3; -1.2; 2.1; 0.7; -0.4 |], [| 5 |])\nCheck.Gradient(f, x, CheckOptions(Seed = 42)) |> ignore", e.Report.ReproductionFSharp);
    }

    [Fact]
    public void Inconclusive_throws_unless_told_not_to()
    {
        static Tensor Kink(Tensor x) => Sum(Tensor.Abs(x));
        Assert.Throws<CheckFailedException>(() => Check.Gradient(Kink, Tensor.Of(0, 1)));
        Assert.Equal(CheckOutcome.Inconclusive, Check.Gradient(Kink, Tensor.Of(0, 1), new() { ThrowOnInconclusive = false }).Outcome);
    }

    [Fact]
    public void A_random_function_is_told_from_a_wrong_one()
    {
        var random = new Random(3);
        Stops(Check.TryGradient(x => Sum(x) * random.NextDouble(), Point), CheckOutcome.Disagrees, CheckStep.Purity, "random or keeps state", "fix a seed");
        Agrees(Check.TryGradient(x => Sum(x * x) + 1e-14 * random.NextDouble(), Point, new() { NondetTol = 1e-13 }));
    }

    [Fact]
    public void A_function_that_knows_when_it_is_differentiated_is_found()
    {
        Stops(Check.TryGradient(x => Sum(x.Level > 0 ? x * 1.5 : x), Point), CheckOutcome.Disagrees, CheckStep.Value, "asks whether it is being differentiated");
        Stops(Check.TryGradient(x => x.Level > 0 ? throw new NotSupportedException("not here") : Sum(x), Point), CheckOutcome.Disagrees, CheckStep.Value, "NotSupportedException: not here");
    }

    [Fact]
    public void Values_that_are_not_finite_are_reported_with_their_operation()
    {
        Stops(Check.TryGradient(x => Sum(2 * Tensor.Log(x)), Point), CheckOutcome.Inconclusive, CheckStep.Finiteness, "NaN", "operation log");
        Stops(Check.TryGradient(x => Sum(Tensor.Sqrt(x) + x), Tensor.Of(1, 0)), CheckOutcome.Inconclusive, CheckStep.Finiteness, "x[1]", "operation sqrt");
        Stops(Check.TryGradient(x => Sum(Pulled(x => x * x, (x, _, w) => 2 * w * (x * x / x))(x)), Tensor.Of(1, 0)), CheckOutcome.Disagrees, CheckStep.Finiteness, "NaN");
    }

    [Theory]
    [InlineData("abs", 0.0)]
    [InlineData("relu", 0.0)]
    [InlineData("max", 0.0)]
    public void A_kink_is_reported_skipped_or_checked_from_both_sides(string name, double at)
    {
        Tensor F(Tensor x) => Sum(name switch { "abs" => Tensor.Abs(x), "relu" => Tensor.Unary(DiffLib.Kernels.UnaryOp.Relu, x), _ => Tensor.Binary(DiffLib.Kernels.BinaryOp.Maximum, x, 2 * x) });
        var x = Tensor.Of(1, at, -2);
        Stops(Check.TryGradient(F, x), CheckOutcome.Inconclusive, CheckStep.Kinks, "kink by x[1]", "on the left", "Skip or OneSided");
        var skipped = Check.TryGradient(F, x, new() { Kinks = CheckKinks.Skip });
        Agrees(skipped);
        Assert.True(skipped.KinksMet > 0);
        Agrees(Check.TryGradient(F, x, new() { Kinks = CheckKinks.OneSided }));
    }

    [Fact]
    public void At_a_kink_a_slope_outside_both_sides_is_wrong()
    {
        static Tensor F(Tensor x) => Sum(Pulled(Tensor.Abs, (x, _, w) => w * (Tensor.Sign(x) + 3 * (1 - Tensor.Abs(Tensor.Sign(x)))))(x));
        Stops(Check.TryGradient(F, Tensor.Of(0, 1), new() { Kinks = CheckKinks.OneSided }), CheckOutcome.Disagrees, CheckStep.Differences, "x[0]");
    }

    [Fact]
    public void A_jump_is_told_from_a_kink() =>
        Stops(Check.TryGradient(x => Sum(x * x + Tensor.Unary(DiffLib.Kernels.UnaryOp.Step, x)), Tensor.Of(0, 1)), CheckOutcome.Inconclusive, CheckStep.Kinks, "the value jumps by x[0]");

    [Fact]
    public void Noise_that_hides_the_slope_is_inconclusive_not_wrong()
    {
        static double Hash(double x)
        {
            var z = (ulong)BitConverter.DoubleToInt64Bits(x);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) / (double)(1UL << 53);
        }

        static Tensor F(Tensor x) => Sum(Tensor.Sin(x)) + 1e-3 * Hash(Sum(x).ToDouble());
        Assert.Equal(CheckOutcome.Inconclusive, Check.TryGradient(F, Point).Outcome);
    }

    [Fact]
    public void Time_that_runs_out_is_inconclusive()
    {
        static Tensor Slow(Tensor x)
        {
            System.Threading.Thread.Sleep(5);
            return Sum(x * x);
        }

        Stops(Check.TryGradient(Slow, Tensor.Linspace(0, 1, 200), new() { Timeout = TimeSpan.FromMilliseconds(60) }), CheckOutcome.Inconclusive, CheckStep.Timeout, "time ran out");
    }

    [Fact]
    public void What_the_function_throws_is_in_the_report()
    {
        var report = Check.TryGradient(x => throw new InvalidOperationException("broken"), Point);
        Stops(report, CheckOutcome.Inconclusive, CheckStep.Evaluation, "InvalidOperationException: broken");
        Assert.Equal("broken", Assert.Throws<CheckFailedException>(() => Check.Gradient(x => throw new InvalidOperationException("broken"), Point)).InnerException!.Message);
        Stops(Check.TryGradient(x => x * x, Point), CheckOutcome.Inconclusive, CheckStep.Evaluation, "shape [5]", "Check.Jacobian");
        Stops(Check.TryJacobian(x => x.Cast(DType.Int64), Point), CheckOutcome.Inconclusive, CheckStep.Evaluation, "int64");
    }

    [Fact]
    public void Wrong_arguments_throw_before_anything_is_checked()
    {
        Assert.Throws<ArgumentNullException>("f", () => Check.TryGradient((Func<Tensor, Tensor>)null!, Point));
        Assert.Throws<ArgumentNullException>("at", () => Check.TryGradient(x => x, (Tensor)null!));
        Assert.Throws<ArgumentException>("at", () => Check.TryGradient(x => x, Tensor.FromArray(new[] { 1, 2 })));
        Assert.Throws<ArgumentOutOfRangeException>("order", () => Check.TryDerivatives(x => x, Point, 0));
        Assert.Throws<ArgumentOutOfRangeException>("modes", () => Check.TryDerivatives(x => x, Point, 1, 0));
        Assert.Throws<ArgumentException>("options", () => Check.TryGradient(x => Sum(x), Point, new() { RelTol = -1 }));
        Assert.Throws<ArgumentException>("options", () => Check.TryGradient(x => Sum(x), Point, new() { Domain = [(1, 0)] }));
        Assert.Throws<ArgumentException>("inputs", () => Check.TryRule(xs => xs[0], [Tensor.FromArray(new[] { 1 })]));
    }

    [Fact]
    public void The_tensors_of_a_reproduction_give_back_every_bit_and_type()
    {
        var report = Check.TryGradient(p => Sum(p.W * p.S) + p.B, (W: Tensor.FromArray(new float[] { 0.1f, 2 }, 2, 1), S: Tensor.FromArray(new long[] { 3 }), B: Tensor.Scalar(1.0 / 3)));
        Agrees(report);
        Assert.Contains("var x0 = Tensor.FromArray(new float[] { 0.1f, 2f }, 2, 1); // Item1", report.ReproductionCSharp);
        Assert.Contains("var x1 = Tensor.FromArray(new long[] { 3 }); // Item2", report.ReproductionCSharp);
        Assert.Contains("var x2 = Tensor.Scalar(0.3333333333333333); // Item3", report.ReproductionCSharp);
        Assert.Contains("let x0 = TensorCreation.FromArray([| 0.1f; 2.0f |], [| 2; 1 |]) // Item1", report.ReproductionFSharp);
        Assert.Contains("ParameterTree.Rebuild(parameters, [x0, x1, x2])", report.ReproductionCSharp);
    }

    [Fact]
    public void Reports_are_the_same_in_every_culture()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        var plain = Check.TryGradient(x => Sum(x * x), x => x, Point).ToString();
        System.Globalization.CultureInfo.CurrentCulture = new("de-DE");
        try
        {
            Assert.Equal(plain, Check.TryGradient(x => Sum(x * x), x => x, Point).ToString());
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }
}

using System;
using System.Numerics;
using Xunit;
using static DiffLib.Api.Tests.Checking.Sample;

namespace DiffLib.Api.Tests.Checking;

/// <summary>What an operation owes its users beside right numbers; and functions written for every number type.</summary>
public class RuleTests
{
    private static void Breaks(CheckReport report, params string[] words)
    {
        Assert.True((report.Outcome, report.FailedStep) == (CheckOutcome.Disagrees, CheckStep.Plumbing), report.ToString());
        foreach (var word in words) Assert.Contains(word, report.Reason);
    }

    [Fact]
    public void Right_rules_pass()
    {
        Agrees(Check.TryRule(new CustomRule("sine", xs => Tensor.Sin(xs[0]), pull: (xs, _, w) => [w * Tensor.Cos(xs[0])]), [Point]));
        Agrees(Check.TryRule(new CustomRule("sine", xs => Tensor.Sin(xs[0]), push: (xs, _, ds) => ds[0] * Tensor.Cos(xs[0])), [Square]));
        Agrees(Check.TryRule(xs => xs[0] * Tensor.Exp(xs[1]), [Square, Square - 1]));
        Agrees(Check.TryRule(xs => xs[0] + xs[1] * xs[0], [Square, Tensor.Of(1, 2, 3)]));
        Agrees(Check.TryRule(xs => Tensor.SumTo(xs[0], Shape.Scalar) * xs[1], [Square, Tensor.FromArray(new[] { 2, 3 })]));
        Agrees(Check.TryRule(Diff.WithRule(x => x * x, pull: (x, _, w) => 2 * w * x), Square));
        Agrees(Check.TryRule(xs => xs[0] * xs[1], [Square.Cast(DType.Float32), Square], order: 1));
    }

    [Fact]
    public void A_rule_that_reads_memory_in_place_of_elements_is_found() =>
        Breaks(Check.TryRule(xs => xs[0] * (xs[0].Value!.IsContiguous ? 1 : 2), [Square]), "in memory");

    [Fact]
    public void A_rule_that_turns_float32_into_float64_is_found()
    {
        var rule = new CustomRule("wide", xs => Tensor.Sin(xs[0]), pull: (xs, _, w) => [w * Tensor.Cos(xs[0].Cast(DType.Float64))]);
        Breaks(Check.TryRule(rule, [Point]), "float64 [5]", "float32 [5]");
    }

    [Fact]
    public void A_rule_that_dies_of_empty_inputs_is_found() =>
        Breaks(Check.TryRule(xs => xs[0].Count == 0 ? throw new IndexOutOfRangeException("oops") : xs[0] * 2, [Point]), "size 0", "IndexOutOfRangeException");

    [Fact]
    public void A_rule_that_refuses_with_a_clear_error_in_every_mode_is_fine() =>
        Agrees(Check.TryRule(xs => xs[0].Rank != 1 || xs[0].Count == 0 ? throw new ArgumentException("a vector with elements, please") : xs[0] * 2, [Point]));

    [Fact]
    public void A_pull_that_fails_where_the_value_works_is_found()
    {
        var rule = new CustomRule("first", xs => xs[0] * 2.0, pull: (xs, _, w) => [xs[0].Rank == 0 ? throw new InvalidOperationException("no axes") : 2 * w], push: (_, _, ds) => 2.0 * ds[0]);
        Breaks(Check.TryRule(rule, [Point]), "rank 0", "plain operation works", "reverse mode throws InvalidOperationException");
    }

    [Fact]
    public void A_rule_that_changes_its_input_is_found()
    {
        static Tensor Op(Tensor[] xs)
        {
            var y = xs[0] * 2.0;
            if (xs[0].DType == DType.Float64 && xs[0].Count > 0) xs[0].Value!.Contiguous()!.Write<double>()[0] = 99;
            return y;
        }

        Breaks(Check.TryRule(new CustomRule("careless", Op, pull: (_, _, w) => [2.0 * w]), [Tensor.Of(1, 2, 3)]), "changed its input x0", "immutable");
    }

    [Fact]
    public void The_same_tensor_in_two_places_gets_both_parts() => Agrees(Check.TryRule(xs => xs[0] * xs[1] + xs[1], [Point, Point]));

    private readonly struct Rosenbrock : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            var sum = T.Zero;
            for (var i = 0; i + 1 < x.Length; i++)
            {
                var (a, b) = (x[i + 1] - x[i] * x[i], T.One - x[i]);
                sum += T.CreateChecked(100) * a * a + b * b;
            }

            return sum;
        }
    }

    private readonly struct Polar : IVectorFunction
    {
        public int OutputLength(int inputLength) => 2;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => (y[0], y[1]) = (x[0] * T.Cos(x[1]), x[0] * T.Sin(x[1]));
    }

    private readonly struct Damped : IUnivariateFunction
    {
        public T Invoke<T>(T x) where T : IFloatingPointIeee754<T> => T.Exp(-x) * T.Cos(x);
    }

    private readonly struct Broken : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => x[0] * T.CreateChecked(double.CreateChecked(x[1]));
    }

    [Fact]
    public void Functions_for_every_number_type_are_checked()
    {
        double[] x = [0.3, -0.7, 1.1, 0.4];
        Agrees(Check.Gradient(new Rosenbrock(), x));
        Agrees(Check.Hessian(new Rosenbrock(), x));
        Agrees(Check.Jacobian(new Polar(), [2, 0.7]));
        Agrees(Check.Derivative(new Damped(), 0.8));
    }

    [Fact]
    public void A_function_that_leaves_the_number_type_is_found()
    {
        var report = Check.TryGradient(new Broken(), [2.0, 3.0]);
        Assert.Equal(CheckOutcome.Disagrees, report.Outcome);
        Assert.Contains("double[] x = [2, 3];", report.ReproductionCSharp);
    }
}

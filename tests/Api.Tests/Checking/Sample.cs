using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Checking;

/// <summary>What the checking tests share.</summary>
internal static class Sample
{
    internal static Tensor Point { get; } = Tensor.Of(0.3, -1.2, 2.1, 0.7, -0.4);

    internal static Tensor Square { get; } = Tensor.FromArray(new double[,] { { 1.5, 2, 3 }, { 4, 5.5, 6 }, { 0.5, -1, 2.5 } });

    internal static Tensor Sum(Tensor x) => Tensor.SumTo(x, Shape.Scalar);

    /// <summary>A weighted sum, so that every element counts differently.</summary>
    internal static Tensor Weighted(Tensor x) => Sum(x * Tensor.ReshapeTo(Tensor.Arange(1, x.Count + 1), x.Shape));

    internal static Tensor Transpose(Tensor x) => Tensor.Apply(new TransposeRule([1, 0]), x);

    internal static Func<Tensor, Tensor> Pulled(Func<Tensor, Tensor> value, Func<Tensor, Tensor, Tensor, Tensor> pull) => Diff.WithRule(value, pull: pull);

    /// <summary>Disagrees, says so within a second of the processor's time (the best of five tries: the first ones compile), and its diagnosis holds the words.</summary>
    internal static void IsNamed(Func<CheckReport> check, params string[] words)
    {
        var report = check();
        var best = double.PositiveInfinity;
        for (var k = 0; k < 5 && best >= 1; k++) best = Math.Min(best, Measured.Seconds(() => report = check()));
        Assert.True(best < 1, $"{best} s");
        Assert.True(report.Outcome == CheckOutcome.Disagrees, report.ToString());
        foreach (var word in words) Assert.Contains(word, report.Diagnosis.Length > 0 ? report.Diagnosis : report.Reason);
    }

    internal static void Agrees(CheckReport report) => Assert.True(report.Passed, report.ToString());

    internal static bool AllFinite(params double[] xs) => xs.All(double.IsFinite);
}

using System;
using System.Numerics;
using Xunit;

namespace DiffLib.Api.Tests.ScalarPrograms;

/// <summary>Compiled functions as a part of functions that are differentiated, and programs that repeat themselves.</summary>
public sealed class CompiledInsideTests
{
    private static readonly double[] At = [0.3, -1.2, 2.5];
    private static readonly CompiledScalarFunction Compiled = Diff.Compile(Inner, at: At);

    private static T Inner<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => T.Exp(x[0]) * T.Sin(x[1]) + x[2] * x[2] / (T.One + x[0] * x[0]);

    private static T Outer<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => x[0] * Inner<T>([x[1] * x[2], x[0], x[0] - x[2]]) + Inner(x);

    [Fact]
    public void A_gradient_goes_back_through_a_compiled_function()
    {
        var (value, gradient) = Diff.ValueAndGradient<double>(x => x[0] * Compiled.Value([x[1] * x[2], x[0], x[0] - x[2]]) + Compiled.Value(x), At);
        Assert.Equal(Outer<double>(At), value, 1e-14);
        Close(Diff.Gradient<double>(Outer, At), gradient);
    }

    [Fact]
    public void A_derivative_goes_forward_through_a_compiled_function()
    {
        double[] direction = [1, -0.5, 0.25];
        var slope = Diff.DirectionalDerivative<double>(x => x[0] * Compiled.Value([x[1] * x[2], x[0], x[0] - x[2]]) + Compiled.Value(x), At, direction);
        Assert.Equal(Diff.DirectionalDerivative<double>(Outer, At, direction), slope, 1e-13);
    }

    [Theory]
    [InlineData(BatchLayout.BySample)]
    [InlineData(BatchLayout.ByNumber)]
    public void A_batch_inside_a_derivative_has_the_derivatives_of_single_calls(BatchLayout layout)
    {
        const int samples = 70;
        var gradient = Diff.Gradient<double>(x => Sum(x, layout, samples), At);
        var expected = Diff.Gradient<double>(
            x =>
            {
                Reverse<double> sum = 0;
                for (var s = 0; s < samples; s++) sum += (s + 1) * Inner<Reverse<double>>([x[0] * s / samples, x[1], 2]);
                return sum;
            },
            At);
        Close(expected, gradient);

        double[] direction = [0.5, 2, -1];
        var slope = Diff.DirectionalDerivative<double>(x => Sum(x, layout, samples), At, direction);
        Assert.Equal(expected[0] * direction[0] + expected[1] * direction[1] + expected[2] * direction[2], slope, 1e-10 * Math.Abs(slope));
    }

    private static Reverse<double> Sum(ReadOnlySpan<Reverse<double>> x, BatchLayout layout, int samples)
    {
        var values = new Reverse<double>[samples];
        Compiled.ValueBatch(Points(x, layout, samples), values, layout);
        return Weighted<Reverse<double>>(values);
    }

    private static Dual<double> Sum(ReadOnlySpan<Dual<double>> x, BatchLayout layout, int samples)
    {
        var values = new Dual<double>[samples];
        Compiled.ValueBatch(Points(x, layout, samples), values, layout);
        return Weighted<Dual<double>>(values);
    }

    private static T[] Points<T>(ReadOnlySpan<T> x, BatchLayout layout, int samples) where T : IFloatingPointIeee754<T>
    {
        var points = new T[3 * samples];
        for (var s = 0; s < samples; s++)
        {
            T[] point = [x[0] * T.CreateChecked(s) / T.CreateChecked(samples), x[1], T.CreateChecked(2)];
            for (var k = 0; k < 3; k++) points[layout == BatchLayout.BySample ? 3 * s + k : k * samples + s] = point[k];
        }

        return points;
    }

    private static T Weighted<T>(ReadOnlySpan<T> values) where T : IFloatingPointIeee754<T>
    {
        var sum = T.Zero;
        for (var s = 0; s < values.Length; s++) sum += T.CreateChecked(s + 1) * values[s];
        return sum;
    }

    [Fact]
    public void Constants_alone_give_a_constant()
    {
        var gradient = Diff.Gradient<double>(x => x[0] * Compiled.Value([0.3, -1.2, (Reverse<double>)2.5]), [4.0]);
        Assert.Equal(Inner<double>(At), gradient[0], 1e-14);
    }

    [Fact]
    public void Numbers_of_another_call_are_refused()
    {
        Reverse<double> kept = default;
        Diff.Gradient<double>(x => kept = x[0] * x[0], [3.0]);
        Assert.Throws<DerivativeScopeException>(() => Diff.Gradient<double>(x => Compiled.Value([x[0], kept, x[0]]), [1.0]));
        Dual<double> keptDual = default;
        Diff.Derivative((Dual<double> x) => keptDual = x * x, 3.0);
        Assert.Throws<DerivativeScopeException>(() => Diff.Derivative((Dual<double> x) => Compiled.Value([x, keptDual, x]), 1.0));
    }

    [Fact]
    public void A_wrong_number_of_inputs_is_named()
    {
        var e = Assert.Throws<ArgumentException>(() => Diff.Gradient<double>(x => Compiled.Value(x), [1.0]));
        Assert.Equal("x", e.ParamName);
        e = Assert.Throws<ArgumentException>(() => Diff.Gradient<double>(
            x =>
            {
                Compiled.ValueBatch(x, new Reverse<double>[2]);
                return x[0];
            },
            [1.0, 2.0, 3.0]));
        Assert.Equal("inputs", e.ParamName);
    }

    [Fact]
    public void Data_of_a_compiled_function_may_not_carry_a_derivative()
    {
        var withData = Diff.Compile(Inner, at: At, data: 1);
        Close(Diff.Gradient<double>(x => Inner<Reverse<double>>([x[0], x[1], 2.5]), [0.4, 0.5]), Diff.Gradient<double>(x => withData.Value([x[0], x[1], (Reverse<double>)2.5]), [0.4, 0.5]));
        Assert.Throws<ArgumentException>(() => Diff.Gradient<double>(x => withData.Value(x), At));
        Assert.Throws<ArgumentException>(() => Diff.Derivative((Dual<double> x) => withData.Value([1, 2, x]), 1.0));
    }

    [Fact]
    public void A_program_can_keep_what_is_written_twice()
    {
        static T Twice<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => T.Sin(x[0] * x[1]) + T.Sin(x[0] * x[1]) * x[0];
        double[] at = [0.7, 1.1];
        var merged = Diff.Compile(Twice, at);
        var kept = Diff.Compile(Twice, at, new() { MergeRepeated = false });
        Assert.Equal(4, merged.OperationCount());
        Assert.Equal(6, kept.OperationCount());
        Assert.True(kept.OperationCount(1) > merged.OperationCount(1));
        Assert.Equal(merged.Value(at), kept.Value(at));
        double[] g = new double[2], h = new double[2], many = new double[2 * 100], gradients = new double[2 * 100];
        merged.Gradient(at, g);
        kept.Gradient(at, h);
        Close(g, h);
        for (var s = 0; s < 100; s++) at.CopyTo(many, 2 * s);
        kept.ValueAndGradientBatch(many, new double[100], gradients);
        for (var s = 0; s < 100; s++) Assert.Equal(h, gradients[(2 * s)..(2 * s + 2)]);
    }

    private static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var k = 0; k < expected.Length; k++) Assert.Equal(expected[k], actual[k], 1e-12 * Math.Max(1, Math.Abs(expected[k])));
    }
}

using System;
using System.Linq;
using System.Numerics;
using Xunit;

namespace DiffLib.Api.Tests.ScalarPrograms;

/// <summary>Inputs that are data, and the orders in which batches lie.</summary>
public class DataInputTests
{
    /// <summary>A function of three variables and two data: the last two inputs take part, but no derivative is taken by them.</summary>
    private readonly struct Residual : IVectorFunction, IScalarFunction
    {
        public int OutputLength(int inputLength) => 2;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
        {
            y[0] = x[0] * T.Exp(-x[1] * x[3]) + x[2] - x[4];
            y[1] = T.Sin(x[0] * x[4]) * x[2] / (T.One + x[3] * x[3]);
        }

        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            var y = new T[2];
            Invoke(x, y);
            return y[0] * y[0] + y[1];
        }
    }

    private static readonly double[] s_at = [0.7, 0.3, -0.4, 1.2, 0.5];

    private static double[] Points(int samples, int numbers) => [.. Enumerable.Range(0, samples * numbers).Select(k => Math.Sin(0.7 * k) + 0.3 * Math.Cos(1.9 * k))];

    [Fact]
    public void The_Jacobian_has_the_columns_of_the_variables_only()
    {
        var all = Diff.CompileVector(new Residual(), s_at);
        var some = Diff.CompileVector(new Residual(), s_at, data: 2);
        Assert.Equal((5, 3, 2), (some.Inputs, some.Variables, some.Outputs));
        Assert.Equal(5, all.Variables);
        double[] y = new double[2], full = new double[10], jacobian = new double[6];
        all.Jacobian(s_at, full);
        some.ValueAndJacobian(s_at, y, jacobian);
        for (var row = 0; row < 2; row++)
            for (var k = 0; k < 3; k++) Assert.Equal(full[5 * row + k], jacobian[3 * row + k], 1e-15);
        var batch = new double[12];
        some.ValueAndJacobianBatch(2, [.. s_at, .. s_at], new double[4], batch);
        Assert.Equal([.. jacobian, .. jacobian], batch);
    }

    [Fact]
    public void Gradient_and_Hessian_are_taken_by_the_variables_only()
    {
        var all = Diff.Compile(new Residual(), s_at);
        var some = Diff.Compile(new Residual(), s_at, data: 2);
        double[] fullGradient = new double[5], fullHessian = new double[25], gradient = new double[3], hessian = new double[9];
        Assert.Equal(all.ValueAndGradient(s_at, fullGradient), some.ValueAndGradient(s_at, gradient));
        all.Hessian(s_at, fullHessian);
        some.Hessian(s_at, hessian);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(fullGradient[i], gradient[i], 1e-14);
            for (var j = 0; j < 3; j++) Assert.Equal(fullHessian[5 * i + j], hessian[3 * i + j], 1e-13);
        }

        double[] values = new double[1], gradients = new double[3], hessians = new double[9];
        some.HessianBatch(s_at, values, gradients, hessians, BatchLayout.ByNumber);
        Assert.Equal(gradient, gradients);
        Assert.Equal(hessian, hessians);
    }

    [Fact]
    public void All_inputs_may_be_data()
    {
        var f = Diff.CompileVector(new Residual(), s_at, data: 5);
        double[] y = new double[2], alone = new double[2];
        f.ValueAndJacobian(s_at, y, []);
        f.Value(s_at, alone);
        Assert.Equal(alone, y);
    }

    [Fact]
    public void A_point_where_a_zero_absorbs_an_infinite_slope_has_the_derivatives_of_its_variables()
    {
        // the square root of a datum that is 0, times a variable that is chosen away
        var f = Diff.Compile((ReadOnlySpan<Traced> x) => Diff.WhereLess(x[1], Traced.One, x[0], x[0] * Traced.Sqrt(x[0] - x[0] + x[1] - x[1])), [2.0, 0.0], data: 1);
        var gradient = new double[1];
        Assert.Equal(2, f.ValueAndGradient([2.0, 0.0], gradient));
        Assert.Equal(1, gradient[0]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    public void More_data_than_inputs_is_refused(int data)
    {
        Assert.Equal("data", Assert.Throws<ArgumentOutOfRangeException>(() => Diff.CompileVector(new Residual(), s_at, data: data)).ParamName);
        Assert.Equal("data", Assert.Throws<ArgumentOutOfRangeException>(() => Diff.Compile(new Residual(), s_at, data: data)).ParamName);
    }

    [Fact]
    public void Room_for_derivatives_by_the_data_is_refused()
    {
        var f = Diff.CompileVector(new Residual(), s_at, data: 2);
        Assert.Equal("jacobian", Assert.Throws<ArgumentException>(() => f.Jacobian(s_at, new double[10])).ParamName);
        Assert.Equal("jacobians", Assert.Throws<ArgumentException>(() => f.ValueAndJacobianBatch(1, s_at, new double[2], new double[10])).ParamName);
    }

    [Fact]
    public void Batches_of_any_size_and_order_have_the_bits_of_single_calls()
    {
        var f = Diff.CompileVector(new Residual(), s_at, data: 2);
        foreach (var samples in new[] { 1, 2, 3, 4, 5, 7, 63, 64, 65, 511, 512, 700, 1025, 3000 })
        {
            var points = Points(samples, 5);
            double[] y = new double[2 * samples], j = new double[6 * samples], oneY = new double[2], oneJ = new double[6];
            f.ValueAndJacobianBatch(samples, points, y, j);
            double[] turnedY = new double[2 * samples], turnedJ = new double[6 * samples];
            f.ValueAndJacobianBatch(samples, Turned(points, samples, 5), turnedY, turnedJ, BatchLayout.ByNumber);
            Assert.Equal(Turned(y, samples, 2), turnedY);
            Assert.Equal(Turned(j, samples, 6), turnedJ);
            foreach (var s in new[] { 0, samples / 2, samples - 1 })
            {
                f.ValueAndJacobian(points.AsSpan(5 * s, 5), oneY, oneJ);
                Assert.Equal(oneY, y[(2 * s)..(2 * s + 2)]);
                Assert.Equal(oneJ, j[(6 * s)..(6 * s + 6)]);
            }
        }
    }

    private static double[] Turned(double[] x, int samples, int numbers)
    {
        var turned = new double[x.Length];
        for (var s = 0; s < samples; s++)
            for (var k = 0; k < numbers; k++) turned[k * samples + s] = x[s * numbers + k];
        return turned;
    }
}

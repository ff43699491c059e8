using System;
using System.Numerics;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>What the page on generic math shows, compiled and run.</summary>
public class GenericMathSnippets
{
    #region generic-math-energy
    static T Energy<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> =>
        T.Exp(-x[0] * x[0]) + x[0] * T.Sin(x[1]);
    #endregion

    [Fact]
    public void A_method_by_its_name()
    {
        #region generic-math-gradient
        double[] gradient = Diff.Gradient(Energy, at: [0.5, 2.0]);
        double[,] hessian = Diff.Hessian(Energy, at: [0.5, 2.0]);
        #endregion
        Assert.Equal(-2 * 0.5 * Math.Exp(-0.25) + Math.Sin(2), gradient[0], 1e-15);
        Assert.Equal(0.5 * Math.Cos(2), gradient[1], 1e-15);
        Assert.Equal(Math.Cos(2), hessian[0, 1], 1e-15);
    }

    [Fact]
    public void A_closed_method_and_a_lambda()
    {
        #region generic-math-closed
        var (value, gradient) = Diff.ValueAndGradient(Energy<double>, at: [0.5, 2.0]);
        #endregion
        Assert.Equal(Energy<double>([0.5, 2.0]), value);
        Assert.Equal(0.5 * Math.Cos(2), gradient[1], 1e-15);

        #region generic-math-lambda
        double slope = Diff.Derivative((Dual<double> x) => 3 * x * Dual<double>.Sin(x), at: 2.0);
        double[] slopes = Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => x[0] * x[0] / x[1], at: [3.0, 4.0]);
        #endregion
        Assert.Equal(3 * Math.Sin(2) + 6 * Math.Cos(2), slope, 1e-14);
        Assert.Equal([1.5, -0.5625], slopes);
    }

    #region generic-math-struct
    readonly struct Spring(double stiffness, double rest) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T stretch = T.Hypot(x[0], x[1]) - T.CreateChecked(rest);
            return T.CreateChecked(0.5 * stiffness) * stretch * stretch;
        }
    }
    #endregion

    [Fact]
    public void A_struct_with_parameters()
    {
        #region generic-math-spans
        double[] position = [3, 4], force = new double[2];
        double energy = Diff.ValueAndGradient(new Spring(stiffness: 10, rest: 1), position, force);
        #endregion
        Assert.Equal(80, energy, 1e-12);
        Assert.Equal(24, force[0], 1e-12);
        Assert.Equal(32, force[1], 1e-12);
    }

    #region generic-math-field
    static T[] Polar<T>(ReadOnlySpan<T> x) where T : ITrigonometricFunctions<T> =>
        [x[0] * T.Cos(x[1]), x[0] * T.Sin(x[1])];
    #endregion

    [Fact]
    public void A_function_with_several_results()
    {
        #region generic-math-jacobian
        double[] at = [2.0, 0.0];
        double[,] jacobian = Diff.Jacobian(Polar, at);
        double[] pushed = Diff.Jvp(Polar, at, tangent: [1.0, 1.0]);
        double[] pulled = Diff.Vjp(Polar, at, cotangent: [1.0, 1.0]);
        #endregion
        Assert.Equal(new double[,] { { 1, 0 }, { 0, 2 } }, jacobian);
        Assert.Equal([1.0, 2.0], pushed);
        Assert.Equal([1.0, 2.0], pulled);
    }

    #region generic-math-nested
    static T Outer<T>(T x) where T : IFloatingPointIeee754<T> =>
        x * Diff.Derivative((Dual<T> y) => x * y * y, at: T.One);
    #endregion

    readonly struct Bell : IUnivariateFunction
    {
        public T Invoke<T>(T x) where T : IFloatingPointIeee754<T> => T.Exp(-x * x);
    }

    [Fact]
    public void Derivatives_inside_derivatives()
    {
        #region generic-math-nesting
        double slope = Diff.Derivative(Outer, at: 3.0);            // d/dx of 2 x^2
        double fourth = Diff.NthDerivative(new Bell(), 4, at: 0.0); // exp(-x^2), four times
        #endregion
        Assert.Equal(12, slope);
        Assert.Equal(12, fourth);
    }

    [Fact]
    public void A_number_from_another_call_is_refused()
    {
        #region generic-math-escaped
        Dual<double> kept = default;
        Diff.Derivative((Dual<double> x) => kept = x * x, at: 3.0);
        Assert.Throws<DerivativeScopeException>(() => Diff.Derivative((Dual<double> x) => x * kept, at: 1.0));
        double slope = Diff.Derivative((Dual<double> x) => x * Diff.StopGradient(kept), at: 1.0);
        #endregion
        Assert.Equal(9, slope);
    }

    [Fact]
    public void A_compiled_function_alone_and_in_batches()
    {
        #region generic-math-compile
        CompiledScalarFunction energy = Diff.Compile(Energy, at: [0.5, 2.0]);
        double[] x = [0.3, 1.0], gradient = new double[2], hessian = new double[4];
        double value = energy.ValueAndGradient(x, gradient);
        energy.Hessian(x, hessian);
        #endregion
        Assert.Equal(Math.Exp(-0.09) + 0.3 * Math.Sin(1), value, 1e-15);
        Assert.Equal(0.3 * Math.Cos(1), gradient[1], 1e-15);
        Assert.Equal(Math.Cos(1), hessian[1], 1e-15);
        #region generic-math-batch
        double[] points = [0.3, 1.0, 0.4, 1.1, 0.5, 1.2]; // three samples of two numbers
        double[] values = new double[3], gradients = new double[6];
        energy.ValueAndGradientBatch(points, values, gradients);
        #endregion
        Assert.Equal(value, values[0]);
        Assert.Equal(gradient, gradients[..2]);
    }

    #region generic-math-where
    static T Payoff<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> =>
        Diff.WhereLess(x[0], x[1], T.Zero, x[0] - x[1]);
    #endregion

    [Fact]
    public void A_choice_that_is_an_operation()
    {
        CompiledScalarFunction payoff = Diff.Compile(Payoff, at: [1.0, 2.0]);
        Assert.Equal(1, payoff.Value([3.0, 2.0]));
        Assert.Equal(1, payoff.PathCount);
    }
}

using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/implicit.md.</summary>
public class ImplicitSnippets
{
    [Fact]
    public void Roots()
    {
        #region implicit-root
        // the friction factor of a pipe, by Colebrook's equation
        static Tensor Friction(Tensor reynolds) => Diff.Root(
            (Tensor x, Tensor re) => x + 2 * Tensor.Log10(1e-4 / 3.7 + 2.51 / re * x),
            start: Tensor.Scalar(7),
            parameters: reynolds);

        Tensor re = Tensor.Scalar(1e5);
        Tensor x = Friction(re);                            // 1/√f = 7.35
        Tensor slope = Diff.Derivative(Friction, re);
        Tensor curvature = Diff.Derivative(r => Diff.Gradient(Friction, r), re);
        #endregion
        Assert.Equal(0, x.ToDouble() + 2 * Math.Log10(1e-4 / 3.7 + 2.51 / 1e5 * x.ToDouble()), 1e-12);
        Assert.Equal(7.349, x.ToDouble(), 1e-2);
        var h = 10.0;
        Assert.Equal((Friction(re + h) - Friction(re - h)).ToDouble() / (2 * h), slope.ToDouble(), 1e-12);
        Assert.Equal((Diff.Derivative(Friction, re + h) - Diff.Derivative(Friction, re - h)).ToDouble() / (2 * h), curvature.ToDouble(), 1e-15);
    }

    #region implicit-record
    record Circuit(Tensor Resistance, Tensor Saturation, Tensor Voltage);

    // a diode behind a resistor: the voltage at the node, and the current
    static (Tensor Node, Tensor Current) OperatingPoint(Circuit circuit) => Diff.Root<Circuit, (Tensor Node, Tensor Current)>(
        (x, c) => (x.Current * c.Resistance + x.Node - c.Voltage, c.Saturation * (Tensor.Exp(x.Node / 0.6) - 1) - x.Current),
        start: (Tensor.Scalar(0), Tensor.Scalar(0)),
        parameters: circuit);

    static Circuit PowerBy(Circuit circuit) => Diff.Gradient(c => { var (v, i) = OperatingPoint(c); return v * i; }, circuit);
    #endregion

    [Fact]
    public void Records()
    {
        var circuit = new Circuit(Tensor.Scalar(2), Tensor.Scalar(0.1), Tensor.Scalar(5));
        Check.Gradient(c => { var (v, i) = OperatingPoint(c); return v * i; }, circuit);
        Assert.True(PowerBy(circuit).Voltage.ToDouble() > 0);
    }

    [Fact]
    public void Brackets()
    {
        #region implicit-bracket
        // Kepler's equation: the position of a planet on an orbit of eccentricity e
        static Tensor Anomaly(Tensor e) => Diff.Root((Tensor x, Tensor e) => x - e * Tensor.Sin(x) - 1.3, lower: 0, upper: Math.PI, parameters: e);

        Tensor slope = Diff.Derivative(Anomaly, Tensor.Scalar(0.8));
        #endregion
        var x = Anomaly(Tensor.Scalar(0.8)).ToDouble();
        Assert.Equal(Math.Sin(x) / (1 - 0.8 * Math.Cos(x)), slope.ToDouble(), 1e-12);
    }

    [Fact]
    public void FixedPoints()
    {
        var weights = Tensor.FromArray(new double[,] { { 0.4, -0.3 }, { 0.2, 0.5 } });
        var input = Tensor.Of(0.5, -1);
        #region implicit-fixed-point
        Tensor Equilibrium((Tensor W, Tensor Input) p) => Diff.FixedPoint(
            (Tensor x, (Tensor W, Tensor Input) p) => Tensor.Tanh(Tensor.MatMul(p.W, x) + p.Input),
            start: Tensor.Zeros(2),
            parameters: p);

        var gradient = Diff.Gradient(p => Equilibrium(p).Sum(), (weights, input));
        #endregion
        Check.Gradient(p => Equilibrium(p).Sum(), (weights, input));
        Assert.Equal(new Shape(2, 2), gradient.Item1.Shape);
    }

    [Fact]
    public void Minimisers()
    {
        #region implicit-minimize
        Tensor x = Tensor.FromArray(new double[,] { { 1, 0.2 }, { 1, 0.7 }, { 1, 1.1 }, { 1, 1.9 } });
        Tensor y = Tensor.Of(0.3, 0.8, 1.5, 1.6);

        // a fit with a penalty, and how far its error on new data changes with the penalty
        Tensor Fit(Tensor penalty) => Diff.Minimize(
            (Tensor w, Tensor penalty) => Tensor.Square(Tensor.MatMul(x, w) - y).Sum() + penalty * Tensor.Square(w).Sum(),
            start: Tensor.Zeros(2),
            parameters: penalty);
        Tensor Error(Tensor penalty) => Tensor.Square(Tensor.Dot(Fit(penalty), Tensor.Of(1, 1.5)) - 1.55);

        Tensor slope = Diff.Gradient(Error, Tensor.Scalar(0.1));
        #endregion
        Check.Gradient(Error, Tensor.Scalar(0.1));
        Assert.NotEqual(0, slope.ToDouble());
    }

    [Fact]
    public void LinearSystems()
    {
        #region implicit-linear
        // -k u'' + u = b on 1000 points, without a matrix
        static Tensor Product(Tensor u, Tensor k)
        {
            var wide = Tensor.Concat(Tensor.Zeros(1), u, Tensor.Zeros(1));
            return u - k * (wide[2..] - 2 * u + wide[..^2]);
        }

        Tensor b = Tensor.Ones(1000);
        Tensor Mean(Tensor k) => Diff.LinearSolve(Product, b, k, new LinearSolveOptions { Method = LinearSolver.ConjugateGradients }).Mean();

        Tensor slope = Diff.Gradient(Mean, Tensor.Scalar(5));
        #endregion
        const double h = 1e-3;
        Assert.Equal((Mean(Tensor.Scalar(5 + h)) - Mean(Tensor.Scalar(5 - h))).ToDouble() / (2 * h), slope.ToDouble(), 1e-8);
    }
}

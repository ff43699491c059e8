using System;
using System.Collections.Generic;
using System.Numerics;
using Microsoft.FSharp.Core;

namespace DiffLib;

public static partial class Check
{
    // Matrices larger than this are not made whole for the passes that give them whole.
    private const int LargestMatrix = 1 << 18;

    /// <summary>Checks the derivative of a function of one number, written for every number type.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IUnivariateFunction"/>.</param>
    /// <param name="at">Where to check.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="CheckFailedException">The derivative is wrong, or the check was inconclusive.</exception>
    public static CheckReport Derivative<TFunction>(TFunction f, double at, CheckOptions? options = null) where TFunction : IUnivariateFunction =>
        Demand(TryDerivative(f, at, options), options);

    /// <summary>Checks the derivative of a function of one number, written for every number type, and reports.</summary>
    /// <inheritdoc cref="Derivative{TFunction}(TFunction, double, CheckOptions?)"/>
    public static CheckReport TryDerivative<TFunction>(TFunction f, double at, CheckOptions? options = null) where TFunction : IUnivariateFunction
    {
        Require.Function(f);
        return Numbers("Derivative", new UnivariateAsVector<TFunction>(f), [at], 1, options, x => [
            Whole("Diff.Derivative", [Diff.ValueAndDerivative(f, x[0]).Value], [Diff.Derivative(f, x[0])], 1)]);
    }

    /// <summary>Checks the gradient of a function of several numbers, written for every number type: by forward passes, in lanes and by reverse sweeps.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to check.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="CheckFailedException">The gradient is wrong, or the check was inconclusive.</exception>
    public static CheckReport Gradient<TFunction>(TFunction f, ReadOnlySpan<double> at, CheckOptions? options = null) where TFunction : IScalarFunction =>
        Demand(TryGradient(f, at, options), options);

    /// <summary>Checks the gradient of a function of several numbers, written for every number type, and reports.</summary>
    /// <inheritdoc cref="Gradient{TFunction}(TFunction, ReadOnlySpan{double}, CheckOptions?)"/>
    public static CheckReport TryGradient<TFunction>(TFunction f, ReadOnlySpan<double> at, CheckOptions? options = null) where TFunction : IScalarFunction
    {
        Require.Function(f);
        return Numbers("Gradient", new ScalarAsVector<TFunction>(f), at.ToArray(), 1, options, x =>
        {
            var (value, gradient) = Diff.ValueAndGradient<TFunction, double>(f, x);
            return [Whole("Diff.Gradient", [value], gradient, 1)];
        });
    }

    /// <summary>Checks the Jacobian of a function with several results, written for every number type: by forward passes, in lanes and by reverse sweeps.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">Where to check.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="CheckFailedException">A derivative is wrong, or the check was inconclusive.</exception>
    public static CheckReport Jacobian<TFunction>(TFunction f, ReadOnlySpan<double> at, CheckOptions? options = null) where TFunction : IVectorFunction =>
        Demand(TryJacobian(f, at, options), options);

    /// <summary>Checks the Jacobian of a function with several results, written for every number type, and reports.</summary>
    /// <inheritdoc cref="Jacobian{TFunction}(TFunction, ReadOnlySpan{double}, CheckOptions?)"/>
    public static CheckReport TryJacobian<TFunction>(TFunction f, ReadOnlySpan<double> at, CheckOptions? options = null) where TFunction : IVectorFunction
    {
        Require.Function(f);
        return Numbers("Jacobian", f, at.ToArray(), 1, options, _ => []);
    }

    /// <summary>Checks the Hessian of a function of several numbers, written for every number type: its gradient, then the gradient's Jacobian in every nesting.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to check.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="CheckFailedException">A derivative is wrong, or the check was inconclusive.</exception>
    public static CheckReport Hessian<TFunction>(TFunction f, ReadOnlySpan<double> at, CheckOptions? options = null) where TFunction : IScalarFunction =>
        Demand(TryHessian(f, at, options), options);

    /// <summary>Checks the Hessian of a function of several numbers, written for every number type, and reports.</summary>
    /// <inheritdoc cref="Hessian{TFunction}(TFunction, ReadOnlySpan{double}, CheckOptions?)"/>
    public static CheckReport TryHessian<TFunction>(TFunction f, ReadOnlySpan<double> at, CheckOptions? options = null) where TFunction : IScalarFunction
    {
        var gradient = TryGradient(f, at, options);
        if (!gradient.Passed) return gradient;
        return Numbers("Hessian", new GradientAsVector<TFunction>(f), at.ToArray(), 2, options, x =>
        {
            var hessian = new double[x.Length * x.Length];
            Diff.Hessian<TFunction, double>(f, x, hessian);
            return [Whole("Diff.Hessian", Diff.Gradient<TFunction, double>(f, x), hessian, x.Length)];
        });
    }

    private static CheckReport Numbers<TFunction>(string verb, TFunction f, double[] at, int order, CheckOptions? options, Func<double[], CheckSubject.Map[]> further)
        where TFunction : IVectorFunction
    {
        var valid = Valid(options);
        var outputs = f.OutputLength(at.Length);
        CheckSubject.Map[] Modes(double[] x)
        {
            var maps = new List<CheckSubject.Map>();
            if (valid.Modes.HasFlag(CheckModes.Reverse))
                maps.Add(new("reverse", true, Primals<TFunction, Reverse<double>>(f, x, v => new(v), y => y.Primal), FuncConvert.FromFunc<double[], double[]>(w => Diff.Vjp<TFunction, double>(f, x, w))));
            if (valid.Modes.HasFlag(CheckModes.Forward))
            {
                var value = Primals<TFunction, Dual<double>>(f, x, v => new(v), y => y.Primal);
                maps.Add(new("forward", false, value, FuncConvert.FromFunc<double[], double[]>(v => Diff.Jvp<TFunction, double>(f, x, v))));
                if ((long)outputs * x.Length <= LargestMatrix)
                {
                    var lanes = new double[outputs * x.Length];
                    Buffer.BlockCopy(Diff.JacobianForward<TFunction, double>(f, x), 0, lanes, 0, lanes.Length * sizeof(double));
                    maps.Add(Whole("forward in lanes", value, lanes, outputs));
                }
            }

            maps.AddRange(further(x));
            return [.. maps];
        }

        var evaluate = FuncConvert.FromFunc<double[], double[]>(x => Primals<TFunction, double>(f, x, v => v, y => y));
        return Checks.numbers(verb, at, outputs, order, evaluate, FuncConvert.FromFunc<double[], CheckSubject.Map[]>(Modes), valid);
    }

    private static double[] Primals<TFunction, TNumber>(TFunction f, double[] x, Func<double, TNumber> lift, Func<TNumber, double> primal)
        where TFunction : IVectorFunction where TNumber : IFloatingPointIeee754<TNumber>
    {
        var y = new TNumber[f.OutputLength(x.Length)];
        f.Invoke<TNumber>(Array.ConvertAll(x, v => lift(v)), y);
        return Array.ConvertAll(y, v => primal(v));
    }

    /// <summary>A Jacobian given row by row, as a map of tangents.</summary>
    private static CheckSubject.Map Whole(string mode, double[] value, double[] jacobian, int rows) => new(mode, false, value, FuncConvert.FromFunc<double[], double[]>(v =>
    {
        var y = new double[rows];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < v.Length; j++)
                y[i] += jacobian[i * v.Length + j] * v[j];
        return y;
    }));

    private readonly struct UnivariateAsVector<TFunction>(TFunction f) : IVectorFunction where TFunction : IUnivariateFunction
    {
        public int OutputLength(int inputLength) => 1;
        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => y[0] = f.Invoke(x[0]);
    }

    private readonly struct ScalarAsVector<TFunction>(TFunction f) : IVectorFunction where TFunction : IScalarFunction
    {
        public int OutputLength(int inputLength) => 1;
        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => y[0] = f.Invoke(x);
    }

    private readonly struct GradientAsVector<TFunction>(TFunction f) : IVectorFunction where TFunction : IScalarFunction
    {
        public int OutputLength(int inputLength) => inputLength;
        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => Diff.Gradient(f, x).CopyTo(y);
    }
}

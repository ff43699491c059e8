using System;
using System.Collections.Generic;
using System.Numerics;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The saddle point of (x₀² + x₁²) - (y₀² + y₁²): a descent, each step of which is an ascent.</summary>
internal sealed class Saddle : IEval
{
    public string Name => "saddle";

    public IReadOnlyList<string> Functions => ["ff", "fr", "rf", "rr"];

    public Input Example => Input.Of(("start", new[] { 0.25, 0.5 }));

    public IEvaluation Prepare(string function, Input input)
    {
        var start = input.List("start", 2).Data;
        Func<double[]> run = function switch
        {
            "ff" => () => Optimum<ForwardMode, ForwardMode>(start),
            "fr" => () => Optimum<ForwardMode, ReverseMode>(start),
            "rf" => () => Optimum<ReverseMode, ForwardMode>(start),
            _ => () => Optimum<ReverseMode, ReverseMode>(start),
        };
        return new Evaluation<double[]>(run, static y => new ListOutput(y));
    }

    private static double[] Optimum<TOuter, TInner>(double[] start) where TOuter : IMode where TInner : IMode
    {
        double[] x = [.. start], y = [.. start];
        Descent.Minimize<Worst<TOuter, TInner>, double>(new(start), x);
        Descent.Minimize<Against<TInner, double>, double>(new(x[0], x[1]), y);
        return [.. x, .. y];
    }

    /// <summary>x ↦ max over y of φ(x, y), with its derivative through the search for the maximum.</summary>
    private readonly struct Worst<TOuter, TInner>(double[] start) : IObjective<double> where TOuter : IMode where TInner : IMode
    {
        public double Value(ReadOnlySpan<double> x) => new Maximum<TInner>(start).Invoke(x);

        public void Gradient(ReadOnlySpan<double> x, Span<double> gradient) => TOuter.Gradient(new Maximum<TInner>(start), x, gradient);
    }

    /// <summary>The largest φ(x, y) over y.</summary>
    private readonly struct Maximum<TInner>(double[] start) : IScalarFunction where TInner : IMode
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            var memory = default(Few<T>);
            var y = memory.Of(2);
            (y[0], y[1]) = (T.CreateChecked(start[0]), T.CreateChecked(start[1]));
            return -Descent.Minimize<Against<TInner, T>, T>(new(x[0], x[1]), y);
        }
    }

    /// <summary>y ↦ -φ(x, y).</summary>
    private readonly struct Against<TInner, T>(T x0, T x1) : IObjective<T> where TInner : IMode where T : IFloatingPointIeee754<T>
    {
        public T Value(ReadOnlySpan<T> y)
        {
            Span<T> all = [y[0], y[1], x0, x1];
            return new Negative().Invoke<T>(all);
        }

        public void Gradient(ReadOnlySpan<T> y, Span<T> gradient)
        {
            Span<T> all = [y[0], y[1], x0, x1];
            TInner.Gradient<Negative, T>(default, all, gradient);
        }
    }

    /// <summary>-φ. Inputs: y₀, y₁, x₀, x₁.</summary>
    private readonly struct Negative : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> s) where T : IFloatingPointIeee754<T> => s[0] * s[0] + s[1] * s[1] - (s[2] * s[2] + s[3] * s[3]);
    }
}

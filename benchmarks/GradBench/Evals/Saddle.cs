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
            "ff" => Optimum(new CompiledMaximum<ForwardMode>(start), start),
            "fr" => Optimum(new CompiledMaximum<ReverseMode>(start), start),
            "rf" => Optimum(new Maximum<ForwardMode>(start), start),
            _ => Optimum(new Maximum<ReverseMode>(start), start),
        };
        return new Evaluation<double[]>(run, static y => new ListOutput(y));
    }

    private static Func<double[]> Optimum<TMaximum>(TMaximum maximum, double[] start) where TMaximum : IMaximum => () =>
    {
        double[] x = [.. start];
        Descent.Minimize(maximum, x);
        return [.. x, .. maximum.Place(x)];
    };

    /// <summary>x ↦ max over y of φ(x, y), with its gradient through the search for the maximum.</summary>
    private interface IMaximum : IObjective
    {
        /// <summary>The y where the maximum is.</summary>
        double[] Place(double[] x);
    }

    /// <summary>With the gradient in reverse: the whole search is recorded.</summary>
    private sealed class Maximum<TInner>(double[] start) : IMaximum where TInner : IMode
    {
        public double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient) => ReverseMode.ValueAndGradient(new Recorded(start), x, gradient);

        public double[] Place(double[] x) => [.. Search<double>(start, x).AsSpan(0, 2)];

        private static T[] Search<T>(double[] start, ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            var state = new T[DescentLoop<TInner, Negative>.Length];
            (state[2], state[3]) = (x[0], x[1]);
            DescentLoop<TInner, Negative>.Start<T>(state, start);
            Diff.Loop<DescentLoop<TInner, Negative>, T>(default, state);
            return state;
        }

        private readonly struct Recorded(double[] start) : IScalarFunction
        {
            public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => -DescentLoop<TInner, Negative>.ValueIn<T>(Search(start, x));
        }
    }

    /// <summary>The same forward: a step of the search, with what it differentiates inside, is compiled with its derivative.</summary>
    private sealed class CompiledMaximum<TInner> : IMaximum where TInner : IMode
    {
        private readonly double[] _start;
        private readonly CompiledLoop _search;
        private readonly Dual<double>[] _state = new Dual<double>[DescentLoop<TInner, Negative>.Length];

        public CompiledMaximum(double[] start)
        {
            _start = start;
            _search = Diff.CompileLoop(new DescentLoop<TInner, Negative>(), Start([0.5, 0.25]));
        }

        public double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient)
        {
            double value = 0;
            for (var k = 0; k < 2; k++)
            {
                (_state[2], _state[3]) = k == 0 ? (new Dual<double>(x[0], 1), x[1]) : ((Dual<double>)x[0], new Dual<double>(x[1], 1));
                DescentLoop<TInner, Negative>.Start<Dual<double>>(_state, _start);
                _search.Run(_state);
                var maximum = -DescentLoop<TInner, Negative>.ValueIn<Dual<double>>(_state);
                (value, gradient[k]) = (maximum.Primal, maximum.Tangent);
            }

            return value;
        }

        public double[] Place(double[] x)
        {
            var state = Start(x);
            _search.Run(state);
            return state[..2];
        }

        private double[] Start(double[] x)
        {
            var state = new double[DescentLoop<TInner, Negative>.Length];
            (state[2], state[3]) = (x[0], x[1]);
            DescentLoop<TInner, Negative>.Start<double>(state, _start);
            return state;
        }
    }

    /// <summary>-φ. Inputs: y₀, y₁, x₀, x₁.</summary>
    private readonly struct Negative : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> s) where T : IFloatingPointIeee754<T> => s[0] * s[0] + s[1] * s[1] - (s[2] * s[2] + s[3] * s[3]);
    }
}

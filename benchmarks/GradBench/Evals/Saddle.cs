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
            "ff" => Optimum(new ForwardMaximum<ForwardMode>(start), start),
            "fr" => Optimum(new ForwardMaximum<ReverseMode>(start), start),
            "rf" => Optimum(new ReverseMaximum<ForwardMode>(start), start),
            _ => Optimum(new ReverseMaximum<ReverseMode>(start), start),
        };
        return new Evaluation<double[]>(run, static y => new ListOutput(y));
    }

    private static Func<double[]> Optimum<TInner>(Maximum<TInner> maximum, double[] start) where TInner : IMode => () =>
    {
        double[] x = [.. start];
        Descent.Minimize(maximum, x);
        return [.. x, .. maximum.Place(x)];
    };

    /// <summary>x ↦ max over y of φ(x, y), with its gradient through the search for the maximum. A step of the search, with what it differentiates inside, is compiled.</summary>
    private abstract class Maximum<TInner>(double[] start) : IObjective where TInner : IMode
    {
        /// <summary>The search.</summary>
        protected CompiledLoop Search { get; } = Compile(start);

        public abstract double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient);

        /// <summary>The y where the maximum is.</summary>
        public double[] Place(double[] x)
        {
            var state = new double[DescentLoop<TInner, Negative>.Length];
            Start<double>(state, start, x[0], x[1]);
            Search.Run(state);
            return state[..2];
        }

        /// <summary>The maximum, in the state in which the search ends.</summary>
        protected static T ValueIn<T>(ReadOnlySpan<T> state) where T : IFloatingPointIeee754<T> => -DescentLoop<TInner, Negative>.ValueIn(state);

        /// <summary>The state in which the search begins.</summary>
        protected static void Start<T>(Span<T> state, double[] start, T x, T y) where T : IFloatingPointIeee754<T>
        {
            (state[2], state[3]) = (x, y);
            DescentLoop<TInner, Negative>.Start(state, start);
        }

        private static CompiledLoop Compile(double[] start)
        {
            var state = new double[DescentLoop<TInner, Negative>.Length];
            Start<double>(state, start, 0.5, 0.25);
            return Diff.CompileLoop(new DescentLoop<TInner, Negative>(), state);
        }
    }

    /// <summary>With the gradient forward: a search for each derivative.</summary>
    private sealed class ForwardMaximum<TInner>(double[] start) : Maximum<TInner>(start) where TInner : IMode
    {
        private readonly double[] _start = start;
        private readonly Dual<double>[] _state = new Dual<double>[DescentLoop<TInner, Negative>.Length];

        public override double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient)
        {
            double value = 0;
            for (var k = 0; k < 2; k++)
            {
                Start<Dual<double>>(_state, _start, k == 0 ? new Dual<double>(x[0], 1) : x[0], k == 1 ? new Dual<double>(x[1], 1) : x[1]);
                Search.Run(_state);
                var maximum = ValueIn<Dual<double>>(_state);
                (value, gradient[k]) = (maximum.Primal, maximum.Tangent);
            }

            return value;
        }
    }

    /// <summary>With the gradient in reverse, through the states of the whole search.</summary>
    private sealed class ReverseMaximum<TInner>(double[] start) : Maximum<TInner>(start) where TInner : IMode
    {
        private readonly double[] _start = start;
        private readonly Reverse<double>[] _state = new Reverse<double>[DescentLoop<TInner, Negative>.Length];

        public override double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient) => Diff.ValueAndGradient<double>(Value, x, gradient);

        private Reverse<double> Value(ReadOnlySpan<Reverse<double>> x)
        {
            Start(_state, _start, x[0], x[1]);
            Search.Run(_state);
            return ValueIn<Reverse<double>>(_state);
        }
    }

    /// <summary>-φ. Inputs: y₀, y₁, x₀, x₁.</summary>
    private readonly struct Negative : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> s) where T : IFloatingPointIeee754<T> => s[0] * s[0] + s[1] * s[1] - (s[2] * s[2] + s[3] * s[3]);
    }
}

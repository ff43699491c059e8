using System;
using System.Collections.Generic;
using System.Numerics;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>A charged particle falls past two charges; where one of them stands is chosen so that the particle lands near the origin.</summary>
internal sealed class Particle : IEval
{
    public string Name => "particle";

    public IReadOnlyList<string> Functions => ["ff", "fr", "rf", "rr"];

    public Input Example => Input.Of(("w", 0.25));

    public IEvaluation Prepare(string function, Input input)
    {
        var w = input.Number("w");
        IObjective landing = function switch
        {
            "ff" => new ForwardLanding<ForwardMode>(),
            "fr" => new ForwardLanding<ReverseMode>(),
            "rf" => new ReverseLanding<ForwardMode>(),
            _ => new ReverseLanding<ReverseMode>(),
        };
        return new Evaluation<double>(() => Optimum(landing, w), static y => new NumberOutput(y));
    }

    private static double Optimum(IObjective landing, double w)
    {
        Span<double> x = [w];
        Descent.Minimize(landing, x);
        return x[0];
    }

    /// <summary>The squared abscissa of the landing, with its derivative by the charge's place forward. A step of the flight, with what it differentiates inside, is compiled.</summary>
    private sealed class ForwardLanding<TInner> : IObjective where TInner : IMode
    {
        private readonly CompiledLoop _flight = Flight<TInner>.Compile();
        private readonly Dual<double>[] _state = new Dual<double>[Flight<TInner>.Length];

        public double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient)
        {
            Flight<TInner>.Start<Dual<double>>(_state, new(x[0], 1));
            _flight.Run(_state);
            var landing = Flight<TInner>.SquaredLanding<Dual<double>>(_state);
            gradient[0] = landing.Tangent;
            return landing.Primal;
        }
    }

    /// <summary>The same in reverse, through the states of the whole flight.</summary>
    private sealed class ReverseLanding<TInner> : IObjective where TInner : IMode
    {
        private readonly CompiledLoop _flight = Flight<TInner>.Compile();
        private readonly Reverse<double>[] _state = new Reverse<double>[Flight<TInner>.Length];

        public double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient) => Diff.ValueAndGradient<double>(Landing, x, gradient);

        private Reverse<double> Landing(ReadOnlySpan<Reverse<double>> x)
        {
            Flight<TInner>.Start<Reverse<double>>(_state, x[0]);
            _flight.Run(_state);
            return Flight<TInner>.SquaredLanding<Reverse<double>>(_state);
        }
    }

    /// <summary>The flight, step by step, until the next place would be below the axis. State: the place, the charge's parameter, the velocity.</summary>
    private readonly struct Flight<TInner> : ILoop where TInner : IMode
    {
        public const int Length = 5;

        private const double TimeStep = 0.1;

        public static CompiledLoop Compile()
        {
            Span<double> start = new double[Length];
            Start(start, 0.5);
            return Diff.CompileLoop(new Flight<TInner>(), start);
        }

        public static void Start<T>(Span<T> state, T w) where T : IFloatingPointIeee754<T> =>
            (state[0], state[1], state[2], state[3], state[4]) = (T.Zero, T.CreateChecked(8), w, T.CreateChecked(0.75), T.Zero);

        public T Continue<T>(ReadOnlySpan<T> state) where T : IFloatingPointIeee754<T> => state[1] + T.CreateChecked(TimeStep) * state[4];

        public void Step<T>(Span<T> state) where T : IFloatingPointIeee754<T>
        {
            var step = T.CreateChecked(TimeStep);
            Span<T> slope = [T.Zero, T.Zero];
            TInner.ValueAndGradient(new Potential(), state[..3], slope);
            (state[0], state[1]) = (state[0] + step * state[3], state[1] + step * state[4]);
            (state[3], state[4]) = (state[3] - step * slope[0], state[4] - step * slope[1]);
        }

        public static T SquaredLanding<T>(ReadOnlySpan<T> state) where T : IFloatingPointIeee754<T>
        {
            var x = state[0] - state[1] / state[4] * state[3];
            return x * x;
        }
    }

    /// <summary>The potential of the two charges at (x, y), where the first stands at (10, 10 - w). Inputs: x, y, w.</summary>
    private readonly struct Potential : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> s) where T : IFloatingPointIeee754<T>
        {
            var ten = T.CreateChecked(10);
            return T.One / Distance(s[0] - ten, s[1] - (ten - s[2])) + T.One / Distance(s[0] - ten, s[1]);
        }

        private static T Distance<T>(T x, T y) where T : IFloatingPointIeee754<T> => T.Sqrt(x * x + y * y);
    }
}

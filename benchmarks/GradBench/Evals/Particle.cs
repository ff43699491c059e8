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
        Func<double> run = function switch
        {
            "ff" => () => Optimum<ForwardMode, ForwardMode>(w),
            "fr" => () => Optimum<ForwardMode, ReverseMode>(w),
            "rf" => () => Optimum<ReverseMode, ForwardMode>(w),
            _ => () => Optimum<ReverseMode, ReverseMode>(w),
        };
        return new Evaluation<double>(run, static y => new NumberOutput(y));
    }

    private static double Optimum<TOuter, TInner>(double w) where TOuter : IMode where TInner : IMode
    {
        Span<double> x = [w];
        Descent.Minimize<Landing<TOuter, TInner>, double>(default, x);
        return x[0];
    }

    /// <summary>The squared abscissa of the landing, with its derivative by the charge's place.</summary>
    private readonly struct Landing<TOuter, TInner> : IObjective<double> where TOuter : IMode where TInner : IMode
    {
        public double Value(ReadOnlySpan<double> x) => new Flight<TInner>().Invoke(x);

        public void Gradient(ReadOnlySpan<double> x, Span<double> gradient) => TOuter.Gradient(new Flight<TInner>(), x, gradient);
    }

    /// <summary>The flight, step by step, until the particle is below the axis.</summary>
    private readonly struct Flight<TInner> : IScalarFunction where TInner : IMode
    {
        public T Invoke<T>(ReadOnlySpan<T> parameters) where T : IFloatingPointIeee754<T>
        {
            var step = T.CreateChecked(0.1);
            T vx = T.CreateChecked(0.75), vy = T.Zero;
            var (memory, slopeMemory) = (default(Few<T>), default(Few<T>));
            Span<T> state = memory.Of(3), slope = slopeMemory.Of(2);
            (state[0], state[1], state[2]) = (T.Zero, T.CreateChecked(8), parameters[0]);
            while (true)
            {
                T x = state[0] + step * vx, y = state[1] + step * vy;
                if (!(y > T.Zero)) break;
                TInner.Gradient(new Potential(), state, slope);
                vx -= step * slope[0];
                vy -= step * slope[1];
                (state[0], state[1]) = (x, y);
            }

            var landing = state[0] - state[1] / vy * vx;
            return landing * landing;
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

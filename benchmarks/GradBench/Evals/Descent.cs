using System;
using System.Numerics;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>A function of a few variables and its gradient.</summary>
internal interface IObjective
{
    /// <summary>The value; the gradient goes into the span.</summary>
    double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient);
}

/// <summary>Descent along the gradient with a step that doubles after ten successes and halves after a failure.</summary>
internal static class Descent
{
    public const double FirstRate = 1e-5;
    public const double Tolerance = 1e-5;
    public const int Successes = 10;

    /// <summary>Moves <paramref name="x"/> to a minimum.</summary>
    public static void Minimize<TObjective>(TObjective f, Span<double> x) where TObjective : IObjective
    {
        double[] gradient = new double[x.Length], next = new double[x.Length], nextGradient = new double[x.Length];
        var (value, rate, successes) = (f.ValueAndGradient(x, gradient), FirstRate, 0);
        while (Norm(gradient) > Tolerance)
        {
            if (successes == Successes) (rate, successes) = (2 * rate, 0);
            for (var k = 0; k < next.Length; k++) next[k] = x[k] - rate * gradient[k];
            if (Distance(x, next) <= Tolerance) return;
            var there = f.ValueAndGradient(next, nextGradient);
            if (there < value)
            {
                next.CopyTo(x);
                value = there;
                (gradient, nextGradient) = (nextGradient, gradient);
                successes++;
            }
            else
            {
                (rate, successes) = (rate / 2, 0);
            }
        }
    }

    private static double Norm(ReadOnlySpan<double> x)
    {
        double sum = 0;
        foreach (var a in x) sum += a * a;
        return Math.Sqrt(sum);
    }

    private static double Distance(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (var k = 0; k < x.Length; k++) sum += (x[k] - y[k]) * (x[k] - y[k]);
        return Math.Sqrt(sum);
    }
}

/// <summary>The same descent in two variables, of a function that has two parameters besides, as a loop over any number.</summary>
/// <remarks>
/// State: the two variables, the two parameters; the value and the two derivatives; the rate and the successes since it changed. The function's inputs are the first four.
/// </remarks>
internal readonly struct DescentLoop<TMode, TFunction> : ILoop where TMode : IMode where TFunction : struct, IScalarFunction
{
    public const int Length = 9;

    private const int Value = 4, Slope = 5, Rate = 7, Count = 8;

    /// <summary>The state at a starting point.</summary>
    /// <param name="state">Receives it; the two parameters are there already.</param>
    /// <param name="start">The two variables.</param>
    public static void Start<T>(Span<T> state, ReadOnlySpan<double> start) where T : IFloatingPointIeee754<T>
    {
        (state[0], state[1]) = (T.CreateChecked(start[0]), T.CreateChecked(start[1]));
        state[Value] = TMode.ValueAndGradient<TFunction, T>(default, state[..4], state.Slice(Slope, 2));
        (state[Rate], state[Count]) = (T.CreateChecked(Descent.FirstRate), T.Zero);
    }

    /// <summary>The value in a state.</summary>
    public static T ValueIn<T>(ReadOnlySpan<T> state) => state[Value];

    public T Continue<T>(ReadOnlySpan<T> state) where T : IFloatingPointIeee754<T>
    {
        var (x, y) = Next(state, RateIn(state));
        var tolerance = T.CreateChecked(Descent.Tolerance);
        return T.Min(Norm(state[Slope], state[Slope + 1]) - tolerance, Norm(state[0] - x, state[1] - y) - tolerance);
    }

    public void Step<T>(Span<T> state) where T : IFloatingPointIeee754<T>
    {
        var (rate, many) = (RateIn<T>(state), T.CreateChecked(Descent.Successes));
        var (x, y) = Next(state, rate);
        Span<T> point = [x, y, state[2], state[3]], slope = [T.Zero, T.Zero];
        T value = TMode.ValueAndGradient<TFunction, T>(default, point, slope), old = state[Value];
        T Choose(T success, T failure) => Diff.WhereLess(value, old, success, failure);
        (state[0], state[1]) = (Choose(x, state[0]), Choose(y, state[1]));
        (state[Slope], state[Slope + 1]) = (Choose(slope[0], state[Slope]), Choose(slope[1], state[Slope + 1]));
        state[Value] = Choose(value, old);
        state[Rate] = Choose(rate, T.CreateChecked(0.5) * rate);
        state[Count] = Choose(Diff.WhereEqual(state[Count], many, T.One, state[Count] + T.One), T.Zero);
    }

    private static T RateIn<T>(ReadOnlySpan<T> state) where T : IFloatingPointIeee754<T> =>
        Diff.WhereEqual(state[Count], T.CreateChecked(Descent.Successes), T.CreateChecked(2) * state[Rate], state[Rate]);

    private static (T X, T Y) Next<T>(ReadOnlySpan<T> state, T rate) where T : IFloatingPointIeee754<T> =>
        (state[0] - rate * state[Slope], state[1] - rate * state[Slope + 1]);

    private static T Norm<T>(T x, T y) where T : IFloatingPointIeee754<T> => T.Sqrt(x * x + y * y);
}

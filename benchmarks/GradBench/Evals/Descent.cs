using System;
using System.Numerics;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>A function of a few variables and its gradient, over any number.</summary>
internal interface IObjective<T> where T : IFloatingPointIeee754<T>
{
    /// <summary>The value.</summary>
    T Value(ReadOnlySpan<T> x);

    /// <summary>The gradient.</summary>
    void Gradient(ReadOnlySpan<T> x, Span<T> gradient);
}

/// <summary>Descent along the gradient with a step that doubles after ten successes and halves after a failure.</summary>
internal static class Descent
{
    private const double Tolerance = 1e-5;
    private const int Successes = 10;

    /// <summary>Moves <paramref name="x"/> to a minimum.</summary>
    /// <returns>The value there.</returns>
    public static T Minimize<TObjective, T>(TObjective f, Span<T> x) where TObjective : struct, IObjective<T> where T : IFloatingPointIeee754<T>
    {
        T[] gradient = new T[x.Length], next = new T[x.Length];
        T value = f.Value(x), rate = T.CreateChecked(1e-5), two = T.CreateChecked(2), tolerance = T.CreateChecked(Tolerance);
        f.Gradient(x, gradient);
        var successes = 0;
        while (Norm<T>(gradient) > tolerance)
        {
            if (successes == Successes)
            {
                rate *= two;
                successes = 0;
                continue;
            }

            for (var k = 0; k < next.Length; k++) next[k] = x[k] - rate * gradient[k];
            if (Distance<T>(x, next) <= tolerance) return value;
            var there = f.Value(next);
            if (there < value)
            {
                next.CopyTo(x);
                value = there;
                f.Gradient(x, gradient);
                successes++;
            }
            else
            {
                rate /= two;
                successes = 0;
            }
        }

        return value;
    }

    private static T Norm<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        var sum = T.Zero;
        foreach (var a in x) sum += a * a;
        return T.Sqrt(sum);
    }

    private static T Distance<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y) where T : IFloatingPointIeee754<T>
    {
        var sum = T.Zero;
        for (var k = 0; k < x.Length; k++) sum += (x[k] - y[k]) * (x[k] - y[k]);
        return T.Sqrt(sum);
    }
}

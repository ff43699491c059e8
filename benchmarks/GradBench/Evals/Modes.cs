using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>A way to differentiate. Types in place of values: each nesting is compiled by itself.</summary>
internal interface IMode
{
    /// <summary>The value of a function and its gradient by the first of its inputs; the others are held.</summary>
    /// <param name="f">The function.</param>
    /// <param name="at">All of its inputs.</param>
    /// <param name="gradient">Receives the derivatives by as many inputs as it has room for.</param>
    static abstract T ValueAndGradient<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> gradient)
        where TFunction : struct, IScalarFunction where T : IFloatingPointIeee754<T>;
}

/// <summary>Forward mode: an evaluation for each derivative.</summary>
internal readonly struct ForwardMode : IMode
{
    public static T ValueAndGradient<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> gradient)
        where TFunction : struct, IScalarFunction where T : IFloatingPointIeee754<T>
    {
        var buffer = default(Few<Dual<T>>);
        var x = buffer.Of(at.Length);
        for (var k = 0; k < x.Length; k++) x[k] = at[k];
        var value = T.Zero;
        for (var k = 0; k < gradient.Length; k++)
        {
            x[k] = new(at[k], T.One);
            var y = f.Invoke<Dual<T>>(x);
            (value, gradient[k]) = (y.Primal, y.Tangent);
            x[k] = at[k];
        }

        return value;
    }
}

/// <summary>Reverse mode: one evaluation that is recorded, and a sweep back.</summary>
internal readonly struct ReverseMode : IMode
{
    public static T ValueAndGradient<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> gradient)
        where TFunction : struct, IScalarFunction where T : IFloatingPointIeee754<T>
    {
        var buffer = default(Few<T>);
        var all = buffer.Of(at.Length);
        var value = Diff.ValueAndGradient<T>(f.Invoke<Reverse<T>>, at, all);
        all[..gradient.Length].CopyTo(gradient);
        return value;
    }
}

/// <summary>Room for a few numbers, on the stack.</summary>
[InlineArray(Most)]
internal struct Few<T>
{
    public const int Most = 4;

    private T _first;

    /// <summary>The first of them.</summary>
    [UnscopedRef]
    public Span<T> Of(int count) => MemoryMarshal.CreateSpan(ref _first, count <= Most ? count : throw new ArgumentOutOfRangeException(nameof(count)));
}

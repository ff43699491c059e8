using System;
using System.Numerics;

namespace DiffLib;

// Functions come as structs, as delegates over one number type, and as methods to be instantiated again. The derivative
// loops see one shape of each, in which the number type is already chosen.

/// <summary>Several numbers to one, over the number type <typeparamref name="U"/>.</summary>
internal interface IScalarEvaluation<U>
{
    U Evaluate(ReadOnlySpan<U> x);
}

/// <summary>Several numbers to several, over the number type <typeparamref name="U"/>. The result lives until the next call.</summary>
internal interface IVectorEvaluation<U>
{
    ReadOnlySpan<U> Evaluate(ReadOnlySpan<U> x);
}

internal readonly struct ScalarOf<TFunction, U>(TFunction f) : IScalarEvaluation<U>
    where TFunction : IScalarFunction where U : IFloatingPointIeee754<U>
{
    public U Evaluate(ReadOnlySpan<U> x) => f.Invoke(x);
}

internal readonly struct ScalarOf<U>(ScalarFunction<U> f) : IScalarEvaluation<U>
{
    public U Evaluate(ReadOnlySpan<U> x) => f(x);
}

internal readonly struct VectorOf<TFunction, U>(TFunction f, U[] results, int count) : IVectorEvaluation<U>
    where TFunction : IVectorFunction where U : IFloatingPointIeee754<U>
{
    public ReadOnlySpan<U> Evaluate(ReadOnlySpan<U> x)
    {
        Span<U> y = results.AsSpan(0, count);
        y.Clear();
        f.Invoke(x, y);
        return y;
    }
}

internal readonly struct VectorOf<U>(VectorFunction<U> f) : IVectorEvaluation<U>
{
    public ReadOnlySpan<U> Evaluate(ReadOnlySpan<U> x) =>
        f(x) ?? throw new InvalidOperationException("The vector function returned null. Return an array of results, empty if there are none.");
}

/// <summary>Buffers of differentiated numbers that wait, one or two a thread, for the next call.</summary>
internal static class Scratch<U>
{
    private const int Kept = 1 << 16;

    [ThreadStatic] private static U[]? t_first;
    [ThreadStatic] private static U[]? t_second;

    /// <summary>At least <paramref name="length"/> numbers, of any value.</summary>
    public static U[] Take(int length)
    {
        U[]? free = t_first;
        if (free is not null && free.Length >= length)
        {
            t_first = null;
            return free;
        }
        free = t_second;
        if (free is not null && free.Length >= length)
        {
            t_second = null;
            return free;
        }
        return new U[Math.Max(length, 16)];
    }

    /// <summary>Gives a buffer back.</summary>
    public static void Return(U[] buffer)
    {
        if (buffer.Length > Kept) return;
        if (t_first is null) t_first = buffer;
        else t_second = buffer;
    }
}

/// <summary>The sentences about wrong arguments.</summary>
internal static class Require
{
    public static void Function<TFunction>(TFunction f)
    {
        if (!typeof(TFunction).IsValueType && f is null) throw new ArgumentNullException(nameof(f));
    }

    public static void Length(string name, int length, string ofName, int needed)
    {
        if (length != needed)
            throw new ArgumentException($"{name} has {length} numbers, but {ofName} has {needed}: they must be equally long.", name);
    }
}

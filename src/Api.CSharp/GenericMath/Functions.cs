using System;
using System.Numerics;

namespace DiffLib;

/// <summary>A function of one number, written once for every number type, that <see cref="Diff"/> differentiates.</summary>
/// <remarks>Implement it with a readonly struct; its fields are the function's parameters, constants of the derivative.</remarks>
/// <example>
/// <code>
/// readonly struct Damped(double rate) : IUnivariateFunction
/// {
///     public T Invoke&lt;T&gt;(T x) where T : IFloatingPointIeee754&lt;T&gt; => T.Exp(-T.CreateChecked(rate) * x) * T.Cos(x);
/// }
/// double slope = Diff.Derivative(new Damped(0.1), at: 2.0);
/// </code>
/// </example>
public interface IUnivariateFunction
{
    /// <summary>The value at <paramref name="x"/>.</summary>
    T Invoke<T>(T x) where T : IFloatingPointIeee754<T>;
}

/// <summary>A function of several numbers with one result, written once for every number type.</summary>
/// <remarks>Implement it with a readonly struct; its fields are the function's parameters, constants of the derivative.</remarks>
public interface IScalarFunction
{
    /// <summary>The value at <paramref name="x"/>.</summary>
    T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>;
}

/// <summary>A function of several numbers with several results, written once for every number type.</summary>
/// <remarks>Implement it with a readonly struct; its fields are the function's parameters, constants of the derivative.</remarks>
public interface IVectorFunction
{
    /// <summary>How many results there are for so many inputs.</summary>
    int OutputLength(int inputLength);

    /// <summary>Writes the values at <paramref name="x"/> into <paramref name="y"/>, whose length is <see cref="OutputLength"/>.</summary>
    void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>;
}

/// <summary>A function of several numbers with one result, for one number type.</summary>
/// <typeparam name="T">The number type.</typeparam>
/// <param name="x">The inputs.</param>
/// <returns>The value.</returns>
public delegate T ScalarFunction<T>(ReadOnlySpan<T> x);

/// <summary>A function of several numbers with several results, for one number type.</summary>
/// <typeparam name="T">The number type.</typeparam>
/// <param name="x">The inputs.</param>
/// <returns>The values, in an array of their own.</returns>
public delegate T[] VectorFunction<T>(ReadOnlySpan<T> x);

using System;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

/// <summary>
/// The reverse twin of <see cref="Dual{T}"/>: a value that records the operations done with it, so that one sweep back gives
/// the derivatives with respect to all inputs. It implements the standard numeric interfaces; <see cref="Diff"/> instantiates
/// an unchanged generic method with it. It nests: <c>Reverse&lt;Dual&lt;double&gt;&gt;</c> gives Hessians.
/// </summary>
/// <typeparam name="T">The number underneath: double, float, or a differentiated number again.</typeparam>
/// <remarks>
/// <para>Comparison, equality, hashing, predicates, rounding and text look at the <see cref="Primal"/> only: a program takes the
/// same branches with these numbers as with plain ones.</para>
/// <para>A number belongs to the derivative call that made it, and to its thread. Used in another call, after the call has
/// returned, or on another thread, it throws <see cref="DerivativeScopeException"/>; constants mix with all.</para>
/// <para>The rules at kinks and singular points are those of <see cref="Dual{T}"/>, from the same table.</para>
/// <para>Source: B. Speelpenning's reverse accumulation, in A. Griewank and A. Walther, "Evaluating Derivatives", 2nd ed.,
/// SIAM 2008, chapter 3.2.</para>
/// </remarks>
[DebuggerDisplay("{Primal} (node {Index})")]
public readonly partial struct Reverse<T> : IFloatingPointIeee754<Reverse<T>>, IDerivativeCarrier, IStoppable<Reverse<T>>
    where T : IFloatingPointIeee754<T>
{
    private readonly T _primal;
    private readonly ReverseTape<T>? _tape;
    private readonly int _index;
    private readonly int _generation;

    /// <summary>A constant: nothing is recorded for it.</summary>
    /// <param name="primal">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Reverse(T primal) => _primal = primal;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Reverse(T primal, ReverseTape<T> tape, int index, int generation)
    {
        _primal = primal;
        _tape = tape;
        _index = index;
        _generation = generation;
    }

    /// <summary>The value.</summary>
    public T Primal => _primal;

    internal ReverseTape<T>? Tape => _tape;

    internal int Index => _index;

    internal int Generation => _generation;

    bool IDerivativeCarrier.IsExactZero => _tape is null && StrongZero.IsZero(_primal);

    bool IDerivativeCarrier.IsConstant => _tape is null && StrongZero.IsConstant(_primal);

    Reverse<T> IStoppable<Reverse<T>>.Stopped => new(StrongZero.Stop(_primal));

    /// <summary>The number itself.</summary>
    public static Reverse<T> operator +(Reverse<T> value) => value;

    /// <summary>The negative.</summary>
    public static Reverse<T> operator -(Reverse<T> value) => Apply(value, -value._primal, T.NegativeOne);

    /// <summary>The sum.</summary>
    public static Reverse<T> operator +(Reverse<T> left, Reverse<T> right) =>
        Apply(left._primal + right._primal, left, T.One, right, T.One);

    /// <summary>The difference.</summary>
    public static Reverse<T> operator -(Reverse<T> left, Reverse<T> right) =>
        Apply(left._primal - right._primal, left, T.One, right, T.NegativeOne);

    /// <summary>The product.</summary>
    public static Reverse<T> operator *(Reverse<T> left, Reverse<T> right) =>
        Apply(left._primal * right._primal, left, right._primal, right, left._primal);

    /// <summary>The quotient. The slope of 1/x at 0 is -inf.</summary>
    public static Reverse<T> operator /(Reverse<T> left, Reverse<T> right)
    {
        T quotient = left._primal / right._primal;
        T inverse = T.One / right._primal;
        // A recorded program is spared the second division.
        return Apply(quotient, left, inverse, right, Symbolic<T>.Is ? -(quotient * inverse) : -quotient / right._primal);
    }

    /// <summary>The number plus one.</summary>
    public static Reverse<T> operator ++(Reverse<T> value) => value.WithPrimal(value._primal + T.One);

    /// <summary>The number minus one.</summary>
    public static Reverse<T> operator --(Reverse<T> value) => value.WithPrimal(value._primal - T.One);

    /// <summary>The chain rule for a value and a slope already known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Reverse<T> Apply(in Reverse<T> x, T value, T slope) =>
        x._tape is { } tape ? tape.Record(value, x, slope) : new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Reverse<T> Apply(T value, in Reverse<T> a, T slopeA, in Reverse<T> b, T slopeB) =>
        (a._tape ?? b._tape) is { } tape ? tape.Record(value, a, slopeA, b, slopeB) : new(value);

    private static Reverse<T> Map<TRule>(Reverse<T> x) where TRule : struct, IUnaryRule
    {
        TRule.Evaluate(x._primal, out T value, out T slope);
        return Apply(x, value, slope);
    }

    private static Reverse<T> Combine<TRule>(Reverse<T> a, Reverse<T> b) where TRule : struct, IBinaryRule
    {
        TRule.Evaluate(a._primal, b._primal, a._tape is not null, b._tape is not null, out T value, out T slopeA, out T slopeB);
        return Apply(value, a, slopeA, b, slopeB);
    }

    /// <summary>The same derivative at another value: for roundings too fine to have a slope of their own.</summary>
    private Reverse<T> WithPrimal(T primal) => _tape is null ? new(primal) : new(primal, _tape, _index, _generation);
}

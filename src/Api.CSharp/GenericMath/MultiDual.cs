using System;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib;

/// <summary>
/// A dual number with several tangents, one in each lane of a hardware vector: eight for double, sixteen for float. One
/// evaluation gives the derivatives with respect to that many inputs; <see cref="Diff"/> uses it where that is faster.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
/// <remarks>Everything said of <see cref="Dual{T}"/> holds lane by lane, the rules at kinks included.</remarks>
[DebuggerDisplay("{Primal} (tangents {Tangents})")]
public readonly partial struct MultiDual<T> : IFloatingPointIeee754<MultiDual<T>>, IDerivativeCarrier, IStoppable<MultiDual<T>>
    where T : IFloatingPointIeee754<T>
{
    private readonly Vector512<T> _tangents;
    private readonly T _primal;
    private readonly long _tag;

    /// <summary>A constant: its derivatives are zero.</summary>
    /// <param name="primal">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MultiDual(T primal) : this(primal, Vector512<T>.Zero, DiffLib.Tag.Constant) { }

    /// <summary>A number made by hand, for use without <see cref="Diff"/>. It does not mix with the numbers of a derivative call.</summary>
    /// <param name="primal">The value.</param>
    /// <param name="tangents">Its derivatives, one a lane.</param>
    public MultiDual(T primal, Vector512<T> tangents) : this(primal, tangents, DiffLib.Tag.ByHand) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal MultiDual(T primal, Vector512<T> tangents, long tag)
    {
        _primal = primal;
        _tangents = tangents;
        _tag = tag;
    }

    /// <summary>How many tangents a number carries: 8 for double, 16 for float.</summary>
    public static int Lanes => Vector512<T>.Count;

    /// <summary>The value.</summary>
    public T Primal => _primal;

    /// <summary>The derivatives, one a lane.</summary>
    public Vector512<T> Tangents => _tangents;

    internal long Tag => _tag;

    bool IDerivativeCarrier.IsExactZero => T.IsZero(_primal) && Vector512.EqualsAll(_tangents, Vector512<T>.Zero);

    bool IDerivativeCarrier.IsConstant => _tag == DiffLib.Tag.Constant;

    MultiDual<T> IStoppable<MultiDual<T>>.Stopped => new(StrongZero.Stop(_primal));

    /// <summary>The number itself.</summary>
    public static MultiDual<T> operator +(MultiDual<T> value) => value;

    /// <summary>The negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MultiDual<T> operator -(MultiDual<T> value) => new(-value._primal, -value._tangents, value._tag);

    /// <summary>The sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MultiDual<T> operator +(MultiDual<T> left, MultiDual<T> right) =>
        new(left._primal + right._primal, left._tangents + right._tangents, Join(left, right));

    /// <summary>The difference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MultiDual<T> operator -(MultiDual<T> left, MultiDual<T> right) =>
        new(left._primal - right._primal, left._tangents - right._tangents, Join(left, right));

    /// <summary>The product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MultiDual<T> operator *(MultiDual<T> left, MultiDual<T> right) =>
        new(left._primal * right._primal,
            Sum(right._primal, left._tangents, left._primal, right._tangents),
            Join(left, right));

    /// <summary>The quotient. The slope of 1/x at 0 is -inf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MultiDual<T> operator /(MultiDual<T> left, MultiDual<T> right)
    {
        T quotient = left._primal / right._primal;
        Vector512<T> tangents = (left._tangents - right._tangents * quotient) / Vector512.Create(right._primal);
        if (!Vector512.EqualsAll(tangents, tangents))
            tangents = AbsorbingSum(T.One / right._primal, left._tangents, -quotient / right._primal, right._tangents);
        return new(quotient, tangents, Join(left, right));
    }

    /// <summary>The number plus one.</summary>
    public static MultiDual<T> operator ++(MultiDual<T> value) => value.WithPrimal(value._primal + T.One);

    /// <summary>The number minus one.</summary>
    public static MultiDual<T> operator --(MultiDual<T> value) => value.WithPrimal(value._primal - T.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Join(MultiDual<T> left, MultiDual<T> right) => DiffLib.Tag.Join<MultiDual<T>>(left._tag, right._tag);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Sum(T slopeA, Vector512<T> a, T slopeB, Vector512<T> b)
    {
        Vector512<T> sum = a * slopeA + b * slopeB;
        return Vector512.EqualsAll(sum, sum) ? sum : AbsorbingSum(slopeA, a, slopeB, b);
    }

    /// <summary>The sum of products in which a zero absorbs, lane by lane: taken only where the plain sum has a NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> AbsorbingSum(T slopeA, Vector512<T> a, T slopeB, Vector512<T> b) =>
        AbsorbingProduct(slopeA, a) + AbsorbingProduct(slopeB, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> AbsorbingProduct(T slope, Vector512<T> tangents) =>
        T.IsZero(slope)
            ? Vector512<T>.Zero
            : Vector512.ConditionalSelect(Vector512.Equals(tangents, Vector512<T>.Zero), Vector512<T>.Zero, tangents * slope);

    /// <summary>The chain rule for a value and a slope already known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static MultiDual<T> Apply(MultiDual<T> x, T value, T slope)
    {
        Vector512<T> tangents = x._tangents * slope;
        if (!Vector512.EqualsAll(tangents, tangents)) tangents = AbsorbingProduct(slope, x._tangents);
        return new(value, tangents, x._tag);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static MultiDual<T> Map<TRule>(MultiDual<T> x) where TRule : struct, IUnaryRule
    {
        TRule.Evaluate(x._primal, out T value, out T slope);
        return Apply(x, value, slope);
    }

    private static MultiDual<T> Combine<TRule>(MultiDual<T> a, MultiDual<T> b) where TRule : struct, IBinaryRule
    {
        long tag = Join(a, b);
        TRule.Evaluate(a._primal, b._primal, a._tag != 0, b._tag != 0, out T value, out T slopeA, out T slopeB);
        return new(value, Sum(slopeA, a._tangents, slopeB, b._tangents), tag);
    }

    private MultiDual<T> WithPrimal(T primal) => new(primal, _tangents, _tag);
}

using System;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>
/// A dual number: a value and its derivative in one direction, moved through arithmetic together. It implements the standard
/// numeric interfaces, so an unchanged generic method is differentiated by instantiating it with <c>Dual&lt;T&gt;</c>;
/// <see cref="Diff"/> does that for you. It nests: <c>Dual&lt;Dual&lt;double&gt;&gt;</c> carries second derivatives.
/// </summary>
/// <typeparam name="T">The number underneath: double, float, or a differentiated number again.</typeparam>
/// <remarks>
/// <para>Comparison, equality, hashing, predicates, rounding and text look at the <see cref="Primal"/> only: a program takes the
/// same branches with dual numbers as with plain ones.</para>
/// <para>Numbers of one derivative call do not mix with numbers of another call of the same type
/// (<see cref="DerivativeScopeException"/>); constants mix with all.</para>
/// <para>A zero derivative absorbs: 0 * inf is 0 in the chain rule. |x| has slope 0 at 0, equal operands of max and min share
/// the derivative; the page on generic math lists every such point.</para>
/// <para>Source: A. Griewank and A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, chapter 3.</para>
/// </remarks>
[DebuggerDisplay("{Primal} (tangent {Tangent})")]
public readonly partial struct Dual<T> : IFloatingPointIeee754<Dual<T>>, IDerivativeCarrier, IStoppable<Dual<T>>, ISymbolic<Dual<T>>
    where T : IFloatingPointIeee754<T>
{
    private readonly T _primal;
    private readonly T _tangent;
    private readonly long _tag;

    /// <summary>A constant: its derivative is zero.</summary>
    /// <param name="primal">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Dual(T primal) : this(primal, T.Zero, DiffLib.Tag.Constant) { }

    /// <summary>
    /// A dual number made by hand, for use without <see cref="Diff"/>: evaluate a function at
    /// <c>new Dual&lt;double&gt;(x, 1.0)</c> and read <see cref="Tangent"/>. It does not mix with the numbers of a derivative call.
    /// </summary>
    /// <param name="primal">The value.</param>
    /// <param name="tangent">The derivative.</param>
    public Dual(T primal, T tangent) : this(primal, tangent, DiffLib.Tag.ByHand) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Dual(T primal, T tangent, long tag)
    {
        _primal = primal;
        _tangent = tangent;
        _tag = tag;
    }

    /// <summary>The value.</summary>
    public T Primal => _primal;

    /// <summary>The derivative of the value in the direction of the call.</summary>
    public T Tangent => _tangent;

    internal long Tag => _tag;

    bool IDerivativeCarrier.IsExactZero => StrongZero.IsZero(_primal) && StrongZero.IsZero(_tangent);

    bool IDerivativeCarrier.IsConstant => _tag == DiffLib.Tag.Constant && StrongZero.IsConstant(_primal);

    Dual<T> IStoppable<Dual<T>>.Stopped => new(StrongZero.Stop(_primal));

    /// <summary>The number itself.</summary>
    public static Dual<T> operator +(Dual<T> value) => value;

    /// <summary>The negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> operator -(Dual<T> value) => new(-value._primal, -value._tangent, value._tag);

    /// <summary>The sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> operator +(Dual<T> left, Dual<T> right) =>
        right._tag == DiffLib.Tag.Constant
            ? new(left._primal + right._primal, left._tangent, left._tag)
            : new(left._primal + right._primal, StrongZero.Add(left._tangent, right._tangent), Join(left, right));

    /// <summary>The difference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> operator -(Dual<T> left, Dual<T> right) =>
        right._tag == DiffLib.Tag.Constant
            ? new(left._primal - right._primal, left._tangent, left._tag)
            : new(left._primal - right._primal, Symbolic<T>.Is ? StrongZero.Add(left._tangent, -right._tangent) : left._tangent - right._tangent, Join(left, right));

    /// <summary>The product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> operator *(Dual<T> left, Dual<T> right)
    {
        // A constant factor needs one product, not two; where the compiler sees the constant, the test costs nothing.
        T product = left._primal * right._primal;
        if (right._tag == DiffLib.Tag.Constant) return new(product, StrongZero.Product(right._primal, left._tangent), left._tag);
        if (left._tag == DiffLib.Tag.Constant) return new(product, StrongZero.Product(left._primal, right._tangent), right._tag);
        return new(product, StrongZero.Sum(right._primal, left._tangent, left._primal, right._tangent), Join(left, right));
    }

    /// <summary>The quotient. The slope of 1/x at 0 is -inf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Dual<T> operator /(Dual<T> left, Dual<T> right)
    {
        T quotient = left._primal / right._primal;
        if (Symbolic<T>.Is) return new(quotient, SymbolicQuotient(left._tangent, quotient, right), Join(left, right));
        T tangent = (left._tangent - quotient * right._tangent) / right._primal;
        if (T.IsNaN(tangent)) tangent = SingularQuotient(left._tangent, quotient, right);
        return new(quotient, tangent, Join(left, right));
    }

    /// <summary>The number plus one.</summary>
    public static Dual<T> operator ++(Dual<T> value) => value.WithPrimal(value._primal + T.One);

    /// <summary>The number minus one.</summary>
    public static Dual<T> operator --(Dual<T> value) => value.WithPrimal(value._primal - T.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T SingularQuotient(T leftTangent, T quotient, Dual<T> right) =>
        StrongZero.Sum(T.One / right._primal, leftTangent, -quotient / right._primal, right._tangent);

    private static T SymbolicQuotient(T leftTangent, T quotient, Dual<T> right) =>
        StrongZero.Product(T.One / right._primal, StrongZero.Add(leftTangent, StrongZero.Product(-quotient, right._tangent)));

    Dual<T> ISymbolic<Dual<T>>.Choose(CompareOp op, Dual<T> right, Dual<T> yes, Dual<T> no) =>
        new(Choice.Where(op, _primal, right._primal, yes._primal, no._primal), Choice.Where(op, _primal, right._primal, yes._tangent, no._tangent), Join(yes, no));

    Dual<T> ISymbolic<Dual<T>>.Times(Dual<T> tangent) =>
        new(StrongZero.Product(_primal, tangent._primal), StrongZero.Sum(tangent._primal, _tangent, _primal, tangent._tangent), Join(this, tangent));

    Dual<T> ISymbolic<Dual<T>>.Plus(Dual<T> other) =>
        new(StrongZero.Add(_primal, other._primal), StrongZero.Add(_tangent, other._tangent), Join(this, other));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Join(Dual<T> left, Dual<T> right) => DiffLib.Tag.Join<Dual<T>>(left._tag, right._tag);

    /// <summary>The chain rule for a value and a slope already known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Dual<T> Apply(Dual<T> x, T value, T slope) => new(value, StrongZero.Product(slope, x._tangent), x._tag);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Dual<T> Map<TRule>(Dual<T> x) where TRule : struct, IUnaryRule
    {
        TRule.Evaluate(x._primal, out T value, out T slope);
        return Apply(x, value, slope);
    }

    private static Dual<T> Combine<TRule>(Dual<T> a, Dual<T> b) where TRule : struct, IBinaryRule
    {
        long tag = Join(a, b);
        TRule.Evaluate(a._primal, b._primal, a._tag != 0, b._tag != 0, out T value, out T slopeA, out T slopeB);
        return new(value, StrongZero.Sum(slopeA, a._tangent, slopeB, b._tangent), tag);
    }

    private Dual<T> WithPrimal(T primal) => new(primal, _tangent, _tag);
}

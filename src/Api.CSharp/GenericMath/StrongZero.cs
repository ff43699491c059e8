using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

/// <summary>What the number types of this library have in common: they carry a derivative beside their value.</summary>
internal interface IDerivativeCarrier
{
    /// <summary>Whether value and every derivative are zero: the only zero that absorbs.</summary>
    bool IsExactZero { get; }

    /// <summary>Whether the number carries no derivative at any level, so that its value says all.</summary>
    bool IsConstant { get; }
}

/// <summary>A number that can drop every derivative it carries.</summary>
internal interface IStoppable<T>
{
    /// <summary>The value as a constant, at every level.</summary>
    T Stopped { get; }
}

/// <summary>
/// The chain rule's products. A zero absorbs: 0 * inf and 0 * NaN are 0, because what does not reach the result has no
/// derivative, however singular the way is. The price is one comparison that is never taken in ordinary arithmetic: a zero
/// fails to absorb only where the plain product is NaN.
/// </summary>
internal static class StrongZero
{
    /// <summary>slope * tangent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Product<T>(T slope, T tangent) where T : IFloatingPointIeee754<T>
    {
        if (Symbolic<T>.Is) return SymbolicProduct(slope, tangent);
        T product = slope * tangent;
        if (T.IsNaN(product)) product = Absorb(slope, tangent);
        return product;
    }

    /// <summary>slopeA * tangentA + slopeB * tangentB.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum<T>(T slopeA, T tangentA, T slopeB, T tangentB) where T : IFloatingPointIeee754<T>
    {
        if (Symbolic<T>.Is) return Add(SymbolicProduct(slopeA, tangentA), SymbolicProduct(slopeB, tangentB));
        T sum = slopeA * tangentA + slopeB * tangentB;
        if (T.IsNaN(sum)) sum = Absorb(slopeA, tangentA) + Absorb(slopeB, tangentB);
        return sum;
    }

    /// <summary>The sum of two derivatives. In a recorded program a zero leaves no instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T a, T b) where T : IFloatingPointIeee754<T> => Symbolic<T>.Is ? SymbolicSum(a, b) : a + b;

    // A recorded program multiplies plainly; where a product comes out as NaN, the caller goes back to plain numbers and to Absorb. Only zeros
    // that a choice put there, which are met all the time, are products of their own.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T SymbolicProduct<T>(T slope, T tangent) where T : IFloatingPointIeee754<T>
    {
        if (IsZero(slope) || IsZero(tangent)) return T.Zero;
        return slope is ISymbolic<T> symbolic ? symbolic.Times(tangent) : slope * tangent;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T SymbolicSum<T>(T a, T b) where T : IFloatingPointIeee754<T>
    {
        if (IsZero(a)) return b;
        if (IsZero(b)) return a;
        return a is ISymbolic<T> symbolic ? symbolic.Plus(b) : a + b;
    }

    /// <summary>The product in which a zero absorbs.</summary>
    /// <remarks>
    /// Inlined for the runtime's own numbers: a call, even one never made, would force every live value out of the vector
    /// registers on the ordinary path (measured: 1.5 times the cost of a polynomial).
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Absorb<T>(T a, T b) where T : IFloatingPointIeee754<T> =>
        typeof(T) == typeof(double) || typeof(T) == typeof(float)
            ? (T.IsZero(a) || T.IsZero(b) ? T.Zero : a * b)
            : AbsorbNested(a, b);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T AbsorbNested<T>(T a, T b) where T : IFloatingPointIeee754<T> =>
        IsZero(a) || IsZero(b) ? T.Zero : a * b;

    /// <summary>Whether <paramref name="x"/> is zero in value and in every derivative it carries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero<T>(T x) where T : IFloatingPointIeee754<T> =>
        x is IDerivativeCarrier carrier ? carrier.IsExactZero : T.IsZero(x);

    /// <summary><paramref name="x"/> without its derivatives, if it carries any.</summary>
    public static T Stop<T>(T x) where T : IFloatingPointIeee754<T> => x is IStoppable<T> stoppable ? stoppable.Stopped : x;

    /// <summary>Whether <paramref name="x"/> carries no derivative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsConstant<T>(T x) where T : IFloatingPointIeee754<T> =>
        x is not IDerivativeCarrier carrier || carrier.IsConstant;
}

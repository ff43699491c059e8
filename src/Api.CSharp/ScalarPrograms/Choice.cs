using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>What a number that is recorded, or built on one, does where others branch or multiply.</summary>
internal interface ISymbolic<T>
{
    /// <summary><paramref name="yes"/> where this number stands in the relation to <paramref name="right"/>, else <paramref name="no"/>: decided when the program runs.</summary>
    T Choose(CompareOp op, T right, T yes, T no);

    /// <summary>The chain rule's product with this number as the slope.</summary>
    T Times(T tangent);

    /// <summary>The sum of two derivatives, neither of them zero for certain.</summary>
    T Plus(T other);
}

/// <summary>Whether a number type is recorded: <see cref="Traced"/>, or a differentiated number over it. A constant once compiled.</summary>
internal static class Symbolic<T>
{
    private static readonly bool s_is = Contains(typeof(T));

    public static bool Is
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) != typeof(double) && typeof(T) != typeof(float) && s_is;
    }

    private static bool Contains(Type type) =>
        type == typeof(Traced) || (type.IsGenericType && Array.Exists(type.GetGenericArguments(), Contains));
}

/// <summary>A choice between two numbers that a recorded program makes each time it runs, where plain numbers simply branch.</summary>
internal static class Choice
{
    /// <summary>a op b ? yes : no.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Where<T>(CompareOp op, T a, T b, T yes, T no) where T : IFloatingPointIeee754<T>
    {
        if (Symbolic<T>.Is && a is ISymbolic<T> symbolic) return symbolic.Choose(op, b, yes, no);
        return Holds(op, a, b) ? yes : no;
    }

    /// <summary>Whether a op b, for numbers at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<T>(CompareOp op, T a, T b) where T : IFloatingPointIeee754<T> => op switch
    {
        CompareOp.Equal => a == b,
        CompareOp.NotEqual => a != b,
        CompareOp.Less => a < b,
        CompareOp.LessOrEqual => a <= b,
        CompareOp.Greater => a > b,
        _ => a >= b,
    };
}

public static partial class Diff
{
    /// <summary><paramref name="yes"/> where <paramref name="left"/> &lt; <paramref name="right"/>, else <paramref name="no"/>, in any number type.</summary>
    /// <remarks>Like <c>left &lt; right ? yes : no</c> with both branches computed. In a compiled function it is one instruction, where an <c>if</c> makes a path of its own
    /// (see <see cref="CompiledScalarFunction"/>). The branch not taken contributes no derivative, however singular it is.</remarks>
    /// <typeparam name="T">The number type.</typeparam>
    /// <param name="left">The first number compared.</param>
    /// <param name="right">The second number compared.</param>
    /// <param name="yes">The result where the relation holds.</param>
    /// <param name="no">The result elsewhere, also where a NaN is compared.</param>
    public static T WhereLess<T>(T left, T right, T yes, T no) where T : IFloatingPointIeee754<T> => Choice.Where(CompareOp.Less, left, right, yes, no);

    /// <summary><paramref name="yes"/> where <paramref name="left"/> &lt;= <paramref name="right"/>, else <paramref name="no"/>; see <see cref="WhereLess{T}(T, T, T, T)"/>.</summary>
    /// <typeparam name="T">The number type.</typeparam>
    /// <param name="left">The first number compared.</param>
    /// <param name="right">The second number compared.</param>
    /// <param name="yes">The result where the relation holds.</param>
    /// <param name="no">The result elsewhere, also where a NaN is compared.</param>
    public static T WhereLessOrEqual<T>(T left, T right, T yes, T no) where T : IFloatingPointIeee754<T> => Choice.Where(CompareOp.LessOrEqual, left, right, yes, no);

    /// <summary><paramref name="yes"/> where <paramref name="left"/> equals <paramref name="right"/>, else <paramref name="no"/>; see <see cref="WhereLess{T}(T, T, T, T)"/>.</summary>
    /// <typeparam name="T">The number type.</typeparam>
    /// <param name="left">The first number compared.</param>
    /// <param name="right">The second number compared.</param>
    /// <param name="yes">The result where the numbers are equal.</param>
    /// <param name="no">The result elsewhere, also where a NaN is compared.</param>
    public static T WhereEqual<T>(T left, T right, T yes, T no) where T : IFloatingPointIeee754<T> => Choice.Where(CompareOp.Equal, left, right, yes, no);
}

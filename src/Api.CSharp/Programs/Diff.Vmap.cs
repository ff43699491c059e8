using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

public static partial class Diff
{
    /// <summary>
    /// The function over many examples at once: f sees one example, the result takes a stack of them. No loop: each operation inside works on the whole stack.
    /// </summary>
    /// <remarks>Every leaf of an argument has the examples along the given axis; null: the argument is shared by all examples. Every leaf of the result gets them along
    /// <paramref name="outAxis"/>; a result that does not depend on the examples is repeated. A stack of random keys (<c>key.SplitStack(n)</c>) gives each example its own; a key
    /// that is shared draws the same for all. Nests with itself, with every derivative and with Compile:
    /// <c>Diff.Vmap(Diff.Gradient(loss), inAxis: 0)</c> gives the gradient for each example. A question about the elements of an example (ToDouble, an <c>if</c>) is
    /// an error; use <c>Where</c>, <c>Diff.Cond</c>, <c>Diff.While</c>.</remarks>
    /// <typeparam name="TIn">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TOut">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">The function of one example.</param>
    /// <param name="inAxis">The axis of the examples in every leaf of the argument; negative counts from the end.</param>
    /// <param name="outAxis">The axis of the examples in every leaf of the result.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static Func<TIn, TOut> Vmap<TIn, TOut>(Func<TIn, TOut> f, int inAxis = 0, int outAxis = 0)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x => Mapped(Tree.flattenWithKeys(x), _ => inAxis, f, outAxis);
    }

    /// <inheritdoc cref="Vmap{TIn, TOut}(Func{TIn, TOut}, int, int)"/>
    /// <param name="f">The function of one example.</param>
    /// <param name="axis1">The axis of the examples in the first argument; null if it is shared.</param>
    /// <param name="axis2">The axis of the examples in the second argument; null if it is shared.</param>
    /// <param name="outAxis">The axis of the examples in every leaf of the result.</param>
    public static Func<T1, T2, TOut> Vmap<T1, T2, TOut>(Func<T1, T2, TOut> f, int? axis1 = 0, int? axis2 = 0, int outAxis = 0)
    {
        ArgumentNullException.ThrowIfNull(f);
        return (x, y) => Mapped(Tree.flattenWithKeys((x, y)), Axes(Count(x), axis1, axis2), ((T1 X, T2 Y) a) => f(a.X, a.Y), outAxis);
    }

    /// <inheritdoc cref="Vmap{T1, T2, TOut}(Func{T1, T2, TOut}, int?, int?, int)"/>
    /// <param name="f">The function of one example.</param>
    /// <param name="axis1">The axis of the examples in the first argument; null if it is shared.</param>
    /// <param name="axis2">The axis of the examples in the second argument; null if it is shared.</param>
    /// <param name="axis3">The axis of the examples in the third argument; null if it is shared.</param>
    /// <param name="outAxis">The axis of the examples in every leaf of the result.</param>
    public static Func<T1, T2, T3, TOut> Vmap<T1, T2, T3, TOut>(Func<T1, T2, T3, TOut> f, int? axis1 = 0, int? axis2 = 0, int? axis3 = 0, int outAxis = 0)
    {
        ArgumentNullException.ThrowIfNull(f);
        return (x, y, z) =>
        {
            var first = Count(x);
            var second = first + Count(y);
            return Mapped(Tree.flattenWithKeys((x, y, z)), k => k < first ? axis1 : k < second ? axis2 : axis3, ((T1 X, T2 Y, T3 Z) a) => f(a.X, a.Y, a.Z), outAxis);
        };
    }

    private static Func<int, int?> Axes(int first, int? axis1, int? axis2) => k => k < first ? axis1 : axis2;

    // Places, not distinct tensors: the same tensor may be an example in one place and shared in another.
    private static int Count<T>(T x) => Tree.flattenWithKeys(x).Met.Length;

    private static TOut Mapped<TIn, TOut>(Tree.Parts<TIn> parts, Func<int, int?> axisOf, Func<TIn, TOut> f, int outAxis) =>
        MapTrees.vmap(
            FuncConvert.FromFunc<TIn, TOut>(x => f(x) ?? throw Functions.NullResult()),
            parts,
            FuncConvert.FromFunc<int, FSharpValueOption<int>>(k => axisOf(k) is { } axis ? FSharpValueOption<int>.NewValueSome(axis) : FSharpValueOption<int>.ValueNone),
            outAxis);
}

using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

public static partial class Diff
{
    /// <summary>The matrix of first derivatives of a function with several results, forward or in reverse, whichever its shape makes cheaper.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    public static T[,] Jacobian<TFunction, T>(TFunction f, ReadOnlySpan<T> at)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        var target = new JacobianTarget<T>(at.Length);
        JacobianByShape(f, at, ref target);
        return target.Array!;
    }

    /// <summary>The matrix of first derivatives of a function with several results, forward or in reverse, whichever its shape makes cheaper, written row by row into a span: repeated calls allocate nothing.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="jacobian">Receives the matrix, row by row; as long as results times inputs.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void Jacobian<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> jacobian)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        var target = new JacobianTarget<T>(at.Length, jacobian);
        JacobianByShape(f, at, ref target);
    }

    /// <summary>The matrix of first derivatives of a function with several results, by one recording and one reverse sweep for each result: best where there are fewer results than inputs.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    [OverloadResolutionPriority(-1)]
    public static T[,] Jacobian<T>(VectorFunction<Reverse<T>> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T> =>
        JacobianReverse(f, at);

    /// <summary>The matrix of first derivatives of a function with several results, forward or in reverse, whichever its shape makes cheaper.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T[,] Jacobian<T>(VectorFunction<T> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T>
    {
        Rebinding.Check(f, typeof(T));
        return VectorDerivatives.ForwardIsCheaper<T>(at.Length, f(at).Length) ? JacobianForward(f, at) : JacobianReverse(f, at);
    }

    /// <summary>The matrix of first derivatives of a function with several results, by forward passes: best where there are fewer inputs than results.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    public static T[,] JacobianForward<TFunction, T>(TFunction f, ReadOnlySpan<T> at)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        var target = new JacobianTarget<T>(at.Length);
        JacobianForwardInto(f, at, ref target);
        return target.Array!;
    }

    /// <summary>The matrix of first derivatives of a function with several results, by forward passes: best where there are fewer inputs than results.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    [OverloadResolutionPriority(-1)]
    public static T[,] JacobianForward<T>(VectorFunction<Dual<T>> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        var target = new JacobianTarget<T>(at.Length);
        VectorDerivatives.ByColumns<VectorOf<Dual<T>>, T>(new(f), at, ref target);
        return target.Array!;
    }

    /// <summary>The matrix of first derivatives of a function with several results, by forward passes: best where there are fewer inputs than results.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T[,] JacobianForward<T>(VectorFunction<T> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T>
    {
        Rebinding.Check(f, typeof(T));
        var target = new JacobianTarget<T>(at.Length);
        if (Lanes<T>.Useful) VectorDerivatives.ByLanes<VectorOf<MultiDual<T>>, T>(new(Closed<T, MultiDual<T>>(f)), at, ref target);
        else VectorDerivatives.ByColumns<VectorOf<Dual<T>>, T>(new(Closed<T, Dual<T>>(f)), at, ref target);
        return target.Array!;
    }

    /// <summary>The matrix of first derivatives of a function with several results, by one recording and one reverse sweep for each result: best where there are fewer results than inputs.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    public static T[,] JacobianReverse<TFunction, T>(TFunction f, ReadOnlySpan<T> at)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        var target = new JacobianTarget<T>(at.Length);
        JacobianReverseInto(f, at, ref target);
        return target.Array!;
    }

    /// <summary>The matrix of first derivatives of a function with several results, by one recording and one reverse sweep for each result: best where there are fewer results than inputs.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    [OverloadResolutionPriority(-1)]
    public static T[,] JacobianReverse<T>(VectorFunction<Reverse<T>> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        var target = new JacobianTarget<T>(at.Length);
        VectorDerivatives.ByReverse<VectorOf<Reverse<T>>, T>(new(f), at, ref target);
        return target.Array!;
    }

    /// <summary>The matrix of first derivatives of a function with several results, by one recording and one reverse sweep for each result: best where there are fewer results than inputs.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Row i, column j: the derivative of result i with respect to input j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T[,] JacobianReverse<T>(VectorFunction<T> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T>
    {
        Rebinding.Check(f, typeof(T));
        return JacobianReverse(Closed<T, Reverse<T>>(f), at);
    }

    /// <summary>The matrix of first derivatives times a tangent (pushed forward), by one evaluation: the matrix is never made.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="tangent">The change of the inputs, as long as <paramref name="at"/>.</param>
    /// <returns>The change of each result.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static T[] Jvp<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ReadOnlySpan<T> tangent)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        Require.Length(nameof(tangent), tangent.Length, nameof(at), at.Length);
        int outputs = f.OutputLength(at.Length);
        Dual<T>[] results = Scratch<Dual<T>>.Take(outputs);
        try
        {
            return VectorDerivatives.Push<VectorOf<TFunction, Dual<T>>, T>(new(f, results, outputs), at, tangent);
        }
        finally
        {
            Scratch<Dual<T>>.Return(results);
        }
    }

    /// <summary>The matrix of first derivatives times a tangent (pushed forward), by one evaluation: the matrix is never made.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="tangent">The change of the inputs, as long as <paramref name="at"/>.</param>
    /// <returns>The change of each result.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [OverloadResolutionPriority(2)] // before Jvp of trees, for whose array overload C# mistakes a method over spans
    public static T[] Jvp<T>(VectorFunction<Dual<T>> f, ReadOnlySpan<T> at, ReadOnlySpan<T> tangent)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(f);
        Require.Length(nameof(tangent), tangent.Length, nameof(at), at.Length);
        return VectorDerivatives.Push<VectorOf<Dual<T>>, T>(new(f), at, tangent);
    }

    /// <summary>The matrix of first derivatives times a tangent (pushed forward), by one evaluation: the matrix is never made.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="tangent">The change of the inputs, as long as <paramref name="at"/>.</param>
    /// <returns>The change of each result.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(1)]
    public static T[] Jvp<T>(VectorFunction<T> f, ReadOnlySpan<T> at, ReadOnlySpan<T> tangent)
        where T : IFloatingPointIeee754<T>
    {
        Rebinding.Check(f, typeof(T));
        return Jvp(Closed<T, Dual<T>>(f), at, tangent);
    }

    /// <summary>A cotangent times the matrix of first derivatives (pulled back), by one recording and one sweep: the matrix is never made.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="cotangent">The weight of each result, as many as there are results.</param>
    /// <returns>The derivative of the weighted sum of results with respect to each input.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static T[] Vjp<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ReadOnlySpan<T> cotangent)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        int outputs = f.OutputLength(at.Length);
        Require.Length(nameof(cotangent), cotangent.Length, "the function's result", outputs);
        Reverse<T>[] results = Scratch<Reverse<T>>.Take(outputs);
        try
        {
            return VectorDerivatives.Pull<VectorOf<TFunction, Reverse<T>>, T>(new(f, results, outputs), at, cotangent);
        }
        finally
        {
            Scratch<Reverse<T>>.Return(results);
        }
    }

    /// <summary>A cotangent times the matrix of first derivatives (pulled back), by one recording and one sweep: the matrix is never made.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="cotangent">The weight of each result, as many as there are results.</param>
    /// <returns>The derivative of the weighted sum of results with respect to each input.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [OverloadResolutionPriority(-1)]
    public static T[] Vjp<T>(VectorFunction<Reverse<T>> f, ReadOnlySpan<T> at, ReadOnlySpan<T> cotangent)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(f);
        return VectorDerivatives.Pull<VectorOf<Reverse<T>>, T>(new(f), at, cotangent);
    }

    /// <summary>A cotangent times the matrix of first derivatives (pulled back), by one recording and one sweep: the matrix is never made.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="cotangent">The weight of each result, as many as there are results.</param>
    /// <returns>The derivative of the weighted sum of results with respect to each input.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T[] Vjp<T>(VectorFunction<T> f, ReadOnlySpan<T> at, ReadOnlySpan<T> cotangent)
        where T : IFloatingPointIeee754<T>
    {
        Rebinding.Check(f, typeof(T));
        return Vjp(Closed<T, Reverse<T>>(f), at, cotangent);
    }

    private static void JacobianByShape<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ref JacobianTarget<T> target)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        if (VectorDerivatives.ForwardIsCheaper<T>(at.Length, f.OutputLength(at.Length))) JacobianForwardInto(f, at, ref target);
        else JacobianReverseInto(f, at, ref target);
    }

    private static void JacobianForwardInto<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ref JacobianTarget<T> target)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        if (Lanes<T>.Useful) JacobianByLanes(f, at, ref target);
        else JacobianByColumns(f, at, ref target);
    }

    private static void JacobianByLanes<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ref JacobianTarget<T> target)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        int outputs = f.OutputLength(at.Length);
        MultiDual<T>[] results = Scratch<MultiDual<T>>.Take(outputs);
        try
        {
            VectorDerivatives.ByLanes<VectorOf<TFunction, MultiDual<T>>, T>(new(f, results, outputs), at, ref target);
        }
        finally
        {
            Scratch<MultiDual<T>>.Return(results);
        }
    }

    private static void JacobianByColumns<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ref JacobianTarget<T> target)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        int outputs = f.OutputLength(at.Length);
        Dual<T>[] results = Scratch<Dual<T>>.Take(outputs);
        try
        {
            VectorDerivatives.ByColumns<VectorOf<TFunction, Dual<T>>, T>(new(f, results, outputs), at, ref target);
        }
        finally
        {
            Scratch<Dual<T>>.Return(results);
        }
    }

    private static void JacobianReverseInto<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ref JacobianTarget<T> target)
        where TFunction : IVectorFunction where T : IFloatingPointIeee754<T>
    {
        int outputs = f.OutputLength(at.Length);
        Reverse<T>[] results = Scratch<Reverse<T>>.Take(outputs);
        try
        {
            VectorDerivatives.ByReverse<VectorOf<TFunction, Reverse<T>>, T>(new(f, results, outputs), at, ref target);
        }
        finally
        {
            Scratch<Reverse<T>>.Return(results);
        }
    }

    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    private static VectorFunction<TNumber> Closed<T, TNumber>(VectorFunction<T> f) =>
        Rebinding.To<VectorFunction<TNumber>, T>(f, typeof(TNumber));
}

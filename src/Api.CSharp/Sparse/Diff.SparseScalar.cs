using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DiffLib;

public static partial class Diff
{
    /// <summary>Where the Jacobian of a generic method may differ from zero, on the path that it takes at a point.</summary>
    /// <param name="f">The bare name of a generic method, <c>static T[] F&lt;T&gt;(ReadOnlySpan&lt;T&gt; x) where T : IFloatingPointIeee754&lt;T&gt;</c> (or a narrower constraint), or a lambda over <see cref="Traced"/>.</param>
    /// <param name="at">The point: its length is the number of inputs, and its numbers decide branches.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have.</exception>
    [OverloadResolutionPriority(-1)]
    public static SparsityPattern SparsityOf(VectorFunction<Traced> f, ReadOnlySpan<double> at) => CompileSparseJacobian(f, at).Pattern;

    /// <summary>Where the Hessian of a generic method may differ from zero, on the path that it takes at a point; symmetric.</summary>
    /// <param name="f">The bare name of a generic method, <c>static T F&lt;T&gt;(ReadOnlySpan&lt;T&gt; x) where T : IFloatingPointIeee754&lt;T&gt;</c> (or a narrower constraint), or a lambda over <see cref="Traced"/>.</param>
    /// <param name="at">The point: its length is the number of inputs, and its numbers decide branches.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have.</exception>
    [OverloadResolutionPriority(-1)]
    public static SparsityPattern HessianSparsityOf(ScalarFunction<Traced> f, ReadOnlySpan<double> at) => CompileSparseHessian(f, at).Pattern;

    /// <summary>The sparse Jacobian of a generic method as a function of the point: recorded, its pattern found and coloured, and compiled once for each path.</summary>
    /// <param name="f">The bare name of a generic method, <c>static T[] F&lt;T&gt;(ReadOnlySpan&lt;T&gt; x) where T : IFloatingPointIeee754&lt;T&gt;</c> (or a narrower constraint), or a lambda over <see cref="Traced"/>.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">The pattern if it is known, and how to compute; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException">The given pattern is of another size, or lacks a place that differs from zero (if that is checked).</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have, or gives different numbers of results.</exception>
    [OverloadResolutionPriority(-1)]
    public static SparseEvaluator CompileSparseJacobian(VectorFunction<Traced> f, ReadOnlySpan<double> at, SparseOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        return new(new SparsePaths(x => f(x), at, options ?? new(), isHessian: false));
    }

    /// <inheritdoc cref="CompileSparseJacobian(VectorFunction{Traced}, ReadOnlySpan{double}, SparseOptions)"/>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">The pattern if it is known, and how to compute; null for the defaults.</param>
    public static SparseEvaluator CompileSparseJacobian<TFunction>(TFunction f, ReadOnlySpan<double> at, SparseOptions? options = null)
        where TFunction : IVectorFunction
    {
        Require.Function(f);
        return new(new SparsePaths(x =>
        {
            var y = new Traced[f.OutputLength(x.Length)];
            f.Invoke<Traced>(x, y);
            return y;
        }, at, options ?? new(), isHessian: false));
    }

    /// <inheritdoc cref="CompileSparseJacobian(VectorFunction{Traced}, ReadOnlySpan{double}, SparseOptions)"/>
    /// <param name="f">A generic method closed over double, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">The pattern if it is known, and how to compute; null for the defaults.</param>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static SparseEvaluator CompileSparseJacobian(VectorFunction<double> f, ReadOnlySpan<double> at, SparseOptions? options = null)
    {
        Rebinding.Check(f, typeof(double));
        return CompileSparseJacobian(Closed<double, Traced>(f), at, options);
    }

    /// <summary>The sparse Hessian of a generic method as a function of the point: recorded, its pattern found and coloured, and compiled once for each path. The results
    /// beside it are the gradient.</summary>
    /// <param name="f">The bare name of a generic method, <c>static T F&lt;T&gt;(ReadOnlySpan&lt;T&gt; x) where T : IFloatingPointIeee754&lt;T&gt;</c> (or a narrower constraint), or a lambda over <see cref="Traced"/>.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">The pattern if it is known (one triangle is enough), and how to compute; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException">The given pattern is of another size, or lacks a place that differs from zero (if that is checked).</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have.</exception>
    [OverloadResolutionPriority(-1)]
    public static SparseEvaluator CompileSparseHessian(ScalarFunction<Traced> f, ReadOnlySpan<double> at, SparseOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        return new(new SparsePaths(x => [f(x)], at, options ?? new(), isHessian: true));
    }

    /// <inheritdoc cref="CompileSparseHessian(ScalarFunction{Traced}, ReadOnlySpan{double}, SparseOptions)"/>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">The pattern if it is known (one triangle is enough), and how to compute; null for the defaults.</param>
    public static SparseEvaluator CompileSparseHessian<TFunction>(TFunction f, ReadOnlySpan<double> at, SparseOptions? options = null)
        where TFunction : IScalarFunction
    {
        Require.Function(f);
        return new(new SparsePaths(x => [f.Invoke<Traced>(x)], at, options ?? new(), isHessian: true));
    }

    /// <inheritdoc cref="CompileSparseHessian(ScalarFunction{Traced}, ReadOnlySpan{double}, SparseOptions)"/>
    /// <param name="f">A generic method closed over double, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">The pattern if it is known (one triangle is enough), and how to compute; null for the defaults.</param>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static SparseEvaluator CompileSparseHessian(ScalarFunction<double> f, ReadOnlySpan<double> at, SparseOptions? options = null) =>
        CompileSparseHessian(Closed(f), at, options);
}

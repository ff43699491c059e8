using System;
using DiffLib.Kernels;
using Microsoft.FSharp.Core;

namespace DiffLib;

public static partial class Diff
{
    /// <summary>Where the Jacobian of a function may differ from zero: a row for each element of the result, a column for each of the argument, both row-major.</summary>
    /// <remarks>Found by following the tangent of each element through the traced derivative, without numbers: a place that it lacks is zero at every point. Of a choice
    /// (<c>Where</c>, <c>Diff.Cond</c>) it has the places of both sides; of places that depend on numbers (sorting, indices computed from the argument) those of the whole axis.</remarks>
    /// <param name="f">The function; it is traced as <c>Diff.Compile</c> does.</param>
    /// <param name="at">An argument; only its shape and element type count.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point.</exception>
    /// <exception cref="InvalidOperationException">The result is not floating point, f asks for numbers, or so many places may differ from zero that nothing is sparse.</exception>
    public static SparsityPattern SparsityOf(Func<Tensor, Tensor> f, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return SparseDerivatives.pattern(f.AsFSharp(), at);
    }

    /// <summary>Where the Hessian of a function to one number may differ from zero; symmetric.</summary>
    /// <inheritdoc cref="SparsityOf(Func{Tensor, Tensor}, Tensor)"/>
    public static SparsityPattern HessianSparsityOf(Func<Tensor, Tensor> f, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return SparseDerivatives.hessianPattern(f.AsFSharp(), at);
    }

    /// <summary>The Jacobian in compressed rows, by as many products as there are colours. For one point; prepare for more with
    /// <see cref="CompileSparseJacobian(Func{Tensor, Tensor}, Tensor, SparseOptions)"/>.</summary>
    /// <inheritdoc cref="CompileSparseJacobian(Func{Tensor, Tensor}, Tensor, SparseOptions)"/>
    /// <returns>A row for each element of the result, a column for each of the argument; constants.</returns>
    public static CsrMatrix SparseJacobian(Func<Tensor, Tensor> f, Tensor at, SparseOptions? options = null) =>
        CompileSparseJacobian(f, at, options).Evaluate(at);

    /// <summary>The Hessian of a function to one number in compressed rows, with both triangles. For one point; prepare for more with
    /// <see cref="CompileSparseHessian(Func{Tensor, Tensor}, Tensor, SparseOptions)"/>.</summary>
    /// <inheritdoc cref="CompileSparseHessian(Func{Tensor, Tensor}, Tensor, SparseOptions)"/>
    /// <returns>A row and a column for each element of the argument; constants.</returns>
    public static CsrMatrix SparseHessian(Func<Tensor, Tensor> f, Tensor at, SparseOptions? options = null) => CompileSparseHessian(f, at, options).Evaluate(at);

    /// <summary>The sparse Jacobian as a function of the point: pattern, colours and the program of the products are made here, once.</summary>
    /// <param name="f">Any shape to any shape; it is traced as <c>Diff.Compile</c> does.</param>
    /// <param name="at">An example: its shape and element type (float64 or float32) are those of all points.</param>
    /// <param name="options">The pattern if it is known, and how to compute; null for the defaults.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point, or the given pattern is of another size or lacks a place that differs from zero
    /// (if that is checked).</exception>
    /// <exception cref="InvalidOperationException">The result is not floating point, f asks for numbers, or so many places may differ from zero that nothing is sparse.</exception>
    public static SparseEvaluator CompileSparseJacobian(Func<Tensor, Tensor> f, Tensor at, SparseOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        options ??= new();
        return Prepared("SparseJacobian", f.AsFSharp(), at, KindOf(options.Mode), options);
    }

    /// <summary>The sparse Hessian as a function of the point: pattern, colours and the program of the products are made here, once. The results beside it are the gradient.</summary>
    /// <inheritdoc cref="CompileSparseJacobian(Func{Tensor, Tensor}, Tensor, SparseOptions)"/>
    /// <param name="f">Any shape to one number; it is traced as <c>Diff.Compile</c> does.</param>
    /// <param name="at">An example: its shape and element type (float64 or float32) are those of all points.</param>
    /// <param name="options">The pattern if it is known, and how to compute; null for the defaults.</param>
    public static SparseEvaluator CompileSparseHessian(Func<Tensor, Tensor> f, Tensor at, SparseOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        var core = f.AsFSharp();
        var gradient = FuncConvert.FromFunc<Tensor, Tensor>(x => Derivatives.gradient(core, x));
        return Prepared("SparseHessian", gradient, at, FSharpValueOption<ColoringKind>.NewValueSome(ColoringKind.Symmetric), options ?? new());
    }

    private static SparseEvaluator Prepared(
        string verb, FSharpFunc<Tensor, Tensor> f, Tensor at, FSharpValueOption<ColoringKind> kind, SparseOptions options)
    {
        Sparse.Check(options);
        var given = options.Pattern is null ? FSharpValueOption<SparsityPattern>.None : FSharpValueOption<SparsityPattern>.Some(options.Pattern);
        var jacobian = CompressedJacobian.Of(verb, f, at.Spec, given, kind, options.Order, options.Executor);
        if (options is { CheckPattern: true, Pattern: not null } && jacobian.Missing(jacobian.Demand(at)) is { IsSome: true, Value: var (row, column) })
            throw Sparse.Lacks(row, column);
        return new(new SparseTensorFunction(jacobian));
    }

    private static FSharpValueOption<ColoringKind> KindOf(JacobianMode mode) => mode switch
    {
        JacobianMode.Forward => FSharpValueOption<ColoringKind>.NewValueSome(ColoringKind.Columns),
        JacobianMode.Reverse => FSharpValueOption<ColoringKind>.NewValueSome(ColoringKind.Rows),
        _ => FSharpValueOption<ColoringKind>.None,
    };
}

/// <summary>What both faces of sparse derivatives share.</summary>
internal static class Sparse
{
    public static void Check(SparseOptions options)
    {
        if (!Enum.IsDefined(options.Executor)) throw new ArgumentOutOfRangeException(nameof(options), options.Executor, "the executors are Automatic, Interpreted and Generated.");
        if (!Enum.IsDefined(options.Mode)) throw new ArgumentOutOfRangeException(nameof(options), options.Mode, "the modes are Automatic, Forward and Reverse.");
        if (!Enum.IsDefined(options.Order)) throw new ArgumentOutOfRangeException(nameof(options), options.Order, "the orders are Automatic, Natural and LargestFirst.");
    }

    public static ArgumentException Lacks(int row, int column) => new(
        $"the given pattern lacks the place ({row}, {column}), which is not zero at the example point: other elements would come out wrong. Add the place, or leave the pattern out to have it detected.",
        "options");
}

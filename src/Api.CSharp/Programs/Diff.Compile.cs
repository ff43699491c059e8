using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>How a function is compiled.</summary>
public sealed record CompileOptions
{
    /// <summary>What runs the program: generated code where possible, or tiles without code generation.</summary>
    public ProgramExecutor Executor { get; init; } = ProgramExecutor.Automatic;

    /// <summary>How many programs are kept, one for each signature; beyond it the one not used for the longest time is dropped. At least 1.</summary>
    public int Capacity { get; init; } = 64;

    /// <summary>
    /// Functions of numbers only: whether an operation that the function writes twice, on the same operands, is done once. If not, the program and those of its derivatives do what
    /// the function says as often as it says it: to measure an algorithm as it stands.
    /// </summary>
    public bool MergeRepeated { get; init; } = true;
}

public static partial class Diff
{
    /// <summary>
    /// The function as a program: at the first call with arguments of a signature (shapes, element types, how the tree is built, and everything in it that is not a
    /// tensor) it is traced, simplified and fused; that call and later ones with the same signature run the program.
    /// </summary>
    /// <remarks>The result is a function like any other: it can be differentiated, batched and compiled again. Tracing runs <paramref name="f"/> with tensors that have a
    /// shape but no elements: arithmetic is recorded, everything else happens once, while tracing. A question about elements (an <c>if</c> on a value, ToDouble, a loop bound)
    /// is an error that says so; use <c>Where</c>, <c>Diff.Cond</c>, <c>Diff.While</c>. Tensors and random keys that f refers to from outside become constants of the program: what
    /// changes from call to call is an argument, a key too.
    /// Threads may call it at once; the first calls for one signature trace once. See <see cref="CompiledFunction"/> for what happened.</remarks>
    /// <typeparam name="TIn">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TOut">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">The function.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1, or the executor is not one.</exception>
    public static Func<TIn, TOut> Compile<TIn, TOut>(Func<TIn, TOut> f, CompileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        return new CompiledFunction<TIn, TOut>(f, options ?? new()).Invoke;
    }

    /// <inheritdoc cref="Compile{TIn, TOut}(Func{TIn, TOut}, CompileOptions)"/>
    public static Func<T1, T2, TOut> Compile<T1, T2, TOut>(Func<T1, T2, TOut> f, CompileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        return new CompiledFunction<T1, T2, TOut>(f, options ?? new()).Invoke;
    }

    /// <inheritdoc cref="Compile{TIn, TOut}(Func{TIn, TOut}, CompileOptions)"/>
    public static Func<T1, T2, T3, TOut> Compile<T1, T2, T3, TOut>(Func<T1, T2, T3, TOut> f, CompileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        return new CompiledFunction<T1, T2, T3, TOut>(f, options ?? new()).Invoke;
    }

    /// <inheritdoc cref="Compile{TIn, TOut}(Func{TIn, TOut}, CompileOptions)"/>
    public static Func<T1, T2, T3, T4, TOut> Compile<T1, T2, T3, T4, TOut>(Func<T1, T2, T3, T4, TOut> f, CompileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        return new CompiledFunction<T1, T2, T3, T4, TOut>(f, options ?? new()).Invoke;
    }

    /// <summary>What a function does to tensors of the shapes and element types of an argument, written down.</summary>
    /// <typeparam name="TIn">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TOut">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">The function.</param>
    /// <param name="at">An argument; only its build, shapes and element types count.</param>
    /// <returns>The program, simplified; its inputs and outputs are the leaves of the trees in order.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static Program ProgramOf<TIn, TOut>(Func<TIn, TOut> f, TIn at)
    {
        ArgumentNullException.ThrowIfNull(f);
        var parts = Tree.flattenWithKeys(at);
        return Simplify.simplify(DiffLib.Programs.ofFunction(
            "Diff.ProgramOf", Functions.OverLeaves(f, parts, static _ => { }, withKeys: true), Array.ConvertAll(parts.Leaves, x => x.Spec)));
    }
}

/// <summary>What became of a compiled function.</summary>
public abstract class CompiledFunction
{
    private protected CompiledFunction() { }

    /// <summary>How often the function was traced: once for each signature met, and again for those dropped since.</summary>
    public abstract int TraceCount { get; }

    /// <summary>What stands behind a function that <c>Diff.Compile</c> returned.</summary>
    /// <param name="function">The compiled function.</param>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    /// <exception cref="ArgumentException">It does not come from <c>Diff.Compile</c>.</exception>
    public static CompiledFunction Of(Delegate function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return function.Target as CompiledFunction
            ?? throw new ArgumentException("the function does not come from Diff.Compile; pass what Diff.Compile returned, not a lambda around it.", nameof(function));
    }

    internal static void Check(CompileOptions options)
    {
        if (!Enum.IsDefined(options.Executor)) throw new ArgumentOutOfRangeException(nameof(options), options.Executor, "the executors are Automatic, Interpreted and Generated.");
        if (options.Capacity < 1) throw new ArgumentOutOfRangeException(nameof(options), options.Capacity, "the capacity counts programs that are kept; at least one is needed.");
    }
}

internal sealed class CompiledFunction<TIn, TOut> : CompiledFunction
{
    private readonly Compiled<TIn, TOut> _compiled;

    public CompiledFunction(Func<TIn, TOut> f, CompileOptions options)
    {
        Check(options);
        _compiled = new(FuncConvert.FromFunc(f), options.Executor, options.Capacity);
    }

    public override int TraceCount => _compiled.TraceCount;

    public TOut Invoke(TIn x) => _compiled.Invoke(x);
}

internal sealed class CompiledFunction<T1, T2, TOut> : CompiledFunction
{
    private readonly Compiled<(T1, T2), TOut> _compiled;

    public CompiledFunction(Func<T1, T2, TOut> f, CompileOptions options)
    {
        Check(options);
        _compiled = new(FuncConvert.FromFunc<(T1, T2), TOut>(x => f(x.Item1, x.Item2)), options.Executor, options.Capacity);
    }

    public override int TraceCount => _compiled.TraceCount;

    public TOut Invoke(T1 x, T2 y) => _compiled.Invoke((x, y));
}

internal sealed class CompiledFunction<T1, T2, T3, TOut> : CompiledFunction
{
    private readonly Compiled<(T1, T2, T3), TOut> _compiled;

    public CompiledFunction(Func<T1, T2, T3, TOut> f, CompileOptions options)
    {
        Check(options);
        _compiled = new(FuncConvert.FromFunc<(T1, T2, T3), TOut>(x => f(x.Item1, x.Item2, x.Item3)), options.Executor, options.Capacity);
    }

    public override int TraceCount => _compiled.TraceCount;

    public TOut Invoke(T1 x, T2 y, T3 z) => _compiled.Invoke((x, y, z));
}

internal sealed class CompiledFunction<T1, T2, T3, T4, TOut> : CompiledFunction
{
    private readonly Compiled<(T1, T2, T3, T4), TOut> _compiled;

    public CompiledFunction(Func<T1, T2, T3, T4, TOut> f, CompileOptions options)
    {
        Check(options);
        _compiled = new(FuncConvert.FromFunc<(T1, T2, T3, T4), TOut>(x => f(x.Item1, x.Item2, x.Item3, x.Item4)), options.Executor, options.Capacity);
    }

    public override int TraceCount => _compiled.TraceCount;

    public TOut Invoke(T1 a, T2 b, T3 c, T4 d) => _compiled.Invoke((a, b, c, d));
}

using System;
using System.Buffers;
using System.Numerics;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>A loop over a few numbers, over any number type: what is done again and again, and as long as what. See <c>Diff.Loop</c> and <c>Diff.CompileLoop</c>.</summary>
/// <example><code>
/// readonly struct SquareRoot : ILoop   // state: the estimate, the number
/// {
///     public T Continue&lt;T&gt;(ReadOnlySpan&lt;T&gt; s) where T : IFloatingPointIeee754&lt;T&gt; => T.Abs(s[0] * s[0] - s[1]) - T.CreateChecked(1e-12) * s[1];
///
///     public void Step&lt;T&gt;(Span&lt;T&gt; s) where T : IFloatingPointIeee754&lt;T&gt; => s[0] = T.CreateChecked(0.5) * (s[0] + s[1] / s[0]);
/// }
/// </code></example>
public interface ILoop
{
    /// <summary>Positive as long as the loop goes on. Zero, a negative number and NaN end it.</summary>
    /// <typeparam name="T">The number type.</typeparam>
    /// <param name="state">The numbers before the step.</param>
    T Continue<T>(ReadOnlySpan<T> state) where T : IFloatingPointIeee754<T>;

    /// <summary>One step, in place.</summary>
    /// <typeparam name="T">The number type.</typeparam>
    /// <param name="state">The numbers before the step, and after it.</param>
    void Step<T>(Span<T> state) where T : IFloatingPointIeee754<T>;
}

/// <summary>
/// A loop whose step is compiled, for plain numbers and for numbers with a derivative. Made by <c>Diff.CompileLoop</c>; threads may share it.
/// </summary>
/// <remarks>
/// The step is recorded once, so it may not branch on the numbers of the state: choose with <c>Diff.WhereLess</c> and its kin, with <c>T.Max</c> or <c>T.Min</c>. Each step computes
/// <see cref="ILoop.Continue"/> and the step itself together; the step computed last is dropped. How many steps there are counts as fixed for the derivative, as with any loop.
/// </remarks>
public sealed class CompiledLoop
{
    private readonly Func<bool, ScalarProgram> _record;
    private readonly Lazy<ScalarKernel> _plain, _forward;

    internal CompiledLoop(Func<bool, ScalarProgram> record, int length, CompileOptions options)
    {
        CompiledFunction.Check(options);
        Execution execution = options.Executor switch
        {
            ProgramExecutor.Interpreted => Execution.Interpreted,
            ProgramExecutor.Generated => Execution.Generated,
            _ => Execution.Automatic,
        };
        Length = length;
        _record = record;
        _plain = new(() => ScalarKernel.Create(_record(false), execution));
        _forward = new(() => ScalarKernel.Create(_record(true), execution));
        _ = _plain.Value;
    }

    /// <summary>How many numbers the state has.</summary>
    public int Length { get; }

    /// <summary>Runs the loop until it ends.</summary>
    /// <param name="state">The numbers at the start; receives those at the end.</param>
    /// <returns>The number of steps.</returns>
    /// <exception cref="ArgumentException">The length is not <see cref="Length"/>.</exception>
    public long Run(Span<double> state)
    {
        BatchArguments.Length(nameof(state), state.Length, Length, "the numbers of the state");
        return _plain.Value.Iterate(state);
    }

    /// <summary>Runs the loop until it ends, with the derivatives of the state.</summary>
    /// <param name="state">The numbers at the start, some or all with a derivative; receives those at the end.</param>
    /// <returns>The number of steps.</returns>
    /// <exception cref="ArgumentException">The length is not <see cref="Length"/>.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of several derivative calls meet.</exception>
    public long Run(Span<Dual<double>> state)
    {
        BatchArguments.Length(nameof(state), state.Length, Length, "the numbers of the state");
        long tag = Tag.Constant;
        double[] numbers = ArrayPool<double>.Shared.Rent(2 * Length);
        for (int k = 0; k < Length; k++)
        {
            tag = Tag.Join<Dual<double>>(tag, state[k].Tag);
            (numbers[k], numbers[Length + k]) = (state[k].Primal, state[k].Tangent);
        }
        long steps = _forward.Value.Iterate(numbers.AsSpan(0, 2 * Length));
        for (int k = 0; k < Length; k++) state[k] = new(numbers[k], numbers[Length + k], tag);
        ArrayPool<double>.Shared.Return(numbers);
        return steps;
    }

    /// <summary>The program of a step: the state after it, with its tangents if asked for, and whether the loop goes on from the state before it.</summary>
    internal static ScalarProgram Record<TLoop>(TLoop loop, ReadOnlySpan<double> at, bool forward, bool merges) where TLoop : ILoop
    {
        int n = at.Length;
        double[] point = new double[forward ? 2 * n : n];
        at.CopyTo(point);
        var recorder = new TraceRecorder(point.Length, merges);
        try
        {
            Traced[] x = recorder.Variables(point), results = new Traced[point.Length + 1];
            if (forward) RecordForward(loop, x, results);
            else results[n] = Apply<TLoop, Traced>(loop, x, results.AsSpan(0, n));
            ScalarProgram program = recorder.Build(results);
            if (program.Instructions[program.Outputs[^1]].Opcode != Opcode.Constant)
                throw new InvalidOperationException(
                    "The loop's step branches on numbers of the state (if, ?:, a comparison, a conversion to an integer), but it is recorded once for all steps. Choose with Diff.WhereLess, " +
                    "Diff.WhereLessOrEqual, Diff.WhereEqual, T.Max, T.Min or T.Abs, or run the loop with Diff.Loop.");
            return program;
        }
        finally
        {
            recorder.Finish();
        }
    }

    private static void RecordForward<TLoop>(TLoop loop, ReadOnlySpan<Traced> x, Span<Traced> results) where TLoop : ILoop
    {
        int n = x.Length / 2;
        long tag = Tag.Fresh();
        var (point, after) = (new Dual<Traced>[n], new Dual<Traced>[n]);
        for (int k = 0; k < n; k++) point[k] = new(x[k], x[n + k], tag);
        results[2 * n] = Apply<TLoop, Dual<Traced>>(loop, point, after).Primal;
        for (int k = 0; k < n; k++) (results[k], results[n + k]) = (after[k].Primal, after[k].Tangent);
    }

    private static T Apply<TLoop, T>(TLoop loop, ReadOnlySpan<T> before, Span<T> after) where TLoop : ILoop where T : IFloatingPointIeee754<T>
    {
        T goesOn = loop.Continue(before);
        before.CopyTo(after);
        loop.Step(after);
        return goesOn;
    }
}

public static partial class Diff
{
    /// <summary>Runs a loop until it ends, over any number type: numbers with derivatives give the derivatives of the state at the end.</summary>
    /// <typeparam name="TLoop">The loop's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type.</typeparam>
    /// <param name="loop">The loop.</param>
    /// <param name="state">The numbers at the start; receives those at the end.</param>
    /// <returns>The number of steps.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="loop"/> is null.</exception>
    public static long Loop<TLoop, T>(TLoop loop, Span<T> state) where TLoop : ILoop where T : IFloatingPointIeee754<T>
    {
        Require.Function(loop);
        long steps = 0;
        for (; loop.Continue<T>(state) > T.Zero; steps++) loop.Step(state);
        return steps;
    }

    /// <summary>A loop over a few numbers with its step compiled: fast for a step of ten to some hundred operations that runs a thousand times.</summary>
    /// <remarks>See <see cref="CompiledLoop"/> for what the step may not do.</remarks>
    /// <typeparam name="TLoop">The loop's type.</typeparam>
    /// <param name="loop">The loop. Derivatives inside its step are recorded with it.</param>
    /// <param name="at">An example state: its length is the number of numbers.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="loop"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The step branches on numbers of the state.</exception>
    public static CompiledLoop CompileLoop<TLoop>(TLoop loop, ReadOnlySpan<double> at, CompileOptions? options = null) where TLoop : ILoop
    {
        Require.Function(loop);
        options ??= new();
        double[] point = at.ToArray();
        return new(forward => CompiledLoop.Record(loop, point, forward, options.MergeRepeated), point.Length, options);
    }
}

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
/// A loop whose step is compiled, for plain numbers and for numbers with a derivative in either direction. Made by <c>Diff.CompileLoop</c>; threads may share it.
/// </summary>
/// <remarks>
/// The step is recorded once, so it may not branch on the numbers of the state: choose with <c>Diff.WhereLess</c> and its kin, with <c>T.Max</c> or <c>T.Min</c>. Each step computes
/// <see cref="ILoop.Continue"/> and the step itself together; the step computed last is dropped. How many steps there are counts as fixed for the derivative, as with any loop.
/// </remarks>
public sealed class CompiledLoop
{
    private readonly Lazy<ScalarKernel> _plain, _forward, _backward;

    /// <summary>What is made of a step.</summary>
    internal enum StepProgram
    {
        /// <summary>The state after it.</summary>
        Plain,

        /// <summary>The state after it with its tangents.</summary>
        Forward,

        /// <summary>The cotangents of the state before it, from that state and the cotangents of the state after it.</summary>
        Backward,
    }

    internal CompiledLoop(Func<StepProgram, ScalarProgram> record, int length, CompileOptions options)
    {
        CompiledFunction.Check(options);
        Execution execution = options.Executor switch
        {
            ProgramExecutor.Interpreted => Execution.Interpreted,
            ProgramExecutor.Generated => Execution.Generated,
            _ => Execution.Automatic,
        };
        Length = length;
        _plain = new(() => ScalarKernel.Create(record(StepProgram.Plain), execution));
        _forward = new(() => ScalarKernel.Create(record(StepProgram.Forward), execution));
        _backward = new(() => ScalarKernel.Create(record(StepProgram.Backward), execution));
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

    /// <summary>
    /// Runs the loop until it ends, with a record for the way back: one entry for each number of the state, however many steps there are. The states of all steps are kept until the
    /// derivative call is over; the sweep goes through them with the compiled step's derivative.
    /// </summary>
    /// <param name="state">The numbers at the start, some or all with a record; receives those at the end.</param>
    /// <returns>The number of steps.</returns>
    /// <exception cref="ArgumentException">The length is not <see cref="Length"/>.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of several derivative calls, of an earlier one, or of another thread meet.</exception>
    /// <exception cref="InsufficientMemoryException">The states of so many steps cannot be kept: more than 2³¹ numbers.</exception>
    public long Run(Span<Reverse<double>> state)
    {
        BatchArguments.Length(nameof(state), state.Length, Length, "the numbers of the state");
        ReverseTape<double>? tape = null;
        double[] numbers = ArrayPool<double>.Shared.Rent(Length);
        Span<double> values = numbers.AsSpan(0, Length);
        for (int k = 0; k < Length; k++) (tape, values[k]) = (state[k].Tape ?? tape, state[k].Primal);
        long steps;
        if (tape is null)
        {
            steps = _plain.Value.Iterate(values);
            for (int k = 0; k < Length; k++) state[k] = new(values[k]);
        }
        else
        {
            double[] kept = [];
            int count = _plain.Value.Iterate(values, ref kept);
            tape.Record(state, values, new StepsBack(_backward.Value, kept, _plain.Value.StateStride, count));
            steps = count;
        }
        ArrayPool<double>.Shared.Return(numbers);
        return steps;
    }

    /// <summary>The way back through the steps of a run.</summary>
    private sealed class StepsBack(ScalarKernel step, double[] kept, int stride, int count) : ReversePull<double>
    {
        private double[] _kept = kept;

        public override void Run(Span<double> cotangents) => step.IterateBack(_kept, stride, count, cotangents);

        public override void Release()
        {
            ArrayPool<double>.Shared.Return(_kept);
            _kept = [];
        }
    }

    /// <summary>The program of a step; but for the backward one its last number is whether the loop goes on from the state before it.</summary>
    internal static ScalarProgram Record<TLoop>(TLoop loop, ReadOnlySpan<double> at, StepProgram kind, bool merges) where TLoop : ILoop
    {
        if (kind == StepProgram.Backward) return Backward(Record(loop, at, StepProgram.Plain, merges), at);
        int n = at.Length;
        double[] point = new double[kind == StepProgram.Plain ? n : 2 * n];
        at.CopyTo(point);
        var recorder = new TraceRecorder(point.Length, merges);
        try
        {
            Traced[] x = recorder.Variables(point), results = new Traced[point.Length + 1];
            if (kind == StepProgram.Forward) RecordForward(loop, x, results);
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

    /// <summary>From the program of a step that of its way back: a sweep from cotangents that are inputs as well.</summary>
    private static ScalarProgram Backward(ScalarProgram step, ReadOnlySpan<double> at)
    {
        int n = at.Length;
        double[] point = [.. at, .. new double[n]];
        var recorder = new TraceRecorder(2 * n, step.Merges);
        Traced[] x = recorder.Variables(point), results = new Traced[n];
        var values = new Traced[step.Instructions.Length];
        var adjoints = new Traced[values.Length];
        ProgramCalculus.Evaluate<Traced>(step, x.AsSpan(0, n), values);
        for (int k = 0; k < n; k++) adjoints[step.Outputs[k]] = StrongZero.Add(adjoints[step.Outputs[k]], x[n + k]);
        ProgramCalculus.Sweep<Traced>(step, values, adjoints);
        ProgramDerivation.Collect<Traced>(step, adjoints, results);
        return ProgramDerivation.End(recorder, results);
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
        return new(kind => CompiledLoop.Record(loop, point, kind, options.MergeRepeated), point.Length, options);
    }
}

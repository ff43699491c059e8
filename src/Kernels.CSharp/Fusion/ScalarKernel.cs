using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

namespace DiffLib.Kernels;

/// <summary>A scalar program made ready to be called: for one input at a time, or for many independent ones. One kernel serves many calls and several threads at
/// once; a call for one input allocates nothing after the first. Inputs and outputs are float64 numbers whatever the program's types: an input is
/// converted to its type and an output from it. Results have the bits of the eager kernels.</summary>
internal sealed class ScalarKernel
{
    private const int StackSlots = 512;

    /// <summary>Code for more takes seconds to compile, and is hardly faster: it comes from memory, like the values.</summary>
    private const int MostGenerated = 200_000;

    [ThreadStatic]
    private static long[]? t_scratch;

    private readonly ScalarProgram _program;
    private readonly Execution _execution;
    private readonly Lock _gate = new();
    private ScalarExecutor? _single;
    private FusedKernel? _batch;

    private ScalarKernel(ScalarProgram program, Execution execution)
    {
        Program = program;
        _program = InFloat64(program);
        if (execution == Execution.Automatic && program.OperationCount > MostGenerated) execution = Execution.Interpreted;
        _execution = execution;
        if (execution == Execution.Generated && !RuntimeFeature.IsDynamicCodeCompiled)
            throw new PlatformNotSupportedException("This runtime cannot compile code; let the program be interpreted.");
    }

    /// <summary>The program it runs.</summary>
    public ScalarProgram Program { get; }

    /// <summary>A rough estimate of the work for one of many samples, to decide about threads.</summary>
    public double NanosecondsPerSample => Batch.NanosecondsPerElement;

    /// <summary>What runs the program for many inputs, made when first asked for.</summary>
    private FusedKernel Batch => Volatile.Read(ref _batch) ?? Interlocked.CompareExchange(ref _batch, FusedKernel.Create(_program, default, _execution), null) ?? _batch!;

    /// <summary>A kernel for a program. Made to be generated, code is generated at the first call, for one input and for many separately. Left to the kernel, code for one input
    /// is generated as calls pay for it (<see cref="ScalarPieces"/>).</summary>
    /// <exception cref="ArgumentNullException">program is null.</exception>
    /// <exception cref="PlatformNotSupportedException">Generated code is asked for where the runtime cannot compile it.</exception>
    public static ScalarKernel Create(ScalarProgram program, Execution execution = Execution.Automatic)
    {
        ArgumentNullException.ThrowIfNull(program);
        return new(program, execution);
    }

    /// <summary>Generates and compiles now what calls for one input would.</summary>
    public void Prepare()
    {
        if (Single() is ScalarPieces pieces && Generates(_execution)) Volatile.Write(ref _single, pieces.Finish());
    }

    /// <summary>Whether calls for one input run generated code only.</summary>
    internal bool IsGenerated => RuntimeFeature.IsDynamicCodeCompiled && Single() is not ScalarPieces;

    /// <summary>What runs the program for one input from now on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ScalarExecutor Single() => Volatile.Read(ref _single) is { } known and not ScalarPieces { Finished: not null } ? known : Another();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ScalarExecutor Another()
    {
        lock (_gate)
        {
            var next = _single is null ? CreateExecutor(_program, _execution) : _single is ScalarPieces { Finished: { } finished } ? finished : _single;
            Volatile.Write(ref _single, next);
            return next;
        }
    }

    /// <summary>Runs the program once. The two spans may not overlap.</summary>
    /// <param name="inputs">One number for each input.</param>
    /// <param name="outputs">Takes one number for each output.</param>
    /// <exception cref="ArgumentException">A length is not the number of inputs or outputs.</exception>
    public unsafe void Invoke(ReadOnlySpan<double> inputs, Span<double> outputs)
    {
        if (inputs.Length != _program.Inputs.Length) ThrowCount(nameof(inputs), _program.Inputs.Length, inputs.Length);
        if (outputs.Length != _program.Outputs.Length) ThrowCount(nameof(outputs), _program.Outputs.Length, outputs.Length);
        var executor = Single();
        fixed (double* from = inputs, to = outputs)
        {
            if (executor.Slots == 0) executor.Execute(from, to, null);
            else if (executor.Slots <= StackSlots) InvokeOnStack(executor, from, to);
            else InvokeOnThread(executor, from, to);
        }
    }

    [SkipLocalsInit]
    private static unsafe void InvokeOnStack(ScalarExecutor executor, double* inputs, double* outputs)
    {
        var scratch = stackalloc long[StackSlots];
        executor.Execute(inputs, outputs, scratch);
    }

    /// <summary>Runs the program again and again, its first outputs being its inputs the next time, as long as the output behind those is positive.</summary>
    /// <param name="state">The inputs at the start; receives those for which that output is not positive.</param>
    /// <returns>How often outputs became inputs.</returns>
    public unsafe long Iterate(Span<double> state)
    {
        if (state.Length != _program.Inputs.Length) ThrowCount(nameof(state), _program.Inputs.Length, state.Length);
        if (_program.Outputs.Length <= state.Length)
            throw new ArgumentException($"A program that is iterated has more outputs than inputs; this one has {_program.Outputs.Length} and {state.Length}.", nameof(state));
        long steps = 0;
        bool goesOn;
        do
        {
            var executor = Single();
            fixed (double* numbers = state)
                if (executor.TryIterate(numbers, out var rest)) return steps + rest;
            goesOn = IterateSteps(executor, _program.Outputs.Length, state, ref steps);
        }
        while (goesOn);
        return steps;
    }

    /// <summary>Step by step, to the end or until all code has been generated meanwhile.</summary>
    /// <returns>Whether there are more steps.</returns>
    private static unsafe bool IterateSteps(ScalarExecutor executor, int room, Span<double> state, ref long steps)
    {
        var count = state.Length;
        var numbers = ArrayPool<double>.Shared.Rent(2 * room);
        var slots = ArrayPool<long>.Shared.Rent(executor.Slots);
        state.CopyTo(numbers);
        bool goesOn;
        fixed (double* memory = numbers)
        fixed (long* scratch = slots)
        {
            double* before = memory, after = memory + room;
            do
            {
                executor.Execute(before, after, scratch);
                goesOn = after[count] > 0;
                if (!goesOn) break;
                var free = before;
                before = after;
                after = free;
                steps++;
            }
            while (executor is not ScalarPieces { Finished: not null });
            new ReadOnlySpan<double>(before, count).CopyTo(state);
        }
        ArrayPool<double>.Shared.Return(numbers);
        ArrayPool<long>.Shared.Return(slots);
        return goesOn;
    }

    /// <summary>Numbers from one kept state to the next.</summary>
    public int StateStride => _program.Outputs.Length;

    /// <summary>Runs the program like <see cref="Iterate(Span{double})"/> and keeps the inputs of every step.</summary>
    /// <param name="state">The inputs at the start; receives the last ones.</param>
    /// <param name="kept">Memory of the shared pool, replaced where it is short: receives the inputs of step s at <c>s * StateStride</c>.</param>
    /// <returns>How often outputs became inputs.</returns>
    public unsafe int Iterate(Span<double> state, ref double[] kept)
    {
        if (state.Length != _program.Inputs.Length) ThrowCount(nameof(state), _program.Inputs.Length, state.Length);
        var executor = Single();
        int count = state.Length, room = StateStride, steps = 0;
        var slots = ArrayPool<long>.Shared.Rent(executor.Slots);
        Reserve(ref kept, 2L * room, 0);
        state.CopyTo(kept);
        var goesOn = true;
        while (goesOn)
        {
            Reserve(ref kept, (steps + 2L) * room, (steps + 1) * room);
            int most = kept.Length / room - 1;
            fixed (double* memory = kept)
            fixed (long* scratch = slots)
            {
                var before = memory + (nint)steps * room;
                for (; steps < most; steps++, before += room)
                {
                    executor.Execute(before, before + room, scratch);
                    goesOn = before[room + count] > 0;
                    if (!goesOn) break;
                }
            }
        }
        kept.AsSpan(steps * room, count).CopyTo(state);
        ArrayPool<long>.Shared.Return(slots);
        return steps;
    }

    /// <summary>Makes room for more numbers, at least twice as many where it was short.</summary>
    private static void Reserve(ref double[] kept, long needed, int used)
    {
        if (kept.Length >= needed) return;
        if (needed > Array.MaxLength)
            throw new InsufficientMemoryException("The loop takes more steps than its states can be kept for; differentiate forward (Dual<double> keeps nothing), or cut the loop into several.");
        var larger = ArrayPool<double>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, Math.Max(2L * kept.Length, 1024))));
        kept.AsSpan(0, used).CopyTo(larger);
        if (kept.Length > 0) ArrayPool<double>.Shared.Return(kept);
        kept = larger;
    }

    /// <summary>Runs a program of the inputs of a step and of numbers that it makes new ones of, from the last step to the first.</summary>
    /// <param name="kept">What <see cref="Iterate(Span{double}, ref double[])"/> kept.</param>
    /// <param name="stride">That kernel's <see cref="StateStride"/>.</param>
    /// <param name="steps">How many steps there were.</param>
    /// <param name="numbers">The numbers behind the last step; receives those before the first.</param>
    public unsafe void IterateBack(ReadOnlySpan<double> kept, int stride, int steps, Span<double> numbers)
    {
        int count = numbers.Length, inputs = _program.Inputs.Length;
        if (inputs != 2 * count) ThrowCount(nameof(numbers), inputs / 2, count);
        var executor = Single();
        var memory = ArrayPool<double>.Shared.Rent(inputs + _program.Outputs.Length);
        var slots = ArrayPool<long>.Shared.Rent(executor.Slots);
        var at = memory.AsSpan(0, count);
        Span<double> before = memory.AsSpan(count, count), after = memory.AsSpan(inputs, count);
        numbers.CopyTo(before);
        fixed (double* from = memory)
        fixed (long* scratch = slots)
        {
            for (var s = steps - 1; s >= 0; s--)
            {
                kept.Slice(s * stride, count).CopyTo(at);
                executor.Execute(from, from + inputs, scratch);
                after.CopyTo(before);
            }
        }
        before.CopyTo(numbers);
        ArrayPool<double>.Shared.Return(memory);
        ArrayPool<long>.Shared.Return(slots);
    }

    /// <summary>Scratch memory that stays with the thread; taken away while in use.</summary>
    private static unsafe void InvokeOnThread(ScalarExecutor executor, double* inputs, double* outputs)
    {
        var scratch = t_scratch;
        t_scratch = null;
        if (scratch is null || scratch.Length < executor.Slots) scratch = GC.AllocateUninitializedArray<long>(executor.Slots);
        fixed (long* memory = scratch) executor.Execute(inputs, outputs, memory);
        t_scratch = scratch;
    }

    /// <summary>Runs the program for many independent samples, a vector of them an instruction, on all cores where it pays.</summary>
    /// <param name="inputs">Input k of sample s at <c>inputs[k * inputStride + s]</c>.</param>
    /// <param name="inputStride">Numbers from one input's samples to the next's; at least the number of samples.</param>
    /// <param name="outputs">Takes output k of sample s at <c>outputs[k * outputStride + s]</c>. May not overlap the inputs.</param>
    /// <param name="outputStride">Numbers from one output's samples to the next's; at least the number of samples.</param>
    /// <param name="samples">The number of samples.</param>
    /// <param name="alone">Stay on this thread: the caller shares the work out.</param>
    /// <exception cref="ArgumentException">A span is too short, or a stride below the number of samples.</exception>
    public void InvokeBatch(ReadOnlySpan<double> inputs, int inputStride, Span<double> outputs, int outputStride, int samples, bool alone = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        CheckBlock(nameof(inputs), inputs.Length, _program.Inputs.Length, inputStride, samples);
        CheckBlock(nameof(outputs), outputs.Length, _program.Outputs.Length, outputStride, samples);
        if (inputs.Overlaps(outputs)) throw new ArgumentException("The outputs overlap the inputs; write to other memory.", nameof(outputs));
        if (samples > 0) Batch.RunBatch(inputs, inputStride, outputs, outputStride, samples, alone);
    }

    private static bool Generates(Execution execution) => RuntimeFeature.IsDynamicCodeCompiled && execution != Execution.Interpreted;

    private static ScalarExecutor CreateExecutor(ScalarProgram program, Execution execution)
    {
        var pieces = new ScalarPieces(program, Generates(execution));
        return execution == Execution.Generated && Generates(execution) ? pieces.Finish() : pieces;
    }

    /// <summary>The same program with float64 inputs and outputs.</summary>
    private static ScalarProgram InFloat64(ScalarProgram program)
    {
        if (!program.Inputs.ContainsAnyExcept(ScalarType.Float64)) return WithOutputsInFloat64(program);
        var builder = new ScalarProgramBuilder(program.Merges);
        var inputs = new int[program.Inputs.Length];
        for (var k = 0; k < inputs.Length; k++) inputs[k] = builder.Input(ScalarType.Float64);
        var values = new int[program.Instructions.Length];
        for (var v = 0; v < values.Length; v++)
        {
            ref readonly var i = ref program.Instructions[v];
            values[v] = i.Opcode == Opcode.Input ? builder.Convert(i.Type, inputs[i.A]) : builder.Append(i.Renumbered(values));
        }
        var outputs = new int[program.Outputs.Length];
        for (var k = 0; k < outputs.Length; k++) outputs[k] = builder.Convert(ScalarType.Float64, values[program.Outputs[k]]);
        return builder.Build(outputs);
    }

    /// <summary>The same program with conversions of the outputs that need one behind it: nothing else has to be written anew.</summary>
    private static ScalarProgram WithOutputsInFloat64(ScalarProgram program)
    {
        var outputs = program.Outputs.ToArray();
        var conversions = new List<Instruction>();
        for (var k = 0; k < outputs.Length; k++)
        {
            var value = program.Instructions[outputs[k]];
            if (value.Type == ScalarType.Float64) continue;
            var conversion = new Instruction(Opcode.Convert, 0, ScalarType.Float64, outputs[k], 0, 0, 0);
            conversions.Add(value.Opcode == Opcode.Constant ? new(Opcode.Constant, 0, ScalarType.Float64, 0, 0, 0, Folding.Evaluate(conversion, value.Type, value.Bits, 0)) : conversion);
            outputs[k] = program.Instructions.Length + conversions.Count - 1;
        }
        return conversions.Count == 0 ? program : new([.. program.Instructions, .. conversions], [.. program.Inputs], outputs, program.Merges);
    }

    private static void CheckBlock(string name, int length, int count, int stride, int samples)
    {
        if (count == 0) return;
        if (stride < samples) throw new ArgumentException($"The stride of the {name} is {stride}, below the {samples} samples.", name);
        if (length < (count - 1L) * stride + samples)
            throw new ArgumentException($"{count} {name} of {samples} samples with stride {stride} need {(count - 1L) * stride + samples} numbers, but there are {length}.", name);
    }

    [DoesNotReturn]
    private static void ThrowCount(string name, int needed, int given) => throw new ArgumentException($"The program has {needed} {name}, but {given} are given.", name);
}

/// <summary>Runs a program of float64 inputs and outputs once.</summary>
internal abstract unsafe class ScalarExecutor
{
    /// <summary>Scratch values of 8 bytes that a call needs.</summary>
    public abstract int Slots { get; }

    public abstract void Execute(double* inputs, double* outputs, long* scratch);

    /// <summary>Runs the whole iteration at once, if the executor can.</summary>
    public virtual bool TryIterate(double* state, out long steps)
    {
        steps = 0;
        return false;
    }
}

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>A scalar program made ready to run over the elements of arrays: an elementwise chain with broadcast inputs in one pass over memory, its outputs
/// stored or reduced. One kernel serves all sizes and strides, many calls, and several threads at once. Results have the bits of the
/// kernels of <see cref="Elementwise"/> and <see cref="Reductions"/> applied one after the other, for any number of threads and either executor
/// (a NaN may differ in its payload).</summary>
internal sealed class FusedKernel
{
    private readonly TileReducer?[] _reducers;
    private readonly FusedPlaces[] _places;
    private readonly FusedPlaces?[] _placesOf;
    private readonly Lazy<TileExecutor> _executor;
    private readonly Spares<TileWorker> _workers = new();
    private readonly Spares<FusedRun> _runs = new();

    private FusedKernel(ScalarProgram program, TileReducer?[] reducers, FusedPlaces[] places, Execution execution)
    {
        Program = program;
        _reducers = reducers;
        _places = places;
        _placesOf = new FusedPlaces?[reducers.Length];
        foreach (var placed in places) _placesOf.AsSpan(placed.First, placed.Shifts.Length).Fill(placed);
        ReducedOutputs = Reduced(reducers);
        NanosecondsPerElement = ProgramCost.NanosecondsPerElement(program);
        _executor = new(() => CreateExecutor(program, execution));
    }

    /// <summary>The program it runs.</summary>
    public ScalarProgram Program { get; }

    /// <summary>A rough estimate of the work, to decide about threads.</summary>
    public double NanosecondsPerElement { get; }

    /// <summary>The outputs that are reduced.</summary>
    internal int[] ReducedOutputs { get; }

    internal TileReducer? Reducer(int output) => _reducers[output];

    /// <summary>What is added up at its places.</summary>
    internal ReadOnlySpan<FusedPlaces> Places => _places;

    internal FusedPlaces? PlacesOf(int output) => _placesOf[output];

    /// <summary>A kernel for a program.</summary>
    /// <param name="program">What happens to one element.</param>
    /// <param name="reductions">What becomes of each output; empty: all are stored.</param>
    /// <param name="execution">Which executor runs it. Code is generated at the first run.</param>
    /// <param name="places">The outputs that are added up in larger arrays: all that say <see cref="FusedReduction.Place"/>, each once.</param>
    /// <exception cref="ArgumentNullException">program is null.</exception>
    /// <exception cref="ArgumentException">There is not one reduction for each output, a reduced or placed output is not floating point, or the places are not those of the outputs
    /// that say so.</exception>
    /// <exception cref="PlatformNotSupportedException">Generated code is asked for where the runtime cannot compile it.</exception>
    public static FusedKernel Create(ScalarProgram program, ReadOnlySpan<FusedReduction> reductions = default, Execution execution = Execution.Automatic,
        ReadOnlySpan<FusedPlaces> places = default)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (execution == Execution.Generated && !RuntimeFeature.IsDynamicCodeCompiled)
            throw new PlatformNotSupportedException("This runtime cannot compile code; let the program be interpreted.");
        var reducers = new TileReducer?[program.Outputs.Length];
        if (!reductions.IsEmpty && reductions.Length != reducers.Length)
            throw new ArgumentException($"The program has {reducers.Length} outputs, but {reductions.Length} reductions are given; give one for each, or none.", nameof(reductions));
        for (var k = 0; k < reductions.Length; k++)
            reducers[k] = reductions[k] is FusedReduction.None or FusedReduction.Place ? null : TileReducer.Create(reductions[k], program.OutputType(k));
        CheckPlaces(program, reductions, places);
        return new(program, reducers, places.ToArray(), execution);
    }

    private static void CheckPlaces(ScalarProgram program, ReadOnlySpan<FusedReduction> reductions, ReadOnlySpan<FusedPlaces> places)
    {
        var placed = new int[program.Outputs.Length];
        foreach (var some in places)
        {
            if (some.First < 0 || some.First + some.Shifts.Length > placed.Length || some.Block < 1 || some.Row < some.Block || (!some.Sums && some.Shifts.Length != 1))
                throw new ArgumentException($"Outputs {some.First} to {some.First + some.Shifts.Length - 1} cannot go in rows of {some.Row} elements, {some.Block} each.", nameof(places));
            for (var j = 0; j < some.Shifts.Length; j++)
            {
                placed[some.First + j]++;
                if (some.Shifts[j] < 0 || some.Shifts[j] + some.Block > some.Row || !program.OutputType(some.First + j).IsFloat() || program.OutputType(some.First + j) != program.OutputType(some.First))
                    throw new ArgumentException($"Output {some.First + j} does not fit a row of {some.Row} elements at {some.Shifts[j]}, or is not of the floating type of the others.", nameof(places));
            }
        }
        for (var k = 0; k < placed.Length; k++)
            if (placed[k] != (k < reductions.Length && reductions[k] == FusedReduction.Place ? 1 : 0))
                throw new ArgumentException($"Output {k} has {placed[k]} places, but its reduction is {(k < reductions.Length ? reductions[k] : FusedReduction.None)}.", nameof(places));
    }

    /// <summary>Runs over every element of a loop; no output is reduced.</summary>
    /// <param name="shape">The loop's sizes.</param>
    /// <param name="inputs">One view or number for each input.</param>
    /// <param name="outputs">For each output an array with an offset, written row-major without gaps. It may be the array of an input that is read element by
    /// element at the same places; no other sharing is allowed, and outputs do not share arrays among themselves where they overlap.</param>
    /// <exception cref="ArgumentException">An operand does not fit the program or the loop, or an output overlaps an input otherwise.</exception>
    public void Run(ReadOnlySpan<int> shape, ReadOnlySpan<LoopOperand> inputs, ReadOnlySpan<LoopOperand> outputs) => Run(shape, 0, 0, inputs, outputs);

    /// <summary>Runs over a loop, of which some neighbouring axes are reduced.</summary>
    /// <param name="shape">The loop's sizes.</param>
    /// <param name="firstAxis">The first reduced axis.</param>
    /// <param name="axisCount">How many are reduced, one behind the other; 0 only where no output is reduced.</param>
    /// <param name="inputs">One view or number for each input.</param>
    /// <param name="outputs">As for the loop without reduction; a reduced output holds the axes that are left, row-major without gaps, and shares no input's array.</param>
    /// <param name="bases">For each of the places an array, row-major without gaps, that is added behind the outputs, or nothing; none: nothing is added. It does not share memory
    /// with the outputs.</param>
    /// <exception cref="ArgumentException">An operand does not fit the program or the loop, an output overlaps an input, or the largest or smallest of nothing is asked for.</exception>
    public void Run(ReadOnlySpan<int> shape, int firstAxis, int axisCount, ReadOnlySpan<LoopOperand> inputs, ReadOnlySpan<LoopOperand> outputs, ReadOnlySpan<LoopOperand> bases = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstAxis);
        ArgumentOutOfRangeException.ThrowIfNegative(axisCount);
        if (firstAxis + axisCount > shape.Length)
            throw new ArgumentOutOfRangeException(nameof(axisCount), axisCount, $"Axes {firstAxis} to {firstAxis + axisCount - 1} are not all among the loop's {shape.Length}.");
        var count = LoopNest.CountOf(shape);
        int outer = LoopNest.CountOf(shape[..firstAxis]), n = LoopNest.CountOf(shape.Slice(firstAxis, axisCount)), inner = LoopNest.CountOf(shape[(firstAxis + axisCount)..]);
        CheckInputs(inputs);
        CheckOutputs(outputs, count, checked(outer * inner), n);
        if (_places.Length > 0) CheckRows(count, inner);
        CheckBases(count, outputs, bases);
        var run = _runs.Take() ?? new FusedRun(this);
        run.Run(shape, outer, n, inner, inputs, outputs, bases);
        _runs.Give(run);
    }

    /// <summary>Runs over independent samples, contiguous for each input and output; all inputs and outputs are float64, none is reduced.</summary>
    internal unsafe void RunBatch(ReadOnlySpan<double> inputs, int inputStride, Span<double> outputs, int outputStride, int samples, bool alone)
    {
        var run = _runs.Take() ?? new FusedRun(this);
        fixed (double* from = inputs, to = outputs) run.RunBatch(from, inputStride, to, outputStride, samples, alone);
        _runs.Give(run);
    }

    internal TileWorker RentWorker() => _workers.Take() ?? new(_executor.Value, Program, _places);

    internal void Return(TileWorker worker) => _workers.Give(worker);

    internal static TileExecutor CreateExecutor(ScalarProgram program, Execution execution)
    {
        if (RuntimeFeature.IsDynamicCodeCompiled && execution != Execution.Interpreted && TileEmitter.Supports(program)) return new TileEmitter(program);
        return new TileInterpreter(program);
    }

    private static int[] Reduced(TileReducer?[] reducers)
    {
        var count = 0;
        var reduced = new int[reducers.Length];
        for (var k = 0; k < reducers.Length; k++)
            if (reducers[k] is not null) reduced[count++] = k;
        return reduced[..count];
    }

    private void CheckInputs(ReadOnlySpan<LoopOperand> inputs)
    {
        var types = Program.Inputs;
        if (inputs.Length != types.Length) ThrowCount("inputs", types.Length, inputs.Length);
        for (var k = 0; k < inputs.Length; k++)
            if (inputs[k].Data is { } data && ScalarTypes.Of(data) != types[k]) ThrowType("Input", k, types[k], data, nameof(inputs));
    }

    private void CheckOutputs(ReadOnlySpan<LoopOperand> outputs, int count, int kept, int n)
    {
        if (outputs.Length != Program.Outputs.Length) ThrowCount("outputs", Program.Outputs.Length, outputs.Length);
        for (var k = 0; k < outputs.Length; k++)
        {
            if (outputs[k].Data is not { } data) throw new ArgumentException($"Output {k} is a number; an output needs an array.", nameof(outputs));
            if (ScalarTypes.Of(data) != Program.OutputType(k)) ThrowType("Output", k, Program.OutputType(k), data, nameof(outputs));
            if (outputs[k].Strides is not null) throw new ArgumentException($"Output {k} has strides; outputs are written row-major without gaps.", nameof(outputs));
            var size = _placesOf[k] is { } places ? count / places.Block * places.Row : _reducers[k] is null ? count : kept;
            if (outputs[k].Offset < 0 || outputs[k].Offset > data.Length - size) ThrowRoom(k, size, outputs[k].Offset, data.Length);
        }
        if (ReducedOutputs.Length > 0 && n == 0 && kept > 0) CheckNothing();
    }

    /// <summary>Placed outputs are computed from the first element to the last, row by row.</summary>
    private void CheckRows(int count, int inner)
    {
        foreach (var places in _places)
            if (count == 0 || count % places.Block != 0)
                throw new ArgumentException($"The loop's {count} elements are not rows of {places.Block}, as the outputs' places say.", "shape");
        if (ReducedOutputs.Length > 0 && inner != 1) throw new ArgumentException("Where outputs are placed, only the last axes can be reduced.", "axisCount");
    }

    private void CheckBases(int count, ReadOnlySpan<LoopOperand> outputs, ReadOnlySpan<LoopOperand> bases)
    {
        if (bases.Length > 0 && bases.Length != _places.Length) ThrowCount("places", _places.Length, bases.Length);
        for (var k = 0; k < bases.Length; k++)
        {
            if (bases[k].Data is not { } data) continue;
            var (places, type) = (_places[k], Program.OutputType(_places[k].First));
            var size = count / places.Block * places.Row;
            if (!places.Sums) throw new ArgumentException($"Places {k} store one output as it is; nothing can be added to it.", nameof(bases));
            if (ScalarTypes.Of(data) != type) ThrowType("Base", k, type, data, nameof(bases));
            if (bases[k].Strides is not null || ReferenceEquals(data, outputs[places.First].Data))
                throw new ArgumentException($"Base {k} has strides, or is the array that it is added to.", nameof(bases));
            if (bases[k].Offset < 0 || bases[k].Offset > data.Length - size)
                throw new ArgumentException($"Base {k} needs {size} elements from {bases[k].Offset} on, but its array has {data.Length}.", nameof(bases));
        }
    }

    private void CheckNothing()
    {
        foreach (var k in ReducedOutputs)
            if (double.IsInfinity(_reducers[k]!.Identity)) throw new ArgumentException("The largest or smallest of no elements is not defined; the reduced axes hold none.", "shape");
    }

    [DoesNotReturn]
    private static void ThrowCount(string what, int needed, int given) => throw new ArgumentException($"The program has {needed} {what}, but {given} are given.", what);

    [DoesNotReturn]
    private static void ThrowType(string what, int k, ScalarType type, Array data, string name)
        => throw new ArgumentException($"{what} {k} is {type.Name()}, but its array holds {data.GetType().GetElementType()!.Name}.", name);

    [DoesNotReturn]
    private static void ThrowRoom(int k, int size, int offset, int length)
        => throw new ArgumentException($"Output {k} needs {size} elements from {offset} on, but its array has {length}.", "outputs");
}

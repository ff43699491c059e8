using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Threading;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>The paths of a compiled function that were met, and the search for the one that an input takes.</summary>
internal sealed class TraceSet
{
    private const int StackNumbers = 256;

    /// <summary>Numbers that a block's inputs and results may take: a part of the second cache.</summary>
    private const int BlockNumbers = 1 << 15;
    private const int LargestBlock = 1024;
    private const int SmallestBlock = 64;

    /// <summary>Few samples of much work are cut into blocks so small, so that each thread has some.</summary>
    private const int SmallestSharedBlock = 16;

    private readonly Func<Traced[], Traced[]> _f;
    private readonly Execution _execution;
    private readonly int _capacity;
    private readonly bool _merges;
    private readonly Lock _gate = new();
    private TracedPath[] _traces = [];
    private TracedPath _last;
    private int _count;

    public TraceSet(Func<Traced[], Traced[]> f, ReadOnlySpan<double> at, CompileOptions options, int data, bool isScalar = false)
    {
        IsScalar = isScalar;
        CompiledFunction.Check(options);
        if (data < 0 || data > at.Length)
            throw new ArgumentOutOfRangeException(nameof(data), data, $"The last inputs may be data, and there are {at.Length} inputs: data is from 0 to {at.Length}.");
        _f = f;
        _capacity = options.Capacity;
        _merges = options.MergeRepeated;
        _execution = options.Executor switch
        {
            ProgramExecutor.Interpreted => Execution.Interpreted,
            ProgramExecutor.Generated => Execution.Generated,
            _ => Execution.Automatic,
        };
        Inputs = at.Length;
        Variables = at.Length - data;
        Outputs = -1;
        _last = Record(at);
        Outputs = _last.Function.Outputs.Length - 1;
        Keep(_last);
    }

    /// <summary>Whether the user knows one result, not a list of one.</summary>
    public bool IsScalar { get; }

    public int Inputs { get; }

    /// <summary>The inputs that derivatives are taken by: all but the last ones, which are data.</summary>
    public int Variables { get; }

    public int Outputs { get; private set; }

    public int Recordings => Volatile.Read(ref _count);

    public int Paths => Volatile.Read(ref _traces).Length;

    public ScalarProgram Program(int order) => Volatile.Read(ref _last).Kernel(order).Program;

    public void Prepare(int order) => Volatile.Read(ref _last).Kernel(order).Prepare();

    /// <summary>How many numbers an evaluation up to an order gives, the truth of the demands not counted.</summary>
    public int ResultCount(int order) => Outputs * (order == 0 ? 1 : 1 + Variables) + (order == 2 ? Variables * Variables : 0);

    // ---- One input

    /// <summary>The outputs, the Jacobian and the Hessian up to an order, one behind the other, and room for one number more.</summary>
    public void Evaluate(int order, ReadOnlySpan<double> x, Span<double> results)
    {
        TracedPath last = Volatile.Read(ref _last);
        if (!Try(last, order, x, results)) Elsewhere(last, order, x, results);
    }

    private bool Try(TracedPath trace, int order, ReadOnlySpan<double> x, Span<double> results)
    {
        trace.Kernel(order).Invoke(x, results);
        if (results[^1] == 0) return false;
        if (order > 0 && HasNaN(results[Outputs..^1])) trace.Plain(order, x, results[..^1]);
        return true;
    }

    /// <summary>Along another known path, or along a new one.</summary>
    private void Elsewhere(TracedPath tried, int order, ReadOnlySpan<double> x, Span<double> results)
    {
        foreach (TracedPath trace in Volatile.Read(ref _traces))
        {
            if (trace == tried || !Try(trace, order, x, results)) continue;
            Volatile.Write(ref _last, trace);
            return;
        }
        if (Find(x, out TracedPath path) && Try(path, order, x, results))
        {
            Volatile.Write(ref _last, path);
            return;
        }
        Slowly(path, order, x, results);
    }

    /// <summary>A path that is not kept, or whose derivatives demand more than it does itself.</summary>
    private static void Slowly(TracedPath path, int order, ReadOnlySpan<double> x, Span<double> results)
    {
        int outputs = path.Function.Outputs.Length - 1;
        Span<double> values = outputs < StackNumbers ? stackalloc double[outputs + 1] : new double[outputs + 1];
        ScalarKernel.Create(path.Function, Execution.Interpreted).Invoke(x, values);
        values[..^1].CopyTo(results);
        if (order > 0) path.Plain(order, x, results[..^1]);
    }

    private static bool HasNaN(ReadOnlySpan<double> numbers)
    {
        int i = 0;
        for (; i <= numbers.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var some = new Vector<double>(numbers[i..]);
            if (!Vector.EqualsAll(some, some)) return true;
        }
        for (; i < numbers.Length; i++)
            if (double.IsNaN(numbers[i])) return true;
        return false;
    }

    private static bool HasNaN(ReadOnlySpan<double> rows, int rowCount, int stride, int count)
    {
        for (int k = 0; k < rowCount; k++)
            if (HasNaN(rows.Slice(k * stride, count))) return true;
        return false;
    }

    // ---- Paths

    /// <summary>Records the path of an input. True if it is kept, so that its kernels may be made.</summary>
    private bool Find(ReadOnlySpan<double> x, out TracedPath path)
    {
        path = Record(x);
        return Keep(path, out path);
    }

    private TracedPath Record(ReadOnlySpan<double> x)
    {
        Interlocked.Increment(ref _count);
        var recorder = new TraceRecorder(x.Length, _merges);
        try
        {
            Traced[] y = _f(recorder.Variables(x)) ?? throw new InvalidOperationException("The vector function returned null. Return an array of results, empty if there are none.");
            if (Outputs >= 0 && y.Length != Outputs)
                throw new InvalidOperationException($"The vector function returned {Outputs} results before and {y.Length} now: a compiled function must always return equally many.");
            return new(recorder.Build(y), x.ToArray(), Variables, _execution);
        }
        finally
        {
            recorder.Finish();
        }
    }

    private void Keep(TracedPath trace) => Keep(trace, out _);

    private bool Keep(TracedPath trace, out TracedPath kept)
    {
        lock (_gate)
        {
            foreach (TracedPath known in _traces)
            {
                if (!known.Function.Equals(trace.Function)) continue;
                kept = known;
                return true;
            }
            kept = trace;
            if (_traces.Length == _capacity) return false;
            Volatile.Write(ref _traces, [.. _traces, trace]);
            return true;
        }
    }

    // ---- Many inputs

    /// <summary>Where the numbers of many samples lie: number k of sample s at Start[s * Sample + k * Number].</summary>
    public readonly unsafe struct Block(double* start, nint sample, nint number)
    {
        public readonly double* Start = start;
        public readonly nint Sample = sample, Number = number;

        public bool IsEmpty => Start == null;

        public ref double this[nint s, nint k] => ref Start[s * Sample + k * Number];

        public double* At(nint s) => Start + s * Sample;
    }

    /// <summary>The places of a call for many samples.</summary>
    public readonly struct Batch(int order, int samples, Block inputs, Block values, Block jacobian, Block hessian)
    {
        public readonly int Order = order, Samples = samples;
        public readonly Block Inputs = inputs, Values = values, Jacobian = jacobian, Hessian = hessian;
    }

    public void Evaluate(in Batch batch)
    {
        int numbers = Inputs + ResultCount(batch.Order) + 1;
        int size = Math.Clamp(BlockNumbers / numbers / SmallestBlock * SmallestBlock, SmallestBlock, LargestBlock);
        double work = batch.Samples * Volatile.Read(ref _last).Kernel(batch.Order).NanosecondsPerSample;
        int threads = Parallelism.Threads(work);
        if (threads <= 1)
        {
            Blocks(batch, size, 0, (batch.Samples + size - 1) / size);
            return;
        }
        int pieces = Parallelism.PiecesOf(work, threads), share = (batch.Samples + threads * pieces - 1) / (threads * pieces);
        size = Math.Min(size, (share + SmallestSharedBlock - 1) / SmallestSharedBlock * SmallestSharedBlock);
        Parallelism.Share((batch.Samples + size - 1) / size, threads, pieces, new SharedBlocks(this, batch, size, ExecutionContext.Capture()));
    }

    /// <summary>A path may have to be recorded on a thread of the library: the user's function sees the caller's context there.</summary>
    private readonly struct SharedBlocks(TraceSet set, Batch batch, int size, ExecutionContext? context) : IShared
    {
        public void Run(int begin, int end)
        {
            if (context is null || context == ExecutionContext.Capture()) RunHere(begin, end);
            else ExecutionContext.Run(context, static work => ((Action)work!)(), Later(begin, end));
        }

        private void RunHere(int begin, int end) => set.Blocks(batch, size, begin, end);

        private Action Later(int begin, int end)
        {
            SharedBlocks blocks = this;
            return () => blocks.RunHere(begin, end);
        }
    }

    private void Blocks(in Batch batch, int size, int from, int to)
    {
        using var scratch = new BatchScratch(Inputs, ResultCount(batch.Order) + 1, size);
        for (int b = from; b < to; b++) OneBlock(batch, scratch, b * size, Math.Min(size, batch.Samples - b * size));
    }

    /// <summary>One block along the path met last; the samples that take another go there together.</summary>
    private void OneBlock(in Batch batch, BatchScratch scratch, int start, int count)
    {
        Span<int> pending = scratch.Pending.AsSpan(0, count);
        for (int i = 0; i < count; i++) pending[i] = start + i;
        TracedPath[] traces = Volatile.Read(ref _traces);
        TracedPath first = Volatile.Read(ref _last);
        pending = Along(first, batch, scratch, pending);
        for (int t = 0; t < traces.Length && !pending.IsEmpty; t++)
            if (traces[t] != first) pending = Along(traces[t], batch, scratch, pending);
        while (!pending.IsEmpty) pending = AlongNew(batch, scratch, pending);
    }

    /// <summary>Along the path of the first sample. It is done afterwards, whatever the others do.</summary>
    private Span<int> AlongNew(scoped in Batch batch, BatchScratch scratch, Span<int> pending)
    {
        double[] x = scratch.Point, results = scratch.Results;
        int sample = pending[0];
        for (int k = 0; k < Inputs; k++) x[k] = batch.Inputs[sample, k];
        bool kept = Find(x.AsSpan(0, Inputs), out TracedPath path);
        if (kept)
        {
            int before = pending.Length;
            pending = Along(path, batch, scratch, pending);
            if (pending.Length < before && (pending.IsEmpty || pending[0] != sample)) return pending;
        }
        Slowly(path, batch.Order, x.AsSpan(0, Inputs), results);
        Store(batch, sample, results);
        return pending[1..];
    }

    /// <summary>Runs the pending samples along a path, and returns those that do not take it.</summary>
    private Span<int> Along(TracedPath trace, scoped in Batch batch, BatchScratch scratch, Span<int> pending)
    {
        int count = pending.Length, stride = BatchScratch.Stride(count), results = ResultCount(batch.Order);
        scratch.Gather(batch.Inputs, pending, Inputs);
        Span<double> y = scratch.Outputs.AsSpan(0, (results + 1) * stride);
        trace.Kernel(batch.Order).InvokeBatch(scratch.Inputs.AsSpan(0, Inputs * stride), stride, y, stride, count, alone: true);
        Span<double> taken = y.Slice(results * stride, count);
        bool everywhere = taken.IndexOf(0.0) < 0;
        scratch.Scatter(batch.Values, pending, taken, everywhere, 0, Outputs);
        scratch.Scatter(batch.Jacobian, pending, taken, everywhere, Outputs, Outputs * Variables);
        scratch.Scatter(batch.Hessian, pending, taken, everywhere, Outputs + Outputs * Variables, Variables * Variables);
        if (batch.Order > 0 && HasNaN(y[(Outputs * stride)..], results - Outputs, stride, count)) Mend(trace, batch, scratch, pending, taken);
        if (everywhere) return [];
        int left = 0;
        for (int i = 0; i < count; i++)
            if (taken[i] == 0) pending[left++] = pending[i];
        return pending[..left];
    }

    /// <summary>The samples along this path with a NaN among their derivatives, again in plain numbers.</summary>
    private void Mend(TracedPath trace, in Batch batch, BatchScratch scratch, ReadOnlySpan<int> pending, ReadOnlySpan<double> taken)
    {
        int stride = BatchScratch.Stride(pending.Length), results = ResultCount(batch.Order);
        Span<double> all = scratch.Results;
        for (int i = 0; i < pending.Length; i++)
        {
            if (taken[i] == 0) continue;
            for (int k = 0; k < results; k++) all[k] = scratch.Outputs[k * stride + i];
            if (!HasNaN(all[Outputs..results])) continue;
            for (int k = 0; k < Inputs; k++) scratch.Point[k] = scratch.Inputs[k * stride + i];
            trace.Plain(batch.Order, scratch.Point.AsSpan(0, Inputs), all[..results]);
            Store(batch, pending[i], all);
        }
    }

    private void Store(in Batch batch, int sample, ReadOnlySpan<double> results)
    {
        Store(batch.Values, sample, results[..Outputs]);
        if (batch.Order > 0) Store(batch.Jacobian, sample, results.Slice(Outputs, Outputs * Variables));
        if (batch.Order > 1) Store(batch.Hessian, sample, results.Slice(Outputs + Outputs * Variables, Variables * Variables));
    }

    private static void Store(Block to, int sample, ReadOnlySpan<double> numbers)
    {
        if (to.IsEmpty) return;
        for (int k = 0; k < numbers.Length; k++) to[sample, k] = numbers[k];
    }
}

/// <summary>Memory for the blocks of one thread: inputs and results with the samples of one number side by side, as the kernels want them.</summary>
internal readonly struct BatchScratch(int inputs, int results, int size) : IDisposable
{
    public readonly double[] Inputs = ArrayPool<double>.Shared.Rent(inputs * Stride(size));
    public readonly double[] Outputs = ArrayPool<double>.Shared.Rent(results * Stride(size));
    public readonly int[] Pending = ArrayPool<int>.Shared.Rent(size);
    public readonly double[] Point = ArrayPool<double>.Shared.Rent(inputs);
    public readonly double[] Results = ArrayPool<double>.Shared.Rent(results);

    public unsafe void Gather(in TraceSet.Block from, ReadOnlySpan<int> samples, int numbers)
    {
        int count = samples.Length, stride = Stride(count);
        if (IsRun(samples))
        {
            fixed (double* to = Inputs) Transposition.Copy(from.At(samples[0]), from.Sample, from.Number, to, 1, stride, count, numbers);
            return;
        }
        for (int k = 0; k < numbers; k++)
        {
            Span<double> row = Inputs.AsSpan(k * stride, count);
            for (int i = 0; i < row.Length; i++) row[i] = from[samples[i], k];
        }
    }

    /// <summary>From one number's samples to the next's: not a multiple of the distance at which the first cache has its sets again.</summary>
    public static int Stride(int samples)
    {
        int whole = (samples + 7) & ~7;
        return whole % 64 == 0 ? whole + 8 : whole;
    }

    /// <summary>Whether the samples, which are in order, lie one behind the other.</summary>
    private static bool IsRun(ReadOnlySpan<int> samples) => samples[^1] - samples[0] == samples.Length - 1;

    /// <summary>Some rows of the results to where they belong, for the samples that took the path.</summary>
    public unsafe void Scatter(in TraceSet.Block to, ReadOnlySpan<int> samples, ReadOnlySpan<double> taken, bool everywhere, int first, int numbers)
    {
        if (to.IsEmpty) return;
        int stride = Stride(samples.Length);
        if (everywhere && IsRun(samples))
        {
            fixed (double* from = Outputs)
                Transposition.Copy(from + first * stride, 1, stride, to.At(samples[0]), to.Sample, to.Number, samples.Length, numbers);
            return;
        }
        for (int k = 0; k < numbers; k++)
        {
            ReadOnlySpan<double> row = Outputs.AsSpan((first + k) * stride, samples.Length);
            for (int i = 0; i < row.Length; i++)
                if (everywhere || taken[i] != 0) to[samples[i], k] = row[i];
        }
    }

    public void Dispose()
    {
        ArrayPool<double>.Shared.Return(Inputs);
        ArrayPool<double>.Shared.Return(Outputs);
        ArrayPool<int>.Shared.Return(Pending);
        ArrayPool<double>.Shared.Return(Point);
        ArrayPool<double>.Shared.Return(Results);
    }
}

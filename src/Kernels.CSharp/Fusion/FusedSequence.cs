using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>One loop of a step: what happens to one element, and the numbers of the values that go in and come out.</summary>
internal sealed record SequenceLoop(ScalarProgram Program, int[] Inputs, int[] Outputs);

/// <summary>
/// The same elementwise loops again and again, over the rows of arrays: the body of a scan without the cost of a call for each step. All values are float64, arrays of one size or single
/// numbers; they stay in scratch memory from step to step, where single numbers are spread. One sequence serves many runs, and several threads at once. Results have the bits of the
/// loops run one by one.
/// </summary>
internal sealed unsafe class FusedSequence
{
    /// <summary>The largest arrays: beyond it the values of a step do not stay in the cache anyway.</summary>
    public const int MostElements = 4096;

    private const int Alignment = 64;

    private readonly TileExecutor[] _executors;
    private readonly SequenceLoop[] _loops;
    private readonly Spares<SequenceRun> _runs = new();

    /// <param name="loops">What a step does, in order.</param>
    /// <param name="values">How many values the loops' numbers count.</param>
    /// <param name="execution">Which executor runs them.</param>
    public FusedSequence(SequenceLoop[] loops, int values, Execution execution)
    {
        _loops = loops;
        Values = values;
        _executors = Array.ConvertAll(loops, loop => FusedKernel.CreateExecutor(loop.Program, execution));
    }

    /// <summary>How many values there are.</summary>
    public int Values { get; }

    /// <summary>Scratch memory for a run over arrays of a size, to be given back by <see cref="End"/>.</summary>
    public SequenceRun Begin(int count)
    {
        var run = _runs.Take() ?? new SequenceRun();
        run.Lay(this, count);
        return run;
    }

    /// <summary>Gives the memory of a run back.</summary>
    public void End(SequenceRun run)
    {
        run.Clear();
        _runs.Give(run);
    }

    /// <summary>One run: values are given, rows bound, then it goes, then values are taken.</summary>
    internal sealed class SequenceRun
    {
        private readonly List<Stream> _rows = [], _results = [];
        private readonly List<(int From, int To)> _carries = [];
        private byte[] _memory = [];
        private FusedSequence _sequence = null!;
        private int _count, _padded;
        private double* _values;
        private nint** _tables;
        private bool** _numbers;

        /// <summary>A value and the rows it is read from or written to.</summary>
        private readonly record struct Stream(int Value, double[] Data, int Offset, int Size);

        public void Lay(FusedSequence sequence, int count)
        {
            (_sequence, _count, _padded) = (sequence, count, (count + 15) & ~15);
            nint entries = 0, slots = 0;
            for (var l = 0; l < sequence._loops.Length; l++)
            {
                entries += Entries(l);
                slots = Math.Max(slots, sequence._executors[l].Slots);
            }

            var loops = sequence._loops.Length;
            var bytes = 8L * _padded * (sequence.Values + slots) + 17 * entries + 16L * loops + (5 + 3 * loops) * Alignment;
            if (_memory.Length < bytes) _memory = GC.AllocateUninitializedArray<byte>(checked((int)bytes), pinned: true);
            var at = (nint)Unsafe.AsPointer(ref _memory[0]);
            _values = (double*)Take(ref at, 8 * (nint)_padded * sequence.Values);
            var scratch = Take(ref at, 8 * _padded * slots);
            _tables = (nint**)Take(ref at, 8 * loops);
            _numbers = (bool**)Take(ref at, 8 * loops);
            for (var l = 0; l < loops; l++)
            {
                _tables[l] = Table(l, ref at, scratch);
                // An executor notes there which of its own values are single numbers; none that goes in is.
                _numbers[l] = (bool*)Take(ref at, Entries(l));
                new Span<bool>(_numbers[l], Entries(l)).Clear();
            }
        }

        private int Entries(int l) => _sequence._loops[l].Inputs.Length + _sequence._loops[l].Outputs.Length + _sequence._executors[l].Slots + _sequence._executors[l].Constants.Length;

        private static nint Take(ref nint at, nint bytes)
        {
            var start = (at + Alignment - 1) & ~(nint)(Alignment - 1);
            at = start + bytes;
            return start;
        }

        /// <summary>The places of a loop's values; they stay the same for all steps.</summary>
        private nint* Table(int l, ref nint at, nint scratch)
        {
            var (loop, executor) = (_sequence._loops[l], _sequence._executors[l]);
            var table = (nint*)Take(ref at, 8 * Entries(l));
            var k = 0;
            foreach (var value in loop.Inputs) table[k++] = (nint)Value(value);
            foreach (var value in loop.Outputs) table[k++] = (nint)Value(value);
            for (var slot = 0; slot < executor.Slots; slot++) table[k++] = scratch + 8 * (nint)_padded * slot;
            var constants = (long*)Take(ref at, 8 * executor.Constants.Length);
            for (var c = 0; c < executor.Constants.Length; c++)
            {
                constants[c] = executor.Constants[c];
                table[k++] = (nint)(constants + c);
            }

            return table;
        }

        private double* Value(int value) => _values + (nint)value * _padded;

        /// <summary>What a value is before the first step: as many numbers as there are elements, or one for all.</summary>
        public void Give(int value, ReadOnlySpan<double> numbers) => Put(numbers, new(Value(value), _padded));

        /// <summary>Lanes behind the last element compute along: with a number that occurs.</summary>
        private static void Put(ReadOnlySpan<double> numbers, Span<double> to)
        {
            to.Fill(numbers[0]);
            numbers.CopyTo(to);
        }

        /// <summary>A value is read from row after row.</summary>
        public void Rows(int value, double[] data, int offset, int size)
        {
            _rows.Add(new(value, data, offset, size));
            Put(data.AsSpan(offset, size), new(Value(value), _padded));
        }

        /// <summary>A value is written to row after row.</summary>
        public void Results(int value, double[] data, int offset, int size) => _results.Add(new(value, data, offset, size));

        /// <summary>What a value is after a step becomes another one before the next.</summary>
        public void Carry(int from, int to)
        {
            if (from != to) _carries.Add((from, to));
        }

        /// <summary>The first numbers of a value.</summary>
        public void Take(int value, Span<double> numbers) => new ReadOnlySpan<double>(Value(value), numbers.Length).CopyTo(numbers);

        /// <summary>Runs the steps, over the rows from the first or from the last.</summary>
        public void Go(int steps, bool backwards)
        {
            for (var step = 0; step < steps; step++)
            {
                var t = backwards ? steps - 1 - step : step;
                foreach (ref readonly var row in CollectionsMarshal.AsSpan(_rows)) Read(row, t);
                for (var l = 0; l < _sequence._executors.Length; l++)
                {
                    var executor = _sequence._executors[l];
                    executor.Execute(_tables[l], _numbers[l], (_count + executor.Width - 1) / executor.Width * executor.Width);
                }

                foreach (ref readonly var row in CollectionsMarshal.AsSpan(_results))
                    new ReadOnlySpan<double>(Value(row.Value), row.Size).CopyTo(row.Data.AsSpan(row.Offset + t * row.Size, row.Size));
                foreach (var (from, to) in CollectionsMarshal.AsSpan(_carries))
                    Unsafe.CopyBlock(Value(to), Value(from), (uint)(8 * _padded));
            }
        }

        private void Read(in Stream row, int t)
        {
            var numbers = row.Data.AsSpan(row.Offset + t * row.Size, row.Size);
            if (row.Size == 1) new Span<double>(Value(row.Value), _padded).Fill(numbers[0]);
            else numbers.CopyTo(new(Value(row.Value), row.Size));
        }

        public void Clear()
        {
            _rows.Clear();
            _results.Clear();
            _carries.Clear();
        }
    }
}

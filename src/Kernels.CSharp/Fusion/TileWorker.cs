using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>How an output of a run is written.</summary>
internal enum OutputKind : byte
{
    /// <summary>Straight to its place.</summary>
    Direct,
    /// <summary>Through a buffer, because an input shares its memory.</summary>
    Buffered,
    /// <summary>To a buffer, from which it is reduced.</summary>
    Reduced,
    /// <summary>To a window, from which it is added up at its place of a larger array.</summary>
    Placed,
}

/// <summary>One thread's part in a run: scratch memory laid out for the executor, and the walk over tiles.</summary>
internal sealed unsafe partial class TileWorker
{
    /// <summary>Room behind the last element of a tile, for a group of lanes that is not full.</summary>
    private const int Slack = 128;

    /// <summary>Rows at least this long are cut at their ends; shorter ones are gathered, many to a tile.</summary>
    private const int LongRow = 256;

    private const int CacheBytes = 32 * 1024;

    private readonly TileExecutor _executor;
    private readonly ScalarType[] _inputTypes;
    private readonly ScalarType[] _outputTypes;
    private readonly int _tile;
    private readonly nint _scratchBytes;
    private byte[] _scratch = [];
    private FusedRun _run = null!;
    private nint* _table;
    private nint* _inputBuffers;
    private nint* _outputBuffers;
    private nint* _padded;
    private bool* _numbers;
    private nint _pads;
    /// <summary>Where the row that tiles go along begins in each strided input, and which row that is; -1: none.</summary>
    private nint* _rowStarts;
    private nint _row;

    public TileWorker(TileExecutor executor, ScalarProgram program, ReadOnlySpan<FusedPlaces> places)
    {
        _executor = executor;
        foreach (var some in places) _history = Math.Max(_history, (some.Span + 15) & ~15);
        _inputTypes = program.Inputs.ToArray();
        _outputTypes = new ScalarType[program.Outputs.Length];
        for (var k = 0; k < _outputTypes.Length; k++) _outputTypes[k] = program.OutputType(k);

        _tile = TileOf(executor);
        _window = places.IsEmpty ? 0 : _history + Math.Max(_tile, _history);
        _scratchBytes = ScratchBytes();
    }

    /// <summary>Elements a tile: what the cache holds of all values.</summary>
    private int TileOf(TileExecutor executor)
        => (int)Math.Clamp(CacheBytes / Math.Max(BytesPerElement, 1), executor.SmallestTile, TileReducer.RowLeaf) & ~15;

    private long BytesPerElement
    {
        get
        {
            var bytes = 8L * _executor.Slots;
            foreach (var type in _inputTypes) bytes += type.Size();
            foreach (var type in _outputTypes) bytes += type.Size();
            return bytes;
        }
    }

    /// <summary>Room for everything that <see cref="Begin"/> lays out, each part aligned.</summary>
    private nint ScratchBytes()
    {
        const long Aligned = 64;
        int streams = _inputTypes.Length + _outputTypes.Length;
        var tables = (3L * 8 + 1) * Entries + 8L * _inputTypes.Length + 8L * _executor.Constants.Length + 9 * Aligned;
        var buffers = BytesPerElement * _tile + (Slack + Aligned) * (streams + _executor.Slots);
        var rest = (long)Slack * streams + 8L * (TileReducer.RowLeaf + _window) * _outputTypes.Length;
        if (tables + buffers + rest > int.MaxValue)
            throw new InvalidOperationException("The program needs more than 2 GB of scratch memory a thread; cut it into smaller programs.");
        return (nint)(tables + buffers + rest);
    }

    private int Entries => _inputTypes.Length + _outputTypes.Length + _executor.Slots + _executor.Constants.Length;

    /// <summary>A buffer that holds what was last evaluated of a reduced output.</summary>
    public nint Reduced(int output) => _outputBuffers[output];

    /// <summary>Takes scratch memory, lays it out and fills what stays the same for all tiles.</summary>
    public void Begin(FusedRun run)
    {
        _run = run;
        _next = -1;
        _row = -1;
        var periodic = 0;
        for (var k = 0; k < _inputTypes.Length; k++) periodic += run.Nest.Kind(k) == InputKind.Periodic ? 8 * LoopNest.MaxPeriod : 0;
        if (_scratch.Length < _scratchBytes + periodic) _scratch = GC.AllocateUninitializedArray<byte>(checked((int)_scratchBytes + periodic), pinned: true);
        var memory = new Memory((nint)Unsafe.AsPointer(ref _scratch[0]));
        LayTables(ref memory);
        LayBuffers(ref memory);
        LayConstants(ref memory);
        for (var k = 0; k < _inputTypes.Length; k++)
        {
            if (run.Nest.Kind(k) == InputKind.Number) SetNumber(k, run.Input(k), (int)Math.Min(_tile, run.Nest.Count));
            else if (run.Nest.Kind(k) == InputKind.Periodic) SetPeriodic(k);
        }
    }

    /// <summary>Hands out scratch memory piece by piece, each on a line of the cache.</summary>
    private struct Memory(nint at)
    {
        private nint _at = at;

        public nint Take(nint bytes)
        {
            var start = (_at + 63) & ~(nint)63;
            _at = start + bytes;
            return start;
        }
    }

    private void LayTables(ref Memory memory)
    {
        _table = (nint*)memory.Take(8 * Entries);
        _padded = (nint*)memory.Take(8 * Entries);
        _inputBuffers = (nint*)memory.Take(8 * _inputTypes.Length);
        _outputBuffers = (nint*)memory.Take(8 * _outputTypes.Length);
        _rowStarts = (nint*)memory.Take(8 * _inputTypes.Length);
        _numbers = (bool*)memory.Take(Entries);
        new Span<bool>(_numbers, Entries).Clear();
        _pads = memory.Take((_inputTypes.Length + _outputTypes.Length) * Slack);
    }

    private void LayBuffers(ref Memory memory)
    {
        for (var k = 0; k < _inputTypes.Length; k++)
            _inputBuffers[k] = memory.Take((_tile + (_run.Nest.Kind(k) == InputKind.Periodic ? LoopNest.MaxPeriod : 0)) * _inputTypes[k].Size() + Slack);
        for (var k = 0; k < _outputTypes.Length; k++)
            _outputBuffers[k] = memory.Take((_run.OutputKind(k) switch { OutputKind.Reduced => TileReducer.RowLeaf, OutputKind.Placed => _window, _ => _tile }) * _outputTypes[k].Size() + Slack);
        for (var k = 0; k < _executor.Slots; k++) _table[_inputTypes.Length + _outputTypes.Length + k] = memory.Take(8 * _tile + Slack);
    }

    private void LayConstants(ref Memory memory)
    {
        var constants = _executor.Constants;
        var first = _inputTypes.Length + _outputTypes.Length + _executor.Slots;
        var at = memory.Take(8 * constants.Length);
        for (var k = 0; k < constants.Length; k++)
        {
            ((long*)at)[k] = constants[k];
            _table[first + k] = at + 8 * k;
        }
    }

    /// <summary>Ends the use of a run's memory.</summary>
    public void End() => _run = null!;

    /// <summary>Computes count elements from element p on. Reduced outputs, of at most <see cref="TileReducer.RowLeaf"/> elements, are left in their buffers.</summary>
    public void Evaluate(nint p, nint count)
    {
        if (_window > 0 && p != _next) Resume(p);
        Evaluate(p, count, true);
    }

    /// <summary>The same; what is placed, or only kept for the tiles behind.</summary>
    private void Evaluate(nint p, nint count, bool places)
    {
        var nest = _run.Nest;
        var rows = nest.HasStrided && nest.Inner >= LongRow;
        for (nint done = 0; done < count;)
        {
            var size = (int)Math.Min(_tile, count - done);
            if (rows) size = (int)Math.Min(size, nest.Inner - (p + done) % nest.Inner);
            if (_windowAt + size > _window && _window > 0) SlideWindows();
            if (rows) SetRow(p + done, size);
            else SetInputs(p + done, size);
            SetOutputs(p + done, places ? done : 0);
            Execute(size);
            for (var k = 0; k < _outputTypes.Length; k++)
                if (_run.OutputKind(k) == OutputKind.Buffered)
                    Copy(_outputBuffers[k], _run.Output(k) + (p + done) * _outputTypes[k].Size(), size * _outputTypes[k].Size());
            if (_window > 0) Place(p + done, size, places);
            done += size;
        }
    }

    private void SetInputs(nint p, int count)
    {
        var nest = _run.Nest;
        for (var k = 0; k < _inputTypes.Length; k++)
        {
            if (nest.Kind(k) == InputKind.Contiguous) _table[k] = _run.Input(k) + p * _inputTypes[k].Size();
            else if (nest.Kind(k) == InputKind.Periodic) _table[k] = _inputBuffers[k] + p % nest.Period(k) * _inputTypes[k].Size();
            else if (nest.Kind(k) == InputKind.Strided) SetStrided(k, p, count);
        }
    }

    /// <summary>The inputs of a tile in one row: what the row decides is found once for all of its tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetRow(nint p, int count)
    {
        var nest = _run.Nest;
        var (row, column) = Math.DivRem(p, nest.Inner);
        if (row != _row) BeginRow(row);
        for (var k = 0; k < _inputTypes.Length; k++)
        {
            var size = _inputTypes[k].Size();
            if (nest.Kind(k) == InputKind.Contiguous) _table[k] = _run.Input(k) + p * size;
            else if (nest.Kind(k) == InputKind.Periodic) _table[k] = _inputBuffers[k] + p % nest.Period(k) * size;
            else if (nest.Kind(k) == InputKind.Strided && nest.InnerStride(k) is not 0 and var stride)
            {
                var from = _run.Input(k) + (_rowStarts[k] + column * stride) * size;
                _table[k] = stride == 1 ? from : _inputBuffers[k];
                if (stride != 1) Gather(size, from, stride, _inputBuffers[k], count);
            }
        }
    }

    private void BeginRow(nint row)
    {
        var nest = _run.Nest;
        Span<nint> index = stackalloc nint[LoopNest.MaxRank];
        _row = row;
        for (var k = 0; k < _inputTypes.Length; k++)
        {
            if (nest.Kind(k) != InputKind.Strided) continue;
            _numbers[k] = false;
            _rowStarts[k] = nest.RowStart(k, row * nest.Inner, index, out var column) + column * nest.InnerStride(k);
            if (nest.InnerStride(k) == 0) SetNumber(k, _run.Input(k) + _rowStarts[k] * _inputTypes[k].Size(), (int)Math.Min(_tile, nest.Inner));
        }
    }

    private void SetStrided(int k, nint p, int count)
    {
        var nest = _run.Nest;
        Span<nint> index = stackalloc nint[LoopNest.MaxRank];
        var size = _inputTypes[k].Size();
        var stride = nest.InnerStride(k);
        var row = nest.RowStart(k, p, index, out var column);
        _numbers[k] = false;
        if (column + count > nest.Row(k)) GatherRows(k, row, column, index, count);
        else if (stride == 0) SetNumber(k, _run.Input(k) + row * size, count);
        else if (stride == 1) _table[k] = _run.Input(k) + (row + column) * size;
        else
        {
            _table[k] = _inputBuffers[k];
            Gather(size, _run.Input(k) + (row + column * stride) * size, stride, _table[k], count);
        }
    }

    /// <summary>One number for the whole tile: left where it is, or spread over the buffer.</summary>
    private void SetNumber(int k, nint from, int count)
    {
        _numbers[k] = _executor.TakesNumbers;
        _table[k] = _executor.TakesNumbers ? from : _inputBuffers[k];
        if (!_executor.TakesNumbers) Gather(_inputTypes[k].Size(), from, 0, _table[k], count);
    }

    /// <summary>The blocks of a periodic input one behind the other, so that a tile can begin anywhere in the first.</summary>
    private void SetPeriodic(int k)
    {
        var nest = _run.Nest;
        Span<nint> index = stackalloc nint[LoopNest.MaxRank];
        index.Clear();
        GatherRows(k, 0, 0, index, (int)Math.Min(_tile + nest.Period(k), nest.Count));
    }

    private void GatherRows(int k, nint row, nint column, Span<nint> index, int count)
    {
        var nest = _run.Nest;
        var size = _inputTypes[k].Size();
        var stride = nest.InnerStride(k);
        _table[k] = _inputBuffers[k];
        var length = nest.Row(k);
        for (nint done = 0; done < count; column = 0)
        {
            nint from = _run.Input(k) + (row + column * stride) * size, to = _table[k] + done * size;
            // whole rows together: a row may be two or three elements
            var rows = column == 0 ? Math.Min(nest.RowsAhead(k, index), (count - done) / length) : 0;
            if (rows > 0) GatherBlock(size, from, stride, nest.RowStride(k), to, rows, (int)length);
            else Gather(size, from, stride, to, (int)Math.Min(count - done, length - column));
            done += rows > 0 ? rows * length : Math.Min(count - done, length - column);
            row = nest.NextRow(k, row, index, Math.Max(rows, 1));
        }
    }

    /// <summary>Rows of equal length at one distance, one behind the other.</summary>
    private static void GatherBlock(int size, nint from, nint stride, nint rowStride, nint to, nint rows, int length)
    {
        switch (size)
        {
            case 8: GatherBlock((long*)from, stride, rowStride, (long*)to, rows, length); break;
            case 4: GatherBlock((int*)from, stride, rowStride, (int*)to, rows, length); break;
            default: GatherBlock((byte*)from, stride, rowStride, (byte*)to, rows, length); break;
        }
    }

    private static void GatherBlock<T>(T* from, nint stride, nint rowStride, T* to, nint rows, int length) where T : unmanaged
    {
        if (stride == 0 && length <= Vector256<T>.Count)
            for (nint r = 0; r < rows; r++) Vector256.Create(from[r * rowStride]).Store(to + r * length);
        else
            for (nint r = 0; r < rows; r++) Gather(from + r * rowStride, stride, to + r * length, length);
    }

    private static void Gather(int size, nint from, nint stride, nint to, int count)
    {
        switch (size)
        {
            case 8: Gather((long*)from, stride, (long*)to, count); break;
            case 4: Gather((int*)from, stride, (int*)to, count); break;
            default: Gather((byte*)from, stride, (byte*)to, count); break;
        }
    }

    private static void Gather<T>(T* from, nint stride, T* to, int count) where T : unmanaged
    {
        if (stride == 0) Spread(*from, to, count);
        else if (stride == 1 && count >= 16) new Span<T>(from, count).CopyTo(new Span<T>(to, count));
        else
            for (var i = 0; i < count; i++) to[i] = from[i * stride];
    }

    /// <summary>In whole vectors: what they write behind the last element is overwritten by the next row, or lies in the buffer's slack.</summary>
    private static void Spread<T>(T value, T* to, int count) where T : unmanaged
    {
        var vector = Vector256.Create(value);
        for (var i = 0; i < count; i += Vector256<T>.Count) vector.Store(to + i);
    }

    private void SetOutputs(nint p, nint done)
    {
        for (var k = 0; k < _outputTypes.Length; k++)
        {
            var size = _outputTypes[k].Size();
            _table[_inputTypes.Length + k] = _run.OutputKind(k) switch
            {
                OutputKind.Direct => _run.Output(k) + p * size,
                OutputKind.Reduced => _outputBuffers[k] + done * size,
                OutputKind.Placed => _outputBuffers[k] + (nint)_windowAt * size,
                _ => _outputBuffers[k],
            };
        }
    }

    /// <summary>Whole groups of lanes as they lie; a last incomplete group through padded copies, by the same instructions.</summary>
    private void Execute(int count)
    {
        var rest = count % _executor.Width;
        var whole = count - rest;
        if (whole > 0) _executor.Execute(_table, _numbers, whole);
        if (rest == 0) return;
        int inputs = _inputTypes.Length, outputs = _outputTypes.Length;
        Copy((nint)_table, (nint)_padded, 8 * Entries);
        for (var k = 0; k < inputs + outputs; k++) _padded[k] = _pads + k * Slack;
        for (var k = 0; k < inputs; k++)
        {
            var size = _inputTypes[k].Size();
            var from = _table[k] + whole * size;
            Copy(from, _padded[k], rest * size);
            Gather(size, from, 0, _padded[k] + rest * size, _executor.Width - rest);
        }
        _executor.Execute(_padded, _numbers, _executor.Width);
        for (var k = 0; k < outputs; k++)
        {
            var size = _outputTypes[k].Size();
            Copy(_padded[inputs + k], _table[inputs + k] + whole * size, rest * size);
        }
    }

    private static void Copy(nint from, nint to, nint bytes) => Buffer.MemoryCopy((void*)from, (void*)to, bytes, bytes);
}

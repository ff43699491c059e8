using System;
using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>One call of a fused kernel: where its operands lie, and how the loop is shared out. Reused from call to call.</summary>
internal sealed unsafe class FusedRun(FusedKernel kernel)
{
    /// <summary>Columns that are reduced side by side.</summary>
    private const int ColumnTile = 256;

    /// <summary>What rows share stays in the second cache if it is no more.</summary>
    private const int SharedBytes = 256 * 1024;

    /// <summary>Columns that go together at least: a few tiles.</summary>
    private const int FewestColumns = 512;

    /// <summary>Rows a thread takes at least where threads share out rows.</summary>
    private const int FewestRows = 8;

    /// <summary>What is fetched for an element that lies alone.</summary>
    private const int LineBytes = 64;

    private readonly ScalarProgram _program = kernel.Program;
    private readonly nint[] _inputs = new nint[kernel.Program.Inputs.Length];
    private readonly nint[] _outputs = new nint[kernel.Program.Outputs.Length];
    private readonly long[] _numbers = GC.AllocateArray<long>(Math.Max(1, kernel.Program.Inputs.Length), pinned: true);
    private readonly nint[] _bases = new nint[kernel.Places.Length];
    private readonly OutputKind[] _outputKinds = new OutputKind[kernel.Program.Outputs.Length];
    private readonly int[] _reduced = kernel.ReducedOutputs;
    private int _outer, _n, _inner;

    /// <summary>The loop.</summary>
    public LoopNest Nest { get; } = new(kernel.Program.Inputs.Length);

    public nint Input(int k) => _inputs[k];

    public nint Output(int k) => _outputs[k];

    /// <summary>What is added up at its places.</summary>
    public ReadOnlySpan<FusedPlaces> Places => kernel.Places;

    /// <summary>The array that is added behind the blocks of some places; 0: none.</summary>
    public nint Base(int places) => _bases[places];

    public OutputKind OutputKind(int k) => _outputKinds[k];

    /// <summary>Runs the kernel over [outer; n; inner], of which the middle is reduced.</summary>
    public void Run(ReadOnlySpan<int> shape, int outer, int n, int inner, ReadOnlySpan<LoopOperand> inputs, ReadOnlySpan<LoopOperand> outputs,
        ReadOnlySpan<LoopOperand> bases)
    {
        (_outer, _n, _inner) = (outer, n, inner);
        Nest.Set(shape, inputs);
        for (var k = 0; k < outputs.Length; k++)
        {
            var reduced = kernel.Reducer(k) is not null;
            // what placed outputs keep from tile to tile may have to be computed again: no input can be gone by then
            var shares = Shares(outputs[k], reduced || kernel.Places.Length > 0, inputs);
            _outputKinds[k] = reduced ? Kernels.OutputKind.Reduced : kernel.PlacesOf(k) is { } places && !IsOneRow(places) ? Kernels.OutputKind.Placed
                : shares ? Kernels.OutputKind.Buffered : Kernels.OutputKind.Direct;
        }
        Array.Clear(_bases);
        Pin(inputs, outputs, bases, 0);
    }

    /// <summary>Runs the kernel over independent samples: element s of input k lies at <c>inputs[k * inputStride + s]</c>, the outputs likewise.</summary>
    public void RunBatch(double* inputs, nint inputStride, double* outputs, nint outputStride, int samples, bool alone)
    {
        Nest.SetContiguous(samples);
        for (var k = 0; k < _inputs.Length; k++) _inputs[k] = (nint)(inputs + k * inputStride);
        for (var k = 0; k < _outputs.Length; k++)
        {
            _outputs[k] = (nint)(outputs + k * outputStride);
            _outputKinds[k] = Kernels.OutputKind.Direct;
        }
        if (alone) Elements(1);
        else Execute();
    }

    /// <summary>Fixes the operands' arrays one inside the other, so that no handle is allocated, and goes on.</summary>
    private void Pin(ReadOnlySpan<LoopOperand> inputs, ReadOnlySpan<LoopOperand> outputs, ReadOnlySpan<LoopOperand> bases, int k)
    {
        if (k == inputs.Length + outputs.Length)
        {
            PinBases(bases, 0);
            return;
        }
        ref readonly var operand = ref k < inputs.Length ? ref inputs[k] : ref outputs[k - inputs.Length];
        if (operand.Data is not { } data)
        {
            _numbers[k] = operand.Bits;
            fixed (long* number = &_numbers[k]) _inputs[k] = (nint)number;
            Pin(inputs, outputs, bases, k + 1);
            return;
        }
        fixed (byte* start = &MemoryMarshal.GetArrayDataReference(data))
        {
            if (k < inputs.Length) _inputs[k] = (nint)start + (nint)operand.Offset * _program.Inputs[k].Size();
            else _outputs[k - inputs.Length] = (nint)start + (nint)operand.Offset * _program.OutputType(k - inputs.Length).Size();
            Pin(inputs, outputs, bases, k + 1);
        }
    }

    private void PinBases(ReadOnlySpan<LoopOperand> bases, int k)
    {
        while (k < bases.Length && bases[k].Data is null) k++;
        if (k == bases.Length)
        {
            Execute();
            return;
        }
        fixed (byte* start = &MemoryMarshal.GetArrayDataReference(bases[k].Data!))
        {
            _bases[k] = (nint)start + (nint)bases[k].Offset * _program.OutputType(kernel.Places[k].First).Size();
            PinBases(bases, k + 1);
        }
    }

    private bool Shares(in LoopOperand output, bool reduced, ReadOnlySpan<LoopOperand> inputs)
    {
        var shares = false;
        for (var k = 0; k < inputs.Length; k++)
        {
            if (!ReferenceEquals(inputs[k].Data, output.Data)) continue;
            if (reduced || inputs[k].Offset != output.Offset || Nest.Kind(k) != InputKind.Contiguous) ThrowShared(k);
            shares = true;
        }
        return shares;
    }

    private static void ThrowShared(int k)
        => throw new ArgumentException($"An output shares the array of input {k}, but not element by element: the input is broadcast, strided or begins elsewhere, or an output is reduced or placed. "
            + "Write to another array.", "outputs");

    /// <summary>Whether the loop is one row of one output that is stored as it is: it goes straight to its place.</summary>
    private bool IsOneRow(FusedPlaces places) => !places.Sums && Nest.Count == places.Block;

    /// <summary>Zeros around such a row.</summary>
    private void EmbedRows()
    {
        foreach (var places in kernel.Places)
        {
            if (_outputKinds[places.First] == Kernels.OutputKind.Placed) continue;
            var size = _program.OutputType(places.First).Size();
            int before = places.Shifts[0], behind = places.Row - places.Block - before;
            new Span<byte>((void*)_outputs[places.First], before * size).Clear();
            _outputs[places.First] += before * size;
            new Span<byte>((void*)(_outputs[places.First] + places.Block * size), behind * size).Clear();
        }
    }

    private void Execute()
    {
        EmbedRows();
        if (Nest.Count == 0)
        {
            ReduceNothing();
            return;
        }
        var threads = Parallelism.Threads(Nest.Count * kernel.NanosecondsPerElement);
        if (_reduced.Length == 0) Elements(threads);
        else if (_inner == 1) Rows(threads);
        else Columns(threads);
    }

    private void ReduceNothing()
    {
        foreach (var k in _reduced)
        {
            var reducer = kernel.Reducer(k)!;
            for (nint i = 0; i < (nint)_outer * _inner; i++) reducer.Store(reducer.Identity, 0, _outputs[k], i);
        }
    }

    private delegate void Stretch(FusedRun run, TileWorker worker, nint begin, nint end);

    /// <summary>Runs [0, count) in contiguous stretches of whole grains, which only share out work.</summary>
    private void Split(nint count, int grain, int threads, Stretch work)
    {
        if (threads <= 1) Work(0, count, work);
        else Parallelism.Share((int)((count + grain - 1) / grain), threads, PiecesOf(count, threads), new Grains(this, count, grain, work));
    }

    /// <summary>Into how many pieces each thread's share is cut: others take some of them from a thread that is late.</summary>
    private int PiecesOf(nint count, int threads) => Parallelism.PiecesOf(count * kernel.NanosecondsPerElement, threads);

    private readonly struct Grains(FusedRun run, nint count, int grain, Stretch work) : IShared
    {
        public void Run(int begin, int end) => run.Work((nint)begin * grain, Math.Min(count, (nint)end * grain), work);
    }

    private void Work(nint begin, nint end, Stretch work)
    {
        var worker = kernel.RentWorker();
        worker.Begin(this);
        work(this, worker, begin, end);
        worker.End();
        kernel.Return(worker);
    }

    private void Elements(int threads)
    {
        var columns = ColumnsTogether();
        if (columns == Nest.Inner) Split(Nest.Count, 64, threads, static (_, worker, begin, end) => worker.Evaluate(begin, end - begin));
        // Each thread takes rows where there are enough of them, else columns.
        else if (Nest.Count / Nest.Inner >= FewestRows * threads) Split(Nest.Count / Nest.Inner, 1, threads, static (run, worker, begin, end) => run.ColumnBlocks(worker, begin, end, 0, run.Nest.Inner));
        else Split(Nest.Inner, columns, threads, static (run, worker, begin, end) => run.ColumnBlocks(worker, 0, run.Nest.Count / run.Nest.Inner, begin, end));
    }

    /// <summary>How many columns go together where rows share inputs that are too long to stay in the cache from row to row: all rows of a block of columns come
    /// before the next block, so that what they share is fetched once.</summary>
    private int ColumnsTogether()
    {
        if (!Nest.HasStrided || Nest.Rank == 1 || kernel.Places.Length > 0) return (int)Nest.Inner;
        nint shared = 0;
        for (var k = 0; k < _inputs.Length; k++)
            if (Nest.Kind(k) == InputKind.Strided && Nest.Stride(k, Nest.Rank - 2) == 0)
                shared += Math.Min(LineBytes, Math.Abs(Nest.InnerStride(k)) * _program.Inputs[k].Size());
        if (shared * Nest.Inner <= SharedBytes) return (int)Nest.Inner;
        return (int)Math.Min(Nest.Inner, Math.Max(FewestColumns, SharedBytes / shared) & ~63);
    }

    private void ColumnBlocks(TileWorker worker, nint firstRow, nint endRow, nint firstColumn, nint endColumn)
    {
        nint columns = ColumnsTogether();
        for (var column = firstColumn; column < endColumn; column += columns)
            for (var row = firstRow; row < endRow; row++) worker.Evaluate(row * Nest.Inner + column, Math.Min(columns, endColumn - column));
    }

    // Rows: the innermost elements are reduced

    private void Rows(int threads)
    {
        if (_outer == 1 && threads > 1) RowParallel(threads);
        else if (_n <= TileReducer.RowLeaf / 2) Split(_outer, Math.Max(1, TileReducer.RowLeaf / Math.Max(1, _n)), threads, static (run, worker, begin, end) => run.ShortRows(worker, (int)begin, (int)end));
        else Split(_outer, 1, threads, static (run, worker, begin, end) => run.LongRows(worker, (int)begin, (int)end));
    }

    private void StoreRow(int o, double* results)
    {
        for (var r = 0; r < _reduced.Length; r++) kernel.Reducer(_reduced[r])!.Store(results[r], _n, _outputs[_reduced[r]], o);
    }

    /// <summary>Many rows to a tile.</summary>
    private void ShortRows(TileWorker worker, int begin, int end)
    {
        var together = TileReducer.RowLeaf / _n;
        for (var o = begin; o < end; o += together)
        {
            var rows = Math.Min(together, end - o);
            worker.Evaluate((nint)o * _n, (nint)rows * _n);
            foreach (var k in _reduced)
            {
                var reducer = kernel.Reducer(k)!;
                var step = (nint)_n * _program.OutputType(k).Size();
                for (var i = 0; i < rows; i++) reducer.Store(reducer.Row(worker.Reduced(k) + i * step, _n), _n, _outputs[k], o + i);
            }
        }
    }

    private void LongRows(TileWorker worker, int begin, int end)
    {
        var results = stackalloc double[_reduced.Length];
        for (var o = begin; o < end; o++)
        {
            Row(worker, (nint)o * _n, _n, results);
            StoreRow(o, results);
        }
    }

    /// <summary>The tree of a row, its leaves evaluated as they are reached.</summary>
    private void Row(TileWorker worker, nint start, int n, double* results)
    {
        if (n <= TileReducer.RowLeaf)
        {
            worker.Evaluate(start, n);
            for (var r = 0; r < _reduced.Length; r++) results[r] = kernel.Reducer(_reduced[r])!.Row(worker.Reduced(_reduced[r]), n);
            return;
        }
        var middle = TileReducer.Middle(n, TileReducer.RowLeaf);
        var right = stackalloc double[_reduced.Length];
        Row(worker, start, middle, results);
        Row(worker, start + middle, n - middle, right);
        Combine(results, right);
    }

    private void Combine(double* left, double* right)
    {
        for (var r = 0; r < _reduced.Length; r++) left[r] = kernel.Reducer(_reduced[r])!.Combine(left[r], right[r]);
    }

    /// <summary>The same tree, its branches on several threads.</summary>
    private void RowParallel(int threads)
    {
        var tree = new ReductionTree(_n, TileReducer.RowLeaf, threads * PiecesOf(_n, threads));
        var results = stackalloc double[tree.Branches * _reduced.Length];
        Parallelism.Share(tree.Branches, threads, PiecesOf(_n, threads), new RowBranches(this, tree, results));
        for (var step = 1; step < tree.Branches; step *= 2)
            for (var b = 0; b < tree.Branches; b += 2 * step) Combine(results + b * _reduced.Length, results + (b + step) * _reduced.Length);
        StoreRow(0, results);
    }

    private readonly struct RowBranches(FusedRun run, ReductionTree tree, double* results) : IShared
    {
        public void Run(int begin, int end) => run.Branches(tree, begin, end, results);
    }

    private void Branches(ReductionTree tree, int begin, int end, double* results)
    {
        var worker = kernel.RentWorker();
        worker.Begin(this);
        for (var b = begin; b < end; b++)
        {
            var (start, n) = tree.Branch(b);
            Row(worker, start, n, results + b * _reduced.Length);
        }
        worker.End();
        kernel.Return(worker);
    }

    // Columns: elements between others are reduced

    private void Columns(int threads)
    {
        var tiles = _outer * ((_inner + ColumnTile - 1) / ColumnTile);
        if (threads > 1 && tiles < threads * PiecesOf(Nest.Count, threads)) ColumnsParallel(tiles, threads);
        else Split(tiles, 1, threads, static (run, worker, begin, end) => run.ColumnTiles(worker, begin, end));
    }

    private void ColumnTiles(TileWorker worker, nint begin, nint end)
    {
        var memory = ArrayPool<double>.Shared.Rent(Depth(_n) * Results);
        fixed (double* results = memory)
            for (var t = begin; t < end; t++)
            {
                ColumnBranch(worker, t, 0, _n, results);
                StoreColumns(t, results);
            }
        ArrayPool<double>.Shared.Return(memory);
    }

    /// <summary>The results of a tile's reduced outputs.</summary>
    private int Results => _reduced.Length * ColumnTile;

    /// <summary>The reduction of some rows of a tile, from a row on, into the front of the memory.</summary>
    private void ColumnBranch(TileWorker worker, nint t, nint row, int n, double* memory)
    {
        Place(t, out var o, out var column, out var width);
        Block(worker, ((nint)o * _n + row) * _inner + column, n, width, memory, 0);
    }

    /// <summary>The levels of the tree over n rows, at most.</summary>
    private static int Depth(int n) => 3 + BitOperations.Log2((uint)(n / TileReducer.ColumnLeaf + 1));

    private void Place(nint t, out int o, out int column, out int width)
    {
        var tiles = (_inner + ColumnTile - 1) / ColumnTile;
        o = (int)(t / tiles);
        column = (int)(t % tiles) * ColumnTile;
        width = Math.Min(ColumnTile, _inner - column);
    }

    private void StoreColumns(nint t, double* results)
    {
        Place(t, out var o, out var column, out var width);
        for (var r = 0; r < _reduced.Length; r++) kernel.Reducer(_reduced[r])!.Store(results + r * ColumnTile, width, _n, _outputs[_reduced[r]], (nint)o * _inner + column);
    }

    /// <summary>The reduction of n rows, halved down to leaves, into the level's part of the memory; the right halves use the deeper levels.</summary>
    private void Block(TileWorker worker, nint start, int n, int width, double* memory, int level)
    {
        var results = memory + (nint)level * _reduced.Length * ColumnTile;
        if (n <= TileReducer.ColumnLeaf)
        {
            Leaf(worker, start, n, width, results);
            return;
        }
        var middle = TileReducer.Middle(n, TileReducer.ColumnLeaf);
        Block(worker, start, middle, width, memory, level);
        Block(worker, start + (nint)middle * _inner, n - middle, width, memory, level + 1);
        CombineColumns(results, results + _reduced.Length * ColumnTile, width);
    }

    private void CombineColumns(double* left, double* right, int width)
    {
        for (var r = 0; r < _reduced.Length; r++) kernel.Reducer(_reduced[r])!.Combine(left + r * ColumnTile, right + r * ColumnTile, width);
    }

    private void Leaf(TileWorker worker, nint start, int n, int width, double* results)
    {
        for (var r = 0; r < _reduced.Length; r++) new Span<double>(results + r * ColumnTile, width).Fill(kernel.Reducer(_reduced[r])!.Identity);
        // Whole rows run on into each other: several make one tile.
        var together = width == _inner ? Math.Max(1, TileReducer.RowLeaf / width) : 1;
        for (var j = 0; j < n; j += together)
        {
            var rows = Math.Min(together, n - j);
            worker.Evaluate(start + (nint)j * _inner, (nint)rows * width);
            for (var r = 0; r < _reduced.Length; r++) kernel.Reducer(_reduced[r])!.Columns(results + r * ColumnTile, worker.Reduced(_reduced[r]), rows, width);
        }
    }

    /// <summary>The same trees, their branches on several threads, where there are too few tiles.</summary>
    private void ColumnsParallel(int tiles, int threads)
    {
        var pieces = PiecesOf(Nest.Count, threads);
        var tree = new ReductionTree(_n, TileReducer.ColumnLeaf, (threads * pieces + tiles - 1) / tiles);
        var memory = ArrayPool<double>.Shared.Rent(tiles * tree.Branches * Results);
        fixed (double* results = memory)
        {
            Parallelism.Share(tiles * tree.Branches, threads, pieces, new ColumnBranches(this, tree, results));
            for (var t = 0; t < tiles; t++)
            {
                Place(t, out _, out _, out var width);
                var own = results + (nint)t * tree.Branches * Results;
                for (var step = 1; step < tree.Branches; step *= 2)
                    for (var b = 0; b < tree.Branches; b += 2 * step) CombineColumns(own + (nint)b * Results, own + (nint)(b + step) * Results, width);
                StoreColumns(t, own);
            }
        }
        ArrayPool<double>.Shared.Return(memory);
    }

    private readonly struct ColumnBranches(FusedRun run, ReductionTree tree, double* results) : IShared
    {
        public void Run(int begin, int end) => run.ColumnBranchesOf(tree, begin, end, results);
    }

    private void ColumnBranchesOf(ReductionTree tree, int begin, int end, double* results)
    {
        var worker = kernel.RentWorker();
        worker.Begin(this);
        var memory = ArrayPool<double>.Shared.Rent(Depth(_n) * Results);
        fixed (double* levels = memory)
            for (var i = begin; i < end; i++)
            {
                var (row, n) = tree.Branch(i % tree.Branches);
                ColumnBranch(worker, i / tree.Branches, row, n, levels);
                new ReadOnlySpan<double>(levels, Results).CopyTo(new(results + (nint)i * Results, Results));
            }
        ArrayPool<double>.Shared.Return(memory);
        worker.End();
        kernel.Return(worker);
    }
}

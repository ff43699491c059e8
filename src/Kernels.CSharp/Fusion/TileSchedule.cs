using System;
using System.Collections.Generic;

namespace DiffLib.Kernels;

/// <summary>One step of a generated executor over a tile: a generated loop, or an eager kernel.</summary>
internal sealed unsafe class TileStage
{
    private readonly TileLoop? _loop;
    private readonly Instruction _instruction;
    private readonly int _a, _b, _to;
    private readonly bool _numberA, _numberB;
    private readonly int[] _copies;
    private readonly int _second = -1;
    private readonly int[] _secondCopies = [];

    /// <summary>A generated loop.</summary>
    public TileStage(TileLoop loop)
    {
        _loop = loop;
        _copies = [];
    }

    /// <summary>A kernel from entries of the table to an entry, and copies to others; a number operand is one element for all.</summary>
    public TileStage(in Instruction instruction, (int At, bool Number) a, (int At, bool Number) b, int to, int[] copies)
    {
        _instruction = instruction;
        (_a, _numberA) = a;
        (_b, _numberB) = b;
        (_to, _copies) = (to, copies);
    }

    /// <summary>Two kernels that share their work: the instruction's function and its second, each to an entry and copies to others.</summary>
    public TileStage(in Instruction instruction, (int At, bool Number) a, (int To, int[] Copies) first, (int To, int[] Copies) second)
        : this(instruction, a, default, first.To, first.Copies) => (_second, _secondCopies) = second;

    public void Run(nint* table, int count)
    {
        if (_loop is not null)
        {
            _loop(table, count);
            return;
        }
        if (_second >= 0)
        {
            Pair(table, count);
            return;
        }
        if (_instruction.Type == ScalarType.Float64) Float64(table, count);
        else Float32(table, count);
        Copy(table, _to, _copies, count);
    }

    private void Pair(nint* table, int count)
    {
        if (_instruction.Type == ScalarType.Float64)
            Elementwise.Pair(_instruction.UnaryOp, new ReadOnlySpan<double>((void*)table[_a], count), new Span<double>((void*)table[_to], count), new Span<double>((void*)table[_second], count));
        else Elementwise.Pair(_instruction.UnaryOp, new ReadOnlySpan<float>((void*)table[_a], count), new Span<float>((void*)table[_to], count), new Span<float>((void*)table[_second], count));
        Copy(table, _to, _copies, count);
        Copy(table, _second, _secondCopies, count);
    }

    private void Copy(nint* table, int from, int[] copies, int count)
    {
        var bytes = (long)count * _instruction.Type.Size();
        foreach (var copy in copies) Buffer.MemoryCopy((void*)table[from], (void*)table[copy], bytes, bytes);
    }

    private void Float64(nint* table, int count)
    {
        var a = new ReadOnlySpan<double>((void*)table[_a], _numberA ? 1 : count);
        var y = new Span<double>((void*)table[_to], count);
        if (_instruction.Opcode == Opcode.Unary) Elementwise.Unary(_instruction.UnaryOp, a, y);
        else Elementwise.Binary(_instruction.BinaryOp, a, new ReadOnlySpan<double>((void*)table[_b], _numberB ? 1 : count), y);
    }

    private void Float32(nint* table, int count)
    {
        var a = new ReadOnlySpan<float>((void*)table[_a], _numberA ? 1 : count);
        var y = new Span<float>((void*)table[_to], count);
        if (_instruction.Opcode == Opcode.Unary) Elementwise.Unary(_instruction.UnaryOp, a, y);
        else Elementwise.Binary(_instruction.BinaryOp, a, new ReadOnlySpan<float>((void*)table[_b], _numberB ? 1 : count), y);
    }
}

/// <summary>Which instructions of a program run as eager kernels over the tile, and the program in an order that has few changes between those and loops: what
/// needs no kernel's result first, then the kernels that can run, and so on. Two elementary functions that do not wait for each other are
/// better in one loop, where they overlap; one alone, or many, are better called: nothing is gained by compiling them again. Long
/// programs keep their order, for their values' sake, and compute everything in their loops.</summary>
internal sealed class TileSchedule
{
    private const int LongProgram = 400;

    /// <summary>Elementary functions that are compiled into a program's loops, at most.</summary>
    private const int MostInLoops = 4;

    private readonly HashSet<Instruction> _called = [];
    private readonly HashSet<Instruction> _seconds = [];
    private readonly LaneCode _code;
    private readonly Dictionary<int, int> _constantPlaces = [];

    public TileSchedule(ScalarProgram program, LaneCode code)
    {
        _code = code;
        Program = program;
        if (program.Instructions.Length <= LongProgram) Program = Reorder(program, Calls(program));
        var constants = new List<long>();
        for (var v = 0; v < Program.Instructions.Length; v++)
        {
            if (Program.Instructions[v].Opcode != Opcode.Constant) continue;
            _constantPlaces.Add(v, constants.Count);
            constants.Add(Program.Instructions[v].Bits);
        }
        Constants = _called.Count > 0 ? [.. constants] : [];
    }

    /// <summary>The program in the order to run.</summary>
    public ScalarProgram Program { get; }

    /// <summary>The constants' bits.</summary>
    public long[] Constants { get; }

    /// <summary>Whether an instruction of the program in its new order runs as a kernel.</summary>
    public bool IsCall(in Instruction i) => _called.Contains(i);

    /// <summary>Whether an instruction of the program in its new order follows the function that shares its work.</summary>
    public bool IsSecond(in Instruction i) => _seconds.Contains(i);

    /// <summary>Whether an instruction can run as a kernel and is worth it: not arithmetic, and its elements lie in memory as in the lanes.</summary>
    private bool CanCall(ScalarProgram program, in Instruction i)
    {
        if (i.Type != (_code.IsSingle ? ScalarType.Float32 : ScalarType.Float64)) return false;
        return i.Opcode == Opcode.Unary ? !ProgramCost.IsArithmetic(i.UnaryOp) && i.UnaryOp != UnaryOp.Rsqrt
            : i.Opcode == Opcode.Binary && !ProgramCost.IsArithmetic(i.BinaryOp) && KernelTypes.OfPower(program, i) is null;
    }

    private static bool IsElementary(in Instruction i)
        => i.Opcode == Opcode.Unary ? ProgramCost.IsElementary(i.UnaryOp) : ProgramCost.IsElementary(i.BinaryOp);

    private bool[] Calls(ScalarProgram program)
    {
        var calls = new bool[program.Instructions.Length];
        for (var v = 0; v < calls.Length; v++) calls[v] = CanCall(program, program.Instructions[v]);
        var levels = Levels(program, calls);
        var leaders = Leaders(program);
        var elementary = new Dictionary<int, List<int>>();
        var total = 0;
        for (var v = 0; v < calls.Length; v++)
        {
            if (!calls[v] || !IsElementary(program.Instructions[v]) || leaders[v] != v) continue;
            total++;
            if (!elementary.TryGetValue(levels[v], out var level)) elementary.Add(levels[v], level = []);
            level.Add(v);
        }
        if (total <= MostInLoops)
            foreach (var level in elementary.Values)
                if (level.Count > 1)
                    foreach (var v in level) calls[v] = false;
        // The second of two functions goes where the first goes.
        for (var v = 0; v < calls.Length; v++) calls[v] = leaders[v] == v ? calls[v] : calls[leaders[v]];
        return calls;
    }

    /// <summary>How many calls lie one behind the other before each value.</summary>
    private static int[] Levels(ScalarProgram program, bool[] calls)
    {
        var levels = new int[calls.Length];
        for (var v = 0; v < levels.Length; v++)
        {
            ref readonly var i = ref program.Instructions[v];
            for (var k = 0; k < i.OperandCount; k++) levels[v] = Math.Max(levels[v], levels[i.Operand(k)] + (calls[i.Operand(k)] ? 1 : 0));
        }
        return levels;
    }

    /// <summary>Whether an instruction and the next are calls of functions that share their work.</summary>
    public bool IsPair(int value)
        => value + 1 < Program.Instructions.Length && IsPair(Program.Instructions[value], Program.Instructions[value + 1]) && IsCall(Program.Instructions[value])
            && IsCall(Program.Instructions[value + 1]) && Program.Instructions[Program.Instructions[value].A].Opcode != Opcode.Constant;

    /// <summary>Whether two instructions are functions of one argument that share their work.</summary>
    public static bool IsPair(in Instruction first, in Instruction second)
        => first.Opcode == Opcode.Unary && second.Opcode == Opcode.Unary && first.A == second.A && first.Type == second.Type
            && KernelTypes.PairOf(first.UnaryOp) is { } pair && pair.Second == second.UnaryOp;

    /// <summary>The stage of an instruction that is a call.</summary>
    public TileStage Call(ProgramChunks chunks, OutputsOf outputs, int value)
    {
        ref readonly var i = ref Program.Instructions[value];
        var (to, copies) = Targets(chunks, outputs, value);
        var b = i.Opcode == Opcode.Binary ? Place(chunks, i.B) : default;
        return new(i, Place(chunks, i.A), b, to, copies);
    }

    /// <summary>The stage of an instruction and the next, which share their work.</summary>
    public TileStage CallPair(ProgramChunks chunks, OutputsOf outputs, int value)
    {
        ref readonly var i = ref Program.Instructions[value];
        return new(i, Place(chunks, i.A), Targets(chunks, outputs, value), Targets(chunks, outputs, value + 1));
    }

    private (int To, int[] Copies) Targets(ProgramChunks chunks, OutputsOf outputs, int value)
    {
        var firstOutput = Program.Inputs.Length;
        var firstSlot = firstOutput + Program.Outputs.Length;
        var targets = new List<int>();
        if (chunks.SlotOf(value) is >= 0 and var slot) targets.Add(firstSlot + slot);
        foreach (var k in outputs[value]) targets.Add(firstOutput + k);
        return (targets[0], [.. targets[1..]]);
    }

    private (int At, bool Number) Place(ProgramChunks chunks, int value)
    {
        ref readonly var i = ref Program.Instructions[value];
        var firstSlot = Program.Inputs.Length + Program.Outputs.Length;
        return i.Opcode switch
        {
            Opcode.Input => (i.A, false),
            Opcode.Constant => (firstSlot + chunks.Slots + _constantPlaces[value], true),
            _ => (firstSlot + chunks.SlotOf(value), false),
        };
    }

    /// <summary>For the second of two functions that share their work the first, if that comes before; for everything else itself.</summary>
    private static int[] Leaders(ScalarProgram program)
    {
        var leaders = new int[program.Instructions.Length];
        var firsts = new Dictionary<(int Argument, UnaryOp Second), int>();
        for (var v = 0; v < leaders.Length; v++)
        {
            ref readonly var i = ref program.Instructions[v];
            leaders[v] = v;
            if (i.Opcode != Opcode.Unary) continue;
            if (firsts.TryGetValue((i.A, i.UnaryOp), out var first)) leaders[v] = first;
            if (KernelTypes.PairOf(i.UnaryOp) is { } pair) firsts[(i.A, pair.Second)] = v;
        }
        return leaders;
    }

    private ScalarProgram Reorder(ScalarProgram program, bool[] calls)
    {
        var levels = Levels(program, calls);
        var order = new (int Level, bool Call, int Leader, int Value)[calls.Length];
        var leaders = Leaders(program);
        // Functions that share their work become neighbours.
        for (var v = 0; v < order.Length; v++) order[v] = (levels[v], calls[v], calls[v] == calls[leaders[v]] ? leaders[v] : v, v);
        Array.Sort(order);
        var numbers = new int[order.Length];
        for (var p = 0; p < order.Length; p++) numbers[order[p].Value] = p;
        var reordered = new Instruction[order.Length];
        for (var p = 0; p < order.Length; p++)
        {
            reordered[p] = program.Instructions[order[p].Value].Renumbered(numbers);
            if (order[p].Call) _called.Add(reordered[p]);
            else if (p > 0 && IsPair(reordered[p - 1], reordered[p])) _seconds.Add(reordered[p]);
        }
        var outputs = new int[program.Outputs.Length];
        for (var k = 0; k < outputs.Length; k++) outputs[k] = numbers[program.Outputs[k]];
        return new(reordered, [.. program.Inputs], outputs);
    }
}

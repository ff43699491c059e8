using System;
using System.Collections.Generic;

namespace DiffLib.Kernels;

/// <summary>A program cut into pieces that the compiler optimises fully, and the scratch slots of values that cross from one piece to another. A slot is
/// free again behind the last piece that reads its value.</summary>
internal sealed class ProgramChunks
{
    /// <summary>The weight of an instruction that is a piece of its own.</summary>
    public const int Alone = int.MaxValue;

    private readonly int[] _slots;

    /// <param name="program">The program.</param>
    /// <param name="budget">The weight of a piece.</param>
    /// <param name="weight">What an instruction weighs.</param>
    public ProgramChunks(ScalarProgram program, int budget, Func<Instruction, int> weight)
    {
        var instructions = program.Instructions;
        Cut(instructions, budget, weight);
        _slots = new int[instructions.Length];
        Array.Fill(_slots, -1);
        Place(instructions);
    }

    /// <summary>Where each piece begins, and behind the last where it ends.</summary>
    public List<int> Starts { get; } = [];

    /// <summary>The number of pieces.</summary>
    public int Count => Starts.Count - 1;

    /// <summary>The number of scratch slots.</summary>
    public int Slots { get; private set; }

    /// <summary>The slot of a value that a later piece reads; -1 if none does.</summary>
    public int SlotOf(int value) => _slots[value];

    private void Cut(ReadOnlySpan<Instruction> instructions, int budget, Func<Instruction, int> weight)
    {
        Starts.Add(0);
        var sum = 0;
        for (var v = 0; v < instructions.Length; v++)
        {
            var own = instructions[v].OperandCount == 0 ? 0 : weight(instructions[v]);
            if (own == Alone || (sum > 0 && sum + own > budget))
            {
                Start(v);
                sum = 0;
            }
            sum += own;
            if (own != Alone) continue;
            Start(v + 1);
            sum = 0;
        }
        if (Starts.Count == 1 || Starts[^1] < instructions.Length) Starts.Add(instructions.Length);
    }

    private void Start(int v)
    {
        if (Starts[^1] < v) Starts.Add(v);
    }

    private void Place(ReadOnlySpan<Instruction> instructions)
    {
        var lastUse = TilePlaces.LastUses(instructions);
        var free = new Stack<int>();
        var ending = new List<int>[Count];
        var chunk = 0;
        for (var v = 0; v < instructions.Length; v++)
        {
            if (v == Starts[chunk + 1])
            {
                foreach (var slot in ending[chunk] ?? []) free.Push(slot);
                chunk++;
            }
            if (instructions[v].OperandCount == 0 || lastUse[v] < Starts[chunk + 1]) continue;
            _slots[v] = free.TryPop(out var known) ? known : Slots++;
            var last = ChunkOf(lastUse[v]);
            (ending[last] ??= []).Add(_slots[v]);
        }
    }

    private int ChunkOf(int value)
    {
        var at = Starts.BinarySearch(value);
        return at >= 0 ? at : ~at - 1;
    }
}

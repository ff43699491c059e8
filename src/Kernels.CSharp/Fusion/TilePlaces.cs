using System;
using System.Collections.Generic;

namespace DiffLib.Kernels;

/// <summary>Where each value of a program lies in the table of a tile: an input, an output, a scratch slot, or a constant. A slot is free again
/// after its value's last use; an output that is computed is computed in place.</summary>
internal sealed class TilePlaces
{
    private readonly int[] _places;

    /// <param name="program">The program.</param>
    /// <param name="inPlace">Whether an instruction may write over an operand that it is the last to read.</param>
    public TilePlaces(ScalarProgram program, Func<Instruction, bool> inPlace)
    {
        var instructions = program.Instructions;
        _places = new int[instructions.Length];
        Array.Fill(_places, -1);
        var firstSlot = program.Inputs.Length + program.Outputs.Length;
        for (var k = 0; k < program.Outputs.Length; k++)
            if (instructions[program.Outputs[k]].OperandCount > 0 && _places[program.Outputs[k]] < 0) _places[program.Outputs[k]] = program.Inputs.Length + k;

        var lastUse = LastUses(instructions);
        var free = new Stack<int>();
        var constants = new List<long>();
        for (var v = 0; v < instructions.Length; v++)
        {
            ref readonly var i = ref instructions[v];
            if (i.Opcode == Opcode.Input) _places[v] = i.A;
            else if (i.Opcode == Opcode.Constant)
            {
                _places[v] = -2 - constants.Count;
                constants.Add(i.Bits);
            }
            else
            {
                var early = inPlace(i);
                if (early) Release(i, v, lastUse, firstSlot, free);
                if (_places[v] < 0) _places[v] = free.TryPop(out var slot) ? slot : firstSlot + Slots++;
                if (!early) Release(i, v, lastUse, firstSlot, free);
            }
        }
        for (var v = 0; v < _places.Length; v++)
            if (_places[v] <= -2) _places[v] = firstSlot + Slots - 2 - _places[v];
        Constants = [.. constants];
    }

    /// <summary>The number of scratch slots.</summary>
    public int Slots { get; }

    /// <summary>The constants' bits, in the order of their places.</summary>
    public long[] Constants { get; }

    /// <summary>A value's place in the table.</summary>
    public int Of(int value) => _places[value];

    /// <summary>For each value the last instruction that reads it.</summary>
    public static int[] LastUses(ReadOnlySpan<Instruction> instructions)
    {
        var last = new int[instructions.Length];
        for (var v = 0; v < instructions.Length; v++)
            for (var k = 0; k < instructions[v].OperandCount; k++) last[instructions[v].Operand(k)] = v;
        return last;
    }

    private void Release(in Instruction i, int v, int[] lastUse, int firstSlot, Stack<int> free)
    {
        for (var k = 0; k < i.OperandCount; k++)
        {
            var operand = i.Operand(k);
            if (lastUse[operand] != v || _places[operand] < firstSlot) continue;
            lastUse[operand] = -1;
            free.Push(_places[operand]);
        }
    }
}

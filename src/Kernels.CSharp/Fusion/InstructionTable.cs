using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Instructions in order, and where each is found by what it says. Recording asks for every operation whether it was written before: the table holds numbers only, and its
/// methods are compiled once, at their best, because a long recording is over before the runtime would have done so.</summary>
internal sealed class InstructionTable
{
    private Instruction[] _instructions = new Instruction[64];
    /// <summary>The numbers of instructions, plus one, at the places of their hash codes or the next free ones; at most half of the places are taken.</summary>
    private int[] _places = new int[128];
    private int _known;

    /// <summary>The number of instructions.</summary>
    public int Count { get; private set; }

    /// <summary>The instruction with a number.</summary>
    public ref readonly Instruction this[int number] => ref _instructions[number];

    /// <summary>A new instruction, whether it was there before or not; it will not be found.</summary>
    public int Append(in Instruction instruction)
    {
        if (Count == _instructions.Length) Array.Resize(ref _instructions, 2 * Count);
        _instructions[Count] = instruction;
        return Count++;
    }

    /// <summary>The number of an instruction: the one that it had, or a new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int FindOrAppend(in Instruction instruction)
    {
        var mask = _places.Length - 1;
        var at = Hash(instruction) & mask;
        for (; _places[at] != 0; at = (at + 1) & mask)
            if (_instructions[_places[at] - 1].Equals(instruction)) return _places[at] - 1;
        var number = Append(instruction);
        _places[at] = number + 1;
        if (2 * ++_known > _places.Length) Grow();
        return number;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow()
    {
        var places = new int[2 * _places.Length];
        var mask = places.Length - 1;
        foreach (var place in _places)
        {
            if (place == 0) continue;
            var at = Hash(_instructions[place - 1]) & mask;
            while (places[at] != 0) at = (at + 1) & mask;
            places[at] = place;
        }
        _places = places;
    }

    /// <summary>Multiplication by odd numbers and a shift spread what differs over all bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Hash(in Instruction i)
    {
        var what = (ulong)(uint)i.C << 32 | (uint)((int)i.Opcode << 16 | i.Function << 8 | (int)i.Type);
        var hash = ((ulong)(uint)i.A << 32 | (uint)i.B) * 0x9E3779B97F4A7C15 ^ what * 0xC2B2AE3D27D4EB4F ^ (ulong)i.Bits * 0x165667B19E3779F9;
        hash = (hash ^ hash >> 32) * 0x9FB21C651E98DF25;
        return (int)(hash >> 33);
    }
}

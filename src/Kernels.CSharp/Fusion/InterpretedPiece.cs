using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>What a step of an interpreted piece does.</summary>
internal enum StepKind : byte
{
    /// <summary>Place To receives input A.</summary>
    Input,
    /// <summary>Place To receives constant A.</summary>
    Constant,
    /// <summary>Place To receives what an earlier piece left at A in fewer than eight bytes.</summary>
    Widen,
    /// <summary>Output To receives the float64 number at A.</summary>
    Output,
    /// <summary>Sum of float64 numbers.</summary>
    Add,
    /// <summary>Difference of float64 numbers.</summary>
    Subtract,
    /// <summary>Product of float64 numbers.</summary>
    Multiply,
    /// <summary>Quotient of float64 numbers.</summary>
    Divide,
    /// <summary>The product in which a zero absorbs, of float64 numbers.</summary>
    Scale,
    /// <summary>A float64 function of one number.</summary>
    Unary,
    /// <summary>A float64 function of two numbers.</summary>
    Binary,
    /// <summary>A choice.</summary>
    Select,
    /// <summary>All else: instruction C.</summary>
    Other,
}

/// <summary>One step: operands and result by their places in scratch memory.</summary>
internal readonly struct PieceStep(StepKind kind, byte function, int to, int a, int b = 0, int c = 0)
{
    public readonly StepKind Kind = kind;
    public readonly byte Function = function;
    public readonly int To = to, A = a, B = b, C = c;
}

/// <summary>A piece of a program, interpreted. Values that later pieces read lie where generated code puts them, the others behind those, over and over in the same memory.</summary>
internal sealed unsafe class InterpretedPiece(ScalarProgram program, PieceStep[] steps, long[] constants)
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(double* inputs, double* outputs, long* scratch)
    {
        foreach (ref readonly var s in steps.AsSpan())
        {
            switch (s.Kind)
            {
                case StepKind.Input: *(double*)(scratch + s.To) = inputs[s.A]; break;
                case StepKind.Constant: scratch[s.To] = constants[s.A]; break;
                case StepKind.Output: outputs[s.To] = *(double*)(scratch + s.A); break;
                case StepKind.Add: *(double*)(scratch + s.To) = *(double*)(scratch + s.A) + *(double*)(scratch + s.B); break;
                case StepKind.Subtract: *(double*)(scratch + s.To) = *(double*)(scratch + s.A) - *(double*)(scratch + s.B); break;
                case StepKind.Multiply: *(double*)(scratch + s.To) = *(double*)(scratch + s.A) * *(double*)(scratch + s.B); break;
                case StepKind.Divide: *(double*)(scratch + s.To) = *(double*)(scratch + s.A) / *(double*)(scratch + s.B); break;
                case StepKind.Scale: *(double*)(scratch + s.To) = ScalarCode.Scale(*(double*)(scratch + s.A), *(double*)(scratch + s.B)); break;
                case StepKind.Unary: *(double*)(scratch + s.To) = Elementwise.Unary((UnaryOp)s.Function, *(double*)(scratch + s.A)); break;
                case StepKind.Binary: *(double*)(scratch + s.To) = Elementwise.Binary((BinaryOp)s.Function, *(double*)(scratch + s.A), *(double*)(scratch + s.B)); break;
                case StepKind.Select: scratch[s.To] = scratch[s.A] != 0 ? scratch[s.B] : scratch[s.C]; break;
                default: Rare(s, scratch); break;
            }
        }
    }

    /// <summary>Other types than float64, comparisons, conversions, logic.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Rare(in PieceStep s, long* scratch)
    {
        ref readonly var i = ref program.Instructions[s.C];
        scratch[s.To] = s.Kind == StepKind.Widen
            ? Folding.Normalise(i.Type, (int)scratch[s.A])
            : Folding.Normalise(i.Type, Folding.Evaluate(i, program.Instructions[i.A].Type, scratch[s.A], i.OperandCount > 1 ? scratch[s.B] : 0));
    }
}

/// <summary>Writes the steps of a program's pieces.</summary>
internal sealed class PieceSteps
{
    private readonly ScalarProgram _program;
    private readonly ProgramChunks _chunks;
    private readonly OutputsOf _outputs;
    /// <summary>The steps of the piece being written.</summary>
    private PieceStep[] _steps = new PieceStep[4 * ScalarEmitter.Budget];
    private readonly Dictionary<long, int> _numbers = [];
    private readonly List<long> _constants = [];
    /// <summary>Where each value lies, and in which piece that holds.</summary>
    private readonly int[] _places, _placedIn;
    private int _piece, _free, _count;

    private PieceSteps(ScalarProgram program, ProgramChunks chunks, OutputsOf outputs)
    {
        (_program, _chunks, _outputs) = (program, chunks, outputs);
        _places = new int[program.Instructions.Length];
        _placedIn = new int[_places.Length];
        Array.Fill(_placedIn, -1);
    }

    /// <summary>The pieces, and how many places they need behind the slots.</summary>
    public static InterpretedPiece[] Of(ScalarProgram program, ProgramChunks chunks, OutputsOf outputs, out int locals)
    {
        var writer = new PieceSteps(program, chunks, outputs);
        var steps = new PieceStep[chunks.Count][];
        locals = 0;
        for (var k = 0; k < steps.Length; k++)
        {
            steps[k] = writer.Piece(k);
            locals = Math.Max(locals, writer._free - chunks.Slots);
        }
        long[] constants = [.. writer._constants];
        return Array.ConvertAll(steps, piece => new InterpretedPiece(program, piece, constants));
    }

    /// <summary>Optimised at once, with all that it calls for each instruction: it goes through a program once, which may be long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private PieceStep[] Piece(int piece)
    {
        (_piece, _free, _count) = (piece, _chunks.Slots, 0);
        for (var v = _chunks.Starts[piece]; v < _chunks.Starts[piece + 1]; v++)
        {
            ref readonly var i = ref _program.Instructions[v];
            if (i.OperandCount == 0) continue;
            Compute(v, i);
            Store(v);
        }
        if (piece == _chunks.Count - 1)
            foreach (var value in _outputs.Values)
                if (_program.Instructions[value].OperandCount == 0) Store(value);
        return _steps.AsSpan(0, _count).ToArray();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Compute(int value, in Instruction i)
    {
        int a = PlaceOf(i.A), b = i.OperandCount > 1 ? PlaceOf(i.B) : 0, c = i.OperandCount > 2 ? PlaceOf(i.C) : value;
        var to = _chunks.SlotOf(value) is >= 0 and var slot ? slot : _free++;
        (_places[value], _placedIn[value]) = (to, _piece);
        Add(new(KindOf(i), i.Function, to, a, b, c));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(in PieceStep step)
    {
        if (_count == _steps.Length) Array.Resize(ref _steps, 2 * _count);
        _steps[_count++] = step;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static StepKind KindOf(in Instruction i) => i.Opcode switch
    {
        Opcode.Select => StepKind.Select,
        Opcode.Unary when i.Type == ScalarType.Float64 => StepKind.Unary,
        Opcode.Binary when i.Type == ScalarType.Float64 => i.BinaryOp switch
        {
            BinaryOp.Add => StepKind.Add,
            BinaryOp.Subtract => StepKind.Subtract,
            BinaryOp.Multiply => StepKind.Multiply,
            BinaryOp.Divide => StepKind.Divide,
            BinaryOp.Scale => StepKind.Scale,
            _ => StepKind.Binary,
        },
        _ => StepKind.Other,
    };

    /// <summary>Where a piece reads a value; what it does not make itself it fetches the first time, but for what lies in a slot already as it is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PlaceOf(int value) => _placedIn[value] == _piece ? _places[value] : Fetched(value);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Fetched(int value)
    {
        ref readonly var i = ref _program.Instructions[value];
        if (i.OperandCount > 0 && i.Type is ScalarType.Float64 or ScalarType.Int64) return _chunks.SlotOf(value);
        (_places[value], _placedIn[value]) = (_free, _piece);
        Add(i.Opcode switch
        {
            Opcode.Input => new(StepKind.Input, 0, _free, i.A),
            Opcode.Constant => new(StepKind.Constant, 0, _free, Constant(i.Bits)),
            _ => new(StepKind.Widen, 0, _free, _chunks.SlotOf(value), 0, value),
        });
        return _free++;
    }

    private int Constant(long bits)
    {
        if (_numbers.TryGetValue(bits, out var known)) return known;
        _constants.Add(bits);
        return _numbers[bits] = _constants.Count - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(int value)
    {
        foreach (var k in _outputs[value]) Add(new(StepKind.Output, 0, k, PlaceOf(value)));
    }
}

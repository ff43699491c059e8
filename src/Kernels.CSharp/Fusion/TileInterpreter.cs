using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Runs a program tile by tile with the vector kernels, one call an instruction. Values that depend on single numbers alone stay
/// single numbers; a scratch slot serves again when its value has been read for the last time.</summary>
internal sealed unsafe class TileInterpreter : TileExecutor
{
    private readonly struct Step(in Instruction i, ScalarType from, int to, int a, int b, int c)
    {
        public readonly Opcode Opcode = i.Opcode;
        public readonly byte Function = i.Function;

        /// <summary>The type of the operands (of a choice: of what is chosen).</summary>
        public readonly ScalarType From = from;
        public readonly ScalarType Type = i.Type;
        public readonly int To = to;
        public readonly int A = a;
        public readonly int B = b;
        public readonly int C = c;
    }

    private readonly record struct Copy(int From, int To, ScalarType Type);

    private readonly Step[] _steps;
    private readonly Copy[] _copies;
    private readonly (int At, ScalarType Type)[] _computedOutputs;
    private readonly int _constantsAt;

    public TileInterpreter(ScalarProgram program)
    {
        var places = new TilePlaces(program, static i => i.Opcode is not (Opcode.Compare or Opcode.Convert or Opcode.Select));
        Slots = places.Slots;
        Constants = places.Constants;
        _constantsAt = program.Inputs.Length + program.Outputs.Length + places.Slots;
        var steps = new List<Step>();
        var instructions = program.Instructions;
        for (var v = 0; v < instructions.Length; v++)
        {
            ref readonly var i = ref instructions[v];
            if (i.OperandCount == 0) continue;
            var from = instructions[i.Opcode == Opcode.Select ? i.B : i.A].Type;
            steps.Add(new(i, from, places.Of(v), places.Of(i.A), i.OperandCount > 1 ? places.Of(i.B) : 0, i.OperandCount > 2 ? places.Of(i.C) : 0));
        }
        _steps = [.. steps];
        (_copies, _computedOutputs) = Outputs(program, places);
    }

    public override int Slots { get; }

    public override long[] Constants { get; }

    public override int Width => 1;

    public override bool TakesNumbers => true;

    public override int SmallestTile => 64;

    private static (Copy[], (int, ScalarType)[]) Outputs(ScalarProgram program, TilePlaces places)
    {
        var copies = new List<Copy>();
        var computed = new List<(int, ScalarType)>();
        for (var k = 0; k < program.Outputs.Length; k++)
        {
            int to = program.Inputs.Length + k, from = places.Of(program.Outputs[k]);
            if (from == to) computed.Add((to, program.OutputType(k)));
            else copies.Add(new(from, to, program.OutputType(k)));
        }
        return ([.. copies], [.. computed]);
    }

    public override void Execute(nint* table, bool* numbers, int count)
    {
        new Span<bool>(numbers + _constantsAt, Constants.Length).Fill(true);
        foreach (ref readonly var step in _steps.AsSpan())
        {
            var number = numbers[step.A] && (step.Opcode is Opcode.Unary or Opcode.Convert or Opcode.Not || numbers[step.B])
                && (step.Opcode != Opcode.Select || numbers[step.C]);
            Run(step, table, numbers, number ? 1 : count, count);
            // Only now: the result may take the place of an operand.
            numbers[step.To] = number;
        }
        foreach (var copy in _copies) Store(copy.Type, table[copy.From], numbers[copy.From], table[copy.To], count);
        foreach (var (at, type) in _computedOutputs)
            if (numbers[at]) Store(type, table[at], true, table[at], count);
    }

    private static void Store(ScalarType type, nint from, bool number, nint to, int count)
    {
        switch (type.Size())
        {
            case 8: Store<long>(from, number, to, count); break;
            case 4: Store<int>(from, number, to, count); break;
            default: Store<byte>(from, number, to, count); break;
        }
    }

    private static void Store<T>(nint from, bool number, nint to, int count) where T : unmanaged
    {
        if (number) new Span<T>((void*)to, count).Fill(*(T*)from);
        else new Span<T>((void*)from, count).CopyTo(new Span<T>((void*)to, count));
    }

    private static void Run(in Step step, nint* table, bool* numbers, int count, int full)
    {
        switch (step.Opcode)
        {
            case Opcode.Unary when step.Type == ScalarType.Float64:
                Elementwise.Unary((UnaryOp)step.Function, Read<double>(table, numbers, step.A, full), Write<double>(table, step.To, count));
                break;
            case Opcode.Unary when step.Type == ScalarType.Float32:
                Elementwise.Unary((UnaryOp)step.Function, Read<float>(table, numbers, step.A, full), Write<float>(table, step.To, count));
                break;
            case Opcode.Binary when step.Type == ScalarType.Float64:
                Elementwise.Binary((BinaryOp)step.Function, Read<double>(table, numbers, step.A, full), Read<double>(table, numbers, step.B, full),
                    Write<double>(table, step.To, count));
                break;
            case Opcode.Binary when step.Type == ScalarType.Float32:
                Elementwise.Binary((BinaryOp)step.Function, Read<float>(table, numbers, step.A, full), Read<float>(table, numbers, step.B, full),
                    Write<float>(table, step.To, count));
                break;
            case Opcode.Not or Opcode.And or Opcode.Or: Logical(step, table, numbers, count, full); break;
            default: ByType(step, table, numbers, count, full); break;
        }
    }

    private static void ByType(in Step step, nint* table, bool* numbers, int count, int full)
    {
        switch (step.From)
        {
            case ScalarType.Float64: OfType<double>(step, table, numbers, count, full); break;
            case ScalarType.Float32: OfType<float>(step, table, numbers, count, full); break;
            case ScalarType.Int64: Integer<long>(step, table, numbers, count, full); break;
            case ScalarType.Int32: Integer<int>(step, table, numbers, count, full); break;
            default: Integer<byte>(step, table, numbers, count, full); break;
        }
    }

    private static void Integer<T>(in Step step, nint* table, bool* numbers, int count, int full) where T : unmanaged, IBinaryInteger<T>
    {
        if (step.Opcode == Opcode.Unary) Elementwise.UnaryInteger((UnaryOp)step.Function, Read<T>(table, numbers, step.A, full), Write<T>(table, step.To, count));
        else if (step.Opcode == Opcode.Binary)
            Elementwise.BinaryInteger((BinaryOp)step.Function, Read<T>(table, numbers, step.A, full), Read<T>(table, numbers, step.B, full), Write<T>(table, step.To, count));
        else OfType<T>(step, table, numbers, count, full);
    }

    private static void OfType<T>(in Step step, nint* table, bool* numbers, int count, int full) where T : unmanaged, INumber<T>
    {
        if (step.Opcode == Opcode.Compare)
            Elementwise.Compare((CompareOp)step.Function, Read<T>(table, numbers, step.A, full), Read<T>(table, numbers, step.B, full), Write<bool>(table, step.To, count));
        else if (step.Opcode == Opcode.Select)
            Elementwise.Where(Read<bool>(table, numbers, step.A, full), Read<T>(table, numbers, step.B, full), Read<T>(table, numbers, step.C, full), Write<T>(table, step.To, count));
        else Convert(step, Read<T>(table, numbers, step.A, full), table[step.To], count);
    }

    private static void Convert<T>(in Step step, ReadOnlySpan<T> from, nint to, int count) where T : unmanaged, INumber<T>
    {
        switch (step.Type)
        {
            case ScalarType.Float64: Elementwise.Convert(from, new Span<double>((void*)to, count)); break;
            case ScalarType.Float32: Elementwise.Convert(from, new Span<float>((void*)to, count)); break;
            case ScalarType.Int64: Elementwise.Convert(from, new Span<long>((void*)to, count)); break;
            case ScalarType.Int32: Elementwise.Convert(from, new Span<int>((void*)to, count)); break;
            case ScalarType.UInt8: Elementwise.Convert(from, new Span<byte>((void*)to, count)); break;
            default: Elementwise.Compare(CompareOp.NotEqual, from, [T.Zero], new Span<bool>((void*)to, count)); break;
        }
    }

    private static void Logical(in Step step, nint* table, bool* numbers, int count, int full)
    {
        var y = Write<byte>(table, step.To, count);
        var a = Read<byte>(table, numbers, step.A, full);
        if (step.Opcode == Opcode.Not)
        {
            for (var i = 0; i < y.Length; i++) y[i] = (byte)(a[i] ^ 1);
            return;
        }
        var b = Read<byte>(table, numbers, step.B, full);
        if (a.Length != y.Length) Logical(step.Opcode, b, a[0], y);
        else if (b.Length != y.Length) Logical(step.Opcode, a, b[0], y);
        else if (step.Opcode == Opcode.And)
            for (var i = 0; i < y.Length; i++) y[i] = (byte)(a[i] & b[i]);
        else
            for (var i = 0; i < y.Length; i++) y[i] = (byte)(a[i] | b[i]);
    }

    /// <summary>One operand is a single truth value: the result is the other operand or that value.</summary>
    private static void Logical(Opcode opcode, ReadOnlySpan<byte> a, byte b, Span<byte> y)
    {
        if (opcode == Opcode.And == (b != 0)) a.CopyTo(y);
        else y.Fill(b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<T> Read<T>(nint* table, bool* numbers, int at, int count) where T : unmanaged => new((void*)table[at], numbers[at] ? 1 : count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<T> Write<T>(nint* table, int at, int count) where T : unmanaged => new((void*)table[at], count);
}

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Reflection.Emit;

namespace DiffLib.Kernels;

/// <summary>Writes one loop: <c>for (i = 0; i &lt; count; i += width) { ... }</c> over the streams that the table points to.</summary>
[RequiresDynamicCode("Compiles code at run time.")]
internal sealed class TileLoopBuilder
{
    /// <summary>Addresses that stay in registers or close by; with more, they are read from the table each time.</summary>
    private const int HoistedStreams = 10;

    /// <summary>Values read from memory that are kept in locals.</summary>
    private const int KeptReads = 12;

    /// <summary>Unreached bytes an instruction.</summary>
    private const int UnreachedPerInstruction = 64;

    private readonly ScalarProgram _program;
    private readonly ProgramChunks _chunks;
    private readonly OutputsOf _outputs;
    private readonly LaneCode _code;
    private readonly int _begin, _end;
    private readonly DynamicMethod _method;
    private readonly ILGenerator _il;
    private readonly LocalBuilder _index;
    private readonly Dictionary<int, LocalBuilder> _values = [];
    private readonly Dictionary<int, LocalBuilder> _streams = [];
    private int _reads;

    public TileLoopBuilder(ScalarProgram program, ProgramChunks chunks, OutputsOf outputs, LaneCode code, int chunk)
        : this(program, chunks, outputs, code, chunks.Starts[chunk], chunks.Starts[chunk + 1])
    {
    }

    private TileLoopBuilder(ScalarProgram program, ProgramChunks chunks, OutputsOf outputs, LaneCode code, int begin, int end)
    {
        (_program, _chunks, _outputs, _code) = (program, chunks, outputs, code);
        (_begin, _end) = (begin, end);
        _method = new("fused tile", typeof(void), [typeof(nint).MakePointerType(), typeof(nint)], typeof(TileLoopBuilder).Module, skipVisibility: true) { InitLocals = false };
        _il = _method.GetILGenerator(64 * (_end - _begin) + 256);
        _index = _il.DeclareLocal(typeof(nint));
    }

    /// <summary>The loop that stores the outputs that are inputs or constants; a piece without instructions.</summary>
    public static TileLoop StoringInputs(ScalarProgram program, ProgramChunks chunks, OutputsOf outputs, LaneCode code)
        => new TileLoopBuilder(program, chunks, outputs, code, program.Instructions.Length, program.Instructions.Length).Compile();

    public TileLoop Compile()
    {
        HoistStreams();
        var top = _il.DefineLabel();
        var test = _il.DefineLabel();
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Stloc, _index);
        _il.Emit(OpCodes.Br, test);
        _il.MarkLabel(top);
        for (var v = _begin; v < _end; v++)
            if (_program.Instructions[v].OperandCount > 0) Compute(v);
        if (_begin == _end) StoreOthers();
        _il.Emit(OpCodes.Ldloc, _index);
        _il.Emit(OpCodes.Ldc_I4, _code.Width);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, _index);
        _il.MarkLabel(test);
        _il.Emit(OpCodes.Ldloc, _index);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Blt, top);
        _il.Emit(OpCodes.Ret);
        RaiseInliningBudget();
        return _method.CreateDelegate<TileLoop>();
    }

    /// <summary>The compiler inlines until it has spent a multiple of what it reckons the method itself costs, by its size; beyond, even the smallest
    /// method is called, with every register saved. Code that is never reached makes the method large enough.</summary>
    private void RaiseInliningBudget()
    {
        for (var k = 0; k < UnreachedPerInstruction * (_end - _begin); k++) _il.Emit(OpCodes.Nop);
        _il.Emit(OpCodes.Ret);
    }

    // Streams

    private int FirstOutput => _program.Inputs.Length;

    private int FirstSlot => _program.Inputs.Length + _program.Outputs.Length;

    private void HoistStreams()
    {
        var used = new SortedSet<int>();
        for (var v = _begin; v < _end; v++)
        {
            for (var k = 0; k < _program.Instructions[v].OperandCount; k++) Use(_program.Instructions[v].Operand(k), used);
            if (_chunks.SlotOf(v) is >= 0 and var slot) used.Add(FirstSlot + slot);
        }
        foreach (var value in _outputs.Values)
            if (IsStoredHere(value))
                foreach (var k in _outputs[value]) used.Add(FirstOutput + k);
        if (used.Count > HoistedStreams) return;
        foreach (var stream in used)
        {
            var local = _il.DeclareLocal(typeof(nint));
            LoadBase(stream);
            _il.Emit(OpCodes.Stloc, local);
            _streams.Add(stream, local);
        }
    }

    private void Use(int value, SortedSet<int> used)
    {
        ref readonly var i = ref _program.Instructions[value];
        if (i.Opcode == Opcode.Input) used.Add(i.A);
        else if (value < _begin && i.Opcode != Opcode.Constant) used.Add(FirstSlot + _chunks.SlotOf(value));
    }

    /// <summary>Outputs are stored where they are computed; those that are inputs or constants, by a loop of their own.</summary>
    private bool IsStoredHere(int value) => _program.Instructions[value].OperandCount == 0 ? _begin == _end : value >= _begin && value < _end;

    private void LoadBase(int stream)
    {
        if (_streams.TryGetValue(stream, out var local))
        {
            _il.Emit(OpCodes.Ldloc, local);
            return;
        }
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, 8 * stream);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_I);
    }

    private void Address(int stream, int size)
    {
        LoadBase(stream);
        _il.Emit(OpCodes.Ldloc, _index);
        if (size > 1)
        {
            _il.Emit(OpCodes.Ldc_I4, size);
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Mul);
        }
        _il.Emit(OpCodes.Add);
    }

    private int LaneSize => _code.IsSingle ? 4 : 8;

    // Values

    /// <summary>Puts a value on the stack as a vector.</summary>
    private void Load(int value)
    {
        if (_values.TryGetValue(value, out var local))
        {
            _il.Emit(OpCodes.Ldloc, local);
            return;
        }
        ref readonly var i = ref _program.Instructions[value];
        if (i.Opcode == Opcode.Constant) Constant(i);
        else
        {
            if (i.Opcode == Opcode.Input) LoadInput(i);
            else LoadVector(FirstSlot + _chunks.SlotOf(value));
            // Beyond what registers hold, a value in memory is best left there: most instructions read one operand from memory for nothing.
            if (_reads++ < KeptReads) Keep(value);
        }
    }

    private void Keep(int value)
    {
        var local = _il.DeclareLocal(_code.Vector);
        _values.Add(value, local);
        _il.Emit(OpCodes.Dup);
        _il.Emit(OpCodes.Stloc, local);
    }

    private void LoadLanes(int value)
    {
        Load(value);
        _il.Emit(OpCodes.Call, _code.Wrap);
    }

    private void LoadInput(in Instruction i)
    {
        if (IsPlain(i.Type))
        {
            LoadVector(i.A);
            return;
        }
        Address(i.A, i.Type.Size());
        _il.Emit(OpCodes.Call, _code["Load" + i.Type]);
        _il.Emit(OpCodes.Call, _code.Unwrap);
    }

    /// <summary>Whether elements of a type lie in memory as they do in a vector.</summary>
    private bool IsPlain(ScalarType type) => type == (_code.IsSingle ? ScalarType.Float32 : ScalarType.Float64);

    private void LoadVector(int stream)
    {
        Address(stream, LaneSize);
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Ldobj, _code.Vector);
    }

    private void Constant(in Instruction i)
    {
        switch (i.Type)
        {
            case ScalarType.Float32: _il.Emit(OpCodes.Ldc_R4, BitConverter.Int32BitsToSingle((int)i.Bits)); break;
            case ScalarType.Float64: _il.Emit(OpCodes.Ldc_R8, BitConverter.Int64BitsToDouble(i.Bits)); break;
            case ScalarType.Bool: _il.Emit(OpCodes.Ldc_I4, (int)i.Bits); break;
            default: _il.Emit(OpCodes.Ldc_R8, (double)i.Bits); break;
        }
        _il.Emit(OpCodes.Call, _code["Of" + (i.Type.IsInteger() ? ScalarType.Float64 : i.Type)]);
        _il.Emit(OpCodes.Call, _code.Unwrap);
    }

    private void Compute(int value)
    {
        // The second of a pair was computed with the first.
        if (_values.ContainsKey(value)) return;
        ref readonly var i = ref _program.Instructions[value];
        if (i.Opcode == Opcode.Unary && KernelTypes.PairOf(i.UnaryOp) is { } pair && Partner(value, pair.Second) is >= 0 and var partner)
        {
            ComputePair(value, partner, pair.Kernel);
            return;
        }
        if (i.Opcode == Opcode.Binary && i.BinaryOp <= BinaryOp.Divide) Arithmetic(i);
        else
        {
            Operate(i);
            _il.Emit(OpCodes.Call, _code.Unwrap);
        }
        Finish(value);
    }

    /// <summary>The instruction in this piece that takes the second function of the same argument; -1 where there is none.</summary>
    private int Partner(int value, UnaryOp second)
    {
        ref readonly var i = ref _program.Instructions[value];
        for (var w = value + 1; w < _end; w++)
            if (_program.Instructions[w] is { Opcode: Opcode.Unary } other && other.UnaryOp == second && other.A == i.A && other.Type == i.Type) return w;
        return -1;
    }

    private void ComputePair(int value, int partner, Type kernel)
    {
        var type = _program.Instructions[value].Type;
        var second = _il.DeclareLocal(_code.Lanes);
        LoadLanes(_program.Instructions[value].A);
        _il.Emit(OpCodes.Ldloca, second);
        _il.Emit(OpCodes.Call, _code.Of(InSingle(type) ? "ElementaryPairSingle" : "ElementaryPair", kernel));
        Round(type);
        _il.Emit(OpCodes.Call, _code.Unwrap);
        Finish(value);
        _il.Emit(OpCodes.Ldloc, second);
        Round(type);
        _il.Emit(OpCodes.Call, _code.Unwrap);
        Finish(partner);
    }

    /// <summary>Keeps the value on the stack, and stores it where others read it.</summary>
    private void Finish(int value)
    {
        var local = _il.DeclareLocal(_code.Vector);
        _values.Add(value, local);
        _il.Emit(OpCodes.Stloc, local);
        if (_chunks.SlotOf(value) is >= 0 and var slot) StoreVector(value, FirstSlot + slot);
        foreach (var k in _outputs[value]) StoreOutput(value, k);
    }

    private void StoreOthers()
    {
        foreach (var value in _outputs.Values)
            if (_program.Instructions[value].OperandCount == 0)
                foreach (var k in _outputs[value]) StoreOutput(value, k);
    }

    private void StoreOutput(int value, int output)
    {
        var type = _program.Instructions[value].Type;
        if (IsPlain(type))
        {
            StoreVector(value, FirstOutput + output);
            return;
        }
        LoadLanes(value);
        Address(FirstOutput + output, type.Size());
        _il.Emit(OpCodes.Call, _code["Store" + type]);
    }

    private void StoreVector(int value, int stream)
    {
        Address(stream, LaneSize);
        Load(value);
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Stobj, _code.Vector);
    }

    // Operations: but for plain arithmetic they leave lanes on the stack

    private void Arithmetic(in Instruction i)
    {
        Load(i.A);
        Load(i.B);
        _il.Emit(OpCodes.Call, _code.Operator(i.BinaryOp));
        if (i.Type != ScalarType.Float32 || _code.IsSingle) return;
        _il.Emit(OpCodes.Call, _code.Wrap);
        Round(i.Type);
        _il.Emit(OpCodes.Call, _code.Unwrap);
    }

    private void Operate(in Instruction i)
    {
        switch (i.Opcode)
        {
            case Opcode.Unary: Unary(i); break;
            case Opcode.Binary: Binary(i); break;
            case Opcode.Compare: Compare(i.CompareOp, i.A, i.B); break;
            case Opcode.Select: Call("Select", i.A, i.B, i.C); break;
            case Opcode.Convert: Convert(_program.Instructions[i.A].Type, i.Type, i.A); break;
            case Opcode.Not: Call("Not", i.A); break;
            default: Call(i.Opcode.ToString(), i.A, i.B); break;
        }
    }

    private void Call(string method, params ReadOnlySpan<int> values)
    {
        foreach (var value in values) LoadLanes(value);
        _il.Emit(OpCodes.Call, _code[method]);
    }

    private void Unary(in Instruction i)
    {
        LoadLanes(i.A);
        if (KernelTypes.Of(i.UnaryOp) is { } kernel)
        {
            Apply(kernel, i.Type, IsExactInSingle(i.UnaryOp));
            return;
        }
        _il.Emit(OpCodes.Ldc_I4, (int)i.UnaryOp);
        _il.Emit(OpCodes.Call, _code["EachUnary"]);
        Round(i.Type);
    }

    private void Binary(in Instruction i)
    {
        LoadLanes(i.A);
        if (KernelTypes.OfPower(_program, i) is { } power)
        {
            Apply(power, i.Type, isExact: false);
            return;
        }
        LoadLanes(i.B);
        if (KernelTypes.Of(i.BinaryOp) is { } kernel) _il.Emit(OpCodes.Call, _code.Of(KernelTypes.IsArithmetic(kernel) ? "ArithmeticBinary" : "ElementaryBinary", kernel));
        else
        {
            _il.Emit(OpCodes.Ldc_I4, (int)i.BinaryOp);
            _il.Emit(OpCodes.Call, _code[i.Type == ScalarType.Float32 && !_code.IsSingle ? "EachBinarySingle" : "EachBinary"]);
        }
        if (!IsExactInSingle(i.BinaryOp)) Round(i.Type);
    }

    /// <summary>A function of one argument, rounded to its type.</summary>
    private void Apply(Type kernel, ScalarType type, bool isExact)
    {
        if (KernelTypes.IsArithmetic(kernel))
        {
            _il.Emit(OpCodes.Call, _code.Of("ArithmeticUnary", kernel));
            if (!isExact) Round(type);
        }
        else _il.Emit(OpCodes.Call, _code.Of(InSingle(type) ? "ElementaryUnarySingle" : "ElementaryUnary", kernel));
    }

    /// <summary>Whether a value is a float32 number in a float64 lane.</summary>
    private bool InSingle(ScalarType type) => type == ScalarType.Float32 && !_code.IsSingle;

    /// <summary>In float64 lanes a float32 result is rounded at once.</summary>
    private void Round(ScalarType type)
    {
        if (InSingle(type)) _il.Emit(OpCodes.Call, _code["RoundToSingle"]);
    }

    private static bool IsExactInSingle(UnaryOp op) => op is UnaryOp.Negate or UnaryOp.Abs or UnaryOp.Sign or UnaryOp.Relu or UnaryOp.Step or UnaryOp.Floor
        or UnaryOp.Ceiling or UnaryOp.Round or UnaryOp.Truncate;

    private static bool IsExactInSingle(BinaryOp op) => op is BinaryOp.Maximum or BinaryOp.Minimum or BinaryOp.MaximumNumber or BinaryOp.MinimumNumber
        or BinaryOp.CopySign or BinaryOp.Heaviside;

    private void Compare(CompareOp op, int a, int b)
    {
        if (_program.Instructions[a].Type == ScalarType.Bool)
        {
            CompareMasks(op, a, b);
            return;
        }
        switch (op)
        {
            case CompareOp.Equal: Call("Equal", a, b); break;
            case CompareOp.NotEqual:
                Call("Equal", a, b);
                _il.Emit(OpCodes.Call, _code["Not"]);
                break;
            case CompareOp.Less: Call("Less", a, b); break;
            case CompareOp.LessOrEqual: Call("LessOrEqual", a, b); break;
            case CompareOp.Greater: Call("Less", b, a); break;
            default: Call("LessOrEqual", b, a); break;
        }
    }

    /// <summary>Truth values are ordered: false below true.</summary>
    private void CompareMasks(CompareOp op, int a, int b)
    {
        switch (op)
        {
            case CompareOp.Equal:
                Call("Xor", a, b);
                _il.Emit(OpCodes.Call, _code["Not"]);
                break;
            case CompareOp.NotEqual: Call("Xor", a, b); break;
            case CompareOp.Less: Implied("And", a, b); break;
            case CompareOp.LessOrEqual: Implied("Or", a, b); break;
            case CompareOp.Greater: Implied("And", b, a); break;
            default: Implied("Or", b, a); break;
        }
    }

    /// <summary>not a, combined with b.</summary>
    private void Implied(string combine, int a, int b)
    {
        Call("Not", a);
        LoadLanes(b);
        _il.Emit(OpCodes.Call, _code[combine]);
    }

    private void Convert(ScalarType from, ScalarType to, int a)
    {
        LoadLanes(a);
        if (to == ScalarType.Bool) _il.Emit(OpCodes.Call, _code["IsNotZero"]);
        else if (from == ScalarType.Bool) _il.Emit(OpCodes.Call, _code["OneWhere"]);
        else if (to == ScalarType.Float32) Round(to);
        else if (to.IsInteger() && from.IsFloat())
        {
            _il.Emit(OpCodes.Ldc_R8, to == ScalarType.UInt8 ? 0.0 : int.MinValue);
            _il.Emit(OpCodes.Ldc_R8, to == ScalarType.UInt8 ? 255.0 : int.MaxValue);
            _il.Emit(OpCodes.Call, _code["RoundToInteger"]);
        }
    }
}

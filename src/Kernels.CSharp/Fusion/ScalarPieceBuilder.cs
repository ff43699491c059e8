using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;

namespace DiffLib.Kernels;

/// <summary>Writes one piece: loads what it needs of inputs and scratch, computes, stores outputs and what later pieces need.</summary>
[RequiresDynamicCode("Compiles code at run time.")]
internal sealed class ScalarPieceBuilder
{
    private readonly ScalarProgram _program;
    private readonly ProgramChunks _chunks;
    private readonly OutputsOf _outputs;
    private readonly int _begin, _end;
    private readonly bool _isLast;
    private DynamicMethod _method = null!;
    private ILGenerator _il = null!;
    private readonly Dictionary<int, LocalBuilder> _values = [];
    private LocalBuilder[] _state = [];

    public ScalarPieceBuilder(ScalarProgram program, ProgramChunks chunks, OutputsOf outputs, int chunk)
    {
        (_program, _chunks, _outputs) = (program, chunks, outputs);
        (_begin, _end) = (chunks.Starts[chunk], chunks.Starts[chunk + 1]);
        _isLast = chunk == chunks.Count - 1;
    }

    private void Begin(string name, Type result, params Type[] parameters)
    {
        _method = new(name, result, parameters, typeof(ScalarPieceBuilder).Module, skipVisibility: true) { InitLocals = false };
        _il = _method.GetILGenerator(24 * (_end - _begin) + 256);
    }

    /// <summary>The piece.</summary>
    public ScalarPiece Compile()
    {
        Begin("scalar piece", typeof(void), typeof(double).MakePointerType(), typeof(double).MakePointerType(), typeof(long).MakePointerType());
        ComputeAll();
        if (_isLast)
            foreach (var value in _outputs.Values)
                if (_program.Instructions[value].OperandCount == 0) StoreOutputs(value);
        _il.Emit(OpCodes.Ret);
        return _method.CreateDelegate<ScalarPiece>();
    }

    /// <summary>A loop around a program of one piece: its first outputs are its inputs the next time, as long as the output behind those is positive.</summary>
    public ScalarLoop CompileLoop()
    {
        Begin("scalar loop", typeof(long), typeof(double).MakePointerType());
        int count = _program.Inputs.Length;
        var steps = _il.DeclareLocal(typeof(long));
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Stloc, steps);
        _state = new LocalBuilder[count];
        for (var k = 0; k < count; k++)
        {
            _state[k] = _il.DeclareLocal(typeof(double));
            Address(OpCodes.Ldarg_0, k);
            _il.Emit(OpCodes.Ldind_R8);
            _il.Emit(OpCodes.Stloc, _state[k]);
        }
        Label top = _il.DefineLabel(), end = _il.DefineLabel();
        _il.MarkLabel(top);
        ComputeAll();
        Load(_program.Outputs[count]);
        _il.Emit(OpCodes.Ldc_R8, 0.0);
        _il.Emit(OpCodes.Ble_Un, end);
        Step(count);
        _il.Emit(OpCodes.Ldloc, steps);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, steps);
        _il.Emit(OpCodes.Br, top);
        _il.MarkLabel(end);
        for (var k = 0; k < count; k++)
        {
            Address(OpCodes.Ldarg_0, k);
            _il.Emit(OpCodes.Ldloc, _state[k]);
            _il.Emit(OpCodes.Stind_R8);
        }
        _il.Emit(OpCodes.Ldloc, steps);
        _il.Emit(OpCodes.Ret);
        return _method.CreateDelegate<ScalarLoop>();
    }

    /// <summary>The outputs take the inputs' places, all at once.</summary>
    private void Step(int count)
    {
        var moved = new Stack<int>();
        for (var k = 0; k < count; k++)
        {
            if (_program.Instructions[_program.Outputs[k]] is { Opcode: Opcode.Input, A: var input } && input == k) continue;
            Load(_program.Outputs[k]);
            moved.Push(k);
        }
        while (moved.TryPop(out var k)) _il.Emit(OpCodes.Stloc, _state[k]);
    }

    private void ComputeAll()
    {
        for (var v = _begin; v < _end; v++)
            if (_program.Instructions[v].OperandCount > 0) Compute(v);
    }

    private static Type Stack(ScalarType type) => type switch
    {
        ScalarType.Float64 => typeof(double),
        ScalarType.Float32 => typeof(float),
        ScalarType.Int64 => typeof(long),
        _ => typeof(int),
    };

    private void Compute(int value)
    {
        ref readonly var i = ref _program.Instructions[value];
        Operate(i);
        Keep(value, i.Type);
        if (_chunks.SlotOf(value) is >= 0 and var slot)
        {
            Address(OpCodes.Ldarg_2, slot);
            _il.Emit(OpCodes.Ldloc, _values[value]);
            _il.Emit(Storing(i.Type));
        }
        StoreOutputs(value);
    }

    private void Keep(int value, ScalarType type)
    {
        var local = _il.DeclareLocal(Stack(type));
        _values.Add(value, local);
        _il.Emit(OpCodes.Stloc, local);
    }

    private void StoreOutputs(int value)
    {
        if (_state.Length > 0) return;
        foreach (var k in _outputs[value])
        {
            Address(OpCodes.Ldarg_1, k);
            Load(value);
            _il.Emit(OpCodes.Stind_R8);
        }
    }

    private void Address(OpCode argument, int index)
    {
        _il.Emit(argument);
        if (index == 0) return;
        _il.Emit(OpCodes.Ldc_I4, checked(8 * index));
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
    }

    private static OpCode Storing(ScalarType type) => type switch
    {
        ScalarType.Float64 => OpCodes.Stind_R8,
        ScalarType.Float32 => OpCodes.Stind_R4,
        ScalarType.Int64 => OpCodes.Stind_I8,
        _ => OpCodes.Stind_I4,
    };

    private static OpCode Loading(ScalarType type) => type switch
    {
        ScalarType.Float64 => OpCodes.Ldind_R8,
        ScalarType.Float32 => OpCodes.Ldind_R4,
        ScalarType.Int64 => OpCodes.Ldind_I8,
        _ => OpCodes.Ldind_I4,
    };

    /// <summary>Puts a value on the stack. Inputs and values of earlier pieces are read where they are used: as operands in memory they cost no register.</summary>
    private void Load(int value)
    {
        ref readonly var i = ref _program.Instructions[value];
        if (_values.TryGetValue(value, out var local)) _il.Emit(OpCodes.Ldloc, local);
        else if (i.Opcode == Opcode.Constant) Constant(i);
        else if (i.Opcode == Opcode.Input && _state.Length > 0) _il.Emit(OpCodes.Ldloc, _state[i.A]);
        else
        {
            if (i.Opcode == Opcode.Input) Address(OpCodes.Ldarg_0, i.A);
            else Address(OpCodes.Ldarg_2, _chunks.SlotOf(value));
            _il.Emit(Loading(i.Type));
        }
    }

    private void Constant(in Instruction i)
    {
        switch (i.Type)
        {
            case ScalarType.Float64: _il.Emit(OpCodes.Ldc_R8, BitConverter.Int64BitsToDouble(i.Bits)); break;
            case ScalarType.Float32: _il.Emit(OpCodes.Ldc_R4, BitConverter.Int32BitsToSingle((int)i.Bits)); break;
            case ScalarType.Int64: _il.Emit(OpCodes.Ldc_I8, i.Bits); break;
            default: _il.Emit(OpCodes.Ldc_I4, (int)i.Bits); break;
        }
    }

    // Operations

    private void Operate(in Instruction i)
    {
        switch (i.Opcode)
        {
            case Opcode.Unary when i.Type.IsFloat(): Unary(i); break;
            case Opcode.Binary when i.Type.IsFloat(): Binary(i); break;
            case Opcode.Unary or Opcode.Binary: Integer(i); break;
            case Opcode.Compare: Compare(i); break;
            case Opcode.Select: Select(i); break;
            case Opcode.Convert: Convert(i); break;
            case Opcode.Not:
                Load(i.A);
                IsZero();
                break;
            default:
                Load(i.A);
                Load(i.B);
                _il.Emit(i.Opcode == Opcode.And ? OpCodes.And : OpCodes.Or);
                break;
        }
    }

    /// <summary>Puts a float32 or float64 value on the stack as float64.</summary>
    private void LoadWide(int value, ScalarType type)
    {
        Load(value);
        if (type == ScalarType.Float32) _il.Emit(OpCodes.Conv_R8);
    }

    /// <summary>A float32 result is computed in float64 and rounded once, like the kernels'.</summary>
    private void Round(ScalarType type)
    {
        if (type == ScalarType.Float32) _il.Emit(OpCodes.Conv_R4);
    }

    private void Unary(in Instruction i)
    {
        if (i.Type == ScalarType.Float32 && ProgramCost.IsElementary(i.UnaryOp) && KernelTypes.Of(i.UnaryOp) is { } kernel)
        {
            Load(i.A);
            _il.Emit(OpCodes.Call, Over(s_laneUnarySingle, kernel));
            return;
        }
        LoadWide(i.A, i.Type);
        Unary(i.UnaryOp);
        Round(i.Type);
    }

    private void Unary(UnaryOp op)
    {
        switch (op)
        {
            case UnaryOp.Negate: _il.Emit(OpCodes.Neg); break;
            case UnaryOp.Abs: _il.Emit(OpCodes.Call, s_abs); break;
            case UnaryOp.Sqrt: _il.Emit(OpCodes.Call, s_sqrt); break;
            case UnaryOp.Square: _il.Emit(OpCodes.Call, s_square); break;
            case UnaryOp.Reciprocal: _il.Emit(OpCodes.Call, s_reciprocal); break;
            case UnaryOp.Relu: _il.Emit(OpCodes.Call, s_relu); break;
            default:
                if (ProgramCost.IsElementary(op) && KernelTypes.Of(op) is { } kernel)
                {
                    _il.Emit(OpCodes.Call, Over(s_laneUnary, kernel));
                    break;
                }
                // The function comes first among the arguments.
                var x = _il.DeclareLocal(typeof(double));
                _il.Emit(OpCodes.Stloc, x);
                _il.Emit(OpCodes.Ldc_I4, (int)op);
                _il.Emit(OpCodes.Ldloc, x);
                _il.Emit(OpCodes.Call, s_unary);
                break;
        }
    }

    private void Binary(in Instruction i)
    {
        if (i.BinaryOp <= BinaryOp.Divide)
        {
            // In float32 these are what rounding the float64 result gives.
            Load(i.A);
            Load(i.B);
            _il.Emit(i.BinaryOp switch
            {
                BinaryOp.Add => OpCodes.Add,
                BinaryOp.Subtract => OpCodes.Sub,
                BinaryOp.Multiply => OpCodes.Mul,
                _ => OpCodes.Div,
            });
            Round(i.Type);
        }
        else if (i.BinaryOp == BinaryOp.Power && PowerMethod(i) is { } power)
        {
            LoadWide(i.A, i.Type);
            _il.Emit(OpCodes.Call, power);
            Round(i.Type);
        }
        else Function(i);
    }

    private void Function(in Instruction i)
    {
        if (DirectMethod(i.BinaryOp) is { } method)
        {
            LoadWide(i.A, i.Type);
            LoadWide(i.B, i.Type);
            _il.Emit(OpCodes.Call, method);
            Round(i.Type);
            return;
        }
        _il.Emit(OpCodes.Ldc_I4, (int)i.Function);
        Load(i.A);
        Load(i.B);
        _il.Emit(OpCodes.Call, i.Type == ScalarType.Float32 ? s_binarySingle : s_binary);
    }

    private static MethodInfo? DirectMethod(BinaryOp op) => op switch
    {
        BinaryOp.Scale => s_scale,
        BinaryOp.Maximum => s_max,
        BinaryOp.Minimum => s_min,
        BinaryOp.CopySign => s_copySign,
        _ when ProgramCost.IsElementary(op) && KernelTypes.Of(op) is { } kernel => Over(s_laneBinary, kernel),
        _ => null,
    };

    /// <summary>What computes a power with a constant exponent that a product or a root serves.</summary>
    private MethodInfo? PowerMethod(in Instruction i)
    {
        ref readonly var exponent = ref _program.Instructions[i.B];
        if (exponent.Opcode != Opcode.Constant) return null;
        return (i.Type == ScalarType.Float64 ? BitConverter.Int64BitsToDouble(exponent.Bits) : BitConverter.Int32BitsToSingle((int)exponent.Bits)) switch
        {
            2 => s_square,
            3 => s_cube,
            -1 => s_reciprocal,
            0.5 => Over(s_laneUnary, typeof(RootPowerKernel)),
            _ => null,
        };
    }

    /// <summary>Integer arithmetic: what has an instruction by it, the rest by a call.</summary>
    private void Integer(in Instruction i)
    {
        if (i.Opcode == Opcode.Binary && i.BinaryOp is BinaryOp.Add or BinaryOp.Subtract or BinaryOp.Multiply)
        {
            Load(i.A);
            Load(i.B);
            _il.Emit(i.BinaryOp switch
            {
                BinaryOp.Add => OpCodes.Add,
                BinaryOp.Subtract => OpCodes.Sub,
                _ => OpCodes.Mul,
            });
        }
        else
        {
            _il.Emit(OpCodes.Ldc_I4, (int)i.Opcode);
            _il.Emit(OpCodes.Ldc_I4, (int)i.Function);
            _il.Emit(OpCodes.Ldc_I4, (int)i.Type);
            LoadInt64(i.A);
            LoadInt64(i.Opcode == Opcode.Binary ? i.B : i.A);
            _il.Emit(OpCodes.Call, s_integer);
            if (i.Type != ScalarType.Int64) _il.Emit(OpCodes.Conv_I4);
        }
        if (i.Type == ScalarType.UInt8) _il.Emit(OpCodes.Conv_U1);
    }

    private void LoadInt64(int value)
    {
        Load(value);
        if (_program.Instructions[value].Type != ScalarType.Int64) _il.Emit(OpCodes.Conv_I8);
    }

    private void Compare(in Instruction i)
    {
        Load(i.A);
        Load(i.B);
        var isFloat = _program.Instructions[i.A].Type.IsFloat();
        switch (i.CompareOp)
        {
            case CompareOp.Equal: _il.Emit(OpCodes.Ceq); break;
            case CompareOp.NotEqual:
                _il.Emit(OpCodes.Ceq);
                IsZero();
                break;
            case CompareOp.Less: _il.Emit(OpCodes.Clt); break;
            case CompareOp.Greater: _il.Emit(OpCodes.Cgt); break;
            // Not greater, NaN counting as greater: of floating point the unordered comparison.
            case CompareOp.LessOrEqual:
                _il.Emit(isFloat ? OpCodes.Cgt_Un : OpCodes.Cgt);
                IsZero();
                break;
            default:
                _il.Emit(isFloat ? OpCodes.Clt_Un : OpCodes.Clt);
                IsZero();
                break;
        }
    }

    private void IsZero()
    {
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Ceq);
    }

    private void Select(in Instruction i)
    {
        Load(i.A);
        Load(i.B);
        Load(i.C);
        _il.Emit(OpCodes.Call, s_select[Stack(i.Type)]);
    }

    private void Convert(in Instruction i)
    {
        var from = _program.Instructions[i.A].Type;
        Load(i.A);
        if (i.Type == ScalarType.Bool) IsNotZero(from);
        else if (i.Type == ScalarType.Float64) _il.Emit(OpCodes.Conv_R8);
        else if (i.Type == ScalarType.Float32) _il.Emit(OpCodes.Conv_R4);
        else if (from.IsFloat())
        {
            if (from == ScalarType.Float32) _il.Emit(OpCodes.Conv_R8);
            _il.Emit(OpCodes.Call, i.Type == ScalarType.Int64 ? s_toInt64 : i.Type == ScalarType.Int32 ? s_toInt32 : s_toUInt8);
        }
        else _il.Emit(i.Type == ScalarType.Int64 ? OpCodes.Conv_I8 : i.Type == ScalarType.Int32 ? OpCodes.Conv_I4 : OpCodes.Conv_U1);
    }

    private void IsNotZero(ScalarType from)
    {
        switch (from)
        {
            case ScalarType.Float64: _il.Emit(OpCodes.Ldc_R8, 0.0); break;
            case ScalarType.Float32: _il.Emit(OpCodes.Ldc_R4, 0f); break;
            case ScalarType.Int64: _il.Emit(OpCodes.Ldc_I8, 0L); break;
            default: _il.Emit(OpCodes.Ldc_I4_0); break;
        }
        _il.Emit(OpCodes.Ceq);
        IsZero();
    }

    // The methods called

    private static readonly MethodInfo s_abs = Method(typeof(Math), nameof(Math.Abs), typeof(double));
    private static readonly MethodInfo s_sqrt = Method(typeof(Math), nameof(Math.Sqrt), typeof(double));
    private static readonly MethodInfo s_max = Method(typeof(Math), nameof(Math.Max), typeof(double), typeof(double));
    private static readonly MethodInfo s_min = Method(typeof(Math), nameof(Math.Min), typeof(double), typeof(double));
    private static readonly MethodInfo s_copySign = Method(typeof(Math), nameof(Math.CopySign), typeof(double), typeof(double));
    private static readonly MethodInfo s_square = Method(typeof(ScalarCode), nameof(ScalarCode.Square), typeof(double));
    private static readonly MethodInfo s_cube = Method(typeof(ScalarCode), nameof(ScalarCode.Cube), typeof(double));
    private static readonly MethodInfo s_reciprocal = Method(typeof(ScalarCode), nameof(ScalarCode.Reciprocal), typeof(double));
    private static readonly MethodInfo s_relu = Method(typeof(ScalarCode), nameof(ScalarCode.Relu), typeof(double));
    private static readonly MethodInfo s_scale = Method(typeof(ScalarCode), nameof(ScalarCode.Scale), typeof(double), typeof(double));
    private static readonly MethodInfo s_toInt64 = Method(typeof(ScalarCode), nameof(ScalarCode.ToInt64), typeof(double));
    private static readonly MethodInfo s_toInt32 = Method(typeof(ScalarCode), nameof(ScalarCode.ToInt32), typeof(double));
    private static readonly MethodInfo s_toUInt8 = Method(typeof(ScalarCode), nameof(ScalarCode.ToUInt8), typeof(double));
    private static readonly MethodInfo s_integer
        = Method(typeof(ScalarCode), nameof(ScalarCode.Integer), typeof(int), typeof(int), typeof(int), typeof(long), typeof(long));
    private static readonly MethodInfo s_unary = Method(typeof(Elementwise), nameof(Elementwise.Unary), typeof(UnaryOp), typeof(double));
    private static readonly MethodInfo s_binary = Method(typeof(Elementwise), nameof(Elementwise.Binary), typeof(BinaryOp), typeof(double), typeof(double));
    private static readonly MethodInfo s_binarySingle = Method(typeof(Elementwise), nameof(Elementwise.Binary), typeof(BinaryOp), typeof(float), typeof(float));
    private static readonly MethodInfo s_laneUnary = Method(typeof(ElementwiseLoops), nameof(ElementwiseLoops.Lane), typeof(double));
    private static readonly MethodInfo s_laneUnarySingle = Method(typeof(ElementwiseLoops), nameof(ElementwiseLoops.Lane), typeof(float));
    private static readonly MethodInfo s_laneBinary = Method(typeof(ElementwiseLoops), nameof(ElementwiseLoops.Lane), typeof(double), typeof(double));

    private static readonly Dictionary<Type, MethodInfo> s_select = new()
    {
        [typeof(double)] = Method(typeof(ScalarCode), nameof(ScalarCode.Select), typeof(bool), typeof(double), typeof(double)),
        [typeof(float)] = Method(typeof(ScalarCode), nameof(ScalarCode.Select), typeof(bool), typeof(float), typeof(float)),
        [typeof(long)] = Method(typeof(ScalarCode), nameof(ScalarCode.Select), typeof(bool), typeof(long), typeof(long)),
        [typeof(int)] = Method(typeof(ScalarCode), nameof(ScalarCode.Select), typeof(bool), typeof(int), typeof(int)),
    };

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = LaneCode.Guarded)]
    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = "The methods ask nothing of their type arguments.")]
    private static MethodInfo Over(MethodInfo lane, Type kernel) => lane.MakeGenericMethod(kernel);

    private static MethodInfo Method([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type type, string name, params Type[] parameters)
        => type.GetMethod(name, parameters) ?? throw new MissingMethodException(type.Name, name);
}

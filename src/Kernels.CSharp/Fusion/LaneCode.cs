using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>The methods that generated loops call, for one kind of lanes.</summary>
internal sealed class LaneCode
{
    /// <summary>Why instantiating methods is no danger where code is compiled ahead.</summary>
    internal const string Guarded = "Code is generated only where RuntimeFeature.IsDynamicCodeCompiled says that it can be: FusedKernel, ScalarKernel.";

    private readonly Dictionary<string, MethodInfo> _methods;

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = Guarded)]
    private LaneCode([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type code, Type lanes, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type vector, int width, bool single)
    {
        Vector = vector;
        Lanes = lanes;
        Width = width;
        IsSingle = single;
        _methods = code.GetMethods(BindingFlags.Public | BindingFlags.Static).ToDictionary(m => m.Name);
        var cast = typeof(Unsafe).GetMethod(nameof(Unsafe.BitCast))!;
        Wrap = cast.MakeGenericMethod(vector, lanes);
        Unwrap = cast.MakeGenericMethod(lanes, vector);
    }

    /// <summary>The register type. Values are kept as bare vectors, which the compiler knows without looking into a structure.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)]
    public Type Vector { get; }

    /// <summary>The lanes that the methods take.</summary>
    public Type Lanes { get; }

    /// <summary>From a vector to the lanes that the methods take.</summary>
    public MethodInfo Wrap { get; }

    /// <summary>Back from lanes to a vector.</summary>
    public MethodInfo Unwrap { get; }

    /// <summary>Elements in a register.</summary>
    public int Width { get; }

    /// <summary>Whether the lanes are float32.</summary>
    public bool IsSingle { get; }

    /// <summary>Float32 lanes where a program has nothing else, float64 lanes otherwise; as wide as the hardware's.</summary>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(DoubleLaneCode<>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(SingleLaneCode<,>))]
    public static LaneCode For(ScalarProgram program)
    {
        var single = IsAllSingle(program);
        if (Vector512.IsHardwareAccelerated)
            return single ? new(typeof(SingleLaneCode<Singles16, Doubles8>), typeof(Singles16), typeof(Vector512<float>), 16, true)
                : new(typeof(DoubleLaneCode<Doubles8>), typeof(Doubles8), typeof(Vector512<double>), 8, false);
        if (Vector256.IsHardwareAccelerated)
            return single ? new(typeof(SingleLaneCode<Singles8, Doubles4>), typeof(Singles8), typeof(Vector256<float>), 8, true)
                : new(typeof(DoubleLaneCode<Doubles4>), typeof(Doubles4), typeof(Vector256<double>), 4, false);
        return single ? new(typeof(SingleLaneCode<Singles4, Doubles2>), typeof(Singles4), typeof(Vector128<float>), 4, true)
            : new(typeof(DoubleLaneCode<Doubles2>), typeof(Doubles2), typeof(Vector128<double>), 2, false);
    }

    public MethodInfo this[string name] => _methods[name];

    /// <summary>The vectors' own operator for a sum, difference, product or quotient.</summary>
    public MethodInfo Operator(BinaryOp op) => Vector.GetMethod(op switch
    {
        BinaryOp.Add => "op_Addition",
        BinaryOp.Subtract => "op_Subtraction",
        BinaryOp.Multiply => "op_Multiply",
        _ => "op_Division",
    }, [Vector, Vector])!;

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = Guarded)]
    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = "The methods ask nothing of their type arguments.")]
    public MethodInfo Of(string name, Type kernel) => _methods[name].MakeGenericMethod(kernel);

    /// <summary>Whether a program has nothing but float32 and truth values.</summary>
    public static bool IsAllSingle(ScalarProgram program)
    {
        foreach (ref readonly var i in program.Instructions)
            if (i.Type is not (ScalarType.Float32 or ScalarType.Bool)) return false;
        return true;
    }
}

using System;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>The type of a value of a <see cref="ScalarProgram"/>; numbered like the element types of tensors.</summary>
internal enum ScalarType : byte
{
    /// <summary>IEEE 754 binary64.</summary>
    Float64,
    /// <summary>IEEE 754 binary32.</summary>
    Float32,
    /// <summary>64-bit integer, two's complement.</summary>
    Int64,
    /// <summary>32-bit integer, two's complement.</summary>
    Int32,
    /// <summary>Unsigned byte.</summary>
    UInt8,
    /// <summary>True or false: the result of a comparison.</summary>
    Bool,
}

/// <summary>What is known of scalar types.</summary>
internal static class ScalarTypes
{
    /// <summary>Bytes of one element in memory.</summary>
    public static int Size(this ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        _ => 1,
    };

    public static bool IsFloat(this ScalarType type) => type <= ScalarType.Float32;

    public static bool IsInteger(this ScalarType type) => type is ScalarType.Int64 or ScalarType.Int32 or ScalarType.UInt8;

    public static string Name(this ScalarType type) => type switch
    {
        ScalarType.Float64 => "float64",
        ScalarType.Float32 => "float32",
        ScalarType.Int64 => "int64",
        ScalarType.Int32 => "int32",
        ScalarType.UInt8 => "uint8",
        ScalarType.Bool => "bool",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a scalar type."),
    };

    /// <summary>The type of the elements of a managed array.</summary>
    /// <exception cref="ArgumentException">The array holds something else.</exception>
    public static ScalarType Of(Array data)
    {
        if (data is double[]) return ScalarType.Float64;
        if (data is float[]) return ScalarType.Float32;
        if (data is long[]) return ScalarType.Int64;
        if (data is int[]) return ScalarType.Int32;
        if (data is byte[]) return ScalarType.UInt8;
        if (data is bool[]) return ScalarType.Bool;
        throw new ArgumentException($"An operand's data is double[], float[], long[], int[], byte[] or bool[], not {data.GetType().Name}.", nameof(data));
    }

    /// <summary>The bits of a number as a constant of the type holds them: a float32 in the low 32 bits, an integer sign-extended, a truth value as 0 or 1.</summary>
    public static long Bits(this ScalarType type, double value) => type switch
    {
        ScalarType.Float64 => BitConverter.DoubleToInt64Bits(value),
        ScalarType.Float32 => BitConverter.SingleToInt32Bits((float)value),
        ScalarType.Bool => value != 0 ? 1 : 0,
        ScalarType.Int64 => long.CreateSaturating(value),
        ScalarType.Int32 => int.CreateSaturating(value),
        _ => byte.CreateSaturating(value),
    };

    /// <summary>Writes the element that the bits stand for.</summary>
    public static void WriteBits(this ScalarType type, long bits, Span<byte> target)
    {
        switch (type.Size())
        {
            case 8: MemoryMarshal.Write(target, bits); break;
            case 4: MemoryMarshal.Write(target, (int)bits); break;
            default: target[0] = (byte)bits; break;
        }
    }
}

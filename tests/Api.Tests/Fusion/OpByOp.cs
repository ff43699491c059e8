using System;
using System.Linq;
using System.Numerics;
using DiffLib.Kernels;
using Kernel = DiffLib.Kernels.Elementwise;

namespace DiffLib.Api.Tests.Fusion;

/// <summary>The yardstick: a program run over whole arrays, one kernel call an instruction.</summary>
internal static class OpByOp
{
    /// <summary>The outputs over a loop, before any reduction.</summary>
    public static Array[] Run(ScalarProgram program, int[] shape, ReadOnlySpan<LoopOperand> inputs)
    {
        var count = shape.Aggregate(1, (a, b) => a * b);
        var gathered = new Array[inputs.Length];
        for (var k = 0; k < inputs.Length; k++) gathered[k] = Gather(program.Inputs[k], inputs[k], shape, count);
        return Run(program, count, gathered);
    }

    public static Array[] Run(ScalarProgram program, int count, Array[] inputs)
    {
        var values = new Array[program.Instructions.Length];
        for (var v = 0; v < values.Length; v++)
        {
            var i = program.Instructions[v];
            values[v] = i.Opcode switch
            {
                Opcode.Input => inputs[i.A],
                Opcode.Constant => Spread(i.Type, i.Bits, count),
                _ => Compute(i, values, count),
            };
        }
        var outputs = new Array[program.Outputs.Length];
        for (var k = 0; k < outputs.Length; k++) outputs[k] = values[program.Outputs[k]];
        return outputs;
    }

    public static Array New(ScalarType type, int count) => type switch
    {
        ScalarType.Float64 => new double[count],
        ScalarType.Float32 => new float[count],
        ScalarType.Int64 => new long[count],
        ScalarType.Int32 => new int[count],
        ScalarType.UInt8 => new byte[count],
        _ => new bool[count],
    };

    private static Array Gather(ScalarType type, in LoopOperand operand, int[] shape, int count)
    {
        if (operand.Data is not { } data) return Spread(type, operand.Bits, count);
        var y = New(type, count);
        if (operand.Strides is not { } strides)
        {
            Array.Copy(data, operand.Offset, y, 0, count);
            return y;
        }
        var index = new int[shape.Length];
        for (var p = 0; p < count; p++)
        {
            var at = operand.Offset;
            for (var d = 0; d < shape.Length; d++) at += index[d] * strides[d];
            Array.Copy(data, at, y, p, 1);
            for (var d = shape.Length - 1; d >= 0 && ++index[d] == shape[d]; d--) index[d] = 0;
        }
        return y;
    }

    private static Array Spread(ScalarType type, long bits, int count)
    {
        var y = New(type, count);
        Span<byte> one = stackalloc byte[8];
        type.WriteBits(bits, one);
        for (var p = 0; p < count; p++)
            for (var j = 0; j < type.Size(); j++) Buffer.SetByte(y, p * type.Size() + j, one[j]);
        return y;
    }

    private static Array Compute(in Instruction i, Array[] values, int count)
    {
        var y = New(i.Type, count);
        switch (i.Opcode)
        {
            case Opcode.Not: Kernel.Compare<byte>(CompareOp.Equal, Bytes(values[i.A]), [0], (bool[])y); break;
            case Opcode.And: Kernel.Where<bool>((bool[])values[i.A], (bool[])values[i.B], [false], (bool[])y); break;
            case Opcode.Or: Kernel.Where<bool>((bool[])values[i.A], [true], (bool[])values[i.B], (bool[])y); break;
            case Opcode.Select: Select(i, values, y); break;
            case Opcode.Unary when i.Type == ScalarType.Float64: Kernel.Unary(i.UnaryOp, (double[])values[i.A], (double[])y); break;
            case Opcode.Unary when i.Type == ScalarType.Float32: Kernel.Unary(i.UnaryOp, (float[])values[i.A], (float[])y); break;
            case Opcode.Binary when i.Type == ScalarType.Float64: Kernel.Binary(i.BinaryOp, (double[])values[i.A], (double[])values[i.B], (double[])y); break;
            case Opcode.Binary when i.Type == ScalarType.Float32: Kernel.Binary(i.BinaryOp, (float[])values[i.A], (float[])values[i.B], (float[])y); break;
            default: ByType(i, values, y); break;
        }
        return y;
    }

    private static void Select(in Instruction i, Array[] values, Array y)
    {
        switch (y)
        {
            case double[] d: Kernel.Where((bool[])values[i.A], (double[])values[i.B], (double[])values[i.C], d); break;
            case float[] d: Kernel.Where((bool[])values[i.A], (float[])values[i.B], (float[])values[i.C], d); break;
            case long[] d: Kernel.Where((bool[])values[i.A], (long[])values[i.B], (long[])values[i.C], d); break;
            case int[] d: Kernel.Where((bool[])values[i.A], (int[])values[i.B], (int[])values[i.C], d); break;
            case byte[] d: Kernel.Where((bool[])values[i.A], (byte[])values[i.B], (byte[])values[i.C], d); break;
            default: Kernel.Where((bool[])values[i.A], (bool[])values[i.B], (bool[])values[i.C], (bool[])y); break;
        }
    }

    private static void ByType(in Instruction i, Array[] values, Array y)
    {
        switch (values[i.A])
        {
            case double[] a: OfType(i, a, i.Opcode == Opcode.Compare ? (double[])values[i.B] : a, y); break;
            case float[] a: OfType(i, a, i.Opcode == Opcode.Compare ? (float[])values[i.B] : a, y); break;
            case long[] a: Integer(i, a, i.OperandCount > 1 ? (long[])values[i.B] : a, y); break;
            case int[] a: Integer(i, a, i.OperandCount > 1 ? (int[])values[i.B] : a, y); break;
            case byte[] a: Integer(i, a, i.OperandCount > 1 ? (byte[])values[i.B] : a, y); break;
            default: OfType(i, Bytes(values[i.A]), i.OperandCount > 1 ? Bytes(values[i.B]) : Bytes(values[i.A]), y); break;
        }
    }

    private static void Integer<T>(in Instruction i, T[] a, T[] b, Array y) where T : unmanaged, IBinaryInteger<T>
    {
        if (i.Opcode == Opcode.Unary) Kernel.UnaryInteger<T>(i.UnaryOp, a, (T[])y);
        else if (i.Opcode == Opcode.Binary) Kernel.BinaryInteger<T>(i.BinaryOp, a, b, (T[])y);
        else OfType(i, a, b, y);
    }

    private static void OfType<T>(in Instruction i, T[] a, T[] b, Array y) where T : unmanaged, INumber<T>
    {
        if (i.Opcode == Opcode.Compare)
        {
            Kernel.Compare<T>(i.CompareOp, a, b, (bool[])y);
            return;
        }
        switch (y)
        {
            case double[] d: Kernel.Convert<T, double>(a, d); break;
            case float[] d: Kernel.Convert<T, float>(a, d); break;
            case long[] d: Kernel.Convert<T, long>(a, d); break;
            case int[] d: Kernel.Convert<T, int>(a, d); break;
            case byte[] d: Kernel.Convert<T, byte>(a, d); break;
            default: Kernel.Compare<T>(CompareOp.NotEqual, a, [T.Zero], (bool[])y); break;
        }
    }

    private static byte[] Bytes(Array values) => values is byte[] bytes ? bytes : Array.ConvertAll((bool[])values, v => v ? (byte)1 : (byte)0);

    /// <summary>The eager reduction of an output's values.</summary>
    public static Array Reduce(FusedReduction reduction, Array values, int outer, int n, int inner)
    {
        var op = reduction switch
        {
            FusedReduction.Product => ReduceOp.Product,
            FusedReduction.Maximum => ReduceOp.Maximum,
            FusedReduction.Minimum => ReduceOp.Minimum,
            _ => ReduceOp.Sum,
        };
        if (values is double[] x)
        {
            var y = new double[outer * inner];
            Reductions.Reduce(op, x, outer, n, inner, y);
            return reduction == FusedReduction.Mean ? Array.ConvertAll(y, v => v / n) : y;
        }
        var z = new float[outer * inner];
        Reductions.Reduce(op, (float[])values, outer, n, inner, z);
        return reduction == FusedReduction.Mean ? Array.ConvertAll(z, v => v / (float)n) : z;
    }

    /// <summary>The first place where two arrays differ in a bit, NaN being NaN; -1 if there is none.</summary>
    public static int FirstDifference(Array expected, Array got)
    {
        for (var p = 0; p < expected.Length; p++)
        {
            var same = (expected, got) switch
            {
                (double[] a, double[] b) => BitConverter.DoubleToInt64Bits(a[p]) == BitConverter.DoubleToInt64Bits(b[p]) || (double.IsNaN(a[p]) && double.IsNaN(b[p])),
                (float[] a, float[] b) => BitConverter.SingleToInt32Bits(a[p]) == BitConverter.SingleToInt32Bits(b[p]) || (float.IsNaN(a[p]) && float.IsNaN(b[p])),
                _ => Equals(expected.GetValue(p), got.GetValue(p)),
            };
            if (!same) return p;
        }
        return -1;
    }
}

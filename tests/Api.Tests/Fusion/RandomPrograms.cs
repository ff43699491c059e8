using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Kernels;

namespace DiffLib.Api.Tests.Fusion;

/// <summary>Random programs, inputs and views for the tests of fused kernels, from a seed.</summary>
internal sealed class RandomPrograms(int seed)
{
    private static readonly UnaryOp[] s_unary = Enum.GetValues<UnaryOp>();
    private static readonly BinaryOp[] s_binary = Enum.GetValues<BinaryOp>();
    private static readonly UnaryOp[] s_integerUnary = [UnaryOp.Negate, UnaryOp.Abs, UnaryOp.Sign, UnaryOp.Square, UnaryOp.Relu, UnaryOp.Step];
    private static readonly BinaryOp[] s_integerBinary = [BinaryOp.Add, BinaryOp.Subtract, BinaryOp.Multiply, BinaryOp.Maximum, BinaryOp.Minimum];

    private static readonly double[] s_hard =
    [
        0, -0.0, 1, -1, 0.5, 2, 3, -2.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-310, 1e300, -1e-20, 37, 710, -746, 1e10,
    ];

    public Random Random { get; } = new(seed);

    /// <summary>A program over values of the given types with so many instructions and some outputs.</summary>
    public ScalarProgram Program(int operations, int inputs, int outputs, params ScalarType[] types)
    {
        var builder = new ScalarProgramBuilder();
        for (var k = 0; k < inputs; k++) builder.Input(types[Random.Next(types.Length)]);
        for (var k = 0; k < operations; k++) Step(builder, types);
        return builder.Build([.. Enumerable.Range(0, outputs).Select(_ => builder.Count - 1 - Random.Next(Math.Min(builder.Count, 4 + outputs)))]);
    }

    private void Step(ScalarProgramBuilder builder, ScalarType[] types)
    {
        var a = Random.Next(Math.Max(0, builder.Count - 40), builder.Count);
        var type = builder.TypeOf(a);
        var b = Partner(builder, type);
        switch (Random.Next(12))
        {
            case 0: builder.Constant(types[Random.Next(types.Length)], types[0].Bits(Number())); break;
            case 1: builder.Convert(types[Random.Next(types.Length)], a); break;
            case 2: builder.Compare((CompareOp)Random.Next(6), a, b); break;
            case 3: builder.Select(Partner(builder, ScalarType.Bool), a, b); break;
            case 4 or 5 or 6: Unary(builder, a, type); break;
            default: Binary(builder, a, b, type); break;
        }
    }

    private void Unary(ScalarProgramBuilder builder, int a, ScalarType type)
    {
        if (type == ScalarType.Bool) builder.Not(a);
        else builder.Unary(type.IsFloat() ? s_unary[Random.Next(s_unary.Length)] : s_integerUnary[Random.Next(s_integerUnary.Length)], a);
    }

    private void Binary(ScalarProgramBuilder builder, int a, int b, ScalarType type)
    {
        if (type == ScalarType.Bool && Random.Next(2) == 0) builder.And(a, b);
        else if (type == ScalarType.Bool) builder.Or(a, b);
        else if (type.IsInteger()) builder.Binary(s_integerBinary[Random.Next(s_integerBinary.Length)], a, b);
        else builder.Binary(Random.Next(3) > 0 ? (BinaryOp)Random.Next(4) : s_binary[Random.Next(s_binary.Length)], a, b);
    }

    /// <summary>An earlier value of a type, or a new constant.</summary>
    private int Partner(ScalarProgramBuilder builder, ScalarType type)
    {
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var v = Random.Next(builder.Count);
            if (builder.TypeOf(v) == type) return v;
        }
        return builder.Constant(type, type.Bits(Number()));
    }

    /// <summary>A number, one in five of the hard ones.</summary>
    public double Number() => Random.Next(5) == 0 ? s_hard[Random.Next(s_hard.Length)] : (Random.NextDouble() - 0.5) * 6;

    /// <summary>An array of so many numbers.</summary>
    public Array Data(ScalarType type, int length)
    {
        switch (type)
        {
            case ScalarType.Float64: return Fill(length, Number);
            case ScalarType.Float32: return Fill(length, () => (float)Number());
            case ScalarType.Int64: return Fill(length, () => (long)Random.Next(-5, 6));
            case ScalarType.Int32: return Fill(length, () => Random.Next(-5, 6));
            case ScalarType.UInt8: return Fill(length, () => (byte)Random.Next(0, 200));
            default: return Fill(length, () => Random.Next(2) == 0);
        }
    }

    private static T[] Fill<T>(int length, Func<T> next)
    {
        var data = new T[length];
        for (var i = 0; i < length; i++) data[i] = next();
        return data;
    }

    /// <summary>A view under a loop: contiguous, a number, broadcast along some axes, transposed, reversed or with gaps.</summary>
    public LoopOperand View(ScalarType type, int[] shape)
    {
        var count = shape.Aggregate(1, (a, b) => a * b);
        switch (Random.Next(6))
        {
            case 0: return LoopOperand.Number(type, type.IsFloat() ? Number() : Random.Next(3));
            case 1 or 2:
                var offset = Random.Next(5);
                return LoopOperand.View(Data(type, offset + count), offset);
            case 3: return Strided(type, shape, [.. shape.Select(_ => Random.Next(2) == 0)], 1 + Random.Next(2), Random.Next(3) == 0);
            case 4: return Strided(type, shape, new bool[shape.Length], 1, false, transposed: true);
            default: return Strided(type, shape, [.. shape.Select(_ => Random.Next(2) == 0)], 1, false);
        }
    }

    private LoopOperand Strided(ScalarType type, int[] shape, bool[] broadcast, int gap, bool reversed, bool transposed = false)
    {
        var strides = new int[shape.Length];
        var run = gap;
        var order = transposed ? Enumerable.Range(0, shape.Length) : Enumerable.Range(0, shape.Length).Reverse();
        foreach (var d in order)
        {
            strides[d] = broadcast[d] ? 0 : run;
            if (!broadcast[d]) run *= shape[d];
        }
        var offset = 3;
        if (reversed)
            for (var d = 0; d < shape.Length; d++)
            {
                offset += Math.Max(0, shape[d] - 1) * strides[d];
                strides[d] = -strides[d];
            }
        return LoopOperand.View(Data(type, 4 + Math.Max(run, 1)), offset, strides);
    }

    public int[] Shape(int most)
    {
        var rank = Random.Next(0, 4);
        var shape = new List<int>();
        for (var d = 0; d < rank; d++) shape.Add(1 + Random.Next(Math.Max(1, (int)Math.Pow(most, 1.0 / rank))));
        return [.. shape];
    }
}

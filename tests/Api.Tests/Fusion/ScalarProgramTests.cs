using System;
using DiffLib.Kernels;
using Xunit;
using Kernel = DiffLib.Kernels.Elementwise;

namespace DiffLib.Api.Tests.Fusion;

public sealed class ScalarProgramTests
{
    [Fact]
    public void The_same_instruction_over_the_same_values_is_the_same_value()
    {
        var builder = new ScalarProgramBuilder();
        int x = builder.Input(ScalarType.Float64), y = builder.Input(ScalarType.Float64);
        Assert.Equal(builder.Binary(BinaryOp.Add, x, y), builder.Binary(BinaryOp.Add, y, x));
        Assert.NotEqual(builder.Binary(BinaryOp.Subtract, x, y), builder.Binary(BinaryOp.Subtract, y, x));
        Assert.Equal(builder.Constant(0.5), builder.Constant(0.5));
        Assert.NotEqual(builder.Constant(0.0), builder.Constant(-0.0));
        Assert.NotEqual(builder.Constant(0.5), builder.Constant(0.5f));
    }

    [Fact]
    public void An_instruction_over_constants_is_a_constant()
    {
        var builder = new ScalarProgramBuilder();
        Assert.Equal(builder.Constant(Kernel.Unary(UnaryOp.Exp, 1.5)), builder.Unary(UnaryOp.Exp, builder.Constant(1.5)));
        Assert.Equal(builder.Constant(true), builder.Compare(CompareOp.Less, builder.Constant(1f), builder.Constant(2f)));
        Assert.Equal(builder.Constant(ScalarType.Int32, -3), builder.Convert(ScalarType.Int32, builder.Constant(-3.7)));
        Assert.Equal(builder.Constant(ScalarType.UInt8, 255), builder.Convert(ScalarType.UInt8, builder.Constant(1e9)));
        var x = builder.Input(ScalarType.Float64);
        Assert.Equal(x, builder.Select(builder.Constant(false), builder.Constant(1.0), x));
        var quotient = builder.Binary(BinaryOp.FloorDivide, builder.Constant(ScalarType.Int32, 1), builder.Constant(ScalarType.Int32, 0));
        Assert.Equal(Opcode.Binary, builder[quotient].Opcode);
    }

    [Fact]
    public void Only_what_keeps_every_bit_is_simplified()
    {
        var builder = new ScalarProgramBuilder();
        var x = builder.Input(ScalarType.Float64);
        Assert.Equal(x, builder.Binary(BinaryOp.Multiply, builder.Constant(1.0), x));
        Assert.Equal(x, builder.Binary(BinaryOp.Divide, x, builder.Constant(1.0)));
        Assert.Equal(x, builder.Binary(BinaryOp.Subtract, x, builder.Constant(0.0)));
        Assert.Equal(x, builder.Binary(BinaryOp.Add, x, builder.Constant(-0.0)));
        Assert.Equal(x, builder.Unary(UnaryOp.Negate, builder.Unary(UnaryOp.Negate, x)));
        Assert.NotEqual(x, builder.Binary(BinaryOp.Add, x, builder.Constant(0.0)));
        Assert.NotEqual(builder.Constant(0.0), builder.Binary(BinaryOp.Multiply, x, builder.Constant(0.0)));
        Assert.NotEqual(builder.Constant(0.0), builder.Binary(BinaryOp.Subtract, x, x));
    }

    [Fact]
    public void What_no_output_needs_is_dropped_and_inputs_keep_their_places()
    {
        var builder = new ScalarProgramBuilder();
        int x = builder.Input(ScalarType.Float64), unused = builder.Input(ScalarType.Float32), y = builder.Input(ScalarType.Float64);
        builder.Unary(UnaryOp.Tanh, unused);
        var program = builder.Build(builder.Binary(BinaryOp.Divide, x, y));
        Assert.Equal(3, program.Inputs.Length);
        Assert.Equal("inputs float64 float32 float64\nv0 = input 0 : float64\nv1 = input 2 : float64\nv2 = divide v0 v1 : float64\nreturn v2", program.ToString());
        Assert.Equal(1, program.OperationCount);
    }

    [Fact]
    public void Programs_are_compared_by_content()
    {
        static ScalarProgram Make(double c)
        {
            var builder = new ScalarProgramBuilder();
            return builder.Build(builder.Binary(BinaryOp.Add, builder.Input(ScalarType.Float64), builder.Constant(c)));
        }
        Assert.Equal(Make(2), Make(2));
        Assert.Equal(Make(2).GetHashCode(), Make(2).GetHashCode());
        Assert.NotEqual(Make(2), Make(3));
    }

    [Fact]
    public void Operands_of_the_wrong_type_are_refused_in_words()
    {
        var builder = new ScalarProgramBuilder();
        int x = builder.Input(ScalarType.Float64), i = builder.Input(ScalarType.Int32), m = builder.Input(ScalarType.Bool);
        Assert.Contains("float64 and b int32", Assert.Throws<ArgumentException>(() => builder.Binary(BinaryOp.Add, x, i)).Message);
        Assert.Throws<ArgumentException>(() => builder.Unary(UnaryOp.Exp, i));
        Assert.Throws<ArgumentException>(() => builder.Unary(UnaryOp.Negate, m));
        Assert.Throws<ArgumentException>(() => builder.Binary(BinaryOp.Divide, i, i));
        Assert.Throws<ArgumentException>(() => builder.Select(x, x, x));
        Assert.Throws<ArgumentException>(() => builder.And(m, x));
        Assert.Throws<ArgumentException>(() => builder.Not(x));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Unary(UnaryOp.Exp, 99));
        Assert.Throws<ArgumentException>(() => builder.Build());
    }
}

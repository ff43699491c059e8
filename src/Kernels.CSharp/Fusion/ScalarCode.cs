using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>What generated code for single evaluation calls where the instruction set has no instruction.</summary>
internal static class ScalarCode
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Scale(double a, double b) => a == 0 || b == 0 ? 0 : a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Relu(double x) => Math.Max(x, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Cube(double x) => x * x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Square(double x) => x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Reciprocal(double x) => 1 / x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Select(bool mask, double a, double b) => mask ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Select(bool mask, float a, float b) => mask ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Select(bool mask, long a, long b) => mask ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Select(bool mask, int a, int b) => mask ? a : b;

    public static long ToInt64(double x) => long.CreateSaturating(x);

    public static int ToInt32(double x) => int.CreateSaturating(x);

    public static int ToUInt8(double x) => byte.CreateSaturating(x);

    /// <summary>Integer arithmetic, rare enough for a call.</summary>
    public static long Integer(int opcode, int function, int type, long a, long b)
        => Folding.Evaluate(new((Opcode)opcode, (byte)function, (ScalarType)type, 0, 0, 0, 0), (ScalarType)type, a, b);
}

using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Functions evaluated one element at a time: the special functions and the cube root.</summary>
internal static class ElementwiseSpecial
{
    public static double Unary(UnaryOp op, double x) => op switch
    {
        UnaryOp.Cbrt => Math.Cbrt(x),
        UnaryOp.Erf => SpecialFunctions.Erf(x),
        UnaryOp.Erfc => SpecialFunctions.Erfc(x),
        UnaryOp.Erfcx => SpecialFunctions.Erfcx(x),
        UnaryOp.ErfInv => SpecialFunctions.ErfInv(x),
        UnaryOp.Ndtr => SpecialFunctions.Ndtr(x),
        UnaryOp.Ndtri => SpecialFunctions.Ndtri(x),
        UnaryOp.LogNdtr => SpecialFunctions.LogNdtr(x),
        UnaryOp.Lgamma => SpecialFunctions.Lgamma(x),
        UnaryOp.Digamma => SpecialFunctions.Digamma(x),
        UnaryOp.I0 => SpecialFunctions.I0(x),
        UnaryOp.I0e => SpecialFunctions.I0e(x),
        UnaryOp.I1 => SpecialFunctions.I1(x),
        UnaryOp.I1e => SpecialFunctions.I1e(x),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "Not an elementwise function of one argument."),
    };

    public static double Binary(BinaryOp op, double a, double b) => op switch
    {
        BinaryOp.Igamma => SpecialFunctions.Igamma(a, b),
        BinaryOp.Igammac => SpecialFunctions.Igammac(a, b),
        BinaryOp.Polygamma => Polygamma(a, b),
        BinaryOp.SincDerivative => IsOrder(a) ? SpecialFunctions.SincDerivative((int)a, b) : double.NaN,
        BinaryOp.BesselI => IsOrder(Math.Abs(a)) ? SpecialFunctions.BesselI((int)a, b) : double.NaN,
        BinaryOp.BesselIe => IsOrder(Math.Abs(a)) ? SpecialFunctions.BesselIe((int)a, b) : double.NaN,
        BinaryOp.IgammaShapeSlope => SpecialFunctions.IgammaDerivativeA(a, b),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "Not an elementwise function of two arguments."),
    };

    /// <summary>Orders are whole numbers from 0 on; any other gives NaN.</summary>
    private static double Polygamma(double order, double x)
        => IsOrder(order) ? SpecialFunctions.Polygamma((int)order, x) : double.NaN;

    private static bool IsOrder(double order) => order >= 0 && order <= int.MaxValue && order == Math.Floor(order);
}

using System;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

/// <summary>Derivatives of sinc and Bessel functions by order, against 60-digit arithmetic.</summary>
public sealed class OrderFamiliesTests
{
    [Theory]
    [InlineData(0, 0, 1.0)]
    [InlineData(0, 1e-9, 1.0)]
    [InlineData(0, -0.3, 0.85839369133413979)]
    [InlineData(0, 0.7, 0.36788301057177425)]
    [InlineData(0, 1.5, -0.21220659078919378)]
    [InlineData(0, 2.3125, 0.11444972871667188)]
    [InlineData(0, 20.75, 0.010847184532013326)]
    [InlineData(1, 0, 0.0)]
    [InlineData(1, 1e-9, -3.2898681336964531e-9)]
    [InlineData(1, -0.3, 0.90202813013888879)]
    [InlineData(1, 0.7, -1.3652403755203533)]
    [InlineData(1, 1.5, 0.14147106052612919)]
    [InlineData(1, 2.3125, 0.19075481267153744)]
    [InlineData(1, 20.75, -0.034600191118966788)]
    [InlineData(2, 0, -3.2898681336964529)]
    [InlineData(2, 1e-9, -3.2898681336964529)]
    [InlineData(2, -0.3, -2.4584852862661743)]
    [InlineData(2, 0.7, 0.26982700697582356)]
    [InlineData(2, 1.5, 1.9057670216916899)]
    [InlineData(2, 2.3125, -1.2945506815290398)]
    [InlineData(2, 20.75, -0.10372246201644576)]
    [InlineData(3, 0, 0.0)]
    [InlineData(3, 1e-9, 1.9481818206800489e-8)]
    [InlineData(3, -0.3, -5.2474931529243694)]
    [InlineData(3, 0.7, 7.1310384171339147)]
    [InlineData(3, 1.5, -3.8115340433833798)]
    [InlineData(3, 2.3125, -0.69172167452427554)]
    [InlineData(3, 20.75, 0.35132682340666105)]
    [InlineData(6, 0, -137.34131336790063)]
    [InlineData(6, 1e-9, -137.34131336790063)]
    [InlineData(6, -0.3, -92.700945330070245)]
    [InlineData(6, 0.7, 46.57538024235989)]
    [InlineData(6, 1.5, 63.922985352264961)]
    [InlineData(6, 2.3125, -101.49568131974071)]
    [InlineData(6, 20.75, -9.3996223465345065)]
    public void Derivatives_of_sinc_are_accurate_to_rounding_on_their_scale(int order, double x, double expected)
    {
        var scale = Math.Pow(Math.PI, order) / (order + 1);
        Assert.InRange(Math.Abs(SpecialFunctions.SincDerivative(order, x) - expected), 0, 4e-15 * scale);
    }

    [Theory]
    [InlineData(2, 0, 0.0)]
    [InlineData(2, 1e-8, 1.2499999875000001e-17)]
    [InlineData(2, 0.5, 0.01935205770966328)]
    [InlineData(2, -3, 0.11178254529695816)]
    [InlineData(2, 9.875, 0.10396130376791056)]
    [InlineData(2, 14.125, 0.092507392623453516)]
    [InlineData(2, 40, 0.060154168421513227)]
    [InlineData(2, 300, 0.022889197601483669)]
    [InlineData(2, 700, 0.015038237024546452)]
    [InlineData(3, 0, 0.0)]
    [InlineData(3, 1e-8, 2.0833333125000002e-26)]
    [InlineData(3, 0.5, 0.0016043415075654608)]
    [InlineData(3, -3, -0.047783319568023303)]
    [InlineData(3, 9.875, 0.079852163914809131)]
    [InlineData(3, 14.125, 0.077067426232472474)]
    [InlineData(3, 40, 0.056466812232290738)]
    [InlineData(3, 300, 0.022698932738915835)]
    [InlineData(3, 700, 0.014984586661719439)]
    [InlineData(5, 0, 0.0)]
    [InlineData(5, 1e-8, 2.6041666406250004e-44)]
    [InlineData(5, 0.5, 4.9876055214701639e-6)]
    [InlineData(5, -3, -0.0045409031389258206)]
    [InlineData(5, 9.875, 0.034935883782737004)]
    [InlineData(5, 14.125, 0.04321494521855906)]
    [InlineData(5, 40, 0.046129982914956815)]
    [InlineData(5, 300, 0.022100660233670359)]
    [InlineData(5, 700, 0.014814188973601688)]
    public void Bessel_functions_of_higher_order_are_accurate_relative_to_their_value(int order, double x, double expected)
    {
        Assert.InRange(Math.Abs(SpecialFunctions.BesselIe(order, x) - expected), 0, 4e-15 * Math.Abs(expected));
        Assert.InRange(Math.Abs(SpecialFunctions.BesselI(order, x) - (expected * Math.Exp(Math.Abs(x)))), 0, 2e-13 * Math.Abs(expected * Math.Exp(Math.Abs(x))));
    }

    [Fact]
    public void A_negative_order_is_the_positive_one_and_infinity_has_its_limits()
    {
        Assert.Equal(SpecialFunctions.BesselI(3, 2.5), SpecialFunctions.BesselI(-3, 2.5));
        Assert.Equal(double.PositiveInfinity, SpecialFunctions.BesselI(2, double.NegativeInfinity));
        Assert.Equal(double.NegativeInfinity, SpecialFunctions.BesselI(3, double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, SpecialFunctions.BesselI(2, 720));
        Assert.InRange(SpecialFunctions.BesselI(40, 714) / 5.937164320105254e307, 1 - 1e-13, 1 + 1e-13);
        Assert.Equal(0, SpecialFunctions.BesselIe(2, double.PositiveInfinity));
        Assert.Equal(0, SpecialFunctions.SincDerivative(4, double.PositiveInfinity));
        Assert.Equal(double.NaN, SpecialFunctions.BesselI(2, double.NaN));
        Assert.Equal(double.NaN, SpecialFunctions.SincDerivative(2, double.NaN));
    }
}

using System;
using DiffLib.Api.Tests.Checking;
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
    [InlineData(12, 3.5, -36043.240544664557)]
    [InlineData(30, 9.0, 14725221208259.189)]
    [InlineData(30, 9.75, -124432097364.42336)]
    [InlineData(60, 18.25, 8.120053189610696e+27)]
    [InlineData(60, 2.5, 1.379624407687511e+27)]
    [InlineData(200, 60.0, 7.143247955866525e+96)]
    [InlineData(200, 70.5, 6.6815080087956332e+96)]
    public void Derivatives_of_sinc_are_accurate_to_rounding_on_their_scale(int order, double x, double expected)
    {
        var scale = Math.Pow(Math.PI, order) / (order + 1);
        Assert.InRange(Math.Abs(SpecialFunctions.SincDerivative(order, x) - expected), 0, (4e-15 + 4e-17 * order) * scale); // π is rounded, and taken to the power of the order
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

    [Theory]
    [InlineData(99, 30, 2.5164162222943715e-52)]
    [InlineData(100, 30, 3.6940545501866372e-53)]
    [InlineData(100, 5000, 0.0020754510016045741)]
    [InlineData(101, -250.5, -4.5379250901750164e-11)]
    [InlineData(250, 1e5, 0.00092298145529425431)]
    [InlineData(1000, 1000, 1.3824138771100609e-205)]
    [InlineData(5000, 1e7, 3.6144477667674789e-5)]
    [InlineData(100000, 1e9, 8.5003666177501653e-8)]
    public void Bessel_functions_of_large_order_are_accurate_to_the_rounding_of_their_exponent(int order, double x, double expected)
    {
        var exponent = 1 + order * Math.Asinh(order / Math.Abs(x));
        Assert.InRange(Math.Abs(SpecialFunctions.BesselIe(order, x) / expected - 1), 0, 5e-16 * exponent);
        if (Math.Abs(x) < 600) Assert.InRange(Math.Abs(SpecialFunctions.BesselI(order, x) * Math.Exp(-Math.Abs(x)) / expected - 1), 0, 5e-16 * (exponent + Math.Abs(x)));
    }

    [Fact]
    public void No_order_and_no_argument_keeps_a_caller_waiting()
    {
        // one value took minutes where sums ran up to the order or to the argument
        int[] orders = [0, 1, 2, 99, 100, 1300, 1301, 100_000, int.MaxValue, int.MinValue];
        double[] arguments = [0, 5e-324, 1e-300, 0.3, 1e3, 1e9, 3e9, 1e18, 1e300, double.MaxValue, double.PositiveInfinity, double.NaN];
        var seconds = Measured.Seconds(() =>
        {
            foreach (var n in orders)
                foreach (var x in arguments)
                    foreach (var sign in new[] { 1, -1 })
                    {
                        var scaled = SpecialFunctions.BesselIe(n, sign * x);
                        Assert.Equal(double.IsNaN(x), double.IsNaN(scaled));
                        if (!double.IsNaN(x)) Assert.InRange(Math.Abs(scaled), 0, 1);
                        Assert.Equal(double.IsNaN(x), double.IsNaN(SpecialFunctions.BesselI(n, sign * x)));
                        if (n < 0) continue;
                        var slope = SpecialFunctions.SincDerivative(n, sign * x);
                        Assert.Equal(double.IsNaN(x) || n > 1300, double.IsNaN(slope));
                        SpecialFunctions.Polygamma(n, sign * x);
                        foreach (var a in arguments) SpecialFunctions.Igamma(a, x);
                    }
        });
        Assert.InRange(seconds, 0, 20);
    }
}

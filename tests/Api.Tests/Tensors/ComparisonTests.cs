using System;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Comparisons, truth values, and conditions in ordinary control flow.</summary>
public sealed class ComparisonTests
{
    private const double NaN = double.NaN;

    [Fact]
    public void Comparison_operators_give_truth_values_element_by_element()
    {
        var x = Tensor.Of(1, 2, 3);
        Assert.Equal([false, false, true], (x > 2).ToArray<bool>());
        Assert.Equal([false, true, true], (x >= 2.0).ToArray<bool>());
        Assert.Equal([true, false, false], (x < Tensor.Of(2)).ToArray<bool>());
        Assert.Equal([true, true, false], (2 >= x).ToArray<bool>());
        Assert.Equal([false, false], (Tensor.Of(NaN, NaN) < Tensor.Of(0, NaN)).ToArray<bool>());
    }

    [Fact]
    public void A_comparison_of_one_number_is_a_condition_also_inside_a_derivative()
    {
        static Tensor F(Tensor x)
        {
            if (x > 0) return x * x;
            return -x;
        }

        Assert.Equal(6, Diff.Derivative(F, 3));
        Assert.Equal(-1, Diff.Derivative(F, -3));
    }

    [Fact]
    public void A_condition_of_several_truth_values_is_refused_with_the_way_out()
    {
        var error = Assert.Throws<InvalidOperationException>(() => (Tensor.Of(1, 2) > 1) ? 1 : 0);
        Assert.Contains("Tensor.Where", error.Message);
    }

    [Fact]
    public void Truth_values_combine_by_operators_and_short_circuit()
    {
        var x = Tensor.Of(1, 2, 3);
        Assert.Equal([false, true, false], ((x > 1) & (x < 3)).ToArray<bool>());
        Assert.Equal([true, false, true], ((x <= 1) | (x >= 3)).ToArray<bool>());
        Assert.Equal([true, false, true], (!((x > 1) & (x < 3))).ToArray<bool>());
        Assert.Equal([true, true, false], ((x < 3) ^ (x > 10)).ToArray<bool>());
        Assert.True(x[0] > 0 && x[1] > 0 ? true : false);
        Assert.False(x[0] > 5 && x[7] > 0 ? true : false);
    }

    [Fact]
    public void Closeness_knows_infinities_and_asks_about_NaN()
    {
        var a = Tensor.Of(1, double.PositiveInfinity, NaN, 1);
        var b = Tensor.Of(1 + 1e-9, double.PositiveInfinity, NaN, double.PositiveInfinity);
        Assert.Equal([true, true, false, false], Tensor.IsClose(a, b).ToArray<bool>());
        Assert.Equal([true, true, true, false], Tensor.IsClose(a, b, equalNaN: true).ToArray<bool>());
        Assert.False(Tensor.AllClose(a, b));
        Assert.True(Tensor.AllClose(a[..3], b[..3], equalNaN: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.IsClose(a, b, relative: -1));
    }

    [Fact]
    public void Equal_arrays_have_equal_shapes_and_elements()
    {
        Assert.True(Tensor.ArrayEqual(Tensor.Of(1, 2), Tensor.FromArray([1, 2])));
        Assert.False(Tensor.ArrayEqual(Tensor.Of(1, 1), Tensor.Of(1)));
        Assert.False(Tensor.ArrayEqual(Tensor.Of(NaN), Tensor.Of(NaN)));
    }

    [Fact]
    public void Tests_of_numbers_take_every_element_type()
    {
        var x = Tensor.Of(NaN, double.NegativeInfinity, -0.0, 1);
        Assert.Equal([true, false, false, false], Tensor.IsNaN(x).ToArray<bool>());
        Assert.Equal([false, true, false, false], Tensor.IsInfinity(x).ToArray<bool>());
        Assert.Equal([false, false, true, true], Tensor.IsFinite(x).ToArray<bool>());
        Assert.Equal([true, true, false], Tensor.SignBit(x[1..]).ToArray<bool>());
        Assert.Equal([true, true], Tensor.IsFinite(Tensor.FromArray([1, 2])).ToArray<bool>());
        Assert.Equal([true, false], Tensor.SignBit(Tensor.FromArray([-1, 2])).ToArray<bool>());
        Assert.Equal([false, true], Tensor.LogicalNot(Tensor.FromArray([true, false])).ToArray<bool>());
        Assert.Equal([false, true], Tensor.LogicalNot(Tensor.Of(0.5, 0)).ToArray<bool>());
    }
}

using System;
using System.Globalization;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

public class PrintingTests
{
    [Fact]
    public void A_single_number_prints_in_full()
    {
        Assert.Equal("0.1", Tensor.Scalar(0.1).ToString());
        Assert.Equal("0.30000000000000004", Tensor.Scalar(0.1 + 0.2).ToString());
        Assert.Equal("0.1", Tensor.Scalar(0.1, DType.Float32).ToString());
        Assert.Equal("-7", Tensor.Scalar(-7, DType.Int64).ToString());
        Assert.Equal("true", Tensor.Scalar(1, DType.Bool).ToString());
        Assert.Equal("NaN", Tensor.Scalar(double.NaN).ToString());
    }

    [Fact]
    public void Columns_are_aligned_and_share_their_digits()
    {
        Assert.Equal("[1, 2, 3]", Tensor.Of(1, 2, 3).ToString());
        Assert.Equal("[ 1.5, -2.0]", Tensor.Of(1.5, -2).ToString());
        Assert.Equal("[[  1,  -2],\n [ 30, 400]]", Tensor.FromArray(new double[,] { { 1, -2 }, { 30, 400 } }).ToString());
        Assert.Equal("[0.333333, 0.500000]", Tensor.Of(1 / 3.0, 0.5).ToString());
        Assert.Equal("[ true, false]", Tensor.FromArray(new[] { true, false }).ToString());
        Assert.Equal("[  1, 200]", Tensor.FromArray(new byte[] { 1, 200 }).ToString());
    }

    [Fact]
    public void Numbers_of_very_different_size_print_with_powers_of_ten()
    {
        Assert.Equal("[1e+00, 1e-10]", Tensor.Of(1, 1e-10).ToString());
        Assert.Equal("[1.5e+08, 1.0e+00]", Tensor.Of(1.5e8, 1).ToString());
        Assert.Equal("[0, 0]", Tensor.Of(0, 0).ToString());
    }

    [Fact]
    public void Numbers_that_are_none_have_names()
        => Assert.Equal("[      NaN,  Infinity, -Infinity,       1.5]", Tensor.Of(double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1.5).ToString());

    [Fact]
    public void Matrices_of_a_stack_stand_apart()
        => Assert.Equal("[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]", Tensor.Arange(8).Reshape(2, 2, 2).ToString());

    [Fact]
    public void Views_print_their_own_order()
        => Assert.Equal("[[0, 3],\n [1, 4],\n [2, 5]]", Tensor.Arange(6).Reshape(2, 3).T.ToString());

    [Fact]
    public void Long_axes_are_shortened_and_the_text_stays_short()
    {
        Assert.Equal("[   0,    1,    2, ..., 1998, 1999, 2000]", Tensor.Arange(2001).ToString());
        var image = Tensor.Zeros(1000, 1000).ToString();
        Assert.Equal(7, image.Split('\n').Length);
        Assert.Contains("[0, 0, 0, ..., 0, 0, 0]", image);
        Assert.True(Tensor.Zeros(10, 10, 10, 10, 10, 10, 10).ToString().Length < 5000);
        Assert.True(Tensor.Zeros(4, 4, 4, 4, 4, 4, 4, 4).ToString().Length < 5000);
        // a view of one number takes no time either
        Assert.True(Tensor.Scalar(1).BroadcastTo(1000, 1000, 1000).ToString().Length < 5000);
    }

    [Fact]
    public void Long_rows_are_broken_into_lines()
    {
        var lines = Tensor.Arange(100).ToString().Split('\n');
        Assert.True(lines.Length > 1);
        Assert.All(lines, line => Assert.True(line.Length <= 101, line));
    }

    [Fact]
    public void Empty_tensors_show_their_shape()
    {
        Assert.Equal("[]", Tensor.Zeros(0).ToString());
        Assert.Contains("[2, 0]", Tensor.Zeros(2, 0).ToString());
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    public void The_culture_does_not_matter(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.Equal("[-1.5,  2.0]", Tensor.Of(-1.5, 2).ToString());
            Assert.Equal("-1234.5", Tensor.Scalar(-1234.5).ToString());
            Assert.Equal("[-1,  2]", Tensor.FromArray(new long[] { -1, 2 }).ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_deep_graph_prints_as_its_value_at_once()
    {
        Diff.Gradient(x =>
        {
            var y = x;
            for (var i = 0; i < 100_000; i++) y = y + 1.0;
            Assert.Equal("[100001, 100002]", y.ToString());
            return y[0] + y[1];
        }, Tensor.Of(1, 2));
    }
}

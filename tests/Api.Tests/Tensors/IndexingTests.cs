using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

public class IndexingTests
{
    private static Tensor Counting(params int[] shape) => Tensor.Arange(shape.Aggregate(1, (a, b) => a * b)).Reshape(shape);

    private static Tensor At(params int[] positions) => Tensor.FromArray(positions);

    private static double[,] Rows(Tensor x) => x.ToArray2D<double>();

    [Fact]
    public void Positions_may_be_an_array_a_tensor_or_a_mask()
    {
        var x = Tensor.Of(10, 20, 30, 40);
        Assert.Equal([30.0, 10, 40], x[new[] { 2, 0, -1 }].ToArray());
        Assert.Equal([30.0, 10, 40], x[At(2, 0, -1)].ToArray());
        Assert.Equal(new double[,] { { 10, 20 }, { 30, 40 } }, Rows(x[At(0, 1, 2, 3).Reshape(2, 2)]));
        Assert.Equal([20.0, 40], x[new[] { false, true, false, true }].ToArray());
        Assert.Equal(10.0, x[Tensor.Scalar(0, DType.Int64)].ToDouble());
        Assert.Equal(0, x[new[] { false, false, false, false }].Count);
    }

    [Fact]
    public void Tensors_among_the_indices_broadcast_together()
    {
        var x = Counting(3, 4, 5);
        Assert.Equal([x[0, 1, 2].ToDouble(), x[2, 3, 4].ToDouble()], x[At(0, 2), At(1, 3), At(2, 4)].ToArray());
        Assert.Equal(new Shape(2, 5), x[At(0, 2), At(1, 3)].Shape);
        Assert.Equal(new Shape(3, 2), x[.., At(0, 2), At(1, 3)].Shape);
        // apart from each other: their axes come first
        Assert.Equal(new Shape(2, 4), x[At(0, 2), .., At(1, 3)].Shape);
        Assert.Equal(x[2, 1, 3].ToDouble(), x[At(0, 2), .., At(1, 3)][1, 1].ToDouble());
        Assert.Equal(new Shape(2, 3, 5), x[At(0, 2).ExpandDims(1), At(1, 2, 3)].Shape);
        Assert.Equal(new Shape(4, 1, 2), x[1, .., TensorIndex.NewAxis, At(0, 1)].Shape);
        Assert.Equal(new Shape(3, 4, 2), x[TensorIndex.Ellipsis, At(0, 1)].Shape);
        Assert.Equal(new Shape(1, 4, 2), x[0..1, .., At(0, 1)].Shape);
    }

    [Fact]
    public void A_mask_takes_as_many_axes_as_it_has()
    {
        var x = Counting(2, 3, 2);
        var mask = Tensor.FromArray(new[,] { { true, false, false }, { false, true, true } });
        Assert.Equal(new double[,] { { 0, 1 }, { 8, 9 }, { 10, 11 } }, Rows(x[mask]));
        Assert.Equal([1.0, 9, 11], x[mask, 1].ToArray());
        var error = Assert.Throws<ArgumentException>(() => x[.., mask]);
        Assert.Contains("[2, 3]", error.Message);
        Assert.Throws<ArgumentException>(() => x[Tensor.Scalar(1, DType.Bool)]);
    }

    [Fact]
    public void Positions_outside_are_errors_that_name_the_range()
    {
        var x = Tensor.Of(1, 2, 3);
        foreach (var wrong in new Action[]
        {
            () => _ = x[At(0, 3)], () => _ = x[At(-4)], () => x.Take(At(3)), () => x.IndexSelect(0, At(3)), () => x.Gather(0, At(-4)), () => x.Scatter(0, At(3), 0),
            () => x.ScatterAdd(0, At(3), 1), () => x.IndexAdd(0, At(3), Tensor.Of(1)), () => x.IndexCopy(0, At(-4), Tensor.Of(1)), () => x.IndexFill(0, At(3), 1),
            () => x.Put(At(3), Tensor.Of(1)), () => x.Set(0, At(3)), () => x.Set(0, 3), () => x.AddAt(0, -4), () => x.TakeAlongAxis(At(3), 0), () => x.Select(0, 3),
        })
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
        Assert.Contains("-3 to 2", Assert.Throws<ArgumentOutOfRangeException>(() => x.Take(At(3))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros(0).Take(At(0)));
    }

    [Fact]
    public void Positions_of_another_kind_are_refused()
    {
        var x = Tensor.Of(1, 2, 3);
        Assert.Throws<ArgumentException>(() => x[Tensor.Of(1)]);
        Assert.Throws<ArgumentException>(() => x.Take(Tensor.Of(1)));
        Assert.Throws<ArgumentException>(() => x.IndexSelect(0, At(0, 1).Reshape(2, 1)));
        Assert.Throws<ArgumentException>(() => x.Gather(0, At(0, 1).Reshape(1, 2)));
        Assert.Throws<ArgumentException>(() => x.MaskedSelect(Tensor.Of(1, 0, 1)));
        Assert.Throws<ArgumentException>(() => x[At(0), At(1)]);
        Assert.Throws<ArgumentNullException>(() => x.Take(null!));
    }

    [Fact]
    public void Repeated_positions_accumulate_their_gradients()
    {
        Assert.Equal([2.0, 1, 0], Diff.Gradient(x => x[At(0, 0, 1)].SumToSize(), Tensor.Of(1, 2, 3)).ToArray());
        var many = Tensor.Zeros([100_000], DType.Int64);
        Assert.Equal([100_000.0, 0], Diff.Gradient(x => x[many].SumToSize(), Tensor.Of(1, 2)).ToArray());
        Assert.Equal([100_000f, 0], Diff.Gradient(x => x.IndexSelect(0, many).SumToSize(), Tensor.Of(1, 2).Cast(DType.Float32)).ToArray<float>());
        Assert.Equal([100_001.0, 2], Tensor.Of(1, 2).AddAt(1, many).ToArray());
    }

    [Fact]
    public void Gather_and_scatter_add_along_an_axis()
    {
        var x = Counting(2, 3);
        var index = Tensor.FromArray(new[,] { { 2, 0 }, { 1, -1 } });
        Assert.Equal(new double[,] { { 2, 0 }, { 4, 5 } }, Rows(x.Gather(1, index)));
        Assert.Equal(new double[,] { { 2, 0, 1 }, { 0, 3, 4 } }, Rows(Tensor.Zeros(2, 3).ScatterAdd(1, index, Tensor.FromArray(new double[,] { { 1, 2 }, { 3, 4 } }))));
        Assert.Equal(new double[,] { { 0, 4, 5 } }, Rows(x.TakeAlongAxis(Tensor.FromArray(new[,] { { 0, 1, 1 } }), 0)));
        Assert.Equal(new Shape(2, 2), x.TakeAlongAxis(Tensor.FromArray(new[,] { { 0, 1 } }), 1).Shape);
        Assert.Throws<ArgumentException>(() => x.Gather(1, Tensor.Zeros([3, 1], DType.Int64)));
    }

    [Fact]
    public void Where_positions_repeat_the_last_write_stays_and_only_it_has_a_gradient()
    {
        Assert.Equal([20.0, 0, 30], Tensor.Zeros(3).Scatter(0, At(0, 0, 2), Tensor.Of(10, 20, 30)).ToArray());
        var (into, of) = Diff.Gradient((Tensor x, Tensor s) => x.Scatter(0, At(0, 0, 2), s).SumToSize(), (Tensor.Zeros(3), Tensor.Of(10, 20, 30)));
        Assert.Equal([0.0, 1, 0], into.ToArray());
        Assert.Equal([0.0, 1, 1], of.ToArray());
        Assert.Equal([5.0, 7, 3], Tensor.Of(1, 2, 3).Put(At(0, 1, 1), Tensor.Of(5, 6, 7)).ToArray());
        Assert.Equal([6.0, 15, 3], Tensor.Of(1, 2, 3).Put(At(0, 1, 1), Tensor.Of(5, 6, 7), accumulate: true).ToArray());
        Assert.Equal(new double[,] { { 3, 3 }, { 0, 0 } }, Rows(Tensor.Zeros(2, 2).IndexCopy(0, At(0, 0), Tensor.FromArray(new double[,] { { 2, 2 }, { 3, 3 } }))));
    }

    [Fact]
    public void Setting_is_a_copy_with_another_part()
    {
        var x = Counting(3, 3);
        Assert.Equal(new double[,] { { 0, 1, 2 }, { 3, 9, 9 }, { 6, 9, 9 } }, Rows(x.Set(9, 1.., 1..)));
        Assert.Equal([0.0, 1, 2, 3, 4, 5, 6, 7, 8], x.ToArray());
        Assert.Equal(new double[,] { { 0, 1, 7 }, { 3, 4, 8 }, { 6, 7, 9 } }, Rows(x.Set(Tensor.Of(7, 8, 9), .., ^1)));
        Assert.Equal(new double[,] { { 9, 1, 2 }, { 3, 4, 5 }, { 6, 7, 9 } }, Rows(x.Set(9, At(0, 2), At(0, 2))));
        Assert.Equal(new double[,] { { 0, 1, 2 }, { 3, 4, 0 }, { 0, 0, 0 } }, Rows(x.Set(0, Tensor.FromArray(x.ToArray().Select(v => v > 4).ToArray()).Reshape(3, 3))));
        Assert.Equal(99.0, x.Set(99, 1, 1)[1, 1].ToDouble());
        Assert.Equal(DType.Float64, Tensor.FromArray(new[] { 1, 2 }).Set(Tensor.Scalar(0.5), 0).DType);
        Assert.Equal(DType.Float32, Tensor.FromArray(new[] { 1f, 2 }).Set(0.5, 0).DType);
        var error = Assert.Throws<ArgumentException>(() => x.Set(Tensor.Of(1, 2), 0));
        Assert.Contains("[3]", error.Message);
        Assert.Contains("[2]", error.Message);
        Assert.Equal(new double[,] { { 1, 2, 3 }, { 3, 4, 5 }, { 6, 7, 8 } }, Rows(x.AddAt(1, 0)));
    }

    [Fact]
    public void A_written_place_has_no_gradient_and_the_value_has_it()
    {
        var (x, v) = Diff.Gradient((Tensor x, Tensor v) => (x.Set(v, ..2) * Tensor.Of(1, 2, 3)).SumToSize(), (Tensor.Zeros(3), Tensor.Scalar(5)));
        Assert.Equal([0.0, 0, 3], x.ToArray());
        Assert.Equal(3.0, v.ToDouble());
        // an infinite slope below the written place does not leak
        Assert.Equal([0.0, 0.5], Diff.Gradient(x => Tensor.Sqrt(x).Set(0, 0).SumToSize(), Tensor.Of(0, 1)).ToArray());
        Assert.Equal([0.0, 0.5], Diff.Gradient(x => Tensor.Sqrt(x).MaskedFill(Tensor.FromArray(new[] { true, false }), 0).SumToSize(), Tensor.Of(0, 1)).ToArray());
    }

    [Fact]
    public void Masks_select_fill_and_scatter()
    {
        var x = Counting(2, 3);
        var mask = Tensor.FromArray(new[] { true, false, true });
        Assert.Equal([0.0, 2, 3, 5], x.MaskedSelect(mask).ToArray());
        Assert.Equal(new double[,] { { -1, 1, -1 }, { -1, 4, -1 } }, Rows(x.MaskedFill(mask, -1)));
        Assert.Equal(new double[,] { { 7, 1, 8 }, { 9, 4, 6 } }, Rows(x.MaskedScatter(mask, Tensor.Of(7, 8, 9, 6, 5))));
        Assert.Throws<ArgumentException>(() => x.MaskedScatter(mask, Tensor.Of(7, 8, 9)));
        Assert.Throws<ArgumentException>(() => x.MaskedFill(Tensor.FromArray(new[] { true, false }), 0));
    }

    [Theory]
    [InlineData(ScatterReduction.Sum, true, new[] { 6.0, 2, 6 })]
    [InlineData(ScatterReduction.Sum, false, new[] { 5.0, 2, 3 })]
    [InlineData(ScatterReduction.Product, true, new[] { 4.0, 2, 9 })]
    [InlineData(ScatterReduction.Product, false, new[] { 4.0, 2, 3 })]
    [InlineData(ScatterReduction.Mean, true, new[] { 2.0, 2, 3 })]
    [InlineData(ScatterReduction.Mean, false, new[] { 2.5, 2, 3 })]
    [InlineData(ScatterReduction.Maximum, true, new[] { 4.0, 2, 3 })]
    [InlineData(ScatterReduction.Minimum, true, new[] { 1.0, 2, 3 })]
    public void What_meets_at_a_place_is_combined(ScatterReduction how, bool self, double[] want)
    {
        // 1 and 4 meet 1; nothing meets 2; 3 meets 3
        var (x, index, source) = (Tensor.Of(1, 2, 3), At(0, 0, 2), Tensor.Of(1, 4, 3));
        Assert.Equal(want, x.ScatterReduce(0, index, source, how, self).ToArray());
        Assert.Equal(want, x.IndexReduce(0, index, source, how, self).ToArray());
    }

    [Fact]
    public void Ties_of_an_extremum_share_the_gradient_and_products_are_exact_at_zeros()
    {
        var (x, s) = Diff.Gradient((Tensor x, Tensor s) => x.ScatterReduce(0, At(0, 0), s, ScatterReduction.Maximum).SumToSize(), (Tensor.Of(3, 1), Tensor.Of(3, 2)));
        Assert.Equal([0.5, 1], x.ToArray());
        Assert.Equal([0.5, 0], s.ToArray());
        Func<Tensor, Tensor> product = s => Tensor.Of(2).ScatterReduce(0, At(0, 0, 0), s, ScatterReduction.Product).SumToSize();
        Assert.Equal([0.0, 30, 0], Diff.Gradient(product, Tensor.Of(3, 0, 5)).ToArray());
        Assert.Equal(new double[,] { { 0, 10, 0 }, { 10, 0, 6 }, { 0, 6, 0 } }, Rows(Diff.Hessian(product, Tensor.Of(3, 0, 5))));
        Assert.Equal(new double[,] { { 0, 0, 0 }, { 0, 0, 6 }, { 0, 6, 0 } }, Rows(Diff.Hessian(product, Tensor.Of(3, 0, 0))));
    }

    [Fact]
    public void Places_of_true_elements()
    {
        Assert.Equal(new long[,] { { 0, 1 }, { 1, 0 } }, Tensor.FromArray(new double[,] { { 0, double.NaN }, { 2, 0 } }).NonZero().ToArray2D<long>());
        Assert.Equal(new Shape(0, 2), Tensor.Zeros(3, 2).NonZero().Shape);
        Assert.Equal(new Shape(1, 0), Tensor.Scalar(5).ArgWhere().Shape);
    }
}

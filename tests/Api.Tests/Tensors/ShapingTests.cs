using System;
using System.Linq;
using DiffLib.Api.Tests.Checking;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

public class ShapingTests
{
    private static Tensor Counting(params int[] shape) => Tensor.Arange(shape.Aggregate(1, (a, b) => a * b)).Reshape(shape);

    private static double[,] Rows(Tensor x) => x.ToArray2D<double>();

    [Fact]
    public void Reshape_infers_one_size()
    {
        Assert.Equal(new Shape(3, 4), Counting(2, 6).Reshape(3, -1).Shape);
        Assert.Equal(new Shape(2, 6), Counting(12).Reshape(new Shape(2, 6)).Shape);
        Assert.Equal(new Shape(), Tensor.Of(1).Reshape().Shape);
        Assert.Equal(new Shape(0, 3), Tensor.Zeros(0).Reshape(-1, 3).Shape);
        var error = Assert.Throws<ArgumentException>(() => Counting(2, 6).Reshape(5, -1));
        Assert.Contains("[2, 6]", error.Message);
        Assert.Contains("[5, -1]", error.Message);
        Assert.Throws<ArgumentException>(() => Counting(6).Reshape(-1, -1));
        Assert.Throws<ArgumentException>(() => Counting(6).Reshape(4));
        Assert.Throws<ArgumentException>(() => Counting(6).Reshape(-2, -3));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(0).Reshape(-1, 0));
        Assert.Throws<ArgumentException>(() => Counting(1).Reshape(1, 1, 1, 1, 1, 1, 1, 1, 1));
    }

    [Fact]
    public void Merging_and_splitting_axes_are_inverse()
    {
        var x = Counting(2, 3, 4);
        Assert.Equal(new Shape(6, 4), x.Flatten(0, 1).Shape);
        Assert.Equal(new Shape(24), x.Flatten().Shape);
        Assert.Equal(x.ToArray(), x.Flatten(1).Unflatten(1, 3, -1).ToArray());
        Assert.Throws<ArgumentException>(() => x.Flatten(2, 0));
        Assert.Throws<ArgumentException>(() => x.Unflatten(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Flatten(3));
    }

    [Fact]
    public void Axes_of_size_one_come_and_go()
    {
        var x = Counting(2, 3);
        Assert.Equal(new Shape(1, 2, 3, 1), x.ExpandDims(0, -1).Shape);
        Assert.Equal(new Shape(2, 1, 3), x.ExpandDims(1).Shape);
        Assert.Equal(new Shape(2, 3), x.ExpandDims(0, -1).Squeeze().Shape);
        Assert.Equal(new Shape(2, 3, 1), x.ExpandDims(0, -1).Squeeze(0).Shape);
        Assert.Throws<ArgumentException>(() => x.Squeeze(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.ExpandDims(3));
        Assert.Throws<ArgumentException>(() => x.ExpandDims(0, 0));
    }

    [Fact]
    public void Axes_move()
    {
        var x = Counting(2, 3, 4);
        Assert.Equal(new Shape(4, 3, 2), x.T.Shape);
        Assert.Equal(new Shape(2, 4, 3), x.MT.Shape);
        Assert.Equal(new Shape(4, 2, 3), x.Permute(2, 0, 1).Shape);
        Assert.Equal(x[1, 2, 3].ToDouble(), x.Permute(2, 0, 1)[3, 1, 2].ToDouble());
        Assert.Equal(new Shape(3, 4, 2), x.MoveAxis(0, -1).Shape);
        Assert.Equal(new Shape(4, 3, 2), x.SwapAxes(0, -1).Shape);
        Assert.Throws<ArgumentException>(() => x.Permute(0, 1));
        Assert.Throws<ArgumentException>(() => x.Permute(0, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.SwapAxes(0, 3));
        Assert.Throws<ArgumentException>(() => Tensor.Of(1, 2).MT);
    }

    [Fact]
    public void Views_copy_nothing()
    {
        var x = Tensor.Zeros(1000, 1000);
        Func<Tensor>[] views =
        [
            () => x.T, () => x[1..^1, TensorIndex.Step(null, null, -2)], () => x.Flip(), () => x.Diagonal(), () => x.Unfold(1, 100), () => x.ExpandDims(1),
            () => x.Reshape(100, 10, 1000), () => x.BroadcastTo(50, 1000, 1000), () => x.T.Reshape(1000, 10, 100), () => x[.., 3], () => x.T.ExpandDims(0).Squeeze(0),
            () => x.Rot90(), () => x.Chunk(3)[1], () => x.Unfold(0, 2).Unfold(1, 2), () => x[..500].T.Reshape(10, 100, 500),
        ];
        for (var k = 0; k < views.Length; k++)
        {
            var bytes = Measured.Bytes(() => views[k](), enough: 4000);
            Assert.True(bytes <= 4000, $"view {k} allocated {bytes} bytes");
        }
    }

    [Fact]
    public void A_reshape_that_memory_does_not_allow_is_a_copy_in_the_right_order()
    {
        Assert.Equal([0.0, 3, 1, 4, 2, 5], Counting(2, 3).T.Reshape(6).ToArray());
        Assert.Equal([0.0, 2, 3, 5], Counting(2, 3)[.., TensorIndex.Step(null, null, 2)].Reshape(4).ToArray());
        Assert.Equal([5.0, 4, 3, 2, 1, 0], Counting(2, 3).Flip().Reshape(3, 2).Ravel().ToArray());
        Assert.Equal([1.0, 1, 1, 2, 2, 2], Tensor.Of(1, 2).ExpandDims(1).BroadcastTo(2, 3).Reshape(6).ToArray());
        Assert.Equal([1.0, 2, 1, 2, 1, 2], Tensor.Of(1, 2).BroadcastTo(3, 2).Reshape(6).ToArray());
    }

    [Fact]
    public void Broadcasting_is_checked_and_its_gradient_sums_back()
    {
        Assert.Equal(new Shape(2, 3), Tensor.Of(1, 2, 3).BroadcastTo(2, -1).Shape);
        Assert.Throws<ArgumentException>(() => Tensor.Of(1, 2, 3).BroadcastTo(3, 2));
        Assert.Throws<ArgumentException>(() => Tensor.Of(1, 2, 3).BroadcastTo(-1, 3));
        Assert.Equal([4.0, 4, 4], Diff.Gradient(x => x.BroadcastTo(4, 3).SumToSize(), Tensor.Of(1, 2, 3)).ToArray());
        Assert.Equal(new Shape(3, 1), Diff.Gradient(x => (x * Tensor.Ones(1, 4)).SumToSize(), Tensor.Ones(3, 1)).Shape);
        Assert.Throws<ArgumentException>(() => Tensor.Ones(3, 2).SumToSize(2, 2));
    }

    [Fact]
    public void Turns_and_shifts()
    {
        Assert.Equal(new double[,] { { 2, 5 }, { 1, 4 }, { 0, 3 } }, Rows(Counting(2, 3).Rot90()));
        Assert.Equal(new double[,] { { 3, 0 }, { 4, 1 }, { 5, 2 } }, Rows(Counting(2, 3).Rot90(-1)));
        Assert.Equal(new double[,] { { 5, 4, 3 }, { 2, 1, 0 } }, Rows(Counting(2, 3).Rot90(2)));
        Assert.Equal([3.0, 4, 0, 1, 2], Tensor.Arange(5).Roll(2, 0).ToArray());
        Assert.Equal(new double[,] { { 5, 0, 1 }, { 2, 3, 4 } }, Rows(Counting(2, 3).Roll(1)));
        Assert.Equal([1.0, 2, 0], Tensor.Arange(3).Roll(int.MinValue + 1, 0).ToArray());
    }

    [Fact]
    public void Diagonals_and_triangles()
    {
        var x = Counting(3, 3);
        Assert.Equal([1.0, 5], x.Diag(1).ToArray());
        Assert.Equal(new double[,] { { 0, 0, 0 }, { 1, 0, 0 }, { 0, 2, 0 } }, Rows(Tensor.Of(1, 2).Diag(-1)));
        Assert.Equal(new Shape(0), x.Diagonal(7).Shape);
        Assert.Equal(new Shape(3, 0), Counting(2, 3, 2).Diagonal(5, 0, 2).Shape);
        Assert.Equal(new double[,] { { 0, 0, 0 }, { 3, 4, 0 }, { 6, 7, 8 } }, Rows(x.Tril()));
        Assert.Equal(new double[,] { { 0, 1, 2 }, { 0, 0, 5 }, { 0, 0, 0 } }, Rows(x.Triu(0) - x.Diag().Diag()));
        Assert.Throws<ArgumentException>(() => Tensor.Scalar(1).Diag());
        Assert.Throws<ArgumentException>(() => Tensor.Of(1).Tril());
        Assert.Throws<ArgumentException>(() => x.Diagonal(0, 1, -1));
    }

    [Fact]
    public void What_a_triangle_leaves_out_gets_no_gradient_even_at_infinite_slope()
    {
        var g = Diff.Gradient(x => Tensor.Sqrt(x).Tril().SumToSize(), Tensor.FromArray(new double[,] { { 4, 0 }, { 4, 4 } }));
        Assert.Equal(new[,] { { 0.25, 0 }, { 0.25, 0.25 } }, Rows(g));
    }

    [Fact]
    public void Windows_overlap_and_their_gradients_add_up()
    {
        Assert.Equal(new double[,] { { 0, 1, 2 }, { 2, 3, 4 } }, Rows(Tensor.Arange(5).Unfold(0, 3, 2)));
        Assert.Equal([1.0, 2, 3, 2, 1], Diff.Gradient(x => x.Unfold(0, 3).SumToSize(), Tensor.Arange(5)).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(5).Unfold(0, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(5).Unfold(0, 2, 0));
    }

    [Fact]
    public void Joining_checks_shapes_and_promotes_element_types()
    {
        var error = Assert.Throws<ArgumentException>(() => Tensor.Concat(Counting(2, 3), Counting(2, 4)));
        Assert.Contains("[2, 3]", error.Message);
        Assert.Contains("[2, 4]", error.Message);
        Assert.Equal(new Shape(2, 7), Tensor.Concat([Counting(2, 3), Counting(2, 4)], -1).Shape);
        Assert.Throws<ArgumentException>(() => Tensor.Concat());
        Assert.Throws<ArgumentException>(() => Tensor.Concat(Tensor.Scalar(1), Tensor.Scalar(2)));
        Assert.Throws<ArgumentException>(() => Tensor.Stack(Counting(2), Counting(3)));
        Assert.Throws<ArgumentNullException>(() => Tensor.Stack(Counting(2), null!));
        Assert.Equal([1.0, 2], Tensor.Stack(Tensor.Scalar(1), Tensor.Scalar(2)).ToArray());
        var mixed = Tensor.Concat(Tensor.FromArray(new[] { 1, 2 }), Tensor.FromArray(new[] { 0.5f }));
        Assert.Equal(DType.Float32, mixed.DType);
        Assert.Equal(DType.Float32, Tensor.Stack(2.0, Tensor.Scalar(1, DType.Float32)).DType);
        Assert.Equal([true, false], Tensor.Concat(Tensor.FromArray(new[] { true }), Tensor.FromArray(new[] { false })).ToArray<bool>());
    }

    [Fact]
    public void Joined_tensors_get_each_their_part_of_the_gradient()
    {
        var (a, b) = Diff.Gradient((Tensor a, Tensor b) => (Tensor.Concat(a, b) * Tensor.Of(1, 2, 3, 4, 5)).SumToSize(), (Tensor.Of(0, 0), Tensor.Of(0, 0, 0)));
        Assert.Equal([1.0, 2], a.ToArray());
        Assert.Equal([3.0, 4, 5], b.ToArray());
    }

    [Fact]
    public void Splits_cover_the_axis()
    {
        var x = Tensor.Arange(7);
        Assert.Equal([3, 3, 1], x.Split(3).Select(p => p.Count));
        Assert.Equal([4, 3], x.Chunk(2).Select(p => p.Count));
        Assert.Equal([3, 2, 2], x.TensorSplit(3).Select(p => p.Count));
        Assert.Equal([2, 3, 2], x.TensorSplit([2, -2]).Select(p => p.Count));
        Assert.Equal([1, 6], x.Split([1, 6]).Select(p => p.Count));
        Assert.Equal(7, x.Unbind().Length);
        Assert.Throws<ArgumentException>(() => x.Split([1, 5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Split(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Chunk(0));
    }

    [Fact]
    public void Repetition()
    {
        Assert.Equal([1.0, 2, 1, 2], Tensor.Of(1, 2).Tile(2).ToArray());
        Assert.Equal(new double[,] { { 1, 2, 1, 2 }, { 1, 2, 1, 2 } }, Rows(Tensor.Of(1, 2).Tile(2, 2)));
        Assert.Equal([1.0, 1, 2, 2], Tensor.Of(1, 2).RepeatInterleave(2).ToArray());
        Assert.Equal([1.0, 2, 2, 2], Tensor.Of(1, 2).RepeatInterleave([1, 3]).ToArray());
        Assert.Equal(new Shape(0), Tensor.Of(1, 2).Tile(0).Shape);
        Assert.Throws<ArgumentException>(() => Tensor.Of(1, 2).RepeatInterleave([1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Of(1, 2).Tile(-1));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(1 << 20).Tile(1 << 12, 1 << 12));
    }

    [Fact]
    public void Padding()
    {
        var x = Tensor.Of(1, 2, 3);
        Assert.Equal([0.0, 0, 1, 2, 3, 0], x.Pad([(2, 1)]).ToArray());
        Assert.Equal([9.0, 1, 2, 3], x.Pad([(1, 0)], value: 9).ToArray());
        Assert.Equal([3.0, 2, 1, 2, 3, 2, 1], x.Pad([(2, 2)], PadMode.Reflect).ToArray());
        Assert.Equal([1.0, 1, 1, 2, 3, 3], x.Pad([(2, 1)], PadMode.Replicate).ToArray());
        Assert.Equal([2.0, 3, 1, 2, 3, 1], x.Pad([(2, 1)], PadMode.Circular).ToArray());
        Assert.Equal([2.0, 3, 9], x.Pad([(-1, 1)], value: 9).ToArray());
        Assert.Equal(new double[,] { { 0, 1, 2, 3 } }, Rows(x.ExpandDims(0).Pad([(1, 0)])));
        Assert.Equal([7, 1, 7], Tensor.FromArray(new[] { 1 }).Pad([(1, 1)], value: 7).ToArray<int>());
        Assert.Throws<ArgumentException>(() => x.Pad([(3, 0)], PadMode.Reflect));
        Assert.Throws<ArgumentException>(() => x.Pad([(4, 0)], PadMode.Circular));
        Assert.Throws<ArgumentException>(() => x.Pad([(-2, -2)]));
        Assert.Throws<ArgumentException>(() => x.Pad([(0, 0), (0, 0)]));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(0).Pad([(1, 0)], PadMode.Replicate));
        Assert.Throws<ArgumentException>(() => Tensor.FromArray(new[] { 1 }).Pad([(1, 1)], value: 0.5));
    }

    [Fact]
    public void Negative_zero_survives_padding() => Assert.True(double.IsNegative(Tensor.Of(-0.0).Pad([(1, 1)], value: 3)[1].ToDouble()));

    [Fact]
    public void Grids_products_and_combinations()
    {
        var grids = Tensor.MeshGrid(Tensor.Of(1, 2), Tensor.Of(3, 4, 5));
        Assert.Equal(new double[,] { { 1, 1, 1 }, { 2, 2, 2 } }, Rows(grids[0]));
        Assert.Equal(new double[,] { { 3, 4, 5 }, { 3, 4, 5 } }, Rows(grids[1]));
        Assert.Equal(new Shape(3, 2), Tensor.MeshGrid([Tensor.Of(1, 2), Tensor.Of(3, 4, 5)], xy: true)[0].Shape);
        Assert.Equal(new double[,] { { 1, 3 }, { 1, 4 }, { 2, 3 }, { 2, 4 } }, Rows(Tensor.CartesianProd(Tensor.Of(1, 2), Tensor.Of(3, 4))));
        Assert.Equal(new double[,] { { 1, 2 }, { 1, 3 }, { 2, 3 } }, Rows(Tensor.Combinations(Tensor.Of(1, 2, 3))));
        Assert.Equal(new Shape(0, 4), Tensor.Combinations(Tensor.Of(1, 2, 3), 4).Shape);
        Assert.Equal(new Shape(6, 2), Tensor.Combinations(Tensor.Of(1, 2, 3), 2, withReplacement: true).Shape);
        Assert.Equal(new double[,] { { 1, 2, 0 }, { 0, 0, 3 } }, Rows(Tensor.BlockDiag(Tensor.Of(1, 2), Tensor.Scalar(3))));
        Assert.Throws<ArgumentException>(() => Tensor.MeshGrid(Tensor.Ones(2, 2)));
    }

    [Fact]
    public void Rank_eight_works_and_rank_nine_is_refused()
    {
        var x = Counting(2, 1, 2, 1, 2, 1, 2, 1);
        Assert.Equal(new Shape(1, 2, 1, 2, 1, 2, 1, 2), x.T.Shape);
        Assert.Equal([.. Enumerable.Repeat(2.0, 16)], Diff.Gradient(z => z.T.Tile(1, 2).SumToSize(), x).ToArray());
        Assert.Throws<ArgumentException>(() => x.ExpandDims(0));
        Assert.Throws<ArgumentException>(() => Tensor.Stack(x, x));
        Assert.Throws<ArgumentException>(() => x.Unfold(0, 1));
    }

    [Fact]
    public void Steps_of_any_size_stay_inside()
    {
        var x = Tensor.Arange(5);
        Assert.Equal([0.0], x[TensorIndex.Step(null, null, int.MaxValue)].ToArray());
        Assert.Equal([4.0], x[TensorIndex.Step(null, null, int.MinValue)].ToArray());
        Assert.Equal([4.0, 2, 0], x[TensorIndex.Step(null, null, -2)].ToArray());
        Assert.Equal([3.0, 2], x[TensorIndex.Step(-2, 1, -1)].ToArray());
        Assert.Equal(0, x[TensorIndex.Step(4, 1, 1)].Count);
        Assert.Equal(0, x[7..].Count);
    }
}

using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Group E: broadcasting, views, empty and huge shapes, sharing of storage.</summary>
public class ViewTests
{
    [Fact]
    public void E01_a_gradient_is_summed_back_to_exactly_the_shape_of_its_input()
    {
        (Shape A, Shape B)[] pairs = [(new(3, 1), new(1, 4)), (new(4), new(2, 3, 4)), (Shape.Scalar, new(100, 100)), (new(1, 1, 1), new(2, 3)), (new(2, 1, 3), new(5, 1))];
        foreach (var (a, b) in pairs)
        {
            Tensor x = Tensor.Full(a, 2), y = Tensor.Full(b, 3);
            var outer = (x + y).Count;
            EveryWay.Gradient([.. Enumerable.Repeat((double)outer / x.Count, x.Count)], v => (v + y).Sum(), x);
            EveryWay.Gradient([.. Enumerable.Repeat(2.0 * outer / y.Count, y.Count)], v => (x * v).Sum(), y);
            EveryWay.Gradient([.. Enumerable.Repeat(3.0 * outer / x.Count, x.Count)], v => (v * y).Sum(), x);
        }
    }

    [Fact]
    public void E02_what_is_broadcast_and_reduced_along_the_same_axis_comes_back_exactly()
    {
        var x = Tensor.Of(1, 2, 3);
        EveryWay.Gradient([5, 5, 5], v => v.BroadcastTo(5, 3).Sum(), x);
        EveryWay.Gradient([1, 1, 1], v => v.BroadcastTo(5, 3).Mean(axis: 0).Sum(), x, 1e-15);
        EveryWay.Gradient([2, 4, 6], v => (v * v.Reshape(1, 3).Sum([0], keepAxes: true)).Sum(), x);
        EveryWay.Gradient([2, 4, 6], v => (v * v.Reshape(1, 3).Sum(axis: 0)).Sum(), x);
        EveryWay.Gradient([18, 18, 18], v => (v.Sum() * v.Sum() * Tensor.Ones(1, 1) * 1.5).Sum(), x, 1e-15);
    }

    [Fact]
    public void E03_views_have_the_gradient_of_a_contiguous_copy_to_the_bit()
    {
        var x = Tensor.Sin(Tensor.Arange(24)).Reshape(4, 6);
        Func<Tensor, Tensor>[] views =
        [
            v => v.T, v => v[1..3, 2..5], v => v[TensorIndex.Step(null, null, -1)], v => v[.., TensorIndex.Step(null, null, 2)],
            v => v[TensorIndex.Step(3, 0, -2), TensorIndex.Step(null, null, -3)], v => v.Reshape(2, 2, 6).Permute(2, 0, 1), v => v[1].BroadcastTo(3, 6), v => v.T.Reshape(3, 8),
        ];
        foreach (var view in views)
        {
            // the same function of the view and of a copy of it
            static Tensor F(Tensor y) => (Tensor.Exp(0.3 * y) * Tensor.Cos(y)).Sum();
            var image = view(x);
            var copy = Tensor.FromArray(image.ToArray()).Reshape(image.Shape);
            foreach (var (name, way) in EveryWay.All)
            {
                EveryWay.Same(way(F)(copy), way(F)(image), name);
                // and through the view, against the transpose of the view by its matrix
                var matrix = Diff.Jacobian(v => view(v), x).Reshape(image.Count, x.Count);
                EveryWay.Near(Tensor.MatMul(way(F)(copy).Ravel(), matrix).ToArray(), way(v => F(view(v)))(x).Ravel(), 1e-14, name);
            }
        }
    }

    [Fact]
    public void E04_cotangents_that_are_views_are_read_right()
    {
        var x = Tensor.Sin(Tensor.Arange(6)).Reshape(2, 3);
        var weights = Tensor.Arange(1, 7).Reshape(3, 2);
        foreach (var f in new Func<Tensor, Tensor>[] { v => v * v, v => Tensor.Exp(v), v => v.Pad([(0, 0), (0, 0)]), v => v.Reshape(3, 2).T, v => v + v.Sum(), v => Tensor.MatMul(v, Tensor.Eye(3)) })
        {
            var (y, pull) = Diff.Vjp(f, x);
            var transposed = weights.T;
            EveryWay.Same(pull(Tensor.FromArray(transposed.ToArray()).Reshape(2, 3)), pull(transposed));
            EveryWay.Same(pull(Tensor.Ones(2, 3)), pull(Tensor.Scalar(1).BroadcastTo(2, 3)));
            Assert.Equal(new Shape(2, 3), y.Shape);
        }
    }

    [Fact]
    public void E05_repeated_positions_accumulate()
    {
        EveryWay.Gradient([2, 1, 0], x => x[new[] { 0, 0, 1 }].Sum(), Tensor.Of(5, 6, 7));
        EveryWay.Gradient([0, 0, 3], x => x[new[] { -1, -1, 2 }].Sum(), Tensor.Of(5, 6, 7));
        EveryWay.Gradient([100_000, 0], x => x[new int[100_000]].Sum(), Tensor.Of(1, 2));
        EveryWay.Gradient([1, 1, 0, 0, 2, 2], x => x[new[] { 0, 2, 2 }].Sum(), new double[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } });
    }

    [Fact]
    public void E06_positions_outside_their_axis_are_refused_and_negative_ones_count_from_the_end()
    {
        var x = Tensor.Of(1, 2, 3);
        Assert.Equal(3, x[^1].ToDouble());
        Assert.Equal(3, x[-1].ToDouble());
        Assert.Equal([3, 1], x[new[] { -1, -3 }].ToArray());
        foreach (var wrong in new Action[] { () => _ = x[3], () => _ = x[-4], () => _ = x[new[] { 0, 3 }], () => _ = x[new[] { -4 }] })
            Assert.Equal("indices", Assert.Throws<ArgumentOutOfRangeException>(wrong).ParamName);
        foreach (var (_, way) in EveryWay.All) Assert.Throws<ArgumentOutOfRangeException>(() => way(v => v[3])(x));

        // scattered: repeated positions add up, or the last one wins, as the name says
        var index = Tensor.FromArray(new[] { 0, 0, 2 });
        Assert.Equal([1 + 10 + 20, 2, 3 + 30], x.ScatterAdd(0, index, Tensor.Of(10, 20, 30)).ToArray());
        EveryWay.Gradient([1, 1, 1], s => x.ScatterAdd(0, index, s).Sum(), Tensor.Of(10, 20, 30));
        EveryWay.Gradient([1, 1, 1], v => v.ScatterAdd(0, index, Tensor.Of(10, 20, 30)).Sum(), x);
        foreach (var bad in new[] { 3, -4 })
            Assert.ThrowsAny<ArgumentException>(() => x.ScatterAdd(0, Tensor.FromArray(new[] { bad }), Tensor.Of(1)));
    }

    [Fact]
    public void E07_a_tensor_does_not_share_the_arrays_it_was_made_from_or_gave_away()
    {
        double[] flat = [1, 2, 3];
        double[,] matrix = { { 1, 2 }, { 3, 4 } };
        int[] sizes = [3];
        Tensor[] made = [flat, Tensor.FromArray(flat), Tensor.Of(flat), Tensor.FromSpan<double>(flat, 3), Tensor.FromArray(flat, sizes)];
        Tensor[] matrices = [matrix, Tensor.FromArray((Array)matrix)];
        (flat[0], matrix[0, 0], sizes[0]) = (99, 99, 99);
        Assert.All(made, t => Assert.Equal([1, 2, 3], t.ToArray()));
        Assert.All(made, t => Assert.Equal(new Shape(3), t.Shape));
        Assert.All(matrices, t => Assert.Equal([1, 2, 3, 4], t.ToArray()));
        var given = made[0].ToArray();
        var other = made[0].ToArray<double>();
        (given[0], other[1]) = (77, 77);
        made[0].Shape.ToArray()[0] = 5;
        Assert.Equal([1, 2, 3], made[0].ToArray());
        Assert.Equal(new Shape(3), made[0].Shape);
        var positions = new[] { 0, 1 };
        TensorIndex index = positions;
        positions[0] = 2;
        Assert.Equal([1, 2], made[0][index].ToArray());
    }

    [Fact]
    public void E09_empty_tensors()
    {
        var empty = Tensor.Zeros(0);
        Assert.Equal(0, empty.Sum().ToDouble());
        Assert.Equal(1, empty.Prod().ToDouble());
        Assert.True(double.IsNaN(empty.Mean().ToDouble()));
        Assert.Throws<ArgumentException>(() => empty.Max());
        EveryWay.Same(Tensor.Zeros(2, 3), Tensor.MatMul(Tensor.Zeros(2, 0), Tensor.Zeros(0, 3)));
        foreach (var f in new Func<Tensor, Tensor>[] { v => v.Sum(), v => v.Prod(), v => (v * 2 + 1).Sum(), v => Tensor.Exp(v).Sum(), v => v[..0].Sum(), v => Tensor.Concat(v, v).Sum() })
            EveryWay.Gradient([], f, empty);
        EveryWay.Gradient([], v => Tensor.MatMul(v, Tensor.Zeros(0, 3)).Sum(), Tensor.Zeros(2, 0));
        Assert.Equal(new Shape(2, 0), Diff.Gradient(v => v.Sum(), Tensor.Zeros(2, 0)).Shape);
        Assert.Equal(new Shape(0, 0), Diff.Hessian(v => v.Sum(), empty).Shape);
        Assert.Equal(new Shape(3, 0), Diff.Jacobian(v => Tensor.Zeros(3) + v.Sum(), empty).Shape);
        Assert.Equal(new Shape(0, 2), Diff.Jacobian(v => v[..0], Tensor.Of(1, 2)).Shape);
    }

    [Fact]
    public void E10_rank_0_rank_8_and_axes()
    {
        Tensor number = 3.0;
        foreach (var f in new Func<Tensor, Tensor>[] { v => v.Sum(), v => v.Mean(), v => v.Max(), v => v.Prod(), v => v.Norm(), v => v.Reshape(1, 1).Sum(), v => v.ExpandDims(0)[0] })
            EveryWay.Slope(1, f, 3);
        Assert.Equal(Shape.Scalar, number.Sum().Shape);
        var deep = Tensor.Ones(1, 2, 1, 2, 1, 2, 1, 2);
        Assert.Equal(16, deep.Sum().ToDouble());
        EveryWay.Gradient([.. Enumerable.Repeat(1.0, 16)], v => v.Sum(axis: -1).Sum(), deep);
        Assert.Equal("shape", Assert.Throws<ArgumentException>(() => Tensor.Ones(1, 1, 1, 1, 1, 1, 1, 1, 1)).ParamName);
        var x = Tensor.Ones(2, 3);
        Assert.Equal(x.Sum(axis: 1).ToArray(), x.Sum(axis: -1).ToArray());
        Assert.Equal("axes", Assert.Throws<ArgumentException>(() => x.Sum([0, -2])).ParamName);
        foreach (var axis in new[] { 2, -3, int.MaxValue, int.MinValue })
            Assert.Equal("axis", Assert.Throws<ArgumentOutOfRangeException>(() => x.Sum(axis: axis)).ParamName);
    }

    [Fact]
    public void E11_E12_shapes_that_no_array_can_hold_are_refused_before_anything_is_allocated()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Action[] wrong =
        [
            () => Shape.Of(1L << 31, 1L << 33), () => Shape.Of(1L << 32, 1L << 32), () => Shape.Of(long.MaxValue, long.MaxValue, 2), () => Tensor.Zeros(-1), () => Tensor.Zeros(int.MaxValue, 2),
            () => Tensor.Zeros(46341, 46341, 2), () => new Shape(65536, 65536), () => new Shape(int.MaxValue), () => Tensor.Zeros(65536, 65536, 65536, 65536), () => Shape.Of(0, 1L << 40),
            () => Tensor.Scalar(1).BroadcastTo(int.MaxValue, int.MaxValue), () => _ = Tensor.Zeros(65536, 1) + Tensor.Zeros(1, 65536), () => Tensor.Eye(100_000), () => Tensor.Outer(Tensor.Zeros(65536), Tensor.Zeros(65536)),
        ];
        foreach (var action in wrong)
        {
            var refused = Assert.ThrowsAny<ArgumentException>(action);
            Assert.NotNull(refused.ParamName);
            Assert.Contains("[", refused.Message, StringComparison.Ordinal);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000, "something large was allocated first");
        Assert.Equal(0, new Shape(int.MaxValue, 0).Count);
    }

    [Fact]
    public void E13_running_out_of_memory_surfaces_as_it_is_and_leaves_the_next_gradient_right()
    {
        static OutOfMemoryException Out() => new("no more");
        var inTheSweep = Diff.WithRule(x => x * 2, push: (x, y, dx) => throw Out(), pull: (x, y, w) => throw Out());
        foreach (var (_, way) in EveryWay.All)
        {
            Assert.Throws<OutOfMemoryException>(() => way(x => throw Out())(1.0));
            Assert.Throws<OutOfMemoryException>(() => way(x => inTheSweep(x * x))(1.0));
            Assert.Equal(12, way(x => x * x * x)(2.0).ToDouble());
        }
    }

    [Fact]
    public void E14_matrix_products_of_odd_shapes_agree_with_the_definition()
    {
        foreach (var (m, k, n) in new[] { (1, 7, 1), (1, 1, 9), (5, 1, 5), (3, 17, 2), (31, 33, 29), (8, 8, 8), (65, 5, 127), (2, 300, 3) })
        {
            var a = Tensor.Sin(Tensor.Arange(m * k)).Reshape(m, k);
            var b = Tensor.Cos(Tensor.Arange(k * n)).Reshape(k, n);
            var expected = Naive(a.ToArray2D<double>(), b.ToArray2D<double>());
            EveryWay.Near(expected, Tensor.MatMul(a, b).Ravel(), 1e-12, $"{m} {k} {n}");
            // both transposed, and columns of a wider matrix
            EveryWay.Near(expected, Tensor.MatMul(Copy(a.T).T, Copy(b.T).T).Ravel(), 1e-12);
            EveryWay.Near(expected, Tensor.MatMul(a.Pad([(1, 2), (3, 1)])[1..(m + 1), 3..(k + 3)], b.Pad([(0, 1), (2, 2)])[..k, 2..(n + 2)]).Ravel(), 1e-12);
        }
    }

    private static Tensor Copy(Tensor x) => Tensor.FromArray(x.ToArray()).Reshape(x.Shape);

    private static double[] Naive(double[,] a, double[,] b)
    {
        var (m, inner, n) = (a.GetLength(0), a.GetLength(1), b.GetLength(1));
        var c = new double[m * n];
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++)
                for (var p = 0; p < inner; p++) c[i * n + j] += a[i, p] * b[p, j];
        return c;
    }

    [Fact]
    public void E16_windows_that_overlap_and_their_sums_are_transposes()
    {
        var image = Tensor.Sin(Tensor.Arange(60)).Reshape(1, 2, 5, 6);
        Tensor Windows(Tensor x) => Tensor.Im2Col(x, [2, 3], padding: [1, 1], stride: [1, 2]);
        var windows = Windows(image);
        var w = Tensor.Cos(Tensor.Arange(windows.Count)).Reshape(windows.Shape);
        var folded = Tensor.Col2Im(w, [5, 6], [2, 3], padding: [1, 1], stride: [1, 2]);
        EveryWay.Near((w * windows).Sum().ToDouble(), (folded * image).Sum().ToDouble(), 1e-13);
        EveryWay.Gradient(folded.ToArray(), x => (w * Windows(x)).Sum(), image, 1e-14);
        EveryWay.Gradient([1, 2, 3, 3, 2, 1], x => x.Unfold(0, size: 3).Sum(), Tensor.Arange(6));
    }
}

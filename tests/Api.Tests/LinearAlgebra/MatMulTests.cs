using System;
using System.Linq;
using Xunit;
using static DiffLib.Api.Tests.LinearAlgebra.Calculus;

namespace DiffLib.Api.Tests.LinearAlgebra;

public class MatMulTests
{
    /// <summary>Three loops, for comparison.</summary>
    private static double[] Naive(double[] a, double[] b, int m, int k, int n)
    {
        var c = new double[m * n];
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++)
                for (var p = 0; p < k; p++)
                    c[(i * n) + j] += a[(i * k) + p] * b[(p * n) + j];
        return c;
    }

    [Theory]
    [InlineData(1, 7, 1)]
    [InlineData(5, 1, 3)]
    [InlineData(1, 9, 13)]
    [InlineData(13, 9, 1)]
    [InlineData(17, 33, 9)]
    [InlineData(65, 40, 71)]
    public void All_four_layouts_agree_with_three_loops(int m, int k, int n)
    {
        var (a, b) = (Sample(1, m, k), Sample(2, k, n));
        var want = Naive(Numbers(a), Numbers(b), m, k, n);
        var (ta, tb) = (Tensor.Einsum("ij->ji", a), Tensor.Einsum("ij->ji", b));
        Tensor Stored(Tensor x) => Tensor.FromArray(Numbers(x), x.Shape.ToArray());
        foreach (var left in new[] { a, Tensor.Einsum("ij->ji", Stored(ta)) })
            foreach (var right in new[] { b, Tensor.Einsum("ij->ji", Stored(tb)) })
                Assert.True(Numbers(left.MatMul(right)).Zip(want).All(p => Math.Abs(p.First - p.Second) < 1e-12));
    }

    [Fact]
    public void A_transposed_view_gives_the_bits_of_its_copy()
    {
        foreach (var (m, k, n) in new[] { (2, 3, 4), (33, 65, 17), (70, 130, 90) })
        {
            var (a, b) = (Sample(1, m, k), Sample(2, n, k));
            var view = Tensor.Einsum("ij->ji", b);
            var (copied, viewed) = (Numbers(a.MatMul(Tensor.FromArray(Numbers(view), k, n))), Numbers(a.MatMul(view)));
            // other libraries take another way for operands that lie otherwise
            if (Backend.Describe().Products.Name == "managed") Assert.Equal(copied, viewed);
            else Assert.All(copied.Zip(viewed), p => Assert.Equal(p.First, p.Second, 1e-12));
        }
    }

    [Fact]
    public void Views_with_steps_reversals_and_larger_rows_are_read_as_their_copies()
    {
        var big = Sample(3, 12, 20);
        var views = new[] { big[..6, 3..11], big[TensorIndex.Step(null, null, 2), 3..11], big[TensorIndex.Step(5, null, -1), ..8], big[..6, TensorIndex.Step(null, null, -2)][.., ..8] };
        var b = Sample(4, 8, 5);
        foreach (var view in views)
            Assert.Equal(Numbers(Tensor.FromArray(Numbers(view), 6, 8).MatMul(b)), Numbers(view.MatMul(b)));
    }

    [Fact]
    public void Leading_axes_broadcast_and_vectors_leave_no_axis()
    {
        var (a, b) = (Sample(5, 2, 1, 3, 4), Sample(6, 5, 4, 2));
        var y = Tensor.MatMul(a, b);
        Assert.Equal(new Shape(2, 5, 3, 2), y.Shape);
        Assert.True(Apart(y[1, 4], a[1, 0].MatMul(b[4])) < 1e-15);
        Assert.Equal(new Shape(2, 1, 3), Tensor.MatMul(a, Sample(7, 4)).Shape);
        Assert.Equal(new Shape(5, 2), Tensor.MatMul(Sample(7, 4), b).Shape);
        Assert.Equal(0, Tensor.MatMul(Sample(7, 4), Sample(8, 4)).Rank);
    }

    [Fact]
    public void A_mismatch_names_both_shapes_and_the_way_out()
    {
        var e = Assert.Throws<ArgumentException>(() => Tensor.MatMul(Sample(1, 2, 3), Sample(2, 2, 3)));
        Assert.Contains("[2, 3]", e.Message);
        Assert.Contains("b needs 3 rows", e.Message);
        Assert.Contains("Did you mean b.T?", e.Message);
        Assert.Equal("b", e.ParamName);
        Assert.Throws<ArgumentException>(() => Tensor.MatMul(Sample(1, 2, 3, 3), Sample(2, 3, 3, 3)));
        Assert.Throws<ArgumentException>(() => Tensor.MatMul(2.0, Sample(2, 3, 3)));
    }

    [Fact]
    public void Zeros_are_not_skipped()
    {
        var (a, b) = (Tensor.Zeros(2, 2), Sample(1, 2, 2));
        var g = Diff.Gradient(x => Total(x.MatMul(b)), a);
        var sums = Numbers(Tensor.Einsum("ij->i", b));
        Assert.Equal([sums[0], sums[1], sums[0], sums[1]], Numbers(g));
        Assert.True(double.IsNaN(Numbers(a.MatMul(Tensor.FromArray([double.NaN, 0, 0, 0], 2, 2)))[0]));
    }

    [Fact]
    public void Integers_are_exact_in_int64()
    {
        var y = Tensor.MatMul(Tensor.FromArray([1L << 53, 1], 1, 2), Tensor.FromArray([1L, 1], 2, 1));
        Assert.Equal(DType.Int64, y.DType);
        Assert.Equal([(1L << 53) + 1], y.ToArray<long>());
    }

    [Fact]
    public void Empty_sums_are_zero() => Assert.Equal(new double[6], Numbers(Tensor.MatMul(Tensor.Zeros(2, 0), Tensor.Zeros(0, 3))));

    [Fact]
    public void Derivatives_of_a_broadcast_product_agree_with_differences()
    {
        var b = Sample(9, 3, 4, 2);
        CheckDerivatives(x => x.MatMul(b), Sample(8, 2, 1, 2, 4));
        CheckDerivatives(x => b.MatMul(Tensor.Tanh(x)), Sample(8, 2, 3));
        CheckDerivatives(x => x.MatMul(x).MatMul(x), Sample(7, 3, 3));
    }

    [Fact]
    public void Float32_keeps_its_type_and_agrees()
    {
        var (a, b) = (Sample(1, 20, 30), Sample(2, 30, 10));
        var y = Tensor.MatMul(a.Cast(DType.Float32), b.Cast(DType.Float32));
        Assert.Equal(DType.Float32, y.DType);
        Assert.True(Apart(y.Cast(DType.Float64), a.MatMul(b)) < 1e-5);
    }

    [Fact]
    public void The_order_of_a_chain_does_not_change_its_value()
    {
        var factors = new[] { Sample(1, 7), Sample(2, 7, 3), Sample(3, 3, 9), Sample(4, 9, 2), Sample(5, 2) };
        var want = factors[0].MatMul(factors[1]).MatMul(factors[2]).MatMul(factors[3]).MatMul(factors[4]);
        Assert.Equal(want.ToDouble(), Tensor.MultiDot(factors).ToDouble(), 12);
        Assert.Throws<ArgumentException>(() => Tensor.MultiDot());
        Assert.Throws<ArgumentException>(() => Tensor.MultiDot(Sample(1, 2, 3), Sample(2, 2, 3)));
    }

    [Fact]
    public void Distances_have_slope_zero_at_zero_for_every_order()
    {
        foreach (var p in new[] { 1, 1.5, 2, 3, double.PositiveInfinity })
        {
            var g = Diff.Gradient(x => Total(Tensor.CDist(x, x, p)), Sample(1, 3, 2));
            Assert.All(Numbers(g), x => Assert.True(double.IsFinite(x)));
        }

        Assert.Equal(5, Tensor.CDist(Tensor.FromArray([0.0, 0], 1, 2), Tensor.FromArray([3.0, 4], 1, 2)).ToDouble(), 15);
    }

    [Fact]
    public void Cross_kron_and_tensordot_follow_their_definitions()
    {
        Assert.Equal([-3, 6, -3], Numbers(Tensor.Cross(Tensor.FromArray([1.0, 2, 3], 3), Tensor.FromArray([4.0, 5, 6], 3))));
        Assert.Equal([3, 4, 6, 8, 5, 6, 10, 12], Numbers(Tensor.Kron(Tensor.FromArray([1.0, 2], 1, 2), Tensor.FromArray([3.0, 4, 5, 6], 2, 2))));
        var (a, b) = (Sample(1, 2, 3, 4), Sample(2, 4, 2, 5));
        Assert.True(Apart(Tensor.TensorDot(a, b, [2, 0], [0, 1]), Tensor.Einsum("ijk,kil->jl", a, b)) < 1e-14);
        Assert.Throws<ArgumentException>(() => Tensor.TensorDot(a, b, [0], [0]));
        Assert.Throws<ArgumentException>(() => Tensor.Cross(Sample(1, 2), Sample(2, 2)));
    }
}

using System;
using System.Linq;
using DiffLib.Api.Tests.Checking;
using DiffLib.Api.Tests.HardCases;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Requirements;

/// <summary>Arrays as in the introduction to NumPy: rows E2 to E8, E11, E12, E15.</summary>
public class TensorTests
{
    [Fact]
    public void E2_a_Fourier_transform_and_its_inverse()
    {
        var (re, im) = Fourier.Forward(Tensor.Of(1, 2, 3, 4), Tensor.Zeros(4));
        EveryWay.Near([10, -2, -2, -2], re, 1e-15);
        EveryWay.Near([0, 2, 0, -2], im, 1e-15);
        var (back, rest) = Fourier.Inverse(re, im);
        EveryWay.Near([1, 2, 3, 4], back, 1e-12);
        EveryWay.Near([0, 0, 0, 0], rest, 1e-12);
    }

    [Fact]
    public void E2_linear_algebra_solves_and_reconstructs()
    {
        var a = Compositions.Vector(20, 3).Reshape(5, 4);
        var (u, s, vt) = Linalg.Svd(a);
        EveryWay.Near(a.Ravel().ToArray(), Tensor.MatMul(u * s, vt).Ravel(), 1e-10, "SVD");
        var (q, r) = Linalg.Qr(a);
        EveryWay.Near(a.Ravel().ToArray(), Tensor.MatMul(q, r).Ravel(), 1e-10, "QR");
        var symmetric = Tensor.MatMul(a.T, a);
        var (values, vectors) = Linalg.Eigh(symmetric);
        EveryWay.Near(symmetric.Ravel().ToArray(), Tensor.MatMul(vectors * values, vectors.T).Ravel(), 1e-10, "eigen");
        var factor = Linalg.Cholesky(symmetric);
        EveryWay.Near(symmetric.Ravel().ToArray(), Tensor.MatMul(factor, factor.T).Ravel(), 1e-10, "Cholesky");
        var b = Tensor.Of(1, 2, 3, 4);
        EveryWay.Near(b.ToArray(), Tensor.MatMul(symmetric, Linalg.Solve(symmetric, b)), 1e-10, "solve");
    }

    [Fact]
    public void E2_random_numbers_come_from_a_seed()
    {
        var key = RandomKey.FromSeed(42);
        EveryWay.Same(Tensor.RandomNormal(key, new Shape(3, 4)), Tensor.RandomNormal(RandomKey.FromSeed(42), new Shape(3, 4)));
        Assert.NotEqual(Tensor.RandomNormal(key, new Shape(4)).ToArray(), Tensor.RandomNormal(RandomKey.FromSeed(43), new Shape(4)).ToArray());
    }

    [Fact]
    public void E3_ranks_0_to_5_and_more()
    {
        Tensor number = 256.0;
        Assert.Equal(0, number.Rank);
        Assert.Equal(1, Tensor.Of(1, 2, 3, 4, 5).Rank);
        Assert.Equal(2, Tensor.Arange(12).Reshape(3, 4).Rank);
        Assert.Equal(3, Tensor.Arange(45).Reshape(3, 3, 5).Rank);
        Assert.Equal(4, Tensor.Zeros(7, 3, 3, 5).Rank);
        Assert.Equal(5, Tensor.Zeros(2, 7, 3, 3, 5).Rank);
        Assert.Equal(8, Tensor.Zeros(1, 1, 1, 2, 7, 3, 3, 5).Rank);
    }

    [Fact]
    public void E4_a_single_number()
    {
        Tensor x = 256.0;
        Assert.Equal((256.0, 0, Shape.Scalar), (x.ToDouble(), x.Rank, x.Shape));
        Assert.Equal("[]", x.Shape.ToString());
        Assert.Equal(256, Tensor.Scalar(256, DType.Int32).ToScalar<int>());
    }

    [Fact]
    public void E5_a_vector_from_an_array()
    {
        var x = Tensor.FromArray(new[] { 1, 2, 3, 4, 5 });
        Assert.Equal((1, new Shape(5), DType.Int32), (x.Rank, x.Shape, x.DType));
        Assert.Equal([1, 2, 3, 4, 5], x.ToArray<int>());
    }

    [Fact]
    public void E6_a_matrix_from_nested_and_rectangular_arrays()
    {
        int[,] rectangular = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } };
        int[][] nested = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]];
        foreach (var x in new[] { Tensor.FromArray((Array)rectangular), Tensor.FromArray((Array)nested), Tensor.FromArray([.. Enumerable.Range(1, 12)], 3, 4) })
        {
            Assert.Equal((2, new Shape(3, 4)), (x.Rank, x.Shape));
            Assert.Equal(7, x[1, 2].ToScalar<int>());
        }
    }

    [Fact]
    public void E7_a_tensor_of_rank_3()
    {
        var x = Tensor.Arange(1, 46, dtype: DType.Int64).Reshape(3, 3, 5);
        Assert.Equal((3, new Shape(3, 3, 5)), (x.Rank, x.Shape));
        Assert.Equal(45, x[2, 2, 4].ToScalar<long>());
        Assert.Equal(45, x[^1, ^1, ^1].ToScalar<long>());
    }

    [Fact]
    public void E8_element_types_and_conversions()
    {
        var images = Tensor.FromArray(Enumerable.Range(0, 256).Select(k => (byte)k).ToArray(), 4, 8, 8);
        Assert.Equal(DType.UInt8, images.DType);
        var single = images.Cast(DType.Float32);
        Assert.Equal(DType.Float32, single.DType);
        Assert.Equal(Enumerable.Range(0, 256).Select(k => (float)k), single.ToArray<float>());
        Assert.Equal(images.ToArray<byte>(), single.Cast(DType.UInt8).ToArray<byte>());
        foreach (var dtype in Enum.GetValues<DType>()) Assert.Equal(dtype, Tensor.Ones(new Shape(2), dtype).DType);
        Assert.Throws<NotSupportedException>(() => Tensor.FromArray((Array)new[] { "text" }));
    }

    [Fact]
    public void E11_slices_leave_the_end_out_and_are_views()
    {
        var images = Tensor.Arange(200 * 28 * 28, DType.Int32).Reshape(200, 28, 28);
        var part = images[10..100];
        Assert.Equal(new Shape(90, 28, 28), part.Shape);
        Assert.Equal(images[10, 3, 4].ToScalar<int>(), part[0, 3, 4].ToScalar<int>());
        Assert.Equal(images[99, 27, 27].ToScalar<int>(), part[^1, 27, 27].ToScalar<int>());
        Assert.Equal(new Shape(10, 28, 28), images[..10].Shape);
        Assert.Equal(new Shape(190, 28, 28), images[10..].Shape);
        Assert.Equal(new Shape(5, 28, 28), images[^5..].Shape);
        Assert.Equal(new Shape(195, 28, 28), images[..^5].Shape);
        Assert.Equal(new Shape(200, 14, 14), images[.., 7..21, 7..21].Shape);

        Assert.True(Measured.Bytes(() => _ = images[10..100], enough: 2000) <= 2000, "a slice copied its elements");
    }

    [Fact]
    public void E12_batches_along_the_first_axis()
    {
        const int rows = 60_000, size = 128;
        var data = Tensor.Arange(rows, DType.Int32).Reshape(rows, 1);
        Assert.Equal(new Shape(128, 1), data[..size].Shape);
        Assert.Equal(128, data[128..256][0, 0].ToScalar<int>());
        const int n = rows / size;
        var last = data[(size * n)..Math.Min(size * (n + 1), rows)];
        Assert.Equal((468, new Shape(96, 1)), (n, last.Shape));
        Assert.Equal(new Shape(96, 1), data[(size * n)..(size * (n + 1))].Shape);
        Assert.Equal(rows - 1, last[^1, 0].ToScalar<int>());
        var parts = data.Split(size);
        Assert.Equal((469, 96), (parts.Length, parts[^1].Shape[0]));
    }

    [Fact]
    public void E15_bytes_over_255_are_fractions()
    {
        var x = Tensor.FromArray(new byte[] { 0, 51, 255 });
        foreach (var scaled in new[] { x / 255.0, x.Cast(DType.Float32) / 255.0 })
        {
            Assert.True(scaled.DType is DType.Float64 or DType.Float32);
            Assert.Equal((0.0, 1.0), (scaled.Min().ToDouble(), scaled.Max().ToDouble()));
            Assert.Equal(0.2, scaled[1].ToDouble(), 1e-8);
        }

        Assert.Equal(DType.Float32, (x.Cast(DType.Float32) / 255.0).DType);
    }
}

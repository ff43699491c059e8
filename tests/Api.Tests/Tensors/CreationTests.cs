using System;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

public class CreationTests
{
    [Fact]
    public void A_vector_of_numbers_is_float64()
    {
        var x = Tensor.Of(1, 2, 3);
        Assert.Equal(DType.Float64, x.DType);
        Assert.Equal(new Shape(3), x.Shape);
        Assert.Equal([1.0, 2, 3], x.ToArray<double>());
        Assert.Equal(new Shape(0), Tensor.Of().Shape);
    }

    [Fact]
    public void The_element_type_comes_from_the_data()
    {
        Assert.Equal(DType.Float64, Tensor.FromArray(new double[] { 1 }).DType);
        Assert.Equal(DType.Float32, Tensor.FromArray(new float[] { 1 }).DType);
        Assert.Equal(DType.Int64, Tensor.FromArray(new long[] { 1 }).DType);
        Assert.Equal(DType.Int32, Tensor.FromArray(new int[] { 1 }).DType);
        Assert.Equal(DType.UInt8, Tensor.FromArray(new byte[] { 1 }).DType);
        Assert.Equal(DType.Bool, Tensor.FromArray(new bool[] { true }).DType);
        Assert.Throws<NotSupportedException>(() => Tensor.FromArray(new decimal[] { 1 }));
        Assert.Throws<NotSupportedException>(() => Tensor.FromArray((Array)new[] { "text" }));
    }

    [Fact]
    public void Rectangular_arrays_keep_their_sizes_and_order()
    {
        var x = Tensor.FromArray(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal(new Shape(2, 3), x.Shape);
        Assert.Equal([1.0, 2, 3, 4, 5, 6], x.ToArray<double>());
        var y = Tensor.FromArray(new int[,,] { { { 1 }, { 2 } }, { { 3 }, { 4 } }, { { 5 }, { 6 } } });
        Assert.Equal(new Shape(3, 2, 1), y.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], y.ToArray<int>());
        Assert.Equal(new Shape(0, 3), Tensor.FromArray(new double[0, 3]).Shape);
        Assert.Equal([true, false], Tensor.FromArray(new bool[,] { { true }, { false } }).ToArray<bool>());
    }

    [Fact]
    public void Nested_arrays_become_axes()
    {
        var x = Tensor.FromArray(new[] { new float[] { 1, 2 }, [3, 4], [5, 6] });
        Assert.Equal(new Shape(3, 2), x.Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], x.ToArray<float>());
        var y = Tensor.FromArray(new[] { new[] { new long[] { 1, 2 } }, [[3, 4]] });
        Assert.Equal(new Shape(2, 1, 2), y.Shape);
        Assert.Equal([1L, 2, 3, 4], y.ToArray<long>());
        Assert.Equal(new Shape(0), Tensor.FromArray(Array.Empty<double[]>()).Shape);
        Assert.Equal(new Shape(2, 0), Tensor.FromArray(new double[][] { [], [] }).Shape);
        var mixed = Tensor.FromArray(new[] { new double[,] { { 1, 2 } }, new double[,] { { 3, 4 } } });
        Assert.Equal(new Shape(2, 1, 2), mixed.Shape);
        Assert.Equal([1.0, 2, 3, 4], mixed.ToArray<double>());
    }

    [Fact]
    public void Ragged_arrays_are_refused_with_the_place()
    {
        var error = Assert.Throws<ArgumentException>(() => Tensor.FromArray(new double[][] { [1, 2], [3] }));
        Assert.Contains("ragged", error.Message);
        Assert.Contains("[1]", error.Message);
        Assert.Throws<ArgumentException>(() => Tensor.FromArray(new double[][][] { [[1], [2]], [[3]] }));
        Assert.Throws<ArgumentException>(() => Tensor.FromArray(new double[][] { [], [3] }));
        Assert.Throws<ArgumentException>(() => Tensor.FromArray(new double[][] { [1], null! }));
        Assert.Throws<ArgumentException>(() => Tensor.FromArray(new double[][] { null!, [1] }));
    }

    [Fact]
    public void Data_takes_a_shape_of_its_count()
    {
        Assert.Equal(new Shape(2, 3), Tensor.FromArray(new double[6], 2, 3).Shape);
        Assert.Equal(new Shape(), Tensor.FromArray(new double[] { 7 }, []).Shape);
        Assert.Equal(new Shape(3, 2), Tensor.FromSpan<float>([1, 2, 3, 4, 5, 6], 3, 2).Shape);
        Assert.Equal(new Shape(6), Tensor.FromSpan<float>([1, 2, 3, 4, 5, 6]).Shape);
        var error = Assert.Throws<ArgumentException>(() => Tensor.FromArray(new double[5], 2, 3));
        Assert.Contains("[2, 3]", error.Message);
        Assert.Contains("5", error.Message);
    }

    [Fact]
    public void Changing_the_source_or_a_result_leaves_the_tensor_alone()
    {
        var source = new double[] { 1, 2 };
        var x = Tensor.FromArray(source);
        var y = Tensor.FromArray(source, 2, 1);
        var z = Tensor.FromSpan<double>(source);
        var w = Tensor.Of(source);
        source[0] = 100;
        x.ToArray<double>()[1] = 100;
        ((double[])x.ToMultiArray())[1] = 100;
        foreach (var t in new[] { x, y, z, w }) Assert.Equal([1.0, 2], t.ToArray<double>());
    }

    [Fact]
    public void A_scalar_is_strong_and_a_plain_double_is_weak()
    {
        var x = Tensor.FromArray(new float[] { 1, 2 });
        Assert.Equal(DType.Float64, (x * Tensor.Scalar(2)).DType);
        Assert.Equal(DType.Float32, (x * 2.0).DType);
        Assert.Equal(DType.Int32, Tensor.Scalar(2, DType.Int32).DType);
        Assert.Equal(0, Tensor.Scalar(2).Rank);
    }

    [Theory]
    [InlineData(0.5, DType.Int32)]
    [InlineData(-1.0, DType.UInt8)]
    [InlineData(256.0, DType.UInt8)]
    [InlineData(3e9, DType.Int32)]
    [InlineData(double.NaN, DType.Int64)]
    public void A_number_outside_the_element_type_is_refused(double value, DType dtype)
        => Assert.Throws<ArgumentException>(() => Tensor.Full([2], value, dtype));

    [Fact]
    public void Constant_tensors_have_the_shape_and_type_asked_for()
    {
        Assert.Equal([0.0, 0, 0, 0, 0, 0], Tensor.Zeros(2, 3).ToArray<double>());
        Assert.Equal([1f, 1], Tensor.Ones([2], DType.Float32).ToArray<float>());
        Assert.Equal([true, true], Tensor.Ones([2], DType.Bool).ToArray<bool>());
        Assert.Equal([7L, 7], Tensor.Full([2], 7, DType.Int64).ToArray<long>());
        Assert.Equal(1.0, Tensor.Ones().ToDouble());
        Assert.Equal(new Shape(2, 0, 3), Tensor.Zeros(2, 0, 3).Shape);
        var x = Tensor.FromArray(new float[2, 2]);
        Assert.Equal(DType.Float32, Tensor.ZerosLike(x).DType);
        Assert.Equal(DType.Int32, Tensor.OnesLike(x, DType.Int32).DType);
        Assert.Equal([2.5f, 2.5f, 2.5f, 2.5f], Tensor.FullLike(x, 2.5).ToArray<float>());
    }

    [Fact]
    public void Impossible_shapes_are_refused_before_anything_is_allocated()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var make in new Func<int[], Tensor>[] { s => Tensor.Zeros(s), s => Tensor.Ones(s), s => Tensor.Full(s, 2), s => Tensor.Zeros(s, DType.UInt8) })
            foreach (var shape in new int[][] { [-1], [int.MaxValue, 2], [65536, 65536], [int.MaxValue], [1, 1, 1, 1, 1, 1, 1, 1, 1] })
            {
                var error = Assert.Throws<ArgumentException>(() => make(shape));
                Assert.Contains(string.Join(", ", shape), error.Message);
            }
        Assert.Throws<ArgumentException>(() => Shape.Of(1L << 31, 1L << 33));
        Assert.Throws<ArgumentException>(() => Shape.Of(1L << 32, 1L << 32));
        Assert.Throws<ArgumentException>(() => Tensor.Eye(100000));
        Assert.Throws<ArgumentException>(() => Tensor.Arange(1e10));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 22);
    }

    [Fact]
    public void Ranges_are_computed_from_the_start_and_exclude_the_end()
    {
        Assert.Equal([0.0, 1, 2], Tensor.Arange(3).ToArray<double>());
        Assert.Equal([0L, 1, 2], Tensor.Arange(3, DType.Int64).ToArray<long>());
        Assert.Equal([1.0, 1.5, 2, 2.5], Tensor.Arange(1, 3, 0.5).ToArray<double>());
        Assert.Equal([3.0, 2, 1], Tensor.Arange(3, 0, -1).ToArray<double>());
        Assert.Equal(new Shape(0), Tensor.Arange(3, 0, 1).Shape);
        Assert.Equal(9999 * 0.1, Tensor.Arange(0, 1000, 0.1)[^1].ToDouble());
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(0, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(double.PositiveInfinity));
    }

    [Fact]
    public void Linspace_hits_both_ends_exactly()
    {
        var x = Tensor.Linspace(0.1, 0.7, 7).ToArray<double>();
        Assert.Equal(0.1, x[0]);
        Assert.Equal(0.7, x[^1]);
        Assert.Equal([2.0], Tensor.Linspace(2, 5, 1).ToArray<double>());
        Assert.Equal(new Shape(0), Tensor.Linspace(2, 5, 0).Shape);
        Assert.Equal([0.0, 0.25, 0.5, 0.75], Tensor.Linspace(0, 1, 4, endpoint: false).ToArray<double>());
        Assert.Equal([1.0, 10, 100], Tensor.Logspace(0, 2, 3).ToArray<double>());
        Assert.Equal([1.0, 2, 4, 8], Tensor.Logspace(0, 3, 4, logBase: 2).ToArray<double>());
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Linspace(0, 1, -1));
    }

    [Fact]
    public void Matrices_by_rule()
    {
        Assert.Equal(new double[,] { { 0, 1, 0 }, { 0, 0, 1 } }, Tensor.Eye(2, 3, 1).ToArray2D<double>());
        Assert.Equal(new double[,] { { 1, 0 }, { 1, 1 } }, Tensor.Tri(2).ToArray2D<double>());
        Assert.Equal(new long[,] { { 0, 1, 1 }, { 0, 0, 1 } }, Tensor.TrilIndices(2, 2).ToArray2D<long>());
        Assert.Equal(new long[,] { { 0 }, { 1 } }, Tensor.TriuIndices(2, 2, 1).ToArray2D<long>());
    }

    [Fact]
    public void One_hot_rows_have_a_single_one()
    {
        var x = Tensor.OneHot(Tensor.FromArray(new[] { 2, 0 }), 3, DType.Float32);
        Assert.Equal(new float[,] { { 0, 0, 1 }, { 1, 0, 0 } }, x.ToArray2D<float>());
        Assert.Equal(new Shape(2, 3), Tensor.OneHot(Tensor.FromArray(new long[] { 2, 0 })).Shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.OneHot(Tensor.FromArray(new[] { 3 }), 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.OneHot(Tensor.FromArray(new[] { -1 }), 3));
        Assert.Throws<ArgumentException>(() => Tensor.OneHot(Tensor.Of(1), 3));
    }
}

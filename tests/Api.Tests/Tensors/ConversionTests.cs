using System;
using System.Linq;
using DiffLib.Api.Tests.Checking;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using Numerics = System.Numerics.Tensors;

namespace DiffLib.Api.Tests.Tensors;

public class ConversionTests
{
    private static Tensor Matrix23 => Tensor.FromArray(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });

    [Fact]
    public void Elements_come_out_in_their_own_type_only()
    {
        Assert.Equal([1.0, 2, 3, 4, 5, 6], Matrix23.ToArray<double>());
        var error = Assert.Throws<ArgumentException>(() => Matrix23.ToArray<float>());
        Assert.Contains("float64", error.Message);
        Assert.Contains("Cast(DType.Float32)", error.Message);
        Assert.Equal([1f, 2, 3, 4, 5, 6], Matrix23.Cast(DType.Float32).ToArray<float>());
        Assert.Equal([1.0, 2], Tensor.FromArray(new[] { 1, 2 }).ToArray());
    }

    [Fact]
    public void A_view_is_read_in_its_own_order()
    {
        var x = Matrix23[.., TensorIndex.Step(null, null, -2)];
        Assert.Equal(new double[,] { { 3, 1 }, { 6, 4 } }, x.ToArray2D<double>());
        Assert.Equal([3.0, 1, 6, 4], x.AsSpan<double>().ToArray());
        Assert.Equal(new double[,] { { 3, 1 }, { 6, 4 } }, (double[,])x.ToMultiArray());
    }

    [Fact]
    public void Reading_a_gap_free_tensor_copies_nothing()
    {
        var x = Tensor.Zeros(100_000);
        var sum = 0.0;
        Assert.InRange(
            Measured.Bytes(
                () =>
                {
                    foreach (var v in x.AsSpan<double>()) sum += v;
                },
                enough: 1000),
            0,
            1000);
        Assert.Equal(0.0, sum);
    }

    [Fact]
    public void Single_numbers()
    {
        Assert.Equal(2.5, Tensor.Scalar(2.5).ToScalar<double>());
        Assert.Equal(7, Tensor.FromArray(new[,] { { 7 } }).ToScalar<int>());
        Assert.Equal([2.5], Tensor.Scalar(2.5).ToArray<double>());
        Assert.Throws<InvalidOperationException>(() => Matrix23.ToScalar<double>());
        Assert.Throws<ArgumentException>(() => Tensor.Scalar(1).ToScalar<int>());
        Assert.Throws<InvalidOperationException>(() => Tensor.Scalar(1).ToMultiArray());
    }

    [Fact]
    public void Copying_fills_the_front_of_the_destination()
    {
        var target = new double[8];
        target[7] = -1;
        Matrix23.CopyTo<double>(target);
        Assert.Equal([1, 2, 3, 4, 5, 6, 0, -1], target);
        Assert.Throws<ArgumentException>(() => Matrix23.CopyTo<double>(new double[5]));
    }

    [Fact]
    public void Numerics_tensors_go_both_ways()
    {
        var there = Matrix23.ToNumericsTensor<double>();
        Assert.Equal([(nint)2, 3], there.Lengths.ToArray());
        Assert.Equal(6.0, there[1, 2]);
        Assert.Equal(Matrix23.ToArray2D<double>(), Tensor.FromNumericsTensor(there).ToArray2D<double>());
        there[0, 0] = 100;
        Assert.Equal(1.0, Matrix23[0, 0].ToDouble());
        var part = Numerics.Tensor.Create(new[] { 1, 2, 3, 4, 5, 6 }, [2, 3]).AsReadOnlyTensorSpan()[.., 1..];
        Assert.Equal(new[,] { { 2, 3 }, { 5, 6 } }, Tensor.FromNumericsTensor(part).ToArray2D<int>());
        Assert.Equal(1, Tensor.Scalar(3).ToNumericsTensor<double>().Rank);
        Assert.Equal([(nint)2, 0], Tensor.Zeros(2, 0).ToNumericsTensor<double>().Lengths.ToArray());
    }

    [Fact]
    public void MathNet_vectors_and_matrices_go_both_ways()
    {
        var m = Matrix23.ToMatrix<double>();
        Assert.Equal((2, 3), (m.RowCount, m.ColumnCount));
        Assert.Equal(6.0, m[1, 2]);
        Assert.Equal(Matrix23.ToArray2D<double>(), Tensor.FromMatrix(m).ToArray2D<double>());
        m[0, 0] = 100;
        Assert.Equal(1.0, Matrix23[0, 0].ToDouble());

        var sparse = Matrix<float>.Build.SparseOfIndexed(2, 2, [(0, 1, 5f)]);
        Assert.Equal(new float[,] { { 0, 5 }, { 0, 0 } }, Tensor.FromMatrix(sparse).ToArray2D<float>());

        var v = Tensor.Of(1, 2, 3).ToVector<double>();
        Assert.Equal([1.0, 2, 3], v.ToArray());
        Assert.Equal([1.0, 2, 3], Tensor.FromVector(v).ToArray<double>());
        Assert.Throws<ArgumentException>(() => Matrix23.ToVector<double>());
        Assert.Throws<ArgumentException>(() => Tensor.Of(1).ToMatrix<double>());
        Assert.Throws<ArgumentException>(() => Matrix23.ToMatrix<float>());
        Assert.Throws<NotSupportedException>(() => Tensor.FromVector(Vector<System.Numerics.Complex>.Build.Dense(2)));
    }

    [Fact]
    public void Casts_truncate_and_saturate()
    {
        Assert.Equal([-1, 1, 0, int.MaxValue], Tensor.Of(-1.7, 1.7, double.NaN, 1e30).Cast(DType.Int32).ToArray<int>());
        Assert.Equal([false, true, true], Tensor.Of(0, -2, 0.1).Cast(DType.Bool).ToArray<bool>());
        Assert.Equal([1.0, 0], Tensor.FromArray(new[] { true, false }).Cast(DType.Float64).ToArray<double>());
    }
}

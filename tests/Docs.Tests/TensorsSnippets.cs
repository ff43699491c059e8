using System;
using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/tensors.md.</summary>
public class TensorsSnippets
{
    [Fact]
    public void Creation()
    {
        #region tensors-create
        Tensor number = 2.5;
        Tensor vector = Tensor.Of(1, 2, 3);
        Tensor matrix = new double[,] { { 1, 2 }, { 3, 4 } };
        Tensor single = Tensor.FromArray(new float[] { 1, 2, 3, 4, 5, 6 }, 2, 3);    // float32, [2, 3]
        Tensor zeros = Tensor.Zeros(2, 3), ones = Tensor.Ones(4), identity = Tensor.Eye(3);
        Tensor steps = Tensor.Arange(0, 1, 0.25), points = Tensor.Linspace(0, 1, 5);
        Tensor classes = Tensor.OneHot(Tensor.FromArray(new[] { 2, 0 }), classes: 3);
        #endregion
        Assert.Equal((0, 1, 2), (number.Rank, vector.Rank, matrix.Rank));
        Assert.Equal((DType.Float32, 6), (single.DType, single.Count));
        Expect.Equal([2, 3], new double[6], zeros);
        Expect.Equal([4], [1, 1, 1, 1], ones);
        Expect.Equal([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1], identity);
        Expect.Equal([4], [0, 0.25, 0.5, 0.75], steps);
        Expect.Equal([5], [0, 0.25, 0.5, 0.75, 1], points);
        Expect.Equal([2, 3], [0, 0, 1, 1, 0, 0], classes);
    }

    [Fact]
    public void Indexing()
    {
        #region tensors-index
        Tensor x = Tensor.Arange(12).Reshape(3, 4);
        Tensor element = x[1, 2];                                     // 6
        Tensor row = x[^1];                                           // [8, 9, 10, 11]
        Tensor column = x[.., 0];                                     // [0, 4, 8]
        Tensor block = x[1.., 1..3];                                  // [[5, 6], [9, 10]]
        Tensor everySecond = x[TensorIndex.Ellipsis, TensorIndex.Step(null, null, 2)];
        Tensor picked = x[new[] { 2, 0 }];                            // rows 2 and 0
        Tensor large = x[x > 9];                                      // [10, 11]
        Tensor changed = x.Set(-1.0, 0, 1..3);                        // another tensor; x stays
        #endregion
        Expect.Number(6, element);
        Expect.Equal([4], [8, 9, 10, 11], row);
        Expect.Equal([3], [0, 4, 8], column);
        Expect.Equal([2, 2], [5, 6, 9, 10], block);
        Expect.Equal([3, 2], [0, 2, 4, 6, 8, 10], everySecond);
        Expect.Equal([2, 4], [8, 9, 10, 11, 0, 1, 2, 3], picked);
        Expect.Equal([2], [10, 11], large);
        Expect.Equal([4], [0, -1, -1, 3], changed[0]);
        Expect.Equal([4], [0, 1, 2, 3], x[0]);
    }

    [Fact]
    public void Broadcasting()
    {
        #region tensors-broadcast
        Tensor table = Tensor.Arange(6).Reshape(2, 3);
        Tensor centred = table - table.Mean(axis: 0);                                  // [2, 3] - [3]
        Tensor shares = table / table.Sum(axis: 1, keepAxes: true);                    // [2, 3] / [2, 1]
        Tensor gradient = Diff.Gradient(bias => (table + bias).Sum(), Tensor.Zeros(3)); // [2, 2, 2]: summed over what was repeated
        #endregion
        Expect.Equal([2, 3], [-1.5, -1.5, -1.5, 1.5, 1.5, 1.5], centred);
        Expect.Equal([2, 3], [0, 1.0 / 3, 2.0 / 3, 0.25, 1.0 / 3, 5.0 / 12], shares);
        Expect.Equal([3], [2, 2, 2], gradient);
    }

    [Fact]
    public void Reductions_and_shapes()
    {
        #region tensors-shape
        Tensor x = Tensor.Arange(6).Reshape(2, -1);                   // [2, 3]
        Tensor turned = x.T;                                          // [3, 2]
        Tensor stacked = Tensor.Stack(x, 10 * x);                     // [2, 2, 3]
        Tensor joined = Tensor.Concat([x, x], axis: 1);               // [2, 6]
        Tensor[] halves = joined.Split(3, axis: 1);
        Tensor softmax = x.Softmax(axis: -1);
        var (largest, places) = x.TopK(2, axis: 1);                    // [[2, 1], [5, 4]] and where they stood
        #endregion
        Assert.Equal(new[] { 3, 2 }, turned.Shape.ToArray());
        Assert.Equal(new[] { 2, 2, 3 }, stacked.Shape.ToArray());
        Assert.True(Tensor.ArrayEqual(x, halves[1]));
        Expect.Elements(softmax.Sum(axis: 1), 1e-15, 1, 1);
        Expect.Equal([2, 2], [2, 1, 5, 4], largest);
        Expect.Equal([2, 2], [2, 1, 2, 1], places.Cast(DType.Float64));
    }

    [Fact]
    public void Conversion()
    {
        Tensor x = new double[,] { { 1, 2 }, { 3, 4 } };
        #region tensors-convert
        double trace = (x[0, 0] + x[1, 1]).ToDouble();
        double[] flat = x.ToArray();
        double[,] rows = x.ToArray2D<double>();
        ReadOnlySpan<double> span = x.AsSpan<double>();               // no copy where the elements lie in order
        Matrix<double> matrix = x.ToMatrix<double>();
        Tensor back = Tensor.FromMatrix(matrix);
        Tensor single = x.Cast(DType.Float32);                        // the derivative passes
        #endregion
        Assert.Equal(5, trace);
        Assert.Equal([1, 2, 3, 4], flat);
        Assert.Equal(3, rows[1, 0]);
        Assert.Equal(4, span[3]);
        Assert.True(Tensor.ArrayEqual(x, back));
        Assert.Equal(DType.Float32, single.DType);
    }

    [Fact]
    public void Printing()
    {
        #region tensors-print
        Tensor x = new double[,] { { 1, -2.5 }, { 10, 0.125 } };
        string text = x.ToString();
        #endregion
        Assert.Equal("[[ 1.000, -2.500],\n [10.000,  0.125]]", text);
    }
}

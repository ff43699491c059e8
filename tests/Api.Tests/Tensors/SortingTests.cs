using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

public class SortingTests
{
    [Fact]
    public void Sorting_is_stable_and_puts_NaN_last_in_both_directions()
    {
        var x = Tensor.Of(2, double.NaN, 1, 2, double.NegativeInfinity, double.PositiveInfinity, 1, double.NaN);
        Assert.Equal([4L, 2, 6, 0, 3, 5, 1, 7], x.ArgSort().ToArray<long>());
        Assert.Equal([5L, 0, 3, 2, 6, 4, 1, 7], x.ArgSort(descending: true).ToArray<long>());
        Assert.Equal([0L, 1, 2], Tensor.Of(0, -0.0, 0).ArgSort().ToArray<long>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(1000)]
    [InlineData(4097)]
    public void The_order_agrees_with_a_stable_sort(int n)
    {
        var random = new Random(n);
        var values = Enumerable.Range(0, n).Select(_ => (double)random.Next(n / 3 + 1)).ToArray();
        var order = Enumerable.Range(0, n).OrderBy(i => values[i]).Select(i => (long)i).ToArray();
        Assert.Equal(order, Tensor.FromArray(values).ArgSort().ToArray<long>());
        Assert.Equal(order, Tensor.FromArray(values).Cast(DType.Int32).ArgSort().ToArray<long>());
        var falling = Enumerable.Range(0, n).OrderByDescending(i => values[i]).Select(i => (long)i).ToArray();
        Assert.Equal(falling, Tensor.FromArray(values).ArgSort(0, true).ToArray<long>());
    }

    [Fact]
    public void Every_element_type_sorts_by_value()
    {
        long[] whole = [long.MinValue, -1, 0, 1, long.MaxValue];
        Assert.Equal(whole, Tensor.FromArray(whole.Reverse().ToArray()).Sort().Values.ToArray<long>());
        Assert.Equal([int.MinValue, -5, 7], Tensor.FromArray(new[] { 7, int.MinValue, -5 }).Sort().Values.ToArray<int>());
        Assert.Equal([0, 200, 255], Tensor.FromArray(new byte[] { 255, 0, 200 }).Sort().Values.ToArray<byte>());
        Assert.Equal([false, true, true], Tensor.FromArray(new[] { true, false, true }).Sort().Values.ToArray<bool>());
        float[] narrow = [float.NegativeInfinity, -float.MaxValue, -float.Epsilon, 0, float.Epsilon, 1, float.PositiveInfinity, float.NaN];
        Assert.Equal(narrow, Tensor.FromArray(narrow.Reverse().ToArray()).Sort().Values.ToArray<float>());
        double[] wide = [double.NegativeInfinity, -1e300, -double.Epsilon, 0, double.Epsilon, 1e300, double.PositiveInfinity, double.NaN];
        Assert.Equal(wide, Tensor.FromArray(wide.Reverse().ToArray()).Sort().Values.ToArray<double>());
        Assert.Equal(wide.Take(7).Reverse().Append(double.NaN), Tensor.FromArray(wide).Sort(descending: true).Values.ToArray<double>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void The_first_of_many_are_those_of_the_whole_order(int k)
    {
        var random = new Random(k);
        var x = Tensor.FromArray(Enumerable.Range(0, 3 * 400 * 2).Select(_ => random.Next(20) == 0 ? double.NaN : random.Next(60)).ToArray()).Reshape(3, 400, 2);
        foreach (var largest in new[] { true, false })
        {
            var whole = x.ArgSort(1, largest).Narrow(1, 0, k);
            Assert.Equal(whole.ToArray<long>(), x.TopK(k, 1, largest).Indices.ToArray<long>());
        }
    }

    [Fact]
    public void Sorting_along_an_axis_moves_gradients_back()
    {
        var x = Tensor.FromArray(new double[,] { { 3, 1 }, { 2, 4 } });
        var (values, indices) = x.Sort(0);
        Assert.Equal(new double[,] { { 2, 1 }, { 3, 4 } }, values.ToArray2D<double>());
        Assert.Equal(new long[,] { { 1, 0 }, { 0, 1 } }, indices.ToArray2D<long>());
        Assert.Equal(new double[,] { { 3, 1 }, { 1, 3 } }, Diff.Gradient(z => (z.MSort() * Tensor.Of(1, 3).ExpandDims(1)).SumToSize(), x).ToArray2D<double>());
        Assert.Equal(5.0, Tensor.Scalar(5).Sort().Values.ToDouble());
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Sort(2));
    }

    [Fact]
    public void The_largest_and_the_smallest()
    {
        var x = Tensor.Of(1, 5, double.NaN, 5, 3);
        var (values, indices) = x.TopK(3);
        Assert.Equal([5.0, 5, 3], values.ToArray());
        Assert.Equal([1L, 3, 4], indices.ToArray<long>());
        Assert.Equal([1.0, 3], x.TopK(2, largest: false).Values.ToArray());
        Assert.Equal(0, x.TopK(0).Values.Count);
        Assert.Equal([0.0, 1, 0, 0, 0], Diff.Gradient(z => z.TopK(1).Values.SumToSize(), x).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => x.TopK(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.TopK(-1));
    }

    [Fact]
    public void Distinct_values_with_their_places_and_counts()
    {
        var (values, inverse, counts) = Tensor.FromArray(new double[,] { { 3, 1 }, { 3, double.NaN }, { 2, double.NaN } }).Unique();
        Assert.Equal([1.0, 2, 3, double.NaN], values.ToArray());
        Assert.Equal(new long[,] { { 2, 0 }, { 2, 3 }, { 1, 3 } }, inverse.ToArray2D<long>());
        Assert.Equal([1L, 1, 2, 2], counts.ToArray<long>());

        var rows = Tensor.FromArray(new[,] { { 1, 2 }, { 0, 5 }, { 1, 2 } }).Unique(0);
        Assert.Equal(new[,] { { 0, 5 }, { 1, 2 } }, rows.Values.ToArray2D<int>());
        Assert.Equal([1L, 0, 1], rows.Inverse.ToArray<long>());
        Assert.Equal([1L, 2], rows.Counts.ToArray<long>());
        Assert.Equal([false, true], Tensor.FromArray(new[] { true, false, true }).Unique().Values.ToArray<bool>());
    }

    [Fact]
    public void Bins_and_places_in_sorted_rows()
    {
        var sorted = Tensor.Of(1, 3, 3, 5);
        var values = Tensor.Of(0, 1, 3, 4, 6, double.NaN);
        Assert.Equal([0L, 0, 1, 3, 4, 4], Tensor.SearchSorted(sorted, values).ToArray<long>());
        Assert.Equal([0L, 1, 3, 3, 4, 4], Tensor.SearchSorted(sorted, values, right: true).ToArray<long>());
        Assert.Equal([0L, 0, 1, 3, 4, 4], values.Bucketize(sorted).ToArray<long>());
        var rows = Tensor.FromArray(new double[,] { { 1, 2 }, { 10, 20 } });
        Assert.Equal(new long[,] { { 2 }, { 0 } }, Tensor.SearchSorted(rows, Tensor.FromArray(new double[,] { { 5 }, { 5 } })).ToArray2D<long>());
        var jumbled = Tensor.Of(5, 1, 3, 3);
        Assert.Equal(Tensor.SearchSorted(sorted, values).ToArray(), Tensor.SearchSorted(jumbled, values, sorter: jumbled.ArgSort()).ToArray());
        Assert.Throws<ArgumentException>(() => Tensor.SearchSorted(rows, Tensor.Of(1)));
        Assert.Throws<ArgumentException>(() => values.Bucketize(rows));
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Sparse;

/// <summary>Patterns, compressed-row matrices and colourings by themselves.</summary>
public class SparsityPatternTests
{
    private static SparsityPattern Random(int seed, int rows, int columns, double density)
    {
        var random = new Random(seed);
        return SparsityPattern.FromCoordinates(rows, columns,
            from i in Enumerable.Range(0, rows) from j in Enumerable.Range(0, columns) where random.NextDouble() < density select (i, j));
    }

    private static SparsityPattern Symmetric(int seed, int n, double density)
    {
        var half = Random(seed, n, n, density);
        return half.Union(half.Transpose());
    }

    [Fact]
    public void Coordinates_come_in_any_order_and_count_once()
    {
        var pattern = SparsityPattern.FromCoordinates(2, 4, [(1, 3), (0, 2), (1, 0), (1, 3)]);
        Assert.Equal([0, 1, 3], pattern.RowOffsets.ToArray());
        Assert.Equal([2, 0, 3], pattern.ColumnIndices.ToArray());
        Assert.Equal(3, pattern.Count);
        Assert.True(pattern.Contains(0, 2));
        Assert.False(pattern.Contains(0, 3));
        Assert.Equal([0, 3], pattern.Row(1).ToArray());
    }

    [Fact]
    public void The_text_is_a_picture() =>
        Assert.Equal($"2 by 3, 2 places that may differ from zero{Environment.NewLine}× · ·{Environment.NewLine}· · ×",
            SparsityPattern.FromCoordinates(2, 3, [(0, 0), (1, 2)]).ToString());

    [Fact]
    public void Transposing_twice_gives_the_pattern()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var pattern = Random(seed, seed % 7, (seed * 3) % 11, 0.3);
            Assert.Equal(pattern, pattern.Transpose().Transpose());
            Assert.Equal(pattern.GetHashCode(), pattern.Transpose().Transpose().GetHashCode());
            foreach (var (i, j) in Places(pattern)) Assert.True(pattern.Transpose().Contains(j, i));
        }
    }

    private static IEnumerable<(int, int)> Places(SparsityPattern pattern)
    {
        for (int i = 0; i < pattern.Rows; i++)
            foreach (int j in pattern.Row(i).ToArray()) yield return (i, j);
    }

    [Fact]
    public void A_union_has_the_places_of_both_and_no_others()
    {
        var (a, b) = (Random(1, 6, 5, 0.3), Random(2, 6, 5, 0.3));
        Assert.Equal(Places(a).Union(Places(b)).Order(), Places(a.Union(b)));
        Assert.True(a.IsSubsetOf(a.Union(b)));
        Assert.Same(a, a.Union(a));
        Assert.NotEqual(a, b);
    }

    [Theory]
    [InlineData(new[] { 0, 1 }, new[] { 0, 1 }, "rowOffsets")]
    [InlineData(new[] { 0, 2, 1, 2 }, new[] { 0, 1 }, "rowOffsets")]
    [InlineData(new[] { 0, 2 }, new[] { 1, 0 }, "columnIndices")]
    [InlineData(new[] { 0, 1 }, new[] { 3 }, "columnIndices")]
    [InlineData(new int[0], new int[0], "rowOffsets")]
    public void Compressed_rows_that_are_none_are_refused(int[] offsets, int[] indices, string name) =>
        Assert.Equal(name, Assert.Throws<ArgumentException>(() => SparsityPattern.FromRows(3, offsets, indices)).ParamName);

    [Fact]
    public void Compressed_rows_come_back_as_given()
    {
        var pattern = Random(5, 4, 6, 0.4);
        Assert.Equal(pattern, SparsityPattern.FromRows(6, pattern.RowOffsets, pattern.ColumnIndices));
    }

    [Fact]
    public void A_place_outside_is_an_error()
    {
        Assert.Contains("(2, 0)", Assert.Throws<ArgumentException>(() => SparsityPattern.FromCoordinates(2, 2, [(2, 0)])).Message);
        var pattern = SparsityPattern.Dense(2, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => pattern.Contains(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => pattern.Row(-1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => SparsityPattern.Dense(-1, 2));
        Assert.Throws<ArgumentException>(() => pattern.Union(SparsityPattern.Dense(2, 3)));
    }

    // ---- matrices

    [Fact]
    public void Products_and_the_transpose_are_those_of_the_dense_matrix()
    {
        var pattern = Random(3, 5, 4, 0.5);
        var random = new Random(4);
        var values = Enumerable.Range(0, pattern.Count).Select(_ => random.NextDouble() - 0.5).ToArray();
        var matrix = CsrMatrix.Of(pattern, values);
        Tensor dense = matrix.ToTensor();
        double[] x = [1, -2, 0.5, 3], w = [2, 0, -1, 1, 0.25];
        AssertClose(Tensor.MatMul(dense, Tensor.Of(x)).ToArray(), matrix.Multiply(x));
        AssertClose(Tensor.MatMul(dense.T, Tensor.Of(w)).ToArray(), matrix.TransposeMultiply(w));
        Assert.Equal(dense.T.ToArray(), matrix.Transpose().ToTensor().ToArray());
        var sparse = matrix.ToMatrix();
        for (int i = 0; i < 5; i++)
            for (int j = 0; j < 4; j++)
            {
                Assert.Equal(matrix[i, j], sparse[i, j]);
                Assert.Equal(matrix[i, j], dense[i, j].ToDouble());
            }
    }

    private static void AssertClose(double[] expected, double[] got)
    {
        Assert.Equal(expected.Length, got.Length);
        for (int k = 0; k < got.Length; k++) Assert.Equal(expected[k], got[k], 1e-14);
    }

    [Fact]
    public void Numbers_that_do_not_fit_a_matrix_are_refused()
    {
        var pattern = SparsityPattern.Dense(2, 3);
        Assert.Equal("values", Assert.Throws<ArgumentException>(() => CsrMatrix.Of(pattern, [1, 2])).ParamName);
        var matrix = CsrMatrix.Of(pattern, [1, 2, 3, 4, 5, 6]);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => matrix.Multiply([1, 2])).ParamName);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => matrix.TransposeMultiply([1, 2, 3])).ParamName);
    }

    // ---- colours

    public static TheoryData<int, int, int, double> Shapes => new()
    {
        { 0, 0, 0, 1 }, { 1, 1, 1, 1 }, { 2, 1, 1, 0 }, { 3, 5, 0, 1 }, { 4, 0, 5, 1 }, { 5, 1, 9, 1 }, { 6, 9, 1, 1 },
        { 7, 12, 12, 0.1 }, { 8, 12, 12, 0.5 }, { 9, 20, 30, 0.08 }, { 10, 30, 20, 0.08 }, { 11, 40, 40, 0.03 }, { 12, 6, 6, 1 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Colours_of_columns_and_rows_separate_every_place(int seed, int rows, int columns, double density)
    {
        var pattern = Random(seed, rows, columns, density);
        foreach (var order in Enum.GetValues<ColoringOrder>())
        {
            var byColumns = Coloring.OfColumns(pattern, order);
            Assert.True(byColumns.Separates(pattern), $"{order}: {byColumns}");
            Assert.InRange(byColumns.Count, LongestRow(pattern), columns);
            // written out: two columns of one colour meet in no row
            for (int i = 0; i < rows; i++)
            {
                var colors = pattern.Row(i).ToArray().Select(j => byColumns.Colors[j]).ToArray();
                Assert.Equal(colors.Length, colors.Distinct().Count());
            }
            for (int j = 0; j < columns; j++) Assert.Equal(pattern.Transpose().Row(j).Length == 0, byColumns.Colors[j] < 0);
            var byRows = Coloring.OfRows(pattern, order);
            Assert.True(byRows.Separates(pattern), $"{order}: {byRows}");
            Assert.InRange(byRows.Count, LongestRow(pattern.Transpose()), rows);
        }
    }

    [Fact]
    public void Star_colours_leave_no_path_of_four_with_two_colours()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            int n = 2 + seed % 14;
            var pattern = Symmetric(seed, n, 0.05 + 0.4 * (seed % 5) / 5);
            foreach (var order in Enum.GetValues<ColoringOrder>())
            {
                var coloring = Coloring.OfSymmetric(pattern, order);
                int[] color = coloring.Colors.ToArray();
                int[] Neighbours(int v) => [.. pattern.Row(v).ToArray().Where(w => w != v)];
                for (int a = 0; a < n; a++)
                    foreach (int b in Neighbours(a))
                    {
                        Assert.NotEqual(color[a], color[b]);
                        foreach (int c in Neighbours(b))
                            foreach (int d in Neighbours(c))
                                if (a != c && b != d && a != d)
                                    Assert.False(color[a] == color[c] && color[b] == color[d], $"seed {seed}, {order}: {a}-{b}-{c}-{d} in {coloring}\n{pattern}");
                    }
                Assert.True(coloring.Separates(pattern), $"seed {seed}: {coloring}\n{pattern}");
            }
        }
    }

    private static int LongestRow(SparsityPattern pattern)
    {
        int longest = 0;
        for (int i = 0; i < pattern.Rows; i++) longest = Math.Max(longest, pattern.Row(i).Length);
        return longest;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_band_takes_as_many_colours_as_it_is_wide(int half)
    {
        const int n = 200;
        var band = SparsityPattern.FromCoordinates(n, n,
            from i in Enumerable.Range(0, n) from j in Enumerable.Range(i - half, 2 * half + 1) where j is >= 0 and < n select (i, j));
        Assert.Equal(2 * half + 1, Coloring.OfColumns(band, ColoringOrder.Automatic).Count);
        Assert.Equal(2 * half + 1, Coloring.OfRows(band, ColoringOrder.Automatic).Count);
        // symmetric recovery may need fewer, never more
        Assert.InRange(Coloring.OfSymmetric(band, ColoringOrder.Automatic).Count, half + 1, 2 * half + 1);
    }

    [Fact]
    public void An_arrow_takes_two_symmetric_colours_where_columns_take_all()
    {
        const int n = 5000;
        var arrow = SparsityPattern.FromCoordinates(n, n,
            Enumerable.Range(0, n).SelectMany(i => new[] { (i, i), (0, i), (i, 0) }));
        Assert.Equal(n, Coloring.OfColumns(arrow, ColoringOrder.Automatic).Count);
        Assert.Equal(2, Coloring.OfSymmetric(arrow, ColoringOrder.LargestFirst).Count);
        Assert.True(Coloring.OfSymmetric(arrow, ColoringOrder.Automatic).Separates(arrow));
    }

    [Fact]
    public void A_star_colouring_wants_a_symmetric_pattern()
    {
        var pattern = SparsityPattern.FromCoordinates(2, 2, [(0, 1)]);
        Assert.False(pattern.IsSymmetric);
        Assert.Contains("Transpose", Assert.Throws<ArgumentException>(() => Coloring.OfSymmetric(pattern, ColoringOrder.Natural)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Coloring.OfColumns(pattern, (ColoringOrder)9));
    }

    [Fact]
    public void A_colouring_says_when_it_does_not_fit()
    {
        var diagonal = SparsityPattern.FromCoordinates(3, 3, [(0, 0), (1, 1), (2, 2)]);
        var one = Coloring.OfColumns(diagonal, ColoringOrder.Natural);
        Assert.Equal(1, one.Count);
        Assert.False(one.Separates(SparsityPattern.Dense(3, 3)));
        Assert.False(one.Separates(SparsityPattern.Dense(3, 4)));
        Assert.Equal("1 colours for 3 columns: 0 0 0", one.ToString());
    }
}

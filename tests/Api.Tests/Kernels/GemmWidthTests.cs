using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

/// <summary>The products of every width of register, all on this machine: where the processor lacks a width, the runtime computes it otherwise.</summary>
[Collection("Parallelism")]
public sealed class GemmWidthTests
{
    private static readonly int[] Few = [0, 1, 3, 17, 65];

    public static TheoryData<int, int, int> Sizes()
    {
        var data = new TheoryData<int, int, int>();
        foreach (var m in Few)
            foreach (var n in Few)
                foreach (var k in Few) data.Add(m, n, k);
        // unpacked, lean on either side, and packed, each with whole and broken tiles and with one and more stretches of the sum
        (int, int, int)[] more =
        [
            (63, 64, 65), (64, 65, 63), (257, 17, 65), (3, 257, 257), (257, 3, 257), (17, 257, 257), (257, 257, 17), (1, 257, 257), (257, 1, 257),
            (2, 2000, 800), (7, 900, 700), (9, 900, 700), (700, 9, 900), (257, 257, 257),
        ];
        foreach (var (m, n, k) in more) data.Add(m, n, k);
        return data;
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Every_width_agrees_with_sums_in_higher_precision(int m, int n, int k)
    {
        var random = new Random(m * 10007 + n * 101 + k);
        double[] a = Numbers(random, m * k), b = Numbers(random, k * n), c = Numbers(random, m * n);
        double[] a32 = Rounded(a), b32 = Rounded(b), c32 = Rounded(c);
        foreach (var (alpha, beta) in new[] { (1.0, 0.0), (1.5, -0.75) })
        {
            var (exact, bound) = Reference(m, n, k, alpha, a, b, beta, c);
            var (exact32, bound32) = Reference(m, n, k, alpha, a32, b32, beta, c32);
            foreach (var (transA, transB) in new[] { (false, false), (true, false), (false, true), (true, true) })
            {
                foreach (var lanes in new[] { 8, 4, 2 })
                    Close(exact, bound, Multiply<DoubleFamily, double>(lanes, transA, transB, m, n, k, alpha, a, b, beta, c), Math.BitIncrement(1.0) - 1, k, $"float64, {lanes} lanes, {m} x {k} x {n}, transposed {transA} {transB}");
                foreach (var lanes in new[] { 16, 8, 4 })
                    Close(exact32, bound32, Multiply<SingleFamily, float>(lanes, transA, transB, m, n, k, alpha, a32, b32, beta, c32), MathF.BitIncrement(1f) - 1, k, $"float32, {lanes} lanes, {m} x {k} x {n}, transposed {transA} {transB}");
            }
        }
    }

    [Theory]
    [InlineData(4, 4, 4), InlineData(17, 33, 65), InlineData(3, 600, 500), InlineData(200, 210, 400)]
    public void The_width_of_the_registers_does_not_change_a_bit_of_a_matrix(int m, int n, int k)
    {
        var random = new Random(m);
        double[] a = Numbers(random, m * k), b = Numbers(random, k * n), c = new double[m * n];
        var widest = Multiply<DoubleFamily, double>(8, false, false, m, n, k, 1, a, b, 0, c);
        foreach (var lanes in new[] { 4, 2 }) Assert.Equal(widest, Multiply<DoubleFamily, double>(lanes, false, false, m, n, k, 1, a, b, 0, c));
    }

    [Theory]
    [InlineData(200, 300, 100), InlineData(2, 2000, 800), InlineData(2000, 3, 800), InlineData(1, 2000, 1500), InlineData(2000, 1, 1500), InlineData(170, 140, 150), InlineData(65, 900, 300)]
    public void The_number_of_threads_does_not_change_a_bit_on_any_way(int m, int n, int k)
    {
        var before = Parallelism.MaxThreads;
        var random = new Random(n);
        double[] a = Numbers(random, m * k), b = Numbers(random, k * n), c = Numbers(random, m * n);
        try
        {
            foreach (var (transA, transB) in new[] { (false, false), (true, false), (false, true), (true, true) })
            {
                Parallelism.MaxThreads = 1;
                var alone = Multiply<DoubleFamily, double>(DoubleFamily.Widest, transA, transB, m, n, k, 1, a, b, 0.5, c);
                var alone32 = Multiply<SingleFamily, float>(SingleFamily.Widest, transA, transB, m, n, k, 1, a, b, 0.5, c);
                foreach (var threads in new[] { 2, 3, 5 })
                {
                    Parallelism.MaxThreads = threads;
                    Assert.Equal(alone, Multiply<DoubleFamily, double>(DoubleFamily.Widest, transA, transB, m, n, k, 1, a, b, 0.5, c));
                    Assert.Equal(alone32, Multiply<SingleFamily, float>(SingleFamily.Widest, transA, transB, m, n, k, 1, a, b, 0.5, c));
                }
            }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Fact]
    public void A_non_number_or_an_infinity_reaches_its_row_and_column_and_nothing_else()
    {
        foreach (var n in new[] { 3, 17, 65, 180 })
        {
            var a = Enumerable.Repeat(1.0, n * n).ToArray();
            var b = Enumerable.Repeat(1.0, n * n).ToArray();
            a[(n - 1) * n] = double.NaN;
            b[n - 1] = double.PositiveInfinity;
            var c = Multiply<DoubleFamily, double>(DoubleFamily.Widest, false, false, n, n, n, 1, a, b, 0, new double[n * n]);
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++)
                    Assert.Equal(i == n - 1 ? double.NaN : j == n - 1 ? double.PositiveInfinity : n, c[i * n + j]);
        }
    }

    private static double[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1)];

    private static double[] Rounded(double[] x) => Array.ConvertAll(x, v => (double)(float)v);

    /// <summary>The product by the library, with stored rows longer than needed and numbers beyond every edge that would show if they were read or written.</summary>
    private static double[] Multiply<F, T>(int lanes, bool transA, bool transB, int m, int n, int k, double alpha, double[] a, double[] b, double beta, double[] c)
        where F : struct, IProductFamily<T> where T : unmanaged, INumber<T>
    {
        const int pad = 3;
        var x = Stored<T>(a, m, k, transA, pad);
        var z = Stored<T>(b, k, n, transB, pad);
        var y = Stored<T>(c, m, n, false, pad);
        Gemm.Multiply<F, T>(lanes, transA, transB, m, n, k, T.CreateChecked(alpha), x, (transA ? m : k) + pad, z, (transB ? k : n) + pad, T.CreateChecked(beta), y, n + pad);
        for (var i = 0; i < m; i++)
            for (var q = 0; q < pad; q++) Assert.True(T.IsNaN(y[i * (n + pad) + n + q]), "an element behind a row of C was overwritten");
        return [.. from i in Enumerable.Range(0, m) from j in Enumerable.Range(0, n) select double.CreateChecked(y[i * (n + pad) + j])];
    }

    private static T[] Stored<T>(double[] x, int rows, int columns, bool transposed, int pad) where T : unmanaged, INumber<T>
    {
        var (height, width) = transposed ? (columns, rows) : (rows, columns);
        var y = new T[height * (width + pad)];
        Array.Fill(y, T.CreateChecked(double.NaN));
        for (var i = 0; i < height; i++)
            for (var j = 0; j < width; j++) y[i * (width + pad) + j] = T.CreateChecked(transposed ? x[j * columns + i] : x[i * columns + j]);
        return y;
    }

    /// <summary>The result by compensated sums (twice the precision: Ogita, Rump and Oishi, "Accurate sum and dot product", 2005), and the sum of the magnitudes
    /// of what was added.</summary>
    private static (double[] Exact, double[] Magnitude) Reference(int m, int n, int k, double alpha, double[] a, double[] b, double beta, double[] c)
    {
        double[] exact = new double[m * n], magnitude = new double[m * n];
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++)
            {
                double sum = 0, error = 0, size = 0;
                for (var p = 0; p < k; p++)
                {
                    double x = a[i * k + p], y = b[p * n + j], product = x * y, next = sum + product, part = next - sum;
                    error += Math.FusedMultiplyAdd(x, y, -product) + (sum - (next - part)) + (product - part);
                    sum = next;
                    size += Math.Abs(product);
                }
                exact[i * n + j] = alpha * (sum + error) + beta * c[i * n + j];
                magnitude[i * n + j] = Math.Abs(alpha) * size + Math.Abs(beta * c[i * n + j]);
            }
        return (exact, magnitude);
    }

    /// <summary>Within the bound that holds for every order of summation: (k + 3) roundings of the magnitudes (Higham, "Accuracy and Stability of Numerical Algorithms", 3.5).</summary>
    private static void Close(double[] exact, double[] magnitude, double[] got, double epsilon, int k, string story)
    {
        for (var i = 0; i < exact.Length; i++)
            Assert.True(Math.Abs(got[i] - exact[i]) <= (k + 3) * epsilon / 2 * magnitude[i] + 2e-16 * Math.Abs(exact[i]), $"{story}: element {i} is {got[i]:R}, should be {exact[i]:R}");
    }
}

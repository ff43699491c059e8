using System;
using System.Linq;
using DiffLib.Api.Tests.Checking;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

[Collection("Parallelism")]
public sealed class GemmTests
{
    [Theory]
    [InlineData(false, false), InlineData(true, false), InlineData(false, true), InlineData(true, true)]
    public void Products_of_every_small_size_agree_with_the_definition(bool transA, bool transB)
    {
        int[] sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 23, 24, 25, 31, 40];
        foreach (var m in sizes)
            foreach (var n in sizes)
                foreach (var k in sizes) Agrees(transA, transB, m, n, k, 0);
    }

    [Theory]
    [InlineData(80, 80, 80), InlineData(65, 241, 257), InlineData(500, 33, 300), InlineData(9, 500, 520), InlineData(3, 200, 700), InlineData(700, 3, 200), InlineData(1, 300, 900)]
    [InlineData(300, 1, 900), InlineData(130, 260, 777), InlineData(8, 24, 2000), InlineData(481, 241, 10)]
    [InlineData(32, 128, 512), InlineData(40, 350, 300), InlineData(17, 150, 900)]
    public void Products_of_large_and_lean_sizes_agree_with_the_definition(int m, int n, int k)
    {
        foreach (var transA in new[] { false, true })
            foreach (var transB in new[] { false, true }) Agrees(transA, transB, m, n, k, 3);
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        var before = Parallelism.MaxThreads;
        try
        {
            foreach (var (m, n, k) in new[] { (200, 200, 200), (65, 700, 300), (700, 65, 300), (129, 131, 1000) })
            {
                var random = new Random(m + n);
                var a = Enumerable.Range(0, m * k).Select(_ => random.NextDouble() - 0.5).ToArray();
                var b = Enumerable.Range(0, k * n).Select(_ => random.NextDouble() - 0.5).ToArray();
                Parallelism.MaxThreads = 1;
                var alone = new double[m * n];
                Gemm.Multiply(false, false, m, n, k, 1, a, k, b, n, 0, alone, n);
                foreach (var threads in new[] { 2, 3, 5 })
                {
                    Parallelism.MaxThreads = threads;
                    var together = new double[m * n];
                    Gemm.Multiply(false, false, m, n, k, 1, a, k, b, n, 0, together, n);
                    Assert.Equal(alone, together);
                }
            }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Fact]
    public void Beta_zero_ignores_what_the_result_held()
    {
        foreach (var (m, n, k) in new[] { (3, 3, 3), (1, 5, 4), (5, 1, 4), (100, 100, 100), (4, 4, 0) })
        {
            var c = Enumerable.Repeat(double.NaN, m * n).ToArray();
            Gemm.Multiply(false, false, m, n, k, 1, new double[m * k], Math.Max(k, 1), new double[k * n], n, 0, c, n);
            Assert.All(c, v => Assert.Equal(0, v));
        }
    }

    [Fact]
    public void A_product_added_to_another_has_the_bits_of_their_sum()
    {
        foreach (var (m, n, k) in new[] { (1, 40, 30), (40, 1, 30), (3, 3, 3), (8, 100, 176), (32, 128, 60), (24, 170, 176), (128, 512, 32), (180, 190, 176), (200, 9, 100) })
            foreach (var transA in new[] { false, true })
                foreach (var transB in new[] { false, true })
                {
                    var random = new Random(m + n + k);
                    double[] Some(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
                    double[] a = Some(m * k), b = Some(k * n), sum = Some(m * n), product = new double[m * n];
                    Gemm.Multiply(transA, transB, m, n, k, 1, a, transA ? m : k, b, transB ? k : n, 0, product, n);
                    var expected = sum.Zip(product, (s, p) => s + p).ToArray();
                    Gemm.Multiply(transA, transB, m, n, k, 1, a, transA ? m : k, b, transB ? k : n, 1, sum, n);
                    Assert.True(expected.SequenceEqual(sum), $"{m} x {k} x {n}, transposed {transA} {transB}");
                }
    }

    [Fact]
    public void Small_products_allocate_nothing()
    {
        var a = new double[64 * 64];
        var c = new double[64 * 64];
        int[] sizes = [1, 4, 16, 64];
        Assert.Equal(0, Measured.Bytes(() =>
        {
            foreach (var n in sizes) Gemm.Multiply(false, true, n, n, n, 1, a, n, a, n, 0, c, n);
        }));
    }

    [Fact]
    public void Storage_that_does_not_fit_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Gemm.Multiply(false, false, 2, 2, 2, 1, new double[4], 1, new double[4], 2, 0, new double[4], 2));
        Assert.Equal("a", error.ParamName);
        error = Assert.Throws<ArgumentException>(() => Gemm.Multiply(false, true, 2, 3, 2, 1f, new float[4], 2, new float[5], 2, 0, new float[6], 3));
        Assert.Equal("b", error.ParamName);
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(false, false, -1, 2, 2, 1, new double[4], 2, new double[4], 2, 0, new double[4], 2));
    }

    private static void Agrees(bool transA, bool transB, int m, int n, int k, int pad)
    {
        int lda = (transA ? m : k) + pad + 1, ldb = (transB ? k : n) + pad + 1, ldc = n + pad + 1;
        var random = new Random(m * 10007 + n * 101 + k);
        var a = Enumerable.Range(0, (transA ? k : m) * lda).Select(_ => (double)random.Next(-8, 9)).ToArray();
        var b = Enumerable.Range(0, (transB ? n : k) * ldb).Select(_ => (double)random.Next(-8, 9)).ToArray();
        var c = Enumerable.Range(0, m * ldc).Select(_ => (double)random.Next(-8, 9)).ToArray();
        foreach (var (alpha, beta) in new[] { (1.0, 0.0), (-2.0, 1.0), (0.5, -4.0) })
        {
            // Small integers: every sum is exact, in float32 too, whatever its order.
            var expected = (double[])c.Clone();
            for (var i = 0; i < m; i++)
                for (var j = 0; j < n; j++)
                {
                    var s = 0.0;
                    for (var p = 0; p < k; p++) s += (transA ? a[p * lda + i] : a[i * lda + p]) * (transB ? b[j * ldb + p] : b[p * ldb + j]);
                    expected[i * ldc + j] = alpha * s + beta * c[i * ldc + j];
                }
            var got = (double[])c.Clone();
            Gemm.Multiply(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, got, ldc);
            Assert.True(expected.SequenceEqual(got), $"float64 {m} x {k} x {n}, transposed {transA} {transB}, alpha {alpha}, beta {beta}");
            var single = Array.ConvertAll(c, v => (float)v);
            Gemm.Multiply(transA, transB, m, n, k, (float)alpha, Array.ConvertAll(a, v => (float)v), lda, Array.ConvertAll(b, v => (float)v), ldb, (float)beta, single, ldc);
            Assert.True(expected.Select(v => (float)v).SequenceEqual(single), $"float32 {m} x {k} x {n}, transposed {transA} {transB}, alpha {alpha}, beta {beta}");
        }
    }
}

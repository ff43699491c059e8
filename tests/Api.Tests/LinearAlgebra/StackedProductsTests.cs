using System;
using System.Linq;
using DiffLib.Api.Tests.Checking;
using DiffLib.Kernels;
using Xunit;
using static DiffLib.Api.Tests.LinearAlgebra.Calculus;

namespace DiffLib.Api.Tests.LinearAlgebra;

[Collection("Parallelism")]
public sealed class StackedProductsTests
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public void A_stack_of_products_has_the_bits_of_its_members_on_any_number_of_threads(int threads)
    {
        var before = Parallelism.MaxThreads;
        Tensor a = Sample(1, 7, 1, 40, 48), b = Sample(2, 5, 48, 40), turned = Tensor.Einsum("tij->tji", Sample(3, 5, 40, 48));
        try
        {
            Parallelism.MaxThreads = threads;
            foreach (var right in new[] { b, turned })
            {
                var all = a.MatMul(right);
                Assert.Equal([7, 5, 40, 40], all.Shape.ToArray());
                for (var i = 0; i < 7; i++)
                    for (var j = 0; j < 5; j++)
                        Assert.Equal(Numbers(a[i, 0].MatMul(right[j])), Numbers(all[i, j]));
            }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Fact]
    public void A_stack_of_transposed_views_is_multiplied_without_a_copy()
    {
        var before = Parallelism.MaxThreads;
        Parallelism.MaxThreads = 1;
        try
        {
            Tensor a = Sample(1, 64, 32, 48), b = Sample(2, 64, 32, 48), steps = Sample(3, 64, 48, 40)[.., .., 4..36];
            Tensor at = Tensor.Einsum("tij->tji", a), bt = Tensor.Einsum("tij->tji", b);
            foreach (var (left, right) in new[] { (a, bt), (at, b), (bt, a), (a, steps) })
            {
                long result = sizeof(double) * left.Shape[0] * left.Shape[1] * right.Shape[2];
                var allocated = Measured.Bytes(() => left.MatMul(right), enough: result + 4096);
                Assert.True(allocated <= result + 4096, $"{left.Shape} by {right.Shape}: {allocated} bytes allocated, of which the result needs {result}");
            }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Fact]
    public void Einsum_and_tensordot_multiply_transposed_matrices_without_a_copy()
    {
        Tensor a = Sample(1, 200, 150), b = Sample(2, 200, 170);
        const long result = 150 * 170 * sizeof(double);
        foreach (var product in new Func<Tensor>[] { () => Tensor.Einsum("ki,kj->ij", a, b), () => Tensor.TensorDot(a, b, [0], [0]), () => a.T.MatMul(b) })
            Assert.InRange(Measured.Bytes(() => product(), enough: result + 16384), result, result + 16384);
    }
}

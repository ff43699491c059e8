using System;
using Xunit;
using static DiffLib.Api.Tests.LinearAlgebra.Calculus;

namespace DiffLib.Api.Tests.LinearAlgebra;

public class EinsumTests
{
    [Fact]
    public void A_letter_twice_is_a_diagonal_and_a_letter_left_out_is_summed()
    {
        var a = Tensor.FromArray([1.0, 2, 3, 4], 2, 2);
        Assert.Equal([1, 4], Numbers(Tensor.Einsum("ii->i", a)));
        Assert.Equal(5, Tensor.Einsum("ii", a).ToDouble());
        Assert.Equal([3, 7], Numbers(Tensor.Einsum("ij->i", a)));
        Assert.Equal(10, Tensor.Einsum("ij->", a).ToDouble());
        var cube = Sample(1, 3, 3, 3);
        Assert.Equal(cube[1, 1, 1].ToDouble(), Tensor.Einsum("iii->i", cube)[1].ToDouble());
    }

    [Fact]
    public void Without_an_arrow_the_result_is_alphabetical() =>
        Assert.Equal(0, Apart(Tensor.Einsum("ba", Sample(1, 2, 3)), Tensor.Einsum("ba->ab", Sample(1, 2, 3))));

    [Fact]
    public void An_ellipsis_broadcasts()
    {
        var (a, b) = (Sample(1, 5, 1, 2, 3), Sample(2, 4, 3, 2));
        Assert.True(Apart(Tensor.Einsum("...ij,...jk->...ik", a, b), Tensor.MatMul(a, b)) < 1e-14);
        Assert.True(Apart(Tensor.Einsum("...ij,...jk", a, b), Tensor.MatMul(a, b)) < 1e-14);
        Assert.Equal(new Shape(2, 5, 4), Tensor.Einsum("i...,i->i...", Sample(1, 2, 5, 4), Sample(2, 2)).Shape);
    }

    [Fact]
    public void Many_operands_agree_with_one_pair_at_a_time()
    {
        var (a, b, c, d) = (Sample(1, 4, 5), Sample(2, 5, 6), Sample(3, 6, 4), Sample(4, 4));
        var want = Tensor.Einsum("ik,k,ki->", Tensor.MatMul(a, b).MatMul(c), d, Identity(4));
        Assert.Equal(want.ToDouble(), Tensor.Einsum("ij,jl,lk,k,ki->", a, b, c, d, Identity(4)).ToDouble(), 12);
    }

    [Fact]
    public void Derivatives_agree_with_differences()
    {
        var b = Sample(9, 3, 2);
        CheckDerivatives(x => Tensor.Einsum("iij,jk->ik", x, b), Sample(1, 2, 2, 3));
        CheckDerivatives(x => Tensor.Einsum("ij,kj,ij->k", x, x, x), Sample(2, 3, 3));
    }

    [Theory]
    [InlineData("ij,jk->ik", 1)]
    [InlineData("ijk->i", 1)]
    [InlineData("i->i", 1)]
    [InlineData("ij->ii", 1)]
    [InlineData("ij->k", 1)]
    [InlineData("i1->i", 1)]
    [InlineData("ii->i", 1)]
    public void An_equation_that_does_not_fit_is_an_argument_error(string equation, int operands)
    {
        var xs = new Tensor[operands];
        Array.Fill(xs, Sample(1, 2, 3));
        var e = Assert.Throws<ArgumentException>(() => Tensor.Einsum(equation, xs));
        Assert.Contains(equation, e.Message);
    }

    [Fact]
    public void Sizes_of_one_letter_must_agree() => Assert.Throws<ArgumentException>(() => Tensor.Einsum("ij,jk->ik", Sample(1, 2, 3), Sample(2, 4, 2)));
}

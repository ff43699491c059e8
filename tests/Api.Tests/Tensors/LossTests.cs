using System;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Losses: known values, extreme scores, and what is refused.</summary>
public sealed class LossTests
{
    [Fact]
    public void Cross_entropy_of_equal_scores_is_the_logarithm_of_the_number_of_classes()
    {
        var loss = Tensor.CrossEntropy(Tensor.Zeros(4, 3), Tensor.FromArray([0, 1, 2, 0]));
        Assert.Equal(Math.Log(3), loss.ToDouble(), 1e-15);
    }

    [Fact]
    public void Class_numbers_and_their_distributions_have_the_same_loss_and_gradient()
    {
        var logits = Tensor.FromArray(new[,] { { 0.3, -1.2, 2.0 }, { 1.5, 0.1, -0.4 } });
        var classes = Tensor.FromArray([2, 0]);
        var distributions = Tensor.OneHot(classes, 3);
        Assert.Equal(Tensor.CrossEntropy(logits, distributions).ToDouble(), Tensor.CrossEntropy(logits, classes).ToDouble(), 1e-15);
        var gradient = Diff.Gradient(x => Tensor.CrossEntropy(x, classes), logits);
        Assert.True(Tensor.AllClose(gradient, (logits.Softmax() - distributions) / 2, 0, 1e-15));
        Assert.True(Tensor.AllClose(gradient, Diff.Gradient(x => Tensor.CrossEntropy(x, distributions), logits), 0, 1e-15));
    }

    [Fact]
    public void Extreme_scores_have_finite_losses_and_gradients()
    {
        var logits = Tensor.FromArray(new[,] { { 1e4, -1e4, double.NegativeInfinity } });
        Assert.Equal(0, Tensor.CrossEntropy(logits, Tensor.FromArray([0])).ToDouble());
        Assert.Equal(2e4, Tensor.CrossEntropy(logits, Tensor.FromArray([1])).ToDouble());
        Assert.Equal([1.0, -1, 0], Diff.Gradient(x => Tensor.CrossEntropy(x, Tensor.FromArray([1])), logits).ToArray<double>());
        var binary = Tensor.Of(-1e4, 1e4, double.PositiveInfinity);
        Assert.Equal([1e4, 0, 0], Tensor.BinaryCrossEntropyWithLogits(binary, Tensor.Of(1, 1, 1), reduction: LossReduction.None).ToArray<double>());
        Assert.Equal([-1.0, 0, 0], Diff.Gradient(x => Tensor.BinaryCrossEntropyWithLogits(x, Tensor.Of(1, 1, 1), reduction: LossReduction.Sum), binary).ToArray<double>());
    }

    [Fact]
    public void Ignored_elements_count_neither_in_the_sum_nor_in_the_mean()
    {
        var logits = Tensor.FromArray(new[,] { { 1.0, 0 }, { 0, 5 }, { 3, 1 } });
        var all = Tensor.CrossEntropy(logits[..2], Tensor.FromArray([0, 1]));
        Assert.Equal(all.ToDouble(), Tensor.CrossEntropy(logits, Tensor.FromArray([0, 1, -1]), ignoreIndex: -1).ToDouble(), 1e-15);
    }

    [Fact]
    public void Hubers_loss_is_a_parabola_near_zero_with_curvature_one_also_at_zero()
    {
        var zero = Tensor.Of(0.0);
        Assert.Equal([0.125, 1.5, 1.5], Tensor.Huber(Tensor.Of(0.5, 2, -2), Tensor.Of(0, 0, 0), reduction: LossReduction.None).ToArray<double>());
        Assert.Equal(1, Diff.NthDerivative(x => Tensor.Huber(x, Tensor.Scalar(0)), 2, 0));
        Assert.Equal(0, Diff.NthDerivative(x => Tensor.Huber(x, Tensor.Scalar(0)), 2, 3));
        Assert.Equal(0, Diff.Gradient(x => Tensor.AbsoluteError(x, zero), zero).ToDouble());
    }

    [Fact]
    public void Broadcasting_a_target_by_mistake_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Tensor.SquaredError(Tensor.Zeros(3, 1), Tensor.Zeros(3)));
        Assert.Equal("target", error.ParamName);
        Assert.Contains("[3, 1]", error.Message);
        Assert.Contains("[3]", error.Message);
    }

    [Fact]
    public void A_class_that_does_not_exist_is_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.CrossEntropy(Tensor.Zeros(2, 3), Tensor.FromArray([0, 3])));
        Assert.Contains("class 3", error.Message);
        Assert.Throws<ArgumentException>(() => Tensor.CrossEntropy(Tensor.Zeros(2, 3), Tensor.FromArray([0, 1, 2])));
        Assert.Throws<ArgumentException>(() => Tensor.CrossEntropy(Tensor.Zeros(2, 3), Tensor.FromArray([0, 1]), Tensor.Of(1, 1)));
    }
}

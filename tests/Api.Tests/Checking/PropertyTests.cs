using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using static DiffLib.Api.Tests.Checking.Sample;

namespace DiffLib.Api.Tests.Checking;

/// <summary>Derivatives as properties: generated inputs, shrunk failures, replay.</summary>
public class PropertyTests
{
    private static Tensor Wrong(Tensor x) => Weighted(Pulled(Tensor.Cos, (x, _, w) => w * Tensor.Sin(x))(x));

    [Fact]
    public void Right_gradients_hold_at_every_shape() => CheckProperty.Gradient(x => Weighted(Tensor.Sin(x) * x));

    [Fact]
    public void Right_Jacobians_and_Hessians_hold_at_every_shape()
    {
        CheckProperty.Jacobian(x => Tensor.Exp(x) * x, new() { MaxTest = 40, MaxElements = 20 });
        CheckProperty.Hessian(x => Weighted(Tensor.Tanh(x) * x), new() { MaxTest = 40, MaxElements = 10 });
    }

    [Fact]
    public void Right_rules_hold_at_every_shape() => CheckProperty.Rule(Diff.WithRule(x => x * x, pull: (x, _, w) => 2 * w * x), new() { MaxTest = 40, MaxElements = 20 });

    [Fact]
    public void Domains_that_end_are_kept() => CheckProperty.Gradient(x => Weighted(Tensor.Log(x)), new() { Domain = (0.0, double.PositiveInfinity) });

    [Fact]
    public void Kinks_are_skipped() => CheckProperty.Gradient(x => Weighted(Tensor.Abs(x)), new() { Special = [0] });

    [Fact]
    public void A_wrong_gradient_shrinks_to_one_short_number()
    {
        var e = Assert.Throws<PropertyFailedException>(() => CheckProperty.Gradient(Wrong));
        Assert.Equal(1, e.Input!.Count);
        Assert.Equal(0, e.Input.Rank);
        Assert.Equal(1, e.Input.ToDouble());
        Assert.Contains("sign is wrong", e.Report!.Diagnosis);
        Assert.Contains("the derivative is wrong at", e.Message);
        Assert.Contains(e.Replay, e.Message);
    }

    [Fact]
    public void A_mistake_that_needs_two_axes_keeps_two_axes()
    {
        static Tensor OnlyMatrices(Tensor x) => x.Rank < 2 ? Weighted(Tensor.Sin(x)) : Wrong(x);
        var e = Assert.Throws<PropertyFailedException>(() => CheckProperty.Gradient(OnlyMatrices));
        Assert.Equal([1, 1], e.Input!.Shape.ToArray());
    }

    [Fact]
    public void The_replay_meets_the_same_failure()
    {
        var e = Assert.Throws<PropertyFailedException>(() => CheckProperty.Gradient(Wrong));
        var again = Assert.Throws<PropertyFailedException>(() => CheckProperty.Gradient(Wrong, new() { Replay = e.Replay }));
        Assert.Equal(e.Input!.ToString(), again.Input!.ToString());
        Assert.Throws<ArgumentException>(() => CheckProperty.Gradient(Wrong, new() { Replay = "nonsense" }));
    }

    [Fact]
    public void A_property_that_nowhere_could_be_checked_does_not_hold() =>
        Assert.Contains("too few", Assert.Throws<PropertyFailedException>(() => CheckProperty.Gradient(x => Weighted(Tensor.Log(-1 - x * x)), new() { Sizes = [1, 2] })).Message);

    [Fact]
    public void Generated_tensors_have_the_shapes_and_values_asked_for()
    {
        var options = new PropertyOptions { Domain = (0.5, 8), Sizes = [1, 2, 5], MinRank = 1, MaxRank = 3, MaxElements = 50 };
        var drawn = TensorArbitrary.Create(options).Generator.Sample(400).ToList();
        Assert.All(drawn, x => Assert.True(x.Rank is >= 1 and <= 3 && x.Count is >= 1 and <= 50));
        Assert.Equal([1, 2, 3], drawn.Select(x => x.Rank).Distinct().Order());
        var elements = drawn.SelectMany(x => x.ToArray<double>()).ToList();
        Assert.All(elements, v => Assert.InRange(v, 0.5, 8));
        Assert.InRange(elements.Count(v => v is 0.99 or 1.01) / (double)elements.Count, 0.05, 0.15);
    }

    [Fact]
    public void Distinct_elements_keep_their_distance()
    {
        var drawn = TensorArbitrary.Create(new() { Distinct = true, Shape = new Shape(17) }).Generator.Sample(20);
        Assert.All(drawn, x =>
        {
            var sorted = x.ToArray<double>().Order().ToArray();
            Assert.All(sorted.Zip(sorted.Skip(1)), p => Assert.True(p.Second - p.First > 0.1));
        });
    }

    [Fact]
    public void Options_that_leave_nothing_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TensorArbitrary.Create(new() { Domain = (1, 1) }));
        Assert.Throws<ArgumentException>(() => TensorArbitrary.Create(new() { Sizes = [] }));
        Assert.Throws<ArgumentException>(() => TensorArbitrary.Create(new() { MinRank = 3, MaxRank = 2 }));
        Assert.Throws<ArgumentNullException>("f", () => CheckProperty.Gradient(null!));
    }
}

using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/custom-rules.md.</summary>
public class CustomRulesSnippets
{
    [Fact]
    public void A_rule_for_one_tensor()
    {
        #region rules-pull
        var softplus = Diff.WithRule(
            x => Tensor.Log(1 + Tensor.Exp(x)),
            pull: (x, y, w) => w * Tensor.Sigmoid(x),
            name: "softplus");

        double far = Diff.Derivative(softplus, at: 100.0);                                // 1; by the formula alone it is ∞/∞ from x = 710 on
        double second = Diff.Derivative(Diff.Derivative(softplus), Tensor.Scalar(0)).ToDouble();    // 1/4
        #endregion
        Assert.Equal(1, far);
        Assert.Equal(0.25, second, 1e-15);
        Assert.Equal(1, Diff.Derivative(softplus, at: 1000.0));
    }

    [Fact]
    public void Either_map_is_enough()
    {
        #region rules-push
        var cube = Diff.WithRule(x => x * x * x, push: (x, y, dx) => 3 * x * x * dx);
        Tensor gradient = Diff.Gradient(x => cube(x).Sum(), Tensor.Of(1, 2));    // reverse mode, from the forward rule: [3, 12]
        #endregion
        Expect.Equal([2], [3, 12], gradient);
    }

    [Fact]
    public void Clipping_as_a_rule()
    {
        #region rules-clip
        var clipped = Diff.WithRule(x => x, pull: (x, y, w) => Tensor.Clamp(w, -1, 1), name: "clip");
        Tensor gradient = Diff.Gradient(x => (clipped(x) * Tensor.Of(0.5, 100)).Sum(), Tensor.Of(1, 1));    // [0.5, 1]
        #endregion
        Expect.Equal([2], [0.5, 1], gradient);
    }

    [Fact]
    public void Several_inputs()
    {
        #region rules-many
        var geometricMean = new CustomRule(
            "geometric mean",
            value: xs => Tensor.Sqrt(xs[0] * xs[1]),
            pull: (xs, y, w) => [0.5 * w * y / xs[0], 0.5 * w * y / xs[1]]);

        var (da, db) = Diff.Gradient((a, b) => geometricMean.Apply(a, b), (Tensor.Scalar(4), Tensor.Scalar(9)));
        #endregion
        Expect.Number(0.75, da);
        Expect.Number(1.0 / 3, db);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Requirements;

/// <summary>Functions, networks and their gradients: rows A2 to A7, B3, C13, C17, C18.</summary>
public class NetworkTests
{
    private static readonly Tensor X = Tensor.Of(0.5, -1);

    /// <summary>The weights of three layers.</summary>
    private sealed record Net(Tensor W1, Tensor W2, Tensor W3)
    {
        public static readonly Net Given = new(new double[,] { { .1, .2 }, { -.3, .4 }, { .5, -.6 } }, new double[,] { { .2, -.1, .4 }, { .3, .5, -.2 } }, new double[,] { { .7, -.8 } });
    }

    private static Tensor Forward(Net net, Func<Tensor, Tensor> s)
    {
        var h1 = s(Tensor.MatMul(net.W1, X));
        var h2 = s(Tensor.MatMul(net.W2, h1));
        return s(Tensor.MatMul(net.W3, h2)).Sum();
    }

    private static void DemandNumbersOfA5(Tensor y, Net gradient)
    {
        EveryWay.Near(0.493015646674, y.ToDouble(), 1e-11);
        EveryWay.Near([0.145785570763, 0.136291680347], gradient.W3.Ravel(), 1e-11);
        EveryWay.Near([0.019672495342, 0.015559728203, 0.029794191666, -0.022934409925, -0.018139701077, -0.034734394045], gradient.W2.Ravel(), 1e-11);
        EveryWay.Near([-0.000791586844, 0.001583173688, -0.003369106388, 0.006738212776, 0.002824333876, -0.005648667752], gradient.W1.Ravel(), 1e-11);
        Assert.Equal((new Shape(3, 2), new Shape(2, 3), new Shape(1, 2)), (gradient.W1.Shape, gradient.W2.Shape, gradient.W3.Shape));
    }

    [Fact]
    public void A2_the_loss_by_norms_is_their_sum_and_flat_where_the_fit_is_exact()
    {
        Tensor x = new double[,] { { 0 }, { 1 } }, y = new double[,] { { 1 }, { 5 } };
        Tensor Loss(Tensor theta) => (theta[0] * x + theta[1] - y).Norm(2, axis: 1).Sum();
        var theta = Tensor.Of(2, 1);
        Assert.Equal(2, Loss(theta).ToDouble());
        var slope = Tensor.Of(1.3, 0.4);
        var numeric = Enumerable.Range(0, 2).Select(k => EveryWay.Ridders(t => Loss(slope + t * EveryWay.Unit(slope, k)).ToDouble(), 0)).ToArray();
        EveryWay.Gradient(numeric, Loss, slope, 1e-6);

        // the second pair is fitted exactly by (4, 1): both terms are at their kink there
        EveryWay.Gradient([0, 0], Loss, Tensor.Of(4, 1));
        EveryWay.Gradient([-2 * 2 / 2.0, -2 * 2 / 2.0], t => Tensor.SquaredError(t[0] * x + t[1], y), theta, 1e-15);
    }

    [Fact]
    public void A3_gradient_descent_on_a_parabola()
    {
        Tensor w = 0.0;
        for (var k = 0; k < 100; k++) w -= 0.1 * Diff.Gradient(v => Tensor.Square(v - 3), w);
        EveryWay.Near(3 * (1 - Math.Pow(0.8, 100)), w.ToDouble(), 1e-9);
    }

    [Fact]
    public void A5_three_layers_by_all_three_weights_at_once()
    {
        var (y, gradient) = Diff.ValueAndGradient((Net net) => Forward(net, Tensor.Sigmoid), Net.Given);
        DemandNumbersOfA5(y, gradient);

        var (w1, w2, w3) = Diff.Gradient((Tensor a, Tensor b, Tensor c) => Forward(new(a, b, c), Tensor.Sigmoid), (Net.Given.W1, Net.Given.W2, Net.Given.W3));
        DemandNumbersOfA5(y, new(w1, w2, w3));
    }

    [Fact]
    public void A6_a_sigmoid_of_ones_own_with_a_rule_of_ones_own()
    {
        Func<Tensor, Tensor> plain = x => 1 / (1 + Tensor.Exp(-x));
        Func<Tensor, Tensor>[] own =
        [
            plain,
            Diff.WithRule(plain, push: (x, y, dx) => y * (1 - y) * dx),
            Diff.WithRule(plain, pull: (x, y, w) => y * (1 - y) * w),
            Diff.WithRule(plain, push: (x, y, dx) => y * (1 - y) * dx, pull: (x, y, w) => y * (1 - y) * w),
        ];
        foreach (var s in own)
        {
            var (y, gradient) = Diff.ValueAndGradient((Net net) => Forward(net, s), Net.Given);
            DemandNumbersOfA5(y, gradient);
            foreach (var (_, way) in EveryWay.All)
                EveryWay.Near(gradient.W2.Ravel().ToArray(), way(w => Forward(Net.Given with { W2 = w }, s))(Net.Given.W2).Ravel(), 1e-15);
        }
    }

    [Fact]
    public void A7_intermediate_results_by_name()
    {
        static (Tensor, Dictionary<string, Tensor>) Traced(Net net)
        {
            var h1 = Tensor.Sigmoid(Tensor.MatMul(net.W1, X));
            var h2 = Tensor.Sigmoid(Tensor.MatMul(net.W2, h1));
            return (Tensor.Sigmoid(Tensor.MatMul(net.W3, h2)).Sum(), new() { ["h1"] = h1, ["h2"] = h2 });
        }

        var (y, gradient, layers) = Diff.ValueAndGradientWithAux(Traced, Net.Given);
        DemandNumbersOfA5(y, gradient);
        EveryWay.Near([0.462570154656, 0.365864408989, 0.700567142474], layers["h1"], 1e-12);
        Assert.Equal(new Shape(2), layers["h2"].Shape);

        // on a tape an intermediate result is a source as well
        using var tape = new GradientTape();
        var (value, recorded) = Traced(tape.Watch(Net.Given));
        var byH1 = tape.Gradient(value, recorded["h1"]);
        var direct = Diff.Gradient(h => Tensor.Sigmoid(Tensor.MatMul(Net.Given.W3, Tensor.Sigmoid(Tensor.MatMul(Net.Given.W2, h)))).Sum(), layers["h1"]);
        EveryWay.Same(direct, byH1);
    }

    [Fact]
    public void B3_the_tape_and_the_functional_gradient_give_the_same_bits()
    {
        var (y, functional) = Diff.ValueAndGradient((Net net) => Forward(net, Tensor.Sigmoid), Net.Given);
        using var tape = new GradientTape();
        var watched = tape.Watch(Net.Given);
        var value = Forward(watched, Tensor.Sigmoid);
        var taped = tape.Gradient(value, watched);
        DemandNumbersOfA5(value, taped);
        EveryWay.Same(y, Diff.StopGradient(value));
        EveryWay.Same(functional.W1, taped.W1);
        EveryWay.Same(functional.W2, taped.W2);
        EveryWay.Same(functional.W3, taped.W3);
    }

    private sealed record TwoLayers(Tensor W1, Tensor B1, Tensor W2, Tensor B2);

    [Fact]
    public void C13_back_propagation_and_one_step_of_descent()
    {
        Tensor x = Tensor.Of(1, -2), t = Tensor.Of(1, 0, -1);
        var theta = new TwoLayers(new double[,] { { .5, -.25 }, { .1, .3 }, { -.4, .2 } }, Tensor.Of(.1, -.2, .3), new double[,] { { .6, -.1, .2 }, { -.3, .8, .5 }, { .7, .4, -.9 } }, Tensor.Of(.05, -.15, .25));
        Tensor Hidden(TwoLayers p) => Tensor.Sigmoid(Tensor.MatMul(p.W1, x) + p.B1);
        Tensor Output(TwoLayers p) => Tensor.MatMul(p.W2, Hidden(p)) + p.B2;
        Tensor Loss(TwoLayers p) => 0.5 * Tensor.Square(Output(p) - t).Sum();

        var (loss, g) = Diff.ValueAndGradient(Loss, theta);
        EveryWay.Near(1.3372933858283, loss.ToDouble(), 1e-12);
        EveryWay.Near([-0.343256771988, -0.151809743557, -0.172731283857, 0.059377149039, 0.026260311534, 0.029879355696, 1.176498149229, 0.520321511199, 0.592029210652], g.W2.Ravel(), 1e-11);
        EveryWay.Near([-0.457517025666, 0.079142084986, 1.568120363131], g.B2, 1e-11);
        EveryWay.Near([0.149789367616, -0.299578735232, 0.163250185234, -0.326500370469, -0.343866993867, 0.687733987734], g.W1.Ravel(), 1e-11);
        EveryWay.Near([0.149789367616, 0.163250185234, -0.343866993867], g.B1, 1e-11);

        // dl/dW2 = (dl/dy) s(W1 x + b1)ᵀ
        EveryWay.Near(Tensor.Outer(Output(theta) - t, Hidden(theta)).Ravel().ToArray(), g.W2.Ravel(), 1e-15);
        var next = ParameterTree.Map((p, d) => p - 0.1 * d, theta, g);
        EveryWay.Near(0.6343256771988, next.W2[0, 0].ToDouble(), 1e-12);
    }

    [Fact]
    public void C17_the_chain_rule_in_both_groupings()
    {
        Tensor a = new double[,] { { 1, -2 }, { 0.5, 3 }, { -1, 0.7 } };
        Tensor H(Tensor x) => Tensor.Sin(Tensor.MatMul(a, x));
        static Tensor G(Tensor h) => h * h.Sum() + Tensor.Exp(0.3 * h);
        static Tensor F(Tensor g) => Tensor.Log(1 + Tensor.Square(g)).Sum();
        Tensor Composed(Tensor x) => F(G(H(x)));
        var x = Tensor.Of(0.4, -0.9);

        var (h, g) = (H(x), G(H(x)));
        var (dh, dg, df) = (Diff.Jacobian(H, x), Diff.Jacobian(G, h), Diff.Jacobian(F, g));
        var left = Tensor.MatMul(Tensor.MatMul(df, dg), dh);
        var right = Tensor.MatMul(df, Tensor.MatMul(dg, dh));
        EveryWay.Near(left.ToArray(), right, 1e-12, "groupings");
        EveryWay.Near(left.ToArray(), Diff.Jacobian(Composed, x, JacobianMode.Forward), 1e-12, "forward");
        EveryWay.Near(left.ToArray(), Diff.Jacobian(Composed, x, JacobianMode.Reverse), 1e-12, "reverse");
        EveryWay.Gradient(left.ToArray(), Composed, x, 1e-12);
    }

    [Fact]
    public void C18_adjoints_of_a_regression_exactly()
    {
        using var tape = new GradientTape(persistent: true);
        Tensor theta1 = tape.Watch(10_000.0), theta2 = tape.Watch(123.0);
        var c1 = theta2 * 2500;
        var predicted = c1 + theta1;
        var c2 = predicted - 360_000;
        var loss = c2 * c2;
        Assert.Equal(317_500, predicted.ToDouble());
        Assert.Equal(1.80625e9, loss.ToDouble());
        foreach (var source in new[] { c2, predicted, c1, theta1 }) Assert.Equal(-85_000, tape.Gradient(loss, source).ToDouble());
        Assert.Equal(-212_500_000, tape.Gradient(loss, theta2).ToDouble());
    }
}

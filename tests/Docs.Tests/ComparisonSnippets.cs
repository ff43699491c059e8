using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/comparison.md: one net, three styles, the same numbers.</summary>
public class ComparisonSnippets
{
    private static readonly Tensor X = Tensor.Of(0.5, -1);

    #region comparison-net
    record Net(Tensor W1, Tensor W2, Tensor W3)
    {
        public Tensor Apply(Tensor x)
        {
            Tensor h1 = Tensor.Sigmoid(W1.MatMul(x));
            Tensor h2 = Tensor.Sigmoid(W2.MatMul(h1));
            return Tensor.Sigmoid(W3.MatMul(h2));
        }
    }

    static readonly Net Start = new(
        W1: new double[,] { { 0.1, 0.2 }, { -0.3, 0.4 }, { 0.5, -0.6 } },
        W2: new double[,] { { 0.2, -0.1, 0.4 }, { 0.3, 0.5, -0.2 } },
        W3: new double[,] { { 0.7, -0.8 } });
    #endregion

    private static void IsTheGradient(Net gradient)
    {
        Expect.Elements(gradient.W3, 1e-11, 0.145785570763, 0.136291680347);
        Expect.Elements(gradient.W2, 1e-11, 0.019672495342, 0.015559728203, 0.029794191666, -0.022934409925, -0.018139701077, -0.034734394045);
        Expect.Elements(gradient.W1, 1e-11, -0.000791586844, 0.001583173688, -0.003369106388, 0.006738212776, 0.002824333876, -0.005648667752);
    }

    [Fact]
    public void As_a_function()
    {
        var x = X;
        #region comparison-function
        var (y, gradient) = Diff.ValueAndGradient(net => net.Apply(x), Start);    // y = 0.493015646674; gradient is a Net
        #endregion
        Expect.Elements(y, 1e-11, 0.493015646674);
        IsTheGradient(gradient);
    }

    [Fact]
    public void Define_by_run()
    {
        var x = X;
        #region comparison-tape
        using var tape = new GradientTape();
        Net net = tape.Watch(Start);
        Tensor h1 = Tensor.Sigmoid(net.W1.MatMul(x));
        Tensor h2 = Tensor.Sigmoid(net.W2.MatMul(h1));
        Tensor y = Tensor.Sigmoid(net.W3.MatMul(h2));
        Net gradient = tape.Gradient(y, net);
        #endregion
        Expect.Elements(h1, 1e-11, 0.462570154656, 0.365864408989, 0.700567142474);
        Expect.Elements(y, 1e-11, 0.493015646674);
        IsTheGradient(gradient);
    }

    [Fact]
    public void Recorded_once()
    {
        var x = X;
        #region comparison-recorded
        var (y, pull) = Diff.Vjp((Net net) => net.Apply(x), Start);    // evaluated and recorded once
        Net gradient = pull(Tensor.Of(1));                             // swept back, as often as asked
        Net tenfold = pull(Tensor.Of(10));
        #endregion
        Expect.Elements(y, 1e-11, 0.493015646674);
        IsTheGradient(gradient);
        IsTheGradient(ParameterTree.Map(g => g / 10, tenfold));
    }

    [Fact]
    public void With_a_sigmoid_of_ones_own()
    {
        var x = X;
        #region comparison-rule
        var sigmoid = Diff.WithRule(x => 1 / (1 + Tensor.Exp(-x)), pull: (x, y, w) => w * y * (1 - y));
        Net gradient = Diff.Gradient(net => sigmoid(net.W3.MatMul(sigmoid(net.W2.MatMul(sigmoid(net.W1.MatMul(x)))))), Start);
        #endregion
        IsTheGradient(gradient);
    }

    [Fact]
    public void Two_layers_trained_by_hand()
    {
        Tensor x = Tensor.Of(1, -2), t = Tensor.Of(1, 0, -1);
        Tensor w1 = new double[,] { { .5, -.25 }, { .1, .3 }, { -.4, .2 } }, b1 = Tensor.Of(.1, -.2, .3);
        Tensor w2 = new double[,] { { .6, -.1, .2 }, { -.3, .8, .5 }, { .7, .4, -.9 } }, b2 = Tensor.Of(.05, -.15, .25);
        #region comparison-step
        var start = (W1: w1, B1: b1, W2: w2, B2: b2);
        var (loss, g) = Diff.ValueAndGradient(
            p =>
            {
                Tensor y = p.W2.MatMul(Tensor.Sigmoid(p.W1.MatMul(x) + p.B1)) + p.B2;
                return 0.5 * ((y - t) * (y - t)).Sum();
            },
            start);
        var next = ParameterTree.Map((p, dp) => p - 0.1 * dp, start, g);    // a step of gradient descent
        #endregion
        Expect.Elements(loss, 1e-11, 1.3372933858283);
        Expect.Elements(g.W2, 1e-11, -0.343256771988, -0.151809743557, -0.172731283857, 0.059377149039, 0.026260311534, 0.029879355696, 1.176498149229, 0.520321511199, 0.592029210652);
        Expect.Elements(g.B2, 1e-11, -0.457517025666, 0.079142084986, 1.568120363131);
        Expect.Elements(g.W1, 1e-11, 0.149789367616, -0.299578735232, 0.163250185234, -0.326500370469, -0.343866993867, 0.687733987734);
        Expect.Elements(g.B1, 1e-11, 0.149789367616, 0.163250185234, -0.343866993867);
        Assert.Equal(0.6343256771988, next.W2[0, 0].ToDouble(), 1e-12);
    }
}

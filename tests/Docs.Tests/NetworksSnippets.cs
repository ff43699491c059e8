using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/networks.md.</summary>
public class NetworksSnippets
{
    [Fact]
    public void Convolution()
    {
        #region networks-convolution
        Tensor images = Tensor.RandomNormal(RandomKey.FromSeed(1), new[] { 2, 3, 8, 8 });
        Tensor kernel = Tensor.RandomNormal(RandomKey.FromSeed(2), new[] { 4, 3, 3, 3 });
        Tensor same = Nn.Conv2D(images, kernel, padding: WindowPadding.Same);                   // [2, 4, 8, 8]
        Tensor half = Nn.Conv2D(images, kernel, stride: 2, padding: 1);                         // [2, 4, 4, 4]
        Tensor back = Nn.ConvTranspose2D(half, kernel, stride: 2, padding: 1, outputPadding: 1); // [2, 3, 8, 8]
        Tensor slope = Diff.Gradient(k => Tensor.Square(Nn.Conv2D(images, k, padding: (1, 1))).Sum(), kernel);
        #endregion
        Assert.Equal(new Shape(2, 4, 8, 8), same.Shape);
        Assert.Equal(new Shape(2, 4, 4, 4), half.Shape);
        Assert.Equal(images.Shape, back.Shape);
        Assert.Equal(kernel.Shape, slope.Shape);
        // f is quadratic in the kernel: its slope along the kernel is twice its value
        Assert.Equal(2 * Tensor.Square(same).Sum().ToDouble(), (slope * kernel).Sum().ToDouble(), 1e-6);
    }

    [Fact]
    public void Running_statistics()
    {
        #region networks-statistics
        Tensor batch = Tensor.RandomNormal(RandomKey.FromSeed(3), new[] { 16, 5 }, mean: 2);
        Tensor mean = Tensor.Zeros(5), variance = Tensor.Ones(5);
        (Tensor y, mean, variance) = Nn.BatchNormTraining(batch, mean, variance);               // statistics in, statistics out
        Tensor used = Nn.BatchNorm(batch, mean, variance, scale: null, shift: null);            // as in a trained network
        #endregion
        Assert.Equal(0, y.Mean().ToDouble(), 1e-12);
        Assert.True(Tensor.AllClose(mean, 0.1 * batch.Mean(0)));
        Assert.True(Tensor.AllClose(variance, 0.9 + 0.1 * batch.Var(0, ddof: 1)));
        Assert.Equal(batch.Shape, used.Shape);
    }

    [Fact]
    public void Attention_and_sequences()
    {
        #region networks-attention
        Tensor tokens = Tensor.RandomNormal(RandomKey.FromSeed(4), new[] { 2, 6, 8 });
        Tensor seen = Nn.Attention(tokens, tokens, tokens, causal: true);                       // [2, 6, 8]
        Tensor inputs = Tensor.RandomNormal(RandomKey.FromSeed(5), new[] { 10, 2, 3 });         // 10 steps
        Tensor start = Tensor.Zeros(1, 2, 4);
        var weights = new RecurrentWeights(Tensor.RandomNormal(RandomKey.FromSeed(6), new[] { 16, 3 }), Tensor.RandomNormal(RandomKey.FromSeed(7), new[] { 16, 4 }));
        var (states, last, cell) = Nn.Lstm(inputs, start, start, [weights]);
        RecurrentWeights gradient = Diff.Gradient((RecurrentWeights w) => Tensor.Square(Nn.Lstm(inputs, start, start, [w]).Output).Mean(), weights);
        #endregion
        Assert.True(Tensor.AllClose(seen[.., 0], tokens[.., 0]));
        Assert.True(Tensor.ArrayEqual(states[^1], last[0]));
        Assert.Equal(start.Shape, cell.Shape);
        Assert.Equal(weights.Hidden.Shape, gradient.Hidden.Shape);
    }
}

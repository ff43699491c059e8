using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/random.md.</summary>
public class RandomSnippets
{
    [Fact]
    public void Keys()
    {
        #region random-keys
        var key = RandomKey.FromSeed(42);
        var (weights, noise) = key.Split();
        Tensor w = Tensor.RandomNormal(weights, new[] { 3, 2 });
        Tensor again = Tensor.RandomNormal(weights, new[] { 3, 2 });      // the same numbers
        Tensor other = Tensor.RandomNormal(noise, new[] { 3, 2 });        // others
        RandomKey ofStep7 = noise.Fold(7);                                // a key for each step of a loop
        #endregion
        Assert.True(Tensor.ArrayEqual(w, again));
        Assert.False(Tensor.ArrayEqual(w, other));
        Assert.NotEqual(noise, ofStep7);
    }

    [Fact]
    public void Derivatives_through_samples()
    {
        #region random-gradient
        Tensor noise = Tensor.RandomNormal(RandomKey.FromSeed(1), new[] { 1000 });
        Tensor MeanSquare(Tensor mean, Tensor deviation)
        {
            Tensor sample = mean + deviation * noise;
            return (sample * sample).Mean();
        }

        var (byMean, byDeviation) = Diff.Gradient<Tensor, Tensor>(MeanSquare, (Tensor.Scalar(0.5), Tensor.Scalar(2)));    // near 1 and 4
        #endregion
        Assert.Equal(1, byMean.ToDouble(), 0.3);
        Assert.Equal(4, byDeviation.ToDouble(), 0.6);
    }
}

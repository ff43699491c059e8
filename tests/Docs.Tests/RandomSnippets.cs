using System;
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
    public void Compiled()
    {
        #region random-compiled
        static (Tensor, RandomKey) Step(Tensor w, RandomKey key)
        {
            var (now, next) = key.Split();
            static Tensor Loss(Tensor w, RandomKey key) => Tensor.Square(Nn.Dropout(Tensor.Tanh(w), 0.5, key)).Sum();
            return (w - 0.1 * Diff.Gradient(w => Loss(w, now), w), next);
        }

        var step = Diff.Compile<Tensor, RandomKey, (Tensor, RandomKey)>(Step);
        (Tensor w, RandomKey key) = (Tensor.Linspace(0, 1, 100), RandomKey.FromSeed(1));
        for (var k = 0; k < 10; k++) (w, key) = step(w, key);    // traced once; another mask at every step
        #endregion
        Assert.Equal(1, CompiledFunction.Of(step).TraceCount);
        var (plain, own) = (Tensor.Linspace(0, 1, 100), RandomKey.FromSeed(1));
        for (var k = 0; k < 10; k++) (plain, own) = Step(plain, own);
        Assert.Equal(own, key);
        Assert.True(Tensor.AllClose(plain, w, 1e-13, 1e-13));
    }

    [Fact]
    public void Examples()
    {
        var key = RandomKey.FromSeed(3);
        #region random-examples
        // an estimate from 50 numbers, for each of 1000 keys
        Tensor estimates = Diff.Vmap((RandomKey key) => Tensor.RandomNormal(key, new[] { 50 }).Mean())(key.SplitStack(1000));

        // a random walk: the key of each step is folded from the number of the step, which is a tensor
        static Tensor Walk(RandomKey key) =>
            Diff.ForI(0, 100, (k, x) => x + Tensor.RandomNormal(key.Fold(k), Shape.Scalar), Tensor.Scalar(0));
        #endregion
        Assert.Equal(1 / Math.Sqrt(50), estimates.Std().ToDouble(), 0.02);
        Assert.Equal(Walk(key).ToDouble(), Diff.Compile<RandomKey, Tensor>(Walk)(key).ToDouble());
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

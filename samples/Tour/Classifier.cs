using System;
using System.Linq;

namespace DiffLib.Samples.Tour;

/// <summary>One affine layer: x W + b.</summary>
internal sealed record Layer(Tensor Weight, Tensor Bias)
{
    public static Layer Random(RandomKey key, int inputs, int outputs) =>
        new(Tensor.RandomNormal(key, new[] { inputs, outputs }, standardDeviation: Math.Sqrt(1.0 / inputs)), Tensor.Zeros(outputs));

    public Tensor Apply(Tensor x) => x.MatMul(Weight) + Bias;
}

/// <summary>The model is a record: two layers with a tanh between them. Its gradient is a record of the same type.</summary>
internal sealed record Classifier(Layer Hidden, Layer Output)
{
    public static Classifier Random(RandomKey key)
    {
        var (first, second) = key.Split();
        return new(Layer.Random(first, 2, 8), Layer.Random(second, 8, 3));
    }

    /// <summary>One row of scores for each row of measures: [n, 2] to [n, 3].</summary>
    public Tensor Scores(Tensor measures) => Output.Apply(Tensor.Tanh(Hidden.Apply(Standardized(measures))));

    /// <summary>The mean cross-entropy, with a little weight decay so that the minimum is unique up to symmetry.</summary>
    public Tensor Loss(Penguins data) =>
        -(Scores(data.Measures).LogSoftmax() * data.OneHot).Sum() / data.Count
        + 1e-3 * ((Hidden.Weight * Hidden.Weight).Sum() + (Output.Weight * Output.Weight).Sum());

    /// <summary>The share of penguins whose highest score is that of their species.</summary>
    public double Accuracy(Penguins data) =>
        Scores(data.Measures).ArgMax(axis: 1).ToArray<long>().Zip(data.Species).Count(pair => pair.First == pair.Second) / (double)data.Count;

    private static Tensor Standardized(Tensor measures) => (measures - Tensor.Of(44, 17)) / Tensor.Of(5.5, 2);
}

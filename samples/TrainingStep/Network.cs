using System;

namespace DiffLib.Samples.TrainingStep;

/// <summary>Two convolutions and two dense layers. The gradient by a network is a network.</summary>
internal sealed record Network(Tensor Kernel1, Tensor Bias1, Tensor Kernel2, Tensor Bias2, Tensor Weight3, Tensor Bias3, Tensor Weight4, Tensor Bias4)
{
    public static Network Random(RandomKey key)
    {
        var keys = key.Split(4);
        Tensor Normal(int k, int inputs, params int[] shape) =>
            Tensor.RandomNormal(keys[k], shape, standardDeviation: Math.Sqrt(2.0 / inputs), dtype: DType.Float32);
        static Tensor Zeros(int n) => Tensor.Zeros(n).Cast(DType.Float32);
        return new(Normal(0, 9, 16, 1, 3, 3), Zeros(16), Normal(1, 144, 32, 16, 3, 3), Zeros(32), Normal(2, 288, 64, 288), Zeros(64), Normal(3, 64, 10, 64), Zeros(10));
    }

    /// <summary>Scores [n, 10] of images [n, 1, 14, 14]; with a key, while training, some of the features are dropped.</summary>
    public Tensor Scores(Tensor images, RandomKey? key = null)
    {
        var x = Nn.MaxPool2D(Tensor.Relu(Nn.Conv2D(images, Kernel1, Bias1, padding: 1)), 2);
        x = Nn.MaxPool2D(Tensor.Relu(Nn.Conv2D(x, Kernel2, Bias2, padding: 1)), 2).Reshape(-1, 288);
        x = Tensor.Relu(Nn.Linear(x, Weight3, Bias3));
        if (key is { } k) x = Nn.Dropout(x, 0.25, k);
        return Nn.Linear(x, Weight4, Bias4);
    }

    public Tensor Loss(Clothes batch, RandomKey key) => Tensor.CrossEntropy(Scores(batch.Images, key), batch.Classes);
}

/// <summary>Everything that a step of training changes: the network, Adam's two running means (D. Kingma and J. Ba, 2015), the number of the step, the key.</summary>
internal sealed record Training(Network Network, Network Mean, Network Square, Tensor Step, RandomKey Key)
{
    public static Training Start(RandomKey key)
    {
        var (first, next) = key.Split();
        var network = Network.Random(first);
        Network Zeros() => ParameterTree.Map(w => w * 0, network);
        return new(network, Zeros(), Zeros(), Tensor.Zeros(Shape.Scalar, DType.Float32), next);
    }

    /// <summary>The state after a step on a batch, and the loss before it. A function of tensors and a key: it runs as it is, or compiled.</summary>
    public (Training Next, Tensor Loss) After(Clothes batch, Tensor rate)
    {
        var (now, next) = Key.Split();
        var (loss, gradient) = Diff.ValueAndGradient<Network>(net => net.Loss(batch, now), Network);
        var step = Step + 1;
        var mean = ParameterTree.Map((m, g) => 0.9 * m + 0.1 * g, Mean, gradient);
        var square = ParameterTree.Map((s, g) => 0.999 * s + 0.001 * Tensor.Square(g), Square, gradient);
        // both means start at zero: divided by what they have seen of the whole
        var (whole, wholeSquare) = (1 - Tensor.Exp(Math.Log(0.9) * step), 1 - Tensor.Exp(Math.Log(0.999) * step));
        var direction = ParameterTree.Map((m, s) => m / whole / (Tensor.Sqrt(s / wholeSquare) + 1e-8), mean, square);
        return (new(ParameterTree.Map((w, d) => w - rate * d, Network, direction), mean, square, step, next), loss);
    }
}

using System;

namespace DiffLib;

/// <summary>The operations of neural networks: convolution, pooling, normalisation, attention, recurrent cells, resampling. Functions of tensors without
/// state: what a layer learns is an argument, and what it keeps (running statistics, hidden states) is returned.</summary>
/// <remarks>Images are [n, channels, ...] with channels before space. Elementwise activations and most losses are static members of <see cref="Tensor"/>.</remarks>
public static partial class Nn
{
    /// <summary>Convolution along one axis, in the sense of neural networks (the kernel is not turned round):
    /// y[n, o, p] = Σ x[n, c, p·stride + k·dilation - before] kernel[o, c, k] + bias[o].</summary>
    /// <param name="x">[n, channels, length], or without n.</param>
    /// <param name="kernel">[output channels, channels / groups, taps].</param>
    /// <param name="bias">[output channels], or null for none.</param>
    /// <param name="stride">The step from position to position; 1 by default.</param>
    /// <param name="padding">The zeros around x: a number, pairs (before, behind), <see cref="WindowPadding.Same"/>; none by default.</param>
    /// <param name="dilation">The step from tap to tap; 1 by default.</param>
    /// <param name="groups">The channels fall into so many groups that do not see each other; as many as channels is a depthwise convolution.</param>
    /// <returns>[n, output channels, (length + before + behind - dilation (taps - 1) - 1)/stride + 1].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> or <paramref name="kernel"/> is null.</exception>
    /// <exception cref="ArgumentException">Ranks, channels or sizes do not fit each other, or the kernel does not fit into x.</exception>
    public static Tensor Conv1D(Tensor x, Tensor kernel, Tensor? bias = null, PerAxis stride = default, WindowPadding padding = default, PerAxis dilation = default, int groups = 1) =>
        Convolve(nameof(Conv1D), x, kernel, bias, stride, padding, dilation, groups, 1);

    /// <summary>Convolution along two axes: y[n, o, p, q] = Σ x[n, c, ...] kernel[o, c, i, j] + bias[o].</summary>
    /// <param name="x">[n, channels, height, width], or without n.</param>
    /// <param name="kernel">[output channels, channels / groups, kernel height, kernel width].</param>
    /// <param name="bias">[output channels], or null for none.</param>
    /// <param name="stride">The step from position to position, one number or (down, across); 1 by default.</param>
    /// <param name="padding">The zeros around x: a number, (rows, columns), pairs (before, behind), <see cref="WindowPadding.Same"/>; none by default.</param>
    /// <param name="dilation">The step from tap to tap; 1 by default.</param>
    /// <param name="groups">The channels fall into so many groups that do not see each other; as many as channels is a depthwise convolution.</param>
    /// <returns>[n, output channels, rows, columns] with sizes as for <see cref="Conv1D"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> or <paramref name="kernel"/> is null.</exception>
    /// <exception cref="ArgumentException">Ranks, channels or sizes do not fit each other, or the kernel does not fit into x.</exception>
    public static Tensor Conv2D(Tensor x, Tensor kernel, Tensor? bias = null, PerAxis stride = default, WindowPadding padding = default, PerAxis dilation = default, int groups = 1) =>
        Convolve(nameof(Conv2D), x, kernel, bias, stride, padding, dilation, groups, 2);

    /// <summary>Convolution along three axes.</summary>
    /// <param name="x">[n, channels, depth, height, width], or without n.</param>
    /// <param name="kernel">[output channels, channels / groups, and three axes of taps].</param>
    /// <param name="bias">[output channels], or null for none.</param>
    /// <param name="stride">The step from position to position, one number or three; 1 by default.</param>
    /// <param name="padding">The zeros around x: a number, three, pairs (before, behind), <see cref="WindowPadding.Same"/>; none by default.</param>
    /// <param name="dilation">The step from tap to tap; 1 by default.</param>
    /// <param name="groups">The channels fall into so many groups that do not see each other.</param>
    /// <returns>[n, output channels, and three sizes as for <see cref="Conv1D"/>].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> or <paramref name="kernel"/> is null.</exception>
    /// <exception cref="ArgumentException">Ranks, channels or sizes do not fit each other, or the kernel does not fit into x.</exception>
    public static Tensor Conv3D(Tensor x, Tensor kernel, Tensor? bias = null, PerAxis stride = default, WindowPadding padding = default, PerAxis dilation = default, int groups = 1) =>
        Convolve(nameof(Conv3D), x, kernel, bias, stride, padding, dilation, groups, 3);

    /// <summary>The transpose of <see cref="Conv1D"/> in its input, for the same kernel and settings: it takes what that gives, and gives what that takes.</summary>
    /// <param name="x">[n, channels, length], or without n.</param>
    /// <param name="kernel">[channels, output channels / groups, taps]: the kernel of the convolution that is transposed.</param>
    /// <param name="bias">[output channels], or null for none.</param>
    /// <param name="stride">That of the convolution: here the step between the places where kernels are laid; 1 by default.</param>
    /// <param name="padding">That of the convolution: here what is cut off the result; none by default.</param>
    /// <param name="outputPadding">Added to the size of the result behind, to choose among the sizes that the convolution maps to that of x; 0 by default.</param>
    /// <param name="dilation">The step from tap to tap; 1 by default.</param>
    /// <param name="groups">The channels fall into so many groups that do not see each other.</param>
    /// <returns>[n, output channels, (length - 1) stride - before - behind + dilation (taps - 1) + outputPadding + 1].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> or <paramref name="kernel"/> is null.</exception>
    /// <exception cref="ArgumentException">Ranks, channels or sizes do not fit each other, or the padding takes away more than there is.</exception>
    public static Tensor ConvTranspose1D(Tensor x, Tensor kernel, Tensor? bias = null, PerAxis stride = default, WindowPadding padding = default, PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1) =>
        Transposed(nameof(ConvTranspose1D), x, kernel, bias, stride, padding, outputPadding, dilation, groups, 1);

    /// <summary>The transpose of <see cref="Conv2D"/> in its input, for the same kernel and settings: it takes what that gives, and gives what that takes.</summary>
    /// <param name="x">[n, channels, height, width], or without n.</param>
    /// <param name="kernel">[channels, output channels / groups, kernel height, kernel width]: the kernel of the convolution that is transposed.</param>
    /// <param name="bias">[output channels], or null for none.</param>
    /// <param name="stride">That of the convolution; 1 by default.</param>
    /// <param name="padding">That of the convolution: here what is cut off the result; none by default.</param>
    /// <param name="outputPadding">Added to the sizes of the result behind; 0 by default.</param>
    /// <param name="dilation">The step from tap to tap; 1 by default.</param>
    /// <param name="groups">The channels fall into so many groups that do not see each other.</param>
    /// <returns>[n, output channels, and two sizes as for <see cref="ConvTranspose1D"/>].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> or <paramref name="kernel"/> is null.</exception>
    /// <exception cref="ArgumentException">Ranks, channels or sizes do not fit each other, or the padding takes away more than there is.</exception>
    public static Tensor ConvTranspose2D(Tensor x, Tensor kernel, Tensor? bias = null, PerAxis stride = default, WindowPadding padding = default, PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1) =>
        Transposed(nameof(ConvTranspose2D), x, kernel, bias, stride, padding, outputPadding, dilation, groups, 2);

    /// <summary>The transpose of <see cref="Conv3D"/> in its input, for the same kernel and settings: it takes what that gives, and gives what that takes.</summary>
    /// <param name="x">[n, channels, depth, height, width], or without n.</param>
    /// <param name="kernel">[channels, output channels / groups, and three axes of taps]: the kernel of the convolution that is transposed.</param>
    /// <param name="bias">[output channels], or null for none.</param>
    /// <param name="stride">That of the convolution; 1 by default.</param>
    /// <param name="padding">That of the convolution: here what is cut off the result; none by default.</param>
    /// <param name="outputPadding">Added to the sizes of the result behind; 0 by default.</param>
    /// <param name="dilation">The step from tap to tap; 1 by default.</param>
    /// <param name="groups">The channels fall into so many groups that do not see each other.</param>
    /// <returns>[n, output channels, and three sizes as for <see cref="ConvTranspose1D"/>].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> or <paramref name="kernel"/> is null.</exception>
    /// <exception cref="ArgumentException">Ranks, channels or sizes do not fit each other, or the padding takes away more than there is.</exception>
    public static Tensor ConvTranspose3D(Tensor x, Tensor kernel, Tensor? bias = null, PerAxis stride = default, WindowPadding padding = default, PerAxis outputPadding = default, PerAxis dilation = default, int groups = 1) =>
        Transposed(nameof(ConvTranspose3D), x, kernel, bias, stride, padding, outputPadding, dilation, groups, 3);

    private static Tensor Convolve(string operation, Tensor x, Tensor kernel, Tensor? bias, PerAxis stride, WindowPadding padding, PerAxis dilation, int groups, int axes)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(kernel);
        return Convolutions.Convolve(operation, x, kernel, Facade.Option(bias), stride, padding, dilation, groups, axes);
    }

    private static Tensor Transposed(string operation, Tensor x, Tensor kernel, Tensor? bias, PerAxis stride, WindowPadding padding, PerAxis outputPadding, PerAxis dilation, int groups, int axes)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(kernel);
        return Convolutions.Transposed(operation, x, kernel, Facade.Option(bias), stride, padding, outputPadding, dilation, groups, axes);
    }
}

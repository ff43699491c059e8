using System;

namespace DiffLib.Kernels;

/// <summary>One axis of a convolution. Output position p and tap k of the kernel meet at input position p·Stride + k·Dilation - Low; positions outside the
/// input count as zeros.</summary>
/// <param name="Input">The size of the input.</param>
/// <param name="Kernel">The number of taps.</param>
/// <param name="Output">The size of the output.</param>
/// <param name="Stride">The step from position to position.</param>
/// <param name="Dilation">The step from tap to tap.</param>
/// <param name="Low">The zeros before the input, 0 or more.</param>
public readonly record struct ConvolutionAxis(int Input, int Kernel, int Output, int Stride, int Dilation, int Low)
{
    /// <summary>The axis that does nothing.</summary>
    public static ConvolutionAxis Single { get; } = new(1, 1, 1, 1, 1, 0);
}

/// <summary>The sizes of a convolution: of one to three axes, all arrays contiguous. Input [Batch; Groups·Inputs; ...], kernel [Groups·Outputs; Inputs; ...],
/// output [Batch; Groups·Outputs; ...].</summary>
public sealed class ConvolutionSizes
{
    private readonly ConvolutionAxis[] _axes = [ConvolutionAxis.Single, ConvolutionAxis.Single, ConvolutionAxis.Single];

    /// <summary>The sizes.</summary>
    /// <param name="batch">The number of images.</param>
    /// <param name="groups">The number of groups of channels that do not see each other.</param>
    /// <param name="inputs">The input channels of a group.</param>
    /// <param name="outputs">The output channels of a group.</param>
    /// <param name="axes">One to three axes.</param>
    /// <exception cref="ArgumentException">There are no axes or more than three, or a size is out of range.</exception>
    public ConvolutionSizes(int batch, int groups, int inputs, int outputs, ReadOnlySpan<ConvolutionAxis> axes)
    {
        if (axes.Length is < 1 or > 3) throw new ArgumentException($"A convolution has one to three axes, not {axes.Length}.", nameof(axes));
        if (batch < 0 || groups < 1 || inputs < 0 || outputs < 0) throw new ArgumentException("Counts must not be negative, and there is at least one group.", nameof(batch));
        foreach (var a in axes)
            if (a.Input < 0 || a.Kernel < 0 || a.Output < 0 || a.Stride < 1 || a.Dilation < 1 || a.Low < 0)
                throw new ArgumentException($"Sizes and padding must not be negative, steps must be positive: {a}.", nameof(axes));
        (Batch, Groups, Inputs, Outputs) = (batch, groups, inputs, outputs);
        axes.CopyTo(_axes.AsSpan(3 - axes.Length));
    }

    /// <summary>The number of images.</summary>
    public int Batch { get; }

    /// <summary>The number of groups.</summary>
    public int Groups { get; }

    /// <summary>The input channels of a group.</summary>
    public int Inputs { get; }

    /// <summary>The output channels of a group.</summary>
    public int Outputs { get; }

    /// <summary>The elements of one input channel.</summary>
    public int InputPlane => _axes[0].Input * _axes[1].Input * _axes[2].Input;

    /// <summary>The elements of one output channel.</summary>
    public int OutputPlane => _axes[0].Output * _axes[1].Output * _axes[2].Output;

    /// <summary>The taps of the kernel.</summary>
    public int Taps => _axes[0].Kernel * _axes[1].Kernel * _axes[2].Kernel;

    /// <summary>The elements of the input.</summary>
    public int InputCount => Batch * Groups * Inputs * InputPlane;

    /// <summary>The elements of the kernel.</summary>
    public int KernelCount => Groups * Outputs * Inputs * Taps;

    /// <summary>The elements of the output.</summary>
    public int OutputCount => Batch * Groups * Outputs * OutputPlane;

    /// <summary>The multiplications of any of the three maps.</summary>
    internal long Work => (long)OutputCount * Inputs * Taps;

    /// <summary>What one thread takes for any of the three maps, roughly: their loops reach half of the processor's peak.</summary>
    internal double Nanoseconds<T>() where T : unmanaged => 1.5 * Parallelism.Products<T>(Work);

    /// <summary>The last three axes, of which the first may do nothing.</summary>
    internal ConvolutionAxis this[int axis] => _axes[axis];

    /// <summary>Whether every position sees itself only: a product of matrices.</summary>
    internal bool IsPointwise
    {
        get
        {
            foreach (var a in _axes)
                if (a.Kernel != 1 || a.Stride != 1 || a.Low != 0 || a.Input != a.Output) return false;
            return true;
        }
    }
}

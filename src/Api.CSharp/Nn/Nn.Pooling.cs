using System;
using System.Runtime.CompilerServices;

namespace DiffLib;

public static partial class Nn
{
    /// <summary>The largest element of each window over the last one axis. The derivative goes to the first largest element; a NaN wins.</summary>
    /// <param name="x">[.., length]; outside it there is nothing.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="padding">How far windows reach over each edge, at most half the kernel; 0 by default.</param>
    /// <param name="dilation">The step inside a window; 1 by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <returns>[.., windows], (size + 2 padding - dilation (kernel - 1) - 1)/stride + 1 along each axis.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, one would hold only padding, or a setting is out of range.</exception>
    public static Tensor MaxPool1D(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool roundUp = false) =>
        Pooling.Max(nameof(MaxPool1D), NotNull(x), kernel, stride, padding, dilation, roundUp, 1).Item1;

    /// <summary>The largest element of each window over the last one axis, and its row-major place in x's plane, as int64.</summary>
    /// <inheritdoc cref="MaxPool1D(Tensor, PerAxis, PerAxis, PerAxis, PerAxis, bool)"/>
    public static (Tensor Values, Tensor Places) MaxPool1DWithPlaces(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool roundUp = false) =>
        Pooling.Max(nameof(MaxPool1D), NotNull(x), kernel, stride, padding, dilation, roundUp, 1);

    /// <summary>The mean of each window over the last one axis.</summary>
    /// <param name="x">[.., length]; around it lie zeros.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="padding">The zeros at each edge, at most half the kernel; 0 by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <param name="countPadding">Whether the zeros count as elements.</param>
    /// <param name="divisor">What the sums are divided by instead of the number of elements.</param>
    /// <returns>[.., windows], (size + 2 padding - kernel)/stride + 1 along each axis.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, or a setting is out of range.</exception>
    public static Tensor AvgPool1D(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, bool roundUp = false, bool countPadding = true, int? divisor = null) =>
        Pooling.Mean(nameof(AvgPool1D), NotNull(x), kernel, stride, padding, roundUp, countPadding, divisor, 1);

    /// <summary>The p-norm (Σ |x|ᵖ)^(1/p) of each window over the last one axis.</summary>
    /// <param name="x">[.., length].</param>
    /// <param name="p">The order of the norm; ∞ gives the largest magnitude.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, or a setting is out of range.</exception>
    public static Tensor LpPool1D(Tensor x, double p, PerAxis kernel, PerAxis stride = default, bool roundUp = false) =>
        Pooling.Norm(nameof(LpPool1D), NotNull(x), p, kernel, stride, roundUp, 1);

    /// <summary>The means of as many windows as asked for over the last one axis: window i runs from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉.</summary>
    /// <param name="x">[.., length].</param>
    /// <param name="size">How many windows; -1 keeps an axis.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">An axis is empty, or a size is negative.</exception>
    public static Tensor AdaptiveAvgPool1D(Tensor x, PerAxis size) => Pooling.AdaptiveMean(nameof(AdaptiveAvgPool1D), NotNull(x), size, 1);

    /// <summary>The largest elements of as many windows as asked for over the last one axis, and their row-major places in x's plane: window i runs from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉.</summary>
    /// <param name="x">[.., length].</param>
    /// <param name="size">How many windows; -1 keeps an axis.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">An axis is empty, or a size is negative.</exception>
    public static (Tensor Values, Tensor Places) AdaptiveMaxPool1D(Tensor x, PerAxis size) => Pooling.AdaptiveMax(nameof(AdaptiveMaxPool1D), NotNull(x), size, 1);

    /// <summary>The largest element of each window over the last two axes. The derivative goes to the first largest element; a NaN wins.</summary>
    /// <param name="x">[.., height, width]; outside it there is nothing.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="padding">How far windows reach over each edge, at most half the kernel; 0 by default.</param>
    /// <param name="dilation">The step inside a window; 1 by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <returns>[.., windows], (size + 2 padding - dilation (kernel - 1) - 1)/stride + 1 along each axis.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, one would hold only padding, or a setting is out of range.</exception>
    public static Tensor MaxPool2D(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool roundUp = false) =>
        Pooling.Max(nameof(MaxPool2D), NotNull(x), kernel, stride, padding, dilation, roundUp, 2).Item1;

    /// <summary>The largest element of each window over the last two axes, and its row-major place in x's plane, as int64.</summary>
    /// <inheritdoc cref="MaxPool2D(Tensor, PerAxis, PerAxis, PerAxis, PerAxis, bool)"/>
    public static (Tensor Values, Tensor Places) MaxPool2DWithPlaces(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool roundUp = false) =>
        Pooling.Max(nameof(MaxPool2D), NotNull(x), kernel, stride, padding, dilation, roundUp, 2);

    /// <summary>The mean of each window over the last two axes.</summary>
    /// <param name="x">[.., height, width]; around it lie zeros.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="padding">The zeros at each edge, at most half the kernel; 0 by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <param name="countPadding">Whether the zeros count as elements.</param>
    /// <param name="divisor">What the sums are divided by instead of the number of elements.</param>
    /// <returns>[.., windows], (size + 2 padding - kernel)/stride + 1 along each axis.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, or a setting is out of range.</exception>
    public static Tensor AvgPool2D(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, bool roundUp = false, bool countPadding = true, int? divisor = null) =>
        Pooling.Mean(nameof(AvgPool2D), NotNull(x), kernel, stride, padding, roundUp, countPadding, divisor, 2);

    /// <summary>The p-norm (Σ |x|ᵖ)^(1/p) of each window over the last two axes.</summary>
    /// <param name="x">[.., height, width].</param>
    /// <param name="p">The order of the norm; ∞ gives the largest magnitude.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, or a setting is out of range.</exception>
    public static Tensor LpPool2D(Tensor x, double p, PerAxis kernel, PerAxis stride = default, bool roundUp = false) =>
        Pooling.Norm(nameof(LpPool2D), NotNull(x), p, kernel, stride, roundUp, 2);

    /// <summary>The means of as many windows as asked for over the last two axes: window i runs from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉.</summary>
    /// <param name="x">[.., height, width].</param>
    /// <param name="size">How many windows; -1 keeps an axis.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">An axis is empty, or a size is negative.</exception>
    public static Tensor AdaptiveAvgPool2D(Tensor x, PerAxis size) => Pooling.AdaptiveMean(nameof(AdaptiveAvgPool2D), NotNull(x), size, 2);

    /// <summary>The largest elements of as many windows as asked for over the last two axes, and their row-major places in x's plane: window i runs from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉.</summary>
    /// <param name="x">[.., height, width].</param>
    /// <param name="size">How many windows; -1 keeps an axis.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">An axis is empty, or a size is negative.</exception>
    public static (Tensor Values, Tensor Places) AdaptiveMaxPool2D(Tensor x, PerAxis size) => Pooling.AdaptiveMax(nameof(AdaptiveMaxPool2D), NotNull(x), size, 2);

    /// <summary>The largest element of each window over the last three axes. The derivative goes to the first largest element; a NaN wins.</summary>
    /// <param name="x">[.., depth, height, width]; outside it there is nothing.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="padding">How far windows reach over each edge, at most half the kernel; 0 by default.</param>
    /// <param name="dilation">The step inside a window; 1 by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <returns>[.., windows], (size + 2 padding - dilation (kernel - 1) - 1)/stride + 1 along each axis.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, one would hold only padding, or a setting is out of range.</exception>
    public static Tensor MaxPool3D(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool roundUp = false) =>
        Pooling.Max(nameof(MaxPool3D), NotNull(x), kernel, stride, padding, dilation, roundUp, 3).Item1;

    /// <summary>The largest element of each window over the last three axes, and its row-major place in x's plane, as int64.</summary>
    /// <inheritdoc cref="MaxPool3D(Tensor, PerAxis, PerAxis, PerAxis, PerAxis, bool)"/>
    public static (Tensor Values, Tensor Places) MaxPool3DWithPlaces(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool roundUp = false) =>
        Pooling.Max(nameof(MaxPool3D), NotNull(x), kernel, stride, padding, dilation, roundUp, 3);

    /// <summary>The mean of each window over the last three axes.</summary>
    /// <param name="x">[.., depth, height, width]; around it lie zeros.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="padding">The zeros at each edge, at most half the kernel; 0 by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <param name="countPadding">Whether the zeros count as elements.</param>
    /// <param name="divisor">What the sums are divided by instead of the number of elements.</param>
    /// <returns>[.., windows], (size + 2 padding - kernel)/stride + 1 along each axis.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, or a setting is out of range.</exception>
    public static Tensor AvgPool3D(Tensor x, PerAxis kernel, PerAxis stride = default, PerAxis padding = default, bool roundUp = false, bool countPadding = true, int? divisor = null) =>
        Pooling.Mean(nameof(AvgPool3D), NotNull(x), kernel, stride, padding, roundUp, countPadding, divisor, 3);

    /// <summary>The p-norm (Σ |x|ᵖ)^(1/p) of each window over the last three axes.</summary>
    /// <param name="x">[.., depth, height, width].</param>
    /// <param name="p">The order of the norm; ∞ gives the largest magnitude.</param>
    /// <param name="kernel">The size of the window.</param>
    /// <param name="stride">The step from window to window; the kernel by default.</param>
    /// <param name="roundUp">Whether a last window that does not fit counts too, if it starts inside.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">No window fits, or a setting is out of range.</exception>
    public static Tensor LpPool3D(Tensor x, double p, PerAxis kernel, PerAxis stride = default, bool roundUp = false) =>
        Pooling.Norm(nameof(LpPool3D), NotNull(x), p, kernel, stride, roundUp, 3);

    /// <summary>The means of as many windows as asked for over the last three axes: window i runs from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉.</summary>
    /// <param name="x">[.., depth, height, width].</param>
    /// <param name="size">How many windows; -1 keeps an axis.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">An axis is empty, or a size is negative.</exception>
    public static Tensor AdaptiveAvgPool3D(Tensor x, PerAxis size) => Pooling.AdaptiveMean(nameof(AdaptiveAvgPool3D), NotNull(x), size, 3);

    /// <summary>The largest elements of as many windows as asked for over the last three axes, and their row-major places in x's plane: window i runs from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉.</summary>
    /// <param name="x">[.., depth, height, width].</param>
    /// <param name="size">How many windows; -1 keeps an axis.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">An axis is empty, or a size is negative.</exception>
    public static (Tensor Values, Tensor Places) AdaptiveMaxPool3D(Tensor x, PerAxis size) => Pooling.AdaptiveMax(nameof(AdaptiveMaxPool3D), NotNull(x), size, 3);

    /// <summary>Elements put back at the places where max pooling found them, zeros elsewhere; what meets at a place adds up.</summary>
    /// <param name="x">[.., windows].</param>
    /// <param name="places">Row-major places in the plane, as the max poolings with places give them; the shape of x.</param>
    /// <param name="size">The sizes of the plane: one to three.</param>
    /// <returns>[.., size].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes differ, or x has fewer axes than the plane.</exception>
    public static Tensor MaxUnpool(Tensor x, Tensor places, params int[] size)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(size);
        if (size.Length is < 1 or > 3 || NotNull(x).Rank < size.Length) throw new ArgumentException($"MaxUnpool: x has shape {NotNull(x).Shape}, and the plane {size.Length} axes; one to three of the last axes of x are windows.", nameof(size));
        return Pooling.Unpool(x, places, size);
    }

    private static Tensor NotNull(Tensor x, [CallerArgumentExpression(nameof(x))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x, name);
        return x;
    }
}

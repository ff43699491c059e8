using System;

namespace DiffLib;

public static partial class Nn
{
    /// <summary>Images in another size.</summary>
    /// <param name="x">[n, channels, and one to three axes of an image].</param>
    /// <param name="size">The new size of each axis, or one for all.</param>
    /// <param name="mode">How elements between elements are made.</param>
    /// <param name="alignCorners">Whether the centres of the corner elements meet (Linear and Cubic only); otherwise the corners of the images do.</param>
    /// <returns>[n, channels, size].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">x has no image or an empty one, a size is not positive, or the mode has no corners to align.</exception>
    public static Tensor Resize(Tensor x, int[] size, ResampleMode mode = ResampleMode.Nearest, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(size);
        var axes = NotNull(x).Rank - 2;
        var sizes = size.Length == 1 && axes > 1 ? Repeated(size[0], axes) : (int[])size.Clone();
        return Resampling.Resize(x, sizes, null, mode, alignCorners);
    }

    /// <summary>Images made larger or smaller by factors: an axis of n elements gets ⌊n·factor⌋.</summary>
    /// <param name="x">[n, channels, and one to three axes of an image].</param>
    /// <param name="factors">The factor of each axis, or one for all; positive.</param>
    /// <param name="mode">How elements between elements are made.</param>
    /// <param name="alignCorners">Whether the centres of the corner elements meet (Linear and Cubic only); otherwise the corners of the images do.</param>
    /// <returns>[n, channels, ⌊size·factor⌋].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">x has no image or an empty one, a factor is not positive, or the mode has no corners to align.</exception>
    public static Tensor Rescale(Tensor x, double[] factors, ResampleMode mode = ResampleMode.Nearest, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(factors);
        var axes = NotNull(x).Rank - 2;
        return Resampling.Resize(x, null, factors.Length == 1 && axes > 1 ? Repeated(factors[0], axes) : (double[])factors.Clone(), mode, alignCorners);
    }

    private static T[] Repeated<T>(T value, int count)
    {
        var all = new T[count];
        Array.Fill(all, value);
        return all;
    }

    /// <summary>Images at given points, each between -1 (the left or upper edge) and 1 (the right or lower one).</summary>
    /// <param name="x">[n, channels, height, width].</param>
    /// <param name="grid">[n, rows, columns, 2]: for each result the point (across, down).</param>
    /// <param name="mode">Linear or Nearest (ties to even).</param>
    /// <param name="padding">What lies outside the image.</param>
    /// <param name="alignCorners">Whether -1 and 1 are the centres of the corner elements, not their edges.</param>
    /// <returns>[n, channels, rows, columns]; differentiable in the image and, if Linear, in the points.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit, or the mode is another.</exception>
    public static Tensor GridSample(Tensor x, Tensor grid, ResampleMode mode = ResampleMode.Linear, GridPadding padding = GridPadding.Zeros, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(grid);
        return Resampling.GridSample(NotNull(x), grid, mode, padding, alignCorners);
    }

    /// <summary>Channels become space: [.., c r², h, w] to [.., c, h r, w r] (Shi et al. 2016).</summary>
    /// <param name="x">[.., channels, height, width].</param>
    /// <param name="factor">r, 1 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">x has fewer than three axes, or the channels do not divide by r².</exception>
    public static Tensor PixelShuffle(Tensor x, int factor) => Resampling.PixelShuffle(NotNull(x), factor);

    /// <summary>Space becomes channels: [.., c, h r, w r] to [.., c r², h, w]; the inverse of <see cref="PixelShuffle"/>.</summary>
    /// <param name="x">[.., channels, height, width].</param>
    /// <param name="factor">r, 1 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">x has fewer than three axes, or height or width do not divide by r.</exception>
    public static Tensor PixelUnshuffle(Tensor x, int factor) => Resampling.PixelUnshuffle(NotNull(x), factor);
}

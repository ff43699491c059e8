using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>What the convolution and its transpose in the input have in common: channels of a source, laid out and seen by passes, give channels of a result.</summary>
internal sealed unsafe class ShiftedConvolution<T> where T : unmanaged, INumber<T>
{
    public required ConvolutionSizes Sizes { get; init; }

    /// <summary>The channels of a group.</summary>
    public required int SourceChannels { get; init; }

    public required int ResultChannels { get; init; }

    public required PlaneLayout Layout { get; init; }

    public required ShiftedPass[] Passes { get; init; }

    /// <summary>The sizes of a result channel.</summary>
    public required int[] ResultSizes { get; init; }

    /// <summary>Kernel elements from one result channel to the next, and from one source channel to the next.</summary>
    public required int ResultStep { get; init; }

    public required int SourceStep { get; init; }

    public T* Source;
    public T* Kernel;
    public T* Result;

    /// <summary>The elements of a channel in the layout.</summary>
    public int ChannelSize => Layout.Planes * Layout.PlaneSize;

    public int ImageSize => SourceChannels * ChannelSize;

    public int ResultPlane => ResultSizes[0] * ResultSizes[1] * ResultSizes[2];

    /// <summary>The rows of the matrix of columns, of all passes.</summary>
    public int Depth
    {
        get
        {
            var depth = 0;
            foreach (var pass in Passes) depth += SourceChannels * pass.Taps.Length;
            return depth;
        }
    }

    /// <summary>The result channels in whole tiles.</summary>
    public int RowsPacked(int tile) => (ResultChannels + tile - 1) / tile * tile;

    public static ShiftedConvolution<T> Output(ConvolutionSizes s, T* input, T* kernel, T* output)
    {
        var layout = ConvolutionLayouts.OfInput(s);
        return new()
        {
            Sizes = s,
            SourceChannels = s.Inputs,
            ResultChannels = s.Outputs,
            Layout = layout,
            Passes = [ConvolutionLayouts.Outputs(s, layout, layout.PlaneSize)],
            ResultSizes = [s[0].Output, s[1].Output, s[2].Output],
            ResultStep = s.Inputs * s.Taps,
            SourceStep = s.Taps,
            Source = input,
            Kernel = kernel,
            Result = output,
        };
    }

    public static ShiftedConvolution<T> Input(ConvolutionSizes s, T* output, T* kernel, T* input)
    {
        var layout = ConvolutionLayouts.OfOutput(s);
        return new()
        {
            Sizes = s,
            SourceChannels = s.Outputs,
            ResultChannels = s.Inputs,
            Layout = layout,
            Passes = ConvolutionLayouts.Inputs(s, layout),
            ResultSizes = [s[0].Input, s[1].Input, s[2].Input],
            ResultStep = s.Taps,
            SourceStep = s.Inputs * s.Taps,
            Source = output,
            Kernel = kernel,
            Result = input,
        };
    }

    /// <summary>The kernel in slivers for tiles of so many rows, pass after pass, group after group; and where each row of the columns begins.</summary>
    /// <param name="tile">The rows of a whole tile.</param>
    /// <param name="height">The rows of the tile that serves so many.</param>
    /// <param name="packed">Room for <see cref="Depth"/> times <see cref="RowsPacked"/> elements of each group.</param>
    /// <param name="shifts">Room for <see cref="Depth"/> numbers.</param>
    public void Pack(int tile, Func<int, int> height, T* packed, int* shifts)
    {
        foreach (var pass in Passes)
        {
            for (var c = 0; c < SourceChannels; c++)
                foreach (var shift in pass.Shifts) *shifts++ = c * ChannelSize + shift;
            var depth = SourceChannels * pass.Taps.Length;
            for (var g = 0; g < Sizes.Groups; g++)
            {
                var kernel = Kernel + (nint)g * Sizes.Outputs * Sizes.Inputs * Sizes.Taps;
                for (var m = 0; m < ResultChannels; m += tile)
                {
                    var rows = Math.Min(tile, ResultChannels - m);
                    PackSliver(pass, kernel + (nint)m * ResultStep, rows, height(rows), packed + (nint)m * depth);
                }
                packed += (nint)RowsPacked(tile) * depth;
            }
        }
    }

    /// <summary>The rows of one tile, column after column; zeros where the tile has more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackSliver(ShiftedPass pass, T* kernel, int rows, int height, T* to)
    {
        if (height == rows && SourceStep == pass.Taps.Length && ResultStep == SourceChannels * SourceStep)
        {
            // the rows lie as they are needed
            GemmPacking<T>.TurnRows(new MatrixView<T>(kernel, ResultStep, 1), rows, ResultStep, to, height, 0);
            return;
        }
        if (height == rows && pass.Taps.Length == Sizes.Taps)
        {
            for (var c = 0; c < SourceChannels; c++, kernel += SourceStep, to += height * pass.Taps.Length)
                GemmPacking<T>.TurnRows(new MatrixView<T>(kernel, ResultStep, 1), rows, pass.Taps.Length, to, height, 0);
            return;
        }
        nint step = ResultStep;
        for (var c = 0; c < SourceChannels; c++, kernel += SourceStep)
            foreach (var tap in pass.Taps)
            {
                for (var r = 0; r < rows; r++) to[r] = kernel[r * step + tap];
                for (var r = rows; r < height; r++) to[r] = T.Zero;
                to += height;
            }
    }
}

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>The convolution and its transpose in the input: tiles of kernel elements times shifted images.</summary>
internal static unsafe class ConvolutionShifts<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>A sliver of the kernel so deep stays in the first cache.</summary>
    private const int DepthBlock = 512;

    private static int Columns => ConvolutionTiles<L, V, T>.Columns;

    /// <summary>What both maps have in common: channels of a source, seen by passes, give channels of a result.</summary>
    private sealed class Job
    {
        public required ConvolutionSizes Sizes { get; init; }

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

        /// <summary>The kernel in slivers, pass after pass, group after group; and where each row of the columns begins.</summary>
        public T* Packed;
        public int* Shifts;

        public int ChannelSize => Layout.Planes * Layout.PlaneSize;

        public int ResultPlane => ResultSizes[0] * ResultSizes[1] * ResultSizes[2];

        public int RowsPacked => (ResultChannels + L.Rows - 1) / L.Rows * L.Rows;
    }

    public static void Output(ConvolutionSizes s, T* input, T* kernel, T* output)
    {
        var layout = ConvolutionLayouts.OfInput(s);
        Run(new()
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
        });
    }

    public static void Input(ConvolutionSizes s, T* output, T* kernel, T* input)
    {
        var layout = ConvolutionLayouts.OfOutput(s);
        Run(new()
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
        });
    }

    private static void Run(Job job)
    {
        long depth = 0;
        foreach (var pass in job.Passes) depth += (long)job.SourceChannels * pass.Taps.Length;
        job.Packed = ConvolutionScratch<T>.Get(2, depth * job.RowsPacked * job.Sizes.Groups);
        job.Shifts = ConvolutionScratch<int>.Get(2, depth);
        Pack(job);
        // few images are cut up, so that two threads have something each
        var images = job.Sizes.Batch * job.Sizes.Groups;
        var pieces = images >= 4 * Parallelism.MaxThreads ? 1 : 4;
        Parallelism.Share(images * pieces, job.Sizes.Nanoseconds<T>(), new ItemsOf(job, pieces));
    }

    private static void Pack(Job job)
    {
        var s = job.Sizes;
        var packed = job.Packed;
        var shifts = job.Shifts;
        foreach (var pass in job.Passes)
        {
            for (var c = 0; c < job.SourceChannels; c++)
                foreach (var shift in pass.Shifts) *shifts++ = c * job.ChannelSize + shift;
            var depth = job.SourceChannels * pass.Taps.Length;
            for (var g = 0; g < s.Groups; g++)
            {
                var kernel = job.Kernel + (nint)g * s.Outputs * s.Inputs * s.Taps;
                for (var m = 0; m < job.ResultChannels; m += L.Rows)
                    PackSliver(job, pass, kernel + (nint)m * job.ResultStep, Math.Min(L.Rows, job.ResultChannels - m), packed + (nint)m * depth);
                packed += (nint)job.RowsPacked * depth;
            }
        }
    }

    /// <summary>The rows of one tile, column after column; zeros where the tile has more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackSliver(Job job, ShiftedPass pass, T* kernel, int rows, T* to)
    {
        var height = ConvolutionTiles<L, V, T>.Height(rows);
        for (var c = 0; c < job.SourceChannels; c++, kernel += job.SourceStep)
            foreach (var tap in pass.Taps)
            {
                for (var r = 0; r < rows; r++) to[r] = kernel[(nint)r * job.ResultStep + tap];
                for (var r = rows; r < height; r++) to[r] = T.Zero;
                to += height;
            }
    }

    private readonly struct ItemsOf(Job job, int pieces) : IShared
    {
        public void Run(int begin, int end) => Items(job, pieces, begin, end);
    }

    private static void Items(Job job, int pieces, int begin, int end)
    {
        var prepared = -1;
        T* source = null;
        for (var item = begin; item < end; item++)
        {
            int image = item / pieces, piece = item % pieces;
            if (image != prepared)
            {
                source = Prepared(job, image, prepared < 0);
                prepared = image;
            }
            Image(job, image, source, piece, pieces);
        }
    }

    /// <summary>The channels of an image (of one group of it) in the layout: where they lie, if they lie so, and if a tile may read beyond them. What lies
    /// around the channels stays from image to image.</summary>
    private static T* Prepared(Job job, int image, bool isFirst)
    {
        var layout = job.Layout;
        var source = job.Source + (nint)image * job.SourceChannels * layout.SourceSize;
        var images = job.Sizes.Batch * job.Sizes.Groups;
        if (layout.IsSource && (long)(images - image - 1) * job.SourceChannels * layout.SourceSize >= Columns) return source;
        var target = ConvolutionScratch<T>.Get(0, (long)job.SourceChannels * job.ChannelSize + Columns);
        for (var c = 0; c < job.SourceChannels; c++) layout.Fill(source + (nint)c * layout.SourceSize, target + (nint)c * job.ChannelSize, layout.PlaneSize, isFirst);
        return target;
    }

    private static void Image(Job job, int image, T* source, int piece, int pieces)
    {
        var packed = job.Packed;
        var shifts = job.Shifts;
        var result = job.Result + (nint)image * job.ResultChannels * job.ResultPlane;
        var block = BlockOf(job);
        foreach (var pass in job.Passes)
        {
            var depth = job.SourceChannels * pass.Taps.Length;
            var own = packed + (nint)(image % job.Sizes.Groups) * job.RowsPacked * depth;
            var tiles = (pass.Length + Columns - 1) / Columns;
            int from = (int)((long)tiles * piece / pieces) * Columns, to = Math.Min(pass.Length, (int)((long)tiles * (piece + 1) / pieces) * Columns);
            for (var q = from; q < to; q += block) Block(job, pass, depth, own, shifts, source, result, q, Math.Min(to, q + block));
            packed += (nint)job.RowsPacked * depth * job.Sizes.Groups;
            shifts += depth;
        }
    }

    /// <summary>So many columns that what they see of the source stays in the second cache.</summary>
    private static int BlockOf(Job job)
    {
        var width = 262144 / sizeof(T) / Math.Max(1, job.SourceChannels * job.Layout.Planes);
        return Math.Clamp(width / Columns, 2, 20) * Columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(Job job, ShiftedPass pass, int depth, T* packed, int* shifts, T* source, T* result, int begin, int end)
    {
        var width = (end - begin + Columns - 1) / Columns * Columns;
        var sums = ConvolutionScratch<T>.Get(1, (long)L.Rows * width);
        for (var m = 0; m < job.ResultChannels; m += L.Rows)
        {
            var rows = Math.Min(L.Rows, job.ResultChannels - m);
            var height = ConvolutionTiles<L, V, T>.Height(rows);
            var a = packed + (nint)m * depth;
            for (var p = 0; p < Math.Max(1, depth); p += DepthBlock)
            {
                var k = Math.Min(DepthBlock, depth - p);
                for (var j = 0; j < width; j += Columns)
                    ConvolutionTiles<L, V, T>.Tile(height, k, a + (nint)p * height, shifts + p, source + begin + j, sums + j, width, p > 0);
            }
            for (var r = 0; r < rows; r++) Scatter(job, pass, sums + (nint)r * width, result + (nint)(m + r) * job.ResultPlane, begin, end);
        }
    }

    /// <summary>Sums of columns begin to end, row by row without the padding between rows, to their places in the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(Job job, ShiftedPass pass, T* sums, T* result, int begin, int end)
    {
        int rows = job.Layout.Axes[1].Extent, row = job.Layout.Axes[2].Extent;
        for (var at = begin / row; at * row < end; at++)
        {
            int i = at / rows, j = at % rows;
            if (j >= pass.Count[1] || i >= pass.Count[0]) continue;
            int first = Math.Max(begin, at * row), last = Math.Min(end, at * row + pass.Count[2]);
            if (first >= last) continue;
            var to = result
                + ((nint)(pass.Start[0] + i * pass.Step[0]) * job.ResultSizes[1] + pass.Start[1] + j * pass.Step[1]) * job.ResultSizes[2]
                + pass.Start[2] + (nint)(first - at * row) * pass.Step[2];
            var from = sums + (first - begin);
            if (pass.Step[2] == 1) ShortRows.Copy(from, to, last - first);
            else
                for (nint k = 0, target = 0; k < last - first; k++, target += pass.Step[2]) to[target] = from[k];
        }
    }
}

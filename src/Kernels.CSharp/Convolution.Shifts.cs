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

    private sealed class Job(ShiftedConvolution<T> maps)
    {
        public ShiftedConvolution<T> Maps => maps;

        /// <summary>The kernel in slivers, pass after pass, group after group; and where each row of the columns begins.</summary>
        public T* Packed;
        public int* Shifts;
    }

    public static void Run(ShiftedConvolution<T> maps)
    {
        var s = maps.Sizes;
        var job = new Job(maps) { Packed = ConvolutionScratch<T>.Get(2, (long)maps.Depth * maps.RowsPacked(L.Rows) * s.Groups), Shifts = ConvolutionScratch<int>.Get(2, maps.Depth) };
        maps.Pack(L.Rows, ConvolutionTiles<L, V, T>.Height, job.Packed, job.Shifts);
        // few images are cut up, so that two threads have something each
        var images = s.Batch * s.Groups;
        var pieces = images >= 4 * Parallelism.MaxThreads ? 1 : 4;
        Parallelism.Share(images * pieces, s.Nanoseconds<T>(), new ItemsOf(job, pieces));
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
        var layout = job.Maps.Layout;
        var source = job.Maps.Source + (nint)image * job.Maps.SourceChannels * layout.SourceSize;
        var images = job.Maps.Sizes.Batch * job.Maps.Sizes.Groups;
        if (layout.IsSource && (long)(images - image - 1) * job.Maps.SourceChannels * layout.SourceSize >= Columns) return source;
        var target = ConvolutionScratch<T>.Get(0, (long)job.Maps.SourceChannels * job.Maps.ChannelSize + Columns);
        for (var c = 0; c < job.Maps.SourceChannels; c++) layout.Fill(source + (nint)c * layout.SourceSize, target + (nint)c * job.Maps.ChannelSize, layout.PlaneSize, isFirst);
        return target;
    }

    private static void Image(Job job, int image, T* source, int piece, int pieces)
    {
        var packed = job.Packed;
        var shifts = job.Shifts;
        var result = job.Maps.Result + (nint)image * job.Maps.ResultChannels * job.Maps.ResultPlane;
        var block = BlockOf(job);
        foreach (var pass in job.Maps.Passes)
        {
            var depth = job.Maps.SourceChannels * pass.Taps.Length;
            var own = packed + (nint)(image % job.Maps.Sizes.Groups) * job.Maps.RowsPacked(L.Rows) * depth;
            var tiles = (pass.Length + Columns - 1) / Columns;
            int from = (int)((long)tiles * piece / pieces) * Columns, to = Math.Min(pass.Length, (int)((long)tiles * (piece + 1) / pieces) * Columns);
            for (var q = from; q < to; q += block) Block(job, pass, depth, own, shifts, source, result, q, Math.Min(to, q + block));
            packed += (nint)job.Maps.RowsPacked(L.Rows) * depth * job.Maps.Sizes.Groups;
            shifts += depth;
        }
    }

    /// <summary>So many columns that what they see of the source stays in the second cache.</summary>
    private static int BlockOf(Job job)
    {
        var width = 262144 / sizeof(T) / Math.Max(1, job.Maps.SourceChannels * job.Maps.Layout.Planes);
        return Math.Clamp(width / Columns, 2, 20) * Columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(Job job, ShiftedPass pass, int depth, T* packed, int* shifts, T* source, T* result, int begin, int end)
    {
        var width = ConvolutionTiles<L, V, T>.Tiled(end - begin);
        var sums = ConvolutionScratch<T>.Get(1, (long)L.Rows * width);
        for (var m = 0; m < job.Maps.ResultChannels; m += L.Rows)
        {
            var rows = Math.Min(L.Rows, job.Maps.ResultChannels - m);
            var height = ConvolutionTiles<L, V, T>.Height(rows);
            var a = packed + (nint)m * depth;
            for (var p = 0; p < Math.Max(1, depth); p += DepthBlock)
            {
                var k = Math.Min(DepthBlock, depth - p);
                for (var j = 0; j < width; j += Columns)
                    ConvolutionTiles<L, V, T>.Tile(height, k, a + (nint)p * height, shifts + p, source + begin + j, sums + j, width, p > 0);
            }
            for (var r = 0; r < rows; r++) Scatter(job, pass, sums + (nint)r * width, result + (nint)(m + r) * job.Maps.ResultPlane, begin, end);
        }
    }

    /// <summary>Sums of columns begin to end, row by row without the padding between rows, to their places in the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(Job job, ShiftedPass pass, T* sums, T* result, int begin, int end)
    {
        var maps = job.Maps;
        int rows = maps.Layout.Axes[1].Extent, row = maps.Layout.Axes[2].Extent, width = maps.ResultSizes[2], height = maps.ResultSizes[1];
        int planes = pass.Count[0], lines = pass.Count[1], count = pass.Count[2], step = pass.Step[2], lineStep = pass.Step[1] * width, planeStep = pass.Step[0] * height * width;
        result += ((nint)pass.Start[0] * height + pass.Start[1]) * width + pass.Start[2];
        sums -= begin;
        var at = begin / row;
        int i = at / rows, j = at - i * rows;
        for (at *= row; at < end && i < planes; at += row)
        {
            int first = Math.Max(begin, at), last = Math.Min(end, at + count);
            if (j < lines && first < last)
            {
                T* from = sums + first, to = result + (nint)i * planeStep + (nint)j * lineStep + (nint)(first - at) * step;
                if (step == 1) ShortRows.Copy(from, to, last - first);
                else
                    for (nint k = 0, target = 0; k < last - first; k++, target += step) to[target] = from[k];
            }
            if (++j < rows) continue;
            j = 0;
            i++;
        }
    }
}

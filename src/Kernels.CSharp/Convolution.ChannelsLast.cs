using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>The transpose in the kernel where rows of taps times channels fill registers: products of output channels with images whose channels are neighbours.
/// Only positions that are outputs are visited.</summary>
internal static unsafe class ConvolutionChannelsLast<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>So many elements of an image stay in the first cache while all tiles of a few output channels read them.</summary>
    private const int Stretch = 16384;

    /// <summary>The positions for which sums are kept in registers, or more.</summary>
    private const int Longest = 192;

    /// <summary>With fewer tiles than this the images are cut into parts with sums of their own, if there are at least so many positions: threads would lay out the same images otherwise.</summary>
    private const int ManyTiles = 8;

    private const int ManyPositions = 2048;

    private const int MostParts = 4;

    private sealed class Job
    {
        public required ConvolutionSizes Sizes { get; init; }

        /// <summary>The positions of a padded image along each axis: those that are seen.</summary>
        public required int[] Extent { get; init; }

        /// <summary>What lies in one stretch at a position, and how many such stretches a position sees.</summary>
        public required int Width { get; init; }

        public required int Stretches { get; init; }

        public T* Input;
        public T* Output;

        /// <summary>Where each line of positions of the images begins, and each stretch relative to its position.</summary>
        public LinePlace* Lines;
        public int* Offsets;

        /// <summary>The images that are treated as one: with few positions the sums would be read and written more than added to.</summary>
        public int Images => ImagesOf(Sizes);

        /// <summary>Sums of a stretch, in whole registers.</summary>
        public int PaddedWidth => (Width + L.Count - 1) / L.Count * L.Count;

        /// <summary>Sums of an output channel.</summary>
        public int Row => Stretches * PaddedWidth;

        /// <summary>The parts of the images, and the tiles of output channels that threads can share in each of them.</summary>
        public required int Parts { get; init; }

        public int Tiles => Parts > 1 ? 1 : TilesOf(Sizes);

        /// <summary>The output channels of such a tile.</summary>
        public int TileRows => Parts > 1 ? TilesOf(Sizes) * L.Rows : L.Rows;

        /// <summary>The sums of the parts of all groups.</summary>
        public T* Sums;

        public nint PartSize => (nint)TilesOf(Sizes) * L.Rows * Row;

        /// <summary>The first image of a part.</summary>
        public int First(int part) => Math.Min(Sizes.Batch, (int)((long)((Sizes.Batch + Images - 1) / Images) * part / Parts) * Images);

        public int ImageSize => Extent[0] * Extent[1] * Extent[2] * Sizes.Inputs;

        public int LineCount => Sizes[0].Output * Sizes[1].Output;

        /// <summary>Lines that see about as much as stays in the first cache, or that are as long as pays.</summary>
        public int LinesAtOnce => Math.Max(Stretch / sizeof(T) / (Sizes[1].Stride * Extent[2] * Sizes.Inputs), (Longest + Sizes[2].Output - 1) / Sizes[2].Output);
    }

    /// <summary>Whether registers would be well filled.</summary>
    public static bool Fits(ConvolutionSizes s)
    {
        var width = WidthOf(s);
        return 5 * width >= 2 * ((width + L.Count - 1) / L.Count * L.Count);
    }

    /// <summary>Without dilation the channels of all taps of a row lie behind each other.</summary>
    private static int WidthOf(ConvolutionSizes s) => s[2].Dilation == 1 ? s[2].Kernel * s.Inputs : s.Inputs;

    public static void Run(ConvolutionSizes s, T* input, T* output, T* kernel)
    {
        var width = WidthOf(s);
        var job = new Job { Sizes = s, Extent = [Extent(s[0]), Extent(s[1]), Extent(s[2])], Width = width, Stretches = s.Taps * s.Inputs / width, Parts = PartsOf(s), Input = input, Output = output };
        job.Lines = (LinePlace*)ConvolutionScratch<long>.Get(2, (long)job.Images * job.LineCount);
        job.Offsets = ConvolutionScratch<int>.Get(2, job.Stretches);
        Places(job);
        if (job.Parts > 1) job.Sums = ConvolutionScratch<T>.Get(3, s.Groups * job.Parts * job.PartSize);
        // units: groups, parts of the images, and tiles of output channels
        Parallelism.Share(s.Groups * job.Parts * job.Tiles, s.Nanoseconds<T>(), new UnitsOf(job, kernel));
        if (job.Parts > 1) AddParts(job, kernel);
    }

    private static int TilesOf(ConvolutionSizes s) => (s.Outputs + L.Rows - 1) / L.Rows;

    private static int ImagesOf(ConvolutionSizes s) => Math.Clamp(Longest / Math.Max(1, s.OutputPlane), 1, s.Batch);

    private static int PartsOf(ConvolutionSizes s)
        => s.Groups * TilesOf(s) < ManyTiles && (long)s.Batch * s.OutputPlane >= ManyPositions ? Math.Min(MostParts, (s.Batch + ImagesOf(s) - 1) / ImagesOf(s)) : 1;

    private static int Extent(ConvolutionAxis a) => (a.Output - 1) * a.Stride + (a.Kernel - 1) * a.Dilation + 1;

    private static void Places(Job job)
    {
        var (s, e) = (job.Sizes, job.Extent);
        int Place(int i, int j, int k) => ((i * e[1] + j) * e[2] + k) * s.Inputs;
        var line = job.Lines;
        for (var i = 0; i < job.Images; i++)
            for (var p = 0; p < s[0].Output; p++)
                for (var q = 0; q < s[1].Output; q++)
                    *line++ = new(i * job.ImageSize + Place(p * s[0].Stride, q * s[1].Stride, 0), i * s.Groups * s.Outputs * s.OutputPlane + (p * s[1].Output + q) * s[2].Output);
        var offset = job.Offsets;
        for (var i = 0; i < s[0].Kernel; i++)
            for (var j = 0; j < s[1].Kernel; j++)
                for (var k = 0; k < (s[2].Dilation == 1 ? 1 : s[2].Kernel); k++) *offset++ = Place(i * s[0].Dilation, j * s[1].Dilation, k * s[2].Dilation);
    }

    private readonly struct UnitsOf(Job job, T* kernel) : IShared
    {
        public void Run(int begin, int end) => Units(job, kernel, begin, end);
    }

    /// <summary>Tiles of output channels from begin to end, group by group, part by part, image by image.</summary>
    private static void Units(Job job, T* kernel, int begin, int end)
    {
        var s = job.Sizes;
        var size = job.Images * job.ImageSize + 3 * L.Count;
        var image = ConvolutionScratch<T>.Get(0, size);
        // what lies around the input stays 0
        new Span<T>(image, size).Clear();
        for (var unit = begin; unit < end;)
        {
            int whole = unit / job.Tiles, group = whole / job.Parts, part = whole % job.Parts;
            int first = unit % job.Tiles * job.TileRows, last = Math.Min(end - whole * job.Tiles, job.Tiles) * job.TileRows;
            var count = Math.Min(last, s.Outputs) - first;
            // whole tiles: the sums of rows that the last one has too many are not used
            var room = (count + L.Rows - 1) / L.Rows * L.Rows * job.Row;
            var sums = job.Parts > 1 ? job.Sums + whole * job.PartSize : ConvolutionScratch<T>.Get(1, room);
            new Span<T>(sums, room).Clear();
            int stop = job.First(part + 1);
            for (var n = job.First(part); n < stop; n += job.Images)
            {
                var images = Math.Min(job.Images, stop - n);
                for (var i = 0; i < images; i++) Turn(job, job.Input + ((nint)(n + i) * s.Groups + group) * s.Inputs * s.InputPlane, image + (nint)i * job.ImageSize);
                var output = job.Output + (((nint)n * s.Groups + group) * s.Outputs + first) * s.OutputPlane;
                for (var o = 0; o < count; o += L.Rows) Tiles(job, image, images, output + (nint)o * s.OutputPlane, Math.Min(L.Rows, count - o), sums + (nint)o * job.Row);
            }
            if (job.Parts == 1) PlaceAll(job, sums, count, kernel + ((nint)group * s.Outputs + first) * s.Inputs * s.Taps);
            unit = (whole + 1) * job.Tiles;
        }
    }

    /// <summary>The sums of the parts, one after the other, to the kernel.</summary>
    private static void AddParts(Job job, T* kernel)
    {
        var s = job.Sizes;
        for (var group = 0; group < s.Groups; group++)
        {
            var sums = job.Sums + group * job.Parts * job.PartSize;
            for (var part = 1; part < job.Parts; part++) Add(sums + part * job.PartSize, sums, s.Outputs * job.Row);
            PlaceAll(job, sums, s.Outputs, kernel + (nint)group * s.Outputs * s.Inputs * s.Taps);
        }
    }

    /// <summary>Adds a whole number of registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(T* from, T* to, int count)
    {
        for (var i = 0; i < count; i += L.Count) L.Store(L.Add(L.Load(to + i), L.Load(from + i)), to + i);
    }

    private static void PlaceAll(Job job, T* sums, int count, T* kernel)
    {
        for (var o = 0; o < count; o++) Place(job, sums + (nint)o * job.Row, kernel + (nint)o * job.Sizes.Inputs * job.Sizes.Taps);
    }

    /// <summary>The inside of an image with its channels as neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(Job job, T* input, T* image)
    {
        var (s, e) = (job.Sizes, job.Extent);
        int low = Math.Min(s[2].Low, e[2]), columns = Math.Min(s[2].Input, e[2] - low);
        if (columns <= 0) return;
        for (var i = 0; i < s[0].Input && i + s[0].Low < e[0]; i++)
            for (var j = 0; j < s[1].Input && j + s[1].Low < e[1]; j++)
            {
                var from = new MatrixView<T>(input + ((nint)i * s[1].Input + j) * s[2].Input, s.InputPlane, 1);
                var to = image + (((nint)(i + s[0].Low) * e[1] + j + s[1].Low) * e[2] + low) * s.Inputs;
                GemmPacking<T>.Turn(from, s.Inputs, columns, to, s.Inputs);
            }
    }

    /// <summary>Adds what images give to the sums of a few output channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles(Job job, T* image, int images, T* output, int rows, T* sums)
    {
        var s = job.Sizes;
        int atOnce = job.LinesAtOnce, registers = job.PaddedWidth / L.Count, count = s[2].Output;
        var all = images * job.LineCount;
        for (var line = 0; line < all; line += atOnce)
        {
            var lines = Math.Min(atOnce, all - line);
            for (var k = 0; k < job.Stretches; k++)
                for (var r = 0; r < registers;)
                {
                    // 4 registers are better shared out as 2 and 2 than as 3 and 1
                    var some = registers - r == 4 ? 2 : Math.Min(3, registers - r);
                    ConvolutionRows<L, V, T>.Tile(
                        output, s.OutputPlane, rows, image + job.Offsets[k] + r * L.Count, job.Lines + line, lines, count, (nint)s[2].Stride * s.Inputs, sums + (nint)k * job.PaddedWidth + r * L.Count, job.Row, some);
                    r += some;
                }
        }
    }

    /// <summary>The sums of an output channel to the kernel, channel after channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Place(Job job, T* sums, T* kernel)
    {
        var s = job.Sizes;
        int inputs = s.Inputs, inner = job.Width / inputs, padded = job.PaddedWidth, stretches = job.Stretches;
        for (var c = 0; c < inputs; c++)
            for (var k = 0; k < stretches; k++)
            {
                var from = sums + (nint)k * padded + c;
                for (var t = 0; t < inner; t++, from += inputs) *kernel++ = *from;
            }
    }
}

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>The convolution and its transpose in the input as products of the kernel with the matrix of columns, of which only as much is made at a time as stays in the second
/// cache: panels as wide as a tile, whose columns are results one behind the other, of several images where one is small. Nothing is computed that is not a result, and all that a
/// tile reads lies at constant distances.</summary>
/// <remarks>Each result is one chain of multiply-adds over source channels and taps, whatever panel it is in.</remarks>
internal static unsafe class ConvolutionPanels<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>The rows of a panel at most: a sliver of the kernel so deep stays in the first cache.</summary>
    private const int MostDepth = 320;

    /// <summary>The bytes of the panels that are made together; they stay in the second cache while every sliver of the kernel meets them.</summary>
    private const int PanelBytes = 512 << 10;

    /// <summary>The panels that are made together at most.</summary>
    private const int MostPanels = 12;

    /// <summary>The bytes of the images that are laid out together.</summary>
    private const int ImageBytes = 1 << 20;

    private static int Columns => ConvolutionTiles<L, V, T>.Columns;

    /// <summary>Whether making panels costs less than shifted images do, by half-cycles of a register: those take a quarter longer for what they read crosses cache lines, and
    /// compute the padding between rows; panels are written a register for each beginning stretch of a row.</summary>
    public static bool Repays(ShiftedConvolution<T> maps)
    {
        if (maps.ResultChannels <= L.Rows) return false;
        double shifted = 0, panels = 0;
        foreach (var pass in maps.Passes)
        {
            shifted += 1.25 * maps.ResultChannels * pass.Taps.Length * ConvolutionTiles<L, V, T>.Tiled(pass.Length);
            panels += pass.Taps.Length * (double)pass.Positions * (maps.ResultChannels + 4.5 + 1.5 * Columns / pass.Count[2]);
        }
        return panels < shifted;
    }

    /// <summary>The panels of the images that are laid out together.</summary>
    private sealed class Job(ShiftedConvolution<T> maps)
    {
        public ShiftedConvolution<T> Maps => maps;

        public ConvolutionSizes Sizes => maps.Sizes;

        /// <summary>The kernel in slivers, pass after pass, group after group; and where each row of the columns begins.</summary>
        public T* Packed;
        public int* Shifts;

        /// <summary>The images that are laid out together.</summary>
        public required int Images { get; init; }

        /// <summary>The parts into which the panels of these images are cut, for threads.</summary>
        public int Pieces { get; set; }

        public int Chunks => (Sizes.Batch + Images - 1) / Images;
    }

    public static void Run(ShiftedConvolution<T> maps)
    {
        var s = maps.Sizes;
        var job = new Job(maps) { Images = ImagesOf(maps) };
        job.Packed = ConvolutionScratch<T>.Get(2, (long)maps.Depth * maps.RowsPacked(L.Rows) * s.Groups);
        job.Shifts = ConvolutionScratch<int>.Get(2, maps.Depth);
        maps.Pack(L.Rows, ConvolutionTiles<L, V, T>.PanelHeight, job.Packed, job.Shifts);
        var chunks = job.Chunks * s.Groups;
        job.Pieces = chunks >= 4 * Parallelism.MaxThreads ? 1 : 4;
        Parallelism.Share(chunks * job.Pieces, s.Nanoseconds<T>(), new UnitsOf(job));
    }

    /// <summary>So many images together that few columns of their panels are left empty.</summary>
    private static int ImagesOf(ShiftedConvolution<T> maps)
    {
        var batch = maps.Sizes.Batch;
        var most = (int)Math.Clamp(ImageBytes / ((long)maps.ImageSize * sizeof(T) + 1), 1, batch);
        var (best, least) = (1, long.MaxValue);
        for (var images = 1; images <= most; images++)
        {
            long panels = 0;
            foreach (var pass in maps.Passes) panels += (long)(batch / images) * PanelsOf(pass, images) + PanelsOf(pass, batch % images);
            if (panels < least) (best, least) = (images, panels);
        }
        return best;
    }

    private static int PanelsOf(ShiftedPass pass, int images) => (images * pass.Positions + Columns - 1) / Columns;

    private readonly struct UnitsOf(Job job) : IShared
    {
        public void Run(int begin, int end) => Units(job, begin, end);
    }

    /// <summary>Units from begin to end: the pieces of a few images of one group.</summary>
    private static void Units(Job job, int begin, int end)
    {
        var (prepared, clear) = (-1, 0);
        Source source = default;
        for (var unit = begin; unit < end; unit++)
        {
            var chunk = unit / job.Pieces;
            int group = chunk / job.Chunks, first = chunk % job.Chunks * job.Images, images = Math.Min(job.Images, job.Sizes.Batch - first);
            if (chunk != prepared) source = Prepared(job, group, first, images, ref clear);
            prepared = chunk;
            Piece(job, group, first, images, source, unit % job.Pieces);
        }
    }

    /// <summary>Images in the layout, and the elements from one to the next.</summary>
    private readonly struct Source(T* start, nint step)
    {
        public T* Start => start;

        public nint Step => step;
    }

    /// <summary>Images (of one group of them) in the layout: where they lie, if they lie so, and if a register may be read beyond them. What lies around the images stays
    /// from one time to the next.</summary>
    private static Source Prepared(Job job, int group, int first, int images, ref int clear)
    {
        var layout = job.Maps.Layout;
        nint channels = job.Maps.SourceChannels, step = job.Sizes.Groups * channels * layout.SourceSize;
        var from = job.Maps.Source + first * step + group * channels * layout.SourceSize;
        if (layout.IsSource && (job.Sizes.Batch - first - images) * step >= L.Count) return new(from, step);
        var to = ConvolutionScratch<T>.Get(0, (long)job.Images * job.Maps.ImageSize + L.Count);
        for (var i = 0; i < images; i++)
            for (nint c = 0; c < channels; c++) layout.Fill(from + i * step + c * layout.SourceSize, to + (nint)i * job.Maps.ImageSize + c * job.Maps.ChannelSize, layout.PlaneSize, i >= clear);
        clear = Math.Max(clear, images);
        return new(to, job.Maps.ImageSize);
    }

    private static void Piece(Job job, int group, int first, int images, Source source, int piece)
    {
        var maps = job.Maps;
        var packed = job.Packed;
        var shifts = job.Shifts;
        foreach (var pass in maps.Passes)
        {
            var depth = maps.SourceChannels * pass.Taps.Length;
            var rows = maps.RowsPacked(L.Rows);
            var panels = PanelsOf(pass, images);
            int from = (int)((long)panels * piece / job.Pieces), to = (int)((long)panels * (piece + 1) / job.Pieces);
            var work = new PanelBlock
            {
                Maps = maps,
                Pass = pass,
                Depth = depth,
                Packed = packed + (nint)group * rows * depth,
                Shifts = shifts,
                Source = source,
                Result = maps.Result + ((nint)first * job.Sizes.Groups + group) * maps.ResultChannels * maps.ResultPlane,
                Images = images,
            };
            // blocks of the same size, that stay in the second cache
            var most = Math.Clamp(PanelBytes / (Math.Max(1, Math.Min(depth, MostDepth)) * Columns * sizeof(T)), 1, MostPanels);
            var blocks = (to - from + most - 1) / most;
            for (var b = 0; b < blocks; b++) work.Run(from + (to - from) * b / blocks, from + (to - from) * (b + 1) / blocks);
            packed += (nint)rows * depth * job.Sizes.Groups;
            shifts += depth;
        }
    }

    /// <summary>A few panels of a pass and all that they give.</summary>
    private struct PanelBlock
    {
        public required ShiftedConvolution<T> Maps;
        public required ShiftedPass Pass;
        public required int Depth;
        public required T* Packed;
        public required int* Shifts;
        public required Source Source;
        public required T* Result;
        public required int Images;

        /// <summary>Panels from begin to end.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int begin, int end)
        {
            var plans = (PanelPlan*)ConvolutionScratch<byte>.Get(0, (end - begin) * sizeof(PanelPlan));
            for (var t = begin; t < end; t++) Plan(ref plans[t - begin], t * Columns);
            var cuts = Math.Max(1, (Depth + MostDepth - 1) / MostDepth);
            nint room = (nint)((Depth + cuts - 1) / cuts) * Columns;
            var panels = ConvolutionScratch<T>.Get(1, (end - begin) * room + (L.Rows + 1) * Columns);
            var sums = panels + (end - begin) * room + L.Count;
            for (var cut = 0; cut < cuts; cut++)
            {
                int from = (int)((long)Depth * cut / cuts), k = (int)((long)Depth * (cut + 1) / cuts) - from;
                for (var t = 0; t < end - begin; t++) Fill(plans[t], Source.Start, Shifts + from, k, panels + t * room);
                for (var m = 0; m < Maps.ResultChannels; m += L.Rows)
                {
                    var rows = Math.Min(L.Rows, Maps.ResultChannels - m);
                    var height = ConvolutionTiles<L, V, T>.PanelHeight(rows);
                    var a = Packed + (nint)m * Depth + (nint)from * height;
                    var result = Result + (nint)m * Maps.ResultPlane;
                    for (var t = 0; t < end - begin; t++)
                        if (plans[t].IsDirect && rows == height) ConvolutionTiles<L, V, T>.Tile(height, k, a, panels + t * room, Columns, result + plans[t].Place[0], Maps.ResultPlane, cut > 0);
                        else
                        {
                            if (cut > 0) Move(plans[t], rows, result, sums, false);
                            ConvolutionTiles<L, V, T>.Tile(height, k, a, panels + t * room, Columns, sums, Columns, cut > 0);
                            Move(plans[t], rows, result, sums, true);
                        }
                }
            }
        }

        /// <summary>What the panel sees that begins at this result, and where it goes.</summary>
        private readonly void Plan(ref PanelPlan plan, int position)
        {
            var (count, start, step, layout) = (Pass.Count, Pass.Start, Pass.Step, Maps.Layout);
            int plane = Pass.Positions, end = Math.Min(Images * plane, position + Columns), column = 0;
            int imageStep = Maps.Sizes.Groups * Maps.ResultChannels * Maps.ResultPlane, sourceEnd = -1, placeEnd = -1;
            (plan.Registers, plan.Runs) = (0, 0);
            while (position < end)
            {
                int image = position / plane, rest = position - image * plane, row = rest / count[2], k = rest - row * count[2], i = row / count[1], j = row - i * count[1];
                var length = Math.Min(count[2] - k, end - position);
                var source = (int)(image * Source.Step) + layout.Flat(i, j, k);
                var place = image * imageStep + ((start[0] + i * step[0]) * Maps.ResultSizes[1] + start[1] + j * step[1]) * Maps.ResultSizes[2] + start[2] + k * step[2];
                plan.Reads(column, source, length, source == sourceEnd);
                plan.Writes(column, place, length, place == placeEnd && step[2] == 1);
                (sourceEnd, placeEnd) = (source + length, place + length);
                column += length;
                position += length;
            }
            plan.IsDirect = plan.Runs == 1 && plan.Length[0] == Columns && step[2] == 1;
        }

        /// <summary>Sums of a tile to their places in the result, or from there.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Move(in PanelPlan plan, int rows, T* result, T* sums, bool there)
        {
            var step = Pass.Step[2];
            for (var r = 0; r < rows; r++, result += Maps.ResultPlane, sums += Columns)
                for (var run = 0; run < plan.Runs; run++)
                {
                    T* place = result + plan.Place[run], sum = sums + plan.Column[run];
                    var length = plan.Length[run];
                    if (step == 1) ShortRows.Copy(there ? sum : place, there ? place : sum, length);
                    else if (there)
                        for (nint i = 0; i < length; i++) place[i * step] = sum[i];
                    else
                        for (nint i = 0; i < length; i++) sum[i] = place[i * step];
                }
        }
    }

    /// <summary>The rows of a panel: whole registers from all that each tap sees. What a register has too much the next one covers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill(in PanelPlan plan, T* source, int* shifts, int depth, T* to)
    {
        fixed (int* from = plan.From, at = plan.At)
        {
            var registers = plan.Registers;
            if (registers == 3) Fill<ThreeRegisters>(from, at, source, shifts, depth, to);
            else if (registers == 4) Fill<FourRegisters>(from, at, source, shifts, depth, to);
            else if (registers == 5) Fill<FiveRegisters>(from, at, source, shifts, depth, to);
            else if (registers == 6) Fill<SixRegisters>(from, at, source, shifts, depth, to);
            else
                for (var k = 0; k < depth; k++, to += Columns)
                {
                    var row = source + shifts[k];
                    for (var r = 0; r < registers; r++) L.Store(L.Load(row + from[r]), to + at[r]);
                }
        }
    }

    /// <summary>The same for the numbers of registers that are met most often: 3 or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill<N>(int* from, int* at, T* source, int* shifts, int depth, T* to) where N : struct, ITileWidth
    {
        nint f0 = from[0], f1 = from[1], f2 = from[2], f3 = from[3], f4 = from[4], f5 = from[5];
        nint a0 = at[0], a1 = at[1], a2 = at[2], a3 = at[3], a4 = at[4], a5 = at[5];
        for (var k = 0; k < depth; k++, to += Columns)
        {
            var row = source + shifts[k];
            L.Store(L.Load(row + f0), to + a0);
            L.Store(L.Load(row + f1), to + a1);
            L.Store(L.Load(row + f2), to + a2);
            if (N.Registers > 3) L.Store(L.Load(row + f3), to + a3);
            if (N.Registers > 4) L.Store(L.Load(row + f4), to + a4);
            if (N.Registers > 5) L.Store(L.Load(row + f5), to + a5);
        }
    }

    /// <summary>The columns of a panel: the registers that fill a row of it, from where to where, and the stretches of the result that its sums are.</summary>
    private struct PanelPlan
    {
        /// <summary>As many as a panel of the widest registers has columns.</summary>
        private const int Most = 48;

        public int Registers;
        public int Runs;
        public bool IsDirect;
        public fixed int From[Most];
        public fixed int At[Most];
        public fixed int Column[Most];
        public fixed int Place[Most];
        public fixed int Length[Most];

        /// <summary>Of the source, length elements from one on; continuing those before, if they do.</summary>
        public void Reads(int column, int source, int length, bool continues)
        {
            // the register before may reach so far
            var taken = continues ? Math.Min(length, At[Registers - 1] + L.Count - column) : 0;
            for (var i = taken; i < length; i += L.Count)
            {
                From[Registers] = source + i;
                At[Registers++] = column + i;
            }
        }

        /// <summary>To the result, length elements from a place on.</summary>
        public void Writes(int column, int place, int length, bool continues)
        {
            if (continues)
            {
                Length[Runs - 1] += length;
                return;
            }
            Column[Runs] = column;
            Place[Runs] = place;
            Length[Runs++] = length;
        }
    }
}

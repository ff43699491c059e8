using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>The transpose in the kernel: each of its elements is the product of an output channel with a shifted input channel.</summary>
internal static unsafe class ConvolutionKernels<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    /// <summary>Small images are laid behind each other up to about this length.</summary>
    private const int Stretch = 2048;

    private sealed class Job
    {
        public required ConvolutionSizes Sizes { get; init; }

        public required PlaneLayout Layout { get; init; }

        public required ShiftedPass Pass { get; init; }

        /// <summary>The images that are treated as one.</summary>
        public required int Images { get; init; }

        public T* Input;
        public T* Output;
        public T* Kernel;

        /// <summary>Where the input begins for each element of a row of the kernel; the last is repeated.</summary>
        public int* Shifts;

        public int Row => Sizes.Inputs * Sizes.Taps;

        public int ChannelSize => Layout.Planes * Images * Layout.PlaneSize;

        public int TileRows => ConvolutionTiles<L, V, T>.DotRows(Sizes.Outputs);

        public int TileColumns => ConvolutionTiles<L, V, T>.DotColumns(Sizes.Outputs);

        /// <summary>What so many images take, up to the last output.</summary>
        public int Length(int images) => ((images - 1) * Layout.PlaneSize + Pass.Length + L.Count - 1) / L.Count * L.Count;
    }

    public static void Run(ConvolutionSizes s, T* input, T* output, T* kernel)
    {
        if (!IsFinite(input, s.InputCount))
        {
            // between the outputs of two rows lie zeros, which would meet ∞ and NaN of the input and make NaN
            ConvolutionProducts<T>.Columns(2, s, input, output, kernel);
            return;
        }
        var layout = ConvolutionLayouts.OfInput(s);
        var images = Math.Clamp(Stretch / layout.PlaneSize, 1, s.Batch);
        var job = new Job { Sizes = s, Layout = layout, Images = images, Pass = ConvolutionLayouts.Outputs(s, layout, images * layout.PlaneSize), Input = input, Output = output, Kernel = kernel };
        job.Shifts = (int*)NativeMemory.AlignedAlloc((nuint)((job.Row + job.TileColumns) * sizeof(int)), 64);
        try
        {
            FillShifts(job);
            new Span<T>(kernel, s.KernelCount).Clear();
            // units: groups, rows of tiles, and parts of rows where there are too few of those
            var tiles = (s.Outputs + job.TileRows - 1) / job.TileRows;
            var parts = s.Groups * tiles >= Parallelism.MaxThreads ? 1 : 2;
            Parallelism.Share(s.Groups * tiles * parts, s.Nanoseconds<T>(), new UnitsOf(job, tiles, parts));
        }
        finally
        {
            NativeMemory.AlignedFree(job.Shifts);
        }
    }

    /// <summary>A number that is not finite makes NaN of 0 times itself, which no sum loses.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool IsFinite(T* x, int n)
    {
        V a = default, b = default, c = default, d = default, zero = default;
        var i = 0;
        for (; i + 4 * L.Count <= n; i += 4 * L.Count)
        {
            a = L.MultiplyAdd(zero, L.Load(x + i), a);
            b = L.MultiplyAdd(zero, L.Load(x + i + L.Count), b);
            c = L.MultiplyAdd(zero, L.Load(x + i + 2 * L.Count), c);
            d = L.MultiplyAdd(zero, L.Load(x + i + 3 * L.Count), d);
        }
        var sum = L.Sum(L.Add(L.Add(a, b), L.Add(c, d)));
        for (; i < n; i++) sum += T.Zero * x[i];
        return T.IsZero(sum);
    }

    private static void FillShifts(Job job)
    {
        var to = job.Shifts;
        for (var c = 0; c < job.Sizes.Inputs; c++)
            foreach (var shift in job.Pass.Shifts) *to++ = c * job.ChannelSize + shift;
        for (var k = 0; k < job.TileColumns; k++) to[k] = to[-1];
    }

    private readonly struct UnitsOf(Job job, int tiles, int parts) : IShared
    {
        public void Run(int begin, int end) => Units(job, tiles, parts, begin, end);
    }

    /// <summary>Units from begin to end, group by group, and in each group block of images by block.</summary>
    private static void Units(Job job, int tiles, int parts, int begin, int end)
    {
        for (var unit = begin; unit < end;)
        {
            var group = unit / (tiles * parts);
            var last = Math.Min(end, (group + 1) * tiles * parts);
            for (var n = 0; n < job.Sizes.Batch; n += job.Images)
            {
                var images = Math.Min(job.Images, job.Sizes.Batch - n);
                var input = FillInput(job, group, n, images);
                for (var u = unit; u < last; u++) Tiles(job, group, n, images, u % (tiles * parts) / parts * job.TileRows, u % parts, parts, input);
            }
            unit = last;
        }
    }

    private static T* FillInput(Job job, int group, int n, int images)
    {
        var (s, layout) = (job.Sizes, job.Layout);
        var target = ConvolutionScratch<T>.Get(0, (long)s.Inputs * job.ChannelSize + L.Count);
        for (var i = 0; i < images; i++)
            for (var c = 0; c < s.Inputs; c++)
            {
                var source = job.Input + (((nint)(n + i) * s.Groups + group) * s.Inputs + c) * layout.SourceSize;
                layout.Fill(source, target + (nint)c * job.ChannelSize + (nint)i * layout.PlaneSize, (nint)job.Images * layout.PlaneSize);
            }
        // the last registers reach this far
        new Span<T>(target + (nint)s.Inputs * job.ChannelSize, L.Count).Clear();
        return target;
    }

    /// <summary>The rows of the output from o on as the layout has them, zeros between and below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T* FillOutput(Job job, int group, int n, int images, int o)
    {
        var (s, count, length) = (job.Sizes, job.Pass.Count, job.Length(images));
        var target = ConvolutionScratch<T>.Get(3, (long)job.TileRows * length);
        new Span<T>(target, job.TileRows * length).Clear();
        for (var r = 0; r < Math.Min(job.TileRows, s.Outputs - o); r++)
            for (var i = 0; i < images; i++)
            {
                var from = job.Output + (((nint)(n + i) * s.Groups + group) * s.Outputs + o + r) * s.OutputPlane;
                var to = target + (nint)r * length + (nint)i * job.Layout.PlaneSize;
                for (var p = 0; p < count[0]; p++)
                    for (var q = 0; q < count[1]; q++, from += count[2]) ShortRows.Copy(from, to + job.Layout.Flat(p, q, 0), count[2]);
            }
        return target;
    }

    /// <summary>Adds what these images give to one part of a few rows of the kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles(Job job, int group, int n, int images, int o, int part, int parts, T* input)
    {
        var (length, columns) = (job.Length(images), job.TileColumns);
        var output = FillOutput(job, group, n, images, o);
        var sums = stackalloc T[24];
        var strips = (job.Row + columns - 1) / columns;
        int begin = (int)((long)strips * part / parts) * columns, end = Math.Min(job.Row, (int)((long)strips * (part + 1) / parts) * columns);
        // stretches of the images that stay in the second cache
        var piece = Math.Max(1024, 131072 / Math.Max(1, job.Sizes.Inputs * job.Layout.Planes) / L.Count * L.Count);
        for (var q = 0; q < length; q += piece)
            for (var r = begin; r < end; r += columns)
            {
                ConvolutionTiles<L, V, T>.Dot(job.TileRows, output + q, length, input + q, job.Shifts + r, Math.Min(piece, length - q), sums);
                Add(job, group, o, r, Math.Min(columns, end - r), sums);
            }
    }

    private static void Add(Job job, int group, int o, int r, int columns, T* sums)
    {
        for (var i = 0; i < Math.Min(job.TileRows, job.Sizes.Outputs - o); i++)
        {
            var row = job.Kernel + ((nint)group * job.Sizes.Outputs + o + i) * job.Row + r;
            for (var j = 0; j < columns; j++) row[j] += sums[i * job.TileColumns + j];
        }
    }
}

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>The transpose in the input, where the definition would see zeros around the output for the most part: what each tap gives to all positions at once is added to the image
/// where that tap sees it, shifted.</summary>
internal static unsafe class ConvolutionSpread<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    private static int Columns => ConvolutionTiles<L, V, T>.Columns;

    private static int Tiled(int length) => ConvolutionTiles<L, V, T>.Tiled(length);

    private static int Height(int rows) => ConvolutionTiles<L, V, T>.PanelHeight(rows);

    private sealed class Job
    {
        public required ConvolutionSizes Sizes { get; init; }

        /// <summary>The input as the outputs see it.</summary>
        public required PlaneLayout Layout { get; init; }

        public required ShiftedPass Pass { get; init; }

        public T* Output;
        public T* Input;

        /// <summary>The kernel in slivers: group after group, tap after tap.</summary>
        public T* Packed;

        public int RowsPacked => (Sizes.Inputs + L.Rows - 1) / L.Rows * L.Rows;

        /// <summary>From one channel of the laid out output to the next, and of the laid out input.</summary>
        public int OutputStep => Uneven(Tiled(Pass.Length));

        public int InputStep => Uneven((Layout.Planes * Layout.PlaneSize + L.Count - 1) / L.Count * L.Count);

        /// <summary>Channels do not all fall into the same places of the first cache.</summary>
        private static int Uneven(int step) => step * sizeof(T) % 1024 == 0 ? step + L.Count : step;
    }

    /// <summary>Whether this takes clearly less than the definition, by half-cycles of a register, and no number of the kernel makes NaN of the zeros between the rows.</summary>
    public static bool Repays(ShiftedConvolution<T> maps)
    {
        var s = maps.Sizes;
        double direct = 0;
        foreach (var pass in maps.Passes) direct += 1.25 * s.Inputs * s.Outputs * pass.Taps.Length * Math.Max(1.1 * pass.Positions, s.Inputs <= L.Rows ? Tiled(pass.Length) : 0);
        var layout = ConvolutionLayouts.OfInput(s);
        var length = layout.Flat(s[0].Output - 1, s[1].Output - 1, s[2].Output - 1) + 1;
        var spread = (double)s.Taps * Tiled(length) * s.Inputs * (1.1 * s.Outputs + 5);
        return spread < 0.8 * direct && ConvolutionKernels<L, V, T>.IsFinite(maps.Kernel, s.KernelCount);
    }

    public static void Run(ConvolutionSizes s, T* output, T* kernel, T* input)
    {
        var layout = ConvolutionLayouts.OfInput(s);
        var job = new Job { Sizes = s, Layout = layout, Pass = ConvolutionLayouts.Outputs(s, layout, layout.PlaneSize), Output = output, Input = input };
        job.Packed = ConvolutionScratch<T>.Get(2, (long)s.Groups * s.Taps * job.RowsPacked * s.Outputs);
        Pack(job, kernel);
        Parallelism.Share(s.Batch * s.Groups, s.Nanoseconds<T>(), new ImagesOf(job));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(Job job, T* kernel)
    {
        var s = job.Sizes;
        int taps = s.Taps, inputs = s.Inputs, outputs = s.Outputs;
        for (var g = 0; g < s.Groups; g++, kernel += (nint)outputs * inputs * taps)
            foreach (var tap in job.Pass.Taps)
            {
                var sliver = job.Packed + ((nint)g * taps + tap) * job.RowsPacked * outputs;
                for (var m = 0; m < inputs; m += L.Rows)
                {
                    int rows = Math.Min(L.Rows, inputs - m), height = Height(rows);
                    var to = sliver + (nint)m * outputs;
                    for (var o = 0; o < outputs; o++, to += height)
                        for (var r = 0; r < height; r++) to[r] = r < rows ? kernel[((nint)o * inputs + m + r) * taps + tap] : T.Zero;
                }
            }
    }

    private readonly struct ImagesOf(Job job) : IShared
    {
        public void Run(int begin, int end) => Images(job, begin, end);
    }

    private static void Images(Job job, int begin, int end)
    {
        var (s, layout) = (job.Sizes, job.Layout);
        int outputStep = job.OutputStep, inputStep = job.InputStep, room = job.RowsPacked * inputStep + Columns;
        T* output = ConvolutionScratch<T>.Get(0, (long)s.Outputs * outputStep), sums = ConvolutionScratch<T>.Get(1, room);
        // what lies between the rows stays 0
        new Span<T>(output, s.Outputs * outputStep).Clear();
        for (var image = begin; image < end; image++)
        {
            Fill(job, job.Output + (nint)image * s.Outputs * s.OutputPlane, output);
            new Span<T>(sums, room).Clear();
            Add(job, job.Packed + (nint)(image % s.Groups) * s.Taps * job.RowsPacked * s.Outputs, output, outputStep, sums, inputStep);
            for (nint c = 0; c < s.Inputs; c++) layout.Take(sums + c * inputStep, job.Input + ((nint)image * s.Inputs + c) * s.InputPlane, layout.PlaneSize);
        }
    }

    /// <summary>The output as the layout has it, row after row with room between.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill(Job job, T* from, T* to)
    {
        var (layout, count, step) = (job.Layout, job.Pass.Count, job.OutputStep);
        for (var o = 0; o < job.Sizes.Outputs; o++, to += step)
            for (var p = 0; p < count[0]; p++)
                for (var q = 0; q < count[1]; q++, from += count[2]) ShortRows.Copy(from, to + layout.Flat(p, q, 0), count[2]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(Job job, T* packed, T* output, int outputStep, T* sums, int inputStep)
    {
        int inputs = job.Sizes.Inputs, outputs = job.Sizes.Outputs, length = job.Pass.Length;
        var size = (nint)job.RowsPacked * outputs;
        var (taps, shifts) = (job.Pass.Taps, job.Pass.Shifts);
        for (var q = 0; q < length; q += Columns)
            for (var t = 0; t < taps.Length; t++)
                for (var m = 0; m < inputs; m += L.Rows)
                    ConvolutionTiles<L, V, T>.Tile(
                        Height(Math.Min(L.Rows, inputs - m)), outputs, packed + taps[t] * size + (nint)m * outputs, output + q, outputStep, sums + (nint)m * inputStep + shifts[t] + q, inputStep, true);
    }
}

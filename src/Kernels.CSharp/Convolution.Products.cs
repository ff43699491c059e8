using System;
using System.Numerics;

namespace DiffLib.Kernels;

/// <summary>Convolutions as plain products of matrices: where every position sees itself only, and where there are so few positions that shifted images would
/// be padding for the most part. Map 0 gives the output, 1 the input, 2 the kernel.</summary>
internal static unsafe class ConvolutionProducts<T> where T : unmanaged, INumber<T>
{
    /// <summary>The elements of the matrix of columns that are made at a time.</summary>
    private const int Most = 1 << 20;

    /// <summary>Whether less than a third of the tiles would be outputs.</summary>
    public static bool FewOutputs(ConvolutionSizes s, int columns)
    {
        var layout = ConvolutionLayouts.OfInput(s);
        long length = layout.Flat(s[0].Output - 1, s[1].Output - 1, s[2].Output - 1) + 1;
        return 3L * s.OutputPlane < (length + columns - 1) / columns * columns;
    }

    private static void Multiply(bool transA, bool transB, int m, int n, int k, T* a, int lda, T* b, int ldb, bool add, T* c, int ldc)
    {
        int sizeA = transA ? k * lda : m * lda, sizeB = transB ? n * ldb : k * ldb;
        if (typeof(T) == typeof(double))
            Gemm.Multiply(transA, transB, m, n, k, 1.0, new ReadOnlySpan<double>(a, sizeA), lda, new ReadOnlySpan<double>(b, sizeB), ldb, add ? 1.0 : 0.0, new Span<double>(c, m * ldc), ldc);
        else
            Gemm.Multiply(transA, transB, m, n, k, 1f, new ReadOnlySpan<float>(a, sizeA), lda, new ReadOnlySpan<float>(b, sizeB), ldb, add ? 1f : 0f, new Span<float>(c, m * ldc), ldc);
    }

    public static void Pointwise(int map, ConvolutionSizes s, T* a, T* b, T* c)
    {
        var plane = s.OutputPlane;
        nint kernel = s.Outputs * s.Inputs, input = (nint)s.Inputs * plane, output = (nint)s.Outputs * plane;
        if (map == 2)
        {
            for (var n = 0; n < s.Batch; n++)
                for (var g = 0; g < s.Groups; g++)
                {
                    var image = n * s.Groups + g;
                    Multiply(false, true, s.Outputs, s.Inputs, plane, b + image * output, plane, a + image * input, plane, n > 0, c + g * kernel, s.Inputs);
                }
            return;
        }
        // few images share out the work of each
        var images = new PointwiseImages(map, s, a, b, c);
        var count = s.Batch * s.Groups;
        if (count < 2 * Parallelism.MaxThreads) images.Run(0, count);
        else Parallelism.Share(count, Parallelism.Products<T>(s.Work), images);
    }

    private readonly struct PointwiseImages(int map, ConvolutionSizes s, T* a, T* b, T* c) : IShared
    {
        public void Run(int begin, int end)
        {
            var plane = s.OutputPlane;
            nint kernel = s.Outputs * s.Inputs, input = (nint)s.Inputs * plane, output = (nint)s.Outputs * plane;
            for (var image = begin; image < end; image++)
            {
                var w = b + image % s.Groups * kernel;
                if (map == 0) Multiply(false, false, s.Outputs, plane, s.Inputs, w, s.Inputs, a + image * input, plane, false, c + image * output, plane);
                else Multiply(true, false, s.Inputs, plane, s.Outputs, w, s.Inputs, a + image * output, plane, false, c + image * input, plane);
            }
        }
    }

    /// <summary>By the matrix of columns: a row for each position of each image, in it all that its taps see.</summary>
    public static void Columns(int map, ConvolutionSizes s, T* a, T* b, T* c)
    {
        int row = s.Inputs * s.Taps, plane = s.OutputPlane;
        var images = (int)Math.Clamp(Most / Math.Max(1L, (long)plane * row), 1, s.Batch);
        var columns = ConvolutionScratch<T>.Get(0, (long)images * plane * row);
        var turned = ConvolutionScratch<T>.Get(1, (long)images * plane * s.Outputs);
        var at = new int[(long)plane * s.Taps];
        Places(s, at);
        if (map == 1) new Span<T>(c, s.InputCount).Clear();
        for (var g = 0; g < s.Groups; g++)
            for (var n = 0; n < s.Batch; n += images)
            {
                var rows = Math.Min(images, s.Batch - n) * plane;
                nint kernel = (nint)g * s.Outputs * row;
                if (map == 0)
                {
                    Gather(s, g, n, rows / plane, at, a, columns);
                    Multiply(false, true, rows, s.Outputs, row, columns, row, b + kernel, row, false, turned, s.Outputs);
                    Turn(s, g, n, rows / plane, c, turned, false);
                }
                else if (map == 1)
                {
                    Turn(s, g, n, rows / plane, a, turned, true);
                    Multiply(false, false, rows, row, s.Outputs, turned, s.Outputs, b + kernel, row, false, columns, row);
                    Scatter(s, g, n, rows / plane, at, columns, c);
                }
                else
                {
                    Gather(s, g, n, rows / plane, at, a, columns);
                    Turn(s, g, n, rows / plane, b, turned, true);
                    Multiply(true, false, s.Outputs, row, rows, turned, s.Outputs, columns, row, n > 0, c + kernel, row);
                }
            }
    }

    /// <summary>Where in an input channel each tap of each position is, -1 for outside.</summary>
    private static void Places(ConvolutionSizes s, int[] at)
    {
        var (a0, a1, a2) = (s[0], s[1], s[2]);
        var to = 0;
        for (var p0 = 0; p0 < a0.Output; p0++)
            for (var p1 = 0; p1 < a1.Output; p1++)
                for (var p2 = 0; p2 < a2.Output; p2++)
                    for (var k0 = 0; k0 < a0.Kernel; k0++)
                        for (var k1 = 0; k1 < a1.Kernel; k1++)
                            for (var k2 = 0; k2 < a2.Kernel; k2++)
                            {
                                int i = Place(a0, p0, k0), j = Place(a1, p1, k1), k = Place(a2, p2, k2);
                                at[to++] = i < 0 || j < 0 || k < 0 ? -1 : (i * a1.Input + j) * a2.Input + k;
                            }
    }

    private static int Place(ConvolutionAxis a, int p, int k)
    {
        var i = p * a.Stride + k * a.Dilation - a.Low;
        return i < a.Input ? i : -1;
    }

    private static void Gather(ConvolutionSizes s, int g, int n, int images, int[] at, T* input, T* columns)
    {
        for (var i = 0; i < images; i++)
            for (var p = 0; p < s.OutputPlane; p++)
                for (var c = 0; c < s.Inputs; c++)
                {
                    var from = input + (((nint)(n + i) * s.Groups + g) * s.Inputs + c) * s.InputPlane;
                    foreach (var place in at.AsSpan(p * s.Taps, s.Taps)) *columns++ = place < 0 ? T.Zero : from[place];
                }
    }

    private static void Scatter(ConvolutionSizes s, int g, int n, int images, int[] at, T* columns, T* input)
    {
        for (var i = 0; i < images; i++)
            for (var p = 0; p < s.OutputPlane; p++)
                for (var c = 0; c < s.Inputs; c++)
                {
                    var to = input + (((nint)(n + i) * s.Groups + g) * s.Inputs + c) * s.InputPlane;
                    foreach (var place in at.AsSpan(p * s.Taps, s.Taps))
                    {
                        if (place >= 0) to[place] += *columns;
                        columns++;
                    }
                }
    }

    /// <summary>Outputs of images [o; p] from or to rows of positions [p; o].</summary>
    private static void Turn(ConvolutionSizes s, int g, int n, int images, T* output, T* turned, bool toRows)
    {
        for (var i = 0; i < images; i++)
        {
            var image = output + ((nint)(n + i) * s.Groups + g) * s.Outputs * s.OutputPlane;
            for (var p = 0; p < s.OutputPlane; p++)
                for (var o = 0; o < s.Outputs; o++, turned++)
                {
                    if (toRows) *turned = image[(nint)o * s.OutputPlane + p];
                    else image[(nint)o * s.OutputPlane + p] = *turned;
                }
        }
    }
}

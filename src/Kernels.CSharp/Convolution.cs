using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Convolution (in the sense of neural networks: correlation) of one to three axes with stride, padding, dilation and groups, and its two transposes. With
/// T(x, w, y) = Σ x·w·y over all positions and taps that meet, each of the three maps gives the derivative of T with respect to one argument
/// from the other two, so the three are each other's derivatives.</summary>
/// <remarks>Every element of a result is summed in an order that depends on the sizes only, never on threads.</remarks>
public static unsafe class Convolution
{
    /// <summary>The convolution: output[n; o; p] = Σ input[n; c; p·stride + k·dilation - low] kernel[o; c; k].</summary>
    /// <exception cref="ArgumentException">An array does not have the length that the sizes say.</exception>
    public static void Output(ConvolutionSizes sizes, ReadOnlySpan<double> input, ReadOnlySpan<double> kernel, Span<double> output) => Run(Map.Output, sizes, input, kernel, output);

    /// <inheritdoc cref="Output(ConvolutionSizes, ReadOnlySpan{double}, ReadOnlySpan{double}, Span{double})"/>
    public static void Output(ConvolutionSizes sizes, ReadOnlySpan<float> input, ReadOnlySpan<float> kernel, Span<float> output) => Run(Map.Output, sizes, input, kernel, output);

    /// <summary>The transpose in the input, also known as transposed convolution: input[n; c; i] = Σ output[n; o; p] kernel[o; c; k] over all p and k that meet at i.</summary>
    /// <exception cref="ArgumentException">An array does not have the length that the sizes say.</exception>
    public static void Input(ConvolutionSizes sizes, ReadOnlySpan<double> output, ReadOnlySpan<double> kernel, Span<double> input) => Run(Map.Input, sizes, output, kernel, input);

    /// <inheritdoc cref="Input(ConvolutionSizes, ReadOnlySpan{double}, ReadOnlySpan{double}, Span{double})"/>
    public static void Input(ConvolutionSizes sizes, ReadOnlySpan<float> output, ReadOnlySpan<float> kernel, Span<float> input) => Run(Map.Input, sizes, output, kernel, input);

    /// <summary>The transpose in the kernel: kernel[o; c; k] = Σ input[n; c; p·stride + k·dilation - low] output[n; o; p].</summary>
    /// <exception cref="ArgumentException">An array does not have the length that the sizes say.</exception>
    public static void Kernel(ConvolutionSizes sizes, ReadOnlySpan<double> input, ReadOnlySpan<double> output, Span<double> kernel) => Run(Map.Kernel, sizes, input, output, kernel);

    /// <inheritdoc cref="Kernel(ConvolutionSizes, ReadOnlySpan{double}, ReadOnlySpan{double}, Span{double})"/>
    public static void Kernel(ConvolutionSizes sizes, ReadOnlySpan<float> input, ReadOnlySpan<float> output, Span<float> kernel) => Run(Map.Kernel, sizes, input, output, kernel);

    private enum Map
    {
        Output,
        Input,
        Kernel,
    }

    private static void Run(Map map, ConvolutionSizes s, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c)
    {
        if (Vector512.IsHardwareAccelerated) Run<Doubles512, Vector512<double>, double>(map, s, a, b, c);
        else if (Vector256.IsHardwareAccelerated) Run<Doubles256, Vector256<double>, double>(map, s, a, b, c);
        else Run<Doubles128, Vector128<double>, double>(map, s, a, b, c);
    }

    private static void Run(Map map, ConvolutionSizes s, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c)
    {
        if (Vector512.IsHardwareAccelerated) Run<Singles512, Vector512<float>, float>(map, s, a, b, c);
        else if (Vector256.IsHardwareAccelerated) Run<Singles256, Vector256<float>, float>(map, s, a, b, c);
        else Run<Singles128, Vector128<float>, float>(map, s, a, b, c);
    }

    private static void Run<L, V, T>(Map map, ConvolutionSizes s, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> c)
        where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(s);
        Check(nameof(a), a.Length, map == Map.Input ? s.OutputCount : s.InputCount);
        Check(nameof(b), b.Length, map == Map.Kernel ? s.OutputCount : s.KernelCount);
        Check(nameof(c), c.Length, map == Map.Output ? s.OutputCount : map == Map.Input ? s.InputCount : s.KernelCount);
        if (c.IsEmpty) return;
        if (a.IsEmpty || b.IsEmpty)
        {
            c.Clear();
            return;
        }
        fixed (T* pa = &MemoryMarshal.GetReference(a), pb = &MemoryMarshal.GetReference(b), pc = &MemoryMarshal.GetReference(c))
        {
            if (s.IsPointwise) ConvolutionProducts<T>.Pointwise((int)map, s, pa, pb, pc);
            else if (ConvolutionProducts<T>.FewOutputs(s, ConvolutionTiles<L, V, T>.Columns)) ConvolutionProducts<T>.Columns((int)map, s, pa, pb, pc);
            else if (map == Map.Output) Output<L, V, T>(s, pa, pb, pc);
            else if (map == Map.Input) Input<L, V, T>(s, pa, pb, pc);
            else if (ConvolutionChannelsLast<L, V, T>.Fits(s)) ConvolutionChannelsLast<L, V, T>.Run(s, pa, pb, pc);
            else ConvolutionKernels<L, V, T>.Run(s, pa, pb, pc);
        }
    }

    private static void Output<L, V, T>(ConvolutionSizes s, T* input, T* kernel, T* output)
        where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
    {
        if (ConvolutionWinograd<L, V, T>.Fits(s) && ConvolutionWinograd<L, V, T>.Output(s, input, kernel, output)) return;
        Run<L, V, T>(ShiftedConvolution<T>.Output(s, input, kernel, output));
    }

    private static void Input<L, V, T>(ConvolutionSizes s, T* output, T* kernel, T* input)
        where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
    {
        if (ConvolutionWinograd<L, V, T>.Fits(s) && ConvolutionWinograd<L, V, T>.Input(s, output, kernel, input)) return;
        var maps = ShiftedConvolution<T>.Input(s, output, kernel, input);
        if (ConvolutionSpread<L, V, T>.Repays(maps)) ConvolutionSpread<L, V, T>.Run(s, output, kernel, input);
        else Run<L, V, T>(maps);
    }

    private static void Run<L, V, T>(ShiftedConvolution<T> maps)
        where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
    {
        if (ConvolutionPanels<L, V, T>.Repays(maps)) ConvolutionPanels<L, V, T>.Run(maps);
        else ConvolutionShifts<L, V, T>.Run(maps);
    }

    private static void Check(string name, int length, int count)
    {
        if (length != count) throw new ArgumentException($"{length} elements where the sizes say {count}.", name);
    }
}

/// <summary>Memory of a thread, which grows and stays.</summary>
internal static unsafe class ConvolutionScratch<T> where T : unmanaged
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static T[]?[]? _arrays;

    /// <summary>One of four pieces of memory, aligned to cache lines. Its contents are what was there before.</summary>
    public static T* Get(int which, long length)
    {
        var arrays = _arrays ??= new T[]?[4];
        var needed = checked((int)(length + Alignment / sizeof(T)));
        if (arrays[which] is not { } array || array.Length < needed) arrays[which] = array = GC.AllocateUninitializedArray<T>(Math.Max(needed, 4096), pinned: true);
        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return (T*)((start + Alignment - 1) & -Alignment);
    }
}

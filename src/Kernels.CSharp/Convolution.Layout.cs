using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>How one axis of a source is laid out for shifting: plane f holds the elements j·Step + Phases[f] - Pad for j below Extent, zeros where there are none.</summary>
internal readonly record struct LayoutAxis(int Size, int Step, int[] Phases, int Pad, int Extent);

/// <summary>What one tap of the kernel sees along an axis: a plane of the layout, shifted.</summary>
internal readonly record struct TapPlace(int Tap, int Plane, int Shift);

/// <summary>The layout of a channel: for every combination of phases a plane of padded rows behind each other.</summary>
internal sealed class PlaneLayout(LayoutAxis[] axes)
{
    public LayoutAxis[] Axes => axes;

    public int PlaneSize { get; } = axes[0].Extent * axes[1].Extent * axes[2].Extent;

    public int Planes { get; } = axes[0].Phases.Length * axes[1].Phases.Length * axes[2].Phases.Length;

    /// <summary>Whether the source as it lies has this layout.</summary>
    public bool IsSource { get; } = Array.TrueForAll(axes, a => a.Step == 1 && a.Phases is [0] && a.Pad == 0 && a.Extent == a.Size);

    /// <summary>The source elements of a channel.</summary>
    public int SourceSize { get; } = axes[0].Size * axes[1].Size * axes[2].Size;

    /// <summary>The place of element (i, j, k) of a plane.</summary>
    public int Flat(int i, int j, int k) => (i * axes[1].Extent + j) * axes[2].Extent + k;

    /// <summary>The number of the plane with these phases.</summary>
    public int Plane(int i, int j, int k) => (i * axes[1].Phases.Length + j) * axes[2].Phases.Length + k;

    /// <summary>Copies a channel into its planes, planeStep elements from plane to plane; what lies around it becomes 0, or is left as an earlier channel left it.</summary>
    public unsafe void Fill<T>(T* source, T* target, nint planeStep, bool around = true) where T : unmanaged
    {
        var plane = 0;
        var splits = axes[2] is { Step: 2, Phases: [0, 1] };
        foreach (var f0 in axes[0].Phases)
            foreach (var f1 in axes[1].Phases)
                if (splits)
                {
                    SplitPlanes(source, target + plane * planeStep, planeStep, f0, f1, around);
                    plane += 2;
                }
                else
                    foreach (var f2 in axes[2].Phases) FillPlane(source, target + plane++ * planeStep, f0, f1, f2, around);
    }

    /// <summary>The planes of the even and the odd elements of the rows in one go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void SplitPlanes<T>(T* source, T* target, nint planeStep, int f0, int f1, bool around) where T : unmanaged
    {
        var (a0, a1, a2) = (axes[0], axes[1], axes[2]);
        var (evenFirst, evenEnd) = Inside(a2, 0);
        var (oddFirst, oddEnd) = Inside(a2, 1);
        // the first element of a row is an even or an odd one of its planes
        var swaps = a2.Pad % 2 != 0;
        int extent = a2.Extent, size = evenEnd - evenFirst + oddEnd - oddFirst;
        for (var i = 0; i < a0.Extent; i++)
        {
            var s0 = i * a0.Step + f0 - a0.Pad;
            for (var j = 0; j < a1.Extent; j++, target += extent)
            {
                var s1 = j * a1.Step + f1 - a1.Pad;
                T* even = target, odd = target + planeStep;
                if ((uint)s0 >= (uint)a0.Size || (uint)s1 >= (uint)a1.Size)
                {
                    if (!around) continue;
                    new Span<T>(even, extent).Clear();
                    new Span<T>(odd, extent).Clear();
                    continue;
                }
                if (around)
                {
                    new Span<T>(even, evenFirst).Clear();
                    new Span<T>(even + evenEnd, extent - evenEnd).Clear();
                    new Span<T>(odd, oddFirst).Clear();
                    new Span<T>(odd + oddEnd, extent - oddEnd).Clear();
                }
                var row = source + ((nint)s0 * a1.Size + s1) * a2.Size;
                AlternatingRows.Split(row, swaps ? odd + oddFirst : even + evenFirst, swaps ? even + evenFirst : odd + oddFirst, size);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void FillPlane<T>(T* source, T* target, int f0, int f1, int f2, bool around) where T : unmanaged
    {
        var (a0, a1, a2) = (axes[0], axes[1], axes[2]);
        var (first, end) = Inside(a2, f2);
        var begin = first * a2.Step + f2 - a2.Pad;
        for (var i = 0; i < a0.Extent; i++)
        {
            var s0 = i * a0.Step + f0 - a0.Pad;
            for (var j = 0; j < a1.Extent; j++, target += a2.Extent)
            {
                var s1 = j * a1.Step + f1 - a1.Pad;
                if ((uint)s0 >= (uint)a0.Size || (uint)s1 >= (uint)a1.Size || first >= end)
                {
                    if (around) new Span<T>(target, a2.Extent).Clear();
                    continue;
                }
                for (var k = 0; around && k < first; k++) target[k] = default;
                var row = source + ((nint)s0 * a1.Size + s1) * a2.Size + begin;
                if (a2.Step == 1) ShortRows.Copy(row, target + first, end - first);
                else if (a2.Step == 2) AlternatingRows.Unzip(row, target + first, end - first);
                else
                    for (nint k = first, from = 0; k < end; k++, from += a2.Step) target[k] = row[from];
                for (var k = end; around && k < a2.Extent; k++) target[k] = default;
            }
        }
    }

    /// <summary>The other way: a channel from its planes. What no plane has becomes 0.</summary>
    public unsafe void Take<T>(T* planes, T* source, nint planeStep) where T : unmanaged
    {
        if (!Array.TrueForAll(axes, a => a.Step == 1 && a.Extent >= a.Size + a.Pad)) new Span<T>(source, SourceSize).Clear();
        foreach (var f0 in axes[0].Phases)
            foreach (var f1 in axes[1].Phases)
                foreach (var f2 in axes[2].Phases)
                {
                    TakePlane(planes, source, f0, f1, f2);
                    planes += planeStep;
                }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void TakePlane<T>(T* plane, T* source, int f0, int f1, int f2) where T : unmanaged
    {
        var (a0, a1, a2) = (axes[0], axes[1], axes[2]);
        var (first, end) = Inside(a2, f2);
        if (first >= end) return;
        var begin = first * a2.Step + f2 - a2.Pad;
        for (var i = 0; i < a0.Extent; i++)
        {
            var s0 = i * a0.Step + f0 - a0.Pad;
            for (var j = 0; j < a1.Extent; j++, plane += a2.Extent)
            {
                var s1 = j * a1.Step + f1 - a1.Pad;
                if ((uint)s0 >= (uint)a0.Size || (uint)s1 >= (uint)a1.Size) continue;
                var row = source + ((nint)s0 * a1.Size + s1) * a2.Size + begin;
                if (a2.Step == 1) ShortRows.Copy(plane + first, row, end - first);
                else
                    for (nint k = first, to = 0; k < end; k++, to += a2.Step) row[to] = plane[k];
            }
        }
    }

    /// <summary>The elements of a row that the source has: from the first to the end.</summary>
    private static (int First, int End) Inside(LayoutAxis a, int phase)
    {
        var first = Math.Clamp((a.Pad - phase + a.Step - 1) / a.Step, 0, a.Extent);
        var last = a.Size - 1 + a.Pad - phase;
        return (first, last < 0 ? first : Math.Clamp(last / a.Step + 1, first, a.Extent));
    }
}

/// <summary>Copies of rows too short to be worth the call that longer ones are.</summary>
internal static unsafe class ShortRows
{
    /// <summary>n numbers from one place to another that does not overlap it; the last register may write some of them twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy<T>(T* from, T* to, int n) where T : unmanaged
    {
        byte* source = (byte*)from, target = (byte*)to;
        var bytes = (nint)n * sizeof(T);
        if (Vector512.IsHardwareAccelerated && bytes >= 64)
        {
            nint i = 0, last = bytes - 64;
            for (; i < last; i += 64) Vector512.Store(Vector512.Load(source + i), target + i);
            Vector512.Store(Vector512.Load(source + last), target + last);
        }
        else if (Vector256.IsHardwareAccelerated && bytes >= 32)
        {
            nint i = 0, last = bytes - 32;
            for (; i < last; i += 32) Vector256.Store(Vector256.Load(source + i), target + i);
            Vector256.Store(Vector256.Load(source + last), target + last);
        }
        else if (bytes >= 16)
        {
            nint i = 0, last = bytes - 16;
            for (; i < last; i += 16) Vector128.Store(Vector128.Load(source + i), target + i);
            Vector128.Store(Vector128.Load(source + last), target + last);
        }
        else
            for (var i = 0; i < n; i++) to[i] = from[i];
    }
}

/// <summary>Results of one kind: what they see, and where they go. Results at Count positions along each axis, from Start on in steps of Step.</summary>
internal sealed class ShiftedPass
{
    public required int[] Count { get; init; }

    public int Positions => Count[0] * Count[1] * Count[2];

    public required int[] Start { get; init; }

    public required int[] Step { get; init; }

    /// <summary>The kernel's taps, and the shifts at which they see the source, planes counted.</summary>
    public required int[] Taps { get; init; }

    public required int[] Shifts { get; init; }

    /// <summary>From the first result to the last, with the padding between rows.</summary>
    public required int Length { get; init; }
}

/// <summary>The layouts of the three maps.</summary>
internal static class ConvolutionLayouts
{
    private static readonly int[] Ones = [1, 1, 1];

    private static readonly int[] None = [0, 0, 0];

    /// <summary>The input as the outputs see it: one plane for each remainder of the taps by the stride.</summary>
    public static PlaneLayout OfInput(ConvolutionSizes sizes)
    {
        var axes = new LayoutAxis[3];
        for (var d = 0; d < 3; d++)
        {
            var a = sizes[d];
            var phases = new List<int>();
            for (var k = 0; k < a.Kernel; k++)
                if (!phases.Contains(k * a.Dilation % a.Stride)) phases.Add(k * a.Dilation % a.Stride);
            axes[d] = new(a.Input, a.Stride, [.. phases], a.Low, a.Output + MostShift(a));
        }
        return new(axes);
    }

    /// <summary>The output as the inputs see it.</summary>
    public static PlaneLayout OfOutput(ConvolutionSizes sizes)
    {
        var axes = new LayoutAxis[3];
        for (var d = 0; d < 3; d++)
        {
            var a = sizes[d];
            axes[d] = new(a.Output, 1, [0], MostShift(a), (a.Input - 1 + a.Low) / a.Stride + 1 + MostShift(a));
        }
        return new(axes);
    }

    private static int MostShift(ConvolutionAxis a) => (a.Kernel - 1) * a.Dilation / a.Stride;

    /// <summary>All outputs, in one pass.</summary>
    public static ShiftedPass Outputs(ConvolutionSizes sizes, PlaneLayout layout, int planeStep)
    {
        var places = new TapPlace[3][];
        for (var d = 0; d < 3; d++)
        {
            var a = sizes[d];
            places[d] = new TapPlace[a.Kernel];
            for (var k = 0; k < a.Kernel; k++)
            {
                var at = k * a.Dilation;
                places[d][k] = new(k, Array.IndexOf(layout.Axes[d].Phases, at % a.Stride), at / a.Stride);
            }
        }
        return Pass(sizes, layout, planeStep, places, [sizes[0].Output, sizes[1].Output, sizes[2].Output], None, Ones);
    }

    /// <summary>All inputs: one pass for each remainder of the position by the stride, for it alone decides which taps reach it.</summary>
    public static ShiftedPass[] Inputs(ConvolutionSizes sizes, PlaneLayout layout)
    {
        var passes = new List<ShiftedPass>();
        for (var f0 = 0; f0 < sizes[0].Stride; f0++)
            for (var f1 = 0; f1 < sizes[1].Stride; f1++)
                for (var f2 = 0; f2 < sizes[2].Stride; f2++)
                    if (InputPass(sizes, layout, [f0, f1, f2]) is { } pass) passes.Add(pass);
        return [.. passes];
    }

    private static ShiftedPass? InputPass(ConvolutionSizes sizes, PlaneLayout layout, int[] phases)
    {
        int[] count = new int[3], start = new int[3], step = new int[3];
        var places = new TapPlace[3][];
        for (var d = 0; d < 3; d++)
        {
            var (a, f) = (sizes[d], phases[d]);
            // input positions j·stride + f - low, from the first j that gives one
            var first = Math.Max(0, (a.Low - f + a.Stride - 1) / a.Stride);
            start[d] = first * a.Stride + f - a.Low;
            if (start[d] >= a.Input) return null;
            count[d] = (a.Input - 1 - start[d]) / a.Stride + 1;
            step[d] = a.Stride;
            var taps = new List<TapPlace>();
            for (var k = 0; k < a.Kernel; k++)
                if (k * a.Dilation % a.Stride == f) taps.Add(new(k, 0, first + MostShift(a) - k * a.Dilation / a.Stride));
            places[d] = [.. taps];
        }
        return Pass(sizes, layout, 0, places, count, start, step);
    }

    private static ShiftedPass Pass(ConvolutionSizes sizes, PlaneLayout layout, int planeStep, TapPlace[][] places, int[] count, int[] start, int[] step)
    {
        List<int> taps = [], shifts = [];
        foreach (var p in places[0])
            foreach (var q in places[1])
                foreach (var r in places[2])
                {
                    taps.Add((p.Tap * sizes[1].Kernel + q.Tap) * sizes[2].Kernel + r.Tap);
                    shifts.Add(layout.Plane(p.Plane, q.Plane, r.Plane) * planeStep + layout.Flat(p.Shift, q.Shift, r.Shift));
                }
        return new()
        {
            Count = count,
            Start = start,
            Step = step,
            Taps = [.. taps],
            Shifts = [.. shifts],
            Length = layout.Flat(count[0] - 1, count[1] - 1, count[2] - 1) + 1,
        };
    }
}

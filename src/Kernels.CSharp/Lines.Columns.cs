using System;
using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Sums of exponentials of lines that lie side by side: a block of lines at a time, a hardware vector of them an instruction.</summary>
public static partial class Lines
{
    /// <summary>Lines that go together.</summary>
    private const int LinesTogether = 256;

    private const double SmallestNormal = 2.2250738585072014e-308;

    /// <summary>
    /// Numbers below the smallest normal one become zero. They carry no information after a softmax, and every later product with one would cost the processor a hundred times as much.
    /// </summary>
    private static void DropSubnormals(Span<double> y)
    {
        ref var start = ref MemoryMarshal.GetReference(y);
        var smallest = Vector512.Create(SmallestNormal);
        nuint i = 0;
        for (; i + (nuint)Vector512<double>.Count <= (nuint)y.Length; i += (nuint)Vector512<double>.Count)
        {
            var v = Vector512.LoadUnsafe(ref start, i);
            Vector512.ConditionalSelect(Vector512.LessThan(v, smallest), Vector512<double>.Zero, v).StoreUnsafe(ref start, i);
        }
        for (; i < (nuint)y.Length; i++)
            if (y[(int)i] < SmallestNormal) y[(int)i] = 0;
    }

    /// <summary>The largest element of each of some lines; row j of them begins at x[j · inner].</summary>
    private static void LargestOf(ReadOnlySpan<double> x, int n, int inner, Span<double> max)
    {
        x[..max.Length].CopyTo(max);
        for (var j = 1; j < n; j++) TensorPrimitives.Max(max, x.Slice(j * inner, max.Length), max);
    }

    private static void LogSumExpColumns(ReadOnlySpan<double> x, int outer, int n, int inner, Span<double> y)
    {
        var scratch = ArrayPool<double>.Shared.Rent(3 * LinesTogether);
        for (var o = 0; o < outer; o++)
            for (var first = 0; first < inner; first += LinesTogether)
            {
                var width = Math.Min(LinesTogether, inner - first);
                LogSumExpBlock(x[(o * n * inner + first)..], n, inner, y.Slice(o * inner + first, width), scratch);
            }
        ArrayPool<double>.Shared.Return(scratch);
    }

    private static void LogSumExpBlock(ReadOnlySpan<double> x, int n, int inner, Span<double> y, Span<double> scratch)
    {
        var width = y.Length;
        Span<double> max = scratch[..width], e = scratch.Slice(LinesTogether, width), sum = scratch.Slice(2 * LinesTogether, width);
        LargestOf(x, n, inner, max);
        sum.Clear();
        for (var j = 0; j < n; j++)
        {
            TensorPrimitives.Subtract(x.Slice(j * inner, width), max, e);
            Elementwise.Unary(UnaryOp.Exp, e, e);
            TensorPrimitives.Add(sum, e, sum);
        }
        Elementwise.Unary(UnaryOp.Log, sum, e);
        TensorPrimitives.Add(max, e, y);
        for (var i = 0; i < width; i++)
            if (!double.IsFinite(max[i])) y[i] = max[i];
    }

    private static void SoftmaxColumns(ReadOnlySpan<double> x, int outer, int n, int inner, Span<double> y)
    {
        var scratch = ArrayPool<double>.Shared.Rent(2 * LinesTogether);
        for (var o = 0; o < outer; o++)
            for (var first = 0; first < inner; first += LinesTogether)
            {
                int width = Math.Min(LinesTogether, inner - first), at = o * n * inner + first;
                SoftmaxBlock(x[at..], n, inner, width, y[at..], scratch);
            }
        ArrayPool<double>.Shared.Return(scratch);
    }

    private static void SoftmaxBlock(ReadOnlySpan<double> x, int n, int inner, int width, Span<double> y, Span<double> scratch)
    {
        Span<double> max = scratch[..width], sum = scratch.Slice(LinesTogether, width);
        LargestOf(x, n, inner, max);
        sum.Clear();
        for (var j = 0; j < n; j++)
        {
            var e = y.Slice(j * inner, width);
            TensorPrimitives.Subtract(x.Slice(j * inner, width), max, e);
            Elementwise.Unary(UnaryOp.Exp, e, e);
            TensorPrimitives.Add(sum, e, sum);
        }
        for (var j = 0; j < n; j++)
        {
            var e = y.Slice(j * inner, width);
            TensorPrimitives.Divide(e, sum, e);
            DropSubnormals(e);
        }
        for (var i = 0; i < width; i++)
            if (double.IsInfinity(max[i])) SoftmaxOfInfinite(x[i..], n, inner, y[i..]);
    }

    /// <summary>One line whose largest element is infinite.</summary>
    private static void SoftmaxOfInfinite(ReadOnlySpan<double> x, int n, int inner, Span<double> y)
    {
        double[] line = new double[n], result = new double[n];
        for (var j = 0; j < n; j++) line[j] = x[j * inner];
        new SoftmaxLine<double>().Run(line, result);
        for (var j = 0; j < n; j++) y[j * inner] = result[j];
    }
}

using System;

namespace DiffLib.Kernels;

/// <summary>Copies between strided views and contiguous blocks; strides count elements and may be zero or negative.</summary>
public static class Strided
{
    /// <summary>y (contiguous, row-major) = the view of <paramref name="x"/> with this shape, offset and strides.</summary>
    public static void Gather<T>(ReadOnlySpan<T> x, int offset, ReadOnlySpan<int> shape, ReadOnlySpan<int> strides, Span<T> y) where T : unmanaged
    {
        Span<int> index = stackalloc int[shape.Length];
        index.Clear();
        var at = offset;
        for (var k = 0; k < y.Length; k++)
        {
            y[k] = x[at];
            for (var d = shape.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < shape[d]) break;
                at -= strides[d] * shape[d];
                index[d] = 0;
            }
        }
    }

    /// <summary>The view of <paramref name="y"/> with this shape, offset and strides = x (contiguous, row-major).</summary>
    public static void Scatter<T>(ReadOnlySpan<T> x, Span<T> y, int offset, ReadOnlySpan<int> shape, ReadOnlySpan<int> strides) where T : unmanaged
    {
        Span<int> index = stackalloc int[shape.Length];
        index.Clear();
        var at = offset;
        for (var k = 0; k < x.Length; k++)
        {
            y[at] = x[k];
            for (var d = shape.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < shape[d]) break;
                at -= strides[d] * shape[d];
                index[d] = 0;
            }
        }
    }
}

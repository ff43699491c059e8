using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Copies between strided views and contiguous blocks; strides count elements and may be zero or negative.</summary>
public static class Strided
{
    private const int MaxRank = 16;

    /// <summary>What a copied element costs, roughly.</summary>
    private const double NanosecondsPerElement = 0.4;

    /// <summary>y (contiguous, row-major) = the view of <paramref name="x"/> with this shape, offset and strides.</summary>
    /// <exception cref="ArgumentException">The view reaches outside x, or y's length is not the view's size, or the rank is above 16.</exception>
    public static void Gather<T>(ReadOnlySpan<T> x, int offset, ReadOnlySpan<int> shape, ReadOnlySpan<int> strides, Span<T> y) where T : unmanaged
    {
        CheckView(x.Length, offset, shape, strides, y.Length);
        if (y.IsEmpty) return;
        Span<int> sizes = stackalloc int[MaxRank], steps = stackalloc int[MaxRank];
        var rank = Collapse(shape, strides, sizes, steps);
        if (rank > 0 && Parallelism.Threads(y.Length * NanosecondsPerElement) > 1) GatherShared(x, offset, y, sizes[..rank], steps[..rank]);
        else Walk<T, Gathering<T>>(ref MemoryMarshal.GetReference(y), ref Unsafe.Add(ref MemoryMarshal.GetReference(x), offset), sizes[..rank], steps[..rank]);
    }

    private static unsafe void GatherShared<T>(ReadOnlySpan<T> x, int offset, Span<T> y, Span<int> sizes, Span<int> steps) where T : unmanaged
    {
        fixed (T* view = &MemoryMarshal.GetReference(x), block = &MemoryMarshal.GetReference(y))
        fixed (int* size = sizes, step = steps)
            Parallelism.Share(sizes[0], y.Length * NanosecondsPerElement, new Slabs<T>(view + offset, block, size, step, sizes.Length, y.Length / sizes[0]));
    }

    /// <summary>What lies along the first axis, a stretch of which is a view itself.</summary>
    private readonly unsafe struct Slabs<T>(T* view, T* block, int* sizes, int* steps, int rank, int slab) : IShared where T : unmanaged
    {
        public void Run(int begin, int end)
        {
            Span<int> own = stackalloc int[MaxRank];
            new ReadOnlySpan<int>(sizes, rank).CopyTo(own);
            own[0] = end - begin;
            Walk<T, Gathering<T>>(ref block[(nint)begin * slab], ref view[(nint)begin * steps[0]], own[..rank], new(steps, rank));
        }
    }

    /// <summary>The view of <paramref name="y"/> with this shape, offset and strides = x (contiguous, row-major). Where the view shows an
    /// element more than once, the last one in row-major order stays.</summary>
    /// <exception cref="ArgumentException">The view reaches outside y, or x's length is not the view's size, or the rank is above 16.</exception>
    public static void Scatter<T>(ReadOnlySpan<T> x, Span<T> y, int offset, ReadOnlySpan<int> shape, ReadOnlySpan<int> strides) where T : unmanaged
    {
        CheckView(y.Length, offset, shape, strides, x.Length);
        if (x.IsEmpty) return;
        Span<int> sizes = stackalloc int[MaxRank], steps = stackalloc int[MaxRank];
        var rank = Collapse(shape, strides, sizes, steps);
        Walk<T, Scattering<T>>(ref MemoryMarshal.GetReference(x), ref Unsafe.Add(ref MemoryMarshal.GetReference(y), offset), sizes[..rank], steps[..rank]);
    }

    /// <summary>The direction of a copy between a contiguous block and a view.</summary>
    private interface IDirection<T> where T : unmanaged
    {
        static abstract bool ReadsView { get; }
        static abstract void One(ref T block, ref T view);
    }

    private readonly struct Gathering<T> : IDirection<T> where T : unmanaged
    {
        public static bool ReadsView => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void One(ref T block, ref T view) => block = view;
    }

    private readonly struct Scattering<T> : IDirection<T> where T : unmanaged
    {
        public static bool ReadsView => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void One(ref T block, ref T view) => view = block;
    }

    /// <summary>Drops axes of size 1 and joins neighbours that run on into each other.</summary>
    private static int Collapse(ReadOnlySpan<int> shape, ReadOnlySpan<int> strides, Span<int> sizes, Span<int> steps)
    {
        var rank = 0;
        for (var d = 0; d < shape.Length; d++)
        {
            if (shape[d] == 1) continue;
            if (rank > 0 && steps[rank - 1] == (long)strides[d] * shape[d])
            {
                sizes[rank - 1] *= shape[d];
                steps[rank - 1] = strides[d];
            }
            else
            {
                sizes[rank] = shape[d];
                steps[rank++] = strides[d];
            }
        }
        return rank;
    }

    private static void Walk<T, D>(ref T block, ref T view, ReadOnlySpan<int> sizes, ReadOnlySpan<int> steps) where T : unmanaged where D : struct, IDirection<T>
    {
        var rank = sizes.Length;
        if (rank == 0)
        {
            D.One(ref block, ref view);
            return;
        }
        // The innermost two axes form a plane when one of them is contiguous in the view: rows are copied, or the plane transposed.
        var plane = rank >= 2 && steps[^1] != 1 && steps[^2] == 1 ? 2 : 1;
        Span<int> index = stackalloc int[MaxRank];
        index.Clear();
        nint size = plane == 2 ? (nint)sizes[^1] * sizes[^2] : sizes[^1];
        nint at = 0, from = 0;
        while (true)
        {
            if (plane == 2) Transpose<T, D>(ref Unsafe.Add(ref block, from), ref Unsafe.Add(ref view, at), sizes[^2], sizes[^1], steps[^1]);
            else Line<T, D>(ref Unsafe.Add(ref block, from), ref Unsafe.Add(ref view, at), sizes[^1], steps[^1]);
            from += size;
            var d = rank - plane - 1;
            for (; d >= 0; d--)
            {
                at += steps[d];
                if (++index[d] < sizes[d]) break;
                at -= (nint)steps[d] * sizes[d];
                index[d] = 0;
            }
            if (d < 0) return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line<T, D>(ref T block, ref T view, int n, int step) where T : unmanaged where D : struct, IDirection<T>
    {
        if (step == 1)
        {
            var contiguous = MemoryMarshal.CreateSpan(ref block, n);
            var viewed = MemoryMarshal.CreateSpan(ref view, n);
            if (D.ReadsView) viewed.CopyTo(contiguous);
            else contiguous.CopyTo(viewed);
        }
        else if (step == 0)
        {
            if (D.ReadsView) MemoryMarshal.CreateSpan(ref block, n).Fill(view);
            else view = Unsafe.Add(ref block, n - 1);
        }
        else if (step == -1)
        {
            var contiguous = MemoryMarshal.CreateSpan(ref block, n);
            var viewed = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref view, 1 - n), n);
            if (D.ReadsView) viewed.CopyTo(contiguous);
            else contiguous.CopyTo(viewed);
            (D.ReadsView ? contiguous : viewed).Reverse();
        }
        else
        {
            nint at = 0;
            for (nint i = 0; i < n; i++, at += step) D.One(ref Unsafe.Add(ref block, i), ref Unsafe.Add(ref view, at));
        }
    }

    /// <summary>block[i, j] ↔ view[i + j·step] for i below rows and j below columns, in tiles that stay in the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T, D>(ref T block, ref T view, int rows, int columns, int step) where T : unmanaged where D : struct, IDirection<T>
    {
        const int Tile = 32;
        for (var i0 = 0; i0 < rows; i0 += Tile)
        {
            var i1 = Math.Min(i0 + Tile, rows);
            for (var j0 = 0; j0 < columns; j0 += Tile)
            {
                var j1 = Math.Min(j0 + Tile, columns);
                var i = i0;
                for (; i + 4 <= i1; i += 4)
                {
                    var j = j0;
                    for (; j + 4 <= j1; j += 4)
                        if (D.ReadsView) Transpose4<T>(ref Unsafe.Add(ref view, i + (nint)j * step), step, ref Unsafe.Add(ref block, (nint)i * columns + j), columns);
                        else Transpose4<T>(ref Unsafe.Add(ref block, (nint)i * columns + j), columns, ref Unsafe.Add(ref view, i + (nint)j * step), step);
                    for (; j < j1; j++)
                        for (var k = 0; k < 4; k++) D.One(ref Unsafe.Add(ref block, (nint)(i + k) * columns + j), ref Unsafe.Add(ref view, i + k + (nint)j * step));
                }
                for (; i < i1; i++)
                    for (var j = j0; j < j1; j++) D.One(ref Unsafe.Add(ref block, (nint)i * columns + j), ref Unsafe.Add(ref view, i + (nint)j * step));
            }
        }
    }

    /// <summary>A 4 x 4 tile: row i of the target is column i of the source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4<T>(ref T source, nint sourceStep, ref T target, nint targetStep) where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() == 8 && Vector256.IsHardwareAccelerated)
        {
            ref var from = ref Unsafe.As<T, long>(ref source);
            ref var to = ref Unsafe.As<T, long>(ref target);
            var a = Vector256.LoadUnsafe(ref from);
            var b = Vector256.LoadUnsafe(ref Unsafe.Add(ref from, sourceStep));
            var c = Vector256.LoadUnsafe(ref Unsafe.Add(ref from, 2 * sourceStep));
            var d = Vector256.LoadUnsafe(ref Unsafe.Add(ref from, 3 * sourceStep));
            var ab0 = Interleave(a.GetLower(), b.GetLower());
            var ab1 = Interleave(a.GetUpper(), b.GetUpper());
            var cd0 = Interleave(c.GetLower(), d.GetLower());
            var cd1 = Interleave(c.GetUpper(), d.GetUpper());
            Vector256.Create(ab0.Even, cd0.Even).StoreUnsafe(ref to);
            Vector256.Create(ab0.Odd, cd0.Odd).StoreUnsafe(ref Unsafe.Add(ref to, targetStep));
            Vector256.Create(ab1.Even, cd1.Even).StoreUnsafe(ref Unsafe.Add(ref to, 2 * targetStep));
            Vector256.Create(ab1.Odd, cd1.Odd).StoreUnsafe(ref Unsafe.Add(ref to, 3 * targetStep));
            return;
        }
        for (var i = 0; i < 4; i++)
            for (var j = 0; j < 4; j++) Unsafe.Add(ref target, i * targetStep + j) = Unsafe.Add(ref source, i + j * sourceStep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<long> Even, Vector128<long> Odd) Interleave(Vector128<long> a, Vector128<long> b)
        => (Vector128.Create(a.GetLower(), b.GetLower()), Vector128.Create(a.GetUpper(), b.GetUpper()));

    private static void CheckView(int length, int offset, ReadOnlySpan<int> shape, ReadOnlySpan<int> strides, int count)
    {
        if (shape.Length != strides.Length || shape.Length > MaxRank) ThrowRank(shape.Length, strides.Length);
        long size = 1, first = offset, last = offset;
        for (var d = 0; d < shape.Length; d++)
        {
            var reach = (shape[d] - 1L) * strides[d];
            if (reach < 0) first += reach;
            else last += reach;
            size *= shape[d];
            if (shape[d] <= 0 || size > int.MaxValue) break;
        }
        if (HasZero(shape)) size = 0;
        if (size != count) ThrowCount(shape, count);
        if (size > 0 && (first < 0 || last >= length)) ThrowOutside(length, first, last);
    }

    private static bool HasZero(ReadOnlySpan<int> shape) => shape.Contains(0);

    [DoesNotReturn]
    private static void ThrowRank(int shape, int strides)
        => throw new ArgumentException($"The shape has {shape} axes and the strides {strides}; they need the same number, at most {MaxRank}.", nameof(strides));

    [DoesNotReturn]
    private static void ThrowCount(ReadOnlySpan<int> shape, int count)
        => throw new ArgumentException($"A view of shape [{string.Join("; ", shape.ToArray())}] does not hold {count} elements.", nameof(shape));

    [DoesNotReturn]
    private static void ThrowOutside(int length, long first, long last)
        => throw new ArgumentException($"The view reaches from element {first} to {last}, outside the {length} there are.", "offset");
}

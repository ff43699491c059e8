using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

// Outputs that are added up at their places of a larger array. A window holds the last elements of each: those of the tile, and before them as many as the shifts are
// apart. The element of the array that the tile's last element of the output with the smallest shift goes to is the last one that is complete.
internal sealed unsafe partial class TileWorker
{
    /// <summary>The ends of rows are added up one by one where they are so short.</summary>
    private const int FewElements = 4;

    /// <summary>The elements kept from tile to tile: the largest distance between shifts.</summary>
    private readonly int _history;

    /// <summary>The elements that a window holds; 0 where nothing is placed.</summary>
    private readonly int _window;

    /// <summary>Where the next tile begins in the windows.</summary>
    private int _windowAt;

    /// <summary>The element behind the last one in the windows.</summary>
    private nint _next;

    /// <summary>Fills the windows with what comes before an element in its row.</summary>
    private void Resume(nint p)
    {
        nint before = 0;
        foreach (var places in _run.Places) before = Math.Max(before, Math.Min(places.Span, p % places.Block));
        _windowAt = _history;
        if (before > 0) Evaluate(p - before, before, false);
    }

    /// <summary>Moves the last elements of the windows to their fronts.</summary>
    private void SlideWindows()
    {
        for (var k = 0; k < _outputTypes.Length; k++)
        {
            if (_run.OutputKind(k) != OutputKind.Placed) continue;
            nint size = _outputTypes[k].Size();
            Copy(_outputBuffers[k] + (_windowAt - _history) * size, _outputBuffers[k], _history * size);
        }
        _windowAt = _history;
    }

    /// <summary>Takes a tile into the windows, and adds up what is complete.</summary>
    private void Place(nint p, int size, bool places)
    {
        if (places)
            foreach (var some in _run.Places)
            {
                if (_outputTypes[some.First] == ScalarType.Float64) PlaceRows<double>(some, p, size);
                else PlaceRows<float>(some, p, size);
            }
        _windowAt += size;
        _next = p + size;
    }

    private void PlaceRows<T>(FusedPlaces places, nint p, int size) where T : unmanaged
    {
        var (row, column) = Math.DivRem(p, places.Block);
        for (var done = 0; done < size;)
        {
            var part = (int)Math.Min(size - done, places.Block - column);
            var low = column == 0 ? 0 : column + places.Smallest;
            var high = column + part == places.Block ? places.Row : column + part + places.Smallest;
            // element i of the row lies at window + i
            var window = _windowAt + done - column;
            var to = (T*)_run.Output(places.First) + row * places.Row;
            if (!places.Sums) StoreOne(places, window, to, low, high);
            else if (places.Shifts.Length == 2) AddTwo(places, window, to, low, high);
            else AddAll(places, window, to, low, high);
            done += part;
            row++;
            column = 0;
        }
    }

    private T* Window<T>(FusedPlaces places, int output) where T : unmanaged => (T*)_outputBuffers[places.First + output];

    private void StoreOne<T>(FusedPlaces places, nint window, T* to, nint low, nint high) where T : unmanaged
    {
        nint first = Math.Clamp(places.Shifts[0], low, high), end = Math.Clamp((nint)places.Shifts[0] + places.Block, low, high);
        new Span<T>(to + low, (int)(first - low)).Clear();
        new Span<T>(Window<T>(places, 0) + window + first - places.Shifts[0], (int)(end - first)).CopyTo(new Span<T>(to + first, (int)(end - first)));
        new Span<T>(to + end, (int)(high - end)).Clear();
    }

    /// <summary>Two outputs: one alone, both, one alone.</summary>
    private void AddTwo<T>(FusedPlaces places, nint window, T* to, nint low, nint high) where T : unmanaged
    {
        int a = places.Shifts[0], b = places.Shifts[1];
        nint first = Math.Clamp(Math.Max(a, b), low, high), end = Math.Clamp((nint)Math.Min(a, b) + places.Block, first, high);
        AddAll(places, window, to, low, first);
        AddBoth(Window<T>(places, 0) + window + first - a, Window<T>(places, 1) + window + first - b, to + first, end - first);
        AddAll(places, window, to, end, high);
    }

    /// <summary>One output after the other is added to zeros.</summary>
    private void AddAll<T>(FusedPlaces places, nint window, T* to, nint low, nint high) where T : unmanaged
    {
        if (low >= high) return;
        if (high - low <= FewElements)
        {
            for (; low < high; low++) to[low] = AddOne<T>(places, window, low);
            return;
        }
        new Span<T>(to + low, (int)(high - low)).Clear();
        for (var j = 0; j < places.Shifts.Length; j++)
        {
            nint shift = places.Shifts[j], first = Math.Max(low, shift), end = Math.Min(high, shift + places.Block);
            if (first < end) AddBoth(to + first, Window<T>(places, j) + window + first - shift, to + first, end - first);
        }
    }

    private T AddOne<T>(FusedPlaces places, nint window, nint at) where T : unmanaged
    {
        T sum = default;
        for (var j = 0; j < places.Shifts.Length; j++)
        {
            var i = at - places.Shifts[j];
            if ((nuint)i < (nuint)places.Block) AddBoth(&sum, Window<T>(places, j) + window + i, &sum, 1);
        }
        return sum;
    }

    /// <summary>to = (0 + a) + b.</summary>
    private static void AddBoth<T>(T* a, T* b, T* to, nint count) where T : unmanaged
    {
        if (typeof(T) == typeof(double)) AddBoth((double*)a, (double*)b, (double*)to, count);
        else AddBoth((float*)a, (float*)b, (float*)to, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBoth(double* a, double* b, double* to, nint count)
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; i + Vector512<double>.Count <= count; i += Vector512<double>.Count) (Vector512<double>.Zero + Vector512.Load(a + i) + Vector512.Load(b + i)).Store(to + i);
        for (; i + Vector256<double>.Count <= count; i += Vector256<double>.Count) (Vector256<double>.Zero + Vector256.Load(a + i) + Vector256.Load(b + i)).Store(to + i);
        for (; i < count; i++) to[i] = 0.0 + a[i] + b[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBoth(float* a, float* b, float* to, nint count)
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; i + Vector512<float>.Count <= count; i += Vector512<float>.Count) (Vector512<float>.Zero + Vector512.Load(a + i) + Vector512.Load(b + i)).Store(to + i);
        for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count) (Vector256<float>.Zero + Vector256.Load(a + i) + Vector256.Load(b + i)).Store(to + i);
        for (; i < count; i++) to[i] = 0f + a[i] + b[i];
    }
}

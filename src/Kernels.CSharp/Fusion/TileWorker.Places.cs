using System;
using System.Numerics;
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
        for (var k = 0; places && k < _run.Places.Length; k++)
        {
            var first = _run.Places[k].First;
            if (_run.OutputKind(first) != OutputKind.Placed) continue;
            if (_outputTypes[first] == ScalarType.Float64) PlaceRows<double>(k, p, size);
            else PlaceRows<float>(k, p, size);
        }
        _windowAt += size;
        _next = p + size;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PlaceRows<T>(int k, nint p, int size) where T : unmanaged, INumberBase<T>
    {
        var places = _run.Places[k];
        var (row, column) = Math.DivRem(p, places.Block);
        for (var done = 0; done < size;)
        {
            var part = (int)Math.Min(size - done, places.Block - column);
            var low = column == 0 ? 0 : column + places.Smallest;
            var high = column + part == places.Block ? places.Row : column + part + places.Smallest;
            // element i of the row lies at window + i
            var window = _windowAt + done - column;
            var to = (T*)_run.Output(places.First) + row * places.Row;
            if (places.Sums) AddUp(places, window, to, _run.Base(k) == 0 ? null : (T*)_run.Base(k) + row * places.Row, low, high);
            else StoreOne(places, window, to, low, high);
            done += part;
            row++;
            column = 0;
        }
    }

    private T* Window<T>(FusedPlaces places, int output) where T : unmanaged => (T*)_outputBuffers[places.First + output];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void StoreOne<T>(FusedPlaces places, nint window, T* to, nint low, nint high) where T : unmanaged
    {
        nint first = Math.Clamp(places.Shifts[0], low, high), end = Math.Clamp((nint)places.Shifts[0] + places.Block, low, high);
        new Span<T>(to + low, (int)(first - low)).Clear();
        new Span<T>(Window<T>(places, 0) + window + first - places.Shifts[0], (int)(end - first)).CopyTo(new Span<T>(to + first, (int)(end - first)));
        new Span<T>(to + end, (int)(high - end)).Clear();
    }

    /// <summary>Where all outputs have an element they are added in one pass, before and behind one by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddUp<T>(FusedPlaces places, nint window, T* to, T* rest, nint low, nint high) where T : unmanaged, INumberBase<T>
    {
        nint first = Math.Clamp(places.Smallest + places.Span, low, high), end = Math.Clamp((nint)places.Smallest + places.Block, first, high);
        AddSome(places, window, to, rest, low, first);
        if (end > first)
        {
            var terms = stackalloc nint[places.Shifts.Length + 1];
            var count = 0;
            for (; count < places.Shifts.Length; count++) terms[count] = (nint)(Window<T>(places, count) + window + first - places.Shifts[count]);
            if (rest != null) terms[count++] = (nint)(rest + first);
            AddTerms((T**)terms, count, to + first, end - first);
        }
        AddSome(places, window, to, rest, end, high);
    }

    /// <summary>One output after the other is added to zeros, where it has elements.</summary>
    private void AddSome<T>(FusedPlaces places, nint window, T* to, T* rest, nint low, nint high) where T : unmanaged, INumberBase<T>
    {
        if (low >= high) return;
        if (high - low <= FewElements)
        {
            for (; low < high; low++) to[low] = AddOne(places, window, rest, low);
            return;
        }
        new Span<T>(to + low, (int)(high - low)).Clear();
        var terms = stackalloc T*[2];
        for (var j = 0; j < places.Shifts.Length; j++)
        {
            nint shift = places.Shifts[j], first = Math.Max(low, shift), end = Math.Min(high, shift + places.Block);
            if (first >= end) continue;
            terms[0] = to + first;
            terms[1] = Window<T>(places, j) + window + first - shift;
            AddTerms(terms, 2, to + first, end - first);
        }
        if (rest == null) return;
        terms[0] = to + low;
        terms[1] = rest + low;
        AddTerms(terms, 2, to + low, high - low);
    }

    private T AddOne<T>(FusedPlaces places, nint window, T* rest, nint at) where T : unmanaged, INumberBase<T>
    {
        var sum = T.Zero;
        for (var j = 0; j < places.Shifts.Length; j++)
        {
            var i = at - places.Shifts[j];
            if ((nuint)i < (nuint)places.Block) sum += Window<T>(places, j)[window + i];
        }
        return rest == null ? sum : sum + rest[at];
    }

    /// <summary>to = ((0 + a) + b) + ...; to may be a. Four vectors at a time: the pointers are read once for each four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddTerms<T>(T** terms, int count, T* to, nint n) where T : unmanaged, INumberBase<T>
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (nint width = Vector512<T>.Count; i + 4 * width <= n; i += 4 * width)
            {
                Vector512<T> a = default, b = default, c = default, d = default;
                for (var j = 0; j < count; j++)
                {
                    var from = terms[j] + i;
                    a += Vector512.Load(from);
                    b += Vector512.Load(from + width);
                    c += Vector512.Load(from + 2 * width);
                    d += Vector512.Load(from + 3 * width);
                }
                a.Store(to + i);
                b.Store(to + i + width);
                c.Store(to + i + 2 * width);
                d.Store(to + i + 3 * width);
            }
        for (nint width = Vector256<T>.Count; i + width <= n; i += width)
        {
            Vector256<T> a = default;
            for (var j = 0; j < count; j++) a += Vector256.Load(terms[j] + i);
            a.Store(to + i);
        }
        for (; i < n; i++)
        {
            var a = T.Zero;
            for (var j = 0; j < count; j++) a += terms[j][i];
            to[i] = a;
        }
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;

namespace DiffLib.Kernels;

/// <summary>Storage of large arrays goes round: what the collector finds unreachable is handed out again before new memory is asked for. New memory has to be put in
/// place by the operating system page by page, which takes longer than many a computation on it.</summary>
/// <remarks>A guard that hangs on the array and is finalised with it brings the array back, so nothing but the collector decides when nobody can see the array any more: spans and pinned
/// arrays count as sight. A collection is asked for after so many bytes were handed out that it is worth its time. The AppContext switch <c>DiffLib.ReuseLargeArrays</c>, false, leaves all
/// to the runtime.</remarks>
internal static class LargeArrays
{
    /// <summary>From this many bytes on the runtime gives an array memory of its own.</summary>
    private const int SmallestBytes = 85_000;

    /// <summary>The fewest bytes handed out between two collections.</summary>
    private const long LeastBudget = 64L << 20;

    /// <summary>A collection may take this part of the time between two of them.</summary>
    private const double MostShare = 0.05;

    /// <summary>How long a thread waits for what a collection has found, in milliseconds.</summary>
    private const int Patience = 2;

    private static readonly bool _reuses = !AppContext.TryGetSwitch("DiffLib.ReuseLargeArrays", out var on) || on;

    private static readonly long _mostBudget = Math.Max(LeastBudget, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8);

    private static readonly ConditionalWeakTable<Array, Guard> _guards = new();

    private static readonly Dictionary<(Type Element, int Length), Shelf> _shelves = [];

    /// <summary>The bytes handed out, and come back, since the last collection.</summary>
    private static long _handed, _returned;

    private static long _budget = LeastBudget;

    private static long _lastCollection = Stopwatch.GetTimestamp();

    /// <summary>An array of n elements that hold anything.</summary>
    public static T[] Rent<T>(int n) where T : unmanaged
    {
        var bytes = (long)n * Unsafe.SizeOf<T>();
        if (bytes < SmallestBytes || !_reuses) return GC.AllocateUninitializedArray<T>(n);
        var array = (T[]?)Take((typeof(T), n), bytes) ?? GC.AllocateUninitializedArray<T>(n);
        _guards.AddOrUpdate(array, new Guard(array, bytes));
        return array;
    }

    /// <summary>An array of n zeros.</summary>
    public static T[] RentZeros<T>(int n) where T : unmanaged
    {
        if ((long)n * Unsafe.SizeOf<T>() < SmallestBytes || !_reuses) return new T[n];
        var array = Rent<T>(n);
        Array.Clear(array);
        return array;
    }

    /// <summary>The arrays of one type and length that wait, and whether any was asked for since the last collection.</summary>
    private sealed class Shelf
    {
        public Stack<Array> Arrays { get; } = [];

        public bool InUse { get; set; } = true;
    }

    /// <summary>Reachable through its array only.</summary>
    private sealed class Guard(Array array, long bytes)
    {
        ~Guard() => Return(array, bytes);
    }

    private static Array? Take((Type, int) kind, long bytes)
    {
        lock (_shelves)
        {
            if (!_shelves.TryGetValue(kind, out var shelf)) _shelves[kind] = shelf = new();
            shelf.InUse = true;
            _handed += bytes;
            if (shelf.Arrays.Count == 0 && _handed > _budget)
            {
                Collect();
                if (shelf.Arrays.Count == 0) Monitor.Wait(_shelves, Patience);
            }
            return shelf.Arrays.TryPop(out var array) ? array : null;
        }
    }

    /// <summary>Asks for a collection. The next one comes later if this one found little of what was handed out, or took long.</summary>
    private static void Collect()
    {
        foreach (var kind in _shelves.Where(s => !s.Value.InUse).Select(s => s.Key).ToArray()) _shelves.Remove(kind);
        foreach (var shelf in _shelves.Values) shelf.InUse = false;
        var begin = Stopwatch.GetTimestamp();
        var found = _returned >= _budget / 4;
        (_handed, _returned) = (0, 0);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
        var end = Stopwatch.GetTimestamp();
        var isCheap = end - begin <= MostShare * (end - _lastCollection);
        _lastCollection = end;
        _budget = found && isCheap ? Math.Max(LeastBudget, _budget / 2) : Math.Min(_mostBudget, 2 * _budget);
    }

    private static void Return(Array array, long bytes)
    {
        lock (_shelves)
        {
            _returned += bytes;
            // nobody has asked for this kind for a while, or there is more than goes round between two collections
            if (!_shelves.TryGetValue((array.GetType().GetElementType()!, array.Length), out var shelf) || (shelf.Arrays.Count + 1) * bytes > _mostBudget) return;
            shelf.Arrays.Push(array);
            Monitor.Pulse(_shelves);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>A matrix whose columns an iteration turns pair by pair. Sweeps are collected and then applied four at a time, each a column behind the one before, so that a
/// column is read and written once for four rotations (F. Van Zee, R. van de Geijn &amp; G. Quintana-Ortí, "Restructuring the tridiagonal and bidiagonal QR algorithms
/// for performance", 2014). The rows lie in strips of two registers, which do not meet each other.</summary>
internal sealed unsafe class RotatedColumns : IDisposable
{
    private const int Together = 4;

    /// <summary>Sweeps are applied when they hold so many rotations: as many as the second cache can hold for all strips.</summary>
    private const int Held = 1 << 14;

    private readonly int _rows, _columns, _width, _strips, _capacity;
    private readonly Scratch _numbers, _rotations;
    private readonly List<(int First, int Step, int Count, int Start)> _sweeps = [];
    private int _held;

    /// <summary>A copy of a column-major matrix.</summary>
    public RotatedColumns(int rows, int columns, double* source, int ld)
    {
        (_rows, _columns, _width) = (rows, columns, 2 * Lanes);
        _strips = (rows + _width - 1) / _width;
        _numbers = new(checked(_strips * _width * columns), cleared: rows % _width != 0);
        _capacity = 2 * Math.Max(columns, (int)Math.Min(Held, 2L * columns * columns));
        _rotations = new(_capacity);
        for (var s = 0; s < _strips; s++)
            for (var j = 0; j < columns; j++)
                new Span<double>(source + (nint)j * ld + s * _width, Math.Min(_width, rows - s * _width)).CopyTo(Strip(s, j));
    }

    private static int Lanes => Vector512.IsHardwareAccelerated ? Vector512<double>.Count : Vector256.IsHardwareAccelerated ? Vector256<double>.Count : Vector128<double>.Count;

    private Span<double> Strip(int strip, int column) => _numbers.Numbers.AsSpan((strip * _columns + column) * _width, _width);

    /// <summary>A new sweep: rotation i will turn columns first + i·step and first + (i + 1)·step. Gives where cosines and sines go, in pairs.</summary>
    public Span<double> Sweep(int first, int step, int count)
    {
        if (_held + 2 * count > _capacity) Apply();
        _sweeps.Add((first, step, count, _held));
        _held += 2 * count;
        return _rotations.Numbers.AsSpan(_held - 2 * count, 2 * count);
    }

    /// <summary>The matrix, column order[j] as column j, multiplied by its sign; transposed, as row j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ReadOnlySpan<int> order, ReadOnlySpan<double> signs, bool transposed, double* target, int ld)
    {
        Apply();
        for (var j = 0; j < order.Length; j++)
        {
            var sign = signs.IsEmpty ? 1 : signs[order[j]];
            for (var s = 0; s < _strips; s++)
            {
                var from = Strip(s, order[j]);
                var (begin, count) = (s * _width, Math.Min(_width, _rows - s * _width));
                if (transposed)
                    for (var i = 0; i < count; i++) target[j + (nint)(begin + i) * ld] = sign * from[i];
                else
                    for (var i = 0; i < count; i++) target[begin + i + (nint)j * ld] = sign * from[i];
            }
        }
    }

    public void Dispose()
    {
        _numbers.Dispose();
        _rotations.Dispose();
    }

    private void Apply()
    {
        var groups = new List<Group>();
        var size = 0;
        for (var s = 0; s < _sweeps.Count;)
        {
            var end = s + 1;
            while (end < _sweeps.Count && end < s + Together && Fits(s, end)) end++;
            var (from, to) = Stretch(s, end);
            groups.Add(new(s, end, from, to - from, size));
            size += 3 * Together * (to - from);
            s = end;
        }

        using var rotations = new Scratch(size);
        foreach (var group in groups) Gather(group, rotations.Numbers);
        var steps = groups.ConvertAll(group => _sweeps[group.First].Step);
        var numbers = rotations.Numbers;
        Parallelism.Share(_strips, (long)size * _rows, (begin, end) =>
        {
            fixed (double* all = numbers)
                for (var s = begin; s < end; s++)
                    fixed (double* strip = Strip(s, 0))
                        for (var g = 0; g < groups.Count; g++)
                            Turn(groups[g].Count, strip + (nint)groups[g].From * steps[g] * _width, steps[g] * _width, all + groups[g].Start);
        });
        _sweeps.Clear();
        _held = 0;
    }

    /// <summary>Sweeps first to last - 1 over the same stretch of columns.</summary>
    private readonly record struct Group(int First, int Last, int From, int Count, int Start);

    /// <summary>Whether a sweep goes the same way as the first of a group and over nearly the same columns.</summary>
    private bool Fits(int first, int next)
    {
        var (a, b) = (_sweeps[first], _sweeps[next]);
        if (a.Step != b.Step) return false;
        var (begin, end) = Stretch(first, next + 1);
        return end - begin <= Math.Min(a.Count, b.Count) * 5 / 4 + 4;
    }

    /// <summary>The columns, counted in the direction of the sweeps, from the first to the last rotation of several.</summary>
    private (int Begin, int End) Stretch(int first, int last)
    {
        var (begin, end) = (int.MaxValue, int.MinValue);
        for (var s = first; s < last; s++)
        {
            var at = _sweeps[s].First * _sweeps[s].Step;
            (begin, end) = (Math.Min(begin, at), Math.Max(end, at + _sweeps[s].Count));
        }

        return (begin, end);
    }

    /// <summary>Of each position and sweep cosine, sine and minus the sine; a sweep that does not reach a position leaves it alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(Group group, Span<double> target)
    {
        target = target.Slice(group.Start, 3 * Together * group.Count);
        for (var s = group.First; s < group.First + Together; s++)
        {
            var sweep = s < group.Last ? _sweeps[s] : default;
            var from = _rotations.Numbers.AsSpan(sweep.Start, 2 * sweep.Count);
            int lead = s < group.Last ? sweep.First * sweep.Step - group.From : 0, at = 3 * (s - group.First);
            for (var i = 0; i < group.Count; i++, at += 3 * Together)
            {
                var own = (uint)(i - lead) < (uint)sweep.Count;
                var (c, sine) = own ? (from[2 * (i - lead)], from[2 * (i - lead) + 1]) : (1, 0);
                (target[at], target[at + 1], target[at + 2]) = (c, sine, -sine);
            }
        }
    }

    private static void Turn(int count, double* strip, nint step, double* rotations)
    {
        if (Vector512.IsHardwareAccelerated) RotationKernels<Doubles512, Vector512<double>>.Turn(count, strip, step, rotations);
        else if (Vector256.IsHardwareAccelerated) RotationKernels<Doubles256, Vector256<double>>.Turn(count, strip, step, rotations);
        else RotationKernels<Doubles128, Vector128<double>>.Turn(count, strip, step, rotations);
    }
}

/// <summary>Four sweeps of rotations over the columns of a strip, two registers high.</summary>
internal static unsafe class RotationKernels<L, V> where L : struct, IProductLanes<V, double> where V : struct
{
    /// <summary>Numbers of one position: of four sweeps cosine, sine and minus the sine.</summary>
    private const int Stride = 12;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(int count, double* strip, nint step, double* rotations)
    {
        // sweep q is at position t - q when the first is at t
        for (var t = 0; t < Math.Min(3, count + 3); t++)
            for (var q = 0; q <= t; q++)
                if (t - q < count) One(strip + (t - q) * step, step, rotations + (t - q) * Stride + 3 * q);
        if (count > 3) Steady(count, strip, step, rotations);
        for (var t = Math.Max(3, count); t < count + 3; t++)
            for (var q = Math.Max(0, t - count + 1); q < 4; q++) One(strip + (t - q) * step, step, rotations + (t - q) * Stride + 3 * q);
    }

    /// <summary>One rotation of two columns: x = c x + s y, y = c y - s x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(double* column, nint step, double* rotation)
    {
        V c = L.Of(rotation[0]), s = L.Of(rotation[1]), minus = L.Of(rotation[2]);
        for (var i = 0; i < 2 * L.Count; i += L.Count)
        {
            V x = L.Load(column + i), y = L.Load(column + step + i);
            L.Store(L.MultiplyAdd(c, x, L.Multiply(s, y)), column + i);
            L.Store(L.MultiplyAdd(c, y, L.Multiply(minus, x)), column + step + i);
        }
    }

    /// <summary>From the position where all four sweeps are under way to the last of the first one. Five neighbouring columns are in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Steady(int count, double* strip, nint step, double* rotations)
    {
        var h = L.Count;
        V a0 = L.Load(strip), a1 = L.Load(strip + h), b0 = L.Load(strip + step), b1 = L.Load(strip + step + h);
        V c0 = L.Load(strip + 2 * step), c1 = L.Load(strip + 2 * step + h), d0 = L.Load(strip + 3 * step), d1 = L.Load(strip + 3 * step + h);
        var next = strip + 4 * step;
        var done = strip;
        var r = rotations + 3 * Stride;
        for (var t = 3; t < count; t++)
        {
            V e0 = L.Load(next), e1 = L.Load(next + h);
            V c = L.Of(r[0]), s = L.Of(r[1]), minus = L.Of(r[2]);
            V p = L.Multiply(s, e0), q = L.Multiply(s, e1), u = L.Multiply(minus, d0), v = L.Multiply(minus, d1);
            d0 = L.MultiplyAdd(c, d0, p);
            d1 = L.MultiplyAdd(c, d1, q);
            e0 = L.MultiplyAdd(c, e0, u);
            e1 = L.MultiplyAdd(c, e1, v);

            c = L.Of(r[3 - Stride]);
            s = L.Of(r[4 - Stride]);
            minus = L.Of(r[5 - Stride]);
            p = L.Multiply(s, d0);
            q = L.Multiply(s, d1);
            u = L.Multiply(minus, c0);
            v = L.Multiply(minus, c1);
            c0 = L.MultiplyAdd(c, c0, p);
            c1 = L.MultiplyAdd(c, c1, q);
            d0 = L.MultiplyAdd(c, d0, u);
            d1 = L.MultiplyAdd(c, d1, v);

            c = L.Of(r[6 - 2 * Stride]);
            s = L.Of(r[7 - 2 * Stride]);
            minus = L.Of(r[8 - 2 * Stride]);
            p = L.Multiply(s, c0);
            q = L.Multiply(s, c1);
            u = L.Multiply(minus, b0);
            v = L.Multiply(minus, b1);
            b0 = L.MultiplyAdd(c, b0, p);
            b1 = L.MultiplyAdd(c, b1, q);
            c0 = L.MultiplyAdd(c, c0, u);
            c1 = L.MultiplyAdd(c, c1, v);

            c = L.Of(r[9 - 3 * Stride]);
            s = L.Of(r[10 - 3 * Stride]);
            minus = L.Of(r[11 - 3 * Stride]);
            p = L.Multiply(s, b0);
            q = L.Multiply(s, b1);
            u = L.Multiply(minus, a0);
            v = L.Multiply(minus, a1);
            L.Store(L.MultiplyAdd(c, a0, p), done);
            L.Store(L.MultiplyAdd(c, a1, q), done + h);
            a0 = L.MultiplyAdd(c, b0, u);
            a1 = L.MultiplyAdd(c, b1, v);

            b0 = c0;
            b1 = c1;
            c0 = d0;
            c1 = d1;
            d0 = e0;
            d1 = e1;
            next += step;
            done += step;
            r += Stride;
        }

        L.Store(a0, done);
        L.Store(a1, done + h);
        L.Store(b0, done + step);
        L.Store(b1, done + step + h);
        L.Store(c0, done + 2 * step);
        L.Store(c1, done + 2 * step + h);
        L.Store(d0, done + 3 * step);
        L.Store(d1, done + 3 * step + h);
    }
}

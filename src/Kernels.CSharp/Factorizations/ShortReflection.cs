using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>A reflection I - τ v vᵀ of two or three neighbouring rows or columns, v = (1, v1, v2).</summary>
internal readonly unsafe struct ShortReflection
{
    private const double Tiny = 1e-270, Huge = 1e270;

    public readonly double Tau, V1, V2;

    private ShortReflection(double tau, double v1, double v2) => (Tau, V1, V2) = (tau, v1, v2);

    /// <summary>The reflection that takes (x0, x1, x2) to (beta, 0, 0); with x2 = 0 it leaves the third row alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ShortReflection Make(double x0, double x1, double x2, out double beta)
    {
        var square = x0 * x0 + (x1 * x1 + x2 * x2);
        if (square is > Tiny and < Huge && (x1 != 0 || x2 != 0)) return Make(x0, x1, x2, square, out beta);
        return Extreme(x0, x1, x2, out beta);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ShortReflection Make(double x0, double x1, double x2, double square, out double beta)
    {
        beta = -Math.CopySign(Math.Sqrt(square), x0);
        var inverse = 1 / (x0 - beta);
        return new((beta - x0) / beta, x1 * inverse, x2 * inverse);
    }

    private static ShortReflection Extreme(double x0, double x1, double x2, out double beta)
    {
        beta = x0;
        if (x1 == 0 && x2 == 0) return default;
        var largest = Math.Max(Math.Abs(x0), Math.Max(Math.Abs(x1), Math.Abs(x2)));
        var exponent = double.IsFinite(largest) ? Math.ILogB(largest) : 0;
        (x0, x1, x2) = (Math.ScaleB(x0, -exponent), Math.ScaleB(x1, -exponent), Math.ScaleB(x2, -exponent));
        var reflection = Make(x0, x1, x2, x0 * x0 + (x1 * x1 + x2 * x2), out beta);
        beta = Math.ScaleB(beta, exponent);
        return reflection;
    }

    /// <summary>Three rows of so many columns; a is the first number of the first row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Rows(int columns, double* a, nint ld) => Three(columns, a, 1, ld, Tau, V1, V2);

    /// <summary>Two rows of so many columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void TwoRows(int columns, double* a, nint ld) => Two(columns, a, 1, ld, Tau, V1);

    /// <summary>Three columns of so many rows, one beside the other.</summary>
    public void Columns(int rows, double* a, nint ld)
    {
        if (Vector512.IsHardwareAccelerated) NeighbouringColumns<Doubles512, Vector512<double>>.Reflect(rows, a, ld, Tau, V1, V2);
        else if (Vector256.IsHardwareAccelerated) NeighbouringColumns<Doubles256, Vector256<double>>.Reflect(rows, a, ld, Tau, V1, V2);
        else NeighbouringColumns<Doubles128, Vector128<double>>.Reflect(rows, a, ld, Tau, V1, V2);
    }

    /// <summary>The same number by number, for few rows that were written a moment ago: a register of them could not be loaded before they have left the processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void FewColumns(int rows, double* a, nint ld) => Three(rows, a, ld, 1, Tau, V1, V2);

    /// <summary>Two columns of so many rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void TwoColumns(int rows, double* a, nint ld) => Two(rows, a, ld, 1, Tau, V1);

    /// <summary>So many triples, one step from each to the next, their numbers at a distance.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Three(int count, double* a, nint distance, nint step, double tau, double v1, double v2)
    {
        double t0 = -tau, t1 = t0 * v1, t2 = t0 * v2;
        for (var i = 0; i < count; i++, a += step)
        {
            double x = a[0], y = a[distance], z = a[2 * distance], sum = double.MultiplyAddEstimate(v2, z, double.MultiplyAddEstimate(v1, y, x));
            a[0] = double.MultiplyAddEstimate(t0, sum, x);
            a[distance] = double.MultiplyAddEstimate(t1, sum, y);
            a[2 * distance] = double.MultiplyAddEstimate(t2, sum, z);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two(int count, double* a, nint distance, nint step, double tau, double v1)
    {
        double t0 = -tau, t1 = t0 * v1;
        for (var i = 0; i < count; i++, a += step)
        {
            double x = a[0], y = a[distance], sum = double.MultiplyAddEstimate(v1, y, x);
            a[0] = double.MultiplyAddEstimate(t0, sum, x);
            a[distance] = double.MultiplyAddEstimate(t1, sum, y);
        }
    }
}

/// <summary>The loop over three columns that change together. What happens to a row does not depend on how many go with it.</summary>
internal static unsafe class NeighbouringColumns<L, V> where L : struct, IProductLanes<V, double> where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reflect(int rows, double* a, nint ld, double tau, double v1, double v2)
    {
        double* b = a + ld, c = b + ld;
        double t0 = -tau, t1 = t0 * v1, t2 = t0 * v2;
        V w1 = L.Of(v1), w2 = L.Of(v2), u0 = L.Of(t0), u1 = L.Of(t1), u2 = L.Of(t2);
        var i = 0;
        for (; i + L.Count <= rows; i += L.Count)
        {
            V x = L.Load(a + i), y = L.Load(b + i), z = L.Load(c + i);
            var sum = L.MultiplyAdd(w1, y, x);
            sum = L.MultiplyAdd(w2, z, sum);
            L.Store(L.MultiplyAdd(u0, sum, x), a + i);
            L.Store(L.MultiplyAdd(u1, sum, y), b + i);
            L.Store(L.MultiplyAdd(u2, sum, z), c + i);
        }

        ShortReflection.Three(rows - i, a + i, ld, 1, tau, v1, v2);
    }
}

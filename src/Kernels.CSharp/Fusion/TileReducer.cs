using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>The arithmetic of one reduction over tiles: the trees, leaves and lanes of <see cref="PairwiseReduction{C, T}"/>, so that the bits are those of
/// reducing the stored values.</summary>
internal abstract unsafe class TileReducer
{
    /// <summary>Elements that one row leaf holds at most.</summary>
    public const int RowLeaf = 1024;

    /// <summary>Rows that one column leaf holds at most.</summary>
    public const int ColumnLeaf = 64;

    /// <summary>Where a range of more than one leaf is divided.</summary>
    public static int Middle(int n, int leaf) => PairwiseReduction<SumCombiner, double>.Middle(n, leaf);

    public static TileReducer Create(FusedReduction reduction, ScalarType type) => type switch
    {
        ScalarType.Float64 => Create<double>(reduction),
        ScalarType.Float32 => Create<float>(reduction),
        _ => throw new ArgumentException($"A fused {reduction} takes float64 or float32, not {type.Name()}. Convert the value first.", nameof(type)),
    };

    private static TileReducer Create<T>(FusedReduction reduction) where T : unmanaged => reduction switch
    {
        FusedReduction.Sum => new TileReducer<SumCombiner, T>(false),
        FusedReduction.Mean => new TileReducer<SumCombiner, T>(true),
        FusedReduction.Product => new TileReducer<ProductCombiner, T>(false),
        FusedReduction.Maximum => new TileReducer<MaximumCombiner, T>(false),
        FusedReduction.Minimum => new TileReducer<MinimumCombiner, T>(false),
        _ => throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "Not a reduction."),
    };

    public abstract double Identity { get; }

    /// <summary>The reduction of at most <see cref="RowLeaf"/> elements.</summary>
    public abstract double Row(nint tile, int n);

    public abstract double Combine(double a, double b);

    /// <summary>Takes rows into the running results of columns, one after the other.</summary>
    public abstract void Columns(double* running, nint tile, int rows, int width);

    /// <summary>left[i] = left[i] combined with right[i].</summary>
    public abstract void Combine(double* left, double* right, int width);

    /// <summary>Writes a result over n elements, rounded once.</summary>
    public abstract void Store(double result, int n, nint target, nint index);

    /// <summary>Writes results over n elements each, one behind the other.</summary>
    public abstract void Store(double* results, int count, int n, nint target, nint index);
}

internal sealed unsafe class TileReducer<C, T>(bool mean) : TileReducer where C : struct, ICombiner where T : unmanaged
{
    public override double Identity => C.Identity;

    public override double Row(nint tile, int n) => PairwiseReduction<C, T>.Row((T*)tile, n);

    public override double Combine(double a, double b) => PairwiseReduction<C, T>.Combine(a, b);

    public override void Columns(double* running, nint tile, int rows, int width)
    {
        if (Vector512.IsHardwareAccelerated) Columns<Doubles8>(running, (T*)tile, rows, width);
        else if (Vector256.IsHardwareAccelerated) Columns<Doubles4>(running, (T*)tile, rows, width);
        else Columns<Doubles2>(running, (T*)tile, rows, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns<V>(double* running, T* tile, int rows, int width) where V : struct, ILanes<V>
    {
        var i = 0;
        for (; i + V.Count <= width; i += V.Count)
        {
            var a = V.Load(in running[i]);
            var p = tile + i;
            for (var j = 0; j < rows; j++, p += width) a = C.Apply(a, ElementwiseLoops.Load<V, T>(ref *p));
            V.Store(a, ref running[i]);
        }
        for (; i < width; i++)
        {
            var s = running[i];
            var p = tile + i;
            for (var j = 0; j < rows; j++, p += width) s = C.Combine(s, ElementwiseLoops.ToDouble(*p));
            running[i] = s;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Combine(double* left, double* right, int width)
    {
        for (var i = 0; i < width; i++) left[i] = C.Combine(left[i], right[i]);
    }

    public override void Store(double result, int n, nint target, nint index)
    {
        if (typeof(T) == typeof(double)) ((double*)target)[index] = mean ? result / n : result;
        else ((float*)target)[index] = mean ? (float)result / (float)n : (float)result;
    }

    public override void Store(double* results, int count, int n, nint target, nint index)
    {
        if (typeof(T) == typeof(double) && !mean) new Span<double>(results, count).CopyTo(new Span<double>((double*)target + index, count));
        else
            for (var i = 0; i < count; i++) Store(results[i], n, target, index + i);
    }
}

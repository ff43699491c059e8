using System;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Sums of exponentials of lines that lie side by side, or are short: a register of lines at a time. Each line has the additions of one that lies alone, so the bits depend neither on the layout nor on the number of lines.</summary>
public static partial class Lines
{
    /// <summary>What is made of the exponentials of some lines.</summary>
    private interface IExponentials
    {
        /// <summary>How many numbers a line of n gives.</summary>
        static abstract int Results(int n);

        /// <summary>Fills the results of the lines in the lanes of a register.</summary>
        static abstract unsafe void Run<V, T>(Column<V, T> x, V max, T* y) where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>;

        /// <summary>The same for one line in one piece; also where its largest element is not finite.</summary>
        static abstract void RunLine<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>;
    }

    /// <summary>Runs over all lines of [outer; n; inner], n at least 1.</summary>
    private static void Exponentials<TLine, T>(ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y)
        where TLine : struct, IExponentials where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (inner > 1) Columns<TLine, T>(x, outer, n, inner, y);
        else Rows<TLine, T>(x, outer, n, y);
    }

    /// <summary>Runs over all lines of [outer; n; inner] with inner lines side by side, n and inner at least 1.</summary>
    private static unsafe void Columns<TLine, T>(ReadOnlySpan<T> x, int outer, int n, int inner, Span<T> y)
        where TLine : struct, IExponentials where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* from = &MemoryMarshal.GetReference(x), to = &MemoryMarshal.GetReference(y))
        {
            for (var o = 0; o < outer; o++)
            {
                T* block = from + (nint)o * n * inner, result = to + (nint)o * TLine.Results(n) * inner;
                if (Vector512.IsHardwareAccelerated && inner >= Doubles8.Count) Tiles<TLine, Doubles8, T>(block, n, inner, result);
                else if (Vector256.IsHardwareAccelerated && inner >= Doubles4.Count) Tiles<TLine, Doubles4, T>(block, n, inner, result);
                else if (inner >= Doubles2.Count) Tiles<TLine, Doubles2, T>(block, n, inner, result);
            }
        }
    }

    /// <summary>The last register lies over the one before it where the lines do not divide into registers: what is computed twice has the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Tiles<TLine, V, T>(T* x, int n, int inner, T* y) where TLine : struct, IExponentials where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < inner; i += V.Count)
        {
            var at = Math.Min(i, inner - V.Count);
            Register<TLine, V, T>(new Column<V, T>(x + at, n, inner), y + at);
        }
    }

    /// <summary>The lines in the lanes of one register.</summary>
    /// <remarks>Methods that are not inlined keep each loop within the runtime's budget for inlining: beyond it, it calls the lanes' operators, ten times as slow.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Register<TLine, V, T>(Column<V, T> column, T* y) where TLine : struct, IExponentials where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var max = column.Largest();
        if (V.Any(V.Equal(max - max, V.Zero) ^ V.Equal(V.Zero, V.Zero))) OneByOne<TLine, V, T>(column, y);
        else TLine.Run(column, max, y);
    }

    /// <summary>The longest lines in one piece that are turned to lie side by side: of longer ones each fills registers of its own.</summary>
    private const int LongestTurned = 64;

    /// <summary>Lines of n elements in one piece: short ones, of which a register holds several, turned; the others one by one.</summary>
    private static unsafe void Rows<TLine, T>(ReadOnlySpan<T> x, int outer, int n, Span<T> y)
        where TLine : struct, IExponentials where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* from = &MemoryMarshal.GetReference(x), to = &MemoryMarshal.GetReference(y))
        {
            if (n > LongestTurned || outer < Doubles2.Count)
            {
                var m = TLine.Results(n);
                for (var o = 0; o < outer; o++) TLine.RunLine<T>(x.Slice(o * n, n), y.Slice(o * m, m));
            }
            else if (Vector512.IsHardwareAccelerated && outer >= Doubles8.Count) Turned<TLine, Doubles8, T>(from, outer, n, to);
            else if (Vector256.IsHardwareAccelerated && outer >= Doubles4.Count) Turned<TLine, Doubles4, T>(from, outer, n, to);
            else Turned<TLine, Doubles2, T>(from, outer, n, to);
        }
    }

    /// <summary>A register of lines at a time, turned on the stack; the last register lies over the one before it.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Turned<TLine, V, T>(T* x, int outer, int n, T* y) where TLine : struct, IExponentials where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var m = TLine.Results(n);
        T* lines = stackalloc T[n * V.Count], results = stackalloc T[m * V.Count];
        for (var o = 0; o < outer; o += V.Count)
        {
            nint first = Math.Min(o, outer - V.Count);
            for (var lane = 0; lane < V.Count; lane++)
            {
                var line = x + (first + lane) * n;
                for (var j = 0; j < n; j++) lines[j * V.Count + lane] = line[j];
            }
            Register<TLine, V, T>(new Column<V, T>(lines, n, V.Count), results);
            for (var lane = 0; lane < V.Count; lane++)
            {
                var line = y + (first + lane) * m;
                for (var j = 0; j < m; j++) line[j] = results[j * V.Count + lane];
            }
        }
    }

    /// <summary>The lines in the lanes of a register, gathered one after the other: some have infinities or NaNs.</summary>
    private static unsafe void OneByOne<TLine, V, T>(Column<V, T> x, T* y) where TLine : struct, IExponentials where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] line = new T[x.Count], result = new T[TLine.Results(x.Count)];
        for (var lane = 0; lane < V.Count; lane++)
        {
            for (var j = 0; j < line.Length; j++) line[j] = x.Start[(nint)j * x.Stride + lane];
            TLine.RunLine<T>(line, result);
            for (var j = 0; j < result.Length; j++) y[(nint)j * x.Stride + lane] = result[j];
        }
    }

    /// <summary>Some lines side by side, one in each lane: element j of them at Start + j Stride.</summary>
    private readonly unsafe struct Column<V, T>(T* start, int count, int stride) where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public readonly T* Start = start;
        public readonly int Count = count;
        public readonly int Stride = stride;

        public V this[int j]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => ElementwiseLoops.Load<V, T>(ref Start[(nint)j * Stride]);
        }

        /// <summary>The largest elements; a NaN wins.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Largest()
        {
            var max = this[0];
            for (var j = 1; j < Count; j++) max = V.Max(max, this[j]);
            return max;
        }

        /// <summary>exp(x - max) of element j, each step in the elements' own precision.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Exponential(int j, V max)
            => typeof(T) == typeof(double) ? LaneMath.Exp(this[j] - max) : DoubleLaneCode<V>.ElementaryUnarySingle<ExpKernel>(this[j] - max);

        /// <summary>As an element would hold it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Rounded(V x) => typeof(T) == typeof(double) ? x : DoubleLaneCode<V>.RoundToSingle(x);
    }

    /// <summary>Sums of exponentials, which may be kept, in the order of <see cref="Reductions.Reduce(ReduceOp, ReadOnlySpan{double}, int, int, int, Span{double})"/> of one line.</summary>
    private readonly unsafe ref struct ExponentialSum<V, T>(Column<V, T> x, V max, T* kept) where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly Column<V, T> _x = x;
        private readonly V _max = max;
        private readonly T* _kept = kept;

        /// <summary>Of so many elements from one on.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        public V Of(int first, int count)
        {
            if (typeof(T) == typeof(float) || count <= PairwiseReduction<SumCombiner, T>.ShortLine) return InOrder(first, count);
            if (count <= PairwiseReduction<SumCombiner, T>.RowLeaf) return InLanes(first, count);
            var middle = PairwiseReduction<SumCombiner, T>.Middle(count, PairwiseReduction<SumCombiner, T>.RowLeaf);
            return Of(first, middle) + Of(first + middle, count - middle);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Next(int j)
        {
            var e = _x.Exponential(j, _max);
            if (_kept != null) ElementwiseLoops.Store<V, T>(e, ref _kept[(nint)j * _x.Stride]);
            return e;
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private V InOrder(int first, int count)
        {
            var sum = V.Zero;
            for (var j = first; j < first + count; j++) sum += Next(j);
            return sum;
        }

        /// <summary>As a line's elements fall into the lanes of four registers, whose sums come together at the end.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private V InLanes(int first, int count)
        {
            var lanes = Vector512.IsHardwareAccelerated ? 8 : Vector256.IsHardwareAccelerated ? 4 : 2;
            int whole = count & -(4 * lanes), some = count & -lanes, mask = 4 * lanes - 1;
            var sums = stackalloc double[4 * 8 * V.Count];
            for (var s = 0; s < 4 * lanes; s++) V.Store(V.Zero, ref sums[s * V.Count]);
            for (var j = 0; j < some; j++)
            {
                ref var slot = ref sums[(j < whole ? j & mask : j & (lanes - 1)) * V.Count];
                V.Store(V.Load(in slot) + Next(first + j), ref slot);
            }
            V Slot(int s) => V.Load(in sums[s * V.Count]);
            var sum = Slot(0) + Slot(lanes) + (Slot(2 * lanes) + Slot(3 * lanes));
            for (var l = 1; l < lanes; l++) sum += Slot(l) + Slot(l + lanes) + (Slot(l + 2 * lanes) + Slot(l + 3 * lanes));
            for (var j = some; j < count; j++) sum += Next(first + j);
            return sum;
        }
    }

    private readonly struct LogSumExpColumn : IExponentials
    {
        public static int Results(int n) => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe void Run<V, T>(Column<V, T> x, V max, T* y) where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            ElementwiseLoops.Store<V, T>(max + LaneMath.Log(new ExponentialSum<V, T>(x, max, null).Of(0, x.Count)), ref *y);

        public static void RunLine<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> => y[0] = LogSumExpOfLine(x);
    }

    private readonly struct SoftmaxColumn : IExponentials
    {
        public static int Results(int n) => n;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe void Run<V, T>(Column<V, T> x, V max, T* y) where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var sum = Column<V, T>.Rounded(new ExponentialSum<V, T>(x, max, y).Of(0, x.Count));
            var exponentials = new Column<V, T>(y, x.Count, x.Stride);
            var smallest = V.Of(SmallestNormal<T>());
            for (var j = 0; j < x.Count; j++)
            {
                var p = Column<V, T>.Rounded(exponentials[j] / sum);
                ElementwiseLoops.Store<V, T>(V.Select(V.Less(p, smallest), V.Zero, p), ref y[(nint)j * x.Stride]);
            }
        }

        public static void RunLine<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> => SoftmaxOfLine(x, y);
    }

    private readonly struct LogSoftmaxColumn : IExponentials
    {
        public static int Results(int n) => n;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe void Run<V, T>(Column<V, T> x, V max, T* y) where V : struct, ILanes<V> where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var log = Column<V, T>.Rounded(LaneMath.Log(new ExponentialSum<V, T>(x, max, null).Of(0, x.Count)));
            for (var j = 0; j < x.Count; j++) ElementwiseLoops.Store<V, T>(Column<V, T>.Rounded(x[j] - max) - log, ref y[(nint)j * x.Stride]);
        }

        public static void RunLine<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSoftmaxOfLine(x, y);
    }
}

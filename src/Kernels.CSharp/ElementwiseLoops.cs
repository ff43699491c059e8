using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>The loops that carry a kernel over spans: widest registers first, then narrower ones, then one lane. All give the same bits.</summary>
/// <remarks>The loops are not inlined: guided by profiles, the runtime would put one into a hot caller, spend its budget for inlining there, and call the lanes' operators,
/// eight times as slow.</remarks>
internal static class ElementwiseLoops
{
    // Correctly rounded kernels: any element type

    public static void Unary<K>(ReadOnlySpan<double> x, Span<double> y) where K : struct, IArithmeticUnary
    {
        if (Vector512.IsHardwareAccelerated) Unary<K, Doubles8, Doubles4, Doubles2, double>(x, y);
        else if (Vector256.IsHardwareAccelerated) Unary<K, Doubles4, Doubles4, Doubles2, double>(x, y);
        else Unary<K, Doubles2, Doubles2, Doubles2, double>(x, y);
    }

    public static void Unary<K>(ReadOnlySpan<float> x, Span<float> y) where K : struct, IArithmeticUnary
    {
        if (Vector512.IsHardwareAccelerated) Unary<K, Singles16, Singles8, Singles4, float>(x, y);
        else if (Vector256.IsHardwareAccelerated) Unary<K, Singles8, Singles8, Singles4, float>(x, y);
        else Unary<K, Singles4, Singles4, Singles4, float>(x, y);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Unary<K, W, M, S, T>(ReadOnlySpan<T> x, Span<T> y)
        where K : struct, IArithmeticUnary
        where W : struct, IArithmeticLanes<W, T> where M : struct, IArithmeticLanes<M, T> where S : struct, IArithmeticLanes<S, T>
        where T : unmanaged
    {
        ref var from = ref MemoryMarshal.GetReference(x);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = x.Length, i = 0;
        for (; i + W.Count <= n; i += W.Count) W.Store(K.Apply<W, T>(W.Load(in Unsafe.Add(ref from, i))), ref Unsafe.Add(ref to, i));
        if (M.Count < W.Count && i + M.Count <= n)
        {
            M.Store(K.Apply<M, T>(M.Load(in Unsafe.Add(ref from, i))), ref Unsafe.Add(ref to, i));
            i += M.Count;
        }
        if (S.Count < M.Count && i + S.Count <= n)
        {
            S.Store(K.Apply<S, T>(S.Load(in Unsafe.Add(ref from, i))), ref Unsafe.Add(ref to, i));
            i += S.Count;
        }
        for (; i < n; i++) Unsafe.Add(ref to, i) = S.First(K.Apply<S, T>(S.Of(Unsafe.Add(ref from, i))));
    }

    public static void Binary<K>(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> y) where K : struct, IArithmeticBinary
    {
        if (Vector512.IsHardwareAccelerated) Binary<K, Doubles8, Doubles4, Doubles2, double>(a, b, y);
        else if (Vector256.IsHardwareAccelerated) Binary<K, Doubles4, Doubles4, Doubles2, double>(a, b, y);
        else Binary<K, Doubles2, Doubles2, Doubles2, double>(a, b, y);
    }

    public static void Binary<K>(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) where K : struct, IArithmeticBinary
    {
        if (Vector512.IsHardwareAccelerated) Binary<K, Singles16, Singles8, Singles4, float>(a, b, y);
        else if (Vector256.IsHardwareAccelerated) Binary<K, Singles8, Singles8, Singles4, float>(a, b, y);
        else Binary<K, Singles4, Singles4, Singles4, float>(a, b, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Binary<K, W, M, S, T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where K : struct, IArithmeticBinary
        where W : struct, IArithmeticLanes<W, T> where M : struct, IArithmeticLanes<M, T> where S : struct, IArithmeticLanes<S, T>
        where T : unmanaged
    {
        // Two scalars are one result, spread by the caller.
        if (a.Length == y.Length && b.Length == y.Length) Both<K, W, M, S, T>(a, b, y);
        else if (b.Length == y.Length) ScalarLeft<K, W, M, S, T>(a[0], b, y);
        else ScalarRight<K, W, M, S, T>(a, b[0], y);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Both<K, W, M, S, T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where K : struct, IArithmeticBinary
        where W : struct, IArithmeticLanes<W, T> where M : struct, IArithmeticLanes<M, T> where S : struct, IArithmeticLanes<S, T>
        where T : unmanaged
    {
        ref var left = ref MemoryMarshal.GetReference(a);
        ref var right = ref MemoryMarshal.GetReference(b);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = y.Length, i = 0;
        for (; i + W.Count <= n; i += W.Count)
            W.Store(K.Apply<W, T>(W.Load(in Unsafe.Add(ref left, i)), W.Load(in Unsafe.Add(ref right, i))), ref Unsafe.Add(ref to, i));
        if (M.Count < W.Count && i + M.Count <= n)
        {
            M.Store(K.Apply<M, T>(M.Load(in Unsafe.Add(ref left, i)), M.Load(in Unsafe.Add(ref right, i))), ref Unsafe.Add(ref to, i));
            i += M.Count;
        }
        if (S.Count < M.Count && i + S.Count <= n)
        {
            S.Store(K.Apply<S, T>(S.Load(in Unsafe.Add(ref left, i)), S.Load(in Unsafe.Add(ref right, i))), ref Unsafe.Add(ref to, i));
            i += S.Count;
        }
        for (; i < n; i++) Unsafe.Add(ref to, i) = S.First(K.Apply<S, T>(S.Of(Unsafe.Add(ref left, i)), S.Of(Unsafe.Add(ref right, i))));
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void ScalarLeft<K, W, M, S, T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where K : struct, IArithmeticBinary
        where W : struct, IArithmeticLanes<W, T> where M : struct, IArithmeticLanes<M, T> where S : struct, IArithmeticLanes<S, T>
        where T : unmanaged
    {
        ref var right = ref MemoryMarshal.GetReference(b);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = y.Length, i = 0;
        var wide = W.Of(a);
        for (; i + W.Count <= n; i += W.Count) W.Store(K.Apply<W, T>(wide, W.Load(in Unsafe.Add(ref right, i))), ref Unsafe.Add(ref to, i));
        if (M.Count < W.Count && i + M.Count <= n)
        {
            M.Store(K.Apply<M, T>(M.Of(a), M.Load(in Unsafe.Add(ref right, i))), ref Unsafe.Add(ref to, i));
            i += M.Count;
        }
        if (S.Count < M.Count && i + S.Count <= n)
        {
            S.Store(K.Apply<S, T>(S.Of(a), S.Load(in Unsafe.Add(ref right, i))), ref Unsafe.Add(ref to, i));
            i += S.Count;
        }
        for (; i < n; i++) Unsafe.Add(ref to, i) = S.First(K.Apply<S, T>(S.Of(a), S.Of(Unsafe.Add(ref right, i))));
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void ScalarRight<K, W, M, S, T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where K : struct, IArithmeticBinary
        where W : struct, IArithmeticLanes<W, T> where M : struct, IArithmeticLanes<M, T> where S : struct, IArithmeticLanes<S, T>
        where T : unmanaged
    {
        ref var left = ref MemoryMarshal.GetReference(a);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = y.Length, i = 0;
        var wide = W.Of(b);
        for (; i + W.Count <= n; i += W.Count) W.Store(K.Apply<W, T>(W.Load(in Unsafe.Add(ref left, i)), wide), ref Unsafe.Add(ref to, i));
        if (M.Count < W.Count && i + M.Count <= n)
        {
            M.Store(K.Apply<M, T>(M.Load(in Unsafe.Add(ref left, i)), M.Of(b)), ref Unsafe.Add(ref to, i));
            i += M.Count;
        }
        if (S.Count < M.Count && i + S.Count <= n)
        {
            S.Store(K.Apply<S, T>(S.Load(in Unsafe.Add(ref left, i)), S.Of(b)), ref Unsafe.Add(ref to, i));
            i += S.Count;
        }
        for (; i < n; i++) Unsafe.Add(ref to, i) = S.First(K.Apply<S, T>(S.Of(Unsafe.Add(ref left, i)), S.Of(b)));
    }

    // Elementary functions: float64 lanes; float32 widens, and rounds once at the end, where a function has no way of its own for it

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Lane<K>(double x) where K : struct, ILaneUnary
    {
        if (typeof(K) == typeof(SinKernel) && Math.Abs(x) <= LaneMath.NearAngle) return LaneMath.SinNear(x);
        if (typeof(K) == typeof(CosKernel) && Math.Abs(x) <= LaneMath.NearAngle) return LaneMath.CosNear(x);
        return Doubles2.First(K.Apply(Doubles2.Of(x)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Lane<K>(double a, double b) where K : struct, ILaneBinary => Doubles2.First(K.Apply(Doubles2.Of(a), Doubles2.Of(b)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Lane<K>(float x) where K : struct, ILaneUnary => K.HasSingle ? Singles4.First(K.ApplySingle(Singles4.Of(x))) : (float)Lane<K>((double)x);

    public static void LaneUnary<K, T>(ReadOnlySpan<T> x, Span<T> y) where K : struct, ILaneUnary where T : unmanaged
    {
        if (K.HasSingle && typeof(T) == typeof(float))
        {
            if (x.Length == 1) y[0] = Unsafe.BitCast<float, T>(Lane<K>(Unsafe.BitCast<T, float>(x[0])));
            else if (Vector512.IsHardwareAccelerated && x.Length > Singles8.Count) LaneUnary<K, InSingles<Singles16, T>, Singles16, T>(x, y);
            else if (Vector256.IsHardwareAccelerated && x.Length > Singles4.Count) LaneUnary<K, InSingles<Singles8, T>, Singles8, T>(x, y);
            else LaneUnary<K, InSingles<Singles4, T>, Singles4, T>(x, y);
        }
        else if (x.Length == 1) y[0] = FromDouble<T>(Lane<K>(ToDouble(x[0])));
        else if (Vector512.IsHardwareAccelerated && x.Length > Doubles4.Count) LaneUnary<K, InDoubles<Doubles8, T>, Doubles8, T>(x, y);
        else if (Vector256.IsHardwareAccelerated) LaneUnary<K, InDoubles<Doubles4, T>, Doubles4, T>(x, y);
        else LaneUnary<K, InDoubles<Doubles2, T>, Doubles2, T>(x, y);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private static void LaneUnary<K, E, V, T>(ReadOnlySpan<T> x, Span<T> y) where K : struct, ILaneUnary where E : struct, IElements<V, T> where V : struct where T : unmanaged
    {
        ref var from = ref MemoryMarshal.GetReference(x);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = x.Length, i = 0;
        for (; i + E.Count <= n; i += E.Count) E.Store(E.Apply<K>(E.Load(ref Unsafe.Add(ref from, i))), ref Unsafe.Add(ref to, i));
        if (i == n) return;
        // The last, incomplete register goes through a buffer filled up with ones, by the same instructions.
        Unsafe.SkipInit(out Sixteen<T> rest);
        ref var buffer = ref Unsafe.As<Sixteen<T>, T>(ref rest);
        Fill(ref Unsafe.Add(ref from, i), ref buffer, n - i, E.Count);
        LaneUnary<K, E, V, T>(MemoryMarshal.CreateReadOnlySpan(ref buffer, E.Count), MemoryMarshal.CreateSpan(ref buffer, E.Count));
        Copy(ref buffer, ref Unsafe.Add(ref to, i), n - i);
    }

    /// <summary>Two functions that share their work, over one argument.</summary>
    public static void LanePair<K, T>(ReadOnlySpan<T> x, Span<T> first, Span<T> second) where K : struct, ILanePair where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Vector512.IsHardwareAccelerated && x.Length > Singles8.Count) LanePair<K, InSingles<Singles16, T>, Singles16, T>(x, first, second);
            else if (Vector256.IsHardwareAccelerated && x.Length > Singles4.Count) LanePair<K, InSingles<Singles8, T>, Singles8, T>(x, first, second);
            else LanePair<K, InSingles<Singles4, T>, Singles4, T>(x, first, second);
        }
        else if (Vector512.IsHardwareAccelerated && x.Length > Doubles4.Count) LanePair<K, InDoubles<Doubles8, T>, Doubles8, T>(x, first, second);
        else if (Vector256.IsHardwareAccelerated) LanePair<K, InDoubles<Doubles4, T>, Doubles4, T>(x, first, second);
        else LanePair<K, InDoubles<Doubles2, T>, Doubles2, T>(x, first, second);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private static void LanePair<K, E, V, T>(ReadOnlySpan<T> x, Span<T> first, Span<T> second)
        where K : struct, ILanePair where E : struct, IElements<V, T> where V : struct where T : unmanaged
    {
        ref var from = ref MemoryMarshal.GetReference(x);
        ref var to = ref MemoryMarshal.GetReference(first);
        ref var too = ref MemoryMarshal.GetReference(second);
        nint n = x.Length, i = 0;
        for (; i + E.Count <= n; i += E.Count)
        {
            E.Store(E.Apply<K>(E.Load(ref Unsafe.Add(ref from, i)), out var next), ref Unsafe.Add(ref to, i));
            E.Store(next, ref Unsafe.Add(ref too, i));
        }
        if (i == n) return;
        // The last, incomplete register goes through buffers filled up with ones, by the same instructions.
        Unsafe.SkipInit(out Sixteen<T> rest);
        Unsafe.SkipInit(out Sixteen<T> other);
        ref var buffer = ref Unsafe.As<Sixteen<T>, T>(ref rest);
        ref var another = ref Unsafe.As<Sixteen<T>, T>(ref other);
        Fill(ref Unsafe.Add(ref from, i), ref buffer, n - i, E.Count);
        LanePair<K, E, V, T>(MemoryMarshal.CreateReadOnlySpan(ref buffer, E.Count), MemoryMarshal.CreateSpan(ref buffer, E.Count), MemoryMarshal.CreateSpan(ref another, E.Count));
        Copy(ref buffer, ref Unsafe.Add(ref to, i), n - i);
        Copy(ref another, ref Unsafe.Add(ref too, i), n - i);
    }

    /// <summary>The lanes that elements are taken to, and functions over them.</summary>
    private interface IElements<V, T>
    {
        static abstract int Count { get; }

        static abstract V Load(ref T source);

        static abstract void Store(V value, ref T target);

        static abstract V Apply<K>(V x) where K : struct, ILaneUnary;

        static abstract V Apply<K>(V x, out V second) where K : struct, ILanePair;
    }

    /// <summary>float64 lanes, for elements of either type.</summary>
    private readonly struct InDoubles<V, T> : IElements<V, T> where V : struct, ILanes<V> where T : unmanaged
    {
        public static int Count
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => V.Count;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Load(ref T source) => ElementwiseLoops.Load<V, T>(ref source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(V value, ref T target) => ElementwiseLoops.Store<V, T>(value, ref target);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<K>(V x) where K : struct, ILaneUnary => K.Apply(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<K>(V x, out V second) where K : struct, ILanePair => K.Apply(x, out second);
    }

    /// <summary>float32 lanes, for elements of that type.</summary>
    private readonly struct InSingles<V, T> : IElements<V, T> where V : struct, IArithmeticLanes<V, float>, IMathLanes<V> where T : unmanaged
    {
        public static int Count
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => V.Count;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Load(ref T source) => V.Load(in Unsafe.As<T, float>(ref source));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(V value, ref T target) => V.Store(value, ref Unsafe.As<T, float>(ref target));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<K>(V x) where K : struct, ILaneUnary => K.ApplySingle(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<K>(V x, out V second) where K : struct, ILanePair => K.Apply(x, out second);
    }

    public static void LaneBinary<K, T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where K : struct, ILaneBinary where T : unmanaged
    {
        if (y.Length == 1) y[0] = FromDouble<T>(Lane<K>(ToDouble(a[0]), ToDouble(b[0])));
        else if (Vector512.IsHardwareAccelerated && y.Length > Doubles4.Count) LaneBinary<K, Doubles8, T>(a, b, y);
        else if (Vector256.IsHardwareAccelerated) LaneBinary<K, Doubles4, T>(a, b, y);
        else LaneBinary<K, Doubles2, T>(a, b, y);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private static void LaneBinary<K, V, T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where K : struct, ILaneBinary where V : struct, ILanes<V> where T : unmanaged
    {
        Unsafe.SkipInit(out Sixteen<T> restA);
        Unsafe.SkipInit(out Sixteen<T> restB);
        ref var bufferA = ref Unsafe.As<Sixteen<T>, T>(ref restA);
        ref var bufferB = ref Unsafe.As<Sixteen<T>, T>(ref restB);
        ref var left = ref MemoryMarshal.GetReference(a);
        ref var right = ref MemoryMarshal.GetReference(b);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = y.Length, i = 0;
        bool walkA = a.Length == y.Length, walkB = b.Length == y.Length;
        V va = V.Of(ToDouble(left)), vb = V.Of(ToDouble(right));
        while (i < n)
        {
            var whole = i + V.Count <= n;
            if (walkA)
            {
                if (!whole) Fill(ref Unsafe.Add(ref left, i), ref bufferA, n - i, V.Count);
                va = Load<V, T>(ref whole ? ref Unsafe.Add(ref left, i) : ref bufferA);
            }
            if (walkB)
            {
                if (!whole) Fill(ref Unsafe.Add(ref right, i), ref bufferB, n - i, V.Count);
                vb = Load<V, T>(ref whole ? ref Unsafe.Add(ref right, i) : ref bufferB);
            }
            Store<V, T>(K.Apply(va, vb), ref whole ? ref Unsafe.Add(ref to, i) : ref bufferA);
            if (!whole) Copy(ref bufferA, ref Unsafe.Add(ref to, i), n - i);
            i += V.Count;
        }
    }

    /// <summary>A register's elements.</summary>
    [InlineArray(16)]
    private struct Sixteen<T>
    {
        private T _first;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill<T>(ref T from, ref T buffer, nint count, nint width) where T : unmanaged
    {
        for (nint j = 0; j < count; j++) Unsafe.Add(ref buffer, j) = Unsafe.Add(ref from, j);
        for (var j = count; j < width; j++) Unsafe.Add(ref buffer, j) = FromDouble<T>(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<T>(ref T buffer, ref T to, nint count)
    {
        for (nint j = 0; j < count; j++) Unsafe.Add(ref to, j) = Unsafe.Add(ref buffer, j);
    }

    /// <summary>Loads float64 lanes from float64 or float32 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V, T>(ref T source) where V : struct, ILanes<V> where T : unmanaged
        => typeof(T) == typeof(double) ? V.Load(in Unsafe.As<T, double>(ref source)) : V.LoadWiden(in Unsafe.As<T, float>(ref source));

    /// <summary>Stores float64 lanes to float64 or (rounded) float32 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V, T>(V value, ref T target) where V : struct, ILanes<V> where T : unmanaged
    {
        if (typeof(T) == typeof(double)) V.Store(value, ref Unsafe.As<T, double>(ref target));
        else V.StoreNarrow(value, ref Unsafe.As<T, float>(ref target));
    }

    /// <summary>float64 from float64 or float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ToDouble<T>(T value) where T : unmanaged
        => typeof(T) == typeof(double) ? Unsafe.BitCast<T, double>(value) : Unsafe.BitCast<T, float>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T FromDouble<T>(double value) where T : unmanaged
        => typeof(T) == typeof(double) ? Unsafe.BitCast<double, T>(value) : Unsafe.BitCast<float, T>((float)value);
}

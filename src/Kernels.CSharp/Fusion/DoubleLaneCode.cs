using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>What generated code calls, over float64 lanes. A float32 value is a float64 that has been rounded to float32, an integer one
/// without a fraction, a truth value all bits set or none.</summary>
internal static unsafe class DoubleLaneCode<V> where V : struct, ILanes<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OfFloat64(double value) => V.Of(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OfFloat32(float value) => V.Of(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OfBool(bool value) => V.OfBits(value ? -1 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(nint at) => V.Load(in *(double*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, nint at) => V.Store(value, ref *(double*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadFloat64(nint at) => V.Load(in *(double*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadFloat32(nint at) => V.LoadWiden(in *(float*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBool(nint at)
    {
        if (typeof(V) == typeof(Doubles8) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<long>, V>(~Vector512.Equals(Avx512F.ConvertToVector512Int64(Vector128.CreateScalarUnsafe(*(ulong*)at).AsByte()), Vector512<long>.Zero));
        if (typeof(V) == typeof(Doubles4) && Avx2.IsSupported)
            return Unsafe.BitCast<Vector256<long>, V>(~Vector256.Equals(Avx2.ConvertToVector256Int64(Vector128.CreateScalarUnsafe(*(uint*)at).AsByte()), Vector256<long>.Zero));
        return V.Less(V.Zero, LoadUInt8(at));
    }

    public static V LoadInt32(nint at)
    {
        var value = V.Zero;
        for (var i = 0; i < V.Count; i++) value = V.WithLane(value, i, ((int*)at)[i]);
        return value;
    }

    public static V LoadUInt8(nint at)
    {
        var value = V.Zero;
        for (var i = 0; i < V.Count; i++) value = V.WithLane(value, i, ((byte*)at)[i]);
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloat64(V value, nint at) => V.Store(value, ref *(double*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloat32(V value, nint at) => V.StoreNarrow(value, ref *(float*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBool(V mask, nint at)
    {
        if (typeof(V) == typeof(Doubles8)) *(ulong*)at = Elementwise.BitsToBytes(Unsafe.BitCast<V, Vector512<double>>(mask).ExtractMostSignificantBits());
        else if (typeof(V) == typeof(Doubles4)) *(uint*)at = (uint)Elementwise.BitsToBytes(Unsafe.BitCast<V, Vector256<double>>(mask).ExtractMostSignificantBits());
        else *(ushort*)at = (ushort)Elementwise.BitsToBytes(Unsafe.BitCast<V, Vector128<double>>(mask).ExtractMostSignificantBits());
    }

    public static void StoreInt32(V value, nint at)
    {
        for (var i = 0; i < V.Count; i++) ((int*)at)[i] = (int)V.Lane(value, i);
    }

    public static void StoreUInt8(V value, nint at)
    {
        for (var i = 0; i < V.Count; i++) ((byte*)at)[i] = (byte)V.Lane(value, i);
    }

    /// <summary>Rounds to float32, as a float64 again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V RoundToSingle(V value) => V.Count == 8 ? Widen(Narrow<Singles8>(value)) : Widen(Narrow<Singles4>(value));

    /// <summary>The whole number towards zero within bounds, 0 for NaN; never -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V RoundToInteger(V value, double least, double greatest)
    {
        value = V.Select(V.Equal(value, value), value, V.Zero);
        return V.Truncate(V.Max(V.Min(value, V.Of(greatest)), V.Of(least))) + V.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ArithmeticUnary<K>(V x) where K : struct, IArithmeticUnary => K.Apply<V, double>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ArithmeticBinary<K>(V a, V b) where K : struct, IArithmeticBinary => K.Apply<V, double>(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ElementaryUnary<K>(V x) where K : struct, ILaneUnary => K.Apply(x);

    /// <summary>Two functions that share their work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ElementaryPair<K>(V x, out V second) where K : struct, ILanePair => K.Apply(x, out second);

    /// <summary>A function of float32 values, rounded to float32: with the bits that it has in float32 lanes where it has a way of its own there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ElementaryUnarySingle<K>(V x) where K : struct, ILaneUnary
    {
        if (!K.HasSingle) return RoundToSingle(K.Apply(x));
        return V.Count == 8 ? Widen(K.ApplySingle(Narrow<Singles8>(x))) : Widen(K.ApplySingle(Narrow<Singles4>(x)));
    }

    /// <summary>Two functions of float32 values that share their work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ElementaryPairSingle<K>(V x, out V second) where K : struct, ILanePair
    {
        if (V.Count == 8)
        {
            var wide = K.Apply(Narrow<Singles8>(x), out var wideSecond);
            second = Widen(wideSecond);
            return Widen(wide);
        }
        var first = K.Apply(Narrow<Singles4>(x), out var other);
        second = Widen(other);
        return Widen(first);
    }

    /// <summary>As many float32 lanes, and zeros behind two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static S Narrow<S>(V x) where S : struct
    {
        if (typeof(V) == typeof(Doubles8) && Avx512F.IsSupported) return Unsafe.BitCast<Vector256<float>, S>(Avx512F.ConvertToVector256Single(Unsafe.BitCast<V, Vector512<double>>(x)));
        if (typeof(V) == typeof(Doubles4) && Avx.IsSupported) return Unsafe.BitCast<Vector128<float>, S>(Avx.ConvertToVector128Single(Unsafe.BitCast<V, Vector256<double>>(x)));
        S result = default;
        V.StoreNarrow(x, ref Unsafe.As<S, float>(ref result));
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Widen<S>(S x) where S : struct
    {
        if (typeof(V) == typeof(Doubles8) && Avx512F.IsSupported) return Unsafe.BitCast<Vector512<double>, V>(Avx512F.ConvertToVector512Double(Unsafe.BitCast<S, Vector256<float>>(x)));
        if (typeof(V) == typeof(Doubles4) && Avx.IsSupported) return Unsafe.BitCast<Vector256<double>, V>(Avx.ConvertToVector256Double(Unsafe.BitCast<S, Vector128<float>>(x)));
        return V.LoadWiden(in Unsafe.As<S, float>(ref x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ElementaryBinary<K>(V a, V b) where K : struct, ILaneBinary => K.Apply(a, b);

    /// <summary>A function computed one element at a time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V EachUnary(V x, int op)
    {
        for (var i = 0; i < V.Count; i++) x = V.WithLane(x, i, Elementwise.Unary((UnaryOp)op, V.Lane(x, i)));
        return x;
    }

    /// <summary>A function computed one element at a time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V EachBinary(V a, V b, int op)
    {
        for (var i = 0; i < V.Count; i++) a = V.WithLane(a, i, Elementwise.Binary((BinaryOp)op, V.Lane(a, i), V.Lane(b, i)));
        return a;
    }

    /// <summary>A float32 function computed one element at a time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V EachBinarySingle(V a, V b, int op)
    {
        for (var i = 0; i < V.Count; i++) a = V.WithLane(a, i, Elementwise.Binary((BinaryOp)op, (float)V.Lane(a, i), (float)V.Lane(b, i)));
        return a;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Equal(V a, V b) => V.Equal(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Less(V a, V b) => V.Less(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LessOrEqual(V a, V b) => V.LessOrEqual(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Select(V mask, V a, V b) => V.Select(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V And(V a, V b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Or(V a, V b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Xor(V a, V b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Not(V mask) => mask ^ V.OfBits(-1);

    /// <summary>1 where the mask is set, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OneWhere(V mask) => mask & V.One;

    /// <summary>Whether a number differs from 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V IsNotZero(V x) => Not(V.Equal(x, V.Zero));
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>What generated code calls, over float32 lanes: for programs of float32 and truth values alone. Elementary functions
/// that have no way of their own for float32 go through two halves of float64 lanes V and are rounded once.</summary>
internal static unsafe class SingleLaneCode<S, V> where S : struct, IArithmeticLanes<S, float>, IMathLanes<S> where V : struct, ILanes<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S OfFloat32(float value) => S.Of(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S OfBool(bool value) => value ? S.Equal(S.Zero, S.Zero) : S.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Load(nint at) => S.Load(in *(float*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(S value, nint at) => S.Store(value, ref *(float*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S LoadFloat32(nint at) => S.Load(in *(float*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S LoadBool(nint at)
    {
        if (typeof(S) == typeof(Singles16) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<int>, S>(~Vector512.Equals(Avx512F.ConvertToVector512Int32(Vector128.Load((byte*)at)), Vector512<int>.Zero));
        if (typeof(S) == typeof(Singles8) && Avx2.IsSupported)
            return Unsafe.BitCast<Vector256<int>, S>(~Vector256.Equals(Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(*(ulong*)at).AsByte()), Vector256<int>.Zero));
        return LoadBoolLanes(at);
    }

    private static S LoadBoolLanes(nint at)
    {
        Singles16 lanes = default;
        var p = (float*)&lanes;
        for (var i = 0; i < S.Count; i++) p[i] = ((byte*)at)[i];
        return S.Less(S.Zero, S.Load(in *p));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloat32(S value, nint at) => S.Store(value, ref *(float*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBool(S mask, nint at)
    {
        var bits = typeof(S) == typeof(Singles16) ? Unsafe.BitCast<S, Vector512<float>>(mask).ExtractMostSignificantBits()
            : typeof(S) == typeof(Singles8) ? Unsafe.BitCast<S, Vector256<float>>(mask).ExtractMostSignificantBits()
            : Unsafe.BitCast<S, Vector128<float>>(mask).ExtractMostSignificantBits();
        if (S.Count == 4) *(uint*)at = (uint)Elementwise.BitsToBytes(bits);
        else *(ulong*)at = Elementwise.BitsToBytes(bits);
        if (S.Count == 16) ((ulong*)at)[1] = Elementwise.BitsToBytes(bits >> 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S ArithmeticUnary<K>(S x) where K : struct, IArithmeticUnary => K.Apply<S, float>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S ArithmeticBinary<K>(S a, S b) where K : struct, IArithmeticBinary => K.Apply<S, float>(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S ElementaryUnary<K>(S x) where K : struct, ILaneUnary => K.HasSingle ? K.ApplySingle(x) : Join(K.Apply(Lower(x)), K.Apply(Upper(x)));

    /// <summary>Two functions that share their work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S ElementaryPair<K>(S x, out S second) where K : struct, ILanePair => K.Apply(x, out second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S ElementaryBinary<K>(S a, S b) where K : struct, ILaneBinary => Join(K.Apply(Lower(a), Lower(b)), K.Apply(Upper(a), Upper(b)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Lower(S x)
    {
        if (typeof(S) == typeof(Singles16) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<double>, V>(Avx512F.ConvertToVector512Double(Unsafe.BitCast<S, Vector512<float>>(x).GetLower()));
        if (typeof(S) == typeof(Singles8) && Avx.IsSupported)
            return Unsafe.BitCast<Vector256<double>, V>(Avx.ConvertToVector256Double(Unsafe.BitCast<S, Vector256<float>>(x).GetLower()));
        return V.LoadWiden(in Unsafe.As<S, float>(ref x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Upper(S x)
    {
        if (typeof(S) == typeof(Singles16) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<double>, V>(Avx512F.ConvertToVector512Double(Unsafe.BitCast<S, Vector512<float>>(x).GetUpper()));
        if (typeof(S) == typeof(Singles8) && Avx.IsSupported)
            return Unsafe.BitCast<Vector256<double>, V>(Avx.ConvertToVector256Double(Unsafe.BitCast<S, Vector256<float>>(x).GetUpper()));
        return V.LoadWiden(in Unsafe.Add(ref Unsafe.As<S, float>(ref x), V.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static S Join(V lower, V upper)
    {
        if (typeof(S) == typeof(Singles16) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<float>, S>(Vector512.Create(
                Avx512F.ConvertToVector256Single(Unsafe.BitCast<V, Vector512<double>>(lower)), Avx512F.ConvertToVector256Single(Unsafe.BitCast<V, Vector512<double>>(upper))));
        if (typeof(S) == typeof(Singles8) && Avx.IsSupported)
            return Unsafe.BitCast<Vector256<float>, S>(Vector256.Create(
                Avx.ConvertToVector128Single(Unsafe.BitCast<V, Vector256<double>>(lower)), Avx.ConvertToVector128Single(Unsafe.BitCast<V, Vector256<double>>(upper))));
        S result = default;
        V.StoreNarrow(lower, ref Unsafe.As<S, float>(ref result));
        V.StoreNarrow(upper, ref Unsafe.Add(ref Unsafe.As<S, float>(ref result), V.Count));
        return result;
    }

    /// <summary>A function computed one element at a time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static S EachUnary(S x, int op)
    {
        var lanes = MemoryMarshal.CreateSpan(ref Unsafe.As<S, float>(ref x), S.Count);
        Elementwise.Unary((UnaryOp)op, lanes, lanes);
        return x;
    }

    /// <summary>A function computed one element at a time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static S EachBinary(S a, S b, int op)
    {
        ref var left = ref Unsafe.As<S, float>(ref a);
        ref var right = ref Unsafe.As<S, float>(ref b);
        for (var i = 0; i < S.Count; i++) Unsafe.Add(ref left, i) = Elementwise.Binary((BinaryOp)op, Unsafe.Add(ref left, i), Unsafe.Add(ref right, i));
        return a;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Equal(S a, S b) => S.Equal(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Less(S a, S b) => S.Less(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S LessOrEqual(S a, S b) => S.LessOrEqual(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Select(S mask, S a, S b) => S.Select(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S And(S a, S b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Or(S a, S b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Xor(S a, S b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Not(S mask) => mask ^ S.Equal(S.Zero, S.Zero);

    /// <summary>1 where the mask is set, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S OneWhere(S mask) => mask & S.One;

    /// <summary>Whether a number differs from 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S IsNotZero(S x) => Not(S.Equal(x, S.Zero));
}

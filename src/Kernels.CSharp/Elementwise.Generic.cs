using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

public static partial class Elementwise
{
    /// <summary>Integer arithmetic: y = op(x); wraps on overflow. Takes Negate, Abs, Sign, Square, Relu, Step and the roundings (which do nothing).</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The function does not keep integers.</exception>
    public static void UnaryInteger<T>(UnaryOp op, ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryInteger<T>
    {
        if (x.Length != y.Length) ThrowLengths(x.Length, y.Length);
        switch (op)
        {
            case UnaryOp.Negate:
                for (var i = 0; i < x.Length; i++) y[i] = unchecked(T.Zero - x[i]);
                break;
            case UnaryOp.Abs:
                for (var i = 0; i < x.Length; i++) y[i] = unchecked(x[i] < T.Zero ? T.Zero - x[i] : x[i]);
                break;
            case UnaryOp.Sign:
                for (var i = 0; i < x.Length; i++) y[i] = x[i] > T.Zero ? T.One : x[i] < T.Zero ? T.Zero - T.One : T.Zero;
                break;
            case UnaryOp.Square:
                for (var i = 0; i < x.Length; i++) y[i] = unchecked(x[i] * x[i]);
                break;
            case UnaryOp.Relu:
                for (var i = 0; i < x.Length; i++) y[i] = x[i] > T.Zero ? x[i] : T.Zero;
                break;
            case UnaryOp.Step:
                for (var i = 0; i < x.Length; i++) y[i] = x[i] > T.Zero ? T.One : T.Zero;
                break;
            case UnaryOp.Floor or UnaryOp.Ceiling or UnaryOp.Round or UnaryOp.Truncate:
                x.CopyTo(y);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, "This function does not keep integers; convert to float64 first.");
        }
    }

    /// <summary>Integer arithmetic: y = op(a, b); wraps on overflow; division by zero throws <see cref="DivideByZeroException"/>.
    /// Takes Add, Subtract, Multiply, Scale, Maximum(Number), Minimum(Number), FMod, Remainder, FloorDivide, Power (exponent ≥ 0).</summary>
    /// <exception cref="ArgumentException">A length is neither y's nor 1, or an exponent is negative.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The function does not keep integers.</exception>
    /// <exception cref="DivideByZeroException">A divisor is 0.</exception>
    public static void BinaryInteger<T>(BinaryOp op, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, IBinaryInteger<T>
    {
        CheckLengths(a.Length, b.Length, y.Length);
        if (y.IsEmpty) return;
        switch (op)
        {
            case BinaryOp.Add: IntegerLoop<T, IntegerAdd<T>>(a, b, y); break;
            case BinaryOp.Subtract: IntegerLoop<T, IntegerSubtract<T>>(a, b, y); break;
            case BinaryOp.Multiply or BinaryOp.Scale: IntegerLoop<T, IntegerMultiply<T>>(a, b, y); break;
            case BinaryOp.Maximum or BinaryOp.MaximumNumber: IntegerLoop<T, IntegerMaximum<T>>(a, b, y); break;
            case BinaryOp.Minimum or BinaryOp.MinimumNumber: IntegerLoop<T, IntegerMinimum<T>>(a, b, y); break;
            case BinaryOp.FMod: IntegerLoop<T, IntegerFMod<T>>(a, b, y); break;
            case BinaryOp.Remainder: IntegerLoop<T, IntegerRemainder<T>>(a, b, y); break;
            case BinaryOp.FloorDivide: IntegerLoop<T, IntegerFloorDivide<T>>(a, b, y); break;
            case BinaryOp.Power: IntegerLoop<T, IntegerPower<T>>(a, b, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "This function does not keep integers; convert to float64 first.");
        }
    }

    /// <summary>y = op(a, b); a span of length 1 stands for a scalar.</summary>
    /// <exception cref="ArgumentException">A length is neither y's nor 1.</exception>
    public static void Compare<T>(CompareOp op, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<bool> y) where T : unmanaged, INumber<T>
    {
        CheckLengths(a.Length, b.Length, y.Length);
        if (y.IsEmpty) return;
        switch (op)
        {
            case CompareOp.Equal: CompareLoop<T, IsEqual<T>>(a, b, y); break;
            case CompareOp.NotEqual: CompareLoop<T, IsNotEqual<T>>(a, b, y); break;
            case CompareOp.Less: CompareLoop<T, IsLess<T>>(a, b, y); break;
            case CompareOp.LessOrEqual: CompareLoop<T, IsLessOrEqual<T>>(a, b, y); break;
            case CompareOp.Greater: CompareLoop<T, IsLess<T>>(b, a, y); break;
            case CompareOp.GreaterOrEqual: CompareLoop<T, IsLessOrEqual<T>>(b, a, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "Not a comparison.");
        }
    }

    /// <summary>y = condition ? a : b; spans of length 1 stand for scalars; y may be a or b itself.</summary>
    /// <exception cref="ArgumentException">A length is neither y's nor 1.</exception>
    public static void Where<T>(ReadOnlySpan<bool> condition, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged
    {
        CheckLengths(a.Length, b.Length, y.Length);
        if (condition.Length != y.Length && condition.Length != 1)
            throw new ArgumentException($"condition has {condition.Length} elements and y {y.Length}; it needs as many, or one.", nameof(condition));
        if (y.IsEmpty) return;
        if (condition.Length == 1 && y.Length != 1) Spread(condition[0] ? a : b, y);
        else if (Unsafe.SizeOf<T>() == 8) Select(condition, MemoryMarshal.Cast<T, long>(a), MemoryMarshal.Cast<T, long>(b), MemoryMarshal.Cast<T, long>(y));
        else if (Unsafe.SizeOf<T>() == 4) Select(condition, MemoryMarshal.Cast<T, int>(a), MemoryMarshal.Cast<T, int>(b), MemoryMarshal.Cast<T, int>(y));
        else Select(condition, a, b, y);
    }

    /// <summary>y += x: what the reverse sweep accumulates with.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddInto<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, INumberBase<T>
    {
        if (x.Length != y.Length) ThrowLengths(x.Length, y.Length);
        if (typeof(T) == typeof(double))
        {
            var target = MemoryMarshal.Cast<T, double>(y);
            ElementwiseLoops.Binary<AddKernel>(MemoryMarshal.Cast<T, double>(x), target, target);
        }
        else if (typeof(T) == typeof(float))
        {
            var target = MemoryMarshal.Cast<T, float>(y);
            ElementwiseLoops.Binary<AddKernel>(MemoryMarshal.Cast<T, float>(x), target, target);
        }
        else
        {
            for (var i = 0; i < y.Length; i++) y[i] += x[i];
        }
    }

    /// <summary>y = (TTo)x with C#'s unchecked conversions between integers, saturating from floating point to integer (NaN to 0).</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> x, Span<TTo> y) where TFrom : unmanaged, INumberBase<TFrom> where TTo : unmanaged, INumberBase<TTo>
    {
        if (x.Length != y.Length) ThrowLengths(x.Length, y.Length);
        if (typeof(TFrom) == typeof(TTo)) MemoryMarshal.Cast<TFrom, TTo>(x).CopyTo(y);
        else if (typeof(TFrom) == typeof(double) && typeof(TTo) == typeof(float)) Narrow(MemoryMarshal.Cast<TFrom, double>(x), MemoryMarshal.Cast<TTo, float>(y));
        else if (typeof(TFrom) == typeof(float) && typeof(TTo) == typeof(double)) Widen(MemoryMarshal.Cast<TFrom, float>(x), MemoryMarshal.Cast<TTo, double>(y));
        else if (typeof(TFrom) == typeof(byte) && typeof(TTo) == typeof(float)) BytesToSingles(MemoryMarshal.Cast<TFrom, byte>(x), MemoryMarshal.Cast<TTo, float>(y));
        else if (IsFloat<TFrom>() && !IsFloat<TTo>())
            for (var i = 0; i < x.Length; i++) y[i] = TTo.CreateSaturating(x[i]);
        else
            for (var i = 0; i < x.Length; i++) y[i] = TTo.CreateTruncating(x[i]);
    }

    private static bool IsFloat<T>() => typeof(T) == typeof(double) || typeof(T) == typeof(float);

    private static void Spread<T>(ReadOnlySpan<T> x, Span<T> y)
    {
        if (x.Length == y.Length) x.CopyTo(y);
        else y.Fill(x[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select<T>(ReadOnlySpan<bool> condition, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged
    {
        ref var flags = ref Unsafe.As<bool, byte>(ref MemoryMarshal.GetReference(condition));
        ref var left = ref MemoryMarshal.GetReference(a);
        ref var right = ref MemoryMarshal.GetReference(b);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = y.Length, i = 0;
        int stepA = a.Length == y.Length ? 1 : 0, stepB = b.Length == y.Length ? 1 : 0;
        T firstA = left, firstB = right;
        if (typeof(T) == typeof(long))
        {
            for (; i + 4 <= n; i += 4)
            {
                var flag = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref flags, i));
                var wide = Vector256.Create((long)(byte)flag, (byte)(flag >> 8), (byte)(flag >> 16), (byte)(flag >> 24));
                var va = stepA == 0 ? Vector256.Create(firstA) : Vector256.LoadUnsafe(ref Unsafe.Add(ref left, i));
                var vb = stepB == 0 ? Vector256.Create(firstB) : Vector256.LoadUnsafe(ref Unsafe.Add(ref right, i));
                Vector256.ConditionalSelect(Vector256.Equals(wide, Vector256<long>.Zero).As<long, T>(), vb, va).StoreUnsafe(ref Unsafe.Add(ref to, i));
            }
        }
        else if (typeof(T) == typeof(int))
        {
            for (; i + 8 <= n; i += 8)
            {
                var shorts = Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref flags, i))).AsByte());
                var wide = Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)).AsInt32();
                var va = stepA == 0 ? Vector256.Create(firstA) : Vector256.LoadUnsafe(ref Unsafe.Add(ref left, i));
                var vb = stepB == 0 ? Vector256.Create(firstB) : Vector256.LoadUnsafe(ref Unsafe.Add(ref right, i));
                Vector256.ConditionalSelect(Vector256.Equals(wide, Vector256<int>.Zero).As<int, T>(), vb, va).StoreUnsafe(ref Unsafe.Add(ref to, i));
            }
        }
        for (; i < n; i++)
            Unsafe.Add(ref to, i) = Unsafe.Add(ref flags, i) != 0
                ? (stepA == 0 ? firstA : Unsafe.Add(ref left, i))
                : (stepB == 0 ? firstB : Unsafe.Add(ref right, i));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(ReadOnlySpan<double> x, Span<float> y)
    {
        ref var from = ref MemoryMarshal.GetReference(x);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = x.Length, i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; i + 8 <= n; i += 8) Doubles8.StoreNarrow(Doubles8.Load(in Unsafe.Add(ref from, i)), ref Unsafe.Add(ref to, i));
        for (; i + 4 <= n; i += 4) Doubles4.StoreNarrow(Doubles4.Load(in Unsafe.Add(ref from, i)), ref Unsafe.Add(ref to, i));
        for (; i < n; i++) Unsafe.Add(ref to, i) = (float)Unsafe.Add(ref from, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(ReadOnlySpan<float> x, Span<double> y)
    {
        ref var from = ref MemoryMarshal.GetReference(x);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = x.Length, i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; i + 8 <= n; i += 8) Doubles8.Store(Doubles8.LoadWiden(in Unsafe.Add(ref from, i)), ref Unsafe.Add(ref to, i));
        for (; i + 4 <= n; i += 4) Doubles4.Store(Doubles4.LoadWiden(in Unsafe.Add(ref from, i)), ref Unsafe.Add(ref to, i));
        for (; i < n; i++) Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BytesToSingles(ReadOnlySpan<byte> x, Span<float> y)
    {
        ref var from = ref MemoryMarshal.GetReference(x);
        ref var to = ref MemoryMarshal.GetReference(y);
        nint n = x.Length, i = 0;
        for (; i + 16 <= n; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref Unsafe.Add(ref from, i)));
            var (a, b) = Vector128.Widen(low);
            var (c, d) = Vector128.Widen(high);
            Vector128.ConvertToSingle(a.AsInt32()).StoreUnsafe(ref Unsafe.Add(ref to, i));
            Vector128.ConvertToSingle(b.AsInt32()).StoreUnsafe(ref Unsafe.Add(ref to, i + 4));
            Vector128.ConvertToSingle(c.AsInt32()).StoreUnsafe(ref Unsafe.Add(ref to, i + 8));
            Vector128.ConvertToSingle(d.AsInt32()).StoreUnsafe(ref Unsafe.Add(ref to, i + 12));
        }
        for (; i < n; i++) Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
    }

    // Comparisons

    private interface IComparison<T>
    {
        static abstract bool Apply(T a, T b);
        static abstract Vector512<T> Apply(Vector512<T> a, Vector512<T> b);
        static abstract Vector256<T> Apply(Vector256<T> a, Vector256<T> b);
    }

    private readonly struct IsEqual<T> : IComparison<T> where T : INumber<T>
    {
        public static bool Apply(T a, T b) => a == b;
        public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.Equals(a, b);
        public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, b);
    }

    private readonly struct IsNotEqual<T> : IComparison<T> where T : INumber<T>
    {
        public static bool Apply(T a, T b) => a != b;
        public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => ~Vector512.Equals(a, b);
        public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => ~Vector256.Equals(a, b);
    }

    private readonly struct IsLess<T> : IComparison<T> where T : INumber<T>
    {
        public static bool Apply(T a, T b) => a < b;
        public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.LessThan(a, b);
        public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.LessThan(a, b);
    }

    private readonly struct IsLessOrEqual<T> : IComparison<T> where T : INumber<T>
    {
        public static bool Apply(T a, T b) => a <= b;
        public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.LessThanOrEqual(a, b);
        public static Vector256<T> Apply(Vector256<T> a, Vector256<T> b) => Vector256.LessThanOrEqual(a, b);
    }

    /// <summary>Spreads the low 8 bits of a mask to 8 bytes of 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong BitsToBytes(ulong bits)
        => (((bits & 0xFF) * 0x0101010101010101UL & 0x8040201008040201UL) + 0x7F7F7F7F7F7F7F7FUL | ((bits & 0xFF) * 0x0101010101010101UL & 0x8040201008040201UL)) >> 7 & 0x0101010101010101UL;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CompareLoop<T, C>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<bool> y) where T : unmanaged, INumber<T> where C : struct, IComparison<T>
    {
        ref var left = ref MemoryMarshal.GetReference(a);
        ref var right = ref MemoryMarshal.GetReference(b);
        ref var to = ref Unsafe.As<bool, byte>(ref MemoryMarshal.GetReference(y));
        nint n = y.Length, i = 0;
        int stepA = a.Length == y.Length ? 1 : 0, stepB = b.Length == y.Length ? 1 : 0;
        T firstA = left, firstB = right;
        if (Vector512.IsHardwareAccelerated && Unsafe.SizeOf<T>() == 8)
        {
            for (; i + 8 <= n; i += 8)
            {
                var va = stepA == 0 ? Vector512.Create(firstA) : Vector512.LoadUnsafe(ref Unsafe.Add(ref left, i));
                var vb = stepB == 0 ? Vector512.Create(firstB) : Vector512.LoadUnsafe(ref Unsafe.Add(ref right, i));
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, i), BitsToBytes(C.Apply(va, vb).ExtractMostSignificantBits()));
            }
        }
        else if (Vector256.IsHardwareAccelerated && Unsafe.SizeOf<T>() == 4)
        {
            for (; i + 8 <= n; i += 8)
            {
                var va = stepA == 0 ? Vector256.Create(firstA) : Vector256.LoadUnsafe(ref Unsafe.Add(ref left, i));
                var vb = stepB == 0 ? Vector256.Create(firstB) : Vector256.LoadUnsafe(ref Unsafe.Add(ref right, i));
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, i), BitsToBytes(C.Apply(va, vb).ExtractMostSignificantBits()));
            }
        }
        for (; i < n; i++)
            Unsafe.Add(ref to, i) = C.Apply(stepA == 0 ? firstA : Unsafe.Add(ref left, i), stepB == 0 ? firstB : Unsafe.Add(ref right, i)) ? (byte)1 : (byte)0;
    }

    // Integers

    private interface IIntegerBinary<T>
    {
        static abstract T Apply(T a, T b);
    }

    private readonly struct IntegerAdd<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        public static T Apply(T a, T b) => unchecked(a + b);
    }

    private readonly struct IntegerSubtract<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        public static T Apply(T a, T b) => unchecked(a - b);
    }

    private readonly struct IntegerMultiply<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        public static T Apply(T a, T b) => unchecked(a * b);
    }

    private readonly struct IntegerMaximum<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        public static T Apply(T a, T b) => a < b ? b : a;
    }

    private readonly struct IntegerMinimum<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        public static T Apply(T a, T b) => b < a ? b : a;
    }

    private readonly struct IntegerFMod<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        // The hardware faults on the smallest integer divided by -1.
        public static T Apply(T a, T b) => b == T.Zero ? ThrowDivideByZero<T>() : IsMinusOne(b) ? T.Zero : a % b;
    }

    private readonly struct IntegerRemainder<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        public static T Apply(T a, T b)
        {
            var r = IntegerFMod<T>.Apply(a, b);
            return r != T.Zero && r < T.Zero != b < T.Zero ? r + b : r;
        }
    }

    private readonly struct IntegerFloorDivide<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        public static T Apply(T a, T b)
        {
            if (b == T.Zero) return ThrowDivideByZero<T>();
            if (IsMinusOne(b)) return unchecked(T.Zero - a);
            var quotient = a / b;
            var r = a - quotient * b;
            return r != T.Zero && r < T.Zero != b < T.Zero ? quotient - T.One : quotient;
        }
    }

    private readonly struct IntegerPower<T> : IIntegerBinary<T> where T : IBinaryInteger<T>
    {
        public static T Apply(T a, T b)
        {
            if (b < T.Zero) throw new ArgumentException("An integer to a negative power is not an integer; convert to float64 first.", nameof(b));
            var result = T.One;
            for (; b != T.Zero; b >>= 1)
            {
                if (T.IsOddInteger(b)) result = unchecked(result * a);
                a = unchecked(a * a);
            }
            return result;
        }
    }

    private static bool IsMinusOne<T>(T b) where T : IBinaryInteger<T> => b < T.Zero && b + T.One == T.Zero;

    [DoesNotReturn]
    private static T ThrowDivideByZero<T>() => throw new DivideByZeroException("Integer division by zero; convert to float64 for infinities and NaN.");

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void IntegerLoop<T, K>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, IBinaryInteger<T> where K : struct, IIntegerBinary<T>
    {
        T firstA = a[0], firstB = b[0];
        if (a.Length == y.Length && b.Length == y.Length)
            for (var i = 0; i < y.Length; i++) y[i] = K.Apply(a[i], b[i]);
        else if (b.Length == y.Length)
            for (var i = 0; i < y.Length; i++) y[i] = K.Apply(firstA, b[i]);
        else if (a.Length == y.Length)
            for (var i = 0; i < y.Length; i++) y[i] = K.Apply(a[i], firstB);
        else
            y.Fill(K.Apply(firstA, firstB));
    }
}

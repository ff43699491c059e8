using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>A register of numbers and the operations that IEEE 754 rounds correctly (or that need no rounding), so that every width,
/// one lane included, gives the same bits. Comparisons give masks: all bits set or none.</summary>
internal interface IRegister<V> where V : struct, IRegister<V>
{
    static abstract int Count { get; }
    static abstract V Zero { get; }
    static abstract V One { get; }
    static abstract V SignBit { get; }
    static abstract V operator +(V a, V b);
    static abstract V operator -(V a, V b);
    static abstract V operator *(V a, V b);
    static abstract V operator /(V a, V b);
    static abstract V operator &(V a, V b);
    static abstract V operator |(V a, V b);
    static abstract V operator ^(V a, V b);
    static abstract V AndNot(V a, V b);
    static abstract V Sqrt(V a);
    static abstract V Abs(V a);
    static abstract V Floor(V a);
    static abstract V Ceiling(V a);
    static abstract V Truncate(V a);
    static abstract V Round(V a);
    static abstract V Max(V a, V b);
    static abstract V Min(V a, V b);
    static abstract V MaxNumber(V a, V b);
    static abstract V MinNumber(V a, V b);
    static abstract V Less(V a, V b);
    static abstract V LessOrEqual(V a, V b);
    static abstract V Equal(V a, V b);
    static abstract V Select(V mask, V a, V b);
    static abstract bool Any(V mask);

    /// <summary>a·b + c, fused where the processor does that: the same way at every width.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);
}

/// <summary>A register of elements of one type.</summary>
internal interface IArithmeticLanes<V, T> : IRegister<V> where V : struct, IArithmeticLanes<V, T> where T : unmanaged
{
    static abstract V Of(T value);
    static abstract V Load(ref readonly T source);
    static abstract void Store(V value, ref T target);
    static abstract T First(V value);
}

/// <summary>float64 or float32 lanes with what the elementary functions need besides: fused multiply-add, bits, and single lanes.</summary>
internal interface IMathLanes<V> : IRegister<V> where V : struct, IMathLanes<V>
{
    /// <summary>Whether the lanes are float32.</summary>
    static abstract bool IsSingle { get; }

    /// <summary>The number, rounded to the lanes' type.</summary>
    static abstract V Constant(double value);

    /// <summary>The bits of a number of the lanes' type.</summary>
    static abstract V OfBits(long bits);
    static abstract double Lane(V value, int index);
    static abstract V WithLane(V value, int index, double lane);
    static abstract V operator -(V a);
    static abstract V Fma(V a, V b, V c);
    static abstract V AddBits(V a, V b);
    static abstract V ShiftLeft(V a, int count);
    static abstract V ShiftRight(V a, int count);

    /// <summary>x, or the number where x is less; a NaN stays.</summary>
    static abstract V AtLeast(V x, double low);

    /// <summary>x, or the number where x is greater; a NaN stays.</summary>
    static abstract V AtMost(V x, double high);

    /// <summary>x·2ⁿ for integral n in about [-2000, 2000] (float32: [-250, 250]), rounded once.</summary>
    static abstract V ScaleByPowerOfTwo(V x, V n);
}

/// <summary>float64 lanes, from float64 or float32 elements.</summary>
internal interface ILanes<V> : IArithmeticLanes<V, double>, IMathLanes<V> where V : struct, ILanes<V>
{
    static abstract V LoadWiden(ref readonly float source);
    static abstract void StoreNarrow(V value, ref float target);
}

/// <summary>2 float64 lanes in 128 bits.</summary>
internal readonly struct Doubles2(Vector128<double> v) : ILanes<Doubles2>
{
    private readonly Vector128<double> _v = v;

    public static int Count => 2;

    public static bool IsSingle => false;

    public static Doubles2 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128<double>.Zero);
    }

    public static Doubles2 One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128.Create(1.0));
    }

    public static Doubles2 SignBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128.Create(-0.0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Of(double value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Load(ref readonly double source) => new(Vector128.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Doubles2 value, ref double target) => value._v.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double First(Doubles2 value) => value._v.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator +(Doubles2 a, Doubles2 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator -(Doubles2 a, Doubles2 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator *(Doubles2 a, Doubles2 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator /(Doubles2 a, Doubles2 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator &(Doubles2 a, Doubles2 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator |(Doubles2 a, Doubles2 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator ^(Doubles2 a, Doubles2 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 AndNot(Doubles2 a, Doubles2 b) => new(Vector128.AndNot(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Sqrt(Doubles2 a) => new(Vector128.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Abs(Doubles2 a) => new(Vector128.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Floor(Doubles2 a) => new(Vector128.Floor(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Ceiling(Doubles2 a) => new(Vector128.Ceiling(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Truncate(Doubles2 a) => new(Vector128.Truncate(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Round(Doubles2 a) => new(Vector128.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Max(Doubles2 a, Doubles2 b) => new(Vector128.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Min(Doubles2 a, Doubles2 b) => new(Vector128.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 MaxNumber(Doubles2 a, Doubles2 b) => new(Vector128.MaxNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 MinNumber(Doubles2 a, Doubles2 b) => new(Vector128.MinNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Less(Doubles2 a, Doubles2 b) => new(Vector128.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 LessOrEqual(Doubles2 a, Doubles2 b) => new(Vector128.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Equal(Doubles2 a, Doubles2 b) => new(Vector128.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Select(Doubles2 mask, Doubles2 a, Doubles2 b) => new(Vector128.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Doubles2 mask) => mask._v.AsInt64() != Vector128<long>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 MultiplyAdd(Doubles2 a, Doubles2 b, Doubles2 c) => new(Vector128.MultiplyAddEstimate(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Constant(double value) => Of(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 OfBits(long bits) => new(Vector128.Create(bits).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 LoadWiden(ref readonly float source) => new(Vector128.Create((double)source, Unsafe.Add(ref Unsafe.AsRef(in source), 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(Doubles2 value, ref float target)
    {
        target = (float)value._v[0];
        Unsafe.Add(ref target, 1) = (float)value._v[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Lane(Doubles2 value, int index) => value._v[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 WithLane(Doubles2 value, int index, double lane) => new(value._v.WithElement(index, lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator -(Doubles2 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Fma(Doubles2 a, Doubles2 b, Doubles2 c) => new(Vector128.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 AddBits(Doubles2 a, Doubles2 b) => new((a._v.AsInt64() + b._v.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 ShiftLeft(Doubles2 a, int count) => new((a._v.AsInt64() << count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 ShiftRight(Doubles2 a, int count) => new((a._v.AsInt64() >>> count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 AtLeast(Doubles2 x, double low) => new(Vector128.MaxNative(Vector128.Create(low), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 AtMost(Doubles2 x, double high) => new(Vector128.MinNative(Vector128.Create(high), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 ScaleByPowerOfTwo(Doubles2 x, Doubles2 n)
        => Avx512F.VL.IsSupported ? new(Avx512F.VL.Scale(x._v, n._v)) : LaneMath.ScaleInTwoSteps(x, n);
}

/// <summary>4 float64 lanes in 256 bits.</summary>
internal readonly struct Doubles4(Vector256<double> v) : ILanes<Doubles4>
{
    private readonly Vector256<double> _v = v;

    public static int Count => 4;

    public static bool IsSingle => false;

    public static Doubles4 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<double>.Zero);
    }

    public static Doubles4 One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256.Create(1.0));
    }

    public static Doubles4 SignBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256.Create(-0.0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Of(double value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Load(ref readonly double source) => new(Vector256.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Doubles4 value, ref double target) => value._v.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double First(Doubles4 value) => value._v.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator +(Doubles4 a, Doubles4 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator -(Doubles4 a, Doubles4 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator *(Doubles4 a, Doubles4 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator /(Doubles4 a, Doubles4 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator &(Doubles4 a, Doubles4 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator |(Doubles4 a, Doubles4 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator ^(Doubles4 a, Doubles4 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 AndNot(Doubles4 a, Doubles4 b) => new(Vector256.AndNot(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Sqrt(Doubles4 a) => new(Vector256.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Abs(Doubles4 a) => new(Vector256.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Floor(Doubles4 a) => new(Vector256.Floor(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Ceiling(Doubles4 a) => new(Vector256.Ceiling(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Truncate(Doubles4 a) => new(Vector256.Truncate(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Round(Doubles4 a) => new(Vector256.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Max(Doubles4 a, Doubles4 b) => new(Vector256.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Min(Doubles4 a, Doubles4 b) => new(Vector256.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 MaxNumber(Doubles4 a, Doubles4 b) => new(Vector256.MaxNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 MinNumber(Doubles4 a, Doubles4 b) => new(Vector256.MinNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Less(Doubles4 a, Doubles4 b) => new(Vector256.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 LessOrEqual(Doubles4 a, Doubles4 b) => new(Vector256.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Equal(Doubles4 a, Doubles4 b) => new(Vector256.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Select(Doubles4 mask, Doubles4 a, Doubles4 b) => new(Vector256.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Doubles4 mask) => mask._v.AsInt64() != Vector256<long>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 MultiplyAdd(Doubles4 a, Doubles4 b, Doubles4 c) => new(Vector256.MultiplyAddEstimate(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Constant(double value) => Of(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 OfBits(long bits) => new(Vector256.Create(bits).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 LoadWiden(ref readonly float source) => new(Avx.IsSupported
        ? Avx.ConvertToVector256Double(Vector128.LoadUnsafe(in source))
        : Vector256.Create(Vector128.WidenLower(Vector128.LoadUnsafe(in source)), Vector128.WidenUpper(Vector128.LoadUnsafe(in source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(Doubles4 value, ref float target)
    {
        var narrow = Avx.IsSupported ? Avx.ConvertToVector128Single(value._v) : Vector128.Narrow(value._v.GetLower(), value._v.GetUpper());
        narrow.StoreUnsafe(ref target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Lane(Doubles4 value, int index) => value._v[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 WithLane(Doubles4 value, int index, double lane) => new(value._v.WithElement(index, lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator -(Doubles4 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Fma(Doubles4 a, Doubles4 b, Doubles4 c) => new(Vector256.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 AddBits(Doubles4 a, Doubles4 b) => new((a._v.AsInt64() + b._v.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 ShiftLeft(Doubles4 a, int count) => new((a._v.AsInt64() << count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 ShiftRight(Doubles4 a, int count) => new((a._v.AsInt64() >>> count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 AtLeast(Doubles4 x, double low) => new(Vector256.MaxNative(Vector256.Create(low), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 AtMost(Doubles4 x, double high) => new(Vector256.MinNative(Vector256.Create(high), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 ScaleByPowerOfTwo(Doubles4 x, Doubles4 n)
        => Avx512F.VL.IsSupported ? new(Avx512F.VL.Scale(x._v, n._v)) : LaneMath.ScaleInTwoSteps(x, n);
}

/// <summary>8 float64 lanes in 512 bits.</summary>
internal readonly struct Doubles8(Vector512<double> v) : ILanes<Doubles8>
{
    private readonly Vector512<double> _v = v;

    public static int Count => 8;

    public static bool IsSingle => false;

    public static Doubles8 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<double>.Zero);
    }

    public static Doubles8 One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512.Create(1.0));
    }

    public static Doubles8 SignBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512.Create(-0.0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Of(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Load(ref readonly double source) => new(Vector512.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Doubles8 value, ref double target) => value._v.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double First(Doubles8 value) => value._v.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator +(Doubles8 a, Doubles8 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator -(Doubles8 a, Doubles8 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator *(Doubles8 a, Doubles8 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator /(Doubles8 a, Doubles8 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator &(Doubles8 a, Doubles8 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator |(Doubles8 a, Doubles8 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator ^(Doubles8 a, Doubles8 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 AndNot(Doubles8 a, Doubles8 b) => new(Vector512.AndNot(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Sqrt(Doubles8 a) => new(Vector512.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Abs(Doubles8 a) => new(Vector512.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Floor(Doubles8 a) => new(Vector512.Floor(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Ceiling(Doubles8 a) => new(Vector512.Ceiling(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Truncate(Doubles8 a) => new(Vector512.Truncate(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Round(Doubles8 a) => new(Vector512.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Max(Doubles8 a, Doubles8 b) => new(Vector512.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Min(Doubles8 a, Doubles8 b) => new(Vector512.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 MaxNumber(Doubles8 a, Doubles8 b) => new(Vector512.MaxNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 MinNumber(Doubles8 a, Doubles8 b) => new(Vector512.MinNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Less(Doubles8 a, Doubles8 b) => new(Vector512.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 LessOrEqual(Doubles8 a, Doubles8 b) => new(Vector512.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Equal(Doubles8 a, Doubles8 b) => new(Vector512.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Select(Doubles8 mask, Doubles8 a, Doubles8 b) => new(Vector512.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Doubles8 mask) => mask._v.AsInt64() != Vector512<long>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 MultiplyAdd(Doubles8 a, Doubles8 b, Doubles8 c) => new(Vector512.MultiplyAddEstimate(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Constant(double value) => Of(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 OfBits(long bits) => new(Vector512.Create(bits).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 LoadWiden(ref readonly float source) => new(Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Double(Vector256.LoadUnsafe(in source))
        : Vector512.Create(Vector256.WidenLower(Vector256.LoadUnsafe(in source)), Vector256.WidenUpper(Vector256.LoadUnsafe(in source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(Doubles8 value, ref float target)
    {
        var narrow = Avx512F.IsSupported ? Avx512F.ConvertToVector256Single(value._v) : Vector256.Narrow(value._v.GetLower(), value._v.GetUpper());
        narrow.StoreUnsafe(ref target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Lane(Doubles8 value, int index) => value._v[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 WithLane(Doubles8 value, int index, double lane) => new(value._v.WithElement(index, lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator -(Doubles8 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Fma(Doubles8 a, Doubles8 b, Doubles8 c) => new(Vector512.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 AddBits(Doubles8 a, Doubles8 b) => new((a._v.AsInt64() + b._v.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 ShiftLeft(Doubles8 a, int count) => new((a._v.AsInt64() << count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 ShiftRight(Doubles8 a, int count) => new((a._v.AsInt64() >>> count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 AtLeast(Doubles8 x, double low) => new(Vector512.MaxNative(Vector512.Create(low), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 AtMost(Doubles8 x, double high) => new(Vector512.MinNative(Vector512.Create(high), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 ScaleByPowerOfTwo(Doubles8 x, Doubles8 n)
        => Avx512F.IsSupported ? new(Avx512F.Scale(x._v, n._v)) : LaneMath.ScaleInTwoSteps(x, n);
}

/// <summary>4 float32 lanes in 128 bits.</summary>
internal readonly struct Singles4(Vector128<float> v) : IArithmeticLanes<Singles4, float>, IMathLanes<Singles4>
{
    private readonly Vector128<float> _v = v;

    public static int Count => 4;

    public static bool IsSingle => true;

    public static Singles4 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128<float>.Zero);
    }

    public static Singles4 One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128.Create(1f));
    }

    public static Singles4 SignBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128.Create(-0f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Of(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Load(ref readonly float source) => new(Vector128.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Singles4 value, ref float target) => value._v.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float First(Singles4 value) => value._v.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 operator +(Singles4 a, Singles4 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 operator -(Singles4 a, Singles4 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 operator *(Singles4 a, Singles4 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 operator /(Singles4 a, Singles4 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 operator &(Singles4 a, Singles4 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 operator |(Singles4 a, Singles4 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 operator ^(Singles4 a, Singles4 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 AndNot(Singles4 a, Singles4 b) => new(Vector128.AndNot(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Sqrt(Singles4 a) => new(Vector128.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Abs(Singles4 a) => new(Vector128.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Floor(Singles4 a) => new(Vector128.Floor(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Ceiling(Singles4 a) => new(Vector128.Ceiling(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Truncate(Singles4 a) => new(Vector128.Truncate(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Round(Singles4 a) => new(Vector128.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Max(Singles4 a, Singles4 b) => new(Vector128.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Min(Singles4 a, Singles4 b) => new(Vector128.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 MaxNumber(Singles4 a, Singles4 b) => new(Vector128.MaxNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 MinNumber(Singles4 a, Singles4 b) => new(Vector128.MinNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Less(Singles4 a, Singles4 b) => new(Vector128.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 LessOrEqual(Singles4 a, Singles4 b) => new(Vector128.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Equal(Singles4 a, Singles4 b) => new(Vector128.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Select(Singles4 mask, Singles4 a, Singles4 b) => new(Vector128.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Singles4 mask) => mask._v.AsInt32() != Vector128<int>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 MultiplyAdd(Singles4 a, Singles4 b, Singles4 c) => new(Vector128.MultiplyAddEstimate(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Lane(Singles4 value, int index) => value._v[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Constant(double value) => new(Vector128.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 OfBits(long bits) => new(Vector128.Create((int)bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 WithLane(Singles4 value, int index, double lane) => new(value._v.WithElement(index, (float)lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 operator -(Singles4 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 Fma(Singles4 a, Singles4 b, Singles4 c) => new(Vector128.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 AddBits(Singles4 a, Singles4 b) => new((a._v.AsInt32() + b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 ShiftLeft(Singles4 a, int count) => new((a._v.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 ShiftRight(Singles4 a, int count) => new((a._v.AsInt32() >>> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 AtLeast(Singles4 x, double low) => new(Vector128.MaxNative(Vector128.Create((float)low), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 AtMost(Singles4 x, double high) => new(Vector128.MinNative(Vector128.Create((float)high), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles4 ScaleByPowerOfTwo(Singles4 x, Singles4 n)
        => Avx512F.VL.IsSupported ? new(Avx512F.VL.Scale(x._v, n._v)) : LaneMath.ScaleInTwoSteps(x, n);
}

/// <summary>8 float32 lanes in 256 bits.</summary>
internal readonly struct Singles8(Vector256<float> v) : IArithmeticLanes<Singles8, float>, IMathLanes<Singles8>
{
    private readonly Vector256<float> _v = v;

    public static int Count => 8;

    public static bool IsSingle => true;

    public static Singles8 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<float>.Zero);
    }

    public static Singles8 One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256.Create(1f));
    }

    public static Singles8 SignBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256.Create(-0f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Load(ref readonly float source) => new(Vector256.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Singles8 value, ref float target) => value._v.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float First(Singles8 value) => value._v.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 operator +(Singles8 a, Singles8 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 operator -(Singles8 a, Singles8 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 operator *(Singles8 a, Singles8 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 operator /(Singles8 a, Singles8 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 operator &(Singles8 a, Singles8 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 operator |(Singles8 a, Singles8 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 operator ^(Singles8 a, Singles8 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 AndNot(Singles8 a, Singles8 b) => new(Vector256.AndNot(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Sqrt(Singles8 a) => new(Vector256.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Abs(Singles8 a) => new(Vector256.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Floor(Singles8 a) => new(Vector256.Floor(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Ceiling(Singles8 a) => new(Vector256.Ceiling(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Truncate(Singles8 a) => new(Vector256.Truncate(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Round(Singles8 a) => new(Vector256.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Max(Singles8 a, Singles8 b) => new(Vector256.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Min(Singles8 a, Singles8 b) => new(Vector256.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 MaxNumber(Singles8 a, Singles8 b) => new(Vector256.MaxNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 MinNumber(Singles8 a, Singles8 b) => new(Vector256.MinNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Less(Singles8 a, Singles8 b) => new(Vector256.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 LessOrEqual(Singles8 a, Singles8 b) => new(Vector256.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Equal(Singles8 a, Singles8 b) => new(Vector256.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Select(Singles8 mask, Singles8 a, Singles8 b) => new(Vector256.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Singles8 mask) => mask._v.AsInt32() != Vector256<int>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 MultiplyAdd(Singles8 a, Singles8 b, Singles8 c) => new(Vector256.MultiplyAddEstimate(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Lane(Singles8 value, int index) => value._v[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Constant(double value) => new(Vector256.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 OfBits(long bits) => new(Vector256.Create((int)bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 WithLane(Singles8 value, int index, double lane) => new(value._v.WithElement(index, (float)lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 operator -(Singles8 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 Fma(Singles8 a, Singles8 b, Singles8 c) => new(Vector256.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 AddBits(Singles8 a, Singles8 b) => new((a._v.AsInt32() + b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 ShiftLeft(Singles8 a, int count) => new((a._v.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 ShiftRight(Singles8 a, int count) => new((a._v.AsInt32() >>> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 AtLeast(Singles8 x, double low) => new(Vector256.MaxNative(Vector256.Create((float)low), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 AtMost(Singles8 x, double high) => new(Vector256.MinNative(Vector256.Create((float)high), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles8 ScaleByPowerOfTwo(Singles8 x, Singles8 n)
        => Avx512F.VL.IsSupported ? new(Avx512F.VL.Scale(x._v, n._v)) : LaneMath.ScaleInTwoSteps(x, n);
}

/// <summary>16 float32 lanes in 512 bits.</summary>
internal readonly struct Singles16(Vector512<float> v) : IArithmeticLanes<Singles16, float>, IMathLanes<Singles16>
{
    private readonly Vector512<float> _v = v;

    public static int Count => 16;

    public static bool IsSingle => true;

    public static Singles16 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<float>.Zero);
    }

    public static Singles16 One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512.Create(1f));
    }

    public static Singles16 SignBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512.Create(-0f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Load(ref readonly float source) => new(Vector512.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Singles16 value, ref float target) => value._v.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float First(Singles16 value) => value._v.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 operator +(Singles16 a, Singles16 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 operator -(Singles16 a, Singles16 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 operator *(Singles16 a, Singles16 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 operator /(Singles16 a, Singles16 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 operator &(Singles16 a, Singles16 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 operator |(Singles16 a, Singles16 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 operator ^(Singles16 a, Singles16 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 AndNot(Singles16 a, Singles16 b) => new(Vector512.AndNot(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Sqrt(Singles16 a) => new(Vector512.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Abs(Singles16 a) => new(Vector512.Abs(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Floor(Singles16 a) => new(Vector512.Floor(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Ceiling(Singles16 a) => new(Vector512.Ceiling(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Truncate(Singles16 a) => new(Vector512.Truncate(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Round(Singles16 a) => new(Vector512.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Max(Singles16 a, Singles16 b) => new(Vector512.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Min(Singles16 a, Singles16 b) => new(Vector512.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 MaxNumber(Singles16 a, Singles16 b) => new(Vector512.MaxNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 MinNumber(Singles16 a, Singles16 b) => new(Vector512.MinNumber(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Less(Singles16 a, Singles16 b) => new(Vector512.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 LessOrEqual(Singles16 a, Singles16 b) => new(Vector512.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Equal(Singles16 a, Singles16 b) => new(Vector512.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Select(Singles16 mask, Singles16 a, Singles16 b) => new(Vector512.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Singles16 mask) => mask._v.AsInt32() != Vector512<int>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 MultiplyAdd(Singles16 a, Singles16 b, Singles16 c) => new(Vector512.MultiplyAddEstimate(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Lane(Singles16 value, int index) => value._v[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Constant(double value) => new(Vector512.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 OfBits(long bits) => new(Vector512.Create((int)bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 WithLane(Singles16 value, int index, double lane) => new(value._v.WithElement(index, (float)lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 operator -(Singles16 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 Fma(Singles16 a, Singles16 b, Singles16 c) => new(Vector512.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 AddBits(Singles16 a, Singles16 b) => new((a._v.AsInt32() + b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 ShiftLeft(Singles16 a, int count) => new((a._v.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 ShiftRight(Singles16 a, int count) => new((a._v.AsInt32() >>> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 AtLeast(Singles16 x, double low) => new(Vector512.MaxNative(Vector512.Create((float)low), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 AtMost(Singles16 x, double high) => new(Vector512.MinNative(Vector512.Create((float)high), x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles16 ScaleByPowerOfTwo(Singles16 x, Singles16 n)
        => Avx512F.IsSupported ? new(Avx512F.Scale(x._v, n._v)) : LaneMath.ScaleInTwoSteps(x, n);
}

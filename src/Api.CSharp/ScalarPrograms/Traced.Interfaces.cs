using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using DiffLib.Kernels;

namespace DiffLib;

// What the numeric interfaces ask for beyond arithmetic and functions: constants, predicates, comparison, rounding,
// conversion, text, memory layout. A question is answered by the value at hand, and the answer demanded of later inputs.
public readonly partial struct Traced
{
    // ---- Constants

    /// <summary>1, a constant.</summary>
    public static Traced One => new(1.0);

    /// <summary>0, a constant.</summary>
    public static Traced Zero => new(0.0);

    /// <summary>-1, a constant.</summary>
    public static Traced NegativeOne => new(-1.0);

    /// <summary>Euler's number, a constant.</summary>
    public static Traced E => new(double.E);

    /// <summary>π, a constant.</summary>
    public static Traced Pi => new(double.Pi);

    /// <summary>2π, a constant.</summary>
    public static Traced Tau => new(double.Tau);

    /// <summary>The smallest positive number, a constant.</summary>
    public static Traced Epsilon => new(double.Epsilon);

    /// <summary>Not a number, a constant.</summary>
    public static Traced NaN => new(double.NaN);

    /// <summary>+inf, a constant.</summary>
    public static Traced PositiveInfinity => new(double.PositiveInfinity);

    /// <summary>-inf, a constant.</summary>
    public static Traced NegativeInfinity => new(double.NegativeInfinity);

    /// <summary>-0, a constant.</summary>
    public static Traced NegativeZero => new(double.NegativeZero);

    /// <summary>The radix of double.</summary>
    public static int Radix => 2;

    static Traced IAdditiveIdentity<Traced, Traced>.AdditiveIdentity => Zero;

    static Traced IMultiplicativeIdentity<Traced, Traced>.MultiplicativeIdentity => One;

    // ---- Predicates

    /// <summary>Always.</summary>
    public static bool IsCanonical(Traced value) => true;

    /// <summary>Never.</summary>
    public static bool IsComplexNumber(Traced value) => false;

    /// <summary>Never.</summary>
    public static bool IsImaginaryNumber(Traced value) => false;

    /// <summary>Whether the number is an even integer.</summary>
    public static bool IsEvenInteger(Traced value) => IsInteger(0.5 * value);

    /// <summary>Whether the number is an odd integer.</summary>
    public static bool IsOddInteger(Traced value) => IsInteger(value) && !IsInteger(0.5 * value);

    /// <summary>Whether the number is an integer.</summary>
    public static bool IsInteger(Traced value) => IsFinite(value) && Decide(CompareOp.Equal, Truncate(value), value);

    /// <summary>Whether the number is finite.</summary>
    public static bool IsFinite(Traced value) => Decide(CompareOp.Less, Abs(value), PositiveInfinity);

    /// <summary>Whether the number is infinite.</summary>
    public static bool IsInfinity(Traced value) => Decide(CompareOp.Equal, Abs(value), PositiveInfinity);

    /// <summary>Whether the number is +inf.</summary>
    public static bool IsPositiveInfinity(Traced value) => Decide(CompareOp.Equal, value, PositiveInfinity);

    /// <summary>Whether the number is -inf.</summary>
    public static bool IsNegativeInfinity(Traced value) => Decide(CompareOp.Equal, value, NegativeInfinity);

    /// <summary>Whether the number is not a number.</summary>
    public static bool IsNaN(Traced value) => Decide(CompareOp.NotEqual, value, value);

    /// <summary>Whether the number is a real number.</summary>
    public static bool IsRealNumber(Traced value) => !IsNaN(value);

    /// <summary>Whether the number has a minus sign.</summary>
    public static bool IsNegative(Traced value) => Decide(CompareOp.Less, CopySign(One, value), Zero);

    /// <summary>Whether the number has no minus sign.</summary>
    public static bool IsPositive(Traced value) => !IsNegative(value);

    /// <summary>Whether the number is normal.</summary>
    public static bool IsNormal(Traced value) => IsFinite(value) && Decide(CompareOp.GreaterOrEqual, Abs(value), SmallestNormal);

    /// <summary>Whether the number is subnormal.</summary>
    public static bool IsSubnormal(Traced value) => !IsZero(value) && Decide(CompareOp.Less, Abs(value), SmallestNormal);

    /// <summary>Whether the number is zero.</summary>
    public static bool IsZero(Traced value) => Decide(CompareOp.Equal, value, Zero);

    /// <summary>The sign: -1, 0 or 1.</summary>
    /// <exception cref="ArithmeticException">The number is NaN.</exception>
    public static int Sign(Traced value)
    {
        if (Decide(CompareOp.Greater, value, Zero)) return 1;
        if (Decide(CompareOp.Less, value, Zero)) return -1;
        return IsZero(value) ? 0 : double.Sign(value._value);
    }

    private const double SmallestNormal = 2.2250738585072014e-308;

    // ---- Comparison

    /// <summary>Whether the numbers are equal.</summary>
    public static bool operator ==(Traced left, Traced right) => Decide(CompareOp.Equal, left, right);

    /// <summary>Whether the numbers differ.</summary>
    public static bool operator !=(Traced left, Traced right) => Decide(CompareOp.NotEqual, left, right);

    /// <summary>Whether the numbers are in order.</summary>
    public static bool operator <(Traced left, Traced right) => Decide(CompareOp.Less, left, right);

    /// <summary>Whether the numbers are in order or equal.</summary>
    public static bool operator <=(Traced left, Traced right) => Decide(CompareOp.LessOrEqual, left, right);

    /// <summary>Whether the numbers are in reverse order.</summary>
    public static bool operator >(Traced left, Traced right) => Decide(CompareOp.Greater, left, right);

    /// <summary>Whether the numbers are in reverse order or equal.</summary>
    public static bool operator >=(Traced left, Traced right) => Decide(CompareOp.GreaterOrEqual, left, right);

    /// <summary>The order of the numbers; NaN comes first.</summary>
    public int CompareTo(Traced other)
    {
        if (this < other) return -1;
        if (this > other) return 1;
        if (this == other) return 0;
        return IsNaN(this) ? (IsNaN(other) ? 0 : -1) : 1;
    }

    /// <summary>The order of the numbers; null comes first.</summary>
    /// <exception cref="ArgumentException"><paramref name="obj"/> is another type.</exception>
    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        Traced other => CompareTo(other),
        _ => throw new ArgumentException($"A {nameof(Traced)} compares with its own type, not with {Names.Of(obj.GetType())}.", nameof(obj)),
    };

    /// <summary>Whether the numbers are equal; NaN equals NaN here, as for double.</summary>
    public bool Equals(Traced other) => this == other || (IsNaN(this) && IsNaN(other));

    /// <summary>Whether <paramref name="obj"/> is an equal number of this type.</summary>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Traced other && Equals(other);

    /// <summary>The hash of the value at hand, which is demanded of later inputs.</summary>
    public override int GetHashCode() => Observed().GetHashCode();

    // ---- Rounding: operations without a slope

    /// <summary>The number rounded down. Slope 0.</summary>
    public static Traced Floor(Traced x) => Map(UnaryOp.Floor, x);

    /// <summary>The number rounded up. Slope 0.</summary>
    public static Traced Ceiling(Traced x) => Map(UnaryOp.Ceiling, x);

    /// <summary>The number rounded towards zero. Slope 0.</summary>
    public static Traced Truncate(Traced x) => Map(UnaryOp.Truncate, x);

    /// <summary>The number rounded to the nearest integer, halves to even. Slope 0.</summary>
    public static Traced Round(Traced x) => Map(UnaryOp.Round, x);

    /// <summary>The number rounded to so many digits, halves to even. Slope 0.</summary>
    public static Traced Round(Traced x, int digits) => Round(x, digits, MidpointRounding.ToEven);

    /// <summary>The number rounded to an integer in the given way. Slope 0.</summary>
    public static Traced Round(Traced x, MidpointRounding mode) => mode switch
    {
        MidpointRounding.ToEven => Round(x),
        MidpointRounding.AwayFromZero => Truncate(x + CopySign(0.49999999999999994, x)),
        MidpointRounding.ToZero => Truncate(x),
        MidpointRounding.ToNegativeInfinity => Floor(x),
        MidpointRounding.ToPositiveInfinity => Ceiling(x),
        _ => throw new ArgumentException($"{mode} is not a way of rounding.", nameof(mode)),
    };

    /// <summary>The number rounded to so many digits in the given way. Slope 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">digits is not from 0 to 15.</exception>
    public static Traced Round(Traced x, int digits, MidpointRounding mode)
    {
        if (digits is < 0 or > 15) throw new ArgumentOutOfRangeException(nameof(digits), digits, "Round takes 0 to 15 digits.");
        Traced power = Math.Pow(10, digits), whole = Truncate(x);
        return Where(CompareOp.Less, Abs(x), 1e16, Round(x * power, mode) / power, whole);
    }

    /// <summary>The number as an integer, saturating; later inputs must give the same.</summary>
    public static TInteger ConvertToInteger<TInteger>(Traced value) where TInteger : IBinaryInteger<TInteger> =>
        Whole(value, double.ConvertToInteger<TInteger>);

    /// <summary>The number as an integer, with the processor's own behaviour outside its range; later inputs must give the same.</summary>
    public static TInteger ConvertToIntegerNative<TInteger>(Traced value) where TInteger : IBinaryInteger<TInteger> =>
        Whole(value, double.ConvertToIntegerNative<TInteger>);

    // ---- Conversion

    /// <summary>A plain number as a constant.</summary>
    public static implicit operator Traced(double value) => new(value);

    /// <summary>A number of any type as a constant; throws where it does not fit.</summary>
    /// <exception cref="NotSupportedException">There is no such conversion.</exception>
    /// <exception cref="DerivativeScopeException">The number carries a derivative that this type has no place for.</exception>
    public static Traced CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        typeof(TOther) == typeof(Traced) ? (Traced)(object)value : new(Lift.CreateChecked<double, TOther>(value));

    static bool INumberBase<Traced>.TryConvertFromChecked<TOther>(TOther value, out Traced result)
    {
        result = CreateChecked(value);
        return true;
    }

    static bool INumberBase<Traced>.TryConvertToChecked<TOther>(Traced value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateChecked(ForConversion<TOther>(value));
        return true;
    }

    /// <summary>A number of any type as a constant; takes the nearest where it does not fit.</summary>
    /// <exception cref="NotSupportedException">There is no such conversion.</exception>
    /// <exception cref="DerivativeScopeException">The number carries a derivative that this type has no place for.</exception>
    public static Traced CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        typeof(TOther) == typeof(Traced) ? (Traced)(object)value : new(Lift.CreateSaturating<double, TOther>(value));

    static bool INumberBase<Traced>.TryConvertFromSaturating<TOther>(TOther value, out Traced result)
    {
        result = CreateSaturating(value);
        return true;
    }

    static bool INumberBase<Traced>.TryConvertToSaturating<TOther>(Traced value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateSaturating(ForConversion<TOther>(value));
        return true;
    }

    /// <summary>A number of any type as a constant; wraps where it does not fit.</summary>
    /// <exception cref="NotSupportedException">There is no such conversion.</exception>
    /// <exception cref="DerivativeScopeException">The number carries a derivative that this type has no place for.</exception>
    public static Traced CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        typeof(TOther) == typeof(Traced) ? (Traced)(object)value : new(Lift.CreateTruncating<double, TOther>(value));

    static bool INumberBase<Traced>.TryConvertFromTruncating<TOther>(TOther value, out Traced result)
    {
        result = CreateTruncating(value);
        return true;
    }

    static bool INumberBase<Traced>.TryConvertToTruncating<TOther>(Traced value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateTruncating(ForConversion<TOther>(value));
        return true;
    }

    // ---- Text: that of the value at hand

    /// <summary>The value at hand in the current culture's format.</summary>
    public override string ToString() => ToString(null, null);

    /// <summary>The value at hand in a format and culture.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => _value.ToString(format, formatProvider);

    /// <summary>Writes the value at hand as text.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        _value.TryFormat(destination, out charsWritten, format, provider);

    /// <summary>Writes the value at hand as UTF-8 text.</summary>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        _value.TryFormat(utf8Destination, out bytesWritten, format, provider);

    /// <summary>Reads a constant.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Traced Parse(string s, IFormatProvider? provider) => new(double.Parse(s, provider));

    /// <summary>Reads a constant in the given style.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Traced Parse(string s, NumberStyles style, IFormatProvider? provider) => new(double.Parse(s, style, provider));

    /// <summary>Reads a constant, or says that the text is not a number.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Traced result)
    {
        bool read = double.TryParse(s, provider, out double value);
        result = read ? new(value) : default;
        return read;
    }

    /// <summary>Reads a constant in the given style, or says that the text is not a number.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, NumberStyles style, IFormatProvider? provider, out Traced result)
    {
        bool read = double.TryParse(s, style, provider, out double value);
        result = read ? new(value) : default;
        return read;
    }

    /// <summary>Reads a constant.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Traced Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => new(double.Parse(s, provider));

    /// <summary>Reads a constant in the given style.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Traced Parse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider) => new(double.Parse(s, style, provider));

    /// <summary>Reads a constant, or says that the text is not a number.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Traced result)
    {
        bool read = double.TryParse(s, provider, out double value);
        result = read ? new(value) : default;
        return read;
    }

    /// <summary>Reads a constant in the given style, or says that the text is not a number.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out Traced result)
    {
        bool read = double.TryParse(s, style, provider, out double value);
        result = read ? new(value) : default;
        return read;
    }

    /// <summary>Reads a constant.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Traced Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider) => new(double.Parse(utf8Text, provider));

    /// <summary>Reads a constant in the given style.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Traced Parse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider) => new(double.Parse(utf8Text, style, provider));

    /// <summary>Reads a constant, or says that the text is not a number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out Traced result)
    {
        bool read = double.TryParse(utf8Text, provider, out double value);
        result = read ? new(value) : default;
        return read;
    }

    /// <summary>Reads a constant in the given style, or says that the text is not a number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider, out Traced result)
    {
        bool read = double.TryParse(utf8Text, style, provider, out double value);
        result = read ? new(value) : default;
        return read;
    }

    // ---- Memory layout: that of the value at hand, demanded of later inputs

    private IFloatingPoint<double> Layout => Observed();

    int IFloatingPoint<Traced>.GetExponentByteCount() => Layout.GetExponentByteCount();

    int IFloatingPoint<Traced>.GetExponentShortestBitLength() => Layout.GetExponentShortestBitLength();

    int IFloatingPoint<Traced>.GetSignificandBitLength() => Layout.GetSignificandBitLength();

    int IFloatingPoint<Traced>.GetSignificandByteCount() => Layout.GetSignificandByteCount();

    bool IFloatingPoint<Traced>.TryWriteExponentBigEndian(Span<byte> destination, out int bytesWritten) =>
        Layout.TryWriteExponentBigEndian(destination, out bytesWritten);

    bool IFloatingPoint<Traced>.TryWriteExponentLittleEndian(Span<byte> destination, out int bytesWritten) =>
        Layout.TryWriteExponentLittleEndian(destination, out bytesWritten);

    bool IFloatingPoint<Traced>.TryWriteSignificandBigEndian(Span<byte> destination, out int bytesWritten) =>
        Layout.TryWriteSignificandBigEndian(destination, out bytesWritten);

    bool IFloatingPoint<Traced>.TryWriteSignificandLittleEndian(Span<byte> destination, out int bytesWritten) =>
        Layout.TryWriteSignificandLittleEndian(destination, out bytesWritten);
}

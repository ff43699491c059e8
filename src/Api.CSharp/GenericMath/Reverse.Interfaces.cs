using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace DiffLib;

// What the numeric interfaces ask for beyond arithmetic and functions: constants, predicates, comparison, rounding,
// conversion, text, memory layout. All of it looks at the primal.
public readonly partial struct Reverse<T>
{
    // ---- Constants

    /// <summary>1, a constant.</summary>
    public static Reverse<T> One => new(T.One);

    /// <summary>0, a constant.</summary>
    public static Reverse<T> Zero => new(T.Zero);

    /// <summary>-1, a constant.</summary>
    public static Reverse<T> NegativeOne => new(T.NegativeOne);

    /// <summary>Euler's number, a constant.</summary>
    public static Reverse<T> E => new(T.E);

    /// <summary>π, a constant.</summary>
    public static Reverse<T> Pi => new(T.Pi);

    /// <summary>2π, a constant.</summary>
    public static Reverse<T> Tau => new(T.Tau);

    /// <summary>The smallest positive number, a constant.</summary>
    public static Reverse<T> Epsilon => new(T.Epsilon);

    /// <summary>Not a number, a constant.</summary>
    public static Reverse<T> NaN => new(T.NaN);

    /// <summary>+inf, a constant.</summary>
    public static Reverse<T> PositiveInfinity => new(T.PositiveInfinity);

    /// <summary>-inf, a constant.</summary>
    public static Reverse<T> NegativeInfinity => new(T.NegativeInfinity);

    /// <summary>-0, a constant.</summary>
    public static Reverse<T> NegativeZero => new(T.NegativeZero);

    /// <summary>The radix of the number underneath.</summary>
    public static int Radix => T.Radix;

    static Reverse<T> IAdditiveIdentity<Reverse<T>, Reverse<T>>.AdditiveIdentity => Zero;

    static Reverse<T> IMultiplicativeIdentity<Reverse<T>, Reverse<T>>.MultiplicativeIdentity => One;

    // ---- Predicates

    /// <summary>Whether the primal is in canonical form.</summary>
    public static bool IsCanonical(Reverse<T> value) => T.IsCanonical(value.Primal);

    /// <summary>Whether the primal is complex: never.</summary>
    public static bool IsComplexNumber(Reverse<T> value) => T.IsComplexNumber(value.Primal);

    /// <summary>Whether the primal is an even integer.</summary>
    public static bool IsEvenInteger(Reverse<T> value) => T.IsEvenInteger(value.Primal);

    /// <summary>Whether the primal is finite.</summary>
    public static bool IsFinite(Reverse<T> value) => T.IsFinite(value.Primal);

    /// <summary>Whether the primal is imaginary: never.</summary>
    public static bool IsImaginaryNumber(Reverse<T> value) => T.IsImaginaryNumber(value.Primal);

    /// <summary>Whether the primal is infinite.</summary>
    public static bool IsInfinity(Reverse<T> value) => T.IsInfinity(value.Primal);

    /// <summary>Whether the primal is an integer.</summary>
    public static bool IsInteger(Reverse<T> value) => T.IsInteger(value.Primal);

    /// <summary>Whether the primal is not a number.</summary>
    public static bool IsNaN(Reverse<T> value) => T.IsNaN(value.Primal);

    /// <summary>Whether the primal has a minus sign.</summary>
    public static bool IsNegative(Reverse<T> value) => T.IsNegative(value.Primal);

    /// <summary>Whether the primal is -inf.</summary>
    public static bool IsNegativeInfinity(Reverse<T> value) => T.IsNegativeInfinity(value.Primal);

    /// <summary>Whether the primal is normal.</summary>
    public static bool IsNormal(Reverse<T> value) => T.IsNormal(value.Primal);

    /// <summary>Whether the primal is an odd integer.</summary>
    public static bool IsOddInteger(Reverse<T> value) => T.IsOddInteger(value.Primal);

    /// <summary>Whether the primal has no minus sign.</summary>
    public static bool IsPositive(Reverse<T> value) => T.IsPositive(value.Primal);

    /// <summary>Whether the primal is +inf.</summary>
    public static bool IsPositiveInfinity(Reverse<T> value) => T.IsPositiveInfinity(value.Primal);

    /// <summary>Whether the primal is a real number.</summary>
    public static bool IsRealNumber(Reverse<T> value) => T.IsRealNumber(value.Primal);

    /// <summary>Whether the primal is subnormal.</summary>
    public static bool IsSubnormal(Reverse<T> value) => T.IsSubnormal(value.Primal);

    /// <summary>Whether the primal is zero, whatever its derivative.</summary>
    public static bool IsZero(Reverse<T> value) => T.IsZero(value.Primal);

    /// <summary>The sign of the primal: -1, 0 or 1. An integer, so it carries no derivative.</summary>
    /// <exception cref="ArithmeticException">The primal is NaN.</exception>
    public static int Sign(Reverse<T> value) => T.Sign(value.Primal);

    // ---- Comparison: of primals

    /// <summary>Whether the primals are equal.</summary>
    public static bool operator ==(Reverse<T> left, Reverse<T> right) => left.Primal == right.Primal;

    /// <summary>Whether the primals differ.</summary>
    public static bool operator !=(Reverse<T> left, Reverse<T> right) => left.Primal != right.Primal;

    /// <summary>Whether the primals are in order.</summary>
    public static bool operator <(Reverse<T> left, Reverse<T> right) => left.Primal < right.Primal;

    /// <summary>Whether the primals are in order or equal.</summary>
    public static bool operator <=(Reverse<T> left, Reverse<T> right) => left.Primal <= right.Primal;

    /// <summary>Whether the primals are in reverse order.</summary>
    public static bool operator >(Reverse<T> left, Reverse<T> right) => left.Primal > right.Primal;

    /// <summary>Whether the primals are in reverse order or equal.</summary>
    public static bool operator >=(Reverse<T> left, Reverse<T> right) => left.Primal >= right.Primal;

    /// <summary>The order of the primals.</summary>
    public int CompareTo(Reverse<T> other) => Primal.CompareTo(other.Primal);

    /// <summary>The order of the primals; null comes first.</summary>
    /// <exception cref="ArgumentException"><paramref name="obj"/> is another type.</exception>
    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        Reverse<T> other => CompareTo(other),
        _ => throw new ArgumentException($"A {Names.Of(typeof(Reverse<T>))} compares with its own type, not with {Names.Of(obj.GetType())}.", nameof(obj)),
    };

    /// <summary>Whether the primals are equal; NaN equals NaN here, as for double.</summary>
    public bool Equals(Reverse<T> other) => Primal.Equals(other.Primal);

    /// <summary>Whether <paramref name="obj"/> is of this type with an equal primal.</summary>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Reverse<T> other && Equals(other);

    /// <summary>The hash of the primal.</summary>
    public override int GetHashCode() => Primal.GetHashCode();

    // ---- Rounding: a constant, since it is flat wherever it has a derivative

    /// <summary>The primal rounded down. Slope 0.</summary>
    public static Reverse<T> Floor(Reverse<T> x) => new(T.Floor(x.Primal));

    /// <summary>The primal rounded up. Slope 0.</summary>
    public static Reverse<T> Ceiling(Reverse<T> x) => new(T.Ceiling(x.Primal));

    /// <summary>The primal rounded towards zero. Slope 0.</summary>
    public static Reverse<T> Truncate(Reverse<T> x) => new(T.Truncate(x.Primal));

    /// <summary>The primal rounded to the nearest integer, halves to even. Slope 0.</summary>
    public static Reverse<T> Round(Reverse<T> x) => new(T.Round(x.Primal));

    /// <summary>The primal rounded to so many digits, halves to even. Slope 0.</summary>
    public static Reverse<T> Round(Reverse<T> x, int digits) => new(T.Round(x.Primal, digits));

    /// <summary>The primal rounded to an integer in the given way. Slope 0.</summary>
    public static Reverse<T> Round(Reverse<T> x, MidpointRounding mode) => new(T.Round(x.Primal, mode));

    /// <summary>The primal rounded to so many digits in the given way. Slope 0.</summary>
    public static Reverse<T> Round(Reverse<T> x, int digits, MidpointRounding mode) => new(T.Round(x.Primal, digits, mode));

    /// <summary>The primal as an integer, saturating.</summary>
    public static TInteger ConvertToInteger<TInteger>(Reverse<T> value) where TInteger : IBinaryInteger<TInteger> =>
        T.ConvertToInteger<TInteger>(value.Primal);

    /// <summary>The primal as an integer, with the processor's own behaviour outside its range.</summary>
    public static TInteger ConvertToIntegerNative<TInteger>(Reverse<T> value) where TInteger : IBinaryInteger<TInteger> =>
        T.ConvertToIntegerNative<TInteger>(value.Primal);

    // ---- Conversion

    /// <summary>A plain number as a constant: its derivative is zero.</summary>
    public static implicit operator Reverse<T>(T value) => new(value);

    /// <summary>
    /// A number of any type as a constant; throws where it does not fit. A differentiated number that this type is built on is lifted with its derivative.
    /// </summary>
    /// <exception cref="NotSupportedException">There is no such conversion.</exception>
    /// <exception cref="DerivativeScopeException">The number carries a derivative that this type has no place for.</exception>
    public static Reverse<T> CreateChecked<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        typeof(TOther) == typeof(Reverse<T>) ? (Reverse<T>)(object)value : new(Lift.CreateChecked<T, TOther>(value));

    static bool INumberBase<Reverse<T>>.TryConvertFromChecked<TOther>(TOther value, out Reverse<T> result)
    {
        result = CreateChecked(value);
        return true;
    }

    static bool INumberBase<Reverse<T>>.TryConvertToChecked<TOther>(Reverse<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateChecked(value.Primal);
        return true;
    }

    /// <summary>
    /// A number of any type as a constant; takes the nearest where it does not fit. A differentiated number that this type is built on is lifted with its derivative.
    /// </summary>
    /// <exception cref="NotSupportedException">There is no such conversion.</exception>
    /// <exception cref="DerivativeScopeException">The number carries a derivative that this type has no place for.</exception>
    public static Reverse<T> CreateSaturating<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        typeof(TOther) == typeof(Reverse<T>) ? (Reverse<T>)(object)value : new(Lift.CreateSaturating<T, TOther>(value));

    static bool INumberBase<Reverse<T>>.TryConvertFromSaturating<TOther>(TOther value, out Reverse<T> result)
    {
        result = CreateSaturating(value);
        return true;
    }

    static bool INumberBase<Reverse<T>>.TryConvertToSaturating<TOther>(Reverse<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateSaturating(value.Primal);
        return true;
    }

    /// <summary>
    /// A number of any type as a constant; takes the nearest where it does not fit. A differentiated number that this type is built on is lifted with its derivative.
    /// </summary>
    /// <exception cref="NotSupportedException">There is no such conversion.</exception>
    /// <exception cref="DerivativeScopeException">The number carries a derivative that this type has no place for.</exception>
    public static Reverse<T> CreateTruncating<TOther>(TOther value) where TOther : INumberBase<TOther> =>
        typeof(TOther) == typeof(Reverse<T>) ? (Reverse<T>)(object)value : new(Lift.CreateTruncating<T, TOther>(value));

    static bool INumberBase<Reverse<T>>.TryConvertFromTruncating<TOther>(TOther value, out Reverse<T> result)
    {
        result = CreateTruncating(value);
        return true;
    }

    static bool INumberBase<Reverse<T>>.TryConvertToTruncating<TOther>(Reverse<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateTruncating(value.Primal);
        return true;
    }

    // ---- Text: that of the primal

    /// <summary>The primal in the current culture's format.</summary>
    public override string ToString() => ToString(null, null);

    /// <summary>The primal in a format and culture.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => Primal.ToString(format, formatProvider);

    /// <summary>Writes the primal as text.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Primal.TryFormat(destination, out charsWritten, format, provider);

    /// <summary>Writes the primal as UTF-8 text.</summary>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Primal.TryFormat(utf8Destination, out bytesWritten, format, provider);

    /// <summary>Reads a constant.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Reverse<T> Parse(string s, IFormatProvider? provider) => new(T.Parse(s, provider));

    /// <summary>Reads a constant in the given style.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Reverse<T> Parse(string s, NumberStyles style, IFormatProvider? provider) => new(T.Parse(s, style, provider));

    /// <summary>Reads a constant, or says that the text is not a number.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Reverse<T> result)
    {
        bool read = T.TryParse(s, provider, out T? value);
        result = read ? new(value!) : default;
        return read;
    }

    /// <summary>Reads a constant in the given style, or says that the text is not a number.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, NumberStyles style, IFormatProvider? provider, out Reverse<T> result)
    {
        bool read = T.TryParse(s, style, provider, out T? value);
        result = read ? new(value!) : default;
        return read;
    }

    /// <summary>Reads a constant.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Reverse<T> Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => new(T.Parse(s, provider));

    /// <summary>Reads a constant in the given style.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Reverse<T> Parse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider) => new(T.Parse(s, style, provider));

    /// <summary>Reads a constant, or says that the text is not a number.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Reverse<T> result)
    {
        bool read = T.TryParse(s, provider, out T? value);
        result = read ? new(value!) : default;
        return read;
    }

    /// <summary>Reads a constant in the given style, or says that the text is not a number.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out Reverse<T> result)
    {
        bool read = T.TryParse(s, style, provider, out T? value);
        result = read ? new(value!) : default;
        return read;
    }

    /// <summary>Reads a constant.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Reverse<T> Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider) => new(T.Parse(utf8Text, provider));

    /// <summary>Reads a constant in the given style.</summary>
    /// <exception cref="FormatException">The text is not a number.</exception>
    public static Reverse<T> Parse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider) => new(T.Parse(utf8Text, style, provider));

    /// <summary>Reads a constant, or says that the text is not a number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out Reverse<T> result)
    {
        bool read = T.TryParse(utf8Text, provider, out T? value);
        result = read ? new(value!) : default;
        return read;
    }

    /// <summary>Reads a constant in the given style, or says that the text is not a number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider, out Reverse<T> result)
    {
        bool read = T.TryParse(utf8Text, style, provider, out T? value);
        result = read ? new(value!) : default;
        return read;
    }

    // ---- Memory layout of the primal

    int IFloatingPoint<Reverse<T>>.GetExponentByteCount() => Primal.GetExponentByteCount();

    int IFloatingPoint<Reverse<T>>.GetExponentShortestBitLength() => Primal.GetExponentShortestBitLength();

    int IFloatingPoint<Reverse<T>>.GetSignificandBitLength() => Primal.GetSignificandBitLength();

    int IFloatingPoint<Reverse<T>>.GetSignificandByteCount() => Primal.GetSignificandByteCount();

    bool IFloatingPoint<Reverse<T>>.TryWriteExponentBigEndian(Span<byte> destination, out int bytesWritten) =>
        Primal.TryWriteExponentBigEndian(destination, out bytesWritten);

    bool IFloatingPoint<Reverse<T>>.TryWriteExponentLittleEndian(Span<byte> destination, out int bytesWritten) =>
        Primal.TryWriteExponentLittleEndian(destination, out bytesWritten);

    bool IFloatingPoint<Reverse<T>>.TryWriteSignificandBigEndian(Span<byte> destination, out int bytesWritten) =>
        Primal.TryWriteSignificandBigEndian(destination, out bytesWritten);

    bool IFloatingPoint<Reverse<T>>.TryWriteSignificandLittleEndian(Span<byte> destination, out int bytesWritten) =>
        Primal.TryWriteSignificandLittleEndian(destination, out bytesWritten);
}

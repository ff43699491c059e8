using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Reflection;
using System.Text;
using Xunit;

namespace DiffLib.Api.Tests.GenericMath;

/// <summary>Every member of the numeric interfaces, called through a constraint, gives what it gives for double.</summary>
public class InterfaceTests
{
    private static readonly double[] Samples = [0, -0.0, 1, -1, 0.5, -2.5, 3, 7.25, 1e-8, 1e10, -1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon];

    /// <summary>One entry for each member name: results as text, over all samples.</summary>
    private static Dictionary<string, string> Evaluate<T>() where T : IFloatingPointIeee754<T>
    {
        T[] xs = [.. Samples.Select(T.CreateChecked)];
        var results = new Dictionary<string, string>();
        void One(string name, Func<T, object?> f) => Many(name, xs.Select(x => Attempt(() => f(x))));
        void Two(string name, Func<T, T, object?> f) => Many(name, xs.SelectMany(x => xs.Select(y => Attempt(() => f(x, y)))));
        void Many(string name, IEnumerable<string> texts) => results[name] = results.GetValueOrDefault(name, "") + string.Join(" ", texts);
        void Plain(string name, params object?[] values) => Many(name, values.Select(Text));

        Plain("get_One", T.One);
        Plain("get_Zero", T.Zero);
        Plain("get_NegativeOne", T.NegativeOne);
        Plain("get_E", T.E);
        Plain("get_Pi", T.Pi);
        Plain("get_Tau", T.Tau);
        Plain("get_Epsilon", T.Epsilon);
        Plain("get_NaN", T.NaN);
        Plain("get_PositiveInfinity", T.PositiveInfinity);
        Plain("get_NegativeInfinity", T.NegativeInfinity);
        Plain("get_NegativeZero", T.NegativeZero);
        Plain("get_Radix", T.Radix);
        Plain("get_AdditiveIdentity", T.AdditiveIdentity);
        Plain("get_MultiplicativeIdentity", T.MultiplicativeIdentity);

        Two("op_Addition", (x, y) => x + y);
        Two("op_CheckedAddition", (x, y) => checked(x + y));
        Two("op_Subtraction", (x, y) => x - y);
        Two("op_CheckedSubtraction", (x, y) => checked(x - y));
        Two("op_Multiply", (x, y) => x * y);
        Two("op_CheckedMultiply", (x, y) => checked(x * y));
        Two("op_Division", (x, y) => x / y);
        Two("op_CheckedDivision", (x, y) => checked(x / y));
        Two("op_Modulus", (x, y) => x % y);
        One("op_UnaryPlus", x => +x);
        One("op_UnaryNegation", x => -x);
        One("op_CheckedUnaryNegation", x => checked(-x));
        One("op_Increment", x => ++x);
        One("op_CheckedIncrement", x => checked(++x));
        One("op_Decrement", x => --x);
        One("op_CheckedDecrement", x => checked(--x));
        Two("op_Equality", (x, y) => x == y);
        Two("op_Inequality", (x, y) => x != y);
        Two("op_LessThan", (x, y) => x < y);
        Two("op_LessThanOrEqual", (x, y) => x <= y);
        Two("op_GreaterThan", (x, y) => x > y);
        Two("op_GreaterThanOrEqual", (x, y) => x >= y);
        Two("Equals", (x, y) => x.Equals(y));
        Two("CompareTo", (x, y) => Math.Sign(x.CompareTo(y)) + 10 * Math.Sign(x.CompareTo((object?)y)) + 100 * x.CompareTo(null));

        One("Exp", x => T.Exp(x));
        One("ExpM1", x => Rounded(x, T.ExpM1(x)));
        One("Exp2", x => T.Exp2(x));
        One("Exp2M1", x => Rounded(x, T.Exp2M1(x)));
        One("Exp10", x => T.Exp10(x));
        One("Exp10M1", x => Rounded(x, T.Exp10M1(x)));
        One("Log", x => T.Log(x));
        Two("Log", (x, y) => T.Log(x, y));
        One("LogP1", x => Rounded(x, T.LogP1(x)));
        One("Log2", x => T.Log2(x));
        One("Log2P1", x => Rounded(x, T.Log2P1(x)));
        One("Log10", x => T.Log10(x));
        One("Log10P1", x => Rounded(x, T.Log10P1(x)));
        Two("Pow", (x, y) => T.Pow(x, y));
        One("Sqrt", x => T.Sqrt(x));
        One("Cbrt", x => T.Cbrt(x));
        Two("Hypot", (x, y) => T.Hypot(x, y));
        foreach (int n in new[] { -3, -1, 0, 1, 2, 3, 5 }) One("RootN", x => T.RootN(x, n));
        One("Sin", x => T.Sin(x));
        One("Cos", x => T.Cos(x));
        One("Tan", x => T.Tan(x));
        One("SinPi", x => T.SinPi(x));
        One("CosPi", x => T.CosPi(x));
        One("TanPi", x => T.TanPi(x));
        One("SinCos", x => Text(T.SinCos(x).Sin) + Text(T.SinCos(x).Cos));
        One("SinCosPi", x => Text(T.SinCosPi(x).SinPi) + Text(T.SinCosPi(x).CosPi));
        One("Asin", x => T.Asin(x));
        One("Acos", x => T.Acos(x));
        One("Atan", x => T.Atan(x));
        One("AsinPi", x => T.AsinPi(x));
        One("AcosPi", x => T.AcosPi(x));
        One("AtanPi", x => T.AtanPi(x));
        Two("Atan2", (x, y) => T.Atan2(x, y));
        Two("Atan2Pi", (x, y) => T.Atan2Pi(x, y));
        One("DegreesToRadians", x => T.DegreesToRadians(x));
        One("RadiansToDegrees", x => T.RadiansToDegrees(x));
        One("Sinh", x => T.Sinh(x));
        One("Cosh", x => T.Cosh(x));
        One("Tanh", x => T.Tanh(x));
        One("Asinh", x => T.Asinh(x));
        One("Acosh", x => T.Acosh(x));
        One("Atanh", x => T.Atanh(x));

        One("Abs", x => T.Abs(x));
        One("Sign", x => T.Sign(x));
        Two("CopySign", (x, y) => T.CopySign(x, y));
        Two("Max", (x, y) => T.Max(x, y));
        Two("Min", (x, y) => T.Min(x, y));
        Two("MaxNumber", (x, y) => T.MaxNumber(x, y));
        Two("MinNumber", (x, y) => T.MinNumber(x, y));
        Two("MaxNative", (x, y) => T.IsNaN(x) || T.IsNaN(y) ? "unspecified" : T.MaxNative(x, y) == T.Max(x, y));
        Two("MinNative", (x, y) => T.IsNaN(x) || T.IsNaN(y) ? "unspecified" : T.MinNative(x, y) == T.Min(x, y));
        Two("MaxMagnitude", (x, y) => T.MaxMagnitude(x, y));
        Two("MinMagnitude", (x, y) => T.MinMagnitude(x, y));
        Two("MaxMagnitudeNumber", (x, y) => T.MaxMagnitudeNumber(x, y));
        Two("MinMagnitudeNumber", (x, y) => T.MinMagnitudeNumber(x, y));
        Two("Clamp", (x, y) => T.Clamp(x, y, T.One));
        Two("ClampNative", (x, y) => T.IsNaN(x) || T.IsNaN(y) ? "unspecified" : T.ClampNative(x, y, T.One) + T.Zero);
        Two("Lerp", (x, y) => T.Lerp(x, y, T.CreateChecked(0.25)));
        Two("FusedMultiplyAdd", (x, y) => T.FusedMultiplyAdd(x, y, T.One));
        Two("MultiplyAddEstimate", (x, y) => T.MultiplyAddEstimate(x, y, T.One));
        Two("Ieee754Remainder", (x, y) => T.Ieee754Remainder(x, y));
        One("ReciprocalEstimate", x => T.ReciprocalEstimate(x));
        One("ReciprocalSqrtEstimate", x => T.ReciprocalSqrtEstimate(x));
        One("BitIncrement", x => T.BitIncrement(x));
        One("BitDecrement", x => T.BitDecrement(x));
        One("ScaleB", x => T.ScaleB(x, 5));
        One("ILogB", x => T.ILogB(x));

        One("Floor", x => T.Floor(x));
        One("Ceiling", x => T.Ceiling(x));
        One("Truncate", x => T.Truncate(x));
        One("Round", x => T.Round(x));
        One("Round", x => T.Round(x, 1));
        One("Round", x => T.Round(x, MidpointRounding.ToZero));
        One("Round", x => T.Round(x, 1, MidpointRounding.AwayFromZero));
        One("ConvertToInteger", x => T.ConvertToInteger<int>(x));
        One("ConvertToIntegerNative", x => T.Abs(x) < T.CreateChecked(1e9) ? T.ConvertToIntegerNative<int>(x) : "unspecified");

        One("IsCanonical", x => T.IsCanonical(x));
        One("IsComplexNumber", x => T.IsComplexNumber(x));
        One("IsEvenInteger", x => T.IsEvenInteger(x));
        One("IsFinite", x => T.IsFinite(x));
        One("IsImaginaryNumber", x => T.IsImaginaryNumber(x));
        One("IsInfinity", x => T.IsInfinity(x));
        One("IsInteger", x => T.IsInteger(x));
        One("IsNaN", x => T.IsNaN(x));
        One("IsNegative", x => T.IsNegative(x));
        One("IsNegativeInfinity", x => T.IsNegativeInfinity(x));
        One("IsNormal", x => T.IsNormal(x));
        One("IsOddInteger", x => T.IsOddInteger(x));
        One("IsPositive", x => T.IsPositive(x));
        One("IsPositiveInfinity", x => T.IsPositiveInfinity(x));
        One("IsRealNumber", x => T.IsRealNumber(x));
        One("IsSubnormal", x => T.IsSubnormal(x));
        One("IsZero", x => T.IsZero(x));

        Convert<T, byte>(results, 200);
        Convert<T, sbyte>(results, -100);
        Convert<T, short>(results, -30000);
        Convert<T, ushort>(results, 60000);
        Convert<T, int>(results, -2_000_000_000);
        Convert<T, uint>(results, 4_000_000_000);
        Convert<T, long>(results, -(1L << 60));
        Convert<T, ulong>(results, 1UL << 63);
        Convert<T, nint>(results, -77);
        Convert<T, nuint>(results, 77);
        Convert<T, Int128>(results, Int128.One << 100);
        Convert<T, UInt128>(results, UInt128.One << 100);
        Convert<T, char>(results, 'A');
        Convert<T, Half>(results, (Half)1.5);
        Convert<T, float>(results, 2.75f);
        Convert<T, double>(results, -3.5);
        Convert<T, decimal>(results, 12.25m);
        Convert<T, BigInteger>(results, BigInteger.Pow(3, 40));

        const string german = "-1.234,5";
        var de = new CultureInfo("de-DE");
        CultureInfo invariant = CultureInfo.InvariantCulture;
        Plain("Parse", T.Parse("1.5", invariant), T.Parse("1.5e3", NumberStyles.Float, invariant), T.Parse(german, NumberStyles.Number, de));
        Plain("Parse", T.Parse(german.AsSpan(), NumberStyles.Number, de), T.Parse("2.5".AsSpan(), invariant));
        Plain("Parse", T.Parse("2.5"u8, invariant), T.Parse("2.5e1"u8, NumberStyles.Float, invariant));
        Many("Parse", [Attempt(() => T.Parse("x", invariant)), Attempt(() => T.Parse("", NumberStyles.Float, invariant))]);
        foreach (string text in new[] { "1.5", "-inf", "x", "", "1e400" })
        {
            Plain("TryParse", T.TryParse(text, invariant, out T? a), a, T.TryParse(text, NumberStyles.Float, invariant, out T? b), b);
            Plain("TryParse", T.TryParse(text.AsSpan(), invariant, out T? c), c, T.TryParse(text.AsSpan(), NumberStyles.Float, invariant, out T? d), d);
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            Plain("TryParse", T.TryParse(utf8, invariant, out T? e), e, T.TryParse(utf8, NumberStyles.Float, invariant, out T? f), f);
        }
        One("ToString", x => x.ToString("G5", de) + x.ToString(null, invariant));
        One("TryFormat", x =>
        {
            Span<char> chars = stackalloc char[40];
            Span<byte> bytes = stackalloc byte[40];
            bool one = x.TryFormat(chars, out int n, "R", invariant), two = x.TryFormat(bytes, out int m, "R", invariant), three = x.TryFormat(Span<char>.Empty, out _, "R", invariant);
            return $"{one}{two}{three}{new string(chars[..n])}{Encoding.UTF8.GetString(bytes[..m])}";
        });

        One("GetExponentByteCount", x => x.GetExponentByteCount());
        One("GetExponentShortestBitLength", x => x.GetExponentShortestBitLength());
        One("GetSignificandBitLength", x => x.GetSignificandBitLength());
        One("GetSignificandByteCount", x => x.GetSignificandByteCount());
        var buffer = new byte[16];
        One("WriteExponentBigEndian", x => Hex(x.WriteExponentBigEndian(buffer)) + Hex(x.WriteExponentBigEndian(buffer, 1)) + Hex(x.WriteExponentBigEndian(buffer.AsSpan())));
        One("WriteExponentLittleEndian", x => Hex(x.WriteExponentLittleEndian(buffer)) + Hex(x.WriteExponentLittleEndian(buffer, 1)) + Hex(x.WriteExponentLittleEndian(buffer.AsSpan())));
        One("WriteSignificandBigEndian", x => Hex(x.WriteSignificandBigEndian(buffer)) + Hex(x.WriteSignificandBigEndian(buffer, 1)) + Hex(x.WriteSignificandBigEndian(buffer.AsSpan())));
        One("WriteSignificandLittleEndian", x => Hex(x.WriteSignificandLittleEndian(buffer)) + Hex(x.WriteSignificandLittleEndian(buffer, 1)) + Hex(x.WriteSignificandLittleEndian(buffer.AsSpan())));
        One("TryWriteExponentBigEndian", x => $"{x.TryWriteExponentBigEndian(buffer, out int n)}{Hex(n)}{x.TryWriteExponentBigEndian([], out _)}");
        One("TryWriteExponentLittleEndian", x => $"{x.TryWriteExponentLittleEndian(buffer, out int n)}{Hex(n)}{x.TryWriteExponentLittleEndian([], out _)}");
        One("TryWriteSignificandBigEndian", x => $"{x.TryWriteSignificandBigEndian(buffer, out int n)}{Hex(n)}{x.TryWriteSignificandBigEndian([], out _)}");
        One("TryWriteSignificandLittleEndian", x => $"{x.TryWriteSignificandLittleEndian(buffer, out int n)}{Hex(n)}{x.TryWriteSignificandLittleEndian([], out _)}");
        return results;

        string Hex(int count) => $"{count}:{System.Convert.ToHexString(buffer)} ";

        // Ours are accurate and keep the sign of zero, where the runtime's cancel: compared to what the runtime gets right.
        static string Rounded(T x, T y) =>
            T.Abs(x) < T.CreateChecked(1e-4) ? T.IsZero(x).ToString() : y.ToString("G13", CultureInfo.InvariantCulture);
    }

    private static void Convert<T, TOther>(Dictionary<string, string> results, TOther sample) where T : INumberBase<T> where TOther : INumberBase<TOther>
    {
        void Add(string name, object? value) => results[name] = results.GetValueOrDefault(name, "") + " " + Text(value);
        Add("CreateChecked", T.CreateChecked(sample));
        Add("CreateSaturating", T.CreateSaturating(sample));
        Add("CreateTruncating", T.CreateTruncating(sample));
        foreach (double x in Samples)
        {
            T value = T.CreateChecked(x);
            Add("TryConvertToChecked", Attempt(() => TOther.CreateChecked(value)));
            Add("TryConvertToSaturating", Attempt(() => TOther.CreateSaturating(value)));
            Add("TryConvertToTruncating", Attempt(() => TOther.CreateTruncating(value)));
        }
    }

    private static string Attempt(Func<object?> f)
    {
        try
        {
            return Text(f());
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        double d => d.ToString("R", CultureInfo.InvariantCulture),
        Dual<double> d => Text(d.Primal),
        Dual<Dual<double>> d => Text(d.Primal),
        MultiDual<double> d => Text(d.Primal),
        Reverse<double> d => Text(d.Primal),
        Reverse<Dual<double>> d => Text(d.Primal),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    public static TheoryData<Type> Numbers() =>
        [typeof(Dual<double>), typeof(MultiDual<double>), typeof(Reverse<double>), typeof(Dual<Dual<double>>), typeof(Reverse<Dual<double>>)];

    [Theory, MemberData(nameof(Numbers))]
    public void Every_member_gives_what_it_gives_for_double(Type number)
    {
        Dictionary<string, string> expected = Evaluate<double>();
        var actual = (Dictionary<string, string>)typeof(InterfaceTests).GetMethod(nameof(Evaluate), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(number).Invoke(null, null)!;
        string[] wrong = [.. expected.Keys.Where(name => expected[name] != actual[name]).Select(name => $"{name}\n  double: {expected[name]}\n  {number}: {actual[name]}")];
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void No_member_of_the_interfaces_is_left_out()
    {
        HashSet<string> tried = [.. Evaluate<double>().Keys];
        IEnumerable<string> members = typeof(Dual<double>).GetInterfaces()
            .Where(i => i.Namespace is "System.Numerics" or "System")
            .SelectMany(i => i.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(m => m.Name[(m.Name.LastIndexOf('.') + 1)..].Replace("TryConvertFrom", "Create", StringComparison.Ordinal))
            .Distinct();
        Assert.Equal([], members.Where(name => !tried.Contains(name)));
    }

    [Fact]
    public void The_type_asks_for_no_bitwise_arithmetic() =>
        Assert.DoesNotContain(typeof(Dual<double>).GetInterfaces(), i => i.Name.StartsWith("IBinary", StringComparison.Ordinal));

    [Theory, InlineData("de-DE"), InlineData("tr-TR"), InlineData("ar-SA")]
    public void G15_text_follows_the_current_culture_as_that_of_double_does(string culture)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            Assert.Equal((-1234.5).ToString(CultureInfo.CurrentCulture), new Dual<double>(-1234.5, 1).ToString());
            Assert.Equal("-1234.5", new Dual<double>(-1234.5, 1).ToString(null, CultureInfo.InvariantCulture));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Equality_and_hash_look_at_the_primal()
    {
        Assert.Equal(new Dual<double>(2, 1), new Dual<double>(2, 5));
        Assert.Equal(new Dual<double>(2, 1).GetHashCode(), 2.0.GetHashCode());
        Assert.Throws<ArgumentException>(() => new Dual<double>(2).CompareTo((object)2.0));
        Assert.Equal("min", Assert.Throws<ArgumentException>(() => Dual<double>.Clamp(1, 3, 2)).ParamName);
        Assert.Throws<ArithmeticException>(() => Dual<double>.Sign(double.NaN));
    }
}

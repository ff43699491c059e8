using System;
using System.Diagnostics;
using System.Numerics;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>
/// A number that records what is done with it: <c>Diff.Compile</c> evaluates a generic method with it once and gets the program of the method. It has a value
/// too, at the point of the recording, so that loops and branches run as they do with plain numbers.
/// </summary>
/// <remarks>
/// <para>A comparison (also <c>IsNaN</c>, <c>Sign</c>, a conversion to an integer, ...) is answered by the value at the point of the recording, and the answer becomes part of the
/// program: a later input that would answer otherwise is noticed and recorded anew (<see cref="CompiledScalarFunction"/>). Max, Min, Abs, Clamp, CopySign and
/// <c>Diff.WhereLess</c> are operations, not branches.</para>
/// <para>A number belongs to its recording, and to its thread. Converting it to double would make it a constant of the program, so it is refused.</para>
/// </remarks>
[DebuggerDisplay("{Value} (value {Node})")]
public readonly partial struct Traced : IFloatingPointIeee754<Traced>, IDerivativeCarrier, IStoppable<Traced>, ISymbolic<Traced>
{
    private readonly double _value;
    private readonly TraceRecorder? _recorder;
    private readonly int _node;

    /// <summary>A constant of the program.</summary>
    /// <param name="value">The value.</param>
    public Traced(double value) => _value = value;

    internal Traced(double value, TraceRecorder recorder, int node)
    {
        _value = value;
        _recorder = recorder;
        _node = node;
    }

    internal double Value => _value;

    internal TraceRecorder? Recorder => _recorder;

    internal int Node => _node;

    internal bool IsConstant => _recorder is null;

    bool IDerivativeCarrier.IsExactZero => _recorder is null && _value == 0;

    bool IDerivativeCarrier.IsConstant => _recorder is null;

    // The next number after x towards x is x; the table of derivatives gives it no slope.
    Traced IStoppable<Traced>.Stopped => Map(BinaryOp.NextAfter, this, this);

    // ---- Arithmetic

    /// <summary>The number itself.</summary>
    public static Traced operator +(Traced value) => value;

    /// <summary>The negative.</summary>
    public static Traced operator -(Traced value) => Map(UnaryOp.Negate, value);

    /// <summary>The sum.</summary>
    public static Traced operator +(Traced left, Traced right) => Map(BinaryOp.Add, left, right);

    /// <summary>The difference.</summary>
    public static Traced operator -(Traced left, Traced right) => Map(BinaryOp.Subtract, left, right);

    /// <summary>The product.</summary>
    public static Traced operator *(Traced left, Traced right) => Map(BinaryOp.Multiply, left, right);

    /// <summary>The quotient.</summary>
    public static Traced operator /(Traced left, Traced right) => Map(BinaryOp.Divide, left, right);

    /// <summary>left - q right with q = left/right truncated.</summary>
    public static Traced operator %(Traced left, Traced right) => Map(BinaryOp.FMod, left, right);

    /// <summary>The number plus one.</summary>
    public static Traced operator ++(Traced value) => value + One;

    /// <summary>The number minus one.</summary>
    public static Traced operator --(Traced value) => value - One;

    private static Traced Map(UnaryOp op, Traced x) => x._recorder is { } recorder ? recorder.Unary(op, x) : new(Kernels.Elementwise.Unary(op, x._value));

    private static Traced Map(BinaryOp op, Traced a, Traced b) =>
        (a._recorder ?? b._recorder) is { } recorder ? recorder.Binary(op, a, b) : new(Kernels.Elementwise.Binary(op, a._value, b._value));

    // ---- Choices and derivatives, decided when the program runs

    private static Traced Where(CompareOp op, Traced a, Traced b, Traced yes, Traced no) =>
        (a._recorder ?? b._recorder) is { } recorder ? recorder.Choose(op, a, b, yes, no) : Choice.Holds(op, a._value, b._value) ? yes : no;

    Traced ISymbolic<Traced>.Choose(CompareOp op, Traced right, Traced yes, Traced no) => Where(op, this, right, yes, no);

    /// <summary>A plain product, unless a factor may be a zero that a choice put there: then the product in which a zero absorbs.</summary>
    Traced ISymbolic<Traced>.Times(Traced tangent)
    {
        if (IsOne(this, out bool negative)) return negative ? -tangent : tangent;
        if (IsOne(tangent, out negative)) return negative ? -this : this;
        bool masked = (_recorder ?? tangent._recorder) is { } recorder && (recorder.IsMasked(this) || recorder.IsMasked(tangent));
        return Map(masked ? BinaryOp.Scale : BinaryOp.Multiply, this, tangent);
    }

    Traced ISymbolic<Traced>.Plus(Traced other)
    {
        if (other._recorder is { } right && right.IsNegation(other, out Traced subtrahend)) return this - subtrahend;
        if (_recorder is { } left && left.IsNegation(this, out subtrahend)) return other - subtrahend;
        return this + other;
    }

    private static bool IsOne(Traced x, out bool negative)
    {
        negative = x._value == -1;
        return x._recorder is null && Math.Abs(x._value) == 1;
    }

    // ---- Questions: answered by the value at hand, and demanded of later inputs

    private static bool Decide(CompareOp op, Traced a, Traced b)
    {
        bool holds = Choice.Holds(op, a._value, b._value);
        (a._recorder ?? b._recorder)?.Guard(op, a, b, holds);
        return holds;
    }

    /// <summary>The value, of which later inputs must have the same.</summary>
    private double Observed()
    {
        if (!IsNaN(this)) Decide(CompareOp.Equal, this, new(_value));
        return _value;
    }

    private static TInteger Whole<TInteger>(Traced x, Func<double, TInteger> convert)
    {
        Truncate(x).Observed();
        return convert(x._value);
    }

    private static bool IsWholeNumberType<TOther>() where TOther : INumberBase<TOther> => TOther.IsZero(TOther.CreateTruncating(0.5));

    /// <summary>The number for a conversion: an integer type sees a whole value, another recorded type the constant, all else is refused.</summary>
    private static double ForConversion<TOther>(Traced x) where TOther : INumberBase<TOther>
    {
        if (x.IsConstant) return x._value;
        if (!IsWholeNumberType<TOther>()) throw DerivativeScopeException.TracedConverted(Names.Of(typeof(TOther)));
        Truncate(x).Observed();
        return x._value;
    }
}

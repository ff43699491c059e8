using System;
using System.Numerics;
using System.Numerics.Tensors;

namespace DiffLib.Kernels;

/// <summary>Elementwise kernels over contiguous spans. Lengths must agree; in binary kernels a span of length 1 stands for a scalar.</summary>
public static class Elementwise
{
    /// <summary>y = op(x), elementwise; y may be x itself.</summary>
    public static void Unary(UnaryOp op, ReadOnlySpan<double> x, Span<double> y)
    {
        for (var i = 0; i < x.Length; i++) y[i] = Unary(op, x[i]);
    }

    /// <summary>y = op(x), elementwise; y may be x itself.</summary>
    public static void Unary(UnaryOp op, ReadOnlySpan<float> x, Span<float> y)
    {
        for (var i = 0; i < x.Length; i++) y[i] = (float)Unary(op, (double)x[i]);
    }

    /// <summary>op(x).</summary>
    public static double Unary(UnaryOp op, double x) => op switch
    {
        UnaryOp.Negate => -x,
        UnaryOp.Abs => Math.Abs(x),
        UnaryOp.Square => x * x,
        UnaryOp.Exp => Math.Exp(x),
        UnaryOp.Log => Math.Log(x),
        UnaryOp.Sin => Math.Sin(x),
        UnaryOp.Cos => Math.Cos(x),
        UnaryOp.Sqrt => Math.Sqrt(x),
        UnaryOp.Tanh => Math.Tanh(x),
        _ => throw new NotImplementedException(op.ToString()),
    };

    /// <summary>y = op(a, b), elementwise; a span of length 1 stands for a scalar; y may be a or b itself.</summary>
    public static void Binary(BinaryOp op, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> y)
    {
        for (var i = 0; i < y.Length; i++) y[i] = Binary(op, a[a.Length == 1 ? 0 : i], b[b.Length == 1 ? 0 : i]);
    }

    /// <summary>y = op(a, b), elementwise; a span of length 1 stands for a scalar; y may be a or b itself.</summary>
    public static void Binary(BinaryOp op, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
    {
        for (var i = 0; i < y.Length; i++) y[i] = (float)Binary(op, (double)a[a.Length == 1 ? 0 : i], (double)b[b.Length == 1 ? 0 : i]);
    }

    /// <summary>op(a, b).</summary>
    public static double Binary(BinaryOp op, double a, double b) => op switch
    {
        BinaryOp.Add => a + b,
        BinaryOp.Subtract => a - b,
        BinaryOp.Multiply => a * b,
        BinaryOp.Divide => a / b,
        BinaryOp.Scale => a == 0 || b == 0 ? 0 : a * b,
        BinaryOp.Power => Math.Pow(a, b),
        _ => throw new NotImplementedException(op.ToString()),
    };

    /// <summary>Integer arithmetic: y = op(x); wraps on overflow. Takes Negate, Abs, Sign, Square, Relu, Step and the roundings (which do nothing).</summary>
    public static void UnaryInteger<T>(UnaryOp op, ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IBinaryInteger<T> => throw new NotImplementedException();

    /// <summary>Integer arithmetic: y = op(a, b); wraps on overflow; division by zero throws <see cref="DivideByZeroException"/>.
    /// Takes Add, Subtract, Multiply, Scale, Maximum(Number), Minimum(Number), FMod, Remainder, FloorDivide, Power (exponent ≥ 0).</summary>
    public static void BinaryInteger<T>(BinaryOp op, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, IBinaryInteger<T> => throw new NotImplementedException();

    /// <summary>y = op(a, b); a span of length 1 stands for a scalar.</summary>
    public static void Compare<T>(CompareOp op, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<bool> y) where T : unmanaged, INumber<T> => throw new NotImplementedException();

    /// <summary>y = condition ? a : b; spans of length 1 stand for scalars.</summary>
    public static void Where<T>(ReadOnlySpan<bool> condition, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged => throw new NotImplementedException();

    /// <summary>y = a·x + y for the sweep's accumulation: y += x.</summary>
    public static void AddInto<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, INumberBase<T> => TensorPrimitives.Add(x, y, y);

    /// <summary>y = (TTo)x with C#'s unchecked conversions, saturating from floating point to integer (NaN to 0).</summary>
    public static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> x, Span<TTo> y) where TFrom : unmanaged, INumberBase<TFrom> where TTo : unmanaged, INumberBase<TTo>
    {
        for (var i = 0; i < x.Length; i++) y[i] = TTo.CreateSaturating(x[i]);
    }
}

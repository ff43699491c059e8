using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib;

/// <summary>Hardware lanes: which number types have them, and their unit vectors.</summary>
internal static class Lanes<T> where T : IFloatingPointIeee754<T>
{
    /// <summary>Whether several tangents at once are possible and worth it: a constant once compiled.</summary>
    public static bool Useful
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(double) || typeof(T) == typeof(float);
    }

    public static int Count => Vector512<T>.Count;

    /// <summary>1 in one lane, 0 in the others.</summary>
    public static Vector512<T> Unit(int lane) => Vector512<T>.Zero.WithElement(lane, T.One);
}

/// <summary>The derivative loops for functions with one result.</summary>
internal static class ScalarDerivatives
{
    // Measured on Rosenbrock's function and on a mix of exp, sin and division (8 to 64 inputs, AVX-512): a pass with all lanes costs
    // a sixth to a third of a recording with its sweep, so up to this many passes are the faster way.
    private const int LanePasses = 3;
    private const int SingleTangents = 3;

    /// <summary>Value and gradient by whichever way is expected to be faster.</summary>
    public static T Gradient<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> gradient)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        if (Lanes<T>.Useful)
        {
            if (at.Length <= LanePasses * Lanes<T>.Count)
                return ByLanes<ScalarOf<TFunction, MultiDual<T>>, T>(new(f), at, gradient);
        }
        else if (at.Length <= SingleTangents)
        {
            return OneByOne<ScalarOf<TFunction, Dual<T>>, T>(new(f), at, gradient);
        }
        return ByReverse<ScalarOf<TFunction, Reverse<T>>, T>(new(f), at, gradient);
    }

    /// <summary>Value and gradient by one recording and one sweep back.</summary>
    public static T ByReverse<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, Span<T> gradient)
        where TEvaluation : IScalarEvaluation<Reverse<T>> where T : IFloatingPointIeee754<T>
    {
        Reverse<T>[] x = Scratch<Reverse<T>>.Take(at.Length);
        ReverseTape<T> tape = ReverseTape<T>.Start(at, x);
        try
        {
            Reverse<T> y = f.Evaluate(x.AsSpan(0, at.Length));
            tape.Sweep(y, T.One).CopyTo(gradient);
            return y.Primal;
        }
        finally
        {
            tape.Finish();
            Scratch<Reverse<T>>.Return(x);
        }
    }

    /// <summary>Value and gradient by evaluations that carry as many tangents as there are lanes.</summary>
    public static T ByLanes<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, Span<T> gradient)
        where TEvaluation : IScalarEvaluation<MultiDual<T>> where T : IFloatingPointIeee754<T>
    {
        int n = at.Length;
        MultiDual<T>[] x = Scratch<MultiDual<T>>.Take(n);
        try
        {
            LanePoint.Constants(at, x);
            if (n == 0) return f.Evaluate(x.AsSpan(0, 0)).Primal;
            T value = T.Zero;
            for (int start = 0; start < n; start += Lanes<T>.Count)
            {
                long tag = LanePoint.Seed(x.AsSpan(0, n), start);
                MultiDual<T> y = f.Evaluate(x.AsSpan(0, n));
                value = y.Primal;
                bool depends = Tag.Belongs<MultiDual<T>>(y.Tag, tag);
                LanePoint.Read(depends ? y.Tangents : Vector512<T>.Zero, gradient[start..]);
                LanePoint.Clear(x.AsSpan(0, n), start);
            }
            return value;
        }
        finally
        {
            Scratch<MultiDual<T>>.Return(x);
        }
    }

    /// <summary>Value and gradient by one evaluation for each input.</summary>
    private static T OneByOne<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, Span<T> gradient)
        where TEvaluation : IScalarEvaluation<Dual<T>> where T : IFloatingPointIeee754<T>
    {
        int n = at.Length;
        Dual<T>[] x = Scratch<Dual<T>>.Take(n);
        try
        {
            for (int i = 0; i < n; i++) x[i] = new(at[i]);
            if (n == 0) return f.Evaluate(x.AsSpan(0, 0)).Primal;
            T value = T.Zero;
            for (int i = 0; i < n; i++)
            {
                T primal = x[i].Primal;
                long tag = Tag.Fresh();
                x[i] = new(primal, T.One, tag);
                Dual<T> y = f.Evaluate(x.AsSpan(0, n));
                value = y.Primal;
                gradient[i] = Tag.Belongs<Dual<T>>(y.Tag, tag) ? y.Tangent : T.Zero;
                x[i] = new(primal);
            }
            return value;
        }
        finally
        {
            Scratch<Dual<T>>.Return(x);
        }
    }

    /// <summary>Value and derivative along a direction, by one evaluation.</summary>
    public static (T Value, T Derivative) Along<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction)
        where TEvaluation : IScalarEvaluation<Dual<T>> where T : IFloatingPointIeee754<T>
    {
        Dual<T>[] x = Scratch<Dual<T>>.Take(at.Length);
        try
        {
            long tag = Seed(at, direction, x);
            Dual<T> y = f.Evaluate(x.AsSpan(0, at.Length));
            return (y.Primal, Tag.Belongs<Dual<T>>(y.Tag, tag) ? y.Tangent : T.Zero);
        }
        finally
        {
            Scratch<Dual<T>>.Return(x);
        }
    }

    /// <summary>The point with a direction as tangents, under a fresh tag.</summary>
    public static long Seed<T>(ReadOnlySpan<T> at, ReadOnlySpan<T> direction, Span<Dual<T>> x) where T : IFloatingPointIeee754<T>
    {
        long tag = Tag.Fresh();
        for (int i = 0; i < at.Length; i++) x[i] = new(at[i], direction[i], tag);
        return tag;
    }

    /// <summary>The Hessian, row-major, several columns a pass where there are lanes.</summary>
    public static void Hessian<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> hessian)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        if (Lanes<T>.Useful) HessianByLanes(f, at, hessian);
        else HessianByColumns<ScalarOf<TFunction, Reverse<Dual<T>>>, T>(new(f), at, hessian);
    }

    private static void HessianByLanes<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> hessian)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        int n = at.Length;
        MultiDual<T>[] point = Scratch<MultiDual<T>>.Take(n);
        Reverse<MultiDual<T>>[] x = Scratch<Reverse<MultiDual<T>>>.Take(n);
        try
        {
            LanePoint.Constants(at, point);
            for (int start = 0; start < n; start += Lanes<T>.Count)
            {
                LanePoint.Seed(point.AsSpan(0, n), start);
                ReverseTape<MultiDual<T>> tape = ReverseTape<MultiDual<T>>.Start(point.AsSpan(0, n), x);
                try
                {
                    Reverse<MultiDual<T>> y = f.Invoke<Reverse<MultiDual<T>>>(x.AsSpan(0, n));
                    ReadOnlySpan<MultiDual<T>> gradient = tape.Sweep(y, MultiDual<T>.One);
                    for (int i = 0; i < n; i++) LanePoint.Read(gradient[i].Tangents, hessian[(i * n + start)..((i + 1) * n)]);
                }
                finally
                {
                    tape.Finish();
                }
                LanePoint.Clear(point.AsSpan(0, n), start);
            }
        }
        finally
        {
            Scratch<MultiDual<T>>.Return(point);
            Scratch<Reverse<MultiDual<T>>>.Return(x);
        }
    }

    /// <summary>The Hessian, row-major, by one forward-over-reverse product for each column.</summary>
    public static void HessianByColumns<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, Span<T> hessian)
        where TEvaluation : IScalarEvaluation<Reverse<Dual<T>>> where T : IFloatingPointIeee754<T>
    {
        int n = at.Length;
        T[] direction = new T[n];
        T[] column = new T[n];
        Array.Fill(direction, T.Zero);
        for (int j = 0; j < n; j++)
        {
            direction[j] = T.One;
            HessianProduct(f, at, direction, column);
            direction[j] = T.Zero;
            for (int i = 0; i < n; i++) hessian[i * n + j] = column[i];
        }
    }

    /// <summary>The Hessian times a direction: the gradient's derivative along it, forward over reverse.</summary>
    public static void HessianProduct<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction, Span<T> product)
        where TEvaluation : IScalarEvaluation<Reverse<Dual<T>>> where T : IFloatingPointIeee754<T>
    {
        int n = at.Length;
        Dual<T>[] point = Scratch<Dual<T>>.Take(n);
        Reverse<Dual<T>>[] x = Scratch<Reverse<Dual<T>>>.Take(n);
        Seed(at, direction, point);
        ReverseTape<Dual<T>> tape = ReverseTape<Dual<T>>.Start(point.AsSpan(0, n), x);
        try
        {
            Reverse<Dual<T>> y = f.Evaluate(x.AsSpan(0, n));
            ReadOnlySpan<Dual<T>> gradient = tape.Sweep(y, Dual<T>.One);
            for (int i = 0; i < n; i++) product[i] = gradient[i].Tangent;
        }
        finally
        {
            tape.Finish();
            Scratch<Dual<T>>.Return(point);
            Scratch<Reverse<Dual<T>>>.Return(x);
        }
    }
}

/// <summary>A point whose coordinates take turns in carrying the lanes' unit tangents.</summary>
internal static class LanePoint
{
    public static void Constants<T>(ReadOnlySpan<T> at, Span<MultiDual<T>> x) where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < at.Length; i++) x[i] = new(at[i]);
    }

    /// <summary>Makes the coordinates from <paramref name="start"/> on the variables of a new call, one a lane.</summary>
    public static long Seed<T>(Span<MultiDual<T>> x, int start) where T : IFloatingPointIeee754<T>
    {
        long tag = Tag.Fresh();
        int count = Math.Min(Lanes<T>.Count, x.Length - start);
        for (int k = 0; k < count; k++) x[start + k] = new(x[start + k].Primal, Lanes<T>.Unit(k), tag);
        return tag;
    }

    /// <summary>Makes them constants again.</summary>
    public static void Clear<T>(Span<MultiDual<T>> x, int start) where T : IFloatingPointIeee754<T>
    {
        int count = Math.Min(Lanes<T>.Count, x.Length - start);
        for (int k = 0; k < count; k++) x[start + k] = new(x[start + k].Primal);
    }

    /// <summary>The first lanes into <paramref name="target"/>, as many as fit.</summary>
    public static void Read<T>(Vector512<T> tangents, Span<T> target) where T : IFloatingPointIeee754<T>
    {
        if (target.Length >= Lanes<T>.Count) tangents.CopyTo(target);
        else for (int k = 0; k < target.Length; k++) target[k] = tangents[k];
    }
}

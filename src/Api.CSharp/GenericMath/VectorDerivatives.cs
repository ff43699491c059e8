using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DiffLib;

/// <summary>
/// Where a Jacobian goes, row-major: the caller's span, or an array made once the number of results is known (a delegate shows
/// it only when it is called).
/// </summary>
internal ref struct JacobianTarget<T>(int inputs)
{
    private Span<T> _cells;
    private bool _given;
    private int _outputs = -1;

    public JacobianTarget(int inputs, Span<T> cells) : this(inputs)
    {
        _cells = cells;
        _given = true;
    }

    public T[,]? Array { get; private set; }

    /// <summary>All rows, one after the other.</summary>
    public readonly Span<T> Cells => _cells;

    /// <summary>Row <paramref name="i"/>: the derivatives of result i.</summary>
    public readonly Span<T> Row(int i) => _cells.Slice(i * inputs, inputs);

    /// <summary>Fixes the number of results, which must not change from one evaluation to the next.</summary>
    public void Expect(int outputs)
    {
        if (_outputs == outputs) return;
        if (_outputs >= 0)
            throw new InvalidOperationException(
                $"The vector function returned {_outputs} results and then {outputs} at the same point: it must always return equally many.");
        _outputs = outputs;
        long cells = (long)outputs * inputs;
        if (_given)
        {
            if (_cells.Length != cells)
                throw new ArgumentException(
                    $"jacobian has {_cells.Length} numbers, but {outputs} results by {inputs} inputs need {cells}, row by row.", "jacobian");
            return;
        }
        if (cells > System.Array.MaxLength)
            throw new ArgumentException($"A Jacobian of {outputs} results by {inputs} inputs has {cells} numbers, more than an array can hold. Use Jvp or Vjp.", "at");
        Array = new T[outputs, inputs];
        _cells = MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(Array)), (int)cells);
    }
}

/// <summary>The derivative loops for functions with several results.</summary>
internal static class VectorDerivatives
{
    // A sweep over a record costs about as much as a pass with all lanes; the recording itself about as much as two.
    private const int RecordingInPasses = 2;

    public static bool ForwardIsCheaper<T>(int inputs, int outputs) where T : IFloatingPointIeee754<T>
    {
        int passes = Lanes<T>.Useful ? (inputs + Lanes<T>.Count - 1) / Lanes<T>.Count : (inputs + 1) / 2;
        return passes <= outputs + RecordingInPasses;
    }

    /// <summary>The Jacobian by evaluations that carry tangents: as many as there are lanes, or one.</summary>
    public static void ByLanes<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, ref JacobianTarget<T> target)
        where TEvaluation : IVectorEvaluation<MultiDual<T>> where T : IFloatingPointIeee754<T>
    {
        int n = at.Length;
        MultiDual<T>[] x = Scratch<MultiDual<T>>.Take(n);
        try
        {
            LanePoint.Constants(at, x);
            if (n == 0) target.Expect(f.Evaluate(x.AsSpan(0, 0)).Length);
            for (int start = 0; start < n; start += Lanes<T>.Count)
            {
                long tag = LanePoint.Seed(x.AsSpan(0, n), start);
                ReadOnlySpan<MultiDual<T>> y = f.Evaluate(x.AsSpan(0, n));
                target.Expect(y.Length);
                for (int i = 0; i < y.Length; i++)
                {
                    bool depends = Tag.Belongs<MultiDual<T>>(y[i].Tag, tag);
                    LanePoint.Read(depends ? y[i].Tangents : Vector512<T>.Zero, target.Row(i)[start..]);
                }
                LanePoint.Clear(x.AsSpan(0, n), start);
            }
        }
        finally
        {
            Scratch<MultiDual<T>>.Return(x);
        }
    }

    /// <summary>The Jacobian by one evaluation for each input.</summary>
    public static void ByColumns<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, ref JacobianTarget<T> target)
        where TEvaluation : IVectorEvaluation<Dual<T>> where T : IFloatingPointIeee754<T>
    {
        int n = at.Length;
        Dual<T>[] x = Scratch<Dual<T>>.Take(n);
        try
        {
            for (int i = 0; i < n; i++) x[i] = new(at[i]);
            if (n == 0) target.Expect(f.Evaluate(x.AsSpan(0, 0)).Length);
            for (int j = 0; j < n; j++)
            {
                T primal = x[j].Primal;
                long tag = Tag.Fresh();
                x[j] = new(primal, T.One, tag);
                ReadOnlySpan<Dual<T>> y = f.Evaluate(x.AsSpan(0, n));
                target.Expect(y.Length);
                for (int i = 0; i < y.Length; i++)
                    target.Row(i)[j] = Tag.Belongs<Dual<T>>(y[i].Tag, tag) ? y[i].Tangent : T.Zero;
                x[j] = new(primal);
            }
        }
        finally
        {
            Scratch<Dual<T>>.Return(x);
        }
    }

    /// <summary>The Jacobian by one recording and one sweep for each result.</summary>
    public static void ByReverse<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, ref JacobianTarget<T> target)
        where TEvaluation : IVectorEvaluation<Reverse<T>> where T : IFloatingPointIeee754<T>
    {
        Reverse<T>[] x = Scratch<Reverse<T>>.Take(at.Length);
        ReverseTape<T> tape = ReverseTape<T>.Start(at, x);
        try
        {
            ReadOnlySpan<Reverse<T>> y = f.Evaluate(x.AsSpan(0, at.Length));
            target.Expect(y.Length);
            for (int i = 0; i < y.Length; i++) tape.Sweep(y[i], T.One).CopyTo(target.Row(i));
        }
        finally
        {
            tape.Finish();
            Scratch<Reverse<T>>.Return(x);
        }
    }

    /// <summary>The Jacobian times a tangent, by one evaluation.</summary>
    public static T[] Push<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, ReadOnlySpan<T> tangent)
        where TEvaluation : IVectorEvaluation<Dual<T>> where T : IFloatingPointIeee754<T>
    {
        Dual<T>[] x = Scratch<Dual<T>>.Take(at.Length);
        try
        {
            long tag = ScalarDerivatives.Seed(at, tangent, x);
            ReadOnlySpan<Dual<T>> y = f.Evaluate(x.AsSpan(0, at.Length));
            var result = new T[y.Length];
            for (int i = 0; i < y.Length; i++) result[i] = Tag.Belongs<Dual<T>>(y[i].Tag, tag) ? y[i].Tangent : T.Zero;
            return result;
        }
        finally
        {
            Scratch<Dual<T>>.Return(x);
        }
    }

    /// <summary>A cotangent times the Jacobian, by one recording and one sweep.</summary>
    public static T[] Pull<TEvaluation, T>(TEvaluation f, ReadOnlySpan<T> at, ReadOnlySpan<T> cotangent)
        where TEvaluation : IVectorEvaluation<Reverse<T>> where T : IFloatingPointIeee754<T>
    {
        Reverse<T>[] x = Scratch<Reverse<T>>.Take(at.Length);
        ReverseTape<T> tape = ReverseTape<T>.Start(at, x);
        try
        {
            ReadOnlySpan<Reverse<T>> y = f.Evaluate(x.AsSpan(0, at.Length));
            Require.Length(nameof(cotangent), cotangent.Length, "the function's result", y.Length);
            return tape.Sweep(y, cotangent).ToArray();
        }
        finally
        {
            tape.Finish();
            Scratch<Reverse<T>>.Return(x);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

/// <summary>The way back through a recorded computation of as many results as operands.</summary>
internal abstract class ReversePull<T>
{
    /// <summary>From the cotangents of the results to those of the operands, in place; more than once if there are several sweeps.</summary>
    public abstract void Run(Span<T> cotangents);

    /// <summary>The record is over.</summary>
    public abstract void Release();
}

/// <summary>
/// The record of one reverse call: for every operation, its slopes and the positions of its operands, in the order of
/// evaluation, so that the sweep back is one loop from the end to the start. Position 0 is the constants' sink.
/// </summary>
/// <remarks>
/// Nodes live in chunks that are never moved; tapes wait for the next call in a pool of their thread, so that a repeated
/// gradient allocates nothing. A tape that has grown large is held weakly: memory pressure may take it.
/// </remarks>
internal sealed class ReverseTape<T> where T : IFloatingPointIeee754<T>
{
    private const int FirstChunk = 1024;
    private const int Doublings = 6;
    private const int LargeTape = 1 << 19;

    [ThreadStatic] private static ReverseTape<T>? t_free;
    [ThreadStatic] private static WeakReference<ReverseTape<T>>? t_large;

    private struct Node
    {
        public T SlopeA;
        public T SlopeB;
        public int A;
        public int B;
    }

    private Node[][] _chunks = [new Node[FirstChunk]];
    private Node[] _current;
    private int _chunk;
    private int _used;      // nodes in the current chunk
    private int _start = 0; // position of the current chunk's first node
    private int _inputs;
    private int _owner;
    private int _generation = 1;
    private T[] _adjoints = [];
    private readonly List<Block> _blocks = [];
    private ReverseTape<T>? _nextFree;
    private WeakReference<ReverseTape<T>>? _weak;

    /// <summary>Several results of one computation, whose cotangents go back together.</summary>
    private readonly record struct Block(int First, int[] Inputs, ReversePull<T> Pull);

    private ReverseTape() => _current = _chunks[0];

    /// <summary>A tape whose first positions are the variables of the call.</summary>
    public static ReverseTape<T> Start(ReadOnlySpan<T> at, Span<Reverse<T>> variables)
    {
        ReverseTape<T> tape = Take();
        tape._owner = Environment.CurrentManagedThreadId;
        tape._used = 1;
        tape._inputs = at.Length;
        for (int i = 0; i < at.Length; i++) variables[i] = new(at[i], tape, tape.Append(T.Zero, 0, T.Zero, 0), tape._generation);
        return tape;
    }

    /// <summary>Ends the call: its numbers are refused from now on, and the tape waits for the next call.</summary>
    public void Finish()
    {
        _generation++;
        foreach (Block block in _blocks) block.Pull.Release();
        _blocks.Clear();
        (_chunk, _current, _used, _start) = (0, _chunks[0], 0, 0);
        if (_chunks.Length > Doublings && _adjoints.Length > LargeTape)
        {
            t_large = _weak ??= new(this);
            return;
        }
        _nextFree = t_free;
        t_free = this;
    }

    private static ReverseTape<T> Take()
    {
        if (t_large is { } large)
        {
            t_large = null;
            if (large.TryGetTarget(out ReverseTape<T>? kept)) return kept;
        }
        ReverseTape<T>? tape = t_free;
        if (tape is null) return new();
        t_free = tape._nextFree;
        tape._nextFree = null;
        return tape;
    }

    /// <summary>Records an operation on one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Reverse<T> Record(T value, in Reverse<T> a, T slopeA)
    {
        if (a.Tape != this || a.Generation != _generation || _owner != Environment.CurrentManagedThreadId) Refuse(a);
        return new(value, this, Append(slopeA, a.Index, T.Zero, 0), _generation);
    }

    /// <summary>Records an operation on two numbers, one of which may be a constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Reverse<T> Record(T value, in Reverse<T> a, T slopeA, in Reverse<T> b, T slopeB)
    {
        if (b.Tape is null) return Record(value, a, slopeA);
        if (a.Tape is null) return Record(value, b, slopeB);
        if (a.Tape != this || a.Generation != _generation || _owner != Environment.CurrentManagedThreadId) Refuse(a);
        if (b.Tape != this || b.Generation != _generation) Refuse(b);
        return new(value, this, Append(slopeA, a.Index, slopeB, b.Index), _generation);
    }

    /// <summary>Records an operation on many numbers: a chain of operations on two, each of which adds one product of the chain rule.</summary>
    /// <param name="value">The result.</param>
    /// <param name="operands">The numbers, of which constants may be some.</param>
    /// <param name="slopes">The derivatives by them, in the same places.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="stride">The places from one to the next.</param>
    public Reverse<T> Record(T value, ReadOnlySpan<Reverse<T>> operands, ReadOnlySpan<T> slopes, int count, int stride)
    {
        Reverse<T> sum = new(value);
        int first = -1;
        for (int k = 0; k < count; k++)
        {
            int at = k * stride;
            ref readonly Reverse<T> x = ref operands[at];
            if (x.Tape is null) continue;
            if (sum.Tape is not null) sum = Record(value, sum, T.One, x, slopes[at]);
            else if (first < 0) first = at;
            else sum = Record(value, operands[first], slopes[first], x, slopes[at]);
        }
        return sum.Tape is null && first >= 0 ? Record(value, operands[first], slopes[first]) : sum;
    }

    /// <summary>Records a computation of as many results as it has operands, which takes their cotangents back by itself.</summary>
    /// <param name="state">The operands, of which constants may be some; receives the results.</param>
    /// <param name="values">The results' values.</param>
    /// <param name="pull">The way back; the tape releases it.</param>
    public void Record(Span<Reverse<T>> state, ReadOnlySpan<T> values, ReversePull<T> pull)
    {
        int[] inputs = new int[state.Length];
        for (int k = 0; k < inputs.Length; k++)
        {
            ref readonly Reverse<T> x = ref state[k];
            if (x.Tape is null) continue;
            if (x.Tape != this || x.Generation != _generation || _owner != Environment.CurrentManagedThreadId) Refuse(x);
            inputs[k] = x.Index;
        }
        int first = _start + _used;
        for (int k = 0; k < inputs.Length; k++) state[k] = new(values[k], this, Append(T.Zero, 0, T.Zero, 0), _generation);
        _blocks.Add(new(first, inputs, pull));
    }

    /// <summary>Whether <paramref name="result"/> is a number of this call; false for a constant; a number of another call is an error.</summary>
    public bool Owns(in Reverse<T> result)
    {
        if (result.Tape is null) return false;
        if (result.Tape != this || result.Generation != _generation) Refuse(result);
        return true;
    }

    /// <summary>The derivatives of <paramref name="output"/>, times <paramref name="seed"/>, with respect to the variables.</summary>
    public ReadOnlySpan<T> Sweep(in Reverse<T> output, T seed)
    {
        int last = Owns(output) ? output.Index : 0;
        T[] adjoints = ClearAdjoints(Math.Max(Reach(last), _inputs) + 1);
        adjoints[last] = seed;
        SweepBack(adjoints, last);
        return adjoints.AsSpan(1, _inputs);
    }

    /// <summary>The derivatives of the sum of outputs weighted by seeds, with respect to the variables.</summary>
    public ReadOnlySpan<T> Sweep(ReadOnlySpan<Reverse<T>> outputs, ReadOnlySpan<T> seeds)
    {
        int last = 0;
        foreach (ref readonly Reverse<T> output in outputs) last = Math.Max(last, Owns(output) ? output.Index : 0);
        T[] adjoints = ClearAdjoints(Math.Max(Reach(last), _inputs) + 1);
        for (int i = 0; i < outputs.Length; i++) adjoints[outputs[i].Index] += seeds[i];
        SweepBack(adjoints, last);
        return adjoints.AsSpan(1, _inputs);
    }

    /// <summary>The last position that a sweep from one touches: a result's neighbours go back together with it.</summary>
    private int Reach(int last)
    {
        int b = _blocks.Count - 1;
        while (b >= 0 && _blocks[b].First > last) b--;
        return b < 0 ? last : Math.Max(last, _blocks[b].First + _blocks[b].Inputs.Length - 1);
    }

    private void SweepBack(T[] adjoints, int last)
    {
        int chunk = _chunk;
        int start = _start;
        for (int b = _blocks.Count - 1; b >= 0; b--)
        {
            Block block = _blocks[b];
            if (block.First > last) continue;
            SweepBack(adjoints, block.First + block.Inputs.Length, last, ref chunk, ref start);
            PullBack(block, adjoints);
            last = block.First - 1;
        }
        SweepBack(adjoints, _inputs + 1, last, ref chunk, ref start);
    }

    /// <summary>From one node down to another, from the chunk that a sweep has reached on.</summary>
    private void SweepBack(T[] adjoints, int first, int last, ref int chunk, ref int start)
    {
        while (last >= first)
        {
            while (start > last) start -= _chunks[--chunk].Length;
            int down = Math.Max(start, first);
            SweepChunk(_chunks[chunk], adjoints, start, down, last);
            last = down - 1;
        }
    }

    private static void PullBack(in Block block, T[] adjoints)
    {
        Span<T> cotangents = adjoints.AsSpan(block.First, block.Inputs.Length);
        bool any = false;
        foreach (T w in cotangents) any |= !StrongZero.IsZero(w);
        if (!any) return;
        block.Pull.Run(cotangents);
        for (int k = 0; k < cotangents.Length; k++) adjoints[block.Inputs[k]] = StrongZero.Add(adjoints[block.Inputs[k]], cotangents[k]);
    }

    private static void SweepChunk(Node[] nodes, T[] adjoints, int start, int first, int last)
    {
        for (int i = last; i >= first; i--)
        {
            T adjoint = adjoints[i];
            if ((Symbolic<T>.Is || T.IsZero(adjoint)) && StrongZero.IsZero(adjoint)) continue;
            ref Node node = ref nodes[i - start];
            adjoints[node.A] = StrongZero.Add(adjoints[node.A], StrongZero.Product(node.SlopeA, adjoint));
            if (node.B != 0) adjoints[node.B] = StrongZero.Add(adjoints[node.B], StrongZero.Product(node.SlopeB, adjoint));
        }
    }

    private T[] ClearAdjoints(int count)
    {
        if (_adjoints.Length < count)
            _adjoints = new T[(int)Math.Min(Array.MaxLength, Math.Max(count, 2L * _adjoints.Length))];
        else
            Array.Clear(_adjoints, 0, count);
        if (default(T) is null) Array.Fill(_adjoints, T.Zero, 0, count);
        return _adjoints;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Append(T slopeA, int a, T slopeB, int b)
    {
        Node[] nodes = _current;
        int k = _used;
        if ((uint)k >= (uint)nodes.Length)
        {
            nodes = NextChunk();
            k = 0;
        }
        ref Node node = ref nodes[k];
        node.SlopeA = slopeA;
        node.SlopeB = slopeB;
        node.A = a;
        node.B = b;
        _used = k + 1;
        return _start + k;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Node[] NextChunk()
    {
        if (_start > Array.MaxLength - 2 * (FirstChunk << Doublings))
            throw new InsufficientMemoryException(
                $"A reverse derivative recorded {_start} operations, the most one call can hold. " +
                "Differentiate forward (Dual<T> keeps no record), or split the function into calls of its own.");
        _start += _current.Length;
        _chunk++;
        if (_chunk == _chunks.Length)
        {
            Array.Resize(ref _chunks, _chunks.Length + 1);
            _chunks[_chunk] = new Node[FirstChunk << Math.Min(_chunk, Doublings)];
        }
        return _current = _chunks[_chunk];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(in Reverse<T> x)
    {
        string type = Names.Of(typeof(Reverse<T>));
        ReverseTape<T> tape = x.Tape!;
        throw x.Generation != tape._generation ? DerivativeScopeException.Escaped(type)
            : tape != this ? DerivativeScopeException.Mixed(type)
            : DerivativeScopeException.WrongThread(type);
    }
}

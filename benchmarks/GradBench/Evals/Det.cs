using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>
/// The determinant by expansion along the first row, every minor computed each time it is met. Minors of six rows are a compiled function, which is called for many of
/// them at once; it does every multiplication of the expansion, also those it has done before.
/// </summary>
internal sealed class Det : IEval
{
    /// <summary>Rows of a minor that is compiled.</summary>
    private const int Compiled = 6;

    /// <summary>Rows of a minor whose compiled minors are computed together: 9 · 8 · 7 of them.</summary>
    private const int Together = 9;

    private readonly CompiledScalarFunction?[] _minors = new CompiledScalarFunction?[Compiled + 1];

    public string Name => "det";

    public IReadOnlyList<string> Functions => ["primal", "gradient"];

    public Input Example => Input.Of(("A", Enumerable.Range(1, 49).Select(k => Math.Sin(k)).ToArray()), ("ell", 7));

    public IEvaluation Prepare(string function, Input input)
    {
        var ell = input.Integer("ell", 1);
        var a = input.List("A", ell * ell).Data;
        var size = Math.Min(ell, Compiled);
        var minor = _minors[size] ??= Diff.Compile(new Minor(size), Enumerable.Repeat(1.0, size * size).ToArray(), new() { MergeRepeated = false });
        if (function == "primal")
        {
            var expansion = new Expansion<double>(ell, size, (blocks, values) => minor.ValueBatch(blocks, values, BatchLayout.ByNumber));
            return new Evaluation<double>(() => expansion.Determinant(a), static y => new NumberOutput(y));
        }

        var recorded = new Expansion<Reverse<double>>(ell, size, (blocks, values) => minor.ValueBatch(blocks, values, BatchLayout.ByNumber));
        return new Evaluation<double[]>(() => Diff.ValueAndGradient<double>(recorded.Determinant, a).Gradient, static y => new ListOutput(y));
    }

    /// <summary>The compiled function: the determinant of a small matrix, row by row.</summary>
    private readonly struct Minor(int size) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> a) where T : IFloatingPointIeee754<T>
        {
            Span<int> columns = stackalloc int[size];
            for (var j = 0; j < size; j++) columns[j] = j;
            return Of(a, columns);
        }

        private T Of<T>(ReadOnlySpan<T> a, ReadOnlySpan<int> columns) where T : IFloatingPointIeee754<T>
        {
            var row = a.Slice((size - columns.Length) * size, size);
            if (columns.Length == 1) return row[columns[0]];
            Span<int> rest = stackalloc int[columns.Length - 1];
            columns[1..].CopyTo(rest);
            var sum = row[columns[0]] * Of(a, rest);
            for (var j = 1; j < columns.Length; j++)
            {
                rest[j - 1] = columns[j - 1];
                var term = row[columns[j]] * Of(a, rest);
                sum = j % 2 == 0 ? sum + term : sum - term;
            }

            return sum;
        }
    }

    /// <summary>Receives the determinants of many small matrices, entry after entry, of each the entries of all matrices.</summary>
    private delegate void Minors<T>(ReadOnlySpan<T> blocks, Span<T> values);

    /// <summary>The expansion down to the compiled minors.</summary>
    private sealed class Expansion<T> where T : IFloatingPointIeee754<T>
    {
        private readonly int _ell, _size, _together, _count;
        private readonly Minors<T> _minors;
        private readonly T[] _blocks, _values;

        public Expansion(int ell, int size, Minors<T> minors)
        {
            (_ell, _size, _minors) = (ell, size, minors);
            _together = Math.Min(ell, Together);
            _count = 1;
            for (var k = _together; k > size; k--) _count *= k;
            _blocks = new T[_count * size * size];
            _values = new T[_count];
        }

        public T Determinant(ReadOnlySpan<T> a)
        {
            Span<int> columns = stackalloc int[_ell];
            for (var j = 0; j < _ell; j++) columns[j] = j;
            return Expand(a, columns);
        }

        private T Expand(ReadOnlySpan<T> a, ReadOnlySpan<int> columns)
        {
            if (columns.Length == _together) Prepare(a, columns);
            var next = 0;
            return columns.Length == _together ? Combine(a, columns, ref next) : AlongRow(a, columns, ref next);
        }

        /// <summary>The compiled minors of a minor, all of them.</summary>
        private void Prepare(ReadOnlySpan<T> a, ReadOnlySpan<int> columns)
        {
            var count = 0;
            Collect(a[((_ell - _size) * _ell)..], columns, ref count);
            _minors(_blocks, _values);
        }

        private void Collect(ReadOnlySpan<T> rows, ReadOnlySpan<int> columns, ref int count)
        {
            if (columns.Length == _size)
            {
                var to = _blocks.AsSpan(count++);
                for (var i = 0; i < _size; i++)
                    for (var j = 0; j < _size; j++) to[(i * _size + j) * _count] = rows[i * _ell + columns[j]];
                return;
            }

            Span<int> rest = stackalloc int[columns.Length - 1];
            columns[1..].CopyTo(rest);
            for (var j = 0; ; j++)
            {
                Collect(rows, rest, ref count);
                if (j == rest.Length) return;
                rest[j] = columns[j];
            }
        }

        /// <summary>A minor from its compiled minors, in the order in which they were collected.</summary>
        private T Combine(ReadOnlySpan<T> a, ReadOnlySpan<int> columns, ref int next) =>
            columns.Length == _size ? _values[next++] : AlongRow(a, columns, ref next);

        private T AlongRow(ReadOnlySpan<T> a, ReadOnlySpan<int> columns, ref int next)
        {
            var row = a.Slice((_ell - columns.Length) * _ell, _ell);
            Span<int> rest = stackalloc int[columns.Length - 1];
            columns[1..].CopyTo(rest);
            var sum = T.Zero;
            for (var j = 0; ; j++)
            {
                var minor = columns.Length > _together ? Expand(a, rest) : Combine(a, rest, ref next);
                var term = row[columns[j]] * minor;
                sum = j == 0 ? term : j % 2 == 0 ? sum + term : sum - term;
                if (j == rest.Length) return sum;
                rest[j] = columns[j];
            }
        }
    }
}

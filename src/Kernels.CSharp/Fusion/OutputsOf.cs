using System;
using System.Collections.Generic;

namespace DiffLib.Kernels;

/// <summary>For each value of a program, which outputs it is.</summary>
internal sealed class OutputsOf
{
    /// <summary>The outputs by value, where those of each value begin, and the values that have some.</summary>
    private readonly int[] _outputs, _starts, _values;

    public OutputsOf(ScalarProgram program)
    {
        _outputs = new int[program.Outputs.Length];
        _starts = new int[program.Instructions.Length + 1];
        foreach (var value in program.Outputs) _starts[value + 1]++;
        var values = new List<int>();
        for (var v = 0; v < program.Instructions.Length; v++)
        {
            if (_starts[v + 1] > 0) values.Add(v);
            _starts[v + 1] += _starts[v];
        }
        _values = [.. values];
        var next = _starts.AsSpan(0, program.Instructions.Length).ToArray();
        for (var k = 0; k < _outputs.Length; k++) _outputs[next[program.Outputs[k]]++] = k;
    }

    public ReadOnlySpan<int> this[int value] => _outputs.AsSpan(_starts[value].._starts[value + 1]);

    /// <summary>The values that are outputs.</summary>
    public ReadOnlySpan<int> Values => _values;
}

using System.Collections.Generic;

namespace DiffLib.Kernels;

/// <summary>For each value of a program, which outputs it is.</summary>
internal sealed class OutputsOf
{
    private readonly Dictionary<int, List<int>> _outputs = [];

    public OutputsOf(ScalarProgram program)
    {
        for (var k = 0; k < program.Outputs.Length; k++)
        {
            if (!_outputs.TryGetValue(program.Outputs[k], out var known)) _outputs.Add(program.Outputs[k], known = []);
            known.Add(k);
        }
    }

    public IReadOnlyList<int> this[int value] => _outputs.TryGetValue(value, out var outputs) ? outputs : [];

    /// <summary>The values that are outputs.</summary>
    public IEnumerable<int> Values => _outputs.Keys;
}

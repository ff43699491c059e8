using System;
using System.Globalization;
using System.Text;

namespace DiffLib.Kernels;

/// <summary>A straight-line program over scalars, immutable, in single-assignment form: each instruction makes one value of earlier ones.
/// It says what happens to one element (or one sample); the executors run it over many. Made by <see cref="ScalarProgramBuilder"/>;
/// compared by content, so that it can be the key of a cache of kernels.</summary>
internal sealed class ScalarProgram : IEquatable<ScalarProgram>
{
    private readonly Instruction[] _instructions;
    private readonly ScalarType[] _inputs;
    private readonly int[] _outputs;
    private int? _hash;

    internal ScalarProgram(Instruction[] instructions, ScalarType[] inputs, int[] outputs, bool merges = true)
    {
        Merges = merges;
        _instructions = instructions;
        _inputs = inputs;
        _outputs = outputs;
    }

    /// <summary>Whether programs made from this one do once what is written twice, as it does.</summary>
    public bool Merges { get; }

    /// <summary>The instructions; the place of one is the number of its value.</summary>
    public ReadOnlySpan<Instruction> Instructions => _instructions;

    /// <summary>The inputs' types. An input that nothing needs has no instruction, but keeps its place here.</summary>
    public ReadOnlySpan<ScalarType> Inputs => _inputs;

    /// <summary>The numbers of the values that are the outputs; one value may be several outputs.</summary>
    public ReadOnlySpan<int> Outputs => _outputs;

    /// <summary>The type of an output.</summary>
    public ScalarType OutputType(int output) => _instructions[_outputs[output]].Type;

    /// <summary>The instructions that compute: neither inputs nor constants.</summary>
    public int OperationCount
    {
        get
        {
            var count = 0;
            foreach (ref readonly var instruction in Instructions)
                if (instruction.OperandCount > 0) count++;
            return count;
        }
    }

    public bool Equals(ScalarProgram? other)
        => other is not null && GetHashCode() == other.GetHashCode() && Instructions.SequenceEqual(other._instructions) && Inputs.SequenceEqual(other._inputs)
            && Outputs.SequenceEqual(other._outputs);

    public override bool Equals(object? obj) => Equals(obj as ScalarProgram);

    public override int GetHashCode() => _hash ??= ContentHash();

    private int ContentHash()
    {
        var hash = new HashCode();
        foreach (ref readonly var instruction in Instructions) hash.Add(instruction);
        foreach (var input in _inputs) hash.Add(input);
        foreach (var output in _outputs) hash.Add(output);
        return hash.ToHashCode();
    }

    /// <summary>One line an instruction: <c>v3 = multiply v1 v2</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append("inputs");
        foreach (var input in _inputs) text.Append(' ').Append(input.Name());
        text.Append('\n');
        for (var v = 0; v < _instructions.Length; v++)
            text.Append(CultureInfo.InvariantCulture, $"v{v} = {Describe(_instructions[v])} : {_instructions[v].Type.Name()}\n");
        text.Append("return");
        foreach (var output in _outputs) text.Append(CultureInfo.InvariantCulture, $" v{output}");
        return text.ToString();
    }

    private static string Describe(in Instruction i)
    {
        var name = i.Opcode switch
        {
            Opcode.Input => FormattableString.Invariant($"input {i.A}"),
            Opcode.Constant => ConstantText(i.Type, i.Bits),
            Opcode.Unary => i.UnaryOp.ToString(),
            Opcode.Binary => i.BinaryOp.ToString(),
            Opcode.Compare => i.CompareOp.ToString(),
            _ => i.Opcode.ToString(),
        };
        if (i.Opcode != Opcode.Constant) name = name.ToLowerInvariant();
        for (var k = 0; k < i.OperandCount; k++) name += FormattableString.Invariant($" v{i.Operand(k)}");
        return name;
    }

    private static string ConstantText(ScalarType type, long bits) => type switch
    {
        ScalarType.Float64 => BitConverter.Int64BitsToDouble(bits).ToString("R", CultureInfo.InvariantCulture),
        ScalarType.Float32 => BitConverter.Int32BitsToSingle((int)bits).ToString("R", CultureInfo.InvariantCulture),
        ScalarType.Bool => bits != 0 ? "true" : "false",
        _ => bits.ToString(CultureInfo.InvariantCulture),
    };
}

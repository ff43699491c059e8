using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>
/// The record of one evaluation with <see cref="Traced"/> numbers: the instructions that were done, and the outcomes of the comparisons that steered it.
/// Those are part of the program: it computes, with the outputs, whether they come out the same for its own inputs.
/// </summary>
internal sealed class TraceRecorder(int inputs, bool merges)
{
    /// <summary>More would be gigabytes of record and minutes of compilation.</summary>
    private const int MostInstructions = 1 << 23;

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly HashSet<int> _held = [];
    private readonly List<bool> _masked = [];
    private ScalarProgramBuilder? _builder = WithInputs(inputs, merges);
    private int _guard = -1;

    private static ScalarProgramBuilder WithInputs(int inputs, bool merges)
    {
        var builder = new ScalarProgramBuilder(merges);
        for (int i = 0; i < inputs; i++) builder.Input(ScalarType.Float64);
        return builder;
    }

    /// <summary>The variables of the record, with their values at an example point.</summary>
    public Traced[] Variables(ReadOnlySpan<double> at)
    {
        var x = new Traced[at.Length];
        for (int i = 0; i < x.Length; i++) x[i] = new(at[i], this, i);
        return x;
    }

    /// <summary>Ends the record: its numbers are refused from now on.</summary>
    public void Finish() => _builder = null;

    /// <summary>Adds what another program demands of its inputs, and with it all that the other program computes for that.</summary>
    public void DemandLike(ScalarProgram other)
    {
        if (other.Instructions[other.Outputs[^1]].Opcode == Opcode.Constant) return;
        ScalarProgramBuilder builder = Open;
        var numbers = new int[other.Instructions.Length];
        for (int v = 0; v < numbers.Length; v++)
        {
            ref readonly Instruction i = ref other.Instructions[v];
            numbers[v] = i.Opcode == Opcode.Input ? i.A : builder.Append(i.Renumbered(numbers));
        }
        Hold(numbers[other.Outputs[^1]]);
    }

    /// <summary>The program of these outputs, followed by the truth of all demands.</summary>
    public ScalarProgram Build(ReadOnlySpan<Traced> outputs)
    {
        var nodes = new int[outputs.Length + 1];
        for (int k = 0; k < outputs.Length; k++) nodes[k] = Node(outputs[k]);
        nodes[^1] = _guard >= 0 ? _guard : Open.Constant(true);
        return Open.Build(nodes);
    }

    public Traced Unary(UnaryOp op, in Traced x) => Number(Kernels.Elementwise.Unary(op, x.Value), Open.Unary(op, Node(x)));

    public Traced Binary(BinaryOp op, in Traced a, in Traced b) => Number(Kernels.Elementwise.Binary(op, a.Value, b.Value), Open.Binary(op, Node(a), Node(b)));

    /// <summary>a op b ? yes : no, decided each time the program runs.</summary>
    public Traced Choose(CompareOp op, in Traced a, in Traced b, in Traced yes, in Traced no)
    {
        int mask = Open.Compare(op, Node(a), Node(b));
        return Number(Choice.Holds(op, a.Value, b.Value) ? yes.Value : no.Value, Open.Select(mask, Node(yes), Node(no)));
    }

    /// <summary>Demands that a comparison comes out as it did here.</summary>
    public void Guard(CompareOp op, in Traced a, in Traced b, bool outcome)
    {
        int mask = Open.Compare(op, Node(a), Node(b));
        Hold(outcome ? mask : Open.Not(mask));
    }

    private void Hold(int mask)
    {
        if (Open[mask].Opcode == Opcode.Constant || !_held.Add(mask)) return;
        _guard = _guard < 0 ? mask : Open.And(_guard, mask);
    }

    /// <summary>
    /// Whether a value may be a zero that a choice put there: its product with what the other branch made infinite must stay zero.
    /// </summary>
    public bool IsMasked(in Traced x)
    {
        if (x.IsConstant) return false;
        ScalarProgramBuilder builder = Open;
        for (int v = _masked.Count; v < builder.Count; v++) _masked.Add(IsMasked(builder, builder[v]));
        return _masked[x.Node];
    }

    private bool IsMasked(ScalarProgramBuilder builder, in Instruction i) => i.Opcode switch
    {
        Opcode.Select => IsZero(builder[i.B]) || IsZero(builder[i.C]) || _masked[i.B] || _masked[i.C],
        Opcode.Unary => i.UnaryOp == UnaryOp.Negate && _masked[i.A],
        Opcode.Binary => i.BinaryOp switch
        {
            BinaryOp.Multiply or BinaryOp.Scale => _masked[i.A] || _masked[i.B],
            BinaryOp.Divide => _masked[i.A],
            BinaryOp.Add or BinaryOp.Subtract => _masked[i.A] && _masked[i.B],
            _ => false,
        },
        _ => false,
    };

    private static bool IsZero(in Instruction i) => i.Opcode == Opcode.Constant && BitConverter.Int64BitsToDouble(i.Bits) == 0;

    /// <summary>The operand of a negation, if the number is one.</summary>
    public bool IsNegation(in Traced x, out Traced operand)
    {
        operand = default;
        if (x.IsConstant || Open[x.Node] is not { Opcode: Opcode.Unary, UnaryOp: UnaryOp.Negate, A: var a }) return false;
        operand = new(-x.Value, this, a);
        return true;
    }

    private Traced Number(double value, int node) =>
        Open[node] is { Opcode: Opcode.Constant, Bits: var bits } ? new(BitConverter.Int64BitsToDouble(bits)) : new(value, this, node);

    private int Node(in Traced x)
    {
        if (x.Recorder is null) return Open.Constant(x.Value);
        if (x.Recorder != this || _thread != Environment.CurrentManagedThreadId) Refuse(x.Recorder);
        return x.Node;
    }

    private ScalarProgramBuilder Open
    {
        get
        {
            if (_builder is null) Refuse(this);
            if (_builder.Count > MostInstructions)
                throw new InvalidOperationException(
                    $"The compiled function recorded more than {MostInstructions} operations: its loops are unrolled. Compile the loop's body instead and call it from the loop, " +
                    "or differentiate without compiling (Diff.Gradient, Diff.Hessian).");
            return _builder;
        }
    }

    [DoesNotReturn]
    private void Refuse(TraceRecorder other)
    {
        if (other._builder is null) throw DerivativeScopeException.TraceEnded();
        throw other != this ? DerivativeScopeException.Mixed(nameof(Traced)) : DerivativeScopeException.WrongThread(nameof(Traced));
    }
}

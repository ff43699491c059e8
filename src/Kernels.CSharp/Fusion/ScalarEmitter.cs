using System;
using System.Diagnostics.CodeAnalysis;

namespace DiffLib.Kernels;

/// <summary>A piece of straight-line code.</summary>
internal unsafe delegate void ScalarPiece(double* inputs, double* outputs, long* scratch);

/// <summary>A loop of straight-line code around numbers that it keeps in registers; returns the number of its steps.</summary>
internal unsafe delegate long ScalarLoop(double* state);

/// <summary>Runs a program by generated code, cut into methods that the compiler optimises fully: values of one piece live in locals, those that
/// cross from one to another in scratch memory.</summary>
[RequiresDynamicCode("Compiles code at run time.")]
internal sealed unsafe class ScalarEmitter : ScalarExecutor
{
    /// <summary>Instructions a method. Around 800 the compiler's code gets slower, at 1000 it gives up optimising.</summary>
    public const int Budget = 250;

    private readonly ScalarPiece[] _pieces;
    private readonly Lazy<ScalarLoop?> _loop;

    /// <param name="program">The program.</param>
    /// <param name="chunks">Its pieces.</param>
    /// <param name="outputs">Its outputs.</param>
    /// <param name="pieces">The pieces' code, if it exists.</param>
    public ScalarEmitter(ScalarProgram program, ProgramChunks chunks, OutputsOf outputs, ReadOnlySpan<ScalarPiece?> pieces = default)
    {
        Slots = chunks.Slots;
        _pieces = new ScalarPiece[chunks.Count];
        for (var chunk = 0; chunk < _pieces.Length; chunk++)
            _pieces[chunk] = (chunk < pieces.Length ? pieces[chunk] : null) ?? new ScalarPieceBuilder(program, chunks, outputs, chunk).Compile();
        _loop = new(() => chunks.Count == 1 && program.Outputs.Length > program.Inputs.Length ? new ScalarPieceBuilder(program, chunks, outputs, 0).CompileLoop() : null);
    }

    public override int Slots { get; }

    public override void Execute(double* inputs, double* outputs, long* scratch)
    {
        foreach (var piece in _pieces) piece(inputs, outputs, scratch);
    }

    public override bool TryIterate(double* state, out long steps)
    {
        var loop = _loop.Value;
        steps = loop is null ? 0 : loop(state);
        return loop is not null;
    }
}

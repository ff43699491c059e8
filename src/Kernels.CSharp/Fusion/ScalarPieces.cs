using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace DiffLib.Kernels;

/// <summary>Runs a program piece by piece: interpreted at first, by generated code as soon as that has paid. Works everywhere.</summary>
/// <remarks>
/// How often a program will be called is not known when it is called. So each call puts aside what generated code would save it, and when that has become what the code of a piece
/// costs, the piece is generated. All calls together never take more than about twice as long as if their number had been known (the rule of the ski rental), and no call waits for
/// code that earlier ones have not paid. Pieces keep their values in the same places either way, and compute the same bits.
/// </remarks>
internal sealed unsafe class ScalarPieces : ScalarExecutor
{
    /// <summary>What generating and compiling cost, in nanoseconds: a method, and an instruction. See docs/performance.md.</summary>
    private const long MethodCost = 200_000, InstructionCost = 8_000;

    /// <summary>What an instruction takes less by generated code, in tenths of a nanosecond.</summary>
    private const long InstructionGain = 25;

    private readonly ScalarProgram _program;
    private readonly ProgramChunks _chunks;
    private readonly OutputsOf _outputs;
    private readonly InterpretedPiece[] _interpreted;
    private readonly ScalarPiece?[] _generated;
    private readonly Lock _gate = new();
    private int _next;
    /// <summary>In tenths of a nanosecond: what a call puts aside.</summary>
    private readonly long _perCall;
    /// <summary>In tenths of a nanosecond: what was put aside, what the next piece costs.</summary>
    private long _saved, _due;
    private ScalarEmitter? _finished;

    /// <param name="program">The program.</param>
    /// <param name="generates">Whether code is generated where it pays.</param>
    public ScalarPieces(ScalarProgram program, bool generates)
    {
        _program = program;
        _chunks = new(program, ScalarEmitter.Budget, static _ => 1);
        _outputs = new(program);
        _interpreted = PieceSteps.Of(program, _chunks, _outputs, out var locals);
        _generated = new ScalarPiece?[_interpreted.Length];
        Slots = _chunks.Slots + locals;
        if (generates) _perCall = InstructionGain * program.Instructions.Length;
        _due = Cost(0);
    }

    public override int Slots { get; }

    /// <summary>The same program by generated code alone, once all of it has been generated.</summary>
    public ScalarEmitter? Finished => Volatile.Read(ref _finished);

    public override void Execute(double* inputs, double* outputs, long* scratch)
    {
        for (var k = 0; k < _generated.Length; k++)
        {
            if (_generated[k] is { } code) code(inputs, outputs, scratch);
            else _interpreted[k].Execute(inputs, outputs, scratch);
        }
        // Threads may lose some of each other's savings: that delays code, and changes no result.
        if ((_saved += _perCall) >= _due) Generate();
    }

    /// <summary>Generates now what has not been generated.</summary>
    public ScalarEmitter Finish()
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled) throw new PlatformNotSupportedException("This runtime cannot compile code; let the program be interpreted.");
        lock (_gate) return _finished ??= new(_program, _chunks, _outputs, _generated);
    }

    private int SizeOf(int piece) => _chunks.Starts[piece + 1] - _chunks.Starts[piece];

    private long Cost(int piece) => 10 * (MethodCost + InstructionCost * SizeOf(piece));

    /// <summary>Spends what was put aside. Other threads interpret meanwhile.</summary>
    private void Generate()
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled || !_gate.TryEnter()) return;
        try
        {
            while (_next < _generated.Length && _saved >= _due)
            {
                _saved -= _due;
                Volatile.Write(ref _generated[_next], new ScalarPieceBuilder(_program, _chunks, _outputs, _next).Compile());
                if (++_next < _generated.Length) _due = Cost(_next);
            }
            if (_next == _generated.Length) Volatile.Write(ref _finished, _finished ?? new(_program, _chunks, _outputs, _generated));
        }
        finally
        {
            _gate.Exit();
        }
    }
}

using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace DiffLib.Kernels;

/// <summary>A loop over a tile's elements.</summary>
internal unsafe delegate void TileLoop(nint* table, nint count);

/// <summary>Runs a program by generated code: loops over hardware vectors, each a piece of the program that the compiler optimises fully, and between them the
/// eager kernels of elementary functions, run over the tile, where compiling those anew would gain nothing (<see cref="TileSchedule"/>). All lane
/// functions are those of the eager kernels, so the bits are too.</summary>
[RequiresDynamicCode("Compiles code at run time.")]
internal sealed unsafe class TileEmitter : TileExecutor
{
    /// <summary>Vector locals in one method: beyond a few hundred the compiler keeps values in memory.</summary>
    private const int Budget = 240;

    /// <summary>What the second of two functions that share their work adds.</summary>
    private const int SecondWeight = 8;

    private readonly TileStage[] _stages;

    public TileEmitter(ScalarProgram program)
    {
        var code = LaneCode.For(program);
        Width = code.Width;
        var schedule = new TileSchedule(program, code);
        var chunks = new ProgramChunks(schedule.Program, Budget, i => schedule.IsCall(i) ? ProgramChunks.Alone : schedule.IsSecond(i) ? SecondWeight : Weight(i));
        Slots = chunks.Slots;
        Constants = schedule.Constants;
        var outputs = new OutputsOf(program = schedule.Program);
        var stages = new List<TileStage>();
        for (var chunk = 0; chunk < chunks.Count; chunk++)
        {
            ref readonly var first = ref program.Instructions[chunks.Starts[chunk]];
            if (schedule.IsPair(chunks.Starts[chunk]))
            {
                stages.Add(schedule.CallPair(chunks, outputs, chunks.Starts[chunk]));
                chunk++;
            }
            else if (schedule.IsCall(first)) stages.Add(schedule.Call(chunks, outputs, chunks.Starts[chunk]));
            else if (HasWork(program, chunks, chunk)) stages.Add(new(new TileLoopBuilder(program, chunks, outputs, code, chunk).Compile()));
        }
        if (StoresInputs(program)) stages.Add(new(TileLoopBuilder.StoringInputs(program, chunks, outputs, code)));
        _stages = [.. stages];
    }

    private static bool HasWork(ScalarProgram program, ProgramChunks chunks, int chunk)
    {
        for (var v = chunks.Starts[chunk]; v < chunks.Starts[chunk + 1]; v++)
            if (program.Instructions[v].OperandCount > 0) return true;
        return false;
    }

    private static bool StoresInputs(ScalarProgram program)
    {
        foreach (var output in program.Outputs)
            if (program.Instructions[output].OperandCount == 0) return true;
        return false;
    }

    public override int Slots { get; }

    public override long[] Constants { get; }

    public override int Width { get; }

    public override bool TakesNumbers => false;

    public override int SmallestTile => 32;

    /// <summary>Whether generated code can run a program: integers may be read, compared, chosen, converted and stored, 64-bit ones not at all.</summary>
    public static bool Supports(ScalarProgram program)
    {
        var instructions = program.Instructions;
        foreach (var type in program.Inputs)
            if (type == ScalarType.Int64) return false;
        for (var v = 0; v < instructions.Length; v++)
        {
            ref readonly var i = ref instructions[v];
            if (i.Type == ScalarType.Int64) return false;
            if (i.Type.IsInteger() && i.Opcode is Opcode.Unary or Opcode.Binary) return false;
            if (i.Type == ScalarType.UInt8 && i.Opcode == Opcode.Convert && instructions[i.A].Type.IsInteger()) return false;
        }
        return true;
    }

    public override void Execute(nint* table, bool* numbers, int count)
    {
        foreach (var stage in _stages) stage.Run(table, count);
    }

    private static int Weight(Instruction i) => i.Opcode switch
    {
        Opcode.Unary when ProgramCost.IsElementary(i.UnaryOp) => 60,
        Opcode.Binary when ProgramCost.IsElementary(i.BinaryOp) => 80,
        Opcode.Binary when i.BinaryOp <= BinaryOp.Divide => 1,
        _ => 2,
    };
}

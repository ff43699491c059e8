using System;
using System.Numerics;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>
/// Programs of derivatives from the program of a function with n inputs and m outputs (its last output being the truth of its demands, as in every program here).
/// First order: the outputs, then the Jacobian by rows. Second order (m = 1): the output, the gradient, then the Hessian by rows.
/// </summary>
internal static class ProgramDerivation
{
    /// <summary>Both ways to a Jacobian are recorded and compared while that is cheap.</summary>
    private const long CheapInstructions = 400_000;

    /// <param name="function">The function.</param>
    /// <param name="order">The highest order of derivatives.</param>
    /// <param name="at">An example input.</param>
    /// <param name="variables">How many of the inputs vary: the first ones. The others are data.</param>
    public static ScalarProgram Derive(ScalarProgram function, int order, ReadOnlySpan<double> at, int variables) => order switch
    {
        0 => function,
        1 => First(function, at, variables),
        _ => Second(function, at, variables),
    };

    private static ScalarProgram First(ScalarProgram function, ReadOnlySpan<double> at, int inputs)
    {
        int outputs = function.Outputs.Length - 1;
        long size = function.Instructions.Length;
        if (outputs <= 1 || (inputs > outputs && size * inputs > CheapInstructions)) return Rows(function, at, inputs);
        if (size * outputs > CheapInstructions) return Columns(function, at, inputs);
        ScalarProgram rows = Rows(function, at, inputs), columns = Columns(function, at, inputs);
        return ProgramCost.NanosecondsPerElement(columns) < ProgramCost.NanosecondsPerElement(rows) ? columns : rows;
    }

    /// <summary>By one sweep back for each output.</summary>
    private static ScalarProgram Rows(ScalarProgram function, ReadOnlySpan<double> at, int n)
    {
        int m = function.Outputs.Length - 1;
        TraceRecorder recorder = Begin(function, at, out Traced[] x);
        var values = new Traced[function.Instructions.Length];
        ProgramCalculus.Evaluate<Traced>(function, x, values);
        var results = new Traced[m + m * n];
        var adjoints = new Traced[values.Length];
        for (int k = 0; k < m; k++)
        {
            Array.Clear(adjoints);
            adjoints[function.Outputs[k]] = Traced.One;
            ProgramCalculus.Sweep<Traced>(function, values, adjoints);
            results[k] = values[function.Outputs[k]];
            Collect(function, adjoints, results.AsSpan(m + k * n, n));
        }
        return End(recorder, results);
    }

    /// <summary>By one forward pass for each input.</summary>
    private static ScalarProgram Columns(ScalarProgram function, ReadOnlySpan<double> at, int n)
    {
        int m = function.Outputs.Length - 1;
        TraceRecorder recorder = Begin(function, at, out Traced[] x);
        var point = Array.ConvertAll(x, static xi => new Dual<Traced>(xi));
        var values = new Dual<Traced>[function.Instructions.Length];
        var results = new Traced[m + m * n];
        for (int j = 0; j < n; j++)
        {
            point[j] = new(x[j], Traced.One, Tag.Fresh());
            ProgramCalculus.Evaluate<Dual<Traced>>(function, point, values);
            point[j] = new(x[j]);
            for (int k = 0; k < m; k++) results[m + k * n + j] = values[function.Outputs[k]].Tangent;
        }
        if (n == 0) ProgramCalculus.Evaluate<Dual<Traced>>(function, point, values);
        for (int k = 0; k < m; k++) results[k] = values[function.Outputs[k]].Primal;
        return End(recorder, results);
    }

    /// <summary>The Hessian, forward over reverse, a column a pass; of the two equal halves one is computed.</summary>
    private static ScalarProgram Second(ScalarProgram function, ReadOnlySpan<double> at, int n)
    {
        TraceRecorder recorder = Begin(function, at, out Traced[] x);
        var point = Array.ConvertAll(x, static xi => new Dual<Traced>(xi));
        var values = new Dual<Traced>[function.Instructions.Length];
        var adjoints = new Dual<Traced>[values.Length];
        var column = new Dual<Traced>[n];
        var results = new Traced[1 + n + n * n];
        for (int j = 0; j < n; j++)
        {
            point[j] = new(x[j], Traced.One, Tag.Fresh());
            ProgramCalculus.Evaluate<Dual<Traced>>(function, point, values);
            point[j] = new(x[j]);
            Array.Clear(adjoints);
            adjoints[function.Outputs[0]] = Dual<Traced>.One;
            ProgramCalculus.Sweep<Dual<Traced>>(function, values, adjoints);
            Collect(function, adjoints, column);
            results[1 + j] = column[j].Primal;
            for (int i = 0; i <= j; i++) results[1 + n + i * n + j] = results[1 + n + j * n + i] = column[i].Tangent;
        }
        if (n == 0) ProgramCalculus.Evaluate<Dual<Traced>>(function, point, values);
        results[0] = values[function.Outputs[0]].Primal;
        return End(recorder, results);
    }

    /// <summary>The derivatives with respect to the first inputs, as many as there is room for. An input that nothing needs has none.</summary>
    public static void Collect<T>(ScalarProgram function, ReadOnlySpan<T> adjoints, Span<T> target) where T : IFloatingPointIeee754<T>
    {
        target.Fill(T.Zero);
        ReadOnlySpan<Instruction> instructions = function.Instructions;
        for (int v = 0; v < instructions.Length; v++)
            if (instructions[v].Opcode == Opcode.Input && instructions[v].A < target.Length) target[instructions[v].A] = adjoints[v];
    }

    /// <summary>A new record over a program's inputs that demands what the program does.</summary>
    public static TraceRecorder Begin(ScalarProgram function, ReadOnlySpan<double> at, out Traced[] x)
    {
        var recorder = new TraceRecorder(at.Length, function.Merges);
        x = recorder.Variables(at);
        recorder.DemandLike(function);
        return recorder;
    }

    /// <summary>The program of what was recorded; the record is over.</summary>
    public static ScalarProgram End(TraceRecorder recorder, Traced[] results)
    {
        ScalarProgram program = recorder.Build(results);
        recorder.Finish();
        return program;
    }
}

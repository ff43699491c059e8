using System;
using System.Numerics;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>Which inputs each output of a recorded program depends on through its derivative, and the program of a sparse Jacobian.</summary>
internal static class ScalarSparsity
{
    /// <summary>More, over all instructions, is no sparse matrix any more.</summary>
    private const long MostPlaces = 1L << 30;

    /// <summary>The pattern of a program's Jacobian; its last output, the truth of what it demands, is not counted.</summary>
    public static SparsityPattern PatternOf(ScalarProgram program)
    {
        ReadOnlySpan<Instruction> instructions = program.Instructions;
        var budget = new Reach(MostPlaces);
        var reaches = new int[instructions.Length][];
        int[] last = LastUses(program);
        for (int v = 0; v < reaches.Length; v++)
        {
            ref readonly Instruction i = ref instructions[v];
            reaches[v] = Through(i, instructions, reaches, budget);
            for (int k = 0; k < i.OperandCount; k++)
                if (last[i.Operand(k)] == v) reaches[i.Operand(k)] = [];
        }
        var rows = new int[program.Outputs.Length - 1][];
        for (int k = 0; k < rows.Length; k++) rows[k] = reaches[program.Outputs[k]];
        return SparsityPattern.OfRows(program.Inputs.Length, rows);
    }

    private static int[] Through(in Instruction i, ReadOnlySpan<Instruction> instructions, int[][] reaches, Reach budget) => i.Opcode switch
    {
        Opcode.Input => [i.A],
        Opcode.Unary when i.UnaryOp is UnaryOp.Floor or UnaryOp.Ceiling or UnaryOp.Round or UnaryOp.Truncate => [],
        Opcode.Unary or Opcode.Convert => reaches[i.A],
        // Towards another number: what stops derivatives.
        Opcode.Binary when i.BinaryOp == BinaryOp.NextAfter => instructions[i.B].Opcode == Opcode.Constant ? reaches[i.A] : [],
        Opcode.Binary => budget.Union(reaches[i.A], reaches[i.B]),
        Opcode.Select => budget.Union(reaches[i.B], reaches[i.C]),
        _ => [],
    };

    private static int[] LastUses(ScalarProgram program)
    {
        var last = new int[program.Instructions.Length];
        for (int v = 0; v < last.Length; v++)
        {
            ref readonly Instruction i = ref program.Instructions[v];
            for (int k = 0; k < i.OperandCount; k++) last[i.Operand(k)] = v;
        }
        foreach (int output in program.Outputs) last[output] = int.MaxValue;
        return last;
    }

    /// <summary>The program of a gradient: as many outputs as inputs.</summary>
    public static ScalarProgram GradientOf(ScalarProgram function, ReadOnlySpan<double> at)
    {
        TraceRecorder recorder = ProgramDerivation.Begin(function, at, out Traced[] x);
        var values = new Traced[function.Instructions.Length];
        ProgramCalculus.Evaluate<Traced>(function, x, values);
        var adjoints = new Traced[values.Length];
        adjoints[function.Outputs[0]] = Traced.One;
        ProgramCalculus.Sweep<Traced>(function, values, adjoints);
        var gradient = new Traced[at.Length];
        ProgramDerivation.Collect<Traced>(function, adjoints, gradient);
        return ProgramDerivation.End(recorder, gradient);
    }

    /// <summary>The results (the outputs; of a Hessian the gradient), then the elements at the places of the pattern. Zeros leave no instruction: a pass for a colour costs
    /// what depends on its lines.</summary>
    public static ScalarProgram Compressed(ScalarProgram function, bool isHessian, SparsityPattern pattern, Coloring coloring, ReadOnlySpan<double> at)
    {
        TraceRecorder recorder = ProgramDerivation.Begin(function, at, out Traced[] x);
        var results = new Traced[pattern.Rows + pattern.Count];
        Compute<Traced>(function, isHessian, pattern, coloring, x, results);
        return ProgramDerivation.End(recorder, results);
    }

    /// <summary>The same in any numbers.</summary>
    public static void Compute<T>(ScalarProgram function, bool isHessian, SparsityPattern pattern, Coloring coloring, ReadOnlySpan<T> x, Span<T> results)
        where T : IFloatingPointIeee754<T>
    {
        Span<T> outputs = results[..pattern.Rows], elements = results[pattern.Rows..];
        if (isHessian) ByGradients(function, pattern, coloring, x, outputs, elements);
        else if (coloring.Kind == ColoringKind.Rows) ByRows(function, pattern, coloring, x, outputs, elements);
        else ByColumns(function, pattern, coloring, x, outputs, elements);
    }

    /// <summary>Second derivatives, forward over reverse.</summary>
    private static void ByGradients<T>(ScalarProgram function, SparsityPattern pattern, Coloring coloring, ReadOnlySpan<T> x, Span<T> gradient, Span<T> elements)
        where T : IFloatingPointIeee754<T>
    {
        var places = Places(pattern, coloring);
        int[][] lines = LinesByColor(coloring);
        var point = new Dual<T>[x.Length];
        for (int j = 0; j < point.Length; j++) point[j] = new(x[j]);
        Dual<T>[] values = new Dual<T>[function.Instructions.Length], adjoints = new Dual<T>[values.Length], column = new Dual<T>[x.Length];
        for (int color = 0; color < Math.Max(1, coloring.Count); color++)
        {
            int[] seeds = color < lines.Length ? lines[color] : [];
            long tag = Tag.Fresh();
            foreach (int j in seeds) point[j] = new(x[j], T.One, tag);
            ProgramCalculus.Evaluate<Dual<T>>(function, point, values);
            foreach (int j in seeds) point[j] = new(x[j]);
            Array.Clear(adjoints);
            adjoints[function.Outputs[0]] = Dual<T>.One;
            ProgramCalculus.Sweep<Dual<T>>(function, values, adjoints);
            ProgramDerivation.Collect<Dual<T>>(function, adjoints, column);
            if (color < places.Length)
                foreach (var (place, line) in places[color]) elements[place] = column[line].Tangent;
        }
        for (int k = 0; k < gradient.Length; k++) gradient[k] = column[k].Primal;
    }

    private static void ByColumns<T>(ScalarProgram function, SparsityPattern pattern, Coloring coloring, ReadOnlySpan<T> x, Span<T> outputs, Span<T> elements)
        where T : IFloatingPointIeee754<T>
    {
        var places = Places(pattern, coloring);
        int[][] lines = LinesByColor(coloring);
        int[] inputs = InstructionsOfInputs(function);
        var values = new T[function.Instructions.Length];
        ProgramCalculus.Evaluate(function, x, values);
        for (int k = 0; k < outputs.Length; k++) outputs[k] = values[function.Outputs[k]];
        var tangents = new T[values.Length];
        for (int color = 0; color < coloring.Count; color++)
        {
            Array.Clear(tangents);
            foreach (int j in lines[color])
                if (inputs[j] >= 0) tangents[inputs[j]] = T.One;
            ProgramCalculus.Push<T>(function, values, tangents);
            foreach (var (place, line) in places[color]) elements[place] = tangents[function.Outputs[line]];
        }
    }

    /// <summary>Where a program reads each input; -1: nowhere.</summary>
    private static int[] InstructionsOfInputs(ScalarProgram program)
    {
        var at = new int[program.Inputs.Length];
        Array.Fill(at, -1);
        for (int v = 0; v < program.Instructions.Length; v++)
            if (program.Instructions[v].Opcode == Opcode.Input) at[program.Instructions[v].A] = v;
        return at;
    }

    private static void ByRows<T>(ScalarProgram function, SparsityPattern pattern, Coloring coloring, ReadOnlySpan<T> x, Span<T> outputs, Span<T> elements)
        where T : IFloatingPointIeee754<T>
    {
        var places = Places(pattern, coloring);
        var values = new T[function.Instructions.Length];
        ProgramCalculus.Evaluate(function, x, values);
        for (int k = 0; k < outputs.Length; k++) outputs[k] = values[function.Outputs[k]];
        int[][] lines = LinesByColor(coloring);
        var adjoints = new T[values.Length];
        var row = new T[x.Length];
        for (int color = 0; color < coloring.Count; color++)
        {
            Array.Clear(adjoints);
            foreach (int i in lines[color]) adjoints[function.Outputs[i]] = T.One;
            ProgramCalculus.Sweep<T>(function, values, adjoints);
            ProgramDerivation.Collect<T>(function, adjoints, row);
            foreach (var (place, line) in places[color]) elements[place] = row[line];
        }
    }

    /// <summary>For each colour the places that its product shows, and where.</summary>
    private static (int Place, int Line)[][] Places(SparsityPattern pattern, Coloring coloring)
    {
        var (colors, lines) = coloring.Recovery(pattern);
        var places = new (int, int)[coloring.Count][];
        var counts = new int[coloring.Count];
        foreach (int color in colors) counts[color]++;
        for (int color = 0; color < places.Length; color++) places[color] = new (int, int)[counts[color]];
        Array.Clear(counts);
        for (int p = 0; p < colors.Length; p++) places[colors[p]][counts[colors[p]]++] = (p, lines[p]);
        return places;
    }

    private static int[][] LinesByColor(Coloring coloring)
    {
        var counts = new int[coloring.Count];
        foreach (int color in coloring.Colors)
            if (color >= 0) counts[color]++;
        var lines = Array.ConvertAll(counts, static count => new int[count]);
        Array.Clear(counts);
        for (int v = 0; v < coloring.Colors.Length; v++)
            if (coloring.Colors[v] is >= 0 and var color) lines[color][counts[color]++] = v;
        return lines;
    }

    /// <summary>A place that differs from zero at a point and that a pattern lacks, if there is one.</summary>
    public static (int Row, int Column)? Missing(ScalarProgram function, bool isHessian, SparsityPattern found, SparsityPattern given, ReadOnlySpan<double> at)
    {
        if (found.IsSubsetOf(given)) return null;
        var results = new double[found.Rows + found.Count];
        Coloring coloring = isHessian ? Coloring.OfSymmetric(found, ColoringOrder.Automatic) : Compression.choose(found, ColoringOrder.Automatic);
        Compute<double>(function, isHessian, found, coloring, at, results);
        for (int i = 0; i < found.Rows; i++)
            for (int p = found.RowOffsets[i]; p < found.RowOffsets[i + 1]; p++)
                if (results[found.Rows + p] != 0 && !given.Contains(i, found.ColumnIndices[p])) return (i, found.ColumnIndices[p]);
        return null;
    }
}

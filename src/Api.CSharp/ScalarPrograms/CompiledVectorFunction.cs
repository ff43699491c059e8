using System;
using System.Buffers;

namespace DiffLib;

/// <summary>
/// A function of n numbers with m results, recorded once and compiled, and its Jacobian, at one input or at many. Made by <c>Diff.CompileVector</c>; calls allocate nothing once warm,
/// and threads may share it.
/// </summary>
/// <remarks>What <see cref="CompiledScalarFunction"/> says of paths, accuracy and compilation holds here too. The Jacobian is computed forwards or backwards, whichever gives
/// the cheaper program.</remarks>
public sealed class CompiledVectorFunction
{
    private readonly TraceSet _traces;

    internal CompiledVectorFunction(TraceSet traces) => _traces = traces;

    /// <summary>How many numbers the function takes: n.</summary>
    public int Inputs => _traces.Inputs;

    /// <summary>How many of them the Jacobian is taken by: v. The others, the last ones, are data.</summary>
    public int Variables => _traces.Variables;

    /// <summary>How many results it gives: m.</summary>
    public int Outputs => _traces.Outputs;

    /// <summary>How often the function was called to record a path.</summary>
    public int TraceCount => _traces.Recordings;

    /// <summary>How many paths are kept as programs.</summary>
    public int PathCount => _traces.Paths;

    /// <summary>The operations of one evaluation on the path used last.</summary>
    /// <param name="order">0: the results; 1: with the Jacobian.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is not 0 or 1.</exception>
    public int OperationCount(int order = 0) => _traces.Program(CheckOrder(order)).OperationCount;

    /// <summary>Makes now what calls would: the program, and its code.</summary>
    /// <param name="order">0: the results; 1: with the Jacobian.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is not 0 or 1.</exception>
    public void Prepare(int order = 0) => _traces.Prepare(CheckOrder(order));

    /// <summary>The results.</summary>
    /// <param name="x">The n inputs.</param>
    /// <param name="y">Receives the m results; may be the memory of <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Value(ReadOnlySpan<double> x, Span<double> y)
    {
        BatchArguments.Length(nameof(x), x.Length, Inputs, "the inputs");
        BatchArguments.Length(nameof(y), y.Length, Outputs, "the results");
        Run(0, x, y, default);
    }

    /// <summary>The matrix of first derivatives.</summary>
    /// <param name="x">The n inputs.</param>
    /// <param name="jacobian">Receives m rows of v derivatives.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Jacobian(ReadOnlySpan<double> x, Span<double> jacobian)
    {
        BatchArguments.Length(nameof(x), x.Length, Inputs, "the inputs");
        BatchArguments.Length(nameof(jacobian), jacobian.Length, (long)Variables * Outputs, "the results times the inputs that vary");
        Run(1, x, default, jacobian);
    }

    /// <summary>The results and the matrix of first derivatives.</summary>
    /// <param name="x">The n inputs.</param>
    /// <param name="y">Receives the m results.</param>
    /// <param name="jacobian">Receives m rows of v derivatives.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void ValueAndJacobian(ReadOnlySpan<double> x, Span<double> y, Span<double> jacobian)
    {
        BatchArguments.Length(nameof(x), x.Length, Inputs, "the inputs");
        BatchArguments.Length(nameof(y), y.Length, Outputs, "the results");
        BatchArguments.Length(nameof(jacobian), jacobian.Length, (long)Variables * Outputs, "the results times the inputs that vary");
        Run(1, x, y, jacobian);
    }

    private void Run(int order, ReadOnlySpan<double> x, Span<double> y, Span<double> jacobian)
    {
        int count = _traces.ResultCount(order) + 1;
        double[] rented = ArrayPool<double>.Shared.Rent(count);
        Span<double> results = rented.AsSpan(0, count);
        _traces.Evaluate(order, x, results);
        if (!y.IsEmpty) results[..Outputs].CopyTo(y);
        if (order > 0) results[Outputs..^1].CopyTo(jacobian);
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The results at many inputs, a vector of them an instruction, on all cores where it pays.</summary>
    /// <param name="samples">How many there are.</param>
    /// <param name="inputs">n numbers for each sample.</param>
    /// <param name="values">Receives m results for each sample.</param>
    /// <param name="layout">How the numbers lie.</param>
    /// <exception cref="ArgumentException">A length does not fit, or memory overlaps.</exception>
    public void ValueBatch(int samples, ReadOnlySpan<double> inputs, Span<double> values, BatchLayout layout = BatchLayout.BySample) =>
        BatchArguments.Run(_traces, 0, samples, inputs, values, default, default, layout);

    /// <summary>The results and the Jacobians at many inputs, a vector of them an instruction, on all cores where it pays.</summary>
    /// <param name="samples">How many there are.</param>
    /// <param name="inputs">n numbers for each sample.</param>
    /// <param name="values">Receives m results for each sample.</param>
    /// <param name="jacobians">Receives m times v derivatives for each sample, row by row.</param>
    /// <param name="layout">How the numbers lie.</param>
    /// <exception cref="ArgumentException">A length does not fit, or memory overlaps.</exception>
    public void ValueAndJacobianBatch(
        int samples, ReadOnlySpan<double> inputs, Span<double> values, Span<double> jacobians, BatchLayout layout = BatchLayout.BySample) =>
        BatchArguments.Run(_traces, 1, samples, inputs, values, jacobians, default, layout);

    private static int CheckOrder(int order) =>
        order is 0 or 1 ? order : throw new ArgumentOutOfRangeException(nameof(order), order, "The order is 0 (results) or 1 (Jacobian).");
}

/// <summary>What the evaluators demand of their arguments.</summary>
internal static class BatchArguments
{
    public static void Length(string name, int length, long needed, string what)
    {
        if (length != needed)
            throw new ArgumentException($"{name} has {length} numbers, but {what} of the compiled function make {needed}: the lengths must be equal.", name);
    }

    public static unsafe void Run(
        TraceSet traces, int order, int samples, ReadOnlySpan<double> inputs, Span<double> values, Span<double> first, Span<double> second, BatchLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        if (layout is not (BatchLayout.BySample or BatchLayout.ByNumber)) throw new ArgumentOutOfRangeException(nameof(layout), layout, "The layouts are BySample and ByNumber.");
        string derivatives = traces.IsScalar ? "gradients" : "jacobians";
        Fits(nameof(inputs), inputs.Length, samples, traces.Inputs);
        Fits(nameof(values), values.Length, samples, traces.Outputs);
        if (order > 0) Fits(derivatives, first.Length, samples, traces.Outputs * traces.Variables);
        if (order > 1) Fits("hessians", second.Length, samples, traces.Variables * traces.Variables);
        Apart(inputs, values, nameof(values));
        Apart(inputs, first, derivatives);
        Apart(inputs, second, "hessians");
        Apart(values, first, derivatives);
        Apart(values, second, "hessians");
        Apart(first, second, "hessians");
        if (samples == 0) return;
        fixed (double* x = inputs, y = values, j = first, h = second)
        {
            traces.Evaluate(new(order, samples, Place(x, samples, traces.Inputs, layout), Place(y, samples, traces.Outputs, layout),
                Place(j, samples, traces.Outputs * traces.Variables, layout), Place(h, samples, traces.Variables * traces.Variables, layout)));
        }
    }

    private static unsafe TraceSet.Block Place(double* start, int samples, int numbers, BatchLayout layout) =>
        layout == BatchLayout.BySample ? new(start, numbers, 1) : new(start, 1, samples);

    private static void Fits(string name, int length, int samples, int numbers)
    {
        if (length != (long)samples * numbers)
            throw new ArgumentException($"{name} has {length} numbers, but {samples} samples with {numbers} each need {(long)samples * numbers}.", name);
    }

    private static void Apart(ReadOnlySpan<double> a, ReadOnlySpan<double> b, string name)
    {
        if (a.Overlaps(b)) throw new ArgumentException($"{name} overlaps other memory of the call; a batch needs memory of its own for each argument.", name);
    }
}

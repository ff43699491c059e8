using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DiffLib;

/// <summary>How the numbers of many samples lie one behind the other.</summary>
public enum BatchLayout
{
    /// <summary>Sample after sample: [samples, numbers].</summary>
    BySample,

    /// <summary>Number after number, of each the values of all samples: [numbers, samples].</summary>
    ByNumber,
}

/// <summary>
/// A function of n numbers with one result, recorded once and compiled, and its derivatives: value, gradient and Hessian, at one input or at many. Made by
/// <c>Diff.Compile</c>; calls allocate nothing once warm, and threads may share it.
/// </summary>
/// <remarks>
/// <para>The program is the path that the function took at the example point: loops are unrolled, and the outcomes of comparisons are part of the program, which checks them
/// for each input. An input that takes another path is noticed and recorded anew; as many paths as <see cref="CompileOptions.Capacity"/> says are kept as compiled programs, and
/// inputs on further ones are recorded each time, which is slow but right. The function must depend on nothing but its input and on constants: it is called for new
/// paths only, at any time and on any thread.</para>
/// <para>Elementary functions are the library's own vector kernels: results agree with those of the plain function to a few units in the last place, and a batch gives the bits
/// of single calls, on any number of threads. The rules at kinks and singular points are those of <see cref="Dual{T}"/>.</para>
/// <para>Programs are interpreted at first. Code is generated piece by piece as calls pay for it, all of it after some thousand calls (for batches: at the first one);
/// <see cref="Prepare"/> generates it at once, some 5 to 15 microseconds an operation. Beyond 200,000 operations, where code brings little, and where the runtime cannot compile, programs stay
/// interpreted. The results have the same bits either way.</para>
/// </remarks>
public sealed class CompiledScalarFunction
{
    private const int StackNumbers = 256;

    private readonly TraceSet _traces;

    internal CompiledScalarFunction(TraceSet traces) => _traces = traces;

    /// <summary>How many numbers the function takes.</summary>
    public int Inputs => _traces.Inputs;

    /// <summary>How many of them derivatives are taken by: v. The others, the last ones, are data.</summary>
    public int Variables => _traces.Variables;

    /// <summary>How often the function was called to record a path.</summary>
    public int TraceCount => _traces.Recordings;

    /// <summary>How many paths are kept as programs.</summary>
    public int PathCount => _traces.Paths;

    /// <summary>The operations of one evaluation on the path used last.</summary>
    /// <param name="order">0: the value; 1: with the gradient; 2: with the Hessian.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is not 0, 1 or 2.</exception>
    public int OperationCount(int order = 0) => _traces.Program(CheckOrder(order)).OperationCount;

    /// <summary>Makes now what calls would: the program, and its code.</summary>
    /// <param name="order">0: the value; 1: with the gradient; 2: with the Hessian.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is not 0, 1 or 2.</exception>
    public void Prepare(int order = 0) => _traces.Prepare(CheckOrder(order));

    /// <summary>The value.</summary>
    /// <param name="x">The n inputs.</param>
    /// <exception cref="ArgumentException">The length is not n.</exception>
    public double Value(ReadOnlySpan<double> x)
    {
        BatchArguments.Length(nameof(x), x.Length, Inputs, "the inputs");
        Span<double> results = stackalloc double[2];
        _traces.Evaluate(0, x, results);
        return results[0];
    }

    /// <summary>The gradient.</summary>
    /// <param name="x">The n inputs.</param>
    /// <param name="gradient">Receives the v derivatives; may be the memory of <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Gradient(ReadOnlySpan<double> x, Span<double> gradient) => ValueAndGradient(x, gradient);

    /// <summary>The value and the gradient.</summary>
    /// <param name="x">The n inputs.</param>
    /// <param name="gradient">Receives the v derivatives; may be the memory of <paramref name="x"/>.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    [SkipLocalsInit]
    public double ValueAndGradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        BatchArguments.Length(nameof(x), x.Length, Inputs, "the inputs");
        BatchArguments.Length(nameof(gradient), gradient.Length, Variables, "the inputs that vary");
        int count = 2 + Variables;
        double[]? rented = count > StackNumbers ? ArrayPool<double>.Shared.Rent(count) : null;
        Span<double> results = (rented is null ? stackalloc double[StackNumbers] : rented)[..count];
        _traces.Evaluate(1, x, results);
        results[1..^1].CopyTo(gradient);
        double value = results[0];
        if (rented is not null) ArrayPool<double>.Shared.Return(rented);
        return value;
    }

    /// <summary>The matrix of second derivatives, row by row.</summary>
    /// <param name="x">The n inputs.</param>
    /// <param name="hessian">Receives v times v numbers.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Hessian(ReadOnlySpan<double> x, Span<double> hessian)
    {
        BatchArguments.Length(nameof(x), x.Length, Inputs, "the inputs");
        BatchArguments.Length(nameof(hessian), hessian.Length, (long)Variables * Variables, "the square of the inputs that vary");
        int count = 2 + Variables + Variables * Variables;
        double[] rented = ArrayPool<double>.Shared.Rent(count);
        Span<double> results = rented.AsSpan(0, count);
        _traces.Evaluate(2, x, results);
        results[(1 + Variables)..^1].CopyTo(hessian);
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The values at many inputs, a vector of them an instruction, on all cores where it pays.</summary>
    /// <param name="inputs">The inputs of all samples.</param>
    /// <param name="values">Receives a value for each sample; its length says how many there are.</param>
    /// <param name="layout">How the inputs lie.</param>
    /// <exception cref="ArgumentException">The inputs are not n numbers for each sample, or memory overlaps.</exception>
    public void ValueBatch(ReadOnlySpan<double> inputs, Span<double> values, BatchLayout layout = BatchLayout.BySample) =>
        BatchArguments.Run(_traces, 0, values.Length, inputs, values, default, default, layout);

    /// <summary>The values and the gradients at many inputs, a vector of them an instruction, on all cores where it pays.</summary>
    /// <param name="inputs">The inputs of all samples.</param>
    /// <param name="values">Receives a value for each sample; its length says how many there are.</param>
    /// <param name="gradients">Receives v derivatives for each sample, laid out like the inputs.</param>
    /// <param name="layout">How inputs and gradients lie.</param>
    /// <exception cref="ArgumentException">A length does not fit, or memory overlaps.</exception>
    public void ValueAndGradientBatch(ReadOnlySpan<double> inputs, Span<double> values, Span<double> gradients, BatchLayout layout = BatchLayout.BySample) =>
        BatchArguments.Run(_traces, 1, values.Length, inputs, values, gradients, default, layout);

    /// <summary>The values, the gradients and the Hessians at many inputs, a vector of them an instruction, on all cores where it pays.</summary>
    /// <param name="inputs">The inputs of all samples.</param>
    /// <param name="values">Receives a value for each sample; its length says how many there are.</param>
    /// <param name="gradients">Receives v derivatives for each sample, laid out like the inputs.</param>
    /// <param name="hessians">Receives v times v second derivatives for each sample, row by row, laid out like the inputs.</param>
    /// <param name="layout">How inputs and derivatives lie.</param>
    /// <exception cref="ArgumentException">A length does not fit, or memory overlaps.</exception>
    public void HessianBatch(
        ReadOnlySpan<double> inputs, Span<double> values, Span<double> gradients, Span<double> hessians, BatchLayout layout = BatchLayout.BySample) =>
        BatchArguments.Run(_traces, 2, values.Length, inputs, values, gradients, hessians, layout);

    /// <summary>The value, at an input that carries a derivative forward.</summary>
    /// <param name="x">The n inputs; those without a derivative are constants.</param>
    /// <exception cref="ArgumentException">The length is not n, or an input that is data carries a derivative.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of several derivative calls meet.</exception>
    public Dual<double> Value(ReadOnlySpan<Dual<double>> x)
    {
        BatchArguments.Length(nameof(x), x.Length, Inputs, "the inputs");
        Dual<double> value = default;
        ValueBatch(x, new Span<Dual<double>>(ref value));
        return value;
    }

    /// <summary>The value, at an input that records: one operation of the record, whatever the function does.</summary>
    /// <param name="x">The n inputs; those without a record are constants.</param>
    /// <exception cref="ArgumentException">The length is not n, or an input that is data carries a derivative.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of several derivative calls, of an earlier one, or of another thread meet.</exception>
    public Reverse<double> Value(ReadOnlySpan<Reverse<double>> x)
    {
        BatchArguments.Length(nameof(x), x.Length, Inputs, "the inputs");
        Reverse<double> value = default;
        ValueBatch(x, new Span<Reverse<double>>(ref value));
        return value;
    }

    /// <summary>The values at many inputs that carry a derivative forward, a vector of them an instruction.</summary>
    /// <param name="inputs">The inputs of all samples.</param>
    /// <param name="values">Receives a value with its derivative for each sample; its length says how many there are.</param>
    /// <param name="layout">How the inputs lie.</param>
    /// <exception cref="ArgumentException">A length does not fit, or an input that is data carries a derivative.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of several derivative calls meet.</exception>
    public void ValueBatch(ReadOnlySpan<Dual<double>> inputs, Span<Dual<double>> values, BatchLayout layout = BatchLayout.BySample)
    {
        BatchArguments.Length(nameof(inputs), inputs.Length, (long)values.Length * Inputs, "the inputs of all samples");
        var point = new CarriedBatch(inputs.Length, values.Length, Variables);
        for (int i = 0; i < inputs.Length; i++)
        {
            point.Inputs[i] = inputs[i].Primal;
            if (inputs[i].Tag != Tag.Constant && Number(i, values.Length, layout) >= Variables) ThrowData();
        }
        ValueAndGradientBatch(point.Inputs, point.Values, point.Gradients, layout);
        (int sample, int slope, int number) = layout == BatchLayout.BySample ? (Inputs, Variables, 1) : (1, 1, values.Length);
        for (int s = 0; s < values.Length; s++)
        {
            (double tangent, long tag) = (0, Tag.Constant);
            for (int k = 0; k < Variables; k++)
            {
                ref readonly Dual<double> x = ref inputs[s * sample + k * number];
                if (x.Tag == Tag.Constant) continue;
                tangent += StrongZero.Product(point.Gradients[s * slope + k * number], x.Tangent);
                tag = Tag.Join<Dual<double>>(tag, x.Tag);
            }
            values[s] = new(point.Values[s], tangent, tag);
        }
        point.Return();
    }

    /// <summary>
    /// The values at many inputs that record, a vector of them an instruction: function and gradient are computed at once, and the record holds the gradient alone. So a reverse
    /// derivative of something large whose inner part is compiled has a short record.
    /// </summary>
    /// <param name="inputs">The inputs of all samples.</param>
    /// <param name="values">Receives a value for each sample; its length says how many there are.</param>
    /// <param name="layout">How the inputs lie.</param>
    /// <exception cref="ArgumentException">A length does not fit, or an input that is data carries a derivative.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of several derivative calls, of an earlier one, or of another thread meet.</exception>
    public void ValueBatch(ReadOnlySpan<Reverse<double>> inputs, Span<Reverse<double>> values, BatchLayout layout = BatchLayout.BySample)
    {
        BatchArguments.Length(nameof(inputs), inputs.Length, (long)values.Length * Inputs, "the inputs of all samples");
        var point = new CarriedBatch(inputs.Length, values.Length, Variables);
        ReverseTape<double>? tape = null;
        for (int i = 0; i < inputs.Length; i++)
        {
            point.Inputs[i] = inputs[i].Primal;
            if (inputs[i].Tape is not { } own) continue;
            if (Number(i, values.Length, layout) >= Variables) ThrowData();
            tape = own;
        }
        ValueAndGradientBatch(point.Inputs, point.Values, point.Gradients, layout);
        (int sample, int slope, int number) = layout == BatchLayout.BySample ? (Inputs, Variables, 1) : (1, 1, values.Length);
        for (int s = 0; s < values.Length; s++)
            values[s] = tape is null ? new(point.Values[s]) : tape.Record(point.Values[s], inputs[(s * sample)..], point.Gradients[(s * slope)..], Variables, number);
        point.Return();
    }

    /// <summary>Which of a sample's numbers lies at a place.</summary>
    private int Number(int place, int samples, BatchLayout layout) => layout == BatchLayout.BySample ? place % Inputs : place / samples;

    [DoesNotReturn]
    private static void ThrowData() =>
        throw new ArgumentException("An input that is data of the compiled function carries a derivative, which would be lost. Compile the function with it as a variable.", "inputs");

    private static int CheckOrder(int order) =>
        order is >= 0 and <= 2 ? order : throw new ArgumentOutOfRangeException(nameof(order), order, "The order is 0 (value), 1 (gradient) or 2 (Hessian).");
}

/// <summary>The plain numbers of a batch whose inputs carry derivatives.</summary>
internal readonly ref struct CarriedBatch(int inputs, int samples, int variables)
{
    private readonly double[] _inputs = ArrayPool<double>.Shared.Rent(inputs);
    private readonly double[] _values = ArrayPool<double>.Shared.Rent(samples);
    private readonly double[] _gradients = ArrayPool<double>.Shared.Rent(samples * variables);
    private readonly int _count = inputs, _samples = samples, _slopes = samples * variables;

    public Span<double> Inputs => _inputs.AsSpan(0, _count);

    public Span<double> Values => _values.AsSpan(0, _samples);

    public Span<double> Gradients => _gradients.AsSpan(0, _slopes);

    public void Return()
    {
        ArrayPool<double>.Shared.Return(_inputs);
        ArrayPool<double>.Shared.Return(_values);
        ArrayPool<double>.Shared.Return(_gradients);
    }
}

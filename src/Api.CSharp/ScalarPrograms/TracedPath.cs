using System;
using System.Buffers;
using System.Numerics;
using System.Threading;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>One path through a compiled function: its program, and the programs of its derivatives, made when first asked for.</summary>
internal sealed class TracedPath
{
    private readonly int _inputs, _variables, _outputs;
    private readonly double[] _at;
    private readonly Execution _execution;
    private readonly ScalarKernel?[] _kernels = new ScalarKernel?[3];
    private readonly Lock _gate = new();

    public TracedPath(ScalarProgram function, double[] at, int variables, Execution execution)
    {
        Function = function;
        _at = at;
        _inputs = at.Length;
        _variables = variables;
        _outputs = function.Outputs.Length - 1;
        _execution = execution;
    }

    /// <summary>The function's program: its outputs, and the truth of what it demands of the inputs.</summary>
    public ScalarProgram Function { get; }

    /// <summary>The kernel for the outputs and their derivatives up to an order.</summary>
    public ScalarKernel Kernel(int order)
    {
        if (_kernels[order] is { } known) return known;
        lock (_gate)
        {
            if (_kernels[order] is { } made) return made;
            ScalarProgram program = ProgramDerivation.Derive(Function, order, _at, _variables);
            ScalarKernel kernel = ScalarKernel.Create(program, _execution);
            Volatile.Write(ref _kernels[order], kernel);
            return kernel;
        }
    }

    /// <summary>
    /// The derivatives at one point in plain numbers, after <see cref="Kernel"/>'s layout: for the points where a product of the program came out as NaN and a zero may have to absorb it.
    /// </summary>
    public void Plain(int order, ReadOnlySpan<double> x, Span<double> results)
    {
        int size = Function.Instructions.Length;
        double[] values = ArrayPool<double>.Shared.Rent(size), adjoints = ArrayPool<double>.Shared.Rent(size);
        ProgramCalculus.Evaluate<double>(Function, x, values);
        for (int k = 0; k < _outputs; k++)
        {
            adjoints.AsSpan(0, size).Clear();
            adjoints[Function.Outputs[k]] = 1;
            ProgramCalculus.Sweep<double>(Function, values, adjoints);
            ProgramDerivation.Collect<double>(Function, adjoints, results.Slice(_outputs + k * _variables, _variables));
        }
        ArrayPool<double>.Shared.Return(values);
        ArrayPool<double>.Shared.Return(adjoints);
        if (order == 2) PlainHessian(x, results[(1 + _variables)..]);
    }

    private void PlainHessian(ReadOnlySpan<double> x, Span<double> hessian)
    {
        int size = Function.Instructions.Length, n = _variables;
        Dual<double>[] point = ArrayPool<Dual<double>>.Shared.Rent(_inputs), column = ArrayPool<Dual<double>>.Shared.Rent(n);
        Dual<double>[] values = ArrayPool<Dual<double>>.Shared.Rent(size), adjoints = ArrayPool<Dual<double>>.Shared.Rent(size);
        for (int j = 0; j < n; j++)
        {
            for (int i = 0; i < _inputs; i++) point[i] = new(x[i]);
            point[j] = new(x[j], 1, Tag.Fresh());
            ProgramCalculus.Evaluate<Dual<double>>(Function, point, values);
            adjoints.AsSpan(0, size).Clear();
            adjoints[Function.Outputs[0]] = Dual<double>.One;
            ProgramCalculus.Sweep<Dual<double>>(Function, values, adjoints);
            ProgramDerivation.Collect<Dual<double>>(Function, adjoints, column.AsSpan(0, n));
            for (int i = 0; i < n; i++) hessian[i * n + j] = column[i].Tangent;
        }
        ArrayPool<Dual<double>>.Shared.Return(point);
        ArrayPool<Dual<double>>.Shared.Return(column);
        ArrayPool<Dual<double>>.Shared.Return(values);
        ArrayPool<Dual<double>>.Shared.Return(adjoints);
    }
}

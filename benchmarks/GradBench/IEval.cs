using System;
using System.Collections.Generic;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench;

/// <summary>One of GradBench's evals: functions of an input, asked for by name.</summary>
internal interface IEval
{
    /// <summary>The name, as messages have it.</summary>
    string Name { get; }

    /// <summary>The names of its functions.</summary>
    IReadOnlyList<string> Functions { get; }

    /// <summary>A small made-up input: each function is called with it when the eval is defined, so that what it needs is compiled.</summary>
    Input Example { get; }

    /// <summary>Everything that is not to be measured: arrays in place of lists, programs for the input's sizes.</summary>
    /// <exception cref="InputException">The input is not what the function takes.</exception>
    IEvaluation Prepare(string function, Input input);
}

/// <summary>A function and its input. <see cref="Run"/> is what is measured.</summary>
internal interface IEvaluation
{
    /// <summary>Evaluates once, from the input's numbers to the result in memory.</summary>
    void Run();

    /// <summary>The result of the last run.</summary>
    Output Result();
}

/// <summary>An evaluation from two functions.</summary>
/// <typeparam name="T">What a run leaves.</typeparam>
internal sealed class Evaluation<T>(Func<T> run, Func<T, Output> result) : IEvaluation
{
    private T? _last;

    public void Run() => _last = run();

    public Output Result() => result(_last!);
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace DiffLib.Benchmarks;

/// <summary>What compiling costs and what it gives: time to trace and compile a gradient, an operation; after how many calls that has paid; and the gradient's time
/// over the function's, both compiled.</summary>
internal static class CompileCosts
{
    private static IEnumerable<(string Name, Func<Tensor[], Tensor> F, Tensor[] At)> Functions =>
    [
        ("chain_1000", x => (Tensor.Tanh(1.5 * x[0] + 0.25) * Tensor.Exp(-x[0] * x[0])).Sum(), [Vector(1000)]),
        ("chain_100000", x => (Tensor.Tanh(1.5 * x[0] + 0.25) * Tensor.Exp(-x[0] * x[0])).Sum(), [Vector(100_000)]),
        ("scalar_chain_1000", x => Repeated(x[0], 1000), [Tensor.Scalar(0.3)]),
        ("rosenbrock_100", x => Rosenbrock(x[0]), [Vector(100)]),
        ("rosenbrock_100000", x => Rosenbrock(x[0]), [Vector(100_000)]),
        ("mlp_64x4_b16", x => Network(x, Matrix(16, 64)), [Matrix(64, 64), Matrix(64, 64), Matrix(64, 64), Matrix(64, 10)]),
        ("mlp_784_128_10_b128", x => Network(x, Matrix(128, 784)), [Matrix(784, 128), Matrix(128, 10)]),
    ];

    public static int Run(Options options)
    {
        Kernels.Parallelism.MaxThreads = options.Threads;
        foreach (var (name, f, at) in Functions.Where(w => w.Name.Contains(options.Only, StringComparison.Ordinal)))
        {
            var line = Measure(name, f, at, options.Seconds);
            Console.WriteLine(line);
            if (options.Json is not null) File.AppendAllText(options.Json, line + "\n");
        }

        return 0;
    }

    private static string Measure(string name, Func<Tensor[], Tensor> f, Tensor[] at, double seconds)
    {
        Func<Tensor[], (Tensor, Tensor[])> gradient = x => Diff.ValueAndGradient(f, x);
        var operations = Diff.ProgramOf(gradient, at).OperationCount;
        // the first one starts up the compiler
        var first = Enumerable.Range(0, 6).Select(_ => Time(() => Diff.Compile(gradient)(at))).Min();
        var function = Diff.Compile(f);
        var compiled = Diff.Compile(gradient);
        double eager = Fastest(() => gradient(at), seconds), fast = Fastest(() => compiled(at), seconds), value = Fastest(() => function(at), seconds);
        return JsonSerializer.Serialize(new
        {
            name,
            operations,
            compile_ms = Math.Round(1e3 * first, 3),
            compile_us_per_operation = Math.Round(1e6 * (first - fast) / operations, 2),
            eager_us = Math.Round(1e6 * eager, 2),
            compiled_us = Math.Round(1e6 * fast, 2),
            break_even_calls = eager > fast ? Math.Ceiling((first - fast) / (eager - fast)) : -1,
            function_us = Math.Round(1e6 * value, 2),
            gradient_over_function = Math.Round(fast / value, 2),
        });
    }

    private static double Time(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The fastest of many short runs, once optimised code has taken its place.</summary>
    private static double Fastest(Action run, double seconds)
    {
        WarmUp.Until(run);
        var calls = Math.Max(1, (int)(2e-4 / Time(run)));
        var fastest = double.PositiveInfinity;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;)
        {
            fastest = Math.Min(fastest, Time(() =>
            {
                for (var k = 0; k < calls; k++) run();
            }) / calls);
        }

        return fastest;
    }

    private static Tensor Vector(int n) => Tensor.FromArray([.. Enumerable.Range(0, n).Select(k => 1 + 0.5 * Math.Sin(0.7 * k))], n);

    private static Tensor Matrix(int m, int n) => Tensor.FromArray([.. Enumerable.Range(0, m * n).Select(k => Math.Sin(0.7 * k) / Math.Sqrt(m))], m, n).Cast(DType.Float32);

    private static Tensor Repeated(Tensor x, int n)
    {
        for (var i = 0; i < n; i++) x = Tensor.Sin(x) * 1.01 + 0.01;
        return x;
    }

    private static Tensor Rosenbrock(Tensor x)
    {
        Tensor a = x[..^1], b = x[1..];
        return (100 * Tensor.Pow(b - a * a, 2) + Tensor.Pow(1 - a, 2)).Sum();
    }

    private static Tensor Network(Tensor[] weights, Tensor x)
    {
        foreach (var w in weights[..^1]) x = Tensor.Tanh(x.MatMul(w));
        return -x.MatMul(weights[^1]).LogSoftmax().Mean();
    }
}

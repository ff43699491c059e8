using System;
using System.Numerics;
using BenchmarkDotNet.Attributes;

namespace DiffLib.Benchmarks;

/// <summary>What one eager operation costs beside its arithmetic, plain, pushed forward and pulled back.</summary>
[MemoryDiagnoser]
public class EagerOperations
{
    private Tensor x = Tensor.Zeros(0);

    /// <summary>0 stands for a single number, else the length of a vector.</summary>
    [Params(0, 10, 1000)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup() => x = Length == 0 ? Tensor.Scalar(0.3) : Tensor.Linspace(0.1, 0.9, Length);

    [Benchmark(Baseline = true)]
    public Tensor Product() => x * x;

    [Benchmark]
    public Tensor Sine() => Tensor.Sin(x);

    [Benchmark]
    public Tensor Forward() => Diff.Jvp(t => Tensor.Sin(t), x, x).Tangent;

    [Benchmark]
    public Tensor Reverse() => Diff.Gradient(t => Tensor.Sin(t).Sum(), x);
}

/// <summary>The generic-math face beside derivatives written by hand.</summary>
[MemoryDiagnoser]
public class GenericMath
{
    private readonly double[] point = [0.5, -0.25, 1.5, 0.75];

    private static T Rosenbrock<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        var sum = T.Zero;
        var hundred = T.CreateChecked(100);
        for (var i = 0; i + 1 < x.Length; i++)
        {
            T a = x[i + 1] - x[i] * x[i], b = T.One - x[i];
            sum += hundred * a * a + b * b;
        }

        return sum;
    }

    [Benchmark(Baseline = true)]
    public double[] ByHand()
    {
        var g = new double[point.Length];
        for (var i = 0; i + 1 < point.Length; i++)
        {
            double a = point[i + 1] - point[i] * point[i], b = 1 - point[i];
            g[i] += -400 * a * point[i] - 2 * b;
            g[i + 1] += 200 * a;
        }

        return g;
    }

    [Benchmark]
    public double[] Library() => Diff.Gradient(new Function(), point.AsSpan());

    private readonly struct Function : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => Rosenbrock(x);
    }
}

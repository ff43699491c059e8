using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using DiffLib.Api.Tests.LinearAlgebra;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

/// <summary>Results do not depend on the number of threads, bit for bit, whoever calls and whatever changes meanwhile.</summary>
[Collection("Parallelism")]
public sealed class ParallelismTests
{
    private static double[] Numbers(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }

    private static long[] Places(int count, int below)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(below))];
    }

    private static readonly Tensor FusedInput = Tensor.FromArray(Numbers(200_003));

    private static readonly Tensor Stack = Calculus.Sample(1, 30, 40, 40);

    private static readonly Func<Tensor, Tensor> FusedChain = Diff.Compile((Tensor x) => Diff.Gradient(y => (Tensor.Sin(y) * y + Tensor.Exp(y)).Sum(), x));

    private static readonly Func<Tensor, Tensor> FusedRows = Diff.Compile((Tensor x) => (Tensor.Sin(x) * x).Sum());

    private static readonly Func<Tensor, Tensor> FusedColumns = Diff.Compile((Tensor x) => (Tensor.Sin(x) * x)[..200_000].Reshape(2_000, 100).Sum(0));

    /// <summary>Kernels that share out their work, each with enough of it.</summary>
    public static TheoryData<string> Names => [.. Works.Keys];

    private static readonly Dictionary<string, Func<double[]>> Works = new()
    {
        ["gemm packed"] = () => Product(203, 190, 181),
        ["gemm unpacked"] = () => Product(96, 100, 90),
        ["gemm narrow"] = () => Product(5, 3000, 200),
        ["gemm vector"] = () => Product(3000, 1, 500),
        ["convolution output"] = () => Convolved(0),
        ["convolution input"] = () => Convolved(1),
        ["convolution kernel"] = () => Convolved(2),
        ["pointwise output"] = () => Pointwise(0),
        ["pointwise input"] = () => Pointwise(1),
        ["pointwise kernel"] = () => Pointwise(2),
        ["standardize"] = Standardized,
        ["sum of one row"] = () => Reduced(ReduceOp.Sum, 1, 1_000_003, 1),
        ["sum of three rows"] = () => Reduced(ReduceOp.Sum, 3, 200_011, 1),
        ["sum of many rows"] = () => Reduced(ReduceOp.Sum, 500, 1_001, 1),
        ["maximum of one column tile"] = () => Reduced(ReduceOp.Maximum, 1, 30_011, 17),
        ["product of columns"] = () => Reduced(ReduceOp.Product, 2, 701, 700),
        ["sum of columns"] = () => Reduced(ReduceOp.Sum, 1, 5_003, 300),
        ["sum around an axis"] = SummedAround,
        ["windows' largest elements"] = Windows,
        ["take"] = () => Indexed((x, at, y) => IndexKernels.Take<double>(x.AsSpan(0, 200 * 500), 200, 500, 1, at.AsSpan(0, 700), y.AsSpan(0, 200 * 700))),
        ["take rows"] = () => Indexed((x, at, y) => IndexKernels.Take<double>(x.AsSpan(0, 40 * 500 * 5), 40, 500, 5, at.AsSpan(0, 700), y.AsSpan(0, 40 * 700 * 5))),
        ["put"] = () => Indexed((x, at, y) => IndexKernels.PutAdd<double>(x.AsSpan(0, 200 * 700), 200, 500, 1, at.AsSpan(0, 700), y.AsSpan(0, 200 * 500))),
        ["gather"] = () => Indexed((x, at, y) => IndexKernels.Gather<double>(x.AsSpan(0, 40 * 500 * 3), 40, 500, 900, 3, at.AsSpan(0, 40 * 900 * 3), y.AsSpan(0, 40 * 900 * 3))),
        ["scatter"] = () => Indexed((x, at, y) => IndexKernels.ScatterAdd<double>(x.AsSpan(0, 40 * 900 * 3), 40, 500, 900, 3, at.AsSpan(0, 40 * 900 * 3), y.AsSpan(0, 40 * 500 * 3))),
        ["strided rows"] = () => Copied([50, 40, 100], [100, 5_000, 1]),
        ["strided plane"] = () => Copied([403, 500], [1, 403]),
        ["strided backwards"] = () => Copied([403, 500], [-500, -1], 403 * 500 - 1),
        ["repeated"] = () => Copied([1_000, 200], [0, 1]),
        ["fused chain"] = () => Fused(FusedChain),
        ["fused rows"] = () => Fused(FusedRows),
        ["fused columns"] = () => Fused(FusedColumns),
        ["stack of products"] = () => Calculus.Numbers(Stack.MatMul(Stack)),
        ["batched values"] = () => Batched(0),
        ["batched gradients"] = () => Batched(1),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void The_number_of_threads_does_not_change_a_bit(string name)
    {
        var work = Works[name];
        var before = Parallelism.MaxThreads;
        try
        {
            Parallelism.MaxThreads = 1;
            var one = work();
            foreach (var threads in new[] { 2, 3, 7 })
            {
                Parallelism.MaxThreads = threads;
                // also where the team was asleep, or another test has it
                for (var round = 0; round < 4; round++) Assert.True(Same(one, work()), $"{name}, {threads} threads");
            }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Fact]
    public void Many_concurrent_callers_get_the_same_bits_while_the_number_of_threads_changes()
    {
        var before = Parallelism.MaxThreads;
        try
        {
            Parallelism.MaxThreads = 1;
            var works = Works.ToArray();
            var expected = works.Select(work => work.Value()).ToArray();
            using var stop = new CancellationTokenSource();
            var changing = new Thread(() =>
            {
                for (var k = 0; !stop.IsCancellationRequested; k++)
                {
                    Parallelism.MaxThreads = 1 + k % 6;
                    Thread.Sleep(1);
                }
            });
            changing.Start();
            var wrong = new List<string>();
            var callers = Enumerable.Range(0, 64).Select(c => new Thread(() =>
            {
                for (var k = 0; k < 6; k++)
                {
                    var w = (c + 11 * k) % works.Length;
                    try
                    {
                        if (Same(expected[w], works[w].Value())) continue;
                        lock (wrong) wrong.Add(works[w].Key);
                    }
                    catch (Exception e)
                    {
                        lock (wrong) wrong.Add($"{works[w].Key}: {e}");
                    }
                }
            })).ToList();
            callers.ForEach(t => t.Start());
            callers.ForEach(t => t.Join());
            stop.Cancel();
            changing.Join();
            Assert.Empty(wrong);
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Fact]
    public void What_a_function_throws_on_another_thread_reaches_the_caller_and_the_next_batch_works()
    {
        var before = Parallelism.MaxThreads;
        Parallelism.MaxThreads = 2;
        try
        {
            var compiled = Diff.Compile(new Refusing(), at: [0.5]);
            double[] x = [.. Enumerable.Range(0, 200_000).Select(k => k < 150_000 ? 0.5 : -1.0)], values = new double[x.Length];
            for (var round = 0; round < 5; round++)
            {
                var e = Assert.Throws<NotSupportedException>(() => compiled.ValueBatch(x, values));
                Assert.Equal("negative", e.Message);
                compiled.ValueBatch(x.AsSpan(0, 150_000), values.AsSpan(0, 150_000));
                Assert.All(values.Take(150_000), v => Assert.Equal(0.25, v));
            }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    private readonly struct Refusing : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : System.Numerics.IFloatingPointIeee754<T>
            => x[0] < T.Zero ? throw new NotSupportedException("negative") : x[0] * x[0];
    }

    [Fact]
    public void A_function_that_is_recorded_on_another_thread_sees_what_is_local_to_the_caller()
    {
        var before = Parallelism.MaxThreads;
        Parallelism.MaxThreads = 2;
        Local.Value = "the caller's";
        try
        {
            for (var round = 0; round < 20; round++)
            {
                Seen.Clear();
                var compiled = Diff.Compile(new Looking(), at: [0.5]);
                // every sixteenth of the samples begins with a path of its own
                double[] x = [.. Enumerable.Range(0, 160_000).Select(k => k / 10_000 + 0.5)], values = new double[x.Length];
                compiled.ValueBatch(x, values);
                lock (Seen) Assert.All(Seen, seen => Assert.Equal("the caller's", seen));
            }
        }
        finally
        {
            Local.Value = null;
            Parallelism.MaxThreads = before;
        }
    }

    private static readonly AsyncLocal<string?> Local = new();

    private static readonly List<string?> Seen = [];

    private readonly struct Looking : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : System.Numerics.IFloatingPointIeee754<T>
        {
            lock (Seen) Seen.Add(Local.Value);
            T y = x[0];
            for (var k = 1; k < 16; k++)
                if (x[0] > T.CreateChecked(k)) y += x[0];
            return y;
        }
    }

    private static bool Same(double[] a, double[] b) => MemoryMarshal.AsBytes<double>(a).SequenceEqual(MemoryMarshal.AsBytes<double>(b));

    private static double[] Product(int m, int n, int k)
    {
        double[] a = Numbers(m * k), b = Numbers(k * n, 2), c = Numbers(m * n, 3);
        Gemm.Multiply(false, false, m, n, k, 1.5, a, k, b, n, 0.5, c, n);
        return c;
    }

    private static double[] Convolved(int map)
    {
        ConvolutionAxis axis = new(20, 3, 20, 1, 1, 1);
        return Convolved(map, new(9, 2, 5, 7, [axis, axis]));
    }

    private static double[] Pointwise(int map)
    {
        ConvolutionAxis axis = new(20, 1, 20, 1, 1, 0);
        return Convolved(map, new(9, 1, 24, 30, [axis, axis]));
    }

    private static double[] Convolved(int map, ConvolutionSizes s)
    {
        double[] x = Numbers(s.InputCount), w = Numbers(s.KernelCount, 2), y = Numbers(s.OutputCount, 3);
        if (map == 0) Convolution.Output(s, x, w, y);
        else if (map == 1) Convolution.Input(s, y, w, x);
        else Convolution.Kernel(s, x, y, w);
        return map == 0 ? y : map == 1 ? x : w;
    }

    private static double[] Standardized()
    {
        double[] x = Numbers(6 * 11 * 900), y = new double[x.Length], mean = new double[11], variance = new double[11];
        NormalizationKernels.Standardize<double>(x, 6, 11, 900, 1e-9, y, mean, variance);
        NormalizationKernels.Slope<double>(x, y, 6, 11, 900, 1e-9, x);
        return [.. y, .. x, .. mean, .. variance];
    }

    private static double[] Reduced(ReduceOp op, int outer, int n, int inner)
    {
        var y = new double[outer * inner];
        Reductions.Reduce(op, Numbers(outer * n * inner), outer, n, inner, y);
        return y;
    }

    private static double[] SummedAround()
    {
        var y = new double[2 * 40];
        Reductions.ReduceAround(ReduceOp.Sum, Numbers(2 * 30 * 40 * 100), 2, 30, 40, 100, y);
        return y;
    }

    private static double[] Windows()
    {
        ConvolutionAxis axis = new(30, 2, 15, 2, 1, 0);
        var places = new long[120 * 15 * 15];
        PoolingKernels.MaxPlaces<double>(Numbers(120 * 30 * 30), 120, [axis, axis], places);
        return [.. places.Select(p => (double)p)];
    }

    private static double[] Indexed(Action<double[], long[], double[]> kernel)
    {
        var y = new double[200_000];
        kernel(Numbers(200_000), Places(200_000, 500), y);
        return y;
    }

    private static double[] Copied(int[] shape, int[] strides, int offset = 0)
    {
        var y = new double[shape.Aggregate(1, (a, b) => a * b)];
        Strided.Gather(Numbers(250_000), offset, shape, strides, y);
        return y;
    }

    private readonly struct Chain : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : System.Numerics.IFloatingPointIeee754<T>
        {
            T y = x[0];
            for (var k = 0; k < 40; k++) y = y * x[k % 3] + (k % 10 == 0 ? T.Sin(y) : x[(k + 1) % 3]);
            return y;
        }
    }

    private static double[] Fused(Func<Tensor, Tensor> f) => Calculus.Numbers(f(FusedInput));

    private static double[] Batched(int order)
    {
        var compiled = Diff.Compile(new Chain(), at: [0.1, 0.2, 0.3]);
        double[] x = Numbers(3 * 5_003), values = new double[5_003], gradients = new double[x.Length];
        if (order == 0) compiled.ValueBatch(x, values);
        else compiled.ValueAndGradientBatch(x, values, gradients);
        return [.. values, .. gradients];
    }
}

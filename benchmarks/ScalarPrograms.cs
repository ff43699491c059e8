using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Numerics;
using System.Text.Json;
using DiffLib.Kernels;

namespace DiffLib.Benchmarks;

/// <summary>Compiled scalar programs: what an operation costs alone and in a batch, what compiling costs, and after how many calls it pays.</summary>
internal static class ScalarPrograms
{
    private const int Samples = 20_000;

    /// <summary>Random straight-line code: 95 % arithmetic, 5 % sine and exponential.</summary>
    private readonly struct Straight(int operations) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            var random = new Random(1);
            var recent = new T[16];
            for (var i = 0; i < recent.Length; i++) recent[i] = x[i % x.Length];
            for (var i = 0; i < operations; i++)
            {
                T a = recent[random.Next(16)], b = recent[random.Next(16)];
                recent[i % 16] = random.Next(40) switch
                {
                    0 => T.Sin(a),
                    1 => T.Exp(-T.Abs(a)),
                    < 16 => a * b,
                    < 28 => a + b,
                    _ => a - b,
                } * T.CreateChecked(0.75);
            }

            T sum = T.Zero;
            foreach (T r in recent) sum += r;
            return sum;
        }
    }

    /// <summary>The reprojection error of bundle adjustment: camera (11), point (3), weight (1) to two residuals.</summary>
    private readonly struct Reprojection : IVectorFunction
    {
        public int OutputLength(int inputLength) => 2;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
        {
            T a0 = x[11] - x[3], a1 = x[12] - x[4], a2 = x[13] - x[5];
            T square = x[0] * x[0] + x[1] * x[1] + x[2] * x[2], angle = T.Sqrt(square);
            (T sin, T cos) = T.SinCos(angle);
            T n0 = x[0] / angle, n1 = x[1] / angle, n2 = x[2] / angle;
            T dot = (n0 * a0 + n1 * a1 + n2 * a2) * (T.One - cos);
            T z0 = a0 * cos + (n1 * a2 - n2 * a1) * sin + n0 * dot;
            T z1 = a1 * cos + (n2 * a0 - n0 * a2) * sin + n1 * dot;
            T z2 = a2 * cos + (n0 * a1 - n1 * a0) * sin + n2 * dot;
            T e0 = z0 / z2, e1 = z1 / z2, r = e0 * e0 + e1 * e1;
            T lens = T.One + x[9] * r + x[10] * r * r;
            y[0] = x[14] * (x[6] * e0 * lens + x[7]);
            y[1] = x[14] * (x[6] * e1 * lens + x[8]);
        }
    }

    public static int Run(Options options)
    {
        Parallelism.MaxThreads = options.Threads;
        foreach (var operations in new[] { 50, 500, 5_000, 50_000 })
            if (Wanted(options, $"straight {operations}")) StraightLine(options, operations);
        if (Wanted(options, "reprojection")) Bundle(options);
        return 0;
    }

    private static bool Wanted(Options options, string name) => name.Contains(options.Only, StringComparison.Ordinal);

    private static void StraightLine(Options options, int operations)
    {
        var f = new Straight(operations / 2);
        double[] x = [0.3, -0.2, 0.7, 0.1, -0.5, 0.9, 0.4, -0.8], g = new double[8];
        var clock = Stopwatch.StartNew();
        var compiled = Diff.Compile(f, at: x);
        var traced = clock.Elapsed.TotalMilliseconds;
        compiled.Prepare(1);
        compiled.ValueAndGradient(x, g);
        var made = clock.Elapsed.TotalMilliseconds;
        compiled.Prepare();
        double count = compiled.OperationCount();
        var value = Nanoseconds(options, () => compiled.Value(x));
        var gradient = Nanoseconds(options, () => compiled.ValueAndGradient(x, g));
        var tape = Nanoseconds(options, () => Diff.ValueAndGradient(f, x, g));
        var bytes = Bytes(() => compiled.ValueAndGradient(x, g));
        var samples = SamplesOf(operations);
        double[] many = Repeated(x, samples), values = new double[samples], gradients = new double[8 * samples];
        var batch = Nanoseconds(options, () => compiled.ValueAndGradientBatch(many, values, gradients)) / samples;
        var batchValue = Nanoseconds(options, () => compiled.ValueBatch(many, values)) / samples;
        Write(options, new
        {
            name = $"straight {operations}",
            operations = count,
            gradient_operations = compiled.OperationCount(1),
            value_ns_per_op = value / count,
            gradient_ns_per_op = gradient / count,
            tape_ns_per_op = tape / count,
            batch_value_ns_per_op = batchValue / count,
            batch_gradient_ns_per_op = batch / count,
            gradient_over_value = gradient / value,
            trace_ms = traced,
            compile_ms = made,
            break_even_calls = made * 1e6 / (tape - gradient),
            bytes_per_call = bytes,
            threads = options.Threads,
        });
    }

    /// <summary>A batch of values or gradients as <see cref="Run"/> measures it.</summary>
    public static Func<double> Batch(int operations, int order)
    {
        double[] x = [0.3, -0.2, 0.7, 0.1, -0.5, 0.9, 0.4, -0.8];
        var compiled = Diff.Compile(new Straight(operations / 2), at: x);
        var samples = SamplesOf(operations);
        double[] many = Repeated(x, samples), values = new double[samples], gradients = new double[8 * samples];
        return () =>
        {
            if (order == 0) compiled.ValueBatch(many, values);
            else compiled.ValueAndGradientBatch(many, values, gradients);
            return values[0];
        };
    }

    private static int SamplesOf(int operations) => Math.Max(256, Math.Min(Samples, 20_000_000 / operations));

    private static void Bundle(Options options)
    {
        double[] x = [0.1, -0.2, 0.3, 0.5, -0.4, 0.2, 1.5, 0.05, -0.02, 0.01, -0.003, 0.3, 0.6, 4.0, 0.8];
        var compiled = Diff.CompileVector(new Reprojection(), at: x);
        compiled.Prepare();
        compiled.Prepare(1);
        double[] y = new double[2], j = new double[30];
        var value = Nanoseconds(options, () => compiled.Value(x, y));
        var jacobian = Nanoseconds(options, () => compiled.ValueAndJacobian(x, y, j));
        var lanes = Nanoseconds(options, () => Diff.Jacobian(new Reprojection(), x, j));
        double[] many = Repeated(x, Samples), values = new double[2 * Samples], jacobians = new double[30 * Samples];
        var batchValue = Nanoseconds(options, () => compiled.ValueBatch(Samples, many, values)) / Samples;
        var batch = Nanoseconds(options, () => compiled.ValueAndJacobianBatch(Samples, many, values, jacobians)) / Samples;
        Write(options, new
        {
            name = "reprojection",
            operations = compiled.OperationCount(),
            jacobian_operations = compiled.OperationCount(1),
            value_ns = value,
            jacobian_ns = jacobian,
            uncompiled_jacobian_ns = lanes,
            batch_value_ns = batchValue,
            batch_jacobian_ns = batch,
            batch_ns_per_jacobian_op = batch / compiled.OperationCount(1),
            threads = options.Threads,
        });
    }

    private static double[] Repeated(double[] x, int samples)
    {
        var many = new double[x.Length * samples];
        var random = new Random(2);
        for (var i = 0; i < many.Length; i++) many[i] = x[i % x.Length] * (1 + 0.1 * random.NextDouble());
        return many;
    }

    private static double Nanoseconds(Options options, Action work)
    {
        for (var i = 0; i < 3; i++) work();
        return Clock.Nanoseconds(options, work);
    }

    private static long Bytes(Action work)
    {
        work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) work();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / 10;
    }

    private static void Write(Options options, object line)
    {
        var text = JsonSerializer.Serialize(line);
        Console.WriteLine(text);
        if (options.Json is { } file) File.AppendAllText(file, string.Create(CultureInfo.InvariantCulture, $"{text}\n"));
    }
}

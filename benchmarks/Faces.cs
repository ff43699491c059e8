using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Numerics;
using System.Text.Json;

namespace DiffLib.Benchmarks;

/// <summary>One gradient in every face of the library: tensors as they are, compiled, batched; a generic method by numbers, compiled, batched.
/// The function is a chain of oscillators, Σ (xₖ² - 1)² + sin(xₖ)·xₖ₊₁ for n numbers; a batch holds 1000 inputs.</summary>
internal static class Faces
{
    private const int Samples = 1000;

    private readonly struct Chain : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T sum = T.Zero;
            for (var k = 0; k < x.Length; k++)
            {
                T well = x[k] * x[k] - T.One;
                sum += well * well;
                if (k + 1 < x.Length) sum += T.Sin(x[k]) * x[k + 1];
            }

            return sum;
        }
    }

    private static Tensor OfTensors(Tensor x) => Tensor.Square(Tensor.Square(x) - 1).Sum() + (Tensor.Sin(x[..^1]) * x[1..]).Sum();

    public static int Run(Options options)
    {
        Kernels.Parallelism.MaxThreads = options.Threads;
        foreach (var n in new[] { 2, 10, 100, 1000, 10_000 }) Measure(n, options);
        return 0;
    }

    private static void Measure(int n, Options options)
    {
        var key = RandomKey.FromSeed(1);
        Tensor x = Tensor.RandomUniform(key, new[] { n }, -1, 1), xs = Tensor.RandomUniform(key.Fold(1), new[] { Samples, n }, -1, 1);
        double[] numbers = x.ToArray(), gradient = new double[n], many = xs.ToArray(), gradients = new double[many.Length], values = new double[Samples];
        void Line(string face, int samples, Action work)
        {
            if (!face.Contains(options.Only, StringComparison.Ordinal)) return;
            var text = JsonSerializer.Serialize(new
            {
                name = "gradient",
                face,
                n,
                threads = options.Threads,
                ns = Math.Round(Nanoseconds(options, work) / samples, 1),
                machine = Peak.Machine,
                date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            });
            Console.WriteLine(text);
            if (options.Json is { } file) File.AppendAllText(file, text + "\n");
        }

        Line("tensor", 1, () => Diff.Gradient(OfTensors, x));
        var compiled = Diff.Compile((Tensor x) => Diff.Gradient(OfTensors, x));
        Line("tensor, compiled", 1, () => compiled(x));
        if (n <= 1000)
        {
            var batched = Diff.Vmap((Tensor x) => Diff.Gradient(OfTensors, x));
            Line("tensor, batch", Samples, () => batched(xs));
            var both = Diff.Compile(batched);
            Line("tensor, batch, compiled", Samples, () => both(xs));
        }

        Line("generic", 1, () => Diff.ValueAndGradient(new Chain(), numbers, gradient));
        if (n > 1000) return;
        var program = Diff.Compile(new Chain(), at: numbers);
        Line("generic, compiled", 1, () => program.ValueAndGradient(numbers, gradient));
        Line("generic, batch, compiled", Samples, () => program.ValueAndGradientBatch(many, values, gradients));
    }

    private static double Nanoseconds(Options options, Action work)
    {
        WarmUp.Until(work);
        return Clock.Nanoseconds(options, work);
    }
}

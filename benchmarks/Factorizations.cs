using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Text.Json;
using DiffLib.Kernels;

namespace DiffLib.Benchmarks;

/// <summary>Times factorisations as a user calls them, once for every library found here: what is measured contains our own copies and transpositions.</summary>
internal static class Factorizations
{
    private static readonly int[] Sizes = [16, 64, 256, 512];

    private static IEnumerable<(string Name, Func<int, Tensor> Input, Action<Tensor> Run)> All =>
    [
        ("lu", General, a => Linalg.Det(a)),
        ("solve", General, a => Linalg.Solve(a, a)),
        ("solve_grad", General, a => Diff.Gradient(m => Tensor.Pow(Linalg.Solve(m, Tensor.Ones(a.Shape[0], 1)), 2).Sum(), a)),
        ("cholesky", Positive, a => Linalg.Cholesky(a)),
        ("qr", General, a => Linalg.Qr(a)),
        ("svd", General, a => Linalg.Svd(a)),
        ("svdvals", General, a => Linalg.SingularValues(a)),
        ("eigh", Positive, a => Linalg.Eigh(a)),
        ("eigvalsh", Positive, a => Linalg.Eigvalsh(a)),
        ("eigvals", Random, a => Linalg.Eigvals(a)),
        ("eig", Random, Vectors),
    ];

    public static int Run(Options options)
    {
        Parallelism.MaxThreads = options.Threads;
        foreach (var backend in Backends.Found.Where(b => b.Factorizes))
        {
            Backends.Use(backend.Name, backend is NativeBackend ? options.Threads : null);
            foreach (var (name, input, run) in All)
                foreach (var n in Sizes)
                    if ($"{name}_f64_{n}" is var line && line.Contains(options.Only, StringComparison.Ordinal)) Print(Measure(line, backend, input(n), run, options), options);
        }

        return 0;
    }

    private static void Print(string line, Options options)
    {
        Console.WriteLine(line);
        if (options.Json is not null) File.AppendAllText(options.Json, line + "\n");
    }

    private static Tensor General(int n) => Tensor.Sin(0.7 * Tensor.Arange(n * n)).Reshape(n, n) / n + 2 * Tensor.Eye(n);

    /// <summary>The general matrix is close to a multiple of the identity: its eigenvalues come too easily.</summary>
    private static Tensor Random(int n) => Tensor.RandomUniform(RandomKey.FromSeed((ulong)n), new[] { n, n }, -1, 1);

    /// <summary>Eigenvalues and eigenvectors, which tensors do not give out, as MathNet asks for them.</summary>
    private static void Vectors(Tensor a)
    {
        var n = a.Shape[0];
        Backends.Factorizations.Provider.EigenDecomp(false, n, a.ToArray(), new double[n * n], new Complex[n], new double[n * n]);
    }

    private static Tensor Positive(int n)
    {
        var a = General(n);
        return a.MatMul(a.MT);
    }

    private static string Measure(string name, IBackend backend, Tensor input, Action<Tensor> run, Options options)
    {
        // a new array each time: the factors of one array are computed once
        double Once()
        {
            var fresh = input * 1.0;
            return Clock.Slice(() => run(fresh), 1).TotalMilliseconds;
        }

        for (var (start, runs) = (Stopwatch.GetTimestamp(), 0); runs < 2 || Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds / 2; runs++) Once();
        var times = new List<double>();
        for (var start = Stopwatch.GetTimestamp(); times.Count < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds;) times.Add(Once());
        times.Sort();
        return JsonSerializer.Serialize(new
        {
            name,
            backend = backend.Name,
            kernel = backend.Kernel,
            threads = backend.Threads,
            median_ms = Math.Round(times[times.Count / 2], 5),
            min_ms = Math.Round(times[0], 5),
            runs = times.Count,
            machine = Peak.Machine,
            date = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        });
    }
}

using System;
using BenchmarkDotNet.Running;

namespace DiffLib.Benchmarks;

internal static class Program
{
    private const string Usage = """
        benchmarks peers [--eager] [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            the peers' workloads, one JSON line each, appended to FILE
        benchmarks gemm [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            matrix products of every backend and the processor's peak, one JSON line each, appended to FILE
        benchmarks factorizations [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            LU, Cholesky, QR, SVD, eigenvalues with every library of linear algebra found here
        benchmarks scalar [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            compiled scalar programs: time per operation alone and in batches, compilation, break-even, one JSON line each
        benchmarks adbench FOLDER [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            ADBench's objectives on the benchmark's files, derivatives checked and timed, one JSON line each
        benchmarks fine [BenchmarkDotNet's arguments]
            our own finer questions
        """;

    private static int Main(string[] args)
    {
        try
        {
            return args switch
            {
                ["peers", .. var rest] => Peers.Run(Options.Parse(rest)),
                ["gemm", .. var rest] => Gemm.Run(Options.Parse(rest)),
                ["factorizations", .. var rest] => Factorizations.Run(Options.Parse(rest)),
                ["scalar", .. var rest] => ScalarPrograms.Run(Options.Parse(rest)),
                ["adbench", var folder, .. var rest] => AdBench.Run(folder, Options.Parse(rest)),
                ["fine", .. var rest] => Fine(rest),
                _ => Explain(Usage),
            };
        }
        catch (ArgumentException problem)
        {
            return Explain($"{problem.Message}\n{Usage}");
        }
    }

    private static int Fine(string[] args)
    {
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }

    private static int Explain(string text)
    {
        Console.Error.WriteLine(text);
        return 2;
    }
}

using System;
using BenchmarkDotNet.Running;

namespace DiffLib.Benchmarks;

internal static class Program
{
    private const string Usage = """
        benchmarks peers [--eager] [--only SUBSTRING] [--apart] [--threads N] [--seconds S] [--json FILE]
            the peers' workloads, one JSON line each, appended to FILE; apart: each in a process of its own, so that its peak memory is its own
        benchmarks compile [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            what compiling costs an operation, after how many calls it has paid, and a gradient's time over its function's
        benchmarks steps [--only SUBSTRING] [--threads N] [--seconds S]
            where the time of the peers' compiled workloads goes: the median call, and the microseconds of every step of their programs
        benchmarks scaling [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            what N threads (all processors unless said) bring to the peers' workloads, products and batches, and what independent threads bring, one JSON line each
        benchmarks gemm [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            matrix products of every backend and the processor's peak, one JSON line each, appended to FILE
        benchmarks factorizations [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            LU, Cholesky, QR, SVD, eigenvalues with every library of linear algebra found here
        benchmarks scalar [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            compiled scalar programs: time per operation alone and in batches, compilation, break-even, one JSON line each
        benchmarks faces [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            one gradient in every face: tensors or a generic method, as it is, compiled, in batches, one JSON line each
        benchmarks adbench FOLDER [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            ADBench's objectives on the benchmark's files, derivatives checked and timed, one JSON line each
        benchmarks sparse [--only SUBSTRING] [--threads N] [--seconds S] [--json FILE]
            sparse Jacobians of bands: detecting, colouring, evaluating, one JSON line each
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
                ["steps", .. var rest] => Steps.Run(Options.Parse(rest)),
                ["scaling", .. var rest] => Scaling.Run(Options.Parse(rest)),
                ["compile", .. var rest] => CompileCosts.Run(Options.Parse(rest)),
                ["gemm", .. var rest] => Gemm.Run(Options.Parse(rest)),
                ["factorizations", .. var rest] => Factorizations.Run(Options.Parse(rest)),
                ["faces", .. var rest] => Faces.Run(Options.Parse(rest)),
                ["scalar", .. var rest] => ScalarPrograms.Run(Options.Parse(rest)),
                ["adbench", var folder, .. var rest] => AdBench.Run(folder, Options.Parse(rest)),
                ["sparse", .. var rest] => SparseJacobians.Run(Options.Parse(rest)),
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

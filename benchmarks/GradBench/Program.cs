using System;
using System.IO;
using System.Linq;
using DiffLib.Kernels;

namespace DiffLib.Benchmarks.GradBench;

internal static class Program
{
    private const string Usage = """
        usage: GradBench [--multithreaded]
               GradBench --score [EVAL...] [--seconds S] [--inputs N] [--json FILE] [--multithreaded]

          without --score: a GradBench tool, which answers messages on standard input
          --score          runs the default workloads of the evals (all, or those named) and prints scores as GradBench counts them
          --seconds S      measures each function at least S seconds; 0.1 if not given
          --inputs N       the first N inputs of each eval
          --json FILE      appends a line for each score
          --multithreaded  more than one thread
        """;

    private static int Main(string[] args)
    {
        try
        {
            if (!args.Contains("--multithreaded")) Parallelism.MaxThreads = 1;
            args = [.. args.Where(a => a != "--multithreaded")];
            if (args is ["--score", .. var rest]) return Score.Run(rest);
            if (args.Length > 0) throw new ArgumentException($"Unknown option {args[0]}.");
            Serve();
            return 0;
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(Usage);
            return 2;
        }
    }

    private static void Serve()
    {
        using Stream messages = Console.OpenStandardInput(), answers = Console.OpenStandardOutput();
        // Whatever else prints goes to the error stream.
        Console.SetOut(Console.Error);
        new Tool(messages, answers, Console.Error).Serve();
    }
}

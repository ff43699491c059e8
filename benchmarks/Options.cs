using System;
using System.Globalization;

namespace DiffLib.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="Eager">Every workload operation by operation, also where a user would compile it.</param>
/// <param name="Only">Only workloads whose name contains this.</param>
/// <param name="Name">Only the workload of this name; empty: all.</param>
/// <param name="Apart">Each workload in a process of its own.</param>
/// <param name="Threads">The most threads a kernel may use.</param>
/// <param name="Seconds">Time spent on each workload after warm-up.</param>
/// <param name="Json">A file to append the lines to.</param>
internal sealed record Options(bool Eager, string Only, string Name, bool Apart, int Threads, double Seconds, string? Json)
{
    public static Options Parse(ReadOnlySpan<string> args)
    {
        var options = new Options(false, "", "", false, 1, 1.0, null);
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--eager" => options with { Eager = true },
                "--only" => options with { Only = Next(args, ref i) },
                "--name" => options with { Name = Next(args, ref i) },
                "--apart" => options with { Apart = true },
                "--threads" => options with { Threads = int.Parse(Next(args, ref i), CultureInfo.InvariantCulture) },
                "--seconds" => options with { Seconds = double.Parse(Next(args, ref i), CultureInfo.InvariantCulture) },
                "--json" => options with { Json = Next(args, ref i) },
                var other => throw new ArgumentException($"unknown argument {other}"),
            };
        }

        return options;
    }

    private static string Next(ReadOnlySpan<string> args, ref int i) =>
        ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value");
}

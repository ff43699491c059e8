using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace DiffLib.Conformance;

internal static class Program
{
    private const string Usage = """
        usage: golden FOLDER [--group GROUP] [--only SUBSTRING] [--f32] [--brief] [--compiled]
               gradbench FOLDER

          FOLDER            a folder of GROUP.jsonl or GROUP.jsonl.gz files
          --group GROUP     only this group (may be given several times)
          --only SUBSTRING  only cases whose id contains this
          --f32             in float32: inputs rounded, relative tolerance 2e-4
          --brief           no line per failing case
          --compiled        every case as a program, by both executors, with compiled derivatives and derivatives of what is compiled;
                            compared with the record and with the eager result

          gradbench FOLDER  replays recorded conversations, *.jsonl or *.jsonl.gz, against the GradBench tool

        usage: adbench FOLDER [--only SUBSTRING]

          FOLDER            a folder of ADBench's data: gmm, ba, hand, lstm
        """;

    /// <summary>Groups whose operations do not belong to tensors and derivatives: run case by case only where an operation is bound.</summary>
    private static readonly string[] Later = ["optim", "schedule"];

    private static int Main(string[] args)
    {
        try
        {
            return args switch
            {
                ["gradbench", var folder] when Directory.Exists(folder) => GradBench.Command.Run(folder),
                ["adbench", var folder] => AdBench.Run(folder, only: ""),
                ["adbench", var folder, "--only", var only] => AdBench.Run(folder, only),
                _ => Golden(Options.Parse(args)),
            };
        }
        catch (Exception e) when (e is UsageException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(Usage);
            return 2;
        }
    }

    private static int Golden(Options options)
    {
        var files = GoldenFiles.In(options.Folder).Where(f => options.Groups.Count == 0 || options.Groups.Contains(f.Group)).ToList();
        if (files.Count == 0) throw new UsageException($"no golden files in {options.Folder}");

        return options.Compiled
            ? Compiling.All.Sum(engine => Golden(files, options, engine)) == 0 ? 0 : 1
            : Golden(files, options, Eager.Instance) == 0 ? 0 : 1;
    }

    /// <summary>Runs the files one way, and gives the number of failures.</summary>
    private static int Golden(IEnumerable<(string Group, string Path)> files, Options options, IEngine engine)
    {
        if (engine is Compiling way) Console.WriteLine($"{way.Name}:");
        var runner = new Runner(Registry.Default, options.Single, engine);
        var totals = new int[5];
        foreach (var (group, path) in files)
        {
            var counts = RunGroup(group, path, runner, options);
            for (var k = 0; k < totals.Length; k++) totals[k] += counts[k];
        }

        var failed = totals[(int)Verdict.Failed] + totals[(int)Verdict.Missing];
        var total = $"{totals[(int)Verdict.Passed]} passed, {failed} failed, {totals[(int)Verdict.Skipped]} skipped";
        if (engine is Compiling c)
            total += $", {totals[(int)Verdict.Untraceable]} not traceable; {c.BitEqual} of {c.Compared} tensors have the bits of the eager ones; "
                + $"{c.WithConstants} programs with constants that decide shapes";
        Console.WriteLine(total);
        return failed;
    }

    private static int[] RunGroup(string group, string path, Runner runner, Options options)
    {
        var counts = new int[5];
        var departures = 0;
        var untraceable = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var c in GoldenFiles.Lines(path).Select(Case.Parse).Where(c => c.Id.Contains(options.Only, StringComparison.Ordinal)))
        {
            var outcome = runner.Run(c);
            if (outcome.Verdict == Verdict.Missing && Later.Contains(group)) outcome = outcome with { Verdict = Verdict.Skipped };
            counts[(int)outcome.Verdict]++;
            if (outcome.Departs) departures++;
            if (outcome.Verdict == Verdict.Missing) missing.Add(c.Op);
            if (outcome.Verdict == Verdict.Untraceable)
            {
                if (!untraceable.TryGetValue(outcome.Failures[0], out var ops)) untraceable[outcome.Failures[0]] = ops = new(StringComparer.Ordinal);
                ops.Add(c.Op);
            }

            if (outcome.Verdict == Verdict.Failed && !options.Brief)
                foreach (var failure in outcome.Failures) Console.WriteLine($"  {c.Id} ({c.Op}) {failure}");
        }

        Console.WriteLine(Line(group, counts, departures, missing)
            + string.Concat(untraceable.Select(u => $"; {counts[(int)Verdict.Untraceable]} not traceable, {u.Key}: {string.Join(", ", u.Value)}")));
        return counts;
    }

    private static string Line(string group, int[] counts, int departures, SortedSet<string> missing)
    {
        var failed = counts[(int)Verdict.Failed] + counts[(int)Verdict.Missing];
        var line = $"{group}: {counts[(int)Verdict.Passed]} passed, {failed} failed, {counts[(int)Verdict.Skipped]} skipped";
        if (missing.Count > 0) line += $"; {counts[(int)Verdict.Missing]} not available: {string.Join(", ", missing)}";
        if (departures > 0) line += $"; {departures} where we depart from the record on purpose";
        if (Later.Contains(group)) line += " (optimisers and schedules: only cases whose operation is available are run)";
        return line;
    }
}

/// <summary>A command line that is not understood.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command line.</summary>
internal sealed record Options(string Folder, IReadOnlyList<string> Groups, string Only, bool Single, bool Brief, bool Compiled)
{
    /// <summary>Reads <c>golden FOLDER [options]</c>.</summary>
    public static Options Parse(string[] args)
    {
        if (args.Length < 2 || args[0] != "golden") throw new UsageException("give a command and a folder");
        if (!Directory.Exists(args[1])) throw new UsageException($"there is no folder {args[1]}");

        var groups = new List<string>();
        var (only, single, brief, compiled) = ("", false, false, false);
        for (var k = 2; k < args.Length; k++)
        {
            switch (args[k])
            {
                case "--group": groups.Add(Value(args, ref k)); break;
                case "--only": only = Value(args, ref k); break;
                case "--f32": single = true; break;
                case "--brief": brief = true; break;
                case "--compiled": compiled = true; break;
                default: throw new UsageException($"unknown option {args[k]}");
            }
        }

        return new Options(args[1], groups, only, single, brief, compiled);
    }

    private static string Value(string[] args, ref int k) =>
        k + 1 < args.Length ? args[++k] : throw new UsageException($"{args[k]} needs a value");
}

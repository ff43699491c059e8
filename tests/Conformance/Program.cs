using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace DiffLib.Conformance;

internal static class Program
{
    private const string Usage = """
        usage: golden FOLDER [--group GROUP] [--only SUBSTRING] [--f32] [--brief]

          FOLDER            a folder of GROUP.jsonl or GROUP.jsonl.gz files
          --group GROUP     only this group (may be given several times)
          --only SUBSTRING  only cases whose id contains this
          --f32             in float32: inputs rounded, relative tolerance 2e-4
          --brief           no line per failing case
        """;

    /// <summary>Groups whose operations do not belong to tensors and derivatives: run case by case only where an operation is bound.</summary>
    private static readonly string[] Later = ["optim", "schedule"];

    private static int Main(string[] args)
    {
        try
        {
            return Golden(Options.Parse(args));
        }
        catch (Exception e) when (e is UsageException or IOException or UnauthorizedAccessException)
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

        var runner = new Runner(Registry.Default, options.Single);
        var totals = new int[4];
        foreach (var (group, path) in files)
        {
            var counts = RunGroup(group, path, runner, options);
            for (var k = 0; k < totals.Length; k++) totals[k] += counts[k];
        }

        var failed = totals[(int)Verdict.Failed] + totals[(int)Verdict.Missing];
        Console.WriteLine($"{totals[(int)Verdict.Passed]} passed, {failed} failed, {totals[(int)Verdict.Skipped]} skipped");
        return failed == 0 ? 0 : 1;
    }

    private static int[] RunGroup(string group, string path, Runner runner, Options options)
    {
        var counts = new int[4];
        var departures = 0;
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var c in GoldenFiles.Lines(path).Select(Case.Parse).Where(c => c.Id.Contains(options.Only, StringComparison.Ordinal)))
        {
            var outcome = runner.Run(c);
            if (outcome.Verdict == Verdict.Missing && Later.Contains(group)) outcome = outcome with { Verdict = Verdict.Skipped };
            counts[(int)outcome.Verdict]++;
            if (outcome.Departs) departures++;
            if (outcome.Verdict == Verdict.Missing) missing.Add(c.Op);
            if (outcome.Verdict == Verdict.Failed && !options.Brief)
                foreach (var failure in outcome.Failures) Console.WriteLine($"  {c.Id} ({c.Op}) {failure}");
        }

        Console.WriteLine(Line(group, counts, departures, missing));
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
internal sealed record Options(string Folder, IReadOnlyList<string> Groups, string Only, bool Single, bool Brief)
{
    /// <summary>Reads <c>golden FOLDER [options]</c>.</summary>
    public static Options Parse(string[] args)
    {
        if (args.Length < 2 || args[0] != "golden") throw new UsageException("give a command and a folder");
        if (!Directory.Exists(args[1])) throw new UsageException($"there is no folder {args[1]}");

        var groups = new List<string>();
        var (only, single, brief) = ("", false, false);
        for (var k = 2; k < args.Length; k++)
        {
            switch (args[k])
            {
                case "--group": groups.Add(Value(args, ref k)); break;
                case "--only": only = Value(args, ref k); break;
                case "--f32": single = true; break;
                case "--brief": brief = true; break;
                default: throw new UsageException($"unknown option {args[k]}");
            }
        }

        return new Options(args[1], groups, only, single, brief);
    }

    private static string Value(string[] args, ref int k) =>
        k + 1 < args.Length ? args[++k] : throw new UsageException($"{args[k]} needs a value");
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using DiffLib.Mutation;

const string Usage = """
    dotnet run --project tests/Mutation [-- [--jobs N] [--only TEXT] [--limit SECONDS] [--list FILE] | --check | --self-test]
    Applies each mistake of the list to a copy of the sources, builds, runs the tests, and says which mistakes they noticed (an hour or more for the whole list).
      --jobs N         copies that work side by side (1)
      --only TEXT      the mutations whose kind, file or text contains TEXT
      --limit SECONDS  a test run is stopped after this long and counts as noticed (900)
      --list FILE      another list than tests/Mutation/mutations.txt
      --check          only: does every mutation apply to the tree?
      --self-test      only: does the driver itself work?
    """;
try
{
    if (args.Contains("--help"))
    {
        Console.WriteLine(Usage);
        return 0;
    }
    KnowsAll(args);
    return args.Contains("--self-test") ? await SelfTest.Run() : await RunList();
}
catch (Exception error) when (error is InvalidDataException or InvalidOperationException or FileNotFoundException or ArgumentException)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}

async Task<int> RunList()
{
    var root = Root();
    var list = MutationList.Parse(File.ReadAllText(Option("--list") ?? Path.Combine(root, "tests", "Mutation", "mutations.txt")));
    if (Option("--only") is { } only) list = list with { Mutations = [.. list.Mutations.Where(m => $"{m.Kind} {m.File} {m.After} {m.Find}".Contains(only, StringComparison.OrdinalIgnoreCase))] };
    if (!Applies(list, root)) return 2;
    if (args.Contains("--check")) return 0;
    if (list.Mutations.Count == 0) throw new InvalidOperationException("There is nothing to do: no mutation in the list, or none that matches --only.");

    var workspaces = await Task.WhenAll(Enumerable.Range(0, Number("--jobs", 1)).Select(_ => Workspace.OfRepository(root)));
    try
    {
        return Report(await new Campaign(list, TimeSpan.FromSeconds(Number("--limit", 900)), Console.WriteLine).Run(workspaces));
    }
    finally
    {
        foreach (var workspace in workspaces) workspace.Dispose();
    }
}

// 98 of 100 is the bar: docs/testing.md.
static int Report(IReadOnlyList<(Mutation Mutation, Verdict Verdict)> results)
{
    var killed = results.Count(r => r.Verdict == Verdict.Killed);
    Console.WriteLine($"{killed} of {results.Count} killed, {results.Count(r => r.Verdict == Verdict.Survived)} survived, {results.Count(r => r.Verdict == Verdict.NotBuilt)} did not build");
    return killed * 100 >= results.Count * 98 ? 0 : 1;
}

static bool Applies(MutationList list, string root)
{
    var complaints = list.Mutations.Select(m => Complaint(m, root)).OfType<string>().ToList();
    complaints.ForEach(Console.Error.WriteLine);
    Console.WriteLine($"{list.Mutations.Count - complaints.Count} of {list.Mutations.Count} mutations apply to the tree");
    return complaints.Count == 0;
}

static string? Complaint(Mutation mutation, string root)
{
    try
    {
        mutation.ApplyTo(File.ReadAllText(Path.Combine(root, mutation.File)));
        return null;
    }
    catch (Exception error) when (error is InvalidDataException or IOException)
    {
        return error.Message;
    }
}

// A misspelt option would start a run of an hour.
static void KnowsAll(string[] args)
{
    for (var k = 0; k < args.Length; k++)
    {
        if (args[k] is "--jobs" or "--only" or "--limit" or "--list") k++;
        else if (args[k] is not ("--check" or "--self-test")) throw new ArgumentException($"Unknown option {args[k]}.{Environment.NewLine}{Usage}");
    }
}

string? Option(string name)
{
    var at = Array.IndexOf(args, name);
    if (at < 0) return null;
    return at + 1 < args.Length ? args[at + 1] : throw new ArgumentException($"{name} needs a value.");
}

int Number(string name, int otherwise)
{
    if (Option(name) is not { } text) return otherwise;
    return int.TryParse(text, out var n) && n > 0 ? n : throw new ArgumentException($"{name} needs a positive whole number, not {text}.");
}

static string Root()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        if (File.Exists(Path.Combine(folder.FullName, "DiffLib.sln"))) return folder.FullName;
    throw new InvalidOperationException($"No DiffLib.sln above {AppContext.BaseDirectory}.");
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace DiffLib.Docs.Tests;

/// <summary>The regions of the compiled, executed files that pages quote: <c>#region name</c> in C#, <c>// #region name</c> in F#.</summary>
internal static partial class Snippets
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> CSharp = new(() => Read("Docs.Tests", "*.cs"));
    private static readonly Lazy<IReadOnlyDictionary<string, string>> FSharp = new(() => Read("Docs.Tests.FSharp", "*.fs"));

    public static IReadOnlyDictionary<string, string> For(string language) => language == "fsharp" ? FSharp.Value : CSharp.Value;

    /// <summary>The regions of one file, by name. A region inside another belongs to both, without its markers.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Regions(string file)
    {
        var open = new Stack<(string Name, List<string> Lines)>();
        foreach (var line in file.ReplaceLineEndings("\n").Split('\n'))
        {
            if (Start().Match(line) is { Success: true } start) open.Push((start.Groups["name"].Value, []));
            else if (End().IsMatch(line) && open.TryPop(out var region)) yield return new(region.Name, Text.Dedent(region.Lines));
            else foreach (var (_, lines) in open) lines.Add(line);
        }
        if (open.Count > 0) throw new FormatException($"The region {open.Peek().Name} never ends.");
    }

    private static Dictionary<string, string> Read(string project, string pattern)
    {
        var found = new Dictionary<string, string>();
        var folder = Path.Combine(Repository.Root, "tests", project);
        var files = Directory.GetFiles(folder, pattern, SearchOption.AllDirectories).Where(f => !Path.GetRelativePath(folder, f).Split('/', '\\')[..^1].Intersect(["bin", "obj"]).Any());
        foreach (var (name, text) in files.SelectMany(f => Regions(File.ReadAllText(f))))
            if (!found.TryAdd(name, text)) throw new FormatException($"Two regions of tests/{project} are called {name}.");
        return found;
    }

    [GeneratedRegex(@"^\s*(//\s*)?#region\s+(?<name>[\w.-]+)\s*$")]
    private static partial Regex Start();

    [GeneratedRegex(@"^\s*(//\s*)?#endregion\b")]
    private static partial Regex End();
}

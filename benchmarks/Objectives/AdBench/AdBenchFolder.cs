using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>A folder with ADBench's data: <c>gmm</c>, <c>ba</c>, <c>hand</c> and <c>lstm</c>, of which some may be missing. A case NAME is the file <c>NAME.in.txt</c> or <c>NAME.in.txt.gz</c>
/// with its references beside it.</summary>
public static class AdBenchFolder
{
    private static readonly (string Folder, Func<string, string, AdBenchCase> Open)[] s_families =
    [
        ("gmm", (name, path) => new MixtureCase(name, path)),
        ("ba", (name, path) => new BundleCase(name, path)),
        ("hand", (name, path) => new HandCase(name, path)),
        ("lstm", (name, path) => new LstmCase(name, path)),
    ];

    /// <summary>The names of the cases, and how to read each.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ArgumentException">There is no such folder, or no case in it.</exception>
    public static IReadOnlyList<(string Name, Func<AdBenchCase> Open)> Cases(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder)) throw new ArgumentException($"There is no folder {folder}.", nameof(folder));
        var cases = new List<(string, Func<AdBenchCase>)>();
        foreach (var (family, open) in s_families)
        {
            var path = Path.Combine(folder, family);
            if (!Directory.Exists(path)) continue;
            foreach (var name in Directory.EnumerateFiles(path).Select(Name).OfType<string>().Distinct().Order(StringComparer.Ordinal))
                cases.Add((name, () => open(name, Path.Combine(path, name))));
        }

        return cases.Count > 0 ? cases : throw new ArgumentException($"{folder} has no cases: gmm/NAME.in.txt and the like.", nameof(folder));
    }

    private static string? Name(string path)
    {
        var file = Path.GetFileName(path);
        var end = file.IndexOf(".in.txt", StringComparison.Ordinal);
        return end < 0 ? null : file[..end];
    }
}

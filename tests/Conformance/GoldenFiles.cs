using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace DiffLib.Conformance;

/// <summary>Golden files in a folder: <c>GROUP.jsonl</c> or <c>GROUP.jsonl.gz</c>.</summary>
internal static class GoldenFiles
{
    private static readonly string[] Endings = [".jsonl", ".jsonl.gz"];

    /// <summary>The files by group, in alphabetical order.</summary>
    public static IReadOnlyList<(string Group, string Path)> In(string folder) =>
        Directory.EnumerateFiles(folder)
            .SelectMany(path => Endings.Where(e => path.EndsWith(e, StringComparison.Ordinal)).Select(e => (Group: Path.GetFileName(path)[..^e.Length], Path: path)))
            .OrderBy(f => f.Group, StringComparer.Ordinal)
            .ToList();

    /// <summary>The lines of a file that are not blank.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (!string.IsNullOrWhiteSpace(line)) yield return line;
    }
}

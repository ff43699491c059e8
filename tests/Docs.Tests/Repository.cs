using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace DiffLib.Docs.Tests;

/// <summary>Where the pages and the snippets lie.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The pages a reader finds: the root's Markdown files and everything below docs/, relative to the root.</summary>
    public static IReadOnlyList<string> Pages { get; } =
        [.. Directory.GetFiles(Root, "*.md").Concat(Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static string Read(string page) => File.ReadAllText(Path.Combine(Root, page)).ReplaceLineEndings("\n");

    /// <summary>Writes a page, if that changes it.</summary>
    public static void Write(string page, string text)
    {
        if (text != Read(page)) File.WriteAllText(Path.Combine(Root, page), text);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DiffLib.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No DiffLib.sln above {AppContext.BaseDirectory}.");
    }
}

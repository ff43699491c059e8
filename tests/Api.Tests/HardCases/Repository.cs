using System;
using System.IO;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Where the sources lie, for tests that read a page or a table.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DiffLib.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No DiffLib.sln above {AppContext.BaseDirectory}.");
    }
}

using System;
using System.IO;
using System.Linq;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>Documentation runs: what pages show is what is compiled and executed, and links lead somewhere.</summary>
public class PagesTests
{
    public static TheoryData<string> Pages() => [.. Repository.Pages];

    [Theory, MemberData(nameof(Pages))]
    public void Code_on_a_page_is_a_region_that_a_test_runs(string page)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1") Repository.Write(page, Markdown.WithCode(Repository.Read(page), NowOf));
        var wrong = Markdown.CodeBlocks(Repository.Read(page)).Select(b => (b.Line, Why: Complaint(b))).Where(c => c.Why is not null).ToList();
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong.Select(c => $"{page}, line {c.Line}: {c.Why}")));
    }

    [Theory, MemberData(nameof(Pages))]
    public void Links_on_a_page_lead_to_a_file_and_a_heading_that_exist(string page)
    {
        var broken = Markdown.Links(Repository.Read(page)).Where(l => !Resolves(page, l.Target)).ToList();
        Assert.True(broken.Count == 0, string.Join("\n", broken.Select(l => $"{page}, line {l.Line}: nothing at {l.Target}")));
    }

    private static string? Complaint(CodeBlock block)
    {
        if (block.Language is "cs" or "c#" or "fs" or "f#") return $"call the language csharp or fsharp, not {block.Language}";
        if (block.Language is not ("csharp" or "fsharp")) return null;
        var project = block.Language == "fsharp" ? "tests/Docs.Tests.FSharp" : "tests/Docs.Tests";
        if (block.Snippet is not { } name) return $"this block quotes nothing that is compiled. Move it into a #region of {project} and write <!-- snippet: name --> above it";
        if (!Snippets.For(block.Language).TryGetValue(name, out var source)) return $"no #region {name} in {project}";
        return source == block.Text ? null : $"the block is not the #region {name} of {project}; UPDATE_DOCS=1 takes it over. It is\n{source}";
    }

    /// <summary>What the block quotes, as it stands in the tests now; null where it quotes nothing.</summary>
    private static string? NowOf(CodeBlock block) =>
        block.Snippet is { } name && Snippets.For(block.Language).TryGetValue(name, out var source) ? source : null;

    private static bool Resolves(string page, string target)
    {
        if (Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "mailto") return true;
        var parts = Uri.UnescapeDataString(target).Split('#', 2);
        var path = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        var full = Path.GetFullPath(Path.Combine(Repository.Root, path));
        if (!full.StartsWith(Repository.Root, StringComparison.Ordinal) || !(File.Exists(full) || Directory.Exists(full))) return false;
        return parts.Length == 1 || !full.EndsWith(".md", StringComparison.Ordinal) || Markdown.Anchors(File.ReadAllText(full).ReplaceLineEndings("\n")).Contains(parts[1]);
    }
}

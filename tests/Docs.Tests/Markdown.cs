using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace DiffLib.Docs.Tests;

/// <summary>A fenced block of code: its language, the snippet it claims to quote (or null), its text and the line it starts on.</summary>
internal sealed record CodeBlock(string Language, string? Snippet, string Text, int Line);

/// <summary>A link or image: where it points and the line it stands on.</summary>
internal sealed record Link(string Target, int Line);

/// <summary>As much of Markdown as the checks need.</summary>
internal static partial class Markdown
{
    /// <summary>The fenced blocks of a page, in order. A comment <c>&lt;!-- snippet: name --&gt;</c> on the last line of text before a block names its source.</summary>
    public static IReadOnlyList<CodeBlock> CodeBlocks(string page)
    {
        var (blocks, lines, name) = (new List<CodeBlock>(), page.Split('\n'), (string?)null);
        for (var i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is { Success: true } fence)
            {
                var end = EndOfBlock(lines, i, fence.Groups["fence"].Value);
                blocks.Add(new CodeBlock(fence.Groups["language"].Value.ToLowerInvariant(), name, Text.Dedent(lines[(i + 1)..end]), i + 1));
                (i, name) = (end, null);
            }
            else if (!string.IsNullOrWhiteSpace(lines[i]))
            {
                name = SnippetComment().Match(lines[i]) is { Success: true } comment ? comment.Groups["name"].Value : null;
            }
        }
        return blocks;
    }

    /// <summary>The page with other text in its blocks of code; a block stays as it is where there is none.</summary>
    public static string WithCode(string page, Func<CodeBlock, string?> text)
    {
        var (written, lines, blocks) = (new List<string>(), page.Split('\n'), CodeBlocks(page));
        var next = 0;
        foreach (var block in blocks)
        {
            var end = EndOfBlock(lines, block.Line - 1, Fence().Match(lines[block.Line - 1]).Groups["fence"].Value);
            written.AddRange(lines[next..block.Line]);
            written.AddRange(text(block)?.Split('\n') ?? lines[block.Line..end]);
            next = end;
        }

        written.AddRange(lines[next..]);
        return string.Join("\n", written);
    }

    /// <summary>Every inline link, image and reference definition outside code.</summary>
    public static IReadOnlyList<Link> Links(string page) =>
        [.. OutsideCode(page).SelectMany(l => LinkTarget().Matches(InlineCode().Replace(l.Text, "")).Select(m => new Link(m.Groups["target"].Value, l.Line)))];

    /// <summary>The anchors a page offers: its headings, in the form that links use.</summary>
    public static IReadOnlySet<string> Anchors(string page) =>
        OutsideCode(page).Where(l => l.Text.StartsWith('#')).Select(l => Anchor(l.Text.TrimStart('#').Trim())).ToHashSet();

    private static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    private static IEnumerable<(string Text, int Line)> OutsideCode(string page)
    {
        var lines = page.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is { Success: true } fence) i = EndOfBlock(lines, i, fence.Groups["fence"].Value);
            else yield return (lines[i], i + 1);
        }
    }

    private static int EndOfBlock(string[] lines, int start, string fence)
    {
        var end = Array.FindIndex(lines, start + 1, l => l.TrimStart().StartsWith(fence, StringComparison.Ordinal) && l.Trim().Trim(fence[0]).Length == 0);
        return end >= 0 ? end : throw new FormatException($"The code block that starts on line {start + 1} never ends.");
    }

    [GeneratedRegex(@"^\s*(?<fence>`{3,}|~{3,})\s*(?<language>[\w#+-]*)")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\s*<!--\s*snippet:\s*(?<name>[\w.-]+)\s*-->\s*$")]
    private static partial Regex SnippetComment();

    [GeneratedRegex(@"\]\(\s*<?(?<target>[^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*<?(?<target>[^\s>]+)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}

using System.Collections.Generic;
using System.Linq;

namespace DiffLib.Docs.Tests;

internal static class Text
{
    /// <summary>The lines without the indentation they share, trailing blanks, and empty lines at either end.</summary>
    public static string Dedent(IEnumerable<string> lines)
    {
        var kept = lines.Select(l => l.TrimEnd()).SkipWhile(l => l.Length == 0).Reverse().SkipWhile(l => l.Length == 0).Reverse().ToList();
        var shared = kept.Where(l => l.Length > 0).Select(l => l.Length - l.TrimStart(' ').Length).DefaultIfEmpty(0).Min();
        return string.Join("\n", kept.Select(l => l.Length == 0 ? l : l[shared..]));
    }
}

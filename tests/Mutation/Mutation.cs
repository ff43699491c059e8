using System;
using System.IO;

namespace DiffLib.Mutation;

/// <summary>One small, wrong change to one line of one file, which the tests have to notice.</summary>
/// <param name="File">The file, relative to the repository's root.</param>
/// <param name="Kind">What sort of mistake it is: sign, factor, index, transpose, tie ...</param>
/// <param name="After">A text that stands once in the file; the search starts behind it. Null: <paramref name="Find"/> itself stands once.</param>
/// <param name="Find">The text to replace, part of one line.</param>
/// <param name="With">What to write instead.</param>
internal sealed record Mutation(string File, string Kind, string? After, string Find, string With)
{
    /// <summary>The file's text with the mistake in it, and the line it is on.</summary>
    /// <exception cref="InvalidDataException">The text to replace, or its context, is not there or not there once.</exception>
    public (string Text, int Line) ApplyTo(string text)
    {
        var start = After is null ? 0 : Single(text, After, "after") + After.Length;
        var at = After is null ? Single(text, Find, "find") : text.IndexOf(Find, start, StringComparison.Ordinal);
        if (at < 0) throw new InvalidDataException($"{File}: \"{Find}\" does not stand after \"{After}\".");
        return (text[..at] + With + text[(at + Find.Length)..], text.AsSpan(0, at).Count('\n') + 1);
    }

    private int Single(string text, string part, string role)
    {
        var at = text.IndexOf(part, StringComparison.Ordinal);
        if (at < 0) throw new InvalidDataException($"{File}: \"{part}\" ({role}) is not in the file.");
        if (text.IndexOf(part, at + 1, StringComparison.Ordinal) >= 0) throw new InvalidDataException($"{File}: \"{part}\" ({role}) is in the file more than once; name a context with 'after:'.");
        return at;
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace DiffLib.Mutation;

/// <summary>The list file: commands first, then one block of "key: value" lines for each mutation, with empty lines between. '#' starts a comment line.</summary>
/// <param name="Build">The command that builds what the tests need.</param>
/// <param name="Tests">The commands of which one has to fail.</param>
/// <param name="Mutations">The mistakes to make.</param>
internal sealed record MutationList(string Build, IReadOnlyList<string> Tests, IReadOnlyList<Mutation> Mutations)
{
    private static readonly string[] Keys = ["build", "test", "file", "kind", "after", "find", "with"];

    public static MutationList Parse(string text)
    {
        var blocks = text.ReplaceLineEndings("\n").Split("\n\n").Select(ParseBlock).Where(b => b.Count > 0).ToList();
        var build = blocks.SelectMany(b => b["build"]).ToList();
        if (build.Count != 1) throw new InvalidDataException($"The list needs one 'build:' line and has {build.Count}.");
        var tests = blocks.SelectMany(b => b["test"]).ToList();
        if (tests.Count == 0) throw new InvalidDataException("The list has no 'test:' line.");
        return new MutationList(build[0], tests, [.. blocks.Where(b => b.Contains("file")).Select(ToMutation)]);
    }

    private static ILookup<string, string> ParseBlock(string block) =>
        block.Split('\n').Where(l => !string.IsNullOrWhiteSpace(l) && !l.StartsWith('#')).Select(ParseLine).ToLookup(p => p.Key, p => p.Value);

    private static (string Key, string Value) ParseLine(string line)
    {
        var parts = line.Split(':', 2);
        if (parts.Length != 2 || !Keys.Contains(parts[0])) throw new InvalidDataException($"Expected one of {string.Join(", ", Keys)} and a colon, got: {line}");
        // One blank after the colon is the separator; further ones, and those at the end, belong to the text.
        return (parts[0], parts[1].StartsWith(' ') ? parts[1][1..] : parts[1]);
    }

    private static Mutation ToMutation(ILookup<string, string> block)
    {
        string One(string key) => block[key].SingleOrDefault() ?? throw new InvalidDataException($"The mutation of {block["file"].First()} (\"{block["find"].FirstOrDefault()}\") needs one '{key}:' line.");
        return new Mutation(One("file"), One("kind"), block["after"].SingleOrDefault(), One("find"), One("with"));
    }
}

using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.Json;

namespace DiffLib.Conformance.GradBench;

/// <summary>A message and the answer that was recorded.</summary>
/// <param name="Message">What was asked.</param>
/// <param name="Response">What was answered.</param>
/// <param name="By">Which tool answered; null for the one with derivatives written by hand.</param>
internal sealed record Exchange(JsonElement Message, JsonElement Response, string? By)
{
    public long Id => Message.GetProperty("id").GetInt64();

    public string Kind => Message.GetProperty("kind").GetString()!;

    public string Module => Message.TryGetProperty("module", out var module) ? module.GetString()! : "";

    public string Function => Message.TryGetProperty("function", out var function) ? function.GetString()! : "";

    /// <summary>
    /// How near an answer must be, under GradBench's rule of comparison. The tool with derivatives by hand answers ode's gradient with the exact solution's, which is only nearly
    /// that of the integration.
    /// </summary>
    public double Tolerance => Module == "ode" && Function == "gradient" && By is null ? 1e-4 : 1e-9;
}

/// <summary>Recorded conversations, from the first message to the last.</summary>
internal static class Conversations
{
    /// <summary>The files of a folder that hold conversations, with their evals' names.</summary>
    public static IEnumerable<(string Name, string Path)> In(string folder) =>
        from path in Directory.EnumerateFiles(folder).Order()
        let name = Path.GetFileName(path)
        where name.EndsWith(".jsonl", System.StringComparison.Ordinal) || name.EndsWith(".jsonl.gz", System.StringComparison.Ordinal)
        select (name[..name.IndexOf(".jsonl", System.StringComparison.Ordinal)], path);

    /// <summary>The conversations of a file.</summary>
    public static IEnumerable<List<Exchange>> Read(string path)
    {
        var conversation = new List<Exchange>();
        foreach (var exchange in Lines(path).Select(Parse))
        {
            if (exchange.Kind == "start" && conversation.Count > 0)
            {
                yield return conversation;
                conversation = [];
            }

            conversation.Add(exchange);
        }

        if (conversation.Count > 0) yield return conversation;
    }

    private static Exchange Parse(string line)
    {
        var root = JsonDocument.Parse(line).RootElement;
        return new(root.GetProperty("message"), root.GetProperty("response"), root.TryGetProperty("by", out var by) ? by.GetString() : null);
    }

    private static IEnumerable<string> Lines(string path)
    {
        using Stream file = File.OpenRead(path), text = path.EndsWith(".gz", System.StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(text);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0) yield return line;
    }
}

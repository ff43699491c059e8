using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using DiffLib.Benchmarks.GradBench;

namespace DiffLib.Conformance.GradBench;

/// <summary>What became of a file of conversations.</summary>
internal sealed record ReplayResult(int Passed, int Skipped, List<string> Failures);

/// <summary>Asks our tool what was asked in a recorded conversation, and compares its answers with the recorded ones.</summary>
internal static class Replay
{
    /// <summary>Our tool's answers to some lines.</summary>
    public static List<string> Ask(IEnumerable<string> messages)
    {
        using var input = new MemoryStream();
        using (var writer = new StreamWriter(input, leaveOpen: true))
            foreach (var message in messages) writer.Write(message + "\n");
        input.Position = 0;
        using var output = new MemoryStream();
        new Tool(input, output, TextWriter.Null, defineSeconds: 0).Serve();
        output.Position = 0;
        using var reader = new StreamReader(output);
        var answers = new List<string>();
        while (reader.ReadLine() is { } line) answers.Add(line);
        return answers;
    }

    /// <summary>Replays the conversations of a file, one after the other.</summary>
    public static ReplayResult Run(string path)
    {
        var (passed, skipped, failures) = (0, 0, new List<string>());
        foreach (var conversation in Conversations.Read(path))
        {
            var answers = Ask(conversation.Select(e => e.Message.GetRawText()));
            if (answers.Count != conversation.Count) failures.Add($"{answers.Count} answers to {conversation.Count} messages");
            foreach (var (exchange, answer) in conversation.Zip(answers))
            {
                if (IsUndecided(exchange))
                {
                    skipped++;
                    continue;
                }

                if (Fault(exchange, answer) is not { } fault) passed++;
                else failures.Add($"message {exchange.Id} ({exchange.Module} {exchange.Function}): {fault}");
            }
        }

        return new(passed, skipped, failures);
    }

    /// <summary>Whether the recorded answer is itself a failure, which says nothing about ours.</summary>
    private static bool IsUndecided(Exchange exchange) =>
        exchange.Kind == "evaluate" && !(exchange.Response.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.True);

    /// <summary>What is wrong with an answer; null if nothing.</summary>
    private static string? Fault(Exchange exchange, string text)
    {
        using var document = Parse(text);
        if (document is null) return $"the answer is not JSON: {Beginning(text)}";
        var answer = document.RootElement;
        if (!answer.TryGetProperty("id", out var id) || id.GetInt64() != exchange.Id) return $"the answer has another id: {Beginning(text)}";
        if (exchange.Kind is not ("define" or "evaluate")) return null;
        if (!answer.TryGetProperty("success", out var success) || success.ValueKind != JsonValueKind.True) return $"no success: {Beginning(text)}";
        if (answer.TryGetProperty("error", out _)) return "success with an error";
        if (exchange.Kind == "define") return null;
        if (!answer.TryGetProperty("output", out var output)) return "no output";
        return Timings(exchange, answer) ?? Compare.Difference(output, exchange.Response.GetProperty("output"), exchange.Tolerance);
    }

    private static string? Timings(Exchange exchange, JsonElement answer)
    {
        var input = exchange.Message.GetProperty("input");
        var runs = input.ValueKind == JsonValueKind.Object && input.TryGetProperty("min_runs", out var least) ? least.GetInt32() : 1;
        var timings = answer.GetProperty("timings").EnumerateArray().ToList();
        if (timings.Exists(t => t.GetProperty("nanoseconds").GetInt64() < 0)) return "a timing is negative";
        var measured = timings.Count(t => t.GetProperty("name").GetString() == "evaluate");
        return measured < runs ? $"{measured} timings of {runs} runs" : null;
    }

    private static JsonDocument? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Beginning(string text) => text.Length <= 200 ? text : text[..200] + "...";
}

/// <summary>GradBench's rule of comparison.</summary>
internal static class Compare
{
    /// <summary>Where an answer differs from the recorded one; null if nowhere.</summary>
    public static string? Difference(JsonElement actual, JsonElement expected, double tolerance, string place = "output") => expected.ValueKind switch
    {
        JsonValueKind.Number => Number(actual, expected, tolerance, place),
        JsonValueKind.Array => List(actual, expected, tolerance, place),
        JsonValueKind.Object => Object(actual, expected, tolerance, place),
        _ => actual.ValueKind == expected.ValueKind && actual.ToString() == expected.ToString() ? null : $"{place} is {actual}, expected {expected}",
    };

    private static string? Number(JsonElement actual, JsonElement expected, double tolerance, string place)
    {
        if (actual.ValueKind != JsonValueKind.Number) return $"{place} is {actual.ValueKind}, expected a number";
        double x = actual.GetDouble(), y = expected.GetDouble();
        var near = expected.TryGetInt64(out _) && actual.TryGetInt64(out _) ? x == y : Math.Abs(x - y) <= tolerance * Math.Max(1, Math.Abs(x) + Math.Abs(y));
        return near ? null : $"{place} is {x:R}, expected {y:R}";
    }

    private static string? List(JsonElement actual, JsonElement expected, double tolerance, string place)
    {
        if (actual.ValueKind != JsonValueKind.Array || actual.GetArrayLength() != expected.GetArrayLength()) return $"{place} is not a list of {expected.GetArrayLength()}";
        return actual.EnumerateArray().Zip(expected.EnumerateArray()).Select((pair, k) => Difference(pair.First, pair.Second, tolerance, $"{place}[{k}]")).FirstOrDefault(d => d is not null);
    }

    private static string? Object(JsonElement actual, JsonElement expected, double tolerance, string place)
    {
        if (actual.ValueKind != JsonValueKind.Object) return $"{place} is {actual.ValueKind}, expected an object";
        var names = expected.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal);
        if (!names.SequenceEqual(actual.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal))) return $"{place} has other keys";
        return expected.EnumerateObject().Select(p => Difference(actual.GetProperty(p.Name), p.Value, tolerance, $"{place}.{p.Name}")).FirstOrDefault(d => d is not null);
    }
}

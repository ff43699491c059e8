using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace DiffLib.Conformance;

/// <summary>One recorded call: inputs, results and derivatives.</summary>
internal sealed class Case
{
    private readonly JsonElement json;

    private Case(JsonElement json)
    {
        this.json = json;
        Id = Text("id") ?? "?";
        Group = Text("group") ?? "?";
        Op = Text("op") ?? "?";
    }

    public string Id { get; }

    public string Group { get; }

    /// <summary>The operation's name in the peer.</summary>
    public string Op { get; }

    /// <summary>Reads one line of a golden file.</summary>
    public static Case Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return new Case(document.RootElement.Clone());
    }

    /// <summary>The inputs, and which of them are differentiated.</summary>
    public (Recorded[] Tensors, bool[] Differentiable) Inputs()
    {
        var inputs = json.GetProperty("inputs").EnumerateArray().ToArray();
        return (inputs.Select(Recorded.Parse).ToArray(), inputs.Select(i => i.TryGetProperty("diff", out var d) && d.GetBoolean()).ToArray());
    }

    /// <summary>A list of tensors such as <c>outputs</c> or <c>vjp</c>, with null where nothing is recorded; null if the field is absent.</summary>
    public Recorded?[]? Tensors(string field) =>
        json.TryGetProperty(field, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(t => t.ValueKind == JsonValueKind.Null ? null : Recorded.Parse(t)).ToArray()
            : null;

    /// <summary>A text field, or null.</summary>
    public string? Text(string field) => json.TryGetProperty(field, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    /// <summary>Whether a boolean field is there and true.</summary>
    public bool Flag(string field) => json.TryGetProperty(field, out var flag) && flag.ValueKind == JsonValueKind.True;

    /// <summary>Whether the case has this field at all.</summary>
    public bool Has(string field) => json.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The tags of an edge case.</summary>
    public IReadOnlyList<string> Tags =>
        json.TryGetProperty("tags", out var tags) ? tags.EnumerateArray().Select(t => t.GetString() ?? "").ToArray() : [];

    /// <summary>The tolerance <c>rtol</c> or <c>atol</c> of a field, if the case has its own.</summary>
    public double? Tolerance(string kind, string field) =>
        json.TryGetProperty(kind, out var own) && own.ValueKind == JsonValueKind.Object && own.TryGetProperty(field, out var value) ? value.GetDouble() : null;

    /// <summary>Whether the call names an element type.</summary>
    public bool NamesDType => new[] { "params", "kwargs" }.Any(f => json.TryGetProperty(f, out var call) && call.ValueKind == JsonValueKind.Object && call.TryGetProperty("dtype", out var type) && type.ValueKind == JsonValueKind.Object);

    /// <summary>A part of <c>extra</c>.</summary>
    public JsonElement? Extra(string name) =>
        json.TryGetProperty("extra", out var extra) && extra.TryGetProperty(name, out var value) ? value : null;

    /// <summary>The call with these tensors as its inputs.</summary>
    public Call CallWith(IReadOnlyList<Tensor> tensors) => new(
        Op,
        json.TryGetProperty("params", out var parameters) && parameters.ValueKind == JsonValueKind.Object ? parameters : null,
        json.GetProperty("args").EnumerateArray().ToArray(),
        json.GetProperty("kwargs"),
        tensors,
        json.TryGetProperty("inputs", out var inputs)
            ? inputs.EnumerateArray().Select(i => i.TryGetProperty("name", out var name) ? name.GetString() : null).ToArray()
            : Array.Empty<string?>())
    {
        Expression = Text("expr") ?? "",
    };
}

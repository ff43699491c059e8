using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace DiffLib.Conformance;

/// <summary>The kinds of things between the brackets of <c>x[...]</c>.</summary>
internal enum IndexKind
{
    Position,
    Slice,
    Ellipsis,
    NewAxis,
    Tensor,
}

/// <summary>One item of an index.</summary>
internal readonly record struct IndexItem(IndexKind Kind, int Position = 0, int? Start = null, int? Stop = null, int? Step = null, Tensor? Tensor = null)
{
    /// <summary>The item as an index of <see cref="DiffLib.Tensor"/>; not for tensors.</summary>
    public TensorIndex ToIndex() => Kind switch
    {
        IndexKind.Position => Position,
        IndexKind.Slice => TensorIndex.Step(Start, Stop, Step ?? 1),
        IndexKind.Ellipsis => TensorIndex.Ellipsis,
        IndexKind.NewAxis => TensorIndex.NewAxis,
        _ => throw new InvalidOperationException("a tensor is not a basic index"),
    };
}

/// <summary>The arguments of a recorded call, by the peer's parameter names: first <c>params</c>, then <c>kwargs</c>, then <c>args</c> by position.</summary>
internal sealed class Call(string op, JsonElement? parameters, JsonElement[] args, JsonElement kwargs, IReadOnlyList<Tensor> inputs, string?[] names)
{
    /// <summary>The text that defines a composition.</summary>
    public string Expression { get; init; } = "";

    /// <summary>The operation's name.</summary>
    public string Op => op;

    /// <summary>All input tensors in order.</summary>
    public IReadOnlyList<Tensor> Inputs => inputs;

    /// <summary>The number of positional arguments.</summary>
    public int ArgCount => args.Length;

    private JsonElement? Find(string name)
    {
        if (parameters is { } named && named.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null) return value;
        return kwargs.ValueKind == JsonValueKind.Object && kwargs.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private JsonElement Need(string name) => Find(name) ?? throw new FormatException($"the call of {op} has no parameter '{name}'");

    /// <summary>Whether the parameter is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Whether the parameter is a tensor.</summary>
    public bool IsTensor(string name) => Find(name) is { } value && IsTensorReference(value);

    /// <summary>Whether the parameter is a plain whole number.</summary>
    public bool IsInt(string name) => Find(name) is { ValueKind: JsonValueKind.Number } value && !value.GetRawText().Contains('.') && value.TryGetInt64(out _);

    /// <summary>Whether the parameter is a number (not a tensor).</summary>
    public bool IsNumber(string name) => Find(name) is { } value && IsNumberValue(value);

    /// <summary>Whether the parameter is a list.</summary>
    public bool IsList(string name) => Find(name) is { ValueKind: JsonValueKind.Array };

    /// <summary>Whether the parameter is text.</summary>
    public bool IsText(string name) => Find(name) is { ValueKind: JsonValueKind.String } value && !IsNumberValue(value);

    private static bool IsTensorReference(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("in", out _);

    private static bool IsNumberValue(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number
        || (value.ValueKind == JsonValueKind.String && value.GetString() is "NaN" or "Infinity" or "-Infinity");

    private Tensor TensorOf(JsonElement value) => inputs[value.GetProperty("in").GetInt32()];

    /// <summary>The input that a composite case calls by this name.</summary>
    public Tensor Named(string name)
    {
        var k = Array.IndexOf(names, name);
        return k >= 0 ? inputs[k] : throw new FormatException($"the call of {op} has no input '{name}'");
    }

    /// <summary>A tensor parameter.</summary>
    public Tensor Tensor(string name) => TensorOf(Need(name));

    /// <summary>A tensor parameter, or null.</summary>
    public Tensor? TensorOrNull(string name) => Find(name) is { } value ? TensorOf(value) : null;

    /// <summary>A tensor, or a number as a weak scalar.</summary>
    public Tensor Operand(string name) => OperandOf(Need(name));

    private Tensor OperandOf(JsonElement value)
    {
        if (IsTensorReference(value)) return TensorOf(value);
        return value.ValueKind == JsonValueKind.Number && !value.GetRawText().Contains('.') && value.TryGetInt32(out var whole)
            ? (Tensor)whole
            : (Tensor)Recorded.Number(value);
    }

    /// <summary>A list of tensors; one tensor counts as a list of one.</summary>
    public Tensor[] Tensors(string name)
    {
        var value = Need(name);
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(TensorOf).ToArray() : [TensorOf(value)];
    }

    /// <summary>A whole number.</summary>
    public int Int(string name) => Need(name).GetInt32();

    /// <summary>A whole number, or the default where it is absent.</summary>
    public int Int(string name, int otherwise) => Find(name)?.GetInt32() ?? otherwise;

    /// <summary>A whole number, or null.</summary>
    public int? IntOrNull(string name) => Find(name)?.GetInt32();

    /// <summary>A list of whole numbers; one number counts as a list of one.</summary>
    public int[] Ints(string name) => IntsOf(Need(name));

    /// <summary>A list of whole numbers, or null.</summary>
    public int[]? IntsOrNull(string name) => Find(name) is { } value ? IntsOf(value) : null;

    /// <summary>A list of whole numbers with gaps; one number counts as a list of one.</summary>
    public int?[] IntsOrNulls(string name) =>
        Need(name) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? (int?)null : v.GetInt32()).ToArray()
            : [Need(name).GetInt32()];

    private static int[] IntsOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(v => v.GetInt32()).ToArray() : [value.GetInt32()];

    /// <summary>Lists of whole numbers, such as the two lists of axes of a tensor dot product.</summary>
    public int[][] IntLists(string name) => Need(name).EnumerateArray().Select(IntsOf).ToArray();

    /// <summary>A number.</summary>
    public double Double(string name) => Recorded.Number(Need(name));

    /// <summary>A number, or the default where it is absent.</summary>
    public double Double(string name, double otherwise) => Find(name) is { } value ? Recorded.Number(value) : otherwise;

    /// <summary>A number, or null.</summary>
    public double? DoubleOrNull(string name) => Find(name) is { } value ? Recorded.Number(value) : null;

    /// <summary>A list of numbers; one number counts as a list of one.</summary>
    public double[] Doubles(string name)
    {
        var value = Need(name);
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Recorded.Number).ToArray() : [Recorded.Number(value)];
    }

    /// <summary>A truth value, false where it is absent.</summary>
    public bool Bool(string name, bool otherwise = false) => Find(name)?.GetBoolean() ?? otherwise;

    /// <summary>Text, or null.</summary>
    public string? TextOrNull(string name) => Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Text, or the default where it is absent.</summary>
    public string Text(string name, string otherwise = "") => TextOrNull(name) ?? otherwise;

    /// <summary>An element type, or null.</summary>
    public DType? DType(string name = "dtype") =>
        Find(name) is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("dtype", out var type) ? Recorded.TypeNamed(type.GetString()) : null;

    /// <summary>The items of an index.</summary>
    public IndexItem[] Index(string name)
    {
        var value = Need(name);
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(ItemOf).ToArray() : [ItemOf(value)];
    }

    private IndexItem ItemOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null) return new IndexItem(IndexKind.NewAxis);
        if (value.ValueKind == JsonValueKind.Number) return new IndexItem(IndexKind.Position, Position: value.GetInt32());
        if (value.ValueKind != JsonValueKind.Object) throw new FormatException($"the call of {op} has an index item {value.GetRawText()}");
        if (value.TryGetProperty("ellipsis", out _)) return new IndexItem(IndexKind.Ellipsis);
        if (IsTensorReference(value)) return new IndexItem(IndexKind.Tensor, Tensor: TensorOf(value));

        var parts = value.GetProperty("slice").EnumerateArray().Select(p => p.ValueKind == JsonValueKind.Null ? (int?)null : p.GetInt32()).ToArray();
        return new IndexItem(IndexKind.Slice, Start: parts[0], Stop: parts[1], Step: parts[2]);
    }

    // ---- by position, for calls without named parameters

    /// <summary>Whether there is a positional argument that is not null.</summary>
    public bool HasArg(int position) => position < args.Length && args[position].ValueKind != JsonValueKind.Null;

    /// <summary>A positional tensor.</summary>
    public Tensor TensorArg(int position) => TensorOf(args[position]);

    /// <summary>A positional tensor, or null.</summary>
    public Tensor? TensorArgOrNull(int position) => HasArg(position) ? TensorOf(args[position]) : null;

    /// <summary>A positional list of tensors.</summary>
    public Tensor[] TensorsArg(int position) => args[position].EnumerateArray().Select(TensorOf).ToArray();

    /// <summary>A positional whole number.</summary>
    public int IntArg(int position) => args[position].GetInt32();

    /// <summary>A positional list of whole numbers.</summary>
    public int[] IntsArg(int position) => IntsOf(args[position]);

    /// <summary>A positional number.</summary>
    public double DoubleArg(int position) => Recorded.Number(args[position]);

    /// <summary>A positional truth value.</summary>
    public bool BoolArg(int position) => args[position].GetBoolean();

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{op}({(parameters is { } named ? named.GetRawText() : string.Join(", ", args.Select(a => a.GetRawText())))})");
}

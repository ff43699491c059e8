using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text.Json;

namespace DiffLib.Benchmarks.GradBench.Protocol;

/// <summary>An input that is not what the eval asks for. Becomes an answer.</summary>
internal sealed class InputException(string message) : Exception(message);

/// <summary>Nested lists of numbers, flat: the numbers in the order of the text, and how many there are at each depth.</summary>
internal sealed record Numbers(double[] Data, int[] Shape)
{
    /// <summary>The numbers as integers.</summary>
    /// <exception cref="InputException">One is not.</exception>
    public int[] ToIntegers(string name)
    {
        var integers = new int[Data.Length];
        for (var i = 0; i < integers.Length; i++)
        {
            integers[i] = (int)Data[i];
            if (integers[i] != Data[i]) throw new InputException($"{name} holds {Data[i]}, which is not an integer of 32 bits.");
        }

        return integers;
    }
}

/// <summary>The input of an evaluation: a number, or an object with fields of numbers, lists of numbers, truth values and objects again. Lists of text are skipped.</summary>
internal sealed class Input
{
    private readonly Dictionary<string, object?> _fields;

    private Input(double value, Dictionary<string, object?> fields)
    {
        Value = value;
        _fields = fields;
    }

    /// <summary>The number, where the input is one; else NaN.</summary>
    public double Value { get; }

    /// <summary>Reads an input from its JSON text.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    /// <exception cref="InputException">It is neither a number nor an object, or has lists that are not rectangular.</exception>
    public static Input Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Number => new(reader.GetDouble(), []),
            JsonTokenType.StartObject => new(double.NaN, Fields(ref reader)),
            _ => throw new InputException("The input is neither a number nor an object."),
        };
    }

    /// <summary>An input made in code.</summary>
    public static Input Of(params (string Name, object Value)[] fields)
    {
        var all = new Dictionary<string, object?>();
        foreach (var (name, value) in fields)
        {
            all[name] = value switch
            {
                int number => (double)number,
                double[] list => new Numbers(list, [list.Length]),
                _ => value,
            };
        }

        return new(double.NaN, all);
    }

    /// <summary>An input that is a number.</summary>
    public static Input Of(double value) => new(value, []);

    /// <summary>Whether there is a field of this name.</summary>
    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>A field that is a number.</summary>
    public double Number(string name) => Field<double>(name, "a number");

    /// <summary>A field that is an integer and at least <paramref name="least"/>.</summary>
    public int Integer(string name, int least)
    {
        var value = Number(name);
        return value == Math.Floor(value) && value >= least && value <= int.MaxValue
            ? (int)value
            : throw new InputException($"The field {name} is {value}, but must be an integer of at least {least}.");
    }

    /// <summary>A field that is a truth value.</summary>
    public bool Truth(string name) => Field<bool>(name, "true or false");

    /// <summary>A field that is a list of numbers, or of lists of them.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">How many there must be at each depth; -1 for any number.</param>
    public Numbers List(string name, params ReadOnlySpan<int> shape)
    {
        var list = Field<Numbers>(name, "a list of numbers");
        var fits = list.Shape.Length == shape.Length || list.Data.Length == 0;
        for (var d = 0; fits && d < Math.Min(shape.Length, list.Shape.Length); d++) fits = shape[d] < 0 || list.Shape[d] == shape[d];
        return fits
            ? list
            : throw new InputException($"The field {name} has the shape [{string.Join(", ", list.Shape)}], but must have [{string.Join(", ", shape.ToArray())}] (-1 stands for any number).");
    }

    /// <summary>A field that is an object.</summary>
    public Input Object(string name) => new(double.NaN, Field<Dictionary<string, object?>>(name, "an object"));

    private T Field<T>(string name, string kind) =>
        !_fields.TryGetValue(name, out var value) ? throw new InputException($"The field {name} is missing.")
        : value is T fit ? fit
        : throw new InputException($"The field {name} is not {kind}.");

    private static Dictionary<string, object?> Fields(ref Utf8JsonReader reader)
    {
        var fields = new Dictionary<string, object?>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            fields[name] = reader.TokenType switch
            {
                JsonTokenType.Number => reader.GetDouble(),
                JsonTokenType.True => true,
                JsonTokenType.False => false,
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.StartObject => Fields(ref reader),
                JsonTokenType.StartArray => Numbers(ref reader, name),
                _ => null,
            };
        }

        return fields;
    }

    /// <summary>From the start of a list to its end; null for a list of other things than numbers.</summary>
    private static Numbers? Numbers(ref Utf8JsonReader reader, string name)
    {
        var data = ArrayPool<double>.Shared.Rent(1024);
        var (count, depth, others) = (0, 1, false);
        var lengths = new List<int> { 0 }; // of the lists that are open
        var shape = new List<int> { -1 };
        while (depth > 0)
        {
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.Number:
                    if (depth != shape.Count && shape[^1] != -1) throw NotRectangular(name);
                    if (count == data.Length) Grow(ref data);
                    data[count++] = reader.GetDouble();
                    lengths[depth - 1]++;
                    break;
                case JsonTokenType.StartArray:
                    if (depth == shape.Count)
                    {
                        if (count > 0) throw NotRectangular(name);
                        shape.Add(-1);
                        lengths.Add(0);
                    }

                    lengths[depth - 1]++;
                    lengths[depth++] = 0;
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    if (shape[depth] == -1) shape[depth] = lengths[depth];
                    else if (shape[depth] != lengths[depth]) throw NotRectangular(name);
                    break;
                case JsonTokenType.StartObject:
                    others = true;
                    reader.Skip();
                    break;
                default:
                    others = true;
                    break;
            }
        }

        var numbers = others ? null : new Numbers(data.AsSpan(0, count).ToArray(), [.. shape]);
        ArrayPool<double>.Shared.Return(data);
        return numbers;
    }

    private static void Grow(ref double[] data)
    {
        var larger = ArrayPool<double>.Shared.Rent(2 * data.Length);
        data.CopyTo(larger, 0);
        ArrayPool<double>.Shared.Return(data);
        data = larger;
    }

    private static InputException NotRectangular(string name) => new($"The lists in the field {name} are not all equally long.");
}

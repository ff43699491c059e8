using System;
using System.Text.Json;

namespace DiffLib.Benchmarks.GradBench.Protocol;

/// <summary>What a message says, but for its input: that is the stretch of text from <see cref="InputStart"/> on.</summary>
internal readonly record struct Message(long Id, string Kind, string Module, string Function, int InputStart, int InputLength)
{
    /// <summary>Reads a message. Fields that are not known are skipped.</summary>
    /// <param name="json">The text.</param>
    /// <param name="message">What could be read, also where the text ends in an error.</param>
    /// <returns>Null, or what is wrong with the text.</returns>
    public static string? Read(ReadOnlySpan<byte> json, ref Message message)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return "A message is a JSON object.";
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"u8) && reader.Read()) message = message with { Id = reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : message.Id };
                else if (reader.ValueTextEquals("kind"u8)) message = message with { Kind = Text(ref reader) };
                else if (reader.ValueTextEquals("module"u8)) message = message with { Module = Text(ref reader) };
                else if (reader.ValueTextEquals("function"u8)) message = message with { Function = Text(ref reader) };
                else if (reader.ValueTextEquals("input"u8))
                {
                    reader.Read();
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    message = message with { InputStart = start, InputLength = (int)reader.BytesConsumed - start };
                    continue;
                }
                else reader.Read();

                reader.Skip();
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return $"The message cannot be read: {e.Message}";
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString() ?? "" : "";
    }
}

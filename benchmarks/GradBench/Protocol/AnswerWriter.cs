using System;
using System.Buffers.Text;
using System.Globalization;
using System.IO;
using System.Text.Json;

namespace DiffLib.Benchmarks.GradBench.Protocol;

/// <summary>JSON text into a stream, through a buffer. Numbers come out in the shortest form that reads back as the same number.</summary>
internal sealed class AnswerWriter(Stream stream)
{
    private const int LongestNumber = 32;

    private readonly byte[] _buffer = new byte[1 << 18];
    private int _count;

    /// <summary>Text that is JSON already.</summary>
    public void Raw(ReadOnlySpan<byte> text)
    {
        if (_buffer.Length - _count < text.Length) Drain();
        if (text.Length > _buffer.Length)
        {
            stream.Write(text);
            return;
        }

        text.CopyTo(_buffer.AsSpan(_count));
        _count += text.Length;
    }

    /// <summary>Text in quotes.</summary>
    public void Text(string text)
    {
        Raw("\""u8);
        Raw(JsonEncodedText.Encode(text).EncodedUtf8Bytes);
        Raw("\""u8);
    }

    /// <summary>A finite number.</summary>
    public void Number(double value)
    {
        if (_buffer.Length - _count < LongestNumber) Drain();
        value.TryFormat(_buffer.AsSpan(_count), out var written, default, CultureInfo.InvariantCulture);
        _count += written;
    }

    /// <summary>An integer.</summary>
    public void Integer(long value)
    {
        if (_buffer.Length - _count < LongestNumber) Drain();
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_count), out var written);
        _count += written;
    }

    /// <summary>Finite numbers in brackets.</summary>
    public void List(ReadOnlySpan<double> values)
    {
        Raw("["u8);
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0) Raw(","u8);
            Number(values[i]);
        }

        Raw("]"u8);
    }

    /// <summary>Integers in brackets.</summary>
    public void List(ReadOnlySpan<int> values)
    {
        Raw("["u8);
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0) Raw(","u8);
            Integer(values[i]);
        }

        Raw("]"u8);
    }

    /// <summary>Sends all that was written.</summary>
    public void Flush()
    {
        Drain();
        stream.Flush();
    }

    private void Drain()
    {
        stream.Write(_buffer, 0, _count);
        _count = 0;
    }
}

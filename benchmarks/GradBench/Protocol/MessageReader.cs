using System;
using System.IO;

namespace DiffLib.Benchmarks.GradBench.Protocol;

/// <summary>Lines of a stream, of any length. The memory of a line is used again for the next one.</summary>
internal sealed class MessageReader(Stream stream)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start; // where the unread bytes begin
    private int _end; // where they end

    /// <summary>The next line without its end, valid until the next call; false at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">The line is longer than an array can be.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var searched = _start;
        while (true)
        {
            var at = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = _buffer.AsSpan(_start, searched + at - _start);
                _start = searched + at + 1;
                return true;
            }

            searched = _end;
            if (Fill(ref searched)) continue;
            line = _buffer.AsSpan(_start, _end - _start);
            _start = _end;
            return line.Length > 0;
        }
    }

    /// <summary>Reads on. Bytes may move to the start of a buffer, and what has been searched moves with them.</summary>
    private bool Fill(ref int searched)
    {
        if (_end == _buffer.Length)
        {
            var unread = _end - _start;
            var target = _buffer;
            if (unread > _buffer.Length / 2)
            {
                if (unread >= Array.MaxLength) throw new InvalidDataException($"A message is longer than {Array.MaxLength} bytes.");
                target = new byte[(int)Math.Min(Array.MaxLength, 2L * _buffer.Length)];
            }

            Buffer.BlockCopy(_buffer, _start, target, 0, unread);
            (_buffer, _start, _end) = (target, 0, unread);
            searched = unread;
        }

        var count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        return count > 0;
    }
}

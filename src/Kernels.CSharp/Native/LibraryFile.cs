using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>Looks at a shared library before the system's loader maps it: a file that was cut short would end the process when it is touched.</summary>
internal static class LibraryFile
{
    private const int HeaderSize = 64, SegmentSize = 56;
    private const uint LoadedSegment = 1;

    /// <summary>Why the file cannot be loaded into this process, or null. Only ELF files are looked into; other systems' loaders check sizes themselves.</summary>
    public static string? Problem(string path)
    {
        try
        {
            if (!OperatingSystem.IsLinux() && !OperatingSystem.IsFreeBSD()) return File.Exists(path) ? null : "there is no such file";
            using var file = File.OpenRead(path);
            return ElfProblem(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return problem.Message;
        }
    }

    private static string? ElfProblem(FileStream file)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize || !header.StartsWith("\u007FELF"u8)) return "it is not a shared library";
        var (bits, order, machine) = (header[4] == 2 ? 64 : 32, header[5], BinaryPrimitives.ReadUInt16LittleEndian(header[18..]));
        if (bits != 8 * nint.Size || order != 1 || (Machine is { } own && own != machine))
            return $"it is built for {Name(machine)}, {bits} bits, and this process is {RuntimeInformation.ProcessArchitecture}";
        return bits == 64 ? SegmentProblem(file, header) : null;
    }

    /// <summary>What the loader will map has to be there.</summary>
    private static string? SegmentProblem(FileStream file, ReadOnlySpan<byte> header)
    {
        var at = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header[54..]), count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        if (size < SegmentSize || count == 0 || at < HeaderSize || at > file.Length - (long)size * count) return "its table of segments is damaged";
        var segments = new byte[size * count];
        file.Position = at;
        file.ReadExactly(segments);
        for (var i = 0; i < count; i++)
        {
            var segment = segments.AsSpan(i * size);
            if (BinaryPrimitives.ReadUInt32LittleEndian(segment) != LoadedSegment) continue;
            long offset = BinaryPrimitives.ReadInt64LittleEndian(segment[8..]), length = BinaryPrimitives.ReadInt64LittleEndian(segment[32..]);
            if (offset < 0 || length < 0 || offset > file.Length - length) return $"it is cut short: {file.Length} bytes are there";
        }

        return null;
    }

    private static ushort? Machine => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X86 => 3,
        Architecture.Arm => 40,
        Architecture.X64 => 62,
        Architecture.Arm64 => 183,
        Architecture.RiscV64 => 243,
        Architecture.LoongArch64 => 258,
        _ => null,
    };

    private static string Name(ushort machine) => machine switch
    {
        3 => "X86",
        40 => "Arm",
        62 => "X64",
        183 => "Arm64",
        243 => "RiscV64",
        258 => "LoongArch64",
        _ => $"machine {machine}",
    };
}

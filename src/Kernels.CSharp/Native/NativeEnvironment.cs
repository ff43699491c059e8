using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>Environment variables as native code sees them: on Unix the runtime keeps its own copy, which getenv never reads. What is set here is put back on disposal:
/// libraries read their variables once, when they are loaded or first called.</summary>
internal sealed unsafe class NativeEnvironment : IDisposable
{
    private readonly List<(string Name, string? Before)> _changed = [];

    /// <summary>Sets a variable until disposal.</summary>
    public void Set(string name, string value)
    {
        _changed.Add((name, Read(name)));
        Write(name, value);
    }

    public void Dispose()
    {
        foreach (var (name, before) in _changed) Write(name, before);
    }

    private static string? Read(string name)
    {
        if (OperatingSystem.IsWindows()) return Environment.GetEnvironmentVariable(name);
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "getenv", out var address)) return null;
        fixed (byte* text = Bytes(name)) return Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*, byte*>)address)(text));
    }

    private static void Write(string name, string? value)
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(name, value);
            return;
        }

        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), value is null ? "unsetenv" : "setenv", out var address)) return;
        fixed (byte* text = Bytes(name), content = Bytes(value ?? ""))
        {
            if (value is null) ((delegate* unmanaged<byte*, int>)address)(text);
            else ((delegate* unmanaged<byte*, byte*, int, int>)address)(text, content, 1);
        }
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text + "\0");
}

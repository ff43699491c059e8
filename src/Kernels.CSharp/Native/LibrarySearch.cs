using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>Finds and opens a shared library by its usual file names.</summary>
internal static class LibrarySearch
{
    /// <summary>Folders that are searched instead of the system's, separated as in PATH.</summary>
    public const string PathVariable = "DIFFLIB_BLAS_PATH";

    /// <summary>The first file that loads: its handle and path, or 0 and what was in the way.</summary>
    public static (nint Handle, string Path) Open(IReadOnlyList<string> names, List<string> problems)
    {
        var only = Environment.GetEnvironmentVariable(PathVariable);
        var folders = string.IsNullOrEmpty(only) ? SystemFolders() : Split(only);
        foreach (var path in folders.Distinct().SelectMany(folder => names.Select(name => Path.Combine(folder, name))).Where(File.Exists))
        {
            if (LibraryFile.Problem(path) is { } problem) problems.Add($"{path}: {problem}");
            else if (TryLoad(path, problems) is var handle and not 0) return (handle, path);
        }

        if (string.IsNullOrEmpty(only))
        {
            // by name alone: what the system's loader knows and the list of folders does not; that it knows none of them is no news
            foreach (var name in names)
                if (TryLoad(name, []) is var handle and not 0) return (handle, name);
        }

        if (problems.Count == 0) problems.Add($"{string.Join(" or ", names)} was not found in {(string.IsNullOrEmpty(only) ? "the system's folders" : $"{only} ({PathVariable})")}");
        return (0, "");
    }

    private static nint TryLoad(string path, List<string> problems)
    {
        try
        {
            return OperatingSystem.IsLinux() ? OpenApart(path) : NativeLibrary.Load(path);
        }
        catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
        {
            problems.Add($"{path}: {problem.Message.ReplaceLineEndings(" ")}");
            return 0;
        }
    }

    /// <summary>Opens a library so that it finds its own symbols before those of others: MKL makes its symbols visible to everybody, and every library of this kind has the same ones.</summary>
    /// <exception cref="DllNotFoundException">The loader refuses it.</exception>
    private static unsafe nint OpenApart(string path)
    {
        const int lazy = 1, ownSymbolsFirst = 8;
        var program = NativeLibrary.GetMainProgramHandle();
        if (!NativeLibrary.TryGetExport(program, "dlopen", out var open) || !NativeLibrary.TryGetExport(program, "dlerror", out var error)) return NativeLibrary.Load(path);
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(path + "\0"))
        {
            var handle = ((delegate* unmanaged<byte*, int, nint>)open)(text, lazy | ownSymbolsFirst);
            return handle != 0 ? handle : throw new DllNotFoundException(Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)error)()) ?? "the loader refuses it");
        }
    }

    private static IEnumerable<string> Split(string? folders) => (folders ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<string> SystemFolders()
    {
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        foreach (var folder in Split(Environment.GetEnvironmentVariable(OperatingSystem.IsWindows() ? "PATH" : OperatingSystem.IsMacOS() ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH")))
            yield return folder;
        foreach (var (variable, inside) in new[] { ("MKLROOT", "lib"), ("MKLROOT", "lib/intel64"), ("CONDA_PREFIX", "lib"), ("CONDA_PREFIX", "Library/bin") })
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } root) yield return Path.Combine(root, inside);
        if (OperatingSystem.IsWindows()) yield break;
        if (OperatingSystem.IsMacOS())
        {
            foreach (var prefix in new[] { "/opt/homebrew/opt/openblas/lib", "/usr/local/opt/openblas/lib", "/opt/homebrew/lib", "/usr/local/lib" }) yield return prefix;
            yield break;
        }

        var triplet = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "x86_64-linux-gnu", Architecture.Arm64 => "aarch64-linux-gnu", _ => "" };
        foreach (var root in new[] { "/usr/local/lib", "/usr/lib", "/lib" })
            foreach (var folder in new[] { Path.Combine(root, triplet), root + "64", root }) yield return folder;
        yield return "/opt/intel/oneapi/mkl/latest/lib";
        yield return "/opt/intel/oneapi/mkl/latest/lib/intel64";
    }
}

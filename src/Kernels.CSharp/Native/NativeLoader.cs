using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace DiffLib.Kernels;

/// <summary>Loads a library once a process: finds the file, chooses its kernel for this processor, tries it on a small problem.</summary>
internal static class NativeLoader
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<NativeKind, NativeBackend> Loaded = [];

    /// <summary>The library, or null and what was in the way.</summary>
    /// <param name="kind">Which library.</param>
    /// <param name="threads">How many threads it may use; null for what the user's variables say, else 1: the same bits wherever the program runs.</param>
    public static (NativeBackend? Backend, string Reason) Load(NativeKind kind, int? threads)
    {
        lock (Gate)
        {
            if (!Loaded.TryGetValue(kind, out var backend))
            {
                var problems = new List<string>();
                backend = First(kind, threads ?? AskedThreads(kind) ?? 1, problems);
                if (backend is null) return (null, string.Join("; ", problems));
                Loaded.Add(kind, backend);
            }

            if (threads is { } count && count != backend.Threads) backend.Threads = count;
            return (backend, $"found at {backend.Path}");
        }
    }

    private static int? AskedThreads(NativeKind kind)
    {
        foreach (var name in kind.ThreadVariables())
            if (int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0) return count;
        return null;
    }

    private static NativeBackend? First(NativeKind kind, int threads, List<string> problems)
    {
        if (kind == NativeKind.Accelerate && !OperatingSystem.IsMacOS())
        {
            problems.Add("Accelerate is part of macOS, and this is another system");
            return null;
        }

        // variables are read when the library is loaded or first called; none of ours is left behind
        using var environment = new NativeEnvironment();
        Prepare(kind, threads, environment);
        var (handle, path) = LibrarySearch.Open(kind.Files(), problems);
        if (handle == 0) return null;
        try
        {
            if (kind == NativeKind.Blis) ChooseBlisKernel(handle, path, environment);
            if (kind == NativeKind.Mkl && MissingPart(path) is { } missing)
            {
                problems.Add($"{path}: {missing}");
                return null;
            }

            if (NativeTrial.Problem(kind, handle) is { } problem)
            {
                problems.Add($"{path}: {problem}");
                return null;
            }

            var backend = new NativeBackend(kind, handle, path, NativeInformation.Of(kind, handle));
            if (backend.Threads != threads) backend.Threads = threads;
            return backend;
        }
        catch (EntryPointNotFoundException problem)
        {
            problems.Add($"{path}: {problem.Message}");
            return null;
        }
    }

    private static bool HasAvx512 => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512CD.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported;

    private static void Prepare(NativeKind kind, int threads, NativeEnvironment environment)
    {
        var count = threads.ToString(CultureInfo.InvariantCulture);
        environment.Set(kind.ThreadVariables()[0], count);
        switch (kind)
        {
            // builds older than the processor fall back to their AVX2 kernels: half the speed
            case NativeKind.OpenBlas when HasAvx512 && !Processor.IsIntel && !IsSet("OPENBLAS_CORETYPE"):
                environment.Set("OPENBLAS_CORETYPE", "SkylakeX");
                break;
            case NativeKind.OpenBlas when Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is { Length: > 0 } asked:
                environment.Set("OPENBLAS_CORETYPE", asked);
                break;
            // the default layer needs Intel's own OpenMP and ends the process where that is missing
            case NativeKind.Mkl:
                environment.Set("MKL_THREADING_LAYER", threads > 1 && LoadGlobally("libgomp.so.1") ? "GNU" : "SEQUENTIAL");
                environment.Set("MKL_INTERFACE_LAYER", "LP64");
                break;
        }
    }

    private static bool IsSet(string name) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));

    /// <summary>libmkl_rt opens the others when it is first called, and ends the process if they are missing.</summary>
    private static string? MissingPart(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var end = Path.GetFileName(path).Replace("libmkl_rt", "", StringComparison.Ordinal);
        var folder = Path.GetDirectoryName(path) ?? "";
        foreach (var part in new[] { "libmkl_core", "libmkl_intel_lp64", "libmkl_sequential", Avx2.IsSupported ? "libmkl_avx2" : "libmkl_def" })
        {
            var file = Path.Combine(folder, part + end);
            if (File.Exists(file) ? LibraryFile.Problem(file) is { } problem : !NativeLibrary.TryLoad(part + end, out _) && (problem = "it was not found") is not null)
                return $"it needs {part + end}: {problem}";
        }

        return null;
    }

    /// <summary>BLIS 0.9 does not know processors younger than itself and takes its portable kernels, at a seventh of the speed. A number that the build does not
    /// contain ends the process, so the build has to show that it contains the kernels.</summary>
    private static unsafe void ChooseBlisKernel(nint handle, string path, NativeEnvironment environment)
    {
        if (IsSet("BLIS_ARCH_TYPE") || !HasAvx512 || !NativeLibrary.TryGetExport(handle, "bli_arch_string", out var address)) return;
        if (NativeInformation.Text(handle, "bli_info_get_version_str") is not "0.9.0" || !Contains(path, "using 'skx' sub-config"u8)) return;
        if (Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<int, byte*>)address)(0)) == "skx") environment.Set("BLIS_ARCH_TYPE", "0");
    }

    private static bool Contains(string path, ReadOnlySpan<byte> text)
    {
        try
        {
            return File.ReadAllBytes(path).AsSpan().IndexOf(text) >= 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Makes a library's symbols visible to libraries loaded later.</summary>
    private static unsafe bool LoadGlobally(string name)
    {
        const int now = 2, global = 0x100;
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "dlopen", out var address)) return false;
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(name + "\0")) return ((delegate* unmanaged<byte*, int, nint>)address)(text, now | global) != 0;
    }
}

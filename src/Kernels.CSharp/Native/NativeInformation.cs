using System;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>What a library says about itself: version, kernel, threads. Where it does not say, the words are "unknown".</summary>
internal sealed record NativeInformation(string Version, string Kernel, Func<int> Threads, Action<int> SetThreads)
{
    private const string Unknown = "unknown";

    public static NativeInformation Of(NativeKind kind, nint handle) => kind switch
    {
        NativeKind.OpenBlas => OpenBlas(handle),
        NativeKind.Mkl => Mkl(handle),
        NativeKind.Blis => Blis(handle),
        _ => new(OperatingSystem.IsMacOS() ? Environment.OSVersion.Version.ToString() : Unknown, Unknown, () => Environment.ProcessorCount, _ => { }),
    };

    private static unsafe NativeInformation OpenBlas(nint handle)
    {
        // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=128"
        var words = Text(handle, "openblas_get_config").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new(words is ["OpenBLAS", var version, ..] ? version : Unknown, Text(handle, "openblas_get_corename"), Count(handle, "openblas_get_num_threads"), Setter(handle, "openblas_set_num_threads"));
    }

    private static unsafe NativeInformation Mkl(nint handle)
    {
        var (version, kernel) = (Unknown, Unknown);
        if (NativeLibrary.TryGetExport(handle, "MKL_Get_Version", out var address))
        {
            MklVersion mkl;
            ((delegate* unmanaged<MklVersion*, void>)address)(&mkl);
            version = $"{mkl.Major}.{mkl.Minor}.{mkl.Update}";
            kernel = Marshal.PtrToStringUTF8(mkl.Processor) ?? Unknown;
        }

        return new(version, kernel, Count(handle, "MKL_Get_Max_Threads"), Setter(handle, "MKL_Set_Num_Threads"));
    }

    private static unsafe NativeInformation Blis(nint handle)
    {
        var kernel = Unknown;
        // asked before it has started, BLIS ends the process
        if (NativeLibrary.TryGetExport(handle, "bli_init", out var start)) ((delegate* unmanaged<void>)start)();
        if (start != 0 && NativeLibrary.TryGetExport(handle, "bli_arch_query_id", out var query) && NativeLibrary.TryGetExport(handle, "bli_arch_string", out var name))
            kernel = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<int, byte*>)name)(((delegate* unmanaged<int>)query)())) ?? Unknown;
        // dim_t has the size of a pointer
        Func<int> count = () => 1;
        Action<int> set = _ => { };
        if (NativeLibrary.TryGetExport(handle, "bli_thread_get_num_threads", out var get)) count = () => Math.Max(1, (int)((delegate* unmanaged<nint>)get)());
        if (NativeLibrary.TryGetExport(handle, "bli_thread_set_num_threads", out var setter)) set = n => ((delegate* unmanaged<nint, void>)setter)(n);
        return new(Text(handle, "bli_info_get_version_str"), kernel, count, set);
    }

    internal static unsafe string Text(nint handle, string symbol) =>
        NativeLibrary.TryGetExport(handle, symbol, out var address) ? Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)address)()) ?? Unknown : Unknown;

    private static unsafe Func<int> Count(nint handle, string symbol) =>
        NativeLibrary.TryGetExport(handle, symbol, out var address) ? () => ((delegate* unmanaged<int>)address)() : () => 1;

    private static unsafe Action<int> Setter(nint handle, string symbol) =>
        NativeLibrary.TryGetExport(handle, symbol, out var address) ? n => ((delegate* unmanaged<int, void>)address)(n) : _ => { };

    /// <summary>MKLVersion of mkl_types.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MklVersion
    {
        public int Major, Minor, Update;
        public nint Status, Build, Processor, Platform;
    }
}

using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace DiffLib.Kernels;

/// <summary>Who made the processor.</summary>
internal static class Processor
{
    /// <summary>The vendor's twelve letters on x86, else empty.</summary>
    public static string Vendor { get; } = ReadVendor();

    public static bool IsIntel => Vendor == "GenuineIntel";

    private static string ReadVendor()
    {
        if (!X86Base.IsSupported) return "";
        var (_, b, c, d) = X86Base.CpuId(0, 0);
        ReadOnlySpan<int> letters = [b, d, c];
        return System.Text.Encoding.ASCII.GetString(MemoryMarshal.AsBytes(letters));
    }
}

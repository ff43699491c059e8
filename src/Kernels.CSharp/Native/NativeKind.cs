using System;
using System.Collections.Generic;

namespace DiffLib.Kernels;

/// <summary>The libraries of linear algebra with the standard symbols that we know how to load.</summary>
public enum NativeKind
{
    /// <summary>OpenBLAS: products and LAPACK.</summary>
    OpenBlas,

    /// <summary>Intel's oneMKL, by its single dynamic library: products and LAPACK.</summary>
    Mkl,

    /// <summary>BLIS: products only.</summary>
    Blis,

    /// <summary>Apple's Accelerate: products and LAPACK.</summary>
    Accelerate,
}

/// <summary>Names of the libraries: the words users write, and files.</summary>
internal static class NativeKinds
{
    public static string Name(this NativeKind kind) => kind.ToString().ToLowerInvariant();

    public static IReadOnlyList<string> Files(this NativeKind kind) => kind switch
    {
        NativeKind.Accelerate => ["/System/Library/Frameworks/Accelerate.framework/Accelerate"],
        NativeKind.OpenBlas when OperatingSystem.IsWindows() => ["libopenblas.dll", "openblas.dll"],
        NativeKind.OpenBlas when OperatingSystem.IsMacOS() => ["libopenblas.dylib", "libopenblas.0.dylib"],
        NativeKind.OpenBlas => ["libopenblas.so.0", "libopenblas.so"],
        NativeKind.Mkl when OperatingSystem.IsWindows() => ["mkl_rt.2.dll", "mkl_rt.1.dll", "mkl_rt.dll"],
        NativeKind.Mkl when OperatingSystem.IsMacOS() => ["libmkl_rt.2.dylib", "libmkl_rt.1.dylib", "libmkl_rt.dylib"],
        NativeKind.Mkl => ["libmkl_rt.so.2", "libmkl_rt.so.1", "libmkl_rt.so"],
        _ when OperatingSystem.IsWindows() => ["libblis.4.dll", "libblis.dll"],
        _ when OperatingSystem.IsMacOS() => ["libblis.4.dylib", "libblis.dylib"],
        _ => ["libblis.so.4", "libblis.so.5", "libblis.so.3", "libblis.so"],
    };

    /// <summary>The variables in which users say how many threads they want, by descending weight.</summary>
    public static IReadOnlyList<string> ThreadVariables(this NativeKind kind) => kind switch
    {
        NativeKind.OpenBlas => ["OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"],
        NativeKind.Mkl => ["MKL_NUM_THREADS", "OMP_NUM_THREADS"],
        NativeKind.Blis => ["BLIS_NUM_THREADS", "OMP_NUM_THREADS"],
        _ => ["VECLIB_MAXIMUM_THREADS"],
    };
}

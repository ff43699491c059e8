using System;
using System.Runtime.InteropServices;

namespace DiffLib.Kernels;

/// <summary>Tries a library that has just been loaded on problems of two by two, before anything relies on it.</summary>
internal static unsafe class NativeTrial
{
    /// <summary>What is wrong with it, or null.</summary>
    public static string? Problem(NativeKind kind, nint handle)
    {
        foreach (var symbol in new[] { "cblas_dgemm", "cblas_sgemm", "cblas_cgemm", "cblas_zgemm", "cblas_dtrsm" })
            if (!NativeLibrary.TryGetExport(handle, symbol, out _)) return $"it has no {symbol}";
        if (kind != NativeKind.Blis)
        {
            foreach (var symbol in Lapack.Symbols)
                if (!NativeLibrary.TryGetExport(handle, symbol, out _)) return $"it has no {symbol}";
            if (IntegerProblem(handle) is { } problem) return problem;
        }

        return ProductProblem(handle);
    }

    /// <summary>Both rows of [[1, 2], [3, 4]] are exchanged with the second: pivots 2 and 2. The sizes lie in 64 bits, so that both kinds of build read them rightly.</summary>
    private static string? IntegerProblem(nint handle)
    {
        var getrf = (delegate* unmanaged<long*, long*, double*, long*, int*, long*, void>)NativeLibrary.GetExport(handle, "dgetrf_");
        long two = 2, info = 0;
        var matrix = stackalloc double[] { 1, 3, 2, 4 };
        var pivots = stackalloc int[4];
        getrf(&two, &two, matrix, &two, pivots, &info);
        if (pivots[0] == 2 && pivots[1] == 0 && pivots[2] == 2) return "its integers have 64 bits; a build with 32-bit integers (LP64) is needed";
        return pivots[0] == 2 && pivots[1] == 2 && Math.Abs(matrix[3] - 2.0 / 3) < 1e-15 ? null : "its LU factorisation of a small matrix is wrong";
    }

    private static string? ProductProblem(nint handle)
    {
        var gemm = (delegate* unmanaged<int, int, int, int, int, int, double, double*, int, double*, int, double, double*, int, void>)NativeLibrary.GetExport(handle, "cblas_dgemm");
        double* a = stackalloc double[] { 1, 2, 3, 4 }, b = stackalloc double[] { 5, 6, 7, 8 }, c = stackalloc double[4];
        gemm(101, 111, 111, 2, 2, 2, 1, a, 2, b, 2, 0, c, 2);
        return c[0] == 19 && c[1] == 22 && c[2] == 43 && c[3] == 50 ? null : "its product of two small matrices is wrong";
    }
}

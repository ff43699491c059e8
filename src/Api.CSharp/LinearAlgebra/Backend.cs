using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Kernels;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace DiffLib;

/// <summary>The library beneath matrix products and factorisations: which one is in use and why, which ones there are, and how to choose.</summary>
/// <remarks>
/// <para>The choice is made once, when it is first needed. Products are multiplied by DiffLib's own vector kernels, which need nothing installed. Factorisations go to MathNet's native
/// provider if the application references one, else to OpenBLAS or Intel MKL (Accelerate on macOS) if the system has it, else to MathNet's managed code.</para>
/// <para>The environment variable <c>DIFFLIB_BLAS</c> (<c>managed</c>, <c>openblas</c>, <c>mkl</c>, <c>blis</c>, <c>accelerate</c>, <c>mathnet</c>) asks for one library for everything that it can do;
/// what cannot be had is replaced by the managed code, and <see cref="Describe"/> says why. <c>DIFFLIB_BLAS_THREADS</c> gives a native library more than one thread, and
/// <c>DIFFLIB_BLAS_PATH</c> names folders to search instead of the system's. MathNet's own choice for its <c>Matrix&lt;T&gt;</c> is left alone unless <see cref="InstallInMathNet"/> is called.</para>
/// <para>Results differ between libraries in their last digits, and where a factor is not unique (signs of eigenvectors, order of general eigenvalues) in that choice.</para>
/// </remarks>
public static class Backend
{
    /// <summary>What is in use, and the reason for the choice.</summary>
    public static BackendDescription Describe()
    {
        var choice = Backends.Current;
        return new(Part(choice.Products), Part(choice.Factorizations), choice.Reason);
    }

    /// <summary>Every library by name, looked for now: where it was found, or why it cannot be used. Those that are found stay loaded.</summary>
    public static IReadOnlyList<BackendAvailability> Available =>
        [.. Backends.Candidates(null).Select(c => new BackendAvailability(c.Name, c.Backend is { } backend ? Part(backend) : null, c.Reason))];

    /// <summary>Takes one library for everything that it can do, in the whole process from now on. BLIS can do products only; factorisations are then managed.</summary>
    /// <param name="name">managed, openblas, mkl, blis, accelerate or mathnet.</param>
    /// <param name="threads">How many threads a native library may use; null leaves it as it is, which is 1 unless the variables of the library or <c>DIFFLIB_BLAS_THREADS</c> say otherwise.
    /// The same program gives the same bits for the same number.</param>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no library of that name.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1.</exception>
    /// <exception cref="InvalidOperationException">The library cannot be used here, or not with so many threads; the message says why. The choice stays as it was.</exception>
    public static void Use(string name, int? threads = null) => Backends.Use(name, threads);

    /// <summary>Takes a provider of MathNet's for products and factorisations, for instance <c>LinearAlgebraControl.Provider</c>, in the whole process from now on. Its interface takes whole
    /// arrays only, so operands of products are copied.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="provider"/> is null.</exception>
    public static void Use(ILinearAlgebraProvider provider) => Backends.Use(new MathNetBackend(provider));

    /// <summary>Forgets what was asked for by <see cref="Use(string, int?)"/>: the environment variable decides, or what is found.</summary>
    public static void UseDefault() => Backends.Reset();

    /// <summary>Gives MathNet the library in use: from now on its <c>Matrix&lt;T&gt;</c> multiplies and factorises with it, in the whole process. With the managed library, products of
    /// real matrices still become faster.</summary>
    /// <returns>What MathNet used before; assign it to <c>LinearAlgebraControl.Provider</c> to go back.</returns>
    public static ILinearAlgebraProvider InstallInMathNet()
    {
        var before = LinearAlgebraControl.Provider;
        var choice = Backends.Current;
        LinearAlgebraControl.Provider = choice.Products is NativeBackend ? choice.Products.Provider : choice.Factorizations.Provider;
        return before;
    }

    private static BackendLibrary Part(IBackend backend) =>
        new(backend.Name, backend.Library, backend.Version, backend.Kernel, backend.Threads, (backend as NativeBackend)?.Path);
}

/// <summary>A library of linear algebra.</summary>
/// <param name="Name">The word by which it is asked for.</param>
/// <param name="Library">Its own name.</param>
/// <param name="Version">Its version, as it says; "unknown" where it does not.</param>
/// <param name="Kernel">The kernel it chose for this processor; "unknown" where it does not say.</param>
/// <param name="Threads">The most threads one call uses.</param>
/// <param name="Path">The file it was loaded from; null for managed code.</param>
public sealed record BackendLibrary(string Name, string Library, string Version, string Kernel, int Threads, string? Path)
{
    /// <summary>For people.</summary>
    public override string ToString() => $"{Library} {Version}, kernel {Kernel}, {Threads} thread{(Threads == 1 ? "" : "s")}{(Path is null ? "" : $", {Path}")}";
}

/// <summary>The libraries in use.</summary>
/// <param name="Products">Multiplies matrices.</param>
/// <param name="Factorizations">Factorises them and solves triangular systems.</param>
/// <param name="Reason">Why these.</param>
public sealed record BackendDescription(BackendLibrary Products, BackendLibrary Factorizations, string Reason)
{
    /// <summary>Three lines for people.</summary>
    public override string ToString() => $"products: {Products}\nfactorisations: {Factorizations}\nreason: {Reason}";
}

/// <summary>Whether a library can be used here.</summary>
/// <param name="Name">The word by which it is asked for.</param>
/// <param name="Library">The library, or null.</param>
/// <param name="Reason">Where it was found, or why it cannot be used.</param>
public sealed record BackendAvailability(string Name, BackendLibrary? Library, string Reason)
{
    /// <summary>Whether it can be used.</summary>
    public bool IsAvailable => Library is not null;
}

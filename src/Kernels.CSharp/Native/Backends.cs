using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace DiffLib.Kernels;

/// <summary>What was chosen, and why.</summary>
/// <param name="Products">Multiplies matrices.</param>
/// <param name="Factorizations">Factorises them and solves triangles.</param>
/// <param name="Reason">Why these two.</param>
public sealed record BackendChoice(IBackend Products, IBackend Factorizations, string Reason);

/// <summary>A library by name, and whether it can be used here.</summary>
/// <param name="Name">The word by which it is asked for.</param>
/// <param name="Backend">The library, or null.</param>
/// <param name="Reason">Where it was found, or why it cannot be used.</param>
public sealed record BackendCandidate(string Name, IBackend? Backend, string Reason);

/// <summary>The libraries of linear algebra, and the choice among them: made once, when it is first needed, and again only when it is asked for.</summary>
public static class Backends
{
    /// <summary>The environment variable that names a library.</summary>
    public const string Variable = "DIFFLIB_BLAS";

    /// <summary>The environment variable that says how many threads a native library may use.</summary>
    public const string ThreadsVariable = "DIFFLIB_BLAS_THREADS";

    private static readonly Lock Gate = new();
    private static volatile BackendChoice? _choice;
    private static volatile IBackend? _products;

    /// <summary>The words by which libraries are asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = ["managed", "openblas", "mkl", "blis", "accelerate", "mathnet"];

    /// <summary>The library for products. Without a wish, these are our own kernels, and no library is looked for.</summary>
    public static IBackend Products => _products ?? ChooseProducts();

    /// <summary>The library for factorisations and triangles.</summary>
    public static IBackend Factorizations => Current.Factorizations;

    /// <summary>The choice in force.</summary>
    public static BackendChoice Current => _choice ?? Choose();

    /// <summary>Every library that can be used here; the managed one is the first.</summary>
    public static IReadOnlyList<IBackend> Found => [.. Candidates(null).Select(candidate => candidate.Backend).OfType<IBackend>()];

    /// <summary>Every library by name, looked for now.</summary>
    public static IReadOnlyList<BackendCandidate> Candidates(int? threads) => [.. Names.Select(name => Find(name, threads))];

    /// <summary>Takes one library for everything that it can do.</summary>
    /// <exception cref="ArgumentException">There is no library of that name.</exception>
    /// <exception cref="InvalidOperationException">It cannot be used here.</exception>
    public static void Use(string name, int? threads)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (threads < 1) throw new ArgumentOutOfRangeException(nameof(threads), threads, "At least one thread is needed.");
        if (!Names.Contains(name)) throw new ArgumentException($"'{name}' names no library of linear algebra; there are {string.Join(", ", Names)}.", nameof(name));
        var found = Find(name, threads);
        if (found.Backend is not { } backend) throw new InvalidOperationException($"The library '{name}' cannot be used here: {found.Reason}.");
        if (threads is { } count && backend.Threads != count && backend is not ManagedBackend)
            throw new InvalidOperationException($"The library '{name}' runs on {backend.Threads} threads and cannot be set to {count}: {(name == "mkl" ? "MKL's threading layer is chosen when it is loaded, so ask for threads before its first use" : "it does not take a number of threads")}.");
        Set(Whole(backend, $"asked for by code; {found.Reason}"));
    }

    /// <summary>Takes this library for everything that it can do.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="backend"/> is null.</exception>
    public static void Use(IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        Set(Whole(backend, "asked for by code"));
    }

    /// <summary>Forgets what was asked for by code: the environment variable decides, or what is found.</summary>
    public static void Reset()
    {
        lock (Gate) (_choice, _products) = (null, null);
    }

    private static void Set(BackendChoice choice)
    {
        lock (Gate) (_choice, _products) = (choice, choice.Products);
    }

    private static string? Wish => Environment.GetEnvironmentVariable(Variable) is { } text && text.Trim().Length > 0 ? text.Trim() : null;

    private static IBackend ChooseProducts()
    {
        lock (Gate)
        {
            if (_products is { } products) return products;
            return _products = Wish is null ? ManagedBackend.Instance : Current.Products;
        }
    }

    private static BackendChoice Choose()
    {
        lock (Gate)
        {
            if (_choice is { } made) return made;
            var choice = Wish is { } wish ? Asked(wish) : Automatic();
            (_choice, _products) = (choice, choice.Products);
            return choice;
        }
    }

    /// <summary>What the environment variable asks for. It never stops a program: what cannot be had is replaced by the managed code, and the reason says so.</summary>
    private static BackendChoice Asked(string wish)
    {
        var name = Names.FirstOrDefault(n => n.Equals(wish, StringComparison.OrdinalIgnoreCase));
        if (name is null) return Managed($"{Variable} is '{wish}', which names no library ({string.Join(", ", Names)}); so the managed code");
        var found = Find(name, AskedThreads);
        return found.Backend is { } backend ? Whole(backend, $"asked for by {Variable}={wish}; {found.Reason}") : Managed($"{Variable} asks for {name}, which cannot be used: {found.Reason}; so the managed code");
    }

    private static BackendChoice Managed(string reason) => new(ManagedBackend.Instance, ManagedBackend.Instance, reason);

    private static BackendChoice Whole(IBackend backend, string reason) =>
        backend.Factorizes ? new(backend, backend, reason) : new(backend, ManagedBackend.Instance, $"{reason}; {backend.Library} has products only, so factorisations are managed");

    /// <summary>Our own kernels for products, since they are as fast and everywhere the same; for factorisations what the application brings, else what the system has, else the managed code.</summary>
    private static BackendChoice Automatic()
    {
        var tried = new List<string>();
        foreach (var name in Preferred())
        {
            var found = Find(name, AskedThreads);
            if (found.Backend is { } backend) return new(ManagedBackend.Instance, backend, $"nothing was asked for: products are managed, factorisations by the first library found ({found.Reason})");
            tried.Add($"{name}: {found.Reason}");
        }

        return Managed($"nothing was asked for, and no native library was found ({string.Join("; ", tried)})");
    }

    private static IEnumerable<string> Preferred() =>
        OperatingSystem.IsMacOS() ? ["mathnet", "accelerate", "openblas", "mkl"]
        : Processor.IsIntel ? ["mathnet", "mkl", "openblas"]
        : ["mathnet", "openblas", "mkl"];

    private static int? AskedThreads =>
        int.TryParse(Environment.GetEnvironmentVariable(ThreadsVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null;

    private static BackendCandidate Find(string name, int? threads)
    {
        if (name == "managed") return new(name, ManagedBackend.Instance, "always there");
        try
        {
            if (name == "mathnet")
            {
                var (provider, why) = MathNetBackend.Find();
                return new(name, provider, why);
            }

            var (backend, reason) = NativeLoader.Load(Enum.Parse<NativeKind>(name, ignoreCase: true), threads);
            return new(name, backend, reason);
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return new(name, null, $"loading it failed: {problem.Message.ReplaceLineEndings(" ")}");
        }
    }
}

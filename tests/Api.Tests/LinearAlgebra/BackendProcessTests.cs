using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using DiffLib.Api.Tests.Surface;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>The choice in a fresh process, which references an assembly of the name of MathNet's package, under other environments.</summary>
public sealed class BackendProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("difflib").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Dictionary<string, string> Run(params (string Name, string Value)[] environment)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var probe = Path.Combine(PublicSurface.RepositoryRoot(), "tests", "Backends.Probe", "bin", output.Parent!.Name, output.Name, "DiffLib.Backends.Probe.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [probe]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "DIFFLIB_BLAS", "DIFFLIB_BLAS_PATH", "DIFFLIB_BLAS_THREADS", "STAND_IN" }) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {text}\n{errors.Result}");
        var answers = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        Assert.True(double.Parse(answers["error"], CultureInfo.InvariantCulture) < 1e-11, $"error {answers["error"]}");
        return answers;
    }

    private static void IsManaged(Dictionary<string, string> answers, params string[] reasons)
    {
        Assert.Equal("managed", answers["products"]);
        Assert.Equal("managed", answers["factorizations"]);
        foreach (var reason in reasons) Assert.Contains(reason, answers["reason"], StringComparison.Ordinal);
    }

    [Fact]
    public void MathNets_provider_is_picked_up_where_the_application_references_it()
    {
        var answers = Run();
        Assert.Equal("managed", answers["products"]);
        Assert.Equal("mathnet", answers["factorizations"]);
        Assert.Contains("stand-in", answers["library"], StringComparison.Ordinal);
        Assert.Contains("references MathNet.Numerics.Providers.MKL", answers["reason"], StringComparison.Ordinal);
        answers = Run(("DIFFLIB_BLAS", "mathnet"));
        Assert.Equal("mathnet", answers["products"]);
    }

    [Theory]
    [InlineData("missing", "native library is not there")]
    [InlineData("broken", "the native library is of another version")]
    public void A_reference_whose_native_library_does_not_start_is_passed_over_with_the_reason(string state, string reason)
    {
        IsManaged(Run(("STAND_IN", state), ("DIFFLIB_BLAS_PATH", _folder)), reason, "was not found");
        IsManaged(Run(("STAND_IN", state), ("DIFFLIB_BLAS", "mathnet")), reason);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("openblas;mkl")]
    [InlineData("../../etc/passwd")]
    public void G13_nonsense_in_the_variable_gives_the_managed_code_and_says_so(string value) =>
        IsManaged(Run(("DIFFLIB_BLAS", value)), "DIFFLIB_BLAS", value, "names no library");

    [Theory]
    [InlineData("openblas")]
    [InlineData("mkl")]
    [InlineData("blis")]
    [InlineData("accelerate")]
    public void G13_a_library_that_is_missing_gives_the_managed_code_and_says_so(string name) =>
        IsManaged(Run(("DIFFLIB_BLAS", name), ("DIFFLIB_BLAS_PATH", _folder)), $"asks for {name}", name == "accelerate" ? "Accelerate" : "was not found");

    public static TheoryData<string, string> Damages()
    {
        var damages = new TheoryData<string, string>();
        foreach (var name in new[] { "openblas", "mkl", "blis" })
            foreach (var damage in new[] { "empty", "text", "zeros", "cut", "header only", "other processor", "other library", "folder" }) damages.Add(name, damage);
        return damages;
    }

    [Theory, MemberData(nameof(Damages))]
    public void G13_a_library_that_is_damaged_or_of_another_kind_gives_the_managed_code_and_says_so(string name, string damage)
    {
        if (!OperatingSystem.IsLinux()) return;
        var file = Path.Combine(_folder, name switch { "openblas" => "libopenblas.so.0", "mkl" => "libmkl_rt.so", _ => "libblis.so.4" });
        var whole = File.ReadAllBytes(Backends.Found.OfType<NativeBackend>().Where(b => b.Name == name).Select(b => b.Path).Where(File.Exists).FirstOrDefault() ?? SystemNative);
        switch (damage)
        {
            case "empty": File.WriteAllBytes(file, []); break;
            case "text": File.WriteAllText(file, "not a library"); break;
            case "zeros": File.WriteAllBytes(file, new byte[100_000]); break;
            case "cut": File.WriteAllBytes(file, whole[..(whole.Length / 2)]); break;
            case "header only": File.WriteAllBytes(file, whole[..100]); break;
            case "other processor":
                whole[18] = (byte)(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 183 : 62);
                File.WriteAllBytes(file, whole);
                break;
            case "other library": File.Copy(SystemNative, file); break;
            default: Directory.CreateDirectory(file); break;
        }

        IsManaged(Run(("DIFFLIB_BLAS", name), ("DIFFLIB_BLAS_PATH", _folder)), $"asks for {name}", damage == "folder" ? "was not found" : file);
        IsManaged(Run(("STAND_IN", "missing"), ("DIFFLIB_BLAS_PATH", _folder)), "no native library was found");
    }

    /// <summary>A shared library that is surely there.</summary>
    private static string SystemNative => Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so");

    public static TheoryData<string> NativeNames() => ["managed", .. Backends.Found.OfType<NativeBackend>().Select(b => b.Name)];

    [Theory, MemberData(nameof(NativeNames))]
    public void A_library_asked_for_by_the_variable_is_taken_and_MathNets_own_choice_is_left_alone(string name)
    {
        var answers = Run(("DIFFLIB_BLAS", name.ToUpperInvariant()));
        Assert.Equal(name, answers["products"]);
        Assert.Equal(name == "blis" ? "managed" : name, answers["factorizations"]);
        Assert.Contains("DIFFLIB_BLAS", answers["reason"], StringComparison.Ordinal);
        Assert.Equal("stand-in", answers["mathnet"]);
        Assert.Equal(answers["digest"], Run(("DIFFLIB_BLAS", name))["digest"]);
    }

    [Fact]
    public void Threads_are_one_unless_asked_for()
    {
        foreach (var backend in Backends.Found.OfType<NativeBackend>().Where(b => b.Factorizes))
        {
            var variable = backend.Kind == NativeKind.Mkl ? "MKL_NUM_THREADS" : "OPENBLAS_NUM_THREADS";
            Assert.Equal("1", Run(("DIFFLIB_BLAS", backend.Name))["threads"]);
            Assert.Equal("2", Run(("DIFFLIB_BLAS", backend.Name), ("DIFFLIB_BLAS_THREADS", "2"))["threads"]);
            if (backend.Kind != NativeKind.Accelerate) Assert.Equal("2", Run(("DIFFLIB_BLAS", backend.Name), (variable, "2"))["threads"]);
            Assert.Equal("1", Run(("DIFFLIB_BLAS", backend.Name), ("DIFFLIB_BLAS_THREADS", "many"))["threads"]);
        }
    }
}

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using DiffLib.Api.Tests.Surface;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>An application in a process of its own (tests/Published), as platforms that cannot generate code run it. What trimming does to it: tools/package-check.</summary>
public sealed class PublishedTests
{
    private static string[] Run(bool generatesCode)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var folder = Path.Combine(PublicSurface.RepositoryRoot(), "tests", "Published", "bin", output.Parent!.Name, output.Name);
        var config = File.ReadAllText(Path.Combine(folder, "DiffLib.Published.runtimeconfig.json"));
        const string options = "\"configProperties\": {";
        Assert.Contains(options, config, StringComparison.Ordinal);
        var changed = Path.Combine(Directory.CreateTempSubdirectory("difflib").FullName, "runtimeconfig.json");
        File.WriteAllText(changed, config.Replace(options, $"{options} \"System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported\": {(generatesCode ? "true" : "false")},", StringComparison.Ordinal));
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", "--runtimeconfig", changed, Path.Combine(folder, "DiffLib.Published.dll")])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Directory.Delete(Path.GetDirectoryName(changed)!, recursive: true);
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {text}\n{errors.Result}");
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    [Fact]
    public void G16_an_application_that_cannot_generate_code_gets_the_same_bits()
    {
        var (with, without) = (Run(generatesCode: true), Run(generatesCode: false));
        Assert.Equal("generates code: True", with[^1]);
        Assert.Equal("generates code: False", without[^1]);
        Assert.True(with.Length > 10, $"only {with.Length} lines");
        Assert.Equal(with.SkipLast(1), without.SkipLast(1));
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace DiffLib.Mutation;

/// <summary>A scratch copy of the tree, where mistakes are made and commands run. Deleted when disposed.</summary>
internal sealed class Workspace : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("difflib-mutation-").FullName;

    /// <summary>Copies the files that git knows or would add, as they are now.</summary>
    public static async Task<Workspace> OfRepository(string source)
    {
        var listing = Path.GetTempFileName();
        try
        {
            if (await Shell.Run($"git ls-files --cached --others --exclude-standard > \"{listing}\"", source, TimeSpan.FromMinutes(1)) != Outcome.Succeeded)
                throw new InvalidOperationException($"git could not list the files of {source}.");
            return Of(source, await File.ReadAllLinesAsync(listing));
        }
        finally
        {
            File.Delete(listing);
        }
    }

    public static Workspace Of(string source, IEnumerable<string> files)
    {
        var copy = new Workspace();
        foreach (var file in files)
        {
            if (!File.Exists(Path.Combine(source, file))) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy.Root, file))!);
            File.Copy(Path.Combine(source, file), Path.Combine(copy.Root, file));
        }
        return copy;
    }

    public Task<Outcome> Run(string command, TimeSpan limit) => Shell.Run(command, Root, limit);

    /// <summary>Runs an action with the mistake in the file, and mends the file afterwards.</summary>
    public async Task<T> With<T>(Mutation mutation, Func<Task<T>> action)
    {
        var file = Path.Combine(Root, mutation.File);
        var right = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, mutation.ApplyTo(right).Text);
        try { return await action(); }
        finally { await File.WriteAllTextAsync(file, right); }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>How a command ended.</summary>
internal enum Outcome { Succeeded, Failed, TimedOut }

/// <summary>Runs command lines without showing what they print.</summary>
internal static class Shell
{
    public static async Task<Outcome> Run(string command, string folder, TimeSpan limit)
    {
        var (shell, flag) = OperatingSystem.IsWindows() ? ("cmd.exe", "/c") : ("/bin/sh", "-c");
        var start = new ProcessStartInfo(shell, [flag, command]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // a build server would outlive us and hold the scratch copy
        using var process = Process.Start(start)!;
        var drained = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            return Outcome.TimedOut;
        }
        await drained;
        return process.ExitCode == 0 ? Outcome.Succeeded : Outcome.Failed;
    }
}

using System;
using System.Linq;

namespace DiffLib.Conformance.GradBench;

/// <summary><c>gradbench FOLDER</c>: all recorded conversations of a folder.</summary>
internal static class Command
{
    /// <summary>Replays them, prints a line for each eval and for each message that fails, and gives the exit status.</summary>
    public static int Run(string folder)
    {
        var files = Conversations.In(folder).ToList();
        if (files.Count == 0) throw new UsageException($"no recorded conversations in {folder}");
        var (passed, failed, skipped) = (0, 0, 0);
        foreach (var (name, path) in files)
        {
            var result = Replay.Run(path);
            foreach (var failure in result.Failures) Console.WriteLine($"  {failure}");
            Console.WriteLine($"{name}: {result.Passed} passed, {result.Failures.Count} failed, {result.Skipped} skipped");
            passed += result.Passed;
            failed += result.Failures.Count;
            skipped += result.Skipped;
        }

        Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
        return failed == 0 ? 0 : 1;
    }
}

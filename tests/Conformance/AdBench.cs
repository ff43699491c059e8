using System;
using System.Globalization;
using System.IO;
using DiffLib.Benchmarks.Objectives;

namespace DiffLib.Conformance;

/// <summary>The verb <c>adbench</c>: ADBench's objectives and their derivatives against the stored references.</summary>
internal static class AdBench
{
    /// <summary>Runs the cases of a folder, and gives the exit status.</summary>
    public static int Run(string folder, string only)
    {
        var (passed, failed, skipped) = (0, 0, 0);
        foreach (var (name, open) in AdBenchFolder.Cases(folder))
        {
            if (!name.Contains(only, StringComparison.Ordinal))
            {
                skipped++;
                continue;
            }

            var (right, line) = Check(open);
            Console.WriteLine($"{name}: {line}");
            if (right) passed++;
            else failed++;
        }

        Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
        return failed == 0 ? 0 : 1;
    }

    private static (bool Right, string Line) Check(Func<AdBenchCase> open)
    {
        try
        {
            var gap = open().WorstGap();
            return (gap <= AdBenchCase.Limit, string.Create(CultureInfo.InvariantCulture, $"worst gap {gap:e2}"));
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            return (false, e.Message);
        }
    }
}

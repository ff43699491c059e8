using System;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Tests that measure the memory of the process: one after another, while no other test runs.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public class Alone;

/// <summary>Whether the live bytes of the process grow with calls.</summary>
public static class Heap
{
    /// <summary>What a run may leave behind, in bytes, whatever its number of calls: less than the smallest object a call once 20,000 calls are made.</summary>
    private const long Allowance = 256 * 1024;

    private const int Attempts = 5;

    /// <summary>
    /// Fails unless some run of <paramref name="calls"/> calls ends with no more live bytes than its first tenth left. The process is not ours alone: the test runner
    /// keeps results and sends them when it likes, tens of megabytes now and then. That shows in one run; a leak shows in every one of them.
    /// </summary>
    public static void StaysFlat(int calls, Action call)
    {
        var runs = new string[Attempts];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var live = new long[10];
            for (var tenth = 0; tenth < live.Length; tenth++)
            {
                for (var k = 0; k < calls / live.Length; k++) call();
                live[tenth] = GC.GetTotalMemory(forceFullCollection: true);
            }

            if (live[^1] - live[0] <= Allowance) return;
            runs[attempt] = string.Join(", ", live);
        }

        Assert.Fail($"live bytes after each tenth of {calls} calls, {Attempts} runs:{string.Concat(runs.Select(r => Environment.NewLine + r))}");
    }
}

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace DiffLib.Mutation;

/// <summary>What became of a mutation.</summary>
internal enum Verdict
{
    /// <summary>A test failed, or hung: the mistake was noticed.</summary>
    Killed,
    /// <summary>Every test passed: nobody noticed.</summary>
    Survived,
    /// <summary>The mistake does not compile, so it says nothing about the tests.</summary>
    NotBuilt,
}

/// <summary>Makes every mistake of a list, one at a time in each scratch copy, and sees whether the tests notice.</summary>
internal sealed class Campaign(MutationList list, TimeSpan limit, Action<string> say)
{
    /// <summary>Runs with one worker for each workspace. The tests have to pass before the first mistake is made.</summary>
    public async Task<IReadOnlyList<(Mutation Mutation, Verdict Verdict)>> Run(IReadOnlyList<Workspace> workspaces)
    {
        await Task.WhenAll(workspaces.Select(Baseline));
        var queue = new ConcurrentQueue<(int Index, Mutation Mutation)>(list.Mutations.Index());
        var verdicts = new Verdict[list.Mutations.Count];
        await Task.WhenAll(workspaces.Select(async workspace =>
        {
            while (queue.TryDequeue(out var next))
            {
                verdicts[next.Index] = await workspace.With(next.Mutation, () => Judge(workspace));
                say($"{next.Index + 1,3} of {list.Mutations.Count}  {verdicts[next.Index],-8}  {Describe(next.Mutation, workspace)}");
            }
        }));
        return [.. list.Mutations.Zip(verdicts)];
    }

    private async Task Baseline(Workspace workspace)
    {
        if (await workspace.Run(list.Build, limit) != Outcome.Succeeded) throw new InvalidOperationException($"The unchanged tree does not build: {list.Build}");
        foreach (var test in list.Tests)
            if (await workspace.Run(test, limit) != Outcome.Succeeded) throw new InvalidOperationException($"The tests fail before any mutation: {test}");
    }

    private async Task<Verdict> Judge(Workspace workspace)
    {
        if (await workspace.Run(list.Build, limit) != Outcome.Succeeded) return Verdict.NotBuilt;
        foreach (var test in list.Tests)
            if (await workspace.Run(test, limit) != Outcome.Succeeded) return Verdict.Killed;
        return Verdict.Survived;
    }

    private static string Describe(Mutation mutation, Workspace workspace)
    {
        var line = mutation.ApplyTo(File.ReadAllText(Path.Combine(workspace.Root, mutation.File))).Line;
        return $"{mutation.Kind}, {mutation.File}:{line}: {mutation.Find.Trim()}  ->  {mutation.With.Trim()}";
    }
}

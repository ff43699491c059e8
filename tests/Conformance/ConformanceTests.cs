using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace DiffLib.Conformance;

/// <summary>The repository's own golden data, one test for each operation of each group.</summary>
public sealed class ConformanceTests
{
    private static readonly Dictionary<string, List<Case>> Cases = Load();

    /// <summary>Every group and operation.</summary>
    public static TheoryData<string> Operations => new(Cases.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Operations))]
    public void Values_and_derivatives_agree_with_the_record(string operation)
    {
        var runner = new Runner(Registry.Default);
        var wrong = Cases[operation].Select(runner.Run).Where(o => o.Verdict != Verdict.Passed).ToList();
        var story = string.Join(Environment.NewLine, wrong.SelectMany(o => o.Failures.Select(f => $"{o.Case.Id}: {f}")));
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {Cases[operation].Count} cases of {operation} disagree:{Environment.NewLine}{story}");
    }

    private static Dictionary<string, List<Case>> Load() =>
        GoldenFiles.In(Path.Combine(AppContext.BaseDirectory, "golden"))
            .SelectMany(f => GoldenFiles.Lines(f.Path).Select(Case.Parse))
            .GroupBy(c => c.Group + "/" + c.Op)
            .ToDictionary(g => g.Key, g => g.ToList());
}

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

    /// <summary>The executors, for compiled derivatives and for derivatives of what is compiled.</summary>
    public static TheoryData<int> Ways => new(Enumerable.Range(0, Compiling.All.Count));

    /// <summary>Every sixteenth case, another sixteenth each way; all of them with <c>golden FOLDER --compiled</c>.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void Compiled_cases_agree_with_the_record_and_with_the_eager_result(int way)
    {
        var engine = Compiling.All[way];
        var runner = new Runner(Registry.Default, given: engine);
        var sample = Cases.Values.SelectMany(c => c).Where((_, k) => k % 16 == way * 4).ToList();
        var outcomes = sample.Select(runner.Run).ToList();
        var wrong = outcomes.Where(o => o.Verdict is not (Verdict.Passed or Verdict.Untraceable)).ToList();
        var story = string.Join(Environment.NewLine, wrong.SelectMany(o => o.Failures.Select(f => $"{o.Case.Id}: {f}")));
        Assert.True(wrong.Count == 0, $"{engine.Name}: {wrong.Count} of {sample.Count} cases disagree:{Environment.NewLine}{story}");

        // a loop whose length is decided by elements, written with if and while
        Assert.All(outcomes.Where(o => o.Verdict == Verdict.Untraceable), o => Assert.Equal("control_flow", o.Case.Op));
        Assert.True(engine.BitEqual > 0.9 * engine.Compared, $"{engine.BitEqual} of {engine.Compared} tensors have the bits of the eager ones");
    }

    private static Dictionary<string, List<Case>> Load() =>
        GoldenFiles.In(Path.Combine(AppContext.BaseDirectory, "golden"))
            .SelectMany(f => GoldenFiles.Lines(f.Path).Select(Case.Parse))
            .GroupBy(c => c.Group + "/" + c.Op)
            .ToDictionary(g => g.Key, g => g.ToList());
}

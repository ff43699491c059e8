using System;
using System.IO;
using System.Linq;
using DiffLib.Benchmarks.Objectives;
using Xunit;

namespace DiffLib.Conformance;

/// <summary>The repository's own cases of ADBench.</summary>
public sealed class AdBenchTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "adbench");

    /// <summary>The names of the cases.</summary>
    public static TheoryData<string> Names => new(AdBenchFolder.Cases(s_folder).Select(c => c.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Objective_and_derivative_agree_with_the_reference(string name)
    {
        var gap = AdBenchFolder.Cases(s_folder).Single(c => c.Name == name).Open().WorstGap();
        Assert.True(gap <= 1e-10, $"{name}: the worst gap is {gap:e2}");
    }

    [Fact]
    public void All_four_objectives_are_among_the_cases()
    {
        foreach (var family in new[] { "gmm", "ba", "hand", "lstm" })
            Assert.Contains(AdBenchFolder.Cases(s_folder), c => c.Name.StartsWith(family, StringComparison.Ordinal));
    }

    [Fact]
    public void A_number_that_is_none_is_an_infinite_gap()
    {
        Assert.Equal(double.PositiveInfinity, AdBenchCase.Gap(double.NaN, 1));
        Assert.Equal(double.PositiveInfinity, AdBenchCase.Gap([1, 2], [1]));
        Assert.Equal(0.2, AdBenchCase.Gap(3, 2), 15);
    }

    [Fact]
    public void A_folder_without_cases_is_refused()
    {
        Assert.Equal("folder", Assert.Throws<ArgumentException>(() => AdBenchFolder.Cases(Path.Combine(s_folder, "gmm"))).ParamName);
        Assert.Equal("folder", Assert.Throws<ArgumentException>(() => AdBenchFolder.Cases(Path.Combine(s_folder, "none"))).ParamName);
    }
}

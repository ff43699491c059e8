using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>The catalogue of hard cases, A01 to G18: each is tested under its id, or stands here with the reason why it does not apply.</summary>
public partial class CatalogueTests
{
    private static readonly Dictionary<char, int> Sizes = new() { ['A'] = 18, ['B'] = 18, ['C'] = 25, ['D'] = 20, ['E'] = 16, ['F'] = 12, ['G'] = 18 };

    private static readonly Dictionary<string, string> NotApplicable = new(StringComparer.Ordinal)
    {
        ["D20"] = "there are no optimisers in the library",
        ["E08"] = "tensors are immutable: nothing can be changed between forward and backward",
        ["G17"] = "there are no environments",
        ["G18"] = "there is no data loader",
    };

    [GeneratedRegex("(?<![A-Za-z0-9])[A-G][0-9]{2}(?![0-9])")]
    private static partial Regex CaseId();

    [Fact]
    public void Every_hard_case_is_tested_under_its_id_or_does_not_apply_for_a_reason()
    {
        var all = Sizes.SelectMany(g => Enumerable.Range(1, g.Value).Select(k => $"{g.Key}{k:00}")).ToArray();
        Assert.Equal(127, all.Length);
        var tested = typeof(CatalogueTests).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(m => m.GetCustomAttributes().Any(a => a is FactAttribute))
            .SelectMany(m => CaseId().Matches(m.Name.Replace('_', ' ')).Select(match => match.Value))
            .ToHashSet(StringComparer.Ordinal);
        var missing = all.Where(id => !tested.Contains(id) && !NotApplicable.ContainsKey(id)).ToArray();
        Assert.True(missing.Length == 0, $"neither tested nor excused: {string.Join(", ", missing)}");
        var stale = NotApplicable.Keys.Where(id => tested.Contains(id) || !all.Contains(id)).ToArray();
        Assert.True(stale.Length == 0, $"excused in CatalogueTests.NotApplicable although a test bears the id; take the excuse out: {string.Join(", ", stale)}");
    }
}

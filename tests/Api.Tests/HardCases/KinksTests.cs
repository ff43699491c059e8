using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Group C, first half: docs/kinks.md is the table of conventions; every row holds in every mode and nesting.</summary>
public partial class KinksTests
{
    /// <summary>A row of the table; parts that are empty there are null.</summary>
    public sealed record Row(string Function, double[] At, double[] Value, double[]? Slope, double[]? Second, string Peer, string Why);

    private static readonly string Page = Repository.Read("docs/kinks.md");
    private static readonly Row[] Rows = [.. Lines().Select(Parse)];

    [GeneratedRegex("""(?<id>(?:edge|unary)/[\w.]+(?:/\w+)?/\d{3})""")]
    private static partial Regex CaseId();

    [GeneratedRegex("""\["(?<id>[\w.]+(?:/[\w.]+)+/\d{3})"\] = """)]
    private static partial Regex DepartureEntry();

    public static TheoryData<string, int> Names()
    {
        var data = new TheoryData<string, int>();
        for (var k = 0; k < Rows.Length; k++) data.Add($"{Rows[k].Function} at {string.Join(", ", Rows[k].At)}", k);
        return data;
    }

    [Theory, MemberData(nameof(Names))]
    public void C_a_row_of_the_table_holds_in_forward_and_reverse_mode_on_tapes_and_in_every_nesting(string name, int row)
    {
        var (function, at, value, slope, second, _, _) = Rows[row];
        var f = KinkFunctions.ByName[function];
        var x = Tensor.FromArray(at);
        EveryWay.Near(value, f(x).Ravel(), 1e-15, $"{name}: value");
        if (slope is not null) EveryWay.Gradient(slope, y => f(y).Sum(), x, 1e-15);
        if (second is not null) EveryWay.SecondGradient(second, y => f(y).Sum(), x, 1e-15);
    }

    [Theory, MemberData(nameof(Names))]
    public void C_a_row_of_the_table_holds_for_float32_as_well(string name, int row)
    {
        var (function, at, value, slope, _, _, _) = Rows[row];
        if (at.Concat(value).Any(v => double.IsFinite(v) && v != 0 && Math.Abs(v) is > 1e30 or < 1e-30)) return;
        var f = KinkFunctions.ByName[function];
        var x = Tensor.FromArray(at).Cast(DType.Float32);
        EveryWay.Near(value, f(x).Ravel(), 1e-6, $"{name}: value");
        Assert.Equal(DType.Float32, f(x).DType);
        if (slope is not null) EveryWay.Gradient(slope, y => f(y).Sum(), x, 1e-6);
    }

    [Fact]
    public void C_every_function_of_the_table_is_known_and_every_known_one_stands_there()
    {
        Assert.True(Rows.Length >= 100, $"{Rows.Length} rows");
        Assert.Equal(KinkFunctions.ByName.Keys.Order(StringComparer.Ordinal), Rows.Select(r => r.Function).Distinct().Order(StringComparer.Ordinal));
        Assert.All(Rows, r => Assert.Contains(r.Peer, (string[])["same", "differs", ""]));
        Assert.All(Rows.Where(r => r.Peer == "differs"), r => Assert.False(r.Why.Length == 0, $"{r.Function} differs from the peer, but why?"));
    }

    [Fact]
    public void C_the_departures_of_the_conformance_runner_are_those_of_the_page()
    {
        var runner = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Conformance"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => DepartureEntry().Matches(File.ReadAllText(file)).Select(m => m.Groups["id"].Value))
            .Where(id => id.StartsWith("edge/", StringComparison.Ordinal) || id.StartsWith("unary/", StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
        var page = CaseId().Matches(Page).Select(m => m.Groups["id"].Value).ToHashSet(StringComparer.Ordinal);
        var missing = runner.Except(page).Order(StringComparer.Ordinal).ToArray();
        Assert.True(missing.Length == 0, $"tests/Conformance departs from the record in {string.Join(", ", missing)}; docs/kinks.md does not say so");
    }

    /// <summary>The rows between the two marks of the page.</summary>
    private static IEnumerable<string> Lines()
    {
        var from = Page.IndexOf("<!-- kinks:", StringComparison.Ordinal);
        var to = Page.IndexOf("<!-- end of kinks -->", StringComparison.Ordinal);
        return Page[from..to].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal));
    }

    private static Row Parse(string line)
    {
        var cells = line.Trim().Trim('|').Split('|').Select(c => c.Trim()).ToArray();
        Assert.True(cells.Length == 7, $"seven cells are needed: {line}");
        return new(cells[0].Trim('`'), Numbers(cells[1])!, Numbers(cells[2])!, Numbers(cells[3]), Numbers(cells[4]), cells[5], cells[6]);
    }

    private static double[]? Numbers(string cell) => cell.Length == 0 ? null : [.. cell.Split(',').Select(Number)];

    private static double Number(string text)
    {
        text = text.Trim();
        if (text == "∞") return double.PositiveInfinity;
        if (text == "-∞") return double.NegativeInfinity;
        var parts = text.Split('/');
        var number = double.Parse(parts[0], CultureInfo.InvariantCulture);
        return parts.Length == 1 ? number : number / double.Parse(parts[1], CultureInfo.InvariantCulture);
    }
}

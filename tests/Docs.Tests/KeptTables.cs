using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>Tables of measurements on pages are computed from the kept runs under benchmarks/results: what stands below <c>&lt;!-- kept: name --&gt;</c> is what
/// the files say. UPDATE_DOCS=1 writes it.</summary>
public class KeptTables
{
    private const string Marker = "<!-- kept: ";

    public static TheoryData<string> Pages() => [.. Repository.Pages.Where(p => Repository.Read(p).Contains(Marker, StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Pages))]
    public void A_table_of_measurements_is_what_the_kept_runs_say(string page)
    {
        var computed = WithTables(Repository.Read(page));
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1") Repository.Write(page, computed);
        Assert.Equal(computed, Repository.Read(page));
    }

    /// <summary>The page with every table below a marker computed anew.</summary>
    private static string WithTables(string page)
    {
        var (written, lines) = (new List<string>(), page.Split('\n'));
        for (var k = 0; k < lines.Length; k++)
        {
            written.Add(lines[k]);
            if (!lines[k].StartsWith(Marker, StringComparison.Ordinal)) continue;
            written.Add("");
            written.AddRange(Table(lines[k][Marker.Length..].Split(' ')[0]));
            // what stood there: an empty line, and lines up to the next empty one
            while (k + 1 < lines.Length && lines[k + 1].Length == 0) k++;
            if (k + 1 < lines.Length && (lines[k + 1].StartsWith('|') || lines[k + 1].StartsWith("No run", StringComparison.Ordinal)))
                while (k + 1 < lines.Length && lines[k + 1].Length > 0) k++;
            else if (k + 1 < lines.Length) written.Add("");
        }

        return string.Join('\n', written);
    }

    private static IEnumerable<string> Table(string name) => name switch
    {
        "peers" => Peers(),
        "faces" => Faces(),
        "gemm" => Products(),
        "factorizations" => ByBackend("factorizations", "factorisation, ms", line => Shown(Number(line, "median_ms"))),
        "adbench" => AdBench(),
        "gradbench" => GradBench(),
        _ => throw new ArgumentException($"there is no table {name}; peers, faces, gemm, factorizations, adbench and gradbench are known."),
    };

    /// <summary>The lines of the last run whose file begins with a name.</summary>
    private static List<JsonElement> Last(string name, Func<string, bool>? which = null)
    {
        var folder = Path.Combine(Repository.Root, "benchmarks", "results");
        var file = Directory.GetFiles(folder, name + "-2*.jsonl").Where(f => which?.Invoke(f) ?? true).Order(StringComparer.Ordinal).LastOrDefault();
        return file is null ? [] : [.. File.ReadLines(file).Where(l => l.Length > 0).Select(l => JsonDocument.Parse(l).RootElement)];
    }

    /// <summary>What other tools reached, measured elsewhere.</summary>
    private static IEnumerable<JsonElement> Others(string name) =>
        File.ReadLines(Path.Combine(Repository.Root, "benchmarks", "results", name + "-others.jsonl")).Where(l => l.Length > 0).Select(l => JsonDocument.Parse(l).RootElement);

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString()!;

    private static double Number(JsonElement line, string name) => line.GetProperty(name).GetDouble();

    private static string Shown(double v) => v.ToString(v >= 100 ? "0" : v >= 10 ? "0.0" : v >= 1 ? "0.00" : "0.0000", CultureInfo.InvariantCulture);

    private static string Times(double v) => v.ToString(v >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture);

    /// <summary>The middle of the rounds' medians; between the two middle ones of an even number.</summary>
    private static double Median(IEnumerable<JsonElement> rounds, string name = "median_ms")
    {
        double[] sorted = [.. rounds.Select(l => Number(l, name)).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>peers-DATE-MACHINE.jsonl holds the lines of both sides, and peers-eager-DATE-MACHINE.jsonl ours operation by operation: medians, and by how much
    /// the other side takes longer; the most memory of a process that runs one workload, runtime and libraries included.</summary>
    private static IEnumerable<string> Peers()
    {
        var lines = Last("peers");
        if (lines.Count == 0) return ["No run is kept yet: `dotnet run -c Release --project benchmarks -- peers --json benchmarks/results/peers-DATE-MACHINE.jsonl` makes one."];
        bool Ours(JsonElement line) => Text(line, "impl").StartsWith("difflib", StringComparison.Ordinal);
        var eager = Last("peers-eager").Where(Ours).GroupBy(l => Text(l, "name")).ToDictionary(g => g.Key, g => Median(g));
        var theirs = lines.Where(l => !Ours(l)).GroupBy(l => Text(l, "name")).ToDictionary(g => g.Key, g => Median(g));
        var memory = lines.Where(l => l.TryGetProperty("peak_mb", out _)).GroupBy(l => (Text(l, "name"), Ours(l))).ToDictionary(g => g.Key, g => g.Max(l => Number(l, "peak_mb")));
        string Megabytes(string name, bool ours) => memory.TryGetValue((name, ours), out var mb) ? mb.ToString("0", CultureInfo.InvariantCulture) : "";
        var rows = new List<string>
        {
            "| workload | DiffLib, ms | operation by operation, ms | PyTorch, ms | times faster | DiffLib's memory, MB | PyTorch's, MB |", "| --- | --- | --- | --- | --- | --- | --- |",
        };
        var ratios = new List<double>();
        foreach (var line in lines.Where(Ours).GroupBy(l => Text(l, "name")))
        {
            var (name, own) = (line.Key, Median(line));
            var other = theirs.TryGetValue(name, out var t) ? t : double.NaN;
            if (!double.IsNaN(other)) ratios.Add(other / own);
            string[] cells =
            [
                $"`{name}`", Shown(own), eager.TryGetValue(name, out var e) ? Shown(e) : "", double.IsNaN(other) ? "" : Shown(other), double.IsNaN(other) ? "" : Times(other / own),
                Megabytes(name, true), Megabytes(name, false),
            ];
            rows.Add($"| {string.Join(" | ", cells)} |");
        }

        if (ratios.Count > 0) rows.Add($"| geometric mean of {ratios.Count} | | | | {Times(Math.Exp(ratios.Average(Math.Log)))} | | |");
        return rows;
    }

    /// <summary>faces-DATE-MACHINE.jsonl: a row for each face, a column for each size.</summary>
    private static IEnumerable<string> Faces()
    {
        var lines = Last("faces");
        if (lines.Count == 0) return ["No run is kept yet."];
        var sizes = lines.Select(l => (int)Number(l, "n")).Distinct().Order().ToList();
        List<string> rows = ["| face | " + string.Join(" | ", sizes.Select(n => string.Create(CultureInfo.InvariantCulture, $"n = {n:N0}"))) + " |", "| --- |" + string.Concat(sizes.Select(_ => " --- |"))];
        foreach (var face in lines.GroupBy(l => Text(l, "face")))
        {
            var cells = face.GroupBy(l => (int)Number(l, "n")).ToDictionary(g => g.Key, g => Math.Round(Number(g.Last(), "ns")).ToString("N0", CultureInfo.InvariantCulture));
            rows.Add($"| {face.Key} | {string.Join(" | ", sizes.Select(n => cells.GetValueOrDefault(n, "")))} |");
        }

        return rows;
    }

    /// <summary>adbench-DATE-MACHINE.jsonl beside adbench-others.jsonl: the cases that both have; the middle of several rounds.</summary>
    private static IEnumerable<string> AdBench()
    {
        var ours = Last("adbench").GroupBy(l => Text(l, "name")).ToDictionary(g => g.Key, g => g.ToList());
        List<string> rows =
        [
            "| case | objective | derivative | over objective | C++ objective | C++ by hand | C++ by hand, Eigen | derivative over C++ by hand | worst gap |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        ];
        foreach (var other in Others("adbench"))
        {
            if (!ours.TryGetValue(Text(other, "name"), out var lines)) continue;
            var (objective, derivative, byHand) = (Median(lines, "objective_ms"), Median(lines, "derivative_ms"), Number(other, "cpp_by_hand_ms"));
            string[] cells =
            [
                Text(other, "name"), Digits(objective), Digits(derivative), Times(derivative / objective), Digits(Number(other, "cpp_objective_ms")), Digits(byHand), Digits(Number(other, "eigen_by_hand_ms")),
                (derivative / byHand).ToString("0.00", CultureInfo.InvariantCulture), lines.Max(l => Number(l, "worst_gap")).ToString("0e-0", CultureInfo.InvariantCulture),
            ];
            rows.Add($"| {string.Join(" | ", cells)} |");
        }

        return rows;
    }

    /// <summary>gradbench-DATE-MACHINE.jsonl beside gradbench-others.jsonl; where there are several rounds, each.</summary>
    private static IEnumerable<string> GradBench()
    {
        var ours = Last("gradbench").GroupBy(l => Text(l, "name")).ToDictionary(g => g.Key, g => g.ToList());
        List<string> rows = ["| eval | score, ms | inputs | fastest other tool, ms | |", "| --- | ---: | ---: | ---: | --- |"];
        foreach (var other in Others("gradbench"))
            if (ours.TryGetValue(Text(other, "name"), out var lines))
                rows.Add($"| `{Text(other, "name")}` | {string.Join(", ", lines.Select(l => Digits(Number(l, "score_ms"))))} | {Number(lines[0], "inputs")} | {Digits(Number(other, "score_ms"))} | {Text(other, "tool")} |");
        return rows;
    }

    /// <summary>Three digits.</summary>
    private static string Digits(double v) => v.ToString("G3", CultureInfo.InvariantCulture);

    /// <summary>gemm-DATE-MACHINE.jsonl: 10⁹ operations a second on one thread, median, and the median share of the peak that was measured before each slice.</summary>
    private static IEnumerable<string> Products() => ByBackend(
        "gemm",
        "product, GF",
        line => Number(line, "median_gflops") is var rate && rate < 10 ? Shown(rate) : string.Create(CultureInfo.InvariantCulture, $"{rate:0} ({100 * Number(line, "median_share"):0} %)"));

    /// <summary>A row for each name, a column for each backend, of the lines of one thread.</summary>
    private static IEnumerable<string> ByBackend(string file, string title, Func<JsonElement, string> shown)
    {
        var lines = Last(file).Where(l => Number(l, "threads") == 1).ToList();
        if (lines.Count == 0) return ["No run is kept yet."];
        var backends = lines.Select(l => Text(l, "backend")).Distinct().ToList();
        List<string> rows = [$"| {title} | {string.Join(" | ", backends)} |", "| --- |" + string.Concat(backends.Select(_ => " --- |"))];
        foreach (var name in lines.GroupBy(l => Text(l, "name")))
        {
            var cells = name.GroupBy(l => Text(l, "backend")).ToDictionary(g => g.Key, g => shown(g.Last()));
            rows.Add($"| `{name.Key}` | {string.Join(" | ", backends.Select(b => cells.GetValueOrDefault(b, "")))} |");
        }

        return rows;
    }
}

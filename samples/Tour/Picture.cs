using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace DiffLib.Samples.Tour;

/// <summary>The data with the fitted regions, and the way down, as an SVG file.</summary>
internal static class Picture
{
    private const double Size = 420, Margin = 50;
    private static readonly string[] Colors = ["#e07b39", "#8e5ea2", "#2a9d8f"];

    public static void Write(string path, Penguins data, Classifier fitted, IReadOnlyList<(string Name, IReadOnlyList<double> Losses)> ways)
    {
        var svg = new StringBuilder();
        svg.AppendLine(Text($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * Size + 3 * Margin} {Size + 2 * Margin}" font-family="sans-serif" font-size="13">"""));
        svg.AppendLine("""<rect width="100%" height="100%" fill="white"/>""");
        Regions(svg, data, fitted);
        Convergence(svg, ways);
        svg.AppendLine("</svg>");
        File.WriteAllText(path, svg.ToString());
    }

    private static void Regions(StringBuilder svg, Penguins data, Classifier fitted)
    {
        const int cells = 70;
        (double Low, double High) length = (31, 61), depth = (12.5, 22.5);
        double X(double v) => Margin + (v - length.Low) / (length.High - length.Low) * Size;
        double Y(double v) => Margin + Size - (v - depth.Low) / (depth.High - depth.Low) * Size;

        var side = Size / cells;
        var centres = new double[cells * cells * 2];
        for (var k = 0; k < cells * cells; k++)
        {
            centres[2 * k] = length.Low + (k % cells + 0.5) / cells * (length.High - length.Low);
            centres[2 * k + 1] = depth.High - (k / cells + 0.5) / cells * (depth.High - depth.Low);
        }

        var winners = fitted.Scores(Tensor.FromArray(centres, cells * cells, 2)).ArgMax(axis: 1).ToArray<long>();
        for (var k = 0; k < winners.Length; k++)
            svg.AppendLine(Text($"""<rect x="{Margin + k % cells * side:F1}" y="{Margin + k / cells * side:F1}" width="{side:F1}" height="{side:F1}" fill="{Colors[winners[k]]}" opacity="0.18" shape-rendering="crispEdges"/>"""));

        var points = data.Measures.ToArray2D<double>();
        for (var i = 0; i < data.Count; i++)
            svg.AppendLine(Text($"""<circle cx="{X(points[i, 0]):F1}" cy="{Y(points[i, 1]):F1}" r="3.2" fill="{Colors[data.Species[i]]}" stroke="white" stroke-width="0.6"/>"""));

        for (var s = 0; s < 3; s++)
            svg.AppendLine(Text($"""<circle cx="{Margin + 14}" cy="{Margin + 16 + 18 * s}" r="5" fill="{Colors[s]}"/><text x="{Margin + 24}" y="{Margin + 21 + 18 * s}">{Penguins.Names[s]}</text>"""));
        for (var v = 35; v <= 60; v += 5) svg.AppendLine(Text($"""<text x="{X(v):F0}" y="{Margin + Size + 18}" text-anchor="middle">{v}</text>"""));
        for (var v = 14; v <= 22; v += 2) svg.AppendLine(Text($"""<text x="{Margin - 8}" y="{Y(v) + 4:F0}" text-anchor="end">{v}</text>"""));
        svg.AppendLine(Text($"""<text x="{Margin + Size / 2}" y="{Margin + Size + 38}" text-anchor="middle">bill length, mm</text>"""));
        svg.AppendLine(Text($"""<text x="16" y="{Margin + Size / 2}" text-anchor="middle" transform="rotate(-90 16 {Margin + Size / 2})">bill depth, mm</text>"""));
        svg.AppendLine(Text($"""<text x="{Margin + Size / 2}" y="{Margin - 16}" text-anchor="middle" font-size="16">Penguins and the fitted regions</text>"""));
    }

    private static void Convergence(StringBuilder svg, IReadOnlyList<(string Name, IReadOnlyList<double> Losses)> ways)
    {
        const double left = Size + 2.5 * Margin;
        var width = Size;
        double longest = Math.Log10(ways.Max(w => w.Losses.Count));
        double low = Math.Log10(ways.Min(w => w.Losses.Min()) * 0.9), high = Math.Log10(ways.Max(w => w.Losses.Max()) * 1.1);
        double X(int step) => left + Math.Log10(step + 1) / longest * (width - Margin / 2);
        double Y(double loss) => Margin + Size - (Math.Log10(loss) - low) / (high - low) * Size;

        svg.AppendLine(Text($"""<rect x="{left}" y="{Margin}" width="{width - Margin / 2}" height="{Size}" fill="none" stroke="#888"/>"""));
        string[] strokes = ["#1d3557", "#e63946"];
        for (var w = 0; w < ways.Count; w++)
        {
            var line = string.Join(' ', ways[w].Losses.Select((loss, step) => Text($"{X(step):F1},{Y(loss):F1}")));
            svg.AppendLine($"""<polyline points="{line}" fill="none" stroke="{strokes[w]}" stroke-width="2"/>""");
            svg.AppendLine(Text($"""<text x="{left + width - Margin}" y="{Margin + 22 + 18 * w}" text-anchor="end" fill="{strokes[w]}">{ways[w].Name}</text>"""));
        }

        for (var step = 1; Math.Log10(step) <= longest; step *= 10)
            svg.AppendLine(Text($"""<text x="{X(step - 1):F0}" y="{Margin + Size + 18}" text-anchor="middle">{step}</text>"""));
        foreach (var loss in new[] { 0.05, 0.1, 0.2, 0.5, 1.0, 2.0 }.Where(v => Math.Log10(v) > low && Math.Log10(v) < high))
            svg.AppendLine(Text($"""<text x="{left - 6}" y="{Y(loss) + 4:F0}" text-anchor="end">{loss}</text>"""));
        svg.AppendLine(Text($"""<text x="{left + width / 2}" y="{Margin + Size + 38}" text-anchor="middle">step</text>"""));
        svg.AppendLine(Text($"""<text x="{left + width / 2}" y="{Margin - 16}" text-anchor="middle" font-size="16">Loss on the way down</text>"""));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

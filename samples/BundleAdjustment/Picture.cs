using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace DiffLib.Samples.BundleAdjustment;

/// <summary>What was wrong before and after, and how it went down, as SVG.</summary>
internal static class Picture
{
    private const double Width = 900, Height = 360, Top = 46, Bottom = 310, Left = 60, Middle = 430, Second = 520, Right = 880;

    /// <summary>Left: how many observations miss by how many pixels, before (red) and after (blue). Right: the cost, iteration by iteration.</summary>
    public static string Draw(double[] before, double[] after, IReadOnlyList<double> costs)
    {
        var svg = new StringBuilder($"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Text(Width)} {Text(Height)}' font-family='sans-serif' font-size='12'>\n<rect width='100%' height='100%' fill='white'/>\n");
        Misses(svg, before, after);
        Costs(svg, costs);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Misses(StringBuilder svg, double[] before, double[] after)
    {
        // decades of pixels, ten bins each
        const int first = -3, last = 3, bins = 10 * (last - first);
        int[] Counts(double[] misses)
        {
            var counts = new int[bins];
            foreach (double miss in misses) counts[Math.Clamp((int)(10 * (Math.Log10(Math.Max(miss, 1e-12)) - first)), 0, bins - 1)]++;
            return counts;
        }
        int[] red = Counts(before), blue = Counts(after);
        double most = Math.Max(red.Max(), blue.Max()), step = (Middle - Left) / bins;
        svg.Append($"<text x='{Text(Left)}' y='22'>observations by how far they miss, in pixels</text>\n");
        Frame(svg, Left, Middle);
        foreach (var (counts, colour) in new[] { (red, "#d62728"), (blue, "#1f77b4") })
            for (int k = 0; k < bins; k++)
                if (counts[k] > 0)
                    svg.Append($"<rect x='{Text(Left + k * step)}' y='{Text(Bottom - (Bottom - Top) * counts[k] / most)}' width='{Text(step)}' height='{Text((Bottom - Top) * counts[k] / most)}' fill='{colour}' fill-opacity='0.6'/>\n");
        for (int decade = first; decade <= last; decade++)
            svg.Append($"<text x='{Text(Left + 10 * (decade - first) * step)}' y='{Text(Bottom + 18)}' text-anchor='middle'>{Math.Pow(10, decade).ToString("G", CultureInfo.InvariantCulture)}</text>\n");
        svg.Append($"<text x='{Text(Left - 8)}' y='{Text(Top + 4)}' text-anchor='end'>{most}</text><text x='{Text(Left - 8)}' y='{Text(Bottom + 4)}' text-anchor='end'>0</text>\n");
        svg.Append($"<text x='{Text(Left + 12)}' y='{Text(Top + 14)}' fill='#d62728'>before</text><text x='{Text(Left + 12)}' y='{Text(Top + 32)}' fill='#1f77b4'>after</text>\n");
    }

    private static void Costs(StringBuilder svg, IReadOnlyList<double> costs)
    {
        double[] logs = [.. costs.Select(Math.Log10)];
        double low = Math.Floor(logs.Min()), high = Math.Ceiling(logs.Max());
        string X(int k) => Text(Second + (Right - Second) * k / Math.Max(1, logs.Length - 1));
        string Y(double log) => Text(Bottom - (Bottom - Top) * (log - low) / (high - low));
        svg.Append($"<text x='{Text(Second)}' y='22'>cost, iteration by iteration</text>\n");
        Frame(svg, Second, Right);
        for (double log = low; log <= high; log++) svg.Append($"<text x='{Text(Second - 8)}' y='{Y(log)}' text-anchor='end'>1e{Text(log)}</text>\n");
        int every = logs.Length > 13 ? 5 : 1;
        for (int k = 0; k < logs.Length; k += every) svg.Append($"<text x='{X(k)}' y='{Text(Bottom + 18)}' text-anchor='middle'>{k}</text>\n");
        svg.Append($"<polyline points='{string.Join(' ', logs.Select((log, k) => X(k) + "," + Y(log)))}' fill='none' stroke='#1f77b4' stroke-width='2'/>\n");
        for (int k = 0; k < logs.Length; k++) svg.Append($"<circle cx='{X(k)}' cy='{Y(logs[k])}' r='3.5' fill='#1f77b4'/>\n");
    }

    private static void Frame(StringBuilder svg, double left, double right) =>
        svg.Append($"<path d='M{Text(left)},{Text(Top)} V{Text(Bottom)} H{Text(right)}' fill='none' stroke='black'/>\n");

    private static string Text(double v) => v.ToString("0.##", CultureInfo.InvariantCulture);
}

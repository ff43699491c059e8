using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace DiffLib.Samples.TrainingStep;

/// <summary>The way down and the way up, as SVG.</summary>
internal static class Picture
{
    private const double Width = 760, Height = 320, Left = 56, Right = 700, Top = 24, Bottom = 270;

    /// <summary>The loss of every step, faint, with its mean over neighbours, and the test accuracy after every epoch.</summary>
    public static string Draw(IReadOnlyList<double> losses, IReadOnlyList<double> accuracies)
    {
        var highest = losses.Max();
        double X(double step) => Left + ((Right - Left) * step / losses.Count);
        double Y(double share) => Bottom - ((Bottom - Top) * share);
        var smooth = Enumerable.Range(0, losses.Count).Select(k => losses.Skip(k - 10).Take(21).Average()).ToArray();
        var svg = new StringBuilder($"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Text(Width)} {Text(Height)}' font-family='sans-serif' font-size='12'>\n<rect width='100%' height='100%' fill='white'/>\n");
        svg.Append($"<path d='M{Text(Left)},{Text(Top)} V{Text(Bottom)} H{Text(Right)} V{Text(Top)}' fill='none' stroke='black'/>\n");
        foreach (var share in new[] { 0.0, 0.25, 0.5, 0.75, 1.0 })
        {
            svg.Append($"<text x='{Text(Left - 6)}' y='{Text(Y(share) + 4)}' text-anchor='end' fill='#1d3557'>{Text(share * highest)}</text>\n");
            svg.Append($"<text x='{Text(Right + 6)}' y='{Text(Y(share) + 4)}' fill='#e07b39'>{Text(100 * share)} %</text>\n");
        }

        svg.Append(Line(losses.Select((v, k) => (X(k), Y(v / highest))), "#1d3557", "0.25"));
        svg.Append(Line(smooth.Select((v, k) => (X(k), Y(v / highest))), "#1d3557", "1"));
        var perEpoch = (double)losses.Count / accuracies.Count;
        svg.Append(Line(accuracies.Select((v, k) => (X((k + 1) * perEpoch), Y(v))), "#e07b39", "1"));
        for (var k = 0; k < accuracies.Count; k++)
        {
            svg.Append($"<circle cx='{Text(X((k + 1) * perEpoch))}' cy='{Text(Y(accuracies[k]))}' r='3.5' fill='#e07b39'/>");
            svg.Append($"<text x='{Text(X((k + 1) * perEpoch))}' y='{Text(Bottom + 18)}' text-anchor='middle'>{k + 1}</text>\n");
        }

        svg.Append($"<text x='{Text((Left + Right) / 2)}' y='{Text(Bottom + 38)}' text-anchor='middle'>epoch</text>\n");
        svg.Append($"<text x='{Text(Left)}' y='{Text(Top - 8)}' fill='#1d3557'>training loss</text><text x='{Text(Right)}' y='{Text(Top - 8)}' text-anchor='end' fill='#e07b39'>test accuracy</text>\n");
        return svg.Append("</svg>\n").ToString();
    }

    private static string Line(IEnumerable<(double X, double Y)> points, string colour, string opacity) =>
        $"<polyline points='{string.Join(' ', points.Select(p => Text(p.X) + "," + Text(p.Y)))}' fill='none' stroke='{colour}' stroke-width='1.6' stroke-opacity='{opacity}'/>\n";

    private static string Text(double v) => v.ToString("0.##", CultureInfo.InvariantCulture);
}

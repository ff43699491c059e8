using System.Globalization;
using System.Linq;
using System.Text;

namespace DiffLib.Samples.LotkaVolterra;

/// <summary>A picture of counts, fit and truth, as SVG.</summary>
internal static class Picture
{
    private const double Width = 760, Height = 360, Left = 50, Bottom = 320, Right = 740, Top = 20;

    private static readonly string[] Colours = ["#1f77b4", "#d62728"], Names = ["hares", "lynxes"];

    /// <summary>Dots are counts, full lines the fit, dashed ones the truth.</summary>
    public static string Draw(Tensor times, Tensor counts, Tensor fine, Tensor fit, Tensor truth)
    {
        var (end, highest) = (fine.Max().ToDouble(), Tensor.Maximum(counts.Max(), fit.Max()).ToDouble());
        string X(double t) => Text(Left + (Right - Left) * t / end);
        string Y(double n) => Text(Bottom - (Bottom - Top) * n / highest);

        var svg = new StringBuilder($"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Text(Width)} {Text(Height)}' font-family='sans-serif' font-size='12'>\n<rect width='100%' height='100%' fill='white'/>\n");
        svg.Append($"<path d='M{Text(Left)},{Text(Top)} V{Text(Bottom)} H{Text(Right)}' fill='none' stroke='black'/>\n");
        for (var year = 0; year <= end; year += 5) svg.Append($"<text x='{X(year)}' y='{Text(Bottom + 18)}' text-anchor='middle'>{year}</text>\n");
        for (var n = 10; n <= highest; n += 10) svg.Append($"<text x='{Text(Left - 8)}' y='{Y(n)}' text-anchor='end'>{n}</text>\n");

        for (var k = 0; k < 2; k++)
        {
            svg.Append(Line(fine, truth[.., k], "stroke-dasharray='5,4' stroke-opacity='0.6'")).Append(Line(fine, fit[.., k], "stroke-width='2'"));
            foreach (var (t, n) in times.ToArray().Zip(counts[.., k].ToArray())) svg.Append($"<circle cx='{X(t)}' cy='{Y(n)}' r='3.5' fill='{Colours[k]}'/>\n");
            svg.Append($"<text x='{Text(Right - 90)}' y='{Text(Top + 16 * k + 8)}' fill='{Colours[k]}'>{Names[k]}</text>\n");

            string Line(Tensor ts, Tensor ns, string style) =>
                $"<polyline points='{string.Join(' ', ts.ToArray().Zip(ns.ToArray()).Select(p => X(p.First) + "," + Y(p.Second)))}' fill='none' stroke='{Colours[k]}' {style}/>\n";
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Text(double v) => v.ToString("0.##", CultureInfo.InvariantCulture);
}

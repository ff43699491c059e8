using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Text;

namespace DiffLib;

/// <summary>A program drawn in layers: every box a row below the lowest of those it needs, boxes of a row near what they need.</summary>
internal sealed class ProgramPicture
{
    private const int RowHeight = 84, BoxHeight = 44, Gap = 24, CharWidth = 7, Margin = 20;

    private readonly Program program;
    private readonly List<Box> boxes = [];

    /// <summary>The box that makes a value; none for numbers that stand in boxes.</summary>
    private readonly Box?[] makers;

    public ProgramPicture(Program program)
    {
        this.program = program;
        makers = new Box?[program.Specs.Length];
        AddGiven();
        foreach (var equation in program.Equations) AddOperation(equation);
        AddResults();
        Place();
    }

    private sealed class Box(string kind, string title, string subtitle, List<Box> needs)
    {
        public string Kind => kind;
        public string Title => title;
        public string Subtitle => subtitle;
        public List<Box> Needs => needs;
        public int Row { get; set; } = needs.Count == 0 ? 0 : needs.Max(n => n.Row) + 1;
        public double X { get; set; }
        public double Y => Margin + (Row * RowHeight);
        public double Width { get; } = Math.Max(70, (Math.Max(title.Length, subtitle.Length) * CharWidth) + 16);
        public double Middle => X + (Width / 2);
    }

    private string Typed(int value) => $"{program.Specs[value].DType}{program.Specs[value].Shape}".ToLowerInvariant();

    private void Add(Box box, params int[] values)
    {
        boxes.Add(box);
        foreach (var value in values) makers[value] = box;
    }

    private void AddGiven()
    {
        for (var k = 0; k < program.InputCount; k++) Add(new Box("input", Program.NameOf(k), Typed(k), []), k);
        for (var k = 0; k < program.Constants.Length; k++)
            if (!program.Constants[k].IsConstant) Add(new Box("constant", "data", Typed(program.InputCount + k), []), program.InputCount + k);
    }

    private void AddOperation(Equation equation)
    {
        var numbers = equation.Inputs.Where(k => makers[k] is null).Select(k => Printing.elements(program.Constants[k - program.InputCount].First)).ToArray();
        var title = Shortened(equation.Rule.Describe() + (numbers.Length > 0 ? " " + string.Join(", ", numbers) : ""));
        var needs = equation.Inputs.Select(k => makers[k]).OfType<Box>().Distinct().ToList();
        var subtitle = string.Join(", ", equation.Outputs.Select(k => $"{Program.NameOf(k)}: {Typed(k)}"));
        Add(new Box("operation", title, Shortened(subtitle), needs), equation.Outputs);
    }

    private void AddResults()
    {
        var last = boxes.Count == 0 ? 0 : boxes.Max(b => b.Row) + 1;
        for (var k = 0; k < program.Outputs.Length; k++)
        {
            var value = program.Outputs[k];
            var needs = makers[value] is { } maker ? new List<Box> { maker } : [];
            var title = makers[value] is null ? Printing.elements(program.Constants[value - program.InputCount].First) : $"result {k}";
            boxes.Add(new Box("result", title, Typed(value), needs) { Row = last });
        }
    }

    private static string Shortened(string text) => text.Length <= 48 ? text : text[..45] + "...";

    /// <summary>Rows from the top; in each, boxes in the order of the middles of what they need, without overlap.</summary>
    private void Place()
    {
        // what is given stands right above its first use
        foreach (var box in boxes.Where(b => b.Kind == "constant"))
            box.Row = Math.Max(0, boxes.Where(b => b.Needs.Contains(box)).Select(b => b.Row - 1).DefaultIfEmpty(0).Min());

        foreach (var row in boxes.GroupBy(b => b.Row).OrderBy(g => g.Key))
        {
            var x = (double)Margin;
            foreach (var box in row.OrderBy(Wish))
            {
                box.X = Math.Max(x, Wish(box) - (box.Width / 2));
                x = box.X + box.Width + Gap;
            }
        }
    }

    private static double Wish(Box box) => box.Needs.Count == 0 ? 0 : box.Needs.Average(n => n.Middle);

    public string Svg()
    {
        var width = boxes.Select(b => b.X + b.Width).DefaultIfEmpty(0).Max() + Margin;
        var height = boxes.Select(b => b.Y + BoxHeight).DefaultIfEmpty(0).Max() + Margin;
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:0}\" height=\"{height:0}\" viewBox=\"0 0 {width:0} {height:0}\" font-family=\"monospace\" font-size=\"11\" text-anchor=\"middle\">");
        Line($"<style>rect{{stroke:#445;rx:5}}.input{{fill:#dcebfa}}.constant{{fill:#eee}}.operation{{fill:#fff}}.result{{fill:#ddf3dd}}path{{fill:none;stroke:#667}}.type{{fill:#667}}</style>");
        Line($"<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" style=\"fill:#667;stroke:none\"/></marker></defs>");
        foreach (var box in boxes)
            foreach (var need in box.Needs)
            {
                var (top, bottom) = (need.Y + BoxHeight, box.Y);
                var bend = (bottom - top) / 2;
                Line($"<path d=\"M{need.Middle:0.#} {top:0.#}C{need.Middle:0.#} {top + bend:0.#} {box.Middle:0.#} {bottom - bend:0.#} {box.Middle:0.#} {bottom:0.#}\" marker-end=\"url(#arrow)\"/>");
            }

        foreach (var box in boxes)
        {
            Line($"<g><rect class=\"{box.Kind}\" x=\"{box.X:0.#}\" y=\"{box.Y:0.#}\" width=\"{box.Width:0.#}\" height=\"{BoxHeight}\"/>");
            Line($"<text x=\"{box.Middle:0.#}\" y=\"{box.Y + 18:0.#}\">{WebUtility.HtmlEncode(box.Title)}</text>");
            Line($"<text class=\"type\" x=\"{box.Middle:0.#}\" y=\"{box.Y + 34:0.#}\">{WebUtility.HtmlEncode(box.Subtitle)}</text></g>");
        }

        return text.Append("</svg>\n").ToString();
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>A hand.</summary>
internal sealed class HandCase : AdBenchCase
{
    private readonly string _path;
    private readonly HandTracking _tracking;
    private readonly double[] _pose, _us, _residuals, _jacobian;

    public HandCase(string name, string path) : base(name)
    {
        _path = path;
        var free = name.Contains("complicated", StringComparison.Ordinal);
        var file = new Tokens(path + ".in.txt");
        int count = file.Int(), parameters = file.Int();
        var correspondences = new int[count];
        var points = new double[3 * count];
        for (var i = 0; i < count; i++)
        {
            correspondences[i] = file.Int();
            file.Doubles(3).CopyTo(points, 3 * i);
        }

        _us = free ? file.Doubles(2 * count) : [];
        _pose = file.Doubles(parameters);
        var folder = Path.GetDirectoryName(path) ?? "";
        _tracking = new(Model(folder, name.Contains("big", StringComparison.Ordinal)), correspondences, points, free);
        _residuals = new double[3 * count];
        _jacobian = new double[3 * count * _tracking.Columns];
    }

    public override void Objective() => _tracking.Objective(_pose, _us, _residuals);

    public override void Derivative() => _tracking.Jacobian(_pose, _us, _jacobian);

    public override double WorstGap()
    {
        Objective();
        Derivative();
        return Math.Max(Gap(_residuals, Tokens.All(_path + ".F.txt")), Gap(_jacobian, Tokens.All(_path + ".J.txt")));
    }

    private static HandModel Model(string folder, bool big)
    {
        var small = Path.Combine(folder, "model_small");
        var bones = Fields(Path.Combine(small, "bones.txt"));
        var vertices = Fields(Path.Combine(big ? Path.Combine(folder, "model_big") : small, "vertices.txt"));
        var triangles = Fields(Path.Combine(small, "triangles.txt"));
        var starts = new List<int> { 0 };
        var weightBones = new List<int>();
        var weights = new List<double>();
        foreach (var v in vertices)
        {
            // Three coordinates and five more numbers, then pairs.
            for (var k = 0; k < Whole(v[8]); k++)
            {
                weightBones.Add(Whole(v[9 + 2 * k]));
                weights.Add(Number(v[10 + 2 * k]));
            }

            starts.Add(weights.Count);
        }

        return new(
            [.. bones.Select(b => Whole(b[1]))],
            [.. bones.SelectMany(b => b[2..18]).Select(Number)],
            [.. bones.SelectMany(b => b[18..34]).Select(Number)],
            [.. vertices.SelectMany(v => v[..3]).Select(Number)],
            [.. starts],
            [.. weightBones],
            [.. weights],
            [.. triangles.SelectMany(t => t[..3]).Select(Whole)]);
    }

    private static List<string[]> Fields(string path) => [.. Tokens.Lines(path).Select(line => line.Split(':'))];

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

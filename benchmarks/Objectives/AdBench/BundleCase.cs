using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>A bundle adjustment.</summary>
internal sealed class BundleCase : AdBenchCase
{
    private const int Period = 1009;

    private readonly string _path;
    private readonly BundleAdjustment _bundle;
    private readonly double[] _cameras, _points, _weights, _residuals, _values;
    private readonly int[] _rows, _columns;

    public BundleCase(string name, string path) : base(name)
    {
        _path = path;
        var file = new Tokens(path + ".in.txt");
        int n = file.Int(), m = file.Int(), p = file.Int();
        int[] cameraOf = new int[p], pointOf = new int[p];
        var features = new double[2 * p];
        if (name.Contains("_var_", StringComparison.Ordinal))
        {
            (_cameras, _points, _weights) = (file.Doubles(11 * n), file.Doubles(3 * m), file.Doubles(p));
            for (var i = 0; i < p; i++)
            {
                (cameraOf[i], pointOf[i]) = (file.Int(), file.Int());
                file.Doubles(2).CopyTo(features, 2 * i);
            }
        }
        else
        {
            (_cameras, _points, _weights) = (Repeated(file.Doubles(11), n), Repeated(file.Doubles(3), m), Repeated(file.Doubles(1), p));
            features = Repeated(file.Doubles(2), p);
            for (var i = 0; i < p; i++) (cameraOf[i], pointOf[i]) = (i % n, i % m);
        }

        _bundle = new(n, m, cameraOf, pointOf, features);
        (_residuals, _values) = (new double[3 * p], new double[_bundle.NonZeros]);
        (_rows, _columns) = (new int[3 * p + 1], new int[_bundle.NonZeros]);
    }

    private static double[] Repeated(double[] numbers, int times)
    {
        var all = new double[numbers.Length * times];
        for (var i = 0; i < times; i++) numbers.CopyTo(all, i * numbers.Length);
        return all;
    }

    public override void Objective() => _bundle.Objective(_cameras, _points, _weights, _residuals);

    public override void Derivative() => _bundle.Jacobian(_cameras, _points, _weights, _rows, _columns, _values);

    public override double WorstGap()
    {
        Objective();
        Derivative();
        return Tokens.Exists(_path + ".check.txt") ? Compact() : Math.Max(Gap(_residuals, Tokens.All(_path + ".F.txt")), Entries());
    }

    private double Entries()
    {
        var (gap, k) = (0.0, 0);
        var row = 0;
        foreach (var line in Tokens.Lines(_path + ".J.txt"))
        {
            if (k == _values.Length) return double.PositiveInfinity;
            while (_rows[row + 1] <= k) row++;
            gap = Math.Max(gap, Entry(line.Split(' '), row, k++));
        }

        return k == _values.Length ? gap : double.PositiveInfinity;
    }

    private double Entry(string[] parts, int row, int k) =>
        Whole(parts[0]) == row && Whole(parts[1]) == _columns[k] ? Gap(_values[k], Number(parts[2])) : double.PositiveInfinity;

    /// <summary>Checks a compact reference: counts, sums, and a few entries.</summary>
    private double Compact()
    {
        var gap = 0.0;
        var section = -1;
        var listed = new List<double>();
        foreach (var line in Tokens.Lines(_path + ".check.txt"))
        {
            var parts = line.Split(' ');
            if (line[0] == '#') section++;
            else if (section > 3 && parts.Length == 1) listed.Add(Number(line));
            else gap = Math.Max(gap, Line(section, parts));
        }

        return Math.Max(gap, Gap([.. _residuals[..6], .. _residuals[^3..]], [.. listed]));
    }

    private double Line(int section, string[] parts) => section switch
    {
        0 => Whole(parts[0]) == _residuals.Length && Whole(parts[1]) == _values.Length ? 0 : double.PositiveInfinity,
        1 => Gap(Sums(_residuals), [.. parts.Select(Number)]),
        2 => Gap(Sums(_values), [.. parts.Select(Number)]),
        3 => long.Parse(parts[0], CultureInfo.InvariantCulture) == Weighted(_columns) && long.Parse(parts[1], CultureInfo.InvariantCulture) == Weighted(RowOfEach()) ? 0 : double.PositiveInfinity,
        _ => Listed(Whole(parts[0]), Whole(parts[1]), Number(parts[2])),
    };

    private double Listed(int row, int column, double value)
    {
        for (var k = _rows[row]; k < _rows[row + 1]; k++)
            if (_columns[k] == column) return Gap(_values[k], value);
        return double.PositiveInfinity;
    }

    private static double[] Sums(double[] numbers)
    {
        double sum = 0, squares = 0, weighted = 0;
        for (var k = 0; k < numbers.Length; k++)
        {
            sum += numbers[k];
            squares += numbers[k] * numbers[k];
            weighted += numbers[k] * (k % Period + 1);
        }

        return [sum, squares, weighted];
    }

    private static long Weighted(int[] numbers)
    {
        var sum = 0L;
        for (var k = 0; k < numbers.Length; k++) sum += (long)numbers[k] * (k % Period + 1);
        return sum;
    }

    private int[] RowOfEach()
    {
        var rows = new int[_values.Length];
        for (var row = 0; row + 1 < _rows.Length; row++) Array.Fill(rows, row, _rows[row], _rows[row + 1] - _rows[row]);
        return rows;
    }

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

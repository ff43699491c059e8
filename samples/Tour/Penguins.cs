using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace DiffLib.Samples.Tour;

/// <summary>The penguins: two measures of the bill, and the species.</summary>
/// <param name="Measures">Bill length and depth in millimetres, [n, 2].</param>
/// <param name="Species">0, 1 or 2, [n].</param>
internal sealed record Penguins(Tensor Measures, int[] Species)
{
    public static readonly string[] Names = ["Adelie", "Chinstrap", "Gentoo"];

    public int Count => Species.Length;

    /// <summary>The species as rows with a single 1, [n, 3].</summary>
    public Tensor OneHot => Tensor.OneHot(Tensor.FromArray(Species), Names.Length);

    /// <summary>Reads the file; rows without measures are left out.</summary>
    public static Penguins Load(string path)
    {
        List<double> measures = [];
        List<int> species = [];
        foreach (var cells in File.ReadLines(path).Skip(1).Select(line => line.Split(',')))
        {
            if (cells[2] == "" || cells[3] == "") continue;
            measures.Add(double.Parse(cells[2], CultureInfo.InvariantCulture));
            measures.Add(double.Parse(cells[3], CultureInfo.InvariantCulture));
            species.Add(Array.IndexOf(Names, cells[0]));
        }

        return new(Tensor.FromArray(measures.ToArray(), species.Count, 2), [.. species]);
    }

    /// <summary>Every fifth penguin is kept for testing.</summary>
    public (Penguins Train, Penguins Test) Split() => (Where(i => i % 5 != 0), Where(i => i % 5 == 0));

    private Penguins Where(Func<int, bool> keep)
    {
        int[] rows = [.. Enumerable.Range(0, Count).Where(keep)];
        return new(Tensor.Stack([.. rows.Select(i => Measures[i])], axis: 0), [.. rows.Select(i => Species[i])]);
    }
}

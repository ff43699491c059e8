using System;
using System.Collections.Generic;

namespace DiffLib;

/// <summary>What a property check generates, and how often.</summary>
public sealed class PropertyOptions
{
    /// <summary>How many inputs are tried: 100.</summary>
    public int MaxTest { get; set; } = 100;

    /// <summary>The sizes that an axis may have: 0, 1, 2, 3, 5 and 17. Generated shapes have ranks from <see cref="MinRank"/> to <see cref="MaxRank"/>.</summary>
    public IReadOnlyList<int> Sizes { get; set; } = [0, 1, 2, 3, 5, 17];

    /// <summary>The lowest rank generated: 0.</summary>
    public int MinRank { get; set; }

    /// <summary>The highest rank generated: 4.</summary>
    public int MaxRank { get; set; } = 4;

    /// <summary>Generated inputs have at most so many elements: 100.</summary>
    public int MaxElements { get; set; } = 100;

    /// <summary>A shape to use for every input in place of generated ones; null: generate.</summary>
    public Shape? Shape { get; set; }

    /// <summary>Where the function is smooth, as a closed interval: elements are drawn from its interior (its width shrunk by a hundredth), and the function is not evaluated outside. -2 to 2 by default; the whole line is allowed.</summary>
    public (double Low, double High) Domain { get; set; } = (-2, 2);

    /// <summary>Whether a tenth of the elements are made a thousand times larger or smaller, as far as the domain allows: yes.</summary>
    public bool ExtremeMagnitudes { get; set; } = true;

    /// <summary>Numbers that a tenth of the elements are taken from, as far as they are in the domain: -1.3, 0.49, 0.99, 1.01.</summary>
    public IReadOnlyList<double> Special { get; set; } = [-1.3, 0.49, 0.99, 1.01];

    /// <summary>Whether all elements of an input differ by at least a hundredth of the domain's scale, for functions that depend on their order (sort, maximum, median): no.</summary>
    public bool Distinct { get; set; }

    /// <summary>"seed,gamma" or "seed,gamma,size", as a failure prints it, to run that case again; empty: a fresh seed.</summary>
    public string Replay { get; set; } = "";

    /// <summary>How each input is checked. Kinks are skipped by default, for random inputs meet them.</summary>
    public CheckOptions Check { get; set; } = new() { Kinks = CheckKinks.Skip };
}

/// <summary>A property did not hold. The message tells the smallest input that fails, the check's report there, and how to replay it.</summary>
/// <param name="message">The whole text.</param>
/// <param name="report">The check's report for the smallest failing input; null if there is none.</param>
/// <param name="input">The smallest failing input; null if there is none.</param>
/// <param name="replay">"seed,gamma,size" for <see cref="PropertyOptions.Replay"/>.</param>
public sealed class PropertyFailedException(string message, CheckReport? report, Tensor? input, string replay) : Exception(message)
{
    /// <summary>The check's report for the smallest failing input.</summary>
    public CheckReport? Report { get; } = report;

    /// <summary>The smallest failing input.</summary>
    public Tensor? Input { get; } = input;

    /// <summary>"seed,gamma,size" for <see cref="PropertyOptions.Replay"/>.</summary>
    public string Replay { get; } = replay;
}

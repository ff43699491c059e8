using System;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>One case of the public benchmark ADBench: an objective with its data and parameters, and what is known of its results.</summary>
/// <param name="name">Its name.</param>
public abstract class AdBenchCase(string name)
{
    /// <summary>The benchmark's own limit for <see cref="Gap(double, double)"/>.</summary>
    public const double Limit = 1e-8;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The measured work: the objective, into memory of the case.</summary>
    public abstract void Objective();

    /// <summary>The measured work: the gradient or Jacobian, into memory of the case.</summary>
    public abstract void Derivative();

    /// <summary>Runs both and compares with the reference.</summary>
    /// <returns>The largest gap; infinite if something has the wrong shape or is not a number.</returns>
    public abstract double WorstGap();

    /// <summary>|x - y| / max(1, |x| + |y|); infinite if one is not a number.</summary>
    public static double Gap(double x, double y)
    {
        var gap = Math.Abs(x - y) / Math.Max(1, Math.Abs(x) + Math.Abs(y));
        return double.IsNaN(gap) ? double.PositiveInfinity : gap;
    }

    /// <summary>The largest gap between the numbers; infinite if they are not equally many.</summary>
    public static double Gap(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length) return double.PositiveInfinity;
        var worst = 0.0;
        for (var i = 0; i < x.Length; i++) worst = Math.Max(worst, Gap(x[i], y[i]));
        return worst;
    }
}

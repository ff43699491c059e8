using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace DiffLib;

/// <summary>Generators of tensors for FsCheck, and their shrinking: fewer axes, smaller axes, rounder numbers.</summary>
public static class TensorArbitrary
{
    /// <summary>float64 tensors as the options say: shapes of all ranks and sizes, elements mostly from the interior of the domain.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">The options leave nothing to generate.</exception>
    public static Arbitrary<Tensor> Create(PropertyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Demand(options);
        var tensors =
            from shape in Shapes(options)
            from elements in Elements(options, shape.Count)
            select Tensor.FromArray(elements, shape.ToArray());
        return Arb.From(tensors, x => Shrink(x, options));
    }

    private static void Demand(PropertyOptions o)
    {
        if (!(o.Domain.Low < o.Domain.High)) throw new ArgumentException("the domain ends before it begins; give (low, high) with low < high.", nameof(o));
        if (o.MaxTest < 1) throw new ArgumentException("MaxTest is 1 or more.", nameof(o));
        if (o.MinRank < 0 || o.MaxRank > Shape.MaxRank || o.MinRank > o.MaxRank) throw new ArgumentException($"ranks from {o.MinRank} to {o.MaxRank}: they must lie between 0 and {Shape.MaxRank}.", nameof(o));
        if (o.Sizes.Count == 0 || o.Sizes.Any(n => n < 0)) throw new ArgumentException("Sizes needs one size or more, each 0 or more.", nameof(o));
    }

    private static Gen<Shape> Shapes(PropertyOptions o)
    {
        if (o.Shape is { } fixedShape) return Gen.Constant(fixedShape);
        var allowed = o.Sizes.Where(n => n <= o.MaxElements).DefaultIfEmpty(o.Sizes.Min()).ToArray();
        return
            from rank in Gen.Choose(o.MinRank, o.MaxRank)
            from sizes in Gen.Elements(allowed).ArrayOf(rank)
            select new Shape(Limited(sizes, Math.Max(1, o.MaxElements)));
    }

    // Axes from the end on keep their size while the product stays within the limit; the others become 1.
    private static int[] Limited(int[] sizes, int most)
    {
        var product = 1L;
        for (var d = sizes.Length - 1; d >= 0; d--)
        {
            if (product * Math.Max(1, sizes[d]) > most) sizes[d] = 1;
            product *= Math.Max(1, sizes[d]);
        }

        return sizes;
    }

    // 80 % from the interior of the domain, 10 % a thousand times larger or smaller, 10 % from the special list, each where the domain allows.
    private static Gen<double[]> Elements(PropertyOptions o, int count)
    {
        var (low, high) = (Math.Max(o.Domain.Low, -1e3), Math.Min(o.Domain.High, 1e3));
        if (!(low < high)) (low, high) = double.IsFinite(o.Domain.Low) ? (o.Domain.Low, Math.Min(o.Domain.High, o.Domain.Low + 1)) : (o.Domain.High - 1, o.Domain.High);
        var margin = 0.01 * (high - low) / 2;
        var interior = Gen.Choose(0, 1 << 20).Select(k => low + margin + (high - low - 2 * margin) * k / (1 << 20));
        if (o.Distinct) return Shuffled(low + margin, high - margin, count);
        bool Inside(double x) => x >= o.Domain.Low && x <= o.Domain.High;
        var special = o.Special.Where(Inside).ToArray();
        var extreme = from x in interior from s in Gen.Elements(1e3, 1e-3) select Inside(x * s) ? x * s : x;
        var element = Gen.Frequency((8, interior), (1, o.ExtremeMagnitudes ? extreme : interior), (1, special.Length > 0 ? Gen.Elements(special) : interior));
        return element.ArrayOf(count);
    }

    private static Gen<double[]> Shuffled(double low, double high, int count) =>
        Gen.Shuffle(Enumerable.Range(0, count).Select(k => low + (high - low) * (k + 0.5) / Math.Max(1, count)).ToArray());

    private static IEnumerable<Tensor> Shrink(Tensor x, PropertyOptions o)
    {
        var sizes = x.Shape.ToArray();
        if (o.Shape is null)
        {
            if (sizes.Length > o.MinRank && sizes.Length > 0 && sizes[0] > 0) yield return x[0];
            for (var d = 0; d < sizes.Length; d++)
            {
                var index = Enumerable.Repeat((TensorIndex)Range.All, sizes.Length).ToArray();
                foreach (var smaller in new[] { sizes[d] / 2, sizes[d] - 1 }.Where(n => n >= 1 && n < sizes[d]).Distinct())
                {
                    index[d] = ..smaller;
                    yield return x[index];
                }
            }
        }

        if (o.Distinct) yield break;
        var elements = x.ToArray<double>();
        for (var k = 0; k < elements.Length; k++)
            foreach (var rounder in Rounder(elements[k]).Where(v => v >= o.Domain.Low && v <= o.Domain.High && v != elements[k]))
            {
                var changed = (double[])elements.Clone();
                changed[k] = rounder;
                yield return Tensor.FromArray(changed, sizes);
            }
    }

    // Only towards shorter numbers, so that shrinking ends: 1, whole numbers, one digit, two digits.
    private static IEnumerable<double> Rounder(double v)
    {
        if (v == 1) yield break;
        yield return 1;
        if (v == Math.Round(v)) yield break;
        yield return Math.Round(v);
        if (v == Math.Round(v, 1)) yield break;
        yield return Math.Round(v, 1);
        if (v != Math.Round(v, 2)) yield return Math.Round(v, 2);
    }
}

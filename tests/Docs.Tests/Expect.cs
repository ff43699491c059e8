using System;
using System.Linq;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>Short assertions about tensors.</summary>
internal static class Expect
{
    /// <summary>The elements, row-major, within a tolerance relative to the larger of 1 and their size.</summary>
    public static void Elements(Tensor actual, double tolerance, params double[] expected)
    {
        var got = actual.ToArray();
        Assert.Equal(expected.Length, got.Length);
        foreach (var (e, a) in expected.Zip(got)) Assert.Equal(e, a, tolerance * Math.Max(1, Math.Abs(e)));
    }

    /// <summary>The shape, then the elements to twelve digits.</summary>
    public static void Equal(int[] shape, double[] elements, Tensor actual)
    {
        Assert.Equal(shape, actual.Shape.ToArray());
        Elements(actual, 1e-12, elements);
    }

    /// <summary>One number, to twelve digits.</summary>
    public static void Number(double expected, Tensor actual) => Elements(actual, 1e-12, expected);
}

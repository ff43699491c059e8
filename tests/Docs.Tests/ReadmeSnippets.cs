using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>What the README shows in C#, compiled and run.</summary>
public class ReadmeSnippets
{
    [Fact]
    public void The_first_sample_computes_what_it_says()
    {
        #region readme-first
        Tensor x = 2.0;
        Tensor y = x * Tensor.Sin(x);
        Console.WriteLine(y.ToDouble());
        #endregion
        Assert.Equal(2.0 * Math.Sin(2.0), y.ToDouble(), 1e-15);
    }
}

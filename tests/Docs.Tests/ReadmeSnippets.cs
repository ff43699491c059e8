using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of README.md.</summary>
public class ReadmeSnippets
{
    [Fact]
    public void The_first_sample_computes_what_it_says()
    {
        #region readme-first
        Tensor Energy(Tensor x) => (x * Tensor.Sin(x)).Sum();

        Tensor point = Tensor.Of(0, 1, 2);
        Tensor gradient = Diff.Gradient(Energy, point);
        Tensor curvature = Diff.Hessian(Energy, point);
        Console.WriteLine(gradient);
        Console.WriteLine(curvature);
        #endregion
        Expect.Equal([3], [0, Math.Sin(1) + Math.Cos(1), Math.Sin(2) + 2 * Math.Cos(2)], gradient);
        Expect.Number(2 * Math.Cos(1) - Math.Sin(1), curvature[1, 1]);
        Expect.Number(0, curvature[0, 1]);
    }
}

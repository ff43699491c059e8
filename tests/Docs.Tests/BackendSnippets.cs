using System;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Providers.LinearAlgebra;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>Choices of libraries concern the whole process.</summary>
[CollectionDefinition(nameof(ProcessWide), DisableParallelization = true)]
public class ProcessWide;

/// <summary>The code blocks of docs/backends.md.</summary>
[Collection(nameof(ProcessWide))]
public class BackendSnippets
{
    [Fact]
    public void Describing()
    {
        #region backend-describe
        BackendDescription inUse = Backend.Describe();
        Console.WriteLine(inUse);                                     // libraries, versions, kernels, threads, and the reason
        foreach (var library in Backend.Available)
            Console.WriteLine($"{library.Name}: {library.Reason}");   // where each was found, or why it cannot be used
        #endregion
        Assert.NotEmpty(inUse.Reason);
    }

    [Fact]
    public void Choosing()
    {
        #region backend-use
        Backend.Use("managed");                                       // or openblas, mkl, blis, accelerate, mathnet
        Backend.UseDefault();                                         // as if nothing had been asked for
        #endregion
        Assert.DoesNotContain("by code", Backend.Describe().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void In_MathNet()
    {
        var own = LinearAlgebraControl.Provider;
        var matrix = Matrix<double>.Build.Dense(3, 3, (i, j) => i + (2 * j));
        #region backend-mathnet
        ILinearAlgebraProvider before = Backend.InstallInMathNet();   // MathNet's matrices use the same library from now on
        Matrix<double> product = matrix * matrix.Transpose();
        LinearAlgebraControl.Provider = before;                       // and back
        #endregion
        Assert.Same(own, LinearAlgebraControl.Provider);
        Assert.Equal(20, product[0, 0], 1e-12);
    }
}

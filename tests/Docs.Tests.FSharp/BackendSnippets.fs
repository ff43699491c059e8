/// The code blocks of docs/backends.md.
module DiffLib.Docs.Tests.FSharp.BackendSnippets

open DiffLib
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.Providers.LinearAlgebra
open Xunit

[<Fact>]
let ``describing`` () =
    // #region backend-describe
    let inUse = Backend.Describe()
    printfn $"{inUse}" // libraries, versions, kernels, threads, and the reason

    for library in Backend.Available do
        printfn $"{library.Name}: {library.Reason}" // where each was found, or why it cannot be used
    // #endregion
    Assert.NotEmpty inUse.Reason

[<Fact>]
let ``choosing`` () =
    // #region backend-use
    Backend.Use "managed" // or openblas, mkl, blis, accelerate, mathnet
    Backend.UseDefault() // as if nothing had been asked for
    // #endregion
    Assert.NotEmpty(Backend.Describe().Reason)

[<Fact>]
let ``in MathNet`` () =
    let matrix = Matrix<float>.Build.Dense(3, 3, (fun i j -> float (i + 2 * j)))
    // #region backend-mathnet
    let before = Backend.InstallInMathNet() // MathNet's matrices use the same library from now on
    let product = matrix * matrix.Transpose()
    LinearAlgebraControl.Provider <- before // and back
    // #endregion
    Assert.Equal(20.0, product[0, 0], 1e-12)

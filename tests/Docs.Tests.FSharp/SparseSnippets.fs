/// The code blocks of docs/sparse.md.
module DiffLib.Docs.Tests.FSharp.SparseSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

let private largestGap (dense: Tensor) (sparse: CsrMatrix) = float (abs (reshape [ sparse.Rows; sparse.Columns ] dense - sparse.ToTensor()) |> amax)

[<Fact>]
let ``Jacobians`` () =
    // #region sparse-jacobian
    // heat that flows between neighbours and radiates
    let residual (u: Tensor) =
        let n = u.Count
        100.0 * (u[2..] - 2.0 * u[1 .. n - 2] + u[.. n - 3]) - u[1 .. n - 2] ** 4

    let u = linspace 1.0 2.0 10_002
    let j = sparseJacobian residual u // 10000 by 10002, 30000 places, 3 products
    let along = j.Multiply(toArray u)
    // #endregion
    Assert.Equal(30_000, j.Pattern.Count)
    Assert.Equal(10_000, along.Length)
    Assert.True(largestGap (jacobian residual (linspace 1.0 2.0 40)) (sparseJacobian residual (linspace 1.0 2.0 40)) < 1e-10)

[<Fact>]
let ``Hessians`` () =
    // #region sparse-hessian
    let rosenbrock (x: Tensor) =
        let n = x.Count
        let a, b = x[.. n - 2], x[1..]
        sum (100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2)

    let x = linspace -1.0 1.0 6
    let h = sparseHessian rosenbrock x
    let picture = string (hessianSparsityOf rosenbrock x)
    // #endregion
    Assert.True(largestGap (hessian rosenbrock x) h < 1e-10)
    Assert.StartsWith("6 by 6, 16 places", picture)

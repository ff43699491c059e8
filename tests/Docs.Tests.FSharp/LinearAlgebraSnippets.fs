/// The code blocks of docs/linear-algebra.md.
module DiffLib.Docs.Tests.FSharp.LinearAlgebraSnippets

open System
open DiffLib
open DiffLib.FSharp
open Xunit

let private a = tensor [ [ 4.0; 1.0 ]; [ 1.0; 3.0 ] ]
let private b = tensor [ 1.0; 2.0 ]

[<Fact>]
let ``products`` () =
    // #region linear-products
    let product = matmul a b // [6, 7]
    let form = dot b (matmul a b) // 20
    let table = outer b b
    let batch = einsum "nij,nj->ni" [ stack 0 [ a; 2.0 * a ]; stack 0 [ b; b ] ]
    // #endregion
    product |> Expect.equal [ 2 ] [ 6.0; 7.0 ]
    form |> Expect.number 20.0
    table |> Expect.equal [ 2; 2 ] [ 1.0; 2.0; 2.0; 4.0 ]
    batch |> Expect.equal [ 2; 2 ] [ 6.0; 7.0; 12.0; 14.0 ]

[<Fact>]
let ``systems`` () =
    // #region linear-solve
    let x = solve a b // A x = b
    let factor = cholesky a // L Lᵀ = A
    let same = choleskySolve factor b
    let volume = logDet a // ln 11
    let gradient = grad logDet a // A⁻ᵀ
    // #endregion
    matmul a x |> Expect.equal [ 2 ] [ 1.0; 2.0 ]
    same |> Expect.equal [ 2 ] (List.ofArray (toArray x))
    volume |> Expect.number (log 11.0)
    gradient |> Expect.elements 1e-12 (List.ofArray (toArray (transpose (inverse a))))

[<Fact>]
let ``factorisations`` () =
    // #region linear-factor
    let q, r = qr a
    let values, vectors = eigh a
    let u, s, vt = svd a
    let slope = grad (fun m -> amax (fst (eigh m))) a // of the largest eigenvalue: v vᵀ
    // #endregion
    let elements x = List.ofArray (toArray x)
    matmul q r |> Expect.elements 1e-12 (elements a)
    matmul (vectors * values) (transpose vectors) |> Expect.elements 1e-12 (elements a)
    matmul (u * s) vt |> Expect.elements 1e-12 (elements a)
    slope |> Expect.elements 1e-12 (elements (outer vectors[*, 1] vectors[*, 1]))

[<Fact>]
let ``functions and equations`` () =
    // #region linear-functions
    let root = symmetricFunction sqrt a // root · root = a
    let same = matrixSqrt a // any square matrix
    let back = matrixLog (matrixExp a) // a
    let x = lyapunov a (eye 2) // a x + x aᵀ = 1
    let curvature = hessian (fun s -> trace (symmetricFunction log s)) (eye 2)
    // #endregion
    let elements x = List.ofArray (toArray x)
    matmul root root |> Expect.elements 1e-12 (elements a)
    same |> Expect.elements 1e-12 (elements root)
    back |> Expect.elements 1e-12 (elements a)
    matmul a x + matmul x (transpose a) |> Expect.elements 1e-12 [ 1.0; 0.0; 0.0; 1.0 ]
    curvature[0, 0, 0, 0] |> Expect.number -1.0

[<Fact>]
let ``least squares`` () =
    // #region linear-lstsq
    let t = linspace 0.0 1.0 21
    let y = 2.0 * sin (Math.PI * t) - 0.5 * sin (3.0 * Math.PI * t)
    let features = sin (outer t (Math.PI * tensor [ 1.0; 2.0; 3.0 ]))
    let theta = lstsq features y // [2, 0, -0.5]
    // #endregion
    theta |> Expect.elements 1e-9 [ 2.0; 0.0; -0.5 ]

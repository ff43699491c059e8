/// The code blocks of docs/getting-started.md.
module DiffLib.Docs.Tests.FSharp.GettingStartedSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``tensors`` () =
    // #region start-tensors
    let x = tensor [ 1.0; 2.0; 3.0 ] // a vector of float64
    let a = tensor [ [ 1.0; 2.0; 0.0 ]; [ 0.0; 1.0; 4.0 ] ] // a matrix
    let y = exp (-(matmul a x) / 10.0) + x[0] // shape [2]
    printfn $"{y}"
    // #endregion
    y |> Expect.equal [ 2 ] [ exp -0.5 + 1.0; exp -1.4 + 1.0 ]

[<Fact>]
let ``gradients`` () =
    // #region start-gradient
    let loss x = x * x * x |> sum

    let gradient = grad loss (tensor [ 1.0; 2.0 ]) // [3, 12]
    let second = hessian loss (tensor [ 1.0; 2.0 ]) // [[6, 0], [0, 12]]
    let slope = slope (fun x -> x * sin x) 2.0
    // #endregion
    gradient |> Expect.equal [ 2 ] [ 3.0; 12.0 ]
    second |> Expect.equal [ 2; 2 ] [ 6.0; 0.0; 0.0; 12.0 ]
    Assert.Equal(sin 2.0 + 2.0 * cos 2.0, slope, 1e-15)

// #region start-line
type Line = { Slope: Tensor; Offset: Tensor }

let fit t y =
    let loss line = line.Slope * t + line.Offset |> squaredError y
    let step line = Tree.map2 (fun p g -> p - 0.1 * g) line (gradient loss line)
    Seq.fold (fun line _ -> step line) { Slope = scalar 0.0; Offset = scalar 0.0 } (seq { 1..500 })
// #endregion

[<Fact>]
let ``a line is fitted`` () =
    // #region start-fit
    let line = fit (tensor [ 0.0; 1.0; 2.0; 3.0 ]) (tensor [ 1.0; 3.0; 5.0; 7.0 ])
    printfn $"{line.Slope} t + {line.Offset}"
    // #endregion
    Assert.Equal(2.0, float line.Slope, 1e-9)
    Assert.Equal(1.0, float line.Offset, 1e-9)

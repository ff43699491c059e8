/// The code blocks of docs/programs.md.
module DiffLib.Docs.Tests.FSharp.ProgramsSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``compiling`` () =
    let x = linspace 0.0 1.0 1000
    // #region programs-compile
    let loss (x: Tensor) = tanh (1.5 * x + 0.25) * exp (-x * x) |> sum

    let step = compile (valueAndGradient loss)
    let value, gradient = step x // traced, fused and run
    let value2, gradient2 = step (x + 1.0) // run
    // #endregion
    Assert.True(allClose 1e-13 1e-13 (loss x) value)
    Assert.True(allClose 1e-13 1e-13 (grad loss x) gradient)
    Assert.True(allClose 1e-13 1e-13 (loss (x + 1.0)) value2)
    Assert.True(allClose 1e-13 1e-13 (grad loss (x + 1.0)) gradient2)

[<Fact>]
let ``reading`` () =
    // #region programs-read
    let program = programOf (grad (fun x -> sum (x * x))) (zeros [ 3 ])
    printfn $"{program}"
    let picture = ProgramFiles.ToSvg program
    // #endregion
    Assert.StartsWith("program (a: float64[3])", string program)
    Assert.StartsWith("<svg", picture)

[<Fact>]
let ``batching`` () =
    let w, xs, ys = randomNormal [ 3 ] (randomKey 1), randomNormal [ 5; 3 ] (randomKey 2), zeros [ 5 ]
    // #region programs-vmap
    let loss (x: Tensor) (y: Tensor) (w: Tensor) = square (sum (w * x) - y)

    // the gradient by w for each example: w comes from outside and is shared, xs and ys hold the examples along their first axis
    let gradients = vmap2 (fun x y -> grad (loss x y) w) xs ys // [5; 3]
    // #endregion
    for k in 0..4 do
        Assert.True(allClose 1e-13 1e-13 (grad (loss xs[k] ys[k]) w) gradients[k])

/// The code blocks of docs/fsharp.md.
module DiffLib.Docs.Tests.FSharp.FSharpSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

// #region fsharp-model
type Activation =
    | Tanh
    | Leaky of slope: Tensor

type Layer = { Weight: Tensor; Bias: Tensor; Activation: Activation }

type Net = Layer list

let layer activation inputs outputs key =
    { Weight = randomNormal [ inputs; outputs ] key / sqrt (float inputs)
      Bias = zeros [ outputs ]
      Activation = activation }

let activate activation x =
    match activation with
    | Tanh -> tanh x
    | Leaky slope -> where (x .> 0.0) x (slope * x)

let apply (net: Net) x = (x, net) ||> List.fold (fun x layer -> matmul x layer.Weight + layer.Bias |> activate layer.Activation)
// #endregion

[<Fact>]
let ``a net that is a list of records with a union in them`` () =
    // #region fsharp-train
    let first, second = splitKey (randomKey 3)
    let net = [ layer Tanh 1 8 first; layer (Leaky(scalar 0.2)) 8 1 second ]

    let x = linspace -1.0 1.0 21 |> expandDims 1
    let loss net = apply net x |> squaredError (square x)
    let step net = Tree.map2 (fun p g -> p - 0.2 * g) net (gradient loss net)
    let trained = Seq.fold (fun net _ -> step net) net (seq { 1..500 })
    // #endregion
    let before, after = float (loss net), float (loss trained)
    Assert.True(after < 0.01 && after < before / 10.0, $"the loss was {before} and is {after}")

    match (List.last (gradient loss net)).Activation with
    | Leaky slope -> Assert.NotEqual(0.0, float slope)
    | Tanh -> failwith "the case of a union stays"

[<Fact>]
let ``what has no function is a method`` () =
    let x = tensor [ [ 1.0; 2.0 ]; [ 3.0; 5.0 ] ]
    // #region fsharp-rest
    let spread = x.Var(axis = 1, ddof = 1.0)
    let high = x.Quantile(0.9, axis = 1)
    let product = TensorProducts.TensorDot(x, x, 1)
    let signs = Tensor.Sign x
    // #endregion
    spread |> Expect.equal [ 2 ] [ 0.5; 2.0 ]
    high |> Expect.equal [ 2 ] [ 1.9; 4.8 ]
    product |> Expect.equal [ 2; 2 ] [ 7.0; 12.0; 18.0; 31.0 ]
    signs |> Expect.equal [ 2; 2 ] [ 1.0; 1.0; 1.0; 1.0 ]

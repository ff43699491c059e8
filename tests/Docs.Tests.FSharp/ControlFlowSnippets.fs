/// The code blocks of docs/control-flow.md.
module DiffLib.Docs.Tests.FSharp.ControlFlowSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``choices`` () =
    // #region control-cond
    let huber (r: Tensor) = r |> cond (abs r .< 1.0) (fun x -> 0.5 * x * x) (fun x -> abs x - 0.5)
    let slopeOutside = slope huber 3.0 // 1
    // #endregion
    Assert.Equal(1.0, slopeOutside)
    // #region control-switch
    let activate (which: Tensor) (x: Tensor) = switch which [ tanh; relu; id ] x
    // #endregion
    Assert.Equal<float[]>([| 0.0; 2.0 |], toArray (activate (cast DType.Int32 (scalar 1.0)) (tensor [ -1.0; 2.0 ])))

[<Fact>]
let ``while loops`` () =
    // #region control-while
    let squareRoot (a: Tensor) = a |> whileLoop (fun x -> abs (x * x - a) .> 1e-12 * a) (fun x -> 0.5 * (x + a / x))
    let slopeOfRoot = grad squareRoot (scalar 2.0) // 1/(2√2), back through every step
    // #endregion
    Assert.Equal(1.0 / (2.0 * sqrt 2.0), float slopeOfRoot, 1e-9)

[<Fact>]
let ``scans`` () =
    let w, sequence = randomNormal [ 3; 3 ] (randomKey 1) * 0.4, randomNormal [ 10; 3 ] (randomKey 2)
    // #region control-scan
    let loss (sequence: Tensor) (w: Tensor) =
        let step (h: Tensor) (x: Tensor) =
            let next = tanh (matmul w h + x) // w comes from outside: its gradients add up
            next, sum next

        let _, outputs = scan step (zeros [ 3 ]) sequence // rows of [10; 3]
        outputs |> square |> mean // [10]

    let gradientByWeights = grad (loss sequence) w
    // #endregion
    let flat = reshape [ 9 ] >> toArray
    let moved = w + 1e-6 * gradientByWeights
    let rise = float (loss sequence moved - loss sequence w) / 1e-6
    Assert.Equal(Array.sumBy (fun g -> g * g) (flat gradientByWeights), rise, 1e-4)

    // #region control-for
    let grow (rate: Tensor) = scalar 1.0 |> forLoop 0 1000 (fun _ x -> x + 0.001 * rate * x)
    // #endregion
    Assert.Equal(exp 1.0, slope grow 1.0, 0.01)

[<Fact>]
let ``checkpoints`` () =
    // #region control-checkpoints
    let ending (x: Tensor) = x |> forLoopCheckpointed 16 0 100_000 (fun _ y -> 0.5 * sin y + x) |> sum
    let slopes = grad ending (tensor [ 0.1; 0.5; 0.9 ]) // 16 states at a time instead of 100,000
    // #endregion
    Assert.Equal(3, slopes.Count)

[<Fact>]
let ``associative scans`` () =
    let a, b = linspace 0.1 0.9 8, ones [ 8 ]
    // #region control-associative
    // y[k] = a[k] y[k-1] + b[k] for all k, in 2 log₂ n operations
    let _, y = (a, b) |> associativeScan 0 (fun (a1, b1) (a2, b2) -> a1 * a2, a2 * b1 + b2)
    // #endregion
    Assert.Equal(float a[1] + 1.0, float y[1], 1e-12)

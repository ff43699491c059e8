/// The code blocks of docs/custom-rules.md.
module DiffLib.Docs.Tests.FSharp.CustomRulesSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``a rule for one tensor`` () =
    // #region rules-pull
    let softplus = (fun x -> log (1.0 + exp x)) |> withPull "softplus" (fun x _ w -> w * sigmoid x)

    let far = slope softplus 100.0 // 1; by the formula alone it is ∞/∞ from x = 710 on
    let second = derivative (derivative softplus) (scalar 0.0) // 1/4
    // #endregion
    Assert.Equal(1.0, far)
    second |> Expect.number 0.25
    Assert.Equal(1.0, slope softplus 1000.0)

[<Fact>]
let ``either map is enough`` () =
    // #region rules-push
    let cube = (fun (x: Tensor) -> x * x * x) |> withPush "cube" (fun x _ dx -> 3.0 * x * x * dx)
    let gradient = grad (cube >> sum) (tensor [ 1.0; 2.0 ]) // reverse mode, from the forward rule: [3, 12]
    // #endregion
    gradient |> Expect.equal [ 2 ] [ 3.0; 12.0 ]

[<Fact>]
let ``clipping as a rule`` () =
    // #region rules-clip
    let clipped = id |> withPull "clip" (fun _ _ w -> clamp -1.0 1.0 w)
    let gradient = grad (fun x -> clipped x * tensor [ 0.5; 100.0 ] |> sum) (ones [ 2 ]) // [0.5, 1]
    // #endregion
    gradient |> Expect.equal [ 2 ] [ 0.5; 1.0 ]

[<Fact>]
let ``several inputs`` () =
    // #region rules-many
    let geometricMean =
        (fun (xs: Tensor list) -> sqrt (xs[0] * xs[1]))
        |> withPullMany "geometric mean" (fun xs y w -> [ 0.5 * w * y / xs[0]; 0.5 * w * y / xs[1] ])

    let da, db = gradient (fun (a, b) -> geometricMean [ a; b ]) (scalar 4.0, scalar 9.0)
    // #endregion
    da |> Expect.number 0.75
    db |> Expect.number (1.0 / 3.0)

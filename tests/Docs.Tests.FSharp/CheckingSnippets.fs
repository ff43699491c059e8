/// What docs/checking.md shows in F#, compiled and run.
module DiffLib.Docs.Tests.FSharp.CheckingSnippets

open DiffLib
open Xunit

[<Fact>]
let ``a right gradient`` () =
    // #region checking-first
    let x = TensorCreation.FromArray [| 0.3; -1.2; 2.1 |]
    Check.Gradient((fun (x: Tensor) -> TensorReductions.Sum(x * sin x)), x) |> ignore
    // #endregion

[<Fact>]
let ``options`` () =
    // #region checking-options
    Check.Gradient(
        (fun (x: Tensor) -> TensorReductions.Sum(sqrt x + abs (x - 1.0))),
        TensorCreation.FromArray [| 1e-6; 1.0; 3.0 |],
        CheckOptions(RelTol = 1e-7, Domain = [| struct (0.0, infinity) |], Kinks = CheckKinks.Skip, Seed = 3)
    )
    |> ignore
    // #endregion

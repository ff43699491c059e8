/// What docs/checking.md shows in F#, compiled and run.
module DiffLib.Docs.Tests.FSharp.CheckingSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``a right gradient`` () =
    // #region checking-first
    let x = tensor [ 0.3; -1.2; 2.1 ]
    Check.Gradient((fun (x: Tensor) -> x * sin x |> sum), x) |> ignore
    // #endregion

[<Fact>]
let ``options`` () =
    // #region checking-options
    Check.Gradient(
        (fun (x: Tensor) -> sqrt x + abs (x - 1.0) |> sum),
        tensor [ 1e-6; 1.0; 3.0 ],
        CheckOptions(RelTol = 1e-7, Domain = [| struct (0.0, infinity) |], Kinks = CheckKinks.Skip, Seed = 3)
    )
    |> ignore
    // #endregion

module DiffLib.Docs.Tests.FSharp.ReadmeSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``the first sample computes what it says`` () =
    // #region readme-first
    let energy x = x * sin x |> sum

    let point = tensor [ 0.0; 1.0; 2.0 ]
    let gradient = grad energy point
    let curvature = hessian energy point
    printfn $"{gradient}"
    printfn $"{curvature}"
    // #endregion
    gradient |> Expect.equal [ 3 ] [ 0.0; sin 1.0 + cos 1.0; sin 2.0 + 2.0 * cos 2.0 ]
    curvature[1, 1] |> Expect.number (2.0 * cos 1.0 - sin 1.0)
    curvature[0, 1] |> Expect.number 0.0

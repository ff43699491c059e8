/// What the README shows in F#, compiled and run.
module DiffLib.Docs.Tests.FSharp.ReadmeSnippets

open System
open DiffLib
open Xunit

[<Fact>]
let ``the first sample computes what it says`` () =
    // #region readme-first
    let x = Tensor.op_Implicit 2.0
    let y = x * sin x
    printfn "%g" (y.ToDouble())
    // #endregion
    Assert.Equal(2.0 * Math.Sin 2.0, y.ToDouble(), 1e-15)

/// The code blocks of docs/concepts.md.
module DiffLib.Docs.Tests.FSharp.ConceptsSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``nesting`` () =
    // #region concepts-nesting
    // d/dx of x · d/dy (x + y): the inner derivative is 1, whatever x is, so the outer one is 1, too
    let slope = slope (fun x -> x * derivative (fun y -> x + y) (scalar 1.0)) 5.0
    // #endregion
    Assert.Equal(1.0, slope)

[<Fact>]
let ``strong zeros`` () =
    // #region concepts-zeros
    let gradient = tensor [ 4.0; 0.0 ] |> grad (fun x -> where (x .> 0.0) (log x) 0.0 |> sum) // [0.25, 0]
    // #endregion
    gradient |> Expect.equal [ 2 ] [ 0.25; 0.0 ]

[<Fact>]
let ``values that outlive their call`` () =
    // #region concepts-leak
    let kept = ref (scalar 0.0)

    let squareAndKeep x =
        kept.Value <- x * x
        kept.Value

    grad squareAndKeep (scalar 3.0) |> ignore
    let slope = slope (fun x -> x * kept.Value) 1.0 // 9: the call is over, so what it left behind is a constant
    // #endregion
    Assert.Equal(9.0, slope)

[<Fact>]
let ``trees`` () =
    // #region concepts-sharing
    let w = scalar 3.0
    let da, db = gradient (fun (a, b) -> a * b) (w, w) // the function is w², so each place gets 6
    // #endregion
    da |> Expect.number 6.0
    db |> Expect.number 6.0

[<Fact>]
let ``element types`` () =
    // #region concepts-types
    let x = tensor [ 1.0f; 2.0f ]
    let whole = tensor [ 1; 2 ]
    let kept = (2.0 * x + 1).DType // Float32: numbers are weak
    let wider = (x + tensor [ 1.0; 2.0 ]).DType // Float64: the wider of the two
    let fraction = (x + whole).DType // Float32: whole numbers give way
    let quotient = (whole / 2).DType // Float64: a quotient of whole numbers is a fraction
    // #endregion
    Assert.Equal<DType list>([ DType.Float32; DType.Float64; DType.Float32; DType.Float64 ], [ kept; wider; fraction; quotient ])

[<Fact>]
let ``parallel recording`` () =
    // #region concepts-parallel
    let parallelSum (x: Tensor) = Array.Parallel.init 8 (fun k -> sin (float (k + 1) * x) |> sum) |> stack 0 |> sum

    let at = linspace 0.0 1.0 100
    let same = toArray (grad parallelSum at) = toArray (grad parallelSum at) // true, bit for bit
    // #endregion
    Assert.True same

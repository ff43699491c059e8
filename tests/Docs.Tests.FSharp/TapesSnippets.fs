/// The code blocks of docs/tapes.md.
module DiffLib.Docs.Tests.FSharp.TapesSnippets

open System
open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``a tape`` () =
    // #region tapes-first
    use tape = new GradientTape()
    let x: Tensor = tape.Watch(ones [ 2; 2 ])
    let y = sum x
    let z = y * y
    let gradient = tape.Gradient(z, x) // 2 Σx = 8 everywhere
    // #endregion
    gradient |> Expect.equal [ 2; 2 ] [ 8.0; 8.0; 8.0; 8.0 ]

[<Fact>]
let ``a persistent tape`` () =
    // #region tapes-persistent
    use tape = new GradientTape(persistent = true)
    let x = tape.Watch 3.0
    let y = x * x
    let z = y * y
    let byInput = tape.Gradient(z, x) // 4x³ = 108
    let byIntermediate = tape.Gradient(z, y) // 2y = 18
    let other = tape.Gradient(y, x) // 2x = 6
    // #endregion
    stack 0 [ byInput; byIntermediate; other ] |> Expect.elements 1e-15 [ 108.0; 18.0; 6.0 ]

[<Fact>]
let ``a tape answers once`` () =
    // #region tapes-once
    use tape = new GradientTape()
    let x = tape.Watch 3.0
    let y = x * x
    let all = tape.Gradients(y * y, [| x; y |]) // several sources, one sweep
    let refusal = Assert.Throws<TapeConsumedException>(fun () -> tape.Gradient(y, x) |> ignore)
    // #endregion
    stack 0 all |> Expect.elements 1e-15 [ 108.0; 18.0 ]
    Assert.Contains("persistent: true", refusal.Message)

[<Fact>]
let ``tapes nest`` () =
    // #region tapes-nested
    use outer = new GradientTape()
    let x = outer.Watch 3.0

    let first =
        use inner = new GradientTape()
        let y: Tensor = inner.Watch x
        inner.Gradient(y * y * y, y) // 3x² = 27, recorded by the outer tape

    let second = outer.Gradient(first, x) // 6x = 18
    // #endregion
    first |> Expect.number 27.0
    second |> Expect.number 18.0

[<Fact>]
let ``sources without connection`` () =
    // #region tapes-unconnected
    use tape = new GradientTape(persistent = true)
    let x, elsewhere = tape.Watch 3.0, tensor [ 1.0; 2.0 ]
    let zeros = tape.Gradient(x * x, elsewhere) // [0, 0]
    let strictly () = tape.Gradient(x * x, elsewhere, unconnected = UnconnectedGradients.Throw)
    Assert.Throws<InvalidOperationException>(strictly >> ignore) |> ignore
    // #endregion
    zeros |> Expect.equal [ 2 ] [ 0.0; 0.0 ]

[<Fact>]
let ``an exception leaves nothing behind`` () =
    // #region tapes-exception
    let tape = new GradientTape()

    try
        use tape = tape
        tape.Watch 3.0 |> ignore
        invalidOp "something else went wrong"
    with :? InvalidOperationException ->
        ()

    let held = tape.RecordedCount // 0: disposed on the way out
    Assert.Throws<ObjectDisposedException>(fun () -> tape.Watch 1.0 |> ignore) |> ignore
    // #endregion
    Assert.Equal(0, held)

[<Fact>]
let ``adjoints of intermediate values`` () =
    // #region tapes-adjoints
    use tape = new GradientTape()
    let theta1, theta2 = tape.Watch 10_000.0, tape.Watch 123.0
    let c1 = theta2 * 2_500.0
    let prediction = c1 + theta1
    let c2 = prediction - 360_000.0
    let loss = c2 * c2 // 1 806 250 000
    let adjoints = tape.Gradients(loss, [| theta1; theta2; c1; prediction; c2 |]) // -85 000, -212 500 000, -85 000, -85 000, -85 000
    // #endregion
    loss |> Expect.elements 0.0 [ 1_806_250_000.0 ]
    stack 0 adjoints |> Expect.elements 0.0 [ -85_000.0; -212_500_000.0; -85_000.0; -85_000.0; -85_000.0 ]

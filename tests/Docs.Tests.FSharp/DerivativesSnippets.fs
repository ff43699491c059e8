/// The code blocks of docs/derivatives.md.
module DiffLib.Docs.Tests.FSharp.DerivativesSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

// #region derivatives-functions
let bell (x: Tensor) = exp (-x * x) // a number to a number

let energy (x: Tensor) = x[0] * x[0] * x[1] // [2] to a number

let polar (x: Tensor) = stack 0 [ x[0] * cos x[1]; x[0] * sin x[1] ] // [2] to [2]
// #endregion

[<Fact>]
let ``one number`` () =
    // #region derivatives-number
    let slopeThere = slope bell 0.5 // -2x exp(-x²)
    let fourth = nthDerivative 4 bell (scalar 0.0) // 12
    let series = taylor 4 bell (scalar 0.0) // 1, 0, -1, 0, 1/2
    let second = derivative (derivative bell) // functions again
    // #endregion
    Assert.Equal(-exp -0.25, slopeThere, 1e-15)
    fourth |> Expect.number 12.0
    stack 0 series |> Expect.equal [ 5 ] [ 1.0; 0.0; -1.0; 0.0; 0.5 ]
    second (scalar 0.0) |> Expect.number -2.0

[<Fact>]
let ``gradients`` () =
    // #region derivatives-gradient
    let x = tensor [ 3.0; 5.0 ]
    let slopes = grad energy x // [30, 9]
    let value, same = valueAndGradient energy x // 45 and the gradient
    let da, db = gradient (fun (a: Tensor, b: Tensor) -> a * a * b) (scalar 3.0, scalar 5.0)
    // #endregion
    slopes |> Expect.equal [ 2 ] [ 30.0; 9.0 ]
    value |> Expect.number 45.0
    same |> Expect.equal [ 2 ] [ 30.0; 9.0 ]
    stack 0 [ da; db ] |> Expect.equal [ 2 ] [ 30.0; 9.0 ]

    // #region derivatives-aux
    let loss, slope, residuals =
        x
        |> valueAndGradientWithAux (fun p ->
            let r = p - ones [ 2 ]
            r * r |> sum, r)
    // #endregion
    loss |> Expect.number 20.0
    slope |> Expect.equal [ 2 ] [ 4.0; 8.0 ]
    residuals |> Expect.equal [ 2 ] [ 2.0; 4.0 ]

[<Fact>]
let ``linear maps`` () =
    // #region derivatives-maps
    let x = tensor [ 2.0; 0.0 ]
    let value, tangent = jvp polar x (ones [ 2 ]) // J·(1, 1) = [1, 2]
    let _, pull = vjp polar x
    let cotangent = pull (ones [ 2 ]) // Jᵀ·(1, 1) = [1, 2]
    let _, push = linearize polar x
    let again = push (ones [ 2 ]) // f is not evaluated again
    // #endregion
    value |> Expect.equal [ 2 ] [ 2.0; 0.0 ]
    tangent |> Expect.equal [ 2 ] [ 1.0; 2.0 ]
    cotangent |> Expect.equal [ 2 ] [ 1.0; 2.0 ]
    again |> Expect.equal [ 2 ] [ 1.0; 2.0 ]

[<Fact>]
let ``Jacobians`` () =
    // #region derivatives-jacobian
    let x = tensor [ 2.0; 0.0 ]
    let matrix = jacobian polar x // [[1, 0], [0, 2]]
    let forward = jacobianForward polar x // a push for each column
    let reverse = jacobianReverse polar x // a pull for each row
    let value, same = valueAndJacobian polar x
    // #endregion
    for j in [ matrix; forward; reverse; same ] do
        j |> Expect.equal [ 2; 2 ] [ 1.0; 0.0; 0.0; 2.0 ]

    value |> Expect.equal [ 2 ] [ 2.0; 0.0 ]

[<Fact>]
let ``the chain rule in two groupings`` () =
    // #region derivatives-chain
    let h (x: Tensor) = stack 0 [ x[0] * x[1]; sin x[0]; exp x[1] ] // R² to R³
    let g (h: Tensor) = stack 0 [ h[0] + h[1] * h[2]; h[0] * h[0]; tanh h[2] ] // R³ to R³
    let f (g: Tensor) = g[0] * g[1] + g[2] // R³ to R

    let x = tensor [ 0.5; -1.0 ]
    let dfdg, dgdh, dhdx = grad f (g (h x)), jacobian g (h x), jacobian h x
    let whole = grad (h >> g >> f) x
    let fromTheLeft = matmul (matmul dfdg dgdh) dhdx
    let fromTheRight = matmul dfdg (matmul dgdh dhdx)
    let forward = jacobianForward (h >> g >> f) x
    // #endregion
    for other in [ fromTheLeft; fromTheRight; forward ] do
        other |> Expect.elements 1e-12 (List.ofArray (toArray whole))

[<Fact>]
let ``second order`` () =
    // #region derivatives-second
    let x = tensor [ 3.0; 5.0 ]
    let matrix = hessian energy x // [[10, 6], [6, 0]]
    let product = hvp energy x (ones [ 2 ]) // [16, 6], without the matrix
    let slopes, same = gradientAndHvp energy x (ones [ 2 ])
    let trace = laplacian energy x // 10
    // #endregion
    matrix |> Expect.equal [ 2; 2 ] [ 10.0; 6.0; 6.0; 0.0 ]
    product |> Expect.equal [ 2 ] [ 16.0; 6.0 ]
    same |> Expect.equal [ 2 ] [ 16.0; 6.0 ]
    slopes |> Expect.equal [ 2 ] [ 30.0; 9.0 ]
    trace |> Expect.number 10.0

[<Fact>]
let ``fields`` () =
    // #region derivatives-fields
    let field (x: Tensor) = stack 0 [ -x[1]; x[0]; x[2] * x[2] ]

    let sources = divergence field (tensor [ 1.0; 2.0; 3.0 ]) // 6
    let turning = curl field (tensor [ 1.0; 2.0; 3.0 ]) // [0, 0, 2]
    // #endregion
    sources |> Expect.number 6.0
    turning |> Expect.equal [ 3 ] [ 0.0; 0.0; 2.0 ]

[<Fact>]
let ``stopping and recomputing`` () =
    // #region derivatives-stop
    let slope = slope (fun x -> x * stopGradient x) 3.0 // 3, not 6
    // #endregion
    Assert.Equal(3.0, slope)

    // #region derivatives-checkpoint
    let hundred (x: Tensor) = Seq.fold (fun y _ -> sin y) x (seq { 1..100 })
    let deep = checkpoint hundred
    let gradient = grad (deep >> sum) (tensor [ 0.5; 1.0 ]) // remembers x and the result, not the hundred steps
    // #endregion
    gradient |> Expect.elements 0.0 (List.ofArray (toArray (grad (hundred >> sum) (tensor [ 0.5; 1.0 ]))))

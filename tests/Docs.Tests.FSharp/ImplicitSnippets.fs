/// The code blocks of docs/implicit.md and docs/differential-equations.md.
module DiffLib.Docs.Tests.FSharp.ImplicitSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``roots`` () =
    // #region implicit-root
    // the friction factor of a pipe, by Colebrook's equation
    let friction (reynolds: Tensor) =
        let colebrook (x: Tensor) (re: Tensor) = x + 2.0 * log10 (1e-4 / 3.7 + 2.51 / re * x)
        root colebrook (scalar 7.0) reynolds

    let re = scalar 1e5
    let x = friction re // 1/√f = 7.35
    let slope = derivative friction re
    let curvature = derivative (grad friction) re
    // #endregion
    let h = 10.0
    Assert.Equal(7.349, float x, 1e-2)
    Assert.Equal(float (friction (re + h) - friction (re - h)) / (2.0 * h), float slope, 1e-12)
    Assert.Equal(float (derivative friction (re + h) - derivative friction (re - h)) / (2.0 * h), float curvature, 1e-15)

[<Fact>]
let ``brackets`` () =
    // #region implicit-bracket
    // Kepler's equation: the position of a planet on an orbit of eccentricity e
    let anomaly (e: Tensor) = rootBetween (0.0, 3.15) (fun x e -> x - e * sin x - 1.3) e

    let slope = derivative anomaly (scalar 0.8)
    // #endregion
    let x = float (anomaly (scalar 0.8))
    Assert.Equal(sin x / (1.0 - 0.8 * cos x), float slope, 1e-12)

[<Fact>]
let ``fixed points`` () =
    let weights = tensor [ 0.4; -0.3; 0.2; 0.5 ] |> reshape [ 2; 2 ]
    let input = tensor [ 0.5; -1.0 ]
    // #region implicit-fixed-point
    let equilibrium p = fixedPoint (fun x (w, input) -> tanh (matmul w x + input)) (zeros [ 2 ]) p

    let gradients = gradient (fun p -> sum (equilibrium p)) (weights, input)
    // #endregion
    let x = equilibrium (weights, input)
    Assert.True(allClose 1e-11 1e-11 x (tanh (matmul weights x + input)))
    Assert.Equal<int list>([ 2; 2 ], shapeOf (fst gradients))

[<Fact>]
let ``minimisers`` () =
    // #region implicit-minimize
    let x = tensor [ 1.0; 0.2; 1.0; 0.7; 1.0; 1.1; 1.0; 1.9 ] |> reshape [ 4; 2 ]
    let y = tensor [ 0.3; 0.8; 1.5; 1.6 ]

    // a fit with a penalty, and how far its error on new data changes with the penalty
    let fit (penalty: Tensor) =
        let loss w (penalty: Tensor) = sum ((matmul x w - y) ** 2) + penalty * sum (w ** 2)
        minimize loss (zeros [ 2 ]) penalty

    let error penalty = (dot (fit penalty) (tensor [ 1.0; 1.5 ]) - 1.55) ** 2
    let slope = grad error (scalar 0.1)
    // #endregion
    let h = 1e-4
    let difference = float (error (scalar (0.1 + h)) - error (scalar (0.1 - h))) / (2.0 * h)
    Assert.Equal(difference, float slope, 1e-8)

[<Fact>]
let ``linear systems`` () =
    // #region implicit-linear
    // -k u'' + u = b on 1000 points, without a matrix
    let product (u: Tensor) (k: Tensor) =
        let wide = concat 0 [ zeros [ 1 ]; u; zeros [ 1 ] ]
        u - k * (narrow 0 2 1000 wide - 2.0 * u + narrow 0 0 1000 wide)

    let b = ones [ 1000 ]
    let settings = { LinearSettings.Default with Method = LinearSolver.ConjugateGradients }
    let average k = linearSolveWith settings product b k |> mean

    let slope = grad average (scalar 5.0)
    // #endregion
    let h = 1e-3
    let difference = float (average (scalar (5.0 + h)) - average (scalar (5.0 - h))) / (2.0 * h)
    Assert.Equal(difference, float slope, 1e-8)

[<Fact>]
let ``differential equations`` () =
    // #region ode-first
    // prey and predators
    let slope (t: Tensor) (y: Tensor) (p: Tensor) = stack 0 [ p[0] * y[0] - p[1] * y[0] * y[1]; p[3] * y[0] * y[1] - p[2] * y[1] ]

    let start = tensor [ 10.0; 5.0 ]
    let rates = tensor [ 1.1; 0.4; 0.4; 0.1 ]
    let times = linspace 0.0 10.0 21
    let states = solveOde slope start times rates // [21; 2]

    let byRates = grad (fun p -> (solveOde slope start times p)[20] |> sum) rates
    // #endregion
    Assert.Equal<int list>([ 21; 2 ], shapeOf states)
    Assert.Equal<int list>([ 4 ], shapeOf byRates)

[<Fact>]
let ``stiff ones`` () =
    // #region ode-stiff
    // Robertson's chemical reaction: its time scales differ by nine powers of ten
    let reaction (t: Tensor) (y: Tensor) =
        let a, b, c = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1]
        stack 0 [ b - a; a - b - c; c ]

    let settings = { OdeSettings.Default with Method = OdeMethod.Rodas4; AbsoluteTolerance = 1e-12 }

    let solution = odeTrajectory settings reaction (tensor [ 1.0; 0.0; 0.0 ]) (0.0, 1e5)
    let early = solution 40.0
    // #endregion
    Assert.Equal(0.7158, float early[0], 1e-4)

[<Fact>]
let ``an event`` () =
    // #region ode-event
    // a ball that keeps a part of its speed at each bounce: when does it come down for the fourth time?
    let fall (_: Tensor) (y: Tensor) (gravity: Tensor) = stack 0 [ y[1]; -gravity ]
    let height (_: Tensor) (y: Tensor) (_: Tensor) = y[0]

    let landing (state: Tensor) (time: Tensor) (gravity: Tensor) =
        solveOdeToEventWith OdeSettings.Default OdeEventDirection.Falling fall height state (time, infinity) gravity

    let fourthLanding (p: Tensor) =
        let mutable time, state = landing (stack 0 [ p[0]; scalar 0.0 ]) (scalar 0.0) p[1]

        for _ in 2..4 do
            let again, there = landing (stack 0 [ scalar 0.0; -p[2] * state[1] ]) time p[1]
            time <- again
            state <- there

        time

    let p = tensor [ 2.0; 9.81; 0.8 ] // height, gravity, what a bounce keeps of the speed
    let time, slopes = valueAndGradient fourthLanding p
    // #endregion
    let exact (p: Tensor) =
        let b = p[2]
        sqrt (2.0 * p[0] / p[1]) * (1.0 + 2.0 * (b + b * b + b * b * b))

    let expected, exactSlopes = valueAndGradient exact p
    Assert.Equal(float expected, float time, 1e-9)
    Expect.elements 1e-8 (List.ofArray (toArray exactSlopes)) slopes

[<Fact>]
let ``events on the way`` () =
    // #region ode-events
    // a comet about a sun: its nearest and farthest places, until it has been nearest twice
    let orbit (_: Tensor) (y: Tensor) =
        let pull = (y[0] * y[0] + y[1] * y[1]) ** -1.5
        stack 0 [ y[2]; y[3]; -pull * y[0]; -pull * y[1] ]

    let outwards (_: Tensor) (y: Tensor) = y[0] * y[2] + y[1] * y[3]

    let events =
        [ { Condition = outwards; Direction = OdeEventDirection.Rising; EndsAfter = 2 }
          { Condition = outwards; Direction = OdeEventDirection.Falling; EndsAfter = 0 } ]

    let path = odeTrajectoryWithEvents OdeSettings.Default orbit events (tensor [ 0.5; 0.0; 0.0; 1.7 ]) (0.0, 100.0)
    let period = path.End / 2.0
    let farthest = path.Occurrences[0].State[..1] // [-1.30; 0]
    // #endregion
    let a = 1.0 / (2.0 / 0.5 - 1.7 * 1.7)
    Assert.Equal(2.0 * System.Math.PI * a ** 1.5, period, 1e-4)
    Assert.Equal<int list>([ 1; 0; 1; 0 ], path.Occurrences |> List.map (fun o -> o.Event))
    Assert.Equal(Some 0, path.EndedBy)
    Assert.Equal(0.5 - 2.0 * a, float farthest[0], 1e-4)
    Assert.Throws<System.ArgumentOutOfRangeException>(fun () -> path.At(path.End + 1.0) |> ignore) |> ignore

[<Fact>]
let ``the adjoint`` () =
    // #region ode-adjoint
    // a differential equation with a network for its right-hand side
    let slope (t: Tensor) (y: Tensor) (inner: Tensor, outer: Tensor) = matmul outer (tanh (matmul inner y))

    let first, second = splitKey (randomKey 1)
    let net = 0.5 * randomNormal [ 16; 2 ] first, 0.5 * randomNormal [ 2; 16 ] second
    let start, times = tensor [ 1.0; -1.0 ], tensor [ 0.0; 1.0; 2.0 ]

    let adjoint = { OdeSettings.Default with Derivative = OdeDerivative.Adjoint }

    let loss (net: Tensor * Tensor) =
        let states = solveOdeWith adjoint slope start times net
        sum (states * states)

    let gradients = gradient loss net
    // #endregion
    let discrete = net |> gradient (fun (net: Tensor * Tensor) -> sum (square (solveOde slope start times net)))
    Assert.True(allClose 1e-4 1e-5 (fst discrete) (fst gradients))
    Assert.True(allClose 1e-4 1e-5 (snd discrete) (snd gradients))

/// The code blocks of docs/statistical-models.md.
module DiffLib.Docs.Tests.FSharp.StatisticalModelsSnippets

open System
open DiffLib
open DiffLib.FSharp
open Xunit

// #region models-normal
/// ln N(x; mean, covariance), by the Cholesky factor of the covariance.
let logDensity (mean: Tensor) (covariance: Tensor) (x: Tensor) =
    let l = cholesky covariance
    let z = solveLower l (x - mean)
    -0.5 * sum (z * z) - sum (log (diag l)) - 0.5 * float x.Count * log (2.0 * Math.PI)
// #endregion

[<Fact>]
let ``a normal density`` () =
    // #region models-normal-use
    let x, mean = tensor [ 0.5; -1.0 ], tensor [ 0.2; 0.1 ]
    let covariance = tensor [ [ 1.0; 0.3 ]; [ 0.3; 0.5 ] ]
    let density = logDensity mean covariance x // -3.1640
    let score = grad (fun m -> logDensity m covariance x) mean // covariance⁻¹ (x - mean)
    let symmetric (c: Tensor) = 0.5 * (c + transpose c)
    Check.Gradient((fun (c: Tensor) -> logDensity mean (symmetric c) x), covariance) |> ignore
    // #endregion
    Assert.Equal(-3.1640, density.ToDouble(), 4)
    score |> Expect.elements 1e-12 (List.ofArray (toArray (solve covariance (x - mean))))

// #region models-gp
/// The negative log marginal likelihood of a Gaussian process with a squared exponential kernel; theta holds the logarithms of length scale, amplitude and noise.
let negativeLogLikelihood (t: Tensor) (y: Tensor) (theta: Tensor) =
    let scale = exp theta
    let distance = (expandDims 1 t - t) / scale[0]
    let kernel = scale[1] * scale[1] * exp (-0.5 * distance * distance) + scale[2] * scale[2] * eye t.Count
    -(logDensity (zerosLike y) kernel y)
// #endregion

[<Fact>]
let ``a Gaussian process`` () =
    // #region models-gp-fit
    let t = linspace 0.0 5.0 25
    let y = sin (2.0 * t) + 0.1 * cos (37.0 * t) // a wave and something like noise
    let loss = negativeLogLikelihood t y
    let start = tensor [ 0.0; 0.0; -1.0 ]
    Check.Gradient(loss, start) |> ignore

    // Newton's method; negative curvature is turned round, so that every step leads down
    let step (theta: Tensor) =
        let curvature = symmetricFunction (fun l -> sqrt (l * l + 0.01)) (hessian loss theta)
        let direction = solvePositiveDefinite curvature (-(grad loss theta))
        theta + min 1.0 (0.5 / (amax (abs direction)).ToDouble()) * direction

    let theta = Seq.fold (fun theta _ -> step theta) start [ 1..30 ]
    let fitted = exp theta // length scale, amplitude, noise: 1.06, 1.27, 0.080
    printfn $"{fitted}, loss {loss theta}, gradient {grad loss theta}"
    // #endregion
    fitted |> Expect.elements 0.01 [ 1.06; 1.27; 0.080 ]
    grad loss theta |> Expect.elements 1e-8 [ 0.0; 0.0; 0.0 ]

// #region models-kalman
/// The log-likelihood of positions seen with noise, where a position moves by a velocity, and the velocity wanders. theta holds the logarithms of the two noises' variances.
let kalmanLogLikelihood (seen: Tensor) (theta: Tensor) =
    let move, look = tensor [ [ 1.0; 1.0 ]; [ 0.0; 1.0 ] ], tensor [ [ 1.0; 0.0 ] ]
    let wander = exp theta[0] * tensor [ [ 0.25; 0.5 ]; [ 0.5; 1.0 ] ]
    let noise = exp theta[1]

    let next (state, covariance, total: Tensor) (k: int) =
        let surprise = seen[k] - matmul look state
        let spread = matmul (matmul look covariance) (transpose look) + noise
        let total = total - 0.5 * sum (surprise * surprise / spread + log (2.0 * Math.PI * spread))
        let gain = transpose (solvePositiveDefinite spread (matmul look covariance))
        let kept = covariance - matmul (matmul gain spread) (transpose gain)
        matmul move (state + matmul gain surprise), matmul (matmul move kept) (transpose move) + wander, total

    let _, _, total = Seq.fold next (zeros [ 2; 1 ], 10.0 * eye 2, scalar 0.0) [ 0 .. seen.Count - 1 ]
    total
// #endregion

[<Fact>]
let ``a Kalman filter`` () =
    // #region models-kalman-use
    let time = linspace 0.0 6.0 40
    let seen = 3.0 * sin time + 0.2 * cos (50.0 * time)
    let theta = tensor [ log 0.1; log 0.5 ]
    Check.Gradient(kalmanLogLikelihood seen, theta) |> ignore
    let slope = grad (kalmanLogLikelihood seen) theta
    let information = -(hessian (kalmanLogLikelihood seen) theta)
    // #endregion
    Assert.Equal(2, slope.Count)
    Assert.Equal(information[0, 1].ToDouble(), information[1, 0].ToDouble(), 1e-10)

[<Fact>]
let ``least squares`` () =
    // #region models-leastsquares
    let t = linspace -1.0 1.0 12
    let y = exp t
    let features = stack 1 [ onesLike t; t; t * t; t * t * t ]
    let fit data = matmul features (lstsq features data)
    let hat = jacobian fit y // how much each fitted value listens to each datum
    let freedom = trace hat // 4, the number of coefficients
    Check.Jacobian((fun (x: Tensor) -> lstsq x y), features) |> ignore
    // #endregion
    freedom |> Expect.number 4.0

[<Fact>]
let ``nonlinear least squares`` () =
    // #region models-gaussnewton
    let t = linspace 0.0 3.0 20
    let curve (p: Tensor) = p[0] * exp (-p[1] * t) + p[2]
    let data = curve (tensor [ 2.0; 1.5; 0.5 ])
    let step p = p + lstsq (jacobian curve p) (data - curve p) // Gauss and Newton
    let fitted = Seq.fold (fun p _ -> step p) (tensor [ 1.0; 1.0; 0.0 ]) [ 1..10 ]
    // #endregion
    fitted |> Expect.elements 1e-12 [ 2.0; 1.5; 0.5 ]

module DiffLib.Samples.TourFSharp.Fit

open System
open DiffLib
open DiffLib.FSharp
open DiffLib.Samples.TourFSharp.Model
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.Optimization

/// MathNet's Levenberg-Marquardt with the library's exact Jacobian.
let byMathNet (t: Tensor) (observed: float[]) (from: Seasonal) : Seasonal * int =
    let model = Objective.Model(Func<Seasonal, Tensor>(predict t), from, Vector<float>.Build.Dense observed)
    let result = LevenbergMarquardtMinimizer().FindMinimum(model, Objective.Start from)
    Objective.Read(from, result.MinimizingPoint), result.Iterations

/// One state of the fit by hand: the point, the sum of squares there, the damping.
type Step = { Point: Tensor; Squares: float; Damping: float }

/// Levenberg-Marquardt by hand: residuals and Jacobian from one evaluation, a damped linear system, a step if it helps.
let byHand (t: Tensor) (observed: Tensor) (from: Seasonal) : Step seq =
    let residuals x = predict t (Tree.ofVector from x) - observed
    let squares x = residuals x |> square |> sum |> float

    let improve (s: Step) =
        let r, j = valueAndJacobian residuals s.Point
        let a = matmul (transpose j) j
        let damped = a + s.Damping * diag (diag a)
        let next = s.Point - solve damped (matmul (transpose j) r)
        let there = squares next

        if there < s.Squares then
            { Point = next; Squares = there; Damping = s.Damping / 10.0 }
        else
            { s with Damping = s.Damping * 10.0 }

    let x = Tree.toVector from
    { Point = x; Squares = squares x; Damping = 1e-3 } |> Seq.unfold (fun s -> Some(s, improve s))

/// Standard errors of the parameters, from the curvature of the sum of squares at the minimum: the square roots of the diagonal of 2 s² H⁻¹.
let standardErrors (t: Tensor) (observed: Tensor) (fitted: Seasonal) : Seasonal =
    let squares x = predict t (Tree.ofVector fitted x) - observed |> square |> sum
    let x = Tree.toVector fitted
    let variance = squares x / float (observed.Count - x.Count)
    2.0 * variance * diag (inverse (hessian squares x)) |> sqrt |> Tree.ofVector fitted

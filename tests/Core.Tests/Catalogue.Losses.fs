/// Losses, rules of the user's own, and recomputation.
module internal DiffLib.Core.Tests.LossLines

open System
open DiffLib

type private L = TensorLosses

let private all = Between(-2.0, 2.0)
let private probability = Between(0.1, 0.9)

/// Predictions and targets, both differentiable.
let private loss name prediction target (call: Tensor -> Tensor -> Tensor) =
    line name [ prediction; target ] [ [ [ 2; 3 ]; [ 2; 3 ] ] ] (fun x -> call x[0] x[1])

let private signs = Points.tensor DType.Float64 [| 2; 3 |] [| 1.0; -1.0; -1.0; 1.0; 1.0; -1.0 |]
let private signsLike (x: Tensor) = Tensor.Cast(signs, x.DType)

let private regression: Line list =
    [ loss "SquaredError" all all (fun x t -> L.SquaredError(x, t))
      loss "SquaredError of each" all all (fun x t -> L.SquaredError(x, t, LossReduction.None))
      loss "AbsoluteError" Distinct (Between(-0.05, 0.05)) (fun x t -> L.AbsoluteError(x * x * x, t * t * t, LossReduction.Sum))
      loss "Huber inside" (Between(-0.4, 0.4)) (Between(-0.4, 0.4)) (fun x t -> L.Huber(x, t))
      loss "Huber outside" (Between(1.0, 2.0)) (Between(-2.0, -1.0)) (fun x t -> L.Huber(x * x, -(t * t), 0.7))
      loss "SmoothAbsoluteError inside" (Between(-0.4, 0.4)) (Between(-0.4, 0.4)) (fun x t -> L.SmoothAbsoluteError(x, t, 1.3))
      loss "SmoothAbsoluteError outside" (Between(1.0, 2.0)) (Between(-2.0, -1.0)) (fun x t ->
          L.SmoothAbsoluteError(x * x, -(t * t), 0.7, LossReduction.BatchMean))
      loss "PoissonNegativeLogLikelihood" all (Between(0.3, 0.9)) (fun x t -> L.PoissonNegativeLogLikelihood(x, t))
      loss "PoissonNegativeLogLikelihood in full" (Between(0.5, 2.0)) (Between(1.2, 3.0)) (fun x t ->
          L.PoissonNegativeLogLikelihood(x, t, false, true))
      line "GaussianNegativeLogLikelihood" [ all; all; Between(0.4, 2.0) ] [ [ [ 2; 3 ]; [ 2; 3 ]; [ 2; 3 ] ] ] (fun x ->
          L.GaussianNegativeLogLikelihood(x[0], x[1], x[2], true)) ]

let private classes: Line list =
    [ line "CrossEntropy" [ all ] [ [ [ 2; 3 ] ] ] (fun x -> L.CrossEntropy(x[0], ints [ 2 ] [ 2; 0 ]))
      line "CrossEntropy with weights, smoothed" [ all; Between(0.5, 1.5) ] [ [ [ 3; 3 ]; [ 3 ] ] ] (fun x ->
          L.CrossEntropy(x[0], ints [ 3 ] [ 2; 0; -1 ], x[1], -1, 0.2))
      loss "CrossEntropy against distributions" all probability (fun x t -> L.CrossEntropy(x, t))
      line "NegativeLogLikelihood" [ all ] [ [ [ 2; 3 ] ] ] (fun x ->
          L.NegativeLogLikelihood(x[0] * x[0], ints [ 2 ] [ 2; 0 ], null, Nullable(), LossReduction.Sum))
      loss "BinaryCrossEntropy" probability probability (fun x t -> L.BinaryCrossEntropy(x, t))
      loss "BinaryCrossEntropyWithLogits" all probability (fun x t -> L.BinaryCrossEntropyWithLogits(x, t))
      line
          "BinaryCrossEntropyWithLogits, weighted"
          [ all; probability; Between(0.5, 1.5); Between(0.5, 1.5) ]
          [ [ [ 2; 3 ]; [ 2; 3 ]; [ 2; 3 ]; [ 3 ] ] ]
          (fun x -> L.BinaryCrossEntropyWithLogits(x[0], x[1], x[2], x[3]))
      loss "KlDivergence" all probability (fun x t -> L.KlDivergence(x, t))
      loss "KlDivergence of logarithms" all all (fun x t -> L.KlDivergence(x, t, true, LossReduction.BatchMean)) ]

let private margins: Line list =
    [ line "HingeEmbedding" [ Between(0.2, 0.8) ] [ [ [ 2; 3 ] ] ] (fun x -> L.HingeEmbedding(x[0] * x[0], signsLike x[0]))
      loss "MarginRanking" (Between(1.0, 2.0)) (Between(-2.0, -1.0)) (fun a b -> L.MarginRanking(a * a, b, signsLike a, 0.3))
      loss "SoftMargin" all all (fun x t -> L.SoftMargin(x, t))
      line "CosineEmbedding" [ all; Between(0.5, 1.0) ] [ [ [ 3; 4 ]; [ 3; 4 ] ] ] (fun x ->
          L.CosineEmbedding(x[0], x[1], Points.tensor x[0].DType [| 3 |] [| 1.0; -1.0; 1.0 |], -1.5))
      line "TripletMargin" [ all; Between(0.5, 1.0); Between(-1.0, -0.5) ] [ [ [ 2; 3 ]; [ 2; 3 ]; [ 2; 3 ] ] ] (fun x ->
          L.TripletMargin(x[0], x[1], x[2], 10.0))
      line "TripletMargin, swapped" [ Between(2.0, 3.0); Between(0.5, 1.0); Between(-1.0, -0.5) ] [ [ [ 2; 3 ]; [ 2; 3 ]; [ 2; 3 ] ] ] (fun x ->
          L.TripletMargin(x[0], x[1], x[2], 10.0, 3.0, 1e-6, true)) ]

/// x sin x, with the derivative given both ways, or one of them.
let private rule (withPush: bool) (withPull: bool) =
    let slope (x: Tensor) = sin x + x * cos x
    let push: Func<Tensor[], Tensor, Tensor[], Tensor> | null =
        if withPush then
            Func<_, _, _, _>(fun (x: Tensor[]) (_: Tensor) (d: Tensor[]) -> d[0] * slope x[0] * x[1] + x[0] * sin x[0] * d[1])
        else
            null
    let pull: Func<Tensor[], Tensor, Tensor, Tensor[]> | null =
        if withPull then
            Func<_, _, _, _>(fun (x: Tensor[]) (_: Tensor) (w: Tensor) -> [| w * slope x[0] * x[1]; w * x[0] * sin x[0] |])
        else
            null

    CustomRule("x sin(x) y", Func<_, _>(fun (x: Tensor[]) -> x[0] * sin x[0] * x[1]), push, pull)

let private custom name withPush withPull =
    lineOf [ "CustomRule.Apply" ] name [ all; all ] [ [ [ 2; 3 ]; [ 2; 3 ] ] ] (fun x -> (rule withPush withPull).Apply x)

let private rules: Line list =
    [ custom "A rule with both maps" true true
      custom "A rule with a push" true false
      custom "A rule with a pull" false true
      lineOf [] "Checkpoint" [ all; all ] [ [ [ 2; 3 ]; [ 3 ] ] ] (fun x ->
          (Custom.checkpoint (fun x -> [| sin x[0] * x[1]; x[0] * x[0] |]) x) |> List.ofArray |> together) ]

let private loops: Line list =
    let scanned checkpoints (x: Tensor[]) =
        let step (c: Tensor[]) (row: Tensor[]) = struct ([| sin c[0] * x[2] + row[0] |], [| c[0] * row[0] |])
        let struct (c, ys) = ControlFlow.scan step [| x[0] |] [| x[1] |] ValueNone false checkpoints
        together [ c[0]; ys[0] ]

    let counted checkpoints (x: Tensor[]) =
        let goes (s: Tensor[]) = Tensor.Compare(DiffLib.Kernels.CompareOp.Less, s[1], Tensor.Weak 3.0)
        (ControlFlow.whileLoop goes (fun s -> [| sin s[0] * x[1]; s[1] + 1.0 |]) [| x[0]; Number(0.0, false) |] checkpoints)[0]

    let carries = [ [ 3 ]; [ 4; 3 ]; [ 3 ] ]

    [ lineOf [] "Scan" [ all; all; all ] [ carries ] (scanned 0)
      lineOf [] "Scan by checkpoints" [ all; all; all ] [ carries ] (scanned 1)
      lineOf [] "While by checkpoints" [ all; all ] [ [ [ 2; 3 ]; [ 3 ] ] ] (counted 1) ]

let lines: Line list = regression @ classes @ margins @ rules @ loops

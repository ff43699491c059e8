/// Reductions, running reductions, statistics, norms, the softmax family.
module internal DiffLib.Core.Tests.ReductionLines

open System
open DiffLib

type private R = TensorReductions
type private F = TensorReductionFunctions
type private C = TensorCumulative
type private T = TensorStatistics
type private N = TensorNorms
type private D = TensorDistances

let private all = Between(-2.0, 2.0)
let private positive = Between(0.5, 2.0)
let private first (struct (a: Tensor, _: Tensor)) = a
let private both (struct (a: Tensor, b: Tensor)) = together [ a; 2.0 * b ]

/// One input, over everything, an axis, several axes that are not neighbours.
let private over name domain (everything: Tensor -> Tensor) (axis: Tensor -> Tensor) (axes: Tensor -> Tensor) : Line list =
    [ line name [ domain ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> everything x[0])
      line $"{name} over an axis" [ domain ] [ [ [ 2; 3; 2 ] ]; [ [ 0; 3; 2 ] ] ] (fun x -> axis x[0])
      line $"{name} over axes" [ domain ] [ [ [ 2; 3; 2 ] ]; [ [ 1; 3; 1 ] ] ] (fun x -> axes x[0]) ]

let private one name domain shapes (call: Tensor -> Tensor) = line name [ domain ] (shapes |> List.map List.singleton) (fun x -> call x[0])

/// The square keeps the second derivative from being zero.
let private sq (x: Tensor) = x * x

let private reductions: Line list =
    over "Sum" all (fun x -> R.Sum(sq x)) (fun x -> R.Sum(sq x, 1)) (fun x -> R.Sum(sq x, [| 0; 2 |], true))
    @ over "Mean" all (fun x -> R.Mean(sq x)) (fun x -> R.Mean(sq x, 1, true)) (fun x -> R.Mean(sq x, [| 0; 2 |]))
    @ over "Prod" positive (fun x -> R.Prod x) (fun x -> R.Prod(x, 1)) (fun x -> R.Prod(x, [| 0; 2 |], true))
    @ over "Max" Distinct (fun x -> R.Max(x * sq x)) (fun x -> R.Max(x * sq x, 1)) (fun x -> R.Max(x * sq x, [| 0; 2 |], true))
    @ over "Min" Distinct (fun x -> R.Min(x * sq x)) (fun x -> R.Min(x * sq x, 1, true)) (fun x -> R.Min(x * sq x, [| 0; 2 |]))
    @ over "NanSum" all (fun x -> R.NanSum(sq x)) (fun x -> R.NanSum(sq x, 1)) (fun x -> R.NanSum(sq x, [| 0; 2 |]))
    @ over "NanMean" all (fun x -> R.NanMean(sq x)) (fun x -> R.NanMean(sq x, 1)) (fun x -> R.NanMean(sq x, [| 0; 2 |]))
    @ over "LogSumExp" all (fun x -> R.LogSumExp x) (fun x -> R.LogSumExp(x, 1)) (fun x -> R.LogSumExp(x, [| 0; 2 |], true))
    @ [ one "Sum, cubed elements of an empty axis" all [ [ 2; 0 ] ] (fun x -> F.Sum(x * sq x, [| 1 |]))
        one "Prod with a zero" all [ [ 4 ] ] (fun x -> F.Prod(x * Points.tensor x.DType [| 4 |] [| 1.0; 0.0; 1.0; 1.0 |]))
        one "Mean as a function" all [ [ 2; 3 ] ] (fun x -> F.Mean(sq x))
        one "LogSumExp as a function" all [ [ 2; 3 ] ] (fun x -> F.LogSumExp x)
        one "AMinMax" Distinct [ [ 2; 3 ] ] (fun x -> both (R.AMinMax(x * sq x)))
        one "MaxWithIndex" Distinct [ [ 2; 4 ] ] (fun x -> first (R.MaxWithIndex(x * sq x, 1)))
        one "MinWithIndex" Distinct [ [ 4; 2 ] ] (fun x -> first (R.MinWithIndex(x * sq x, 0, true)))
        one "Softmax" all [ [ 2; 4 ] ] (fun x -> R.Softmax x)
        one "Softmax along another axis" all [ [ 3; 2 ] ] (fun x -> F.Softmax(x, 0))
        one "LogSoftmax" all [ [ 2; 4 ] ] (fun x -> R.LogSoftmax x)
        one "LogSoftmax along another axis" all [ [ 3; 2 ] ] (fun x -> F.LogSoftmax(x, 0)) ]

let private cumulative: Line list =
    [ one "CumSum" all [ [ 2; 4 ]; [ 2; 0 ] ] (fun x -> C.CumSum(sq x, 1))
      lineOf [] "CumSum from the end" [ all ] [ [ [ 4; 2 ] ] ] (fun x -> Cumulative.Sum(sq x[0], 0, true))
      one "CumProd" positive [ [ 2; 4 ]; [ 2; 0 ] ] (fun x -> C.CumProd(x, 1))
      one "CumProd with a zero" all [ [ 4 ] ] (fun x -> C.CumProd(x * Points.tensor x.DType [| 4 |] [| 1.0; 0.0; 1.0; 1.0 |], 0))
      one "CumMax" Distinct [ [ 2; 4 ] ] (fun x -> first (C.CumMax(x * sq x, 1)))
      one "CumMin" Distinct [ [ 4; 2 ] ] (fun x -> first (C.CumMin(x * sq x, 0)))
      one "LogCumSumExp" all [ [ 2; 4 ] ] (fun x -> C.LogCumSumExp(x, 1))
      one "Diff" all [ [ 2; 4 ] ] (fun x -> C.Diff(sq x))
      line "Diff, twice, continued" [ all; all ] [ [ [ 4; 2 ]; [ 1; 2 ] ] ] (fun x -> C.Diff(sq x[0], 2, 0, sq x[1], x[1]))
      one "Trapezoid" all [ [ 2; 4 ] ] (fun x -> C.Trapezoid(sq x, 0.5))
      line "Trapezoid between places" [ all; Distinct ] [ [ [ 2; 4 ]; [ 4 ] ] ] (fun x -> C.Trapezoid(sq x[0], x[1]))
      one "CumulativeTrapezoid" all [ [ 2; 4 ] ] (fun x -> C.CumulativeTrapezoid(sq x, 0.5))
      line "CumulativeTrapezoid between places" [ all; Distinct ] [ [ [ 2; 4 ]; [ 4 ] ] ] (fun x -> C.CumulativeTrapezoid(sq x[0], x[1]))
      lineOf [] "Recurrence" [ all; all ] [ [ [ 2; 4 ]; [ 2; 4 ] ] ] (fun x -> Tensor.Apply(RecurrenceRule(1, false), x[0], x[1]))
      lineOf [] "Recurrence from the end" [ all; all ] [ [ [ 4; 2 ]; [ 4; 2 ] ] ] (fun x -> Tensor.Apply(RecurrenceRule(0, true), x[0], x[1]))
      lineOf [] "ProductBefore" [ all ] [ [ [ 2; 4 ] ] ] (fun x -> Tensor.Apply(ProductBeforeRule(1, false), x[0]))
      lineOf [] "ProductBefore from the end" [ all ] [ [ [ 4; 2 ] ] ] (fun x -> Tensor.Apply(ProductBeforeRule(0, true), x[0])) ]

let private statistics: Line list =
    over "Var" all (fun x -> T.Var(x + sq x, null, 1.0)) (fun x -> T.Var(x, 1, 1.0)) (fun x -> T.Var(x, [| 0; 2 |], 0.0, true))
    |> List.map (fun line -> { line with Cases = Array.truncate 1 line.Cases })
    |> List.append
        [ one "Std" all [ [ 2; 3 ] ] (fun x -> T.Std x)
          one "Std over an axis" all [ [ 2; 3; 2 ] ] (fun x -> T.Std(x, 1, 1.0, true))
          one "VarMean" all [ [ 2; 3 ] ] (fun x -> both (T.VarMean(x, 1)))
          one "StdMean" all [ [ 2; 3 ] ] (fun x -> both (T.StdMean(x, 1, 1.0)))
          one "Median" Distinct [ [ 5 ]; [ 4 ] ] (fun x -> T.Median(x * sq x))
          one "Median over an axis" Distinct [ [ 2; 5 ] ] (fun x -> T.Median(x * sq x, 1))
          one "NanMedian" Distinct [ [ 5 ] ] (fun x -> T.NanMedian(x * sq x))
          one "MedianWithIndex" Distinct [ [ 2; 5 ] ] (fun x -> first (T.MedianWithIndex(x * sq x, 1)))
          one "NanMedianWithIndex" Distinct [ [ 5; 2 ] ] (fun x -> first (T.NanMedianWithIndex(x * sq x, 0)))
          one "KthValue" Distinct [ [ 2; 5 ] ] (fun x -> first (T.KthValue(x * sq x, 2, 1)))
          one "Quantile" Distinct [ [ 2; 3 ] ] (fun x -> T.Quantile(x * sq x, 0.3))
          one "Quantile over an axis" Distinct [ [ 5; 2 ] ] (fun x -> T.Quantile(x * sq x, 0.3, 0))
          one "Quantile, midpoint" Distinct [ [ 5 ] ] (fun x -> T.Quantile(x * sq x, 0.3, null, false, Interpolation.Midpoint))
          one "Quantile, higher" Distinct [ [ 5 ] ] (fun x -> T.Quantile(x * sq x, 0.3, null, false, Interpolation.Higher))
          line "Quantile, differentiable in its level" [ Distinct; Between(0.3, 0.45) ] [ [ [ 2; 5 ]; [ 2 ] ] ] (fun x ->
              T.Quantile(x[0] * sq x[0], x[1], 1))
          one "NanQuantile" Distinct [ [ 5 ] ] (fun x -> T.NanQuantile(x * sq x, 0.3))
          line "Average" [ all; positive ] [ [ [ 2; 3 ]; [ 2; 3 ] ] ] (fun x -> T.Average(x[0], x[1]))
          line "Average over an axis" [ all; positive ] [ [ [ 2; 3 ]; [ 3 ] ] ] (fun x -> T.Average(x[0], x[1], 1))
          one "Cov" all [ [ 2; 4 ]; [ 4 ] ] (fun x -> T.Cov x)
          line "Cov, weighted" [ all; positive ] [ [ [ 2; 4 ]; [ 4 ] ] ] (fun x -> T.Cov(x[0], 1.0, null, x[1]))
          condition 10.0 (one "CorrCoef" all [ [ 2; 4 ] ] T.CorrCoef)
          one "BinCount" all [ [ 5 ] ] (fun x -> T.BinCount(ints [ 5 ] [ 2; 0; 3; 2; 0 ], sq x)) ]

let private norms: Line list =
    over "Norm" all (fun x -> N.Norm x) (fun x -> N.Norm(x, 2.0, 1)) (fun x -> N.Norm(x, 2.0, [| 0; 2 |], true))
    |> List.map (fun line -> { line with Cases = Array.truncate 1 line.Cases })
    |> List.append
        [ one "Norm of order 3" Distinct [ [ 2; 3 ] ] (fun x -> N.Norm(x, 3.0))
          one "Norm of order 1.5" Distinct [ [ 2; 3 ] ] (fun x -> N.Norm(x, 1.5, 1))
          one "Norm of order -2" Distinct [ [ 2; 3 ] ] (fun x -> N.Norm(x, -2.0))
          one "Norm of order 1" Distinct [ [ 2; 3 ] ] (fun x -> D.Norm(x * sq x, 1.0))
          one "Norm, largest" (Between(0.2, 0.3)) [ [ 3 ] ] (fun x ->
              N.Norm(sq x * Points.tensor x.DType [| 3 |] [| 1.0; -4.0; 9.0 |], Double.PositiveInfinity))
          one "Norm, smallest" (Between(0.2, 0.3)) [ [ 3 ] ] (fun x ->
              N.Norm(sq x * Points.tensor x.DType [| 3 |] [| 1.0; -4.0; 9.0 |], Double.NegativeInfinity))
          one "Renorm" (Between(0.5, 1.0)) [ [ 2; 3 ] ] (fun x -> N.Renorm(x, 2.0, 0, 0.5))
          one "Normalize" (Between(0.5, 1.0)) [ [ 2; 3 ] ] (fun x -> N.Normalize x)
          line "Dist" [ Between(0.5, 1.0); Between(-1.0, -0.5) ] [ [ [ 2; 3 ]; [ 3 ] ] ] (fun x -> D.Dist(x[0], x[1], 3.0))
          line "PairwiseDistance" [ Between(0.5, 1.0); Between(-1.0, -0.5) ] [ [ [ 2; 3 ]; [ 2; 3 ] ] ] (fun x -> D.PairwiseDistance(x[0], x[1]))
          line "CosineSimilarity" [ all; Between(0.5, 1.0) ] [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 2; 3 ]; [ 3 ] ] ] (fun x -> D.CosineSimilarity(x[0], x[1])) ]

let lines: Line list = reductions @ cumulative @ statistics @ norms

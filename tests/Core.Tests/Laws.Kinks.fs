namespace DiffLib.Core.Tests

open System
open DiffLib
open global.Xunit
open Numeric

/// Laws at ties and kinks, which the domains of the catalogue stay away from.
module KinkLaws =
    let private vector (xs: float list) = Points.tensor DType.Float64 [| xs.Length |] (Array.ofList xs)
    let private ties = vector [ 1.0; 3.0; 3.0; -2.0; 3.0; -2.0 ]
    let private infinities = Const(NDArray.Adopt(Shape [| 5 |], [| 1.0; infinity; infinity; 2.0; -infinity |]))
    let private other = vector [ 1.0; 2.0; 3.0; -2.0; 4.0; -3.0 ]

    /// f(x + c) = f(x) + c for every number c.
    let private shifting: (string * Tensor[] * (Tensor[] -> Tensor)) list =
        let one name f = name, [| ties |], (fun (xs: Tensor[]) -> f xs[0])
        let two name f = name, [| ties; other |], (fun (xs: Tensor[]) -> f xs[0] xs[1])

        [ two "maximum" (fun a b -> TensorElementwise.Maximum(a, b))
          two "minimum" (fun a b -> TensorElementwise.Minimum(a, b))
          two "maximum of numbers" (fun a b -> TensorElementwise.MaximumNumber(a, b))
          two "minimum of numbers" (fun a b -> TensorElementwise.MinimumNumber(a, b))
          two "logaddexp" (fun a b -> TensorElementwise.LogAddExp(a, b))
          two "clamp from below" (fun a b -> TensorElementwise.Clamp(a, b, null))
          two "clamp from above" (fun a b -> TensorElementwise.Clamp(a, null, b))
          one "largest" (fun x -> TensorReductions.Max x)
          one "smallest" (fun x -> TensorReductions.Min x)
          one "largest along an axis" (fun x -> TensorReductions.Max(TensorShaping.Reshape(x, 2, 3), 1))
          one "largest with its place" (fun x -> let struct (v, _) = TensorReductions.MaxWithIndex(x, 0) in v)
          one "mean" (fun x -> TensorReductions.Mean x)
          one "median" (fun x -> TensorStatistics.Median x)
          one "quantile" (fun x -> TensorStatistics.Quantile(x, 0.4))
          one "sorted" (fun x -> let struct (v, _) = TensorSorting.Sort x in v)
          one "the three largest" (fun x -> let struct (v, _) = TensorSorting.TopK(x, 3) in v)
          one "running maximum" (fun x -> let struct (v, _) = TensorCumulative.CumMax(x, 0) in v)
          one "running minimum" (fun x -> let struct (v, _) = TensorCumulative.CumMin(x, 0) in v)
          one "running logsumexp" (fun x -> TensorCumulative.LogCumSumExp(x, 0))
          one "logsumexp" (fun x -> TensorReductions.LogSumExp x)
          "logaddexp of infinities", [| infinities; infinities |], (fun xs -> TensorElementwise.LogAddExp(xs[0], xs[1]))
          "running logsumexp of infinities", [| infinities |], (fun xs -> TensorCumulative.LogCumSumExp(xs[0], 0))
          two "scattered maxima" (fun a b -> TensorIndexing.ScatterReduce(a, 0, ints [ 6 ] [ 0; 1; 1; 3; 3; 2 ], b, ScatterReduction.Maximum))
          two "scattered minima, of the source only" (fun a b ->
              TensorIndexing.ScatterReduce(a, 0, ints [ 6 ] [ 0; 1; 1; 3; 3; 2 ], b, ScatterReduction.Minimum, false)) ]

    let shiftingNames: seq<obj[]> = shifting |> Seq.map (fun (name, _, _) -> [| name :> obj |])

    [<Theory; MemberData(nameof shiftingNames)>]
    let ``a function that moves with its inputs has shares that add up to 1, ties or not`` (name: string) =
        let _, xs, f = shifting |> List.find (fun (n, _, _) -> n = name)
        let struct (y, dy) = Derive.jvp f xs (xs |> Array.map Forward.onesLike)
        Assert.True(largest (dy - 1.0) <= 1e-14, $"{name}: pushed forward, the shares add up to {dy}")
        let w = Points.direction (Random 7) y
        let total = Derive.vjp f xs w |> Array.sumBy (fun g -> elements g |> Array.sum)
        Assert.Equal(elements w |> Array.sum, total, 1e-14)

    let private extrema: (string * (Tensor -> Tensor)) list =
        [ "max", (fun x -> TensorReductions.Max x)
          "min", (fun x -> TensorReductions.Min x)
          "median", (fun x -> TensorStatistics.Median x)
          "norm without end", (fun x -> TensorNorms.Norm(x, Double.PositiveInfinity)) ]

    let extremaNames: seq<obj[]> = extrema |> Seq.map (fun (name, _) -> [| name :> obj |])

    [<Theory; MemberData(nameof extremaNames)>]
    let ``elements that tie share equally`` (name: string) =
        let _, f = extrema |> List.find (fun (n, _) -> n = name)
        Assert.Equal<float[]>([| 0.25; 0.25; 0.25; 0.25 |], elements (Derivatives.gradient f (vector [ 3.0; 3.0; 3.0; 3.0 ])))

    [<Fact>]
    let ``two equal numbers share the derivative of the larger and of the smaller one`` () =
        let a = vector [ 2.0 ]

        for f in [ (fun (a: Tensor) b -> TensorElementwise.Maximum(a, b)); (fun a b -> TensorElementwise.Minimum(a, b)) ] do
            let gs = Derive.gradients (fun xs -> Derive.sum (f xs[0] xs[1])) [| a; a |]
            Assert.Equal<float[]>([| 0.5; 0.5 |], gs |> Array.collect elements)

    /// Function, point, slope: the conventions where there is no derivative, and the limits where a formula has 0/0 or 0·∞.
    let private conventions: (string * (Tensor -> Tensor) * float * float) list =
        let slope (f: Tensor -> Tensor) (x: Tensor) =
            let struct (_, d) = Derivatives.jvp f x (Forward.onesLike x)
            d

        let where (x: Tensor) (f: Tensor -> Tensor) = TensorElementwise.Where(TensorComparison.Greater(x, Tensor.Weak 0.0), f x, Tensor.Weak 0.0)

        [ "abs", abs, 0.0, 0.0
          "relu", TensorActivations.Relu, 0.0, 0.0
          "relu6 at 6", TensorActivations.Relu6, 6.0, 0.0
          "leaky relu", (fun x -> TensorActivations.LeakyRelu(x, 0.1)), 0.0, 0.1
          "hard tanh", (fun x -> TensorActivations.HardTanh x), 1.0, 0.0
          "hard tanh at its lower bound", (fun x -> TensorActivations.HardTanh x), -1.0, 0.0
          "hard sigmoid", TensorActivations.HardSigmoid, 3.0, 0.0
          "hard swish below", TensorActivations.HardSwish, -3.0, 0.0
          "softshrink", (fun x -> TensorActivations.Softshrink x), 0.5, 0.0
          "hardshrink", (fun x -> TensorActivations.Hardshrink x), 0.5, 0.0
          "elu", (fun x -> TensorActivations.Elu(x, 2.0)), 0.0, 2.0
          "threshold", (fun x -> TensorActivations.Threshold(x, 0.5, 3.0)), 0.5, 0.0
          "clamp at its lower bound", (fun x -> TensorElementwise.Clamp(x, Nullable 1.0, Nullable 2.0)), 1.0, 1.0
          "clamp at its upper bound", (fun x -> TensorElementwise.Clamp(x, Nullable 1.0, Nullable 2.0)), 2.0, 1.0
          "norm at 0", (fun x -> TensorNorms.Norm(TensorShaping.ExpandDims(x, 0))), 0.0, 0.0
          "norm of order 3 at 0", (fun x -> TensorNorms.Norm(TensorShaping.ExpandDims(x, 0), 3.0)), 0.0, 0.0
          "norm of order 1.5 at 0", (fun x -> TensorNorms.Norm(TensorJoining.Stack(x, x + 1.0), 1.5)), 0.0, 1.0
          "norm of order -2 with a zero", (fun x -> TensorNorms.Norm(TensorJoining.Stack(x, x - 2.0), -2.0)), 2.0, 0.0
          "slope of the norm at 0", slope (fun x -> TensorNorms.Norm(TensorShaping.ExpandDims(x, 0))), 0.0, 0.0
          "slope of the norm of order 1.5 at 0", slope (fun x -> TensorNorms.Norm(TensorJoining.Stack(x, x + 1.0), 1.5)), 0.0, 0.0
          "slope of the deviation of equal elements", slope (fun x -> TensorStatistics.Std(TensorJoining.Stack(x, 4.0 - x))), 2.0, 0.0
          "deviation of equal elements", (fun x -> TensorStatistics.Std(TensorJoining.Stack(x, x))), 2.0, 0.0
          "square", (fun x -> Tensor.Pow(x, 2.0)), 0.0, 0.0
          "cube", (fun x -> Tensor.Pow(x, 3)), 0.0, 0.0
          "square, by an exponent that is a tensor", (fun x -> Tensor.Pow(x, Tensor.op_Implicit 2.0)), 0.0, 0.0
          "the power 1, by an exponent that is a tensor", (fun x -> Tensor.Pow(x, Tensor.op_Implicit 1.0)), 0.0, 1.0
          "a power of 0", (fun x -> Tensor.Pow(Tensor.op_Implicit 0.0, x)), 0.0, 0.0
          "x log 0", (fun x -> TensorElementwise.Xlogy(x, Tensor.op_Implicit 0.0)), 0.0, 0.0
          "the power 1", (fun x -> Tensor.Pow(x, 1.0)), 0.0, 1.0
          "sinc", TensorElementwise.Sinc, 0.0, 0.0
          "slope of sinc", slope TensorElementwise.Sinc, 0.0, -Math.PI * Math.PI / 3.0
          "I0", TensorElementwise.I0, 0.0, 0.0
          "I1", TensorElementwise.I1, 0.0, 0.5
          "x log x from the left of its product", (fun x -> TensorElementwise.Xlogy(x, x + 2.0)), 0.0, Math.Log 2.0
          "log not taken", (fun x -> where x log), 0.0, 0.0
          "root not taken", (fun x -> where x sqrt), 0.0, 0.0
          "product with one zero", (fun x -> TensorReductions.Prod(TensorJoining.Stack(x, x + 2.0, x + 3.0))), 0.0, 6.0
          "product with two zeros", (fun x -> TensorReductions.Prod(TensorJoining.Stack(x, x, x + 3.0))), 0.0, 0.0
          "running product with a zero",
          (fun x -> TensorReductions.Sum(TensorCumulative.CumProd(TensorJoining.Stack(x, x + 2.0, x + 3.0), 0))),
          0.0,
          9.0 ]

    let conventionNames: seq<obj[]> = conventions |> Seq.map (fun (name, _, _, _) -> [| name :> obj |])

    [<Theory; MemberData(nameof conventionNames)>]
    let ``at a kink the slope is the one that is documented, in both modes`` (name: string) =
        let _, f, at, slope = conventions |> List.find (fun (n, _, _, _) -> n = name)
        let x = Tensor.op_Implicit (at: float)
        let struct (_, forward) = Derivatives.jvp f x (Forward.onesLike x)
        Assert.Equal(slope, forward.ToDouble(), 1e-14)
        Assert.Equal(slope, (Derivatives.gradient f x).ToDouble(), 1e-14)

    [<Fact>]
    let ``the variance of equal elements has a zero gradient, and so has a norm of zeros along an axis`` () =
        for f in
            [ (fun (x: Tensor) -> TensorStatistics.Var(x, 1)); (fun x -> TensorStatistics.Std(x, 1)); (fun x -> TensorNorms.Norm(x - x, 2.0, 1)) ] do
            let x = Points.tensor DType.Float64 [| 2; 3 |] (Array.create 6 1.5)
            let gradient = Derive.gradients (fun xs -> Derive.sum (f xs[0])) [| x |]
            Assert.Equal(0.0, largest gradient[0])

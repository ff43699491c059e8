namespace DiffLib.Core.Tests

open System
open DiffLib
open global.Xunit
open Numeric

/// Laws of particular functions: inverses, symmetric functions, homogeneous ones.
module FunctionLaws =
    let private random name = Random(Points.seedOf name)

    let private point (name: string) (domain: Domain) (shape: int list) : Tensor =
        let shape = Array.ofList shape
        Points.tensor DType.Float64 shape (Points.sample (random name) domain shape)

    let private demand (name: string) (what: string) (a: Tensor) (b: Tensor) (tolerance: float) =
        let difference = largest (a - b)
        Assert.True(difference <= tolerance, $"{name}: {what}: {a} and {b} differ by {difference:G3} (seed {Points.seedOf name})")

    // ---- inverses

    let private inverses: (string * Domain * int list * (Tensor -> Tensor) * (Tensor -> Tensor)) list =
        let real, positive, unit = Between(-2.0, 2.0), Between(0.3, 2.5), Between(-0.8, 0.8)

        [ "log of exp", real, [ 2; 2 ], exp, log
          "exp of log", positive, [ 2; 2 ], log, exp
          "log1p of expm1", real, [ 4 ], TensorElementwise.Expm1, TensorElementwise.Log1p
          "log2 of exp2", real, [ 4 ], TensorElementwise.Exp2, TensorElementwise.Log2
          "sin of asin", unit, [ 4 ], asin, sin
          "cos of acos", unit, [ 4 ], acos, cos
          "tan of atan", real, [ 4 ], atan, tan
          "sinh of asinh", real, [ 4 ], TensorElementwise.Asinh, sinh
          "acosh of cosh", positive, [ 4 ], cosh, TensorElementwise.Acosh
          "atanh of tanh", unit, [ 4 ], tanh, TensorElementwise.Atanh
          "logit of sigmoid", real, [ 4 ], TensorElementwise.Sigmoid, (fun x -> TensorElementwise.Logit x)
          "erf of erfinv", unit, [ 4 ], TensorElementwise.ErfInv, TensorElementwise.Erf
          "ndtri of ndtr", real, [ 4 ], TensorElementwise.Ndtr, TensorElementwise.Ndtri
          "square of the root", positive, [ 4 ], sqrt, TensorElementwise.Square
          "cube of the cube root", positive, [ 4 ], TensorElementwise.Cbrt, (fun x -> Tensor.Pow(x, 3))
          "reciprocal, twice", positive, [ 4 ], TensorElementwise.Reciprocal, TensorElementwise.Reciprocal
          "degrees of radians", real, [ 4 ], TensorElementwise.DegreesToRadians, TensorElementwise.RadiansToDegrees
          "differences of running sums",
          real,
          [ 4 ],
          (fun x -> TensorCumulative.CumSum(x, 0)),
          (fun y -> TensorCumulative.Diff(y, 1, 0, Points.tensor DType.Float64 [| 1 |] [| 0.0 |]))
          "flip, twice", real, [ 2; 2 ], (fun x -> TensorShaping.Flip(x, 1)), (fun x -> TensorShaping.Flip(x, 1))
          "roll there and back", real, [ 4 ], (fun x -> TensorShaping.Roll(x, 1)), (fun x -> TensorShaping.Roll(x, -1))
          "the narrow part of padding", real, [ 4 ], (fun x -> TensorShaping.Pad(x, [| struct (2, 1) |])), (fun x -> TensorShaping.Narrow(x, 0, 2, 4))
          "the diagonal of a diagonal matrix", real, [ 4 ], (fun x -> TensorShaping.Diag x), (fun x -> TensorShaping.Diag x)
          "inverse of the inverse", Regular, [ 2; 2 ], Linalg.Inverse, Linalg.Inverse
          "pseudoinverse of the pseudoinverse", Regular, [ 3; 2 ], (fun x -> Linalg.Pinv x), (fun x -> Linalg.Pinv x)
          "A x of solve",
          Between(-2.0, 2.0),
          [ 3 ],
          (fun b -> Linalg.Solve(point "solve" Regular [ 3; 3 ], b)),
          (fun x -> TensorProducts.MatMul(point "solve" Regular [ 3; 3 ], x))
          "Q R",
          Regular,
          [ 3; 2 ],
          (fun x -> let struct (q, r) = Linalg.Qr x in together [ q; r ]),
          (fun y ->
              TensorProducts.MatMul(
                  TensorShaping.Reshape(TensorShaping.Narrow(y, 0, 0, 6), 3, 2),
                  TensorShaping.Reshape(TensorShaping.Narrow(y, 0, 6, 4), 2, 2)
              ))
          "real Fourier transform there and back",
          real,
          [ 4 ],
          (fun x -> let struct (re, im) = Fourier.Rfft x in together [ re; im ]),
          (fun y -> Fourier.Irfft(TensorShaping.Narrow(y, 0, 0, 3), TensorShaping.Narrow(y, 0, 3, 3), 4)) ]

    let inverseNames: seq<obj[]> = inverses |> Seq.map (fun (name, _, _, _, _) -> [| name :> obj |])

    [<Theory; MemberData(nameof inverseNames)>]
    let ``F08 a function after its inverse has the identity as Jacobian`` (name: string) =
        let _, domain, shape, f, g = inverses |> List.find (fun (n, _, _, _, _) -> n = name)
        let x = point name domain shape
        demand name "the value" (g (f x)) x 1e-12
        let identity =
            Points.tensor
                DType.Float64
                (Array.append x.Shape.Sizes x.Shape.Sizes)
                (Array.init (x.Count * x.Count) (fun k -> if k / x.Count = k % x.Count then 1.0 else 0.0))
        demand name "the Jacobian by columns" (Derivatives.jacobianForward (f >> g) x) identity 1e-10
        demand name "the Jacobian by rows" (Derivatives.jacobianReverse (f >> g) x) identity 1e-10
        let second = Derivatives.jvp (Derivatives.vjp (f >> g) >> fun struct (y, pull) -> pull (Forward.onesLike y)) x (Forward.onesLike x)
        let struct (_, curvature) = second
        demand name "the second derivative" curvature (Forward.zerosLike x) 1e-9

    // ---- symmetric functions

    let private symmetric: (string * (Tensor -> Tensor) * float) list =
        // bitwise where no sum depends on the order of its terms
        [ "sum", (fun x -> TensorReductions.Sum x), 0.0
          "mean", (fun x -> TensorReductions.Mean x), 0.0
          "largest", (fun x -> TensorReductions.Max x), 0.0
          "smallest", (fun x -> TensorReductions.Min x), 0.0
          "median", (fun x -> TensorStatistics.Median x), 0.0
          "quantile", (fun x -> TensorStatistics.Quantile(x, 0.4)), 0.0
          "norm of order 1", (fun x -> TensorNorms.Norm(x, 1.0)), 0.0
          "sum of the sorted", (fun x -> let struct (v, _) = TensorSorting.Sort x in TensorReductions.Sum(v * v * v)), 0.0
          "sum of the two largest", (fun x -> let struct (v, _) = TensorSorting.TopK(x, 2) in TensorReductions.Sum(v * v)), 0.0
          "product", (fun x -> TensorReductions.Prod x), 1e-14
          "norm", (fun x -> TensorNorms.Norm x), 1e-14
          "logsumexp", (fun x -> TensorReductions.LogSumExp x), 1e-14
          "variance", (fun x -> TensorStatistics.Var x), 1e-14
          "deviation", (fun x -> TensorStatistics.Std x), 1e-14 ]

    let symmetricNames: seq<obj[]> = symmetric |> Seq.map (fun (name, _, _) -> [| name :> obj |])

    [<Theory; MemberData(nameof symmetricNames)>]
    let ``F09 permuting the inputs of a symmetric function permutes its gradient`` (name: string) =
        let _, f, tolerance = symmetric |> List.find (fun (n, _, _) -> n = name)
        let x = point name Distinct [ 7 ]
        let order = ints [ 7 ] [ 3; 6; 0; 2; 5; 1; 4 ]
        let permuted = Derivatives.gradient f (TensorIndexing.IndexSelect(x, 0, order))
        demand name "the gradient" permuted (TensorIndexing.IndexSelect(Derivatives.gradient f x, 0, order)) (tolerance * largest permuted)

    let private commutative: (string * (Tensor -> Tensor -> Tensor)) list =
        [ "+", (fun a b -> a + b)
          "*", (fun a b -> a * b)
          "maximum", (fun a b -> TensorElementwise.Maximum(a, b))
          "minimum", (fun a b -> TensorElementwise.Minimum(a, b))
          "hypot", (fun a b -> TensorElementwise.Hypot(a, b))
          "logaddexp", (fun a b -> TensorElementwise.LogAddExp(a, b))
          "logaddexp2", (fun a b -> TensorElementwise.LogAddExp2(a, b)) ]

    let commutativeNames: seq<obj[]> = commutative |> Seq.map (fun (name, _) -> [| name :> obj |])

    [<Theory; MemberData(nameof commutativeNames)>]
    let ``F09 a commutative operation has the same derivative in both places`` (name: string) =
        let _, f = commutative |> List.find (fun (n, _) -> n = name)
        let a, b = point (name + " a") Distinct [ 6 ], point (name + " b") Distinct [ 6 ]
        let gradients f = Derive.gradients (fun (xs: Tensor[]) -> Derive.sum (f xs[0] xs[1])) [| a; b |]
        let there, back = gradients f, gradients (fun a b -> f b a)
        Assert.True(same there[0] back[0] && same there[1] back[1], $"{name}: {there[0]}, {there[1]} and {back[0]}, {back[1]}")
        // and where both are equal, equal shares
        let tie = Derive.gradients (fun (xs: Tensor[]) -> Derive.sum (f xs[0] xs[1])) [| a; a |]
        Assert.True(same tie[0] tie[1], $"{name} at a tie: {tie[0]} and {tie[1]}")

    // ---- homogeneous functions

    let private homogeneous: (string * float * Domain * int list * (Tensor -> Tensor)) list =
        let real = Between(-2.0, 2.0)
        let positive = Between(0.3, 2.5)

        [ "sum", 1.0, real, [ 2; 3 ], (fun x -> TensorReductions.Sum x)
          "product", 6.0, positive, [ 2; 3 ], (fun x -> TensorReductions.Prod x)
          "running products", 1.0, positive, [ 1 ], (fun x -> TensorCumulative.CumProd(x, 0))
          "largest", 1.0, Distinct, [ 6 ], (fun x -> TensorReductions.Max x)
          "norm", 1.0, real, [ 2; 3 ], (fun x -> TensorNorms.Norm x)
          "norm of order 3", 1.0, Distinct, [ 2; 3 ], (fun x -> TensorNorms.Norm(x, 3.0))
          "deviation", 1.0, real, [ 6 ], (fun x -> TensorStatistics.Std x)
          "variance", 2.0, real, [ 6 ], (fun x -> TensorStatistics.Var x)
          "covariance", 2.0, real, [ 2; 4 ], (fun x -> TensorStatistics.Cov x)
          "correlation", 0.0, real, [ 2; 4 ], TensorStatistics.CorrCoef
          "normalisation", 0.0, positive, [ 2; 3 ], (fun x -> TensorNorms.Normalize x)
          "square root", 0.5, positive, [ 4 ], sqrt
          "cube root", 1.0 / 3.0, positive, [ 4 ], TensorElementwise.Cbrt
          "reciprocal root", -0.5, positive, [ 4 ], TensorElementwise.Rsqrt
          "reciprocal", -1.0, positive, [ 4 ], TensorElementwise.Reciprocal
          "power", 2.5, positive, [ 4 ], (fun x -> Tensor.Pow(x, 2.5))
          "absolute value", 1.0, Distinct, [ 4 ], abs
          "relu", 1.0, Distinct, [ 4 ], TensorActivations.Relu
          "leaky relu", 1.0, Distinct, [ 4 ], (fun x -> TensorActivations.LeakyRelu x)
          "hypot", 1.0, positive, [ 2 ], (fun x -> TensorElementwise.Hypot(TensorShaping.Select(x, 0, 0), TensorShaping.Select(x, 0, 1)))
          "angle", 0.0, positive, [ 2 ], (fun x -> Tensor.Atan2(TensorShaping.Select(x, 0, 0), TensorShaping.Select(x, 0, 1)))
          "square of a matrix", 2.0, real, [ 3; 3 ], (fun x -> TensorProducts.MatMul(x, x))
          "determinant", 3.0, Regular, [ 3; 3 ], Linalg.Det
          "inverse", -1.0, Regular, [ 3; 3 ], Linalg.Inverse
          "pseudoinverse", -1.0, Regular, [ 4; 3 ], (fun x -> Linalg.Pinv x)
          "cholesky factor", 0.5, Definite, [ 3; 3 ], (fun x -> Linalg.Cholesky(0.5 * (x + TensorShaping.get_MT x)))
          "triangular factor", 1.0, Regular, [ 3; 3 ], (fun x -> let struct (_, r) = Linalg.Qr x in r)
          "orthogonal factor", 0.0, Regular, [ 3; 3 ], (fun x -> let struct (q, _) = Linalg.Qr x in q)
          "eigenvalues", 1.0, Definite, [ 3; 3 ], (fun x -> Linalg.Eigvalsh(0.5 * (x + TensorShaping.get_MT x)))
          "eigenvectors", 0.0, Definite, [ 3; 3 ], (fun x -> let struct (_, q) = Linalg.Eigh(0.5 * (x + TensorShaping.get_MT x)) in q)
          "singular values", 1.0, Regular, [ 4; 3 ], Linalg.SingularValues
          "condition number", 0.0, Regular, [ 3; 3 ], (fun x -> Linalg.Cond x)
          "matrix power", 4.0, Regular, [ 3; 3 ], (fun x -> Linalg.MatrixPower(x, 4)) ]

    let homogeneousNames: seq<obj[]> = homogeneous |> Seq.map (fun (name, _, _, _, _) -> [| name :> obj |])

    [<Theory; MemberData(nameof homogeneousNames)>]
    let ``F10 the derivative of a homogeneous function along its argument is its degree times its value`` (name: string) =
        let _, degree, domain, shape, f = homogeneous |> List.find (fun (n, _, _, _, _) -> n = name)
        let x = point name domain shape
        let struct (y, dy) = Derivatives.jvp f x x
        demand name "the derivative along x" dy (degree * y) (1e-12 * (1.0 + largest y))
        // in reverse: ⟨x, Jᵀ w⟩ = k ⟨w, f⟩
        let w = Points.direction (random (name + " w")) y
        let struct (_, pull) = Derivatives.vjp f x
        let euler, expected = dot x (pull w), degree * dot w y
        Assert.True(abs (euler - expected) <= 1e-12 * (1.0 + norm w * norm y), $"{name}: ⟨x, ∇f⟩ is {euler:R}, {degree} f is {expected:R}")

    [<Fact>]
    let ``a quantile between two elements lies on the line between them`` () =
        let x = Points.tensor DType.Float64 [| 5 |] [| 4.0; 0.0; 1.0; 9.0; 2.5 |]
        let quantile q = (TensorStatistics.Quantile(x, (q: float))).ToDouble()
        Assert.Equal<float[]>([| 0.0; 1.0; 2.5; 4.0; 9.0 |], [| 0.0; 0.25; 0.5; 0.75; 1.0 |] |> Array.map quantile)
        Assert.Equal(1.0 + 0.4 * 1.5, quantile 0.35, 1e-14)
        let gradient = Derivatives.gradient (fun x -> TensorStatistics.Quantile(x, 0.35)) x
        Assert.Equal<float[]>([| 0.0; 0.0; 0.6; 0.0; 0.4 |], elements gradient |> Array.map (fun g -> Math.Round(g, 14)))

    [<Theory; InlineData("Cholesky"); InlineData("Eigvalsh"); InlineData("SymmetricFunction")>]
    let ``functions of symmetric matrices count a tangent by its symmetric part, and their gradient is symmetric`` (name: string) =
        let f (x: Tensor) =
            match name with
            | "Cholesky" -> Linalg.Cholesky x
            | "Eigvalsh" -> Linalg.Eigvalsh x
            | _ -> Linalg.SymmetricFunction(Func<_, _>(fun (l: Tensor) -> log l), x)

        let x, v = point name Definite [ 3; 3 ], point (name + " v") (Between(-1.0, 1.0)) [ 3; 3 ]
        let along v = (let struct (_, d) = Derivatives.jvp f x v in d)
        demand name "the derivative along v and along its transpose" (along v) (along (TensorShaping.get_MT v)) 1e-14
        let struct (y, pull) = Derivatives.vjp f x
        let g = pull (Points.direction (random name) y)
        demand name "the gradient and its transpose" g (TensorShaping.get_MT g) 1e-14

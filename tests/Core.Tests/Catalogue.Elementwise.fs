/// Functions of one tensor or of two that broadcast, element by element.
module internal DiffLib.Core.Tests.ElementwiseLines

open System
open DiffLib
open DiffLib.Kernels

type private E = TensorElementwise
type private A = TensorActivations

let private all = Between(-2.0, 2.0)
let private positive = Between(0.3, 2.5)

let private operators: Line list =
    [ lineOf [ "op_Addition" ] "Add" [ all; all ] [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 3 ]; [ 2; 1 ] ]; [ []; [ 0; 2 ] ] ] (fun x -> x[0] + x[1])
      lineOf [ "op_Subtraction" ] "Subtract" [ all; all ] [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 3 ]; [ 2; 1 ] ]; [ []; [ 0; 2 ] ] ] (fun x -> x[0] - x[1])
      lineOf [ "op_Multiply" ] "Multiply" [ all; all ] [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 3 ]; [ 2; 1 ] ]; [ []; [ 0; 2 ] ] ] (fun x -> x[0] * x[1])
      lineOf [ "op_Division" ] "Divide" [ all; positive ] [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 3 ]; [ 2; 1 ] ]; [ []; [ 0; 2 ] ] ] (fun x -> x[0] / x[1])
      lineOf [ "op_Modulus" ] "Modulus" [ Between(3.1, 3.9); Between(1.1, 1.5) ] [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 3 ]; [ 2; 1 ] ] ] (fun x ->
          x[0] % x[1])
      lineOf [ "op_UnaryNegation" ] "Negate" [ all ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> -x[0])
      lineOf [ "op_UnaryPlus" ] "Plus" [ all ] [ [ [ 2; 3 ] ] ] (fun x -> +x[0])
      lineOf [ "op_Addition" ] "Add a number" [ all ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> 1.5 + (x[0] + 2.5) + 1)
      lineOf [ "op_Subtraction" ] "Subtract a number" [ all ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> x[0] - 2.5 - 1)
      lineOf [ "op_Subtraction" ] "Subtract from a number" [ all ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> 2.5 - x[0])
      lineOf [ "op_Multiply" ] "Multiply by a number" [ all ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> 2.5 * x[0] * 3)
      lineOf [ "op_Division" ] "Divide by a number" [ all ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> x[0] / 2.5 / 3)
      lineOf [ "op_Division" ] "Divide a number" [ positive ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> 2.5 / x[0])
      lineOf [ "op_Multiply" ] "Multiply by itself" [ all ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> x[0] * x[0])
      lineOf [ "op_Multiply" ] "Scale" [ all; all ] [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 3 ]; [ 2; 1 ] ] ] (fun x -> Tensor.Scale(x[0], x[1]))
      binary "Pow" positive all (fun a b -> Tensor.Pow(a, b))
      unary "Pow 2" (-2.0, 2.0) (fun x -> Tensor.Pow(x, 2.0))
      unary "Pow 3" (-2.0, 2.0) (fun x -> Tensor.Pow(x, 3))
      unary "Pow 1" (-2.0, 2.0) (fun x -> Tensor.Pow(x, 1.0))
      unary "Pow -1" (0.4, 2.0) (fun x -> Tensor.Pow(x, -1.0))
      unary "Pow 2.5" (0.4, 2.0) (fun x -> Tensor.Pow(x, 2.5))
      unary "Cast" (-2.0, 2.0) (fun x -> TensorConversion.Cast(TensorConversion.Cast(x, DType.Float64), x.DType) * x) ]

let private functions: Line list =
    [ unary "Abs" (0.3, 2.0) Tensor.Abs
      unary "Abs below 0" (-2.0, -0.3) Tensor.Abs
      unary "Exp" (-2.0, 2.0) Tensor.Exp
      unary "Log" (0.3, 3.0) Tensor.Log
      unary "Log10" (0.3, 3.0) Tensor.Log10
      unary "Sqrt" (0.3, 3.0) Tensor.Sqrt
      unary "Sin" (-3.0, 3.0) Tensor.Sin
      unary "Cos" (-3.0, 3.0) Tensor.Cos
      unary "Tan" (-1.2, 1.2) Tensor.Tan
      unary "Asin" (-0.8, 0.8) Tensor.Asin
      unary "Acos" (-0.8, 0.8) Tensor.Acos
      unary "Atan" (-3.0, 3.0) Tensor.Atan
      binary "Atan2" all positive (fun a b -> Tensor.Atan2(a, b))
      unary "Sinh" (-2.0, 2.0) Tensor.Sinh
      unary "Cosh" (-2.0, 2.0) Tensor.Cosh
      unary "Tanh" (-2.0, 2.0) Tensor.Tanh
      unary "Square" (-2.0, 2.0) E.Square
      unary "Reciprocal" (0.4, 2.0) E.Reciprocal
      unary "Rsqrt" (0.4, 2.0) E.Rsqrt
      unary "Cbrt" (0.4, 2.0) E.Cbrt
      unary "Cbrt below 0" (-2.0, -0.4) E.Cbrt
      unary "Exp2" (-2.0, 2.0) E.Exp2
      unary "Expm1" (-2.0, 2.0) E.Expm1
      unary "Log2" (0.3, 3.0) E.Log2
      unary "Log1p" (-0.6, 2.0) E.Log1p
      unary "Asinh" (-3.0, 3.0) E.Asinh
      unary "Acosh" (1.3, 3.0) E.Acosh
      unary "Atanh" (-0.8, 0.8) E.Atanh
      unary "Sinc" (-2.0, 2.0) E.Sinc
      unary "Sigmoid" (-3.0, 3.0) E.Sigmoid
      unary "Logit" (0.1, 0.9) E.Logit
      unary "Logit clamped" (0.1, 0.9) (fun x -> E.Logit(x, 0.01))
      unary "Erf" (-2.0, 2.0) E.Erf
      unary "Erfc" (-2.0, 2.0) E.Erfc
      unary "Erfcx" (-1.0, 2.0) E.Erfcx
      unary "ErfInv" (-0.8, 0.8) E.ErfInv
      unary "Ndtr" (-2.0, 2.0) E.Ndtr
      unary "Ndtri" (0.1, 0.9) E.Ndtri
      unary "LogNdtr" (-3.0, 2.0) E.LogNdtr
      unary "Lgamma" (0.5, 4.0) E.Lgamma
      unary "Digamma" (0.5, 4.0) E.Digamma
      unary "Polygamma 1" (0.5, 4.0) (fun x -> E.Polygamma(1, x))
      unary "Polygamma 2" (0.8, 4.0) (fun x -> E.Polygamma(2, x))
      unary "MultiLgamma" (2.0, 5.0) (fun x -> E.MultiLgamma(x, 3))
      lineOf [ "Igamma" ] "Igamma in x" [ Between(0.5, 4.0) ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> E.Igamma(Tensor.Weak 1.7, x[0]))
      lineOf [ "Igammac" ] "Igammac in x" [ Between(0.5, 4.0) ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x -> E.Igammac(Tensor.Weak 1.7, x[0]))
      // the second derivative in the shape has no formula; the mixed one has
      once (binary "Igamma" (Between(0.8, 3.0)) (Between(0.5, 4.0)) (fun a x -> E.Igamma(a, x)))
      once (binary "Igammac" (Between(0.8, 3.0)) (Between(0.5, 4.0)) (fun a x -> E.Igammac(a, x)))
      once (
          lineOf [] "The slope of Igamma in its shape" [ Between(0.5, 4.0) ] [ [ [ 2; 3 ] ]; [ [] ] ] (fun x ->
              let struct (_, slope) = Derivatives.jvp (fun a -> E.Igamma(a, x[0])) (Tensor.FullLike(x[0], 1.7)) (Forward.onesLike x[0])
              slope)
      )
      unary "I0" (-2.0, 2.0) E.I0
      unary "I0e" (0.3, 3.0) E.I0e
      unary "I1" (0.3, 3.0) E.I1
      unary "I1e" (0.3, 3.0) E.I1e
      unary "I0e below 0" (-3.0, -0.3) E.I0e
      unary "I1e below 0" (-3.0, -0.3) E.I1e
      unary "Entr" (0.3, 2.0) E.Entr
      unary "Clamp inside" (-1.0, 1.0) (fun x -> E.Clamp(x, Nullable -2.0, Nullable 2.0) * x)
      unary "Clamp outside" (2.5, 4.0) (fun x -> E.Clamp(x, Nullable -2.0, Nullable 2.0) * x)
      unary "Clamp below only" (2.5, 4.0) (fun x -> E.Clamp(x, Nullable -2.0, Nullable()) * x)
      line "Clamp by tensors" [ Distinct; Between(-0.05, 0.0); Between(0.28, 0.32) ] [ [ [ 2; 3 ]; [ 3 ]; [] ] ] (fun x -> E.Clamp(x[0], x[1], x[2]))
      unary "Frac" (1.1, 1.9) E.Frac
      unary "DegreesToRadians" (-2.0, 2.0) E.DegreesToRadians
      unary "RadiansToDegrees" (-2.0, 2.0) E.RadiansToDegrees
      unary "NanToNum" (-2.0, 2.0) (fun x -> E.NanToNum x)
      binary "Maximum, first" (Between(1.0, 2.0)) (Between(-1.0, 0.5)) (fun a b -> E.Maximum(a, b) * a)
      binary "Maximum, second" (Between(-1.0, 0.5)) (Between(1.0, 2.0)) (fun a b -> E.Maximum(a, b) * a)
      binary "Minimum, first" (Between(-1.0, 0.5)) (Between(1.0, 2.0)) (fun a b -> E.Minimum(a, b) * a)
      binary "Minimum, second" (Between(1.0, 2.0)) (Between(-1.0, 0.5)) (fun a b -> E.Minimum(a, b) * a)
      binary "MaximumNumber, first" (Between(1.0, 2.0)) (Between(-1.0, 0.5)) (fun a b -> E.MaximumNumber(a, b) * a)
      binary "MaximumNumber, second" (Between(-1.0, 0.5)) (Between(1.0, 2.0)) (fun a b -> E.MaximumNumber(a, b) * a)
      binary "MinimumNumber, first" (Between(-1.0, 0.5)) (Between(1.0, 2.0)) (fun a b -> E.MinimumNumber(a, b) * a)
      binary "MinimumNumber, second" (Between(1.0, 2.0)) (Between(-1.0, 0.5)) (fun a b -> E.MinimumNumber(a, b) * a)
      binary "Hypot" positive all (fun a b -> E.Hypot(a, b))
      binary "FMod" (Between(-3.9, -3.1)) (Between(1.1, 1.5)) (fun a b -> E.FMod(a, b))
      binary "Remainder" (Between(-3.9, -3.1)) (Between(1.1, 1.5)) (fun a b -> E.Remainder(a, b))
      binary "CopySign" (Between(0.3, 2.0)) (Between(-2.0, -0.3)) (fun a b -> E.CopySign(a, b))
      binary "CopySign of a negative number" (Between(-2.0, -0.3)) (Between(-2.0, -0.3)) (fun a b -> E.CopySign(a, b) * a)
      binary "LogAddExp" all all (fun a b -> E.LogAddExp(a, b))
      binary "LogAddExp2" all all (fun a b -> E.LogAddExp2(a, b))
      binary "Xlogy" all positive (fun a b -> E.Xlogy(a, b))
      binary "Xlog1py" all positive (fun a b -> E.Xlog1py(a, b))
      line "Ldexp" [ all ] [ [ [ 2; 3 ] ] ] (fun x -> E.Ldexp(x[0], ints [ 3 ] [ -1; 0; 3 ]))
      line "Lerp" [ all; all; Between(0.0, 1.0) ] [ [ [ 2; 3 ]; [ 3 ]; [] ]; [ [ 3 ]; [ 3 ]; [ 2; 3 ] ] ] (fun x -> E.Lerp(x[0], x[1], x[2]))
      line "Where" [ all; all ] [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 3 ]; [ 2; 1 ] ]; [ []; [] ] ] (fun x ->
          E.Where(mask [ 2; 3 ] [ 1; 0; 1; 0; 0; 1 ], x[0], x[1])) ]

let private activations: Line list =
    [ unary "Relu" (0.3, 2.0) (fun x -> A.Relu x * x)
      unary "Relu below 0" (-2.0, -0.3) (fun x -> A.Relu x * x)
      unary "Relu6" (0.3, 2.0) (fun x -> A.Relu6 x * x)
      unary "Relu6 above 6" (6.3, 8.0) (fun x -> A.Relu6 x * x)
      unary "LeakyRelu" (0.3, 2.0) (fun x -> A.LeakyRelu(x, 0.1) * x)
      unary "LeakyRelu below 0" (-2.0, -0.3) (fun x -> A.LeakyRelu(x, 0.1) * x)
      line "PRelu" [ Distinct; Between(0.1, 0.5) ] [ [ [ 2; 3 ]; [ 3 ] ]; [ [ 2; 3 ]; [] ] ] (fun x -> A.PRelu(x[0], x[1]))
      unary "Elu" (0.3, 2.0) (fun x -> A.Elu(x, 1.3) * x)
      unary "Elu below 0" (-2.0, -0.3) (fun x -> A.Elu(x, 1.3))
      unary "Selu" (0.3, 2.0) (fun x -> A.Selu x * x)
      unary "Selu below 0" (-2.0, -0.3) A.Selu
      unary "Celu" (0.3, 2.0) (fun x -> A.Celu(x, 1.3) * x)
      unary "Celu below 0" (-2.0, -0.3) (fun x -> A.Celu(x, 1.3))
      unary "Gelu" (-2.0, 2.0) A.Gelu
      unary "GeluTanh" (-2.0, 2.0) A.GeluTanh
      unary "Silu" (-2.0, 2.0) A.Silu
      unary "Mish" (-2.0, 2.0) A.Mish
      unary "Softplus" (-2.0, 2.0) (fun x -> A.Softplus x)
      unary "Softplus, sharp" (-2.0, 2.0) (fun x -> A.Softplus(x, 2.0))
      unary "Softplus, above its threshold" (1.0, 2.0) (fun x -> A.Softplus(x, 2.0, 1.0) * x)
      unary "Softsign" (0.3, 0.8) A.Softsign
      unary "Softsign further out" (-3.0, -1.2) A.Softsign
      unary "Softshrink" (0.8, 2.0) (fun x -> A.Softshrink x * x)
      unary "Softshrink near 0" (-0.4, 0.4) (fun x -> A.Softshrink x * x)
      unary "Hardshrink" (0.8, 2.0) (fun x -> A.Hardshrink x * x)
      unary "Hardshrink near 0" (-0.4, 0.4) (fun x -> A.Hardshrink x * x)
      unary "HardSigmoid" (-2.5, 2.5) (fun x -> A.HardSigmoid x * x)
      unary "HardSigmoid beyond" (3.2, 4.0) (fun x -> A.HardSigmoid x * x)
      unary "HardSwish" (-2.5, 2.5) A.HardSwish
      unary "HardSwish beyond" (3.2, 4.0) (fun x -> A.HardSwish x * x)
      unary "HardTanh" (-0.8, 0.8) (fun x -> A.HardTanh x * x)
      unary "HardTanh beyond" (1.2, 2.0) (fun x -> A.HardTanh x * x)
      unary "LogSigmoid" (-2.0, 2.0) A.LogSigmoid
      unary "Tanhshrink" (-2.0, 2.0) A.Tanhshrink
      unary "Threshold" (0.8, 2.0) (fun x -> A.Threshold(x, 0.5, 3.0) * x)
      unary "Threshold below" (-2.0, 0.3) (fun x -> A.Threshold(x, 0.5, 3.0) * x) ]

let lines: Line list = operators @ functions @ activations

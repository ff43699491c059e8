namespace DiffLib.FSharp

open System
open DiffLib
open DiffLib.Kernels

/// Functions of each element.
[<AutoOpen>]
module ElementwiseFunctions =
    /// Makes a number stand beside tensors without changing their element type.
    let inline operand (x: ^t) : Tensor = ((^t or OperandOf): (static member Weak: ^t -> Tensor) x)

    /// x².
    let square (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Square, x)
    /// 1/x.
    let reciprocal (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Reciprocal, x)
    /// 1/√x.
    let rsqrt (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Rsqrt, x)
    /// The cube root.
    let cbrt (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Cbrt, x)
    /// 2ˣ.
    let exp2 (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Exp2, x)
    /// eˣ - 1, accurate near 0.
    let expm1 (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Expm1, x)
    /// log₂ x.
    let log2 (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Log2, x)
    /// ln(1 + x), accurate near 0.
    let log1p (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Log1p, x)
    /// arsinh x.
    let asinh (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Asinh, x)
    /// arcosh x.
    let acosh (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Acosh, x)
    /// artanh x.
    let atanh (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Atanh, x)
    /// sin(πx)/(πx), 1 at 0.
    let sinc (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Sinc, x)
    /// 1/(1 + e⁻ˣ), without overflow.
    let sigmoid (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Sigmoid, x)
    /// The error function.
    let erf (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Erf, x)
    /// 1 - erf x, accurate for large x.
    let erfc (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Erfc, x)
    /// exp(x²) erfc x.
    let erfcx (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Erfcx, x)
    /// The inverse of erf, on (-1, 1).
    let erfInv (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.ErfInv, x)
    /// The standard normal distribution function.
    let ndtr (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Ndtr, x)
    /// The standard normal quantile.
    let ndtri (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Ndtri, x)
    /// ln of the standard normal distribution function, accurate in the tail.
    let logNdtr (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.LogNdtr, x)
    /// ln |Γ(x)|.
    let lgamma (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Lgamma, x)
    /// The derivative of ln Γ.
    let digamma (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Digamma, x)
    /// -x ln x, 0 at 0, -∞ below.
    let entr (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Entr, x)
    /// The modified Bessel function of order 0.
    let besselI0 (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.I0, x)
    /// The modified Bessel function of order 1.
    let besselI1 (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.I1, x)
    /// max(x, 0); slope 0 at 0.
    let relu (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Relu, x)

    /// The n-th derivative of digamma.
    let polygamma (n: int) (x: Tensor) : Tensor = Pointwise.Polygamma(n, x)

    /// The inverse of sigmoid: ln(x/(1 - x)).
    let logit (x: Tensor) : Tensor = Pointwise.Logit x

    /// The larger of a and x, element by element; NaN wins, a tie shares the derivative.
    let inline maximum (a: ^t) (x: Tensor) : Tensor = OperandOf.Maximum(operand a, x)

    /// The smaller of a and x, element by element; NaN wins, a tie shares the derivative.
    let inline minimum (a: ^t) (x: Tensor) : Tensor = OperandOf.Minimum(operand a, x)

    /// x kept between two numbers; at a bound the derivative passes.
    let clamp (low: float) (high: float) (x: Tensor) : Tensor = Pointwise.Clamp(x, Nullable low, Nullable high)

    /// a where the condition holds, b elsewhere. The branch not taken gets the derivative 0, whatever its slope.
    let inline where (condition: Tensor) (a: ^a) (b: ^b) : Tensor = OperandOf.Where(condition, operand a, operand b)

    /// √(a² + b²), without overflow; slope 0 at the origin.
    let hypot (a: Tensor) (b: Tensor) : Tensor = Tensor.Binary(BinaryOp.Hypot, a, b)

    /// ln(eᵃ + eᵇ), without overflow.
    let logAddExp (a: Tensor) (b: Tensor) : Tensor = Tensor.Binary(BinaryOp.LogAddExp, a, b)

    /// a ln b, 0 where a is 0.
    let xlogy (a: Tensor) (b: Tensor) : Tensor = Tensor.Binary(BinaryOp.Xlogy, a, b)

    /// The lower regularised incomplete gamma function P(a, x).
    let igamma (a: Tensor) (x: Tensor) : Tensor = Tensor.Binary(BinaryOp.Igamma, a, x)

    /// The upper regularised incomplete gamma function Q(a, x) = 1 - P(a, x).
    let igammac (a: Tensor) (x: Tensor) : Tensor = Tensor.Binary(BinaryOp.Igammac, a, x)

    /// a + t (b - a).
    let lerp (a: Tensor) (b: Tensor) (t: Tensor) : Tensor = Pointwise.Lerp(a, b, t)

    /// x where positive, slope·x elsewhere.
    let leakyRelu (slope: float) (x: Tensor) : Tensor = Activations.LeakyRelu(x, slope)

    /// x where positive, alpha (eˣ - 1) elsewhere.
    let elu (alpha: float) (x: Tensor) : Tensor = Activations.Elu(x, alpha)

    /// The scaled exponential linear unit.
    let selu (x: Tensor) : Tensor = Activations.Selu x

    /// x Φ(x), with the standard normal distribution function Φ.
    let gelu (x: Tensor) : Tensor = Activations.Gelu x

    /// x sigmoid(x), also called swish.
    let silu (x: Tensor) : Tensor = Activations.Silu x

    /// x tanh(softplus x).
    let mish (x: Tensor) : Tensor = Activations.Mish x

    /// ln(1 + eˣ), without overflow.
    let softplus (x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Softplus, x)

    /// x/(1 + |x|).
    let softsign (x: Tensor) : Tensor = Activations.Softsign x

    /// ln sigmoid(x), without overflow.
    let logSigmoid (x: Tensor) : Tensor = Activations.LogSigmoid x

    /// Whether each element is NaN.
    let isNaN (x: Tensor) : Tensor = Logic.IsNaN x

    /// Whether each element is neither infinite nor NaN.
    let isFinite (x: Tensor) : Tensor = Logic.IsFinite x

    /// a &gt; b, element by element.
    let inline (.>) (a: Tensor) (b: ^t) : Tensor = OperandOf.Greater(a, operand b)

    /// a ≥ b, element by element.
    let inline (.>=) (a: Tensor) (b: ^t) : Tensor = OperandOf.GreaterOrEqual(a, operand b)

    /// a &lt; b, element by element.
    let inline (.<) (a: Tensor) (b: ^t) : Tensor = OperandOf.Less(a, operand b)

    /// a ≤ b, element by element.
    let inline (.<=) (a: Tensor) (b: ^t) : Tensor = OperandOf.LessOrEqual(a, operand b)

    /// a = b, element by element.
    let inline (.=) (a: Tensor) (b: ^t) : Tensor = OperandOf.Equal(a, operand b)

    /// a ≠ b, element by element.
    let inline (.<>) (a: Tensor) (b: ^t) : Tensor = OperandOf.NotEqual(a, operand b)

    /// Both, of truth values.
    let logicalAnd (a: Tensor) (b: Tensor) : Tensor = Logic.And(a, b)

    /// Either, of truth values.
    let logicalOr (a: Tensor) (b: Tensor) : Tensor = Logic.Or(a, b)

    /// The opposite, of truth values.
    let logicalNot (x: Tensor) : Tensor = Logic.Not x

    /// Whether all elements agree within |a - b| ≤ absolute + relative |b|; shapes broadcast.
    let allClose (relative: float) (absolute: float) (a: Tensor) (b: Tensor) : bool = Logic.All(Logic.IsClose(a, b, relative, absolute, false))

/// Many numbers into fewer. Negative axes count from the end.
[<AutoOpen>]
module ReductionFunctions =
    /// The sum over all elements.
    let sum (x: Tensor) : Tensor = Reducing.Sum(x, null, false)

    /// The sum along one axis, which is dropped.
    let sumAxis (axis: int) (x: Tensor) : Tensor = Reducing.Sum(x, [| axis |], false)

    /// The sum along axes, which are dropped.
    let sumAxes (axes: int list) (x: Tensor) : Tensor = Reducing.Sum(x, (List.toArray axes), false)

    /// The sum along axes, which are kept with size 1.
    let sumKeep (axes: int list) (x: Tensor) : Tensor = Reducing.Sum(x, (List.toArray axes), true)

    /// The mean over all elements.
    let mean (x: Tensor) : Tensor = Reducing.Mean(x, null, false)

    /// The mean along one axis, which is dropped.
    let meanAxis (axis: int) (x: Tensor) : Tensor = Reducing.Mean(x, [| axis |], false)

    /// The mean along axes, which are dropped.
    let meanAxes (axes: int list) (x: Tensor) : Tensor = Reducing.Mean(x, (List.toArray axes), false)

    /// The mean along axes, which are kept with size 1.
    let meanKeep (axes: int list) (x: Tensor) : Tensor = Reducing.Mean(x, (List.toArray axes), true)

    /// The product over all elements.
    let prod (x: Tensor) : Tensor = Reducing.Product(x, null, false)

    /// The product along one axis, which is dropped.
    let prodAxis (axis: int) (x: Tensor) : Tensor = Reducing.Product(x, [| axis |], false)

    /// The product along axes, which are dropped.
    let prodAxes (axes: int list) (x: Tensor) : Tensor = Reducing.Product(x, (List.toArray axes), false)

    /// The product along axes, which are kept with size 1.
    let prodKeep (axes: int list) (x: Tensor) : Tensor = Reducing.Product(x, (List.toArray axes), true)

    /// The largest element over all elements. Equal largest elements share the derivative.
    let amax (x: Tensor) : Tensor = Reducing.Max(x, null, false)

    /// The largest element along one axis, which is dropped.
    let amaxAxis (axis: int) (x: Tensor) : Tensor = Reducing.Max(x, [| axis |], false)

    /// The largest element along axes, which are dropped.
    let amaxAxes (axes: int list) (x: Tensor) : Tensor = Reducing.Max(x, (List.toArray axes), false)

    /// The largest element along axes, which are kept with size 1.
    let amaxKeep (axes: int list) (x: Tensor) : Tensor = Reducing.Max(x, (List.toArray axes), true)

    /// The smallest element over all elements. Equal smallest elements share the derivative.
    let amin (x: Tensor) : Tensor = Reducing.Min(x, null, false)

    /// The smallest element along one axis, which is dropped.
    let aminAxis (axis: int) (x: Tensor) : Tensor = Reducing.Min(x, [| axis |], false)

    /// The smallest element along axes, which are dropped.
    let aminAxes (axes: int list) (x: Tensor) : Tensor = Reducing.Min(x, (List.toArray axes), false)

    /// The smallest element along axes, which are kept with size 1.
    let aminKeep (axes: int list) (x: Tensor) : Tensor = Reducing.Min(x, (List.toArray axes), true)

    /// ln Σ exp x, without overflow, over all elements.
    let logSumExp (x: Tensor) : Tensor = Reducing.LogSumExp(x, null, false)

    /// ln Σ exp x, without overflow, along one axis, which is dropped.
    let logSumExpAxis (axis: int) (x: Tensor) : Tensor = Reducing.LogSumExp(x, [| axis |], false)

    /// ln Σ exp x, without overflow, along axes, which are dropped.
    let logSumExpAxes (axes: int list) (x: Tensor) : Tensor = Reducing.LogSumExp(x, (List.toArray axes), false)

    /// ln Σ exp x, without overflow, along axes, which are kept with size 1.
    let logSumExpKeep (axes: int list) (x: Tensor) : Tensor = Reducing.LogSumExp(x, (List.toArray axes), true)

    /// The mean squared deviation from the mean over all elements.
    let variance (x: Tensor) : Tensor = Statistics.Variance(x, null, 0.0, false)

    /// The mean squared deviation from the mean along one axis, which is dropped.
    let varianceAxis (axis: int) (x: Tensor) : Tensor = Statistics.Variance(x, [| axis |], 0.0, false)

    /// The mean squared deviation from the mean along axes, which are dropped.
    let varianceAxes (axes: int list) (x: Tensor) : Tensor = Statistics.Variance(x, (List.toArray axes), 0.0, false)

    /// The mean squared deviation from the mean along axes, which are kept with size 1.
    let varianceKeep (axes: int list) (x: Tensor) : Tensor = Statistics.Variance(x, (List.toArray axes), 0.0, true)

    /// The square root of the variance over all elements.
    let std (x: Tensor) : Tensor = Statistics.Deviation(x, null, 0.0, false)

    /// The square root of the variance along one axis, which is dropped.
    let stdAxis (axis: int) (x: Tensor) : Tensor = Statistics.Deviation(x, [| axis |], 0.0, false)

    /// The square root of the variance along axes, which are dropped.
    let stdAxes (axes: int list) (x: Tensor) : Tensor = Statistics.Deviation(x, (List.toArray axes), 0.0, false)

    /// The square root of the variance along axes, which are kept with size 1.
    let stdKeep (axes: int list) (x: Tensor) : Tensor = Statistics.Deviation(x, (List.toArray axes), 0.0, true)

    /// Whether all elements are true (not 0) over all elements.
    let all (x: Tensor) : Tensor = Reducing.All(x, null, false)

    /// Whether all elements are true (not 0) along one axis, which is dropped.
    let allAxis (axis: int) (x: Tensor) : Tensor = Reducing.All(x, [| axis |], false)

    /// Whether all elements are true (not 0) along axes, which are dropped.
    let allAxes (axes: int list) (x: Tensor) : Tensor = Reducing.All(x, (List.toArray axes), false)

    /// Whether all elements are true (not 0) along axes, which are kept with size 1.
    let allKeep (axes: int list) (x: Tensor) : Tensor = Reducing.All(x, (List.toArray axes), true)

    /// Whether some element is true (not 0) over all elements.
    let any (x: Tensor) : Tensor = Reducing.Any(x, null, false)

    /// Whether some element is true (not 0) along one axis, which is dropped.
    let anyAxis (axis: int) (x: Tensor) : Tensor = Reducing.Any(x, [| axis |], false)

    /// Whether some element is true (not 0) along axes, which are dropped.
    let anyAxes (axes: int list) (x: Tensor) : Tensor = Reducing.Any(x, (List.toArray axes), false)

    /// Whether some element is true (not 0) along axes, which are kept with size 1.
    let anyKeep (axes: int list) (x: Tensor) : Tensor = Reducing.Any(x, (List.toArray axes), true)

    /// The Euclidean norm over all elements. Its derivative at 0 is 0.
    let norm (x: Tensor) : Tensor = Norms.Norm(x, 2.0, null, false)

    /// The Euclidean norm along one axis, which is dropped.
    let normAxis (axis: int) (x: Tensor) : Tensor = Norms.Norm(x, 2.0, [| axis |], false)

    /// The Euclidean norm along axes, which are dropped.
    let normAxes (axes: int list) (x: Tensor) : Tensor = Norms.Norm(x, 2.0, (List.toArray axes), false)

    /// The Euclidean norm along axes, which are kept with size 1.
    let normKeep (axes: int list) (x: Tensor) : Tensor = Norms.Norm(x, 2.0, (List.toArray axes), true)

    /// The p-norm over all elements; infinity gives the largest magnitude.
    let normOrder (p: float) (x: Tensor) : Tensor = Norms.Norm(x, p, null, false)

    /// The place of the largest element along an axis, the first one at ties.
    let argMax (axis: int) (x: Tensor) : Tensor = Reducing.ArgExtremum(true, x, axis, false)

    /// The place of the smallest element along an axis, the first one at ties.
    let argMin (axis: int) (x: Tensor) : Tensor = Reducing.ArgExtremum(false, x, axis, false)

    /// exp x / Σ exp x along an axis.
    let softmax (axis: int) (x: Tensor) : Tensor = Reducing.Softmax(x, axis)

    /// ln softmax along an axis, accurate where softmax underflows.
    let logSoftmax (axis: int) (x: Tensor) : Tensor = Reducing.LogSoftmax(x, axis)

    /// The median over all elements, the lower one of two.
    let median (x: Tensor) : Tensor = Statistics.Median(x, null, false, false)

    /// The quantile of level q in [0, 1] over all elements, linear between neighbours.
    let quantile (q: float) (x: Tensor) : Tensor = Statistics.Quantile(x, Tensor.Weak q, null, false, Interpolation.Linear, false)

    /// Covariances between the rows of a matrix, divided by the number of columns less one.
    let covariance (x: Tensor) : Tensor = Statistics.Covariance(x, 1.0, null, null)

    /// Correlations between the rows of a matrix.
    let correlation (x: Tensor) : Tensor = Statistics.Correlation x

    /// Running sums along an axis.
    let cumSum (axis: int) (x: Tensor) : Tensor = Cumulative.Sum(x, axis, false)

    /// Running products along an axis.
    let cumProd (axis: int) (x: Tensor) : Tensor = Cumulative.Product(x, axis)

    /// Differences of neighbours along an axis, which gets shorter by one.
    let diff (axis: int) (x: Tensor) : Tensor = Cumulative.Difference(x, 1, axis, null, null)

    /// The integral by the trapezoidal rule along the last axis, for points a step apart.
    let trapezoid (step: float) (y: Tensor) : Tensor = Cumulative.Trapezoid(y, step, -1)

    /// In ascending order along an axis.
    let sortAxis (axis: int) (x: Tensor) : Tensor =
        let struct (values, _) = Sorting.Sort(x, axis, false)
        values

    /// The places that put an axis into ascending order.
    let argSort (axis: int) (x: Tensor) : Tensor = Sorting.ArgSort(x, axis, false)

    /// The k largest elements along an axis, largest first, and their places.
    let topK (k: int) (axis: int) (x: Tensor) : Tensor * Tensor =
        let struct (values, places) = Sorting.TopK(x, k, axis, true)
        values, places

namespace DiffLib

open System
open DiffLib.Kernels

/// Activation functions: the nonlinearities between the layers of a network. All are elementwise; integers become float64.
/// At ±∞ they take their limits, and so do their slopes.
[<AbstractClass; Sealed>]
type internal Activations =
    static member private Apply(rule: FormulaRule, x: Tensor) : Tensor = Tensor.Apply(rule, Tensor.Fractional x)

    /// 1 where the mask holds, else 0, in the element type of x.
    static member private Mask(mask: Tensor, x: Tensor) : Tensor = Tensor.Cast(mask, x.DType)

    // ---- piecewise linear. At the kinks the slope is that of the flatter side.

    /// low below, high above, x in between.
    static member HardTanh(x: Tensor, low: double, high: double) : Tensor =
        let value (x: Tensor) = Pointwise.Clamp(x, Nullable low, Nullable high)
        let slope (x: Tensor) (_: Tensor) = Activations.Mask(Logic.And(Logic.Greater(x, low), Logic.Less(x, high)), x)
        Activations.Apply(FormulaRule("hard_tanh", value, slope), x)

    /// min(max(x, 0), 6).
    static member Relu6(x: Tensor) : Tensor = Activations.HardTanh(x, 0.0, 6.0)

    /// x above 0, otherwise x times the slope given.
    static member LeakyRelu(x: Tensor, negativeSlope: double) : Tensor =
        let value (x: Tensor) = Tensor.Select(Logic.Greater(x, 0.0), x, negativeSlope * x)
        let slope (x: Tensor) (_: Tensor) = Tensor.Select(Logic.Greater(x, 0.0), Tensor.FullLike(x, 1.0), Tensor.FullLike(x, negativeSlope))
        Activations.Apply(FormulaRule("leaky_relu", value, slope), x)

    /// x above 0, otherwise x times its weight, one for all or one for each position of axis 1.
    static member PRelu(x: Tensor, weight: Tensor) : Tensor =
        let x = Tensor.Fractional x

        let weight =
            if weight.Count = 1 then
                Tensor.ReshapeTo(weight, Shape.Scalar)
            elif weight.Rank = 1 && x.Rank >= 2 && x.Shape[1] = weight.Count then
                Tensor.ReshapeTo(weight, Shape(Array.init (x.Rank - 1) (fun d -> if d = 0 then weight.Count else 1)))
            else
                invalidArg
                    "weight"
                    $"prelu: the weight has shape {weight.Shape} and x {x.Shape}: give one weight, or one for each position of axis 1 of x."

        Tensor.Select(Logic.Greater(x, 0.0), x, weight * x)

    /// x above the threshold, otherwise the value.
    static member Threshold(x: Tensor, threshold: double, value: double) : Tensor =
        Tensor.Select(Logic.LessOrEqual(x, threshold), Logic.Number value, x)

    /// x moved towards 0 by λ, and 0 within λ of it.
    static member Softshrink(x: Tensor, lambda: double) : Tensor =
        Activations.DemandNotNegative lambda
        let value (x: Tensor) = x - Pointwise.Clamp(x, Nullable -lambda, Nullable lambda)

        let limit (x: Tensor) = Tensor.Select(Logic.IsInfinity x, x, value x)

        let slope (x: Tensor) (_: Tensor) = Activations.Mask(Logic.Greater(Tensor.Abs x, lambda), x)
        Activations.Apply(FormulaRule("softshrink", limit, slope), x)

    /// x, but 0 within λ of 0.
    static member Hardshrink(x: Tensor, lambda: double) : Tensor =
        Activations.DemandNotNegative lambda
        let x = Tensor.Fractional x
        Tensor.Select(Logic.LessOrEqual(Tensor.Abs x, lambda), Logic.Number 0.0, x)

    static member private DemandNotNegative(lambda: double) =
        if not (lambda >= 0.0) then raise (ArgumentOutOfRangeException("lambda", lambda, "the width is 0 or more."))

    static member private Inside3(x: Tensor) : Tensor = Logic.And(Logic.Greater(x, -3.0), Logic.Less(x, 3.0))

    static member val private HardSigmoidRule =
        let value (x: Tensor) = Pointwise.Clamp((x + 3.0) / 6.0, Nullable 0.0, Nullable 1.0)
        FormulaRule("hard_sigmoid", value, (fun x _ -> Activations.Mask(Activations.Inside3 x, x) / 6.0))

    /// x/6 + 1/2 between 0 and 1.
    static member HardSigmoid(x: Tensor) : Tensor = Activations.Apply(Activations.HardSigmoidRule, x)

    static member val private HardSwishRule =
        let value (x: Tensor) = Tensor.Scale(x, Activations.HardSigmoid x)

        let slope (x: Tensor) (_: Tensor) =
            let beyond = Activations.Mask(Logic.Not(Logic.LessOrEqual(x, -3.0)), x)
            Tensor.Select(Activations.Inside3 x, x / 3.0 + 0.5, beyond)

        FormulaRule("hard_swish", value, slope)

    /// x times the hard sigmoid.
    static member HardSwish(x: Tensor) : Tensor = Activations.Apply(Activations.HardSwishRule, x)

    // ---- exponential below 0

    /// scale·x above 0, otherwise scale·α (e^(x/width) - 1): elu, selu and celu in one.
    static member private Exponential(name: string, x: Tensor, scale: double, alpha: double, width: double) : Tensor =
        let left (x: Tensor) = Logic.LessOrEqual(x, 0.0)
        let power (x: Tensor) = Tensor.Select(left x, x / width, Logic.Number 0.0)

        let value (x: Tensor) = Tensor.Select(left x, (scale * alpha) * Tensor.Unary(UnaryOp.Expm1, power x), scale * x)

        let slope (x: Tensor) (_: Tensor) = Tensor.Select(left x, (scale * alpha / width) * Tensor.Exp(power x), Logic.Number scale)

        Activations.Apply(FormulaRule(name, value, slope), x)

    /// x above 0, otherwise α (eˣ - 1) (Clevert, Unterthiner & Hochreiter 2016).
    static member Elu(x: Tensor, alpha: double) : Tensor = Activations.Exponential("elu", x, 1.0, alpha, 1.0)

    /// The self-normalising scaling of elu (Klambauer et al. 2017).
    static member Selu(x: Tensor) : Tensor = Activations.Exponential("selu", x, 1.0507009873554805, 1.6732632423543772, 1.0)

    /// Elu with a slope continuous at 0 for every α (Barron 2017).
    static member Celu(x: Tensor, alpha: double) : Tensor =
        if alpha = 0.0 || Double.IsNaN alpha then
            raise (ArgumentOutOfRangeException("alpha", alpha, "celu divides by α: give a number other than 0."))

        Activations.Exponential("celu", x, 1.0, alpha, alpha)

    // ---- smooth

    /// ln(1 + e^(βx))/β; x itself where βx is above the threshold.
    static member Softplus(x: Tensor, beta: double, threshold: double) : Tensor =
        if not (beta > 0.0) then raise (ArgumentOutOfRangeException("beta", beta, "the sharpness is positive."))

        let smooth (x: Tensor) = if beta = 1.0 then Tensor.Unary(UnaryOp.Softplus, x) else Tensor.Unary(UnaryOp.Softplus, beta * x) / beta

        if threshold = Double.PositiveInfinity then
            smooth x
        else
            let x = Tensor.Fractional x
            Tensor.Select(Logic.Greater(beta * x, threshold), x, smooth x)

    /// ln σ(x) = -softplus(-x).
    static member LogSigmoid(x: Tensor) : Tensor = -(Tensor.Unary(UnaryOp.Softplus, -(Tensor.Fractional x)))

    static member val private SoftsignRule =
        let value (x: Tensor) =
            let size = Tensor.Abs x
            // 1/(1 + 1/|x|) far out, where ∞/∞ would come
            let far = Tensor.Binary(BinaryOp.CopySign, 1.0 / (1.0 + 1.0 / size), x)
            Tensor.Select(Logic.Greater(size, 1.0), far, x / (1.0 + size))

        FormulaRule("softsign", value, (fun x _ -> let near = 1.0 / (1.0 + Tensor.Abs x) in near * near))

    /// x/(1 + |x|).
    static member Softsign(x: Tensor) : Tensor = Activations.Apply(Activations.SoftsignRule, x)

    static member val private SiluRule =
        let sigmoid (x: Tensor) = Tensor.Unary(UnaryOp.Sigmoid, x)
        FormulaRule("silu", (fun x -> Tensor.Scale(x, sigmoid x)), (fun x _ -> sigmoid x + Tensor.Scale(x, Tensor.Unary(UnaryOp.SigmoidSlope, x))))

    /// x σ(x), also known as swish.
    static member Silu(x: Tensor) : Tensor = Activations.Apply(Activations.SiluRule, x)

    static member val private MishRule =
        let gate (x: Tensor) = Tensor.Tanh(Tensor.Unary(UnaryOp.Softplus, x))

        let slope (x: Tensor) (_: Tensor) =
            let gateSlope = Tensor.Unary(UnaryOp.Sech2, Tensor.Unary(UnaryOp.Softplus, x)) * Tensor.Unary(UnaryOp.Sigmoid, x)
            gate x + Tensor.Scale(x, gateSlope)

        FormulaRule("mish", (fun x -> Tensor.Scale(x, gate x)), slope)

    /// x tanh(softplus x) (Misra 2020).
    static member Mish(x: Tensor) : Tensor = Activations.Apply(Activations.MishRule, x)

    static member val private GeluRule =
        let density (x: Tensor) = (1.0 / Math.Sqrt(2.0 * Math.PI)) * Tensor.Exp(-0.5 * (x * x))
        let gate (x: Tensor) = Tensor.Unary(UnaryOp.Ndtr, x)
        FormulaRule("gelu", (fun x -> Tensor.Scale(x, gate x)), (fun x _ -> gate x + Tensor.Scale(x, density x)))

    /// x Φ(x) (Hendrycks & Gimpel 2016).
    static member Gelu(x: Tensor) : Tensor = Activations.Apply(Activations.GeluRule, x)

    static member val private GeluTanhRule =
        // (1 + tanh u)/2 = σ(2u), which keeps the left tail
        let twice = 2.0 * Math.Sqrt(2.0 / Math.PI)
        let cubic = 0.044715
        let u (x: Tensor) = twice * (x * (1.0 + cubic * (x * x)))
        let du (x: Tensor) = twice * (1.0 + (3.0 * cubic) * (x * x))

        let slope (x: Tensor) (_: Tensor) = Tensor.Unary(UnaryOp.Sigmoid, u x) + Tensor.Scale(Tensor.Unary(UnaryOp.SigmoidSlope, u x), x * du x)

        FormulaRule("gelu_tanh", (fun x -> Tensor.Scale(x, Tensor.Unary(UnaryOp.Sigmoid, u x))), slope)

    /// The approximation of gelu by a hyperbolic tangent: x (1 + tanh(√(2/π) (x + 0.044715 x³)))/2.
    static member GeluTanh(x: Tensor) : Tensor = Activations.Apply(Activations.GeluTanhRule, x)

    static member val private TanhshrinkRule = FormulaRule("tanhshrink", (fun x -> x - Tensor.Tanh x), (fun x _ -> let t = Tensor.Tanh x in t * t))

    /// x - tanh x.
    static member Tanhshrink(x: Tensor) : Tensor = Activations.Apply(Activations.TanhshrinkRule, x)

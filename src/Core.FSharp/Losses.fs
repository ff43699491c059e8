namespace DiffLib

open System
open DiffLib.Kernels

/// What becomes of the losses of the elements.
type LossReduction =
    /// Their mean. Where classes or elements have weights, the weighted mean that each loss documents.
    | Mean = 0
    /// Their sum.
    | Sum = 1
    /// Nothing: every element keeps its own.
    | None = 2
    /// Their sum, divided by the size of the first axis.
    | BatchMean = 3

/// Integers as int64 class numbers; those that are neither a class nor the one ignored are an error.
[<Sealed>]
type internal ClassesRule(classes: int, ignored: Nullable<int>) =
    inherit UnaryRule("classes")
    override _.Attributes =
        ValueSome(
            Array.append [| "classes", Attribute.Int classes |] (if ignored.HasValue then [| "ignored", Attribute.Int ignored.Value |] else [||])
        )
    override _.Infer x = Spec.Of(DType.Int64, x.Shape)
    override this.Batch x = Tensor.Apply(this, x)
    override _.Differentiable = false

    override _.Value x =
        let numbers = (x.Cast DType.Int64).Contiguous()

        for c in numbers.Span<int64>() do
            if (c < 0L || c >= int64 classes) && not (ignored.HasValue && int64 ignored.Value = c) then
                raise (
                    ArgumentOutOfRangeException(
                        "target",
                        c,
                        $"class {c} does not exist: there are {classes}, counted from 0. Name it in ignoreIndex if it is to be left out."
                    )
                )

        numbers

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// Losses: how far predictions are from targets, as numbers to be minimised.
[<AbstractClass; Sealed>]
type internal Losses =
    static member private Total(x: Tensor) : Tensor = Reducing.Sum(x, null, false)

    static member private Reduced(losses: Tensor, reduction: LossReduction) : Tensor =
        match reduction with
        | LossReduction.Mean -> Reducing.Mean(losses, null, false)
        | LossReduction.Sum -> Losses.Total losses
        | LossReduction.None -> losses
        | LossReduction.BatchMean -> Losses.Total losses / double (if losses.Rank = 0 then 1 else losses.Shape[0])
        | _ -> raise (ArgumentOutOfRangeException("reduction", reduction, "there is no such reduction."))

    /// Equal shapes: broadcasting [n] against [n, 1] would compare everything with everything, without a word.
    static member private Demand(loss: string, prediction: Tensor, target: Tensor) =
        if not (prediction.Shape.Equals target.Shape) then
            invalidArg
                "target"
                $"{loss}: the prediction has shape {prediction.Shape}, but the target {target.Shape}. Reshape one to the other's shape."

    // ---- regression

    /// (x - t)².
    static member Squared(x: Tensor, t: Tensor, reduction: LossReduction) : Tensor =
        Losses.Demand("squared error", x, t)
        Losses.Reduced(Tensor.Unary(UnaryOp.Square, Tensor.Fractional(x - t)), reduction)

    /// |x - t|.
    static member Absolute(x: Tensor, t: Tensor, reduction: LossReduction) : Tensor =
        Losses.Demand("absolute error", x, t)
        Losses.Reduced(Tensor.Abs(Tensor.Fractional(x - t)), reduction)

    /// d²/2 up to |d| = δ, then δ(|d| - δ/2): with q = d kept within δ, both are q (d - q/2), and q is the slope.
    static member private HuberOf(d: Tensor, delta: double) : Tensor =
        let q = Pointwise.Clamp(d, Nullable -delta, Nullable delta)
        Tensor.Scale(q, d - 0.5 * q)

    static member Huber(x: Tensor, t: Tensor, delta: double, reduction: LossReduction) : Tensor =
        Losses.Demand("huber", x, t)

        if not (delta > 0.0) then raise (ArgumentOutOfRangeException("delta", delta, "the width of the parabola is positive."))

        Losses.Reduced(Losses.HuberOf(Tensor.Fractional(x - t), delta), reduction)

    /// Huber's loss divided by its width; |d| for width 0.
    static member SmoothAbsolute(x: Tensor, t: Tensor, beta: double, reduction: LossReduction) : Tensor =
        if not (beta >= 0.0) then raise (ArgumentOutOfRangeException("beta", beta, "the width of the parabola is 0 or more."))

        if beta = 0.0 then
            Losses.Absolute(x, t, reduction)
        else
            Losses.Demand("smooth absolute error", x, t)
            Losses.Reduced(Losses.HuberOf(Tensor.Fractional(x - t), beta) / beta, reduction)

    // ---- distributions

    /// e^x - t x, or x - t ln(x + ε); in full with Stirling's ln t! where t > 1.
    static member Poisson(x: Tensor, t: Tensor, logInput: bool, full: bool, epsilon: double, reduction: LossReduction) : Tensor =
        Losses.Demand("poisson", x, t)
        let losses = if logInput then Tensor.Exp x - t * x else x - t * Tensor.Log(x + epsilon)

        if full then
            let t = Tensor.Fractional t
            let large = Logic.Greater(t, 1.0)
            let safe = Tensor.Select(large, t, Logic.Number 1.0)
            let stirling = safe * Tensor.Log safe - safe + 0.5 * Tensor.Log(2.0 * Math.PI * safe)
            Losses.Reduced(losses + Tensor.Select(large, stirling, Logic.Number 0.0), reduction)
        else
            Losses.Reduced(losses, reduction)

    /// (ln v + (x - t)²/v)/2 with v the variance, at least ε; in full with ln(2π)/2.
    static member Gaussian(x: Tensor, t: Tensor, variance: Tensor, full: bool, epsilon: double, reduction: LossReduction) : Tensor =
        let v = Pointwise.Clamp(Tensor.Fractional variance, Nullable epsilon, Nullable())
        let d = x - t
        let losses = 0.5 * (Tensor.Log v + d * d / v)
        Losses.Reduced((if full then losses + 0.5 * Math.Log(2.0 * Math.PI) else losses), reduction)

    /// t (ln t - x) of a target t and a prediction x, which is a logarithm; 0 where t is.
    static member KlDivergence(x: Tensor, t: Tensor, logTarget: bool, reduction: LossReduction) : Tensor =
        Losses.Demand("kl divergence", x, t)

        let losses =
            if logTarget then
                Tensor.Scale(Tensor.Exp t, t - x)
            else
                -(Tensor.Unary(UnaryOp.Entr, Tensor.Fractional t)) - Tensor.Scale(t, x)

        Losses.Reduced(losses, reduction)

    // ---- two classes

    static member private Weighted(losses: Tensor, weight: Tensor voption) : Tensor =
        match weight with
        | ValueSome w -> w * losses
        | ValueNone -> losses

    /// -(t ln x + (1 - t) ln(1 - x)) of a probability x; the logarithms stop at -100.
    static member BinaryCrossEntropy(x: Tensor, t: Tensor, weight: Tensor voption, reduction: LossReduction) : Tensor =
        Losses.Demand("binary cross-entropy", x, t)
        let bounded (y: Tensor) = Pointwise.Clamp(y, Nullable -100.0, Nullable())
        let x = Tensor.Fractional x
        let losses = -(t * bounded (Tensor.Log x) + (1.0 - t) * bounded (Tensor.Unary(UnaryOp.Log1p, -x)))
        Losses.Reduced(Losses.Weighted(losses, weight), reduction)

    /// The same of σ(x): p t softplus(-x) + (1 - t) softplus(x), with p the weight of positives.
    static member BinaryCrossEntropyWithLogits
        (x: Tensor, t: Tensor, weight: Tensor voption, positive: Tensor voption, reduction: LossReduction)
        : Tensor =
        Losses.Demand("binary cross-entropy", x, t)
        let hits = Losses.Weighted(Tensor.Scale(t, Tensor.Unary(UnaryOp.Softplus, -x)), positive)
        let losses = hits + Tensor.Scale(1.0 - t, Tensor.Unary(UnaryOp.Softplus, x))
        Losses.Reduced(Losses.Weighted(losses, weight), reduction)

    // ---- many classes. Axis 1 counts the classes; of a single vector, axis 0.

    static member private ClassAxis(x: Tensor) : int =
        if x.Rank = 0 then
            invalidArg "logits" "a single number has no axis of classes. Give shape [classes], [n, classes] or [n, classes, ...]."

        if x.Rank = 1 then 0 else 1

    /// True in the place of each target's class, [n, classes, ...]; nothing is where the target is ignored.
    static member private ClassMask(x: Tensor, axis: int, target: Tensor, ignored: Nullable<int>) : Tensor =
        let sizes = x.Shape.Sizes
        let rest = Array.append (Array.take axis sizes) (Array.skip (axis + 1) sizes)

        if not (target.Shape.Equals(Shape rest)) then
            invalidArg
                "target"
                $"cross-entropy: predictions of shape {x.Shape} need class numbers of shape {Shape rest}, or probabilities of shape {x.Shape}, but the target has {target.Shape}."

        let numbers = Tensor.Apply(ClassesRule(sizes[axis], ignored), target)
        let classes = NDArray.Adopt(Shape(Array.init (x.Rank - axis) (fun d -> if d = 0 then sizes[axis] else 1)), Array.init sizes[axis] int64)
        let target = Tensor.ReshapeTo(numbers, x.Shape.With(axis, 1))
        let mask = Tensor.Compare(CompareOp.Equal, target, Const classes)

        if ignored.HasValue then
            Logic.And(Tensor.Compare(CompareOp.NotEqual, target, Const(NDArray.WeakScalar ignored.Value)), mask)
        else
            mask

    static member private WeightsAlong(weights: Tensor voption, x: Tensor, axis: int) : Tensor =
        match weights with
        | ValueNone -> Logic.Number 1.0
        | ValueSome w ->
            if w.Rank <> 1 || w.Count <> x.Shape[axis] then
                invalidArg "classWeights" $"the class weights have shape {w.Shape}, but there are {x.Shape[axis]} classes. Give one weight for each."

            Tensor.ReshapeTo(w, Shape(Array.init (x.Rank - axis) (fun d -> if d = 0 then w.Count else 1)))

    /// Minus the log-probability of the target's class; means are weighted by the weights of the classes that occur.
    static member private OfClasses
        (logs: Tensor, target: Tensor, weights: Tensor voption, ignored: Nullable<int>, smoothing: double, reduction: LossReduction)
        : Tensor =
        let axis = Losses.ClassAxis logs
        let mask = Losses.ClassMask(logs, axis, target, ignored)
        let along = Losses.WeightsAlong(weights, logs, axis)
        let sum (x: Tensor) = Reducing.Sum(x, [| axis |], false)
        let share = Tensor.Select(mask, along, Tensor.FullLike(logs, 0.0))
        let losses = -(sum (Tensor.Scale(share, logs)))

        let losses =
            if smoothing = 0.0 then
                losses
            else
                let known = Reducing.Any(mask, [| axis |], true)
                let all = -(sum (Tensor.Scale(Tensor.Select(known, along, Tensor.FullLike(logs, 0.0)), logs)))
                (1.0 - smoothing) * losses + (smoothing / double logs.Shape[axis]) * all

        if reduction = LossReduction.Mean then Losses.Total losses / Losses.Total share else Losses.Reduced(losses, reduction)

    /// -Σ t ln p over the classes for a target distribution t.
    static member private OfDistributions
        (logs: Tensor, target: Tensor, weights: Tensor voption, smoothing: double, reduction: LossReduction)
        : Tensor =
        Losses.Demand("cross-entropy", logs, target)
        let axis = Losses.ClassAxis logs
        let target = if smoothing = 0.0 then target else (1.0 - smoothing) * target + smoothing / double logs.Shape[axis]
        let share = Losses.WeightsAlong(weights, logs, axis) * target
        Losses.Reduced(-(Reducing.Sum(Tensor.Scale(share, logs), [| axis |], false)), reduction)

    /// Cross-entropy of softmax(x) against classes (integers) or distributions (floating point).
    static member CrossEntropy
        (x: Tensor, target: Tensor, weights: Tensor voption, ignored: Nullable<int>, smoothing: double, reduction: LossReduction)
        : Tensor =
        if not (smoothing >= 0.0 && smoothing <= 1.0) then
            raise (ArgumentOutOfRangeException("labelSmoothing", smoothing, "label smoothing is a share between 0 and 1."))

        let logs = Reducing.LogSoftmax(x, Losses.ClassAxis x)

        if DTypes.isFloat target.DType then
            Losses.OfDistributions(logs, target, weights, smoothing, reduction)
        else
            Losses.OfClasses(logs, target, weights, ignored, smoothing, reduction)

    static member NegativeLogLikelihood
        (logs: Tensor, target: Tensor, weights: Tensor voption, ignored: Nullable<int>, reduction: LossReduction)
        : Tensor =
        Losses.OfClasses(Tensor.Fractional logs, target, weights, ignored, 0.0, reduction)

    // ---- margins. Targets are 1 or -1.

    static member private Positive(x: Tensor) : Tensor = Pointwise.Clamp(x, Nullable 0.0, Nullable())

    /// x where t is 1, max(0, margin - x) where t is -1.
    static member HingeEmbedding(x: Tensor, t: Tensor, margin: double, reduction: LossReduction) : Tensor =
        Losses.Demand("hinge embedding", x, t)
        let x = Tensor.Fractional x
        Losses.Reduced(Tensor.Select(Logic.Equal(t, 1.0), x, Losses.Positive(margin - x)), reduction)

    /// max(0, margin - t (a - b)).
    static member MarginRanking(a: Tensor, b: Tensor, t: Tensor, margin: double, reduction: LossReduction) : Tensor =
        Losses.Demand("margin ranking", a, b)
        Losses.Reduced(Losses.Positive(margin - t * (a - b)), reduction)

    /// ln(1 + e^(-t x)).
    static member SoftMargin(x: Tensor, t: Tensor, reduction: LossReduction) : Tensor =
        Losses.Demand("soft margin", x, t)
        Losses.Reduced(Tensor.Unary(UnaryOp.Softplus, -(t * x)), reduction)

    /// max(0, |a - p| - |a - n| + margin) with norms of order p along the last axis.
    static member TripletMargin
        (anchor: Tensor, positive: Tensor, negative: Tensor, margin: double, order: double, epsilon: double, swap: bool, reduction: LossReduction)
        : Tensor =
        let distance (a: Tensor) (b: Tensor) = Norms.PairwiseDistance(a, b, order, epsilon, false)
        let near = distance anchor positive
        let far = distance anchor negative
        let far = if swap then Tensor.Binary(BinaryOp.Minimum, far, distance positive negative) else far
        Losses.Reduced(Losses.Positive(near - far + margin), reduction)

    /// 1 - cos(a, b) where t is 1, max(0, cos(a, b) - margin) where it is -1; cosines along the last axis.
    static member CosineEmbedding(a: Tensor, b: Tensor, t: Tensor, margin: double, reduction: LossReduction) : Tensor =
        Losses.Demand("cosine embedding", a, b)
        let dot (a: Tensor) (b: Tensor) = Reducing.Sum(a * b, [| a.Rank - 1 |], false)
        // a small number keeps the cosine of zero vectors finite
        let tiny = 1e-12
        let cosine = dot a b / Tensor.Sqrt((dot a a + tiny) * (dot b b + tiny))
        Losses.Reduced(Tensor.Select(Logic.Equal(t, 1.0), 1.0 - cosine, Losses.Positive(cosine - margin)), reduction)

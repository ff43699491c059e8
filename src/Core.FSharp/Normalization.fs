namespace rec DiffLib

open System
open DiffLib.Kernels

// Chapter 8d: normalisation. One rule standardises; batch, layer, instance and group normalisation choose over what.

/// y = (x - mean)/√(variance + ε), the mean and the variance (divided by the count): x is [outer, channels, inner], and mean and variance are those of each channel.
[<Sealed>]
type internal StandardizeRule(epsilon: double) =
    inherit ManyRule("standardize")

    /// The sums over a channel, [1, channels, 1].
    static member Mean(x: Tensor) : Tensor = Tensor.Apply(MeanRule([| 0; 2 |], true), x)
    static member Count(x: Tensor) : double = double x.Shape.Sizes[0] * double x.Shape.Sizes[2]
    static member Column(x: Tensor) : Tensor = Tensor.ReshapeTo(x, Shape [| 1; x.Count; 1 |])
    override _.Attributes = ValueSome [| "epsilon", Attribute.Float epsilon |]

    override _.Infer xs =
        let channels = xs[0].With(Shape [| xs[0].Shape.Sizes[1] |])
        [| xs[0].With xs[0].Shape; channels; channels |]

    override this.Batch(xs, _) =
        let s = xs[0].Shape.Sizes
        let ys = Tensor.Apply(this, [| Tensor.ReshapeTo(Stacks.Move(xs[0], 0, 1), Shape [| s[1]; s[0] * s[2]; s[3] |]) |])
        let channels (y: Tensor) = Tensor.ReshapeTo(y, Shape [| s[0]; s[2] |])
        [| Stacks.Move(Tensor.ReshapeTo(ys[0], Shape [| s[1]; s[0]; s[2]; s[3] |]), 1, 0); channels ys[1]; channels ys[2] |]

    override _.Value xs =
        let x = xs[0].Contiguous()
        let s = x.Shape.Sizes
        let y = NDArray.Allocate(x.DType, x.Shape)
        let mean, variance = NDArray.Allocate(x.DType, Shape [| s[1] |]), NDArray.Allocate(x.DType, Shape [| s[1] |])

        match x.DType with
        | DType.Float64 ->
            NormalizationKernels.Standardize(
                x.Span<double>(),
                s[0],
                s[1],
                s[2],
                epsilon,
                y.Write<double>(),
                mean.Write<double>(),
                variance.Write<double>()
            )
        | _ ->
            NormalizationKernels.Standardize(
                x.Span<float32>(),
                s[0],
                s[1],
                s[2],
                epsilon,
                y.Write<float32>(),
                mean.Write<float32>(),
                variance.Write<float32>()
            )

        [| y; mean; variance |]

    /// 2 (x - mean)/n, the slope of the variance.
    member private _.Spread(x: Tensor, mean: Tensor) : Tensor = (2.0 / StandardizeRule.Count x) * (x - StandardizeRule.Column mean)

    override this.Push(_, xs, ys, d) =
        let x = xs[0]
        let channels (t: Tensor) = Tensor.ReshapeTo(t, Shape [| t.Count |])
        let dy = Tensor.Apply(StandardizeSlopeRule epsilon, d, x)
        let dvariance = Tensor.Apply(SumRule([| 0; 2 |], false), this.Spread(x, ys[1]) * d)
        [| ValueSome dy; ValueSome(channels (StandardizeRule.Mean d)); ValueSome dvariance |]

    override this.Pull(xs, ys, ws, _) =
        let x = xs[0]

        let parts =
            [| match ws[0] with
               | ValueSome w -> Tensor.Apply(StandardizeSlopeRule epsilon, w, x)
               | ValueNone -> ()
               match ws[1] with
               | ValueSome w -> Tensor.BroadcastTo(StandardizeRule.Column w / StandardizeRule.Count x, x.Shape)
               | ValueNone -> ()
               match ws[2] with
               | ValueSome w -> StandardizeRule.Column w * this.Spread(x, ys[1])
               | ValueNone -> () |]

        [| if parts.Length = 0 then ValueNone else ValueSome(Array.reduce (+) parts) |]

/// The derivative of the standardisation at x along w: G w = ρ (w - ⟨w⟩ - y ⟨y w⟩) with ⟨·⟩ the mean over a channel and ρ = 1/√(variance + ε). It is its own
/// transpose in w. Along d in x it changes by -ρ (y ⟨d, G w⟩ + ⟨y, w⟩ G d + ⟨y, d⟩ G w), which is symmetric too.
[<Sealed>]
type internal StandardizeSlopeRule(epsilon: double) =
    inherit BinaryRule("standardize_slope")
    override _.Attributes = ValueSome [| "epsilon", Attribute.Float epsilon |]
    override _.Infer(w, _) = w.With w.Shape

    override this.Batch(w, x, stackedW, stackedX) =
        let n = Stacks.SizeOf([| w; x |], [| stackedW; stackedX |])

        let merged (t: Tensor) stacked =
            let t = Stacks.Of(t, stacked, n)
            let s = t.Shape.Sizes
            Tensor.ReshapeTo(Stacks.Move(t, 0, 1), Shape [| s[1]; s[0] * s[2]; s[3] |])

        let y = Tensor.Apply(this, merged w stackedW, merged x stackedX)
        let s = y.Shape.Sizes
        Stacks.Move(Tensor.ReshapeTo(y, Shape [| s[0]; n; s[1] / n; s[2] |]), 1, 0)

    override _.Value(w, x) =
        let w, x = w.Contiguous(), x.Contiguous()
        let s = x.Shape.Sizes
        let y = NDArray.Allocate(x.DType, x.Shape)

        match x.DType with
        | DType.Float64 -> NormalizationKernels.Slope(w.Span<double>(), x.Span<double>(), s[0], s[1], s[2], epsilon, y.Write<double>())
        | _ -> NormalizationKernels.Slope(w.Span<float32>(), x.Span<float32>(), s[0], s[1], s[2], epsilon, y.Write<float32>())

        y

    member private this.Map(input, w: Tensor, x: Tensor, g: Tensor, d: Tensor) : Tensor =
        let along = Tensor.Apply(this, d, x)

        if input = 0 then
            along
        else
            let ys = Tensor.Apply(StandardizeRule epsilon, [| x |])
            let y, rho = ys[0], Tensor.Unary(UnaryOp.Rsqrt, StandardizeRule.Column ys[2] + epsilon)
            let inner (a: Tensor) (b: Tensor) = StandardizeRule.Mean(a * b)
            -(rho * (y * inner d g + inner y w * along + inner y d * g))

    override this.Push(input, w, x, g, d) = this.Map(input, w, x, g, d)
    override this.Pull(input, w, x, g, u) = this.Map(input, w, x, g, u)

/// Normalisations with scale and shift.
[<AbstractClass; Sealed>]
type internal Normalization =
    static member private DemandEpsilon(epsilon: double) =
        if not (epsilon >= 0.0) then
            raise (ArgumentOutOfRangeException("epsilon", epsilon, "what is added to a variance is 0 or more."))

    /// Standardised over outer and inner of [outer, channels, inner], in x's shape.
    static member private Standardized(x: Tensor, outer: int, channels: int, inner: int, epsilon: double) : struct (Tensor * Tensor * Tensor) =
        Normalization.DemandEpsilon epsilon
        let ys = Tensor.Apply(StandardizeRule epsilon, [| Tensor.ReshapeTo(x, Shape [| outer; channels; inner |]) |])
        struct (Tensor.ReshapeTo(ys[0], x.Shape), ys[1], ys[2])

    /// y·scale + shift, each with one number for every position that the shape names.
    static member private Affine
        (operation: string, y: Tensor, scale: Tensor voption, shift: Tensor voption, expected: Shape, spread: Shape)
        : Tensor =
        let fitting (name: string) (t: Tensor) =
            if not (t.Shape.Equals expected) then
                invalidArg name $"{operation}: x is {y.Shape}, so {name} needs shape {expected}, but has {t.Shape}. Reshape it."

            Tensor.ReshapeTo(t, spread)

        let y =
            match scale with
            | ValueSome s -> y * fitting "scale" s
            | ValueNone -> y

        match shift with
        | ValueSome s -> y + fitting "shift" s
        | ValueNone -> y

    static member private Product(sizes: int[]) = Array.fold (*) 1 sizes

    static member private DemandChannels(operation: string, x: Tensor, least: int) =
        if x.Rank < least then
            invalidArg
                "x"
                $"{operation}: x has shape {x.Shape}; [examples, channels, ..] with at least {least} axes is needed. Insert axes with ExpandDims."

    /// [channels, 1, ..]: one number for each position of axis 1.
    static member private Channels(x: Tensor) : struct (Shape * Shape) =
        let channels = x.Shape.Sizes[1]
        struct (Shape [| channels |], Shape(Array.init (x.Rank - 1) (fun d -> if d = 0 then channels else 1)))

    /// Over all axes but that of channels; also the mean and variance of each channel.
    static member BatchStatistics
        (operation: string, x: Tensor, scale: Tensor voption, shift: Tensor voption, epsilon: double)
        : struct (Tensor * Tensor * Tensor) =
        let x = Tensor.Fractional x
        Normalization.DemandChannels(operation, x, 2)
        let s = x.Shape.Sizes
        let struct (y, mean, variance) = Normalization.Standardized(x, s[0], s[1], Normalization.Product(Array.skip 2 s), epsilon)
        let struct (expected, spread) = Normalization.Channels x
        struct (Normalization.Affine(operation, y, scale, shift, expected, spread), mean, variance)

    /// By given means and variances of the channels.
    static member ByStatistics
        (operation: string, x: Tensor, mean: Tensor, variance: Tensor, scale: Tensor voption, shift: Tensor voption, epsilon: double)
        : Tensor =
        let x = Tensor.Fractional x
        Normalization.DemandChannels(operation, x, 1)
        Normalization.DemandEpsilon epsilon
        let struct (expected, spread) = if x.Rank = 1 then struct (x.Shape, x.Shape) else Normalization.Channels x

        for name, t in [ "mean", mean; "variance", variance ] do
            if not (t.Shape.Equals expected) then
                invalidArg
                    name
                    $"{operation}: x is {x.Shape}, so the {name} needs shape {expected}, but has {t.Shape}. Give one number for each channel."

        let factor = Tensor.Unary(UnaryOp.Rsqrt, Tensor.ReshapeTo(variance, spread) + epsilon)
        let y = (x - Tensor.ReshapeTo(mean, spread)) * factor
        Normalization.Affine(operation, y, scale, shift, expected, spread)

    /// Running statistics moved towards those of a batch of so many elements; the variance becomes that of the population.
    static member Running(running: Tensor, batch: Tensor, momentum: double) : Tensor = running + momentum * (batch - running)

    /// Over the last axes, as many as the shape has.
    static member Layer(x: Tensor, axes: int, scale: Tensor voption, shift: Tensor voption, epsilon: double) : Tensor =
        let x = Tensor.Fractional x

        if axes < 1 || axes > x.Rank then
            raise (
                ArgumentOutOfRangeException(
                    "axes",
                    axes,
                    $"LayerNorm: x has shape {x.Shape}; between 1 and {x.Rank} of its last axes are normalised."
                )
            )

        let inner = Windows.Last(x, axes)
        let channels = Normalization.Product(Array.take (x.Rank - axes) x.Shape.Sizes)
        let struct (y, _, _) = Normalization.Standardized(x, 1, channels, Normalization.Product inner, epsilon)
        Normalization.Affine("LayerNorm", y, scale, shift, Shape inner, Shape inner)

    /// Over the channels of each group and all that follows.
    static member Group(operation: string, x: Tensor, groups: int, scale: Tensor voption, shift: Tensor voption, epsilon: double) : Tensor =
        let x = Tensor.Fractional x
        Normalization.DemandChannels(operation, x, 2)
        let s = x.Shape.Sizes

        if groups < 1 || s[1] % groups <> 0 then
            invalidArg "groups" $"{operation}: the {s[1]} channels of x {x.Shape} do not divide into {groups} groups of equal size."

        let inner = s[1] / groups * Normalization.Product(Array.skip 2 s)
        let struct (y, _, _) = Normalization.Standardized(x, 1, s[0] * groups, inner, epsilon)
        let struct (expected, spread) = Normalization.Channels x
        Normalization.Affine(operation, y, scale, shift, expected, spread)

    /// x/√(mean x² + ε) over the last axes.
    static member RootMeanSquare(x: Tensor, axes: int, scale: Tensor voption, epsilon: double) : Tensor =
        let x = Tensor.Fractional x
        Normalization.DemandEpsilon epsilon

        if axes < 1 || axes > x.Rank then
            raise (
                ArgumentOutOfRangeException("axes", axes, $"RmsNorm: x has shape {x.Shape}; between 1 and {x.Rank} of its last axes are normalised.")
            )

        let over = Array.init axes (fun d -> x.Rank - axes + d)
        let y = x * Tensor.Unary(UnaryOp.Rsqrt, Reducing.Mean(Tensor.Unary(UnaryOp.Square, x), over, true) + epsilon)
        let inner = Shape(Windows.Last(x, axes))
        Normalization.Affine("RmsNorm", y, scale, ValueNone, inner, inner)

    /// x/(k + α·mean of x² over size neighbouring channels)^β (Krizhevsky, Sutskever & Hinton 2012).
    static member LocalResponse(x: Tensor, size: int, alpha: double, beta: double, k: double) : Tensor =
        let x = Tensor.Fractional x
        Normalization.DemandChannels("LocalResponseNorm", x, 3)

        if size < 1 then
            raise (ArgumentOutOfRangeException("size", size, "LocalResponseNorm: the number of neighbouring channels is 1 or more."))

        let s = x.Shape.Sizes
        let squares = Tensor.ReshapeTo(Tensor.Unary(UnaryOp.Square, x), Shape [| s[0]; s[1]; Normalization.Product(Array.skip 2 s) |])
        let sums = Convolutions.WindowSums(squares, [| size; 1 |], [| 1; 1 |], [| 1; 1 |], [| size / 2; 0 |], [| s[1]; squares.Shape.Sizes[2] |])
        let scale = k + (alpha / double size) * Tensor.ReshapeTo(sums, x.Shape)
        x / Tensor.Pow(scale, beta)

    /// Each element kept with probability 1 - p and divided by it, else 0; one number of the key's stream for each element, or for each channel.
    static member Dropout(x: Tensor, p: double, key: RandomKey, wholeChannels: bool) : Tensor =
        if not (p >= 0.0 && p <= 1.0) then
            raise (ArgumentOutOfRangeException("probability", p, "Dropout: the share that is dropped is between 0 and 1."))

        let x = Tensor.Fractional x

        if p = 0.0 then
            x
        else
            let shape =
                if not wholeChannels then
                    x.Shape
                else
                    Normalization.DemandChannels("ChannelDropout", x, 3)
                    Shape(x.Shape.Sizes |> Array.mapi (fun d n -> if d < 2 then n else 1))

            let keep = 1.0 - p
            let kept = (DrawRule.Bernoulli(shape, keep)).From key
            let factor = if keep = 0.0 then x * 0.0 else x / keep
            Tensor.Select(kept, factor, Tensor.Weak 0.0)

namespace DiffLib

open System
open DiffLib.Kernels

/// The value alone. It has no derivative at any level, also not inside stacks and programs.
[<Sealed>]
type internal StopRule() =
    inherit UnaryRule("stop_gradient")
    static member val Instance = StopRule()
    override _.Attributes = ValueSome [||]
    override _.Infer x = x
    override this.Batch x = Tensor.Apply(this, x)
    override _.Differentiable = false
    override _.Value x = x
    override _.OfNumber(x, weak) = Number(x, weak)
    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// Chapter 12: the verbs, as compositions of forward and reverse mode.
module internal Derivatives =
    let private stack (xs: Tensor[]) (elementShape: Shape) (dtype: DType) : Tensor =
        if xs.Length = 0 then
            Const(NDArray.Zeros(dtype, Shape(Array.append [| 0 |] elementShape.Sizes)))
        else
            Joining.Stack(xs, 0)

    /// Unit tangents of a shape, a stack of so many from one on.
    let private units (x: Tensor) (from: int) (count: int) : Tensor =
        let e = NDArray.Zeros(x.DType, Stacks.Shape(count, x.Shape))

        for r in 0 .. count - 1 do
            let at = r * x.Count + from + r

            match x.DType with
            | DType.Float64 -> e.Write<double>()[at] <- 1.0
            | _ -> e.Write<float32>()[at] <- 1.0f

        Const e

    let private unit (x: Tensor) (k: int) : Tensor = Tensor.ReshapeTo(units x k 1, x.Shape)

    /// How many elements a value may have that is computed for several directions at once: about what stays in the second-level cache.
    [<Literal>]
    let private ElementsAtOnce = 131072

    /// A linear function at every unit tangent of a shape: the results as stacks, one for each stretch of directions. Many directions go through at once, so
    /// that each operation runs once for all of them; as few as memory asks for. Largest says how many elements the largest value of one direction has.
    let private overUnits (x: Tensor) (largest: unit -> int) (f: Tensor -> Tensor) (collect: Tensor -> Tensor -> Tensor) : Tensor[] =
        let n = x.Count

        let one k =
            let e = units x k 1
            let y = f (Tensor.ReshapeTo(e, x.Shape))
            collect e (Tensor.ReshapeTo(y, Stacks.Shape(1, y.Shape)))

        let many (size: int) =
            [| for from in 0..size .. n - 1 do
                   let e = units x from (min size (n - from))
                   let ys = Vmap.overStacks (fun ds -> [| f ds[0] |]) [| e |] [| true |]
                   collect e ys[0] |]

        let size = if n < 4 || x.Rank = Shape.MaxRank then 1 else Math.Clamp(ElementsAtOnce / max (largest ()) n, 1, n)

        if size < 4 then
            Array.init n one
        else
            try
                many size
            with
            | :? InvalidOperationException
            | :? ArgumentException
            | :? NotSupportedException ->
                // a rule that needs numbers, or an axis more than there may be: a genuine error comes again
                Array.init n one

    let private stackOf (_: Tensor) (ys: Tensor) : Tensor = ys
    let private joined (stacks: Tensor[]) : Tensor = if stacks.Length = 1 then stacks[0] else Joining.Concat(stacks, 0)

    let private one (f: Tensor -> Tensor) : Tensor[] -> Tensor[] = fun xs -> [| f xs[0] |]

    let private orZeros (like: Tensor) (d: Tensor voption) : Tensor =
        match d with
        | ValueSome d -> d
        | ValueNone -> Forward.zerosLike like

    let private demandFloatResult (verb: string) (y: Tensor) =
        if not (DTypes.isFloat y.DType) then
            raise (
                InvalidOperationException
                    $"{verb}: the function returned {DTypes.name y.DType}, which has no derivative. Return float64 or float32; Cast does not carry derivatives through integers."
            )

    let private demandNumber (verb: string) (y: Tensor) =
        demandFloatResult verb y

        if y.Count <> 1 then
            raise (
                InvalidOperationException
                    $"{verb}: the function returned shape {y.Shape}, but only a single number has a gradient. Reduce it (for instance with Sum or Mean), or use Diff.Jacobian."
            )

    // ---- first order

    /// The value of f at x and its derivative along dx.
    let jvp (f: Tensor -> Tensor) (x: Tensor) (dx: Tensor) : struct (Tensor * Tensor) =
        let struct (ys, dys) = Forward.jvp (one f) [| x |] [| ValueSome dx |]
        struct (ys[0], orZeros ys[0] dys[0])

    /// The value of f at x, and the map from a cotangent of the result to one of x.
    let vjp (f: Tensor -> Tensor) (x: Tensor) : struct (Tensor * (Tensor -> Tensor)) =
        Forward.demandFloat "x" x
        let recording = Recording.Of(one f, [| x |])
        struct (recording.Values[0], fun w -> orZeros x (recording.Pull [| ValueSome w |]).[0])

    /// The value of f at x, and its derivative there as a linear map; f is evaluated once.
    let linearize (f: Tensor -> Tensor) (x: Tensor) : struct (Tensor * (Tensor -> Tensor)) =
        Forward.demandFloat "x" x
        let recording = Recording.Of(one f, [| x |])
        struct (recording.Values[0], fun dx -> orZeros recording.Values[0] (recording.Push [| ValueSome dx |]).[0])

    /// The derivative of a function of one number; the result has the shape of f's.
    let derivative (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        if x.Count <> 1 then
            invalidArg
                "at"
                $"Derivative: the point has shape {x.Shape}, but a derivative is taken with respect to one number. Use Diff.Jacobian, or Diff.Jvp along a direction."

        Forward.demandFloat "at" x
        let struct (_, dy) = jvp f x (Forward.onesLike x)
        dy

    /// The n-th derivative of a function of one number, by forward mode nested n times.
    let rec nthDerivative (n: int) (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        if n < 0 then raise (ArgumentOutOfRangeException("order", n, "the order of a derivative is 0 or more."))

        if n = 0 then f x else nthDerivative (n - 1) (derivative f) x

    /// f(x), f'(x), f''(x)/2!, ... up to the given order: the coefficients of the Taylor polynomial at x.
    let taylor (order: int) (f: Tensor -> Tensor) (x: Tensor) : Tensor[] =
        if order < 0 then raise (ArgumentOutOfRangeException("order", order, "the order of a Taylor polynomial is 0 or more."))

        let mutable factorial = 1.0

        Array.init (order + 1) (fun k ->
            if k > 0 then factorial <- factorial * double k
            (1.0 / factorial) * nthDerivative k f x)

    /// Value and gradients of a function of several tensors to one number; integer inputs get zeros.
    let valueAndGradients (f: Tensor[] -> Tensor) (xs: Tensor[]) : struct (Tensor * Tensor[]) =
        let recording = Recording.Of((fun xs -> [| f xs |]), xs)
        let y = recording.Values[0]
        demandNumber "Gradient" y
        let gs = recording.Pull [| ValueSome(Forward.onesLike y) |]
        struct (y, Array.map2 orZeros xs gs)

    let valueAndGradient (f: Tensor -> Tensor) (x: Tensor) : struct (Tensor * Tensor) =
        Forward.demandFloat "at" x
        let struct (y, gs) = valueAndGradients (fun xs -> f xs[0]) [| x |]
        struct (y, gs[0])

    let gradient (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let struct (_, g) = valueAndGradient f x
        g

    // ---- Jacobians

    let private jacobianShape (y: Tensor) (x: Tensor) =
        if y.Rank + x.Rank > Shape.MaxRank then
            raise (
                InvalidOperationException
                    $"Jacobian: the result has shape {y.Shape} and the input {x.Shape}, {y.Rank + x.Rank} axes together; ranks go up to {Shape.MaxRank}. Flatten one of them with Reshape."
            )

        Shape(Array.append y.Shape.Sizes x.Shape.Sizes)

    /// Row by row: one pull for each element of the result.
    let private rows (recording: Recording) (y: Tensor) (x: Tensor) : Tensor =
        let shape = jacobianShape y x

        if y.Count = 0 then
            Const(NDArray.Zeros(x.DType, shape))
        else
            let pull w = orZeros x (recording.Pull [| ValueSome w |]).[0]
            Tensor.ReshapeTo(joined (overUnits y (fun () -> recording.Largest) pull stackOf), shape)

    /// Column by column: one push for each element of the input.
    let private columns (recording: Recording) (y: Tensor) (x: Tensor) : Tensor =
        let shape = jacobianShape y x

        if x.Count = 0 then
            Const(NDArray.Zeros(y.DType, shape))
        else
            let push dx = orZeros y (recording.Push [| ValueSome dx |]).[0]
            let last = joined (overUnits x (fun () -> recording.Largest) push stackOf)
            Tensor.ReshapeTo(Stacks.Move(last, 0, last.Rank - 1), shape)

    let private jacobianBy (choose: Tensor -> Tensor -> bool) (f: Tensor -> Tensor) (x: Tensor) : struct (Tensor * Tensor) =
        Forward.demandFloat "at" x
        let recording = Recording.Of(one f, [| x |])
        let y = recording.Values[0]
        demandFloatResult "Jacobian" y
        struct (y, (if choose y x then rows recording y x else columns recording y x))

    /// Value and Jacobian, shape of the result followed by the shape of x; by pulls where the result is no larger than x.
    let valueAndJacobian (f: Tensor -> Tensor) (x: Tensor) : struct (Tensor * Tensor) = jacobianBy (fun y x -> y.Count <= x.Count) f x

    let jacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let struct (_, j) = valueAndJacobian f x
        j

    let jacobianReverse (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let struct (_, j) = jacobianBy (fun _ _ -> true) f x
        j

    let jacobianForward (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let struct (_, j) = jacobianBy (fun _ _ -> false) f x
        j

    // ---- second order

    /// The Hessian: the Jacobian of the gradient.
    let hessian (f: Tensor -> Tensor) (x: Tensor) : Tensor = jacobian (gradient f) x

    /// Gradient and Hessian times v: forward over reverse.
    let gradientAndHvp (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) : struct (Tensor * Tensor) = jvp (gradient f) x v

    /// The sum of the second derivatives by each element: two forward modes nested, direction by direction.
    let laplacian (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        Forward.demandFloat "at" x

        let second e =
            let along x =
                let struct (_, dy) = jvp f x e
                dy

            let struct (dy, ddy) = jvp along x e
            demandNumber "Laplacian" dy
            ddy

        if x.Count = 0 then
            Tensor.FullLike(f x, 0.0)
        else
            let largest () = (Recording.Of(one f, [| x |])).Largest
            overUnits x largest second (fun _ ddys -> Reducing.Sum(ddys, [| 0 |], false)) |> Array.reduce (+)

    /// The trace of the Jacobian of a field with as many components as arguments.
    let divergence (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        Forward.demandFloat "at" x
        let recording = Recording.Of(one f, [| x |])
        let y = recording.Values[0]
        demandFloatResult "Divergence" y

        if not (y.Shape.Equals x.Shape) then
            raise (
                InvalidOperationException
                    $"Divergence: the field takes shape {x.Shape} but gives {y.Shape}; it needs one component for each argument."
            )

        let push dx = orZeros y (recording.Push [| ValueSome dx |]).[0]

        if x.Count = 0 then
            Tensor.FullLike(Const(NDArray.Scalar(0.0).Cast x.DType), 0.0)
        else
            // of each direction the one component that is its own
            overUnits x (fun () -> recording.Largest) push (fun e dys -> Reducing.Sum(Tensor.Scale(dys, e), null, false)) |> Array.reduce (+)

    /// The curl of a field in three dimensions: (∂F₃/∂x₂ - ∂F₂/∂x₃, ∂F₁/∂x₃ - ∂F₃/∂x₁, ∂F₂/∂x₁ - ∂F₁/∂x₂).
    let curl (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let three = Shape [| 3 |]

        if not (x.Shape.Equals three) then
            invalidArg "at" $"Curl: the point has shape {x.Shape}; the curl exists in three dimensions, so it must be [3]."

        let j = jacobian f x

        if not (j.Shape.Equals(Shape [| 3; 3 |])) then
            raise (
                InvalidOperationException
                    $"Curl: the field gave shape {Shape(Array.truncate (j.Rank - 1) j.Shape.Sizes)} where three components, shape [3], are needed."
            )

        let at (r: int) (c: int) = Tensor.Indexed(j, [| TensorIndex.op_Implicit r; TensorIndex.op_Implicit c |])
        stack [| at 2 1 - at 1 2; at 0 2 - at 2 0; at 1 0 - at 0 1 |] Shape.Scalar x.DType

    /// The value alone: a constant at every level.
    let stopGradient (x: Tensor) : Tensor = Tensor.Apply(StopRule.Instance, x)

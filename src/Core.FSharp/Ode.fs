namespace DiffLib

open System
open DiffLib.Kernels

/// Chapter 19: solutions of differential equations as functions of the initial state, the parameters and the times.
module internal DifferentialEquations =
    open Integration

    /// Parameters to right-hand side.
    type Family = Tensor[] -> Slope

    let private demandTimes (times: Tensor) =
        if times.Rank <> 1 || times.Count = 0 then
            invalidArg "times" $"the times have shape {times.Shape}; give a vector, of which the first is the time of the initial state."

        Forward.demandFloat "times" times

        if times.IsKnown then
            let t = (times.Value.Cast DType.Float64).ToArray<double>()

            for k in 0 .. t.Length - 1 do
                if not (Double.IsFinite t[k]) then invalidArg "times" $"times[{k}] is {t[k]}; times are finite."

            let direction = if t.Length > 1 then sign (t[1] - t[0]) else 1

            for k in 1 .. t.Length - 1 do
                if (sign (t[k] - t[k - 1]) <> direction || direction = 0) then
                    invalidArg
                        "times"
                        $"the times do not run one way: times[{k - 1}] is {t[k - 1]:R} and times[{k}] is {t[k]:R}. Sort them, each once, increasing or decreasing."

    let private timesOf (times: Tensor) : double[] = (times.Value.Cast DType.Float64).ToArray<double>()

    let private at (x: Tensor) (k: int) : Tensor = Shaping.Select(x, 0, k)

    let private ignoreSegment (_: Segment) = true

    /// The states at plain times.
    let private atTimes (s: Settings) (f: Slope) (times: double[]) (y0: Tensor[]) : Tensor[][] =
        let struct (ys, _) = run s (Counts()) ignoreSegment f times y0 0.0
        ys

    /// The states at times that are differentiated: each interval is mapped to [0, 1], where dy/ds = Δ f(t + sΔ, y).
    let private atMovingTimes (s: Settings) (f: Slope) (times: Tensor) (y0: Tensor[]) : Tensor[][] =
        let values = timesOf times
        let outputs = Array.create values.Length y0
        let counts = Counts()
        let mutable hint = 0.0

        for k in 1 .. values.Length - 1 do
            let start = at times (k - 1)
            let span = at times k - start
            let length = values[k] - values[k - 1]

            let inner: Slope = fun s y -> f (start + s * span) y |> Array.map2 (fun (y: Tensor) dy -> Tensor.Cast(span, y.DType) * dy) y

            let scaled = { s with Step = s.Step / abs length; LargestStep = s.LargestStep / abs length }

            let struct (ys, next) = run scaled counts ignoreSegment inner [| 0.0; 1.0 |] outputs[k - 1] (hint / length)
            hint <- next * length
            outputs[k] <- ys[1]

        outputs

    let private stacked (ys: Tensor[][]) : Tensor[] = Array.init ys[0].Length (fun l -> Joining.Stack(ys |> Array.map (fun y -> y[l]), 0))

    /// The inputs are the times, the parts of the initial state, the parameters.
    let private split (states: int) (xs: Tensor[]) : struct (Tensor * Tensor[] * Tensor[]) =
        struct (xs[0], Array.sub xs 1 states, Array.skip (1 + states) xs)

    /// Through the steps, at whatever levels of differentiation the inputs are.
    let private discrete (s: Settings) (family: Family) (states: int) (xs: Tensor[]) : Tensor[] =
        let struct (times, y0, ps) = split states xs
        let f = family ps
        stacked (if times.Level = 0L then atTimes s f (timesOf times) y0 else atMovingTimes s f times y0)

    let private shapes (states: int) (specs: Spec[]) : Spec[] =
        Array.init states (fun l ->
            let y = specs[1 + l]
            Spec.Of(y.DType, Shape(Array.append specs[0].Shape.Sizes y.Shape.Sizes)))

    // ---- the adjoint equation

    let private isZero (w: Tensor) =
        match w with
        | Number(v, _) -> v = 0.0
        | Const v -> StateValues.flat [| w |] |> Array.forall (fun c -> c = 0.0) && v.Count >= 0
        | _ -> false

    let private inner (a: Tensor[]) (b: Tensor[]) : Tensor =
        Array.map2 (fun (x: Tensor) (y: Tensor) -> Tensor.SumTo(x * y, Shape.Scalar)) a b |> Array.reduce (+)

    let private orZeros (like: Tensor[]) (ds: Tensor voption[]) =
        Array.map2 (fun x (d: Tensor voption) -> if d.IsSome then d.Value else Forward.zerosLike x) like ds

    /// The three points and weights of Gauss's quadrature on [0, 1].
    let private gauss =
        let r = 0.5 * sqrt 0.6
        [| struct (0.5 - r, 5.0 / 18.0); struct (0.5, 4.0 / 9.0); struct (0.5 + r, 5.0 / 18.0) |]

    /// The cotangents of times, initial state and parameters for those of the states at the times: a' = -(∂f/∂y)ᵀ a backwards from time to time, where the
    /// cotangent of the state there is added; the parameters get ∫ (∂f/∂θ)ᵀ a dt (L. Pontryagin et al. 1962; Y. Cao, S. Li, L. Petzold & R. Serban, "Adjoint
    /// sensitivity analysis for differential-algebraic equations", 2003). The state is read off the stored forward solution, so that stiff problems, which
    /// cannot be integrated backwards, are no harder than others.
    let private pullBack
        (s: Settings)
        (family: Family)
        (solution: struct (Tensor[][] * Trajectory))
        (times: double[])
        (y0: Tensor[])
        (ps: Tensor[])
        (ws: Tensor[][])
        (forTimes: bool, forParameters: bool)
        : struct (Tensor[] * Tensor[] * Tensor[]) =
        let struct (ys, path) = solution
        let f = family ps
        let timeCotangents = Array.create times.Length (Number(0.0, false))
        let mutable gradient = ps |> Array.map Forward.zerosLike
        let mutable a = y0 |> Array.map Forward.zerosLike
        let mutable largest = 0.0

        let backwards: Slope =
            fun t a ->
                let recording = Recording.Of((fun y -> f t y), path.At t)
                recording.Pull(a |> Array.map ValueSome) |> orZeros y0 |> Array.map (~-)

        let addQuadrature (segment: Segment) =
            for struct (node, weight) in gauss do
                let t = segment.Start + node * segment.Size
                let y, a = path.At t, segment.Inside node
                let recording = Recording.Of((fun ps -> family ps (Number(t, true)) y), ps)
                let g = recording.Pull(a |> Array.map ValueSome)

                gradient <-
                    Array.map2
                        (fun (sum: Tensor) (g: Tensor voption) ->
                            match g with
                            | ValueSome g -> Combination.Of(sum, [| -weight * segment.Size |], [| g |])
                            | ValueNone -> sum)
                        gradient
                        g

            true

        let observe = if forParameters then addQuadrature else ignoreSegment
        let counts = Counts()
        let mutable hint = 0.0
        let mutable position = times[times.Length - 1]

        for k in times.Length - 1 .. -1 .. 0 do
            let jump = ws[k] |> Array.exists (isZero >> not)

            if (jump || k = 0) && position <> times[k] then
                if largest > 0.0 then
                    // a is linear in the cotangents, and so is what counts as small
                    let scaled = { s with Absolute = s.Absolute * largest; Step = (if s.Method = OdeMethod.RungeKutta4 then s.Step else 0.0) }
                    let struct (ended, next) = run scaled counts observe backwards [| position; times[k] |] a hint
                    a <- ended[1]
                    hint <- next

                position <- times[k]

            if forTimes && k = 0 then timeCotangents[0] <- -(inner a (f (Number(times[0], true)) y0))

            if jump then
                if forTimes && k > 0 then timeCotangents[k] <- inner ws[k] (f (Number(times[k], true)) ys[k])
                a <- Array.map2 (+) a ws[k]
                largest <- max largest (StateValues.flat ws[k] |> Array.fold (fun m v -> max m (abs v)) 0.0)

        struct (timeCotangents, a, gradient)

    /// The integration as an operation whose pull is the adjoint equation. Tangents go forward through the steps.
    [<Sealed>]
    type AdjointRule(s: Settings, family: Family, states: int) =
        inherit ManyRule("ode")

        /// The solution last computed on numbers, with its inputs: the pull usually comes back to it.
        let mutable last: (Tensor[] * struct (Tensor[][] * Trajectory)) option = None

        let same (a: Tensor) (b: Tensor) =
            match a, b with
            | Const x, Const y -> obj.ReferenceEquals(x, y)
            | Number(x, _), Number(y, _) -> BitConverter.DoubleToInt64Bits x = BitConverter.DoubleToInt64Bits y
            | _ -> false

        let solutionAt (xs: Tensor[]) : struct (Tensor[][] * Trajectory) =
            match last with
            | Some(known, solution) when Array.forall2 same known xs -> solution
            | _ ->
                let struct (times, y0, ps) = split states xs
                trajectory s (Counts()) (family ps) (timesOf times) y0

        override _.Value xs =
            let xs = xs |> Array.map Tensor.Wrap
            let solution = Buffers.Outside(fun () -> solutionAt xs)
            last <- Some(xs, solution)
            let struct (ys, _) = solution

            stacked ys |> Custom.demandConstants "Ode.Solve with adjoint derivatives"

        override _.Infer specs = shapes states specs
        override this.Batch(xs, stacked) = Examples.OneByOne((fun xs -> Tensor.Apply(this, xs)), xs, stacked)
        override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

        override _.PushAll(xs, _, ds) =
            let n = xs.Length

            let pushed (zs: Tensor[]) =
                let tangents = Array.map2 (fun (d: Tensor voption) z -> if d.IsSome then ValueSome z else ValueNone) ds (Array.skip n zs)
                let struct (ys, dys) = Forward.jvp (discrete s family states) (Array.truncate n zs) tangents
                orZeros ys dys

            Opaque.call "ode_push" pushed (Array.truncate n >> shapes states) (Array.append xs (orZeros xs ds)) |> Array.map ValueSome

        override _.Pull(xs, ys, ws, wanted) =
            let n = xs.Length

            let pulled (zs: Tensor[]) =
                let xs, ws = Array.truncate n zs, Array.skip n zs
                let struct (times, y0, ps) = split states xs

                if times.Level > 0L then
                    Recording.Of(discrete s family states, xs).Pull(ws |> Array.map ValueSome) |> orZeros xs
                else
                    let values = timesOf times
                    let cotangents = Array.init values.Length (fun k -> ws |> Array.map (fun w -> at w k))
                    let wants = wanted[0], Array.skip (1 + states) wanted |> Array.exists id
                    let struct (t, y, p) = pullBack s family (solutionAt xs) values y0 ps cotangents wants
                    Array.concat [ [| Tensor.Cast(Joining.Stack(t, 0), times.DType) |]; y; p ]

            let plain (specs: Spec[]) = Array.truncate n specs |> Array.map (fun x -> Spec.Of(DTypes.fractional x.DType, x.Shape))
            let gs = Opaque.call "ode_pull" pulled plain (Array.append xs (orZeros ys ws))
            Array.map2 (fun (x: Tensor) g -> if DTypes.isFloat x.DType then ValueSome g else ValueNone) xs gs

    // ---- the verbs

    let private strong (y0: Tensor[]) : Tensor[] =
        y0
        |> Array.map (fun y ->
            Forward.demandFloat "start" y
            Tensor.Cast(y, y.DType))

    /// The states at the times, stacked in front: the solution of y' = f(θ)(t, y) with y(times[0]) = y0.
    let solve (s: Settings) (family: Family) (times: Tensor) (y0: Tensor[]) (ps: Tensor[]) : Tensor[] =
        demandSettings s
        demandTimes times
        let y0 = strong y0
        let xs = Array.concat [ [| times |]; y0; ps ]
        let states = y0.Length

        if s.Derivative = OdeDerivative.Adjoint && xs |> Array.exists (fun x -> x.Level > 0L) then
            Tensor.Apply(AdjointRule(s, family, states), xs)
        elif s.Method = OdeMethod.RungeKutta4 && times.IsKnown then
            // its steps do not depend on values: they can be batched and traced one by one
            discrete s family states xs
        else
            Opaque.call "ode" (discrete s family states) (shapes states) xs

    let private demandDiscrete (s: Settings) =
        if s.Derivative = OdeDerivative.Adjoint then
            raise (
                ArgumentException(
                    "events are differentiated through the steps, not by the adjoint equation. Ask for OdeDerivative.Discrete.",
                    "options"
                )
            )

    /// The time and the state at the first zero of a condition along the solution of y' = f(θ)(t, y) with y(from) = y0.
    let solveToEvent
        (s: Settings)
        (family: Family)
        (condition: Tensor[] -> Tensor -> Tensor[] -> Tensor)
        (direction: OdeEventDirection)
        (from: Tensor)
        (stop: double)
        (y0: Tensor[])
        (ps: Tensor[])
        : struct (Tensor * Tensor[]) =
        demandSettings s
        demandDiscrete s
        if from.Count <> 1 then invalidArg "from" $"the time of the start has shape {from.Shape}; it is one number."
        Events.demandEvents [| { Condition = condition ps; Direction = direction; EndsAfter = 1 } |]
        let from = Tensor.Cast((if from.Rank = 0 then from else Tensor.ReshapeTo(from, Shape.Scalar)), DType.Float64)
        let y0 = strong y0

        let through (xs: Tensor[]) =
            let struct (from, y0, ps) = split y0.Length xs
            Events.first s (family ps) (condition ps) direction from stop y0

        let infer (specs: Spec[]) = Array.truncate (1 + y0.Length) specs |> Array.map (fun x -> Spec.Of(x.DType, x.Shape))
        let results = Opaque.call "ode_event" through infer (Array.concat [ [| from |]; y0; ps ])
        struct (results[0], Array.tail results)

    /// The solution from one time to another or to the event that ends it, and what happened on the way.
    let pathWithEvents
        (s: Settings)
        (counts: Counts)
        (f: Slope)
        (start: double)
        (stop: double)
        (y0: Tensor[])
        (events: Events.Event[])
        : Events.Followed =
        demandSettings s
        demandDiscrete s
        Events.demandSpan s start stop
        Events.demandEvents events
        Events.follow s counts f start stop (strong y0) events

    /// The solution from one time to another, to be read at any time between.
    let path (s: Settings) (counts: Counts) (f: Slope) (start: double) (stop: double) (y0: Tensor[]) : Trajectory =
        demandSettings s
        demandTimes (Const(NDArray.Adopt(Shape [| 2 |], [| start; stop |])))
        let struct (_, trajectory) = trajectory s counts f [| start; stop |] (strong y0)
        trajectory

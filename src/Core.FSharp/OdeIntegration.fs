namespace DiffLib

open System
open System.Collections.Generic
open DiffLib.Kernels

/// Chapter 18: many steps. Step sizes follow from values alone and are numbers: derivatives hold them constant.
module internal Integration =
    /// How an integration goes; zeros stand for defaults.
    [<NoEquality; NoComparison>]
    type Settings =
        {
            Method: OdeMethod
            Derivative: OdeDerivative
            Relative: double
            Absolute: double
            /// The size of fixed steps, or of the first step.
            Step: double
            LargestStep: double
            MaxSteps: int
        }

    let defaults =
        { Method = OdeMethod.DormandPrince54
          Derivative = OdeDerivative.Discrete
          Relative = 1e-6
          Absolute = 1e-9
          Step = 0.0
          LargestStep = Double.PositiveInfinity
          MaxSteps = 100_000 }

    let demandSettings (s: Settings) =
        let wrong (value: obj) (message: string) = raise (ArgumentOutOfRangeException("options", value, message))
        if not (Enum.IsDefined s.Method) then wrong s.Method "the methods are DormandPrince54, RungeKutta4 and Rodas4."
        if not (Enum.IsDefined s.Derivative) then wrong s.Derivative "derivatives are Discrete or Adjoint."
        if not (s.Relative >= 0.0 && s.Relative < 1.0) then wrong s.Relative "the relative tolerance lies between 0 and 1."
        if not (s.Absolute >= 0.0 && Double.IsFinite s.Absolute) then
            wrong s.Absolute "the absolute tolerance is a number, 0 or more."

        if s.Relative = 0.0 && s.Absolute = 0.0 then wrong s.Relative "one of the two tolerances has to be positive."

        if not (s.Step >= 0.0 && Double.IsFinite s.Step) then wrong s.Step "a step size is positive, or 0 for the default."
        if not (s.LargestStep > 0.0) then wrong s.LargestStep "the largest step is positive."
        if s.MaxSteps < 1 then wrong s.MaxSteps "at least one step has to be allowed."

    /// What an integration cost.
    [<Sealed>]
    type Counts() =
        member val Steps = 0 with get, set
        member val Rejected = 0 with get, set
        member val Evaluations = 0 with get, set

    /// An accepted step.
    [<NoEquality; NoComparison>]
    type Segment = { Start: double; Size: double; End: Tensor[]; Inside: double -> Tensor[] }

    /// Sees each accepted step, and says whether to go on.
    type Observer = Segment -> bool

    /// f with its results checked, counted, and brought to the state's element types.
    let checkedSlope (counts: Counts) (f: Slope) : Slope =
        fun t y ->
            counts.Evaluations <- counts.Evaluations + 1
            let dy = f t y

            if dy.Length <> y.Length then
                invalidArg "f" $"the right-hand side gave {dy.Length} tensors for a state of {y.Length}. Return a slope for each part of the state."

            for l in 0 .. dy.Length - 1 do
                if not (obj.ReferenceEquals(dy[l], y[l])) then
                    if not (dy[l].Shape.Equals y[l].Shape) then
                        invalidArg
                            "f"
                            $"the right-hand side gave shape {dy[l].Shape} for a state of shape {y[l].Shape}. A slope has the shape of its state."

                    if dy[l].DType <> y[l].DType then dy[l] <- Tensor.Cast(dy[l], y[l].DType)

            dy

    /// The root of the mean square of e/(absolute + relative·|y|) [HNW II.4].
    let private scaledNorm (s: Settings) (e: double[]) (y: double[]) (y1: double[]) : double =
        let mutable sum = 0.0

        for i in 0 .. e.Length - 1 do
            let scale = s.Absolute + s.Relative * max (abs y[i]) (abs y1[i])
            let q = if e[i] = 0.0 then 0.0 else e[i] / scale
            sum <- sum + q * q

        if e.Length = 0 then 0.0 else sqrt (sum / double e.Length)

    let private finite (y: double[]) = y |> Array.forall Double.IsFinite

    let private show (y: double[]) =
        let parts = y |> Array.truncate 4 |> Array.map (fun v -> v.ToString("G6", Globalization.CultureInfo.InvariantCulture))
        "(" + String.Join(", ", parts) + (if y.Length > 4 then ", ..." else "") + ")"

    let private demandFinite (t: double) (y: double[]) (slope: double[]) =
        if not (finite y) then
            raise (IntegrationException($"the state at the start, t = {t:G6}, is not finite: {show y}.", t, 0.0))

        if not (finite slope) then
            raise (IntegrationException($"the right-hand side is not finite at the start, t = {t:G6}, y = {show y}: it gives {show slope}.", t, 0.0))

    /// The first step [HNW II.4, algorithm]: as large as an Euler step may be that errs by a hundredth of the tolerance.
    let private firstStep (s: Settings) (order: int) (f: Slope) (t: double) (y: Tensor[]) (slope: Tensor[]) (span: double) : double =
        let y0, f0 = StateValues.flat y, StateValues.flat slope
        let d0, d1 = scaledNorm s y0 y0 y0, scaledNorm s f0 y0 y0
        let h0 = if d0 < 1e-5 || d1 < 1e-5 then 1e-6 else 0.01 * d0 / d1
        let h0 = Math.CopySign(min h0 (abs span), span)
        let euler = Combination.OfStates(StateValues.constants y, h0, [| 1.0 |], [| StateValues.constants slope |])
        let f1 = StateValues.flat (f (Number(t + h0, true)) euler)
        let d2 = scaledNorm s (Array.map2 (-) f1 f0) y0 y0 / abs h0
        let steepest = max d1 d2
        let h1 = if steepest <= 1e-15 then max 1e-6 (abs h0 * 1e-3) else Math.Pow(0.01 / steepest, 1.0 / double order)
        let h = if Double.IsNaN h1 then abs h0 else min (100.0 * abs h0) h1
        Math.CopySign(h |> min (abs span) |> min s.LargestStep, span)

    let private stiffAdvice (m: OdeMethod) =
        if m = OdeMethod.Rodas4 then
            "The solution may end there (a singularity), or the right-hand side may not be smooth."
        else
            "The solution may end there (a singularity), or the problem may be stiff: try OdeMethod.Rodas4."

    /// The step that was hoped for next, for going on in another call.
    type Ended = (struct (Tensor[][] * double))

    /// Fixed steps: each interval in as many equal steps as its length asks for.
    let private fixedSteps (s: Settings) (stepper: Stepper) (counts: Counts) (observe: Observer) (f: Slope) (times: double[]) (y0: Tensor[]) : Ended =
        let outputs = Array.create times.Length y0
        let mutable y = y0
        let mutable slope = ValueNone
        let mutable k = 1
        let mutable goesOn = true

        while goesOn && k < times.Length do
            let span = times[k] - times[k - 1]
            let n = if s.Step > 0.0 then max 1.0 (Math.Ceiling(abs span / s.Step * (1.0 - 1e-12))) else 1.0

            if double counts.Steps + n > double s.MaxSteps then
                raise (
                    IntegrationException(
                        $"{n} steps of size {s.Step:G6} from t = {times[k - 1]:G6} to {times[k]:G6} are more than MaxSteps = {s.MaxSteps} allows.",
                        times[k - 1],
                        s.Step
                    )
                )

            let h = span / n

            let mutable i = 0

            while goesOn && i < int n do
                let t = times[k - 1] + double i * h
                let from = if ValueOption.isSome slope then slope.Value else f (Number(t, true)) y
                let step = stepper.Step(f, t, y, from, h)
                goesOn <- observe { Start = t; Size = h; End = step.End; Inside = step.Inside }
                counts.Steps <- counts.Steps + 1
                y <- step.End
                slope <- step.EndSlope
                i <- i + 1

            outputs[k] <- y
            k <- k + 1

        struct (outputs, s.Step)

    /// Steps chosen by a PI controller (K. Gustafsson 1991; [HNW IV.2]). Output times between steps are read off the method's continuous extension.
    let private adaptiveSteps
        (s: Settings)
        (stepper: Stepper)
        (counts: Counts)
        (observe: Observer)
        (f: Slope)
        (times: double[])
        (y0: Tensor[])
        (hint: double)
        : Ended =
        let outputs = Array.create times.Length y0
        let last = times[times.Length - 1]
        let direction = double (sign (last - times[0]))
        let order = double stepper.ErrorOrder
        let exponent = 1.0 / order - 0.75 * stepper.Beta
        let mutable t = times[0]
        let mutable y = y0
        let mutable slope = f (Number(t, true)) y
        let mutable values = StateValues.flat y
        demandFinite t values (StateValues.flat slope)
        let first =
            if hint <> 0.0 then hint
            elif s.Step > 0.0 then direction * s.Step
            else firstStep s stepper.ErrorOrder f t y slope (last - t)
        let mutable h = Math.CopySign(abs first |> min s.LargestStep, direction)
        let mutable planned = h
        let mutable before = 1e-4
        let mutable rejected = false
        let mutable next = 1
        let mutable attempts = 0
        let mutable goesOn = true

        while goesOn && next < times.Length do
            planned <- h
            let lands = (t + 1.0001 * h - last) * direction >= 0.0
            if lands then h <- last - t

            if attempts >= s.MaxSteps then
                raise (
                    IntegrationException(
                        $"MaxSteps = {s.MaxSteps} steps were made and t = {last:G6} was not reached: at t = {t:G6} the step is {h:G3}, y = {show values}. Allow more, or loosen the tolerances. {stiffAdvice s.Method}",
                        t,
                        h
                    )
                )

            if not lands && t + 0.1 * h = t then
                raise (IntegrationException($"the step size became too small, {h:G3} at t = {t:G6}, y = {show values}. {stiffAdvice s.Method}", t, h))

            attempts <- attempts + 1
            let step = stepper.Step(f, t, y, slope, h)
            let ends = StateValues.flat step.End
            let error = scaledNorm s step.Error values ends

            if Double.IsFinite error && error <= 1.0 && finite ends then
                let arrives = if lands then last else t + h
                let from = t
                let size = h
                goesOn <- observe { Start = from; Size = size; End = step.End; Inside = step.Inside }
                counts.Steps <- counts.Steps + 1

                while next < times.Length && (times[next] - arrives) * direction <= 0.0 do
                    outputs[next] <- if times[next] = arrives then step.End else step.Inside((times[next] - from) / size)
                    next <- next + 1

                let factor = Math.Pow(max error 1e-10, exponent) / Math.Pow(before, stepper.Beta) / 0.9
                let larger = h / Math.Clamp(factor, 0.1, 5.0)
                before <- max error 1e-4
                t <- arrives
                y <- step.End
                values <- ends

                if goesOn && next < times.Length then
                    slope <- if step.EndSlope.IsSome then step.EndSlope.Value else f (Number(t, true)) y

                // a step cut short at the end says little about the next one
                h <- if rejected then Math.CopySign(min (abs larger) (abs h), direction) else larger
                h <- Math.CopySign(min (abs h) s.LargestStep, direction)
                if lands then planned <- Math.CopySign(max (abs planned) (abs h), direction)
                rejected <- false
            else
                counts.Rejected <- counts.Rejected + 1
                rejected <- true
                h <- if Double.IsFinite error then h / min 5.0 (Math.Pow(error, 1.0 / order) / 0.9) else 0.1 * h

        struct (outputs, planned)

    /// The states at the times, of which the first is the start. Times are strictly monotone. The hint is a first step, or 0. Those that the observer does not let it come to are
    /// that of the start.
    let run (s: Settings) (counts: Counts) (observe: Observer) (f: Slope) (times: double[]) (y0: Tensor[]) (hint: double) : Ended =
        let stepper = Steppers.create s.Method
        let f = checkedSlope counts f

        if times.Length < 2 || StateValues.count y0 = 0 then struct (Array.create times.Length y0, hint)
        elif stepper.ErrorOrder = 0 then fixedSteps s stepper counts observe f times y0
        else adaptiveSteps s stepper counts observe f times y0 hint

    /// A solution between its steps.
    [<Sealed>]
    type Trajectory(segments: Segment[], f: Slope, start: double, first: Tensor[]) =
        let direction = if segments.Length = 0 then 1.0 else double (sign segments[0].Size)

        /// The last segment that starts no later than t.
        let locate (t: double) =
            let mutable low = 0
            let mutable high = segments.Length - 1

            while low < high do
                let middle = (low + high + 1) / 2
                if (segments[middle].Start - t) * direction <= 0.0 then low <- middle else high <- middle - 1

            low

        member _.Segments = segments
        member _.Start = start

        member _.At(t: double) : Tensor[] =
            if segments.Length = 0 then
                first
            else
                let segment = segments[locate t]
                segment.Inside((t - segment.Start) / segment.Size)

        /// At a time that is itself differentiated, once: the slope of the solution is f.
        member this.At(t: Tensor) : Tensor[] =
            match t with
            | Number(v, _) -> this.At v
            | _ ->
                let v = t.ToDouble()
                let y = this.At v
                Array.map2 (fun (y: Tensor) (dy: Tensor) -> y + Tensor.Cast(t - v, y.DType) * dy) y (f (Number(v, true)) y)

    /// The solution at the times and between them.
    let trajectory (s: Settings) (counts: Counts) (f: Slope) (times: double[]) (y0: Tensor[]) : struct (Tensor[][] * Trajectory) =
        let segments = List<Segment>()

        let observe segment =
            segments.Add segment
            true

        let struct (ys, _) = run s counts observe f times y0 0.0
        struct (ys, Trajectory(segments.ToArray(), f, times[0], y0))

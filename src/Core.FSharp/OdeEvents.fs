namespace DiffLib

open System
open System.Collections.Generic
open DiffLib.Kernels
open MathNet.Numerics.RootFinding

/// Which crossings of zero are events, as the integration goes.
type OdeEventDirection =
    /// Both.
    | Either = 0
    /// From negative to positive.
    | Rising = 1
    /// From positive to negative.
    | Falling = -1

/// Chapter 18, continued: what happens on the way. An event is a zero of a function g(t, y) along the solution. Steps show it by g's sign at their ends, the continuous extension says
/// where. Its time solves g(T, Y(T)) = 0, where Y is the extension: so T is differentiated by the implicit function theorem, and the state there is Y(T).
module internal Events =
    open Integration

    [<NoEquality; NoComparison>]
    type Event =
        {
            Condition: Tensor -> Tensor[] -> Tensor
            Direction: OdeEventDirection
            /// The integration ends when it has happened so often; 0: never by this.
            EndsAfter: int
        }

    [<NoEquality; NoComparison>]
    type Occurrence = { Event: int; Time: Tensor; State: Tensor[] }

    /// What an integration with events met, and the event that ended it; -1 for none.
    [<NoEquality; NoComparison>]
    type Followed =
        { Path: Trajectory
          Occurrences: Occurrence[]
          EndedBy: int }

        /// When that event happened.
        member x.EndTime: double = Array.head (StateValues.flat [| (Array.last x.Occurrences).Time |])

    let demandEvents (events: Event[]) =
        events
        |> Array.iteri (fun k e ->
            if not (Enum.IsDefined e.Direction) then
                raise (ArgumentOutOfRangeException("events", e.Direction, $"event {k}: directions are Either, Rising and Falling."))

            if e.EndsAfter < 0 then
                raise (
                    ArgumentOutOfRangeException(
                        "events",
                        e.EndsAfter,
                        $"event {k}: the integration ends after that many occurrences of it, 1 or more; with 0 it goes on."
                    )
                ))

    let demandSpan (s: Settings) (start: double) (stop: double) =
        if not (Double.IsFinite start) then invalidArg "from" $"the start is at {start}; times are finite."

        if Double.IsNaN stop || stop = start then
            invalidArg
                "to"
                $"the integration is to run from {start:R} to {stop:R}. End at another time; an infinite one leaves the end to the events."

        if Double.IsInfinity stop && s.Method = OdeMethod.RungeKutta4 then
            invalidArg "to" "fixed steps divide the time evenly, so its end has to be finite. Give one, or take a method with step control."

    // ---- a step as a polynomial

    /// Five states determine the others: no continuous extension has a degree above four.
    let private nodes = [| 0.0; 0.25; 0.5; 0.75; 1.0 |]

    let private others = Array.init 5 (fun j -> nodes |> Array.indexed |> Array.filter (fun (m, _) -> m <> j) |> Array.map snd)

    let private scales = Array.init 5 (fun j -> 1.0 / (others[j] |> Array.fold (fun p node -> p * (nodes[j] - node)) 1.0))

    /// The states on a step by Lagrange's interpolation, at fractions of it that may be differentiated themselves.
    [<Sealed>]
    type private Curve(states: Tensor[][]) =
        /// The sum of the weights is 1: the state at the start takes what the others leave.
        member _.At(s: double) : Tensor[] =
            let weights =
                Array.init 5 (fun j -> (if j = 0 then -1.0 else 0.0) + scales[j] * (others[j] |> Array.fold (fun p node -> p * (s - node)) 1.0))
            Combination.OfStates(states[0], 1.0, weights, states)

        member this.At(s: Tensor) : Tensor[] =
            match s with
            | Number(v, _) -> this.At v
            | _ ->
                let weight j = others[j] |> Array.fold (fun (p: Tensor) node -> p * (s - node)) (Number(scales[j], true))
                let weights = Array.init 5 weight

                Array.init states[0].Length (fun l ->
                    weights |> Array.mapi (fun j (w: Tensor) -> Tensor.Cast(w, states[j].[l].DType) * states[j].[l]) |> Array.reduce (+))

        /// Without derivative levels.
        member _.Constant = Curve(states |> Array.map StateValues.constants)

        static member Of(segment: Segment) = Curve(nodes |> Array.map (fun s -> if s = 1.0 then segment.End else segment.Inside s))

    // ---- the condition

    let private number (k: int) (g: Tensor) : Tensor =
        if g.Count <> 1 then
            invalidArg "events" $"event {k}: the condition gave shape {g.Shape}. It gives one number, which is zero where the event happens."

        Forward.demandFloat "events" g
        Tensor.Cast((if g.Rank = 0 then g else Tensor.ReshapeTo(g, Shape.Scalar)), DType.Float64)

    let private valueOf (k: int) (e: Event) (t: double) (y: Tensor[]) : double =
        let g = Array.head (StateValues.flat [| number k (e.Condition (Number(t, true)) (StateValues.constants y)) |])

        if Double.IsNaN g then raise (IntegrationException($"event {k}: the condition is not a number at t = {t:G6}.", t, 0.0))

        g

    /// g at a fraction of a step.
    let private along (k: int) (e: Event) (segment: Segment) (curve: Curve) (s: Tensor) : Tensor =
        let t =
            match s with
            | Number(v, _) -> Number(segment.Start + v * segment.Size, true)
            | _ -> segment.Start + s * segment.Size

        number k (e.Condition t (curve.At s))

    /// A zero between two fractions of a step at which g has opposite signs (R. Brent 1973, by MathNet; where that does not settle, by halving).
    let private zeroBetween (g: double -> double) (low: double) (high: double) : double =
        let ok, s = Brent.TryFindRoot(g, low, high, 1e-15, 100)

        if ok then
            Math.Clamp(s, low, high)
        else
            let rises = g high > 0.0
            let mutable low = low
            let mutable high = high

            for _ in 1..60 do
                let middle = 0.5 * (low + high)
                if (g middle > 0.0) = rises then high <- middle else low <- middle

            high

    /// How many derivatives a value can be asked for: its levels.
    let private depth (x: Tensor) : int =
        let rec count n x =
            match x with
            | Forward(p, _, _) -> count (n + 1) p
            | Reverse(p, _, _) -> count (n + 1) p
            | _ -> n

        count 0 x

    /// The fraction of the step at which the event happens, as a function of everything that the step depends on. s ← s - g(s)/g' with g' a number is a contraction whose factor is
    /// zero at the solution, so each round makes derivatives of one more order right (A. Griewank & A. Walther, Evaluating Derivatives, chapter 15).
    let private fractionOf (k: int) (e: Event) (segment: Segment) (curve: Curve) (s: double) : Tensor =
        let here = along k e segment curve (Number(s, true))
        let levels = depth here

        if levels = 0 then
            Number(s, true)
        else
            let constant = curve.Constant
            let struct (_, d) =
                Forward.jvp (fun xs -> [| along k e segment constant xs[0] |]) [| Number(s, false) |] [| ValueSome(Number(1.0, true)) |]
            let slope = if d[0].IsSome then Array.head (StateValues.flat [| d[0].Value |]) else 0.0

            if slope = 0.0 || not (Double.IsFinite slope) then
                raise (
                    IntegrationException(
                        $"event {k}: the condition does not cross zero at t = {segment.Start + s * segment.Size:G6}, its slope there is {slope}; so the time is not a differentiable function of anything.",
                        segment.Start + s * segment.Size,
                        segment.Size
                    )
                )

            let mutable fraction: Tensor = s - here * (1.0 / slope)

            for _ in 2..levels do
                fraction <- fraction - along k e segment curve fraction * (1.0 / slope)

            fraction

    // ---- the integration

    /// How far a condition has been followed.
    [<Sealed>]
    type private Watch(k: int, e: Event, t: double, y: Tensor[]) =
        let mutable value = valueOf k e t y
        let mutable isFirst = true
        let mutable count = 0

        let counts (before: double) =
            match e.Direction with
            | OdeEventDirection.Rising -> before < 0.0
            | OdeEventDirection.Falling -> before > 0.0
            | _ -> true

        /// Where to look from: the start of the step, or, where the condition is zero there (at a restart: but for rounding), the first place that shows a sign.
        let origin (segment: Segment) (curve: Lazy<Curve>) (last: double) : struct (double * double) =
            if value <> 0.0 && not (isFirst && abs value <= 1e-9 * abs last) then
                struct (0.0, value)
            else
                let found =
                    nodes[1..3]
                    |> Array.tryPick (fun s ->
                        let g = valueOf k e (segment.Start + s * segment.Size) (curve.Value.At s)
                        if g <> 0.0 then Some(struct (s, g)) else None)

                defaultArg found (struct (1.0, last))

        /// The fraction of the step at which the event happens, if it does.
        member _.Cross(segment: Segment, curve: Lazy<Curve>) : double voption =
            let last = valueOf k e (segment.Start + segment.Size) segment.End
            let struct (from, before) = origin segment curve last
            isFirst <- false
            value <- last

            if before = 0.0 || sign before = sign last || not (counts before) then
                ValueNone
            elif last = 0.0 then
                ValueSome 1.0
            else
                let constant = curve.Value.Constant
                let g (s: double) = valueOf k e (segment.Start + s * segment.Size) (constant.At s)
                ValueSome(zeroBetween g from 1.0)

        /// Notes an occurrence; whether the integration ends by it.
        member _.Happens() : bool =
            count <- count + 1
            count = e.EndsAfter

    /// The solution from one time to another, or to the event that ends it. Times are plain numbers.
    let follow (s: Settings) (counts: Counts) (f: Slope) (start: double) (stop: double) (y0: Tensor[]) (events: Event[]) : Followed =
        let segments = List<Segment>()
        let occurrences = List<Occurrence>()
        let mutable endedBy = -1
        let watches = events |> Array.mapi (fun k e -> Watch(k, e, start, y0))

        let observe (segment: Segment) : bool =
            segments.Add segment
            let curve = lazy Curve.Of segment

            let met =
                watches
                |> Array.mapi (fun k w -> struct (w.Cross(segment, curve), k))
                |> Array.choose (fun (struct (s, k)) -> if s.IsSome then Some(struct (s.Value, k)) else None)
                |> Array.sortBy (fun (struct (s, _)) -> s)

            for struct (s, k) in met do
                if endedBy < 0 then
                    let fraction = fractionOf k events[k] segment curve.Value s
                    let time = segment.Start + fraction * segment.Size
                    occurrences.Add { Event = k; Time = Tensor.Cast(time, DType.Float64); State = curve.Value.At fraction }
                    if watches[k].Happens() then endedBy <- k

            endedBy < 0

        let struct (_, _) = run s counts observe f [| start; stop |] y0 0.0
        { Path = Trajectory(segments.ToArray(), f, start, y0); Occurrences = occurrences.ToArray(); EndedBy = endedBy }

    /// The time and the state at the first event: T and y(T).
    let first
        (s: Settings)
        (f: Slope)
        (condition: Tensor -> Tensor[] -> Tensor)
        (direction: OdeEventDirection)
        (from: Tensor)
        (stop: double)
        (y0: Tensor[])
        : Tensor[] =
        let start = Array.head (StateValues.flat [| from |])
        demandSpan s start stop
        let moves = from.Level <> 0L
        // a time of the start that is differentiated moves everything: counted from it, the start is a number
        let time (t: Tensor) = if moves then from + t else t
        let event = { Condition = (fun t y -> condition (time t) y); Direction = direction; EndsAfter = 1 }
        let shift = if moves then start else 0.0
        let followed = follow s (Counts()) (fun t y -> f (time t) y) (start - shift) (stop - shift) y0 [| event |]

        if followed.EndedBy < 0 then
            raise (
                IntegrationException(
                    $"the event did not happen between t = {start:G6} and t = {stop:G6}. Go on longer, or see whether its direction is right.",
                    stop,
                    0.0
                )
            )

        Array.append [| time followed.Occurrences[0].Time |] followed.Occurrences[0].State

namespace DiffLib

open System
open System.Diagnostics
open DiffLib.CheckDiagnosis
open DiffLib.CheckSubject
open DiffLib.Differences

/// The steps of a check of first derivatives, and of higher ones as first derivatives of derivatives.
module internal Checking =
    [<NoEquality; NoComparison>]
    type Failure =
        {
            Step: CheckStep
            Outcome: CheckOutcome
            Reason: string
            Diagnosis: string
            Worst: CheckDiscrepancy | null
            Error: exn | null
            /// How far to move on, where a kink is to be skipped.
            Reach: double
        }

    /// Time is up; caught by the run.
    [<Sealed>]
    type OutOfTime() =
        inherit Exception("time ran out.")

    /// What one check counts, and its randomness.
    [<Sealed>]
    type Run(options: CheckOptions) =
        let random = Random options.Seed
        let clock = Stopwatch.StartNew()
        member _.Options = options
        member val Evaluations = 0 with get, set
        member val Compared = 0 with get, set
        member val Kinks = 0 with get, set
        member val Histogram = Array.zeroCreate<int> CheckReport.Bins
        member val Worst: CheckDiscrepancy | null = null with get, set
        member val WorstExcess = -1.0 with get, set

        /// Counts an evaluation, or ends the check.
        member this.Tick() =
            this.Evaluations <- this.Evaluations + 1

            if options.Timeout <> Threading.Timeout.InfiniteTimeSpan && clock.Elapsed > options.Timeout then raise (OutOfTime())

        member _.Uniform() = random.NextDouble()
        member _.Next(n: int) = random.Next n

        member _.Gaussian() = Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble())) * Math.Cos(2.0 * Math.PI * random.NextDouble())

        member this.Gaussians(n: int) = Array.init n (fun _ -> this.Gaussian())
        member this.Tensor(shape: Shape) = Creation.OfSpan(ReadOnlySpan(this.Gaussians shape.Count), shape)

        member this.Note(a: double, d: double) =
            let larger = max (abs a) (abs d)
            let bin = CheckReport.Bin(if larger = 0.0 then 0.0 else abs (a - d) / larger)
            this.Histogram[bin] <- this.Histogram[bin] + 1
            this.Compared <- this.Compared + 1

    let private fail step outcome reason =
        { Step = step; Outcome = outcome; Reason = reason; Diagnosis = ""; Worst = null; Error = null; Reach = 0.0 }

    let private wrong step reason = fail step CheckOutcome.Disagrees reason

    /// The first step that fails; later ones are not run.
    let first (steps: (unit -> Failure voption) list) : Failure voption =
        let mutable found = ValueNone

        for step in steps do
            if found.IsNone then found <- step ()

        found

    let private norm (x: double[]) = Math.Sqrt(Array.fold (fun s v -> s + v * v) 0.0 x)
    let private dot (a: double[]) (b: double[]) = Array.fold2 (fun s x y -> s + x * y) 0.0 a b
    let private allFinite (x: double[]) = Array.forall Double.IsFinite x
    let private g (x: double) = x.ToString("G6", Globalization.CultureInfo.InvariantCulture)

    /// Two numbers with as many digits as show that they differ.
    let private apart (a: double) (b: double) =
        let full (x: double) = x.ToString("R", Globalization.CultureInfo.InvariantCulture)
        if g a = g b then struct (full a, full b) else struct (g a, g b)

    let private evaluate (run: Run) (s: Subject) (x: double[]) =
        run.Tick()
        s.Evaluate x

    // ---- steps 1 to 3

    let private purity (run: Run) (s: Subject) (y: double[]) () =
        let again = evaluate run s s.Point
        let apart =
            if again.Length = y.Length then
                Array.map2 (fun a b -> if a.Equals b || a = b then 0.0 else abs (a - b)) y again
            else
                [| infinity |]

        match apart |> Array.tryFindIndex (fun d -> not (d <= run.Options.NondetTol)) with
        | None -> ValueNone
        | Some i ->
            let told =
                if again.Length <> y.Length then
                    "results of other shapes"
                else
                    $"{g y[i]} and then {g again[i]} for {s.Outputs.NameOf i}"
            ValueSome(
                wrong
                    CheckStep.Purity
                    $"two evaluations at the same point gave {told}. The function is random or keeps state; fix a seed, or set NondetTol."
            )

    let private finiteValue (s: Subject) (y: double[]) () =
        match y |> Array.tryFindIndex (Double.IsFinite >> not) with
        | None -> ValueNone
        | Some i ->
            let by =
                match s.Culprit s.Point false with
                | "" -> ""
                | op -> $", first in the operation {op}"
            ValueSome(
                fail
                    CheckStep.Finiteness
                    CheckOutcome.Inconclusive
                    $"the value {s.Outputs.NameOf i} is {g y[i]} at this point{by}. Choose a point inside the domain."
            )

    let private values (run: Run) (s: Subject) (y: double[]) (maps: Map[]) () =
        let sameValue (a: double) (b: double) = a = b || (Double.IsNaN a && Double.IsNaN b) || abs (a - b) <= run.Options.NondetTol

        maps
        |> Array.tryPick (fun m ->
            if m.Value.Length = y.Length && Array.forall2 sameValue m.Value y then
                None
            elif m.Value.Length <> y.Length then
                Some(wrong CheckStep.Value $"{m.Mode} mode computes {m.Value.Length} numbers where the plain function gives {y.Length}.")
            else
                let i = Array.findIndex not (Array.map2 sameValue m.Value y)
                Some(
                    wrong
                        CheckStep.Value
                        $"{m.Mode} mode computes the value {g m.Value[i]} for {s.Outputs.NameOf i}, the plain function {g y[i]}. The function asks whether it is being differentiated, or a rule's value is not what it says."
                ))
        |> function
            | Some f -> ValueSome f
            | None -> ValueNone

    let private finiteDerivative (s: Subject) (mode: string) (inputs: int -> string) (a: double[]) =
        match a |> Array.tryFindIndex (Double.IsFinite >> not) with
        | None -> ValueNone
        | Some k ->
            let by =
                match s.Culprit s.Point true with
                | "" -> ""
                | op -> $", first in the operation {op}"
            let outcome = if Double.IsNaN a[k] then CheckOutcome.Disagrees else CheckOutcome.Inconclusive
            ValueSome(fail CheckStep.Finiteness outcome $"the derivative by {inputs k} is {g a[k]} in {mode} mode though the value is finite{by}.")

    // ---- steps 4 to 7: differences

    let private inDomain (run: Run) (s: Subject) : (int -> double -> bool) =
        match run.Options.Domain with
        | null -> fun _ _ -> true
        | domain ->
            let interval =
                Array.init s.Inputs.Count (fun j ->
                    let struct (k, _) = s.Inputs.Locate j
                    domain[if domain.Count = 1 then 0 else min k (domain.Count - 1)])

            fun j x ->
                let struct (low, high) = interval[j]
                low <= x && x <= high

    /// f on the line x + t·u; nothing where f cannot be asked, throws or is not finite.
    let private along (run: Run) (s: Subject) (y: double[]) (u: double[]) (steps: double[]) : Line =
        let inside = inDomain run s
        let moves =
            [| for j in 0 .. u.Length - 1 do
                   if u[j] <> 0.0 then j |]

        let value t =
            let x = Array.copy s.Point
            let mutable ok = true

            for j in moves do
                x[j] <- x[j] + t * u[j]
                ok <- ok && inside j x[j]

            if not ok then
                ValueNone
            else
                try
                    let y = evaluate run s x
                    if allFinite y then ValueSome y else ValueNone
                with
                | :? OutOfTime -> reraise ()
                | :? OutOfMemoryException -> reraise ()
                | _ -> ValueNone

        Line(value, y, steps)

    let private unit n j =
        let e = Array.zeroCreate<double> n
        e[j] <- 1.0
        e

    /// One comparison: result i along a line, whose name is told by input (or -1 for a direction).
    [<NoEquality; NoComparison>]
    type private Entry = { Output: int; Input: int; Line: Line; Analytic: double }

    let private describe (s: Subject) (mode: string) (e: Entry) (estimate: Estimate) =
        let input, index =
            if e.Input < 0 then
                $"a random direction", [||]
            else
                let struct (k, index) = s.Inputs.Index e.Input
                s.Inputs.Names[k], index

        CheckDiscrepancy(input, index, s.Outputs.NameOf e.Output, e.Analytic, estimate.Slope, estimate.Error, mode, s.Order)

    let private between (e: Estimate) (a: double) (options: CheckOptions) =
        let slack = options.AbsTol + 10.0 * e.Step + options.RelTol * max (abs e.Left) (abs e.Right)
        a >= min e.Left e.Right - slack && a <= max e.Left e.Right + slack

    /// Judges every entry; complete says that they form a whole Jacobian, row after row.
    let private compare (run: Run) (s: Subject) (mode: string) (entries: Entry[]) (complete: bool) : Failure voption =
        let options = run.Options
        let bad = Array.create entries.Length false
        let expected = Array.zeroCreate<double> entries.Length
        let mutable worst = ValueNone
        let mutable excess = -1.0
        let mutable kink = ValueNone
        let mutable unclear = ValueNone
        let mutable atAJump = false

        entries
        |> Array.iteri (fun p e ->
            let struct (verdict, estimate) = e.Line.Judge(e.Output, e.Analytic, options.RelTol, options.AbsTol)
            let slope =
                match estimate with
                | ValueSome x -> x.Slope
                | ValueNone -> nan
            expected[p] <- slope

            let reject (x: Estimate) =
                bad[p] <- true
                let size = abs (e.Analytic - x.Slope) / (options.AbsTol + options.RelTol * max (abs e.Analytic) (abs x.Slope))

                if size > excess then
                    excess <- size
                    worst <- ValueSome(describe s mode e x)

            match verdict, estimate with
            | Verdict.Agrees, ValueSome x ->
                run.Note(e.Analytic, x.Slope)
                let size = abs (e.Analytic - x.Slope) / (options.AbsTol + options.RelTol * max (abs e.Analytic) (abs x.Slope))

                if size > run.WorstExcess then
                    run.WorstExcess <- size
                    run.Worst <- describe s mode e x
            | Verdict.Disagrees, ValueSome x ->
                run.Note(e.Analytic, x.Slope)
                reject x
            | Verdict.Kink, ValueSome x ->
                run.Kinks <- run.Kinks + 1
                expected[p] <- e.Analytic

                if options.Kinks = CheckKinks.OneSided && x.Break = Break.Kink then
                    run.Compared <- run.Compared + 1
                    if not (between x e.Analytic options) then
                        reject { x with Slope = (if abs (e.Analytic - x.Left) < abs (e.Analytic - x.Right) then x.Left else x.Right) }
                elif kink.IsNone then
                    atAJump <- (x.Break = Break.Jump)
                    kink <- ValueSome struct (e, x)
            | _ ->
                if unclear.IsNone then unclear <- ValueSome struct (e, estimate)
                expected[p] <- e.Analytic)

        match worst, kink, unclear with
        | ValueSome w, _, _ ->
            let table =
                { Inputs = s.Inputs
                  Outputs = s.Outputs
                  Analytic = entries |> Array.map (fun e -> e.Analytic)
                  Expected = expected
                  Wrong = bad
                  Complete = complete }

            let count = bad |> Array.filter id |> Array.length
            let share = if entries.Length = 1 then "the derivative differs" else $"{count} of {entries.Length} derivatives differ"

            ValueSome
                { wrong CheckStep.Differences $"{share} from differences of values." with
                    Diagnosis = CheckDiagnosis.name table
                    Worst = w }
        | _, ValueSome struct (e, x), _ ->
            let where = if e.Input < 0 then "along a random direction" else $"by {s.Inputs.NameOf e.Input}"

            let what =
                if atAJump then
                    $"the value jumps {where}"
                else
                    $"the function has a kink {where}: its slopes are {g x.Left} on the left and {g x.Right} on the right"

            ValueSome
                { fail
                      CheckStep.Kinks
                      CheckOutcome.Inconclusive
                      $"{what}, within {g (x.Step / 32.0)} of the point, where the derivative by {mode} mode is {g e.Analytic}. Move the point, or set Kinks to Skip or OneSided." with
                    Worst = describe s mode e x
                    Reach = x.Step / 32.0 }
        | _, _, ValueSome struct (e, estimate) ->
            let where = if e.Input < 0 then "along a random direction" else $"by {s.Inputs.NameOf e.Input}"

            match estimate with
            | ValueSome x ->
                ValueSome
                    { fail
                          CheckStep.Differences
                          CheckOutcome.Inconclusive
                          $"differences {where} are too rough to decide: {g x.Slope} with an error of about {g x.Error}, where {mode} mode gives {g e.Analytic}. The function is noisy or too steep here." with
                        Worst = describe s mode e x }
            | ValueNone ->
                ValueSome(
                    fail
                        CheckStep.Differences
                        CheckOutcome.Inconclusive
                        $"the function could not be evaluated on either side of the point {where}: it throws, is not finite, or the domain ends there."
                )
        | _ -> ValueNone

    /// All derivatives, one input number at a time.
    let private full (run: Run) (s: Subject) (y: double[]) (maps: Map[]) : Failure voption =
        let n, m = s.Point.Length, y.Length
        let lines = Array.init n (fun j -> along run s y (unit n j) (Differences.steps s.Point[j]))

        maps
        |> Array.toList
        |> List.map (fun map () ->
            let table = Array.zeroCreate<double>(m * n)

            if map.IsPull then
                for i in 0 .. m - 1 do
                    run.Tick()
                    Array.blit (map.Apply(unit m i)) 0 table (i * n) n
            else
                for j in 0 .. n - 1 do
                    run.Tick()
                    let column = map.Apply(unit n j)
                    for i in 0 .. m - 1 do
                        table[i * n + j] <- column[i]

            match finiteDerivative s map.Mode (fun p -> s.Inputs.NameOf(p % n)) table with
            | ValueSome f -> ValueSome f
            | ValueNone ->
                let entries = Array.init (m * n) (fun p -> { Output = p / n; Input = p % n; Line = lines[p % n]; Analytic = table[p] })
                compare run s map.Mode entries true)
        |> first

    let private direction (run: Run) n =
        let u = run.Gaussians n
        let length = norm u
        u |> Array.map (fun x -> x / length)

    /// For large inputs: random directions, the largest derivatives, and a random selection.
    let private sampled (run: Run) (s: Subject) (y: double[]) (maps: Map[]) : Failure voption =
        let n, m = s.Point.Length, y.Length
        let rows =
            maps
            |> Array.map (fun map ->
                if map.IsPull then
                    Array.init m (fun i ->
                        run.Tick()
                        map.Apply(unit m i))
                else
                    [||])

        let size =
            match Array.tryFind (fun (r: double[][]) -> r.Length > 0) rows with
            | Some rows -> Array.init n (fun j -> Array.fold (fun sum (row: double[]) -> sum + abs row[j]) 0.0 rows)
            | None -> Array.create n 0.0

        let chosen =
            Array.concat
                [ [| 0 .. n - 1 |] |> Array.sortByDescending (fun j -> size[j]) |> Array.truncate 16
                  Array.init 16 (fun _ -> run.Next n)
                  [| 0; n - 1 |] ]
            |> Array.distinct

        let directions = Array.init run.Options.Directions (fun _ -> direction run n)
        let longest (u: double[]) = Array.fold (fun a x -> max a (abs x)) 0.0 u
        let byDirection = directions |> Array.map (fun u -> along run s y u (Differences.steps 1.0 |> Array.map (fun h -> h / longest u)))
        let byInput = chosen |> Array.map (fun j -> along run s y (unit n j) (Differences.steps s.Point[j]))

        let judge k (map: Map) () =
            let push u =
                if map.IsPull then
                    rows[k] |> Array.map (dot u)
                else
                    (run.Tick()
                     map.Apply u)

            let entries =
                [| for d in 0 .. directions.Length - 1 do
                       let a = push directions[d]
                       for i in 0 .. m - 1 do
                           { Output = i; Input = -1; Line = byDirection[d]; Analytic = a[i] }
                   for c in 0 .. chosen.Length - 1 do
                       let a = if map.IsPull then rows[k] |> Array.map (fun row -> row[chosen[c]]) else push (unit n chosen[c])
                       for i in 0 .. m - 1 do
                           { Output = i; Input = chosen[c]; Line = byInput[c]; Analytic = a[i] } |]

            match (if map.IsPull then finiteDerivative s map.Mode (fun p -> s.Inputs.NameOf(p % n)) (Array.concat rows[k]) else ValueNone) with
            | ValueSome f -> ValueSome f
            | ValueNone ->
                match
                    finiteDerivative
                        s
                        map.Mode
                        (fun p -> if entries[p].Input < 0 then "a random direction" else s.Inputs.NameOf entries[p].Input)
                        (entries |> Array.map (fun e -> e.Analytic))
                with
                | ValueSome f -> ValueSome f
                | ValueNone -> compare run s map.Mode entries false

        maps |> Array.mapi judge |> Array.toList |> first

    let private differences (run: Run) (s: Subject) (y: double[]) (maps: Map[]) () : Failure voption =
        let n = s.Point.Length

        if n = 0 || y.Length = 0 then
            ValueNone
        else
            let many = y.Length > max 1 run.Options.MaxFullInputs || int64 n * int64 y.Length > 4_000_000L

            let s, y, maps =
                if many then
                    let c = contract (Array.init 3 (fun _ -> direction run y.Length)) s
                    c, c.Evaluate s.Point, c.At s.Point
                else
                    s, y, maps

            if n <= run.Options.MaxFullInputs then full run s y maps else sampled run s y maps

    // ---- steps 8 and 9: laws of linear maps, to rounding

    /// What rounding of the inputs by an ulp or two does to a derivative: the size below which no law can be asked.
    let private sensitivity (run: Run) (s: Subject) (which: int) (v: double[]) (at: double[]) : double =
        try
            let x = s.Point |> Array.map (fun x -> x * (1.0 + 4e-16 * (if run.Uniform() < 0.5 then 1.0 else -1.0)))
            let maps = s.At x
            let other = maps[which].Apply v
            norm (Array.map2 (-) other at)
        with
        | :? OutOfTime -> reraise ()
        | _ -> 0.0

    let private lawFailure step (s: Subject) mode reason what (a: double) (b: double) =
        { wrong step reason with
            Worst = CheckDiscrepancy(what, [||], (if s.Outputs.Count = 1 then "y" else "Σ w·y"), a, b, 0.0, mode, s.Order) }

    let private duality (run: Run) (s: Subject) (maps: Map[]) () : Failure voption =
        let pulls = maps |> Array.indexed |> Array.filter (fun (_, m) -> m.IsPull)
        let pushes = maps |> Array.indexed |> Array.filter (fun (_, m) -> not m.IsPull)

        let pair (j, push: Map) (i, pull: Map) () =
            let v, w = run.Gaussians s.Point.Length, run.Gaussians push.Value.Length
            run.Tick()
            let jv, jtw = push.Apply v, pull.Apply w
            let left, right = dot w jv, dot jtw v
            let scale = norm w * norm jv + norm jtw * norm v
            let gap = abs (left - right)

            if gap <= 1e-12 * scale then
                ValueNone
            else
                let slack = norm w * sensitivity run s j v jv + norm v * sensitivity run s i w jtw

                if gap <= 1e-12 * scale + 100.0 * slack then
                    ValueNone
                else
                    let struct (l, r) = apart left right

                    ValueSome(
                        lawFailure
                            CheckStep.Duality
                            s
                            $"{push.Mode} against {pull.Mode}"
                            $"{push.Mode} and {pull.Mode} mode are not each other's transpose: <w, J v> is {l}, <Jᵀ w, v> is {r}."
                            "a random direction"
                            left
                            right
                    )

        if s.Point.Length = 0 then
            ValueNone
        else
            first
                [ for push in pushes do
                      for pull in pulls do
                          for _ in 1..3 do
                              pair push pull ]

    let private linearity (run: Run) (s: Subject) (maps: Map[]) () : Failure voption =
        let check (k, map: Map) () =
            let n = if map.IsPull then map.Value.Length else s.Point.Length
            let v, u = run.Gaussians n, run.Gaussians n
            run.Tick()
            let jv, ju = map.Apply v, map.Apply u
            let what = if map.IsPull then "cotangent" else "tangent"
            let twice = map.Apply(Array.map (fun x -> 2.0 * x) v)
            let sum = map.Apply(Array.map2 (+) v u)
            let zero = map.Apply(Array.zeroCreate n)
            let broken reason a b =
                ValueSome(lawFailure CheckStep.Linearity s map.Mode $"{map.Mode} mode is not linear in the {what}: {reason}." $"a random {what}" a b)

            match zero |> Array.tryFindIndex (fun x -> x <> 0.0) with
            | Some i -> broken $"a {what} of zeros gives {g zero[i]}" zero[i] 0.0
            | None ->
                match Array.tryFindIndex id (Array.map2 (fun (t: double) x -> t <> 2.0 * x && abs (t - 2.0 * x) > 1e-300) twice jv) with
                | Some i ->
                    let struct (t, x) = apart twice[i] (2.0 * jv[i])
                    broken $"twice the {what} gives {t}, not {x}" twice[i] (2.0 * jv[i])
                | None ->
                    let parts = Array.map2 (+) jv ju
                    let gap = norm (Array.map2 (-) sum parts)
                    let scale = norm jv + norm ju

                    if gap <= 1e-13 * scale || gap <= 1e-12 * scale + 100.0 * sensitivity run s k v jv then
                        ValueNone
                    else
                        let i = Array.map2 (fun a b -> abs (a - b)) sum parts |> Array.indexed |> Array.maxBy snd |> fst
                        let struct (s, p) = apart sum[i] parts[i]
                        broken $"the sum of two gives {s}, but one after the other they give {p}" sum[i] parts[i]

        if s.Point.Length = 0 then
            ValueNone
        else
            first
                [ for map in Array.indexed maps do
                      check map ]

    let private precision (s: Subject) () : Failure voption =
        match s.Single with
        | ValueNone -> ValueNone
        | ValueSome compare ->
            match compare () with
            | ValueNone -> ValueNone
            | ValueSome worst ->
                ValueSome
                    { wrong
                          CheckStep.Precision
                          $"the float32 gradient by {worst.Where} is {g worst.Analytic}, in float64 it is {g worst.Numeric}. A float32 path of its own is wrong, or the function loses too many digits there (set Float32Tol)." with
                        Worst = worst }

    /// All steps for first derivatives.
    let firstOrder (run: Run) (s: Subject) : Failure voption =
        let y = evaluate run s s.Point

        match first [ purity run s y; finiteValue s y ] with
        | ValueSome f -> ValueSome f
        | ValueNone ->
            let maps =
                try
                    Ok(s.At s.Point)
                with
                | :? OutOfTime -> reraise ()
                | e -> Error e

            match maps with
            | Error e ->
                ValueSome
                    { wrong CheckStep.Value $"the plain function gives a value, but differentiating it throws {e.GetType().Name}: {e.Message}" with
                        Error = e }
            | Ok maps ->
                let guarded step () =
                    try
                        step ()
                    with
                    | :? OutOfTime -> reraise ()
                    | :? OutOfMemoryException -> reraise ()
                    | e -> ValueSome { wrong CheckStep.Differences $"taking the derivative throws {e.GetType().Name}: {e.Message}" with Error = e }

                [ values run s y maps; differences run s y maps; duality run s maps; linearity run s maps; precision s ] |> List.map guarded |> first

    // ---- step 10

    let private inMode (name: string) (failure: Failure voption) =
        match failure with
        | ValueSome f ->
            let worst =
                match f.Worst with
                | null -> null
                | w ->
                    CheckDiscrepancy(
                        w.Input,
                        Seq.toArray w.InputIndex,
                        w.Output,
                        w.Analytic,
                        w.Numeric,
                        w.ErrorEstimate,
                        $"{w.Mode} over {name}",
                        w.Order
                    )

            ValueSome { f with Worst = worst; Reason = $"{f.Reason.TrimEnd '.'} (of the derivative by {name} mode)." }
        | ValueNone -> ValueNone

    /// Derivatives up to an order: forward and reverse mode as functions of point and direction, checked in their turn, so that every nesting is met.
    let rec derivatives (run: Run) (order: int) (level: int) (t: TensorFunction) : Failure voption =
        match firstOrder run (ofTensors run.Options level t) with
        | ValueSome f -> ValueSome f
        | ValueNone when level >= order -> ValueNone
        | ValueNone ->
            first
                [ if run.Options.Modes.HasFlag CheckModes.Forward then
                      fun () -> derivatives run order (level + 1) (pushed run.Tensor t) |> inMode "forward"
                  if run.Options.Modes.HasFlag CheckModes.Reverse then
                      fun () -> derivatives run order (level + 1) (pulled run.Tensor t) |> inMode "reverse" ]

    /// The Hessian times v in all four nestings, and v to Hv in two more: they must agree to rounding.
    let private nestings (run: Run) (t: TensorFunction) () : Failure voption =
        let xs = fill t.Leaves (flatten t.Leaves)
        let n = (flatten t.Leaves).Length
        let v = run.Gaussians n
        let gradient = gradientOf t

        let tangents = fill t.Leaves v |> Array.map2 (fun (x: Tensor) d -> if DTypes.isFloat x.DType then ValueSome d else ValueNone) t.Leaves

        let slope xs =
            let struct (ys, dys) = Forward.jvp t.F xs tangents
            Array.map2
                (fun y d ->
                    match d with
                    | ValueSome d -> d
                    | ValueNone -> Forward.zerosLike y)
                ys
                dys

        let directional = { t with F = slope }

        let forwardOverReverse xs = let struct (_, d) = pushOf gradient.F xs v in flatten d
        let reverseOverReverse xs =
            let struct (values, pull) = pullOf gradient.F xs (fill t.Leaves v |> Array.filter (fun x -> DTypes.isFloat x.DType)) in
            (ignore values
             pull v)
        let reverseOverForward xs =
            let struct (values, pull) = pullOf directional.F xs (directional.F xs) in
            (ignore values
             pull [| 1.0 |])
        let forwardOverForward xs = let struct (_, d) = pushOf directional.F xs v in (flatten d)[0]
        run.Tick()
        let hv = forwardOverReverse xs

        let nudged =
            lazy
                (let x = flatten t.Leaves |> Array.map (fun x -> x * (1.0 + 4e-16 * (if run.Uniform() < 0.5 then 1.0 else -1.0)))
                 100.0 * norm (Array.map2 (-) (forwardOverReverse (fill t.Leaves x)) hv))

        let s =
            { Inputs = { Names = [| "x" |]; Shapes = [| Shape [| max 1 n |] |] }
              Outputs = { Names = [| "y" |]; Shapes = [| Shape.Scalar |] }
              Point = v
              Order = 2
              Evaluate = id
              At = (fun _ -> [||])
              Culprit = (fun _ _ -> "")
              Single = ValueNone }

        let same name (other: double[]) () =
            let gap = norm (Array.map2 (-) hv other)

            if gap <= 1e-12 * (norm hv + norm other) || gap <= 1e-12 * (norm hv + norm other) + nudged.Value then
                ValueNone
            else
                let i = Array.map2 (fun a b -> abs (a - b)) hv other |> Array.indexed |> Array.maxBy snd |> fst
                let struct (o, h) = apart other[i] hv[i]
                ValueSome(
                    lawFailure
                        CheckStep.HigherOrder
                        s
                        name
                        $"the Hessian times a vector is {o} by {name} mode and {h} by forward over reverse, at number {i}."
                        "a random direction"
                        other[i]
                        hv[i]
                )

        first
            [ fun () -> same "reverse over reverse" (reverseOverReverse xs) ()
              fun () -> same "reverse over forward" (reverseOverForward xs) ()
              fun () ->
                  let a, b = forwardOverForward xs, dot v hv
                  let struct (ta, tb) = apart a b
                  if
                      abs (a - b) <= 1e-12 * (abs a + norm v * norm hv) || abs (a - b) <= 1e-12 * (abs a + norm v * norm hv) + norm v * nudged.Value
                  then
                      ValueNone
                  else
                      ValueSome(
                          lawFailure
                              CheckStep.HigherOrder
                              s
                              "forward over forward"
                              $"the second derivative along a direction is {ta} by forward over forward mode, and {tb} by forward over reverse."
                              "a random direction"
                              a
                              b
                      ) ]

    let private symmetry (run: Run) (t: TensorFunction) () : Failure voption =
        let s = ofTensors run.Options 2 (gradientOf t)
        let v, w = run.Gaussians s.Point.Length, run.Gaussians s.Point.Length
        let xs = fill t.Leaves s.Point
        let product v xs = let struct (_, d) = pushOf (gradientOf t).F xs v in flatten d
        run.Tick()
        let hv, hw = product v xs, product w xs
        let a, b = dot w hv, dot v hw
        let scale = norm w * norm hv + norm v * norm hw

        if abs (a - b) <= 1e-12 * scale then
            ValueNone
        else
            let x = s.Point |> Array.map (fun x -> x * (1.0 + 4e-16 * (if run.Uniform() < 0.5 then 1.0 else -1.0)))
            let slack = norm w * norm (Array.map2 (-) (product v (fill t.Leaves x)) hv)

            if abs (a - b) <= 1e-12 * scale + 200.0 * slack then
                ValueNone
            else
                let struct (ta, tb) = apart a b
                ValueSome(
                    lawFailure
                        CheckStep.HigherOrder
                        s
                        "forward over reverse"
                        $"the Hessian is not symmetric: <w, H v> is {ta}, <v, H w> is {tb}."
                        "a random direction"
                        a
                        b
                )

    /// The Hessian: the gradient, its Jacobian against differences of the gradient, symmetry, and the nestings.
    let hessian (run: Run) (t: TensorFunction) : Failure voption =
        let both = run.Options.Modes = CheckModes.All
        let empty = (flatten t.Leaves).Length = 0

        first
            [ fun () -> firstOrder run (ofTensors run.Options 1 t)
              fun () -> firstOrder run (ofTensors run.Options 2 (gradientOf t)) |> inMode "reverse"
              if not empty then symmetry run t
              if both && not empty then nestings run t ]

    /// A hand-written gradient beside ours.
    let withGradient (name: string) (gradient: double[] -> double[]) (s: Subject) : Subject =
        { s with
            At =
                fun x ->
                    let maps = s.At x
                    let own = gradient x

                    if own.Length <> x.Length then
                        raise (
                            InvalidOperationException
                                $"{name} has {own.Length} elements, but the parameters have {x.Length}. A gradient has the shape of what it belongs to."
                        )

                    Array.append
                        [| { Mode = name; IsPull = true; Value = s.Evaluate x; Apply = fun w -> own |> Array.map (fun d -> w[0] * d) } |]
                        maps }

    // ---- the run as a whole

    let private demandNumber (f: Tensor[] -> Tensor[]) (xs: Tensor[]) =
        let y = (f xs)[0]

        if y.Count <> 1 then
            raise (
                InvalidOperationException
                    $"the function returned shape {y.Shape}, but only a single number has a gradient. Reduce it (for instance with Sum or Mean), or use Check.Jacobian."
            )

    let scalar (t: TensorFunction) : TensorFunction =
        { t with
            F =
                fun xs ->
                    let ys = t.F xs
                    demandNumber (fun _ -> ys) xs
                    ys }

    /// Runs a check at a point, moving on from kinks if asked to, and turns what happened into a report.
    let report
        (verb: string)
        (options: CheckOptions)
        (point: double[])
        (check: Run -> double[] -> Failure voption)
        (code: double[] -> struct (string * string))
        : CheckReport =
        let run = Run options

        let attempt x =
            try
                check run x
            with
            | :? OutOfTime ->
                ValueSome(fail CheckStep.Timeout CheckOutcome.Inconclusive $"time ran out ({options.Timeout}) after {run.Compared} derivatives.")
            | :? OutOfMemoryException -> reraise ()
            | e ->
                ValueSome
                    { fail CheckStep.Evaluation CheckOutcome.Inconclusive $"evaluating the function throws {e.GetType().Name}: {e.Message}" with
                        Error = e }

        let rec go x tries =
            match attempt x with
            | ValueSome f when f.Step = CheckStep.Kinks && options.Kinks = CheckKinks.Skip && tries < 8 && point.Length > 0 ->
                let u = direction run point.Length
                let longest = Array.fold (fun a v -> max a (abs v)) 0.0 u
                let reach = 10.0 * f.Reach * Math.Pow(4.0, double tries)
                go (Array.map2 (fun p v -> p + reach * v / longest) x u) (tries + 1)
            | found -> struct (found, x)

        let struct (found, x) = go point 0
        let struct (csharp, fsharp) = code x

        match found with
        | ValueNone ->
            CheckReport(
                verb,
                CheckOutcome.Agrees,
                CheckStep.None,
                "",
                "",
                run.Worst,
                run.Histogram,
                run.Compared,
                run.Evaluations,
                run.Kinks,
                options.Seed,
                csharp,
                fsharp,
                null
            )
        | ValueSome f ->
            CheckReport(
                verb,
                f.Outcome,
                f.Step,
                f.Reason,
                f.Diagnosis,
                f.Worst,
                run.Histogram,
                run.Compared,
                run.Evaluations,
                run.Kinks,
                options.Seed,
                csharp,
                fsharp,
                f.Error
            )

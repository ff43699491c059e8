namespace DiffLib

open System

/// Slopes from values alone: central differences over a ladder of halved steps, extrapolated to step 0, with an estimate of the error.
/// C. J. F. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4 (1982).
module internal Differences =
    /// Rungs of a ladder: h, h/2, ..., h/32.
    [<Literal>]
    let Rungs = 6

    /// What a ladder shows beside its slope.
    type Break =
        | Smooth = 0
        /// The slopes on the two sides differ by the same amount at every step.
        | Kink = 1
        /// They differ the more the smaller the step: the value itself jumps.
        | Jump = 2

    [<Struct; NoEquality; NoComparison>]
    type Estimate =
        {
            Slope: double
            Error: double
            /// False where the steps were too long for what the function does in between.
            Resolved: bool
            /// What rounding alone may do to the slope.
            Noise: double
            Left: double
            Right: double
            Break: Break
            Step: double
            /// Every value is the same to the last bit: no slope, or one that rounding swallows.
            Constant: bool
        }

    /// Extrapolates first[k], the slopes at steps h/2^k, whose error is a series in powers of h (one-sided) or h² (central).
    let extrapolate (first: double[]) (oneSided: bool) : struct (double * double) =
        let mutable previous = first
        let mutable slope = first[first.Length - 1]
        let mutable error = Double.PositiveInfinity
        let mutable factor = if oneSided then 2.0 else 4.0

        while previous.Length > 1 do
            let next = Array.init (previous.Length - 1) (fun k -> (factor * previous[k + 1] - previous[k]) / (factor - 1.0))

            for k in 0 .. next.Length - 1 do
                let e = max (abs (next[k] - previous[k])) (abs (next[k] - previous[k + 1]))

                if e < error then
                    error <- e
                    slope <- next[k]

            previous <- next
            factor <- factor * (if oneSided then 2.0 else 4.0)

        struct (slope, error)

    let private spread (xs: double[]) = Array.max xs - Array.min xs

    /// The gaps between the slopes on the two sides at each step: in proportion to the step if smooth, constant at a kink.
    let private breakOf (gaps: double[]) (noise: double) : Break =
        let sizes = gaps |> Array.map abs
        let least, most = Array.min sizes, Array.max sizes
        let sameSign = gaps |> Array.forall (fun g -> g > 0.0) || gaps |> Array.forall (fun g -> g < 0.0)

        if not sameSign || most <= 1000.0 * noise then
            Break.Smooth
        elif least >= 0.45 * most then
            Break.Kink
        else
            // gap times step is constant at a jump
            let scaled = sizes |> Array.mapi (fun k g -> g / double (1 <<< k))
            if Array.min scaled >= 0.45 * Array.max scaled then Break.Jump else Break.Smooth

    /// One ladder on both sides: values at t + h/2^k and t - h/2^k, and at t.
    let central (h: double) (plus: double[][]) (minus: double[][]) (at: double[]) (i: int) : Estimate =
        let step k = h / double (1 <<< k)
        let slopes = Array.init Rungs (fun k -> (plus[k][i] - minus[k][i]) / (2.0 * step k))
        let gaps = Array.init Rungs (fun k -> (plus[k][i] - at[i] - (at[i] - minus[k][i])) / step k)
        let size = Array.fold2 (fun m (p: double[]) (q: double[]) -> max m (max (abs p[i]) (abs q[i]))) (abs at[i]) plus minus
        let noise = 2.3e-16 * size / step (Rungs - 1)
        let struct (slope, error) = extrapolate slopes false
        let last = Rungs - 1

        { Slope = slope
          Error = max error (noise / 8.0)
          Resolved = error <= 0.02 * spread slopes + 1000.0 * noise || error <= 1e-3 * abs slope
          Noise = noise
          Left = (at[i] - minus[last][i]) / step last
          Right = (plus[last][i] - at[i]) / step last
          Break = breakOf gaps noise
          Step = h
          Constant = Array.forall2 (fun (p: double[]) (q: double[]) -> p[i] = at[i] && q[i] = at[i]) plus minus }

    /// One ladder on one side, for the edge of a domain; h is negative on the left.
    let oneSided (h: double) (beside: double[][]) (at: double[]) (i: int) : Estimate =
        let step k = h / double (1 <<< k)
        let slopes = Array.init Rungs (fun k -> (beside[k][i] - at[i]) / step k)
        let size = Array.fold (fun m (p: double[]) -> max m (abs p[i])) (abs at[i]) beside
        let noise = 2.3e-16 * size / abs (step (Rungs - 1))
        let struct (slope, error) = extrapolate slopes true

        { Slope = slope
          Error = max error (noise / 8.0)
          Resolved = error <= 0.02 * spread slopes + 1000.0 * noise || error <= 1e-3 * abs slope
          Noise = noise
          Left = slope
          Right = slope
          Break = Break.Smooth
          Step = abs h
          Constant = Array.forall (fun (p: double[]) -> p[i] = at[i]) beside }

    /// The steps to try, long to short, powers of 2 so that x + h and x - h are exact: 0.01 of the larger of 1 and |x| and seven
    /// decades below, of which all but the first serve hard cases; fractions of a small |x|, for domains that end at 0; plain steps at a large one, for what varies there.
    let steps (x: double) : double[] =
        let size = abs x
        let scale = max 1.0 size

        [| for k in 0..7 do
               0.01 * scale * Math.Pow(10.0, -double k)
           if size < 1.0 && size > 1e-290 then
               for k in 1..3 do
                   size * Math.Pow(10.0, -double k)
           if size > 10.0 then
               for k in 2..4 do
                   Math.Pow(10.0, -double k) |]
        |> Array.map (fun h -> Math.ScaleB(1.0, int (Math.Round(Math.Log2 h))))
        |> Array.filter (fun h -> h >= 2e-14 * size)
        |> Array.distinct
        |> Array.sortDescending

    type Verdict =
        | Agrees = 0
        | Disagrees = 1
        | Kink = 2
        | Unclear = 3

    /// A function along a line through the point: ladders made when asked for, and kept.
    [<Sealed>]
    type Line(value: double -> double[] voption, at: double[], steps: double[]) =
        let gather h sign =
            let found = Array.zeroCreate<double[]> Rungs
            let mutable all = true
            let mutable k = 0

            while all && k < Rungs do
                match value (sign * h / double (1 <<< k)) with
                | ValueSome y -> found[k] <- y
                | ValueNone -> all <- false

                k <- k + 1

            if all then ValueSome found else ValueNone

        let both =
            steps
            |> Array.map (fun h ->
                lazy
                    (match gather h 1.0 with
                     | ValueNone -> ValueNone
                     | ValueSome plus ->
                         match gather h -1.0 with
                         | ValueNone -> ValueNone
                         | ValueSome minus -> ValueSome(fun i -> central h plus minus at i)))

        let side =
            steps
            |> Array.map (fun h ->
                lazy
                    (match gather h 1.0, h with
                     | ValueSome plus, _ -> ValueSome(fun i -> oneSided h plus at i)
                     | ValueNone, _ ->
                         match gather h -1.0 with
                         | ValueSome minus -> ValueSome(fun i -> oneSided -h minus at i)
                         | ValueNone -> ValueNone))

        /// Two slopes that tell the same from different steps.
        let consistent (a: Estimate) (b: Estimate) =
            let gap = abs (a.Slope - b.Slope)

            gap <= 1e-3 * max (abs a.Slope) (abs b.Slope) + 10.0 * (a.Noise + b.Noise)
            || (a.Resolved && b.Resolved && gap <= 10.0 * (a.Error + b.Error))

        let matters (e: Estimate) relTol absTol = abs (e.Right - e.Left) > 20.0 * (absTol + relTol * max (abs e.Left) (abs e.Right))

        /// Compares a derivative with the ladders, from long steps to short, until the answer is sure.
        let judge
            (ladders: Lazy<(int -> Estimate) voption>[])
            (i: int)
            (analytic: double)
            (relTol: double)
            (absTol: double)
            : struct (Verdict * Estimate voption) =
            let mutable verdict = ValueNone
            let mutable candidate = ValueNone
            let mutable kink = ValueNone
            let mutable best: Estimate voption = ValueNone
            let mutable k = 0

            while verdict.IsNone && k < ladders.Length do
                match ladders[k].Value with
                | ValueNone -> ()
                | ValueSome ladder ->
                    let e = ladder i
                    let tolerance = absTol + relTol * max (abs analytic) (abs e.Slope)
                    if best.IsNone || e.Error < best.Value.Error then best <- ValueSome e

                    if e.Break <> Break.Smooth && matters e relTol absTol then
                        kink <- ValueSome e
                    elif e.Constant && abs analytic <= absTol then
                        verdict <- ValueSome struct (Verdict.Agrees, ValueSome { e with Error = 0.0 })
                    elif e.Error <= 100.0 * tolerance then
                        let close = abs (analytic - e.Slope) <= tolerance + 10.0 * e.Error
                        let negligible = abs analytic + abs e.Slope <= tolerance

                        if close && (e.Resolved || negligible) then
                            verdict <- ValueSome struct (Verdict.Agrees, ValueSome e)
                        elif not close then
                            match candidate with
                            | ValueSome other when consistent other e ->
                                verdict <- ValueSome struct (Verdict.Disagrees, ValueSome(if other.Error < e.Error then other else e))
                            | _ -> candidate <- ValueSome e

                k <- k + 1

            match verdict, kink with
            | ValueSome v, _ -> v
            | ValueNone, ValueSome e -> struct (Verdict.Kink, ValueSome e)
            | ValueNone, ValueNone -> struct (Verdict.Unclear, best)

        /// What the differences of component i say to a derivative.
        member _.Judge(i: int, analytic: double, relTol: double, absTol: double) : struct (Verdict * Estimate voption) =
            let struct (verdict, _) as answer = judge both i analytic relTol absTol
            let atAnEdge = verdict = Verdict.Unclear && both |> Array.exists (fun l -> l.Value.IsNone)

            if atAnEdge then
                // one-sided ladders may decide what central ones could not reach
                let struct (sideVerdict, _) as sideAnswer = judge side i analytic relTol absTol
                let struct (_, estimate) = answer
                if sideVerdict = Verdict.Unclear && estimate.IsSome then answer else sideAnswer
            else
                answer

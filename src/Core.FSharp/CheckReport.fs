namespace DiffLib

open System
open System.Collections.Generic
open System.Globalization
open System.Text
open System.Threading

// Chapter 14: checking derivatives. What a check is asked, and what it answers, as data.

/// What a check found.
type CheckOutcome =
    /// Everything compared agrees within the tolerances.
    | Agrees = 0
    /// Something is wrong: a derivative, a mode, or the function (random, or different while being differentiated).
    | Disagrees = 1
    /// Neither: the differences are too rough here to decide, the point is a kink, a value is not finite, or time ran out.
    | Inconclusive = 2

/// The steps of a check, in the order in which they run; the first that fails names itself in the report.
type CheckStep =
    /// Every step passed.
    | None = 0
    /// The function is evaluated at the point.
    | Evaluation = 1
    /// Two evaluations give the same bits.
    | Purity = 2
    /// Each mode gives the value of the plain function.
    | Value = 3
    /// Values and derivatives are finite.
    | Finiteness = 4
    /// Derivatives are compared with differences of values.
    | Differences = 5
    /// The point is not a kink of the function.
    | Kinks = 6
    /// Forward and reverse mode are each other's transpose.
    | Duality = 7
    /// The derivative is linear in the tangent.
    | Linearity = 8
    /// Second derivatives are symmetric, and the same in every nesting of the modes.
    | HigherOrder = 9
    /// float32 derivatives are near those of float64.
    | Precision = 10
    /// A rule copes with layouts, empty and single inputs, repeated inputs, wrong shapes and errors.
    | Plumbing = 11
    /// Time ran out.
    | Timeout = 12

/// What to do where a function has a kink within reach of the smallest step.
type CheckKinks =
    /// Report it: there is no derivative to compare with. The outcome is Inconclusive.
    | Fail = 0
    /// Move the point a little along a random direction, up to 8 times.
    | Skip = 1
    /// Ask only that the derivative lies between the slopes on the two sides.
    | OneSided = 2

/// The modes that a check compares.
[<Flags>]
type CheckModes =
    /// Tangents forward.
    | Forward = 1
    /// Cotangents back.
    | Reverse = 2
    /// Both.
    | All = 3

/// <summary>How a check is made. Every setting has a default that suits smooth float64 functions.</summary>
[<Sealed; AllowNullLiteral(false)>]
type CheckOptions() =
    /// Allowed difference, relative to the larger of the two numbers: 1e-6.
    member val RelTol = 1e-6 with get, set
    /// Allowed absolute difference: 1e-8.
    member val AbsTol = 1e-8 with get, set
    /// The seed of all random directions: 0. The same seed makes the same check.
    member val Seed = 0 with get, set
    /// Up to so many input numbers each is varied by itself; beyond, random directions and a selection: 256.
    member val MaxFullInputs = 256 with get, set
    /// The number of random directions for large inputs: 5.
    member val Directions = 5 with get, set
    /// Where the function may be evaluated: a closed interval for each input tensor, or one for all of them; null: everywhere. Points outside are never asked for.
    member val Domain: IReadOnlyList<struct (double * double)> | null = null with get, set
    /// What to do at a kink: report it.
    member val Kinks = CheckKinks.Fail with get, set
    /// Allowed absolute difference between two evaluations at the same point: 0, the same bits.
    member val NondetTol = 0.0 with get, set
    /// The time allowed; checked between evaluations. Infinite by default.
    member val Timeout = Timeout.InfiniteTimeSpan with get, set
    /// The modes compared: all.
    member val Modes = CheckModes.All with get, set
    /// Allowed difference between float32 and float64 derivatives, relative to the largest of the same input: 1e-4. Differences are never taken in float32.
    member val Float32Tol = 1e-4 with get, set
    /// Whether the verbs that throw do so for an inconclusive check too: true, for what was not checked has not passed.
    member val ThrowOnInconclusive = true with get, set

/// The two numbers that differ most, and where.
[<Sealed; AllowNullLiteral(false)>]
type CheckDiscrepancy internal (input: string, inputIndex: int[], output: string, analytic, numeric, error, mode: string, order: int) =
    /// The input tensor: x, or its place in the parameters such as Layers[0].Weight; for a comparison along a direction, the direction.
    member _.Input = input
    /// The index of the element in the input tensor; empty for a single number and for directions.
    member _.InputIndex: IReadOnlyList<int> = inputIndex
    /// The element of the result, such as y[2]; y alone where the result is one number.
    member _.Output = output
    /// What the mode under test gave.
    member _.Analytic: double = analytic
    /// What it was compared with.
    member _.Numeric: double = numeric
    /// The estimated error of that number.
    member _.ErrorEstimate: double = error
    /// The mode, such as reverse, or forward over reverse.
    member _.Mode = mode
    /// The order of the derivative.
    member _.Order = order
    /// Analytic divided by numeric: -1, 2, 1/2, n or 0 name the usual mistakes.
    member _.Ratio = analytic / numeric
    /// The difference, relative to the larger of the two.
    member _.RelativeError =
        let larger = max (abs analytic) (abs numeric)
        if larger = 0.0 then 0.0 else abs (analytic - numeric) / larger

    /// The element of the input, such as x[2, 3].
    member internal _.Where = if inputIndex.Length = 0 then input else input + "[" + String.Join(", ", inputIndex) + "]"

    /// The derivative in question, in words.
    member internal this.Place = if input.StartsWith "a random" then $"{output} along {input}" else $"d{output} / d{this.Where}"

    /// The two numbers and where they stand.
    override this.ToString() = FormattableString.Invariant $"{this.Place}: {analytic:R} ({mode}), {numeric:R} expected"

/// Everything that a check found; ToString is a page to read.
[<Sealed; AllowNullLiteral(false)>]
type CheckReport
    internal
    (
        verb: string,
        outcome: CheckOutcome,
        step: CheckStep,
        reason: string,
        diagnosis: string,
        worst: CheckDiscrepancy | null,
        histogram: int[],
        compared: int,
        evaluations: int,
        kinks: int,
        seed: int,
        csharp: string,
        fsharp: string,
        error: exn | null
    ) =
    static let bounds = [| for k in -16 .. 0 -> Math.Pow(10.0, double k) |]

    static let number (x: double) = x.ToString("R", CultureInfo.InvariantCulture)

    /// The verb asked for: Gradient, Jacobian, Hessian, Derivatives, Derivative or Rule.
    member _.Verb = verb
    /// The answer.
    member _.Outcome = outcome
    /// Whether the answer is Agrees.
    member _.Passed = (outcome = CheckOutcome.Agrees)
    /// The first step that failed; None if all passed.
    member _.FailedStep = step
    /// What happened, in a sentence.
    member _.Reason = reason
    /// The mistake this looks like, in a sentence; empty if it looks like none of the usual ones.
    member _.Diagnosis = diagnosis
    /// The two numbers that differ most; null if no numbers were compared, or nothing differed.
    member _.Worst = worst
    /// The numbers compared, by relative error: entry k counts errors below HistogramBounds[k] and not below the one before; the last counts the rest.
    member _.RelativeErrorHistogram: IReadOnlyList<int> = histogram
    /// The upper bounds of the histogram: 1e-16 to 1.
    static member HistogramBounds: IReadOnlyList<double> = bounds
    /// How many derivatives were compared.
    member _.Compared = compared
    /// How often the function was evaluated for that.
    member _.Evaluations = evaluations
    /// How many kinks were met and passed over or checked from both sides.
    member _.KinksMet = kinks
    /// The seed of the random directions.
    member _.Seed = seed
    /// The check again, as C# to paste: inputs, seed and call. The function is called f.
    member _.ReproductionCSharp = csharp
    /// The check again, as F# to paste.
    member _.ReproductionFSharp = fsharp
    /// What the function threw, if that is what went wrong.
    member _.Exception = error

    static member internal Bin(relative: double) : int =
        let k = Array.FindIndex(bounds, fun b -> relative < b)
        if k < 0 then bounds.Length else k

    static member internal Bins = bounds.Length + 1

    member private _.Distribution() =
        [ for k in 0 .. histogram.Length - 1 do
              if histogram[k] > 0 then
                  let name =
                      if k = bounds.Length then
                          ">= 1"
                      else
                          "< " + (if k = bounds.Length - 1 then "1" else bounds[k].ToString("0e-0", CultureInfo.InvariantCulture))
                  $"{name}: {histogram[k]}" ]

    /// The whole report.
    override this.ToString() =
        let text = StringBuilder()
        let line (label: string) (value: string) = text.Append("  ").Append(label.PadRight 12).AppendLine value |> ignore

        let title =
            match outcome with
            | CheckOutcome.Agrees -> $"Check.{verb} agrees: {compared} derivatives compared, {evaluations} evaluations."
            | CheckOutcome.Disagrees -> $"Check.{verb} disagrees, at step {step}: {reason}"
            | _ -> $"Check.{verb} is inconclusive, at step {step}: {reason}"

        text.AppendLine title |> ignore
        if diagnosis <> "" then line "looks like" diagnosis

        match worst with
        | null -> ()
        | w ->
            line "worst" $"{w.Place}, {w.Mode} mode, order {w.Order}"
            line (if w.Mode = "your gradient's" then "yours" else "analytic") (number w.Analytic)
            line
                (if outcome = CheckOutcome.Inconclusive then "differences" else "expected")
                (number w.Numeric
                 + (if w.ErrorEstimate > 0.0 then
                        " (error about " + w.ErrorEstimate.ToString("0e-0", CultureInfo.InvariantCulture) + ")"
                    else
                        ""))
            if outcome = CheckOutcome.Disagrees && w.RelativeError < 1e-3 then
                line "apart" (w.RelativeError.ToString("0.#e-0", CultureInfo.InvariantCulture) + " of the larger")
            elif outcome = CheckOutcome.Disagrees && w.Numeric <> 0.0 then
                line "ratio" (w.Ratio.ToString("G6", CultureInfo.InvariantCulture))

        let distribution = this.Distribution()

        if not distribution.IsEmpty then line "errors" ("relative " + String.Join(", ", distribution))

        if kinks > 0 then line "kinks" $"{kinks} met"

        if outcome <> CheckOutcome.Agrees then
            let block (label: string) (code: string) =
                if code <> "" then
                    text.Append("  again, in ").AppendLine(label + ":") |> ignore
                    for l in code.Split '\n' do
                        text.Append("    ").AppendLine l |> ignore

            block "C#" csharp
            block "F#" fsharp

        text.ToString().TrimEnd()

/// <summary>A check did not pass. The message is the whole report.</summary>
[<Sealed; AllowNullLiteral(false)>]
type CheckFailedException(report: CheckReport) =
    inherit Exception(report.ToString(), report.Exception)
    /// The report, as data.
    member _.Report = report

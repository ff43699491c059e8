namespace DiffLib

open System
open DiffLib.CheckSubject
open DiffLib.Checking

/// The verbs of checking, for tensors: what is asked for, and the report.
module internal Checks =
    /// A function of the leaves of some parameters, where it is checked, and how it was called.
    [<Sealed>]
    type Asked(call: CheckCode.Call, names: string[], leaves: Tensor[], f: Tensor[] -> Tensor[]) =
        member _.Call = call
        member _.Names = names
        member _.Leaves = leaves |> Array.map (fun x -> Const x.Value)
        member _.F = f

    let private demand name condition message = if not condition then raise (ArgumentException(message, paramName = name))

    /// Options that make sense.
    let demandValid (o: CheckOptions) =
        demand
            "options"
            (o.RelTol >= 0.0 && o.AbsTol >= 0.0 && o.NondetTol >= 0.0 && o.Float32Tol >= 0.0)
            "RelTol, AbsTol, NondetTol and Float32Tol are 0 or more."
        demand "options" (o.RelTol + o.AbsTol > 0.0) "RelTol and AbsTol are both 0: no two computed numbers agree so well. Set one of them."
        demand "options" (o.MaxFullInputs >= 0 && o.Directions >= 0) "MaxFullInputs and Directions are 0 or more."
        demand "options" (int (o.Modes &&& CheckModes.All) <> 0) "Modes holds neither Forward nor Reverse."

        match o.Domain with
        | null -> ()
        | domain ->
            demand "options" (domain.Count > 0) "Domain is empty; give one interval for each input tensor, one for all of them, or null."
            demand "options" (domain |> Seq.forall (fun struct (low, high) -> low <= high)) "Domain has an interval that ends before it begins."

    let private copy (o: CheckOptions) =
        CheckOptions(
            RelTol = o.RelTol,
            AbsTol = o.AbsTol,
            Seed = o.Seed,
            MaxFullInputs = o.MaxFullInputs,
            Directions = o.Directions,
            Domain = o.Domain,
            Kinks = o.Kinks,
            NondetTol = o.NondetTol,
            Timeout = o.Timeout,
            Modes = o.Modes,
            Float32Tol = o.Float32Tol,
            ThrowOnInconclusive = o.ThrowOnInconclusive
        )

    let withModes (o: CheckOptions) (modes: CheckModes) =
        let o = copy o
        o.Modes <- modes
        o

    let private subject (a: Asked) : TensorFunction = { Names = a.Names; Leaves = a.Leaves; F = a.F }

    let private demandDomain (a: Asked) (o: CheckOptions) =
        let floats = a.Leaves |> Array.filter (fun x -> DTypes.isFloat x.DType) |> Array.length

        match o.Domain with
        | null -> ()
        | domain ->
            demand
                "options"
                (domain.Count = 1 || domain.Count = floats)
                $"Domain has {domain.Count} intervals for {floats} floating-point inputs. Give one for each, or one for all."

    let private run
        (verb: string)
        (afterFunction: string)
        (afterInputs: string)
        (a: Asked)
        (options: CheckOptions)
        (check: Run -> TensorFunction -> Failure voption)
        : CheckReport =
        demandDomain a options
        let t = subject a
        let code x = CheckCode.write a.Call verb afterFunction afterInputs a.Names (moved t x).Leaves options
        Checking.report verb options (flatten t.Leaves) (fun run x -> check run (moved t x)) code

    let gradient (verb: string) (a: Asked) (options: CheckOptions) : CheckReport =
        run verb "" "" a options (fun run t -> firstOrder run (ofTensors options 1 (scalar t)))

    let derivatives (verb: string) (arguments: string) (order: int) (a: Asked) (options: CheckOptions) : CheckReport =
        run verb "" arguments a options (fun run t -> Checking.derivatives run order 1 t)

    let hessian (a: Asked) (options: CheckOptions) : CheckReport = run "Hessian" "" "" a options (fun run t -> Checking.hessian run (scalar t))

    /// A gradient written by hand, as a function of the leaves.
    let ownGradient (a: Asked) (own: Tensor[] -> Tensor[]) (options: CheckOptions) : CheckReport =
        let at (t: TensorFunction) x =
            let leaves = fill t.Leaves x
            let gs = own leaves

            Array.iter2
                (fun (g: Tensor) (x: Tensor) ->
                    match box g with
                    | null -> raise (InvalidOperationException "the gradient function returned null; return the gradient it computed.")
                    | _ ->
                        if DTypes.isFloat x.DType && not (g.Shape.Equals x.Shape) then
                            raise (
                                InvalidOperationException
                                    $"the gradient has shape {g.Shape} where the parameter has {x.Shape}. A gradient has the shape of what it belongs to."
                            ))
                gs
                leaves

            Array.map2 (fun (x: Tensor) g -> if DTypes.isFloat x.DType then g else x) leaves gs |> flatten

        run "Gradient" "gradient" "" a options (fun run t -> firstOrder run (ofTensors options 1 (scalar t) |> withGradient "your gradient's" (at t)))

    /// An operation: its derivatives up to an order, and everything that CheckRule asks.
    let rule (arguments: string) (order: int) (a: Asked) (options: CheckOptions) : CheckReport =
        run "Rule" "" arguments a options (fun run t ->
            first
                [ CheckRule.untouched t
                  fun () -> Checking.derivatives run order 1 t
                  fun () -> CheckRule.plumbing run t ])

    // ---- functions of plain numbers

    /// A function of plain numbers with its modes: value, then each mode's name, whether it pulls, and its map at a point.
    let numbers
        (verb: string)
        (x: double[])
        (outputs: int)
        (order: int)
        (evaluate: double[] -> double[])
        (modes: double[] -> Map[])
        (options: CheckOptions)
        : CheckReport =
        let shape = Shape [| x.Length |]
        let shapes = if outputs = 1 then Shape.Scalar else Shape [| outputs |]

        let subject point : Subject =
            { Inputs = { Names = [| "x" |]; Shapes = [| shape |] }
              Outputs = { Names = [| "y" |]; Shapes = [| shapes |] }
              Point = point
              Order = order
              Evaluate = evaluate
              At = modes
              Culprit = fun _ _ -> ""
              Single = ValueNone }

        let code point =
            CheckCode.write CheckCode.Call.Numbers verb "" "" [| "x" |] [| Creation.OfSpan(ReadOnlySpan(point: double[]), shape) |] options

        Checking.report verb options x (fun run point -> firstOrder run (subject point)) code

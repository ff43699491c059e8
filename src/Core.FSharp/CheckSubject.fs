namespace DiffLib

open System
open DiffLib.CheckDiagnosis

/// What is checked, as functions of plain float64 vectors: the values, and the derivative at a point by each mode.
module internal CheckSubject =
    /// The derivative at a point by one mode: a linear map of tangents, or its transpose on cotangents.
    [<NoEquality; NoComparison>]
    type Map = { Mode: string; IsPull: bool; Value: double[]; Apply: double[] -> double[] }

    [<NoEquality; NoComparison>]
    type Subject =
        {
            Inputs: Layout
            Outputs: Layout
            Point: double[]
            Order: int
            /// The values at a point; may throw.
            Evaluate: double[] -> double[]
            /// The modes at a point; may throw.
            At: double[] -> Map[]
            /// The operation that first gives a value (or, if asked, a derivative) that is not finite; empty if unknown.
            Culprit: double[] -> bool -> string
            /// The largest difference of the float32 derivative from the float64 one, if inputs are float32.
            Single: (unit -> CheckDiscrepancy voption) voption
        }

    /// A tensor function over the leaves of its parameters, and where it is checked.
    [<NoEquality; NoComparison>]
    type TensorFunction = { Names: string[]; Leaves: Tensor[]; F: Tensor[] -> Tensor[] }

    let private isFloat (x: Tensor) = DTypes.isFloat x.DType

    let flatten (xs: Tensor[]) : double[] = xs |> Array.filter isFloat |> Array.collect Creation.ToDoubles

    /// The leaves around other numbers: float64 for float32, integers as they are.
    let fill (leaves: Tensor[]) (numbers: double[]) : Tensor[] =
        let mutable at = 0

        leaves
        |> Array.map (fun x ->
            if isFloat x then
                at <- at + x.Count
                Creation.OfSpan(ReadOnlySpan(numbers, at - x.Count, x.Count), x.Shape)
            else
                x)

    let private dense (like: Tensor[]) (ds: Tensor voption[]) =
        Array.map2
            (fun x d ->
                match d with
                | ValueSome d -> d
                | ValueNone -> Forward.zerosLike x)
            like
            ds

    let private floats (t: TensorFunction) : Layout =
        let kept =
            [| for k in 0 .. t.Leaves.Length - 1 do
                   if isFloat t.Leaves[k] then k |]
        { Names = kept |> Array.map (fun k -> t.Names[k]); Shapes = kept |> Array.map (fun k -> t.Leaves[k].Shape) }

    /// Only floating-point results take part.
    let private results (f: Tensor[] -> Tensor[]) (xs: Tensor[]) : Tensor[] = f xs |> Array.filter isFloat

    let pullOf (f: Tensor[] -> Tensor[]) (xs: Tensor[]) (shapesLike: Tensor[]) : struct (Tensor[] * (double[] -> double[])) =
        let recording = Recording.Of(results f, xs)

        struct (recording.Values,
                fun w ->
                    let ws = fill shapesLike w |> Array.map ValueSome
                    let gs = dense xs (recording.Pull ws)
                    xs
                    |> Array.iteri (fun k x ->
                        if isFloat x && not (gs[k].Shape.Equals x.Shape) then
                            raise (InvalidOperationException $"reverse mode gave a gradient of shape {gs[k].Shape} for an input of shape {x.Shape}."))
                    Array.mapi (fun k (x: Tensor) -> if isFloat x then gs[k] else x) xs |> flatten)

    let pushOf (f: Tensor[] -> Tensor[]) (xs: Tensor[]) (v: double[]) : struct (Tensor[] * Tensor[]) =
        let dxs = fill xs v |> Array.map2 (fun (x: Tensor) d -> if isFloat x then ValueSome d else ValueNone) xs
        let struct (ys, dys) = Forward.jvp (results f) xs dxs
        struct (ys, dense ys dys)

    let private modes (chosen: CheckModes) (t: TensorFunction) (x: double[]) : Map[] =
        let xs = fill t.Leaves x

        [| if chosen.HasFlag CheckModes.Reverse then
               let struct (values, pull) = pullOf t.F xs (results t.F xs)
               { Mode = "reverse"; IsPull = true; Value = flatten values; Apply = pull }
           if chosen.HasFlag CheckModes.Forward then
               let struct (ys, _) = pushOf t.F xs (Array.create x.Length 1.0)
               { Mode = "forward"
                 IsPull = false
                 Value = flatten ys
                 Apply = fun v -> let struct (_, dys) = pushOf t.F xs v in flatten dys } |]

    let private finite (x: Tensor) = not (isFloat x) || Array.forall Double.IsFinite (Creation.ToDoubles x)

    /// Walks over the record of one evaluation, with a tangent of ones for the derivative.
    let private culprit (t: TensorFunction) (x: double[]) (derivative: bool) : string =
        try
            let trace = Trace(Trace.FreshTag())
            let xs = fill t.Leaves x
            let lifted = xs |> Array.map (fun x -> if isFloat x then Reverse.watch trace x else x)
            t.F lifted |> ignore
            trace.Close()

            let pushed =
                if derivative then
                    let places =
                        lifted
                        |> Array.map (function
                            | Reverse(_, place, _) -> place
                            | _ -> Int32.MaxValue)
                    let ones = xs |> Array.map (fun x -> if isFloat x then ValueSome(Forward.onesLike x) else ValueNone)
                    Reverse.push trace places ones [| 0 .. trace.Count - 1 |]
                else
                    [||]

            let isBad place =
                let node = trace[place]

                match node.Rule, node.Y with
                | null, _ -> false
                | _, _ when derivative ->
                    (match pushed[place] with
                     | ValueSome d -> not (finite d)
                     | ValueNone -> false)
                | _, (:? Tensor as y) -> not (finite y)
                | _, (:? (Tensor[]) as ys) -> not (Array.forall finite ys)
                | _ -> false

            match Seq.tryFind isBad (seq { 0 .. trace.Count - 1 }) with
            | Some place ->
                (match trace[place].Rule with
                 | null -> ""
                 | rule -> rule.Name)
            | None -> ""
        with _ ->
            ""

    /// The float32 derivative against the float64 one, in units of the largest of each input.
    let private single (options: CheckOptions) (t: TensorFunction) (outputs: Layout) () : CheckDiscrepancy voption =
        let wide = fill t.Leaves (flatten t.Leaves)
        let ones = Array.init outputs.Count (fun k -> 1.0 + 0.25 * double (k % 3))
        let struct (narrowValues, narrowPull) = pullOf t.F t.Leaves (results t.F t.Leaves)
        let struct (_, widePull) = pullOf t.F wide (results t.F wide)
        let inputs = floats t
        let a, d = narrowPull ones, widePull ones
        let norm = max 1e-30 (Array.fold (fun m x -> max m (abs x)) 0.0 d)
        let gaps = Array.map2 (fun x y -> abs (x - y)) a d
        ignore narrowValues

        if gaps.Length = 0 then
            ValueNone
        else
            let k = gaps |> Array.mapi (fun k g -> g, k) |> Array.maxBy fst |> snd

            if gaps[k] <= options.Float32Tol * norm then
                ValueNone
            else
                let struct (input, index) = inputs.Index k
                ValueSome(CheckDiscrepancy(inputs.Names[input], index, "Σ w·y", a[k], d[k], options.Float32Tol * norm, "reverse in float32", 1))

    /// A function of tensors; its values at the point are asked for once, for their shapes.
    let ofTensors (options: CheckOptions) (order: int) (t: TensorFunction) : Subject =
        let leaves = t.Leaves |> Array.map (fun x -> Const x.Value)
        let t = { t with Leaves = leaves }
        let wide = fill leaves (flatten leaves)
        let all = t.F wide
        let ys = all |> Array.filter isFloat

        if ys.Length = 0 then
            let types = String.Join(", ", all |> Array.map (fun y -> DTypes.name y.DType))
            raise (InvalidOperationException $"the function returned {types}, which has no derivative. Return float64 or float32.")

        let outputs =
            { Names = (if ys.Length = 1 then [| "y" |] else Array.init ys.Length (fun k -> $"y{k}"))
              Shapes = ys |> Array.map (fun y -> y.Shape) }

        { Inputs = floats t
          Outputs = outputs
          Point = flatten leaves
          Order = order
          Evaluate = fun x -> flatten (t.F(fill leaves x))
          At = modes options.Modes t
          Culprit = culprit t
          Single = if leaves |> Array.exists (fun x -> x.DType = DType.Float32) then ValueSome(single options t outputs) else ValueNone }

    /// Three random combinations of many results in place of all of them.
    let contract (weights: double[][]) (s: Subject) : Subject =
        let dot (a: double[]) (b: double[]) = Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b
        let combine y = weights |> Array.map (dot y)

        let spread (u: double[]) =
            let w = Array.zeroCreate s.Outputs.Count
            weights
            |> Array.iteri (fun k row ->
                if u[k] <> 0.0 then
                    for i in 0 .. w.Length - 1 do
                        w[i] <- w[i] + u[k] * row[i])
            w

        { s with
            Outputs = { Names = weights |> Array.mapi (fun k _ -> $"(w{k}·y)"); Shapes = weights |> Array.map (fun _ -> Shape.Scalar) }
            Evaluate = s.Evaluate >> combine
            At = s.At >> Array.map (fun m -> { m with Value = combine m.Value; Apply = if m.IsPull then spread >> m.Apply else m.Apply >> combine }) }

    /// The same function with its point moved.
    let moved (t: TensorFunction) (point: double[]) : TensorFunction =
        let wide = fill t.Leaves point
        { t with
            Leaves = Array.map2 (fun (x: Tensor) (y: Tensor) -> if isFloat x then Tensor.Cast(y, x.DType) else x) t.Leaves wide }

    /// (x, v) to the tangents of the results: forward mode as a function, to be checked in its turn.
    let pushed (random: Shape -> Tensor) (t: TensorFunction) : TensorFunction =
        let n = t.Leaves.Length
        let active =
            [| for k in 0 .. n - 1 do
                   if isFloat t.Leaves[k] then k |]

        { Names = Array.append t.Names (active |> Array.map (fun k -> "tangent of " + t.Names[k]))
          Leaves = Array.append t.Leaves (active |> Array.map (fun k -> random t.Leaves[k].Shape))
          F =
            fun zs ->
                let dxs = Array.create n ValueNone
                active |> Array.iteri (fun j k -> dxs[k] <- ValueSome zs[n + j])
                let struct (ys, dys) = Forward.jvp (results t.F) (Array.sub zs 0 n) dxs
                dense ys dys }

    /// (x, w) to the cotangents of the inputs: reverse mode as a function.
    let pulled (random: Shape -> Tensor) (t: TensorFunction) : TensorFunction =
        let n = t.Leaves.Length
        let ys = results t.F (fill t.Leaves (flatten t.Leaves))

        { Names = Array.append t.Names (ys |> Array.mapi (fun k _ -> if ys.Length = 1 then "cotangent" else $"cotangent {k}"))
          Leaves = Array.append t.Leaves (ys |> Array.map (fun y -> random y.Shape))
          F =
            fun zs ->
                let xs = Array.sub zs 0 n
                let recording = Recording.Of(results t.F, xs)
                let gs = dense xs (recording.Pull(Array.sub zs n ys.Length |> Array.map ValueSome))
                [| for k in 0 .. n - 1 do
                       if isFloat xs[k] then gs[k] |] }

    /// The gradient as a function of the parameters.
    let gradientOf (t: TensorFunction) : TensorFunction =
        { t with
            F =
                fun xs ->
                    let struct (_, gs) = Derivatives.valueAndGradients (fun xs -> (t.F xs)[0]) xs
                    [| for k in 0 .. xs.Length - 1 do
                           if isFloat xs[k] then gs[k] |] }

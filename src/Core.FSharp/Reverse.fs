namespace DiffLib

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open DiffLib.Kernels

/// Chapter 10: reverse mode. The trace of a call is swept once from its results back to its inputs.
///
/// The order of the sweep follows from the graph alone, not from the order in which threads recorded it: a node's turn comes
/// when all its users are done. So the additions, and with them the bits, are the same whatever the thread count.
module internal Reverse =
    [<Literal>]
    let private Seen = 1uy

    [<Literal>]
    let private Wanted = 2uy

    /// The storage of the cotangent here was made by this sweep, and nothing else refers to it: it may be added to, and used again.
    [<Literal>]
    let private Owned = 4uy

    /// A cotangent in an array: as a struct, so that storing one costs no type check.
    [<Struct; NoEquality; NoComparison>]
    type private Slot =
        val mutable Value: Tensor

    /// What the trace keeps as an object is known here.
    let inline private known<'t when 't: not struct and 't: not null> (x: obj | null) : 't = Unchecked.nonNull (Unsafe.As<'t> x)

    let private isPlain (x: obj | null) =
        match x with
        | null -> true
        | x ->
            match known<Tensor> x with
            | Const _
            | Number _ -> true
            | _ -> false

    /// The storage behind a constant.
    let private storageOf (x: Tensor) : Array | null =
        match x with
        | Const v -> v.Data
        | _ -> null

    /// The state of one sweep over the nodes up to the last seed.
    [<Sealed>]
    type private Sweep(record: Node[][], size: int) =
        /// null is a symbolic zero.
        let cotangents: Slot[] = Array.zeroCreate size
        let flags: byte[] = Array.zeroCreate size
        let users: int[] = Array.zeroCreate size
        let pending = Stack<int>()
        /// Cotangents take their storage from those that are used up, unless a program that runs around this sweep says where storage comes from.
        let pools = isNull Buffers.Current
        let pool = Buffers.ForSweeps

        let isZero (g: Tensor) = obj.ReferenceEquals(g, null)

        member _.Cotangent(place: int) : Tensor voption =
            if place >= size || isZero cotangents[place].Value then ValueNone else ValueSome cotangents[place].Value

        member _.Want(place: int) = if place < size then flags[place] <- flags[place] ||| Wanted

        member this.Add(place: int, g: Tensor) = this.Add(place, g, false)

        /// Adds a cotangent, whose storage may be this sweep's own.
        member private _.Add(place: int, g: Tensor, owned: bool) =
            let sum = cotangents[place].Value

            if isZero sum then
                cotangents[place].Value <- g
                if owned then flags[place] <- flags[place] ||| Owned
            else
                match sum, g with
                | Const a, Const b when flags[place] &&& Owned <> 0uy && a.IsContiguous && a.DType = b.DType && a.Shape.Equals b.Shape ->
                    Numbers.addInto (b.Contiguous()) a
                    if owned then pool.Give(b.DType, nonNull b.Data)
                | Const a, Const b when a.Rank > 0 && a.DType = b.DType && a.Shape.Equals b.Shape ->
                    cotangents[place].Value <- sum + g
                    flags[place] <- flags[place] ||| Owned
                | _ -> cotangents[place].Value <- sum + g

        /// Whether the pull of a rule may use this sweep's storage: nothing that it sees or makes can be held by anyone else.
        member private _.Pools(rule: Rule, w: Tensor, a: obj | null, b: obj | null, y: obj | null) =
            pools && rule.IsPlain && not (isNull (storageOf w)) && isPlain a && isPlain b && isPlain y

        /// Whether a cotangent's storage was made in the pull that gave it.
        member private _.Claims(g: Tensor) =
            match storageOf g with
            | null -> false
            | data -> pool.Claim(0, data)

        member private this.PullInPool(rule: UnaryRule, place: int, parent: int, x: Tensor, y: Tensor, w: Tensor) =
            Buffers.Current <- pool
            let g = rule.Pull(x, y, w)
            Buffers.Current <- null
            let fresh = this.Claims g
            let mine = flags[place] &&& (Owned ||| Wanted) = Owned
            let passedOn = obj.ReferenceEquals(storageOf g, storageOf w)
            pool.Reclaim(0, [||])
            this.Add(parent, g, fresh || (mine && passedOn))
            if mine && not passedOn then this.LetGo w

        member private this.PullInPool(rule: BinaryRule, place: int, parentA: int, parentB: int, a: Tensor, b: Tensor, y: Tensor, w: Tensor) =
            Buffers.Current <- pool
            let ga = if parentA >= 0 then rule.Pull(0, a, b, y, w) else Unchecked.defaultof<Tensor>
            let gb = if parentB >= 0 then rule.Pull(1, a, b, y, w) else Unchecked.defaultof<Tensor>
            Buffers.Current <- null
            let passes (g: Tensor) = not (isZero g) && obj.ReferenceEquals(storageOf g, storageOf w)
            let mine = flags[place] &&& (Owned ||| Wanted) = Owned
            let passedA, passedB = passes ga, passes gb
            let freshA = not (isZero ga) && this.Claims ga
            let freshB = not (isZero gb) && this.Claims gb
            pool.Reclaim(0, [||])
            if not (isZero ga) then this.Add(parentA, ga, freshA || (mine && passedA && not passedB))
            if not (isZero gb) then this.Add(parentB, gb, freshB || (mine && passedB && not passedA))
            if mine && not (passedA || passedB) then this.LetGo w

        member private _.LetGo(w: Tensor) =
            match w with
            | Const v -> pool.Give(v.DType, nonNull v.Data)
            | _ -> ()

        member private _.Meet(parent: int) =
            if parent >= 0 then
                users[parent] <- users[parent] + 1

                if flags[parent] &&& Seen = 0uy then
                    flags[parent] <- flags[parent] ||| Seen
                    pending.Push parent

        /// Counts, for every node that the seeds depend on, how many nodes use it.
        member this.CountUsers(seeds: int[]) =
            for s in seeds do
                if flags[s] &&& Seen = 0uy then
                    flags[s] <- flags[s] ||| Seen
                    pending.Push s

            while pending.Count > 0 do
                let node = &Trace.At(record, pending.Pop())
                this.Meet node.ParentA
                this.Meet node.ParentB

                match node.Parents with
                | null -> ()
                | parents ->
                    for p in parents do
                        this.Meet p

        member private _.Leave(parent: int) =
            if parent >= 0 then
                users[parent] <- users[parent] - 1
                if users[parent] = 0 then pending.Push parent

        member private this.PullMany(rule: ManyRule, place: int, xs: Tensor[], ys: Tensor[], parents: int[]) =
            let ws = Array.init ys.Length (fun k -> this.Cotangent(place + k))

            if ws |> Array.exists (fun w -> w.IsSome) then
                let wanted = parents |> Array.map (fun p -> p >= 0)
                let gs = rule.Pull(xs, ys, ws, wanted)

                for i in 0 .. parents.Length - 1 do
                    match gs[i] with
                    | ValueSome g when parents[i] >= 0 -> this.Add(parents[i], g)
                    | _ -> ()

            for k in 1 .. ys.Length - 1 do
                if place + k < size && flags[place + k] &&& Wanted = 0uy then cotangents[place + k].Value <- Unchecked.defaultof<Tensor>

        /// After an error: nothing that was under way is used again.
        member _.Abandon() =
            if pools then
                Buffers.Current <- null
                pool.Forget()

        /// Takes the nodes in turn; the cotangents of nodes nobody asked for are let go at once.
        member this.Run(seeds: int[]) =
            for s in Array.distinct seeds do
                if users[s] = 0 then pending.Push s

            while pending.Count > 0 do
                let place = pending.Pop()
                let node = &Trace.At(record, place)
                let w = cotangents[place].Value
                let mutable keep = flags[place] &&& Wanted <> 0uy

                match node.Rule with
                | null ->
                    // a leaf, or a further result of a many-rule, whose first result collects it
                    if node.ParentA >= 0 then keep <- true
                | rule ->
                    match rule.Kind with
                    | RuleKind.Unary ->
                        if not (isZero w) then
                            let rule = known<UnaryRule> rule
                            let x, y = known<Tensor> node.A, known<Tensor> node.Y

                            if this.Pools(rule, w, node.A, null, node.Y) then
                                this.PullInPool(rule, place, node.ParentA, x, y, w)
                            else
                                this.Add(node.ParentA, rule.Pull(x, y, w))
                    | RuleKind.Binary ->
                        if not (isZero w) then
                            let rule = known<BinaryRule> rule
                            let a, b, y = known<Tensor> node.A, known<Tensor> node.B, known<Tensor> node.Y

                            if this.Pools(rule, w, node.A, node.B, node.Y) then
                                this.PullInPool(rule, place, node.ParentA, node.ParentB, a, b, y, w)
                            else
                                if node.ParentA >= 0 then this.Add(node.ParentA, rule.Pull(0, a, b, y, w))
                                if node.ParentB >= 0 then this.Add(node.ParentB, rule.Pull(1, a, b, y, w))
                    | _ ->
                        match node.Parents with
                        | null -> ()
                        | parents -> this.PullMany(known<ManyRule> rule, place, known<Tensor[]> node.A, known<Tensor[]> node.Y, parents)

                if not keep then cotangents[place].Value <- Unchecked.defaultof<Tensor>

                this.Leave node.ParentA
                this.Leave node.ParentB

                match node.Parents with
                | null -> ()
                | parents ->
                    for p in parents do
                        this.Leave p

    /// The cotangents of the wanted places for those of the seeds, from a record that nobody takes away.
    let sweepOver (record: Node[][]) (seeds: int[]) (ws: Tensor[]) (wanted: int[]) : Tensor voption[] =
        if seeds.Length = 0 then
            Array.create wanted.Length ValueNone
        else
            let run = Sweep(record, Array.max seeds + 1)
            Array.iter run.Want wanted
            run.CountUsers seeds
            Array.iteri (fun k s -> run.Add(s, ws[k])) seeds

            try
                run.Run seeds
            with _ ->
                run.Abandon()
                reraise ()

            wanted |> Array.map run.Cotangent

    /// The cotangents of the wanted places for those of the seeds.
    let sweep (trace: Trace) (seeds: int[]) (ws: Tensor[]) (wanted: int[]) : Tensor voption[] = sweepOver trace.Chunks seeds ws wanted

    /// The place of a result on the trace, if it depends on anything recorded there, and its primal.
    let locate (trace: Trace) (y: Tensor) : struct (Tensor * int) =
        match Forward.settle trace.Tag y with
        | Reverse(p, place, t) when obj.ReferenceEquals(t, trace) -> struct (p, place)
        | y -> struct (y, -1)

    /// A watched input.
    let watch (trace: Trace) (x: Tensor) : Tensor = Reverse(x, trace.Leaf(), trace)

    /// The tangents at the wanted places for tangents at the inputs: the recorded operations again, each pushed forward.
    let push (trace: Trace) (inputs: int[]) (dxs: Tensor voption[]) (wanted: int[]) : Tensor voption[] =
        let size = 1 + Array.fold max -1 wanted
        let tangents: Tensor voption[] = Array.create size ValueNone

        let tangent place = if place < 0 then ValueNone else tangents[place]

        for k in 0 .. inputs.Length - 1 do
            if inputs[k] < size then tangents[inputs[k]] <- dxs[k]

        for place in 0 .. size - 1 do
            let node = &trace[place]

            match node.Rule with
            | :? UnaryRule as rule ->
                match tangent node.ParentA with
                | ValueSome d -> tangents[place] <- ValueSome(rule.Push(unbox<Tensor> node.A, unbox<Tensor> node.Y, d))
                | ValueNone -> ()
            | :? BinaryRule as rule ->
                let a, b, y = unbox<Tensor> node.A, unbox<Tensor> node.B, unbox<Tensor> node.Y

                match tangent node.ParentA, tangent node.ParentB with
                | ValueSome da, ValueSome db -> tangents[place] <- ValueSome(rule.Push(0, a, b, y, da) + rule.Push(1, a, b, y, db))
                | ValueSome da, ValueNone -> tangents[place] <- ValueSome(rule.Push(0, a, b, y, da))
                | ValueNone, ValueSome db -> tangents[place] <- ValueSome(rule.Push(1, a, b, y, db))
                | ValueNone, ValueNone -> ()
            | :? ManyRule as rule ->
                match node.Parents with
                | null -> ()
                | parents ->
                    let ds = parents |> Array.map tangent

                    if ds |> Array.exists (fun d -> d.IsSome) then
                        let ys = unbox<Tensor[]> node.Y
                        let dys = rule.PushAll(unbox<Tensor[]> node.A, ys, ds)

                        for k in 0 .. ys.Length - 1 do
                            if place + k < size then tangents[place + k] <- dys[k]
            | _ -> ()

        wanted |> Array.map tangent

/// One evaluation of a function on floating-point inputs, recorded: its values, and its derivative as a linear map and
/// that map's transpose, each of which may be used any number of times.
[<Sealed>]
type internal Recording private (trace: Trace, inputs: int[], xs: Tensor[], values: Tensor[], places: int[]) =
    /// Evaluates f at xs. Integer inputs are constants.
    static member Of(f: Tensor[] -> Tensor[], xs: Tensor[]) : Recording =
        let trace = Trace(Trace.FreshTag())
        let lifted = xs |> Array.map (fun x -> if DTypes.isFloat x.DType then Reverse.watch trace x else x)

        let inputs =
            lifted
            |> Array.map (fun x ->
                match x with
                | Reverse(_, place, t) when obj.ReferenceEquals(t, trace) -> place
                | _ -> Int32.MaxValue)

        try
            let results = f lifted |> Array.map (Reverse.locate trace)

            Recording(trace, inputs, xs, results |> Array.map (fun struct (y, _) -> y), results |> Array.map (fun struct (_, place) -> place))
        finally
            trace.Close()

    /// The values of the results.
    member _.Values = values

    /// The number of elements of the largest value met.
    member _.Largest: int =
        let mutable largest = xs |> Array.fold (fun n x -> max n x.Count) 1

        for place in 0 .. trace.Count - 1 do
            match trace[place].Y with
            | :? Tensor as y -> largest <- max largest y.Count
            | :? (Tensor[]) as ys ->
                for y in ys do
                    largest <- max largest y.Count
            | _ -> ()

        largest

    /// From cotangents of the results to cotangents of the inputs; none is zero.
    member _.Pull(ws: Tensor voption[]) : Tensor voption[] =
        for k in 0 .. ws.Length - 1 do
            match ws[k] with
            | ValueSome w when not (w.Shape.Equals values[k].Shape) ->
                invalidArg
                    "cotangent"
                    $"the cotangent has shape {w.Shape}, but the result has {values[k].Shape}. Give one number for each element of the result."
            | _ -> ()

        let live =
            [| for k in 0 .. places.Length - 1 do
                   if places[k] >= 0 && ws[k].IsSome then k |]

        Reverse.sweep trace (live |> Array.map (fun k -> places[k])) (live |> Array.map (fun k -> Tensor.Cast(ws[k].Value, values[k].DType))) inputs

    /// From tangents of the inputs to tangents of the results; none is zero.
    member _.Push(dxs: Tensor voption[]) : Tensor voption[] =
        for k in 0 .. dxs.Length - 1 do
            match dxs[k] with
            | ValueSome dx when not (dx.Shape.Equals xs[k].Shape) ->
                invalidArg
                    "tangent"
                    $"the tangent has shape {dx.Shape}, but the input has {xs[k].Shape}. Give one number for each element of the input."
            | _ -> ()

        Reverse.push trace inputs dxs places

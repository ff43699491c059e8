namespace DiffLib

open System
open System.Collections.Generic
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

    /// The cotangent here is a sum made by this sweep, which may go on adding into it.
    [<Literal>]
    let private Owned = 4uy

    /// The state of one sweep over the nodes up to the last seed.
    [<Sealed>]
    type private Sweep(trace: Trace, size: int) =
        /// null is a symbolic zero.
        let cotangents: Tensor[] = Array.zeroCreate size
        let flags: byte[] = Array.zeroCreate size
        let users: int[] = Array.zeroCreate size
        let pending = Stack<int>()

        let isZero (g: Tensor) = obj.ReferenceEquals(g, null)

        member _.Cotangent(place: int) : Tensor voption =
            if place >= size || isZero cotangents[place] then ValueNone else ValueSome cotangents[place]

        member _.Want(place: int) =
            if place < size then flags[place] <- flags[place] ||| Wanted

        member _.Add(place: int, g: Tensor) =
            let sum = cotangents[place]

            if isZero sum then
                cotangents[place] <- g
            else
                match sum, g with
                | Const a, Const b when flags[place] &&& Owned <> 0uy -> Numbers.addInto (b.Contiguous()) a
                | Const a, Const _ when a.Rank > 0 ->
                    cotangents[place] <- sum + g
                    flags[place] <- flags[place] ||| Owned
                | _ -> cotangents[place] <- sum + g

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
                let node = &trace[pending.Pop()]
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
                if place + k < size && flags[place + k] &&& Wanted = 0uy then
                    cotangents[place + k] <- Unchecked.defaultof<Tensor>

        /// Takes the nodes in turn; the cotangents of nodes nobody asked for are let go at once.
        member this.Run(seeds: int[]) =
            for s in Array.distinct seeds do
                if users[s] = 0 then pending.Push s

            while pending.Count > 0 do
                let place = pending.Pop()
                let node = &trace[place]
                let w = cotangents[place]
                let mutable keep = flags[place] &&& Wanted <> 0uy

                match node.Rule with
                | :? UnaryRule as rule ->
                    if not (isZero w) then
                        this.Add(node.ParentA, rule.Pull(unbox<Tensor> node.A, unbox<Tensor> node.Y, w))
                | :? BinaryRule as rule ->
                    if not (isZero w) then
                        let a, b, y = unbox<Tensor> node.A, unbox<Tensor> node.B, unbox<Tensor> node.Y
                        if node.ParentA >= 0 then this.Add(node.ParentA, rule.Pull(0, a, b, y, w))
                        if node.ParentB >= 0 then this.Add(node.ParentB, rule.Pull(1, a, b, y, w))
                | :? ManyRule as rule ->
                    match node.Parents with
                    | null -> ()
                    | parents -> this.PullMany(rule, place, unbox<Tensor[]> node.A, unbox<Tensor[]> node.Y, parents)
                | _ ->
                    // a leaf, or a further result of a many-rule, whose first result collects it
                    if node.ParentA >= 0 then keep <- true

                if not keep then cotangents[place] <- Unchecked.defaultof<Tensor>

                this.Leave node.ParentA
                this.Leave node.ParentB

                match node.Parents with
                | null -> ()
                | parents ->
                    for p in parents do
                        this.Leave p

    /// The cotangents of the wanted places for those of the seeds.
    let sweep (trace: Trace) (seeds: int[]) (ws: Tensor[]) (wanted: int[]) : Tensor voption[] =
        if seeds.Length = 0 then
            Array.create wanted.Length ValueNone
        else
            let run = Sweep(trace, Array.max seeds + 1)
            Array.iter run.Want wanted
            run.CountUsers seeds
            Array.iteri (fun k s -> run.Add(s, ws[k])) seeds
            run.Run seeds
            wanted |> Array.map run.Cotangent

    /// The place of a result on the trace, if it depends on anything recorded there, and its primal.
    let locate (trace: Trace) (y: Tensor) : struct (Tensor * int) =
        match Forward.settle trace.Tag y with
        | Reverse(p, place, t) when obj.ReferenceEquals(t, trace) -> struct (p, place)
        | y -> struct (y, -1)

    /// A watched input.
    let watch (trace: Trace) (x: Tensor) : Tensor = Reverse(x, trace.Leaf(), trace)

    /// Sweeps from results with cotangents back to inputs.
    let pull (trace: Trace) (places: int[]) (ws: Tensor voption[]) (inputs: int[]) : Tensor voption[] =
        let live = [| for k in 0 .. places.Length - 1 do if places[k] >= 0 && ws[k].IsSome then k |]
        sweep trace (live |> Array.map (fun k -> places[k])) (live |> Array.map (fun k -> ws[k].Value)) inputs

    /// The values of f at xs, and the map from cotangents of the results to cotangents of the inputs; it may be used again.
    let vjp (f: Tensor[] -> Tensor[]) (xs: Tensor[]) : struct (Tensor[] * (Tensor voption[] -> Tensor voption[])) =
        let trace = Trace(Trace.FreshTag())
        let lifted = xs |> Array.map (fun x -> if DTypes.isFloat x.DType then watch trace x else x)

        let inputs =
            lifted
            |> Array.map (fun x ->
                match x with
                | Reverse(_, place, t) when obj.ReferenceEquals(t, trace) -> place
                | _ -> Int32.MaxValue)

        try
            let results = f lifted |> Array.map (locate trace)
            let places = results |> Array.map (fun struct (_, place) -> place)

            struct (results |> Array.map (fun struct (y, _) -> y),
                    fun (ws: Tensor voption[]) ->
                        for k in 0 .. ws.Length - 1 do
                            match ws[k] with
                            | ValueSome w ->
                                let struct (y, _) = results[k]

                                if not (w.Shape.Equals y.Shape) then
                                    invalidArg "cotangent" $"the cotangent has shape {w.Shape}, but the result has {y.Shape}. Give one number for each element of the result."
                            | ValueNone -> ()

                        pull trace places ws inputs)
        finally
            trace.Close()

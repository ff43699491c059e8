namespace rec DiffLib

open System
open System.Collections.Generic
open DiffLib.Kernels

// Chapter 20: loops as operations. A loop's derivative forward is a loop over pairs of state and tangent; its derivative backward is a loop
// that runs the other way over the states that were met.

/// The body again and again while the condition holds: state, then what both refer to; the last state out.
[<Sealed>]
type internal WhileRule(condition: Body, body: Body, states: int, checkpoints: int) =
    inherit ManyRule("while")

    interface IBodies with
        member _.Bodies = [| struct ("while", condition.Program); struct ("do", body.Program) |]

    member _.Body = body
    member _.States = states
    member _.Checkpoints = checkpoints
    override _.Infer _ = body.Outputs

    /// The last state, and how often the body ran.
    member _.Run(xs: NDArray[]) : struct (NDArray[] * int) =
        Buffers.Within(fun buffers ->
            let since = buffers.Handed.Count
            let inputs = Array.copy xs
            let mutable steps = 0

            while condition.Run(inputs).[0].Span<bool>()[0] do
                let state = body.Run inputs
                Array.blit state 0 inputs 0 states
                buffers.Reclaim(since, state |> Array.map (fun v -> v.Data))
                steps <- steps + 1

            struct (Array.take states inputs, steps))

    override this.Value xs =
        let struct (state, _) = this.Run xs
        state

    override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

    /// The loop over states and their tangents; the condition sees the states.
    override _.PushAll(xs, _, ds) =
        let moving = Mask.floats body.Outputs
        let mask = Mask.some (Array.skip states ds)
        let given = Array.append moving mask

        let split (all: Tensor[]) =
            let parts = Parts all
            let state = parts.Next states
            let dstate = parts.Next(Mask.count moving)
            let captured = parts.Next mask.Length
            struct (Array.append state captured, Array.append dstate (parts.Rest()))

        let specs =
            Array.concat
                [ body.Outputs; Mask.pick moving body.Outputs; Array.skip states body.Inputs; Mask.pick mask (Array.skip states body.Inputs) ]

        let step all =
            let struct (xs, dxs) = split all
            let struct (ys, dys) = Forward.jvp body.Call xs (Mask.scatter given dxs)
            Array.append ys (Mask.pick moving (Dense.likeEach ys dys))

        let holds all =
            let struct (xs, _) = split all
            condition.Call xs

        let key = "while jvp " + Mask.text mask
        let rule = WhileRule(condition.Derive(key, holds, specs), body.Derive(key, step, specs), states + Mask.count moving, checkpoints)

        let state, captured = Array.take states xs, Array.skip states xs
        let dstate = Dense.likeEach state (Array.take states ds) |> Mask.pick moving
        let dcaptured = Array.skip states ds |> Mask.pick mask |> Array.map (fun d -> d.Value)
        let results = Tensor.Apply(rule, Array.concat [ state; dstate; captured; dcaptured ])
        Mask.scatter moving (Array.skip states results)

    override this.Pull(xs, _, ws, wanted) = Procedure.pulled (fun given wanted -> WhilePull(this, given, wanted)) body.Inputs xs ws wanted

    /// One step in which examples that are done keep their state.
    member private _.Masked(n: int, stacked: bool[]) : struct (Body * Body) =
        let specs = Array.map2 (fun (x: Spec) s -> if s then Rows.spec n x else x) body.Inputs stacked
        let continues (all: Tensor[]) = (condition.Stacked(n, stacked)).Call(all)[0]

        let step (all: Tensor[]) =
            let c = continues all

            Array.map2
                (fun (y: Tensor) x -> Tensor.Select(Tensor.ReshapeTo(c, Shape(Array.append [| n |] (Array.create (y.Rank - 1) 1))), y, x))
                ((body.Stacked(n, stacked)).Call all)
                (Array.take states all)

        let holds (all: Tensor[]) = [| Reducing.Any(continues all, null, false) |]
        let key = $"while vmap {n} {Mask.text stacked}"
        struct (condition.Derive(key, holds, specs), body.Derive(key, step, specs))

    /// The loop over stacks, every input a stack.
    member this.Over(n: int) : WhileRule =
        let struct (condition, step) = this.Masked(n, Array.create body.Inputs.Length true)
        WhileRule(condition, step, states, checkpoints)

    override this.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        let struct (condition, step) = this.Masked(n, stacked |> Array.mapi (fun k s -> k < states || s))
        let inputs = xs |> Array.mapi (fun k x -> if k < states then Stacks.Of(x, stacked[k], n) else x)
        Tensor.Apply(WhileRule(condition, step, states, checkpoints), inputs)

/// The body once for each row: carry, rows of the scanned inputs, what it refers to; the last carry and the results of all steps, stacked.
/// A saving scan has the carries that came into the steps as its last results.
[<Sealed>]
type internal ScanRule(body: Body, carries: int, scanned: int, length: int, reverse: bool, checkpoints: int, saves: bool) =
    inherit ManyRule("scan")

    let moving = Array.take carries (Mask.floats body.Inputs)
    let layout = $"{carries} {scanned} "

    interface IBodies with
        member _.Bodies =
            let order = if reverse then "from the last" else "from the first"
            [| struct ($"{length} steps {order}", body.Program) |]

    member _.Body = body
    member _.Carries = carries
    member _.Scanned = scanned
    member _.Length = length
    member _.Reverse = reverse
    member _.Checkpoints = checkpoints
    member _.Saves = saves

    member private _.With(body: Body, saves: bool) = ScanRule(body, carries, scanned, length, reverse, 0, saves)

    /// The same scan, which gives the incoming carries too.
    member this.Saving: ScanRule =
        if saves then
            this
        else
            this.With(body.Derive("saving " + layout, (fun all -> Array.append (body.Call all) (Array.take carries all)), body.Inputs), true)

    /// The incoming carries, and no other results of the steps.
    member this.Remembering: ScanRule =
        let step all = Array.append (Array.take carries (body.Call all)) (Array.take carries all)
        this.With(body.Derive("remembering " + layout, step, body.Inputs), true)

    /// The last carry alone, after some steps.
    member _.Advancing(steps: int) : ScanRule =
        let body = body.Derive("advancing " + layout, (fun all -> Array.take carries (body.Call all)), body.Inputs)
        ScanRule(body, carries, scanned, steps, reverse, 0, false)

    /// Some of the steps.
    member _.Part(steps: int) : ScanRule = ScanRule(body, carries, scanned, steps, reverse, 0, saves)

    override _.Infer _ = Array.append (Array.take carries body.Outputs) (Array.skip carries body.Outputs |> Array.map (Rows.spec length))

    override this.Value xs =
        match body.Sequence with
        | ValueSome sequence when sequence.Takes carries -> sequence.Run(xs, carries, scanned, length, reverse)
        | _ -> this.StepByStep xs

    member private _.StepByStep(xs: NDArray[]) : NDArray[] =
        Buffers.Within(fun buffers ->
            let results = Array.skip carries body.Outputs |> Array.map (fun s -> NDArray.Allocate(s.DType, Stacks.Shape(length, s.Shape)))

            let since = buffers.Handed.Count
            let inputs = Array.copy xs
            let rows = Array.init scanned (fun k -> Rows.reader xs[carries + k])

            for step in 0 .. length - 1 do
                let t = if reverse then length - 1 - step else step

                for k in 0 .. scanned - 1 do
                    inputs[carries + k] <- rows[k] t

                let ys = body.Run inputs

                for k in 0 .. results.Length - 1 do
                    Rows.put results[k] t ys[carries + k]

                Array.blit ys 0 inputs 0 carries
                buffers.Reclaim(since, Array.init carries (fun k -> ys[k].Data))

            Array.append (Array.take carries inputs) results)

    override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

    /// The scan over carries and their tangents.
    override _.PushAll(xs, ys, ds) =
        let mask = Array.mapi (fun k (d: Tensor voption) -> if k < carries then moving[k] else d.IsSome) ds
        let own = Array.skip carries mask
        let rows, rest = Array.take scanned own, Array.skip scanned own
        let live = Array.skip carries (Mask.floats body.Outputs)

        let step (all: Tensor[]) =
            let parts = Parts all
            let c = parts.Next carries
            let dc = parts.Next(Mask.count moving)
            let x = parts.Next scanned
            let dx = parts.Next(Mask.count rows)
            let captured = parts.Next rest.Length
            let dxs = Mask.scatter mask (Array.concat [ dc; dx; parts.Rest() ])
            let struct (ys, dys) = Forward.jvp body.Call (Array.concat [ c; x; captured ]) dxs
            let dense = Dense.likeEach ys dys
            let dc = Mask.pick moving (Array.take carries dense)
            Array.concat [ Array.take carries ys; dc; Mask.pick live (Array.skip carries dense) ]

        let interleave (all: 't[]) (pick: bool[] -> int -> 't[]) : 't[] =
            Array.concat
                [ Array.take carries all
                  pick moving 0
                  Array.sub all carries scanned
                  pick rows carries
                  Array.skip (carries + scanned) all
                  pick rest (carries + scanned) ]

        let specs = interleave body.Inputs (fun mask from -> Mask.pick mask (Array.sub body.Inputs from mask.Length))
        let rule = body.Derive($"scan jvp {layout}{Mask.text mask}", step, specs)
        let dense = Array.map2 (fun x d -> ValueOption.defaultWith (fun () -> Dense.like x ValueNone) d) xs ds
        let inputs = interleave xs (fun mask from -> Mask.pick mask (Array.sub dense from mask.Length))
        let moved = Mask.count moving

        let results = Tensor.Apply(ScanRule(rule, carries + moved, scanned + Mask.count rows, length, reverse, checkpoints, false), inputs)

        Mask.scatter (Array.append moving live) (Array.skip carries results)

    override this.Pull(xs, ys, ws, wanted) =
        if checkpoints > 0 then
            Procedure.pulled (fun given wanted -> ScanPull(this, given, wanted)) body.Inputs xs ws wanted
        else
            let saved =
                if saves && ys.Length > 0 then
                    Array.skip (ys.Length - carries) ys
                else
                    Array.skip carries (Tensor.Apply(this.Remembering, xs))

            this.PullOver(saved, xs, ws, wanted)

    /// The scan the other way, over the carries that were met: it carries cotangents of the carry and sums of those of captured values.
    member private _.PullOver(saved: Tensor[], xs: Tensor[], ws: Tensor voption[], wanted: bool[]) : Tensor voption[] =
        let own = Mask.both (Array.skip carries wanted) (Array.skip carries (Mask.floats body.Inputs))
        let rows, rest = Array.take scanned own, Array.skip scanned own
        let given = Mask.some (Array.skip carries ws)
        let moved, summed = Mask.count moving, Mask.count rest

        let step (all: Tensor[]) =
            let parts = Parts all
            let g, sums = parts.Next moved, parts.Next summed
            let xs = Array.append (parts.Next carries) (parts.Next scanned)
            let w = parts.Next(Mask.count given)
            let xs = Array.append xs (parts.Rest())
            let gs = Recording.Of(body.Call, xs).Pull(Array.append (Mask.scatter moving g) (Mask.scatter given w))
            let part from (mask: bool[]) = Mask.pick mask (Array.init mask.Length (fun k -> struct (xs[from + k], gs[from + k])))
            let dense = Array.map (fun struct (x, g) -> Dense.like x g)

            let sums =
                Array.map2
                    (fun (sum: Tensor) struct (x, g: Tensor voption) -> if g.IsSome then sum + Dense.like x g else sum)
                    sums
                    (part (carries + scanned) rest)

            Array.concat [ dense (part 0 moving); sums; dense (part carries rows) ]

        let c, x, captured = Array.take carries body.Inputs, Array.sub body.Inputs carries scanned, Array.skip (carries + scanned) body.Inputs

        let specs = Array.concat [ Mask.pick moving c; Mask.pick rest captured; c; x; Mask.pick given (Array.skip carries body.Outputs); captured ]

        let pulled = body.Derive($"scan vjp {layout}{Mask.text given} {Mask.text own}", step, specs)
        let rule = ScanRule(pulled, moved + summed, carries + scanned + Mask.count given, length, not reverse, 0, false)
        let own, referred = Array.take carries xs, Array.skip (carries + scanned) xs

        let inputs =
            Array.concat
                [ Mask.pick moving (Dense.likeEach own (Array.take carries ws))
                  Mask.pick rest referred |> Array.map (fun x -> Dense.like x ValueNone)
                  saved
                  Array.sub xs carries scanned
                  Mask.pick given (Array.skip carries ws) |> Array.map (fun w -> w.Value)
                  referred ]

        let parts = Parts(Tensor.Apply(rule, inputs))
        let g = Mask.scatter moving (parts.Next moved)
        let sums = Mask.scatter rest (parts.Next summed)
        Array.concat [ g; Mask.scatter rows (parts.Rest()); sums ]

    override _.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        let all = stacked |> Array.mapi (fun k s -> k < carries || s)

        let inputs =
            xs
            |> Array.mapi (fun k x ->
                if k < carries then Stacks.Of(x, stacked[k], n)
                elif k < carries + scanned && stacked[k] then Stacks.Move(x, 0, 1)
                else x)

        Tensor.Apply(ScanRule(body.Stacked(n, all), carries, scanned, length, reverse, checkpoints, saves), inputs)
        |> Array.mapi (fun k y -> if k < carries then y else Stacks.Move(y, 1, 0))

/// The schedule of binomial checkpointing (Griewank and Walther, "Revolve", 2000): with room for s further states, C(s + r, s) steps can be run
/// backward so that none runs forward more than r times.
module internal Revolve =
    /// C(s + r, s), or a large number.
    let reach (s: int) (r: int) : int64 =
        let mutable c = 1L

        for k in 1 .. min s r do
            if c < int64 Int32.MaxValue then c <- c * int64 (max s r + k) / int64 k

        min c (int64 Int32.MaxValue)

    /// How many steps to run ahead before the rest is reversed.
    let ahead (length: int) (s: int) : int =
        let mutable r = 1

        while reach s r < int64 length do
            r <- r + 1

        let low = max (if r > 1 then reach s (r - 2) else 0L) (int64 length - reach (s - 1) r)
        let high = min (reach s (r - 1)) (int64 length - reach (s - 1) (r - 1))
        int (Math.Clamp((if low <= high then low else reach s (r - 1)), 1L, int64 length - 1L))

/// What an operation computes that only runs on known values, because how it runs depends on numbers: the backward sweep of a loop of unknown
/// length, or by checkpoints. As data, so that derivatives of it are of the same kind.
type internal Procedure =
    | WhilePull of WhileRule * given: bool[] * wanted: bool[]
    | ScanPull of ScanRule * given: bool[] * wanted: bool[]
    | Tangents of Procedure * mask: bool[]
    | Cotangents of Procedure * given: bool[] * wanted: bool[]
    | Examples of Procedure * n: int * stacked: bool[]

module internal Procedure =
    let rec infer (p: Procedure) (xs: Spec[]) : Spec[] =
        let strong (x: Spec) = x.With x.Shape

        match p with
        | WhilePull(_, _, wanted)
        | ScanPull(_, _, wanted) -> Mask.pick wanted xs |> Array.map strong
        | Tangents(p, mask) ->
            let ys = infer p (Array.take mask.Length xs)
            Mask.pick (Mask.floats ys) ys
        | Cotangents(_, _, wanted) -> Mask.pick wanted xs |> Array.map strong
        | Examples(p, n, stacked) ->
            Array.map2 (fun (x: Spec) s -> if s then x.With(Shape.Adopt(Array.tail x.Shape.Sizes)) else x) xs stacked
            |> infer p
            |> Array.map (Rows.spec n)

    /// The backward sweep of a scan that keeps few carries: from the last stretch of steps to the first, each run ahead of from a carry that was kept.
    let private sweep (rule: ScanRule) (xs: Tensor[]) (ws: Tensor voption[]) (wanted: bool[]) : Tensor voption[] =
        let n, m = rule.Carries, rule.Scanned
        let rows, captured = Array.sub xs n m, Array.skip (n + m) xs
        let wanted = wanted |> Array.mapi (fun k w -> w || k < n)
        let sums: Tensor voption[] = Array.create captured.Length ValueNone
        let pieces = List<struct (int * Tensor voption[])>()
        let first a b = if rule.Reverse then rule.Length - b else a
        let part a b (x: Tensor) = Shaping.Narrow(x, 0, first a b, b - a)
        let inputs carry a b = Array.concat [ carry; Array.map (part a b) rows; captured ]
        let advance carry a b = Tensor.Apply(rule.Advancing(b - a), inputs carry a b)

        let stretch carry a b g =
            let ws = Array.append g (Array.skip n ws |> Array.map (ValueOption.map (part a b)))
            let gs = (rule.Part(b - a)).Pull(inputs carry a b, [||], ws, wanted)
            pieces.Add(struct (first a b, Array.sub gs n m))

            for k in 0 .. sums.Length - 1 do
                match sums[k], gs[n + m + k] with
                | ValueSome sum, ValueSome g -> sums[k] <- ValueSome(sum + g)
                | ValueNone, g -> sums[k] <- g
                | _ -> ()

            Array.take n gs

        // steps a to b, with room for so many carries beside the one at a
        let rec back carry a b room g =
            if b - a <= room + 1 then
                stretch carry a b g
            else
                let middle = if room = 0 then b - 1 else a + Revolve.ahead (b - a) room
                let g = back (advance carry a middle) middle b (max 0 (room - 1)) g
                back carry a middle room g

        let g = if rule.Length = 0 then Array.take n ws else back (Array.take n xs) 0 rule.Length rule.Checkpoints (Array.take n ws)
        let ordered = pieces |> Seq.sortBy (fun struct (at, _) -> at) |> Array.ofSeq

        let joined =
            Array.init m (fun k ->
                if ordered.Length = 0 || not wanted[n + k] then
                    ValueNone
                else
                    let all = ordered |> Array.map (fun struct (_, gs) -> gs[k])
                    if all |> Array.exists (fun g -> g.IsNone) then
                        ValueNone
                    else
                        ValueSome(Joining.Concat(all |> Array.map (fun g -> g.Value), 0)))

        Array.concat [ g; joined; sums ]

    /// The scan that a loop was, once it is known how long it ran.
    let private asScan (rule: WhileRule) (xs: Tensor[]) : ScanRule =
        let struct (_, steps) = rule.Run(xs |> Array.map (fun x -> x.Value))
        ScanRule(rule.Body, rule.States, 0, steps, false, rule.Checkpoints, false)

    let private scanPull (scan: ScanRule) xs ws wanted = if scan.Checkpoints > 0 then sweep scan xs ws wanted else scan.Pull(xs, [||], ws, wanted)

    let rec run (p: Procedure) (xs: Tensor[]) : Tensor[] =
        let rule (given: bool[]) (wanted: bool[]) pull =
            let parts = Parts xs
            let inputs = parts.Next wanted.Length
            let gs: Tensor voption[] = pull inputs (Mask.scatter given (parts.Rest())) wanted
            Mask.pick wanted (Dense.likeEach inputs gs)

        match p with
        | WhilePull(loop, given, wanted) -> rule given wanted (fun xs -> scanPull (asScan loop xs) xs)
        | ScanPull(scan, given, wanted) -> rule given wanted (sweep scan)
        | Tangents(p, mask) ->
            let parts = Parts xs
            let inputs = parts.Next mask.Length
            let struct (ys, dys) = Forward.jvp (run p) inputs (Mask.scatter mask (parts.Rest()))
            Mask.pick (ys |> Array.map (fun y -> DTypes.isFloat y.DType)) (Dense.likeEach ys dys)
        | Cotangents(p, given, wanted) ->
            let parts = Parts xs
            let inputs = parts.Next wanted.Length
            let gs = Recording.Of(run p, inputs).Pull(Mask.scatter given (parts.Rest()))
            Mask.pick wanted (Dense.likeEach inputs gs)
        | Examples(p, _, stacked) -> Vmap.overStacks (run p) xs stacked

    /// The procedure over stacks of n examples, every input a stack. A loop runs until all examples are done: its own number of steps would not do.
    let rec overExamples (n: int) (inputs: int) (p: Procedure) : Procedure =
        match p with
        | WhilePull(rule, given, wanted) -> WhilePull(rule.Over n, given, wanted)
        | Tangents(p, mask) -> Tangents(overExamples n mask.Length p, mask)
        | Cotangents(p, given, wanted) -> Cotangents(overExamples n wanted.Length p, given, wanted)
        | ScanPull _
        | Examples _ -> Examples(p, n, Array.create inputs true)

    /// A loop's cotangents by a procedure.
    let pulled (make: bool[] -> bool[] -> Procedure) (specs: Spec[]) (xs: Tensor[]) (ws: Tensor voption[]) (wanted: bool[]) : Tensor voption[] =
        let given, wanted = Mask.some ws, Mask.both wanted (Mask.floats specs)
        let cotangents = Mask.pick given ws |> Array.map (fun w -> w.Value)
        Mask.scatter wanted (Tensor.Apply(ProcedureRule(make given wanted), Array.append xs cotangents))

/// A procedure as an operation.
[<Sealed>]
type internal ProcedureRule(p: Procedure) =
    inherit ManyRule("procedure")
    override _.Infer xs = Procedure.infer p xs
    override _.Value xs = Buffers.Outside(fun () -> Procedure.run p (Array.map Tensor.Wrap xs) |> Array.map (fun y -> y.Value))
    override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

    override _.PushAll(xs, ys, ds) =
        let mask = Mask.some ds
        let dxs = Mask.pick mask ds |> Array.map (fun d -> d.Value)
        let floats = ys |> Array.map (fun y -> DTypes.isFloat y.DType)
        Mask.scatter floats (Tensor.Apply(ProcedureRule(Tangents(p, mask)), Array.append xs dxs))

    override _.Pull(xs, _, ws, wanted) =
        let specs = xs |> Array.map (fun x -> x.Spec)
        Procedure.pulled (fun given wanted -> Cotangents(p, given, wanted)) specs xs ws wanted

    override _.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        Tensor.Apply(ProcedureRule(Procedure.overExamples n xs.Length p), Array.map2 (fun x s -> Stacks.Of(x, s, n)) xs stacked)

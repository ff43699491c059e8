namespace DiffLib

open System
open System.Collections.Generic
open DiffLib.Kernels

/// Chapter 21: choices and loops. Where the numbers are known they are plain choices and loops; in a stack of examples both sides are computed
/// and chosen from; in a traced function they become operations with programs inside.
module internal ControlFlow =
    // ---- what is known of a value

    /// Whether part of a value belongs to a function being traced.
    let rec private isTraced (x: Tensor) : bool =
        match x with
        | Const _
        | Number _ -> false
        | Forward(p, d, _) -> isTraced p || isTraced d
        | Reverse(p, _, _) -> isTraced p
        | Batched(stack, _, _) -> isTraced stack
        | Staged _ -> true

    /// Whether a value is remembered for a backward sweep.
    let rec private isRecorded (x: Tensor) : bool =
        match x with
        | Forward(p, d, _) -> isRecorded p || isRecorded d
        | Reverse _ -> true
        | Batched(stack, _, _) -> isRecorded stack
        | _ -> false

    /// Whether part of one of the values belongs to a function being traced.
    let anyTraced (xs: Tensor[]) : bool = Array.exists isTraced xs

    /// The array under all levels, with an axis for each level of examples.
    let rec private allExamples (x: Tensor) : NDArray =
        match x.Underneath with
        | Batched(stack, _, _) -> allExamples stack
        | known -> known.Value

    let private strong (xs: Tensor[]) = Array.map Dense.strong xs
    let private specs (xs: Tensor[]) : Spec[] = xs |> Array.map (fun x -> x.Spec)
    let private valueOnly (x: Tensor) = Tensor.Apply(StopRule.Instance, x)

    let private wrong (text: string) = raise (InvalidOperationException text)

    // ---- what is demanded

    /// A single truth value as rank 0.
    let private truth (verb: string) (what: string) (c: Tensor) : Tensor =
        if c.DType <> DType.Bool || c.Count <> 1 then
            invalidArg
                what
                $"{verb}: the {what} is {DTypes.name c.DType}{c.Shape}, but one bool is needed. Compare (x > 0), and reduce several truth values with Any or All."

        Tensor.ReshapeTo(c, Shape.Scalar)

    /// A result as the state it becomes: a weak number takes its element type, everything else must agree.
    let private fit (verb: string) (what: string) (k: int) (like: Spec) (y: Tensor) : Tensor =
        let takesType = y.DType = like.DType || (y.IsWeak && DTypes.promote like.DType false y.DType true = like.DType)

        if takesType && y.Shape.Equals like.Shape then
            Tensor.Cast(y, like.DType)
        else
            wrong
                $"{verb}: {what} {k} goes into a step as {like.DType |> DTypes.name}{like.Shape} and comes out as {DTypes.name y.DType}{y.Shape}. It must keep its shape and element type: start with what the step gives, or Cast, Reshape or broadcast inside the step."

    let private fitAll (verb: string) (what: string) (like: Spec[]) (ys: Tensor[]) : Tensor[] =
        if ys.Length <> like.Length then
            wrong $"{verb}: the step takes {like.Length} tensors as {what} and gives {ys.Length}. It must give as many."

        Array.mapi2 (fun k s y -> fit verb what k s y) like ys

    // ---- tracing

    /// Which value of its level a tensor is, apart from the object that stands for it: none where the object is all there is.
    let private identity (x: Tensor) : struct (int64 * int) voption =
        match x with
        | Reverse(_, place, trace) -> ValueSome(struct (trace.Tag, place))
        | Staged v -> ValueSome(struct (v.Stage.Tag, v.Number))
        | _ -> ValueNone

    /// Tensors that stand for the same value are one.
    let private sameValue =
        HashIdentity.FromFunctions
            (fun (x: Tensor) ->
                match identity x with
                | ValueSome id -> hash id
                | ValueNone -> LanguagePrimitives.PhysicalHash x)
            (fun x y ->
                match identity x, identity y with
                | ValueSome a, ValueSome b -> a = b
                | _ -> obj.ReferenceEquals(x, y))

    /// What a value was sliced from, and how, if it was.
    let private sliceOf (x: Tensor) : struct (Tensor * SliceRule) voption =
        match x with
        | Reverse(_, place, trace) when trace.IsOpen ->
            let node = trace[place]

            match node.Rule, node.A with
            | (:? SliceRule as rule), (:? Tensor as source) when node.ParentA >= 0 -> ValueSome(struct (Reverse(source, node.ParentA, trace), rule))
            | _ -> ValueNone
        | Staged v ->
            match v.Stage.MakerOf v.Number with
            | ValueSome { Rule = :? SliceRule as rule; Inputs = inputs } ->
                ValueSome(struct (Staged(Variable(v.Stage, inputs[0], v.Stage.Specs[inputs[0]])), rule))
            | _ -> ValueNone
        | _ -> ValueNone

    /// The values a function refers to, where many are slices of one: the one value instead, if the slices have more elements than it, and the slices inside
    /// the function; a slice that was taken twice once. A loop backward keeps a sum of cotangents for each value, so that it has fewer and
    /// smaller ones.
    let private gathered (verb: string) (arguments: Spec[]) (struct (p: Program, captured: Tensor[])) : struct (Program * Tensor[]) =
        let slices = captured |> Array.map sliceOf
        let elements = Dictionary<Tensor, int>(sameValue)
        let distinct = HashSet<struct (struct (int64 * int) voption * string)>()

        for slice in slices do
            match slice with
            | ValueSome(struct (source, rule)) when distinct.Add(struct (identity source, rule.Describe())) ->
                let before =
                    match elements.TryGetValue source with
                    | true, n -> n
                    | _ -> 0

                elements[source] <- before + rule.Shape.Count
            | _ -> ()

        let union = List<Tensor>()
        let place = Dictionary<Tensor, int>(sameValue)
        let taken = Dictionary<struct (struct (int64 * int) voption * string), int>()

        let add (x: Tensor) =
            if place.TryAdd(x, union.Count) then union.Add x
            place[x]

        let uses =
            Array.map2
                (fun x slice ->
                    match slice with
                    | ValueSome(struct (source, rule: SliceRule)) when elements[source] > source.Count -> struct (add source, ValueSome rule)
                    | ValueSome(struct (source, rule)) ->
                        let key = struct (identity source, rule.Describe())
                        if not (taken.ContainsKey key) then taken[key] <- add x
                        struct (taken[key], ValueNone)
                    | ValueNone -> struct (add x, ValueNone))
                captured
                slices

        if union.Count = captured.Length && uses |> Array.forall (fun struct (_, rule) -> rule.IsNone) then
            struct (p, captured)
        else
            let n = arguments.Length

            let f (xs: Tensor[]) =
                let referred =
                    uses
                    |> Array.map (fun struct (k, rule) ->
                        match rule with
                        | ValueSome rule -> Tensor.Apply(rule, xs[n + k])
                        | ValueNone -> xs[n + k])

                Programs.interpret p (Array.append (Array.take n xs) referred)

            let all = Array.append p.InputSpecs[.. n - 1] [| for x in union -> x.Spec |]
            struct (Programs.ofFunction verb f all, union.ToArray())

    /// A function traced by itself, and the values of enclosing levels that it refers to.
    let private trace (verb: string) (f: Tensor[] -> Tensor[]) (arguments: Spec[]) : struct (Program * Tensor[]) =
        Buffers.Outside(fun () -> gathered verb arguments (Programs.trace verb true f arguments))

    /// Programs of the same arguments that refer to the same values, in one order: these are their further arguments.
    let private unify (verb: string) (arguments: Spec[]) (traced: struct (Program * Tensor[])[]) : struct (Body[] * Tensor[]) =
        let place = Dictionary<Tensor, int>(sameValue)
        let union = List<Tensor>()

        for struct (_, captured) in traced do
            for x in captured do
                if place.TryAdd(x, union.Count) then union.Add x

        let all = Array.append arguments (union |> Seq.map (fun x -> x.Spec.With x.Shape) |> Array.ofSeq)

        let bodies =
            traced
            |> Array.map (fun struct (p, captured) ->
                let own = Array.append [| 0 .. arguments.Length - 1 |] (captured |> Array.map (fun x -> arguments.Length + place[x]))
                Body.Of(verb, (fun xs -> Programs.interpret p (own |> Array.map (fun k -> xs[k]))), all))

        struct (bodies, strong (union.ToArray()))

    // ---- choices

    let private typeText (s: Spec) = DTypes.name s.DType + s.Shape.ToString()

    /// The element types that the branches' results have in common, where weak numbers give way.
    let private common (verb: string) (results: Spec[][]) : DType[] =
        let first = results[0]

        results
        |> Array.iteri (fun k specs ->
            if specs.Length <> first.Length then
                wrong $"{verb}: branch 0 gives {first.Length} tensors, branch {k} gives {specs.Length}. All branches must give the same build."

            for r in 0 .. specs.Length - 1 do
                let agree = specs[r].DType = first[r].DType || specs[r].Weak || first[r].Weak

                if not agree || not (specs[r].Shape.Equals first[r].Shape) then
                    wrong
                        $"{verb}: result {r} is {typeText first[r]} from branch 0, but {typeText specs[r]} from branch {k}. All branches must give the same shapes and element types: Cast, Reshape or broadcast one of them.")

        Array.init first.Length (fun r ->
            let struct (dtype, _) =
                results
                |> Array.fold
                    (fun (struct (t, weak)) specs -> struct (DTypes.promote t weak specs[r].DType specs[r].Weak, weak && specs[r].Weak))
                    struct (first[r].DType, first[r].Weak)

            dtype)

    let private typed (dtypes: DType[]) (ys: Tensor[]) : Tensor[] = Array.map2 (fun t y -> Tensor.Cast(y, t)) dtypes ys

    /// Every branch for every example, and a choice.
    let private choose (verb: string) (index: Tensor) (branches: (Tensor[] -> Tensor[])[]) (xs: Tensor[]) : Tensor[] =
        let results = branches |> Array.map (fun f -> f xs)
        let dtypes = common verb (results |> Array.map specs)
        let results = results |> Array.map (typed dtypes)

        Array.foldBack
            (fun k others ->
                let here = Tensor.Compare(CompareOp.Equal, index, Tensor.Weak(k: int))
                Array.map2 (fun y other -> Tensor.Select(here, y, other)) results[k] others)
            [| 0 .. results.Length - 2 |]
            results[results.Length - 1]

    let private stagedSwitch (verb: string) (index: Tensor) (branches: (Tensor[] -> Tensor[])[]) (xs: Tensor[]) : Tensor[] =
        let xs = strong xs
        let arguments = specs xs
        let traced = branches |> Array.map (fun f -> trace verb f arguments)
        let dtypes = common verb (traced |> Array.map (fun struct (p, _) -> p.OutputSpecs))

        let typedPrograms =
            traced
            |> Array.map (fun struct (p, captured) -> struct (Programs.ofFunction verb (Programs.interpret p >> typed dtypes) p.InputSpecs, captured))

        let struct (bodies, captured) = unify verb arguments typedPrograms
        Tensor.Apply(SwitchRule bodies, Array.concat [ [| index |]; xs; captured ])

    let private branchOf (verb: string) (index: Tensor) (branches: (Tensor[] -> Tensor[])[]) (xs: Tensor[]) : Tensor[] =
        if index.IsKnown then branches[int (index.ToDouble())] xs
        elif isTraced index then stagedSwitch verb index branches xs
        else choose verb index branches xs

    /// One of two functions of xs.
    let cond (predicate: Tensor) (onTrue: Tensor[] -> Tensor[]) (onFalse: Tensor[] -> Tensor[]) (xs: Tensor[]) : Tensor[] =
        let p = truth "Diff.Cond" "predicate" predicate
        branchOf "Diff.Cond" (Tensor.Cast(p, DType.Int64)) [| onFalse; onTrue |] xs

    /// One of several functions of xs, by number.
    let switch (index: Tensor) (branches: (Tensor[] -> Tensor[])[]) (xs: Tensor[]) : Tensor[] =
        if branches.Length = 0 then invalidArg "branches" "Diff.Switch: no branches to choose from. Give at least one."

        if DTypes.isFloat index.DType || index.DType = DType.Bool || index.Count <> 1 then
            invalidArg
                "index"
                $"Diff.Switch: the index is {DTypes.name index.DType}{index.Shape}, but one integer is needed. Cast it to int32 or int64."

        let index = Tensor.Apply(BranchRule branches.Length, Tensor.ReshapeTo(index, Shape.Scalar))
        branchOf "Diff.Switch" index branches xs

    // ---- while

    let private stagedWhile (condition: Tensor[] -> Tensor) (step: Tensor[] -> Tensor[]) (state: Tensor[]) (checkpoints: int) : Tensor[] =
        let arguments = specs state
        let condition xs = [| truth "Diff.While" "condition" (condition xs) |]
        let step xs = fitAll "Diff.While" "state" arguments (step xs)
        let traced = [| trace "Diff.While" condition arguments; trace "Diff.While" step arguments |]
        let struct (bodies, captured) = unify "Diff.While" arguments traced
        Tensor.Apply(WhileRule(bodies[0], bodies[1], state.Length, checkpoints), Array.append state captured)

    /// Steps while the condition holds.
    let whileLoop (condition: Tensor[] -> Tensor) (step: Tensor[] -> Tensor[]) (initial: Tensor[]) (checkpoints: int) : Tensor[] =
        let initial = strong initial
        let like = specs initial
        // what the condition computes is not part of what is differentiated
        let holds state = truth "Diff.While" "condition" (condition (Array.map valueOnly state))
        let next state = fitAll "Diff.While" "state" like (step state)
        let staged state = stagedWhile condition step state checkpoints
        let mutable state = initial
        let mutable finished = false

        while not finished do
            if checkpoints > 0 || anyTraced state then
                state <- staged state
                finished <- true
            else
                let c = holds state

                if isTraced c then
                    state <- staged state
                    finished <- true
                elif c.IsKnown then
                    if c.Value.Span<bool>()[0] then state <- next state else finished <- true
                else if
                    // examples that are done keep their state
                    (Reducing.Any(Const(allExamples c), null, false)).Value.Span<bool>()[0]
                then
                    state <- Array.map2 (fun y x -> Tensor.Select(c, y, x)) (next state) state
                else
                    finished <- true

        state

    // ---- scan

    /// The number of steps: the length of the first axis of all inputs.
    let private lengthOf (xs: Tensor[]) (length: int voption) : int =
        let lengths = List<int>()

        xs
        |> Array.iteri (fun k x ->
            if x.Rank = 0 then
                invalidArg "xs" $"Diff.Scan: input {k} is a single number; it has no axis to scan along. Give a tensor with a row for each step."

            lengths.Add x.Shape.Sizes[0])

        match length with
        | ValueSome n ->
            if n < 0 then raise (ArgumentOutOfRangeException("length", n, "Diff.Scan: the number of steps must be 0 or more."))
            lengths.Add n
        | ValueNone -> ()

        if lengths.Count = 0 then
            invalidArg "xs" "Diff.Scan: no inputs to scan along, so the number of steps is unknown. Give the length."

        for k in 1 .. lengths.Count - 1 do
            if lengths[k] <> lengths[0] then
                let other = if k < xs.Length then $"input {k} has shape {xs[k].Shape}" else $"the length is {lengths[k]}"
                invalidArg "xs" $"Diff.Scan: input 0 has shape {xs[0].Shape}, so {lengths[0]} steps, but {other}. All must have as many rows."

        lengths[0]

    type private Step = Tensor[] -> Tensor[] -> struct (Tensor[] * Tensor[])

    let private rowsOf (xs: Tensor[]) : Spec[] = xs |> Array.map (fun x -> x.Spec.With(Shape.Adopt(Array.tail x.Shape.Sizes)))

    let private stagedScan (verb: string) (step: Step) (initial: Tensor[]) (xs: Tensor[]) (length: int) (reverse: bool) (checkpoints: int) =
        let carries, scanned = initial.Length, xs.Length
        let like = specs initial
        let arguments = Array.append like (rowsOf xs)
        let mutable results = 0

        let f (all: Tensor[]) =
            let struct (carry, ys) = step (Array.take carries all) (Array.skip carries all)
            results <- ys.Length
            Array.append (fitAll verb "carry" like carry) (strong ys)

        let struct (bodies, captured) = unify verb arguments [| trace verb f arguments |]
        let inputs = Array.concat [ initial; xs; captured ]
        let rule = ScanRule(bodies[0], carries, scanned, length, reverse, checkpoints, false)
        let rule = if checkpoints = 0 && Array.exists isRecorded inputs then rule.Saving else rule
        let all = Tensor.Apply(rule, inputs)
        struct (Array.take carries all, Array.sub all carries results)

    /// Shapes and element types of what a step gives beside the carry, where there is no step.
    let private nothing (verb: string) (step: Step) (initial: Tensor[]) (xs: Tensor[]) : Tensor[] =
        let like = specs initial

        let f (all: Tensor[]) =
            let struct (carry, ys) = step (Array.take initial.Length all) (Array.skip initial.Length all)
            fitAll verb "carry" like carry |> ignore
            ys

        Buffers.Outside(fun () -> Abstractly.infer verb f (Array.append like (rowsOf xs)))
        |> Array.map (fun y -> Const(NDArray.Zeros(y.DType, Rows.spec 0 y |> _.Shape)))

    let private plainScan (verb: string) (step: Step) (initial: Tensor[]) (xs: Tensor[]) (length: int) (reverse: bool) =
        let like = specs initial
        let rows = xs |> Array.map (fun x -> Tensor.Apply(UnstackRule.Instance, [| x |]))
        let results: Tensor[][] = Array.zeroCreate length
        let mutable carry = initial
        let mutable staged = false
        let mutable k = 0

        while not staged && k < length do
            let t = if reverse then length - 1 - k else k
            let struct (next, ys) = step carry (rows |> Array.map (fun row -> row[t]))
            carry <- fitAll verb "carry" like next
            results[t] <- strong ys
            // a step that refers to traced values: the loop becomes an operation
            staged <- anyTraced carry || anyTraced ys

            if not staged && k > 0 then
                let first = results[if reverse then length - 1 else 0]
                fitAll verb "result" (specs first) ys |> ignore

            k <- k + 1

        if staged then
            ValueNone
        else
            let count = results[0].Length
            let stacked = Array.init count (fun r -> Tensor.Apply(StackRule.Instance, results |> Array.map (fun ys -> ys[r]))[0])
            ValueSome(struct (carry, stacked))

    let private scanWith (verb: string) (step: Step) (initial: Tensor[]) (xs: Tensor[]) (length: int) (reverse: bool) (checkpoints: int) =
        let initial, xs = strong initial, strong xs

        if length = 0 then
            struct (initial, nothing verb step initial xs)
        elif checkpoints > 0 || anyTraced initial || anyTraced xs then
            stagedScan verb step initial xs length reverse checkpoints
        else
            match plainScan verb step initial xs length reverse with
            | ValueSome result -> result
            | ValueNone -> stagedScan verb step initial xs length reverse checkpoints

    let demandCheckpoints (checkpoints: int) =
        if checkpoints < 0 then
            raise (ArgumentOutOfRangeException("checkpoints", checkpoints, "the number of states to keep must be 1 or more; 0 keeps them all."))

    /// Steps over the rows of xs: the last carry, and the results of all steps stacked.
    let scan (step: Step) (initial: Tensor[]) (xs: Tensor[]) (length: int voption) (reverse: bool) (checkpoints: int) =
        scanWith "Diff.Scan" step initial xs (lengthOf xs length) reverse checkpoints

    /// Steps for the numbers from one to another, which is excluded.
    let forLoop (first: int) (stop: int) (step: Tensor -> Tensor[] -> Tensor[]) (initial: Tensor[]) (checkpoints: int) : Tensor[] =
        let length = max 0 (stop - first)
        let numbers = Const(NDArray.Adopt(Shape [| length |], Array.init length (fun k -> int64 (first + k))))
        let one carry (row: Tensor[]) = struct (step row[0] carry, [||])
        let struct (state, _) = scanWith "Diff.ForI" one initial [| numbers |] length false checkpoints
        state

    // ---- associative scan

    /// Every other position of the first axis from one on.
    let private everySecond (from: int) (count: int) (x: Tensor) : Tensor =
        let starts = Array.zeroCreate x.Rank
        let steps = Array.create x.Rank 1
        starts[0] <- if count > 0 then from else 0
        steps[0] <- 2
        Tensor.Apply(SliceRule(starts, steps, x.Shape.With(0, count)), x)

    /// Even and odd positions in turn.
    let private interleave (even: Tensor) (odd: Tensor) : Tensor =
        let n = odd.Shape.Sizes[0]
        let rest = Array.tail even.Shape.Sizes
        let pairs = Joining.Stack([| Shaping.Narrow(even, 0, 0, n); odd |], 1)
        let merged = Tensor.ReshapeTo(pairs, Shape(Array.append [| 2 * n |] rest))
        if even.Shape.Sizes[0] = n then merged else Joining.Concat([| merged; Shaping.Narrow(even, 0, n, 1) |], 0)

    /// x0, x0·x1, x0·x1·x2, ...: pairs first, the even positions from what the odd ones got. Each level halves the length.
    let rec private prefixes (combine: Tensor[] -> Tensor[] -> Tensor[]) (n: int) (xs: Tensor[]) : Tensor[] =
        if n < 2 then
            xs
        else
            let half, more = n / 2, (n - 1) / 2
            let pairs = combine (xs |> Array.map (everySecond 0 half)) (xs |> Array.map (everySecond 1 half))
            let odd = prefixes combine half pairs

            let between =
                if more = 0 then
                    xs |> Array.map (fun x -> Shaping.Narrow(x, 0, 0, 0))
                else
                    combine (odd |> Array.map (fun y -> Shaping.Narrow(y, 0, 0, more))) (xs |> Array.map (everySecond 2 more))

            let even = Array.map2 (fun x later -> Joining.Concat([| Shaping.Narrow(x, 0, 0, 1); later |], 0)) xs between
            Array.map2 interleave even odd

    /// Running combinations along an axis by an associative function of two elements.
    let associativeScan (combine: Tensor[] -> Tensor[] -> Tensor[]) (xs: Tensor[]) (axis: int) (reverse: bool) : Tensor[] =
        let verb = "Diff.AssociativeScan"
        let xs = strong xs

        let axes =
            xs
            |> Array.mapi (fun k x ->
                if x.Rank = 0 then invalidArg "xs" $"{verb}: input {k} is a single number; it has no axis to run along."

                x.Shape.Axis axis)

        let front = Array.map2 (fun x d -> Stacks.Move(x, d, 0)) xs axes
        let n = front[0].Shape.Sizes[0]

        front
        |> Array.iteri (fun k x ->
            if x.Shape.Sizes[0] <> n then
                invalidArg "xs" $"{verb}: input 0 has shape {xs[0].Shape}, input {k} has {xs[k].Shape}; along axis {axis} all must be as long.")

        let like = rowsOf front
        let m = xs.Length

        let both (a: Tensor[]) (b: Tensor[]) =
            let one (all: Tensor[]) = combine (Array.take m all) (Array.skip m all) |> fitAll verb "element" like
            Vmap.overStacks one (Array.append a b) (Array.create (2 * m) true)

        let turn x = if reverse then Shaping.Flip(x, [| 0 |]) else x
        let results = prefixes both n (front |> Array.map turn)
        Array.map2 (fun y d -> Stacks.Move(turn y, 0, d)) results axes

    // ---- recomputation

    /// f, computed again in the backward sweep; in a traced function a call that stays one.
    let checkpoint (f: Tensor[] -> Tensor[]) (xs: Tensor[]) : Tensor[] =
        if anyTraced xs then
            let xs = strong xs
            let arguments = specs xs
            let struct (bodies, captured) = unify "Diff.Checkpoint" arguments [| trace "Diff.Checkpoint" f arguments |]
            Tensor.Apply(bodies[0].AsCall "checkpoint", Array.append xs captured)
        else
            Custom.checkpoint f xs

namespace DiffLib

open System

/// Chapter 22: choices and loops over trees of tensors.
module internal ControlTrees =
    let private wrong (text: string) = raise (InvalidOperationException text)

    /// A state with at least one tensor, each place a leaf of its own.
    let private apart (verb: string) (what: string) (value: 't) : Tree.Parts<'t> =
        let parts = Tree.flattenEachWithKeys value

        if parts.Leaves.Length = 0 then
            invalidArg
                what
                $"{verb}: the {what}, a {typeof<'t>.Name}, holds no tensors, so nothing can change from step to step. Put numbers that change into tensors."

        parts

    /// The tensors of a value built like another.
    let private leavesLike (verb: string) (what: string) (like: Tree.Parts<'t>) (value: 't) : Tensor[] =
        let parts = Tree.flattenEachWithKeys value

        let same =
            parts.Statics.Length = like.Statics.Length
            && Array.forall2 (fun (a: objnull) (b: objnull) -> Object.Equals(a, b)) parts.Statics like.Statics

        if not same then
            let list (names: string[]) = String.Join(", ", names |> Array.map (fun n -> if n = "" then "itself" else n))

            wrong
                $"{verb}: the {what} changes its build: it had {like.Leaves.Length} tensors ({list like.Names}), now {parts.Leaves.Length} ({list parts.Names}), or something in it that is not a tensor has another value. Only tensors may change from step to step; lists must keep their length."

        parts.Leaves

    /// The build of what a function gives, kept from its first call and demanded of the others.
    [<Sealed>]
    type private Build<'t>(verb: string, what: string) =
        let mutable first: Tree.Parts<'t> voption = ValueNone

        member _.Leaves(value: 't) : Tensor[] =
            match first with
            | ValueNone ->
                let parts = Tree.flattenEachWithKeys value
                first <- ValueSome parts
                parts.Leaves
            | ValueSome like -> leavesLike verb what like value

        member _.Rebuild(leaves: Tensor[]) : 't = first.Value.Rebuild leaves

    let cond (predicate: Tensor) (onTrue: 'i -> 'o) (onFalse: 'i -> 'o) (argument: 'i) : 'o =
        let parts = Tree.flattenEachWithKeys argument
        let build = Build<'o>("Diff.Cond", "result")
        let branch f xs = build.Leaves(f (parts.Rebuild xs))
        build.Rebuild(ControlFlow.cond predicate (branch onTrue) (branch onFalse) parts.Leaves)

    let switch (index: Tensor) (branches: ('i -> 'o)[]) (argument: 'i) : 'o =
        let parts = Tree.flattenEachWithKeys argument
        let build = Build<'o>("Diff.Switch", "result")
        let branch f xs = build.Leaves(f (parts.Rebuild xs))
        build.Rebuild(ControlFlow.switch index (branches |> Array.map branch) parts.Leaves)

    let whileLoop (condition: 's -> Tensor) (step: 's -> 's) (initial: 's) (checkpoints: int) : 's =
        ControlFlow.demandCheckpoints checkpoints
        let parts = apart "Diff.While" "initial" initial
        let next xs = leavesLike "Diff.While" "state" parts (step (parts.Rebuild xs))
        parts.Rebuild(ControlFlow.whileLoop (parts.Rebuild >> condition) next parts.Leaves checkpoints)

    let forLoop (first: int) (stop: int) (step: Tensor -> 's -> 's) (initial: 's) (checkpoints: int) : 's =
        ControlFlow.demandCheckpoints checkpoints
        let parts = apart "Diff.ForI" "initial" initial
        let next i xs = leavesLike "Diff.ForI" "state" parts (step i (parts.Rebuild xs))
        parts.Rebuild(ControlFlow.forLoop first stop next parts.Leaves checkpoints)

    let scan (step: 'c -> 'x -> struct ('c * 'y)) (initial: 'c) (xs: 'x) (length: int voption) (reverse: bool) (checkpoints: int) : struct ('c * 'y) =
        ControlFlow.demandCheckpoints checkpoints
        let carry, rows = Tree.flattenEachWithKeys initial, Tree.flattenEachWithKeys xs
        let build = Build<'y>("Diff.Scan", "result of a step")

        let one c x =
            let struct (next, y) = step (carry.Rebuild c) (rows.Rebuild x)
            struct (leavesLike "Diff.Scan" "carry" carry next, build.Leaves y)

        let struct (last, ys) = ControlFlow.scan one carry.Leaves rows.Leaves length reverse checkpoints
        struct (carry.Rebuild last, build.Rebuild ys)

    let associativeScan (combine: 't -> 't -> 't) (xs: 't) (axis: int) (reverse: bool) : 't =
        let parts = apart "Diff.AssociativeScan" "xs" xs
        let both a b = leavesLike "Diff.AssociativeScan" "element" parts (combine (parts.Rebuild a) (parts.Rebuild b))
        parts.Rebuild(ControlFlow.associativeScan both parts.Leaves axis reverse)

/// Batching over trees of tensors and keys.
module internal MapTrees =
    let private wrongKey (name: string) (shape: Shape) (axis: int) =
        let at = if name = "" then "the argument" else name

        invalidArg
            "x"
            $"Vmap: {at} is a random key with shape {shape} and the examples are said to lie along axis {axis}. A stack of keys, key.SplitStack(n), has them along axis 0; a single key can only be shared by all examples (axis null)."

    /// The axis of examples of each leaf; the same tensor in two places has one.
    let private axesOf (parts: Tree.Parts<'i>) (axisOf: int -> int voption) : int voption[] =
        let axes: int voption voption[] = Array.create parts.Leaves.Length ValueNone

        for k in 0 .. parts.Met.Length - 1 do
            let leaf, axis = parts.Which[k], axisOf k

            match axes[leaf] with
            | ValueSome other when other <> axis ->
                invalidArg
                    "x"
                    $"one tensor (first met at {parts.Names[leaf]}) is given in two places with different axes of examples. Give a copy, for instance x + 0, in one of them."
            | _ -> axes[leaf] <- ValueSome axis

        axes
        |> Array.mapi (fun leaf axis ->
            match axis with
            | ValueSome(ValueSome a) when parts.IsKey leaf && (a < 0 || a > parts.Leaves[leaf].Rank - 2) ->
                wrongKey parts.Names[leaf] parts.Leaves[leaf].Shape a
            | ValueSome axis -> axis
            | ValueNone -> ValueNone)

    /// f over examples; axisOf says where the examples lie in each tensor met.
    let vmap (f: 'i -> 'o) (parts: Tree.Parts<'i>) (axisOf: int -> int voption) (outAxis: int) : 'o =
        if parts.Met.Length = 0 then invalidArg "x" $"{typeof<'i>.Name} holds no tensors, so there are no examples in it."

        let mutable result = ValueNone

        let over (xs: Tensor[]) =
            let apart = Tree.flattenWithKeys (f (parts.Rebuild xs))

            if apart.Leaves.Length = 0 then
                raise (
                    InvalidOperationException
                        $"Vmap: the function returned a {typeof<'o>.Name} without tensors. Return a tensor, or a record, tuple or list of them."
                )

            if outAxis <> 0 && Seq.exists apart.IsKey (seq { 0 .. apart.Leaves.Length - 1 }) then
                raise (ArgumentOutOfRangeException("outAxis", outAxis, "Vmap: the result holds a random key; keys come out along axis 0."))

            result <- ValueSome apart
            apart.Leaves

        let values = Vmap.vmap over parts.Leaves (axesOf parts axisOf) outAxis
        result.Value.Rebuild values

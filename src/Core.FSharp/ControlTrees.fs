namespace DiffLib

open System

/// Chapter 22: choices and loops over trees of tensors.
module internal ControlTrees =
    let private wrong (text: string) = raise (InvalidOperationException text)

    /// A state with at least one tensor, each place a leaf of its own.
    let private apart (verb: string) (what: string) (value: 't) : Tree.Parts<'t> =
        let parts = Tree.flattenEach value

        if parts.Leaves.Length = 0 then
            invalidArg
                what
                $"{verb}: the {what}, a {typeof<'t>.Name}, holds no tensors, so nothing can change from step to step. Put numbers that change into tensors."

        parts

    /// The tensors of a value built like another.
    let private leavesLike (verb: string) (what: string) (like: Tree.Parts<'t>) (value: 't) : Tensor[] =
        let parts = Tree.flattenEach value

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
                let parts = Tree.flattenEach value
                first <- ValueSome parts
                parts.Leaves
            | ValueSome like -> leavesLike verb what like value

        member _.Rebuild(leaves: Tensor[]) : 't = first.Value.Rebuild leaves

    let cond (predicate: Tensor) (onTrue: 'i -> 'o) (onFalse: 'i -> 'o) (argument: 'i) : 'o =
        let parts = Tree.flattenEach argument
        let build = Build<'o>("Diff.Cond", "result")
        let branch f xs = build.Leaves(f (parts.Rebuild xs))
        build.Rebuild(ControlFlow.cond predicate (branch onTrue) (branch onFalse) parts.Leaves)

    let switch (index: Tensor) (branches: ('i -> 'o)[]) (argument: 'i) : 'o =
        let parts = Tree.flattenEach argument
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
        let carry, rows = Tree.flattenEach initial, Tree.flattenEach xs
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

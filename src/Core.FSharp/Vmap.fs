namespace DiffLib

open System

/// Chapter 13b: batching. A function of one example becomes a function of a stack of them; its operations work on whole stacks.
module internal Vmap =
    let private demandAxis (k: int) (x: Tensor) (axis: int) : int =
        let at = if axis < 0 then axis + x.Rank else axis

        if at < 0 || at >= x.Rank then
            raise (
                ArgumentOutOfRangeException(
                    "inAxes",
                    axis,
                    $"Vmap: argument {k} has shape {x.Shape}; it has no axis {axis} to take examples from. Name an axis it has, or none for an argument that all examples share."
                )
            )

        at

    /// The number of examples, the same in every argument that has them.
    let private sizeOf (xs: Tensor[]) (axes: int voption[]) : int =
        let sizes =
            [| for k in 0 .. xs.Length - 1 do
                   match axes[k] with
                   | ValueSome axis -> struct (k, xs[k].Shape.Sizes[axis])
                   | ValueNone -> () |]

        if sizes.Length = 0 then
            invalidArg "inAxes" "Vmap: no argument has an axis of examples. Give at least one, or call the function itself."

        let struct (first, n) = sizes[0]

        for struct (k, m) in sizes do
            if m <> n then
                invalidArg
                    "inAxes"
                    $"Vmap: argument {first} holds {n} examples, argument {k} holds {m} (shape {xs[k].Shape}, axis {axes[k].Value}). All must hold as many."

        n

    /// What the function returned for the stack, with the axis of examples where it is wanted.
    let private unstack (batch: Batch) (y: Tensor) (axis: int) : Tensor =
        let stack =
            match Forward.settle batch.Tag y with
            | Batched(stack, _, b) when obj.ReferenceEquals(b, batch) -> stack
            | y -> Stacks.Repeat(y, batch.Size)

        let at = if axis < 0 then axis + stack.Rank else axis

        if at < 0 || at >= stack.Rank then
            raise (
                ArgumentOutOfRangeException(
                    "outAxes",
                    axis,
                    $"Vmap: a result has shape {stack.Shape} with the examples in front; it has no axis {axis} to put them to."
                )
            )

        Stacks.Move(stack, 0, at)

    /// f over the examples along an axis of each argument; arguments without one are shared.
    let vmap (f: Tensor[] -> Tensor[]) (xs: Tensor[]) (inAxes: int voption[]) (outAxis: int) : Tensor[] =
        let axes = Array.mapi (fun k axis -> axis |> ValueOption.map (demandAxis k xs[k])) inAxes
        let batch = Batch(Trace.FreshTag(), sizeOf xs axes)

        let lifted =
            Array.map2
                (fun (x: Tensor) axis ->
                    match axis with
                    | ValueSome axis ->
                        let stack = Stacks.Move(x, axis, 0)
                        Batched(stack, Shape.Adopt(Array.tail stack.Shape.Sizes), batch)
                    | ValueNone -> x)
                xs
                axes

        try
            f lifted |> Array.map (fun y -> unstack batch y outAxis)
        finally
            batch.Close()

    /// f over the examples of stacks.
    let overStacks (f: Tensor[] -> Tensor[]) (xs: Tensor[]) (stacked: bool[]) : Tensor[] =
        vmap f xs (stacked |> Array.map (fun s -> if s then ValueSome 0 else ValueNone)) 0

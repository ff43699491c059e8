namespace DiffLib

open System

/// Chapter 11: operations whose value is itself a Tensor function: users' own rules, and recomputation instead of memory.
module internal Custom =
    /// What a function of constants must give back.
    let demandConstants (name: string) (ys: Tensor[]) : NDArray[] =
        ys
        |> Array.map (fun y ->
            match y with
            | Const v -> v
            | Number(v, weak) -> NDArray.Scalar(v, weak)
            | _ ->
                raise (
                    InvalidOperationException
                        $"{name}: the function uses a value that is being differentiated (or belongs to a Vmap or tracing call around it) but was not given to it as an argument. Pass every such value as an argument, or apply Diff.StopGradient to it."
                ))

    let private demandShapes (name: string) (what: string) (got: Tensor voption[]) (like: Tensor[]) =
        if got.Length <> like.Length then
            raise (
                InvalidOperationException
                    $"{name}: the rule gave {got.Length} {what}s, but {like.Length} are needed. Return one for each, zeros where there is no influence."
            )

        for k in 0 .. got.Length - 1 do
            match got[k] with
            | ValueSome g when not (g.Shape.Equals like[k].Shape) ->
                raise (
                    InvalidOperationException
                        $"{name}: the rule gave a {what} of shape {g.Shape} where {like[k].Shape} is needed. A {what} has the shape of what it belongs to; sum over broadcast axes with SumToSize."
                )
            | _ -> ()

        got

    let private zeros (like: Tensor) =
        function
        | ValueSome d -> d
        | ValueNone -> Forward.zerosLike like

    let private dense (like: Tensor[]) (ds: Tensor voption[]) = Array.map2 zeros like ds

    /// A function of one example, as one of stacks: all examples at once, or, where the function asks for numbers, one after another.
    let private overExamples (stacked: bool[]) (f: Tensor[] -> Tensor[]) (xs: Tensor[]) : Tensor[] =
        let n = Stacks.SizeOf(xs, stacked)
        let batch = Batch(Trace.FreshTag(), n)

        let stackOf y =
            match Forward.settle batch.Tag y with
            | Batched(stack, _, own) when obj.ReferenceEquals(own, batch) -> stack
            | y -> Stacks.Repeat(y, n)

        try
            try
                f (Array.map2 (fun x s -> if s then Tensor.InBatch(x, batch) else x) xs stacked) |> Array.map stackOf
            with :? InvalidOperationException when n > 0 ->
                // a genuine error comes again
                Examples.OneByOne(f, xs, stacked)
        finally
            batch.Close()

    /// A function recomputed in the backward sweep: only inputs and results are kept.
    [<Sealed>]
    type CheckpointRule(f: Tensor[] -> Tensor[]) =
        inherit ManyRule("checkpoint")
        override _.Infer xs = Abstractly.infer "Checkpoint" f xs
        override _.Batch(xs, stacked) = Tensor.Apply(CheckpointRule(overExamples stacked f), xs)
        override _.Value xs = f (Array.map Const xs) |> demandConstants "Checkpoint"

        override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

        override _.PushAll(xs, _, ds) =
            let struct (_, dys) = Forward.jvp f xs ds
            dys

        override _.Pull(xs, _, ws, _) = Recording.Of(f, xs).Pull ws

    /// A user's rule: value, push forward, pull back. One of the two maps is enough; the other is its transpose.
    [<Sealed>]
    type UserRule
        (
            name: string,
            value: Tensor[] -> Tensor,
            push: (Tensor[] -> Tensor -> Tensor[] -> Tensor) option,
            pull: (Tensor[] -> Tensor -> Tensor -> Tensor[]) option
        ) =
        inherit ManyRule(name)

        override _.Infer xs = Abstractly.infer name (fun xs -> [| value xs |]) xs

        /// The same rule over stacks: each of its functions sees one example.
        override _.Batch(xs, stacked) =
            let k = xs.Length
            let value' xs = (overExamples stacked (fun xs -> [| value xs |]) xs)[0]
            let flags = Array.concat [ stacked; [| true |]; stacked ]

            let push' push xs y dxs =
                let one (all: Tensor[]) = [| push (Array.take k all) all[k] (Array.skip (k + 1) all) |]
                (overExamples flags one (Array.concat [ xs; [| y |]; dxs ]))[0]

            let pull' pull xs y w =
                let one (all: Tensor[]) =
                    let xs = Array.take k all
                    let gs: Tensor[] = pull xs all[k] all[k + 1]
                    demandShapes name "cotangent" (gs |> Array.map ValueSome) xs |> ignore
                    gs

                // an input that all examples share gets the sum of what they send
                overExamples (Array.append stacked [| true; true |]) one (Array.append xs [| y; w |])
                |> Array.map2 (fun own g -> if own then g else Tensor.Apply(SumRule([| 0 |], false), g)) stacked

            Tensor.Apply(UserRule(name, value', Option.map push' push, Option.map pull' pull), xs)

        /// A program that runs sees the operations of the value.
        override _.Expand xs = ValueSome [| value xs |]

        override _.Keep xs = Abstractly.closed name (fun xs -> [| value xs |]) xs

        override _.Value xs = demandConstants name [| value (Array.map Const xs) |]

        override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

        override _.PushAll(xs, ys, ds) =
            let dxs = dense xs ds

            let dy =
                match push, pull with
                | Some push, _ -> ValueSome(push xs ys[0] dxs)
                | None, Some pull ->
                    // w -> pull w is linear; its transpose takes the tangents of the inputs to that of the result
                    let checkedPull (ws: Tensor[]) = demandShapes name "cotangent" (pull xs ys[0] ws[0] |> Array.map ValueSome) xs |> dense xs
                    let transposed = Recording.Of(checkedPull, [| Forward.zerosLike ys[0] |])
                    transposed.Pull(dxs |> Array.map ValueSome)[0]
                | None, None -> ValueNone

            demandShapes name "tangent" [| dy |] ys

        override _.Pull(xs, ys, ws, _) =
            match ws[0], pull, push with
            | ValueNone, _, _ -> Array.create xs.Length ValueNone
            | ValueSome w, Some pull, _ -> demandShapes name "cotangent" (pull xs ys[0] w |> Array.map ValueSome) xs
            | ValueSome w, None, Some push ->
                let transposed = Recording.Of((fun dxs -> [| push xs ys[0] dxs |]), Array.map Forward.zerosLike xs)
                transposed.Pull [| ValueSome w |]
            | _ -> Array.create xs.Length ValueNone

    let checkpoint (f: Tensor[] -> Tensor[]) (xs: Tensor[]) : Tensor[] = Tensor.Apply(CheckpointRule f, xs)

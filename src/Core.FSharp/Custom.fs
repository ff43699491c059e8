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
                        $"{name}: the function uses a value that is being differentiated but was not given to it as an argument. Pass every such value as an argument, or apply Diff.StopGradient to it."
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

    /// A function recomputed in the backward sweep: only inputs and results are kept.
    [<Sealed>]
    type CheckpointRule(f: Tensor[] -> Tensor[]) =
        inherit ManyRule("checkpoint")
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

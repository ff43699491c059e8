namespace DiffLib

open DiffLib.Kernels

/// Chapter 9: forward mode. Inputs carry tangents; the results' tangents are the derivative along them.
module internal Forward =
    /// A value as the level with this tag sees it: what belongs to derivative calls that began later, and are over, is a constant. What belongs to
    /// Vmap and tracing calls that are over, earlier or later ones, is many values or none, and cannot go on.
    let rec settle (tag: int64) (y: Tensor) : Tensor =
        match y with
        | Forward(p, _, t) when t > tag -> settle tag p
        | Reverse(p, _, trace) when trace.Tag > tag -> settle tag p
        | Batched(stack, _, batch) when not batch.IsOpen -> Tensor.InBatch(stack, batch)
        | Staged v when not v.Stage.IsOpen ->
            Tensor.NumberIn(v.Stage, y) |> ignore
            y
        | _ -> y

    let zerosLike (x: Tensor) : Tensor =
        match x.Underneath with
        | Const v -> Const(NDArray.Zeros(DTypes.fractional v.DType, v.Shape))
        | Number _ -> Number(0.0, false)
        | _ -> Const((NDArray.Scalar(0.0).Cast(DTypes.fractional x.DType)).BroadcastTo x.Shape)

    let onesLike (x: Tensor) : Tensor = Tensor.FullLike(x, 1.0)

    /// Derivatives are taken with respect to floating-point numbers.
    let demandFloat (name: string) (x: Tensor) =
        if not (DTypes.isFloat x.DType) then
            invalidArg name $"{name} is {DTypes.name x.DType}; derivatives exist for float64 and float32. Convert it with Cast."

    let private demandTangent (x: Tensor) (dx: Tensor) =
        if not (dx.Shape.Equals x.Shape) then
            invalidArg "tangent" $"the tangent has shape {dx.Shape}, but the input has {x.Shape}. Give one number for each element of the input."

    /// The primal and the tangent of a result at this level; no tangent where the result does not depend on the inputs.
    let split (tag: int64) (y: Tensor) : struct (Tensor * Tensor voption) =
        match settle tag y with
        | Forward(p, dy, t) when t = tag -> struct (p, ValueSome dy)
        | y -> struct (y, ValueNone)

    /// Values and tangents of f at xs along dxs. An input without a tangent is held constant.
    let jvp (f: Tensor[] -> Tensor[]) (xs: Tensor[]) (dxs: Tensor voption[]) : struct (Tensor[] * Tensor voption[]) =
        let tag = Trace.FreshTag()

        let lifted =
            Array.map2
                (fun x (dx: Tensor voption) ->
                    match dx with
                    | ValueNone -> x
                    | ValueSome dx ->
                        demandFloat "x" x
                        demandTangent x dx
                        Forward(x, Tensor.Cast(dx, x.DType), tag))
                xs
                dxs

        let results = f lifted |> Array.map (split tag)
        struct (results |> Array.map (fun struct (y, _) -> y), results |> Array.map (fun struct (_, dy) -> dy))

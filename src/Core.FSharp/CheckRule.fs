namespace DiffLib

open System
open DiffLib.CheckSubject
open DiffLib.Checking

/// What an operation owes its users beside right numbers: any layout, any size, no side effects, clear errors, the same in every mode.
module internal CheckRule =
    let private isFloat (x: Tensor) = DTypes.isFloat x.DType

    // ---- layouts: the same numbers, lying differently

    let private reversedAxes (x: Tensor) = [| for d in x.Rank - 1 .. -1 .. 0 -> d |]

    let private slice (x: Tensor) starts steps shape = Tensor.Apply(SliceRule(starts, steps, shape), x)

    let private transposed (x: Tensor) : Tensor =
        let order = reversedAxes x
        let turned = Const((Tensor.Apply(TransposeRule order, x)).Value.Contiguous())
        Tensor.Apply(TransposeRule order, turned)

    let private strided (x: Tensor) : Tensor =
        let starts = Array.zeroCreate x.Rank
        let steps = Array.create x.Rank 2
        let larger = Shape(x.Shape.Sizes |> Array.map (fun n -> 2 * n))
        slice (Tensor.Apply(EmbedRule(starts, steps, larger), x)) starts steps x.Shape

    let private reversed (x: Tensor) : Tensor =
        let starts = x.Shape.Sizes |> Array.map (fun n -> n - 1)
        let steps = Array.create x.Rank -1
        let turned = Const((slice x starts steps x.Shape).Value.Contiguous())
        slice turned starts steps x.Shape

    /// The first part along axis 0, repeated: as a view of stride 0, and as a copy.
    let private repeated (x: Tensor) : struct (Tensor * Tensor) =
        let sizes = Array.copy x.Shape.Sizes
        sizes[0] <- 1
        let part = slice x (Array.zeroCreate x.Rank) (Array.create x.Rank 1) (Shape sizes)
        let view = Tensor.BroadcastTo(part, x.Shape)
        struct (view, Const(view.Value.Contiguous()))

    /// Name, the tensor in that layout, and the same numbers row-major.
    let private layouts (x: Tensor) : (string * Tensor * Tensor)[] =
        if x.Rank = 0 || x.Count = 0 then
            [||]
        else
            [| if x.Rank > 1 then "transposed", transposed x, x
               "strided", strided x, x
               "reversed", reversed x, x
               let struct (view, copy) = repeated x
               "broadcast", view, copy |]

    // ---- the operation by each mode, as tensors

    let private ones (y: Tensor) = Tensor.FullLike(y, 1.0)

    let private reverse (t: TensorFunction) (xs: Tensor[]) (cotangent: Tensor -> Tensor) : struct (Tensor * Tensor[]) =
        let recording = Recording.Of(t.F, xs)
        let y = recording.Values[0]
        let gs = recording.Pull [| ValueSome(cotangent y) |]
        struct (y,
                Array.map2
                    (fun x g ->
                        match g with
                        | ValueSome g -> g
                        | ValueNone -> Forward.zerosLike x)
                    xs
                    gs)

    let private forward (t: TensorFunction) (xs: Tensor[]) (tangent: Tensor -> Tensor) : struct (Tensor * Tensor) =
        let dxs = xs |> Array.map (fun x -> if isFloat x then ValueSome(tangent x) else ValueNone)
        let struct (ys, dys) = Forward.jvp t.F xs dxs
        struct (ys[0],
                match dys[0] with
                | ValueSome d -> d
                | ValueNone -> Forward.zerosLike ys[0])

    let private numbers (xs: Tensor[]) = xs |> Array.collect Creation.ToDoubles

    let private near (a: Tensor[]) (b: Tensor[]) =
        let a, b = numbers a, numbers b

        a.Length = b.Length
        && (let scale = Array.fold (fun m x -> max m (abs x)) 0.0 a
            Array.forall2 (fun (x: double) y -> x.Equals y || abs (x - y) <= 1e-12 * scale) a b)

    let private broken reason : Failure voption =
        ValueSome
            { Step = CheckStep.Plumbing
              Outcome = CheckOutcome.Disagrees
              Reason = reason
              Diagnosis = ""
              Worst = null
              Error = null
              Reach = 0.0 }

    let private replace (xs: Tensor[]) k (x: Tensor) = xs |> Array.mapi (fun j y -> if j = k then x else y)

    /// Weights that differ from element to element, so that permutations show.
    let private weights (y: Tensor) =
        let w = Array.init y.Count (fun k -> 1.0 + 0.5 * Math.Sin(double (k + 1)))
        Tensor.Cast(Creation.OfSpan(ReadOnlySpan w, y.Shape), y.DType)

    let private guard what step : Failure voption =
        try
            step ()
        with
        | :? OutOfTime -> reraise ()
        | :? OutOfMemoryException -> reraise ()
        | e ->
            match broken $"{what}: {e.GetType().Name}: {e.Message}" with
            | ValueSome f -> ValueSome { f with Error = e }
            | none -> none

    // ---- the single demands

    let private inputLayouts (t: TensorFunction) (xs: Tensor[]) () =
        first
            [ for k in 0 .. xs.Length - 1 do
                  for name, laid, plain in layouts xs[k] do
                      fun () ->
                          guard $"with input {t.Names[k]} in {name} layout" (fun () ->
                              let struct (y, gs) = reverse t (replace xs k plain) weights
                              let struct (y', gs') = reverse t (replace xs k laid) weights
                              let struct (_, dy) = forward t (replace xs k plain) weights
                              let struct (_, dy') = forward t (replace xs k laid) weights

                              if not (near [| y |] [| y' |]) then
                                  broken
                                      $"the value changes when input {t.Names[k]} is {name} in memory, with the same numbers. Read elements by index, not by place in memory."
                              elif not (near gs gs') then
                                  broken $"the pulled cotangents change when input {t.Names[k]} is {name} in memory, with the same numbers."
                              elif not (near [| dy |] [| dy' |]) then
                                  broken $"the pushed tangent changes when input {t.Names[k]} is {name} in memory, with the same numbers."
                              else
                                  ValueNone) ]

    let private cotangentLayouts (t: TensorFunction) (xs: Tensor[]) () =
        let struct (y, _) = reverse t xs ones

        first
            [ for k in 0 .. (layouts (weights y)).Length - 1 do
                  fun () ->
                      let name, laid, plain = (layouts (weights y))[k]

                      guard $"with a cotangent in {name} layout" (fun () ->
                          let struct (_, gs) = reverse t xs (fun _ -> plain)
                          let struct (_, gs') = reverse t xs (fun _ -> laid)
                          if near gs gs' then
                              ValueNone
                          else
                              broken $"the pulled cotangents change when the cotangent is {name} in memory, with the same numbers.")
              for k in 0 .. xs.Length - 1 do
                  if isFloat xs[k] then
                      for name, laid, plain in layouts (weights xs[k]) do
                          fun () ->
                              guard $"with a tangent in {name} layout" (fun () ->
                                  let along d = forward t xs (fun x -> if obj.ReferenceEquals(x, xs[k]) then d else weights x)
                                  let struct (_, dy) = along plain
                                  let struct (_, dy') = along laid
                                  if near [| dy |] [| dy' |] then
                                      ValueNone
                                  else
                                      broken
                                          $"the pushed tangent changes when the tangent of {t.Names[k]} is {name} in memory, with the same numbers.") ]

    let private gradientTypes (t: TensorFunction) (xs: Tensor[]) () =
        let demand (xs: Tensor[]) =
            let struct (y, gs) = reverse t xs weights
            let struct (y', dy) = forward t xs weights

            if not (isFloat y) then
                ValueNone
            elif y'.DType <> y.DType || dy.DType <> y.DType || not (dy.Shape.Equals y.Shape) then
                broken $"the tangent is {DTypes.name dy.DType} {dy.Shape}, but the value {DTypes.name y.DType} {y.Shape}."
            else
                match
                    Array.tryFindIndex
                        id
                        (Array.map2 (fun (x: Tensor) (g: Tensor) -> isFloat x && (g.DType <> x.DType || not (g.Shape.Equals x.Shape))) xs gs)
                with
                | Some k ->
                    broken
                        $"the gradient by {t.Names[k]} is {DTypes.name gs[k].DType} {gs[k].Shape}, but the input {DTypes.name xs[k].DType} {xs[k].Shape}. A gradient has the element type and shape of its input; numbers in tensor arithmetic are best written as double, which gives way."
                | None -> ValueNone

        first
            [ fun () -> guard "with float64 inputs" (fun () -> demand xs)
              fun () ->
                  guard "with float32 inputs" (fun () -> demand (xs |> Array.map (fun x -> if isFloat x then Tensor.Cast(x, DType.Float32) else x))) ]

    /// f(x, x): the gradient is the sum of the two.
    let private sameTwice (t: TensorFunction) (xs: Tensor[]) () =
        let pairs =
            [ for i in 0 .. xs.Length - 1 do
                  for j in i + 1 .. xs.Length - 1 do
                      if isFloat xs[i] && xs[i].DType = xs[j].DType && xs[i].Shape.Equals xs[j].Shape then i, j ]

        first
            [ for i, j in pairs do
                  fun () ->
                      guard $"with the same tensor as {t.Names[i]} and {t.Names[j]}" (fun () ->
                          let both = replace xs j xs[i]
                          let struct (_, apart) = reverse t both weights
                          let one = { t with F = fun zs -> t.F(replace (replace both i zs[0]) j zs[0]) }
                          let struct (_, together) = reverse one [| xs[i] |] weights
                          if near [| apart[i] + apart[j] |] together then
                              ValueNone
                          else
                              broken $"with the same tensor as {t.Names[i]} and {t.Names[j]} the gradient is not the sum of the two.") ]

    // ---- errors

    /// How an attempt ends: "" if well, else the exception's type.
    let private ending (attempt: unit -> unit) : struct (string * exn | null) =
        try
            attempt ()
            struct ("", null)
        with
        | :? OutOfTime -> reraise ()
        | :? OutOfMemoryException -> reraise ()
        | e -> struct (e.GetType().Name, e)

    let private isClear (e: exn | null) =
        match e with
        | null -> true
        | :? ArgumentException
        | :? InvalidOperationException
        | :? NotSupportedException -> true
        | _ -> false

    /// Unusual inputs work in every mode, or are refused in every mode by the same clear exception.
    let private copesOrRefuses (t: TensorFunction) (what: string) (xs: Tensor[]) () =
        let struct (plain, error) = ending (fun () -> t.F xs |> ignore)
        let struct (inForward, _) = ending (fun () -> forward t xs ones |> ignore)

        let struct (inReverse, reverseError) =
            ending (fun () ->
                let struct (_, gs) = reverse t xs ones
                Array.iter2
                    (fun (x: Tensor) (g: Tensor) ->
                        if isFloat x && not (g.Shape.Equals x.Shape) then invalidOp $"the gradient has shape {g.Shape}, the input {x.Shape}")
                    xs
                    gs)

        let told name = if name = "" then "works" else $"throws {name}"

        if not (isClear error) then
            match broken $"{what} the operation throws {plain}. Cope with them, or throw an ArgumentException that says what is wrong." with
            | ValueSome f -> ValueSome { f with Error = error }
            | none -> none
        elif inForward <> plain || inReverse <> plain then
            match
                broken
                    $"{what} the plain operation {told plain}, forward mode {told inForward}, reverse mode {told inReverse}. All should do the same."
            with
            | ValueSome f -> ValueSome { f with Error = reverseError }
            | none -> none
        else
            ValueNone

    let private unusual (t: TensorFunction) (xs: Tensor[]) () =
        let emptied (x: Tensor) =
            if x.Rank = 0 then
                x
            else
                let sizes = Array.copy x.Shape.Sizes
                sizes[0] <- 0
                Const(NDArray.Zeros(x.DType, Shape sizes))

        let single (x: Tensor) =
            if x.Count = 0 then
                x
            else
                Tensor.ReshapeTo(slice (Tensor.ReshapeTo(x, Shape [| x.Count |])) [| 0 |] [| 1 |] (Shape [| 1 |]), Shape.Scalar)
        let widened (x: Tensor) =
            Const(
                NDArray.Full(x.DType, Shape(Array.append (x.Shape.Sizes |> Array.map (fun n -> n + 1)) [| 3 |] |> Array.truncate Shape.MaxRank), 0.5)
            )
        let whole (x: Tensor) = Tensor.Cast(x, DType.Int64)

        first
            [ copesOrRefuses t "with inputs of size 0 along the first axis" (Array.map emptied xs)
              copesOrRefuses t "with inputs of rank 0" (Array.map single xs)
              for k in 0 .. xs.Length - 1 do
                  copesOrRefuses t $"with {t.Names[k]} of shape {(widened xs[k]).Shape} beside the others as given" (replace xs k (widened xs[k]))
              copesOrRefuses t "with integer inputs" (Array.map whole xs) ]

    [<Sealed>]
    type private Planned() =
        inherit Exception("an exception thrown on purpose.")

    /// An exception in the middle leaves nothing behind: the next derivative is the same as before, bit for bit.
    let private cleanAfterError (t: TensorFunction) (xs: Tensor[]) () =
        let struct (_, before) = reverse t xs weights

        let failing =
            { t with
                F =
                    fun zs ->
                        t.F zs |> ignore
                        raise (Planned()) }

        ending (fun () -> reverse failing xs ones |> ignore) |> ignore
        ending (fun () -> forward failing xs ones |> ignore) |> ignore
        let struct (_, after) = reverse t xs weights
        if numbers before = numbers after || near before after then
            ValueNone
        else
            broken "after an exception in a function that uses it, the operation gives another gradient than before: it keeps state."

    let private unchanged (t: TensorFunction) (before: double[][]) (xs: Tensor[]) () =
        let now = xs |> Array.map Creation.ToDoubles

        match Array.tryFindIndex id (Array.map2 (fun (a: double[]) b -> not (Array.forall2 (fun (x: double) y -> x.Equals y) a b)) before now) with
        | Some k -> broken $"the operation has changed its input {t.Names[k]}. Tensors are immutable; write into an array of your own."
        | None -> ValueNone

    /// The operation leaves its inputs alone; asked first, because nothing else can be trusted otherwise.
    let untouched (t: TensorFunction) () : Failure voption =
        let xs = t.Leaves |> Array.map (fun x -> Const(NDArray.Full(x.DType, x.Shape, 0.0)) |> fun zeros -> zeros + x)
        let before = xs |> Array.map Creation.ToDoubles
        ending (fun () -> t.F xs |> ignore) |> ignore
        ending (fun () -> reverse t xs ones |> ignore) |> ignore
        ending (fun () -> forward t xs ones |> ignore) |> ignore
        unchanged t before xs ()

    /// All demands on an operation with one result, at these inputs.
    let plumbing (run: Run) (t: TensorFunction) : Failure voption =
        let xs = t.Leaves
        let before = xs |> Array.map Creation.ToDoubles
        run.Tick()

        [ inputLayouts t xs; cotangentLayouts t xs; gradientTypes t xs; sameTwice t xs; unusual t xs; cleanAfterError t xs; unchanged t before xs ]
        |> List.map (fun step -> fun () -> guard "in a check of its plumbing" step)
        |> first

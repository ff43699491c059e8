namespace DiffLib.Core.Tests

open System
open System.Threading
open DiffLib
open global.Xunit
open Numeric

/// What has nothing to do with formulas: values are the same in every mode, memory layout does not matter, nothing is random.
module PlumbingLaws =
    let private demandSame (t: Trial) (what: string) (a: Tensor) (b: Tensor) =
        if not (same a b) then t.Fail $"{what}: {a} ({a.DType}, {a.Shape}) and {b} ({b.DType}, {b.Shape}) are not the same bits"

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``the value is the same in every mode`` (operation: string) (dtype: DType) =
        for t in Cases.all operation dtype do
            let plain = t.F t.Inputs
            let v = t.Directions t.Inputs

            let forward (f: Tensor[] -> Tensor) xs =
                let struct (y, _) = Derive.jvp f xs v
                y

            let reverse (f: Tensor[] -> Tensor) xs = (Derive.record f xs).Values[0]
            demandSame t "plain and forward" plain (forward t.F t.Inputs)
            demandSame t "plain and reverse" plain (reverse t.F t.Inputs)
            demandSame t "plain and forward over reverse" plain (forward (reverse t.F) t.Inputs)
            demandSame t "plain and reverse over forward" plain (reverse (forward t.F) t.Inputs)
            demandSame t "plain and reverse over reverse" plain (reverse (reverse t.F) t.Inputs)
            if t.Line.Precision.Order > 1 then demandSame t "plain and forward over forward" plain (forward (forward t.F) t.Inputs)

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``tangents and cotangents have the type and the shape of what they belong to`` (operation: string) (dtype: DType) =
        for t in Cases.all operation dtype do
            let recording = Derive.record t.F t.Inputs
            let y = recording.Values[0]
            if y.DType <> dtype then t.Fail $"the result is {y.DType}"
            let dy = Derive.along t.F t.Inputs (t.Directions t.Inputs)
            if dy.DType <> y.DType || not (dy.Shape.Equals y.Shape) then
                t.Fail $"the tangent is {dy.DType} of shape {dy.Shape}, the result {y.DType} of shape {y.Shape}"

            recording.Pull [| ValueSome(t.Direction y) |]
            |> Array.iteri (fun k g ->
                match g with
                | ValueSome g when g.DType <> dtype || not (g.Shape.Equals t.Inputs[k].Shape) ->
                    t.Fail $"cotangent {k} is {g.DType} of shape {g.Shape}, the input has {t.Inputs[k].Shape}"
                | _ -> ())

    // ---- layouts

    /// A contiguous copy.
    let private copy (x: Tensor) : Tensor = Const(NDArray.Adopt(x.Shape, x.Value.ToArray<double>()))

    /// The same elements, stored with the axes in reverse order.
    let private transposed (x: Tensor) : Tensor = Shaping.Reverse(copy (Shaping.Reverse x))

    /// The same elements, stored backwards.
    let private reversed (x: Tensor) : Tensor =
        let axes = [| 0 .. x.Rank - 1 |]
        Shaping.Flip(copy (Shaping.Flip(x, axes)), axes)

    /// The same elements, with others stored between them.
    let private strided (x: Tensor) : Tensor =
        if x.Rank = 0 then
            x
        else
            let starts, steps = Array.create x.Rank 1, Array.create x.Rank 2
            let wide = Shape(x.Shape.Sizes |> Array.map (fun n -> 2 * n + 1))
            let hole =
                Tensor.Apply(EmbedRule(starts, steps, wide), x)
                + Tensor.Apply(
                    EmbedRule(Array.zeroCreate x.Rank, steps, wide),
                    Const(NDArray.Full(x.DType, Shape(x.Shape.Sizes |> Array.map (fun n -> n + 1)), 77.0))
                )
            Tensor.Apply(SliceRule(starts, steps, x.Shape), copy hole)

    /// The first entry of the first axis, once for each: a stride of 0.
    let private repeated (x: Tensor) : Tensor = if x.Rank = 0 || x.Shape[0] < 2 then x else Tensor.BroadcastTo(Shaping.Narrow(x, 0, 0, 1), x.Shape)

    /// Value, push and pull must not depend on how inputs, tangents and cotangents are stored.
    let private demandIndifferent (t: Trial) (layout: string) (view: Tensor -> Tensor) =
        let views = Array.map view t.Inputs
        let plain = Array.map copy views
        let value = t.F plain
        demandSame t $"the value at {layout} inputs and at copies" (t.F views) value
        let v = t.Directions t.Inputs |> Array.map view
        demandSame t $"the push of {layout} tangents and of copies" (Derive.along t.F views v) (Derive.along t.F plain (Array.map copy v))
        let w = view (t.Direction value)
        Array.iter2 (demandSame t $"the pull of {layout} cotangents and of copies") (Derive.vjp t.F views w) (Derive.vjp t.F plain (copy w))

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``views give what copies give`` (operation: string) =
        let t = Cases.first operation DType.Float64
        demandIndifferent t "transposed" transposed
        demandIndifferent t "reversed" reversed
        demandIndifferent t "strided" strided

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``repeated entries give what copies give`` (operation: string) =
        let t = Cases.first operation DType.Float64
        // equal entries are ties where elements are compared, and make matrices singular
        let smooth =
            t.Line.Domains
            |> Array.forall (fun d ->
                match d with
                | Between _ -> true
                | _ -> false)
        let isSquare = t.Line.Operations |> List.exists (fun o -> o.StartsWith "Linalg")
        if smooth && not isSquare then demandIndifferent t "repeated" repeated

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``inputs are not written to`` (operation: string) =
        let t = Cases.first operation DType.Float64
        let before = t.Inputs |> Array.map elements
        let w = t.Direction(t.F t.Inputs)
        let cotangent = elements w
        Derive.along t.F t.Inputs (t.Directions t.Inputs) |> ignore
        Derive.vjp t.F t.Inputs w |> ignore
        if Array.map elements t.Inputs <> before then t.Fail "an input changed"
        if elements w <> cotangent then t.Fail "the cotangent changed"

    // ---- repetition

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``F11 the same again gives the same bits`` (operation: string) =
        let t = Cases.first operation DType.Float64
        let v, w = t.Directions t.Inputs, t.Direction(t.F t.Inputs)
        let everything () = Array.append [| t.F t.Inputs; Derive.along t.F t.Inputs v |] (Derive.vjp t.F t.Inputs w)
        let first = everything ()
        Array.iter2 (demandSame t "the first and the second time") first (everything ())

    [<Fact>]
    let ``F11 the same after a garbage collection and on another thread gives the same bits`` () =
        let everything () =
            Catalogue.lines
            |> Array.map (fun line ->
                let t = Cases.trial line DType.Float64 line.Cases[0]
                Derive.vjp t.F t.Inputs (t.Direction(t.F t.Inputs)))

        let first = everything ()
        GC.Collect()
        let again = everything ()
        let mutable elsewhere = [||]
        let thread = Thread((fun () -> elsewhere <- everything ()), 1 <<< 24)
        thread.Start()
        thread.Join()

        for k in 0 .. first.Length - 1 do
            let t = Cases.trial Catalogue.lines[k] DType.Float64 Catalogue.lines[k].Cases[0]
            Array.iter2 (demandSame t "before and after a collection") first[k] again[k]
            Array.iter2 (demandSame t "on this thread and on another") first[k] elsewhere[k]

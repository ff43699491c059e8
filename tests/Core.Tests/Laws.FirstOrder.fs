namespace DiffLib.Core.Tests

open System
open DiffLib
open global.Xunit
open Numeric

/// Laws of the first derivative, for every operation.
module FirstOrderLaws =
    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``F01 pushing forward and pulling back are transposes`` (operation: string) (dtype: DType) =
        for t in Cases.all operation dtype do
            let recording = Derive.record t.F t.Inputs
            let v = t.Directions t.Inputs
            let w = t.Direction recording.Values[0]
            let dy, dx = Derive.along t.F t.Inputs v, Derive.pull recording t.Inputs w
            let left, right = dot w dy, dots dx v
            let bound = t.Tolerance(1e-12, 1e-5) * (norm w * norm dy + norms dx * norms v)

            if not (abs (left - right) <= bound) then
                t.Fail $"⟨w, J v⟩ = {left:R}, but ⟨Jᵀ w, v⟩ = {right:R}, ratio {left / right:G6}"

    let private agree (t: Trial) (what: string) (a: Tensor) (b: Tensor) (scale: float) =
        let difference = largest (a - b)
        if not (difference <= t.Tolerance(1e-13, 1e-5) * scale) then t.Fail $"{what}: {a} and {b} differ by {difference:G3}"

    let private demandSame (t: Trial) (what: string) (a: Tensor) (b: Tensor) =
        if not (same a b) then t.Fail $"{what}: {a} and {b} are not the same bits"

    let private demandLinear (t: Trial) (what: string) (map: Tensor[] -> Tensor[]) (likes: Tensor[]) =
        let u, v = t.Directions likes, t.Directions likes
        let mu, mv = map u, map v
        let twice, sum, nothing =
            map (v |> Array.map (fun v -> 2.0 * v)), map (Array.map2 (fun (u: Tensor) v -> u + v) u v), map (Array.map Forward.zerosLike v)

        for k in 0 .. mv.Length - 1 do
            let scale = largest mu[k] + largest mv[k]

            if t.Line.Precision.Homogeneous then
                demandSame t $"{what} of 2v is twice that of v" twice[k] (2.0 * mv[k])
            else
                agree t $"{what} of 2v is twice that of v" twice[k] (2.0 * mv[k]) scale

            agree t $"{what} of u + v is the sum" sum[k] (mu[k] + mv[k]) (scale + largest sum[k])
            if largest nothing[k] <> 0.0 then t.Fail $"{what} of 0 is {nothing[k]}"

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``F02 pushing forward is linear`` (operation: string) (dtype: DType) =
        let t = Cases.first operation dtype
        demandLinear t "the push" (fun v -> [| Derive.along t.F t.Inputs v |]) t.Inputs

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``F02 pulling back is linear`` (operation: string) (dtype: DType) =
        let t = Cases.first operation dtype
        let recording = Derive.record t.F t.Inputs
        demandLinear t "the pull" (fun w -> Derive.pull recording t.Inputs w[0]) [| recording.Values[0] |]

    /// Something to do with the result that uses it twice.
    let private after (y: Tensor) : Tensor = sin y * y + y

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``F03 the derivative of a composition is that of its parts`` (operation: string) (dtype: DType) =
        let t = Cases.first operation dtype
        let whole = t.F >> after
        let v = t.Directions t.Inputs
        let struct (y, dy) = Derive.jvp t.F t.Inputs v
        demandSame
            t
            "pushed through both at once, and one after the other"
            (Derive.along whole t.Inputs v)
            (Derive.along (fun ys -> after ys[0]) [| y |] [| dy |])

        let w = t.Direction y
        let once = Derive.vjp whole t.Inputs w
        let between = Derive.vjp (fun ys -> after ys[0]) [| y |] w
        let inTurn = Derive.vjp t.F t.Inputs between[0]
        Array.iter2 (demandSame t "pulled back through both at once, and one after the other") once inTurn

    /// The unit tangents of several tensors taken together.
    let private units (xs: Tensor[]) : Tensor[] seq =
        seq {
            for i in 0 .. xs.Length - 1 do
                for k in 0 .. xs[i].Count - 1 ->
                    xs
                    |> Array.mapi (fun j x -> Points.tensor x.DType x.Shape.Sizes (Array.init x.Count (fun m -> if i = j && m = k then 1.0 else 0.0)))
        }

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``F04 the Jacobian by columns is the Jacobian by rows`` (operation: string) (dtype: DType) =
        let t = Cases.first operation dtype
        let recording = Derive.record t.F t.Inputs
        let y = recording.Values[0]
        let columns = units t.Inputs |> Seq.map (fun e -> elements (Derive.along t.F t.Inputs e)) |> Array.ofSeq
        let rows = units [| y |] |> Seq.map (fun e -> Derive.pull recording t.Inputs e[0] |> Array.collect elements) |> Array.ofSeq
        let size = columns |> Seq.collect (Seq.map abs) |> Seq.fold max 0.0

        for i in 0 .. rows.Length - 1 do
            for j in 0 .. columns.Length - 1 do
                if not (abs (rows[i][j] - columns[j][i]) <= t.Tolerance(1e-13, 2e-6) * size) then
                    t.Fail $"the entry of result {i} and input {j} is {columns[j][i]:R} forward and {rows[i][j]:R} in reverse"

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``F04 pushing forward along a recording is pushing forward`` (operation: string) (dtype: DType) =
        for t in Cases.all operation dtype do
            let v = t.Directions t.Inputs
            demandSame
                t
                "a push by forward mode and one along the recording"
                (Derive.along t.F t.Inputs v)
                (Derive.push (Derive.record t.F t.Inputs) v)

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``F06 the gradient of a sum is the sum of gradients`` (operation: string) =
        let t = Cases.first operation DType.Float64
        let y = t.F t.Inputs
        let a, b = t.Direction y, t.Direction y
        let f, g = Derive.against a t.F, Derive.against b (t.F >> sin)
        let sum = Derive.gradients (fun xs -> f xs + 3.0 * g xs) t.Inputs
        let df, dg = Derive.gradients f t.Inputs, Derive.gradients g t.Inputs
        let parts = Array.map2 (fun (x: Tensor) (y: Tensor) -> x + 3.0 * y) df dg
        Array.iteri (fun k x -> agree t "the gradient of f + 3g" x parts[k] (3.0 * (largest df[k] + largest dg[k]))) sum

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``the float32 gradient is the float64 gradient, rounded`` (operation: string) =
        let t = Cases.first operation DType.Float32
        let w = t.Direction(t.F t.Inputs)
        let wide (x: Tensor) = Tensor.Cast(x, DType.Float64)
        let single = Derive.vjp t.F t.Inputs w
        let double = Derive.vjp t.F (Array.map wide t.Inputs) (wide w)

        for k in 0 .. single.Length - 1 do
            let difference = largest (wide single[k] - double[k])

            if not (difference <= 2e-5 * t.Line.Precision.Condition * max 1.0 (largest double[k])) then
                t.Fail $"gradient {k} is {single[k]} in float32, but {double[k]} in float64: they differ by {difference:G3}"

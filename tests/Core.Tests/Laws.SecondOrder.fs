namespace DiffLib.Core.Tests

open System
open DiffLib
open global.Xunit
open Numeric

/// Laws of the second derivative: four ways to it, through both modes nested in both.
module SecondOrderLaws =
    let private demandClose (t: Trial) (what: string) (a: float) (b: float) (scale: float) =
        if not (abs (a - b) <= t.Tolerance(1e-12, 1e-5) * scale) then t.Fail $"{what}: {a:R} and {b:R}, ratio {a / b:G6}"

    let private demandCloseAll (t: Trial) (what: string) (a: Tensor[]) (b: Tensor[]) =
        let scale = (a |> Array.map largest |> Array.max) + (b |> Array.map largest |> Array.max)

        for k in 0 .. a.Length - 1 do
            let difference = largest (a[k] - b[k])
            if not (difference <= t.Tolerance(1e-12, 1e-5) * scale) then
                t.Fail $"{what}: {a[k]} and {b[k]} differ by {difference:G3}"

    /// A function to one number that is curved even where the operation is linear.
    let private scalar (t: Trial) : Tensor[] -> Tensor =
        let w = t.Direction(t.F t.Inputs)
        fun xs ->
            let y = t.F xs
            Derive.sum (w * (y + 0.5 * y * y))

    let private forwardOverReverse (f: Tensor[] -> Tensor) (xs: Tensor[]) (v: Tensor[]) : Tensor[] =
        let struct (gs, dgs) = Forward.jvp (Derive.gradients f) xs (Array.map ValueSome v)
        Array.map2
            (fun g d ->
                match d with
                | ValueSome d -> d
                | ValueNone -> Forward.zerosLike g)
            gs
            dgs

    let private reverseOverForward f xs v : Tensor[] = Derive.gradients (fun xs -> Derive.along f xs v) xs
    let private reverseOverReverse f xs v : Tensor[] = Derive.gradients (fun xs -> Derive.inner (Derive.gradients f xs) v) xs
    let private forwardOverForward f xs v u : Tensor = Derive.along (fun xs -> Derive.along f xs v) xs u

    [<Theory; MemberData("OfSecondOrderInBothTypes", MemberType = typeof<Lines>)>]
    let ``F05 the Hessian is symmetric`` (operation: string) (dtype: DType) =
        let t = Cases.first operation dtype
        let f = scalar t
        let u, v = t.Directions t.Inputs, t.Directions t.Inputs
        let hu, hv = forwardOverReverse f t.Inputs u, forwardOverReverse f t.Inputs v
        demandClose t "⟨u, H v⟩ and ⟨v, H u⟩" (dots u hv) (dots v hu) (norms u * norms hv + norms v * norms hu)

    [<Theory; MemberData("OfSecondOrderInBothTypes", MemberType = typeof<Lines>)>]
    let ``F05 forward over reverse is reverse over forward`` (operation: string) (dtype: DType) =
        for t in Cases.all operation dtype do
            let f = scalar t
            let v = t.Directions t.Inputs
            demandCloseAll t "H v forward over reverse and reverse over forward" (forwardOverReverse f t.Inputs v) (reverseOverForward f t.Inputs v)

    [<Theory; MemberData("OfSecondOrderInBothTypes", MemberType = typeof<Lines>)>]
    let ``F05 reverse over reverse is forward over reverse`` (operation: string) (dtype: DType) =
        let t = Cases.first operation dtype
        let f = scalar t
        let v = t.Directions t.Inputs
        demandCloseAll t "H v reverse over reverse and forward over reverse" (reverseOverReverse f t.Inputs v) (forwardOverReverse f t.Inputs v)

    [<Theory; MemberData("OfSecondOrderInBothTypes", MemberType = typeof<Lines>)>]
    let ``F05 forward over forward is the quadratic form`` (operation: string) (dtype: DType) =
        let t = Cases.first operation dtype
        let f = scalar t
        let u, v = t.Directions t.Inputs, t.Directions t.Inputs
        let hv = forwardOverReverse f t.Inputs v
        let form = (forwardOverForward f t.Inputs v u).ToDouble()
        demandClose t "the second derivative along u and v, and ⟨u, H v⟩" form (dots u hv) (norms u * norms hv)

    [<Theory; MemberData("OfSecondOrderInBothTypes", MemberType = typeof<Lines>)>]
    let ``F02 the second derivative along a direction is linear in it`` (operation: string) (dtype: DType) =
        let t = Cases.first operation dtype
        let f = scalar t
        let v = t.Directions t.Inputs
        let once, twice = forwardOverReverse f t.Inputs v, forwardOverReverse f t.Inputs (v |> Array.map (fun v -> 2.0 * v))
        demandCloseAll t "H (2v) and 2 H v" twice (once |> Array.map (fun h -> 2.0 * h))

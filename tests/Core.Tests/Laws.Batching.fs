namespace DiffLib.Core.Tests

open System
open DiffLib
open global.Xunit
open Numeric

/// Vmap is a loop: for every operation, whichever inputs are stacked, with derivatives inside and outside.
module BatchingLaws =
    /// What has no batched form, because the shape of its result depends on the elements.
    let private shapeless = set [ "Unique"; "Unique rows" ]

    let private bitwise = ElementwiseLines.lines |> List.map (fun l -> l.Name) |> Set.ofList

    /// Stacks of points, each from the line's domains.
    let private stacks (line: Line) (dtype: DType) (case: int[][]) (n: int) : Tensor[] =
        let random = Random(Points.seedOf line.Name + 77)

        Array.map2
            (fun domain shape ->
                let examples = Array.init n (fun _ -> Points.sample random domain shape)
                Points.tensor dtype (Array.append [| n |] shape) (Array.concat examples))
            line.Domains
            case

    /// Some inputs stacked, the others the first of their stacks.
    let private mixed (stacked: bool[]) (xs: Tensor[]) : Tensor[] = Array.map2 (fun x s -> if s then x else Shaping.Select(x, 0, 0)) xs stacked

    let private demand (t: Trial) (what: string) (exact: bool) (got: Tensor) (expected: Tensor) =
        if not (got.Shape.Equals expected.Shape) || got.DType <> expected.DType then
            t.Fail $"{what}: batched it is {got.DType}{got.Shape}, in a loop {expected.DType}{expected.Shape}"

        if exact then
            if not (same got expected) then t.Fail $"{what}: batched {got}, in a loop {expected}: not the same bits"
        elif got.Count > 0 then
            let difference, scale = largest (got - expected), 1.0 + largest expected

            if not (difference <= t.Tolerance(1e-13, 1e-5) * scale) then
                t.Fail $"{what}: batched {got}, in a loop {expected}: they differ by {difference:G3}"

    let private shown (stacked: bool[]) =
        String.Join(", ", stacked |> Array.mapi (fun i s -> if s then $"input {i}" else "") |> Array.filter ((<>) ""))

    let private forEach (operation: string) (dtype: DType) (cases: int[][][]) (law: Trial -> int -> bool[] -> Tensor[] -> unit) =
        let line = Catalogue.find operation

        if not (Set.contains operation shapeless) then
            for case in cases do
                for n in [ 1; 3 ] do
                    let xs = stacks line dtype case n

                    for stacked in Batching.subsets xs.Length do
                        let inputs = mixed stacked xs
                        law { Cases.trial line dtype case with Inputs = inputs } n stacked inputs

    let private firstCase operation = [| (Catalogue.find operation).Cases[0] |]

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``over examples at once is over one after another`` (operation: string) (dtype: DType) =
        forEach operation dtype (Catalogue.find operation).Cases (fun t n stacked xs ->
            let f xs = [| t.F xs |]
            let all, each = Batching.vmap n f stacked xs, Batching.loop n f stacked xs
            demand t $"{n} examples of {shown stacked}" (bitwise.Contains operation) all[0] each[0])

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``the derivative of all examples at once is that of each`` (operation: string) (dtype: DType) =
        forEach operation dtype (firstCase operation) (fun t n stacked xs ->
            let all xs = (Batching.vmap n (fun xs -> [| t.F xs |]) stacked xs)[0]
            let w = t.Direction(all xs)
            let pulled = Derive.vjp all xs w

            let each = Array.init n (fun k -> Derive.vjp t.F (Batching.example k stacked xs) (Shaping.Select(w, 0, k)))

            for i in 0 .. xs.Length - 1 do
                let parts = each |> Array.map (fun gs -> gs[i])
                let expected = if stacked[i] then Joining.Stack(parts, 0) else parts |> Array.reduce (fun a b -> a + b)
                demand t $"the pull to input {i}, {n} examples of {shown stacked}" false pulled[i] expected

            let v = t.Directions xs
            let pushed = Derive.along all xs v
            let expected = Joining.Stack(Array.init n (fun k -> Derive.along t.F (Batching.example k stacked xs) (Batching.example k stacked v)), 0)
            demand t $"the push, {n} examples of {shown stacked}" false pushed expected)

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``derivatives of examples at once are derivatives of one after another`` (operation: string) (dtype: DType) =
        forEach operation dtype (firstCase operation) (fun t n stacked xs ->
            let k = xs.Length
            let w = t.Direction((Batching.loop n (fun xs -> [| t.F xs |]) stacked xs)[0])
            let pull (all: Tensor[]) = Derive.vjp t.F (Array.take k all) all[k]
            let push (all: Tensor[]) = [| Derive.along t.F (Array.take k all) (Array.skip k all) |]

            let compare what f stacked xs =
                Array.iteri2
                    (fun i a b -> demand t $"{what} {i}, {n} examples of {shown stacked}" false a b)
                    (Batching.vmap n f stacked xs)
                    (Batching.loop n f stacked xs)

            compare "the pull to input" pull (Array.append stacked [| true |]) (Array.append xs [| w |])
            compare "the push" push (Array.append stacked stacked) (Array.append xs (t.Directions xs)))

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``examples of examples are examples`` (operation: string) =
        let line = Catalogue.find operation
        let case = line.Cases[0]

        // two axes of examples in front leave room for six
        if not (Set.contains operation shapeless) then
            let t = Cases.trial line DType.Float64 case
            let xs =
                stacks line DType.Float64 case 6
                |> Array.map (fun x -> Tensor.ReshapeTo(x, Shape(Array.concat [ [| 2; 3 |]; Array.tail x.Shape.Sizes ])))
            let every = Array.create xs.Length true
            let f xs = [| t.F xs |]
            let nested = Batching.vmap 2 (Batching.vmap 3 f every) every xs
            let looped = Batching.loop 2 (Batching.loop 3 f every) every xs
            demand t "examples of examples" false nested[0] looped[0]

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``no examples give no results, of the right shape`` (operation: string) =
        let line = Catalogue.find operation

        if not (Set.contains operation shapeless) then
            for case in line.Cases do
                let t = Cases.trial line DType.Float64 case
                let one = t.F t.Inputs
                let nothing = case |> Array.map (fun shape -> Points.tensor DType.Float64 (Array.append [| 0 |] shape) [||])
                let every = Array.create nothing.Length true
                let y = (Batching.vmap 0 (fun xs -> [| t.F xs |]) every nothing)[0]
                if not (y.Shape.Equals(Stacks.Shape(0, one.Shape))) then t.Fail $"no examples give {y.Shape}, one gives {one.Shape}"

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``second derivatives of examples at once are those of one after another`` (operation: string) =
        let line = Catalogue.find operation

        if line.Precision.Order > 1 then
            forEach operation DType.Float64 (firstCase operation) (fun t n stacked xs ->
                if n > 1 && Array.forall id stacked then
                    let k = xs.Length
                    let w = t.Direction(t.F(Batching.example 0 stacked xs))

                    let second (all: Tensor[]) =
                        let struct (_, hv) =
                            Forward.jvp (Derive.gradients (Derive.against w t.F)) (Array.take k all) (Array.skip k all |> Array.map ValueSome)

                        Array.map2
                            (fun x d ->
                                match d with
                                | ValueSome d -> d
                                | ValueNone -> Forward.zerosLike x)
                            (Array.take k all)
                            hv

                    let stacked = Array.append stacked stacked
                    let xs = Array.append xs (t.Directions xs)

                    Array.iter2
                        (fun a b -> demand t "the Hessian times a direction" false a b)
                        (Batching.vmap n second stacked xs)
                        (Batching.loop n second stacked xs))

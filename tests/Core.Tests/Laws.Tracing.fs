namespace DiffLib.Core.Tests

open System
open DiffLib
open global.Xunit
open Numeric

/// What tracing writes down is the function: shapes are known before values, and running what was written gives the same bits.
module TracingLaws =
    /// What cannot be traced, because the shape of its result depends on the elements.
    let private shapeless = set [ "Unique"; "Unique rows" ]

    let private demandWritten (t: Trial) (what: string) (f: Tensor[] -> Tensor[]) (xs: Tensor[]) =
        let written = Written.Of(f, xs)

        let visit (rule: Rule) (inputs: Tensor[]) (spec: Spec) (y: Tensor) =
            if y.Spec <> spec then
                let given = String.Join(", ", inputs |> Array.map (fun x -> string x.Spec))
                t.Fail $"{what}: {rule.Describe()} of {given} is {y.Spec}, but its shape rule says {spec}"

        Array.iter2
            (fun got expected -> if not (same got expected) then t.Fail $"{what}: written down {got}, plain {expected}: not the same bits")
            (written.Run(xs, visit))
            (f xs)

    let private unlessShapeless (operation: string) (law: unit -> unit) =
        if Set.contains operation shapeless then
            let error = Assert.Throws<InvalidOperationException>(law)
            Assert.Contains("depends on the data", error.Message)
        else
            law ()

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``what is written down is the function`` (operation: string) (dtype: DType) =
        unlessShapeless operation (fun () ->
            for t in Cases.all operation dtype do
                demandWritten t "the value" (fun xs -> [| t.F xs |]) t.Inputs)

    [<Theory; MemberData("InBothTypes", MemberType = typeof<Lines>)>]
    let ``what is written down of a derivative is the derivative`` (operation: string) (dtype: DType) =
        unlessShapeless operation (fun () ->
            let t = Cases.first operation dtype
            let k = t.Inputs.Length
            let w = t.Direction(t.F t.Inputs)
            let pull (all: Tensor[]) = Derive.vjp t.F (Array.take k all) all[k]
            let push (all: Tensor[]) = [| Derive.along t.F (Array.take k all) (Array.skip k all) |]
            demandWritten t "the pull" pull (Array.append t.Inputs [| w |])
            demandWritten t "the push" push (Array.append t.Inputs (t.Directions t.Inputs)))

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``what is written down of a second derivative is the second derivative`` (operation: string) =
        let line = Catalogue.find operation

        if line.Precision.Order > 1 then
            unlessShapeless operation (fun () ->
                let t = Cases.first operation DType.Float64
                let k = t.Inputs.Length
                let w = t.Direction(t.F t.Inputs)

                let second (all: Tensor[]) =
                    let gradient xs = Derive.gradients (Derive.against w t.F) xs
                    let struct (_, hv) = Forward.jvp gradient (Array.take k all) (Array.skip k all |> Array.map ValueSome)

                    Array.map2
                        (fun x d ->
                            match d with
                            | ValueSome d -> d
                            | ValueNone -> Forward.zerosLike x)
                        (Array.take k all)
                        hv

                demandWritten t "the Hessian times a direction" second (Array.append t.Inputs (t.Directions t.Inputs)))

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``what is written down over examples is the function over examples`` (operation: string) =
        unlessShapeless operation (fun () ->
            let t = Cases.first operation DType.Float64
            let every = Array.create t.Inputs.Length true
            let pair (x: Tensor) = Joining.Stack([| x; x |], 0)
            demandWritten t "over examples" (Batching.vmap 2 (fun xs -> [| t.F xs |]) every) (Array.map pair t.Inputs))

    [<Fact>]
    let ``a traced value that is kept is an error when it is used`` () =
        let mutable kept = Tensor.Weak 0.0
        Written.Of(
            (fun xs ->
                kept <- xs[0]
                xs),
            [| Points.tensor DType.Float64 [| 2 |] [| 1.0; 2.0 |] |]
        )
        |> ignore

        let error = Assert.Throws<InvalidOperationException>(fun () -> kept + 1.0 |> ignore)
        Assert.Contains("after tracing is over", error.Message)
        let error = Assert.Throws<InvalidOperationException>(fun () -> Derivatives.derivative (fun _ -> kept) (Tensor.Weak 1.0) |> ignore)
        Assert.Contains("after tracing is over", error.Message)

    [<Fact>]
    let ``a batched value that is kept is an error when it is used`` () =
        let mutable kept = Tensor.Weak 0.0
        Batching.vmap
            2
            (fun xs ->
                kept <- xs[0]
                xs)
            [| true |]
            [| Points.tensor DType.Float64 [| 2 |] [| 1.0; 2.0 |] |]
        |> ignore

        let error = Assert.Throws<InvalidOperationException>(fun () -> kept + 1.0 |> ignore)
        Assert.Contains("after the call is over", error.Message)

        // also as the result of a call that began before the one it belongs to
        let leak (x: Tensor) =
            let mutable inner = x
            Batching.vmap
                2
                (fun xs ->
                    inner <- xs[0]
                    xs)
                [| true |]
                [| Points.tensor DType.Float64 [| 2 |] [| 1.0; 2.0 |] |]
            |> ignore
            inner

        for verb in [ Derivatives.derivative leak; Derivatives.gradient leak ] do
            let error = Assert.Throws<InvalidOperationException>(fun () -> verb (Tensor.Weak 1.0) |> ignore)
            Assert.Contains("after the call is over", error.Message)

    [<Fact>]
    let ``a stopped gradient is stopped inside stacks and programs`` () =
        let stopped (x: Tensor) = x * Derivatives.stopGradient x
        let xs = Points.tensor DType.Float64 [| 3 |] [| 1.0; 2.0; 3.0 |]
        let all (x: Tensor) = Derive.sum (Batching.vmap 3 (fun xs -> [| stopped xs[0] |]) [| true |] [| x |]).[0]
        Assert.Equal<float[]>([| 1.0; 2.0; 3.0 |], elements (Derivatives.gradient all xs))
        let inner = Batching.vmap 3 (fun xs -> [| Derivatives.derivative stopped xs[0] |]) [| true |] [| xs |]
        Assert.Equal<float[]>([| 1.0; 2.0; 3.0 |], elements inner[0])
        let written = Written.Of((fun xs -> [| Derive.sum (stopped xs[0]) |]), [| xs |])
        let again (x: Tensor) = (written.Run([| x |], fun _ _ _ _ -> ())).[0]
        Assert.Equal<float[]>([| 1.0; 2.0; 3.0 |], elements (Derivatives.gradient again xs))

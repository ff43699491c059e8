namespace DiffLib

/// Chapter 14: functions that look at numbers, inside of Vmap and Compile. An integrator or a solver decides by values, which a batched or traced
/// tensor does not show. Such a function becomes one operation: evaluated on numbers when there are some, example by example under Vmap, and with
/// derivatives that are operations of the same kind, so that every order works there too.
module internal Opaque =
    let private dense (like: Tensor[]) (ds: Tensor voption[]) =
        Array.map2 (fun x (d: Tensor voption) -> if d.IsSome then d.Value else Forward.zerosLike x) like ds

    let private plain (x: Spec) = Spec.Of(x.DType, x.Shape)

    let private isFloat (x: Tensor) = DTypes.isFloat x.DType

    /// The function as an operation; infer says the shapes of its results from those of its inputs.
    [<Sealed>]
    type OpaqueRule(name: string, f: Tensor[] -> Tensor[], infer: Spec[] -> Spec[]) =
        inherit ManyRule(name)

        static member Call(name: string, f: Tensor[] -> Tensor[], infer: Spec[] -> Spec[], xs: Tensor[]) : Tensor[] =
            if xs |> Array.forall (fun x -> x.IsKnown) then f xs else Tensor.Apply(OpaqueRule(name, f, infer), xs)

        override _.Value xs = f (Array.map Tensor.Wrap xs) |> Custom.demandConstants name
        override _.Infer specs = infer specs
        override this.Batch(xs, stacked) = Examples.OneByOne((fun xs -> Tensor.Apply(this, xs)), xs, stacked)
        override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

        /// The tangents are further inputs of a function of numbers.
        override _.PushAll(xs, _, ds) =
            let n = xs.Length
            let live = [| 0 .. n - 1 |] |> Array.filter (fun i -> ds[i].IsSome)

            let pushed (zs: Tensor[]) =
                let tangents = Array.create n ValueNone
                live |> Array.iteri (fun k i -> tangents[i] <- ValueSome zs[n + k])
                let struct (ys, dys) = Forward.jvp f (Array.truncate n zs) tangents
                dense ys dys

            let inputs = Array.append xs (live |> Array.map (fun i -> ds[i].Value))
            OpaqueRule.Call(name + "_push", pushed, Array.truncate n >> infer, inputs) |> Array.map ValueSome

        override _.Pull(xs, ys, ws, _) =
            let n = xs.Length
            let live = xs |> Array.map isFloat

            let pulled (zs: Tensor[]) =
                let xs = Array.truncate n zs
                let gs = Recording.Of(f, xs).Pull(Array.skip n zs |> Array.map ValueSome)
                dense xs gs |> Array.indexed |> Array.filter (fun (i, _) -> live[i]) |> Array.map snd

            let shapes (specs: Spec[]) =
                Array.truncate n specs |> Array.map plain |> Array.indexed |> Array.filter (fun (i, _) -> live[i]) |> Array.map snd

            let gs = OpaqueRule.Call(name + "_pull", pulled, shapes, Array.append xs (dense ys ws))
            let places = live |> Array.scan (fun k isLive -> if isLive then k + 1 else k) 0
            Array.init n (fun i -> if live[i] then ValueSome gs[places[i]] else ValueNone)

    /// The function itself where its inputs have numbers, at any level of differentiation; the operation where they have none.
    let call (name: string) (f: Tensor[] -> Tensor[]) (infer: Spec[] -> Spec[]) (xs: Tensor[]) : Tensor[] = OpaqueRule.Call(name, f, infer, xs)

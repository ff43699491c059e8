namespace DiffLib

open System
open System.Collections.Concurrent
open DiffLib.Kernels

// Chapter 19: a function inside a program, the body of a loop or the branch of a choice.

/// Parts of a list of values, one after another.
[<Sealed>]
type internal Parts(all: Tensor[]) =
    let mutable at = 0

    member _.Next(count: int) : Tensor[] =
        at <- at + count
        Array.sub all (at - count) count

    member this.Rest() : Tensor[] = this.Next(all.Length - at)

/// A program that others call: made ready to run once for each executor, and a source of further programs, which are kept.
[<Sealed>]
type internal Body(p: Program) =
    let derived = ConcurrentDictionary<string, Lazy<Body>>()

    let written =
        lazy
            (let q = Programs.writeOut p
             if obj.ReferenceEquals(p, q) then p else Simplify.simplify q)

    let executables =
        Array.init 3 (fun k -> lazy (Buffers.Outside(fun () -> Executable(written.Value, LanguagePrimitives.EnumOfValue<byte, Execution>(byte k)))))

    let sequences =
        Array.init 3 (fun k -> lazy (Sequence.ofExecutable executables[k].Value (LanguagePrimitives.EnumOfValue<byte, Execution>(byte k))))

    static member Of(verb: string, f: Tensor[] -> Tensor[], specs: Spec[]) : Body =
        Buffers.Outside(fun () -> Body(Simplify.simplify (Programs.ofFunction verb (f >> Array.map Dense.strong) specs)))

    /// What runs it again and again, if it is elementwise.
    member _.Sequence: Sequence voption = sequences[int Running.Execution].Value

    member _.Program = p
    member val Inputs = p.InputSpecs
    member val Outputs = p.OutputSpecs

    /// Its value on arrays, by the executor of the program around it.
    member _.Run(xs: NDArray[]) : NDArray[] = executables[int Running.Execution].Value.Run xs

    /// The program as an operation that stays one call inside other programs.
    member _.AsCall(name: string) : ProgramRule = ProgramRule(name, p, (fun p -> (Body p).Run), true)

    /// Its operations on values of any level.
    member _.Call(xs: Tensor[]) : Tensor[] = Programs.interpret p xs

    /// A function written with this one, as a program, made when first asked for.
    member _.Derive(key: string, f: Tensor[] -> Tensor[], specs: Spec[]) : Body = derived.GetOrAdd(key, fun _ -> lazy Body.Of(key, f, specs)).Value

    /// Inputs, then tangents of those in the mask; to the tangents of the floating-point results.
    member this.Tangents(mask: bool[]) : Body =
        let f (all: Tensor[]) =
            let parts = Parts all
            let xs = parts.Next mask.Length
            let struct (ys, dys) = Forward.jvp this.Call xs (Mask.scatter mask (parts.Rest()))
            Mask.pick (Mask.floats this.Outputs) (Dense.likeEach ys dys)

        this.Derive("jvp " + Mask.text mask, f, Array.append this.Inputs (Mask.pick mask this.Inputs))

    /// Inputs, then cotangents of some results; to the cotangents of the wanted inputs.
    member this.Cotangents(given: bool[], wanted: bool[]) : Body =
        let f (all: Tensor[]) =
            let parts = Parts all
            let xs = parts.Next wanted.Length
            let gs = Recording.Of(this.Call, xs).Pull(Mask.scatter given (parts.Rest()))
            Mask.pick wanted (Dense.likeEach xs gs)

        this.Derive($"vjp {Mask.text given} {Mask.text wanted}", f, Array.append this.Inputs (Mask.pick given this.Outputs))

    /// Stacks of n examples, some inputs shared; to stacks of results.
    member this.Stacked(n: int, stacked: bool[]) : Body =
        let specs = Array.map2 (fun (x: Spec) s -> if s then x.With(Stacks.Shape(n, x.Shape)) else x) this.Inputs stacked

        let f (xs: Tensor[]) =
            if Array.contains true stacked then
                Vmap.overStacks this.Call xs stacked
            else
                this.Call xs |> Array.map (fun y -> Stacks.Repeat(y, n))

        this.Derive($"vmap {n} {Mask.text stacked}", f, specs)

/// One of several programs, by a number: index and arguments in, that program's results out. All give results of the same shapes and element types.
[<Sealed>]
type internal SwitchRule(branches: Body[]) =
    inherit ManyRule("switch")

    interface IBodies with
        member _.Bodies = branches |> Array.mapi (fun k b -> struct ($"branch {k}", b.Program))

    override _.Infer _ = branches[0].Outputs

    override _.Value xs =
        let k = (xs[0].Cast DType.Int64).Span<int64>()[0]

        if k < 0L || k >= int64 branches.Length then
            raise (InvalidOperationException $"A choice has {branches.Length} branches, numbered from 0, and was asked for number {k}.")

        branches[int k].Run(Array.tail xs)

    override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

    override _.PushAll(xs, ys, ds) =
        let mask = Mask.some (Array.tail ds)

        if not (Array.contains true mask) then
            Array.create ys.Length ValueNone
        else
            let rule = SwitchRule(branches |> Array.map (fun b -> b.Tangents mask))
            let dxs = Mask.pick mask (Array.tail ds) |> Array.map (fun d -> d.Value)
            Mask.scatter (Mask.floats branches[0].Outputs) (Tensor.Apply(rule, Array.append xs dxs))

    override _.Pull(xs, _, ws, wanted) =
        let given = Mask.some ws
        let wanted = Mask.both (Array.tail wanted) (Mask.floats branches[0].Inputs)
        let rule = SwitchRule(branches |> Array.map (fun b -> b.Cotangents(given, wanted)))
        let cotangents = Mask.pick given ws |> Array.map (fun w -> w.Value)
        let gs = Tensor.Apply(rule, Array.append xs cotangents)
        Array.append [| ValueNone |] (Mask.scatter wanted gs)

    /// With one number for all examples the program for stacks; with a number for each, every program and a choice for each.
    override _.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        let own = Array.tail stacked
        let branches = branches |> Array.map (fun b -> b.Stacked(n, own))

        if not stacked[0] then
            Tensor.Apply(SwitchRule branches, xs)
        else
            let index = xs[0]
            let results = branches |> Array.map (fun b -> b.Call(Array.tail xs))

            Array.init branches[0].Outputs.Length (fun r ->
                let own = results |> Array.map (fun (ys: Tensor[]) -> ys[r])
                let at = Tensor.ReshapeTo(index, Shape(Array.append [| n |] (Array.create (own[0].Rank - 1) 1)))

                Array.foldBack
                    (fun k other -> Tensor.Select(Tensor.Compare(CompareOp.Equal, at, Tensor.Weak(k: int)), own[k], other))
                    [| 0 .. own.Length - 2 |]
                    own[own.Length - 1])

namespace DiffLib

open System
open System.Collections.Concurrent
open DiffLib.Kernels

/// Chapter 15: a program as one operation. Its derivatives and its batched form are programs too, made when first asked for and kept.
/// Inside another program it dissolves into its operations, unless it is opaque: then it stays one call, and so do its derivatives.
[<Sealed>]
type internal ProgramRule(name: string, p: Program, run: Program -> (NDArray[] -> NDArray[]), opaque: bool) =
    inherit ManyRule(name)

    let evaluate = lazy (Buffers.Outside(fun () -> run p))
    let derived = ConcurrentDictionary<string, Lazy<struct (ProgramRule * int[])>>()

    let key (verb: string) (masks: bool[] list) =
        verb + String.Join("|", masks |> List.map (fun mask -> String(mask |> Array.map (fun b -> if b then '1' else '0'))))

    /// The positions where a mask holds.
    let places (mask: bool[]) =
        [| for k in 0 .. mask.Length - 1 do
               if mask[k] then k |]

    let some (xs: Tensor voption[]) = xs |> Array.map (fun x -> x.IsSome)
    let given (xs: Tensor voption[]) = xs |> Array.choose (fun x -> if x.IsSome then Some x.Value else None)

    /// A program whose results are some of many, the others zero: where each result goes.
    let derive (text: string) (verb: string) (f: Tensor[] -> Tensor voption[]) (specs: Spec[]) =
        derived
            .GetOrAdd(
                text,
                fun _ ->
                    lazy
                        (let mutable which = [||]

                         let program =
                             Buffers.Outside(fun () ->
                                 Programs.ofFunction
                                     verb
                                     (fun xs ->
                                         let ys = f xs
                                         which <- places (some ys)
                                         given ys)
                                     specs)

                         struct (ProgramRule($"{verb} of {name}", program, run, opaque), which))
            )
            .Value

    let scatter (count: int) (which: int[]) (ys: Tensor[]) : Tensor voption[] =
        let all = Array.create count ValueNone
        Array.iteri (fun r k -> all[k] <- ValueSome ys[r]) which
        all

    member _.Program = p
    /// Whether it stays one call inside other programs.
    member _.IsOpaque = opaque
    override _.Value xs = evaluate.Value xs
    override _.Infer _ = p.OutputSpecs
    override _.Expand xs = if opaque then ValueNone else ValueSome(Programs.interpret p xs)
    interface IBodies with
        member _.Bodies = [| struct ("body", p) |]
    override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

    override _.PushAll(xs, ys, ds) =
        let along = places (some ds)

        let pushed (all: Tensor[]) =
            let tangents = scatter xs.Length along (Array.skip xs.Length all)
            let struct (_, dys) = Forward.jvp (Programs.interpret p) (Array.take xs.Length all) tangents
            dys

        let specs = Array.append p.InputSpecs (given ds |> Array.map (fun d -> d.Spec))
        let struct (rule, which) = derive (key "jvp" [ some ds ]) "jvp" pushed specs
        scatter ys.Length which (Tensor.Apply(rule, Array.append xs (given ds)))

    override _.Pull(xs, _, ws, wanted) =
        let wanted = Array.map2 (fun w (x: Tensor) -> w && DTypes.isFloat x.DType) wanted xs
        let from = places (some ws)

        let pulled (all: Tensor[]) =
            let recording = Recording.Of(Programs.interpret p, Array.take xs.Length all)
            let gs = recording.Pull(scatter ws.Length from (Array.skip xs.Length all))
            Array.map2 (fun w g -> if w then g else ValueNone) wanted gs

        let specs = Array.append p.InputSpecs (given ws |> Array.map (fun w -> w.Spec))
        let struct (rule, which) = derive (key "vjp" [ some ws; wanted ]) "vjp" pulled specs
        scatter xs.Length which (Tensor.Apply(rule, Array.append xs (given ws)))

    override _.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        let f (xs: Tensor[]) = Vmap.overStacks (Programs.interpret p) xs stacked |> Array.map ValueSome
        let struct (rule, _) = derive ($"vmap{n}:" + key "" [ stacked ]) "vmap" f (xs |> Array.map (fun x -> { x.Spec with Weak = false }))
        Tensor.Apply(rule, xs)

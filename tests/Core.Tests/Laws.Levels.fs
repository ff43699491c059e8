namespace DiffLib.Core.Tests

open System
open DiffLib

// Batched and traced calls of a function, made by hand: what the laws about them compare with plain ones.

/// A function over stacks of examples.
module internal Batching =
    let private leave (batch: Batch) (n: int) (y: Tensor) : Tensor =
        match Forward.settle batch.Tag y with
        | Batched(stack, _, own) when obj.ReferenceEquals(own, batch) -> stack
        | y -> Stacks.Repeat(y, n)

    /// All examples at once.
    let vmap (n: int) (f: Tensor[] -> Tensor[]) (stacked: bool[]) (xs: Tensor[]) : Tensor[] =
        let batch = Batch(Trace.FreshTag(), n)

        try
            f (Array.map2 (fun (x: Tensor) s -> if s then Tensor.InBatch(x, batch) else x) xs stacked) |> Array.map (leave batch n)
        finally
            batch.Close()

    let example (k: int) (stacked: bool[]) (xs: Tensor[]) : Tensor[] = Array.map2 (fun x s -> if s then Shaping.Select(x, 0, k) else x) xs stacked

    /// One example after another.
    let loop (n: int) (f: Tensor[] -> Tensor[]) (stacked: bool[]) (xs: Tensor[]) : Tensor[] =
        let results = Array.init n (fun k -> f (example k stacked xs))
        Array.init results[0].Length (fun r -> Joining.Stack(results |> Array.map (fun ys -> ys[r]), 0))

    /// All ways to have at least one of so many inputs stacked.
    let subsets (count: int) : bool[][] = [| for bits in 1 .. (1 <<< count) - 1 -> Array.init count (fun i -> bits >>> i &&& 1 = 1) |]

/// A function written down, and run again from what was written.
[<NoEquality; NoComparison>]
type internal Written =
    { Stage: Stage
      Results: int[] }

    static member Of(f: Tensor[] -> Tensor[], xs: Tensor[]) : Written =
        let stage = Stage(Trace.FreshTag(), "Trace", false)
        let arguments = xs |> Array.mapi (fun k x -> Staged(Variable(stage, stage.Argument(k, x.Spec), x.Spec)))
        let results = f arguments |> Array.map (fun y -> Tensor.NumberIn(stage, Forward.settle stage.Tag y))
        stage.Close()
        { Stage = stage; Results = results }

    /// Applies a rule of any kind.
    static member Apply(rule: Rule, xs: Tensor[]) : Tensor[] =
        match rule with
        | :? UnaryRule as rule -> [| Tensor.Apply(rule, xs[0]) |]
        | :? BinaryRule as rule -> [| Tensor.Apply(rule, xs[0], xs[1]) |]
        | :? ManyRule as rule -> Tensor.Apply(rule, xs)
        | _ -> failwith $"no such kind of rule: {rule.Name}"

    /// The results at these arguments; every value on the way is shown to the visitor.
    member this.Run(xs: Tensor[], visit: Rule -> Tensor[] -> Spec -> Tensor -> unit) : Tensor[] =
        let values: Tensor[] = Array.zeroCreate this.Stage.Specs.Count

        for k in 0 .. values.Length - 1 do
            match this.Stage.Sources[k] with
            | Argument i -> values[k] <- xs[i]
            | Known v -> values[k] <- Tensor.Wrap v
            | _ -> ()

        for equation in this.Stage.Equations do
            let inputs = equation.Inputs |> Array.map (fun k -> values[k])
            let outputs = Written.Apply(equation.Rule, inputs)

            Array.iter2
                (fun k y ->
                    visit equation.Rule inputs this.Stage.Specs[k] y
                    values[k] <- y)
                equation.Outputs
                outputs

        this.Results |> Array.map (fun k -> values[k])

namespace DiffLib

open System
open DiffLib.Kernels

/// The sum of several blocks, each at its own places of a larger shape, zeros elsewhere: what the gradients of several slices of one tensor
/// come to. Simplification writes it. Starts and steps hold the moves of all blocks, one block behind the other.
[<Sealed>]
type internal PlaceSumRule(starts: int[], steps: int[], shape: Shape) =
    inherit ManyRule("place_sum")

    let part (moves: int[]) (k: int) = Array.sub moves (k * shape.Rank) shape.Rank

    member _.Starts = starts
    member _.Steps = steps
    override _.Attributes = ValueSome [| "starts", Attribute.Ints starts; "steps", Attribute.Ints steps; "shape", Attribute.Sizes shape |]

    override _.Infer xs =
        if starts.Length <> xs.Length * shape.Rank || steps.Length <> starts.Length then
            raise (ArgumentException $"place_sum: {starts.Length} starts and {steps.Length} steps for {xs.Length} blocks in {shape}.")

        for k in 0 .. xs.Length - 1 do
            if xs[k].DType <> xs[0].DType then
                raise (ArgumentException $"place_sum: blocks of {DTypes.name xs[0].DType} and {DTypes.name xs[k].DType}.")

            Fitting.places "place_sum" (part starts k) (part steps k) xs[k].Shape shape

        [| xs[0].With shape |]

    override _.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        let under (front: int) (moves: int[]) = Array.init xs.Length (fun k -> Array.append [| front |] (part moves k)) |> Array.concat
        let stacks = Array.map2 (fun x s -> Stacks.Of(x, s, n)) xs stacked
        Tensor.Apply(PlaceSumRule(under 0 starts, under 1 steps, Stacks.Shape(n, shape)), stacks)

    override _.Value xs =
        let y = NDArray.Allocate(xs[0].DType, shape)
        let block k (x: NDArray) = PlacedBlock(Unchecked.nonNull x.Data, x.Offset, x.Strides, x.Shape.Sizes, part starts k, part steps k)
        let blocks = ReadOnlySpan(Array.mapi block xs)

        match y.DType with
        | DType.Float64 -> Placing.Sum(blocks, shape.AsSpan(), y.Write<double>())
        | DType.Float32 -> Placing.Sum(blocks, shape.AsSpan(), y.Write<float32>())
        | DType.Int64 -> Placing.Sum(blocks, shape.AsSpan(), y.Write<int64>())
        | DType.Int32 -> Placing.Sum(blocks, shape.AsSpan(), y.Write<int>())
        | DType.UInt8 -> Placing.Sum(blocks, shape.AsSpan(), y.Write<byte>())
        | t -> Numbers.unsupported "a sum of blocks" t "convert with Cast first."

        [| y |]

    override _.Push(input, _, _, d) = [| ValueSome(Tensor.Apply(EmbedRule(part starts input, part steps input, shape), d)) |]

    override _.Pull(xs, _, ws, wanted) =
        let back k (w: Tensor) = Tensor.Apply(SliceRule(part starts k, part steps k, xs[k].Shape), w)
        Array.init xs.Length (fun k -> if wanted[k] then ws[0] |> ValueOption.map (back k) else ValueNone)

namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 6, continued: several tensors into one, one into several, repetition.

/// Tensors of one element type behind each other along an axis.
[<Sealed>]
type internal ConcatRule(axis: int) =
    inherit ManyRule("concat")
    member _.Axis = axis
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]

    override _.Infer xs = [| xs[0].With(xs[0].Shape.With(axis, xs |> Array.sumBy (fun x -> x.Shape.Sizes[axis]))) |]

    override _.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        Tensor.Apply(ConcatRule(axis + 1), Array.map2 (fun x s -> Stacks.Of(x, s, n)) xs stacked)

    static member private Joined(xs: NDArray[], axis: int) : Shape = xs[0].Shape.With(axis, xs |> Array.sumBy (fun x -> x.Shape.Sizes[axis]))

    override _.Value xs =
        let shape = ConcatRule.Joined(xs, axis)
        let y = NDArray.Allocate(xs[0].DType, shape)
        let struct (outer, n, inner) = shape.Around axis
        let mutable at = 0

        for x in xs do
            let x = x.Contiguous()
            let block = x.Shape.Sizes[axis] * inner

            match DTypes.size x.DType with
            | 8 -> IndexKernels.CopyBlocks(x.Span<int64>(), outer, block, y.Write<int64>(), n * inner, at)
            | 4 -> IndexKernels.CopyBlocks(x.Span<int>(), outer, block, y.Write<int>(), n * inner, at)
            | _ -> IndexKernels.CopyBlocks(x.Span<byte>(), outer, block, y.Write<byte>(), n * inner, at)

            at <- at + block

        [| y |]

    override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

    override this.PushAll(xs: Tensor[], _: Tensor[], ds: Tensor voption[]) : Tensor voption[] =
        let tangents =
            Array.map2
                (fun (x: Tensor) d ->
                    match d with
                    | ValueSome d -> d
                    | ValueNone -> Const(NDArray.Zeros(x.DType, Shape.Scalar).BroadcastTo x.Shape))
                xs
                ds

        Tensor.Apply(this, tangents) |> Array.map ValueSome

    override _.Pull(xs, _, ws, wanted) =
        match ws[0] with
        | ValueNone -> Array.create xs.Length ValueNone
        | ValueSome w ->
            let ends = xs |> Array.scan (fun at x -> at + x.Shape.Sizes[axis]) 0

            Array.init xs.Length (fun i -> if wanted[i] then ValueSome(Shaping.Narrow(w, axis, ends[i], xs[i].Shape.Sizes[axis])) else ValueNone)

/// Several tensors into one, one into several, and repetition.
[<AbstractClass; Sealed>]
type internal Joining =

    /// All in the element type they promote to.
    static member private Promoted(xs: Tensor[]) : Tensor[] =
        let struct (common, _) =
            xs
            |> Array.fold
                (fun (struct (t, weak)) (x: Tensor) -> struct (DTypes.promote t weak x.DType x.IsWeak, weak && x.IsWeak))
                struct (xs[0].DType, xs[0].IsWeak)

        xs |> Array.map (fun x -> Tensor.Cast(x, common))

    static member private DemandSome(operation: string, xs: Tensor[]) =
        if xs.Length = 0 then
            invalidArg "tensors" $"{operation}: no tensors, so the shape and the element type of the result are unknown. Give at least one."

    // ---- joining

    /// Behind each other along an axis; the other sizes agree.
    static member Concat(xs: Tensor[], axis: int) : Tensor =
        Joining.DemandSome("concat", xs)
        let first = xs[0].Shape
        if first.Rank = 0 then
            invalidArg "tensors" "concat: a single number has no axis to join along. Use Stack, or Reshape to [1]."
        let d = first.Axis axis

        xs
        |> Array.iteri (fun i x ->
            if x.Rank <> first.Rank || not ((x.Shape.With(d, first.Sizes[d])).Equals first) then
                invalidArg
                    "tensors"
                    $"concat along axis {d}: tensor 0 is {first} and tensor {i} is {x.Shape}; all sizes but that of axis {d} must agree. To put them side by side along a new axis use Stack.")

        if xs.Length = 1 then xs[0] else Tensor.Apply(ConcatRule d, Joining.Promoted xs)[0]

    /// Side by side along a new axis; all shapes agree.
    static member Stack(xs: Tensor[], axis: int) : Tensor =
        Joining.DemandSome("stack", xs)

        xs
        |> Array.iteri (fun i x ->
            if not (x.Shape.Equals xs[0].Shape) then
                invalidArg
                    "tensors"
                    $"stack: tensor 0 is {xs[0].Shape} and tensor {i} is {x.Shape}; all shapes must agree. Pad them, broadcast them, or use Concat.")

        let d = if axis < 0 then axis + xs[0].Rank + 1 else axis
        // promoted first: with an axis a weak scalar would become a strong one
        Joining.Concat(Joining.Promoted xs |> Array.map (fun x -> Shaping.ExpandDims(x, [| axis |])), d)

    static member AtLeast1D(x: Tensor) : Tensor = if x.Rank > 0 then x else Shaping.Reshape(x, [| 1 |])

    /// A vector becomes one row.
    static member AtLeast2D(x: Tensor) : Tensor = if x.Rank > 1 then x else Shaping.Reshape(x, [| 1; x.Count |])

    /// A vector [n] becomes [1, n, 1], a matrix [m, n] becomes [m, n, 1].
    static member AtLeast3D(x: Tensor) : Tensor =
        match x.Rank with
        | 0
        | 1 -> Shaping.Reshape(x, [| 1; x.Count; 1 |])
        | 2 -> Shaping.ExpandDims(x, [| 2 |])
        | _ -> x

    static member HStack(xs: Tensor[]) : Tensor =
        Joining.DemandSome("hstack", xs)
        let xs = Array.map Joining.AtLeast1D (Joining.Promoted xs)
        Joining.Concat(xs, (if xs[0].Rank = 1 then 0 else 1))

    static member VStack(xs: Tensor[]) : Tensor =
        Joining.DemandSome("vstack", xs)
        Joining.Concat(Array.map Joining.AtLeast2D (Joining.Promoted xs), 0)

    static member DStack(xs: Tensor[]) : Tensor =
        Joining.DemandSome("dstack", xs)
        Joining.Concat(Array.map Joining.AtLeast3D (Joining.Promoted xs), 2)

    /// Vectors as columns, behind matrices' columns.
    static member ColumnStack(xs: Tensor[]) : Tensor =
        Joining.DemandSome("columnStack", xs)
        let column (x: Tensor) = if x.Rank <= 1 then Shaping.Reshape(x, [| x.Count; 1 |]) else x
        Joining.Concat(Array.map column (Joining.Promoted xs), 1)

    // ---- splitting

    /// Parts of the given sizes, which add up to the axis: views.
    static member SplitSizes(x: Tensor, sizes: int[], axis: int) : Tensor[] =
        let d = x.Shape.Axis axis
        let total = sizes |> Array.sumBy int64

        if total <> int64 x.Shape.Sizes[d] || Array.exists (fun s -> s < 0) sizes then
            let text = String.Join(", ", sizes)
            invalidArg "sizes" $"split: the parts ({text}) add up to {total}, but axis {d} of shape {x.Shape} has {x.Shape.Sizes[d]}."

        let ends = Array.scan (+) 0 sizes
        sizes |> Array.mapi (fun i size -> Shaping.Narrow(x, d, ends[i], size))

    /// Parts of one size, the last one smaller if need be.
    static member Split(x: Tensor, size: int, axis: int) : Tensor[] =
        let n = x.Shape[axis]
        if size < 1 then raise (ArgumentOutOfRangeException("size", size, "split: the size of a part must be 1 or more."))
        let count = max 1 ((n + size - 1) / size)
        Joining.SplitSizes(x, Array.init count (fun i -> min size (n - i * size)), axis)

    /// At most so many parts of one size, the last one smaller.
    static member Chunk(x: Tensor, chunks: int, axis: int) : Tensor[] =
        if chunks < 1 then
            raise (ArgumentOutOfRangeException("chunks", chunks, "chunk: the number of parts must be 1 or more."))
        let n = x.Shape[axis]
        if n = 0 then Array.create chunks x else Joining.Split(x, (n + chunks - 1) / chunks, axis)

    /// Exactly so many parts, the first ones larger by one where the axis does not divide.
    static member TensorSplit(x: Tensor, sections: int, axis: int) : Tensor[] =
        if sections < 1 then
            raise (ArgumentOutOfRangeException("sections", sections, "tensorSplit: the number of parts must be 1 or more."))
        let n = x.Shape[axis]
        Joining.SplitSizes(x, Array.init sections (fun i -> n / sections + (if i < n % sections then 1 else 0)), axis)

    /// Parts that end before each of the positions, as Python slices: [..i0], [i0..i1], ..., [ik..].
    static member SplitAt(x: Tensor, positions: int[], axis: int) : Tensor[] =
        let d = x.Shape.Axis axis
        let n = x.Shape.Sizes[d]
        let clamp p = Math.Clamp((if p < 0 then p + n else p), 0, n)
        let ends = Array.concat [ [| 0 |]; Array.map clamp positions; [| n |] ]
        Array.pairwise ends |> Array.map (fun (a, b) -> Shaping.Narrow(x, d, (if b > a then a else 0), max 0 (b - a)))

    /// The slices along an axis, which goes away.
    static member Unbind(x: Tensor, axis: int) : Tensor[] = Array.init x.Shape[axis] (fun i -> Shaping.Select(x, axis, i))

    // ---- repetition

    /// The tensor r times behind itself along one axis.
    static member private Repeated(x: Tensor, axis: int, r: int) : Tensor =
        if r = 1 then
            x
        else
            let struct (outer, n, inner) = x.Shape.Around axis
            let block = Tensor.ReshapeTo(x, Shape [| outer; 1; n * inner |])
            Tensor.ReshapeTo(
                Tensor.BroadcastTo(block, Shape [| outer; r; n * inner |]),
                Shape.Of(x.Shape.Sizes |> Array.mapi (fun d s -> if d = axis then int64 s * int64 r else int64 s))
            )

    /// The tensor repeated along each axis; missing counts are 1, missing axes are new and in front.
    static member Tile(x: Tensor, repeats: int[]) : Tensor =
        for r in repeats do
            if r < 0 then raise (ArgumentOutOfRangeException("repeats", r, "tile: the number of repetitions must be 0 or more."))

        let rank = max x.Rank repeats.Length
        let y = Tensor.ReshapeTo(x, Shape(Array.append (Array.create (rank - x.Rank) 1) x.Shape.Sizes))
        // the last axis first: each step then copies longer blocks
        Array.foldBack
            (fun d (y: Tensor) -> Joining.Repeated(y, d, (if d < rank - repeats.Length then 1 else repeats[d - (rank - repeats.Length)])))
            [| 0 .. rank - 1 |]
            y

    /// Each entry of an axis repeated as often as its count says.
    static member RepeatInterleave(x: Tensor, counts: int[], axis: int) : Tensor =
        let d = x.Shape.Axis axis
        let n = x.Shape.Sizes[d]

        if counts.Length <> 1 && counts.Length <> n then
            invalidArg
                "repeats"
                $"repeatInterleave: {counts.Length} counts for axis {d} of shape {x.Shape}. Give one for each of its {n} entries, or one for all."

        for r in counts do
            if r < 0 then
                raise (ArgumentOutOfRangeException("repeats", r, "repeatInterleave: the number of repetitions must be 0 or more."))

        let count i = if counts.Length = 1 then counts[0] else counts[i]
        let total = Shape.Of(Seq.sumBy (fun i -> int64 (count i)) (seq { 0 .. n - 1 }))
        let index = Array.zeroCreate<int64> total.Count
        let mutable at = 0

        for i in 0 .. n - 1 do
            for _ in 1 .. count i do
                index[at] <- int64 i
                at <- at + 1

        Tensor.Take(x, d, Const(NDArray.Adopt(total, index)))

    /// Entries shifted along axes; what leaves at the end comes in at the front.
    static member Roll(x: Tensor, shifts: int[], axes: int[]) : Tensor =
        if shifts.Length <> axes.Length then
            invalidArg "axes" $"roll: {shifts.Length} shifts for {axes.Length} axes. Give one for each axis."

        let one (y: Tensor) (shift: int) (axis: int) =
            let d = y.Shape.Axis axis
            let n = y.Shape.Sizes[d]
            let s = if n = 0 then 0 else ((shift % n) + n) % n
            if s = 0 then y else Joining.Concat([| Shaping.Narrow(y, d, n - s, s); Shaping.Narrow(y, d, 0, n - s) |], d)

        Array.fold2 one x shifts axes

    // ---- grids

    /// Grids of coordinates: one tensor for each vector, all of the shape of the sizes. In order ij, or xy with the first two exchanged.
    static member MeshGrid(xs: Tensor[], xy: bool) : Tensor[] =
        for x in xs do
            if x.Rank > 1 then
                invalidArg "tensors" $"meshGrid takes vectors and single numbers, but one is {x.Shape}. Flatten it first."

        let xs = Array.map Joining.AtLeast1D xs
        let shape = Shape(xs |> Array.map (fun x -> x.Count))

        let grids =
            xs
            |> Array.mapi (fun k x ->
                Tensor.BroadcastTo(Tensor.ReshapeTo(x, Shape(Array.init xs.Length (fun d -> if d = k then x.Count else 1))), shape))

        if xy && xs.Length > 1 then grids |> Array.map (fun g -> Shaping.SwapAxes(g, 0, 1)) else grids

    static member private DemandVectors(operation: string, xs: Tensor[]) =
        for x in xs do
            if x.Rank <> 1 then invalidArg "tensors" $"{operation} takes vectors, but one is {x.Shape}. Flatten it first."

    /// Every way to take one entry of each vector, as rows; of a single vector the vector itself.
    static member CartesianProd(xs: Tensor[]) : Tensor =
        Joining.DemandSome("cartesianProd", xs)
        Joining.DemandVectors("cartesianProd", xs)

        if xs.Length = 1 then
            xs[0]
        else
            Joining.Stack(Joining.MeshGrid(xs, false) |> Array.map (fun g -> Tensor.ReshapeTo(g, Shape [| g.Count |])), 1)

    /// Every way to take r entries of a vector in order, as rows; with repetition or without.
    static member Combinations(x: Tensor, r: int, withReplacement: bool) : Tensor =
        Joining.DemandVectors("combinations", [| x |])
        if r < 0 then raise (ArgumentOutOfRangeException("r", r, "combinations: the number of entries must be 0 or more."))
        let n = x.Count
        let rows = ResizeArray<int64>()
        let chosen = Array.zeroCreate<int> r

        // the next row in lexicographic order, until there is none
        let limit k = if withReplacement then n - 1 else n - r + k
        let fill k from =
            for j in k .. r - 1 do
                chosen[j] <- if withReplacement then from else from + j - k
        let mutable go = r = 0 || (if withReplacement then n > 0 else n >= r)
        let mutable count = 0
        fill 0 0

        while go do
            count <- count + 1
            rows.AddRange(Array.map int64 chosen)
            let mutable k = r - 1

            while k >= 0 && chosen[k] >= limit k do
                k <- k - 1

            if k < 0 then go <- false else fill k (chosen[k] + 1)

        if r = 0 then
            Const(NDArray.Zeros(x.DType, Shape [| 0 |]))
        else
            Tensor.ReshapeTo(Tensor.Take(x, 0, Const(NDArray.Adopt(Shape [| count * r |], rows.ToArray()))), Shape [| count; r |])

    // ---- blocks

    /// The tensor with its first element at these places of a larger shape, zeros around it.
    static member Embedded(x: Tensor, starts: int[], shape: Shape) : Tensor = Tensor.Apply(EmbedRule(starts, Array.create x.Rank 1, shape), x)

    /// Matrices along the diagonal of one, zeros elsewhere; vectors count as rows, numbers as 1 by 1.
    static member BlockDiag(xs: Tensor[]) : Tensor =
        Joining.DemandSome("blockDiag", xs)

        let blocks =
            Joining.Promoted xs
            |> Array.map (fun x ->
                if x.Rank > 2 then invalidArg "tensors" $"blockDiag takes matrices, vectors and numbers, but one is {x.Shape}."
                Joining.AtLeast2D x)

        let width = blocks |> Array.sumBy (fun b -> b.Shape[1])
        let lefts = blocks |> Array.scan (fun at b -> at + b.Shape[1]) 0
        Joining.Concat(blocks |> Array.mapi (fun i b -> Joining.Embedded(b, [| 0; lefts[i] |], Shape [| b.Shape[0]; width |])), 0)

/// Batching for rules that know no better.
[<AbstractClass; Sealed>]
type internal Examples =
    /// The function applied to one example after another, and the results stacked.
    static member OneByOne(f: Tensor[] -> Tensor[], xs: Tensor[], stacked: bool[]) : Tensor[] =
        let n = Stacks.SizeOf(xs, stacked)

        if n = 0 then
            raise (
                InvalidOperationException
                    "Diff.Vmap over no examples: an operation inside works one by one and cannot say what it would give. Give at least one example."
            )

        let example k =
            f (Array.map2 (fun (x: Tensor) s -> if s then Tensor.Indexed(x, [| TensorIndex.op_Implicit (k: int) |]) else x) xs stacked)

        let results = Array.init n example
        Array.init results[0].Length (fun r -> Joining.Stack(results |> Array.map (fun ys -> ys[r]), 0))

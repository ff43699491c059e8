namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 6, continued: several tensors into one, one into several, repetition and padding.

/// Tensors of one element type behind each other along an axis.
[<Sealed>]
type internal ConcatRule(axis: int) =
    inherit ManyRule("concat")

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

            Array.init xs.Length (fun i ->
                if wanted[i] then
                    ValueSome(Shaping.Narrow(w, axis, ends[i], xs[i].Shape.Sizes[axis]))
                else
                    ValueNone)

/// How a tensor is continued beyond its edges.
type PadMode =
    /// By one number.
    | Constant = 0
    /// Mirrored at the edge, which is not repeated: c b | a b c | b a. At most size - 1 on a side.
    | Reflect = 1
    /// By the value at the edge: a a | a b c | c c.
    | Replicate = 2
    /// Round and round: b c | a b c | a b. At most the size on a side.
    | Circular = 3

/// Several tensors into one, one into several, repetition and padding.
[<AbstractClass; Sealed>]
type internal Joining =

    /// All in the element type they promote to.
    static member private Promoted(xs: Tensor[]) : Tensor[] =
        let struct (common, _) =
            xs
            |> Array.fold
                (fun (struct (t, weak)) (x: Tensor) -> struct (DTypes.promote t weak x.DType x.Value.IsWeak, weak && x.Value.IsWeak))
                struct (xs[0].DType, xs[0].Value.IsWeak)

        xs |> Array.map (fun x -> Tensor.Cast(x, common))

    static member private DemandSome(operation: string, xs: Tensor[]) =
        if xs.Length = 0 then
            invalidArg "tensors" $"{operation}: no tensors, so the shape and the element type of the result are unknown. Give at least one."

    // ---- joining

    /// Behind each other along an axis; the other sizes agree.
    static member Concat(xs: Tensor[], axis: int) : Tensor =
        Joining.DemandSome("concat", xs)
        let first = xs[0].Shape
        if first.Rank = 0 then invalidArg "tensors" "concat: a single number has no axis to join along. Use Stack, or Reshape to [1]."
        let d = first.Axis axis

        xs
        |> Array.iteri (fun i x ->
            if x.Rank <> first.Rank || not ((x.Shape.With(d, first.Sizes[d])).Equals first) then
                invalidArg "tensors" $"concat along axis {d}: tensor 0 is {first} and tensor {i} is {x.Shape}; all sizes but that of axis {d} must agree. To put them side by side along a new axis use Stack.")

        if xs.Length = 1 then xs[0] else Tensor.Apply(ConcatRule d, Joining.Promoted xs)[0]

    /// Side by side along a new axis; all shapes agree.
    static member Stack(xs: Tensor[], axis: int) : Tensor =
        Joining.DemandSome("stack", xs)

        xs
        |> Array.iteri (fun i x ->
            if not (x.Shape.Equals xs[0].Shape) then
                invalidArg "tensors" $"stack: tensor 0 is {xs[0].Shape} and tensor {i} is {x.Shape}; all shapes must agree. Pad them, broadcast them, or use Concat.")

        let d = if axis < 0 then axis + xs[0].Rank + 1 else axis
        // promoted first: with an axis a weak scalar would become a strong one
        Joining.Concat(Joining.Promoted xs |> Array.map (fun x -> Shaping.ExpandDims(x, [| axis |])), d)

    static member AtLeast1D(x: Tensor) : Tensor = if x.Rank > 0 then x else Shaping.Reshape(x, [| 1 |])

    /// A vector becomes one row.
    static member AtLeast2D(x: Tensor) : Tensor =
        if x.Rank > 1 then x else Shaping.Reshape(x, [| 1; x.Count |])

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
        if chunks < 1 then raise (ArgumentOutOfRangeException("chunks", chunks, "chunk: the number of parts must be 1 or more."))
        let n = x.Shape[axis]
        if n = 0 then Array.create chunks x else Joining.Split(x, (n + chunks - 1) / chunks, axis)

    /// Exactly so many parts, the first ones larger by one where the axis does not divide.
    static member TensorSplit(x: Tensor, sections: int, axis: int) : Tensor[] =
        if sections < 1 then raise (ArgumentOutOfRangeException("sections", sections, "tensorSplit: the number of parts must be 1 or more."))
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
            Tensor.ReshapeTo(Tensor.BroadcastTo(block, Shape [| outer; r; n * inner |]), Shape.Of(x.Shape.Sizes |> Array.mapi (fun d s -> if d = axis then int64 s * int64 r else int64 s)))

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
            invalidArg "repeats" $"repeatInterleave: {counts.Length} counts for axis {d} of shape {x.Shape}. Give one for each of its {n} entries, or one for all."

        for r in counts do
            if r < 0 then raise (ArgumentOutOfRangeException("repeats", r, "repeatInterleave: the number of repetitions must be 0 or more."))

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
            xs |> Array.mapi (fun k x -> Tensor.BroadcastTo(Tensor.ReshapeTo(x, Shape(Array.init xs.Length (fun d -> if d = k then x.Count else 1))), shape))

        if xy && xs.Length > 1 then grids |> Array.map (fun g -> Shaping.SwapAxes(g, 0, 1)) else grids

    static member private DemandVectors(operation: string, xs: Tensor[]) =
        for x in xs do
            if x.Rank <> 1 then
                invalidArg "tensors" $"{operation} takes vectors, but one is {x.Shape}. Flatten it first."

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
        let fill k from = for j in k .. r - 1 do chosen[j] <- if withReplacement then from else from + j - k
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

    // ---- padding

    /// The tensor with its first element at these places of a larger shape, zeros around it.
    static member private Embedded(x: Tensor, starts: int[], shape: Shape) : Tensor =
        Tensor.Apply(EmbedRule(starts, Array.create x.Rank 1, shape), x)

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

    /// The part of the tensor that negative padding leaves, and the padding that remains.
    static member private Cropped(x: Tensor, pads: (int * int)[]) : struct (Tensor * (int * int)[]) =
        let y =
            pads
            |> Array.indexed
            |> Array.fold
                (fun (y: Tensor) (d, (before, after)) ->
                    if before >= 0 && after >= 0 then
                        y
                    else
                        let n = y.Shape.Sizes[d]
                        let left, right = max 0 -before, max 0 -after
                        if left + right > n then
                            invalidArg "padding" $"pad: axis {d} of shape {x.Shape} has {n} entries, and a padding of {before} and {after} would leave {n + before + after}."
                        Shaping.Narrow(y, d, left, n - left - right))
                x

        struct (y, pads |> Array.map (fun (b, a) -> (max 0 b, max 0 a)))

    /// A constant around the tensor: (before, after) for each axis; negative numbers cut off.
    static member PadConstant(x: Tensor, pads: (int * int)[], value: double) : Tensor =
        let struct (inner, pads) = Joining.Cropped(x, pads)

        if pads |> Array.forall (fun p -> p = (0, 0)) then
            inner
        else
            let shape = Shape.Of(pads |> Array.mapi (fun d (b, a) -> int64 inner.Shape.Sizes[d] + int64 b + int64 a))
            let starts = Array.map fst pads
            let padded = Joining.Embedded(inner, starts, shape)

            if value = 0.0 then
                padded
            else
                let inside = Joining.Embedded(Creation.Full(DType.Bool, inner.Shape, 1.0), starts, shape)
                Tensor.Select(inside, padded, Creation.Full(x.DType, Shape.Scalar, value))

    /// Where the entries of a padded axis come from.
    static member private Sources(mode: PadMode, n: int, before: int, after: int) : int64[] =
        let source i =
            match mode with
            | PadMode.Replicate -> Math.Clamp(i, 0, n - 1)
            | PadMode.Circular -> ((i % n) + n) % n
            | _ when n = 1 -> 0
            | _ ->
                // to and fro with a period of 2(n - 1), the ends not repeated
                let period = 2 * (n - 1)
                let p = ((i % period) + period) % period
                if p < n then p else period - p

        Array.init (before + n + after) (fun k -> int64 (source (k - before)))

    static member private DemandPaddable(mode: PadMode, x: Tensor, axis: int, (before, after): int * int) =
        let n = x.Shape.Sizes[axis]
        let most = if mode = PadMode.Reflect then n - 1 elif mode = PadMode.Circular then n else Int32.MaxValue

        if n = 0 && before + after > 0 || before > most || after > most then
            invalidArg "padding" $"pad: axis {axis} of shape {x.Shape} has too few entries for a {mode} padding of {before} and {after}; it takes at most {max 0 most} on a side. Pad with a constant, or in steps."

    /// The tensor continued beyond its edges: mirrored, by its edge value, or round and round.
    static member PadAround(x: Tensor, pads: (int * int)[], mode: PadMode) : Tensor =
        let struct (inner, pads) = Joining.Cropped(x, pads)

        pads
        |> Array.indexed
        |> Array.fold
            (fun (y: Tensor) (d, (before, after)) ->
                if before = 0 && after = 0 then
                    y
                else
                    Joining.DemandPaddable(mode, y, d, (before, after))
                    let sources = Joining.Sources(mode, y.Shape.Sizes[d], before, after)
                    Tensor.Take(y, d, Const(NDArray.Adopt(Shape [| sources.Length |], sources))))
            inner

    static member Pad(x: Tensor, pads: (int * int)[], mode: PadMode, value: double) : Tensor =
        if mode = PadMode.Constant then Joining.PadConstant(x, pads, value) else Joining.PadAround(x, pads, mode)

    // ---- image patches

    /// The windows of the last two axes, padded with zeros: [...; h; w] to [...; kh; kw; rows; columns] of windows.
    static member private Patches(x: Tensor, kernel: int[], dilation: int[], stride: int[]) : Tensor =
        let r = x.Rank
        let y = Shaping.Unfold(x, r - 2, kernel[0], stride[0], dilation[0])
        let y = Shaping.Unfold(y, r - 1, kernel[1], stride[1], dilation[1])
        Shaping.MoveAxis(y, [| r; r + 1 |], [| r - 2; r - 1 |])

    static member private DemandImages(operation: string, x: Tensor, rank: int, settings: (string * int[] * int)[]) =
        if x.Rank <> rank && x.Rank <> rank - 1 then
            invalidArg "x" $"{operation}: the shape is {x.Shape}; rank {rank} is needed, or {rank - 1} without a batch axis."

        for name, values, least in settings do
            if values.Length <> 2 || Array.exists (fun v -> v < least) values then
                let text = String.Join(", ", values)
                invalidArg name $"{operation}: {name} is ({text}); two numbers are needed, {least} or more."

    /// Patches of images as columns: [N; C; H; W] to [N; C·kh·kw; L].
    static member Im2Col(x: Tensor, kernel: int[], dilation: int[], padding: int[], stride: int[]) : Tensor =
        Joining.DemandImages("unfold", x, 4, [| ("kernelSize", kernel, 1); ("dilation", dilation, 1); ("padding", padding, 0); ("stride", stride, 1) |])
        let r = x.Rank
        let around = Array.init r (fun d -> if d < r - 2 then (0, 0) else (padding[d - r + 2], padding[d - r + 2]))
        let patches = Joining.Patches(Joining.PadConstant(x, around, 0.0), kernel, dilation, stride)
        let s = patches.Shape.Sizes
        let columns = s[r] * s[r + 1]
        Tensor.ReshapeTo(patches, Shape(Array.concat [ Array.take (r - 3) s; [| s[r - 3] * s[r - 2] * s[r - 1]; columns |] ]))

    /// The transpose of Im2Col: columns added up at the places of their patches: [N; C·kh·kw; L] to [N; C; H; W].
    static member Col2Im(x: Tensor, size: int[], kernel: int[], dilation: int[], padding: int[], stride: int[]) : Tensor =
        Joining.DemandImages("fold", x, 3, [| ("outputSize", size, 1); ("kernelSize", kernel, 1); ("dilation", dilation, 1); ("padding", padding, 0); ("stride", stride, 1) |])
        let full = Array.map2 (fun s p -> s + 2 * p) size padding
        let count = Array.init 2 (fun k -> (full[k] - dilation[k] * (kernel[k] - 1) - 1) / stride[k] + 1)
        let r = x.Rank
        let area, columns = kernel[0] * kernel[1], max 0 count[0] * max 0 count[1]

        if x.Shape[-2] % area <> 0 || x.Shape[-1] <> columns then
            invalidArg "x" $"fold: {x.Shape} has {x.Shape[-2]} rows and {x.Shape[-1]} columns; an image of {size[0]} by {size[1]} needs a multiple of {area} rows and {columns} columns."

        let lead = Array.append (Array.take (r - 2) x.Shape.Sizes) [| x.Shape[-2] / area |]
        let patches = Tensor.ReshapeTo(x, Shape(Array.concat [ lead; kernel; count ]))
        // axes: lead, kh, kw, rows, columns; each walks through the padded image
        let k = lead.Length
        let unit d factor = Array.init (k + 2) (fun j -> if j = d then factor else 0)
        let moves = Array.concat [ Array.init k (fun d -> unit d 1); [| unit k dilation[0]; unit (k + 1) dilation[1]; unit k stride[0]; unit (k + 1) stride[1] |] ]
        let padded = Tensor.Apply(WindowSumRule(Array.zeroCreate (k + 2), moves, Shape(Array.append lead full)), patches)
        Shaping.Narrow(Shaping.Narrow(padded, k, padding[0], size[0]), k + 1, padding[1], size[1])

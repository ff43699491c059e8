namespace rec DiffLib

open System
open DiffLib.Kernels

// Chapter 6: the same elements under another shape. Everything here is linear, and most of it is a view.

/// y[o] = x[starts + Σₖ oₖ·movesₖ]: each axis of the result walks through x in a direction of its own. A view.
[<Sealed>]
type internal WindowRule(starts: int[], moves: int[][], shape: Shape) =
    inherit LinearRule("window")
    override _.Attributes = WindowRule.Described(starts, moves, shape)

    /// Moves in a row, for attributes: one axis of the result after the other.
    static member Described(starts: int[], moves: int[][], shape: Shape) =
        ValueSome [| "starts", Attribute.Ints starts; "moves", Attribute.Ints(Array.concat moves); "shape", Attribute.Sizes shape |]

    /// The same window in each example.
    static member Stacked(starts: int[], moves: int[][]) : struct (int[] * int[][]) =
        let along = Array.append [| 1 |] (Array.zeroCreate starts.Length)
        struct (Array.append [| 0 |] starts, Array.append [| along |] (moves |> Array.map (Array.append [| 0 |])))

    override _.Infer x =
        Fitting.window "window" starts moves shape x.Shape
        x.With shape

    override _.Batch x =
        let struct (starts, moves) = WindowRule.Stacked(starts, moves)
        Tensor.Apply(WindowRule(starts, moves, Stacks.Shape(Stacks.Size x, shape)), x)

    override _.Value x =
        let own = x.Strides
        let along (v: int[]) = Array.fold2 (fun sum i stride -> sum + i * stride) 0 v own
        x.View(shape, Array.map along moves, x.Offset + along starts)

    override _.Transpose(x, w) = Tensor.Apply(WindowSumRule(starts, moves, x.Shape), w)

/// The transpose of a window: the elements added up at their places, zeros elsewhere.
[<Sealed>]
type internal WindowSumRule(starts: int[], moves: int[][], shape: Shape) =
    inherit LinearRule("window_sum")
    override _.Attributes = WindowRule.Described(starts, moves, shape)

    override _.Infer x =
        Fitting.window "window_sum" starts moves x.Shape shape
        x.With shape

    override _.Batch x =
        let struct (starts, moves) = WindowRule.Stacked(starts, moves)
        Tensor.Apply(WindowSumRule(starts, moves, Stacks.Shape(Stacks.Size x, shape)), x)

    override _.Value x =
        let x = x.Contiguous()
        let y = NDArray.Zeros(x.DType, shape)
        let full = shape.RowMajorStrides
        let along (v: int[]) = Array.fold2 (fun sum i stride -> sum + i * stride) 0 v full
        let strides = Array.map along moves
        let start = along starts

        match x.DType with
        | DType.Float64 -> IndexKernels.StridedAdd(x.Span<double>(), y.Write<double>(), start, x.Shape.AsSpan(), strides)
        | DType.Float32 -> IndexKernels.StridedAdd(x.Span<float32>(), y.Write<float32>(), start, x.Shape.AsSpan(), strides)
        | DType.Int64 -> IndexKernels.StridedAdd(x.Span<int64>(), y.Write<int64>(), start, x.Shape.AsSpan(), strides)
        | DType.Int32 -> IndexKernels.StridedAdd(x.Span<int>(), y.Write<int>(), start, x.Shape.AsSpan(), strides)
        | DType.UInt8 -> IndexKernels.StridedAdd(x.Span<byte>(), y.Write<byte>(), start, x.Shape.AsSpan(), strides)
        // no sums of truth values: the callers that take bool place each element once
        | _ -> NDArray.CopyInto(x, y, start, strides)

        y

    override _.Transpose(x, w) = Tensor.Apply(WindowRule(starts, moves, x.Shape), w)

/// a with the elements b in the places of a window that meets no element twice.
[<Sealed>]
type internal ReplaceRule(starts: int[], moves: int[][]) =
    inherit BinaryRule("replace")
    override _.Attributes = ValueSome [| "starts", Attribute.Ints starts; "moves", Attribute.Ints(Array.concat moves) |]
    override _.Infer(a, _) = a.With a.Shape

    override _.Batch(a, b, stackedA, stackedB) =
        let n = Stacks.Size(if stackedA then a else b)
        let struct (starts, moves) = WindowRule.Stacked(starts, moves)
        Tensor.Apply(ReplaceRule(starts, moves), Stacks.Of(a, stackedA, n), Stacks.Of(b, stackedB, n))

    override _.Value(a, b) =
        let y = NDArray.Allocate(a.DType, a.Shape)
        let full = a.Shape.RowMajorStrides
        NDArray.CopyInto(a, y, 0, full)
        let along (v: int[]) = Array.fold2 (fun sum i stride -> sum + i * stride) 0 v full
        NDArray.CopyInto(b, y, along starts, Array.map along moves)
        y

    override this.Push(input, a, b, _, d) =
        if input = 0 then
            Tensor.Apply(this, d, Const(NDArray.Zeros(d.DType, b.Shape)))
        else
            Tensor.Apply(WindowSumRule(starts, moves, a.Shape), d)

    override this.Pull(input, _, b, _, w) =
        if input = 0 then
            Tensor.Apply(this, w, Const(NDArray.Zeros(w.DType, b.Shape)))
        else
            Tensor.Apply(WindowRule(starts, moves, b.Shape), w)

/// Views: another shape, another order of axes, a diagonal, windows.
[<AbstractClass; Sealed>]
type internal Shaping =

    static member private Identity(rank: int) : int[] = Array.init rank id

    /// The steps of the axes of a shape that stay as they are.
    static member private Steps(rank: int) : int[][] = Array.init rank (fun d -> Array.init rank (fun k -> if k = d then 1 else 0))

    // ---- reshape

    /// The shape with these sizes for a tensor of the given count, one of which may be -1: whatever is left.
    static member Inferred(operation: string, shape: Shape, sizes: int[]) : Shape =
        let text = Shape.Text(Seq.map int64 sizes)
        let open' = sizes |> Array.indexed |> Array.filter (fun (_, s) -> s = -1) |> Array.map fst

        if open'.Length > 1 then invalidArg "shape" $"{operation}: {text} leaves more than one size open. Give all but one."

        let known = Shape(sizes |> Array.filter (fun s -> s <> -1)).Count

        if open'.Length = 1 && (known = 0 || shape.Count % known <> 0) then
            let why = if known = 0 then "any size would do for an empty axis" else $"{shape.Count} elements do not divide into {known}"
            invalidArg "shape" $"{operation}: {shape} does not take shape {text}: {why}. Give all sizes."

        let full = Shape(sizes |> Array.map (fun s -> if s = -1 then shape.Count / known else s))

        if full.Count <> shape.Count then
            invalidArg
                "shape"
                $"{operation}: {shape} has {shape.Count} elements, but {text} has {full.Count}. The counts must agree; use -1 for a size to be inferred."

        full

    /// The same elements, row-major, under another shape.
    static member Reshape(x: Tensor, sizes: int[]) : Tensor = Tensor.ReshapeTo(x, Shaping.Inferred("reshape", x.Shape, sizes))

    /// The axes from first to last merged into one.
    static member Flatten(x: Tensor, first: int, last: int) : Tensor =
        if x.Rank = 0 then
            if first < -1 || first > 0 || last < -1 || last > 0 then x.Shape.Axis first |> ignore
            Tensor.ReshapeTo(x, Shape [| 1 |])
        else
            let a, b = x.Shape.Axis first, x.Shape.Axis last
            if a > b then
                invalidArg "first" $"flatten: axis {first} comes behind axis {last} in shape {x.Shape}. Give them in order."
            let s = x.Shape.Sizes
            let merged = Shape(Array.sub s a (b - a + 1)).Count
            Tensor.ReshapeTo(x, Shape(Array.concat [ Array.take a s; [| merged |]; Array.skip (b + 1) s ]))

    /// One axis split into several; the opposite of Flatten.
    static member Unflatten(x: Tensor, axis: int, sizes: int[]) : Tensor =
        let d = x.Shape.Axis axis
        let s = x.Shape.Sizes
        let parts = Shaping.Inferred("unflatten", Shape [| s[d] |], sizes)
        Tensor.ReshapeTo(x, Shape(Array.concat [ Array.take d s; parts.Sizes; Array.skip (d + 1) s ]))

    /// The places of new axes in a result of the given rank, counted from the front.
    static member private NewAxes(rank: int, axes: int[]) : int[] =
        let total = rank + axes.Length
        let at (axis: int) =
            let d = if axis < 0 then axis + total else axis
            if d < 0 || d >= total then
                raise (
                    ArgumentOutOfRangeException(
                        "axis",
                        axis,
                        $"a new axis {axis} has no place in a result of rank {total}; places run from {-total} to {total - 1}."
                    )
                )
            d

        let own = Array.map at axes
        if (Array.distinct own).Length <> own.Length then
            let text = String.Join(", ", axes)
            invalidArg "axes" $"expandDims: axes ({text}) name a place twice; name each once."
        own

    /// New axes of size 1 at these places of the result.
    static member ExpandDims(x: Tensor, axes: int[]) : Tensor =
        let own = Shaping.NewAxes(x.Rank, axes)
        let sizes = Array.create (x.Rank + axes.Length) 1
        let mutable d = 0
        for k in 0 .. sizes.Length - 1 do
            if not (Array.contains k own) then
                sizes[k] <- x.Shape.Sizes[d]
                d <- d + 1
        Tensor.ReshapeTo(x, Shape sizes)

    /// Without the given axes of size 1; null means all there are. With strict, another size is an error, else such an axis stays.
    static member Squeeze(x: Tensor, axes: int[] | null, strict: bool) : Tensor =
        let s = x.Shape.Sizes
        let away =
            match axes with
            | null -> Array.init s.Length (fun d -> s[d] = 1)
            | axes ->
                let named = x.Shape.Axes axes
                for d in named do
                    if strict && s[d] <> 1 then
                        invalidArg
                            "axes"
                            $"squeeze: axis {d} of shape {x.Shape} has size {s[d]}; only an axis of size 1 can be left out. Index or reduce it instead."
                Array.init s.Length (fun d -> s[d] = 1 && Array.contains d named)
        Tensor.ReshapeTo(x, Shape(s |> Array.indexed |> Array.filter (fun (d, _) -> not away[d]) |> Array.map snd))

    // ---- order of axes

    static member private Reordered(x: Tensor, order: int[]) : Tensor =
        if order = Shaping.Identity x.Rank then x else Tensor.Apply(TransposeRule order, x)

    /// Axis k of the result is axis axes[k] of x.
    static member Permute(x: Tensor, axes: int[]) : Tensor =
        if axes.Length <> x.Rank then
            invalidArg "axes" $"permute: {axes.Length} axes for shape {x.Shape} of rank {x.Rank}. Name every axis once."
        Shaping.Reordered(x, x.Shape.Axes axes)

    /// All axes in reverse order.
    static member Reverse(x: Tensor) : Tensor = Shaping.Reordered(x, Array.rev (Shaping.Identity x.Rank))

    static member SwapAxes(x: Tensor, a: int, b: int) : Tensor =
        let a, b = x.Shape.Axis a, x.Shape.Axis b
        Shaping.Reordered(
            x,
            Shaping.Identity x.Rank
            |> Array.map (fun d ->
                if d = a then b
                elif d = b then a
                else d)
        )

    /// The last two axes exchanged: the transpose of each matrix.
    static member MatrixTranspose(x: Tensor) : Tensor =
        if x.Rank < 2 then
            invalidArg "x" $"a matrix transpose needs rank 2 or more, but the shape is {x.Shape}. Insert an axis with ExpandDims."
        Shaping.SwapAxes(x, -2, -1)

    /// Axes moved from their places to others; the rest keep their order.
    static member MoveAxis(x: Tensor, source: int[], destination: int[]) : Tensor =
        if source.Length <> destination.Length then
            invalidArg "destination" $"moveAxis: {source.Length} axes to {destination.Length} places. Give a place for each axis."
        let from, into = x.Shape.Axes source, x.Shape.Axes destination
        let order = Array.create x.Rank -1
        Array.iter2 (fun f t -> order[t] <- f) from into
        let rest = Shaping.Identity x.Rank |> Array.except from
        let mutable next = 0
        for k in 0 .. order.Length - 1 do
            if order[k] < 0 then
                order[k] <- rest[next]
                next <- next + 1
        Shaping.Reordered(x, order)

    // ---- broadcast

    /// As BroadcastTo, where -1 keeps the size of the axis.
    static member Expand(x: Tensor, sizes: int[]) : Tensor =
        let shift = sizes.Length - x.Rank
        let full =
            sizes
            |> Array.mapi (fun k s ->
                if s <> -1 then
                    s
                elif k >= shift then
                    x.Shape.Sizes[k - shift]
                else
                    invalidArg
                        "shape"
                        $"broadcast: -1 keeps the size of an axis, but {x.Shape} has no axis for entry {k} of {Shape.Text(Seq.map int64 sizes)}. Give its size.")
        Tensor.BroadcastTo(x, Shape full)

    /// All tensors in the shape they broadcast to.
    static member BroadcastAll(xs: Tensor[]) : Tensor[] =
        let shape = xs |> Array.fold (fun s (x: Tensor) -> Shape.Broadcast("broadcast", s, x.Shape)) Shape.Scalar
        xs |> Array.map (fun x -> Tensor.BroadcastTo(x, shape))

    /// The transpose of a broadcast: sums over the axes that a broadcast from the given shape would repeat.
    static member SumToSize(x: Tensor, shape: Shape) : Tensor =
        if not (shape.BroadcastsTo x.Shape) then
            invalidArg
                "shape"
                $"sumToSize: {shape} does not broadcast to {x.Shape}, so {x.Shape} cannot be summed to it. Sizes must agree or be 1 in the target."
        Tensor.SumTo(x, shape)

    // ---- slices

    static member private Sliced(x: Tensor, starts: int[], steps: int[], shape: Shape) : Tensor = Tensor.Apply(SliceRule(starts, steps, shape), x)

    /// Length positions of an axis from start on.
    static member Narrow(x: Tensor, axis: int, start: int, length: int) : Tensor =
        let d = x.Shape.Axis axis
        let n = x.Shape.Sizes[d]
        let from = if start < 0 then start + n else start
        if length < 0 || from < 0 || from > n - length then
            raise (
                ArgumentOutOfRangeException(
                    "start",
                    start,
                    $"narrow: {length} positions from {start} on do not lie within axis {d} of shape {x.Shape}."
                )
            )
        let starts = Array.zeroCreate x.Rank
        starts[d] <- from
        if length = n then x else Shaping.Sliced(x, starts, Array.create x.Rank 1, x.Shape.With(d, length))

    /// One position of an axis, which goes away.
    static member Select(x: Tensor, axis: int, index: int) : Tensor =
        let d = x.Shape.Axis axis
        let n = x.Shape.Sizes[d]
        let i = if index < 0 then index + n else index
        if i < 0 || i >= n then
            raise (
                ArgumentOutOfRangeException(
                    "index",
                    index,
                    $"index {index} is outside axis {d} of shape {x.Shape}: positions run from {-n} to {n - 1}."
                )
            )
        Tensor.ReshapeTo(Shaping.Narrow(x, d, i, 1), x.Shape.Without d)

    /// The given axes backwards: a view.
    static member Flip(x: Tensor, axes: int[]) : Tensor =
        let own = x.Shape.Axes axes
        let s = x.Shape.Sizes
        let flipped d = s[d] > 1 && Array.contains d own
        let starts = Array.init s.Length (fun d -> if flipped d then s[d] - 1 else 0)
        let steps = Array.init s.Length (fun d -> if flipped d then -1 else 1)
        if Array.contains -1 steps then Shaping.Sliced(x, starts, steps, x.Shape) else x

    /// Quarter turns in the plane of two axes, from the first towards the second.
    static member Rot90(x: Tensor, turns: int, first: int, second: int) : Tensor =
        let own = x.Shape.Axes [| first; second |]
        match ((turns % 4) + 4) % 4 with
        | 1 -> Shaping.Flip(Shaping.SwapAxes(x, own[0], own[1]), [| own[0] |])
        | 2 -> Shaping.Flip(x, own)
        | 3 -> Shaping.SwapAxes(Shaping.Flip(x, [| own[0] |]), own[0], own[1])
        | _ -> x

    // ---- diagonals

    /// Where a diagonal starts in an n by m matrix, and how long it is.
    static member private DiagonalOf(n: int, m: int, offset: int) : struct (int * int * int) =
        let row, column = (if offset < 0 then -(int64 offset) else 0L), (if offset > 0 then int64 offset else 0L)
        let length = max 0L (min (int64 n - row) (int64 m - column))
        if length = 0L then struct (0, 0, 0) else struct (int row, int column, int length)

    /// How a diagonal lies in a shape: the start, the steps of the result's axes, the result's shape.
    static member private DiagonalWindow(shape: Shape, offset: int, axis1: int, axis2: int) : struct (int[] * int[][] * Shape) =
        let own = shape.Axes [| axis1; axis2 |]
        let a, b = own[0], own[1]
        let struct (row, column, length) = Shaping.DiagonalOf(shape.Sizes[a], shape.Sizes[b], offset)
        let starts =
            Array.init shape.Rank (fun d ->
                if d = a then row
                elif d = b then column
                else 0)
        let rest = Shaping.Identity shape.Rank |> Array.except own
        let steps = Shaping.Steps shape.Rank
        let along = Array.map2 (+) steps[a] steps[b]
        struct (starts,
                Array.append (rest |> Array.map (fun d -> steps[d])) [| along |],
                Shape(Array.append (rest |> Array.map (fun d -> shape.Sizes[d])) [| length |]))

    /// A diagonal of two axes, as the last axis of the result: a view.
    static member Diagonal(x: Tensor, offset: int, axis1: int, axis2: int) : Tensor =
        let struct (starts, moves, shape) = Shaping.DiagonalWindow(x.Shape, offset, axis1, axis2)
        Tensor.Apply(WindowRule(starts, moves, shape), x)

    /// The last axis as a diagonal of two new axes, zeros elsewhere: the transpose of Diagonal.
    static member DiagEmbed(x: Tensor, offset: int, axis1: int, axis2: int) : Tensor =
        if x.Rank = 0 then invalidArg "x" "a diagonal needs numbers: the tensor is a single one. Reshape it to [1]."
        let n = x.Shape[-1] + abs offset
        let own = Shaping.NewAxes(x.Rank - 1, [| axis1; axis2 |])
        let sizes = Array.create (x.Rank + 1) n
        let mutable d = 0
        for k in 0 .. sizes.Length - 1 do
            if not (Array.contains k own) then
                sizes[k] <- x.Shape.Sizes[d]
                d <- d + 1
        let full = Shape sizes
        let struct (starts, moves, _) = Shaping.DiagonalWindow(full, offset, own[0], own[1])
        Tensor.Apply(WindowSumRule(starts, moves, full), x)

    /// The diagonal of a matrix, or the matrix with a diagonal.
    static member Diag(x: Tensor, offset: int) : Tensor =
        match x.Rank with
        | 1 -> Shaping.DiagEmbed(x, offset, 0, 1)
        | 2 -> Shaping.Diagonal(x, offset, 0, 1)
        | _ -> invalidArg "x" $"diag takes a vector or a matrix, but the shape is {x.Shape}. For stacks of them use Diagonal or DiagEmbed."

    static member private Masked(x: Tensor, offset: int, keepsBelow: bool) : Tensor =
        if x.Rank < 2 then
            invalidArg "x" $"a triangle needs rank 2 or more, but the shape is {x.Shape}. Insert an axis with ExpandDims."
        let n, m = x.Shape[-2], x.Shape[-1]
        let zero = Const(NDArray.Zeros(x.DType, Shape.Scalar))
        if keepsBelow then Tensor.Select(Creation.Tri(DType.Bool, n, m, offset), x, zero)
        elif offset = Int32.MinValue then x
        else Tensor.Select(Creation.Tri(DType.Bool, n, m, offset - 1), zero, x)

    /// Each matrix with zeros above a diagonal; what was there gets a zero gradient, even if it is infinite.
    static member Tril(x: Tensor, offset: int) : Tensor = Shaping.Masked(x, offset, true)

    /// Each matrix with zeros below a diagonal.
    static member Triu(x: Tensor, offset: int) : Tensor = Shaping.Masked(x, offset, false)

    // ---- windows

    /// All windows along an axis, as a new last axis: a view in which windows may overlap.
    static member Unfold(x: Tensor, axis: int, size: int, step: int, dilation: int) : Tensor =
        if x.Rank = 0 then
            Shaping.Unfold(Tensor.ReshapeTo(x, Shape [| 1 |]), axis, size, step, dilation) |> fun y -> Tensor.ReshapeTo(y, Shape [| size |])
        else
            let d = x.Shape.Axis axis
            if step < 1 then raise (ArgumentOutOfRangeException("step", step, "unfold: the step must be 1 or more."))
            if dilation < 1 then
                raise (ArgumentOutOfRangeException("dilation", dilation, "unfold: the dilation must be 1 or more."))
            let reach = if size = 0 then 0L else int64 (size - 1) * int64 dilation + 1L
            if size < 0 || reach > int64 x.Shape.Sizes[d] then
                raise (
                    ArgumentOutOfRangeException(
                        "size",
                        size,
                        $"unfold: a window that reaches over {reach} positions does not fit into axis {d} of shape {x.Shape}."
                    )
                )
            let count = (x.Shape.Sizes[d] - int reach) / step + 1
            let steps = Shaping.Steps x.Rank
            let scaled k (v: int[]) = Array.map ((*) k) v
            let moves = Array.append (steps |> Array.mapi (fun k v -> if k = d then scaled step v else v)) [| scaled dilation steps[d] |]
            Tensor.Apply(WindowRule(Array.zeroCreate x.Rank, moves, Shape(Array.append (x.Shape.With(d, count)).Sizes [| size |])), x)

    /// a with the elements b where a diagonal, a slice or a position is.
    static member private Replaced(a: Tensor, b: Tensor, starts: int[], moves: int[][], shape: Shape, operation: string) : Tensor =
        if not (b.Shape.BroadcastsTo shape) then
            invalidArg
                "values"
                $"{operation}: values of shape {b.Shape} for places of shape {shape} in {a.Shape}. They must have that shape or broadcast to it."
        let common = DTypes.promote a.DType a.IsWeak b.DType b.IsWeak
        Tensor.Apply(ReplaceRule(starts, moves), Tensor.Cast(a, common), Tensor.BroadcastTo(Tensor.Cast(b, common), shape))

    static member DiagonalScatter(a: Tensor, b: Tensor, offset: int, axis1: int, axis2: int) : Tensor =
        let struct (starts, moves, shape) = Shaping.DiagonalWindow(a.Shape, offset, axis1, axis2)
        Shaping.Replaced(a, b, starts, moves, shape, "diagonalScatter")

    static member SelectScatter(a: Tensor, b: Tensor, axis: int, index: int) : Tensor =
        let d = a.Shape.Axis axis
        let n = a.Shape.Sizes[d]
        let i = if index < 0 then index + n else index
        if i < 0 || i >= n then
            raise (
                ArgumentOutOfRangeException(
                    "index",
                    index,
                    $"index {index} is outside axis {d} of shape {a.Shape}: positions run from {-n} to {n - 1}."
                )
            )
        let starts = Array.init a.Rank (fun k -> if k = d then i else 0)
        Shaping.Replaced(a, b, starts, Shaping.Steps a.Rank |> Array.removeAt d, a.Shape.Without d, "selectScatter")

    /// Every step-th position of an axis from start to stop (excluded), as Python counts them.
    static member SliceScatter(a: Tensor, b: Tensor, axis: int, start: int, stop: int, step: int) : Tensor =
        let d = a.Shape.Axis axis
        if step < 1 then raise (ArgumentOutOfRangeException("step", step, "sliceScatter: the step must be 1 or more."))
        let n = a.Shape.Sizes[d]
        let clamp p = Math.Clamp((if p < 0 then p + n else p), 0, n)
        let low = clamp start
        let length = max 0 ((clamp stop - low + step - 1) / step)
        let starts = Array.init a.Rank (fun k -> if k = d && length > 0 then low else 0)
        let moves = Shaping.Steps a.Rank |> Array.mapi (fun k v -> if k = d then Array.map ((*) step) v else v)
        Shaping.Replaced(a, b, starts, moves, a.Shape.With(d, length), "sliceScatter")

namespace DiffLib

open System

// Chapter 6, continued: more around a tensor, and the patches of images.

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

/// Padding, patches of images and their transpose.
[<AbstractClass; Sealed>]
type internal Padding =

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
                            invalidArg
                                "padding"
                                $"pad: axis {d} of shape {x.Shape} has {n} entries, and a padding of {before} and {after} would leave {n + before + after}."
                        Shaping.Narrow(y, d, left, n - left - right))
                x

        struct (y, pads |> Array.map (fun (b, a) -> (max 0 b, max 0 a)))

    /// A constant around the tensor: (before, after) for each axis; negative numbers cut off.
    static member PadConstant(x: Tensor, pads: (int * int)[], value: double) : Tensor =
        let struct (inner, pads) = Padding.Cropped(x, pads)

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
        let most =
            if mode = PadMode.Reflect then n - 1
            elif mode = PadMode.Circular then n
            else Int32.MaxValue

        if n = 0 && before + after > 0 || before > most || after > most then
            invalidArg
                "padding"
                $"pad: axis {axis} of shape {x.Shape} has too few entries for a {mode} padding of {before} and {after}; it takes at most {max 0 most} on a side. Pad with a constant, or in steps."

    /// The tensor continued beyond its edges: mirrored, by its edge value, or round and round.
    static member PadAround(x: Tensor, pads: (int * int)[], mode: PadMode) : Tensor =
        let struct (inner, pads) = Padding.Cropped(x, pads)

        pads
        |> Array.indexed
        |> Array.fold
            (fun (y: Tensor) (d, (before, after)) ->
                if before = 0 && after = 0 then
                    y
                else
                    Padding.DemandPaddable(mode, y, d, (before, after))
                    let sources = Padding.Sources(mode, y.Shape.Sizes[d], before, after)
                    Tensor.Take(y, d, Const(NDArray.Adopt(Shape [| sources.Length |], sources))))
            inner

    static member Pad(x: Tensor, pads: (int * int)[], mode: PadMode, value: double) : Tensor =
        if mode = PadMode.Constant then Padding.PadConstant(x, pads, value) else Padding.PadAround(x, pads, mode)

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
        Padding.DemandImages(
            "unfold",
            x,
            4,
            [| ("kernelSize", kernel, 1); ("dilation", dilation, 1); ("padding", padding, 0); ("stride", stride, 1) |]
        )
        let r = x.Rank
        let around = Array.init r (fun d -> if d < r - 2 then (0, 0) else (padding[d - r + 2], padding[d - r + 2]))
        let patches = Padding.Patches(Padding.PadConstant(x, around, 0.0), kernel, dilation, stride)
        let s = patches.Shape.Sizes
        let columns = s[r] * s[r + 1]
        Tensor.ReshapeTo(patches, Shape(Array.concat [ Array.take (r - 3) s; [| s[r - 3] * s[r - 2] * s[r - 1]; columns |] ]))

    /// The transpose of Im2Col: columns added up at the places of their patches: [N; C·kh·kw; L] to [N; C; H; W].
    static member Col2Im(x: Tensor, size: int[], kernel: int[], dilation: int[], padding: int[], stride: int[]) : Tensor =
        Padding.DemandImages(
            "fold",
            x,
            3,
            [| ("outputSize", size, 1); ("kernelSize", kernel, 1); ("dilation", dilation, 1); ("padding", padding, 0); ("stride", stride, 1) |]
        )
        let full = Array.map2 (fun s p -> s + 2 * p) size padding
        let count = Array.init 2 (fun k -> (full[k] - dilation[k] * (kernel[k] - 1) - 1) / stride[k] + 1)
        let r = x.Rank
        let area, columns = kernel[0] * kernel[1], max 0 count[0] * max 0 count[1]

        if x.Shape[-2] % area <> 0 || x.Shape[-1] <> columns then
            invalidArg
                "x"
                $"fold: {x.Shape} has {x.Shape[-2]} rows and {x.Shape[-1]} columns; an image of {size[0]} by {size[1]} needs a multiple of {area} rows and {columns} columns."

        let lead = Array.append (Array.take (r - 2) x.Shape.Sizes) [| x.Shape[-2] / area |]
        let patches = Tensor.ReshapeTo(x, Shape(Array.concat [ lead; kernel; count ]))
        // axes: lead, kh, kw, rows, columns; each walks through the padded image
        let k = lead.Length
        let unit d factor = Array.init (k + 2) (fun j -> if j = d then factor else 0)
        let moves =
            Array.concat
                [ Array.init k (fun d -> unit d 1); [| unit k dilation[0]; unit (k + 1) dilation[1]; unit k stride[0]; unit (k + 1) stride[1] |] ]
        let padded = Tensor.Apply(WindowSumRule(Array.zeroCreate (k + 2), moves, Shape(Array.append lead full)), patches)
        Shaping.Narrow(Shaping.Narrow(padded, k, padding[0], size[0]), k + 1, padding[1], size[1])

namespace rec DiffLib

open System
open DiffLib.Kernels

// Chapter 6, continued: the rules of gathering and scattering. Each is linear in what it moves; positions are inputs without a derivative.

/// What batching rules of two tensors of one rank share.
[<AbstractClass; Sealed>]
type internal Lifting =
    /// Both as stacks.
    static member Both(a: Tensor, b: Tensor, stackedA: bool, stackedB: bool) : struct (Tensor * Tensor) =
        let n = Stacks.Size(if stackedA then a else b)
        struct (Stacks.Of(a, stackedA, n), Stacks.Of(b, stackedB, n))

    /// Elements of the lines of x at places, by the rule made for an axis. Where x is the same for all examples, their places lie behind each
    /// other on one axis, and x is not copied.
    static member Places(rule: int -> #BinaryRule, axis: int, x: Tensor, places: Tensor, stackedX: bool, stackedPlaces: bool) : Tensor =
        if stackedX || not stackedPlaces then
            let struct (x, places) = Lifting.Both(x, places, stackedX, stackedPlaces)
            Tensor.Apply((rule (axis + 1)), x, places)
        else
            let n, sizes = Stacks.Size places, Array.tail places.Shape.Sizes
            let moved = Stacks.Move(places, 0, axis)
            let merged = Shape(Array.mapi (fun d s -> if d = axis then n * s else s) sizes)
            let y = Tensor.Apply(rule axis, x, Tensor.ReshapeTo(moved, merged))
            Stacks.Move(Tensor.ReshapeTo(y, moved.Shape), axis, 0)

/// For each true element of a row its number among them, from 0 on; 0 for the others. More than so many are an error.
[<Sealed>]
type internal MaskOrderRule(most: int) =
    inherit UnaryRule("mask_order")
    override _.Attributes = ValueSome [| "most", Attribute.Int most |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape)
    override this.Batch x = Tensor.Apply(this, x)
    override _.Differentiable = false

    override _.Value x =
        let mask = x.Contiguous()
        let y = NDArray.Zeros(DType.Int64, x.Shape)
        let n = x.Shape.Sizes[x.Rank - 1]
        let mutable next = 0L

        for k in 0 .. x.Count - 1 do
            if k % n = 0 then next <- 0L

            if mask.Span<bool>()[k] then
                y.Write<int64>()[k] <- next
                next <- next + 1L

                if next > int64 most then
                    invalidArg "source" $"maskedScatter: the mask has more true elements than source, which has {most}. Give an element for each."

        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// The order that sorts along an axis: stable, NaN last in both directions.
[<Sealed>]
type internal ArgSortRule(axis: int, descending: bool) =
    inherit UnaryRule("argsort")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "descending", Attribute.Flag descending |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape)
    override _.Batch x = Tensor.Apply(ArgSortRule(axis + 1, descending), x)
    override _.Differentiable = false

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(DType.Int64, x.Shape)

        match x.DType with
        | DType.Float64 -> IndexKernels.ArgSort(x.Span<double>(), outer, n, inner, descending, y.Write<int64>())
        | DType.Float32 -> IndexKernels.ArgSort(x.Span<float32>(), outer, n, inner, descending, y.Write<int64>())
        | DType.Int64 -> IndexKernels.ArgSort(x.Span<int64>(), outer, n, inner, descending, y.Write<int64>())
        | DType.Int32 -> IndexKernels.ArgSort(x.Span<int>(), outer, n, inner, descending, y.Write<int64>())
        | _ -> IndexKernels.ArgSort(x.Span<byte>(), outer, n, inner, descending, y.Write<int64>())

        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// y[o, j, i] = x[o, index[o, j, i], i]: the index has x's sizes but for the axis. Linear in the first input.
[<Sealed>]
type internal GatherRule(axis: int) =
    inherit BinaryRule("gather")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer(x, index) = x.With index.Shape
    override _.Batch(x, index, stackedX, stackedIndex) = Lifting.Places(GatherRule, axis, x, index, stackedX, stackedIndex)

    override _.Value(x, index) =
        let x, at = x.Contiguous(), index.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let m = at.Shape.Sizes[axis]
        let y = NDArray.Allocate(x.DType, at.Shape)

        match DTypes.size x.DType with
        | 8 -> IndexKernels.Gather(x.Span<int64>(), outer, n, m, inner, at.Span<int64>(), y.Write<int64>())
        | 4 -> IndexKernels.Gather(x.Span<int>(), outer, n, m, inner, at.Span<int64>(), y.Write<int>())
        | _ -> IndexKernels.Gather(x.Span<byte>(), outer, n, m, inner, at.Span<int64>(), y.Write<byte>())

        y

    override this.Push(_, _, index, _, d) = Tensor.Apply(this, d, index)
    override _.Pull(_, x, index, _, w) = Tensor.Apply(ScatterAddRule(axis, x.Shape.Sizes[axis]), w, index)

/// The transpose of gathering: what goes to a place along an axis of length n adds up, zeros elsewhere.
[<Sealed>]
type internal ScatterAddRule(axis: int, n: int) =
    inherit BinaryRule("scatter_add")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "n", Attribute.Int n |]
    override _.Infer(x, _) = x.With(x.Shape.With(axis, n))
    override _.Batch(x, index, stackedX, stackedIndex) =
        let struct (x, index) = Lifting.Both(x, index, stackedX, stackedIndex)
        Tensor.Apply(ScatterAddRule(axis + 1, n), x, index)

    override _.Value(x, index) =
        let x, at = x.Contiguous(), index.Contiguous()
        let struct (outer, m, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape.With(axis, n))

        match x.DType with
        | DType.Float64 -> IndexKernels.ScatterAdd(x.Span<double>(), outer, n, m, inner, at.Span<int64>(), y.Write<double>())
        | DType.Float32 -> IndexKernels.ScatterAdd(x.Span<float32>(), outer, n, m, inner, at.Span<int64>(), y.Write<float32>())
        | DType.Int64 -> IndexKernels.ScatterAdd(x.Span<int64>(), outer, n, m, inner, at.Span<int64>(), y.Write<int64>())
        | DType.Int32 -> IndexKernels.ScatterAdd(x.Span<int>(), outer, n, m, inner, at.Span<int64>(), y.Write<int>())
        | DType.UInt8 -> IndexKernels.ScatterAdd(x.Span<byte>(), outer, n, m, inner, at.Span<int64>(), y.Write<byte>())
        | t -> Numbers.unsupported "adding at positions" t "convert with Cast first."

        y

    override this.Push(_, _, index, _, d) = Tensor.Apply(this, d, index)
    override _.Pull(_, _, index, _, w) = Tensor.Apply(GatherRule axis, w, index)

/// For each of n places the last k with positions[k] there, or -1.
[<Sealed>]
type internal LastWriterRule(n: int) =
    inherit UnaryRule("last_writer")
    override _.Attributes = ValueSome [| "n", Attribute.Int n |]
    override _.Infer _ = Spec.Of(DType.Int64, Shape [| n |])

    /// One row of n places behind the other; a writer's number counts from the start of its own example again.
    override _.Batch x =
        let count, m = Stacks.Size x, x.Shape.Sizes[1]
        let writer = Tensor.ReshapeTo(Tensor.Apply(LastWriterRule(count * n), TakeRule.Merged(x, n)), Shape [| count; n |])
        let starts = Const(NDArray.Adopt(Shape [| count; 1 |], Array.init count (fun k -> int64 k * int64 m)))
        let nobody = Const(NDArray.ScalarOf -1L)
        Tensor.Select(Tensor.Compare(CompareOp.Equal, writer, nobody), nobody, Tensor.Binary(BinaryOp.Subtract, writer, starts))
    override _.Differentiable = false

    override _.Value x =
        let writer = Array.create n -1L
        IndexKernels.LastWriter(x.Contiguous().Span<int64>(), writer)
        NDArray.Adopt(Shape [| n |], writer)

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// The extremum of x [n] and those of src [m] that go to its places; without self, x counts only where nothing goes.
[<Sealed>]
type internal ScatterExtremumRule(largest: bool, includeSelf: bool) =
    inherit ManyRule("scatter_extremum")
    override _.Attributes = ValueSome [| "largest", Attribute.Flag largest; "include_self", Attribute.Flag includeSelf |]
    override _.Infer xs = [| xs[0].With xs[0].Shape |]

    /// One example's places behind the other's.
    override this.Batch(xs, stacked) =
        let count = Stacks.SizeOf(xs, stacked)
        let xs = Array.map2 (fun x s -> Stacks.Of(x, s, count)) xs stacked
        let n = xs[0].Shape.Sizes[1]
        let flat (x: Tensor) = Tensor.ReshapeTo(x, Shape [| x.Count |])
        let ys = Tensor.Apply(this, [| flat xs[0]; flat xs[1]; TakeRule.Merged(xs[2], n) |])
        [| Tensor.ReshapeTo(ys[0], xs[0].Shape) |]

    override _.Value xs =
        let x, src, at = xs[0].Contiguous(), xs[1].Contiguous(), xs[2].Contiguous()
        let y = NDArray.Allocate(x.DType, x.Shape)
        NDArray.CopyInto(x, y, 0, [| 1 |])
        let seen = Array.create x.Count includeSelf

        match x.DType with
        | DType.Float64 -> IndexKernels.ScatterExtremum(src.Span<double>(), at.Span<int64>(), largest, seen, y.Write<double>())
        | DType.Float32 -> IndexKernels.ScatterExtremum(src.Span<float32>(), at.Span<int64>(), largest, seen, y.Write<float32>())
        | DType.Int64 -> IndexKernels.ScatterExtremum(src.Span<int64>(), at.Span<int64>(), largest, seen, y.Write<int64>())
        | DType.Int32 -> IndexKernels.ScatterExtremum(src.Span<int>(), at.Span<int64>(), largest, seen, y.Write<int>())
        | _ -> IndexKernels.ScatterExtremum(src.Span<byte>(), at.Span<int64>(), largest, seen, y.Write<byte>())

        [| y |]

    /// The shares of x and of src in the extrema: 1 over the number that tie, 0 elsewhere.
    member private _.Shares(xs: Tensor[], y: Tensor) : struct (Tensor * Tensor) =
        let x, src, at = xs[0], xs[1], xs[2]
        let put (values: Tensor) = Tensor.Apply(PutAddRule(0, x.Count), values, at)
        let zero = Const(NDArray.WeakScalar 0.0)
        let wins (a: Tensor) (b: Tensor) = Tensor.Cast(Tensor.Compare(CompareOp.Equal, a, b), y.DType)

        let own =
            if includeSelf then
                wins x y
            else
                let untouched = Tensor.Compare(CompareOp.Equal, put (Tensor.FullLike(src, 1.0)), zero)
                Tensor.Select(untouched, Tensor.FullLike(y, 1.0), zero)

        let others = wins src (Tensor.Take(y, 0, at))
        let ties = own + put others
        struct (own / ties, others / Tensor.Take(ties, 0, at))

    override this.Push(input, xs, ys, d) =
        let struct (own, others) = this.Shares(xs, ys[0])

        match input with
        | 0 -> [| ValueSome(Tensor.Scale(d, own)) |]
        | 1 -> [| ValueSome(Tensor.Apply(PutAddRule(0, xs[0].Count), Tensor.Scale(d, others), xs[2])) |]
        | _ -> [| ValueNone |]

    override this.Pull(xs, ys, ws, wanted) =
        match ws[0] with
        | ValueNone -> Array.create 3 ValueNone
        | ValueSome w ->
            let struct (own, others) = this.Shares(xs, ys[0])
            let g k value = if wanted[k] then ValueSome(value ()) else ValueNone
            [| g 0 (fun () -> Tensor.Scale(w, own)); g 1 (fun () -> Tensor.Scale(Tensor.Take(w, 0, xs[2]), others)); ValueNone |]

namespace rec DiffLib

open System
open DiffLib.Kernels

// Chapter 6, continued: the rules of gathering and scattering. Each is linear in what it moves; positions are inputs without a derivative.

/// y[o, j, i] = x[o, index[o, j, i], i]: the index has x's sizes but for the axis. Linear in the first input.
[<Sealed>]
type internal GatherRule(axis: int) =
    inherit BinaryRule("gather")

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

    override _.Value(x, index) =
        let x, at = x.Contiguous(), index.Contiguous()
        let struct (outer, m, inner) = x.Shape.Around axis
        let y = NDArray.Zeros(x.DType, x.Shape.With(axis, n))

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

namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 6, continued: order. The order itself has no derivative; sorted values are taken by it, so that ties follow the order.

/// The first k of the order that sorts along an axis.
[<Sealed>]
type internal TopKRule(axis: int, k: int, largest: bool) =
    inherit UnaryRule("topk")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "k", Attribute.Int k; "largest", Attribute.Flag largest |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape.With(axis, k))
    override _.Batch x = Tensor.Apply(TopKRule(axis + 1, k, largest), x)
    override _.Differentiable = false

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(DType.Int64, x.Shape.With(axis, k))

        if k > 0 then
            match x.DType with
            | DType.Float64 -> IndexKernels.TopK(x.Span<double>(), outer, n, inner, k, largest, y.Write<int64>())
            | DType.Float32 -> IndexKernels.TopK(x.Span<float32>(), outer, n, inner, k, largest, y.Write<int64>())
            | DType.Int64 -> IndexKernels.TopK(x.Span<int64>(), outer, n, inner, k, largest, y.Write<int64>())
            | DType.Int32 -> IndexKernels.TopK(x.Span<int>(), outer, n, inner, k, largest, y.Write<int64>())
            | _ -> IndexKernels.TopK(x.Span<byte>(), outer, n, inner, k, largest, y.Write<int64>())

        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// For each of v how many of the sorted numbers in its row lie before it: sorted [n] for all, or [...; n] with v [...; m].
[<Sealed>]
type internal SearchSortedRule(right: bool) =
    inherit BinaryRule("search_sorted")
    override _.Attributes = ValueSome [| "right", Attribute.Flag right |]
    override _.Infer(_, v) = Spec.Of(DType.Int64, v.Shape)

    /// One row for all stays so; a row for each example meets the example's values in one row.
    override this.Batch(sorted, v, stackedSorted, stackedV) =
        if sorted.Rank = 1 then
            Tensor.Apply(this, sorted, v)
        else
            let struct (sorted, v) = Lifting.Both(sorted, v, stackedSorted, stackedV)

            if sorted.Rank > 2 then
                Tensor.Apply(this, sorted, v)
            else
                let n = Stacks.Size v
                let rows = Tensor.ReshapeTo(v, Shape [| n; v.Count / max 1 n |])
                Tensor.ReshapeTo(Tensor.Apply(this, sorted, rows), v.Shape)
    override _.Differentiable = false

    static member private Search(s: ReadOnlySpan<'t>, v: ReadOnlySpan<'t>, one: bool, n: int, m: int, right: bool, y: Span<int64>) =
        for k in 0 .. v.Length - 1 do
            let row = if one then s else s.Slice(k / m * n, n)
            y[k] <- int64 (IndexKernels.Search(row, v[k], right))

    override _.Value(sorted, v) =
        let s, v = sorted.Contiguous(), v.Contiguous()
        let n = s.Shape[-1]
        let m = if v.Rank = 0 then 1 else v.Shape[-1]
        let y = NDArray.Allocate(DType.Int64, v.Shape)

        match s.DType with
        | DType.Float64 -> SearchSortedRule.Search(s.Span<double>(), v.Span<double>(), s.Rank = 1, n, m, right, y.Write<int64>())
        | DType.Float32 -> SearchSortedRule.Search(s.Span<float32>(), v.Span<float32>(), s.Rank = 1, n, m, right, y.Write<int64>())
        | DType.Int64 -> SearchSortedRule.Search(s.Span<int64>(), v.Span<int64>(), s.Rank = 1, n, m, right, y.Write<int64>())
        | DType.Int32 -> SearchSortedRule.Search(s.Span<int>(), v.Span<int>(), s.Rank = 1, n, m, right, y.Write<int64>())
        | _ -> SearchSortedRule.Search(s.Span<byte>(), v.Span<byte>(), s.Rank = 1, n, m, right, y.Write<int64>())

        y

    override _.Push(_, _, _, y, _) = y
    override _.Pull(_, a, _, _, _) = a

/// The distinct rows of [n; width] in order: the first place of each, the distinct one that each row is, how often each occurs.
[<Sealed>]
type internal UniqueRowsRule() =
    inherit ManyRule("unique_rows")
    override _.Attributes = ValueSome [||]
    override _.Infer _ = UniqueRowsRule.Refuse()
    override _.Batch(_, _) = UniqueRowsRule.Refuse()

    static member private Refuse<'t>() : 't =
        Rules.shapeOfData "the distinct elements (Unique)" "Use Sort, which keeps the shape, and compare neighbours."
    override _.Differentiable = false

    static member private Of<'t when 't: unmanaged and 't: struct and 't: (new: unit -> 't) and 't :> ValueType and 't :> System.Numerics.INumber<'t>>
        (rows: 't[], n: int, width: int)
        : NDArray[] =
        let order = IndexKernels.SortRows(rows, n, width)
        let inverse = Array.zeroCreate<int64> n
        let first = ResizeArray<int64>()
        let counts = ResizeArray<int64>()

        for k in 0 .. n - 1 do
            if
                k = 0
                || IndexKernels.CompareRows(ReadOnlySpan<'t>(rows, order[k - 1] * width, width), ReadOnlySpan<'t>(rows, order[k] * width, width)) <> 0
            then
                first.Add(int64 order[k])
                counts.Add 0L

            counts[counts.Count - 1] <- counts[counts.Count - 1] + 1L
            inverse[order[k]] <- int64 (counts.Count - 1)

        [| NDArray.Adopt(Shape [| first.Count |], first.ToArray())
           NDArray.Adopt(Shape [| n |], inverse)
           NDArray.Adopt(Shape [| counts.Count |], counts.ToArray()) |]

    override _.Value xs =
        let x = xs[0].Contiguous()
        let n, width = x.Shape[0], x.Shape[1]

        match x.DType with
        | DType.Float64 -> UniqueRowsRule.Of(x.ToArray<double>(), n, width)
        | DType.Float32 -> UniqueRowsRule.Of(x.ToArray<float32>(), n, width)
        | DType.Int64 -> UniqueRowsRule.Of(x.ToArray<int64>(), n, width)
        | DType.Int32 -> UniqueRowsRule.Of(x.ToArray<int>(), n, width)
        | _ -> UniqueRowsRule.Of((x.Cast DType.UInt8).ToArray<byte>(), n, width)

    override _.Push(_, _, ys, _) = Array.create ys.Length ValueNone
    override _.Pull(xs, _, _, _) = Array.create xs.Length ValueNone

/// Order, search and distinct values.
[<AbstractClass; Sealed>]
type internal Sorting =

    /// A number counts as a vector of one.
    static member private Lifted(x: Tensor, axis: int, f: Tensor -> int -> Tensor) : Tensor =
        if x.Rank > 0 then
            f x (x.Shape.Axis axis)
        else
            if axis < -1 || axis > 0 then x.Shape.Axis axis |> ignore
            Tensor.ReshapeTo(f (Tensor.ReshapeTo(x, Shape [| 1 |])) 0, Shape.Scalar)

    static member ArgSort(x: Tensor, axis: int, descending: bool) : Tensor =
        Sorting.Lifted(x, axis, fun x d -> Tensor.Apply(ArgSortRule(d, descending), x))

    static member Sort(x: Tensor, axis: int, descending: bool) : struct (Tensor * Tensor) =
        let order = Sorting.ArgSort(x, axis, descending)
        struct (Indexing.Gather(x, axis, order), order)

    static member TopK(x: Tensor, k: int, axis: int, largest: bool) : struct (Tensor * Tensor) =
        let n = if x.Rank = 0 then 1 else x.Shape[axis]

        if k < 0 || k > n then
            raise (ArgumentOutOfRangeException("k", k, $"topK: k must be from 0 to {n}, the size of the axis in shape {x.Shape}."))

        if x.Rank = 0 then
            let y = Tensor.ReshapeTo(x, Shape [| 1 |])
            let struct (values, order) = Sorting.TopK(y, k, axis, largest)
            if k = 1 then struct (x, Tensor.ReshapeTo(order, Shape.Scalar)) else struct (values, order)
        else
            let d = x.Shape.Axis axis
            // a few of many are found without sorting the rest
            let order = if k <= n / 8 then Tensor.Apply(TopKRule(d, k, largest), x) else Shaping.Narrow(Sorting.ArgSort(x, d, largest), d, 0, k)

            struct (Indexing.Gather(x, axis, order), order)

    /// For each value the place where it belongs in a sorted row.
    static member SearchSorted(sorted: Tensor, values: Tensor, right: bool, sorter: Tensor | null) : Tensor =
        let sorted =
            match sorter with
            | null -> sorted
            | sorter -> Indexing.TakeAlongAxis(sorted, sorter, -1)

        let rows (s: Shape) = s.Sizes |> Array.take (max 0 (s.Rank - 1))

        if sorted.Rank = 0 || (sorted.Rank > 1 && (values.Rank = 0 || rows sorted.Shape <> rows values.Shape)) then
            invalidArg
                "sorted"
                $"searchSorted: sorted is {sorted.Shape} and values {values.Shape}; sorted must be a vector, or agree with values in all axes but the last."

        let common = DTypes.promote sorted.DType sorted.IsWeak values.DType values.IsWeak
        Tensor.Apply(SearchSortedRule right, Tensor.Cast(sorted, common), Tensor.Cast(values, common))

    /// The distinct elements in ascending order, which of them each element is, and how often each occurs.
    static member Unique(x: Tensor) : struct (Tensor * Tensor * Tensor) =
        let flat = Tensor.ReshapeTo(x, Shape [| x.Count |])
        let found = Tensor.Apply(UniqueRowsRule(), [| Tensor.ReshapeTo(flat, Shape [| x.Count; 1 |]) |])
        struct (Tensor.Take(flat, 0, found[0]), Tensor.ReshapeTo(found[1], x.Shape), found[2])

    /// The distinct entries of an axis in lexicographic order.
    static member Unique(x: Tensor, axis: int) : struct (Tensor * Tensor * Tensor) =
        let d = x.Shape.Axis axis
        let n = x.Shape.Sizes[d]
        let width = if n = 0 then 0 else x.Count / n
        let rows = Tensor.ReshapeTo(Shaping.MoveAxis(x, [| d |], [| 0 |]), Shape [| n; width |])
        let found = Tensor.Apply(UniqueRowsRule(), [| rows |])
        struct (Tensor.Take(x, d, found[0]), found[1], found[2])

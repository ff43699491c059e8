namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 6, continued: gathering and scattering. Where entries go is computed in integers, which have no derivative; what goes there
// is moved by taking and by its transpose, adding at positions. So gather and scatter-add are each other's derivatives by construction.

/// How entries that meet at one place are combined.
type ScatterReduction =
    /// Their sum.
    | Sum = 0
    /// Their product.
    | Product = 1
    /// Their mean.
    | Mean = 2
    /// The largest; the gradient is shared equally among those that tie.
    | Maximum = 3
    /// The smallest; the gradient is shared equally among those that tie.
    | Minimum = 4

/// Gathering and scattering by positions and masks.
[<AbstractClass; Sealed>]
type internal Indexing =

    // ---- positions

    static member private DemandIntegers(name: string, index: Tensor) =
        if DTypes.kind index.DType <> 1 then
            invalidArg name $"positions are integers, but {name} is {DTypes.name index.DType}. Convert it with Cast, or use a mask."

    /// Checked positions along an axis of length n, counted from the front.
    static member private Checked(index: Tensor, axis: int, n: int) : Tensor =
        Indexing.DemandIntegers("index", index)
        Tensor.Apply(PositionsRule(axis, n), index)

    /// The same for positions in a row, as a vector.
    static member private CheckedVector(index: Tensor, axis: int, n: int) : Tensor =
        if index.Rank > 1 then
            invalidArg "index" $"the positions are a vector, but index has shape {index.Shape}. Flatten it, or use Gather."

        Tensor.ReshapeTo(Indexing.Checked(index, axis, n), Shape [| index.Count |])

    /// Row-major numbers in a shape of the entries whose place along the axis is to be replaced by an index of another shape.
    static member private Bases(shape: Shape, axis: int, sizes: int[]) : NDArray =
        let steps = shape.RowMajorStrides
        steps[axis] <- 0
        let out = Shape sizes
        let bases = Array.zeroCreate<int64> out.Count
        let index = Array.zeroCreate sizes.Length
        let mutable at = 0

        for k in 0 .. bases.Length - 1 do
            bases[k] <- int64 at
            let mutable d = sizes.Length - 1
            let mutable carry = true

            while carry && d >= 0 do
                at <- at + steps[d]
                index[d] <- index[d] + 1

                if index[d] < sizes[d] then
                    carry <- false
                else
                    at <- at - steps[d] * sizes[d]
                    index[d] <- 0
                    d <- d - 1

        NDArray.Adopt(out, bases)

    /// Row-major numbers in a shape, from positions along one axis; the other coordinates are those of the index itself.
    static member private Numbers(shape: Shape, axis: int, index: Tensor) : Tensor =
        let positions = Indexing.Checked(index, axis, shape.Sizes[axis])
        if shape.Rank = 1 then
            positions
        else
            positions * Const(NDArray.ScalarOf<int64>(int64 shape.RowMajorStrides[axis])) + Const(Indexing.Bases(shape, axis, index.Shape.Sizes))

    static member private Flat(x: Tensor) : Tensor = Tensor.ReshapeTo(x, Shape [| x.Count |])

    /// The elements with these row-major numbers, in the numbers' shape.
    static member private TakeNumbers(x: Tensor, numbers: Tensor) : Tensor =
        Tensor.ReshapeTo(Tensor.Take(Indexing.Flat x, 0, Indexing.Flat numbers), numbers.Shape)

    /// Elements added up at these row-major numbers of a shape.
    static member private AddNumbers(src: Tensor, numbers: Tensor, shape: Shape) : Tensor =
        Tensor.ReshapeTo(Tensor.Apply(PutAddRule(0, shape.Count), Indexing.Flat src, Indexing.Flat numbers), shape)

    static member private Common(a: Tensor, b: Tensor) : struct (Tensor * Tensor) =
        let common = DTypes.promote a.DType a.IsWeak b.DType b.IsWeak
        struct (Tensor.Cast(a, common), Tensor.Cast(b, common))

    static member private Zero = Const(NDArray.WeakScalar 0)

    static member private Written(writer: Tensor) : Tensor = Tensor.Compare(CompareOp.GreaterOrEqual, writer, Indexing.Zero)

    /// x with src at these row-major numbers; where several meet, the last one in row-major order stays, and only it has a gradient.
    static member private SetNumbers(x: Tensor, numbers: Tensor, src: Tensor) : Tensor =
        let struct (x, src) = Indexing.Common(x, src)

        if src.Count = 0 then
            x
        else
            let writer = Tensor.Apply(LastWriterRule x.Count, Indexing.Flat numbers)
            let chosen = Tensor.Take(Indexing.Flat src, 0, Tensor.Binary(BinaryOp.Maximum, writer, Indexing.Zero))
            Tensor.ReshapeTo(Tensor.Select(Indexing.Written writer, chosen, Indexing.Flat x), x.Shape)

    /// A number counts as a vector of one while f works on it.
    static member private AsVector(x: Tensor, f: Tensor -> Tensor) : Tensor =
        if x.Rank > 0 then f x else Tensor.ReshapeTo(f (Tensor.ReshapeTo(x, Shape [| 1 |])), Shape.Scalar)

    static member private AtLeast1D(x: Tensor) : Tensor = if x.Rank > 0 then x else Tensor.ReshapeTo(x, Shape [| 1 |])

    /// The part of x that an index reaches: its own sizes in all axes but one.
    static member private Reached(x: Tensor, axis: int, index: Shape) : Tensor =
        Array.fold (fun (y: Tensor) d -> if d = axis then y else Shaping.Narrow(y, d, 0, index.Sizes[d])) x [| 0 .. x.Rank - 1 |]

    static member private DemandGather(operation: string, x: Shape, axis: int, index: Shape) =
        let fits = index.Rank = x.Rank && Seq.forall (fun d -> d = axis || index.Sizes[d] <= x.Sizes[d]) (seq { 0 .. x.Rank - 1 })

        if not fits then
            invalidArg
                "index"
                $"{operation} along axis {axis}: index is {index} and the tensor {x}; the ranks must agree, and no size of index but that of axis {axis} may be larger. Broadcast with TakeAlongAxis."

    // ---- taking

    /// y[i, j, k] = x[i, index[i, j, k], k] for axis 1; an index may be smaller than x in the other axes.
    static member Gather(x: Tensor, axis: int, index: Tensor) : Tensor =
        if x.Rank = 0 && index.Rank <= 1 then
            Tensor.ReshapeTo(Indexing.Gather(Indexing.AtLeast1D x, axis, Indexing.AtLeast1D index), index.Shape)
        else
            let d = x.Shape.Axis axis
            Indexing.DemandGather("gather", x.Shape, d, index.Shape)
            Tensor.Apply(GatherRule d, Indexing.Reached(x, d, index.Shape), Indexing.Checked(index, d, x.Shape.Sizes[d]))

    /// As Gather, where x and index broadcast in the other axes.
    static member TakeAlongAxis(x: Tensor, index: Tensor, axis: int) : Tensor =
        if index.Rank <> x.Rank then
            invalidArg "index" $"takeAlongAxis: index is {index.Shape} and the tensor {x.Shape}; the ranks must agree. Insert axes with ExpandDims."

        let d = x.Shape.Axis axis
        let rest = Shape.Broadcast("takeAlongAxis", x.Shape.With(d, 1), index.Shape.With(d, 1))
        Indexing.Gather(Tensor.BroadcastTo(x, rest.With(d, x.Shape.Sizes[d])), d, Tensor.BroadcastTo(index, rest.With(d, index.Shape.Sizes[d])))

    /// The entries of an axis at positions in a row.
    static member IndexSelect(x: Tensor, axis: int, index: Tensor) : Tensor =
        if x.Rank = 0 then
            Tensor.ReshapeTo(Indexing.IndexSelect(Indexing.AtLeast1D x, axis, index), index.Shape)
        else
            let d = x.Shape.Axis axis
            Tensor.Take(x, d, Indexing.CheckedVector(index, d, x.Shape.Sizes[d]))

    /// The elements with the given row-major numbers, in the shape of the numbers.
    static member TakeFlat(x: Tensor, index: Tensor) : Tensor = Indexing.TakeNumbers(x, Indexing.Checked(index, 0, x.Count))

    /// The entries of an axis at positions of any shape, which takes the place of the axis.
    static member Take(x: Tensor, index: Tensor, axis: int) : Tensor =
        let d = x.Shape.Axis axis
        let positions = Indexing.Flat(Indexing.Checked(index, d, x.Shape.Sizes[d]))
        let s = x.Shape.Sizes
        Tensor.ReshapeTo(Tensor.Take(x, d, positions), Shape(Array.concat [ Array.take d s; index.Shape.Sizes; Array.skip (d + 1) s ]))

    static member private DemandMask(mask: Tensor) =
        if mask.DType <> DType.Bool then
            invalidArg "mask" $"a mask is bool, but this one is {DTypes.name mask.DType}. Compare it, or convert it with Cast."

    static member NonZero(x: Tensor) : Tensor = Tensor.Apply(NonZeroRule(), x)

    /// The row-major numbers of the true elements.
    static member private MaskNumbers(mask: Tensor) : Tensor = Indexing.Flat(Indexing.NonZero(Indexing.Flat mask))

    /// The elements where a mask is true, as a vector in row-major order.
    static member MaskedSelect(x: Tensor, mask: Tensor) : Tensor =
        Indexing.DemandMask mask
        let shape = Shape.Broadcast("maskedSelect", x.Shape, mask.Shape)
        Indexing.TakeNumbers(Tensor.BroadcastTo(x, shape), Indexing.MaskNumbers(Tensor.BroadcastTo(mask, shape)))

    // ---- putting

    /// The value where the mask is true, x elsewhere.
    static member MaskedFill(x: Tensor, mask: Tensor, value: Tensor) : Tensor =
        Indexing.DemandMask mask
        Tensor.Select(mask, value, x)

    /// The entries of source, one after the other, where the mask is true.
    static member MaskedScatter(x: Tensor, mask: Tensor, source: Tensor) : Tensor =
        Indexing.DemandMask mask
        let shape = Shape.Broadcast("maskedScatter", x.Shape, mask.Shape)
        let struct (x, source) = Indexing.Common(x, source)
        let mask = Tensor.BroadcastTo(mask, shape)
        // where each entry comes from does not depend on how many the mask lets through: the shape is known before the mask is
        let order = Tensor.Apply(MaskOrderRule source.Count, Indexing.Flat mask)

        if source.Count = 0 then
            Tensor.Select(mask, Tensor.ReshapeTo(Tensor.Cast(order, x.DType), shape), Tensor.BroadcastTo(x, shape))
        else
            let chosen = Tensor.ReshapeTo(Tensor.Take(Indexing.Flat source, 0, order), shape)
            Tensor.Select(mask, chosen, x)

    /// The part of src that the index covers.
    static member private Covered(operation: string, src: Tensor, index: Shape) : Tensor =
        if src.Rank = 0 then
            Tensor.BroadcastTo(src, index)
        else
            if src.Rank <> index.Rank || not (Array.forall2 (<=) index.Sizes src.Shape.Sizes) then
                invalidArg
                    "source"
                    $"{operation}: index is {index} and source {src.Shape}; the ranks must agree, and source be at least as large in every axis."

            Tensor.Indexed(src, index.Sizes |> Array.map (fun s -> TensorIndex.op_Implicit (Range(0, s))))

    /// Axis, index and covered source of a scatter into x, checked, and the scatter with them.
    static member private Scattered
        (operation: string, x: Tensor, axis: int, index: Tensor, source: Tensor, run: Tensor -> int -> Tensor -> Tensor -> Tensor)
        : Tensor =
        Indexing.AsVector(
            x,
            fun x ->
                let index = Indexing.AtLeast1D index
                let source = if source.Rank = 0 then source else Indexing.AtLeast1D source
                let d = x.Shape.Axis axis

                if index.Count = 0 then
                    x
                else
                    Indexing.DemandGather(operation, x.Shape, d, index.Shape)
                    let struct (x, source) = Indexing.Common(x, source)
                    run x d index (Indexing.Covered(operation, source, index.Shape))
        )

    /// y[i, index[i, j], k] = source[i, j, k]: the last one stays where several meet.
    static member Scatter(x: Tensor, axis: int, index: Tensor, source: Tensor) : Tensor =
        Indexing.Scattered("scatter", x, axis, index, source, fun x d index src -> Indexing.SetNumbers(x, Indexing.Numbers(x.Shape, d, index), src))

    /// x with source added at the places of the index; what meets adds up. The transpose of Gather.
    static member ScatterAdd(x: Tensor, axis: int, index: Tensor, source: Tensor) : Tensor =
        Indexing.Scattered(
            "scatterAdd",
            x,
            axis,
            index,
            source,
            fun x d index src ->
                let n = x.Shape.Sizes[d]
                let added = Tensor.Apply(ScatterAddRule(d, n), src, Indexing.Checked(index, d, n))
                if added.Shape.Equals x.Shape then
                    x + added
                else
                    x + Tensor.Apply(EmbedRule(Array.zeroCreate x.Rank, Array.create x.Rank 1, x.Shape), added)
        )

    // ---- combining what meets at a place

    /// How many go to each place.
    static member private Counts(numbers: Tensor, shape: Shape) : Tensor =
        Indexing.AddNumbers(Const(NDArray.ScalarOf(1L).BroadcastTo numbers.Shape), numbers, shape)

    /// x, or zero where something goes and x does not count.
    static member private Base(x: Tensor, counts: Tensor, includeSelf: bool) : Tensor =
        if includeSelf then
            x
        else
            Tensor.Select(Tensor.Compare(CompareOp.Greater, counts, Indexing.Zero), Const(NDArray.Zeros(x.DType, Shape.Scalar)), x)

    static member private CombineMean(x: Tensor, numbers: Tensor, src: Tensor, includeSelf: bool) : Tensor =
        let x, src = Tensor.Fractional x, Tensor.Fractional src
        let counts = Indexing.Counts(numbers, x.Shape)
        let own = if includeSelf then 1 else 0
        let parts = Tensor.Binary(BinaryOp.Maximum, counts + own, Const(NDArray.WeakScalar 1))
        (Indexing.Base(x, counts, includeSelf) + Indexing.AddNumbers(src, numbers, x.Shape)) / Tensor.Cast(parts, x.DType)

    /// The order of entries by their place, stable; and for each the number of those before it at the same place.
    static member private Ranked(places: int64[]) : struct (int[] * int[]) =
        let order = Array.init places.Length id |> Array.sortBy (fun k -> places[k])
        let rank = Array.zeroCreate places.Length

        for k in 1 .. order.Length - 1 do
            if places[order[k]] = places[order[k - 1]] then rank[k] <- rank[k - 1] + 1

        struct (order, rank)

    /// Products over what meets at a place where the index is not known yet: the entries in order of place, each multiplied by the one d before it if
    /// that has the same place, for d = 1, 2, 4 ... The last of each place then holds the whole product (W. Hillis & G. Steele, "Data parallel
    /// algorithms", 1986).
    static member private ScanProduct(x: Tensor, numbers: Tensor, src: Tensor, includeSelf: bool) : Tensor =
        let n, m = x.Count, src.Count
        let numbers = Indexing.Flat numbers
        let one = Creation.Full(x.DType, Shape.Scalar, 1.0)

        let own =
            if includeSelf then
                Indexing.Flat x
            else
                let touched = Tensor.Compare(CompareOp.Greater, Indexing.Counts(numbers, Shape [| n |]), Indexing.Zero)
                Tensor.Select(touched, one, Indexing.Flat x)

        let places = Joining.Concat([| Const(NDArray.Adopt(Shape [| n |], Array.init n int64)); numbers |], 0)
        let order = Tensor.Apply(ArgSortRule(0, false), places)
        let places = Tensor.Take(places, 0, order)
        let mutable values = Tensor.Take(Joining.Concat([| own; Indexing.Flat src |], 0), 0, order)
        let mutable d = 1

        while d <= m do
            let before (y: Tensor) (first: Tensor) =
                Joining.Concat([| Tensor.BroadcastTo(first, Shape [| d |]); Shaping.Narrow(y, 0, 0, n + m - d) |], 0)

            let same = Tensor.Compare(CompareOp.Equal, before places (Const(NDArray.ScalarOf -1L)), places)
            values <- values * Tensor.Select(same, before values one, one)
            d <- 2 * d

        Tensor.ReshapeTo(Tensor.Take(values, 0, Tensor.Apply(LastWriterRule n, places)), x.Shape)

    /// Products by pairs, round by round: no division, so that zeros are exact at every order of derivative.
    /// Which entries meet decides the rounds, so the index is read as numbers here, if it has any.
    static member private CombineProduct(x: Tensor, numbers: Tensor, src: Tensor, includeSelf: bool) : Tensor =
        let targets = numbers.Value.ToArray<int64>()
        let touched = Array.create x.Count false

        for t in targets do
            touched[int t] <- true

        // every place has at least one entry: its own, or the first that goes there
        let own =
            [| for k in 0 .. x.Count - 1 do
                   if includeSelf || not touched[k] then int64 k |]
        let position (index: int64[]) = Const(NDArray.Adopt(Shape [| index.Length |], index))
        let entries = Joining.Concat([| Tensor.Take(Indexing.Flat x, 0, position own); Indexing.Flat src |], 0)
        let places = Array.append own targets
        let struct (order, _) = Indexing.Ranked places
        let mutable values = Tensor.Take(entries, 0, position (Array.map int64 order))
        let mutable places = order |> Array.map (fun k -> places[k])

        while places.Length > x.Count do
            // the places are in order: pair each entry of even rank with its successor at the same place, or with 1
            let struct (_, rank) = Indexing.Ranked places
            let n = places.Length
            let even =
                [| for k in 0 .. n - 1 do
                       if rank[k] % 2 = 0 then k |]
            let partner k = if k + 1 < n && places[k + 1] = places[k] then k + 1 else n
            let padded = Joining.Concat([| values; Creation.Full(values.DType, Shape [| 1 |], 1.0) |], 0)
            values <-
                Tensor.Take(values, 0, position (Array.map int64 even))
                * Tensor.Take(padded, 0, position (even |> Array.map (fun k -> int64 (partner k))))
            places <- even |> Array.map (fun k -> places[k])

        Tensor.ReshapeTo(values, x.Shape)

    static member private Combine(x: Tensor, numbers: Tensor, src: Tensor, how: ScatterReduction, includeSelf: bool) : Tensor =
        let struct (x, src) = Indexing.Common(x, src)

        match how with
        | ScatterReduction.Sum -> Indexing.Base(x, Indexing.Counts(numbers, x.Shape), includeSelf) + Indexing.AddNumbers(src, numbers, x.Shape)
        | ScatterReduction.Mean -> Indexing.CombineMean(x, numbers, src, includeSelf)
        | ScatterReduction.Product when numbers.IsKnown -> Indexing.CombineProduct(x, numbers, src, includeSelf)
        | ScatterReduction.Product -> Indexing.ScanProduct(x, numbers, src, includeSelf)
        | _ ->
            if x.DType = DType.Bool then Numbers.unsupported "scatterReduce" DType.Bool "convert with Cast first."
            let rule = ScatterExtremumRule((how = ScatterReduction.Maximum), includeSelf)
            Tensor.ReshapeTo(Tensor.Apply(rule, [| Indexing.Flat x; Indexing.Flat src; Indexing.Flat numbers |])[0], x.Shape)

    static member ScatterReduce(x: Tensor, axis: int, index: Tensor, source: Tensor, how: ScatterReduction, includeSelf: bool) : Tensor =
        Indexing.Scattered(
            "scatterReduce",
            x,
            axis,
            index,
            source,
            fun x d index src -> Indexing.Combine(x, Indexing.Numbers(x.Shape, d, index), src, how, includeSelf)
        )

    // ---- whole entries of an axis

    static member private DemandSource(operation: string, x: Shape, axis: int, index: Tensor, source: Tensor) =
        if not (source.Shape.Equals(x.With(axis, index.Count))) then
            invalidArg
                "source"
                $"{operation} along axis {axis}: the tensor is {x} and index has {index.Count} positions, so source must be {x.With(axis, index.Count)}, but it is {source.Shape}."

    /// x with entries of an axis changed at positions in a row.
    static member private AtEntries
        (operation: string, x: Tensor, axis: int, index: Tensor, source: Tensor, run: Tensor -> int -> Tensor -> Tensor -> Tensor)
        : Tensor =
        Indexing.AsVector(
            x,
            fun x ->
                let d = x.Shape.Axis axis
                let positions = Indexing.CheckedVector(index, d, x.Shape.Sizes[d])
                let source = if source.Rank = 0 && x.Rank = 1 then Indexing.AtLeast1D source else source
                Indexing.DemandSource(operation, x.Shape, d, positions, source)
                let struct (x, source) = Indexing.Common(x, source)
                run x d positions source
        )

    static member IndexAdd(x: Tensor, axis: int, index: Tensor, source: Tensor, alpha: double) : Tensor =
        Indexing.AtEntries(
            "indexAdd",
            x,
            axis,
            index,
            source,
            fun x d positions source ->
                // a whole factor keeps integers what they are
                let scaled =
                    if alpha = 1.0 then source
                    elif alpha = Math.Truncate alpha && abs alpha < 1e9 then source * int alpha
                    else source * alpha

                x + Tensor.Apply(PutAddRule(d, x.Shape.Sizes[d]), scaled, positions)
        )

    /// A mask over an axis in the place of that axis.
    static member private AlongAxis(mask: Tensor, rank: int, axis: int) : Tensor =
        Tensor.ReshapeTo(mask, Shape(Array.init rank (fun d -> if d = axis then mask.Count else 1)))

    static member IndexCopy(x: Tensor, axis: int, index: Tensor, source: Tensor) : Tensor =
        Indexing.AtEntries(
            "indexCopy",
            x,
            axis,
            index,
            source,
            fun x d positions source ->
                if source.Count = 0 then
                    x
                else
                    let writer = Tensor.Apply(LastWriterRule x.Shape.Sizes[d], positions)
                    let chosen = Tensor.Take(source, d, Tensor.Binary(BinaryOp.Maximum, writer, Indexing.Zero))
                    Tensor.Select(Indexing.AlongAxis(Indexing.Written writer, x.Rank, d), chosen, x)
        )

    static member IndexFill(x: Tensor, axis: int, index: Tensor, value: Tensor) : Tensor =
        Indexing.AsVector(
            x,
            fun x ->
                let d = x.Shape.Axis axis
                let positions = Indexing.CheckedVector(index, d, x.Shape.Sizes[d])
                let written = Indexing.Written(Tensor.Apply(LastWriterRule x.Shape.Sizes[d], positions))
                Tensor.Select(Indexing.AlongAxis(written, x.Rank, d), value, x)
        )

    static member IndexReduce(x: Tensor, axis: int, index: Tensor, source: Tensor, how: ScatterReduction, includeSelf: bool) : Tensor =
        Indexing.AtEntries(
            "indexReduce",
            x,
            axis,
            index,
            source,
            fun x d positions source ->
                let spread = Tensor.BroadcastTo(Indexing.AlongAxis(positions, x.Rank, d), source.Shape)
                if source.Count = 0 then x else Indexing.Combine(x, Indexing.Numbers(x.Shape, d, spread), source, how, includeSelf)
        )

    /// x with source at the given row-major numbers, replaced or added up.
    static member Put(x: Tensor, index: Tensor, source: Tensor, accumulate: bool) : Tensor =
        if index.Count <> source.Count then
            invalidArg "source" $"put: {index.Count} positions, but {source.Count} values. Give a value for each position."

        if index.Count = 0 then
            x
        else
            let numbers = Indexing.Checked(index, 0, x.Count)
            if accumulate then
                let struct (x, source) = Indexing.Common(x, source)
                x + Indexing.AddNumbers(source, numbers, x.Shape)
            else
                Indexing.SetNumbers(x, numbers, source)

    // ---- the indexer, written to

    /// The row-major numbers of the elements that indices name.
    static member private NumbersAt(shape: Shape, indices: TensorIndex[]) : Tensor =
        let all = NDArray.Adopt(Shape [| shape.Count |], Array.init shape.Count int64)
        Tensor.Indexed(Const(all.Reshape shape), indices)

    static member private DemandValues(values: Tensor, part: Shape, shape: Shape) =
        if not (values.Shape.BroadcastsTo part) then
            invalidArg "values" $"values of shape {values.Shape} for a part of shape {part} in {shape}. They must have that shape or broadcast to it."

    static member private HasTensors(indices: TensorIndex[]) = indices |> Array.exists (fun i -> i.Kind = 5uy)

    /// x with other values at the part that indices name.
    static member Set(x: Tensor, indices: TensorIndex[], values: Tensor) : Tensor =
        if Indexing.HasTensors indices then
            let numbers = Indexing.NumbersAt(x.Shape, indices)
            Indexing.DemandValues(values, numbers.Shape, x.Shape)
            Indexing.SetNumbers(x, numbers, Tensor.BroadcastTo(values, numbers.Shape))
        else
            let struct (starts, steps, sizes, result) = Tensor.Sliced(x.Shape, indices)
            Indexing.DemandValues(values, Shape result, x.Shape)
            let struct (x, values) = Indexing.Common(x, values)
            let moves = steps |> Array.mapi (fun d step -> Array.init steps.Length (fun k -> if k = d then step else 0))
            Tensor.Apply(ReplaceRule(starts, moves), x, Tensor.ReshapeTo(Tensor.BroadcastTo(values, Shape result), Shape sizes))

    /// x with values added at the part that indices name; at repeated positions they add up.
    static member AddAt(x: Tensor, indices: TensorIndex[], values: Tensor) : Tensor =
        let struct (x, values) = Indexing.Common(x, values)

        if Indexing.HasTensors indices then
            let numbers = Indexing.NumbersAt(x.Shape, indices)
            Indexing.DemandValues(values, numbers.Shape, x.Shape)
            x + Indexing.AddNumbers(Tensor.BroadcastTo(values, numbers.Shape), numbers, x.Shape)
        else
            let struct (starts, steps, sizes, result) = Tensor.Sliced(x.Shape, indices)
            Indexing.DemandValues(values, Shape result, x.Shape)
            let part = Tensor.ReshapeTo(Tensor.BroadcastTo(values, Shape result), Shape sizes)
            x + Tensor.Apply(EmbedRule(starts, steps, x.Shape), part)

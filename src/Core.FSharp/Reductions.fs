namespace rec DiffLib

open System
open DiffLib.Kernels

// Reductions: sums, products, extrema, sums of exponentials, and the counting of truths.
//
// All but the sums work on one axis: several are first merged into one, so that a rule sees [outer; n; inner] only.
// A result with an index is an index (which has no derivative) and a pick by it (which is linear).

/// The means over axes: sums divided by the number of elements. Linear.
[<Sealed>]
type internal MeanRule(axes: int[], keep: bool) =
    inherit LinearRule("mean")
    override _.Attributes = ValueSome [| "axes", Attribute.Ints axes; "keep", Attribute.Flag keep |]
    override _.Infer x = Spec.Of(Numbers.sumType x.DType, Numbers.reducedShape x.Shape axes keep)
    override _.Batch x = Tensor.Apply(MeanRule(axes |> Array.map (fun d -> d + 1), keep), x)

    member private _.Count(shape: Shape) = axes |> Array.fold (fun n d -> n * double shape.Sizes[d]) 1.0

    override this.Value x =
        let sum = Numbers.reduce ReduceOp.Sum axes keep x
        Numbers.binary BinaryOp.Divide sum (NDArray.WeakScalar(this.Count x.Shape).Cast sum.DType)

    override this.Transpose(x, w) =
        let shape = x.Shape
        let kept = if keep then w else Tensor.ReshapeTo(w, Numbers.reducedShape shape axes true)
        Tensor.BroadcastTo(kept / this.Count shape, shape)

/// A place on each line, which has no derivative: of the first extremum, by a kernel.
[<Sealed>]
type internal ArgExtremumRule(axis: int, largest: bool) =
    inherit UnaryRule(if largest then "argmax" else "argmin")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "largest", Attribute.Flag largest |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape.With(axis, 1))
    override _.Batch x = Tensor.Apply(ArgExtremumRule(axis + 1, largest), x)
    override _.Differentiable = false

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(DType.Int64, x.Shape.With(axis, 1))
        let at = y.Write<int64>()

        match x.DType with
        | DType.Float64 -> Reductions.ArgExtremum(largest, x.Span<double>(), outer, n, inner, at)
        | DType.Float32 -> Reductions.ArgExtremum(largest, x.Span<float32>(), outer, n, inner, at)
        | DType.Int64 -> Reductions.ArgExtremum(largest, x.Span<int64>(), outer, n, inner, at)
        | DType.Int32 -> Reductions.ArgExtremum(largest, x.Span<int>(), outer, n, inner, at)
        | _ -> Reductions.ArgExtremum(largest, x.Span<byte>(), outer, n, inner, at)

        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// Which part of each line's value every element is: 1/k for the k elements equal to it, else 0. Constant almost everywhere.
[<Sealed>]
type internal SharesRule(axis: int) =
    inherit BinaryRule("shares")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer(x, _) = x.With x.Shape
    override _.Batch(x, value, stackedX, stackedValue) =
        let struct (x, value) = Lifting.Both(x, value, stackedX, stackedValue)
        Tensor.Apply(SharesRule(axis + 1), x, value)
    override _.Differentiable = false

    override _.Value(x, value) =
        let x, value = x.Contiguous(), value.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let shares = NDArray.Allocate(x.DType, x.Shape)

        match x.DType with
        | DType.Float64 -> Lines.Shares(x.Span<double>(), value.Span<double>(), outer, n, inner, shares.Write<double>())
        | _ -> Lines.Shares(x.Span<float32>(), value.Span<float32>(), outer, n, inner, shares.Write<float32>())

        shares

    override _.Push(_, _, _, y, _) = y
    override _.Pull(_, a, _, _, _) = a

/// A value that equals elements of its line (an extremum, a median): those share its derivative equally.
[<AbstractClass>]
type internal SharedRule(name: string, axis: int) =
    inherit UnaryRule(name)
    override _.Push(x, y, dx) = Tensor.Apply(SumRule([| axis |], false), Tensor.Scale(dx, Tensor.Apply(SharesRule axis, x, y)))

    override _.Pull(x, y, w) = Tensor.Scale(Tensor.ReshapeTo(w, x.Shape.With(axis, 1)), Tensor.Apply(SharesRule axis, x, y))

/// The largest or smallest element of each line; ties share the derivative.
[<Sealed>]
type internal ExtremumRule(op: ReduceOp, axis: int) =
    inherit SharedRule((if op = ReduceOp.Maximum then "max" else "min"), axis)
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = x.With(x.Shape.Without axis)
    override _.Batch x = Tensor.Apply(ExtremumRule(op, axis + 1), x)

    override _.Value x =
        let y = Numbers.reduce op [| axis |] false x
        if x.DType = DType.Bool then y.Cast DType.Bool else y

/// Whether all or any of each line are true.
[<Sealed>]
type internal TruthRule(all: bool, axis: int) =
    inherit UnaryRule(if all then "all" else "any")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = Spec.Of(DType.Bool, x.Shape.Without axis)
    override _.Batch x = Tensor.Apply(TruthRule(all, axis + 1), x)
    override _.Differentiable = false

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(DType.Bool, x.Shape.Without axis)
        Reductions.ReduceBool(all, x.Span<bool>(), outer, n, inner, y.Write<bool>())
        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// The probabilities proportional to exp x along an axis. Its derivative is symmetric: dy = y (dx - ⟨y, dx⟩).
[<Sealed>]
type internal SoftmaxRule(axis: int) =
    inherit UnaryRule("softmax")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = x.With x.Shape
    override _.Batch x = Tensor.Apply(SoftmaxRule(axis + 1), x)

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape)

        match x.DType with
        | DType.Float64 -> Lines.Softmax(x.Span<double>(), outer, n, inner, y.Write<double>())
        | _ -> Lines.Softmax(x.Span<float32>(), outer, n, inner, y.Write<float32>())

        y

    override _.Push(_, y, dx) =
        let mean = Tensor.Apply(SumRule([| axis |], true), Tensor.Scale(dx, y))
        Tensor.Scale(dx - mean, y)

    override this.Pull(x, y, w) = this.Push(x, y, w)

/// ln softmax: dy = dx - ⟨exp y, dx⟩.
[<Sealed>]
type internal LogSoftmaxRule(axis: int) =
    inherit UnaryRule("log_softmax")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = x.With x.Shape
    override _.Batch x = Tensor.Apply(LogSoftmaxRule(axis + 1), x)

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape)

        match x.DType with
        | DType.Float64 -> Lines.LogSoftmax(x.Span<double>(), outer, n, inner, y.Write<double>())
        | _ -> Lines.LogSoftmax(x.Span<float32>(), outer, n, inner, y.Write<float32>())

        y

    override _.Push(_, y, dx) = dx - Tensor.Apply(SumRule([| axis |], true), Tensor.Scale(dx, Tensor.Exp y))
    override _.Pull(_, y, w) = w - Tensor.Scale(Tensor.Exp y, Tensor.Apply(SumRule([| axis |], true), w))

/// ln Σ exp x along an axis, shifted by the maximum; its gradient is the softmax.
/// P. Blanchard, D. Higham, N. Higham, "Accurately computing the log-sum-exp and softmax functions", 2021.
[<Sealed>]
type internal LogSumExpRule(axis: int) =
    inherit UnaryRule("logsumexp")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = x.With(x.Shape.Without axis)
    override _.Batch x = Tensor.Apply(LogSumExpRule(axis + 1), x)

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape.Without axis)

        match x.DType with
        | DType.Float64 -> Lines.LogSumExp(x.Span<double>(), outer, n, inner, y.Write<double>())
        | _ -> Lines.LogSumExp(x.Span<float32>(), outer, n, inner, y.Write<float32>())

        y

    override _.Push(x, _, dx) = Tensor.Apply(SumRule([| axis |], false), Tensor.Scale(dx, Tensor.Apply(SoftmaxRule axis, x)))
    override _.Pull(x, _, w) = Tensor.Scale(Tensor.ReshapeTo(w, x.Shape.With(axis, 1)), Tensor.Apply(SoftmaxRule axis, x))

/// The linear recurrence y[j] = a[j] y[j-1] + b[j] along an axis (from the end if reverse). Its derivative is another one, and its
/// transpose runs the other way: so scans of products differentiate exactly, zeros or not, at every order.
[<Sealed>]
type internal RecurrenceRule(axis: int, reverse: bool) =
    inherit BinaryRule("recurrence")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "reverse", Attribute.Flag reverse |]
    override _.Infer(a, _) = a.With a.Shape
    override _.Batch(a, b, stackedA, stackedB) =
        let struct (a, b) = Lifting.Both(a, b, stackedA, stackedB)
        Tensor.Apply(RecurrenceRule(axis + 1, reverse), a, b)

    override _.Value(a, b) =
        let a, b = a.Contiguous(), b.Contiguous()
        let struct (outer, n, inner) = a.Shape.Around axis
        let y = NDArray.Allocate(a.DType, a.Shape)

        match a.DType with
        | DType.Float64 -> Lines.Recurrence(reverse, a.Span<double>(), b.Span<double>(), outer, n, inner, y.Write<double>())
        | _ -> Lines.Recurrence(reverse, a.Span<float32>(), b.Span<float32>(), outer, n, inner, y.Write<float32>())

        y

    override this.Push(input, a, _, y, d) =
        if input = 1 then Tensor.Apply(this, a, d) else Tensor.Apply(this, a, Tensor.Scale(d, Along.Before(y, axis, reverse)))

    override _.Pull(input, a, _, y, w) =
        let g = Tensor.Apply(RecurrenceRule(axis, not reverse), Along.Before(a, axis, not reverse), w)
        if input = 1 then g else Tensor.Scale(g, Along.Before(y, axis, reverse))

/// The product of what stands before (behind, if reverse) each element of a line, 1 at the start.
[<Sealed>]
type internal ProductBeforeRule(axis: int, reverse: bool) =
    inherit UnaryRule("product_before")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "reverse", Attribute.Flag reverse |]
    override _.Infer x = x.With x.Shape
    override _.Batch x = Tensor.Apply(ProductBeforeRule(axis + 1, reverse), x)

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape)

        match x.DType with
        | DType.Float64 -> Lines.ProductBefore(reverse, x.Span<double>(), outer, n, inner, y.Write<double>())
        | _ -> Lines.ProductBefore(reverse, x.Span<float32>(), outer, n, inner, y.Write<float32>())

        y

    // y[j] = x[j-1] y[j-1], so dy[j] = x[j-1] dy[j-1] + dx[j-1] y[j-1]: a recurrence in what stands before
    override _.Push(x, y, dx) =
        Tensor.Apply(RecurrenceRule(axis, reverse), Along.Before(x, axis, reverse), Along.Before(Tensor.Scale(dx, y), axis, reverse))

    override _.Pull(x, y, w) =
        let after = Along.Before(w, axis, not reverse)
        Tensor.Scale(Tensor.Apply(RecurrenceRule(axis, not reverse), Along.Before(x, axis, not reverse), after), y)

/// Parts and shifts of a tensor along one axis.
[<AbstractClass; Sealed>]
type internal Along =
    /// The elements from start on, as many as length says.
    static member Part(x: Tensor, axis: int, start: int, length: int) : Tensor =
        if start = 0 && length = x.Shape.Sizes[axis] then
            x
        else
            let rank = x.Rank
            let starts = Array.zeroCreate rank
            starts[axis] <- start
            Tensor.Apply(SliceRule(starts, Array.create rank 1, x.Shape.With(axis, length)), x)

    /// x on a longer axis of zeros, from start on.
    static member Within(x: Tensor, axis: int, start: int, length: int) : Tensor =
        if start = 0 && length = x.Shape.Sizes[axis] then
            x
        else
            let rank = x.Rank
            let starts = Array.zeroCreate rank
            starts[axis] <- start
            Tensor.Apply(EmbedRule(starts, Array.create rank 1, x.Shape.With(axis, length)), x)

    /// Every element's predecessor (successor, if reverse); 0 at the start.
    static member Before(x: Tensor, axis: int, reverse: bool) : Tensor =
        let n = x.Shape.Sizes[axis]

        if n = 0 then x
        elif reverse then Along.Within(Along.Part(x, axis, 1, n - 1), axis, 0, n)
        else Along.Within(Along.Part(x, axis, 0, n - 1), axis, 1, n)

    /// The axes merged into one, the place of that one, and whether all went into it: adjacent axes where they are, others at the end.
    static member Merged(x: Tensor, axes: int[]) : struct (Tensor * int) =
        let sizes = x.Shape.Sizes

        if axes.Length = 1 then
            struct (x, axes[0])
        elif axes.Length = sizes.Length then
            struct (Tensor.ReshapeTo(x, Shape [| x.Count |]), 0)
        else
            let axes = Array.sort axes
            let n = axes |> Array.fold (fun n d -> n * sizes[d]) 1
            let rest = [| 0 .. sizes.Length - 1 |] |> Array.except axes
            let adjacent = axes.Length = 0 || axes[axes.Length - 1] - axes[0] = axes.Length - 1

            let x = if adjacent then x else Tensor.Apply(TransposeRule(Array.append rest axes), x)
            let at = if adjacent && axes.Length > 0 then axes[0] else rest.Length
            let others = rest |> Array.map (fun d -> sizes[d])
            struct (Tensor.ReshapeTo(x, Shape(Array.insertAt at n others)), at)

    /// A reduction of one axis, made one over any axes (null: all).
    static member Reduce(x: Tensor, axes: int[] | null, keep: bool, reduce: Tensor -> int -> Tensor) : Tensor =
        let shape = x.Shape
        let axes = shape.Axes axes
        let struct (merged, axis) = Along.Merged(x, axes)
        let y = reduce merged axis
        if keep then Tensor.ReshapeTo(y, Numbers.reducedShape shape axes true) else y

    /// The same with a result for each axis position kept, such as an index.
    static member Drop(y: Tensor, axis: int, keep: bool) : Tensor = if keep then y else Tensor.ReshapeTo(y, y.Shape.Without axis)

    /// A tensor of rank 0 has no axis to work along.
    static member DemandElements(operation: string, x: Tensor, axis: int) =
        if x.Shape.Sizes[axis] = 0 && x.Shape.Without(axis).Count > 0 then
            invalidArg
                "x"
                $"{operation}: axis {axis} of shape {x.Shape} is empty, and an empty set has no such element. Take another axis, or test Count first."

/// Sums, means, products, extrema, truths, and sums of exponentials over axes. axes = null means all; keep leaves axes of size 1.
[<AbstractClass; Sealed>]
type internal Reducing =
    static member val private Sums: SumRule[] = Array.init (Shape.MaxRank + 1) (fun rank -> SumRule([| 0 .. rank - 1 |], false))
    static member val private Means: MeanRule[] = Array.init (Shape.MaxRank + 1) (fun rank -> MeanRule([| 0 .. rank - 1 |], false))

    /// Σ x. Integers and truth values are counted in int64.
    static member Sum(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        if isNull axes && not keep then
            Tensor.Apply(Reducing.Sums[x.Rank], x)
        else
            Tensor.Apply(SumRule(x.Shape.Axes axes, keep), x)

    /// Σ x / n; NaN over nothing.
    static member Mean(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        let x = Tensor.Fractional x

        if isNull axes && not keep then
            Tensor.Apply(Reducing.Means[x.Rank], x)
        else
            Tensor.Apply(MeanRule(x.Shape.Axes axes, keep), x)

    /// Π x; 1 over nothing.
    static member Product(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        Along.Reduce(x, axes, keep, (fun x axis -> Tensor.Apply(ProductRule axis, x)))

    /// The largest element; ties share the derivative equally. NaN if there is one.
    static member Max(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        Along.Reduce(
            x,
            axes,
            keep,
            (fun x axis ->
                Along.DemandElements("max", x, axis)
                Tensor.Apply(ExtremumRule(ReduceOp.Maximum, axis), x))
        )

    /// The smallest element; ties share the derivative equally. NaN if there is one.
    static member Min(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        Along.Reduce(
            x,
            axes,
            keep,
            (fun x axis ->
                Along.DemandElements("min", x, axis)
                Tensor.Apply(ExtremumRule(ReduceOp.Minimum, axis), x))
        )

    /// The place of the first largest (smallest) element along an axis, as int64; the first NaN wins.
    static member ArgExtremum(largest: bool, x: Tensor, axis: int, keep: bool) : Tensor =
        let axis = x.Shape.Axis axis
        Along.DemandElements((if largest then "argmax" else "argmin"), x, axis)
        Along.Drop(Tensor.Apply(ArgExtremumRule(axis, largest), x), axis, keep)

    /// The same over all elements: the place in row-major order.
    static member ArgExtremum(largest: bool, x: Tensor) : Tensor = Reducing.ArgExtremum(largest, Tensor.ReshapeTo(x, Shape [| x.Count |]), 0, false)

    /// The largest (smallest) element along an axis and its place; the derivative goes to that element alone.
    static member ExtremumWithIndex(largest: bool, x: Tensor, axis: int, keep: bool) : struct (Tensor * Tensor) =
        let axis = x.Shape.Axis axis
        Along.DemandElements((if largest then "max" else "min"), x, axis)
        let places = Tensor.Apply(ArgExtremumRule(axis, largest), x)
        struct (Along.Drop(Tensor.Apply(GatherRule axis, x, places), axis, keep), Along.Drop(places, axis, keep))

    /// Whether all elements differ from 0; true over nothing.
    static member All(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        Along.Reduce(Tensor.Cast(x, DType.Bool), axes, keep, (fun x axis -> Tensor.Apply(TruthRule(true, axis), x)))

    /// Whether any element differs from 0; false over nothing.
    static member Any(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        Along.Reduce(Tensor.Cast(x, DType.Bool), axes, keep, (fun x axis -> Tensor.Apply(TruthRule(false, axis), x)))

    /// The number of elements that differ from 0, as int64. NaN differs.
    static member CountNonZero(x: Tensor, axes: int[] | null, keep: bool) : Tensor = Reducing.Sum(Tensor.Cast(x, DType.Bool), axes, keep)

    /// x with zeros for NaN.
    static member private WithoutNaN(x: Tensor) : Tensor = Tensor.Select(Tensor.Compare(CompareOp.Equal, x, x), x, (Tensor.Weak 0.0))

    /// The sum of what is not NaN; NaN gets derivative 0.
    static member NanSum(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        if DTypes.isFloat x.DType then Reducing.Sum(Reducing.WithoutNaN x, axes, keep) else Reducing.Sum(x, axes, keep)

    /// The mean of what is not NaN; NaN where that is nothing.
    static member NanMean(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        let x = Tensor.Fractional x
        let count = Reducing.Sum(Tensor.Compare(CompareOp.Equal, x, x), axes, keep)
        Reducing.Sum(Reducing.WithoutNaN x, axes, keep) / Tensor.Cast(count, x.DType)

    /// ln Σ exp x, without overflow; -∞ over nothing or where all are -∞ (with gradient 0 there).
    static member LogSumExp(x: Tensor, axes: int[] | null, keep: bool) : Tensor =
        Along.Reduce(Tensor.Fractional x, axes, keep, (fun x axis -> Tensor.Apply(LogSumExpRule axis, x)))

    /// exp x / Σ exp x along an axis; a line of only -∞ gives zeros.
    static member Softmax(x: Tensor, axis: int) : Tensor = Tensor.Apply(SoftmaxRule(x.Shape.Axis axis), Tensor.Fractional x)

    /// ln softmax, accurate where softmax underflows.
    static member LogSoftmax(x: Tensor, axis: int) : Tensor = Tensor.Apply(LogSoftmaxRule(x.Shape.Axis axis), Tensor.Fractional x)

/// The product along an axis. The derivative with respect to an element is the product of the others, made of those before and
/// those behind: exact with any number of zeros.
[<Sealed>]
type internal ProductRule(axis: int) =
    inherit UnaryRule("prod")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = Spec.Of(Numbers.sumType x.DType, x.Shape.Without axis)
    override _.Batch x = Tensor.Apply(ProductRule(axis + 1), x)
    override _.Value x = Numbers.reduce ReduceOp.Product [| axis |] false x

    member private _.Others(x: Tensor) : Tensor = Tensor.Apply(ProductBeforeRule(axis, false), x) * Tensor.Apply(ProductBeforeRule(axis, true), x)

    override this.Push(x, _, dx) = Tensor.Apply(SumRule([| axis |], false), Tensor.Scale(dx, this.Others x))
    override this.Pull(x, _, w) = Tensor.Scale(Tensor.ReshapeTo(w, x.Shape.With(axis, 1)), this.Others x)

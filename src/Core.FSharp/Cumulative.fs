namespace rec DiffLib

open System
open DiffLib.Kernels

// Running versions of the reductions along an axis, differences, and integrals by the trapezoidal rule.

/// Running sums along an axis (from the end if reverse). Linear; its transpose runs the other way.
[<Sealed>]
type internal CumSumRule(axis: int, reverse: bool) =
    inherit LinearRule("cumsum")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "reverse", Attribute.Flag reverse |]
    override _.Infer x = Spec.Of(Numbers.sumType x.DType, x.Shape)
    override _.Batch x = Tensor.Apply(CumSumRule(axis + 1, reverse), x)

    override _.Value x =
        let x = (x.Cast(Numbers.sumType x.DType)).Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape)

        match x.DType with
        | DType.Float64 -> Reductions.Scan(ScanOp.Sum, reverse, x.Span<double>(), outer, n, inner, y.Write<double>())
        | DType.Float32 -> Reductions.Scan(ScanOp.Sum, reverse, x.Span<float32>(), outer, n, inner, y.Write<float32>())
        | _ -> Reductions.Scan(ScanOp.Sum, reverse, x.Span<int64>(), outer, n, inner, y.Write<int64>())

        y

    override _.Transpose(_, w) = Tensor.Apply(CumSumRule(axis, not reverse), w)

/// Running products along an axis: y[j] = x[j] y[j-1], so dy[j] = x[j] dy[j-1] + dx[j] y[j-1], exact with zeros.
[<Sealed>]
type internal CumProdRule(axis: int) =
    inherit UnaryRule("cumprod")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = Spec.Of(Numbers.sumType x.DType, x.Shape)
    override _.Batch x = Tensor.Apply(CumProdRule(axis + 1), x)

    override _.Value x =
        let x = (x.Cast(Numbers.sumType x.DType)).Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape)

        match x.DType with
        | DType.Float64 -> Reductions.Scan(ScanOp.Product, false, x.Span<double>(), outer, n, inner, y.Write<double>())
        | DType.Float32 -> Reductions.Scan(ScanOp.Product, false, x.Span<float32>(), outer, n, inner, y.Write<float32>())
        | _ -> Reductions.Scan(ScanOp.Product, false, x.Span<int64>(), outer, n, inner, y.Write<int64>())

        y

    override _.Push(x, _, dx) = Tensor.Apply(RecurrenceRule(axis, false), x, Tensor.Scale(dx, Tensor.Apply(ProductBeforeRule(axis, false), x)))

    override _.Pull(x, _, w) =
        let g = Tensor.Apply(RecurrenceRule(axis, true), Along.Before(x, axis, true), w)
        Tensor.Scale(g, Tensor.Apply(ProductBeforeRule(axis, false), x))

/// The place of the running extremum along an axis, the last one at ties; it has no derivative.
[<Sealed>]
type internal RunningExtremumRule(axis: int, largest: bool) =
    inherit UnaryRule(if largest then "cummax" else "cummin")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "largest", Attribute.Flag largest |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape)
    override _.Batch x = Tensor.Apply(RunningExtremumRule(axis + 1, largest), x)
    override _.Differentiable = false

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(DType.Int64, x.Shape)
        let at = y.Write<int64>()

        match x.DType with
        | DType.Float64 -> Lines.RunningExtremum(largest, x.Span<double>(), outer, n, inner, at)
        | DType.Float32 -> Lines.RunningExtremum(largest, x.Span<float32>(), outer, n, inner, at)
        | DType.Int64 -> Lines.RunningExtremum(largest, x.Span<int64>(), outer, n, inner, at)
        | DType.Int32 -> Lines.RunningExtremum(largest, x.Span<int>(), outer, n, inner, at)
        | _ -> Lines.RunningExtremum(largest, x.Span<byte>(), outer, n, inner, at)

        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// Running ln Σ exp along an axis: y[j] = ln(exp y[j-1] + exp x[j]). The shares of the two are sigmoids of their difference, and
/// the derivative is the recurrence dy[j] = (1 - s[j]) dy[j-1] + s[j] dx[j].
[<Sealed>]
type internal LogCumSumExpRule(axis: int) =
    inherit UnaryRule("logcumsumexp")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = x.With x.Shape
    override _.Batch x = Tensor.Apply(LogCumSumExpRule(axis + 1), x)

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape)

        match x.DType with
        | DType.Float64 -> Lines.LogCumSumExp(x.Span<double>(), outer, n, inner, y.Write<double>())
        | _ -> Lines.LogCumSumExp(x.Span<float32>(), outer, n, inner, y.Write<float32>())

        y

    /// exp(x - y), and exp(y' - y) for the y' before. Where the sum is -∞ the new element gets 0, and where it is +∞ whoever made it so gets 1.
    member private _.Shares(x: Tensor, y: Tensor) : struct (Tensor * Tensor) =
        let n = x.Shape.Sizes[axis]
        let weak (v: double) = (Tensor.Weak v)
        let infinite = Tensor.Compare(CompareOp.Equal, Tensor.Abs y, weak Double.PositiveInfinity)
        let first = Along.Within(Tensor.FullLike(Along.Part(x, axis, 0, min n 1), 1.0), axis, 0, n)
        let isFirst = Tensor.Compare(CompareOp.Equal, first, weak 1.0)
        let before = Tensor.Select(isFirst, weak Double.NegativeInfinity, Along.Before(y, axis, false))

        let share (part: Tensor) (limit: Tensor) =
            let gap = Tensor.Select(infinite, weak 0.0, part) - Tensor.Select(infinite, weak 0.0, y)
            Tensor.Select(infinite, limit, Tensor.Exp gap)

        let same (a: Tensor) = Tensor.Cast(Tensor.Compare(CompareOp.Equal, a, weak Double.PositiveInfinity), y.DType)
        let already = same before
        struct (share x (same x * (1.0 - already)), share before already)

    override this.Push(x, y, dx) =
        let struct (s, rest) = this.Shares(x, y)
        Tensor.Apply(RecurrenceRule(axis, false), rest, Tensor.Scale(dx, s))

    override this.Pull(x, y, w) =
        let struct (s, rest) = this.Shares(x, y)
        Tensor.Scale(Tensor.Apply(RecurrenceRule(axis, true), Along.Before(rest, axis, true), w), s)

/// Running sums, products, extrema and sums of exponentials along an axis; differences and integrals.
[<AbstractClass; Sealed>]
type internal Cumulative =
    /// The sum of the elements up to and including each; from the end if reverse. Integers are counted in int64.
    static member Sum(x: Tensor, axis: int, reverse: bool) : Tensor = Tensor.Apply(CumSumRule(x.Shape.Axis axis, reverse), x)

    /// The product of the elements up to and including each.
    static member Product(x: Tensor, axis: int) : Tensor = Tensor.Apply(CumProdRule(x.Shape.Axis axis), x)

    /// The largest (smallest) element so far and its place, the last one at ties; a NaN stays.
    static member Extremum(largest: bool, x: Tensor, axis: int) : struct (Tensor * Tensor) =
        let axis = x.Shape.Axis axis
        let places = Tensor.Apply(RunningExtremumRule(axis, largest), x)
        struct (Tensor.Apply(GatherRule axis, x, places), places)

    /// ln Σ exp of the elements up to and including each, without overflow.
    static member LogSumExp(x: Tensor, axis: int) : Tensor = Tensor.Apply(LogCumSumExpRule(x.Shape.Axis axis), Tensor.Fractional x)

    /// n times the difference of neighbours along an axis, which shortens it by n (to no less than 0).
    static member Difference(x: Tensor, n: int, axis: int, prepend: Tensor | null, append: Tensor | null) : Tensor =
        if n < 0 then
            raise (ArgumentOutOfRangeException("n", n, "differences are taken 0 or more times; for running sums use CumSum."))

        let axis = x.Shape.Axis axis

        if n = 0 then
            x
        else
            let parts =
                [| match prepend with
                   | null -> ()
                   | p -> p
                   x
                   match append with
                   | null -> ()
                   | a -> a |]

            let mutable y = if parts.Length = 1 then x else Joining.Concat(parts, axis)

            for _ in 1..n do
                let length = max 0 (y.Shape.Sizes[axis] - 1)

                if length = 0 then
                    y <- Along.Part(y, axis, 0, 0)
                else
                    y <- Along.Part(y, axis, 1, length) - Along.Part(y, axis, 0, length)

            y

    /// The areas between neighbours along an axis: half the sum of their heights times their distance.
    static member private Strips(y: Tensor, axis: int, width: Tensor) : Tensor =
        let n = max 0 (y.Shape.Sizes[axis] - 1)
        let low = Along.Part(y, axis, 0, n)
        let high = if n = 0 then low else Along.Part(y, axis, 1, n)
        0.5 * (width * (low + high))

    /// The distances between the places x: of y's shape, of a shape that broadcasts to it, or one for each place on the axis.
    static member private Widths(y: Tensor, x: Tensor, axis: int) : Tensor =
        let n = y.Shape.Sizes[axis]

        if x.Rank = 1 && y.Rank > 1 then
            let line = Shape(Array.init y.Rank (fun d -> if d = axis then x.Count else 1))
            Cumulative.Widths(y, Tensor.ReshapeTo(x, line), axis)
        elif x.Rank <> y.Rank || x.Shape.Sizes[axis] <> n || not (x.Shape.BroadcastsTo y.Shape || y.Shape.BroadcastsTo x.Shape) then
            invalidArg "x" $"trapezoid: y has shape {y.Shape}, so the places need shape [{n}] or y's own shape, but x is {x.Shape}."
        else
            Cumulative.Difference(x, 1, axis, null, null)

    /// ∫ y dx by the trapezoidal rule along an axis, between places x.
    static member Trapezoid(y: Tensor, x: Tensor, axis: int) : Tensor =
        let y = Tensor.Fractional y
        let axis = y.Shape.Axis axis
        Reducing.Sum(Cumulative.Strips(y, axis, Cumulative.Widths(y, Tensor.Fractional x, axis)), [| axis |], false)

    /// The same for places one step apart.
    static member Trapezoid(y: Tensor, step: double, axis: int) : Tensor =
        let y = Tensor.Fractional y
        let axis = y.Shape.Axis axis
        Reducing.Sum(Cumulative.Strips(y, axis, (Tensor.Weak step)), [| axis |], false)

    /// The integral up to each place but the first.
    static member CumulativeTrapezoid(y: Tensor, x: Tensor, axis: int) : Tensor =
        let y = Tensor.Fractional y
        let axis = y.Shape.Axis axis
        Cumulative.Sum(Cumulative.Strips(y, axis, Cumulative.Widths(y, Tensor.Fractional x, axis)), axis, false)

    /// The same for places one step apart.
    static member CumulativeTrapezoid(y: Tensor, step: double, axis: int) : Tensor =
        let y = Tensor.Fractional y
        let axis = y.Shape.Axis axis
        Cumulative.Sum(Cumulative.Strips(y, axis, (Tensor.Weak step)), axis, false)

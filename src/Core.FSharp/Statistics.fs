namespace rec DiffLib

open System
open DiffLib.Kernels

// Spread, order statistics, averages, covariance, counts.

/// Σ (x - mean)² / (n - ddof) along an axis, in two passes. The derivative does not see the mean's own, which sums to zero.
[<Sealed>]
type internal VarianceRule(axis: int, ddof: double) =
    inherit UnaryRule("var")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "ddof", Attribute.Float ddof |]
    override _.Infer x = x.With(x.Shape.Without axis)
    override _.Batch x = Tensor.Apply(VarianceRule(axis + 1, ddof), x)

    static member Divisor(shape: Shape, axis: int, ddof: double) = max 0.0 (double shape.Sizes[axis] - ddof)

    /// x less its mean along the axis.
    static member Centred(x: Tensor, axis: int) : Tensor = x - Tensor.Apply(MeanRule([| axis |], true), x)

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape.Without axis)
        let divisor = VarianceRule.Divisor(x.Shape, axis, ddof)

        match x.DType with
        | DType.Float64 -> Lines.Variance(divisor, x.Span<double>(), outer, n, inner, y.Write<double>())
        | _ -> Lines.Variance(divisor, x.Span<float32>(), outer, n, inner, y.Write<float32>())

        y

    member private _.Slope(x: Tensor) : Tensor = (2.0 / VarianceRule.Divisor(x.Shape, axis, ddof)) * VarianceRule.Centred(x, axis)
    override this.Push(x, _, dx) = Tensor.Apply(SumRule([| axis |], false), Tensor.Scale(dx, this.Slope x))
    override this.Pull(x, _, w) = Tensor.Scale(Tensor.ReshapeTo(w, x.Shape.With(axis, 1)), this.Slope x)

/// The square root of the variance. Its derivative is (x - mean) / ((n - ddof) y), and 0 where all elements are equal.
[<Sealed>]
type internal DeviationRule(axis: int, ddof: double) =
    inherit UnaryRule("std")
    let variance = VarianceRule(axis, ddof)
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "ddof", Attribute.Float ddof |]
    override _.Infer x = x.With(x.Shape.Without axis)
    override _.Batch x = Tensor.Apply(DeviationRule(axis + 1, ddof), x)
    override _.Value x = Numbers.unary UnaryOp.Sqrt (variance.Value x)

    member private _.Slope(x: Tensor, y: Tensor) : Tensor =
        let y = Tensor.ReshapeTo(y, x.Shape.With(axis, 1))
        let atZero = Tensor.Compare(CompareOp.Equal, y, (Tensor.Weak 0.0))
        let safe = Tensor.Select(atZero, (Tensor.Weak 1.0), y)
        let slope = VarianceRule.Centred(x, axis) / (VarianceRule.Divisor(x.Shape, axis, ddof) * safe)
        Tensor.Select(atZero, (Tensor.Weak 0.0), slope)

    override this.Push(x, y, dx) = Tensor.Apply(SumRule([| axis |], false), Tensor.Scale(dx, this.Slope(x, y)))
    override this.Pull(x, y, w) = Tensor.Scale(Tensor.ReshapeTo(w, x.Shape.With(axis, 1)), this.Slope(x, y))

/// The places of each line's elements in ascending order, stable, NaN last; they have no derivative.
[<Sealed>]
type internal OrderRule(axis: int) =
    inherit UnaryRule("order")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape)
    override _.Batch x = Tensor.Apply(OrderRule(axis + 1), x)
    override _.Differentiable = false

    static member Places(x: NDArray, axis: int) : NDArray =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(DType.Int64, x.Shape)
        let at = y.Write<int64>()

        match x.DType with
        | DType.Float64 -> Lines.Order(x.Span<double>(), outer, n, inner, at)
        | DType.Float32 -> Lines.Order(x.Span<float32>(), outer, n, inner, at)
        | DType.Int64 -> Lines.Order(x.Span<int64>(), outer, n, inner, at)
        | DType.Int32 -> Lines.Order(x.Span<int>(), outer, n, inner, at)
        | _ -> Lines.Order(x.Span<byte>(), outer, n, inner, at)

        y

    override _.Value x = OrderRule.Places(x, axis)
    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// The place of the lower median of each line; with ignoreNaN among the numbers only, else that of the first NaN if there is one.
[<Sealed>]
type internal MedianPlaceRule(axis: int, ignoreNaN: bool) =
    inherit UnaryRule("median")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "ignore_nan", Attribute.Flag ignoreNaN |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape.With(axis, 1))
    override _.Batch x = Tensor.Apply(MedianPlaceRule(axis + 1, ignoreNaN), x)
    override _.Differentiable = false

    override _.Value x =
        let places = Const(OrderRule.Places(x, axis))
        let n = x.Shape.Sizes[axis]

        if not (DTypes.isFloat x.DType) then
            (Along.Part(places, axis, (n - 1) / 2, 1)).Value.Contiguous()
        else
            // how many are numbers on each line; NaN comes last in the order
            let isNumber = Const(Numbers.compare CompareOp.Equal x x)
            let count = (Reducing.Sum(isNumber, [| axis |], true)).Value.Contiguous()
            let ranks = count.ToArray<int64>()

            for k in 0 .. ranks.Length - 1 do
                let numbers = int ranks[k]
                ranks[k] <- int64 (if numbers = n || (ignoreNaN && numbers > 0) then (numbers - 1) / 2 else numbers)

            (Tensor.Apply(GatherRule axis, places, Const(NDArray.Adopt(count.Shape, ranks)))).Value

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// The median of each line; elements equal to it share the derivative.
[<Sealed>]
type internal MedianRule(axis: int, ignoreNaN: bool) =
    inherit SharedRule("median", axis)
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "ignore_nan", Attribute.Flag ignoreNaN |]
    override _.Infer x = x.With(x.Shape.Without axis)
    override _.Batch x = Tensor.Apply(MedianRule(axis + 1, ignoreNaN), x)

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape.Without axis)

        match x.DType with
        | DType.Float64 -> Lines.Median(ignoreNaN, x.Span<double>(), outer, n, inner, y.Write<double>())
        | DType.Float32 -> Lines.Median(ignoreNaN, x.Span<float32>(), outer, n, inner, y.Write<float32>())
        | DType.Int64 -> Lines.Median(ignoreNaN, x.Span<int64>(), outer, n, inner, y.Write<int64>())
        | DType.Int32 -> Lines.Median(ignoreNaN, x.Span<int>(), outer, n, inner, y.Write<int>())
        | _ -> Lines.Median(ignoreNaN, x.Span<byte>(), outer, n, inner, y.Write<byte>())

        y

/// The levels of quantiles as they are; those outside [0, 1] are an error.
[<Sealed>]
type internal LevelsRule() =
    inherit UnaryRule("levels")
    override _.Attributes = ValueSome [||]
    override _.Infer x = x
    override this.Batch x = Tensor.Apply(this, x)

    override _.Value x =
        for v in x.Cast(DType.Float64).ToArray<double>() do
            if not (v >= 0.0 && v <= 1.0) then
                raise (ArgumentOutOfRangeException("q", v, "a quantile's level lies in [0, 1]; divide per cents by 100."))

        x

    override _.Push(_, _, dx) = dx
    override _.Pull(_, _, w) = w

/// How many elements of each row fall into each of equal bins, and the edges of the bins: [.., n] to [.., bins] of int64 and [.., bins + 1]. Between
/// low and high, or else between the smallest and the largest element of the row (0 and 1 where there is none).
[<Sealed>]
type internal HistogramRule(bins: int, range: struct (double * double) voption) =
    inherit ManyRule("histogram")

    override _.Attributes =
        ValueSome(
            Array.append
                [| "bins", Attribute.Int bins |]
                (match range with
                 | ValueSome(struct (low, high)) -> [| "low", Attribute.Float low; "high", Attribute.Float high |]
                 | ValueNone -> [||])
        )

    override _.Infer xs =
        let last n = Shape(Array.append (Array.take (xs[0].Rank - 1) xs[0].Shape.Sizes) [| n |])
        [| Spec.Of(DType.Int64, last bins); xs[0].With(last (bins + 1)) |]

    override this.Batch(xs, _) = Tensor.Apply(this, xs)
    override _.Differentiable = false

    /// The ends of the bins, which lie apart.
    member private _.Ends(row: NDArray) : struct (double * double) =
        let struct (low, high) =
            match range with
            | ValueSome ends -> ends
            | ValueNone when row.Count = 0 -> struct (0.0, 1.0)
            | ValueNone ->
                let extremum op = ((Numbers.reduce op [| 0 |] false row).Cast DType.Float64).ToArray<double>()[0]
                struct (extremum ReduceOp.Minimum, extremum ReduceOp.Maximum)

        if not (low <= high && Double.IsFinite low && Double.IsFinite high) then
            invalidArg "range" $"histogram: the range from {low} to {high} is not one of finite numbers in ascending order."

        if low = high then struct (low - 0.5, high + 0.5) else struct (low, high)

    override this.Value xs =
        let x = xs[0].Contiguous()
        let n = x.Shape[-1]
        let last k = Shape(Array.append (Array.take (x.Rank - 1) x.Shape.Sizes) [| k |])
        let counts = NDArray.Zeros(DType.Int64, last bins)
        let edges = Array.zeroCreate<double> (last (bins + 1)).Count

        for t in 0 .. counts.Count / bins - 1 do
            let row = x.View(Shape [| n |], [| 1 |], x.Offset + t * n)
            let struct (low, high) = this.Ends row
            let own = counts.Write<int64>().Slice(t * bins, bins)

            match x.DType with
            | DType.Float64 -> Lines.Histogram(row.Contiguous().Span<double>(), low, high, own)
            | _ -> Lines.Histogram(row.Contiguous().Span<float32>(), low, high, own)

            let width = (high - low) / double bins

            for k in 0..bins do
                edges[t * (bins + 1) + k] <- if k = bins then high else low + double k * width

        [| counts; (NDArray.Adopt(last (bins + 1), edges)).Cast x.DType |]

    override _.Push(_, _, ys, _) = Array.create ys.Length ValueNone
    override _.Pull(xs, _, _, _) = Array.create xs.Length ValueNone

/// How a quantile between two elements is made of them.
type Interpolation =
    /// On the straight line between them.
    | Linear = 0
    /// The lower one.
    | Lower = 1
    /// The higher one.
    | Higher = 2
    /// The nearer one; the even one of the two half-way.
    | Nearest = 3
    /// Their mean.
    | Midpoint = 4

/// Variance, order statistics, averages, covariance, counts.
[<AbstractClass; Sealed>]
type internal Statistics =
    /// Σ (x - mean)² / (n - ddof) over axes (null: all); NaN where n ≤ ddof.
    static member Variance(x: Tensor, axes: int[] | null, ddof: double, keep: bool) : Tensor =
        Along.Reduce(Tensor.Fractional x, axes, keep, (fun x axis -> Tensor.Apply(VarianceRule(axis, ddof), x)))

    /// The square root of the variance, with derivative 0 where all elements are equal.
    static member Deviation(x: Tensor, axes: int[] | null, ddof: double, keep: bool) : Tensor =
        Along.Reduce(Tensor.Fractional x, axes, keep, (fun x axis -> Tensor.Apply(DeviationRule(axis, ddof), x)))

    /// The median over axes (null: all), the lower one of two; ties share the derivative.
    static member Median(x: Tensor, axes: int[] | null, keep: bool, ignoreNaN: bool) : Tensor =
        Along.Reduce(
            x,
            axes,
            keep,
            (fun x axis ->
                Along.DemandElements("median", x, axis)
                Tensor.Apply(MedianRule(axis, ignoreNaN), x))
        )

    /// The median along an axis and its place; the derivative goes to that element alone.
    static member MedianWithIndex(x: Tensor, axis: int, keep: bool, ignoreNaN: bool) : struct (Tensor * Tensor) =
        let axis = x.Shape.Axis axis
        Along.DemandElements("median", x, axis)
        let places = Tensor.Apply(MedianPlaceRule(axis, ignoreNaN), x)
        struct (Along.Drop(Tensor.Apply(GatherRule axis, x, places), axis, keep), Along.Drop(places, axis, keep))

    /// The k-th smallest element along an axis (k from 1) and its place.
    static member KthValue(x: Tensor, k: int, axis: int, keep: bool) : struct (Tensor * Tensor) =
        let axis = x.Shape.Axis axis
        let n = x.Shape.Sizes[axis]

        if k < 1 || k > n then
            raise (ArgumentOutOfRangeException("k", k, $"axis {axis} of shape {x.Shape} has elements 1 to {n} in order of size; k counts from 1."))

        let places = Along.Part(Tensor.Apply(OrderRule axis, x), axis, k - 1, 1)
        struct (Along.Drop(Tensor.Apply(GatherRule axis, x, places), axis, keep), Along.Drop(places, axis, keep))

    /// The positions in sorted order at which the lower and the higher neighbour stand, and the weight of the higher one.
    static member private Neighbours(position: Tensor, method: Interpolation) : struct (Tensor * Tensor * Tensor) =
        let low = Tensor.Floor position
        let high = Tensor.Ceiling position

        match method with
        | Interpolation.Linear -> struct (low, high, position - low)
        | Interpolation.Lower -> struct (low, low, Tensor.FullLike(low, 0.0))
        | Interpolation.Higher -> struct (high, high, Tensor.FullLike(low, 0.0))
        | Interpolation.Nearest ->
            let near = Tensor.Round position
            struct (near, near, Tensor.FullLike(low, 0.0))
        | Interpolation.Midpoint -> struct (low, high, Tensor.FullLike(low, 0.5))
        | _ -> raise (ArgumentOutOfRangeException("interpolation", method, "not an interpolation; use Linear, Lower, Higher, Nearest or Midpoint."))

    /// The quantiles q of every line, on an axis of q's size in its place. q has rank 1.
    static member private QuantilesAlong(x: Tensor, q: Tensor, axis: int, method: Interpolation, ignoreNaN: bool) : Tensor =
        Along.DemandElements("quantile", x, axis)
        let n = x.Shape.Sizes[axis]
        let order = Tensor.Apply(OrderRule axis, x)
        let q = Tensor.ReshapeTo(q, Shape(Array.init x.Rank (fun d -> if d = axis then q.Count else 1)))
        let weak (v: double) = (Tensor.Weak v)
        let numbers = Tensor.Cast(Reducing.Sum(Tensor.Compare(CompareOp.Equal, x, x), [| axis |], true), x.DType)
        let whole = Tensor.Compare(CompareOp.Equal, numbers, weak (double n))

        let position =
            if ignoreNaN then
                q * Tensor.Select(Tensor.Compare(CompareOp.Equal, numbers, weak 0.0), weak 0.0, numbers - 1.0)
            else
                // a line with a NaN has its quantiles where the NaN are: at the end
                Tensor.Select(whole, q * double (n - 1), weak (double (n - 1)))

        let struct (low, high, weight) = Statistics.Neighbours(position, method)
        let pick (p: Tensor) = Tensor.Apply(GatherRule axis, x, Tensor.Apply(GatherRule axis, order, Tensor.Cast(p, DType.Int64)))

        if obj.ReferenceEquals(low, high) then
            pick low
        else
            Tensor.Scale(pick low, 1.0 - weight) + Tensor.Scale(pick high, weight)

    /// The quantiles q in [0, 1] over axes (null: all). One q adds no axis; several, of rank 1, come first in the result.
    static member Quantile(x: Tensor, q: Tensor, axes: int[] | null, keep: bool, method: Interpolation, ignoreNaN: bool) : Tensor =
        let x = Tensor.Fractional x
        let q = Tensor.Cast(q, x.DType)

        if q.Rank > 1 then invalidArg "q" $"q has shape {q.Shape}; give one number, or a list of them (rank 1)."

        let q = Tensor.Apply(LevelsRule(), q)
        let axes = x.Shape.Axes axes
        let struct (merged, axis) = Along.Merged(x, axes)
        let lines = Statistics.QuantilesAlong(merged, Tensor.ReshapeTo(q, Shape [| q.Count |]), axis, method, ignoreNaN)
        let reduced = Numbers.reducedShape x.Shape axes keep

        if q.Rank = 0 then
            Tensor.ReshapeTo(lines, reduced)
        else
            let order =
                Array.init lines.Rank (fun d ->
                    if d = 0 then axis
                    elif d <= axis then d - 1
                    else d)
            Tensor.ReshapeTo(Tensor.Apply(TransposeRule order, lines), Shape(Array.append [| q.Count |] reduced.Sizes))

    /// Σ w x / Σ w over axes (null: all); the weights broadcast, or have rank 1 along a single axis.
    static member Average(x: Tensor, weights: Tensor, axes: int[] | null, keep: bool) : Tensor =
        let x = Tensor.Fractional x
        let axes = x.Shape.Axes axes

        let weights =
            if weights.Rank = 1 && x.Rank > 1 && axes.Length = 1 && weights.Count = x.Shape.Sizes[axes[0]] then
                Tensor.ReshapeTo(weights, Shape(Array.init x.Rank (fun d -> if d = axes[0] then weights.Count else 1)))
            else
                weights

        if not (weights.Shape.BroadcastsTo x.Shape) then
            invalidArg
                "weights"
                $"average: the weights have shape {weights.Shape}, which does not broadcast to x's {x.Shape}. Give one weight for each element, or one for each place on a single axis."

        let weights = Tensor.BroadcastTo(Tensor.Cast(weights, x.DType), x.Shape)
        Reducing.Sum(weights * x, axes, keep) / Reducing.Sum(weights, axes, keep)

    /// Variables in rows, observations in columns.
    static member private Rows(x: Tensor, name: string) : Tensor =
        match x.Rank with
        | 0 -> Tensor.ReshapeTo(x, Shape [| 1; 1 |])
        | 1 -> Tensor.ReshapeTo(x, Shape [| 1; x.Count |])
        | 2 -> x
        | _ ->
            invalidArg
                "x"
                $"{name}: x has shape {x.Shape}; variables go in rows and observations in columns of rank 2 (or one variable in rank 1). Reshape it."

    /// The covariances of the rows: [v; n] to [v; v], and [n] to a number. Frequencies repeat observations, weights count them more.
    static member Covariance(x: Tensor, ddof: double, frequencies: Tensor | null, weights: Tensor | null) : Tensor =
        let rank = x.Rank
        let x = Statistics.Rows(Tensor.Fractional x, "cov")
        let n = x.Shape.Sizes[1]

        let given (name: string) (w: Tensor | null) : Tensor =
            match w with
            | null -> Const(NDArray.Full(x.DType, Shape [| n |], 1.0))
            | w when w.Rank = 1 && w.Count = n -> Tensor.Cast(w, x.DType)
            | w -> invalidArg name $"cov: {name} has shape {w.Shape}, but there are {n} observations: give shape [{n}]."

        let w = given "frequencies" frequencies * given "weights" weights
        let w = Tensor.ReshapeTo(w, Shape [| 1; n |])
        let total = Reducing.Sum(w, null, false)

        let divisor =
            match weights with
            | null -> total - ddof
            | a -> total - ddof * (Reducing.Sum(w * Tensor.Cast(a, x.DType), null, false) / total)

        let mean = Reducing.Sum(x * w, [| 1 |], true) / total
        let centred = x - mean
        let products = Products.MatMul(centred * w, Matrix.Transpose centred)
        let y = products / divisor
        if rank < 2 then Tensor.ReshapeTo(y, Shape.Scalar) else y

    /// The correlations of the rows, kept within [-1, 1].
    static member Correlation(x: Tensor) : Tensor =
        let rank = x.Rank
        let x = Statistics.Rows(Tensor.Fractional x, "corrcoef")
        // each row at length 1 first: neither the number of observations nor the scale of a row matters
        let centred = VarianceRule.Centred(x, 1)
        let unit = centred / Norms.Norm(centred, 2.0, [| 1 |], true)
        let y = Products.MatMul(unit, Matrix.Transpose unit)
        let beyond = Tensor.Compare(CompareOp.Greater, Tensor.Abs y, (Tensor.Weak 1.0))
        let y = Tensor.Select(beyond, Tensor.Sign y, y)
        if rank < 2 then Tensor.ReshapeTo(y, Shape.Scalar) else y

    /// How often each whole number from 0 on occurs, as int64 (or the sum of its weights), up to the largest, and at least minLength of them.
    static member BinCount(x: Tensor, weights: Tensor | null, minLength: int) : Tensor =
        if x.Rank <> 1 || DTypes.isFloat x.DType then
            invalidArg
                "x"
                $"bincount: x has shape {x.Shape} and element type {DTypes.name x.DType}; it takes whole numbers in rank 1. Reshape and Cast it."

        if minLength < 0 then raise (ArgumentOutOfRangeException("minLength", minLength, "a length is 0 or more."))

        let places = Tensor.Cast(x, DType.Int64)

        if not places.IsKnown then
            Rules.shapeOfData "counts up to the largest number (BinCount)" "Add ones at the numbers with ScatterAdd, whose target has a known size."

        let mutable length = int64 minLength

        for v in places.Value.ToArray<int64>() do
            if v < 0L then invalidArg "x" $"bincount: {v} is negative; it counts whole numbers from 0 on. Shift them first."

            length <- max length (v + 1L)

        if length > int64 Array.MaxLength then
            invalidArg "x" $"bincount: the largest number is {length - 1L}, and so many counts do not fit an array. Use Unique for sparse numbers."

        let ones =
            match weights with
            | null -> Const(NDArray.Full(DType.Int64, x.Shape, 1.0))
            | w when not (w.Shape.Equals x.Shape) ->
                invalidArg "weights" $"bincount: x has shape {x.Shape}, but the weights have {w.Shape}; give one for each number."
            | w -> Tensor.Fractional w

        Tensor.Apply(ScatterAddRule(0, int length), ones, places)

    /// How many elements fall into each of equal bins between low and high (as int64), and the edges of the bins.
    static member Histogram(x: Tensor, bins: int, low: double, high: double) : struct (Tensor * Tensor) =
        if bins < 1 then raise (ArgumentOutOfRangeException("bins", bins, "a histogram has one bin or more."))

        Statistics.HistogramOf(x, HistogramRule(bins, ValueSome(struct (low, high))))

    /// The same between the smallest and the largest element (0 and 1 where there is none).
    static member Histogram(x: Tensor, bins: int) : struct (Tensor * Tensor) =
        if bins < 1 then raise (ArgumentOutOfRangeException("bins", bins, "a histogram has one bin or more."))

        Statistics.HistogramOf(x, HistogramRule(bins, ValueNone))

    static member private HistogramOf(x: Tensor, rule: HistogramRule) : struct (Tensor * Tensor) =
        let ys = Tensor.Apply(rule, [| Tensor.ReshapeTo(Tensor.Fractional x, Shape [| x.Count |]) |])
        struct (ys[0], ys[1])

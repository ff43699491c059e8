namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 8g: images in other sizes. Along each axis a result is a weighted sum of a few elements, whose places and weights depend on sizes alone.

/// How elements between elements are made.
type ResampleMode =
    /// The element below: ⌊i·n/m⌋.
    | Nearest = 0
    /// The nearest one by the centres of elements.
    | NearestExact = 1
    /// On the straight line between two (in each axis).
    | Linear = 2
    /// By a cubic through four (in each axis), Keys 1981 with a = -3/4.
    | Cubic = 3
    /// The mean of all elements that fall into the new one.
    | Area = 4

/// What lies outside the image for grid sampling.
type GridPadding =
    /// Zeros.
    | Zeros = 0
    /// The edge.
    | Border = 1
    /// The image mirrored at its edges.
    | Reflection = 2

/// Resizing, sampling at points, and channels for space.
[<AbstractClass; Sealed>]
type internal Resampling =
    /// Where result i of an axis lies in the input.
    static member private Position(i: int, n: int, m: int, ratio: double, alignCorners: bool) : double =
        if alignCorners then
            (if m <= 1 then 0.0 else double i * double (n - 1) / double (m - 1))
        else
            (double i + 0.5) * ratio - 0.5

    /// The places and weights of an axis: one pair of arrays for each element that a result is made of.
    static member private Taps(mode: ResampleMode, n: int, m: int, ratio: double, alignCorners: bool) : (int64[] * double[])[] =
        let inside (k: int) = int64 (Math.Clamp(k, 0, n - 1))
        let tap (place: int -> int64) (weight: int -> double) = (Array.init m place, Array.init m weight)
        let position i = Resampling.Position(i, n, m, ratio, alignCorners)

        match mode with
        | ResampleMode.Nearest -> [| tap (fun i -> inside (int (Math.Floor(double i * ratio)))) (fun _ -> 1.0) |]
        | ResampleMode.NearestExact -> [| tap (fun i -> inside (int (Math.Floor((double i + 0.5) * ratio)))) (fun _ -> 1.0) |]
        | ResampleMode.Linear ->
            let position i = max 0.0 (position i)
            let low i = min (n - 1) (int (Math.Floor(position i)))
            let share i = Math.Clamp(position i - double (low i), 0.0, 1.0)
            [| tap (fun i -> inside (low i)) (fun i -> 1.0 - share i); tap (fun i -> inside (low i + 1)) share |]
        | _ ->
            let a = -0.75
            let near t = ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0
            let far t = ((a * t - 5.0 * a) * t + 8.0 * a) * t - 4.0 * a
            let low i = int (Math.Floor(position i))
            let share i = position i - double (low i)

            [| tap (fun i -> inside (low i - 1)) (fun i -> far (share i + 1.0))
               tap (fun i -> inside (low i)) (fun i -> near (share i))
               tap (fun i -> inside (low i + 1)) (fun i -> near (1.0 - share i))
               tap (fun i -> inside (low i + 2)) (fun i -> far (2.0 - share i)) |]

    static member private Along(x: Tensor, axis: int, taps: (int64[] * double[])[]) : Tensor =
        let weighted (places: int64[], weights: double[]) =
            let taken = Tensor.Take(x, axis, Const(NDArray.Adopt(Shape [| places.Length |], places)))

            if weights |> Array.forall (fun w -> w = 1.0) then
                taken
            else
                let shape = Shape(Array.init (x.Rank - axis) (fun d -> if d = 0 then weights.Length else 1))
                taken * Const((NDArray.Adopt(shape, weights)).Cast x.DType)

        taps |> Array.map weighted |> Array.reduce (+)

    /// The last axes of x (all but the first two) in another size; the ratio of old to new size follows from the sizes, or is that of the factors given.
    static member Resize(x: Tensor, size: int[] | null, factors: double[] | null, mode: ResampleMode, alignCorners: bool) : Tensor =
        let x = Tensor.Fractional x

        if x.Rank < 3 || x.Rank > 5 then
            invalidArg "x" $"Resize: x has shape {x.Shape}; [n, channels] and one to three axes of an image are needed. Insert axes with ExpandDims."

        let axes = x.Rank - 2
        let input = Windows.Last(x, axes)

        if input |> Array.contains 0 then
            invalidArg "x" $"Resize: x {x.Shape} has an empty axis, from which nothing can be made."

        let target =
            match size with
            | null ->
                match factors with
                | null -> invalidArg "size" "Resize: neither a size nor factors are given. Give one of them."
                | factors ->
                    if factors.Length <> axes || factors |> Array.exists (fun f -> not (f > 0.0) || Double.IsInfinity f) then
                        invalidArg
                            "factors"
                            $"""Resize: the factors are ({String.Join(", ", factors)}); {axes} positive numbers are needed for x {x.Shape}."""

                    Array.map2 (fun n f -> int (Math.Floor(double n * f))) input factors
            | size ->
                match factors with
                | null -> size
                | _ -> invalidArg "size" "Resize: both a size and factors are given. Give one of them."

        Windows.Demand("Resize", "size", target, axes, 1)

        if alignCorners && (mode = ResampleMode.Nearest || mode = ResampleMode.NearestExact || mode = ResampleMode.Area) then
            invalidArg "alignCorners" $"Resize: mode {mode} has no corners to align. Use Linear or Cubic, or leave alignCorners out."

        if mode = ResampleMode.Area then
            Pooling.AdaptiveMean("Resize", x, PerAxis target, axes)
        else
            let ratio d =
                match factors with
                | null -> double input[d] / double target[d]
                | factors -> 1.0 / factors[d]

            Array.fold
                (fun (y: Tensor) d -> Resampling.Along(y, d + 2, Resampling.Taps(mode, input[d], target[d], ratio d, alignCorners)))
                x
                [| 0 .. axes - 1 |]

    // ---- sampling at points

    /// Coordinates in [-1, 1] as positions on an axis of n elements.
    static member private Pixels(g: Tensor, n: int, alignCorners: bool) : Tensor =
        if alignCorners then (g + 1.0) * (0.5 * double (n - 1)) else ((g + 1.0) * double n - 1.0) * 0.5

    /// Positions beyond the edges brought back inside.
    static member private Inside(p: Tensor, n: int, padding: GridPadding, alignCorners: bool) : Tensor =
        let clipped (p: Tensor) = Pointwise.Clamp(p, Nullable 0.0, Nullable(double (n - 1)))

        match padding with
        | GridPadding.Zeros -> p
        | GridPadding.Border -> clipped p
        | _ ->
            let low = if alignCorners then 0.0 else -0.5
            let span = if alignCorners then double (n - 1) else double n

            if span = 0.0 then
                Tensor.Scale(p, Tensor.FullLike(p, 0.0))
            else
                // to and fro with a period of two spans
                let around = Tensor.Binary(BinaryOp.FMod, Tensor.Abs(p - low), Tensor.Weak(2.0 * span))
                clipped (span - Tensor.Abs(around - span) + low)

    /// x[n, c, row, column] for whole positions [n, ..]; 0 outside.
    static member private At(x: Tensor, row: Tensor, column: Tensor) : Tensor =
        let s = x.Shape.Sizes
        let bound (t: Tensor) n = Pointwise.Clamp(t, Nullable 0.0, Nullable(double (n - 1)))
        let inside (t: Tensor) n = Logic.And(Logic.GreaterOrEqual(t, 0.0), Logic.LessOrEqual(t, double (n - 1)))
        let safe = Logic.And(inside row s[2], inside column s[3])
        let known (t: Tensor) n = Tensor.Select(Logic.IsNaN t, Tensor.Weak 0.0, bound t n)
        let flat = Tensor.Cast(known row s[2], DType.Int64) * s[3] + Tensor.Cast(known column s[3], DType.Int64)
        let points = flat.Count / s[0]
        let index = Tensor.BroadcastTo(Tensor.ReshapeTo(flat, Shape [| s[0]; 1; points |]), Shape [| s[0]; s[1]; points |])
        let taken = Tensor.Apply(GatherRule 2, Tensor.ReshapeTo(x, Shape [| s[0]; s[1]; s[2] * s[3] |]), index)
        Tensor.Select(Tensor.ReshapeTo(safe, Shape [| s[0]; 1; points |]), taken, Tensor.Weak 0.0)

    /// Images [n, c, h, w] at points [n, rows, columns, 2], each (x, y) between -1 and 1 from edge to edge.
    static member GridSample(x: Tensor, grid: Tensor, mode: ResampleMode, padding: GridPadding, alignCorners: bool) : Tensor =
        if x.Rank <> 4 || grid.Rank <> 4 || grid.Shape.Sizes[3] <> 2 || grid.Shape.Sizes[0] <> x.Shape.Sizes[0] then
            invalidArg
                "grid"
                $"GridSample: x is {x.Shape} and the grid {grid.Shape}; they are [n, channels, height, width] and [n, rows, columns, 2]."

        if x.Shape.Sizes[2] = 0 || x.Shape.Sizes[3] = 0 then invalidArg "x" $"GridSample: x {x.Shape} has no points to sample."

        let struct (x, grid) = Windows.Common(x, grid)
        let s, g = x.Shape.Sizes, grid.Shape.Sizes

        let along k n =
            let p = Tensor.ReshapeTo(Matrix.Narrow(grid, 3, k, 1), Shape [| g[0]; 1; g[1] * g[2] |])
            Resampling.Inside(Resampling.Pixels(p, n, alignCorners), n, padding, alignCorners)

        let column, row = along 0 s[3], along 1 s[2]

        let y =
            match mode with
            | ResampleMode.Nearest -> Resampling.At(x, Tensor.Round row, Tensor.Round column)
            | ResampleMode.Linear ->
                let top, left = Tensor.Floor row, Tensor.Floor column
                let down, right = row - top, column - left
                let corner (r: Tensor) (c: Tensor) (weight: Tensor) = Resampling.At(x, r, c) * weight

                corner top left ((1.0 - down) * (1.0 - right))
                + corner top (left + 1.0) ((1.0 - down) * right)
                + corner (top + 1.0) left (down * (1.0 - right))
                + corner (top + 1.0) (left + 1.0) (down * right)
            | _ -> invalidArg "mode" $"GridSample: mode {mode} is not among those for points. Use Linear or Nearest."

        Tensor.ReshapeTo(y, Shape [| s[0]; s[1]; g[1]; g[2] |])

    // ---- channels for space

    /// [.., c r², h, w] to [.., c, h r, w r].
    static member PixelShuffle(x: Tensor, factor: int) : Tensor =
        let r = x.Rank

        if r < 3 || factor < 1 || x.Shape.Sizes[r - 3] % (factor * factor) <> 0 then
            invalidArg
                "x"
                $"PixelShuffle: x has shape {x.Shape}; [.., channels, h, w] with channels divisible by the square of the factor {factor} is needed."

        let s = Array.skip (r - 3) x.Shape.Sizes
        let lead = Array.take (r - 3) x.Shape.Sizes
        let c = s[0] / (factor * factor)
        let n = lead |> Array.fold (*) 1
        let parts = Tensor.ReshapeTo(x, Shape [| n; c; factor; factor; s[1]; s[2] |])
        Tensor.ReshapeTo(Matrix.Permute(parts, [| 0; 1; 4; 2; 5; 3 |]), Shape(Array.append lead [| c; s[1] * factor; s[2] * factor |]))

    /// [.., c, h r, w r] to [.., c r², h, w].
    static member PixelUnshuffle(x: Tensor, factor: int) : Tensor =
        let r = x.Rank

        if r < 3 || factor < 1 || x.Shape.Sizes[r - 2] % factor <> 0 || x.Shape.Sizes[r - 1] % factor <> 0 then
            invalidArg "x" $"PixelUnshuffle: x has shape {x.Shape}; [.., channels, h, w] with h and w divisible by the factor {factor} is needed."

        let s = Array.skip (r - 3) x.Shape.Sizes
        let lead = Array.take (r - 3) x.Shape.Sizes
        let n = lead |> Array.fold (*) 1
        let parts = Tensor.ReshapeTo(x, Shape [| n; s[0]; s[1] / factor; factor; s[2] / factor; factor |])
        Tensor.ReshapeTo(
            Matrix.Permute(parts, [| 0; 1; 3; 5; 2; 4 |]),
            Shape(Array.append lead [| s[0] * factor * factor; s[1] / factor; s[2] / factor |])
        )

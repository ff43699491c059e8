namespace rec DiffLib

open System
open DiffLib.Kernels

// Chapter 8c: pooling. Sums over windows are convolutions with ones; maxima are taken where a rule without derivative says.

/// The row-major place in its plane (the last axes) of the largest element of each window; it has no derivative.
[<Sealed>]
type internal MaxPlacesRule(kernel: int[], stride: int[], dilation: int[], low: int[], count: int[]) =
    inherit UnaryRule("max_places")
    override _.Differentiable = false

    override _.Attributes =
        ValueSome
            [| "kernel", Attribute.Ints kernel
               "stride", Attribute.Ints stride
               "dilation", Attribute.Ints dilation
               "low", Attribute.Ints low
               "count", Attribute.Ints count |]

    member private _.Result(shape: Shape) = Shape(Array.append (Array.take (shape.Rank - kernel.Length) shape.Sizes) count)
    override this.Infer x = Spec.Of(DType.Int64, this.Result x.Shape)
    override this.Batch x = Tensor.Apply(this, x)

    override this.Value x =
        let x = x.Contiguous()
        let y = NDArray.Allocate(DType.Int64, this.Result x.Shape)
        let first = x.Rank - kernel.Length
        let planes = Array.take first x.Shape.Sizes |> Array.fold (*) 1
        let axis d = ConvolutionAxis(x.Shape.Sizes[first + d], kernel[d], count[d], stride[d], dilation[d], low[d])
        let axes = ReadOnlySpan(Array.init kernel.Length axis)

        match x.DType with
        | DType.Float64 -> PoolingKernels.MaxPlaces(x.Span<double>(), planes, axes, y.Write<int64>())
        | DType.Float32 -> PoolingKernels.MaxPlaces(x.Span<float32>(), planes, axes, y.Write<int64>())
        | DType.Int64 -> PoolingKernels.MaxPlaces(x.Span<int64>(), planes, axes, y.Write<int64>())
        | DType.Int32 -> PoolingKernels.MaxPlaces(x.Span<int>(), planes, axes, y.Write<int64>())
        | _ -> PoolingKernels.MaxPlaces(x.Span<byte>(), planes, axes, y.Write<int64>())

        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// Pooling over the last axes.
[<AbstractClass; Sealed>]
type internal Pooling =
    static member private DemandAxes(operation: string, x: Tensor, axes: int) =
        if x.Rank < axes then
            invalidArg "x" $"{operation}: x has shape {x.Shape}, but the windows have {axes} axes. Insert axes with ExpandDims."

        if Windows.Last(x, axes) |> Array.contains 0 then
            invalidArg "x" $"{operation}: x {x.Shape} has nothing along an axis of the windows, and an empty window has no maximum or mean."

    /// Kernel, stride, dilation and padding, resolved; the padding at most half the kernel, so that no window is empty.
    static member private Settings
        (operation: string, x: Tensor, kernel: PerAxis, stride: PerAxis, padding: PerAxis, dilation: PerAxis, axes: int)
        : struct (int[] * int[] * int[] * int[]) =
        Pooling.DemandAxes(operation, x, axes)

        if isNull kernel.Values then
            invalidArg "kernel" $"{operation}: no kernel is given. Give its size, one number or one for each axis."

        let kernel = Windows.Resolve(operation, "kernel", kernel, axes, [||], 1)
        let stride = Windows.Resolve(operation, "stride", stride, axes, kernel, 1)
        let dilation = Windows.Resolve(operation, "dilation", dilation, axes, Array.create axes 1, 1)
        let padding = Windows.Resolve(operation, "padding", padding, axes, Array.zeroCreate axes, 0)

        if Array.exists2 (fun p k -> 2 * p > k) padding kernel then
            invalidArg
                "padding"
                $"{operation}: padding {Windows.Text padding} is more than half the kernel {Windows.Text kernel}, so a window could hold nothing but padding. Use less, or Pad."

        struct (kernel, stride, dilation, padding)

    /// With dilation a window may step over a short axis.
    static member private DemandInside
        (operation: string, x: Tensor, input: int[], kernel: int[], stride: int[], dilation: int[], low: int[], count: int[])
        =
        for d in 0 .. input.Length - 1 do
            for p in 0 .. count[d] - 1 do
                let start = p * stride[d] - low[d]
                let first = if start >= 0 then start else start + (-start + dilation[d] - 1) / dilation[d] * dilation[d]

                if first >= input[d] || first > start + (kernel[d] - 1) * dilation[d] then
                    invalidArg
                        "dilation"
                        $"{operation}: window {p} along spatial axis {d} of shape {x.Shape} lies in the padding with all its positions. Use less dilation {Windows.Text dilation} or padding {Windows.Text low}."

    /// The elements at row-major places of their planes.
    static member private AtPlaces(x: Tensor, places: Tensor, axes: int) : Tensor =
        let lead = Array.take (x.Rank - axes) x.Shape.Sizes
        let flat (t: Tensor) = Tensor.ReshapeTo(t, Shape(Array.append lead [| Windows.Last(t, axes) |> Array.fold (*) 1 |]))
        Tensor.ReshapeTo(Tensor.Apply(GatherRule lead.Length, flat x, flat places), places.Shape)

    /// The largest elements of windows, and their row-major places in the plane.
    static member Max
        (operation: string, x: Tensor, kernel: PerAxis, stride: PerAxis, padding: PerAxis, dilation: PerAxis, roundUp: bool, axes: int)
        : struct (Tensor * Tensor) =
        let struct (kernel, stride, dilation, padding) = Pooling.Settings(operation, x, kernel, stride, padding, dilation, axes)
        let input = Windows.Last(x, axes)
        let count = Windows.Count(operation, x.Shape, input, kernel, stride, dilation, padding, padding, roundUp)
        Pooling.DemandInside(operation, x, input, kernel, stride, dilation, padding, count)
        let places = Tensor.Apply(MaxPlacesRule(kernel, stride, dilation, padding, count), x)
        struct (Pooling.AtPlaces(x, places, axes), places)

    /// Elements put back at their places in planes of the given size, zeros elsewhere; what meets at a place adds up.
    static member Unpool(x: Tensor, places: Tensor, size: int[]) : Tensor =
        let axes = size.Length

        if not (places.Shape.Equals x.Shape) then
            invalidArg "places" $"max unpooling: x is {x.Shape}, but the places are {places.Shape}. They come in pairs from max pooling."

        let lead = Array.take (x.Rank - axes) x.Shape.Sizes
        let flat (t: Tensor) = Tensor.ReshapeTo(t, Shape(Array.append lead [| Windows.Last(t, axes) |> Array.fold (*) 1 |]))
        let plane = Array.fold (*) 1 size
        let places = Tensor.Apply(PositionsRule(lead.Length, plane), flat places)
        Tensor.ReshapeTo(Tensor.Apply(ScatterAddRule(lead.Length, plane), flat x, places), Shape(Array.append lead size))

    /// For each window along an axis, how many of its positions count.
    static member private Divisors(input: int, kernel: int, stride: int, low: int, count: int, countPadding: bool) : double[] =
        Array.init count (fun p ->
            let start = p * stride - low
            let stop = min (start + kernel) (input + low)
            if countPadding then double (stop - start) else double (min stop input - max start 0))

    /// The means of windows, of as many elements as count or as said.
    static member Mean
        (
            operation: string,
            x: Tensor,
            kernel: PerAxis,
            stride: PerAxis,
            padding: PerAxis,
            roundUp: bool,
            countPadding: bool,
            divisor: Nullable<int>,
            axes: int
        ) : Tensor =
        let x = Tensor.Fractional x
        let struct (kernel, stride, dilation, padding) = Pooling.Settings(operation, x, kernel, stride, padding, PerAxis(), axes)
        let input = Windows.Last(x, axes)
        let count = Windows.Count(operation, x.Shape, input, kernel, stride, dilation, padding, padding, roundUp)
        let sums = Convolutions.WindowSums(x, kernel, stride, dilation, padding, count)

        if divisor.HasValue then
            if divisor.Value = 0 then
                raise (ArgumentOutOfRangeException("divisor", 0, $"{operation}: division by 0. Give another divisor, or none for the mean."))

            sums / double divisor.Value
        else
            let divisors = Array.init axes (fun d -> Pooling.Divisors(input[d], kernel[d], stride[d], padding[d], count[d], countPadding))

            if divisors |> Array.forall (fun d -> d |> Array.forall (fun v -> v = d[0])) then
                sums / (divisors |> Array.fold (fun product d -> if d.Length = 0 then product else product * d[0]) 1.0)
            else
                let column d = Const((NDArray.Adopt(Shape(Array.init (axes - d) (fun k -> if k = 0 then count[d] else 1)), divisors[d])).Cast x.DType)
                sums / (Array.init axes column |> Array.reduce (*))

    /// (Σ |x|ᵖ)^(1/p) over windows.
    static member Norm(operation: string, x: Tensor, p: double, kernel: PerAxis, stride: PerAxis, roundUp: bool, axes: int) : Tensor =
        let x = Tensor.Fractional x
        let struct (kernel, stride, dilation, none) = Pooling.Settings(operation, x, kernel, stride, PerAxis(), PerAxis(), axes)
        let input = Windows.Last(x, axes)
        let count = Windows.Count(operation, x.Shape, input, kernel, stride, dilation, none, none, roundUp)
        let missing = Array.init axes (fun d -> max 0 ((count[d] - 1) * stride[d] + kernel[d] - input[d]))
        let around = Array.init x.Rank (fun d -> if d < x.Rank - axes then (0, 0) else (0, missing[d - x.Rank + axes]))
        let first = x.Rank - axes

        let windows =
            Array.fold
                (fun (y: Tensor) d -> Shaping.Unfold(y, first + d, kernel[d], stride[d], 1))
                (Padding.PadConstant(x, around, 0.0))
                [| 0 .. axes - 1 |]

        Norms.Norm(windows, p, Array.init axes (fun d -> x.Rank + d), false)

    // ---- adaptive: as many windows as asked for, as equal as can be

    static member private Targets(operation: string, x: Tensor, size: PerAxis, axes: int) : int[] =
        Pooling.DemandAxes(operation, x, axes)

        if isNull size.Values then
            invalidArg "size" $"{operation}: no size is given. Give one number or one for each axis; -1 keeps an axis."

        let size = Windows.Resolve(operation, "size", size, axes, [||], -1)
        Array.map2 (fun s n -> if s = -1 then n else s) size (Windows.Last(x, axes))

    /// Window i runs from ⌊i n/m⌋ to ⌈(i + 1) n/m⌉.
    static member private Bounds(n: int, m: int, i: int) : struct (int * int) =
        struct (int (int64 i * int64 n / int64 m), int ((int64 (i + 1) * int64 n + int64 m - 1L) / int64 m))

    /// The positions of all windows of an axis, [m, longest], the last one repeated; and how many there are in each.
    static member private Positions(n: int, m: int) : struct (int[][] * double[]) =
        let bounds = Array.init m (fun i -> Pooling.Bounds(n, m, i))
        let lengths = bounds |> Array.map (fun struct (a, b) -> b - a)
        let longest = if m = 0 then 1 else Array.max lengths
        struct (bounds |> Array.map (fun struct (a, b) -> Array.init longest (fun k -> min (a + k) (b - 1))), lengths |> Array.map double)

    static member private Taken(x: Tensor, axis: int, positions: int[][]) : Tensor =
        let flat = positions |> Array.collect (Array.map int64)
        let longest = if positions.Length = 0 then 1 else positions[0].Length
        let taken = Tensor.Take(x, axis, Const(NDArray.Adopt(Shape [| flat.Length |], flat)))
        let s = x.Shape.Sizes
        Tensor.ReshapeTo(taken, Shape(Array.concat [ Array.take axis s; [| positions.Length; longest |]; Array.skip (axis + 1) s ]))

    static member private DividesEvenly(input: int[], target: int[]) = Array.forall2 (fun n m -> m > 0 && n % m = 0) input target

    /// The means of as many windows as asked for.
    static member AdaptiveMean(operation: string, x: Tensor, size: PerAxis, axes: int) : Tensor =
        let x = Tensor.Fractional x
        let target = Pooling.Targets(operation, x, size, axes)
        let input = Windows.Last(x, axes)

        if Pooling.DividesEvenly(input, target) then
            let kernel = PerAxis(Array.map2 (/) input target)
            Pooling.Mean(operation, x, kernel, PerAxis(), PerAxis(), false, true, Nullable(), axes)
        else
            let along (y: Tensor) d =
                let axis = x.Rank - axes + d
                let struct (positions, lengths) = Pooling.Positions(input[d], target[d])
                let longest = if positions.Length = 0 then 1 else positions[0].Length
                let inner = Array.create (axes - d - 1) 1
                // a position repeated at the end of a shorter window does not count
                let counts = Array.init (target[d] * longest) (fun k -> double (k % longest) < lengths[k / longest])
                let counts = Const(NDArray.Adopt(Shape(Array.append [| target[d]; longest |] inner), counts))
                let taken = Tensor.Select(counts, Pooling.Taken(y, axis, positions), Tensor.Weak 0.0)
                let sums = Tensor.Apply(SumRule([| axis + 1 |], false), taken)
                sums / Const((NDArray.Adopt(Shape(Array.append [| target[d] |] inner), lengths)).Cast x.DType)

            Array.fold along x [| 0 .. axes - 1 |]

    /// The largest elements of as many windows as asked for, and their row-major places in the plane.
    static member AdaptiveMax(operation: string, x: Tensor, size: PerAxis, axes: int) : struct (Tensor * Tensor) =
        let target = Pooling.Targets(operation, x, size, axes)
        let input = Windows.Last(x, axes)

        if Pooling.DividesEvenly(input, target) then
            let kernel = PerAxis(Array.map2 (/) input target)
            Pooling.Max(operation, x, kernel, PerAxis(), PerAxis(), PerAxis(), false, axes)
        else
            let first = x.Rank - axes
            let positions = Array.init axes (fun d -> let struct (p, _) = Pooling.Positions(input[d], target[d]) in p)
            let length = positions |> Array.map (fun p -> if p.Length = 0 then 1 else p[0].Length)
            // the axis of window d moves on by one with every axis split before it
            let spread = Array.fold (fun (y: Tensor) d -> Pooling.Taken(y, first + 2 * d, positions[d])) x [| 0 .. axes - 1 |]
            let lead = Array.init first id
            let order = Array.concat [ lead; Array.init axes (fun d -> first + 2 * d); Array.init axes (fun d -> first + 2 * d + 1) ]
            let inside = Array.fold (*) 1 length
            let windows =
                Tensor.ReshapeTo(Matrix.Permute(spread, order), Shape(Array.concat [ Array.take first x.Shape.Sizes; target; [| inside |] ]))
            let struct (values, places) = Reducing.ExtremumWithIndex(true, windows, x.Rank, false)
            struct (values, Pooling.InPlane(places, positions, input, target, length))

    /// Places inside windows as places in the plane.
    static member private InPlane(places: Tensor, positions: int[][][], input: int[], target: int[], length: int[]) : Tensor =
        let windows, inside = Array.fold (*) 1 target, Array.fold (*) 1 length

        let digits (bases: int[]) (k: int) =
            let result = Array.zeroCreate bases.Length
            let mutable rest = k

            for d in bases.Length - 1 .. -1 .. 0 do
                result[d] <- rest % bases[d]
                rest <- rest / bases[d]

            result

        let table =
            Array.init (windows * inside) (fun k ->
                let window, place = digits target (k / inside), digits length (k % inside)
                let at = Array.init input.Length (fun d -> positions[d].[window[d]].[place[d]])
                int64 (Array.fold2 (fun sum n p -> sum * n + p) 0 input at))

        let bases = Array.init windows (fun k -> int64 (k * inside))
        let numbers = Tensor.Binary(BinaryOp.Add, places, Const(NDArray.Adopt(Shape target, bases)))
        let flat = Tensor.Take(Const(NDArray.Adopt(Shape [| table.Length |], table)), 0, Tensor.ReshapeTo(numbers, Shape [| numbers.Count |]))
        Tensor.ReshapeTo(flat, places.Shape)

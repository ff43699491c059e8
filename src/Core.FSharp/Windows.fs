namespace DiffLib

open System

/// One whole number for all axes of a window, or one for each. From a number, an array or a tuple: <c>stride: 2</c>, <c>stride: (2, 1)</c>. The default value
/// stands for the operation's own default.
[<Struct; NoEquality; NoComparison>]
type PerAxis =
    val internal Values: int[] | null
    internal new(values: int[] | null) = { Values = values }

    /// The same for every axis.
    static member op_Implicit(value: int) : PerAxis = PerAxis [| value |]

    /// One for each axis, in their order.
    static member op_Implicit(values: int[]) : PerAxis =
        match box values with
        | null -> nullArg "values"
        | _ -> PerAxis(Array.copy values)

    /// One for each of two axes.
    static member op_Implicit(values: struct (int * int)) : PerAxis = let struct (a, b) = values in PerAxis [| a; b |]

    /// One for each of three axes.
    static member op_Implicit(values: struct (int * int * int)) : PerAxis = let struct (a, b, c) = values in PerAxis [| a; b; c |]

    /// The numbers in parentheses.
    override x.ToString() =
        match x.Values with
        | null -> "(default)"
        | values -> "(" + String.Join(", ", values) + ")"

/// What lies around the input of a convolution: as many zeros before and behind each axis as said. From a number or an array (the same on both sides), or from
/// an array of pairs (before, behind). The default value is no padding.
[<Struct; NoEquality; NoComparison>]
type WindowPadding =
    val internal Before: int[] | null
    val internal After: int[] | null
    val internal IsSame: bool
    internal new(before: int[], after: int[]) = { Before = before; After = after; IsSame = false }
    private new(same: bool) = { Before = null; After = null; IsSame = same }

    /// As much as it takes for the output to have the size of the input, divided by the stride and rounded up; the odd one comes behind.
    static member Same = WindowPadding true

    /// None: only whole windows.
    static member Valid = WindowPadding false

    /// The same before and behind every axis.
    static member op_Implicit(value: int) : WindowPadding = WindowPadding([| value |], [| value |])

    /// For each axis, the same before and behind.
    static member op_Implicit(values: int[]) : WindowPadding =
        match box values with
        | null -> nullArg "values"
        | _ -> WindowPadding(Array.copy values, Array.copy values)

    /// For each of two axes, the same before and behind.
    static member op_Implicit(values: struct (int * int)) : WindowPadding = let struct (a, b) = values in WindowPadding([| a; b |], [| a; b |])

    /// For each of three axes, the same before and behind.
    static member op_Implicit(values: struct (int * int * int)) : WindowPadding =
        let struct (a, b, c) = values in WindowPadding([| a; b; c |], [| a; b; c |])

    /// For each axis the zeros before and behind it.
    static member op_Implicit(values: struct (int * int)[]) : WindowPadding =
        match box values with
        | null -> nullArg "values"
        | _ -> WindowPadding(values |> Array.map (fun struct (a, _) -> a), values |> Array.map (fun struct (_, b) -> b))

/// What windows of all kinds have in common.
[<AbstractClass; Sealed>]
type internal Windows =
    static member Text(values: int[]) : string = "(" + String.Join(", ", values) + ")"

    /// One number for each of the axes, at least as large as said; the default where nothing is given.
    static member Resolve(operation: string, name: string, value: PerAxis, axes: int, otherwise: int[], least: int) : int[] =
        let values =
            match value.Values with
            | null -> otherwise
            | [| one |] -> Array.create axes one
            | values -> values

        Windows.Demand(operation, name, values, axes, least)
        values

    static member Demand(operation: string, name: string, values: int[], axes: int, least: int) =
        if values.Length <> axes then
            invalidArg
                name
                $"{operation}: {name} is {Windows.Text values}, but there are {axes} axes. Give one number for all of them, or one for each."

        if values |> Array.exists (fun v -> v < least) then
            invalidArg name $"{operation}: {name} is {Windows.Text values}; each number must be {least} or more."

    /// The zeros before and behind each axis.
    static member Padding
        (operation: string, padding: WindowPadding, input: int[], kernel: int[], stride: int[], dilation: int[])
        : struct (int[] * int[]) =
        let axes = input.Length

        if padding.IsSame then
            let total =
                Array.init axes (fun d ->
                    let windows = (input[d] + stride[d] - 1) / stride[d]
                    max 0 ((windows - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1 - input[d]))

            struct (total |> Array.map (fun t -> t / 2), total |> Array.map (fun t -> t - t / 2))
        else
            let all (values: int[] | null) = Windows.Resolve(operation, "padding", PerAxis(values), axes, Array.zeroCreate axes, 0)
            struct (all padding.Before, all padding.After)

    /// How many windows fit into each axis; rounded up, a last window may reach over the padding but has to start before it.
    static member Count
        (operation: string, shape: Shape, input: int[], kernel: int[], stride: int[], dilation: int[], low: int[], high: int[], roundUp: bool)
        : int[] =
        Array.init input.Length (fun d ->
            let reach = int64 dilation[d] * int64 (kernel[d] - 1) + 1L
            let room = int64 input[d] + int64 low[d] + int64 high[d] - reach

            if room < 0L then
                invalidArg
                    "kernel"
                    $"{operation}: the kernel {Windows.Text kernel} with dilation {Windows.Text dilation} reaches over {reach} positions, but shape {shape} with padding {Windows.Text low} before and {Windows.Text high} behind has only {int64 input[d] + int64 low[d] + int64 high[d]} along spatial axis {d}. Use a smaller kernel or more padding."

            let step = int64 stride[d]
            let count = (if roundUp then (room + step - 1L) / step else room / step) + 1L
            // the last window starts inside
            int (if roundUp && (count - 1L) * step >= int64 input[d] + int64 low[d] then count - 1L else count))

    /// Both in their common floating-point type.
    static member Common(a: Tensor, b: Tensor) : struct (Tensor * Tensor) =
        let common = DTypes.promote a.DType a.IsWeak b.DType b.IsWeak
        let common = if DTypes.isFloat common then common else DType.Float64
        struct (Tensor.Cast(a, common), Tensor.Cast(b, common))

    /// The last axes of a shape.
    static member Last(x: Tensor, axes: int) : int[] = Array.skip (x.Rank - axes) x.Shape.Sizes

    /// The shape with other last axes.
    static member WithLast(x: Tensor, axes: int, sizes: int[]) : Shape = Shape(Array.append (Array.take (x.Rank - axes) x.Shape.Sizes) sizes)

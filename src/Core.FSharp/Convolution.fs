namespace rec DiffLib

open System
open DiffLib.Kernels

// Chapter 8b: convolution, in the sense of neural networks: correlation. With T(x, w, y) = Σ x·w·y over all positions and taps that meet, each of three maps
// takes two of the three to the derivative of T in the third. So each is bilinear, and their derivatives are again these three: every order closes.

/// Which of the three a convolution rule gives, from the other two.
type internal ConvolutionMap =
    /// From input and kernel: the convolution.
    | Output = 0
    /// From output and kernel: the transposed convolution.
    | Input = 1
    /// From input and output.
    | Kernel = 2

/// Input [n, groups·c, ..], kernel [groups·o, c, ..], output [n, groups·o, ..], with one to three spatial axes: two of them to the third, whose spatial
/// sizes are given. Output position p and tap k meet at input position p·stride + k·dilation - low.
[<Sealed>]
type internal ConvolutionRule(map: ConvolutionMap, stride: int[], dilation: int[], low: int[], groups: int, size: int[]) =
    inherit
        BinaryRule(
            match map with
            | ConvolutionMap.Output -> "convolution"
            | ConvolutionMap.Input -> "convolution_input"
            | _ -> "convolution_kernel"
        )

    let spatial (shape: Shape) = Array.skip 2 shape.Sizes

    /// The spatial sizes of input, kernel and output.
    let spaces (a: Shape) (b: Shape) =
        match map with
        | ConvolutionMap.Output -> struct (spatial a, spatial b, size)
        | ConvolutionMap.Input -> struct (size, spatial b, spatial a)
        | _ -> struct (spatial a, size, spatial b)

    /// The channels of a group: of the input and of the output.
    let channels (a: Shape) (b: Shape) =
        match map with
        | ConvolutionMap.Kernel -> struct (a.Sizes[1] / groups, b.Sizes[1] / groups)
        | _ -> struct (b.Sizes[1], b.Sizes[0] / groups)

    let result (a: Shape) (b: Shape) : Shape =
        let struct (inputs, outputs) = channels a b

        match map with
        | ConvolutionMap.Output -> Shape(Array.append [| a.Sizes[0]; groups * outputs |] size)
        | ConvolutionMap.Input -> Shape(Array.append [| a.Sizes[0]; groups * inputs |] size)
        | _ -> Shape(Array.append [| groups * outputs; inputs |] size)

    let other kind size = ConvolutionRule(kind, stride, dilation, low, groups, size)

    override _.Attributes =
        ValueSome
            [| "map", Attribute.Int(int map)
               "stride", Attribute.Ints stride
               "dilation", Attribute.Ints dilation
               "low", Attribute.Ints low
               "groups", Attribute.Int groups
               "size", Attribute.Ints size |]

    override _.Infer(a, b) = a.With(result a.Shape b.Shape)

    member private _.Sizes(a: Shape, b: Shape) : ConvolutionSizes =
        let struct (input, kernel, output) = spaces a b
        let struct (inputs, outputs) = channels a b
        let axes = Array.init size.Length (fun d -> ConvolutionAxis(input[d], kernel[d], output[d], stride[d], dilation[d], low[d]))
        ConvolutionSizes(a.Sizes[0], groups, inputs, outputs, ReadOnlySpan axes)

    override this.Value(a, b) =
        let sizes = this.Sizes(a.Shape, b.Shape)
        let a, b = a.Contiguous(), b.Contiguous()
        let y = NDArray.Allocate(a.DType, result a.Shape b.Shape)

        match map, a.DType with
        | ConvolutionMap.Output, DType.Float64 -> Convolution.Output(sizes, a.Span<double>(), b.Span<double>(), y.Write<double>())
        | ConvolutionMap.Output, _ -> Convolution.Output(sizes, a.Span<float32>(), b.Span<float32>(), y.Write<float32>())
        | ConvolutionMap.Input, DType.Float64 -> Convolution.Input(sizes, a.Span<double>(), b.Span<double>(), y.Write<double>())
        | ConvolutionMap.Input, _ -> Convolution.Input(sizes, a.Span<float32>(), b.Span<float32>(), y.Write<float32>())
        | _, DType.Float64 -> Convolution.Kernel(sizes, a.Span<double>(), b.Span<double>(), y.Write<double>())
        | _ -> Convolution.Kernel(sizes, a.Span<float32>(), b.Span<float32>(), y.Write<float32>())

        y

    override this.Push(input, a, b, _, d) = if input = 0 then Tensor.Apply(this, d, b) else Tensor.Apply(this, a, d)

    override _.Pull(input, a, b, _, w) =
        let space = spatial (if input = 0 then a.Shape else b.Shape)

        match map, input with
        | ConvolutionMap.Output, 0 -> Tensor.Apply(other ConvolutionMap.Input space, w, b)
        | ConvolutionMap.Output, _ -> Tensor.Apply(other ConvolutionMap.Kernel space, a, w)
        | ConvolutionMap.Input, 0 -> Tensor.Apply(other ConvolutionMap.Output space, w, b)
        | ConvolutionMap.Input, _ -> Tensor.Apply(other ConvolutionMap.Kernel space, w, a)
        | _, 0 -> Tensor.Apply(other ConvolutionMap.Input space, b, w)
        | _ -> Tensor.Apply(other ConvolutionMap.Output space, a, w)

    /// Examples among the images where the kernel is common to them, else among the groups.
    override this.Batch(a, b, stackedA, stackedB) =
        let rest (x: Tensor) from = Array.skip from x.Shape.Sizes
        let example (x: Tensor) stacked = if stacked then Shape(Array.tail x.Shape.Sizes) else x.Shape

        if Stacks.SizeOf([| a; b |], [| stackedA; stackedB |]) = 0 then
            // no examples would be no groups
            Const(NDArray.Zeros(a.DType, Stacks.Shape(0, result (example a stackedA) (example b stackedB))))
        elif stackedA && not stackedB && map <> ConvolutionMap.Kernel then
            let s = a.Shape.Sizes
            let y = Tensor.Apply(this, Tensor.ReshapeTo(a, Shape(Array.append [| s[0] * s[1] |] (rest a 2))), b)
            Tensor.ReshapeTo(y, Shape(Array.append [| s[0]; s[1] |] (rest y 1)))
        else
            let n = Stacks.SizeOf([| a; b |], [| stackedA; stackedB |])
            let a, b = Stacks.Of(a, stackedA, n), Stacks.Of(b, stackedB, n)

            /// [n, images, channels, ..] with the examples among the channels
            let amongChannels (x: Tensor) =
                let s = x.Shape.Sizes
                Tensor.ReshapeTo(Stacks.Move(x, 0, 1), Shape(Array.append [| s[1]; n * s[2] |] (rest x 3)))

            /// [n, channels, ..] with the examples among the first axis
            let amongRows (x: Tensor) = Tensor.ReshapeTo(x, Shape(Array.append [| n * x.Shape.Sizes[1] |] (rest x 2)))

            let grouped = ConvolutionRule(map, stride, dilation, low, n * groups, size)

            if map = ConvolutionMap.Kernel then
                let y = Tensor.Apply(grouped, amongChannels a, amongChannels b)
                Tensor.ReshapeTo(y, Shape(Array.append [| n; y.Shape.Sizes[0] / n |] (rest y 1)))
            else
                let y = Tensor.Apply(grouped, amongChannels a, amongRows b)
                let split = Tensor.ReshapeTo(y, Shape(Array.append [| y.Shape.Sizes[0]; n; y.Shape.Sizes[1] / n |] (rest y 2)))
                Stacks.Move(split, 1, 0)

/// Convolutions with checks, defaults and bias.
[<AbstractClass; Sealed>]
type internal Convolutions =
    /// Without an axis of images there is one image.
    static member private Images(operation: string, x: Tensor, axes: int, f: Tensor -> Tensor) : Tensor =
        if x.Rank = axes + 2 then
            f x
        elif x.Rank = axes + 1 then
            let y = f (Tensor.ReshapeTo(x, Shape(Array.append [| 1 |] x.Shape.Sizes)))
            Tensor.ReshapeTo(y, y.Shape.Without 0)
        else
            invalidArg
                "x"
                $"{operation}: x has shape {x.Shape}; [images, channels] and {axes} spatial axes are needed (or the same without images). Insert axes with ExpandDims."

    static member private DemandKernel(operation: string, x: Tensor, kernel: Tensor, axes: int) =
        if kernel.Rank <> axes + 2 then
            invalidArg
                "kernel"
                $"{operation}: x is {x.Shape} and the kernel {kernel.Shape}; the kernel needs two axes of channels and {axes} spatial ones. Reshape it."

        if kernel.Shape.Sizes |> Array.skip 2 |> Array.contains 0 then
            invalidArg "kernel" $"{operation}: the kernel {kernel.Shape} has no taps along some axis. Give each axis at least one."

    static member private DemandGroups(operation: string, x: Tensor, kernel: Tensor, groups: int) =
        if groups < 1 then
            raise (ArgumentOutOfRangeException("groups", groups, $"{operation}: there is at least one group of channels."))

        if x.Shape.Sizes[1] % groups <> 0 || kernel.Shape.Sizes[0] % groups <> 0 then
            invalidArg
                "groups"
                $"{operation}: x is {x.Shape} and the kernel {kernel.Shape}: the {x.Shape.Sizes[1]} channels of x and the first axis of the kernel do not both divide into {groups} groups."

    static member private WithBias(operation: string, y: Tensor, bias: Tensor voption, axes: int) : Tensor =
        match bias with
        | ValueNone -> y
        | ValueSome b ->
            if b.Rank <> 1 || b.Count <> y.Shape.Sizes[1] then
                invalidArg
                    "bias"
                    $"{operation}: the bias has shape {b.Shape}, but the result {y.Shape}: give one number for each of its {y.Shape.Sizes[1]} channels."

            y + Tensor.ReshapeTo(b, Shape(Array.append [| b.Count |] (Array.create axes 1)))

    /// x [n, groups·c, ..] with a kernel [groups·o, c, ..]: [n, groups·o, ..].
    static member Convolve
        (
            operation: string,
            x: Tensor,
            kernel: Tensor,
            bias: Tensor voption,
            stride: PerAxis,
            padding: WindowPadding,
            dilation: PerAxis,
            groups: int,
            axes: int
        ) : Tensor =
        let ones = Array.create axes 1
        let stride = Windows.Resolve(operation, "stride", stride, axes, ones, 1)
        let dilation = Windows.Resolve(operation, "dilation", dilation, axes, ones, 1)

        Convolutions.Images(
            operation,
            x,
            axes,
            fun x ->
                Convolutions.DemandKernel(operation, x, kernel, axes)
                Convolutions.DemandGroups(operation, x, kernel, groups)

                if x.Shape.Sizes[1] <> groups * kernel.Shape.Sizes[1] then
                    invalidArg
                        "kernel"
                        $"{operation}: x is {x.Shape} with {x.Shape.Sizes[1]} channels, but the kernel {kernel.Shape} sees {kernel.Shape.Sizes[1]} in each of {groups} groups. The kernel is [output channels, input channels / groups, ..]."

                let input, taps = Windows.Last(x, axes), Windows.Last(kernel, axes)
                let struct (low, high) = Windows.Padding(operation, padding, input, taps, stride, dilation)
                let output = Windows.Count(operation, x.Shape, input, taps, stride, dilation, low, high, false)
                let struct (x, kernel) = Windows.Common(x, kernel)
                let y = Tensor.Apply(ConvolutionRule(ConvolutionMap.Output, stride, dilation, low, groups, output), x, kernel)
                Convolutions.WithBias(operation, y, bias, axes)
        )

    /// x [n, groups·o, ..] with a kernel [groups·o, c, ..]: [n, groups·c, ..], the transpose of the convolution that has this kernel.
    static member Transposed
        (
            operation: string,
            x: Tensor,
            kernel: Tensor,
            bias: Tensor voption,
            stride: PerAxis,
            padding: WindowPadding,
            outputPadding: PerAxis,
            dilation: PerAxis,
            groups: int,
            axes: int
        ) : Tensor =
        let ones = Array.create axes 1
        let stride = Windows.Resolve(operation, "stride", stride, axes, ones, 1)
        let dilation = Windows.Resolve(operation, "dilation", dilation, axes, ones, 1)
        let extra = Windows.Resolve(operation, "outputPadding", outputPadding, axes, Array.zeroCreate axes, 0)

        if padding.IsSame then
            invalidArg
                "padding"
                $"{operation}: the size of the input does not follow from that of the output, so Same has no meaning here. Give numbers."

        if Array.exists2 (fun e most -> e >= most) extra (Array.map2 max stride dilation) then
            invalidArg
                "outputPadding"
                $"{operation}: outputPadding {Windows.Text extra} must be smaller than the stride {Windows.Text stride} or the dilation {Windows.Text dilation}: it only chooses among the sizes that the convolution maps to this one."

        Convolutions.Images(
            operation,
            x,
            axes,
            fun x ->
                Convolutions.DemandKernel(operation, x, kernel, axes)
                Convolutions.DemandGroups(operation, x, kernel, groups)

                if x.Shape.Sizes[1] <> kernel.Shape.Sizes[0] then
                    invalidArg
                        "kernel"
                        $"{operation}: x is {x.Shape} with {x.Shape.Sizes[1]} channels, but the kernel {kernel.Shape} starts from {kernel.Shape.Sizes[0]}. The kernel is [channels of x, output channels / groups, ..], as of the convolution that this one transposes."

                let output, taps = Windows.Last(x, axes), Windows.Last(kernel, axes)
                let struct (low, high) = Windows.Padding(operation, padding, output, taps, stride, dilation)

                let input = Array.init axes (fun d -> (output[d] - 1) * stride[d] - low[d] - high[d] + dilation[d] * (taps[d] - 1) + extra[d] + 1)

                if input |> Array.exists (fun n -> n < 0) then
                    invalidArg
                        "padding"
                        $"{operation}: padding {Windows.Text low} before and {Windows.Text high} behind takes away more than x {x.Shape} and the kernel {kernel.Shape} give. Use less."

                let struct (x, kernel) = Windows.Common(x, kernel)
                let y = Tensor.Apply(ConvolutionRule(ConvolutionMap.Input, stride, dilation, low, groups, input), x, kernel)
                Convolutions.WithBias(operation, y, bias, axes)
        )

    /// The sums over windows of the last axes, zeros outside: a convolution with ones, of every plane by itself.
    static member WindowSums(x: Tensor, kernel: int[], stride: int[], dilation: int[], low: int[], count: int[]) : Tensor =
        let axes = kernel.Length
        let planes = Array.take (x.Rank - axes) x.Shape.Sizes |> Array.fold (*) 1
        let flat = Tensor.ReshapeTo(x, Shape(Array.append [| planes; 1 |] (Windows.Last(x, axes))))
        let ones = Const(NDArray.Full(x.DType, Shape(Array.append [| 1; 1 |] kernel), 1.0))
        let y = Tensor.Apply(ConvolutionRule(ConvolutionMap.Output, stride, dilation, low, 1, count), flat, ones)
        Tensor.ReshapeTo(y, Windows.WithLast(x, axes, count))

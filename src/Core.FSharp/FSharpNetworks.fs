namespace DiffLib.FSharp

open System
open DiffLib

/// The operations of neural networks. Images are [n; channels; ...], channels before space; one number counts for all axes.
[<AutoOpen>]
module NetworkFunctions =
    let private every (value: int) = PerAxis [| value |]
    let private around (value: int) = WindowPadding([| value |], [| value |])

    let private convolve operation axes stride padding kernel x =
        Convolutions.Convolve(operation, x, kernel, ValueNone, every stride, around padding, PerAxis(), 1, axes)

    let private transposed operation axes stride padding kernel x =
        Convolutions.Transposed(operation, x, kernel, ValueNone, every stride, around padding, PerAxis(), PerAxis(), 1, axes)

    /// Convolution along one axis: a kernel [outputs; channels; taps] over x [n; channels; length] with as many zeros on both sides.
    let conv1d (stride: int) (padding: int) (kernel: Tensor) (x: Tensor) : Tensor = convolve "conv1d" 1 stride padding kernel x

    /// Convolution along two axes: a kernel [outputs; channels; height; width] over x [n; channels; height; width].
    let conv2d (stride: int) (padding: int) (kernel: Tensor) (x: Tensor) : Tensor = convolve "conv2d" 2 stride padding kernel x

    /// Convolution along three axes.
    let conv3d (stride: int) (padding: int) (kernel: Tensor) (x: Tensor) : Tensor = convolve "conv3d" 3 stride padding kernel x

    /// The transpose of conv1d with this kernel, stride and padding.
    let convTranspose1d (stride: int) (padding: int) (kernel: Tensor) (x: Tensor) : Tensor = transposed "convTranspose1d" 1 stride padding kernel x

    /// The transpose of conv2d with this kernel, stride and padding.
    let convTranspose2d (stride: int) (padding: int) (kernel: Tensor) (x: Tensor) : Tensor = transposed "convTranspose2d" 2 stride padding kernel x

    /// The transpose of conv3d with this kernel, stride and padding.
    let convTranspose3d (stride: int) (padding: int) (kernel: Tensor) (x: Tensor) : Tensor = transposed "convTranspose3d" 3 stride padding kernel x

    /// The largest elements of windows over the last two axes; the derivative goes to the first of them.
    let maxPool2d (kernel: int) (stride: int) (x: Tensor) : Tensor =
        let struct (values, _) = Pooling.Max("maxPool2d", x, every kernel, every stride, PerAxis(), PerAxis(), false, 2)
        values

    /// The means of windows over the last two axes.
    let avgPool2d (kernel: int) (stride: int) (x: Tensor) : Tensor =
        Pooling.Mean("avgPool2d", x, every kernel, every stride, PerAxis(), false, true, Nullable(), 2)

    /// Mean 0 and variance 1 over all axes but that of channels; also the means and variances.
    let batchNorm (epsilon: float) (x: Tensor) : Tensor * Tensor * Tensor =
        let struct (y, mean, variance) = Normalization.BatchStatistics("batchNorm", x, ValueNone, ValueNone, epsilon)
        y, mean, variance

    /// Mean 0 and variance 1 over the last axis.
    let layerNorm (epsilon: float) (x: Tensor) : Tensor = Normalization.Layer(x, 1, ValueNone, ValueNone, epsilon)

    /// Mean 0 and variance 1 over the channels of each group and all that follows.
    let groupNorm (groups: int) (epsilon: float) (x: Tensor) : Tensor = Normalization.Group("groupNorm", x, groups, ValueNone, ValueNone, epsilon)

    /// x/√(mean x² + ε) over the last axis.
    let rmsNorm (epsilon: float) (x: Tensor) : Tensor = Normalization.RootMeanSquare(x, 1, ValueNone, epsilon)

    /// Each element dropped with a probability, the others divided by that of staying.
    let dropout (probability: float) (key: RandomKey) (x: Tensor) : Tensor = Normalization.Dropout(x, probability, key, false)

    /// x Wᵀ + b for W [outputs; inputs].
    let linear (weight: Tensor) (bias: Tensor) (x: Tensor) : Tensor = Attention.Linear(x, weight, ValueSome bias)

    /// softmax(q kᵀ/√d) v.
    let attention (query: Tensor) (key: Tensor) (value: Tensor) : Tensor =
        let struct (y, _) = Attention.ScaledDotProduct(query, key, value, ValueNone, false, Nullable(), 0.0, ValueNone)
        y

    /// The same, where query i sees the keys up to i only.
    let causalAttention (query: Tensor) (key: Tensor) (value: Tensor) : Tensor =
        let struct (y, _) = Attention.ScaledDotProduct(query, key, value, ValueNone, true, Nullable(), 0.0, ValueNone)
        y

    /// Images [n; channels; ...] in another size.
    let resize (mode: ResampleMode) (size: int list) (x: Tensor) : Tensor = Resampling.Resize(x, List.toArray size, null, mode, false)

    /// Channels become space: [..; c r²; h; w] to [..; c; h r; w r].
    let pixelShuffle (factor: int) (x: Tensor) : Tensor = Resampling.PixelShuffle(x, factor)

namespace rec DiffLib

open System
open System.Numerics
open DiffLib.Kernels
open MathNet.Numerics.Providers.FourierTransform

// The discrete Fourier transform. Complex numbers are pairs: a last axis of size 2 with the real and the imaginary part.

/// Where the factor 1/n goes.
type FourierNorm =
    /// None forward, 1/n backward.
    | Backward = 0
    /// 1/√n both ways: the transform is unitary.
    | Orthonormal = 1
    /// 1/n forward, none backward.
    | Forward = 2

/// Transforms of any length. MathNet's are exact to rounding for powers of two; other lengths become a convolution of such a length, for
/// jk = (j² + k² - (k - j)²)/2 (L. Bluestein, "A linear filtering approach to the computation of the discrete Fourier transform", 1970). The angles
/// are reduced as integers, so that long lines lose no digits (MathNet's own chirp multiplies first, and loses them).
[<Sealed>]
type internal Spectrum(n: int) =
    // an instance of our own use: MathNet's process-wide choice is neither read nor changed
    static let provider: IFourierTransformProvider = ManagedFourierTransformProvider.Instance
    static let transform (line: Complex[]) = provider.Forward(line, FourierTransformScaling.NoScaling)
    let isPower = BitOperations.IsPow2 n
    let padded = if isPower then n else int (BitOperations.RoundUpToPowerOf2(uint32 (2 * n - 1)))

    let chirp =
        if isPower then
            [||]
        else
            Array.init n (fun j -> Complex.FromPolarCoordinates(1.0, -Math.PI * double (int64 j * int64 j % (2L * int64 n)) / double n))

    let kernel =
        let line: Complex[] = Array.zeroCreate padded

        for j in 0 .. chirp.Length - 1 do
            line[j] <- Complex.Conjugate chirp[j]
            if j > 0 then line[padded - j] <- Complex.Conjugate chirp[j]

        if not isPower then transform line
        line

    let work: Complex[] = Array.zeroCreate (if isPower then 0 else padded)

    /// Σ x[j] exp(-2πi j k / n) in place of x.
    member _.Forward(line: Complex[]) =
        if isPower then
            transform line
        else
            Array.Clear work

            for j in 0 .. n - 1 do
                work[j] <- line[j] * chirp[j]

            transform work

            // the convolution by a second forward transform of the conjugate
            for j in 0 .. padded - 1 do
                work[j] <- Complex.Conjugate(work[j] * kernel[j])

            transform work

            for k in 0 .. n - 1 do
                line[k] <- Complex.Conjugate work[k] / double padded * chirp[k]

/// X[k] = factor Σ x[j] exp(∓2πi j k / n) along the last axis but one, of pairs: [.., n, 2]. Linear over the real numbers; its transpose is the
/// conjugate transform with the same factor, for exp(∓2πi j k / n) is symmetric in j and k.
[<Sealed>]
type internal FourierRule(forward: bool, factor: double) =
    inherit LinearRule("fourier")
    override _.Attributes = ValueSome [| "forward", Attribute.Flag forward; "factor", Attribute.Float factor |]
    override _.Infer x = x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)

    override _.Value x =
        let n = x.Shape.Sizes[x.Rank - 2]
        let data = (x.Cast DType.Float64).ToArray<double>()
        let spectrum = Spectrum n
        let line: Complex[] = Array.zeroCreate n
        // the backward transform is the forward one between two conjugations
        let sign = if forward then 1.0 else -1.0

        for t in 0 .. data.Length / (2 * n) - 1 do
            let at = 2 * n * t

            for j in 0 .. n - 1 do
                line[j] <- Complex(data[at + 2 * j], sign * data[at + 2 * j + 1])

            spectrum.Forward line

            for j in 0 .. n - 1 do
                data[at + 2 * j] <- factor * line[j].Real
                data[at + 2 * j + 1] <- sign * factor * line[j].Imaginary

        (NDArray.Adopt(x.Shape, data)).Cast x.DType

    override _.Transpose(_, w) = Tensor.Apply(FourierRule(not forward, factor), w)

/// Fourier transforms of real and complex tensors along an axis.
[<AbstractClass; Sealed>]
type internal FourierTransform =
    /// The real and the imaginary part beside each other, on a new last axis.
    static member private Paired(re: Tensor, im: Tensor) : Tensor =
        Matrix.Widen(Matrix.Insert(re, -1), -1, 0, 2) + Matrix.Widen(Matrix.Insert(im, -1), -1, 1, 2)

    static member private Part(x: Tensor, k: int) : Tensor =
        let part = Matrix.Narrow(x, -1, k, 1)
        Tensor.ReshapeTo(part, part.Shape.Without(part.Rank - 1))

    /// The axis moved to the last place.
    static member private Last(x: Tensor, axis: int) : Tensor =
        Matrix.Permute(x, Array.append (Array.except [ axis ] [| 0 .. x.Rank - 1 |]) [| axis |])

    /// The last axis moved to a place.
    static member private Back(x: Tensor, axis: int) : Tensor = Matrix.Permute(x, Array.insertAt axis (x.Rank - 1) [| 0 .. x.Rank - 2 |])

    static member private Factor(n: int, forward: bool, norm: FourierNorm) : double =
        match norm with
        | FourierNorm.Orthonormal -> 1.0 / Math.Sqrt(double n)
        | FourierNorm.Forward -> if forward then 1.0 / double n else 1.0
        | FourierNorm.Backward -> if forward then 1.0 else 1.0 / double n
        | _ -> raise (ArgumentOutOfRangeException("norm", norm, "there is no such convention: Backward, Orthonormal or Forward."))

    static member private NotEmpty(operation: string, shape: Shape, axis: int) =
        if shape.Sizes[axis] = 0 then
            invalidArg "axis" $"{operation}: axis {axis} of shape {shape} is empty, and nothing has no spectrum. Transform another axis."

    static member private Apply(x: Tensor, forward: bool, norm: FourierNorm) : Tensor =
        Tensor.Apply(FourierRule(forward, FourierTransform.Factor(Matrix.Rows x, forward, norm)), x)

    /// The transform of re + i im along an axis, forward or backward.
    static member Complex(re: Tensor, im: Tensor, axis: int, forward: bool, norm: FourierNorm) : struct (Tensor * Tensor) =
        if not (re.Shape.Equals im.Shape) then
            invalidArg "im" $"Fourier: re is {re.Shape}, but im is {im.Shape}. The real and the imaginary part have one shape."

        let d = re.Shape.Axis axis
        FourierTransform.NotEmpty("Fourier", re.Shape, d)
        let struct (re, im) = Products.Common(Tensor.Fractional re, Tensor.Fractional im)
        let y = FourierTransform.Apply(FourierTransform.Paired(FourierTransform.Last(re, d), FourierTransform.Last(im, d)), forward, norm)
        struct (FourierTransform.Back(FourierTransform.Part(y, 0), d), FourierTransform.Back(FourierTransform.Part(y, 1), d))

    /// The first n/2 + 1 coefficients of a real tensor; the others are their conjugates.
    static member Real(x: Tensor, axis: int, norm: FourierNorm) : struct (Tensor * Tensor) =
        let d = x.Shape.Axis axis
        FourierTransform.NotEmpty("Rfft", x.Shape, d)
        let line = FourierTransform.Last(Tensor.Fractional x, d)
        let pairs = Matrix.Widen(Matrix.Insert(line, -1), -1, 0, 2)
        let half = Matrix.Narrow(FourierTransform.Apply(pairs, true, norm), -2, 0, x.Shape.Sizes[d] / 2 + 1)
        struct (FourierTransform.Back(FourierTransform.Part(half, 0), d), FourierTransform.Back(FourierTransform.Part(half, 1), d))

    /// The real tensor of n elements along an axis whose first n/2 + 1 coefficients these are. All but the first, and the last if n is even, count
    /// twice, for themselves and for their conjugates; of those two the imaginary part is not read.
    static member RealInverse(re: Tensor, im: Tensor, n: int, axis: int, norm: FourierNorm) : Tensor =
        if not (re.Shape.Equals im.Shape) then
            invalidArg "im" $"Irfft: re is {re.Shape}, but im is {im.Shape}. The real and the imaginary part have one shape."

        let d = re.Shape.Axis axis

        if n < 1 || re.Shape.Sizes[d] <> n / 2 + 1 then
            invalidArg
                "length"
                $"Irfft: {n} elements have {n / 2 + 1} coefficients, but axis {axis} of re {re.Shape} has {re.Shape.Sizes[d]}. Give the length of the original: 2k - 2 or 2k - 1 for k coefficients."

        let struct (re, im) = Products.Common(Tensor.Fractional re, Tensor.Fractional im)
        let half = FourierTransform.Paired(FourierTransform.Last(re, d), FourierTransform.Last(im, d))
        let weights = Matrix.Filled(re, n / 2 + 1, 1, (fun k _ -> if k = 0 || 2 * k = n then 1.0 else 2.0))
        let full = Matrix.Widen(half * weights, -2, 0, n)
        FourierTransform.Back(FourierTransform.Part(FourierTransform.Apply(full, false, norm), 0), d)

namespace DiffLib.FSharp

open System
open DiffLib

/// The same elements otherwise arranged, and several tensors into one.
[<AutoOpen>]
module ShapeFunctions =
    /// Another shape of as many elements; one size may be -1 and is inferred.
    let reshape (sizes: int list) (x: Tensor) : Tensor = Shaping.Reshape(x, List.toArray sizes)

    /// All elements as a vector, row-major.
    let flatten (x: Tensor) : Tensor = Shaping.Reshape(x, [| -1 |])

    /// A new axis of size 1 at this place of the result.
    let expandDims (axis: int) (x: Tensor) : Tensor = Shaping.ExpandDims(x, [| axis |])

    /// Without all axes of size 1.
    let squeeze (x: Tensor) : Tensor = Shaping.Squeeze(x, null, false)

    /// Without one axis, whose size must be 1.
    let squeezeAxis (axis: int) (x: Tensor) : Tensor = Shaping.Squeeze(x, [| axis |], true)

    /// All axes in reverse order: the transpose of a matrix.
    let transpose (x: Tensor) : Tensor = Shaping.Reverse x

    /// The last two axes exchanged: the transposes of a stack of matrices.
    let matrixTranspose (x: Tensor) : Tensor = Shaping.MatrixTranspose x

    /// The axes in this order.
    let permute (axes: int list) (x: Tensor) : Tensor = Shaping.Permute(x, List.toArray axes)

    /// Two axes exchanged.
    let swapAxes (a: int) (b: int) (x: Tensor) : Tensor = Shaping.SwapAxes(x, a, b)

    /// One axis moved to another place.
    let moveAxis (source: int) (destination: int) (x: Tensor) : Tensor = Shaping.MoveAxis(x, [| source |], [| destination |])

    /// Repeated along axes of size 1 and new leading axes, without a copy.
    let broadcastTo (sizes: int list) (x: Tensor) : Tensor = Tensor.BroadcastTo(x, Shape(List.toArray sizes))

    /// Backwards along an axis.
    let flip (axis: int) (x: Tensor) : Tensor = Shaping.Flip(x, [| axis |])

    /// Shifted along an axis; what leaves at the end comes in at the front.
    let roll (shift: int) (axis: int) (x: Tensor) : Tensor = Joining.Roll(x, [| shift |], [| axis |])

    /// Repeated as often along each axis.
    let tile (repeats: int list) (x: Tensor) : Tensor = Joining.Tile(x, List.toArray repeats)

    /// Zeros before and after each axis.
    let pad (widths: (int * int) list) (x: Tensor) : Tensor = Padding.Pad(x, List.toArray widths, PadMode.Constant, 0.0)

    /// A matrix with this diagonal, or the diagonal of a matrix.
    let diag (x: Tensor) : Tensor = Shaping.Diag(x, 0)

    /// What lies on or below the diagonal, zeros above.
    let tril (x: Tensor) : Tensor = Shaping.Tril(x, 0)

    /// What lies on or above the diagonal, zeros below.
    let triu (x: Tensor) : Tensor = Shaping.Triu(x, 0)

    /// One position of an axis, which is dropped.
    let selectAxis (axis: int) (position: int) (x: Tensor) : Tensor = Shaping.Select(x, axis, position)

    /// A part of an axis.
    let narrow (axis: int) (start: int) (length: int) (x: Tensor) : Tensor = Shaping.Narrow(x, axis, start, length)

    /// Entries of an axis at positions, which are an integer vector.
    let indexSelect (axis: int) (positions: Tensor) (x: Tensor) : Tensor = Indexing.IndexSelect(x, axis, positions)

    /// y[.., i, ..] = x[.., index[.., i, ..], ..] along an axis.
    let gather (axis: int) (index: Tensor) (x: Tensor) : Tensor = Indexing.Gather(x, axis, index)

    /// x with the elements of source added at the places that index names along an axis.
    let scatterAdd (axis: int) (index: Tensor) (source: Tensor) (x: Tensor) : Tensor = Indexing.ScatterAdd(x, axis, index, source)

    /// The elements where the mask holds, as a vector.
    let maskedSelect (mask: Tensor) (x: Tensor) : Tensor = Indexing.MaskedSelect(x, mask)

    /// One number where the mask holds.
    let maskedFill (mask: Tensor) (value: float) (x: Tensor) : Tensor = Indexing.MaskedFill(x, mask, Tensor.Weak value)

    /// Behind each other along an axis.
    let concat (axis: int) (xs: Tensor seq) : Tensor = Joining.Concat(Seq.toArray xs, axis)

    /// Side by side along a new axis.
    let stack (axis: int) (xs: Tensor seq) : Tensor = Joining.Stack(Seq.toArray xs, axis)

    /// Pieces of this size along an axis, the last one smaller if need be.
    let split (size: int) (axis: int) (x: Tensor) : Tensor[] = Joining.Split(x, size, axis)

    /// The entries of an axis, one by one, without it.
    let unstack (axis: int) (x: Tensor) : Tensor[] = Joining.Unbind(x, axis)

    /// Grids of coordinates of vectors, in the order of the vectors.
    let meshGrid (xs: Tensor seq) : Tensor[] = Joining.MeshGrid(Seq.toArray xs, false)

/// Products, systems of equations, factorisations, transforms. Matrices may come in stacks, with leading axes. Each names its arguments in the order
/// of the formula: matmul a b is A·B, solve a b is the X with A·X = B.
[<AutoOpen>]
module LinearFunctions =
    /// The matrix product A·B; vectors count as a row on the left and a column on the right, leading axes broadcast.
    let matmul (a: Tensor) (b: Tensor) : Tensor = Products.MatMul(a, b)

    /// The inner product along the last axis of a and the last but one of b.
    let dot (a: Tensor) (b: Tensor) : Tensor = Products.Dot(a, b)

    /// The outer product of two vectors.
    let outer (a: Tensor) (b: Tensor) : Tensor = Products.Outer(a, b)

    /// Sums of products by subscripts: einsum "ij,jk->ik" [ a; b ].
    let einsum (equation: string) (operands: Tensor seq) : Tensor = Einsum.evaluate equation (Seq.toArray operands)

    /// The Kronecker product.
    let kron (a: Tensor) (b: Tensor) : Tensor = Products.Kron(a, b)

    /// The vector product along the last axis, of size 3.
    let cross (a: Tensor) (b: Tensor) : Tensor = Products.Cross(a, b, -1)

    /// X with A·X = B, by LU with partial pivoting.
    let solve (a: Tensor) (b: Tensor) : Tensor = LinearAlgebra.Solve(a, b)

    /// X with L·X = B for a lower triangular L.
    let solveLower (l: Tensor) (b: Tensor) : Tensor = LinearAlgebra.SolveTriangular(l, b, false, false, true)

    /// X with U·X = B for an upper triangular U.
    let solveUpper (u: Tensor) (b: Tensor) : Tensor = LinearAlgebra.SolveTriangular(u, b, true, false, true)

    /// X with A·X = B for a symmetric positive definite A, by Cholesky's factor.
    let solvePositiveDefinite (a: Tensor) (b: Tensor) : Tensor = Equations.SolvePositive(a, b)

    /// X with A·X = B for the tridiagonal A with these diagonals: below, main, above.
    let solveTridiagonal (lower: Tensor) (diagonal: Tensor) (upper: Tensor) (b: Tensor) : Tensor =
        Equations.SolveTridiagonal(lower, diagonal, upper, b)

    /// X with A·X + X·B = C.
    let sylvester (a: Tensor) (b: Tensor) (c: Tensor) : Tensor = Equations.Sylvester(a, b, c)

    /// X with A·X + X·Aᵀ = Q.
    let lyapunov (a: Tensor) (q: Tensor) : Tensor = Equations.Lyapunov(a, q)

    /// X with X - A·X·Aᵀ = Q.
    let discreteLyapunov (a: Tensor) (q: Tensor) : Tensor = Equations.DiscreteLyapunov(a, q)

    /// The inverse; to solve equations, solve is quicker and more accurate.
    let inverse (a: Tensor) : Tensor = LinearAlgebra.Inverse a

    /// The determinant.
    let det (a: Tensor) : Tensor = LinearAlgebra.Det a

    /// The sign of det A and ln |det A|.
    let slogDet (a: Tensor) : Tensor * Tensor =
        let struct (sign, log) = LinearAlgebra.SlogDet a
        sign, log

    /// ln det A; NaN where the determinant is negative.
    let logDet (a: Tensor) : Tensor = LinearAlgebra.LogDet a

    /// The lower triangular L with L·Lᵀ = A, for a symmetric positive definite A.
    let cholesky (a: Tensor) : Tensor = LinearAlgebra.Cholesky a

    /// X with L·Lᵀ·X = B, for the factor that cholesky gives.
    let choleskySolve (l: Tensor) (b: Tensor) : Tensor = LinearAlgebra.CholeskySolve(l, b, false)

    /// P, L, U with A = P·L·U.
    let lu (a: Tensor) : Tensor * Tensor * Tensor =
        let struct (p, l, u) = Spectral.Lu a
        p, l, u

    /// Q, R with A = Q·R.
    let qr (a: Tensor) : Tensor * Tensor =
        let struct (q, r) = Spectral.Qr a
        q, r

    /// Eigenvalues in ascending order and eigenvectors, one a column, of a symmetric A.
    let eigh (a: Tensor) : Tensor * Tensor =
        let struct (values, vectors) = Spectral.Eigh a
        values, vectors

    /// Real and imaginary parts of the eigenvalues of any square A.
    let eigvals (a: Tensor) : Tensor * Tensor =
        let struct (re, im) = Eigenvalues.Of a
        re, im

    /// U, s, Vᵀ with A = U·diag(s)·Vᵀ.
    let svd (a: Tensor) : Tensor * Tensor * Tensor =
        let struct (u, s, vt) = Spectral.Svd a
        u, s, vt

    /// The pseudo-inverse.
    let pinv (a: Tensor) : Tensor = Spectral.Pinv(a, Nullable(), 0.0)

    /// The shortest X that makes ‖A·X - B‖ smallest.
    let lstsq (a: Tensor) (b: Tensor) : Tensor = Spectral.Lstsq(a, b, Nullable())

    /// The sum of the diagonal.
    let trace (a: Tensor) : Tensor = LinearAlgebra.Trace a

    /// A to the n-th power, for any whole n.
    let matrixPower (n: int) (a: Tensor) : Tensor = MatrixFunctions.Power(a, n)

    /// e to the power A.
    let matrixExp (a: Tensor) : Tensor = MatrixFunctions.Exp a

    /// The principal logarithm of A.
    let matrixLog (a: Tensor) : Tensor = Equations.Log a

    /// The principal square root of A.
    let matrixSqrt (a: Tensor) : Tensor = Equations.Sqrt a

    /// Q·f(Λ)·Qᵀ of a symmetric A, for an elementwise f; smooth where eigenvalues coincide.
    let symmetricFunction (f: Tensor -> Tensor) (a: Tensor) : Tensor = MatrixFunctions.Symmetric(f, a)

    /// Real and imaginary part of the first n/2 + 1 Fourier coefficients of real numbers along the last axis.
    let rfft (x: Tensor) : Tensor * Tensor =
        let struct (re, im) = FourierTransform.Real(x, -1, FourierNorm.Backward)
        re, im

    /// The n real numbers along the last axis with these first n/2 + 1 Fourier coefficients.
    let irfft (n: int) (re: Tensor) (im: Tensor) : Tensor = FourierTransform.RealInverse(re, im, n, -1, FourierNorm.Backward)

/// Distances between predictions and targets, averaged over all elements or rows; the prediction comes last.
[<AutoOpen>]
module LossFunctions =
    /// The mean of (prediction - target)².
    let squaredError (target: Tensor) (prediction: Tensor) : Tensor = Losses.Squared(prediction, target, LossReduction.Mean)

    /// The mean of |prediction - target|.
    let absoluteError (target: Tensor) (prediction: Tensor) : Tensor = Losses.Absolute(prediction, target, LossReduction.Mean)

    /// Quadratic up to delta, linear beyond.
    let huber (delta: float) (target: Tensor) (prediction: Tensor) : Tensor = Losses.Huber(prediction, target, delta, LossReduction.Mean)

    /// The mean of -ln softmax(logits)[class]: logits [n; c] (or [n; c; ...]), targets as class numbers [n] or as probabilities [n; c].
    let crossEntropy (target: Tensor) (logits: Tensor) : Tensor = Losses.CrossEntropy(logits, target, ValueNone, Nullable(), 0.0, LossReduction.Mean)

    /// The mean binary cross-entropy of sigmoid(logits), without overflow.
    let binaryCrossEntropyWithLogits (target: Tensor) (logits: Tensor) : Tensor =
        Losses.BinaryCrossEntropyWithLogits(logits, target, ValueNone, ValueNone, LossReduction.Mean)

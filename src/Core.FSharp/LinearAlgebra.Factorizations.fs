namespace DiffLib

open System
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.CompilerServices
open DiffLib.Kernels
open MathNet.Numerics
open MathNet.Numerics.Providers.LinearAlgebra

/// A matrix that has to be inverted is exactly singular: elimination met a pivot of 0. The same in every mode of evaluation.
[<Sealed>]
type SingularMatrixException(message: string) =
    inherit ArithmeticException(message)

/// A matrix that has to be positive definite is not.
[<Sealed>]
type NotPositiveDefiniteException(message: string) =
    inherit ArithmeticException(message)

/// A P = L U of a stack of square matrices, with pivots taken along rows: L on and below the diagonal, U above it (its own diagonal is 1), row-major.
/// These are the usual factors of the transposed matrices, column-major: no number has to change its place.
[<Sealed; AllowNullLiteral>]
type internal Lu(n: int, packed: double[], pivots: int[]) =
    member _.Order = n
    member _.Packed = packed
    /// Column i of matrix t was exchanged with column pivots[t n + i], in this order.
    member _.Pivots = pivots

    member _.Diagonal(t: int, i: int) = packed[(t * n + i) * n + i]

    /// The first matrix with a pivot that is exactly 0, or -1.
    member this.Singular: int =
        let count = if n = 0 then 0 else packed.Length / (n * n)
        let mutable found = -1

        for t in count - 1 .. -1 .. 0 do
            for i in 0 .. n - 1 do
                if this.Diagonal(t, i) = 0.0 then found <- t

        found

    /// The sign of the permutation of matrix t.
    member _.Parity(t: int) : double =
        let mutable sign = 1.0

        for i in 0 .. n - 1 do
            if pivots[t * n + i] <> i then sign <- -sign

        sign

/// Factorisations of stacks of matrices, all computed in float64: float32 is widened before and rounded after.
/// NaN in a matrix makes NaN of its results; it is never an error.
module internal Factorizations =
    /// The library in use, column-major.
    let provider () : ILinearAlgebraProvider<double> = Backends.Factorizations.Provider

    /// Float64, row-major, gap-free.
    let private wide (x: NDArray) : double[] = (x.Cast DType.Float64).ToArray<double>()

    let private narrow (dtype: DType) (shape: Shape) (data: double[]) : NDArray = (NDArray.Adopt(shape, data)).Cast dtype

    let private size (x: NDArray) = struct (x.Shape.Sizes[x.Rank - 2], x.Shape.Sizes[x.Rank - 1])

    /// The sizes before the last two, with others behind them.
    let shaped (x: NDArray) (last: int[]) : Shape = Shape(Array.append (Array.sub x.Shape.Sizes 0 (x.Rank - 2)) last)

    let batchCount (x: NDArray) = (Blas.batchOf x.Shape).Count

    /// Numbers that will all be written.
    let private room count : double[] = GC.AllocateUninitializedArray count

    /// Float64, row-major, gap-free, for reading.
    let private numbers (x: NDArray) : NDArray = (x.Cast DType.Float64).Contiguous()

    /// Matrix t of rows by columns, transposed: from row-major to column-major.
    let private transposed (source: NDArray) t rows columns : double[] =
        let result = room (rows * columns)
        Matrices.Transpose(source.Span<double>().Slice(t * rows * columns, rows * columns), rows, columns, result.AsSpan())
        result

    /// The lower triangle of matrix t mirrored to a full symmetric matrix: the same in row-major and column-major.
    let private mirrored (source: NDArray) t n : double[] =
        let result = room (n * n)
        Matrices.Mirror(source.Span<double>().Slice(t * n * n, n * n), n, result.AsSpan())
        result

    /// Whether a number is infinite or NaN: only then is the sum.
    let private hasNaN (xs: double[]) = not (Double.IsFinite(TensorPrimitives.Sum(ReadOnlySpan xs))) && Array.exists (Double.IsFinite >> not) xs

    // ---- LU

    let private luOf (a: NDArray) : Lu =
        let struct (n, _) = size a
        let data = wide a
        let pivots = Array.zeroCreate (batchCount a * n)

        if batchCount a = 1 && n > 0 then
            provider().LUFactor(data, n, pivots)
        elif n > 0 then
            for t in 0 .. batchCount a - 1 do
                let block, own = Array.sub data (t * n * n) (n * n), Array.zeroCreate n
                provider().LUFactor(block, n, own)
                Array.blit own 0 pivots (t * n) n
                Array.blit block 0 data (t * n * n) (n * n)

        Lu(n, data, pivots)

    /// Arrays do not change, so the factors of one are computed once, and live as long as it does: a solve, its derivative and the determinant share them.
    let private known = ConditionalWeakTable<obj, Lu>()

    let lu (a: NDArray) : Lu = known.GetValue(nonNull (box a), (fun _ -> luOf a))

    /// The factors, for a matrix that must not be singular.
    let regular (operation: string) (a: NDArray) : Lu =
        let factors = lu a
        let t = factors.Singular

        if t >= 0 then
            let which = if a.Rank = 2 then "the matrix" else $"matrix {t} of the stack"

            raise (
                SingularMatrixException
                    $"{operation}: {which} (shape {a.Shape}) is singular: elimination meets a pivot of 0. Pinv and Lstsq take singular matrices; or add a small multiple of the identity."
            )

        factors

    // ---- triangles

    /// Solves op(T) X = B in place, where T is n by n with rows stored at distance ld, X n by k with rows at distance k.
    let private triangle (upper: bool) (transposed: bool) (unit: bool) n k (t: ReadOnlySpan<double>) ld (x: Span<double>) : unit =
        Backends.Factorizations.SolveTriangle(upper, transposed, unit, n, k, t, ld, x)

    /// For each matrix of the broadcast batch: its number, and the numbers of the operands' matrices.
    let private pairs (batch: Shape) (a: NDArray) (b: NDArray) : struct (int * int * int)[] =
        let index (x: NDArray) =
            let own = Blas.batchOf x.Shape
            let strides = own.RowMajorStrides
            let shift = batch.Rank - own.Rank
            let full = batch.RowMajorStrides

            fun t ->
                let mutable at = 0

                for d in 0 .. own.Rank - 1 do
                    if own.Sizes[d] <> 1 then at <- at + strides[d] * (t / full[d + shift] % batch.Sizes[d + shift])

                at

        let ia, ib = index a, index b
        Array.init batch.Count (fun t -> struct (t, ia t, ib t))

    let private solved (operation: string) (a: NDArray) (b: NDArray) (body: int -> int -> int -> Memory<double> -> unit) : NDArray =
        let struct (n, _) = size a
        let k = b.Shape.Sizes[b.Rank - 1]
        let batch = Shape.Broadcast(operation, Blas.batchOf a.Shape, Blas.batchOf b.Shape)
        let right = wide b
        let x: double[] = Array.zeroCreate (batch.Count * n * k)

        if x.Length > 0 then
            for struct (t, ta, tb) in pairs batch a b do
                let part = Memory<double>(x, t * n * k, n * k)
                right.AsSpan(tb * n * k, n * k).CopyTo part.Span
                body n k ta part

        narrow a.DType (Shape(Array.append batch.Sizes [| n; k |])) x

    let private exchange (x: Span<double>) k i j =
        if i <> j then
            for c in 0 .. k - 1 do
                let kept = x[i * k + c]
                x[i * k + c] <- x[j * k + c]
                x[j * k + c] <- kept

    /// X with op(A) X = B, stacks broadcast.
    let solve (transposed: bool) (a: NDArray) (b: NDArray) : NDArray =
        let factors = regular "Solve" a

        solved "Solve" a b (fun n k t part ->
            let x = part.Span
            let matrix = ReadOnlySpan<double>(factors.Packed, t * n * n, n * n)
            // A P = L U, so A X = B means L U (Pᵀ X) = B, and Aᵀ X = B means Uᵀ Lᵀ X = Pᵀ B
            if not transposed then
                triangle false false false n k matrix n x
                triangle true false true n k matrix n x

                for i in n - 1 .. -1 .. 0 do
                    exchange x k i factors.Pivots[t * n + i]
            else
                for i in 0 .. n - 1 do
                    exchange x k i factors.Pivots[t * n + i]

                triangle true true true n k matrix n x
                triangle false true false n k matrix n x)

    /// X with op(T) X = B for a triangle T; the other triangle is not read, nor the diagonal where it is taken as 1.
    let solveTriangular (upper: bool) (transposed: bool) (unit: bool) (a: NDArray) (b: NDArray) : NDArray =
        let data = wide a
        let struct (n, _) = size a

        if not unit then
            for at in 0 .. batchCount a * n - 1 do
                if data[at * n + at % n] = 0.0 then
                    raise (
                        SingularMatrixException
                            $"SolveTriangular: the triangle (shape {a.Shape}) has a 0 at row {at % n} of its diagonal, so it is singular."
                    )

        solved "SolveTriangular" a b (fun n k t part -> triangle upper transposed unit n k (ReadOnlySpan<double>(data, t * n * n, n * n)) n part.Span)

    /// The n by n identity, once for each matrix of x.
    let eyes (x: NDArray) : NDArray =
        let struct (n, _) = size x
        let eye = Array.init (n * n) (fun at -> if at / n = at % n then 1.0 else 0.0)
        (narrow x.DType (Shape [| n; n |]) eye).BroadcastTo(shaped x [| n; n |])

    /// The sign and the logarithm of the size of the determinant, from the factors.
    let signAndLog (a: NDArray) : struct (double[] * double[]) =
        let factors = lu a
        let count = batchCount a
        let sign: double[] = Array.zeroCreate count
        let log: double[] = Array.zeroCreate count

        for t in 0 .. count - 1 do
            sign[t] <- factors.Parity t

            for i in 0 .. factors.Order - 1 do
                let d = factors.Diagonal(t, i)
                sign[t] <- sign[t] * (if Double.IsNaN d then d else double (Math.Sign d))
                log[t] <- log[t] + Math.Log(Math.Abs d)

        struct (sign, log)

    /// A product whose intermediate results neither overflow nor underflow.
    let scaledProduct (numbers: double seq) : double =
        let mutable mantissa = 1.0
        let mutable exponent = 0

        for x in numbers do
            mantissa <- mantissa * x

            if mantissa <> 0.0 && Double.IsFinite mantissa then
                let e = Math.ILogB mantissa
                mantissa <- Math.ScaleB(mantissa, -e)
                exponent <- exponent + e

        Math.ScaleB(mantissa, exponent)

    /// The determinants, from the factors.
    let determinants (a: NDArray) : double[] =
        let factors = lu a

        Array.init (batchCount a) (fun t -> factors.Parity t * scaledProduct (Seq.init factors.Order (fun i -> factors.Diagonal(t, i))))

    /// Whether no pivot is much smaller than its row, in all matrices: only then is the inverse good enough to stand in for cofactors.
    let isComfortable (a: NDArray) : bool =
        let factors = lu a
        let n = factors.Order
        let data = wide a

        let rowSize t i = Seq.init n (fun j -> Math.Abs data[(t * n + i) * n + j]) |> Seq.fold max 0.0

        Seq.init (batchCount a) id
        |> Seq.forall (fun t -> Seq.init n id |> Seq.forall (fun i -> Math.Abs(factors.Diagonal(t, i)) > 1e-3 * rowSize t i))

    // ---- Cholesky, QR, symmetric eigenvalues, SVD

    /// L with L Lᵀ = A; only the lower triangle of A is read.
    let cholesky (a: NDArray) : NDArray =
        let struct (n, _) = size a
        let source = numbers a
        let result = room source.Count

        for t in 0 .. batchCount a - 1 do
            if n > 0 then
                let block = mirrored source t n
                let factor = result.AsSpan(t * n * n, n * n)

                if hasNaN block && Array.exists Double.IsNaN block then
                    for at in 0 .. n * n - 1 do
                        factor[at] <- if at / n >= at % n then Double.NaN else 0.0
                else
                    try
                        provider().CholeskyFactor(block, n)
                    with :? ArgumentException ->
                        let which = if a.Rank = 2 then "the matrix" else $"matrix {t} of the stack"

                        raise (
                            NotPositiveDefiniteException
                                $"Cholesky: {which} (shape {a.Shape}) is not positive definite. If rounding is the reason, add a small multiple of the identity; else use Lu or Eigh."
                        )

                    Matrices.Transpose(block.AsSpan(), n, n, factor)

        narrow a.DType a.Shape result

    /// The power of two that brings the largest element to about 1, where the iterations could overflow or underflow; else 0.
    let private excess (block: double[]) : int =
        let largest = if block.Length = 0 then 0.0 else Math.Abs(TensorPrimitives.MaxMagnitude(ReadOnlySpan block))
        if largest = 0.0 || (largest > 1e-100 && largest < 1e100) then 0 else Math.ILogB largest

    let private scale (numbers: double[]) (exponent: int) =
        if exponent <> 0 then
            for i in 0 .. numbers.Length - 1 do
                numbers[i] <- Math.ScaleB(numbers[i], exponent)

    /// Q [m; n] with orthonormal columns and upper triangular R [n; n], m ≥ n.
    let qr (a: NDArray) : struct (NDArray * NDArray) =
        let struct (m, n) = size a
        let source = numbers a
        let result, r = room source.Count, room (batchCount a * n * n)

        for t in 0 .. batchCount a - 1 do
            if n > 0 then
                let q = transposed source t m n
                let exponent = excess q
                scale q -exponent
                let own = room (n * n)

                if hasNaN q then
                    Array.fill q 0 q.Length Double.NaN
                    Array.fill own 0 own.Length Double.NaN
                else
                    provider().ThinQRFactor(q, m, n, own, Array.zeroCreate n)

                scale own exponent
                Matrices.Transpose(q.AsSpan(), n, m, result.AsSpan(t * m * n))
                Matrices.Transpose(own.AsSpan(), n, n, r.AsSpan(t * n * n))

                for i in 1 .. n - 1 do
                    r.AsSpan((t * n + i) * n, i).Clear()

        struct (narrow a.DType a.Shape result, narrow a.DType (shaped a [| n; n |]) r)

    let private converged (operation: string) (a: NDArray) (work: unit -> unit) =
        try
            work ()
        with :? NonConvergenceException ->
            raise (
                ArithmeticException $"{operation}: the iteration did not converge for a matrix of shape {a.Shape}. Scale the matrix to moderate size."
            )

    /// Ascending eigenvalues of one symmetric matrix, which is used up, and their vectors in columns, column-major, if there is room for them.
    let private symmetric n (block: double[]) (lambda: double[]) (vectors: double[]) : unit =
        match provider () with
        | :? ComposedProvider as own -> own.Double.SymmetricEigen(block, n, lambda, vectors)
        | other ->
            let found: Complex[] = Array.zeroCreate n
            let all: double[] = Array.zeroCreate (n * n)
            other.EigenDecomp(true, n, block, all, found, Array.zeroCreate (n * n))

            Array.init n id
            |> Array.sortBy (fun j -> found[j].Real)
            |> Array.iteri (fun to' from ->
                lambda[to'] <- found[from].Real
                if vectors.Length > 0 then Array.blit all (from * n) vectors (to' * n) n)

    let private eighOf (wanted: bool) (a: NDArray) : struct (NDArray * double[]) =
        let struct (n, _) = size a
        let source = numbers a
        let values: double[] = Array.zeroCreate (batchCount a * n)
        let vectors = room (if wanted then source.Count else 0)

        for t in 0 .. batchCount a - 1 do
            if n > 0 then
                let block = mirrored source t n
                let own = room (if wanted then n * n else 0)
                let lambda: double[] = Array.create n Double.NaN
                let exponent = excess block
                scale block -exponent

                if hasNaN block then
                    Array.fill own 0 own.Length Double.NaN
                else
                    converged "Eigh" a (fun () -> symmetric n block lambda own)

                scale lambda exponent
                Array.blit lambda 0 values (t * n) n
                if wanted then Matrices.Transpose(own.AsSpan(), n, n, vectors.AsSpan(t * n * n))

        struct (narrow a.DType (shaped a [| n |]) values, vectors)

    /// Eigenvalues, ascending, and orthonormal eigenvectors in columns; only the lower triangle is read.
    let eigh (a: NDArray) : struct (NDArray * NDArray) =
        let struct (values, vectors) = eighOf true a
        struct (values, narrow a.DType a.Shape vectors)

    /// Whether values have the same bits where no vectors are computed, so that a value does not depend on whether it is differentiated. Our own code sees to that; libraries go another way
    /// without vectors, and compute them all the same here.
    let private valuesAlone () = obj.ReferenceEquals(Backends.Factorizations, ManagedBackend.Instance)

    /// The eigenvalues alone.
    let eigvalsh (a: NDArray) : NDArray =
        let struct (values, _) = eighOf (not (valuesAlone ())) a
        values

    /// Eigenvalues of one column-major matrix, which is used up, and vectors in columns, if there is room for them: of a pair real and imaginary part.
    let private general n (block: double[]) (lambda: Complex[]) (vectors: double[]) : unit =
        match provider () with
        | :? ComposedProvider as own -> own.Double.GeneralEigen(block, n, lambda, vectors)
        | other -> other.EigenDecomp(false, n, block, vectors, lambda, Array.zeroCreate (n * n))

    /// Vectors as they are packed, column-major, to the rows of two matrices, real and imaginary parts. Of a pair the first column holds the real part of both vectors,
    /// the second the imaginary part of the one with positive imaginary part.
    let private unpack n (lambda: Complex[]) (packed: double[]) (re: Span<double>) (im: Span<double>) =
        Matrices.Transpose(packed.AsSpan(), n, n, re)
        im.Clear()

        for j in 0 .. n - 1 do
            let sign = Math.Sign lambda[j].Imaginary
            let first = if sign < 0 then j - 1 else j

            if sign <> 0 then
                for i in 0 .. n - 1 do
                    re[i * n + j] <- packed[first * n + i]
                    im[i * n + j] <- double sign * packed[(first + 1) * n + i]

    /// Eigenvalues, real and imaginary parts, and with them, if they are wanted, real and imaginary parts of vectors.
    let private eigOf (wanted: bool) (a: NDArray) : double[][] =
        let struct (n, _) = size a
        let source = numbers a
        let count = batchCount a
        let parts =
            Array.init 4 (fun k ->
                room (
                    if k < 2 then count * n
                    elif wanted then source.Count
                    else 0
                ))

        for t in 0 .. count - 1 do
            let block = transposed source t n n
            let lambda: Complex[] = Array.create n (Complex(Double.NaN, Double.NaN))
            let packed = room (if wanted then n * n else 0)
            let exponent = excess block
            scale block -exponent
            let unknown = hasNaN block

            if n > 0 && not unknown then converged "Eigvals" a (fun () -> general n block lambda packed)

            for j in 0 .. n - 1 do
                parts[0][t * n + j] <- Math.ScaleB(lambda[j].Real, exponent)
                parts[1][t * n + j] <- Math.ScaleB(lambda[j].Imaginary, exponent)

            if wanted then
                let re = parts[2].AsSpan(t * n * n, n * n)
                let im = parts[3].AsSpan(t * n * n, n * n)

                if unknown then
                    re.Fill Double.NaN
                    im.Fill Double.NaN
                else
                    unpack n lambda packed re im

        parts

    /// Real and imaginary parts of eigenvalues and eigenvectors (columns) of any square matrices; conjugate pairs stand together.
    let eig (a: NDArray) : NDArray[] =
        let struct (n, _) = size a
        eigOf true a |> Array.mapi (fun k part -> narrow a.DType (if k < 2 then shaped a [| n |] else a.Shape) part)

    /// Real and imaginary parts of the eigenvalues alone.
    let eigvals (a: NDArray) : struct (NDArray * NDArray) =
        let struct (n, _) = size a
        let parts = eigOf (not (valuesAlone ())) a
        let values k = narrow a.DType (shaped a [| n |]) parts[k]
        struct (values 0, values 1)

    /// A singular value of 0 leaves the signs of its two vectors to chance. In a square matrix the one of U is turned to the side of the one of V, so that
    /// what depends on both (the nuclear norm's derivative) does not depend on the library.
    let private turnNullVectors n (s: double[]) (u: double[]) (vt: double[]) =
        for k in 0 .. n - 1 do
            if s[k] <= double n * 2.220446049250313e-16 * s[0] then
                let mutable together = 0.0

                for i in 0 .. n - 1 do
                    together <- together + u[i * n + k] * vt[k * n + i]

                if together < 0.0 then
                    for i in 0 .. n - 1 do
                        u[i * n + k] <- -u[i * n + k]

    /// The singular values of one column-major matrix [rows; columns], which is used up, and the first k = min(rows, columns) vectors of each side,
    /// column-major, if there is room for them: left [rows; k] and right [k; columns].
    let private thin rows columns (block: double[]) (s: double[]) (left: double[]) (right: double[]) : unit =
        match provider () with
        | :? ComposedProvider as own -> own.Double.ThinSvd(block, rows, columns, s, left, right)
        | other ->
            let wanted = left.Length > 0
            let u: double[] = Array.zeroCreate (rows * rows)
            let vt: double[] = Array.zeroCreate (columns * columns)
            other.SingularValueDecomposition(wanted, block, rows, columns, s, u, vt)

            if wanted then
                let k = s.Length
                Array.blit u 0 left 0 (rows * k)

                for j in 0 .. columns - 1 do
                    Array.blit vt (j * columns) right (j * k) k

    /// U [m; k], singular values [k], descending, and Vᵀ [k; n], k = min(m, n); without vectors, if they are not wanted.
    let private svdOf (wanted: bool) (a: NDArray) : struct (double[] * NDArray * double[]) =
        let struct (m, n) = size a
        let k = min m n
        let count = batchCount a
        let data = wide a
        let vectors rows columns = room (if wanted then rows * columns else 0)
        let u, vt = vectors (count * m) k, vectors (count * k) n
        let s: double[] = Array.zeroCreate (count * k)

        for t in 0 .. count - 1 do
            if k > 0 then
                let block = if count = 1 then data else Array.sub data (t * m * n) (m * n)
                let exponent = excess block
                scale block -exponent
                let own: double[] = Array.create k Double.NaN
                // our numbers are the column-major Aᵀ = V S Uᵀ, whose factors are, column-major, our Vᵀ and our U
                let right = if count = 1 then vt else vectors n k
                let left = if count = 1 then u else vectors k m

                if hasNaN block then
                    Array.fill right 0 right.Length Double.NaN
                    Array.fill left 0 left.Length Double.NaN
                else
                    converged "Svd" a (fun () -> thin n m block own right left)
                    if wanted && m = n then turnNullVectors n own left right

                scale own exponent
                Array.blit own 0 s (t * k) k

                if count > 1 then
                    Array.blit right 0 vt (t * right.Length) right.Length
                    Array.blit left 0 u (t * left.Length) left.Length

        struct (u, narrow a.DType (shaped a [| k |]) s, vt)

    /// U [m; k], singular values [k], descending, and Vᵀ [k; n], k = min(m, n).
    let svd (a: NDArray) : struct (NDArray * NDArray * NDArray) =
        let struct (m, n) = size a
        let struct (u, s, vt) = svdOf true a
        struct (narrow a.DType (shaped a [| m; min m n |]) u, s, narrow a.DType (shaped a [| min m n; n |]) vt)

    /// The singular values alone.
    let singularValues (a: NDArray) : NDArray =
        let struct (_, s, _) = svdOf (not (valuesAlone ())) a
        s

    /// The packed factors of matrices of any shape, L below the diagonal and U on and above it, and the permutation P with A = P L U.
    let luPacked (a: NDArray) : struct (NDArray * NDArray) =
        let struct (m, n) = size a
        let data = wide a
        let permutation: double[] = Array.zeroCreate (batchCount a * m * m)
        // MathNet factors square matrices: rows or columns of zeros below or beside change neither pivots nor factors
        let order = max m n

        for t in 0 .. batchCount a - 1 do
            if order > 0 then
                let square: double[] = Array.zeroCreate (order * order)

                for i in 0 .. m - 1 do
                    for j in 0 .. n - 1 do
                        square[j * order + i] <- data[(t * m + i) * n + j]

                let pivots = Array.zeroCreate order
                provider().LUFactor(square, order, pivots)

                for i in 0 .. m - 1 do
                    for j in 0 .. n - 1 do
                        data[(t * m + i) * n + j] <- square[j * order + i]

                let rows = Array.init order id

                for i in 0 .. order - 1 do
                    let kept = rows[i]
                    rows[i] <- rows[pivots[i]]
                    rows[pivots[i]] <- kept

                for i in 0 .. m - 1 do
                    permutation[(t * m + rows[i]) * m + i] <- 1.0

        struct (narrow a.DType a.Shape data, narrow a.DType (shaped a [| m; m |]) permutation)

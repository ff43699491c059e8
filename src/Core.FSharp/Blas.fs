namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 3: the seam to numerical linear algebra. Everything heavy goes over DiffLib.Kernels.Backends: our own kernels, a native library, or MathNet.
//
// Our matrices are row-major: the elements of a row are neighbours. MathNet and LAPACK are column-major: the elements of a
// column are neighbours. The same numbers in the same order are therefore, read the other way, the transposed matrix. So
// a factorisation whose transpose serves as well (SVD, symmetric eigen) takes our numbers as they are; the others get a transposed copy.

/// A stack of matrices as the product kernel takes it: no copy where rows or columns lie at regular distances.
[<Struct>]
type internal Operand =
    {
        Array: NDArray
        Transposed: bool
        /// Elements between the stored rows.
        Leading: int
    }

    static member Of(x: NDArray) : Operand =
        let r = x.Rank
        let rows, columns = x.Shape.Sizes[r - 2], x.Shape.Sizes[r - 1]
        let strides = if x.IsContiguous then [||] else x.Strides
        let down = if strides.Length = 0 then max 1 columns else strides[r - 2]
        let across = if strides.Length = 0 then 1 else strides[r - 1]

        if (columns = 1 || across = 1) && (rows = 1 || down >= max 1 columns) then
            { Array = x; Transposed = false; Leading = (if rows = 1 then max 1 columns else down) }
        elif (rows = 1 || down = 1) && (columns = 1 || across >= max 1 rows) then
            { Array = x; Transposed = true; Leading = (if columns = 1 then max 1 rows else across) }
        else
            { Array = x.Contiguous(); Transposed = false; Leading = max 1 columns }

/// Products of stacks of matrices.
module internal Blas =
    /// The sizes before the last two.
    let batchOf (shape: Shape) : Shape = Shape(Array.sub shape.Sizes 0 (shape.Rank - 2))

    /// Runs over the matrices from first to last - 1 of a broadcast batch: body gets the number of the matrix and where it starts in the storage of both operands.
    let private overRange (batch: Shape) (first: int) (last: int) (a: NDArray) (b: NDArray) (body: int -> int -> int -> unit) =
        let sizes = batch.Sizes

        let stridesOf (x: NDArray) =
            let own, shift = x.Strides, sizes.Length - (x.Rank - 2)
            Array.init sizes.Length (fun d -> if d < shift || x.Shape.Sizes[d - shift] = 1 then 0 else own[d - shift])

        let sa, sb = stridesOf a, stridesOf b
        let index = Array.zeroCreate sizes.Length
        let mutable ia = a.Offset
        let mutable ib = b.Offset
        let mutable rest = first

        for d in sizes.Length - 1 .. -1 .. 0 do
            index[d] <- rest % sizes[d]
            rest <- rest / sizes[d]
            ia <- ia + sa[d] * index[d]
            ib <- ib + sb[d] * index[d]

        for t in first .. last - 1 do
            body t ia ib
            let mutable d = sizes.Length - 1

            while d >= 0 do
                ia <- ia + sa[d]
                ib <- ib + sb[d]
                index[d] <- index[d] + 1

                if index[d] < sizes[d] then
                    d <- -1
                else
                    ia <- ia - sa[d] * sizes[d]
                    ib <- ib - sb[d] * sizes[d]
                    index[d] <- 0
                    d <- d - 1

    /// Runs over a broadcast batch, on several threads where its work in nanoseconds repays them. Of few matrices each is shared out by its kernel.
    let private overBatch (batch: Shape) (nanoseconds: float) (a: NDArray) (b: NDArray) (body: int -> int -> int -> unit) =
        if batch.Count < 2 * Parallelism.MaxThreads || Parallelism.Threads nanoseconds = 1 then
            overRange batch 0 batch.Count a b body
        else
            Parallelism.Share(batch.Count, nanoseconds, fun first last -> overRange batch first last a b body)

    /// Integers: exact modulo 2⁶⁴, as a sum of products in int64.
    let private multiplyIntegers (batch: Shape) (m: int) n k (a: NDArray) (b: NDArray) (y: NDArray) =
        let a, b = (a.Cast DType.Int64).Contiguous(), (b.Cast DType.Int64).Contiguous()

        overRange batch 0 batch.Count a b (fun t ia ib ->
            let x = a.Storage<int64>()
            let z = b.Storage<int64>()
            let c = y.Write<int64>()

            for i in 0 .. m - 1 do
                for p in 0 .. k - 1 do
                    let s = x[ia + i * k + p]

                    for j in 0 .. n - 1 do
                        let at = (t * m + i) * n + j
                        c[at] <- c[at] + s * z[ib + p * n + j])

    /// One product of the stack, from the places of its operands in their storage to its place in the result, which it replaces (beta = 0) or is added to (beta = 1).
    let private multiplyAt (x: Operand) ia (z: Operand) ib m n k (beta: float) (y: NDArray) at =
        if y.DType = DType.Float64 then
            Backends.Products.Multiply(
                x.Transposed,
                z.Transposed,
                m,
                n,
                k,
                1.0,
                x.Array.Storage<double>().Slice ia,
                x.Leading,
                z.Array.Storage<double>().Slice ib,
                z.Leading,
                beta,
                y.Write<double>().Slice(at, m * n),
                n
            )
        else
            Backends.Products.Multiply(
                x.Transposed,
                z.Transposed,
                m,
                n,
                k,
                1.0f,
                x.Array.Storage<float32>().Slice ia,
                x.Leading,
                z.Array.Storage<float32>().Slice ib,
                z.Leading,
                float32 beta,
                y.Write<float32>().Slice(at, m * n),
                n
            )

    /// The sizes of the product of two stacks.
    let private productShape (a: NDArray) (b: NDArray) m n : struct (Shape * Shape) =
        if a.Rank = 2 && b.Rank = 2 then
            struct (Shape.Scalar, Shape [| m; n |])
        else
            let batch = Shape.Broadcast("MatMul", batchOf a.Shape, batchOf b.Shape)
            struct (batch, Shape(Array.append batch.Sizes [| m; n |]))

    /// The matrix products of two stacks: [.., m, k] by [.., k, n] to [.., m, n], the leading axes broadcast. Floating point of one
    /// type, or integers, which are counted in int64. The caller has checked the shapes.
    let multiply (a: NDArray) (b: NDArray) : NDArray =
        let m, k, n = a.Shape.Sizes[a.Rank - 2], a.Shape.Sizes[a.Rank - 1], b.Shape.Sizes[b.Rank - 1]
        let struct (batch, shape) = productShape a b m n

        if not (DTypes.isFloat a.DType) then
            let y = NDArray.Zeros(DType.Int64, shape)
            multiplyIntegers batch m n k a b y
            y
        elif k = 0 || shape.Count = 0 then
            NDArray.Zeros(a.DType, shape)
        else
            let y = NDArray.Allocate(a.DType, shape)
            let x, z = Operand.Of a, Operand.Of b

            if batch.Rank = 0 then
                multiplyAt x x.Array.Offset z z.Array.Offset m n k 0.0 y 0
            elif b.Rank = 2 && a.IsContiguous then
                // one matrix on the right of all: their rows, which follow each other, are those of one product
                let rows = { Array = a; Transposed = false; Leading = k }
                multiplyAt rows a.Offset z z.Array.Offset (batch.Count * m) n k 0.0 y 0
            else
                let products = int64 batch.Count * int64 m * int64 n * int64 k

                let nanoseconds = if a.DType = DType.Float64 then Parallelism.Products<double> products else Parallelism.Products<float32> products

                overBatch batch nanoseconds x.Array z.Array (fun t ia ib -> multiplyAt x ia z ib m n k 0.0 y (t * m * n))

            y

    /// Adds the product of two matrices of floating point to an array without gaps that nothing else shares.
    let multiplyAdd (a: NDArray) (b: NDArray) (y: NDArray) : unit =
        let m, k, n = a.Shape.Sizes[0], a.Shape.Sizes[1], b.Shape.Sizes[1]
        let x, z = Operand.Of a, Operand.Of b
        multiplyAt x x.Array.Offset z z.Array.Offset m n k 1.0 y 0

namespace rec DiffLib

open System

// Chapter 8: products of vectors, matrices and stacks of them. All are bilinear: the derivative is the same product
// with a tangent, or a transposed operand, in one place. No zero is skipped, so a NaN or ∞ anywhere in a row reaches its result.

/// The matrix product of two stacks of matrices, [.., m, k] by [.., k, n], leading axes broadcast.
/// Derivative: M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008, 2.2.
[<Sealed>]
type internal MatMulRule() =
    inherit BinaryRule("matmul")
    override _.Attributes = ValueSome [||]
    override _.Infer(a, b) =
        if a.Rank < 2 || b.Rank < 2 || a.Shape[-1] <> b.Shape[-2] then
            invalidArg
                "b"
                $"MatMul: a is {a.Shape} and b is {b.Shape}: the columns of a and the rows of b must agree. Transpose or Reshape one of them."

        let y = Stacked.Product("MatMul", a, b, a.Shape[-2])
        if DTypes.isFloat y.DType then y else y.With DType.Int64

    override _.Batch(a, b, stackedA, stackedB) =
        if stackedA && not stackedB && b.Rank = 2 then
            Products.Matrices(a, b)
        elif stackedB && not stackedA && a.Rank = 2 && b.Rank = 3 && b.Shape.Sizes[2] = 1 then
            // one matrix times a vector for each example: one product, of the vectors as rows with the transpose, which is a view
            let rows = Tensor.ReshapeTo(b, Shape [| b.Shape.Sizes[0]; b.Shape.Sizes[1] |])
            Matrix.Insert(Tensor.Apply(MatMulRule.Instance, rows, Matrix.Transpose a), -1)
        else
            let xs = Stacks.Aligned([| a; b |], [| stackedA; stackedB |])
            Tensor.Apply(MatMulRule.Instance, xs[0], xs[1])
    static member val Instance = MatMulRule()
    override _.Value(a, b) = Blas.multiply a b

    override _.Push(input, a, b, _, d) = if input = 0 then Products.Matrices(d, b) else Products.Matrices(a, d)

    override _.Pull(input, a, b, _, w) =
        if input = 0 then
            Tensor.SumTo(Products.Matrices(w, Matrix.Transpose b), a.Shape)
        elif b.Rank = 2 && a.Rank > 2 && a.Count > 0 && w.Count > 0 then
            // the sum over all matrices on the left is one product of all their rows
            let rows (x: Tensor) = Tensor.ReshapeTo(x, Shape [| x.Count / Matrix.Columns x; Matrix.Columns x |])
            Products.Matrices(Matrix.Transpose(rows a), rows w)
        else
            Tensor.SumTo(Products.Matrices(Matrix.Transpose a, w), b.Shape)

/// The specs of vectors and matrices with the leading axes of others.
[<AbstractClass; Sealed>]
type internal Stacked =
    static member Vector(x: Spec, n: int) : Spec = x.With(Shape(Array.append (Blas.batchOf x.Shape).Sizes [| n |]))
    static member Matrix(x: Spec, m: int, n: int) : Spec = x.With(Shape(Array.append (Blas.batchOf x.Shape).Sizes [| m; n |]))

    /// What a and b make together where the leading axes broadcast: matrices with so many rows, and b's columns.
    static member Product(operation: string, a: Spec, b: Spec, rows: int) : Spec =
        let batch = Shape.Broadcast(operation, Blas.batchOf a.Shape, Blas.batchOf b.Shape)
        a.With(Shape(Array.append batch.Sizes [| rows; b.Shape[-1] |]))

/// Views of the last two axes.
[<AbstractClass; Sealed>]
type internal Matrix =
    static member Rows(x: Tensor) = x.Shape.Sizes[x.Rank - 2]
    static member Columns(x: Tensor) = x.Shape.Sizes[x.Rank - 1]

    /// The sizes before the last two, with others behind them.
    static member Shaped(x: Tensor, [<ParamArray>] last: int[]) : Shape = Shape(Array.append (Array.sub x.Shape.Sizes 0 (x.Rank - 2)) last)

    /// Axes in another order.
    static member Permute(x: Tensor, order: int[]) : Tensor =
        if Array.forall2 (=) order [| 0 .. order.Length - 1 |] then x else Tensor.Apply(TransposeRule order, x)

    /// The last two axes exchanged: a view.
    static member Transpose(x: Tensor) : Tensor =
        let r = x.Rank
        Matrix.Permute(
            x,
            Array.init r (fun d ->
                if d = r - 1 then r - 2
                elif d = r - 2 then r - 1
                else d)
        )

    /// size positions of an axis from start on: a view.
    static member Narrow(x: Tensor, axis: int, start: int, size: int) : Tensor =
        let d = x.Shape.Axis axis

        if start = 0 && size = x.Shape.Sizes[d] then
            x
        else
            Tensor.Apply(SliceRule(Array.init x.Rank (fun e -> if e = d then start else 0), Array.create x.Rank 1, x.Shape.With(d, size)), x)

    /// The rows and columns of a block.
    static member Block(x: Tensor, row: int, rows: int, column: int, columns: int) : Tensor =
        Matrix.Narrow(Matrix.Narrow(x, -2, row, rows), -1, column, columns)

    /// x from start on along an axis of the given size, zeros elsewhere.
    static member Widen(x: Tensor, axis: int, start: int, size: int) : Tensor =
        let d = x.Shape.Axis axis

        if start = 0 && size = x.Shape.Sizes[d] then
            x
        else
            Tensor.Apply(EmbedRule(Array.init x.Rank (fun e -> if e = d then start else 0), Array.create x.Rank 1, x.Shape.With(d, size)), x)

    /// x as a block of a matrix of zeros.
    static member Place(x: Tensor, row: int, rows: int, column: int, columns: int) : Tensor =
        Matrix.Widen(Matrix.Widen(x, -2, row, rows), -1, column, columns)

    /// The elements x[.., i, i]: [.., m, n] to [.., min(m, n)].
    static member Diagonal(x: Tensor) : Tensor =
        let m, n = Matrix.Rows x, Matrix.Columns x
        let flat = Tensor.ReshapeTo(x, Matrix.Shaped(x, m * n))
        let last = flat.Rank - 1
        let steps = Array.init flat.Rank (fun d -> if d = last then n + 1 else 1)
        Tensor.Apply(SliceRule(Array.zeroCreate flat.Rank, steps, flat.Shape.With(last, min m n)), flat)

    /// The square matrices with the vectors d on the diagonal: [.., n] to [.., n, n].
    static member OfDiagonal(d: Tensor) : Tensor =
        let last = d.Rank - 1
        let n = d.Shape.Sizes[last]
        let steps = Array.init d.Rank (fun e -> if e = last then n + 1 else 1)
        let flat = Tensor.Apply(EmbedRule(Array.zeroCreate d.Rank, steps, d.Shape.With(last, n * n)), d)
        Tensor.ReshapeTo(flat, Shape(Array.append (Array.sub d.Shape.Sizes 0 last) [| n; n |]))

    /// The m by n matrix of x's element type with f(row, column) in its places.
    static member Filled(x: Tensor, m: int, n: int, f: int -> int -> double) : Tensor =
        let data: double[] = Array.zeroCreate (m * n)

        for i in 0 .. m - 1 do
            for j in 0 .. n - 1 do
                data[i * n + j] <- f i j

        Const((NDArray.Adopt(Shape [| m; n |], data)).Cast x.DType)

    /// 1 on the diagonal: m by n.
    static member Eye(x: Tensor, m: int, n: int) : Tensor = Matrix.Filled(x, m, n, (fun i j -> if i = j then 1.0 else 0.0))

    /// x where column - row ≤ k, else 0 (also where x is not finite).
    static member Lower(x: Tensor, k: int) : Tensor =
        Tensor.Scale(x, Matrix.Filled(x, Matrix.Rows x, Matrix.Columns x, (fun i j -> if j - i <= k then 1.0 else 0.0)))

    /// x where column - row ≥ k, else 0 (also where x is not finite).
    static member Upper(x: Tensor, k: int) : Tensor =
        Tensor.Scale(x, Matrix.Filled(x, Matrix.Rows x, Matrix.Columns x, (fun i j -> if j - i >= k then 1.0 else 0.0)))

    /// (X + Xᵀ)/2.
    static member Symmetric(x: Tensor) : Tensor = 0.5 * (x + Matrix.Transpose x)

    /// A new axis of size 1 at the given place (counted from the end if negative).
    static member Insert(x: Tensor, axis: int) : Tensor =
        let at = if axis < 0 then axis + x.Rank + 1 else axis
        Tensor.ReshapeTo(x, Shape(Array.insertAt at 1 x.Shape.Sizes))

    /// The sum over the last axis, or the last two.
    static member SumLast(x: Tensor, axes: int) : Tensor = Tensor.Apply(SumRule([| x.Rank - axes .. x.Rank - 1 |], false), x)

    /// Σ aᵢⱼ bᵢⱼ over the last two axes.
    static member Inner(a: Tensor, b: Tensor) : Tensor = Matrix.SumLast(a * b, 2)

/// Matrix products and what is made of them.
[<AbstractClass; Sealed>]
type internal Products =
    /// Both in their common element type; integers and truth values count in int64.
    static member Common(a: Tensor, b: Tensor) : struct (Tensor * Tensor) =
        let common = DTypes.promote a.DType a.IsWeak b.DType b.IsWeak
        let common = if DTypes.isFloat common then common else DType.Int64
        struct (Tensor.Cast(a, common), Tensor.Cast(b, common))

    /// The first of two in their common element type.
    static member CommonFirst (a: Tensor) (b: Tensor) : Tensor =
        let struct (a, _) = Products.Common(a, b)
        a

    /// Stacks of matrices of one element type and matching sizes; one matrix on the right makes one large product of all rows.
    static member Matrices(a: Tensor, b: Tensor) : Tensor =
        if a.Rank > 2 && b.Rank = 2 && a.Count > 0 then
            let rows = a.Count / Matrix.Columns a
            let flat = Tensor.ReshapeTo(a, Shape [| rows; Matrix.Columns a |])
            Tensor.ReshapeTo(Tensor.Apply(MatMulRule.Instance, flat, b), Matrix.Shaped(a, Matrix.Rows a, Matrix.Columns b))
        else
            Tensor.Apply(MatMulRule.Instance, a, b)

    static member private Mismatch(a: Tensor, b: Tensor, hint: string) =
        let inner = a.Shape.Sizes[a.Rank - 1]
        let rows = if b.Rank = 1 then "elements" else "rows"
        invalidArg "b" $"MatMul: a is {a.Shape}, so b needs {inner} {rows}, but b is {b.Shape}. {hint}"

    /// What would have fitted.
    static member private Hint(a: Tensor, b: Tensor) : string =
        let k = a.Shape.Sizes[a.Rank - 1]

        if b.Rank >= 2 && Matrix.Columns b = k then "Did you mean b.T?"
        elif b.Rank >= 2 && a.Rank >= 2 && Matrix.Rows a = Matrix.Rows b then "Did you mean a.T?"
        elif b.Rank = 1 && a.Rank >= 2 && Matrix.Rows a = b.Count then "Did you mean a.T?"
        else "The last axis of a and the last but one of b (the only one of a vector) must agree."

    /// The product with NumPy's meaning: a vector on the left is a row, on the right a column; leading axes broadcast.
    static member MatMul(a: Tensor, b: Tensor) : Tensor =
        if a.Rank = 0 then
            invalidArg "a" $"MatMul: a is a single number, and b is {b.Shape}. Multiply by a number with *."
        elif b.Rank = 0 then
            invalidArg "b" $"MatMul: a is {a.Shape}, and b is a single number. Multiply by a number with *."
        else
            let struct (a, b) = Products.Common(a, b)
            let inner = if b.Rank = 1 then b.Count else Matrix.Rows b
            if a.Shape.Sizes[a.Rank - 1] <> inner then Products.Mismatch(a, b, Products.Hint(a, b))
            let x = if a.Rank = 1 then Matrix.Insert(a, 0) else a
            let z = if b.Rank = 1 then Matrix.Insert(b, 1) else b

            if x.Rank > 2 && z.Rank > 2 then Shape.Broadcast("MatMul", Blas.batchOf x.Shape, Blas.batchOf z.Shape) |> ignore

            let y = Products.Matrices(x, z)

            if a.Rank = 1 && b.Rank = 1 then Tensor.ReshapeTo(y, Shape.Scalar)
            elif a.Rank = 1 then Tensor.ReshapeTo(y, y.Shape.Without(y.Rank - 2))
            elif b.Rank = 1 then Tensor.ReshapeTo(y, y.Shape.Without(y.Rank - 1))
            else y

    /// NumPy's dot: numbers multiply; otherwise the last axis of a with the last but one (the only one) of b, all others side by side.
    static member Dot(a: Tensor, b: Tensor) : Tensor =
        if a.Rank = 0 || b.Rank = 0 then a * b
        elif b.Rank <= 2 then Products.MatMul(a, b)
        else Products.TensorDot(a, b, [| a.Rank - 1 |], [| b.Rank - 2 |])

    /// Sums of products over the last axes of both.
    static member Inner(a: Tensor, b: Tensor) : Tensor =
        if a.Rank = 0 || b.Rank = 0 then a * b else Products.TensorDot(a, b, [| a.Rank - 1 |], [| b.Rank - 1 |])

    /// All products of an element of a and one of b, both flattened: [m] and [n] to [m, n].
    static member Outer(a: Tensor, b: Tensor) : Tensor = Tensor.ReshapeTo(a, Shape [| a.Count; 1 |]) * Tensor.ReshapeTo(b, Shape [| 1; b.Count |])

    /// The sum of the products of all elements.
    static member VDot(a: Tensor, b: Tensor) : Tensor =
        if a.Count <> b.Count then
            invalidArg "b" $"VDot: a is {a.Shape} and b is {b.Shape}: {a.Count} and {b.Count} elements. Give as many of the one as of the other."

        Products.MatMul(Tensor.ReshapeTo(a, Shape [| a.Count |]), Tensor.ReshapeTo(b, Shape [| b.Count |]))

    /// Sums of products over one axis, everything else broadcast.
    static member VecDot(a: Tensor, b: Tensor, axis: int) : Tensor =
        let da, db = a.Shape.Axis axis, b.Shape.Axis axis

        if a.Shape.Sizes[da] <> b.Shape.Sizes[db] then
            invalidArg
                "b"
                $"VecDot: axis {axis} has {a.Shape.Sizes[da]} elements in a {a.Shape}, but {b.Shape.Sizes[db]} in b {b.Shape}. They must agree; move axes with Transpose."

        let last (x: Tensor) d = Matrix.Permute(x, Array.append (Array.except [ d ] [| 0 .. x.Rank - 1 |]) [| d |])
        let struct (a, b) = Products.Common(last a da, last b db)
        let y = Products.Matrices(Matrix.Insert(a, -2), Matrix.Insert(b, -1))
        Tensor.ReshapeTo(y, Shape(Array.sub y.Shape.Sizes 0 (y.Rank - 2)))

    /// Sums of products over the axes of a and of b named in pairs: the other axes of a, then those of b.
    static member TensorDot(a: Tensor, b: Tensor, axesA: int[], axesB: int[]) : Tensor =
        let own, others = a.Shape.Axes axesA, b.Shape.Axes axesB

        if own.Length <> others.Length then
            invalidArg "axesB" $"TensorDot: {own.Length} axes of a, but {others.Length} of b. Name them in pairs."

        let sizes = own |> Array.map (fun d -> a.Shape.Sizes[d])

        if sizes <> (others |> Array.map (fun d -> b.Shape.Sizes[d])) then
            let text (axes: int[]) = String.Join(", ", axes)
            invalidArg
                "axesB"
                $"TensorDot: axes ({text axesA}) of a {a.Shape} and axes ({text axesB}) of b {b.Shape} differ in size. Each pair must agree."

        let struct (a, b) = Products.Common(a, b)
        let restA = Array.except own [| 0 .. a.Rank - 1 |]
        let restB = Array.except others [| 0 .. b.Rank - 1 |]
        let product (x: Tensor) axes = axes |> Array.fold (fun n d -> n * x.Shape.Sizes[d]) 1
        let left = Tensor.ReshapeTo(Matrix.Permute(a, Array.append restA own), Shape [| product a restA; product a own |])
        let right = Tensor.ReshapeTo(Matrix.Permute(b, Array.append others restB), Shape [| product a own; product b restB |])
        let shape = Shape(Array.append (restA |> Array.map (fun d -> a.Shape.Sizes[d])) (restB |> Array.map (fun d -> b.Shape.Sizes[d])))
        Tensor.ReshapeTo(Products.Matrices(left, right), shape)

    /// The Kronecker product: every element of a times the whole of b, in blocks; missing leading axes count as 1.
    static member Kron(a: Tensor, b: Tensor) : Tensor =
        let rank = max a.Rank b.Rank
        let sizes (x: Tensor) = Array.append (Array.create (rank - x.Rank) 1) x.Shape.Sizes
        let m, n = sizes a, sizes b
        let spread = Tensor.ReshapeTo(a, Shape(m |> Array.collect (fun s -> [| s; 1 |])))
        let tiled = Tensor.ReshapeTo(b, Shape(n |> Array.collect (fun s -> [| 1; s |])))
        Tensor.ReshapeTo(spread * tiled, Shape(Array.map2 (*) m n))

    /// The elements along an axis of size 3 moved on by one place, cyclically.
    static member private Cycle(x: Tensor, axis: int) : Tensor =
        Matrix.Widen(Matrix.Narrow(x, axis, 1, 2), axis, 0, 3) + Matrix.Widen(Matrix.Narrow(x, axis, 0, 1), axis, 2, 3)

    /// The vector product in three dimensions along an axis.
    static member Cross(a: Tensor, b: Tensor, axis: int) : Tensor =
        let shape = Shape.Broadcast("Cross", a.Shape, b.Shape)
        let d = shape.Axis axis

        if shape.Sizes[d] <> 3 then
            invalidArg
                "axis"
                $"Cross: a is {a.Shape} and b is {b.Shape}: axis {axis} has size {shape.Sizes[d]}, but the vector product lives in 3 dimensions. Choose the axis of size 3."

        let struct (a, b) = Products.Common(Tensor.BroadcastTo(a, shape), Tensor.BroadcastTo(b, shape))
        let next (x: Tensor) = Products.Cycle(x, d)
        // component i is a[i+1] b[i+2] - a[i+2] b[i+1]
        next a * next (next b) - next (next a) * next b

    /// The product of several matrices in the order that needs the fewest multiplications
    /// (Cormen, Leiserson, Rivest & Stein, "Introduction to Algorithms", matrix-chain order).
    static member MultiDot(factors: Tensor[]) : Tensor =
        let count = factors.Length
        if count = 0 then invalidArg "factors" "MultiDot: no factor was given. Give at least one."

        for i in 0 .. count - 1 do
            let endpoint = i = 0 || i = count - 1

            if factors[i].Rank <> 2 && not (endpoint && factors[i].Rank = 1) then
                invalidArg "factors" $"MultiDot: factor {i} is {factors[i].Shape}. Factors are matrices; only the first and the last may be vectors."

        let first = if factors[0].Rank = 1 && count > 1 then 1 else factors[0].Shape.Sizes[0]
        // p[i] by p[i + 1] is the size of factor i
        let p =
            Array.append
                [| int64 first |]
                (factors |> Array.mapi (fun i f -> if f.Rank = 1 then (if i = 0 && count > 1 then int64 f.Count else 1L) else int64 f.Shape.Sizes[1]))
        let cost = Array2D.zeroCreate count count
        let cut = Array2D.zeroCreate count count

        for length in 1 .. count - 1 do
            for i in 0 .. count - 1 - length do
                let j = i + length
                cost[i, j] <- Double.PositiveInfinity

                for s in i .. j - 1 do
                    let total = cost[i, s] + cost[s + 1, j] + double p[i] * double p[s + 1] * double p[j + 1]

                    if total < cost[i, j] then
                        cost[i, j] <- total
                        cut[i, j] <- s

        let rec product i j = if i = j then factors[i] else Products.MatMul(product i cut[i, j], product (cut[i, j] + 1) j)

        product 0 (count - 1)

    /// beta·c + alpha·product; beta = 0 ignores c, also where it is not finite.
    static member Combined(c: Tensor, product: Tensor, beta: double, alpha: double) : Tensor =
        let scaled = if alpha = 1.0 then product else alpha * product

        if beta = 0.0 then
            scaled
        else
            let shape = Shape.Broadcast("AddMM", c.Shape, scaled.Shape)

            if not (shape.Equals scaled.Shape) then
                invalidArg "c" $"c is {c.Shape}, but the product is {scaled.Shape}. c must broadcast to the product."

            (if beta = 1.0 then c else beta * c) + scaled

namespace rec DiffLib

open System
open DiffLib.Kernels

// Systems with structure, matrix equations, square roots and logarithms of matrices.

/// X with A X = B for a symmetric positive definite A, of which the lower triangle is read. A counts as symmetric: a tangent acts by its symmetric
/// part, and the cotangent is symmetric. Derivative: A dX = dB - dA X [Giles 2.3.1].
[<Sealed>]
type internal SolvePositiveRule() =
    inherit BinaryRule("solve_positive")
    static member val Instance = SolvePositiveRule()
    /// The factors of one array are computed once: a solution and its derivatives share them.
    static member val private Factors = System.Runtime.CompilerServices.ConditionalWeakTable<obj, NDArray>()
    override _.Attributes = ValueSome [||]

    override _.Infer(a, b) =
        let batch = Shape.Broadcast("SolvePositiveDefinite", Blas.batchOf a.Shape, Blas.batchOf b.Shape)
        Spec.Of(a.DType, Shape(Array.append batch.Sizes (Array.skip (b.Shape.Rank - 2) b.Shape.Sizes)))

    override this.Batch(a, b, stackedA, stackedB) =
        let xs = Stacks.Aligned([| a; b |], [| stackedA; stackedB |])
        Tensor.Apply(this, xs[0], xs[1])

    override _.Value(a, b) =
        let factor =
            SolvePositiveRule.Factors.GetValue(nonNull (box a), (fun _ -> Buffers.Outside(fun () -> Factorizations.cholesky (a.Cast DType.Float64))))
        let half = Factorizations.solveTriangular false false false factor (b.Cast DType.Float64)
        (Factorizations.solveTriangular false true false factor half).Cast a.DType

    override this.Push(input, a, _, x, d) =
        if input = 1 then Tensor.Apply(this, a, d) else -(Tensor.Apply(this, a, Products.Matrices(Matrix.Symmetric d, x)))

    override this.Pull(input, a, b, x, w) =
        let z = Tensor.Apply(this, a, w)

        if input = 1 then
            Tensor.SumTo(z, b.Shape)
        else
            Tensor.SumTo(-(Matrix.Symmetric(Products.Matrices(z, Matrix.Transpose x))), a.Shape)

/// X with A X = B for a tridiagonal A given by the diagonal below [.., n-1], the main one [.., n] and the one above [.., n-1]; B is [.., n, k], and
/// all have the same leading axes. Elimination with partial pivoting. Derivative: A dX = dB - dA X, of which only the three diagonals count.
[<Sealed>]
type internal SolveTridiagonalRule() =
    inherit ManyRule("solve_tridiagonal")
    static member val Instance = SolveTridiagonalRule()
    override _.Attributes = ValueSome [||]
    override _.Infer xs = [| Spec.Of(xs[3].DType, xs[3].Shape) |]

    override this.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        Tensor.Apply(this, Array.map2 (fun x isStack -> Stacks.Of(x, isStack, n)) xs stacked)

    static member private Singular(shape: Shape) =
        raise (
            SingularMatrixException
                $"SolveTridiagonal: the matrix with the diagonal {shape} is singular: elimination meets a pivot of 0. Pinv and Lstsq take singular matrices."
        )

    /// Solves one system of k columns in place; the diagonals are spoiled. second holds the fill-in of row exchanges.
    static member private Eliminate(below: double[], main: double[], above: double[], x: double[], k: int, shape: Shape) : unit =
        let n = main.Length
        let second: double[] = Array.zeroCreate n

        for i in 0 .. n - 2 do
            let upper, lower = i * k, (i + 1) * k

            if Math.Abs main[i] >= Math.Abs below[i] then
                if main[i] = 0.0 then SolveTridiagonalRule.Singular shape
                let factor = below[i] / main[i]
                main[i + 1] <- main[i + 1] - factor * above[i]

                for c in 0 .. k - 1 do
                    x[lower + c] <- x[lower + c] - factor * x[upper + c]
            else
                let factor = main[i] / below[i]
                main[i] <- below[i]
                let next = main[i + 1]
                main[i + 1] <- above[i] - factor * next
                above[i] <- next

                if i < n - 2 then
                    second[i] <- above[i + 1]
                    above[i + 1] <- -factor * above[i + 1]

                for c in 0 .. k - 1 do
                    let kept = x[upper + c]
                    x[upper + c] <- x[lower + c]
                    x[lower + c] <- kept - factor * x[lower + c]

        if n > 0 && main[n - 1] = 0.0 then SolveTridiagonalRule.Singular shape

        for i in n - 1 .. -1 .. 0 do
            for c in 0 .. k - 1 do
                let first = if i + 1 < n then above[i] * x[(i + 1) * k + c] else 0.0
                let other = if i + 2 < n && second[i] <> 0.0 then second[i] * x[(i + 2) * k + c] else 0.0
                x[i * k + c] <- (x[i * k + c] - first - other) / main[i]

    override _.Value xs =
        let numbers (x: NDArray) = (x.Cast DType.Float64).ToArray<double>()
        let below, main, above, x = numbers xs[0], numbers xs[1], numbers xs[2], numbers xs[3]
        let shape = xs[3].Shape
        let n, k = shape.Sizes[shape.Rank - 2], shape.Sizes[shape.Rank - 1]

        for t in 0 .. (Blas.batchOf shape).Count - 1 do
            let side (y: double[]) = Array.sub y (t * max 0 (n - 1)) (max 0 (n - 1))
            let own = Array.sub x (t * n * k) (n * k)
            SolveTridiagonalRule.Eliminate(side below, Array.sub main (t * n) n, side above, own, k, xs[1].Shape)
            Array.blit own 0 x (t * n * k) (n * k)

        [| (NDArray.Adopt(shape, x)).Cast xs[3].DType |]

    /// Rows 0 to n-2 of x, and rows 1 to n-1.
    static member private Upper(x: Tensor) = Matrix.Narrow(x, -2, 0, max 0 (Matrix.Rows x - 1))

    static member private Lower(x: Tensor) = Matrix.Narrow(x, -2, min 1 (Matrix.Rows x), max 0 (Matrix.Rows x - 1))

    /// What a change of one of the diagonals makes of x.
    static member private Times(diagonal: int, d: Tensor, x: Tensor) : Tensor =
        let column = Matrix.Insert(d, -1)
        let n = Matrix.Rows x

        match diagonal with
        | 0 -> Matrix.Widen(column * SolveTridiagonalRule.Upper x, -2, min 1 n, n)
        | 1 -> column * x
        | _ -> Matrix.Widen(column * SolveTridiagonalRule.Lower x, -2, 0, n)

    override this.Push(input, xs, ys, d) =
        let solve b = (Tensor.Apply(this, [| xs[0]; xs[1]; xs[2]; b |]))[0]
        [| ValueSome(if input = 3 then solve d else -(solve (SolveTridiagonalRule.Times(input, d, ys[0])))) |]

    override this.Pull(xs, ys, ws, wanted) =
        match ws[0] with
        | ValueNone -> Array.create 4 ValueNone
        | ValueSome w ->
            let x = ys[0]
            let z = (Tensor.Apply(this, [| xs[2]; xs[1]; xs[0]; w |]))[0]
            let along (a: Tensor) (b: Tensor) = -(Matrix.SumLast(a * b, 1))
            let give k (value: unit -> Tensor) = if wanted[k] then ValueSome(value ()) else ValueNone

            [| give 0 (fun () -> along (SolveTridiagonalRule.Lower z) (SolveTridiagonalRule.Upper x))
               give 1 (fun () -> along z x)
               give 2 (fun () -> along (SolveTridiagonalRule.Upper z) (SolveTridiagonalRule.Lower x))
               give 3 (fun () -> z) |]

/// X with A X + X B = C (Sylvester), or X - A X B = C (Stein), all with the same leading axes. Derivatives by implicit differentiation:
/// the same equation with dC - dA X - X dB, or dC + dA X B + A X dB, on the right.
[<Sealed>]
type internal SylvesterRule(discrete: bool) =
    inherit ManyRule(if discrete then "stein" else "sylvester")
    static member val Continuous = SylvesterRule false
    static member val Discrete = SylvesterRule true
    override _.Attributes = ValueSome [| "discrete", Attribute.Flag discrete |]
    override _.Infer xs = [| Spec.Of(xs[2].DType, xs[2].Shape) |]

    override this.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        Tensor.Apply(this, Array.map2 (fun x isStack -> Stacks.Of(x, isStack, n)) xs stacked)

    override _.Value xs = [| Schur.equation (if discrete then "DiscreteLyapunov" else "Sylvester") discrete xs[0] xs[1] xs[2] |]

    override this.Push(input, xs, ys, d) =
        let times p q = Products.Matrices(p, q)
        let x = ys[0]

        let right =
            match input with
            | 0 -> if discrete then times d (times x xs[1]) else -(times d x)
            | 1 -> if discrete then times (times xs[0] x) d else -(times x d)
            | _ -> d

        let dx = (Tensor.Apply(this, [| xs[0]; xs[1]; right |]))[0]
        [| ValueSome dx |]

    override this.Pull(xs, ys, ws, wanted) =
        match ws[0] with
        | ValueNone -> Array.create 3 ValueNone
        | ValueSome w ->
            let times p q = Products.Matrices(p, q)
            let at, bt, xt = Matrix.Transpose xs[0], Matrix.Transpose xs[1], Matrix.Transpose ys[0]
            let z = (Tensor.Apply(this, [| at; bt; w |]))[0]
            let give k (value: unit -> Tensor) = if wanted[k] then ValueSome(value ()) else ValueNone

            [| give 0 (fun () -> if discrete then times (times z bt) xt else -(times z xt))
               give 1 (fun () -> if discrete then times (times xt at) z else -(times xt z))
               give 2 (fun () -> z) |]

/// The principal square root Y of A, Y Y = A. Derivative: Y dY + dY Y = dA, a Sylvester equation [Higham 6.1].
[<Sealed>]
type internal MatrixSqrtRule() =
    inherit UnaryRule("matrix_sqrt")
    static member val Instance = MatrixSqrtRule()
    override _.Attributes = ValueSome [||]
    override _.Infer x = x
    override this.Batch x = Tensor.Apply(this, x)
    override _.Value x = Schur.sqrt x
    override _.Push(_, y, dx) = (Tensor.Apply(SylvesterRule.Continuous, [| y; y; dx |]))[0]

    override _.Pull(_, y, w) =
        let transposed = Matrix.Transpose y
        (Tensor.Apply(SylvesterRule.Continuous, [| transposed; transposed; w |]))[0]

/// The principal logarithm of A. Derivative: the upper right block of the logarithm of [A, dA; 0, A] (R. Mathias, "A chain rule for matrix
/// functions and applications", 1996), and its transpose the same with Aᵀ.
[<Sealed>]
type internal MatrixLogRule() =
    inherit UnaryRule("matrix_log")
    static member val Instance = MatrixLogRule()
    override _.Attributes = ValueSome [||]
    override _.Infer x = x
    override this.Batch x = Tensor.Apply(this, x)
    override _.Value x = Schur.log x
    override _.Push(x, _, dx) = MatrixFunctions.Along(MatrixLogRule.Instance, x, dx)
    override _.Pull(x, _, w) = MatrixFunctions.Along(MatrixLogRule.Instance, Matrix.Transpose x, w)

/// What has orthonormal columns, completed: of Q₁ [m; n] the other m - n columns Q₂ of an orthogonal matrix. Which ones is arbitrary up to a rotation
/// among them; the derivative is that of the choice which does not rotate, dQ₂ = -Q₁ dQ₁ᵀ Q₂, so that functions of Q₂ Q₂ᵀ are right at every order.
[<Sealed>]
type internal ComplementRule() =
    inherit UnaryRule("complement")
    static member val Instance = ComplementRule()
    override _.Attributes = ValueSome [||]

    override _.Infer x =
        let m, n = x.Shape.Sizes[x.Shape.Rank - 2], x.Shape.Sizes[x.Shape.Rank - 1]
        x.With(x.Shape.With(x.Shape.Rank - 1, m - n))

    override this.Batch x = Tensor.Apply(this, x)

    override _.Value x =
        let m, n = x.Shape.Sizes[x.Rank - 2], x.Shape.Sizes[x.Rank - 1]
        let data = (x.Cast DType.Float64).ToArray<double>()
        let count = Factorizations.batchCount x
        let y: double[] = Array.zeroCreate (count * m * (m - n))

        for t in 0 .. count - 1 do
            let block = Array.init (m * n) (fun at -> data[(t * m + at % m) * n + at / m])
            let q: double[] = Array.init (m * m) (fun at -> if at / m = at % m then 1.0 else 0.0)
            if n > 0 then Factorizations.provider().QRFactor(block, m, n, q, Array.zeroCreate n)

            for i in 0 .. m - 1 do
                for j in 0 .. m - n - 1 do
                    y[(t * m + i) * (m - n) + j] <- q[(n + j) * m + i]

        (NDArray.Adopt(Factorizations.shaped x [| m; m - n |], y)).Cast x.DType

    override _.Push(x, y, dx) = -(Products.Matrices(x, Products.Matrices(Matrix.Transpose dx, y)))
    override _.Pull(x, y, w) = -(Products.Matrices(y, Products.Matrices(Matrix.Transpose w, x)))

/// Structured systems and matrix equations for callers.
[<AbstractClass; Sealed>]
type internal Equations =
    /// All with the same leading axes.
    static member private Together(operation: string, core: int[], xs: Tensor[]) : Tensor[] =
        let own (i: int) = Array.sub xs[i].Shape.Sizes 0 (xs[i].Rank - core[i])
        let batch = Seq.init xs.Length (fun i -> Shape(own i)) |> Seq.reduce (fun a b -> Shape.Broadcast(operation, a, b))

        xs
        |> Array.mapi (fun i x ->
            let last = Array.sub x.Shape.Sizes (x.Rank - core[i]) core[i]
            Tensor.BroadcastTo(x, Shape(Array.append batch.Sizes last)))

    static member private Common(xs: Tensor[]) : Tensor[] =
        let dtype = (xs |> Array.map Tensor.Fractional |> Array.reduce Products.CommonFirst).DType
        xs |> Array.map (fun x -> Tensor.Cast(x, dtype))

    static member SolvePositive(a: Tensor, b: Tensor) : Tensor =
        let struct (a, b, isVector) = Demand.System("SolvePositiveDefinite", a, b)
        let x = Tensor.Apply(SolvePositiveRule.Instance, a, b)
        if isVector then Tensor.ReshapeTo(x, x.Shape.Without(x.Rank - 1)) else x

    static member SolveTridiagonal(lower: Tensor, diagonal: Tensor, upper: Tensor, b: Tensor) : Tensor =
        if diagonal.Rank = 0 then
            invalidArg "diagonal" "SolveTridiagonal: the diagonal is a single number. Give a vector, or a stack of vectors with leading axes."

        let n = diagonal.Shape.Sizes[diagonal.Rank - 1]

        let demandSide (name: string) (side: Tensor) =
            if side.Rank = 0 || side.Shape.Sizes[side.Rank - 1] <> max 0 (n - 1) then
                invalidArg
                    name
                    $"SolveTridiagonal: the diagonal is {diagonal.Shape}, so the one beside it needs {max 0 (n - 1)} elements, but {name} is {side.Shape}."

        demandSide "lower" lower
        demandSide "upper" upper

        if b.Rank = 0 then
            invalidArg "b" $"SolveTridiagonal: the diagonal is {diagonal.Shape}, but b is a single number. Give a vector or a matrix of {n} rows."

        let isVector = b.Rank = 1
        let column = if isVector then Matrix.Insert(b, 1) else b

        if Matrix.Rows column <> n then
            let hint = if b.Rank >= 2 && Matrix.Columns b = n then " Did you mean b.T?" else ""
            invalidArg "b" $"SolveTridiagonal: the diagonal is {diagonal.Shape}, so b needs {n} rows, but b is {b.Shape}.{hint}"

        let xs = Equations.Together("SolveTridiagonal", [| 1; 1; 1; 2 |], Equations.Common [| lower; diagonal; upper; column |])
        let x = (Tensor.Apply(SolveTridiagonalRule.Instance, xs))[0]
        if isVector then Tensor.ReshapeTo(x, x.Shape.Without(x.Rank - 1)) else x

    static member private Equation(operation: string, rule: SylvesterRule, a: Tensor, b: Tensor, c: Tensor, name: string) : Tensor =
        let a, b = Demand.Square(operation, a), Demand.Square(operation, b)

        if c.Rank < 2 || Matrix.Rows c <> Matrix.Rows a || Matrix.Columns c <> Matrix.Rows b then
            invalidArg
                name
                $"{operation}: a is {a.Shape} and b is {b.Shape}, so {name} needs matrices of {Matrix.Rows a} by {Matrix.Rows b}, but it is {c.Shape}."

        (Tensor.Apply(rule, Equations.Together(operation, [| 2; 2; 2 |], Equations.Common [| a; b; c |])))[0]

    /// A X + X B = C.
    static member Sylvester(a: Tensor, b: Tensor, c: Tensor) : Tensor = Equations.Equation("Sylvester", SylvesterRule.Continuous, a, b, c, "c")

    /// A X + X Aᵀ = Q.
    static member Lyapunov(a: Tensor, q: Tensor) : Tensor =
        let a = Demand.Square("Lyapunov", a)
        Equations.Equation("Lyapunov", SylvesterRule.Continuous, a, Matrix.Transpose a, q, "q")

    /// X - A X Aᵀ = Q.
    static member DiscreteLyapunov(a: Tensor, q: Tensor) : Tensor =
        let a = Demand.Square("DiscreteLyapunov", a)
        Equations.Equation("DiscreteLyapunov", SylvesterRule.Discrete, a, Matrix.Transpose a, q, "q")

    static member Sqrt(a: Tensor) : Tensor = Tensor.Apply(MatrixSqrtRule.Instance, Demand.Square("MatrixSqrt", a))
    static member Log(a: Tensor) : Tensor = Tensor.Apply(MatrixLogRule.Instance, Demand.Square("MatrixLog", a))

    /// Aᵖ = exp(p log A); a whole p by repeated squaring.
    static member Power(a: Tensor, p: double) : Tensor =
        if not (Double.IsFinite p) then
            raise (ArgumentOutOfRangeException("p", p, "MatrixPower: the exponent is not a finite number."))
        elif p = Math.Truncate p && Math.Abs p <= 1e9 then
            MatrixFunctions.Power(a, int p)
        else
            let a = Demand.Square("MatrixPower", a)
            MatrixFunctions.Exp(p * Equations.Log a)

    /// Q [m; m] and R [m; n] of A = Q R, for m > n the thin factors completed.
    static member CompleteQr(a: Tensor) : struct (Tensor * Tensor) =
        let struct (q, r) = Spectral.Qr a
        let m, n = Matrix.Rows a, Matrix.Columns a

        if m <= n then
            struct (q, r)
        else
            let rest = Tensor.Apply(ComplementRule.Instance, q)
            struct (Matrix.Widen(q, -1, 0, m) + Matrix.Widen(rest, -1, n, m), Matrix.Widen(r, -2, 0, m))

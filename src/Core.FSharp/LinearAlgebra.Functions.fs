namespace rec DiffLib

open System
open DiffLib.Kernels

// Functions of matrices.

/// e^A by scaling and squaring with the Padé approximant of degree 13 (N. Higham, "The scaling and squaring method for the matrix exponential
/// revisited", 2005). Derivative: the upper right block of the exponential of [A, dA; 0, A] (R. Mathias, "A chain rule for matrix functions and
/// applications", 1996), and its transpose the same with Aᵀ.
[<Sealed>]
type internal MatrixExpRule() =
    inherit UnaryRule("matrix_exp")
    override _.Attributes = ValueSome [||]
    override _.Infer x = x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)
    static member val Instance = MatrixExpRule()

    static member private Coefficients =
        [| 64764752532480000.0
           32382376266240000.0
           7771770303897600.0
           1187353796428800.0
           129060195264000.0
           10559470521600.0
           670442572800.0
           33522128640.0
           1323241920.0
           40840800.0
           960960.0
           16380.0
           182.0
           1.0 |]

    /// The approximant needs a 1-norm up to this.
    static member private Radius = 5.371920351148152

    static member private Pade(a: Tensor) : Tensor =
        let b = MatrixExpRule.Coefficients
        let times x y = Products.Matrices(x, y)
        let eye = Matrix.Eye(a, Matrix.Rows a, Matrix.Rows a)
        let a2 = times a a
        let a4 = times a2 a2
        let a6 = times a2 a4
        let odd = times a (times a6 (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * eye)
        let even = times a6 (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * eye
        Tensor.Apply(SolveRule.Plain, even - odd, even + odd)

    /// The exponential of one matrix of float64.
    static member private One(a: Tensor) : NDArray =
        let norm = (MatrixFunctions.Norm(a, MatrixNormKind.One, -2, -1, false)).ToDouble()

        if not (Double.IsFinite norm) then
            NDArray.Full(DType.Float64, a.Shape, Double.NaN)
        else
            let squarings = if norm <= MatrixExpRule.Radius then 0 else 1 + Math.ILogB(norm / MatrixExpRule.Radius)
            let mutable y = MatrixExpRule.Pade(Math.ScaleB(1.0, -squarings) * a)

            for _ in 1..squarings do
                y <- Products.Matrices(y, y)

            y.Value

    // each matrix of a stack by itself: its norm decides how often it is squared, and what is not a number stays where it is
    override _.Value x =
        let n = x.Shape.Sizes[x.Rank - 1]

        if x.Count = 0 then
            x
        else
            let data = (x.Cast DType.Float64).ToArray<double>()
            let one t = MatrixExpRule.One(Const(NDArray.Adopt(Shape [| n; n |], Array.sub data (t * n * n) (n * n))))
            let results = Array.init (Factorizations.batchCount x) (fun t -> (one t).ToArray<double>())
            (NDArray.Adopt(x.Shape, Array.concat results)).Cast x.DType

    /// The derivative of the exponential at a along e.
    static member private Along(a: Tensor, e: Tensor) : Tensor = MatrixFunctions.Along(MatrixExpRule.Instance, a, e)

    override _.Push(x, _, dx) = MatrixExpRule.Along(x, dx)
    override _.Pull(x, _, w) = MatrixExpRule.Along(Matrix.Transpose x, w)

/// Functions of matrices for callers.
[<AbstractClass; Sealed>]
type internal MatrixFunctions =
    /// The derivative at a along e of a function of square matrices that is made of powers: the upper right block of its value at [a, e; 0, a].
    static member Along(f: UnaryRule, a: Tensor, e: Tensor) : Tensor =
        let n = Matrix.Rows a
        let block = Matrix.Place(a, 0, 2 * n, 0, 2 * n) + Matrix.Place(a, n, 2 * n, n, 2 * n) + Matrix.Place(e, 0, 2 * n, n, 2 * n)
        Matrix.Block(Tensor.Apply(f, block), 0, n, n, n)

    static member Exp(a: Tensor) : Tensor = Tensor.Apply(MatrixExpRule.Instance, Demand.Square("MatrixExp", a))

    /// Aⁿ by repeated squaring; a negative power is one of the inverse.
    static member Power(a: Tensor, n: int) : Tensor =
        let a = Demand.Square("MatrixPower", a)

        if n < 0 then MatrixFunctions.PositivePower(LinearAlgebra.Inverse a, -(int64 n))
        elif n = 0 then Tensor.BroadcastTo(Matrix.Eye(a, Matrix.Rows a, Matrix.Rows a), a.Shape)
        else MatrixFunctions.PositivePower(a, int64 n)

    static member private PositivePower(a: Tensor, n: int64) : Tensor =
        if n = 1L then
            a
        else
            let half = MatrixFunctions.PositivePower(a, n / 2L)
            let square = Products.Matrices(half, half)
            if n % 2L = 0L then square else Products.Matrices(square, a)

    /// Q f(Λ) Qᵀ of the symmetric matrices A = Q Λ Qᵀ, for an elementwise f.
    static member Symmetric(f: Tensor -> Tensor, a: Tensor) : Tensor =
        (Tensor.Apply(SymmetricFunctionRule(f, 0), [| Demand.Square("SymmetricFunction", a) |]))[0]

    /// The powers 0, 1, .., count - 1 of each element, side by side: [..] to [.., count].
    static member Vander(x: Tensor, count: int) : Tensor =
        if count < 0 then raise (ArgumentOutOfRangeException("count", count, "Vander: the number of powers is negative."))
        let exponents = Const((NDArray.Adopt(Shape [| count |], Array.init count double)).Cast(DTypes.fractional x.DType))
        Tensor.Pow(Matrix.Insert(Tensor.Fractional x, -1), exponents)

    /// The first columns of H₁ H₂ .. H_k, where Hᵢ = I - τᵢ vᵢ vᵢᵀ and vᵢ is 0 above the diagonal, 1 on it, and column i of a below.
    static member HouseholderProduct(a: Tensor, tau: Tensor) : Tensor =
        let a = Demand.Matrix("HouseholderProduct", a)
        let m, n = Matrix.Rows a, Matrix.Columns a
        let k = if tau.Rank = 0 then -1 else tau.Shape.Sizes[tau.Rank - 1]

        if n > m || k < 0 || k > n || not ((Shape(Array.append (Blas.batchOf a.Shape).Sizes [| k |])).Equals tau.Shape) then
            invalidArg "tau" $"HouseholderProduct: a is {a.Shape} and tau is {tau.Shape}. Give [.., m, n] with m ≥ n, and [.., k] with k ≤ n factors."

        let struct (a, tau) = Products.Common(a, tau)
        let vectors = Matrix.Lower(a, -1) + Matrix.Eye(a, m, n)
        let mutable q = Tensor.BroadcastTo(Matrix.Eye(a, m, n), a.Shape)

        for i in k - 1 .. -1 .. 0 do
            let v = Matrix.Narrow(vectors, -1, i, 1)
            let factor = Matrix.Insert(Matrix.Narrow(tau, -1, i, 1), -1)
            q <- q - factor * Products.Matrices(v, Products.Matrices(Matrix.Transpose v, q))

        q

    /// The norm of the matrices over two axes.
    static member Norm(x: Tensor, kind: MatrixNormKind, rowAxis: int, columnAxis: int, keep: bool) : Tensor =
        let rows, columns = x.Shape.Axis rowAxis, x.Shape.Axis columnAxis

        if rows = columns then
            invalidArg "columnAxis" $"MatrixNorm: rows and columns are both axis {rows} of shape {x.Shape}. Name two axes."

        let rest = Array.except [ rows; columns ] [| 0 .. x.Rank - 1 |]
        let moved = Matrix.Permute(Tensor.Fractional x, Array.append rest [| rows; columns |])
        let absolute axis = Tensor.Apply(SumRule([| moved.Rank + axis |], false), Tensor.Abs moved)
        let most, least = Double.PositiveInfinity, Double.NegativeInfinity

        let norm =
            match kind with
            | MatrixNormKind.Frobenius -> Norms.Norm(moved, 2.0, [| -2; -1 |], false)
            | MatrixNormKind.Nuclear -> Matrix.SumLast(Spectral.SingularValues moved, 1)
            | MatrixNormKind.Spectral -> Norms.Norm(Spectral.SingularValues moved, most, [| -1 |], false)
            | MatrixNormKind.SmallestSingularValue -> Norms.Norm(Spectral.SingularValues moved, least, [| -1 |], false)
            | MatrixNormKind.One -> Norms.Norm(absolute -2, most, [| -1 |], false)
            | MatrixNormKind.MinusOne -> Norms.Norm(absolute -2, least, [| -1 |], false)
            | MatrixNormKind.Infinity -> Norms.Norm(absolute -1, most, [| -1 |], false)
            | MatrixNormKind.MinusInfinity -> Norms.Norm(absolute -1, least, [| -1 |], false)
            | _ -> raise (ArgumentOutOfRangeException("kind", kind, "MatrixNorm: there is no such norm."))

        if keep then Tensor.ReshapeTo(norm, Numbers.reducedShape x.Shape [| rows; columns |] true) else norm

    /// The condition number: the norm of A times that of A⁻¹; in the spectral norm the ratio of the extreme singular values.
    static member Condition(a: Tensor, kind: MatrixNormKind) : Tensor =
        match kind with
        | MatrixNormKind.Spectral
        | MatrixNormKind.SmallestSingularValue ->
            let s = Spectral.SingularValues(Demand.Matrix("Cond", a))
            let largest = Norms.Norm(s, Double.PositiveInfinity, [| -1 |], false)
            let smallest = Norms.Norm(s, Double.NegativeInfinity, [| -1 |], false)
            if kind = MatrixNormKind.Spectral then largest / smallest else smallest / largest
        | _ ->
            let a = Demand.Square("Cond", a)
            MatrixFunctions.Norm(a, kind, -2, -1, false) * MatrixFunctions.Norm(LinearAlgebra.Inverse a, kind, -2, -1, false)

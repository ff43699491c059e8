namespace rec DiffLib

open System
open DiffLib.Kernels

// Differentiable linear algebra over the last two axes; leading axes are a stack. Sources: M. Giles, "An extended collection of
// matrix derivative results for forward and reverse mode algorithmic differentiation", 2008 [Giles]; I. Murray, "Differentiation of
// the Cholesky decomposition", 2016 [Murray]. The factors of a matrix are computed once and shared by value and derivatives.

/// X with op(A) X = B, op the transpose or nothing. Derivative: op(A) dX = dB - op(dA) X [Giles 2.3.1].
[<Sealed>]
type internal SolveRule(transposed: bool) =
    inherit BinaryRule("solve")
    override _.Attributes = ValueSome [| "transposed", Attribute.Flag transposed |]
    override _.Infer(a, b) = Stacked.Product("Solve", a, b, a.Shape[-1])
    override this.Batch(a, b, stackedA, stackedB) =
        let xs = Stacks.Aligned([| a; b |], [| stackedA; stackedB |])
        Tensor.Apply(this, xs[0], xs[1])
    static member val Plain = SolveRule false
    static member val Transposed = SolveRule true
    static member Of(transposed: bool) = if transposed then SolveRule.Transposed else SolveRule.Plain
    override _.Value(a, b) = Factorizations.solve transposed a b

    override this.Push(input, a, _, x, d) =
        if input = 1 then
            Tensor.Apply(this, a, d)
        else
            -(Tensor.Apply(this, a, Products.Matrices((if transposed then Matrix.Transpose d else d), x)))

    override _.Pull(input, a, b, x, w) =
        let z = Tensor.Apply(SolveRule.Of(not transposed), a, w)

        if input = 1 then
            Tensor.SumTo(z, b.Shape)
        else
            let g = if transposed then Products.Matrices(x, Matrix.Transpose z) else Products.Matrices(z, Matrix.Transpose x)
            Tensor.SumTo(-g, a.Shape)

/// X with op(T) X = B for one triangle of T; the rest of T is constant.
[<Sealed>]
type internal SolveTriangularRule(upper: bool, transposed: bool, unit: bool) =
    inherit BinaryRule("solve_triangular")
    override _.Attributes = ValueSome [| "upper", Attribute.Flag upper; "transposed", Attribute.Flag transposed; "unit", Attribute.Flag unit |]

    override _.Infer(a, b) = Stacked.Product("SolveTriangular", a, b, a.Shape[-1])
    override this.Batch(a, b, stackedA, stackedB) =
        let xs = Stacks.Aligned([| a; b |], [| stackedA; stackedB |])
        Tensor.Apply(this, xs[0], xs[1])
    override _.Value(a, b) = Factorizations.solveTriangular upper transposed unit a b

    /// The part of a matrix that is read.
    member private _.Part(x: Tensor) : Tensor =
        let k = if unit then 1 else 0
        if upper then Matrix.Upper(x, k) else Matrix.Lower(x, -k)

    override this.Push(input, a, _, x, d) =
        if input = 1 then
            Tensor.Apply(this, a, d)
        else
            let part = this.Part d
            -(Tensor.Apply(this, a, Products.Matrices((if transposed then Matrix.Transpose part else part), x)))

    override this.Pull(input, a, b, x, w) =
        let z = Tensor.Apply(SolveTriangularRule(upper, not transposed, unit), a, w)

        if input = 1 then
            Tensor.SumTo(z, b.Shape)
        else
            let g = if transposed then Products.Matrices(x, Matrix.Transpose z) else Products.Matrices(z, Matrix.Transpose x)
            Tensor.SumTo(-(this.Part g), a.Shape)

/// A⁻¹. Derivative: -A⁻¹ dA A⁻¹ [Giles 2.2.3].
[<Sealed>]
type internal InverseRule() =
    inherit UnaryRule("inverse")
    override _.Attributes = ValueSome [||]
    override _.Infer x = x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)
    static member val Instance = InverseRule()

    override _.Value x =
        Factorizations.regular "Inverse" x |> ignore
        Factorizations.solve false x (Factorizations.eyes x)

    override _.Push(_, y, dx) = -(Products.Matrices(y, Products.Matrices(dx, y)))

    override _.Pull(_, y, w) =
        let t = Matrix.Transpose y
        -(Products.Matrices(t, Products.Matrices(w, t)))

/// det A. Derivative: the cofactors, also where A is singular (Jacobi's formula).
[<Sealed>]
type internal DetRule() =
    inherit UnaryRule("det")
    override _.Attributes = ValueSome [||]
    override _.Infer x = x.With(Blas.batchOf x.Shape)
    override this.Batch x = Tensor.Apply(this, x)
    static member val Instance = DetRule()

    override _.Value x = (NDArray.Adopt(Blas.batchOf x.Shape, Factorizations.determinants x)).Cast x.DType

    override _.Push(x, _, dx) = Matrix.Inner(Tensor.Apply(CofactorRule.Instance, x), dx)
    override _.Pull(x, _, w) = Determinants.Spread w * Tensor.Apply(CofactorRule.Instance, x)

/// The cofactors det(A) A⁻ᵀ, from the inverse where the pivots are of comparable size, else from A = U S Vᵀ as
/// det(U) det(V) U diag(Π of the other singular values) Vᵀ, which holds for every rank.
[<Sealed>]
type internal CofactorRule() =
    inherit UnaryRule("cofactor")
    override _.Attributes = ValueSome [||]
    override _.Infer x = x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)
    static member val Instance = CofactorRule()
    override _.Value x = Cofactors.first x
    override _.Push(x, _, dx) = Tensor.Apply(CofactorDerivativeRule.Instance, x, dx)
    // the second derivative of the determinant is symmetric
    override _.Pull(x, _, w) = Tensor.Apply(CofactorDerivativeRule.Instance, x, w)

/// The derivative of the cofactors of A along D, for every rank of A: with M = Uᵀ D V and p(i, j) the product of all singular values but two,
/// det(U) det(V) U N Vᵀ, where N(i, i) = Σ p(i, j) M(j, j) and N(i, j) = -p(i, j) M(j, i). Linear in D and symmetric.
[<Sealed>]
type internal CofactorDerivativeRule() =
    inherit BinaryRule("cofactor_derivative")
    override _.Attributes = ValueSome [||]
    override _.Infer(a, _) = a.With a.Shape
    override this.Batch(a, d, stackedA, stackedD) =
        let struct (a, d) = Lifting.Both(a, d, stackedA, stackedD)
        Tensor.Apply(this, a, d)
    static member val Instance = CofactorDerivativeRule()
    override _.Value(a, d) = Cofactors.second a d

    /// The third derivative of the determinant, a form symmetric in all directions; this one needs a regular matrix.
    static member private Third(a: Tensor, d: Tensor, e: Tensor) : Tensor =
        let inverse = Tensor.Apply(InverseRule.Instance, a)
        let transposed = Matrix.Transpose inverse
        let c = Tensor.Apply(CofactorRule.Instance, a)
        let dc = Tensor.Apply(CofactorDerivativeRule.Instance, a, e)
        let x, y = Products.Matrices(inverse, d), Products.Matrices(inverse, e)
        let left z = Products.Matrices(transposed, Products.Matrices(Matrix.Transpose d, z))

        Determinants.Spread(-(Determinants.Trace(Products.Matrices(y, x)))) * c
        + Determinants.Spread(Determinants.Trace x) * dc
        + Products.Matrices(transposed, Products.Matrices(Matrix.Transpose e, left c))
        - left dc

    override this.Push(input, a, d, _, e) = if input = 1 then Tensor.Apply(this, a, e) else CofactorDerivativeRule.Third(a, d, e)

    override this.Pull(input, a, d, _, w) = if input = 1 then Tensor.Apply(this, a, w) else CofactorDerivativeRule.Third(a, d, w)

/// log |det A|, -∞ for a singular matrix. Derivative: A⁻ᵀ [Giles 2.2.4].
[<Sealed>]
type internal LogAbsDetRule() =
    inherit UnaryRule("log_abs_det")
    override _.Attributes = ValueSome [||]
    override _.Infer x = x.With(Blas.batchOf x.Shape)
    override this.Batch x = Tensor.Apply(this, x)
    static member val Instance = LogAbsDetRule()

    override _.Value x =
        let struct (_, log) = Factorizations.signAndLog x
        (NDArray.Adopt(Blas.batchOf x.Shape, log)).Cast x.DType

    override _.Push(x, _, dx) = Matrix.Inner(Matrix.Transpose(Tensor.Apply(InverseRule.Instance, x)), dx)
    override _.Pull(x, _, w) = Determinants.Spread w * Matrix.Transpose(Tensor.Apply(InverseRule.Instance, x))

/// The sign of det A: -1, 0 or 1.
[<Sealed>]
type internal SignDetRule() =
    inherit UnaryRule("sign_det")
    override _.Attributes = ValueSome [||]
    override _.Infer x = x.With(Blas.batchOf x.Shape)
    override this.Batch x = Tensor.Apply(this, x)
    static member val Instance = SignDetRule()
    override _.Differentiable = false

    override _.Value x =
        let struct (sign, _) = Factorizations.signAndLog x
        (NDArray.Adopt(Blas.batchOf x.Shape, sign)).Cast x.DType

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// L with L Lᵀ = A. The lower triangle of A is read, and A is taken as symmetric: a tangent counts by its symmetric part, and the
/// cotangent is symmetric. Derivative: dL = L Φ(L⁻¹ dA L⁻ᵀ), Φ the lower triangle with half its diagonal [Murray].
[<Sealed>]
type internal CholeskyRule() =
    inherit UnaryRule("cholesky")
    override _.Attributes = ValueSome [||]
    override _.Infer x = x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)
    static member val Instance = CholeskyRule()
    override _.Value x = Factorizations.cholesky x

    static member private HalfLower(x: Tensor) : Tensor =
        let n = Matrix.Rows x
        Tensor.Scale(
            x,
            Matrix.Filled(
                x,
                n,
                n,
                (fun i j ->
                    if i > j then 1.0
                    elif i = j then 0.5
                    else 0.0)
            )
        )

    override _.Push(_, l, dx) =
        let inner = Triangles.Solve(l, Matrix.Transpose(Triangles.Solve(l, Matrix.Symmetric dx, false, false, false)), false, false, false)
        Products.Matrices(l, CholeskyRule.HalfLower(Matrix.Transpose inner))

    override _.Pull(_, l, w) =
        let phi = CholeskyRule.HalfLower(Products.Matrices(Matrix.Transpose l, w))
        let left = Triangles.Solve(l, phi, false, true, false)
        Matrix.Symmetric(Triangles.Solve(l, Matrix.Transpose left, false, true, false))

/// Cofactors and their derivative in plain numbers.
module internal Cofactors =
    /// The products of all numbers but the i-th and the j-th (all but the i-th where j = i), without division.
    let private without (s: double[]) i j : double =
        Factorizations.scaledProduct (
            seq {
                for k in 0 .. s.Length - 1 do
                    if k <> i && k <> j then s[k]
            }
        )

    let private parts (x: NDArray) =
        let struct (u, s, vt) = Factorizations.svd (x.Cast DType.Float64)
        let du, dv = Factorizations.determinants u, Factorizations.determinants vt
        let sign = Array.map2 (fun (a: double) (b: double) -> if a * b < 0.0 then -1.0 else 1.0) du dv
        struct (u, s.ToArray<double>(), vt, sign)

    let private assembled (x: NDArray) (u: NDArray) (middle: double[]) (vt: NDArray) : NDArray =
        (Blas.multiply u (Blas.multiply (NDArray.Adopt(x.Shape, middle)) vt)).Cast x.DType

    let first (x: NDArray) : NDArray =
        let n = x.Shape.Sizes[x.Rank - 1]

        if n > 0 && Factorizations.isComfortable x then
            let det = (NDArray.Adopt(Factorizations.shaped x [| 1; 1 |], Factorizations.determinants x)).Cast x.DType
            let inverse = Factorizations.solve false x (Factorizations.eyes x)
            let order =
                Array.init x.Rank (fun d ->
                    if d = x.Rank - 1 then d - 1
                    elif d = x.Rank - 2 then d + 1
                    else d)
            Numbers.binary BinaryOp.Multiply det (inverse.Transpose order)
        else
            let struct (u, s, vt, sign) = parts x
            let middle: double[] = Array.zeroCreate x.Count

            for t in 0 .. sign.Length - 1 do
                let own = Array.sub s (t * n) n

                for i in 0 .. n - 1 do
                    middle[(t * n + i) * n + i] <- sign[t] * without own i i

            assembled x u middle vt

    let second (x: NDArray) (d: NDArray) : NDArray =
        let n = x.Shape.Sizes[x.Rank - 1]
        let struct (u, s, vt, sign) = parts x
        let flip (y: NDArray) =
            y.Transpose(
                Array.init y.Rank (fun e ->
                    if e = y.Rank - 1 then e - 1
                    elif e = y.Rank - 2 then e + 1
                    else e)
            )
        let m = (Blas.multiply (flip u) (Blas.multiply (d.Cast DType.Float64) (flip vt))).ToArray<double>()
        let middle: double[] = Array.zeroCreate x.Count

        for t in 0 .. sign.Length - 1 do
            let own = Array.sub s (t * n) n
            let at i j = (t * n + i) * n + j

            for i in 0 .. n - 1 do
                for j in 0 .. n - 1 do
                    if i <> j then
                        let p = sign[t] * without own i j
                        middle[at i i] <- middle[at i i] + p * m[at j j]
                        middle[at i j] <- -p * m[at j i]

        assembled x u middle vt

/// What determinants need besides.
[<AbstractClass; Sealed>]
type internal Determinants =
    /// One number for each matrix, as 1 by 1 matrices.
    static member Spread(w: Tensor) : Tensor = Tensor.ReshapeTo(w, Shape(Array.append w.Shape.Sizes [| 1; 1 |]))

    /// The sum of the diagonal.
    static member Trace(x: Tensor) : Tensor = Matrix.SumLast(Matrix.Diagonal x, 1)

/// Triangular systems.
[<AbstractClass; Sealed>]
type internal Triangles =
    static member Solve(t: Tensor, b: Tensor, upper: bool, transposed: bool, unit: bool) : Tensor =
        Tensor.Apply(SolveTriangularRule(upper, transposed, unit), t, b)

    /// X T⁻¹, for X of matching columns.
    static member Right(x: Tensor, t: Tensor, upper: bool) : Tensor = Matrix.Transpose(Triangles.Solve(t, Matrix.Transpose x, upper, true, false))

/// Shapes and element types that linear algebra asks for.
[<AbstractClass; Sealed>]
type internal Demand =
    /// Floating point, and rank 2 or more.
    static member Matrix(operation: string, a: Tensor) : Tensor =
        if a.Rank < 2 then
            invalidArg "a" $"{operation}: a is {a.Shape}; give a matrix, or a stack of matrices with leading axes."

        Tensor.Fractional a

    /// As many rows as columns.
    static member Square(operation: string, a: Tensor) : Tensor =
        let a = Demand.Matrix(operation, a)

        if Matrix.Rows a <> Matrix.Columns a then
            invalidArg
                "a"
                $"{operation}: a is {a.Shape}, so its matrices are {Matrix.Rows a} by {Matrix.Columns a}; they must be square. Lstsq and Pinv take the others."

        a

    /// A square matrix and a right-hand side with as many rows, of one element type; a vector becomes a column, and the flag says so.
    static member System(operation: string, a: Tensor, b: Tensor) : struct (Tensor * Tensor * bool) =
        let a = Demand.Square(operation, a)
        if b.Rank = 0 then
            invalidArg "b" $"{operation}: a is {a.Shape}, but b is a single number. Give a vector or a matrix of {Matrix.Rows a} rows."
        let isVector = b.Rank = 1
        let column = if isVector then Matrix.Insert(b, 1) else b

        if Matrix.Rows column <> Matrix.Rows a then
            let hint = if b.Rank >= 2 && Matrix.Columns b = Matrix.Rows a then " Did you mean b.T?" else ""
            invalidArg "b" $"{operation}: a is {a.Shape}, so b needs {Matrix.Rows a} rows, but b is {b.Shape}.{hint}"

        Shape.Broadcast(operation, Blas.batchOf a.Shape, Blas.batchOf column.Shape) |> ignore
        let struct (a, column) = Products.Common(a, column)
        struct (a, column, isVector)

/// Systems of equations and what follows from them.
[<AbstractClass; Sealed>]
type internal LinearAlgebra =
    static member private Unboxed(x: Tensor, isVector: bool) : Tensor = if isVector then Tensor.ReshapeTo(x, x.Shape.Without(x.Rank - 1)) else x

    static member Solve(a: Tensor, b: Tensor) : Tensor =
        let struct (a, b, isVector) = Demand.System("Solve", a, b)
        LinearAlgebra.Unboxed(Tensor.Apply(SolveRule.Plain, a, b), isVector)

    /// op(T) X = B, or X T = B where the unknown stands on the left.
    static member SolveTriangular(t: Tensor, b: Tensor, upper: bool, unit: bool, left: bool) : Tensor =
        if left then
            let struct (t, b, isVector) = Demand.System("SolveTriangular", t, b)
            LinearAlgebra.Unboxed(Triangles.Solve(t, b, upper, false, unit), isVector)
        else
            let b = Demand.Matrix("SolveTriangular", b)
            let struct (t, flipped, _) = Demand.System("SolveTriangular", t, Matrix.Transpose b)
            Matrix.Transpose(Triangles.Solve(t, flipped, upper, true, unit))

    static member Inverse(a: Tensor) : Tensor = Tensor.Apply(InverseRule.Instance, Demand.Square("Inverse", a))
    static member Det(a: Tensor) : Tensor = Tensor.Apply(DetRule.Instance, Demand.Square("Det", a))

    static member SlogDet(a: Tensor) : struct (Tensor * Tensor) =
        let a = Demand.Square("SlogDet", a)
        struct (Tensor.Apply(SignDetRule.Instance, a), Tensor.Apply(LogAbsDetRule.Instance, a))

    /// ln det A; NaN where the determinant is negative.
    static member LogDet(a: Tensor) : Tensor =
        let struct (sign, log) = LinearAlgebra.SlogDet a
        let negative = Tensor.Compare(CompareOp.Less, sign, Const(NDArray.WeakScalar 0.0))
        Tensor.Select(negative, Tensor.FullLike(log, Double.NaN), log)

    static member Cholesky(a: Tensor) : Tensor = Tensor.Apply(CholeskyRule.Instance, Demand.Square("Cholesky", a))

    /// X with L Lᵀ X = B (or Uᵀ U X = B).
    static member CholeskySolve(factor: Tensor, b: Tensor, upper: bool) : Tensor =
        let struct (l, b, isVector) = Demand.System("CholeskySolve", factor, b)
        let half = Triangles.Solve(l, b, upper, upper, false)
        LinearAlgebra.Unboxed(Triangles.Solve(l, half, upper, not upper, false), isVector)

    static member CholeskyInverse(factor: Tensor, upper: bool) : Tensor =
        let factor = Demand.Square("CholeskyInverse", factor)
        let n = Matrix.Rows factor
        LinearAlgebra.CholeskySolve(factor, Tensor.BroadcastTo(Matrix.Eye(factor, n, n), factor.Shape), upper)

    static member Trace(a: Tensor) : Tensor =
        if a.Rank < 2 then invalidArg "a" $"Trace: a is {a.Shape}; give a matrix, or a stack of matrices with leading axes."
        Determinants.Trace a

    /// A⁻¹ as a map between tensors: the first `split` axes of a against the others.
    static member TensorInverse(a: Tensor, split: int) : Tensor =
        let sizes = a.Shape.Sizes

        if split <= 0 || split >= sizes.Length then
            raise (
                ArgumentOutOfRangeException(
                    "split",
                    split,
                    $"TensorInverse: a is {a.Shape}; the number of leading axes runs from 1 to {sizes.Length - 1}."
                )
            )

        let first, last = Array.sub sizes 0 split, Array.sub sizes split (sizes.Length - split)
        let m, n = Array.fold (*) 1 first, Array.fold (*) 1 last

        if m <> n then
            invalidArg "a" $"TensorInverse: a is {a.Shape}; its first {split} axes have {m} elements and the others {n}. The counts must agree."

        Tensor.ReshapeTo(LinearAlgebra.Inverse(Tensor.ReshapeTo(a, Shape [| m; n |])), Shape(Array.append last first))

    /// X with TensorDot(a, X, all axes of X) = b.
    static member TensorSolve(a: Tensor, b: Tensor) : Tensor =
        let sizes = a.Shape.Sizes
        let unknown = if b.Rank <= sizes.Length then Array.sub sizes b.Rank (sizes.Length - b.Rank) else [||]
        let n = Array.fold (*) 1 unknown

        if b.Rank > sizes.Length || Array.sub sizes 0 b.Rank <> b.Shape.Sizes || n <> b.Count then
            invalidArg
                "b"
                $"TensorSolve: a is {a.Shape} and b is {b.Shape}. The shape of a is that of b and then that of the unknown, with as many elements as b."

        let x = LinearAlgebra.Solve(Tensor.ReshapeTo(a, Shape [| n; n |]), Tensor.ReshapeTo(b, Shape [| n |]))
        Tensor.ReshapeTo(x, Shape unknown)

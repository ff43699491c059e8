namespace rec DiffLib

open System
open DiffLib.Kernels

// Eigenvalues of matrices that need not be symmetric. Complex matrices are pairs of a real and an imaginary part.

/// A matrix of complex numbers.
[<Struct; NoEquality; NoComparison>]
type internal ComplexMatrix =
    { Re: Tensor
      Im: Tensor }

    /// The matrix product.
    member a.Times(b: ComplexMatrix) : ComplexMatrix =
        let times x y = Products.Matrices(x, y)
        { Re = times a.Re b.Re - times a.Im b.Im; Im = times a.Re b.Im + times a.Im b.Re }

    /// The conjugate of the transpose.
    member a.Adjoint: ComplexMatrix = { Re = Matrix.Transpose a.Re; Im = -(Matrix.Transpose a.Im) }

    /// The product element by element, in which a zero of the left factor absorbs.
    static member Scale(a: ComplexMatrix, b: ComplexMatrix) : ComplexMatrix =
        let times (x: Tensor) (y: Tensor) = Tensor.Scale(x, y)
        { Re = times a.Re b.Re - times a.Im b.Im; Im = times a.Re b.Im + times a.Im b.Re }

    /// The inverse, from the real matrix [Re, -Im; Im, Re].
    member a.Inverse: ComplexMatrix =
        let n = Matrix.Rows a.Re
        let place x row column = Matrix.Place(x, row, 2 * n, column, 2 * n)
        let block = place a.Re 0 0 + place a.Re n n + place a.Im n 0 - place a.Im 0 n
        let x = Tensor.Apply(SolveRule.Plain, block, Matrix.Eye(a.Re, 2 * n, n))
        { Re = Matrix.Narrow(x, -2, 0, n); Im = Matrix.Narrow(x, -2, n, n) }

/// Eigenvalues λ and eigenvectors V of A, each as real and imaginary part. With M = V⁻¹ dA V: dλ = diag M and, for vectors whose length is left
/// open, dV = V (M ∘ 1/(λⱼ - λᵢ)) [Giles 3.1]. The vectors are not given out: what the eigenvalues' derivatives make of them does not depend on lengths.
[<Sealed>]
type internal EigRule() =
    inherit ManyRule("eig")
    override _.Attributes = ValueSome [||]
    override _.Infer xs =
        let a = xs[0]
        let values = Stacked.Vector(a, a.Shape[-1])
        [| values; values; a.With a.Shape; a.With a.Shape |]
    override this.Batch(xs, _) = Tensor.Apply(this, xs)
    static member val Instance = EigRule()
    override _.Value xs = Factorizations.eig xs[0]

    /// 1/(λⱼ - λᵢ) at (i, j): 0 on the diagonal, NaN where two eigenvalues coincide.
    static member private Gaps(re: Tensor, im: Tensor) : ComplexMatrix =
        let n = re.Shape.Sizes[re.Rank - 1]
        let difference (x: Tensor) = Matrix.Insert(x, -2) - Matrix.Insert(x, -1)
        let dr, di = difference re, difference im
        let size = dr * dr + di * di
        let same = Tensor.Compare(CompareOp.Equal, size, Const(NDArray.WeakScalar 0.0))
        let safe = Tensor.Select(same, Tensor.FullLike(size, 1.0), size)
        let limit = Matrix.Filled(re, n, n, (fun i j -> if i = j then 0.0 else Double.NaN))
        { Re = Tensor.Select(same, limit, dr / safe); Im = Tensor.Select(same, limit, -di / safe) }

    override _.Push(_, _, ys, d) =
        let v = { Re = ys[2]; Im = ys[3] }
        let m = v.Inverse.Times { Re = Products.Matrices(d, v.Re); Im = Products.Matrices(d, v.Im) }
        let dv = v.Times(ComplexMatrix.Scale(m, EigRule.Gaps(ys[0], ys[1])))
        [| ValueSome(Matrix.Diagonal m.Re); ValueSome(Matrix.Diagonal m.Im); ValueSome dv.Re; ValueSome dv.Im |]

    override _.Pull(_, ys, ws, _) =
        let v = { Re = ys[2]; Im = ys[3] }
        let vector k =
            match ws[k] with
            | ValueSome w -> w
            | ValueNone -> Tensor.FullLike(ys[k], 0.0)
        let diagonal = { Re = Matrix.OfDiagonal(vector 0); Im = Matrix.OfDiagonal(vector 1) }

        let m =
            if ws[2].IsNone && ws[3].IsNone then
                diagonal
            else
                let gaps = EigRule.Gaps(ys[0], ys[1])
                let turned = ComplexMatrix.Scale(v.Adjoint.Times { Re = vector 2; Im = vector 3 }, { gaps with Im = -gaps.Im })
                { Re = diagonal.Re + turned.Re; Im = diagonal.Im + turned.Im }

        [| ValueSome((v.Inverse.Adjoint.Times(m).Times(v.Adjoint)).Re) |]

/// Eigenvalues for callers.
[<AbstractClass; Sealed>]
type internal Eigenvalues =
    static member Of(a: Tensor) : struct (Tensor * Tensor) =
        match Demand.Square("Eigvals", a) with
        // where nothing will be differentiated, no vectors are needed
        | Const x ->
            let struct (re, im) = Factorizations.eigvals x
            struct (Const re, Const im)
        | a ->
            let ys = Tensor.Apply(EigRule.Instance, [| a |])
            struct (ys[0], ys[1])

namespace rec DiffLib

open System
open DiffLib.Kernels

// Factorisations with derivatives: LU, QR, symmetric eigenvalues, SVD, and the pseudoinverse. Sources: S. Walter & L. Lehmann,
// "Algorithmic differentiation of linear algebra functions", 2010 [Walter & Lehmann]; M. Seeger et al., "Auto-differentiating
// linear algebra", 2017 [Seeger]; J. Townsend, "Differentiating the singular value decomposition", 2016 [Townsend];
// G. Golub & V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems", 1973 [Golub & Pereyra].

/// A = P L U with partial pivoting, for m by n matrices: packed factors [.., m, n] and P [.., m, m]. P is constant. With L and U completed to
/// square triangles by the identity, M = L⁻¹ Pᵀ dA U⁻¹ gives dL = L tril(M, -1) and dU = triu(M) U [Walter & Lehmann 3.3, for any shape].
[<Sealed>]
type internal LuRule() =
    inherit ManyRule("lu")
    override _.Attributes = ValueSome [||]
    override _.Infer xs =
        let a = xs[0]
        [| a.With a.Shape; Stacked.Matrix(a, a.Shape[-2], a.Shape[-2]) |]
    override this.Batch(xs, _) = Tensor.Apply(this, xs)
    static member val Instance = LuRule()

    override _.Value xs =
        let struct (packed, p) = Factorizations.luPacked xs[0]
        [| packed; p |]

    /// L as a square triangle with ones on the diagonal.
    static member SquareLower(packed: Tensor) : Tensor =
        let m, k = Matrix.Rows packed, min (Matrix.Rows packed) (Matrix.Columns packed)
        Matrix.Widen(Matrix.Narrow(Matrix.Lower(packed, -1), -1, 0, k), -1, 0, m) + Matrix.Eye(packed, m, m)

    /// U as a square triangle, with ones where the matrix has no rows left.
    static member SquareUpper(packed: Tensor) : Tensor =
        let n, k = Matrix.Columns packed, min (Matrix.Rows packed) (Matrix.Columns packed)
        let missing = Matrix.Filled(packed, n, n, (fun i j -> if i = j && i >= k then 1.0 else 0.0))
        Matrix.Widen(Matrix.Narrow(Matrix.Upper(packed, 0), -2, 0, k), -2, 0, n) + missing

    override _.Push(_, _, ys, d) =
        let l, u = LuRule.SquareLower ys[0], LuRule.SquareUpper ys[0]
        let permuted = Products.Matrices(Matrix.Transpose ys[1], d)
        let m = Triangles.Right(Triangles.Solve(l, permuted, false, false, true), u, true)
        [| ValueSome(Products.Matrices(l, Matrix.Lower(m, -1)) + Products.Matrices(Matrix.Upper(m, 0), u)); ValueNone |]

    override _.Pull(_, ys, ws, _) =
        match ws[0] with
        | ValueNone -> [| ValueNone |]
        | ValueSome w ->
            let l, u = LuRule.SquareLower ys[0], LuRule.SquareUpper ys[0]
            let lower = Matrix.Lower(Products.Matrices(Matrix.Transpose l, Matrix.Lower(w, -1)), -1)
            let upper = Matrix.Upper(Products.Matrices(Matrix.Upper(w, 0), Matrix.Transpose u), 0)
            let left = Triangles.Solve(l, lower + upper, false, true, true)
            let both = Matrix.Transpose(Triangles.Solve(u, Matrix.Transpose left, true, false, false))
            [| ValueSome(Products.Matrices(ys[1], both)) |]

/// A = Q R with orthonormal columns, for m ≥ n and independent columns. With C = Qᵀ dA R⁻¹ and Ω the skew matrix with the lower triangle of C:
/// dR = (C - Ω) R, dQ = dA R⁻¹ - Q (C - Ω) [Walter & Lehmann 3.2; Seeger].
[<Sealed>]
type internal QrRule() =
    inherit ManyRule("qr")
    override _.Attributes = ValueSome [||]
    override _.Infer xs =
        let a = xs[0]
        [| a.With a.Shape; Stacked.Matrix(a, a.Shape[-1], a.Shape[-1]) |]
    override this.Batch(xs, _) = Tensor.Apply(this, xs)
    static member val Instance = QrRule()

    override _.Value xs =
        let struct (q, r) = Factorizations.qr xs[0]
        [| q; r |]

    override _.Push(_, _, ys, d) =
        let q, r = ys[0], ys[1]
        let solved = Triangles.Right(d, r, true)
        let c = Products.Matrices(Matrix.Transpose q, solved)
        let lower = Matrix.Lower(c, -1)
        let upper = c - (lower - Matrix.Transpose lower)
        [| ValueSome(solved - Products.Matrices(q, upper)); ValueSome(Products.Matrices(upper, r)) |]

    override _.Pull(_, ys, ws, _) =
        let q, r = ys[0], ys[1]

        let m =
            match ws[0], ws[1] with
            | ValueSome wq, ValueSome wr -> ValueSome(Products.Matrices(r, Matrix.Transpose wr) - Products.Matrices(Matrix.Transpose wq, q))
            | ValueSome wq, ValueNone -> ValueSome(-(Products.Matrices(Matrix.Transpose wq, q)))
            | ValueNone, ValueSome wr -> ValueSome(Products.Matrices(r, Matrix.Transpose wr))
            | ValueNone, ValueNone -> ValueNone

        match m with
        | ValueNone -> [| ValueNone |]
        | ValueSome m ->
            // the lower triangle, copied to the upper one
            let symmetric = Matrix.Lower(m, 0) + Matrix.Transpose(Matrix.Lower(m, -1))
            let inner = Products.Matrices(q, symmetric)
            let inner =
                match ws[0] with
                | ValueSome wq -> wq + inner
                | ValueNone -> inner
            [| ValueSome(Matrix.Transpose(Triangles.Solve(r, Matrix.Transpose inner, true, false, false))) |]

/// Differences and sums of eigenvalues or singular values, inverted. Where they coincide, nothing is right for all functions of the vectors: the
/// entry is NaN, and a product in which a zero absorbs keeps it away from everything that does not ask for it. Small gaps are taken as they are:
/// what is smooth there multiplies them again.
[<AbstractClass; Sealed>]
type internal Gaps =
    static member private Rows(s: Tensor) = Matrix.Insert(s, -1)
    static member private Columns(s: Tensor) = Matrix.Insert(s, -2)
    static member private Number(s: Tensor, value: double) = Tensor.Cast(Const(NDArray.WeakScalar value), s.DType)

    /// a/d, and the replacement where the condition holds.
    static member private Ratio(a: Tensor, d: Tensor, condition: Tensor, replacement: Tensor) : Tensor =
        Tensor.Select(condition, replacement, a / Tensor.Select(condition, Tensor.FullLike(d, 1.0), d))

    static member private IsZero(d: Tensor) : Tensor = Tensor.Compare(CompareOp.Equal, d, Const(NDArray.WeakScalar 0.0))

    /// 1/(s(j) - s(i)) at (i, j), 0 on the diagonal.
    static member Differences(s: Tensor) : Tensor =
        let n = s.Shape.Sizes[s.Rank - 1]
        let d = Gaps.Columns s - Gaps.Rows s
        Gaps.Ratio(Gaps.Number(s, 1.0), d, Gaps.IsZero d, Matrix.Filled(s, n, n, (fun i j -> if i = j then 0.0 else Double.NaN)))

    /// 1/(s(i) + s(j)) at (i, j).
    static member Sums(s: Tensor) : Tensor =
        let d = Gaps.Columns s + Gaps.Rows s
        Gaps.Ratio(Gaps.Number(s, 1.0), d, Gaps.IsZero d, Gaps.Number(s, Double.NaN))

    /// 1/s(i), as a row beside every row.
    static member Reciprocals(s: Tensor) : Tensor =
        let d = Gaps.Columns s
        Gaps.Ratio(Gaps.Number(s, 1.0), d, Gaps.IsZero d, Gaps.Number(s, Double.NaN))

/// Eigenvalues, ascending, and orthonormal eigenvectors of symmetric matrices. The lower triangle is read, and A is taken as symmetric. With
/// M = Qᵀ dA Q: dλ = diag M, dQ = Q (M ∘ 1/(λⱼ - λᵢ)) [Giles 3.1; Seeger]. Where eigenvalues coincide, what depends on them
/// symmetrically keeps its right derivative, and what depends on the vectors, whose choice is arbitrary, gets NaN.
[<Sealed>]
type internal EighRule() =
    inherit ManyRule("eigh")
    override _.Attributes = ValueSome [||]
    override _.Infer xs =
        let a = xs[0]
        [| Stacked.Vector(a, a.Shape[-1]); a.With a.Shape |]
    override this.Batch(xs, _) = Tensor.Apply(this, xs)
    static member val Instance = EighRule()

    override _.Value xs =
        let struct (values, vectors) = Factorizations.eigh xs[0]
        [| values; vectors |]

    override _.Push(_, _, ys, d) =
        let q = ys[1]
        let m = Products.Matrices(Matrix.Transpose q, Products.Matrices(Matrix.Symmetric d, q))
        [| ValueSome(Matrix.Diagonal m); ValueSome(Products.Matrices(q, Tensor.Scale(m, Gaps.Differences ys[0]))) |]

    override _.Pull(_, ys, ws, _) =
        let q = ys[1]
        let fromValues =
            match ws[0] with
            | ValueSome w -> ValueSome(Matrix.OfDiagonal w)
            | ValueNone -> ValueNone

        let fromVectors =
            match ws[1] with
            | ValueSome w -> ValueSome(Tensor.Scale(Products.Matrices(Matrix.Transpose q, w), Gaps.Differences ys[0]))
            | ValueNone -> ValueNone

        let conjugated inner = [| ValueSome(Matrix.Symmetric(Products.Matrices(q, Products.Matrices(inner, Matrix.Transpose q)))) |]

        match fromValues, fromVectors with
        | ValueSome a, ValueSome b -> conjugated (a + b)
        | ValueSome a, ValueNone
        | ValueNone, ValueSome a -> conjugated a
        | ValueNone, ValueNone -> [| ValueNone |]

/// A = U S Vᵀ with k = min(m, n) singular values, descending. With P = Uᵀ dA V, split into its symmetric and skew parts, dS = diag P and the
/// rotations of U and V are sym P ∘ 1/(sⱼ - sᵢ) ± skew P ∘ 1/(sᵢ + sⱼ): the form of [Townsend] that does not square the singular
/// values. Where gaps or sums vanish, symmetric functions of the singular values keep their right derivative, and those of the vectors get NaN.
[<Sealed>]
type internal SvdRule() =
    inherit ManyRule("svd")
    override _.Attributes = ValueSome [||]
    override _.Infer xs =
        let a = xs[0]
        let m, n = a.Shape[-2], a.Shape[-1]
        let k = min m n
        [| Stacked.Matrix(a, m, k); Stacked.Vector(a, k); Stacked.Matrix(a, k, n) |]
    override this.Batch(xs, _) = Tensor.Apply(this, xs)
    static member val Instance = SvdRule()

    override _.Value xs =
        let struct (u, s, vt) = Factorizations.svd xs[0]
        [| u; s; vt |]

    static member private Skew(x: Tensor) : Tensor = 0.5 * (x - Matrix.Transpose x)

    /// X - B Bᵀ X: what X has outside the span of the orthonormal columns of B.
    static member private Outside(b: Tensor, x: Tensor) : Tensor = x - Products.Matrices(b, Products.Matrices(Matrix.Transpose b, x))

    override _.Push(_, _, ys, d) =
        let u, s, v = ys[0], ys[1], Matrix.Transpose ys[2]
        let right = Products.Matrices(d, v)
        let p = Products.Matrices(Matrix.Transpose u, right)
        let even = Tensor.Scale(Matrix.Symmetric p, Gaps.Differences s)
        let odd = Tensor.Scale(SvdRule.Skew p, Gaps.Sums s)
        let inverse = Gaps.Reciprocals s
        let k = s.Shape.Sizes[s.Rank - 1]
        let du = Products.Matrices(u, even + odd)
        let dv = Products.Matrices(v, even - odd)
        let du = if Matrix.Rows u > k then du + Tensor.Scale(SvdRule.Outside(u, right), inverse) else du

        let dv =
            if Matrix.Rows v > k then
                dv + Tensor.Scale(SvdRule.Outside(v, Products.Matrices(Matrix.Transpose d, u)), inverse)
            else
                dv

        [| ValueSome du; ValueSome(Matrix.Diagonal p); ValueSome(Matrix.Transpose dv) |]

    override _.Pull(_, ys, ws, _) =
        let u, s, vt = ys[0], ys[1], ys[2]
        let v = Matrix.Transpose vt
        let k = s.Shape.Sizes[s.Rank - 1]
        let inverse = Gaps.Reciprocals s
        let within x = Products.Matrices(u, Products.Matrices(x, vt))
        let terms = ResizeArray<Tensor>()

        match ws[1] with
        | ValueSome w -> terms.Add(within (Matrix.OfDiagonal w))
        | ValueNone -> ()

        match ws[0] with
        | ValueSome w ->
            let a = Products.Matrices(Matrix.Transpose u, w)
            terms.Add(within (Matrix.Symmetric(Tensor.Scale(a, Gaps.Differences s)) + Tensor.Scale(SvdRule.Skew a, Gaps.Sums s)))
            if Matrix.Rows u > k then terms.Add(Products.Matrices(Tensor.Scale(SvdRule.Outside(u, w), inverse), vt))
        | ValueNone -> ()

        match ws[2] with
        | ValueSome wt ->
            let w = Matrix.Transpose wt
            let a = Products.Matrices(vt, w)
            terms.Add(within (Matrix.Symmetric(Tensor.Scale(a, Gaps.Differences s)) - Tensor.Scale(SvdRule.Skew a, Gaps.Sums s)))
            if Matrix.Rows v > k then
                terms.Add(Products.Matrices(u, Matrix.Transpose(Tensor.Scale(SvdRule.Outside(v, w), inverse))))
        | ValueNone -> ()

        if terms.Count = 0 then [| ValueNone |] else [| ValueSome(terms |> Seq.reduce (+)) |]

/// The pseudoinverse A⁺, singular values up to max(absolute, relative · largest) taken as 0. For matrices of locally constant rank
/// dA⁺ = -A⁺ dA A⁺ + A⁺ A⁺ᵀ dAᵀ (I - A A⁺) + (I - A⁺ A) dAᵀ A⁺ᵀ A⁺ [Golub & Pereyra].
[<Sealed>]
type internal PinvRule(relative: Nullable<double>, absolute: double) =
    inherit UnaryRule("pinv")
    override _.Attributes = ValueSome(Array.append (Tolerance.Described relative) [| "absolute", Attribute.Float absolute |])
    override _.Infer x = Stacked.Matrix(x, x.Shape[-1], x.Shape[-2])
    override this.Batch x = Tensor.Apply(this, x)

    override _.Value x =
        let struct (u, inverse, v) = Tolerance.Inverted(x, relative, absolute)
        (Blas.multiply (Numbers.binary BinaryOp.Multiply v inverse) u).Cast x.DType

    override _.Push(x, y, dx) =
        let dt, yt = Matrix.Transpose dx, Matrix.Transpose y
        let times a b = Products.Matrices(a, b)
        let inner = times y (times dx y)
        let rows = times y (times yt dt)
        let columns = times dt (times yt y)
        rows - times (times rows x) y + columns - times y (times x columns) - inner

    override _.Pull(x, y, w) =
        let wt, yt = Matrix.Transpose w, Matrix.Transpose y
        let times a b = Products.Matrices(a, b)
        let inner = times yt (times w yt)
        let left = times wt (times y yt)
        let right = times yt (times y wt)
        left - times x (times y left) + right - times (times right y) x - inner

/// When a singular value counts as 0.
[<AbstractClass; Sealed>]
type internal Tolerance =
    /// The relative bound as an attribute, where one was given.
    static member Described(relative: Nullable<double>) : (string * DiffLib.Attribute)[] =
        if relative.HasValue then [| "relative", Attribute.Float relative.Value |] else [||]

    /// The relative bound: as given; 0 if only an absolute one was given; else the larger dimension times the unit of the last place.
    static member Relative(dtype: DType, m: int, n: int, relative: Nullable<double>, absolute: double) : double =
        if relative.HasValue then
            relative.Value
        elif absolute > 0.0 then
            0.0
        else
            double (max m n) * (if dtype = DType.Float64 then Math.BitIncrement 1.0 - 1.0 else double (MathF.BitIncrement 1.0f - 1.0f))

    /// From A = U S Vᵀ in float64: Uᵀ, the inverted singular values as a row (0 for those that count as 0), and V.
    static member Inverted(x: NDArray, relative: Nullable<double>, absolute: double) : struct (NDArray * NDArray * NDArray) =
        let m, n = x.Shape.Sizes[x.Rank - 2], x.Shape.Sizes[x.Rank - 1]
        let k = min m n
        let relative = Tolerance.Relative(x.DType, m, n, relative, absolute)
        let struct (u, s, vt) = Factorizations.svd (x.Cast DType.Float64)
        let numbers = s.ToArray<double>()

        for t in 0 .. numbers.Length / max 1 k - 1 do
            let own = Span<double>(numbers, t * k, k)
            let cut = max absolute (relative * own[0])

            for i in 0 .. k - 1 do
                own[i] <-
                    if own[i] > cut then 1.0 / own[i]
                    elif Double.IsNaN own[i] then own[i]
                    else 0.0

        let flip (y: NDArray) =
            y.Transpose(
                Array.init y.Rank (fun e ->
                    if e = y.Rank - 1 then e - 1
                    elif e = y.Rank - 2 then e + 1
                    else e)
            )
        struct (flip u, NDArray.Adopt(Factorizations.shaped x [| 1; k |], numbers), flip vt)

/// The shortest x that makes ‖A x - b‖ smallest, from V S⁺ (Uᵀ b), which loses less than A⁺ b. For matrices of locally constant rank, with r = b - A x,
/// dx = A⁺ (db - dA x) + A⁺ A⁺ᵀ dAᵀ r + (I - A⁺ A) dAᵀ A⁺ᵀ x [Golub & Pereyra].
[<Sealed>]
type internal LstsqRule(relative: Nullable<double>) =
    inherit BinaryRule("lstsq")
    override _.Attributes = ValueSome(Tolerance.Described relative)
    override _.Infer(a, b) = Stacked.Product("Lstsq", a, b, a.Shape[-1])
    override this.Batch(a, b, stackedA, stackedB) =
        let xs = Stacks.Aligned([| a; b |], [| stackedA; stackedB |])
        Tensor.Apply(this, xs[0], xs[1])

    override _.Value(a, b) =
        let struct (u, inverse, v) = Tolerance.Inverted(a, relative, 0.0)
        let scaled = Numbers.binary BinaryOp.Multiply v inverse
        (Blas.multiply scaled (Blas.multiply u (b.Cast DType.Float64))).Cast a.DType

    override this.Push(input, a, b, x, d) =
        let times p q = Products.Matrices(p, q)
        let inverse = Tensor.Apply(PinvRule(relative, 0.0), a)

        if input = 1 then
            times inverse d
        else
            let transposed, dt = Matrix.Transpose inverse, Matrix.Transpose d
            let outside = times dt (times transposed x)
            times inverse (times transposed (times dt (b - times a x)) - times d x) + outside - times inverse (times a outside)

    override this.Pull(input, a, b, x, w) =
        let times p q = Products.Matrices(p, q)
        let inverse = Tensor.Apply(PinvRule(relative, 0.0), a)
        let transposed = Matrix.Transpose inverse
        let z = times transposed w

        if input = 1 then
            Tensor.SumTo(z, b.Shape)
        else
            let outside = w - times inverse (times a w)
            let residual = times (b - times a x) (Matrix.Transpose(times inverse z))
            Tensor.SumTo(residual + times (times transposed x) (Matrix.Transpose outside) - times z (Matrix.Transpose x), a.Shape)

/// Factorisations for callers.
[<AbstractClass; Sealed>]
type internal Spectral =
    /// P, L [m; k] and U [k; n].
    static member Lu(a: Tensor) : struct (Tensor * Tensor * Tensor) =
        let a = Demand.Matrix("Lu", a)
        let ys = Tensor.Apply(LuRule.Instance, [| a |])
        let k = min (Matrix.Rows a) (Matrix.Columns a)
        let lower = Matrix.Narrow(Matrix.Lower(ys[0], -1), -1, 0, k) + Matrix.Eye(a, Matrix.Rows a, k)
        struct (ys[1], lower, Matrix.Narrow(Matrix.Upper(ys[0], 0), -2, 0, k))

    /// Q [m; k] and R [k; n]; wide matrices by their leading square: Q R₁ = A₁, R₂ = Qᵀ A₂.
    static member Qr(a: Tensor) : struct (Tensor * Tensor) =
        let a = Demand.Matrix("Qr", a)
        let m, n = Matrix.Rows a, Matrix.Columns a

        if m >= n then
            let ys = Tensor.Apply(QrRule.Instance, [| a |])
            struct (ys[0], ys[1])
        else
            let ys = Tensor.Apply(QrRule.Instance, [| Matrix.Narrow(a, -1, 0, m) |])
            let rest = Products.Matrices(Matrix.Transpose ys[0], Matrix.Narrow(a, -1, m, n - m))
            struct (ys[0], Matrix.Widen(ys[1], -1, 0, n) + Matrix.Widen(rest, -1, m, n))

    static member Eigh(a: Tensor) : struct (Tensor * Tensor) =
        let ys = Tensor.Apply(EighRule.Instance, [| Demand.Square("Eigh", a) |])
        struct (ys[0], ys[1])

    static member Svd(a: Tensor) : struct (Tensor * Tensor * Tensor) =
        let ys = Tensor.Apply(SvdRule.Instance, [| Demand.Matrix("Svd", a) |])
        struct (ys[0], ys[1], ys[2])

    static member SingularValues(a: Tensor) : Tensor =
        match Demand.Matrix("Svd", a) with
        // where nothing will be differentiated, no vectors are needed
        | Const x -> Const(Factorizations.singularValues x)
        | a ->
            let struct (_, s, _) = Spectral.Svd a
            s

    /// Eigenvalues of symmetric matrices, ascending.
    static member Eigvalsh(a: Tensor) : Tensor =
        match Demand.Square("Eigh", a) with
        | Const x -> Const(Factorizations.eigvalsh x)
        | a ->
            let struct (values, _) = Spectral.Eigh a
            values

    static member Pinv(a: Tensor, relative: Nullable<double>, absolute: double) : Tensor =
        Tensor.Apply(PinvRule(relative, absolute), Demand.Matrix("Pinv", a))

    /// The shortest x that makes ‖A x - b‖ smallest.
    static member Lstsq(a: Tensor, b: Tensor, relative: Nullable<double>) : Tensor =
        let a = Demand.Matrix("Lstsq", a)
        if b.Rank = 0 then
            invalidArg "b" $"Lstsq: a is {a.Shape}, but b is a single number. Give a vector or a matrix of {Matrix.Rows a} rows."
        let rows = if b.Rank = 1 then b.Count else Matrix.Rows b

        if rows <> Matrix.Rows a then
            invalidArg "b" $"Lstsq: a is {a.Shape}, so b needs {Matrix.Rows a} rows, but b is {b.Shape}."

        let struct (a, b) = Products.Common(a, b)
        let column = if b.Rank = 1 then Matrix.Insert(b, 1) else b
        Shape.Broadcast("Lstsq", Blas.batchOf a.Shape, Blas.batchOf column.Shape) |> ignore
        let x = Tensor.Apply(LstsqRule relative, a, column)
        if b.Rank = 1 then Tensor.ReshapeTo(x, x.Shape.Without(x.Rank - 1)) else x

    /// The number of singular values above max(absolute, relative · largest), both broadcast over the stack.
    static member Rank(a: Tensor, relative: Tensor, absolute: Tensor) : Tensor =
        let s = Spectral.SingularValues a
        // a matrix without elements has rank 0
        let largest = if s.Shape.Sizes[s.Rank - 1] = 0 then Matrix.SumLast(s, 1) else Norms.Norm(s, Double.PositiveInfinity, [| -1 |], false)
        let bound = Tensor.Binary(BinaryOp.Maximum, absolute, relative * largest)
        let above = Tensor.Compare(CompareOp.Greater, s, Matrix.Insert(bound, -1))
        Matrix.SumLast(Tensor.Cast(above, DType.Int64), 1)

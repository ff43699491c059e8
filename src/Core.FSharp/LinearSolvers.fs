namespace DiffLib

open System

/// How a linear system is solved that is given by its products with vectors.
type LinearSolver =
    /// A dense factorisation up to 200 unknowns, GMRES beyond.
    | Automatic = 0
    /// The matrix is formed, column by column, and factorised.
    | Dense = 1
    /// Restarted GMRES (Saad & Schultz 1986): any regular matrix.
    | Gmres = 2
    /// BiCGStab (van der Vorst 1992): any regular matrix, with little memory.
    | BiCgStab = 3
    /// Conjugate gradients (Hestenes & Stiefel 1952): symmetric positive definite matrices.
    | ConjugateGradients = 4

/// An iteration ended before it met its tolerance.
[<Sealed>]
type ConvergenceException(message: string, iterations: int, residual: double) =
    inherit ArithmeticException(message)
    /// How many iterations were made.
    member _.Iterations = iterations
    /// What was left: the norm of the residual, as the message describes it.
    member _.Residual = residual

/// Several tensors as one vector, and back.
module internal Vectors =
    let join (xs: Tensor[]) : Tensor =
        if xs.Length = 1 then
            Tensor.ReshapeTo(xs[0], Shape [| xs[0].Count |])
        else
            Joining.Concat(xs |> Array.map (fun x -> Tensor.ReshapeTo(x, Shape [| x.Count |])), 0)

    /// Parts of the shapes and element types of others.
    let split (like: Tensor[]) (u: Tensor) : Tensor[] =
        if like.Length = 1 then
            [| Tensor.Cast(Tensor.ReshapeTo(u, like[0].Shape), like[0].DType) |]
        else
            let starts = like |> Array.scan (fun at x -> at + x.Count) 0

            like |> Array.mapi (fun l x -> Tensor.Cast(Tensor.ReshapeTo(Shaping.Narrow(u, 0, starts[l], x.Count), x.Shape), x.DType))

/// Chapter 15: linear systems A x = b given by products with A.
module internal LinearSolvers =
    /// How a system is solved; zeros stand for defaults.
    [<NoEquality; NoComparison>]
    type Settings =
        {
            Method: LinearSolver
            /// Of ‖b - A x‖ relative to ‖b‖.
            Tolerance: double
            MaxIterations: int
            /// Directions kept by GMRES before it starts again.
            Restart: int
        }

    let defaults = { Method = LinearSolver.Automatic; Tolerance = 1e-12; MaxIterations = 0; Restart = 50 }

    [<Literal>]
    let DenseLimit = 200

    let demandSettings (s: Settings) =
        if not (Enum.IsDefined s.Method) then
            raise (
                ArgumentOutOfRangeException("options", s.Method, "the linear solvers are Automatic, Dense, Gmres, BiCgStab and ConjugateGradients.")
            )

        if not (s.Tolerance > 0.0 && s.Tolerance < 1.0) then
            raise (ArgumentOutOfRangeException("options", s.Tolerance, "the tolerance of a linear solver lies between 0 and 1."))

        if s.MaxIterations < 0 then
            raise (ArgumentOutOfRangeException("options", s.MaxIterations, "the number of iterations is positive, or 0 for the default."))

        if s.Restart < 1 then raise (ArgumentOutOfRangeException("options", s.Restart, "GMRES keeps at least one direction."))

    let isDense (s: Settings) n = s.Method = LinearSolver.Dense || (s.Method = LinearSolver.Automatic && n <= DenseLimit)

    let dot (a: double[]) (b: double[]) : double = Numerics.Tensors.TensorPrimitives.Dot(ReadOnlySpan a, ReadOnlySpan b)

    /// Scaled, so that large entries do not overflow.
    let norm (a: double[]) : double =
        if a.Length = 0 then
            0.0
        else
            let largest = abs (Numerics.Tensors.TensorPrimitives.MaxMagnitude(ReadOnlySpan a))

            if largest = 0.0 || not (Double.IsFinite largest) then
                largest
            else
                let mutable sum = 0.0

                for x in a do
                    sum <- sum + (x / largest) * (x / largest)

                largest * sqrt sum

    /// y ← y + c x.
    let addTo (y: double[]) (c: double) (x: double[]) =
        for i in 0 .. y.Length - 1 do
            y[i] <- y[i] + c * x[i]

    let private noConvergence (name: string) (iterations: int) (residual: double) (advice: string) : exn =
        ConvergenceException(
            $"{name} did not converge: after {iterations} iterations the residual is {residual:G3} of the right-hand side. {advice}",
            iterations,
            residual
        )

    let private loosen = "Loosen the tolerance, allow more iterations, choose another solver, or use LinearSolver.Dense."

    /// Hestenes & Stiefel 1952, in the form of Golub & Van Loan, Matrix Computations, algorithm 11.3.3.
    let conjugateGradients (tolerance: double) (limit: int) (a: double[] -> double[]) (b: double[]) : double[] =
        let goal = tolerance * norm b
        let x = Array.zeroCreate b.Length
        let r = Array.copy b
        let p = Array.copy b
        let mutable rho = dot r r
        let mutable k = 0

        while not (norm r <= goal) do
            let ap = a p
            let curvature = dot p ap

            if not (curvature > 0.0) then
                raise (
                    noConvergence
                        "Conjugate gradients"
                        k
                        (norm r / norm b)
                        $"Along one direction the curvature is {curvature:G3}, so the matrix is not positive definite. Use LinearSolver.Gmres."
                )

            if k >= limit then raise (noConvergence "Conjugate gradients" k (norm r / norm b) loosen)
            let step = rho / curvature
            addTo x step p
            addTo r -step ap
            let next = dot r r
            let beta = next / rho
            rho <- next
            for i in 0 .. p.Length - 1 do
                p[i] <- r[i] + beta * p[i]
            k <- k + 1

        x

    /// H. A. van der Vorst, "Bi-CGSTAB", SIAM J. Sci. Stat. Comput. 13 (1992).
    let biCgStab (tolerance: double) (limit: int) (a: double[] -> double[]) (b: double[]) : double[] =
        let goal = tolerance * norm b
        let x = Array.zeroCreate b.Length
        let r = Array.copy b
        let shadow = Array.copy b
        let p = Array.copy b
        let mutable rho = dot shadow r
        let mutable k = 0

        while not (norm r <= goal) do
            if k >= limit then raise (noConvergence "BiCGStab" k (norm r / norm b) loosen)
            let v = a p
            let alpha = rho / dot shadow v
            addTo r -alpha v
            let t = a r
            let tt = dot t t
            let omega = if tt = 0.0 then 0.0 else dot t r / tt
            addTo x alpha p
            addTo x omega r
            addTo r -omega t
            let next = dot shadow r
            let beta = next / rho * (alpha / omega)
            rho <- next

            if not (norm r <= goal) && not (Double.IsFinite beta && rho <> 0.0) then
                raise (noConvergence "BiCGStab" (k + 1) (norm r / norm b) "The recursion broke down. Use LinearSolver.Gmres, or LinearSolver.Dense.")

            for i in 0 .. p.Length - 1 do
                p[i] <- r[i] + beta * (p[i] - omega * v[i])
            k <- k + 1

        x

    /// One cycle of GMRES from x: Arnoldi by modified Gram-Schmidt, the least-squares problem by Givens rotations. Gives the steps made.
    let private cycle (goal: double) (steps: int) (a: double[] -> double[]) (r: double[]) (x: double[]) : int =
        let beta = norm r
        let basis = ResizeArray [ Array.map (fun v -> v / beta) r ]
        let columns = ResizeArray<double[]>()
        let cs, sn = Array.zeroCreate steps, Array.zeroCreate steps
        let g = Array.zeroCreate (steps + 1)
        g[0] <- beta
        let mutable k = 0
        let mutable go = true

        while go do
            let w = a basis[k]
            let h = Array.zeroCreate (k + 2)

            // twice: once loses orthogonality where the matrix is ill-conditioned
            for _ in 1..2 do
                for j in 0..k do
                    let c = dot basis[j] w
                    h[j] <- h[j] + c
                    addTo w -c basis[j]

            h[k + 1] <- norm w

            for j in 0 .. k - 1 do
                let t = cs[j] * h[j] + sn[j] * h[j + 1]
                h[j + 1] <- -sn[j] * h[j] + cs[j] * h[j + 1]
                h[j] <- t

            let length = sqrt (h[k] * h[k] + h[k + 1] * h[k + 1])
            cs[k] <- h[k] / length
            sn[k] <- h[k + 1] / length
            let ended = h[k + 1] <= 1e-300
            let last = h[k + 1]
            h[k] <- length
            g[k + 1] <- -sn[k] * g[k]
            g[k] <- cs[k] * g[k]
            columns.Add h
            k <- k + 1
            go <- not ended && k < steps && abs g[k] > goal && Double.IsFinite length
            if go then basis.Add(Array.map (fun v -> v / last) w)

        let y = Array.zeroCreate k

        for i in k - 1 .. -1 .. 0 do
            let mutable sum = g[i]
            for j in i + 1 .. k - 1 do
                sum <- sum - columns[j].[i] * y[j]
            y[i] <- sum / columns[i].[i]

        for j in 0 .. k - 1 do
            addTo x y[j] basis[j]
        k

    /// Y. Saad & M. H. Schultz, "GMRES", SIAM J. Sci. Stat. Comput. 7 (1986), restarted.
    let gmres (tolerance: double) (limit: int) (restart: int) (a: double[] -> double[]) (b: double[]) : double[] =
        let goal = tolerance * norm b
        let x = Array.zeroCreate b.Length
        let mutable r = Array.copy b
        let mutable k = 0
        let mutable before = Double.PositiveInfinity

        while not (norm r <= goal) do
            let left = norm r / norm b

            if k >= limit then raise (noConvergence "GMRES" k left loosen)

            if not (norm r < 0.999 * before) then
                raise (
                    noConvergence
                        "GMRES"
                        k
                        left
                        "It stands still: the matrix may be singular. Raise Restart, loosen the tolerance, or use LinearSolver.Dense."
                )

            before <- norm r
            k <- k + cycle (0.5 * goal) (min restart (limit - k)) a r x
            let ax = a x
            r <- Array.map2 (-) b ax

        x

    /// Solves by the chosen iteration; rounding allows no tolerance below about 1e-14.
    let iterate (s: Settings) (a: double[] -> double[]) (b: double[]) : double[] =
        let tolerance = max s.Tolerance 2e-15
        let limit = if s.MaxIterations > 0 then s.MaxIterations else 100 + 10 * b.Length

        if norm b = 0.0 then
            Array.zeroCreate b.Length
        elif not (Double.IsFinite(norm b)) then
            Array.create b.Length Double.NaN
        else
            match s.Method with
            | LinearSolver.ConjugateGradients -> conjugateGradients tolerance limit a b
            | LinearSolver.BiCgStab -> biCgStab tolerance limit a b
            | _ -> gmres tolerance limit s.Restart a b

    // ---- as an operation

    /// A matrix that depends on tensors, by its products with vectors: given those tensors, the product and the transposed product.
    [<NoEquality; NoComparison>]
    type Operator =
        { Apply: Tensor[] -> (Tensor -> Tensor)
          Transpose: Tensor[] -> (Tensor -> Tensor) }

        member a.Flipped = { Apply = a.Transpose; Transpose = a.Apply }

        /// The transposed product is the pull of the product, which is linear: recorded at zero.
        static member Of(apply: Tensor[] -> Tensor -> Tensor) : Operator =
            let transpose (ps: Tensor[]) (w: Tensor) =
                let recording = Recording.Of((fun vs -> [| apply ps vs[0] |]), [| Forward.zerosLike w |])

                match recording.Pull([| ValueSome w |])[0] with
                | ValueSome z -> z
                | ValueNone -> Forward.zerosLike w

            { Apply = apply; Transpose = transpose }

        static member Symmetric(apply: Tensor[] -> Tensor -> Tensor) : Operator = { Apply = apply; Transpose = apply }

    let toVector (x: NDArray) : double[] = (x.Cast DType.Float64).ToArray<double>()

    let ofVector (like: NDArray) (data: double[]) : NDArray = (NDArray.Adopt(like.Shape, data)).Cast like.DType

    /// The identity's columns through a linear map: its matrix.
    let private matrixOf (a: double[] -> double[]) (n: int) : NDArray =
        let m = Array.zeroCreate (n * n)

        for j in 0 .. n - 1 do
            let column = a (Array.init n (fun i -> if i = j then 1.0 else 0.0))
            for i in 0 .. n - 1 do
                m[i * n + j] <- column[i]

        NDArray.Adopt(Shape [| n; n |], m)

    /// x with A(p) x = b: the inputs are the tensors p, then b, a vector. Derivative: A dx = db - dA x.
    [<Sealed>]
    type LinearSolveRule(name: string, a: Operator, settings: Settings) =
        inherit ManyRule(name)

        override _.Value xs =
            let b = Array.last xs
            let product = a.Apply(xs |> Array.truncate (xs.Length - 1) |> Array.map Tensor.Wrap)

            let times (v: double[]) : double[] =
                let y = (Custom.demandConstants name [| product (Const(ofVector b v)) |])[0]

                if y.Count <> v.Length then
                    invalidArg "matvec" $"{name}: the product with a vector of {v.Length} elements has {y.Count}; the matrix has to be square."

                toVector y

            let right = toVector b

            let x =
                if isDense settings right.Length then
                    toVector (Factorizations.solve false (matrixOf times right.Length) (NDArray.Adopt(Shape [| right.Length; 1 |], right)))
                else
                    iterate settings times right

            [| ofVector b x |]

        override _.Infer xs = [| Spec.Of((Array.last xs).DType, (Array.last xs).Shape) |]
        override this.Batch(xs, stacked) = Examples.OneByOne((fun xs -> Tensor.Apply(this, xs)), xs, stacked)
        override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

        override this.PushAll(xs, ys, ds) =
            let m = xs.Length - 1
            let ps, dps = Array.truncate m xs, Array.truncate m ds

            let dax =
                if dps |> Array.forall (fun d -> d.IsNone) then
                    ValueNone
                else
                    let struct (_, dax) = Forward.jvp (fun ps -> [| a.Apply ps ys[0] |]) ps dps
                    dax[0]

            match ds[m], dax with
            | ValueNone, ValueNone -> [| ValueNone |]
            | ValueSome db, ValueNone -> this.Solve(ps, db)
            | ValueNone, ValueSome dax -> this.Solve(ps, -dax)
            | ValueSome db, ValueSome dax -> this.Solve(ps, db - dax)

        member private this.Solve(ps: Tensor[], b: Tensor) = [| ValueSome(Tensor.Apply(this, Array.append ps [| b |])[0]) |]

        override _.Pull(xs, ys, ws, wanted) =
            match ws[0] with
            | ValueNone -> Array.create xs.Length ValueNone
            | ValueSome w ->
                let ps = Array.truncate (xs.Length - 1) xs
                let z = Tensor.Apply(LinearSolveRule(name, a.Flipped, settings), Array.append ps [| w |])[0]

                let ofParameters =
                    if Array.truncate ps.Length wanted |> Array.exists id then
                        Recording.Of((fun ps -> [| a.Apply ps ys[0] |]), ps).Pull [| ValueSome(-z) |]
                    else
                        Array.create ps.Length ValueNone

                Array.append ofParameters [| ValueSome z |]

    /// x with A(p) x = b for a vector b.
    let solve (name: string) (a: Operator) (settings: Settings) (ps: Tensor[]) (b: Tensor) : Tensor =
        Tensor.Apply(LinearSolveRule(name, a, settings), Array.append ps [| b |])[0]

    /// The same for a right-hand side in parts; the product takes and gives parts of the same shapes.
    let solveParts (settings: Settings) (apply: Tensor[] -> Tensor[] -> Tensor[]) (ps: Tensor[]) (b: Tensor[]) : Tensor[] =
        demandSettings settings
        for x in b do
            Forward.demandFloat "b" x
        let product (ps: Tensor[]) (v: Tensor) = Vectors.join (apply ps (Vectors.split b v))
        let operator = if settings.Method = LinearSolver.ConjugateGradients then Operator.Symmetric product else Operator.Of product
        Vectors.split b (solve "LinearSolve" operator settings ps (Vectors.join b))

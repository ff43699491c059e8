namespace DiffLib

open System
open System.Numerics
open System.Runtime.CompilerServices

// Plain numbers for functions of matrices and matrix equations: the complex Schur form, and what becomes easy with triangles.
// Sources: G. Golub & C. Van Loan, "Matrix Computations", 4th edition, 2013, 7.4 to 7.6 [Golub & Van Loan]; N. Higham, "Functions of Matrices", 2008 [Higham].

/// A square complex matrix, row-major.
[<Sealed>]
type internal Complexes(n: int, data: Complex[]) =
    member _.N = n
    member _.Data = data

    member _.Item
        with get (i: int, j: int): Complex = data[i * n + j]
        and set (i: int, j: int) (z: Complex) = data[i * n + j] <- z

/// A = U T Uᴴ with unitary U and upper triangular T.
[<Struct; NoEquality; NoComparison>]
type internal SchurForm = { U: Complexes; T: Complexes }

/// The complex Schur form of real matrices, and square roots, logarithms and equations of triangles.
module internal Schur =
    let private unit = Math.BitIncrement 1.0 - 1.0
    let private real (x: double) = Complex(x, 0.0)
    let private zeros n : Complexes = Complexes(n, Array.zeroCreate (n * n))
    let private finite (z: Complex) = Double.IsFinite z.Real && Double.IsFinite z.Imaginary

    /// The part of a matrix on rows or columns a and b turned: (x, y) to (c x + s y, -s̄ x + c y).
    let inline private turn (c: double) (s: Complex) (data: Complex[]) a b =
        let x, y = data[a], data[b]
        data[a] <- c * x + s * y
        data[b] <- c * y - Complex.Conjugate s * x

    /// Reflections that bring a real matrix to Hessenberg form, in place, and their product [Golub & Van Loan 7.4.3].
    let private hessenberg (n: int) (h: double[]) : double[] =
        let q = Array.init (n * n) (fun at -> if at / n = at % n then 1.0 else 0.0)
        let v: double[] = Array.zeroCreate n

        for k in 0 .. n - 3 do
            let mutable norm = 0.0

            for i in k + 1 .. n - 1 do
                v[i] <- h[i * n + k]
                norm <- norm + v[i] * v[i]

            norm <- Math.Sqrt norm

            if norm > 0.0 then
                v[k + 1] <- v[k + 1] + Math.CopySign(norm, v[k + 1])
                let mutable square = 0.0

                for i in k + 1 .. n - 1 do
                    square <- square + v[i] * v[i]

                for j in k .. n - 1 do
                    let mutable dot = 0.0

                    for i in k + 1 .. n - 1 do
                        dot <- dot + v[i] * h[i * n + j]

                    dot <- 2.0 * dot / square

                    for i in k + 1 .. n - 1 do
                        h[i * n + j] <- h[i * n + j] - dot * v[i]

                let fromRight (x: double[]) =
                    for i in 0 .. n - 1 do
                        let mutable dot = 0.0

                        for j in k + 1 .. n - 1 do
                            dot <- dot + x[i * n + j] * v[j]

                        dot <- 2.0 * dot / square

                        for j in k + 1 .. n - 1 do
                            x[i * n + j] <- x[i * n + j] - dot * v[j]

                fromRight h
                fromRight q

                for i in k + 2 .. n - 1 do
                    h[i * n + k] <- 0.0

        q

    /// The eigenvalue of the trailing 2 by 2 block that is closer to its last element (Wilkinson's shift).
    let private shiftOf (t: Complexes) (last: int) : Complex =
        let a, b, c, d = t[last - 1, last - 1], t[last - 1, last], t[last, last - 1], t[last, last]
        let half = 0.5 * (a - d)
        let root = Complex.Sqrt(half * half + b * c)
        let p, m = half + root, half - root
        if Complex.Abs p <= Complex.Abs m then d + p else d + m

    /// One QR step with a shift on the rows first to last of a Hessenberg matrix, kept up in the whole of T and U.
    let private sweep (shift: Complex) (first: int) (last: int) (t: Complexes) (u: Complexes) =
        let n = t.N
        let cosines: double[] = Array.zeroCreate n
        let sines: Complex[] = Array.zeroCreate n

        for i in first..last do
            t[i, i] <- t[i, i] - shift

        for k in first .. last - 1 do
            let x, y = t[k, k], t[k + 1, k]
            let size, part = Complex.Abs x, Complex.Abs y
            let norm = Double.Hypot(size, part)
            // the rotation that makes (x, y) into (r, 0); for x = 0 it exchanges
            let c = if norm = 0.0 then 1.0 else size / norm
            let phase = if size = 0.0 then Complex.One else x / size
            let s = if norm = 0.0 then Complex.Zero else phase * Complex.Conjugate y / norm
            cosines[k] <- c
            sines[k] <- s

            for j in k .. n - 1 do
                turn c s t.Data (k * n + j) ((k + 1) * n + j)

        for k in first .. last - 1 do
            let c, s = cosines[k], Complex.Conjugate sines[k]

            for i in 0 .. min last (k + 1) do
                turn c s t.Data (i * n + k) (i * n + k + 1)

            for i in 0 .. n - 1 do
                turn c s u.Data (i * n + k) (i * n + k + 1)

        for i in first..last do
            t[i, i] <- t[i, i] + shift

    /// The Schur form of a real matrix, by the QR algorithm with single shifts in complex arithmetic [Golub & Van Loan 7.5].
    let private formOf (n: int) (a: double[]) : SchurForm =
        let largest = a |> Array.fold (fun m x -> max m (Math.Abs x)) 0.0
        // brought to about 1, so that no square overflows or vanishes
        let exponent = if largest = 0.0 then 0 else Math.ILogB largest
        let h = a |> Array.map (fun x -> Math.ScaleB(x, -exponent))
        let q = hessenberg n h
        let t: Complexes = Complexes(n, Array.map real h)
        let u: Complexes = Complexes(n, Array.map real q)
        let mutable last = n - 1
        let mutable steps = 0

        let isSmall k = Complex.Abs t[k, k - 1] <= unit * (Complex.Abs t[k, k] + Complex.Abs t[k - 1, k - 1])

        while last > 0 do
            let mutable first = last

            while first > 0 && not (isSmall first) do
                first <- first - 1

            if first > 0 then t[first, first - 1] <- Complex.Zero

            if first = last then
                last <- last - 1
                steps <- 0
            else
                steps <- steps + 1

                if steps > 300 then
                    raise (ArithmeticException $"the Schur form of a {n} by {n} matrix did not converge. Scale the matrix to moderate size.")

                // a shift from elsewhere, now and then, breaks a cycle
                let shift = if steps % 10 = 0 then t[last, last] + real (Complex.Abs t[last, last - 1]) else shiftOf t last
                sweep shift first last t u

        for at in 0 .. t.Data.Length - 1 do
            let z = t.Data[at]
            t.Data[at] <- Complex(Math.ScaleB(z.Real, exponent), Math.ScaleB(z.Imaginary, exponent))

        { U = u; T = t }

    let private known = ConditionalWeakTable<obj, SchurForm[]>()

    /// The Schur forms of a stack of real matrices without NaN or ∞ (those get a form of NaN), computed once for an array.
    let forms (x: NDArray) : SchurForm[] =
        let make _ =
            let n = x.Shape.Sizes[x.Rank - 1]
            let data = (x.Cast DType.Float64).ToArray<double>()

            Array.init (Factorizations.batchCount x) (fun t ->
                let own = Array.sub data (t * n * n) (n * n)

                if Array.forall Double.IsFinite own then
                    formOf n own
                else
                    let unknown: Complexes = Complexes(n, Array.create (n * n) (real Double.NaN))
                    { U = unknown; T = unknown })

        known.GetValue(nonNull (box x), (fun key -> Buffers.Outside(fun () -> make key)))

    // ---- products

    let private adjoint (a: Complexes) : Complexes = Complexes(a.N, Array.init a.Data.Length (fun at -> Complex.Conjugate a[at % a.N, at / a.N]))

    /// A B for rectangular blocks, row-major: m by k and k by n.
    let private times m k n (a: Complex[]) (b: Complex[]) : Complex[] =
        let y: Complex[] = Array.zeroCreate (m * n)

        for i in 0 .. m - 1 do
            for p in 0 .. k - 1 do
                let s = a[i * k + p]

                for j in 0 .. n - 1 do
                    y[i * n + j] <- y[i * n + j] + s * b[p * n + j]

        y

    /// U X Vᴴ, of which the real part is given, and whether the imaginary part is rounding error only.
    let private back (u: Complexes) (x: Complex[]) (v: Complexes) : struct (double[] * bool) =
        let full = times u.N v.N v.N (times u.N u.N v.N u.Data x) (adjoint v).Data
        let size = full |> Array.fold (fun s z -> max s (Math.Abs z.Real)) 0.0
        let rest = full |> Array.fold (fun s z -> max s (Math.Abs z.Imaginary)) 0.0
        struct (full |> Array.map (fun z -> z.Real), not (rest > 1e-7 * max size rest))

    // ---- triangles

    /// The principal square root of a triangle (A. Björck & S. Hammarling, 1983; [Higham 6.2]); nothing where there is none.
    let private rootOf (t: Complexes) : Complexes voption =
        let n = t.N
        let r = zeros n
        let mutable exists = true

        for j in 0 .. n - 1 do
            r[j, j] <- Complex.Sqrt t[j, j]

            for i in j - 1 .. -1 .. 0 do
                let mutable rest = t[i, j]

                for k in i + 1 .. j - 1 do
                    rest <- rest - r[i, k] * r[k, j]

                let sum = r[i, i] + r[j, j]
                if sum <> Complex.Zero then r[i, j] <- rest / sum
                elif rest <> Complex.Zero then exists <- false

        if exists then ValueSome r else ValueNone

    /// z^(1/2^k) - 1 without cancellation (A. Al-Mohy, "A more accurate Briggs method for the logarithm", 2012).
    let private rootLessOne (z: Complex) (k: int) : Complex =
        let mutable a = z
        let mutable rest = k

        if rest > 0 && Math.Abs z.Phase >= Math.PI / 2.0 then
            a <- Complex.Sqrt a
            rest <- rest - 1

        let start = a - Complex.One

        if rest = 0 then
            start
        else
            a <- Complex.Sqrt a
            let mutable product = Complex.One + a

            for _ in 2..rest do
                a <- Complex.Sqrt a
                product <- product * (Complex.One + a)

            start / product

    /// Nodes and weights of Gauss' quadrature with 7 points on (0, 1).
    let private quadrature =
        [| struct (0.0, 0.4179591836734694)
           struct (0.4058451513773972, 0.3818300505051189)
           struct (0.7415311855993945, 0.2797053914892766)
           struct (0.9491079123427585, 0.1294849661688697) |]
        |> Array.collect (fun struct (x, w) ->
            if x = 0.0 then [| struct (0.5, 0.5 * w) |] else [| struct (0.5 - 0.5 * x, 0.5 * w); struct (0.5 + 0.5 * x, 0.5 * w) |])

    /// The principal logarithm of a triangle without zeros on its diagonal: square roots until I + X is close to I, then the Padé approximant of degree 7
    /// as Σ wⱼ X (I + xⱼ X)⁻¹ [Higham 11.4, 11.5]. The diagonal is that of the scalar logarithms.
    let private logOf (t: Complexes) : Complexes =
        let n = t.N
        let mutable root = t
        let mutable k = 0

        let distance (r: Complexes) =
            Seq.init n (fun j -> Seq.init (j + 1) (fun i -> Complex.Abs(if i = j then r[i, j] - Complex.One else r[i, j])) |> Seq.sum)
            |> Seq.fold max 0.0

        while distance root > 0.264 && k < 1100 do
            match rootOf root with
            | ValueSome r ->
                root <- r
                k <- k + 1
            | ValueNone -> raise (SingularMatrixException "MatrixLog: the matrix is singular, and a singular matrix has no logarithm.")

        let x: Complexes = Complexes(n, Array.copy root.Data)

        for i in 0 .. n - 1 do
            x[i, i] <- rootLessOne t[i, i] k

        let y = zeros n

        for struct (node, weight) in quadrature do
            // X and I + node X commute, so the solution of (I + node X) Z = X from the left serves
            for j in 0 .. n - 1 do
                let z: Complex[] = Array.zeroCreate (j + 1)

                for i in j .. -1 .. 0 do
                    let mutable rest = x[i, j]

                    for p in i + 1 .. j do
                        rest <- rest - node * x[i, p] * z[p]

                    z[i] <- rest / (Complex.One + node * x[i, i])
                    y[i, j] <- y[i, j] + weight * z[i]

        let scale = Math.ScaleB(1.0, k)

        for at in 0 .. y.Data.Length - 1 do
            y.Data[at] <- scale * y.Data[at]

        for i in 0 .. n - 1 do
            y[i, i] <- Complex.Log t[i, i]

        y

    // ---- for rules

    /// The principal value of a function of each matrix of a stack, from its Schur form.
    let private each (operation: string) (x: NDArray) (f: Complexes -> Complexes) : NDArray =
        let n = x.Shape.Sizes[x.Rank - 1]
        let result: double[] = Array.zeroCreate x.Count

        forms x
        |> Array.iteri (fun t form ->
            if not (Array.forall finite form.T.Data) then
                Array.fill result (t * n * n) (n * n) Double.NaN
            else
                let struct (y, isReal) = back form.U (f form.T).Data form.U

                if not isReal then
                    let which = if x.Rank = 2 then "the matrix" else $"matrix {t} of the stack"
                    raise (
                        ArithmeticException
                            $"{operation}: {which} (shape {x.Shape}) has an eigenvalue on the negative real axis, where the principal value is not real. It is defined for matrices whose real eigenvalues are positive."
                    )

                Array.blit y 0 result (t * n * n) (n * n))

        (NDArray.Adopt(x.Shape, result)).Cast x.DType

    /// The principal square root.
    let sqrt (x: NDArray) : NDArray =
        each "MatrixSqrt" x (fun t ->
            match rootOf t with
            | ValueSome r -> r
            | ValueNone ->
                raise (
                    SingularMatrixException
                        $"MatrixSqrt: a matrix (shape {x.Shape}) is singular in a way that has no square root, such as [0, 1; 0, 0]."
                ))

    /// The principal logarithm.
    let log (x: NDArray) : NDArray =
        each "MatrixLog" x (fun t ->
            for i in 0 .. t.N - 1 do
                if t[i, i] = Complex.Zero then
                    raise (
                        SingularMatrixException
                            $"MatrixLog: a matrix (shape {x.Shape}) has the eigenvalue 0, and a singular matrix has no logarithm."
                    )

            logOf t)

    /// X with A X + X B = C, or X - A X B = C, for stacks of one size: both matrices become triangles, and the columns of the transformed unknown
    /// follow one another (R. Bartels & G. Stewart, 1972; [Golub & Van Loan 7.6.3]).
    let equation (operation: string) (discrete: bool) (a: NDArray) (b: NDArray) (c: NDArray) : NDArray =
        let m, n = a.Shape.Sizes[a.Rank - 1], b.Shape.Sizes[b.Rank - 1]
        let right = (c.Cast DType.Float64).ToArray<double>()
        let result: double[] = Array.zeroCreate right.Length
        let size (t: Complexes) = t.Data |> Array.fold (fun s z -> max s (Complex.Abs z)) 0.0

        let one (first: SchurForm) (second: SchurForm) (own: double[]) =
            let t, s = first.T, second.T
            let y = times m n n (times m m n (adjoint first.U).Data (Array.map real own)) second.U.Data
            let bound = unit * (if discrete then 1.0 + size t * size s else size t + size s)

            for k in 0 .. n - 1 do
                if discrete then
                    // Y(k) - s(k, k) T Y(k) = F(k) + T Σ s(j, k) Y(j)
                    let sum: Complex[] = Array.init m (fun i -> Seq.init k (fun j -> s[j, k] * y[i * n + j]) |> Seq.fold (+) Complex.Zero)

                    for i in 0 .. m - 1 do
                        for p in i .. m - 1 do
                            y[i * n + k] <- y[i * n + k] + t[i, p] * sum[p]
                else
                    // T Y(k) + s(k, k) Y(k) = F(k) - Σ s(j, k) Y(j)
                    for i in 0 .. m - 1 do
                        for j in 0 .. k - 1 do
                            y[i * n + k] <- y[i * n + k] - s[j, k] * y[i * n + j]

                let factor = if discrete then -s[k, k] else Complex.One
                let shift = if discrete then Complex.One else s[k, k]

                for i in m - 1 .. -1 .. 0 do
                    let mutable rest = y[i * n + k]

                    for p in i + 1 .. m - 1 do
                        rest <- rest - factor * t[i, p] * y[p * n + k]

                    let pivot = factor * t[i, i] + shift

                    if Complex.Abs pivot <= bound then
                        let why = if discrete then "the product of an eigenvalue of a and one of b is 1" else "an eigenvalue of a is minus one of b"
                        raise (
                            SingularMatrixException $"{operation}: {why}, so the equation has no unique solution (a is {a.Shape}, b is {b.Shape})."
                        )

                    y[i * n + k] <- rest / pivot

            let struct (x, _) = back first.U y second.U
            x

        if right.Length > 0 then
            Array.zip (forms a) (forms b)
            |> Array.iteri (fun t (first, second) ->
                let own = Array.sub right (t * m * n) (m * n)
                let known = Array.forall Double.IsFinite own && Array.forall finite first.T.Data && Array.forall finite second.T.Data
                Array.blit (if known then one first second own else Array.create (m * n) Double.NaN) 0 result (t * m * n) (m * n))

        (NDArray.Adopt(c.Shape, result)).Cast c.DType

namespace DiffLib

open System
open System.Runtime.CompilerServices
open DiffLib.Kernels

// Functions of symmetric matrices, f(A) = Q f(Λ) Qᵀ, with derivatives of every order that stay right where eigenvalues coincide. Sources:
// Y. Daleckii & S. Krein, "Integration and differentiation of functions of Hermitian operators", 1965; N. Higham, "Functions of Matrices", 2008, 3.2 and B.16.

/// The divided differences f[λ₀, .., λᵣ] of an elementwise function over ascending numbers.
[<Sealed>]
type internal DividedDifferences(f: Tensor -> Tensor, points: double[]) =
    let n = points.Length
    let unit = Math.BitIncrement 1.0 - 1.0

    /// How many terms of Taylor's formula stand in for a quotient that loses too much.
    static let terms = 5

    static let lost () =
        raise (
            InvalidOperationException
                "SymmetricFunction: f uses a tensor that is being differentiated, and its derivative by that tensor would be lost. Write Q f(Λ) Qᵀ out with Eigh."
        )

    /// The derivative of this order, by forward mode inside forward mode.
    let rec derivative (order: int) (x: Tensor) : Tensor =
        if order = 0 then
            f x
        else
            let struct (_, slopes) = Forward.jvp (fun xs -> [| derivative (order - 1) xs[0] |]) [| x |] [| ValueSome(Forward.onesLike x) |]

            match slopes[0] with
            | ValueSome slope -> slope
            | ValueNone -> Tensor.FullLike(x, 0.0)

    /// The values of an elementwise function at numbers.
    static member Evaluate(f: Tensor -> Tensor, values: NDArray) : NDArray =
        match f (Const values) with
        | Const y when y.Shape.Equals values.Shape -> y.Cast DType.Float64
        | Const y -> invalidArg "f" $"SymmetricFunction: f makes {y.Shape} of the eigenvalues {values.Shape}; it must act elementwise."
        | Number _ -> invalidArg "f" $"SymmetricFunction: f makes a single number of the eigenvalues {values.Shape}; it must act elementwise."
        | _ -> lost ()

    member private _.At(order: int, where: double[]) : double[] =
        if where.Length = 0 then
            [||]
        else
            (DividedDifferences.Evaluate(derivative order, NDArray.Adopt(Shape [| where.Length |], where))).ToArray<double>()

    /// The complete homogeneous symmetric polynomials 0, 1, .. of the distances: what Taylor's coefficients are multiplied by.
    static member private Symmetric(distances: double[]) : double[] =
        let h: double[] = Array.zeroCreate terms
        h[0] <- 1.0

        for d in distances do
            for m in 1 .. terms - 1 do
                h[m] <- h[m] + d * h[m - 1]

        h

    static member private Factorial(k: int) : double = Seq.init k (fun i -> double (i + 1)) |> Seq.fold (*) 1.0

    /// The ascending index tuples of a length that start with the given index.
    static member private Tuples(count: int, length: int, first: int) : int[] list =
        let rec extend (chosen: int list) left last =
            if left = 0 then
                [ chosen |> List.rev |> Array.ofList ]
            else
                [ for k in last .. count - 1 do
                      yield! extend (k :: chosen) (left - 1) k ]

        extend [ first ] (length - 1) first

    member private _.Place(tuple: int[], from: int, upTo: int) : int =
        let mutable at = 0

        for s in from..upTo do
            at <- at * n + tuple[s]

        at

    /// Calls action with every ascending tuple of order + 1 indices, its divided difference and a bound of its error, from tables of the order below.
    /// A difference is the quotient of two lower ones. Where the points are so close that this loses digits, Taylor's formula about their mean
    /// is taken instead, if it promises to lose fewer; where they are equal, the derivative.
    member private this.Visit(order: int, below: double[], errors: double[], action: int[] -> double -> double -> unit) : unit =
        for first in 0 .. n - 1 do
            let tuples = DividedDifferences.Tuples(n, order + 1, first) |> Array.ofList
            let spread (tuple: int[]) = points[tuple[order]] - points[tuple[0]]

            let quotients =
                tuples
                |> Array.map (fun tuple ->
                    let gap = spread tuple
                    let left, right = this.Place(tuple, 0, order - 1), this.Place(tuple, 1, order)

                    if gap > 0.0 then
                        let rounding = unit * (Math.Abs below[left] + Math.Abs below[right])
                        struct ((below[right] - below[left]) / gap, (errors[left] + errors[right] + rounding) / gap)
                    else
                        struct (Double.NaN, Double.PositiveInfinity))

            let mean (tuple: int[]) = tuple |> Array.averageBy (fun i -> points[i])
            let indices = [| 0 .. tuples.Length - 1 |]
            let equal = indices |> Array.filter (fun k -> spread tuples[k] = 0.0)

            let close =
                indices
                |> Array.filter (fun k ->
                    let struct (q, error) = quotients[k]
                    spread tuples[k] > 0.0 && not (error <= 1e-14 * Math.Abs q))

            this.At(order, equal |> Array.map (fun k -> points[tuples[k][0]]))
            |> Array.iteri (fun j y ->
                let value = y / DividedDifferences.Factorial order
                quotients[equal[j]] <- struct (value, unit * Math.Abs value))

            let centres = close |> Array.map (fun k -> mean tuples[k])
            let derivatives = Array.init terms (fun m -> if close.Length = 0 then [||] else this.At(order + m, centres))

            close
            |> Array.iteri (fun j k ->
                let h = DividedDifferences.Symmetric(tuples[k] |> Array.map (fun i -> points[i] - centres[j]))
                let parts = Array.init terms (fun m -> derivatives[m][j] / DividedDifferences.Factorial(order + m) * h[m])
                // the last term bounds what is left out
                let error = Math.Abs parts[terms - 1] + unit * Array.sumBy (fun (x: double) -> Math.Abs x) parts
                let struct (_, other) = quotients[k]
                if error < other then quotients[k] <- struct (Array.sum parts, error))

            tuples
            |> Array.iteri (fun k tuple ->
                let struct (value, error) = quotients[k]
                action tuple value error)

    /// Calls action with every ascending tuple of order + 1 indices and the divided difference of f over these points, for an order of 1 or more.
    member this.Over(order: int, action: int[] -> double -> unit) : unit =
        let mutable below = this.At(0, points)
        let mutable errors = below |> Array.map (fun y -> unit * Math.Abs y)

        for k in 1 .. order - 1 do
            let values: double[] = Array.zeroCreate (Seq.replicate (k + 1) n |> Seq.fold (fun a b -> Checked.(*) a b) 1)
            let bounds: double[] = Array.zeroCreate values.Length

            this.Visit(
                k,
                below,
                errors,
                fun tuple value error ->
                    let at = this.Place(tuple, 0, k)
                    values[at] <- value
                    bounds[at] <- error
            )

            below <- values
            errors <- bounds

        this.Visit(order, below, errors, (fun tuple value _ -> action tuple value))

/// The derivative of the given order of f(A) = Q f(Λ) Qᵀ along as many symmetric directions, f(A) itself for order 0: inputs A, E₁, .., Eₖ. With
/// Mₛ = Qᵀ Eₛ Q it is Q T Qᵀ, T(i₀, iₖ) = Σ f[λ(i₀), .., λ(iₖ)] M₁(i₀, i₁) .. Mₖ(iₖ₋₁, iₖ), summed over the inner indices and all orders of the
/// directions. ⟨W, T⟩ is symmetric in W and the directions, so pushing and pulling are the same derivative, one order up by A, and with
/// the tangent or cotangent in the place of a direction. The lower triangle of A is read; A counts as symmetric.
[<Sealed>]
type internal SymmetricFunctionRule(f: Tensor -> Tensor, order: int) =
    inherit ManyRule("symmetric_function")

    /// Eigenvalues and vectors in float64, once for an array.
    static let known = ConditionalWeakTable<obj, struct (NDArray * NDArray)[]>()

    static let spectrum (x: NDArray) : struct (NDArray * NDArray) =
        (known.GetValue(nonNull (box x), (fun _ -> Buffers.Outside(fun () -> [| Factorizations.eigh (x.Cast DType.Float64) |]))))[0]

    static let flip (x: NDArray) : NDArray = x.Transpose(Array.append [| 0 .. x.Rank - 3 |] [| x.Rank - 1; x.Rank - 2 |])

    static let rec orders (items: 'T list) : 'T list list =
        match items with
        | [] -> [ [] ]
        | _ -> items |> List.indexed |> List.collect (fun (i, item) -> orders (List.removeAt i items) |> List.map (fun rest -> item :: rest))

    /// The different orders of the indices in a tuple.
    static let arrangements (tuple: int[]) : int[] list = orders (List.ofArray tuple) |> List.distinct |> List.map Array.ofList

    override _.Infer xs = [| xs[0] |]

    override this.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        Tensor.Apply(this, Array.map2 (fun x isStack -> Stacks.Of(x, isStack, n)) xs stacked)

    override _.Value xs =
        let x = xs[0]
        let n = x.Shape.Sizes[x.Rank - 1]
        let struct (values, q) = spectrum x
        let middle: double[] = Array.zeroCreate x.Count

        if order = 0 then
            let y = (DividedDifferences.Evaluate(f, values)).ToArray<double>()
            y |> Array.iteri (fun at value -> middle[at * n + at % n] <- value)
        elif x.Count > 0 then
            let points = values.ToArray<double>()

            let directions =
                Array.init order (fun s ->
                    let e = xs[s + 1].Cast DType.Float64
                    let symmetric = Numbers.withNumber BinaryOp.Multiply (Numbers.binary BinaryOp.Add e (flip e)) 0.5
                    (Blas.multiply (flip q) (Blas.multiply symmetric q)).ToArray<double>())

            for t in 0 .. points.Length / n - 1 do
                let own = Array.sub points (t * n) n

                if Array.forall Double.IsFinite own then
                    let sequences = orders [ 0 .. order - 1 ] |> List.map Array.ofList

                    (DividedDifferences(f, own))
                        .Over(
                            order,
                            fun tuple difference ->
                                for places in arrangements tuple do
                                    let mutable sum = 0.0

                                    for sequence in sequences do
                                        let mutable product = 1.0

                                        for s in 0 .. order - 1 do
                                            product <- product * directions[sequence[s]][(t * n + places[s]) * n + places[s + 1]]

                                        sum <- sum + product

                                    // a zero absorbs
                                    if sum <> 0.0 then
                                        let at = (t * n + places[0]) * n + places[order]
                                        middle[at] <- middle[at] + difference * sum
                        )
                else
                    Array.fill middle (t * n * n) (n * n) Double.NaN

        let y = Blas.multiply q (Blas.multiply (NDArray.Adopt(x.Shape, middle)) (flip q))
        [| y.Cast x.DType |]

    /// The derivative one order up where a stands, the same with d in the place of a direction elsewhere.
    member private this.Along(input: int, xs: Tensor[], d: Tensor) : Tensor =
        if input = 0 then
            (Tensor.Apply(SymmetricFunctionRule(f, order + 1), Array.append xs [| d |]))[0]
        else
            (Tensor.Apply(this, xs |> Array.mapi (fun i x -> if i = input then d else x)))[0]

    override this.Push(input, xs, _, d) = [| ValueSome(this.Along(input, xs, d)) |]

    override this.Pull(xs, _, ws, wanted) =
        match ws[0] with
        | ValueNone -> Array.create xs.Length ValueNone
        | ValueSome w -> Array.init xs.Length (fun i -> if wanted[i] then ValueSome(this.Along(i, xs, w)) else ValueNone)

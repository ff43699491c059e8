namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 21c: Jacobians and Hessians of which only the places that may differ from zero are computed, by as many products as there are colours.

/// The choice between columns and rows.
module internal Compression =
    /// What a pull costs, in pushes.
    let private pullCost = 2

    let private columns pattern order = Coloring.OfColumns(pattern, order)
    let private rows pattern order = Coloring.OfRows(pattern, order)

    let private cheaper (byColumns: Coloring) (byRows: Coloring) = if byRows.Count * pullCost < byColumns.Count then byRows else byColumns

    /// Columns or rows, by the number of colours; the longest row and the longest column bound those from below, so that often one attempt is enough.
    let choose (pattern: SparsityPattern) (order: ColoringOrder) : Coloring =
        let fewestColumns, fewestRows = pattern.LongestRow, pattern.Transpose().LongestRow

        if fewestColumns <= fewestRows * pullCost then
            let byColumns = columns pattern order
            if byColumns.Count <= fewestRows * pullCost then byColumns else cheaper byColumns (rows pattern order)
        else
            let byRows = rows pattern order
            if byRows.Count * pullCost <= fewestColumns then byRows else cheaper (columns pattern order) byRows

    /// The colouring of a kind; none for the cheaper of columns and rows.
    let ofKind (kind: ColoringKind voption) (pattern: SparsityPattern) (order: ColoringOrder) : Coloring =
        match kind with
        | ValueNone -> choose pattern order
        | ValueSome ColoringKind.Rows -> rows pattern order
        | ValueSome ColoringKind.Symmetric -> Coloring.OfSymmetric(pattern, order)
        | ValueSome _ -> columns pattern order

/// Where the elements of a sparse matrix stand in its compressed products: place by place in the order of the colours.
[<Sealed>]
type internal Recovery(pattern: SparsityPattern, coloring: Coloring) =
    let struct (color, line) = coloring.Recovery pattern
    let starts = Array.zeroCreate<int>(coloring.Count + 1)
    let order = Array.zeroCreate<int> pattern.Count

    do
        for c in color do
            starts[c + 1] <- starts[c + 1] + 1

        for c in 0 .. coloring.Count - 1 do
            starts[c + 1] <- starts[c + 1] + starts[c]

        let next = Array.copy starts

        for p in 0 .. pattern.Count - 1 do
            order[next[color[p]]] <- p
            next[color[p]] <- next[color[p]] + 1

    /// The elements that the products of the colours from first on show; a product has so many numbers.
    member _.Read(first: int, colors: int, length: int, products: ReadOnlySpan<double>, values: Span<double>) =
        for q in starts[first] .. starts[first + colors] - 1 do
            let p = order[q]
            values[p] <- products[(color[p] - first) * length + line[p]]

    /// The place of each element among the products of all colours, in the order of the pattern.
    member _.Places(length: int) : int64[] = Array.init pattern.Count (fun p -> int64 color[p] * int64 length + int64 line[p])

/// A function's Jacobian with a pattern, prepared: the products by a stack of seeds as one compiled program.
[<Sealed>]
type internal CompressedJacobian
    (verb: string, f: Tensor -> Tensor, x: Spec, y: Spec, pattern: SparsityPattern, coloring: Coloring, executor: ProgramExecutor) =
    /// Numbers in one stack of products: so much stays near the processor.
    static let largestStack = 1 <<< 22

    let isRows = coloring.Kind = ColoringKind.Rows
    let seeded = if isRows then y else x
    let shown = if isRows then x else y
    let widest = max 1 (max x.Shape.Count y.Shape.Count)
    let most = max 1 (largestStack / widest)
    let stacks = max 1 ((coloring.Count + most - 1) / most)
    let height = max 1 ((coloring.Count + stacks - 1) / stacks)
    let recovery = Recovery(pattern, coloring)

    let products (xs: Tensor[]) : Tensor[] =
        let recording = Recording.Of((fun xs -> [| f xs[0] |]), [| xs[0] |])
        let y = recording.Values[0]

        let product (seeds: Tensor[]) =
            let d, like = if isRows then (recording.Pull [| ValueSome seeds[0] |])[0], xs[0] else (recording.Push [| ValueSome seeds[0] |])[0], y

            [| Dense.like like d |]

        [| Dense.strong y; (Vmap.vmap product [| xs[1] |] [| ValueSome 0 |] 0)[0] |]

    let run =
        let specs = [| x.With x.Shape; seeded.With(Stacks.Shape(height, seeded.Shape)) |]
        Buffers.Outside(fun () -> Compile.runner executor (Simplify.simplify (Programs.ofFunction verb products specs)))

    /// Ones where a line has the colour.
    let seeds (first: int) : NDArray =
        let stack = NDArray.Zeros(seeded.DType, Stacks.Shape(height, seeded.Shape))
        let n = seeded.Shape.Count
        let colors = coloring.Numbers

        for v in 0 .. n - 1 do
            let c = colors[v] - first

            if c >= 0 && c < height then
                match seeded.DType with
                | DType.Float64 -> stack.Write<double>()[c * n + v] <- 1.0
                | _ -> stack.Write<float32>()[c * n + v] <- 1.0f

        stack

    static member Of
        (
            verb: string,
            f: Tensor -> Tensor,
            x: Spec,
            pattern: SparsityPattern voption,
            kind: ColoringKind voption,
            order: ColoringOrder,
            executor: ProgramExecutor
        ) : CompressedJacobian =
        let y = (Abstractly.infer verb (fun xs -> [| f xs[0] |]) [| x.With x.Shape |])[0]

        let pattern =
            match pattern with
            | ValueNone -> Sparsity.pattern verb f x
            | ValueSome given ->
                if given.Rows <> y.Shape.Count || given.Columns <> x.Shape.Count then
                    invalidArg
                        "pattern"
                        $"the pattern is {given.Rows} by {given.Columns}, but the function takes {x.Shape} to {y.Shape}: it must be {y.Shape.Count} by {x.Shape.Count}."

                given

        let pattern = if kind = ValueSome ColoringKind.Symmetric then Sparsity.symmetric pattern else pattern
        CompressedJacobian(verb, f, x, y, pattern, Compression.ofKind kind pattern order, executor)

    member _.Pattern = pattern
    member _.Coloring = coloring
    member _.Input = x
    member _.Output = y

    /// The value, and the elements of the Jacobian at the places of the pattern.
    member _.Evaluate(at: NDArray, values: Span<double>) : NDArray =
        let mutable value = at
        let length = shown.Shape.Count

        for stack in 0 .. stacks - 1 do
            let first = stack * height
            let results = run [| at; seeds first |]
            value <- results[0]

            if pattern.Count > 0 then
                let products = (results[1].Cast DType.Float64).Contiguous()
                recovery.Read(first, min height (coloring.Count - first), length, products.Span<double>(), values)

        value

    member this.At(at: NDArray) : CsrMatrix =
        let values = Array.zeroCreate<double> pattern.Count
        this.Evaluate(at, values.AsSpan()) |> ignore
        CsrMatrix(pattern, values, y.DType)

    /// A point of the shape and element type it was prepared for.
    member _.Demand(at: Tensor) : NDArray =
        if not (at.Shape.Equals x.Shape) || at.DType <> x.DType then
            invalidArg
                "at"
                $"{verb}: prepared for points of {DTypes.name x.DType}{x.Shape}, but this one is {DTypes.name at.DType}{at.Shape}. Prepare another for it."

        at.Value

    /// An element that is not zero and that the pattern lacks, if the matrix does not have the derivative along some direction.
    member this.Missing(at: NDArray) : struct (int * int) voption =
        let matrix = this.At at
        let random = Random 1
        let direction = Array.init x.Shape.Count (fun _ -> (0.5 + random.NextDouble()) * (if random.Next 2 = 0 then -1.0 else 1.0))
        let struct (_, push) = Derivatives.linearize f (Const at)
        let along = (push (Const((NDArray.Adopt(x.Shape, direction)).Cast x.DType))).Value.Cast(DType.Float64).ToArray<double>()
        let sums = matrix.Multiply(ReadOnlySpan direction)
        let sizes = CsrMatrix(pattern, matrix.Numbers |> Array.map abs, DType.Float64).Multiply(ReadOnlySpan(direction |> Array.map abs))
        let tolerance = if x.DType = DType.Float64 && y.DType = DType.Float64 then 1e-9 else 1e-3
        let struct (_, pull) = Derivatives.vjp f (Const at)

        let missing (i: int) =
            let unit = Array.init y.Shape.Count (fun k -> if k = i then 1.0 else 0.0)
            let row = (pull (Const((NDArray.Adopt(y.Shape, unit)).Cast y.DType))).Value.Cast(DType.Float64).ToArray<double>()

            row |> Array.indexed |> Array.tryFind (fun (j, d) -> d <> 0.0 && pattern.Find(i, j) < 0) |> Option.map (fun (j, _) -> struct (i, j))

        let suspicious = seq { 0 .. along.Length - 1 } |> Seq.filter (fun i -> abs (along[i] - sums[i]) > tolerance * (abs along[i] + sizes[i]))

        match Seq.tryPick missing suspicious with
        | Some place -> ValueSome place
        | None -> ValueNone

/// Sparse derivatives of functions of one tensor.
module internal SparseDerivatives =
    let private evaluator (verb: string) (f: Tensor -> Tensor) (kind: ColoringKind voption) (x: Spec) =
        CompressedJacobian.Of(verb, f, x, ValueNone, kind, ColoringOrder.Automatic, ProgramExecutor.Automatic)

    let jacobian (f: Tensor -> Tensor) (x: Tensor) : CsrMatrix = (evaluator "SparseJacobian" f ValueNone x.Spec).At x.Value

    let hessian (f: Tensor -> Tensor) (x: Tensor) : CsrMatrix =
        (evaluator "SparseHessian" (Derivatives.gradient f) (ValueSome ColoringKind.Symmetric) x.Spec).At x.Value

    let prepared (verb: string) (f: Tensor -> Tensor) (isHessian: bool) (x: Spec) : Tensor -> CsrMatrix =
        let evaluator =
            if isHessian then
                evaluator verb (Derivatives.gradient f) (ValueSome ColoringKind.Symmetric) x
            else
                evaluator verb f ValueNone x

        fun at -> evaluator.At(evaluator.Demand at)

    let pattern (f: Tensor -> Tensor) (x: Tensor) : SparsityPattern = Sparsity.pattern "SparsityOf" f x.Spec

    let hessianPattern (f: Tensor -> Tensor) (x: Tensor) : SparsityPattern =
        Sparsity.symmetric (Sparsity.pattern "HessianSparsityOf" (Derivatives.gradient f) x.Spec)

namespace DiffLib.Core.Tests

open System
open DiffLib

// The catalogue: one line for each differentiable operation, with points at which it is smooth. The laws run over every line.

/// Where the elements of an input are taken from, so that the operation is smooth around them.
type internal Domain =
    /// Anywhere between two bounds; a tenth of the width is kept away from both.
    | Between of low: float * high: float
    /// Distinct by at least 0.2, in no order, none near 0: for operations that compare elements.
    | Distinct
    /// Matrices with singular values around 1, 2, 3 ...: well conditioned, and far from coincidence.
    | Regular
    /// Symmetric positive definite matrices with eigenvalues around 1, 2, 3 ...
    | Definite
    /// Triangular factors: as Definite, but for the diagonal only.
    | Factor

/// How precisely an operation and its derivatives can be known at the points of its domain.
type internal Precision =
    {
        /// Multiplies every tolerance: the condition number of the worst step inside.
        Condition: float
        /// False where scaling a tangent by 2 may change the rounding: an algorithm that looks at the tangent's size.
        Homogeneous: bool
        /// How many derivatives there are.
        Order: int
        /// False where the derivative is, on purpose, not the limit of difference quotients.
        Differences: bool
    }

/// An operation, and where to try it.
[<NoEquality; NoComparison>]
type internal Line =
    {
        Name: string
        /// The public operations this line stands for, as CatalogueTests names them.
        Operations: string list
        Domains: Domain[]
        /// The shapes of the inputs; the first case is used by every law, the others by the cheap ones.
        Cases: int[][][]
        Call: Tensor[] -> Tensor
        Precision: Precision
    }

    override this.ToString() = this.Name

/// Numbers from a fixed seed; every point is exact in float32, so that both element types see the same one.
module internal Points =
    /// FNV-1a: the same on every machine, unlike String.GetHashCode.
    let seedOf (text: string) : int =
        let mutable hash = 2166136261u

        for c in text do
            hash <- (hash ^^^ uint32 c) * 16777619u

        int (hash &&& 0x7FFFFFFFu)

    let private single (x: float) = float (float32 x)

    let tensor (dtype: DType) (shape: int[]) (data: float[]) : Tensor = Const((NDArray.Adopt(Shape shape, Array.map single data)).Cast dtype)

    let private count (shape: int[]) = Array.fold (*) 1 shape

    let normal (random: Random) : float = Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble())) * Math.Cos(2.0 * Math.PI * random.NextDouble())

    /// A direction with elements between -1 and 1.
    let direction (random: Random) (like: Tensor) : Tensor =
        tensor like.DType like.Shape.Sizes (Array.init like.Count (fun _ -> 2.0 * random.NextDouble() - 1.0))

    let private shuffled (random: Random) (n: int) : int[] =
        let order = Array.init n id
        random.Shuffle order
        order

    /// A stack of matrices from a function of (row, column).
    let private matrices (shape: int[]) (element: int -> int -> float) : float[] =
        let m, n = shape[shape.Length - 2], shape[shape.Length - 1]
        Array.init (count shape) (fun k -> element (k / n % m) (k % n))

    let sample (random: Random) (domain: Domain) (shape: int[]) : float[] =
        match domain with
        | Between(low, high) ->
            let margin = 0.1 * (high - low)
            Array.init (count shape) (fun _ -> low + margin + (high - low - 2.0 * margin) * random.NextDouble())
        | Distinct ->
            let n = count shape
            shuffled random n |> Array.map (fun k -> 0.3 * (float k - float (n / 2)) + 0.15 + 0.05 * (2.0 * random.NextDouble() - 1.0))
        | Regular -> matrices shape (fun i j -> (if i = j then 1.0 + float i else 0.0) + 0.25 * (2.0 * random.NextDouble() - 1.0))
        | Definite
        | Factor -> matrices shape (fun i j -> if i = j then 1.0 + float i else 0.2 * (2.0 * random.NextDouble() - 1.0))

    /// Any finite numbers brought into a domain by smooth operations: for compositions.
    let fit (domain: Domain) (x: Tensor) : Tensor =
        let constant (f: int -> float) = tensor x.DType x.Shape.Sizes (Array.init x.Count f)

        match domain with
        | Between(low, high) ->
            // shifted, so that elements that are one and the same do not stay equal
            (low + 0.1 * (high - low)) + 0.8 * (high - low) * TensorElementwise.Sigmoid(x + constant (fun k -> sin (1.7 * float k)))
        | Distinct ->
            // 7919 is prime, so multiples of it go through all places
            let place k = k * 7919 % max 1 x.Count
            constant (fun k -> 0.3 * float (place k) - 0.15 * float x.Count + 0.15) + 0.05 * tanh x
        | Regular
        | Definite
        | Factor ->
            let n = x.Shape[-1]
            let rows = x.Shape[-2]
            let diagonal = constant (fun k -> if k / n % rows = k % n then 1.0 + float (k % n) else 0.0)
            diagonal + 0.2 * tanh x

/// Making lines.
[<AutoOpen>]
module internal LineMaking =
    let usual = { Condition = 1.0; Homogeneous = true; Order = 2; Differences = true }

    let private arrays (shapes: int list list) = shapes |> List.map Array.ofList |> Array.ofList

    /// A line for the operations named, with domains and cases of shapes for its inputs.
    let lineOf (operations: string list) (name: string) (domains: Domain list) (cases: int list list list) (call: Tensor[] -> Tensor) : Line =
        { Name = name
          Operations = operations
          Domains = Array.ofList domains
          Cases = cases |> List.map arrays |> Array.ofList
          Call = call
          Precision = usual }

    /// The same where the operation has the first word of the name.
    let line (name: string) domains cases call = lineOf [ name.Split(' ')[0] ] name domains cases call

    let condition (c: float) (line: Line) = { line with Precision = { line.Precision with Condition = c } }
    let roughly (line: Line) = { line with Precision = { line.Precision with Homogeneous = false } }
    let byConvention (line: Line) = { line with Precision = { line.Precision with Differences = false } }
    let once (line: Line) = { line with Precision = { line.Precision with Order = 1 } }

    /// An elementwise function: also of a number, and of nothing.
    let unary (name: string) (low, high) (call: Tensor -> Tensor) : Line =
        line name [ Between(low, high) ] [ [ [ 2; 3 ] ]; [ [] ]; [ [ 0; 2 ] ] ] (fun xs -> call xs[0])

    /// An elementwise function of two tensors: also broadcast, each against the other.
    let binary (name: string) (a: Domain) (b: Domain) (call: Tensor -> Tensor -> Tensor) : Line =
        line
            name
            [ a; b ]
            [ [ [ 2; 3 ]; [ 2; 3 ] ]; [ [ 2; 3 ]; [ 3 ] ]; [ [ 1; 3 ]; [ 2; 1 ] ]; [ []; [ 2 ] ]; [ []; [] ]; [ [ 0; 2 ]; [ 2 ] ] ]
            (fun xs -> call xs[0] xs[1])

    /// The elements of several tensors behind each other: one result for an operation that has several.
    let together (ys: Tensor list) : Tensor = TensorJoining.Concat([| for y in ys -> TensorShaping.Reshape(y, -1) |], 0)

    let ints (shape: int list) (values: int list) : Tensor =
        Const((NDArray.Adopt(Shape(Array.ofList shape), values |> List.map int64 |> Array.ofList)))

    let mask (shape: int list) (values: int list) : Tensor =
        Const((NDArray.Adopt(Shape(Array.ofList shape), values |> List.map (fun v -> v <> 0) |> Array.ofList)))

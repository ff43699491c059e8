namespace DiffLib.FSharp

open System
open DiffLib
open DiffLib.Kernels

// Chapter 15: the F# door. Curried functions, the tensor last, so that they compose with |> and >>. They name the operations of the chapters before
// and add nothing to them. Names that F# itself uses are left alone: abs, exp, log, sin, sqrt, tanh, floor, ** and the like work on tensors as they are.

/// What the function tensor accepts: numbers, lists and arrays of them, nested up to three deep.
[<AbstractClass; Sealed>]
type TensorOf =
    static member private Rows(rows: 'a list list) : 'a[][] = rows |> List.map List.toArray |> List.toArray

    /// The tensor itself.
    static member Of(x: Tensor) : Tensor = x
    /// A float64 of rank 0.
    static member Of(x: float) : Tensor = Number(x, false)
    /// A float32 of rank 0.
    static member Of(x: float32) : Tensor = Creation.Full(DType.Float32, Shape.Scalar, float x)
    /// An int32 of rank 0.
    static member Of(x: int) : Tensor = Creation.Full(DType.Int32, Shape.Scalar, float x)
    /// A float64 vector.
    static member Of(xs: float list) : Tensor = Creation.OfArray(List.toArray xs)
    /// A float64 matrix, row by row.
    static member Of(rows: float list list) : Tensor = Creation.OfArray(TensorOf.Rows rows)
    /// A float64 tensor of rank 3.
    static member Of(blocks: float list list list) : Tensor = blocks |> List.map TensorOf.Rows |> List.toArray |> Creation.OfArray
    /// A float64 vector.
    static member Of(xs: float[]) : Tensor = Creation.OfArray xs
    /// A float64 matrix.
    static member Of(rows: float[,]) : Tensor = Creation.OfArray rows
    /// A float64 matrix, row by row.
    static member Of(rows: float[][]) : Tensor = Creation.OfArray rows
    /// A float32 vector.
    static member Of(xs: float32 list) : Tensor = Creation.OfArray(List.toArray xs)
    /// A float32 matrix, row by row.
    static member Of(rows: float32 list list) : Tensor = Creation.OfArray(TensorOf.Rows rows)
    /// A float32 vector.
    static member Of(xs: float32[]) : Tensor = Creation.OfArray xs
    /// An int32 vector.
    static member Of(xs: int list) : Tensor = Creation.OfArray(List.toArray xs)
    /// An int32 matrix, row by row.
    static member Of(rows: int list list) : Tensor = Creation.OfArray(TensorOf.Rows rows)
    /// An int32 vector.
    static member Of(xs: int[]) : Tensor = Creation.OfArray xs
    /// An int64 vector.
    static member Of(xs: int64[]) : Tensor = Creation.OfArray xs
    /// A vector of truth values.
    static member Of(xs: bool list) : Tensor = Creation.OfArray(List.toArray xs)

/// What stands beside a tensor in comparisons and choices: a tensor, or a number that takes the other side's element type.
[<AbstractClass; Sealed>]
type OperandOf =
    /// The tensor itself.
    static member Weak(x: Tensor) : Tensor = x
    /// A weak float64.
    static member Weak(x: float) : Tensor = Tensor.Weak x
    /// A weak int32.
    static member Weak(x: int) : Tensor = Tensor.Weak x
    /// The larger, element by element.
    static member Maximum(a: Tensor, b: Tensor) : Tensor = Tensor.Binary(BinaryOp.Maximum, a, b)
    /// The smaller, element by element.
    static member Minimum(a: Tensor, b: Tensor) : Tensor = Tensor.Binary(BinaryOp.Minimum, a, b)
    /// a where the condition holds, b elsewhere.
    static member Where(condition: Tensor, a: Tensor, b: Tensor) : Tensor = Tensor.Select(condition, a, b)
    /// a > b.
    static member Greater(a: Tensor, b: Tensor) : Tensor = Tensor.Compare(CompareOp.Greater, a, b)
    /// a ≥ b.
    static member GreaterOrEqual(a: Tensor, b: Tensor) : Tensor = Tensor.Compare(CompareOp.GreaterOrEqual, a, b)
    /// a less than b.
    static member Less(a: Tensor, b: Tensor) : Tensor = Tensor.Compare(CompareOp.Less, a, b)
    /// a ≤ b.
    static member LessOrEqual(a: Tensor, b: Tensor) : Tensor = Tensor.Compare(CompareOp.LessOrEqual, a, b)
    /// a = b.
    static member Equal(a: Tensor, b: Tensor) : Tensor = Tensor.Compare(CompareOp.Equal, a, b)
    /// a ≠ b.
    static member NotEqual(a: Tensor, b: Tensor) : Tensor = Tensor.Compare(CompareOp.NotEqual, a, b)

/// Tensors out of numbers, and numbers out of tensors.
[<AutoOpen>]
module Creating =
    /// A tensor of numbers, lists or arrays, nested up to three deep; everything is copied. tensor [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ] is a matrix.
    let inline tensor< ^t when (^t or TensorOf): (static member Of: ^t -> Tensor)> (data: ^t) : Tensor =
        ((^t or TensorOf): (static member Of: ^t -> Tensor) data)

    /// A float64 of rank 0.
    let scalar (x: float) : Tensor = Number(x, false)

    /// Zeros of this shape, float64.
    let zeros (shape: int list) : Tensor = Creation.Zeros(DType.Float64, Shape(List.toArray shape))

    /// Ones of this shape, float64.
    let ones (shape: int list) : Tensor = Creation.Full(DType.Float64, Shape(List.toArray shape), 1.0)

    /// One number everywhere, float64.
    let full (shape: int list) (value: float) : Tensor = Creation.Full(DType.Float64, Shape(List.toArray shape), value)

    /// Zeros of the shape and element type of x.
    let zerosLike (x: Tensor) : Tensor = Creation.Zeros(x.DType, x.Shape)

    /// Ones of the shape and element type of x.
    let onesLike (x: Tensor) : Tensor = Creation.Full(x.DType, x.Shape, 1.0)

    /// The n by n identity, float64.
    let eye (n: int) : Tensor = Creation.Eye(DType.Float64, n, n, 0)

    /// start, start + step, ... up to but without stop, float64.
    let arange (start: float) (stop: float) (step: float) : Tensor = Creation.Arange(DType.Float64, start, stop, step)

    /// n evenly spaced numbers from start to stop, both included, float64.
    let linspace (start: float) (stop: float) (n: int) : Tensor = Creation.Linspace(DType.Float64, start, stop, n, true)

    /// Along a new last axis of this many classes, 1 at the index and 0 elsewhere, float64.
    let oneHot (classes: int) (indices: Tensor) : Tensor = Creation.OneHot(DType.Float64, indices, classes)

    /// The same numbers in another element type. Between float64 and float32 the derivative passes; through integers it does not.
    let cast (dtype: DType) (x: Tensor) : Tensor = Tensor.Cast(x, dtype)

    /// The number of a tensor with one element; float x says the same.
    let toFloat (x: Tensor) : float = x.ToDouble()

    /// The elements in row-major order as float64, in a new array.
    let toArray (x: Tensor) : float[] = Creation.ToDoubles x

    /// The elements of a matrix as float64, in a new array.
    let toArray2D (x: Tensor) : float[,] =
        if x.Rank <> 2 then
            invalidArg "x" $"toArray2D: the tensor has shape {x.Shape}, but a matrix is needed. Reshape it, or use toArray."

        let elements = Creation.ToDoubles x
        Array2D.init x.Shape[0] x.Shape[1] (fun i j -> elements[i * x.Shape[1] + j])

    /// The sizes of a tensor.
    let shapeOf (x: Tensor) : int list = x.Shape |> List.ofSeq

/// Random tensors. A key says which numbers: the same key gives the same numbers, on every machine and thread; split it to get more.
[<AutoOpen>]
module Randomness =
    let private shapeOf (sizes: int list) = Shape(List.toArray sizes)

    /// The key of a seed.
    let randomKey (seed: int) : RandomKey = RandomKey.FromSeed(uint64 seed)

    /// Two keys whose numbers have nothing to do with each other's, nor with those of the key itself.
    let splitKey (key: RandomKey) : RandomKey * RandomKey =
        let struct (first, second) = key.Split()
        first, second

    /// As many keys, independent of each other.
    let splitKeys (count: int) (key: RandomKey) : RandomKey[] = key.Split count

    /// The same keys in one value: examples for vmap, rows for scan.
    let splitKeyStack (count: int) (key: RandomKey) : RandomKey = Keys.splitStack key count

    /// Keys in one value: examples for vmap, rows for scan.
    let stackKeys (keys: RandomKey list) : RandomKey = Keys.stack (List.toArray keys)

    /// The key that belongs to a whole number, such as a step, which may be a value of a compiled function or a loop.
    let foldKey (data: Tensor) (key: RandomKey) : RandomKey = Keys.fold key data

    /// Uniform in [0, 1), float64.
    let randomUniform (shape: int list) (key: RandomKey) : Tensor =
        (DrawRule.Floats(DrawKind.Uniform, shapeOf shape, DType.Float64, 0.0, 1.0)).From key

    /// Standard normal, float64.
    let randomNormal (shape: int list) (key: RandomKey) : Tensor = (DrawRule.Floats(DrawKind.Normal, shapeOf shape, DType.Float64, 0.0, 1.0)).From key

    /// True with this probability.
    let randomBernoulli (probability: float) (shape: int list) (key: RandomKey) : Tensor = (DrawRule.Bernoulli(shapeOf shape, probability)).From key

    /// Whole numbers from low (included) to high (excluded), all equally likely, int64.
    let randomIntegers (low: int64) (high: int64) (shape: int list) (key: RandomKey) : Tensor = (DrawRule.Integers(shapeOf shape, low, high)).From key

    /// The numbers 0 to n - 1 in random order, int64.
    let randomPermutation (n: int) (key: RandomKey) : Tensor = (DrawRule.Permutation n).From key

    /// Positions of different entries chosen from 0 to n - 1, int64.
    let randomChoice (n: int) (shape: int list) (key: RandomKey) : Tensor = Draws.Choice(key, n, shapeOf shape, false)

    /// Numbers of categories with the probabilities softmax logits along the last axis, int64.
    let randomCategorical (logits: Tensor) (key: RandomKey) : Tensor = Draws.Categorical(key, logits, -1, Shape.Scalar)

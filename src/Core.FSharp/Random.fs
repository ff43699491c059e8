namespace rec DiffLib

open System
open DiffLib.Kernels

// Chapter 8a: random numbers as operations on keys. A key whose bits are known draws at once. One that is an argument of a function being traced or
// batched is a tensor of int64, [.., 2], and what it draws and derives are operations like others: without derivatives, with the same bits.

/// The distributions.
type internal DrawKind =
    | Uniform = 0uy
    | Normal = 1uy
    | TruncatedNormal = 2uy
    | Exponential = 3uy
    | Gumbel = 4uy
    | Bernoulli = 5uy
    | Integers = 6uy
    | Permutation = 7uy

/// Keys as tensors, and back.
module internal Keys =
    /// How many numbers a key takes.
    [<Literal>]
    let Words = 2

    /// The tensor that a key is.
    let tensor (key: RandomKey) : Tensor =
        match key.Hidden with
        | :? TensorKey as hidden -> hidden.Data
        | _ -> Const(NDArray.Adopt(Shape [| Words |], [| int64 key.High; int64 key.Low |]))

    /// The key that a tensor is; a stack of keys has further axes in front.
    let ofTensor (what: string) (data: Tensor) : RandomKey =
        let shape = data.Shape

        if data.DType <> DType.Int64 || shape.Rank = 0 || shape.Sizes[shape.Rank - 1] <> Words then
            invalidArg
                what
                $"{DTypes.name data.DType}{shape} is not a key, which is int64[2], nor a stack of keys, int64[n, 2]. A single key has no rows: for Vmap and Scan make a stack with key.SplitStack(n), or hand the key to all examples (axis null)."

        match data with
        | Const v when shape.Rank = 1 ->
            let words = v.ToArray<int64>()
            RandomKey(uint64 words[0], uint64 words[1])
        | _ -> RandomKey.Of(TensorKey data)

    /// Children by numbers; axes of the numbers come behind those of the keys.
    let derive (splits: bool) (key: RandomKey) (data: Tensor) : Tensor = Tensor.Apply(DeriveKeyRule splits, tensor key, data)

    /// The key of a number that may not be known yet.
    let fold (key: RandomKey) (data: Tensor) : RandomKey =
        if DTypes.kind data.DType <> 1 then
            invalidArg "data" $"a key is folded with whole numbers, but the data is {DTypes.name data.DType}{data.Shape}. Convert it with Cast."

        let stack = derive false key (Tensor.Cast(data, DType.Int64))
        ofTensor "data" stack

    /// So many children of a key as a stack.
    let splitStack (key: RandomKey) (count: int) : RandomKey =
        if count < 0 then raise (ArgumentOutOfRangeException("count", count, "the number of keys is 0 or more."))

        let numbers = Const(NDArray.Adopt(Shape [| count |], Array.init count int64))
        let data = tensor key
        let front = Array.take (data.Rank - 1) data.Shape.Sizes
        let apart = Tensor.ReshapeTo(data, Shape(Array.append front [| 1; Words |]))
        ofTensor "count" (Tensor.Apply(DeriveKeyRule true, apart, numbers))

    /// Keys side by side.
    let stack (keys: RandomKey[]) : RandomKey =
        if keys.Length = 0 then invalidArg "keys" "no keys: a stack holds at least one."

        let data = keys |> Array.map tensor

        for k in 1 .. data.Length - 1 do
            if not (data[k].Shape.Equals data[0].Shape) then
                invalidArg
                    "keys"
                    $"entry 0 is {data[0].Shape}, entry {k} is {data[k].Shape}: stacks of keys of one size, or single keys, can be stacked."

        ofTensor "keys" (Joining.Stack(data, 0))

/// A key whose bits a tensor holds.
[<Sealed>]
type internal TensorKey(data: Tensor) =
    inherit HiddenKey()
    member _.Data = data

    override _.Derive(number, splits) =
        Keys.ofTensor "data" (Tensor.Apply(DeriveKeyRule splits, data, Const(NDArray.Adopt(Shape.Scalar, [| int64 number |]))))

    override _.Text = $"{data.Spec}"

    override _.NoBits() =
        if data.IsKnown then
            InvalidOperationException
                $"this value is a stack of keys, {data.Shape}, not one key. Give it to Diff.Vmap or Diff.Scan, which hand out one key at a time."
        else
            InvalidOperationException
                "the bits of a key are asked for inside a function that is being traced or batched, where it has none yet. Draw with it, or derive further keys by Split and Fold."

/// The children of keys [.., 2] by numbers [..], which broadcast: of a split, or of a fold.
[<Sealed>]
type internal DeriveKeyRule(splits: bool) =
    inherit BinaryRule("derive_key")
    let result (key: Shape) (data: Shape) =
        let front = Shape(Array.take (key.Rank - 1) key.Sizes)
        Shape(Array.append (Shape.Broadcast("fold", front, data)).Sizes [| Keys.Words |])

    override _.Attributes = ValueSome [| "splits", Attribute.Flag splits |]
    override _.Differentiable = false
    override _.Infer(key, data) = Spec.Of(DType.Int64, result key.Shape data.Shape)

    override this.Batch(key, data, stackedKey, stackedData) =
        let rank (x: Tensor) stacked = if stacked then x.Rank - 1 else x.Rank
        let front = max (rank key stackedKey - 1) (rank data stackedData)
        let key = if stackedKey then Stacks.OfRank(key, front + 1) else key
        let data = if stackedData then Stacks.OfRank(data, front) else data
        Tensor.Apply(this, key, data)

    override _.Value(key, data) =
        let shape = result key.Shape data.Shape
        let words = (key.BroadcastTo shape).Contiguous()
        let numbers = (data.BroadcastTo(Shape(Array.take (shape.Rank - 1) shape.Sizes))).Contiguous()
        let y = NDArray.Allocate(DType.Int64, shape)
        let source = words.Span<int64>()
        let at = numbers.Span<int64>()
        let target = y.Write<int64>()

        for k in 0 .. at.Length - 1 do
            let child = RandomKey(uint64 source[2 * k], uint64 source[2 * k + 1]).Derive(uint64 at[k], splits)
            target[2 * k] <- int64 child.High
            target[2 * k + 1] <- int64 child.Low

        y

    override _.Push(_, _, _, y, _) = y
    override _.Pull(_, key, _, _, _) = key

/// Numbers of a distribution: keys [.., 2] give [.., shape], for each key what it draws by itself.
[<Sealed>]
type internal DrawRule(kind: DrawKind, parameters: double[], low: int64, high: int64, shape: Shape, dtype: DType) =
    inherit UnaryRule("random_" + (string kind).ToLowerInvariant())

    let floats (key: RandomKey) (y: NDArray) (at: int) (n: int) =
        let p = parameters

        if dtype = DType.Float64 then
            let y = y.Write<double>().Slice(at, n)

            match kind with
            | DrawKind.Uniform -> RandomFill.Uniform(key, y, p[0], p[1])
            | DrawKind.Normal -> RandomFill.Normal(key, y, p[0], p[1])
            | DrawKind.TruncatedNormal -> RandomFill.TruncatedNormal(key, y, p[0], p[1], p[2], p[3])
            | DrawKind.Exponential -> RandomFill.Exponential(key, y, p[0])
            | _ -> RandomFill.Gumbel(key, y, p[0], p[1])
        else
            let y = y.Write<float32>().Slice(at, n)

            match kind with
            | DrawKind.Uniform -> RandomFill.Uniform(key, y, p[0], p[1])
            | DrawKind.Normal -> RandomFill.Normal(key, y, p[0], p[1])
            | DrawKind.TruncatedNormal -> RandomFill.TruncatedNormal(key, y, p[0], p[1], p[2], p[3])
            | DrawKind.Exponential -> RandomFill.Exponential(key, y, p[0])
            | _ -> RandomFill.Gumbel(key, y, p[0], p[1])

    let fill (key: RandomKey) (y: NDArray) (at: int) (n: int) =
        match kind with
        | DrawKind.Bernoulli -> RandomFill.Bernoulli(key, ReadOnlySpan parameters, y.Write<bool>().Slice(at, n))
        | DrawKind.Integers -> RandomFill.Integers(key, y.Write<int64>().Slice(at, n), low, high)
        | DrawKind.Permutation -> RandomFill.Permutation(key, y.Write<int64>().Slice(at, n))
        | _ -> floats key y at n

    static member Floats(kind: DrawKind, shape: Shape, dtype: DType, [<ParamArray>] parameters: double[]) =
        if dtype <> DType.Float64 && dtype <> DType.Float32 then
            invalidArg "dtype" $"{dtype}: continuous random numbers are float64 or float32. For whole numbers use RandomIntegers."

        DrawRule(kind, parameters, 0L, 0L, shape, dtype)

    static member Bernoulli(shape: Shape, probability: double) = DrawRule(DrawKind.Bernoulli, [| probability |], 0L, 0L, shape, DType.Bool)
    static member Integers(shape: Shape, low: int64, high: int64) = DrawRule(DrawKind.Integers, [||], low, high, shape, DType.Int64)
    static member Permutation(n: int) = DrawRule(DrawKind.Permutation, [||], 0L, 0L, Shape [| n |], DType.Int64)

    /// One that is read from a file, checked.
    static member Read(kind: DrawKind, parameters: double[], low: int64, high: int64, shape: Shape, dtype: DType) : DrawRule =
        let rule = DrawRule(kind, parameters, low, high, shape, dtype)

        let fits =
            match kind with
            | DrawKind.Bernoulli -> dtype = DType.Bool
            | DrawKind.Integers -> dtype = DType.Int64
            | DrawKind.Permutation -> dtype = DType.Int64 && shape.Rank = 1
            | _ -> DTypes.isFloat dtype

        if not fits then invalidArg "dtype" $"{rule.Name} does not give {DTypes.name dtype}{shape}."

        rule.Check()
        rule

    /// Parameters that are wrong are an error where they are given, not where a program runs.
    member _.Check() = fill (RandomKey()) (NDArray.Allocate(dtype, Shape [| 0 |])) 0 0

    override _.Attributes =
        // whole numbers as text: they may take 64 bits
        ValueSome
            [| "p", Attribute.Floats parameters
               "low", Attribute.Text(low.ToString Globalization.CultureInfo.InvariantCulture)
               "high", Attribute.Text(high.ToString Globalization.CultureInfo.InvariantCulture)
               "shape", Attribute.Sizes shape
               "dtype", Attribute.Type dtype |]

    member private _.Result(keys: Shape) = Shape(Array.append (Array.take (keys.Rank - 1) keys.Sizes) shape.Sizes)
    override _.Differentiable = false
    override this.Infer key = Spec.Of(dtype, this.Result key.Shape)
    override this.Batch key = Tensor.Apply(this, key)

    override this.Value keys =
        let words = keys.Contiguous().Span<int64>()
        let y = NDArray.Allocate(dtype, this.Result keys.Shape)

        for k in 0 .. words.Length / Keys.Words - 1 do
            fill (RandomKey(uint64 words[2 * k], uint64 words[2 * k + 1])) y (k * shape.Count) shape.Count

        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

    /// What the key draws: numbers where it has bits, an operation where it has not.
    member this.From(key: RandomKey) : Tensor =
        match key.Hidden with
        | :? TensorKey as hidden ->
            if hidden.Data.Rank <> 1 then
                invalidArg
                    "key"
                    $"the key is a stack of keys, {hidden.Data.Shape}, and one key is needed to draw with. Give the stack to Diff.Vmap or Diff.Scan, which hand out one key at a time."

            this.Check()
            Tensor.Apply(this, hidden.Data)
        | _ ->
            let y = NDArray.Allocate(dtype, shape)
            fill key y 0 shape.Count
            Tensor.Wrap y

/// Draws put together from others.
[<AbstractClass; Sealed>]
type internal Draws =
    /// Numbers of categories along an axis of logits (unnormalised log-probabilities; -∞ stands for 0): for every place on the other axes one, or sample
    /// axes in front. The largest sum of logit and Gumbel noise (Gumbel 1954; Yellott 1977).
    static member Categorical(key: RandomKey, logits: Tensor, axis: int, sample: Shape) : Tensor =
        let logits = Tensor.Fractional logits

        if logits.Rank = 0 then
            invalidArg "logits" "RandomCategorical: the logits are a single number; give one for each category along an axis."

        let d = logits.Shape.Axis axis

        if logits.Shape.Sizes[d] = 0 then
            invalidArg "logits" $"RandomCategorical: axis {axis} of the logits {logits.Shape} is empty; there is no category to draw."

        let shape = Shape(Array.append sample.Sizes logits.Shape.Sizes)
        let noise = (DrawRule.Floats(DrawKind.Gumbel, shape, logits.DType, 0.0, 1.0)).From key
        Reducing.ArgExtremum(true, logits + noise, sample.Rank + d, false)

    /// Positions 0 to n - 1: with replacement all equally likely and independent, without one another's exclusion.
    static member Choice(key: RandomKey, n: int, shape: Shape, replace: bool) : Tensor =
        if n < 1 && shape.Count > 0 then
            raise (ArgumentOutOfRangeException("n", n, "RandomChoice: there is nothing to choose from."))

        if replace then
            (DrawRule.Integers(shape, 0L, int64 (max 1 n))).From key
        elif shape.Count > n then
            invalidArg "shape" $"RandomChoice: shape {shape} takes {shape.Count} different entries, but there are {n}. Ask for fewer, or replace."
        else
            let order = (DrawRule.Permutation n).From key
            Tensor.ReshapeTo(Shaping.Narrow(order, 0, 0, shape.Count), shape)

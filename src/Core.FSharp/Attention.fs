namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 8e: attention. Products and a softmax; what it learns is in the products.

/// Scaled dot-product attention (Vaswani et al. 2017), alone and with several heads.
[<AbstractClass; Sealed>]
type internal Attention =
    static member private Demand(q: Tensor, k: Tensor, v: Tensor) =
        for name, t in [ "query", q; "key", k; "value", v ] do
            if t.Rank < 2 then
                invalidArg name $"Attention: the {name} has shape {t.Shape}; [.., positions, features] is needed. Insert axes with ExpandDims."

        if Matrix.Columns q <> Matrix.Columns k then
            invalidArg "key" $"Attention: the query is {q.Shape} and the key {k.Shape}: the last axes, the features that are compared, must agree."

        if Matrix.Rows k <> Matrix.Rows v then
            invalidArg
                "value"
                $"Attention: the key is {k.Shape} and the value {v.Shape}: there is one value for each key, so the last axes but one must agree."

    /// True where key j may be seen from query i: j ≤ i.
    static member private Causal(queries: int, keys: int) : Tensor =
        Const(NDArray.Adopt(Shape [| queries; keys |], Array.init (queries * keys) (fun at -> at % max 1 keys <= at / max 1 keys)))

    static member private Masked(scores: Tensor, mask: Tensor, name: string) : Tensor =
        if not (mask.Shape.BroadcastsTo scores.Shape) then
            invalidArg
                name
                $"Attention: the scores have shape {scores.Shape}, to which a mask of shape {mask.Shape} does not broadcast. Its last axes are [queries, keys]."

        if mask.DType = DType.Bool then
            Tensor.Select(mask, scores, Tensor.Weak Double.NegativeInfinity)
        elif DTypes.isFloat mask.DType then
            scores + mask
        else
            invalidArg
                name
                $"Attention: the mask is {DTypes.name mask.DType}; truth values choose, floating-point numbers are added. Convert it with Cast."

    /// softmax(q kᵀ·scale + mask) v, and the weights. Where everything is masked the weights are 0.
    static member ScaledDotProduct
        (q: Tensor, k: Tensor, v: Tensor, mask: Tensor voption, causal: bool, scale: Nullable<double>, dropout: double, key: RandomKey voption)
        : struct (Tensor * Tensor) =
        Attention.Demand(q, k, v)
        let scale = if scale.HasValue then scale.Value else 1.0 / Math.Sqrt(double (max 1 (Matrix.Columns q)))
        let scores = Products.MatMul(Tensor.Fractional q * scale, Matrix.Transpose k)

        let scores =
            match mask with
            | ValueSome m -> Attention.Masked(scores, m, "mask")
            | ValueNone -> scores

        let scores = if causal then Attention.Masked(scores, Attention.Causal(Matrix.Rows scores, Matrix.Columns scores), "mask") else scores
        let weights = Reducing.Softmax(scores, -1)

        let dropped =
            match key with
            | ValueSome key -> Normalization.Dropout(weights, dropout, key, false)
            | ValueNone when dropout = 0.0 -> weights
            | ValueNone ->
                invalidArg "key" $"Attention: a share of {dropout} is to be dropped, but there is no key to choose it by. Give a RandomKey."

        struct (Products.MatMul(dropped, v), weights)

    /// The first half of an axis, gated by the sigmoid of the second (Dauphin et al. 2017).
    static member Glu(x: Tensor, axis: int) : Tensor =
        let x = Tensor.Fractional x
        let d = x.Shape.Axis axis
        let n = x.Shape.Sizes[d]

        if n % 2 <> 0 then
            invalidArg
                "axis"
                $"Glu: axis {axis} of x {x.Shape} has the odd size {n}, but one half of it is gated by the other. Choose an axis of even size."

        Matrix.Narrow(x, d, 0, n / 2) * Tensor.Unary(UnaryOp.Sigmoid, Matrix.Narrow(x, d, n / 2, n / 2))

    /// x Wᵀ + b.
    static member Linear(x: Tensor, weight: Tensor, bias: Tensor voption) : Tensor =
        if weight.Rank <> 2 || x.Rank < 1 || x.Shape.Sizes[x.Rank - 1] <> weight.Shape.Sizes[1] then
            invalidArg
                "weight"
                $"Linear: x is {x.Shape} and the weight {weight.Shape}; the weight is [outputs, inputs], and its inputs are the last axis of x. Did you mean weight.T?"

        let y = Products.MatMul(x, Matrix.Transpose weight)

        match bias with
        | ValueSome b ->
            if b.Rank <> 1 || b.Count <> weight.Shape.Sizes[0] then
                invalidArg
                    "bias"
                    $"Linear: the weight {weight.Shape} has {weight.Shape.Sizes[0]} outputs, but the bias shape {b.Shape}. Give one number for each."

            y + b
        | ValueNone -> y

    /// [.., positions, heads·d] as [.., heads, positions, d].
    static member private Heads(x: Tensor, heads: int) : Tensor =
        let s, r = x.Shape.Sizes, x.Rank
        let split = Tensor.ReshapeTo(x, Shape(Array.append (Array.take (r - 1) s) [| heads; s[r - 1] / heads |]))
        Matrix.Permute(split, Array.concat [ [| 0 .. r - 3 |]; [| r - 1; r - 2; r |] ])

    static member private Joined(x: Tensor) : Tensor =
        let r = x.Rank
        let y = Matrix.Permute(x, Array.concat [ [| 0 .. r - 4 |]; [| r - 2; r - 3; r - 1 |] ])
        let s = y.Shape.Sizes
        Tensor.ReshapeTo(y, Shape(Array.append (Array.take (r - 2) s) [| s[r - 2] * s[r - 1] |]))

    /// The rows of a matrix from one third.
    static member private Third(x: Tensor, k: int) : Tensor = let n = x.Shape.Sizes[0] / 3 in Matrix.Narrow(x, 0, k * n, n)

    /// Queries, keys and values projected by the thirds of one matrix [3e, e], attention in each head, and a last projection; the weights averaged over heads.
    static member MultiHead
        (
            query: Tensor,
            key: Tensor,
            value: Tensor,
            inWeight: Tensor,
            inBias: Tensor voption,
            outWeight: Tensor,
            outBias: Tensor voption,
            heads: int,
            mask: Tensor voption,
            causal: bool,
            dropout: double,
            random: RandomKey voption
        ) : struct (Tensor * Tensor) =
        let e = if query.Rank = 0 then 0 else query.Shape.Sizes[query.Rank - 1]

        if query.Rank < 2 then
            invalidArg
                "query"
                $"MultiHeadAttention: the query has shape {query.Shape}; [.., positions, features] is needed. Insert axes with ExpandDims."

        if heads < 1 || e % heads <> 0 then
            invalidArg "heads" $"MultiHeadAttention: the {e} features of the query {query.Shape} do not divide into {heads} heads of equal size."

        if inWeight.Rank <> 2 || inWeight.Shape.Sizes[0] <> 3 * e then
            invalidArg
                "inWeight"
                $"MultiHeadAttention: the query is {query.Shape}, so inWeight needs shape [{3 * e}, {e}] (for queries, keys and values), but has {inWeight.Shape}."

        let bias k = inBias |> ValueOption.map (fun b -> Attention.Third(b, k))

        let projected =
            if obj.ReferenceEquals(query, key) && obj.ReferenceEquals(key, value) then
                // one large product for all three
                let all = Attention.Linear(query, inWeight, inBias)
                Array.init 3 (fun k -> Matrix.Narrow(all, -1, k * e, e))
            else
                [| query; key; value |] |> Array.mapi (fun k x -> Attention.Linear(x, Attention.Third(inWeight, k), bias k))

        let split = projected |> Array.map (fun x -> Attention.Heads(x, heads))
        // a mask of [n, queries, keys] is the same for all heads
        let mask = mask |> ValueOption.map (fun m -> if m.Rank = query.Rank && m.Rank > 2 then Matrix.Insert(m, m.Rank - 2) else m)
        let struct (y, weights) = Attention.ScaledDotProduct(split[0], split[1], split[2], mask, causal, Nullable(), dropout, random)
        struct (Attention.Linear(Attention.Joined y, outWeight, outBias), Reducing.Mean(weights, [| weights.Rank - 3 |], false))

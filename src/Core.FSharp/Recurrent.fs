namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 8f: recurrent cells and their sequences. The inputs of all steps go through one product; each step is one more, for all gates at once.

/// The weights of a recurrent layer in one direction: Input [gates·hidden, inputs], Hidden [gates·hidden, hidden], biases [gates·hidden].
[<Struct; NoEquality; NoComparison>]
type internal CellWeights = { Input: Tensor; Hidden: Tensor; InputBias: Tensor voption; HiddenBias: Tensor voption }

/// Which recurrence.
type internal CellKind =
    /// h' = tanh(a).
    | Tanh = 0
    /// h' = max(a, 0).
    | Relu = 1
    | Lstm = 2
    | Gru = 3

/// Recurrent cells and sequences.
[<AbstractClass; Sealed>]
type internal Recurrent =
    static member private Gates(kind: CellKind) =
        match kind with
        | CellKind.Lstm -> 4
        | CellKind.Gru -> 3
        | _ -> 1

    static member private Name(kind: CellKind) =
        match kind with
        | CellKind.Lstm -> "Lstm"
        | CellKind.Gru -> "Gru"
        | _ -> "Rnn"

    static member private Sigmoid(x: Tensor) : Tensor = Tensor.Unary(UnaryOp.Sigmoid, x)

    static member private DemandWeights(kind: CellKind, w: CellWeights, inputs: int, hidden: int) =
        let name, rows = Recurrent.Name kind, Recurrent.Gates kind * hidden
        let demand (what: string) (t: Tensor) (expected: Shape) =
            if not (t.Shape.Equals expected) then
                invalidArg
                    what
                    $"{name}: with {inputs} inputs and a state of {hidden}, {what} needs shape {expected} ({Recurrent.Gates kind} gates one below the other), but has {t.Shape}."

        demand "inputWeight" w.Input (Shape [| rows; inputs |])
        demand "hiddenWeight" w.Hidden (Shape [| rows; hidden |])
        w.InputBias |> ValueOption.iter (fun b -> demand "inputBias" b (Shape [| rows |]))
        w.HiddenBias |> ValueOption.iter (fun b -> demand "hiddenBias" b (Shape [| rows |]))

    static member private Part(x: Tensor, k: int, size: int) : Tensor = Matrix.Narrow(x, -1, k * size, size)

    static member private Add(x: Tensor, bias: Tensor voption) : Tensor =
        match bias with
        | ValueSome b -> x + b
        | ValueNone -> x

    /// One step from the input's share a [n, gates·hidden], its bias included. The candidate of a GRU keeps the shares of input and state apart.
    static member private Step(kind: CellKind, a: Tensor, h: Tensor, c: Tensor, w: CellWeights) : struct (Tensor * Tensor) =
        let size = h.Shape.Sizes[h.Rank - 1]
        let b = Recurrent.Add(Products.MatMul(h, Matrix.Transpose w.Hidden), w.HiddenBias)

        match kind with
        | CellKind.Lstm ->
            let gates = a + b
            let input = Recurrent.Sigmoid(Recurrent.Part(gates, 0, size))
            let forget = Recurrent.Sigmoid(Recurrent.Part(gates, 1, size))
            let cell = Tensor.Tanh(Recurrent.Part(gates, 2, size))
            let output = Recurrent.Sigmoid(Recurrent.Part(gates, 3, size))
            let c = forget * c + input * cell
            struct (output * Tensor.Tanh c, c)
        | CellKind.Gru ->
            let both = Recurrent.Sigmoid(Recurrent.Part(a, 0, 2 * size) + Recurrent.Part(b, 0, 2 * size))
            let reset, update = Recurrent.Part(both, 0, size), Recurrent.Part(both, 1, size)
            let fresh = Tensor.Tanh(Recurrent.Part(a, 2, size) + reset * Recurrent.Part(b, 2, size))
            struct (fresh + update * (h - fresh), c)
        | CellKind.Relu -> struct (Tensor.Unary(UnaryOp.Relu, a + b), c)
        | _ -> struct (Tensor.Tanh(a + b), c)

    /// One step: x [.., inputs] and the state [.., hidden] to the next state (of an LSTM also the next cell).
    static member Cell(kind: CellKind, x: Tensor, h: Tensor, c: Tensor, w: CellWeights) : struct (Tensor * Tensor) =
        let name = Recurrent.Name kind

        if x.Rank < 1 || x.Rank <> h.Rank || Array.take (x.Rank - 1) x.Shape.Sizes <> Array.take (h.Rank - 1) h.Shape.Sizes then
            invalidArg
                "state"
                $"{name}: the input is {x.Shape} and the state {h.Shape}; they are [.., inputs] and [.., hidden] with the same axes in front."

        if kind = CellKind.Lstm && not (c.Shape.Equals h.Shape) then
            invalidArg "cell" $"{name}: the state is {h.Shape}, but the cell {c.Shape}. They have one shape."

        Recurrent.DemandWeights(kind, w, x.Shape.Sizes[x.Rank - 1], h.Shape.Sizes[h.Rank - 1])
        let a = Recurrent.Add(Products.MatMul(x, Matrix.Transpose w.Input), w.InputBias)
        Recurrent.Step(kind, a, h, c, w)

    /// A program has the steps of sequences up to this length written out, those of longer ones as one loop: what it costs to make no longer grows.
    static member private LongestWrittenOut = 64

    /// All steps as one operation. Only an LSTM carries a cell.
    static member private Loop(kind: CellKind, a: Tensor, h: Tensor, c: Tensor, w: CellWeights, backwards: bool) : struct (Tensor * Tensor * Tensor) =
        let hasCell = kind = CellKind.Lstm

        let step (carry: Tensor[]) (row: Tensor[]) : struct (Tensor[] * Tensor[]) =
            let struct (h', c') = Recurrent.Step(kind, row[0], carry[0], (if hasCell then carry[1] else c), w)
            struct ((if hasCell then [| h'; c' |] else [| h' |]), [| h' |])

        let initial = if hasCell then [| h; c |] else [| h |]
        let struct (last, states) = ControlFlow.scan step initial [| a |] ValueNone backwards 0
        struct (states[0], last[0], (if hasCell then last[1] else c))

    /// One layer in one direction over x [steps, n, inputs]: the states of all steps, the last state and cell.
    static member private Layer
        (kind: CellKind, x: Tensor, h: Tensor, c: Tensor, w: CellWeights, backwards: bool)
        : struct (Tensor * Tensor * Tensor) =
        Recurrent.DemandWeights(kind, w, x.Shape.Sizes[2], h.Shape.Sizes[1])
        let a = Recurrent.Add(Products.MatMul(x, Matrix.Transpose w.Input), w.InputBias)
        let steps = x.Shape.Sizes[0]

        if steps > Recurrent.LongestWrittenOut && ControlFlow.anyTraced [| a; h; c; w.Hidden |] then
            Recurrent.Loop(kind, a, h, c, w, backwards)
        else
            let states = Array.zeroCreate<Tensor> steps
            let mutable h = h
            let mutable c = c

            for k in 0 .. steps - 1 do
                let t = if backwards then steps - 1 - k else k
                let struct (h', c') = Recurrent.Step(kind, Shaping.Select(a, 0, t), h, c, w)
                h <- h'
                c <- c'
                states[t] <- h

            struct (Joining.Stack(states, 0), h, c)

    /// Layers over a sequence, each over the states of the one below, in one direction or both: the states of the last layer, and the last states (and
    /// cells) of all layers and directions. Steps come first, or second if batchFirst.
    static member Sequence
        (kind: CellKind, x: Tensor, h0: Tensor, c0: Tensor, weights: CellWeights[], bidirectional: bool, batchFirst: bool)
        : struct (Tensor * Tensor * Tensor) =
        let name = Recurrent.Name kind

        if x.Rank <> 3 then
            invalidArg "x" $"{name}: the sequence has shape {x.Shape}; [steps, n, inputs] is needed (or [n, steps, inputs] with batchFirst)."

        let x = if batchFirst then Shaping.SwapAxes(x, 0, 1) else x
        let ways = if bidirectional then 2 else 1
        let steps, n = x.Shape.Sizes[0], x.Shape.Sizes[1]

        if weights.Length = 0 || weights.Length % ways <> 0 then
            invalidArg
                "weights"
                $"""{name}: {weights.Length} sets of weights do not make whole layers: give {ways} for each{(if bidirectional then ", forwards and backwards" else "")}."""

        if steps = 0 then invalidArg "x" $"{name}: the sequence {x.Shape} has no steps. Give at least one."

        let fits (t: Tensor) = t.Rank = 3 && t.Shape.Sizes[0] = weights.Length && t.Shape.Sizes[1] = n

        if not (fits h0) || (kind = CellKind.Lstm && not (c0.Shape.Equals h0.Shape)) then
            invalidArg
                "state"
                $"{name}: with {weights.Length} sets of weights and {n} sequences the first state (and cell) needs shape [{weights.Length}, {n}, hidden], but has {h0.Shape}."

        let folder (struct (x: Tensor, hs: Tensor list, cs: Tensor list)) (layer: int) =
            let directions =
                Array.init ways (fun d ->
                    let at = layer * ways + d
                    Recurrent.Layer(kind, x, Shaping.Select(h0, 0, at), Shaping.Select(c0, 0, at), weights[at], (d = 1)))

            let states = directions |> Array.map (fun struct (s, _, _) -> s)
            let own f = directions |> Array.map f |> List.ofArray
            let y = if ways = 1 then states[0] else Joining.Concat(states, -1)
            struct (y, hs @ own (fun struct (_, h, _) -> h), cs @ own (fun struct (_, _, c) -> c))

        let struct (y, hs, cs) = Array.fold folder (struct (x, [], [])) [| 0 .. weights.Length / ways - 1 |]
        let y = if batchFirst then Shaping.SwapAxes(y, 0, 1) else y
        struct (y, Joining.Stack(Array.ofList hs, 0), Joining.Stack(Array.ofList cs, 0))

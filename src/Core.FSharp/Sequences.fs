namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 8h: bags of embeddings, and losses of structured targets: several classes at once, and sequences.

/// What becomes of the rows of a bag.
type BagReduction =
    /// Their sum.
    | Sum = 0
    /// Their mean.
    | Mean = 1
    /// The largest of each column.
    | Max = 2

/// Rows of tables, in bags.
[<AbstractClass; Sealed>]
type internal Embeddings =
    /// The rows of [rows, d] that belong to each bag, [bags, rows] of truth values, combined: [bags, d]. An empty bag gives zeros.
    static member private Combined(rows: Tensor, belongs: Tensor, how: BagReduction) : Tensor =
        let share = Tensor.Cast(belongs, rows.DType)
        let empty () = Logic.Not(Reducing.Any(belongs, [| 1 |], true))

        match how with
        | BagReduction.Sum -> Products.MatMul(share, rows)
        | BagReduction.Mean ->
            let count = Reducing.Sum(share, [| 1 |], true)
            Products.MatMul(share, rows) / Tensor.Select(empty (), Tensor.Weak 1.0, count)
        | BagReduction.Max ->
            let wide = Tensor.Select(Matrix.Insert(belongs, 2), Matrix.Insert(rows, 0), Tensor.Weak Double.NegativeInfinity)
            let struct (largest, _) = Reducing.ExtremumWithIndex(true, wide, 1, false)
            Tensor.Select(empty (), Tensor.Weak 0.0, largest)
        | _ -> raise (ArgumentOutOfRangeException("reduction", how, "there is no such reduction."))

    static member private Kept(indices: Tensor, padding: Nullable<int>) : Tensor voption =
        if padding.HasValue then
            ValueSome(Tensor.Compare(CompareOp.NotEqual, indices, Tensor.Weak padding.Value))
        else
            ValueNone

    /// Bags of equal size, one in each row of indices [bags, size].
    static member Bags(indices: Tensor, table: Tensor, how: BagReduction, padding: Nullable<int>) : Tensor =
        if indices.Rank <> 2 || table.Rank <> 2 then
            invalidArg
                "indices"
                $"EmbeddingBag: the indices are {indices.Shape} and the table {table.Shape}; [bags, size] and [rows, d] are needed. Give offsets for bags in a row."

        let s = indices.Shape.Sizes
        let rows = Indexing.Take(Tensor.Fractional table, indices, 0)

        let kept =
            match Embeddings.Kept(indices, padding) with
            | ValueSome mask -> Matrix.Insert(mask, 2)
            | ValueNone -> Const((NDArray.ScalarOf true).BroadcastTo(Shape [| s[0]; s[1]; 1 |]))

        let inside (other: double) = Tensor.Select(kept, rows, Tensor.Weak other)
        let any () = Reducing.Any(kept, [| 1 |], false)

        match how with
        | BagReduction.Sum -> Reducing.Sum(inside 0.0, [| 1 |], false)
        | BagReduction.Mean ->
            let count = Tensor.Cast(Reducing.CountNonZero(kept, [| 1 |], false), rows.DType)
            Reducing.Sum(inside 0.0, [| 1 |], false) / Tensor.Select(any (), count, Tensor.Weak 1.0)
        | BagReduction.Max when s[1] = 0 -> Creation.Zeros(rows.DType, Shape [| s[0]; table.Shape.Sizes[1] |])
        | BagReduction.Max ->
            let struct (largest, _) = Reducing.ExtremumWithIndex(true, inside Double.NegativeInfinity, 1, false)
            Tensor.Select(any (), largest, Tensor.Weak 0.0)
        | _ -> raise (ArgumentOutOfRangeException("reduction", how, "there is no such reduction."))

    /// Bags one behind the other in indices [n]; bag b begins at offsets[b].
    static member Bags(indices: Tensor, offsets: Tensor, table: Tensor, how: BagReduction, padding: Nullable<int>) : Tensor =
        if indices.Rank <> 1 || offsets.Rank <> 1 || table.Rank <> 2 then
            invalidArg
                "offsets"
                $"EmbeddingBag: the indices are {indices.Shape}, the offsets {offsets.Shape} and the table {table.Shape}; [n], [bags] and [rows, d] are needed."

        let n, bags = indices.Count, offsets.Count
        let rows = Indexing.Take(Tensor.Fractional table, indices, 0)
        let places = Const(NDArray.Adopt(Shape [| n |], Array.init n int64))
        // element k is in bag b if offsets[b] ≤ k < offsets[b + 1]
        let from = Tensor.Compare(CompareOp.LessOrEqual, Matrix.Insert(offsets, 1), places)
        let later = if bags = 0 then from else Padding.PadConstant(Matrix.Narrow(from, 0, 1, bags - 1), [| (0, 1); (0, 0) |], 0.0)
        let belongs = Logic.And(from, Logic.Not later)

        let belongs =
            match Embeddings.Kept(indices, padding) with
            | ValueSome kept -> Logic.And(belongs, kept)
            | ValueNone -> belongs

        if n = 0 then
            Creation.Zeros(rows.DType, Shape [| bags; table.Shape.Sizes[1] |])
        else
            Embeddings.Combined(rows, belongs, how)

/// Losses of targets with a structure.
[<AbstractClass; Sealed>]
type internal StructuredLosses =
    static member private Positive(x: Tensor) : Tensor = Pointwise.Clamp(x, Nullable 0.0, Nullable())
    static member private SumLast(x: Tensor) : Tensor = Tensor.Apply(SumRule([| x.Rank - 1 |], false), x)

    static member private Reduced(losses: Tensor, reduction: LossReduction) : Tensor =
        match reduction with
        | LossReduction.Mean -> Reducing.Mean(losses, null, false)
        | LossReduction.Sum -> Reducing.Sum(losses, null, false)
        | LossReduction.None -> losses
        | LossReduction.BatchMean -> Reducing.Sum(losses, null, false) / double (if losses.Rank = 0 then 1 else losses.Shape[0])
        | _ -> raise (ArgumentOutOfRangeException("reduction", reduction, "there is no such reduction."))

    /// The numbers 0 to n - 1.
    static member private Numbers(n: int) : Tensor = Const(NDArray.Adopt(Shape [| n |], Array.init n int64))

    /// True at [.., class] where the class is the target.
    static member private OneHot(target: Tensor, classes: int) : Tensor =
        Tensor.Compare(CompareOp.Equal, Matrix.Insert(Tensor.Cast(target, DType.Int64), target.Rank), StructuredLosses.Numbers classes)

    static member private DemandClasses(loss: string, x: Tensor) =
        if x.Rank < 1 || x.Rank > 2 || x.Shape.Sizes[x.Rank - 1] = 0 then
            invalidArg "scores" $"{loss}: the scores have shape {x.Shape}; [classes] or [n, classes] with at least one class is needed."

    /// Σ over the other classes of max(0, margin - x[target] + x[j])ᵖ, divided by the number of classes.
    static member MultiMargin(x: Tensor, target: Tensor, p: int, margin: double, weights: Tensor voption, reduction: LossReduction) : Tensor =
        let x = Tensor.Fractional x
        StructuredLosses.DemandClasses("MultiMargin", x)
        let classes = x.Shape.Sizes[x.Rank - 1]

        if not (target.Shape.Equals(x.Shape.Without(x.Rank - 1))) then
            invalidArg
                "target"
                $"MultiMargin: scores {x.Shape} need class numbers of shape {x.Shape.Without(x.Rank - 1)}, but the target has {target.Shape}."

        if p <> 1 && p <> 2 then raise (ArgumentOutOfRangeException("power", p, "MultiMargin: the power is 1 or 2."))

        let hit = StructuredLosses.OneHot(target, classes)
        let own = Matrix.Insert(StructuredLosses.SumLast(Tensor.Select(hit, x, Tensor.Weak 0.0)), -1)
        let excess = StructuredLosses.Positive(margin - own + x)
        let excess = if p = 1 then excess else excess * excess
        let others = Tensor.Select(hit, Tensor.Weak 0.0, excess)
        let losses = StructuredLosses.SumLast others / double classes

        match weights with
        | ValueSome w ->
            if w.Rank <> 1 || w.Count <> classes then
                invalidArg
                    "classWeights"
                    $"MultiMargin: the class weights have shape {w.Shape}, but there are {classes} classes. Give one weight for each."

            StructuredLosses.Reduced(StructuredLosses.SumLast(Tensor.Select(hit, w, Tensor.Weak 0.0)) * losses, reduction)
        | ValueNone -> StructuredLosses.Reduced(losses, reduction)

    /// Σ over targets j and other classes i of max(0, 1 - x[j] + x[i]), divided by the number of classes; each row of targets lists its classes up to the first -1.
    static member MultiLabelMargin(x: Tensor, target: Tensor, reduction: LossReduction) : Tensor =
        let x, target =
            if x.Rank = 0 && target.Rank = 0 then
                Tensor.ReshapeTo(x, Shape [| 1 |]), Tensor.ReshapeTo(target, Shape [| 1 |])
            else
                x, target

        let x = Tensor.Fractional x
        StructuredLosses.DemandClasses("MultiLabelMargin", x)

        if not (target.Shape.Equals x.Shape) then
            invalidArg
                "target"
                $"MultiLabelMargin: the scores have shape {x.Shape}, but the target {target.Shape}. Fill each list of classes up with -1."

        let classes = x.Shape.Sizes[x.Rank - 1]
        let ended = Tensor.Apply(CumSumRule(x.Rank - 1, false), Tensor.Cast(Logic.Less(target, 0.0), DType.Int64))
        let listed = Logic.And(Tensor.Compare(CompareOp.Equal, ended, Tensor.Weak 0), Logic.True)
        // [.., j, class]
        let hit = Logic.And(StructuredLosses.OneHot(target, classes), Matrix.Insert(listed, -1))
        let isTarget = Reducing.Any(hit, [| x.Rank - 1 |], true)
        let across = Matrix.Insert(x, -2)
        let own = Matrix.Insert(StructuredLosses.SumLast(Tensor.Select(hit, across, Tensor.Weak 0.0)), -1)
        let counts = Logic.And(Matrix.Insert(listed, -1), Logic.Not isTarget)
        let excess = Tensor.Select(counts, StructuredLosses.Positive(1.0 - own + across), Tensor.Weak 0.0)
        StructuredLosses.Reduced(Tensor.Apply(SumRule([| x.Rank - 1; x.Rank |], false), excess) / double classes, reduction)

    /// The mean over classes of the binary cross-entropy of σ(x).
    static member MultiLabelSoftMargin(x: Tensor, target: Tensor, weights: Tensor voption, reduction: LossReduction) : Tensor =
        StructuredLosses.DemandClasses("MultiLabelSoftMargin", x)
        let losses = Losses.BinaryCrossEntropyWithLogits(x, target, weights, ValueNone, LossReduction.None)
        StructuredLosses.Reduced(Reducing.Mean(losses, [| x.Rank - 1 |], false), reduction)

    // ---- sequences

    /// One position further along the last axis, -∞ at the start.
    static member private Moved(x: Tensor, by: int) : Tensor =
        let n = x.Shape.Sizes[1]

        if by >= n then
            Tensor.FullLike(x, Double.NegativeInfinity)
        else
            Padding.PadConstant(Matrix.Narrow(x, 1, 0, n - by), [| (0, 0); (by, 0) |], Double.NegativeInfinity)

    static member private LogAdd(a: Tensor, b: Tensor) : Tensor = Tensor.Binary(BinaryOp.LogAddExp, a, b)

    /// Connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006): minus the logarithm of the probability of a target sequence under
    /// all alignments. Log-probabilities [steps, n, classes], targets [n, longest].
    static member Ctc
        (logs: Tensor, targets: Tensor, inputLengths: Tensor, targetLengths: Tensor, blank: int, zeroInfinity: bool, reduction: LossReduction)
        : Tensor =
        let logs = Tensor.Fractional logs

        if logs.Rank <> 3 || targets.Rank <> 2 || targets.Shape.Sizes[0] <> logs.Shape.Sizes[1] then
            invalidArg
                "targets"
                $"Ctc: the log-probabilities are {logs.Shape} and the targets {targets.Shape}; [steps, n, classes] and [n, longest target] are needed."

        let s = logs.Shape.Sizes
        let n, longest = s[1], targets.Shape.Sizes[1]

        for name, lengths in [ "inputLengths", inputLengths; "targetLengths", targetLengths ] do
            if not (lengths.Shape.Equals(Shape [| n |])) then
                invalidArg name $"Ctc: there are {n} sequences, but {name} has shape {lengths.Shape}. Give one length for each."

        if blank < 0 || blank >= s[2] then
            raise (ArgumentOutOfRangeException("blank", blank, $"Ctc: the blank is one of the {s[2]} classes, counted from 0."))

        if s[0] = 0 then invalidArg "logProbabilities" $"Ctc: log-probabilities {logs.Shape} have no steps."

        // the targets with blanks around each: [n, states]
        let states = 2 * longest + 1
        let targets = Tensor.Cast(targets, DType.Int64)
        let blanks = Const(NDArray.Full(DType.Int64, Shape [| n; longest; 1 |], double blank))
        let pairs = Joining.Concat([| blanks; Matrix.Insert(targets, 2) |], 2)
        let last = Const(NDArray.Full(DType.Int64, Shape [| n; 1 |], double blank))
        let labels = Joining.Concat([| Tensor.ReshapeTo(pairs, Shape [| n; 2 * longest |]); last |], 1)
        let known = Tensor.Apply(PositionsRule(2, s[2]), labels)
        let emitted = Tensor.Apply(GatherRule 2, logs, Tensor.BroadcastTo(Matrix.Insert(known, 0), Shape [| s[0]; n; states |]))

        // a label may follow the one before it at once, unless it is the same
        let number = StructuredLosses.Numbers states
        let isLabel = Tensor.Compare(CompareOp.Equal, Tensor.Binary(BinaryOp.Remainder, number, Tensor.Weak 2), Tensor.Weak 1)
        let before = if states > 2 then Padding.PadConstant(Matrix.Narrow(labels, 1, 0, states - 2), [| (0, 0); (2, 0) |], -1.0) else labels
        let skips = Logic.And(isLabel, Tensor.Compare(CompareOp.NotEqual, labels, before))
        let infinite = Tensor.Weak Double.NegativeInfinity

        let start = Tensor.Select(Tensor.Compare(CompareOp.Less, number, Tensor.Weak 2), Shaping.Select(emitted, 0, 0), infinite)

        let step (a: Tensor) t =
            let skipped = Tensor.Select(skips, StructuredLosses.Moved(a, 2), infinite)
            let arrived = StructuredLosses.LogAdd(StructuredLosses.LogAdd(a, StructuredLosses.Moved(a, 1)), skipped)
            let goesOn = Tensor.Compare(CompareOp.Greater, Matrix.Insert(inputLengths, 1), Tensor.Weak(t: int))
            Tensor.Select(goesOn, arrived + Shaping.Select(emitted, 0, t), a)

        let final = Array.fold step start [| 1 .. s[0] - 1 |]
        // the last label, or the blank behind it
        let lengths = Matrix.Insert(Tensor.Cast(targetLengths, DType.Int64), 1)
        let ends = Logic.Or(Tensor.Compare(CompareOp.Equal, number, 2 * lengths), Tensor.Compare(CompareOp.Equal, number, 2 * lengths - 1))
        let losses = -(Reducing.LogSumExp(Tensor.Select(ends, final, infinite), [| 1 |], false))
        let losses = if zeroInfinity then Tensor.Select(Logic.IsPositiveInfinity losses, Tensor.Weak 0.0, losses) else losses

        if reduction = LossReduction.Mean then
            let shares = Tensor.Binary(BinaryOp.Maximum, Tensor.Cast(targetLengths, losses.DType), Tensor.Weak 1.0)
            Reducing.Mean(losses / shares, null, false)
        else
            StructuredLosses.Reduced(losses, reduction)

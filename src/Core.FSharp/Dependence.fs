namespace DiffLib

open System
open System.Collections.Generic
open DiffLib.Kernels

// Chapter 21b: which elements a program's results depend on. It is asked of programs that are linear in the input followed: the pushes of functions,
// whose dependence is the pattern of the Jacobian. The answer may name too much, never too little.

/// Unions of ascending numbers of input elements, as long as they stay few. Elements that depend on the same share one array.
[<Sealed>]
type internal Reach(most: int64) =
    let mutable spent = 0L
    let mutable operation = "the function"

    static member val None: int[] = [||]

    /// From here on for another operation.
    member _.Begin(name: string) =
        operation <- name
        spent <- 0L

    member _.Spend(count: int) =
        spent <- spent + int64 count

        if spent > most then
            raise (
                InvalidOperationException
                    $"the derivative is not sparse: the elements of \"{operation}\" depend on more than {most} elements together. Use products with it (Diff.Jvp, Diff.Vjp, Diff.Hvp), or give a pattern."
            )

    static member private IsWithin(small: int[], large: int[]) = small |> Array.forall (fun k -> Array.BinarySearch(large, k) >= 0)

    member private this.Merged(a: int[], b: int[]) : int[] =
        let both = Array.zeroCreate<int>(a.Length + b.Length)
        let mutable i = 0
        let mutable j = 0
        let mutable n = 0

        while i < a.Length || j < b.Length do
            let next = if j = b.Length || (i < a.Length && a[i] <= b[j]) then a[i] else b[j]
            if i < a.Length && a[i] = next then i <- i + 1
            if j < b.Length && b[j] = next then j <- j + 1
            both[n] <- next
            n <- n + 1

        if n = a.Length then
            a
        elif n = b.Length then
            b
        else
            this.Spend n
            if n = both.Length then both else Array.sub both 0 n

    /// The numbers of both: one of the two itself, where it has all.
    member this.Union(a: int[], b: int[]) : int[] =
        if obj.ReferenceEquals(a, b) || b.Length = 0 then a
        elif a.Length = 0 then b
        elif a.Length * 16 < b.Length && Reach.IsWithin(a, b) then b
        elif b.Length * 16 < a.Length && Reach.IsWithin(b, a) then a
        else this.Merged(a, b)

/// Collects the numbers of many elements; used again and again.
[<Sealed>]
type internal Collector(size: int, budget: Reach) =
    let seen = Array.zeroCreate<int> size
    let found = List<int>()
    let mutable mark = 1
    let mutable last = Reach.None
    let mutable largest = Reach.None

    member _.Add(reach: int[]) =
        if not (obj.ReferenceEquals(reach, last)) then
            last <- reach
            if reach.Length > largest.Length then largest <- reach

            for k in reach do
                if seen[k] <> mark then
                    seen[k] <- mark
                    found.Add k

    /// What was added since the last time.
    member _.Take() : int[] =
        let all =
            if found.Count = largest.Length then
                largest
            else
                budget.Spend found.Count
                let all = found.ToArray()
                Array.Sort all
                all

        found.Clear()
        last <- Reach.None
        largest <- Reach.None
        mark <- mark + 1
        all

/// What is known of one value: its elements, where they depend on no input, and the elements of the followed input that each of its own depends on; both
/// null where it depends on other inputs only.
[<Struct; NoEquality; NoComparison>]
type internal Followed = { Known: NDArray | null; Reaches: int[][] | null }

/// What a rule was made from, by name.
module private MadeFrom =
    let private find (name: string) (rule: Rule) : DiffLib.Attribute =
        match rule.Attributes with
        | ValueSome all -> all |> Array.find (fun (key, _) -> key = name) |> snd
        | ValueNone -> invalidArg "name" $"{rule.Name} has no attributes"

    let int (name: string) (rule: Rule) =
        match find name rule with
        | Attribute.Int k -> k
        | other -> invalidArg "name" $"{rule.Name} has {other} as {name}"

    let ints (name: string) (rule: Rule) =
        match find name rule with
        | Attribute.Ints ks -> ks
        | other -> invalidArg "name" $"{rule.Name} has {other} as {name}"

    let flag (name: string) (rule: Rule) =
        match find name rule with
        | Attribute.Flag b -> b
        | other -> invalidArg "name" $"{rule.Name} has {other} as {name}"

    let axis (rule: Rule) = int "axis" rule

/// Where the elements of input, kernel and output of a convolution meet.
[<Sealed>]
type private Meetings(rule: ConvolutionRule, a: Shape, b: Shape, result: Shape) =
    let map = enum<ConvolutionMap>(MadeFrom.int "map" rule)
    let stride, dilation, low = MadeFrom.ints "stride" rule, MadeFrom.ints "dilation" rule, MadeFrom.ints "low" rule
    let groups = MadeFrom.int "groups" rule
    let axes = stride.Length

    let struct (input, kernel, output) =
        match map with
        | ConvolutionMap.Output -> struct (a, b, result)
        | ConvolutionMap.Input -> struct (result, b, a)
        | _ -> struct (a, result, b)

    let images, inputs, outputs = input.Sizes[0], kernel.Sizes[1], kernel.Sizes[0] / groups
    let space (s: Shape) = Array.skip 2 s.Sizes
    let count (sizes: int[]) = Array.fold (*) 1 sizes

    /// How many there are at most: those at the edges are counted too.
    member _.Count = int64 images * int64 groups * int64 inputs * int64 outputs * int64 (count (space output)) * int64 (count (space kernel))

    /// Calls with the numbers of the elements of a, b and the result that meet.
    member _.Each(meet: int -> int -> int -> unit) =
        let inSpace, kernelSpace, outSpace = space input, space kernel, space output
        let p, k = Array.zeroCreate<int> axes, Array.zeroCreate<int> axes

        let unravel (sizes: int[]) (at: int[]) (number: int) =
            let mutable rest = number

            for d in axes - 1 .. -1 .. 0 do
                at[d] <- rest % sizes[d]
                rest <- rest / sizes[d]

        for o in 0 .. count outSpace - 1 do
            unravel outSpace p o

            for t in 0 .. count kernelSpace - 1 do
                unravel kernelSpace k t
                let mutable place = 0
                let mutable inside = true

                for d in 0 .. axes - 1 do
                    let at = p[d] * stride[d] + k[d] * dilation[d] - low[d]
                    inside <- inside && at >= 0 && at < inSpace[d]
                    place <- place * inSpace[d] + at

                if inside then
                    for image in 0 .. images - 1 do
                        for g in 0 .. groups - 1 do
                            for i in 0 .. inputs - 1 do
                                for j in 0 .. outputs - 1 do
                                    let ofInput = ((image * groups + g) * inputs + i) * count inSpace + place
                                    let ofKernel = ((g * outputs + j) * inputs + i) * count kernelSpace + t
                                    let ofOutput = ((image * groups + g) * outputs + j) * count outSpace + o

                                    match map with
                                    | ConvolutionMap.Output -> meet ofInput ofKernel ofOutput
                                    | ConvolutionMap.Input -> meet ofOutput ofKernel ofInput
                                    | _ -> meet ofInput ofOutput ofKernel

/// Dependence through the operations of a program on the elements of one input.
[<Sealed>]
type internal Dependence(elements: int) =
    /// Loops of unknown length are followed for so many rounds; a dependence that still grows is taken to be complete.
    static let rounds = 32
    /// Meetings of input, kernel and output of a convolution that are listed one by one.
    static let mostMeetings = 1L <<< 24

    /// More in one operation is no sparse matrix any more.
    static let most = 1L <<< 27

    let budget = Reach most
    let collector = Collector(elements, budget)

    static let nothing: Followed = { Known = null; Reaches = null }

    let isFree (x: Followed) = isNull x.Reaches

    /// The numbers 0, 1, 2, ... from a start, in a shape.
    let numbers (start: int) (shape: Shape) : NDArray = NDArray.Adopt(shape, Array.init shape.Count (fun k -> start + k))

    let places (v: NDArray) : int[] = v.ToArray<int>()

    /// For each element of a shape the element of the other that broadcasts to it.
    let broadcast (from: Shape) (shape: Shape) : int[] voption =
        if from.Equals shape then ValueNone else ValueSome(places ((numbers 0 from).BroadcastTo shape))

    let reachesOf (x: Followed) (count: int) : int[][] =
        match x.Reaches with
        | null -> Array.create count Reach.None
        | reaches -> reaches

    // ---- families of rules, from the elements that the inputs depend on to those of the result

    /// Elementwise over inputs that broadcast.
    let elementwise (shape: Shape) (inputs: struct (int[][] * Shape)[]) : int[][] =
        match inputs with
        | [||] -> Array.create shape.Count Reach.None
        | _ ->
            let at = inputs |> Array.map (fun struct (_, from) -> broadcast from shape)
            let all = Array.zeroCreate<int[]> shape.Count

            for k in 0 .. all.Length - 1 do
                let mutable reach = Reach.None

                for i in 0 .. inputs.Length - 1 do
                    let struct (reaches, _) = inputs[i]

                    let place =
                        match at[i] with
                        | ValueNone -> k
                        | ValueSome at -> at[k]

                    reach <- budget.Union(reach, reaches[place])

                all[k] <- reach

            all

    /// Elements that go to places: the union of those that go to each.
    let put (targets: int[]) (reaches: int[][]) (count: int) : int[][] =
        let starts = Array.zeroCreate<int>(count + 1)

        for t in targets do
            starts[t + 1] <- starts[t + 1] + 1

        for t in 0 .. count - 1 do
            starts[t + 1] <- starts[t + 1] + starts[t]

        let next, order = Array.copy starts, Array.zeroCreate<int> targets.Length

        for e in 0 .. targets.Length - 1 do
            order[next[targets[e]]] <- e
            next[targets[e]] <- next[targets[e]] + 1

        Array.init count (fun t ->
            for q in starts[t] .. starts[t + 1] - 1 do
                collector.Add reaches[order[q]]

            collector.Take())

    /// Each line along an axis as a whole, to every element of a result with the same lines.
    let lines (shape: Shape) (axis: int) (reaches: int[][]) (count: int) : int[][] =
        let struct (outer, n, inner) = shape.Around axis

        let whole =
            Array.init (outer * inner) (fun line ->
                for j in 0 .. n - 1 do
                    collector.Add reaches[(line / inner * n + j) * inner + line % inner]

                collector.Take())

        let m = if outer * inner = 0 then 0 else count / (outer * inner)
        Array.init count (fun k -> whole[k / (m * inner) * inner + k % inner])

    /// Each element of a line, and those before it (behind it, if reverse).
    let running (shape: Shape) (axis: int) (reverse: bool) (reaches: int[][]) : int[][] =
        let struct (outer, n, inner) = shape.Around axis
        let all = Array.zeroCreate<int[]> shape.Count

        for line in 0 .. outer * inner - 1 do
            let mutable reach = Reach.None

            for step in 0 .. n - 1 do
                let j = if reverse then n - 1 - step else step
                let k = (line / inner * n + j) * inner + line % inner
                reach <- budget.Union(reach, reaches[k])
                all[k] <- reach

        all

    /// Everything, to every element.
    let everything (inputs: int[][] seq) : int[] =
        for reaches in inputs do
            for r in reaches do
                collector.Add r

        collector.Take()

    /// Blocks with the same leading axes, each as a whole.
    let blocks (shape: Shape) (core: int) (reaches: int[][]) (count: int) : int[][] =
        let size = Array.skip (shape.Rank - core) shape.Sizes |> Array.fold (*) 1
        let number = if size = 0 then 0 else reaches.Length / size

        let whole =
            Array.init number (fun b ->
                for k in b * size .. (b + 1) * size - 1 do
                    collector.Add reaches[k]

                collector.Take())

        let own = if number = 0 then 1 else count / number
        Array.init count (fun k -> whole[k / own])

    /// Which elements of an array are zero.
    let zeros (v: NDArray) : bool[] = (v.Cast DType.Float64).ToArray<double>() |> Array.map (fun c -> c = 0.0)

    /// Elements that are a zero for certain pass nothing on through a product.
    let multiplied (shape: Shape) (reaches: int[][]) (factor: Followed) : int[][] =
        match factor.Known with
        | null -> reaches
        | v when v.IsConstant -> if (zeros v.First)[0] then Array.create reaches.Length Reach.None else reaches
        | v ->
            let isZero = zeros (v.BroadcastTo shape)
            Array.mapi (fun k r -> if isZero[k] then Reach.None else r) reaches

    /// Stacks of matrices, [.., m, k] by [.., k, n]: rows of the one and columns of the other, without what a zero known for certain multiplies. For the solution
    /// of linear systems the first matrix counts as a whole, known or not.
    let product (asWhole: bool) (a: Followed) (aShape: Shape) (b: Followed) (bShape: Shape) (shape: Shape) : int[][] =
        let batch = Array.truncate (shape.Rank - 2) shape.Sizes
        let m, n, k = aShape[-2], bShape[-1], bShape[-2]
        let sized (x: Shape) = Shape(Array.append batch (Array.skip (x.Rank - 2) x.Sizes))

        let spread (x: Followed) (own: Shape) : int[][] =
            let reaches = reachesOf x own.Count

            match broadcast own (sized own) with
            | ValueNone -> reaches
            | ValueSome at -> at |> Array.map (fun e -> reaches[e])

        let count = batch |> Array.fold (*) 1
        let left, right = spread a aShape, spread b bShape
        let rows = m // of the result; a system's matrix is square

        let zero (x: Followed) (own: Shape) =
            match x.Known with
            | null -> ValueNone
            | _ when asWhole -> ValueNone
            | v ->
                let isZero = zeros (v.BroadcastTo(sized own))
                if Array.contains true isZero then ValueSome isZero else ValueNone

        let zeroA, zeroB = zero a aShape, zero b bShape
        let all = Array.create shape.Count Reach.None

        for t in 0 .. count - 1 do
            let matrix =
                if asWhole && not (isFree a) then
                    for e in t * m * k .. (t + 1) * m * k - 1 do
                        collector.Add left[e]

                    collector.Take()
                else
                    Reach.None

            let row i j =
                for l in 0 .. k - 1 do
                    match zeroB with
                    | ValueSome isZero when isZero[(t * k + l) * n + j] -> ()
                    | _ -> collector.Add left[(t * m + i) * k + l]

                collector.Take()

            let column i j =
                for l in 0 .. k - 1 do
                    match zeroA with
                    | ValueSome isZero when isZero[(t * m + i) * k + l] -> ()
                    | _ -> collector.Add right[(t * k + l) * n + j]

                collector.Take()

            let byRow = if asWhole || isFree a then [||] else Array.init (if zeroB.IsNone then rows else 0) (fun i -> row i 0)
            let byColumn = if isFree b || zeroA.IsSome then [||] else Array.init n (fun j -> column 0 j)

            for i in 0 .. rows - 1 do
                for j in 0 .. n - 1 do
                    let ofA =
                        if isFree a then Reach.None
                        elif asWhole then matrix
                        elif byRow.Length > 0 then byRow[i]
                        else row i j

                    let ofB =
                        if isFree b then Reach.None
                        elif byColumn.Length > 0 then byColumn[j]
                        else column i j

                    all[(t * rows + i) * n + j] <- budget.Union(ofA, ofB)

        all

    /// A convolution by the places where input, kernel and output meet; everything where there are too many.
    let convolution (rule: ConvolutionRule) (a: Followed) (aShape: Shape) (b: Followed) (bShape: Shape) (shape: Shape) : int[][] =
        let left, right = reachesOf a aShape.Count, reachesOf b bShape.Count

        let meetings = Meetings(rule, aShape, bShape, shape)

        if meetings.Count > mostMeetings then
            Array.create shape.Count (everything [ left; right ])
        else
            let zero (x: Followed) =
                match x.Known with
                | null -> ValueNone
                | v -> ValueSome(zeros v)

            let zeroA, zeroB = zero a, zero b
            let targets, sources = List<int>(), List<int[]>()

            let meet ofA ofB ofResult =
                let passes (isZero: bool[] voption) k =
                    match isZero with
                    | ValueSome isZero -> not isZero[k]
                    | ValueNone -> true

                if left[ofA].Length > 0 && passes zeroB ofB then
                    targets.Add ofResult
                    sources.Add left[ofA]

                if right[ofB].Length > 0 && passes zeroA ofA then
                    targets.Add ofResult
                    sources.Add right[ofB]

            meetings.Each meet
            put (targets.ToArray()) (sources.ToArray()) shape.Count

    // ---- rules

    /// Elements moved by a rule that only moves: the rule itself says where from, on the elements' numbers.
    let moved (rule: Rule) (shapes: Shape[]) (xs: Followed[]) (others: NDArray[]) : int[][][] =
        let starts = shapes |> Array.scan (fun at s -> at + s.Count) 0
        let all = Array.map2 (fun x (s: Shape) -> reachesOf x s.Count) xs shapes |> Array.concat
        let numbered = shapes |> Array.mapi (fun i s -> numbers starts[i] s)
        Programs.value rule (Array.append numbered others) |> Array.map (fun v -> places v |> Array.map (fun k -> all[k]))

    /// Elements added up by a rule whose transpose only moves: the transpose says where to.
    let added (transpose: Rule) (others: NDArray[]) (x: Followed) (count: int) (result: Shape) : int[][] =
        let targets = places (Programs.value transpose (Array.append [| numbers 0 result |] others)).[0]
        put targets (reachesOf x count) result.Count

    let indexed (index: Followed) (known: NDArray -> int[][]) (otherwise: unit -> int[][]) : int[][] =
        match index.Known with
        | null -> otherwise ()
        | v -> known v

    /// The elements that the results of a rule depend on.
    member private this.Through(rule: Rule, specs: Spec[], xs: Followed[], results: Spec[]) : int[][][] =
        let shape = results[0].Shape
        let count = shape.Count
        let own k = specs[k].Shape
        let reaches k = reachesOf xs[k] (own k).Count

        let live (which: int[]) = which |> Array.filter (fun k -> not (isFree xs[k])) |> Array.map (fun k -> struct (nonNull xs[k].Reaches, own k))

        match rule with
        | :? NumberRule as r when r.Op = BinaryOp.Multiply && r.Number = 0.0 -> [| Array.create count Reach.None |]
        | :? ElementwiseRule
        | :? NumberRule
        | :? NumberMinusRule
        | :? PowerRule
        | :? CastRule
        | :? FormulaRule
        | :? LevelsRule -> [| reaches 0 |]
        | :? ElementwiseBinaryRule as r when r.Op = BinaryOp.Multiply || r.Op = BinaryOp.Scale ->
            let ofA = if isFree xs[0] then [||] else [| struct (multiplied shape (elementwise shape (live [| 0 |])) xs[1], shape) |]
            let ofB = if isFree xs[1] then [||] else [| struct (multiplied shape (elementwise shape (live [| 1 |])) xs[0], shape) |]
            [| elementwise shape (Array.append ofA ofB) |]
        | :? ElementwiseBinaryRule -> [| elementwise shape (live [| 0; 1 |]) |]
        | :? WhereRule ->
            match xs[0].Known with
            | null -> [| elementwise shape (live [| 1; 2 |]) |]
            | v ->
                let yes, no = elementwise shape (live [| 1 |]), elementwise shape (live [| 2 |])
                let isNo = zeros (v.BroadcastTo shape)
                [| Array.init count (fun k -> if isNo[k] then no[k] else yes[k]) |]
        | :? CombinationRule -> [| elementwise shape (live [| 0 .. xs.Length - 1 |]) |]
        // elements moved
        | :? ReshapeRule
        | :? BroadcastRule
        | :? TransposeRule
        | :? SliceRule
        | :? WindowRule
        | :? UnstackRule
        | :? ConcatRule
        | :? StackRule
        | :? ReplaceRule -> moved rule (specs |> Array.map (fun s -> s.Shape)) xs [||]
        | :? TakeRule
        | :? GatherRule ->
            [| indexed xs[1] (fun at -> (moved rule [| own 0 |] [| xs[0] |] [| at |])[0]) (fun () ->
                   lines (own 0) (MadeFrom.axis rule) (reaches 0) count) |]
        // elements added up
        | :? SumRule as r -> [| added (BroadcastRule(own 0)) [||] xs[0] (own 0).Count (Numbers.reducedShape (own 0) r.Axes true) |]
        | :? MeanRule -> [| added (BroadcastRule(own 0)) [||] xs[0] (own 0).Count (Numbers.reducedShape (own 0) (MadeFrom.ints "axes" rule) true) |]
        | :? SumToRule -> [| added (BroadcastRule(own 0)) [||] xs[0] (own 0).Count shape |]
        | :? EmbedRule -> [| added (SliceRule(MadeFrom.ints "starts" rule, MadeFrom.ints "steps" rule, own 0)) [||] xs[0] (own 0).Count shape |]
        | :? PlaceSumRule as r ->
            let placed k =
                let part (moves: int[]) = Array.sub moves (k * shape.Rank) shape.Rank
                struct (added (SliceRule(part r.Starts, part r.Steps, own k)) [||] xs[k] (own k).Count shape, shape)

            [| elementwise
                   shape
                   [| for k in 0 .. xs.Length - 1 do
                          if not (isFree xs[k]) then placed k |] |]
        | :? WindowSumRule ->
            let starts = MadeFrom.ints "starts" rule
            let moves = MadeFrom.ints "moves" rule |> Array.chunkBySize (max 1 starts.Length)
            [| added (WindowRule(starts, moves, own 0)) [||] xs[0] (own 0).Count shape |]
        | :? PutAddRule ->
            let axis = MadeFrom.axis rule
            [| indexed xs[1] (fun at -> added (TakeRule axis) [| at |] xs[0] (own 0).Count shape) (fun () -> lines (own 0) axis (reaches 0) count) |]
        | :? ScatterAddRule ->
            let axis = MadeFrom.axis rule
            [| indexed xs[1] (fun at -> added (GatherRule axis) [| at |] xs[0] (own 0).Count shape) (fun () -> lines (own 0) axis (reaches 0) count) |]
        // lines and blocks
        | :? CumSumRule -> [| running (own 0) (MadeFrom.axis rule) (MadeFrom.flag "reverse" rule) (reaches 0) |]
        | :? RecurrenceRule -> [| running shape (MadeFrom.axis rule) (MadeFrom.flag "reverse" rule) (elementwise shape (live [| 0; 1 |])) |]
        | :? FourierRule -> [| blocks (own 0) 2 (reaches 0) count |]
        | :? StandardizeSlopeRule ->
            let each = elementwise shape (live [| 0; 1 |])
            let acrossImages = lines shape 0 each count
            [| lines shape 2 acrossImages count |]
        | :? MatMulRule -> [| product false xs[0] (own 0) xs[1] (own 1) shape |]
        | :? SolveRule
        | :? SolveTriangularRule
        | :? SolvePositiveRule -> [| product true xs[0] (own 0) xs[1] (own 1) shape |]
        | :? ConvolutionRule as r -> [| convolution r xs[0] (own 0) xs[1] (own 1) shape |]
        // programs inside
        | :? SwitchRule as r -> this.Branches(r, xs, results)
        | :? ScanRule as r -> this.Steps(r, xs, results)
        | :? WhileRule as r -> this.Rounds(r, xs, results)
        | :? ProgramRule as r -> this.Of(r.Program, xs) |> Array.mapi (fun k y -> reachesOf y results[k].Shape.Count)
        // everything may depend on everything
        | _ ->
            let all = everything (xs |> Seq.choose (fun x -> if isFree x then None else Some(nonNull x.Reaches)))
            results |> Array.map (fun s -> Array.create s.Shape.Count all)

    /// Any of the branches may be taken.
    member private this.Branches(rule: SwitchRule, xs: Followed[], results: Spec[]) : int[][][] =
        let arguments = Array.tail xs

        (rule :> IBodies).Bodies
        |> Array.map (fun struct (_, branch) -> this.Of(branch, arguments) |> Array.mapi (fun k y -> reachesOf y results[k].Shape.Count))
        |> Array.reduce (Array.map2 (Array.map2 (fun a b -> budget.Union(a, b))))

    /// Step by step, as the scan runs.
    member private this.Steps(rule: ScanRule, xs: Followed[], results: Spec[]) : int[][][] =
        let carries, scanned, length = rule.Carries, rule.Scanned, rule.Length
        let outputs = rule.Body.Outputs
        let rows = Array.init (results.Length - carries) (fun _ -> Array.zeroCreate<int[][]> length)
        let carried = Array.truncate carries xs

        let row t k =
            let x = xs[carries + k]
            let size = rule.Body.Inputs[carries + k].Shape.Count

            { Known =
                (match x.Known with
                 | null -> null
                 | v -> Rows.reader v t)
              Reaches =
                (match x.Reaches with
                 | null -> null
                 | reaches -> Array.sub reaches (t * size) size) }

        for step in 0 .. length - 1 do
            let t = if rule.Reverse then length - 1 - step else step
            let ys = this.Of(rule.Body.Program, Array.concat [ carried; Array.init scanned (row t); Array.skip (carries + scanned) xs ])
            Array.blit ys 0 carried 0 carries

            for k in 0 .. rows.Length - 1 do
                rows[k][t] <- reachesOf ys[carries + k] outputs[carries + k].Shape.Count

        Array.append (Array.mapi (fun k y -> reachesOf y results[k].Shape.Count) carried) (rows |> Array.map Array.concat)

    /// Round by round until nothing is added; after many rounds every element of the state is taken to depend on all that any does.
    member private this.Rounds(rule: WhileRule, xs: Followed[], results: Spec[]) : int[][][] =
        let captured = Array.skip rule.States xs
        let mutable state = Array.init rule.States (fun k -> reachesOf xs[k] results[k].Shape.Count)
        let mutable grows = true
        let mutable round = 0

        while grows && round < rounds do
            let before = state
            let ys = this.Of(rule.Body.Program, Array.append (before |> Array.map (fun r -> { Known = null; Reaches = r })) captured)
            state <- Array.mapi (fun k r -> Array.map2 (fun a b -> budget.Union(a, b)) r (reachesOf ys[k] results[k].Shape.Count)) before
            grows <- Array.exists2 (Array.exists2 (fun (a: int[]) (b: int[]) -> a.Length <> b.Length)) before state
            round <- round + 1

        if grows then
            let all = everything (Seq.append state (captured |> Seq.choose (fun x -> if isFree x then None else Some(nonNull x.Reaches))))
            state |> Array.map (Array.map (fun _ -> all))
        else
            state

    /// The results of one equation.
    member private this.Step(e: Equation, specs: Spec[], values: Followed[]) : Followed[] =
        let xs = e.Inputs |> Array.map (fun k -> values[k])
        let results = e.Outputs |> Array.map (fun k -> specs[k])

        if xs |> Array.forall (fun x -> not (isNull x.Known)) then
            try
                Programs.value e.Rule (xs |> Array.map (fun x -> nonNull x.Known)) |> Array.map (fun v -> { Known = v; Reaches = null })
            with _ ->
                // it fails on these numbers, and says so where the program runs
                e.Outputs |> Array.map (fun _ -> nothing)
        elif not e.Rule.Differentiable || Array.forall isFree xs then
            e.Outputs |> Array.map (fun _ -> nothing)
        else
            budget.Begin e.Rule.Name
            let reaches = this.Through(e.Rule, e.Inputs |> Array.map (fun k -> specs[k]), xs, results)

            Array.map2
                (fun (spec: Spec) reaches ->
                    if DTypes.isFloat spec.DType && reaches |> Array.exists (fun (r: int[]) -> r.Length > 0) then
                        { Known = null; Reaches = reaches }
                    else
                        nothing)
                results
                reaches

    /// The results of a program for what is known of its inputs.
    member this.Of(p: Program, inputs: Followed[]) : Followed[] =
        let values = Array.create p.Specs.Length nothing
        Array.blit inputs 0 values 0 inputs.Length
        p.Constants |> Array.iteri (fun k v -> values[p.InputCount + k] <- { Known = v; Reaches = null })
        let last = Array.create p.Specs.Length -1
        p.Equations |> Array.iteri (fun at e -> e.Inputs |> Array.iter (fun k -> last[k] <- at))

        for k in p.Outputs do
            last[k] <- Int32.MaxValue

        p.Equations
        |> Array.iteri (fun at e ->
            let ys = this.Step(e, p.Specs, values)
            Array.iteri (fun r k -> values[k] <- ys[r]) e.Outputs

            for k in e.Inputs do
                if last[k] = at then values[k] <- nothing)

        p.Outputs |> Array.map (fun k -> values[k])

/// Patterns of Jacobians.
module internal Sparsity =
    /// The program of a push: input and tangent to the tangent of the result; and the result's shape and element type.
    let private pushOf (verb: string) (f: Tensor -> Tensor) (x: Spec) : struct (Program * Spec) =
        let mutable result = x

        let push (xs: Tensor[]) =
            let struct (y, dy) = Derivatives.jvp f xs[0] xs[1]
            result <- y.Spec
            [| dy |]

        let strong = x.With x.Shape
        let p = Programs.ofFunction verb push [| strong; strong |]
        struct (Simplify.simplify p, result)

    /// The elements of x that each element of f(x) depends on through its derivative.
    let pattern (verb: string) (f: Tensor -> Tensor) (x: Spec) : SparsityPattern =
        if not (DTypes.isFloat x.DType) then
            invalidArg "at" $"at is {DTypes.name x.DType}; derivatives exist for float64 and float32. Convert it with Cast."

        let struct (p, y) = pushOf verb f x

        if not (DTypes.isFloat y.DType) then
            raise (
                InvalidOperationException $"{verb}: the function returned {DTypes.name y.DType}, which has no derivative. Return float64 or float32."
            )

        let n = x.Shape.Count
        let tangent = { Known = null; Reaches = Array.init n (fun k -> [| k |]) }
        let reached = (Dependence n).Of(p, [| { Known = null; Reaches = null }; tangent |])[0]

        SparsityPattern.OfRows(
            n,
            match reached.Reaches with
            | null -> Array.create y.Shape.Count Reach.None
            | reaches -> reaches
        )

    /// With each place the one across the diagonal.
    let symmetric (pattern: SparsityPattern) : SparsityPattern = pattern.Union(pattern.Transpose())

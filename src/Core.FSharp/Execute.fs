namespace DiffLib

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Threading
open DiffLib.Kernels

/// What one call of a compiled program works in: values, who owns their storage, storage left over from earlier calls.
[<Sealed>]
type internal Workspace(values: int) =
    let own = Buffers()
    member val Values: NDArray[] = Array.zeroCreate values
    /// For each value, the value whose storage it shares (often itself); -1 where the storage is not ours.
    member val Owners: int[] = Array.create values -1
    /// For each owner, how many values that are still needed share its storage.
    member val Sharers: int[] = Array.zeroCreate values
    member val Storage: Array[] = Array.zeroCreate values
    member val Kinds: DType[] = Array.zeroCreate values
    /// Where storage comes from: our own, or that of the program that runs this one inside a step.
    member val Buffers = own with get, set
    /// How much that program had been handed out when this one began.
    member val Since = 0 with get, set

    member this.Enter(outer: Buffers | null) =
        match outer with
        | null ->
            this.Buffers <- own
            this.Since <- 0
        | outer ->
            this.Buffers <- outer
            this.Since <- outer.Handed.Count

    /// The storage of the results goes to the step that runs this program.
    member this.Leave(outputs: int[]) =
        if not (obj.ReferenceEquals(this.Buffers, own)) then
            for k in outputs do
                let owner = this.Owners[k]

                if owner >= 0 && this.Sharers[owner] > 0 then
                    this.Buffers.Handed.Add this.Storage[owner]
                    this.Sharers[owner] <- 0

    /// A result of a step: its storage is ours if it was handed out in this step, shared if an input or an earlier result of the step has it.
    member this.Put(k: int, v: NDArray, inputs: int[], outputs: int[]) =
        this.Values[k] <- v
        this.Owners[k] <- -1

        let share (data: Array) (others: int[]) =
            let mutable i = 0

            while this.Owners[k] < 0 && i < others.Length do
                let owner = this.Owners[others[i]]

                if owner >= 0 && obj.ReferenceEquals(this.Storage[owner], data) then
                    this.Owners[k] <- owner
                    this.Sharers[owner] <- this.Sharers[owner] + 1

                i <- i + 1

        match v.Data with
        | null -> ()
        | data ->
            let handed = this.Buffers.Handed
            let mutable found = false
            let mutable h = this.Since

            while not found && h < handed.Count do
                if obj.ReferenceEquals(handed[h], data) then found <- true
                h <- h + 1

            if found then
                this.Owners[k] <- k
                this.Sharers[k] <- 1
                this.Storage[k] <- data
                this.Kinds[k] <- v.DType
                handed.RemoveAt(h - 1)
            else
                share data inputs
                share data outputs

    /// What a step was handed out and did not give as a result.
    member this.Sweep() = this.Buffers.Reclaim(this.Since, [||])

    /// A value that nothing needs any more.
    member this.Drop(k: int) =
        this.Values[k] <- Unchecked.defaultof<NDArray>
        let owner = this.Owners[k]

        if owner >= 0 then
            this.Sharers[owner] <- this.Sharers[owner] - 1
            if this.Sharers[owner] = 0 then this.Buffers.Give(this.Kinds[owner], this.Storage[owner])

    /// Forgets everything but the storage that is left over.
    member this.Clear() =
        Array.Clear this.Values
        Array.Clear this.Storage
        Array.Fill(this.Owners, -1)
        this.Buffers <- own

/// How the program that this thread runs is executed: programs inside it run the same way.
[<AbstractClass; Sealed>]
type internal Running =
    [<ThreadStatic; DefaultValue>]
    static val mutable private execution: Execution

    static member Execution
        with get () = Running.execution
        and set (value: Execution) = Running.execution <- value

/// One thing a compiled program does.
[<AbstractClass>]
type internal ProgramStep(inputs: int[], outputs: int[]) =
    /// The time spent while StepClock is on, in ticks of the stopwatch.
    member val Ticks = 0L with get, set
    member _.Inputs = inputs
    member _.Outputs = outputs
    /// The values that nothing needs after this step.
    member val Last: int[] = [||] with get, set
    /// The step in words, for people.
    abstract Describe: unit -> string
    abstract Run: Workspace -> unit

/// An operation by its own kernel.
[<Sealed>]
type internal CallStep(e: Equation) =
    inherit ProgramStep(e.Inputs, e.Outputs)

    override _.Describe() = e.Rule.Describe()

    override this.Run w =
        let values = w.Values

        match e.Rule with
        | :? UnaryRule as rule -> w.Put(e.Outputs[0], rule.Value values[e.Inputs[0]], e.Inputs, e.Outputs)
        | :? BinaryRule as rule -> w.Put(e.Outputs[0], rule.Value(values[e.Inputs[0]], values[e.Inputs[1]]), e.Inputs, e.Outputs)
        | rule ->
            let ys = (rule :?> ManyRule).Value(e.Inputs |> Array.map (fun k -> values[k]))

            for r in 0 .. ys.Length - 1 do
                w.Put(e.Outputs[r], ys[r], e.Inputs, e.Outputs)

        w.Sweep()

/// A product of matrices, added to a sum that nothing else needs: in its place.
[<Sealed>]
type internal AddStep(product: Equation, sum: Equation, before: int) =
    inherit ProgramStep(Array.append [| before |] product.Inputs, sum.Outputs)

    override _.Describe() = $"{product.Rule.Describe()} added"

    override this.Run w =
        let a, b, before = w.Values[product.Inputs[0]], w.Values[product.Inputs[1]], w.Values[before]
        let owner = w.Owners[this.Inputs[0]]

        if owner >= 0 && w.Sharers[owner] = 1 && before.IsContiguous then
            Blas.multiplyAdd a b before
            w.Put(sum.Outputs[0], before, this.Inputs, [||])
        else
            let rule = sum.Rule :?> BinaryRule
            w.Put(sum.Outputs[0], rule.Value(before, Blas.multiply a b), this.Inputs, [||])

        w.Sweep()

/// Elementwise operations in one loop.
[<Sealed>]
type internal LoopStep(f: Fused, specs: Spec[], execution: Execution) =
    inherit ProgramStep(Array.append f.Inputs (f.Bases |> Array.filter (fun k -> k >= 0)), f.Outputs)

    let kernel = FusedKernel.Create(f.Scalar, ReadOnlySpan f.Reductions, execution, ReadOnlySpan f.Places)
    let rank = f.Loop.Rank
    let isWhole = f.Inputs |> Array.map (fun k -> specs[k].Shape.Equals f.Loop)

    /// Strides under the loop's axes of something with axes of its own.
    let under (shape: Shape) (own: int[]) : int[] =
        let shift = rank - shape.Rank
        Array.init rank (fun d -> if d < shift || shape.Sizes[d - shift] = 1 then 0 else own[d - shift])

    /// Those of inputs without gaps.
    let strides = f.Inputs |> Array.map (fun k -> under specs[k].Shape specs[k].Shape.RowMajorStrides)

    /// The view of an input under the loop's axes.
    let operand (i: int) (v: NDArray) : LoopOperand =
        match v.Data with
        | null -> LoopOperand.Number v.InlinedBits
        | data ->
            match v.OwnStrides with
            | null when isWhole[i] -> LoopOperand.View(data, v.Offset)
            | null -> LoopOperand.View(data, v.Offset, strides[i])
            | own when isWhole[i] -> LoopOperand.View(data, v.Offset, own)
            | own -> LoopOperand.View(data, v.Offset, under v.Shape own)

    /// For each output of the loop the first that goes to the same result.
    let first = f.Outputs |> Array.map (fun k -> Array.IndexOf(f.Outputs, k))

    /// What is allocated for each output: numbers take one place.
    let shapes = f.Outputs |> Array.map (fun k -> if specs[k].Rank = 0 then Shape [| 1 |] else specs[k].Shape)

    member _.Fused = f
    override _.Describe() = $"loop over {f.Loop} of {f.Scalar.Instructions.Length} instructions"

    override this.Run w =
        let inputs = Array.zeroCreate<LoopOperand> f.Inputs.Length
        let outputs = Array.zeroCreate<LoopOperand> f.Outputs.Length

        for i in 0 .. inputs.Length - 1 do
            inputs[i] <- operand i w.Values[f.Inputs[i]]

        for r in 0 .. outputs.Length - 1 do
            if first[r] = r then
                let k = f.Outputs[r]
                let y = NDArray.Allocate(specs[k].DType, shapes[r])
                w.Values[k] <- y
                outputs[r] <- LoopOperand.View(nonNull y.Data)
            else
                outputs[r] <- outputs[first[r]]

        let bases =
            f.Bases
            |> Array.map (fun k ->
                if k < 0 then
                    LoopOperand()
                else
                    let v = w.Values[k].Contiguous()
                    LoopOperand.View(nonNull v.Data, v.Offset))

        kernel.Run(ReadOnlySpan f.Loop.Sizes, f.FirstAxis, f.AxisCount, ReadOnlySpan inputs, ReadOnlySpan outputs, ReadOnlySpan bases)

        for r in 0 .. outputs.Length - 1 do
            if first[r] = r then
                let k = f.Outputs[r]
                let y = w.Values[k]
                w.Put(k, (if specs[k].Rank = 0 then y.Reshape Shape.Scalar else y), [||], [||])

        w.Sweep()

/// The blocks of a result that the loop which made it left out: added at their places, or copied there where blocks are joined.
[<Sealed>]
type internal RestStep(e: Equation, blocks: int[], specs: Spec[]) =
    inherit ProgramStep(Array.append (blocks |> Array.map (fun k -> e.Inputs[k])) e.Outputs, [||])

    let shape = specs[e.Outputs[0]].Shape
    let strides = shape.RowMajorStrides

    /// Where each block begins.
    let starts =
        match e.Rule with
        | :? PlaceSumRule as r -> blocks |> Array.map (fun k -> Array.sub r.Starts (k * shape.Rank) shape.Rank)
        | rule ->
            let axis = (rule :?> ConcatRule).Axis
            let before k = Seq.sumBy (fun j -> specs[e.Inputs[j]].Shape.Sizes[axis]) (seq { 0 .. k - 1 })
            blocks |> Array.map (fun k -> Array.init shape.Rank (fun d -> if d = axis then before k else 0))

    let add (rule: PlaceSumRule) (xs: NDArray[]) (y: NDArray) =
        let block b (x: NDArray) =
            let x = if isNull x.Data then x.Contiguous() else x
            PlacedBlock(
                Unchecked.nonNull x.Data,
                x.Offset,
                x.Strides,
                x.Shape.Sizes,
                starts[b],
                Array.sub rule.Steps (blocks[b] * shape.Rank) shape.Rank
            )

        let placed = ReadOnlySpan(Array.mapi block xs)

        match y.DType with
        | DType.Float64 -> Placing.Add(placed, shape.AsSpan(), y.Write<double>())
        | _ -> Placing.Add(placed, shape.AsSpan(), y.Write<float32>())

    override _.Describe() = $"the rest of {e.Rule.Name}"

    override _.Run w =
        let xs = blocks |> Array.map (fun k -> w.Values[e.Inputs[k]])
        let y = w.Values[e.Outputs[0]]

        match e.Rule with
        | :? PlaceSumRule as rule -> add rule xs y
        | _ ->
            xs
            |> Array.iteri (fun b x -> NDArray.CopyInto(x, y, Array.fold2 (fun at start stride -> at + start * stride) 0 starts[b] strides, strides))

        w.Sweep()

/// Arithmetic on single numbers: straight-line code.
[<Sealed>]
type internal NumberStep(f: Fused, specs: Spec[], execution: Execution) =
    inherit ProgramStep(f.Inputs, f.Outputs)

    let kernel = ScalarKernel.Create(f.Scalar, execution)
    let isFloat64 (k: int) = specs[k].DType = DType.Float64

    member _.Fused = f
    override _.Describe() = $"{f.Scalar.Instructions.Length} instructions on numbers"

    /// Whether float64 holds every number that goes in and comes out.
    static member Takes(f: Fused, specs: Spec[]) =
        f.Loop.Rank = 0
        && f.AxisCount = 0
        && Seq.append f.Inputs f.Outputs |> Seq.forall (fun k -> specs[k].Rank = 0 && specs[k].DType <> DType.Int64)

    override this.Run w =
        let inputs = f.Inputs |> Array.map (fun k -> let v = w.Values[k] in if isFloat64 k then v.Inlined else (v.Cast DType.Float64).Inlined)
        let outputs = Array.zeroCreate<double> f.Outputs.Length
        kernel.Invoke(ReadOnlySpan inputs, Span outputs)

        for r in 0 .. outputs.Length - 1 do
            let k = f.Outputs[r]
            let v = NDArray.Scalar(outputs[r], specs[k].Weak)
            w.Values[k] <- (if isFloat64 k then v else v.Cast specs[k].DType)
            w.Owners[k] <- -1

/// Takes the time of every step of the programs that run meanwhile; for looking where it goes, one thread at a time.
[<AbstractClass; Sealed>]
type internal StepClock private () =
    static let seen = HashSet<ProgramStep[]>(HashIdentity.Reference)

    /// Whether times are taken.
    static member val IsOn = false with get, set

    /// The programs' steps whose times were taken.
    static member Seen: IReadOnlyCollection<ProgramStep[]> = seen

    /// Begins at nought.
    static member Clear() =
        for steps in seen do
            for step in steps do
                step.Ticks <- 0L

        seen.Clear()

    static member Add(steps: ProgramStep[], k: int, since: int64) =
        if k = 0 then seen.Add steps |> ignore
        steps[k].Ticks <- steps[k].Ticks + Diagnostics.Stopwatch.GetTimestamp() - since

/// A program made ready to run. Several threads may run it at once, each in a workspace of its own.
[<Sealed>]
type internal Executable(p: Program, execution: Execution) =
    let steps: ProgramStep[] =
        Fuse.fuse p
        |> Array.map (fun work ->
            match work with
            | Call e -> CallStep e :> ProgramStep
            | Add(product, sum, before) -> AddStep(product, sum, before)
            | Rest(e, blocks) -> RestStep(e, blocks, p.Specs)
            | Loop f when NumberStep.Takes(f, p.Specs) -> NumberStep(f, p.Specs, execution)
            | Loop f -> LoopStep(f, p.Specs, execution))

    /// The workspace of the last call, or of several at once.
    let mutable spare: Workspace | null = null
    let spaces = ConcurrentBag<Workspace>()

    let take () : Workspace =
        match Interlocked.Exchange(&spare, null) with
        | null ->
            match spaces.TryTake() with
            | true, taken -> taken
            | _ -> Workspace p.Specs.Length
        | taken -> taken

    let give (w: Workspace) = if not (isNull (Interlocked.CompareExchange(&spare, w, null))) then spaces.Add w

    // the last step that reads a value lets go of it; results of the program are kept
    do
        let kept = HashSet<int>(p.Outputs)
        let seen = HashSet<int>()

        for s in steps.Length - 1 .. -1 .. 0 do
            let last = List<int>()

            for k in Seq.append steps[s].Inputs steps[s].Outputs do
                if seen.Add k && k >= p.Given && not (kept.Contains k) then last.Add k

            steps[s].Last <- last.ToArray()

    member _.Program = p
    member _.Steps = steps

    member _.Run(xs: NDArray[]) : NDArray[] =
        let w = take ()
        Array.blit xs 0 w.Values 0 p.InputCount
        Array.blit p.Constants 0 w.Values p.InputCount p.Constants.Length
        let outer, outerExecution = Buffers.Current, Running.Execution
        w.Enter outer
        Buffers.Current <- w.Buffers
        Running.Execution <- execution

        let ys =
            try
                let timed = StepClock.IsOn

                for s in 0 .. steps.Length - 1 do
                    let began = if timed then Diagnostics.Stopwatch.GetTimestamp() else 0L
                    let step = steps[s]
                    step.Run w

                    for k in step.Last do
                        w.Drop k

                    if timed then StepClock.Add(steps, s, began)

                p.Outputs |> Array.map (fun k -> w.Values[k])
            finally
                Buffers.Current <- outer
                Running.Execution <- outerExecution

        w.Leave p.Outputs
        // a workspace that an exception left behind is not used again
        w.Clear()
        give w
        ys

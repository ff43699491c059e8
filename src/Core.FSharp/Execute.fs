namespace DiffLib

open System
open System.Collections.Concurrent
open System.Collections.Generic
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
    member _.Inputs = inputs
    member _.Outputs = outputs
    /// The values that nothing needs after this step.
    member val Last: int[] = [||] with get, set
    abstract Run: Workspace -> unit

/// An operation by its own kernel.
[<Sealed>]
type internal CallStep(e: Equation) =
    inherit ProgramStep(e.Inputs, e.Outputs)

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

/// Elementwise operations in one loop.
[<Sealed>]
type internal LoopStep(f: Fused, specs: Spec[], execution: Execution) =
    inherit ProgramStep(f.Inputs, f.Outputs)

    let kernel = FusedKernel.Create(f.Scalar, ReadOnlySpan f.Reductions, execution)
    let rank = f.Loop.Rank

    /// The view of an input under the loop's axes.
    let operand (v: NDArray) : LoopOperand =
        match v.Data with
        | null -> LoopOperand.Number v.InlinedBits
        | data ->
            if v.Shape.Equals f.Loop then
                match v.OwnStrides with
                | null -> LoopOperand.View(data, v.Offset)
                | strides -> LoopOperand.View(data, v.Offset, strides)
            else
                let own, shift = v.Strides, rank - v.Rank
                LoopOperand.View(data, v.Offset, Array.init rank (fun d -> if d < shift || v.Shape.Sizes[d - shift] = 1 then 0 else own[d - shift]))

    member _.Fused = f

    override this.Run w =
        let inputs = f.Inputs |> Array.map (fun k -> operand w.Values[k])
        let results = f.Outputs |> Array.map (fun k -> let s = specs[k] in NDArray.Allocate(s.DType, (if s.Rank = 0 then Shape [| 1 |] else s.Shape)))
        let outputs = results |> Array.map (fun v -> LoopOperand.View(nonNull v.Data))
        kernel.Run(ReadOnlySpan f.Loop.Sizes, f.FirstAxis, f.AxisCount, ReadOnlySpan inputs, ReadOnlySpan outputs)

        for r in 0 .. results.Length - 1 do
            let k = f.Outputs[r]
            w.Put(k, (if specs[k].Rank = 0 then results[r].Reshape Shape.Scalar else results[r]), [||], [||])

        w.Sweep()

/// Arithmetic on single numbers: straight-line code.
[<Sealed>]
type internal NumberStep(f: Fused, specs: Spec[], execution: Execution) =
    inherit ProgramStep(f.Inputs, f.Outputs)

    let kernel = ScalarKernel.Create(f.Scalar, execution)
    let isFloat64 (k: int) = specs[k].DType = DType.Float64

    member _.Fused = f

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

/// A program made ready to run. Several threads may run it at once, each in a workspace of its own.
[<Sealed>]
type internal Executable(p: Program, execution: Execution) =
    let steps: ProgramStep[] =
        Fuse.fuse p
        |> Array.map (fun work ->
            match work with
            | Call e -> CallStep e :> ProgramStep
            | Loop f when NumberStep.Takes(f, p.Specs) -> NumberStep(f, p.Specs, execution)
            | Loop f -> LoopStep(f, p.Specs, execution))

    let spaces = ConcurrentBag<Workspace>()

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
        let found, taken = spaces.TryTake()
        let w = if found then taken else Workspace p.Specs.Length
        Array.blit xs 0 w.Values 0 p.InputCount
        Array.blit p.Constants 0 w.Values p.InputCount p.Constants.Length
        let outer, outerExecution = Buffers.Current, Running.Execution
        w.Enter outer
        Buffers.Current <- w.Buffers
        Running.Execution <- execution

        let ys =
            try
                for step in steps do
                    step.Run w

                    for k in step.Last do
                        w.Drop k

                p.Outputs |> Array.map (fun k -> w.Values[k])
            finally
                Buffers.Current <- outer
                Running.Execution <- outerExecution

        w.Leave p.Outputs
        // a workspace that an exception left behind is not used again
        w.Clear()
        spaces.Add w
        ys

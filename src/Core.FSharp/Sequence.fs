namespace DiffLib

open System
open DiffLib.Kernels

// Chapter 19a: elementwise programs that run again and again over rows, as one kernel instead of a call for each step.

/// A program whose operations are all elementwise, over arrays of one size and single numbers, made ready to be the body of a scan.
[<Sealed>]
type internal Sequence(p: Program, kernel: FusedSequence, count: int) =
    let sizes = p.Specs |> Array.map (fun s -> s.Shape.Count)

    /// The elements of an array behind each other: storage and where it begins.
    let elements (x: NDArray) : struct (double[] * int) =
        let x = x.Contiguous()

        match x.Data with
        | null -> struct (x.ToArray<double>(), 0)
        | data -> struct ((data :?> double[]), x.Offset)

    let storage (y: NDArray) : struct (double[] * int) = struct ((nonNull y.Data :?> double[]), y.Offset)

    /// Whether it can be a scan with so many carries: one that becomes another would be gone before it is copied.
    member _.Takes(carries: int) : bool = Seq.forall (fun k -> p.Outputs[k] = k || p.Outputs[k] >= carries) (seq { 0 .. carries - 1 })

    /// Carries, rows and what the body refers to; to the last carries and the results of all steps.
    member _.Run(xs: NDArray[], carries: int, scanned: int, length: int, reverse: bool) : NDArray[] =
        let outputs = p.Outputs
        let results = Array.skip carries outputs |> Array.map (fun k -> NDArray.Allocate(DType.Float64, Stacks.Shape(length, p.Specs[k].Shape)))

        if length = 0 then
            Array.append (Array.take carries xs) results
        else
            let run = kernel.Begin count

            for k in 0 .. xs.Length - 1 do
                if k >= carries && k < carries + scanned then
                    let struct (data, offset) = elements xs[k]
                    run.Rows(k, data, offset, sizes[k])
                elif sizes[k] > 0 then
                    run.Give(k, (xs[k].Contiguous().Span<double>()))

            for k in 0 .. p.Constants.Length - 1 do
                run.Give(p.InputCount + k, (p.Constants[k].Contiguous().Span<double>()))

            for k in 0 .. carries - 1 do
                run.Carry(outputs[k], k)

            results
            |> Array.iteri (fun r y ->
                let k = outputs[carries + r]
                let struct (data, offset) = storage y
                run.Results(k, data, offset, sizes[k]))

            run.Go(length, reverse)

            let last =
                Array.init carries (fun k ->
                    let numbers = Array.zeroCreate<double> sizes[k]
                    run.Take(k, Span numbers)
                    NDArray.Adopt(p.Specs[k].Shape, numbers))

            kernel.End run
            Array.append last results

module internal Sequence =
    /// The loop that a step of an executable is, if it is one without reductions.
    let private loopOf (step: ProgramStep) : Fused voption =
        match step with
        | :? LoopStep as s when s.Fused.AxisCount = 0 && s.Fused.Places.Length = 0 -> ValueSome s.Fused
        | :? NumberStep as s -> ValueSome s.Fused
        | _ -> ValueNone

    /// What runs a program again and again: none if it does something that is not elementwise, has arrays of several sizes, or numbers other than float64.
    let ofExecutable (e: Executable) (execution: Execution) : Sequence voption =
        let p = e.Program
        let loops = e.Steps |> Array.map loopOf
        let count = p.Specs |> Array.fold (fun most s -> max most s.Shape.Count) 0
        let fits k = p.Specs[k].DType = DType.Float64 && (p.Specs[k].Shape.Count = 1 || p.Specs[k].Shape.Count = count)

        let touched (f: Fused voption) =
            match f with
            | ValueSome f -> Array.append f.Inputs f.Outputs
            | ValueNone -> [||]

        // operands as large as their result lie as it does: nothing is broadcast but single numbers
        let used = Seq.concat [ Seq.init p.Given id; Seq.ofArray p.Outputs; Seq.collect touched loops ]
        let elementwise = loops.Length > 0 && loops |> Array.forall (fun f -> f.IsSome)

        if elementwise && count > 0 && count <= FusedSequence.MostElements && Seq.forall fits used then
            let kernels = loops |> Array.map (fun f -> SequenceLoop(f.Value.Scalar, f.Value.Inputs, f.Value.Outputs))
            ValueSome(Sequence(p, FusedSequence(kernels, p.Specs.Length, execution), count))
        else
            ValueNone

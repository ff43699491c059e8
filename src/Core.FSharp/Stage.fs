namespace DiffLib

open System
open System.Collections.Generic
open DiffLib.Kernels

// Chapter 4b: what tracing a function writes down, and what a batched call remembers. Values of enclosing levels are kept as objects here;
// the next chapter says what they are.

/// One call of a rule in a program: which values it takes and gives, by number.
[<Struct; NoEquality; NoComparison>]
type internal Equation = { Rule: Rule; Inputs: int[]; Outputs: int[] }

/// What one number of a program under construction stands for.
type internal Source =
    /// An argument of the function.
    | Argument of int
    /// An array known while tracing.
    | Known of NDArray
    /// A value of an enclosing level that the function refers to: an argument nobody wrote.
    | Captured of obj
    /// The result of an equation.
    | Computed

/// The record of one tracing of a function: equations in order, each value numbered.
[<Sealed>]
type internal Stage(tag: int64, verb: string, mayCapture: bool) =
    let gate = obj ()
    let specs = List<Spec>()
    let sources = List<Source>()
    let equations = List<Equation>()
    /// For each value the number of the equation that makes it, or -1.
    let makers = List<int>()
    let known = Dictionary<NDArray, int>(HashIdentity.Reference)
    let numbers = Dictionary<struct (int64 * bool), int>()
    let captured = Dictionary<obj, int>(HashIdentity.Reference)
    let mutable isOpen = true

    let add (spec: Spec) (source: Source) =
        specs.Add spec
        sources.Add source
        makers.Add(if source.IsComputed then equations.Count else -1)
        specs.Count - 1

    member _.Tag = tag
    /// The verb that traces, for messages.
    member _.Verb = verb
    member _.IsOpen = isOpen
    member _.Close() = isOpen <- false
    /// Whether formulas with a derivative of their own are written down as one operation, and only written out where the program is made ready to
    /// run: so that the derivatives of what is traced are theirs too.
    member val KeepsFormulas = false with get, set
    /// Whether a value of an enclosing level was referred to.
    member _.HasCaptured = captured.Count > 0
    member _.Specs = specs
    member _.Sources = sources
    member _.Equations = equations
    /// The equation that makes a value, if one does.
    member _.MakerOf(k: int) : Equation voption = lock gate (fun () -> if makers[k] < 0 then ValueNone else ValueSome equations[makers[k]])

    /// A new argument.
    member _.Argument(k: int, spec: Spec) : int = lock gate (fun () -> add spec (Argument k))

    /// The number of a constant; one array has one number, and so has one float64 of rank 0.
    member _.Constant(v: NDArray) : int =
        lock gate (fun () ->
            if v.IsFloat64Scalar && v.Rank = 0 then
                let key = struct (BitConverter.DoubleToInt64Bits v.Inlined, v.IsWeak)

                match numbers.TryGetValue key with
                | true, k -> k
                | _ ->
                    let k = add (Spec.Of v) (Known v)
                    numbers[key] <- k
                    k
            else
                match known.TryGetValue v with
                | true, k -> k
                | _ ->
                    let k = add (Spec.Of v) (Known v)
                    known[v] <- k
                    k)

    /// The number of a value of an enclosing level.
    member _.Capture(x: obj, spec: Spec) : int =
        if not mayCapture then
            raise (
                InvalidOperationException
                    $"{verb}: the function uses a value of shape {spec.Shape} that belongs to a derivative, Vmap or tracing call around it, but was not given to it as an argument. A compiled function outlives that call: pass every such value as an argument, or apply Diff.StopGradient to it."
            )

        lock gate (fun () ->
            match captured.TryGetValue x with
            | true, k -> k
            | _ ->
                let k = add spec (Captured x)
                captured[x] <- k
                k)

    /// Writes an equation down and gives the numbers of its results.
    member _.Record(rule: Rule, inputs: int[], results: Spec[]) : int[] =
        lock gate (fun () ->
            let outputs = results |> Array.map (fun spec -> add spec Computed)
            equations.Add { Rule = rule; Inputs = inputs; Outputs = outputs }
            outputs)

/// A value of a function being traced: its number, and what is known of it.
[<Sealed; AllowNullLiteral(false)>]
type internal Variable(stage: Stage, number: int, spec: Spec) =
    member _.Stage = stage
    member _.Number = number
    member _.Spec = spec

/// One call of Vmap: how many examples its batched values hold.
[<Sealed>]
type internal Batch(tag: int64, size: int) =
    let mutable isOpen = true
    member _.Tag = tag
    member _.Size = size
    member _.IsOpen = isOpen
    member _.Close() = isOpen <- false

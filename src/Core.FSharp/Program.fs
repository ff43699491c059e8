namespace DiffLib

open System
open System.Collections.Generic
open System.Text
open DiffLib.Kernels

// Chapter 14: functions as data. Tracing writes down what a function does to tensors whose elements are not known yet; the
// record, once finished, is a Program, which can be read, changed, run and differentiated.

/// <summary>What a function does to its tensors, written down: equations in single-assignment form over the operations of the library, for inputs of
/// fixed shapes and element types. Immutable. <see cref="M:DiffLib.Program.ToString"/> shows it as text.</summary>
[<Sealed; AllowNullLiteral(false)>]
type Program internal (specs: Spec[], inputs: int, constants: NDArray[], equations: Equation[], outputs: int[]) =
    /// What is known of each value: inputs first, then constants, then results in the order of the equations.
    member internal _.Specs = specs
    member internal _.InputSpecs = Array.sub specs 0 inputs
    member internal _.Constants = constants
    member internal _.Equations = equations
    member internal _.Outputs = outputs
    member internal _.OutputSpecs = outputs |> Array.map (fun k -> specs[k])
    /// The number of the first result: everything below is given.
    member internal _.Given = inputs + constants.Length

    /// How many tensors go in.
    member _.InputCount = inputs
    /// How many tensors come out.
    member _.OutputCount = outputs.Length
    /// How many operations are written down.
    member _.OperationCount = equations.Length

    /// The values that no equation and no output uses any more, dropped with their equations; and the rest numbered anew.
    static member internal Tidy
        (specs: Spec[], inputs: int, constants: IReadOnlyList<struct (int * NDArray)>, equations: Equation seq, outputs: int[])
        : Program =
        let equations = Array.ofSeq equations
        let needed = Array.zeroCreate<bool> specs.Length
        let kept = Array.zeroCreate<bool> equations.Length

        for k in outputs do
            needed[k] <- true

        for e in equations.Length - 1 .. -1 .. 0 do
            if equations[e].Outputs |> Array.exists (fun k -> needed[k]) then
                kept[e] <- true

                for k in equations[e].Inputs do
                    needed[k] <- true

        let number = Array.create specs.Length -1
        let order = List<int>()

        let give k =
            number[k] <- order.Count
            order.Add k

        for k in 0 .. inputs - 1 do
            give k

        let live =
            [| for struct (k, v) in constants do
                   if needed[k] then struct (k, v) |]

        for struct (k, _) in live do
            give k

        let written =
            [| for e in 0 .. equations.Length - 1 do
                   if kept[e] then
                       Array.iter give equations[e].Outputs
                       { equations[e] with
                           Inputs = equations[e].Inputs |> Array.map (fun k -> number[k])
                           Outputs = equations[e].Outputs |> Array.map (fun k -> number[k]) } |]

        Program(
            [| for k in order -> specs[k] |],
            inputs,
            live |> Array.map (fun struct (_, v) -> v),
            written,
            outputs |> Array.map (fun k -> number[k])
        )

    /// The name of a value in text: a, b, ... z, a1, b1, ...
    static member internal NameOf(k: int) : string =
        let letter = string (char (int 'a' + k % 26))
        if k < 26 then letter else letter + string (k / 26)

    /// <summary>The program as text: one line an equation, <c>name: type[shape] = operation[attributes] arguments</c>.</summary>
    override this.ToString() = this.Text ""

    /// The text, every line behind a margin.
    member private this.Text(margin: string) : string =
        let text = StringBuilder()
        let typed k = $"{Program.NameOf k}: {specs[k]}"
        let list (ks: seq<string>) = String.Join(", ", ks)
        text.Append(margin).Append("program (").Append(list (Seq.map typed (seq { 0 .. inputs - 1 }))).AppendLine(")") |> ignore

        for k in 0 .. constants.Length - 1 do
            let v = constants[k]
            let shown =
                if v.Count = 1 then Printing.elements v
                else if v.IsConstant then $"all {Printing.elements v.First}"
                else "data"
            text.Append(margin).Append("  ").Append(typed (inputs + k)).Append(" = ").AppendLine(shown) |> ignore

        for e in equations do
            text
                .Append(margin)
                .Append("  ")
                .Append(list (Seq.map typed e.Outputs))
                .Append(" = ")
                .Append(e.Rule.Describe())
                .Append(" ")
                .AppendLine(String.Join(" ", Seq.map Program.NameOf e.Inputs))
            |> ignore

            match box e.Rule with
            | :? IBodies as holder ->
                for struct (role, body) in holder.Bodies do
                    text.Append(margin).Append("    ").Append(role).AppendLine(":").AppendLine(body.Text(margin + "      ")) |> ignore
            | _ -> ()

        text.Append(margin).Append("  return ").Append(list (Seq.map Program.NameOf outputs)).ToString()

/// A rule with programs inside: the body of a loop, the branches of a choice.
and [<Interface>] internal IBodies =
    /// The programs, by the part they play.
    abstract Bodies: struct (string * Program)[]

/// Tracing and plain evaluation.
module internal Programs =
    /// Calls a rule on values of any level.
    let apply (rule: Rule) (xs: Tensor[]) : Tensor[] =
        match rule with
        | :? UnaryRule as rule -> [| Tensor.Apply(rule, xs[0]) |]
        | :? BinaryRule as rule -> [| Tensor.Apply(rule, xs[0], xs[1]) |]
        | rule -> Tensor.Apply((rule :?> ManyRule), xs)

    /// The value of a rule on arrays.
    let value (rule: Rule) (xs: NDArray[]) : NDArray[] =
        match rule with
        | :? UnaryRule as rule -> [| rule.Value xs[0] |]
        | :? BinaryRule as rule -> [| rule.Value(xs[0], xs[1]) |]
        | rule -> (rule :?> ManyRule).Value xs

    /// The program of f, and what it refers to; with formulas kept or written out.
    let private traced (keeps: bool) (verb: string) (mayCapture: bool) (f: Tensor[] -> Tensor[]) (specs: Spec[]) : struct (Program * Tensor[]) =
        let stage = Stage(Trace.FreshTag(), verb, mayCapture, KeepsFormulas = keeps)
        let arguments = specs |> Array.mapi (fun k spec -> Staged(Variable(stage, stage.Argument(k, spec), spec)))

        try
            let outputs = f arguments |> Array.map (fun y -> Tensor.NumberIn(stage, Forward.settle stage.Tag y))
            let captured = List<struct (int * Tensor)>()
            let constants = List<struct (int * NDArray)>()

            for k in 0 .. stage.Sources.Count - 1 do
                match stage.Sources[k] with
                | Known v -> constants.Add(struct (k, v))
                | Captured x -> captured.Add(struct (k, (x :?> Tensor)))
                | _ -> ()

            // captured values become arguments: renumber such that they follow the others
            let order = Array.append [| 0 .. specs.Length - 1 |] [| for struct (k, _) in captured -> k |]
            let place = Array.create stage.Specs.Count -1
            Array.iteri (fun at k -> place[k] <- at) order
            let mutable next = order.Length

            for k in 0 .. place.Length - 1 do
                if place[k] < 0 then
                    place[k] <- next
                    next <- next + 1

            let renumbered = Array.zeroCreate<Spec> place.Length
            Array.iteri (fun k at -> renumbered[at] <- stage.Specs[k]) place
            let moved (ks: int[]) = ks |> Array.map (fun k -> place[k])

            let program =
                Program.Tidy(
                    renumbered,
                    order.Length,
                    [| for struct (k, v) in constants -> struct (place[k], v) |],
                    stage.Equations |> Seq.map (fun e -> { e with Inputs = moved e.Inputs; Outputs = moved e.Outputs }),
                    moved outputs
                )

            struct (program, [| for struct (_, x) in captured -> x |])
        finally
            stage.Close()

    /// The program of f for arguments of these shapes and element types, and the values of enclosing levels that f refers to: further
    /// arguments, behind the others. Formulas with derivatives of their own stay one operation each.
    let trace (verb: string) (mayCapture: bool) (f: Tensor[] -> Tensor[]) (specs: Spec[]) : struct (Program * Tensor[]) =
        traced true verb mayCapture f specs

    /// The operations of the formula that an equation calls, if it calls one.
    let private formulaOf (specs: Spec[]) (e: Equation) : Program voption =
        let given = e.Inputs |> Array.map (fun k -> specs[k])

        let kept =
            match e.Rule with
            | :? UnaryRule as rule -> (rule.Keep given[0]).IsSome
            | :? ManyRule as rule -> (rule.Keep given).IsSome
            | _ -> false

        if kept then
            let struct (p, _) = traced false e.Rule.Name false (apply e.Rule) given
            ValueSome p
        else
            ValueNone

    /// The program with its formulas written out, for running: derivatives come before.
    let writeOut (p: Program) : Program =
        let specs, constants, equations = List<Spec> p.Specs, List<struct (int * NDArray)>(), List<Equation>()
        let place = Array.init p.Specs.Length id
        p.Constants |> Array.iteri (fun k v -> constants.Add(struct (p.InputCount + k, v)))
        let mutable found = false

        for e in p.Equations do
            let inputs = e.Inputs |> Array.map (fun k -> place[k])

            match formulaOf p.Specs e with
            | ValueNone -> equations.Add { e with Inputs = inputs }
            | ValueSome formula ->
                found <- true
                // the formula's values get numbers behind all others
                let first = specs.Count - formula.InputCount
                let number k = if k < formula.InputCount then inputs[k] else first + k
                specs.AddRange(Seq.skip formula.InputCount formula.Specs)
                formula.Constants |> Array.iteri (fun k v -> constants.Add(struct (number (formula.InputCount + k), v)))

                for inner in formula.Equations do
                    equations.Add { inner with Inputs = Array.map number inner.Inputs; Outputs = Array.map number inner.Outputs }

                Array.iteri (fun r k -> place[k] <- number formula.Outputs[r]) e.Outputs

        if found then
            Program.Tidy(specs.ToArray(), p.InputCount, constants, equations, p.Outputs |> Array.map (fun k -> place[k]))
        else
            p

    /// The program's operations, one after another, on values of any level.
    let interpret (p: Program) (xs: Tensor[]) : Tensor[] =
        let values = Array.zeroCreate<Tensor> p.Specs.Length
        Array.blit xs 0 values 0 p.InputCount
        p.Constants |> Array.iteri (fun k v -> values[p.InputCount + k] <- Tensor.Wrap v)

        for e in p.Equations do
            let ys = apply e.Rule (e.Inputs |> Array.map (fun k -> values[k]))
            Array.iteri (fun r k -> values[k] <- ys[r]) e.Outputs

        p.Outputs |> Array.map (fun k -> values[k])

    /// The program's operations, one after another, on arrays, each by its own kernel: what every other way of running it has to equal.
    let evaluate (p: Program) (xs: NDArray[]) : NDArray[] =
        let values = Array.zeroCreate<NDArray> p.Specs.Length
        Array.blit xs 0 values 0 p.InputCount
        Array.blit p.Constants 0 values p.InputCount p.Constants.Length

        for e in p.Equations do
            let ys = value e.Rule (e.Inputs |> Array.map (fun k -> values[k]))
            Array.iteri (fun r k -> values[k] <- ys[r]) e.Outputs

        p.Outputs |> Array.map (fun k -> values[k])

    /// A function of tensors as a program that captures nothing.
    let ofFunction (verb: string) (f: Tensor[] -> Tensor[]) (specs: Spec[]) : Program =
        let struct (p, _) = trace verb false f specs
        p

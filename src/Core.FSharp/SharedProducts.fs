namespace DiffLib

open System.Collections.Generic
open DiffLib.Kernels

/// Chapter 16b: products of matrices that a loop written out leaves behind, gathered into fewer and larger ones. Products of many step inputs with one matrix become one product of
/// the inputs below each other; a sum of products, the gradient of a matrix that every step used, becomes one product along all steps.
module internal SharedProducts =
    /// A program whose equations are read and replaced.
    [<Sealed>]
    type private Draft(p: Program) =
        let specs = List<Spec>(p.Specs)
        let makers = Array.create p.Specs.Length -1
        let uses = Array.zeroCreate<int> p.Specs.Length
        let readers = Array.create p.Specs.Length -1

        do
            p.Equations
            |> Array.iteri (fun e eq ->
                for k in eq.Outputs do
                    makers[k] <- e

                for k in eq.Inputs do
                    uses[k] <- uses[k] + 1
                    readers[k] <- e)

            for k in p.Outputs do
                uses[k] <- uses[k] + 1

        member _.Spec(k: int) = specs[k]

        /// The equation behind a value.
        member _.Maker(k: int) : Equation voption = if k < makers.Length && makers[k] >= 0 then ValueSome p.Equations[makers[k]] else ValueNone

        member _.IsUsedOnce(k: int) = uses[k] = 1

        /// The equation that reads a value last.
        member _.Reader(k: int) : Equation voption = if readers[k] >= 0 then ValueSome p.Equations[readers[k]] else ValueNone

        /// A new equation with one result.
        member _.Write(into: List<Equation>, rule: Rule, inputs: int[], spec: Spec) : int =
            specs.Add spec
            into.Add { Rule = rule; Inputs = inputs; Outputs = [| specs.Count - 1 |] }
            specs.Count - 1

        member _.Finish(equations: List<Equation>, outputs: int[]) =
            let constants = p.Constants |> Array.mapi (fun k v -> struct (p.InputCount + k, v))
            Program.Tidy(specs.ToArray(), p.InputCount, constants, equations, outputs)

    let private isSum (e: Equation) (d: Draft) =
        match e.Rule with
        | :? ElementwiseBinaryRule as r ->
            let shape = d.Spec(e.Outputs[0]).Shape
            r.Op = BinaryOp.Add && shape.Rank = 2 && e.Inputs |> Array.forall (fun k -> d.Spec(k).Shape.Equals shape)
        | _ -> false

    /// The factors of a product of two matrices.
    let private factors (d: Draft) (k: int) : struct (int * int) voption =
        match d.Maker k with
        | ValueSome { Rule = :? MatMulRule; Inputs = xs } when DTypes.isFloat (d.Spec k).DType && d.Spec(xs[0]).Rank = 2 && d.Spec(xs[1]).Rank = 2 ->
            ValueSome(struct (xs[0], xs[1]))
        | _ -> ValueNone

    /// Whether copying the factors costs less than adding up the products.
    let private pays (d: Draft) (struct (a: int, b: int)) =
        let m, k, n = d.Spec(a).Shape.Sizes[0], d.Spec(a).Shape.Sizes[1], d.Spec(b).Shape.Sizes[1]
        int64 k * int64 (m + n) < int64 m * int64 n

    /// The terms of a sum, from left to right: through sums that nothing else needs.
    let private terms (d: Draft) (root: Equation) : int[] =
        let found = List<int>()
        let pending = Stack<int>(Array.rev root.Inputs)

        while pending.Count > 0 do
            let k = pending.Pop()

            match d.Maker k with
            | ValueSome e when d.IsUsedOnce k && isSum e d ->
                for i in e.Inputs.Length - 1 .. -1 .. 0 do
                    pending.Push e.Inputs[i]
            | _ -> found.Add k

        found.ToArray()

    let private concat (d: Draft) (into: List<Equation>) (ks: int[]) (axis: int) : int =
        let rule = ConcatRule axis
        d.Write(into, rule, ks, (rule.Infer(ks |> Array.map d.Spec)).[0])

    let private swap = [| 1; 0 |]

    /// The left factors beside each other: where all are transposed, those below each other, transposed.
    let private beside (d: Draft) (into: List<Equation>) (ks: int[]) : int =
        let originals =
            ks
            |> Array.map (fun k ->
                match d.Maker k with
                | ValueSome { Rule = :? TransposeRule as r; Inputs = xs } when r.Order.Length = 2 && r.Order[0] = 1 -> xs[0]
                | _ -> -1)

        if Array.contains -1 originals then
            concat d into ks 1
        else
            let below = concat d into originals 0
            let rule = TransposeRule swap
            d.Write(into, rule, [| below |], rule.Infer(d.Spec below))

    /// A sum of terms, of which several are products, with one product in their place.
    let private gathered (d: Draft) (into: List<Equation>) (root: Equation) : int voption =
        let all = terms d root

        let isProduct k =
            d.IsUsedOnce k
            && (match factors d k with
                | ValueSome ab -> pays d ab
                | ValueNone -> false)

        let products = all |> Array.filter isProduct

        if products.Length < 3 then
            ValueNone
        else
            let pairs = products |> Array.map (fun k -> (factors d k).Value)
            let a = beside d into (pairs |> Array.map (fun struct (a, _) -> a))
            let b = concat d into (pairs |> Array.map (fun struct (_, b) -> b)) 0
            let spec = d.Spec root.Outputs[0]
            let product = d.Write(into, MatMulRule.Instance, [| a; b |], spec)
            let add sum k = d.Write(into, DiffLib.Elementwise.Rule BinaryOp.Add, [| sum; k |], spec)
            all |> Array.filter (fun k -> not (isProduct k)) |> Array.fold add product |> ValueSome

    /// Whether a value is a view of what the program is given.
    let rec private isGiven (p: Program) (d: Draft) (k: int) =
        match d.Maker k with
        | ValueNone -> k < p.Given
        | ValueSome e ->
            match e.Rule with
            | :? SliceRule
            | :? ReshapeRule
            | :? TransposeRule -> isGiven p d e.Inputs[0]
            | _ -> false

    /// Products of several given matrices with one: where each is found in the product of all.
    let private stacked (p: Program) (d: Draft) (into: List<Equation>) : Dictionary<int, int> =
        let found = Dictionary<int, int>()

        let groups =
            p.Equations
            |> Array.collect (fun e -> e.Outputs)
            |> Array.choose (fun k ->
                match factors d k with
                | ValueSome(struct (a, b)) when b < p.Given && isGiven p d a && d.Spec(a).Shape.Sizes[0] <= 64 -> Some struct (k, a, b)
                | _ -> None)
            |> Array.groupBy (fun struct (_, _, b) -> b)

        for b, products in groups do
            if products.Length >= 3 then
                let parts = products |> Array.map (fun struct (_, a, _) -> a) |> Array.distinct
                // the views of what is given, written down before everything else
                let below = concat d into parts 0
                let n = d.Spec(b).Shape.Sizes[1]
                let rows = d.Spec(below).Shape.Sizes[0]
                let product = d.Write(into, MatMulRule.Instance, [| below; b |], d.Spec(below).With(Shape [| rows; n |]))
                let mutable row = 0

                for a in parts do
                    let m = d.Spec(a).Shape.Sizes[0]
                    let rule = SliceRule([| row; 0 |], [| 1; 1 |], Shape [| m; n |])
                    let view = d.Write(into, rule, [| product |], d.Spec(product).With(Shape [| m; n |]))

                    for struct (k, other, _) in products do
                        if other = a then found[k] <- view

                    row <- row + m

        found

    /// The program with its products gathered: for running, since rounding differs from that of one product after another.
    let gather (p: Program) : Program =
        let d = Draft p
        let views, products, rest = List<Equation>(), List<Equation>(), List<Equation>()
        let replaced = stacked p d products

        // what is a view of the given comes first, then the large products of these
        for e in p.Equations do
            if e.Outputs.Length = 1 && isGiven p d e.Outputs[0] then views.Add e

        let at k =
            match replaced.TryGetValue k with
            | true, other -> other
            | _ -> k

        for e in p.Equations do
            if not (e.Outputs.Length = 1 && isGiven p d e.Outputs[0]) then
                let isRoot =
                    isSum e d
                    && not (
                        d.IsUsedOnce e.Outputs[0]
                        && (match d.Reader e.Outputs[0] with
                            | ValueSome reader -> isSum reader d
                            | ValueNone -> false)
                    )

                match (if isRoot then gathered d rest e else ValueNone) with
                | ValueSome k -> replaced[e.Outputs[0]] <- k
                | ValueNone -> rest.Add e

        if replaced.Count = 0 then
            p
        else
            let equations = List<Equation>()

            for e in Seq.concat [ views; products; rest ] do
                equations.Add { e with Inputs = Array.map at e.Inputs }

            d.Finish(equations, Array.map at p.Outputs)

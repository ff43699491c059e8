namespace DiffLib

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open DiffLib.Kernels

/// Chapter 16: a program from a program, with the same results and less work: what is known is computed, what is written twice is
/// written once, what changes nothing is left out.
module internal Simplify =
    /// Arrays that are no larger than this are computed while compiling where all inputs are known.
    [<Literal>]
    let private FoldLimit = 4096

    let private sameNumber<'t when 't: unmanaged and 't: struct and 't: equality> (v: NDArray) =
        let elements = v.Span<'t>()
        elements.Slice(1).IndexOfAnyExcept(elements[0]) < 0

    /// An array of one number, repeated, as a view of that number.
    let compact (v: NDArray) : NDArray =
        if v.Rank = 0 || v.Count < 2 || not v.IsContiguous then
            v
        else
            let uniform =
                match DTypes.size v.DType with
                | 8 -> sameNumber<int64>(v.Bits())
                | 4 -> sameNumber<int>(v.Bits())
                | _ -> sameNumber<byte>(v.Bits())

            if uniform then v.First.BroadcastTo v.Shape else v

    /// The number that a value is, everywhere.
    let private numberOf (v: NDArray) : double voption =
        if v.IsConstant && DTypes.isFloat v.DType then ValueSome (v.First.Cast DType.Float64).Inlined else ValueNone

    /// A program under construction.
    type private Draft(p: Program) =
        let specs = List<Spec>(p.InputSpecs)
        let constants = List<struct (int * NDArray)>()
        let known = Dictionary<int, NDArray>()
        let equations = List<Equation>()
        let makers = Dictionary<int, Equation>()
        let seen = Dictionary<struct (string * int * int * int), int[]>()
        let seenLong = Dictionary<string, int[]>()
        let texts = ConditionalWeakTable<Rule, string>()
        let mutable anonymous = 0
        let numbers = Dictionary<struct (int64 * bool), int>()

        let textOf (rule: Rule) =
            texts.GetValue(
                rule,
                fun rule ->
                    match rule.Attributes with
                    | ValueSome _ -> rule.GetType().Name + ":" + rule.Describe()
                    | ValueNone ->
                        // hash codes of different objects may be equal
                        anonymous <- anonymous + 1
                        $"{rule.GetType().Name}#{anonymous}"
            )

        let value (spec: Spec) =
            specs.Add spec
            specs.Count - 1

        member _.Spec(k: int) = specs[k]

        /// The equation that makes a value, if its rule is of this class.
        member _.Maker(k: int) : Equation voption =
            match makers.TryGetValue k with
            | true, e -> ValueSome e
            | _ -> ValueNone

        member _.IsArgument(k: int) = k < p.InputCount

        member _.Known(k: int) : NDArray voption =
            match known.TryGetValue k with
            | true, v -> ValueSome v
            | _ -> ValueNone

        member _.Constant(v: NDArray) : int =
            let add () =
                let k = value (Spec.Of v)
                constants.Add(struct (k, v))
                known[k] <- v
                k

            if v.IsFloat64Scalar && v.Rank = 0 then
                let key = struct (BitConverter.DoubleToInt64Bits v.Inlined, v.IsWeak)

                match numbers.TryGetValue key with
                | true, k -> k
                | _ ->
                    let k = add ()
                    numbers[key] <- k
                    k
            else
                add ()

        /// The results of a rule, by an equation there is or a new one.
        member _.Emit(rule: Rule, inputs: int[], results: Spec[]) : int[] =
            let make () =
                let outputs = results |> Array.map value
                let e = { Rule = rule; Inputs = inputs; Outputs = outputs }
                equations.Add e

                for k in outputs do
                    makers[k] <- e

                outputs

            if inputs.Length <= 3 then
                let at k = if k < inputs.Length then inputs[k] else -1
                let key = struct (textOf rule, at 0, at 1, at 2)

                match seen.TryGetValue key with
                | true, outputs -> outputs
                | _ ->
                    let outputs = make ()
                    seen[key] <- outputs
                    outputs
            else
                let key = textOf rule + "(" + String.Join(",", inputs) + ")"

                match seenLong.TryGetValue key with
                | true, outputs -> outputs
                | _ ->
                    let outputs = make ()
                    seenLong[key] <- outputs
                    outputs

        member _.Finish(outputs: int[]) = Program.Tidy(specs.ToArray(), p.InputCount, constants, equations, outputs)

    let private isIdentityOrder (order: int[]) = order |> Array.indexed |> Array.forall (fun (i, d) -> i = d)

    /// A value already there that the result equals bit for bit (but for the sign of a zero times one).
    let private existing (d: Draft) (rule: Rule) (xs: int[]) (result: Spec) : int voption =
        let number k = d.Known k |> ValueOption.bind numberOf
        let isNumber c k =
            match number k with
            | ValueSome v -> v = c
            | ValueNone -> false
        let fits k = d.Spec(k).Shape.Equals result.Shape && d.Spec(k).DType = result.DType && d.Spec(k).Weak = result.Weak

        match rule with
        | :? CastRule
        | :? ReshapeRule
        | :? BroadcastRule
        | :? SumToRule when fits xs[0] -> ValueSome xs[0]
        | :? TransposeRule as r when isIdentityOrder r.Order -> ValueSome xs[0]
        | :? NumberRule as r ->
            match r.Op, r.Number with
            | (BinaryOp.Multiply | BinaryOp.Divide), 1.0 -> ValueSome xs[0]
            | BinaryOp.Subtract, 0.0 -> ValueSome xs[0]
            | _ -> ValueNone
        | :? PowerRule as r when r.Exponent = 1.0 && fits xs[0] -> ValueSome xs[0]
        | :? ElementwiseBinaryRule as r ->
            match r.Op with
            | BinaryOp.Multiply
            | BinaryOp.Scale when isNumber 1.0 xs[1] && fits xs[0] -> ValueSome xs[0]
            | BinaryOp.Multiply
            | BinaryOp.Scale when isNumber 1.0 xs[0] && fits xs[1] -> ValueSome xs[1]
            | BinaryOp.Divide when isNumber 1.0 xs[1] && fits xs[0] -> ValueSome xs[0]
            | _ -> ValueNone
        | _ -> ValueNone

    /// Two operations in a row as one.
    let private merged (d: Draft) (rule: Rule) (xs: int[]) : struct (Rule * int[]) =
        match rule with
        | :? ReshapeRule ->
            match d.Maker xs[0] with
            | ValueSome { Rule = :? ReshapeRule; Inputs = inner } -> struct (rule, inner)
            | _ -> struct (rule, xs)
        | :? TransposeRule as outer ->
            match d.Maker xs[0] with
            | ValueSome { Rule = :? TransposeRule as first; Inputs = inner } ->
                struct (TransposeRule(outer.Order |> Array.map (fun k -> first.Order[k])), inner)
            | _ -> struct (rule, xs)
        | :? ElementwiseRule as r when r.Op = UnaryOp.Negate ->
            match d.Maker xs[0] with
            | ValueSome { Rule = :? ElementwiseRule as first; Inputs = inner } when first.Op = UnaryOp.Negate ->
                struct (NumberRule(BinaryOp.Multiply, 1.0), inner)
            | _ -> struct (rule, xs)
        | _ -> struct (rule, xs)

    /// The sum of two placed blocks that nothing else needs, or of sums of such, as one operation; also the sum of such and an argument of the program, a sum that is
    /// carried from step to step.
    let private placed (d: Draft) (rule: Rule) (xs: int[]) (isAlone: int -> bool) (result: Spec) : struct (Rule * int[]) voption =
        let blocks (k: int) =
            match d.Maker xs[k] with
            | ValueSome { Rule = :? EmbedRule as r; Inputs = inner } when isAlone k && d.Spec(xs[k]).Shape.Equals result.Shape ->
                ValueSome(struct (r.Starts, r.Steps, inner))
            | ValueSome { Rule = :? PlaceSumRule as r; Inputs = inner } when
                isAlone k && d.Spec(xs[k]).Shape.Equals result.Shape && not (inner |> Array.exists d.IsArgument)
                ->
                ValueSome(struct (r.Starts, r.Steps, inner))
            | _ -> ValueNone

        let isCarried k = d.IsArgument xs[k] && d.Spec(xs[k]).Equals result

        let behind (struct (starts: int[], steps: int[], inner: int[])) (k: int) =
            let rank = result.Rank
            let rule = PlaceSumRule(Array.append starts (Array.zeroCreate rank), Array.append steps (Array.create rank 1), result.Shape)
            ValueSome(struct (rule :> Rule, Array.append inner [| xs[k] |]))

        match rule with
        | :? ElementwiseBinaryRule as r when r.Op = BinaryOp.Add && result.Rank > 0 && xs[0] <> xs[1] ->
            match blocks 0, blocks 1 with
            | ValueSome(struct (starts, steps, first)), ValueSome(struct (starts2, steps2, second)) ->
                let rule = PlaceSumRule(Array.append starts starts2, Array.append steps steps2, result.Shape)
                ValueSome(struct (rule :> Rule, Array.append first second))
            | ValueSome found, ValueNone when isCarried 1 -> behind found 1
            | ValueNone, ValueSome found when isCarried 0 -> behind found 0
            | _ -> ValueNone
        | _ -> ValueNone

    let private folded (d: Draft) (rule: Rule) (xs: int[]) (results: Spec[]) : int[] voption =
        let small = results |> Array.forall (fun s -> s.Shape.Count <= FoldLimit)

        if not small || xs.Length = 0 || not (xs |> Array.forall (fun k -> (d.Known k).IsSome)) then
            ValueNone
        else
            try
                Programs.value rule (xs |> Array.map (fun k -> (d.Known k).Value)) |> Array.map (fun v -> d.Constant(compact v)) |> ValueSome
            with _ ->
                // it fails on these numbers: let it fail where the program runs
                ValueNone

    /// The program with the same results and no more work.
    let simplify (p: Program) : Program =
        let d = Draft p
        let place = Array.create p.Specs.Length -1

        for k in 0 .. p.InputCount - 1 do
            place[k] <- k

        p.Constants |> Array.iteri (fun k v -> place[p.InputCount + k] <- d.Constant(compact v))

        let uses = Array.zeroCreate<int> p.Specs.Length

        for k in p.Outputs do
            uses[k] <- uses[k] + 1

        for e in p.Equations do
            for k in e.Inputs do
                uses[k] <- uses[k] + 1

        for e in p.Equations do
            let results = e.Outputs |> Array.map (fun k -> p.Specs[k])
            let struct (rule, xs) = merged d e.Rule (e.Inputs |> Array.map (fun k -> place[k]))

            let struct (rule, xs) =
                match placed d rule xs (fun k -> uses[e.Inputs[k]] = 1) results[0] with
                | ValueSome found -> found
                | ValueNone -> struct (rule, xs)

            let outputs =
                match (if results.Length = 1 then existing d rule xs results[0] else ValueNone) with
                | ValueSome k -> [| k |]
                | ValueNone ->
                    match folded d rule xs results with
                    | ValueSome ks -> ks
                    | ValueNone -> d.Emit(rule, xs, results)

            Array.iteri (fun r k -> place[k] <- outputs[r]) e.Outputs

        d.Finish(p.Outputs |> Array.map (fun k -> place[k]))

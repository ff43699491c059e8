namespace DiffLib

open System
open System.Collections.Generic
open DiffLib.Kernels

/// Elementwise operations that run in one pass over memory, with the reductions that end them.
type internal Fused =
    {
        /// The loop's sizes.
        Loop: Shape
        /// What happens to one element.
        Scalar: ScalarProgram
        /// The values that go in, one for each input of the scalar program.
        Inputs: int[]
        /// The values that come out, one for each output of the scalar program: the sum that it goes into where it is placed.
        Outputs: int[]
        Reductions: FusedReduction[]
        /// The outputs that are added up at their places of larger arrays.
        Places: FusedPlaces[]
        /// For each of those a value of the larger array's shape that is added behind them, or -1.
        Bases: int[]
        /// The reduced axes of the loop, neighbours: first and how many; none where nothing is reduced.
        FirstAxis: int
        AxisCount: int
    }

/// One thing a compiled program does.
type internal Work =
    | Call of Equation
    /// A product of matrices, added to a sum that nothing else needs.
    | Add of product: Equation * sum: Equation * before: int
    | Loop of Fused
    /// The inputs of an operation that puts blocks in their places which the loop before has left out.
    | Rest of Equation * inputs: int[]

/// Chapter 17: which operations run together. Every operation gets a stage, as late as its users allow: a chain of elementwise operations over one
/// shape shares a stage, everything else comes a stage before its users. Operations of one shape and stage can then run in one loop, because a way from one to the other through
/// anything else would need stages in between.
module internal Fuse =
    /// Longer chains are cut: a loop's body should stay in the processor's first cache.
    [<Literal>]
    let private LoopLimit = 160

    let private scalarType (t: DType) : ScalarType = LanguagePrimitives.EnumOfValue<byte, ScalarType>(byte t)

    let private keepsIntegers (op: BinaryOp) =
        match op with
        | BinaryOp.Add
        | BinaryOp.Subtract
        | BinaryOp.Multiply -> true
        | _ -> false

    /// Whether the operation works element by element, with the same result inside a loop.
    let private isElementwise (specs: Spec[]) (e: Equation) : bool =
        let input k = specs[e.Inputs[k]].DType
        let floats = e.Inputs |> Array.forall (fun k -> DTypes.isFloat specs[k].DType)

        match e.Rule with
        | :? ElementwiseRule -> floats
        | :? ElementwiseBinaryRule as r -> input 0 = input 1 && (floats || (keepsIntegers r.Op && input 0 <> DType.Bool))
        | :? NumberRule
        | :? NumberMinusRule
        | :? PowerRule -> floats
        | :? CompareRule -> input 0 = input 1
        | :? WhereRule -> input 0 = DType.Bool && input 1 = input 2
        | :? CastRule -> true
        | _ -> false

    /// The neighbouring axes that a sum runs over, if they are neighbours: first and how many.
    let private sumAxes (specs: Spec[]) (e: Equation) : struct (int * int) voption =
        let shape = specs[e.Inputs[0]].Shape

        let axes =
            match e.Rule with
            | :? SumRule as r -> r.Axes |> Array.sort
            | :? SumToRule -> SumToRule.AxesOf(shape, specs[e.Outputs[0]].Shape)
            | _ -> [||]

        let neighbours = axes.Length > 0 && axes[axes.Length - 1] - axes[0] = axes.Length - 1
        if neighbours && DTypes.isFloat specs[e.Inputs[0]].DType && shape.Count > 0 then
            ValueSome(struct (axes[0], axes.Length))
        else
            ValueNone

    /// One operation's part in fusion.
    [<RequireQualifiedAccess>]
    type private Role =
        | Element
        | Reduction of first: int * count: int
        | Other

    /// The moves of the blocks that an operation puts in their places, if that is what it does; and whether it adds them up.
    let private placing (specs: Spec[]) (e: Equation) : struct (int[] * int[] * bool) voption =
        match e.Rule with
        | :? PlaceSumRule as r -> ValueSome(struct (r.Starts, r.Steps, true))
        | :? EmbedRule as r -> ValueSome(struct (r.Starts, r.Steps, false))
        | :? ConcatRule as r ->
            let rank = specs[e.Outputs[0]].Rank
            let starts = Array.zeroCreate<int>(e.Inputs.Length * rank)

            for k in 1 .. e.Inputs.Length - 1 do
                starts[k * rank + r.Axis] <- starts[(k - 1) * rank + r.Axis] + specs[e.Inputs[k - 1]].Shape.Sizes[r.Axis]

            ValueSome(struct (starts, Array.create starts.Length 1, false))
        | _ -> ValueNone

    /// What a loop does of an operation that puts blocks in their places.
    type private Placed =
        {
            /// Some inputs of the operation, neighbours, and how they lie in its result.
            Places: FusedPlaces
            First: int
            Count: int
            /// The input that is added to the whole result behind them, or -1.
            Base: int
            /// The inputs that are put in their places after the loop.
            Rest: int[]
        }

    /// How some neighbouring blocks of one shape lie in the result, row behind row: where they are without gaps, and shorter than the result along one axis only.
    let private placesOf
        (specs: Spec[])
        (e: Equation)
        (first: int)
        (count: int)
        (struct (starts: int[], steps: int[], sums: bool))
        : FusedPlaces voption =
        let block, whole = specs[e.Inputs[first]].Shape, specs[e.Outputs[0]].Shape
        let rank = whole.Rank

        let axes =
            [| for d in 0 .. rank - 1 do
                   if block.Sizes[d] <> whole.Sizes[d] then d |]

        if
            axes.Length = 1
            && block.Count > 0
            && DTypes.isFloat specs[e.Outputs[0]].DType
            && Seq.forall (fun k -> steps[k] = 1) (seq { first * rank .. (first + count) * rank - 1 })
        then
            let axis = axes[0]
            let inner = Seq.fold (fun n d -> n * whole.Sizes[d]) 1 (seq { axis + 1 .. rank - 1 })
            let shifts = Array.init count (fun k -> starts[(first + k) * rank + axis] * inner)

            if Array.max shifts - Array.min shifts <= FusedPlaces.MaxSpan then
                ValueSome(FusedPlaces(shifts, block.Sizes[axis] * inner, whole.Sizes[axis] * inner, sums))
            else
                ValueNone
        else
            ValueNone

    /// The part of an operation that a loop can do: blocks that it makes or reads, of which it makes one at least. Where blocks are added up, their order stays: the first ones; where
    /// they are joined, the largest.
    let private placed (specs: Spec[]) (e: Equation) (makes: int -> bool) (reads: int -> bool) (isGiven: int -> bool) : Placed voption =
        let part first count based =
            let moves = placing specs e
            let rest =
                [| for k in 0 .. e.Inputs.Length - 1 do
                       if (k < first || k >= first + count) && k <> based then k |]
            let size (ks: int seq) = ks |> Seq.sumBy (fun k -> int64 specs[e.Inputs[k]].Shape.Count)

            if moves.IsSome && size rest <= size (seq { first .. first + count - 1 }) then
                placesOf specs e first count moves.Value
                |> ValueOption.map (fun places -> { Places = places; First = first; Count = count; Base = based; Rest = rest })
            else
                ValueNone

        match e.Rule with
        | :? EmbedRule -> if makes 0 then part 0 1 -1 else ValueNone
        | :? ConcatRule ->
            let largest = seq { 0 .. e.Inputs.Length - 1 } |> Seq.maxBy (fun k -> specs[e.Inputs[k]].Shape.Count)
            if makes largest then part largest 1 -1 else ValueNone
        | :? PlaceSumRule as r ->
            let shape = specs[e.Inputs[0]].Shape
            let fits k = specs[e.Inputs[k]].Shape.Equals shape && (makes k || reads k)
            let count = seq { 0 .. e.Inputs.Length - 1 } |> Seq.takeWhile fits |> Seq.length
            let whole = specs[e.Outputs[0]].Shape
            let last = e.Inputs.Length - 1
            // a base is the only block behind those of the loop
            let based = if count = last && specs[e.Inputs[last]].Shape.Equals whole && isGiven last then last else -1
            if Seq.exists makes (seq { 0 .. count - 1 }) then part 0 count based else ValueNone
        | _ -> ValueNone

    let private roleOf (specs: Spec[]) (e: Equation) : Role =
        if e.Outputs.Length = 1 && isElementwise specs e then
            Role.Element
        else
            match e.Rule with
            | :? SumRule
            | :? SumToRule ->
                match sumAxes specs e with
                | ValueSome(struct (first, count)) -> Role.Reduction(first, count)
                | ValueNone -> Role.Other
            | _ -> Role.Other

    /// Writes an operation into a scalar program.
    let private write (b: ScalarProgramBuilder) (specs: Spec[]) (e: Equation) (at: int -> int) : int =
        let result = scalarType specs[e.Outputs[0]].DType
        let number (c: double) = b.Constant(result, ScalarTypes.Bits(result, c))

        match e.Rule with
        | :? ElementwiseRule as r -> b.Unary(r.Op, at 0)
        | :? ElementwiseBinaryRule as r -> b.Binary(r.Op, at 0, at 1)
        | :? NumberRule as r -> b.Binary(r.Op, at 0, number r.Number)
        | :? NumberMinusRule as r -> b.Binary(BinaryOp.Subtract, number r.Number, at 0)
        | :? PowerRule as r -> b.Binary(BinaryOp.Power, at 0, number r.Exponent)
        | :? CompareRule as r -> b.Compare(r.Op, at 0, at 1)
        | :? WhereRule -> b.Select(at 0, at 1, at 2)
        | _ -> b.Convert(result, at 0)

    /// Union-find over equations.
    [<Sealed>]
    type private Groups(count: int) =
        let parent = Array.init count id
        let size = Array.create count 1
        /// The reduced axes that a group has settled on.
        let axes: struct (int * int) voption[] = Array.create count ValueNone

        member this.Of(e: int) : int =
            let mutable root = e

            while parent[root] <> root do
                root <- parent[root]

            let mutable at = e

            while parent[at] <> root do
                let next = parent[at]
                parent[at] <- root
                at <- next

            root

        member _.Settle(e: int, reduced: struct (int * int)) = axes[e] <- ValueSome reduced

        /// Joins two groups if they reduce the same axes, or one of them none, and the whole is not too long.
        member this.Join(a: int, b: int, limit: int) =
            let a, b = this.Of a, this.Of b

            if a <> b && size[a] + size[b] <= limit then
                match axes[a], axes[b] with
                | ValueSome x, ValueSome y when x <> y -> ()
                | x, y ->
                    parent[b] <- a
                    size[a] <- size[a] + size[b]
                    axes[a] <- (if x.IsSome then x else y)

        member _.Axes(root: int) = axes[root]

        /// Whether Join would make one group of two.
        member this.Fits(a: int, b: int, limit: int) =
            let a, b = this.Of a, this.Of b
            a <> b && size[a] + size[b] <= limit && (axes[a].IsNone || axes[b].IsNone || axes[a] = axes[b])

    let private stages (p: Program) (roles: Role[]) (loops: Shape[]) (maker: int[]) : int[] =
        let late = Array.create p.Equations.Length 0

        for e in p.Equations.Length - 1 .. -1 .. 0 do
            for k in p.Equations[e].Inputs do
                let m = maker[k]

                if m >= 0 then
                    let together = roles[m].IsElement && not roles[e].IsOther && loops[m].Equals loops[e]
                    late[m] <- min late[m] (if together then late[e] else late[e] - 1)

        late

    /// Of two functions of one value that share their work the second goes where the first goes: one loop computes both, and keeps the second's result for
    /// those who need it later, where it would have kept the value.
    let private bringPairsTogether (p: Program) (late: int[]) =
        let firsts = Dictionary<struct (int * UnaryOp), int>()

        for e in 0 .. p.Equations.Length - 1 do
            match p.Equations[e].Rule with
            | :? ElementwiseRule as r ->
                let pair = KernelTypes.PairOf r.Op
                if pair.HasValue then
                    let struct (second, _) = pair.Value
                    firsts[struct (p.Equations[e].Inputs[0], second)] <- e
            | _ -> ()

        for e in 0 .. p.Equations.Length - 1 do
            match p.Equations[e].Rule with
            | :? ElementwiseRule as r ->
                match firsts.TryGetValue(struct (p.Equations[e].Inputs[0], r.Op)) with
                | true, first -> late[e] <- min late[e] late[first]
                | _ -> ()
            | _ -> ()

    /// What depends on what, between groups of equations and equations on their own.
    [<Sealed>]
    type private Dependences(p: Program, roles: Role[], groups: Groups) =
        /// So many groups are looked at before two are left apart.
        let patience = 512
        /// For each group the equations that need something of it; the complement where that is a reduction's result, which is there when the loop is over.
        let users: List<int>[] = Array.init p.Equations.Length (fun _ -> List())
        let seen = Array.zeroCreate<int> p.Equations.Length
        let pending = Stack<int>()
        let mutable round = 0
        let mutable visited = 0

        do
            let maker = Array.create p.Specs.Length -1

            for e in 0 .. p.Equations.Length - 1 do
                for k in p.Equations[e].Inputs do
                    let m = maker[k]
                    if m >= 0 then users[groups.Of m].Add(if roles[m].IsReduction then ~~~e else e)

                for k in p.Equations[e].Outputs do
                    maker[k] <- e

        let userOf (entry: int) = groups.Of(if entry < 0 then ~~~entry else entry)

        member private _.Visit(g: int) =
            if seen[g] <> round then
                seen[g] <- round
                visited <- visited + 1
                pending.Push g

        /// Whether the second of two groups has to wait for the first: for a reduction, or for something outside that needs the first; true also where that takes long
        /// to find out.
        member private this.Waits(a: int, b: int) : bool =
            round <- round + 1
            visited <- 0
            pending.Clear()
            let mutable found = false

            for entry in users[a] do
                let g = userOf entry
                if g = b then found <- found || entry < 0
                elif g <> a then this.Visit g

            while not found && pending.Count > 0 do
                for entry in users[pending.Pop()] do
                    let g = userOf entry
                    if g = b then found <- true else this.Visit g

                if visited > patience then found <- true

            found

        /// Whether two groups can become one.
        member this.AreFree(a: int, b: int) =
            let a, b = groups.Of a, groups.Of b
            not (this.Waits(a, b) || this.Waits(b, a))

        /// Makes one group of two.
        member _.Join(a: int, b: int) =
            let a, b = groups.Of a, groups.Of b
            groups.Join(a, b, Int32.MaxValue)
            let root, other = if groups.Of a = a then a, b else b, a
            users[root].AddRange users[other]
            users[other].Clear()

    /// Groups over one shape that read the same value, or of which one reads what the other makes, become one where nothing has to run between them.
    let private joinReaders (p: Program) (roles: Role[]) (loops: Shape[]) (maker: int[]) (groups: Groups) =
        let dependences = Dependences(p, roles, groups)
        /// For each value a group that makes or reads it.
        let heads = Dictionary<int, int>()

        for e in 0 .. p.Equations.Length - 1 do
            if not roles[e].IsOther && loops[e].Rank > 0 then
                for k in p.Equations[e].Inputs do
                    if p.Specs[k].Shape.Equals loops[e] then
                        let m = maker[k]

                        let head =
                            match heads.TryGetValue k with
                            | true, head -> head
                            | _ -> if m >= 0 && roles[m].IsElement then m else -1

                        if head < 0 then
                            heads[k] <- e
                        elif groups.Of head <> groups.Of e then
                            if loops[head].Equals loops[e] && groups.Fits(head, e, LoopLimit) && dependences.AreFree(head, e) then
                                dependences.Join(head, e)
                            else
                                heads[k] <- e

    /// For each equation that adds a product of matrices to a sum of such products, the equation of the product: a gradient of a matrix that every step of a loop used.
    /// Written apart, all those products would lie in memory until a loop adds them up. Only where neither is needed otherwise, and where adding the product in its kernel gives the same bits: sums
    /// over k in one stretch. Sums of two products are left to the loop that reads them.
    let private sumsOfProducts (p: Program) (maker: int[]) : int[] =
        let uses = Array.zeroCreate<int> p.Specs.Length
        let products = Array.create p.Equations.Length -1
        let chained = Array.zeroCreate<int> p.Equations.Length

        for k in Seq.append (p.Equations |> Seq.collect (fun e -> e.Inputs)) p.Outputs do
            uses[k] <- uses[k] + 1

        let productOf (k: int) =
            let m = maker[k]

            if m < 0 || uses[k] <> 1 then
                -1
            else
                match p.Equations[m] with
                | { Rule = :? MatMulRule; Inputs = [| a; b |] } when p.Specs[a].Rank = 2 && p.Specs[b].Rank = 2 && DTypes.isFloat p.Specs[k].DType ->
                    let depth = p.Specs[a].Shape.Sizes[1]
                    if depth > 0 && depth <= Gemm.DepthBlock && p.Specs[k].Shape.Count > 0 then m else -1
                | _ -> -1

        /// How many products a value is the sum of.
        let terms (k: int) =
            if productOf k >= 0 then 1
            elif uses[k] = 1 && maker[k] >= 0 then chained[maker[k]]
            else 0

        for e in 0 .. p.Equations.Length - 1 do
            match p.Equations[e] with
            | { Rule = :? ElementwiseBinaryRule as r; Inputs = [| x; y |] } when r.Op = BinaryOp.Add && x <> y && p.Specs[x] = p.Specs[y] ->
                let sum, product = if productOf y >= 0 then x, productOf y else y, productOf x

                if product >= 0 && terms sum > 0 then
                    products[e] <- product
                    chained[e] <- terms sum + 1
            | _ -> ()

        // from the ends of the sums back: a sum belongs to the longest that it is part of
        for e in p.Equations.Length - 1 .. -1 .. 0 do
            if products[e] >= 0 then
                for k in p.Equations[e].Inputs do
                    let m = maker[k]
                    if m >= 0 && products[m] >= 0 then chained[m] <- chained[e]

        products |> Array.mapi (fun e m -> if chained[e] > 2 then m else -1)

    /// The program's operations in an order in which they can run, those that run together in one loop each.
    let fuse (p: Program) : Work[] =
        let count = p.Equations.Length
        let specs = p.Specs
        let maker = Array.create specs.Length -1
        p.Equations
        |> Array.iteri (fun e eq ->
            for k in eq.Outputs do
                maker[k] <- e)
        let added = sumsOfProducts p maker
        let roles = p.Equations |> Array.mapi (fun e eq -> if added[e] >= 0 then Role.Other else roleOf specs eq)
        let absorbed = HashSet<int>(added)

        let loops =
            Array.map2
                (fun (e: Equation) (role: Role) -> if role.IsReduction then specs[e.Inputs[0]].Shape else specs[e.Outputs[0]].Shape)
                p.Equations
                roles

        let late = stages p roles loops maker
        bringPairsTogether p late
        let groups = Groups count

        roles
        |> Array.iteri (fun e role ->
            match role with
            | Role.Reduction(first, n) -> groups.Settle(e, struct (first, n))
            | _ -> ())

        let limit (shape: Shape) = if shape.Rank = 0 then Int32.MaxValue else LoopLimit

        // producers with their users, then users of the same value
        let readers = Dictionary<struct (int * int), int>()

        for e in 0 .. count - 1 do
            if not roles[e].IsOther then
                for k in p.Equations[e].Inputs do
                    let m = maker[k]

                    if m >= 0 && roles[m].IsElement && late[m] = late[e] && loops[m].Equals loops[e] then
                        groups.Join(m, e, limit loops[e])
                    elif specs[k].Shape.Equals loops[e] then
                        match readers.TryGetValue(struct (k, late[e])) with
                        | true, other when loops[other].Equals loops[e] -> groups.Join(other, e, limit loops[e])
                        | true, _ -> ()
                        | _ -> readers[struct (k, late[e])] <- e

        joinReaders p roles loops maker groups

        // blocks that a loop makes are put in their places by that loop; where that is not all, the rest is put there after it
        let attached = Array.create count -1
        let places = Array.create count ValueNone
        let readers = Array.init specs.Length (fun _ -> List<int>())

        for e in 0 .. count - 1 do
            if roles[e].IsElement || roles[e].IsReduction then
                for k in p.Equations[e].Inputs do
                    readers[k].Add e

        for e in 0 .. count - 1 do
            let eq = p.Equations[e]
            let isMade k = maker[k] >= 0 && roles[maker[k]].IsElement && places[maker[k]].IsNone

            let candidates =
                match eq.Rule with
                | :? PlaceSumRule
                | :? EmbedRule -> eq.Inputs
                | :? ConcatRule -> [| eq.Inputs |> Array.maxBy (fun k -> specs[k].Shape.Count) |]
                | _ -> [||]

            if candidates.Length > 0 then
                match candidates |> Array.tryFind isMade with
                | Some k ->
                    let loop, group = loops[maker[k]], groups.Of maker[k]
                    let makes k = isMade eq.Inputs[k] && groups.Of maker[eq.Inputs[k]] = group
                    // what the loop reads is there before it
                    let reads k = specs[eq.Inputs[k]].Shape.Equals loop && readers[eq.Inputs[k]] |> Seq.exists (fun r -> groups.Of r = group)
                    let isGiven k = eq.Inputs[k] < p.InputCount

                    let ends =
                        match groups.Axes group with
                        | ValueSome(struct (first, n)) -> first + n = loop.Rank
                        | ValueNone -> true

                    match (if ends then placed specs eq makes reads isGiven else ValueNone) with
                    | ValueSome found ->
                        places[e] <- ValueSome found

                        if found.Rest.Length = 0 then
                            roles[e] <- Role.Element
                            groups.Join(group, e, Int32.MaxValue)
                        else
                            attached[e] <- maker[k]
                    | ValueNone -> ()
                | None -> ()

        let members = Dictionary<int, List<int>>()

        for e in 0 .. count - 1 do
            if not roles[e].IsOther then
                let root = groups.Of e

                match members.TryGetValue root with
                | true, list -> list.Add e
                | _ -> members[root] <- List<int>([ e ])

        let guests = Dictionary<int, List<int>>()

        for e in 0 .. count - 1 do
            if attached[e] >= 0 then
                let root = groups.Of attached[e]

                match guests.TryGetValue root with
                | true, list -> list.Add e
                | _ -> guests[root] <- List<int>([ e ])

        // a value leaves its group if anything outside uses it
        let leaves = Array.zeroCreate<bool> specs.Length

        for k in p.Outputs do
            leaves[k] <- true

        let groupOf e = if roles[e].IsOther then -1 - e else groups.Of e

        /// Whether an operation's input is put in its place by the loop of its group, which is not the operation's own.
        let isPlacedByGuest e input m =
            attached[e] >= 0
            && groupOf m = groups.Of attached[e]
            && (let found = places[e].Value in input >= found.First && input < found.First + found.Count)

        for e in 0 .. count - 1 do
            for input in 0 .. p.Equations[e].Inputs.Length - 1 do
                let k = p.Equations[e].Inputs[input]
                let m = maker[k]
                if m >= 0 && not (isPlacedByGuest e input m) && (groupOf m <> groupOf e || roles[m].IsReduction || places[m].IsSome) then
                    leaves[k] <- true

        let build (root: int) : Work =
            let list = members[root]

            let invited =
                match guests.TryGetValue root with
                | true, list -> list
                | _ -> List<int>()

            if
                list.Count = 1 && invited.Count = 0 && places[list[0]].IsNone && (roles[list[0]].IsReduction || p.Equations[list[0]].Rule :? CastRule)
            then
                // one reduction, or one conversion, has a kernel of its own
                Call p.Equations[list[0]]
            else
                let b = ScalarProgramBuilder()
                let inputs = List<int>()
                let written = Dictionary<int, int>()

                let read (k: int) =
                    match written.TryGetValue k with
                    | true, v -> v
                    | _ ->
                        let t = scalarType specs[k].DType

                        let known =
                            if k >= p.InputCount && k < p.Given then
                                let c = p.Constants[k - p.InputCount]
                                if c.IsConstant then ValueSome c.First else ValueNone
                            else
                                ValueNone

                        let v =
                            match known with
                            | ValueSome c -> b.Constant(t, c.InlinedBits)
                            | ValueNone ->
                                inputs.Add k
                                b.Input t

                        written[k] <- v
                        v

                let outputs = List<struct (int * int * FusedReduction)>()

                let placed = List<FusedPlaces>()
                let bases = List<int>()

                let place (e: int) =
                    let eq, found = p.Equations[e], places[e].Value
                    placed.Add(found.Places.From outputs.Count)
                    bases.Add(if found.Base < 0 then -1 else eq.Inputs[found.Base])

                    for k in found.First .. found.First + found.Count - 1 do
                        outputs.Add(struct (eq.Outputs[0], read eq.Inputs[k], FusedReduction.Place))

                for e in list do
                    let eq = p.Equations[e]
                    let result = eq.Outputs[0]

                    match roles[e] with
                    | _ when places[e].IsSome -> place e
                    | Role.Reduction _ -> outputs.Add(struct (result, read eq.Inputs[0], FusedReduction.Sum))
                    | _ ->
                        let v = write b specs eq (fun k -> read eq.Inputs[k])
                        written[result] <- v
                        if leaves[result] then outputs.Add(struct (result, v, FusedReduction.None))

                for e in invited do
                    place e

                let struct (first, n) =
                    match groups.Axes root with
                    | ValueSome axes -> axes
                    | ValueNone -> struct (0, 0)

                Loop
                    { Loop = loops[list[0]]
                      Scalar = b.Build(ReadOnlySpan [| for struct (_, v, _) in outputs -> v |])
                      Inputs = inputs.ToArray()
                      Outputs = [| for struct (k, _, _) in outputs -> k |]
                      Reductions = [| for struct (_, _, r) in outputs -> r |]
                      Places = placed.ToArray()
                      Bases = bases.ToArray()
                      FirstAxis = first
                      AxisCount = n }

        // in the order they were written; a group when something outside first needs it
        let work = List<Work>()
        let emitted = HashSet<int>()
        let pending = Stack<struct (int * bool)>()

        let needs (group: int) : int seq =
            let equations =
                if group >= 0 then members[group] :> int seq
                elif added[-1 - group] >= 0 then [ added[-1 - group]; -1 - group ]
                else [ -1 - group ]

            equations
            |> Seq.collect (fun e -> p.Equations[e].Inputs)
            |> Seq.map (fun k -> maker[k])
            |> Seq.filter (fun m -> m >= 0)
            |> Seq.map groupOf
            |> Seq.filter (fun g -> g <> group && not (g < 0 && absorbed.Contains(-1 - g)))

        let alone (e: int) : Work =
            if attached[e] >= 0 then
                Rest(p.Equations[e], places[e].Value.Rest)
            elif added[e] < 0 then
                Call p.Equations[e]
            else
                let product, sum = p.Equations[added[e]], p.Equations[e]
                let before = if sum.Inputs[0] = product.Outputs[0] then sum.Inputs[1] else sum.Inputs[0]
                Add(product, sum, before)

        let emit (group: int) =
            pending.Push(struct (group, false))

            while pending.Count > 0 do
                let struct (g, ready) = pending.Pop()

                if not (emitted.Contains g) then
                    if ready then
                        emitted.Add g |> ignore
                        work.Add(if g < 0 then alone (-1 - g) else build g)
                    else
                        pending.Push(struct (g, true))

                        for other in needs g do
                            if not (emitted.Contains other) then pending.Push(struct (other, false))

        for e in 0 .. count - 1 do
            if roles[e].IsOther && not (absorbed.Contains e) then emit (groupOf e)

        for k in p.Outputs do
            if maker[k] >= 0 then emit (groupOf maker[k])

        work.ToArray()

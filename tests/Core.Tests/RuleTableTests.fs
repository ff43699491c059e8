namespace DiffLib.Core.Tests

open System
open System.Collections.Generic
open System.IO
open DiffLib
open global.Xunit
open Numeric

/// Rules as text and back, and the operations that the catalogue leaves out because they have no derivative.
module RuleTableTests =
    /// Classes whose rules are made from functions: they have no text.
    let private fromFunctions =
        dict
            [ "FormulaRule", "a formula and its slope; programs see the formula's own operations"
              "UserRule", "a user's functions; programs see the operations of the value"
              "CheckpointRule", "a user's function"
              "ProgramRule", "a program, which is saved as such"
              "OpaqueRule", "a function that looks at numbers"
              "ImplicitRule", "a user's equations"
              "LinearSolveRule", "a user's product of a matrix with a vector"
              "AdjointRule", "a user's differential equation"
              "SwitchRule", "programs"
              "WhileRule", "programs"
              "ScanRule", "a program"
              "ProcedureRule", "a loop, and what is asked of it"
              "SymmetricFunctionRule", "a user's function of eigenvalues" ]

    let rec private ancestors (t: Type) : Type list =
        match t.BaseType with
        | null -> []
        | b -> b :: ancestors b

    let private classes = typeof<Rule>.Assembly.GetTypes() |> Array.filter (fun t -> not t.IsAbstract && List.contains typeof<Rule> (ancestors t))

    [<Fact>]
    let ``every rule class has an entry, or a reason to have none`` () =
        for t in classes do
            if RuleTable.knows t = fromFunctions.ContainsKey t.Name then
                Assert.Fail $"{t.Name} must be either in the table of rules or in the list of those made from functions"

    /// The rules that functions write down, at values, stacks and derivatives.
    let private demandRoundTrip (rule: Rule) =
        if not (fromFunctions.ContainsKey(rule.GetType().Name)) then
            let saved = RuleTable.save rule
            let back = RuleTable.load saved

            if not (Rule.Same(rule, back)) || rule.Describe() <> back.Describe() then
                Assert.Fail $"{rule.Describe()} comes back as {back.Describe()}"

            let extra = { saved with Attributes = Array.append saved.Attributes [| "unheard_of", Attribute.Int 1 |] }
            let error = Assert.Throws<InvalidDataException>(fun () -> RuleTable.load extra |> ignore)
            Assert.Contains("unheard_of", error.Message)

            if saved.Attributes |> Array.exists (fun (name, _) -> name = "axis") then
                let lacking = { saved with Attributes = saved.Attributes |> Array.filter (fun (name, _) -> name <> "axis") }
                let error = Assert.Throws<InvalidDataException>(fun () -> RuleTable.load lacking |> ignore)
                Assert.Contains("lacks the attribute \"axis\"", error.Message)

    let private ofData (error: InvalidOperationException) = error.Message.Contains "depends on the data"

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``rules come back from their text`` (operation: string) =
        let t = Cases.first operation DType.Float64
        let k = t.Inputs.Length
        let w = t.Direction(t.F t.Inputs)

        try
            for f, xs in
                [ (fun xs -> [| t.F xs |]), t.Inputs
                  (fun (all: Tensor[]) -> Derive.vjp t.F (Array.take k all) all[k]), Array.append t.Inputs [| w |]
                  (fun (all: Tensor[]) -> [| Derive.along t.F (Array.take k all) (Array.skip k all) |]), Array.append t.Inputs (t.Directions t.Inputs) ] do
                for equation in Written.Of(f, xs).Stage.Equations do
                    demandRoundTrip equation.Rule
        with :? InvalidOperationException as error when ofData error ->
            Assert.StartsWith("Unique", operation)

    [<Fact>]
    let ``a rule made from a function says why it cannot be saved`` () =
        let rule = FormulaRule("mine", id, (fun x _ -> x))
        let error = Assert.Throws<InvalidOperationException>(fun () -> RuleTable.save rule |> ignore)
        Assert.Contains("\"mine\" is made from a function", error.Message)

    [<Theory>]
    [<InlineData("frobnicate", "add", 1, "frobnicate")>]
    [<InlineData("binary", "frobnicate", 1, "not among the BinaryOps")>]
    [<InlineData("binary", "7", 1, "not among the BinaryOps")>]
    [<InlineData("binary", "add", 2, "version 2")>]
    [<InlineData("extremum", "median", 1, "either \"max\" or \"min\"")>]
    let ``what the table does not know is an error that says so`` (kind: string) (name: string) (version: int) (says: string) =
        let saved = { Kind = kind; Name = name; Version = version; Attributes = [||] }
        let error = Assert.Throws<InvalidDataException>(fun () -> RuleTable.load saved |> ignore)
        Assert.Contains(says, error.Message)

    // ---- operations without a derivative

    let private numbers (shape: int list) (values: float list) = Points.tensor DType.Float64 (Array.ofList shape) (Array.ofList values)
    let private three (f: int -> Tensor) : Tensor = Joining.Stack(Array.init 3 f, 0)
    let private first (struct (a: Tensor, _: Tensor)) = a
    let private both (struct (a: Tensor, b: Tensor)) = [| a; b |]
    let private some k = numbers [ 2; 3 ] [ for i in 0..5 -> float ((i * 7 + k * 5) % 11) / 4.0 - 1.0 ]
    let private truths k = mask [ 2; 3 ] [ for i in 0..5 -> (i + k) % 2 ]
    let private positions k = ints [ 2; 2 ] [ k; 2; 0; (k + 1) % 3 ]
    let private classesOf k = ints [ 2 ] [ k; 2 - k ]

    /// An operation, three examples of each input, and how to apply it.
    let private operations: IDictionary<string, Tensor[] * (Tensor[] -> Tensor[])> =
        let values = three some
        let one (f: Tensor -> Tensor) = [| values |], (fun (xs: Tensor[]) -> [| f xs[0] |])

        dict
            [ "argsort", one (fun x -> Sorting.ArgSort(x, 1, true))
              "topk",
              ([| three (fun k -> numbers [ 20 ] [ for i in 0..19 -> float ((i * 7 + k * 3) % 23) ]) |],
               (fun xs -> both (Sorting.TopK(xs[0], 2, 0, true))))
              "argmax", one (fun x -> Reducing.ArgExtremum(true, x, 1, false))
              "argmin over all", one (fun x -> Reducing.ArgExtremum(false, x))
              "all", one (fun x -> Reducing.All(Logic.Less(x, 1.0), [| 1 |], true))
              "any", one (fun x -> Reducing.Any(Logic.Less(x, -0.9), null, false))
              "count", one (fun x -> Reducing.CountNonZero(x, [| 0 |], false))
              "median with its place", one (fun x -> first (Statistics.MedianWithIndex(x, 1, false, false)))
              "running extremum", ([| values |], (fun xs -> both (Cumulative.Extremum(true, xs[0], 1))))
              "sign of a determinant",
              ([| three (fun k -> numbers [ 2; 2 ] [ 1.0; float k; 1.5; 1.0 ]) |], (fun xs -> both (LinearAlgebra.SlogDet xs[0])))
              "max of truth values", ([| three truths |], (fun xs -> [| Reducing.Max(xs[0], [| 1 |], false) |]))
              "max of integers",
              ([| three positions |], (fun xs -> [| Reducing.Max(xs[0], [| 1 |], true); Reducing.Product(xs[0], [| 0 |], false) |]))
              "small integers are counted in large ones",
              ([| three positions |],
               (fun xs ->
                   let x = Tensor.Cast(xs[0], DType.Int32)

                   [| Reducing.Sum(x, [| 1 |], false)
                      Reducing.Product(x, [| 1 |], false)
                      Reducing.Max(x, [| 1 |], false)
                      Cumulative.Sum(x, 1, true)
                      Cumulative.Product(x, 0)
                      Products.MatMul(x, x) |]))
              "product of matrices of integers", ([| three positions; three positions |], (fun xs -> [| Products.MatMul(xs[0], xs[1]) |]))
              "search in one row",
              ([| three (fun k -> numbers [ 3 ] [ 0.0; float k; 4.0 ]); values |], (fun xs -> [| Sorting.SearchSorted(xs[0], xs[1], false, null) |]))
              "search row by row",
              ([| three (fun k -> numbers [ 2; 2 ] [ 0.0; float k; 1.0; 2.0 ]); values |],
               (fun xs -> [| Sorting.SearchSorted(xs[0], xs[1], true, null) |]))
              "one-hot", ([| three positions |], (fun xs -> [| Creation.OneHot(DType.Float32, xs[0], 4) |]))
              "histogram between bounds", ([| values |], (fun xs -> both (Statistics.Histogram(xs[0], 3, -1.0, 1.0))))
              "histogram", ([| values |], (fun xs -> both (Statistics.Histogram(xs[0], 3))))
              "masked scatter",
              ([| values; three truths; three (fun k -> numbers [ 4 ] [ 1.0; 2.0; 3.0; float k ]) |],
               (fun xs -> [| Indexing.MaskedScatter(xs[0], xs[1], xs[2]) |]))
              "gather", ([| values; three positions |], (fun xs -> [| Indexing.Gather(xs[0], 1, xs[1]) |]))
              "take", ([| values; three positions |], (fun xs -> [| Indexing.Take(xs[0], xs[1], 1) |]))
              "index by tensors",
              ([| values; three classesOf |],
               (fun xs -> [| (xs[0]).Item(TensorIndex.op_Implicit (ints [ 2 ] [ 1; 0 ]), TensorIndex.op_Implicit xs[1]) |]))
              "set at positions",
              ([| values; three classesOf; three classesOf |],
               (fun xs ->
                   [| Indexing.Set(xs[0], [| TensorIndex.op_Implicit 1; TensorIndex.op_Implicit xs[1] |], Tensor.Cast(xs[2], DType.Float64)) |]))
              for how in Enum.GetValues<ScatterReduction>() do
                  for own in [ true; false ] do
                      $"scatter by {how}, itself {own}",
                      ([| three (fun k -> numbers [ 4 ] [ 1.0; -2.0; 3.0; float k ])
                          three (fun k -> ints [ 5 ] [ k; 2; 0; k; k ])
                          three (fun k -> numbers [ 5 ] [ 0.5; float k; 3.0; -4.0; 2.0 ]) |],
                       (fun (xs: Tensor[]) -> [| Indexing.ScatterReduce(xs[0], 0, xs[1], xs[2], how, own) |]))
              for kind in [ DrawKind.Uniform; DrawKind.Normal; DrawKind.TruncatedNormal; DrawKind.Exponential; DrawKind.Gumbel ] do
                  $"draws, {kind}",
                  ([| three (fun k -> ints [ 2 ] [ k; 7 ]) |],
                   (fun (xs: Tensor[]) ->
                       let parameters = [| 1.0; 2.0; -1.0; 3.0 |]
                       let draw dtype = Tensor.Apply(DrawRule.Floats(kind, Shape [| 3; 2 |], dtype, parameters), Tensor.Cast(xs[0], DType.Int64))
                       [| draw DType.Float64; draw DType.Float32 |]))
              "draws of whole numbers, truth values and orders, keys derived by known and unknown numbers",
              ([| three (fun k -> ints [ 2 ] [ k; 7 ]); three (fun k -> ints [ 4 ] [ k; 1; 2; 3 ]) |],
               (fun xs ->
                   let key, numbers = Tensor.Cast(xs[0], DType.Int64), Tensor.Cast(xs[1], DType.Int64)

                   [| Tensor.Apply(DrawRule.Integers(Shape [| 5 |], -3000000000L, 3000000000L), key)
                      Tensor.Cast(Tensor.Apply(DrawRule.Bernoulli(Shape [| 9 |], 0.3), key), DType.Int32)
                      Tensor.Apply(DrawRule.Permutation 6, key)
                      Tensor.Apply(DeriveKeyRule false, key, numbers)
                      Tensor.Apply(DeriveKeyRule true, key, Const(NDArray.Adopt(Shape [| 2 |], [| 0L; 1L |]))) |]))
              "scatter, the last stays",
              ([| values; three positions; three (fun k -> numbers [ 2; 2 ] [ 1.0; 2.0; 3.0; float k ]) |],
               (fun xs -> [| Indexing.Scatter(xs[0], 1, xs[1], xs[2]) |]))
              "cross-entropy of classes",
              ([| values; three classesOf |], (fun xs -> [| Losses.CrossEntropy(xs[0], xs[1], ValueNone, Nullable 1, 0.1, LossReduction.Mean) |]))
              "quantiles at levels",
              ([| values; three (fun k -> numbers [ 2 ] [ 0.25 * float k; 0.9 ]) |],
               (fun xs -> [| Statistics.Quantile(xs[0], xs[1], [| 1 |], false, Interpolation.Linear, false) |]))
              "casts and comparisons",
              ([| values; three positions |],
               (fun xs ->
                   [| Tensor.Cast(xs[0], DType.Int32) + 1
                      Logic.And(Logic.IsFinite xs[0], Logic.Not(Logic.IsNaN xs[0]))
                      Tensor.Cast(xs[1], DType.UInt8) |])) ]

    type Operations() =
        static member All: seq<obj[]> = seq { for name in operations.Keys -> [| name :> obj |] }

    let private demandSame (what: string) (a: Tensor) (b: Tensor) =
        Assert.True(a.DType = b.DType && a.Shape.Equals b.Shape, $"{what}: {a.DType}{a.Shape} and {b.DType}{b.Shape}")
        Assert.Equal<float[]>(elements b, elements a)

    [<Theory; MemberData("All", MemberType = typeof<Operations>)>]
    let ``an operation without a derivative works over examples and when traced`` (name: string) =
        let xs, f = operations[name]

        for stacked in Batching.subsets xs.Length do
            let inputs = Array.map2 (fun x s -> if s then x else Shaping.Select(x, 0, 1)) xs stacked
            Array.iter2 (demandSame "over examples") (Batching.vmap 3 f stacked inputs) (Batching.loop 3 f stacked inputs)

        let inputs = xs |> Array.map (fun x -> Shaping.Select(x, 0, 2))
        let written = Written.Of(f, inputs)
        let visit (rule: Rule) (_: Tensor[]) (spec: Spec) (y: Tensor) =
            demandRoundTrip rule
            Assert.Equal(spec, y.Spec)
        Array.iter2 (demandSame "written down") (written.Run(inputs, visit)) (f inputs)

    [<Fact>]
    let ``a product into places that are not known yet differentiates as the known one does`` () =
        let index = ints [ 5 ] [ 2; 2; 0; 2; 0 ]
        let x, src = numbers [ 3 ] [ 2.0; 3.0; -1.0 ], numbers [ 5 ] [ 0.0; 1.5; 2.0; -3.0; 0.5 ]
        let scatter (index: Tensor) (xs: Tensor[]) = Indexing.ScatterReduce(xs[0], 0, index, xs[1], ScatterReduction.Product, true)
        let w = numbers [ 3 ] [ 1.0; 2.0; 3.0 ]
        let known = Derive.vjp (scatter index) [| x; src |] w
        let stacks = three (fun _ -> index)
        let unknown = Batching.vmap 3 (fun xs -> Derive.vjp (scatter xs[0]) [| x; src |] w) [| true |] [| stacks |]
        Array.iter2 (fun k u -> Assert.Equal<float[]>(elements k, elements (Shaping.Select(u, 0, 1)))) known unknown

    [<Fact>]
    let ``an example that is not finite does not reach the others`` () =
        let xs = three (fun k -> numbers [ 2; 2 ] [ (if k = 1 then nan else 0.1); 0.2; 0.3; 0.4 ])
        let all = MatrixFunctions.Exp xs
        Assert.Equal<float[]>(elements (MatrixFunctions.Exp(Shaping.Select(xs, 0, 0))), elements (Shaping.Select(all, 0, 0)))
        Assert.All(elements (Shaping.Select(all, 0, 1)), fun v -> Assert.True(Double.IsNaN v))

    [<Fact>]
    let ``what depends on the data for its shape says so`` () =
        let integers = three classesOf

        for f in
            [ (fun (x: Tensor) -> Indexing.NonZero x)
              (fun x -> let struct (u, _, _) = Sorting.Unique x in u)
              (fun x -> Statistics.BinCount(x, null, 0))
              (fun x -> Creation.OneHot(DType.Float64, x, -1)) ] do
            for attempt in
                [ (fun () -> Batching.vmap 3 (fun xs -> [| f xs[0] |]) [| true |] [| integers |] |> ignore)
                  (fun () -> Written.Of((fun xs -> [| f xs[0] |]), [| Shaping.Select(integers, 0, 0) |]) |> ignore) ] do
                let error = Assert.Throws<InvalidOperationException>(attempt)
                Assert.Contains("depends on the data", error.Message)

    /// A rule of a user who works on arrays: numbers in, numbers out.
    let private black (push: bool) =
        Custom.UserRule(
            "black",
            (fun xs -> Tensor.op_Implicit (Array.map2 (fun a b -> a * a * b) (elements xs[0]) (elements xs[1]))),
            (if push then Some(fun xs _ ds -> 2.0 * xs[0] * xs[1] * ds[0] + xs[0] * xs[0] * ds[1]) else None),
            (if push then None else Some(fun xs _ w -> [| 2.0 * xs[0] * xs[1] * w; xs[0] * xs[0] * w |]))
        )

    [<Theory>]
    [<InlineData(true)>]
    [<InlineData(false)>]
    let ``a user's rule over arrays works over examples`` (push: bool) =
        let f xs = Tensor.Apply(black push, xs)[0]
        let xs = [| three (fun k -> numbers [ 2 ] [ 1.0; float k ]); three (fun k -> numbers [ 2 ] [ float k; 2.0 ]) |]

        for stacked in Batching.subsets 2 do
            let xs = Array.map2 (fun x s -> if s then x else Shaping.Select(x, 0, 1)) xs stacked
            let all xs = (Batching.vmap 3 (fun xs -> [| f xs |]) stacked xs)[0]
            demandSame "the value" (all xs) (Batching.loop 3 (fun xs -> [| f xs |]) stacked xs).[0]
            let w = three (fun k -> numbers [ 2 ] [ 1.0; float k + 1.0 ])
            let each = Array.init 3 (fun k -> Derive.vjp f (Batching.example k stacked xs) (Shaping.Select(w, 0, k)))

            Derive.vjp all xs w
            |> Array.iteri (fun i g ->
                let parts = each |> Array.map (fun gs -> gs[i])
                demandSame "the pull" g (if stacked[i] then Joining.Stack(parts, 0) else Array.reduce (fun a b -> a + b) parts))

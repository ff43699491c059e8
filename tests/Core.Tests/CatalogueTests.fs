namespace DiffLib.Core.Tests

open System
open System.Collections.Generic
open System.Reflection
open DiffLib
open DiffLib.Kernels
open global.Xunit

/// All lines, by name.
module internal Catalogue =
    let lines: Line[] =
        List.concat [ ElementwiseLines.lines; ShapeLines.lines; ReductionLines.lines; LinearAlgebraLines.lines; LossLines.lines; NnLines.lines ]
        |> Array.ofList

    let private byName = lines |> Seq.map (fun l -> KeyValuePair(l.Name, l)) |> Dictionary

    let find (name: string) : Line = byName[name]

    /// The inputs of a case, the same in every run and in both element types.
    let inputs (line: Line) (dtype: DType) (case: int[][]) : Tensor[] =
        let random = Random(Points.seedOf line.Name)
        Array.map2 (fun domain shape -> Points.tensor dtype shape (Points.sample random domain shape)) line.Domains case

/// Is anything missing from the catalogue?
module CatalogueTests =
    /// Rules whose result does not depend smoothly on anything: nothing to differentiate, so nothing is recorded.
    let private constantRules =
        set
            [ "CompareRule"
              "PositionsRule"
              "NonZeroRule"
              "LastWriterRule"
              "ArgSortRule"
              "TopKRule"
              "SearchSortedRule"
              "UniqueRowsRule"
              "ArgExtremumRule"
              "SharesRule"
              "TruthRule"
              "RunningExtremumRule"
              "OrderRule"
              "MedianPlaceRule"
              "MaxPlacesRule"
              "SignDetRule"
              "MaxPlacesRule"
              "MaskOrderRule"
              "OneHotRule"
              "ClassesRule"
              "HistogramRule"
              "BranchRule"
              "DeriveKeyRule"
              "DrawRule"
              "StopRule" ]

    /// Rules that take functions and have tests of their own: programs, equations, differential equations.
    let private rulesOfFunctions =
        set [ "ProgramRule"; "OpaqueRule"; "ImplicitRule"; "LinearSolveRule"; "AdjointRule"; "CombinationRule"; "SwitchRule" ]

    /// Elementwise operations whose derivative is zero wherever there is one.
    let private constantOperations = set [ "sign"; "step"; "floor"; "ceiling"; "round"; "truncate"; "floordivide"; "nextafter"; "heaviside" ]

    let private recorded (trace: Trace) : (string * string) seq =
        seq {
            for place in 0 .. trace.Count - 1 do
                match trace[place].Rule with
                | null -> ()
                | rule -> (rule.GetType().Name, rule.Name)
        }

    /// The rules that values and derivatives up to second order are made of.
    let private used: Set<string * string> =
        Set.ofSeq (
            seq {
                for line in Catalogue.lines do
                    // where float32 goes through float64, conversions are recorded as well
                    let dtype = if line.Name = "Cast" then DType.Float32 else DType.Float64
                    let xs = Catalogue.inputs line dtype line.Cases[0]
                    let outer = Trace(Trace.FreshTag())
                    let lifted = xs |> Array.map (Reverse.watch outer)
                    let middle = Recording.Of((fun xs -> [| line.Call xs |]), lifted)
                    let y = middle.Values[0]
                    let w = Reverse.watch outer (Forward.onesLike y)

                    if line.Precision.Order > 1 then
                        let gradients (xs: Tensor[]) =
                            (Recording.Of((fun xs -> [| line.Call xs |]), xs)).Pull [| ValueSome(Forward.onesLike y) |]
                            |> Array.map (fun g ->
                                match g with
                                | ValueSome g -> g
                                | ValueNone -> Tensor.Weak 0.0)
                        Forward.jvp gradients lifted (lifted |> Array.map (Forward.onesLike >> ValueSome)) |> ignore

                    middle.Pull [| ValueSome w |] |> ignore
                    middle.Push(lifted |> Array.map (Forward.onesLike >> ValueSome)) |> ignore
                    yield! recorded outer
            }
        )

    let rec private ancestors (t: Type) : Type list =
        match t.BaseType with
        | null -> []
        | b -> b :: ancestors b

    [<Fact>]
    let ``every rule class has a line`` () =
        let classes =
            typeof<Rule>.Assembly.GetTypes()
            |> Array.filter (fun t -> not t.IsAbstract && List.contains typeof<Rule> (ancestors t))
            |> Array.map (fun t -> t.Name)
            |> Set.ofArray

        let seen = used |> Set.map fst
        Assert.Empty(Set.difference (Set.difference classes seen) (Set.union constantRules rulesOfFunctions))
        Assert.Empty(Set.intersect constantRules seen)
        Assert.Empty(Set.difference constantRules classes)

    [<Fact>]
    let ``every elementwise operation has a line`` () =
        let seen kind = used |> Set.filter (fun (t, _) -> t = kind) |> Set.map snd
        let names (t: Type) = Enum.GetNames t |> Array.map (fun n -> n.ToLowerInvariant()) |> Set.ofArray
        // x + c, x·c and the like have a rule of their own, and these two pass through others
        Assert.Empty(Set.difference (Set.difference (names typeof<UnaryOp>) (seen "ElementwiseRule")) constantOperations)
        Assert.Empty(Set.difference (Set.difference (names typeof<BinaryOp>) (seen "ElementwiseBinaryRule")) constantOperations)

    [<Fact>]
    let ``no two lines have one name`` () = Assert.Empty(Catalogue.lines |> Array.countBy (fun l -> l.Name) |> Array.filter (fun (_, n) -> n > 1))

    // ---- the public surface

    /// Public operations that give tensors and have no line, and why.
    let private exempt: IDictionary<string, string> =
        dict
            [ for name in [ "Sign"; "Floor"; "Ceiling"; "Round"; "Truncate"; "FloorDivide"; "Heaviside"; "NextAfter" ] ->
                  name, "constant almost everywhere"
              for name in
                  [ "Equal"
                    "NotEqual"
                    "Less"
                    "LessOrEqual"
                    "Greater"
                    "GreaterOrEqual"
                    "IsClose"
                    "IsNaN"
                    "IsFinite"
                    "IsInfinity"
                    "IsPositiveInfinity"
                    "IsNegativeInfinity"
                    "SignBit"
                    "LogicalAnd"
                    "LogicalOr"
                    "LogicalXor"
                    "LogicalNot"
                    "All"
                    "Any"
                    "op_GreaterThan"
                    "op_LessThan"
                    "op_GreaterThanOrEqual"
                    "op_LessThanOrEqual"
                    "op_BitwiseAnd"
                    "op_BitwiseOr"
                    "op_ExclusiveOr"
                    "op_LogicalNot" ] -> name, "truth values"
              for name in
                  [ "ArgMax"
                    "ArgMin"
                    "ArgSort"
                    "CountNonZero"
                    "NonZero"
                    "ArgWhere"
                    "SearchSorted"
                    "Bucketize"
                    "Histogram"
                    "Linalg.MatrixRank" ] -> name, "positions or counts"
              for name in
                  [ "Scalar"
                    "Of"
                    "FromArray"
                    "FromSpan"
                    "Zeros"
                    "Ones"
                    "Full"
                    "ZerosLike"
                    "OnesLike"
                    "FullLike"
                    "Arange"
                    "Linspace"
                    "Logspace"
                    "Eye"
                    "Tri"
                    "TrilIndices"
                    "TriuIndices"
                    "OneHot"
                    "FromNumericsTensor"
                    "FromVector"
                    "FromMatrix"
                    "op_Implicit" ] -> name, "makes a constant"
              for name in
                  [ "RandomUniform"
                    "RandomNormal"
                    "RandomChoice"
                    "RandomCategorical"
                    "RandomTruncatedNormal"
                    "RandomExponential"
                    "RandomGumbel"
                    "RandomBernoulli"
                    "RandomIntegers"
                    "RandomPermutation" ] -> name, "random numbers are constants"
              for name in [ "Detach" ] -> name, "a constant on purpose" ]

    let private givesTensors (t: Type) =
        let rec given (t: Type) =
            t = typeof<Tensor>
            || (t.IsArray && t.GetElementType() = typeof<Tensor>)
            || (t.IsGenericType
                && t.FullName <> null
                && t.GetGenericTypeDefinition().Name.StartsWith("ValueTuple")
                && t.GetGenericArguments() |> Array.exists given)

        given t

    /// The classes of operations: those that extend Tensor, Linalg, Fourier, Nn, CustomRule, and Tensor itself.
    let private publicOperations: Set<string> =
        let facade = typeof<TensorReductions>.Assembly.GetExportedTypes()

        set
            [ for t in facade do
                  let isExtension = t.Name.StartsWith "Tensor" && t.IsAbstract && t.IsSealed

                  if isExtension || List.contains t.Name [ "Linalg"; "Fourier"; "Nn"; "CustomRule" ] then
                      for m in t.GetMethods(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance ||| BindingFlags.DeclaredOnly) do
                          if givesTensors m.ReturnType then
                              let name = if m.Name.StartsWith "get_" then m.Name.Substring 4 else m.Name
                              yield (if isExtension then name else $"{t.Name}.{name}")

              for m in typeof<Tensor>.GetMethods(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance ||| BindingFlags.DeclaredOnly) do
                  if givesTensors m.ReturnType then yield m.Name ]

    [<Fact>]
    let ``every public operation has a line, or a reason to have none`` () =
        let covered = Catalogue.lines |> Seq.collect (fun l -> l.Operations) |> Seq.map (fun n -> n.TrimEnd ',') |> Set.ofSeq
        let exempted = Set.ofSeq exempt.Keys
        Assert.Empty(Set.difference publicOperations (Set.union covered exempted))
        Assert.Empty(Set.difference (Set.union covered exempted) publicOperations)

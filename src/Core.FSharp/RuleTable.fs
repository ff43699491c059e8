namespace DiffLib

open System
open System.Collections.Generic
open System.IO
open DiffLib.Kernels

// Chapter 12b: rules as text and back, for saved programs. The table names every rule that has a text; nothing is found by reflection, so that
// trimming takes nothing away, and a class may be renamed without a saved program noticing.

/// What a saved program says of a rule.
[<NoEquality; NoComparison>]
type internal SavedRule =
    {
        /// The family of rules, by its name in the table.
        Kind: string
        /// The rule's own name, which tells the members of some families apart.
        Name: string
        /// Counts up when a family's attributes change their meaning.
        Version: int
        Attributes: (string * DiffLib.Attribute)[]
    }

/// The attributes of a saved rule, each asked for once.
[<Sealed>]
type internal Attributes(saved: SavedRule) =
    let left = Dictionary<string, DiffLib.Attribute>()

    let fail (text: string) : 't = raise (InvalidDataException $"The saved program's rule \"{saved.Kind}\" (version {saved.Version}) {text}")

    do
        for name, value in saved.Attributes do
            if not (left.TryAdd(name, value)) then fail $"has the attribute \"{name}\" twice."

    let wrong (name: string) (what: string) (got: DiffLib.Attribute) = fail $"has {got} as attribute \"{name}\", which is {what}."

    member _.Name = saved.Name
    member _.Has(name: string) = left.ContainsKey name

    member private _.Taken(name: string) : DiffLib.Attribute =
        match left.TryGetValue name with
        | true, value ->
            left.Remove name |> ignore
            value
        | _ -> fail $"lacks the attribute \"{name}\". The file is damaged, or was written by another version of DiffLib: compile the function again."

    member this.Flag(name: string) : bool =
        match this.Taken name with
        | Attribute.Flag v -> v
        | other -> wrong name "true or false" other

    member this.Int(name: string) : int =
        match this.Taken name with
        | Attribute.Int v -> v
        | other -> wrong name "a whole number" other

    member this.Ints(name: string) : int[] =
        match this.Taken name with
        | Attribute.Ints v -> v
        | other -> wrong name "a list of whole numbers" other

    member this.Float(name: string) : double =
        match this.Taken name with
        | Attribute.Float v -> v
        | other -> wrong name "a number" other

    member this.Floats(name: string) : double[] =
        match this.Taken name with
        | Attribute.Floats v -> v
        | other -> wrong name "a list of numbers" other

    member this.Type(name: string) : DType =
        match this.Taken name with
        | Attribute.Type v -> v
        | other -> wrong name "an element type" other

    member this.Sizes(name: string) : Shape =
        match this.Taken name with
        | Attribute.Sizes v -> v
        | other -> wrong name "a shape" other

    member this.Text(name: string) : string =
        match this.Taken name with
        | Attribute.Text v -> v
        | other -> wrong name "a word" other

    member this.Maybe(name: string, read: string -> 't) : Nullable<'t> = if this.Has name then Nullable(read name) else Nullable()

    /// One of the names of an enumeration, upper or lower case.
    member _.Named<'e when 'e: struct and 'e: enum<byte> and 'e: (new: unit -> 'e) and 'e :> ValueType>(text: string) : 'e =
        match Enum.TryParse<'e>(text, true) with
        | true, value when text.Length > 0 && Char.IsLetter text[0] -> value
        | _ -> fail $"is called \"{text}\", which is not among the {typeof<'e>.Name}s of this version of DiffLib. Compile the function again."

    /// Whether the rule goes by the first of two names.
    member _.IsFirstOf(first: string, second: string) : bool =
        if saved.Name = first then true
        elif saved.Name = second then false
        else fail $"is called \"{saved.Name}\", but it is either \"{first}\" or \"{second}\"."

    /// A list of moves of so many steps each.
    member this.Moves(name: string, width: int, count: int) : int[][] =
        let flat = this.Ints name

        if width > 0 && flat.Length % width <> 0 then
            fail $"has {flat.Length} numbers as attribute \"{name}\", which does not divide into moves of {width}."

        if width = 0 then Array.create count [||] else Array.chunkBySize width flat

    /// Nothing may be left over: what is not understood is not left out silently.
    member _.Finish() =
        for name in left.Keys do
            fail
                $"has the attribute \"{name}\", which this version of DiffLib does not know. It was written by a later one: update DiffLib, or compile the function again."

/// From rules to text and back.
module internal RuleTable =
    [<Struct; NoEquality; NoComparison>]
    type private Entry = { Kind: string; Type: Type; Make: Attributes -> Rule }

    let private entry<'r when 'r :> Rule> (kind: string) (make: Attributes -> 'r) : Entry =
        { Kind = kind; Type = typeof<'r>; Make = fun a -> make a :> Rule }

    let private plain<'r when 'r :> Rule> (kind: string) (instance: 'r) : Entry = entry kind (fun _ -> instance)
    let private alongAxis<'r when 'r :> Rule> (kind: string) (make: int -> 'r) : Entry = entry kind (fun a -> make (a.Int "axis"))

    /// Every family of rules that has a text. The version of all of them is 1.
    let private entries: Entry[] =
        [| entry "unary" (fun a -> DiffLib.Elementwise.Rule(a.Named<UnaryOp> a.Name))
           entry "binary" (fun a -> DiffLib.Elementwise.Rule(a.Named<BinaryOp> a.Name))
           entry "compare" (fun a -> DiffLib.Elementwise.Rule(a.Named<CompareOp> a.Name))
           entry "number" (fun a -> NumberRule(a.Named<BinaryOp>(a.Text "op"), a.Float "c"))
           entry "number_minus" (fun a -> NumberMinusRule(a.Float "c"))
           entry "power" (fun a -> PowerRule(a.Float "p"))
           plain "where" (DiffLib.Elementwise.Where)
           entry "cast" (fun a -> CastRule(a.Type "dtype"))
           plain "stop_gradient" (StopRule.Instance)
           plain "stack" (StackRule.Instance)
           plain "unstack" (UnstackRule.Instance)
           entry "branch" (fun a -> BranchRule(a.Int "count"))
           // shapes
           entry "reshape" (fun a -> ReshapeRule(a.Sizes "shape"))
           entry "broadcast" (fun a -> BroadcastRule(a.Sizes "shape"))
           entry "sum_to" (fun a -> SumToRule(a.Sizes "shape"))
           entry "transpose" (fun a -> TransposeRule(a.Ints "order"))
           entry "slice" (fun a -> SliceRule(a.Ints "starts", a.Ints "steps", a.Sizes "shape"))
           entry "embed" (fun a -> EmbedRule(a.Ints "starts", a.Ints "steps", a.Sizes "shape"))
           entry "place_sum" (fun a -> PlaceSumRule(a.Ints "starts", a.Ints "steps", a.Sizes "shape"))
           entry
               "window"
               ((fun a ->
                   let starts, shape = a.Ints "starts", a.Sizes "shape"
                   WindowRule(starts, a.Moves("moves", starts.Length, shape.Rank), shape)))
           entry
               "window_sum"
               ((fun a ->
                   let starts, shape = a.Ints "starts", a.Sizes "shape"
                   WindowSumRule(starts, a.Moves("moves", starts.Length, 0), shape)))
           entry
               "replace"
               ((fun a ->
                   let starts = a.Ints "starts"
                   ReplaceRule(starts, a.Moves("moves", starts.Length, 0))))
           alongAxis "concat" ConcatRule
           // indices
           alongAxis "take" TakeRule
           entry "put_add" (fun a -> PutAddRule(a.Int "axis", a.Int "n"))
           entry "positions" (fun a -> PositionsRule(a.Int "axis", a.Int "n"))
           plain "nonzero" (NonZeroRule())
           entry "mask_order" (fun a -> MaskOrderRule(a.Int "most"))
           alongAxis "gather" GatherRule
           entry "scatter_add" (fun a -> ScatterAddRule(a.Int "axis", a.Int "n"))
           entry "last_writer" (fun a -> LastWriterRule(a.Int "n"))
           entry "scatter_extremum" (fun a -> ScatterExtremumRule(a.Flag "largest", a.Flag "include_self"))
           entry "one_hot" (fun a -> OneHotRule(a.Int "classes", a.Type "dtype"))
           entry "classes" (fun a -> ClassesRule(a.Int "classes", a.Maybe("ignored", a.Int)))
           // order
           entry "argsort" (fun a -> ArgSortRule(a.Int "axis", a.Flag "descending"))
           entry "topk" (fun a -> TopKRule(a.Int "axis", a.Int "k", a.Flag "largest"))
           entry "search_sorted" (fun a -> SearchSortedRule(a.Flag "right"))
           plain "unique_rows" (UniqueRowsRule())
           // reductions
           entry "sum" (fun a -> SumRule(a.Ints "axes", a.Flag "keep"))
           entry "mean" (fun a -> MeanRule(a.Ints "axes", a.Flag "keep"))
           alongAxis "prod" ProductRule
           entry "product_before" (fun a -> ProductBeforeRule(a.Int "axis", a.Flag "reverse"))
           entry "recurrence" (fun a -> RecurrenceRule(a.Int "axis", a.Flag "reverse"))
           entry "extremum" (fun a -> ExtremumRule((if a.IsFirstOf("max", "min") then ReduceOp.Maximum else ReduceOp.Minimum), a.Int "axis"))
           entry "arg_extremum" (fun a -> ArgExtremumRule(a.Int "axis", a.Flag "largest"))
           alongAxis "shares" SharesRule
           entry "truth" (fun a -> TruthRule(a.IsFirstOf("all", "any"), a.Int "axis"))
           alongAxis "softmax" SoftmaxRule
           alongAxis "log_softmax" LogSoftmaxRule
           alongAxis "logsumexp" LogSumExpRule
           entry "cumsum" (fun a -> CumSumRule(a.Int "axis", a.Flag "reverse"))
           alongAxis "cumprod" CumProdRule
           entry "running_extremum" (fun a -> RunningExtremumRule(a.Int "axis", a.Flag "largest"))
           alongAxis "logcumsumexp" LogCumSumExpRule
           entry "norm" (fun a -> NormRule(a.Float "p", a.Int "axis"))
           entry "var" (fun a -> VarianceRule(a.Int "axis", a.Float "ddof"))
           entry "std" (fun a -> DeviationRule(a.Int "axis", a.Float "ddof"))
           alongAxis "order" OrderRule
           entry "median_place" (fun a -> MedianPlaceRule(a.Int "axis", a.Flag "ignore_nan"))
           entry "median" (fun a -> MedianRule(a.Int "axis", a.Flag "ignore_nan"))
           plain "levels" (LevelsRule())
           entry
               "histogram"
               ((fun a -> HistogramRule(a.Int "bins", if a.Has "low" then ValueSome(struct (a.Float "low", a.Float "high")) else ValueNone)))
           // random numbers
           entry "derive_key" (fun a -> DeriveKeyRule(a.Flag "splits"))
           entry
               "random"
               ((fun a ->
                   let whole name = Int64.Parse(a.Text name, Globalization.CultureInfo.InvariantCulture)
                   let kind = a.Named<DrawKind>(a.Name.Replace("random_", ""))
                   DrawRule.Read(kind, a.Floats "p", whole "low", whole "high", a.Sizes "shape", a.Type "dtype")))
           // networks
           entry
               "convolution"
               ((fun a ->
                   ConvolutionRule(
                       enum<ConvolutionMap>(a.Int "map"),
                       a.Ints "stride",
                       a.Ints "dilation",
                       a.Ints "low",
                       a.Int "groups",
                       a.Ints "size"
                   )))
           entry "max_places" (fun a -> MaxPlacesRule(a.Ints "kernel", a.Ints "stride", a.Ints "dilation", a.Ints "low", a.Ints "count"))
           entry "standardize" (fun a -> StandardizeRule(a.Float "epsilon"))
           entry "standardize_slope" (fun a -> StandardizeSlopeRule(a.Float "epsilon"))
           // linear algebra
           plain "matmul" (MatMulRule.Instance)
           entry "solve" (fun a -> SolveRule.Of(a.Flag "transposed"))
           entry "solve_triangular" (fun a -> SolveTriangularRule(a.Flag "upper", a.Flag "transposed", a.Flag "unit"))
           plain "inverse" (InverseRule.Instance)
           plain "det" (DetRule.Instance)
           plain "cofactor" (CofactorRule.Instance)
           plain "cofactor_derivative" (CofactorDerivativeRule.Instance)
           plain "log_abs_det" (LogAbsDetRule.Instance)
           plain "sign_det" (SignDetRule.Instance)
           plain "cholesky" (CholeskyRule.Instance)
           plain "lu" (LuRule.Instance)
           plain "qr" (QrRule.Instance)
           plain "eigh" (EighRule.Instance)
           plain "svd" (SvdRule.Instance)
           plain "eig" (EigRule.Instance)
           entry "pinv" (fun a -> PinvRule(a.Maybe("relative", a.Float), a.Float "absolute"))
           entry "lstsq" (fun a -> LstsqRule(a.Maybe("relative", a.Float)))
           plain "matrix_exp" (MatrixExpRule.Instance)
           plain "solve_positive" (SolvePositiveRule.Instance)
           plain "solve_tridiagonal" (SolveTridiagonalRule.Instance)
           plain "matrix_sqrt" (MatrixSqrtRule.Instance)
           plain "matrix_log" (MatrixLogRule.Instance)
           plain "complement" (ComplementRule.Instance)
           entry "combination" (fun a -> CombinationRule(a.Floats "coefficients"))
           entry "sylvester" (fun a -> SylvesterRule(a.Flag "discrete"))
           entry "fourier" ((fun a -> FourierRule(a.Flag "forward", a.Float "factor"))) |]

    let private byType = entries |> Seq.map (fun e -> KeyValuePair(e.Type, e.Kind)) |> Dictionary
    let private byKind = entries |> Seq.map (fun e -> KeyValuePair(e.Kind, e.Make)) |> Dictionary

    /// Whether the class of the rule is in the table.
    let knows (rule: Type) : bool = byType.ContainsKey rule

    /// <summary>The rule as text.</summary>
    /// <exception cref="T:System.InvalidOperationException">The rule was made from a function, which has no text.</exception>
    let save (rule: Rule) : SavedRule =
        match byType.TryGetValue(rule.GetType()), rule.Attributes with
        | (true, kind), ValueSome attributes -> { SavedRule.Kind = kind; Name = rule.Name; Version = 1; Attributes = attributes }
        | _ ->
            raise (
                InvalidOperationException
                    $"The program cannot be saved: \"{rule.Name}\" is made from a function, which has no text. Write the operation out in tensor arithmetic, or keep the program in memory."
            )

    /// <summary>The rule that the text stands for.</summary>
    /// <exception cref="T:System.IO.InvalidDataException">The family, its version or an attribute is not known here.</exception>
    let load (saved: SavedRule) : Rule =
        match byKind.TryGetValue saved.Kind with
        | true, make when saved.Version = 1 ->
            let attributes = Attributes saved
            let rule = make attributes
            attributes.Finish()
            rule
        | true, _ ->
            raise (
                InvalidDataException
                    $"The saved program has version {saved.Version} of the rule \"{saved.Kind}\"; this DiffLib reads version 1. Update DiffLib, or compile the function again."
            )
        | _ ->
            raise (
                InvalidDataException
                    $"The saved program has a rule \"{saved.Kind}\", which this DiffLib does not know. It was written by another version: update DiffLib, or compile the function again."
            )

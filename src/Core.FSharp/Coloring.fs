namespace DiffLib

open System
open System.Collections.Generic

/// <summary>In which order a greedy colouring visits rows or columns. All orders give valid colourings; they differ in how many colours they need.</summary>
type ColoringOrder =
    /// The natural and the largest-first order, whichever needs fewer colours.
    | Automatic = 0
    /// As they come: exact for bands.
    | Natural = 1
    /// Those that meet most others first.
    | LargestFirst = 2

/// <summary>What of a matrix is coloured, and with it how the matrix is recovered from products.</summary>
type ColoringKind =
    /// Columns: those of one colour meet in no row, so that one product A s with their sum s has the elements of all of them.
    | Columns = 0
    /// Rows: those of one colour meet in no column, for products sᵀ A.
    | Rows = 1
    /// Rows and columns of a symmetric matrix alike (a star colouring): each element or the one across the diagonal stands alone in some product A s.
    | Symmetric = 2

/// The colours of one line's neighbours so far: for each vertex and colour how many, or which one if it is alone.
[<Sealed>]
type internal Neighbourhoods(vertices: int) =
    let places = Dictionary<int64, int>()
    let palettes: (List<int> | null)[] = Array.zeroCreate vertices
    let key (v: int) (color: int) = (int64 v <<< 32) ||| int64 color

    /// More than one.
    static member Many = -1

    /// Notes a neighbour of v with a colour; gives the one that was alone so far, Many, or vertices where it is the first.
    member _.Add(v: int, color: int, neighbour: int) : int =
        match places.TryGetValue(key v color) with
        | true, known ->
            places[key v color] <- Neighbourhoods.Many
            known
        | _ ->
            places[key v color] <- neighbour

            match palettes[v] with
            | null -> palettes[v] <- List<int> [ color ]
            | palette -> palette.Add color

            vertices

    /// The colours among the neighbours of v.
    member _.Palette(v: int) : seq<int> =
        match palettes[v] with
        | null -> Seq.empty
        | palette -> palette

/// Greedy colourings. Sources: A. Gebremedhin, F. Manne and A. Pothen, "What color is your Jacobian? Graph coloring for computing derivatives", SIAM Review
/// 47, 2005; A. Gebremedhin, A. Tarafdar, F. Manne and A. Pothen, "New acyclic and star coloring algorithms with application to computing Hessians", SIAM
/// Journal on Scientific Computing 29, 2007.
module internal Greedy =
    /// Vertices by a weight, heaviest first, equal ones as they come.
    let private byWeight (weight: int -> int64) (n: int) : int[] = Array.init n id |> Array.sortBy (fun v -> struct (-(weight v), v))

    let private smallestFree (forbidden: int[]) (mark: int) : int =
        let mutable color = 0

        while forbidden[color] = mark do
            color <- color + 1

        color

    /// Colours of the columns of which no two of one colour meet in a row, in an order; -1 for columns without places.
    let columnsInOrder (pattern: SparsityPattern) (turned: SparsityPattern) (order: int[]) : struct (int[] * int) =
        let colors = Array.create pattern.Columns -1
        let forbidden = Array.create (pattern.Columns + 1) -1
        let mutable count = 0

        for v in order do
            if turned.Offsets[v + 1] > turned.Offsets[v] then
                for q in turned.Offsets[v] .. turned.Offsets[v + 1] - 1 do
                    let i = turned.Indices[q]

                    for p in pattern.Offsets[i] .. pattern.Offsets[i + 1] - 1 do
                        let color = colors[pattern.Indices[p]]
                        if color >= 0 then forbidden[color] <- v

                colors[v] <- smallestFree forbidden v
                count <- max count (colors[v] + 1)

        struct (colors, count)

    /// The better of several.
    let private best (bound: int) (attempts: (unit -> struct (int[] * int)) list) : struct (int[] * int) =
        let rec next (struct (_, known) as so: struct (int[] * int)) attempts =
            match attempts with
            | [] -> so
            | _ when known <= bound -> so
            | (attempt: unit -> struct (int[] * int)) :: rest ->
                let struct (_, found) as other = attempt ()
                next (if found < known then other else so) rest

        match attempts with
        | first :: rest -> next (first ()) rest
        | [] -> struct ([||], 0)

    let private orders (order: ColoringOrder) (natural: unit -> 't) (largest: unit -> 't) : (unit -> 't) list =
        match order with
        | ColoringOrder.Natural -> [ natural ]
        | ColoringOrder.LargestFirst -> [ largest ]
        | _ -> [ natural; largest ]

    /// A colouring of columns. The longest row is a bound below; where it takes all columns, each has a colour of its own.
    let columns (pattern: SparsityPattern) (order: ColoringOrder) : struct (int[] * int) =
        let turned = pattern.Transpose()
        let n, bound = pattern.Columns, pattern.LongestRow
        let isUsed v = turned.Offsets[v + 1] > turned.Offsets[v]
        let used = Seq.init n id |> Seq.filter isUsed |> Seq.length

        if bound = used then
            let mutable next = -1

            let colors =
                Array.init n (fun v ->
                    if isUsed v then
                        next <- next + 1
                        next
                    else
                        -1)

            struct (colors, used)
        else
            let weight v =
                let mutable sum = 0L

                for q in turned.Offsets[v] .. turned.Offsets[v + 1] - 1 do
                    let i = turned.Indices[q]
                    sum <- sum + int64 (pattern.Offsets[i + 1] - pattern.Offsets[i])

                sum

            orders order (fun () -> columnsInOrder pattern turned (Array.init n id)) (fun () -> columnsInOrder pattern turned (byWeight weight n))
            |> best bound

    /// A star colouring in an order: neighbours differ, and no path of four vertices has two colours only. A colour is refused to v (a) for a neighbour,
    /// (b) where v would be inside such a path: two neighbours of v share a colour, and one of them has another neighbour of the new colour, (c) where v would be
    /// its end: a neighbour of v is a leaf of a star of the two colours around another vertex.
    let starInOrder (pattern: SparsityPattern) (order: int[]) : struct (int[] * int) =
        let n = pattern.Rows
        let colors = Array.create n -1
        let forbidden = Array.create (n + 1) -1
        let around = Neighbourhoods n
        // for a leaf of a star, the colours of the stars' centres
        let centres = Dictionary<int, HashSet<int>>()
        let first = Array.create (n + 1) -1
        let firstMark = Array.create (n + 1) -1
        let mutable count = 0

        let leaf (v: int) (color: int) =
            match centres.TryGetValue v with
            | true, known -> known.Add color |> ignore
            | _ -> centres[v] <- HashSet<int>([ color ])

        let forbidAround v w =
            for color in around.Palette w do
                forbidden[color] <- v

        for v in order do
            let from, until = pattern.Offsets[v], pattern.Offsets[v + 1] - 1

            if until >= from then
                for p in from..until do
                    let w = pattern.Indices[p]
                    let color = if w = v then -1 else colors[w]

                    if color >= 0 then
                        forbidden[color] <- v

                        match centres.TryGetValue w with
                        | true, refused ->
                            for c in refused do
                                forbidden[c] <- v
                        | _ -> ()

                        if firstMark[color] <> v then
                            firstMark[color] <- v
                            first[color] <- w
                        else
                            if first[color] >= 0 then
                                forbidAround v first[color]
                                first[color] <- -1

                            forbidAround v w

                let color = smallestFree forbidden v
                colors[v] <- color
                count <- max count (color + 1)

                for p in from..until do
                    let w = pattern.Indices[p]

                    if w <> v then
                        // v among the neighbours of w: with another of its colour they are leaves of a star around w
                        let other = around.Add(w, color, v)

                        if colors[w] >= 0 && other <> n then
                            leaf v colors[w]
                            if other <> Neighbourhoods.Many then leaf other colors[w]

                        // a star around v
                        if colors[w] >= 0 && first[colors[w]] < 0 && firstMark[colors[w]] = v then leaf w color

        struct (colors, count)

    let star (pattern: SparsityPattern) (order: ColoringOrder) : struct (int[] * int) =
        let degree v = int64 (pattern.Offsets[v + 1] - pattern.Offsets[v])

        orders order (fun () -> starInOrder pattern (Array.init pattern.Rows id)) (fun () -> starInOrder pattern (byWeight degree pattern.Rows))
        |> best 1

/// <summary>Colours for the rows or columns of a sparse matrix, such that as many products as there are colours show all its elements. Immutable.</summary>
[<Sealed; AllowNullLiteral(false)>]
type Coloring private (kind: ColoringKind, colors: int[], count: int) =
    static member private Given(pattern: SparsityPattern) = if isNull (box pattern) then nullArg "pattern"

    static member private Known(order: ColoringOrder) =
        if not (Enum.IsDefined order) then
            raise (ArgumentOutOfRangeException("order", order, "the orders are Automatic, Natural and LargestFirst."))

    /// <summary>Colours for the columns: two columns of one colour meet in no row. Greedy; at least as many colours as the longest row has places.</summary>
    /// <param name="pattern">The places that may differ from zero.</param>
    /// <param name="order">The order in which columns get their colours.</param>
    /// <exception cref="T:System.ArgumentNullException">pattern is null.</exception>
    /// <exception cref="T:System.ArgumentOutOfRangeException">order is none of the orders.</exception>
    static member OfColumns(pattern: SparsityPattern, order: ColoringOrder) : Coloring =
        Coloring.Given pattern
        Coloring.Known order
        let struct (colors, count) = Greedy.columns pattern order
        Coloring(ColoringKind.Columns, colors, count)

    /// <summary>Colours for the rows: two rows of one colour meet in no column.</summary>
    /// <inheritdoc cref="M:DiffLib.Coloring.OfColumns(DiffLib.SparsityPattern,DiffLib.ColoringOrder)"/>
    static member OfRows(pattern: SparsityPattern, order: ColoringOrder) : Coloring =
        Coloring.Given pattern
        Coloring.Known order
        let struct (colors, count) = Greedy.columns (pattern.Transpose()) order
        Coloring(ColoringKind.Rows, colors, count)

    /// <summary>A star colouring for a symmetric matrix: neighbours have different colours, and no path of four vertices has only two. Each element, or the one across
    /// the diagonal, then stands alone in a product with the sum of the columns of a colour.</summary>
    /// <param name="pattern">The places that may differ from zero.</param>
    /// <param name="order">The order in which rows and columns get their colours.</param>
    /// <exception cref="T:System.ArgumentNullException">pattern is null.</exception>
    /// <exception cref="T:System.ArgumentException">The pattern is not symmetric.</exception>
    /// <exception cref="T:System.ArgumentOutOfRangeException">order is none of the orders.</exception>
    static member OfSymmetric(pattern: SparsityPattern, order: ColoringOrder) : Coloring =
        Coloring.Given pattern
        Coloring.Known order

        if not pattern.IsSymmetric then
            invalidArg
                "pattern"
                "a star colouring is for symmetric patterns: with (i, j) also (j, i). Take the Union with the Transpose, or OfColumns."

        let struct (colors, count) = Greedy.star pattern order
        Coloring(ColoringKind.Symmetric, colors, count)

    /// What is coloured.
    member _.Kind = kind
    /// How many colours there are: how many products a matrix costs.
    member _.Count = count
    /// For each row or column its colour, counted from 0; -1 where there is nothing to recover.
    member _.Colors: ReadOnlySpan<int> = ReadOnlySpan<int> colors
    member internal _.Numbers = colors

    /// For each place of the pattern the colour whose product shows it, and the line of that product where it stands.
    member internal _.Recovery(pattern: SparsityPattern) : struct (int[] * int[]) =
        let color, line = Array.zeroCreate<int> pattern.Count, Array.zeroCreate<int> pattern.Count
        let alone = Dictionary<int64, int>()
        let key (i: int) (c: int) = (int64 i <<< 32) ||| int64 c

        if kind = ColoringKind.Symmetric then
            for i in 0 .. pattern.Rows - 1 do
                for p in pattern.Offsets[i] .. pattern.Offsets[i + 1] - 1 do
                    let k = key i colors[pattern.Indices[p]]

                    match alone.TryGetValue k with
                    | true, n -> alone[k] <- n + 1
                    | _ -> alone[k] <- 1

        for i in 0 .. pattern.Rows - 1 do
            for p in pattern.Offsets[i] .. pattern.Offsets[i + 1] - 1 do
                let j = pattern.Indices[p]

                match kind with
                | ColoringKind.Rows ->
                    color[p] <- colors[i]
                    line[p] <- j
                | ColoringKind.Symmetric when alone[key i colors[j]] > 1 ->
                    color[p] <- colors[i]
                    line[p] <- j
                | _ ->
                    color[p] <- colors[j]
                    line[p] <- i

        struct (color, line)

    /// <summary>Whether the products by these colours show every place of a pattern alone.</summary>
    /// <exception cref="T:System.ArgumentNullException">pattern is null.</exception>
    member this.Separates(pattern: SparsityPattern) : bool =
        Coloring.Given pattern
        let lines = if kind = ColoringKind.Rows then pattern.Rows else pattern.Columns

        if colors.Length <> lines || pattern.Count > 0 && (kind = ColoringKind.Symmetric && not pattern.IsSymmetric) then
            false
        else
            // how many places of each line show in each product
            let shown = Dictionary<struct (int * int), int>()

            for i in 0 .. pattern.Rows - 1 do
                for p in pattern.Offsets[i] .. pattern.Offsets[i + 1] - 1 do
                    let j = pattern.Indices[p]
                    let k = if kind = ColoringKind.Rows then struct (j, colors[i]) else struct (i, colors[j])

                    match shown.TryGetValue k with
                    | true, n -> shown[k] <- n + 1
                    | _ -> shown[k] <- 1

            let mutable holds = true

            for i in 0 .. pattern.Rows - 1 do
                for p in pattern.Offsets[i] .. pattern.Offsets[i + 1] - 1 do
                    let j = pattern.Indices[p]
                    let own = if kind = ColoringKind.Rows then colors[i] else colors[j]
                    let direct = if kind = ColoringKind.Rows then shown[struct (j, colors[i])] else shown[struct (i, colors[j])]
                    let across = kind = ColoringKind.Symmetric && shown[struct (j, colors[i])] = 1
                    if own < 0 || not (direct = 1 || across) then holds <- false

            holds

    /// The kind, the number of colours, and of up to 80 lines their colours.
    override _.ToString() =
        let what =
            match kind with
            | ColoringKind.Rows -> "rows"
            | ColoringKind.Columns -> "columns"
            | _ -> "rows and columns"

        let listed = if colors.Length <= 80 then ": " + String.Join(" ", colors) else ""
        $"{count} colours for {colors.Length} {what}{listed}"
